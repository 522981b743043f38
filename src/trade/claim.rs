//! Deposits that name no trade: given to one by both its members, or back to the member who sent them.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use uuid::Uuid;

use crate::id::UserId;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::deposit::{Claim, Deposit, Oddity, Seen};
use crate::trade::event::Event;
use crate::trade::plans;
use crate::trade::state::{State, Trade};

/// What a deposit would be to the trade that takes it; whichever, it is the buyer's money from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Towards what is due.
    Counts,
    /// Of another asset than the terms name: it goes back to the buyer, like the rest.
    WrongAsset,
    /// All that is due is locked.
    NotNeeded,
    Ended,
}

impl Trade {
    /// What this deposit would be if the trade took it now.
    #[must_use]
    pub fn use_of(&self, seen: &Seen) -> Use {
        match self.state {
            State::Declined
            | State::Cancelled { .. }
            | State::Expired
            | State::Settled { .. }
            | State::SettledElsewhere { .. } => Use::Ended,
            _ if seen.asset != self.terms.asset.id => Use::WrongAsset,
            State::Proposed { .. } | State::AwaitingPayment { .. } => Use::Counts,
            State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::Settling { .. } => {
                Use::NotNeeded
            }
        }
    }

    /// The member a deposit without a name may go back to: its single sender. One who is neither, like `MixPay`, may be
    /// anybody's servant.
    ///
    /// # Errors
    /// [`Refusal::NotUnnamed`] when there is no such member, or the deposit is somebody's already; [`Refusal::TooEarly`]
    /// before there are members.
    pub fn sender_of(&self, seen: &Seen) -> Result<UserId, Refusal> {
        nameless(self, seen)?;
        let parties = self.parties.ok_or(Refusal::TooEarly)?;
        match seen.senders.as_slice() {
            [sender] if parties.role_of(*sender).is_some() => Ok(*sender),
            _ => Err(Refusal::NotUnnamed),
        }
    }
}

/// The operator's thought alone gives nobody anything: both are asked.
pub(super) fn claim(draft: &mut Draft<'_>, seen: &Seen) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.parties.is_none() {
        return Err(Refusal::TooEarly);
    }
    nameless(trade, seen)?;
    if trade.claim.is_some() {
        return Err(Refusal::Already);
    }
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    let claim = Claim { seen: seen.clone(), agreed: Vec::new() };
    draft.push(Event::Claimed { claim: Box::new(claim) });
    Ok(())
}

/// With both members' yes it is the buyer's money for this trade, whoever the ledger says sent it.
pub(super) fn agree(draft: &mut Draft<'_>, by: UserId, output: Uuid) -> Result<(), Refusal> {
    let trade = &draft.trade;
    trade.role_of(by).ok_or(Refusal::NotYours)?;
    let claim = asked(trade, by, output)?;
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    if claim.agreed.contains(&by) {
        return Err(Refusal::Already);
    }
    let parties = trade.parties.ok_or(Refusal::TooEarly)?;
    let both = !claim.agreed.is_empty();
    let mut deposit = Deposit::judge(&claim.seen, trade.terms.asset.id, parties.buyer, &trade.orders);
    deposit.claimed = true;
    if let Some(Oddity::ThirdPerson(_)) = deposit.oddity {
        deposit.oddity = (deposit.asset != trade.terms.asset.id).then_some(Oddity::WrongAsset);
    }
    draft.push(Event::ClaimAgreed { by });
    if both {
        draft.push(Event::Deposited { deposit });
        plans::return_odd_deposits(draft);
    }
    Ok(())
}

/// One no is enough; the deposit names no trade, as before. The bot's own takes the question back.
pub(super) fn refuse(draft: &mut Draft<'_>, by: UserId, output: Uuid) -> Result<(), Refusal> {
    asked(&draft.trade, by, output)?;
    draft.push(Event::ClaimRefused { by });
    Ok(())
}

/// Back to the member who sent it ([`Trade::sender_of`]).
pub(super) fn give_back(draft: &mut Draft<'_>, seen: &Seen) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let sender = trade.sender_of(seen)?;
    let parties = trade.parties.ok_or(Refusal::TooEarly)?;
    if trade.claim.as_ref().is_some_and(|claim| claim.seen.output_id == seen.output_id) {
        return Err(Refusal::Already);
    }
    if trade.frozen.is_some() {
        return Err(Refusal::Frozen);
    }
    let judged = Deposit::judge(seen, trade.terms.asset.id, parties.buyer, &trade.orders);
    let deposit = Deposit { oddity: Some(Oddity::Unnamed(sender)), ..judged };
    draft.push(Event::Deposited { deposit });
    plans::return_odd_deposits(draft);
    Ok(())
}

fn nameless(trade: &Trade, seen: &Seen) -> Result<(), Refusal> {
    let held = trade.deposits.iter().any(|deposit| deposit.output_id == seen.output_id);
    if held || seen.inscription || seen.lock.is_spent() { Err(Refusal::NotUnnamed) } else { Ok(()) }
}

fn asked(trade: &Trade, by: UserId, output: Uuid) -> Result<&Claim, Refusal> {
    if trade.role_of(by).is_none() && by != trade.terms.bot {
        return Err(Refusal::NotYours);
    }
    trade.claim.as_ref().filter(|claim| claim.seen.output_id == output).ok_or(Refusal::TooLate)
}
