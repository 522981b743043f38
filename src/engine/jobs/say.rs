//! Say something to people: one batch, one call. The message ids were chosen before, so a batch that went
//! unanswered is sent again and arrives once (messaging §3).

use super::{Last, Step};
use crate::engine::input::Answer;
use crate::mixin::CallError;
use crate::mixin::messenger::{self, OutMessage};

pub struct Say {
    pub messages: Vec<OutMessage>,
}

impl Say {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        match last.transpose()? {
            None => Ok(Step::Send(messenger::send(&self.messages))),
            Some(_) => Ok(Step::Done(Answer::Said)),
        }
    }
}
