//! Read a request somebody asks about, as the bot's own user, and who the people named in it are. Reads only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Last, Step, known};
use crate::engine::input::Answer;
use crate::id::{Hash, UserId};
use crate::mixin::CallError;
use crate::mixin::safe::{self, MultisigRequest, SafeTransaction, TransactionState, User};
use crate::store::{JobRow, Kind};

/// People whose profiles are read at most; whoever is beyond is told by id.
const PEOPLE_MAX: usize = 40;
/// Mixin's answer to whoever is no member of the vault (dossier U-13).
const HIDDEN: i64 = 403;

/// Body of a verify job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyBody {
    /// Whoever asks; the answer is for nobody else.
    pub by: UserId,
    /// A request's id, or its transaction's hash.
    pub asked: String,
    /// Nobody asked: the law found it over money of theirs.
    #[serde(default)]
    pub unasked: bool,
}

impl VerifyBody {
    /// `None` when the row is of another kind or cannot be read.
    pub(crate) fn of(job: &JobRow) -> Option<Self> {
        if job.kind != Kind::Verify {
            return None;
        }
        serde_json::from_value(job.body.clone()).ok()
    }
}

/// What Mixin says of a request. Nothing of it is believed before it is compared with the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestSaid {
    Shown {
        request: Box<MultisigRequest>,
        /// The transaction that was spent under the request's id.
        spent: Option<Hash>,
        /// Those named in it whom Mixin knows.
        people: Vec<User>,
    },
    /// Mixin knows no such request.
    Unknown,
    /// Mixin shows it to its members only, and the bot is none.
    Hidden,
}

pub struct Verify {
    asked: String,
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    Start,
    Request,
    Spend(Box<MultisigRequest>),
    People(Box<MultisigRequest>, Option<Hash>),
}

impl Verify {
    #[must_use]
    pub fn new(asked: String) -> Self {
        Self { asked, stage: Stage::Start }
    }

    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let said = |said| Ok(Step::Done(Answer::Verified(said)));
        match (std::mem::take(&mut self.stage), last) {
            (Stage::Request, Some(Err(CallError::Refused { code: HIDDEN, .. }))) => said(RequestSaid::Hidden),
            (Stage::Request, Some(last)) => match known(last)? {
                None => said(RequestSaid::Unknown),
                Some(reply) => {
                    let request = Box::new(MultisigRequest::read(&reply)?);
                    let names = [request.request_id.to_string(), request.transaction_hash.to_string()];
                    if !names.contains(&self.asked) {
                        return Err(CallError::Unanswered { what: "the answer is another request".into() });
                    }
                    if request.signers.len() < usize::from(request.senders_threshold) {
                        return Ok(self.people(request, None));
                    }
                    let id = request.request_id;
                    self.stage = Stage::Spend(request);
                    Ok(Step::Send(safe::transaction(id)))
                }
            },
            (Stage::Spend(request), Some(last)) => {
                let transaction = known(last)?.map(|reply| SafeTransaction::read(&reply)).transpose()?;
                let spent = transaction.filter(|tx| tx.state == TransactionState::Spent).map(|tx| tx.transaction_hash);
                Ok(self.people(request, spent))
            }
            (Stage::People(request, spent), Some(last)) => {
                // Names are a courtesy: without them people are told by their ids.
                let people = last.and_then(|reply| User::read_list(&reply)).unwrap_or_default();
                said(RequestSaid::Shown { request, spent, people })
            }
            (_, _) => {
                self.stage = Stage::Request;
                Ok(Step::Send(safe::multisig_by(&self.asked)))
            }
        }
    }

    fn people(&mut self, request: Box<MultisigRequest>, spent: Option<Hash>) -> Step {
        let receivers = request.receivers.iter().flat_map(|receiver| &receiver.members);
        let named = request.senders.iter().chain(&request.revoked_by).chain(&request.signers).chain(receivers);
        let mut seen = BTreeSet::new();
        let ids: Vec<UserId> = named.copied().filter(|id| seen.insert(*id)).take(PEOPLE_MAX).collect();
        self.stage = Stage::People(request, spent);
        Step::Send(safe::users(&ids))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::id::RequestId;
    use crate::mixin::{Call, Reply};

    const ASKED: RequestId = RequestId(Uuid::from_u128(7));

    type Heard = Result<Reply, CallError>;

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside failures")]
    fn ok(data: Value) -> Heard {
        Ok(Reply { data, server_time: None })
    }

    fn refused(code: i64) -> Heard {
        Err(CallError::Refused { code, description: String::new(), extra: Value::Null })
    }

    fn request(nth: u128, signers: u128) -> Value {
        let id = |nth: u128| Uuid::from_u128(nth);
        json!({
            "request_id": id(nth), "transaction_hash": Hash([1; 32]), "amount": "99", "raw_transaction": "77",
            "senders": [id(1), id(2), id(3)], "senders_hash": Hash([2; 32]), "senders_threshold": 2,
            "signers": (1..=signers).map(id).collect::<Vec<_>>(), "receivers": [{ "members": [id(9)] }],
        })
    }

    fn sent(step: &Step) -> Call {
        let Step::Send(call) = step else { panic!("{step:?}") };
        call.clone()
    }

    /// How a job ends whose calls are answered so, and where they went.
    fn run(answers: impl IntoIterator<Item = Heard>) -> (Vec<String>, Result<Step, CallError>) {
        let mut job = Verify::new(ASKED.to_string());
        let mut step = job.next(None);
        let mut asked = Vec::new();
        for last in answers {
            asked.push(sent(step.as_ref().unwrap()).path_and_query);
            step = job.next(Some(last));
        }
        (asked, step)
    }

    fn said(step: Result<Step, CallError>) -> RequestSaid {
        let Ok(Step::Done(Answer::Verified(said))) = step else { panic!("{step:?}") };
        said
    }

    #[test]
    fn it_reads_and_never_writes() {
        let spent = json!({ "transaction_hash": Hash([1; 32]), "state": "spent" });
        let (asked, step) = run([ok(request(7, 2)), ok(spent), ok(json!([]))]);
        assert_eq!(
            asked,
            [format!("/safe/multisigs/{ASKED}"), format!("/safe/transactions/{ASKED}"), "/users/fetch".into()]
        );
        assert!(matches!(said(step), RequestSaid::Shown { spent: Some(Hash([1, ..])), .. }));
        // Names are a courtesy.
        for last in [refused(10_002), ok(json!("?")), Err(CallError::Unanswered { what: String::new() })] {
            let (_, step) = run([ok(request(7, 1)), last]);
            assert!(matches!(said(step), RequestSaid::Shown { spent: None, people, .. } if people.is_empty()));
        }
    }

    #[test]
    fn what_is_not_there_or_not_shown_is_told_apart() {
        let gone = Err(CallError::NotFound { description: String::new() });
        assert_eq!(said(run([gone]).1), RequestSaid::Unknown);
        assert_eq!(said(run([refused(403)]).1), RequestSaid::Hidden);
        assert!(matches!(run([refused(10_002)]).1, Err(CallError::Refused { .. })));
        // Another request than the one asked about, or none at all, is no answer.
        for data in [request(8, 0), json!({}), Value::Null] {
            assert!(matches!(run([ok(data)]).1, Err(CallError::Unanswered { .. })));
        }
    }
}
