//! `serve`: the bot, until it is told to stop.

use std::path::PathBuf;

use clap::Args;

use super::exit::{Exit, Failure};
use super::{doctor, out, start, stop};
use crate::engine::run::{self, RunError};

#[derive(Args)]
pub(super) struct Flags {
    /// The configuration file; without one the embedded defaults are used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// End when stdin ends: with the process that started this one, however that ends.
    #[arg(long, hide = true)]
    tied: bool,
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    let mut stop = stop::told(flags.tied)?;
    let parts = start::parts(flags.config.as_deref())?;
    // The first thing it does: nothing starts on a keystore, clock or database that will not do.
    let me = tokio::select! {
        me = doctor::examine(&parts, out) => me?,
        () = stop::stopped(&mut stop) => return Ok(()),
    };
    let door = start::door(&parts, &me, start::store(&parts.settings)?)?;
    out(&format!("serving as {} ({}); stop with Ctrl-C", me.user.name, me.user.number));
    let hints = start::hear(&parts, &me, out).await?;
    run::run(door, parts.signer, parts.network, hints, stop).await.map_err(|error| failure(&error))
}

fn failure(error: &RunError) -> Failure {
    let exit = match error {
        RunError::Unauthorized(_) => Exit::Account,
        RunError::Store(_) => Exit::Database,
        RunError::Client(_) => Exit::Network,
        RunError::Ended => Exit::Internal,
    };
    Failure::new(exit, error.to_string())
}
