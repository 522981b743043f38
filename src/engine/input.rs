//! Everything that can start work, as one closed enum.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jobs::{MixPaySaid, RequestSaid, RoomSaid};
use crate::id::{ConversationId, Hash, MessageId, RequestId, TradeId, UserId};
use crate::mixin::blaze::{Drained, Event, InboundMessage};
use crate::mixin::messenger::Image;
use crate::mixin::safe::User;
use crate::store::{JobRow, Operator};
use crate::time::Millis;
use crate::trade::command::SeenRequest;
use crate::trade::deposit::Seen;
use crate::trade::plan::OutputKeys;

/// One thing that happened. Many go through the door together, in one commit.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message was pushed to us. Delivered at least once; handled once. If the process dies before the commit it
    /// is not acknowledged and comes again.
    Chat(InboundMessage),
    /// A job was tried. If the process dies before the commit, the lease runs out and the job is tried again
    /// under the same id.
    Answered { job: JobRow, answer: Answer },
    /// The wake of a trade has come.
    Wake(TradeId),
    /// Somebody says that something happened to the order with this id. Anybody may: it is a reason to look and
    /// nothing else. Lost when the process dies; MixPay repeats it, and people and deadlines ask anyway.
    Hint { order: String },
    /// The operator asked for something: the row `seq` of the table of that name.
    Operator { seq: i64, input: Operator },
    /// What the connection does; deadlines count only the time it lives.
    Line(Line),
}

impl Input {
    /// What an event of the live connection means; `None` when there is nothing to commit.
    #[must_use]
    pub fn heard(event: Event) -> Option<Self> {
        match event {
            Event::Message(message) => return Some(Self::Chat(message)),
            Event::PendingListed => return Some(Self::Line(Line::Up)),
            Event::Unreadable { message_id: Some(id), why, raw } => {
                tracing::warn!(message.id = %id, why, "a message cannot be read; it is kept and acknowledged");
                return Some(Self::Chat(unreadable(id, raw)));
            }
            Event::Unreadable { message_id: None, why, .. } => tracing::warn!(why, "a frame cannot be read"),
            Event::Unauthorized { description } => {
                tracing::warn!(description, "the server ended our session on the live connection");
            }
            Event::Complaint(error) => tracing::warn!(%error, "the server complained"),
            Event::Receipt { .. } | Event::Posted { .. } | Event::Dropped { .. } => {}
        }
        None
    }
}

/// What could not be read is kept like a message of nobody's, so that it can be acknowledged.
fn unreadable(message_id: MessageId, raw: String) -> InboundMessage {
    InboundMessage {
        conversation_id: ConversationId(Uuid::nil()),
        user_id: UserId(Uuid::nil()),
        message_id,
        category: "UNREADABLE".into(),
        data: raw.into_bytes(),
        quote_message_id: None,
        created_at: Millis(0),
        source: String::new(),
    }
}

/// The Blaze connection, and the clock it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is open and `LIST_PENDING_MESSAGES` was answered.
    Up,
    /// Still open: said at least once a minute.
    Alive,
    Down,
    /// How much of what was said has come on this connection, and was told before this. Known in memory only: a process
    /// that dies must hear it again.
    Drained(Drained),
    /// A final 401: it will not come up again.
    Refused,
    /// An answer told the server's time: server minus machine.
    Offset(Millis),
}

/// How a try of a job ended. The last four are the same for every kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Said,
    Looked(Looked),
    /// `reachable`: a conversation with them is open.
    Profile {
        user: User,
        reachable: bool,
    },
    NoSuchPerson,
    Keys(Vec<OutputKeys>),
    /// Only the fee's receiver cannot be paid.
    FeeUnpayable,
    Opened,
    /// Our request's id holds something else, or something revoked.
    Taken,
    Cosigned,
    /// The bot's signature stands on this request, alone.
    Undercounted {
        request: RequestId,
    },
    CosignRefused {
        why: String,
        broken: bool,
    },
    Unlocked,
    MixPay(MixPaySaid),
    /// MixPay is not offered for this; it was not asked.
    NotOffered {
        why: String,
    },
    /// The picture is where everybody can fetch it; nobody was told yet.
    Uploaded(Image),
    /// What somebody asked about.
    Verified(RequestSaid),
    /// What became of a trade's room.
    Roomed(RoomSaid),
    /// Mixin refuses the bot's signature for the payload itself: a key of it is burnt, or the server is wrong.
    Unsignable,
    /// The request cannot be created: something has a claim on its inputs. Again after the wait.
    Blocked {
        wait: Millis,
    },
    /// Nothing happened; again after the wait.
    Busy {
        wait: Millis,
    },
    /// It may have happened; the next try looks it up first.
    Unanswered {
        what: String,
    },
    /// It will never happen; a person must look.
    Refused {
        code: i64,
        why: String,
    },
    /// Our token is not accepted: nothing works until the operator mends the keystore or the clock.
    Unauthorized {
        why: String,
    },
}

/// What one look at a vault saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    pub vault: Option<Hash>,
    /// Machine time.
    pub began: Millis,
    pub outputs: Vec<Seen>,
    pub requests: Vec<(TradeId, SeenRequest)>,
    /// Trades whose present pay link's trace is borne by a final transaction.
    pub traces_used: Vec<TradeId>,
    /// There are more outputs than one look reads: what was not seen may still be there.
    #[serde(default)]
    pub partial: bool,
    /// A question about a link or a request was not answered, and left out.
    #[serde(default)]
    pub unanswered: bool,
}

/// Whom a find job is for and what is to be done when it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They wrote: their messages are held until we know who they are.
    Writer(UserId),
    /// The counterparty of this person's draft.
    Counterparty { of: UserId },
    /// They wrote in a group: what they said is held until we know who they are and whether they can be written to.
    Member(UserId),
    /// They came into a trade's room, and those in it shall hear who that is.
    Newcomer { room: ConversationId, person: UserId },
}
