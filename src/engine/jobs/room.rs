//! Make a trade's room, or let somebody into it. The group's id was derived before, so it is looked for before it is
//! made: however often this is tried there is one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Last, Step};
use crate::engine::input::Answer;
use crate::id::{ConversationId, UserId};
use crate::mixin::CallError;
use crate::mixin::conversation::{self, Conversation};
use crate::store::{JobRow, Kind};

/// Mixin's word for "you may not".
const FORBIDDEN: i64 = 403;

/// Body of a room job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomBody {
    pub conversation: ConversationId,
    pub what: RoomWork,
}

/// What is to be done with the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomWork {
    /// Make it with these members. `by` asked for it; `without` join by its link, since they take no invitations.
    Make { random: Uuid, name: String, by: UserId, members: Vec<UserId>, without: Vec<UserId> },
    /// Let them in.
    Admit { person: UserId },
}

impl RoomBody {
    /// The body of a room job; `None` for other kinds.
    #[must_use]
    pub fn of(job: &JobRow) -> Option<Self> {
        (job.kind == Kind::Room).then(|| serde_json::from_value(job.body.clone()).ok())?
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomSaid {
    /// The group is there; these are in it, the bot among them.
    Stands { members: Vec<UserId>, link: Option<String> },
    /// It is there, and the bot is not in it.
    Closed,
    /// Somebody takes no invitations.
    Unwilling,
}

pub struct Room {
    pub body: RoomBody,
    pub looked: bool,
}

impl Room {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let id = self.body.conversation;
        match (&self.body.what, last) {
            (RoomWork::Make { .. }, None) => Ok(Step::Send(conversation::conversation(id))),
            (RoomWork::Make { random, name, members, .. }, Some(Err(CallError::NotFound { .. }))) if !self.looked => {
                self.looked = true;
                Ok(Step::Send(conversation::create_group(id, *random, name, members)))
            }
            (RoomWork::Make { .. }, Some(Err(CallError::Refused { code: FORBIDDEN, .. }))) => {
                Ok(Step::Done(Answer::Roomed(if self.looked { RoomSaid::Unwilling } else { RoomSaid::Closed })))
            }
            (RoomWork::Admit { person }, None) => Ok(Step::Send(conversation::add_member(id, *person))),
            (RoomWork::Admit { .. }, Some(Err(CallError::Refused { code: FORBIDDEN, .. }))) => {
                Ok(Step::Done(Answer::Roomed(RoomSaid::Unwilling)))
            }
            (_, Some(last)) => {
                let Conversation { members, link } = Conversation::read(&last?)?;
                Ok(Step::Done(Answer::Roomed(RoomSaid::Stands { members, link })))
            }
        }
    }
}
