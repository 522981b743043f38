//! Keep one order at MixPay: make it, then ask after it. One call a try, because MixPay counts every call; what a
//! call brings is committed before the next one leaves.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Last, Step};
use crate::engine::input::Answer;
use crate::id::{AssetId, Hash};
use crate::mixin::{CallError, Reply};
use crate::mixpay::{self, Call, Class, Expected, PaymentResult, QuoteAsset, Status};
use crate::time::Millis;
use crate::trade::order::{Failure, Opened, Progress};

/// MixPay's own code, and HTTP's (dossier §15.1).
const TOO_MANY: [i64; 2] = [429, 1_429];

/// What the row of such a job says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderBody {
    /// The order's round.
    pub order: u32,
    /// Whose share of the budget it leaves by.
    pub class: Class,
}

/// One try.
pub struct Order {
    pub ask: Ask,
    began: Millis,
}

/// The one thing asked in this try.
#[derive(Clone, Debug)]
pub enum Ask {
    /// MixPay's id for the vault; the same for the same members, so asking again is harmless (dossier §15.2).
    Payee { vault: Hash, call: Call },
    /// What may be paid, and how little or much.
    Limits { call: Call },
    /// Whether MixPay can settle in this asset just now.
    Available { asset: AssetId, call: Call },
    /// The order itself; the same parameters again give the same code (dossier §15.3).
    Make { payee: Uuid, call: Call },
    /// How it stands.
    Result { expected: Expected, call: Call },
    /// Nothing: it is not offered.
    Nothing { why: String },
}

/// What MixPay said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MixPaySaid {
    Payee {
        vault: Hash,
        payee: Uuid,
    },
    Limits(Vec<QuoteAsset>),
    Available {
        asset: AssetId,
        yes: bool,
    },
    Opened(Opened),
    /// `asked`: machine time.
    Progress {
        progress: Progress,
        asked: Millis,
    },
    /// It speaks of another payment than ours, or cannot be read: nothing follows from it.
    Unbelievable {
        why: String,
    },
}

impl Order {
    #[must_use]
    pub const fn new(ask: Ask) -> Self {
        Self { ask, began: Millis(0) }
    }

    pub(super) fn next(&mut self, last: Last, now: Millis) -> Result<Step, CallError> {
        let Some(last) = last else {
            self.began = now;
            return Ok(match &self.ask {
                Ask::Nothing { why } => Step::Done(Answer::NotOffered { why: why.clone() }),
                Ask::Payee { call, .. }
                | Ask::Limits { call }
                | Ask::Available { call, .. }
                | Ask::Make { call, .. }
                | Ask::Result { call, .. } => Step::Ask(call.clone()),
            });
        };
        let last = last.map_err(|error| match error {
            // Maintenance and the like concern this order, or are an outage; too many requests concern all of them.
            CallError::Busy { code, description, .. } if !TOO_MANY.contains(&code) => {
                CallError::Unanswered { what: format!("MixPay is away ({code}): {description}") }
            }
            other => other,
        })?;
        Ok(Step::Done(Answer::MixPay(self.read(&last)?)))
    }

    fn read(&self, reply: &Reply) -> Result<MixPaySaid, CallError> {
        Ok(match &self.ask {
            Ask::Payee { vault, .. } => MixPaySaid::Payee { vault: *vault, payee: mixpay::read_multisig(reply)? },
            Ask::Limits { .. } => MixPaySaid::Limits(mixpay::read_quote_assets(reply)?),
            Ask::Available { asset, .. } => {
                MixPaySaid::Available { asset: *asset, yes: mixpay::read_available(reply, *asset)? }
            }
            Ask::Make { payee, .. } => MixPaySaid::Opened(Opened { payee: *payee, code: mixpay::read_code(reply)? }),
            Ask::Result { expected, .. } => match mixpay::read_result(reply, expected) {
                Ok(result) => MixPaySaid::Progress { progress: progress(&result), asked: self.began },
                Err(why) => MixPaySaid::Unbelievable { why: why.to_string() },
            },
            Ask::Nothing { .. } => MixPaySaid::Unbelievable { why: "nothing was asked".into() },
        })
    }
}

/// MixPay's words in ours (dossier §15.5). `success` is the payer's side only.
fn progress(result: &PaymentResult) -> Progress {
    match result.status {
        Status::Unpaid => Progress::Unpaid,
        Status::Pending if result.multi_pay && result.fully_paid == Some(false) => Progress::Short,
        Status::Pending => Progress::Seen,
        Status::Auditing => Progress::Checking,
        Status::Success if result.settled => Progress::Moved,
        Status::Success => Progress::MovingIn,
        Status::Failed => Progress::Failed(match result.failure {
            40_000 => Failure::Late,
            40_020 => Failure::WrongAsset,
            40_021 => Failure::Twice,
            40_024 => Failure::WrongAmount,
            40_025 => Failure::Volatile,
            other => Failure::Other(other),
        }),
    }
}
