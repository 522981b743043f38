//! Requests to MixPay and its answers (dossier §15.1, §15.10): no token at all, and one envelope around everything.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Map, Value};

use super::wire;
use crate::mixin::call::{self, Base, CallError, Reply, SignError};
use crate::time::Millis;

/// Shortest pause after "too many requests": the limit counts a minute.
const BUSY: Millis = Millis::from_secs(60);
/// Longest pause a server may ask for.
const BUSY_MAX: Millis = Millis::from_secs(600);
/// MixPay's own word for HTTP 429.
const TOO_MANY: i64 = 1_429;

/// What is wanted of MixPay, so it can be kept and sent again. A type of its own, so that no call to MixPay is ever
/// sent with our Mixin token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    /// Begins with "/v1/"; a [`Base`] has no path.
    pub path_and_query: String,
    /// JSON; empty for a GET.
    pub body: Bytes,
}

impl Call {
    pub(super) fn get(path_and_query: String) -> Self {
        Self { method: Method::GET, path_and_query, body: Bytes::new() }
    }

    pub(super) fn post(path: &str, body: &Value) -> Self {
        Self { method: Method::POST, path_and_query: path.to_owned(), body: body.to_string().into() }
    }
}

/// The request to send.
///
/// # Errors
/// [`SignError::Path`] when the path is no path: nothing was sent then.
pub fn request(call: &Call, base: &Base) -> Result<Request<Bytes>, SignError> {
    Request::builder()
        .method(call.method.clone())
        .uri(base.at(&call.path_and_query)?)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, call::AGENT)
        .body(call.body.clone())
        .map_err(|_| SignError::Path)
}

/// Reads the response. [`Reply::server_time`] is always `None`: deadlines count in Mixin's time, and MixPay's clock
/// must not be able to move it.
///
/// # Errors
/// See [`CallError`]; the code in the envelope decides, because the HTTP status of an error is not documented
/// (dossier §15.1, U-24). Never [`CallError::Unauthorized`].
pub fn read(response: Response<Bytes>) -> Result<Reply, CallError> {
    let (head, body) = response.into_parts();
    let envelope: Option<Map<String, Value>> = serde_json::from_slice(&body).ok();
    let field = |name: &str| envelope.as_ref().and_then(|fields| fields.get(name));
    let description = call::cut(&wire::text(field("message")).unwrap_or_default());
    if head.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(CallError::Busy { code: TOO_MANY, description, wait: wait(&head.headers) });
    }
    if head.status.is_server_error() {
        return Err(CallError::Unanswered { what: format!("HTTP {}: {description}", head.status) });
    }
    let Some(code) = wire::parsed::<i64>(field("code")) else {
        return Err(CallError::Unanswered { what: format!("HTTP {} with a body that is no answer", head.status) });
    };
    match code {
        0 if head.status.is_success() && wire::flag(field("success")) != Some(false) => {
            Ok(Reply { data: field("data").cloned().unwrap_or_default(), server_time: None })
        }
        0 => Err(CallError::Unanswered { what: format!("HTTP {} without an error", head.status) }),
        // These and −1 are the codes worth a second try (dossier §15.10).
        TOO_MANY | 10_008 | 10_034 => Err(CallError::Busy { code, description, wait: wait(&head.headers) }),
        -1 => Err(CallError::Unanswered { what: format!("server error {code}: {description}") }),
        404 | 40_022 => Err(CallError::NotFound { description }),
        _ => Err(CallError::Refused { code, description, extra: Value::Null }),
    }
}

/// How long to leave MixPay alone: what it asks for, if it says so in seconds, within bounds.
fn wait(headers: &HeaderMap) -> Millis {
    let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Millis::from_secs(asked.unwrap_or(0)).clamp(BUSY, BUSY_MAX)
}

#[cfg(test)]
mod tests;
