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

/// What the document says, in plain integers: fee = ⌊bps · S / 10⁴⌋, the buyer's part of it, and what each is paid.
/// `waived`: each side keeps its own part.
fn by_the_book(owed: u128, fee: &Fee, inputs: u128, waived: bool) -> (u128, u128, u128) {
    let whole = u128::from(fee.bps) * owed / 10_000;
    let buyers = match fee.payer {
        FeePayer::Buyer => whole,
        FeePayer::Seller => 0,
        FeePayer::Split => whole / 2,
    };
    let (sellers, paid) = (whole - buyers, if waived { 0 } else { whole });
    let seller = if waived { owed } else { owed - sellers };
    (seller, paid, inputs - seller - paid)
}

/// The largest price at most `price` whose due is at most `inputs`, found in another way than the law finds it: from a
/// first guess by rule of three, unit by unit.
fn by_steps(price: u128, fee: &Fee, inputs: u128) -> u128 {
    let due = |price: u128| {
        let whole = u128::from(fee.bps) * price / 10_000;
        price
            + match fee.payer {
                FeePayer::Buyer => whole,
                FeePayer::Seller => 0,
                FeePayer::Split => whole / 2,
            }
    };
    let rate = match fee.payer {
        FeePayer::Buyer => 20_000 + 2 * u128::from(fee.bps),
        FeePayer::Seller => 20_000,
        FeePayer::Split => 20_000 + u128::from(fee.bps),
    };
    let mut found = price.min(inputs * 20_000 / rate);
    while found < price && due(found + 1) <= inputs {
        found += 1;
    }
    while due(found) > inputs {
        found -= 1;
    }
    found
}

/// Part of the price that is the seller's in a split.
fn part(price: u128, share: u32) -> u128 {
    price * u128::from(share) / 1_000_000
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn a_split_pays_by_the_book(
        price in prices(),
        fee in fees(),
        less in 0..=1_000_000_u32,
        more in prop_oneof![Just(0), 0..=MOST],
        (share, next) in (0..=1_000_000_u32, 0..=1_000_000_u32),
        waived: bool,
    ) {
        // What is locked: all that is due and more, or less, which was taken as the whole or is what was left.
        let due = payout::due(price, &fee).unwrap().units();
        let inputs = if more == 0 { due - part(due, less) } else { due + more };
        let p = payout::affordable(price, &fee, units(inputs)).units();
        prop_assert_eq!(p, by_steps(price.units(), &fee, inputs));
        let shares = |owed: u128| {
            let of = if waived { payout::shares_without_fee } else { payout::shares };
            of(units(owed), &fee, units(inputs)).map(|s| (s.seller.units(), s.fee.units(), s.buyer.units()))
        };
        for owed in [0, p, part(p, share), part(p, next)] {
            let (seller, paid, buyer) = shares(owed).unwrap();
            prop_assert_eq!((seller, paid, buyer), by_the_book(owed, &fee, inputs, waived));
            prop_assert_eq!(seller + paid + buyer, inputs);
            prop_assert!(seller <= owed);
        }
        // Whoever is owed more is paid no less, and the other no more.
        let (small, large) = (part(p, share.min(next)), part(p, share.max(next)));
        let (a, b) = (shares(small).unwrap(), shares(large).unwrap());
        prop_assert!(a.0 <= b.0 && a.1 <= b.1 && a.2 >= b.2, "{a:?} {b:?}");
        // One unit more than is covered is not.
        if p < price.units() {
            prop_assert_eq!(shares(p + 1), None);
        }
    }

    #[test]
    fn every_unit_of_a_split_is_some_step(price in 1..=200_u128, bps in 0..=10_000_u32, short in 0..=40_u128) {
        for payer in [FeePayer::Buyer, FeePayer::Seller, FeePayer::Split] {
            let fee = Fee { bps, payer, receiver: FEES };
            let inputs = payout::due(units(price), &fee).unwrap().units().saturating_sub(short);
            let p = payout::affordable(units(price), &fee, units(inputs)).units();
            let all: Vec<Shares> = (0..=p).map(|s| payout::shares(units(s), &fee, units(inputs)).unwrap()).collect();
            for (owed, pair) in (0..).zip(all.windows(2)) {
                prop_assert!(pair[0].seller <= pair[1].seller && pair[0].fee <= pair[1].fee, "{owed}");
                prop_assert!(pair[0].buyer >= pair[1].buyer, "{owed}");
            }
        }
    }
}

/// The plans of a whole trade, not only the sums: what is taken as the whole, and splits of it, offered and waived.
#[test]
fn the_plans_of_a_short_trade_add_up() {
    use crate::scene::*;
    use crate::trade::command::Command;
    use crate::trade::{Counterparty, Kind};
    for (bps, payer) in
        [(0, FeePayer::Buyer), (37, FeePayer::Split), (2_500, FeePayer::Buyer), (9_999, FeePayer::Seller)]
    {
        for short in [0, 1, 2, 1_234_567] {
            for waived in [false, true] {
                let mut terms = terms(Counterparty::Named(SELLER));
                (terms.price, terms.fee.bps, terms.fee.payer) = (units(987_654_321_012_345), bps, payer);
                let mut scene = Scene::of(terms);
                scene.short_ok = 10_000;
                scene.accept(SELLER).unwrap();
                let inputs = scene.trade.due().units() - short;
                scene.pay(paid(inputs));
                scene.look();
                if short > 0 {
                    scene.tell(&Command::TakeShort { by: SELLER, paid: units(inputs) }).unwrap();
                }
                if waived {
                    scene.tell(&Command::FeeUnpayable { plan: 0 }).unwrap();
                }
                scene.work();
                let fee = scene.trade.terms.fee.clone();
                let price = scene.trade.price().units();
                assert_eq!(price, by_steps(987_654_321_012_345, &fee, inputs));
                let sum = |no: u32| scene.pays(no).iter().map(|(_, units)| units).sum::<u128>();
                assert_eq!((sum(scene.no(Kind::Release)), sum(scene.no(Kind::Refund))), (inputs, inputs));
                let to = |no: u32, who| scene.trade.plan(no).unwrap().paid_to(who).units();
                let release = scene.no(Kind::Release);
                let found = (to(release, SELLER), to(release, FEES), to(release, BUYER));
                assert_eq!(found, by_the_book(price, &fee, inputs, waived && bps > 0));
                for (owed, by) in [(1, BUYER), (price / 3, SELLER), (price - 1, BUYER)] {
                    let mut scene = scene.clone();
                    let by_the_book = by_the_book(owed, &fee, inputs, waived && bps > 0);
                    let offered = scene.tell(&Command::OfferSplit { by, seller: units(owed) });
                    if by_the_book.0 == 0 || by_the_book.2 == 0 {
                        assert_eq!(offered, Err(crate::trade::Refusal::PaysNothing));
                        continue;
                    }
                    scene.work();
                    let no = scene.no(Kind::Split);
                    let plan = scene.trade.plan(no).unwrap();
                    let found = [SELLER, FEES, BUYER].map(|who| plan.paid_to(who).units());
                    assert_eq!(found, [by_the_book.0, by_the_book.1, by_the_book.2]);
                }
            }
        }
    }
}
