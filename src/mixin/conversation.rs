//! Groups, as far as a bot makes and reads them (messaging §10).

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::call::{Call, CallError, Reply};
use super::wire::{self, Unreadable};
use crate::id::{ConversationId, UserId};

/// Reads a conversation → [`Conversation`]. Refused with 403 to whoever is not in it.
#[must_use]
pub fn conversation(id: ConversationId) -> Call {
    Call::get(format!("/conversations/{id}"))
}

/// Makes a group that the bot owns. `id` follows from bot, `name`, `members` and `random`
/// ([`group_conversation`](crate::kernel::derive::group_conversation)), so it can be looked up before it is made again.
/// Refused with 403 when one of the members takes no invitations (messaging §10.3, register 21).
#[must_use]
pub fn create_group(id: ConversationId, random: Uuid, name: &str, members: &[UserId]) -> Call {
    let body = json!({
        "category": "GROUP",
        "conversation_id": id,
        "random_id": random,
        "name": name,
        "participants": members.iter().map(|member| json!({"user_id": member})).collect::<Vec<_>>(),
    });
    Call::post("/conversations", &body)
}

/// Lets somebody into a group of the bot's; harmless when they are in it.
#[must_use]
pub fn add_member(id: ConversationId, person: UserId) -> Call {
    Call::post(format!("/conversations/{id}/participants/ADD"), &json!([{"user_id": person}]))
}

/// A conversation as Mixin has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    pub members: Vec<UserId>,
    /// Of a group: the link by which anybody may join.
    pub link: Option<String>,
}

impl Conversation {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no conversation.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireConversation, _>("conversation", reply)
    }
}

#[derive(Deserialize)]
struct WireConversation {
    #[serde(default)]
    participants: Vec<WireMember>,
    #[serde(default, deserialize_with = "wire::text")]
    code_url: String,
}

#[derive(Deserialize)]
struct WireMember {
    user_id: String,
}

impl TryFrom<WireConversation> for Conversation {
    type Error = Unreadable;

    fn try_from(wire: WireConversation) -> Result<Self, Unreadable> {
        let members = wire.participants.iter().map(|member| wire::need("user_id", &member.user_id));
        Ok(Self {
            members: members.collect::<Result<_, _>>()?,
            // Shown to people as it is: nothing but the link we expect.
            link: Some(wire.code_url).filter(|link| link.starts_with("https://mixin.one/codes/")),
        })
    }
}

/// How the members of a group changed: the payload of `SYSTEM_CONVERSATION` (messaging §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub who: UserId,
    /// They came; else they left.
    pub came: bool,
}

impl Membership {
    /// `None`: the members are the same as before, or it cannot be read.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let payload: serde_json::Value = serde_json::from_slice(payload).ok()?;
        let came = match payload.get("action")?.as_str()? {
            "ADD" | "JOIN" => true,
            "REMOVE" | "EXIT" => false,
            _ => return None,
        };
        Some(Self { who: payload.get("participant_id")?.as_str()?.parse().ok()?, came })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_is_read_from_what_the_system_says() {
        let who = "a11ce000-0000-4000-8000-000000000002";
        let read = |action: &str, who: &str| {
            Membership::read(format!(r#"{{"action":"{action}","participant_id":"{who}","user_id":""}}"#).as_bytes())
        };
        for (action, came) in [("ADD", true), ("JOIN", true), ("REMOVE", false), ("EXIT", false)] {
            assert_eq!(read(action, who), Some(Membership { who: who.parse().unwrap(), came }));
        }
        for (action, who) in [("CREATE", who), ("ROLE", who), ("UPDATE", ""), ("ADD", ""), ("ADD", "x")] {
            assert_eq!(read(action, who), None, "{action} {who}");
        }
        assert_eq!(Membership::read(b"no json"), None);
    }

    #[test]
    fn a_group_is_read_with_its_link() {
        let read = |url: &str| {
            let data = json!({"participants": [{"user_id": "a11ce000-0000-4000-8000-000000000002"}], "code_url": url});
            Conversation::read(&Reply { data, server_time: None }).unwrap()
        };
        assert_eq!(read("https://mixin.one/codes/x").link.as_deref(), Some("https://mixin.one/codes/x"));
        assert_eq!(read("https://evil.example/codes/x").link, None);
        assert_eq!(read("").members.len(), 1);
    }
}
