//! What the connection has to say.

use serde_json::Value;

use super::message::InboundMessage;
use crate::id::{MessageId, UserId};
use crate::mixin::call::CallError;
use crate::time::Millis;

/// What a frame meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody said something. Commit what it causes, then acknowledge it.
    Message(InboundMessage),
    /// A push that cannot be read. Store it, and acknowledge it if it has an id: it would come for ever.
    Unreadable { message_id: Option<MessageId>, why: String, raw: String },
    /// The server took our request for the backlog; what it holds comes as messages.
    PendingListed,
    /// A message of ours was delivered, or read.
    Receipt { message_id: MessageId, status: String },
    /// A message that was [`Blaze::post`](super::Blaze::post)ed was taken, or not.
    Posted { message_id: MessageId, result: Result<(), CallError> },
    /// The server says our session is void: ask `/safe/me`, and stop if that says so too. The connection is dropped.
    Unauthorized { description: String },
    /// The server complained about nothing we asked.
    Complaint(CallError),
    /// Why we dropped the connection.
    Dropped { why: String },
}

/// What to do after the server refused to open a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Our clock is off by this: move the offset by it; the next attempt, at once, is signed with that.
    Clock(Millis),
    /// The session is void. There will be no further attempt.
    Final,
    /// Trouble of theirs: there will be another attempt.
    Later,
}

/// What is known of the open connection. All moments are of the clock that the shell passes as `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    pub connected_since: Millis,
    /// When the request for the backlog was answered on this connection.
    pub listed: Option<Millis>,
    /// The last frame of any kind.
    pub last_frame: Millis,
    pub last_ping_sent: Option<Millis>,
    pub last_pong: Option<Pong>,
}

/// An answer to a ping. All that the server had put on the connection before it saw the ping has arrived: so what
/// it sent until `ping_sent` is here, which `received` alone would not prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    pub ping_sent: Millis,
    pub received: Millis,
}

/// When a pushed message was said, in server time, whatever else of it can be read.
pub(super) fn said_at(data: &Value) -> Option<Millis> {
    data.get("created_at").and_then(Value::as_str).and_then(Millis::from_rfc3339)
}

/// A push: a message, a receipt, or something for apps that is none of our business.
pub(super) fn on_push(bot: UserId, action: &str, data: &Value) -> Option<Event> {
    let text = |field: &str| data.get(field).and_then(Value::as_str).unwrap_or_default();
    let message_id = text("message_id").parse().ok();
    if action == "ACKNOWLEDGE_MESSAGE_RECEIPT" || text("source") == "ACKNOWLEDGE_MESSAGE_RECEIPT" {
        return Some(Event::Receipt { message_id: message_id?, status: text("status").to_owned() });
    }
    // Our own words come back as late answers or as echoes; neither is anybody talking to us.
    if text("user_id").parse().is_ok_and(|user: UserId| user == bot) {
        return None;
    }
    let unreadable = |why: String| Some(Event::Unreadable { message_id, why, raw: data.to_string() });
    match action {
        // A late answer without content.
        "CREATE_MESSAGE" if data.is_null() => None,
        "CREATE_MESSAGE" => match InboundMessage::read(data) {
            Ok(message) => Some(Event::Message(message)),
            Err(error) => unreadable(error.to_string()),
        },
        _ if message_id.is_some() => unreadable(format!("unknown action {action:?}")),
        _ => None,
    }
}
