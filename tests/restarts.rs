//! The bot dies between any two steps of a trade, the network misbehaves, and still the trade settles once.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::sync::atomic::{AtomicU32, Ordering};

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{Play, Script, Via};
use mixin_escrow::sim::runner::{Disk, Faults, Setup, Stage};
use mixin_escrow::time::Millis;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";

fn stage(seed: u64, faults: Faults) -> Stage {
    set(Setup { faults, ..Setup::new(seed) })
}

fn set(setup: Setup) -> Stage {
    let mut stage = Stage::new(setup).unwrap();
    stage.control("POST", "people/buyer/mint", &json!({ "asset_id": USDT, "amount": "101.25" })).unwrap();
    stage
}

/// Plays one trade and says what is wrong in the end.
fn play(stage: &mut Stage) -> Vec<String> {
    let mut play =
        Play::new(Script { item: "Camera lens 50 mm, used".into(), price: "100 USDT".into(), via: Via::Mixin });
    if let Err(error) = stage.play(&mut play) {
        return vec![error.to_string()];
    }
    stage.set_faults(Faults::default()).unwrap();
    // Longer than any back-off, so that what is over is seen to be over.
    if let Err(error) = stage.live(Millis::from_secs(400)) {
        return vec![error.to_string()];
    }
    let expected = stage.expected("100", "USDT", Outcome::Release);
    let mut problems = stage.problems(&expected).unwrap();
    if pictures(stage) > 1 {
        problems.push("the pay link was shown twice as a picture".into());
    }
    problems
}

/// Pictures of a pay link on the buyer's phone.
fn pictures(stage: &Stage) -> usize {
    stage.shown("buyer").iter().filter(|message| message["category"] == "PLAIN_IMAGE").count()
}

/// A run's seed, and what was wrong with it.
fn good(seed: u64, what: &str, stage: &mut Stage) -> Result<(), String> {
    let problems = play(stage);
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("SEED={seed} {what}:\n  {}\nlast steps:\n{}", problems.join("\n  "), stage.log()))
}

/// Runs all of them on two threads; each stops at the first that goes wrong.
fn all<T: Send + Sync>(cases: &[T], run: impl Fn(&T) -> Result<(), String> + Sync) {
    let half = cases.len().div_ceil(2).max(1);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            cases.chunks(half).map(|chunk| scope.spawn(|| chunk.iter().find_map(|case| run(case).err()))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// The seed to begin with: `SEED` lives one run again.
fn seed() -> Option<u64> {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok())
}

#[test]
fn a_good_day() {
    let seed = seed().unwrap_or(1);
    println!("SEED={seed}");
    good(seed, "a good day", &mut stage(seed, Faults::default())).unwrap();
}

/// A crash between two steps matters only where something changed that outlives the process: a commit, a lease, a
/// request that took effect, a person's deed. Before each of those, and so after the one before it, the bot dies.
#[test]
fn a_crash_between_any_two_steps() {
    let seed = seed().unwrap_or(1);
    println!("SEED={seed}");
    let mut whole = stage(seed, Faults::default());
    good(seed, "without a crash", &mut whole).unwrap();
    let marks = whole.marks().to_vec();
    println!("{} steps, {} of them leave something behind", whole.steps(), marks.len());
    all(&marks, |step| {
        let mut stage = stage(seed, Faults::default());
        stage.crash_before(*step);
        good(seed, &format!("crash before step {step}"), &mut stage)?;
        if stage.deaths() == 1 { Ok(()) } else { Err(format!("SEED={seed}: no crash before step {step}")) }
    });
}

/// A different bad day for every seed: crashes, lost requests and answers, 500, 429, cut and silent connections,
/// everything pushed twice. Then the faults stop, and the trade must have settled once. `SEEDS` says how many.
#[test]
fn bad_days() {
    let many = std::env::var("SEEDS").ok().and_then(|many| many.parse().ok());
    let first = seed().unwrap_or(1_000);
    let seeds: Vec<u64> = (first..first + many.unwrap_or(if seed().is_some() { 1 } else { 60 })).collect();
    println!("SEED={}..={}", seeds[0], seeds[seeds.len() - 1]);
    let (deaths, mishaps) = (AtomicU32::new(0), AtomicU32::new(0));
    all(&seeds, |seed| {
        let faults = Faults::drawn(&mut ChaCha8Rng::seed_from_u64(*seed));
        let mut stage = stage(*seed, faults);
        let done = good(*seed, &format!("{faults:?}"), &mut stage);
        deaths.fetch_add(stage.deaths(), Ordering::Relaxed);
        mishaps.fetch_add(stage.mishaps(), Ordering::Relaxed);
        done
    });
    let (deaths, mishaps) = (deaths.into_inner(), mishaps.into_inner());
    println!("{deaths} deaths and {mishaps} other mishaps in {} runs", seeds.len());
    assert!(seeds.len() < 50 || (deaths > 50 && mishaps > 500), "these days were not bad");
}

/// Everything twice, nothing ever acknowledged, and a connection that is cut all the time: the same messages come
/// again and again and mean something once.
#[test]
fn messages_come_again() {
    let seeds: Vec<u64> = seed().map_or_else(|| (1..=6).collect(), |seed| vec![seed]);
    println!("SEED={}..={}", seeds[0], seeds[seeds.len() - 1]);
    let faults = Faults { duplicate_push: true, redeliver: true, drop_acks: true, cut: 20, ..Faults::default() };
    all(&seeds, |seed| good(*seed, "messages come again", &mut stage(*seed, faults)));
}

/// The connection is gone in mid-trade, once at every step that left something behind on a good day.
#[test]
fn a_reconnect_in_mid_trade() {
    let seed = seed().unwrap_or(2);
    println!("SEED={seed}");
    let mut whole = stage(seed, Faults::default());
    good(seed, "without a cut", &mut whole).unwrap();
    let marks: Vec<u64> = whole.marks().iter().copied().step_by(4).collect();
    all(&marks, |step| {
        let mut stage = stage(seed, Faults::default());
        stage.cut_before(*step);
        good(seed, &format!("cut before step {step}"), &mut stage)
    });
}

/// The same with a database in a file that every life opens anew.
#[test]
fn every_life_opens_the_database_anew() {
    let seed = seed().unwrap_or(3);
    println!("SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::File(folder.path().join("bot.db"));
    let faults = Faults { crash: 40, ..Faults::default() };
    let mut stage = set(Setup { disk, faults, ..Setup::new(seed) });
    good(seed, "on a disk", &mut stage).unwrap();
    assert!(stage.deaths() > 3, "SEED={seed}: only {} deaths", stage.deaths());
}

/// What the checks are worth: a trade that is not over, and books that lack one unit, are seen.
#[test]
fn the_checks_can_see() {
    let mut stage = stage(1, Faults::default());
    let expected = stage.expected("100", "USDT", Outcome::Release);
    let before = stage.problems(&expected).unwrap().join("\n");
    for missing in ["no final transaction spends the vault", "the buyer reads None", "there are 0 trades"] {
        assert!(before.contains(missing), "{missing}\n{before}");
    }
    good(1, "a good day", &mut stage).unwrap();
    stage.control("POST", "faults", &json!({ "steal_one_unit": { "user": "seller" } })).unwrap();
    assert!(stage.problems(&expected).unwrap().join("\n").contains("0.00000001"));
}
