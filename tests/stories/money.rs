//! Money in and out, down to the last unit.

use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::PIN;
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

use crate::town::{BTC, Town, USDT};

fn coins(text: &str) -> Amount {
    text.parse().unwrap()
}

/// Pays `amount` of an asset into the vault of the trade, by the trade's own link with one number changed.
pub(crate) fn pays_other(town: &mut Town, who: &'static str, change: impl Fn(&str) -> String) -> Value {
    let link = change(&town.link("buyer", "https://mixin.one/pay/"));
    let done = town.stage.control("POST", &format!("people/{who}/pay"), &json!({ "link": link, "pin": PIN })).unwrap();
    town.passes(Millis::from_secs(5));
    done
}

fn with_amount(amount: &'static str) -> impl Fn(&str) -> String {
    move |link| link.replace("amount=101&", &format!("amount={amount}&"))
}

#[test]
fn the_happy_road_in_the_books() {
    let mut town = Town::delivered();
    let sheet = town.signs("buyer", "Sign release");
    assert_eq!((sheet["sheet"]["amount"].as_str(), sheet["threshold"].as_u64()), (Some("100"), Some(2)), "{sheet}");
    let told =
        town.looks("buyer").headed("Settled", "101 USDT").shows("Bob").shows("100 USDT").shows("7 of 7 checks held");
    told.offers(&["What now?", "Good", "Bad", "My trades"]);
    town.looks("seller").headed("Settled", "101 USDT").shows("You: 100 USDT");
    let settlement = town.settled(Outcome::Release);
    assert_eq!(settlement.signers.len(), 2);
    let purses = ["buyer", "seller", "fees"].map(|who| town.purse(who, USDT));
    assert_eq!(purses, [coins("899"), coins("1100"), coins("1")]);
    assert_eq!(town.vault_spends(), 1);
}

#[test]
fn a_short_payment_gets_a_link_for_the_rest() {
    let mut town = Town::agreed();
    town.looks("buyer");
    pays_other(&mut town, "buyer", with_amount("60"));
    town.looks("buyer").headed("AwaitingPayment", "101 USDT").shows("Arrived so far: 60 USDT of 101 USDT").offers(&[
        "Pay 41 USDT",
        "I have paid",
        "Cancel",
        "What now?",
    ]);
    town.looks("seller").shows("Still missing: 41 USDT");
    town.pays("buyer");
    town.looks("buyer").headed("Funded", "101 USDT");
    town.says("seller", "delivered");
    town.signs("buyer", "Sign release");
    town.settled(Outcome::Release);
    assert_eq!(town.purse("seller", USDT), coins("1100"));
}

#[test]
fn cancelling_after_a_short_payment_sends_it_back() {
    let mut town = Town::agreed();
    pays_other(&mut town, "buyer", with_amount("60"));
    town.says("seller", "cancel").shows("60 USDT was paid in already").offers(&["Yes, cancel it", "Status"]);
    town.taps("seller", "Yes, cancel it").headed("Cancelled", "101 USDT");
    town.passes(Millis::from_secs(3));
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(5));
    town.looks("buyer").shows("60 USDT has arrived back at you");
    assert_eq!(town.purse("buyer", USDT), coins("1000"));
    assert_eq!(town.vault_spends(), 1);
}

#[test]
fn an_overpayment_comes_back_with_the_release() {
    let mut town = Town::agreed();
    pays_other(&mut town, "buyer", with_amount("150"));
    town.looks("buyer").headed("Funded", "150 USDT");
    town.says("seller", "delivered");
    town.looks("buyer").shows("our fee of 1 USDT").shows("49 USDT back to you");
    town.signs("buyer", "Sign release");
    let settlement = town.settled(Outcome::Release);
    assert_eq!(settlement.buyer_returned.to_string(), "49");
    let purses = ["buyer", "seller", "fees"].map(|who| town.purse(who, USDT));
    assert_eq!(purses, [coins("899"), coins("1100"), coins("1")]);
    assert_eq!(town.vault_spends(), 1);
}

#[test]
fn a_second_payment_goes_back_by_itself() {
    let mut town = Town::funded();
    pays_other(&mut town, "buyer", |link| with_amount("7")(link).replace("trace=", "x="));
    town.looks("buyer").shows("7 USDT came into the vault that this trade does not need");
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(5));
    town.looks("buyer").shows("7 USDT has arrived back at you");
    town.says("seller", "delivered");
    town.signs("buyer", "Sign release");
    town.settled(Outcome::Release);
    assert_eq!(town.purse("buyer", USDT), coins("899"));
}

#[test]
fn another_coin_does_not_count() {
    let mut town = Town::agreed();
    town.mint("buyer", BTC, "101");
    pays_other(&mut town, "buyer", |link| link.replace(USDT, BTC).replace("trace=", "x="));
    town.looks("buyer").headed("AwaitingPayment", "101 USDT").shows("not the agreed asset");
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(5));
    assert_eq!(town.purse("buyer", BTC), coins("101"));
    town.pays("buyer");
    town.looks("buyer").headed("Funded", "101 USDT");
}

#[test]
fn a_third_persons_money_does_not_count() {
    let mut town = Town::agreed();
    pays_other(&mut town, "stranger", |link| link.replace("trace=", "x="));
    town.looks("seller").headed("AwaitingPayment", "101 USDT").shows("from somebody who is not the buyer");
    town.signs("seller", "Sign return");
    town.passes(Millis::from_secs(5));
    assert_eq!(town.purse("stranger", USDT), coins("1000"));
    town.says("seller", "status").headed("AwaitingPayment", "101 USDT");
}

#[test]
fn money_that_comes_too_late_goes_back() {
    let mut town = Town::agreed();
    town.says("seller", "cancel").headed("Cancelled", "101 USDT");
    town.pays("buyer");
    town.says("buyer", &format!("paid {}", town.code("buyer")));
    town.passes(Millis::from_secs(10));
    town.signs("buyer", "Sign return");
    town.passes(Millis::from_secs(10));
    assert_eq!(town.purse("buyer", USDT), coins("1000"));
}

#[test]
fn a_refund_by_the_sellers_pin() {
    let mut town = Town::funded();
    town.says("seller", "status").shows("gets all of 101 USDT back and you get nothing");
    town.signs("seller", "Sign refund");
    town.looks("buyer").headed("Settled", "101 USDT").shows("Refunded").shows("You: 101 USDT");
    town.looks("seller").headed("Settled", "101 USDT");
    town.settled(Outcome::Refund);
    let purses = ["buyer", "seller", "fees"].map(|who| town.purse(who, USDT));
    assert_eq!(purses, [coins("1000"), coins("1000"), Amount::ZERO]);
}

#[test]
fn the_sellers_signature_on_the_release_moves_nothing() {
    let mut town = Town::delivered();
    town.looks("buyer");
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("seller", &release);
    town.passes(Millis::from_secs(40));
    town.says("seller", "status").headed("Delivered", "101 USDT");
    assert_eq!(town.vault_spends(), 0);
}

#[test]
fn both_sign_without_the_bot() {
    let mut town = Town::delivered();
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    // The bot is away; both sign the same link.
    town.stage.crash(Millis::from_secs(60)).unwrap();
    town.signs_link("seller", &release);
    town.signs_link("buyer", &release);
    assert_eq!(town.vault_spends(), 1);
    town.passes(Millis::from_secs(120));
    town.looks("buyer").headed("Settled", "101 USDT").shows("without the bot").hides("7 of 7");
    town.looks("seller").headed("Settled", "101 USDT").shows("You: 100 USDT");
    let ledger = town.stage.control("GET", "ledger", &Value::Null).unwrap();
    let spend =
        ledger["transactions"].as_array().unwrap().iter().find(|tx| tx["senders_threshold"] == 2).unwrap().clone();
    let bot = town.stage.house().bot.to_string();
    assert!(!spend["signers"].as_array().unwrap().contains(&json!(bot)), "{spend}");
    assert_eq!(town.purse("seller", USDT), coins("1100"));
}
