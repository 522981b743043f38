//! The twelve refusals people meet most, as their phones show them, in both languages: each says what is wrong, and each
//! has a way out to tap.

use std::fmt::Write as _;

use mixin_escrow::id::AssetId;
use mixin_escrow::sim::play::{buttons, words};
use mixin_escrow::trade::terms::Asset;
use serde_json::json;

use crate::town::{Screen, Town, USDT};

/// Whose phone shows it, and how it comes to that.
struct Refused {
    name: &'static str,
    who: &'static str,
    comes: fn(&mut Town) -> Screen,
}

const fn refused(name: &'static str, who: &'static str, comes: fn(&mut Town) -> Screen) -> Refused {
    Refused { name, who, comes }
}

impl Town {
    /// Says what the newest button that begins so would say, whatever stands on it.
    pub(crate) fn presses(&mut self, who: &'static str, begins: &str) -> Screen {
        let said = self.link(who, &format!("input:{begins}"));
        self.says(who, said.trim_start_matches("input:"))
    }

    /// The buyer writes a trade with the seller and sends it.
    fn orders(&mut self, item: &str, price: &str) -> Screen {
        let seller = self.number("seller");
        self.says("buyer", &format!("buy {item} {price} from @{seller}"));
        self.presses("buyer", "propose ")
    }

    fn accepted(&mut self) -> String {
        self.orders("lens", "100 USDT");
        self.presses("seller", "accept ");
        self.code("seller")
    }
}

/// A small house: 0.01 to 500 USDT, and USDC on two chains.
fn town() -> Town {
    let mut town = Town::with(|setup| {
        let usdt: AssetId = USDT.parse().unwrap();
        setup.house.caps.price.insert(usdt, "500".parse().unwrap());
        setup.house.caps.price_min.insert(usdt, "0.01".parse().unwrap());
        let id = "43d61dcd-e413-450d-80b8-101d5e903358".parse().unwrap();
        setup.house.assets.push(Asset { id, symbol: "USDC".to_owned(), chain: "Solana".to_owned() });
    });
    town.joins("newcomer", json!({ "has_safe": false }));
    town
}

fn twelve() -> [Refused; 13] {
    [
        refused("not your trade", "stranger", |town| {
            let code = town.accepted();
            town.says("stranger", &format!("status {code}"))
        }),
        refused("too late", "seller", |town| {
            town.orders("lens", "100 USDT");
            town.says("buyer", "cancel");
            town.presses("seller", "accept ")
        }),
        refused("too early", "seller", |town| {
            town.accepted();
            town.says("seller", "delivered")
        }),
        refused("amount too small", "buyer", |town| town.says("buyer", "buy lens 0.009 USDT")),
        refused("amount too large", "buyer", |town| town.says("buyer", "buy lens 500.00000001 USDT")),
        refused("unknown asset", "buyer", |town| town.says("buyer", "buy lens 100 DOGE")),
        refused("ambiguous asset", "buyer", |town| town.says("buyer", "buy lens 100 USDC")),
        refused("yourself as counterparty", "buyer", |town| {
            town.says("buyer", "buy lens 100 USDT");
            town.shares("buyer", "buyer")
        }),
        refused("no Safe wallet", "newcomer", |town| {
            town.says("newcomer", "buy lens 100 USDT");
            town.presses("newcomer", "propose ")
        }),
        refused("already accepted", "seller", |town| {
            let code = town.accepted();
            town.says("seller", &format!("accept {code}"))
        }),
        refused("already paid", "buyer", |town| {
            town.accepted();
            town.pays("buyer");
            town.passes(crate::town::minutes(1));
            town.says("buyer", "paid")
        }),
        refused("somebody else's button", "stranger", |town| {
            town.says("buyer", "buy lens 100 USDT");
            town.presses("buyer", "propose ");
            let code = town.code("buyer");
            town.says("seller", &format!("join {code}"));
            let theirs = town.link("seller", "input:accept ");
            town.says("stranger", theirs.trim_start_matches("input:"))
        }),
        refused("not a command here", "buyer", |town| town.says("buyer", "give me my money, bot")),
    ]
}

/// Without what differs from run to run: codes, tokens and numbers of people.
fn plain(screen: &Screen, town: &Town) -> String {
    // What comes behind the refusal is a page of its own.
    let mut all = screen.0.first().map(words).unwrap_or_default();
    for message in &screen.0 {
        let buttons: Vec<String> = buttons(message)
            .into_iter()
            .map(|(label, action)| {
                let said =
                    action.strip_prefix("input:").map(|said| said.split(' ').next().unwrap_or_default().to_owned());
                format!("[{label}] {}", said.unwrap_or_default())
            })
            .collect();
        all.extend(buttons.iter().map(|button| format!("\n{button}")));
    }
    for who in ["buyer", "seller", "stranger"] {
        all = all.replace(&town.number(who), "46800");
    }
    for trade in town.stage.store().unwrap().trades().unwrap() {
        all = all.replace(&trade.code, "K7Q2MD");
    }
    all
}

#[test]
fn each_has_its_words_and_its_way_out_in_both_languages() {
    for lang in ["en", "zh"] {
        let mut told = String::new();
        for Refused { name, who, comes } in twelve() {
            let mut town = town();
            town.says(who, &format!("lang {lang}"));
            let screen = comes(&mut town);
            let ways = screen.0.iter().flat_map(buttons).count();
            assert!(ways > 0, "{name} in {lang} leads nowhere:\n{screen}");
            let chinese = screen.to_string().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert_eq!(chinese, lang == "zh", "{name}:\n{screen}");
            write!(told, "==== {name}\n{}\n", plain(&screen, &town)).unwrap();
        }
        insta::assert_snapshot!(format!("refusals_{lang}"), told);
    }
}
