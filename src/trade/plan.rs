//! A plan: who is paid what out of which frozen inputs; and the payload and requests that carry it.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{AssetId, Hash, IdSecret, RequestId, TradeId, UserId};
use crate::kernel::{self, PublicKey, Signature, Transaction};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::deposit::Deposit;
use crate::trade::payout::Payout;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Seller, fee, the buyer's surplus.
    Release,
    /// Everything to the buyer; no fee.
    Refund,
    /// A part of the price to the seller, the rest back to the buyer: as one offered and the other signs, or as ruled.
    Split,
    /// Deposits outside the frozen inputs, back to whose they are.
    Return,
}

/// By what right the bot adds its signature (design §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The buyer's signature itself.
    BuyerReleased,
    /// The seller's signature itself.
    SellerRefunded,
    /// One offered it by token; the other's signature.
    SplitAgreed,
    /// The buyer let the time to check run out; the seller's signature on the release.
    InspectionElapsed,
    /// The seller let the time to deliver run out; the buyer's signature on the refund.
    DeliveryElapsed,
    /// A judge's ruling; the signature of somebody it pays.
    Ruled,
    /// The deposit is outside the frozen inputs of any trade.
    NotOwed,
}

/// Whose idea a split is, and until when (service time) the other may sign it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub by: UserId,
    pub until: Millis,
}

/// A frozen input: everything a signer must know of the output it spends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenInput {
    pub output_id: Uuid,
    pub hash: Hash,
    pub index: u16,
    pub amount: Amount,
    pub keys: Vec<PublicKey>,
}

impl From<&Deposit> for FrozenInput {
    fn from(deposit: &Deposit) -> Self {
        Self {
            output_id: deposit.output_id,
            hash: deposit.hash,
            index: deposit.index,
            amount: deposit.amount,
            keys: deposit.keys.clone(),
        }
    }
}

/// The one-time keys of one output, as `/safe/keys` gave them for its receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputKeys {
    pub mask: PublicKey,
    pub keys: Vec<PublicKey>,
}

/// The transaction bytes of a plan, without signatures, and what is needed to build them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    #[serde(with = "hex::serde")]
    pub raw: Vec<u8>,
    pub hash: Hash,
    /// In output order.
    pub keys: Vec<OutputKeys>,
}

/// The Safe multisig request that carries the payload now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: RequestId,
    /// Mixin has it: the link works.
    pub open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub no: u32,
    pub kind: Kind,
    pub asset: AssetId,
    pub inputs: Vec<FrozenInput>,
    pub payouts: Vec<Payout>,
    /// Who is asked to sign it, because by signing they give something away; for a ruled split those it pays.
    pub givers: Vec<UserId>,
    /// Of a split that two agree on; a ruled one has none.
    #[serde(default)]
    pub offer: Option<Offer>,
    /// The plan whose one-time key was burnt after it had been authorised: this one is the same decision under other
    /// keys, perhaps with its fee waived.
    #[serde(default)]
    pub instead_of: Option<u32>,
    pub payload: Option<Payload>,
    pub request: Option<Request>,
    /// Of the request's id: rises when Mixin holds something else under it, or it was revoked or lost.
    pub round: u32,
    /// Service time of the first look at which Mixin did not know the present request; one "not found" may be a lie.
    #[serde(default)]
    pub missing_since: Option<Millis>,
    /// Requests Mixin did not know any more, the last [`EARLIER_MAX`]: their links are out, and if one is there
    /// after all, a signature on it counts.
    #[serde(default)]
    pub earlier: Vec<RequestId>,
    /// Valid party signatures seen on the payload, by member index, one for each input. Kept for ever: they
    /// are posted again with the bot's own, whichever request carries the payload then.
    pub signed: BTreeMap<u16, Vec<Signature>>,
    /// Committed before the bot signs; final until the plan is void for ever.
    pub authorised: Option<Authority>,
    /// The bot's signature was given and completed the payload.
    pub cosigned: bool,
    /// Mixin took the bot's signature and not the kept ones posted with it (dossier U-33): a party must sign the
    /// present request before the bot does, so that the bot is the last.
    #[serde(default)]
    pub must_tap: bool,
    /// A member has signed, and Mixin does not show the signature (dossier U-30): the bot signs nothing that it cannot
    /// see, and people were told.
    #[serde(default)]
    pub unshown: bool,
    /// Service time at which Mixin first refused to have the payload signed in the present round.
    #[serde(default)]
    pub refused_since: Option<Millis>,
    pub end: Option<End>,
}

/// How many lost requests of a plan are still read.
pub const EARLIER_MAX: usize = 4;
/// Rounds of a request that are opened at once; from then on each waits longer, to at most [`REOPEN_MAX`] seconds.
const ROUNDS_AT_ONCE: u32 = 3;
const REOPEN_MAX: i64 = 300;

/// How a plan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its payload spent the inputs.
    Spent,
    /// An input, or a one-time key, is gone by another transaction: it can never happen.
    Void,
    /// An offered split that nobody signed in time. The bot never signs it; the two parties together still could.
    Lapsed,
}

impl Plan {
    /// Still able to move money.
    #[must_use]
    pub const fn lives(&self) -> bool {
        self.end.is_none()
    }

    /// The sum of the inputs; saturates, which no real ledger reaches.
    #[must_use]
    pub fn total(&self) -> Amount {
        Amount::sum(self.inputs.iter().map(|i| i.amount)).unwrap_or(Amount::from_units(u128::MAX))
    }

    /// Whether this is the hash of its payload.
    #[must_use]
    pub fn carries(&self, hash: Hash) -> bool {
        self.payload.as_ref().is_some_and(|payload| payload.hash == hash)
    }

    /// One of the two that stand from the moment the money is locked, and that the recovery kit holds.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.kind, Kind::Release | Kind::Refund)
    }

    /// What `person` is paid.
    #[must_use]
    pub fn paid_to(&self, person: UserId) -> Amount {
        Amount::sum(self.payouts.iter().filter(|p| p.to == person).map(|p| p.amount)).unwrap_or_default()
    }

    /// The hint that makes Mixin hand out the same one-time key for output `nth` every time it is asked.
    ///
    /// Bound to what the plan is made of: where the database was lost and an early kit put in, another plan may bear
    /// this number, and a key given out for one receiver must never be taken for another's (dossier U-04).
    #[must_use]
    pub fn hint(&self, trade: TradeId, ids: &IdSecret, nth: usize) -> Uuid {
        let mut made_of = blake3::Hasher::new();
        for input in &self.inputs {
            made_of.update(&input.hash.0).update(&input.index.to_be_bytes());
        }
        for payout in &self.payouts {
            made_of.update(payout.to.0.as_bytes()).update(&payout.amount.units().to_be_bytes());
        }
        ids.uuid(trade.0, &format!("hint/{}/{nth}/{}", self.no, made_of.finalize().to_hex()), 0)
    }

    /// The id of the request of the present round.
    #[must_use]
    pub fn request_id(&self, trade: TradeId, ids: &IdSecret) -> RequestId {
        self.request_id_of(trade, ids, self.round)
    }

    /// The id of the request of any round.
    #[must_use]
    pub fn request_id_of(&self, trade: TradeId, ids: &IdSecret, round: u32) -> RequestId {
        RequestId(ids.uuid(trade.0, &format!("request/{}", self.no), round))
    }

    /// Every request that may hold a signature on the payload, the present one first.
    pub fn requests(&self) -> impl Iterator<Item = RequestId> {
        self.request.map(|request| request.id).into_iter().chain(self.earlier.iter().copied())
    }

    /// How long the request of the present round waits to be opened. Somebody may revoke as often as they like, and
    /// each opening is a card for somebody; one that nobody is asked to sign waits for nothing.
    #[must_use]
    pub fn open_after(&self) -> Millis {
        if self.round <= ROUNDS_AT_ONCE || self.authorised.is_some() && !self.must_tap {
            return Millis(0);
        }
        Millis::from_secs(1i64.checked_shl(self.round.min(20)).unwrap_or(REOPEN_MAX).min(REOPEN_MAX))
    }

    /// What the payload says to whoever reads the ledger.
    fn memo(&self, code: &str) -> String {
        let word = match self.kind {
            Kind::Release => "release",
            Kind::Refund => "refund",
            Kind::Split => "split",
            Kind::Return => "return",
        };
        format!("{word} {code}")
    }

    /// The unsigned transaction of this plan with the given one-time keys: outputs in payout order, each to one
    /// person. `None` when the keys are not one a payout.
    #[must_use]
    pub fn transaction(&self, code: &str, keys: &[OutputKeys]) -> Option<Transaction> {
        if keys.len() != self.payouts.len() || keys.iter().any(|k| k.keys.len() != 1) {
            return None;
        }
        let outputs = self.payouts.iter().zip(keys);
        Some(Transaction {
            asset: kernel::derive::asset_hash(self.asset),
            inputs: self.inputs.iter().map(|i| kernel::Input::spend(i.hash, i.index)).collect(),
            outputs: outputs.map(|(p, k)| kernel::Output::pay(p.amount, k.keys.clone(), k.mask, 1)).collect(),
            references: Vec::new(),
            extra: self.memo(code).into_bytes(),
            signatures: kernel::Signatures::Maps(Vec::new()),
        })
    }

    /// The party signatures inside `raw` that are good on every input, by member index: those of another
    /// payload, of no member, or false on any input are left out.
    #[must_use]
    pub fn good_signatures(&self, raw: &[u8], members: u16) -> BTreeMap<u16, Vec<Signature>> {
        let (Some(payload), Ok(tx)) = (&self.payload, Transaction::decode(raw)) else { return BTreeMap::new() };
        let kernel::Signatures::Maps(maps) = &tx.signatures else { return BTreeMap::new() };
        if tx.hash() != payload.hash || maps.len() != self.inputs.len() {
            return BTreeMap::new();
        }
        let on_every_input = |member: u16| -> Option<Vec<Signature>> {
            self.inputs
                .iter()
                .zip(maps)
                .map(|(input, map)| {
                    let key = input.keys.get(usize::from(member))?;
                    let signature = map.get(&member)?;
                    kernel::verify(key, &payload.hash, signature).then_some(*signature)
                })
                .collect()
        };
        (0..members).filter_map(|member| on_every_input(member).map(|s| (member, s))).collect()
    }
}
