//! Version 5 transactions: the one encoding, its hash, and nothing about whether they are allowed
//! (that is [`validate`](mod@super::validate)). Layout: dossier §10.1, §10.2.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::amount::Units;
use super::key::{PublicKey, Signature};
use crate::id::Hash;
use crate::money::Amount;

mod decode;
mod encode;
#[cfg(test)]
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests;

/// Longest transaction in bytes: 4 MiB (dossier §10.5).
pub const RAW_MAX: usize = 4 * 1024 * 1024;
/// Most inputs, outputs, keys of an output, and references that decode.
pub const COUNT_MAX: usize = 256;
/// Largest index of a spent output that decodes.
pub const INPUT_INDEX_MAX: u16 = 1024;

/// The first four bytes: magic and version 5.
const HEADER: [u8; 4] = [0x77, 0x77, 0, 5];
/// Before an optional part that is there.
const PRESENT: [u8; 2] = [0x77, 0x77];
/// Before an optional part that is not.
const ABSENT: [u8; 2] = [0, 0];
/// In place of the number of signature maps: an aggregated signature follows.
const AGGREGATED: [u8; 4] = [0xff, 0xff, 0xff, 0x01];
/// Aggregated signers as a bit map.
const SIGNERS_BITS: u8 = 0;
/// Aggregated signers as a list.
const SIGNERS_LIST: u8 = 1;

/// A version 5 transaction with as many signatures as it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The one asset moved, by its kernel id ([`asset_hash`](super::derive::asset_hash)).
    pub asset: Hash,
    /// In the order of the signature maps.
    pub inputs: Vec<Input>,
    /// A key is derived for its output's place here.
    pub outputs: Vec<Output>,
    /// Hashes of final transactions.
    pub references: Vec<Hash>,
    /// The memo's raw bytes.
    pub extra: Vec<u8>,
    /// Never part of the hash.
    pub signatures: Signatures,
}

/// An output that is spent. A normal spend has the first two fields only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The transaction that made the output.
    pub hash: Hash,
    /// Its place there, at most [`INPUT_INDEX_MAX`].
    pub index: u16,
    /// Of the first transactions of the network only.
    pub genesis: Vec<u8>,
    /// From an outside chain, by the custodian only.
    pub deposit: Option<DepositData>,
    /// By nodes only.
    pub mint: Option<MintData>,
}

/// What came in from an outside chain. Texts are bytes, as the kernel does not check them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositData {
    pub chain: Hash,
    pub asset_key: Vec<u8>,
    pub transaction: Vec<u8>,
    pub index: u64,
    pub amount: Units,
}

/// What nodes mint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintData {
    pub group: Vec<u8>,
    pub batch: u64,
    pub amount: Units,
}

/// A new output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// [`Output::SCRIPT`], [`Output::WITHDRAWAL`], or an operation of nodes and custodians.
    pub kind: u8,
    /// Never zero in a valid transaction.
    pub amount: Units,
    /// One-time keys, one for each receiver, in the order of the receivers sorted by id.
    pub keys: Vec<PublicKey>,
    /// What receivers find their keys with.
    pub mask: PublicKey,
    /// `fffe` and the threshold.
    pub script: Vec<u8>,
    /// Where a withdrawal goes.
    pub withdrawal: Option<Withdrawal>,
}

/// A destination outside. Texts are bytes, as the kernel does not check them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub address: Vec<u8>,
    pub tag: Vec<u8>,
}

/// The signature section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// One map for each input: place among the input's keys → signature. Empty when unsigned.
    Maps(Vec<BTreeMap<u16, Signature>>),
    /// One signature of many keys; `signers` are places among the keys of all inputs, one after the other.
    Aggregated { signature: Signature, signers: BTreeSet<u16> },
}

/// Why bytes are no transaction. None of these gets better by asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not an even number of hex digits.
    #[error("not hex")]
    NotHex,
    /// More than [`RAW_MAX`] bytes.
    #[error("longer than 4 MiB")]
    TooLong,
    /// Ends in the middle.
    #[error("ends too early")]
    Short,
    /// Bytes after the end.
    #[error("bytes after the end")]
    Trailing,
    /// Another magic or version.
    #[error("not a version 5 transaction")]
    Header,
    /// More than [`COUNT_MAX`] of what `what` names.
    #[error("{count} {what} are too many")]
    TooMany { what: &'static str, count: u16 },
    /// Above [`INPUT_INDEX_MAX`].
    #[error("input index {0} is too large")]
    InputIndex(u16),
    /// The byte before an output's type is not zero.
    #[error("malformed output type")]
    OutputType,
    /// Neither there nor absent.
    #[error("malformed mark of an optional part")]
    Mark,
    /// Two signatures at one place.
    #[error("two signatures at place {0} of one input")]
    SignatureTwice(u16),
    /// Neither maps nor a known aggregated form.
    #[error("unknown form of signatures")]
    SignatureForm,
    /// It can be read, but it would not be written so.
    #[error("not the canonical encoding")]
    NotCanonical,
}

impl Transaction {
    /// Reads one transaction, the whole of `raw` and nothing else.
    ///
    /// # Errors
    /// When `raw` is not exactly what [`encode`](Self::encode) writes for what was read.
    pub fn decode(raw: &[u8]) -> Result<Self, DecodeError> {
        if raw.len() > RAW_MAX {
            return Err(DecodeError::TooLong);
        }
        let transaction = decode::transaction(raw)?;
        if transaction.encode() == raw { Ok(transaction) } else { Err(DecodeError::NotCanonical) }
    }

    /// The bytes with all signatures.
    ///
    /// Empty, which no reader takes, when a list or text is too long for its length field; such a transaction can
    /// be built by hand but not decoded. More than the ledger's limits is written and refused by `decode`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode::transaction(self, Some(&self.signatures))
    }

    /// The bytes without signatures: what is hashed. Empty as in [`encode`](Self::encode).
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        encode::transaction(self, None)
    }

    /// BLAKE3 of the payload: the transaction's name and the message that is signed (dossier §10.3).
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash(*blake3::hash(&self.payload()).as_bytes())
    }
}

impl FromStr for Transaction {
    type Err = DecodeError;

    /// From the hex of [`encode`](Transaction::encode), as Mixin's API carries it.
    fn from_str(text: &str) -> Result<Self, DecodeError> {
        if text.len() / 2 > RAW_MAX {
            return Err(DecodeError::TooLong);
        }
        Self::decode(&hex::decode(text).map_err(|_| DecodeError::NotHex)?)
    }
}

impl Input {
    /// A normal spend.
    #[must_use]
    pub fn spend(hash: Hash, index: u16) -> Self {
        Self { hash, index, genesis: Vec::new(), deposit: None, mint: None }
    }
}

impl Output {
    /// An ordinary output, locked by keys and a threshold.
    pub const SCRIPT: u8 = 0;
    /// A withdrawal to an outside chain.
    pub const WITHDRAWAL: u8 = 0xa1;

    /// An ordinary output: any `threshold` of `keys` may spend `amount`.
    #[must_use]
    pub fn pay(amount: Amount, keys: Vec<PublicKey>, mask: PublicKey, threshold: u8) -> Self {
        let script = vec![0xff, 0xfe, threshold];
        Self { kind: Self::SCRIPT, amount: amount.into(), keys, mask, script, withdrawal: None }
    }

    /// How many keys must sign; `None` when the script is malformed.
    #[must_use]
    pub fn threshold(&self) -> Option<u8> {
        threshold(&self.script)
    }
}

/// The threshold in a well-formed script: `fffe` and at most 64.
pub(super) fn threshold(script: &[u8]) -> Option<u8> {
    match script {
        [0xff, 0xfe, threshold @ 0..=64] => Some(*threshold),
        _ => None,
    }
}
