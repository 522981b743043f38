//! The token of a request (dossier §2.2, §2.3): what is asked for, by which session, for one minute.

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::UserId;
use crate::time::Millis;

/// How long a token is good for, in seconds. Each request has its own, so a minute is plenty.
const LIFE_SECS: i64 = 60;

/// The claims of a token, in the order the official client writes them (alphabetical). Times in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claims {
    pub exp: i64,
    pub iat: i64,
    pub jti: Uuid,
    pub scp: &'static str,
    pub sid: Uuid,
    pub sig: String,
    pub uid: UserId,
}

impl Claims {
    /// For one request sent at server time `now`; `jti` is the request's `X-Request-Id`.
    #[must_use]
    pub fn new(uid: UserId, sid: Uuid, now: Millis, request_id: Uuid, sig: String) -> Self {
        let iat = now.secs();
        Self { exp: iat.saturating_add(LIFE_SECS), iat, jti: request_id, scp: "FULL", sid, sig, uid }
    }
}

/// Lower-case hex of SHA-256 over method, URI (path and query exactly as sent) and body, nothing between them.
#[must_use]
pub fn sig(method: &str, uri: &str, body: &[u8]) -> String {
    let hash = Sha256::new().chain_update(method).chain_update(uri).chain_update(body).finalize();
    hex::encode(hash)
}

/// The key of the bot's session. Wiped when dropped; prints as redacted.
#[derive(Clone, Debug)]
pub struct SessionKey(EncodingKey);

/// The signing library refused: never seen with a 32-byte seed, but no reason to panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session key could not be used for signing: download the keystore again")]
pub struct SigningFailed;

impl SessionKey {
    /// # Errors
    /// When the seed cannot be brought into the form the signing library reads.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SigningFailed> {
        let der = SigningKey::from_bytes(seed).to_pkcs8_der().map_err(|_| SigningFailed)?;
        Ok(Self(EncodingKey::from_ed_der(der.as_bytes())))
    }

    /// The token for exactly these claims. The header's order is the official client's too, so that tokens can
    /// be compared byte for byte.
    ///
    /// # Errors
    /// When the signing library refuses the key.
    pub fn token(&self, claims: &Claims) -> Result<String, SigningFailed> {
        let mut header = Header { typ: None, alg: Algorithm::EdDSA, ..Header::default() };
        header.extras.insert("typ", "JWT");
        jsonwebtoken::encode(&header, claims, &self.0).map_err(|_| SigningFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        uid: UserId,
        sid: Uuid,
        private_key: String,
        iat: i64,
        exp: i64,
        jti: Uuid,
        method: String,
        uri: String,
        body: String,
        sig: String,
        token: String,
    }

    #[test]
    fn tokens_equal_the_official_clients() {
        #[derive(serde::Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        let file: File = serde_json::from_str(include_str!("../../tests/vectors/jwt.json")).unwrap();
        assert!(file.cases.len() > 10);
        for case in file.cases {
            let sig = sig(&case.method, &case.uri, case.body.as_bytes());
            assert_eq!(sig, case.sig, "{}", case.name);
            let seed = hex::decode(&case.private_key).unwrap().try_into().unwrap();
            let now = Millis::from_secs(case.iat);
            let claims = Claims { exp: case.exp, ..Claims::new(case.uid, case.sid, now, case.jti, sig) };
            assert_eq!(SessionKey::from_seed(&seed).unwrap().token(&claims).unwrap(), case.token, "{}", case.name);
        }
    }

    #[test]
    fn what_is_signed_is_method_uri_and_body() {
        for (method, uri, body, hash) in [
            ("GET", "/", "", "f837ebeb4c2981ad9c64b70d0b0d18724c76c60781b9e4bf7a582510df7ada39"),
            ("GET", "/safe/me", "", "31dcc2c21c4a121db640f2b145fe680c74a68cf18b38ce4835c0151229daedf6"),
            ("POST", "/messages", r#"[{"x":1}]"#, "484f5d160e2e4848c06367df362d6186569670d587289acd643d4b36970c6e28"),
            (
                "POST",
                "/safe/multisigs",
                r#"[{"request_id":"x","raw":"00"}]"#,
                "bb489e6d549a667b153f6479dcba73dd6a86635c6c3c088a796ec615972dac57",
            ),
        ] {
            assert_eq!(sig(method, uri, body.as_bytes()), hash, "{method} {uri}");
        }
    }

    #[test]
    fn a_token_lives_one_minute() {
        let claims =
            Claims::new(UserId(Uuid::nil()), Uuid::nil(), Millis(1_700_000_000_999), Uuid::nil(), String::new());
        assert_eq!((claims.iat, claims.exp), (1_700_000_000, 1_700_000_060));
    }
}
