//! A trade's own room: a group of buyer, seller and bot. What binds stays in everybody's own chat; the room hears how the
//! trade goes on, and is warned of strangers. It is never made twice: its id is derived from the trade, and looked for
//! before it is made (rule 7).

use serde_json::json;

use super::desk::Desk;
use super::groups::{self, keep};
use super::input::Purpose;
use super::jobs::{FindBody, RoomBody, RoomSaid, RoomWork, Whom};
use super::pages::{self, Cause, lang};
use crate::chat::cards::group as cards;
use crate::chat::say::group::RoomLine;
use crate::id::{ConversationId, JobId, TradeId, UserId};
use crate::kernel::derive::group_conversation;
use crate::mixin::blaze::InboundMessage;
use crate::mixin::conversation::Membership;
use crate::mixin::link;
use crate::store::{JobRow, Kind, RoomRow};
use crate::trade::{Role, Trade};

#[cfg(test)]
mod tests;

/// A party asks for the room of a trade.
pub(super) fn ask(desk: &mut Desk<'_>, cause: Cause<'_>, by: UserId, trade: TradeId) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let both = parties(row);
    let there = of(desk, trade).cloned();
    match there {
        Some(room) if room.gone => tell(desk, cause, trade, by, RoomLine::Lost, None),
        Some(room) => tell_of(desk, cause, &room, trade, by, false),
        None if both.len() == 2 && !row.state.is_end() => {
            make(desk, trade, by, both, Vec::new());
            tell(desk, cause, trade, by, RoomLine::Coming, None);
        }
        None => tell(desk, cause, trade, by, RoomLine::NotNow, None),
    }
}

/// Lets somebody into the room of a trade, where there is one: a judge who has taken the case, say. Whoever is let in
/// is no stranger there from now on.
pub(super) fn join(desk: &mut Desk<'_>, trade: TradeId, person: UserId) {
    let Some(room) = of(desk, trade).filter(|room| !room.gone).cloned() else { return };
    if room.members.contains(&person) {
        return;
    }
    let conversation = room.conversation;
    let mut row = room;
    row.members.push(person);
    row.absent.push(person);
    keep(desk, row);
    queue(desk, trade, &format!("admit/{person}"), &RoomBody { conversation, what: RoomWork::Admit { person } });
}

/// Somebody who was let in has no part in the trade any more; who is there hears so.
pub(super) fn part(desk: &mut Desk<'_>, trade: &Trade, person: UserId) {
    let Some(mut room) = of(desk, trade.id).filter(|room| room.members.contains(&person)).cloned() else { return };
    let is_in = !room.absent.contains(&person);
    room.members.retain(|member| *member != person);
    room.absent.retain(|member| *member != person);
    let (conversation, gone) = (room.conversation, room.gone);
    keep(desk, room);
    if is_in && !gone {
        let purpose = format!("parted/{person}/{}", trade.version);
        let cause = Cause { id: conversation.0, purpose: &purpose };
        groups::show(desk, cause, conversation, trade.id, |view| cards::came(view, person, false));
    }
}

/// The group that an answer to a job is about.
pub(super) fn of_job(job: &JobRow) -> Option<ConversationId> {
    match job.kind {
        Kind::Room => RoomBody::of(job).map(|body| body.conversation),
        Kind::Post => job.body.get("conversation_id")?.as_str()?.parse().ok(),
        _ => None,
    }
}

fn parties(trade: &Trade) -> Vec<UserId> {
    let agreed = trade.parties.is_some();
    [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role).filter(|_| agreed)).collect()
}

fn of<'d>(desk: &'d Desk<'_>, trade: TradeId) -> Option<&'d RoomRow> {
    desk.found.rooms.values().find(|room| room.trade == Some(trade))
}

fn make(desk: &mut Desk<'_>, trade: TradeId, by: UserId, members: Vec<UserId>, without: Vec<UserId>) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let random = desk.shop.keys.ids.uuid(trade.0, "room", 0);
    let name = cards::room_name(row);
    let conversation = group_conversation(desk.shop.house.bot, &name, &members, random);
    let body = RoomBody { conversation, what: RoomWork::Make { random, name, by, members, without } };
    queue(desk, trade, &format!("room/{conversation}"), &body);
}

fn queue(desk: &mut Desk<'_>, trade: TradeId, purpose: &str, body: &RoomBody) {
    desk.job(JobRow {
        id: JobId(desk.shop.keys.ids.uuid(trade.0, purpose, 0)),
        kind: Kind::Room,
        lane: format!("room/{trade}"),
        trade: Some(trade),
        run_at: desk.now,
        tries: 0,
        refusals: 0,
        body: json!(body),
    });
}

/// What came of making a room, or of letting somebody in.
pub(super) fn take(desk: &mut Desk<'_>, job: &JobRow, said: RoomSaid) {
    let (Some(trade), Some(RoomBody { conversation, what })) = (job.trade, RoomBody::of(job)) else { return };
    let cause = Cause { id: job.id.0, purpose: "room" };
    match (what, said) {
        (RoomWork::Make { by, .. }, RoomSaid::Stands { members, link }) => {
            stands(desk, trade, conversation, by, &members, link);
        }
        (RoomWork::Make { by, .. }, RoomSaid::Closed) => {
            keep(desk, RoomRow { trade: Some(trade), gone: true, ..RoomRow::new(conversation) });
            tell(desk, cause, trade, by, RoomLine::Lost, None);
        }
        // With whoever takes invitations; the other joins by the link, if they like.
        (RoomWork::Make { by, members, without, .. }, RoomSaid::Unwilling) => {
            match (members.as_slice(), without.as_slice()) {
                ([one, other], _) => {
                    let other = if *one == by { *other } else { *one };
                    make(desk, trade, by, vec![by], vec![other]);
                }
                ([one], [other]) if *one == by => make(desk, trade, by, vec![*other], vec![by]),
                _ => tell(desk, cause, trade, by, RoomLine::Nobody, None),
            }
        }
        (RoomWork::Admit { person }, RoomSaid::Unwilling | RoomSaid::Closed) => {
            let link = desk.found.rooms.get(&conversation).and_then(|room| room.link.clone());
            if link.is_some() {
                tell(desk, cause, trade, person, RoomLine::JoinIt, link);
            }
        }
        (RoomWork::Admit { .. }, RoomSaid::Stands { .. }) => {}
    }
}

fn stands(
    desk: &mut Desk<'_>,
    trade: TradeId,
    conversation: ConversationId,
    by: UserId,
    inside: &[UserId],
    link: Option<String>,
) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let members = parties(row);
    let absent = members.iter().copied().filter(|member| !inside.contains(member)).collect();
    let room = RoomRow {
        trade: Some(trade),
        lang: lang(desk, by),
        members: members.clone(),
        absent,
        link,
        ..RoomRow::new(conversation)
    };
    keep(desk, room.clone());
    let cause = Cause { id: conversation.0, purpose: "room" };
    groups::show(desk, cause, conversation, trade, cards::room);
    for member in members {
        tell_of(desk, cause, &room, trade, member, true);
    }
    // Who took the case before there was a room.
    let judge = desk.found.trades.get(&trade).and_then(|row| row.open_case()?.judge());
    if let Some(judge) = judge {
        join(desk, trade, judge);
    }
}

/// How somebody gets into the room. `new`: it was just made.
fn tell_of(desk: &mut Desk<'_>, cause: Cause<'_>, room: &RoomRow, trade: TradeId, to: UserId, new: bool) {
    let opens = Some(link::conversation(room.conversation));
    match (room.absent.contains(&to), room.link.clone()) {
        (true, Some(link)) => tell(desk, cause, trade, to, RoomLine::JoinIt, Some(link)),
        // Nothing lets them in: the trade goes on without.
        (true, None) => {}
        (false, _) if new && !room.absent.is_empty() => tell(desk, cause, trade, to, RoomLine::OtherJoins, opens),
        (false, _) => tell(desk, cause, trade, to, RoomLine::Stands, opens),
    }
}

fn tell(desk: &mut Desk<'_>, cause: Cause<'_>, trade: TradeId, to: UserId, line: RoomLine, way: Option<String>) {
    pages::show(desk, cause, trade, to, |view| cards::of_room(view, line, way));
}

// ---- who comes and goes

/// The system says that the members of a group are others now.
pub(super) fn changed(desk: &mut Desk<'_>, message: &InboundMessage) {
    let Some(Membership { who, came }) = Membership::read(&message.data) else { return };
    let conversation = message.conversation_id;
    if who == desk.shop.house.bot {
        return if came { groups::entered(desk, message) } else { lost(desk, conversation) };
    }
    let Some(room) = desk.found.rooms.get(&conversation).filter(|room| !room.gone).cloned() else { return };
    let Some(trade) = room.trade else { return };
    let belongs = room.members.contains(&who);
    let was_in = belongs && !room.absent.contains(&who);
    let cause = Cause { id: message.message_id.0, purpose: "room" };
    match (belongs, came) {
        (true, true) if !was_in => {
            let absent = room.absent.iter().copied().filter(|person| *person != who).collect();
            keep(desk, RoomRow { absent, ..room });
            groups::show(desk, cause, conversation, trade, |view| cards::came(view, who, true));
        }
        (true, false) if was_in => {
            let mut room = room;
            room.absent.push(who);
            keep(desk, room);
            groups::show(desk, cause, conversation, trade, |view| cards::left(view, who));
        }
        (false, true) => ask_who(desk, message, who),
        _ => {}
    }
}

/// A stranger is warned of by name.
fn ask_who(desk: &mut Desk<'_>, message: &InboundMessage, who: UserId) {
    let id = JobId(desk.shop.keys.ids.uuid(message.message_id.0, "newcomer", 0));
    let purpose = Purpose::Newcomer { room: message.conversation_id, person: who };
    desk.find(id, &id, &FindBody { whom: Whom::Id(who), purpose });
}

/// It is known who came into a trade's room, or that nobody can tell.
pub(super) fn stranger(desk: &mut Desk<'_>, job: JobId, conversation: ConversationId, person: UserId) {
    let room = desk.found.rooms.get(&conversation).filter(|room| !room.gone && !room.members.contains(&person));
    if let Some(trade) = room.and_then(|room| room.trade) {
        let cause = Cause { id: job.0, purpose: "stranger" };
        groups::show(desk, cause, conversation, trade, |view| cards::came(view, person, false));
    }
}

/// The bot is no longer in a group: nothing is said there any more, and the two of a trade's room hear it.
pub(super) fn lost(desk: &mut Desk<'_>, conversation: ConversationId) {
    let Some(room) = desk.found.rooms.get(&conversation).filter(|room| !room.gone).cloned() else { return };
    desk.changes.left.push(conversation);
    // What this batch did there before is left behind too.
    desk.changes.rooms.retain(|row| row.conversation != conversation);
    desk.changes.offered.retain(|(_, group)| *group != conversation);
    desk.found.offered.retain(|(_, group)| *group != conversation);
    let Some(trade) = room.trade else {
        desk.found.rooms.remove(&conversation);
        return;
    };
    let parties = desk.found.trades.get(&trade).map(parties).unwrap_or_default();
    keep(desk, RoomRow { gone: true, ..room });
    let cause = Cause { id: conversation.0, purpose: "room_lost" };
    for party in parties {
        tell(desk, cause, trade, party, RoomLine::Lost, None);
    }
}
