//! The law of a trade. Pure: no clock, no network, no database, no randomness; `now` and ids are arguments.
//!
//! Reading order: what was agreed ([`terms`]), what a trade is ([`state`]), what may be asked of it
//! ([`command`]), what then becomes true ([`event`], [`mod@decide`]), and what must be done about it ([`duty`]).

pub mod case;
pub mod claim;
pub mod clock;
pub mod command;
pub mod deadline;
pub mod decide;
pub mod deposit;
pub mod dispute;
pub mod duty;
pub mod event;
pub mod evidence;
pub mod judge;
pub mod ledger;
pub mod lock;
pub mod name;
pub mod order;
pub mod payout;
pub mod plan;
pub mod split;
pub mod state;
pub mod terms;

mod authority;
mod fold;
mod hindsight;
mod orders;
mod plans;
mod rating;
mod sight;
#[cfg(test)]
pub(crate) mod tests;

pub use command::{Command, Context, Refusal};
pub use decide::decide;
pub use deposit::{Deposit, Oddity};
pub use dispute::{Problem, Right, Ruling};
pub use duty::{Duty, Notice};
pub use event::Event;
pub use order::Order;
pub use plan::{Authority, Kind, Plan};
pub use state::{PayLink, State, Trade};
pub use terms::{Counterparty, Role, Terms, Vault};
