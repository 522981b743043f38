//! The parameters of a call, from JSON, a form or a query, and what is wrong with them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::Value;

/// An error of `MixPay`'s API: its code and a text for people (dossier §15.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: i32,
    pub(super) message: String,
}

pub(super) fn wrong(code: i32, message: impl Into<String>) -> Wrong {
    Wrong { code, message: message.into() }
}

/// 1017: a parameter is missing or not what it must be.
pub(super) fn parameter(name: &str, why: &str) -> Wrong {
    wrong(1017, format!("{name}: {why}"))
}

/// Names and their values; lists keep their order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// A form or a query: `name=value`, lists as `name[]=a&name[]=b` or `name[0]=a`.
    pub(super) fn form(text: &[u8]) -> Self {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            let name = name.split_once('[').map_or(name.as_ref(), |(name, _)| name).to_owned();
            fields.entry(name).or_default().push(value.into_owned());
        }
        Self(fields)
    }

    /// A body, by its content type; without one, JSON when it looks like it.
    pub(super) fn body(headers: &HeaderMap, body: &Bytes) -> Result<Self, Wrong> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") || (kind.is_empty() && !body.starts_with(b"{")) {
            return Ok(Self::form(body));
        }
        if !kind.is_empty() && !kind.starts_with("application/json") {
            return Err(parameter("content-type", "application/json or application/x-www-form-urlencoded"));
        }
        let bad = || parameter("body", "not a JSON object");
        let Value::Object(body) = serde_json::from_slice(body).map_err(|_| bad())? else { return Err(bad()) };
        let mut fields = BTreeMap::new();
        for (name, value) in body {
            let values = match &value {
                Value::Null => continue,
                Value::Array(list) => list.iter().map(|item| one(&name, item)).collect::<Result<_, _>>()?,
                item => vec![one(&name, item)?],
            };
            fields.insert(name, values);
        }
        Ok(Self(fields))
    }

    /// Names nobody knows are refused: a misspelling must not hide.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(parameter(name, "unknown parameter")),
            None => Ok(()),
        }
    }

    /// The one value of a name; empty counts as absent.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, Wrong> {
        match self.0.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([value]) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            Some(_) => Err(parameter(name, "given more than once")),
        }
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Wrong> {
        self.get(name)?.ok_or_else(|| parameter(name, "required"))
    }

    pub(super) fn list(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

fn one(name: &str, value: &Value) -> Result<String, Wrong> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(parameter(name, "a text or a number")),
    }
}
