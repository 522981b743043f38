//! What must be done because of what has become true. Each duty becomes a job with an id of its own, committed
//! with the events that caused it.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::id::{Hash, RequestId, UserId};
use crate::time::Millis;
use crate::trade::case::{self, CaseNotice};
use crate::trade::deposit::{Deposit, Lock};
use crate::trade::event::Event;
use crate::trade::order::Progress;
use crate::trade::plan::{Authority, End, Kind, Plan};
use crate::trade::state::{State, Trade};
use crate::trade::terms::{Counterparty, Role};

/// If the process dies, every duty is still in the database and is done under the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Tell a person; the words are chosen by `chat` when the row is committed.
    Tell { to: UserId, notice: Notice },
    /// Look at the vault now.
    Look,
    /// Ask MixPay to make this order.
    Order { order: u32 },
    /// Ask MixPay after this order: somebody is looking, and again when it can no longer be paid.
    Ask { order: u32 },
    /// Fetch one-time keys for the plan's outputs.
    Keys { plan: u32 },
    /// Create the plan's request at Mixin.
    Open { plan: u32 },
    /// Add the bot's signature, the last one, if the seven checks hold.
    Cosign { plan: u32 },
    /// Revoke this request of ours: the bot's signature alone stands on it.
    Revoke { request: RequestId },
    /// Revoke the request of this transaction: its lock stands in the way of a plan ([`Trade::in_the_way`]).
    Unlock { hash: Hash },
    /// Read the request of this transaction, none of ours, and tell this person what it would do.
    Explain { hash: Hash, to: UserId },
}

/// What a person is told about a trade; everything else it needs is in the trade itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// To a named counterparty: these are the terms, accept or decline.
    Proposal,
    /// To the proposer: this person brought the code; is it the right one?
    Joined,
    /// To the person who brought the code: wait for the proposer's yes.
    Joining,
    /// To the person the proposer said no to.
    TurnedAway,
    Declined,
    Cancelled,
    Expired,
    /// To the buyer: pay by this link. To the seller: wait.
    Accepted,
    /// Something was paid, not yet enough; the buyer gets a link for the rest.
    Short,
    /// Enough was paid, in more pieces than can be moved at once.
    InPieces,
    /// All that is due is locked.
    Funded,
    /// To whoever signs it: the request's link works (again).
    SignLink {
        plan: u32,
    },
    Delivered,
    /// A split is on offer: to who may sign it, and to who offered it.
    Split {
        plan: u32,
    },
    /// It is over, and nobody signed it.
    SplitLapsed {
        plan: u32,
    },
    /// To somebody who signed what pays them before they may take it: nothing moves.
    Early {
        plan: u32,
    },
    /// A member's own transaction holds the money; what it would do follows.
    Foreign,
    /// Somebody has signed, and Mixin does not show the signature: the bot cannot join it.
    Unshown {
        plan: u32,
    },
    Disputed,
    Withdrawn,
    /// About the case of a dispute.
    Case(CaseNotice),
    /// A judge has ruled; who is paid can sign.
    Ruled,
    /// Time has given somebody a right.
    Elapsed,
    /// To whoever loses by the deadline: so much is left.
    Reminder,
    /// To whoever loses by it: it is over.
    TimeUp,
    /// One has given the other more time.
    Extended,
    /// What was said after a copy was made is lost, and time starts anew; `at` tells one such time from another.
    Anew {
        at: Millis,
    },
    /// Does this deposit, which has no name, belong to the trade?
    Claim {
        output: Uuid,
    },
    /// Somebody said yes to that; perhaps both have.
    ClaimAgreed {
        output: Uuid,
    },
    /// One of them said no, or the question was taken back.
    ClaimRefused,
    /// One plan is authorised, the bot signs.
    Settling,
    Settled,
    SettledElsewhere,
    /// A deposit that does not fit goes back; said before its link is there.
    Odd {
        plan: u32,
    },
    /// A returned deposit has arrived.
    Returned {
        plan: u32,
    },
    /// To the buyer: a MixPay order can be paid now.
    MixPay {
        order: u32,
    },
    /// MixPay said something new about an order.
    Progress {
        order: u32,
    },
    /// The recovery kit, as it stands now.
    Kit,
    /// The bot lost its database and knows this trade again.
    Imported,
    /// To the buyer: the vault was read again after the database was lost, and money is still missing.
    CaughtUp,
    Frozen,
    /// The operator has looked: it goes on.
    Unfrozen,
}

/// The duties of `events`, which led to `trade`, in order.
#[must_use]
pub fn of(trade: &Trade, events: &[Event]) -> Vec<Duty> {
    let mut duties = Vec::new();
    for event in events {
        told(trade, event, &mut duties);
        done(trade, event, &mut duties);
    }
    locks_in_the_way(trade, events, &mut duties);
    locks_on_payments(trade, events, &mut duties);
    duties
}

fn tell(trade: &Trade, role: Role, notice: Notice, duties: &mut Vec<Duty>) {
    if let Some(to) = trade.person(role) {
        duties.push(Duty::Tell { to, notice });
    }
}

fn tell_both(trade: &Trade, notice: Notice, duties: &mut Vec<Duty>) {
    tell(trade, Role::Buyer, notice, duties);
    tell(trade, Role::Seller, notice, duties);
}

fn tell_all(told: impl IntoIterator<Item = (UserId, Notice)>, duties: &mut Vec<Duty>) {
    duties.extend(told.into_iter().map(|(to, notice)| Duty::Tell { to, notice }));
}

/// Who hears what. A notice never precedes or gates money (rule 11).
fn told(trade: &Trade, event: &Event, duties: &mut Vec<Duty>) {
    match event {
        Event::Proposed { terms, .. } => {
            if let Counterparty::Named(to) = terms.counterparty {
                duties.push(Duty::Tell { to, notice: Notice::Proposal });
            }
        }
        Event::Joined { by } => {
            duties.push(Duty::Tell { to: trade.terms.proposer, notice: Notice::Joined });
            duties.push(Duty::Tell { to: *by, notice: Notice::Joining });
        }
        Event::TurnedAway { person } => duties.push(Duty::Tell { to: *person, notice: Notice::TurnedAway }),
        Event::Accepted { .. } => {
            tell_both(trade, Notice::Accepted, duties);
            tell_both(trade, Notice::Kit, duties);
        }
        Event::Imported { .. } if !trade.state.is_end() => tell_both(trade, Notice::Imported, duties),
        Event::CaughtUp => tell(trade, Role::Buyer, Notice::CaughtUp, duties),
        Event::LinkIssued { link } if link.round > 0 => tell_both(trade, Notice::Short, duties),
        Event::OrderOpened { order, .. } => tell(trade, Role::Buyer, Notice::MixPay { order: *order }, duties),
        Event::OrderMoved { order, progress, .. } if *progress != Progress::Unpaid => {
            tell_both(trade, Notice::Progress { order: *order }, duties);
        }
        Event::InPieces => tell_both(trade, Notice::InPieces, duties),
        Event::Declined { .. } => tell_both(trade, Notice::Declined, duties),
        Event::Cancelled { .. } => tell_both(trade, Notice::Cancelled, duties),
        Event::Expired => tell_both(trade, Notice::Expired, duties),
        // Found spent already, after the database was put back: it must not read as locked, nor ask for a signature.
        Event::Funded { .. } | Event::RequestOpened { .. } if trade.is_emptied() => {}
        Event::Funded { .. } => tell_both(trade, Notice::Funded, duties),
        Event::Delivered { .. } => tell_both(trade, Notice::Delivered, duties),
        Event::Disputed { .. }
        | Event::Withdrawn { .. }
        | Event::Ruled { .. }
        | Event::Elapsed { .. }
        | Event::ForeignLock { .. }
        | Event::Reserved => told_of_rights(trade, event, duties),
        Event::Case(event) => tell_all(case::told(trade, event), duties),
        Event::Reminded { left, .. } => reminded(trade, *left, duties),
        Event::Extended { .. } => tell_both(trade, Notice::Extended, duties),
        Event::Anew { at, .. } => anew(trade, *at, duties),
        Event::Unshown { plan, .. } => tell_both(trade, Notice::Unshown { plan: *plan }, duties),
        Event::Claimed { .. } | Event::ClaimAgreed { .. } | Event::ClaimRefused { .. } => claimed(trade, event, duties),
        Event::Signed { plan, by, .. } => early(trade, *plan, *by, duties),
        Event::PlanMade { plan } if plan.offer.is_some() => tell_both(trade, Notice::Split { plan: plan.no }, duties),
        Event::PlanEnded { plan, end: End::Lapsed } if trade.state.is_open() => {
            tell_both(trade, Notice::SplitLapsed { plan: *plan }, duties);
        }
        Event::Settled { .. } => tell_both(trade, Notice::Settled, duties),
        Event::SettledElsewhere { .. } => {
            tell_both(trade, Notice::SettledElsewhere, duties);
            tell_all(case::closed(trade), duties);
        }
        Event::Frozen { .. } => tell_both(trade, Notice::Frozen, duties),
        Event::Unfrozen { .. } => tell_both(trade, Notice::Unfrozen, duties),
        Event::PlanMade { plan } if plan.kind == Kind::Return => {
            tell_both(trade, Notice::Odd { plan: plan.no }, duties);
        }
        Event::PlanEnded { plan, end: End::Spent } if trade.plan(*plan).is_some_and(|p| p.kind == Kind::Return) => {
            tell_both(trade, Notice::Returned { plan: *plan }, duties);
        }
        Event::Authorised { authority, .. } if *authority != Authority::NotOwed => {
            tell_both(trade, Notice::Settling, duties);
            tell_all(case::closed(trade), duties);
        }
        Event::RequestOpened { plan, .. } => {
            sign_links(trade, *plan, duties);
            new_kit(trade, *plan, duties);
        }
        _ => {}
    }
}

/// Whoever loses by the deadline hears of it.
fn reminded(trade: &Trade, left: Millis, duties: &mut Vec<Duty>) {
    let notice = if left == Millis(0) { Notice::TimeUp } else { Notice::Reminder };
    let deadline = trade.runs_out().filter(|deadline| deadline.warns);
    for late in deadline.map_or(&[][..], |deadline| deadline.losers) {
        tell(trade, *late, notice, duties);
    }
}

/// Both hear that words are lost, and so does whoever has something to say in a case.
fn anew(trade: &Trade, at: Millis, duties: &mut Vec<Duty>) {
    tell_both(trade, Notice::Anew { at }, duties);
    tell_all(case::again(trade), duties);
}

/// Both are asked, and hear what comes of it; one yes is only noted.
fn claimed(trade: &Trade, event: &Event, duties: &mut Vec<Duty>) {
    match (event, &trade.claim) {
        (Event::Claimed { claim }, _) => tell_both(trade, Notice::Claim { output: claim.seen.output_id }, duties),
        (Event::ClaimAgreed { by }, Some(claim)) => {
            duties.push(Duty::Tell { to: *by, notice: Notice::ClaimAgreed { output: claim.seen.output_id } });
        }
        // The second yes made it a deposit, the last one.
        (Event::ClaimAgreed { .. }, None) => {
            if let Some(taken) = trade.deposits.last() {
                tell_both(trade, Notice::ClaimAgreed { output: taken.output_id }, duties);
            }
        }
        _ => tell_both(trade, Notice::ClaimRefused, duties),
    }
}

/// What somebody has a right to, and what keeps them from it.
fn told_of_rights(trade: &Trade, event: &Event, duties: &mut Vec<Duty>) {
    match event {
        Event::Disputed { .. } => {
            tell_both(trade, Notice::Disputed, duties);
            // A kit from before knows of no dispute.
            tell_both(trade, Notice::Kit, duties);
        }
        Event::Withdrawn { .. } => {
            tell_both(trade, Notice::Withdrawn, duties);
            tell_all(case::closed(trade), duties);
        }
        Event::Ruled { .. } => {
            by_right(trade, Notice::Ruled, duties);
            tell_both(trade, Notice::Kit, duties);
        }
        Event::Elapsed { .. } => {
            by_right(trade, Notice::Elapsed, duties);
            tell_all(case::closed(trade), duties);
        }
        Event::ForeignLock { by, .. } => {
            tell_both(trade, Notice::Foreign, duties);
            for to in [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role)) {
                duties.push(Duty::Explain { hash: *by, to });
            }
        }
        Event::Reserved if trade.stands() => tell_both(trade, Notice::Kit, duties),
        _ => {}
    }
}

/// Somebody may sign what pays them, from now on: with the link, where the request stands already.
fn by_right(trade: &Trade, notice: Notice, duties: &mut Vec<Duty>) {
    tell_both(trade, notice, duties);
    for plan in trade.plans.iter().filter(|plan| plan.lives() && plan.kind != Kind::Return && plan.request.is_some()) {
        let by_right = trade.consents(plan).into_iter().filter(|(person, _)| !plan.givers.contains(person));
        duties.extend(by_right.map(|(to, _)| Duty::Tell { to, notice: Notice::SignLink { plan: plan.no } }));
    }
}

/// A signature that gives the plan nothing, of somebody who perhaps thinks that it does.
fn early(trade: &Trade, no: u32, by: UserId, duties: &mut Vec<Duty>) {
    let Some(plan) = trade.plan(no).filter(|plan| plan.lives() && plan.authorised.is_none()) else { return };
    let counts = trade.consents(plan).iter().any(|(person, _)| *person == by);
    if !counts && trade.state.is_open() {
        duties.push(Duty::Tell { to: by, notice: Notice::Early { plan: no } });
    }
}

/// A request that opens is for its givers to sign; one that opens again for an authorised plan is not, unless the
/// bot cannot be the last without a party: then either may sign, since it is decided.
fn sign_links(trade: &Trade, no: u32, duties: &mut Vec<Duty>) {
    let Some(plan) = trade.plan(no) else { return };
    if plan.must_tap && plan.lives() {
        return tell_both(trade, Notice::SignLink { plan: no }, duties);
    }
    let settled_on_other = plan.kind != Kind::Return && matches!(trade.state, State::Settling { .. });
    if plan.authorised.is_some() || settled_on_other || trade.state.is_end() && plan.kind != Kind::Return {
        return;
    }
    let right = trade.consents(plan).into_iter().map(|(person, _)| person).filter(|p| !plan.givers.contains(p));
    for to in plan.givers.iter().copied().chain(right) {
        duties.push(Duty::Tell { to, notice: Notice::SignLink { plan: no } });
    }
}

/// The first request of a refund waits for the release's ([`Trade::open_after`]), and no longer than that.
fn refund_follows(trade: &Trade, opened: u32, duties: &mut Vec<Duty>) {
    let Some(release) = trade.plan(opened).filter(|plan| plan.kind == Kind::Release) else { return };
    let waits =
        |plan: &&Plan| plan.kind == Kind::Refund && plan.lives() && plan.round == 0 && plan.inputs == release.inputs;
    if let Some(refund) = trade.plans.iter().find(waits).filter(|p| p.payload.is_some() && p.request.is_none()) {
        duties.push(Duty::Open { plan: refund.no });
    }
}

/// The kit names the two standing links: it is sent when both work, and again when one of them is another. Not for a
/// plan that is decided and that nobody is asked to sign: whoever revokes it again and again would fill two chats.
fn new_kit(trade: &Trade, no: u32, duties: &mut Vec<Duty>) {
    let open = trade.state.is_open();
    let asked = |plan: &Plan| plan.stands() && (open || plan.must_tap && plan.lives());
    if trade.plan(no).is_some_and(asked) && trade.stands() {
        tell_both(trade, Notice::Kit, duties);
    }
}

/// What a trade needs whose jobs may have been lost with the database: a look, and for every order and every living plan
/// whatever comes next, each under the id it always had.
#[must_use]
pub fn taken_up(trade: &Trade) -> Vec<Duty> {
    let mut duties = vec![Duty::Look];
    for order in trade.orders.iter().filter(|order| !order.over) {
        let (order, known) = (order.round, order.opened.is_some());
        duties.push(if known { Duty::Ask { order } } else { Duty::Order { order } });
    }
    for plan in trade.plans.iter().filter(|plan| plan.lives()) {
        match (&plan.payload, &plan.request) {
            (None, _) => duties.push(Duty::Keys { plan: plan.no }),
            (Some(_), None) => duties.push(Duty::Open { plan: plan.no }),
            (Some(_), Some(_)) if waits_for_bot(plan) && !plan.cosigned => duties.push(Duty::Cosign { plan: plan.no }),
            (Some(_), Some(_)) => {}
        }
    }
    duties
}

fn done(trade: &Trade, event: &Event, duties: &mut Vec<Duty>) {
    if let Event::RequestOpened { plan, .. } = event {
        refund_follows(trade, *plan, duties);
    }
    match event {
        Event::Accepted { .. }
        | Event::LinkIssued { .. }
        | Event::Cosigned { .. }
        | Event::Delivered { .. }
        | Event::ClaimAgreed { .. }
        // An early signature may have waited for it.
        | Event::Elapsed { .. }
        | Event::Ruled { .. }
        // What is still to be proved for a right of somebody's.
        | Event::Warned { .. }
        | Event::OrderMoved { progress: Progress::MovingIn | Progress::Moved, .. } => duties.push(Duty::Look),
        Event::PlanEnded { plan, end: End::Lapsed } => {
            let request = trade.plan(*plan).and_then(|plan| plan.request);
            duties.extend(request.map(|request| Duty::Revoke { request: request.id }));
        }
        Event::OrderMade { order } => duties.push(Duty::Order { order: order.round }),
        Event::OrderOpened { order, .. } => duties.push(Duty::Ask { order: *order }),
        // While it was frozen its jobs found nothing to do, and are gone.
        Event::Imported { .. } | Event::Unfrozen { .. } => duties.extend(taken_up(trade)),
        Event::PlanMade { plan } => duties.push(Duty::Keys { plan: plan.no }),
        Event::PayloadBuilt { plan, .. } | Event::RequestLost { plan, .. } => duties.push(Duty::Open { plan: *plan }),
        Event::Yielded { plan, request } | Event::Undercounted { plan, request } => {
            duties.push(Duty::Revoke { request: *request });
            duties.push(Duty::Open { plan: *plan });
        }
        Event::Wanted { .. } => {
            let waits = |plan: &&Plan| plan.payload.is_some() && plan.request.is_none();
            let preferred = trade.preferred().and_then(|no| trade.plan(no)).filter(waits);
            duties.extend(preferred.map(|plan| Duty::Open { plan: plan.no }));
            duties.push(Duty::Look);
        }
        Event::Authorised { plan, .. } => duties.push(Duty::Cosign { plan: *plan }),
        // Authorised before, revoked since: the kept signatures and the bot's own go under the new id.
        Event::RequestOpened { plan, .. } if trade.plan(*plan).is_some_and(waits_for_bot) => {
            duties.push(Duty::Cosign { plan: *plan });
        }
        _ => {}
    }
}

fn waits_for_bot(plan: &Plan) -> bool {
    plan.lives() && plan.authorised.is_some()
}

/// Before a trade is funded a signature of one party on a deposit would keep it from ever being.
fn locks_on_payments(trade: &Trade, events: &[Event], duties: &mut Vec<Duty>) {
    let seen = |d: &Deposit| events.iter().any(|event| event.output() == Some(d.output_id));
    for deposit in trade.deposits.iter().filter(|d| trade.locks_payment(d) && seen(d)) {
        if let Some(hash) = deposit.lock.by()
            && !duties.contains(&Duty::Unlock { hash })
        {
            duties.push(Duty::Unlock { hash });
        }
    }
}

/// A lock that stands in the way of a plan is revoked, as often as it appears.
fn locks_in_the_way(trade: &Trade, events: &[Event], duties: &mut Vec<Duty>) {
    for plan in &trade.plans {
        let fresh = events.iter().any(|e| matches!(e, Event::Authorised { plan: no, .. } if *no == plan.no));
        let moved = |d: &Deposit| {
            events.iter().any(|e| matches!(e, Event::DepositMoved { output_id, .. } if *output_id == d.output_id))
        };
        for deposit in trade.deposits.iter().filter(|d| plan.inputs.iter().any(|i| i.output_id == d.output_id)) {
            if let Lock::Signed(Some(by)) = deposit.lock
                && trade.in_the_way(plan, by)
                && (fresh || moved(deposit))
                && !duties.contains(&Duty::Unlock { hash: by })
            {
                duties.push(Duty::Unlock { hash: by });
            }
        }
    }
}
