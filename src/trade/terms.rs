//! What two people agree on: immutable, known by its hash.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use serde::{Deserialize, Serialize};

use crate::id::{AssetId, Hash, UserId};
use crate::kernel;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::payout;

/// The two sides. The buyer pays the crypto, the seller gets it on release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Buyer,
    Seller,
}

impl Role {
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Seller,
            Self::Seller => Self::Buyer,
        }
    }
}

/// One asset of the operator's list. `id` is what counts; symbol and chain are how people are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    pub id: AssetId,
    pub symbol: String,
    pub chain: String,
}

impl Asset {
    /// "USDT · TRON", or just the symbol where it names its own chain ("BTC").
    #[must_use]
    pub fn label(&self) -> String {
        if self.chain.is_empty() { self.symbol.clone() } else { format!("{} · {}", self.symbol, self.chain) }
    }
}

/// Who bears the fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeePayer {
    Buyer,
    Seller,
    /// Half each; an odd unit is the seller's.
    Split,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fee {
    /// Hundredths of a percent, 0–10,000.
    pub bps: u32,
    pub payer: FeePayer,
    /// Never a party.
    pub receiver: UserId,
}

impl Fee {
    /// The whole price.
    pub const BPS_MAX: u32 = 10_000;
}

/// How long each duty may take, in service time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Periods {
    pub accept: Millis,
    pub pay: Millis,
    pub deliver: Millis,
    pub inspect: Millis,
}

impl Periods {
    /// How long this side has, once it is its time: to deliver, or to check.
    #[must_use]
    pub const fn of(&self, late: Role) -> Millis {
        match late {
            Role::Seller => self.deliver,
            Role::Buyer => self.inspect,
        }
    }
}

/// What happens when a dispute finds no ruling in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unruled {
    Release,
    Refund,
}

/// The other side: a named person, or whoever brings the code (the proposer then confirms that person).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counterparty {
    Named(UserId),
    Invited(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Terms {
    /// Quoted from a person: one line, ≤ 120 characters, cleaned at the door (rule 13).
    pub item: String,
    pub asset: Asset,
    pub price: Amount,
    pub fee: Fee,
    pub periods: Periods,
    pub judges: Vec<UserId>,
    pub unruled: Unruled,
    /// How long a ruling can be stopped before it is final; 0: not at all. Left out where it is 0, so that terms from
    /// before there were rulings keep their hash.
    #[serde(default, skip_serializing_if = "is_none")]
    pub ruling_delay: Millis,
    pub proposer: UserId,
    /// The proposer's side.
    pub role: Role,
    pub counterparty: Counterparty,
    /// The arbiter: third member of the vault.
    pub bot: UserId,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_none(length: &Millis) -> bool {
    length.0 == 0
}

/// Why terms cannot be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    #[error("the price is zero")]
    PriceZero,
    #[error("the price is beyond what can be counted")]
    PriceTooLarge,
    #[error("the fee leaves the seller nothing")]
    NothingLeft,
    #[error("both sides are the same person")]
    SamePerson,
    /// A judge, the fee account or the bot itself.
    #[error("the bot, its fee account and its judges take no side")]
    NotEligible,
}

impl Terms {
    /// What both accept: BLAKE3 of the terms' JSON, whose field order is that of this struct.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Hash(*blake3::hash(&text).as_bytes())
    }

    /// Price plus the buyer's part of the fee: what must be locked. `None` only for terms that fail [`check`](Self::check).
    #[must_use]
    pub fn due(&self) -> Option<Amount> {
        payout::due(self.price, &self.fee)
    }

    /// Refuses terms nobody could settle, or in which somebody stands on two sides.
    ///
    /// # Errors
    /// See [`TermsError`].
    pub fn check(&self) -> Result<(), TermsError> {
        if self.price.is_zero() {
            return Err(TermsError::PriceZero);
        }
        if self.fee.bps > Fee::BPS_MAX {
            return Err(TermsError::NothingLeft);
        }
        let due = self.due().ok_or(TermsError::PriceTooLarge)?;
        let shares = payout::shares(self.price, &self.fee, due).ok_or(TermsError::PriceTooLarge)?;
        if shares.seller.is_zero() {
            return Err(TermsError::NothingLeft);
        }
        self.check_party(self.proposer)?;
        match self.counterparty {
            Counterparty::Named(other) => self.check_other(other),
            Counterparty::Invited(_) => Ok(()),
        }
    }

    /// May `other` be the counterparty of these terms?
    ///
    /// # Errors
    /// [`TermsError::SamePerson`], [`TermsError::NotEligible`].
    pub fn check_other(&self, other: UserId) -> Result<(), TermsError> {
        if other == self.proposer {
            return Err(TermsError::SamePerson);
        }
        self.check_party(other)
    }

    fn check_party(&self, person: UserId) -> Result<(), TermsError> {
        if person == self.bot || person == self.fee.receiver || self.judges.contains(&person) {
            return Err(TermsError::NotEligible);
        }
        Ok(())
    }

    /// The parties, once the counterparty is known.
    #[must_use]
    pub fn parties_with(&self, other: UserId) -> Parties {
        match self.role {
            Role::Buyer => Parties { buyer: self.proposer, seller: other },
            Role::Seller => Parties { buyer: other, seller: self.proposer },
        }
    }
}

/// Buyer and seller, frozen when both have accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parties {
    pub buyer: UserId,
    pub seller: UserId,
}

impl Parties {
    #[must_use]
    pub fn role_of(&self, person: UserId) -> Option<Role> {
        if person == self.buyer {
            Some(Role::Buyer)
        } else if person == self.seller {
            Some(Role::Seller)
        } else {
            None
        }
    }

    #[must_use]
    pub const fn of(&self, role: Role) -> UserId {
        match role {
            Role::Buyer => self.buyer,
            Role::Seller => self.seller,
        }
    }
}

/// {buyer, seller, bot} with threshold 2. The same pair has the same vault in every trade.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Vault {
    /// Sorted: the position is the member's index in every signature map (dossier §8.5).
    pub members: Vec<UserId>,
    /// What Mixin knows the vault by.
    pub hash: Hash,
}

impl Vault {
    /// How many of the three must sign.
    pub const THRESHOLD: u8 = 2;

    #[must_use]
    pub fn of(parties: Parties, bot: UserId) -> Self {
        let mut members = vec![parties.buyer, parties.seller, bot];
        members.sort_unstable();
        let hash = kernel::derive::members_hash(&members);
        Self { members, hash }
    }

    /// The address pay links name.
    #[must_use]
    pub fn address(&self) -> String {
        kernel::MixAddress::users(&self.members, Self::THRESHOLD).to_string()
    }

    /// The member's place in signature maps.
    #[must_use]
    pub fn index_of(&self, member: UserId) -> Option<u16> {
        self.members.iter().position(|m| *m == member).and_then(|i| u16::try_from(i).ok())
    }
}
