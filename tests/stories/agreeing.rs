//! From a proposal to two people who have agreed, or not.

use mixin_escrow::time::Millis;

use crate::town::{Town, minutes};

/// A proposal for whoever brings its code.
fn invited() -> Town {
    let mut town = Town::new();
    town.says("buyer", "buy camera lens 100 USDT");
    town.taps("buyer", "Invite the seller").headed("Proposed", "101 USDT").shows("mixin://send?").shows("join ");
    town
}

/// A proposal to Bob.
fn proposed() -> Town {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    town
}

fn brought(town: &mut Town) {
    let code = town.code("buyer");
    town.says("seller", &code).headed("Proposed", "101 USDT").shows("Alice").offers(&["Accept"]);
}

#[test]
fn an_invitation_by_its_link() {
    let mut town = invited();
    let forward = town.chat("buyer");
    let link = forward.split_whitespace().find(|word| word.starts_with("mixin://send?")).unwrap().to_owned();
    town.opens("seller", &link).headed("Proposed", "101 USDT").shows("Alice (").offers(&["Accept"]);
    town.taps("seller", "Accept").headed("Proposed", "101 USDT").shows("Until then nothing is paid or delivered");
    town.looks("buyer").headed("Proposed", "101 USDT").shows("Bob (").offers(&["Yes, it is Bob", "No, somebody else"]);
    town.taps("buyer", "Yes, it is Bob").headed("AwaitingPayment", "101 USDT").offers(&[
        "Pay 101 USDT",
        "I have paid",
        "Cancel",
        "What now?",
    ]);
    town.looks("seller")
        .headed("AwaitingPayment", "101 USDT")
        .shows("Deliver nothing before")
        .offers(&["Cancel", "What now?"]);
}

#[test]
fn an_invitation_by_its_code() {
    let mut town = invited();
    brought(&mut town);
    let code = town.code("buyer").to_lowercase();
    town.says("seller", &format!("join {code}")).headed("Proposed", "101 USDT").offers(&["Accept"]);
    town.says("seller", "join ZZZZZZ").shows("no trade of yours");
    town.says("seller", "join me").shows("join K7Q2MD");
    town.says("buyer", &format!("join {code}")).shows("wrote this proposal yourself");
    town.says("buyer", "invite").headed("Proposed", "101 USDT").shows("mixin://send?");
}

#[test]
fn the_wrong_person_is_turned_away_and_the_invitation_stays() {
    let mut town = invited();
    let code = town.code("buyer");
    town.says("stranger", &format!("join {code}"));
    town.taps("stranger", "Accept").shows("Until then nothing is paid or delivered");
    town.looks("buyer").shows("Mallory").offers(&["Yes, it is Mallory", "No, somebody else"]);
    town.says("seller", &format!("join {code}")).shows("Somebody else brought this code first");
    town.taps("buyer", "No, somebody else");
    town.looks("stranger").shows("You are not part of this trade").offers(&["My trades"]);
    brought(&mut town);
    town.taps("seller", "Accept");
    town.taps("buyer", "Yes, it is Bob").headed("AwaitingPayment", "101 USDT");
    town.says("stranger", &format!("status {code}")).shows("no trade of yours");
}

#[test]
fn accept_and_confirm_by_typing_ask_once_more() {
    let mut town = invited();
    brought(&mut town);
    let code = town.code("buyer");
    town.says("seller", &format!("accept {code}")).shows("read the terms once more").offers(&["Accept"]);
    town.taps("seller", "Accept").shows("Until then nothing is paid or delivered");
    town.says("buyer", "confirm")
        .shows("compare the person once more")
        .offers(&["Yes, it is Bob", "No, somebody else"]);
    town.taps("buyer", "Yes, it is Bob").headed("AwaitingPayment", "101 USDT");
}

#[test]
fn decline() {
    let mut town = proposed();
    town.taps("seller", "Decline").headed("Declined", "101 USDT").shows("declined");
    town.looks("buyer").headed("Declined", "101 USDT").shows("Nothing was paid");
    let code = town.code("buyer");
    town.says("seller", &format!("accept {code}")).shows("too late");
    town.says("buyer", &format!("why {code}")).shows("this trade is over");
}

#[test]
fn withdraw() {
    let mut town = proposed();
    town.says("buyer", "withdraw").headed("Cancelled", "101 USDT").shows("You cancelled");
    town.looks("seller").headed("Cancelled", "101 USDT").shows("Nothing was paid");
    town.taps("seller", "Accept").shows("too late");
}

#[test]
fn cancel_before_anything_is_paid() {
    let mut town = Town::agreed();
    town.looks("buyer");
    town.says("seller", "cancel").headed("Cancelled", "101 USDT").shows("You cancelled");
    town.looks("buyer").headed("Cancelled", "101 USDT").shows("Do not pay by an old link");
    let code = town.code("buyer");
    town.says("buyer", &format!("cancel {code}")).shows("done already");
}

#[test]
fn nobody_cancels_locked_money() {
    let mut town = Town::funded();
    for who in ["buyer", "seller"] {
        town.says(who, "cancel").headed("Funded", "101 USDT").shows("nobody can cancel any more");
    }
}

#[test]
fn a_proposal_ends_by_itself() {
    let mut town = proposed();
    town.passes(Millis::from_hours(23));
    town.says("seller", "status").headed("Proposed", "101 USDT").shows("59 min left");
    town.passes(Millis::from_hours(1));
    town.looks("seller").headed("Expired", "101 USDT").shows("Nobody accepted in time");
    town.looks("buyer").headed("Expired", "101 USDT").shows("Nobody accepted in time");
    town.taps("seller", "Accept").shows("too late");
}

#[test]
fn an_unpaid_trade_ends_by_itself() {
    let mut town = Town::agreed();
    town.looks("buyer");
    town.passes(minutes(118));
    town.looks("buyer").silent();
    town.passes(minutes(3));
    town.looks("buyer").headed("Expired", "101 USDT").shows("not paid in time");
    town.looks("seller").headed("Expired", "101 USDT").shows("not paid in time");
    town.says("buyer", "trades").shows("no open trade");
}

#[test]
fn why_in_every_state() {
    let mut town = proposed();
    town.says("buyer", "why").headed("Proposed", "101 USDT").shows("Waiting for Bob").shows("the proposal ends");
    town.says("seller", "why").headed("Proposed", "101 USDT").shows("Waiting for you");
    town.taps("seller", "Status");
    town.taps("seller", "Accept");
    town.says("buyer", "why")
        .headed("AwaitingPayment", "101 USDT")
        .shows("Waiting for you to pay 101 USDT")
        .shows("1 h 59 min left");
    town.says("seller", "what now").headed("AwaitingPayment", "101 USDT").shows("Waiting for Alice");
    town.pays("buyer");
    town.says("seller", "why").headed("Funded", "101 USDT").shows("Waiting for you to deliver").offers(&[
        "I have delivered",
        "Offer a split",
        "Problem",
        "Status",
        "Make a trade room",
    ]);
    town.says("buyer", "why").headed("Funded", "101 USDT").shows("No money moves by itself");
    town.says("seller", "delivered").headed("Delivered", "101 USDT");
    town.says("buyer", "why").headed("Delivered", "101 USDT").shows("Waiting for you to sign the release");
    town.signs("buyer", "Sign release");
    let code = town.code("buyer");
    town.says("buyer", &format!("why {code}")).headed("Settled", "101 USDT").shows("this trade is over");
}

#[test]
fn only_the_seller_delivers_and_only_what_is_paid() {
    let mut town = Town::agreed();
    town.says("seller", "delivered").headed("AwaitingPayment", "101 USDT").shows("too early");
    town.pays("buyer");
    town.says("buyer", "delivered").headed("Funded", "101 USDT").shows("Only the seller");
    town.says("seller", "i've delivered").headed("Delivered", "101 USDT");
    town.says("seller", "delivered").headed("Delivered", "101 USDT").shows("done already");
}
