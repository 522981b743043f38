//! Money: whole units of 10⁻⁸, the kernel's own precision. No floats, checked arithmetic only.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units in one whole coin: every asset has 8 decimals inside Mixin (dossier §6).
pub const UNITS_PER_COIN: u128 = 100_000_000;
/// Digits behind the point.
const DECIMALS: usize = 8;
/// Longest text read as an amount; more digits than any asset has are a mistake or an attack.
const TEXT_MAX: usize = 40;

/// A quantity of one asset in units of 10⁻⁸. Printed trimmed ("1", "0.01"), stored as that text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

/// Why a text is no amount. `Display` is for operators; chat has its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not ASCII digits with at most one point.
    #[error("write digits and at most one point, like 12.5")]
    NotANumber,
    /// More than eight digits behind the point; never rounded, never cut.
    #[error("at most 8 digits behind the point")]
    TooFine,
    /// Larger than any amount that can exist.
    #[error("too large")]
    TooLarge,
}

impl Amount {
    pub const ZERO: Self = Self(0);

    /// From units of 10⁻⁸.
    #[must_use]
    pub const fn from_units(units: u128) -> Self {
        Self(units)
    }

    /// In units of 10⁻⁸.
    #[must_use]
    pub const fn units(self) -> u128 {
        self.0
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `None` when the sum does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `None` when `other` is larger.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The larger of the difference and zero.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `floor(self · bps / 10⁴)`; `None` when the product does not fit.
    #[must_use]
    pub fn bps_floor(self, bps: u32) -> Option<Self> {
        self.0.checked_mul(u128::from(bps))?.checked_div(10_000).map(Self)
    }

    /// `floor(self · part / whole)` for a part of at most the whole; `None` when it is not, or too large to be counted.
    #[must_use]
    pub fn share_floor(self, part: Self, whole: Self) -> Option<Self> {
        if part > whole || whole.is_zero() {
            return None;
        }
        self.0.checked_mul(part.0)?.checked_div(whole.0).map(Self)
    }

    /// Half, rounded down.
    #[must_use]
    pub fn half_floor(self) -> Self {
        Self(self.0 >> 1)
    }

    /// Sum of many; `None` when it does not fit.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Strict: ASCII digits, one optional point with digits on both sides, ≤ 8 decimals. Signs, exponents,
    /// separators and other scripts' digits are refused, so that two readers can never differ.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        if text.len() > TEXT_MAX {
            return Err(AmountError::TooLarge);
        }
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !fraction.is_none_or(digits) {
            return Err(AmountError::NotANumber);
        }
        let fraction = fraction.unwrap_or("").trim_end_matches('0');
        if fraction.len() > DECIMALS {
            return Err(AmountError::TooFine);
        }
        let whole: u128 = whole.parse().map_err(|_| AmountError::TooLarge)?;
        let fraction: u128 = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| AmountError::NotANumber)?;
        whole
            .checked_mul(UNITS_PER_COIN)
            .and_then(|units| units.checked_add(fraction))
            .map(Self)
            .ok_or(AmountError::TooLarge)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.checked_div(UNITS_PER_COIN).unwrap_or(0);
        let fraction = self.0.checked_rem(UNITS_PER_COIN).unwrap_or(0);
        if fraction == 0 {
            return f.pad(&whole.to_string());
        }
        let fraction = format!("{fraction:0>DECIMALS$}");
        f.pad(&format!("{whole}.{}", fraction.trim_end_matches('0')))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_what_it_would_write_or_its_zeros() {
        for (text, units) in
            [("0", 0), ("1", 100_000_000), ("0.00000001", 1), ("10.50", 1_050_000_000), ("007", 700_000_000)]
        {
            assert_eq!(text.parse::<Amount>().unwrap().units(), units, "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "٣", "１", "NaN", "0.000000001", " 1", "1 ", "1_0"]
        {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        assert_eq!("3402823669209384634633746074317.68211456".parse::<Amount>(), Err(AmountError::TooLarge));
        assert_eq!("0.000000010".parse::<Amount>().unwrap().to_string(), "0.00000001");
    }
}
