//! Callbacks: what is told, when it is told again (dossier §15.7), and the bytes of telling it.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::super::people::random_uuid;
use super::super::world::World;
use super::orders::Order;
use super::switches;
use crate::time::Millis;

/// Before each attempt, counted from the answer to the one before.
const ATTEMPTS: [Millis; 10] = [
    Millis(0),
    Millis(15_000),
    Millis(15_000),
    Millis(30_000),
    Millis(180_000),
    Millis(1_800_000),
    Millis(1_800_000),
    Millis(1_800_000),
    Millis(1_800_000),
    Millis(3_600_000),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Success,
    Fail,
    Settle,
    Pending,
    PaidLess,
}

impl Event {
    pub(super) fn read(name: &str) -> Option<Self> {
        [Self::Success, Self::Fail, Self::Settle, Self::Pending, Self::PaidLess]
            .into_iter()
            .find(|event| event.word() == name)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
            Self::Settle => "settle",
            Self::Pending => "pending",
            Self::PaidLess => "paid_less",
        }
    }
}

/// One POST to make: JSON, to `url`. Report how it went with [`World::callback_answered`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub id: u64,
    pub url: String,
    pub body: String,
}

struct Waiting {
    callback: Callback,
    event: Event,
    code: Uuid,
    tries: usize,
    /// When it is sent next; `None` while an attempt is under way, and at the end.
    next: Option<Millis>,
    /// `waiting`, `delivered` or `given_up`.
    state: &'static str,
}

/// All callbacks, oldest first.
#[derive(Default)]
pub(super) struct Outbox(Vec<Waiting>);

impl Outbox {
    /// When something is to be sent.
    pub(super) fn moments(&self) -> impl Iterator<Item = Millis> {
        self.0.iter().filter_map(|waiting| waiting.next)
    }

    pub(super) fn view(&self) -> Value {
        let one = |waiting: &Waiting| {
            json!({"id": waiting.callback.id, "code": waiting.code.to_string(), "event": waiting.event.word(),
                   "url": waiting.callback.url, "body": waiting.callback.body, "tries": waiting.tries,
                   "next": waiting.next.map(Millis::to_rfc3339), "state": waiting.state})
        };
        self.0.iter().map(one).collect()
    }

    fn push(&mut self, code: Uuid, event: Event, url: &str, body: &str, now: Millis) {
        let id = u64::try_from(self.0.len()).unwrap_or(u64::MAX).saturating_add(1);
        let callback = Callback { id, url: url.to_owned(), body: body.to_owned() };
        self.0.push(Waiting { callback, event, code, tries: 0, next: Some(now.plus(ATTEMPTS[0])), state: "waiting" });
    }
}

impl World {
    /// The callbacks to make now: to be asked for after every step, since what is due at once is no deadline. Each
    /// stays under way until it is answered.
    pub fn callbacks_out(&mut self, now: Millis) -> Vec<Callback> {
        self.tick(now);
        let now = self.clock;
        let due = self.mixpay.outbox.0.iter_mut().filter(|waiting| waiting.next.is_some_and(|at| at <= now));
        let due: Vec<Callback> = due
            .map(|waiting| {
                waiting.next = None;
                waiting.tries += 1;
                waiting.callback.clone()
            })
            .collect();
        self.changes += u64::from(!due.is_empty());
        due
    }

    /// How an attempt went: `good` when the answer was HTTP 200 with `{"code":"SUCCESS"}`. Anything else is tried
    /// again, ten times in all. An id that is not under way changes nothing.
    pub fn callback_answered(&mut self, id: u64, good: bool, now: Millis) {
        self.tick(now);
        let now = self.clock;
        let under_way = |waiting: &&mut Waiting| {
            waiting.callback.id == id && waiting.next.is_none() && waiting.state == "waiting" && waiting.tries > 0
        };
        let Some(waiting) = self.mixpay.outbox.0.iter_mut().find(under_way) else { return };
        waiting.next = ATTEMPTS.get(waiting.tries).filter(|_| !good).map(|delay| now.plus(*delay));
        if waiting.next.is_none() {
            waiting.state = if good { "delivered" } else { "given_up" };
        }
        self.changes += 1;
    }

    /// Tells the one who made the order, if there is a URL and the event is subscribed.
    pub(super) fn mixpay_tell(&mut self, code: Uuid, event: Event) {
        let (how, now) = (self.switches.mixpay.callbacks, self.clock);
        let Some(order) = self.mixpay.orders.get(&code) else { return };
        let wanted = matches!(event, Event::Success | Event::Fail) || order.terms.events.contains(&event);
        if !wanted || order.terms.callback_url.is_empty() {
            return;
        }
        let url = order.terms.callback_url.clone();
        let body = match how {
            switches::Callbacks::Lost => return,
            switches::Callbacks::Garbage => "<html>{\"orderId\":".to_owned(),
            switches::Callbacks::WrongOrder => {
                let nobodys = random_uuid(&mut self.mixpay.rng).to_string();
                json!({"orderId": nobodys, "traceId": nobodys, "payeeId": order.terms.payee.to_string()}).to_string()
            }
            switches::Callbacks::Once | switches::Callbacks::Doubled => body(order),
        };
        let times = if how == switches::Callbacks::Doubled { 2 } else { 1 };
        for _ in 0..times {
            self.mixpay.outbox.push(code, event, &url, &body, now);
        }
    }
}

fn body(order: &Order) -> String {
    json!({"orderId": order.terms.order_id, "traceId": order.code.to_string(),
           "payeeId": order.terms.payee.to_string()})
    .to_string()
}

/// The request for a callback's URL and where it goes, for plain HTTP to 127.0.0.1; nothing else is called.
pub(in crate::sandbox) fn post(callback: &Callback) -> Option<(u16, String)> {
    let url = Url::parse(&callback.url).ok()?;
    if url.scheme() != "http" || url.host_str() != Some("127.0.0.1") {
        return None;
    }
    let port = url.port_or_known_default()?;
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let length = callback.body.len();
    // HTTP/1.0: the answer ends where the connection does, and is never chunked.
    let head = format!(
        "POST {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Some((port, head + &callback.body))
}

/// Whether the bytes of an answer are HTTP 200 with `{"code":"SUCCESS"}`.
pub(in crate::sandbox) fn acknowledged(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let (head, body) = answer.split_at(end);
    let body: Option<Value> = body.get(4..).and_then(|body| serde_json::from_slice(body).ok());
    let status = head.split(|byte| *byte == b' ').nth(1);
    status == Some(b"200") && body.is_some_and(|body| body.get("code").and_then(Value::as_str) == Some("SUCCESS"))
}
