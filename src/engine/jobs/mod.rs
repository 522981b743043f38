//! Jobs: what the bot will do, a file per kind. A job is `next(last answer) → Send(call) | Done(answer)`: any number
//! of reads, at most one call with effect, and that one last. What must survive ends the job and is committed
//! before the next one starts. No sockets, no database: a simulator can run all of it.

mod cosign;
mod course;
mod find;
mod keys;
mod look;
mod open;
mod order;
mod post;
mod room;
mod say;
mod unlock;
mod upload;
mod verify;

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::engine::input::Answer;
use crate::mixin::messenger::OutMessage;
use crate::mixin::{Call, CallError, Reply};
use crate::mixpay;
use crate::store::JobRow;
use crate::time::Millis;

pub use cosign::{Cosign, Stage as CosignStage};
pub use course::Course;
pub use find::{Among, Find, FindBody, Whom};
pub use keys::Keys;
pub use look::{Look, LookFor};
pub use open::{Open, Stage as OpenStage};
pub use order::{Ask, MixPaySaid, Order, OrderBody};
pub use post::Post;
pub use room::{Room, RoomBody, RoomSaid, RoomWork};
pub use say::Say;
pub use unlock::{Stage as UnlockStage, Unlock};
pub use upload::{Upload, UploadBody};
pub use verify::{RequestSaid, Verify, VerifyBody};

/// The request's bytes, or the receivers its keys stand for, are not accepted (dossier §10.6).
pub(super) const PAYLOAD_REFUSED: [i64; 2] = [10_002, 20_150];

/// What a job wants next.
#[derive(Clone, Debug)]
pub enum Step {
    /// Send this, then call `next` with what came of it.
    Send(Call),
    /// Send this to MixPay, then the same.
    Ask(mixpay::Call),
    /// The same, sent as it is: not to the API, not signed, and read by
    /// [`Attachment::stored`](crate::mixin::messenger::Attachment::stored).
    Put(http::Request<Bytes>),
    /// Say this over the live connection, the only way to reach a whole group.
    Post(Box<OutMessage>),
    /// The try is over.
    Done(Answer),
}

/// What came of the last call; `None` at the start.
pub type Last = Option<Result<Reply, CallError>>;

/// A leased job with all it needs to run. Several rows only for `say`, which goes out in batches.
pub struct Task {
    pub jobs: Vec<JobRow>,
    pub work: Work,
}

/// The work of each kind.
pub enum Work {
    Say(Say),
    Look(Look),
    Find(Find),
    Keys(Keys),
    Open(Open),
    Cosign(Box<Cosign>),
    Unlock(Unlock),
    Order(Order),
    Upload(Upload),
    Verify(Verify),
    Post(Post),
    Room(Room),
}

impl Task {
    /// Whether a call to MixPay will leave.
    #[must_use]
    pub const fn asks_mixpay(&self) -> bool {
        matches!(&self.work, Work::Order(order) if !matches!(order.ask, Ask::Nothing { .. }))
    }

    /// The next step. `now` is machine time.
    pub fn next(&mut self, last: Last, now: Millis) -> Step {
        // The token is the same for every kind of work: without it nothing can be done.
        if let Some(Err(CallError::Unauthorized { description, .. })) = &last {
            return Step::Done(Answer::Unauthorized { why: description.clone() });
        }
        let step = match &mut self.work {
            Work::Say(work) => work.next(last),
            Work::Look(work) => work.next(last, now),
            Work::Find(work) => work.next(last),
            Work::Keys(work) => work.next(last),
            Work::Open(work) => work.next(last),
            Work::Cosign(work) => work.next(last),
            Work::Unlock(work) => work.next(last),
            Work::Order(work) => work.next(last, now),
            Work::Upload(work) => work.next(last),
            Work::Verify(work) => work.next(last),
            Work::Post(work) => work.next(last),
            Work::Room(work) => work.next(last),
        };
        step.unwrap_or_else(|error| Step::Done(failed(error)))
    }
}

/// A call's failure as a job's answer.
fn failed(error: CallError) -> Answer {
    let why = error.to_string();
    match error {
        CallError::Busy { wait, .. } => Answer::Busy { wait },
        CallError::Unanswered { what } => Answer::Unanswered { what },
        CallError::Refused { code, .. } => Answer::Refused { code, why },
        CallError::NotFound { .. } => Answer::Refused { code: 404, why },
        CallError::Unauthorized { .. } => Answer::Unauthorized { why },
    }
}

/// `None` for "no such thing": the normal answer to a question whether there is one.
fn known<T>(last: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match last {
        Ok(found) => Ok(Some(found)),
        Err(CallError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
