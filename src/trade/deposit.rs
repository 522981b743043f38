//! One output of the vault: of at most one trade, and what it is good for.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::kernel::PublicKey;
use crate::money::Amount;
use crate::trade::name;
use crate::trade::order::Order;

/// Where an output stands on Mixin (dossier §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Free.
    Unspent,
    /// Reserved by the transaction with this hash, when it is told.
    Signed(Option<Hash>),
    /// Gone, by the transaction with this hash, when it is told.
    Spent(Option<Hash>),
}

impl Lock {
    #[must_use]
    pub const fn is_spent(self) -> bool {
        matches!(self, Self::Spent(_))
    }

    /// The transaction that holds or has spent it.
    #[must_use]
    pub const fn by(self) -> Option<Hash> {
        match self {
            Self::Unspent => None,
            Self::Signed(by) | Self::Spent(by) => by,
        }
    }
}

/// Why a deposit does not count towards what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Another asset than the terms name.
    WrongAsset,
    /// Paid by a single person who is not the buyer.
    ThirdPerson(UserId),
    /// An inscription: never touched.
    Inscription,
    /// Named no trade; it goes back to the member who sent it.
    Unnamed(UserId),
}

/// A deposit that names no trade, and who has agreed that it is this one's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub seen: Seen,
    pub agreed: Vec<UserId>,
}

/// An output of the vault as a look saw it, before the law has judged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub output_id: Uuid,
    pub hash: Hash,
    pub index: u16,
    pub asset: AssetId,
    pub amount: Amount,
    pub keys: Vec<PublicKey>,
    pub mask: PublicKey,
    pub senders: Vec<UserId>,
    pub extra: Vec<u8>,
    pub request_id: Option<RequestId>,
    pub inscription: bool,
    pub sequence: u64,
    pub lock: Lock,
}

/// An output that names this trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    pub output_id: Uuid,
    pub hash: Hash,
    pub index: u16,
    pub asset: AssetId,
    pub amount: Amount,
    pub keys: Vec<PublicKey>,
    pub sequence: u64,
    pub lock: Lock,
    pub oddity: Option<Oddity>,
    /// The order of this trade by which MixPay paid it.
    #[serde(default)]
    pub order: Option<u32>,
    /// It bears no name of the trade: both members said that it belongs to it.
    #[serde(default)]
    pub claimed: bool,
}

impl Deposit {
    /// Judges a seen output that names the trade: `asset`, `buyer` and `orders` are the trade's. What MixPay paid by
    /// one of these orders names MixPay as its sender, who is nobody's third person.
    #[must_use]
    pub fn judge(seen: &Seen, asset: AssetId, buyer: UserId, orders: &[Order]) -> Self {
        let names = name::of(seen);
        let order = orders.iter().find(|order| name::is_of(&names, order)).map(|order| order.round);
        let oddity = match seen.senders.as_slice() {
            _ if seen.inscription => Some(Oddity::Inscription),
            [payer] if *payer != buyer && order.is_none() => Some(Oddity::ThirdPerson(*payer)),
            _ if seen.asset != asset => Some(Oddity::WrongAsset),
            _ => None,
        };
        Self {
            output_id: seen.output_id,
            hash: seen.hash,
            index: seen.index,
            asset: seen.asset,
            amount: seen.amount,
            keys: seen.keys.clone(),
            sequence: seen.sequence,
            lock: seen.lock,
            oddity,
            order,
            claimed: false,
        }
    }

    /// Is towards what is due: nobody has to pay it again.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.oddity.is_none() && !self.lock.is_spent()
    }

    /// Can be frozen into a settlement: somebody's signature on it means that it may go another way.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        self.counts() && matches!(self.lock, Lock::Unspent)
    }
}

/// The most inputs one of our transactions spends (the kernel takes 256; production services stop at 255).
pub const INPUTS_MAX: usize = 255;

/// The inputs that cover `due`: the shortest run of the largest free deposits that count, at most [`INPUTS_MAX`].
/// `None` while they do not. With `signed`, those somebody has signed for are as good.
#[must_use]
pub fn cover(deposits: &[Deposit], due: Amount, signed: bool) -> Option<Vec<&Deposit>> {
    let mut largest = largest(deposits, signed);
    let mut sum = Amount::ZERO;
    for (taken, deposit) in (1usize..).zip(&largest) {
        sum = sum.checked_add(deposit.amount)?;
        if sum >= due {
            largest.truncate(taken);
            return Some(largest);
        }
    }
    None
}

/// The largest free deposits that count, as many as one transaction can spend. With `signed`, those somebody has signed
/// for are as good.
#[must_use]
pub fn largest(deposits: &[Deposit], signed: bool) -> Vec<&Deposit> {
    let good = |d: &&Deposit| d.is_free() || signed && d.counts();
    let mut largest: Vec<&Deposit> = deposits.iter().filter(good).collect();
    largest.sort_by_key(|d| (std::cmp::Reverse(d.amount), d.sequence));
    largest.truncate(INPUTS_MAX);
    largest
}

/// Everything that counts, whether or not it covers what is due.
#[must_use]
pub fn counted(deposits: &[Deposit]) -> Amount {
    Amount::sum(deposits.iter().filter(|d| d.counts()).map(|d| d.amount)).unwrap_or(Amount::from_units(u128::MAX))
}
