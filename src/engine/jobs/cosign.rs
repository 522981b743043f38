//! Add the bot's signature, the last one: re-read the inputs and the request, hold the seven checks on the
//! committed authorisation, and only then post. Signing twice is harmless: signatures are deterministic and the
//! server merges them.

use std::sync::Arc;

use super::course::Course;
use super::look;
use super::{Last, PAYLOAD_REFUSED, Step, known};
use crate::cosign::{self, Case, ReadInput, ReadReceiver, ReadRequest};
use crate::engine::input::Answer;
use crate::id::{RequestId, UserId};
use crate::kernel::Scalar;
use crate::mixin::CallError;
use crate::mixin::safe::{self, MultisigRequest, OutputsPage, VaultOutput};
use crate::trade::{Trade, Vault};

pub struct Cosign {
    /// As committed when the job was leased.
    pub trade: Trade,
    pub plan: u32,
    pub request: RequestId,
    pub halted: Option<String>,
    pub spend: Arc<Scalar>,
    /// Through the plan's inputs.
    pub course: Course,
    pub stage: Stage,
    pub outputs: Vec<VaultOutput>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Start,
    /// Of the outputs from this sequence on.
    Outputs(u64),
    Request,
    Signing,
}

impl Cosign {
    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let first = self.course.first().unwrap_or_default();
        let Some(last) = last else { return Ok(self.ask_outputs(first)) };
        match self.stage {
            Stage::Start => Ok(self.ask_outputs(first)),
            Stage::Outputs(from) => {
                let page = OutputsPage::read(&last?)?;
                self.outputs.extend(page.outputs);
                if let Some(next) = self.course.next(from, page.next_offset) {
                    return Ok(self.ask_outputs(next));
                }
                self.stage = Stage::Request;
                Ok(Step::Send(safe::multisig(self.request)))
            }
            Stage::Request => match known(last)? {
                None => Ok(refused("Mixin does not know the request any more", false)),
                Some(reply) => Ok(self.sign(&MultisigRequest::read(&reply)?)),
            },
            Stage::Signing => {
                if let Err(CallError::Refused { code, .. }) = &last
                    && PAYLOAD_REFUSED.contains(code)
                {
                    return Ok(Step::Done(Answer::Unsignable));
                }
                let signed = MultisigRequest::read(&last?)?;
                Ok(match self.counted(&signed) {
                    Some(answer) => Step::Done(answer),
                    None => refused("Mixin did not count the bot's signature", false),
                })
            }
        }
    }

    fn ask_outputs(&mut self, from: u64) -> Step {
        self.stage = Stage::Outputs(from);
        let Some(vault) = self.trade.vault() else { return refused("the trade has no vault", true) };
        Step::Send(safe::outputs(&vault.hash, Vault::THRESHOLD, from))
    }

    fn sign(&mut self, request: &MultisigRequest) -> Step {
        let plan = self.trade.plan(self.plan);
        let ours = plan.is_some_and(|plan| plan.carries(request.transaction_hash));
        if let Some(answer) = self.counted(request).filter(|_| ours) {
            return Step::Done(answer);
        }
        if complete(request) {
            return refused("both parties have signed; the bot is not needed", false);
        }
        if request.signers.is_empty() && plan.is_some_and(|plan| plan.must_tap) {
            return refused("a party must sign this request before the bot", false);
        }
        let inputs: Vec<ReadInput> = self.inputs();
        let case = Case {
            trade: &self.trade,
            plan: self.plan,
            halted: self.halted.as_deref(),
            inputs: &inputs,
            request: &read(request),
            spend: &self.spend,
        };
        match cosign::check(&case) {
            Ok(raw) => {
                self.stage = Stage::Signing;
                Step::Send(safe::sign_multisig(self.request, &raw))
            }
            Err(error) => refused(&error.to_string(), error.broken),
        }
    }

    /// What it means that the bot's signature stands on a request; `None` when it does not.
    fn counted(&self, request: &MultisigRequest) -> Option<Answer> {
        let stands = request.revoked_by.is_none() && request.signers.contains(&self.trade.terms.bot);
        let alone = || Answer::Undercounted { request: self.request };
        stands.then(|| if complete(request) { Answer::Cosigned } else { alone() })
    }

    /// The plan's inputs as just read, in the plan's order; those not found are missing.
    fn inputs(&self) -> Vec<ReadInput> {
        let frozen = self.trade.plan(self.plan).map(|plan| plan.inputs.as_slice()).unwrap_or_default();
        let read = frozen.iter().filter_map(|input| self.outputs.iter().find(|o| o.output_id == input.output_id));
        read.map(|output| ReadInput {
            hash: output.transaction_hash,
            index: output.output_index,
            asset: output.asset_hash,
            amount: output.amount,
            keys: output.keys.clone(),
            members_hash: output.receivers_hash,
            threshold: output.receivers_threshold,
            inscription: output.inscription,
            lock: look::lock(output),
        })
        .collect()
    }
}

fn complete(request: &MultisigRequest) -> bool {
    request.signers.len() >= usize::from(Vault::THRESHOLD)
}

fn refused(why: &str, broken: bool) -> Step {
    Step::Done(Answer::CosignRefused { why: why.to_owned(), broken })
}

fn read(request: &MultisigRequest) -> ReadRequest {
    let receiver = |receiver: &safe::Receiver| ReadReceiver {
        members: sorted(&receiver.members),
        threshold: receiver.threshold,
        outside: !receiver.destination.is_empty(),
    };
    ReadRequest {
        raw: request.raw.clone(),
        receivers: request.receivers.iter().map(receiver).collect(),
        views: request.views.iter().map(|view| hex::encode(view.0)).collect(),
        revoked: request.revoked_by.is_some(),
    }
}

fn sorted(members: &[UserId]) -> Vec<UserId> {
    let mut members = members.to_vec();
    members.sort_unstable();
    members
}
