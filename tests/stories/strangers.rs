//! What somebody can do who has no part in a trade: nothing, and learn nothing.

use crate::town::{Town, minutes};

#[test]
fn a_code_alone_opens_nothing() {
    let mut town = Town::funded();
    let code = town.code("seller");
    for command in [
        "status",
        "why",
        "accept",
        "decline",
        "confirm",
        "reject",
        "delivered",
        "paid",
        "signed",
        "cancel",
        "invite",
        "join",
    ] {
        let told = town.says("stranger", &format!("{command} {code}")).shows("no trade of yours with the code");
        told.hides("USDT").hides("lens").hides("Alice").hides("Bob");
    }
    town.says("buyer", "status").headed("Funded", "101 USDT");
    town.says("stranger", "trades").shows("no open trade");
}

#[test]
fn nothing_binds_without_a_token() {
    let mut town = Town::new();
    town.says("buyer", "buy camera lens 100 USDT");
    town.taps("buyer", "Invite the seller");
    let code = town.code("buyer");
    town.says("stranger", &format!("accept {code}")).shows("read the terms once more");
    town.says("buyer", "status").headed("Proposed", "101 USDT").hides("Mallory");
}

#[test]
fn somebody_elses_token_is_worth_nothing() {
    let mut town = Town::new();
    town.says("buyer", "buy camera lens 100 USDT");
    town.taps("buyer", "Invite the seller");
    let code = town.code("buyer");
    let accept = town.says("seller", &format!("join {code}")).action("Accept");
    let typed = accept.strip_prefix("input:").unwrap().to_owned();
    town.says("stranger", &typed).shows("is not yours").hides("lens");
    town.says("buyer", "status").headed("Proposed", "101 USDT").hides("Mallory").hides("Bob");
    // It was not used up by that.
    town.says("seller", &typed).shows("Until then nothing is paid or delivered");
    town.looks("buyer").shows("Bob");
    // The token of a draft does nothing for anybody else either.
    let propose = town.says("stranger", "buy tripod 5 USDT").action("Invite the seller");
    town.says("seller", propose.strip_prefix("input:").unwrap()).shows("is not yours");
}

#[test]
fn a_token_works_once() {
    let mut town = Town::new();
    let seller = town.number("seller");
    let propose = town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}")).action("Send it to Bob");
    let typed = propose.strip_prefix("input:").unwrap().to_owned();
    town.says("buyer", &typed).headed("Proposed", "101 USDT");
    town.says("buyer", &typed).shows("too old, was used already, or is not yours");
    let count = town.stage.store().unwrap().trades().unwrap().len();
    assert_eq!(count, 1, "{}", town.chat("buyer"));
    let accept = town.looks("seller").action("Accept");
    let typed = accept.strip_prefix("input:").unwrap().to_owned();
    town.says("seller", &typed).headed("AwaitingPayment", "101 USDT");
    town.says("seller", &typed).headed("AwaitingPayment", "101 USDT").shows("done already");
}

#[test]
fn a_token_gets_old() {
    let mut town = Town::new();
    let seller = town.number("seller");
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.passes(minutes(16));
    town.taps("buyer", "Send it to Bob").shows("too old").offers(&["Show the draft", "My trades"]);
    town.taps("buyer", "Show the draft");
    town.taps("buyer", "Send it to Bob").headed("Proposed", "101 USDT");
    town.passes(minutes(16));
    town.taps("seller", "Accept").headed("Proposed", "101 USDT").shows("too old");
    town.taps("seller", "Status");
    town.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT");
}

#[test]
fn a_token_is_for_what_was_shown() {
    let mut town = Town::new();
    let seller = town.number("seller");
    let propose = town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}")).action("Send it to Bob");
    town.says("buyer", "price 1 USDT").shows("You will pay: 1.01 USDT");
    town.says("buyer", propose.strip_prefix("input:").unwrap()).shows("Nothing has changed");
    assert!(town.stage.store().unwrap().trades().unwrap().is_empty());
}
