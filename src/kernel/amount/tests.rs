use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// From big-endian bytes with any leading zeros.
fn units(bytes: &[u8]) -> Units {
    let wire = [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let (units, rest) = Units::from_wire(&wire).unwrap();
    assert!(rest.is_empty());
    units
}

fn amount() -> impl Strategy<Value = Amount> {
    (any::<u128>(), 0..128_u32).prop_map(|(units, shift)| Amount::from_units(units >> shift))
}

proptest! {
    #[test]
    fn money_of_ours_is_the_same_here(amount in amount(), other in amount()) {
        let here = Units::from(amount);
        prop_assert_eq!(here.amount(), Some(amount));
        prop_assert_eq!(here.digits(), amount.units().to_string());
        prop_assert_eq!(here.is_zero(), amount.is_zero());
        prop_assert_eq!(Units::from_go_text(&amount.to_string()), Ok(here.clone()));
        prop_assert_eq!(here.to_string().parse(), Ok(amount));
        prop_assert_eq!(Units::sum([&here, &other.into()]).amount(), amount.checked_add(other));
    }

    #[test]
    fn bytes_and_texts_of_any_size_agree(zeros in 0..9_usize, bytes in vec(any::<u8>(), 0..60), after: [u8; 3]) {
        let read = units(&[vec![0; zeros], bytes.clone()].concat());
        let shortest: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
        prop_assert_eq!(read.bytes(), shortest.as_slice());
        prop_assert_eq!(read.amount().is_some(), shortest.len() <= 16);
        prop_assert_eq!(Units::from_go_text(&read.to_string()), Ok(read.clone()));
        let wire = [&read.to_wire().unwrap(), after.as_slice()].concat();
        prop_assert_eq!(Units::from_wire(&wire), Some((read, after.as_slice())));
    }

    #[test]
    fn sums_do_not_depend_on_the_order(all in vec(vec(prop_oneof![Just(255), any::<u8>()], 0..40), 0..5)) {
        let mut all: Vec<Units> = all.iter().map(|bytes| units(bytes)).collect();
        let sum = Units::sum(&all);
        all.reverse();
        prop_assert_eq!(&Units::sum(&all), &sum);
        let twice = Units::sum([&sum, &sum]);
        prop_assert_eq!(Units::sum(all.iter().chain(&all)), twice);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+.0-9eE]{0,14}|\\PC{0,8}") {
        if let (Ok(strict), Ok(go)) = (text.parse::<Amount>(), Units::from_go_text(&text)) {
            prop_assert_eq!(go.amount(), Some(strict));
        } else {
            prop_assert!(text.parse::<Amount>().is_err());
        }
    }
}

#[test]
fn a_carry_goes_all_the_way() {
    let (all, one) = (units(&[255; 40]), units(&[1]));
    assert_eq!(Units::sum([&all, &one]).bytes(), [vec![1], vec![0; 40]].concat());
    assert_eq!(Units::sum([&one, &all]).bytes(), [vec![1], vec![0; 40]].concat());
    let most = Units::from(Amount::from_units(u128::MAX));
    assert_eq!(Units::sum([&most, &one]).to_string(), "3402823669209384634633746074317.68211456");
}

#[test]
fn the_largest_that_a_length_can_be_written_of() {
    let largest = units(&vec![255; 65_535]);
    let text = largest.to_string();
    assert_eq!(text.len(), DIGITS_MAX + 1);
    assert_eq!(Units::from_go_text(&text).as_ref(), Ok(&largest));
    assert_eq!(Units::sum([&largest, &units(&[1])]).to_wire(), None);
    assert_eq!(Units::from_go_text(&"9".repeat(DIGITS_MAX)), Err(GoError::TooLong), "with eight decimals");
    assert_eq!(Units::from_wire(&[0xff; 100]), None);
}
