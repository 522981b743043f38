//! `deposit`: what was seen in the vaults, and what becomes of what names no trade.

mod give;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ask::Common;
use super::books::{Books, failed};
use super::exit::Failure;
use super::out;
use crate::store::{Asked, DepositSeen};
use crate::trade::deposit::{Lock, Seen};

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Every output seen in a vault, and the trade it serves.
    List(List),
    /// Ask both members of a trade whether a deposit that names none is for it; with both yes it is.
    Assign(give::Assign),
    /// Give a deposit that names no trade back to the member who sent it.
    Return(give::Return),
}

#[derive(Args)]
struct List {
    /// Only what names no trade: nobody counts it, and nobody gives it back.
    #[arg(long)]
    unmatched: bool,
    #[command(flatten)]
    common: Common,
}

impl Flags {
    pub(super) const fn json(&self) -> bool {
        match &self.verb {
            Verb::List(flags) => flags.common.json,
            Verb::Assign(flags) => flags.careful.common.json,
            Verb::Return(flags) => flags.careful.common.json,
        }
    }
}

pub(super) async fn run(flags: &Flags) -> Result<(), Failure> {
    match &flags.verb {
        Verb::List(flags) => list(flags),
        Verb::Assign(flags) => give::assign(flags).await,
        Verb::Return(flags) => give::give_back(flags).await,
    }
}

fn list(flags: &List) -> Result<(), Failure> {
    let books = Books::open(flags.common.config.as_deref())?;
    let deposits = books.reader.deposits(flags.unmatched).map_err(failed)?;
    if flags.common.json {
        out(&json!({ "deposits": deposits.iter().map(|seen| row(&books, seen)).collect::<Vec<_>>() }).to_string());
        return Ok(());
    }
    for seen in &deposits {
        out(&line(&books, seen));
    }
    if deposits.is_empty() {
        out(if flags.unmatched { "every deposit serves a trade" } else { "nothing was seen in any vault" });
    }
    Ok(())
}

/// The output itself; `None` when the row was written by another release.
fn output(seen: &DepositSeen) -> Option<Seen> {
    serde_json::from_value(seen.row.seen.clone()).ok()
}

fn label(books: &Books, output: &Seen) -> String {
    let listed = books.inside.house.assets.iter().find(|asset| asset.id == output.asset);
    listed.map_or_else(|| output.asset.to_string(), crate::trade::terms::Asset::label)
}

const fn standing(lock: Lock) -> &'static str {
    match lock {
        Lock::Unspent => "unspent",
        Lock::Signed(_) => "signed",
        Lock::Spent(_) => "spent",
    }
}

/// The trade whose members are asked about it, or one of whom said no.
fn asked<'s>(seen: &'s DepositSeen, what: &str) -> Option<&'s str> {
    let is = match seen.row.asked {
        Some(Asked::Open(_)) => "asked",
        Some(Asked::Refused(_)) => "refused",
        None => return None,
    };
    seen.asked_of.as_deref().filter(|_| is == what)
}

fn row(books: &Books, seen: &DepositSeen) -> Value {
    let output = output(seen);
    json!({
        "output_id": seen.row.output_id,
        "vault": seen.row.vault,
        "sequence": seen.row.sequence,
        "trade": seen.code,
        "asked": asked(seen, "asked"),
        "refused": asked(seen, "refused"),
        "amount": output.as_ref().map(|output| output.amount.to_string()),
        "asset_id": output.as_ref().map(|output| output.asset),
        "asset": output.as_ref().map(|output| label(books, output)),
        "senders": output.as_ref().map(|output| output.senders.clone()),
        "memo": output.as_ref().map(|output| hex::encode(&output.extra)),
        "request_id": output.as_ref().and_then(|output| output.request_id),
        "inscription": output.as_ref().map(|output| output.inscription),
        "standing": output.as_ref().map(|output| standing(output.lock)),
        "transaction_hash": output.as_ref().map(|output| output.hash),
    })
}

fn line(books: &Books, seen: &DepositSeen) -> String {
    let serves = match (&seen.code, &seen.asked_of, seen.row.asked) {
        (Some(code), ..) => format!("trade {code}"),
        (None, Some(code), Some(Asked::Open(_))) => format!("no trade; the two of {code} are asked about it"),
        (None, Some(code), Some(Asked::Refused(_))) => format!("no trade; one of the two of {code} said no to it"),
        (None, ..) => "no trade".to_owned(),
    };
    let Some(output) = output(seen) else { return format!("{}  {serves}", seen.row.output_id) };
    let senders: Vec<String> = output.senders.iter().map(ToString::to_string).collect();
    let from = if senders.is_empty() { "nobody named".to_owned() } else { senders.join(" and ") };
    let (amount, label, standing) = (output.amount, label(books, &output), standing(output.lock));
    format!("{}  {amount} {label}, {standing}, from {from}: {serves}", seen.row.output_id)
}
