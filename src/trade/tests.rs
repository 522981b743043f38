//! The law, told as stories.

mod deposits;
mod duties;
mod hindsight;
mod orders;
mod road;
pub(crate) mod scene;
mod signatures;
mod table;
