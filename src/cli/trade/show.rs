//! `trade show`: everything about one trade, as `web.inspect` tells it, with the terms and people's names.

use clap::Args;
use serde_json::{Value, json};

use crate::chat::{cards, ruling, text};
use crate::cli::ask::Common;
use crate::cli::books::{self, Books, Page};
use crate::cli::exit::{Exit, Failure};
use crate::cli::out;
use crate::id::UserId;
use crate::time::machine_now;
use crate::trade::Role;
use crate::trade::case::Stage;

#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The trade's six letters.
    code: String,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) fn show(flags: &Show) -> Result<(), Failure> {
    let books = Books::open(flags.common.config.as_deref())?;
    let page = books.trade(&flags.code)?;
    let answer = books.inside.answer(&books.reader, &format!("/trades/{}", page.trade.code), machine_now());
    let mut value: Value = serde_json::from_slice(answer.body())
        .map_err(|error| Failure::new(Exit::Internal, format!("the trade cannot be drawn: {error}")))?;
    value["buyer"] = books::side_json(&page.read, &page.trade, Role::Buyer);
    value["seller"] = books::side_json(&page.read, &page.trade, Role::Seller);
    value["terms"] = json!(page.trade.terms);
    value["case"] = json!(page.trade.case);
    value["terms_hash"] = json!(page.trade.terms_hash);
    if flags.common.json {
        out(&value.to_string());
    } else {
        for line in lines(&page, &value) {
            out(&line);
        }
    }
    Ok(())
}

fn lines(Page { read, trade }: &Page, value: &Value) -> Vec<String> {
    let terms = &trade.terms;
    let hours = |length: crate::time::Millis| length.secs() / 3_600;
    let mut lines = vec![
        cards::head(trade),
        format!("  item      “{}”", text::quoted(&terms.item)),
        format!("  buyer     {}", books::side(read, trade, Role::Buyer)),
        format!("  seller    {}", books::side(read, trade, Role::Seller)),
        format!("  price     {} {}, due {}, fee {} bps", terms.price, terms.asset.label(), trade.due(), terms.fee.bps),
        format!(
            "  hours     accept {}, pay {}, deliver {}, inspect {}",
            hours(terms.periods.accept),
            hours(terms.periods.pay),
            hours(terms.periods.deliver),
            hours(terms.periods.inspect)
        ),
        format!("  terms     {}", trade.terms_hash),
    ];
    lines.extend(trade.frozen.as_ref().map(|why| format!("  FROZEN    {why}")));
    let until = value["deadline"].as_str().map(|until| format!(" until {until}")).unwrap_or_default();
    lines.push(format!("  awaits    {}{until}", word(&value["waits_for"])));
    lines.extend(case_lines(read, trade));
    for output in list(&value["outputs"]) {
        let (amount, standing) = (word(&output["amount"]), word(&output["standing"]));
        lines.push(format!("  deposit   {amount} ({}), {standing}", word(&output["output_id"])));
    }
    let name =
        |id: &Value| id.as_str().and_then(|id| id.parse().ok()).map_or(String::new(), |id| member(trade, read, id));
    for plan in list(&value["plans"]) {
        let pays = |payout: &Value| format!("{} to {}", word(&payout["amount"]), name(&payout["to"]));
        let pays: Vec<String> = list(&plan["payouts"]).map(pays).collect();
        let signed: Vec<String> = list(&plan["signed_by"]).map(name).collect();
        let signed = if signed.is_empty() { "nobody".to_owned() } else { signed.join(" and ") };
        let (no, kind, state) = (&plan["no"], word(&plan["kind"]), word(&plan["state"]));
        lines.push(format!("  plan {no}    {kind}: {}; {state}; signed by {signed}", pays.join(", ")));
    }
    for event in list(&value["history"]) {
        lines.push(format!("  {}  {}", word(&event["at"]), word(&event["words"])));
    }
    lines
}

/// The case of the last dispute: who has it, and what was ruled.
fn case_lines(read: &crate::store::Read, trade: &crate::trade::Trade) -> Vec<String> {
    let Some(case) = &trade.case else { return Vec::new() };
    let date = |service| books::date(read, service);
    let stage = match case.stage {
        _ if trade.open_case().is_none() => "is over".to_owned(),
        Stage::Open => "waits for the next judge".to_owned(),
        Stage::Offered { to, until } => format!("is offered to {} until {}", books::who(read, to), date(until)),
        Stage::Taken { by, at } => format!("in the hands of {} since {}", books::who(read, by), date(at)),
        Stage::Stands { until, last: false } => format!("ruled; can be stopped until {}", date(until)),
        Stage::Stands { until, last: true } => format!("ruled; there is no other judge; final at {}", date(until)),
        Stage::Nobody { since } => format!("has no judge since {}", date(since)),
    };
    let mut lines = vec![format!("  case      round {}: {stage}", case.round)];
    lines.extend(trade.default_at().map(|at| format!("  default   {:?} at {}", trade.terms.unruled, date(at))));
    lines.extend(case.given.iter().map(|given| {
        let (by, why) = (books::who(read, given.by), text::quoted(&given.why));
        format!("  ruling    {} by {by}: “{why}”", ruling::written(given.ruling))
    }));
    lines
}

fn member(trade: &crate::trade::Trade, read: &crate::store::Read, person: UserId) -> String {
    match trade.role_of(person) {
        _ if person == trade.terms.bot => "the bot".to_owned(),
        _ if person == trade.terms.fee.receiver => "the fee account".to_owned(),
        Some(Role::Buyer) => "the buyer".to_owned(),
        Some(Role::Seller) => "the seller".to_owned(),
        None => books::who(read, person),
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
