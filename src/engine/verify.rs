//! "What is this link?": a request somebody asks about, read by its bytes and our own records, told to them alone.
//!
//! What the answer says about itself is compared and never believed: amounts, asset and number of payments are those
//! of the bytes; whose the money is, which plan it is and who may hear of it are those of the database, as far as it
//! knows the inputs.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use uuid::Uuid;

use super::desk::Desk;
use super::input::Answer;
use super::jobs::{RequestSaid, VerifyBody};
use super::pages::{self, Cause, lang};
use crate::chat::cards::{self, Coin, Goes, Origin, Output, Reader, Stands, Verified};
use crate::chat::say::Money;
use crate::chat::say::verify::{Doubt, Sum, VerifyLine};
use crate::chat::{Audience, Person};
use crate::id::{Hash, JobId, MessageId, RequestId, UserId};
use crate::kernel::derive::{asset_hash, members_hash, output_id};
use crate::kernel::{self, Signatures, Transaction};
use crate::mixin::link;
use crate::mixin::safe::{MultisigRequest, Receiver};
use crate::money::Amount;
use crate::store::{DepositRow, Fate, Found, JobRow, Kind};
use crate::time::Millis;
use crate::trade::deposit::{Lock, Seen};
use crate::trade::plan::{End, Plan};
use crate::trade::terms::Asset;
use crate::trade::{Trade, Vault};

/// Requests one person may ask about in [`SPAN`].
const OFTEN_MAX: usize = 3;
const SPAN: Millis = Millis::from_secs(60);
/// Requests read at a time, by everybody: what moves money always finds a place.
const LANES: u128 = 4;
/// Tries before the asker hears that there is no answer.
const TRIES_MAX: u32 = 5;
/// What people put around a link.
const AROUND: [char; 12] = ['<', '>', '(', ')', '[', ']', '"', '“', '”', ',', '.', ';'];

/// When each person asked in the last [`SPAN`], machine time. Kept in memory only: a restart forgives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asks(BTreeMap<UserId, Vec<Millis>>);

impl Asks {
    /// Whether `by` may ask now; counts it if so.
    fn may(&mut self, by: UserId, now: Millis) -> bool {
        self.0.retain(|_, asked| {
            asked.retain(|at| now.since(*at) < SPAN);
            !asked.is_empty()
        });
        let asked = self.0.entry(by).or_default();
        let may = asked.len() < OFTEN_MAX;
        if may {
            asked.push(now);
        }
        may
    }
}

/// Every request that words name, each once.
fn named(words: &str) -> BTreeSet<RequestId> {
    words.split_whitespace().filter_map(|word| link::read_multisig(word.trim_matches(AROUND))).collect()
}

/// Somebody asks. The line that answers at once; `None`: a job reads it.
pub(super) fn ask(desk: &mut Desk<'_>, by: UserId, message: MessageId, words: &str) -> Option<VerifyLine> {
    let mut requests = named(words).into_iter();
    let asked = match (requests.next(), requests.next()) {
        (None, _) => return Some(VerifyLine::How),
        (Some(_), Some(_)) => return Some(VerifyLine::OneOnly),
        (Some(asked), None) => asked,
    };
    if !desk.asks.may(by, desk.now) {
        return Some(VerifyLine::Often { most: OFTEN_MAX });
    }
    let id = desk.shop.keys.ids.uuid(message.0, "verify", 0);
    queue(desk, id, &VerifyBody { by, asked: asked.to_string(), unasked: false });
    None
}

/// The law has found the transaction `hash`, none of ours, over money of this person's: they hear what it would do.
/// Told once for both trades of a pair that it touches.
pub(super) fn explain(desk: &mut Desk<'_>, hash: Hash, to: UserId) {
    let id = desk.shop.keys.ids.uuid(to.0, &format!("explain/{hash}"), 0);
    queue(desk, id, &VerifyBody { by: to, asked: hash.to_string(), unasked: true });
}

fn queue(desk: &mut Desk<'_>, id: Uuid, body: &VerifyBody) {
    desk.job(JobRow {
        id: JobId(id),
        kind: Kind::Verify,
        lane: format!("verify/{}", id.as_u128() % LANES),
        trade: None,
        run_at: desk.now,
        tries: 0,
        refusals: 0,
        body: json!(body),
    });
}

/// The last try of such a job, or one that will never be answered.
pub(super) fn gives_up(job: &JobRow, answer: &Answer) -> bool {
    let last = job.tries.saturating_add(1) >= TRIES_MAX;
    job.kind == Kind::Verify
        && match answer {
            Answer::Busy { .. } | Answer::Unanswered { .. } => last,
            Answer::Refused { .. } => true,
            _ => false,
        }
}

/// Nobody can tell; the asker hears that.
pub(super) fn unanswered(desk: &mut Desk<'_>, job: &JobRow) -> Fate {
    if let Some(body) = VerifyBody::of(job) {
        let line = if body.unasked { VerifyLine::UnaskedGone } else { VerifyLine::NoAnswer };
        let posts = cards::unverified(line, lang(desk, body.by));
        tell(desk, job, body.by, posts);
    }
    Fate::Done
}

/// The outputs it spends, by Mixin's ids, to be loaded before [`take`].
pub(super) fn spends(said: &RequestSaid) -> BTreeSet<Uuid> {
    let RequestSaid::Shown { request, .. } = said else { return BTreeSet::new() };
    let decoded = Transaction::decode(&request.raw).ok();
    decoded.iter().flat_map(|tx| &tx.inputs).map(|input| output_id(&input.hash, input.index)).collect()
}

/// Mixin answered: the asker hears what it is.
pub(super) fn take(desk: &mut Desk<'_>, job: &JobRow, said: &RequestSaid) {
    let Some(VerifyBody { by, unasked, .. }) = VerifyBody::of(job) else { return };
    let lang = lang(desk, by);
    let posts = match said {
        RequestSaid::Unknown | RequestSaid::Hidden if unasked => cards::unverified(VerifyLine::UnaskedGone, lang),
        RequestSaid::Unknown => cards::unverified(VerifyLine::NotThere, lang),
        RequestSaid::Hidden => cards::unverified(VerifyLine::NotShown, lang),
        RequestSaid::Shown { request, spent, people } => {
            let house = &desk.shop.house;
            let records = Records { found: &desk.found, assets: &house.assets, by };
            let person = |id: UserId| {
                let known = people.iter().find(|user| user.user_id == id).map(|user| Person {
                    id,
                    number: user.number.clone(),
                    name: user.name.clone(),
                    has_safe: user.has_safe,
                    is_bot: user.is_bot,
                });
                known.or_else(|| desk.found.persons.get(&id).map(|row| row.person.clone()))
            };
            match records.read(request, *spent) {
                Some(seen) => cards::verified(&seen, &Reader { viewer: by, house, people: &person, lang, unasked }),
                None if unasked => cards::unverified(VerifyLine::UnaskedGone, lang),
                None => cards::unverified(VerifyLine::NotYours, lang),
            }
        }
    };
    tell(desk, job, by, posts);
}

fn tell(desk: &mut Desk<'_>, job: &JobRow, by: UserId, posts: Vec<crate::chat::Post>) {
    pages::say(desk, Cause { id: job.id.0, purpose: "verified" }, Audience::Person(by), posts);
}

// ---- the pure reading

/// What we know ourselves, and who asks.
pub(super) struct Records<'a> {
    pub(super) found: &'a Found,
    pub(super) assets: &'a [Asset],
    pub(super) by: UserId,
}

/// An input as our own looks saw it.
struct Known {
    vault: Hash,
    amount: Amount,
    lock: Lock,
    trade: Option<crate::id::TradeId>,
}

impl<'a> Records<'a> {
    /// What the request is; `None` when the asker is none of those whose money it moves.
    pub(super) fn read(&self, request: &MultisigRequest, spent: Option<Hash>) -> Option<Verified<'a>> {
        let decoded = Transaction::decode(&request.raw).ok();
        let known: Vec<Option<Known>> = decoded
            .iter()
            .flat_map(|tx| &tx.inputs)
            .map(|input| self.input(output_id(&input.hash, input.index)))
            .collect();
        let members = self.members(request, &known)?;
        let seen = match &decoded {
            None => Verified { origin: Origin::Garbage, ..bare(request, members) },
            Some(tx) => self.opened(request, tx, &known, members),
        };
        let standing = standing(request, decoded.as_ref(), spent, &known, &seen.origin);
        Some(Verified { standing, ..seen })
    }

    /// The trades the asker is a party of.
    fn own(&self) -> impl Iterator<Item = &'a Trade> {
        let by = self.by;
        self.found.trades.values().filter(move |trade| vault_of(trade).is_some_and(|v| v.members.contains(&by)))
    }

    fn input(&self, id: Uuid) -> Option<Known> {
        let row = |row: &DepositRow| {
            let seen: Seen = serde_json::from_value(row.seen.clone()).ok()?;
            Some(Known { vault: row.vault, amount: seen.amount, lock: seen.lock, trade: row.trade })
        };
        let held = || {
            self.found.trades.values().find_map(|trade| {
                let deposit = trade.deposits.iter().find(|deposit| deposit.output_id == id)?;
                let vault = vault_of(trade)?.hash;
                Some(Known { vault, amount: deposit.amount, lock: deposit.lock, trade: Some(trade.id) })
            })
        };
        self.found.deposits.get(&id).and_then(row).or_else(held)
    }

    /// Whose money it moves, when the asker is one of them: by our own records where they know an input, else by the
    /// request's word.
    fn members(&self, request: &MultisigRequest, known: &[Option<Known>]) -> Option<Vec<UserId>> {
        let vaults: BTreeSet<Hash> = known.iter().flatten().map(|input| input.vault).collect();
        if vaults.is_empty() {
            return is_member(request, self.by).then(|| request.senders.clone());
        }
        let recorded = self.own().filter_map(vault_of).find(|vault| vaults.contains(&vault.hash));
        let told = || {
            let same = vaults.iter().all(|vault| *vault == request.senders_hash);
            (same && is_member(request, self.by)).then(|| request.senders.clone())
        };
        recorded.map(|vault| vault.members).or_else(told)
    }

    fn opened(
        &self,
        request: &MultisigRequest,
        tx: &Transaction,
        known: &[Option<Known>],
        members: Vec<UserId>,
    ) -> Verified<'a> {
        let hash = tx.hash();
        let carries = |plan: &&Plan| plan.carries(hash);
        let ours = self.own().find_map(|trade| Some((trade, trade.plans.iter().find(carries)?)));
        let (asset, mut doubts) = self.asset(request, tx);
        let vault = (members_hash(&members), needed(request, known));
        let outputs: Vec<Output> = match ours {
            Some((_, plan)) => {
                let paid = tx.outputs.iter().zip(&plan.payouts);
                paid.map(|(out, payout)| Output { amount: out.amount.amount(), to: Goes::Recorded(payout.to) })
                    .collect()
            }
            None => tx.outputs.iter().enumerate().map(|(nth, out)| output(request, vault, nth, out)).collect(),
        };
        let spends = |trade: &&Trade| known.iter().flatten().any(|input| input.trade == Some(trade.id));
        let origin = ours.map_or_else(
            || Origin::Foreign { trades: self.own().filter(spends).collect() },
            |(trade, plan)| Origin::Ours { trade, plan },
        );
        doubts.extend(doubts_of(request, tx, known, ours.map(|(_, plan)| plan), &asset));
        Verified { origin, asset, outputs, doubts, needed: vault.1, ..bare(request, members) }
    }

    /// The asset of the bytes, and whether the request names another.
    fn asset(&self, request: &MultisigRequest, tx: &Transaction) -> (Coin, Vec<Doubt>) {
        let listed = self.assets.iter().chain(self.own().map(|trade| &trade.terms.asset));
        let said = request.asset_id;
        let mut doubts = Vec::new();
        if said.is_some_and(|said| asset_hash(said) != tx.asset) {
            doubts.push(Doubt::Asset);
        }
        if let Some(asset) = listed.into_iter().find(|asset| asset_hash(asset.id) == tx.asset) {
            return (Coin { symbol: asset.symbol.clone(), label: asset.label() }, doubts);
        }
        doubts.push(Doubt::UnknownAsset);
        let name = said.filter(|said| asset_hash(*said) == tx.asset);
        let name = name.map_or_else(|| tx.asset.to_string(), |said| said.to_string());
        (Coin { symbol: name.clone(), label: name }, doubts)
    }
}

fn vault_of(trade: &Trade) -> Option<Vault> {
    trade.vault()
}

fn is_member(request: &MultisigRequest, person: UserId) -> bool {
    request.senders.contains(&person) && members_hash(&request.senders) == request.senders_hash
}

/// What the request says of itself and nobody can compare.
fn bare<'a>(request: &MultisigRequest, members: Vec<UserId>) -> Verified<'a> {
    let foreign = |receiver: &&Receiver| receiver.members_hash != Some(request.senders_hash);
    // The app's rule (dossier §11.9).
    let shown = request.receivers.iter().find(foreign).or_else(|| request.receivers.first());
    Verified {
        request: request.request_id,
        origin: Origin::Garbage,
        asset: Coin { symbol: String::new(), label: String::new() },
        outputs: Vec::new(),
        sheet: (request.amount, shown.map(|receiver| receiver.members.clone()).unwrap_or_default()),
        members,
        signers: request.signers.clone(),
        needed: request.senders_threshold,
        standing: Stands::Open,
        doubts: Vec::new(),
        revoke: link::revoke_multisig(request.request_id),
    }
}

/// How many must sign: every vault of ours takes as many; of others we have only the request's word.
fn needed(request: &MultisigRequest, known: &[Option<Known>]) -> u8 {
    if known.iter().any(Option::is_some) { Vault::THRESHOLD } else { request.senders_threshold }
}

/// Where an output goes by the request's word, if its keys are as many as the word says. `vault`: hash of the members
/// it comes from, and how many of them must sign.
fn output(request: &MultisigRequest, vault: (Hash, u8), nth: usize, out: &kernel::Output) -> Output {
    let receiver = request.receivers.get(nth);
    let fits = |r: &&Receiver| {
        let keys = r.members.len() == out.keys.len() && !r.members.is_empty();
        keys && r.destination.is_empty() && Some(r.threshold) == out.threshold()
    };
    let spendable = out.threshold().is_some_and(|needed| needed > 0 && usize::from(needed) <= out.keys.len());
    let to = match (out.kind, receiver.filter(fits)) {
        (kernel::Output::WITHDRAWAL, _) => outside(receiver, out),
        (kernel::Output::SCRIPT, _) if !spendable => Goes::Nobody,
        (kernel::Output::SCRIPT, None) => match receiver.filter(|r| !r.destination.is_empty()) {
            Some(_) => outside(receiver, out),
            None => Goes::Unnamed,
        },
        (kernel::Output::SCRIPT, Some(r)) => {
            let back = (members_hash(&r.members), r.threshold) == vault;
            if back { Goes::Back } else { Goes::Named { members: r.members.clone(), threshold: r.threshold } }
        }
        (_, _) => Goes::Nobody,
    };
    Output { amount: out.amount.amount(), to }
}

fn outside(receiver: Option<&Receiver>, out: &kernel::Output) -> Goes {
    let bytes = out.withdrawal.as_ref().map(|w| String::from_utf8_lossy(&w.address).into_owned());
    Goes::Outside(bytes.or_else(|| receiver.map(|r| r.destination.clone())).unwrap_or_default())
}

fn doubts_of(
    request: &MultisigRequest,
    tx: &Transaction,
    known: &[Option<Known>],
    plan: Option<&Plan>,
    asset: &Coin,
) -> Vec<Doubt> {
    let money = |amount| Money { amount, symbol: asset.symbol.clone() };
    let mut doubts = Vec::new();
    let first = tx.outputs.first().map(|out| out.amount.amount());
    if first != Some(Some(request.amount)) {
        let first = first.flatten().map_or(Sum::TooLarge, |amount| Sum::Of(money(amount)));
        doubts.push(Doubt::Amount { said: request.amount, first });
    }
    if request.transaction_hash != tx.hash() {
        doubts.push(Doubt::Hash);
    }
    doubts.extend(request.inscription.then_some(Doubt::Inscription));
    match &tx.signatures {
        Signatures::Aggregated { .. } => doubts.push(Doubt::Aggregated),
        Signatures::Maps(maps) => {
            let found = maps.iter().map(BTreeMap::len).max().unwrap_or(0);
            if found > request.signers.len() {
                doubts.push(Doubt::Signatures { named: request.signers.len(), found });
            }
        }
    }
    if request.receivers.len() != tx.outputs.len() {
        doubts.push(Doubt::Receivers { named: request.receivers.len(), outputs: tx.outputs.len() });
    } else if plan.is_some_and(|plan| !plan.payouts.iter().zip(&request.receivers).all(|(p, r)| r.members == [p.to])) {
        doubts.push(Doubt::OtherReceivers);
    }
    let other = |input: &Known| input.vault != request.senders_hash || members_hash(&request.senders) != input.vault;
    doubts.extend(known.iter().flatten().any(other).then_some(Doubt::OtherVault));
    let unknown = known.iter().filter(|input| input.is_none()).count();
    if unknown > 0 && plan.is_none() {
        doubts.push(Doubt::UnknownInputs { unknown, of: known.len() });
    }
    let paid = tx.outputs.iter().map(|out| out.amount.amount()).collect::<Option<Vec<_>>>().and_then(Amount::sum);
    let inputs = Amount::sum(known.iter().flatten().map(|input| input.amount));
    if unknown == 0 && inputs != paid {
        doubts.push(Doubt::Inputs { known: money(inputs.unwrap_or_default()) });
    }
    doubts
}

fn standing(
    request: &MultisigRequest,
    tx: Option<&Transaction>,
    spent: Option<Hash>,
    known: &[Option<Known>],
    origin: &Origin<'_>,
) -> Stands {
    let hash = tx.map(Transaction::hash);
    let end = match origin {
        Origin::Ours { plan, .. } => plan.end,
        Origin::Foreign { .. } | Origin::Garbage => None,
    };
    let by = |of: fn(Option<Hash>, Option<Hash>) -> bool| {
        known.iter().flatten().any(|input| matches!(input.lock, Lock::Spent(by) if by.is_some() && of(by, hash)))
    };
    let needed = usize::from(needed(request, known));
    let complete = needed > 0 && request.signers.len() >= needed;
    match request.revoked_by {
        _ if end == Some(End::Spent) || hash.is_some() && spent == hash || by(|by, own| by == own) => Stands::Spent,
        _ if end == Some(End::Void) || by(|by, own| by != own) => Stands::Void,
        Some(person) => Stands::Revoked(person),
        None if complete => Stands::Complete,
        None => Stands::Open,
    }
}

#[cfg(test)]
mod tests;
