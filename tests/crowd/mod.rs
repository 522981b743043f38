//! A bot among a thousand people: the real door and queue in virtual time, the small network's MixPay behind them,
//! and answers out of hand for everything else. Every call to MixPay is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use mixin_escrow::chat::{Binding, Caps, Dialog, House, Person, Trust};
use mixin_escrow::engine::input::Looked;
use mixin_escrow::engine::jobs::{Last, Work};
use mixin_escrow::engine::{Answer, Door, Input, Keys, Line, MixPayShop, Shop, Step, Task};
use mixin_escrow::id::{self, AssetId, Hash, IdSecret, MessageId, TradeId, UserId};
use mixin_escrow::kernel::derive::contact_conversation;
use mixin_escrow::kernel::spend_scalar;
use mixin_escrow::mixin::Base;
use mixin_escrow::mixin::KitKey;
use mixin_escrow::mixin::blaze::InboundMessage;
use mixin_escrow::mixin::messenger::Image;
use mixin_escrow::mixpay::{self, Class};
use mixin_escrow::money::Amount;
use mixin_escrow::sandbox::World;
use mixin_escrow::store::{Changes, HistoryRow, PersonRow, Store, TokenRow, TradeRow};
use mixin_escrow::time::Millis;
use mixin_escrow::trade::command::Context;
use mixin_escrow::trade::deposit::{Lock, Seen};
use mixin_escrow::trade::judge::Facts;
use mixin_escrow::trade::terms::{Asset, Fee, FeePayer, Parties, Periods, Unruled, Vault};
use mixin_escrow::trade::{Counterparty, Role, Terms, Trade, deadline, decide};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

/// 2026-01-01.
pub(crate) const START: Millis = Millis(1_767_225_600_000);
/// How long people have to pay.
pub(crate) const PAY: Millis = Millis::from_secs(40 * 60);
const SEED: [u8; 32] = [7; 32];
const USDT: &str = "b91e18ff-a9ae-3dc7-8679-e935d9a4b34b";
/// Jobs in flight, as many as the real loop has.
const TASKS_MAX: usize = 64;

/// The smallest step: what happens within it happens at its end.
const STEP: Millis = Millis(2_000);

/// A call that reached MixPay.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) at: Millis,
    pub(crate) class: Class,
    pub(crate) trade: TradeId,
}

/// A leased task on its way.
struct Flight {
    at: Millis,
    /// Takes none of the places.
    idle: bool,
    task: Task,
    then: Then,
}

enum Then {
    Done(Answer),
    /// A question that reaches MixPay at that moment.
    Ask(mixpay::Call),
    Think(Last),
}

/// What becomes of MixPay's answer on its way, by the seed.
pub(crate) type Twist = fn(&mut ChaCha8Rng, Response<Bytes>) -> Response<Bytes>;

pub(crate) struct Crowd {
    door: Option<Door>,
    pub(crate) world: World,
    pub(crate) now: Millis,
    pub(crate) rng: ChaCha8Rng,
    flights: Vec<Flight>,
    inputs: Vec<Input>,
    pub(crate) calls: Vec<Called>,
    /// Looks made.
    pub(crate) looks: u32,
    /// What lies in a vault.
    outputs: BTreeMap<Hash, Vec<Seen>>,
    /// Vaults that are looked at as often as they should be. The others, of which nobody expects anything, are
    /// looked at every few minutes, to spare the machine that runs this.
    watched: BTreeSet<Hash>,
    pub(crate) twist: Option<Twist>,
    house: House,
    messages: u128,
    alive: Millis,
}

fn control(world: &mut World, now: Millis, method: &str, route: &str, body: &Value) -> Value {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = http::Request::builder().method(method).uri(format!("/sandbox/{route}")).body(body).unwrap();
    let answer = world.control(request, now);
    assert!(answer.status().is_success(), "{route}: {:?}", answer.body());
    serde_json::from_slice(answer.body()).unwrap()
}

/// Who pays and who is paid in the nth trade.
pub(crate) fn people(nth: u128) -> (UserId, UserId) {
    let user = |id: u128| UserId(uuid::Builder::from_random_bytes((id * 7_919).to_be_bytes()).into_uuid());
    (user(1 + 2 * nth), user(2 + 2 * nth))
}

impl Crowd {
    pub(crate) fn new(seed: u64) -> Self {
        eprintln!("seed {seed}");
        let mut world = World::new(seed, START);
        let listed = control(&mut world, START, "GET", "people", &Value::Null);
        let of = |role: &str| {
            let found = listed.as_array().unwrap().iter().find(|person| person["role"] == role).unwrap();
            (
                found["user_id"].as_str().unwrap().parse::<UserId>().unwrap(),
                found["number"].as_str().unwrap().to_owned(),
            )
        };
        let hours = Millis::from_hours;
        let house = House {
            bot: of("bot").0,
            bot_number: of("bot").1,
            bot_name: String::new(),
            operator: "us".into(),
            assets: vec![asset()],
            fee: Fee { bps: 100, payer: FeePayer::Buyer, receiver: of("fees").0 },
            periods: Periods { accept: hours(24), pay: PAY, deliver: hours(168), inspect: hours(72) },
            judges: Vec::new(),
            unruled: Unruled::Refund,
            ruling_delay: mixin_escrow::chat::RulingDelay::default(),
            short_ok_bp: 100,
            price_max: None,
            open_max: 20,
            caps: Caps::default(),
            mixpay: true,
        };
        let mut crowd = Self {
            door: None,
            world,
            now: START,
            rng: ChaCha8Rng::seed_from_u64(seed),
            flights: Vec::new(),
            inputs: Vec::new(),
            calls: Vec::new(),
            looks: 0,
            outputs: BTreeMap::new(),
            watched: BTreeSet::new(),
            twist: None,
            house,
            messages: 0,
            alive: START,
        };
        crowd.door = Some(crowd.open(Store::in_memory().unwrap()));
        crowd.tell(Input::Line(Line::Up));
        crowd
    }

    fn open(&self, store: Store) -> Door {
        let first_max = [(asset().id, "1000".parse::<Amount>().unwrap())].into();
        let callback = Some("https://bot.example/mixpay".to_owned());
        let shop = Shop {
            house: self.house.clone(),
            keys: Keys { ids: ids(), spend: Arc::new(spend_scalar(&SEED)), kits: KitKey::from_spend_seed(&SEED) },
            searches_per_hour: 10,
            max_skew: Millis::from_secs(300),
            mixpay: Some(MixPayShop { first_max, callback }),
            pages: None,
        };
        Door::open(store, shop, self.now).unwrap()
    }

    fn door(&mut self) -> &mut Door {
        self.door.as_mut().unwrap()
    }

    pub(crate) fn store(&self) -> &Store {
        self.door.as_ref().unwrap().store()
    }

    /// The process dies and starts again at once: what was on its way comes to nothing here.
    pub(crate) fn dies(&mut self) {
        let store = self.door.take().unwrap().into_store();
        self.flights.clear();
        self.inputs.clear();
        self.door = Some(self.open(store));
        self.tell(Input::Line(Line::Up));
    }

    pub(crate) fn tell(&mut self, input: Input) {
        self.inputs.push(input);
    }

    pub(crate) fn control(&mut self, method: &str, route: &str, body: &Value) -> Value {
        control(&mut self.world, self.now, method, route, body)
    }

    // ---- people

    /// `count` proposals that wait for their seller's yes; everybody is known to the bot and to the network.
    pub(crate) fn proposals(&mut self, count: u32) -> Vec<TradeId> {
        let ids = ids();
        let mut changes = Changes::default();
        let mut made = Vec::new();
        for nth in 0..count {
            let (buyer, seller) = people(u128::from(nth));
            for person in [buyer, seller] {
                let body = json!({ "name": "N", "user_id": person.to_string() });
                let known = control(&mut self.world, self.now, "POST", "people", &body);
                let number = known["number"].as_str().unwrap().to_owned();
                let person = Person { id: person, number, name: "N".into(), has_safe: true, is_bot: false };
                let (lang, dialog, read_at) = (None, Dialog::default(), Some(self.now));
                changes.persons.push(PersonRow {
                    person,
                    lang,
                    dialog,
                    reachable: true,
                    read_at,
                    trust: Trust::default(),
                    group: None,
                });
            }
            let terms = self.terms(buyer, seller);
            let context =
                Context { now: self.now, ids: &ids, mixpay: Some(Millis(0)), short_ok_bp: 100, judges: Facts::NOBODY };
            let cause = Uuid::from_u128(u128::from(nth) + 1);
            let born = decide::propose(cause, code(nth), terms, context).unwrap();
            let trade = born.birth().unwrap();
            let numbers = Hash(*blake3::hash(&trade.terms_hash.0).as_bytes());
            let token = TokenRow {
                token: token(nth),
                person: seller,
                trade: Some(trade.id),
                act: Binding::Accept,
                numbers,
                expires: self.now.plus(Millis::from_hours(24)),
                used: false,
            };
            made.push(trade.id);
            changes.tokens.push(token);
            changes.history.push(HistoryRow { trade: trade.id, version: 1, at: self.now, event: born });
            let (wake_at, watched_until) = (deadline::next(&trade), deadline::watched_until(&trade));
            changes.trades.push(TradeRow { trade, wake_at, watched_until });
        }
        let mut store = self.door.take().unwrap().into_store();
        store.save(&changes).unwrap();
        self.door = Some(self.open(store));
        self.tell(Input::Line(Line::Up));
        made
    }

    /// The vault of the nth trade is looked at as often as it should be.
    pub(crate) fn watch(&mut self, nth: usize) {
        let (buyer, seller) = people(u128::try_from(nth).unwrap());
        self.watched.insert(Vault::of(Parties { buyer, seller }, self.house.bot).hash);
    }

    fn terms(&self, buyer: UserId, seller: UserId) -> Terms {
        Terms {
            item: "a bicycle".into(),
            asset: asset(),
            price: "100".parse().unwrap(),
            fee: self.house.fee.clone(),
            periods: self.house.periods,
            judges: Vec::new(),
            unruled: Unruled::Refund,
            ruling_delay: Millis(0),
            proposer: buyer,
            role: Role::Buyer,
            counterparty: Counterparty::Named(seller),
            bot: self.house.bot,
        }
    }

    /// The seller of the nth trade agrees.
    pub(crate) fn accepts(&mut self, nth: u32) {
        self.says(people(u128::from(nth)).1, &format!("accept {} {}", code(nth), token(nth)));
    }

    /// The buyer of the nth trade taps "I have paid".
    pub(crate) fn has_paid(&mut self, nth: u32) {
        self.says(people(u128::from(nth)).0, &format!("paid {}", code(nth)));
    }

    fn says(&mut self, from: UserId, text: &str) {
        self.messages += 1;
        let message = InboundMessage {
            conversation_id: contact_conversation(self.house.bot, from),
            user_id: from,
            message_id: MessageId(Uuid::from_u128(self.messages)),
            category: "PLAIN_TEXT".into(),
            data: text.as_bytes().to_vec(),
            quote_message_id: None,
            created_at: self.now,
            source: String::new(),
        };
        self.tell(Input::Chat(message));
    }

    /// The buyer's money lies in the vault, paid by Mixin's link.
    pub(crate) fn pays_link(&mut self, trade: &Trade) {
        let (vault, link) = (trade.vault().unwrap(), trade.link().unwrap());
        let hash = Hash(*blake3::hash(trade.id.0.as_bytes()).as_bytes());
        let key = spend_scalar(&hash.0).public();
        self.outputs.entry(vault.hash).or_default().push(Seen {
            output_id: mixin_escrow::kernel::derive::output_id(&hash, 0),
            hash,
            index: 0,
            asset: trade.terms.asset.id,
            amount: link.amount,
            keys: vec![key, key, key],
            mask: key,
            senders: vec![trade.parties.unwrap().buyer],
            extra: link.memo.clone().into_bytes(),
            request_id: Some(link.trace),
            inscription: false,
            sequence: 1,
            lock: Lock::Unspent,
        });
    }

    pub(crate) fn trade(&self, id: TradeId) -> Trade {
        let wanted = mixin_escrow::store::Wanted { trades: [id].into(), now: self.now, ..Default::default() };
        self.store().load(&wanted).unwrap().trades.remove(&id).unwrap()
    }

    // ---- time

    fn busy(&self) -> usize {
        self.flights.iter().filter(|flight| !flight.idle).count()
    }

    /// Lives until `to`; in steps of two seconds or more.
    pub(crate) fn lives_until(&mut self, to: Millis) {
        while self.now < to {
            self.turn();
            let free = self.busy() < TASKS_MAX;
            let landed = self.flights.iter().map(|flight| flight.at).min();
            let now = self.now;
            let due = if free { self.door().next_due(now).unwrap() } else { None };
            let next = landed.into_iter().chain(due).min().unwrap_or(to);
            self.now = next.max(now.plus(STEP)).min(to);
        }
    }

    fn turn(&mut self) {
        let now = self.now;
        if now.since(self.alive) >= Millis::from_secs(30) {
            self.alive = now;
            self.inputs.push(Input::Line(Line::Alive));
        }
        self.land();
        let mut inputs = std::mem::take(&mut self.inputs);
        inputs.extend(self.door().wakes(now).unwrap());
        if !inputs.is_empty() {
            self.door().apply(inputs, now).unwrap();
        }
        let room = u32::try_from(TASKS_MAX.saturating_sub(self.busy())).unwrap();
        for task in self.door().lease(now, room).unwrap() {
            let flight = self.depart(task);
            self.flights.push(flight);
        }
    }

    /// Everything but MixPay is answered out of hand, in a while.
    fn depart(&mut self, mut task: Task) -> Flight {
        let now = self.now;
        if matches!(task.work, Work::Order(_)) {
            return match task.next(None, now) {
                Step::Ask(call) => Flight { at: self.takes(20, 400), idle: false, task, then: Then::Ask(call) },
                Step::Done(answer) => Flight { at: now, idle: false, task, then: Then::Done(answer) },
                other => panic!("{other:?}"),
            };
        }
        let mut idle = false;
        let (at, answer) = match &task.work {
            Work::Say(_) => (self.takes(50, 150), Answer::Said),
            Work::Look(_) => {
                let looked = self.looked(&task);
                idle = looked.vault.is_some_and(|vault| !self.watched.contains(&vault));
                let late = now.since(START) > PAY;
                let takes = match (idle, late) {
                    (false, _) => 500..1_500,
                    (true, true) => 10_000..30_000,
                    (true, false) => 200_000..400_000,
                };
                (now.plus(Millis(self.rng.random_range(takes))), Answer::Looked(looked))
            }
            Work::Upload(_) => {
                let (attachment_id, mime_type) = (Uuid::from_u128(1), "image/png".to_owned());
                (
                    self.takes(50, 150),
                    Answer::Uploaded(Image { attachment_id, mime_type, width: 1, height: 1, size: 1 }),
                )
            }
            _ => (self.takes(1_000, 10_000), Answer::Unanswered { what: "nobody is there".into() }),
        };
        Flight { at, idle, task, then: Then::Done(answer) }
    }

    fn takes(&mut self, from: i64, to: i64) -> Millis {
        self.now.plus(Millis(self.rng.random_range(from..to)))
    }

    fn looked(&mut self, task: &Task) -> Looked {
        let vault: Hash = task.jobs[0].body["vault"].as_str().unwrap().parse().unwrap();
        self.looks += 1;
        let outputs = self.outputs.get(&vault).cloned().unwrap_or_default();
        Looked { vault: Some(vault), began: self.now, outputs, ..Looked::default() }
    }

    fn land(&mut self) {
        let now = self.now;
        let (landed, flying) = std::mem::take(&mut self.flights).into_iter().partition(|flight| flight.at <= now);
        self.flights = flying;
        for Flight { at, idle, mut task, then } in landed {
            let answer = match then {
                Then::Done(answer) => answer,
                Then::Ask(call) => {
                    let last = Some(self.mixpay(&task, &call));
                    let back = at.plus(Millis(self.rng.random_range(20..400)));
                    self.flights.push(Flight { at: back, idle, task, then: Then::Think(last) });
                    continue;
                }
                Then::Think(last) => match task.next(last, now) {
                    Step::Done(answer) => answer,
                    other => panic!("one call a try: {other:?}"),
                },
            };
            self.inputs.extend(task.jobs.into_iter().map(|job| Input::Answered { job, answer: answer.clone() }));
        }
    }

    fn mixpay(
        &mut self,
        task: &Task,
        call: &mixpay::Call,
    ) -> Result<mixin_escrow::mixin::Reply, mixin_escrow::mixin::CallError> {
        let job = &task.jobs[0];
        let class = serde_json::from_value(job.body["class"].clone()).unwrap();
        self.calls.push(Called { at: self.now, class, trade: job.trade.unwrap() });
        let base: Base = "https://api.mixpay.me".parse().unwrap();
        let mut response = self.world.handle(mixpay::request(call, &base).unwrap(), self.now);
        if let Some(twist) = self.twist {
            response = twist(&mut self.rng, response);
        }
        mixpay::read(response)
    }
}

fn ids() -> IdSecret {
    IdSecret::from_spend_seed(&SEED)
}

fn asset() -> Asset {
    Asset { id: USDT.parse::<AssetId>().unwrap(), symbol: "USDT".into(), chain: "TRON".into() }
}

fn code(nth: u32) -> String {
    id::crockford(&(u128::from(nth) << 98).to_be_bytes(), 6)
}

fn token(nth: u32) -> String {
    let letters = mixin_escrow::chat::text::TOKEN_LETTERS;
    id::crockford(blake3::hash(&nth.to_be_bytes()).as_bytes().first_chunk().unwrap(), letters)
}
