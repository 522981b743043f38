//! `backup` and `restore`: a copy of the database while the bot runs, and a copy put back while it does not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::books::{self, Books};
use super::exit::{Exit, Failure};
use super::{out, start};
use crate::engine::present_judges;
use crate::id::UserId;
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
    pub(super) json: bool,
}

pub(super) fn backup(flags: &Flags) -> Result<(), Failure> {
    let database = start::settings(flags.config.as_deref())?.database();
    let failed = |error| failure(&error, &flags.file);
    let beside = Beside::open(&database).map_err(failed)?;
    let contents = beside.back_up(&flags.file, flags.force, machine_now()).map_err(failed)?;
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
    let settings = start::settings(flags.config.as_deref())?;
    let database = settings.database();
    let failed = |error| failure(&error, &flags.file);
    let back = store::restore(&flags.file, &database, flags.force, machine_now()).map_err(failed)?;
    let judges = judges(flags.config.as_deref(), &back.judges);
    if flags.json {
        let (halted, dropped) = (back.halt.as_ref().map(|halt| &halt.why), back.dropped);
        let object = json!({
            "database": database, "aside": back.aside, "contents": back.contents,
            "operator_halt": halted, "dropped": dropped, "unknown": back.unknown, "judges": judges,
        });
        out(&object.to_string());
        return Ok(());
    }
    out(&format!("checked and put back: {}", database.display()));
    describe(&back.contents);
    if let Some(aside) = &back.aside {
        out(&format!("the database that was there is kept: {}", aside.display()));
    }
    if back.dropped > 0 {
        out(&format!("{} things asked for before the copy and not applied are dropped; ask again", back.dropped));
    }
    if let Some(why) = &back.unknown {
        out(&format!(
            "whether the operator had halted signing there cannot be read ({why}); if so, `halt signing` again"
        ));
    }
    if let Some(halt) = &back.halt {
        out(&format!("the operator's halt stands on until `resume signing`: {}", halt.why));
    }
    if !back.stops.is_empty() {
        let count = back.stops.len();
        out(&format!("{count} things the operator had stopped there are stopped here too, at the next start"));
    }
    match judges.as_slice() {
        [] => out("nobody is a judge there"),
        judges => out(&format!("judges there: {}; `judge remove` whoever should be none", judges.join(", "))),
    }
    out("signing is halted until `serve` has read every open trade and request again; then this halt lifts itself");
    Ok(())
}

/// Everybody who is a judge in what was put back. A copy that only a start can read yet names nobody: their ids stand.
fn judges(config: Option<&Path>, said: &BTreeMap<UserId, bool>) -> Vec<String> {
    let Ok(books) = Books::open(config) else {
        return present_judges(&[], said).into_iter().map(|judge| judge.to_string()).collect();
    };
    let name = |judge: UserId| match books.reader.person(&judge.to_string()) {
        Ok(Some(row)) => books::known(&row.person),
        Ok(None) | Err(_) => judge.to_string(),
    };
    present_judges(&books.inside.house.judges, said).into_iter().map(name).collect()
}

fn describe(contents: &Contents) {
    let newest = contents.newest.map_or_else(|| "nothing yet".to_owned(), Millis::to_rfc3339);
    out(&format!(
        "{} open trades of {}; newest commit {newest}; schema {}",
        contents.open_trades, contents.trades, contents.schema
    ));
}

/// What is wrong with the file that was `named` is not wrong with the database.
fn failure(error: &StoreError, named: &Path) -> Failure {
    let exit = match error {
        StoreError::InTheWay { .. } | StoreError::Log { .. } => Exit::InTheWay,
        StoreError::Unsound { path, .. }
        | StoreError::Newer { path, .. }
        | StoreError::Open { path, .. }
        | StoreError::File { path, .. }
            if path == named =>
        {
            Exit::BadFile
        }
        _ => Exit::Database,
    };
    Failure::new(exit, error.to_string())
}
