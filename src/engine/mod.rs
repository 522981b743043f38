//! Where law meets database and network: one door through which everything that can start work comes in, one
//! queue of jobs, and the one loop that touches sockets.
//!
//! Reading order: [`input`] (what comes in), [`door`] (what it becomes, in one commit), [`jobs`] (what the bot
//! then does, without sockets), [`run`] (the sockets).

pub mod claims;
pub mod door;
pub mod input;
pub mod jobs;
pub mod kit;
pub mod run;

mod acts;
mod answers;
mod card;
mod chats;
mod desk;
mod evidence;
mod gate;
mod groups;
mod halts;
mod import;
mod judges;
mod links;
mod operator;
mod orders;
mod pages;
mod rights;
mod rooms;
mod tasks;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub use door::{Applied, Door, Keys, Shop};
pub use evidence::{Entry, Evidence, EvidenceFile, Fault, READ_MAX};
pub use input::{Answer, Input, Line};
pub use jobs::{Step, Task};
pub use judges::present as present_judges;
pub use kit::{Kit, KitError};
pub use links::{MixinLinks, PAGE, PageLinks};
pub use orders::MixPayShop;
