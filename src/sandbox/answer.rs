//! What a call answers: data, or one of Mixin's error codes (dossier §3), and how fields of a body are read.

use serde_json::{Value, json};
use uuid::Uuid;

/// What a call of the API comes to, before it is put in its envelope.
pub(super) type Answer = Result<Value, Refusal>;

/// An error of the API. It travels with HTTP 202, except the 500 family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u32,
    pub(super) extra: Option<Value>,
}

impl Refusal {
    /// `{"error": …}` as it stands in an answer and in a Blaze envelope.
    pub(super) fn error(&self) -> Value {
        let status = if self.code == 500 || self.code / 1_000 == 7 { 500 } else { 202 };
        let mut error = json!({"status": status, "code": self.code, "description": description(self.code)});
        if let (Some(extra), Some(error)) = (&self.extra, error.as_object_mut()) {
            error.insert("extra".into(), extra.clone());
        }
        error
    }
}

/// The description of a code. Clients match some of these texts (dossier §3.2), so they are kept to the letter.
const fn description(code: u32) -> &'static str {
    match code {
        400 => "The request body cannot be parsed.",
        401 => "Unauthorized, maybe invalid token.",
        403 => "Forbidden",
        404 => "The endpoint is not found.",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        7000 => "Blaze server error.",
        10002 => "The request data has invalid field.",
        10105 => "inputs locked by another transaction",
        10106 => "inputs spent by other transaction",
        10404 => "The user is not registered to Safe.",
        20116 => "The group chat is full.",
        20117 => "Insufficient balance.",
        20118 => "Invalid PIN format.",
        20119 => "PIN incorrect.",
        20125 => "The transfer has been paid by someone else.",
        20150 => "Invalid receivers.",
        _ => "Refused.",
    }
}

/// A refusal that needs no more words than its code.
pub(super) fn refuse(code: u32) -> Refusal {
    Refusal { code, extra: None }
}

/// 10002, naming the field and what is wrong with it.
pub(super) fn bad(field: &str, reason: impl Into<String>) -> Refusal {
    Refusal { code: 10002, extra: Some(json!({"field": field, "reason": reason.into()})) }
}

/// The text under `key`.
pub(super) fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Refusal> {
    body.get(key).and_then(Value::as_str).ok_or_else(|| bad(key, "must be a string"))
}

/// The text under `key`, empty when absent or null.
pub(super) fn text_or_empty<'a>(body: &'a Value, key: &str) -> Result<&'a str, Refusal> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(value) => value.as_str().ok_or_else(|| bad(key, "must be a string")),
    }
}

/// A UUID under `key`, in the one spelling the network takes.
pub(super) fn uuid(body: &Value, key: &str) -> Result<Uuid, Refusal> {
    strict_uuid(text(body, key)?).ok_or_else(|| bad(key, "must be a lower-case UUID with dashes"))
}

/// A UUID in lower case with dashes; every other spelling is `None`.
pub(super) fn strict_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().to_string() == text).then_some(uuid)
}

/// A bare array of UUIDs, at most `most`.
pub(super) fn uuids(body: &Value, field: &str, most: usize) -> Result<Vec<Uuid>, Refusal> {
    let list = body.as_array().ok_or_else(|| bad(field, "must be an array of UUIDs"))?;
    if list.len() > most {
        return Err(bad(field, format!("at most {most}")));
    }
    list.iter()
        .map(|id| id.as_str().and_then(strict_uuid).ok_or_else(|| bad(field, "must be an array of lower-case UUIDs")))
        .collect()
}
