//! One-time keys: who may spend an output is visible to nobody but its receivers (dossier §8.3).
//!
//! The output's index is hashed into the key. A wrong index makes money its receiver cannot find.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use curve25519_dalek::edwards::EdwardsPoint;

use super::key::{PublicKey, Scalar};

/// The key of one receiver in output `index`: `H(r·view, index)·G + spend`, where the output's mask is `r·G`.
/// `None` when a key of the receiver is not valid.
#[must_use]
#[expect(clippy::arithmetic_side_effects, reason = "adding points has no overflow")]
pub fn public(r: &Scalar, view: &PublicKey, spend: &PublicKey, index: u64) -> Option<PublicKey> {
    let shared = shared_point(r, view)?;
    let tweak = EdwardsPoint::mul_base(hash_scalar(&shared, index).inner());
    Some(PublicKey((tweak + spend.point()?).compress().0))
}

/// The receiver's part of the same key: `H(view_private·mask, index)`. Added to the spend scalar it is the one-time
/// private key. `None` when the mask is not valid.
#[must_use]
pub fn view(view_private: &Scalar, mask: &PublicKey, index: u64) -> Option<Scalar> {
    shared_point(view_private, mask).map(|shared| hash_scalar(&shared, index))
}

/// The point both sides know: `r·view = view_private·mask`. `None` when the public half is not valid.
#[must_use]
#[expect(clippy::arithmetic_side_effects, reason = "multiplying a point has no overflow")]
pub fn shared_point(private: &Scalar, public: &PublicKey) -> Option<PublicKey> {
    public.point().map(|point| PublicKey((point * private.inner()).compress().0))
}

/// The kernel's hash of a point and an index to a scalar: two rounds, each twice BLAKE3.
fn hash_scalar(shared: &PublicKey, index: u64) -> Scalar {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&shared.0);
    hasher.update(&uvarint(index));
    let first = wide(hasher.finalize());
    wide(blake3::hash(&first.to_bytes()))
}

fn wide(hash: blake3::Hash) -> Scalar {
    let mut bytes = [0; 64];
    let (left, right) = bytes.split_at_mut(32);
    left.copy_from_slice(hash.as_bytes());
    right.copy_from_slice(blake3::hash(hash.as_bytes()).as_bytes());
    Scalar::reduce512(&bytes)
}

/// Seven bits a byte, low first, the top bit says that more follow.
fn uvarint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2);
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_take_as_many_bytes_as_they_need() {
        assert_eq!(uvarint(0), [0]);
        assert_eq!(uvarint(127), [0x7f]);
        assert_eq!(uvarint(128), [0x80, 1]);
        assert_eq!(uvarint(1024), [0x80, 8]);
        assert_eq!(uvarint(u64::MAX), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    }
}
