//! From leased rows to work: everything a job needs, read from what is committed now. A job that has become moot
//! is not run.

use std::collections::BTreeMap;

use super::door::Shop;
use super::halts::HALTED_WAIT;
use super::jobs::{
    Among, Cosign, CosignStage, Course, Find, FindBody, Keys, Look, LookFor, Open, OpenStage, Order, Post, Room,
    RoomBody, Say, Task, Unlock, UnlockStage, Upload, UploadBody, Verify, VerifyBody, Work,
};
use super::orders;
use crate::id::{Hash, JobId};
use crate::mixin::messenger::{self, OutMessage};
use crate::mixin::safe::KeyRequest;
use crate::store::{Due, Fate, Found, Kind, Store, StoreError, Wanted};
use crate::time::Millis;
use crate::trade::plan::End;
use crate::trade::{Deposit, Oddity, Plan, State, Trade};

/// Work that can be run, and the fates of rows that are moot or cannot be read.
pub(super) struct Prepared {
    pub(super) tasks: Vec<Task>,
    pub(super) moot: Vec<(JobId, Fate)>,
}

/// Prepares leased rows. `now` is machine time and server time; `halted`: why nothing is signed, as committed. A job
/// that was leased before a halt was committed may still finish.
pub(super) fn prepare(
    store: &Store,
    shop: &Shop,
    halted: Option<&str>,
    due: Vec<Due>,
    (now, server): (Millis, Millis),
) -> Result<Prepared, StoreError> {
    let mut wanted =
        Wanted { trades: due.iter().filter_map(|job| job.trade).collect(), now: server, ..Wanted::default() };
    wanted.vaults = due.iter().filter_map(vault_of).collect();
    let found = store.load(&wanted)?;
    let vaults = by_vault(&found);
    let (mut tasks, mut moot, mut says) = (Vec::new(), Vec::new(), Vec::new());
    for job in due {
        if job.kind == Kind::Say {
            says.push(job);
            continue;
        }
        if job.kind == Kind::Cosign && halted.is_some() {
            // No refusal, and nothing for anybody's history: it waits.
            moot.push((job.id, Fate::Next { at: now.plus(HALTED_WAIT) }));
            continue;
        }
        if let Some(vault) = vault_of(&job) {
            let trades = vaults.get(&vault).map(Vec::as_slice).unwrap_or_default();
            let look = Look::new(look_for(store, trades, vault)?);
            tasks.push(Task { jobs: vec![job], work: Work::Look(look) });
            continue;
        }
        match work(store, (shop, halted), &found, &job, server)? {
            Ok(work) => tasks.push(Task { jobs: vec![job], work }),
            Err(fate) => moot.push((job.id, fate)),
        }
    }
    tasks.extend(say_batches(says, now, &mut moot));
    Ok(Prepared { tasks, moot })
}

fn vault_of(job: &Due) -> Option<Hash> {
    job.body.get("vault")?.as_str()?.parse().ok()
}

/// What the row asks for; its fate when nothing is left to do, or nobody can tell what.
fn work(
    store: &Store,
    (shop, halted): (&Shop, Option<&str>),
    found: &Found,
    job: &Due,
    server: Millis,
) -> Result<Result<Work, Fate>, StoreError> {
    if job.kind == Kind::Order {
        let ask = orders::ask(store, shop, found, job, server)?;
        return Ok(ask.map(|ask| Work::Order(Order::new(ask))).ok_or(Fate::Done));
    }
    if job.kind == Kind::Find {
        let body = serde_json::from_value::<FindBody>(job.body.clone());
        let find = |body| Work::Find(Find { bot: shop.house.bot, body, found: None, among: Among::default() });
        return Ok(body
            .map(find)
            .map_err(|error| Fate::Parked { why: format!("the stored job cannot be read: {error}") }));
    }
    if job.kind == Kind::Upload {
        let unreadable = || Fate::Parked { why: "the stored picture cannot be read".into() };
        let trade = job.trade.and_then(|id| found.trades.get(&id));
        return Ok(UploadBody::of(job).ok_or_else(unreadable).and_then(|body| {
            if body.is_wanted(trade, server) { Ok(Work::Upload(Upload::new(body.link))) } else { Err(Fate::Done) }
        }));
    }
    if job.kind == Kind::Verify {
        let unreadable = || Fate::Parked { why: "the stored question cannot be read".into() };
        return Ok(VerifyBody::of(job).ok_or_else(unreadable).map(|body| Work::Verify(Verify::new(body.asked))));
    }
    if job.kind == Kind::Post {
        let unreadable = |error| Fate::Parked { why: format!("the stored message cannot be read: {error}") };
        let message = serde_json::from_value::<OutMessage>(job.body.clone());
        return Ok(message.map(|message| Work::Post(Post { message })).map_err(unreadable));
    }
    if job.kind == Kind::Room {
        let unreadable = || Fate::Parked { why: "the stored room cannot be read".into() };
        return Ok(RoomBody::of(job).ok_or_else(unreadable).map(|body| Work::Room(Room { body, looked: false })));
    }
    let named = |key| job.body.get(key).and_then(serde_json::Value::as_str);
    if let Some(named) = named("hash").or(named("request")) {
        return Ok(Ok(Work::Unlock(Unlock { named: named.to_owned(), stage: UnlockStage::default() })));
    }
    let plan = job.body.get("plan").and_then(serde_json::Value::as_u64).and_then(|no| u32::try_from(no).ok());
    let trade = job.trade.and_then(|id| found.trades.get(&id));
    let (Some(trade), Some(no)) = (trade, plan) else { return Ok(Err(Fate::Done)) };
    // It may have been created, unanswered, before the offer was over.
    if let Some(plan) = trade.plan(no).filter(|p| job.kind == Kind::Open && p.end == Some(End::Lapsed)) {
        let named = plan.request_id(trade.id, &shop.keys.ids).to_string();
        return Ok(Ok(Work::Unlock(Unlock { named, stage: UnlockStage::default() })));
    }
    let work =
        trade.plan(no).filter(|plan| plan.lives()).and_then(|plan| plan_work((shop, halted), trade, plan, job.kind));
    Ok(work.ok_or(Fate::Done))
}

/// `None` when the trade has moved on and the job is moot.
fn plan_work((shop, halted): (&Shop, Option<&str>), trade: &Trade, plan: &Plan, kind: Kind) -> Option<Work> {
    let ids = &shop.keys.ids;
    match kind {
        Kind::Keys if plan.payload.is_none() => {
            let request = |(nth, payout): (usize, &crate::trade::payout::Payout)| {
                Some(KeyRequest::new(vec![payout.to], u16::try_from(nth).ok()?, plan.hint(trade.id, ids, nth)))
            };
            let requests = plan.payouts.iter().enumerate().map(request).collect::<Option<_>>()?;
            let fee = plan.payouts.iter().position(|payout| payout.to == trade.terms.fee.receiver);
            Some(Work::Keys(Keys { requests, fee, without_fee: false }))
        }
        Kind::Open if plan.request.is_none() => {
            let payload = plan.payload.as_ref()?;
            let request = plan.request_id(trade.id, ids);
            Some(Work::Open(Open {
                request,
                raw: payload.raw.clone(),
                hash: payload.hash,
                stage: OpenStage::default(),
            }))
        }
        Kind::Cosign if plan.authorised.is_some() && !plan.cosigned && trade.frozen.is_none() => {
            let inputs = trade.deposits.iter().filter(|d| plan.inputs.iter().any(|i| i.output_id == d.output_id));
            Some(Work::Cosign(Box::new(Cosign {
                plan: plan.no,
                request: plan.request?.id,
                halted: halted.map(str::to_owned),
                spend: shop.keys.spend.clone(),
                course: Course::new(inputs.map(|d| d.sequence).collect(), None),
                stage: CosignStage::default(),
                outputs: Vec::new(),
                trade: trade.clone(),
            })))
        }
        _ => None,
    }
}

/// What was loaded, by vault: a vault's hash is worth computing once, however many looks there are.
fn by_vault(found: &Found) -> BTreeMap<Hash, Vec<&Trade>> {
    let mut vaults = BTreeMap::<_, Vec<_>>::new();
    for trade in found.trades.values() {
        if let Some(vault) = trade.vault() {
            vaults.entry(vault.hash).or_default().push(trade);
        }
    }
    vaults
}

fn look_for(store: &Store, trades: &[&Trade], vault: Hash) -> Result<LookFor, StoreError> {
    let waiting = trades.iter().filter(|t| matches!(t.state, State::AwaitingPayment { .. }));
    let asked = waiting.filter_map(|t| Some((t.id, t.link()?.trace))).collect();
    let requests = trades.iter().flat_map(|trade| {
        trade.plans.iter().filter(|plan| plan.lives()).flat_map(move |plan| {
            let hash = plan.payload.as_ref().map(|payload| payload.hash);
            plan.requests().filter_map(move |id| Some((trade.id, plan.no, id, hash?)))
        })
    });
    let watch = trades.iter().flat_map(|trade| watched(trade)).collect();
    Ok(LookFor { vault, watch, new_from: store.look_from(vault)?, traces: asked, requests: requests.collect() })
}

/// Sequences of the deposits whose place still matters to a trade, or would.
fn watched(trade: &Trade) -> impl Iterator<Item = u64> {
    let planned = |d: &Deposit| {
        trade.plans.iter().any(|plan| plan.lives() && plan.inputs.iter().any(|i| i.output_id == d.output_id))
    };
    let matters = move |d: &&Deposit| {
        !d.lock.is_spent() && d.oddity != Some(Oddity::Inscription) && (!trade.state.is_end() || planned(d))
    };
    let asked = trade.claim.iter().map(|claim| claim.seen.sequence);
    trade.deposits.iter().filter(matters).map(|d| d.sequence).chain(asked)
}

/// Messages in one batch of what one call takes, in order; the rest goes back to the queue until that batch is
/// said, since nothing may overtake what comes before it. One that was refused before goes alone, so that a single
/// bad message cannot hold up the others.
fn say_batches(rows: Vec<Due>, now: Millis, moot: &mut Vec<(JobId, Fate)>) -> Vec<Task> {
    let mut tasks = Vec::new();
    let (mut jobs, mut messages) = (Vec::new(), Vec::new());
    for job in rows {
        let Ok(message) = serde_json::from_value::<OutMessage>(job.body.clone()) else {
            moot.push((job.id, Fate::Parked { why: "the stored message cannot be read".into() }));
            continue;
        };
        if job.tries > 0 {
            tasks.push(Task { jobs: vec![job], work: Work::Say(Say { messages: vec![message] }) });
        } else {
            jobs.push(job);
            messages.push(message);
        }
    }
    if !messages.is_empty() {
        let size = messenger::batch(&messages).clamp(1, messages.len());
        messages.truncate(size);
        moot.extend(jobs.split_off(size).into_iter().map(|job| (job.id, Fate::Next { at: now })));
        tasks.push(Task { jobs, work: Work::Say(Say { messages }) });
    }
    tasks
}
