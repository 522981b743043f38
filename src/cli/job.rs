//! `job`: the bot's queue.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ask::{Careful, Common};
use super::books::{Books, failed};
use super::exit::{Exit, Failure};
use super::out;
use crate::id::JobId;
use crate::store::{JobSeen, Operator};

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// What the bot is about to do, in the order it was queued, and what it has given up.
    List(List),
    /// Try a job now that waits, or was given up.
    Retry(Retry),
}

#[derive(Args)]
struct Retry {
    /// As `job list` names it.
    id: JobId,
    #[command(flatten)]
    careful: Careful,
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

impl Flags {
    pub(super) const fn json(&self) -> bool {
        match &self.verb {
            Verb::List(flags) => flags.common.json,
            Verb::Retry(flags) => flags.careful.common.json,
        }
    }
}

pub(super) async fn run(flags: &Flags) -> Result<(), Failure> {
    match &flags.verb {
        Verb::List(flags) => list(flags),
        Verb::Retry(flags) => retry(flags).await,
    }
}

async fn retry(flags: &Retry) -> Result<(), Failure> {
    let jobs = Books::open(flags.careful.common.config.as_deref())?.reader.jobs(u32::MAX).map_err(failed)?;
    let Some(job) = jobs.iter().find(|job| job.id == flags.id) else {
        return Err(Failure::new(Exit::NoSuch, format!("there is no job {}; `job list` names them", flags.id)));
    };
    let plan = [
        line(job),
        "- it is tried as soon as what stands before it in its lane is done, under the same id; nobody is told"
            .to_owned(),
    ];
    flags.careful.put(&plan, Operator::RetryJob { id: flags.id }).await
}

fn list(flags: &List) -> Result<(), Failure> {
    let jobs = Books::open(flags.common.config.as_deref())?.reader.jobs(u32::MAX).map_err(failed)?;
    if flags.common.json {
        out(&json!({ "jobs": jobs.iter().map(row).collect::<Vec<_>>() }).to_string());
        return Ok(());
    }
    for job in &jobs {
        out(&line(job));
    }
    if jobs.is_empty() {
        out("nothing is queued");
    }
    Ok(())
}

fn row(job: &JobSeen) -> Value {
    json!({
        "id": job.id,
        "kind": job.kind,
        "trade": job.trade,
        "run_at": job.run_at.to_rfc3339(),
        "tries": job.tries,
        "refusals": job.refusals,
        "parked": job.parked,
    })
}

fn line(job: &JobSeen) -> String {
    let trade = job.trade.as_ref().map(|code| format!(" for trade {code}")).unwrap_or_default();
    let tries = match job.tries {
        0 => String::new(),
        tries => format!(", tried {tries} times"),
    };
    let when = match &job.parked {
        Some(why) => format!("given up: {why}"),
        None => format!("at {}", job.run_at.to_rfc3339()),
    };
    format!("{}  {}{trade} {when}{tries}", job.id, job.kind)
}
