//! `backup` and `restore`: a copy of the database while the bot runs, and a copy put back while it does not.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::exit::{Exit, Failure};
use super::{out, start};
use crate::store::{self, Beside, Contents, StoreError};
use crate::time::{Millis, machine_now};

#[derive(Args)]
pub(super) struct Flags {
    /// The copy.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Backup: replace a file that is there. Restore: replace the database; the old one is kept under a dated name.
    #[arg(long)]
    force: bool,
    /// The configuration file; without one the embedded defaults are used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

pub(super) fn backup(flags: &Flags) -> Result<(), Failure> {
    let database = start::settings(flags.config.as_deref())?.database();
    let beside = Beside::open(&database).map_err(|error| failure(&error))?;
    let contents = beside.back_up(&flags.file, flags.force, machine_now()).map_err(|error| failure(&error))?;
    if flags.json {
        out(&json!({ "file": flags.file, "contents": contents }).to_string());
    } else {
        out(&format!("copied and checked: {}", flags.file.display()));
        describe(&contents);
        out("keep it with the keystore, and away from this machine");
    }
    Ok(())
}

pub(super) fn restore(flags: &Flags) -> Result<(), Failure> {
    let database = start::settings(flags.config.as_deref())?.database();
    let back = store::restore(&flags.file, &database, flags.force, machine_now()).map_err(|error| failure(&error))?;
    if flags.json {
        out(&json!({ "database": database, "aside": back.aside, "contents": back.contents }).to_string());
        return Ok(());
    }
    out(&format!("checked and put back: {}", database.display()));
    describe(&back.contents);
    if let Some(aside) = &back.aside {
        out(&format!("the database that was there is kept: {}", aside.display()));
    }
    out("signing is halted until `serve` has read every open trade and request again; then it goes on by itself");
    Ok(())
}

fn describe(contents: &Contents) {
    let newest = contents.newest.map_or_else(|| "nothing yet".to_owned(), Millis::to_rfc3339);
    out(&format!(
        "{} open trades of {}; newest commit {newest}; schema {}",
        contents.open_trades, contents.trades, contents.schema
    ));
}

fn failure(error: &StoreError) -> Failure {
    let exit = match error {
        StoreError::InTheWay { .. } => Exit::InTheWay,
        _ => Exit::Database,
    };
    Failure::new(exit, error.to_string())
}
