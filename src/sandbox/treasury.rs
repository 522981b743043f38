//! Money from nowhere, and the books: what control mints, takes away, and shows to an auditor.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::strict_uuid;
use super::assets;
use super::control::{Controlled, key, mistake, text};
use super::ledger::{Accepted, Coin, CoinState};
use super::people::{random_32, random_uuid};
use super::world::World;
use crate::id::{Hash, RequestId, UserId};
use crate::kernel::derive::members_hash;
use crate::kernel::{Input, Output, Signatures, Transaction};
use crate::money::Amount;
use crate::time::Millis;

impl World {
    pub(super) fn mint(&mut self, who: UserId, body: &Value) -> Controlled {
        let inscription = key(body, "inscription_hash")?.map(Hash);
        self.money_from_outside(&[who], 1, body, inscription)
    }

    pub(super) fn deposit(&mut self, body: &Value) -> Controlled {
        let members = self.everybody_in(body, "members")?;
        let threshold =
            body.get("threshold").and_then(Value::as_u64).and_then(|threshold| u8::try_from(threshold).ok());
        let threshold = threshold.filter(|threshold| (1..=members.len()).contains(&usize::from(*threshold)));
        let threshold = threshold.ok_or_else(|| mistake("threshold", "impossible", "1 to the number of members"))?;
        self.money_from_outside(&members, threshold, body, None)
    }

    fn money_from_outside(
        &mut self,
        members: &[UserId],
        threshold: u8,
        body: &Value,
        inscription: Option<Hash>,
    ) -> Controlled {
        let asset = assets::find(text(body, "asset_id")?);
        let asset = asset.ok_or_else(|| mistake("asset_id", "unknown asset", "one of GET /safe/assets"))?;
        let amount: Amount = text(body, "amount")?
            .parse()
            .map_err(|error| mistake("amount", format!("{error}"), "a decimal string like \"12.5\""))?;
        if amount.is_zero() {
            return Err(mistake("amount", "zero", "more than 0"));
        }
        let extra = match body.get("extra").and_then(Value::as_str) {
            None => Vec::new(),
            Some(extra) => hex::decode(extra).map_err(|_| mistake("extra", "not hex", "the memo's bytes in hex"))?,
        };
        let request = match body.get("request_id").and_then(Value::as_str) {
            None => None,
            Some(id) => {
                Some(RequestId(strict_uuid(id).ok_or_else(|| mistake("request_id", "not a UUID", "lower case"))?))
            }
        };
        let receivers: BTreeSet<UserId> = members.iter().copied().collect();
        let hint = random_uuid(&mut self.rng);
        let (mask, keys) = self.one_time_keys(&receivers, "", hint, 0)?;
        let tx = Transaction {
            asset: asset.hash(),
            inputs: vec![Input::spend(Hash(random_32(&mut self.rng)), 0)],
            outputs: vec![Output::pay(amount, keys, mask, threshold)],
            references: Vec::new(),
            extra,
            signatures: Signatures::Maps(Vec::new()),
        };
        let accepted = Accepted {
            tx,
            request,
            user: None,
            senders: Vec::new(),
            senders_threshold: 0,
            signers: Vec::new(),
            at: self.server_time(),
            final_at: None,
            mint: true,
        };
        let hash = self.ledger.mint(accepted, inscription);
        self.record(hash);
        Ok(json!({"transaction_hash": hash.to_string()}))
    }

    pub(super) fn wallet(&self, who: UserId) -> Value {
        let coins: Vec<&Coin> = self.ledger.group(members_hash(&[who]), 1).collect();
        let balances: Vec<Value> = assets::all()
            .iter()
            .filter_map(|asset| {
                let mine = coins.iter().filter(|coin| coin.asset == asset.id && coin.state.word() == "unspent");
                let sum = Amount::sum(mine.map(|coin| coin.amount()))?;
                let balance =
                    json!({"asset_id": asset.id.to_string(), "symbol": asset.symbol, "amount": sum.to_string()});
                (!sum.is_zero()).then_some(balance)
            })
            .collect();
        json!({"balances": balances, "outputs": coins.into_iter().map(Self::output_view).collect::<Vec<_>>()})
    }

    /// Everything an independent auditor needs, in the ledger's own order.
    pub(super) fn ledger_view(&self) -> Value {
        let names = |users: &[UserId]| users.iter().map(UserId::to_string).collect::<Vec<_>>();
        let mut coins: Vec<&Coin> = self.ledger.coins.values().collect();
        coins.sort_by_key(|coin| coin.sequence);
        let outputs: Vec<Value> = coins
            .into_iter()
            .map(|coin| {
                let mut view = Self::output_view(coin);
                view["script"] = hex::encode(&coin.utxo.script).into();
                view["threshold"] = coin.threshold.into();
                let spent = coin.spent_at.and(coin.signed_by);
                view["spent_by"] = spent.map(|hash| hash.to_string()).into();
                view
            })
            .collect();
        let transactions: Vec<Value> = self
            .ledger
            .order
            .iter()
            .filter_map(|hash| Some((hash, self.ledger.accepted.get(hash)?)))
            .map(|(hash, accepted)| {
                json!({
                    "hash": hash.to_string(),
                    "raw": hex::encode(accepted.tx.encode()),
                    "request_id": accepted.request.map(|id| id.to_string()),
                    "senders": names(&accepted.senders),
                    "senders_threshold": accepted.senders_threshold,
                    "signers": names(&accepted.signers),
                    "at": accepted.at.to_rfc3339(),
                    "final_at": accepted.final_at.map(Millis::to_rfc3339),
                    "mint": accepted.mint,
                })
            })
            .collect();
        let assets: Vec<Value> = assets::all().iter().map(assets::Asset::view).collect();
        json!({"now": self.clock.to_rfc3339(), "assets": assets, "outputs": outputs, "transactions": transactions})
    }

    pub(super) fn steal(&mut self, from: &Value) -> Controlled {
        let place = if let Some(output) = from.get("output").and_then(Value::as_str) {
            let parts = output.split_once(':');
            parts.and_then(|(hash, index)| Some((hash.parse::<Hash>().ok()?, index.parse::<u16>().ok()?)))
        } else {
            let who = self.who_in(from, "user")?;
            let newest = |state: Option<CoinState>| {
                let coins = self.ledger.group(members_hash(&[who]), 1);
                coins.rev().find(|coin| state.is_none_or(|state| coin.state == state)).map(Coin::place)
            };
            newest(Some(CoinState::Unspent)).or_else(|| newest(None))
        };
        let place = place.ok_or_else(|| {
            mistake("steal_one_unit", "no such output", "{\"user\": who} or {\"output\": \"hash:index\"}")
        })?;
        let left = self.ledger.steal_one_unit(&place);
        let left = left.ok_or_else(|| mistake("steal_one_unit", "no such final output", "wait until it is final"))?;
        Ok(json!({"output": format!("{}:{}", place.0, place.1), "amount": left.to_string()}))
    }
}
