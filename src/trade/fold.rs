//! What facts make of a trade, one by one.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use crate::id::RequestId;
use crate::time::Millis;
use crate::trade::clock::Said;
use crate::trade::dispute::Right;
use crate::trade::event::Event;
use crate::trade::order::Order;
use crate::trade::plan::{Authority, EARLIER_MAX, Plan, Request};
use crate::trade::state::{State, Trade};
use crate::trade::terms::Role;

impl Event {
    /// Folds the fact into the trade.
    pub fn apply(&self, trade: &mut Trade) {
        match self {
            Self::Proposed { .. } | Self::CosignRefused { .. } | Self::TakenAsFull { .. } => {}
            Self::Imported { trade: whole, .. } => *trade = (**whole).clone(),
            Self::Joined { by } => trade.joiner = Some(*by),
            Self::TurnedAway { .. } => trade.joiner = None,
            Self::Accepted { parties, until } => {
                (trade.parties, trade.state) = (Some(*parties), State::AwaitingPayment { until: *until });
            }
            Self::LinkIssued { link } => {
                trade.links.push(link.clone());
                trade.link_used_since = None;
            }
            Self::OrderMade { order } => trade.orders.push(order.clone()),
            Self::OrderOpened { order, .. } | Self::OrderMoved { order, .. } | Self::OrderOver { order, .. } => {
                if let Some(order) = trade.orders.iter_mut().find(|o| o.round == *order) {
                    self.apply_to_order(order);
                }
            }
            Self::Declined { .. }
            | Self::Cancelled { .. }
            | Self::Expired
            | Self::Funded { .. }
            | Self::Delivered { .. }
            | Self::Settled { .. }
            | Self::SettledElsewhere { .. }
            | Self::Frozen { .. }
            | Self::LinkUsed { .. }
            | Self::MixPaySilent { .. }
            | Self::MixPayHeard { .. }
            | Self::Unfrozen { .. } => self.apply_to_state(trade),
            Self::Case(event) => event.apply(trade),
            Self::Deposited { .. } | Self::DepositMoved { .. } => self.apply_to_deposits(trade),
            Self::PutBack => trade.behind = true,
            Self::CaughtUp => trade.behind = false,
            Self::Disputed { .. }
            | Self::Exhibit { .. }
            | Self::Withdrawn { .. }
            | Self::Ruled { .. }
            | Self::Wanted { .. }
            | Self::Reserved
            | Self::Elapsed { .. }
            | Self::Reminded { .. }
            | Self::Warned { .. }
            | Self::Unwarned { .. }
            | Self::Extended { .. }
            | Self::Rated { .. }
            | Self::Anew { .. }
            | Self::ForeignLock { .. }
            | Self::ForeignOver
            | Self::LockStands { .. }
            | Self::InPieces
            | Self::FeeWaived
            | Self::Doubted
            | Self::Claimed { .. }
            | Self::ClaimAgreed { .. }
            | Self::ClaimRefused { .. } => self.apply_to_rights(trade),
            Self::PlanMade { .. }
            | Self::PayloadBuilt { .. }
            | Self::RequestOpened { .. }
            | Self::RequestMissing { .. }
            | Self::RequestLost { .. }
            | Self::Signed { .. }
            | Self::Authorised { .. }
            | Self::Cosigned { .. }
            | Self::Undercounted { .. }
            | Self::Unshown { .. }
            | Self::Yielded { .. }
            | Self::PayloadRefused { .. }
            | Self::PlanEnded { .. } => self.apply_to_plans(trade),
        }
    }

    fn apply_to_deposits(&self, trade: &mut Trade) {
        match self {
            Self::Deposited { deposit } => {
                trade.claim = trade.claim.take().filter(|claim| claim.seen.output_id != deposit.output_id);
                trade.deposits.push(deposit.clone());
            }
            Self::DepositMoved { output_id, lock } => {
                if let Some(deposit) = trade.deposits.iter_mut().find(|d| d.output_id == *output_id) {
                    deposit.lock = *lock;
                }
            }
            _ => {}
        }
    }

    fn apply_to_state(&self, trade: &mut Trade) {
        match self {
            Self::Declined { .. } => trade.state = State::Declined,
            Self::Cancelled { by } => trade.state = State::Cancelled { by: *by },
            Self::Expired => trade.state = State::Expired,
            Self::Funded { until } => {
                trade.behind = false;
                trade.enter(State::Funded { until: *until });
            }
            Self::Delivered { until } => trade.enter(State::Delivered { until: *until }),
            Self::Settled { plan, at } => trade.state = State::Settled { plan: *plan, at: *at },
            Self::SettledElsewhere { by } => trade.state = State::SettledElsewhere { by: *by },
            Self::Frozen { why, at } => (trade.frozen, trade.frozen_at) = (Some(why.clone()), *at),
            Self::Unfrozen { until, stood, .. } => {
                (trade.frozen, trade.frozen_at) = (None, None);
                if let Some(case) = &mut trade.case {
                    case.stood(*stood);
                }
                // Of a state with a deadline the length follows from that, also in histories that say no other.
                let moved = match (trade.state.until(), until) {
                    (Some(deadline), Some(until)) => until.since(*deadline),
                    _ => *stood,
                };
                for offer in trade.plans.iter_mut().filter_map(|plan| plan.offer.as_mut()) {
                    offer.until = offer.until.plus(moved);
                }
                if let (Some(deadline), Some(until)) = (trade.state.until(), until) {
                    *deadline = *until;
                    // That a deadline is over is said of each; whatever was said before that is not said again.
                    let left = |said: Said| said.left.max(Millis(1));
                    trade.said = trade.said.map(|said| Said::new(*until, left(said)));
                }
            }
            Self::LinkUsed { since } => trade.link_used_since = Some(*since),
            Self::MixPaySilent { since } => trade.mixpay_silent_since = Some(*since),
            Self::MixPayHeard { until } => {
                trade.mixpay_silent_since = None;
                if let State::AwaitingPayment { until: window } = &mut trade.state {
                    trade.mixpay_stretched = trade.mixpay_stretched.plus(until.since(*window));
                    *window = *until;
                }
            }
            _ => {}
        }
    }

    /// What somebody has a right to, or says they have.
    fn apply_to_rights(&self, trade: &mut Trade) {
        match self {
            Self::Disputed { by, why, left, delivered } => {
                trade.disputed_by.push(*by);
                trade.problem = Some(*why);
                trade.enter(State::Disputed { by: *by, left: *left, delivered: *delivered });
            }
            Self::Exhibit { exhibit } => trade.exhibits.push(*exhibit),
            Self::Withdrawn { until, .. } => {
                let State::Disputed { left, delivered, .. } = trade.state else { return };
                let until = *until;
                trade.enter(if delivered { State::Delivered { until } } else { State::Funded { until } });
                trade.told_deadline(until, left);
            }
            Self::Extended { until, left, .. } => {
                let delivered = matches!(trade.state, State::Delivered { .. });
                let until = *until;
                trade.enter(if delivered { State::Delivered { until } } else { State::Funded { until } });
                trade.told_deadline(until, *left);
            }
            Self::Anew { at, until } => {
                trade.behind = false;
                // What was said of the case in the life that was lost may never come again.
                if let Some(case) = trade.case.as_mut().filter(|_| trade.right.is_none()) {
                    case.revived(*at);
                    trade.said = None;
                }
                if let (Some(deadline), Some(until)) = (trade.state.until(), until) {
                    (*deadline, trade.said) = (*until, None);
                }
            }
            Self::Reminded { until, left } => {
                trade.said = Some(Said::new(*until, *left));
            }
            Self::Warned { until, role } => {
                if let Some(said) = trade.said.as_mut().filter(|said| said.until == *until) {
                    match role {
                        Role::Buyer => said.to_buyer = true,
                        Role::Seller => said.to_seller = true,
                    }
                }
            }
            Self::Unwarned { until, at, .. } => trade.unheard(*until, *at),
            Self::Rated { by, .. } => trade.rated.push(*by),
            Self::Reserved => trade.reserved = true,
            Self::Wanted { kind, .. } => trade.wanted = Some(*kind),
            Self::Ruled { ruling } => trade.right = Some(Right::Ruled(*ruling)),
            Self::Elapsed { right } => {
                trade.right = Some(*right);
                if let (Right::Ruled(_), Some(case)) = (right, &mut trade.case) {
                    case.defaulted = true;
                }
            }
            Self::ForeignLock { by, since } => {
                trade.foreign.told.push(*by);
                trade.foreign.since = trade.foreign.since.or(Some(*since));
            }
            Self::LockStands { at } => trade.foreign.stood(*at),
            Self::Doubted => trade.doubted = true,
            Self::InPieces => trade.in_pieces = true,
            Self::FeeWaived => trade.fee_waived = true,
            Self::ForeignOver => trade.foreign.over = true,
            Self::Claimed { claim } => trade.claim = Some((**claim).clone()),
            Self::ClaimAgreed { by } => {
                if let Some(claim) = &mut trade.claim {
                    claim.agreed.push(*by);
                }
            }
            Self::ClaimRefused { .. } => trade.claim = None,
            _ => {}
        }
    }

    fn apply_to_order(&self, order: &mut Order) {
        match self {
            Self::OrderOpened { opened, .. } => order.opened = Some(opened.clone()),
            Self::OrderMoved { progress, at, .. } => (order.progress, order.moved) = (*progress, *at),
            Self::OrderOver { .. } => order.over = true,
            _ => {}
        }
    }

    fn apply_to_plans(&self, trade: &mut Trade) {
        if let Self::PlanMade { plan } = self {
            // The same decision under other keys.
            if plan.authorised.is_some_and(|authority| authority != Authority::NotOwed) {
                trade.state = State::Settling { plan: plan.no };
            }
            if plan.offer.is_some() {
                trade.wanted = None;
            }
            trade.plans.push(plan.clone());
        }
        if let Self::Authorised { plan, authority } = self
            && *authority != Authority::NotOwed
        {
            trade.state = State::Settling { plan: *plan };
        }
        self.apply_to_plan(trade);
        // Both stand: whatever had the claim on the inputs, it was no mere request.
        if let Self::RequestOpened { .. } = self {
            trade.reserved &= !trade.plans.iter().all(|p| !p.stands() || !p.lives() || p.request.is_some());
        }
    }

    fn apply_to_plan(&self, trade: &mut Trade) {
        let Some(plan) = self.plan().and_then(|no| trade.plan_mut(no)) else { return };
        match self {
            Self::PayloadBuilt { payload, .. } => plan.payload = Some(payload.clone()),
            Self::RequestOpened { request, .. } => plan.request = Some(Request { id: *request, open: true }),
            Self::RequestMissing { since, .. } => plan.missing_since = *since,
            Self::RequestLost { request, .. } => {
                if plan.missing_since.take().is_some() {
                    keep_reading(plan, *request);
                }
                // Where a completed request is gone, what completed it may be too.
                plan.cosigned = false;
                next_round(plan);
            }
            // Somebody may just be signing it; if so, that counts.
            Self::Yielded { request, .. } => {
                keep_reading(plan, *request);
                next_round(plan);
            }
            Self::Undercounted { .. } => {
                plan.must_tap = true;
                next_round(plan);
            }
            Self::Signed { member, signatures, .. } => {
                plan.unshown = false;
                plan.signed.insert(*member, signatures.clone());
            }
            Self::Authorised { authority, .. } => plan.authorised = Some(*authority),
            Self::Cosigned { .. } => plan.cosigned = true,
            Self::Unshown { .. } => plan.unshown = true,
            Self::PayloadRefused { at, .. } => plan.refused_since = Some(*at),
            Self::PlanEnded { end, .. } => plan.end = Some(*end),
            _ => {}
        }
    }
}

fn keep_reading(plan: &mut Plan, request: RequestId) {
    plan.earlier.push(request);
    let beyond = plan.earlier.len().saturating_sub(EARLIER_MAX);
    plan.earlier.drain(..beyond);
}

fn next_round(plan: &mut Plan) {
    plan.request = None;
    (plan.unshown, plan.refused_since) = (false, None);
    plan.round = plan.round.saturating_add(1);
}
