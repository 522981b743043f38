//! The Sequencer's reading side: identities, assets, one-time keys, outputs, snapshots (dossier §4, §5, §8, §9, §14).

use std::collections::BTreeSet;

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use uuid::Uuid;

use super::answer::{Answer, Refusal, bad, refuse, strict_uuid, text, uuid, uuids};
use super::assets;
use super::ledger::{Coin, CoinState, Issued};
use super::people::{Bond, Person};
use super::shapes;
use super::world::{Query, World};
use crate::id::{Hash, UserId};
use crate::kernel::derive::{members_hash, output_id};
use crate::kernel::{PublicKey, Scalar, ghost};
use crate::time::Millis;

/// Outputs and snapshots of one page.
const PAGE_MAX: usize = 500;
/// Outputs of a transaction, and so one-time keys of one call (dossier U-05).
const KEYS_MAX: usize = 256;
/// A caller who searches too much is locked for this long.
const SEARCH_LOCK: Millis = Millis::from_hours(12);

impl World {
    /// `/me` and `/safe/me`.
    pub(super) fn me(&self, me: UserId) -> Answer {
        self.person(me).map(Person::seen_by_itself)
    }

    pub(super) fn person(&self, id: UserId) -> Result<&Person, Refusal> {
        self.people.get(id).ok_or_else(|| refuse(404))
    }

    /// `GET /users/:id`, by UUID or number.
    pub(super) fn user(&self, me: UserId, id: &str) -> Answer {
        let by_id = strict_uuid(id).and_then(|id| self.people.get(UserId(id)));
        let found = by_id.or_else(|| self.people.by_number(id)).ok_or_else(|| refuse(404))?;
        Ok(found.seen_by(self.person(me)?))
    }

    /// `POST /users/fetch`.
    pub(super) fn users_fetch(&self, me: UserId, body: &Value) -> Answer {
        let viewer = self.person(me)?;
        let ids: BTreeSet<_> = uuids(body, "body", PAGE_MAX)?.into_iter().collect();
        Ok(ids.into_iter().filter_map(|id| self.people.get(UserId(id))).map(|person| person.seen_by(viewer)).collect())
    }

    /// `GET /search/:q`: a budget, and 12 hours of 429 for who exceeds it.
    pub(super) fn search(&mut self, me: UserId, query: &str) -> Answer {
        let (now, budget) = (self.clock, self.switches.search_budget);
        let refused = std::mem::take(&mut self.switches.search_429);
        let person = self.people.get_mut(me).ok_or_else(|| refuse(401))?;
        person.searches.retain(|at| at.plus(SEARCH_LOCK) > now);
        person.search_locked = person.search_locked.filter(|until| *until > now);
        if refused || person.searches.len() >= budget {
            person.search_locked = person.search_locked.or(Some(now.plus(SEARCH_LOCK)));
        }
        if person.search_locked.is_some() {
            return Err(refuse(429));
        }
        person.searches.push(now);
        let found = self.people.by_number(query).filter(|person| person.phone.searchable);
        Ok(found.ok_or_else(|| refuse(404))?.seen_by(self.person(me)?))
    }

    /// `POST /safe/users` (dossier §4.3). The PIN's part is not looked at.
    pub(super) fn safe_register(&mut self, me: UserId, body: &Value) -> Answer {
        let key = text(body, "public_key")?.parse::<Hash>().ok().and_then(|key| VerifyingKey::from_bytes(&key.0).ok());
        let key = key.ok_or_else(|| bad("public_key", "must be an Ed25519 key in hex"))?;
        let signature = shapes::decode(text(body, "signature")?).and_then(|bytes| Signature::from_slice(&bytes).ok());
        let signature = signature.ok_or_else(|| bad("signature", "must be base64url"))?;
        let message = <sha3::Sha3_256 as sha3::Digest>::digest(me.to_string());
        key.verify_strict(&message, &signature).map_err(|_| bad("signature", "does not verify"))?;
        let person = self.people.get_mut(me).ok_or_else(|| refuse(401))?;
        if person.has_safe && person.spend_public.0 != key.to_bytes() {
            return Err(refuse(403));
        }
        person.register(&key);
        self.me(me)
    }

    /// `GET /friends`.
    pub(super) fn friends(&self, me: UserId) -> Answer {
        let viewer = self.person(me)?;
        let friends = viewer.bonds.iter().filter(|(_, bond)| **bond == Bond::Friend);
        Ok(friends.filter_map(|(id, _)| self.people.get(*id)).map(|person| person.seen_by(viewer)).collect())
    }

    /// `POST /relationships`.
    pub(super) fn relate(&mut self, me: UserId, body: &Value) -> Answer {
        let other = UserId(uuid(body, "user_id")?);
        if other == me || self.people.get(other).is_none() {
            return Err(refuse(404));
        }
        let person = self.people.get_mut(me).ok_or_else(|| refuse(401))?;
        match text(body, "action")? {
            "ADD" | "UPDATE" => drop(person.bonds.insert(other, Bond::Friend)),
            "BLOCK" => drop(person.bonds.insert(other, Bond::Blocked)),
            "REMOVE" | "UNBLOCK" => drop(person.bonds.remove(&other)),
            _ => return Err(bad("action", "ADD, REMOVE, BLOCK, UNBLOCK or UPDATE")),
        }
        self.user(me, &other.to_string())
    }

    /// `POST /sessions/fetch`.
    pub(super) fn sessions_fetch(&self, body: &Value) -> Answer {
        let ids = uuids(body, "body", PAGE_MAX)?;
        let people = ids.into_iter().filter_map(|id| self.people.get(UserId(id)));
        let session = |person: &Person| {
            json!({"type": "session", "user_id": person.id.to_string(), "session_id": person.session_id.to_string(),
                   "public_key": person.session_x25519(), "platform": person.phone.client.platform()})
        };
        Ok(people.map(session).collect())
    }

    /// `GET /codes/:id`: a group's or a user's.
    pub(super) fn code(&self, me: UserId, id: &str) -> Answer {
        let code = strict_uuid(id).ok_or_else(|| refuse(404))?;
        let group = self.codes.get(&code).and_then(|id| self.conversations.get(id));
        if let Some(conversation) = group {
            return Ok(self.conversation_view(conversation));
        }
        let person = self.people.iter().find(|person| person.code_id == code).ok_or_else(|| refuse(404))?;
        Ok(person.seen_by(self.person(me)?))
    }

    /// `POST /safe/keys`, in both forms (dossier §8.1).
    pub(super) fn keys(&mut self, body: &Value) -> Answer {
        let (list, scope) = if let Some(list) = body.as_array() {
            (list, String::new())
        } else {
            let list = body.get("keys").and_then(Value::as_array).ok_or_else(|| bad("keys", "must be an array"))?;
            let senders: Vec<UserId> = match body.get("senders") {
                None | Some(Value::Null) => Vec::new(),
                Some(senders) => uuids(senders, "senders", KEYS_MAX)?.into_iter().map(UserId).collect(),
            };
            (list, if senders.is_empty() { String::new() } else { format!("{}:", members_hash(&senders)) })
        };
        if list.is_empty() || list.len() > KEYS_MAX {
            return Err(bad("keys", format!("1 to {KEYS_MAX}")));
        }
        let made: Result<Vec<Value>, Refusal> = list.iter().map(|item| self.ghost_key(item, &scope)).collect();
        Ok(Value::Array(made?))
    }

    fn ghost_key(&mut self, item: &Value, scope: &str) -> Answer {
        let receivers = uuids(item.get("receivers").unwrap_or(&Value::Null), "receivers", KEYS_MAX)?;
        let sorted: BTreeSet<UserId> = receivers.iter().copied().map(UserId).collect();
        if sorted.is_empty() || sorted.len() != receivers.len() {
            return Err(refuse(20150));
        }
        let hint = uuid(item, "hint")?;
        let index = item.get("index").and_then(Value::as_u64).filter(|index| *index < 256);
        let index = index.ok_or_else(|| bad("index", "must be the place of the output, 0 to 255"))?;
        let (mask, keys) = self.one_time_keys(&sorted, scope, hint, index)?;
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        Ok(json!({"type": "ghost_key", "mask": mask.to_string(), "keys": keys}))
    }

    /// The mask and keys of an output for these receivers (dossier §8.1 EMU), remembered as handed out.
    pub(super) fn one_time_keys(
        &mut self,
        receivers: &BTreeSet<UserId>,
        scope: &str,
        hint: Uuid,
        index: u64,
    ) -> Result<(PublicKey, Vec<PublicKey>), Refusal> {
        let everybody: String = receivers.iter().map(UserId::to_string).collect();
        let seed = format!("emu-mask:{scope}{hint}:{index}:{everybody}");
        let r = Scalar::reduce512(&Sha512::digest(seed).into());
        let mask = r.public();
        let mut keys = Vec::with_capacity(receivers.len());
        for user in receivers.iter().copied() {
            let person = self.people.get(user).filter(|person| person.has_safe).ok_or_else(|| refuse(10404))?;
            let key = ghost::public(&r, &person.view.public(), &person.spend_public, index);
            let key = key.ok_or_else(|| refuse(20150))?;
            if !self.ledger.issue(key, Issued { user, mask, index }) {
                return Err(refuse(429));
            }
            keys.push(key);
        }
        Ok((mask, keys))
    }

    /// `GET /safe/outputs`.
    pub(super) fn outputs(&self, me: UserId, query: &Query) -> Answer {
        let (members, threshold) = match query.get("members") {
            None => (members_hash(&[me]), 1),
            Some(members) => {
                let members = members.parse::<Hash>().map_err(|_| bad("members", "must be a members hash"))?;
                let threshold = query.get("threshold").and_then(|text| text.parse::<u8>().ok());
                (members, threshold.ok_or_else(|| bad("threshold", "must be a number"))?)
            }
        };
        let asset = match query.get("asset") {
            None => None,
            Some(asset) => match assets::find(asset) {
                Some(asset) => Some(asset.id),
                None => return Ok(json!([])),
            },
        };
        let state = match query.get("state") {
            None => None,
            Some(state @ ("unspent" | "signed" | "spent")) => Some(state),
            Some(_) => return Err(bad("state", "unspent, signed or spent")),
        };
        let offset: u64 = query.number("offset")?.unwrap_or(0);
        let limit = page_limit(query)?;
        let newest_first = newest_first(query, self.switches.default_desc)?;
        let wanted = |coin: &&Coin| {
            let inside = match (self.switches.offset_exclusive && offset > 0, newest_first) {
                (false, false) => coin.sequence >= offset,
                (true, false) => coin.sequence > offset,
                (false, true) => offset == 0 || coin.sequence <= offset,
                (true, true) => coin.sequence < offset,
            };
            inside
                && coin.receivers.contains(&me)
                && asset.is_none_or(|asset| coin.asset == asset)
                && state.is_none_or(|state| coin.state.word() == state)
        };
        let found = self.ledger.group(members, threshold);
        let found: Vec<Value> = if newest_first {
            found.rev().filter(wanted).take(limit).map(Self::output_view).collect()
        } else {
            found.filter(wanted).take(limit).map(Self::output_view).collect()
        };
        Ok(Value::Array(found))
    }

    /// `GET /safe/outputs/:id`, by output id or `hash:index`.
    pub(super) fn output(&self, me: UserId, id: &str) -> Answer {
        let coin = match id.split_once(':') {
            Some((hash, index)) => {
                hash.parse().ok().zip(index.parse().ok()).and_then(|place: (Hash, u16)| self.ledger.coins.get(&place))
            }
            None => strict_uuid(id).and_then(|id| self.ledger.by_output_id(id)),
        };
        let readable = |coin: &&Coin| self.switches.outputs_public || coin.receivers.contains(&me);
        Ok(Self::output_view(coin.filter(readable).ok_or_else(|| refuse(404))?))
    }

    /// `POST /safe/outputs/fetch`.
    pub(super) fn outputs_fetch(&self, me: UserId, body: &Value) -> Answer {
        let ids = body.get("ids").and_then(Value::as_array).filter(|ids| ids.len() <= PAGE_MAX);
        let ids = ids.ok_or_else(|| bad("ids", format!("at most {PAGE_MAX} ids")))?;
        Ok(ids.iter().filter_map(Value::as_str).filter_map(|id| self.output(me, id).ok()).collect())
    }

    /// The output object (dossier §9.3).
    pub(super) fn output_view(coin: &Coin) -> Value {
        let names = |users: &[UserId]| users.iter().map(UserId::to_string).collect::<Vec<_>>();
        let hash_of = |users: &[UserId]| if users.is_empty() { String::new() } else { members_hash(users).to_string() };
        let (hash, index) = coin.place();
        let time = |at: Option<Millis>| at.map(Millis::to_rfc3339);
        json!({
            "type": "kernel_output",
            "output_id": output_id(&hash, index).to_string(),
            "transaction_hash": hash.to_string(),
            "output_index": index,
            "asset_id": coin.asset.to_string(),
            "kernel_asset_id": coin.utxo.asset.to_string(),
            "asset": coin.utxo.asset.to_string(),
            "amount": coin.amount().to_string(),
            "mask": coin.utxo.mask.to_string(),
            "keys": coin.utxo.keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "senders_hash": hash_of(&coin.senders),
            "senders_threshold": coin.senders_threshold,
            "senders": names(&coin.senders),
            "receivers_hash": hash_of(&coin.receivers),
            "receivers_threshold": coin.threshold,
            "receivers": names(&coin.receivers),
            "extra": hex::encode(&coin.extra),
            "state": coin.state.word(),
            "sequence": coin.sequence,
            "created_at": coin.created_at.to_rfc3339(),
            "updated_at": coin.updated_at.to_rfc3339(),
            "signers": if coin.state == CoinState::Unspent { Vec::new() } else { names(&coin.signers) },
            "signed_by": coin.signed_by.map(|hash| hash.to_string()).unwrap_or_default(),
            "signed_at": time(coin.signed_at),
            "spent_at": time(coin.spent_at),
            "inscription_hash": coin.inscription.map(|hash| hash.to_string()).unwrap_or_default(),
            "request_id": coin.request.map(|id| id.to_string()).unwrap_or_default(),
        })
    }

    /// `GET /safe/assets/:id`.
    pub(super) fn asset(id: &str) -> Answer {
        assets::find(id).map(assets::Asset::view).ok_or_else(|| refuse(404))
    }

    /// `POST /safe/assets/fetch`: unknown ones are left out.
    pub(super) fn assets_fetch(body: &Value) -> Answer {
        let ids = body.as_array().filter(|ids| ids.len() <= PAGE_MAX).ok_or_else(|| bad("body", "an array of ids"))?;
        Ok(ids.iter().filter_map(Value::as_str).filter_map(assets::find).map(assets::Asset::view).collect())
    }
}

pub(super) fn page_limit(query: &Query) -> Result<usize, Refusal> {
    let limit = query.number("limit")?.unwrap_or(PAGE_MAX);
    if (1..=PAGE_MAX).contains(&limit) { Ok(limit) } else { Err(bad("limit", format!("1 to {PAGE_MAX}"))) }
}

pub(super) fn newest_first(query: &Query, default: bool) -> Result<bool, Refusal> {
    match query.get("order") {
        None | Some("") => Ok(default),
        Some("ASC") => Ok(false),
        Some("DESC") => Ok(true),
        Some(_) => Err(bad("order", "ASC or DESC")),
    }
}
