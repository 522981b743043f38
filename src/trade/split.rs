//! Splits: a part of the price for the seller, the rest back to the buyer. Offered by one and signed by the other, or
//! ruled by a judge.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::dispute::{self, Right, Ruling};
use crate::trade::event::Event;
use crate::trade::payout::{self, Payout, Shares};
use crate::trade::plan::{End, FrozenInput, Kind, Offer, Plan};
use crate::trade::plans;
use crate::trade::state::Trade;
use crate::trade::terms::{Parties, Role};

/// How long an offer stands, in service time.
pub const OFFER_STANDS: Millis = Millis::from_hours(48);
/// Offers a person may make in one trade: each makes a payload and a request.
const OFFERS_MAX: usize = 12;

impl Trade {
    /// The price as it is settled: that of the terms, or the largest that the frozen inputs cover, where less was taken as
    /// the whole or an input was lost.
    #[must_use]
    pub fn price(&self) -> Amount {
        let frozen = self.frozen_inputs();
        if frozen.is_empty() {
            return self.terms.price;
        }
        let total = Amount::sum(frozen.iter().map(|input| input.amount)).unwrap_or(Amount::from_units(u128::MAX));
        payout::affordable(self.terms.price, &self.terms.fee, total)
    }

    /// The inputs that a settlement spends; none before there is one.
    #[must_use]
    pub fn frozen_inputs(&self) -> &[FrozenInput] {
        let standing = self.plans.iter().rfind(|plan| plan.stands() && plan.end != Some(End::Void));
        standing.map_or(&[], |plan| plan.inputs.as_slice())
    }

    /// What a split would pay when the seller is owed `seller` of [`Trade::price`]; `None` when it is not covered.
    #[must_use]
    pub fn shares(&self, seller: Amount) -> Option<Shares> {
        let total = Amount::sum(self.frozen_inputs().iter().map(|input| input.amount))?;
        self.shares_of(seller, total)
    }

    /// What a settlement of `total` pays when the seller is owed `owed`, with or without the fee.
    pub(super) fn shares_of(&self, owed: Amount, total: Amount) -> Option<Shares> {
        let shares = if self.fee_waived { payout::shares_without_fee } else { payout::shares };
        shares(owed, &self.terms.fee, total)
    }

    /// The split that is on offer.
    #[must_use]
    pub fn offered_split(&self) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.kind == Kind::Split && plan.offer.is_some() && plan.lives())
    }
}

/// A split leaves something to both: all or nothing is what release and refund are for.
pub(super) fn check(trade: &Trade, seller: Amount) -> Result<Shares, Refusal> {
    let back = trade.price().checked_sub(seller).filter(|back| !back.is_zero());
    let shares = trade.shares(seller).filter(|_| back.is_some()).ok_or(Refusal::PaysNothing)?;
    if shares.seller.is_zero() || shares.buyer.is_zero() {
        return Err(Refusal::PaysNothing);
    }
    Ok(shares)
}

/// One offers; from now on the other may sign. A newer offer takes the place of any that stands.
pub(super) fn offer(draft: &mut Draft<'_>, by: UserId, seller: Amount) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let role = trade.role_of(by).ok_or(Refusal::NotYours)?;
    dispute::may_change(trade)?;
    if trade.ruling().is_some() {
        return Err(Refusal::AlreadyRuled);
    }
    let parties = trade.parties.ok_or(Refusal::TooEarly)?;
    let shares = check(trade, seller)?;
    let made = trade.plans.iter().filter(|plan| plan.offer.is_some_and(|offer| offer.by == by)).count();
    if made >= OFFERS_MAX {
        return Err(Refusal::TooOften);
    }
    let until = trade.time(draft.context.now).plus(OFFER_STANDS);
    lapse(draft);
    let payouts = payouts(&draft.trade, &shares, parties, role.other());
    let inputs = draft.trade.frozen_inputs().to_vec();
    let asset = draft.trade.terms.asset.id;
    let plan = plans::plan(draft, Kind::Split, asset, inputs, payouts, vec![parties.of(role.other())]);
    draft.push(Event::PlanMade { plan: Plan { offer: Some(Offer { by, until }), ..plan } });
    Ok(())
}

/// An offer that stands is over: its time is, a newer one came, or the trade's state changed.
pub(super) fn lapse(draft: &mut Draft<'_>) {
    let open = draft.trade.offered_split().filter(|plan| plan.authorised.is_none()).map(|plan| plan.no);
    if let Some(plan) = open {
        draft.push(Event::PlanEnded { plan, end: End::Lapsed });
    }
}

/// The same, if its time is over.
pub(super) fn lapse_late(draft: &mut Draft<'_>) {
    let now = draft.trade.time(draft.context.now);
    let until = draft.trade.offered_split().and_then(|plan| plan.offer).map(|offer| offer.until);
    if until.is_some_and(|until| now >= until) && draft.trade.frozen.is_none() {
        lapse(draft);
    }
}

/// The plan of a ruled split over the inputs as they are now; nothing for other rulings. Where an input was lost since,
/// both lose in proportion.
pub(super) fn make_ruled(draft: &mut Draft<'_>) {
    let Some(Right::Ruled(Ruling::Split { seller, of })) = draft.trade.right else { return };
    let Some(parties) = draft.trade.parties else { return };
    let owed = seller.share_floor(draft.trade.price(), of).unwrap_or(seller);
    let Some(shares) = draft.trade.shares(owed) else { return };
    let payouts = payouts(&draft.trade, &shares, parties, Role::Seller);
    let givers: Vec<UserId> =
        [parties.seller, parties.buyer].into_iter().filter(|person| payouts.iter().any(|p| p.to == *person)).collect();
    let inputs = draft.trade.frozen_inputs().to_vec();
    let asset = draft.trade.terms.asset.id;
    let plan = plans::plan(draft, Kind::Split, asset, inputs, payouts, givers);
    draft.push(Event::PlanMade { plan });
}

/// What this split pays when each side keeps its own part of the fee: what the seller was owed stays.
pub(super) fn without_fee(trade: &Trade, plan: &Plan, parties: Parties) -> Option<Vec<Payout>> {
    let fee = plan.paid_to(trade.terms.fee.receiver);
    let sellers = fee.checked_sub(payout::buyers_part(fee, trade.terms.fee.payer))?;
    let owed = plan.paid_to(parties.seller).checked_add(sellers)?;
    let shares = payout::shares_without_fee(owed, &trade.terms.fee, plan.total())?;
    let first = plan.payouts.first().and_then(|payout| parties.role_of(payout.to))?;
    Some(payouts(trade, &shares, parties, first))
}

/// Output 0 is whom the signer should see: whoever accepts, or the seller.
fn payouts(trade: &Trade, shares: &Shares, parties: Parties, first: Role) -> Vec<Payout> {
    let of = |role| {
        let amount = if role == Role::Seller { shares.seller } else { shares.buyer };
        Payout { to: parties.of(role), amount }
    };
    let fee = Payout { to: trade.terms.fee.receiver, amount: shares.fee };
    payout::outputs(&[of(first), of(first.other()), fee])
}
