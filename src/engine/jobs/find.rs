//! Find out who somebody is, and open a conversation with them when they are to be written to first.

use serde::{Deserialize, Serialize};

use super::{Last, Step, known};
use crate::engine::input::{Answer, Purpose};
use crate::id::UserId;
use crate::mixin::CallError;
use crate::mixin::messenger;
use crate::mixin::safe::{self, User};

/// By what they are known so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    Id(UserId),
    /// A Mixin ID: digits. Costs a search.
    Number(String),
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
}

impl Find {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let Some(last) = last else {
            return Ok(Step::Send(match &self.body.whom {
                Whom::Id(id) => safe::user(*id),
                Whom::Number(number) => safe::search(number),
            }));
        };
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
            Purpose::Counterparty { .. } => {
                let call = messenger::create_contact(self.bot, user.user_id);
                self.found = Some(user);
                Ok(Step::Send(call))
            }
        }
    }
}
