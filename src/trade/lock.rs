//! What holds a trade's money, and which of its plans it shall be free for.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};

use crate::id::Hash;
use crate::time::Millis;
use crate::trade::deposit::{Deposit, Lock};
use crate::trade::plan::{Kind, Plan};
use crate::trade::state::{State, Trade};

/// Locks that transactions of the members' own put on a trade's money while nothing is decided. Two of them may move it,
/// that is their right; one alone only keeps the other from signing. So such a lock is told, and has some minutes to
/// become a payment; from then on they are all taken away at sight, as long as the trade lives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// Those that were told, the first few.
    pub told: Vec<Hash>,
    /// Service time of the first.
    pub since: Option<Millis>,
    /// The time is over.
    pub over: bool,
    /// Looks at which a lock that should go still stood.
    #[serde(default)]
    pub tries: u32,
    /// Service time before which that is not tried again.
    #[serde(default)]
    pub again: Option<Millis>,
}

impl Foreign {
    /// How many are explained to people; more is somebody's noise.
    pub const TOLD_MAX: usize = 3;
    /// How long the first may stand.
    pub const PATIENCE: Millis = Millis::from_secs(5 * 60);
    /// So often a lock that stands is tried at every look; from then on ever more rarely, to at most [`Self::WAIT_MAX`].
    const TRIES_AT_ONCE: u32 = 8;
    /// In seconds.
    const WAIT_MAX: i64 = 600;

    /// A lock stood at a look that began at `at`.
    pub(super) fn stood(&mut self, at: Millis) {
        self.tries = self.tries.saturating_add(1);
        let doubled = self.tries.checked_sub(Self::TRIES_AT_ONCE).map(|n| 1i64.checked_shl(n.min(20)));
        let wait = doubled.map(|wait| wait.unwrap_or(Self::WAIT_MAX).min(Self::WAIT_MAX));
        self.again = wait.map(|wait| at.plus(Millis::from_secs(wait)));
    }
}

impl Trade {
    /// Whether the transaction `by`, which holds an input of `plan`, keeps it from happening: anything but its own
    /// payload, when the plan is authorised or gives back what nobody is owed; anything none of ours, while the plan's
    /// request cannot be opened or once the members had their time for it ([`Foreign`]); and a signature of ours that
    /// counts for nothing, where somebody else could sign this plan. Else a party's signature on one of our standing
    /// requests is in nobody's way.
    #[must_use]
    pub fn in_the_way(&self, plan: &Plan, by: Hash) -> bool {
        if !plan.lives() || plan.carries(by) {
            return false;
        }
        if plan.authorised.is_some() {
            return true;
        }
        // A payload that is not built yet, or not again since a copy of the database was put back, may be what holds
        // it, with a party's signature.
        let shares = |other: &Plan| other.inputs.iter().any(|input| plan.inputs.contains(input));
        if self.plans.iter().any(|other| other.lives() && other.payload.is_none() && shares(other)) {
            return false;
        }
        match self.plans.iter().find(|other| other.carries(by)) {
            _ if plan.kind == Kind::Return => true,
            None => plan.request.is_none() || self.foreign.over,
            Some(holder) => self.is_idle(holder, plan),
        }
    }

    /// Whether a signature on `holder`, a plan of ours, only keeps `plan` from being signed: an offer that is over; or
    /// one that gives its plan nothing (it is kept, and counts when it may), where somebody has an offer or a right of
    /// their own to sign for, or has asked for it. Where there is none of these, an early signature on a standing plan is
    /// in nobody else's way: the one who could sign the other plan is who gave it.
    fn is_idle(&self, holder: &Plan, plan: &Plan) -> bool {
        if holder.authorised.is_some() || holder.kind == Kind::Return || holder.unshown {
            return holder.end.is_some();
        }
        let by_right = || self.consents(plan).iter().any(|(person, _)| !plan.givers.contains(person));
        let counts_for_nothing = !holder.signed.is_empty() && self.consented(holder).is_none();
        let split = holder.kind == Kind::Split || plan.kind == Kind::Split;
        let chosen = || split || self.wanted == Some(plan.kind) || by_right();
        holder.end.is_some() || counts_for_nothing && self.state.is_open() && chosen()
    }

    /// The settlement that somebody may most likely sign now: where only one can have its inputs, be it for an early
    /// signature or because Mixin reserves them when a request is created (dossier U-31), it is this one.
    #[must_use]
    pub fn preferred(&self) -> Option<u32> {
        let living = || self.plans.iter().filter(|plan| plan.kind != Kind::Return && plan.lives());
        let of = |kind: Kind| living().find(|plan| plan.kind == kind);
        let decided = living().find(|plan| plan.authorised.is_some());
        let wanted = || self.wanted.and_then(of);
        let preferred = decided
            .or_else(|| self.given())
            .or_else(wanted)
            .or_else(|| self.offered_split())
            .or_else(|| of(Kind::Release));
        preferred.map(|plan| plan.no)
    }

    /// Whether a transaction that is none of ours, or is over, holds some of the frozen money, as far as was seen.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let ours = |by| self.plans.iter().any(|plan| plan.lives() && plan.carries(by));
        let frozen = self.frozen_inputs();
        let held = |deposit: &&Deposit| matches!(deposit.lock, Lock::Signed(by) if by.is_none_or(|by| !ours(by)));
        self.deposits.iter().filter(held).any(|d| frozen.iter().any(|input| input.output_id == d.output_id))
    }

    /// Whether something holds or has spent an input of this plan, as far as was seen.
    pub(super) fn is_locked(&self, plan: &Plan) -> bool {
        let locked = |deposit: &&Deposit| !matches!(deposit.lock, Lock::Unspent);
        let input = |deposit: &Deposit| plan.inputs.iter().any(|input| input.output_id == deposit.output_id);
        self.deposits.iter().filter(locked).any(input)
    }

    /// Whether somebody's signature keeps a deposit from being frozen while its trade waits for money.
    #[must_use]
    pub fn locks_payment(&self, deposit: &Deposit) -> bool {
        // Behind, it may be the signature on a payload of our own, which will be known again once it is built.
        matches!(self.state, State::AwaitingPayment { .. }) && !self.behind && deposit.counts() && !deposit.is_free()
    }
}
