//! Judges on the whole bot: what they see and may not, and who else tries.

use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::store::Operator;
use mixin_escrow::time::Millis;
use mixin_escrow::trade::Trade;
use serde_json::json;

use crate::rooms::members;
use crate::town::{PURSE, Town, USDT, minutes};

const DAY: Millis = Millis::from_hours(24);

/// Disputed; the network's judge is asked. `above`: rulings on a price above it can be stopped for a day.
fn disputed(above: &str) -> Town {
    let above: Amount = above.parse().unwrap();
    let mut town = Town::with(|setup| setup.house.ruling_delay.above = Some(above));
    town.says("judge", "hi");
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    disputes(&mut town);
    town
}

fn disputes(town: &mut Town) {
    let code = town.code("buyer");
    town.says("buyer", &format!("problem {code} other")).headed("Disputed", "101 USDT");
    town.says("buyer", "done").shows("Exhibits of yours: 0");
}

impl Town {
    fn disputed_trade(&self) -> Trade {
        self.stage.store().unwrap().trades().unwrap().pop().unwrap()
    }

    fn operates(&mut self, asked: Operator) -> String {
        let seq = i64::try_from(self.stage.steps()).unwrap();
        self.stage.operate(seq, asked).unwrap().unwrap()
    }

    fn judge(&self) -> mixin_escrow::id::UserId {
        self.stage.person("judge", "user_id").parse().unwrap()
    }
}

#[test]
fn a_judge_sees_the_case_and_never_a_link_that_moves_money() {
    let mut town = disputed("200");
    let code = town.code("buyer");
    let offer = town.looks("judge").headed("Disputed", "101 USDT").shows("you are asked");
    let (buyer, seller) = (town.number("buyer"), town.number("seller"));
    offer.hides("multisigs").hides("/pay/").shows(&format!("({buyer})")).shows(&format!("({seller})"));
    let case = town.taps("judge", "Take it").shows("Next: choose a ruling").shows("Release: Bob").shows("fee 1 USDT");
    case.hides("multisigs").offers(&["Release", "Refund", "Split", "I know one of them"]);
    town.looks("buyer").shows("Judy (").shows("judges this since");
    town.says("judge", "cases").shows(&code);
    town.says("judge", &format!("status {code}")).shows("Next: choose a ruling").hides("multisigs");
    town.says("judge", &format!("why {code}")).headed("Disputed", "101 USDT").hides("multisigs");
    for word in ["kit", "release", "refund", "split", "delivered", "paid", "extend"] {
        town.says("judge", &format!("{word} {code}")).hides("multisigs").shows("I know no trade of yours");
    }
    // Nobody else, by whatever words.
    for who in ["buyer", "seller", "stranger"] {
        for word in ["hear", "pass", "rule"] {
            town.says(who, &format!("{word} {code} release")).hides("Rule so").hides("why you rule so");
        }
    }
    town.says("stranger", "cases").shows("You have no open case");
    assert!(town.disputed_trade().given_last().is_none());
}

#[test]
fn what_is_ruled_is_bound_to_the_ruling_and_the_reason_that_were_shown() {
    let mut town = disputed("200");
    let code = town.code("buyer");
    town.taps("judge", "Take it");
    town.taps("judge", "Refund").shows("Refund: Bob").shows("0 USDT · Alice").shows("why you rule so");
    town.says("judge", &"x".repeat(121)).shows("121 characters").hides("Rule so");
    let shown =
        town.says("judge", "Split the loss: no, it never came https://evil.example").shows("Reason: “Split the loss");
    let so = shown.hides("https://evil").action("Rule so");
    let so = so.strip_prefix("input:").unwrap().to_owned();
    // Another ruling by the same button, another reason, another person: nothing.
    town.says("judge", &so.replace("refund", "release")).hides("This is your ruling");
    town.says("buyer", &so).hides("This is your ruling");
    town.taps("judge", "Refund");
    let again = town.says("judge", "it came, but broken");
    town.says("judge", &so).hides("This is your ruling");
    assert!(town.disputed_trade().given_last().is_none());
    let so = again.action("Rule so");
    town.says("judge", so.strip_prefix("input:").unwrap()).shows("This is your ruling");
    assert_eq!(town.disputed_trade().given_last().unwrap().why, "it came, but broken");
    town.looks("buyer").shows("The ruling is: refund").shows("Reason: “it came, but broken”").action("Sign refund");
    town.looks("seller").shows("Ruled by Judy (");
    town.signs("buyer", "Sign refund");
    town.passes(minutes(2));
    town.looks("seller").headed("Settled", "101 USDT");
    town.settled(Outcome::Refund);
    town.says("judge", &format!("rule {code} release")).hides("why you rule so");
    // Having ruled for the buyer, the only judge there is does not judge that buyer again.
    town.looks("judge");
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    disputes(&mut town);
    town.looks("judge").silent();
    town.says("buyer", "status").shows("No judge is left");
}

#[test]
fn above_the_value_a_ruling_is_final_a_day_later_and_not_before() {
    let mut town = disputed("50");
    town.taps("judge", "Take it");
    town.taps("judge", "Release");
    town.says("judge", "the pictures show it").shows("For 1 d it can be stopped");
    town.taps("judge", "Rule so").shows("This is your ruling");
    let told = town.looks("buyer").shows("There is no other judge").to_string();
    assert!(!told.contains("Ask a second judge") && !told.contains("it can still be stopped"), "{told}");
    assert!(town.disputed_trade().ruling().is_none());
    // There is no other judge, so nothing changes by asking.
    let code = town.code("buyer");
    town.says("buyer", &format!("appeal {code}")).shows("no other judge");
    assert!(town.operates(Operator::StopRuling { code: town.code("buyer") }).contains("no other judge"));
    town.passes(DAY);
    town.passes(minutes(12));
    assert!(town.disputed_trade().ruling().is_some(), "{}", town.chat("seller"));
    town.looks("seller").shows("The ruling is: release");
    town.signs("seller", "Sign release");
    town.passes(minutes(2));
    town.settled(Outcome::Release);
}

#[test]
fn whoever_is_removed_judges_nothing_any_more() {
    let mut town = disputed("200");
    town.taps("judge", "Take it");
    town.taps("judge", "Release");
    town.says("judge", "because I say so");
    let person = town.judge();
    assert!(town.operates(Operator::RemoveJudge { person }).contains("is no judge any more"));
    town.taps("judge", "Rule so").hides("This is your ruling").shows("Only the judge whom I asked");
    town.passes(minutes(11));
    town.looks("buyer").shows("No judge is left");
    // The operator's word outlives the process, whatever the configuration says.
    town.stage.crash(Millis::from_secs(2)).unwrap();
    town.passes(minutes(1));
    assert!(town.operates(Operator::RemoveJudge { person }).contains("is no judge"));
    assert!(town.operates(Operator::AddJudge { person }).contains("is a judge"));
    assert!(town.operates(Operator::AddJudge { person: town.stage.house().bot }).contains("judge nothing"));
}

/// The two settle while the judge is asked for a reason: whatever is written next means what it always means.
#[test]
fn a_judge_is_not_caught_in_a_case_that_is_over() {
    let mut town = disputed("200");
    town.taps("judge", "Take it");
    town.taps("judge", "Release").shows("why you rule so");
    town.says("seller", "refund");
    town.signs("seller", "Sign refund");
    town.passes(minutes(2));
    town.settled(Outcome::Refund);
    town.looks("judge");
    town.says("judge", "the pictures show it").shows("Nothing more is asked of you").hides("I know no trade");
    town.says("judge", "the pictures show it").shows("did not understand");
    // The same for a command with words, said first.
    let mut town = disputed("200");
    town.taps("judge", "Take it");
    town.taps("judge", "Split");
    town.says("judge", "60%").shows("why you rule so");
    let person = town.judge();
    assert!(town.operates(Operator::RemoveJudge { person }).contains("is no judge any more"));
    town.says("judge", "buy lens 1 BTC").shows("lens").hides("I know no trade").hides("Nothing more");
}

/// Who is only asked sees what there is, and reads it once the case is theirs; whoever was removed reads nothing.
#[test]
fn evidence_is_for_whoever_has_the_case_in_hand() {
    let mut town = disputed("200");
    let code = town.code("buyer");
    town.says("buyer", "evidence").shows("keep for the judge").shows("Bob");
    town.says("buyer", "It is cracked.").shows("Exhibit 1");
    town.says("judge", &format!("exhibit {code}")).shows("1. a text");
    town.says("judge", &format!("exhibit {code} 1")).hides("cracked");
    town.taps("judge", "Take it");
    town.says("judge", &format!("exhibit {code} 1")).shows("cracked");
    let person = town.judge();
    assert!(town.operates(Operator::RemoveJudge { person }).contains("is no judge any more"));
    for said in ["exhibit", "status", "why"] {
        town.says("judge", &format!("{said} {code}")).shows("I know no trade of yours").hides("a text");
    }
}

/// Attack: somebody judges what is theirs. Nobody can be a judge of the terms and a party to them, whichever comes first.
#[test]
fn a_judge_is_no_party_and_a_party_no_judge() {
    let mut town = Town::with(|setup| setup.house.ruling_delay.above = None);
    let (judge, seller) = (town.number("judge"), town.number("seller"));
    town.says("judge", "hi");
    // Named, proposing, or taking an open offer: the terms name the judge, so there is no such trade.
    let refused = "judges take no side in a trade";
    town.says("buyer", &format!("buy camera lens 100 USDT from @{judge}")).shows(refused).hides("Judy");
    town.taps("buyer", "Invite the seller").headed("Proposed", "101 USDT");
    let open = town.code("buyer");
    town.says("judge", &format!("join {open}"));
    town.taps("judge", "Accept").shows(refused);
    town.says("buyer", "status").headed("Proposed", "101 USDT").hides("Judy");
    town.says("buyer", &format!("cancel {open}"));
    let buyer = town.number("buyer");
    town.says("judge", &format!("sell camera lens 100 USDT to @{buyer}"));
    town.taps("judge", "Send it to Alice").shows("judges take no side").hides("Proposed");
    town.says("judge", "cancel");
    assert_eq!(town.stage.store().unwrap().trades().unwrap().len(), 1, "the open offer, which was withdrawn");
    // A party who is made a judge afterwards judges no trade of before, least of all this one.
    town.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
    town.taps("buyer", "Send it to Bob");
    town.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT");
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    let party = town.stage.person("seller", "user_id").parse().unwrap();
    assert!(town.operates(Operator::AddJudge { person: party }).contains("is a judge"));
    disputes(&mut town);
    let code = town.code("buyer");
    town.says("seller", "cases").shows("You have no open case");
    for said in ["hear", "rule"] {
        town.says("seller", &format!("{said} {code} release")).hides("Rule so").hides("why you rule so");
    }
    town.passes(Millis::from_hours(3));
    let trade = town.disputed_trade();
    assert!(trade.ruling().is_none() && trade.given_last().is_none());
    assert_eq!(town.vault_spends(), 0);
}

/// Attack: a judge rules when the two have settled already, by a button of before.
#[test]
fn a_ruling_after_settlement_rules_nothing() {
    let mut town = disputed("200");
    town.taps("judge", "Take it");
    town.taps("judge", "Release");
    town.says("judge", "the seller is a friend of mine").action("Rule so");
    town.says("seller", "refund");
    town.signs("seller", "Sign refund");
    town.taps("judge", "Rule so").hides("This is your ruling");
    town.passes(minutes(2));
    town.taps("judge", "Rule so").hides("This is your ruling");
    assert!(town.disputed_trade().given_last().is_none());
    assert_eq!(town.purse("buyer", USDT), PURSE.parse().unwrap());
    town.settled(Outcome::Refund);
}

/// Attack: a judge's phone is in a thief's hand, who plays the seller too. Above the value that gives nobody a coin before
/// others have looked.
#[test]
fn a_stolen_judges_phone_moves_nothing_above_the_value() {
    let mut town = Town::with(|setup| setup.house.ruling_delay.above = Some("50".parse().unwrap()));
    let second = town.joins("second", json!({}));
    for judge in ["judge", "second"] {
        town.says(judge, "hi");
    }
    let person = second["user_id"].as_str().unwrap().parse().unwrap();
    assert!(town.operates(Operator::AddJudge { person }).contains("is a judge"));
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    disputes(&mut town);
    let has = |town: &mut Town, who: &str| town.looks(who).to_string().contains("[Take it]");
    let (thief, honest) = if has(&mut town, "judge") { ("judge", "second") } else { ("second", "judge") };
    town.taps(thief, "Take it");
    town.taps(thief, "Release");
    town.says(thief, "pay him now");
    town.taps(thief, "Rule so").shows("This is your ruling");
    // At once, before anybody looks: the signature of whoever would be paid gives nothing.
    let release = town.link("buyer", "https://mixin.one/multisigs/");
    town.signs_link("seller", &release);
    town.says("seller", "release");
    town.passes(minutes(10));
    assert_eq!((town.vault_spends(), town.purse("seller", USDT)), (0, PURSE.parse().unwrap()));
    town.taps("buyer", "Ask a second judge").shows("asked for another judge");
    let code = town.code("buyer");
    // The same phone is not the second judge, and cannot rule twice.
    for said in ["hear", "rule"] {
        town.says(thief, &format!("{said} {code} release")).hides("Rule so").hides("why you rule so");
    }
    town.taps(honest, "Take it").shows("ruled: release. Reason: “pay him now”");
    town.taps(honest, "Refund");
    town.says(honest, "nothing was ever sent");
    town.taps(honest, "Rule so").shows("This is your ruling");
    town.passes(DAY);
    let given = town.disputed_trade().ruling();
    assert_ne!(given, Some(mixin_escrow::trade::Ruling::Release));
    assert_eq!(town.purse("seller", USDT), PURSE.parse().unwrap());
}

/// Removing a judge stops what that judge has just ruled, in the same moment.
#[test]
fn removing_a_judge_stops_the_ruling_that_stands() {
    let mut town = Town::with(|setup| setup.house.ruling_delay.above = Some("50".parse().unwrap()));
    let second = town.joins("second", json!({}));
    for judge in ["judge", "second"] {
        town.says(judge, "hi");
    }
    let second = second["user_id"].as_str().unwrap().parse().unwrap();
    assert!(town.operates(Operator::AddJudge { person: second }).contains("is a judge"));
    town.agree();
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    disputes(&mut town);
    let first = town.judge();
    let asked_first = town.looks("judge").to_string().contains("[Take it]");
    let (thief, person, honest) = if asked_first { ("judge", first, "second") } else { ("second", second, "judge") };
    town.taps(thief, "Take it");
    town.taps(thief, "Release");
    town.says(thief, "pay him now");
    town.taps(thief, "Rule so").shows("This is your ruling");
    assert!(town.operates(Operator::RemoveJudge { person }).contains("is stopped"));
    town.passes(DAY);
    assert_eq!(town.disputed_trade().ruling(), None, "it would have been final by now");
    assert!(town.looks(honest).to_string().contains("[Take it]"));
}

/// Whoever takes the case of a trade with a room is let in there, and is no stranger.
#[test]
fn a_judge_who_takes_a_case_is_let_into_the_room() {
    let mut town = Town::with(|setup| setup.house.ruling_delay.above = None);
    town.says("judge", "hi");
    town.agree();
    town.says("buyer", "room").shows("The room of this trade is there");
    town.pays("buyer");
    town.passes(Millis::from_secs(5));
    disputes(&mut town);
    town.looks("judge").here().silent();
    town.taps("judge", "Take it");
    town.passes(Millis::from_secs(5));
    let told = town.looks("seller").here().tells("Judy (#) is here now.").to_string();
    assert!(!told.contains("Careful"), "{told}");
    let room = town.stage.shown("seller").iter().rfind(|message| message["group"] == true).unwrap().clone();
    let room = room["conversation_id"].as_str().unwrap().to_owned();
    let judge = town.stage.person("judge", "user_id");
    assert!(members(&mut town, "seller", &room).contains(&judge));
    // What is ruled is read there; how to rule is not.
    town.taps("judge", "Refund");
    town.says("judge", "nothing came");
    town.taps("judge", "Rule so").own().shows("This is your ruling");
    town.passes(Millis::from_secs(5));
    town.looks("seller").here().shows("A judge has ruled").hides("mixin.one");
}

#[test]
fn a_judge_who_speaks_chinese() {
    let mut town = disputed("200");
    let code = town.code("buyer");
    town.says("judge", "案件").shows("1 个案件").shows(&code);
    town.says("judge", &format!("受理 {code}")).shows("由你裁决").shows("没有裁决就按退款处理");
    town.says("judge", &format!("裁决 {code} 分账 60%")).shows("分账：“Bob”").shows("写出理由").hides("就这样裁决");
    town.says("judge", "双方都有责任").shows("理由：“双方都有责任”").action("就这样裁决");
    town.taps("judge", "就这样裁决").shows("这是你的裁决");
    town.looks("buyer").shows("Reason: “双方都有责任”");
}
