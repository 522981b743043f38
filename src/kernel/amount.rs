//! Integers on the ledger, of any size: big-endian bytes without leading zeros behind two length bytes.
//!
//! The ledger carries larger ones than any [`Amount`]; they are read, written, hashed and added here like all others.
//! Above the kernel money is an [`Amount`], and [`Units::amount`] is the one way there.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::fmt;

use crate::money::Amount;

#[cfg(test)]
mod tests;

/// Most digits that a text is read for: those of 65,535 bytes, the largest integer that a length can be written of.
const DIGITS_MAX: usize = 157_825;
/// Digits taken at a time, as many as always fit a limb.
const DIGITS_STEP: usize = 19;
/// Ten to the power of [`DIGITS_STEP`].
const STEP: u64 = 10_000_000_000_000_000_000;

/// A quantity as the ledger carries it, in units of 10⁻⁸. Printed in coins with all eight decimals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// The least significant first; the last is never zero, so that equal integers are equal here.
    limbs: Vec<u64>,
}

/// Why the kernel's Go code would read no integer from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoError {
    /// Not a decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// Below zero, however little.
    #[error("negative")]
    Negative,
    /// An exponent of more than 32 bits, or more digits than an integer on the ledger can have; only of the first
    /// would Go say so.
    #[error("too long")]
    TooLong,
}

impl Units {
    /// From the front of `wire`, and what follows there; `None` when it ends too early.
    ///
    /// Leading zeros pass here, as in the kernel. A transaction with any is refused because it would be written
    /// differently.
    #[must_use]
    pub fn from_wire(wire: &[u8]) -> Option<(Self, &[u8])> {
        let (length, rest) = wire.split_first_chunk()?;
        let (bytes, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        Some((Self::from_bytes(bytes), rest))
    }

    /// Two length bytes and the shortest bytes; `None` when they are more than 65,535.
    #[must_use]
    pub fn to_wire(&self) -> Option<Vec<u8>> {
        let bytes = self.bytes();
        let length = u16::try_from(bytes.len()).ok()?;
        Some([&length.to_be_bytes(), bytes.as_slice()].concat())
    }

    /// Big-endian bytes without leading zeros; zero is no bytes at all.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).skip_while(|byte| *byte == 0).collect()
    }

    /// The same as money of ours; `None` from 2¹²⁸ units on.
    #[must_use]
    pub fn amount(&self) -> Option<Amount> {
        let (low, high) = match self.limbs.as_slice() {
            [] => (0, 0),
            [low] => (*low, 0),
            [low, high] => (*low, *high),
            _ => return None,
        };
        Some(Amount::from_units((u128::from(high) << 64) | u128::from(low)))
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// Sum of many, however large.
    #[must_use]
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Vec::new();
        for one in all {
            sum.resize(sum.len().max(one.limbs.len()), 0_u64);
            let others = one.limbs.iter().copied().chain(std::iter::repeat(0));
            let mut carry = false;
            for (limb, other) in sum.iter_mut().zip(others) {
                (*limb, carry) = limb.carrying_add(other, carry);
            }
            if carry {
                sum.push(1);
            }
        }
        Self::from_limbs(sum)
    }

    /// As decimal digits.
    #[must_use]
    pub fn digits(&self) -> String {
        let mut rest = self.clone();
        let mut parts = Vec::new();
        while !rest.is_zero() {
            let mut remainder = 0_u64;
            for limb in rest.limbs.iter_mut().rev() {
                let value = (u128::from(remainder) << 64) | u128::from(*limb);
                // Both always fit, since the remainder before was smaller than the divisor.
                let low = |part: Option<u128>| part.and_then(|part| part.try_into().ok()).unwrap_or(0);
                *limb = low(value.checked_div(STEP.into()));
                remainder = low(value.checked_rem(STEP.into()));
            }
            parts.push(format!("{remainder:0>DIGITS_STEP$}"));
            rest = Self::from_limbs(rest.limbs);
        }
        let digits: String = parts.into_iter().rev().collect();
        format!("{:0>1}", digits.trim_start_matches('0'))
    }

    /// Coins as text, read as the kernel's Go code reads them: decimals beyond the eighth are cut off, exponents and
    /// signs pass. To prove agreement, never for money: what people and servers write is read as [`Amount`] alone.
    ///
    /// # Errors
    /// When Go would read no integer, or one too long for the ledger.
    pub fn from_go_text(text: &str) -> Result<Self, GoError> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let (mantissa, exponent) = text.split_at(at);
                (mantissa, read_exponent(exponent.get(1..).unwrap_or(""))?)
            }
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // Go takes the point out before it reads the sign, so ".-5" is a number to it.
        let signed = format!("{whole}{fraction}");
        let (negative, digits) = match signed.strip_prefix(['+', '-']) {
            Some(digits) => (signed.starts_with('-'), digits),
            None => (false, signed.as_str()),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(GoError::NotANumber);
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::default());
        }
        if negative {
            return Err(GoError::Negative);
        }
        let decimals = i64::try_from(fraction.len()).map_err(|_| GoError::TooLong)?;
        let shift = exponent.checked_sub(decimals).and_then(|shift| shift.checked_add(8)).ok_or(GoError::TooLong)?;
        let places = usize::try_from(shift.unsigned_abs()).map_err(|_| GoError::TooLong)?;
        if shift < 0 {
            return Self::from_digits(significant.get(..significant.len().saturating_sub(places)).unwrap_or(""), 0);
        }
        Self::from_digits(significant, places)
    }

    /// Of ASCII digits and so many zeros after them.
    fn from_digits(digits: &str, zeros: usize) -> Result<Self, GoError> {
        if digits.len().saturating_add(zeros) > DIGITS_MAX {
            return Err(GoError::TooLong);
        }
        let digits = [digits, &"0".repeat(zeros)].concat();
        let mut units = Self::default();
        for step in digits.as_bytes().rchunks(DIGITS_STEP).rev() {
            let add =
                |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')));
            let mut carry = step.iter().fold(0, add);
            for limb in &mut units.limbs {
                (*limb, carry) = limb.carrying_mul(STEP, carry);
            }
            units.limbs.extend((carry != 0).then_some(carry));
        }
        Ok(units)
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, byte| (limb << 8) | u64::from(*byte));
        Self::from_limbs(bytes.rchunks(8).map(limb).collect())
    }

    fn from_limbs(mut limbs: Vec<u64>) -> Self {
        while limbs.pop_if(|limb| *limb == 0).is_some() {}
        Self { limbs }
    }
}

impl From<Amount> for Units {
    fn from(amount: Amount) -> Self {
        Self::from_bytes(&amount.units().to_be_bytes())
    }
}

fn read_exponent(text: &str) -> Result<i64, GoError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(GoError::NotANumber);
    }
    text.parse::<i32>().map(i64::from).map_err(|_| GoError::TooLong)
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>9}", self.digits());
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(8));
        write!(f, "{whole}.{fraction}")
    }
}
