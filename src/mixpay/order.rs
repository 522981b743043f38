//! Calls about orders (dossier §15.2, §15.3, §15.5, §15.10): the group that is paid, the one-time payment, what became
//! of it, and what can be paid at all. None of them spends our money; all of them spend the [`Budget`](super::Budget).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::call::Call;
use super::wire::{self, bad};
use crate::id::{AssetId, UserId};
use crate::mixin::call::{CallError, Reply};
use crate::money::Amount;
use crate::time::Millis;

/// Longest remark, in characters; a longer one is cut (dossier §15.3).
const REMARK_MAX: usize = 50;
/// Longest code of a pay page we believe.
const CODE_MAX: usize = 64;
/// When MixPay shall call back, besides paid and failed (dossier §15.7).
const EVENTS: &str = "settle|pending|paid_less";

/// A one-time payment. Its parameters never change once asked for: MixPay knows it by `order_id` and `payee`, and
/// asking twice for the same is harmless only while it is the same (dossier §15.3, U-29).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder<'a> {
    /// What [`read_multisig`] gave: the group that is paid.
    pub payee: Uuid,
    /// Both quoted and settled, in `asset`; units of 10⁻⁸, sent as a plain decimal.
    pub amount: Amount,
    /// Both quoted and settled; with the strict mode MixPay blocks the payer rather than settle in anything else
    /// (dossier §15.8).
    pub asset: AssetId,
    /// 6 to 36 letters, digits, `-` and `_`.
    pub order_id: &'a str,
    /// For the payer to read; cut to 50 characters.
    pub remark: &'a str,
    /// Memo of the settlement, at most 200 characters. Never cut here: the memo is how the settlement is known.
    pub memo: &'a str,
    /// Server time, sent as whole seconds (U-21): more than 10 s and less than 48 h ahead, or MixPay refuses.
    pub expires: Millis,
    /// Where the payer's browser goes afterwards.
    pub return_to: &'a str,
    pub failed_return_to: &'a str,
    /// An https address of ours that MixPay calls when something happened, if there is one.
    pub callback: Option<&'a str>,
}

/// A one-time payment → [`read_code`].
#[must_use]
pub fn one_time_payment(order: &NewOrder<'_>) -> Call {
    let mut body = json!({
        "payeeId": order.payee,
        "quoteAmount": order.amount,
        "quoteAssetId": order.asset,
        "settlementAssetId": order.asset,
        "strictMode": true,
        "remark": order.remark.chars().take(REMARK_MAX).collect::<String>(),
        "orderId": order.order_id,
        "settlementMemo": order.memo,
        "expiredTimestamp": order.expires.secs(),
        "returnTo": order.return_to,
        "failedReturnTo": order.failed_return_to,
    });
    if let (Some(url), Value::Object(fields)) = (order.callback, &mut body) {
        fields.insert("callbackUrl".into(), url.into());
        fields.insert("callbackEvent".into(), EVENTS.into());
    }
    Call::post("/v1/one_time_payment", &body)
}

/// The code of the pay page `https://mixpay.me/code/{code}`.
///
/// # Errors
/// [`CallError::Unanswered`] when the answer holds no code of 1 to 64 letters, digits and `-`: it becomes part of a
/// link that people tap.
pub fn read_code(reply: &Reply) -> Result<String, CallError> {
    let code = wire::text(reply.data.get("code")).unwrap_or_default();
    let sound = (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if sound { Ok(code.into_owned()) } else { Err(bad("code of a payment")) }
}

/// A group as payee → [`read_multisig`]. MixPay wants 3 to 256 distinct, registered people and a threshold no larger
/// than their number (dossier §15.2); asking again for the same group is assumed to give the same id (U-18).
#[must_use]
pub fn multisig(receivers: &[UserId], threshold: u8) -> Call {
    Call::post("/v1/multisig", &json!({"receivers": receivers, "threshold": threshold}))
}

/// MixPay's id for the group; nothing in its API tells the members of one again (dossier §15.2).
///
/// # Errors
/// [`CallError::Unanswered`] when the answer holds no such id.
pub fn read_multisig(reply: &Reply) -> Result<Uuid, CallError> {
    let id: Option<Uuid> = wire::parsed(reply.data.get("multisigId"));
    id.filter(|id| !id.is_nil()).ok_or_else(|| bad("multisig id"))
}

/// What became of an order → [`read_result`](super::read_result).
#[must_use]
pub fn payments_result(order_id: &str, payee: Uuid) -> Call {
    get("payments_result", &[("orderId", order_id), ("payeeId", &payee.to_string()), ("with", "payment")])
}

/// What can be quoted, and its limits → [`read_quote_assets`].
#[must_use]
pub fn quote_assets(payee: Uuid) -> Call {
    get("setting/quote_assets", &[("payeeId", &payee.to_string())])
}

/// An asset that can be quoted, and the least and the most of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteAsset {
    pub asset: AssetId,
    pub min: Amount,
    /// `None`: MixPay names no limit.
    pub max: Option<Amount>,
}

impl QuoteAsset {
    #[must_use]
    pub fn takes(&self, amount: Amount) -> bool {
        self.min <= amount && self.max.is_none_or(|max| amount <= max)
    }
}

/// Fiat currencies are left out, and so is whatever cannot be read, or used: a maximum of 0 says "not now" (dossier
/// §15.10, of payment assets; assumed here).
///
/// # Errors
/// [`CallError::Unanswered`] when the answer is no list.
pub fn read_quote_assets(reply: &Reply) -> Result<Vec<QuoteAsset>, CallError> {
    Ok(list(reply, "list of quote assets")?.iter().filter_map(quote_asset).collect())
}

fn quote_asset(entry: &Value) -> Option<QuoteAsset> {
    if wire::flag(entry.get("isAsset")) == Some(false) {
        return None;
    }
    let limit = |name| {
        let value = entry.get(name);
        wire::text(value).map(|_| wire::amount(value).ok_or(())).transpose().ok()
    };
    let (min, max) = (limit("minQuoteAmount")?, limit("maxQuoteAmount")?);
    let usable = !max.is_some_and(Amount::is_zero);
    let asset = wire::parsed(entry.get("assetId"))?;
    usable.then_some(QuoteAsset { asset, min: min.unwrap_or_default(), max })
}

/// What `amount` of `asset` can be settled in → [`read_available`].
#[must_use]
pub fn settlement_assets(payee: Uuid, asset: AssetId, amount: Amount) -> Call {
    let (payee, asset, amount) = (payee.to_string(), asset.to_string(), amount.to_string());
    get("setting/settlement_assets", &[("payeeId", &payee), ("quoteAssetId", &asset), ("quoteAmount", &amount)])
}

/// Whether MixPay can settle in `asset`; an asset it does not name it cannot (dossier §15.10).
///
/// # Errors
/// [`CallError::Unanswered`] when the answer is no list.
pub fn read_available(reply: &Reply, asset: AssetId) -> Result<bool, CallError> {
    Ok(list(reply, "list of settlement assets")?.iter().any(|entry| {
        wire::parsed(entry.get("assetId")) == Some(asset) && wire::flag(entry.get("isAvailable")) == Some(true)
    }))
}

fn list<'a>(reply: &'a Reply, what: &str) -> Result<&'a Vec<Value>, CallError> {
    reply.data.as_array().ok_or_else(|| bad(what))
}

fn get(path: &str, query: &[(&str, &str)]) -> Call {
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    Call::get(format!("/v1/{path}?{query}"))
}

#[cfg(test)]
mod tests;
