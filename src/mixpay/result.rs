//! What MixPay says of an order (dossier §15.5). Words for people and a reason to look at the vault, never a reason
//! for money to count; and not even that when it speaks of somebody else's order (dossier §15.6).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::wire;
use crate::id::AssetId;
use crate::mixin::call::{self, Reply};
use crate::money::Amount;

/// What we asked for, from our own books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub payee: Uuid,
    pub asset: AssetId,
    pub amount: Amount,
}

/// What MixPay says of an order that is ours. Amounts are units of 10⁻⁸; one that is blank, unreadable or finer than
/// money is `None`. Only [`status`](Self::status) is always there (dossier §15.5, U-23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentResult {
    /// Of the payer's side.
    pub status: Status,
    /// Of the payee's side: MixPay says that it has moved the money. Only the vault shows whether that is so.
    pub settled: bool,
    /// What it was settled in; `None` until then. Another asset than ours is for the operator (dossier §15.8).
    pub settle_asset: Option<AssetId>,
    pub settle_amount: Option<Amount>,
    /// `failureCode`: 0 for none; 40000 late, 40020 wrong asset, 40021 paid twice, 40024 wrong amount, 40025
    /// volatile (dossier §15.5).
    pub failure: i64,
    /// What the payer owes altogether, in [`payable_asset`](Self::payable_asset).
    pub payable_amount: Option<Amount>,
    /// The payer's coin.
    pub payable_asset: Option<AssetId>,
    /// What was paid; also after a failure (dossier §15.7).
    pub payment_amount: Option<Amount>,
    pub payment_asset: Option<AssetId>,
    /// Paid too much; MixPay returns it. The amount counts, `surplusStatus` does not (dossier §15.5).
    pub surplus_amount: Option<Amount>,
    /// Confirmations so far; `None` unless an outside chain is confirming (−1 on the wire).
    pub confirmations: Option<i64>,
    /// May be paid in several transactions, on an outside chain, within 10 minutes (dossier §15.9).
    pub multi_pay: bool,
    /// Whether those add up; `Some(false)` while pending means that the payer must send the rest.
    pub fully_paid: Option<bool>,
    /// The sum of those; the rest is `payable_amount` less this (dossier §15.9).
    pub transactions_amount: Option<Amount>,
}

/// Where the payer stands (dossier §15.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Unpaid,
    /// Seen and being confirmed, or a word we do not know.
    Pending,
    Failed,
    /// Held by MixPay for a check of its own.
    Auditing,
    /// Paid. Whether the money has left MixPay is [`PaymentResult::settled`].
    Success,
}

/// Why an answer counts as nothing: do not act on it, ask again later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unbelievable {
    /// A field without which it says nothing is missing or blank.
    #[error("MixPay's answer has no {field}")]
    Unreadable { field: Field },
    /// It speaks of another payment than the one we asked for, as a pay link edited by the payer would
    /// (dossier §15.4). For the operator.
    #[error("MixPay's answer is about another payment: its {field} is {found}")]
    NotOurs { field: Field, found: String },
}

/// A field every answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Status,
    PayeeId,
    QuoteAssetId,
    QuoteAmount,
}

impl Field {
    /// Its name on the wire.
    const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::PayeeId => "payeeId",
            Self::QuoteAssetId => "quoteAssetId",
            Self::QuoteAmount => "quoteAmount",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// From the answer to [`payments_result`](super::payments_result). The quoted amount is compared as a number,
/// because how MixPay writes it is not known; its asset strictly, although MixPay may echo another id for USDT
/// (U-22): an answer too many disbelieved costs a word in the chat, never money.
///
/// # Errors
/// See [`Unbelievable`].
pub fn read_result(reply: &Reply, expected: &Expected) -> Result<PaymentResult, Unbelievable> {
    let at = |name: &str| reply.data.get(name);
    let ours = |field: Field, is_ours: &dyn Fn(Option<&Value>) -> bool| {
        let value = at(field.name());
        let found = wire::text(value).ok_or(Unbelievable::Unreadable { field })?;
        if is_ours(value) { Ok(()) } else { Err(Unbelievable::NotOurs { field, found: call::cut(&found) }) }
    };
    let status = wire::text(at("status")).ok_or(Unbelievable::Unreadable { field: Field::Status })?;
    ours(Field::PayeeId, &|value| wire::parsed(value) == Some(expected.payee))?;
    ours(Field::QuoteAssetId, &|value| wire::parsed(value) == Some(expected.asset))?;
    ours(Field::QuoteAmount, &|value| wire::amount(value) == Some(expected.amount))?;
    let payment = |name: &str| at("payment").and_then(|payment| payment.get(name));
    Ok(PaymentResult {
        status: match status.as_ref() {
            "unpaid" => Status::Unpaid,
            "failed" => Status::Failed,
            "auditing" => Status::Auditing,
            "success" => Status::Success,
            _ => Status::Pending,
        },
        settled: wire::text(at("settleStatus")).as_deref() == Some("success"),
        settle_asset: wire::parsed(at("settleAsset")),
        settle_amount: wire::amount(at("settleAmount")),
        failure: wire::parsed(at("failureCode")).unwrap_or(0),
        payable_amount: wire::amount(at("payableAmount")),
        payable_asset: wire::parsed(at("payableAssetId")),
        payment_amount: wire::amount(at("paymentAmount")),
        payment_asset: wire::parsed(at("paymentAssetId")),
        surplus_amount: wire::amount(at("surplusAmount")),
        confirmations: wire::parsed(at("confirmations")).filter(|&confirmations: &i64| confirmations >= 0),
        multi_pay: wire::flag(payment("isMultiPay")).unwrap_or(false),
        fully_paid: wire::flag(payment("isFullyPaid")),
        transactions_amount: wire::amount(payment("totalTransactionsAmount")),
    })
}

#[cfg(test)]
mod tests;
