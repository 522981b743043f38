//! When MixPay is offered, when it is not, and what an outage of it changes.

use mixin_escrow::sim::play::PIN;
use mixin_escrow::trade::State;
use serde_json::json;

use crate::mixpay_town::{coins, seconds};
use crate::town::{Town, USDT, minutes};

/// A trade of this price; the buyer has Mixin's link.
fn agrees_on(town: &mut Town, price: &str) {
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens {price} USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    town.taps("seller", "Accept");
    town.passes(seconds(5));
    town.link("buyer", "https://mixin.one/pay/");
}

#[test]
fn down_from_the_start() {
    for (seed, down) in [(401, "503"), (402, "unanswered")] {
        let mut town = Town::offering(seed, "1000");
        town.mixpay(&json!({ "down": down }));
        town.agree();
        town.looks("buyer").offers(&["Pay 101 USDT", "I have paid", "Cancel", "What now?"]);
        assert!(town.mixpay_calls() > 0, "it was tried");
        town.pays("buyer");
        town.passes(seconds(5));
        town.ends_well();
    }
}

#[test]
fn the_button_follows_when_mixpay_is_back() {
    for (seed, down) in [(403, "503"), (404, "unanswered")] {
        let mut town = Town::offering(seed, "1000");
        town.mixpay(&json!({ "down": down }));
        town.agree();
        town.passes(minutes(20));
        assert!(!town.has_order("buyer"));
        town.mixpay(&json!({ "down": "no" }));
        town.passes(minutes(7));
        town.looks("buyer");
        assert!(town.has_order("buyer"), "{}", town.chat("buyer"));
        town.pays_order();
        town.ends_well();
    }
}

/// The end of the window while MixPay is away: it is stretched by the outage, and nothing else is.
#[test]
fn an_outage_across_the_payment_deadline() {
    let mut town = Town::by_mixpay(405);
    let State::AwaitingPayment { until } = town.trade(0).state else { panic!("not awaiting") };
    town.passes(minutes(110));
    town.mixpay(&json!({ "down": "503" }));
    town.passes(minutes(40));
    town.is("AwaitingPayment");
    town.mixpay(&json!({ "down": "no" }));
    town.passes(minutes(6));
    let State::AwaitingPayment { until: later } = town.trade(0).state else { panic!("not awaiting any more") };
    let lost = later.since(until);
    assert!(lost >= minutes(25) && lost <= minutes(60), "{lost:?}");
    town.looks("buyer");
    assert!(town.trade(0).orders.len() == 2, "what could not be paid is offered anew");
    town.pays_order();
    town.is("Funded");
    let State::Funded { until } = town.trade(0).state else { panic!("not funded") };
    let week = minutes(7 * 24 * 60);
    let left = until.since(town.stage.now());
    assert!(left <= week && left > week.since(minutes(1)), "the time to deliver is what was agreed: {left:?}");
    town.ends_well();
}

#[test]
fn a_vault_that_never_settled_there_is_trusted_with_little() {
    let mut town = Town::offering(407, "50");
    agrees_on(&mut town, "100");
    town.passes(minutes(1));
    assert!(!town.has_order("buyer"));
    assert_eq!(town.mixpay_calls(), 0, "it is not even asked");
    town.says("seller", "cancel");
    // Once it has worked with little, more may come that way.
    agrees_on(&mut town, "40");
    assert!(town.has_order("buyer"));
    let small = town.order("buyer");
    town.checks_out(&small, &json!({ "asset": USDT, "who": "buyer" }));
    town.looks("buyer").headed("Funded", "40.4 USDT");
    agrees_on(&mut town, "100");
    let large = town.order("buyer");
    assert_ne!(large, small);
    town.checks_out(&large, &json!({ "asset": USDT, "who": "buyer" }));
    town.looks("buyer").headed("Funded", "101 USDT");
}

/// A settlement elsewhere proves nothing for this vault.
#[test]
fn trust_is_the_vaults_own() {
    let mut town = Town::offering(408, "50");
    agrees_on(&mut town, "40");
    town.pays_order();
    let stranger = town.number("stranger");
    town.says("buyer", &format!("buy tripod 100 USDT from @{stranger}"));
    town.taps("buyer", "Send it to Mallory");
    town.taps("stranger", "Accept");
    town.passes(minutes(1));
    assert!(town.trade(1).orders.iter().all(|order| order.opened.is_none() && order.over));
}

#[test]
fn outside_mixpays_limits_there_is_no_button() {
    for (seed, price) in [(409, "0.005"), (410, "20000000")] {
        let mut town = Town::offering(seed, "100000000");
        agrees_on(&mut town, price);
        town.passes(minutes(1));
        assert!(!town.has_order("buyer"), "{price}");
        let knows = town.mixpay_knows();
        assert_eq!(knows["orders"].as_array().unwrap().len(), 0);
        let order = &town.trade(0).orders[0];
        assert!(order.over && order.opened.is_none());
    }
    // Just inside, it is there.
    let mut town = Town::offering(411, "100000000");
    agrees_on(&mut town, "0.01");
    assert!(town.has_order("buyer"));
}

/// The link of the first card stays good beside MixPay's.
#[test]
fn mixins_link_is_there_before_mixpay_is_asked() {
    let mut town = Town::offering(412, "1000");
    town.mixpay(&json!({ "down": "unanswered" }));
    town.agree();
    let link = town.link("buyer", "https://mixin.one/pay/");
    town.mixpay(&json!({ "down": "no" }));
    town.passes(minutes(2));
    assert!(town.has_order("buyer"));
    town.stage.control("POST", "people/buyer/pay", &json!({ "link": link, "pin": PIN })).unwrap();
    town.passes(seconds(8));
    town.ends_well();
    assert_eq!(town.purse("buyer", USDT), coins("899"));
}
