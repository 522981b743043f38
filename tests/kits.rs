//! The database is gone in mid-trade, the operator puts the recovery kits of the parties in, and the trade ends as it
//! would have.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::ZlibDecoder;
use mixin_escrow::engine::MixPayShop;
use mixin_escrow::sim::auditor::Outcome;
use mixin_escrow::sim::play::{self, Deed, PIN, Play, Script, Via, buttons, words};
use mixin_escrow::sim::runner::{Setup, Stage};
use mixin_escrow::store::{Kind, Operator};
use mixin_escrow::time::Millis;
use mixin_escrow::trade::Event;
use serde_json::{Value, json};

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const SIGN: &str = "https://mixin.one/multisigs/";

fn stage(setup: Setup) -> Stage {
    let mut stage = Stage::new(setup).unwrap();
    stage.control("POST", "people/buyer/mint", &json!({ "asset_id": USDT, "amount": "101" })).unwrap();
    stage
}

/// A trade in the making: two people who follow their script until something is seen.
struct Day {
    stage: Stage,
    play: Play,
    /// Rows of the operator.
    rows: i64,
}

impl Day {
    fn new(seed: u64) -> Self {
        Self::of(Setup::new(seed))
    }

    /// The same in a house that offers MixPay.
    fn with_mixpay(seed: u64) -> Self {
        let mut setup = Setup::new(seed);
        let usdt = setup.house.assets.iter().find(|asset| asset.id.to_string() == USDT).unwrap().id;
        let first_max = [(usdt, "1000".parse().unwrap())].into();
        setup.mixpay = Some(MixPayShop { first_max, callback: None });
        setup.house.mixpay = true;
        Self::of(setup)
    }

    fn of(setup: Setup) -> Self {
        let play =
            Play::new(Script { item: "Camera lens 50 mm, used".into(), price: "100 USDT".into(), via: Via::Mixin });
        Self { stage: stage(setup), play, rows: 0 }
    }

    fn until(&mut self, enough: impl Fn(&Stage) -> bool) {
        self.stage.play_until(&mut self.play, enough).unwrap();
        self.stage.look_at_phones().unwrap();
    }

    fn does(&mut self, who: &'static str, verb: &'static str, body: Value) -> bool {
        let done = self.stage.act(&Deed { who, verb, body, caption: String::new() }).is_ok();
        self.stage.live(Millis::from_secs(6)).unwrap();
        self.stage.look_at_phones().unwrap();
        done
    }

    fn says(&mut self, who: &'static str, text: &str) {
        assert!(self.does(who, "say", json!({ "text": text })));
    }

    /// The kits on a phone, oldest first: the bot's whole messages.
    fn kits(&self, who: &str) -> Vec<String> {
        self.stage.shown(who).iter().map(words).filter(|text| text.contains("BEGIN MIXIN ESCROW KIT")).collect()
    }

    fn import(&mut self, kit: &str) -> String {
        self.rows += 1;
        self.stage.operate(self.rows, Operator::Import { kit: kit.to_owned() }).unwrap().unwrap()
    }

    /// Everything the bot knew is gone; the operator puts both parties' kits in.
    fn dies_and_comes_back_with(&mut self, kits: &[String]) {
        self.stage.lose_database().unwrap();
        let first = self.import(&kits[0]);
        assert!(first.contains(": put in ("), "{first}");
        for kit in &kits[1..] {
            let next = self.import(kit);
            assert!(next.contains("known here") || next.contains(": put in ("), "{next}");
        }
        self.stage.live(Millis::from_secs(20)).unwrap();
        self.stage.look_at_phones().unwrap();
    }

    fn code(&self) -> String {
        play::code(self.stage.shown("buyer")).unwrap()
    }

    /// The newest button of a kind on a phone.
    fn link(&self, who: &str, wanted: impl Fn(&(String, String)) -> bool) -> Option<String> {
        self.stage.shown(who).iter().rev().find_map(|m| buttons(m).into_iter().find(&wanted)).map(|(_, link)| link)
    }

    /// Two people who go on as the bot's own pages tell them, until it is done.
    fn goes_on(&mut self, outcome: Outcome) {
        let code = self.code();
        for _ in 0..12 {
            self.says("buyer", &format!("status {code}"));
            self.says("seller", &format!("status {code}"));
            match (play::state(self.stage.shown("buyer")).unwrap().as_str(), outcome) {
                ("AwaitingPayment", _) => {
                    let link = self.link("buyer", |(_, link)| link.starts_with("https://mixin.one/pay/")).unwrap();
                    self.does("buyer", "pay", json!({ "link": link, "pin": PIN }));
                }
                ("Funded" | "Delivered", Outcome::Refund) => self.signs("seller", "Sign refund"),
                ("Funded", _) => self.says("seller", &format!("delivered {code}")),
                ("Delivered", _) => self.signs("buyer", "Sign release"),
                ("Settled", _) => return,
                _ => {}
            }
        }
        assert!(play::reads(self.stage.shown("buyer"), "Settled"), "not settled:\n{}", self.stage.log());
    }

    fn signs(&mut self, who: &'static str, label: &str) {
        let link = self.link(who, |(found, link)| found == label && link.starts_with(SIGN));
        if let Some(link) = link {
            self.does(who, "sign", json!({ "link": link, "pin": PIN }));
        }
    }

    /// One payout, to whom it belongs, in the books, on the phones and in the database. What was told before the
    /// database was lost may be told again, and a refund needs no delivery.
    fn is_good(&mut self, outcome: Outcome) {
        self.stage.live(Millis::from_secs(400)).unwrap();
        let expected = self.stage.expected("100", "USDT", outcome);
        let problems = self.stage.problems(&expected).unwrap();
        let bad: Vec<_> = problems.iter().filter(|problem| !problem.contains(" was told ")).collect();
        assert!(bad.is_empty(), "{bad:#?}\n{}", self.stage.log());
    }
}

fn reads<'a>(who: &'a str, state: &'a str) -> impl Fn(&Stage) -> bool + 'a {
    move |stage| play::reads(stage.shown(who), state)
}

fn has_kits(count: usize) -> impl Fn(&Stage) -> bool {
    move |stage| {
        ["buyer", "seller"]
            .iter()
            .all(|who| stage.shown(who).iter().filter(|m| words(m).contains("BEGIN MIXIN ESCROW KIT")).count() >= count)
    }
}

/// The kit a party asks for now, state by state.
#[test]
fn a_kit_of_every_state_leads_to_the_same_end() {
    for (seed, state) in [(1, "AwaitingPayment"), (2, "Funded"), (3, "Delivered"), (4, "Settling")] {
        for outcome in [Outcome::Release, Outcome::Refund] {
            if state == "Settling" && outcome == Outcome::Refund {
                continue;
            }
            println!("SEED={seed} {state} {outcome:?}");
            let mut day = Day::new(seed);
            day.until(reads("buyer", state));
            if state == "Funded" {
                day.until(has_kits(2));
            }
            let before = (day.kits("buyer").len(), day.kits("seller").len());
            for who in ["buyer", "seller"] {
                let code = day.code();
                // Not through `says`: time would go on too far.
                let deed =
                    Deed { who, verb: "say", body: json!({ "text": format!("kit {code}") }), caption: String::new() };
                day.stage.act(&deed).unwrap();
            }
            while (day.kits("buyer").len(), day.kits("seller").len()) <= before {
                day.stage.live(Millis(100)).unwrap();
                day.stage.look_at_phones().unwrap();
            }
            let kits = [day.kits("seller").pop().unwrap(), day.kits("buyer").pop().unwrap()];
            day.dies_and_comes_back_with(&kits);
            day.goes_on(outcome);
            day.is_good(outcome);
        }
    }
}

/// The kits that came by themselves, and the database lost at every moment after the first of them.
#[test]
fn the_database_is_lost_at_any_moment() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(5);
    let mut whole = Day::new(seed);
    whole.until(has_kits(1));
    let first = whole.stage.steps();
    whole.until(|_| false);
    let marks: Vec<u64> = whole.stage.marks().iter().copied().filter(|step| *step > first).step_by(3).collect();
    println!("SEED={seed}, {} moments", marks.len());
    for step in marks {
        let mut day = Day::new(seed);
        day.until(|stage| stage.steps() >= step);
        // Whoever keeps only the newest kit has what is needed. A trade whose money is gone needs none.
        let kits = ["buyer", "seller"].map(|who| day.kits(who).pop().unwrap());
        println!("step {step}: {:?}", play::state(day.stage.shown("buyer")));
        day.stage.lose_database().unwrap();
        for kit in &kits {
            day.import(kit);
        }
        day.stage.live(Millis::from_secs(20)).unwrap();
        day.stage.look_at_phones().unwrap();
        day.goes_on(Outcome::Release);
        day.is_good(Outcome::Release);
    }
}

/// The kit of the day both accepted, though the money is locked, delivered and asked for by now.
#[test]
fn an_old_edition_leads_to_the_same_end() {
    for (seed, state) in [(6, "Funded"), (7, "Delivered")] {
        let mut day = Day::new(seed);
        day.until(reads("buyer", state));
        day.until(has_kits(2));
        let old = day.kits("buyer").remove(0);
        assert!(old.contains("AwaitingPayment"), "{old}");
        let payments = day.stage.shown("buyer").iter().filter(|m| words(m).contains("Next: pay")).count();
        day.dies_and_comes_back_with(&[old]);
        day.goes_on(Outcome::Release);
        day.is_good(Outcome::Release);
        let after = day.stage.shown("buyer").iter().filter(|m| words(m).contains("Next: pay")).count();
        assert_eq!(payments, after, "nobody is asked to pay again");
    }
}

#[test]
fn what_a_kit_says_and_who_gets_it() {
    let mut day = Day::new(8);
    day.until(has_kits(1));
    let kit = day.kits("seller").remove(0);
    let head = kit.lines().next().unwrap().to_owned();
    assert_eq!(head, format!("Trade {} · AwaitingPayment · 101 USDT", day.code()));
    assert!(kit.contains("MIX") && kit.contains("follow with a new kit") && !kit.contains(SIGN), "{kit}");
    day.until(has_kits(2));
    for who in ["buyer", "seller"] {
        let kits = day.kits(who);
        assert_eq!(kits.len(), 2, "no more than one when agreed and one when both links stand");
        let kit = &kits[1];
        assert_eq!(kit.matches(SIGN).count(), 2, "{kit}");
        for giver in ["buyer", "seller"] {
            assert!(kit.contains(&format!("While I am here, the {giver}'s signature alone does this")), "{kit}");
        }
        for words in ["the seller is paid", "the seller: 100 USDT", "the buyer: 101 USDT", "Keep this message"] {
            assert!(kit.contains(words), "{words}: {kit}");
        }
        assert!(!kit.contains("lens"), "people's own words stay out of it");
        let post = day.stage.shown(who).iter().find(|m| words(m) == *kit).unwrap();
        assert_eq!(post["category"], "PLAIN_POST");
    }
    let code = day.code();
    day.stage.control("POST", "people/judge/say", &json!({ "text": format!("kit {code}") })).unwrap();
    day.stage.live(Millis::from_secs(6)).unwrap();
    day.stage.look_at_phone("judge").unwrap();
    let told: String = day.stage.shown("judge").iter().map(words).collect();
    assert!(!told.is_empty() && !told.contains("BEGIN") && !told.contains("100"), "{told}");
}

/// Whoever knows a trace before it is used can use it up, and what bears MixPay's code passes for MixPay's money.
#[test]
fn the_sellers_kit_holds_nothing_that_only_the_buyer_or_mixpay_may_know() {
    let mut day = Day::with_mixpay(11);
    day.until(has_kits(1));
    day.stage.live(Millis::from_secs(10)).unwrap();
    day.says("seller", "kit");
    let trade = day.stage.store().unwrap().trades().unwrap().remove(0);
    let opened = trade.orders.iter().filter_map(|order| Some(order.opened.as_ref()?.code.clone()));
    let orders = trade.orders.iter().flat_map(|order| [order.id.clone(), order.memo.clone()]);
    let links = trade.links.iter().flat_map(|link| [link.trace.to_string(), link.memo.clone()]);
    let secrets: Vec<String> = links.chain(orders).chain(opened).collect();
    assert!(secrets.len() >= 5 && secrets.iter().all(|secret| !secret.is_empty()), "{secrets:?}");
    let kits = day.kits("seller");
    assert_eq!(kits.len(), 2);
    for kit in &kits {
        let json = unpacked(kit);
        assert!(json.contains(&trade.id.to_string()), "{json}");
        for secret in &secrets {
            assert!(!kit.contains(secret) && !json.contains(secret), "{secret}: {json}");
        }
    }
    // Everything is derived again, and MixPay knows its order again by the same code.
    day.dies_and_comes_back_with(&kits[1..]);
    let again = day.stage.store().unwrap().trades().unwrap().remove(0);
    assert_eq!((again.links, again.orders), (trade.links, trade.orders));
    assert!(!again.behind, "the vault was read and is empty");
    let newest = day.stage.shown("buyer").iter().rev().find(|m| words(m).contains("Next: pay")).unwrap();
    assert!(buttons(newest).iter().any(|(_, link)| link.starts_with("https://mixin.one/pay/")));
}

/// What anybody reads who takes a kit apart: format, key and signature stand before the zlib bytes.
fn unpacked(kit: &str) -> String {
    let (_, text) = kit.split_once("KIT-----\n").unwrap();
    let (text, _) = text.split_once("\n-----END").unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text.replace('\n', "")).unwrap();
    let mut json = String::new();
    ZlibDecoder::new(&bytes[1 + 32 + 64..]).read_to_string(&mut json).unwrap();
    json
}

#[test]
fn a_kit_put_in_where_the_trade_is_known_changes_nothing() {
    let mut day = Day::new(9);
    day.until(has_kits(2));
    let kits = day.kits("buyer");
    for kit in [&kits[0], &kits[1]] {
        let before = day.stage.store().unwrap().trades().unwrap();
        let said = day.import(kit);
        assert!(said.contains("known here already and as new"), "{said}");
        let mut after = day.stage.store().unwrap().trades().unwrap();
        after[0].stirred = before[0].stirred;
        assert_eq!(before, after);
    }
    let said = day.import("no kit at all");
    assert!(said.contains("there is no kit"), "{said}");
    day.until(|_| false);
    day.is_good(Outcome::Release);
    let store = day.stage.store().unwrap();
    let trade = store.trades().unwrap().remove(0);
    let history = store.history(trade.id).unwrap();
    assert!(!history.iter().any(|row| matches!(row.event, Event::Imported { .. })));
}

#[test]
fn an_import_is_in_the_history_and_told_to_both() {
    let mut day = Day::new(10);
    day.until(has_kits(2));
    let kit = day.kits("seller").pop().unwrap();
    let version = day.stage.store().unwrap().trades().unwrap()[0].version;
    day.dies_and_comes_back_with(std::slice::from_ref(&kit));
    let store = day.stage.store().unwrap();
    let trade = store.trades().unwrap().remove(0);
    let first = store.history(trade.id).unwrap().remove(0);
    let Event::Imported { version: from, .. } = first.event else { panic!("{first:?}") };
    assert!(from <= version && trade.version > version, "{from} {version} {}", trade.version);
    assert!(store.queue().unwrap().iter().all(|(job, parked)| job.kind == Kind::Look && parked.is_none()));
    for who in ["buyer", "seller"] {
        let told = day.stage.shown(who).iter().filter(|m| words(m).contains("I was set up anew")).count();
        assert_eq!(told, 1, "{who}");
    }
    // The same kit on yet another empty database: news must not bear the ids of what was said in the life before.
    day.dies_and_comes_back_with(&[kit]);
    let told = day.stage.shown("buyer").iter().filter(|m| words(m).contains("I was set up anew")).count();
    assert_eq!(told, 2);
    day.goes_on(Outcome::Release);
    day.is_good(Outcome::Release);
}

/// Whoever hands in an old kit first takes nothing from what a newer one knows.
#[test]
fn a_newer_kit_goes_over_an_older_one() {
    let mut day = Day::new(12);
    day.until(has_kits(2));
    day.until(reads("buyer", "Delivered"));
    day.says("seller", &format!("kit {}", day.code()));
    let kits = day.kits("seller");
    let (old, new) = (kits[0].clone(), kits[kits.len() - 1].clone());
    assert!(new.contains("Delivered"), "{new}");
    day.stage.lose_database().unwrap();
    assert!(day.import(&old).contains(": put in (AwaitingPayment"));
    day.stage.live(Millis::from_secs(20)).unwrap();
    let said = day.import(&new);
    assert!(said.contains(": put in (Delivered"), "{said}");
    assert!(day.import(&old).contains("known here already"), "and not back again");
    day.goes_on(Outcome::Release);
    day.is_good(Outcome::Release);
}

/// A kit made before the operator stopped its trade does not let it go on.
#[test]
fn a_kit_lifts_no_freeze() {
    let mut day = Day::new(13);
    day.until(has_kits(2));
    day.until(reads("buyer", "Delivered"));
    day.says("seller", &format!("kit {}", day.code()));
    let kits = day.kits("seller");
    let (old, new) = (kits[0].clone(), kits[kits.len() - 1].clone());
    day.stage.lose_database().unwrap();
    day.import(&old);
    let code = day.code();
    let stop = Operator::FreezeTrade { code: code.clone(), why: "a complaint".into() };
    day.rows += 1;
    assert!(day.stage.operate(day.rows, stop).unwrap().unwrap().contains("is frozen"));
    assert!(day.import(&new).contains(": put in (Delivered"));
    day.rows += 1;
    let go_on = Operator::UnfreezeTrade { code, why: "looked".into() };
    assert!(day.stage.operate(day.rows, go_on).unwrap().unwrap().contains("goes on"), "it was frozen still");
    day.goes_on(Outcome::Release);
    day.is_good(Outcome::Release);
}
