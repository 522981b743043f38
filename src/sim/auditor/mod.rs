//! The auditor: believes neither the bot nor the network it ran on.
//!
//! It reads what the sandbox's `GET /sandbox/ledger` answers, decodes and hashes every transaction, verifies every
//! signature and follows every unit with code of its own; nothing of this crate's kernel, law, store or clients is
//! used here, so that a mistake there cannot excuse itself. Two things it must take from the ledger: which person a
//! one-time key belongs to, and in which order signatures came. Bytes tell neither.
//!
//! Reading order: [`audit`], then the ledger's `conserve`, `verify` and the decoder, then `settle` and `shares`; beside
//! them [`holdings`], who has what.

mod book;
/// The decoder.
pub mod bytes;
mod conserve;
mod holdings;
mod problem;
mod settle;
mod shares;
/// Amounts.
pub mod units;
/// One transaction by itself.
pub mod verify;

use serde::{Deserialize, Serialize};

use book::Book;
use bytes::Digest;
pub use holdings::{Holding, Holdings, holdings};
pub use problem::Problem;
pub use shares::{Shares, shares};
pub use units::Units;

/// What two people agreed on and how their trade should have ended. Ids as the ledger writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// UUID.
    pub asset_id: String,
    /// Decimal, at most 8 decimals.
    pub price: String,
    /// Hundredths of a percent, 0–10,000.
    pub fee_bps: u32,
    pub fee_payer: FeePayer,
    pub buyer: String,
    pub seller: String,
    pub bot: String,
    pub fee_receiver: String,
    /// Whose money it is in the ledger, when somebody paid for the buyer, as MixPay does; `None`: the buyer's own.
    #[serde(default)]
    pub paid_by: Option<String>,
    pub outcome: Outcome,
    /// The fee's receiver cannot be paid: each side keeps its own part of the fee.
    #[serde(default)]
    pub fee_waived: bool,
    /// The seller agreed to take what was paid in as full.
    #[serde(default)]
    pub short_ok: bool,
    /// Buyer and seller signed it, and the bot did not.
    #[serde(default)]
    pub without_bot: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeePayer {
    Buyer,
    Seller,
    /// Half each, the odd unit on the seller.
    Split,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Release,
    Refund,
    /// This much of the price is the seller's, before the fee on it; the rest is the buyer's.
    Split {
        seller: Units,
    },
    /// The two parties moved it by a transaction of their own: this much to the seller, the rest to the buyer.
    Elsewhere {
        seller: Units,
    },
    /// No settlement: whatever left the vault was given back.
    Nothing,
}

/// The transaction that ended a trade, in amounts as its bytes say. As JSON the amounts are decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settlement {
    pub hash: Digest,
    /// In order of arrival.
    pub signers: Vec<String>,
    /// All that it spends, as the ledger lists it.
    pub inputs: Units,
    /// The part of the inputs that the buyer alone sent, or whoever paid for the buyer.
    pub buyer_paid: Units,
    pub buyer_returned: Units,
    pub seller_received: Units,
    pub fee: Units,
    /// Price and the buyer's part of the fee, recomputed.
    pub due: Units,
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub settlement: Option<Settlement>,
    /// Empty when everything adds up.
    pub problems: Vec<Problem>,
}

/// Audits the ledger and the one trade on its vault.
#[must_use]
pub fn audit(ledger: &str, expected: &Expected) -> Report {
    let (mut settlements, problems) = audit_all(ledger, std::slice::from_ref(expected));
    Report { settlement: settlements.pop().flatten(), problems }
}

/// The same for several trades on one ledger, be it in one vault, or for none: a settlement for each, in order.
#[must_use]
pub fn audit_all(ledger: &str, expected: &[Expected]) -> (Vec<Option<Settlement>>, Vec<Problem>) {
    let book = match Book::read(ledger) {
        Ok(book) => book,
        Err(problems) => return (vec![None; expected.len()], problems),
    };
    let mut problems = conserve::check(&book);
    let (settlements, more) = settle::check(&book, expected);
    problems.extend(more);
    (settlements, problems)
}
