//! Guaranteed trades in Mixin Messenger. The crate map, in reading order:

// Whole units of 10⁻⁸.
pub mod money;
// One type for each noun; ids that can be derived again.
pub mod id;
// Time as an input.
pub mod time;
// What pages are made of: frame, style, script.
pub mod html;
// The bytes of Mixin's ledger: transactions, hashes, keys, addresses. Pure.
pub mod kernel;
// The law: what a trade is and what each input means for it. Pure.
pub mod trade;
// The seven checks before the bot signs, the last one. Pure.
pub mod cosign;
// Mixin's API and Blaze, sans-IO: makes requests, reads answers, never waits.
pub mod mixin;
// MixPay, sans-IO: a second way to pay, and its budget of requests.
pub mod mixpay;
// Words in and out: text → intent, view → messages. Pure.
pub mod chat;
// SQLite behind a dozen batch-shaped functions; nothing else knows SQL.
pub mod store;
// Settings, checked once.
pub mod config;
// The door, the jobs, and the one loop that touches sockets.
pub mod engine;
// What may be asked of the bot over HTTP: a trade's page, MixPay's callback, health; its insides on loopback.
pub mod web;
// The strict little Mixin that tests and demos run on.
#[cfg(feature = "sandbox")]
pub mod sandbox;
// People who play trades, and the auditor who believes nobody.
#[cfg(feature = "sandbox")]
pub mod sim;
// A file per verb.
pub mod cli;
