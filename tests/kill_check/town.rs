//! A network, a bot that dies and comes back, and for every trade two people who have never met.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use mixin_escrow::sandbox::World;
use mixin_escrow::sim::auditor::{self, Expected, FeePayer, Outcome};
use mixin_escrow::sim::phones::Phones;
use mixin_escrow::sim::play::{self, Next, Play, Script, Via};
use mixin_escrow::store::{Kind, Store};
use mixin_escrow::time::machine_now;
use mixin_escrow::trade::State;

use super::child::{Bot, Kill};

/// Every trade ends sooner, on a busy machine too.
const LONGEST: Duration = Duration::from_mins(2);
/// Between two glances at a phone.
const GLANCE: Duration = Duration::from_millis(15);
const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
/// The answer to [I have paid] and [I have signed], the same when the first is only read after the money was seen.
const LOOKING: &str = "I am looking on Mixin now";

pub(crate) struct Town {
    phones: Phones,
    people: Value,
    folder: TempDir,
    bot: Bot,
    expected: Vec<Expected>,
}

impl Town {
    pub(crate) async fn new(seed: u64, kills: VecDeque<Kill>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let world = Arc::new(Mutex::new(World::new(seed, machine_now())));
        tokio::spawn(mixin_escrow::sandbox::serve(
            world,
            listener,
            mixin_escrow::sandbox::Bot::default(),
            std::future::pending(),
        ));
        let phones = Phones::new(format!("http://127.0.0.1:{port}")).unwrap();
        let people = phones.get("people").await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        let (bot, wire) = Bot::new(port, config.clone(), kills).await;
        let web = free_port().await;
        let town = Self { phones, people, folder, bot, expected: Vec::new() };
        let keystore = town.role("bot")["keystore"].to_string();
        std::fs::write(town.folder.path().join("bot.json"), keystore).unwrap();
        let text = format!(
            "[mixin]\napi = \"http://127.0.0.1:{wire}\"\nblaze = \"ws://127.0.0.1:{wire}\"\nkeystore = \"bot.json\"\n\
             [mixpay]\napi = \"http://127.0.0.1:{wire}\"\n[mixpay.first_max]\n{USDT} = \"1000\"\n\
             [web]\nlisten = \"127.0.0.1:{web}\"\npublic = \"http://127.0.0.1:{web}\"\n\
             [store]\ndatabase = \"bot.db\"\n[trade]\nfee_receiver = {}\n",
            town.role("fees")["user_id"]
        );
        std::fs::write(config, text).unwrap();
        town
    }

    pub(crate) fn kills(&self) -> u32 {
        self.bot.kills()
    }

    fn role(&self, role: &str) -> &Value {
        self.people.as_array().unwrap().iter().find(|person| person["role"] == role).unwrap()
    }

    fn id(&self, role: &str) -> String {
        self.role(role)["user_id"].as_str().unwrap().to_owned()
    }

    async fn newcomer(&self, name: &str) -> String {
        let person = self.phones.post("people", &json!({ "name": name })).await.unwrap();
        person["user_id"].as_str().unwrap().to_owned()
    }

    /// Plays one trade to its end, whatever the bot goes through.
    pub(crate) async fn trade(&mut self, by_mixpay: bool) {
        let (buyer, seller) = (self.newcomer("Carol").await, self.newcomer("Dave").await);
        let (asset, amount) = if by_mixpay { (BTC, "1") } else { (USDT, "101") };
        let mint = json!({ "asset_id": asset, "amount": amount });
        self.phones.post(&format!("people/{buyer}/mint"), &mint).await.unwrap();
        let via = if by_mixpay { Via::MixPay { with: BTC.into(), called: "BTC".into() } } else { Via::Mixin };
        let mut play = Play::new(Script { item: "Camera lens".into(), price: "100 USDT".into(), via });
        let mut shown = (Vec::new(), Vec::new());
        let played = timeout(LONGEST, async {
            loop {
                self.bot.keep_alive();
                self.glance(&buyer, &mut shown.0).await;
                self.glance(&seller, &mut shown.1).await;
                match play.next(&shown.0, &shown.1) {
                    Next::Do(deed) => {
                        let who = if deed.who == "buyer" { &buyer } else { &seller };
                        self.phones.post(&format!("people/{who}/{}", deed.verb), &deed.body).await.unwrap();
                    }
                    Next::Wait => sleep(GLANCE).await,
                    Next::Done => return,
                }
            }
        });
        if played.await.is_err() {
            let texts: Vec<String> = shown.0.iter().chain(&shown.1).map(play::words).collect();
            panic!("by MixPay: {by_mixpay}; waiting for {}, {} kills: {texts:#?}", play.waits_for(), self.kills());
        }
        self.expected.push(Expected {
            asset_id: USDT.to_owned(),
            price: "100".to_owned(),
            fee_bps: 100,
            fee_payer: FeePayer::Buyer,
            buyer,
            seller,
            bot: self.id("bot"),
            fee_receiver: self.id("fees"),
            paid_by: by_mixpay.then(|| self.id("mixpay")),
            outcome: Outcome::Release,
            fee_waived: false,
            short_ok: false,
            without_bot: false,
        });
    }

    async fn glance(&self, who: &str, seen: &mut Vec<Value>) {
        let after = seen.last().and_then(|message| message["seq"].as_u64()).unwrap_or(0);
        seen.extend(self.phones.inbox(who, after).await.unwrap());
    }

    /// Holds everything against the terms: database, books, signers, MixPay's budget, and that nobody was told the
    /// same thing twice.
    pub(crate) async fn ends_well(self) {
        self.bot.stop().await;
        let store = Store::open(&self.folder.path().join("bot.db")).unwrap();
        let trades = store.trades().unwrap();
        assert_eq!(trades.len(), self.expected.len());
        assert!(trades.iter().all(|trade| matches!(trade.state, State::Settled { .. })));
        let moves = |kind: Kind| matches!(kind, Kind::Keys | Kind::Open | Kind::Cosign | Kind::Unlock);
        let left: Vec<_> = store.queue().unwrap().into_iter().filter(|(job, _)| moves(job.kind)).collect();
        assert!(left.is_empty(), "{left:?}");

        let ledger = self.phones.get("ledger").await.unwrap();
        let (settlements, problems) = auditor::audit_all(&ledger.to_string(), &self.expected);
        assert!(problems.is_empty(), "{problems:?}");
        for (settled, expected) in settlements.into_iter().zip(&self.expected) {
            assert_eq!(settled.unwrap().signers, [expected.buyer.clone(), expected.bot.clone()]);
        }
        let vaults = ledger["transactions"].as_array().unwrap().iter().filter(|tx| tx["senders_threshold"] == 2);
        assert_eq!(vaults.count(), self.expected.len(), "each vault is spent once");
        let mixpay = self.phones.get("mixpay").await.unwrap();
        assert!(mixpay["busiest_minute"].as_u64().unwrap() <= 60, "{}", mixpay["busiest_minute"]);

        for person in self.expected.iter().flat_map(|expected| [&expected.buyer, &expected.seller]) {
            let mut seen = Vec::new();
            self.glance(person, &mut seen).await;
            let all = self.phones.get(&format!("people/{person}/inbox?after=0&peek=1")).await.unwrap();
            nothing_was_said_twice(all.as_array().unwrap());
        }
    }
}

fn nothing_was_said_twice(shown: &[Value]) {
    assert_eq!(play::state(shown).as_deref(), Some("Settled"));
    let (mut said, mut looks) = (BTreeSet::new(), 0);
    for message in shown {
        let (words, buttons) = (play::words(message), play::buttons(message));
        looks += u32::from(words.contains(LOOKING));
        let is_answer = words.is_empty() || words.contains(LOOKING);
        assert!(is_answer || said.insert((words.clone(), buttons)), "told twice: {words}");
    }
    assert!(looks <= 2, "told {looks} times: {LOOKING}");
    for title in ["The money is locked", "Delivered", "Done"] {
        let notices = shown.iter().filter(|m| m["card"]["title"] == title && !play::words(m).contains("\nItem: "));
        assert_eq!(notices.count(), 1, "{title}");
    }
}

/// A port nobody has just now.
async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}
