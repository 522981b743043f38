use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

const START: Millis = Millis(1_700_000_000_000);

fn all(demand: u32) -> BTreeMap<Class, u32> {
    Class::ALL.into_iter().map(|class| (class, demand)).collect()
}

fn only(class: Class, demand: u32) -> BTreeMap<Class, u32> {
    BTreeMap::from([(class, demand)])
}

fn sum(granted: &BTreeMap<Class, u32>) -> usize {
    granted.values().map(|n| *n as usize).sum()
}

/// The most calls any 60 s, both ends counted, hold.
fn fullest_minute(mut moments: Vec<i64>) -> usize {
    moments.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (last, at) in moments.iter().enumerate() {
        while at - moments[first] > 60_000 {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}

/// Whatever is asked for and whenever, with restarts and with a clock that is sometimes set back.
#[test]
fn no_minute_holds_more_than_it_may() {
    for seed in 0..200 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut budget = Budget::default();
        let mut truth = START;
        let mut set_back = 0;
        let mut calls = Vec::new();
        for _ in 0..300 {
            truth = truth.plus(Millis(match random.random_range(0..5) {
                0 => 0,
                1 => random.random_range(0..50),
                2..=3 => random.random_range(0..5_000),
                _ => random.random_range(0..70_000),
            }));
            if seed % 2 == 1 && random.random_ratio(1, 20) {
                set_back += random.random_range(0..100_000);
            }
            if random.random_ratio(1, 10) {
                budget = serde_json::from_str(&serde_json::to_string(&budget).unwrap()).unwrap();
            }
            let now = Millis(truth.0 - set_back);
            let waiting: BTreeMap<_, _> =
                Class::ALL.into_iter().map(|class| (class, random.random_range(0..40))).collect();
            let free = budget.next_free(now);
            let granted = budget.grant(now, &waiting, u32::MAX);
            assert!(granted.iter().all(|(class, n)| *n > 0 && *n <= waiting[class]), "seed {seed}");
            let hungry = sum(&waiting) > 0;
            assert_eq!(hungry && free == Some(now), sum(&granted) > 0, "seed {seed}");
            calls.extend(std::iter::repeat_n(truth.0, sum(&granted)));
        }
        let arrived = calls.iter().map(|at| at + random.random_range(0..5_000)).collect();
        assert!(fullest_minute(calls) <= MINUTE_MAX, "seed {seed}");
        assert!(fullest_minute(arrived) <= MINUTE_MAX, "seed {seed}: each up to 5 s late");
    }
}

#[test]
fn when_all_are_hungry_each_has_its_quarter() {
    for seed in 0..50 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut budget = Budget::default();
        // One class had everything before the others came.
        let greedy = Class::ALL[random.random_range(0..4)];
        let mut now = START;
        while budget.made(greedy) < MINUTE_MAX {
            budget.grant(now, &only(greedy, random.random_range(1..20)), u32::MAX);
            now = now.plus(Millis(random.random_range(0..3_000)));
        }
        let fair_from = now.plus(WINDOW);
        for _ in 0..500 {
            now = now.plus(Millis(random.random_range(0..2_000)));
            budget.grant(now, &all(60), u32::MAX);
            if now >= fair_from {
                for class in Class::ALL {
                    assert_eq!(budget.made(class), MINUTE_MAX / 4, "seed {seed} {class:?}");
                }
            }
        }
    }
}

/// Whoever has few places for calls in flight still shares them.
#[test]
fn few_places_are_shared_too() {
    let mut budget = Budget::default();
    assert_eq!(budget.grant(START, &all(1_000), 8), all(2));
    assert_eq!(budget.grant(START, &only(Class::Make, 1_000), 8), only(Class::Make, 8));
    let waiting = BTreeMap::from([(Class::Make, 1_000), (Class::Look, 1_000), (Class::Expiry, 1_000)]);
    assert_eq!(budget.grant(START, &waiting, 2), BTreeMap::from([(Class::Look, 1), (Class::Expiry, 1)]));
    assert_eq!(budget.grant(START, &all(1), 0), BTreeMap::new());
}

#[test]
fn what_is_not_needed_is_given_back() {
    let mut budget = Budget::default();
    budget.grant(START, &only(Class::Make, 60), u32::MAX);
    let now = START.plus(Millis(10));
    budget.give_back(now, Class::Make);
    budget.give_back(START, Class::Look);
    assert_eq!(budget.grant(now, &all(1), u32::MAX), BTreeMap::new(), "neither was granted");
    budget.give_back(START, Class::Make);
    assert_eq!(budget.grant(now, &only(Class::Look, 9), u32::MAX), only(Class::Look, 1));
}

#[test]
fn what_one_leaves_the_others_use() {
    for class in Class::ALL {
        assert_eq!(Budget::default().grant(START, &only(class, 1_000), u32::MAX), only(class, 60));
    }
    let waiting = BTreeMap::from([(Class::Make, 3), (Class::Look, 1_000), (Class::Hint, 1_000), (Class::Expiry, 0)]);
    let expected = BTreeMap::from([(Class::Make, 3), (Class::Look, 29), (Class::Hint, 28)]);
    assert_eq!(Budget::default().grant(START, &waiting, u32::MAX), expected);
    assert_eq!(Budget::default().grant(START, &all(1), u32::MAX), all(1));
    assert_eq!(Budget::default().grant(START, &BTreeMap::new(), u32::MAX), BTreeMap::new());
}

#[test]
fn a_flood_of_callbacks_leaves_the_others_their_calls() {
    let mut budget = Budget::default();
    budget.grant(START, &only(Class::Hint, u32::MAX), u32::MAX);
    let later = START.plus(WINDOW);
    let waiting = BTreeMap::from([(Class::Make, 5), (Class::Look, 5), (Class::Hint, u32::MAX), (Class::Expiry, 5)]);
    let granted = budget.grant(later, &waiting, u32::MAX);
    assert_eq!(granted, BTreeMap::from([(Class::Make, 5), (Class::Look, 5), (Class::Hint, 45), (Class::Expiry, 5)]));
}

#[test]
fn a_full_window_opens_call_by_call() {
    let mut budget = Budget::default();
    assert_eq!(budget.next_free(START), Some(START));
    budget.grant(START, &only(Class::Look, 1), u32::MAX);
    let second = START.plus(Millis(10));
    budget.grant(second, &only(Class::Look, 59), u32::MAX);
    let now = START.plus(Millis(20));
    assert_eq!(budget.grant(now, &all(1), u32::MAX), BTreeMap::new());
    assert_eq!(budget.next_free(now), Some(START.plus(WINDOW)));
    assert_eq!(budget.grant(START.plus(WINDOW), &all(1), u32::MAX), only(Class::Make, 1));
    assert_eq!(budget.next_free(START.plus(WINDOW)), Some(second.plus(WINDOW)));
}

#[test]
fn a_pause_holds_and_ends() {
    let mut budget = Budget::default();
    let until = START.plus(Millis::from_secs(60));
    budget.pause(until);
    budget.pause(START);
    assert_eq!(budget.next_free(START), Some(until));
    assert_eq!(budget.grant(Millis(until.0 - 1), &all(1), u32::MAX), BTreeMap::new());
    assert_eq!(budget.grant(until, &all(1), u32::MAX), all(1));
    budget.pause(Millis(i64::MAX));
    let end = until.plus(PAUSE_MAX);
    assert_eq!(budget.grant(until, &all(1), u32::MAX), BTreeMap::new());
    assert_eq!(budget.next_free(until), Some(end));
    assert_eq!(budget.grant(end, &all(1), u32::MAX), all(1));
}

#[test]
fn a_clock_set_back_blocks_for_a_window_at_most() {
    let mut budget = Budget::default();
    budget.grant(START, &only(Class::Look, 60), u32::MAX);
    let past = START.plus(Millis::from_hours(-9_000));
    assert_eq!(budget.grant(past, &all(60), u32::MAX), BTreeMap::new());
    let free = past.plus(WINDOW);
    assert_eq!(budget.next_free(past), Some(free));
    assert_eq!(budget.grant(free, &all(60), u32::MAX), all(15));
}

#[test]
fn it_survives_a_restart_as_json() {
    let mut budget = Budget::default();
    budget.grant(Millis(5), &all(1), u32::MAX);
    budget.pause(Millis(9));
    let json = serde_json::to_string(&budget).unwrap();
    assert_eq!(json, r#"{"calls":[[5,"make"],[5,"look"],[5,"hint"],[5,"expiry"]],"paused_until":9}"#);
    assert_eq!(serde_json::from_str::<Budget>(&json).unwrap(), budget);
    assert_eq!(serde_json::from_str::<Budget>("{}").unwrap(), Budget::default());
}

proptest! {
    #[test]
    fn no_moment_and_no_past_make_it_panic(
        calls in prop::collection::vec(any::<i64>(), 0..130),
        paused in any::<Option<i64>>(),
        now: i64,
        demand: u32,
    ) {
        let calls = calls.into_iter().map(|at| (Millis(at), Class::Hint)).collect();
        let mut budget = Budget { calls, paused_until: paused.map(Millis) };
        let free = budget.next_free(Millis(now));
        prop_assert!(free.is_none_or(|free| free >= Millis(now)));
        let granted = budget.grant(Millis(now), &all(demand), u32::MAX);
        prop_assert!(sum(&granted) <= MINUTE_MAX);
    }
}
