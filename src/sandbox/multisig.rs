//! Multisig requests: created by a member, signed one by one, broadcast by the network at the threshold
//! (dossier §11, state table §11.7).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal, bad, refuse, text, text_or_empty, uuid};
use super::faults::{InputsSigned, RequestReaders, Unlock};
use super::ledger::{Accepted, Coin, Receiver};
use super::world::World;
use crate::id::{Hash, RequestId, UserId};
use crate::kernel::derive::{asset_hash, members_hash};
use crate::kernel::{Signature, Signatures, Transaction, ghost, verify};
use crate::time::Millis;

/// Requests kept; more is refused with 429.
const REQUESTS_MAX: usize = 500_000;
/// Items one call may carry (dossier U-28).
pub(super) const BATCH_MAX: usize = 16;

/// One request: a payload, and the signatures it has gathered.
pub(super) struct Request {
    pub(super) id: RequestId,
    creator: UserId,
    /// Without signatures.
    pub(super) tx: Transaction,
    pub(super) hash: Hash,
    /// The outputs it spends, in input order.
    coins: Vec<Coin>,
    pub(super) receivers: Vec<Receiver>,
    /// In order of arrival.
    pub(super) signers: Vec<UserId>,
    /// Per input: place of the member among the senders → signature.
    signatures: Vec<BTreeMap<u16, Signature>>,
    pub(super) revoked_by: Option<UserId>,
    pub(super) created_at: Millis,
    updated_at: Millis,
}

impl Request {
    pub(super) fn senders(&self) -> &[UserId] {
        self.coins.first().map(|coin| coin.receivers.as_slice()).unwrap_or_default()
    }

    pub(super) fn threshold(&self) -> u8 {
        self.coins.first().map_or(u8::MAX, |coin| coin.threshold.max(1))
    }

    pub(super) fn complete(&self) -> bool {
        self.signers.len() >= usize::from(self.threshold())
    }

    fn signed(&self) -> Transaction {
        let any = self.signatures.iter().any(|map| !map.is_empty());
        let signatures = Signatures::Maps(if any { self.signatures.clone() } else { Vec::new() });
        Transaction { signatures, ..self.tx.clone() }
    }
}

/// All requests, found by id or by the hash of their payload.
#[derive(Default)]
pub(super) struct Requests {
    by_id: BTreeMap<RequestId, Request>,
    by_hash: BTreeMap<Hash, Vec<RequestId>>,
}

impl Requests {
    /// In no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Request> {
        self.by_id.values()
    }

    pub(super) fn contains(&self, id: RequestId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// By request id, or the newest request of a payload.
    fn find(&self, id: &str) -> Option<RequestId> {
        let by_hash = || id.parse().ok().and_then(|hash: Hash| self.by_hash.get(&hash)?.last().copied());
        id.parse().ok().map(RequestId).filter(|id| self.by_id.contains_key(id)).or_else(by_hash)
    }

    /// Another live request carries the same payload and holds its inputs. `reserved`: without a signature too.
    fn held_elsewhere(&self, of: &Request, reserved: bool) -> bool {
        let others = self.by_hash.get(&of.hash).into_iter().flatten().filter(|id| **id != of.id);
        let holds = |other: &Request| !other.signers.is_empty() || (reserved && other.revoked_by.is_none());
        others.filter_map(|id| self.by_id.get(id)).any(holds)
    }
}

/// The transaction in a body's `raw`: lower-case or upper-case hex, canonical encoding.
pub(super) fn raw(body: &Value) -> Result<Transaction, Refusal> {
    let bytes = hex::decode(text(body, "raw")?).map_err(|_| bad("raw", "must be hex"))?;
    Transaction::decode(&bytes).map_err(|error| bad("raw", error.to_string()))
}

/// The transaction in a body's `raw`, refused when it carries signatures already.
pub(super) fn unsigned_raw(body: &Value) -> Result<Transaction, Refusal> {
    let tx = raw(body)?;
    if tx.encode() == tx.payload() { Ok(tx) } else { Err(bad("raw", "must be unsigned here")) }
}

/// The items of a body that is an array of at most [`BATCH_MAX`].
pub(super) fn items(body: &Value) -> Result<&[Value], Refusal> {
    let items = body.as_array().map(Vec::as_slice).ok_or_else(|| bad("body", "must be an array"))?;
    if items.is_empty() || items.len() > BATCH_MAX {
        return Err(bad("body", format!("1 to {BATCH_MAX} items")));
    }
    Ok(items)
}

impl World {
    /// `POST /safe/multisigs`.
    pub(super) fn multisig_create(&mut self, me: UserId, body: &Value) -> Answer {
        let made: Result<Vec<Value>, Refusal> =
            items(body)?.iter().map(|item| self.multisig_create_one(me, item)).collect();
        Ok(Value::Array(made?))
    }

    fn multisig_create_one(&mut self, me: UserId, item: &Value) -> Answer {
        let id = RequestId(uuid(item, "request_id")?);
        let tx = unsigned_raw(item)?;
        self.forget_unsigned();
        if let Some(request) = self.requests.by_id.get(&id) {
            return if request.senders().contains(&me) { Ok(self.request_view(request, me)) } else { Err(refuse(403)) };
        }
        if self.payments.contains(id) {
            return Err(bad("request_id", "used by a transaction"));
        }
        let spent = self.ledger.spent_by(&tx)?;
        if !spent.first().is_some_and(|coin| coin.receivers.contains(&me)) {
            return Err(refuse(403));
        }
        if self.requests.by_id.len() >= REQUESTS_MAX {
            return Err(refuse(429));
        }
        let coins = self.ledger.check(&tx)?;
        let receivers = self.ledger.receivers(&tx)?;
        let now = self.server_time();
        if self.create_reserves() {
            self.ledger.lock(&tx);
        }
        if self.switches.inputs_signed == InputsSigned::Create {
            self.ledger.show_signed(&tx, &[], now);
        }
        let request = Request {
            id,
            creator: me,
            hash: tx.hash(),
            signatures: vec![BTreeMap::new(); tx.inputs.len()],
            tx,
            coins,
            receivers,
            signers: Vec::new(),
            revoked_by: None,
            created_at: now,
            updated_at: now,
        };
        let view = self.request_view(&request, me);
        self.requests.by_hash.entry(request.hash).or_default().push(id);
        self.requests.by_id.insert(id, request);
        Ok(view)
    }

    /// `GET /safe/multisigs/:id`.
    pub(super) fn multisig_get(&mut self, me: UserId, id: &str) -> Answer {
        self.forget_unsigned();
        let request = self.requests.find(id).and_then(|id| self.requests.by_id.get(&id)).ok_or_else(|| refuse(404))?;
        if self.switches.request_readers == RequestReaders::Senders && !request.senders().contains(&me) {
            return Err(refuse(403));
        }
        Ok(self.request_view(request, me))
    }

    /// `POST /safe/multisigs/:id/sign`.
    pub(super) fn multisig_sign(&mut self, me: UserId, id: &str, body: &Value) -> Answer {
        self.forget_unsigned();
        let id = self.requests.find(id).ok_or_else(|| refuse(404))?;
        let request = self.requests.by_id.get(&id).ok_or_else(|| refuse(404))?;
        let Some(mine) = request.senders().iter().position(|member| *member == me) else { return Err(refuse(403)) };
        if request.revoked_by.is_some() {
            return Err(refuse(403));
        }
        if request.complete() || request.signers.contains(&me) {
            return Ok(self.request_view(request, me));
        }
        if !["", &id.to_string()].contains(&text_or_empty(body, "request_id")?) {
            return Err(bad("request_id", "is not the request of this path"));
        }
        let posted = raw(body)?;
        if posted.payload() != request.tx.payload() {
            return Err(bad("raw", "is not the payload of this request"));
        }
        self.ledger.check(&request.tx)?;
        let posted = checked_signatures(request, &posted)?;
        let only = self.switches.count_only_callers.then_some(mine);
        let arrived = complete_members(request, &posted, mine, only)?;
        let now = self.server_time();
        let Some(request) = self.requests.by_id.get_mut(&id) else { return Err(refuse(404)) };
        for (have, new) in request.signatures.iter_mut().zip(posted) {
            let counted = |place: &u16| arrived.iter().any(|(at, _)| at == place);
            have.extend(new.into_iter().filter(|(place, _)| counted(place)));
        }
        request.signers.extend(arrived.into_iter().map(|(_, member)| member));
        request.updated_at = now;
        self.ledger.lock(&request.tx);
        self.ledger.show_signed(&request.tx, &request.signers, now);
        let request = self.requests.by_id.get(&id).ok_or_else(|| refuse(404))?;
        if request.complete() {
            let accepted = Accepted {
                tx: request.signed(),
                request: Some(id),
                user: Some(request.creator),
                senders: request.senders().to_vec(),
                senders_threshold: request.threshold(),
                signers: request.signers.clone(),
                at: now,
                final_at: None,
                mint: false,
            };
            self.ledger.broadcast(accepted, self.clock.plus(Millis(self.switches.finality_ms)))?;
        }
        Ok(self.request_view(request, me))
    }

    /// `POST /safe/multisigs/:id/unlock` and `/revoke` (dossier §11.6, U-11, U-12).
    pub(super) fn multisig_unlock(&mut self, me: UserId, id: &str) -> Answer {
        self.forget_unsigned();
        let id = self.requests.find(id).ok_or_else(|| refuse(404))?;
        let now = self.server_time();
        let request = self.requests.by_id.get_mut(&id).ok_or_else(|| refuse(404))?;
        let signed = request.signers.contains(&me);
        if !request.senders().contains(&me) || request.complete() || request.revoked_by.is_some() {
            return Err(refuse(403));
        }
        if self.switches.unlock != Unlock::AnySender && !signed {
            return Err(refuse(403));
        }
        if self.switches.unlock == Unlock::OwnSignature {
            let place = request.senders().iter().position(|member| *member == me).and_then(|at| u16::try_from(at).ok());
            request.signers.retain(|signer| *signer != me);
            request.signatures.iter_mut().for_each(|map| map.retain(|at, _| Some(*at) != place));
        } else {
            request.revoked_by = Some(me);
            request.signers.clear();
            request.signatures.iter_mut().for_each(BTreeMap::clear);
        }
        request.updated_at = now;
        let request = self.requests.by_id.get(&id).ok_or_else(|| refuse(404))?;
        let reserved = self.create_reserves();
        let holds = !request.signers.is_empty() || (reserved && request.revoked_by.is_none());
        if holds {
            self.ledger.show_signed(&request.tx, &request.signers, now);
        } else if !self.requests.held_elsewhere(request, reserved) {
            self.ledger.release(&request.tx, now);
        }
        Ok(self.request_view(request, me))
    }

    fn create_reserves(&self) -> bool {
        self.switches.create_reserves || self.switches.inputs_signed == InputsSigned::Create
    }

    /// U-31: requests nobody signed in time were never there.
    fn forget_unsigned(&mut self) {
        let life = self.switches.unsigned_life_ms;
        if life <= 0 {
            return;
        }
        let now = self.server_time();
        let old: Vec<RequestId> = self
            .requests
            .by_id
            .values()
            .filter(|request| request.signers.is_empty() && request.revoked_by.is_none())
            .filter(|request| request.created_at.plus(Millis(life)) <= now)
            .map(|request| request.id)
            .collect();
        for id in old {
            let Some(request) = self.requests.by_id.remove(&id) else { continue };
            if let Some(ids) = self.requests.by_hash.get_mut(&request.hash) {
                ids.retain(|other| *other != id);
            }
            if !self.requests.held_elsewhere(&request, self.create_reserves()) {
                self.ledger.release(&request.tx, now);
            }
        }
    }

    /// The request object (dossier §11.2) as `viewer` sees it.
    fn request_view(&self, request: &Request, viewer: UserId) -> Value {
        let member = request.senders().contains(&viewer);
        let live = request.revoked_by.is_none() && !request.complete();
        let hidden = self.switches.hide_signatures && !request.complete();
        let shown = if hidden { request.tx.payload() } else { request.signed().encode() };
        let mut senders: Vec<String> = request.senders().iter().map(UserId::to_string).collect();
        if self.switches.senders_unsorted {
            senders.reverse();
        }
        let asset = request.coins.first().map(|coin| coin.asset);
        json!({
            "type": "transaction_request",
            "request_id": request.id.to_string(),
            "user_id": request.creator.to_string(),
            "transaction_hash": request.hash.to_string(),
            "asset_id": asset.map(|asset| asset.to_string()).unwrap_or_default(),
            "kernel_asset_id": asset.map(|asset| asset_hash(asset).to_string()).unwrap_or_default(),
            "amount": request.tx.outputs.first().and_then(|output| output.amount.amount()),
            "receivers": request.receivers.iter().map(receiver_view).collect::<Vec<_>>(),
            "senders": senders,
            "senders_hash": members_hash(request.senders()).to_string(),
            "senders_threshold": request.threshold(),
            "signers": request.signers.iter().map(UserId::to_string).collect::<Vec<_>>(),
            "revoked_by": request.revoked_by.map(|id| id.to_string()).unwrap_or_default(),
            "extra": hex::encode(&request.tx.extra),
            "raw_transaction": hex::encode(shown),
            "views": if member && live { self.views(&request.coins, viewer) } else { Vec::new() },
            "inscription_hash": "",
            "created_at": request.created_at.to_rfc3339(),
            "updated_at": request.updated_at.to_rfc3339(),
        })
    }

    /// One view per input, for this member (dossier §8.4).
    pub(super) fn views(&self, coins: &[Coin], member: UserId) -> Vec<String> {
        let Some(person) = self.people.get(member) else { return Vec::new() };
        let view = |coin: &Coin| ghost::view(&person.view, &coin.utxo.mask, u64::from(coin.utxo.index));
        coins.iter().map(|coin| view(coin).map(|x| hex::encode(x.to_bytes())).unwrap_or_default()).collect()
    }
}

/// An entry of `receivers`.
pub(super) fn receiver_view(receiver: &Receiver) -> Value {
    json!({
        "members": receiver.members.iter().map(UserId::to_string).collect::<Vec<_>>(),
        "members_hash": if receiver.members.is_empty() { String::new() } else { members_hash(&receiver.members).to_string() },
        "threshold": receiver.threshold,
        "destination": receiver.destination,
        "tag": receiver.tag,
        "withdrawal_hash": "",
    })
}

/// The posted signatures, each valid for the key at its place of that input.
fn checked_signatures(request: &Request, posted: &Transaction) -> Result<Vec<BTreeMap<u16, Signature>>, Refusal> {
    let Signatures::Maps(maps) = &posted.signatures else {
        return Err(bad("raw", "aggregated signatures are not taken"));
    };
    if maps.len() != request.coins.len() {
        return Err(bad("raw", "as many signature maps as inputs"));
    }
    for (map, coin) in maps.iter().zip(&request.coins) {
        for (place, signature) in map {
            let key = coin.utxo.keys.get(usize::from(*place)).ok_or_else(|| bad("raw", "signature index"))?;
            if !verify(key, &request.hash, signature) {
                return Err(bad("raw", "invalid signature"));
            }
        }
    }
    Ok(maps.clone())
}

/// Members who, with what was posted, have newly signed every input: others first, the caller last. The caller
/// must be among them. `only` limits the count to one place (U-33).
fn complete_members(
    request: &Request,
    posted: &[BTreeMap<u16, Signature>],
    mine: usize,
    only: Option<usize>,
) -> Result<Vec<(u16, UserId)>, Refusal> {
    let signs_all = |place: &u16| posted.iter().all(|map| map.contains_key(place));
    let mut arrived: Vec<(u16, UserId)> = (0u16..)
        .zip(request.senders().iter().copied())
        .filter(|(place, member)| signs_all(place) && !request.signers.contains(member))
        .filter(|(place, _)| only.is_none_or(|only| usize::from(*place) == only))
        .collect();
    let at = arrived.iter().position(|(place, _)| usize::from(*place) == mine);
    let own = arrived.remove(at.ok_or_else(|| bad("raw", "your signature is not on every input"))?);
    arrived.push(own);
    Ok(arrived)
}
