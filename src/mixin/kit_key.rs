//! The key that signs recovery kits: nobody else can make one, and it survives the database (design §3 rule 7).

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::id;

/// Signs and knows again what this bot has signed. Wiped when dropped; cannot be printed.
#[derive(Clone)]
pub struct KitKey(SigningKey);

impl KitKey {
    /// The fixed label that separates this key from every other use of the seed.
    const LABEL: &'static [u8] = b"mixin-escrow/kits/1";

    #[must_use]
    pub fn from_spend_seed(seed: &[u8; 32]) -> Self {
        let derived = zeroize::Zeroizing::new(id::derived_key(seed, Self::LABEL));
        Self(SigningKey::from_bytes(&derived))
    }

    /// As others may know it: 32 bytes.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// An Ed25519 signature, 64 bytes. `what` begins with a label of its own use, so that one is never taken for
    /// another.
    #[must_use]
    pub fn sign(&self, what: &[u8]) -> [u8; 64] {
        self.0.sign(what).to_bytes()
    }

    /// Whether this very key has signed `what`. No other key ever counts.
    #[must_use]
    pub fn knows(&self, what: &[u8], signature: &[u8; 64]) -> bool {
        let ours: VerifyingKey = self.0.verifying_key();
        ours.verify_strict(what, &Signature::from_bytes(signature)).is_ok()
    }
}

/// Whether the key that others know as `public` has signed `what`.
#[must_use]
pub fn signed_by(public: &[u8; 32], what: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(what, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_signatures_count() {
        let (ours, other) = (KitKey::from_spend_seed(&[7; 32]), KitKey::from_spend_seed(&[8; 32]));
        let signature = ours.sign(b"kit");
        assert!(ours.knows(b"kit", &signature));
        assert!(!ours.knows(b"kiT", &signature) && !other.knows(b"kit", &signature));
        assert_eq!(ours.public(), KitKey::from_spend_seed(&[7; 32]).public(), "it survives the database");
        assert_ne!(ours.public(), other.public());
    }
}
