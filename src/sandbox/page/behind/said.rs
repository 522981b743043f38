//! What the bot says of itself, read with suspicion: a field may be missing, of another kind, long, or meant to harm.

use maud::{Markup, html};
use serde_json::Value;

use super::shown;
use crate::id::UserId;
use crate::money::Amount;
use crate::sandbox::page::BotSays;
use crate::sandbox::people::People;
use crate::time::Millis;

/// What it said at a path; `Err`: why nothing is known.
pub(super) fn at<'a>(bot: &'a BotSays, path: &str) -> Result<&'a Value, &'a str> {
    bot.get(path).map_or(Err("it was not asked"), |said| said.as_ref().map_err(String::as_str))
}

/// That it is not there, and how it is started.
pub(super) fn silence(why: &str) -> Markup {
    html! {
        section.card.stack {
            h2 { "The bot does not answer" }
            p { "It says itself what is shown here, and now it says nothing: " (shown::quote(why)) }
            p {
                "Start it together with the sandbox by " code { "mixin-escrow sandbox --with-bot" }
                ", or on its own by " code { "mixin-escrow serve --config …" }
                " with the configuration that the sandbox wrote."
            }
        }
    }
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text or a number, as a text that is not empty.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// One line of its words; a dash when it has none.
pub(super) fn words(value: &Value, name: &str) -> Markup {
    html! {
        @match text(value, name) {
            Some(text) => bdi { (shown::plain(&text)) },
            None => span.soft { "–" },
        }
    }
}

pub(super) fn moment(value: &Value, name: &str) -> Markup {
    match text(value, name).and_then(|text| Millis::from_rfc3339(&text)) {
        Some(at) => shown::moment(at),
        None => words(value, name),
    }
}

/// An amount it names, in `asset` as it describes one.
pub(super) fn money(value: &Value, name: &str, asset: &Value) -> Markup {
    let symbol = text(asset, "symbol").map_or_else(|| "?".to_owned(), |symbol| shown::plain(&symbol));
    let label = text(asset, "label").map_or_else(|| symbol.clone(), |label| shown::plain(&label));
    match text(value, name).map(|text| text.parse::<Amount>()) {
        Some(Ok(amount)) => html! {
            span.number data-amount=(amount) data-asset=(symbol) { (amount) " " (label) }
        },
        _ => words(value, name),
    }
}

pub(super) fn person(people: &People, value: &Value) -> Markup {
    match value.as_str() {
        None => html! { span.soft { "nobody yet" } },
        Some(id) => match id.parse() {
            Ok(id) => shown::name(people, UserId(id)),
            Err(_) => shown::quote(id),
        },
    }
}

/// What people type for a trade, and no more than that: it becomes part of addresses.
pub(super) fn is_code(code: &str) -> bool {
    (1..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A trade by its code.
pub(super) fn trade_link(code: &str) -> Markup {
    html! {
        @if is_code(code) { a.tap href=(format!("/page/behind/trade/{code}")) { (code) } } @else { (shown::quote(code)) }
    }
}
