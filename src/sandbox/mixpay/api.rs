//! The API under `/v1` (dossier §15.1): no authentication, one budget of calls for all endpoints, one envelope.

use std::collections::VecDeque;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::super::faults::{Lost, RestFault};
use super::super::people::random_uuid;
use super::super::world::{World, html, json_response};
use super::ORDERS_MAX;
use super::fields::{Fields, Wrong, parameter, wrong};
use super::orders::{Order, Terms};
use super::switches::Down;
use crate::id::UserId;
use crate::kernel::derive::unique_object_id;
use crate::time::Millis;

/// Calls in any minute.
const PER_MINUTE: usize = 60;
const MINUTE: Millis = Millis(60_000);
/// Calls remembered.
const CALLS_MAX: usize = 20_000;

struct Called {
    at: Millis,
    method: String,
    path: String,
    status: u16,
    /// `MixPay`'s own, when it answered at all.
    code: Option<i32>,
}

/// The budget of calls, and who came.
#[derive(Default)]
pub(super) struct Gate {
    /// When calls were let in, the last minute's.
    admitted: VecDeque<Millis>,
    /// Every call, let in or not.
    calls: VecDeque<Called>,
    /// Calls over the budget.
    pub(super) refused: u64,
}

impl Gate {
    /// Whether one more call fits in the minute that ends now, and how many would still.
    fn admit(&mut self, now: Millis) -> Option<usize> {
        while self.admitted.front().is_some_and(|at| at.plus(MINUTE) <= now) {
            self.admitted.pop_front();
        }
        if self.admitted.len() >= PER_MINUTE {
            return None;
        }
        self.admitted.push_back(now);
        Some(PER_MINUTE.saturating_sub(self.admitted.len()))
    }

    fn note(&mut self, called: Called) {
        self.calls.push_back(called);
        if self.calls.len() > CALLS_MAX {
            self.calls.pop_front();
        }
    }

    pub(super) fn view(&self) -> Value {
        let one = |call: &Called| {
            json!({"at": call.at.to_rfc3339(), "at_ms": call.at.0, "method": call.method, "path": call.path,
                   "status": call.status, "code": call.code})
        };
        self.calls.iter().map(one).collect()
    }

    /// Calls of the busiest 60 seconds, refused ones too.
    pub(super) fn busiest_minute(&self) -> usize {
        let inside =
            |from: usize, at: Millis| self.calls.range(from..).take_while(|call| call.at < at.plus(MINUTE)).count();
        self.calls.iter().enumerate().map(|(from, call)| inside(from, call.at)).max().unwrap_or(0)
    }
}

impl World {
    /// One call of `MixPay`'s API.
    pub(in crate::sandbox) fn mixpay_api(
        &mut self,
        parts: &Parts,
        body: &Bytes,
        fault: Option<RestFault>,
    ) -> Response<Bytes> {
        let (now, switches) = (self.clock, &self.switches.mixpay);
        let http_429 = switches.http_429;
        let broken = match (fault, switches.down) {
            (_, Down::Unavailable) => Some(html(StatusCode::SERVICE_UNAVAILABLE)),
            (_, Down::Unanswered) => {
                let mut lost = html(StatusCode::GATEWAY_TIMEOUT);
                lost.extensions_mut().insert(Lost);
                Some(lost)
            }
            (Some(RestFault::Broken), Down::No) => Some(html(StatusCode::INTERNAL_SERVER_ERROR)),
            _ => None,
        };
        let (response, code) = if let Some(response) = broken {
            (response, None)
        } else {
            let left = if fault == Some(RestFault::TooMany) { None } else { self.mixpay.gate.admit(now) };
            let answer = if left.is_some() {
                self.mixpay_route(parts, body)
            } else {
                self.mixpay.gate.refused += 1;
                Err(wrong(1429, "Too Many Attempts."))
            };
            let code = answer.as_ref().map_or_else(|wrong| wrong.code, |_| 0);
            let status = if left.is_none() && http_429 { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
            let mut response = json_response(status, &envelope(answer, now));
            response.headers_mut().insert("x-ratelimit-limit", HeaderValue::from(PER_MINUTE));
            response.headers_mut().insert("x-ratelimit-remaining", HeaderValue::from(left.unwrap_or(0)));
            (response, Some(code))
        };
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        self.mixpay.gate.note(Called { at: now, method, path, status: response.status().as_u16(), code });
        response
    }

    fn mixpay_route(&mut self, parts: &Parts, body: &Bytes) -> Result<Value, Wrong> {
        let query = Fields::form(parts.uri.query().unwrap_or_default().as_bytes());
        let path = parts.uri.path().strip_prefix("/v1").unwrap_or_default();
        match (parts.method.as_str(), path) {
            ("POST", "/multisig") => self.mixpay_group(&Fields::body(&parts.headers, body)?),
            ("POST", "/one_time_payment") => self.mixpay_order(&Fields::body(&parts.headers, body)?),
            ("GET", "/payments_result") => self.mixpay_payments_result(&query),
            ("GET", "/setting/quote_assets") => self.mixpay_quote_assets(&query),
            ("GET", "/setting/payment_assets") => self.mixpay_payment_assets(&query),
            ("GET", "/setting/settlement_assets") => self.mixpay_settlement_assets(&query),
            ("GET", "/payments_estimated") => Self::mixpay_estimated(&query),
            _ => Err(wrong(404, "no such endpoint")),
        }
    }

    /// `POST /multisig`: the id is a pure function of members and threshold (dossier U-18).
    fn mixpay_group(&mut self, fields: &Fields) -> Result<Value, Wrong> {
        fields.only(&["receivers", "threshold"])?;
        let receivers = fields.list("receivers");
        if !(3..=256).contains(&receivers.len()) {
            return Err(parameter("receivers", "3 to 256"));
        }
        let ids: Option<Vec<Uuid>> = receivers.iter().map(|id| strict_uuid(&id.to_ascii_lowercase())).collect();
        let mut members: Vec<UserId> =
            ids.ok_or_else(|| parameter("receivers", "must be UUIDs"))?.into_iter().map(UserId).collect();
        members.sort_unstable();
        if !members.is_sorted_by(|one, next| one < next) {
            return Err(parameter("receivers", "the same twice"));
        }
        let threshold: u32 =
            fields.need("threshold")?.parse().map_err(|_| parameter("threshold", "must be a whole number"))?;
        if threshold == 0 {
            return Err(parameter("threshold", "must be above 0"));
        }
        let threshold = u8::try_from(threshold).ok().filter(|threshold| usize::from(*threshold) <= members.len());
        let threshold = threshold.ok_or_else(|| wrong(10041, "threshold larger than payee count"))?;
        if members.iter().any(|id| self.people.get(*id).is_none()) {
            return Err(wrong(10001, "user unknown"));
        }
        let everybody: String = members.iter().map(UserId::to_string).collect();
        let id = unique_object_id(&[&everybody, &threshold.to_string()]);
        if !self.mixpay.groups.contains_key(&id) && self.mixpay.groups.len() >= ORDERS_MAX {
            return Err(wrong(1429, "too many groups"));
        }
        self.mixpay.groups.insert(id, (members, threshold));
        Ok(json!({"multisigId": id.to_string()}))
    }

    /// `POST /one_time_payment`. The same order again is the same code (dossier U-29).
    fn mixpay_order(&mut self, fields: &Fields) -> Result<Value, Wrong> {
        let terms = Terms::read(fields, self.clock)?;
        if self.mixpay_payee(terms.payee).is_none() {
            return Err(wrong(10035, "this payee is nobody's"));
        }
        let same_name = |order: &&Order| {
            let by_order = !terms.order_id.is_empty()
                && order.terms.order_id == terms.order_id
                && order.terms.payee == terms.payee;
            by_order || terms.trace == Some(order.code)
        };
        if let Some(known) = self.mixpay.orders().find(same_name) {
            let same = known.terms == terms;
            return if same {
                Ok(json!({"code": known.code.to_string()}))
            } else {
                Err(parameter("orderId", "used with other parameters"))
            };
        }
        if self.mixpay.orders.len() >= ORDERS_MAX {
            return Err(wrong(-1, "too many orders"));
        }
        let code = terms.trace.unwrap_or_else(|| random_uuid(&mut self.mixpay.rng));
        self.mixpay.orders.insert(code, Order::new(code, terms, self.clock));
        self.mixpay.created.push(code);
        Ok(json!({"code": code.to_string()}))
    }

    /// Members and threshold behind a payee id: a group, or one account.
    pub(super) fn mixpay_payee(&self, id: Uuid) -> Option<(Vec<UserId>, u8)> {
        let group = self.mixpay.groups.get(&id).cloned();
        group.or_else(|| self.people.get(UserId(id)).map(|person| (vec![person.id], 1)))
    }
}

fn envelope(answer: Result<Value, Wrong>, now: Millis) -> Value {
    match answer {
        Ok(data) => json!({"code": 0, "success": true, "message": "", "data": data, "timestampMs": now.0}),
        Err(Wrong { code, message }) => {
            json!({"code": code, "success": false, "message": message, "data": [], "timestampMs": now.0})
        }
    }
}
