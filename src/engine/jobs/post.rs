//! Say something to a whole group: only the live connection can (messaging §5.1). The message's id was chosen before, so
//! what went unanswered is said again and arrives once.

use super::{Last, Step};
use crate::engine::input::Answer;
use crate::mixin::CallError;
use crate::mixin::messenger::OutMessage;

pub struct Post {
    pub message: OutMessage,
}

impl Post {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        match last.transpose()? {
            None => Ok(Step::Post(Box::new(self.message.clone()))),
            Some(_) => Ok(Step::Done(Answer::Said)),
        }
    }
}
