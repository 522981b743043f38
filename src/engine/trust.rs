//! What the bot keeps of people as it happens: their records, how fast they talk, whom they keep away; and the limits
//! of one trade, person and day.

use super::chats;
use super::desk::Desk;
use super::pages::{self, Cause, lang};
use crate::chat::flood::{self, Hearing};
use crate::chat::problem::ProblemAct;
use crate::chat::say::trust::Limit;
use crate::chat::say::{Closed, Money};
use crate::chat::trust::{Daily, Day};
use crate::chat::{self, Act, Audience, Dialog, Heard, Known, cards};
use crate::id::UserId;
use crate::kernel::derive::contact_conversation;
use crate::mixin::blaze::InboundMessage;
use crate::money::Amount;
use crate::trade::evidence::Sent;
use crate::trade::terms::{Counterparty, Role, Terms};
use crate::trade::{Event, State, Trade};

/// Proposals of one person that may wait for the same person's answer.
const WAITING_MAX: usize = 3;
/// Proposals of anybody that may wait for one person's answer.
const CROWD_MAX: usize = 20;

// ---- records

/// Facts of a trade that count for its people, in the commit of these facts: each happens once, so it counts once.
pub(super) fn keep(desk: &mut Desk<'_>, trade: &Trade, events: &[Event]) {
    let server = desk.server();
    for event in events {
        match event {
            Event::Proposed { terms, .. } => desk.person_mut(terms.proposer).trust.day.count(Daily::Proposed, server),
            Event::Accepted { parties, .. } => {
                for person in [parties.buyer, parties.seller] {
                    desk.person_mut(person).trust.day.count(Daily::Agreed, server);
                }
            }
            Event::Settled { .. } => settled(desk, trade),
            Event::Ruled { ruling } => {
                let loser = trade.favours(*ruling).and_then(|person| trade.role_of(person)).map(Role::other);
                if let Some(loser) = loser.and_then(|role| trade.person(role)) {
                    desk.person_mut(loser).trust.record.lost();
                }
            }
            Event::Rated { by, good } => {
                let other = trade.role_of(*by).and_then(|role| trade.person(role.other()));
                if let Some(other) = other {
                    desk.person_mut(other).trust.record.rated(*good);
                }
            }
            _ => {}
        }
    }
}

fn settled(desk: &mut Desk<'_>, trade: &Trade) {
    let Some(parties) = trade.parties else { return };
    let (asset, price) = (trade.terms.asset.id, trade.price());
    for (role, person, other) in
        [(Role::Buyer, parties.buyer, parties.seller), (Role::Seller, parties.seller, parties.buyer)]
    {
        desk.person_mut(person).trust.record.settled(role, other, asset, price);
    }
}

/// What a page may say to `viewer` of these people, who are on it.
pub(super) fn known(desk: &Desk<'_>, viewer: UserId, people: impl IntoIterator<Item = UserId>) -> Known {
    // Whoever only proposed or brought a code is nobody they know.
    let theirs: Vec<&Trade> = desk.trades_of(viewer).into_iter().filter(|trade| trade.parties.is_some()).collect();
    let others = theirs.iter().flat_map(|trade| [Role::Buyer, Role::Seller].map(|role| trade.person(role)));
    let met = others.flatten().filter(|person| *person != viewer);
    let met: std::collections::BTreeSet<UserId> = met.collect();
    let person = |id: &UserId| desk.found.persons.get(id).map(|row| row.person.clone());
    let record = |id: UserId| Some((id, desk.found.persons.get(&id)?.trust.record.clone()));
    let own = desk.found.persons.get(&viewer).map(|row| &row.trust.record);
    Known {
        records: people.into_iter().filter_map(record).collect(),
        met: met.iter().filter_map(person).collect(),
        partners: own.into_iter().flat_map(|record| record.met.iter().copied()).collect(),
    }
}

// ---- how fast people talk

/// Whether a message is read at all. What uses a right always is, and so is an exhibit, of which there are only so many.
pub(super) fn hears(desk: &mut Desk<'_>, message: &InboundMessage, heard: &Heard) -> bool {
    let person = message.user_id;
    let right = matches!(heard, Heard::Text(written) if flood::uses_right(written));
    if right || is_exhibit(desk, message, heard) {
        return true;
    }
    match desk.person_mut(person).trust.talk.hear(message.created_at) {
        Hearing::Heard => true,
        Hearing::Unheard => false,
        // Two bots that answer each other would never stop.
        Hearing::Slower { .. } if desk.person_mut(person).person.is_bot => false,
        Hearing::Slower { wait } => {
            let posts = cards::slower(wait, lang(desk, person));
            let cause = Cause { id: message.message_id.0, purpose: "slower" };
            pages::say(desk, cause, Audience::Person(person), posts);
            false
        }
    }
}

/// Whether a message becomes an exhibit: what is unfit, or only asks for something while evidence is given, does not.
fn is_exhibit(desk: &mut Desk<'_>, message: &InboundMessage, heard: &Heard) -> bool {
    let person = message.user_id;
    let dialog = desk.person_mut(person).dialog.clone();
    let own = message.conversation_id == contact_conversation(desk.shop.house.bot, person);
    let Some(code) = dialog.case().filter(|_| own && matches!(dialog, Dialog::Evidence { .. })) else { return false };
    let room = desk.found.trades.values().any(|t| t.code == code && t.may_add_evidence(person).is_ok());
    let fits = || Sent::of(message.message_id, message.created_at, &message.category, &message.data).is_ok();
    let meant = || chat::converse(heard, &dialog, &desk.shop.house).act;
    room && fits() && matches!(meant(), Act::Problem(ProblemAct::Exhibit { .. }))
}

/// The first word of somebody, by its own date.
pub(super) fn first_seen(desk: &mut Desk<'_>, message: &InboundMessage) {
    desk.person_mut(message.user_id).trust.record.since.get_or_insert(message.created_at);
}

// ---- limits

/// Why one of `people` keeps the one who asks away; they hear the same as of a halt.
pub(super) fn kept_away(desk: &Desk<'_>, by: UserId, people: &[UserId]) -> Option<Closed> {
    let keeps = |person: &&UserId| {
        let row = desk.found.persons.get(*person);
        row.is_some_and(|row| row.trust.blocked.contains_key(&by))
    };
    people.iter().find(keeps).map(|_| Closed::OneOfYou)
}

/// The limits of the trade, of its people and of the day. `of`: the proposal that is to be agreed to.
pub(super) fn limit(
    desk: &Desk<'_>,
    by: UserId,
    people: &[UserId],
    terms: &Terms,
    of: Option<&Trade>,
) -> Option<Closed> {
    let smallest = desk.shop.house.caps.price_min.get(&terms.asset.id).filter(|min| terms.price < **min);
    let symbol = || terms.asset.symbol.clone();
    let smallest = smallest.map(|min| Limit::PriceMin(Money { amount: *min, symbol: symbol() }));
    let today = || today(desk, by, of.is_some());
    let waiting = || if of.is_none() { waiting(desk, by, people) } else { None };
    // Their own limit is what somebody can do something about.
    let others = || people.iter().copied().filter(|person| *person != by);
    let locked = || std::iter::once(by).chain(others()).find_map(|person| locked(desk, by, person, terms, of));
    smallest.or_else(today).or_else(waiting).or_else(locked).map(Closed::Limit)
}

fn today(desk: &Desk<'_>, by: UserId, agrees: bool) -> Option<Limit> {
    let (caps, server) = (&desk.shop.house.caps, desk.server());
    let (daily, most) =
        if agrees { (Daily::Agreed, caps.agreed_a_day) } else { (Daily::Proposed, caps.proposals_a_day) };
    let used = desk.found.persons.get(&by).map_or(0, |row| row.trust.day.used(daily, server));
    let (most, free) = (most.filter(|most| used >= *most)?, Day::frees(server));
    Some(if agrees { Limit::Agreed { used, most, free } } else { Limit::Proposed { used, most, free } })
}

/// Proposals that nobody has answered lock nothing, so they are counted by whom they bother.
fn waiting(desk: &Desk<'_>, by: UserId, people: &[UserId]) -> Option<Limit> {
    let other = *people.iter().find(|person| **person != by)?;
    let named = |trade: &&Trade| {
        let waits = matches!(trade.state, State::Proposed { .. });
        waits && trade.terms.counterparty == Counterparty::Named(other)
    };
    let all: Vec<&Trade> = desk.found.trades.values().filter(named).collect();
    if all.iter().filter(|trade| trade.terms.proposer == by).count() >= WAITING_MAX {
        return Some(Limit::Waiting { most: WAITING_MAX });
    }
    (all.len() >= CROWD_MAX).then_some(Limit::Crowded)
}

fn locked(desk: &Desk<'_>, by: UserId, person: UserId, terms: &Terms, of: Option<&Trade>) -> Option<Limit> {
    let most = *desk.shop.house.caps.locked_of_one.get(&terms.asset.id)?;
    let counts = |trade: &&Trade| {
        let open = trade.parties.is_some() && !trade.state.is_end();
        open && trade.terms.asset.id == terms.asset.id && of.is_none_or(|of| of.id != trade.id)
    };
    let theirs = desk.trades_of(person).into_iter().filter(counts).map(|trade| trade.terms.due());
    // What cannot be counted is above every limit.
    let used = theirs.collect::<Option<Vec<Amount>>>().and_then(Amount::sum);
    let sum = used.zip(terms.due()).and_then(|(used, due)| used.checked_add(due));
    if sum.is_some_and(|sum| sum <= most) {
        return None;
    }
    let money = |amount| Money { amount, symbol: terms.asset.symbol.clone() };
    let own = Limit::Locked { used: money(used.unwrap_or(most)), most: money(most) };
    Some(if person == by { own } else { Limit::OtherLocked })
}

/// The words of a message, to be weighed before they are read.
pub(super) fn codes(message: &InboundMessage) -> Option<String> {
    crate::chat::sealed::read(&chats::text(message)).ok().map(|card| card.code)
}

/// Whoever is on a side of a trade, as far as known.
pub(super) fn sides(trade: &Trade) -> impl Iterator<Item = UserId> {
    [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role))
}
