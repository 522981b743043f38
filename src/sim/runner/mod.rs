//! The simulator: the whole bot and the whole network in one thread, without sockets, runtime or clock. One seed is
//! one run. Between any two steps the process may die; what was committed is all that comes back.
//!
//! A [`Stage`] owns the network, the time and the bot. The order among the steps that are possible is drawn from
//! the seed, so interleavings vary while every run can be lived again.

mod bot;
mod check;
mod faults;
mod moves;
mod setup;
mod steps;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

use super::play::Deed;
use crate::chat::House;
use crate::engine::MixPayShop;
use crate::mixin::{Base, Keystore};
use crate::sandbox::{Callback, Frame, World};
use crate::store::{self, Beside, Operator, Store};
use crate::time::Millis;
use bot::Bot;

pub use faults::{Fate, Faults};
pub use setup::{Disk, Setup, StageError};

/// The first moment of every run: 2026-01-01.
const START: Millis = Millis(1_767_225_600_000);
/// Lines kept of what was done, to be shown with a failure.
const LOG_MAX: usize = 60;

/// The bot runs, or it is dead and its database waits.
enum Life {
    Up(Box<Bot>),
    Down { store: Option<Store>, until: Millis },
}

/// Everything there is in one run.
pub struct Stage {
    world: World,
    now: Millis,
    rng: ChaCha8Rng,
    faults: Faults,
    crashes: Vec<u64>,
    cuts: Vec<u64>,
    fates: BTreeMap<u64, Fate>,
    /// MixPay's callbacks on their way, in no order.
    callbacks: Vec<Callback>,
    disk: Disk,
    house: House,
    searches_per_hour: usize,
    mixpay: Option<MixPayShop>,
    keystore: Keystore,
    base: Base,
    life: Life,
    steps: u64,
    deaths: u32,
    mishaps: u32,
    circles: u32,
    /// Numbers of the steps before which something changed that outlives the process.
    marks: Vec<u64>,
    /// Numbers of the steps in which a request left.
    sends: Vec<u64>,
    log: VecDeque<String>,
    people: BTreeMap<String, Value>,
    shown: BTreeMap<String, Vec<Value>>,
}

impl Stage {
    /// A fresh network and a bot that starts on an empty database.
    ///
    /// # Errors
    /// When the setting is impossible.
    pub fn new(setup: Setup) -> Result<Self, StageError> {
        let Setup { seed, mut house, searches_per_hour, mixpay, disk, faults } = setup;
        let fail = |error: &dyn std::fmt::Display| StageError::Setting(error.to_string());
        let mut world = World::new(seed, START);
        let listed = control(&mut world, START, "GET", "people", &Value::Null)?;
        let people: BTreeMap<String, Value> = listed
            .as_array()
            .into_iter()
            .flatten()
            .map(|person| (person["role"].as_str().unwrap_or_default().to_owned(), person.clone()))
            .collect();
        let of = |role: &str, key: &str| people.get(role).and_then(|p| p[key].as_str()).unwrap_or_default().to_owned();
        house.fee.receiver = of("fees", "user_id").parse().map_err(|e| fail(&e))?;
        house.judges = of("judge", "user_id").parse().into_iter().collect();
        house.bot_number = of("bot", "number");
        house.bot_name = of("bot", "name");
        let keystore = people.get("bot").map(|bot| bot["keystore"].to_string()).unwrap_or_default();
        let keystore = Keystore::read(&keystore).map_err(|e| fail(&e))?;
        house.bot = keystore.app_id();
        house.mixpay = mixpay.is_some();
        let store = disk.open()?;
        let mut stage = Self {
            world,
            now: START,
            rng: ChaCha8Rng::seed_from_u64(seed),
            faults,
            crashes: Vec::new(),
            cuts: Vec::new(),
            fates: BTreeMap::new(),
            callbacks: Vec::new(),
            disk,
            house,
            searches_per_hour,
            mixpay,
            keystore,
            base: "https://api.mixin.one".parse().map_err(|e| fail(&e))?,
            life: Life::Down { store: Some(store), until: START },
            steps: 0,
            deaths: 0,
            mishaps: 0,
            circles: 0,
            marks: Vec::new(),
            sends: Vec::new(),
            log: VecDeque::new(),
            people,
            shown: BTreeMap::new(),
        };
        stage.set_faults(faults)?;
        Ok(stage)
    }

    // ---- what may go wrong

    /// From now on these faults happen.
    ///
    /// # Errors
    /// When the network does not take a switch.
    pub fn set_faults(&mut self, faults: Faults) -> Result<(), StageError> {
        self.faults = faults;
        let switches = json!({
            "duplicate_push": faults.duplicate_push,
            "redeliver_ms": if faults.redeliver { 2_000 } else { 0 },
            "drop_acks": faults.drop_acks,
            "skew_ms": faults.skew_ms,
            "mixpay": { "http_429": faults.http_429 },
        });
        self.control("POST", "switches", &switches).map(drop)
    }

    /// The process dies before the step with this number.
    pub fn crash_before(&mut self, step: u64) {
        self.crashes.push(step);
    }

    /// The live connection is cut before the step with this number.
    pub fn cut_before(&mut self, step: u64) {
        self.cuts.push(step);
    }

    /// The request that leaves in the step with this number goes wrong.
    pub fn spoil(&mut self, step: u64, fate: Fate) {
        self.fates.insert(step, fate);
    }

    /// The process dies now and starts again `down` later. What was not committed is lost.
    ///
    /// # Errors
    /// When its database cannot be opened again.
    pub fn crash(&mut self, down: Millis) -> Result<(), StageError> {
        let until = self.now.plus(down);
        let life = std::mem::replace(&mut self.life, Life::Down { store: None, until });
        let store = match life {
            Life::Down { store, .. } => store,
            Life::Up(bot) => {
                if let Some(line) = bot.line() {
                    self.world.blaze_frame(line, Frame::Close, self.now);
                }
                self.deaths += 1;
                self.note(|| "the process dies".into());
                match self.disk {
                    Disk::Memory => Some(bot.door.into_store()),
                    Disk::File(_) => None,
                }
            }
        };
        self.life = Life::Down { store, until };
        Ok(())
    }

    /// The process dies and its database with it: the next life begins on an empty one.
    ///
    /// # Errors
    /// When no empty one can be made.
    pub fn lose_database(&mut self) -> Result<(), StageError> {
        self.crash(Millis(0))?;
        self.life = Life::Down { store: Some(Store::in_memory()?), until: self.now };
        self.note(|| "the database is lost".into());
        Ok(())
    }

    /// The operator asks the bot for something; what it answered, in a line.
    ///
    /// # Errors
    /// See [`StageError`].
    pub fn operate(&mut self, seq: i64, input: Operator) -> Result<Option<String>, StageError> {
        self.live(Millis(1))?;
        if let Life::Up(bot) = &mut self.life {
            bot.operate(seq, input);
        }
        self.live(Millis(1))?;
        let Life::Up(bot) = &self.life else { return Ok(None) };
        Ok(bot.answered.iter().rev().find(|(of, _)| *of == seq).map(|(_, answer)| answer.clone()))
    }

    /// Takes a copy of the database, as the operator would, while the bot goes on.
    ///
    /// # Errors
    /// When the database is not a file, or the copy cannot be written.
    pub fn back_up(&mut self, to: &Path) -> Result<(), StageError> {
        self.beside()?.back_up(to, true, self.now)?;
        self.note(|| "a copy of the database is taken".into());
        Ok(())
    }

    /// The process dies, its database is replaced by a copy, and it starts again `down` later.
    ///
    /// # Errors
    /// When the database is not a file, or the copy cannot be put back.
    pub fn restore(&mut self, from: &Path, down: Millis) -> Result<(), StageError> {
        self.crash(down)?;
        if let Life::Down { store, .. } = &mut self.life {
            *store = None;
        }
        let Disk::File(path) = &self.disk else { return Err(no_file()) };
        store::restore(from, path, true, self.now)?;
        self.note(|| "the database is replaced by a copy".into());
        Ok(())
    }

    /// Puts a row for the bot beside it, as the command line does.
    ///
    /// # Errors
    /// When the database is not a file, or refuses.
    pub fn ask(&mut self, input: &Operator) -> Result<i64, StageError> {
        Ok(self.beside()?.ask(self.now, input)?)
    }

    /// A second connection to the bot's database.
    ///
    /// # Errors
    /// When the database is not a file, or cannot be opened.
    pub fn beside(&self) -> Result<Beside, StageError> {
        let Disk::File(path) = &self.disk else { return Err(no_file()) };
        Ok(Beside::open(path)?)
    }

    /// Why the bot signs nothing now; `None` when it does, or is down.
    #[must_use]
    pub fn halted(&self) -> Option<String> {
        match &self.life {
            Life::Up(bot) => bot.door.halted(),
            Life::Down { .. } => None,
        }
    }

    /// The live connection is cut without a word.
    pub fn cut(&mut self) {
        let now = self.now;
        if let Life::Up(bot) = &mut self.life {
            bot.hang_up(&mut self.world, now);
            self.mishaps += 1;
            self.note(|| "the connection is cut".into());
        }
    }

    // ---- steps

    /// Steps made so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// How often the bot has died.
    #[must_use]
    pub const fn deaths(&self) -> u32 {
        self.deaths
    }

    /// Requests that went wrong and connections that were lost.
    #[must_use]
    pub const fn mishaps(&self) -> u32 {
        self.mishaps
    }

    /// The numbers of the steps before which a crash differs from every earlier crash: something that outlives the
    /// process had changed.
    #[must_use]
    pub fn marks(&self) -> &[u64] {
        &self.marks
    }

    /// The numbers of the steps in which a request left.
    #[must_use]
    pub fn sends(&self) -> &[u64] {
        &self.sends
    }

    #[must_use]
    pub const fn now(&self) -> Millis {
        self.now
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if self.log.len() >= LOG_MAX {
            self.log.pop_front();
        }
        self.log.push_back(format!("  {:>6} {} {}", self.steps, self.now.to_rfc3339(), line()));
    }

    /// The last steps, a line each.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.iter().cloned().collect::<Vec<_>>().join("\n")
    }

    // ---- people

    /// Does what a person does with a phone.
    ///
    /// # Errors
    /// [`StageError::Refused`] with what the phone or the network said.
    pub fn act(&mut self, deed: &Deed) -> Result<Value, StageError> {
        self.note(|| format!("{} {} {}", deed.who, deed.verb, deed.caption));
        self.control("POST", &format!("people/{}/{}", deed.who, deed.verb), &deed.body)
    }

    /// A call of the sandbox's control surface.
    ///
    /// # Errors
    /// [`StageError::Refused`].
    pub fn control(&mut self, method: &str, route: &str, body: &Value) -> Result<Value, StageError> {
        control(&mut self.world, self.now, method, route, body)
    }

    /// Reads what is new on the two phones.
    ///
    /// # Errors
    /// When there is no such phone.
    pub fn look_at_phones(&mut self) -> Result<(), StageError> {
        for who in ["buyer", "seller"] {
            self.look_at_phone(who)?;
        }
        Ok(())
    }

    /// Reads what is new on a phone. Ids, numbers and roles name a person.
    ///
    /// # Errors
    /// When there is no such phone.
    pub fn look_at_phone(&mut self, who: &str) -> Result<(), StageError> {
        let after = self.shown(who).last().and_then(|message| message["seq"].as_u64()).unwrap_or(0);
        let new = self.control("GET", &format!("people/{who}/inbox?after={after}"), &Value::Null)?;
        self.shown.entry(who.to_owned()).or_default().extend(new.as_array().cloned().unwrap_or_default());
        Ok(())
    }

    /// Everything a phone has shown of the bot, oldest first, as of the last look.
    #[must_use]
    pub fn shown(&self, who: &str) -> &[Value] {
        self.shown.get(who).map(Vec::as_slice).unwrap_or_default()
    }

    /// The file that a message with an attachment shows; `None` when the network has none.
    #[must_use]
    pub fn file(&mut self, message: &Value) -> Option<Bytes> {
        let id = message["attachment"]["attachment_id"].as_str()?;
        let request = http::Request::get(format!("/attachments/{id}/view")).body(Bytes::new()).ok()?;
        let answer = self.world.handle(request, self.now);
        answer.status().is_success().then(|| answer.into_body())
    }

    /// Something about a person: `user_id`, `number`, `name`.
    #[must_use]
    pub fn person(&self, role: &str, key: &str) -> String {
        self.people.get(role).and_then(|person| person[key].as_str()).unwrap_or_default().to_owned()
    }

    /// What the operator has set.
    #[must_use]
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// The bot's database; `None` while it is down.
    #[must_use]
    pub fn store(&self) -> Option<&Store> {
        match &self.life {
            Life::Up(bot) => Some(bot.door.store()),
            Life::Down { store, .. } => store.as_ref(),
        }
    }
}

fn no_file() -> StageError {
    StageError::Setting("its database is not a file".into())
}

fn control(world: &mut World, now: Millis, method: &str, route: &str, body: &Value) -> Result<Value, StageError> {
    let refused = |said: String| StageError::Refused { route: route.to_owned(), said };
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = http::Request::builder().method(method).uri(format!("/sandbox/{route}")).body(body);
    let answer = world.control(request.map_err(|error| refused(error.to_string()))?, now);
    if !answer.status().is_success() {
        return Err(refused(String::from_utf8_lossy(answer.body()).into_owned()));
    }
    serde_json::from_slice(answer.body()).map_err(|error| refused(error.to_string()))
}
