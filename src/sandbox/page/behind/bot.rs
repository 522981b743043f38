//! What the bot says of its trades and jobs.

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::shown::{self, ROWS_MAX, Row};
use super::{Told, said};
use crate::sandbox::page::BotSays;
use crate::sandbox::people::People;
use crate::sandbox::world::World;

const HERE: &str = "/page/behind/bot";
const ALL: &str = "/page/behind/bot?all=1";

pub(super) fn page(world: &World, bot: &BotSays, all: bool) -> Response<Bytes> {
    let most = if all { usize::MAX } else { ROWS_MAX };
    let body = match (said::at(bot, "/trades"), said::at(bot, "/jobs")) {
        (Err(why), _) | (_, Err(why)) => said::silence(why),
        (Ok(trades), Ok(jobs)) => html! {
            p.soft { "All of this is the bot's own account. What really happened to money stands in the ledger." }
            (trades_table(&world.people, said::list(trades, "trades"), most))
            (jobs_table(said::list(jobs, "jobs"), most))
        },
    };
    Told::Nothing.page("Bot", HERE, &body)
}

fn trades_table(people: &People, trades: &[Value], most: usize) -> Markup {
    let row = |(place, trade): (usize, &Value)| Row {
        id: format!("trade-{}", key(trade, "code", place)),
        cells: vec![
            html! {
                @match said::text(trade, "code") {
                    Some(code) => (said::trade_link(&code)),
                    None => span.soft { "no code" },
                }
            },
            html! {
                span.tag { (said::words(trade, "state")) }
                @if trade.get("frozen").is_some_and(Value::is_string) { " " span.tag.bad { "frozen" } }
            },
            item(trade),
            said::person(people, &trade["buyer"]),
            said::person(people, &trade["seller"]),
            said::money(trade, "price", &trade["asset"]),
            said::words(trade, "waits_for"),
            said::moment(trade, "deadline"),
        ],
    };
    let rows: Vec<Row> = trades.iter().take(most).enumerate().map(row).collect();
    let heads = ["Code", "State", "Item", "Buyer", "Seller", "Price", "Waits for", "Deadline"];
    html! {
        (shown::table("trades", "Trades, newest first", &heads, &rows, "There is no trade yet. Start one on a phone."))
        (shown::more(trades.len().saturating_sub(rows.len()), ALL))
    }
}

fn jobs_table(jobs: &[Value], most: usize) -> Markup {
    let row = |(place, job): (usize, &Value)| Row {
        id: format!("job-{}", key(job, "id", place)),
        cells: vec![
            said::words(job, "kind"),
            html! {
                @match said::text(job, "trade") {
                    Some(code) => (said::trade_link(&code)),
                    None => span.soft { "–" },
                }
            },
            said::moment(job, "run_at"),
            html! {
                (said::words(job, "tries"))
                @if said::text(job, "refusals").is_some_and(|refusals| refusals != "0") {
                    ", refused " (said::words(job, "refusals"))
                }
            },
            html! {
                @if said::text(job, "parked").is_some() { span.tag.bad { "parked" } " " (said::words(job, "parked")) }
                @else { span.soft { "no" } }
            },
        ],
    };
    let rows: Vec<Row> = jobs.iter().take(most).enumerate().map(row).collect();
    html! {
        (shown::table("jobs", "Jobs", &["Kind", "Trade", "Due", "Tries", "Parked"], &rows, "It has nothing to do."))
        (shown::more(jobs.len().saturating_sub(rows.len()), ALL))
    }
}

/// Part of an element's id: what the bot calls it, if that is a word, or its place.
fn key(value: &Value, name: &str, place: usize) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    said::text(value, name)
        .filter(|text| text.len() <= 64 && text.chars().all(word))
        .unwrap_or_else(|| place.to_string())
}

fn item(trade: &Value) -> Markup {
    html! {
        @match said::text(trade, "item") {
            Some(item) => (shown::quote(&item)),
            None => span.soft { "–" },
        }
    }
}

pub(super) fn trade_page(world: &World, bot: &BotSays, code: &str) -> Response<Bytes> {
    if !said::is_code(code) {
        return super::frame::nowhere();
    }
    let title = format!("Trade {code}");
    let body = match said::at(bot, &format!("/trades/{code}")) {
        Err(why) => said::silence(why),
        Ok(trade) if said::text(trade, "state").is_none() => html! {
            section.card { p { "The bot knows no trade with this code." } }
        },
        Ok(trade) => one(&world.people, trade),
    };
    let back = html! { p { a.tap href=(HERE) { "All trades" } } };
    Told::Nothing.page(&title, HERE, &html! { (back) (body) })
}

fn one(people: &People, trade: &Value) -> Markup {
    let asset = &trade["asset"];
    html! {
        @if said::text(trade, "frozen").is_some() {
            p.told.bad.here { "Frozen: " (said::words(trade, "frozen")) }
        }
        section.card.stack {
            h2 { "Now" }
            dl.facts {
                (fact("State", &html! { span.tag { (said::words(trade, "state")) } }))
                (fact("Waits for", &said::words(trade, "waits_for")))
                (fact("Deadline", &said::moment(trade, "deadline")))
                (fact("Item", &item(trade)))
                (fact("Buyer", &said::person(people, &trade["buyer"])))
                (fact("Seller", &said::person(people, &trade["seller"])))
                (fact("Price", &said::money(trade, "price", asset)))
                (fact("Due", &said::money(trade, "due", asset)))
                (fact("Locked", &said::money(trade, "locked", asset)))
                (fact("Made", &said::moment(trade, "created_at")))
            }
        }
        (timeline(said::list(trade, "history")))
        (plans(people, said::list(trade, "plans"), asset))
        (outputs(said::list(trade, "outputs"), asset))
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn timeline(history: &[Value]) -> Markup {
    html! {
        section.card.stack {
            h2 id="timeline-name" { "Timeline" }
            @if history.is_empty() { p.soft { "Nothing was written down." } }
            ol.timeline aria-labelledby="timeline-name" {
                @for line in history {
                    li {
                        span.soft.small { (said::moment(line, "at")) }
                        @if said::text(line, "words").is_some() { (said::words(line, "words")) }
                        @else { (said::words(line, "event")) }
                    }
                }
            }
        }
    }
}

fn plans(people: &People, plans: &[Value], asset: &Value) -> Markup {
    let row = |(place, plan): (usize, &Value)| Row {
        id: format!("plan-{}", key(plan, "no", place)),
        cells: vec![
            html! { (said::words(plan, "kind")) },
            html! {
                ul {
                    @for payout in said::list(plan, "payouts") {
                        li { (said::money(payout, "amount", asset)) " to " (said::person(people, &payout["to"])) }
                    }
                }
            },
            html! {
                @let signers = said::list(plan, "signed_by");
                @if signers.is_empty() { span.soft { "nobody" } }
                @for (place, id) in signers.iter().enumerate() { @if place > 0 { ", " } (said::person(people, id)) }
            },
            html! {
                (said::words(plan, "state"))
                @if plan["authorised"] == true { " " span.tag { "authorised" } }
                @if plan["cosigned"] == true { " " span.tag.good { "co-signed" } }
            },
            html! {
                @match said::text(plan, "request_id") {
                    Some(id) => (shown::short(&id)),
                    None => span.soft { "–" },
                }
            },
        ],
    };
    let rows: Vec<Row> = plans.iter().take(ROWS_MAX).enumerate().map(row).collect();
    shown::table("plans", "Plans", &["Kind", "Pays", "Signed by", "State", "Request"], &rows, "No plan was made yet.")
}

fn outputs(outputs: &[Value], asset: &Value) -> Markup {
    let row = |(place, output): (usize, &Value)| {
        // Of another asset the bot says only the id here.
        let same = output["asset_id"].is_null() || output["asset_id"] == asset["id"];
        let known = said::text(output, "asset_id").and_then(|id| crate::sandbox::assets::find(&id));
        let amount = match (same, known) {
            (false, Some(other)) => {
                let other = serde_json::json!({"symbol": other.symbol, "label": shown::label(other.id)});
                said::money(output, "amount", &other)
            }
            (false, None) => said::money(output, "amount", &Value::Null),
            (true, _) => said::money(output, "amount", asset),
        };
        Row {
            id: format!("output-{}", key(output, "output_id", place)),
            cells: vec![
                amount,
                said::words(output, "standing"),
                html! {
                    (shown::short(&said::text(output, "transaction_hash").unwrap_or_default()))
                    " · " (said::words(output, "output_index"))
                },
            ],
        }
    };
    let rows: Vec<Row> = outputs.iter().take(ROWS_MAX).enumerate().map(row).collect();
    shown::table("outputs", "Outputs", &["Amount", "Standing", "Transaction"], &rows, "No money has come yet.")
}
