//! Blaze: gzip frames over a WebSocket, nothing pushed before it is asked for, everything pushed until it is
//! acknowledged (messaging §1–§3).

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::answer::{Answer, bad, refuse, strict_uuid};
use super::auth::{self, Signed};
use super::faults::SecondConnection;
use super::messenger::{BODY_MAX, Message, Via};
use super::people::random_uuid;
use super::world::{World, json_response};
use crate::id::{MessageId, UserId};
use crate::time::Millis;

/// The server's own pings.
const PING_EVERY: Millis = Millis::from_secs(15);
/// Frames that may wait for a connection; who reads more slowly is dropped.
const OUT_MAX: usize = 100_000;
/// Connections at a time; more upgrades are refused.
const CONNECTIONS_MAX: usize = 1_000;

/// One connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(u64);

/// A WebSocket frame, either way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Binary(Bytes),
    Text(String),
    Ping(Bytes),
    Pong(Bytes),
    /// From the client: it is gone. From the server: close with a close frame.
    Close,
    /// From the server only: drop the connection without a word.
    Reset,
}

struct Conn {
    user: UserId,
    /// `LIST_PENDING_MESSAGES` was asked.
    listed: bool,
    /// A fault: nothing is read and nothing is said any more.
    silent: bool,
    ended: bool,
    out: VecDeque<Frame>,
    next_ping: Millis,
    /// Pushed here and not acknowledged, and when.
    pushed: BTreeMap<MessageId, (Millis, Arc<Message>)>,
}

/// Every open connection.
#[derive(Default)]
pub(super) struct Blaze {
    conns: BTreeMap<ConnId, Conn>,
    next: u64,
    /// Whose turn it is among several connections.
    turn: usize,
}

/// What happens to all connections of apps at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disturbance {
    Silence,
    Close,
    Reset,
    TextFrame,
}

impl World {
    /// Opens a connection when the upgrade request's token is good for `GET /`.
    ///
    /// # Errors
    /// With the answer to give instead: 401 with the error envelope, 404 for another path, 500 by fault.
    #[expect(clippy::result_large_err, reason = "the answer is what the shell sends on, once per connection")]
    pub fn blaze_open(&mut self, request: &Request<()>, now: Millis) -> Result<ConnId, Response<Bytes>> {
        self.tick(now);
        self.changes += 1;
        let opened = self.open(request);
        self.note(
            json!({"what": "blaze", "open": opened.as_ref().map_or_else(|(status, _)| status.as_u16(), |_| 101)}),
        );
        opened.map_err(|(status, body)| {
            let mut response = json_response(status, &body);
            if let Ok(time) = http::HeaderValue::from_str(&self.server_nanos()) {
                response.headers_mut().insert("x-server-time", time);
            }
            response
        })
    }

    fn open(&mut self, request: &Request<()>) -> Result<ConnId, (StatusCode, Value)> {
        let error = |code| json!({"error": refuse(code).error()});
        if request.method() != http::Method::GET || request.uri().path() != "/" {
            return Err((StatusCode::ACCEPTED, error(404)));
        }
        if self.faults.upgrades > 0 || self.blaze.conns.len() >= CONNECTIONS_MAX {
            self.faults.upgrades = self.faults.upgrades.saturating_sub(1);
            return Err((StatusCode::INTERNAL_SERVER_ERROR, error(7000)));
        }
        let target = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let signed = Signed { method: "GET", target, body: b"", headers: request.headers() };
        let server_time = self.server_time();
        let user = auth::caller(&signed, &self.people, server_time, &mut self.seen, &self.switches)
            .map_err(|refusal| (StatusCode::UNAUTHORIZED, json!({"error": refusal.error()})))?;
        if self.switches.second_connection == SecondConnection::Kick {
            for conn in self.blaze.conns.values_mut().filter(|conn| conn.user == user && !conn.ended) {
                conn.end(Frame::Close);
            }
        }
        self.post.listen(user);
        let id = ConnId(self.blaze.next);
        self.blaze.next += 1;
        let conn = Conn {
            user,
            listed: false,
            silent: false,
            ended: false,
            out: VecDeque::new(),
            next_ping: self.clock.plus(PING_EVERY),
            pushed: BTreeMap::new(),
        };
        self.blaze.conns.insert(id, conn);
        Ok(id)
    }

    /// A frame from the client. Unknown connections are ignored.
    pub fn blaze_frame(&mut self, id: ConnId, frame: Frame, now: Millis) {
        self.tick(now);
        self.changes += 1;
        if matches!(frame, Frame::Close | Frame::Reset) {
            self.blaze.conns.remove(&id);
            return;
        }
        let Some(conn) = self.blaze.conns.get_mut(&id) else { return };
        if conn.silent || conn.ended {
            return;
        }
        match frame {
            Frame::Ping(bytes) => conn.send(Frame::Pong(bytes)),
            Frame::Pong(_) | Frame::Close | Frame::Reset => {}
            Frame::Text(_) => conn.end(Frame::Close),
            Frame::Binary(bytes) => match envelope(&bytes) {
                Some(envelope) => self.blaze_request(id, &envelope),
                None => conn.end(Frame::Close),
            },
        }
    }

    /// What the server sends on this connection now. After [`Frame::Close`] or [`Frame::Reset`] it is gone.
    pub fn blaze_out(&mut self, id: ConnId, now: Millis) -> Vec<Frame> {
        self.tick(now);
        let Some(conn) = self.blaze.conns.get_mut(&id) else { return vec![Frame::Reset] };
        let frames: Vec<Frame> = conn.out.drain(..).collect();
        if conn.ended {
            self.blaze.conns.remove(&id);
        }
        frames
    }

    /// Whether this connection has gone silent: a shell must not even answer its pings.
    #[must_use]
    pub fn blaze_silent(&self, id: ConnId) -> bool {
        self.blaze.conns.get(&id).is_some_and(|conn| conn.silent)
    }

    fn blaze_request(&mut self, conn: ConnId, envelope: &Value) {
        let Some(user) = self.blaze.conns.get(&conn).map(|conn| conn.user) else { return };
        let (id, action) = (envelope.get("id").and_then(Value::as_str), envelope.get("action").and_then(Value::as_str));
        let (Some(id), Some(action)) = (id.filter(|id| strict_uuid(id).is_some()), action) else {
            let id = random_uuid(&mut self.rng).to_string();
            return self
                .blaze_send(conn, &json!({"id": id, "action": "ERROR", "error": bad("id", "id and action").error()}));
        };
        let params = envelope.get("params").unwrap_or(&Value::Null);
        let place = self.blaze.conns.get(&conn).map_or(0, |conn| conn.out.len());
        let result = self.blaze_act(user, action, params);
        let code = result.as_ref().err().map(|refusal| refusal.code);
        self.note(json!({"what": "blaze", "action": action, "error": code}));
        if self.faults.unanswered > 0 {
            self.faults.unanswered -= 1;
        } else {
            let answer = match result {
                Ok(Value::Null) => json!({"id": id, "action": action}),
                Ok(data) => json!({"id": id, "action": action, "data": data}),
                Err(refusal) => json!({"id": id, "action": action, "error": refusal.error()}),
            };
            // The answer comes before what the request brought about.
            if let Some(conn) = self.blaze.conns.get_mut(&conn).filter(|conn| !conn.ended) {
                conn.out.insert(place.min(conn.out.len()), Frame::Binary(gzip(answer.to_string().as_bytes())));
            }
        }
        if action == "LIST_PENDING_MESSAGES" {
            self.blaze_backlog(conn, user);
        }
    }

    fn blaze_act(&mut self, user: UserId, action: &str, params: &Value) -> Answer {
        match action {
            "LIST_PENDING_MESSAGES" => Ok(Value::Null),
            "CREATE_MESSAGE" => self.say(user, params, Via::Blaze).map(|message| message.sent_view()),
            "ACKNOWLEDGE_MESSAGE_RECEIPT" => self.acknowledge(user, std::slice::from_ref(params)).map(|()| Value::Null),
            "ACKNOWLEDGE_MESSAGE_RECEIPTS" => {
                let items = params.get("messages").and_then(Value::as_array);
                self.acknowledge(user, items.ok_or_else(|| bad("messages", "must be an array"))?).map(|()| Value::Null)
            }
            _ => Err(bad("action", "is not one for bots")),
        }
    }

    fn blaze_backlog(&mut self, id: ConnId, user: UserId) {
        let backlog = self.post.backlog(user, self.server_time());
        let receipts = self.post.take_receipts(user);
        if let Some(conn) = self.blaze.conns.get_mut(&id) {
            conn.listed = true;
        }
        for message in backlog {
            self.blaze_push_on(id, &message, "LIST_PENDING_MESSAGES");
        }
        for receipt in receipts {
            self.blaze_receipt(user, receipt);
        }
    }

    /// Pushes a new message to whoever listens for this user.
    pub(super) fn blaze_push(&mut self, user: UserId, message: &Arc<Message>) {
        for conn in self.listeners(user) {
            self.blaze_push_on(conn, message, message.live_source());
        }
    }

    /// Tells a sender about a receipt, or keeps it until it listens.
    pub(super) fn blaze_receipt(&mut self, user: UserId, receipt: Value) {
        let listeners = self.listeners(user);
        if listeners.is_empty() {
            return self.post.keep_receipt(user, receipt);
        }
        let id = random_uuid(&mut self.rng).to_string();
        let envelope = json!({"id": id, "action": "ACKNOWLEDGE_MESSAGE_RECEIPT", "data": receipt});
        for conn in listeners {
            self.blaze_send(conn, &envelope);
        }
    }

    /// The connections a push goes to (messaging §1.6).
    fn listeners(&mut self, user: UserId) -> Vec<ConnId> {
        let open = self.blaze.conns.iter().filter(|(_, conn)| conn.user == user && conn.listed && !conn.ended);
        let mut open: Vec<ConnId> = open.map(|(id, _)| *id).collect();
        if self.switches.second_connection == SecondConnection::RoundRobin && open.len() > 1 {
            self.blaze.turn = self.blaze.turn.wrapping_add(1);
            let turn = self.blaze.turn % open.len();
            open = open.into_iter().skip(turn).take(1).collect();
        }
        open
    }

    fn blaze_push_on(&mut self, id: ConnId, message: &Arc<Message>, source: &str) {
        let envelope = json!({"id": random_uuid(&mut self.rng).to_string(), "action": "CREATE_MESSAGE",
                              "data": message.view(source)});
        for _ in 0..=usize::from(self.switches.duplicate_push) {
            self.blaze_send(id, &envelope);
        }
        let now = self.clock;
        if let Some(conn) = self.blaze.conns.get_mut(&id) {
            conn.pushed.insert(message.id, (now, Arc::clone(message)));
        }
    }

    /// An acknowledged message is not pushed again.
    pub(super) fn blaze_acked(&mut self, user: UserId, message: MessageId) {
        for conn in self.blaze.conns.values_mut().filter(|conn| conn.user == user) {
            conn.pushed.remove(&message);
        }
    }

    fn blaze_send(&mut self, id: ConnId, envelope: &Value) {
        if let Some(conn) = self.blaze.conns.get_mut(&id) {
            conn.send(Frame::Binary(gzip(envelope.to_string().as_bytes())));
        }
    }

    /// Pings and redeliveries that are due.
    pub(super) fn blaze_tick(&mut self) {
        let (now, again) = (self.clock, self.switches.redeliver_ms);
        let mut due = Vec::new();
        for (id, conn) in self.blaze.conns.iter_mut().filter(|(_, conn)| !conn.ended && !conn.silent) {
            if conn.next_ping <= now {
                conn.send(Frame::Ping(Bytes::new()));
                conn.next_ping = now.plus(PING_EVERY);
            }
            if again > 0 {
                let old = conn.pushed.values().filter(|(at, _)| at.plus(Millis(again)) <= now);
                due.extend(old.map(|(_, message)| (*id, Arc::clone(message))));
            }
        }
        for (conn, message) in due {
            self.blaze_push_on(conn, &message, message.live_source());
        }
    }

    /// When the next ping or redelivery is due, or now when something waits to be sent.
    pub(super) fn blaze_deadline(&self) -> Option<Millis> {
        let again = self.switches.redeliver_ms;
        let conns = self.blaze.conns.values().filter(|conn| !conn.silent);
        conns
            .flat_map(|conn| {
                let waiting = (!conn.out.is_empty()).then_some(self.clock);
                let redelivery = (again > 0).then(|| conn.pushed.values().map(|(at, _)| at.plus(Millis(again))).min());
                waiting.into_iter().chain(redelivery.flatten()).chain([conn.next_ping])
            })
            .min()
    }

    /// The session of these connections is gone: they are told and closed (messaging §1.3).
    pub(super) fn blaze_revoke(&mut self, user: UserId) {
        let id = random_uuid(&mut self.rng).to_string();
        let envelope = json!({"id": id, "action": "ERROR", "error": refuse(401).error()}).to_string();
        for conn in self.blaze.conns.values_mut().filter(|conn| conn.user == user) {
            conn.send(Frame::Binary(gzip(envelope.as_bytes())));
            conn.end(Frame::Close);
        }
    }

    /// Connections that live, and how many of them are silent.
    pub(super) fn blaze_connections(&self) -> (usize, usize) {
        let live = self.blaze.conns.values().filter(|conn| !conn.ended);
        live.fold((0, 0), |(all, silent), conn| (all + 1, silent + usize::from(conn.silent)))
    }

    /// A fault for all open connections.
    pub(super) fn blaze_disturb(&mut self, how: Disturbance) -> usize {
        for conn in self.blaze.conns.values_mut() {
            match how {
                Disturbance::Silence => {
                    conn.silent = true;
                    conn.out.clear();
                }
                Disturbance::Close => conn.end(Frame::Close),
                Disturbance::Reset => conn.end(Frame::Reset),
                Disturbance::TextFrame => conn.send(Frame::Text("{}".into())),
            }
        }
        self.blaze.conns.len()
    }
}

impl Conn {
    fn send(&mut self, frame: Frame) {
        if self.silent || self.ended {
            return;
        }
        self.out.push_back(frame);
        if self.out.len() > OUT_MAX {
            self.out.clear();
            self.end(Frame::Reset);
        }
    }

    fn end(&mut self, how: Frame) {
        self.silent = false;
        if !self.ended {
            self.out.push_back(how);
            self.ended = true;
        }
    }
}

/// The JSON of a binary frame; `None` when it is not gzip, too large, or not JSON.
fn envelope(frame: &[u8]) -> Option<Value> {
    let most = u64::try_from(BODY_MAX).ok()?;
    let mut text = Vec::new();
    GzDecoder::new(frame).take(most + 1).read_to_end(&mut text).ok()?;
    if text.len() > BODY_MAX { None } else { serde_json::from_slice(&text).ok() }
}

fn gzip(text: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    // Writing to memory cannot fail; an empty frame would be seen at once.
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    Bytes::from(written.unwrap_or_default())
}
