//! Fetch the one-time keys of a plan's outputs. The hints fix them: asking again after a crash gives the same.

use super::{Last, Step};
use crate::engine::input::Answer;
use crate::mixin::CallError;
use crate::mixin::safe::{self, GhostKeys, KeyRequest};
use crate::trade::plan::OutputKeys;

pub struct Keys {
    /// One a payout, in output order.
    pub requests: Vec<KeyRequest>,
    /// Place of the fee's output, if there is one.
    pub fee: Option<usize>,
    /// Asking for everybody but the fee's receiver, to learn whether the fee is what stands in the way.
    pub without_fee: bool,
}

/// A receiver has no Safe, or is none (dossier §8.1).
const NOT_PAYABLE: [i64; 2] = [10_404, 20_150];

impl Keys {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let reply = match last {
            None => return Ok(Step::Send(safe::keys(&self.requests))),
            Some(Err(CallError::Refused { code, .. }))
                if NOT_PAYABLE.contains(&code) && !self.without_fee && self.fee.is_some() =>
            {
                self.without_fee = true;
                let others = self.requests.iter().enumerate().filter(|(nth, _)| Some(*nth) != self.fee);
                let others: Vec<KeyRequest> = others.map(|(_, request)| request.clone()).collect();
                return Ok(Step::Send(safe::keys(&others)));
            }
            Some(answer) => answer?,
        };
        if self.without_fee {
            return Ok(Step::Done(Answer::FeeUnpayable));
        }
        let keys = GhostKeys::read(&reply, &self.requests)?;
        let keys = keys.into_iter().map(|key| OutputKeys { mask: key.mask, keys: key.keys }).collect();
        Ok(Step::Done(Answer::Keys(keys)))
    }
}
