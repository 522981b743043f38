//! Whole units of 10⁻⁸, read and written apart from the rest of the program.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DECIMALS: usize = 8;
const UNITS_PER_COIN: u128 = 100_000_000;

/// An amount in units of 10⁻⁸; as text a decimal number without trailing zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(pub u128);

impl Units {
    /// `None` beyond 128 bits.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(0u128, |sum, amount| sum.checked_add(amount.0)).map(Self)
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / UNITS_PER_COIN, self.0 % UNITS_PER_COIN);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let rest = format!("{rest:0>DECIMALS$}");
        write!(f, "{whole}.{}", rest.trim_end_matches('0'))
    }
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitsError {
    #[error("is not a decimal number")]
    NotANumber,
    #[error("has more than 8 decimals")]
    TooFine,
    #[error("is beyond 128 bits, which this auditor does not support")]
    TooLarge,
}

impl FromStr for Units {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Self, UnitsError> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(rest) {
            return Err(UnitsError::NotANumber);
        }
        if rest.len() > DECIMALS {
            return Err(UnitsError::TooFine);
        }
        // Only digits are left, so what fails to parse is too large.
        format!("{whole}{rest:0<DECIMALS$}").parse().map(Self).map_err(|_| UnitsError::TooLarge)
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// How far an amount is from what it should be, in words.
pub(super) struct Gap {
    pub(super) is: Units,
    pub(super) should: Units,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = self.is.0.abs_diff(self.should.0);
        let plural = if gap == 1 { "" } else { "s" };
        let word = if self.is < self.should { "is missing" } else { "is too much" };
        write!(f, "{} ({gap} unit{plural}) {word}", Units(gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_units() {
        for (text, units, shown) in [
            ("0", 0, "0"),
            ("99", 9_900_000_000, "99"),
            ("98.99999999", 9_899_999_999, "98.99999999"),
            ("1.50000000", 150_000_000, "1.5"),
            ("0.00000001", 1, "0.00000001"),
            ("3402823669209384634633746074317.68211455", u128::MAX, "3402823669209384634633746074317.68211455"),
        ] {
            assert_eq!(text.parse(), Ok(Units(units)));
            assert_eq!(Units(units).to_string(), shown);
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1 ", "1.2.3", "٣"] {
            assert_eq!(text.parse::<Units>(), Err(UnitsError::NotANumber), "{text}");
        }
        assert_eq!("0.000000001".parse::<Units>(), Err(UnitsError::TooFine));
        assert_eq!("3402823669209384634633746074317.68211456".parse::<Units>(), Err(UnitsError::TooLarge));
    }

    #[test]
    fn a_gap_counts_its_units() {
        let gap = |is, should| Gap { is: Units(is), should: Units(should) }.to_string();
        assert_eq!(gap(9_899_999_999, 9_900_000_000), "0.00000001 (1 unit) is missing");
        assert_eq!(gap(12, 10), "0.00000002 (2 units) is too much");
    }
}
