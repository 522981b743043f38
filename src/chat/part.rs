//! Reads how much of a price somebody wants the seller to have: an amount, or a share in percent. Strictly, as
//! [`price`]: what two readers could take for two numbers is asked again.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use crate::chat::{price, text};
use crate::money::{Amount, AmountError, UNITS_PER_COIN};
use crate::trade::terms::Asset;

/// Ascii, and as a Chinese keyboard writes it.
const PERCENT: [char; 2] = ['%', '％'];

/// Why a text is no part of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// As it was written.
    Unreadable(String),
    /// More than eight digits behind the point.
    TooFine,
    /// Another coin than the trade's.
    OtherCoin(String),
    /// More than the whole.
    TooMuch,
}

/// Reads `60`, `0.5 USDT`, `60 usdt · tron`, `60%`: what the seller is owed out of `price`.
///
/// # Errors
/// A [`Problem`] to tell the person.
pub fn read(written: &str, price: Amount, asset: &Asset) -> Result<Amount, Problem> {
    let line = text::said(written);
    let line = line.trim_end_matches(['.', '!', '?', ',', '。', '！', '，']).trim();
    let unreadable = || Problem::Unreadable(line.to_owned());
    let number = |digits: &str| match digits.parse::<Amount>() {
        Ok(amount) => Ok(amount),
        Err(AmountError::TooFine) => Err(Problem::TooFine),
        Err(AmountError::NotANumber | AmountError::TooLarge) => Err(unreadable()),
    };
    if let Some(percent) = line.strip_suffix(PERCENT) {
        return share(number(percent.trim_end())?, price);
    }
    let end = line.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(line.len());
    let (digits, name) = line.split_at(end);
    let amount = number(digits)?;
    let (symbol, chain) = (price::letters(&asset.symbol), price::letters(&asset.chain));
    let name = match price::letters(name) {
        // What stands there is no letter, and so no name of a coin.
        letters if letters.is_empty() && !name.trim().is_empty() => return Err(unreadable()),
        letters => letters,
    };
    if name.starts_with(|c: char| c.is_numeric()) {
        return Err(unreadable());
    }
    if !name.is_empty() && name != symbol && name != format!("{symbol}{chain}") {
        return Err(Problem::OtherCoin(name));
    }
    if amount > price { Err(Problem::TooMuch) } else { Ok(amount) }
}

/// Whether a text is meant as a part of a price, in whatever coin.
#[must_use]
pub fn is_meant(written: &str) -> bool {
    let line = text::said(written);
    line.strip_suffix(PERCENT).unwrap_or(&line).trim_end().parse::<Amount>().is_ok()
}

/// `percent`, in units of 10⁻⁸ of a percent, of `price`: the other side's share is rounded down (design §4).
fn share(percent: Amount, price: Amount) -> Result<Amount, Problem> {
    let whole = Amount::from_units(UNITS_PER_COIN.saturating_mul(100));
    let others = whole.checked_sub(percent).ok_or(Problem::TooMuch)?;
    let back = price.share_floor(others, whole).ok_or(Problem::TooFine)?;
    price.checked_sub(back).ok_or(Problem::TooMuch)
}

/// So many whole percent of `price`, for a button.
#[must_use]
pub fn percent(percent: u32, price: Amount) -> Option<Amount> {
    let percent = Amount::from_units(UNITS_PER_COIN.checked_mul(u128::from(percent))?);
    share(percent, price).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tests::house;

    fn read(written: &str) -> Result<String, Problem> {
        let price = "100".parse().unwrap();
        super::read(written, price, &house().assets[1]).map(|amount| amount.to_string())
    }

    #[test]
    fn parts_are_read_as_people_write_them() {
        for (written, amount) in [
            ("60", "60"),
            (" 60.5 ", "60.5"),
            ("60 USDT", "60"),
            ("60usdt", "60"),
            ("60 USDT · TRON", "60"),
            ("60%", "60"),
            ("33.333 %.", "33.333"),
            ("60％。", "60"),
            ("100", "100"),
            ("0", "0"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(amount), "{written}");
        }
    }

    #[test]
    fn what_is_no_part_is_named() {
        for written in ["", "half", "-5", "+5", "1,5", "1 000", "٣", "６０", "60 . 5", "5%%", "½", "5 -", "5 ٣"] {
            assert!(matches!(read(written), Err(Problem::Unreadable(_))), "{written}: {:?}", read(written));
        }
        assert_eq!(read("1.123456789"), Err(Problem::TooFine));
        assert_eq!(read("1e1"), Err(Problem::OtherCoin("e1".into())));
        assert_eq!(read("5 BTC"), Err(Problem::OtherCoin("btc".into())));
        assert_eq!(read("5 USDT Ethereum"), Err(Problem::OtherCoin("usdtethereum".into())));
        for written in ["100.00000001", "101%", "1000 USDT"] {
            assert_eq!(read(written), Err(Problem::TooMuch), "{written}");
        }
    }

    #[test]
    fn a_share_rounds_for_the_seller() {
        let units = Amount::from_units;
        assert_eq!(percent(50, units(3)), Some(units(2)));
        assert_eq!(percent(25, units(1)), Some(units(1)));
        assert_eq!(percent(0, units(7)), Some(units(0)));
        assert_eq!(percent(100, units(7)), Some(units(7)));
        assert_eq!(percent(101, units(7)), None);
        assert_eq!(super::read("33.33333333%", units(10), &house().assets[1]), Ok(units(4)));
    }
}
