//! Decides what a command means for a trade. Nothing is changed here: events are.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use uuid::Uuid;

use crate::id::{Hash, RequestId, TradeId, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case;
use crate::trade::claim;
use crate::trade::clock;
use crate::trade::command::{Command, Context, Refusal};
use crate::trade::dispute;
use crate::trade::event::Event;
use crate::trade::evidence;
use crate::trade::orders;
use crate::trade::plan::{End, Kind, OutputKeys, Payload, Plan};
use crate::trade::plans;
use crate::trade::rating;
use crate::trade::sight;
use crate::trade::split;
use crate::trade::state::{PayLink, State, Trade};
use crate::trade::terms::{Counterparty, Role, Terms, TermsError};

/// Requests of a plan before it is no longer created anew at somebody's word.
const RENEWED_MAX: u32 = 5;
/// So long apart Mixin must refuse a payload twice before it is taken to be impossible.
const REFUSED_FOR: Millis = Millis::from_secs(60);

/// A copy of the trade on which a decision is tried out; its events are what comes out.
pub(super) struct Draft<'a> {
    pub(super) trade: Trade,
    pub(super) events: Vec<Event>,
    pub(super) context: Context<'a>,
}

impl Draft<'_> {
    pub(super) fn push(&mut self, event: Event) {
        event.apply(&mut self.trade);
        self.events.push(event);
    }
}

/// Writes a trade down. `cause` is the message that asked for it, so asking twice makes one trade.
///
/// # Errors
/// Terms nobody could settle: see [`TermsError`].
pub fn propose(cause: Uuid, code: String, terms: Terms, context: Context<'_>) -> Result<Event, TermsError> {
    terms.check()?;
    let id = TradeId(context.ids.uuid(cause, "trade", 0));
    let until = context.now.plus(terms.periods.accept);
    let terms_hash = terms.hash();
    Ok(Event::Proposed { id, code, terms, terms_hash, at: context.now, until })
}

/// What `command` means for `trade` now.
///
/// # Errors
/// A [`Refusal`] leaves the trade as it was; its words are shown to the person.
pub fn decide(trade: &Trade, command: &Command, context: Context<'_>) -> Result<Vec<Event>, Refusal> {
    let mut draft = Draft { trade: trade.clone(), events: Vec::new(), context };
    match command {
        Command::Accept { by, terms_hash } => accept(&mut draft, *by, *terms_hash)?,
        Command::Decline { by } => decline(&mut draft, *by)?,
        Command::Confirm { by, joiner } => confirm(&mut draft, *by, *joiner)?,
        Command::TurnAway { by, joiner } => turn_away(&mut draft, *by, *joiner)?,
        Command::Cancel { by } => cancel(&mut draft, *by)?,
        Command::Deliver { by } => deliver(&mut draft, *by)?,
        Command::OfferSplit { by, seller } => split::offer(&mut draft, *by, *seller)?,
        Command::TakeShort { by, paid } => plans::take_short(&mut draft, *by, *paid)?,
        Command::Want { by, kind } => want(&mut draft, *by, *kind)?,
        Command::Blocked { plan } => blocked(&mut draft, *plan),
        Command::Dispute { by, why } => dispute::dispute(&mut draft, *by, *why)?,
        Command::Exhibit { by, sent } => evidence::add(&mut draft, *by, sent)?,
        Command::Withdraw { by } => dispute::withdraw(&mut draft, *by)?,
        Command::Case(command) => case::case(&mut draft, command)?,
        Command::Rule { ruling } => dispute::rule(&mut draft, *ruling)?,
        Command::Elapsed { until } => dispute::elapsed(&mut draft, *until),
        Command::Warned { until, role } => clock::warned(&mut draft, *until, *role),
        Command::Unwarned { until, role } => clock::refused(&mut draft, *until, *role),
        Command::Extend { by, more } => clock::extend(&mut draft, *by, *more)?,
        Command::Rate { by, good } => rating::rate(&mut draft, *by, *good)?,
        Command::Claim { seen } => claim::claim(&mut draft, seen)?,
        Command::AgreeClaim { by, output } => claim::agree(&mut draft, *by, *output)?,
        Command::RefuseClaim { by, output } => claim::refuse(&mut draft, *by, *output)?,
        Command::GiveBack { seen } => claim::give_back(&mut draft, seen)?,
        Command::Look(sight) => {
            sight::look(&mut draft, sight);
            clock::caught_up(&mut draft, sight);
            case::attend(&mut draft);
            clock::remind(&mut draft);
        }
        Command::Keys { plan, keys } => build(&mut draft, *plan, keys),
        Command::FeeUnpayable { plan } => plans::waive_fee(&mut draft, *plan),
        Command::Unsignable { plan } => unsignable(&mut draft, *plan),
        Command::Unopenable { plan } => plans::make_anew(&mut draft, *plan),
        Command::Opened { plan, request } => opened(&mut draft, *plan, *request),
        Command::Taken { plan, request } => taken(&mut draft, *plan, *request),
        Command::Cosigned { plan } => cosigned(&mut draft, *plan),
        Command::Undercounted { plan, request } => undercounted(&mut draft, *plan, *request),
        Command::CosignRefused { plan, why, broken } => refused(&mut draft, *plan, why, *broken),
        Command::OrderOpened { order, opened } => orders::opened(&mut draft, *order, opened),
        Command::OrderRefused { order, why } => orders::refused(&mut draft, *order, why),
        Command::OrderTaken { order } => orders::taken(&mut draft, *order),
        Command::OrderMoved { order, progress, asked, late } => {
            orders::moved(&mut draft, *order, *progress, *asked, *late);
        }
        Command::MixPay { answers: true } => orders::heard(&mut draft),
        Command::MixPay { answers: false } => orders::silent(&mut draft),
        Command::Freeze { why } => freeze(&mut draft, why)?,
        Command::Unfreeze { why } => unfreeze(&mut draft, why)?,
        Command::PutBack => put_back(&mut draft),
        Command::Wake => wake(&mut draft),
    }
    Ok(draft.events)
}

fn accept(draft: &mut Draft<'_>, by: UserId, terms_hash: Hash) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let State::Proposed { until } = trade.state else { return Err(past_proposal(trade, by)) };
    if matches!(trade.terms.counterparty, Counterparty::Named(_)) && trade.role_of(by).is_none() {
        return Err(Refusal::NotYours);
    }
    if terms_hash != trade.terms_hash {
        return Err(Refusal::OtherTerms);
    }
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    trade.terms.check_other(by).map_err(|error| match error {
        TermsError::SamePerson => Refusal::SamePerson,
        TermsError::NotEligible | TermsError::PriceZero | TermsError::PriceTooLarge | TermsError::NothingLeft => {
            Refusal::NotEligible
        }
    })?;
    if draft.context.now >= until {
        return Err(Refusal::TooLate);
    }
    match (&trade.terms.counterparty, trade.joiner) {
        (Counterparty::Named(_), _) => {
            freeze_members(draft, by);
            Ok(())
        }
        (Counterparty::Invited(_), Some(joiner)) if joiner == by => Err(Refusal::Already),
        (Counterparty::Invited(_), Some(_)) => Err(Refusal::Taken),
        (Counterparty::Invited(_), None) => {
            draft.push(Event::Joined { by });
            Ok(())
        }
    }
}

/// Rule 3: members, terms and asset are frozen, and only then does a pay link exist.
fn freeze_members(draft: &mut Draft<'_>, other: UserId) {
    let parties = draft.trade.terms.parties_with(other);
    let until = draft.context.now.plus(draft.trade.terms.periods.pay);
    draft.push(Event::Accepted { parties, until });
    issue_link(draft, draft.trade.due());
}

/// The next round's pay link, for `amount`.
pub(super) fn issue_link(draft: &mut Draft<'_>, amount: Amount) {
    let round = u32::try_from(draft.trade.links.len()).unwrap_or(u32::MAX);
    let link = PayLink::of(draft.context.ids, draft.trade.id, round, amount);
    draft.push(Event::LinkIssued { link });
    orders::make(draft, amount);
}

/// What to say to somebody who answers a proposal that is none any more.
fn past_proposal(trade: &Trade, by: UserId) -> Refusal {
    if trade.role_of(by).is_none() {
        Refusal::NotYours
    } else if trade.parties.is_some() {
        Refusal::Already
    } else {
        Refusal::TooLate
    }
}

fn decline(draft: &mut Draft<'_>, by: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.role_of(by).is_none() {
        // Whoever merely knows a code can leave it unanswered, but not end it for others.
        return Err(Refusal::NotYours);
    }
    let State::Proposed { .. } = trade.state else { return Err(past_proposal(trade, by)) };
    if by == trade.terms.proposer {
        return cancel(draft, by);
    }
    match trade.terms.counterparty {
        Counterparty::Named(_) => draft.push(Event::Declined { by }),
        // The invitation stays open for whoever was meant.
        Counterparty::Invited(_) => draft.push(Event::TurnedAway { person: by }),
    }
    Ok(())
}

fn only_proposer(trade: &Trade, by: UserId) -> Result<(), Refusal> {
    match trade.role_of(by) {
        Some(_) if by == trade.terms.proposer => Ok(()),
        Some(_) => Err(Refusal::OnlyProposer),
        None => Err(Refusal::NotYours),
    }
}

fn confirm(draft: &mut Draft<'_>, by: UserId, joiner: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let State::Proposed { until } = trade.state else { return Err(past_proposal(trade, by)) };
    only_proposer(trade, by)?;
    if trade.joiner != Some(joiner) {
        return Err(Refusal::OtherTerms);
    }
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    if draft.context.now >= until {
        return Err(Refusal::TooLate);
    }
    freeze_members(draft, joiner);
    Ok(())
}

fn turn_away(draft: &mut Draft<'_>, by: UserId, joiner: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let State::Proposed { .. } = trade.state else { return Err(past_proposal(trade, by)) };
    only_proposer(trade, by)?;
    if trade.joiner != Some(joiner) {
        return Err(Refusal::Already);
    }
    draft.push(Event::TurnedAway { person: joiner });
    Ok(())
}

fn cancel(draft: &mut Draft<'_>, by: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.role_of(by).is_none() {
        return Err(Refusal::NotYours);
    }
    match trade.state {
        State::Proposed { .. } if by == trade.terms.proposer => {}
        State::Proposed { .. } => return decline(draft, by),
        State::AwaitingPayment { .. } => {}
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::Settling { .. } => {
            return Err(Refusal::Locked);
        }
        State::Cancelled { .. } => return Err(Refusal::Already),
        State::Settled { .. } | State::Declined | State::Expired | State::SettledElsewhere { .. } => {
            return Err(Refusal::TooLate);
        }
    }
    draft.push(Event::Cancelled { by });
    plans::return_odd_deposits(draft);
    Ok(())
}

fn deliver(draft: &mut Draft<'_>, by: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let role = trade.role_of(by).ok_or(Refusal::NotYours)?;
    match trade.state {
        _ if role != Role::Seller => return Err(Refusal::OnlySeller),
        // Nothing is locked any more: whose transaction it was will be known in a moment.
        State::Funded { .. } if trade.is_emptied() => return Err(Refusal::TooLate),
        State::Proposed { .. } | State::AwaitingPayment { .. } => return Err(Refusal::TooEarly),
        // Past its time "delivered" needs the buyer's yes, which is the release itself.
        State::Funded { until } if trade.time(draft.context.now) > until => return Err(Refusal::TooLate),
        State::Funded { .. } if trade.ruling().is_some() => return Err(Refusal::AlreadyRuled),
        State::Funded { .. } => {}
        // Clocks stand still; that it is delivered is for the judge to hear.
        State::Disputed { .. } => return Err(Refusal::InDispute),
        State::Delivered { .. } | State::Settling { .. } | State::Settled { .. } => return Err(Refusal::Already),
        State::Declined | State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. } => {
            return Err(Refusal::TooLate);
        }
    }
    let until = trade.time(draft.context.now).plus(trade.terms.periods.inspect);
    split::lapse(draft);
    draft.push(Event::Delivered { until });
    Ok(())
}

/// Everything stands and can be signed as it is; this matters where only one of them can have the inputs. Asked for once
/// more, a request that nobody has signed is created anew: if Mixin will not have it signed because one of its one-time
/// keys is burnt, it will not have it created either, and that is seen.
fn want(draft: &mut Draft<'_>, by: UserId, kind: Kind) -> Result<(), Refusal> {
    let trade = &draft.trade;
    trade.role_of(by).ok_or(Refusal::NotYours)?;
    if let State::Settling { plan } = trade.state {
        // Decided, and waiting for either's signature on a request that perhaps cannot be signed.
        let plan = trade.plan(plan).filter(|plan| plan.must_tap && plan.kind == kind && may_renew(trade, plan));
        let request = plan.and_then(|plan| Some((plan.no, plan.request?.id))).ok_or(Refusal::TooLate)?;
        draft.push(Event::Yielded { plan: request.0, request: request.1 });
        return Ok(());
    }
    dispute::may_change(trade)?;
    let theirs = |plan: &&Plan| plan.lives() && trade.consents(plan).iter().any(|(person, _)| *person == by);
    let Some(plan) = trade.plans.iter().filter(|plan| plan.kind == kind).find(theirs) else {
        return Err(if kind == Kind::Release { Refusal::OnlyBuyer } else { Refusal::OnlySeller });
    };
    // Nobody takes away a request that somebody else may sign by right.
    let own = trade.consents(plan).iter().all(|(person, _)| *person == by);
    let again = plan.request.filter(|_| own && trade.wanted == Some(kind) && may_renew(trade, plan));
    let renewed = again.map(|request| Event::Yielded { plan: plan.no, request: request.id });
    draft.push(Event::Wanted { by, kind });
    if let Some(event) = renewed {
        draft.push(event);
    }
    Ok(())
}

/// Nobody has signed it, as far as is seen, and it was not created anew too often.
fn may_renew(trade: &Trade, plan: &Plan) -> bool {
    plan.signed.is_empty() && !plan.unshown && plan.round < RENEWED_MAX && !trade.is_locked(plan)
}

/// One refusal may be the server's bad moment; two, some time apart, are the payload's.
fn unsignable(draft: &mut Draft<'_>, no: u32) {
    let Some(plan) = draft.trade.plan(no).filter(|plan| plan.lives() && !plan.cosigned) else { return };
    match plan.refused_since {
        None => draft.push(Event::PayloadRefused { plan: no, at: draft.context.now }),
        Some(since) if draft.context.now.since(since) >= REFUSED_FOR => plans::make_anew(draft, no),
        Some(_) => {}
    }
}

/// The claim may be that of a request of ours, by its mere being there or by an early signature: it makes room, and is
/// created again when it can be.
fn blocked(draft: &mut Draft<'_>, no: u32) {
    let trade = &draft.trade;
    let Some(plan) = trade.plan(no).filter(|plan| plan.lives() && plan.request.is_none()) else { return };
    let shares = |other: &&Plan| other.no != no && other.inputs.iter().any(|input| plan.inputs.contains(input));
    let rivals = trade.plans.iter().filter(shares).filter(|other| other.lives() && !other.unshown);
    let requests: Vec<(u32, RequestId)> = rivals.filter_map(|other| Some((other.no, other.request?.id))).collect();
    // Nobody has signed anything: it is the mere request that has the claim.
    let signed = trade.plans.iter().any(|other| shares(&other) && !other.signed.is_empty());
    let reserved = !trade.reserved && !requests.is_empty() && !signed && !trade.is_locked(plan);
    let preferred = trade.preferred() == Some(no);
    if reserved {
        draft.push(Event::Reserved);
    }
    for (plan, request) in requests.into_iter().filter(|_| preferred) {
        draft.push(Event::Yielded { plan, request });
    }
}

/// The payload is committed before anything is made of it, so a crash cannot make two.
fn build(draft: &mut Draft<'_>, no: u32, keys: &[OutputKeys]) {
    let Some(plan) = draft.trade.plan(no) else { return };
    if plan.payload.is_some() || !plan.lives() {
        return;
    }
    let Some(tx) = plan.transaction(&draft.trade.code, keys) else { return };
    let payload = Payload { raw: tx.encode(), hash: tx.hash(), keys: keys.to_vec() };
    draft.push(Event::PayloadBuilt { plan: no, payload });
}

fn opened(draft: &mut Draft<'_>, no: u32, request: RequestId) {
    let Some(plan) = draft.trade.plan(no) else { return };
    let present = plan.request_id(draft.trade.id, draft.context.ids) == request;
    if plan.payload.is_none() || plan.request.is_some() || !present {
        return;
    }
    if plan.lives() {
        draft.push(Event::RequestOpened { plan: no, request });
    } else if plan.end == Some(End::Lapsed) {
        // The offer was over before its request was known: it must not stand, and hold the inputs.
        draft.push(Event::Yielded { plan: no, request });
    }
}

fn taken(draft: &mut Draft<'_>, no: u32, request: RequestId) {
    let Some(plan) = draft.trade.plan(no) else { return };
    if plan.lives() && plan.request_id(draft.trade.id, draft.context.ids) == request {
        draft.push(Event::RequestLost { plan: no, request });
    }
}

fn cosigned(draft: &mut Draft<'_>, no: u32) {
    if draft.trade.plan(no).is_some_and(|plan| plan.authorised.is_some() && !plan.cosigned) {
        draft.push(Event::Cosigned { plan: no });
    }
}

fn undercounted(draft: &mut Draft<'_>, no: u32, request: RequestId) {
    let Some(plan) = draft.trade.plan(no) else { return };
    let present = plan.request.is_some_and(|present| present.id == request);
    if plan.lives() && plan.authorised.is_some() && !plan.cosigned && present {
        draft.push(Event::Undercounted { plan: no, request });
    }
}

fn refused(draft: &mut Draft<'_>, no: u32, why: &str, broken: bool) {
    draft.push(Event::CosignRefused { plan: no, why: why.to_owned() });
    if broken && draft.trade.frozen.is_none() {
        draft.push(Event::Frozen { why: why.to_owned(), at: Some(draft.context.now) });
    }
}

/// Time alone ends only proposals and offers, and reminds; an unpaid trade expires at the next look, which reads the outputs again.
fn wake(draft: &mut Draft<'_>) {
    if let State::Proposed { until } = draft.trade.state
        && draft.context.now >= until
        && draft.trade.frozen.is_none()
    {
        draft.push(Event::Expired);
    }
    split::lapse_late(draft);
    case::attend(draft);
    clock::remind(draft);
}

/// A trade that has ended can still owe a return, which is signed too.
fn freeze(draft: &mut Draft<'_>, why: &str) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.frozen.is_some() {
        return Err(Refusal::Already);
    }
    if trade.state.is_end() && !trade.plans.iter().any(Plan::lives) {
        return Err(Refusal::TooLate);
    }
    draft.push(Event::Frozen { why: why.to_owned(), at: Some(draft.context.now) });
    Ok(())
}

/// What was left of the time when it was stopped is left of it now.
fn unfreeze(draft: &mut Draft<'_>, why: &str) -> Result<(), Refusal> {
    let mut state = draft.trade.state;
    if draft.trade.frozen.is_none() {
        return Err(Refusal::Already);
    }
    let now = draft.context.now;
    let stood = now.since(draft.trade.time(now));
    let until = state.until().map(|until| until.plus(stood));
    draft.push(Event::Unfrozen { why: why.to_owned(), until, stood });
    orders::make_again(draft);
    Ok(())
}

/// Money that came and was signed for in the life that was lost must still fund the trade, and what was said in it
/// must not count as never said.
fn put_back(draft: &mut Draft<'_>) {
    let unpaid = matches!(draft.trade.state, State::Proposed { .. } | State::AwaitingPayment { .. });
    if (unpaid || draft.trade.state.is_open()) && !draft.trade.behind {
        draft.push(Event::PutBack);
    }
}
