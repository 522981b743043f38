//! Who lives on the network: people, bots, their keys, and what others may see of them (dossier §1, §4).

use std::collections::BTreeMap;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use uuid::Uuid;

use super::phone::Phone;
use crate::id::UserId;
use crate::kernel::{PublicKey, Scalar, spend_scalar};
use crate::time::Millis;

/// The zero time of Mixin's answers.
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";
/// More identities than a sandbox needs.
pub(super) const PEOPLE_MAX: usize = 20_000;
/// The PIN of every phone until it is set otherwise.
pub(super) const DEFAULT_PIN: &str = "123456";

/// What one account is to another; absent means stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    Friend,
    Blocked,
}

/// One account with everything that belongs to it: keys, wallet view key, phone.
pub(super) struct Person {
    pub(super) id: UserId,
    /// The "Mixin ID".
    pub(super) number: String,
    pub(super) name: String,
    /// `bot`, `buyer`, `seller`, `judge`, `stranger`, `fees`, or free text.
    pub(super) role: String,
    /// A bot: has an `app` object, speaks through Blaze, has no phone to look at.
    pub(super) app: bool,
    pub(super) session_id: Uuid,
    pub(super) session: SigningKey,
    /// The server's own key for this session; nothing here is encrypted to it.
    server_public: [u8; 32],
    spend_seed: [u8; 32],
    pub(super) spend_public: PublicKey,
    /// The view key, which the Sequencer keeps for everybody (dossier §8.4 EMU).
    pub(super) view: Scalar,
    pub(super) has_safe: bool,
    pub(super) code_id: Uuid,
    pub(super) created_at: Millis,
    pub(super) bonds: BTreeMap<UserId, Bond>,
    /// Times of searches in the last 12 hours, and until when searching is locked.
    pub(super) searches: Vec<Millis>,
    pub(super) search_locked: Option<Millis>,
    pub(super) phone: Phone,
}

/// What may be chosen about a new account; the rest comes from the seed.
#[derive(Default)]
pub(super) struct NewPerson {
    pub(super) name: String,
    pub(super) role: String,
    pub(super) app: bool,
    pub(super) without_safe: bool,
    pub(super) id: Option<Uuid>,
    pub(super) session_seed: Option<[u8; 32]>,
    pub(super) spend_seed: Option<[u8; 32]>,
}

/// Everybody, found by id or number.
#[derive(Default)]
pub(super) struct People {
    by_id: BTreeMap<UserId, Person>,
    by_number: BTreeMap<String, UserId>,
    /// In order of arrival.
    order: Vec<UserId>,
}

impl People {
    /// The new account's id; `None` when the id is taken or there are too many.
    pub(super) fn add(&mut self, new: NewPerson, rng: &mut ChaCha8Rng, now: Millis) -> Option<UserId> {
        let id = UserId(new.id.unwrap_or_else(|| random_uuid(rng)));
        let session_seed = new.session_seed.unwrap_or_else(|| random_32(rng));
        let spend_seed = new.spend_seed.unwrap_or_else(|| random_32(rng));
        let server = SigningKey::from_bytes(&random_32(rng));
        let session_id = random_uuid(rng);
        let code_id = random_uuid(rng);
        let number = self.free_number(new.app, rng);
        if self.by_id.contains_key(&id) || self.order.len() >= PEOPLE_MAX {
            return None;
        }
        let spend = spend_scalar(&spend_seed);
        let person = Person {
            id,
            number: number.clone(),
            name: new.name,
            role: new.role,
            app: new.app,
            session_id,
            session: SigningKey::from_bytes(&session_seed),
            server_public: server.verifying_key().to_bytes(),
            spend_seed,
            spend_public: spend.public(),
            view: view_scalar(id),
            has_safe: !new.without_safe,
            code_id,
            created_at: now,
            bonds: BTreeMap::new(),
            searches: Vec::new(),
            search_locked: None,
            phone: Phone::default(),
        };
        self.by_id.insert(id, person);
        self.by_number.insert(number, id);
        self.order.push(id);
        Some(id)
    }

    /// People: five to eight digits. Bots: ten digits beginning 7000.
    fn free_number(&self, app: bool, rng: &mut ChaCha8Rng) -> String {
        loop {
            let any = rng.next_u32();
            let number =
                if app { format!("7000{:06}", any % 1_000_000) } else { (any % 60_000_000 + 10_000).to_string() };
            if number.starts_with("700") != app || self.by_number.contains_key(&number) {
                continue;
            }
            return number;
        }
    }

    pub(super) fn get(&self, id: UserId) -> Option<&Person> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: UserId) -> Option<&mut Person> {
        self.by_id.get_mut(&id)
    }

    pub(super) fn by_number(&self, number: &str) -> Option<&Person> {
        self.by_number.get(number).and_then(|id| self.by_id.get(id))
    }

    /// By user id, Mixin ID, or role (the first who has it): for controls, never for the API.
    pub(super) fn named(&self, name: &str) -> Option<&Person> {
        let id = name.parse().ok().map(UserId).and_then(|id| self.get(id));
        id.or_else(|| self.by_number(name)).or_else(|| self.iter().find(|person| person.role == name))
    }

    /// In order of arrival.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Person> {
        self.order.iter().filter_map(|id| self.by_id.get(id))
    }
}

impl Person {
    /// The spend scalar, for what the person's phone signs.
    pub(super) fn spend(&self) -> Scalar {
        spend_scalar(&self.spend_seed)
    }

    /// The file the dashboard hands out, with the spend key put in (dossier §1.1).
    pub(super) fn keystore(&self) -> Value {
        json!({
            "app_id": self.id.to_string(),
            "session_id": self.session_id.to_string(),
            "server_public_key": hex::encode(self.server_public),
            "session_private_key": hex::encode(self.session.to_bytes()),
            "spend_private_key": hex::encode(self.spend_seed),
        })
    }

    /// The session's key for encrypted messages: X25519, base64url without padding (messaging §12.3).
    pub(super) fn session_x25519(&self) -> String {
        base64::Engine::encode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            self.session.verifying_key().to_montgomery().to_bytes(),
        )
    }

    /// What `viewer` sees of this account (dossier §4.1).
    pub(super) fn seen_by(&self, viewer: &Self) -> Value {
        let relationship = match viewer.bonds.get(&self.id) {
            _ if viewer.id == self.id => "ME",
            Some(Bond::Friend) => "FRIEND",
            Some(Bond::Blocked) => "BLOCKING",
            None => "STRANGER",
        };
        json!({
            "type": "user",
            "user_id": self.id.to_string(),
            "identity_number": self.number,
            "phone": "",
            "full_name": self.name,
            "biography": "",
            "avatar_url": "",
            "relationship": relationship,
            "mute_until": NEVER,
            "created_at": self.created_at.to_rfc3339(),
            "is_verified": false,
            "is_scam": false,
            "is_deactivated": false,
            "has_safe": self.has_safe,
            "membership": {"plan": "none", "expired_at": NEVER},
            "app_id": if self.app { self.id.to_string() } else { String::new() },
            "app": if self.app { self.app_view() } else { Value::Null },
        })
    }

    fn app_view(&self) -> Value {
        json!({
            "type": "app",
            "app_id": self.id.to_string(),
            "app_number": self.number,
            "redirect_uri": "",
            "home_uri": "",
            "name": self.name,
            "icon_url": "",
            "description": "",
            "capabilities": ["CONTACT", "GROUP"],
            "resource_patterns": [],
            "category": "OTHER",
            "creator_id": self.id.to_string(),
            "is_verified": false,
            "updated_at": self.created_at.to_rfc3339(),
        })
    }

    /// What an account sees of itself (`/me`, `/safe/me`).
    pub(super) fn seen_by_itself(&self) -> Value {
        let mut view = self.seen_by(self);
        let more = json!({
            "session_id": self.session_id.to_string(),
            "code_id": self.code_id.to_string(),
            "code_url": format!("https://mixin.one/codes/{}", self.code_id),
            "features": [],
            "has_pin": true,
            "pin_token_base64": "",
            "salt_base64": "",
            "tip_key_base64": "",
            "tip_counter": 1,
            "has_emergency_contact": false,
            "device_status": "",
            "receive_message_source": self.phone.accepts,
            "accept_conversation_source": self.phone.accepts,
            "accept_search_source": if self.phone.searchable { "EVERYBODY" } else { "NOBODY" },
            "fiat_currency": "USD",
            "transfer_notification_threshold": 0,
            "transfer_confirmation_threshold": 0,
            "spend_public_key": if self.has_safe { self.spend_public.to_string() } else { String::new() },
            "server_public_key": hex::encode(self.server_public),
        });
        if let (Some(view), Value::Object(more)) = (view.as_object_mut(), more) {
            view.extend(more);
            if self.app {
                view.insert("app_id".into(), self.id.to_string().into());
            }
        }
        view
    }

    /// A new session; tokens of the old one are worth nothing from now on.
    pub(super) fn rotate(&mut self, rng: &mut ChaCha8Rng) {
        self.session_id = random_uuid(rng);
        self.session = SigningKey::from_bytes(&random_32(rng));
        self.server_public = SigningKey::from_bytes(&random_32(rng)).verifying_key().to_bytes();
    }

    /// Registers a spend key the account itself brought (`POST /safe/users`).
    pub(super) fn register(&mut self, key: &VerifyingKey) {
        self.spend_public = PublicKey(key.to_bytes());
        self.has_safe = true;
    }
}

/// `reduce512(SHA-512("emu-view:" ‖ user id))` (dossier §8.4 EMU).
fn view_scalar(id: UserId) -> Scalar {
    Scalar::reduce512(&Sha512::digest(format!("emu-view:{id}")).into())
}

pub(super) fn random_32(rng: &mut ChaCha8Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    bytes
}

pub(super) fn random_uuid(rng: &mut ChaCha8Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
