//! What a message may contain: the payload of each category under the strictest client's rules (messaging §4.3, §6).

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use serde_json::{Value, json};

use super::answer::{Refusal, bad, strict_uuid};
use crate::time::Millis;

/// Limits of messaging Appendix C (18, 24).
const BUTTONS_MAX: usize = 6;
const LABEL_MAX: usize = 36;
const ACTION_MAX: usize = 512;
const TITLE_MAX: usize = 36;
const DESCRIPTION_MAX: usize = 1024;
const TEXT_MAX: usize = 4_000;
/// What Android cuts at; people may write more than bots.
const PERSON_TEXT_MAX: usize = 64 * 1024;

/// Base64 as the server reads it: any alphabet, any padding, white space in between (messaging §4.2).
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let plain: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    LENIENT.decode(plain.trim_end_matches('=')).ok()
}

/// Standard, padded: the field `data`.
pub(super) fn standard(data: &[u8]) -> String {
    general_purpose::STANDARD.encode(data)
}

/// URL-safe, unpadded: the field `data_base64`.
pub(super) fn url_safe(data: &[u8]) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(data)
}

/// Who sends, as far as the rules differ.
pub(super) struct Sender<'a> {
    pub(super) app: bool,
    pub(super) id: &'a str,
}

/// Whether a payload may travel. An attachment's existence is checked by its own room.
pub(super) fn check(category: &str, data: &[u8], sender: &Sender<'_>) -> Result<(), Refusal> {
    match category {
        "PLAIN_TEXT" | "PLAIN_POST" => check_text(category, data, sender.app),
        "PLAIN_CONTACT" => {
            let body = object(data)?;
            body.get("user_id")
                .and_then(Value::as_str)
                .and_then(strict_uuid)
                .map(drop)
                .ok_or_else(|| bad("data.user_id", "must be a lower-case UUID"))
        }
        "PLAIN_IMAGE" | "PLAIN_VIDEO" => {
            let body = object(data)?;
            attachment_fields(&body)?;
            for side in ["width", "height"] {
                if body.get(side).and_then(Value::as_u64).unwrap_or(0) == 0 {
                    return Err(bad(&format!("data.{side}"), "must be a number above 0"));
                }
            }
            Ok(())
        }
        "PLAIN_DATA" => {
            let body = object(data)?;
            attachment_fields(&body)?;
            string(&body, "name", "data.").map(drop)
        }
        "PLAIN_AUDIO" => attachment_fields(&object(data)?),
        "PLAIN_STICKER" | "PLAIN_LIVE" | "PLAIN_LOCATION" | "MESSAGE_PIN" => object(data).map(drop),
        "PLAIN_TRANSCRIPT" => Ok(()),
        "MESSAGE_RECALL" => recalled(data).map(drop).ok_or_else(|| bad("data.message_id", "must be a lower-case UUID")),
        "APP_BUTTON_GROUP" => {
            let body: Value = serde_json::from_slice(data).map_err(|_| bad("data", "must be a JSON array"))?;
            buttons(&body, "data", 1)
        }
        "APP_CARD" => card(&object(data)?, sender.id),
        _ => Err(bad("category", "is not one of those that may be sent")),
    }
}

/// The message a `MESSAGE_RECALL` names.
pub(super) fn recalled(data: &[u8]) -> Option<uuid::Uuid> {
    object(data).ok()?.get("message_id")?.as_str().and_then(strict_uuid)
}

/// The attachment a payload names, with the size it claims.
pub(super) fn attachment(category: &str, data: &[u8]) -> Option<(uuid::Uuid, u64)> {
    if !["PLAIN_IMAGE", "PLAIN_VIDEO", "PLAIN_DATA", "PLAIN_AUDIO"].contains(&category) {
        return None;
    }
    let body = object(data).ok()?;
    Some((strict_uuid(body.get("attachment_id")?.as_str()?)?, body.get("size")?.as_u64()?))
}

fn check_text(category: &str, data: &[u8], app: bool) -> Result<(), Refusal> {
    let text = std::str::from_utf8(data).map_err(|_| bad("data", "must be UTF-8"))?;
    let limit = if app && category == "PLAIN_TEXT" { TEXT_MAX } else { PERSON_TEXT_MAX };
    if text.is_empty() || text.chars().count() > limit {
        return Err(bad("data", format!("1 to {limit} characters")));
    }
    Ok(())
}

fn object(data: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(data).ok().filter(Value::is_object).ok_or_else(|| bad("data", "must be a JSON object"))
}

fn attachment_fields(body: &Value) -> Result<(), Refusal> {
    let id = string(body, "attachment_id", "data.")?;
    strict_uuid(id).ok_or_else(|| bad("data.attachment_id", "must be a lower-case UUID"))?;
    string(body, "mime_type", "data.")?;
    body.get("size").and_then(Value::as_u64).map(drop).ok_or_else(|| bad("data.size", "must be a number"))
}

fn string<'a>(body: &'a Value, key: &str, prefix: &str) -> Result<&'a str, Refusal> {
    body.get(key).and_then(Value::as_str).ok_or_else(|| bad(&format!("{prefix}{key}"), "must be a string"))
}

/// Buttons under iOS rules: every key there, every value a string, colours as `#RRGGBB` (messaging §6.1).
fn buttons(list: &Value, field: &str, least: usize) -> Result<(), Refusal> {
    let list = list.as_array().ok_or_else(|| bad(field, "must be an array of buttons"))?;
    if list.len() < least || list.len() > BUTTONS_MAX {
        return Err(bad(field, format!("{least} to {BUTTONS_MAX} buttons")));
    }
    for (nth, button) in list.iter().enumerate() {
        let prefix = format!("{field}[{nth}].");
        let label = string(button, "label", &prefix)?;
        if label.trim().is_empty() || label.len() > LABEL_MAX {
            return Err(bad(&format!("{prefix}label"), format!("1 to {LABEL_MAX} bytes")));
        }
        let color = string(button, "color", &prefix)?;
        let hex = color.strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad(&format!("{prefix}color"), "must be #RRGGBB"));
        }
        action(string(button, "action", &prefix)?, &format!("{prefix}action"))?;
    }
    Ok(())
}

fn action(action: &str, field: &str) -> Result<(), Refusal> {
    if action.len() > ACTION_MAX {
        return Err(bad(field, format!("at most {ACTION_MAX} bytes")));
    }
    let input = action.strip_prefix("input:");
    if input.is_some_and(|text| text.trim().is_empty()) {
        return Err(bad(field, "input: without a text does nothing"));
    }
    if input.is_some() || link(action) {
        Ok(())
    } else {
        Err(bad(field, "must be input:, mixin://, https:// or http://"))
    }
}

/// A URL a phone opens.
fn link(text: &str) -> bool {
    ["mixin://", "https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) && url::Url::parse(text).is_ok()
}

/// Cards: a non-blank `action` makes it an old one, and the two shapes do not mix (messaging §6.2).
fn card(body: &Value, sender: &str) -> Result<(), Refusal> {
    let title = string(body, "title", "data.")?;
    if title.trim().is_empty() || title.chars().count() > TITLE_MAX {
        return Err(bad("data.title", format!("1 to {TITLE_MAX} characters")));
    }
    let description = string(body, "description", "data.")?;
    if description.chars().count() > DESCRIPTION_MAX {
        return Err(bad("data.description", format!("at most {DESCRIPTION_MAX} characters")));
    }
    if let Some(at) = body.get("updated_at")
        && at.as_str().and_then(Millis::from_rfc3339).is_none()
    {
        return Err(bad("data.updated_at", "must be RFC 3339"));
    }
    let old = match body.get("action") {
        None | Some(Value::Null) => false,
        Some(action) => !action.as_str().ok_or_else(|| bad("data.action", "must be a string"))?.trim().is_empty(),
    };
    if old { old_card(body) } else { new_card(body, sender) }
}

fn old_card(body: &Value) -> Result<(), Refusal> {
    if body.get("actions").is_some() {
        return Err(bad("data.action", "a card has action or actions, never both"));
    }
    let action = string(body, "action", "data.")?;
    if action.len() > ACTION_MAX || !link(action) {
        return Err(bad("data.action", "must be a URL; input: does nothing in this kind of card"));
    }
    if !link(string(body, "icon_url", "data.")?) {
        return Err(bad("data.icon_url", "must be a URL"));
    }
    match body.get("shareable") {
        None | Some(Value::Bool(_)) => Ok(()),
        Some(_) => Err(bad("data.shareable", "must be true or false")),
    }
}

fn new_card(body: &Value, sender: &str) -> Result<(), Refusal> {
    if string(body, "app_id", "data.")? != sender {
        return Err(bad("data.app_id", "must be the sender's own app"));
    }
    if !body.get("shareable").is_some_and(Value::is_boolean) {
        return Err(bad("data.shareable", "must be true or false"));
    }
    buttons(body.get("actions").unwrap_or(&Value::Null), "data.actions", 0)?;
    match body.get("cover_url") {
        None => {}
        Some(cover) => match cover.as_str() {
            Some(cover) if cover.is_empty() || link(cover) => {}
            _ => return Err(bad("data.cover_url", "must be a URL or empty")),
        },
    }
    let Some(cover) = body.get("cover") else { return Ok(()) };
    for key in ["url", "mime_type", "thumbnail"] {
        string(cover, key, "data.cover.")?;
    }
    for key in ["width", "height"] {
        if !cover.get(key).and_then(Value::as_u64).is_some_and(|side| (64..=1024).contains(&side)) {
            return Err(bad(&format!("data.cover.{key}"), "64 to 1024"));
        }
    }
    Ok(())
}

/// What a phone makes of a message; what the strictest client would not show is `unsupported`.
pub(super) fn shown(category: &str, data: &[u8], sender: &Sender<'_>) -> Value {
    let text = || Value::from(String::from_utf8_lossy(data).into_owned());
    let body = || serde_json::from_slice::<Value>(data).unwrap_or(Value::Null);
    match category {
        "SIGNAL_TEXT" => return json!({"text": text()}),
        "SYSTEM_CONVERSATION" | "SYSTEM_SAFE_SNAPSHOT" => return json!({"system": body()}),
        _ => {}
    }
    if let Err(refusal) = check(category, data, sender) {
        return json!({"unsupported": refusal.extra});
    }
    match category {
        "PLAIN_TEXT" | "PLAIN_POST" => json!({"text": text()}),
        "APP_BUTTON_GROUP" => json!({"buttons": body()}),
        "APP_CARD" => json!({"card": body()}),
        "PLAIN_CONTACT" => json!({"contact": body()}),
        "MESSAGE_RECALL" => json!({"recalled": body()}),
        _ => json!({"attachment": body()}),
    }
}
