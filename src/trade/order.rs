//! MixPay's part in a trade: orders, the second way to pay. Money counts when it is seen on Mixin, never because
//! MixPay says so; what MixPay says becomes words for people, and a reason to look.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{self, IdSecret, TradeId};
use crate::money::Amount;
use crate::time::Millis;

/// One order at MixPay: its parameters are committed before it is asked for and never change, so asking again is
/// asking for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub round: u32,
    /// MixPay's `orderId`: letters and digits, unique with the payee.
    pub id: String,
    /// The settlement memo, told to nobody but MixPay: an output that bears it was paid by MixPay for this trade.
    pub memo: String,
    pub amount: Amount,
    /// Server time, whole seconds: MixPay takes no payment later.
    pub expires: Millis,
    /// What MixPay answered: the payee it is for (our vault) and the code of its pay page. `None`: not yet.
    pub opened: Option<Opened>,
    pub progress: Progress,
    /// Service time at which that was learnt. What was asked before may have been overtaken by it.
    #[serde(default)]
    pub moved: Millis,
    /// Nothing more is asked of MixPay about it.
    pub over: bool,
}

/// An order that MixPay knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// MixPay's id for the vault.
    pub payee: Uuid,
    /// Its pay page is `https://mixpay.me/code/{code}`; also the trace of the payment.
    pub code: String,
}

/// What MixPay last said of an order; for words only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    #[default]
    Unpaid,
    /// A payment was seen and is being confirmed; nothing is locked.
    Seen,
    /// Part of it was paid; the payer still owes `missing` to MixPay, in the payer's own coin.
    Short,
    /// MixPay holds it for a check of its own.
    Checking,
    /// Paid at MixPay, not yet in the vault: do not deliver yet.
    MovingIn,
    /// MixPay says it has moved the money; the vault shows whether that is so.
    Moved,
    /// It came to nothing; MixPay returns what was paid to the payer.
    Failed(Failure),
}

/// Why a payment at MixPay failed (dossier §15.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    Late,
    WrongAsset,
    Twice,
    WrongAmount,
    Volatile,
    Other(i64),
}

impl Order {
    /// MixPay's `orderId` of the order of a round.
    #[must_use]
    pub fn id_of(ids: &IdSecret, trade: TradeId, round: u32) -> String {
        id::crockford(&ids.derive(trade.0, "order", round), 25)
    }

    /// The memo of the order of a round. Derived, so that a kit need not carry what no party may know: whoever
    /// knows it could pay in somebody else's money.
    #[must_use]
    pub fn memo_of(ids: &IdSecret, trade: TradeId, round: u32) -> String {
        id::crockford(&ids.derive(trade.0, "order memo", round), 20)
    }

    /// Whether people can pay it at `now` (server time), or something paid may still be on its way.
    #[must_use]
    pub fn payable(&self, now: Millis) -> bool {
        self.opened.is_some() && !self.over && self.progress == Progress::Unpaid && now < self.expires
    }

    /// Money is on its way by it, as far as MixPay says.
    #[must_use]
    pub const fn under_way(&self) -> bool {
        match self.progress {
            Progress::Seen | Progress::Short | Progress::Checking | Progress::MovingIn | Progress::Moved => true,
            Progress::Unpaid | Progress::Failed(_) => false,
        }
    }
}
