//! Signatures that move nothing, or not yet: early ones, requests of people's own, and those Mixin does not show.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::time::Millis;
use serde_json::json;

use crate::town::{Town, USDT, minutes};
use crate::verify::hostile;

/// Both signed by themselves, and the books add up.
fn released(town: &mut Town) {
    let purses = ["buyer", "seller", "fees"].map(|who| town.purse(who, USDT).to_string());
    assert_eq!(purses, ["899", "1100", "1"]);
    town.books_are_good();
}

#[test]
fn who_signs_what_pays_them_hears_that_nothing_moves() {
    let mut town = Town::delivered();
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("seller", &release);
    town.passes(minutes(1));
    let told =
        town.looks("seller").headed("Delivered", "101 USDT").shows("You have signed the release, which pays you");
    told.shows("it needs the signature of Alice");
    assert_eq!(town.vault_spends(), 0);
    // With the buyer's own it is enough.
    town.signs_link("buyer", &release);
    town.passes(minutes(1));
    town.looks("seller").headed("Settled", "101 USDT");
    released(&mut town);
}

#[test]
fn a_request_of_somebodys_own_is_told_and_taken_away() {
    let mut town = Town::delivered();
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    let link = hostile(&mut town);
    town.looks("buyer");
    town.signs_link("seller", &link);
    town.passes(Millis::from_secs(50));
    for who in ["buyer", "seller"] {
        let told = town.looks(who).headed("Delivered", "101 USDT").shows("signed a request of their own");
        let told = told.shows("You did not ask me about this").shows("NotMine").shows("- 100 USDT to");
        told.shows("5 min after I first saw one");
    }
    town.says("buyer", "status").shows("A request that is not mine holds the money");
    town.passes(minutes(7));
    town.says("buyer", "status").hides("holds the money");
    town.says("buyer", &format!("verify {link}")).shows("nobody can sign it any more");
    town.signs_link("buyer", &release);
    town.passes(minutes(2));
    town.looks("seller").headed("Settled", "101 USDT");
    town.settled(Outcome::Release);
}

#[test]
fn signatures_that_are_not_shown_are_not_joined() {
    let mut town = Town::delivered();
    town.stage.control("POST", "switches", &json!({ "hide_signatures": true })).unwrap();
    town.signs("buyer", "Sign release");
    town.passes(minutes(2));
    for who in ["buyer", "seller"] {
        let told = town.looks(who).headed("Delivered", "101 USDT").shows("does not show me the signature");
        told.shows("both sign the same link").action("Recovery kit");
    }
    assert_eq!(town.vault_spends(), 0);
    town.says("seller", "kit").shows("Without me, the release");
    town.signs("seller", "Sign release");
    town.passes(minutes(2));
    town.looks("seller").headed("Settled", "101 USDT").hides("7 of 7");
    released(&mut town);
}
