//! Every output, every Safe request, and whether the money adds up.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};
use serde_json::Value;

use super::shown::{self, ROWS_MAX, Row};
use super::{Told, said};
use crate::id::{AssetId, Hash, RequestId};
use crate::money::Amount;
use crate::sandbox::ledger::{Coin, CoinState};
use crate::sandbox::multisig::Request;
use crate::sandbox::page::BotSays;
use crate::sandbox::world::World;
use crate::time::Millis;

const HERE: &str = "/page/behind/ledger";
const ALL: &str = "/page/behind/ledger?all=1";

pub(super) fn page(world: &World, bot: &BotSays, all: bool) -> Response<Bytes> {
    let trades = said::at(bot, "/trades");
    let serves = Serves::read(trades.ok());
    let most = if all { usize::MAX } else { ROWS_MAX };

    let mut coins: Vec<&Coin> = world.ledger.coins.values().collect();
    coins.sort_by_key(|coin| std::cmp::Reverse(coin.sequence));
    let holders: BTreeMap<Hash, RequestId> = world.requests.iter().map(|held| (held.hash, held.id)).collect();
    let outputs: Vec<Row> = coins.iter().take(most).map(|coin| output(world, coin, &holders, &serves)).collect();

    let mut asked: Vec<&Request> = world.requests.iter().collect();
    asked.sort_by_key(|request| (std::cmp::Reverse(request.created_at), request.id));
    let requests: Vec<Row> = asked.iter().take(most).map(|asked| request(world, asked, &serves)).collect();

    let body = html! {
        (sums(world))
        @if let Err(why) = trades {
            p.soft { "Which trade an output serves only the bot knows, and it does not answer: " (shown::quote(why)) }
        }
        (shown::table(
            "outputs", "Outputs, newest first",
            &["Amount", "Owners", "State", "From", "Memo", "Trade", "Transaction"],
            &outputs, "There is no money yet.",
        ))
        (shown::more(coins.len().saturating_sub(outputs.len()), ALL))
        (shown::table(
            "requests", "Safe requests, newest first",
            &["Request", "Would pay", "Signed", "State", "Trade", "Made"], &requests, "Nobody has asked for signatures.",
        ))
        (shown::more(asked.len().saturating_sub(requests.len()), ALL))
    };
    Told::Nothing.page("Ledger", HERE, &body)
}

/// Where all money of an asset is.
#[derive(Default)]
struct Sum {
    minted: Amount,
    wallets: Amount,
    vaults: Amount,
    /// Withdrawn to an outside chain.
    left: Amount,
}

fn add(to: &mut Amount, amount: Amount) {
    *to = Amount::from_units(to.units().saturating_add(amount.units()));
}

fn sums(world: &World) -> Markup {
    let mut sums: BTreeMap<AssetId, Sum> = BTreeMap::new();
    for accepted in world.ledger.accepted.values().filter(|accepted| accepted.final_at.is_some()) {
        let Some(asset) = crate::sandbox::assets::by_hash(&accepted.tx.asset) else { continue };
        let sum = sums.entry(asset.id).or_default();
        for output in &accepted.tx.outputs {
            let amount = output.amount.amount().unwrap_or_default();
            if accepted.mint {
                add(&mut sum.minted, amount);
            } else if output.withdrawal.is_some() {
                add(&mut sum.left, amount);
            }
        }
    }
    for coin in world.ledger.coins.values().filter(|coin| coin.state != CoinState::Spent) {
        let sum = sums.entry(coin.asset).or_default();
        let place = if coin.receivers.len() == 1 { &mut sum.wallets } else { &mut sum.vaults };
        add(place, coin.amount());
    }
    let rows: Vec<Row> = sums.into_iter().map(|(asset, sum)| sum_row(asset, &sum)).collect();
    let heads = ["Asset", "Minted", "In wallets", "In vaults", "Left the network", "Adds up"];
    shown::table("sums", "Where the money is", &heads, &rows, "No money was minted yet.")
}

fn sum_row(asset: AssetId, sum: &Sum) -> Row {
    let mut found = sum.wallets;
    add(&mut found, sum.vaults);
    add(&mut found, sum.left);
    let (missing, extra) = (sum.minted.saturating_sub(found), found.saturating_sub(sum.minted));
    let money = |amount| shown::amount(amount, asset);
    let verdict = html! {
        @if !missing.is_zero() { span.tag.bad { (missing) " missing" } }
        @else if !extra.is_zero() { span.tag.bad { (extra) " too much" } }
        @else { span.tag.good { "yes, to the last unit" } }
    };
    let (minted, wallets, vaults, left) = (money(sum.minted), money(sum.wallets), money(sum.vaults), money(sum.left));
    Row {
        id: format!("sum-{asset}"),
        cells: vec![html! { (shown::label(asset)) }, minted, wallets, vaults, left, verdict],
    }
}

fn output(world: &World, coin: &Coin, holders: &BTreeMap<Hash, RequestId>, serves: &Serves) -> Row {
    let hash = coin.utxo.hash.to_string();
    let place = format!("{hash}:{}", coin.utxo.index);
    Row {
        id: format!("output-{hash}-{}", coin.utxo.index),
        cells: vec![
            shown::money(coin.amount(), coin.asset),
            shown::owners(&world.people, &coin.receivers, coin.threshold),
            state(world, coin, holders),
            html! {
                @if coin.senders.is_empty() { "outside the network" }
                @else { (shown::owners(&world.people, &coin.senders, coin.senders_threshold)) }
            },
            memo(&coin.extra),
            trade(serves.outputs.get(&place)),
            html! {
                details id=(format!("details-{hash}-{}", coin.utxo.index)) {
                    summary { (shown::short(&hash)) " · " (coin.utxo.index) }
                    code.small { (place) }
                    p.small { (shown::moment(coin.created_at)) }
                }
            },
        ],
    }
}

fn state(world: &World, coin: &Coin, holders: &BTreeMap<Hash, RequestId>) -> Markup {
    let by = coin.signed_by;
    let by_hash = by.map(|hash| hash.to_string()).unwrap_or_default();
    html! {
        @match coin.state {
            CoinState::Unspent => span.tag.good { "unspent" },
            CoinState::Spent => { "spent by transaction " (shown::short(&by_hash)) },
            CoinState::Signed if by.is_some_and(|hash| world.ledger.accepted.contains_key(&hash)) => {
                "being spent by transaction " (shown::short(&by_hash)) ", not final yet"
            },
            CoinState::Signed => @match by.and_then(|hash| holders.get(&hash)) {
                Some(id) => { "held by a signed request " (shown::short(&id.to_string())) },
                None => { "held by transaction " (shown::short(&by_hash)) },
            },
        }
        @if coin.inscription.is_some() { " " span.tag.warn { "inscription" } }
    }
}

/// A memo as text where it is one.
fn memo(bytes: &[u8]) -> Markup {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control));
    html! {
        @match text {
            Some("") => span.soft { "none" },
            Some(text) => (shown::quote(text)),
            None => { (bytes.len()) " bytes, not text: " (shown::short(&hex::encode(bytes))) },
        }
    }
}

fn request(world: &World, request: &Request, serves: &Serves) -> Row {
    let id = request.id.to_string();
    let asset = crate::sandbox::assets::by_hash(&request.tx.asset).map(|asset| asset.id);
    let pays = html! {
        ul {
            @for (output, receiver) in request.tx.outputs.iter().zip(&request.receivers) {
                li {
                    @if let (Some(amount), Some(asset)) = (output.amount.amount(), asset) {
                        (shown::money(amount, asset)) " to "
                    }
                    @if receiver.members.is_empty() { "outside: " (shown::quote(&receiver.destination)) }
                    @else { (shown::owners(&world.people, &receiver.members, receiver.threshold)) }
                }
            }
        }
    };
    let signed = html! {
        (request.signers.len()) " of " (request.threshold()) " needed"
        @if !request.signers.is_empty() { ": " (shown::names(&world.people, &request.signers)) }
    };
    Row {
        id: format!("request-{id}"),
        cells: vec![
            html! {
                details id=(format!("details-{id}")) {
                    summary { (shown::short(&id)) }
                    code.small { (id) }
                    p.small { "pays by transaction " code { (request.hash) } }
                }
            },
            pays,
            signed,
            request_state(world, request),
            trade(serves.requests.get(&id)),
            shown::moment(request.created_at),
        ],
    }
}

fn request_state(world: &World, request: &Request) -> Markup {
    let life = world.switches.unsigned_life_ms;
    let old = life > 0 && request.created_at.plus(Millis(life)) <= world.server_time();
    let accepted = world.ledger.accepted.get(&request.hash);
    html! {
        @if let Some(by) = request.revoked_by { "revoked by " (shown::name(&world.people, by)) }
        @else if accepted.is_some_and(|accepted| accepted.final_at.is_some()) { span.tag.good { "paid" } }
        @else if accepted.is_some() { "paying, not final yet" }
        @else if request.signers.is_empty() && old { "forgotten: nobody signed in time" }
        @else if request.signers.is_empty() { "waits for a first signature" }
        @else { span.tag.warn { "holds its outputs, waits for more signatures" } }
    }
}

/// Which trade an output or a request serves, by the bot's own account: code by output place, by request id.
#[derive(Default)]
struct Serves {
    outputs: BTreeMap<String, String>,
    requests: BTreeMap<String, String>,
}

impl Serves {
    fn read(trades: Option<&Value>) -> Self {
        let mut serves = Self::default();
        for trade in trades.map(|said| said::list(said, "trades")).unwrap_or_default() {
            let Some(code) = said::text(trade, "code").filter(|code| said::is_code(code)) else { continue };
            for output in said::list(trade, "outputs") {
                if let (Some(hash), Some(index)) =
                    (said::text(output, "transaction_hash"), said::text(output, "output_index"))
                {
                    serves.outputs.insert(format!("{hash}:{index}"), code.clone());
                }
            }
            let ids = said::list(trade, "plans").iter().filter_map(|plan| said::text(plan, "request_id"));
            serves.requests.extend(ids.map(|id| (id, code.clone())));
        }
        serves
    }
}

fn trade(code: Option<&String>) -> Markup {
    html! {
        @match code {
            Some(code) => (said::trade_link(code)),
            None => span.soft { "–" },
        }
    }
}
