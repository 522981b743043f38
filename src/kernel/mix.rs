//! MIX addresses: several owners and a threshold in one text (dossier §7.2).
//!
//! Reading agrees with the official parser, which also takes addresses nobody could spend from; whoever is about to
//! pay one asks [`is_payable`](MixAddress::is_payable) first.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::derive::sha3;
use super::key::PublicKey;
use crate::id::UserId;

const PREFIX: &str = "MIX";
const XIN_PREFIX: &str = "XIN";
const VERSION: u8 = 2;
/// Most members that are read.
const MEMBERS_MAX: u8 = 64;
/// Version, threshold, count, one member and the checksum.
const BYTES_MIN: usize = 3 + 16 + 4;
/// Above the longest address of 64 members, so that no huge text is worked on.
const TEXT_MAX: usize = 6000;

/// Owners and how many of them must sign. The text keeps the order of the members: the same group in another order
/// is another text, so groups are made with [`users`](Self::users).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MixAddress {
    /// How many of the members must sign.
    pub threshold: u8,
    /// In the order of the text.
    pub members: Members,
}

/// The owners, all of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Members {
    /// Users of Mixin.
    Users(Vec<UserId>),
    /// Keys of the ledger without a user: public spend key, then public view key.
    Xin(Vec<[u8; 64]>),
}

/// Why a text is no MIX address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MixError {
    /// It does not begin with `MIX`.
    #[error("does not begin with MIX")]
    Prefix,
    /// Not Base58, too short or too long.
    #[error("not Base58 of a usual length")]
    Length,
    /// Mistyped.
    #[error("wrong checksum")]
    Checksum,
    /// A version that is not known.
    #[error("unknown version {0}")]
    Version(u8),
    /// Zero.
    #[error("a threshold of zero")]
    Threshold,
    /// None, more than 64, or another number than it says.
    #[error("malformed members")]
    Members,
}

impl MixAddress {
    /// The address of a group of users, sorted as they are sorted everywhere.
    #[must_use]
    pub fn users(members: &[UserId], threshold: u8) -> Self {
        let mut members = members.to_vec();
        members.sort_unstable();
        Self { threshold, members: Members::Users(members) }
    }

    /// Whether money sent there can be spent: 1 ≤ threshold ≤ members, all different, keys valid.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        let (count, distinct) = match &self.members {
            Members::Users(users) => (users.len(), users.iter().collect::<BTreeSet<_>>().len()),
            Members::Xin(keys) => {
                let valid = keys.iter().filter(|keys| xin_keys(keys).iter().all(PublicKey::is_valid));
                (keys.len(), valid.collect::<BTreeSet<_>>().len())
            }
        };
        count == distinct && self.threshold >= 1 && usize::from(self.threshold) <= count
    }

    /// The bytes before the checksum. With more than 64 members they are not an address, and do not read as one.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        let count = match &self.members {
            Members::Users(users) => users.len(),
            Members::Xin(keys) => keys.len(),
        };
        let mut payload = vec![VERSION, self.threshold, u8::try_from(count).unwrap_or(u8::MAX)];
        match &self.members {
            Members::Users(users) => users.iter().for_each(|user| payload.extend_from_slice(user.0.as_bytes())),
            Members::Xin(keys) => keys.iter().for_each(|keys| payload.extend_from_slice(keys)),
        }
        payload
    }
}

/// A ledger address as text: `XIN`, and Base58 of both keys and a checksum.
#[must_use]
pub fn xin_address(keys: &[u8; 64]) -> String {
    with_checksum(XIN_PREFIX, keys)
}

fn xin_keys(keys: &[u8; 64]) -> [PublicKey; 2] {
    let (mut spend, mut view) = ([0; 32], [0; 32]);
    let (left, right) = keys.split_at(32);
    spend.copy_from_slice(left);
    view.copy_from_slice(right);
    [PublicKey(spend), PublicKey(view)]
}

fn with_checksum(prefix: &str, payload: &[u8]) -> String {
    let bytes = [payload, &checksum(prefix, payload)].concat();
    format!("{prefix}{}", bs58::encode(bytes).into_string())
}

/// The first four bytes of SHA3-256 over prefix and payload.
fn checksum(prefix: &str, payload: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha3(&[prefix.as_bytes(), payload].concat()).0;
    [a, b, c, d]
}

impl fmt::Display for MixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&with_checksum(PREFIX, &self.payload()))
    }
}

impl FromStr for MixAddress {
    type Err = MixError;

    fn from_str(text: &str) -> Result<Self, MixError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(MixError::Prefix)?;
        if encoded.len() > TEXT_MAX {
            return Err(MixError::Length);
        }
        let bytes = bs58::decode(encoded).into_vec().map_err(|_| MixError::Length)?;
        if bytes.len() < BYTES_MIN {
            return Err(MixError::Length);
        }
        let (payload, sum) = bytes.split_last_chunk().ok_or(MixError::Length)?;
        if *sum != checksum(PREFIX, payload) {
            return Err(MixError::Checksum);
        }
        let [version, threshold, count, members @ ..] = payload else { return Err(MixError::Length) };
        match (*version, *threshold) {
            (VERSION, 0) => Err(MixError::Threshold),
            (VERSION, threshold) => Ok(Self { threshold, members: read_members(*count, members)? }),
            (version, _) => Err(MixError::Version(version)),
        }
    }
}

/// The kind follows from the length: 16 bytes a user, 64 bytes a pair of keys.
fn read_members(count: u8, bytes: &[u8]) -> Result<Members, MixError> {
    if !(1..=MEMBERS_MAX).contains(&count) {
        return Err(MixError::Members);
    }
    let holds = |size: usize| bytes.len() == usize::from(count).saturating_mul(size);
    if holds(16) {
        Ok(Members::Users(bytes.as_chunks().0.iter().map(|id| UserId(Uuid::from_bytes(*id))).collect()))
    } else if holds(64) {
        Ok(Members::Xin(bytes.as_chunks().0.to_vec()))
    } else {
        Err(MixError::Members)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn written_addresses_read_back(ids in vec(any::<u128>(), 1..=64), xin: bool, threshold in 1..=u8::MAX) {
            let members = if xin {
                Members::Xin(ids.iter().map(|id| { let mut keys = [0; 64]; keys[9..25].copy_from_slice(&id.to_be_bytes()); keys }).collect())
            } else {
                Members::Users(ids.iter().map(|id| UserId(Uuid::from_u128(*id))).collect())
            };
            let address = MixAddress { threshold, members };
            let text = address.to_string();
            prop_assert!(text.len() <= TEXT_MAX);
            prop_assert_eq!(text.parse(), Ok(address));
        }

        #[test]
        fn no_text_makes_it_panic(text in "MIX[1-9A-Za-z]{0,90}|\\PC{0,20}") {
            if let Ok(address) = text.parse::<MixAddress>() {
                prop_assert_eq!(address.to_string(), text);
            }
        }
    }

    #[test]
    fn groups_that_cannot_be_written_cannot_be_read() {
        for count in [0, 65, 300] {
            let members: Vec<_> = (0..count).map(|n| UserId(Uuid::from_u128(n))).collect();
            assert!(MixAddress::users(&members, 1).to_string().parse::<MixAddress>().is_err(), "{count}");
        }
    }

    #[test]
    fn only_groups_that_can_spend_are_payable() {
        let user = |n| UserId(Uuid::from_u128(n));
        assert!(MixAddress::users(&[user(2), user(1)], 2).is_payable());
        assert!(!MixAddress::users(&[user(2), user(1)], 3).is_payable());
        assert!(!MixAddress::users(&[user(2), user(1)], 0).is_payable());
        assert!(!MixAddress::users(&[user(1), user(1)], 1).is_payable());
        assert!(!MixAddress { threshold: 1, members: Members::Xin(vec![[2; 64]]) }.is_payable());
    }
}
