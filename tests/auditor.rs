//! The auditor: on the golden vectors, on a ledger made by hand with one thing wrong at a time, and on the sandbox.
#![cfg(feature = "sandbox")]

#[cfg(test)]
#[path = "auditor_check/maker.rs"]
mod maker;
#[cfg(test)]
#[path = "auditor_check/sandbox.rs"]
mod sandbox;
#[cfg(test)]
#[path = "auditor_check/stories.rs"]
mod stories;
#[cfg(test)]
#[path = "auditor_check/vectors.rs"]
mod vectors;
