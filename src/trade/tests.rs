//! The law, told as stories.

mod deposits;
mod duties;
mod frozen;
mod hindsight;
mod ledger;
mod orders;
mod preferred;
mod road;
pub(crate) mod scene;
mod signatures;
mod table;
