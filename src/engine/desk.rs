//! The desk: what was loaded for one batch of inputs, and what the batch has changed so far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use uuid::Uuid;

use super::door::{Applied, Shop};
use super::halts::Watch;
use super::input::Line;
use super::jobs::FindBody;
use super::judges::{self, Judges};
use super::verify::{self, Asks};
use super::{claims, groups, halts, orders, pages, trust};
use crate::id::{Hash, JobId, MessageId, TradeId, UserId};
use crate::mixpay::{Budget, Class};
use crate::money::Amount;
use crate::store::{Changes, Fate, Found, HistoryRow, JobRow, Kind, Searches, TradeRow};
use crate::time::{Millis, ServiceClock};
use crate::trade::command::Context;
use crate::trade::judge::Facts;
use crate::trade::order::Order;
use crate::trade::{self, Command, Duty, Event, Notice, Refusal, Trade, deadline, duty};

pub(super) struct Desk<'a> {
    pub(super) shop: &'a Shop,
    pub(super) found: Found,
    pub(super) changes: Changes,
    pub(super) applied: Applied,
    pub(super) searches: Searches,
    /// Of requests to MixPay.
    pub(super) budget: Budget,
    pub(super) watch: Watch,
    /// Of questions about requests.
    pub(super) asks: Asks,
    pub(super) judges: Judges,
    /// Machine time.
    pub(super) now: Millis,
    clock: ServiceClock,
    clock_moved: bool,
    pub(super) live: Live,
    /// Trades, persons and jobs whose rows are written at the end, once, however often they changed.
    touched: BTreeSet<TradeId>,
    people: BTreeSet<UserId>,
    jobs: BTreeMap<JobId, JobRow>,
    job_order: Vec<JobId>,
}

/// What is known of the live connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Live {
    /// Server time it was last known to live, as committed.
    pub(super) alive: Option<Millis>,
    /// Everything said until this server time is known. Never committed: it is of the connection that lives.
    pub(super) drained: Option<Millis>,
    /// Machine time since when the clock's offset is what it is.
    pub(super) measured: Millis,
}

/// What the door keeps in memory between two batches.
pub(super) type Kept = (ServiceClock, Searches, Budget, Live, Watch, Asks, Judges);

impl<'a> Desk<'a> {
    pub(super) fn new(
        shop: &'a Shop,
        (clock, searches, budget, live, watch, asks, judges): Kept,
        found: Found,
        now: Millis,
    ) -> Self {
        Self {
            shop,
            found,
            changes: Changes::default(),
            applied: Applied::default(),
            searches,
            budget,
            watch,
            asks,
            judges,
            now,
            clock,
            clock_moved: false,
            live,
            touched: BTreeSet::new(),
            people: BTreeSet::new(),
            jobs: BTreeMap::new(),
            job_order: Vec::new(),
        }
    }

    /// Everything to write, in one commit.
    pub(super) fn close(mut self) -> (Changes, Applied, ServiceClock) {
        let service = self.service();
        for id in &self.touched {
            if let Some(trade) = self.found.trades.get(id) {
                // A deadline that has passed wakes nobody again: from then on looks drive the trade.
                let wake_at = deadline::next(trade).filter(|at| *at > service);
                self.changes.trades.push(TradeRow {
                    trade: trade.clone(),
                    wake_at,
                    watched_until: deadline::watched_until(trade),
                });
            }
        }
        let people = self.people.iter().filter_map(|id| self.found.persons.get(id));
        self.changes.persons = people.cloned().collect();
        let mut jobs = std::mem::take(&mut self.jobs);
        self.changes.jobs = self.job_order.iter().filter_map(|id| jobs.remove(id)).collect();
        self.changes.clock = self.clock_moved.then(|| self.clock.clone());
        (self.changes, self.applied, self.clock)
    }

    // ---- time

    pub(super) fn clock(&self) -> &ServiceClock {
        &self.clock
    }

    /// Server time of now.
    pub(super) fn server(&self) -> Millis {
        self.clock.server(self.now)
    }

    /// Service time of now.
    pub(super) fn service(&self) -> Millis {
        self.clock.service(self.server())
    }

    /// Service time of a server time.
    pub(super) fn service_at(&self, server: Millis) -> Millis {
        self.clock.service(server)
    }

    /// What the connection does. Spans without one are rows; service time stands still in them.
    pub(super) fn line(&mut self, line: Line) {
        match line {
            Line::Alive => self.lives(),
            Line::Up => {
                self.live.drained = None;
                self.lives();
            }
            Line::Down => {
                self.live.drained = None;
                self.lost();
            }
            Line::Drained(drained) => {
                // What was said later cannot be known.
                let until = drained.until(self.clock.offset, self.live.measured);
                self.live.drained = until.map(|until| until.min(self.server()));
            }
            Line::Refused => self.applied.unauthorized = Some("the live connection was refused (401)".into()),
            Line::Offset(offset) => self.measured(offset),
        }
    }

    /// A jump while connected is time. One that is too large may be the clock's fault: no right comes of time before
    /// the operator has agreed to it.
    fn measured(&mut self, offset: Millis) {
        let jump = offset.since(self.clock.offset);
        if jump == Millis(0) {
            return;
        }
        let before = self.server();
        self.clock_moved = true;
        self.clock.offset = offset;
        // What was proved was proved by the offset of before.
        (self.live.drained, self.live.measured) = (None, self.now);
        self.nothing_is_later_than_now();
        let connected = self.clock.down_since.is_none() && self.live.alive.is_some();
        if connected && jump.0.saturating_abs() > self.shop.max_skew.0 {
            halts::jumped(self, before);
        }
    }

    /// The connection is known to live now: a span without one, if there was one, is over.
    fn lives(&mut self) {
        let server = self.server();
        if let Some(start) = self.clock.down_since.take() {
            self.clock_moved = true;
            if start < server {
                self.clock.spans.push((start, server));
                self.changes.spans.push((start, server));
            }
        }
        self.changes.last_alive = Some(server);
        self.live.alive = Some(server);
    }

    /// A clock that ran ahead left moments that have not come yet; downtime in the future would stop every clock.
    fn nothing_is_later_than_now(&mut self) {
        let server = self.server();
        self.live.alive = self.live.alive.map(|alive| alive.min(server));
        self.clock.down_since = self.clock.down_since.map(|since| since.min(server));
        for span in self.clock.spans.iter_mut().filter(|span| span.1 > server) {
            *span = (span.0, span.1.min(server).max(span.0));
            self.changes.spans.push(*span);
            self.changes.last_alive = self.live.alive;
        }
    }

    /// It was known to live until then; what came after is nobody's fault.
    fn lost(&mut self) {
        let server = self.server();
        if self.clock.down_since.is_none() {
            self.clock.down_since = Some(self.live.alive.map_or(server, |alive| alive.min(server)));
            self.clock_moved = true;
        }
    }

    // ---- trades

    /// What the law is told.
    pub(super) fn context(&self, now: Millis) -> Context<'_> {
        Context {
            now,
            ids: &self.shop.keys.ids,
            short_ok_bp: self.shop.house.short_ok_bp,
            judges: Facts { present: self.judges.present(), conflicts: &self.found.conflicts },
            mixpay: self.shop.mixpay.as_ref().map(|_| self.server().since(self.service())),
        }
    }

    /// Decides `command` on the current version of a trade, and does everything that follows from it. `now` is
    /// service time.
    pub(super) fn decide(&mut self, id: TradeId, command: &Command, now: Millis) -> Result<bool, Refusal> {
        let Some(before) = self.found.trades.get(&id) else { return Ok(false) };
        let events = trade::decide(before, command, self.context(now))?;
        if events.is_empty() {
            return Ok(false);
        }
        let mut after = before.clone();
        after.version = after.version.saturating_add(1);
        for event in &events {
            event.apply(&mut after);
        }
        self.happened(after, events);
        Ok(true)
    }

    /// A trade was born.
    pub(super) fn born(&mut self, event: Event) -> Option<TradeId> {
        let trade = event.birth()?;
        let id = trade.id;
        self.happened(trade, vec![event]);
        Some(id)
    }

    fn happened(&mut self, trade: Trade, events: Vec<Event>) {
        let id = trade.id;
        let server = self.server();
        let names: Vec<_> = events.iter().flat_map(Event::names).map(|name| (name, id)).collect();
        self.found.names.extend(names.iter().cloned());
        self.changes.names.extend(names);
        // A dust of somebody's that bears MixPay's code proves nothing of MixPay.
        let most = |order: &Order| Amount::from_units(order.amount.units() / 10 * 9);
        let proved = |event: &Event| match event {
            Event::OrderOver { order, .. } => {
                trade.orders.iter().any(|o| o.round == *order && trade.paid_by(*order) >= most(o))
            }
            _ => false,
        };
        if let Some(vault) = trade.vault().filter(|_| events.iter().any(proved)) {
            orders::settled(self, vault.hash);
        }
        let duties = duty::of(&trade, &events);
        let version = trade.version;
        claims::keep(self, &trade, &events);
        trust::keep(self, &trade, &events);
        judges::keep(self, &trade, &events);
        self.found.trades.insert(id, trade);
        self.touched.insert(id);
        groups::follow(self, id, &events);
        self.changes.history.extend(events.into_iter().map(|event| HistoryRow {
            trade: id,
            version,
            at: server,
            event,
        }));
        for duty in duties {
            self.owe(id, version, &duty);
        }
    }

    /// Its row is written again, though nothing happened to it: its wake may be over.
    pub(super) fn touch(&mut self, id: TradeId) {
        self.touched.insert(id);
    }

    /// Somebody shows an interest: looks come more often for a while.
    pub(super) fn stir(&mut self, id: TradeId) {
        let server = self.server();
        let Some(trade) = self.found.trades.get_mut(&id) else { return };
        if trade.parties.is_some() && trade.stirred < server {
            trade.stirred = server;
            self.touched.insert(id);
            self.look(id, Millis(1_000));
        }
    }

    // ---- jobs

    /// Queues whatever a trade needs whose jobs may have been lost.
    pub(super) fn take_up(&mut self, id: TradeId) {
        let Some(trade) = self.found.trades.get(&id) else { return };
        let version = trade.version;
        for duty in duty::taken_up(trade) {
            self.owe(id, version, &duty);
        }
    }

    fn owe(&mut self, id: TradeId, version: u64, duty: &Duty) {
        match *duty {
            // The terms name them, and they are no judge any more.
            Duty::Tell { to, notice: Notice::Case(_) } if self.was_judge(id, to) => {}
            Duty::Tell { to, notice } => {
                pages::notice(self, id, to, notice, version);
                // A signing link was sent or news came: it is worth looking often for a while.
                if notice != Notice::Reminder {
                    self.stir(id);
                }
            }
            Duty::Look => self.look(id, Millis(0)),
            Duty::Order { order } => self.order(id, order, Class::Make, self.now),
            Duty::Ask { order } => self.watch(id, order),
            Duty::Keys { plan } => self.keys(id, plan),
            Duty::Open { plan } => self.open(id, plan),
            Duty::Cosign { plan } => self.cosign(id, plan),
            Duty::Revoke { request } => {
                self.work(id, Kind::Unlock, &format!("revoke/{request}"), json!({ "request": request }));
            }
            Duty::Explain { hash, to } => verify::explain(self, hash, to),
            Duty::Unlock { hash } => {
                self.work(id, Kind::Unlock, &format!("unlock/{hash}/{version}"), json!({ "hash": hash }));
            }
        }
    }

    fn was_judge(&self, id: TradeId, person: UserId) -> bool {
        let party = self.found.trades.get(&id).is_some_and(|trade| trade.role_of(person).is_some());
        !party && !self.judges.present().contains(&person)
    }

    pub(super) fn keys(&mut self, id: TradeId, plan: u32) {
        self.work(id, Kind::Keys, &format!("keys/{plan}"), json!({ "plan": plan }));
    }

    /// Co-signs as soon as it can be; the job is the same however often it is asked for.
    pub(super) fn cosign(&mut self, id: TradeId, plan: u32) {
        let round = self.round(id, plan);
        self.work(id, Kind::Cosign, &format!("cosign/{plan}/{round}"), json!({ "plan": plan }));
    }

    /// Opens the request of the present round, when its time has come.
    pub(super) fn open(&mut self, id: TradeId, plan: u32) {
        let round = self.round(id, plan);
        let trade = self.found.trades.get(&id);
        let wait = trade.and_then(|trade| Some(trade.open_after(trade.plan(plan)?)));
        let purpose = format!("open/{plan}/{round}");
        let body = json!({ "plan": plan, "round": round });
        self.work_after(id, Kind::Open, &purpose, body, wait.unwrap_or_default());
    }

    fn round(&self, id: TradeId, plan: u32) -> u32 {
        self.found.trades.get(&id).and_then(|trade| trade.plan(plan)).map_or(0, |plan| plan.round)
    }

    fn work(&mut self, id: TradeId, kind: Kind, purpose: &str, body: serde_json::Value) {
        self.work_after(id, kind, purpose, body, Millis(0));
    }

    fn work_after(&mut self, id: TradeId, kind: Kind, purpose: &str, body: serde_json::Value, wait: Millis) {
        let job = JobId(self.shop.keys.ids.uuid(id.0, purpose, 0));
        let lane = format!("{}/{job}", kind.name());
        self.job(JobRow {
            id: job,
            kind,
            lane,
            trade: Some(id),
            run_at: self.now.plus(wait),
            tries: 0,
            refusals: 0,
            body,
        });
    }

    /// Queues a job; one that is there already is only moved to the front.
    pub(super) fn job(&mut self, row: JobRow) {
        if let Some(there) = self.jobs.get_mut(&row.id) {
            there.run_at = there.run_at.min(row.run_at);
            return;
        }
        self.job_order.push(row.id);
        self.jobs.insert(row.id, row);
    }

    /// What comes of a queued job is told with this trade at hand.
    pub(super) fn is_about(&mut self, job: JobId, trade: TradeId) {
        if let Some(row) = self.jobs.get_mut(&job) {
            row.trade = Some(trade);
        }
    }

    /// Looks somebody up; `lane` keeps the order of those of one lane.
    pub(super) fn find(&mut self, id: JobId, lane: &dyn std::fmt::Display, body: &FindBody) {
        self.job(JobRow {
            id,
            kind: Kind::Find,
            lane: format!("find/{lane}"),
            trade: None,
            run_at: self.now,
            tries: 0,
            refusals: 0,
            body: json!(body),
        });
    }

    /// Looks at the trade's vault, at the latest after `wait`. One standing job serves all trades of a vault.
    pub(super) fn look(&mut self, id: TradeId, wait: Millis) {
        let Some(vault) = self.found.trades.get(&id).and_then(Trade::vault) else { return };
        let job = self.look_job(vault.hash);
        let lane = format!("look/{}", vault.hash);
        let body = json!({ "vault": vault.hash });
        self.job(JobRow {
            id: job,
            kind: Kind::Look,
            lane,
            trade: None,
            run_at: self.now.plus(wait),
            tries: 0,
            refusals: 0,
            body,
        });
    }

    /// The same, and reads the whole vault again: outputs that were seen while the trade was not known named nobody,
    /// and a look goes on from what was seen.
    pub(super) fn afresh(&mut self, id: TradeId) {
        self.look(id, Millis(0));
        let Some(vault) = self.found.trades.get(&id).and_then(Trade::vault) else { return };
        self.found.deposits.retain(|_, row| row.vault != vault.hash);
        self.changes.deposits.retain(|row| row.vault != vault.hash);
        self.changes.afresh.push(vault.hash);
    }

    fn look_job(&self, vault: Hash) -> JobId {
        JobId(self.shop.keys.ids.uuid(vault_uuid(vault), "look", 0))
    }

    pub(super) fn fate(&mut self, job: JobId, fate: Fate) {
        self.changes.fates.push((job, fate));
    }

    // ---- people

    /// A person's row, to be changed: it is written at the end.
    pub(super) fn person_mut(&mut self, id: UserId) -> &mut crate::store::PersonRow {
        self.people.insert(id);
        self.found.persons.entry(id).or_insert_with(|| pages::stranger(id))
    }

    /// The loaded trades a person has a part in, oldest first: the open ones and the last few that ended.
    pub(super) fn trades_of(&self, person: UserId) -> Vec<&Trade> {
        let mut trades: Vec<&Trade> = self.found.trades.values().filter(|t| t.role_of(person).is_some()).collect();
        trades.sort_by_key(|trade| (trade.created_at, trade.id));
        trades
    }

    /// Tells the caller to acknowledge a message, once this batch is committed.
    pub(super) fn acknowledge(&mut self, message: MessageId) {
        self.applied.acknowledge.push(message);
    }
}

/// What ids about a vault are derived from.
pub(super) fn vault_uuid(vault: Hash) -> Uuid {
    let mut first = [0; 16];
    first.copy_from_slice(vault.0.split_at(16).0);
    Uuid::from_bytes(first)
}
