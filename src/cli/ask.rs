//! Asking a bot that may be running: a row for it, put beside it; the bot applies it, and here is said whether it did.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};

use super::exit::{Exit, Failure};
use super::{out, start};
use crate::store::{Beside, Operator, OperatorAnswer, StoreError, runs};
use crate::time::machine_now;

/// How long a running bot is given to apply it, and how often it is asked whether it did.
const PATIENCE: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_millis(50);

const LATE: &str = "the bot runs, and has not applied it within 5 seconds; it will when it gets to it, or at its next start: look at its log";
const NEXT_START: &str =
    "no bot runs here: it is applied at the next start, before anything is signed; its log says whether it was";

#[derive(Args)]
pub(super) struct Common {
    /// The configuration file; without one the embedded defaults are used.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print one JSON object instead of lines.
    #[arg(long)]
    pub(super) json: bool,
}

/// What a verb that changes something takes besides.
#[derive(Args)]
pub(super) struct Careful {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Careful {
    /// Says what will be done, to what, and who is told; then asks for it, unless it was only to be said.
    pub(super) async fn put(&self, plan: &[String], asked: Operator) -> Result<(), Failure> {
        if !self.common.json {
            for line in plan {
                out(line);
            }
        }
        let mut more = Map::new();
        more.insert("plan".into(), plan.into());
        more.insert("dry_run".into(), self.dry_run.into());
        if !self.dry_run {
            return put_with(&self.common, asked, more).await;
        }
        if self.common.json {
            out(&Value::Object(more).to_string());
        } else {
            out("nothing was done: --dry-run");
        }
        Ok(())
    }
}

/// Puts the row, gives a running bot a while, and says what came of it.
pub(super) async fn put(common: &Common, asked: Operator) -> Result<(), Failure> {
    put_with(common, asked, Map::new()).await
}

async fn put_with(common: &Common, asked: Operator, mut more: Map<String, Value>) -> Result<(), Failure> {
    let database = start::settings(common.config.as_deref())?.database();
    let failed = |error: StoreError| Failure::new(Exit::Database, error.to_string());
    let beside = Beside::open(&database).map_err(failed)?;
    let row = beside.ask(machine_now(), &asked).map_err(failed)?;
    let running = runs(&database);
    let answer = if running { answer(&beside, row).await.map_err(failed)? } else { None };
    let halts = match &answer {
        Some(answer) => answer.halts.clone(),
        None => beside.halts().map_err(failed)?,
    };
    let applied = answer.as_ref().is_some_and(|answer| answer.ok);
    let (exit, line) = match answer {
        Some(answer) if answer.ok => (None, answer.line),
        Some(answer) => (Some(Exit::Refused), answer.line),
        None if running => (Some(Exit::Pending), LATE.to_owned()),
        None => (None, NEXT_START.to_owned()),
    };
    more.insert("row".into(), row.into());
    more.insert("running".into(), running.into());
    more.insert("applied".into(), applied.into());
    more.insert("line".into(), line.clone().into());
    more.insert("signing".into(), (running && halts.why().is_none()).into());
    more.insert("halted".into(), halts.why().into());
    match exit {
        Some(exit) => return Err(Failure { exit, line, more }),
        None if common.json => out(&Value::Object(more).to_string()),
        None if applied => out(&format!("applied: {line}")),
        None => out(&line),
    }
    Ok(())
}

async fn answer(beside: &Beside, row: i64) -> Result<Option<OperatorAnswer>, StoreError> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(answer) = beside.answer(row)? {
            return Ok(Some(answer));
        }
        if waited >= PATIENCE {
            return Ok(None);
        }
        tokio::time::sleep(EVERY).await;
        waited += EVERY;
    }
}
