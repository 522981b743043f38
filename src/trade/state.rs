//! What a trade is. The row is the truth: this struct, as JSON.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};

use crate::id::{self, Hash, IdSecret, RequestId, TradeId, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case::Case;
use crate::trade::clock::Said;
use crate::trade::deposit::{self, Claim, Deposit};
use crate::trade::dispute::{Problem, Right};
use crate::trade::evidence::Exhibit;
use crate::trade::lock::Foreign;
use crate::trade::order::Order;
use crate::trade::plan::{Kind, Plan};
use crate::trade::split::OFFER_STANDS;
use crate::trade::terms::{Counterparty, Parties, Role, Terms, Vault};

/// Where a trade stands. Deadlines are in service time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// One side wrote terms; `until`: the other accepts, or it expires.
    Proposed {
        until: Millis,
    },
    /// Both accepted; the pay link lives until `until`, then the outputs are read once more.
    AwaitingPayment {
        until: Millis,
    },
    /// All that is due is locked; the seller delivers by `until`.
    Funded {
        until: Millis,
    },
    /// The seller says it is done; the buyer looks at it until `until`.
    Delivered {
        until: Millis,
    },
    /// One of them called for a judge; clocks stand still.
    Disputed {
        by: UserId,
        /// What is left of the deadline that ran.
        left: Millis,
        /// From where: Delivered, else Funded.
        delivered: bool,
    },
    /// One plan is authorised; its spend is awaited.
    Settling {
        plan: u32,
    },
    /// The spend of this plan was seen.
    Settled {
        plan: u32,
        at: Millis,
    },
    Declined,
    Cancelled {
        by: UserId,
    },
    Expired,
    /// A transaction that is none of ours spent the inputs: two of the three settled by themselves.
    SettledElsewhere {
        by: Option<Hash>,
    },
}

impl State {
    /// The one word for it, the same in chat, CLI, SQL and JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "Proposed",
            Self::AwaitingPayment { .. } => "AwaitingPayment",
            Self::Funded { .. } => "Funded",
            Self::Delivered { .. } => "Delivered",
            Self::Disputed { .. } => "Disputed",
            Self::Settling { .. } => "Settling",
            Self::Settled { .. } => "Settled",
            Self::Declined => "Declined",
            Self::Cancelled { .. } => "Cancelled",
            Self::Expired => "Expired",
            Self::SettledElsewhere { .. } => "SettledElsewhere",
        }
    }

    /// The deadline of the state, while it has one.
    pub(crate) const fn until(&mut self) -> Option<&mut Millis> {
        match self {
            Self::Proposed { until }
            | Self::AwaitingPayment { until }
            | Self::Funded { until }
            | Self::Delivered { until } => Some(until),
            Self::Disputed { .. }
            | Self::Settling { .. }
            | Self::Settled { .. }
            | Self::Declined
            | Self::Cancelled { .. }
            | Self::Expired
            | Self::SettledElsewhere { .. } => None,
        }
    }

    /// The deadline by which somebody loses, and the side whose time it is: to deliver, or to check.
    #[must_use]
    pub const fn whose_time(&self) -> Option<(Millis, Role)> {
        match self {
            Self::Funded { until } => Some((*until, Role::Seller)),
            Self::Delivered { until } => Some((*until, Role::Buyer)),
            Self::Proposed { .. }
            | Self::AwaitingPayment { .. }
            | Self::Disputed { .. }
            | Self::Settling { .. }
            | Self::Settled { .. }
            | Self::Declined
            | Self::Cancelled { .. }
            | Self::Expired
            | Self::SettledElsewhere { .. } => None,
        }
    }

    /// Nothing more is asked of anybody (odd deposits may still be returned).
    #[must_use]
    pub const fn is_end(&self) -> bool {
        match self {
            Self::Settled { .. }
            | Self::Declined
            | Self::Cancelled { .. }
            | Self::Expired
            | Self::SettledElsewhere { .. } => true,
            Self::Proposed { .. }
            | Self::AwaitingPayment { .. }
            | Self::Funded { .. }
            | Self::Delivered { .. }
            | Self::Disputed { .. }
            | Self::Settling { .. } => false,
        }
    }

    /// The money is locked and nothing is decided: whoever has a right can still sign.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Funded { .. } | Self::Delivered { .. } | Self::Disputed { .. })
    }
}

/// A payment link of Mixin's: its trace serves one payment; every trace and memo ever issued names the trade
/// for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayLink {
    pub round: u32,
    pub trace: RequestId,
    pub memo: String,
    pub amount: Amount,
}

impl PayLink {
    /// The link of a round. Its names are derived, so that a kit need not carry them: whoever knows a trace before it
    /// is used can use it up.
    #[must_use]
    pub fn of(ids: &IdSecret, trade: TradeId, round: u32, amount: Amount) -> Self {
        Self {
            round,
            trace: RequestId(ids.uuid(trade.0, "trace", round)),
            memo: id::crockford(&ids.derive(trade.0, "memo", round), 20),
            amount,
        }
    }
}

/// The longest a request waits for that of the preferred plan.
const OTHERS_WAIT: Millis = Millis::from_secs(3);

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, told by an event of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    pub id: TradeId,
    /// Six letters people type.
    pub code: String,
    /// Rises by one with every committed change; decisions are made on the current one only.
    pub version: u64,
    pub terms: Terms,
    pub terms_hash: Hash,
    pub state: State,
    /// Who brought the invitation code and accepted, while the proposer has not yet said yes to them.
    pub joiner: Option<UserId>,
    /// Frozen with the acceptance.
    pub parties: Option<Parties>,
    pub links: Vec<PayLink>,
    /// Service time of the first question MixPay left unanswered, while it has answered none since. Such an outage
    /// stretches the payment window, and nothing else.
    #[serde(default)]
    pub mixpay_silent_since: Option<Millis>,
    /// By how much outages of MixPay's have stretched the payment window so far.
    #[serde(default)]
    pub mixpay_stretched: Millis,
    /// Service time of the first look that found the present link's trace used, with money still missing.
    #[serde(default)]
    pub link_used_since: Option<Millis>,
    /// The orders at MixPay, oldest first; only the last may still be offered.
    #[serde(default)]
    pub orders: Vec<Order>,
    pub deposits: Vec<Deposit>,
    /// Both were told that enough was paid, in too many pieces.
    #[serde(default)]
    pub in_pieces: bool,
    /// A deposit without a name that the operator thinks is this trade's, until both members have said yes.
    #[serde(default)]
    pub claim: Option<Claim>,
    pub plans: Vec<Plan>,
    /// What time or a ruling has given somebody.
    #[serde(default)]
    pub right: Option<Right>,
    /// What was last said of the present deadline.
    #[serde(default)]
    pub said: Option<Said>,
    /// Only one request over the same inputs can stand at Mixin (dossier U-31).
    #[serde(default)]
    pub reserved: bool,
    /// The operator was asked to look, once, whether it was taken as the whole.
    #[serde(default)]
    pub doubted: bool,
    /// What somebody who may sign it has asked for.
    #[serde(default)]
    pub wanted: Option<Kind>,
    /// Who is asked to judge the last dispute, and what was ruled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// Who has called for a judge; each may once.
    #[serde(default)]
    pub disputed_by: Vec<UserId>,
    /// Who has said how it was; each may once, after the end.
    #[serde(default)]
    pub rated: Vec<UserId>,
    /// What the last of them is about.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// What the two said and sent in disputes, by number, kind and hash.
    #[serde(default)]
    pub exhibits: Vec<Exhibit>,
    /// Locks on the money by transactions of the members' own.
    #[serde(default)]
    pub foreign: Foreign,
    /// Server time when somebody last showed an interest; sets how often we look.
    pub stirred: Millis,
    /// The fee's receiver cannot be paid: each side keeps its own part of the fee (rule 11).
    #[serde(default)]
    pub fee_waived: bool,
    /// The row may be behind what Mixin shows: it was put back from a copy or a kit, and its vault was not read to the
    /// end since. Nobody is asked to pay.
    #[serde(default)]
    pub behind: bool,
    /// When a kit brought it back, after the database was lost: what is told since is told anew.
    #[serde(default)]
    pub revived_at: Option<Millis>,
    /// The version that kit said.
    #[serde(default)]
    pub revived_from: u64,
    /// Why a broken invariant, or the operator, froze the trade: nothing is signed any more, a person must look (rule 12).
    pub frozen: Option<String>,
    /// Service time since when its clocks stand still for that.
    #[serde(default)]
    pub frozen_at: Option<Millis>,
    pub created_at: Millis,
}

impl Trade {
    /// The vault, once the parties are frozen.
    #[must_use]
    pub fn vault(&self) -> Option<Vault> {
        self.parties.map(|parties| Vault::of(parties, self.terms.bot))
    }

    /// Price plus the buyer's part of the fee.
    #[must_use]
    pub fn due(&self) -> Amount {
        self.terms.due().unwrap_or(Amount::from_units(u128::MAX))
    }

    /// The service time that counts for this trade: it stands still while the trade is frozen. Where nobody wrote down
    /// since when, none has passed at all.
    #[must_use]
    pub fn time(&self, now: Millis) -> Millis {
        match self.frozen {
            None => now,
            Some(_) => self.frozen_at.unwrap_or(self.created_at).min(now),
        }
    }

    /// What is still to be paid in.
    #[must_use]
    pub fn missing(&self) -> Amount {
        self.due().saturating_sub(deposit::counted(&self.deposits))
    }

    /// The side a person takes, also before the parties are frozen.
    #[must_use]
    pub fn role_of(&self, person: UserId) -> Option<Role> {
        if let Some(parties) = &self.parties {
            return parties.role_of(person);
        }
        let other = self.terms.role.other();
        match self.terms.counterparty {
            _ if person == self.terms.proposer => Some(self.terms.role),
            Counterparty::Named(named) if named == person => Some(other),
            Counterparty::Named(_) | Counterparty::Invited(_) => (self.joiner == Some(person)).then_some(other),
        }
    }

    /// The person on a side, as far as known.
    #[must_use]
    pub fn person(&self, role: Role) -> Option<UserId> {
        if let Some(parties) = &self.parties {
            return Some(parties.of(role));
        }
        if role == self.terms.role {
            return Some(self.terms.proposer);
        }
        match self.terms.counterparty {
            Counterparty::Named(named) => Some(named),
            Counterparty::Invited(_) => self.joiner,
        }
    }

    #[must_use]
    pub fn plan(&self, no: u32) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.no == no)
    }

    pub(crate) fn plan_mut(&mut self, no: u32) -> Option<&mut Plan> {
        self.plans.iter_mut().find(|plan| plan.no == no)
    }

    /// The living plan of a kind; for returns, the first.
    #[must_use]
    pub fn living(&self, kind: Kind) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.kind == kind && plan.lives())
    }

    /// The order at MixPay that may be paid by now, or was the last to be.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        self.orders.last()
    }

    /// The order by which money is on its way, as far as MixPay says. One that asks for more than is missing is not
    /// waited for: something has come since, most likely by it, and the rest must find a button.
    #[must_use]
    pub fn coming(&self) -> Option<&Order> {
        self.last_order().filter(|order| order.under_way() && order.amount <= self.missing())
    }

    /// The order people can pay now, at `server` time. One for more than is missing would only have to be given back.
    #[must_use]
    pub fn offered(&self, server: Millis) -> Option<&Order> {
        let fits = |order: &&Order| order.payable(server) && order.amount <= self.missing();
        self.last_order().filter(fits).filter(|_| self.frozen.is_none() && !self.behind)
    }

    /// The last order, while its money could still fund the trade.
    #[must_use]
    pub fn last_order(&self) -> Option<&Order> {
        let awaiting = matches!(self.state, State::AwaitingPayment { .. });
        self.orders.last().filter(|_| awaiting)
    }

    /// The trade as it goes on after the database was lost, at `service` and `server` time: nobody's time has run
    /// out meanwhile, what was seen must be seen anew, and the version is larger than any before.
    #[must_use]
    pub fn revived(mut self, service: Millis, server: Millis) -> Self {
        let periods = self.terms.periods;
        match &mut self.state {
            State::AwaitingPayment { until } => *until = service.plus(periods.pay),
            // Whose time was over stays late.
            State::Funded { .. } | State::Delivered { .. } if self.right.is_some() => {}
            State::Funded { until } => *until = service.plus(periods.deliver),
            State::Delivered { until } => *until = service.plus(periods.inspect),
            State::Proposed { .. }
            | State::Disputed { .. }
            | State::Settling { .. }
            | State::Settled { .. }
            | State::Declined
            | State::Cancelled { .. }
            | State::Expired
            | State::SettledElsewhere { .. } => {}
        }
        self.frozen_at = self.frozen.as_ref().map(|_| service);
        if let Some(case) = &mut self.case {
            case.revived(service);
        }
        self.said = None;
        self.link_used_since = None;
        for plan in &mut self.plans {
            plan.missing_since = None;
            if let Some(offer) = &mut plan.offer {
                offer.until = service.plus(OFFER_STANDS);
            }
        }
        self.foreign.since = None;
        self.mixpay_silent_since = None;
        self.behind = true;
        // What is told from now on is told anew: the last that people read may be from the life that was lost.
        self.revived_at = Some(server);
        self.revived_from = self.version;
        // No trade changes once a second, so the second is larger than any version that was, also after an earlier
        // revival: an older kit put in later changes nothing.
        let second = u64::try_from(server.secs()).unwrap_or(0);
        self.version = self.version.saturating_add(1).max(second);
        self.stirred = server;
        self
    }

    /// How long the request of a plan's present round waits to be opened. It lets the one that is preferred go ahead, for
    /// a moment: where creating a request reserves its inputs only one of them can stand.
    #[must_use]
    pub fn open_after(&self, plan: &Plan) -> Millis {
        let preferred = self.preferred().filter(|no| *no != plan.no && plan.kind != Kind::Return);
        let goes_ahead = preferred.and_then(|no| self.plan(no)).filter(|other| other.request.is_none());
        let wait = goes_ahead.map_or(Millis(0), |_| OTHERS_WAIT);
        plan.open_after().max(wait)
    }

    /// Whether the standing plans of now all have a link that works; where only one can, whether that one has.
    #[must_use]
    pub fn stands(&self) -> bool {
        let mut living = self.plans.iter().filter(|plan| plan.stands() && plan.lives()).peekable();
        let works = |plan: &Plan| plan.request.is_some_and(|request| request.open);
        living.peek().is_some() && if self.reserved { living.any(works) } else { living.all(works) }
    }

    /// What MixPay has paid into the vault by an order of this trade, whatever became of it since.
    #[must_use]
    pub fn paid_by(&self, order: u32) -> Amount {
        let by = self.deposits.iter().filter(|d| d.order == Some(order) && d.oddity.is_none());
        Amount::sum(by.map(|d| d.amount)).unwrap_or_default()
    }

    /// Everything that was locked is spent: what is left is to learn by whose transaction.
    #[must_use]
    pub fn is_emptied(&self) -> bool {
        let spent = |id| self.deposits.iter().any(|d| d.output_id == id && d.lock.is_spent());
        let mut living = self.plans.iter().filter(|plan| plan.kind != Kind::Return && plan.lives()).peekable();
        living.peek().is_some() && living.all(|plan| plan.inputs.iter().all(|input| spent(input.output_id)))
    }

    /// The link to pay by now.
    #[must_use]
    pub fn link(&self) -> Option<&PayLink> {
        self.links.last()
    }

    /// Plans that some living request carries or should carry: what a look must read.
    pub fn live_plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(|plan| plan.lives() && plan.request.is_some())
    }
}
