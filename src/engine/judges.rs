//! Who is a judge, what is known of them for the law, and what becomes of their rulings.
//!
//! The operator's last word about somebody counts, kept in the database; of whom nothing was said, the configuration.
//! New terms name everybody who is a judge then; who is one no more judges nothing, whatever the terms say.

use std::collections::{BTreeMap, BTreeSet};

use super::desk::Desk;
use super::{operator, rooms};
use crate::id::UserId;
use crate::store::{Found, JUDGES, Operator, RuledRow, Store, StoreError, Wanted};
use crate::time::Millis;
use crate::trade::case::{CaseCommand, CaseEvent};
use crate::trade::judge::RULED_FOR;
use crate::trade::{Command, Event, Refusal, Role, Trade};

/// Everybody who is a judge now.
#[derive(Clone, Debug, Default)]
pub(super) struct Judges {
    configured: Vec<UserId>,
    said: BTreeMap<UserId, bool>,
    present: Vec<UserId>,
}

/// Those the configuration names, unless the operator said otherwise, and those the operator added.
#[must_use]
pub fn present(configured: &[UserId], said: &BTreeMap<UserId, bool>) -> Vec<UserId> {
    let configured = configured.iter().copied().filter(|judge| said.get(judge).is_none_or(|is| *is));
    let added = said.iter().filter(|(_, is)| **is).map(|(judge, _)| *judge);
    let all: BTreeSet<UserId> = configured.chain(added).collect();
    all.into_iter().collect()
}

impl Judges {
    pub(super) fn open(store: &Store, configured: &[UserId]) -> Result<Self, StoreError> {
        let said: BTreeMap<UserId, bool> = store.note(JUDGES)?.unwrap_or_default();
        let present = present(configured, &said);
        Ok(Self { configured: configured.to_vec(), said, present })
    }

    pub(super) fn present(&self) -> &[UserId] {
        &self.present
    }

    fn say(&mut self, person: UserId, is: bool) {
        self.said.insert(person, is);
        self.present = present(&self.configured, &self.said);
    }
}

/// What must be known of judges for the trades of a batch: those in dispute, and, where somebody writes, those that may
/// be in a moment.
pub(super) fn conflicts(
    store: &Store,
    found: &Found,
    written: bool,
    server: Millis,
) -> Result<BTreeSet<(UserId, UserId)>, StoreError> {
    let open = |trade: &&Trade| trade.open_case().is_some() || written && trade.state.is_open();
    let (mut judges, mut people) = (BTreeSet::new(), BTreeSet::new());
    for trade in found.trades.values().filter(open) {
        judges.extend(trade.terms.judges.iter().copied());
        people.extend([Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role)));
    }
    store.conflicts(&judges, &people, Millis(server.0.saturating_sub(RULED_FOR.0)))
}

/// Whose held messages must be read before a deadline gives anybody a right: what this batch itself brings may be all that
/// was missing for it. They may say that a ruling is to be stopped, or give one.
pub(super) fn unheard(found: &Found, looks: bool, wanted: &Wanted) -> BTreeSet<UserId> {
    let heard = |trade: &Trade| {
        let sides = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
        sides.chain(may_stop(trade)).chain(asked(trade)).collect::<Vec<_>>()
    };
    let runs = found.trades.values().filter(|trade| looks && trade.runs_out().is_some());
    runs.flat_map(heard).filter(|person| !wanted.held.contains(person)).collect()
}

/// Every judge who was asked, and may take the case or has it.
pub(super) fn asked(trade: &Trade) -> Vec<UserId> {
    trade.open_case().map(|case| case.people().collect()).unwrap_or_default()
}

/// Everybody whose word could stop the ruling that stands.
pub(super) fn may_stop(trade: &Trade) -> Vec<UserId> {
    let sides = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
    sides.chain(trade.terms.judges.iter().copied()).filter(|person| trade.may_stop(*person)).collect()
}

/// Once a ruling is final it is remembered for whom it was. Whoever takes a case is let into the trade's room; whoever gives
/// it back has no part there any more.
pub(super) fn keep(desk: &mut Desk<'_>, trade: &Trade, events: &[Event]) {
    for event in events {
        match event {
            Event::Case(CaseEvent::Taken { by, .. }) => rooms::join(desk, trade.id, *by),
            Event::Case(CaseEvent::Passed { by: judge } | CaseEvent::Left { judge }) => {
                rooms::part(desk, trade, *judge);
            }
            _ => {}
        }
    }
    let Some(person) = events.iter().find_map(|event| match event {
        Event::Ruled { ruling } => trade.favours(*ruling),
        _ => None,
    }) else {
        return;
    };
    let at = desk.server();
    let row = |judge| RuledRow { judge, person, trade: trade.id, at };
    desk.changes.ruled.extend(trade.ruled_by().map(|given| row(given.by)));
    desk.found.conflicts.extend(trade.ruled_by().map(|given| (given.by, person)));
}

// ---- the operator

pub(super) fn operate(desk: &mut Desk<'_>, asked: &Operator) -> Result<String, String> {
    match asked {
        Operator::AddJudge { person } => add(desk, *person),
        Operator::RemoveJudge { person } => remove(desk, *person),
        Operator::StopRuling { code } => stop(desk, code),
        _ => Err("this is nothing about judges; nothing was done".to_owned()),
    }
}

fn named(desk: &Desk<'_>, person: UserId) -> String {
    let known = desk.found.persons.get(&person).map(|row| &row.person).filter(|known| !known.number.is_empty());
    known.map_or_else(|| person.to_string(), |known| format!("{} ({})", known.name, known.number))
}

fn say(desk: &mut Desk<'_>, person: UserId, is: bool) {
    desk.judges.say(person, is);
    desk.changes.notes.push((JUDGES.to_owned(), serde_json::json!(desk.judges.said)));
}

fn add(desk: &mut Desk<'_>, person: UserId) -> Result<String, String> {
    let (house, name) = (&desk.shop.house, named(desk, person));
    if person == house.bot || person == house.fee.receiver {
        return Err(format!("{name} is the bot or its fee account, which judge nothing; nothing was done"));
    }
    if desk.judges.present().contains(&person) {
        return Err(format!("{name} is a judge already; nothing was done"));
    }
    say(desk, person, true);
    let reachable = desk.found.persons.get(&person).is_some_and(|row| row.reachable);
    let silent =
        if reachable { "" } else { "; they have not written to the bot yet, and should, so that it can ask them" };
    Ok(format!("{name} is a judge: the terms of new trades name them, and they can be no party to those{silent}"))
}

fn remove(desk: &mut Desk<'_>, person: UserId) -> Result<String, String> {
    let name = named(desk, person);
    if !desk.judges.present().contains(&person) {
        return Err(format!("{name} is no judge; nothing was done"));
    }
    say(desk, person, false);
    let mut line =
        format!("{name} is no judge any more: what they have in hand goes to the next, also where terms name them");
    let all: Vec<Trade> = desk.found.trades.values().cloned().collect();
    for trade in &all {
        rooms::part(desk, trade, person);
    }
    let theirs =
        |trade: &&Trade| trade.final_at().is_some() && trade.given_last().is_some_and(|given| given.by == person);
    let now = desk.service();
    for Trade { id, code, .. } in all.iter().filter(theirs) {
        let stopped = desk.decide(*id, &Command::Case(CaseCommand::Stop { by: None }), now).is_ok();
        line = if stopped {
            format!("{line}; trade {code}: the ruling they gave is stopped, and another judge is asked")
        } else {
            format!(
                "{line}; trade {code}: the ruling they gave stands, for there is no other judge: `trade freeze {code}` if it must not become final"
            )
        };
    }
    Ok(line)
}

fn stop(desk: &mut Desk<'_>, code: &str) -> Result<String, String> {
    let id = operator::find(desk, code)?.id;
    let now = desk.service();
    let stopped = desk.decide(id, &Command::Case(CaseCommand::Stop { by: None }), now);
    stopped
        .map(|_| format!("trade {code}: the ruling is stopped, and another judge is asked; both parties are told"))
        .map_err(|refusal| match refusal {
            Refusal::NoOtherJudge => {
                format!("trade {code}: there is no other judge who could be asked; nothing was done")
            }
            refusal => format!("trade {code}: {refusal}; nothing was done"),
        })
}
