//! Mixin's REST API and Blaze, sans-IO: makes requests, reads answers, never waits and owns no socket.
//!
//! A [`call::Call`] says what is wanted; [`call::Signer`] turns it into an HTTP request with a token of its own;
//! [`call::read`] turns the response into a [`call::Reply`] or into a [`call::CallError`] that says what to do;
//! `safe` and `messenger` know the calls and their answers. [`blaze::Blaze`] is the live connection as a machine
//! that is told the time.

// The token that every request carries.
pub mod auth;
// The live connection: frames in, events out, with its own keep-alive and back-off.
pub mod blaze;
// Requests and answers, and what each failure means for the caller.
pub mod call;
// Groups, and who is in them.
pub mod conversation;
// The bot's keys, in either format of the dashboard.
pub mod keystore;
// The key that signs recovery kits.
pub mod kit_key;
// Links that people tap, scan or paste.
pub mod link;
// Conversations, messages, acknowledgements, attachments.
pub mod messenger;
// People, one-time keys, outputs, multisig requests, transactions.
pub mod safe;
// Mixin's loose JSON, read strictly where it matters.
mod wire;

pub use blaze::Blaze;
pub use call::{Base, Call, CallError, Reply, Signer};
pub use keystore::Keystore;
pub use kit_key::KitKey;
