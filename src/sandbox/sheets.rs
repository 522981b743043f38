//! The sheets a phone puts up for a link, and what its buttons do: paying (dossier §13.3) and signing (§11.9),
//! step by step as the apps do it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::links::{Action, Link, PayLink, read};
use super::phone::{Done, NotDone};
use super::world::World;
use crate::id::{AssetId, ConversationId, Hash, RequestId, UserId};
use crate::kernel::derive::{asset_hash, members_hash, unique_object_id};
use crate::kernel::{Input, Output, PublicKey, Scalar, Signatures, Transaction, sign};
use crate::money::Amount;

/// Inputs a phone puts in one payment.
const INPUTS_MAX: usize = 255;

/// The text under `key`; a phone stops at an answer it cannot read.
fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, NotDone> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| NotDone::new(format!("the network's answer lacks {key}")))
}

fn parsed<T: std::str::FromStr>(value: &Value, key: &str) -> Result<T, NotDone> {
    text(value, key)?.parse().map_err(|_| NotDone::new(format!("the network's {key} cannot be read")))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], NotDone> {
    let list = value.get(key).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| NotDone::new(format!("the network's answer lacks {key}")))
}

fn ids(value: &Value, key: &str) -> Result<Vec<UserId>, NotDone> {
    let id = |item: &Value| item.as_str().and_then(|id| id.parse().ok()).map(UserId);
    list(value, key)?.iter().map(|item| id(item).ok_or_else(|| NotDone::new(format!("a bad id in {key}")))).collect()
}

fn understood(link: &str) -> Result<Link, NotDone> {
    read(link).map_err(|why| NotDone::new(format!("the phone does not open this link: {why}")))
}

/// A payment ready for the PIN.
struct Prepared {
    trace: RequestId,
    asset: AssetId,
    amount: Amount,
    /// Unspent outputs of the payer, oldest first, enough for the amount.
    coins: Vec<Value>,
}

impl World {
    /// Opens a link where it was tapped: does it, or answers with the sheet the phone shows.
    pub(super) fn open_link(&mut self, me: UserId, link: &str, at: Option<ConversationId>, confirm: bool) -> Done {
        match understood(link)? {
            Link::Input(text) => {
                let at = at.ok_or_else(|| NotDone::new("input: needs the conversation where it was tapped"))?;
                self.type_text(me, at, &text, "").map(|said| json!({"said": text, "message": said}))
            }
            Link::Send { text, user, conversation } => {
                let direct = user.is_none() && conversation.is_none();
                if !confirm && !direct {
                    return Ok(json!({"sheet": "send", "text": text, "user": user.map(|id| id.to_string()),
                                     "conversation": conversation.map(|id| id.to_string()), "next": "confirm"}));
                }
                let at = match (user, conversation) {
                    (Some(user), _) => Some(self.direct(me, user)?),
                    (None, Some(id)) => Some(ConversationId(id)),
                    (None, None) => at,
                };
                let at = at.ok_or_else(|| NotDone::new("send: needs the conversation where it was tapped"))?;
                self.type_text(me, at, &text, "").map(|said| json!({"said": text, "message": said}))
            }
            Link::Conversation { id, user, start } => {
                let at = match user {
                    Some(user) => self.direct(me, user)?,
                    None => ConversationId(id),
                };
                if at != ConversationId(id) {
                    return Err(NotDone::new("this link opens somebody else's chat"));
                }
                let said = if start.is_empty() { Value::Null } else { self.type_text(me, at, &start, "")? };
                Ok(json!({"chat": at.to_string(), "said": start, "message": said}))
            }
            Link::Pay(link) => self.pay_sheet(me, &link),
            Link::Multisig { request, action } => self.sign_sheet(me, request, action),
            Link::User(id) | Link::App(id) => self
                .call(me, "GET", &format!("/users/{id}"), None)
                .map(|user| json!({"sheet": "profile", "user": user})),
            Link::Code(id) => {
                let found = self.call(me, "GET", &format!("/codes/{id}"), None)?;
                if confirm && found.get("conversation_id").is_some() {
                    let joined = self.call(me, "POST", &format!("/conversations/{id}/join"), Some(&json!({})))?;
                    return Ok(json!({"joined": joined.get("conversation_id")}));
                }
                Ok(json!({"sheet": "code", "found": found}))
            }
            Link::MixPay(code) => self.mixpay_sheet(code),
            Link::Web(url) => Ok(json!({"sheet": "browser", "url": url})),
        }
    }

    /// What the payment sheet shows.
    fn pay_sheet(&mut self, me: UserId, link: &PayLink) -> Done {
        let (Some(asset), Some(amount)) = (link.asset, link.amount) else {
            return Ok(json!({"sheet": "pay", "state": "choose", "reason": "asset or amount is left to the payer"}));
        };
        let paid = match link.trace {
            Some(trace) => self.is_paid(me, trace)?,
            None => false,
        };
        let shown = self.call(me, "GET", &format!("/safe/assets/{asset}"), None)?;
        let members = self.load_members(me, &link.members)?;
        let balance = self.unspent(me, asset, None)?.1;
        let state = match (paid, balance < amount) {
            (true, _) => "already_paid",
            (false, true) => "insufficient",
            (false, false) => "ready",
        };
        Ok(json!({
            "sheet": "pay",
            "state": state,
            "receivers": members,
            "threshold": link.threshold,
            "asset_id": asset.to_string(),
            "symbol": text(&shown, "symbol")?,
            "amount": amount.to_string(),
            "fee": "0",
            "memo": link.memo,
            "trace": link.trace.map(|id| id.to_string()),
            "balance": balance.to_string(),
        }))
    }

    /// Pays a link: the check for an earlier payment, balance, members, PIN, keys, request, signatures, submission.
    /// For a link of `MixPay`'s, `asset` may choose what to pay with: a UUID or a symbol.
    pub(super) fn pay(&mut self, me: UserId, link: &str, pin: &str, asset: Option<&str>) -> Done {
        match understood(link)? {
            Link::Pay(link) => self.pay_link(me, &link, Some(pin)),
            Link::MixPay(code) => self.mixpay_pay_by_phone(me, code, asset, pin),
            _ => Err(NotDone::new("this is no payment link")),
        }
    }

    /// The steps of a payment. Without a PIN it is no phone that pays.
    pub(super) fn pay_link(&mut self, me: UserId, link: &PayLink, pin: Option<&str>) -> Done {
        let prepared = self.prepare(me, link)?;
        if let Some(pin) = pin {
            self.enter_pin(me, pin)?;
        }
        let tx = self.build(me, link, &prepared)?;
        let request = json!([{"request_id": prepared.trace.to_string(), "raw": hex::encode(tx.encode())}]);
        let verified = self.call(me, "POST", "/safe/transaction/requests", Some(&request))?;
        let verified = verified.get(0).ok_or_else(|| NotDone::new("an empty answer"))?;
        if text(verified, "state")? != "unspent" || text(verified, "transaction_hash")? != tx.hash().to_string() {
            return Err(NotDone::new("already paid"));
        }
        let signed = self.signed(me, &tx, list(verified, "views")?, 0, Vec::new())?;
        let request = json!([{"request_id": prepared.trace.to_string(), "raw": hex::encode(signed.encode())}]);
        self.call(me, "POST", "/safe/transactions", Some(&request))?;
        Ok(json!({"paid": true, "transaction_hash": tx.hash().to_string(), "trace": prepared.trace.to_string(),
                  "asset_id": prepared.asset.to_string(), "amount": prepared.amount.to_string()}))
    }

    fn prepare(&mut self, me: UserId, link: &PayLink) -> Result<Prepared, NotDone> {
        let asset = link.asset.ok_or_else(|| NotDone::new("the link names no asset"))?;
        let amount = link.amount.ok_or_else(|| NotDone::new("the link names no amount"))?;
        let trace = link.trace.unwrap_or_else(|| RequestId(super::people::random_uuid(&mut self.rng)));
        if self.is_paid(me, trace)? {
            return Err(NotDone::new("already paid"));
        }
        self.call(me, "GET", &format!("/safe/assets/{asset}"), None)?;
        let (coins, balance) = self.unspent(me, asset, Some(amount))?;
        if balance < amount {
            let reason = format!("insufficient balance: {balance} of {amount}");
            return Err(NotDone { code: Some(20117), reason, detail: Value::Null });
        }
        if coins.len() > INPUTS_MAX {
            return Err(NotDone::new("too many small outputs; the wallet would merge them first"));
        }
        self.load_members(me, &link.members)?;
        Ok(Prepared { trace, asset, amount, coins })
    }

    fn is_paid(&mut self, me: UserId, trace: RequestId) -> Result<bool, NotDone> {
        match self.call(me, "GET", &format!("/safe/transactions/{trace}"), None) {
            Ok(_) => Ok(true),
            Err(NotDone { code: Some(404), .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// All members, with their names; a missing one stops the phone.
    fn load_members(&mut self, me: UserId, members: &[UserId]) -> Done {
        let ids: Vec<String> = members.iter().map(UserId::to_string).collect();
        let users = self.call(me, "POST", "/users/fetch", Some(&json!(ids)))?;
        let users = users.as_array().map(Vec::as_slice).unwrap_or_default();
        if users.len() != members.len() {
            return Err(NotDone::new("a member of the receiving group is unknown"));
        }
        let shown = |user: &Value| json!({"user_id": user.get("user_id"), "name": user.get("full_name"), "number": user.get("identity_number")});
        Ok(users.iter().map(shown).collect())
    }

    /// Unspent outputs, oldest first, until they are enough; and their sum.
    pub(super) fn unspent(
        &mut self,
        me: UserId,
        asset: AssetId,
        enough: Option<Amount>,
    ) -> Result<(Vec<Value>, Amount), NotDone> {
        let (mut coins, mut sum, mut offset) = (Vec::new(), Amount::ZERO, 0);
        loop {
            let target = format!(
                "/safe/outputs?members={}&threshold=1&asset={asset}&state=unspent&offset={offset}&limit=500&order=ASC",
                members_hash(&[me])
            );
            let page = self.call(me, "GET", &target, None)?;
            let page = page.as_array().cloned().unwrap_or_default();
            let last = page.len() < 500;
            for coin in page {
                offset = coin.get("sequence").and_then(Value::as_u64).unwrap_or(0) + 1;
                if !text(&coin, "inscription_hash")?.is_empty() {
                    continue;
                }
                sum = sum.checked_add(parsed(&coin, "amount")?).ok_or_else(|| NotDone::new("too much money"))?;
                coins.push(coin);
                if enough.is_some_and(|enough| sum >= enough) {
                    return Ok((coins, sum));
                }
            }
            if last {
                return Ok((coins, sum));
            }
        }
    }

    /// The unsigned payment: output 0 for the receivers, output 1 the change.
    fn build(&mut self, me: UserId, link: &PayLink, prepared: &Prepared) -> Result<Transaction, NotDone> {
        let mut sum = Amount::ZERO;
        let mut inputs = Vec::with_capacity(prepared.coins.len());
        for coin in &prepared.coins {
            sum = sum.checked_add(parsed(coin, "amount")?).ok_or_else(|| NotDone::new("too much money"))?;
            let index = coin.get("output_index").and_then(Value::as_u64).and_then(|index| u16::try_from(index).ok());
            let index = index.ok_or_else(|| NotDone::new("a bad output_index"))?;
            inputs.push(Input::spend(parsed(coin, "transaction_hash")?, index));
        }
        let change = sum.saturating_sub(prepared.amount);
        let trace = prepared.trace.to_string();
        let mut wanted = vec![(link.members.clone(), link.threshold, prepared.amount)];
        if !change.is_zero() {
            wanted.push((vec![me], 1, change));
        }
        let asked: Vec<Value> = wanted
            .iter()
            .enumerate()
            .map(|(index, (members, _, _))| {
                let members: Vec<String> = members.iter().map(UserId::to_string).collect();
                let hint = unique_object_id(&[&trace, "OUTPUT", &index.to_string()]).to_string();
                json!({"receivers": members, "index": index, "hint": hint})
            })
            .collect();
        let keys = self.call(me, "POST", "/safe/keys", Some(&Value::Array(asked)))?;
        let keys = keys.as_array().map(Vec::as_slice).unwrap_or_default();
        let outputs: Result<Vec<Output>, NotDone> = wanted
            .iter()
            .zip(keys)
            .map(|((_, threshold, amount), key)| {
                let bad = || NotDone::new("a bad one-time key");
                let points = list(key, "keys")?.iter().map(|key| key.as_str().and_then(|key| key.parse().ok()));
                let points: Option<Vec<PublicKey>> = points.collect();
                Ok(Output::pay(*amount, points.ok_or_else(bad)?, parsed(key, "mask")?, *threshold))
            })
            .collect();
        Ok(Transaction {
            asset: asset_hash(prepared.asset),
            inputs,
            outputs: outputs?,
            references: Vec::new(),
            extra: link.memo.clone().into_bytes(),
            signatures: Signatures::Maps(Vec::new()),
        })
    }

    /// The transaction with this person's signature added at `place` of every input.
    fn signed(
        &self,
        me: UserId,
        tx: &Transaction,
        views: &[Value],
        place: u16,
        mut maps: Vec<BTreeMap<u16, crate::kernel::Signature>>,
    ) -> Result<Transaction, NotDone> {
        let person = self.people.get(me).ok_or_else(|| NotDone::new("nobody has this phone"))?;
        if views.len() != tx.inputs.len() {
            return Err(NotDone::new("the network gave not one view for each input"));
        }
        maps.resize(tx.inputs.len(), BTreeMap::new());
        let hash: Hash = tx.hash();
        for (map, view) in maps.iter_mut().zip(views) {
            let view = view.as_str().and_then(|view| view.parse::<Scalar>().ok());
            let view = view.ok_or_else(|| NotDone::new("a view that is no scalar"))?;
            map.insert(place, sign(&view.plus(&person.spend()), &hash));
        }
        Ok(Transaction { signatures: Signatures::Maps(maps), ..tx.clone() })
    }

    pub(super) fn enter_pin(&mut self, me: UserId, pin: &str) -> Result<(), NotDone> {
        let now = self.clock;
        let person = self.people.get_mut(me).ok_or_else(|| NotDone::new("nobody has this phone"))?;
        person.phone.enter_pin(pin, now)
    }

    /// The signing sheet: the first receiver that is not the group itself, the amount, who has signed. No memo, no
    /// other output.
    fn sign_sheet(&mut self, me: UserId, request: RequestId, action: Action) -> Done {
        let found = self.call(me, "GET", &format!("/safe/multisigs/{request}"), None)?;
        let senders = ids(&found, "senders")?;
        let signers = ids(&found, "signers")?;
        let threshold = found.get("senders_threshold").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let group = text(&found, "senders_hash")?;
        let receivers = list(&found, "receivers")?;
        let foreign = |receiver: &&Value| receiver.get("members_hash").and_then(Value::as_str) != Some(group);
        let receiver = receivers.iter().find(foreign).or_else(|| receivers.first());
        let receiver = receiver.ok_or_else(|| NotDone::new("a request without receivers"))?;
        let members = ids(receiver, "members")?;
        if members.is_empty() {
            return Err(NotDone::new("the phone cannot show where this goes"));
        }
        let shown = self.load_members(me, &members)?;
        let asset: AssetId = AssetId(parsed(&found, "asset_id")?);
        let symbol = self.call(me, "GET", &format!("/safe/assets/{asset}"), None)?;
        let symbol = text(&symbol, "symbol")?.to_owned();
        if !senders.contains(&me) {
            return Err(NotDone::new("not a member of the sending group: the link is not valid on this phone"));
        }
        let signed = u64::try_from(signers.len()).unwrap_or(u64::MAX);
        let state = if !text(&found, "revoked_by")?.is_empty() {
            "revoked"
        } else if signed >= threshold {
            "paid"
        } else if signers.contains(&me) && action == Action::Sign {
            "signed"
        } else {
            "ready"
        };
        let everybody = self.load_members(me, &senders)?;
        let mut ticks = everybody.as_array().cloned().unwrap_or_default();
        for tick in &mut ticks {
            let id = tick.get("user_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            tick["signed"] = signers.iter().any(|signer| signer.to_string() == id).into();
        }
        let amount = text(&found, "amount")?;
        Ok(json!({
            "sheet": "multisig",
            "action": if action == Action::Sign { "sign" } else { "revoke" },
            "state": state,
            "request_id": request.to_string(),
            "receiver": {"members": shown, "threshold": receiver.get("threshold")},
            "amount": amount,
            "total": amount,
            "symbol": symbol,
            "fee": format!("0 {symbol}"),
            "memo": null,
            "senders": ticks,
            "threshold": threshold,
            "signers": format!("{threshold}/{}", senders.len()),
        }))
    }

    /// Signs, or revokes, what a link names.
    pub(super) fn sign_link(&mut self, me: UserId, link: &str, pin: &str, revoke: bool) -> Done {
        let Link::Multisig { request, action } = understood(link)? else {
            return Err(NotDone::new("this is no signing link"));
        };
        let action = if revoke { Action::Revoke } else { action };
        let sheet = self.sign_sheet(me, request, action)?;
        let state = text(&sheet, "state")?;
        if state != "ready" {
            return Err(NotDone { code: None, reason: format!("the sheet has no button: {state}"), detail: sheet });
        }
        self.enter_pin(me, pin)?;
        let answer = match action {
            Action::Revoke => self.call(me, "POST", &format!("/safe/multisigs/{request}/revoke"), None)?,
            Action::Sign => self.sign_request(me, request)?,
        };
        Ok(json!({"done": if action == Action::Sign { "signed" } else { "revoked" }, "sheet": sheet,
                  "transaction_hash": answer.get("transaction_hash"), "signers": answer.get("signers"),
                  "threshold": answer.get("senders_threshold")}))
    }

    fn sign_request(&mut self, me: UserId, request: RequestId) -> Done {
        let found = self.call(me, "GET", &format!("/safe/multisigs/{request}"), None)?;
        let raw = hex::decode(text(&found, "raw_transaction")?).map_err(|_| NotDone::new("raw is not hex"))?;
        let tx = Transaction::decode(&raw).map_err(|error| NotDone::new(error.to_string()))?;
        // Both apps take their place from the server's order of senders (dossier §8.5).
        let place = ids(&found, "senders")?.iter().position(|sender| *sender == me);
        let place = place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| NotDone::new("not a sender"))?;
        let maps = match &tx.signatures {
            Signatures::Maps(maps) => maps.clone(),
            Signatures::Aggregated { .. } => return Err(NotDone::new("an aggregated signature")),
        };
        let signed = self.signed(me, &tx, list(&found, "views")?, place, maps)?;
        let body = json!({"request_id": request.to_string(), "raw": hex::encode(signed.encode())});
        self.call(me, "POST", &format!("/safe/multisigs/{request}/sign"), Some(&body))
    }
}
