//! Too little, too late, twice, too slow, in parts: what is said, and where the money ends.

use mixin_escrow::trade::order::{Failure, Progress};
use serde_json::json;

use crate::mixpay_town::{coins, seconds};
use crate::town::{BTC, Town, USDT, minutes};

/// What came and is not needed goes back by the buyer's PIN.
fn signs_return(town: &mut Town) {
    town.signs("buyer", "Sign return");
    town.taps("buyer", "I have signed");
    town.passes(seconds(10));
}

#[test]
fn too_little_from_a_wallet() {
    let mut town = Town::by_mixpay(301);
    let first = town.order("buyer");
    let done = town.checks_out(&first, &json!({ "asset": USDT, "who": "buyer", "amount": "60" }));
    assert_eq!((done["status"].as_str(), done["refunded"].as_str()), (Some("failed"), Some("40024")), "{done}");
    town.looks("buyer").shows("the amount was wrong").shows("MixPay returns it to whoever paid");
    town.looks("seller").shows("the amount was wrong").shows("do not deliver");
    assert_eq!(town.purse("buyer", USDT), coins("1000"), "MixPay gave it back");
    assert_ne!(town.order("buyer"), first, "a new order follows");
    assert_eq!(town.trade(0).orders[0].progress, Progress::Failed(Failure::WrongAmount));
    town.nothing_is_locked();
    town.pays_order();
    town.ends_well();
    assert_eq!(town.purse("buyer", USDT), coins("899"));
}

#[test]
fn in_parts_on_a_chain() {
    let mut town = Town::by_mixpay(302);
    let order = town.order("buyer");
    let done =
        town.checks_out(&order, &json!({ "asset": "BTC", "by": "chain", "amount": "0.001", "confirmations": 1 }));
    assert_eq!(done["status"], "pending", "{done}");
    town.looks("buyer").shows("has received only a part of the payment").shows("pay the rest on MixPay's page");
    town.looks("seller").shows("The rest is to be paid there").shows("do not deliver");
    town.nothing_is_locked();
    assert_eq!(town.order("buyer"), order, "the rest goes to the same order");
    // A second coin does not count and ends nothing.
    let wrong = town.checks_out(&order, &json!({ "asset": "ETH", "by": "chain", "confirmations": 1 }));
    assert_eq!((wrong["status"].as_str(), wrong["refunded"].as_str()), (Some("pending"), Some("40020")), "{wrong}");
    town.checks_out(&order, &json!({ "asset": "BTC", "by": "chain", "confirmations": 1 }));
    town.passes(seconds(30));
    town.ends_well();
}

#[test]
fn the_rest_never_comes() {
    let mut town = Town::by_mixpay(303);
    let first = town.order("buyer");
    town.checks_out(&first, &json!({ "asset": "BTC", "by": "chain", "amount": "0.001", "confirmations": 0 }));
    town.looks("buyer").shows("has received only a part");
    town.passes(minutes(12));
    town.looks("buyer").shows("the amount was wrong").shows("through MixPay's support");
    assert_ne!(town.order("buyer"), first);
    town.nothing_is_locked();
    town.pays_link("buyer");
    town.ends_well();
}

#[test]
fn twice_at_mixpay() {
    let mut town = Town::by_mixpay(304);
    let order = town.order("buyer");
    town.checks_out(&order, &json!({ "asset": USDT, "who": "buyer" }));
    let again = town.checks_out(&order, &json!({ "asset": USDT, "who": "buyer" }));
    assert_eq!(again["refunded"], "40021", "{again}");
    town.ends_well();
    assert_eq!(town.purse("buyer", USDT), coins("899"), "MixPay gave the second back");
    assert_eq!(town.trade(0).deposits.len(), 1);
}

#[test]
fn by_both_roads() {
    let mut town = Town::by_mixpay(305);
    town.mixpay(&json!({ "settle_ms": 60_000 }));
    town.pays_order();
    town.pays_link("buyer");
    town.is("Funded");
    town.passes(minutes(12));
    town.looks("buyer").shows("101 USDT came into the vault that this trade does not need");
    signs_return(&mut town);
    assert_eq!(town.purse("buyer", USDT), coins("899"), "the second settlement is the buyer's, not MixPay's");
    town.ends_well();
}

#[test]
fn too_late_at_mixpay() {
    let mut town = Town::by_mixpay(306);
    let order = town.order("buyer");
    town.passes(minutes(121));
    town.is("Expired");
    let done = town.checks_out(&order, &json!({ "asset": USDT, "who": "buyer" }));
    assert_eq!((done["status"].as_str(), done["refunded"].as_str()), (Some("failed"), Some("40000")), "{done}");
    town.passes(minutes(10));
    assert_eq!(town.purse("buyer", USDT), coins("1000"));
    town.nothing_is_locked();
}

#[test]
fn paid_in_time_and_settled_after_the_window() {
    let mut town = Town::by_mixpay(307);
    town.mixpay(&json!({ "settle_ms": 20 * 60_000 }));
    town.passes(minutes(119));
    town.pays_order();
    town.passes(minutes(5));
    town.is("AwaitingPayment");
    town.looks("seller").shows("do not deliver");
    town.nothing_is_locked();
    town.passes(minutes(17));
    town.ends_well();
}

#[test]
fn confirmed_after_the_window() {
    let mut town = Town::by_mixpay(308);
    town.passes(minutes(119));
    let order = town.order("buyer");
    town.checks_out(&order, &json!({ "asset": "BTC", "by": "chain", "confirmations": 60 }));
    town.passes(minutes(5));
    town.is("AwaitingPayment");
    town.passes(minutes(8));
    town.ends_well();
}

/// MixPay is waited for, for a day, and not for ever; what it brings then is the buyer's.
#[test]
fn settled_after_all_waiting() {
    let mut town = Town::by_mixpay(309);
    town.mixpay(&json!({ "never_settle": true }));
    town.pays_order();
    town.passes(minutes(25 * 60));
    town.is("AwaitingPayment");
    town.passes(minutes(75));
    town.is("Expired");
    town.mixpay(&json!({ "never_settle": false }));
    town.passes(minutes(1));
    town.nothing_is_locked();
    signs_return(&mut town);
    assert_eq!(town.purse("buyer", USDT), coins("1000"), "to the buyer, never to MixPay");
}

#[test]
fn cancelled_while_mixpay_holds_the_money() {
    let mut town = Town::by_mixpay(310);
    town.mixpay(&json!({ "settle_ms": 10 * 60_000 }));
    town.pays_order();
    // Money is on its way: one word does not end it.
    town.says("seller", "cancel").shows("is on its way through MixPay");
    town.is("AwaitingPayment");
    town.taps("seller", "Yes, cancel it").headed("Cancelled", "101 USDT");
    town.passes(minutes(12));
    signs_return(&mut town);
    town.is("Cancelled");
    assert_eq!(town.purse("buyer", USDT), coins("1000"));
    town.nothing_is_locked();
}

#[test]
fn a_third_person_pays_mixins_link() {
    let mut town = Town::by_mixpay(311);
    town.pays_link("stranger");
    town.looks("seller").shows("from somebody who is not the buyer");
    town.nothing_is_locked();
    town.signs("seller", "Sign return");
    town.passes(seconds(10));
    assert_eq!(town.purse("stranger", USDT), coins("1000"));
    town.is("AwaitingPayment");
    town.pays_order();
    town.ends_well();
}

/// Whoever learns the buyer's order may pay it: MixPay takes anybody's money, and it is the buyer's deposit then.
#[test]
fn a_third_person_pays_at_mixpay() {
    let mut town = Town::by_mixpay(312);
    town.mint("stranger", BTC, "1");
    let order = town.order("buyer");
    town.checks_out(&order, &json!({ "asset": "BTC", "who": "stranger" }));
    town.ends_well();
}
