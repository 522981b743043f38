//! What a message from a person means. Handled once, however often it is delivered; counted at its server time.

use super::desk::Desk;
use super::input::Purpose;
use super::jobs::{FindBody, Whom};
use super::{acts, groups, rights, rooms, trust};
use crate::chat::commands::{self, Read, Word};
use crate::chat::{self, Dialog, Heard, group, problem};
use crate::id::{JobId, UserId};
use crate::kernel::derive::contact_conversation;
use crate::mixin::blaze::InboundMessage;
use crate::store::{InboxRow, PersonRow};
use crate::time::Millis;
use crate::trade::Trade;

/// Words of a text that are looked at for codes and tokens.
pub(super) const WORDS_MAX: usize = 12;
/// Of messages by which the system tells how a group has changed.
pub(super) const SYSTEM: &str = "SYSTEM_CONVERSATION";
/// Bytes of a text that are read; what is longer is no command.
const TEXT_MAX: usize = 4_096;
/// A person without a Safe wallet is looked up again when they write after this long: they may have opened one.
const PROFILE_AGE: Millis = Millis::from_secs(20);

/// The words of a text message, as far as they are read; nothing for other kinds.
pub(super) fn text(message: &InboundMessage) -> String {
    if message.category != "PLAIN_TEXT" {
        return String::new();
    }
    let bytes = message.data.get(..TEXT_MAX).unwrap_or(&message.data);
    String::from_utf8_lossy(bytes).into_owned()
}

/// The number of the exhibit that a message asks to see.
pub(super) fn exhibit(message: &InboundMessage) -> Option<u32> {
    match commands::read(&text(message)) {
        Read::Command(typed) if typed.word == Word::Exhibit => problem::number(&typed.words),
        _ => None,
    }
}

/// A message that waited for its sender's profile, back as it was.
pub(super) fn unheld(row: &InboxRow) -> Option<InboundMessage> {
    serde_json::from_value(row.body.clone()).ok()
}

pub(super) fn take(desk: &mut Desk<'_>, message: &InboundMessage) {
    desk.acknowledge(message.message_id);
    if !desk.found.messages.insert(message.message_id) {
        return;
    }
    let person = message.user_id;
    let talks = talks(message);
    let own = is_own(desk, message);
    let hold = talks && holds(desk, person, own);
    desk.changes.inbox.push(InboxRow {
        id: message.message_id,
        from: person,
        conversation: message.conversation_id,
        at: message.created_at,
        body: serde_json::to_value(message).unwrap_or_default(),
        held: hold,
    });
    if !talks {
        if message.category == SYSTEM {
            rooms::changed(desk, message);
        }
        return;
    }
    desk.person_mut(person).reachable |= own;
    if own {
        rights::reached(desk, person);
    }
    trust::first_seen(desk, message);
    if hold {
        find(desk, person, own);
    } else {
        understand(desk, message);
    }
}

/// Whether it was said in the writer's own chat with the bot, and not in a group.
fn is_own(desk: &Desk<'_>, message: &InboundMessage) -> bool {
    message.conversation_id == contact_conversation(desk.shop.house.bot, message.user_id)
}

/// Events of the system, recalls and receipts need no answer; neither does the bot's own voice.
fn talks(message: &InboundMessage) -> bool {
    let kinds = ["PLAIN_", "ENCRYPTED_", "APP_"];
    !message.user_id.0.is_nil() && kinds.iter().any(|kind| message.category.starts_with(kind))
}

/// Nothing is understood before the sender's profile is known: a card must name people, and who has no Safe wallet
/// cannot trade. Messages keep their order: while one waits, all wait.
fn holds(desk: &Desk<'_>, person: UserId, own: bool) -> bool {
    // Whoever speaks in a group is answered in their own chat: perhaps they can be written to by now.
    let shut = |row: &PersonRow| !own && !row.reachable;
    let stale = |row: &PersonRow| match row.read_at {
        None => true,
        Some(at) => (!row.person.has_safe || shut(row)) && desk.now.since(at) > PROFILE_AGE,
    };
    waits(desk, person) || desk.found.persons.get(&person).is_none_or(stale)
}

/// Whether something that a person said is not understood yet. Their held messages must be loaded.
pub(super) fn waits(desk: &Desk<'_>, person: UserId) -> bool {
    desk.found.held.iter().any(|row| row.from == person)
        || desk.changes.inbox.iter().any(|row| row.held && row.from == person)
}

/// Looks their profile up; who spoke in a group is tried whether they can be written to.
pub(super) fn find(desk: &mut Desk<'_>, person: UserId, own: bool) {
    let round = desk.found.persons.get(&person).and_then(|row| row.read_at).map_or(0, |at| at.0);
    let id = JobId(desk.shop.keys.ids.uuid(person.0, &format!("find/{round}"), 0));
    let body = FindBody {
        whom: Whom::Id(person),
        purpose: if own { Purpose::Writer(person) } else { Purpose::Member(person) },
    };
    desk.find(id, &person, &body);
}

/// Reads the message by the sender's dialog and does what it asks.
pub(super) fn understand(desk: &mut Desk<'_>, message: &InboundMessage) {
    let person = message.user_id;
    let own = is_own(desk, message);
    let written = text(message);
    let written = if own { &written } else { group::unmentioned(&written, &desk.shop.house.bot_number) };
    let heard = match message.category.as_str() {
        "PLAIN_TEXT" => Heard::Text(written.to_owned()),
        "PLAIN_CONTACT" => contact(&message.data).map_or(Heard::Other, Heard::Contact),
        _ => Heard::Other,
    };
    if !trust::hears(desk, message, &heard) {
        return;
    }
    let row = desk.person_mut(person);
    row.lang = chat::spoken(&heard, &row.dialog, row.lang);
    // Two bots that answer each other would never stop.
    if desk.found.persons.get(&person).is_some_and(|row| row.person.is_bot) {
        return;
    }
    let over = is_over(desk, person);
    if !own {
        if over {
            let dialog = &mut desk.person_mut(person).dialog;
            *dialog = std::mem::take(dialog).freed();
        }
        return groups::hear(desk, message, written);
    }
    let dialog = desk.person_mut(person).dialog.clone();
    let turn = if over { chat::converse_after } else { chat::converse }(&heard, &dialog, &desk.shop.house);
    desk.person_mut(person).dialog = turn.dialog;
    groups::forget_draft(desk, person, chat::begins_draft(&heard));
    let theirs: Vec<_> = desk.trades_of(person).iter().filter(|t| !t.state.is_end()).map(|t| t.id).collect();
    for trade in theirs {
        desk.stir(trade);
    }
    acts::perform(desk, message, turn.act);
}

/// Whether the dispute that somebody's dialog is about is over for them, so that nobody is caught in it.
fn is_over(desk: &mut Desk<'_>, person: UserId) -> bool {
    let dialog = desk.person_mut(person).dialog.clone();
    let Some(code) = dialog.case() else { return false };
    let case = desk.found.trades.values().find(|trade| trade.code == code).filter(|trade| trade.open_case().is_some());
    let goes_on = |trade: &Trade| match dialog {
        Dialog::Ruling { .. } => {
            let present = desk.judges.present().contains(&person);
            present && trade.open_case().is_some_and(|case| case.judge() == Some(person))
        }
        _ => trade.role_of(person).is_some(),
    };
    !case.is_some_and(goes_on)
}

fn contact(data: &[u8]) -> Option<UserId> {
    serde_json::from_slice::<serde_json::Value>(data).ok()?.get("user_id")?.as_str()?.parse().ok()
}
