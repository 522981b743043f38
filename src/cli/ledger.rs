//! `ledger check`: the books, reckoned again from the database alone.

use clap::{Args, Subcommand};
use serde_json::json;

use super::ask::Common;
use super::books::failed;
use super::exit::{Exit, Failure};
use super::{out, start};
use crate::store::Reader;
use crate::trade::ledger::Broken;

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// For every trade: its history adds up to its row, plans pay out what they take in, every deposit has one owner, and
    /// no input has two authorised plans. Nothing is asked of Mixin, and nothing is mended.
    Check(Check),
}

#[derive(Args)]
struct Check {
    #[command(flatten)]
    common: Common,
}

impl Flags {
    pub(super) const fn json(&self) -> bool {
        let Verb::Check(flags) = &self.verb;
        flags.common.json
    }
}

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let Verb::Check(Check { common }) = &flags.verb;
    let settings = start::settings(common.config.as_deref())?;
    let reader = Reader::open(&settings.database()).map_err(failed)?;
    let found = reader.check().map_err(failed)?;
    let counted = format!("{} trades, {} plans, {} deposits", found.trades, found.plans, found.deposits);
    let Some(first) = found.broken.first() else {
        out(&if common.json { json!(found).to_string() } else { format!("the books are sound: {counted}") });
        return Ok(());
    };
    if !common.json {
        for broken in &found.broken {
            out(&line(broken));
        }
    }
    let line = format!("{} of the books' rules do not hold ({counted}); first {}", found.broken.len(), line(first));
    let more = json!(found).as_object().cloned().unwrap_or_default();
    Err(Failure { exit: Exit::Outcome, line, more })
}

fn line(Broken { trade, rule, why }: &Broken) -> String {
    let rule = serde_json::to_value(rule).ok().and_then(|rule| rule.as_str().map(str::to_owned)).unwrap_or_default();
    format!("trade {}: {rule}: {why}", trade.as_deref().unwrap_or("-"))
}
