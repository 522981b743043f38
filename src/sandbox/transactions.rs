//! What a single owner spends: verified, signed, submitted; and how anybody follows a transaction (dossier §12).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal, bad, refuse, uuid};
use super::ledger::{Accepted, Coin};
use super::multisig::{items, raw, receiver_view, unsigned_raw};
use super::people::NEVER;
use super::world::World;
use crate::id::{Hash, RequestId, UserId};
use crate::kernel::derive::{asset_hash, members_hash, unique_object_id};
use crate::kernel::{Signatures, Transaction};
use crate::time::Millis;

/// Verified requests kept; more is refused with 429.
const PAYMENTS_MAX: usize = 500_000;

/// A verified spend of one owner, under its trace.
struct Payment {
    user: UserId,
    /// Without signatures.
    tx: Transaction,
    coins: Vec<Coin>,
    created_at: Millis,
}

/// All of them, by trace.
#[derive(Default)]
pub(super) struct Payments(BTreeMap<RequestId, Payment>);

impl Payments {
    pub(super) fn contains(&self, id: RequestId) -> bool {
        self.0.contains_key(&id)
    }
}

impl World {
    /// `POST /safe/transaction/requests`.
    pub(super) fn transaction_requests(&mut self, me: UserId, body: &Value) -> Answer {
        let done: Result<Vec<Value>, Refusal> = items(body)?.iter().map(|item| self.verify_one(me, item)).collect();
        Ok(Value::Array(done?))
    }

    fn verify_one(&mut self, me: UserId, item: &Value) -> Answer {
        let id = RequestId(uuid(item, "request_id")?);
        let tx = unsigned_raw(item)?;
        if let Some(known) = self.payments.0.get(&id) {
            return if known.user == me { Ok(self.payment_view(id, known, me)) } else { Err(refuse(20125)) };
        }
        if self.requests.contains(id) || self.ledger.transaction(&id.to_string()).is_some() {
            return Err(refuse(20125));
        }
        let spent = self.ledger.spent_by(&tx)?;
        if !spent.iter().all(|coin| coin.receivers == [me] && coin.threshold == 1) {
            return Err(refuse(403));
        }
        if self.payments.0.len() >= PAYMENTS_MAX {
            return Err(refuse(429));
        }
        let coins = self.ledger.check(&tx)?;
        self.ledger.receivers(&tx)?;
        let payment = Payment { user: me, tx, coins, created_at: self.server_time() };
        let view = self.payment_view(id, &payment, me);
        self.payments.0.insert(id, payment);
        Ok(view)
    }

    /// `POST /safe/transactions`.
    pub(super) fn transactions_submit(&mut self, me: UserId, body: &Value) -> Answer {
        let done: Result<Vec<Value>, Refusal> = items(body)?.iter().map(|item| self.submit_one(me, item)).collect();
        Ok(Value::Array(done?))
    }

    fn submit_one(&mut self, me: UserId, item: &Value) -> Answer {
        let id = RequestId(uuid(item, "request_id")?);
        let tx = raw(item)?;
        let payment = self.payments.0.get(&id).ok_or_else(|| refuse(404))?;
        if payment.user != me {
            return Err(refuse(20125));
        }
        if tx.payload() != payment.tx.payload() {
            return Err(bad("raw", "is not what was verified under this request_id"));
        }
        if !matches!(tx.signatures, Signatures::Maps(_)) {
            return Err(bad("raw", "aggregated signatures are not taken"));
        }
        let accepted = Accepted {
            tx,
            request: Some(id),
            user: Some(me),
            senders: vec![me],
            senders_threshold: 1,
            signers: vec![me],
            at: self.server_time(),
            final_at: None,
            mint: false,
        };
        self.ledger.broadcast(accepted, self.clock.plus(Millis(self.switches.finality_ms)))?;
        let payment = self.payments.0.get(&id).ok_or_else(|| refuse(404))?;
        Ok(self.payment_view(id, payment, me))
    }

    /// `GET /safe/transactions/:id`, by request id or hash; open to everybody.
    pub(super) fn transaction_get(&self, id: &str) -> Answer {
        let (hash, accepted) = self.ledger.transaction(id).ok_or_else(|| refuse(404))?;
        Ok(self.accepted_view(hash, accepted))
    }

    /// `POST /safe/transactions/fetch`.
    pub(super) fn transactions_fetch(&self, body: &Value) -> Answer {
        let list = body.as_array().filter(|list| list.len() <= 500).ok_or_else(|| bad("body", "at most 500 ids"))?;
        let found = list.iter().filter_map(Value::as_str).filter_map(|id| self.transaction_get(id).ok());
        Ok(found.collect())
    }

    fn payment_view(&self, id: RequestId, payment: &Payment, viewer: UserId) -> Value {
        let hash = payment.tx.hash();
        if let Some(accepted) = self.ledger.accepted.get(&hash) {
            return self.accepted_view(hash, accepted);
        }
        let unsent = Accepted {
            tx: payment.tx.clone(),
            request: Some(id),
            user: Some(payment.user),
            senders: vec![payment.user],
            senders_threshold: 1,
            signers: Vec::new(),
            at: payment.created_at,
            final_at: None,
            mint: false,
        };
        let mut view = self.accepted_view(hash, &unsent);
        if let Some(view) = view.as_object_mut() {
            view.insert("state".into(), "unspent".into());
            view.insert("views".into(), self.views(&payment.coins, viewer).into());
        }
        view
    }

    /// The transaction object (dossier §12.2).
    fn accepted_view(&self, hash: Hash, accepted: &Accepted) -> Value {
        let asset = super::assets::by_hash(&accepted.tx.asset).map(|asset| asset.id);
        let receivers = self.ledger.receivers(&accepted.tx).unwrap_or_default();
        let senders: Vec<String> = accepted.senders.iter().map(UserId::to_string).collect();
        let snapshot = accepted.final_at.map(|_| unique_object_id(&[&hash.to_string(), "snapshot"]).to_string());
        json!({
            "type": "kernel_transaction_request",
            "request_id": accepted.request.map(|id| id.to_string()).unwrap_or_default(),
            "transaction_hash": hash.to_string(),
            "user_id": accepted.user.map(|id| id.to_string()).unwrap_or_default(),
            "asset": accepted.tx.asset.to_string(),
            "asset_id": asset.map(|id| id.to_string()).unwrap_or_default(),
            "kernel_asset_id": asset.map(|id| asset_hash(id).to_string()).unwrap_or_default(),
            "amount": accepted.tx.outputs.first().and_then(|output| output.amount.amount()),
            "extra": hex::encode(&accepted.tx.extra),
            "receivers": receivers.iter().map(receiver_view).collect::<Vec<_>>(),
            "senders": senders,
            "senders_hash": if accepted.senders.is_empty() { String::new() } else { members_hash(&accepted.senders).to_string() },
            "senders_threshold": accepted.senders_threshold,
            "signers": accepted.signers.iter().map(UserId::to_string).collect::<Vec<_>>(),
            "state": if accepted.final_at.is_some() { "spent" } else { "signed" },
            "raw_transaction": hex::encode(accepted.tx.encode()),
            "views": [],
            "snapshot_id": snapshot.unwrap_or_default(),
            "snapshot_hash": accepted.final_at.map(|_| hash.to_string()).unwrap_or_default(),
            "snapshot_at": accepted.final_at.map_or_else(|| NEVER.to_owned(), Millis::to_rfc3339),
            "created_at": accepted.at.to_rfc3339(),
            "updated_at": accepted.final_at.unwrap_or(accepted.at).to_rfc3339(),
        })
    }
}
