//! Mixin's loose JSON, read strictly where it matters: nulls and absent fields are blanks, blanks are "none", and
//! whatever is neither blank nor readable is named by its field.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::call::{CallError, Reply};
use crate::id::UserId;
use crate::time::Millis;

/// The field that could not be read, and why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub(super) struct Unreadable {
    field: &'static str,
    why: String,
}

pub(super) fn unreadable(field: &'static str, why: &(impl ToString + ?Sized)) -> Unreadable {
    Unreadable { field, why: why.to_string() }
}

/// The domain type from an answer's `data`, by way of its wire struct.
pub(super) fn read<'a, W, T>(what: &str, reply: &'a Reply) -> Result<T, CallError>
where
    W: Deserialize<'a>,
    T: TryFrom<W, Error = Unreadable>,
{
    let wire = W::deserialize(&reply.data).map_err(|error| bad(what, &error))?;
    T::try_from(wire).map_err(|error| bad(what, &error))
}

/// An answer that says something else than it should: whatever was asked may have happened.
pub(super) fn bad(what: &str, why: &dyn std::fmt::Display) -> CallError {
    CallError::Unanswered { what: format!("the answer is no {what}: {why}") }
}

/// A text; null is blank.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A whole number; null is 0.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Yes or no; null is no.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A list; null is empty.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A field that must be there.
pub(super) fn need<T: FromStr<Err: ToString>>(field: &'static str, text: &str) -> Result<T, Unreadable> {
    text.parse().map_err(|error: T::Err| unreadable(field, &error))
}

/// A field that may be blank.
pub(super) fn maybe<T: FromStr<Err: ToString>>(field: &'static str, text: &str) -> Result<Option<T>, Unreadable> {
    if text.is_empty() { Ok(None) } else { need(field, text).map(Some) }
}

/// A number that must fit.
pub(super) fn fit<T: TryFrom<u64>>(field: &'static str, number: u64) -> Result<T, Unreadable> {
    T::try_from(number).map_err(|_| unreadable(field, "too large"))
}

/// A moment in RFC 3339.
pub(super) fn moment(field: &'static str, text: &str) -> Result<Millis, Unreadable> {
    Millis::from_rfc3339(text).ok_or_else(|| unreadable(field, "not a time"))
}

/// Bytes in hex; blank is none.
pub(super) fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, Unreadable> {
    hex::decode(text).map_err(|error| unreadable(field, &error))
}

/// People, in the order given.
pub(super) fn people(field: &'static str, texts: &[String]) -> Result<Vec<UserId>, Unreadable> {
    texts.iter().map(|text| need(field, text)).collect()
}

/// Bytes as hex in our own JSON: half the size of a list of numbers, and legible.
pub(super) mod as_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
