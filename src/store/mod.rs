//! `SQLite` behind a dozen batch-shaped functions. Nothing outside this room knows SQL, so a second engine can
//! come later behind the same functions.
//!
//! One connection writes, owned by the one thread that owns the truth; others read. Every batch of rows is one
//! statement: rows travel as one JSON array through `json_each`.

mod backup;
mod batch;
mod halts;
mod jobs;
mod judges;
mod ledger;
mod open;
mod operator;
mod read;
mod rooms;
mod schema;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::chat::{Dialog, Lang, Person, Trust};
use crate::id::{ConversationId, Hash, JobId, MessageId, TradeId, UserId};
use crate::time::Millis;
use crate::trade::{Event, Trade};

pub use backup::{Contents, PutBack, restore};
pub use batch::{Changes, Found, Wanted};
pub use halts::{Halt, Halts, Restored, Scope, TradeHalt};
pub use jobs::Due;
pub use judges::{JUDGES, RuledRow};
pub use ledger::Checked;
pub use open::{Store, StoreError, can_be_made, runs};
pub use operator::{Beside, Operator, OperatorAnswer};
pub use read::{DepositSeen, JobSeen, Read, Reader};
pub use rooms::RoomRow;

/// A person's row: who they are, how they speak, and where their dialog stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub person: Person,
    /// What they chose or wrote in; `None`: nothing is known of it.
    pub lang: Option<Lang>,
    pub dialog: Dialog,
    /// They wrote to the bot, or the bot opened a conversation with them: messages will arrive.
    pub reachable: bool,
    /// Machine time of the last profile read; `None`: never.
    pub read_at: Option<Millis>,
    /// How they trade, whom they keep away, how fast they talk. No profile read touches it.
    #[serde(default)]
    pub trust: Trust,
    /// Where they began the draft they are at: the offer is shown there.
    #[serde(default)]
    pub group: Option<ConversationId>,
}

/// An inbound message, kept so that handling it twice has no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRow {
    pub id: MessageId,
    pub from: UserId,
    pub conversation: ConversationId,
    /// Server time: when it counts.
    pub at: Millis,
    pub body: serde_json::Value,
    /// Waits for the sender's profile before it can be understood.
    pub held: bool,
}

/// A single-use permission for a binding act without a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub token: String,
    pub person: UserId,
    /// `None`: for a draft that is no trade yet.
    pub trade: Option<TradeId>,
    pub act: crate::chat::Binding,
    /// Of the numbers that were shown: the terms' hash, the draft's, or the joiner's.
    pub numbers: Hash,
    /// Server time.
    pub expires: Millis,
    pub used: bool,
}

/// An output of some vault of ours, seen once and remembered: which trade it serves, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositRow {
    pub output_id: uuid::Uuid,
    pub vault: Hash,
    pub trade: Option<TradeId>,
    pub sequence: u64,
    pub spent: bool,
    /// As it was last seen, for people and for the operator.
    pub seen: serde_json::Value,
    /// Of one that serves no trade: whose members were asked about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// What came of the question whether an output is for a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Not both have said yes yet.
    Open(TradeId),
    /// One of them said no.
    Refused(TradeId),
}

/// What is known of a vault beside its trades. Saved piece by piece: what is not given stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultRow {
    /// MixPay's id for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<uuid::Uuid>,
    /// Money that MixPay sent for a trade of this vault was seen in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by_mixpay: Option<bool>,
    /// The last day, by server time since 1970, on which its members were told of money that names no trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_on: Option<i64>,
}

/// What an exhibit says: the payload of its message, as it came. Its number and hash stand in the trade's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExhibitRow {
    pub trade: TradeId,
    pub no: u32,
    /// Like `PLAIN_TEXT`.
    pub category: String,
    /// A text, or the JSON that names a file.
    pub data: String,
}

/// Something the bot will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    pub id: JobId,
    pub kind: Kind,
    /// Jobs of one lane leave one after the other, in the order they were made.
    pub lane: String,
    pub trade: Option<TradeId>,
    /// Machine time.
    pub run_at: Millis,
    /// However they ended.
    pub tries: u32,
    /// Tries that were refused; an outage raises only `tries`.
    #[serde(default)]
    pub refusals: u32,
    pub body: serde_json::Value,
}

/// The kinds of jobs: a file each in `engine/jobs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Say,
    Look,
    Find,
    Keys,
    Open,
    Cosign,
    Unlock,
    /// Keeps one order at MixPay: makes it, then asks after it.
    Order,
    /// Puts a picture where Mixin wants it, to be said afterwards.
    Upload,
    /// Reads a request somebody asks about.
    Verify,
    /// Says something to a whole group, over the live connection.
    Post,
    /// Makes a trade's room, or lets somebody in.
    Room,
}

impl Kind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Say => "say",
            Self::Look => "look",
            Self::Find => "find",
            Self::Keys => "keys",
            Self::Open => "open",
            Self::Cosign => "cosign",
            Self::Unlock => "unlock",
            Self::Order => "order",
            Self::Upload => "upload",
            Self::Verify => "verify",
            Self::Post => "post",
            Self::Room => "room",
        }
    }
}

/// What becomes of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Done: the row goes.
    Done,
    /// Once more, then; `tries` rises.
    Again { at: Millis },
    /// The same after a refusal: `refusals` rises too.
    Refused { at: Millis },
    /// A standing job: next time then, tries start over.
    Next { at: Millis },
    /// Never by itself: a person must look.
    Parked { why: String },
}

/// A line of a trade's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub trade: TradeId,
    pub version: u64,
    /// Server time.
    pub at: Millis,
    pub event: Event,
}

/// The current trade together with what its row is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct TradeRow {
    pub trade: Trade,
    pub wake_at: Option<Millis>,
    /// Server time until which looks at its vault load it.
    pub watched_until: Millis,
}

/// How many searches by number were made; survives restarts, because Mixin's lock does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searches {
    /// Machine times within the last hour.
    pub made: Vec<Millis>,
    pub locked_until: Option<Millis>,
}
