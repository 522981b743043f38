//! What was said and sent in a dispute, in order: its number, who, when, what kind, how much, and hashes. What it says is
//! kept beside the row, and nothing here depends on it.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::{Hash, MessageId, TradeId, UserId};
use crate::time::Millis;
use crate::trade::case::Case;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::dispute::may_change;
use crate::trade::event::Event;
use crate::trade::state::{State, Trade};

/// Exhibits one side may add in a trade, over both disputes.
pub const EACH_MAX: usize = 50;
/// The longest text, in bytes.
pub const TEXT_MAX: usize = 8 * 1024;
/// The longest payload of a message that only names a file, thumbnail included, in bytes.
const NAMING_MAX: usize = 32 * 1024;
/// The largest file, by what its message says, in bytes. Nothing here ever fetches one.
pub const FILE_MAX: u64 = 256 * 1024 * 1024;
/// Longest name of a file's kind, in bytes.
const MIME_MAX: usize = 100;

/// What begins every chain, so that its hashes are taken for nothing else.
const GENESIS: &[u8] = b"mixin-escrow/evidence/1\n";

/// What an exhibit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExhibitKind {
    Text,
    /// Markdown, which is kept as a text.
    Post,
    Picture,
    Video,
    Audio,
    File,
    /// Somebody's contact card.
    Contact,
}

impl ExhibitKind {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Post, Self::Picture, Self::Video, Self::Audio, Self::File, Self::Contact];

    /// The category of its message (messaging §4.3).
    #[must_use]
    pub const fn category(self) -> &'static str {
        match self {
            Self::Text => "PLAIN_TEXT",
            Self::Post => "PLAIN_POST",
            Self::Picture => "PLAIN_IMAGE",
            Self::Video => "PLAIN_VIDEO",
            Self::Audio => "PLAIN_AUDIO",
            Self::File => "PLAIN_DATA",
            Self::Contact => "PLAIN_CONTACT",
        }
    }

    /// Its byte in the chain: never changed, never used for another.
    const fn byte(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Post => 2,
            Self::Picture => 3,
            Self::Video => 4,
            Self::Audio => 5,
            Self::File => 6,
            Self::Contact => 7,
        }
    }

    /// What a file of this kind must call itself; `None`: it is none.
    const fn mime(self) -> Option<&'static str> {
        match self {
            Self::Picture => Some("image/"),
            Self::Video => Some("video/"),
            Self::Audio => Some("audio/"),
            Self::File => Some(""),
            Self::Text | Self::Post | Self::Contact => None,
        }
    }
}

/// A message that came as evidence, before it has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub message: MessageId,
    /// Server time.
    pub at: Millis,
    pub kind: ExhibitKind,
    /// Bytes: of the text, or of the file as its sender's app says.
    pub size: u64,
    /// SHA-256 of the message's payload as it came: the text's bytes, or the JSON that names a file.
    pub sha256: Hash,
}

/// One exhibit: it stands in the trade's row, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// From 1.
    pub no: u32,
    pub by: UserId,
    #[serde(flatten)]
    pub sent: Sent,
    /// SHA-256 over the link before and everything above.
    pub chain: Hash,
}

impl Exhibit {
    /// The exhibit that follows `before`, the last link of the chain.
    #[must_use]
    pub fn after(before: Hash, no: u32, by: UserId, sent: Sent) -> Self {
        Self { no, by, sent, chain: link(before, no, by, &sent) }
    }
}

/// The first link of a trade's chain: SHA-256 of a label, the trade's id (16 bytes) and its terms' hash (32).
#[must_use]
pub fn genesis(trade: TradeId, terms: Hash) -> Hash {
    let hash = Sha256::new().chain_update(GENESIS).chain_update(trade.0.as_bytes()).chain_update(terms.0);
    Hash(hash.finalize().into())
}

/// A link: SHA-256 of the one before (32 bytes), number (4), person (16), server time in milliseconds (8, signed), message
/// (16), kind (1), size (8), SHA-256 of the payload (32); numbers with the highest byte first.
fn link(before: Hash, no: u32, by: UserId, sent: &Sent) -> Hash {
    let hash = Sha256::new()
        .chain_update(before.0)
        .chain_update(no.to_be_bytes())
        .chain_update(by.0.as_bytes())
        .chain_update(sent.at.0.to_be_bytes())
        .chain_update(sent.message.0.as_bytes())
        .chain_update([sent.kind.byte()])
        .chain_update(sent.size.to_be_bytes())
        .chain_update(sent.sha256.0);
    Hash(hash.finalize().into())
}

/// A file somewhere at Mixin, as a message names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    pub attachment: Uuid,
    /// `image/png`: letters, digits and a few signs only.
    pub mime: String,
    /// The sender's own word.
    pub name: String,
    /// Pixels; 0 where none are said.
    pub width: u32,
    pub height: u32,
    /// Milliseconds; 0 where none are said.
    pub duration: u64,
}

/// What is in a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    File(FileRef),
    Contact(UserId),
}

/// Why a message can be no exhibit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Not of a kind that is kept.
    Kind,
    /// A text longer than [`TEXT_MAX`], or a file larger than [`FILE_MAX`].
    TooLarge,
    /// It is not what its category says.
    Unreadable,
}

/// Reads a message as evidence: the same bytes give the same answer for ever, here and in a file that is verified.
///
/// # Errors
/// [`Unfit`]: it is not kept, and its sender is told.
pub fn read(category: &str, data: &[u8]) -> Result<(ExhibitKind, u64, Content), Unfit> {
    let kind = ExhibitKind::ALL.into_iter().find(|kind| kind.category() == category).ok_or(Unfit::Kind)?;
    let len = u64::try_from(data.len()).map_err(|_| Unfit::TooLarge)?;
    if data.len() > if kind.mime().is_some() { NAMING_MAX } else { TEXT_MAX } {
        return Err(Unfit::TooLarge);
    }
    let text = std::str::from_utf8(data).map_err(|_| Unfit::Unreadable)?;
    match kind {
        ExhibitKind::Text | ExhibitKind::Post if text.trim().is_empty() => Err(Unfit::Unreadable),
        ExhibitKind::Text | ExhibitKind::Post => Ok((kind, len, Content::Text(text.to_owned()))),
        ExhibitKind::Contact => {
            let body: Value = serde_json::from_str(text).map_err(|_| Unfit::Unreadable)?;
            let person = body.get("user_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
            Ok((kind, len, Content::Contact(person.ok_or(Unfit::Unreadable)?)))
        }
        ExhibitKind::Picture | ExhibitKind::Video | ExhibitKind::Audio | ExhibitKind::File => {
            let (size, file) = file(text, kind.mime().unwrap_or_default()).ok_or(Unfit::Unreadable)?;
            if size > FILE_MAX { Err(Unfit::TooLarge) } else { Ok((kind, size, Content::File(file))) }
        }
    }
}

/// The fields that are needed, and nothing of what else somebody may have put in.
fn file(text: &str, begins: &str) -> Option<(u64, FileRef)> {
    let body: Value = serde_json::from_str(text).ok()?;
    let attachment: Uuid = body.get("attachment_id")?.as_str()?.parse().ok()?;
    let mime = body.get("mime_type")?.as_str()?.to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.');
    let size = body.get("size")?.as_u64().filter(|size| *size > 0)?;
    let shaped = mime.len() <= MIME_MAX && mime.chars().all(plain) && mime.matches('/').count() == 1;
    if !shaped || !mime.starts_with(begins) {
        return None;
    }
    let pixels = |key| body.get(key).and_then(Value::as_u64).and_then(|many| u32::try_from(many).ok()).unwrap_or(0);
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let duration = body.get("duration").and_then(Value::as_u64).unwrap_or(0);
    Some((size, FileRef { attachment, mime, name, width: pixels("width"), height: pixels("height"), duration }))
}

/// SHA-256 of a payload.
#[must_use]
pub fn sha256(data: &[u8]) -> Hash {
    Hash(Sha256::digest(data).into())
}

impl Sent {
    /// A message as evidence.
    ///
    /// # Errors
    /// As [`read`].
    pub fn of(message: MessageId, at: Millis, category: &str, data: &[u8]) -> Result<Self, Unfit> {
        let (kind, size, _) = read(category, data)?;
        Ok(Self { message, at, kind, size, sha256: sha256(data) })
    }
}

impl Trade {
    /// The last link of its chain of evidence.
    #[must_use]
    pub fn evidence_head(&self) -> Hash {
        self.exhibits.last().map_or_else(|| genesis(self.id, self.terms_hash), |exhibit| exhibit.chain)
    }

    /// Whether somebody may add an exhibit now: a party, while a judge was called for and nothing is ruled.
    ///
    /// # Errors
    /// Why not; [`Refusal::TooOften`] when they have added [`EACH_MAX`].
    pub fn may_add_evidence(&self, by: UserId) -> Result<(), Refusal> {
        if self.role_of(by).is_none() {
            return Err(Refusal::NotYours);
        }
        may_change(self)?;
        if !matches!(self.state, State::Disputed { .. }) {
            return Err(Refusal::NoDispute);
        }
        if self.ruling().is_some() {
            return Err(Refusal::AlreadyRuled);
        }
        if self.exhibits_of(by).count() >= EACH_MAX {
            return Err(Refusal::TooOften);
        }
        Ok(())
    }

    /// Who may have an exhibit shown: the two, and who has the case in hand or has ruled in it. Whoever is only asked
    /// may still say that they know one of the two. Of judges also that they are one still is asked.
    #[must_use]
    pub fn may_read_evidence(&self, person: UserId) -> bool {
        let hand = self.open_case().and_then(Case::judge) == Some(person);
        let ruled = self.case.as_ref().is_some_and(|case| case.has_ruled(person));
        self.parties.is_some() && self.role_of(person).is_some() || self.role_of(person).is_none() && (hand || ruled)
    }

    /// Who may read what evidence there is, by number and kind: also who is asked to judge.
    #[must_use]
    pub fn may_list_evidence(&self, person: UserId) -> bool {
        self.may_read_evidence(person) || self.judged_by(person)
    }

    /// The exhibits somebody added.
    pub fn exhibits_of(&self, person: UserId) -> impl Iterator<Item = &Exhibit> {
        self.exhibits.iter().filter(move |exhibit| exhibit.by == person)
    }
}

/// One more exhibit. The same message is one exhibit.
pub(super) fn add(draft: &mut Draft<'_>, by: UserId, sent: &Sent) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.exhibits.iter().any(|exhibit| exhibit.sent.message == sent.message) {
        return Err(Refusal::Already);
    }
    trade.may_add_evidence(by)?;
    let no = trade.exhibits.last().map_or(0, |last| last.no).saturating_add(1);
    let exhibit = Exhibit::after(trade.evidence_head(), no, by, *sent);
    draft.push(Event::Exhibit { exhibit });
    Ok(())
}
