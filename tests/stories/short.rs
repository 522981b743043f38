//! Less than due, taken as the whole.

use mixin_escrow::sim::play::PIN;
use mixin_escrow::time::Millis;
use serde_json::json;

use crate::town::{Town, USDT};

impl Town {
    /// Pays so much by the newest link of the trade, whatever that asks for.
    fn pays_only(&mut self, amount: &str) {
        let link = self.link("buyer", "https://mixin.one/pay/");
        let (before, after) = link.split_once("amount=").unwrap();
        let rest = after.split_once('&').map_or("", |(_, rest)| rest);
        let link = format!("{before}amount={amount}&{rest}");
        self.stage.control("POST", "people/buyer/pay", &json!({ "link": link, "pin": PIN })).unwrap();
        self.passes(Millis::from_secs(6));
    }
}

#[test]
fn taken_and_released() {
    let mut town = Town::agreed();
    town.pays_only("100.5");
    town.looks("buyer").shows("may also take 100.5 USDT as the whole").shows("pay 0.5 USDT");
    let told = town.looks("seller").shows("Arrived so far: 100.5 USDT of 101 USDT").shows("99.5049505 USDT");
    let said = told.action("Take it as the whole");
    let said = said.strip_prefix("input:").unwrap().to_owned();
    town.says("buyer", &said).shows("Only the seller can do that");
    town.says("seller", "take").shows("if you are sure");
    town.says("seller", &said).headed("Funded", "100.5 USDT").shows("took 100.5 USDT as the whole");
    town.looks("buyer").headed("Funded", "100.5 USDT").shows("99.5049505 USDT is settled as the price");
    town.says("seller", &said).shows("done already");
    town.says("seller", "delivered");
    town.signs("buyer", "Sign release");
    town.passes(Millis::from_secs(40));
    town.looks("seller").headed("Settled", "100.5 USDT").shows("You: 99.5049505 USDT");
    let purses = ["buyer", "seller", "fees"].map(|who| town.purse(who, USDT).to_string());
    assert_eq!(purses, ["899.5", "1099.5049505", "0.9950495"]);
    let books = town.stage.store().unwrap().check().unwrap();
    assert!(books.ok, "{:#?}", books.broken);
}

#[test]
fn the_button_is_for_the_sum_that_was_shown() {
    let mut town = Town::agreed();
    town.pays_only("100");
    let old = town.looks("seller").action("Take it as the whole");
    town.pays_only("0.5");
    town.says("seller", old.strip_prefix("input:").unwrap()).headed("AwaitingPayment", "101 USDT").shows("too old");
    town.says("seller", "status").shows("100.5 USDT as the whole");
    town.pays("buyer");
    town.looks("seller").headed("Funded", "101 USDT").hides("as the whole");
    town.says("seller", "take").shows("done already");
}

#[test]
fn far_too_little_is_not_offered() {
    let mut town = Town::agreed();
    town.pays_only("60");
    town.looks("seller").shows("Still missing: 41 USDT").hides("as the whole");
    town.says("seller", "take").shows("cannot be taken as the whole");
}
