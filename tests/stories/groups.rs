//! Trades that begin in a group chat.

use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{buttons, words};
use serde_json::{Value, json};

use crate::town::{Screen, Town};

pub(crate) const NEVER: &str = "I never ask for money here";

impl Town {
    /// A group that `who` makes with these people in it.
    pub(crate) fn group(&mut self, who: &str, members: &[&str]) -> String {
        let body = json!({ "name": "Flea market", "members": members });
        let made = self.stage.control("POST", &format!("people/{who}/group"), &body).unwrap();
        self.passes(mixin_escrow::time::Millis::from_secs(4));
        made["conversation_id"].as_str().unwrap().to_owned()
    }

    /// Types a text in a group as it is; what is new on that phone.
    pub(crate) fn types(&mut self, who: &'static str, group: &str, text: &str) -> Screen {
        self.does(who, "say", json!({ "text": text, "conversation_id": group })).unwrap();
        self.looks(who)
    }

    /// The same with the bot's mention in front.
    pub(crate) fn mentions(&mut self, who: &'static str, group: &str, text: &str) -> Screen {
        let text = format!("@{} {text}", self.number("bot"));
        self.types(who, group, &text)
    }

    pub(crate) fn uses(&mut self, who: &str, phone: &Value) {
        self.stage.control("POST", &format!("people/{who}/phone"), phone).unwrap();
    }

    /// Everything that any phone has shown in groups.
    fn public(&self) -> Vec<Value> {
        let shown = ["buyer", "seller", "stranger"].into_iter().flat_map(|who| self.stage.shown(who).to_vec());
        shown.filter(|message| message["group"] == true).collect()
    }
}

impl Screen {
    /// What stands in groups.
    pub(crate) fn here(&self) -> Self {
        Self(self.0.iter().filter(|message| message["group"] == true).cloned().collect())
    }

    /// Some message has these words, whatever numbers the people have: "Bob (#)".
    #[track_caller]
    pub(crate) fn tells(self, expected: &str) -> Self {
        let plain = |text: String| {
            let parts = text.split('(').enumerate().map(|(nth, part)| match part.split_once(')') {
                Some((number, rest)) if nth > 0 && number.bytes().all(|byte| byte.is_ascii_digit()) => {
                    format!("#){rest}")
                }
                _ => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("(")
        };
        assert!(plain(self.to_string()).contains(expected), "not told: {expected}\n{self}");
        self
    }

    /// What stands in the 1:1 chat with the bot.
    pub(crate) fn own(&self) -> Self {
        Self(self.0.iter().filter(|message| message["group"] == false).cloned().collect())
    }
}

/// A group of three and the bot, where the seller has offered a lens by mention.
fn offered() -> (Town, String) {
    let mut town = Town::new();
    let group = town.group("seller", &["buyer", "stranger", "bot"]);
    let asked = town.mentions("seller", &group, "sell camera lens 100 USDT");
    asked.here().tells("Bob (#) wants to sell: “camera lens”, 100 USDT.").shows("I wrote to Bob");
    asked.own().shows("You began this in a group").shows("Draft: you are selling");
    town.looks("stranger").here().shows("wants to sell").shows(NEVER).hides("mixin.one/pay");
    town.taps("seller", "Invite the buyer");
    (town, group)
}

#[test]
fn the_bot_greets_once_and_says_how_it_is_spoken_to() {
    let mut town = Town::new();
    let number = town.number("bot");
    let group = town.group("seller", &["buyer", "bot"]);
    town.looks("buyer").here().shows(&format!("only what begins with @{number}")).shows(NEVER);
    town.mentions("buyer", &group, "help").here().shows("sell camera lens 100 USDT");
    town.mentions("buyer", &group, "when moon").here().shows("did not understand");
    town.looks("seller").here().shows("sell camera lens 100 USDT").hides("did not understand");
    town.mentions("buyer", &group, "中文").here().shows("出售 相机镜头 100 USDT");
}

#[test]
fn what_arrives_from_each_client() {
    for (client, text, arrives) in [
        ("android", "@{} help", true),
        ("android", "  @{} help", true),
        ("android", "@{}", false),
        ("android", "@{}help", false),
        ("android", "hello @{} help", false),
        ("android", "help", false),
        ("ios", "@{} help", true),
        ("ios", "@{}", false),
        ("ios", "hello @{} help", false),
        ("desktop", "@{} help", true),
        ("desktop", "@{}", true),
        ("desktop", "@{}help", true),
        ("desktop", "hello @{} help", false),
    ] {
        let mut town = Town::new();
        let group = town.group("seller", &["buyer", "bot"]);
        town.uses("buyer", &json!({ "client": client }));
        town.looks("buyer");
        let answer = town.types("buyer", &group, &text.replace("{}", &town.number("bot")));
        assert_eq!(answer.to_string().contains("sell camera lens"), arrives, "{client}: {text}\n{answer}");
    }
}

#[test]
fn a_reply_arrives_from_ios_and_desktop_only_and_other_kinds_never() {
    for (client, arrives) in [("android", false), ("ios", true), ("desktop", true)] {
        let mut town = Town::new();
        let group = town.group("seller", &["buyer", "bot"]);
        town.uses("buyer", &json!({ "client": client }));
        let greeting = town.looks("buyer").here().0.last().unwrap()["message_id"].clone();
        let text = format!("@{} help", town.number("bot"));
        let said = json!({ "text": text, "conversation_id": group, "quote": greeting });
        let done = town.does("buyer", "say", said).unwrap();
        assert_eq!(done["reached"].is_string(), arrives, "{client}");
        assert_eq!(!town.looks("buyer").here().0.is_empty(), arrives, "{client}");
    }
}

#[test]
fn an_offer_is_taken_from_the_group_and_everything_binding_is_said_in_private() {
    let (mut town, _) = offered();
    let offer = town.looks("stranger").here();
    offer.clone().tells("Bob (#) sells: “camera lens” for 100 USDT · TRON.").offers(&[
        "See the offer",
        "How it works",
        "Withdraw the offer",
    ]);
    let number = town.number("bot");
    assert!(offer.action("See the offer").starts_with(&format!("input:@{number} join ")));
    let looked = town.taps("stranger", "See the offer");
    looked.here().tells("Mallory (#) is looking at the offer.").hides("Accept");
    looked.own().headed("Proposed", "101 USDT").shows("You will pay: 101 USDT");
    town.taps("buyer", "See the offer").own().shows("You will pay");
    let accepted = town.taps("buyer", "Accept");
    accepted.own().shows("Next: wait until Bob");
    accepted.here().tells("Alice (#) wants to take it");
    town.taps("seller", "Yes, it is Alice");
    town.looks("stranger").here().headed("AwaitingPayment", "101 USDT").shows("Both have agreed");
    town.pays("buyer");
    town.passes(crate::town::minutes(1));
    town.looks("stranger").here().headed("Funded", "101 USDT").shows("locked in the vault").hides("delivered");
    town.taps("seller", "I have delivered");
    town.looks("stranger").silent();
    town.signs("buyer", "Sign release");
    town.passes(crate::town::minutes(1));
    town.looks("stranger").here().headed("Settled", "101 USDT").shows("Done");
    town.settled(Outcome::Release);
    for message in town.public() {
        let text = words(&message);
        assert!(!text.contains("://"), "{text}");
        for (label, action) in buttons(&message) {
            assert!(action.starts_with(&format!("input:@{number} ")), "[{label}] {action}");
            assert!(action.split(' ').all(|word| word.len() != 16), "[{label}] {action}");
        }
    }
}

#[test]
fn somebody_elses_button_changes_nothing() {
    let (mut town, group) = offered();
    town.looks("buyer");
    let tapped = town.taps("stranger", "Withdraw the offer");
    tapped.here().tells("That is for Bob (#). Nothing has changed.");
    tapped.own().silent();
    town.looks("buyer").silent();
    let code = town.code("seller");
    for word in ["cancel", "delivered", "extend", "split", "room"] {
        town.mentions("stranger", &group, &format!("{word} {code}")).here().shows("That is for Bob");
    }
    town.taps("seller", "Withdraw the offer").own().headed("Proposed", "101 USDT");
    town.mentions("buyer", &group, &format!("status {code}")).here().tells("Alice (#) is looking");
    town.taps("seller", "Cancel");
    town.looks("stranger").here().headed("Cancelled", "101 USDT").shows("withdrawn");
    let late = town.taps("stranger", "See the offer");
    late.here().shows("I wrote to you");
    late.own().shows("no trade of yours with the code");
}

/// What moves anything is not done from a group, token or no token.
#[test]
fn nothing_binds_in_a_group() {
    let mut town = Town::funded();
    let group = town.group("seller", &["buyer", "bot"]);
    town.mentions("seller", &group, "delivered").own().headed("Funded", "101 USDT").shows("deliver");
    town.mentions("buyer", &group, "release").own().headed("Funded", "101 USDT");
    let why = town.mentions("buyer", &group, "why");
    why.here().tells("Alice (#), I wrote to you").hides("Waiting");
    why.own().headed("Funded", "101 USDT");
    // A command of a trade that the group knows nothing of tells the others nothing.
    town.looks("seller");
    let code = town.code("seller");
    let status = town.mentions("buyer", &group, &format!("status {code}"));
    status.here().shows("I wrote to you").hides("101 USDT");
    status.own().headed("Funded", "101 USDT");
    town.mentions("buyer", &group, "kit").own().shows("Without me");
    let shown = town.looks("seller").here();
    shown.hides("Without me").hides("multisigs");
}

#[test]
fn a_member_is_named_by_number_without_a_search() {
    let mut town = Town::new();
    let group = town.group("seller", &["buyer", "bot"]);
    town.uses("buyer", &json!({ "searchable": false }));
    let buyer = town.number("buyer");
    let asked = town.mentions("seller", &group, &format!("sell camera lens 100 USDT to @{buyer}"));
    asked.own().shows("Draft: you are selling").offers(&["Send it to Alice", "Start over"]);
    town.taps("seller", "Send it to Alice");
    let told = town.looks("buyer");
    told.here().tells("It is for Alice (#)").hides("Anybody");
    told.own().headed("Proposed", "101 USDT");
    town.taps("buyer", "Accept").here().shows("Both have agreed");
}

/// Somebody nobody may write to first: the group says how to open the bot, and the draft waits.
#[test]
fn whoever_never_opened_the_bot_is_told_how() {
    let mut town = Town::new();
    let group = town.group("seller", &["buyer", "bot"]);
    town.uses("seller", &json!({ "accepts": "CONTACTS" }));
    let asked = town.mentions("seller", &group, "sell camera lens 100 USDT");
    asked.here().shows("I may not write to you yet").offers(&["Write to me"]);
    assert!(asked.here().action("Write to me").starts_with("https://mixin.one/apps/"));
    asked.own().silent();
    town.says("seller", "hi").own().shows("unfinished draft");
    town.taps("seller", "Show the draft").own().shows("Draft: you are selling");
    town.taps("seller", "Invite the buyer");
    town.looks("buyer").here().tells("Bob (#) sells");
}

#[test]
fn a_bot_that_was_removed_says_nothing_there_any_more() {
    let (mut town, group) = offered();
    let bot = town.stage.house().bot.to_string();
    let path = format!("/conversations/{group}/participants/REMOVE");
    let call = json!({ "method": "POST", "path": path, "body": [{ "user_id": bot }] });
    town.stage.control("POST", "people/seller/call", &call).unwrap();
    town.passes(crate::town::minutes(1));
    town.looks("stranger");
    let code = town.code("seller");
    town.says("buyer", &format!("join {code}")).own().shows("You will pay");
    town.taps("buyer", "Accept");
    town.taps("seller", "Yes, it is Alice");
    town.looks("stranger").silent();
    // Back again, it knows nobody and greets.
    let path = format!("/conversations/{group}/participants/ADD");
    let call = json!({ "method": "POST", "path": path, "body": [{ "user_id": bot }] });
    town.stage.control("POST", "people/seller/call", &call).unwrap();
    town.passes(crate::town::minutes(1));
    town.looks("stranger").here().shows("only what begins with");
}

/// A draft that was begun anew in private is nobody else's business.
#[test]
fn a_draft_of_ones_own_chat_is_not_shown_in_the_group() {
    let mut town = Town::new();
    let group = town.group("seller", &["buyer", "bot"]);
    town.mentions("seller", &group, "sell camera lens 100 USDT");
    town.says("seller", "sell old secret 50 USDT");
    town.taps("seller", "Invite the buyer");
    town.looks("buyer").here().shows("camera lens").hides("old secret");
}
