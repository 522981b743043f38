//! Whom one deals with: cards and their copies, names that look like others, records and ratings, people who are kept
//! away, and floods.

use mixin_escrow::sim::play::{Deed, words};
use mixin_escrow::time::Millis;
use serde_json::json;

use crate::town::{Screen, Town, USDT, minutes};

impl Town {
    /// The signed card of the only trade, as it would be forwarded.
    fn card(&mut self, who: &'static str) -> String {
        let told = self.says(who, "card");
        told.0.iter().map(words).find(|text| text.contains("SEAL")).unwrap()
    }

    /// Says something without waiting for an answer.
    fn shouts(&mut self, who: &'static str, text: &str) {
        let deed = Deed { who, verb: "say", body: json!({ "text": text }), caption: String::new() };
        self.stage.act(&deed).unwrap();
    }

    fn settles(&mut self) {
        self.signs("buyer", "Sign release");
        self.passes(Millis::from_secs(5));
        self.looks("buyer").headed("Settled", "101 USDT");
    }

    fn named(&mut self, role: &str, name: &str) {
        self.stage.control("POST", "people", &json!({ "role": role, "name": name })).unwrap();
        self.mint(role, USDT, "1000");
    }

    fn sends(&mut self, who: &'static str, item: &str) -> Screen {
        let seller = self.number("seller");
        self.says(who, &format!("buy {item} 100 USDT from @{seller}"));
        self.presses(who, "propose ")
    }
}

#[test]
fn a_code_is_verified_for_its_parties_and_for_nobody_else() {
    let mut town = Town::funded();
    let (code, buyer, bot) = (town.code("buyer"), town.number("buyer"), town.number("bot"));
    town.says("seller", &format!("verify {code}"))
        .headed("Funded", "101 USDT")
        .shows("is mine, and you are a party")
        .shows(&format!("Alice ({buyer})"))
        .shows("Price: 100 USDT")
        .shows(&bot)
        .offers(&["Status", "Card to forward"]);
    town.says("stranger", &format!("verify #{}", code.to_lowercase()))
        .shows(&format!("There is a trade {code} here. You are no party"))
        .shows("never pay for somebody else's trade")
        .shows(&bot)
        .hides("USDT")
        .hides("lens")
        .hides("Alice")
        .hides("Bob")
        .hides("Funded");
    town.says("stranger", "verify ZZZZZ9").shows("There is no trade “ZZZZZ9” here").shows(&bot);
    town.says("stranger", "lang zh");
    town.says("stranger", &format!("核实 {code}")).shows("你不是其中一方").hides("USDT");
}

#[test]
fn a_forwarded_card_is_known_again_and_a_copy_is_exposed() {
    let mut town = Town::agreed();
    town.says("buyer", "card").headed("AwaitingPayment", "101 USDT").shows("Forward the message below");
    town.pays("buyer");
    town.passes(minutes(1));
    let card = town.card("buyer");
    let (seller, bot, mallory) = (town.number("seller"), town.number("bot"), town.number("stranger"));
    assert!(card.contains(&format!("“Bob” (Mixin ID {seller})")) && card.contains(&bot), "{card}");
    assert!(!card.contains("lens"), "the item is nobody else's business");
    // As it is, and as forwarding bends it.
    for forwarded in [card.clone(), card.replace('\n', " "), format!("> {}", card.replace('\n', "\n> "))] {
        town.says("seller", &forwarded).shows("These are my words of 2026").shows("unchanged").shows("still stands so");
    }
    town.says("seller", &format!("verify {card}")).shows("These are my words of");
    let told = town.says("stranger", &card).shows("These are my words of").shows("You are no party");
    told.hides("Status").hides("lens");
    town.says("seller", &format!("{card}\nPay to {mallory} instead.")).shows("unchanged").shows("somebody wrote more");
    // Every lie about what matters.
    for (truth, lie, found) in [
        (seller.clone(), mallory.clone(), format!("in truth “Bob”, Mixin ID {seller}")),
        ("- Price: 100".to_owned(), "- Price: 10".to_owned(), "in truth 100 USDT".to_owned()),
        (bot.clone(), "7000101277".to_owned(), format!("I am Mixin ID {bot}")),
        ("Funded".to_owned(), "Settled".to_owned(), "state, amount, date".to_owned()),
        ("· 101".to_owned(), "· 1010".to_owned(), "state, amount, date".to_owned()),
    ] {
        let copy = card.replacen(&truth, &lie, 1);
        assert_ne!(copy, card);
        town.says("seller", &copy).shows("NOT my words").shows(&found).hides("unchanged");
        town.passes(Millis::from_secs(20));
        town.says("stranger", &copy).shows("NOT my words").hides("in truth").hides("Bob");
    }
    // The code of another trade, or of none.
    let code = town.code("buyer");
    town.says("seller", &card.replace(&code, "AAAAA0")).shows("NOT my words").hides("Bob");
    // What has changed since.
    town.taps("seller", "I have delivered");
    town.says("buyer", &card).headed("Delivered", "101 USDT").shows("Funded then, Delivered now");
    town.says("buyer", card.split("SEAL").next().unwrap()).hides("These are my words");
    let cut = card.chars().count() - 30;
    town.says("buyer", &card.chars().take(cut).collect::<String>()).shows("part of the text is missing");
}

#[test]
fn another_bots_card_is_not_ours() {
    let mut other = Town::with(|setup| setup.seed = 12);
    other.agree();
    other.pays("buyer");
    other.passes(minutes(1));
    let foreign = other.card("buyer");
    let mut town = Town::funded();
    town.says("seller", &foreign).shows("NOT mine: I have never signed this text");
    // Our own seal under their words is worth no more.
    let ours = town.card("buyer");
    let (words, seal) = (foreign.split("· SEAL").next().unwrap(), ours.split("· SEAL").nth(1).unwrap());
    town.says("seller", &format!("{words}· SEAL{seal}")).shows("NOT my words");
}

#[test]
fn a_card_comes_when_both_have_agreed() {
    let mut town = Town::new();
    town.sends("buyer", "camera lens");
    town.says("buyer", "card").shows("once both have agreed").hides("SEAL");
}

#[test]
fn names_that_look_like_others_are_told_before_consent() {
    let mut town = Town::delivered();
    town.settles();
    for (role, name, warned) in [
        ("copy", "Вob", "has a name like Bob"),
        ("emoji", "B\u{200b}o\u{202e}b ✅", "has a name like Bob"),
        ("office", "Mixin Support", "looks like mine, or claims an office"),
        ("honest", "Carol", "no trade with me yet"),
    ] {
        town.named(role, name);
        town.says("buyer", "buy camera lens 100 USDT");
        town.taps("buyer", "Invite the seller");
        let code = town.code("buyer");
        let role: &'static str = role;
        town.says(role, &format!("join {code}")).shows("Alice");
        town.presses(role, "accept ");
        let asked = town.looks("buyer").shows(warned);
        if role == "honest" {
            asked.hides("Careful");
        }
        town.says("buyer", "cancel");
    }
    // The bot's own name, in a proposal.
    let bot = town.stage.house().bot_name.clone();
    town.named("twin", &bot.replace('o', "о"));
    town.sends("twin", "a lamp");
    town.looks("seller").shows("looks like mine").shows("I am Mixin ID");
}

#[test]
fn ratings_count_once_and_records_are_told_before_consent() {
    let mut town = Town::delivered();
    let code = town.code("buyer");
    town.says("seller", &format!("rate {code} good")).shows("too early");
    town.settles();
    town.looks("seller").shows("How was it with Alice");
    town.taps("seller", "Good").shows("Noted: good with Alice").offers(&["My trades"]);
    town.taps("seller", "Bad").shows("done already");
    town.says("buyer", "rate maybe").offers(&["Good", "Bad", "Status"]);
    town.says("buyer", "rate bad").shows("Noted: bad with Bob");
    town.says("stranger", &format!("rate {code} bad")).shows("no trade of yours");
    town.stage.crash(Millis::from_secs(5)).unwrap();
    // A profile read again loses nothing, nor does a restart count twice.
    town.passes(minutes(10));
    town.says("buyer", "lang en");
    let seller = town.number("seller");
    town.says("buyer", &format!("buy tripod 1000 USDT from @{seller}"))
        .shows("1 trade settled with me, 0 as buyer, 1 as seller; rated good 0, bad 1")
        .shows("You have traded with Bob")
        .shows("far more than Bob")
        .shows("at most 100 USDT");
    town.presses("buyer", "propose ");
    town.looks("seller").shows("1 as buyer, 0 as seller; rated good 1, bad 0").shows("Known since").hides("Block");
    let store = town.stage.store().unwrap();
    assert!(store.check().unwrap().ok);
    // To a newcomer it is said to be the first.
    town.sends("stranger", "a lamp");
    town.looks("seller").shows("Mallory (").shows("no trade with me yet");
}

#[test]
fn who_is_blocked_proposes_no_more_and_is_not_told_why() {
    let mut town = Town::new();
    town.sends("stranger", "junk");
    town.looks("seller").shows("Mallory");
    town.taps("seller", "Block this person")
        .shows("Mallory")
        .shows("cannot send you proposals")
        .headed("Declined", "101 USDT");
    town.sends("stranger", "more junk").shows("takes no new trade between the two of you").hides("block");
    // By an invitation neither.
    town.says("seller", "sell lens 100 USDT");
    town.taps("seller", "Invite the buyer");
    let code = town.code("seller");
    town.says("stranger", &format!("join {code}"));
    town.presses("stranger", "accept ").shows("between the two of you");
    let mallory = town.number("stranger");
    town.says("seller", "block").shows(&mallory);
    town.says("seller", "block 99999").shows("I know nobody by that");
    town.says("seller", &format!("unblock {mallory}")).shows("can send you proposals again");
    town.sends("stranger", "a lamp").headed("Proposed", "101 USDT");
    // Others are not touched by it, and neither is what was agreed to.
    town.agree();
    let code = town.code("buyer");
    town.says("seller", &format!("block {code}")).shows("What the two of you agreed to goes on");
    town.pays("buyer");
    town.looks("seller").headed("Funded", "101 USDT");
}

#[test]
fn a_flood_is_met_with_one_word_and_hides_no_right() {
    let mut town = Town::delivered();
    town.passes(minutes(2));
    town.looks("stranger");
    for _ in 0..60 {
        town.shouts("stranger", "hi");
    }
    town.passes(Millis::from_secs(5));
    let told = town.looks("stranger").to_string();
    assert_eq!(told.matches("Slower, please").count(), 1, "{told}");
    assert!(told.matches("I keep trades between two people safe").count() <= 20, "{told}");
    // The buyer floods too, and is heard in what uses a right.
    for _ in 0..60 {
        town.shouts("buyer", "hi");
    }
    town.passes(Millis::from_secs(2));
    town.looks("buyer").shows("Slower, please");
    town.says("buyer", "trades").silent();
    town.says("buyer", "release").headed("Delivered", "101 USDT").shows("Signing means");
    town.says("seller", "extend 2 d").shows("You give 2 d more");
    town.taps("seller", "Yes, give it").shows("gave more time");
    town.passes(Millis::from_secs(30));
    town.says("buyer", "trades").headed("Delivered", "101 USDT");
    town.settles();
}

#[test]
fn proposals_of_others_make_no_token_stale_and_hide_no_trade() {
    let mut town = Town::new();
    town.sends("buyer", "camera lens");
    let shown = town.link("seller", "input:accept ");
    let accept = shown.trim_start_matches("input:").to_owned();
    for n in 0..3 {
        town.sends("stranger", &format!("junk {n}")).headed("Proposed", "101 USDT");
    }
    town.sends("stranger", "junk 4").shows("3 of your proposals wait for this person's answer already");
    for _ in 0..30 {
        town.shouts("stranger", &accept);
        town.shouts("buyer", "hi");
    }
    town.passes(Millis::from_secs(30));
    town.says("seller", &accept).headed("AwaitingPayment", "101 USDT");
    // Without a code the one that has their word is meant.
    for said in ["status", "why", "kit"] {
        town.says("seller", said).headed("AwaitingPayment", "101 USDT").hides("junk");
    }
}

#[test]
fn limits_of_a_person_and_of_a_day_say_what_is_used_and_when_it_frees() {
    let mut town = Town::with(|setup| {
        setup.house.caps.locked_of_one.insert(USDT.parse().unwrap(), "150".parse().unwrap());
        setup.house.caps.proposals_a_day = Some(3);
        setup.house.caps.agreed_a_day = Some(2);
    });
    town.agree();
    town.sends("buyer", "another").shows("101 USDT of 150 USDT already");
    town.sends("stranger", "a lamp").shows("the other side would have more locked");
    let number = town.number("stranger");
    for item in ["a", "b"] {
        town.says("seller", "cancel");
        town.says("buyer", "cancel");
        town.says("buyer", &format!("buy {item} 1 USDT from @{number}"));
        town.presses("buyer", "propose ").headed("Proposed", "1.01 USDT");
    }
    town.says("buyer", &format!("buy c 1 USDT from @{number}"));
    town.presses("buyer", "propose ").shows("3 of 3 proposals").shows("again from Jan 2, 00:00 UTC");
}

#[test]
fn secrets_and_foreign_links_are_warned_of() {
    let mut town = Town::agreed();
    town.says("buyer", "buy");
    let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    town.says("buyer", phrase).shows("recovery phrase").shows("delete that message").hides("sausage");
    town.says("buyer", "my pin is 123456").shows("PIN or a password").hides("123456");
    town.says("buyer", "cancel");
    let own = town.link("buyer", "https://mixin.one/pay/");
    town.says("buyer", &own).headed("AwaitingPayment", "101 USDT").hides("NOT a link of mine");
    town.says("buyer", &own.replace("amount=101", "amount=1")).shows("NOT a link of mine");
    town.says("buyer", "https://mixpay.me/pay?payeeId=1").shows("NOT a link of mine").shows("newest card");
    town.says("stranger", &own).shows("NOT a link of mine");
}
