//! The bot dies between any two steps of a trade, the network misbehaves, and still the trade settles once, by
//! whichever road the buyer pays.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use bytes::Bytes;
use mixin_escrow::engine::MixPayShop;
use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::{Expected, Outcome};
use mixin_escrow::sim::play::{Play, Script, Via};
use mixin_escrow::sim::runner::{Disk, Fate, Faults, Setup, Stage};
use mixin_escrow::store::Kind;
use mixin_escrow::time::Millis;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";

const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
/// Whose money it is that MixPay pays (dossier §15.1).
const MIXPAY: &str = "3539c3ce-52c0-4b0b-9573-c035ecb98d48";

/// By which of the two links the buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Road {
    Mixin,
    MixPay,
}

const ROADS: [Road; 2] = [Road::Mixin, Road::MixPay];

/// Every case on both roads.
fn both<T: Copy>(cases: &[T]) -> Vec<(Road, T)> {
    ROADS.into_iter().flat_map(|road| cases.iter().map(move |case| (road, *case))).collect()
}

fn stage(road: Road, seed: u64, faults: Faults) -> Stage {
    set(road, Setup { faults, ..Setup::new(seed) })
}

fn set(road: Road, setup: Setup) -> Stage {
    let first_max = BTreeMap::from([(USDT.parse().unwrap(), Amount::from_units(1_000 * 100_000_000))]);
    let shop = MixPayShop { first_max, callback: Some("http://127.0.0.1:8000/mixpay/callback".into()) };
    let mixpay = (road == Road::MixPay).then_some(shop);
    let mut stage = Stage::new(Setup { mixpay, ..setup }).unwrap();
    let (asset, amount) = if road == Road::Mixin { (USDT, "101.25") } else { (BTC, "1") };
    stage.control("POST", "people/buyer/mint", &json!({ "asset_id": asset, "amount": amount })).unwrap();
    stage
}

fn expected(road: Road, stage: &Stage) -> Expected {
    let paid_by = (road == Road::MixPay).then(|| MIXPAY.to_owned());
    Expected { paid_by, ..stage.expected("100", "USDT", Outcome::Release) }
}

/// Plays one trade and says what is wrong in the end.
fn play(road: Road, stage: &mut Stage) -> Vec<String> {
    let via = if road == Road::Mixin { Via::Mixin } else { Via::MixPay { with: "BTC".into(), called: "BTC".into() } };
    let mut play = Play::new(Script { item: "Camera lens 50 mm, used".into(), price: "100 USDT".into(), via });
    if let Err(error) = stage.play(&mut play) {
        return vec![error.to_string()];
    }
    stage.set_faults(Faults::default()).unwrap();
    // Longer than any back-off, so that what is over is seen to be over.
    if let Err(error) = stage.live(Millis::from_secs(400)) {
        return vec![error.to_string()];
    }
    let expected = expected(road, stage);
    let mut problems = stage.problems(&expected).unwrap();
    let pictures = pictures(stage);
    if pictures.iter().collect::<BTreeSet<_>>().len() < pictures.len() {
        problems.push("a pay link was shown twice as a picture".into());
    }
    problems
}

/// Pictures of pay links on the buyer's phone.
fn pictures(stage: &mut Stage) -> Vec<Option<Bytes>> {
    let shown: Vec<Value> =
        stage.shown("buyer").iter().filter(|message| message["category"] == "PLAIN_IMAGE").cloned().collect();
    shown.iter().map(|message| stage.file(message)).collect()
}

/// A run's seed, and what was wrong with it.
fn good(road: Road, seed: u64, what: &str, stage: &mut Stage) -> Result<(), String> {
    let problems = play(road, stage);
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("SEED={seed} by {road:?}, {what}:\n  {}\nlast steps:\n{}", problems.join("\n  "), stage.log()))
}

/// Runs all of them on two threads; each stops at the first that goes wrong.
fn all<T: Sync>(cases: &[T], run: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let one =
        || std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed))).find_map(|case| run(case).err());
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads = [scope.spawn(one), scope.spawn(one)];
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

/// The seed to begin with: `SEED` lives one run again.
fn seed() -> Option<u64> {
    asked("SEED")
}

/// Every how many cases of a long list are tried, beginning with one drawn from the seed. `STRIDE=1` tries all.
fn thinned<T: Copy>(cases: &[T], seed: u64, stride: u64) -> Vec<T> {
    let stride = asked("STRIDE").unwrap_or(stride).max(1);
    let (first, stride) = (usize::try_from(seed % stride).unwrap(), usize::try_from(stride).unwrap());
    cases.iter().copied().skip(first).step_by(stride).collect()
}

#[test]
fn a_good_day() {
    let seed = seed().unwrap_or(1);
    println!("SEED={seed}");
    for road in ROADS {
        let mut stage = stage(road, seed, Faults::default());
        good(road, seed, "a good day", &mut stage).unwrap();
        // When the time of MixPay's order is over too, nobody but the vault's look has anything to do.
        stage.live(Millis::from_hours(3)).unwrap();
        let left: Vec<_> = stage.store().unwrap().queue().unwrap().into_iter().map(|(job, _)| job.kind).collect();
        assert_eq!(left, [Kind::Look], "{road:?}");
    }
}

/// A crash between two steps matters only where something changed that outlives the process: a commit, a lease, a
/// request that took effect, a callback that was answered, a person's deed. After each of those, and so before the
/// one after it, the bot dies: after a commit before anything of it is done, before a call that is committed, after
/// one took effect before its answer is committed.
#[test]
fn a_crash_between_any_two_steps() {
    let seed = seed().unwrap_or(1);
    println!("SEED={seed}");
    let mut cases = Vec::new();
    for road in ROADS {
        let mut whole = stage(road, seed, Faults::default());
        good(road, seed, "without a crash", &mut whole).unwrap();
        println!("{road:?}: {} steps, {} of them leave something behind", whole.steps(), whole.marks().len());
        cases.extend(thinned(whole.marks(), seed, 1).into_iter().map(|step| (road, step)));
    }
    all(&cases, |(road, step)| {
        let mut stage = stage(*road, seed, Faults::default());
        stage.crash_before(*step);
        good(*road, seed, &format!("crash before step {step}"), &mut stage)?;
        if stage.deaths() == 1 { Ok(()) } else { Err(format!("SEED={seed}: no crash before step {step}")) }
    });
}

/// Every request of a good day goes wrong once in each way: it never arrives, it takes effect and is not answered,
/// it is answered with 500, or with 429.
#[test]
fn every_request_goes_wrong_once() {
    let seed = seed().unwrap_or(4);
    println!("SEED={seed}");
    let mut cases = Vec::new();
    for road in ROADS {
        let mut whole = stage(road, seed, Faults::default());
        good(road, seed, "without a mishap", &mut whole).unwrap();
        println!("{road:?}: {} requests", whole.sends().len());
        // What took effect and was not answered is tried everywhere, what had none at every fifth request.
        for (fate, stride) in Fate::ALL.into_iter().zip([5, 1, 5, 5]) {
            cases.extend(thinned(whole.sends(), seed, stride).into_iter().map(|step| (road, step, fate)));
        }
    }
    all(&cases, |(road, step, fate)| {
        let mut stage = stage(*road, seed, Faults::default());
        stage.spoil(*step, *fate);
        good(*road, seed, &format!("{fate:?} in step {step}"), &mut stage)?;
        if stage.mishaps() == 1 { Ok(()) } else { Err(format!("SEED={seed}: no {fate:?} in step {step}")) }
    });
}

/// A different bad day for every seed: crashes, lost requests, answers and callbacks, 500, 429, cut and silent
/// connections, everything pushed twice and in any order. Then the faults stop, and the trade must have settled
/// once. `SEEDS` says how many.
#[test]
fn bad_days() {
    let first = seed().unwrap_or(1_000);
    let many = asked("SEEDS").unwrap_or(if seed().is_some() { 1 } else { 50 });
    let seeds: Vec<u64> = (first..first + many).collect();
    println!("SEED={}..={}", seeds[0], seeds[seeds.len() - 1]);
    let (deaths, mishaps) = (AtomicU32::new(0), AtomicU32::new(0));
    all(&both(&seeds), |(road, seed)| {
        let faults = Faults::drawn(&mut ChaCha8Rng::seed_from_u64(*seed));
        let mut stage = stage(*road, *seed, faults);
        let done = good(*road, *seed, &format!("{faults:?}"), &mut stage);
        deaths.fetch_add(stage.deaths(), Ordering::Relaxed);
        mishaps.fetch_add(stage.mishaps(), Ordering::Relaxed);
        done
    });
    let (deaths, mishaps) = (deaths.into_inner(), mishaps.into_inner());
    println!("{deaths} deaths and {mishaps} other mishaps in {} runs", 2 * seeds.len());
    assert!(seeds.len() < 50 || (deaths > 100 && mishaps > 1_000), "these days were not bad");
}

/// Everything twice and in any order, nothing ever acknowledged, and a connection that is cut all the time: the
/// same messages come again and again and mean something once.
#[test]
fn messages_come_again() {
    let seeds: Vec<u64> = seed().map_or_else(|| (1..=6).collect(), |seed| vec![seed]);
    println!("SEED={}..={}", seeds[0], seeds[seeds.len() - 1]);
    let again = Faults { duplicate_push: true, redeliver: true, drop_acks: true, ..Faults::default() };
    let faults = Faults { reorder: true, cut: 20, callback: 500, ..again };
    all(&both(&seeds), |(road, seed)| good(*road, *seed, "messages come again", &mut stage(*road, *seed, faults)));
}

/// Answers come seconds late and in any order, of questions to MixPay too: an old one never undoes what a newer one
/// said, and nothing is told again.
#[test]
fn answers_overtake_each_other() {
    let seeds: Vec<u64> = seed().map_or_else(|| (1..=asked("SEEDS").unwrap_or(8)).collect(), |seed| vec![seed]);
    println!("SEED={}..={}", seeds[0], seeds[seeds.len() - 1]);
    let faults = Faults { slow: 500, reorder: true, callback: 300, ..Faults::default() };
    all(&both(&seeds), |(road, seed)| good(*road, *seed, "slow answers", &mut stage(*road, *seed, faults)));
}

/// The connection is gone in mid-trade, once at every step that left something behind on a good day.
#[test]
fn a_reconnect_in_mid_trade() {
    let seed = seed().unwrap_or(2);
    println!("SEED={seed}");
    let mut cases = Vec::new();
    for road in ROADS {
        let mut whole = stage(road, seed, Faults::default());
        good(road, seed, "without a cut", &mut whole).unwrap();
        cases.extend(thinned(whole.marks(), seed, 6).into_iter().map(|step| (road, step)));
    }
    all(&cases, |(road, step)| {
        let mut stage = stage(*road, seed, Faults::default());
        stage.cut_before(*step);
        good(*road, seed, &format!("cut before step {step}"), &mut stage)
    });
}

/// The same with a database in a file that every life opens anew.
#[test]
fn every_life_opens_the_database_anew() {
    let seed = seed().unwrap_or(3);
    println!("SEED={seed}");
    for road in ROADS {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::File(folder.path().join("bot.db"));
        let faults = Faults { crash: 40, ..Faults::default() };
        let mut stage = set(road, Setup { disk, faults, ..Setup::new(seed) });
        good(road, seed, "on a disk", &mut stage).unwrap();
        assert!(stage.deaths() > 3, "SEED={seed}: only {} deaths", stage.deaths());
    }
}

/// What the checks are worth: a trade that is not over, and books that lack one unit, are seen.
#[test]
fn the_checks_can_see() {
    for road in ROADS {
        let mut stage = stage(road, 1, Faults::default());
        let expected = expected(road, &stage);
        let before = stage.problems(&expected).unwrap().join("\n");
        for missing in ["no final transaction spends the vault", "the buyer reads None", "there are 0 trades"] {
            assert!(before.contains(missing), "{missing}\n{before}");
        }
        good(road, 1, "a good day", &mut stage).unwrap();
        stage.control("POST", "faults", &json!({ "steal_one_unit": { "user": "seller" } })).unwrap();
        assert!(stage.problems(&expected).unwrap().join("\n").contains("0.00000001"), "{road:?}");
    }
}
