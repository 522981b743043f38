//! The bytes of Mixin's ledger: transactions, hashes, keys, addresses. Pure: no I/O, no clock, no randomness.
//!
//! Everything here agrees, byte for byte, with the vectors in `tests/vectors` (kernel v0.19.2), with one chosen
//! difference: operations of nodes and custodians (mint, deposit, claim, pledge …) decode but never validate.

mod aggregate;
// Quantities as the ledger carries them.
pub mod amount;
// Ids, hashes and conversations that everybody can compute.
pub mod derive;
// One-time keys.
pub mod ghost;
// Keys, signing and verification.
pub mod key;
// MIX addresses.
pub mod mix;
// Version 5 transactions: bytes in, bytes out.
pub mod transaction;
// What the kernel says of a transaction.
pub mod validate;

pub use amount::Units;
pub use key::{KeyError, PublicKey, Scalar, Signature, sign, spend_scalar, verify};
pub use mix::{Members, MixAddress, MixError};
pub use transaction::{
    DecodeError, DepositData, Input, MintData, Output, RAW_MAX, Signatures, Transaction, Withdrawal,
};
pub use validate::{Invalid, Utxo, validate, validate_unsigned};
