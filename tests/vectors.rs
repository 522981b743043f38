//! The library against the golden vectors: every file, every list, every field that our code can compute.
//!
//! Reads `tests/vectors`, or the folder in `VECTORS_DIR`. Nothing is told apart by the name of a case. What is missing
//! or empty fails, and so does a list that nothing here reads.

#[cfg(test)]
#[path = "vectors_check/folder.rs"]
mod folder;
#[cfg(test)]
#[path = "vectors_check/ledger.rs"]
mod ledger;
#[cfg(test)]
#[path = "vectors_check/model.rs"]
mod model;
#[cfg(test)]
#[path = "vectors_check/multisig.rs"]
mod multisig;
#[cfg(test)]
#[path = "vectors_check/names.rs"]
mod names;
