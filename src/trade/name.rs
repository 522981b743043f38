//! The names by which deposits find their trade, and by which MixPay's are known.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use crate::id::{self, RequestId};
use crate::trade::deposit::Seen;
use crate::trade::order::Order;

/// The name of a trace.
#[must_use]
pub fn trace(id: RequestId) -> String {
    format!("trace:{id}")
}

/// The name of a memo.
#[must_use]
pub fn memo(text: &str) -> String {
    format!("memo:{text}")
}

/// The name of an order at MixPay, by its `orderId`; no output bears it, callbacks do.
#[must_use]
pub fn order(id: &str) -> String {
    format!("order:{id}")
}

/// The name of an order at MixPay, by its code: `PM|code` is MixPay's own memo (dossier §15.9).
#[must_use]
pub fn code(code: &str) -> String {
    format!("code:{}", code.to_ascii_lowercase())
}

/// Every name an output may bear: its request id, which is the trace of a Mixin link or perhaps MixPay's code, and
/// its memo as plain text or as text that was hex- or base64-encoded once more on the way (dossier §15.9; the API
/// itself shows `extra` as hex of the raw bytes).
#[must_use]
pub fn of(output: &Seen) -> Vec<String> {
    let request = output.request_id.into_iter().flat_map(|id| [trace(id), code(&id.to_string())]);
    let texts = memo_texts(&output.extra);
    let codes = texts.iter().filter_map(|text| settlement_code(text)).map(code);
    request.chain(texts.iter().map(|text| memo(text))).chain(codes).collect()
}

/// Whether an output bears a memo of the kind that pay links and orders carry, of whichever trade.
#[must_use]
pub fn looks_issued(output: &Seen) -> bool {
    let issued = |text: &String| text.len() == MEMO_LETTERS && id::crockford_read(text).is_some();
    memo_texts(&output.extra).iter().any(|text| issued(text) || settlement_code(text).is_some())
}

/// Letters of a memo of ours.
pub(super) const MEMO_LETTERS: usize = 20;

/// Whether MixPay paid for `order` what bears these names ([`of`]): the memo that was told to MixPay alone, or MixPay's
/// code.
#[must_use]
pub fn is_of(names: &[String], order: &Order) -> bool {
    let by_code = |opened: &crate::trade::order::Opened| names.contains(&code(&opened.code));
    names.contains(&memo(&order.memo)) || order.opened.as_ref().is_some_and(by_code)
}

/// The trace part of MixPay's own settlement memo, `PM|trace` with or without more parts.
fn settlement_code(text: &str) -> Option<&str> {
    let mut parts = text.split('|');
    (parts.next() == Some("PM")).then(|| parts.next()).flatten().filter(|code| !code.is_empty())
}

fn memo_texts(extra: &[u8]) -> Vec<String> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let Ok(plain) = std::str::from_utf8(extra) else { return Vec::new() };
    let plain = plain.trim();
    let bare = plain.trim_end_matches('=');
    let decoded = [hex::decode(plain).ok(), STANDARD_NO_PAD.decode(bare).ok(), URL_SAFE_NO_PAD.decode(bare).ok()];
    let texts = decoded.into_iter().flatten().filter_map(|bytes| String::from_utf8(bytes).ok());
    let mut all: Vec<String> = std::iter::once(plain.to_owned()).chain(texts).filter(|text| !text.is_empty()).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_is_read_in_every_encoding() {
        let memo = "0123456789ABCDEFGHJK";
        for extra in [
            memo.to_owned(),
            hex::encode(memo),
            "MDEyMzQ1Njc4OUFCQ0RFRkdISks=".to_owned(),
            "MDEyMzQ1Njc4OUFCQ0RFRkdISks".to_owned(),
        ] {
            assert!(memo_texts(extra.as_bytes()).iter().any(|text| text == memo), "{extra}");
        }
        assert!(memo_texts(&[0xff, 0xfe]).is_empty());
    }
}
