//! The bot's keys, as downloaded from the dashboard (dossier §1). Both formats are read; nothing here prints a key.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::SigningKey;
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use super::auth::SessionKey;
use super::kit_key::KitKey;
use super::safe::Me;
use crate::id::{IdSecret, UserId};
use crate::kernel::{self, PublicKey};

const DOWNLOAD: &str = "download the keystore again from the dashboard, under Secret";
const COPY_SPEND: &str = "copy it from the dashboard, under Secret → App Wallet; it is shown only once";

/// Who the bot is and what it signs with. Wiped from memory when dropped; cannot be printed or written.
pub struct Keystore {
    app_id: UserId,
    session_id: Uuid,
    session_key: SessionKey,
    spend_seed: Zeroizing<[u8; 32]>,
    server_key: Option<[u8; 32]>,
}

/// What is wrong with a keystore, and its cure. Never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    #[error("the keystore is not a JSON object (line {line}, column {column}): {DOWNLOAD}")]
    NotJson { line: usize, column: usize },
    #[error("{field} is missing: {cure}")]
    Missing { field: &'static str, cure: &'static str },
    #[error("{field} is wrong, {why}: {cure}")]
    Wrong { field: &'static str, why: &'static str, cure: &'static str },
    #[error("{old} and {new} are both there and differ: remove {old}, or {DOWNLOAD}")]
    TwoAnswers { old: &'static str, new: &'static str },
    #[error(
        "{field} is an RSA key, from before Mixin had Ed25519 sessions: create a new session in the dashboard, under Secret, and download its keystore"
    )]
    Rsa { field: &'static str },
}

/// The keystore is sound but not this account's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAccount {
    #[error(
        "Mixin says we are {server}, the keystore says {ours}: download the keystore of the right bot from the dashboard"
    )]
    OtherUser { ours: UserId, server: UserId },
    #[error(
        "spend_private_key belongs to {ours}, but the account's wallet is {server}: put in the spend key that was shown when the App Wallet was made"
    )]
    OtherSpendKey { ours: PublicKey, server: PublicKey },
    #[error(
        "the bot has no Safe wallet yet, so it cannot be a member of a vault: make one in the dashboard, under Secret → App Wallet"
    )]
    NoSafe,
}

impl Keystore {
    /// From the text of the file. Fields it does not know are left alone.
    ///
    /// # Errors
    /// Names the first field that is missing or wrong, and what to do about it.
    pub fn read(text: &str) -> Result<Self, KeystoreError> {
        let fields = Fields::read(text)?;
        let session = match fields.either("session_private_key", "private_key", DOWNLOAD)? {
            (field, text) if text.contains("-----BEGIN") => return Err(KeystoreError::Rsa { field }),
            (field, text) => seed(field, text, DOWNLOAD)?,
        };
        let (app_field, app_id) = fields.app_id()?;
        let spend_seed = seed("spend_private_key", fields.need("spend_private_key", COPY_SPEND)?, COPY_SPEND)?;
        let unusable = |_| wrong("session_private_key", "it cannot sign", DOWNLOAD);
        Ok(Self {
            app_id: UserId(id(app_field, app_id)?),
            session_id: id("session_id", fields.need("session_id", DOWNLOAD)?)?,
            session_key: SessionKey::from_seed(&session).map_err(unusable)?,
            spend_seed,
            server_key: fields.server_key()?,
        })
    }

    /// Refuses keys that are not those of the account which answered `/safe/me`: signing with another spend key
    /// would only be noticed when money does not move.
    ///
    /// # Errors
    /// See [`WrongAccount`].
    pub fn check_me(&self, me: &Me) -> Result<(), WrongAccount> {
        let (ours, server) = (self.app_id, me.user.user_id);
        if ours != server {
            return Err(WrongAccount::OtherUser { ours, server });
        }
        if !me.user.has_safe {
            return Err(WrongAccount::NoSafe);
        }
        match me.spend_public_key {
            Some(server) if server != self.spend_public() => {
                Err(WrongAccount::OtherSpendKey { ours: self.spend_public(), server })
            }
            _ => Ok(()),
        }
    }

    /// The bot's own user id.
    #[must_use]
    pub fn app_id(&self) -> UserId {
        self.app_id
    }

    #[must_use]
    pub fn session_id(&self) -> Uuid {
        self.session_id
    }

    #[must_use]
    pub fn session_key(&self) -> &SessionKey {
        &self.session_key
    }

    /// The seed of the spend key: [`kernel::spend_scalar`] makes the signing scalar of it.
    #[must_use]
    pub fn spend_seed(&self) -> &[u8; 32] {
        &self.spend_seed
    }

    /// The spend key as others know it.
    #[must_use]
    pub fn spend_public(&self) -> PublicKey {
        kernel::spend_scalar(&self.spend_seed).public()
    }

    /// The key behind every id we choose.
    #[must_use]
    pub fn id_secret(&self) -> IdSecret {
        IdSecret::from_spend_seed(&self.spend_seed)
    }

    /// The key that signs recovery kits.
    #[must_use]
    pub fn kit_key(&self) -> KitKey {
        KitKey::from_spend_seed(&self.spend_seed)
    }

    /// The server's key for this session in its Curve25519 form, which both formats come down to. The bot has no
    /// PIN and does not use it; it is read so that a garbled copy is noticed at once.
    #[must_use]
    pub fn server_key(&self) -> Option<[u8; 32]> {
        self.server_key
    }
}

/// The fields of the file; their texts are wiped when dropped.
struct Fields(Map<String, Value>);

impl Drop for Fields {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

impl Fields {
    fn read(text: &str) -> Result<Self, KeystoreError> {
        // The library's own message may quote what it found; line and column are enough.
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map(Self)
            .map_err(|error| KeystoreError::NotJson { line: error.line(), column: error.column() })
    }

    /// A field's text; absent, null and blank are none.
    fn get(&self, field: &'static str, cure: &'static str) -> Result<Option<&str>, KeystoreError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(field, "it is not a text", cure)),
        }
    }

    fn need(&self, field: &'static str, cure: &'static str) -> Result<&str, KeystoreError> {
        self.get(field, cure)?.ok_or(KeystoreError::Missing { field, cure })
    }

    /// A field by its new name, or else by its old one; with the name it was found under.
    fn either(
        &self,
        new: &'static str,
        old: &'static str,
        cure: &'static str,
    ) -> Result<(&'static str, &str), KeystoreError> {
        if let Some(text) = self.get(new, cure)? {
            return Ok((new, text));
        }
        self.get(old, cure)?.map(|text| (old, text)).ok_or(KeystoreError::Missing { field: new, cure })
    }

    /// The one field that decides whose money this is must not have two answers.
    fn app_id(&self) -> Result<(&'static str, &str), KeystoreError> {
        let (new, old) = ("app_id", "client_id");
        match (self.get(new, DOWNLOAD)?, self.get(old, DOWNLOAD)?) {
            (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => Err(KeystoreError::TwoAnswers { old, new }),
            (None, None) => self
                .get("user_id", DOWNLOAD)?
                .map(|id| ("user_id", id))
                .ok_or(KeystoreError::Missing { field: new, cure: DOWNLOAD }),
            _ => self.either(new, old, DOWNLOAD),
        }
    }

    /// New keystores give the key's Edwards form in hex, old ones its Curve25519 form in base64.
    fn server_key(&self) -> Result<Option<[u8; 32]>, KeystoreError> {
        let (new, old) = ("server_public_key", "pin_token");
        if let Some(text) = self.get(new, DOWNLOAD)? {
            let bytes = key_bytes(text).ok_or(wrong(new, "it is not 32 bytes in hex", DOWNLOAD))?;
            let point = CompressedEdwardsY(*bytes).decompress().ok_or(wrong(new, "it is not a key", DOWNLOAD))?;
            return Ok(Some(point.to_montgomery().to_bytes()));
        }
        let Some(text) = self.get(old, DOWNLOAD)? else { return Ok(None) };
        let bytes = from_base64(text).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes.map(Some).ok_or(wrong(old, "it is not 32 bytes in base64", DOWNLOAD))
    }
}

fn wrong(field: &'static str, why: &'static str, cure: &'static str) -> KeystoreError {
    KeystoreError::Wrong { field, why, cure }
}

fn id(field: &'static str, text: &str) -> Result<Uuid, KeystoreError> {
    Uuid::from_str(text).map_err(|_| wrong(field, "it is not a UUID", DOWNLOAD))
}

/// A seed: 32 bytes in hex, or seed and public key together, 64 bytes in hex or (old format) base64.
fn seed(field: &'static str, text: &str, cure: &'static str) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    if let Some(seed) = key_bytes(text) {
        return Ok(seed);
    }
    let hex = hex::decode(text).ok().map(Zeroizing::new).filter(|bytes| bytes.len() == 64);
    let Some(both) = hex.or_else(|| from_base64(text)).filter(|bytes| bytes.len() == 64) else {
        return Err(wrong(field, "it is neither 32 bytes in hex nor a 64-byte key pair", cure));
    };
    let (first, public) = both.split_at(32);
    let seed = Zeroizing::new(<[u8; 32]>::try_from(first).unwrap_or_default());
    if SigningKey::from_bytes(&seed).verifying_key().as_bytes() != public {
        return Err(wrong(field, "its two halves do not belong together", cure));
    }
    Ok(seed)
}

fn key_bytes(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, bytes.as_mut_slice()).ok().map(|()| bytes)
}

/// Either alphabet, padded or not.
fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bare = text.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests;
