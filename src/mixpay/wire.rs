//! MixPay's loose JSON. Any number may come as a text and any text may be missing, null or blank (dossier §15.1,
//! U-23); a number is read from its digits as they were sent, so none is ever rounded on the way.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;

use crate::mixin::call::CallError;
use crate::money::Amount;

/// Longest text read as a number; no asset has more digits.
const NUMBER_MAX: usize = 120;
/// Furthest a written exponent may move the point.
const EXPONENT_MAX: usize = 60;

/// A text, or a number's own digits; `None` when it is blank, missing, or neither.
pub(super) fn text(value: Option<&Value>) -> Option<Cow<'_, str>> {
    let text = match value? {
        Value::String(text) => text.as_str(),
        // The digits as they came, by way of serde_json's `arbitrary_precision`.
        Value::Number(number) => number.as_str(),
        _ => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

/// Anything written as a text, like an id; `None` when it is blank or unreadable.
pub(super) fn parsed<T: FromStr>(value: Option<&Value>) -> Option<T> {
    text(value)?.parse().ok()
}

/// Yes or no, as `true`, `1`, `"1"` or `"true"`; `None` when it is none of these nor their opposites.
pub(super) fn flag(value: Option<&Value>) -> Option<bool> {
    if let Some(Value::Bool(flag)) = value {
        return Some(*flag);
    }
    match text(value)?.as_ref() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// An amount with any number of zeros on either end, or with an exponent as servers print small numbers ("1e-8").
/// `None` when it is blank, negative, or finer or larger than money can be: never rounded.
pub(super) fn amount(value: Option<&Value>) -> Option<Amount> {
    let text = text(value)?;
    if text.len() > NUMBER_MAX {
        return None;
    }
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let exponent: isize = exponent.parse().ok()?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || exponent.unsigned_abs() > EXPONENT_MAX {
        return None;
    }
    // Zeros on both ends, so that the point finds a digit on either side wherever it moves.
    let room = "0".repeat(EXPONENT_MAX + 1);
    let all = format!("{room}{whole}{fraction}{room}");
    let point = (room.len() + whole.len()).checked_add_signed(exponent)?;
    let (whole, fraction) = all.split_at_checked(point)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    format!("{whole:0>1}.{fraction:0<1}").parse().ok()
}

/// An answer that says something else than it should: whatever was asked may have happened.
pub(super) fn bad(what: &str) -> CallError {
    CallError::Unanswered { what: format!("the answer is no {what}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(json: &str) -> Option<String> {
        amount(Some(&serde_json::from_str(json).unwrap())).map(|amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_from_their_digits() {
        for (json, expected) in [
            (r#""10""#, "10"),
            (r#""10.00000000""#, "10"),
            ("10", "10"),
            ("10.50", "10.5"),
            ("1e-8", "0.00000001"),
            ("1.0e-8", "0.00000001"),
            ("1.25E+3", "1250"),
            (r#""0.1000000000000000000000000000000000000000000000000000000""#, "0.1"),
            (r#""0000000000000000000000000000000000000000000000000000000007""#, "7"),
            ("0.1", "0.1"),
            ("123456789012345678.12345678", "123456789012345678.12345678"),
            ("0", "0"),
        ] {
            assert_eq!(read(json).as_deref(), Some(expected), "{json}");
        }
        for json in [
            "null",
            r#""""#,
            "true",
            "[]",
            "{}",
            "-1",
            r#""-0""#,
            "1e-9",
            r#""0.000000001""#,
            r#""1.""#,
            r#"".5""#,
            "1e400",
            "1e-400",
            r#""1e9999999999999999999999""#,
            r#""1e""#,
            r#""ten""#,
            r#""1,5""#,
            r#""1.2.3""#,
            r#""NaN""#,
            r#""1e60""#,
            r#""٣""#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(amount(None), None);
    }

    #[test]
    fn flags_come_in_three_dresses() {
        for yes in [json!(true), json!(1), json!("1"), json!("true")] {
            assert_eq!(flag(Some(&yes)), Some(true), "{yes}");
        }
        for no in [json!(false), json!(0), json!("0"), json!("false")] {
            assert_eq!(flag(Some(&no)), Some(false), "{no}");
        }
        for neither in [json!(null), json!(""), json!(2), json!("yes"), json!([])] {
            assert_eq!(flag(Some(&neither)), None, "{neither}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_is_read_back(units in any::<u128>(), zeros in 0usize..40, number: bool) {
            let amount_was = Amount::from_units(units);
            let plain = amount_was.to_string();
            let point = if plain.contains('.') { "" } else { "." };
            let written = format!("{plain}{point}0{}", "0".repeat(zeros));
            let value = if number { serde_json::from_str(&written).unwrap() } else { json!(written) };
            prop_assert_eq!(amount(Some(&value)), Some(amount_was));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "[0-9eE.+-]{0,130}|.{0,40}") {
            let value = json!(text);
            prop_assert_eq!(amount(Some(&value)), amount(Some(&value)));
        }
    }
}
