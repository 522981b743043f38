//! Reading. Bytes come from anybody: every length is checked against what is there before anything is kept.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ABSENT, AGGREGATED, COUNT_MAX, DecodeError, DepositData, HEADER, INPUT_INDEX_MAX, Input, MintData, Output, PRESENT,
    SIGNERS_BITS, SIGNERS_LIST, Signature, Signatures, Transaction, Withdrawal,
};
use crate::id::Hash;
use crate::kernel::amount::Units;
use crate::kernel::key::PublicKey;

/// Reads the whole of `raw`. The caller compares with what would be written: a few forms pass here that do not.
pub(super) fn transaction(raw: &[u8]) -> Result<Transaction, DecodeError> {
    let mut reader = Reader(raw);
    if reader.array()? != HEADER {
        return Err(DecodeError::Header);
    }
    let asset = Hash(reader.array()?);
    let inputs = reader.list("inputs", Reader::input)?;
    let outputs = reader.list("outputs", Reader::output)?;
    let references = reader.list("references", |reader| reader.array().map(Hash))?;
    let length = u32::from_be_bytes(reader.array()?);
    let extra = reader.take(usize::try_from(length).map_err(|_| DecodeError::Short)?)?.to_vec();
    let signatures = reader.signatures()?;
    if reader.0.is_empty() {
        Ok(Transaction { asset, inputs, outputs, references, extra, signatures })
    } else {
        Err(DecodeError::Trailing)
    }
}

/// What is not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    fn amount(&mut self) -> Result<Units, DecodeError> {
        let (units, rest) = Units::from_wire(self.0).ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(units)
    }

    /// A count of at most [`COUNT_MAX`], then that many items.
    fn list<T>(
        &mut self,
        what: &'static str,
        item: impl Fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u16()?;
        if usize::from(count) > COUNT_MAX {
            return Err(DecodeError::TooMany { what, count });
        }
        (0..count).map(|_| item(self)).collect()
    }

    /// An optional part behind its mark.
    fn optional<T>(&mut self, part: impl Fn(&mut Self) -> Result<T, DecodeError>) -> Result<Option<T>, DecodeError> {
        match self.array()? {
            PRESENT => part(self).map(Some),
            ABSENT => Ok(None),
            _ => Err(DecodeError::Mark),
        }
    }

    fn input(&mut self) -> Result<Input, DecodeError> {
        let hash = Hash(self.array()?);
        let index = self.u16()?;
        if index > INPUT_INDEX_MAX {
            return Err(DecodeError::InputIndex(index));
        }
        let genesis = self.bytes()?.to_vec();
        let deposit = self.optional(|reader| {
            Ok(DepositData {
                chain: Hash(reader.array()?),
                asset_key: reader.bytes()?.to_vec(),
                transaction: reader.bytes()?.to_vec(),
                index: reader.array().map(u64::from_be_bytes)?,
                amount: reader.amount()?,
            })
        })?;
        let mint = self.optional(|reader| {
            Ok(MintData {
                group: reader.bytes()?.to_vec(),
                batch: reader.array().map(u64::from_be_bytes)?,
                amount: reader.amount()?,
            })
        })?;
        Ok(Input { hash, index, genesis, deposit, mint })
    }

    fn output(&mut self) -> Result<Output, DecodeError> {
        let [0, kind] = self.array()? else { return Err(DecodeError::OutputType) };
        Ok(Output {
            kind,
            amount: self.amount()?,
            keys: self.list("keys", |reader| reader.array().map(PublicKey))?,
            mask: PublicKey(self.array()?),
            script: self.bytes()?.to_vec(),
            withdrawal: self.optional(|reader| {
                Ok(Withdrawal { address: reader.bytes()?.to_vec(), tag: reader.bytes()?.to_vec() })
            })?,
        })
    }

    fn signatures(&mut self) -> Result<Signatures, DecodeError> {
        if let Some(rest) = self.0.strip_prefix(&AGGREGATED) {
            self.0 = rest;
            return self.aggregated();
        }
        self.list("signature maps", Self::map).map(Signatures::Maps)
    }

    fn map(&mut self) -> Result<BTreeMap<u16, Signature>, DecodeError> {
        let mut map = BTreeMap::new();
        for _ in 0..self.u16()? {
            let place = self.u16()?;
            if map.insert(place, Signature(self.array()?)).is_some() {
                return Err(DecodeError::SignatureTwice(place));
            }
        }
        Ok(map)
    }

    fn aggregated(&mut self) -> Result<Signatures, DecodeError> {
        let signature = Signature(self.array()?);
        let mut signers = BTreeSet::new();
        match self.array()? {
            [SIGNERS_BITS] => {
                for (index, byte) in self.bytes()?.iter().enumerate() {
                    for bit in (0..8_u16).filter(|bit| (byte >> bit) & 1 == 1) {
                        let place = index.checked_mul(8).and_then(|first| first.checked_add(usize::from(bit)));
                        let place = place.and_then(|place| u16::try_from(place).ok());
                        signers.insert(place.ok_or(DecodeError::SignatureForm)?);
                    }
                }
            }
            [SIGNERS_LIST] => {
                for _ in 0..self.u16()? {
                    // An unsorted or repeated place is found when the set is written back.
                    signers.insert(self.u16()?);
                }
            }
            _ => return Err(DecodeError::SignatureForm),
        }
        Ok(Signatures::Aggregated { signature, signers })
    }
}
