//! A message from somebody (messaging §4).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ConversationId, MessageId, UserId};
use crate::mixin::wire::{self, Unreadable, unreadable};
use crate::time::Millis;

/// A message as it was pushed. Only `user_id` says who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundMessage {
    pub conversation_id: ConversationId,
    /// The sender, vouched for by Mixin. All zero for events of the system.
    pub user_id: UserId,
    pub message_id: MessageId,
    /// Like `PLAIN_TEXT`; unknown words are possible.
    pub category: String,
    /// The payload after base64: what it is depends on the category.
    #[serde(with = "wire::as_hex")]
    pub data: Vec<u8>,
    pub quote_message_id: Option<MessageId>,
    /// Server time at which it was said: the time that counts.
    pub created_at: Millis,
    /// `LIST_PENDING_MESSAGES` for the backlog, `CREATE_MESSAGE` for what is said now; often blank.
    pub source: String,
}

#[derive(Deserialize)]
struct WireMessage {
    message_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    conversation_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    user_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    category: String,
    #[serde(default, deserialize_with = "wire::text")]
    data: String,
    #[serde(default, deserialize_with = "wire::text")]
    data_base64: String,
    #[serde(default, deserialize_with = "wire::text")]
    quote_message_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    created_at: String,
    #[serde(default, deserialize_with = "wire::text")]
    source: String,
}

impl InboundMessage {
    pub(super) fn read(data: &Value) -> Result<Self, Unreadable> {
        let wire = WireMessage::deserialize(data).map_err(|error| unreadable("message", &error))?;
        let encoded = if wire.data_base64.is_empty() { &wire.data } else { &wire.data_base64 };
        Ok(Self {
            conversation_id: wire::need("conversation_id", &wire.conversation_id)?,
            user_id: wire::need("user_id", &wire.user_id)?,
            message_id: wire::need("message_id", &wire.message_id)?,
            category: wire.category,
            data: from_base64(encoded).ok_or_else(|| unreadable("data", "not base64"))?,
            quote_message_id: wire.quote_message_id.parse().ok(),
            created_at: wire::moment("created_at", &wire.created_at)?,
            source: wire.source,
        })
    }
}

/// Any base64 that clients write: either alphabet, padded or not, with line breaks (messaging §4.2).
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const ANY: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    let bare: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    ANY.decode(bare.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_base64_that_clients_write() {
        for (text, bytes) in [
            ("SGk", &b"Hi"[..]),
            ("SGk=", b"Hi"),
            ("SG\r\nk=\n", b"Hi"),
            ("", b""),
            ("5L2g5aW9", "你好".as_bytes()),
            ("-_-_", &[0xfb, 0xff, 0xbf]),
            ("+/+/", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(from_base64(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["S", "SG!k", "S=Gk"] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }
}
