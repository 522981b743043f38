//! A town of two phones and a bot, so that a story reads as people would tell it.

use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::{self, Outcome, Settlement};
use mixin_escrow::sim::play::{self, Deed, PIN, buttons, words};
use mixin_escrow::sim::runner::{Setup, Stage, StageError};
use mixin_escrow::time::Millis;
use serde_json::{Value, json};

pub(crate) const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
pub(crate) const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
/// What everybody has at the beginning, in USDT.
pub(crate) const PURSE: &str = "1000";

/// Everybody and everything.
pub(crate) struct Town {
    pub(crate) stage: Stage,
    /// Messages of each phone that a story has looked at.
    read: std::collections::BTreeMap<String, usize>,
}

/// What a phone shows that was not there before.
#[derive(Clone)]
pub(crate) struct Screen(pub(crate) Vec<Value>);

pub(crate) fn minutes(count: i64) -> Millis {
    Millis::from_secs(count * 60)
}

impl Town {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings than the defaults.
    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::new(11);
        change(&mut setup);
        let mut town = Self { stage: Stage::new(setup).unwrap(), read: std::collections::BTreeMap::new() };
        for who in ["buyer", "seller", "stranger"] {
            town.mint(who, USDT, PURSE);
        }
        town.passes(Millis::from_secs(1));
        town
    }

    /// Buyer and seller have agreed on 100 USDT; the buyer is to pay 101.
    pub(crate) fn agreed() -> Self {
        let mut town = Self::new();
        town.agree();
        town
    }

    pub(crate) fn agree(&mut self) {
        let seller = self.number("seller");
        self.says("buyer", &format!("buy camera lens 100 USDT from @{seller}"));
        self.taps("buyer", "Send it to Bob");
        self.taps("seller", "Accept").headed("AwaitingPayment", "101 USDT");
    }

    /// 101 USDT are locked.
    pub(crate) fn funded() -> Self {
        let mut town = Self::agreed();
        town.pays("buyer");
        town.passes(Millis::from_secs(5));
        town.looks("seller").headed("Funded", "101 USDT");
        town
    }

    /// The seller says it is done.
    pub(crate) fn delivered() -> Self {
        let mut town = Self::funded();
        town.taps("seller", "I have delivered").headed("Delivered", "101 USDT");
        town
    }

    // ---- time and phones

    pub(crate) fn passes(&mut self, span: Millis) {
        self.stage.live(span).unwrap_or_else(|error| panic!("{error}\n{}", self.stage.log()));
    }

    /// What is new on a phone.
    pub(crate) fn looks(&mut self, who: &str) -> Screen {
        self.stage.look_at_phone(who).unwrap();
        let shown = self.stage.shown(who);
        let before = self.read.insert(who.to_owned(), shown.len()).unwrap_or(0);
        Screen(shown[before..].to_vec())
    }

    pub(crate) fn does(&mut self, who: &'static str, verb: &'static str, body: Value) -> Result<Value, StageError> {
        self.looks(who);
        let deed = Deed { who, verb, body, caption: String::new() };
        let done = self.stage.act(&deed)?;
        self.passes(Millis::from_secs(4));
        Ok(done)
    }

    /// Types a text to the bot; the answer.
    pub(crate) fn says(&mut self, who: &'static str, text: &str) -> Screen {
        self.does(who, "say", json!({ "text": text })).unwrap();
        self.looks(who)
    }

    /// Taps the newest button with this label; the answer.
    pub(crate) fn taps(&mut self, who: &'static str, label: &str) -> Screen {
        self.looks(who);
        let message = self.newest(who, |(found, _)| found == label);
        let (id, _) = message.unwrap_or_else(|| panic!("no button [{label}]\n{}", self.chat(who)));
        self.does(who, "tap", json!({ "message_id": id, "button": label })).unwrap();
        self.looks(who)
    }

    /// Shares somebody's contact card with the bot.
    pub(crate) fn shares(&mut self, who: &'static str, whom: &str) -> Screen {
        let user = self.stage.person(whom, "user_id");
        self.shares_id(who, &user)
    }

    pub(crate) fn shares_id(&mut self, who: &'static str, user: &str) -> Screen {
        self.does(who, "contact", json!({ "user_id": user })).unwrap();
        self.looks(who)
    }

    /// Opens a link and confirms what its sheet asks.
    pub(crate) fn opens(&mut self, who: &'static str, link: &str) -> Screen {
        self.does(who, "open", json!({ "link": link, "confirm": true })).unwrap();
        self.looks(who)
    }

    /// Pays by the newest pay button; what the phone said.
    pub(crate) fn pays(&mut self, who: &'static str) -> Value {
        let link = self.link(who, "https://mixin.one/pay/");
        self.does(who, "pay", json!({ "link": link, "pin": PIN })).unwrap()
    }

    /// Signs by the newest button with this label; what the app's sheet showed.
    pub(crate) fn signs(&mut self, who: &'static str, label: &str) -> Value {
        self.looks(who);
        let (_, (_, link)) =
            self.newest(who, |(found, _)| found == label).unwrap_or_else(|| panic!("no [{label}]\n{}", self.chat(who)));
        self.signs_link(who, &link)
    }

    pub(crate) fn signs_link(&mut self, who: &'static str, link: &str) -> Value {
        self.does(who, "sign", json!({ "link": link, "pin": PIN })).unwrap()
    }

    fn newest(&self, who: &str, wanted: impl Fn(&(String, String)) -> bool) -> Option<(String, (String, String))> {
        self.stage.shown(who).iter().rev().find_map(|message| {
            let found = buttons(message).into_iter().find(&wanted)?;
            Some((message["message_id"].as_str()?.to_owned(), found))
        })
    }

    /// The newest link of a kind on a phone.
    pub(crate) fn link(&mut self, who: &str, prefix: &str) -> String {
        self.looks(who);
        let found = self.newest(who, |(_, action)| action.starts_with(prefix));
        found.unwrap_or_else(|| panic!("no {prefix}\n{}", self.chat(who))).1.1
    }

    // ---- facts

    pub(crate) fn number(&self, who: &str) -> String {
        self.stage.person(who, "number")
    }

    /// The code of the newest trade on a phone.
    pub(crate) fn code(&self, who: &str) -> String {
        play::code(self.stage.shown(who)).unwrap()
    }

    pub(crate) fn mint(&mut self, who: &str, asset: &str, amount: &str) {
        let route = format!("people/{who}/mint");
        self.stage.control("POST", &route, &json!({ "asset_id": asset, "amount": amount })).unwrap();
    }

    /// Somebody new, by role.
    pub(crate) fn joins(&mut self, role: &str, body: Value) -> Value {
        let mut body = body;
        body["role"] = role.into();
        body["name"] = role.into();
        self.stage.control("POST", "people", &body).unwrap()
    }

    /// Unspent coins of a person.
    pub(crate) fn purse(&mut self, who: &str, asset: &str) -> Amount {
        let wallet = self.stage.control("GET", &format!("people/{who}/wallet"), &Value::Null).unwrap();
        let balances = wallet["balances"].as_array().unwrap();
        let found = balances.iter().find(|balance| balance["asset_id"] == asset);
        found.map_or(Amount::ZERO, |balance| balance["amount"].as_str().unwrap().parse().unwrap())
    }

    /// The books add up and hold exactly one settlement, with the bot's signature last.
    pub(crate) fn settled(&mut self, outcome: Outcome) -> Settlement {
        let settlement = self.audited(outcome);
        assert_eq!(settlement.signers.last(), Some(&self.stage.house().bot.to_string()));
        settlement
    }

    /// The books add up and hold one settlement, whoever signed it.
    pub(crate) fn audited(&mut self, outcome: Outcome) -> Settlement {
        let expected = self.stage.expected("100", "USDT", outcome);
        let ledger = self.stage.control("GET", "ledger", &Value::Null).unwrap();
        let report = auditor::audit(&ledger.to_string(), &expected);
        assert!(report.problems.is_empty(), "{:#?}", report.problems);
        let books = self.stage.store().unwrap().check().unwrap();
        assert!(books.ok, "{:#?}", books.broken);
        report.settlement.unwrap()
    }

    /// Transactions that spent a vault.
    pub(crate) fn vault_spends(&mut self) -> usize {
        let ledger = self.stage.control("GET", "ledger", &Value::Null).unwrap();
        ledger["transactions"].as_array().unwrap().iter().filter(|tx| tx["senders_threshold"] == 2).count()
    }

    /// Everything a phone has shown, for a failure.
    pub(crate) fn chat(&self, who: &str) -> String {
        Screen(self.stage.shown(who).to_vec()).to_string()
    }
}

impl std::fmt::Display for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for message in &self.0 {
            let labels: Vec<String> = buttons(message).into_iter().map(|(label, _)| format!("[{label}]")).collect();
            writeln!(f, "---- {}\n{}\n{}", message["category"], words(message), labels.join(" "))?;
        }
        Ok(())
    }
}

impl Screen {
    fn all(&self) -> String {
        self.0.iter().map(words).collect::<Vec<_>>().join("\n")
    }

    /// Some message has these words.
    #[track_caller]
    pub(crate) fn shows(self, expected: &str) -> Self {
        assert!(self.all().contains(expected), "not shown: {expected}\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn hides(self, expected: &str) -> Self {
        assert!(!self.to_string().contains(expected), "shown: {expected}\n{self}");
        self
    }

    /// Some message begins with the bot's own line about a trade in this state, for this money.
    #[track_caller]
    pub(crate) fn headed(self, state: &str, money: &str) -> Self {
        let heads: Vec<String> =
            self.all().lines().filter(|line| line.starts_with("Trade ")).map(str::to_owned).collect();
        let good = |line: &String| {
            let parts: Vec<&str> = line["Trade ".len()..].split(" · ").collect();
            parts.len() == 3 && parts[0].len() == 6 && parts[1] == state && parts[2] == money
        };
        assert!(heads.iter().any(good), "no line: Trade … · {state} · {money}\n{self}");
        self
    }

    /// These and no other buttons.
    #[track_caller]
    pub(crate) fn offers(self, labels: &[&str]) -> Self {
        let found: Vec<String> = self.0.iter().flat_map(buttons).map(|(label, _)| label).collect();
        assert_eq!(found, labels, "\n{self}");
        self
    }

    /// The action of the button with this label.
    #[track_caller]
    pub(crate) fn action(&self, label: &str) -> String {
        let found = self.0.iter().flat_map(buttons).find(|(found, _)| found == label);
        found.unwrap_or_else(|| panic!("no [{label}]\n{self}")).1
    }

    /// Nothing was said.
    #[track_caller]
    pub(crate) fn silent(self) {
        assert!(self.0.is_empty(), "\n{self}");
    }
}
