//! Keys of the ledger: compressed Ed25519 points and plain scalars.
//!
//! The kernel is stricter than most Ed25519 libraries: it takes a point (a key, a mask, the R of a signature) only
//! when it is canonical, of prime order and not the identity. That leaves no two encodings of one signature, and
//! checking signatures one by one says the same as the kernel's batch.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::fmt;
use std::str::FromStr;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::{Scalar as Inner, clamp_integer};
use curve25519_dalek::traits::IsIdentity;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha512};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::id::Hash;

/// A compressed point, 32 bytes, as it came: nothing is checked before [`is_valid`](Self::is_valid).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// An Ed25519 signature, R then S, as it came.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature(pub [u8; 64]);

/// A private scalar, below the group order. Wiped when dropped and never printed.
///
/// It is the scalar itself, not a seed: a library that wants an Ed25519 seed must never be given one.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Scalar(Inner);

/// Why a text is no key or signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not exactly the right number of hex digits.
    #[error("not the hex of a key of this length")]
    NotHex,
    /// A scalar at or above the group order.
    #[error("not a canonical scalar")]
    NotCanonical,
}

impl PublicKey {
    /// What an output without keys carries for a mask.
    pub const ZERO: Self = Self([0; 32]);

    /// Whether the kernel takes it: canonical, on the curve, of prime order, not the identity.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.point().is_some()
    }

    /// The point, when [`is_valid`](Self::is_valid).
    pub(super) fn point(&self) -> Option<EdwardsPoint> {
        let point = CompressedEdwardsY(self.0).decompress()?;
        let canonical = point.compress().0 == self.0;
        (canonical && !point.is_identity() && point.is_torsion_free()).then_some(point)
    }
}

impl Scalar {
    /// 32 bytes, little-endian; `None` at or above the group order.
    #[must_use]
    pub fn from_canonical(bytes: [u8; 32]) -> Option<Self> {
        Option::from(Inner::from_canonical_bytes(bytes)).map(Self)
    }

    /// 64 bytes, little-endian, modulo the group order.
    #[must_use]
    pub fn reduce512(bytes: &[u8; 64]) -> Self {
        Self(Inner::from_bytes_mod_order_wide(bytes))
    }

    /// The 32 bytes, little-endian. They are as secret as the scalar and are not wiped.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// This scalar times the base point.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(EdwardsPoint::mul_base(&self.0).compress().0)
    }

    /// The sum modulo the group order: a one-time key is view plus spend scalar.
    #[must_use]
    #[expect(clippy::arithmetic_side_effects, reason = "addition in a finite field has no overflow")]
    pub fn plus(&self, other: &Self) -> Self {
        Self(self.0 + other.0)
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// The spend scalar behind a 32-byte Ed25519 seed: the clamped first half of its SHA-512, reduced (dossier §8.4).
#[must_use]
pub fn spend_scalar(seed: &[u8; 32]) -> Scalar {
    let digest = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
    let (mut half, _) = halves(&digest);
    half = clamp_integer(half);
    Scalar(Inner::from_bytes_mod_order(half))
}

/// Signs a transaction hash with a one-time scalar (dossier §10.4). Deterministic: the nonce comes from the key
/// and the hash, so the same call always gives the same bytes and no nonce can ever serve two hashes.
#[must_use]
#[expect(clippy::arithmetic_side_effects, reason = "arithmetic in a finite field has no overflow")]
pub fn sign(key: &Scalar, hash: &Hash) -> Signature {
    let digest = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(Zeroizing::new(key.to_bytes()).as_slice())));
    let (_, prefix) = halves(&digest);
    let nonce = Scalar(sha512_scalar(&[Zeroizing::new(prefix).as_slice(), &hash.0]));
    let commitment = nonce.public().0;
    let challenge = sha512_scalar(&[&commitment, &key.public().0, &hash.0]);
    let response = (challenge * key.0 + nonce.0).to_bytes();
    let mut signature = [0; 64];
    let (first, second) = signature.split_at_mut(32);
    first.copy_from_slice(&commitment);
    second.copy_from_slice(&response);
    Signature(signature)
}

/// Whether `signature` is `key`'s over `hash`, as the kernel sees it: key and R valid points, S canonical, and
/// `S·B = R + h·A`. Any bytes may be given.
#[must_use]
pub fn verify(key: &PublicKey, hash: &Hash, signature: &Signature) -> bool {
    let (commitment, response) = halves(&signature.0);
    let Some(public) = key.point() else { return false };
    let Some(commitment) = PublicKey(commitment).point() else { return false };
    let Some(response) = Scalar::from_canonical(response) else { return false };
    let challenge = sha512_scalar(&[&commitment.compress().0, &key.0, &hash.0]);
    EdwardsPoint::vartime_double_scalar_mul_basepoint(&challenge, &negated(&public), &response.0) == commitment
}

#[expect(clippy::arithmetic_side_effects, reason = "negating a point has no overflow")]
fn negated(point: &EdwardsPoint) -> EdwardsPoint {
    -point
}

/// SHA-512 over the parts, one after the other, reduced.
pub(super) fn sha512_scalar(parts: &[&[u8]]) -> Inner {
    let mut hasher = Sha512::new();
    for part in parts {
        hasher.update(part);
    }
    let digest = Zeroizing::new(<[u8; 64]>::from(hasher.finalize()));
    Inner::from_bytes_mod_order_wide(&digest)
}

fn halves(bytes: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    let (left, right) = bytes.split_at(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    (first, second)
}

impl FromStr for Scalar {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, bytes.as_mut_slice()).map_err(|_| KeyError::NotHex)?;
        Self::from_canonical(*bytes).ok_or(KeyError::NotCanonical)
    }
}

macro_rules! hex_bytes {
    ($name:ident, $length:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                let mut bytes = [0; $length];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| KeyError::NotHex)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_bytes!(PublicKey, 32);
hex_bytes!(Signature, 64);

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_signature_holds_for_its_key_and_hash_only(seed: [u8; 32], hash: [u8; 32], bit in 0..512_usize) {
            let (key, hash) = (spend_scalar(&seed), Hash(hash));
            let signature = sign(&key, &hash);
            let public = key.public();
            prop_assert!(verify(&public, &hash, &signature));
            let mut changed = signature;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify(&public, &hash, &changed));
            let mut other = hash;
            other.0[bit % 32] ^= 1;
            prop_assert!(!verify(&public, &other, &signature));
            let dalek = ed25519_dalek::VerifyingKey::from_bytes(&public.0).unwrap();
            prop_assert!(dalek.verify_strict(&hash.0, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok());
        }

        #[test]
        fn no_bytes_make_verification_panic(key: [u8; 32], hash: [u8; 32], first: [u8; 32], second: [u8; 32]) {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&first);
            signature[32..].copy_from_slice(&second);
            prop_assert!(!verify(&PublicKey(key), &Hash(hash), &Signature(signature)));
        }
    }

    #[test]
    fn the_published_example_is_signed_alike() {
        let seed: [u8; 32] = hex::decode("7fb3893475a82c85e2b3c8a9a9232eddb36651ac32fa98ae83e6c2f33fb1be84")
            .unwrap()
            .try_into()
            .unwrap();
        let view: Scalar = "0164ba23d5aa1953132bc0bf5d12d0af7e66de2ba8773701ef135e015f24bb0b".parse().unwrap();
        let raw = "77770005b9f49cf777dc4d03bc54cd1367eebca319f8603ea1ce18910d09e2c540c630d80001c513ffcc684e9585c76bd7\
            6245aa7d2def3b9f147422b59ab91db7852c9d97dd000000000000000000010000000405f5e1000001a6c306c3137c2bf4a8bfc95e\
            a5165f7777020916aa36ee6ec394beb9a1e6a164286d4f092015ea327ba12145edd40ddede1bdd80f777c249128d38176e352a1300\
            03fffe010000000000000009746573742d6d656d6f0000";
        let unsigned: crate::kernel::Transaction = raw.parse().unwrap();
        let signature = sign(&view.plus(&spend_scalar(&seed)), &unsigned.hash());
        assert_eq!(
            signature.to_string(),
            "fde63b999d519394b3ba8a99a9f1d44bc91c2ee73d472d2085fa222925732889\
             159042b126b4436766d6d3308ee541c50fc1b9b8b83701ac534c68e7f4d0f50c"
        );
    }
}
