//! Blaze, the live connection, as a machine without a socket: it is told what happened and when, and says what to
//! send, what it means, and when it wants to be asked again (messaging §1–§3).
//!
//! The shell's loop: while [`Blaze::wants_connect`], send [`Blaze::connect_request`] and report `on_open` or
//! `on_refused`; pass every frame to `on_frame`; after each of these, and at [`Blaze::next_deadline`], send what
//! [`Blaze::poll_out`] gives; report the end with `on_closed`.

mod drained;
mod event;
mod frame;
mod message;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    USER_AGENT,
};
use http::{Request, Response};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use serde_json::json;
use uuid::Uuid;

use super::call::{self, Base, CallError, SignError, Signer, X_REQUEST_ID};
use super::messenger::OutMessage;
use crate::id::{MessageId, UserId};
use crate::time::Millis;
use drained::Backlog;
use event::{on_push, said_at};
use frame::{Envelope, Unpack, pack, unpack};

pub use drained::Drained;
pub use event::{Event, Health, Pong, Refusal};
pub use frame::{Frame, UNPACKED_MAX};
pub use message::InboundMessage;

/// Between two of our pings.
const PING_EVERY: Millis = Millis::from_secs(9);
/// Without any frame for this long the connection is dead.
const SILENCE_MAX: Millis = Millis::from_secs(25);
/// For the upgrade to be answered.
const CONNECT_MAX: Millis = Millis::from_secs(10);
/// For a request of ours to be answered.
const ANSWER_MAX: Millis = Millis::from_secs(20);
/// A connection that held this long forgives the failures before it.
const HEALTHY: Millis = Millis::from_secs(60);
/// First and longest pause before connecting again, before jitter.
const PAUSE: (i64, i64) = (1_000, 30_000);

/// The connection. Never more than one for a session (messaging §1.6).
#[derive(Debug)]
pub struct Blaze {
    bot: UserId,
    rng: ChaCha8Rng,
    phase: Phase,
    /// Attempts since the last healthy connection.
    failures: u32,
    /// The clock was corrected since the last open connection.
    corrected: bool,
}

#[derive(Debug)]
enum Phase {
    Waiting {
        until: Millis,
    },
    Connecting {
        since: Millis,
        signed_at: Millis,
    },
    Open(Box<Open>),
    /// We want it dropped; the shell has been told when `told`.
    Dropping {
        since: Millis,
        why: String,
        told: bool,
        posts: Vec<MessageId>,
    },
    Stopped,
}

#[derive(Debug)]
struct Open {
    health: Health,
    out: Vec<Frame>,
    /// Our pings that nobody answered yet.
    pings: VecDeque<Millis>,
    list_id: Uuid,
    posts: BTreeMap<Uuid, (MessageId, Millis)>,
    backlog: Backlog,
}

impl Blaze {
    /// `rng` makes envelope ids, request ids and jitter: seed it afresh on every start.
    #[must_use]
    pub fn new(bot: UserId, rng: ChaCha8Rng) -> Self {
        Self { bot, rng, phase: Phase::Waiting { until: Millis(i64::MIN) }, failures: 0, corrected: false }
    }

    /// Whether it is time to connect.
    #[must_use]
    pub fn wants_connect(&self, now: Millis) -> bool {
        matches!(self.phase, Phase::Waiting { until } if until <= now)
    }

    /// Whether a final 401 ended it.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.phase, Phase::Stopped)
    }

    /// What is known of the connection, while there is one.
    #[must_use]
    pub fn health(&self) -> Option<&Health> {
        if let Phase::Open(open) = &self.phase { Some(&open.health) } else { None }
    }

    /// How far the backlog is drained (design §3 rule 10): until 10 s before a ping that was answered, if the backlog was
    /// asked for and listed before those, and nothing came in the 10 s before the answer, or since, that was said by
    /// then. All of it was told by [`Blaze::on_frame`]. `None`: nothing is known.
    #[must_use]
    pub fn drained(&self) -> Option<Drained> {
        if let Phase::Open(open) = &self.phase { open.backlog.proved } else { None }
    }

    /// The complete upgrade request, with a token of its own for `server_now`; its URI is that of `base`, like
    /// `wss://blaze.mixin.one`.
    ///
    /// # Errors
    /// When the key cannot sign; nothing was sent then.
    pub fn connect_request(
        &mut self,
        now: Millis,
        server_now: Millis,
        signer: &Signer,
        base: &Base,
    ) -> Result<Request<()>, SignError> {
        let (request_id, key) = (self.uuid(), STANDARD.encode(self.uuid()));
        let token = signer.token("GET", "/", b"", server_now, request_id)?;
        let request = Request::builder()
            .uri(base.at("/")?)
            .header(HOST, base.authority.as_str())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key)
            .header(SEC_WEBSOCKET_PROTOCOL, "Mixin-Blaze-1")
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(X_REQUEST_ID, request_id.to_string())
            .header(USER_AGENT, call::AGENT)
            .body(())
            .map_err(|_| SignError::Path)?;
        self.phase = Phase::Connecting { since: now, signed_at: server_now };
        Ok(request)
    }

    /// The upgrade succeeded. The first thing said is the request for the backlog: nothing is pushed before it.
    pub fn on_open(&mut self, now: Millis) {
        let list_id = self.uuid();
        let list = pack(&json!({"id": list_id, "action": "LIST_PENDING_MESSAGES"}));
        let health =
            Health { connected_since: now, listed: None, last_frame: now, last_ping_sent: None, last_pong: None };
        self.corrected = false;
        self.phase = Phase::Open(Box::new(Open {
            health,
            out: vec![Frame::Binary(list)],
            pings: VecDeque::new(),
            list_id,
            posts: BTreeMap::new(),
            backlog: Backlog::default(),
        }));
    }

    /// The upgrade was answered with something else.
    pub fn on_refused(&mut self, now: Millis, response: &Response<Bytes>) -> Refusal {
        let Phase::Connecting { signed_at, .. } = self.phase else { return Refusal::Later };
        if !call::is_unauthorized(response) {
            self.pause(now);
            return Refusal::Later;
        }
        let Some(skew) = call::sign_again(signed_at, call::server_time(response.headers()), self.corrected) else {
            self.phase = Phase::Stopped;
            return Refusal::Final;
        };
        self.corrected = true;
        self.phase = Phase::Waiting { until: now };
        Refusal::Clock(skew)
    }

    /// The connection ended, or could not be made, for whatever reason.
    pub fn on_closed(&mut self, now: Millis) -> Vec<Event> {
        let (why, lost) = match &mut self.phase {
            // Told already, by `on_refused` or by a call before.
            Phase::Stopped | Phase::Waiting { .. } => return Vec::new(),
            Phase::Open(open) => {
                if now.since(open.health.connected_since) >= HEALTHY {
                    self.failures = 0;
                }
                (None, open.posts.values().map(|(message_id, _)| *message_id).collect())
            }
            Phase::Dropping { why, posts, .. } => (Some(std::mem::take(why)), std::mem::take(posts)),
            Phase::Connecting { .. } => (None, Vec::new()),
        };
        self.pause(now);
        let unanswered = |message_id| Event::Posted {
            message_id,
            result: Err(CallError::Unanswered { what: "the connection ended first".into() }),
        };
        why.map(|why| Event::Dropped { why }).into_iter().chain(lost.into_iter().map(unanswered)).collect()
    }

    /// Sends a message over this connection: the only way to speak to a whole group. `false` when there is none.
    /// What came of it is told by [`Event::Posted`].
    pub fn post(&mut self, now: Millis, message: &OutMessage) -> bool {
        let id = self.uuid();
        let Phase::Open(open) = &mut self.phase else { return false };
        let envelope = json!({"id": id, "action": "CREATE_MESSAGE", "params": message.wire()});
        open.out.push(Frame::Binary(pack(&envelope)));
        open.posts.insert(id, (message.message_id, now));
        true
    }

    /// A frame arrived.
    pub fn on_frame(&mut self, now: Millis, frame: &Frame) -> Vec<Event> {
        let Phase::Open(open) = &mut self.phase else { return Vec::new() };
        open.health.last_frame = now;
        let unpacked = match frame {
            Frame::Binary(packed) => unpack(packed),
            Frame::Text => Err(Unpack::Corrupt("it is text".into())),
            Frame::Pong(payload) => {
                open.on_pong(now, payload);
                return Vec::new();
            }
            Frame::Ping(_) | Frame::Close => return Vec::new(),
        };
        match unpacked {
            Ok(envelope) => self.on_envelope(now, envelope),
            Err(Unpack::Corrupt(why)) => {
                self.drop_it(now, format!("a frame is not gzip: {why}"));
                Vec::new()
            }
            Err(error @ (Unpack::TooLarge | Unpack::NotJson(_))) => {
                open.backlog.arrived(now, None);
                vec![Event::Unreadable { message_id: None, why: error.to_string(), raw: String::new() }]
            }
        }
    }

    /// When to call [`Blaze::poll_out`], or to look at [`Blaze::wants_connect`], at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        match &self.phase {
            Phase::Waiting { until } => Some(*until),
            Phase::Connecting { since, .. } => Some(since.plus(CONNECT_MAX)),
            Phase::Open(open) => Some(open.ping_at().min(open.give_up_at())),
            Phase::Dropping { since, told: false, .. } => Some(*since),
            Phase::Dropping { .. } | Phase::Stopped => None,
        }
    }

    /// What to send now, in this order. [`Frame::Close`] comes last: drop the socket.
    pub fn poll_out(&mut self, now: Millis) -> Vec<Frame> {
        match &self.phase {
            Phase::Connecting { since, .. } if since.plus(CONNECT_MAX) <= now => {
                self.drop_it(now, "the upgrade was not answered".into());
            }
            Phase::Open(open) if open.give_up_at() <= now => self.drop_it(now, open.reason(now).into()),
            _ => {}
        }
        match &mut self.phase {
            Phase::Open(open) => {
                let mut out = std::mem::take(&mut open.out);
                if open.ping_at() <= now {
                    open.health.last_ping_sent = Some(now);
                    open.pings.push_back(now);
                    out.push(Frame::Ping(Bytes::copy_from_slice(&now.0.to_be_bytes())));
                }
                out
            }
            Phase::Dropping { told, .. } if !*told => {
                *told = true;
                vec![Frame::Close]
            }
            _ => Vec::new(),
        }
    }

    fn on_envelope(&mut self, now: Millis, envelope: Envelope) -> Vec<Event> {
        let Phase::Open(open) = &mut self.phase else { return Vec::new() };
        let error = envelope.error.filter(|error| error.code() > 0).map(|error| error.sort(None));
        // Answers first: they carry the same action names as pushes (messaging §2.2).
        if envelope.id == Some(open.list_id) && open.health.listed.is_none() {
            return match error {
                None => {
                    open.health.listed = Some(now);
                    vec![Event::PendingListed]
                }
                Some(error) => self.on_complaint(now, error, true),
            };
        }
        if let Some((message_id, _)) = envelope.id.and_then(|id| open.posts.remove(&id)) {
            return vec![Event::Posted { message_id, result: error.map_or(Ok(()), Err) }];
        }
        if let Some(error) = error {
            return self.on_complaint(now, error, false);
        }
        let event = on_push(self.bot, &envelope.action, &envelope.data);
        if let Some(Event::Message(_) | Event::Unreadable { .. }) = event {
            open.backlog.arrived(now, said_at(&envelope.data));
        }
        event.into_iter().collect()
    }

    fn on_complaint(&mut self, now: Millis, error: CallError, fatal: bool) -> Vec<Event> {
        let drop = fatal || matches!(error, CallError::Unauthorized { .. });
        if drop {
            self.drop_it(now, error.to_string());
        }
        match error {
            CallError::Unauthorized { description, .. } => vec![Event::Unauthorized { description }],
            error => vec![Event::Complaint(error)],
        }
    }

    fn drop_it(&mut self, now: Millis, why: String) {
        let posts = match &self.phase {
            Phase::Open(open) => {
                if now.since(open.health.connected_since) >= HEALTHY {
                    self.failures = 0;
                }
                open.posts.values().map(|(message_id, _)| *message_id).collect()
            }
            _ => Vec::new(),
        };
        self.phase = Phase::Dropping { since: now, why, told: false, posts };
    }

    /// Doubling from 1 s to 30 s, ±20 % so that many bots do not return at once.
    fn pause(&mut self, now: Millis) {
        let (first, longest) = PAUSE;
        let base = first.saturating_mul(1 << self.failures.min(10)).min(longest);
        let percent = 80 + i64::from(self.rng.next_u32() % 41);
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Waiting { until: now.plus(Millis(base * percent / 100)) };
    }

    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Open {
    fn ping_at(&self) -> Millis {
        self.health.last_ping_sent.unwrap_or(self.health.connected_since).plus(PING_EVERY)
    }

    fn answer_due(&self) -> Option<Millis> {
        let list = self.health.listed.is_none().then_some(self.health.connected_since);
        list.into_iter().chain(self.posts.values().map(|(_, sent)| *sent)).min().map(|asked| asked.plus(ANSWER_MAX))
    }

    fn give_up_at(&self) -> Millis {
        let silent = self.health.last_frame.plus(SILENCE_MAX);
        self.answer_due().map_or(silent, |due| due.min(silent))
    }

    fn reason(&self, now: Millis) -> &'static str {
        if self.health.last_frame.plus(SILENCE_MAX) <= now {
            "no frame for 25 s"
        } else {
            "a request was not answered for 20 s"
        }
    }

    fn on_pong(&mut self, now: Millis, payload: &[u8]) {
        let sent = payload.try_into().map(|bytes| Millis(i64::from_be_bytes(bytes)));
        if let Some(nth) = sent.ok().and_then(|sent| self.pings.iter().position(|ping| *ping == sent)) {
            let answered = self.pings.drain(..=nth).next_back();
            self.health.last_pong = answered.map(|ping_sent| Pong { ping_sent, received: now });
            if let Some(pong) = self.health.last_pong {
                self.backlog.answered(&self.health, pong);
            }
        }
    }
}
