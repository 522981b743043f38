//! The auditor's own reading of a transaction, version 5 (dossier §10.1–10.3).
//!
//! Stricter than the kernel where this network has no use for more: aggregated signatures and inputs that are not
//! outputs of earlier transactions are refused by name.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::units::Units;

const MAGIC_AND_VERSION: [u8; 4] = [0x77, 0x77, 0, 5];
const SIZE_MAX: usize = 4_194_304;
const COUNT_MAX: u16 = 256;
const INPUT_INDEX_MAX: u16 = 1024;
const NOTHING: u16 = 0x0000;
const SOMETHING: u16 = 0x7777;
const AGGREGATED: u16 = 0xffff;

/// 32 bytes: a hash, a kernel asset id or a public key; as text lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// `None` unless `text` is 64 lower-case hex digits.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = hex::decode(text).ok().filter(|bytes| hex::encode(bytes) == text)?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An output's place: transaction and index; as text `hash:index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub hash: Digest,
    pub index: u16,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hash, self.index)
    }
}

/// One transaction, with the hash that its bytes have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tx {
    /// BLAKE3 of the bytes with the signature section `0000`; also the signed message.
    pub hash: Digest,
    pub asset: Digest,
    pub inputs: Vec<Place>,
    pub outputs: Vec<Out>,
    pub references: Vec<Digest>,
    pub extra: Vec<u8>,
    /// By input: signatures by the place of their key. Empty for an unsigned transaction.
    pub signatures: Vec<BTreeMap<u16, [u8; 64]>>,
}

/// An output as the bytes say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// 0 for an ordinary output, 0xa1 for a withdrawal.
    pub kind: u8,
    pub amount: Units,
    pub keys: Vec<Digest>,
    pub mask: Digest,
    pub script: Vec<u8>,
    /// Address and tag outside the network.
    pub withdrawal: Option<(Vec<u8>, Vec<u8>)>,
}

/// Why bytes are no transaction this auditor can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("it is not hex")]
    NotHex,
    #[error("it is longer than 4 MiB")]
    TooLong,
    #[error("it ends in the middle of a field")]
    Short,
    #[error("it is not a transaction of version 5")]
    NotVersion5,
    #[error("it counts {1} {0}")]
    TooMany(&'static str, u16),
    #[error("it spends output index {0}, beyond 1024")]
    InputIndex(u16),
    #[error("a marker is neither absent nor present")]
    Marker,
    #[error("an output type has two bytes")]
    OutputType,
    #[error("an amount is not written in the shortest way")]
    AmountNotShortest,
    #[error("an amount is beyond 128 bits, which this auditor does not support")]
    AmountTooLarge,
    #[error("it makes money with a genesis, deposit or mint input, which this auditor does not support")]
    SpecialInput,
    #[error("it is signed in the aggregated form, which this auditor does not support")]
    Aggregated,
    #[error("its signatures are not in ascending order of distinct places")]
    SignatureOrder,
    #[error("bytes follow its end")]
    Trailing,
}

impl Tx {
    /// Reads hex, canonical or not at all: nothing it takes has a second spelling.
    ///
    /// # Errors
    /// What is wrong with the bytes, or which of their forms this auditor does not support.
    pub fn read(raw: &str) -> Result<Self, DecodeError> {
        let bytes = hex::decode(raw).map_err(|_| DecodeError::NotHex)?;
        if bytes.len() > SIZE_MAX {
            return Err(DecodeError::TooLong);
        }
        let mut cursor = Cursor { rest: &bytes };
        if cursor.array()? != MAGIC_AND_VERSION {
            return Err(DecodeError::NotVersion5);
        }
        let asset = cursor.digest()?;
        let inputs = cursor.list("inputs", Cursor::input)?;
        let outputs = cursor.list("outputs", Cursor::output)?;
        let references = cursor.list("references", Cursor::digest)?;
        let extra = u32::from_be_bytes(cursor.array()?);
        let extra = cursor.take(usize::try_from(extra).map_err(|_| DecodeError::TooLong)?)?.to_vec();
        let (payload, _) = bytes.split_at(bytes.len() - cursor.rest.len());
        let hash = blake3::Hasher::new().update(payload).update(&[0, 0]).finalize();
        let signatures = cursor.signatures()?;
        if !cursor.rest.is_empty() {
            return Err(DecodeError::Trailing);
        }
        Ok(Self { hash: Digest(*hash.as_bytes()), asset, inputs, outputs, references, extra, signatures })
    }

    /// Its outputs with their places. An index is 16 bits since there are at most 256.
    pub fn places(&self) -> impl Iterator<Item = (Place, &Out)> {
        (0..).zip(&self.outputs).map(|(index, out)| (Place { hash: self.hash, index }, out))
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DecodeError::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn digest(&mut self) -> Result<Digest, DecodeError> {
        self.array().map(Digest)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let count = self.u16()?;
        self.take(usize::from(count))
    }

    fn marker(&mut self) -> Result<bool, DecodeError> {
        match self.u16()? {
            NOTHING => Ok(false),
            SOMETHING => Ok(true),
            _ => Err(DecodeError::Marker),
        }
    }

    fn list<T>(
        &mut self,
        what: &'static str,
        item: impl Fn(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.u16()?;
        if count > COUNT_MAX {
            return Err(DecodeError::TooMany(what, count));
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn input(&mut self) -> Result<Place, DecodeError> {
        let place = Place { hash: self.digest()?, index: self.u16()? };
        if place.index > INPUT_INDEX_MAX {
            return Err(DecodeError::InputIndex(place.index));
        }
        let genesis = self.sized()?;
        // The second marker can only be found when the first announces nothing.
        if !genesis.is_empty() || self.marker()? || self.marker()? {
            return Err(DecodeError::SpecialInput);
        }
        Ok(place)
    }

    fn output(&mut self) -> Result<Out, DecodeError> {
        let [0, kind] = self.array()? else { return Err(DecodeError::OutputType) };
        let amount = amount(self.sized()?)?;
        let keys = self.list("keys", Self::digest)?;
        let mask = self.digest()?;
        let script = self.sized()?.to_vec();
        let withdrawal = if self.marker()? { Some((self.sized()?.to_vec(), self.sized()?.to_vec())) } else { None };
        Ok(Out { kind, amount, keys, mask, script, withdrawal })
    }

    fn signatures(&mut self) -> Result<Vec<BTreeMap<u16, [u8; 64]>>, DecodeError> {
        if self.rest.first_chunk() == Some(&AGGREGATED.to_be_bytes()) {
            return Err(DecodeError::Aggregated);
        }
        self.list("signature maps", |cursor| {
            let mut map = BTreeMap::new();
            for _ in 0..cursor.u16()? {
                let (place, signature) = (cursor.u16()?, cursor.array()?);
                if map.last_key_value().is_some_and(|(last, _)| *last >= place) {
                    return Err(DecodeError::SignatureOrder);
                }
                map.insert(place, signature);
            }
            Ok(map)
        })
    }
}

fn amount(bytes: &[u8]) -> Result<Units, DecodeError> {
    if bytes.first() == Some(&0) {
        return Err(DecodeError::AmountNotShortest);
    }
    if bytes.len() > 16 {
        return Err(DecodeError::AmountTooLarge);
    }
    Ok(Units(bytes.iter().fold(0, |value, byte| (value << 8) | u128::from(*byte))))
}
