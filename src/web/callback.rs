//! MixPay's callback (dossier §15.7): anybody may post it, so it is never more than a hint.

use serde::Deserialize;

/// Where MixPay calls.
pub const PATH: &str = crate::config::CALLBACK;
/// What MixPay wants to hear; anything else would make it call again (dossier §15.7).
pub const ANSWER: &str = r#"{"code":"SUCCESS"}"#;
/// Longest order id there is (dossier §15.3).
const ORDER_MAX: usize = 36;

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "orderId")]
    order_id: String,
}

/// The order a callback speaks of; `None` when it speaks of none that could be ours.
#[must_use]
pub fn order_of(body: &[u8]) -> Option<String> {
    let id = serde_json::from_slice::<Body>(body).ok()?.order_id;
    let fit = (6..=ORDER_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    fit.then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_order_is_read() {
        let good = br#"{"orderId":"0123456789ABCDEFGHJKMNPQR","traceId":null,"payeeId":"x","status":"success"}"#;
        assert_eq!(order_of(good).as_deref(), Some("0123456789ABCDEFGHJKMNPQR"));
        for bad in [
            "",
            "null",
            "[]",
            r#"{"orderId":7}"#,
            r#"{"orderId":"short"}"#,
            r#"{"orderId":"';DROP TABLE trade;--"}"#,
            r#"{"traceId":"0123456789ABCDEFGHJKMNPQR"}"#,
        ] {
            assert_eq!(order_of(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_posted_is_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = order_of(&bytes);
        }
    }
}
