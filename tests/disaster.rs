//! The day after: several pairs trade, both roads are in use, and the database is lost. Once there is a copy that is an
//! hour old, once there is none. Afterwards every trade has its place again, and every unit was paid out once.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use std::path::PathBuf;

use mixin_escrow::engine::MixPayShop;
use mixin_escrow::money::Amount;
use mixin_escrow::sim::auditor::{self, Expected, Outcome};
use mixin_escrow::sim::play::{Next, Play, Script, Via, reads, state, words};
use mixin_escrow::sim::runner::{Disk, Setup, Stage};
use mixin_escrow::store::Operator;
use mixin_escrow::time::Millis;
use serde_json::{Value, json};
use tempfile::TempDir;

const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
const MIXPAY: &str = "3539c3ce-52c0-4b0b-9573-c035ecb98d48";
const HOUR: Millis = Millis::from_hours(1);

/// Two people of their own, and how far they have come.
struct Pair {
    buyer: String,
    seller: String,
    via: Via,
    play: Play,
}

struct Disaster {
    stage: Stage,
    pairs: Vec<Pair>,
    copy: PathBuf,
    folder: TempDir,
    seed: u64,
}

impl Disaster {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let first_max = [(USDT.parse().unwrap(), Amount::from_units(u128::from(u64::MAX)))].into();
        let mixpay = Some(MixPayShop { first_max, callback: None });
        let disk = Disk::File(folder.path().join("bot.db"));
        let stage = Stage::new(Setup { disk, mixpay, ..Setup::new(seed) }).unwrap();
        Self { stage, pairs: Vec::new(), copy: folder.path().join("copy.db"), folder, seed }
    }

    /// A new pair; gives its place.
    fn pair(&mut self, via: Via) -> usize {
        let nth = self.pairs.len();
        let mut person = |name: String| {
            let person = self.stage.control("POST", "people", &json!({ "name": name })).unwrap();
            person["user_id"].as_str().unwrap().to_owned()
        };
        let (buyer, seller) = (person(format!("Buyer {nth}")), person(format!("Seller {nth}")));
        let mint = json!({ "asset_id": USDT, "amount": "500" });
        self.stage.control("POST", &format!("people/{buyer}/mint"), &mint).unwrap();
        let script = Script { item: format!("Lens {nth}"), price: format!("{} USDT", price(nth)), via: via.clone() };
        self.pairs.push(Pair { buyer, seller, via, play: Play::new(script) });
        nth
    }

    /// The pair follows its script until the buyer reads this state, or to its end.
    fn until(&mut self, nth: usize, wanted: &str) {
        let (buyer, seller) = (self.pairs[nth].buyer.clone(), self.pairs[nth].seller.clone());
        for _ in 0..4_000 {
            self.stage.look_at_phone(&buyer).unwrap();
            self.stage.look_at_phone(&seller).unwrap();
            if wanted != "Settled" && reads(self.stage.shown(&buyer), wanted) {
                return;
            }
            match self.pairs[nth].play.next(self.stage.shown(&buyer), self.stage.shown(&seller)) {
                Next::Do(deed) => {
                    let who = if deed.who == "buyer" { &buyer } else { &seller };
                    self.stage.control("POST", &format!("people/{who}/{}", deed.verb), &deed.body).unwrap();
                }
                Next::Wait => self.stage.live(Millis(500)).unwrap(),
                Next::Done => return,
            }
        }
        let shown = self.stage.shown(&buyer).iter().map(words).collect::<Vec<_>>().join("\n--\n");
        unreachable!("SEED={}: pair {nth} never came to {wanted}; the buyer reads:\n{shown}", self.seed);
    }

    /// The newest kit on a party's phone.
    fn kit(&self, person: &str) -> String {
        let kits = self.stage.shown(person).iter().rev().map(words);
        kits.into_iter().find(|text| text.contains("BEGIN MIXIN ESCROW KIT")).unwrap()
    }

    fn import(&mut self, kit: String) {
        let row = self.stage.ask(&Operator::Import { kit }).unwrap();
        self.stage.live(Millis::from_secs(30)).unwrap();
        let answer = self.stage.beside().unwrap().answer(row).unwrap().unwrap();
        assert!(answer.ok, "{}", answer.line);
    }

    /// Everybody plays to the end; then the books are read.
    fn is_good(&mut self) {
        for nth in 0..self.pairs.len() {
            self.until(nth, "Settled");
        }
        self.stage.live(Millis::from_secs(400)).unwrap();
        let trades = self.stage.store().unwrap().trades().unwrap();
        assert_eq!(trades.len(), self.pairs.len(), "every trade has its place");
        for pair in &self.pairs {
            let buyer = pair.buyer.parse().unwrap();
            let trade = trades.iter().find(|trade| trade.role_of(buyer).is_some()).unwrap();
            assert_eq!(trade.state.name(), "Settled", "SEED={}: {}", self.seed, trade.terms.item);
            assert_eq!(state(self.stage.shown(&pair.buyer)).unwrap(), "Settled");
        }
        let expected: Vec<Expected> = (0..).zip(&self.pairs).map(|(nth, pair)| self.expected(nth, pair)).collect();
        let ledger = self.stage.control("GET", "ledger", &Value::Null).unwrap();
        let (settlements, problems) = auditor::audit_all(&ledger.to_string(), &expected);
        assert!(problems.is_empty(), "SEED={}: {problems:#?}", self.seed);
        for (settlement, pair) in settlements.iter().zip(&self.pairs) {
            let settlement = settlement.as_ref().unwrap();
            assert_eq!(settlement.buyer_paid, settlement.due, "{} paid once", pair.buyer);
        }
    }

    fn expected(&self, nth: usize, pair: &Pair) -> Expected {
        Expected {
            buyer: pair.buyer.clone(),
            seller: pair.seller.clone(),
            paid_by: (pair.via != Via::Mixin).then(|| MIXPAY.into()),
            ..self.stage.expected(&price(nth), "USDT", Outcome::Release)
        }
    }
}

/// `SEED` lives one run again.
fn seed(default: u64) -> u64 {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(default)
}

fn price(nth: usize) -> String {
    (100 + nth).to_string()
}

fn mixpay() -> Via {
    Via::MixPay { with: USDT.into(), called: "USDT".into() }
}

/// Five pairs, as they stand when the copy is taken and when everything is lost; the bot is then away for an hour.
fn an_hour_of_trade(disaster: &mut Disaster) {
    let [settles, pays, pays_there, rests] =
        [Via::Mixin, Via::Mixin, mixpay(), Via::Mixin].map(|via| disaster.pair(via));
    disaster.until(settles, "Delivered");
    disaster.until(pays, "AwaitingPayment");
    disaster.until(pays_there, "AwaitingPayment");
    disaster.until(rests, "Funded");
    disaster.stage.back_up(&disaster.copy).unwrap();
    disaster.until(settles, "Settled");
    disaster.until(pays, "Delivered");
    disaster.until(pays_there, "Funded");
    // This pair the copy knows nothing of.
    let begins = disaster.pair(mixpay());
    disaster.until(begins, "Funded");
    for pair in &disaster.pairs {
        disaster.stage.look_at_phone(&pair.buyer).unwrap();
        disaster.stage.look_at_phone(&pair.seller).unwrap();
    }
}

#[test]
fn an_hour_old_copy_and_one_kit() {
    let mut disaster = Disaster::new(seed(71));
    an_hour_of_trade(&mut disaster);
    let copy = disaster.copy.clone();
    disaster.stage.restore(&copy, HOUR).unwrap();
    disaster.stage.live(HOUR.plus(Millis::from_secs(120))).unwrap();
    assert!(disaster.stage.store().is_some());
    assert_eq!(disaster.stage.halted(), None, "everything was read again");
    let kit = disaster.kit(&disaster.pairs[4].seller);
    disaster.import(kit);
    disaster.is_good();
}

#[test]
fn no_copy_at_all_and_everybodys_kit() {
    let mut disaster = Disaster::new(seed(72));
    an_hour_of_trade(&mut disaster);
    // The file is gone; what is left are the keystore and what the people kept.
    let empty = disaster.folder.path().join("empty.db");
    drop(mixin_escrow::store::Store::open(&empty).unwrap());
    disaster.stage.restore(&empty, HOUR).unwrap();
    disaster.stage.live(HOUR.plus(Millis::from_secs(30))).unwrap();
    assert!(disaster.stage.store().unwrap().trades().unwrap().is_empty());
    let kits: Vec<String> = disaster.pairs.iter().map(|pair| disaster.kit(&pair.buyer)).collect();
    for kit in kits {
        disaster.import(kit);
    }
    disaster.is_good();
}
