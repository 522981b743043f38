//! The names by which deposits find their trade.

use crate::id::RequestId;
use crate::trade::deposit::Seen;

/// The name of a trace.
pub(super) fn trace(id: RequestId) -> String {
    format!("trace:{id}")
}

/// The name of a memo.
pub(super) fn memo(text: &str) -> String {
    format!("memo:{text}")
}

/// Every name an output may bear: its request id, and its memo as plain text or as text that was hex- or
/// base64-encoded once more on the way (dossier §15.9; the API itself shows `extra` as hex of the raw bytes).
pub(super) fn names_of(output: &Seen) -> Vec<String> {
    let mut names: Vec<String> = output.request_id.map(trace).into_iter().collect();
    names.extend(memo_texts(&output.extra).iter().map(|text| memo(text)));
    names
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
