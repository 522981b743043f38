//! The law, told as stories.

mod cases;
mod claims;
mod clock;
mod deposits;
mod duties;
mod evidence;
mod foreign;
mod frozen;
mod hindsight;
mod ledger;
mod orders;
mod preferred;
mod rights;
mod road;
pub(crate) mod scene;
mod short;
mod signatures;
mod splits;
mod table;
