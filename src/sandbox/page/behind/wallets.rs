//! Everybody's money, the vaults, and money from nowhere.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};
use serde_json::json;

use super::shown::{self, ROWS_MAX, Row};
use super::{Done, Refused, Told, control};
use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::sandbox::assets;
use crate::sandbox::ledger::CoinState;
use crate::sandbox::page::Visit;
use crate::sandbox::world::World;

const HERE: &str = "/page/behind/wallets";

/// What one owner has, by asset: free to spend, and held by something signed.
type Purse = BTreeMap<AssetId, (Amount, Amount)>;

/// Money not spent, by who can spend it: members and threshold.
fn purses(world: &World) -> BTreeMap<(&[UserId], u8), Purse> {
    let mut purses: BTreeMap<(&[UserId], u8), Purse> = BTreeMap::new();
    for coin in world.ledger.coins.values().filter(|coin| coin.state != CoinState::Spent) {
        let purse = purses.entry((coin.receivers.as_slice(), coin.threshold)).or_default();
        let (free, held) = purse.entry(coin.asset).or_default();
        let part = if coin.state == CoinState::Unspent { free } else { held };
        *part = Amount::from_units(part.units().saturating_add(coin.amount().units()));
    }
    purses
}

pub(super) fn page(world: &World, told: &Told<'_>) -> Response<Bytes> {
    let purses = purses(world);
    let people: Vec<Row> = world
        .people
        .iter()
        .take(ROWS_MAX)
        .map(|person| Row {
            id: format!("wallet-{}", person.id),
            cells: vec![
                html! {
                    strong { (shown::name(&world.people, person.id)) }
                    br;
                    span.soft.small { (shown::plain(&person.role)) " · " (person.number) }
                },
                purse(purses.get(&([person.id].as_slice(), 1))),
            ],
        })
        .collect();
    let hidden = world.people.iter().count().saturating_sub(people.len());
    let vaults: Vec<Row> = purses
        .iter()
        .filter(|((members, _), _)| members.len() > 1)
        .take(ROWS_MAX)
        .map(|((members, threshold), has)| Row {
            id: format!("vault-{}-{threshold}", crate::kernel::derive::members_hash(members)),
            cells: vec![shown::owners(&world.people, members, *threshold), purse(Some(has))],
        })
        .collect();
    let body = html! {
        (shown::table("wallets", "Wallets", &["Person", "Has"], &people, "Nobody is here."))
        @if hidden > 0 { p { (hidden) " more people are not shown." } }
        (shown::table("vaults", "Vaults", &["Who can spend", "Holds"], &vaults, "No vault holds money."))
        (give(world, told))
    };
    told.page("Wallets", HERE, &body)
}

fn purse(has: Option<&Purse>) -> Markup {
    html! {
        @match has {
            None => span.soft { "nothing" },
            Some(has) => ul {
                @for (asset, (free, held)) in has {
                    @if !free.is_zero() { li { (shown::money(*free, *asset)) } }
                    @if !held.is_zero() {
                        li { (shown::money(*held, *asset)) " " span.tag.warn { "held by something signed" } }
                    }
                }
            },
        }
    }
}

fn give(world: &World, told: &Told<'_>) -> Markup {
    let usdt = assets::all().iter().rfind(|asset| asset.symbol == "USDT").map(|asset| asset.id.to_string());
    let buyer = world.people.named("buyer").map(|person| person.id.to_string());
    let who_now = told.kept("who").map(str::to_owned).or(buyer);
    let asset_now = told.kept("asset").map(str::to_owned).or(usdt);
    html! {
        section.card.stack {
            h2 { "Give test money" }
            p.soft { "Money from nowhere, final at once. It is worth nothing outside this sandbox." }
            form.fields id="give" method="post" action="/page/behind/mint" data-reset {
                div {
                    label for="give-who" { "Person" }
                    select id="give-who" name="who" {
                        @for person in world.people.iter().take(ROWS_MAX) {
                            @let id = person.id.to_string();
                            option value=(id) selected[who_now.as_ref() == Some(&id)] { (shown::plain(&person.name)) }
                        }
                    }
                }
                div {
                    label for="give-asset" { "Asset" }
                    select id="give-asset" name="asset" {
                        @for asset in assets::all() {
                            @let id = asset.id.to_string();
                            option value=(id) selected[asset_now.as_ref() == Some(&id)] { (shown::label(asset.id)) }
                        }
                    }
                }
                div {
                    label for="give-amount" { "Amount" }
                    input id="give-amount" name="amount" inputmode="decimal" autocomplete="off" required
                        placeholder="12.5" value=[told.kept("amount")];
                }
                button.primary id="give-button" { "Give" }
            }
        }
    }
}

pub(super) fn mint(world: &mut World, visit: &Visit) -> Done {
    let who = visit.get("who").and_then(|who| world.people.named(who)).map(|person| person.id);
    let who = who.ok_or_else(|| Refused::mistake("Nobody is called that. Choose a person."))?;
    let amount: Amount = match visit.get("amount").unwrap_or_default().trim().parse() {
        Ok(amount) => amount,
        Err(error) => return Err(Refused::mistake(format!("That is no amount: {error}."))),
    };
    let body = json!({"asset_id": visit.get("asset"), "amount": amount});
    control(world, &format!("people/{who}/mint"), &body).map(|_| "given")
}
