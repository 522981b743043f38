//! The network's clock, what goes wrong next, and people's phones.

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::shown;
use super::switches;
use super::{Done, Refused, Told, control};
use crate::id::UserId;
use crate::sandbox::faults::RestFault;
use crate::sandbox::ledger::{Coin, CoinState};
use crate::sandbox::page::Visit;
use crate::sandbox::people::Person;
use crate::sandbox::world::World;

const HERE: &str = "/page/behind/faults";
/// Steps of the clock.
const STEPS: &[(i64, &str)] = &[
    (600_000, "+10 minutes"),
    (3_600_000, "+1 hour"),
    (86_400_000, "+1 day"),
    (259_200_000, "+3 days"),
    (604_800_000, "+7 days"),
    (691_200_000, "+8 days"),
];
/// More phones than a page should list.
const PHONES_MAX: usize = 50;

pub(super) fn page(world: &World, told: &Told<'_>) -> Response<Bytes> {
    let body = html! {
        (clock_card(world))
        section.card.stack {
            h2 { "Faults" }
            p.soft { "They meet the bot and other apps only; people's phones keep working." }
            (waiting(world))
            (calls(told))
            (live(world, told))
            (theft(world, told))
            form id="clear-faults" method="post" action="/page/behind/fault" {
                button id="clear-faults-button" name="what" value="clear" { "Clear all waiting faults" }
            }
        }
        (switches::form(world, told))
        (phones(world, told))
    };
    told.page("Faults and clock", HERE, &body)
}

fn clock_card(world: &World) -> Markup {
    html! {
        section.card.stack {
            h2 { "Clock" }
            p { "On the network it is " strong { (shown::moment(world.clock)) } "." }
            p.soft { "It goes on by itself, and only ever forward. The bot reads it within half a minute; then what falls due in between happens." }
            form.row id="clock" method="post" action="/page/behind/clock" {
                @for (ms, name) in STEPS {
                    button id=(format!("clock-{ms}")) name="advance_ms" value=(ms) { (name) }
                }
            }
        }
    }
}

/// What is set now.
fn waiting(world: &World) -> Markup {
    let mut calls: Vec<(RestFault, &str, usize)> = Vec::new();
    for (fault, path) in world.faults.waiting() {
        match calls.last_mut() {
            Some((last, on, count)) if *last == fault && *on == path => *count += 1,
            _ => calls.push((fault, path, 1)),
        }
    }
    let (connections, silent) = world.blaze_connections();
    let (refused, unanswered) = (world.faults.upgrades, world.faults.unanswered);
    html! {
        ul.set id="faults-now" aria-label="Set now" {
            @for (fault, path, count) in &calls {
                li {
                    @if *count == 1 { "The next call" } @else { "The next " (count) " calls" }
                    @if *path != "/" { " to " code { (shown::plain(path)) } "…" }
                    @match fault {
                        RestFault::Broken => ": 500, nothing happens",
                        RestFault::TooMany => ": 429, nothing happens",
                        RestFault::Lost => ": it is done, and the answer is lost",
                    }
                }
            }
            @if refused > 0 { li { "Connections refused next: " (refused) } }
            @if unanswered > 0 { li { "Live requests left unanswered next: " (unanswered) } }
            @if calls.is_empty() && refused == 0 && unanswered == 0 { li { "No fault is waiting." } }
            li { "Live connections: " (connections) @if silent > 0 { ", silent: " (silent) } }
        }
    }
}

fn count_field(told: &Told<'_>, id: &str, name: &str, label: &str, what: &[&str]) -> Markup {
    let kept = what.iter().find(|what| told.is_of("what", what)).and_then(|_| told.kept(name));
    html! {
        div { label for=(id) { (label) } input id=(id) name=(name) inputmode="numeric" value=(kept.unwrap_or("1")); }
    }
}

fn calls(told: &Told<'_>) -> Markup {
    html! {
        form.fields id="fault-calls" method="post" action="/page/behind/fault" {
            h3 { "The bot's next calls" }
            div {
                label for="fault-path" { "Only paths that begin with (empty: any)" }
                input id="fault-path" name="path" autocomplete="off" placeholder="/safe/" value=[told.kept("path")];
            }
            (count_field(told, "fault-count", "count", "How many calls", &["500", "429", "lost"]))
            div.row {
                button id="fault-500" name="what" value="500" { "Fail with 500" }
                button id="fault-429" name="what" value="429" { "Refuse with 429" }
                button id="fault-lost" name="what" value="lost" { "Lose the answer" }
            }
        }
    }
}

fn live(world: &World, told: &Told<'_>) -> Markup {
    let (connections, _) = world.blaze_connections();
    html! {
        form.fields id="fault-live" method="post" action="/page/behind/fault" {
            h3 { "Live connections (now " (connections) ")" }
            div.row {
                button id="fault-close" name="what" value="close" { "Close" }
                button id="fault-reset" name="what" value="reset" { "Reset" }
                button id="fault-silence" name="what" value="silence" { "Fall silent" }
            }
        }
        form.fields id="fault-upgrades" method="post" action="/page/behind/fault" {
            (count_field(told, "fault-upgrades-n", "n", "New connections to refuse", &["upgrades"]))
            button id="fault-upgrades-button" name="what" value="upgrades" { "Refuse connections" }
        }
        form.fields id="fault-unanswered" method="post" action="/page/behind/fault" {
            (count_field(told, "fault-unanswered-n", "n", "Live requests to leave unanswered", &["unanswered"]))
            button id="fault-unanswered-button" name="what" value="unanswered" { "Leave unanswered" }
        }
    }
}

fn theft(world: &World, told: &Told<'_>) -> Markup {
    let buyer = world.people.named("buyer").map_or("the buyer", |person| person.name.as_str());
    html! {
        form.fields id="fault-steal" method="post" action="/page/behind/fault" {
            h3 { "Money that goes missing" }
            div.wide {
                label for="fault-from" { "One unit less in" }
                select id="fault-from" name="from" {
                    option value="wallet" selected[told.is_of("from", "wallet")] {
                        "the newest output of " (shown::plain(buyer)) "'s wallet"
                    }
                    option value="vault" selected[told.is_of("from", "vault")] {
                        "the newest output of a vault of " (shown::plain(buyer)) "'s"
                    }
                }
            }
            button.danger id="fault-steal-button" name="what" value="steal" { "Take one unit away" }
        }
    }
}

fn phones(world: &World, told: &Told<'_>) -> Markup {
    html! {
        section.card.stack {
            h2 { "Phones" }
            @for person in world.people.iter().filter(|person| !person.app).take(PHONES_MAX) { (phone_form(person, told)) }
        }
    }
}

fn phone_form(person: &Person, told: &Told<'_>) -> Markup {
    let id = person.id.to_string();
    let refused = told.is_of("who", &id) && told.kept("client").is_some();
    let kept = |field: &str, now: String| told.kept(field).filter(|_| refused).map_or(now, str::to_owned);
    let ticked = |field: &str, now: bool| if refused { told.kept(field).is_some() } else { now };
    let client = kept("client", json!(person.phone.client).as_str().unwrap_or_default().to_owned());
    let accepts = kept("accepts", person.phone.accepts.clone());
    html! {
        form.fields.phone-set id=(format!("phone-{id}")) method="post" action="/page/behind/phone" {
            h3 { (shown::plain(&person.name)) }
            input type="hidden" name="who" value=(id);
            (choice(&format!("client-{id}"), "client", "App", &["android", "ios", "desktop"], &client))
            (choice(&format!("accepts-{id}"), "accepts", "Takes messages from",
                &["EVERYBODY", "CONTACTS", "NOBODY"], &accepts))
            (tick(&format!("online-{id}"), "online", "Online", ticked("online", person.phone.online)))
            (tick(&format!("searchable-{id}"), "searchable", "Found by search", ticked("searchable", person.phone.searchable)))
            button id=(format!("save-{id}")) { "Save " (shown::plain(&person.name)) "'s phone" }
        }
    }
}

fn choice(id: &str, name: &str, label: &str, all: &[&str], now: &str) -> Markup {
    html! {
        div {
            label for=(id) { (label) }
            select id=(id) name=(name) { @for word in all { option value=(word) selected[*word == now] { (word.to_lowercase()) } } }
        }
    }
}

fn tick(id: &str, name: &str, label: &str, on: bool) -> Markup {
    html! { label.tick for=(id) { input id=(id) type="checkbox" name=(name) value="on" checked[on]; span { (label) } } }
}

pub(super) fn clock(world: &mut World, visit: &Visit) -> Done {
    let by = visit.get("advance_ms").and_then(|by| by.parse::<i64>().ok());
    let by = by.ok_or_else(|| Refused::mistake("Choose how far the clock goes forward."))?;
    control(world, "clock", &json!({"advance_ms": by})).map(|_| "moved")
}

pub(super) fn fault(world: &mut World, visit: &Visit) -> Done {
    let what = visit.get("what").unwrap_or_default();
    let count = |field: &str| {
        let count = visit.get(field).unwrap_or("1").trim().parse::<u32>().ok().filter(|count| *count <= 1_000);
        count.ok_or_else(|| Refused::mistake("That is no count. Give a whole number, 0 to 1000."))
    };
    let (body, done) = match what {
        "500" | "429" | "lost" => {
            let path = visit.get("path").unwrap_or("/").trim();
            if !path.starts_with('/') {
                return Err(Refused::mistake("No path begins like that. Begin with a slash, as in /safe/outputs."));
            }
            (json!({"rest": what, "path": path, "count": count("count")?}), "set")
        }
        "close" | "reset" | "silence" => (json!({"blaze": what}), "disturbed"),
        "upgrades" | "unanswered" => (json!({what: count("n")?}), "set"),
        "steal" => (json!({"steal_one_unit": {"output": to_rob(world, visit.get("from"))?}}), "taken"),
        "clear" => (json!({"clear": true}), "cleared"),
        _ => return Err(Refused::mistake("There is no such fault. Use the buttons below.")),
    };
    control(world, "faults", &body).map(|_| done)
}

/// The newest unspent output of the buyer's wallet or of a vault the buyer is in.
fn to_rob(world: &World, from: Option<&str>) -> Result<Value, Refused> {
    let buyer = world.people.named("buyer").map(|person| person.id);
    let vault = match from {
        Some("wallet") => false,
        Some("vault") => true,
        _ => return Err(Refused::mistake("Choose where the unit goes missing.")),
    };
    let owned = |coin: &&Coin| buyer.is_some_and(|buyer: UserId| coin.receivers.contains(&buyer));
    let coins = world.ledger.coins.values().filter(|coin| coin.state != CoinState::Spent);
    let newest =
        coins.filter(owned).filter(|coin| (coin.receivers.len() > 1) == vault).max_by_key(|coin| coin.sequence);
    let (hash, index) = newest.map(Coin::place).ok_or_else(|| Refused {
        status: http::StatusCode::CONFLICT,
        why: "There is no money to take. Give some, or pay into a vault, first.".into(),
    })?;
    Ok(format!("{hash}:{index}").into())
}

pub(super) fn phone(world: &mut World, visit: &Visit) -> Done {
    let who = visit.get("who").and_then(|who| world.people.named(who)).filter(|person| !person.app);
    let who = who.map(|person| person.id).ok_or_else(|| Refused::mistake("Nobody has that phone."))?;
    let body = json!({
        "client": visit.get("client").unwrap_or_default(),
        "accepts": visit.get("accepts").unwrap_or_default(),
        "online": visit.get("online").is_some(),
        "searchable": visit.get("searchable").is_some(),
    });
    control(world, &format!("people/{who}/phone"), &body).map(|_| "saved")
}
