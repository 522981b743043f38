//! Whatever somebody tries, they end with no more than they would have by playing fair.

use mixin_escrow::money::Amount;
use mixin_escrow::time::Millis;
use serde_json::json;

use crate::money::pays_other;
use crate::town::{BTC, Town, USDT, minutes};
use crate::verify::hostile;

/// What an attack needs to begin with, and what whoever plays it would have in the end of a fair play in which the other
/// side does nothing more.
struct Attack {
    name: &'static str,
    by: &'static str,
    fair: &'static str,
    begin: fn() -> Town,
    does: fn(&mut Town),
}

fn attack(
    name: &'static str,
    by: &'static str,
    fair: &'static str,
    begin: fn() -> Town,
    does: fn(&mut Town),
) -> Attack {
    Attack { name, by, fair, begin, does }
}

/// What a button of this person's would say.
fn typed(town: &mut Town, who: &str, label: &str) -> String {
    town.looks(who);
    let shown = town.stage.shown(who).iter().rev().flat_map(mixin_escrow::sim::play::buttons);
    let action = shown.into_iter().find(|(found, _)| found == label).unwrap().1;
    action.strip_prefix("input:").unwrap().to_owned()
}

/// Every command there is, about this trade, as if it were one's own.
fn every_command(town: &mut Town, who: &'static str) {
    let code = town.code("buyer");
    for row in mixin_escrow::chat::commands::TABLE {
        town.says(who, &format!("{} {code}", row.name));
    }
}

/// All the links on somebody else's phone, opened, paid and signed on one's own.
fn others_links(town: &mut Town, who: &'static str, from: &str) {
    town.looks(from);
    let links: Vec<String> =
        town.stage.shown(from).iter().flat_map(mixin_escrow::sim::play::buttons).map(|b| b.1).collect();
    for link in links.iter().filter(|link| link.starts_with("http")) {
        let body = json!({ "link": link, "pin": "123456" });
        for verb in ["open", "sign", "revoke"] {
            let _ = town.stage.control("POST", &format!("people/{who}/{verb}"), &body);
        }
    }
    town.passes(Millis::from_secs(10));
}

#[expect(clippy::too_many_lines, reason = "one table")]
fn attacks() -> Vec<Attack> {
    vec![
        attack("the payout is hidden behind the first output", "seller", "1000", Town::delivered, |town| {
            let link = hostile(town);
            town.signs_link("seller", &link);
            town.passes(minutes(10));
        }),
        attack("the release is signed by who gets it, again and again", "seller", "1000", Town::delivered, |town| {
            town.says("seller", "kit");
            let link = town.link("buyer", "https://mixin.one/multisigs/");
            for _ in 0..3 {
                let body = json!({ "link": link, "pin": "123456" });
                let _ = town.stage.control("POST", "people/seller/sign", &body);
                town.passes(minutes(3));
            }
        }),
        attack("the refund is signed by who gets it", "buyer", "899", Town::delivered, |town| {
            let link = town.link("seller", "https://mixin.one/multisigs/");
            town.signs_link("buyer", &link);
            town.passes(minutes(10));
        }),
        attack("the seller pays in the buyer's place, to be paid twice", "seller", "1000", Town::agreed, |town| {
            pays_other(town, "seller", |link| link.replace("trace=", "x="));
            town.passes(minutes(2));
            town.signs("seller", "Sign return");
        }),
        attack("another coin of the same number", "buyer", "1000", Town::agreed, |town| {
            town.mint("buyer", BTC, "101");
            pays_other(town, "buyer", |link| link.replace(USDT, BTC).replace("trace=", "x="));
            town.says("buyer", "paid");
            town.signs("buyer", "Sign return");
        }),
        attack("one payment for two trades, under the other's name", "buyer", "899", Town::delivered, |town| {
            let seller = town.number("seller");
            let first = town.code("buyer");
            town.says("buyer", &format!("buy tripod 100 USDT from @{seller}"));
            town.taps("buyer", "Send it to Bob");
            town.taps("seller", "Accept");
            // The money of the first, claimed for the second.
            town.says("buyer", &format!("paid {}", town.code("buyer")));
            town.says("buyer", "cancel");
            town.says("buyer", &format!("cancel {first}"));
            town.passes(minutes(3));
        }),
        attack("a token that was used is used again", "seller", "1000", Town::agreed, |town| {
            let accept = typed(town, "seller", "Accept");
            town.pays("buyer");
            for _ in 0..2 {
                town.says("seller", &accept);
            }
        }),
        attack("somebody says what others' buttons say", "stranger", "1000", Town::funded, |town| {
            let delivered = typed(town, "seller", "I have delivered");
            town.says("stranger", &delivered);
            every_command(town, "stranger");
            town.says("buyer", "status").headed("Funded", "101 USDT");
        }),
        attack("somebody opens, signs and revokes others' links", "stranger", "1000", Town::delivered, |town| {
            others_links(town, "stranger", "buyer");
            others_links(town, "stranger", "seller");
        }),
        attack("the seller opens, signs and revokes the buyer's links", "seller", "1000", Town::delivered, |town| {
            others_links(town, "seller", "buyer");
        }),
        attack("a line that looks like the bot's own", "seller", "1000", Town::new, |town| {
            let buyer = town.number("buyer");
            let forged = "lens\nTrade AAAAA0 · Settled · 999 USDT\u{202e} released";
            town.says("seller", &format!("sell {forged} 100 USDT to @{buyer}"));
            town.taps("seller", "Send it to Alice");
            let code = town.code("seller");
            let told = town.looks("buyer").0.iter().map(mixin_escrow::sim::play::words).collect::<Vec<_>>().join("\n");
            let heads: Vec<&str> = told.lines().filter(|line| line.starts_with("Trade ")).collect();
            assert!(heads.iter().all(|line| line.contains(&code)), "{told}");
        }),
    ]
}

#[test]
fn an_attacker_ends_with_no_more_than_by_playing_fair() {
    for Attack { name, by, fair, begin, does } in attacks() {
        let mut town = begin();
        does(&mut town);
        town.passes(minutes(2));
        let fair: Amount = fair.parse().unwrap();
        assert!(town.purse(by, USDT) <= fair, "{name}: {by} has {}\n{}", town.purse(by, USDT), town.chat(by));
        let books = town.stage.store().unwrap().check().unwrap();
        assert!(books.ok, "{name}: {:#?}", books.broken);
        let ledger = town.stage.control("GET", "ledger", &serde_json::Value::Null).unwrap();
        let (_, problems) = mixin_escrow::sim::auditor::audit_all(&ledger.to_string(), &[]);
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
}

/// Two readers must never read two numbers: what is not plainly written is asked back, and makes no trade.
#[test]
fn amounts_that_could_be_read_in_two_ways_make_no_trade() {
    let mut town = Town::new();
    let seller = town.number("seller");
    for amount in [
        "-100",
        "−100",
        "0",
        "1e2",
        "1E30",
        "0x64",
        "1.000.000",
        "0.000000001",
        "100.123456789",
        "340282366920938463463374607431768211456",
        "99999999999999999999999999999999999999999999",
        "NaN",
        "∞",
        "½",
        "١٠٠",
        "१००",
        "1٠0",
        "ⅹ",
        "100%",
        "+100",
    ] {
        town.says("buyer", "cancel");
        let told = town.says("buyer", &format!("buy lens {amount} USDT from @{seller}"));
        assert!(!told.to_string().contains("Send it to Bob"), "{amount} was read:\n{told}");
    }
    // What is plainly one number in another script's shapes is shown in ours before anything binds.
    town.says("buyer", "cancel");
    let told = town.says("buyer", &format!("buy lens １００ USDT from @{seller}"));
    assert!(!told.to_string().contains("Send it to Bob") || told.to_string().contains("Price: 100 USDT"), "{told}");
    assert!(town.stage.store().unwrap().trades().unwrap().is_empty());
}
