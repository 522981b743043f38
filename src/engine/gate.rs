//! What keeps a trade from being agreed to: the operator's halts and caps. Asked when it is proposed, and again when it is
//! accepted; what is agreed to is not touched by either.

use super::desk::Desk;
use super::trust;
use crate::chat::say::{Closed, Money};
use crate::chat::text;
use crate::id::{TradeId, UserId};
use crate::money::Amount;
use crate::store::{Scope, TradeHalt};
use crate::trade::{Role, Terms, Trade};

/// Why these terms cannot be proposed by this person now; `None`: they can.
pub(super) fn to_propose(desk: &Desk<'_>, by: UserId, other: Option<UserId>, terms: &Terms) -> Option<Closed> {
    let people: Vec<UserId> = other.into_iter().chain([by]).collect();
    closed(desk, by, &people, terms, None)
}

/// Why this proposal cannot be agreed to now, told to `by`, who is about to; `None`: it can, or the law says no.
pub(super) fn to_agree(desk: &Desk<'_>, by: UserId, trade: TradeId) -> Option<Closed> {
    let trade = desk.found.trades.get(&trade).filter(|trade| trade.parties.is_none() && !trade.state.is_end())?;
    let sides = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
    let people: Vec<UserId> = sides.chain([by]).collect();
    closed(desk, by, &people, &trade.terms, Some(trade))
}

fn closed(desk: &Desk<'_>, by: UserId, people: &[UserId], terms: &Terms, of: Option<&Trade>) -> Option<Closed> {
    let halt = desk.watch.halts.against(terms.asset.id, people).map(|halt| halted(halt, by, terms));
    let away = || trust::kept_away(desk, by, people);
    halt.or_else(away).or_else(|| capped(desk, terms, of)).or_else(|| trust::limit(desk, by, people, terms, of))
}

/// Why somebody is halted is between the operator and them.
fn halted(halt: &TradeHalt, by: UserId, terms: &Terms) -> Closed {
    let why = text::quoted(&halt.halt.why);
    match halt.scope {
        Scope::All => Closed::All { why },
        Scope::Asset(_) => Closed::Asset { label: terms.asset.label(), why },
        Scope::Person(person) if person == by => Closed::You,
        Scope::Person(_) => Closed::OneOfYou,
    }
}

/// The caps: what may be locked and how many trades there may be, this one with all that are agreed to and not over.
fn capped(desk: &Desk<'_>, terms: &Terms, of: Option<&Trade>) -> Option<Closed> {
    let house = &desk.shop.house;
    let asset = terms.asset.id;
    if let Some(cap) = house.price_max_of(asset).filter(|cap| terms.price > *cap) {
        return Some(Closed::Price(Money { amount: cap, symbol: terms.asset.symbol.clone() }));
    }
    let others: Vec<&Terms> = agreed(desk).filter(|(id, _)| of.is_none_or(|of| of.id != *id)).map(|(_, t)| t).collect();
    if house.caps.trades.is_some_and(|cap| others.len() >= cap) {
        return Some(Closed::Full);
    }
    let locked = || others.iter().copied().filter(|t| t.asset.id == asset).chain([terms]).map(Terms::due);
    let cap = house.caps.locked.get(&asset)?;
    // What cannot be counted is above every cap.
    let sum = locked().collect::<Option<Vec<Amount>>>().and_then(Amount::sum);
    sum.is_none_or(|sum| sum > *cap).then(|| Closed::AssetFull { label: terms.asset.label() })
}

/// As committed, with what this batch has changed already.
fn agreed<'d>(desk: &'d Desk<'_>) -> impl Iterator<Item = (TradeId, &'d Terms)> {
    let stored = desk.found.agreed.iter().filter(|(id, _)| !desk.found.trades.contains_key(id));
    let open = |trade: &&Trade| trade.parties.is_some() && !trade.state.is_end();
    let here = desk.found.trades.values().filter(open).map(|trade| (trade.id, &trade.terms));
    stored.map(|(id, terms)| (*id, terms)).chain(here)
}
