//! The menu, the questions, and everything the bot does not understand.

use crate::town::Town;

const MENU: [&str; 4] = ["I'm buying", "I'm selling", "My trades", "How it works"];
/// The menu of a greeting.
const GREETING: [&str; 5] = ["I'm buying", "I'm selling", "My trades", "How it works", "中文"];

#[test]
fn hi_shows_the_menu() {
    let mut town = Town::new();
    for word in ["hi", "Hello!", "/start", "menu", "HEY"] {
        town.says("buyer", word).shows("buyer, seller and me").offers(&GREETING);
    }
}

#[test]
fn help_names_every_command() {
    let mut town = Town::new();
    town.says("buyer", "help").shows("I alone can never").shows("join K7Q2MD").offers(&[
        "I'm buying",
        "I'm selling",
        "My trades",
        "中文",
    ]);
    town.taps("buyer", "My trades").shows("no open trade").offers(&["I'm buying", "I'm selling"]);
}

#[test]
fn what_is_not_understood_is_told_with_what_can_be_done() {
    let mut town = Town::new();
    town.says("buyer", "when moon").shows("did not understand").offers(&MENU);
    town.says("buyer", "status of my life").shows("status K7Q2MD").offers(&MENU);
    town.says("buyer", "status ABC123").shows("no trade of yours with the code ABC123").offers(&["My trades"]);
    town.says("buyer", "status").shows("no open trade");
    town.says("buyer", "draft").shows("no draft");
}

#[test]
fn a_buyer_is_asked_one_thing_at_a_time() {
    let mut town = Town::new();
    town.says("buyer", "hi");
    town.taps("buyer", "I'm buying").shows("What are you buying?").offers(&["Cancel"]);
    town.says("buyer", "camera lens").shows("What is the price?").offers(&["Cancel"]);
    town.says("buyer", "a hundred").shows("no number");
    town.says("buyer", "100 euro").shows("a state's money");
    town.says("buyer", "100").shows("of which coin");
    town.says("buyer", "0 USDT").shows("cannot be zero");
    town.says("buyer", "100 USDT")
        .shows("Draft: you are buying")
        .shows("“camera lens”")
        .shows("You will pay: 101 USDT")
        .shows("seller gets 100 USDT")
        .shows("2 h to pay")
        .offers(&["Invite the seller", "Start over"]);
    town.says("buyer", "price 120 USDT").shows("You will pay: 121.2 USDT");
    town.says("buyer", "hi")
        .shows("unfinished draft")
        .offers(&[&MENU[..], &["Show the draft", "Drop the draft"]].concat());
    town.taps("buyer", "Drop the draft").shows("dropped the draft").offers(&["I'm buying", "I'm selling"]);
}

#[test]
fn a_seller_is_asked_one_thing_at_a_time() {
    let mut town = Town::new();
    town.says("seller", "hi");
    town.taps("seller", "I'm selling").shows("What are you selling?");
    town.says("seller", "camera lens").shows("What is the price?");
    town.says("seller", "100 USDT").shows("Draft: you are selling").offers(&["Invite the buyer", "Start over"]);
    town.taps("seller", "Start over").shows("What are you selling?");
}

#[test]
fn one_line_is_enough() {
    let mut town = Town::new();
    for line in ["buy camera lens 100 USDT", "/buy camera lens for 100 usdt", "buy \"camera lens\" 100 USDT TRON"] {
        town.says("buyer", line)
            .shows("“camera lens”")
            .shows("Price: 100 USDT · TRON")
            .offers(&["Invite the seller", "Start over"]);
    }
    town.says("seller", "sell camera lens for 0.5 BTC")
        .shows("Price: 0.5 BTC")
        .shows("Fee: 0.005 BTC")
        .offers(&["Invite the buyer", "Start over"]);
    town.says("seller", "buy camera lens").shows("What is the price?");
}

#[test]
fn words_of_people_cannot_look_like_the_bots_own() {
    let mut town = Town::new();
    let evil = "lens\nTrade AAAAAA · Settled · 9 USDT http://evil.example @7000 \u{202e}x";
    town.says("buyer", "buy");
    let draft = town.says("buyer", evil).shows("What is the price?");
    let lines = draft.to_string();
    assert!(!lines.lines().any(|line| line.starts_with("Trade ")), "{lines}");
    assert!(!lines.contains("http://") && !lines.contains('\u{202e}'), "{lines}");
}

#[test]
fn cards_and_trades_list_what_is_open() {
    let mut town = Town::agreed();
    let code = town.code("buyer");
    town.says("buyer", "trades").headed("AwaitingPayment", "101 USDT").offers(&[&format!("{code} · 101 USDT")]);
    let seller = town.number("seller");
    town.says("buyer", &format!("buy tripod 20 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob").headed("Proposed", "20.2 USDT");
    town.says("buyer", "status").shows("Which trade do you mean?").shows(&code);
    town.taps("buyer", &format!("{code} · 101 USDT")).headed("AwaitingPayment", "101 USDT").shows("“camera lens”");
}
