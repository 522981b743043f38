//! Open a plan's request at Mixin: look first, create only what is not there, compare what came back.

use super::{Last, Step, known};
use crate::engine::input::Answer;
use crate::id::{Hash, RequestId};
use crate::mixin::CallError;
use crate::mixin::safe::{self, MultisigRequest};

/// Another transaction, or another request, has a claim on an input (dossier §11.7).
const INPUTS_CLAIMED: i64 = 10_105;

pub struct Open {
    pub request: RequestId,
    pub raw: Vec<u8>,
    pub hash: Hash,
    pub stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Start,
    Looking,
    Creating,
}

impl Open {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let Some(last) = last else {
            self.stage = Stage::Looking;
            return Ok(Step::Send(safe::multisig(self.request)));
        };
        if let (Stage::Creating, Err(CallError::Busy { code: INPUTS_CLAIMED, wait, .. })) = (self.stage, &last) {
            return Ok(Step::Done(Answer::Blocked { wait: *wait }));
        }
        match (self.stage, known(last)?) {
            (Stage::Looking, None) => {
                self.stage = Stage::Creating;
                Ok(Step::Send(safe::create_multisig(self.request, &self.raw)))
            }
            (_, Some(reply)) => {
                let found = MultisigRequest::read(&reply)?;
                let ours = found.transaction_hash == self.hash && found.revoked_by.is_none();
                Ok(Step::Done(if ours { Answer::Opened } else { Answer::Taken }))
            }
            (_, None) => Err(CallError::Unanswered { what: "the request was created but is not known".into() }),
        }
    }
}
