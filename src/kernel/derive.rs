//! Ids, hashes and conversations that everybody can compute from what they know.
//!
//! Ids are hashed as text: lower case with dashes, no separator between them.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use md5::Md5;
use sha3::{Digest, Sha3_256};
use uuid::{Builder, Uuid};

use crate::id::{AssetId, ConversationId, Hash, UserId};

/// XIN's kernel asset id; only with this asset may a memo be larger than usual.
pub const XIN: Hash = Hash([
    0xa9, 0x9c, 0x2e, 0x0e, 0x2b, 0x1d, 0xa4, 0xd6, 0x48, 0x75, 0x5e, 0xf1, 0x9b, 0xd9, 0x51, 0x39, 0xac, 0xbb, 0xe6,
    0x56, 0x4c, 0xfb, 0x06, 0xde, 0xc7, 0xcd, 0x34, 0x93, 0x1c, 0xa7, 0x2c, 0xdc,
]);

/// MD5 of the joined parts, dressed as a version 3 UUID (dossier §8.2). Parts are joined without a separator:
/// `("ab", "c")` and `("a", "bc")` are the same id.
#[must_use]
pub fn unique_object_id(parts: &[&str]) -> Uuid {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part);
    }
    Builder::from_md5_bytes(hasher.finalize().into()).into_uuid()
}

/// The 1:1 conversation of two users; the same whichever comes first.
#[must_use]
pub fn contact_conversation(a: UserId, b: UserId) -> ConversationId {
    conversation(&a.to_string(), &b.to_string())
}

/// A group's conversation: owner and name, then the random id, then each participant in order of id.
#[must_use]
pub fn group_conversation(owner: UserId, name: &str, participants: &[UserId], random_id: Uuid) -> ConversationId {
    let mut participants = participants.to_vec();
    participants.sort_unstable();
    let start = conversation(&owner.to_string(), name);
    let start = conversation(&start.to_string(), &random_id.hyphenated().to_string());
    participants.iter().fold(start, |id, participant| conversation(&id.to_string(), &participant.to_string()))
}

/// Two texts as they are, the smaller first: the step all conversation ids are made of.
#[must_use]
pub fn conversation(a: &str, b: &str) -> ConversationId {
    ConversationId(unique_object_id(&if a <= b { [a, b] } else { [b, a] }))
}

/// What tells one group of owners from another (dossier §7.1). Not the threshold: the same members with another
/// threshold have the same hash. The order given does not matter.
#[must_use]
pub fn members_hash(members: &[UserId]) -> Hash {
    let members: Vec<String> = members.iter().map(UserId::to_string).collect();
    members_hash_of(&members.iter().map(String::as_str).collect::<Vec<_>>())
}

/// [`members_hash`] of ids as they are written: upper case gives another hash.
#[must_use]
pub fn members_hash_of(members: &[&str]) -> Hash {
    let mut members = members.to_vec();
    members.sort_unstable();
    sha3(members.concat().as_bytes())
}

/// The kernel's name of an asset: SHA3-256 of its id as text.
#[must_use]
pub fn asset_hash(asset: AssetId) -> Hash {
    sha3(asset.to_string().as_bytes())
}

/// The API's id of an output (dossier §9.2).
#[must_use]
pub fn output_id(hash: &Hash, index: u16) -> Uuid {
    unique_object_id(&[&format!("{hash}:{index}")])
}

/// SHA3-256, which the kernel uses for everything older than version 5.
pub(super) fn sha3(bytes: &[u8]) -> Hash {
    Hash(Sha3_256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_what_they_say() {
        let xin: AssetId = "c94ac88f-4671-3976-b60a-09064f1811e8".parse().unwrap();
        assert_eq!(asset_hash(xin), XIN);
        let hash: Hash = "b91324e5316eccc1410ee60f893b343a698b5e77de21b1e8f071b17e29729595".parse().unwrap();
        assert_eq!(output_id(&hash, 0).to_string(), "ff59ce67-d3a1-3a9d-964c-17e196e77ee5");
    }

    #[test]
    fn order_does_not_matter_between_two() {
        let (a, b) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        assert_eq!(contact_conversation(a, b), contact_conversation(b, a));
        assert_eq!(members_hash(&[a, b]), members_hash(&[b, a]));
    }
}
