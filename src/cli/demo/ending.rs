//! The end of the demo: who paid and got what, and whether it is all as it must be.

use serde::Serialize;

use super::{Flags, Played};
use crate::cli::exit::{Exit, Failure};
use crate::cli::out;
use crate::money::Amount;
use crate::sim::auditor::{Expected, Report, Settlement};
use crate::time::Millis;
use crate::trade::terms::Asset;

/// What `--json` prints. Amounts are decimal texts: no reader may lose a unit to a float.
#[derive(Serialize)]
struct Ending<'a> {
    state: &'a str,
    outcome: &'a str,
    asset: String,
    price: Amount,
    due: String,
    buyer_paid: String,
    seller_received: String,
    fee: String,
    /// In order of arrival.
    signers: Vec<&'a str>,
    trade: &'a str,
    elapsed_ms: i64,
}

/// Prints the result. Good only if the spend was seen and every unit is accounted for.
pub(super) fn tell(
    flags: &Flags,
    asset: &Asset,
    played: &Played,
    expected: &Expected,
    report: &Report,
    elapsed: Millis,
) -> Result<(), Failure> {
    let settled = report.settlement.as_ref();
    let amount = |pick: fn(&Settlement) -> String| settled.map_or_else(|| "0".to_owned(), pick);
    let ending = Ending {
        state: &played.state,
        outcome: match settled {
            None => "none",
            Some(s) if s.seller_received.0 == 0 => "refund",
            Some(_) => "release",
        },
        asset: asset.label(),
        price: flags.price,
        due: amount(|s| s.due.to_string()),
        buyer_paid: amount(|s| s.buyer_paid.to_string()),
        seller_received: amount(|s| s.seller_received.to_string()),
        fee: amount(|s| s.fee.to_string()),
        signers: settled.map(|s| s.signers.iter().map(|id| role(expected, id)).collect()).unwrap_or_default(),
        trade: &played.trade,
        elapsed_ms: elapsed.0,
    };
    let checks = played.said_checks && ending.signers.last() == Some(&"bot");
    if flags.json {
        out(&serde_json::to_string(&ending).unwrap_or_default());
    } else {
        table(&ending, &amount(|s| s.buyer_returned.to_string()), checks, report.problems.is_empty());
    }
    let mut wrong: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    if played.state != "Settled" {
        wrong.push(format!("the trade reads {:?} instead of Settled", played.state));
    }
    if !checks {
        wrong.push("the bot did not sign last after 7 of 7 checks".into());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Outcome, format!("the audit found: {}", wrong.join("; "))))
}

/// Who an id is in this trade.
fn role<'e>(expected: &'e Expected, id: &'e str) -> &'e str {
    match id {
        id if id == expected.buyer => "buyer",
        id if id == expected.seller => "seller",
        id if id == expected.bot => "bot",
        other => other,
    }
}

fn table(ending: &Ending<'_>, returned: &str, checks: bool, whole: bool) {
    out("");
    if checks {
        out("7 of 7 checks, bot signed last");
    }
    out("");
    out(&format!("  {:<12} {:>20} {:>20}", "", "paid", "got"));
    let line = |who: &str, paid: &str, got: &str| out(&format!("  {who:<12} {paid:>20} {got:>20}"));
    line("buyer", &ending.buyer_paid, returned);
    line("seller", "0", &ending.seller_received);
    line("fee account", "0", &ending.fee);
    out(&format!("  (in {}, read from the ledger; trade {} is {})", ending.asset, ending.trade, ending.state));
    if whole {
        out("  every unit is accounted for");
    }
    out("");
    out(&format!("elapsed_ms {}", ending.elapsed_ms));
}
