//! What the kernel says of a transaction, given the outputs it spends (dossier §10.6).
//!
//! Not asked here, because only a ledger knows: whether references are final, inputs locked for another transaction,
//! or output keys used before.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};

use super::aggregate::verify_aggregated;
use super::amount::Units;
use super::derive::XIN;
use super::key::{PublicKey, verify};
use super::transaction::{self, COUNT_MAX, INPUT_INDEX_MAX, Output, RAW_MAX, Signatures, Transaction};
use crate::id::Hash;

#[cfg(test)]
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests;

/// Most references of a valid transaction.
const REFERENCES_MAX: usize = 16;
/// Most bytes of an ordinary memo.
const EXTRA_MAX: u64 = 256;
/// Units of XIN a storage output pays for each [`STORAGE_STEP`] bytes of memo.
const STORAGE_PRICE: u128 = 10_000;
/// Bytes of memo bought at a time.
const STORAGE_STEP: u64 = 1024;
/// The script of a storage output: 64 of one key, so nobody can ever spend it.
const STORAGE_SCRIPT: [u8; 3] = [0xff, 0xfe, 64];

/// An ordinary output on the ledger that may be spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utxo {
    /// The transaction that made it.
    pub hash: Hash,
    /// Its place there.
    pub index: u16,
    /// By its kernel id.
    pub asset: Hash,
    pub amount: Units,
    /// Signature places count along these.
    pub keys: Vec<PublicKey>,
    /// Not looked at here; receivers find their keys with it.
    pub mask: PublicKey,
    /// `fffe` and the threshold.
    pub script: Vec<u8>,
}

/// Why the kernel would refuse a transaction. `input` and `output` count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// No input or output, or more than [`COUNT_MAX`] of inputs, outputs or keys, or more than 16 references.
    #[error("too few or too many inputs, outputs, keys or references")]
    Count,
    /// A spent output that holds nothing.
    #[error("input {input} holds nothing")]
    InputAmount { input: usize },
    /// An input index above [`INPUT_INDEX_MAX`].
    #[error("input {input} has too large an index")]
    InputIndex { input: usize },
    /// A memo longer than allowed or paid for, or paid for with more than the kernel can count.
    #[error("memo too long")]
    Extra,
    /// Above 4 MiB.
    #[error("transaction too large")]
    Size,
    /// Mint, deposit, genesis, or an output kind of nodes and custodians: not for users.
    #[error("not an operation of users")]
    Operation,
    /// Not one signature map for each input.
    #[error("not one set of signatures for each input")]
    SignatureMaps,
    /// The same output twice.
    #[error("input {input} is there twice")]
    InputTwice { input: usize },
    /// Not among the outputs given.
    #[error("input {input} not found")]
    InputNotFound { input: usize },
    /// Of another asset than the transaction.
    #[error("input {input} is of another asset")]
    InputAsset { input: usize },
    /// The spent output's script is malformed.
    #[error("input {input} has a malformed script")]
    InputScript { input: usize },
    /// A signature at a place where the input has no key.
    #[error("input {input} has no key at place {place}")]
    SignaturePlace { input: usize, place: u16 },
    /// Fewer signatures than the threshold.
    #[error("input {input} has {have} of {need} signatures")]
    SignaturesMissing { input: usize, have: usize, need: u8 },
    /// Fewer signatures than inputs in all (only where thresholds are zero).
    #[error("fewer signatures than inputs")]
    SignaturesFew,
    /// A signature that does not verify; valid ones beside it do not help.
    #[error("a signature of input {input} is not valid")]
    Signature { input: usize },
    /// The aggregated signature does not verify.
    #[error("the aggregated signature is not valid")]
    Aggregated,
    /// Zero.
    #[error("output {output} has no amount")]
    OutputAmount { output: usize },
    /// A key repeated in this transaction, or not a valid point.
    #[error("output {output} has a repeated or invalid key")]
    OutputKey { output: usize },
    /// A mask that is not a valid point, or one where none may be.
    #[error("output {output} has an invalid mask")]
    OutputMask { output: usize },
    /// Malformed, or one where none may be.
    #[error("output {output} has an invalid script")]
    OutputScript { output: usize },
    /// Withdrawal data on an ordinary output, missing on a withdrawal, or a withdrawal that is not output 0.
    #[error("output {output} has invalid withdrawal data")]
    Withdrawal { output: usize },
    /// Inputs and outputs differ.
    #[error("inputs and outputs differ")]
    Unbalanced,
}

/// What the kernel says of a signed transaction. `utxos` are the outputs it may spend; each input is looked up by
/// transaction and index, others are ignored. Every signature that is there is verified, also those beyond the threshold.
///
/// # Errors
/// With the first rule that is broken; the kernel may name another when several are.
pub fn validate(tx: &Transaction, utxos: &[Utxo]) -> Result<(), Invalid> {
    check(tx, utxos, true)
}

/// The same, but signatures may be missing; those that are there are still verified.
///
/// # Errors
/// As [`validate`], except for the number of signatures.
pub fn validate_unsigned(tx: &Transaction, utxos: &[Utxo]) -> Result<(), Invalid> {
    check(tx, utxos, false)
}

fn check(tx: &Transaction, utxos: &[Utxo], signed: bool) -> Result<(), Invalid> {
    check_shape(tx)?;
    let spent = spent_outputs(tx, utxos)?;
    let out = check_outputs(&tx.outputs)?;
    if Units::sum(spent.iter().map(|utxo| &utxo.amount)) != out {
        return Err(Invalid::Unbalanced);
    }
    if signed {
        check_enough(tx, &spent)?;
    }
    check_signatures(tx, &spent)
}

fn check_shape(tx: &Transaction) -> Result<(), Invalid> {
    let counts = 1..=COUNT_MAX;
    if !counts.contains(&tx.inputs.len())
        || !counts.contains(&tx.outputs.len())
        || tx.outputs.iter().any(|output| output.keys.len() > COUNT_MAX)
        || tx.references.len() > REFERENCES_MAX
    {
        return Err(Invalid::Count);
    }
    for (at, input) in tx.inputs.iter().enumerate() {
        if input.index > INPUT_INDEX_MAX {
            return Err(Invalid::InputIndex { input: at });
        }
        if !input.genesis.is_empty() || input.deposit.is_some() || input.mint.is_some() {
            return Err(Invalid::Operation);
        }
    }
    for (at, output) in tx.outputs.iter().enumerate() {
        match (at, output.kind) {
            (_, Output::SCRIPT) | (0, Output::WITHDRAWAL) => {}
            (_, Output::WITHDRAWAL) => return Err(Invalid::Withdrawal { output: at }),
            _ => return Err(Invalid::Operation),
        }
    }
    let limit = extra_limit(tx).ok_or(Invalid::Extra)?;
    if u64::try_from(tx.extra.len()).map_or(true, |length| length > limit) {
        return Err(Invalid::Extra);
    }
    if !(1..=RAW_MAX).contains(&tx.payload().len()) {
        return Err(Invalid::Size);
    }
    Ok(())
}

/// How long the memo may be: more than usual only when an output of XIN that nobody can spend pays for it.
///
/// The kernel counts in 64 bits: the bytes bought wrap around, and on more steps than that it gives up (`None`).
fn extra_limit(tx: &Transaction) -> Option<u64> {
    if tx.asset != XIN {
        return Some(EXTRA_MAX);
    }
    let storage = tx.outputs.iter().filter(|output| output.keys.len() == 1 && output.script == STORAGE_SCRIPT);
    let steps = |output: &Output| u64::try_from(output.amount.amount()?.units().checked_div(STORAGE_PRICE)?).ok();
    let most = storage.map(steps).try_fold(0, |most: u64, steps| Some(most.max(steps?)))?;
    Some(if most == 0 { EXTRA_MAX } else { most.wrapping_mul(STORAGE_STEP) })
}

/// The output behind each input, in input order.
fn spent_outputs<'a>(tx: &Transaction, utxos: &'a [Utxo]) -> Result<Vec<&'a Utxo>, Invalid> {
    let mut seen = BTreeSet::new();
    let mut spent = Vec::with_capacity(tx.inputs.len());
    for (at, input) in tx.inputs.iter().enumerate() {
        if !seen.insert((input.hash, input.index)) {
            return Err(Invalid::InputTwice { input: at });
        }
        let found = utxos.iter().find(|utxo| utxo.hash == input.hash && utxo.index == input.index);
        let utxo = found.ok_or(Invalid::InputNotFound { input: at })?;
        if utxo.asset != tx.asset {
            return Err(Invalid::InputAsset { input: at });
        }
        // No final transaction can have made one; adding it up stops the kernel, so nothing that spends it passes.
        if utxo.amount.is_zero() {
            return Err(Invalid::InputAmount { input: at });
        }
        spent.push(utxo);
    }
    Ok(spent)
}

/// The sum of the outputs, when each is in order.
fn check_outputs(outputs: &[Output]) -> Result<Units, Invalid> {
    let mut keys = BTreeSet::new();
    for (at, output) in outputs.iter().enumerate() {
        if output.amount.is_zero() {
            return Err(Invalid::OutputAmount { output: at });
        }
        if output.keys.iter().any(|key| !keys.insert(*key) || !key.is_valid()) {
            return Err(Invalid::OutputKey { output: at });
        }
        if output.kind == Output::WITHDRAWAL {
            check_withdrawal(at, output)?;
            continue;
        }
        if output.threshold().is_none() {
            return Err(Invalid::OutputScript { output: at });
        }
        if !output.mask.is_valid() {
            return Err(Invalid::OutputMask { output: at });
        }
        if output.withdrawal.is_some() {
            return Err(Invalid::Withdrawal { output: at });
        }
    }
    Ok(Units::sum(outputs.iter().map(|output| &output.amount)))
}

/// A withdrawal is bare: no keys, no script, no mask.
fn check_withdrawal(at: usize, output: &Output) -> Result<(), Invalid> {
    if !output.keys.is_empty() {
        return Err(Invalid::OutputKey { output: at });
    }
    if !output.script.is_empty() {
        return Err(Invalid::OutputScript { output: at });
    }
    if output.mask != PublicKey::ZERO {
        return Err(Invalid::OutputMask { output: at });
    }
    if output.withdrawal.is_none() {
        return Err(Invalid::Withdrawal { output: at });
    }
    Ok(())
}

/// Whether each input has its threshold of signatures, and all have as many as there are inputs.
fn check_enough(tx: &Transaction, spent: &[&Utxo]) -> Result<(), Invalid> {
    let counts = signature_counts(&tx.signatures, spent);
    if counts.len() != spent.len() {
        return Err(Invalid::SignatureMaps);
    }
    for (at, (utxo, have)) in spent.iter().zip(&counts).enumerate() {
        let need = transaction::threshold(&utxo.script).ok_or(Invalid::InputScript { input: at })?;
        if *have < usize::from(need) {
            return Err(Invalid::SignaturesMissing { input: at, have: *have, need });
        }
    }
    if counts.iter().fold(0_usize, |sum, count| sum.saturating_add(*count)) < spent.len() {
        return Err(Invalid::SignaturesFew);
    }
    Ok(())
}

/// How many signatures each input has.
fn signature_counts(signatures: &Signatures, spent: &[&Utxo]) -> Vec<usize> {
    match signatures {
        Signatures::Maps(maps) => maps.iter().map(BTreeMap::len).collect(),
        Signatures::Aggregated { signers, .. } => {
            let mut first = 0_usize;
            spent
                .iter()
                .map(|utxo| {
                    let end = first.saturating_add(utxo.keys.len());
                    let count = signers.iter().filter(|place| (first..end).contains(&usize::from(**place))).count();
                    first = end;
                    count
                })
                .collect()
        }
    }
}

/// Whether every signature that is there is at a key and verifies.
fn check_signatures(tx: &Transaction, spent: &[&Utxo]) -> Result<(), Invalid> {
    for (at, utxo) in spent.iter().enumerate() {
        transaction::threshold(&utxo.script).ok_or(Invalid::InputScript { input: at })?;
    }
    let hash = tx.hash();
    let maps = match &tx.signatures {
        Signatures::Maps(maps) if maps.is_empty() => return Ok(()),
        Signatures::Maps(maps) => maps,
        Signatures::Aggregated { signature, signers } => {
            let keys: Vec<_> = spent.iter().flat_map(|utxo| utxo.keys.iter().copied()).collect();
            return verify_aggregated(&keys, signers, &hash, signature).then_some(()).ok_or(Invalid::Aggregated);
        }
    };
    if maps.len() != spent.len() {
        return Err(Invalid::SignatureMaps);
    }
    for (at, (utxo, map)) in spent.iter().zip(maps).enumerate() {
        for (place, signature) in map {
            let key = utxo.keys.get(usize::from(*place));
            let key = key.ok_or(Invalid::SignaturePlace { input: at, place: *place })?;
            if !verify(key, &hash, signature) {
                return Err(Invalid::Signature { input: at });
            }
        }
    }
    Ok(())
}
