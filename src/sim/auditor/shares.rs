//! What a settlement should come to, computed from the agreed terms a second time (design §4 "Numbers").

use super::units::Units;
use super::{Expected, FeePayer, Outcome};

const BPS: u128 = 10_000;

/// Who should get how much of the inputs; the three sum to the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// What the buyer had to pay in.
    pub due: Units,
    pub seller: Units,
    pub fee: Units,
    pub buyer: Units,
}

/// Shares of `inputs`, by the terms and the outcome of `expected`; `None` when they cannot be counted in 128 bits, or
/// when the inputs do not hold them.
#[must_use]
pub fn shares(price: Units, expected: &Expected, inputs: Units) -> Option<Shares> {
    let bps = u128::from(expected.fee_bps);
    let due = cost(price.0, bps, expected.fee_payer)?;
    let covered = || if inputs.0 < due { affordable(inputs.0, bps, expected.fee_payer) } else { price.0 };
    let owed = match expected.outcome {
        Outcome::Release => covered(),
        Outcome::Split { seller } => seller.0,
        Outcome::Refund | Outcome::Nothing => 0,
        Outcome::Elsewhere { seller } => {
            let buyer = inputs.0.checked_sub(seller.0)?;
            return Some(Shares { due: Units(due), seller, fee: Units(0), buyer: Units(buyer) });
        }
    };
    let whole = fee(owed, bps)?;
    let sellers_part = whole.checked_sub(buyers_part(whole, expected.fee_payer))?;
    let (seller, fee) = if expected.fee_waived { (owed, 0) } else { (owed.checked_sub(sellers_part)?, whole) };
    let buyer = inputs.0.checked_sub(seller)?.checked_sub(fee)?;
    Some(Shares { due: Units(due), seller: Units(seller), fee: Units(fee), buyer: Units(buyer) })
}

/// ⌊amount · bps / 10⁴⌋ without a product that could be too large.
fn fee(amount: u128, bps: u128) -> Option<u128> {
    (amount / BPS).checked_mul(bps)?.checked_add((amount % BPS) * bps / BPS)
}

const fn buyers_part(fee: u128, payer: FeePayer) -> u128 {
    match payer {
        FeePayer::Seller => 0,
        FeePayer::Buyer => fee,
        FeePayer::Split => fee / 2,
    }
}

/// A price and the buyer's part of the fee on it; grows with every unit of price.
fn cost(price: u128, bps: u128, payer: FeePayer) -> Option<u128> {
    price.checked_add(buyers_part(fee(price, bps)?, payer))
}

/// The largest price whose cost the inputs cover.
fn affordable(inputs: u128, bps: u128, payer: FeePayer) -> u128 {
    let (mut least, mut most) = (0, inputs);
    while least < most {
        let middle = most - (most - least) / 2;
        if cost(middle, bps, payer).is_some_and(|cost| cost <= inputs) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(fee_bps: u32, fee_payer: FeePayer, outcome: Outcome) -> Expected {
        let name = String::new;
        let (buyer, seller, bot, fee_receiver) = (name(), name(), name(), name());
        Expected {
            asset_id: name(),
            price: name(),
            fee_bps,
            fee_payer,
            buyer,
            seller,
            bot,
            fee_receiver,
            paid_by: None,
            outcome,
            fee_waived: false,
            short_ok: false,
            without_bot: false,
        }
    }

    fn numbers(price: u128, terms: &Expected, inputs: u128) -> [u128; 4] {
        let Shares { due, seller, fee, buyer } = shares(Units(price), terms, Units(inputs)).unwrap();
        assert_eq!(seller.0 + fee.0 + buyer.0, inputs);
        [due.0, seller.0, fee.0, buyer.0]
    }

    #[test]
    fn each_payer() {
        let release = |bps, payer| terms(bps, payer, Outcome::Release);
        assert_eq!(numbers(10_000, &release(100, FeePayer::Seller), 10_000), [10_000, 9_900, 100, 0]);
        assert_eq!(numbers(10_000, &release(100, FeePayer::Buyer), 10_100), [10_100, 10_000, 100, 0]);
        assert_eq!(numbers(10_000, &release(101, FeePayer::Split), 10_060), [10_050, 9_949, 101, 10]);
        assert_eq!(numbers(99, &release(100, FeePayer::Buyer), 99), [99, 99, 0, 0]);
        let refund = terms(100, FeePayer::Buyer, Outcome::Refund);
        assert_eq!(numbers(10_000, &refund, 10_500), [10_100, 0, 0, 10_500]);
    }

    #[test]
    fn other_endings() {
        let split = Outcome::Split { seller: Units(4_000) };
        assert_eq!(numbers(10_000, &terms(100, FeePayer::Buyer, split), 10_100), [10_100, 4_000, 40, 6_060]);
        assert_eq!(numbers(10_000, &terms(100, FeePayer::Seller, split), 10_000), [10_000, 3_960, 40, 6_000]);
        let nobody = Outcome::Split { seller: Units(0) };
        assert_eq!(numbers(10_000, &terms(100, FeePayer::Buyer, nobody), 10_100), [10_100, 0, 0, 10_100]);
        let elsewhere = terms(100, FeePayer::Buyer, Outcome::Elsewhere { seller: Units(7_000) });
        assert_eq!(numbers(10_000, &elsewhere, 10_100), [10_100, 7_000, 0, 3_100]);
        assert_eq!(shares(Units(10_000), &elsewhere, Units(6_999)), None);
        assert_eq!(numbers(10_000, &terms(100, FeePayer::Buyer, Outcome::Nothing), 60), [10_100, 0, 0, 60]);
        for payer in [FeePayer::Seller, FeePayer::Buyer, FeePayer::Split] {
            let waived = Expected { fee_waived: true, ..terms(101, payer, Outcome::Release) };
            let due = numbers(10_000, &waived, 20_000)[0];
            assert_eq!(numbers(10_000, &waived, due), [due, 10_000, 0, due - 10_000], "each keeps their own part");
        }
    }

    /// Too little was paid in and taken: the largest price that it covers, found the slow way.
    #[test]
    fn less_than_due() {
        for payer in [FeePayer::Seller, FeePayer::Buyer, FeePayer::Split] {
            for bps in [0, 1, 99, 2_500, 10_000] {
                for inputs in 0..400 {
                    let wanted = (0..=inputs).rev().find(|price| cost(*price, bps, payer).unwrap() <= inputs);
                    assert_eq!(Some(affordable(inputs, bps, payer)), wanted, "{payer:?} {bps} {inputs}");
                }
            }
        }
        let terms = terms(100, FeePayer::Buyer, Outcome::Release);
        assert_eq!(numbers(10_000, &terms, 10_099), [10_100, 9_999, 99, 1]);
    }

    #[test]
    fn too_large_is_not_counted() {
        assert_eq!(shares(Units(u128::MAX), &terms(1, FeePayer::Buyer, Outcome::Release), Units(5)), None);
        assert!(shares(Units(u128::MAX), &terms(1, FeePayer::Seller, Outcome::Release), Units(u128::MAX)).is_some());
    }
}
