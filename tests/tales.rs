//! The named stories, each on the runner: no sockets, no clock, one seed. First as Mixin is assumed to be, then on every
//! network that it may turn out to be instead, where that decides how money can go.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use mixin_escrow::sim::auditor::FeePayer;
use mixin_escrow::sim::runner::{Setup, Stage};
use mixin_escrow::sim::stories::{Coin, TABLE, Terms, find};
use serde_json::{Value, json};

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

/// Plays a story to its end on a network where `switches` are set; `SEED=…` plays another life of it.
fn play_on(switches: &Value, name: &str) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut stage = Stage::new(Setup::new(seed)).unwrap();
    stage.control("POST", "switches", switches).unwrap();
    let played = find(name).unwrap().play(&mut stage, terms(), |line| eprintln!("{line}"), |_| Ok(()));
    let problems = match played {
        Ok(report) => report.problems,
        Err(stuck) => vec![stuck.to_string()],
    };
    assert!(problems.is_empty(), "{name} on {switches}, SEED={seed}:\n{}", problems.join("\n"));
}

fn play(name: &str) {
    play_on(&json!({}), name);
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
    split: "split",
    expired: "expired",
    cancelled: "cancelled",
    underpaid: "underpaid",
    short_accepted: "short-accepted",
    overpaid: "overpaid",
    late: "late",
    wrong_asset: "wrong-asset",
    third_payer: "third-payer",
    unmatched: "unmatched",
    two_trades: "two-trades",
    settled_elsewhere: "settled-elsewhere",
    early_signature: "early-signature",
    revoked: "revoked",
    hostile_request: "hostile-request",
    dispute_release: "dispute-release",
    dispute_refund: "dispute-refund",
    dispute_split: "dispute-split",
    judge_silent: "judge-silent",
    judges_disagree: "judges-disagree",
    judge_conflict: "judge-conflict",
    ruling_stopped: "ruling-stopped",
    kit: "kit",
    many_inputs: "many-inputs",
    inspection: "inspection",
    not_delivered: "not-delivered",
    late_delivered: "late-delivered",
    downtime_stretches: "downtime-stretches",
    group_trade: "group-trade",
    trade_room: "trade-room",
    fee_waived: "fee-waived",
    dispute_withdrawn: "dispute-withdrawn",
    settled_in_dispute: "settled-in-dispute",
}

/// What takes long, and has nothing to do with any of the answers below.
const PLAIN_ONLY: &[&str] = &[
    "expired",
    "many-inputs",
    "inspection",
    "not-delivered",
    "late-delivered",
    "downtime-stretches",
    "judge-silent",
    "judges-disagree",
    "judge-conflict",
];

/// Every story but those that these answers make impossible.
fn all_on(switches: &Value, but: &[&str]) {
    for name in NAMES.iter().filter(|name| !PLAIN_ONLY.contains(name) && !but.contains(name)) {
        play_on(switches, name);
    }
}

macro_rules! networks {
    ($($(#[$doc:meta])* $test:ident: $switches:tt but $but:expr;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $test() {
            all_on(&json!($switches), $but);
        }
    )*};
}

networks! {
    /// U-08. A request of a party's own can only be made in the room of one of the bot's, and is taken away at once:
    /// `networks::where_one_request_stands_a_hostile_one_is_taken_away_at_once`.
    creating_a_request_holds_its_inputs: { "inputs_signed": "create" } but &["hostile-request"];
    /// U-31. The same.
    creating_a_request_reserves_its_inputs: { "create_reserves": true } but &["hostile-request"];
    /// U-31.
    unsigned_requests_are_forgotten: { "unsigned_life_ms": 600_000 } but &[];
    /// U-11. Nobody can revoke what nobody has signed, and what somebody else has signed stays, as the seller's release does
    /// in `ruling-stopped`: `networks::what_only_its_signer_revokes_stays_until_the_signer_does`.
    only_signers_revoke: { "unlock": "signers_only" } but &["revoked", "hostile-request", "ruling-stopped"];
    /// U-11. The same.
    only_ones_own_signature_is_revoked: { "unlock": "own_signature" } but &["revoked", "hostile-request", "ruling-stopped"];
    /// U-33.
    only_the_callers_signature_counts: { "count_only_callers": true } but &[];
}

/// U-30. The bot adds its signature to none that it cannot see, so only what the two sign by themselves moves money; what
/// becomes of everything else: `networks::where_signatures_are_not_shown_the_two_settle_by_the_kit`.
#[test]
fn signatures_are_not_shown() {
    for name in ["settled-elsewhere", "kit"] {
        play_on(&json!({ "hide_signatures": true }), name);
    }
}

#[test]
fn every_story_is_played() {
    assert_eq!(TABLE.iter().map(|story| story.name).collect::<Vec<_>>(), NAMES);
    let readme = include_str!("../README.md");
    assert!(NAMES.iter().all(|name| readme.contains(&format!("`{name}`"))), "README.md names every story");
}
