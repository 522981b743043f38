//! A group for one trade.

use serde_json::json;

use crate::groups::NEVER;
use crate::town::{Town, minutes};

pub(crate) fn members(town: &mut Town, who: &str, group: &str) -> Vec<String> {
    let call = json!({ "method": "GET", "path": format!("/conversations/{group}") });
    let view = town.stage.control("POST", &format!("people/{who}/call"), &call).unwrap();
    let list = view["participants"].as_array().unwrap();
    list.iter().map(|member| member["user_id"].as_str().unwrap().to_owned()).collect()
}

/// Agreed, with a room; its conversation.
fn with_room() -> (Town, String) {
    let mut town = Town::agreed();
    let made = town.says("buyer", "room");
    made.own().shows("I am making a room").shows("The room of this trade is there");
    let first = made.here();
    first.clone().headed("AwaitingPayment", "101 USDT").tells("Buyer: Alice (#) · Seller: Bob").shows(NEVER);
    let room = first.0[0]["conversation_id"].as_str().unwrap().to_owned();
    (town, room)
}

#[test]
fn a_room_is_made_once_and_hears_how_the_trade_goes_on() {
    let (mut town, room) = with_room();
    let (buyer, seller, bot) =
        (town.stage.person("buyer", "user_id"), town.stage.person("seller", "user_id"), town.stage.house().bot);
    let mut expected = vec![buyer, seller, bot.to_string()];
    expected.sort();
    let mut found = members(&mut town, "seller", &room);
    found.sort();
    assert_eq!(found, expected);
    let again = town.says("seller", "room");
    again.own().shows("The room of this trade is there");
    assert_eq!(again.own().action("Open the room"), format!("mixin://conversations/{room}"));
    town.pays("buyer");
    town.passes(minutes(1));
    town.looks("seller").here().headed("Funded", "101 USDT").shows("locked in the vault");
    town.taps("seller", "I have delivered");
    town.looks("buyer").here().headed("Delivered", "101 USDT");
    town.signs("buyer", "Sign release");
    town.passes(minutes(1));
    town.looks("seller").here().headed("Settled", "101 USDT").hides("mixin.one");
    let conversations: std::collections::BTreeSet<String> = town
        .stage
        .shown("buyer")
        .iter()
        .filter(|message| message["group"] == true)
        .map(|message| message["conversation_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(conversations.len(), 1);
}

#[test]
fn a_button_of_the_card_makes_it_and_only_a_party_may() {
    let mut town = Town::agreed();
    let code = town.code("buyer");
    town.says("stranger", &format!("room {code}")).own().shows("no trade of yours");
    town.says("seller", "status");
    town.taps("seller", "Make a trade room").here().shows("This is the room");
}

#[test]
fn there_is_no_room_before_both_have_agreed_or_after_the_end() {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    town.says("buyer", "room").own().shows("from the moment both have agreed");
    let code = town.code("buyer");
    town.taps("seller", "Decline");
    town.says("buyer", &format!("room {code}")).own().shows("from the moment both have agreed");
}

#[test]
fn a_stranger_in_a_room_is_warned_of() {
    let (mut town, room) = with_room();
    let call = json!({ "method": "GET", "path": format!("/conversations/{room}") });
    let view = town.stage.control("POST", "people/buyer/call", &call).unwrap();
    let code = view["code_id"].as_str().unwrap();
    let call = json!({ "method": "POST", "path": format!("/conversations/{code}/join"), "body": {} });
    town.looks("buyer");
    town.stage.control("POST", "people/stranger/call", &call).unwrap();
    town.passes(minutes(1));
    let warned = town.looks("buyer").here();
    warned.tells("Careful: Mallory (#) has no part in this trade").shows("Pay nobody").shows(NEVER);
    // They may ask, and learn nothing.
    town.mentions("stranger", &room, &format!("status {}", town.code("buyer"))).here().shows("That is for Alice");
    let call = json!({ "method": "POST", "path": format!("/conversations/{room}/exit"), "body": {} });
    town.stage.control("POST", "people/seller/call", &call).unwrap();
    town.passes(minutes(1));
    town.looks("buyer").here().tells("Bob (#) has left this room");
}

#[test]
fn a_room_is_no_market() {
    let (mut town, room) = with_room();
    town.looks("seller");
    let asked = town.mentions("buyer", &room, "sell old secret 50 USDT");
    asked.here().shows("I wrote to you").hides("old secret");
    asked.own().shows("Draft: you are selling");
    town.taps("buyer", "Invite the buyer");
    town.looks("seller").here().hides("old secret");
}

#[test]
fn whoever_takes_no_invitations_gets_the_link() {
    let mut town = Town::agreed();
    town.uses("seller", &json!({ "accepts": "CONTACTS" }));
    town.says("buyer", "room").own().shows("I sent them the link to join");
    let link = town.link("seller", "https://mixin.one/codes/");
    town.opens("seller", &link).here().tells("Bob (#) is here now.");
    town.looks("buyer").here().tells("Bob (#) is here now.");
}

#[test]
fn where_nobody_takes_invitations_there_is_no_room() {
    let mut town = Town::agreed();
    for who in ["buyer", "seller"] {
        town.uses(who, &json!({ "accepts": "NOBODY" }));
    }
    town.says("buyer", "room").own().shows("I could not make a room");
    town.uses("buyer", &json!({ "accepts": "EVERYBODY" }));
    town.says("buyer", "room").own().shows("I sent them the link to join");
}

/// The answer to the creation is lost again and again: one room comes of it.
#[test]
fn a_room_whose_creation_went_unanswered_is_not_made_twice() {
    let mut town = Town::agreed();
    let fault = json!({ "rest": "lost", "path": "/conversations", "count": 3 });
    town.stage.control("POST", "faults", &fault).unwrap();
    town.says("buyer", "room");
    town.says("seller", "room");
    town.passes(minutes(1));
    let rooms: std::collections::BTreeSet<String> =
        town.looks("seller").here().0.iter().map(|message| message["conversation_id"].to_string()).collect();
    assert!(rooms.len() <= 1, "{rooms:?}");
    town.looks("buyer");
    town.says("buyer", "room").own().shows("The room of this trade is there");
}
