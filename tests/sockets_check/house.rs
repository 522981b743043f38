//! A network on a port of its own, a bot that can be stopped and started again, and two people at their phones.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use mixin_escrow::config::Settings;
use mixin_escrow::engine::run::{self, RunError};
use mixin_escrow::engine::{Door, Keys, Shop};
use mixin_escrow::kernel;
use mixin_escrow::mixin::{Keystore, Signer};
use mixin_escrow::sandbox::World;
use mixin_escrow::sim::auditor::{self, Expected, FeePayer, Outcome};
use mixin_escrow::sim::phones::Phones;
use mixin_escrow::sim::play::{self, Deed, Next, Play, Script, Via};
use mixin_escrow::store::Store;
use mixin_escrow::time::{Millis, machine_now};

/// Everything awaited here comes sooner, on a busy machine too.
const LONGEST: Duration = Duration::from_secs(75);
/// Between two glances at a phone.
const GLANCE: Duration = Duration::from_millis(10);
const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";

pub(crate) struct House {
    pub(crate) phones: Phones,
    api: String,
    blaze: String,
    people: Value,
    folder: TempDir,
    _stop: oneshot::Sender<()>,
    play: Play,
    buyer: Vec<Value>,
    seller: Vec<Value>,
}

/// A running bot.
pub(crate) struct Bot {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), RunError>>,
}

impl Bot {
    pub(crate) async fn stop(self) {
        self.stop.send(true).unwrap();
        timeout(LONGEST, self.task).await.expect("the bot does not stop").unwrap().unwrap();
    }
}

impl House {
    /// A fresh network. The bot is not started yet.
    pub(crate) async fn new(seed: u64) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let world = Arc::new(Mutex::new(World::new(seed, machine_now())));
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let _ = mixin_escrow::sandbox::serve(world, listener, mixin_escrow::sandbox::Bot::default(), async {
                drop(stopped.await);
            })
            .await;
        });
        let api = format!("http://127.0.0.1:{port}");
        let phones = Phones::new(api.clone()).unwrap();
        let people = phones.get("people").await.unwrap();
        let script = Script { item: "Camera lens".into(), price: "100 USDT".into(), via: Via::Mixin };
        let house = Self {
            phones,
            api,
            blaze: format!("ws://127.0.0.1:{port}"),
            people,
            folder: tempfile::tempdir().unwrap(),
            _stop: stop,
            play: Play::new(script),
            buyer: Vec::new(),
            seller: Vec::new(),
        };
        house.control("people/buyer/mint", json!({ "asset_id": USDT, "amount": "150" })).await;
        house
    }

    /// A call of the hand behind the network.
    pub(crate) async fn control(&self, route: &str, body: Value) -> Value {
        self.phones.post(route, &body).await.unwrap()
    }

    fn person(&self, role: &str) -> &Value {
        self.people.as_array().unwrap().iter().find(|person| person["role"] == role).unwrap()
    }

    fn id(&self, role: &str) -> String {
        self.person(role)["user_id"].as_str().unwrap().to_owned()
    }

    /// Starts the bot on the house's one database.
    pub(crate) fn bot(&self) -> Bot {
        let bot = self.person("bot");
        let text = format!(
            "[mixin]\napi = {:?}\nblaze = {:?}\n[trade]\nfee_receiver = {:?}\n",
            self.api,
            self.blaze,
            self.id("fees")
        );
        let settings = Settings::read_text(&text, self.folder.path()).unwrap();
        let keystore = Keystore::read(&bot["keystore"].to_string()).unwrap();
        let spend = Arc::new(kernel::spend_scalar(keystore.spend_seed()));
        let shop = Shop {
            house: settings.house(keystore.app_id(), bot["number"].as_str().unwrap().to_owned()).unwrap(),
            keys: Keys { ids: keystore.id_secret(), spend, kits: keystore.kit_key() },
            searches_per_hour: settings.limits.searches_per_hour,
            max_skew: Millis::from_secs(300),
            mixpay: None,
            pages: None,
        };
        let network = run::Network { api: settings.api().unwrap(), blaze: settings.blaze().unwrap(), mixpay: None };
        let door = Door::open(Store::open(&settings.database()).unwrap(), shop, machine_now()).unwrap();
        let (teller, told) = watch::channel(false);
        Bot { stop: teller, task: tokio::spawn(run::run(door, Signer::new(&keystore), network, nobody_hints(), told)) }
    }

    async fn glance(&mut self) {
        for (who, seen) in [("buyer", &mut self.buyer), ("seller", &mut self.seller)] {
            let after = seen.last().and_then(|message| message["seq"].as_u64()).unwrap_or(0);
            seen.extend(self.phones.inbox(who, after).await.unwrap());
        }
    }

    /// Plays on until a deed with these words in its caption is done. `None`: to the end.
    pub(crate) async fn play_until(&mut self, words: Option<&str>) {
        let played = timeout(LONGEST, async {
            loop {
                self.glance().await;
                match self.play.next(&self.buyer, &self.seller) {
                    Next::Do(Deed { who, verb, body, caption }) => {
                        self.control(&format!("people/{who}/{verb}"), body).await;
                        if words.is_some_and(|words| caption.contains(words)) {
                            return;
                        }
                    }
                    Next::Wait => sleep(GLANCE).await,
                    Next::Done => return assert!(words.is_none(), "the play ended before {words:?}"),
                }
            }
        });
        if played.await.is_err() {
            let texts: Vec<String> = self.buyer.iter().chain(&self.seller).map(play::words).collect();
            panic!("waiting for {}, before {words:?}: {texts:#?}", self.play.waits_for());
        }
    }

    /// Waits until a phone shows these words, or a button that does this.
    pub(crate) async fn shows(&mut self, who: &str, what: &str) {
        let is_it = |message: &Value| {
            let does = play::buttons(message).into_iter().any(|(_, action)| action.starts_with(what));
            does || play::words(message).contains(what)
        };
        let shown = timeout(LONGEST, async {
            loop {
                self.glance().await;
                let seen = if who == "buyer" { &self.buyer } else { &self.seller };
                if seen.iter().any(is_it) {
                    return;
                }
                sleep(GLANCE).await;
            }
        });
        shown.await.unwrap_or_else(|_| panic!("{who} is never shown {what:?}"));
    }

    /// Plays to the end, and holds everything against the terms: state, books, signers, and that nobody was told
    /// the same thing twice.
    pub(crate) async fn ends_well(&mut self) {
        self.play_until(None).await;
        let expected = Expected {
            asset_id: USDT.to_owned(),
            price: "100".to_owned(),
            fee_bps: 100,
            fee_payer: FeePayer::Buyer,
            buyer: self.id("buyer"),
            seller: self.id("seller"),
            bot: self.id("bot"),
            fee_receiver: self.id("fees"),
            paid_by: None,
            outcome: Outcome::Release,
            fee_waived: false,
            short_ok: false,
            without_bot: false,
        };
        let ledger = self.phones.get("ledger").await.unwrap();
        let report = auditor::audit(&ledger.to_string(), &expected);
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let settled = report.settlement.unwrap();
        assert_eq!(settled.signers, [self.id("buyer"), self.id("bot")]);
        assert_eq!(
            [settled.buyer_paid, settled.seller_received, settled.fee].map(|units| units.to_string()),
            ["101", "100", "1"]
        );
        assert_eq!(play::state(&self.buyer).as_deref(), Some("Settled"));
        self.nothing_was_said_twice();
    }

    fn nothing_was_said_twice(&self) {
        for (who, seen) in [("buyer", &self.buyer), ("seller", &self.seller)] {
            let mut said = BTreeSet::new();
            // A row of buttons without a word belongs to the message before it.
            for words in seen.iter().map(play::words).filter(|words| !words.is_empty()) {
                assert!(said.insert(words.clone()), "{who} was told twice: {words}");
            }
            assert!(said.len() > 5, "{said:?}");
        }
    }
}

/// Nobody says anything over HTTP.
fn nobody_hints() -> tokio::sync::mpsc::Receiver<mixin_escrow::engine::Input> {
    tokio::sync::mpsc::channel(1).1
}
