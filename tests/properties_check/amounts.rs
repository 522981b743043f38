//! Every payout adds up to what was paid in.

use proptest::prelude::*;

use crate::money::Amount;
use crate::scene::{FEES, units};
use crate::trade::payout::{self, Shares};
use crate::trade::terms::{Fee, FeePayer};

/// Ten million coins.
const MOST: u128 = 1_000_000_000_000_000;

fn fees() -> impl Strategy<Value = Fee> {
    let payer = prop_oneof![Just(FeePayer::Buyer), Just(FeePayer::Seller), Just(FeePayer::Split)];
    (0..=10_000_u32, payer).prop_map(|(bps, payer)| Fee { bps, payer, receiver: FEES })
}

fn prices() -> impl Strategy<Value = Amount> {
    prop_oneof![1..=MOST, 1..=1_000_u128, Just(1), Just(MOST)].prop_map(Amount::from_units)
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_release_adds_up_and_leaves_nobody_short(price in prices(), fee in fees(), more in 0..=MOST) {
        let due = payout::due(price, &fee).unwrap();
        let inputs = units(due.units() + more);
        let Shares { seller, fee: paid, buyer } = payout::shares(price, &fee, inputs).unwrap();
        prop_assert_eq!(seller.units() + paid.units() + buyer.units(), inputs.units());
        prop_assert_eq!(paid.units(), price.units() * u128::from(fee.bps) / 10_000);
        prop_assert_eq!(buyer.units(), more, "the surplus, whole");
        prop_assert!(due >= price && due.units() <= price.units() + paid.units());
        prop_assert!(seller <= price && seller.units() >= price.units() - paid.units());
        let (buyers, sellers) = (due.units() - price.units(), price.units() - seller.units());
        match fee.payer {
            FeePayer::Buyer => prop_assert_eq!((buyers, sellers), (paid.units(), 0)),
            FeePayer::Seller => prop_assert_eq!((buyers, sellers), (0, paid.units())),
            FeePayer::Split => prop_assert_eq!((buyers, sellers), (paid.units() / 2, paid.units().div_ceil(2))),
        }
    }

    #[test]
    fn less_than_due_is_no_release(price in prices(), fee in fees(), less in 1..=MOST) {
        let due = payout::due(price, &fee).unwrap();
        if let Some(inputs) = due.checked_sub(units(less)) {
            prop_assert_eq!(payout::shares(price, &fee, inputs), None);
        }
    }

    #[test]
    fn what_is_left_carries_the_largest_price_it_can(price in prices(), fee in fees(), left in 0..=2 * MOST) {
        let affordable = payout::affordable(price, &fee, units(left));
        let due = |price: u128| payout::due(units(price), &fee).unwrap().units();
        prop_assert!(affordable <= price);
        prop_assert!(due(affordable.units()) <= left);
        prop_assert!(affordable == price || due(affordable.units() + 1) > left);
        let shares = payout::shares(affordable, &fee, units(left)).unwrap();
        prop_assert_eq!(shares.seller.units() + shares.fee.units() + shares.buyer.units(), left);
    }

    #[test]
    fn no_amount_makes_it_panic(price: u128, bps: u32, inputs: u128) {
        for payer in [FeePayer::Buyer, FeePayer::Seller, FeePayer::Split] {
            let fee = Fee { bps, payer, receiver: FEES };
            let _ = payout::due(units(price), &fee);
            let _ = payout::shares(units(price), &fee, units(inputs));
            prop_assert!(payout::affordable(units(price), &fee, units(inputs)) <= units(price));
        }
    }
}
