//! Revoke the request of a transaction whose lock stands in the way of a plan, whoever made it; then read it back,
//! because a request that still has a signature is one tap from completion (dossier §11.6).

use super::{Last, Step, known};
use crate::engine::input::Answer;
use crate::mixin::CallError;
use crate::mixin::safe::{self, MultisigRequest};

pub struct Unlock {
    /// The hash of the transaction that holds the inputs, or the id of a request of ours.
    pub named: String,
    pub stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Finding,
    Revoking,
    ReadingBack,
}

impl Unlock {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let Some(last) = last else { return Ok(self.find(Stage::Finding)) };
        // 403: it has reached its threshold meanwhile; the next look will see the spend.
        if let Err(CallError::Refused { code: 403, .. }) = &last {
            return Ok(Step::Done(Answer::Unlocked));
        }
        let Some(reply) = known(last)? else { return Ok(Step::Done(Answer::Unlocked)) };
        if self.stage == Stage::Revoking {
            return Ok(self.find(Stage::ReadingBack));
        }
        let found = MultisigRequest::read(&reply)?;
        if found.revoked_by.is_some() || self.stage == Stage::ReadingBack && found.signers.is_empty() {
            return Ok(Step::Done(Answer::Unlocked));
        }
        if self.stage == Stage::ReadingBack {
            return Err(CallError::Unanswered {
                what: "the request was to be revoked and still has signatures".into(),
            });
        }
        self.stage = Stage::Revoking;
        Ok(Step::Send(safe::unlock_multisig(found.request_id)))
    }

    fn find(&mut self, stage: Stage) -> Step {
        self.stage = stage;
        Step::Send(safe::multisig_by(&self.named))
    }
}
