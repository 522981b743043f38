//! The strict little Mixin: Safe API, Messenger and Blaze in one value without sockets, for tests and demos.
//!
//! Whatever the real network would refuse, it refuses; where its behaviour is not known it does what the dossiers
//! assume and can be switched to the other answer. Of this crate it uses only bytes, money, ids and time, so a
//! misspelling cannot hide on both sides.
//!
//! Reading order: [`World`] and its routes, the ledger, requests, messages, Blaze, then phones and control; beside
//! the network, `MixPay`, and a face in the browser ([`World::page`]).

mod answer;
mod assets;
mod attach;
mod attachments;
mod auth;
mod blaze;
// The hand behind the network: the table of control routes.
pub mod control;
mod conversations;
mod faults;
mod ledger;
mod links;
mod messenger;
mod mixpay;
mod multisig;
mod page;
mod people;
mod phone;
mod safe;
mod serve;
mod shapes;
mod sheets;
mod snapshots;
#[cfg(test)]
mod tests;
mod transactions;
mod treasury;
mod world;

pub use blaze::{ConnId, Frame};
pub use faults::{InputsSigned, Lost, RequestReaders, RestFault, SecondConnection, Switches, Unlock};
pub use mixpay::{Callback, Callbacks, Down, Echo, MixPaySwitches, Nulls, SettleMemo, SettleTo, SettleTrace};
pub use page::BotSays;
pub use serve::{Bot, serve};
pub use world::World;
