//! The network as one value: a request goes in with the time, an answer comes out, and nothing else happens.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Refusal, bad, refuse};
use super::attachments::Files;
use super::auth::{self, Seen, Signed};
use super::blaze::Blaze;
use super::conversations::Conversation;
use super::faults::{Faults, Lost, RestFault, Switches};
use super::ledger::Ledger;
use super::messenger::Post;
use super::mixpay::MixPay;
use super::multisig::Requests;
use super::people::{NewPerson, People};
use super::snapshots::Snapshot;
use super::transactions::Payments;
use crate::id::{ConversationId, UserId};
use crate::time::Millis;

/// Lines the log keeps.
const LOG_MAX: usize = 2_000;
/// Body of a call: two raws of the largest size, in hex.
pub(super) const BODY_MAX: usize = 18 * 1024 * 1024;

/// A whole small Mixin: people, ledger, requests, chats. Two worlds with the same seed and the same calls at the
/// same times are the same to the last byte.
pub struct World {
    pub(super) rng: ChaCha8Rng,
    /// The network's time; never goes back.
    pub(super) clock: Millis,
    /// What control has added to the caller's time.
    pub(super) advanced: Millis,
    pub(super) switches: Switches,
    pub(super) faults: Faults,
    pub(super) seen: Seen,
    pub(super) people: People,
    pub(super) ledger: Ledger,
    pub(super) requests: Requests,
    pub(super) payments: Payments,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    /// Groups by their invitation code.
    pub(super) codes: BTreeMap<Uuid, ConversationId>,
    pub(super) post: Post,
    pub(super) files: Files,
    pub(super) blaze: Blaze,
    pub(super) log: VecDeque<Value>,
    pub(super) mixpay: MixPay,
    /// Origins whose pages a phone can show here.
    pub(super) web: Vec<String>,
    /// Grows with everything that may make a page look different.
    pub(super) changes: u64,
}

/// Mark on a request a phone makes: faults meant for apps pass it by.
#[derive(Clone, Copy)]
pub(super) struct FromPhone;

/// One call, taken apart.
pub(super) struct Call<'a> {
    who: Result<UserId, Refusal>,
    pub(super) query: Query,
    pub(super) headers: &'a HeaderMap,
    body: &'a Bytes,
}

impl Call<'_> {
    fn me(&self) -> Result<UserId, Refusal> {
        self.who.clone()
    }

    fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(self.body).map_err(|_| refuse(400))
    }

    /// Where the caller reached us, for URLs in answers.
    fn host(&self) -> &str {
        self.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("sandbox.invalid")
    }
}

/// A query string. Empty values count as absent.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, value)| name == key && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Every value of a key, in order.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn number<T: std::str::FromStr>(&self, key: &str) -> Result<Option<T>, Refusal> {
        self.get(key).map(|text| text.parse().map_err(|_| bad(key, "must be a number"))).transpose()
    }
}

/// What a route answers.
pub(super) enum Reply {
    /// In `{"data": …}`.
    Data(Value),
    /// As it is.
    Bare(Value),
    /// Not JSON at all.
    Raw(StatusCode, Bytes),
}

impl World {
    /// A network of seven accounts: `bot`, `buyer`, `seller`, `judge`, `stranger`, `fees` and `mixpay`, all with a
    /// wallet and nothing in it. `start` is its first moment.
    #[must_use]
    pub fn new(seed: u64, start: Millis) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut people = People::default();
        let mut post = Post::default();
        let names = [
            ("Escrow", "bot"),
            ("Alice", "buyer"),
            ("Bob", "seller"),
            ("Judy", "judge"),
            ("Mallory", "stranger"),
            ("Fees", "fees"),
        ];
        for (name, role) in names {
            let new = NewPerson { name: name.into(), role: role.into(), app: role == "bot", ..NewPerson::default() };
            if let Some(id) = people.add(new, &mut rng, start)
                && role == "bot"
            {
                post.listen(id);
            }
        }
        let mixpay = MixPay::open(seed, &mut people, start);
        Self {
            rng,
            clock: start,
            advanced: Millis(0),
            switches: Switches::default(),
            faults: Faults::default(),
            seen: Seen::default(),
            people,
            ledger: Ledger::default(),
            requests: Requests::default(),
            payments: Payments::default(),
            snapshots: Vec::new(),
            conversations: BTreeMap::new(),
            codes: BTreeMap::new(),
            post,
            files: Files::default(),
            blaze: Blaze::default(),
            log: VecDeque::new(),
            mixpay,
            web: Vec::new(),
            changes: 0,
        }
    }

    /// One call of the REST surface. `now` is the caller's clock, to which [`control`](Self::control) may have
    /// added. A response marked [`Lost`] must not reach the caller.
    pub fn handle(&mut self, request: Request<Bytes>, now: Millis) -> Response<Bytes> {
        self.tick(now);
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let page = path.strip_prefix("/code/");
        // Pictures are fetched by people's browsers.
        let picture = parts.method == http::Method::GET && path.starts_with("/attachments/") && path.ends_with("/view");
        let from_person = page.is_some() || picture || parts.extensions.get::<FromPhone>().is_some();
        let fault = if from_person { None } else { self.faults.take(&path) };
        // A search and MixPay's API keep count also of those who only ask.
        let looks = parts.method == http::Method::GET && !path.starts_with("/search/") && !path.starts_with("/v1/");
        if !looks || fault.is_some() {
            self.changes += 1;
        }
        let mut response = match fault {
            _ if path.starts_with("/v1/") => self.mixpay_api(&parts, &body, fault),
            None if page.is_some() && parts.method == http::Method::GET => {
                self.mixpay_page(page.unwrap_or_default(), None)
            }
            Some(RestFault::Broken) => html(StatusCode::INTERNAL_SERVER_ERROR),
            Some(RestFault::TooMany) => json_response(StatusCode::ACCEPTED, &json!({"error": refuse(429).error()})),
            Some(RestFault::Lost) | None => self.answer(&parts, &body),
        };
        self.write_down(parts.method.as_str(), parts.uri.path(), &response, fault);
        if let Some(id) = parts.headers.get("x-request-id") {
            response.headers_mut().insert("x-request-id", id.clone());
        }
        if let Ok(time) = http::HeaderValue::from_str(&self.server_nanos()) {
            response.headers_mut().insert("x-server-time", time);
        }
        if fault == Some(RestFault::Lost) {
            let mut lost = html(StatusCode::GATEWAY_TIMEOUT);
            lost.extensions_mut().insert(Lost);
            return lost;
        }
        response
    }

    /// When something happens next without being asked, in the caller's clock: a transaction becomes final, a ping
    /// or a push is due, `MixPay` acts or a callback waits to be fetched.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let next =
            self.ledger.next_final().into_iter().chain(self.blaze_deadline()).chain(self.mixpay_deadline()).min();
        next.map(|at| at.since(self.advanced))
    }

    /// As long as this stays the same, every page looks the same, but for what the bot says in it. Nothing that changes
    /// a page may go by without it; that it changes for nothing costs a drawing.
    pub(super) fn outlook(&mut self, now: Millis) -> (u64, Millis) {
        self.tick(now);
        // Pages tell the time to the minute; confirmations and the age of requests come with time alone.
        let moves = self.switches.unsigned_life_ms > 0 || self.mixpay_waits();
        (self.changes, if moves { self.clock } else { Millis(self.clock.0 / 60_000) })
    }

    /// The server's time in nanoseconds since the epoch, as `X-Server-Time` says it.
    #[must_use]
    pub fn server_nanos(&self) -> String {
        (i128::from(self.server_time().0) * 1_000_000).to_string()
    }

    /// Lives up to this moment.
    pub(super) fn tick(&mut self, now: Millis) {
        self.clock = self.clock.max(now.plus(self.advanced));
        for hash in self.ledger.settle(self.clock, Millis(self.switches.skew_ms)) {
            self.changes += 1;
            self.record(hash);
            self.mixpay_final(hash);
        }
        self.mixpay_tick();
        self.blaze_tick();
    }

    /// What the server takes for now: the network's time and its own error.
    pub(super) fn server_time(&self) -> Millis {
        self.clock.plus(Millis(self.switches.skew_ms))
    }

    fn answer(&mut self, parts: &http::request::Parts, body: &Bytes) -> Response<Bytes> {
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let signed = Signed { method: parts.method.as_str(), target, body, headers: &parts.headers };
        let now = self.server_time();
        let call = Call {
            who: auth::caller(&signed, &self.people, now, &mut self.seen, &self.switches),
            query: Query::read(parts.uri.query().unwrap_or_default()),
            headers: &parts.headers,
            body,
        };
        let path = parts.uri.path().replace("%3A", ":").replace("%3a", ":");
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let reply = if body.len() > BODY_MAX.max(super::attachments::UPLOAD_MAX) {
            Err(refuse(400))
        } else {
            self.route(parts.method.as_str(), &segments, &call)
        };
        match reply {
            Ok(Reply::Data(data)) => json_response(StatusCode::OK, &json!({"data": data})),
            Ok(Reply::Bare(body)) => json_response(StatusCode::OK, &body),
            Ok(Reply::Raw(status, bytes)) => raw_response(status, bytes),
            Err(refusal) if refusal.code == 500 => html(StatusCode::INTERNAL_SERVER_ERROR),
            Err(refusal) => json_response(StatusCode::ACCEPTED, &json!({"error": refusal.error()})),
        }
    }

    fn route(&mut self, method: &str, path: &[&str], call: &Call<'_>) -> Result<Reply, Refusal> {
        match (method, path) {
            (_, ["safe", rest @ ..]) => self.route_safe(method, rest, call).map(Reply::Data),
            ("PUT", ["attachments", id, "upload"]) => {
                let token = call.query.get("token").unwrap_or_default();
                Ok(Reply::Raw(self.upload(id, token, call.headers, call.body.clone()), Bytes::new()))
            }
            ("GET", ["attachments", id, "view"]) => Ok(match self.attachment_bytes(id) {
                Some(bytes) => Reply::Raw(StatusCode::OK, bytes),
                None => Reply::Raw(StatusCode::NOT_FOUND, Bytes::new()),
            }),
            ("POST", ["messages"]) => self.messages_create(call.me()?, &call.json()?, call.body.len()).map(Reply::Bare),
            _ => self.route_messenger(method, path, call).map(Reply::Data),
        }
    }

    fn route_safe(&mut self, method: &str, path: &[&str], call: &Call<'_>) -> Result<Value, Refusal> {
        match (method, path) {
            ("GET", ["me"]) => self.me(call.me()?),
            ("POST", ["users"]) => self.safe_register(call.me()?, &call.json()?),
            ("POST", ["keys"]) => call.me().and_then(|_| self.keys(&call.json()?)),
            ("GET", ["assets"]) => {
                call.me().map(|_| super::assets::all().iter().map(super::assets::Asset::view).collect())
            }
            ("GET", ["assets", id]) => call.me().and_then(|_| Self::asset(id)),
            ("POST", ["assets", "fetch"]) => call.me().and_then(|_| Self::assets_fetch(&call.json()?)),
            ("GET", ["assets", id, "fees"]) => call.me().and_then(|_| Self::asset(id)).map(|_| json!([])),
            ("GET", ["outputs"]) => self.outputs(call.me()?, &call.query),
            ("POST", ["outputs", "fetch"]) => self.outputs_fetch(call.me()?, &call.json()?),
            ("GET", ["outputs", id]) => self.output(call.me()?, id),
            ("POST", ["multisigs"]) => self.multisig_create(call.me()?, &call.json()?),
            ("GET", ["multisigs", id]) => self.multisig_get(call.me()?, id),
            ("POST", ["multisigs", id, "sign"]) => self.multisig_sign(call.me()?, id, &call.json()?),
            ("POST", ["multisigs", id, "unlock" | "revoke"]) => self.multisig_unlock(call.me()?, id),
            ("POST", ["transaction", "requests"]) => self.transaction_requests(call.me()?, &call.json()?),
            ("POST", ["transactions"]) => self.transactions_submit(call.me()?, &call.json()?),
            ("POST", ["transactions", "fetch"]) => call.me().and_then(|_| self.transactions_fetch(&call.json()?)),
            ("GET", ["transactions", id]) => {
                if call.headers.contains_key(http::header::AUTHORIZATION) {
                    call.me()?;
                }
                self.transaction_get(id)
            }
            ("GET", ["snapshots"]) => self.snapshots(call.me()?, &call.query),
            ("POST", ["snapshots", "notifications"]) => self.snapshot_notify(call.me()?, &call.json()?),
            ("GET", ["snapshots", id]) => self.snapshot(call.me()?, id),
            _ => Err(refuse(404)),
        }
    }

    fn route_messenger(&mut self, method: &str, path: &[&str], call: &Call<'_>) -> Result<Value, Refusal> {
        match (method, path) {
            ("GET", ["me"]) => self.me(call.me()?),
            ("GET", ["users", id]) => self.user(call.me()?, id),
            ("POST", ["users", "fetch"]) => self.users_fetch(call.me()?, &call.json()?),
            ("GET", ["search", query]) => self.search(call.me()?, query),
            ("GET", ["friends"]) => self.friends(call.me()?),
            ("POST", ["relationships"]) => self.relate(call.me()?, &call.json()?),
            ("GET", ["codes", id]) => self.code(call.me()?, id),
            ("POST", ["sessions", "fetch"]) => call.me().and_then(|_| self.sessions_fetch(&call.json()?)),
            ("GET", ["network", "assets", "top"]) => {
                Ok(super::assets::all().iter().map(super::assets::Asset::view).collect())
            }
            ("GET", ["network", "assets", id]) => Self::asset(id),
            ("POST", ["acknowledgements"]) => {
                let (me, body) = (call.me()?, call.json()?);
                let items = body.as_array().ok_or_else(|| bad("body", "must be an array"))?;
                self.acknowledge(me, items)?;
                Ok(body)
            }
            ("POST", ["conversations"]) => self.conversation_create(call.me()?, &call.json()?),
            ("GET", ["conversations", id]) => {
                let me = call.me()?;
                let id = super::answer::strict_uuid(id).ok_or_else(|| refuse(404))?;
                self.conversation_get(me, ConversationId(id))
            }
            ("POST", ["conversations", id, what @ ..]) => {
                let body = if call.body.is_empty() { Value::Null } else { call.json()? };
                self.conversation_change(call.me()?, id, what, &body)
            }
            ("POST", ["attachments"]) => call.me().and_then(|_| self.attachment_create(call.host())),
            ("GET", ["attachments", id]) => call.me().and_then(|_| self.attachment_get(id, call.host())),
            _ => Err(refuse(404)),
        }
    }

    fn write_down(&mut self, method: &str, path: &str, response: &Response<Bytes>, fault: Option<RestFault>) {
        let body: Value = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        let error = body.get("error").cloned().unwrap_or(Value::Null);
        self.note(json!({"what": "rest", "method": method, "path": path, "status": response.status().as_u16(),
                         "error": error, "fault": fault}));
    }

    /// A line for the log.
    pub(super) fn note(&mut self, mut line: Value) {
        if let Some(line) = line.as_object_mut() {
            line.insert("at".into(), self.clock.to_rfc3339().into());
        }
        self.log.push_back(line);
        if self.log.len() > LOG_MAX {
            self.log.pop_front();
        }
    }
}

/// A JSON answer.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

fn raw_response(status: StatusCode, bytes: Bytes) -> Response<Bytes> {
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    let octets = http::HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(http::header::CONTENT_TYPE, octets);
    response
}

/// What a proxy in front of the servers says when they are in trouble.
pub(super) fn html(status: StatusCode) -> Response<Bytes> {
    let mut response = raw_response(status, Bytes::from_static(b"<html><body>Internal Server Error</body></html>"));
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/html"));
    response
}
