//! The sockets. One thread owns the truth (the door and the only writing connection); one tokio loop carries
//! frames, requests and answers to and from it. Nothing is decided here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{self, Message};
use uuid::Uuid;

use super::door::Door;
use super::input::{Answer, Input, Line};
use super::jobs::{Last, Step, Task, Work};
use crate::id::MessageId;
use crate::mixin::blaze::{Blaze, Event, Frame, Refusal};
use crate::mixin::call::{self, sign_again};
use crate::mixin::messenger::Attachment;
use crate::mixin::{Base, Call, CallError, Reply, Signer, messenger};
use crate::mixpay;
use crate::store::StoreError;
use crate::time::{Millis, machine_now};

/// Inputs waiting for the door; beyond this the sockets wait.
const QUEUE_MAX: usize = 4_096;
/// Inputs of one commit.
const BATCH_MAX: usize = 500;
/// Jobs in flight.
const TASKS_MAX: u32 = 64;
/// Of any HTTP call (dossier, base URLs: the SDKs wait as long).
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How often "still connected" is committed.
const ALIVE_EVERY: Millis = Millis::from_secs(30);
/// A clock that moved less is not worth a commit.
const OFFSET_STEP: i64 = 2_000;
/// The least wait after a turn in which nothing could be done, in milliseconds.
const IDLE_WAIT: i64 = 50;

/// Where Mixin is.
#[derive(Clone, Debug)]
pub struct Network {
    pub api: Base,
    pub blaze: Base,
    /// Where MixPay is, when it is offered.
    pub mixpay: Option<Base>,
}

/// Why the program stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Mixin does not accept our token: a loop would not help.
    #[error("Mixin does not accept our session: {0}; download a new keystore from the dashboard, then start again")]
    Unauthorized(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the thread that owns the truth ended")]
    Ended,
}

/// Runs the bot until `stop` says so or it cannot go on. What was committed goes on at the next start; what was
/// not is delivered again by Mixin. `hints` are what others say over HTTP ([`Input::Hint`]); none may be lost that
/// matters.
///
/// # Errors
/// See [`RunError`].
pub async fn run(
    door: Door,
    signer: Signer,
    network: Network,
    mut hints: mpsc::Receiver<Input>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), RunError> {
    let wire = Wire::new(signer, network, door.clock().offset)?;
    let (inputs, inbox) = mpsc::channel(QUEUE_MAX);
    let (orders, mut outbox) = mpsc::channel(QUEUE_MAX);
    let truth = Truth {
        door,
        inbox,
        orders,
        running: 0,
        idle: false,
        told_offset: wire.offset.load(Ordering::Relaxed),
        wire: wire.clone(),
    };
    let handle = tokio::runtime::Handle::current();
    let thread = std::thread::Builder::new()
        .name("truth".into())
        .spawn(move || handle.block_on(truth.serve()))
        .map_err(|_| RunError::Ended)?;
    let blaze = tokio::spawn(converse(wire.clone(), inputs.clone(), stop.clone()));
    let mouth = Mouth::start(&wire, &inputs);
    let told = inputs.clone();
    let hears = tokio::spawn(async move {
        while let Some(hint) = hints.recv().await {
            if told.send(Told::Input(Box::new(hint))).await.is_err() {
                return;
            }
        }
    });
    let acks = start_acks(&wire);
    let ended = loop {
        tokio::select! {
            order = outbox.recv() => match order {
                Some(Order::Run(task)) => mouth.take(*task, &wire, &inputs).await,
                Some(Order::Acknowledge(ids)) => { let _ = acks.send(ids).await; }
                Some(Order::Stop(error)) => break Err(error),
                None => break Err(RunError::Ended),
            },
            () = stopped(&mut stop) => break Ok(()),
        }
    };
    blaze.abort();
    hears.abort();
    // Dropping the channels ends the thread after the batch it is at.
    drop((inputs, outbox, mouth, acks));
    let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    ended
}

/// Ends when the program is told to stop, or when nobody is left to tell it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What the truth wants done.
enum Order {
    Run(Box<Task>),
    Acknowledge(Vec<MessageId>),
    Stop(RunError),
}

/// What is told to the truth.
enum Told {
    Input(Box<Input>),
    /// A task is over: its rows and how it ended.
    Over(Box<Input>, u32),
}

// ---- the thread that owns the truth

struct Truth {
    door: Door,
    inbox: mpsc::Receiver<Told>,
    orders: mpsc::Sender<Order>,
    running: u32,
    told_offset: i64,
    /// The last turn found nothing to do.
    idle: bool,
    wire: Wire,
}

impl Truth {
    async fn serve(mut self) {
        loop {
            let Some(batch) = self.gather().await else { return };
            if let Err(error) = self.turn(batch).await {
                tracing::error!(%error, "the truth cannot be written");
                let _ = self.orders.send(Order::Stop(RunError::Store(error))).await;
                return;
            }
        }
    }

    /// Waits until something came in or something is due.
    async fn gather(&mut self) -> Option<Vec<Told>> {
        let due = self.door.next_due(machine_now()).ok().flatten().filter(|_| self.running < TASKS_MAX);
        // What is due and could not be leased just now waits for somebody's answer, not for the processor.
        let least = if self.idle { IDLE_WAIT } else { 0 };
        let wait = due.map_or(60_000, |due| due.since(machine_now()).0.clamp(least, 60_000));
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        let mut batch = Vec::new();
        // With nothing to wait for, what is there already still comes first.
        match tokio::time::timeout(wait, self.inbox.recv_many(&mut batch, BATCH_MAX)).await {
            Ok(0) => None,
            Ok(_) | Err(_) => Some(batch),
        }
    }

    async fn turn(&mut self, batch: Vec<Told>) -> Result<(), StoreError> {
        let now = machine_now();
        let mut inputs = Vec::with_capacity(batch.len());
        for told in batch {
            inputs.push(match told {
                Told::Input(input) => *input,
                Told::Over(input, rows) => {
                    self.running = self.running.saturating_sub(rows);
                    *input
                }
            });
        }
        let offset = self.wire.offset.load(Ordering::Relaxed);
        if (offset - self.told_offset).abs() > OFFSET_STEP {
            self.told_offset = offset;
            // First: everything else that came in is dated by it.
            inputs.insert(0, Input::Line(Line::Offset(Millis(offset))));
        }
        inputs.extend(self.door.wakes(now)?);
        self.idle = inputs.is_empty();
        if !inputs.is_empty() {
            let applied = self.door.apply(inputs, now)?;
            if let Some(why) = applied.unauthorized {
                let _ = self.orders.send(Order::Stop(RunError::Unauthorized(why))).await;
            }
            if !applied.acknowledge.is_empty() {
                let _ = self.orders.send(Order::Acknowledge(applied.acknowledge)).await;
            }
        }
        for task in self.door.lease(machine_now(), TASKS_MAX.saturating_sub(self.running))? {
            self.idle = false;
            self.running = self.running.saturating_add(u32::try_from(task.jobs.len()).unwrap_or(u32::MAX));
            let _ = self.orders.send(Order::Run(Box::new(task))).await;
        }
        Ok(())
    }
}

// ---- requests

/// How requests get out.
#[derive(Clone)]
struct Wire {
    client: reqwest::Client,
    signer: Signer,
    network: Network,
    /// Server minus machine, milliseconds, as last measured.
    offset: Arc<AtomicI64>,
}

impl Wire {
    fn new(signer: Signer, network: Network, offset: Millis) -> Result<Self, RunError> {
        let client = reqwest::Client::builder().timeout(CALL_TIMEOUT).build()?;
        Ok(Self { client, signer, network, offset: Arc::new(AtomicI64::new(offset.0)) })
    }

    fn server_now(&self) -> Millis {
        machine_now().plus(Millis(self.offset.load(Ordering::Relaxed)))
    }

    fn heard_time(&self, server: Option<Millis>) {
        if let Some(server) = server {
            self.offset.store(server.since(machine_now()).0, Ordering::Relaxed);
        }
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
        let response = self.client.execute(request).await.map_err(|e| unanswered(e.without_url().to_string()))?;
        let mut read = http::Response::builder().status(response.status());
        if let Some(headers) = read.headers_mut() {
            headers.clone_from(response.headers());
        }
        let body = response.bytes().await.map_err(|e| unanswered(e.without_url().to_string()))?;
        read.body(body).map_err(|e| unanswered(e.to_string()))
    }

    async fn once(&self, wanted: &Call, signed_at: Millis) -> Result<Reply, CallError> {
        let unanswered = |what: String| CallError::Unanswered { what };
        let id = Uuid::new_v4();
        let request =
            self.signer.sign(wanted, &self.network.api, signed_at, id).map_err(|e| unanswered(e.to_string()))?;
        call::read(id, self.fetch(request).await?)
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
struct Mouth(mpsc::Sender<Task>);

impl Mouth {
    fn start(wire: &Wire, inputs: &mpsc::Sender<Told>) -> Self {
        let (says, mut queue) = mpsc::channel(QUEUE_MAX);
        let (wire, inputs) = (wire.clone(), inputs.clone());
        tokio::spawn(async move {
            while let Some(task) = queue.recv().await {
                perform(task, wire.clone(), inputs.clone()).await;
            }
        });
        Self(says)
    }

    async fn take(&self, task: Task, wire: &Wire, inputs: &mpsc::Sender<Told>) {
        if matches!(task.work, Work::Say(_)) {
            let _ = self.0.send(task).await;
        } else {
            tokio::spawn(perform(task, wire.clone(), inputs.clone()));
        }
    }
}

/// Acknowledges in batches, after the commit. One that gets lost is harmless: the message comes again, is known,
/// and is acknowledged again.
fn start_acks(wire: &Wire) -> mpsc::Sender<Vec<MessageId>> {
    let (acks, mut queue) = mpsc::channel::<Vec<MessageId>>(QUEUE_MAX);
    let wire = wire.clone();
    tokio::spawn(async move {
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, BATCH_MAX).await > 0 {
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

// ---- Blaze

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Keeps one Blaze connection for ever.
async fn converse(wire: Wire, inputs: mpsc::Sender<Told>, stop: watch::Receiver<bool>) {
    let mut blaze = Blaze::new(wire.signer.app_id(), ChaCha8Rng::from_seed(fresh_seed()));
    while !*stop.borrow() && !blaze.is_stopped() {
        let now = machine_now();
        if !blaze.wants_connect(now) {
            let wait = blaze.next_deadline().map_or(1_000, |at| at.since(now).0.clamp(1, 60_000));
            tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(1))).await;
            continue;
        }
        if let Some(socket) = connect(&mut blaze, &wire).await {
            listen(&mut blaze, socket, &inputs).await;
            let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Down)))).await;
        }
    }
    if blaze.is_stopped() {
        // A 401 is final: told as an answer would be, so that there is one way to stop.
        let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Refused)))).await;
    }
}

fn fresh_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    let (left, right) = seed.split_at_mut(16);
    left.copy_from_slice(Uuid::new_v4().as_bytes());
    right.copy_from_slice(Uuid::new_v4().as_bytes());
    seed
}

async fn connect(blaze: &mut Blaze, wire: &Wire) -> Option<Socket> {
    let now = machine_now();
    let request = match blaze.connect_request(now, wire.server_now(), &wire.signer, &wire.network.blaze) {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(%error, "the live connection cannot be signed");
            blaze.on_closed(now);
            return None;
        }
    };
    match tokio::time::timeout(CALL_TIMEOUT, tokio_tungstenite::connect_async(request)).await {
        Ok(Ok((socket, response))) => {
            wire.heard_time(call::server_time(response.headers()));
            blaze.on_open(machine_now());
            return Some(socket);
        }
        Ok(Err(tungstenite::Error::Http(response))) => {
            let time = call::server_time(response.headers());
            let answer = response.map(|body| Bytes::from(body.unwrap_or_default()));
            if let Refusal::Clock(_) = blaze.on_refused(machine_now(), &answer) {
                wire.heard_time(time);
            }
        }
        Ok(Err(error)) => tracing::warn!(%error, "no live connection; trying again"),
        Err(_) => tracing::warn!("no live connection: nobody answers; trying again"),
    }
    blaze.on_closed(machine_now());
    None
}

async fn listen(blaze: &mut Blaze, mut socket: Socket, inputs: &mpsc::Sender<Told>) {
    let mut alive_at = machine_now();
    loop {
        for frame in blaze.poll_out(machine_now()) {
            let message = match frame {
                Frame::Binary(bytes) => Message::Binary(bytes),
                Frame::Ping(bytes) => Message::Ping(bytes),
                Frame::Pong(bytes) => Message::Pong(bytes),
                Frame::Close | Frame::Text => {
                    let _ = socket.close(None).await;
                    return report(blaze.on_closed(machine_now()));
                }
            };
            if socket.send(message).await.is_err() {
                return report(blaze.on_closed(machine_now()));
            }
        }
        let now = machine_now();
        if now.since(alive_at) >= ALIVE_EVERY {
            alive_at = now;
            let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Alive)))).await;
        }
        let wait = blaze.next_deadline().map_or(1_000, |at| at.since(now).0.clamp(0, 60_000));
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        let frame = match tokio::time::timeout(wait, socket.next()).await {
            Err(_) => continue,
            Ok(Some(Ok(message))) => frame(message),
            Ok(Some(Err(_)) | None) => return report(blaze.on_closed(machine_now())),
        };
        let Some(frame) = frame else { continue };
        for event in blaze.on_frame(machine_now(), &frame) {
            let Some(input) = Input::heard(event) else { continue };
            if inputs.send(Told::Input(Box::new(input))).await.is_err() {
                return;
            }
        }
    }
}

fn frame(message: Message) -> Option<Frame> {
    match message {
        Message::Binary(bytes) => Some(Frame::Binary(bytes)),
        Message::Text(_) => Some(Frame::Text),
        Message::Ping(bytes) => Some(Frame::Ping(bytes)),
        Message::Pong(bytes) => Some(Frame::Pong(bytes)),
        Message::Close(_) => Some(Frame::Close),
        Message::Frame(_) => None,
    }
}

fn report(events: Vec<Event>) {
    for event in events {
        if let Event::Dropped { why } = event {
            tracing::warn!(why, "the live connection was dropped; connecting again");
        }
    }
}

/// Makes one call by the same rules, for checks before anything runs.
///
/// # Errors
/// See [`CallError`].
pub async fn call_once(signer: &Signer, network: &Network, wanted: &Call) -> Result<Reply, CallError> {
    let wire = Wire::new(signer.clone(), network.clone(), Millis(0))
        .map_err(|e| CallError::Unanswered { what: e.to_string() })?;
    wire.call(wanted).await
}
