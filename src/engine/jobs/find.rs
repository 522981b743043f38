//! Find out who somebody is, and open a conversation with them when they are to be written to first. Opening one that
//! is there changes nothing.

use serde::{Deserialize, Serialize};

use super::{Last, Step, known};
use crate::engine::input::{Answer, Purpose};
use crate::id::{ConversationId, UserId};
use crate::mixin::CallError;
use crate::mixin::conversation::{self, Conversation};
use crate::mixin::safe::{self, User};
use crate::mixin::{Reply, messenger};

/// By what they are known so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    Id(UserId),
    /// A Mixin ID: digits. Costs a search.
    Number(String),
    /// The same, first among the members of the group where they were named.
    Member {
        group: ConversationId,
        number: String,
    },
}

/// Body of a find job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindBody {
    pub whom: Whom,
    pub purpose: Purpose,
}

pub struct Find {
    pub bot: UserId,
    pub body: FindBody,
    pub found: Option<User>,
    /// Where the search among a group's members stands.
    pub among: Among,
}

/// A search among the members of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// Its members are being asked for.
    #[default]
    Listing,
    /// Their profiles are.
    Reading,
    /// Nobody there has the number: it is searched for like any other.
    Nobody,
}

impl Find {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let Some(last) = last else {
            return Ok(Step::Send(match &self.body.whom {
                Whom::Id(id) => safe::user(*id),
                Whom::Number(number) => safe::search(number),
                Whom::Member { group, .. } => conversation::conversation(*group),
            }));
        };
        if let Whom::Member { number, .. } = &self.body.whom
            && self.found.is_none()
            && self.among != Among::Nobody
        {
            let number = number.clone();
            return self.among_members(last, &number);
        }
        if let Some(user) = self.found.take() {
            // The conversation was the last call. A refusal means that they do not want strangers to write.
            let reachable = match last {
                Ok(_) => true,
                Err(CallError::Refused { .. } | CallError::NotFound { .. }) => false,
                Err(error) => return Err(error),
            };
            return Ok(Step::Done(Answer::Profile { user, reachable }));
        }
        let Some(reply) = known(last)? else { return Ok(Step::Done(Answer::NoSuchPerson)) };
        let user = User::read(&reply)?;
        match self.body.purpose {
            Purpose::Writer(_) => Ok(Step::Done(Answer::Profile { user, reachable: true })),
            Purpose::Newcomer { .. } => Ok(Step::Done(Answer::Profile { user, reachable: false })),
            Purpose::Counterparty { .. } | Purpose::Member(_) => Ok(self.reach(user)),
        }
    }

    /// Opens a conversation with them, to learn whether they can be written to.
    fn reach(&mut self, user: User) -> Step {
        let call = messenger::create_contact(self.bot, user.user_id);
        self.found = Some(user);
        Step::Send(call)
    }

    fn among_members(&mut self, last: Result<Reply, CallError>, number: &str) -> Result<Step, CallError> {
        // A group that cannot be read has no members to choose from.
        let reply = match last {
            Ok(reply) => Some(reply),
            Err(CallError::Refused { .. } | CallError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(reply) = reply {
            if self.among == Among::Listing {
                self.among = Among::Reading;
                return Ok(Step::Send(safe::users(&Conversation::read(&reply)?.members)));
            }
            if let Some(user) = User::read_list(&reply)?.into_iter().find(|user| user.number == number) {
                return Ok(self.reach(user));
            }
        }
        self.among = Among::Nobody;
        Ok(Step::Send(safe::search(number)))
    }
}
