//! Requests and answers. A failure is sorted by what the caller must do, never by its HTTP status.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::auth::{self, Claims, SessionKey, SigningFailed};
use super::keystore::Keystore;
use crate::id::UserId;
use crate::time::Millis;

/// Name of the header that ties an answer to its question.
pub const X_REQUEST_ID: &str = "x-request-id";
/// Name of the header with the server's time in nanoseconds.
const X_SERVER_TIME: &str = "x-server-time";
/// How we introduce ourselves.
pub(crate) const AGENT: &str = concat!("mixin-escrow/", env!("CARGO_PKG_VERSION"));
/// A clock further off than this explains a 401 (dossier §2.5).
const SKEW_MAX: Millis = Millis::from_secs(60);
/// Longest server text kept in an error.
const TEXT_MAX: usize = 300;

/// What is wanted of the API: not yet signed, not yet dated, so it can be kept and sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    /// Path and query exactly as sent: these bytes are signed.
    pub path_and_query: String,
    pub body: Bytes,
}

impl Call {
    #[must_use]
    pub fn get(path_and_query: impl Into<String>) -> Self {
        Self { method: Method::GET, path_and_query: path_and_query.into(), body: Bytes::new() }
    }

    #[must_use]
    pub fn post(path_and_query: impl Into<String>, body: &Value) -> Self {
        Self {
            method: Method::POST,
            path_and_query: path_and_query.into(),
            body: Bytes::from(body.to_string().into_bytes()),
        }
    }

    /// A POST whose body has no bytes at all.
    #[must_use]
    pub fn post_nothing(path_and_query: impl Into<String>) -> Self {
        Self { method: Method::POST, path_and_query: path_and_query.into(), body: Bytes::new() }
    }
}

/// Scheme and host of a server, like `https://api.mixin.one` or `wss://blaze.mixin.one`. Has no path, because the
/// path is part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    scheme: Scheme,
    pub(super) authority: Authority,
}

/// Why a text is no [`Base`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a server address without a path, like https://api.mixin.one")]
pub struct NotABase;

impl FromStr for Base {
    type Err = NotABase;

    fn from_str(text: &str) -> Result<Self, NotABase> {
        let uri: Uri = text.parse().map_err(|_| NotABase)?;
        let parts = uri.into_parts();
        let bare = parts.path_and_query.is_none_or(|path| path.as_str() == "/");
        let scheme = parts.scheme.filter(|scheme| matches!(scheme.as_str(), "http" | "https" | "ws" | "wss"));
        match (scheme, parts.authority) {
            (Some(scheme), Some(authority)) if bare && !authority.as_str().contains('@') => {
                Ok(Self { scheme, authority })
            }
            _ => Err(NotABase),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl Base {
    /// # Errors
    /// When `path_and_query` holds characters that no URI may have.
    pub(crate) fn at(&self, path_and_query: &str) -> Result<Uri, SignError> {
        let path: PathAndQuery = path_and_query.parse().map_err(|_| SignError::Path)?;
        // The signature covers the text given, so what the library sends must be that text.
        if path.as_str() != path_and_query {
            return Err(SignError::Path);
        }
        let (scheme, authority) = (self.scheme.clone(), self.authority.clone());
        Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().map_err(|_| SignError::Path)
    }
}

/// A call that could not be made into a request: nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The call's path is no path. A mistake of ours.
    #[error("the path of the call is not valid in a URI")]
    Path,
    #[error(transparent)]
    Key(#[from] SigningFailed),
}

/// Signs calls as the bot.
#[derive(Clone)]
pub struct Signer {
    app_id: UserId,
    session_id: Uuid,
    key: SessionKey,
}

impl Signer {
    #[must_use]
    pub fn new(keystore: &Keystore) -> Self {
        Self { app_id: keystore.app_id(), session_id: keystore.session_id(), key: keystore.session_key().clone() }
    }

    /// The bot itself.
    #[must_use]
    pub fn app_id(&self) -> UserId {
        self.app_id
    }

    /// The request to send. `now` is server time; `request_id` is fresh for each sending, even of the same call.
    ///
    /// # Errors
    /// When the path is no path or the key cannot sign; nothing was sent then.
    pub fn sign(&self, call: &Call, base: &Base, now: Millis, request_id: Uuid) -> Result<Request<Bytes>, SignError> {
        let token = self.token(call.method.as_str(), &call.path_and_query, &call.body, now, request_id)?;
        Request::builder()
            .method(call.method.clone())
            .uri(base.at(&call.path_and_query)?)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .header(X_REQUEST_ID, request_id.to_string())
            .header(USER_AGENT, AGENT)
            .body(call.body.clone())
            .map_err(|_| SignError::Path)
    }

    pub(super) fn token(
        &self,
        method: &str,
        uri: &str,
        body: &[u8],
        now: Millis,
        request_id: Uuid,
    ) -> Result<String, SigningFailed> {
        let sig = auth::sig(method, uri, body);
        self.key.token(&Claims::new(self.app_id, self.session_id, now, request_id, sig))
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The `data` of the answer; `Null` when it had none.
    pub data: Value,
    /// The server's clock when it answered.
    pub server_time: Option<Millis>,
}

/// Why there is no [`Reply`]; each variant is one thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum CallError {
    /// Nothing happened. Make the same call again after `wait`.
    #[error("the server is busy (code {code}): {description}. Nothing happened; trying again in {}s", wait.secs())]
    Busy { code: i64, description: String, wait: Millis },
    /// It may have happened. Look it up before doing anything else; never repeat it under a new id.
    #[error("no usable answer from the server: {what}. It may have happened; looking it up")]
    Unanswered { what: String },
    /// It did not happen and will not: the call itself is wrong, or not allowed.
    #[error("the server refused (code {code}): {description}{}", extra_text(extra))]
    Refused { code: i64, description: String, extra: Value },
    /// There is no such thing, or not yet: the normal answer while waiting for one to appear.
    #[error("the server does not know it: {description}")]
    NotFound { description: String },
    /// The token was not accepted. [`sign_again`] says whether our clock explains it; if not, the session in the
    /// keystore is no longer the bot's and the operator must download a new one.
    #[error(
        "the server did not accept our token (401): {description}. If the clock is right, the session was replaced: download a new keystore"
    )]
    Unauthorized { description: String, server_time: Option<Millis> },
}

fn extra_text(extra: &Value) -> String {
    if extra.is_null() { String::new() } else { format!(" {}", cut(&extra.to_string())) }
}

/// How far to move the clock before signing once more, after a 401 on a request signed at `signed_at` (server
/// time as we believed it). `None` when the 401 is final: not a matter of time, or `again` already.
#[must_use]
pub fn sign_again(signed_at: Millis, server_time: Option<Millis>, again: bool) -> Option<Millis> {
    let skew = server_time?.since(signed_at);
    (!again && skew.0.saturating_abs() > SKEW_MAX.0).then_some(skew)
}

/// The server's clock from the headers of any answer, Blaze's upgrade included.
#[must_use]
pub fn server_time(headers: &HeaderMap) -> Option<Millis> {
    let nanos: i64 = headers.get(X_SERVER_TIME)?.to_str().ok()?.parse().ok()?;
    (nanos > 0).then_some(Millis(nanos / 1_000_000))
}

/// The `error` of an answer or of a Blaze envelope.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct WireError {
    #[serde(default)]
    status: Value,
    #[serde(default)]
    code: Value,
    #[serde(default)]
    description: Value,
    #[serde(default)]
    extra: Value,
}

/// Reads the response to the request that was sent with `request_id`.
///
/// # Errors
/// See [`CallError`]. An answer is an error when it carries an `error` with a code above zero, whatever its HTTP
/// status (dossier §3); an answer that does not repeat our request id is nobody's (dossier §2.4).
pub fn read(request_id: Uuid, response: Response<Bytes>) -> Result<Reply, CallError> {
    let (head, body) = response.into_parts();
    let server_time = server_time(&head.headers);
    let unanswered = |what: String| Err(CallError::Unanswered { what });
    if head.status.is_server_error() {
        return unanswered(format!("HTTP {}", head.status));
    }
    // A gate in front of the API may refuse with these two and without an echo: either way nothing happened.
    if head.status == StatusCode::UNAUTHORIZED || head.status == StatusCode::TOO_MANY_REQUESTS {
        let description = open(&body).ok().and_then(|(_, error)| error).map_or_else(String::new, |e| e.description());
        return Err(sort(i64::from(head.status.as_u16()), description, Value::Null, server_time));
    }
    let echo = head.headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()?.parse::<Uuid>().ok());
    if echo != Some(request_id) {
        return unanswered(format!("HTTP {} that does not repeat our request id", head.status));
    }
    match open(&body) {
        Err(why) => unanswered(format!("HTTP {} with a body that is no answer: {why}", head.status)),
        Ok((_, Some(error))) if error.code() > 0 => Err(error.sort(server_time)),
        Ok((data, _)) if head.status.is_success() => Ok(Reply { data, server_time }),
        Ok(_) => unanswered(format!("HTTP {} without an error", head.status)),
    }
}

/// Whether an answer, like that to Blaze's upgrade, says that the token was not accepted; by its status or, as the
/// API has it, by its body.
pub(super) fn is_unauthorized(response: &Response<Bytes>) -> bool {
    let code = || open(response.body()).ok().and_then(|(_, error)| error).map(|error| error.code());
    response.status() == StatusCode::UNAUTHORIZED || code() == Some(401)
}

/// The `data` and the `error` of an answer's body.
fn open(body: &[u8]) -> Result<(Value, Option<WireError>), serde_json::Error> {
    // A map, not a struct: a struct would also be read from a list.
    let mut fields: Map<String, Value> = serde_json::from_slice(body)?;
    let error = fields.remove("error").map_or(Ok(None), Option::deserialize)?;
    Ok((fields.remove("data").unwrap_or_default(), error))
}

impl WireError {
    pub(super) fn code(&self) -> i64 {
        self.code.as_i64().unwrap_or(0)
    }

    fn description(&self) -> String {
        cut(self.description.as_str().unwrap_or(""))
    }

    /// What the error means for the caller (dossier §3.1).
    pub(super) fn sort(self, server_time: Option<Millis>) -> CallError {
        let (code, description) = (self.code(), self.description());
        if self.status.as_i64().is_some_and(|status| status >= 500) {
            return CallError::Unanswered { what: format!("server error {code}: {description}") };
        }
        sort(code, description, self.extra, server_time)
    }
}

fn sort(code: i64, description: String, extra: Value, server_time: Option<Millis>) -> CallError {
    let busy = |secs| Some(Millis::from_secs(secs));
    let wait = match code {
        429 => busy(10),
        10_104 => busy(5),
        10_105 => busy(3),
        30_100 | 30_103 => busy(60),
        // Only a second chance: another code with the text services retry on (dossier §3.2).
        _ if description.contains("locked by") && description.contains("other transaction") => busy(3),
        _ => None,
    };
    if let Some(wait) = wait {
        return CallError::Busy { code, description, wait };
    }
    match code {
        // 911 is what the apps know as "your clock is wrong".
        401 | 911 => CallError::Unauthorized { description, server_time },
        404 => CallError::NotFound { description },
        500 | 7_000 | 7_001 => CallError::Unanswered { what: format!("server error {code}: {description}") },
        _ => CallError::Refused { code, description, extra },
    }
}

/// At most [`TEXT_MAX`] characters, without control characters: it ends up in logs.
pub(crate) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests;
