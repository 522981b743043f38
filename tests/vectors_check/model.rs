//! The schema of transactions in the vectors, and the same as the library's types.

use std::collections::BTreeMap;

use mixin_escrow::id::Hash;
use mixin_escrow::kernel::{
    DepositData, Input, MintData, Output, PublicKey, Scalar, Signature, Signatures, Transaction, Units, Utxo,
    Withdrawal, validate, validate_unsigned,
};
use mixin_escrow::money::Amount;
use serde::{Deserialize, Deserializer};

/// Lower-case hex.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).map_err(serde::de::Error::custom)?;
        assert_eq!(hex::encode(&bytes), text);
        Ok(Self(bytes))
    }
}

/// A private scalar.
pub(crate) struct Private(pub(crate) Scalar);

impl<'de> Deserialize<'de> for Private {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl Private {
    pub(crate) fn hex(&self) -> String {
        hex::encode(self.0.to_bytes())
    }
}

/// Coins with exactly eight decimals, of any size.
#[derive(Clone)]
pub(crate) struct Coins(pub(crate) Units);

impl<'de> Deserialize<'de> for Coins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let coins = Units::from_go_text(&text).map_err(serde::de::Error::custom)?;
        assert_eq!(coins.to_string(), text);
        assert_eq!(coins.amount(), text.parse::<Amount>().ok());
        Ok(Self(coins))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tx {
    version: u8,
    pub(crate) asset: Hash,
    pub(crate) inputs: Vec<TxInput>,
    pub(crate) outputs: Vec<TxOutput>,
    references: Vec<Hash>,
    extra: Bytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TxInput {
    hash: Hash,
    index: u16,
    genesis: Option<Bytes>,
    deposit: Option<TxDeposit>,
    mint: Option<TxMint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TxDeposit {
    chain: Hash,
    asset_key: String,
    transaction: String,
    index: u64,
    amount: Coins,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TxMint {
    group: String,
    batch: u64,
    amount: Coins,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TxOutput {
    #[serde(rename = "type")]
    kind: u8,
    pub(crate) amount: Coins,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) mask: PublicKey,
    pub(crate) script: Bytes,
    withdrawal: Option<TxWithdrawal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TxWithdrawal {
    address: String,
    tag: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TxUtxo {
    pub(crate) transaction_hash: Hash,
    pub(crate) output_index: u16,
    pub(crate) asset: Hash,
    pub(crate) amount: Coins,
    pub(crate) keys: Vec<PublicKey>,
    pub(crate) mask: PublicKey,
    pub(crate) script: Bytes,
    pub(crate) mask_private: Option<Private>,
}

pub(crate) type Maps = Vec<BTreeMap<u16, Signature>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Aggregated {
    signers: Vec<u16>,
    signature: Signature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    pub(crate) valid: bool,
    #[serde(rename = "error")]
    _error: String,
}

pub(crate) fn signatures(maps: Option<Maps>, aggregated: Option<Aggregated>) -> Signatures {
    match aggregated {
        None => Signatures::Maps(maps.unwrap_or_default()),
        Some(aggregated) => {
            assert!(maps.is_none());
            let signers = aggregated.signers.iter().copied().collect();
            Signatures::Aggregated { signature: aggregated.signature, signers }
        }
    }
}

impl Tx {
    pub(crate) fn build(&self, signatures: Signatures) -> Transaction {
        assert_eq!(self.version, 5);
        let deposit = |deposit: &TxDeposit| DepositData {
            chain: deposit.chain,
            asset_key: deposit.asset_key.clone().into_bytes(),
            transaction: deposit.transaction.clone().into_bytes(),
            index: deposit.index,
            amount: deposit.amount.0.clone(),
        };
        let mint = |mint: &TxMint| MintData {
            group: mint.group.clone().into_bytes(),
            batch: mint.batch,
            amount: mint.amount.0.clone(),
        };
        let input = |input: &TxInput| Input {
            genesis: input.genesis.clone().map_or_else(Vec::new, |genesis| genesis.0),
            deposit: input.deposit.as_ref().map(deposit),
            mint: input.mint.as_ref().map(mint),
            ..Input::spend(input.hash, input.index)
        };
        let withdrawal = |to: &TxWithdrawal| Withdrawal {
            address: to.address.clone().into_bytes(),
            tag: to.tag.clone().into_bytes(),
        };
        let output = |output: &TxOutput| Output {
            kind: output.kind,
            amount: output.amount.0.clone(),
            keys: output.keys.clone(),
            mask: output.mask,
            script: output.script.0.clone(),
            withdrawal: output.withdrawal.as_ref().map(withdrawal),
        };
        Transaction {
            asset: self.asset,
            inputs: self.inputs.iter().map(input).collect(),
            outputs: self.outputs.iter().map(output).collect(),
            references: self.references.clone(),
            extra: self.extra.0.clone(),
            signatures,
        }
    }

    /// Builds, writes, reads back; `raw` are the kernel's bytes of the same transaction.
    pub(crate) fn check_bytes(&self, label: &str, raw: &str, signatures: Signatures) -> Transaction {
        let tx = self.build(signatures);
        assert_eq!(hex::encode(tx.encode()), raw, "{label}");
        assert_eq!(raw.parse().as_ref(), Ok(&tx), "{label}");
        tx
    }
}

/// The outputs offered.
pub(crate) fn utxos(utxos: &[TxUtxo]) -> Vec<Utxo> {
    let utxo = |utxo: &TxUtxo| Utxo {
        hash: utxo.transaction_hash,
        index: utxo.output_index,
        asset: utxo.asset,
        amount: utxo.amount.0.clone(),
        keys: utxo.keys.clone(),
        mask: utxo.mask,
        script: utxo.script.0.clone(),
    };
    utxos.iter().map(utxo).collect()
}

/// Compares the kernel's verdict of `raw` with the library's.
pub(crate) fn check_verdict(label: &str, raw: &str, offered: &[TxUtxo], valid: bool) {
    let tx: Transaction = raw.parse().unwrap_or_else(|error| panic!("{label}: {error}"));
    let offered = utxos(offered);
    let ours = validate(&tx, &offered);
    assert_eq!(ours.is_ok(), valid, "{label}: {ours:?}");
    let unsigned = Transaction { signatures: Signatures::Maps(vec![]), ..tx.clone() };
    if valid {
        assert_eq!(validate_unsigned(&tx, &offered), Ok(()), "{label}");
        assert_eq!(validate_unsigned(&unsigned, &offered), Ok(()), "{label}");
        assert!(validate(&unsigned, &offered).is_err(), "{label}");
    }
    if let Err(error) = validate_unsigned(&tx, &offered) {
        assert!(!valid, "{label}: {error}");
    }
}
