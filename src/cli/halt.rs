//! `halt` and `resume`: whether the bot signs.

use clap::{Args, ValueEnum};

use super::ask::{Common, put};
use super::exit::Failure;
use crate::store::Operator;

/// What can be halted.
#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Every signature of the bot. Money can still come in, and the two parties can still move theirs together.
    Signing,
}

#[derive(Args)]
pub(super) struct Halt {
    what: What,
    /// Why, for whoever reads it later.
    #[arg(long, value_name = "TEXT", default_value = "halted by hand")]
    why: String,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args)]
pub(super) struct Resume {
    what: What,
    /// After a restore: go on although some vault could not be read again. Look at the log first: it says which, and
    /// why. Nothing can be paid twice by it, but a trade may be settled that was to be settled otherwise.
    #[arg(long)]
    unread: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn halt(flags: Halt) -> Result<(), Failure> {
    let What::Signing = flags.what;
    put(&flags.common, Operator::HaltSigning { why: flags.why }).await
}

pub(super) async fn resume(flags: Resume) -> Result<(), Failure> {
    let What::Signing = flags.what;
    put(&flags.common, Operator::ResumeSigning { unread: flags.unread }).await
}
