//! People who play trades on the sandbox, and the auditor who believes nobody.
//!
//! [`play`] decides what people do from what their phones show, nothing else; [`auditor`] recomputes the books from
//! the sandbox's ledger with a decoder of its own; [`phones`] carries deeds over HTTP and tells them as a chat;
//! [`stories`] are the named ways a trade goes, each with the end it must come to.

pub mod auditor;
pub mod phones;
pub mod play;
pub mod runner;
pub mod stories;
