//! The door: everything that can start work comes in here, many inputs at once, and leaves one commit behind.
//! Synchronous and pure of waiting; the thread that owns it owns the truth.

use std::sync::Arc;

use super::desk::{Desk, Live};
use super::halts::{self, Watch};
use super::input::{Answer, Input, Looked, Purpose};
use super::jobs::{Task, VerifyBody};
use super::judges::{self, Judges};
use super::kit::Kit;
use super::links::PageLinks;
use super::orders::MixPayShop;
use super::verify::{self, Asks};
use super::{acts, answers, chats, claims, operator, orders, rooms, tasks, trust};
use crate::chat::House;
use crate::chat::text::{CODE_LETTERS, TOKEN_LETTERS, command_form};
use crate::id::{self, Hash, IdSecret, JobId, MessageId};
use crate::kernel::Scalar;
use crate::mixin::KitKey;
use crate::mixin::blaze::InboundMessage;
use crate::mixin::conversation::Membership;
use crate::mixpay::{Budget, Class};
use crate::store::{Changes, Found, Operator, OperatorAnswer, Searches, Store, StoreError, Wanted};
use crate::time::{Millis, ServiceClock};
use crate::trade::name;

/// How long a leased job may take before it is due again.
const LEASE: Millis = Millis::from_secs(60);
/// No job waits longer than this: a standing look that nobody is in a hurry about.
const WAIT_MAX: Millis = Millis::from_hours(24);
/// The same for a look, which may read many pages: a second one beside it would only slow both.
const LOOK_LEASE: Millis = Millis::from_secs(600);
/// MixPay counts by the minute.
const AFTER_RESTORE: Millis = Millis::from_secs(65);
/// Trades woken in one batch.
const WAKES_MAX: u32 = 200;

/// The bot's secrets, as far as the door and the jobs need them.
pub struct Keys {
    pub ids: IdSecret,
    pub spend: Arc<Scalar>,
    pub kits: KitKey,
}

/// What does not change while the program runs.
pub struct Shop {
    pub house: House,
    pub keys: Keys,
    /// Searches by number an hour; one refusal by Mixin locks them for twelve hours.
    pub searches_per_hour: usize,
    /// A jump of the clock above this is not time but downtime (design §2).
    pub max_skew: Millis,
    /// How MixPay is offered; `None`: not at all.
    pub mixpay: Option<MixPayShop>,
    /// How people come to the page of a trade; `None`: they do not.
    pub pages: Option<PageLinks>,
}

/// What one batch leaves for the caller to do; losing it is harmless, since Mixin repeats what is not acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// To acknowledge now that what they caused is committed.
    pub acknowledge: Vec<MessageId>,
    /// What came of the operator's inputs, by their `seq`.
    pub answered: Vec<(i64, OperatorAnswer)>,
    /// The operator must act: our token is not accepted.
    pub unauthorized: Option<String>,
}

pub struct Door {
    store: Store,
    shop: Shop,
    clock: ServiceClock,
    live: Live,
    searches: Searches,
    budget: Budget,
    watch: Watch,
    asks: Asks,
    judges: Judges,
}

impl Door {
    /// Opens the door on a database. Time since it was last known to live counts as downtime until
    /// [`Line::Up`](super::Line::Up).
    ///
    /// After a restore nothing is signed before every vault that may see money was read again in this life, and
    /// what that needs is queued here.
    ///
    /// # Errors
    /// [`StoreError::OtherBot`], or when the database cannot be read.
    pub fn open(mut store: Store, mut shop: Shop, now: Millis) -> Result<Self, StoreError> {
        store.belongs_to(shop.house.bot)?;
        store.free_leases()?;
        store.not_later_than(now.plus(WAIT_MAX))?;
        let (mut clock, alive) = store.clock()?;
        if clock.down_since.is_none() {
            clock.down_since = alive;
        }
        let searches = store.searches()?;
        let budget = store.note(orders::BUDGET)?.unwrap_or_default();
        let found = halts::to_read(&store, clock.server(now))?;
        let watch = Watch::open(&store, &found)?;
        let live = Live { alive, drained: None, measured: now };
        let judges = Judges::open(&store, &shop.house.judges)?;
        shop.house.judges = judges.present().to_vec();
        let asks = Asks::default();
        let mut door = Self { store, shop, clock, live, searches, budget, watch, asks, judges };
        if door.watch.halts.restored.is_some() {
            // What was asked of MixPay in the life that was lost is not known.
            door.budget.pause(now.plus(AFTER_RESTORE));
            let mut desk = door.desk(found, now);
            halts::read_again(&mut desk);
            let watch = desk.watch.clone();
            let (changes, ..) = desk.close();
            door.store.save(&changes)?;
            door.watch.becomes(watch);
        }
        Ok(door)
    }

    pub(super) fn desk(&self, found: Found, now: Millis) -> Desk<'_> {
        let state = (
            self.clock.clone(),
            self.searches.clone(),
            self.budget.clone(),
            self.live,
            self.watch.clone(),
            self.asks.clone(),
            self.judges.clone(),
        );
        Desk::new(&self.shop, state, found, now)
    }

    /// Why nothing is signed at this moment; `None` when signing goes on.
    #[must_use]
    pub fn halted(&self) -> Option<String> {
        self.watch.halts.why()
    }

    /// What keeps the halt of a restore up: every vault that was not read whole yet, with the codes of its trades.
    #[must_use]
    pub fn unread(&self) -> Vec<(Hash, String)> {
        self.watch.unread()
    }

    /// What the operator asked for beside us, as inputs.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asked(&self) -> Result<Vec<Input>, StoreError> {
        let rows = self.store.asked()?;
        Ok(rows.into_iter().map(|(seq, input)| Input::Operator { seq, input }).collect())
    }

    /// What the clock says, for signing requests and showing dates.
    #[must_use]
    pub fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Gives the database back; everything that was not committed is gone, as when the process dies.
    #[must_use]
    pub fn into_store(self) -> Store {
        self.store
    }

    /// Takes `inputs` in, in order, and commits what they mean. `now` is machine time.
    ///
    /// # Errors
    /// When the database refuses; then nothing happened and the same inputs may come again.
    pub fn apply(&mut self, inputs: Vec<Input>, now: Millis) -> Result<Applied, StoreError> {
        let found = self.load(&inputs, now)?;
        let mut desk = self.desk(found, now);
        for input in inputs {
            match input {
                Input::Chat(message) => chats::take(&mut desk, &message),
                Input::Answered { job, answer } => answers::take(&mut desk, &job, answer),
                Input::Wake(trade) => answers::wake(&mut desk, trade),
                Input::Hint { order } => orders::hint(&mut desk, &order),
                Input::Line(line) => desk.line(line),
                Input::Operator { seq, input } => operator::take(&mut desk, seq, input),
            }
        }
        let live = desk.live;
        let (budget, watch, asks) = (desk.budget.clone(), desk.watch.clone(), desk.asks.clone());
        let judges = desk.judges.clone();
        let (changes, mut applied, clock) = desk.close();
        applied.answered = changes.answered.iter().map(|(seq, _, answer)| (*seq, answer.clone())).collect();
        self.store.save(&changes)?;
        if let Some(searches) = changes.searches {
            self.searches = searches;
        }
        self.clock = clock;
        self.live = live;
        self.budget = budget;
        self.asks = asks;
        self.shop.house.judges = judges.present().to_vec();
        self.judges = judges;
        self.watch.becomes(watch);
        Ok(applied)
    }

    /// All that `inputs` may touch.
    fn load(&self, inputs: &[Input], now: Millis) -> Result<Found, StoreError> {
        let mut wanted = Wanted { now: self.clock.server(now), ..Wanted::default() };
        for input in inputs {
            want(input, &self.shop, &mut wanted);
        }
        let mut found = self.store.load(&wanted)?;
        // Held messages name trades and tokens that are only known once they are read.
        let mut more = Wanted { now: wanted.now, ..Wanted::default() };
        found.held.iter().filter_map(chats::unheld).for_each(|message| want_for_chat(&message, &self.shop, &mut more));
        // A draft names somebody who is in no trade with its writer yet.
        let named = found.persons.values().filter_map(|row| row.dialog.draft()?.other);
        // Whether what a dialog is about is over must be seen.
        more.codes.extend(found.persons.values().filter_map(|row| row.dialog.case().map(str::to_owned)));
        // What waits for their answer is counted when the draft is sent.
        let sent = !found.tokens.is_empty();
        more.persons.extend(named.filter(|person| sent || !found.persons.contains_key(person)));
        // What one person may lock is asked of both sides of a proposal, and both hear whom else they know by such a name.
        if !found.tokens.is_empty() {
            more.persons.extend(found.trades.values().filter(|trade| trade.parties.is_none()).flat_map(trust::sides));
        }
        // A request may spend the money of a trade that ended long ago.
        if inputs.iter().any(is_verified) {
            more.trades.extend(found.deposits.values().filter_map(|row| row.trade));
        }
        // Where a draft was begun, and whose room it is.
        let rooms = found.persons.values().filter_map(|row| row.group);
        more.rooms.extend(rooms.filter(|group| !found.rooms.contains_key(group)));
        let theirs = found.rooms.values().filter_map(|room| room.trade);
        more.trades.extend(theirs.filter(|trade| !found.trades.contains_key(trade)));
        let claims = found.trades.values().filter_map(|trade| Some(trade.claim.as_ref()?.seen.output_id));
        more.deposits.extend(claims.filter(|output| !found.deposits.contains_key(output)));
        more.trades.extend(claims::asked(&found));
        if !more.is_complete() {
            more.messages.clear();
            more.held.clear();
            let rest = self.store.load(&more)?;
            found.trades.extend(rest.trades);
            found.tokens.extend(rest.tokens);
            found.persons.extend(rest.persons);
            found.agreed.extend(rest.agreed);
            found.deposits.extend(rest.deposits);
            found.rooms.extend(rest.rooms);
            found.offered.extend(rest.offered);
        }
        self.exhibits(inputs, &mut found)?;
        // Both are heard before a deadline gives anybody a right: also what waits to be understood.
        let looks = inputs.iter().any(|input| matches!(input, Input::Answered { answer: Answer::Looked(_), .. }));
        let held = judges::unheard(&found, looks, &wanted);
        let unheard = Wanted { held, now: wanted.now, ..Wanted::default() };
        if !unheard.held.is_empty() {
            found.held.extend(self.store.load(&unheard)?.held);
        }
        let written = inputs.iter().any(|input| !matches!(input, Input::Answered { answer: Answer::Looked(_), .. }));
        found.conflicts = judges::conflicts(&self.store, &found, written, wanted.now)?;
        Ok(found)
    }

    /// What is kept of the exhibits that somebody asks to see.
    fn exhibits(&self, inputs: &[Input], found: &mut Found) -> Result<(), StoreError> {
        let held: Vec<_> = found.held.iter().filter_map(chats::unheld).collect();
        let said =
            inputs.iter().filter_map(|input| if let Input::Chat(message) = input { Some(message) } else { None });
        let asked: Vec<u32> = said.chain(&held).filter_map(chats::exhibit).collect();
        let all = found.trades.values().flat_map(|trade| trade.exhibits.iter().map(|exhibit| (trade.id, exhibit.no)));
        let wanted = Wanted { exhibits: all.filter(|(_, no)| asked.contains(no)).collect(), ..Wanted::default() };
        if !wanted.exhibits.is_empty() {
            found.exhibits = self.store.load(&wanted)?.exhibits;
        }
        Ok(())
    }

    /// The trades whose time has come, as inputs.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn wakes(&self, now: Millis) -> Result<Vec<Input>, StoreError> {
        let service = self.clock.service(self.clock.server(now));
        Ok(self.store.woken(service, WAKES_MAX)?.into_iter().map(Input::Wake).collect())
    }

    /// Leases what is due, at most `limit` jobs, ready to run.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lease(&mut self, now: Millis, limit: u32) -> Result<Vec<Task>, StoreError> {
        // A quarter is kept for looks, so that talk cannot blind the bot; and looks never take the last place, so
        // that what moves money finds one.
        let mut due = self.store.lease(now, now.plus(LEASE), false, limit - limit / 4)?;
        let left = limit.saturating_sub(u32::try_from(due.len()).unwrap_or(limit));
        due.extend(self.store.lease(now, now.plus(LOOK_LEASE), true, left / 2)?);
        let left = limit.saturating_sub(u32::try_from(due.len()).unwrap_or(limit));
        let asked = self.lease_orders(now, left / 2)?;
        let classes: Vec<(JobId, Class)> =
            asked.iter().filter_map(|job| Some((job.id, orders::body(job)?.class))).collect();
        due.extend(asked);
        let halted = self.halted();
        let ready = tasks::prepare(&self.store, &self.shop, halted.as_deref(), due, (now, self.clock.server(now)))?;
        // Whoever has nothing to ask any more takes nobody's turn.
        let leaves =
            |id: JobId| ready.tasks.iter().any(|task| task.asks_mixpay() && task.jobs.iter().any(|j| j.id == id));
        for (_, class) in classes.into_iter().filter(|(id, _)| !leaves(*id)) {
            self.budget.give_back(now, class);
        }
        if !ready.moot.is_empty() {
            self.store.save(&Changes { fates: ready.moot, ..Default::default() })?;
        }
        Ok(ready.tasks)
    }

    /// What may be asked of MixPay now. That it was granted is committed before anything leaves, so a process that
    /// dies and comes back asks no more than its share.
    fn lease_orders(&mut self, now: Millis, limit: u32) -> Result<Vec<crate::store::Due>, StoreError> {
        if limit == 0 || self.budget.next_free(now) != Some(now) {
            return Ok(Vec::new());
        }
        let due = self.store.orders_due(now)?;
        let waiting = |class: Class| due.get(class.name()).copied().unwrap_or(0);
        let waiting = Class::ALL.into_iter().map(|class| (class, waiting(class))).collect();
        let granted = self.budget.grant(now, &waiting, limit);
        if granted.values().all(|many| *many == 0) {
            return Ok(Vec::new());
        }
        let notes = vec![(orders::BUDGET.to_owned(), serde_json::json!(self.budget))];
        self.store.save(&Changes { notes, ..Changes::default() })?;
        let mut leased = Vec::new();
        for (class, many) in granted {
            leased.extend(self.store.lease_orders(now, now.plus(LEASE), class.name(), many)?);
        }
        Ok(leased)
    }

    /// The machine time at which there is something to do by itself.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_due(&self, now: Millis) -> Result<Option<Millis>, StoreError> {
        let (job, wake) = self.store.next_due()?;
        // While the connection is down service time stands still, and nobody's time runs out.
        let wake = wake
            .filter(|_| self.clock.down_since.is_none())
            .map(|service| Millis(self.clock.to_server(service).0.saturating_sub(self.clock.offset.0)));
        let free = self.budget.next_free(now).unwrap_or(now);
        let order = self.store.next_order()?.map(|due| due.max(free));
        Ok(job.into_iter().chain(wake).chain(order).min())
    }
}

const fn is_verified(input: &Input) -> bool {
    matches!(input, Input::Answered { answer: Answer::Verified(_), .. })
}

/// Everything an input may touch.
fn want(input: &Input, shop: &Shop, wanted: &mut Wanted) {
    match input {
        Input::Chat(message) => want_for_chat(message, shop, wanted),
        Input::Wake(trade) => {
            wanted.trades.insert(*trade);
        }
        Input::Hint { order } => {
            wanted.names.insert(name::order(order));
        }
        Input::Line(_) => {}
        Input::Operator { input, .. } => want_for_operator(input, shop, wanted),
        Input::Answered { job, answer } => {
            wanted.trades.extend(job.trade);
            match answer {
                Answer::Looked(looked) => want_for_look(looked, wanted),
                Answer::Verified(said) => wanted.deposits.extend(verify::spends(said)),
                Answer::Profile { user, .. } => {
                    wanted.persons.insert(user.user_id);
                }
                _ => {}
            }
            wanted.persons.extend(VerifyBody::of(job).map(|body| body.by));
            wanted.rooms.extend(rooms::of_job(job));
            match answers::purpose(job) {
                Some(Purpose::Newcomer { room, person }) => {
                    wanted.rooms.insert(room);
                    wanted.persons.insert(person);
                }
                Some(Purpose::Writer(person) | Purpose::Member(person) | Purpose::Counterparty { of: person }) => {
                    wanted.persons.insert(person);
                    wanted.held.insert(person);
                }
                None => {}
            }
        }
    }
}

fn want_for_operator(input: &Operator, shop: &Shop, wanted: &mut Wanted) {
    match input {
        Operator::Import { kit } => {
            if let Ok(kit) = Kit::read(kit, &shop.keys.kits, &shop.keys.ids) {
                wanted.trades.insert(kit.trade.id);
                wanted.codes.insert(kit.code);
                wanted.persons.extend(kit.members);
            }
        }
        Operator::AddJudge { person } => {
            wanted.persons.insert(*person);
        }
        Operator::RemoveJudge { person } => {
            wanted.persons.insert(*person);
            wanted.judged.insert(*person);
        }
        Operator::FreezeTrade { code, .. } | Operator::UnfreezeTrade { code, .. } | Operator::StopRuling { code } => {
            wanted.codes.insert(code.clone());
        }
        Operator::AssignDeposit { output, code } | Operator::ReturnDeposit { output, code } => {
            wanted.deposits.insert(*output);
            wanted.codes.insert(code.clone());
        }
        Operator::RetryJob { id } => {
            wanted.jobs.insert(*id);
        }
        Operator::HaltSigning { .. }
        | Operator::ResumeSigning { .. }
        | Operator::HaltTrades { .. }
        | Operator::ResumeTrades { .. }
        | Operator::HaltClock { .. }
        | Operator::ResumeClock
        | Operator::Unknown => {}
    }
}

fn want_for_chat(message: &InboundMessage, shop: &Shop, wanted: &mut Wanted) {
    wanted.messages.insert(message.message_id);
    wanted.persons.insert(message.user_id);
    wanted.held.insert(message.user_id);
    wanted.rooms.insert(message.conversation_id);
    if message.category == chats::SYSTEM {
        wanted.persons.extend(Membership::read(&message.data).map(|change| change.who));
    }
    if shop.house.judges.contains(&message.user_id) {
        wanted.judged.insert(message.user_id);
    }
    let text = chats::text(message);
    // A card stands anywhere in a text.
    wanted.codes.extend(trust::codes(message));
    // Chinese is written without spaces, and a code may have its `#`.
    let form = command_form(&text);
    let words = form.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    for word in words.take(chats::WORDS_MAX) {
        match id::crockford_read(word) {
            Some(code) if code.len() == CODE_LETTERS => {
                wanted.codes.insert(code);
            }
            Some(token) if token.len() == TOKEN_LETTERS => {
                wanted.tokens.insert(token);
                // A proposal is made by token; its code must not be another trade's.
                wanted.codes.extend(acts::codes_of(&shop.keys.ids, message.message_id));
                wanted.agreed |= shop.house.caps.count();
            }
            _ => {}
        }
    }
}

fn want_for_look(looked: &Looked, wanted: &mut Wanted) {
    wanted.vaults.extend(looked.vault);
    for output in &looked.outputs {
        wanted.deposits.insert(output.output_id);
        wanted.names.extend(name::of(output));
    }
}
