//! Who is paid what. Every amount is computed here, in whole units, and sums back to its inputs.
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
use crate::trade::terms::{Fee, FeePayer};

/// One output of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub to: UserId,
    pub amount: Amount,
}

/// What a settlement of some inputs comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub seller: Amount,
    pub fee: Amount,
    /// The buyer's surplus.
    pub buyer: Amount,
}

/// The fee on what the seller is owed, rounded down, and the part of it the buyer bears.
fn fee_on(owed: Amount, fee: &Fee) -> Option<(Amount, Amount)> {
    let whole = owed.bps_floor(fee.bps)?;
    Some((whole, buyers_part(whole, fee.payer)))
}

/// The buyer's part of a fee; the rest is the seller's, an odd unit too.
pub(super) fn buyers_part(whole: Amount, payer: FeePayer) -> Amount {
    match payer {
        FeePayer::Seller => Amount::ZERO,
        FeePayer::Buyer => whole,
        FeePayer::Split => whole.half_floor(),
    }
}

/// Price plus the buyer's part of the fee. `None` when it cannot be counted.
#[must_use]
pub fn due(price: Amount, fee: &Fee) -> Option<Amount> {
    let (_, buyers) = fee_on(price, fee)?;
    price.checked_add(buyers)
}

/// The shares when the seller is owed `owed`: the price on a release, less by a split. `None` when `inputs` do not
/// cover that and the buyer's part of the fee on it. `seller + fee + buyer = inputs`, to the last unit.
#[must_use]
pub fn shares(owed: Amount, fee: &Fee, inputs: Amount) -> Option<Shares> {
    let (whole, buyers) = fee_on(owed, fee)?;
    let seller = owed.checked_sub(whole.checked_sub(buyers)?)?;
    let buyer = inputs.checked_sub(seller)?.checked_sub(whole)?;
    Some(Shares { seller, fee: whole, buyer })
}

/// The shares when the fee cannot be paid: each side keeps its own part of it (rule 11).
#[must_use]
pub fn shares_without_fee(owed: Amount, fee: &Fee, inputs: Amount) -> Option<Shares> {
    let (whole, buyers) = fee_on(owed, fee)?;
    let shares = shares(owed, fee, inputs)?;
    let seller = shares.seller.checked_add(whole.checked_sub(buyers)?)?;
    Some(Shares { seller, fee: Amount::ZERO, buyer: shares.buyer.checked_add(buyers)? })
}

/// The largest price, at most `price`, whose due `inputs` cover: what is settled when the seller took less than was due
/// as the whole, or an input was lost to a transaction none of ours. What is due grows with the price, so halving finds
/// it.
#[must_use]
pub fn affordable(price: Amount, fee: &Fee, inputs: Amount) -> Amount {
    let covers = |units: u128| due(Amount::from_units(units), fee).is_some_and(|due| due <= inputs);
    if covers(price.units()) {
        return price;
    }
    let (mut low, mut high) = (0, price.units());
    while let Some(half) = high.checked_sub(low).map(|gap| gap >> 1).filter(|half| *half > 0) {
        let middle = low.saturating_add(half);
        if covers(middle) { low = middle } else { high = middle }
    }
    Amount::from_units(low)
}

/// Outputs in the order people should see them, zero outputs left out, one output a receiver.
#[must_use]
pub fn outputs(wanted: &[Payout]) -> Vec<Payout> {
    wanted.iter().copied().filter(|payout| !payout.amount.is_zero()).collect()
}
