//! The operator stops a trade, looks, and lets it go on.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::store::Operator;
use mixin_escrow::time::Millis;

use crate::town::{Town, minutes};

impl Town {
    pub(crate) fn asks(&mut self, seq: i64, asked: Operator) -> String {
        self.stage.operate(seq, asked).unwrap().unwrap()
    }
}

fn freeze(town: &Town) -> Operator {
    Operator::FreezeTrade { code: town.code("buyer"), why: "a complaint".into() }
}

fn unfreeze(town: &Town) -> Operator {
    Operator::UnfreezeTrade { code: town.code("buyer"), why: "looked".into() }
}

#[test]
fn stopped_with_a_signature_on_it_and_settled_afterwards() {
    let mut town = Town::delivered();
    let asked = freeze(&town);
    assert!(town.asks(1, asked.clone()).contains("is frozen"));
    assert!(town.asks(2, asked).contains("frozen already"));
    town.passes(Millis::from_secs(5));
    for who in ["buyer", "seller"] {
        town.looks(who).headed("Delivered", "101 USDT").shows("This trade is stopped").hides("complaint");
    }
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("buyer", &release);
    // The next life does not sign it either.
    town.passes(minutes(5));
    town.stage.crash(Millis::from_secs(60)).unwrap();
    town.passes(minutes(20));
    assert_eq!(town.vault_spends(), 0);
    town.says("buyer", "why").shows("must look at this trade first");
    let asked = unfreeze(&town);
    assert!(town.asks(3, asked.clone()).contains("goes on"));
    assert!(town.asks(4, asked).contains("is not frozen"));
    town.passes(Millis::from_secs(10));
    town.looks("seller").shows("has looked at this trade").headed("Settled", "101 USDT");
    town.settled(Outcome::Release);
}

/// The links that opened while it stood still are given when it goes on.
#[test]
fn funded_while_it_is_stopped() {
    let mut town = Town::new();
    town.agree();
    let asked = freeze(&town);
    town.asks(1, asked);
    town.pays_link("buyer");
    town.passes(minutes(15));
    let asked = unfreeze(&town);
    town.asks(2, asked);
    town.passes(minutes(15));
    town.looks("buyer").shows("has looked at this trade");
    town.link("buyer", "https://mixin.one/multisigs/");
    town.link("seller", "https://mixin.one/multisigs/");
}

#[test]
fn a_proposal_that_is_stopped_is_not_accepted() {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    let asked = freeze(&town);
    town.asks(1, asked);
    town.passes(Millis::from_secs(3));
    town.looks("buyer").shows("This trade is stopped");
    town.taps("seller", "Accept").shows("stopped until the operator has looked").hides("mixin.one/pay");
    town.passes(minutes(25 * 60));
    town.says("buyer", "status").headed("Proposed", "101 USDT");
    let asked = unfreeze(&town);
    town.asks(2, asked);
    town.says("seller", "status");
    town.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT");
    assert!(
        town.asks(3, Operator::FreezeTrade { code: "ZZZZZZ".into(), why: "x".into() }).contains("there is no trade")
    );
}
