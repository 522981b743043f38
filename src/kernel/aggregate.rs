//! Verifies the kernel's aggregated signature: one signature of many keys, each weighted by a hash of all of them.
//! The bot never makes one and never co-signs beside one; the ledger may hold them.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::BTreeSet;

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::traits::Identity;

use super::key::{PublicKey, Signature, sha512_scalar, verify};
use crate::id::Hash;

/// Separates the weights from every other use of SHA-512 in the kernel.
const DOMAIN: &[u8] = b"mixin-aggregate-coefficient-v1";

/// Whether `signature` is that of all `signers` (places among `keys`, which run across the keys of all inputs).
#[expect(clippy::arithmetic_side_effects, reason = "arithmetic on points has no overflow")]
pub(super) fn verify_aggregated(
    keys: &[PublicKey],
    signers: &BTreeSet<u16>,
    hash: &Hash,
    signature: &Signature,
) -> bool {
    let selected: Option<Vec<_>> =
        signers.iter().map(|place| keys.get(usize::from(*place)).map(|key| (u32::from(*place), key))).collect();
    let (Some(selected), Ok(count)) = (selected, u32::try_from(signers.len())) else { return false };
    let mut transcript = count.to_be_bytes().to_vec();
    for (place, key) in &selected {
        transcript.extend_from_slice(&place.to_be_bytes());
        transcript.extend_from_slice(&key.0);
    }
    let mut sum = EdwardsPoint::identity();
    for (place, key) in &selected {
        let Some(point) = key.point() else { return false };
        let weight = sha512_scalar(&[DOMAIN, &transcript, &place.to_be_bytes(), &key.0]);
        sum += point * weight;
    }
    // With no signers the sum is the identity, which is no valid key.
    verify(&PublicKey(sum.compress().0), hash, signature)
}
