//! What MixPay says and what MixPay does are two things: nothing counts before it is locked in the vault.

use mixin_escrow::trade::Oddity;
use serde_json::json;

use crate::mixpay_town::{coins, seconds};
use crate::town::{BTC, Town, USDT, minutes};

/// After the payment window.
fn hours_later(town: &mut Town) {
    town.nothing_is_locked();
    town.passes(minutes(125));
    town.nothing_is_locked();
}

#[test]
fn success_though_nothing_was_paid() {
    let mut town = Town::by_mixpay(201);
    town.mixpay(&json!({ "says_success": true }));
    town.taps("buyer", "I have paid")
        .shows("MixPay says it has moved the money")
        .shows("It is not locked before I say so");
    town.looks("seller").shows("MixPay says it has moved the money").shows("do not deliver");
    hours_later(&mut town);
    // The lie did not stand in anybody's way either.
    let mut town = Town::by_mixpay(202);
    town.mixpay(&json!({ "says_success": true }));
    town.taps("buyer", "I have paid");
    town.passes(minutes(30));
    town.pays_link("buyer");
    // After so long nobody looks every second.
    town.passes(minutes(1));
    town.ends_well();
}

#[test]
fn success_and_never_settled() {
    let mut town = Town::by_mixpay(203);
    town.mixpay(&json!({ "never_settle": true }));
    assert_eq!(town.pays_order()["status"], "success");
    town.looks("buyer").shows("It is paid at MixPay. The money is on its way");
    hours_later(&mut town);
    town.is("AwaitingPayment");
}

#[test]
fn settled_in_another_asset() {
    let mut town = Town::by_mixpay(204);
    town.mixpay(&json!({ "settle_asset": BTC }));
    town.pays_order();
    town.looks("buyer").shows("not the agreed asset");
    town.nothing_is_locked();
    let trade = town.trade(0);
    assert_eq!(trade.deposits[0].oddity, Some(Oddity::WrongAsset));
    town.signs("buyer", "Sign return");
    town.passes(seconds(10));
    assert_eq!(town.purse("buyer", BTC), coins("0.00168333"), "it is the buyer's, not MixPay's");
    hours_later(&mut town);
}

#[test]
fn settled_for_a_little_less() {
    let mut town = Town::by_mixpay(205);
    town.mixpay(&json!({ "settle_less_bp": 30 }));
    town.pays_order();
    town.looks("buyer").shows("Arrived so far: 100.697 USDT of 101 USDT");
    town.passes(minutes(30));
    town.nothing_is_locked();
    town.is("AwaitingPayment");
    let order = town.order("buyer");
    let known = town.stage.control("GET", &format!("mixpay/{order}"), &serde_json::Value::Null).unwrap();
    assert!(known.to_string().contains("0.303"), "the rest can be paid at MixPay too: {known}");
    town.pays_link("buyer");
    town.passes(seconds(20));
    town.ends_well();
    assert_eq!(town.purse("buyer", USDT), coins("898.697"));
}

#[test]
fn settled_to_somebody_else() {
    for (seed, to) in [(206, "another_group"), (207, "threshold_1"), (208, "threshold_3")] {
        let mut town = Town::by_mixpay(seed);
        town.mixpay(&json!({ "settle_to": to }));
        town.pays_order();
        town.looks("seller").shows("do not deliver");
        town.nothing_is_locked();
        assert!(town.trade(0).deposits.is_empty(), "{to}");
        hours_later(&mut town);
    }
}

#[test]
fn settled_with_the_memo_of_a_trade_of_another_vault() {
    let mut town = Town::by_mixpay(209);
    let first = town.order("buyer");
    let stranger = town.number("stranger");
    town.says("buyer", &format!("buy tripod 100 USDT from @{stranger}"));
    town.taps("buyer", "Send it to Mallory");
    town.taps("stranger", "Accept");
    town.passes(seconds(4));
    assert_ne!(town.order("buyer"), first);
    town.mixpay(&json!({ "settle_memo": "another_order" }));
    town.checks_out(&first, &json!({ "asset": USDT, "who": "buyer" }));
    town.passes(minutes(5));
    for nth in [0, 1] {
        let trade = town.trade(nth);
        assert_eq!((trade.state.name(), trade.deposits.len(), trade.plans.len()), ("AwaitingPayment", 0, 0));
    }
    hours_later(&mut town);
}

#[test]
fn settled_with_the_memo_of_another_trade_of_the_vault() {
    let mut town = Town::by_mixpay(210);
    let first = town.order("buyer");
    town.agree();
    town.passes(seconds(4));
    assert_ne!(town.order("buyer"), first);
    town.mixpay(&json!({ "settle_memo": "another_order" }));
    town.checks_out(&first, &json!({ "asset": USDT, "who": "buyer" }));
    town.passes(minutes(5));
    let states = [0, 1].map(|nth| town.trade(nth).state.name());
    assert_eq!(states, ["AwaitingPayment", "Funded"], "a deposit serves the trade that it names");
    town.passes(minutes(120));
    assert_ne!(town.trade(0).state.name(), "Funded");
}

#[test]
fn settled_and_signed_away_at_once() {
    let mut town = Town::by_mixpay(211);
    town.mixpay(&json!({ "settle_signed": true }));
    town.pays_order();
    town.passes(minutes(1));
    assert!(!town.trade(0).deposits.is_empty());
    hours_later(&mut town);
}

#[test]
fn settled_as_an_inscription() {
    let mut town = Town::by_mixpay(212);
    town.mixpay(&json!({ "settle_inscription": true }));
    town.pays_order();
    town.passes(minutes(1));
    assert_eq!(town.trade(0).deposits[0].oddity, Some(Oddity::Inscription));
    hours_later(&mut town);
    assert!(town.trade(0).plans.is_empty(), "it is never touched");
    assert_eq!(town.vault_spends(), 0);
}

#[test]
fn settled_without_any_name() {
    let mut town = Town::by_mixpay(213);
    town.mixpay(&json!({ "settle_memo": "none", "settle_trace": "random" }));
    town.pays_order();
    town.passes(minutes(1));
    hours_later(&mut town);
    let trade = town.trade(0);
    assert!(trade.deposits.is_empty() && trade.plans.is_empty(), "held for the operator, not sent to MixPay");
    assert_eq!(town.vault_spends(), 0);
}
