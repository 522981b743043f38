//! Naming the other side: by contact card, by number, and everybody who cannot be one.

use serde_json::json;

use crate::town::Town;

const DRAFT: [&str; 2] = ["Invite the seller", "Start over"];

fn with_draft() -> Town {
    let mut town = Town::new();
    town.says("buyer", "buy camera lens 100 USDT").offers(&DRAFT);
    town
}

#[test]
fn by_contact_card() {
    let mut town = with_draft();
    town.shares("buyer", "seller").shows("Seller: Bob").offers(&["Send it to Bob", "Start over"]);
    let seller = town.number("seller");
    town.taps("buyer", "Send it to Bob").headed("Proposed", "101 USDT").shows(&format!("Bob ({seller})"));
    town.looks("seller").headed("Proposed", "101 USDT").shows("Alice").offers(&[
        "Accept",
        "Decline",
        "Block this person",
    ]);
}

#[test]
fn by_number() {
    let mut town = with_draft();
    let number = town.number("seller");
    town.says("buyer", &format!("@{number}"))
        .shows(&format!("Seller: Bob ({number})"))
        .offers(&["Send it to Bob", "Start over"]);
}

#[test]
fn a_number_nobody_has() {
    let mut town = with_draft();
    town.says("buyer", "@99999999").shows("found nobody").offers(&DRAFT);
}

#[test]
fn somebody_who_hides_from_search() {
    let mut town = with_draft();
    town.stage.control("POST", "people/seller/phone", &json!({ "searchable": false })).unwrap();
    let number = town.number("seller");
    town.says("buyer", &format!("@{number}")).shows("found nobody").offers(&DRAFT);
    town.shares("buyer", "seller").offers(&["Send it to Bob", "Start over"]);
}

#[test]
fn somebody_who_does_not_let_strangers_write() {
    let mut town = with_draft();
    town.stage.control("POST", "people/seller/phone", &json!({ "accepts": "CONTACTS" })).unwrap();
    town.shares("buyer", "seller").offers(&DRAFT);
}

#[test]
fn yourself_bots_and_those_who_take_no_side() {
    let mut town = with_draft();
    let own = town.number("buyer");
    town.says("buyer", &format!("@{own}")).shows("That is you").offers(&DRAFT);
    for arbiter in ["bot", "judge", "fees"] {
        town.shares("buyer", arbiter).shows("take no side").offers(&DRAFT);
    }
    let robot = town.joins("robot", json!({ "app": true }));
    let user = robot["user_id"].as_str().unwrap().to_owned();
    town.shares_id("buyer", &user).shows("a bot cannot sign").offers(&DRAFT);
}

#[test]
fn somebody_without_a_wallet() {
    let mut town = with_draft();
    let newcomer = town.joins("newcomer", json!({ "has_safe": false }));
    let user = newcomer["user_id"].as_str().unwrap().to_owned();
    town.shares_id("buyer", &user).shows("no Mixin wallet").offers(&DRAFT);
    // Nor can they begin one themselves.
    town.says("newcomer", "buy camera lens 100 USDT");
    town.taps("newcomer", "Invite the seller").shows("no Mixin wallet");
}

#[test]
fn searches_have_a_budget() {
    let mut town = Town::with(|setup| setup.searches_per_hour = 2);
    town.says("buyer", "buy camera lens 100 USDT");
    for number in ["@99999991", "@99999992"] {
        town.says("buyer", number).shows("found nobody");
    }
    let number = town.number("seller");
    town.says("buyer", &format!("@{number}")).shows("cannot look up Mixin IDs for now").offers(&DRAFT);
    // A contact card needs no search, and an hour later there is a new budget.
    town.shares("buyer", "seller").offers(&["Send it to Bob", "Start over"]);
    town.passes(crate::town::minutes(61));
    let stranger = town.number("stranger");
    town.says("buyer", &format!("@{stranger}")).shows("Mallory");
}

#[test]
fn one_refusal_by_mixin_locks_searching() {
    let mut town = with_draft();
    town.stage.control("POST", "switches", &json!({ "search_429": true })).unwrap();
    let number = town.number("seller");
    town.says("buyer", &format!("@{number}")).offers(&DRAFT);
    town.says("buyer", &format!("@{number}")).shows("cannot look up Mixin IDs for now");
}
