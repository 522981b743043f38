//! The named stories, each on the runner: no sockets, no clock, one seed.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use mixin_escrow::sim::auditor::FeePayer;
use mixin_escrow::sim::runner::{Setup, Stage};
use mixin_escrow::sim::stories::{Coin, TABLE, Terms, find};

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";

fn coin(id: &str, name: &str) -> Coin {
    Coin { id: id.into(), typed: name.into(), label: name.into() }
}

fn terms() -> Terms {
    Terms {
        price: "100".parse().unwrap(),
        asset: coin(USDT, "USDT"),
        other: coin(BTC, "BTC"),
        fee_bps: 100,
        fee_payer: FeePayer::Buyer,
    }
}

/// Plays a story to its end; `SEED=…` plays another life of it.
fn play(name: &str) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut stage = Stage::new(Setup::new(seed)).unwrap();
    let played = find(name).unwrap().play(&mut stage, terms(), |line| eprintln!("{line}"), |_| Ok(()));
    let problems = match played {
        Ok(report) => report.problems,
        Err(stuck) => vec![stuck.to_string()],
    };
    assert!(problems.is_empty(), "{name}, SEED={seed}:\n{}", problems.join("\n"));
}

macro_rules! tales {
    ($($test:ident: $name:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$($name),*];
        $(#[test]
        fn $test() {
            play($name);
        })*
    };
}

tales! {
    release: "release",
    refund: "refund",
    expired: "expired",
    cancelled: "cancelled",
    underpaid: "underpaid",
    overpaid: "overpaid",
    late: "late",
    wrong_asset: "wrong-asset",
    third_payer: "third-payer",
    two_trades: "two-trades",
    settled_elsewhere: "settled-elsewhere",
    early_signature: "early-signature",
    revoked: "revoked",
    kit: "kit",
    many_inputs: "many-inputs",
    fee_waived: "fee-waived",
}

#[test]
fn every_story_is_played() {
    assert_eq!(TABLE.iter().map(|story| story.name).collect::<Vec<_>>(), NAMES);
    let readme = include_str!("../README.md");
    assert!(NAMES.iter().all(|name| readme.contains(&format!("`{name}`"))), "README.md names every story");
}
