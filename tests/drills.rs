//! What an operator must be able to survive: the database is lost and an older copy is put in its place, signing is
//! halted in mid-trade. The network is then ahead of the bot; nobody may be paid, or asked to pay, twice.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{Deed, Play, Script, Via, buttons, code, words};
use mixin_escrow::sim::runner::{Disk, Setup, Stage};
use mixin_escrow::store::Operator;
use mixin_escrow::time::Millis;
use mixin_escrow::trade::{Event, Trade};
use serde_json::{Value, json};
use tempfile::TempDir;

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
/// Longer than any back-off.
const A_WHILE: Millis = Millis::from_secs(400);
/// The states of the road in which money may be on its way or locked.
const ROAD: [&str; 4] = ["AwaitingPayment", "Funded", "Delivered", "Settling"];

/// A stage whose database is a file, and the place of its copy.
struct Drill {
    seed: u64,
    stage: Stage,
    play: Play,
    copy: PathBuf,
    _folder: TempDir,
}

impl Drill {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::File(folder.path().join("bot.db"));
        let mut stage = Stage::new(Setup { disk, ..Setup::new(seed) }).unwrap();
        stage.control("POST", "people/buyer/mint", &json!({ "asset_id": USDT, "amount": "1000" })).unwrap();
        let play =
            Play::new(Script { item: "Camera lens 50 mm, used".into(), price: "100 USDT".into(), via: Via::Mixin });
        Self { seed, stage, play, copy: folder.path().join("copy.db"), _folder: folder }
    }

    fn until(&mut self, state: &str) {
        self.stage.play_until(&mut self.play, |stage| trade(stage).is_some_and(|t| t.state.name() == state)).unwrap();
        assert_eq!(trade(&self.stage).unwrap().state.name(), state);
    }

    fn play_out(&mut self) {
        let played = self.stage.play(&mut self.play);
        self.stage.look_at_phones().unwrap();
        let shown = self.stage.shown("buyer").iter().rev().take(3).map(words).collect::<Vec<_>>().join("\n--\n");
        assert!(played.is_ok(), "SEED={}: {played:?}\nthe buyer reads, newest first:\n{shown}", self.seed);
        self.stage.live(A_WHILE).unwrap();
    }

    fn back_up(&mut self) {
        self.stage.back_up(&self.copy).unwrap();
    }

    /// The copy comes back, and the bot looks around.
    fn restore(&mut self) {
        self.stage.restore(&self.copy, Millis::from_secs(60)).unwrap();
        self.stage.live(A_WHILE).unwrap();
        assert_eq!(self.stage.halted(), None, "everything was read again\n{}", self.stage.log());
    }

    /// What was said in the life that was lost is said again, unless the money has gone on without it.
    fn says_again(&mut self, lost: &str) {
        if lost == "Delivered" && trade(&self.stage).unwrap().state.name() == "Funded" {
            tap(&mut self.stage, "seller", "input:delivered");
        }
    }

    /// Settled, paid out once, and the buyer was only ever given one link to pay by.
    fn is_good(&mut self, what: &str) {
        let expected = self.stage.expected("100", "USDT", Outcome::Release);
        let mut problems = self.stage.problems(&expected).unwrap();
        let links = pay_links(&self.stage);
        if links.len() != 1 {
            problems.push(format!("the buyer was given {} links to pay by: {links:?}", links.len()));
        }
        assert!(problems.is_empty(), "SEED={} {what}:\n  {}\n{}", self.seed, problems.join("\n  "), self.stage.log());
    }
}

/// How many runs of each case: one, or as many as `SEEDS` says.
fn rounds() -> std::ops::Range<u64> {
    0..std::env::var("SEEDS").ok().and_then(|many| many.parse().ok()).unwrap_or(1)
}

fn trade(stage: &Stage) -> Option<Trade> {
    stage.store()?.trades().unwrap().into_iter().next()
}

/// Every link to pay by the buyer was ever shown.
fn pay_links(stage: &Stage) -> BTreeSet<String> {
    let shown = stage.shown("buyer").iter().flat_map(buttons).map(|(_, action)| action);
    shown.filter(|action| action.starts_with("https://mixin.one/pay/")).collect()
}

/// The copy is taken in each state of the road, the trade goes on to its end, the database is lost.
#[test]
fn a_copy_of_any_state_put_back_after_the_end() {
    for (seed, state) in rounds().flat_map(|round| (1 + 100 * round..).zip(ROAD)) {
        let mut drill = Drill::new(seed);
        drill.until(state);
        drill.back_up();
        drill.play_out();
        drill.restore();
        drill.is_good(&format!("copied when {state}, put back after the end"));
    }
}

/// The same, but the people are still at it when the copy comes back, and go on.
#[test]
fn a_copy_of_any_state_put_back_in_mid_trade() {
    let later = |(nth, taken)| ROAD.iter().skip(nth + 1).map(move |lost| (taken, *lost));
    let cases: Vec<(&str, &str)> = ROAD.iter().copied().enumerate().flat_map(later).collect();
    for (seed, (taken, lost)) in rounds().flat_map(|round| (11 + 100 * round..).zip(cases.iter().copied())) {
        let mut drill = Drill::new(seed);
        drill.until(taken);
        drill.back_up();
        drill.until(lost);
        drill.restore();
        drill.says_again(lost);
        drill.play_out();
        drill.is_good(&format!("copied when {taken}, put back when {lost}"));
    }
}

/// The copy knows only the proposal: the bot cannot know what both agreed to afterwards, until they say it again.
/// Then the same link is the same payment.
#[test]
fn a_copy_of_a_proposal() {
    let mut drill = Drill::new(30);
    drill.until("Proposed");
    drill.back_up();
    drill.play_out();
    drill.restore();
    assert_eq!(trade(&drill.stage).unwrap().state.name(), "Proposed");
    let code = code(drill.stage.shown("buyer")).unwrap();
    say(&mut drill.stage, "seller", &format!("join {code}"));
    tap(&mut drill.stage, "seller", "input:accept");
    tap(&mut drill.stage, "buyer", "input:confirm");
    // What was said before the loss is not said again; who asks is told.
    drill.stage.live(A_WHILE).unwrap();
    for who in ["buyer", "seller"] {
        say(&mut drill.stage, who, &format!("status {code}"));
    }
    drill.is_good("copied when Proposed, agreed again");
}

fn say(stage: &mut Stage, who: &'static str, text: &str) {
    act(stage, who, "say", json!({ "text": text }));
}

fn tap(stage: &mut Stage, who: &'static str, action: &str) {
    let mut shown = stage.shown(who).iter().rev();
    let found = shown.find_map(|message| {
        let nth = buttons(message).iter().position(|(_, does)| does.starts_with(action))?;
        Some((message["message_id"].clone(), nth))
    });
    let (message, nth) = found.unwrap();
    act(stage, who, "tap", json!({ "message_id": message, "button": nth }));
}

fn act(stage: &mut Stage, who: &'static str, verb: &'static str, body: Value) {
    stage.act(&Deed { who, verb, body, caption: String::new() }).unwrap();
    stage.live(Millis::from_secs(30)).unwrap();
    stage.look_at_phones().unwrap();
}

/// A copy put back twice, and one put back over a bot that dies while it reads.
#[test]
fn a_restore_that_is_interrupted_begins_again() {
    let mut drill = Drill::new(40);
    drill.until("Funded");
    drill.back_up();
    drill.until("Delivered");
    drill.stage.restore(&drill.copy, Millis(0)).unwrap();
    // It starts, and dies before much could be read.
    drill.stage.crash_before(drill.stage.steps() + 8);
    assert!(drill.stage.beside().unwrap().halts().unwrap().restored.is_some());
    drill.stage.live(A_WHILE).unwrap();
    assert_eq!((drill.stage.deaths(), drill.stage.halted()), (2, None));
    drill.restore();
    drill.says_again("Delivered");
    drill.play_out();
    drill.is_good("put back, killed, put back");
}

/// Halted signing waits without a refusal and without a word in the history, outlives a restart, and goes on at once.
#[test]
fn a_halt_of_signing_holds_until_it_is_lifted() {
    let mut drill = Drill::new(50);
    drill.until("Delivered");
    let row = drill.stage.ask(&Operator::HaltSigning { why: "a drill".into() }).unwrap();
    drill.until("Settling");
    for _ in 0..2 {
        drill.stage.live(A_WHILE).unwrap();
        assert!(drill.stage.halted().unwrap().contains("a drill"));
        let trade = trade(&drill.stage).unwrap();
        assert_eq!((trade.state.name(), trade.plans.iter().any(|p| p.cosigned)), ("Settling", false));
        let store = drill.stage.store().unwrap();
        let refused = |event: &Event| matches!(event, Event::CosignRefused { .. });
        assert!(!store.history(trade.id).unwrap().iter().any(|row| refused(&row.event)));
        let waiting: Vec<_> =
            store.queue().unwrap().into_iter().filter(|(job, _)| job.kind.name() == "cosign").collect();
        assert!(matches!(waiting.as_slice(), [(job, None)] if job.tries == 0 && job.refusals == 0), "{waiting:?}");
        drill.stage.crash(Millis(0)).unwrap();
    }
    drill.stage.live(Millis(0)).unwrap();
    let answer = drill.stage.beside().unwrap().answer(row).unwrap().unwrap();
    assert!(answer.ok && answer.halts.operator.is_some(), "{answer:?}");
    drill.stage.ask(&Operator::ResumeSigning { unread: false }).unwrap();
    drill.stage.live(Millis::from_secs(2)).unwrap();
    assert!(trade(&drill.stage).unwrap().plans.iter().any(|p| p.cosigned), "it goes on at once");
    drill.play_out();
    drill.is_good("halted and resumed");
}

/// Two halts stand apart: reading everything again lifts the restore's and not the operator's, and a "resume" that was
/// asked of the life that was lost lifts nothing.
#[test]
fn a_restore_does_not_lift_the_operators_halt() {
    let mut drill = Drill::new(60);
    drill.until("Funded");
    drill.stage.ask(&Operator::HaltSigning { why: "a drill".into() }).unwrap();
    drill.stage.live(Millis::from_secs(1)).unwrap();
    // Asked, and not applied before the copy is taken.
    drill.stage.ask(&Operator::ResumeSigning { unread: false }).unwrap();
    drill.back_up();
    drill.until("Delivered");
    drill.stage.restore(&drill.copy, Millis(0)).unwrap();
    drill.stage.live(A_WHILE).unwrap();
    let halts = drill.stage.store().unwrap().halts().unwrap();
    assert!(halts.restored.is_none() && halts.operator.is_some(), "{halts:?}");
    drill.stage.ask(&Operator::ResumeSigning { unread: false }).unwrap();
    drill.says_again("Delivered");
    drill.play_out();
    drill.is_good("restored under a halt, resumed");
}
