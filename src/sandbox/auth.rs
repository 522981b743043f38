//! Who is calling: the token of a request (dossier §2), checked with this room's own code, and made for phones.

use std::collections::{BTreeSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer};
use http::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::{Refusal, refuse, strict_uuid};
use super::faults::Switches;
use super::people::{People, Person};
use crate::id::UserId;
use crate::time::Millis;

/// A token may be dated this far ahead of the server, seconds (dossier §2.5).
const AHEAD: i64 = 300;
/// The longest life any client gives a token, seconds (dossier U-01).
const LIFE_MAX: i64 = 90 * 24 * 3_600;
/// `jti`s remembered for the strict switch.
const SEEN_MAX: usize = 100_000;

/// The `jti`s seen lately.
#[derive(Default)]
pub(super) struct Seen {
    set: BTreeSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    /// False when it was seen before.
    fn first_time(&mut self, jti: &str) -> bool {
        if !self.set.insert(jti.to_owned()) {
            return false;
        }
        self.order.push_back(jti.to_owned());
        if self.order.len() > SEEN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        true
    }
}

/// What of a request its token is checked against.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Path and query as sent on the wire.
    pub(super) target: &'a str,
    pub(super) body: &'a [u8],
    pub(super) headers: &'a HeaderMap,
}

/// The caller, or 401 (403 for a scope that is not `FULL`). `now` is the server's clock.
pub(super) fn caller(
    request: &Signed<'_>,
    people: &People,
    now: Millis,
    seen: &mut Seen,
    switches: &Switches,
) -> Result<UserId, Refusal> {
    let claims = verified(request, people).ok_or_else(|| refuse(401))?;
    let seconds = |key: &str| claims.claims.get(key).and_then(Value::as_i64);
    let (Some(exp), Some(iat)) = (seconds("exp"), seconds("iat")) else { return Err(refuse(401)) };
    if exp <= now.secs() || iat > now.secs() + AHEAD || exp > now.secs() + LIFE_MAX + AHEAD {
        return Err(refuse(401));
    }
    let jti = claims.claims.get("jti").and_then(Value::as_str).unwrap_or_default();
    let echoed = request.headers.get("x-request-id").is_some_and(|id| id == jti);
    if Uuid::try_parse(jti).is_err() || (switches.jti_is_request_id && !echoed) {
        return Err(refuse(401));
    }
    if switches.jti_fresh && !seen.first_time(jti) {
        return Err(refuse(401));
    }
    match claims.claims.get("scp").and_then(Value::as_str) {
        Some("FULL") => Ok(claims.user),
        Some(_) => Err(refuse(403)),
        None => Err(refuse(401)),
    }
}

struct Claims {
    user: UserId,
    claims: Value,
}

/// The claims of a token that is whole, signed by a known session, and made for exactly this request.
fn verified(request: &Signed<'_>, people: &People) -> Option<Claims> {
    let mut lines = request.headers.get_all(http::header::AUTHORIZATION).iter();
    let token = lines.next()?.to_str().ok()?.strip_prefix("Bearer ")?;
    if lines.next().is_some() {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.get("alg")? != "EdDSA" {
        return None;
    }
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let user = UserId(strict_uuid(claims.get("uid")?.as_str()?)?);
    let person = people.get(user)?;
    if claims.get("sid")?.as_str()? != person.session_id.to_string() {
        return None;
    }
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    person.session.verifying_key().verify_strict(message.as_bytes(), &signature).ok()?;
    (claims.get("sig")?.as_str()? == digest(request.method, request.target, request.body))
        .then_some(Claims { user, claims })
}

/// `sig`: SHA-256 over method, path with query, and body (dossier §2.3).
fn digest(method: &str, target: &str, body: &[u8]) -> String {
    hex::encode(Sha256::new().chain_update(method).chain_update(target).chain_update(body).finalize())
}

/// A token a phone makes for one request: 30 minutes, `jti` = `X-Request-Id`.
pub(super) fn token(person: &Person, method: &str, target: &str, body: &[u8], now: Millis, jti: Uuid) -> String {
    let claims = json!({
        "uid": person.id.to_string(),
        "sid": person.session_id.to_string(),
        "iat": now.secs(),
        "exp": now.secs() + 1_800,
        "jti": jti.to_string(),
        "sig": digest(method, target, body),
        "scp": "FULL",
    });
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = person.session.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}
