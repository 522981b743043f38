//! Rights by time: who may take the money when the other lets the time run out, and what it needs (rule 10).

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::store::Operator;
use mixin_escrow::time::Millis;
use mixin_escrow::trade::State;
use serde_json::{Value, json};

use crate::town::{Town, minutes};

const SECOND: Millis = Millis::from_secs(1);

/// 101 USDT are locked; half an hour to deliver, and half an hour to check.
fn funded() -> Town {
    let mut town = Town::with(|setup| {
        setup.house.periods.deliver = minutes(30);
        setup.house.periods.inspect = minutes(30);
    });
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    town.looks("seller").headed("Funded", "101 USDT");
    town
}

fn delivered() -> Town {
    let mut town = funded();
    town.taps("seller", "I have delivered").headed("Delivered", "101 USDT");
    town
}

impl Town {
    /// The state's deadline, in the network's time.
    fn deadline(&self) -> Millis {
        let store = self.stage.store().unwrap();
        let until = match store.trades().unwrap()[0].state {
            State::Funded { until } | State::Delivered { until } => until,
            state => panic!("{state:?}"),
        };
        store.clock().unwrap().0.to_server(until)
    }

    /// Lives until so much before the deadline; negative: after it.
    fn lives_until(&mut self, before: Millis) {
        let at = self.deadline().since(before);
        self.passes(at.since(self.stage.now()));
    }

    fn blocks_the_bot(&mut self, who: &str) {
        self.relates(who, "BLOCK");
    }

    /// What somebody does about the bot in their contacts.
    fn relates(&mut self, who: &str, action: &str) {
        let body = json!({ "user_id": self.stage.house().bot.to_string(), "action": action });
        let call = json!({ "method": "POST", "path": "/relationships", "body": body });
        self.stage.control("POST", &format!("people/{who}/call"), &call).unwrap();
    }

    fn falls_silent(&mut self) {
        self.stage.control("POST", "faults", &json!({ "blaze": "silence" })).unwrap();
    }

    /// Says something without waiting for an answer.
    fn calls_out(&mut self, who: &str, text: &str) -> Value {
        self.stage.control("POST", &format!("people/{who}/say"), &json!({ "text": text })).unwrap()
    }

    fn has_right(&self) -> bool {
        self.stage.store().unwrap().trades().unwrap()[0].right.is_some()
    }
}

#[test]
fn inspection_elapses_and_the_seller_takes_the_release() {
    let mut town = delivered();
    town.looks("buyer");
    town.lives_until(minutes(14));
    town.looks("buyer").headed("Delivered", "101 USDT").shows("Your time to check is running").shows("100 USDT");
    town.lives_until(SECOND);
    town.looks("buyer").silent();
    town.looks("seller");
    town.lives_until(Millis::from_secs(-5));
    let told = town.looks("buyer").headed("Delivered", "101 USDT").shows("Your time to check was up");
    told.shows("Bob (").action("Sign release");
    assert!(!town.has_right(), "ten seconds may still bring what was said in time");
    town.says("seller", "why").shows("I make sure that I have heard everything");
    town.lives_until(Millis::from_secs(-60));
    assert!(town.has_right());
    town.looks("seller").shows("you may take the release yourself: you get 100 USDT");
    town.looks("buyer").shows("may take the release: 100 USDT");
    town.signs("seller", "Sign release");
    town.passes(minutes(2));
    town.looks("seller").headed("Settled", "101 USDT");
    town.settled(Outcome::Release);
}

#[test]
fn not_delivered_and_the_buyer_takes_the_refund() {
    let mut town = funded();
    town.lives_until(minutes(14));
    town.looks("seller").headed("Funded", "101 USDT").shows("Your time to deliver is running");
    town.says("buyer", "why").shows("From then on you may sign the refund too: 101 USDT");
    town.lives_until(Millis::from_secs(-60));
    town.looks("seller").shows("Your time to deliver was up").shows("may take the refund: 101 USDT");
    town.says("seller", "delivered").headed("Funded", "101 USDT");
    town.looks("buyer").shows("you may take the refund yourself");
    town.signs("buyer", "Sign refund");
    town.passes(minutes(2));
    town.looks("buyer").headed("Settled", "101 USDT");
    town.settled(Outcome::Refund);
}

#[test]
fn more_time_from_whom_it_costs() {
    let mut town = funded();
    town.says("seller", "extend 1 d").shows("Only the buyer can do that").headed("Funded", "101 USDT");
    town.lives_until(Millis::from_secs(-60));
    assert!(town.has_right());
    town.taps("buyer", "Give more time").shows("It binds only you").offers(&["+1 day", "+3 days", "+7 days", "Status"]);
    town.taps("buyer", "+3 days").shows("You gave more time to deliver").shows("3 d left");
    assert!(!town.has_right());
    town.looks("seller").shows("Alice (").shows("gave more time to deliver");
    town.taps("seller", "I have delivered").headed("Delivered", "101 USDT");
    // The seller gives the buyer more time to check, in words.
    town.says("seller", "extend 12 hours").shows("You give 12 h more to check");
    town.taps("seller", "Yes, give it").shows("You gave more time to check").shows("12 h 2");
    town.signs("buyer", "Sign release");
    town.passes(minutes(2));
    town.settled(Outcome::Release);
}

/// Whoever could not be told hears it when they write again, and only then may time take anything from them.
#[test]
fn whoever_comes_back_is_told_first_and_then_the_time_counts() {
    let mut town = delivered();
    town.lives_until(minutes(10));
    town.blocks_the_bot("buyer");
    town.lives_until(minutes(-30));
    assert!(!town.has_right());
    town.relates("buyer", "UNBLOCK");
    let answer = town.says("buyer", "hi").to_string();
    town.passes(minutes(3));
    let told = format!("{answer}{}", town.looks("buyer"));
    assert!(told.contains("Your time to check was up"), "{told}");
    assert!(town.has_right());
    town.signs("seller", "Sign release");
    town.passes(minutes(2));
    town.settled(Outcome::Release);
}

/// Attack: stalling. Each calls for a judge in the last second and takes it back much later: what was left of the time is
/// left then, it can be done once each, and the right comes as before.
#[test]
fn stalling_by_dispute_and_withdrawal_ends() {
    let mut town = delivered();
    for who in ["buyer", "seller"] {
        town.lives_until(minutes(2));
        let opened = town.says(who, "problem");
        // So shortly before the end the word of whoever would lose by it is the call itself.
        let opened = if who == "seller" { town.taps(who, "Other") } else { opened };
        opened.headed("Disputed", "101 USDT");
        town.says(who, "done");
        town.passes(minutes(60));
        town.says(who, "withdraw").shows("that is final").shows("left to check");
        town.taps(who, "Withdraw").headed("Delivered", "101 USDT");
        let left = town.deadline().since(town.stage.now());
        assert!(left <= minutes(2) && left >= minutes(1), "{left:?}");
        town.says(who, "problem").shows("as often as one can");
        town.says(who, &format!("problem {} other", town.code("buyer"))).shows("as often as one can");
    }
    assert_eq!(town.stage.store().unwrap().trades().unwrap()[0].disputed_by.len(), 2);
    town.lives_until(Millis::from_secs(-60));
    assert!(town.has_right());
    town.looks("seller").shows("you may take the release yourself");
    town.signs("seller", "Sign release");
    town.passes(minutes(2));
    town.settled(Outcome::Release);
}

/// Attack: sniping. Whoever gains by the deadline signs and asks at the very second; the other was warned, and what they
/// say then still counts.
#[test]
fn sniping_in_the_last_second_takes_nothing() {
    let mut town = delivered();
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.lives_until(minutes(1));
    town.signs_link("seller", &release);
    town.lives_until(SECOND);
    town.calls_out("seller", "release");
    town.lives_until(Millis(1));
    let code = town.code("buyer");
    town.calls_out("buyer", &format!("problem {code} not-as-agreed"));
    town.passes(minutes(5));
    assert!(!town.has_right());
    assert_eq!(town.vault_spends(), 0);
    town.looks("buyer").headed("Disputed", "101 USDT");
}

/// The time without a connection is nobody's.
#[test]
fn downtime_across_the_deadline_stretches_it() {
    let mut town = delivered();
    town.lives_until(minutes(5));
    let before = town.deadline();
    town.stage.crash(minutes(60)).unwrap();
    town.passes(minutes(62));
    assert!(town.stage.now() > before);
    town.looks("buyer").hides("was up");
    assert!(town.deadline().since(before) >= minutes(60));
    town.lives_until(Millis::from_secs(-60));
    town.looks("buyer").shows("Your time to check was up");
    assert!(town.has_right());
}

/// What was proved is proved again by the next life.
#[test]
fn a_crash_between_the_warning_and_the_right() {
    let mut town = delivered();
    town.lives_until(Millis::from_secs(-5));
    town.looks("buyer").shows("Your time to check was up");
    town.stage.crash(SECOND).unwrap();
    town.passes(Millis::from_secs(11));
    assert!(!town.has_right(), "nothing is known of the backlog yet");
    town.passes(minutes(1));
    assert!(town.has_right());
    town.looks("buyer").hides("was up");
}

#[test]
fn a_backlog_is_heard_first() {
    let mut town = funded();
    town.lives_until(SECOND);
    town.stage.crash(minutes(10)).unwrap();
    town.calls_out("seller", "delivered");
    town.passes(minutes(12));
    town.looks("buyer").headed("Delivered", "101 USDT");
    town.looks("seller").hides("was up");
}

/// Said in the last second, on a connection that has fallen silent: it comes with the next one, and counts.
#[test]
fn what_was_said_in_the_last_second_counts_however_late_it_comes() {
    let mut town = funded();
    town.lives_until(Millis::from_secs(3));
    town.falls_silent();
    town.lives_until(SECOND);
    town.calls_out("seller", "delivered");
    town.lives_until(Millis::from_secs(-15));
    town.looks("seller").shows("Your time to deliver was up");
    assert!(!town.has_right());
    town.passes(minutes(3));
    town.looks("buyer").headed("Delivered", "101 USDT").hides("you may take the refund");
    assert!(!town.has_right());
}

#[test]
fn whoever_cannot_be_told_loses_nothing_by_time() {
    let mut town = delivered();
    town.lives_until(minutes(10));
    town.blocks_the_bot("buyer");
    town.lives_until(minutes(-30));
    assert!(!town.has_right());
    town.says("seller", "why")
        .shows("told Alice")
        .shows("you can call for a judge")
        .hides("you may take the release yourself");
    // A signature that pays whoever gave it moves nothing.
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("seller", &release);
    town.passes(minutes(3));
    assert_eq!(town.vault_spends(), 0);
}

#[test]
fn a_frozen_trade_gives_nobody_a_right() {
    let mut town = delivered();
    town.lives_until(minutes(5));
    let code = town.code("buyer");
    town.asks(1, Operator::FreezeTrade { code: code.clone(), why: "a complaint".into() });
    town.passes(minutes(60));
    assert!(!town.has_right());
    town.looks("buyer").hides("was up");
    town.asks(2, Operator::UnfreezeTrade { code, why: "looked".into() });
    town.lives_until(minutes(4));
    town.looks("buyer").hides("was up");
    town.lives_until(Millis::from_secs(-60));
    town.looks("buyer").shows("Your time to check was up");
    assert!(town.has_right());
}
