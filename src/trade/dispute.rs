//! Rights that neither signature gives by itself: what time gives, and what a judge rules.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::event::Event;
use crate::trade::plan::{Kind, Plan};
use crate::trade::split;
use crate::trade::state::{State, Trade};
use crate::trade::terms::Role;

/// What somebody calls for a judge about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    NotDelivered,
    NotAsAgreed,
    Other,
}

/// How a dispute ends when the two do not end it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    Release,
    Refund,
    /// The seller is owed `seller` out of `of`, which was the price then.
    Split {
        seller: Amount,
        of: Amount,
    },
}

/// A right to sign for money that the other side did not give. It moves nothing: a signature does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// The time to check is over: the seller may take the release.
    InspectionElapsed,
    /// The time to deliver is over: the buyer may take the refund.
    DeliveryElapsed,
    /// Whoever the ruling pays may sign it.
    Ruled(Ruling),
}

/// Whoever says so little before their own time is over that there is a problem is not asked first what it is.
const AT_ONCE: Millis = Millis::from_secs(15 * 60);

impl Trade {
    /// Whether this person's own time is over in a moment, at service time `now`: in less than a quarter of an hour, or,
    /// where that is shorter, than a quarter of the whole.
    #[must_use]
    pub fn is_late_soon(&self, by: UserId, now: Millis) -> bool {
        let Some((until, late)) = self.state.whose_time() else { return false };
        let soon = AT_ONCE.min(Millis(self.terms.periods.of(late).0.div_euclid(4)));
        self.role_of(by) == Some(late) && until.since(self.time(now)) <= soon
    }

    /// The ruling, once there is one: final.
    #[must_use]
    pub const fn ruling(&self) -> Option<Ruling> {
        match self.right {
            Some(Right::Ruled(ruling)) => Some(ruling),
            Some(Right::InspectionElapsed | Right::DeliveryElapsed) | None => None,
        }
    }

    /// The living plan that a right of now is about.
    #[must_use]
    pub fn given(&self) -> Option<&Plan> {
        match self.right? {
            Right::InspectionElapsed | Right::Ruled(Ruling::Release) => self.living(Kind::Release),
            Right::DeliveryElapsed | Right::Ruled(Ruling::Refund) => self.living(Kind::Refund),
            Right::Ruled(Ruling::Split { .. }) => {
                self.plans.iter().find(|plan| plan.kind == Kind::Split && plan.offer.is_none() && plan.lives())
            }
        }
    }

    /// What somebody can call for a judge about now, at service time `now`; nothing when they cannot.
    #[must_use]
    pub fn problems(&self, by: UserId, now: Millis) -> &'static [Problem] {
        match (may_dispute(self, by, now), self.role_of(by)) {
            (Ok((_, false)), Some(Role::Buyer)) => &[Problem::NotDelivered, Problem::Other],
            (Ok((_, true)), Some(Role::Buyer)) => &[Problem::NotDelivered, Problem::NotAsAgreed, Problem::Other],
            (Ok(_), Some(Role::Seller)) => &[Problem::NotAsAgreed, Problem::Other],
            (Ok(_), None) | (Err(_), _) => &[],
        }
    }

    /// Another state begins: what time had given in the one before is gone, what was ruled stays.
    pub(super) fn enter(&mut self, state: State) {
        self.state = state;
        self.right = self.ruling().map(Right::Ruled);
        self.said = None;
        self.wanted = None;
    }
}

fn party(trade: &Trade, by: UserId) -> Result<Role, Refusal> {
    trade.role_of(by).ok_or(Refusal::NotYours)
}

/// Nothing is agreed to or begun in a trade that stands still, or whose money is gone.
pub(super) fn may_change(trade: &Trade) -> Result<(), Refusal> {
    match trade.state {
        State::Proposed { .. } | State::AwaitingPayment { .. } => Err(Refusal::TooEarly),
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } => {
            if trade.frozen.is_some() {
                Err(Refusal::Frozen)
            } else if trade.is_emptied() {
                Err(Refusal::TooLate)
            } else {
                Ok(())
            }
        }
        State::Settling { .. }
        | State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => Err(Refusal::TooLate),
    }
}

/// Whoever let their own time run out cannot stop the other's right by it.
pub(super) fn dispute(draft: &mut Draft<'_>, by: UserId, why: Problem) -> Result<(), Refusal> {
    let (left, delivered) = may_dispute(&draft.trade, by, draft.context.now)?;
    split::lapse(draft);
    draft.push(Event::Disputed { by, why, left, delivered });
    case::open(draft);
    Ok(())
}

/// What is left of the deadline that would stand still, and whether that is the time to check.
fn may_dispute(trade: &Trade, by: UserId, now: Millis) -> Result<(Millis, bool), Refusal> {
    let role = party(trade, by)?;
    may_change(trade)?;
    if trade.ruling().is_some() {
        return Err(Refusal::AlreadyRuled);
    }
    let now = trade.time(now);
    let (until, late) = trade.state.whose_time().ok_or(Refusal::InDispute)?;
    if trade.disputed_by.contains(&by) {
        return Err(Refusal::TooOften);
    }
    if now > until && role == late {
        return Err(Refusal::TooLate);
    }
    // Calling for a judge would give up what time has given them.
    if trade.right.is_some() {
        return Err(Refusal::MayTake);
    }
    Ok((Millis(until.since(now).0.max(0)), late == Role::Buyer))
}

pub(super) fn withdraw(draft: &mut Draft<'_>, by: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    party(trade, by)?;
    may_change(trade)?;
    let State::Disputed { by: opener, left, .. } = trade.state else { return Err(Refusal::NoDispute) };
    if opener != by {
        return Err(Refusal::OnlyOpener);
    }
    // Whoever does not like what a judge has ruled cannot take the dispute back for it.
    if trade.ruling().is_some() || trade.case.as_ref().is_some_and(|case| !case.given.is_empty()) {
        return Err(Refusal::AlreadyRuled);
    }
    let until = trade.time(draft.context.now).plus(left);
    split::lapse(draft);
    draft.push(Event::Withdrawn { by, until });
    Ok(())
}

/// A ruling needs a dispute; it is final, and whom it pays signs it.
pub(super) fn rule(draft: &mut Draft<'_>, ruling: Ruling) -> Result<(), Refusal> {
    let trade = &draft.trade;
    may_change(trade)?;
    if trade.ruling().is_some() {
        return Err(Refusal::AlreadyRuled);
    }
    if !matches!(trade.state, State::Disputed { .. }) {
        return Err(Refusal::NoDispute);
    }
    check_ruling(trade, ruling)?;
    finish(draft, ruling);
    Ok(())
}

/// A split must leave something to both, and be of the price as it is now.
pub(super) fn check_ruling(trade: &Trade, ruling: Ruling) -> Result<(), Refusal> {
    let Ruling::Split { seller, of } = ruling else { return Ok(()) };
    if of != trade.price() {
        return Err(Refusal::OtherTerms);
    }
    split::check(trade, seller).map(drop)
}

/// It is final: whom it pays may sign.
pub(super) fn finish(draft: &mut Draft<'_>, ruling: Ruling) {
    split::lapse(draft);
    draft.push(Event::Ruled { ruling });
    split::make_ruled(draft);
}

/// Time gives a right only for the deadline that was proved to have passed.
pub(super) fn elapsed(draft: &mut Draft<'_>, proved: Millis) {
    let trade = &draft.trade;
    let Some(deadline) = trade.runs_out().filter(|deadline| deadline.until == proved) else { return };
    if trade.time(draft.context.now) < proved {
        return;
    }
    match deadline.gives {
        Right::Ruled(ruling) if !deadline.warns => finish(draft, ruling),
        right @ (Right::Ruled(_) | Right::InspectionElapsed | Right::DeliveryElapsed) => {
            draft.push(Event::Elapsed { right });
        }
    }
}
