//! Reads a ruling as a judge writes it: `release`, `refund`, `split 60`, in any language.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use serde::{Deserialize, Serialize};

use crate::chat::part;
use crate::chat::text::{self, QUOTED_MAX};
use crate::money::Amount;
use crate::trade::Ruling;
use crate::trade::terms::Asset;

/// What a judge was asked for, beside the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// How much shall the seller get?
    Part,
    /// Why? `ruling`: as [`written`].
    Why { ruling: String },
    /// Everything was shown; the button rules.
    Sure { ruling: String, why: String },
}

/// Why a text is no ruling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// None of the three.
    Which,
    /// A split, and how much is to be asked; what was wrong with the answer, if there was one.
    Part(Option<part::Problem>),
    /// Why the reason cannot be taken: it is so many characters long, or says nothing.
    Reason(usize),
}

const RELEASE: [&str; 2] = ["release", "放款"];
const REFUND: [&str; 2] = ["refund", "退款"];
const SPLIT: [&str; 2] = ["split", "分账"];

/// Reads a ruling about `price`.
///
/// # Errors
/// [`Unread`]: what to ask.
pub fn read(words: &str, price: Amount, asset: &Asset) -> Result<Ruling, Unread> {
    let words = text::said(words);
    let form = words.to_lowercase();
    let is = |names: [&str; 2]| names.contains(&form.trim_end_matches(['.', '。']));
    if is(RELEASE) {
        return Ok(Ruling::Release);
    }
    if is(REFUND) {
        return Ok(Ruling::Refund);
    }
    let part = SPLIT.iter().find_map(|name| form.strip_prefix(name)).ok_or(Unread::Which)?.trim();
    if part.is_empty() {
        return Err(Unread::Part(None));
    }
    let seller = part::read(part, price, asset).map_err(|problem| Unread::Part(Some(problem)))?;
    Ok(Ruling::Split { seller, of: price })
}

/// Whether somebody who writes this means a ruling, whatever the price.
#[must_use]
pub fn is_meant(words: &str) -> bool {
    let form = text::said(words).to_lowercase();
    let is = |names: [&str; 2]| names.contains(&form.trim_end_matches(['.', '。']));
    let part = SPLIT.iter().find_map(|name| form.strip_prefix(name)).map(str::trim);
    is(RELEASE) || is(REFUND) || part.is_some_and(|part| part.is_empty() || part::is_meant(part))
}

/// As [`read`] reads it back.
#[must_use]
pub fn written(ruling: Ruling) -> String {
    match ruling {
        Ruling::Release => "release".to_owned(),
        Ruling::Refund => "refund".to_owned(),
        Ruling::Split { seller, .. } => format!("split {seller}"),
    }
}

/// A reason as it is kept: one line (rule 13). Longer is asked for again, not cut.
///
/// # Errors
/// [`Unread::Reason`].
pub fn reason(written: &str) -> Result<String, Unread> {
    let said = text::said(written);
    let letters = said.chars().count();
    let quoted = text::quoted(&said);
    if letters > QUOTED_MAX || !quoted.chars().any(char::is_alphanumeric) {
        return Err(Unread::Reason(letters));
    }
    Ok(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tests::house;

    #[test]
    fn rulings_are_read_as_they_are_written_and_in_any_language() {
        let (price, asset) = ("100".parse().unwrap(), &house().assets[1]);
        let split = |seller: &str| Ruling::Split { seller: seller.parse().unwrap(), of: price };
        for (words, ruling) in [
            ("release", Ruling::Release),
            ("Refund.", Ruling::Refund),
            ("放款", Ruling::Release),
            ("退款。", Ruling::Refund),
            ("split 60", split("60")),
            ("split 25%", split("25")),
            ("分账 60%", split("60")),
            ("分账60", split("60")),
        ] {
            assert_eq!(read(words, price, asset), Ok(ruling), "{words}");
            assert_eq!(read(&written(ruling), price, asset), Ok(ruling));
        }
        for words in ["", "both", "released", "refund 5"] {
            assert_eq!(read(words, price, asset), Err(Unread::Which), "{words}");
        }
        for words in ["release", "Refund.", "split", "split 60%", "分账60", "退款"] {
            assert!(is_meant(words), "{words}");
        }
        for words in ["3 of the listing says so", "30 cm", "split system with a remote"] {
            assert!(!is_meant(words), "{words}");
        }
        assert_eq!(read("split", price, asset), Err(Unread::Part(None)));
        assert_eq!(read("split 101", price, asset), Err(Unread::Part(Some(part::Problem::TooMuch))));
        assert_eq!(reason("  The  lens\nis broken ").as_deref(), Ok("The lens is broken"));
        assert!(reason(&"x".repeat(QUOTED_MAX + 1)).is_err() && reason("…").is_err());
    }
}
