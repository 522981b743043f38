//! A problem: a judge is called for, evidence, and the ways out of it that need no ruling. And what hostile people make of
//! it, which is nothing.

use mixin_escrow::engine::{EvidenceFile, Fault};
use mixin_escrow::mixin::KitKey;
use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::store::Wanted;
use mixin_escrow::time::Millis;
use mixin_escrow::trade::evidence::{EACH_MAX, TEXT_MAX};
use mixin_escrow::trade::{State, Trade};
use serde_json::{Value, json};

use crate::town::{Screen, Town, minutes};

impl Town {
    fn case(&self) -> Trade {
        self.stage.store().unwrap().trades().unwrap().remove(0)
    }

    /// Delivered, and the buyer has called for a judge by clicks.
    fn disputed() -> Self {
        let mut town = Self::delivered();
        town.taps("buyer", "Problem").shows("If you call for a judge").shows("once in this trade");
        town.taps("buyer", "Not as agreed").headed("Disputed", "101 USDT").shows("send me what shows it");
        town.looks("seller").headed("Disputed", "101 USDT").shows("it is not as agreed, Alice").shows("evidence");
        town
    }

    fn attaches(&mut self, who: &'static str, thing: &str) -> Screen {
        self.looks(who);
        self.stage.control("POST", &format!("people/{who}/attach"), &json!({ "thing": thing })).unwrap();
        self.passes(Millis::from_secs(4));
        self.looks(who)
    }

    /// Any message, as a client that is not Mixin's own could send it; `false`: the network does not take it.
    fn smuggles(&mut self, who: &'static str, category: &str, data_base64: &str) -> bool {
        let bot = self.stage.house().bot;
        let me = self.stage.person(who, "user_id").parse().unwrap();
        let conversation = mixin_escrow::kernel::derive::contact_conversation(bot, mixin_escrow::id::UserId(me));
        let nth = self.stage.shown(who).len();
        let message = json!([{
            "conversation_id": conversation, "recipient_id": bot, "category": category, "data_base64": data_base64,
            "message_id": format!("0e0e0e0e-0000-4000-8000-{:012}", nth * 1_000 + category.len()),
        }]);
        let call = json!({ "method": "POST", "path": "/messages", "body": message });
        let sent = self.stage.control("POST", &format!("people/{who}/call"), &call).is_ok();
        self.passes(Millis::from_secs(4));
        sent
    }
}

#[test]
fn everything_said_is_evidence_until_done_and_commands_still_work() {
    let mut town = Town::disputed();
    town.says("buyer", "refund would be fair, I think").shows("Exhibit 1: a text, 29 B");
    town.says("buyer", "Buy me a new one, he wrote").shows("Exhibit 2");
    town.attaches("buyer", "photo").shows("Exhibit 3: a picture");
    town.attaches("buyer", "clip").shows("Exhibit 4: a video");
    town.attaches("buyer", "recording").shows("Exhibit 5: a recording");
    town.shares("buyer", "stranger").shows("Exhibit 6: a contact card");
    town.says("buyer", "status").headed("Disputed", "101 USDT").shows("Evidence so far: 6 from you");
    town.says("buyer", "trades").shows("Trade ");
    town.says("buyer", "buy").shows("Write \"done\" first");
    town.says("buyer", "done").shows("Exhibits of yours: 6");
    town.says("buyer", "so what now please").shows("did not understand");
    assert_eq!(town.case().exhibits.len(), 6);
    town.says("seller", "evidence");
    town.attaches("seller", "receipt").shows("Exhibit 7: a file");
    let code = town.code("buyer");
    town.says("seller", "exhibit").shows("1. a text, 29 B, from Alice").shows("7. a file").shows("write its number");
    let seen = town.taps("seller", "Exhibit 2").shows("Buy me a new one, he wrote");
    let seen = seen.offers(&["Exhibit 3", "Evidence", "Status"]);
    assert_eq!(seen.0.last().unwrap()["category"], "APP_BUTTON_GROUP", "the way on stands below: {seen}");
    let seen = town.says("seller", &format!("exhibit {code} 3")).shows("I have not looked into it");
    assert!(seen.0.iter().any(|message| message["category"] == "PLAIN_IMAGE"), "{seen}");
    let seen = town.says("buyer", "exhibit 7");
    let file = seen.0.iter().find(|message| message["category"] == "PLAIN_DATA").unwrap();
    assert_eq!(file["attachment"]["name"], "exhibit-7.pdf", "its own name is nobody's business");
    town.says("seller", "exhibit 99").shows("no exhibit 99");
    town.says("stranger", &format!("exhibit {code} 1")).hides("refund would be fair").hides("Disputed");
}

#[test]
fn a_draft_waits_until_done() {
    let mut town = Town::delivered();
    town.says("buyer", "buy tripod").shows("What is the price?");
    town.says("buyer", "problem").shows("If you call for a judge");
    town.taps("buyer", "Not delivered").shows("draft waits");
    town.says("buyer", "90 USDT was not the price").shows("Exhibit 1");
    town.says("buyer", "done").shows("draft is back");
    town.says("buyer", "30 USDT").shows("tripod");
}

#[test]
fn the_two_close_the_case_and_nothing_is_added_any_more() {
    let mut town = Town::disputed();
    town.says("buyer", "It is cracked.");
    town.says("seller", "refund");
    town.signs("seller", "Sign refund");
    town.passes(minutes(1));
    town.looks("buyer").headed("Settled", "101 USDT");
    town.settled(Outcome::Refund);
    town.says("buyer", "And it smells.").shows("not kept");
    town.says("buyer", "hello").shows("keep trades between two people safe");
    assert_eq!(town.case().exhibits.len(), 1);
}

/// Whoever was giving evidence is not kept at it when the case is over.
#[test]
fn a_case_that_is_over_holds_nobody() {
    let mut town = Town::disputed();
    town.says("seller", "refund");
    town.signs("seller", "Sign refund");
    town.passes(minutes(1));
    town.looks("buyer").headed("Settled", "101 USDT");
    town.says("buyer", "buy").hides("evidence");
    town.says("buyer", "tripod").shows("What is the price?");
    town.says("buyer", "30 USDT").shows("tripod");
}

/// "Rule 3 …" while evidence is given is evidence.
#[test]
fn a_rule_of_the_listing_is_evidence() {
    let mut town = Town::disputed();
    town.says("buyer", "Rule 3 of the listing says that it is whole").shows("Exhibit 1");
}

/// With the time nearly over nobody is asked first what it is about.
#[test]
fn in_the_last_minutes_a_problem_opens_the_case_at_once() {
    let mut town = Town::delivered();
    let State::Delivered { until } = town.case().state else { panic!() };
    let now = town.stage.now();
    town.passes(Millis(until.since(now).0 - 10 * 60_000));
    town.looks("buyer");
    town.says("buyer", "problem").shows("Your time was nearly over").headed("Disputed", "101 USDT");
    town.says("buyer", "It is cracked.").shows("Exhibit 1");
}

#[test]
fn a_split_settles_a_dispute_too() {
    let mut town = Town::disputed();
    town.says("buyer", "done");
    town.says("seller", "split 40");
    town.taps("seller", "Offer it");
    town.looks("buyer");
    town.signs("buyer", "Sign split");
    town.passes(minutes(1));
    town.looks("seller").headed("Settled", "101 USDT");
}

#[test]
fn nobody_withdraws_by_somebody_elses_token_or_word() {
    let mut town = Town::disputed();
    let code = town.code("buyer");
    town.says("buyer", "done");
    // Led to say it: it is only asked whether they are sure, and nothing has changed.
    let sure = town.says("buyer", &format!("withdraw {code}")).shows("that is final").shows("2 d 23 h left to check");
    let token = sure.action("Withdraw").trim_start_matches("input:").to_owned();
    assert!(matches!(town.case().state, State::Disputed { .. }));
    for who in ["seller", "stranger"] {
        town.says(who, &token).hides("took back");
        town.says(who, &format!("withdraw {code}"));
    }
    assert!(matches!(town.case().state, State::Disputed { .. }));
    town.says("buyer", &token).headed("Delivered", "101 USDT").shows("took back the call");
    // Used up, and there is no second time.
    town.says("buyer", &token).hides("took back");
    town.says("buyer", "problem").shows("as often as one can");
    assert_eq!(town.case().disputed_by.len(), 1);
}

#[test]
fn a_token_does_not_outlive_its_time_or_its_dispute() {
    let mut town = Town::disputed();
    town.says("buyer", "done");
    let sure = town.says("buyer", "withdraw");
    let token = sure.action("Withdraw").trim_start_matches("input:").to_owned();
    town.passes(minutes(16));
    town.says("buyer", &token).hides("took back");
    assert!(matches!(town.case().state, State::Disputed { .. }));
}

/// `start=` links and foreign buttons make a person say anything at all, in their own name.
#[test]
fn whatever_somebody_is_led_to_say_moves_no_money() {
    for mut town in [Town::delivered(), Town::disputed()] {
        let code = town.code("buyer");
        let bot = town.stage.house().bot;
        let before = town.case();
        for who in ["buyer", "seller"] {
            let me = mixin_escrow::id::UserId(town.stage.person(who, "user_id").parse().unwrap());
            let chat = mixin_escrow::kernel::derive::contact_conversation(bot, me);
            for said in ["release", "refund", "accept", "withdraw", "split", "cancel", "problem", "exhibit"] {
                let link = format!("mixin://conversations/{chat}?user={bot}&start={said}%20{code}");
                town.opens(who, &link);
            }
        }
        town.passes(minutes(5));
        let after = town.case();
        assert_eq!(after.state.name(), before.state.name());
        assert_eq!((after.disputed_by.len(), after.ruling()), (before.disputed_by.len(), None));
        assert!(after.plans.iter().all(|plan| plan.offer.is_none() && plan.authorised.is_none()));
        assert_eq!(town.vault_spends(), 0);
    }
    // Only the reason, said in so many words, calls for a judge: the clock stands still, and nobody loses by that.
    let mut town = Town::delivered();
    let code = town.code("buyer");
    town.says("buyer", &format!("problem {code} not-as-agreed")).headed("Disputed", "101 USDT");
    assert_eq!(town.vault_spends(), 0);
    town.says("buyer", "release").headed("Disputed", "101 USDT");
    town.signs("buyer", "Sign release");
    town.passes(minutes(1));
    town.settled(Outcome::Release);
}

#[test]
fn a_flood_of_evidence_ends_at_its_bound() {
    let mut town = Town::disputed();
    for nth in 0..EACH_MAX + 5 {
        let body = json!({ "text": format!("and another thing, {nth}") });
        town.stage.control("POST", "people/buyer/say", &body).unwrap();
    }
    town.passes(minutes(2));
    town.looks("buyer").shows("Exhibit 50:").shows("as many as one side may").hides("Exhibit 51");
    assert_eq!(town.case().exhibits.len(), EACH_MAX);
    // The other side is heard, and so is a command of the flooder's.
    town.says("seller", "evidence");
    town.says("seller", "It was whole.").shows("Exhibit 51");
    town.says("buyer", "release").headed("Disputed", "101 USDT");
    town.says("buyer", "exhibit").shows("51. a text");
}

#[test]
fn hostile_evidence_is_harmless() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let mut town = Town::disputed();
    town.says(
        "buyer",
        "\u{202e}gnorw\u{200b} Trade ZZZZZZ · Settled · 101 USDT\nhttps://evil.example/pay @46802 \u{2066}x",
    );
    let shown = town.says("seller", "exhibit 1").shows("“gnorw Trade ZZZZZZ - Settled - 101 USDT”");
    shown.clone().shows("“https: / /evil. example/pay @ 46802 x”");
    for hidden in ["https://evil", "\u{202e}", "\u{200b}", "\u{2066}", "@46802"] {
        assert!(!shown.to_string().contains(hidden), "{hidden:?}: {shown}");
    }
    town.says("buyer", &"x".repeat(TEXT_MAX + 1)).shows("too large");
    town.says("buyer", &"word ".repeat(1_500)).shows("Exhibit 2");
    let long = town.says("seller", "exhibit 2").shows("part 1 of 3").shows("part 3 of 3");
    assert!(long.0.iter().all(|message| message["category"] != "PLAIN_POST"), "nobody's words are drawn as Markdown");
    let before = town.case().exhibits.len();
    let id = "00000000-0000-4000-8000-000000000009";
    let image = |size: &str| {
        format!(r#"{{"attachment_id":"{id}","mime_type":"image/png","width":1,"height":1,"size":{size}}}"#)
    };
    // A file that was never put there, of a size it has not, or no JSON at all: the network takes none of them.
    assert!(!town.smuggles("buyer", "PLAIN_IMAGE", &encode(&image("240000"))));
    assert!(!town.smuggles("buyer", "PLAIN_IMAGE", &encode(&image("-1"))));
    assert!(!town.smuggles("buyer", "PLAIN_IMAGE", "%%%"));
    // What it does take and is no evidence is not kept, and said so.
    assert!(town.smuggles("buyer", "PLAIN_STICKER", &encode(r#"{"sticker_id":"x"}"#)));
    town.looks("buyer").shows("I keep no such thing");
    assert!(town.smuggles("buyer", "PLAIN_LOCATION", &encode(r#"{"longitude":1,"latitude":2}"#)));
    assert_eq!(town.case().exhibits.len(), before);
}

#[test]
fn what_is_kept_makes_a_file_that_proves_itself() {
    let mut town = Town::disputed();
    town.says("buyer", "It is cracked.");
    town.attaches("buyer", "photo");
    town.says("seller", "evidence");
    town.says("seller", "It was whole.");
    let trade = town.case();
    let exhibits = trade.exhibits.iter().map(|exhibit| (trade.id, exhibit.no)).collect();
    let found = town.stage.store().unwrap().load(&Wanted { exhibits, ..Wanted::default() }).unwrap();
    let kept: Vec<_> = found.exhibits.into_values().collect();
    assert_eq!(kept.len(), 3, "what was said stands beside the row");
    let file = EvidenceFile::of(&trade, &kept, town.stage.now(), &KitKey::from_spend_seed(&[7; 32])).unwrap();
    let text = file.write();
    assert!(EvidenceFile::verify(&text, None).unwrap().evidence.exhibits.iter().all(|entry| entry.data.is_some()));
    let forged = text.replace("It is cracked.", "It is perfect.");
    assert_eq!(EvidenceFile::verify(&forged, None), Err(Fault::Content(1)));
    // The books hold it too.
    let books = town.stage.store().unwrap().check().unwrap();
    assert!(books.ok, "{:#?}", books.broken);
    let _: Value = serde_json::from_str(&text).unwrap();
}

#[test]
fn the_whole_way_in_chinese() {
    let mut town = Town::delivered();
    town.says("buyer", "lang zh");
    town.says("buyer", "纠纷").shows("如果你请仲裁员");
    town.taps("buyer", "与约定不符").headed("Disputed", "101 USDT").shows("下一步：把能说明情况的");
    town.says("buyer", "镜头裂了").shows("证据 1：文字");
    town.says("buyer", "完成").shows("你的证据共 1 件");
    town.says("buyer", "证据 1").shows("“镜头裂了”");
    town.says("buyer", "撤回").shows("最终的");
    town.taps("buyer", "撤回").headed("Delivered", "101 USDT").shows("撤回了仲裁请求");
}
