//! What holds whatever people, Mixin and bad luck do, in whatever order.

#[cfg(test)]
use mixin_escrow::{cosign, id, kernel, money, time, trade};

#[cfg(test)]
#[path = "properties_check/amounts.rs"]
mod amounts;
#[cfg(test)]
#[path = "properties_check/canon.rs"]
mod canon;
#[cfg(test)]
#[path = "properties_check/model.rs"]
mod model;
#[cfg(test)]
#[expect(dead_code, reason = "shared with the law's own stories, which use all of it")]
#[path = "../src/trade/tests/scene.rs"]
mod scene;
#[cfg(test)]
#[path = "properties_check/scripts.rs"]
mod scripts;
#[cfg(test)]
#[path = "properties_check/ways.rs"]
mod ways;
#[cfg(test)]
#[path = "properties_check/world.rs"]
mod world;

/// Seeds that once failed are kept beside this file and tried first.
#[cfg(test)]
fn cases(cases: u32) -> proptest::test_runner::Config {
    let kept = proptest::test_runner::FileFailurePersistence::Direct("tests/properties.regressions");
    proptest::test_runner::Config { cases, failure_persistence: Some(Box::new(kept)), ..Default::default() }
}
