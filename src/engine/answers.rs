//! What the answer of a job means: a command to the law, and a fate for the job.

use super::desk::Desk;
use super::input::{Answer, Looked, Purpose};
use super::jobs::{FindBody, PAYLOAD_REFUSED, Whom};
use super::{acts, chats, claims, halts, orders, pages, rights, rooms, verify};
use crate::chat::say::Naming;
use crate::id::{Hash, RequestId, TradeId, UserId};
use crate::mixin::safe::User;
use crate::store::{Asked, DepositRow, Fate, JobRow, Kind};
use crate::time::Millis;
use crate::trade::command::{SeenRequest, Sight};
use crate::trade::deposit::Seen;
use crate::trade::{Command, Trade, deadline, name};

/// After a failed look, and the least wait of any retry.
const RETRY_MIN: i64 = 1_000;
/// The longest wait between two tries of a job nobody has given up.
const RETRY_MAX: i64 = 300_000;
/// After Mixin has had enough of our searches.
const SEARCH_LOCK: Millis = Millis::from_hours(12);
/// The same for a look, which everybody in the vault waits for: after an outage it must not be slow to notice.
const LOOK_RETRY_MAX: i64 = 30_000;
/// The longest a refused co-signature waits.
const COSIGN_RETRY_MAX: Millis = Millis::from_secs(10);
/// Before a look that could not be read to its end, and told nothing new, is tried again.
const PARTIAL_WAIT: Millis = Millis::from_secs(10);
/// Refusals of a message before it is put aside, so that those behind it are heard.
const SAY_REFUSALS: u32 = 3;
/// Mixin's word for "you may not".
const FORBIDDEN: i64 = 403;
/// Refusals of a payload before its keys are taken to be burnt.
const OPEN_REFUSALS: u32 = 5;
/// Tries of a picture before it is put aside: nothing waits for it.
const UPLOAD_TRIES: u32 = 5;

/// What a find job is for.
pub(super) fn purpose(job: &JobRow) -> Option<Purpose> {
    find_body(job).map(|body| body.purpose)
}

/// One second doubling to the longest wait of its kind, a fifth more or less by the job's own id.
pub(super) fn back_off(job: &JobRow) -> Millis {
    let most = if job.kind == Kind::Look { LOOK_RETRY_MAX } else { RETRY_MAX };
    let wait = RETRY_MIN.checked_shl(job.tries.min(20)).unwrap_or(most).min(most);
    let spread = i64::from(job.id.0.as_bytes().first().copied().unwrap_or(0)) - 128;
    Millis(wait + wait * spread / 640)
}

pub(super) fn take(desk: &mut Desk<'_>, job: &JobRow, answer: Answer) {
    let fate = match answer {
        Answer::Unauthorized { .. } if job.kind == Kind::Order => {
            orders::take(desk, job, Answer::Unanswered { what: "401".into() })
        }
        answer if job.kind == Kind::Order => orders::take(desk, job, answer),
        Answer::Busy { .. } if is_search(job) => {
            // Mixin locks searching for twelve hours (dossier §4): links and contact cards still work.
            desk.searches.locked_until = Some(desk.now.plus(SEARCH_LOCK));
            desk.changes.searches = Some(desk.searches.clone());
            search_failed(desk, job, Naming::SearchResting)
        }
        answer if verify::gives_up(job, &answer) => verify::unanswered(desk, job),
        Answer::Busy { .. } | Answer::Unanswered { .. } | Answer::Refused { .. } if is_last_upload(job) => {
            Fate::Parked { why: "the picture could not be uploaded".into() }
        }
        Answer::Busy { wait } => Fate::Again { at: desk.now.plus(wait.max(back_off(job))) },
        Answer::Unsignable => {
            if let Some((trade, plan)) = plan_of(job) {
                tell_law(desk, trade, &Command::Unsignable { plan });
            }
            Fate::Again { at: desk.now.plus(back_off(job).min(COSIGN_RETRY_MAX)) }
        }
        Answer::Blocked { wait } => {
            if let Some((trade, plan)) = plan_of(job) {
                tell_law(desk, trade, &Command::Blocked { plan });
            }
            Fate::Again { at: desk.now.plus(wait.max(back_off(job))) }
        }
        Answer::Unanswered { what } => {
            tracing::debug!(job.kind = job.kind.name(), what, "unanswered");
            Fate::Again { at: desk.now.plus(back_off(job)) }
        }
        Answer::Unauthorized { why } => {
            desk.applied.unauthorized = Some(why);
            Fate::Again { at: desk.now.plus(Millis(RETRY_MAX)) }
        }
        Answer::Refused { code, why } => refused(desk, job, code, &why),
        Answer::CosignRefused { why, broken } => cosign_refused(desk, job, why, broken),
        Answer::Looked(looked) => look(desk, looked),
        Answer::Unlocked => {
            hurry(desk, job);
            Fate::Done
        }
        answer => {
            done(desk, job, answer);
            Fate::Done
        }
    };
    desk.fate(job.id, fate);
}

/// A lock was just revoked: whoever locks again as soon as they can must not win against a job that waits.
fn hurry(desk: &mut Desk<'_>, job: &JobRow) {
    let Some(trade) = job.trade.and_then(|id| desk.found.trades.get(&id)) else { return };
    let waiting: Vec<u32> =
        trade.plans.iter().filter(|p| p.lives() && p.authorised.is_some() && !p.cosigned).map(|p| p.no).collect();
    let lives = trade.plans.iter().filter(|p| p.lives());
    let unopened: Vec<u32> = lives.filter(|p| p.payload.is_some() && p.request.is_none()).map(|p| p.no).collect();
    let id = trade.id;
    for plan in waiting {
        desk.cosign(id, plan);
    }
    for plan in unopened {
        desk.open(id, plan);
    }
}

fn plan_of(job: &JobRow) -> Option<(TradeId, u32)> {
    let plan = job.body.get("plan")?.as_u64()?;
    Some((job.trade?, u32::try_from(plan).ok()?))
}

/// The request id the job worked on: that of its own round, which may be over.
fn request_of(desk: &Desk<'_>, job: &JobRow, trade: TradeId, plan: u32) -> Option<RequestId> {
    let row = desk.found.trades.get(&trade)?.plan(plan)?;
    let round = job.body.get("round").and_then(serde_json::Value::as_u64).and_then(|round| u32::try_from(round).ok());
    Some(row.request_id_of(trade, &desk.shop.keys.ids, round.unwrap_or(row.round)))
}

fn done(desk: &mut Desk<'_>, job: &JobRow, answer: Answer) {
    match (answer, purpose(job)) {
        (Answer::Profile { user, reachable }, Some(purpose)) => profile(desk, job, &user, reachable, purpose),
        (Answer::Said, _) => rights::said(desk, job),
        (Answer::Uploaded(image), _) => pages::picture(desk, job, &image),
        (Answer::Verified(said), _) => verify::take(desk, job, &said),
        (Answer::Roomed(said), _) => rooms::take(desk, job, said),
        (Answer::NoSuchPerson, Some(purpose)) => nobody(desk, job, purpose, Naming::NotFound),
        (answer, _) => {
            let Some((trade, plan)) = plan_of(job) else { return };
            let Some(request) = request_of(desk, job, trade, plan) else { return };
            let command = match answer {
                Answer::Keys(keys) => Command::Keys { plan, keys },
                Answer::FeeUnpayable => Command::FeeUnpayable { plan },
                Answer::Opened => Command::Opened { plan, request },
                Answer::Taken => Command::Taken { plan, request },
                Answer::Cosigned => Command::Cosigned { plan },
                Answer::Undercounted { request } => Command::Undercounted { plan, request },
                _ => return,
            };
            tell_law(desk, trade, &command);
        }
    }
}

/// Commands of the bot itself are never refused by the law; one that is, is a mistake of ours worth a line.
pub(super) fn tell_law(desk: &mut Desk<'_>, trade: TradeId, command: &Command) {
    let now = desk.service();
    if let Err(refusal) = desk.decide(trade, command, now) {
        tracing::error!(trade.id = %trade, %refusal, "the law refused the bot itself");
    }
}

fn refused(desk: &mut Desk<'_>, job: &JobRow, code: i64, why: &str) -> Fate {
    let again = Fate::Refused { at: desk.now.plus(back_off(job)) };
    match job.kind {
        // Who does not let us write is not written to. It is no error of ours, and it gates no money.
        Kind::Say if job.refusals >= SAY_REFUSALS || job.tries > 0 && code == 403 => {
            rights::refused(desk, job);
            Fate::Parked { why: why.to_owned() }
        }
        // One bad message, or one person who wants none, refuses a whole batch: from now on each goes alone, so the
        // first refusal says nothing of this one yet.
        Kind::Say if job.tries == 0 => Fate::Refused { at: desk.now },
        Kind::Unlock => Fate::Done,
        // We are not in that group any more, whether or not anybody told us.
        Kind::Post if code == FORBIDDEN => {
            if let Some(group) = rooms::of_job(job) {
                rooms::lost(desk, group);
            }
            Fate::Done
        }
        Kind::Post | Kind::Room if job.refusals >= SAY_REFUSALS => Fate::Parked { why: why.to_owned() },
        Kind::Say | Kind::Post | Kind::Room => again,
        // Somebody wrote, so they are there: what they said waits until Mixin tells who they are.
        Kind::Find if matches!(purpose(job), Some(Purpose::Writer(_) | Purpose::Member(_))) => again,
        Kind::Find => search_failed(desk, job, Naming::NotFound),
        Kind::Open if job.refusals >= OPEN_REFUSALS && PAYLOAD_REFUSED.contains(&code) => {
            if let Some((trade, plan)) = plan_of(job) {
                tell_law(desk, trade, &Command::Unopenable { plan });
            }
            again
        }
        Kind::Look | Kind::Keys | Kind::Open | Kind::Cosign | Kind::Order | Kind::Upload | Kind::Verify => {
            tracing::error!(job.kind = job.kind.name(), job.id = %job.id, why, "refused by Mixin; trying again later");
            again
        }
    }
}

/// Not given: said once in the history, then tried again after the next look, unless an invariant fell.
fn cosign_refused(desk: &mut Desk<'_>, job: &JobRow, why: String, broken: bool) -> Fate {
    let Some((trade, plan)) = plan_of(job) else { return Fate::Done };
    if broken {
        tracing::error!(trade.id = %trade, plan, why, "an invariant fell: the trade is frozen");
    }
    if broken || job.refusals == 0 {
        tell_law(desk, trade, &Command::CosignRefused { plan, why, broken });
        desk.look(trade, Millis(0));
    }
    // Somebody's money is waiting for one signature: it is tried again soon, however often it was refused.
    if broken { Fate::Done } else { Fate::Refused { at: desk.now.plus(back_off(job).min(COSIGN_RETRY_MAX)) } }
}

pub(super) fn wake(desk: &mut Desk<'_>, trade: TradeId) {
    let now = desk.service();
    // Money may have come in time: the outputs are read again before an unpaid trade expires.
    desk.look(trade, Millis(0));
    desk.touch(trade);
    let _ = desk.decide(trade, &Command::Wake, now);
}

// ---- looks

fn look(desk: &mut Desk<'_>, looked: Looked) -> Fate {
    let Some(vault) = looked.vault else { return Fate::Done };
    let trades: Vec<TradeId> = {
        let of_vault = |t: &&Trade| t.vault().is_some_and(|v| v.hash == vault);
        desk.found.trades.values().filter(of_vault).map(|t| t.id).collect()
    };
    let known_before = desk.changes.deposits.len();
    let mut named: std::collections::BTreeMap<TradeId, Vec<Seen>> = std::collections::BTreeMap::new();
    let mut nameless = Vec::new();
    for output in looked.outputs {
        match assign(desk, vault, &output, &trades) {
            Serves::Trade(trade) => named.entry(trade).or_default().push(output),
            Serves::New => nameless.push(output),
            Serves::None => {}
        }
    }
    let began = desk.service_at(desk.clock().server(looked.began));
    for trade in &trades {
        let requests: Vec<SeenRequest> =
            looked.requests.iter().filter(|(of, _)| of == trade).map(|(_, seen)| seen.clone()).collect();
        let outputs = named.remove(trade).unwrap_or_default();
        let trace_used = looked.traces_used.contains(trade);
        let (partial, unanswered) = (looked.partial, looked.unanswered);
        let sight = Sight { began, outputs, requests, trace_used, partial, unanswered };
        tell_law(desk, *trade, &Command::Look(sight));
    }
    claims::tell(desk, vault, &trades, &nameless);
    if !looked.partial && !looked.unanswered {
        halts::read(desk, vault);
        rights::looked(desk, &trades, began);
    }
    // What was seen is known now, so the next look goes on from there.
    let learnt = desk.changes.deposits.len() > known_before;
    match looked.partial {
        true if learnt => Fate::Next { at: desk.now },
        // Nothing in it could be used: reading the same pages again at once would only spin.
        true => Fate::Next { at: desk.now.plus(PARTIAL_WAIT) },
        false => next_look(desk, &trades),
    }
}

/// Which trade an output serves, as far as it is known here.
enum Serves {
    Trade(TradeId),
    /// None, and nobody has heard of it yet.
    New,
    None,
}

/// Which trade of this vault an output serves: the one it was given to before, or the one it names. An output
/// that names a trade of another vault serves none.
fn assign(desk: &mut Desk<'_>, vault: Hash, output: &Seen, trades: &[TradeId]) -> Serves {
    let known = desk.found.deposits.get(&output.output_id);
    let spent = output.lock.is_spent();
    // A trade put in from a kit holds what it was given, also what does not name it.
    let holds = |id: &&TradeId| {
        let holds = |trade: &Trade| trade.deposits.iter().any(|d| d.output_id == output.output_id);
        desk.found.trades.get(id).is_some_and(holds)
    };
    let before = known.and_then(|row| row.trade).or_else(|| trades.iter().find(holds).copied());
    let named = || name::of(output).iter().find_map(|name| desk.found.names.get(name)).copied();
    let trade = before.or_else(named).filter(|trade| trades.contains(trade));
    let seen = serde_json::to_value(output).unwrap_or_default();
    // An owner that is known is never lost, whether or not it is among those that are looked for.
    let owner = known.and_then(|row| row.trade).or(trade);
    let about = |id: &&TradeId| {
        let asked = |trade: &Trade| trade.claim.as_ref().is_some_and(|claim| claim.seen.output_id == output.output_id);
        desk.found.trades.get(id).is_some_and(asked)
    };
    let asked = known.and_then(|row| row.asked).or_else(|| trades.iter().find(about).copied().map(Asked::Open));
    let moot = asked.filter(|_| spent || owner.is_some());
    let asked = asked.filter(|_| moot.is_none());
    let (output_id, sequence) = (output.output_id, output.sequence);
    let row = DepositRow { output_id, vault, trade: owner, sequence, spent, seen, asked };
    let new = known.is_none() && owner.is_none();
    if known != Some(&row) {
        if new {
            tracing::warn!(output.id = %output_id, vault.hash = %vault, "a deposit names no trade: the operator must look");
        }
        desk.found.deposits.insert(output_id, row.clone());
        desk.changes.deposits.push(row);
    }
    if let Some(Asked::Open(id)) = moot
        && owner != Some(id)
    {
        claims::take_back(desk, id, output_id);
    }
    match trade {
        Some(trade) => Serves::Trade(trade),
        None if new => Serves::New,
        None => Serves::None,
    }
}

/// The standing look of a vault goes on as often as its most wanted trade asks for.
fn next_look(desk: &Desk<'_>, trades: &[TradeId]) -> Fate {
    let server = desk.server();
    let every = trades.iter().filter_map(|id| deadline::look_every(desk.found.trades.get(id)?, server)).min();
    match every {
        Some(every) => Fate::Next { at: desk.now.plus(every) },
        None => Fate::Done,
    }
}

// ---- people

fn profile(desk: &mut Desk<'_>, job: &JobRow, user: &User, reachable: bool, purpose: Purpose) {
    know(desk, user, reachable);
    match purpose {
        Purpose::Writer(person) | Purpose::Member(person) => understand_held(desk, person),
        Purpose::Newcomer { room, person } => rooms::stranger(desk, job.id, room, person),
        Purpose::Counterparty { of } => acts::counterparty(desk, of, job.id, user.user_id, reachable),
    }
}

fn know(desk: &mut Desk<'_>, user: &User, reachable: bool) {
    let now = desk.now;
    let row = desk.person_mut(user.user_id);
    row.person.number.clone_from(&user.number);
    row.person.name.clone_from(&user.name);
    row.person.has_safe = user.has_safe;
    row.person.is_bot = user.is_bot;
    row.reachable |= reachable;
    row.read_at = Some(now);
}

/// The profile is there: what was held is understood now, in order.
fn understand_held(desk: &mut Desk<'_>, person: UserId) {
    let held: Vec<_> = {
        let (theirs, others) = std::mem::take(&mut desk.found.held).into_iter().partition(|row| row.from == person);
        desk.found.held = others;
        theirs
    };
    for mut row in held {
        row.held = false;
        if let Some(message) = chats::unheld(&row) {
            chats::understand(desk, &message);
        }
        desk.changes.inbox.push(row);
    }
}

fn nobody(desk: &mut Desk<'_>, job: &JobRow, purpose: Purpose, why: Naming) {
    match purpose {
        // They wrote, so they are there: go on without a name rather than leave them unanswered.
        Purpose::Newcomer { room, person } => rooms::stranger(desk, job.id, room, person),
        Purpose::Writer(person) | Purpose::Member(person) => {
            desk.person_mut(person).read_at = Some(Millis(0));
            understand_held(desk, person);
        }
        Purpose::Counterparty { of } => acts::no_counterparty(desk, of, job.id, why),
    }
}

fn is_last_upload(job: &JobRow) -> bool {
    job.kind == Kind::Upload && job.tries.saturating_add(1) >= UPLOAD_TRIES
}

fn is_search(job: &JobRow) -> bool {
    find_body(job).is_some_and(|body| matches!(body.whom, Whom::Number(_) | Whom::Member { .. }))
}

fn find_body(job: &JobRow) -> Option<FindBody> {
    if job.kind != Kind::Find {
        return None;
    }
    serde_json::from_value(job.body.clone()).ok()
}

fn search_failed(desk: &mut Desk<'_>, job: &JobRow, why: Naming) -> Fate {
    if let Some(purpose) = purpose(job) {
        nobody(desk, job, purpose, why);
    }
    Fate::Done
}
