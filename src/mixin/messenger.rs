//! Speaking: conversations, messages, buttons, cards, pictures, acknowledgements (messaging §3.1, §5, §6, §8).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Call, CallError, Reply};
use super::wire::{self, Unreadable};
use crate::id::{ConversationId, MessageId, UserId};
use crate::kernel::derive::contact_conversation;

/// Most messages one call may carry.
pub const MESSAGES_MAX: usize = 100;
/// Most acknowledgements one call may carry.
pub const ACKNOWLEDGEMENTS_MAX: usize = 100;
/// Most bytes one call's body may have.
pub const BODY_MAX: usize = 128 * 1024;
/// Most buttons that every app shows.
pub const BUTTONS_MAX: usize = 6;
/// Longest label, in bytes: twelve Chinese characters.
const LABEL_MAX: usize = 36;
/// Longest title of a card, in characters.
const TITLE_MAX: usize = 36;
/// Longest description of a card, in characters.
const DESCRIPTION_MAX: usize = 1024;

/// Makes sure the 1:1 chat between the bot and a person exists; harmless when it does.
#[must_use]
pub fn create_contact(bot: UserId, person: UserId) -> Call {
    let body = json!({
        "category": "CONTACT",
        "conversation_id": contact_conversation(bot, person),
        "participants": [{"user_id": person}],
    });
    Call::post("/conversations", &body)
}

/// Sends messages, all or none. The same ids again do no harm. Use [`batch`] to stay inside the limits.
#[must_use]
pub fn send(messages: &[OutMessage]) -> Call {
    Call::post("/messages", &messages.iter().map(OutMessage::wire).collect())
}

/// How many messages from the front fit into one [`send`]; at least one when there is one.
#[must_use]
pub fn batch(messages: &[OutMessage]) -> usize {
    let mut bytes = 2;
    let fits = |message: &&OutMessage| {
        bytes += message.wire().to_string().len() + 1;
        bytes <= BODY_MAX
    };
    messages.iter().take(MESSAGES_MAX).take_while(fits).count().max(messages.len().min(1))
}

/// Tells the server that these messages need not be delivered again: after what they caused is committed.
/// At most [`ACKNOWLEDGEMENTS_MAX`].
#[must_use]
pub fn acknowledge(messages: &[MessageId]) -> Call {
    Call::post("/acknowledgements", &messages.iter().map(|id| json!({"message_id": id, "status": "READ"})).collect())
}

/// Room for a file → [`Attachment`].
#[must_use]
pub fn create_attachment() -> Call {
    Call::post("/attachments", &json!({}))
}

/// Who hears a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct To {
    pub conversation_id: ConversationId,
    /// The one person; in a group only they see it. `None` speaks to a whole group, over Blaze only.
    pub recipient_id: Option<UserId>,
}

impl To {
    /// A person, in the 1:1 chat with the bot.
    #[must_use]
    pub fn person(bot: UserId, person: UserId) -> Self {
        Self { conversation_id: contact_conversation(bot, person), recipient_id: Some(person) }
    }

    /// Everybody in a group.
    #[must_use]
    pub fn group(conversation_id: ConversationId) -> Self {
        Self { conversation_id, recipient_id: None }
    }
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    PlainText,
    PlainPost,
    PlainImage,
    PlainVideo,
    PlainAudio,
    PlainData,
    PlainContact,
    AppButtonGroup,
    AppCard,
}

/// A message to send. The id is chosen before and used again on a retry, so it cannot arrive twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutMessage {
    pub conversation_id: ConversationId,
    pub recipient_id: Option<UserId>,
    pub message_id: MessageId,
    pub category: Category,
    /// The payload before base64: a text or a JSON text, by category.
    pub data: String,
}

impl OutMessage {
    fn new(to: To, message_id: MessageId, category: Category, data: String) -> Self {
        Self { conversation_id: to.conversation_id, recipient_id: to.recipient_id, message_id, category, data }
    }

    /// Plain words; up to about 4000 characters are safe.
    #[must_use]
    pub fn text(to: To, message_id: MessageId, text: impl Into<String>) -> Self {
        Self::new(to, message_id, Category::PlainText, text.into())
    }

    /// Markdown, opened by a tap.
    #[must_use]
    pub fn post(to: To, message_id: MessageId, markdown: impl Into<String>) -> Self {
        Self::new(to, message_id, Category::PlainPost, markdown.into())
    }

    /// A row of buttons without words of its own.
    ///
    /// # Errors
    /// [`ButtonCount`] when there are none or more than every app shows.
    pub fn buttons(to: To, message_id: MessageId, buttons: &[Button]) -> Result<Self, ButtonCount> {
        if !(1..=BUTTONS_MAX).contains(&buttons.len()) {
            return Err(ButtonCount(buttons.len()));
        }
        Ok(Self::new(to, message_id, Category::AppButtonGroup, json!(buttons).to_string()))
    }

    /// A card with words and buttons.
    ///
    /// # Errors
    /// [`ButtonCount`] when it has more buttons than every app shows.
    pub fn card(to: To, message_id: MessageId, card: &Card) -> Result<Self, ButtonCount> {
        if card.buttons.len() > BUTTONS_MAX {
            return Err(ButtonCount(card.buttons.len()));
        }
        // Every field always: some app refuses the card for each that is missing. No "action": it would be a
        // card of the old kind then (messaging §6.2).
        let data = json!({
            "app_id": card.app_id,
            "cover_url": "",
            "title": first_chars(&card.title, TITLE_MAX),
            "description": first_chars(&card.description, DESCRIPTION_MAX),
            "actions": card.buttons,
            "shareable": false,
        });
        Ok(Self::new(to, message_id, Category::AppCard, data.to_string()))
    }

    /// A picture that was uploaded before.
    #[must_use]
    pub fn image(to: To, message_id: MessageId, image: &Image) -> Self {
        let data = json!({
            "attachment_id": image.attachment_id,
            "mime_type": image.mime_type,
            "width": image.width,
            "height": image.height,
            "size": image.size,
            "thumbnail": "",
        });
        Self::new(to, message_id, Category::PlainImage, data.to_string())
    }

    /// A file that somebody else uploaded, named by us. Nothing of its sender's words goes along.
    #[must_use]
    pub fn file(to: To, message_id: MessageId, file: &OutFile) -> Self {
        let mut data = json!({
            "attachment_id": file.attachment_id,
            "mime_type": file.mime_type,
            "size": file.size,
        });
        match file.category {
            Category::PlainImage | Category::PlainVideo => {
                // 0 is an invalid picture to some apps (messaging §8).
                (data["width"], data["height"]) = (json!(file.width.max(1)), json!(file.height.max(1)));
                data["thumbnail"] = json!("");
                if file.category == Category::PlainVideo {
                    data["duration"] = json!(file.duration);
                }
            }
            Category::PlainAudio => (data["duration"], data["waveform"]) = (json!(file.duration), json!("")),
            _ => data["name"] = json!(file.name),
        }
        Self::new(to, message_id, file.category, data.to_string())
    }

    /// Somebody's contact card.
    #[must_use]
    pub fn contact(to: To, message_id: MessageId, person: UserId) -> Self {
        Self::new(to, message_id, Category::PlainContact, json!({"user_id": person}).to_string())
    }

    /// As the API and Blaze take it.
    pub(super) fn wire(&self) -> Value {
        let mut wire = json!({
            "conversation_id": self.conversation_id,
            "message_id": self.message_id,
            "category": self.category,
            "data_base64": URL_SAFE_NO_PAD.encode(&self.data),
        });
        if let Some(recipient) = self.recipient_id {
            wire["recipient_id"] = json!(recipient);
        }
        wire
    }
}

/// A message cannot have this many buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} buttons: a message can have 1 to {BUTTONS_MAX}")]
pub struct ButtonCount(pub usize);

/// Something to tap. Stays tappable for ever, by everybody who sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    label: String,
    color: Color,
    action: String,
}

impl Button {
    /// `label` is cut to 36 bytes at a character's edge; `action` is a link or `input:` with a text to say.
    #[must_use]
    pub fn new(label: &str, color: Color, action: impl Into<String>) -> Self {
        Self { label: first_bytes(label, LABEL_MAX), color, action: action.into() }
    }
}

/// Colours that can be read on light and dark (messaging §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Color {
    #[serde(rename = "#76A048")]
    Green,
    #[serde(rename = "#C5595A")]
    Red,
    #[serde(rename = "#5979F0")]
    Blue,
    #[serde(rename = "#C97B46")]
    Orange,
    #[serde(rename = "#8A64D0")]
    Violet,
    #[serde(rename = "#7983C2")]
    Grey,
}

/// Words with buttons under them, in the new style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The bot.
    pub app_id: UserId,
    /// Cut to 36 characters.
    pub title: String,
    /// Cut to 1024 characters.
    pub description: String,
    /// At most [`BUTTONS_MAX`].
    pub buttons: Vec<Button>,
}

/// A picture that was uploaded. Sizes in pixels and bytes; none may be 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub attachment_id: Uuid,
    /// `image/png` for ours.
    pub mime_type: String,
    pub width: u32,
    pub height: u32,
    pub size: u32,
}

/// A file that was uploaded by somebody: a picture, a video, a recording, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// `PlainImage`, `PlainVideo`, `PlainAudio` or `PlainData`.
    pub category: Category,
    pub attachment_id: Uuid,
    pub mime_type: String,
    /// Bytes.
    pub size: u64,
    /// Shown for `PlainData`.
    pub name: String,
    /// Pixels, of pictures and videos.
    pub width: u32,
    pub height: u32,
    /// Milliseconds, of videos and recordings.
    pub duration: u64,
}

/// Room for a file on Mixin's storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub attachment_id: Uuid,
    /// Where to put the bytes; good for some hours.
    pub upload_url: String,
}

impl Attachment {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no attachment.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireAttachment, _>("attachment", reply)
    }

    /// The request that stores the bytes: unsigned, with exactly the headers its URL was signed for. Its answer is
    /// read by [`stored`](Self::stored).
    ///
    /// # Errors
    /// When the URL is none.
    pub fn upload(&self, bytes: Bytes) -> Result<Request<Bytes>, http::Error> {
        Request::builder()
            .method(Method::PUT)
            .uri(&self.upload_url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("x-amz-acl", "public-read")
            .header(CONTENT_LENGTH, bytes.len())
            .body(bytes)
    }

    /// What the storage's answer to [`upload`](Self::upload) means; it has no body that matters.
    ///
    /// # Errors
    /// [`CallError::Refused`] when it said no, with its HTTP status as the code: even a 401 is about the URL, never
    /// about our session. [`CallError::Unanswered`] when it said nothing clear; a 202 only promises.
    pub fn stored(status: StatusCode) -> Result<Reply, CallError> {
        match status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => {
                Ok(Reply { data: Value::Null, server_time: None })
            }
            _ if status.is_client_error() => Err(CallError::Refused {
                code: i64::from(status.as_u16()),
                description: "the storage does not take the file".into(),
                extra: Value::Null,
            }),
            _ => Err(CallError::Unanswered { what: format!("HTTP {status} from the storage") }),
        }
    }
}

#[derive(Deserialize)]
struct WireAttachment {
    attachment_id: String,
    upload_url: String,
}

impl TryFrom<WireAttachment> for Attachment {
    type Error = Unreadable;

    fn try_from(wire: WireAttachment) -> Result<Self, Unreadable> {
        wire::need::<Uri>("upload_url", &wire.upload_url)?;
        Ok(Self { attachment_id: wire::need("attachment_id", &wire.attachment_id)?, upload_url: wire.upload_url })
    }
}

fn first_bytes(text: &str, max: usize) -> String {
    text[..text.floor_char_boundary(max)].to_owned()
}

fn first_chars(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

#[cfg(test)]
mod tests;
