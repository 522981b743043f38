//! What has become true. Events are the lines of a trade's history; the row is what they add up to.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{Hash, RequestId, TradeId, UserId};
use crate::kernel::Signature;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case::CaseEvent;
use crate::trade::deposit::{Claim, Deposit, Lock};
use crate::trade::dispute::{Problem, Right, Ruling};
use crate::trade::evidence::Exhibit;
use crate::trade::lock::Foreign;
use crate::trade::name;
use crate::trade::order::{Opened, Order, Progress};
use crate::trade::plan::{Authority, End, Kind, Payload, Plan};
use crate::trade::state::{PayLink, State, Trade};
use crate::trade::terms::{Parties, Role, Terms};

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
    /// Enough was paid, in more pieces than one transaction can spend.
    InPieces,
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
    /// The seller took what was paid in as the whole. `price`: the largest whose due it covers; the terms stay.
    TakenAsFull {
        by: UserId,
        price: Amount,
    },
    /// An inputs' lock by a transaction none of ours, told to both.
    ForeignLock {
        by: Hash,
        since: Millis,
    },
    /// A lock that should go stood at this look, too.
    LockStands {
        at: Millis,
    },
    /// Put back from a copy or a kit, it may have been taken as the whole since: the operator must look.
    Doubted,
    /// Mixin refused to have the plan's payload signed; once more, later, and it is made anew.
    PayloadRefused {
        plan: u32,
        at: Millis,
    },
    /// From now on such locks are taken away at sight.
    ForeignOver,
    /// Mixin says that a member has signed a request and does not show the signature: the bot cannot join it.
    Unshown {
        plan: u32,
        by: UserId,
    },
    /// One of them called for a judge: clocks stand still.
    Disputed {
        by: UserId,
        why: Problem,
        left: Millis,
        delivered: bool,
    },
    /// One of them said or sent something about it.
    Exhibit {
        exhibit: Exhibit,
    },
    /// Taken back: the state is what it was before, until then.
    Withdrawn {
        by: UserId,
        until: Millis,
    },
    /// In the case of a dispute.
    Case(CaseEvent),
    /// Final.
    Ruled {
        ruling: Ruling,
    },
    /// Somebody who may sign the plan of this kind has asked for it.
    Wanted {
        by: UserId,
        kind: Kind,
    },
    /// Mixin takes no second request over the same inputs.
    Reserved,
    /// This request is taken away, so that the preferred plan's can be created.
    Yielded {
        plan: u32,
        request: RequestId,
    },
    /// Time has given somebody a right.
    Elapsed {
        right: Right,
    },
    /// Whoever loses by the deadline `until` was told that so much is left of it; 0: that it is over.
    Reminded {
        until: Millis,
        left: Millis,
    },
    /// Mixin took the message that it is over for this side.
    Warned {
        until: Millis,
        role: Role,
    },
    /// Mixin would not take it for this side, who loses by a default of the terms. `at`: service time.
    Unwarned {
        until: Millis,
        role: Role,
        at: Millis,
    },
    /// The row was put back from a copy or a kit, and its vault is read now. What was said to the lost life and
    /// acknowledged never comes again: both hear so, and time that runs starts anew.
    Anew {
        /// Service time.
        at: Millis,
        /// The deadline from now on, where one runs.
        until: Option<Millis>,
    },
    /// Whoever would gain by the end of the time gave more: so much is `left` now.
    Extended {
        by: UserId,
        until: Millis,
        left: Millis,
    },
    /// How it was, says a party. It counts for the other's record and for nothing else.
    Rated {
        by: UserId,
        good: bool,
    },
    /// A deposit without a name may be this trade's: both members are asked.
    Claimed {
        claim: Box<Claim>,
    },
    ClaimAgreed {
        by: UserId,
    },
    ClaimRefused {
        by: UserId,
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
        /// What has no deadline in its state stood still for so long, too.
        #[serde(default)]
        stood: Millis,
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
            in_pieces: false,
            claim: None,
            plans: Vec::new(),
            case: None,
            right: None,
            said: None,
            reserved: false,
            doubted: false,
            wanted: None,
            disputed_by: Vec::new(),
            rated: Vec::new(),
            problem: None,
            exhibits: Vec::new(),
            foreign: Foreign::default(),
            stirred: *at,
            fee_waived: false,
            frozen: None,
            frozen_at: None,
            created_at: *at,
        })
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
            | Self::Unshown { plan, .. }
            | Self::Yielded { plan, .. }
            | Self::PayloadRefused { plan, .. }
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
