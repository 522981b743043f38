//! Groups: what is asked there, and what all of a group hears. Whatever binds, and whatever is for one person alone,
//! happens in that person's own chat (messaging §11, design §10).
//!
//! What is said to a whole group is in the language of whoever asked there last.

use super::acts;
use super::desk::Desk;
use super::pages::{self, Cause, lang};
use crate::chat::cards::group as cards;
use crate::chat::group::{self, Asks};
use crate::chat::{Act, Audience, Dialog, Lang, Person, Post, Turn, View};
use crate::id::{ConversationId, TradeId, UserId};
use crate::mixin::blaze::InboundMessage;
use crate::mixin::link;
use crate::store::RoomRow;
use crate::trade::{Counterparty, Event, State, Trade};

/// One text in a group.
#[derive(Clone, Copy)]
struct Heard<'a> {
    message: &'a InboundMessage,
    group: ConversationId,
    by: UserId,
    /// Whether the bot can write to them.
    reachable: bool,
    lang: Lang,
}

impl Heard<'_> {
    fn cause(&self) -> Cause<'static> {
        Cause { id: self.message.message_id.0, purpose: "group" }
    }
}

/// Does what a text in a group asks for. Its writer's profile is known.
pub(super) fn hear(desk: &mut Desk<'_>, message: &InboundMessage, written: &str) {
    let (group, by) = (message.conversation_id, message.user_id);
    let lang = lang(desk, by);
    let row = desk.found.rooms.get(&group).cloned();
    // Somebody speaks to us there, so we are in it.
    let now = RoomRow { lang, gone: false, ..row.clone().unwrap_or(RoomRow::new(group)) };
    if row.as_ref() != Some(&now) {
        keep(desk, now);
    }
    let reachable = desk.found.persons.get(&by).is_some_and(|row| row.reachable);
    let heard = Heard { message, group, by, reachable, lang };
    let dialog = desk.person_mut(by).dialog.clone();
    match group::read(written, &dialog, &desk.shop.house) {
        Asks::Usage => {
            let posts = cards::usage(&desk.shop.house, lang);
            say(desk, heard.cause(), group, None, posts);
        }
        Asks::NotUnderstood => {
            let posts = cards::not_understood(&desk.shop.house, lang);
            say(desk, heard.cause(), group, Some(by), posts);
        }
        Asks::Offer(turn) => offer(desk, heard, turn),
        Asks::Look(code) => look(desk, heard, code),
        Asks::Status(code) => status(desk, heard, code),
        Asks::Private(act) => privately(desk, heard, act),
        Asks::Elsewhere(code) => elsewhere(desk, heard, code),
    }
}

/// Somebody writes a trade: confirmed in their own chat, and shown where it was begun. A trade's own room is no market.
fn offer(desk: &mut Desk<'_>, heard: Heard<'_>, turn: Turn) {
    let (by, lang) = (heard.by, heard.lang);
    let market = desk.found.rooms.get(&heard.group).is_some_and(|room| room.trade.is_none());
    let row = desk.person_mut(by);
    row.dialog = turn.dialog.clone();
    row.group = market.then_some(heard.group);
    if !market {
        return privately(desk, heard, turn.act);
    }
    let posts = cards::wants(person(desk, by), &turn.dialog, heard.reachable, &bot_link(desk), lang);
    say(desk, heard.cause(), heard.group, None, posts);
    if heard.reachable {
        let hint = Cause { id: heard.message.message_id.0, purpose: "hint" };
        pages::say(desk, hint, Audience::Person(by), cards::confirm_here(lang));
        acts::perform(desk, heard.message, turn.act);
    }
}

/// Everything about it is answered in their own chat; the group hears only that.
fn privately(desk: &mut Desk<'_>, heard: Heard<'_>, act: Act) {
    let posts = cards::wrote(person(desk, heard.by), heard.reachable, &bot_link(desk), heard.lang);
    say(desk, heard.cause(), heard.group, None, posts);
    if heard.reachable {
        acts::perform(desk, heard.message, act);
    }
}

/// Somebody wants to see an offer: the terms, and the button that binds, are shown to them alone.
fn look(desk: &mut Desk<'_>, heard: Heard<'_>, code: String) {
    let open = by_code(desk, &code).filter(|trade| is_open(trade) && trade.role_of(heard.by).is_none());
    let here = open.map(|trade| trade.id).filter(|id| is_told(desk, *id, heard.group));
    let Some(trade) = here.filter(|_| heard.reachable) else {
        return privately(desk, heard, Act::Join { code });
    };
    show(desk, heard.cause(), heard.group, trade, |view| cards::looks(view, heard.by));
    acts::perform(desk, heard.message, Act::Join { code });
}

fn status(desk: &mut Desk<'_>, heard: Heard<'_>, code: Option<String>) {
    let Some(trade) = code.as_ref().and_then(|code| by_code(desk, code)) else {
        return privately(desk, heard, Act::Status { code });
    };
    let (id, party, open) = (trade.id, trade.role_of(heard.by).is_some(), is_open(trade));
    match (party, is_told(desk, id, heard.group), code) {
        (false, true, Some(code)) if open => look(desk, heard, code),
        (false, true, _) => not_yours(desk, heard, id),
        // A group that was never told of it learns nothing, not even from the parties' own phones.
        (true, true, code) if heard.reachable => {
            show(desk, heard.cause(), heard.group, id, cards::standing);
            acts::perform(desk, heard.message, Act::Status { code });
        }
        (_, _, code) => privately(desk, heard, Act::Status { code }),
    }
}

/// Nothing is changed from a group: their own chat shows the page from where it can be.
fn elsewhere(desk: &mut Desk<'_>, heard: Heard<'_>, code: Option<String>) {
    let trade = code.as_ref().and_then(|code| by_code(desk, code));
    let theirs = trade.filter(|trade| trade.role_of(heard.by).is_none()).map(|trade| trade.id);
    match theirs.filter(|id| is_told(desk, *id, heard.group)) {
        Some(trade) => not_yours(desk, heard, trade),
        None => privately(desk, heard, Act::Status { code }),
    }
}

/// Somebody else's button: they alone hear so, and nothing changes.
fn not_yours(desk: &mut Desk<'_>, heard: Heard<'_>, trade: TradeId) {
    let posts = pages::read(desk, trade, heard.lang, cards::not_yours);
    say(desk, heard.cause(), heard.group, Some(heard.by), posts);
}

/// The bot came into a group.
pub(super) fn entered(desk: &mut Desk<'_>, message: &InboundMessage) {
    let group = message.conversation_id;
    if desk.found.rooms.get(&group).is_some_and(|row| !row.gone) {
        return;
    }
    let row = desk.found.rooms.get(&group).cloned().unwrap_or(RoomRow::new(group));
    let lang = row.lang;
    keep(desk, RoomRow { gone: false, ..row });
    let posts = cards::usage(&desk.shop.house, lang);
    say(desk, Cause { id: message.message_id.0, purpose: "greeting" }, group, None, posts);
}

/// A draft that was begun in a group has become a trade: the group sees the offer.
pub(super) fn offered(desk: &mut Desk<'_>, cause: Cause<'_>, by: UserId, trade: TradeId) {
    let Some(group) = desk.person_mut(by).group.take() else { return };
    if desk.found.rooms.get(&group).is_none_or(|row| row.gone) {
        return;
    }
    desk.found.offered.insert((trade, group));
    desk.changes.offered.push((trade, group));
    show(desk, cause, group, trade, cards::offer);
}

/// Tells every group that may know of it what has happened to a trade.
pub(super) fn follow(desk: &mut Desk<'_>, trade: TradeId, events: &[Event]) {
    let told = |row: &&RoomRow| !row.gone && is_told(desk, trade, row.conversation);
    let rooms: Vec<(ConversationId, bool)> =
        desk.found.rooms.values().filter(told).map(|row| (row.conversation, row.trade == Some(trade))).collect();
    for (group, own) in rooms {
        for event in events {
            let Some(purpose) = desk.found.trades.get(&trade).map(|row| occasion(row, event)) else { return };
            show(desk, Cause { id: trade.0, purpose: &purpose }, group, trade, |view| cards::told(view, event, own));
        }
    }
}

/// What is told, by the fact: what comes again with the same words is the same message.
fn occasion(trade: &Trade, event: &Event) -> String {
    let (state, disputes) = (trade.state.name(), trade.disputed_by.len());
    match event {
        Event::Joined { by } => format!("joined/{by}/{}", trade.version),
        Event::TurnedAway { person } => format!("turned_away/{person}/{}", trade.version),
        Event::Frozen { .. } | Event::Unfrozen { .. } => format!("stopped/{state}/{}", trade.version),
        Event::Authorised { .. } => "authorised".into(),
        Event::Withdrawn { .. } => format!("undisputed/{disputes}"),
        Event::Ruled { .. } => format!("ruled/{disputes}"),
        _ => format!("{state}/{disputes}"),
    }
}

fn is_told(desk: &Desk<'_>, trade: TradeId, group: ConversationId) -> bool {
    let own = desk.found.rooms.get(&group).is_some_and(|row| row.trade == Some(trade));
    own || desk.found.offered.contains(&(trade, group))
}

/// Whether whoever comes may take it.
fn is_open(trade: &Trade) -> bool {
    let invited = matches!(trade.terms.counterparty, Counterparty::Invited(_));
    invited && matches!(trade.state, State::Proposed { .. }) && trade.joiner.is_none()
}

fn by_code<'d>(desk: &'d Desk<'_>, code: &str) -> Option<&'d Trade> {
    desk.found.trades.values().find(|trade| trade.code == code)
}

fn person(desk: &Desk<'_>, id: UserId) -> Option<Person> {
    desk.found.persons.get(&id).map(|row| row.person.clone()).filter(|person| !person.number.is_empty())
}

fn bot_link(desk: &Desk<'_>) -> String {
    link::bot(desk.shop.house.bot)
}

/// Shows a page about a trade to a whole group.
pub(super) fn show(
    desk: &mut Desk<'_>,
    cause: Cause<'_>,
    group: ConversationId,
    trade: TradeId,
    page: impl FnOnce(&View<'_>) -> Vec<Post>,
) {
    let lang = desk.found.rooms.get(&group).map(|row| row.lang).unwrap_or_default();
    let posts = pages::read(desk, trade, lang, page);
    say(desk, cause, group, None, posts);
}

fn say(desk: &mut Desk<'_>, cause: Cause<'_>, conversation: ConversationId, member: Option<UserId>, posts: Vec<Post>) {
    pages::say(desk, cause, Audience::Group { conversation, member }, posts);
}

/// A group's row, to be written.
pub(super) fn keep(desk: &mut Desk<'_>, row: RoomRow) {
    desk.changes.rooms.push(row.clone());
    desk.found.rooms.insert(row.conversation, row);
}

/// Whether the draft somebody is at was begun in a group is forgotten when they begin another, or drop it.
pub(super) fn forget_draft(desk: &mut Desk<'_>, by: UserId, begins: bool) {
    let row = desk.person_mut(by);
    if begins || row.dialog == Dialog::Idle {
        row.group = None;
    }
}
