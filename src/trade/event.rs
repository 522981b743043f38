//! What has become true. Events are the lines of a trade's history; the row is what they add up to.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{Hash, RequestId, TradeId, UserId};
use crate::kernel::Signature;
use crate::time::Millis;
use crate::trade::deposit::{Deposit, Lock};
use crate::trade::name;
use crate::trade::order::{Opened, Order, Progress};
use crate::trade::plan::{Authority, EARLIER_MAX, End, Payload, Plan, Request};
use crate::trade::state::{PayLink, State, Trade};
use crate::trade::terms::{Parties, Terms};

/// A fact. It has happened and cannot be refused; [`Event::apply`] is total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Born: one side wrote the terms, and so accepted them.
    Proposed {
        id: TradeId,
        code: String,
        terms: Terms,
        terms_hash: Hash,
        at: Millis,
        until: Millis,
    },
    /// Somebody brought the code and accepted; the proposer must say yes to this person.
    Joined {
        by: UserId,
    },
    /// The proposer said no to the person who brought the code.
    TurnedAway {
        person: UserId,
    },
    /// Both have accepted the same terms: members, terms and asset are frozen.
    Accepted {
        parties: Parties,
        until: Millis,
    },
    LinkIssued {
        link: PayLink,
    },
    /// Something bears the present link's trace, while money is missing: perhaps it only does not show yet.
    LinkUsed {
        since: Millis,
    },
    /// What will be asked of MixPay: committed before it is.
    OrderMade {
        order: Order,
    },
    /// MixPay knows the order; its pay page works.
    OrderOpened {
        order: u32,
        opened: Opened,
    },
    /// MixPay said something new about it.
    OrderMoved {
        order: u32,
        progress: Progress,
        #[serde(default)]
        at: Millis,
    },
    /// Nothing can come of it any more, or it was never made.
    OrderOver {
        order: u32,
        why: String,
    },
    /// MixPay does not answer.
    MixPaySilent {
        since: Millis,
    },
    /// It answers again; the payment window is stretched by the outage.
    MixPayHeard {
        until: Millis,
    },
    Declined {
        by: UserId,
    },
    Cancelled {
        by: UserId,
    },
    Expired,
    /// An output of the vault names this trade.
    Deposited {
        deposit: Deposit,
    },
    /// Its place on Mixin changed, or was read again while it stands in the way of a plan.
    DepositMoved {
        output_id: Uuid,
        lock: Lock,
    },
    /// The due amount is locked.
    Funded {
        until: Millis,
    },
    PlanMade {
        plan: Plan,
    },
    /// The fee's receiver cannot be paid: nothing cosmetic blocks money.
    FeeWaived,
    PayloadBuilt {
        plan: u32,
        payload: Payload,
    },
    /// Mixin has the request; its link works.
    RequestOpened {
        plan: u32,
        request: RequestId,
    },
    /// Mixin does not know the request since then, or (`None`) knows it again.
    RequestMissing {
        plan: u32,
        request: RequestId,
        since: Option<Millis>,
    },
    /// Revoked, vanished or occupied: the next round's id carries the same payload.
    RequestLost {
        plan: u32,
        request: RequestId,
    },
    /// A valid signature of a member on the plan's payload.
    Signed {
        plan: u32,
        member: u16,
        by: UserId,
        signatures: Vec<Signature>,
    },
    Delivered {
        until: Millis,
    },
    /// Final: the only plan over its inputs, until it is void for ever.
    Authorised {
        plan: u32,
        authority: Authority,
    },
    /// All seven checks held and Mixin took the bot's signature, the last one.
    Cosigned {
        plan: u32,
    },
    /// Mixin counted the bot's signature alone. This request is given up, and a party must sign the next one first.
    Undercounted {
        plan: u32,
        request: RequestId,
    },
    /// The seven checks, or Mixin, said no; it is looked at again.
    CosignRefused {
        plan: u32,
        why: String,
    },
    PlanEnded {
        plan: u32,
        end: End,
    },
    Settled {
        plan: u32,
        at: Millis,
    },
    SettledElsewhere {
        by: Option<Hash>,
    },
    /// A broken invariant, or the operator's word: nothing is signed any more, and since `at` its clocks stand still.
    Frozen {
        why: String,
        #[serde(default)]
        at: Option<Millis>,
    },
    /// The operator has looked: it goes on, until its deadline plus the time it stood still.
    Unfrozen {
        why: String,
        until: Option<Millis>,
    },
    /// The database was put back from a copy: Mixin may be ahead of this row.
    PutBack,
    /// The vault was read again to its end and what is missing is missing indeed: it may be asked for again.
    CaughtUp,
    /// Born again: the database was lost, and the operator put in a kit that said version `version`.
    Imported {
        version: u64,
        trade: Box<Trade>,
    },
}

impl Event {
    /// The trade that a birth makes, or an import; `None` for every other event.
    #[must_use]
    pub fn birth(&self) -> Option<Trade> {
        if let Self::Imported { trade, .. } = self {
            return Some((**trade).clone());
        }
        let Self::Proposed { id, code, terms, terms_hash, at, until } = self else { return None };
        Some(Trade {
            id: *id,
            code: code.clone(),
            version: 1,
            terms: terms.clone(),
            terms_hash: *terms_hash,
            state: State::Proposed { until: *until },
            joiner: None,
            parties: None,
            links: Vec::new(),
            link_used_since: None,
            orders: Vec::new(),
            mixpay_silent_since: None,
            mixpay_stretched: Millis(0),
            behind: false,
            revived_at: None,
            revived_from: 0,
            deposits: Vec::new(),
            plans: Vec::new(),
            stirred: *at,
            fee_waived: false,
            frozen: None,
            frozen_at: None,
            created_at: *at,
        })
    }

    /// Folds the fact into the trade.
    pub fn apply(&self, trade: &mut Trade) {
        match self {
            Self::Proposed { .. } | Self::CosignRefused { .. } => {}
            Self::Imported { trade: whole, .. } => *trade = (**whole).clone(),
            Self::FeeWaived => trade.fee_waived = true,
            Self::Joined { by } => trade.joiner = Some(*by),
            Self::TurnedAway { .. } => trade.joiner = None,
            Self::Accepted { parties, until } => {
                trade.parties = Some(*parties);
                trade.state = State::AwaitingPayment { until: *until };
            }
            Self::LinkIssued { link } => {
                trade.links.push(link.clone());
                trade.link_used_since = None;
            }
            Self::OrderMade { order } => trade.orders.push(order.clone()),
            Self::MixPaySilent { since } => trade.mixpay_silent_since = Some(*since),
            Self::MixPayHeard { until } => {
                trade.mixpay_silent_since = None;
                if let State::AwaitingPayment { until: window } = &mut trade.state {
                    trade.mixpay_stretched = trade.mixpay_stretched.plus(until.since(*window));
                    *window = *until;
                }
            }
            Self::OrderOpened { order, .. } | Self::OrderMoved { order, .. } | Self::OrderOver { order, .. } => {
                if let Some(order) = trade.orders.iter_mut().find(|o| o.round == *order) {
                    self.apply_to_order(order);
                }
            }
            Self::LinkUsed { since } => trade.link_used_since = Some(*since),
            Self::Declined { .. } => trade.state = State::Declined,
            Self::Cancelled { by } => trade.state = State::Cancelled { by: *by },
            Self::Expired => trade.state = State::Expired,
            Self::Deposited { deposit } => trade.deposits.push(deposit.clone()),
            Self::DepositMoved { output_id, lock } => {
                if let Some(deposit) = trade.deposits.iter_mut().find(|d| d.output_id == *output_id) {
                    deposit.lock = *lock;
                }
            }
            Self::PutBack => trade.behind = true,
            Self::CaughtUp => trade.behind = false,
            Self::Funded { until } => {
                trade.behind = false;
                trade.state = State::Funded { until: *until };
            }
            Self::Delivered { until } => trade.state = State::Delivered { until: *until },
            Self::Settled { plan, at } => trade.state = State::Settled { plan: *plan, at: *at },
            Self::SettledElsewhere { by } => trade.state = State::SettledElsewhere { by: *by },
            Self::Frozen { why, at } => (trade.frozen, trade.frozen_at) = (Some(why.clone()), *at),
            Self::Unfrozen { until, .. } => {
                (trade.frozen, trade.frozen_at) = (None, None);
                if let (Some(deadline), Some(until)) = (trade.state.until(), until) {
                    *deadline = *until;
                }
            }
            Self::PlanMade { .. }
            | Self::PayloadBuilt { .. }
            | Self::RequestOpened { .. }
            | Self::RequestMissing { .. }
            | Self::RequestLost { .. }
            | Self::Signed { .. }
            | Self::Authorised { .. }
            | Self::Cosigned { .. }
            | Self::Undercounted { .. }
            | Self::PlanEnded { .. } => self.apply_to_plans(trade),
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

    /// The names this fact gives to its trade, for ever: what bears them belongs to it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::LinkIssued { link } => vec![name::trace(link.trace), name::memo(&link.memo)],
            Self::OrderMade { order } => vec![name::memo(&order.memo), name::order(&order.id)],
            Self::OrderOpened { opened, .. } => vec![name::code(&opened.code)],
            Self::Imported { trade, .. } => {
                let links = trade.links.iter().map(|link| Self::LinkIssued { link: link.clone() });
                let orders = trade.orders.iter().map(|order| Self::OrderMade { order: order.clone() });
                let codes = trade.orders.iter().filter_map(|order| Some(name::code(&order.opened.as_ref()?.code)));
                links.chain(orders).flat_map(|event| event.names()).chain(codes).collect()
            }
            _ => Vec::new(),
        }
    }

    fn apply_to_plans(&self, trade: &mut Trade) {
        if let Self::PlanMade { plan } = self {
            trade.plans.push(plan.clone());
        }
        if let Self::Authorised { plan, authority } = self
            && *authority != Authority::NotOwed
        {
            trade.state = State::Settling { plan: *plan };
        }
        let Some(plan) = self.plan().and_then(|no| trade.plan_mut(no)) else { return };
        match self {
            Self::PayloadBuilt { payload, .. } => plan.payload = Some(payload.clone()),
            Self::RequestOpened { request, .. } => plan.request = Some(Request { id: *request, open: true }),
            Self::RequestMissing { since, .. } => plan.missing_since = *since,
            Self::RequestLost { request, .. } => {
                if plan.missing_since.take().is_some() {
                    plan.earlier.push(*request);
                    let beyond = plan.earlier.len().saturating_sub(EARLIER_MAX);
                    plan.earlier.drain(..beyond);
                }
                // Where a completed request is gone, what completed it may be too.
                plan.cosigned = false;
                next_round(plan);
            }
            Self::Undercounted { .. } => {
                plan.must_tap = true;
                next_round(plan);
            }
            Self::Signed { member, signatures, .. } => {
                plan.signed.insert(*member, signatures.clone());
            }
            Self::Authorised { authority, .. } => plan.authorised = Some(*authority),
            Self::Cosigned { .. } => plan.cosigned = true,
            Self::PlanEnded { end, .. } => plan.end = Some(*end),
            _ => {}
        }
    }

    /// The deposit that is new, or whose place changed.
    #[must_use]
    pub const fn output(&self) -> Option<Uuid> {
        match self {
            Self::Deposited { deposit } => Some(deposit.output_id),
            Self::DepositMoved { output_id, .. } => Some(*output_id),
            _ => None,
        }
    }

    /// The number of the plan it speaks of.
    #[must_use]
    pub const fn plan(&self) -> Option<u32> {
        match self {
            Self::PayloadBuilt { plan, .. }
            | Self::RequestOpened { plan, .. }
            | Self::RequestMissing { plan, .. }
            | Self::RequestLost { plan, .. }
            | Self::Signed { plan, .. }
            | Self::Authorised { plan, .. }
            | Self::Cosigned { plan }
            | Self::Undercounted { plan, .. }
            | Self::CosignRefused { plan, .. }
            | Self::PlanEnded { plan, .. }
            | Self::Settled { plan, .. } => Some(*plan),
            _ => None,
        }
    }
}

fn next_round(plan: &mut Plan) {
    plan.request = None;
    plan.round = plan.round.saturating_add(1);
}
