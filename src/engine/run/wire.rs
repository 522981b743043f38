//! Requests and their answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{CALL_TIMEOUT, Network, QUEUE_MAX, RunError, Told};
use crate::engine::input::{Answer, Input};
use crate::engine::jobs::{Last, Step, Task, Work};
use crate::id::MessageId;
use crate::mixin::call::{self, sign_again};
use crate::mixin::messenger::{self, Attachment, OutMessage};
use crate::mixin::{Call, CallError, Reply, Signer, safe};
use crate::mixpay;
use crate::time::{Millis, machine_now};

/// The longest answer that is read: a page of 500 outputs has less than a tenth of it.
const ANSWER_MAX: usize = 8 * 1024 * 1024;
/// Acknowledgements gathered at a time.
const ACKS_MAX: usize = 500;

/// For the live connection to say something: longer than it waits itself before it gives up.
const POST_TIMEOUT: Duration = Duration::from_secs(25);
/// Words for whole groups that wait for the live connection.
const POSTS_MAX: usize = 256;

/// Something to be said over the live connection, and where to tell what came of it.
pub(super) struct Posting {
    pub(super) message: OutMessage,
    pub(super) done: oneshot::Sender<Result<(), CallError>>,
}

/// How requests get out.
#[derive(Clone)]
pub(super) struct Wire {
    client: reqwest::Client,
    pub(super) signer: Signer,
    pub(super) network: Network,
    /// Server minus machine, milliseconds, as last measured.
    pub(super) offset: Arc<AtomicI64>,
    /// Machine time of that.
    measured: Arc<AtomicI64>,
    posts: mpsc::Sender<Posting>,
}

impl Wire {
    /// With what the live connection is to say.
    pub(super) fn new(
        signer: Signer,
        network: Network,
        offset: Millis,
    ) -> Result<(Self, mpsc::Receiver<Posting>), RunError> {
        let client = reqwest::Client::builder()
            .timeout(CALL_TIMEOUT)
            // What is sent is meant for this server and for no other.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let (posts, said) = mpsc::channel(POSTS_MAX);
        let offset = Arc::new(AtomicI64::new(offset.0));
        Ok((Self { client, signer, network, offset, measured: Arc::default(), posts }, said))
    }

    pub(super) fn server_now(&self) -> Millis {
        machine_now().plus(Millis(self.offset.load(Ordering::Relaxed)))
    }

    pub(super) fn heard_time(&self, server: Option<Millis>) {
        if let Some(server) = server {
            let now = machine_now();
            self.offset.store(server.since(now).0, Ordering::Relaxed);
            self.measured.store(now.0, Ordering::Relaxed);
        }
    }

    /// Machine time at which the server's time was last heard.
    pub(super) fn heard_at(&self) -> Millis {
        Millis(self.measured.load(Ordering::Relaxed))
    }

    /// Any answer tells the time; what else it says is of no interest here.
    pub(super) fn ask_time(&self) {
        let wire = self.clone();
        tokio::spawn(async move { drop(wire.call(&safe::me()).await) });
    }

    /// Makes one call; a 401 that our clock explains is signed once more.
    async fn call(&self, wanted: &Call) -> Result<Reply, CallError> {
        let mut again = false;
        loop {
            let signed_at = self.server_now();
            let answer = self.once(wanted, signed_at).await;
            match &answer {
                Ok(reply) => self.heard_time(reply.server_time),
                Err(CallError::Unauthorized { server_time, .. }) => {
                    if sign_again(signed_at, *server_time, again).is_some() {
                        self.heard_time(*server_time);
                        again = true;
                        continue;
                    }
                }
                Err(_) => {}
            }
            return answer;
        }
    }

    /// Asks MixPay: no token, no clock.
    async fn ask(&self, wanted: &mixpay::Call) -> Result<Reply, CallError> {
        let unanswered = |what: String| CallError::Unanswered { what };
        let base = self.network.mixpay.as_ref().ok_or_else(|| unanswered("MixPay is not set up".into()))?;
        let request = mixpay::request(wanted, base).map_err(|e| unanswered(e.to_string()))?;
        mixpay::read(self.fetch(request).await?)
    }

    async fn fetch(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, CallError> {
        let unanswered = |what: String| CallError::Unanswered { what };
        let request = reqwest::Request::try_from(request).map_err(|e| unanswered(e.to_string()))?;
        let mut response = self.client.execute(request).await.map_err(|e| unanswered(e.without_url().to_string()))?;
        let mut read = http::Response::builder().status(response.status());
        if let Some(headers) = read.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|e| unanswered(e.without_url().to_string()))? {
            if body.len().saturating_add(part.len()) > ANSWER_MAX {
                return Err(unanswered(format!("an answer of more than {ANSWER_MAX} bytes")));
            }
            body.extend_from_slice(&part);
        }
        read.body(Bytes::from(body)).map_err(|e| unanswered(e.to_string()))
    }

    async fn once(&self, wanted: &Call, signed_at: Millis) -> Result<Reply, CallError> {
        let unanswered = |what: String| CallError::Unanswered { what };
        let id = Uuid::new_v4();
        let request =
            self.signer.sign(wanted, &self.network.api, signed_at, id).map_err(|e| unanswered(e.to_string()))?;
        call::read(id, self.fetch(request).await?)
    }

    /// Says something over the live connection, when there is one in time.
    async fn post(&self, message: OutMessage) -> Result<Reply, CallError> {
        let unanswered = |what: &str| CallError::Unanswered { what: what.into() };
        let (done, said) = oneshot::channel();
        self.posts.try_send(Posting { message, done }).map_err(|_| unanswered("the live connection is busy"))?;
        match tokio::time::timeout(POST_TIMEOUT, said).await {
            Ok(Ok(said)) => said.map(|()| Reply { data: serde_json::Value::Null, server_time: None }),
            Ok(Err(_)) => Err(unanswered("the live connection is gone")),
            Err(_) => Err(unanswered("no live connection took it in time")),
        }
    }

    /// Stores a file: not at the API, so it is neither signed nor dated.
    async fn put(&self, request: http::Request<Bytes>) -> Result<Reply, CallError> {
        let unanswered = |error: reqwest::Error| CallError::Unanswered { what: error.without_url().to_string() };
        let request = reqwest::Request::try_from(request).map_err(unanswered)?;
        let response = self.client.execute(request).await.map_err(unanswered)?;
        Attachment::stored(response.status())
    }
}

/// Runs a task to its end and tells the truth, a row at a time.
async fn perform(mut task: Task, wire: Wire, inputs: mpsc::Sender<Told>) {
    let mut last: Last = None;
    let answer: Answer = loop {
        match task.next(last, machine_now()) {
            Step::Send(call) => last = Some(wire.call(&call).await),
            Step::Ask(call) => last = Some(wire.ask(&call).await),
            Step::Put(request) => last = Some(wire.put(request).await),
            Step::Post(message) => last = Some(wire.post(*message).await),
            Step::Done(answer) => break answer,
        }
    };
    for job in task.jobs {
        let input = Input::Answered { job, answer: answer.clone() };
        if inputs.send(Told::Over(Box::new(input), 1)).await.is_err() {
            return;
        }
    }
}

/// Messages leave one batch after the other, so that everybody reads them in order; all other work runs side by
/// side.
pub(super) struct Mouth(mpsc::Sender<Task>);

impl Mouth {
    pub(super) fn start(wire: &Wire, inputs: &mpsc::Sender<Told>) -> Self {
        let (says, mut queue) = mpsc::channel(QUEUE_MAX);
        let (wire, inputs) = (wire.clone(), inputs.clone());
        tokio::spawn(async move {
            while let Some(task) = queue.recv().await {
                perform(task, wire.clone(), inputs.clone()).await;
            }
        });
        Self(says)
    }

    pub(super) async fn take(&self, task: Task, wire: &Wire, inputs: &mpsc::Sender<Told>) {
        if matches!(task.work, Work::Say(_)) {
            let _ = self.0.send(task).await;
        } else {
            tokio::spawn(perform(task, wire.clone(), inputs.clone()));
        }
    }
}

/// Acknowledges in batches, after the commit. One that gets lost is harmless: the message comes again, is known,
/// and is acknowledged again.
pub(super) fn start_acks(wire: &Wire) -> mpsc::Sender<Vec<MessageId>> {
    let (acks, mut queue) = mpsc::channel::<Vec<MessageId>>(QUEUE_MAX);
    let wire = wire.clone();
    tokio::spawn(async move {
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, ACKS_MAX).await > 0 {
            let ids: Vec<MessageId> = batch.drain(..).flatten().collect();
            for ids in ids.chunks(messenger::ACKNOWLEDGEMENTS_MAX) {
                if let Err(error) = wire.call(&messenger::acknowledge(ids)).await {
                    tracing::warn!(%error, "an acknowledgement did not get through; the messages will come again");
                }
            }
        }
    });
    acks
}

/// Makes one call by the same rules, for checks before anything runs.
///
/// # Errors
/// See [`CallError`].
pub async fn call_once(signer: &Signer, network: &Network, wanted: &Call) -> Result<Reply, CallError> {
    let (wire, _) = Wire::new(signer.clone(), network.clone(), Millis(0))
        .map_err(|e| CallError::Unanswered { what: e.to_string() })?;
    wire.call(wanted).await
}

/// Asks MixPay one thing by the same rules.
///
/// # Errors
/// See [`CallError`].
pub async fn ask_once(signer: &Signer, network: &Network, wanted: &mixpay::Call) -> Result<Reply, CallError> {
    let (wire, _) = Wire::new(signer.clone(), network.clone(), Millis(0))
        .map_err(|e| CallError::Unanswered { what: e.to_string() })?;
    wire.ask(wanted).await
}
