//! The history of single-owner wallets, and the chat notices a payment brings (dossier §14, U-15).

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, bad, refuse, text, uuid};
use super::assets;
use super::ledger::Coin;
use super::safe::{newest_first, page_limit};
use super::world::{Query, World};
use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::kernel::derive::{asset_hash, contact_conversation, unique_object_id};
use crate::time::Millis;

/// One line of a wallet's history (dossier §14). Only single-owner wallets have any (U-15).
pub(super) struct Snapshot {
    pub(super) id: Uuid,
    pub(super) user: UserId,
    pub(super) opponent: Option<UserId>,
    pub(super) hash: Hash,
    pub(super) asset: AssetId,
    /// Signed text: `-` for what went out.
    pub(super) amount: String,
    pub(super) memo: Vec<u8>,
    pub(super) request: Option<RequestId>,
    pub(super) at: Millis,
}

impl Snapshot {
    pub(super) fn view(&self) -> Value {
        json!({
            "type": "snapshot",
            "snapshot_id": self.id.to_string(),
            "user_id": self.user.to_string(),
            "opponent_id": self.opponent.map(|id| id.to_string()).unwrap_or_default(),
            "transaction_hash": self.hash.to_string(),
            "asset_id": self.asset.to_string(),
            "kernel_asset_id": asset_hash(self.asset).to_string(),
            "amount": self.amount,
            "memo": hex::encode(&self.memo),
            "request_id": self.request.map(|id| id.to_string()).unwrap_or_default(),
            "created_at": self.at.to_rfc3339(),
            "level": 12,
            "inscription_hash": "",
        })
    }
}

impl World {
    /// `GET /safe/snapshots`.
    pub(super) fn snapshots(&self, me: UserId, query: &Query) -> Answer {
        if ["app", "asset", "opponent"].iter().filter(|key| query.get(key).is_some()).count() > 1 {
            return Err(bad("asset", "app, asset and opponent exclude each other"));
        }
        let asset = query.get("asset");
        let opponent = query.get("opponent");
        let newest_first = newest_first(query, true)?;
        let offset = match query.get("offset") {
            None | Some("") => None,
            Some(offset) => Some(Millis::from_rfc3339(offset).ok_or_else(|| bad("offset", "must be RFC 3339"))?),
        };
        let wanted = |snapshot: &&Snapshot| {
            snapshot.user == me
                && asset.is_none_or(|asset| assets::find(asset).is_some_and(|asset| asset.id == snapshot.asset))
                && opponent.is_none_or(|id| snapshot.opponent.is_some_and(|opponent| opponent.to_string() == id))
                && offset.is_none_or(|at| if newest_first { snapshot.at <= at } else { snapshot.at >= at })
        };
        let limit = page_limit(query)?;
        let all = self.snapshots.iter();
        Ok(Value::Array(if newest_first {
            all.rev().filter(wanted).take(limit).map(Snapshot::view).collect()
        } else {
            all.filter(wanted).take(limit).map(Snapshot::view).collect()
        }))
    }

    /// `GET /safe/snapshots/:id`.
    pub(super) fn snapshot(&self, me: UserId, id: &str) -> Answer {
        let found = self.snapshots.iter().find(|snapshot| snapshot.user == me && snapshot.id.to_string() == id);
        found.map(Snapshot::view).ok_or_else(|| refuse(404))
    }

    /// `POST /safe/snapshots/notifications`: a chat notice for an output, to its one receiver.
    pub(super) fn snapshot_notify(&mut self, me: UserId, body: &Value) -> Answer {
        let hash =
            text(body, "transaction_hash")?.parse::<Hash>().map_err(|_| bad("transaction_hash", "not a hash"))?;
        let index = body.get("output_index").and_then(Value::as_u64).and_then(|index| u16::try_from(index).ok());
        let index = index.ok_or_else(|| bad("output_index", "must be a number"))?;
        let receiver = UserId(uuid(body, "receiver_id")?);
        let coin = self.ledger.coins.get(&(hash, index)).ok_or_else(|| refuse(404))?;
        if !coin.receivers.contains(&receiver) || (!coin.senders.contains(&me) && !coin.receivers.contains(&me)) {
            return Err(refuse(403));
        }
        let (from, payload) = (coin.senders.first().copied().unwrap_or(me), notice(coin, receiver));
        self.notify(from, receiver, &payload);
        Ok(json!({"type": "message", "category": "SYSTEM_SAFE_SNAPSHOT", "source": "API"}))
    }

    /// What follows from a transaction that became final: history lines of single-owner wallets, and the chat
    /// notice a person's payment to somebody else brings (dossier §14, U-15).
    pub(super) fn record(&mut self, hash: Hash) {
        let Some(accepted) = self.ledger.accepted.get(&hash) else { return };
        let payer = match accepted.senders.as_slice() {
            [payer] => Some(*payer),
            _ => None,
        };
        let coins: Vec<Coin> =
            self.ledger.coins.range((hash, 0)..=(hash, u16::MAX)).map(|(_, coin)| coin.clone()).collect();
        for coin in coins {
            let receiver = match coin.receivers.as_slice() {
                [receiver] if coin.threshold == 1 => Some(*receiver),
                _ => None,
            };
            if receiver.is_some() && receiver == payer {
                continue;
            }
            if let Some(payer) = payer {
                self.snapshots.push(history(&coin, payer, receiver, &format!("-{}", coin.amount())));
            }
            if let Some(receiver) = receiver {
                self.snapshots.push(history(&coin, receiver, payer, &coin.amount().to_string()));
            }
            if let (Some(payer), Some(receiver)) = (payer, receiver) {
                self.notify(payer, receiver, &notice(&coin, receiver));
            }
        }
    }

    fn notify(&mut self, from: UserId, to: UserId, payload: &Value) {
        let conversation = contact_conversation(from, to);
        self.announce(conversation, "SYSTEM_SAFE_SNAPSHOT", payload, &[to]);
    }
}

fn history(coin: &Coin, user: UserId, opponent: Option<UserId>, amount: &str) -> Snapshot {
    let (hash, index) = coin.place();
    Snapshot {
        id: unique_object_id(&[&format!("{hash}:{index}{user}")]),
        user,
        opponent,
        hash,
        asset: coin.asset,
        amount: amount.to_owned(),
        memo: coin.extra.clone(),
        request: coin.request,
        at: coin.created_at,
    }
}

/// The payload of `SYSTEM_SAFE_SNAPSHOT` (messaging §4.5), with all eight decimals.
fn notice(coin: &Coin, receiver: UserId) -> Value {
    let (hash, index) = coin.place();
    json!({
        "type": "snapshot",
        "snapshot_id": unique_object_id(&[&format!("{hash}:{index}{receiver}")]).to_string(),
        "user_id": receiver.to_string(),
        "opponent_id": coin.senders.first().map(UserId::to_string).unwrap_or_default(),
        "transaction_hash": hash.to_string(),
        "asset_id": coin.asset.to_string(),
        "amount": coin.utxo.amount.to_string(),
        "memo": hex::encode(&coin.extra),
        "created_at": coin.created_at.to_rfc3339(),
        "deposit_hash": "",
        "inscription_hash": coin.inscription.map(|hash| hash.to_string()).unwrap_or_default(),
    })
}
