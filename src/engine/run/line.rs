//! The live connection.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::{self, Message};
use uuid::Uuid;

use super::wire::{Posting, Wire};
use super::{CALL_TIMEOUT, Told};
use crate::engine::input::{Input, Line};
use crate::id::MessageId;
use crate::mixin::CallError;
use crate::mixin::blaze::{Blaze, Event, Frame, Refusal};
use crate::mixin::call;
use crate::time::{Millis, machine_now};

/// How often "still connected" is committed.
const ALIVE_EVERY: Millis = Millis::from_secs(30);

/// Without an answer of the server's for this long, it is asked for the time: an idle bot would not see that the two
/// clocks have gone apart, and deadlines count by the server's.
const TIME_EVERY: Millis = Millis::from_secs(20);

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Keeps one Blaze connection for ever.
pub(super) async fn converse(
    wire: Wire,
    inputs: mpsc::Sender<Told>,
    posts: mpsc::Receiver<Posting>,
    stop: watch::Receiver<bool>,
) {
    let mut mouth = Speaking { posts, waiting: BTreeMap::new() };
    let mut blaze = Blaze::new(wire.signer.app_id(), ChaCha8Rng::from_seed(fresh_seed()));
    while !*stop.borrow() && !blaze.is_stopped() {
        let now = machine_now();
        if !blaze.wants_connect(now) {
            let wait = blaze.next_deadline().map_or(1_000, |at| at.since(now).0.clamp(1, 60_000));
            tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(1))).await;
            continue;
        }
        if let Some(socket) = connect(&mut blaze, &wire).await {
            listen(&mut blaze, socket, &wire, &inputs, &mut mouth).await;
            let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Down)))).await;
        }
    }
    if blaze.is_stopped() {
        // A 401 is final: told as an answer would be, so that there is one way to stop.
        let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Refused)))).await;
    }
}

/// What is to be said to whole groups, and who waits to hear what came of it.
struct Speaking {
    posts: mpsc::Receiver<Posting>,
    waiting: BTreeMap<MessageId, oneshot::Sender<Result<(), CallError>>>,
}

impl Speaking {
    /// Hands it to the connection. Whoever gave it up meanwhile tries again by itself, under the same id.
    fn post(&mut self, blaze: &mut Blaze, posting: Posting) {
        if !posting.done.is_closed() && blaze.post(machine_now(), &posting.message) {
            self.waiting.insert(posting.message.message_id, posting.done);
        }
    }

    /// Tells whoever waits for it; gives back what else there is.
    fn tell(&mut self, event: Event) -> Option<Event> {
        let Event::Posted { message_id, result } = event else { return Some(event) };
        if let Some(done) = self.waiting.remove(&message_id) {
            let _ = done.send(result);
        }
        None
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

async fn listen(blaze: &mut Blaze, mut socket: Socket, wire: &Wire, inputs: &mpsc::Sender<Told>, mouth: &mut Speaking) {
    let (mut alive_at, mut asked_at) = (machine_now(), machine_now());
    loop {
        for frame in blaze.poll_out(machine_now()) {
            let message = match frame {
                Frame::Binary(bytes) => Message::Binary(bytes),
                Frame::Ping(bytes) => Message::Ping(bytes),
                Frame::Pong(bytes) => Message::Pong(bytes),
                Frame::Close | Frame::Text => {
                    let _ = socket.close(None).await;
                    return report(blaze.on_closed(machine_now()), mouth);
                }
            };
            if socket.send(message).await.is_err() {
                return report(blaze.on_closed(machine_now()), mouth);
            }
        }
        let now = machine_now();
        if now.since(alive_at) >= ALIVE_EVERY {
            alive_at = now;
            let _ = inputs.send(Told::Input(Box::new(Input::Line(Line::Alive)))).await;
        }
        if now.since(wire.heard_at().max(asked_at)) >= TIME_EVERY {
            asked_at = now;
            wire.ask_time();
        }
        let wait = blaze.next_deadline().map_or(1_000, |at| at.since(now).0.clamp(0, 60_000));
        let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
        let heard = tokio::select! {
            heard = tokio::time::timeout(wait, socket.next()) => heard,
            Some(posting) = mouth.posts.recv() => {
                mouth.post(blaze, posting);
                continue;
            }
        };
        let frame = match heard {
            Err(_) => continue,
            Ok(Some(Ok(message))) => frame(message),
            Ok(Some(Err(_)) | None) => return report(blaze.on_closed(machine_now()), mouth),
        };
        let Some(frame) = frame else { continue };
        let events = blaze.on_frame(machine_now(), &frame);
        let heard = events.into_iter().filter_map(|event| mouth.tell(event).and_then(Input::heard));
        let heard: Vec<Input> = heard.collect();
        // Behind everything it speaks of, in the one channel that keeps their order.
        let drained = if matches!(frame, Frame::Pong(_)) { blaze.drained() } else { None };
        for input in heard.into_iter().chain(drained.map(|drained| Input::Line(Line::Drained(drained)))) {
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

fn report(events: Vec<Event>, mouth: &mut Speaking) {
    for event in events.into_iter().filter_map(|event| mouth.tell(event)) {
        if let Event::Dropped { why } = event {
            tracing::warn!(why, "the live connection was dropped; connecting again");
        }
    }
}
