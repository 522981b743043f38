//! What is said in groups and trade rooms, and to people about them. What stands here is for everybody's eyes: no link
//! but the bot's own, no token ([`public`](crate::chat::group::public) looks once more).

use crate::chat::cards::{Page, link_button, say_button, who};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::group::{GroupLine, RoomLine, Step};
use crate::chat::say::{GroupLabel, Label, Lang, Line, Money, Title, Who};
use crate::chat::{Button, Colour, Dialog, House, Person, Post, View, text};
use crate::id::UserId;
use crate::trade::plan::Authority;
use crate::trade::{Counterparty, Event, Right, Role, State, Trade};

/// How one speaks to the bot here, on joining and on "help".
#[must_use]
pub fn usage(house: &House, lang: Lang) -> Vec<Post> {
    lines([GroupLine::Usage { number: house.bot_number.clone() }, GroupLine::NeverHere], None, lang)
}

/// To one member: that was not understood.
#[must_use]
pub fn not_understood(house: &House, lang: Lang) -> Vec<Post> {
    lines([GroupLine::NotUnderstood, GroupLine::Usage { number: house.bot_number.clone() }], None, lang)
}

/// Somebody began to write a trade; `reachable`: they were asked to confirm it in their own chat.
#[must_use]
pub fn wants(person: Option<Person>, dialog: &Dialog, reachable: bool, bot_link: &str, lang: Lang) -> Vec<Post> {
    let person = who(person, Who::Stranger);
    let (role, item, price) = match dialog {
        Dialog::Draft(draft) => {
            let price = Money { amount: draft.price, symbol: draft.asset.symbol.clone() };
            (Some(draft.role), Some(draft.item.clone()), Some(price))
        }
        Dialog::Price { role, item, .. } => (Some(*role), Some(item.clone()), None),
        Dialog::Item { role, .. } => (Some(*role), None, None),
        Dialog::Idle | Dialog::Split { .. } | Dialog::Evidence { .. } | Dialog::Ruling { .. } => (None, None, None),
    };
    let item = item.map(|item| text::quoted(&item));
    let wants = role.map(|role| GroupLine::Wants { who: person.clone(), role, item, price });
    let next = match (reachable, &wants) {
        (false, _) => GroupLine::Unreachable { who: person },
        (true, Some(_)) => GroupLine::Confirms { who: person },
        (true, None) => GroupLine::WroteTo { who: person },
    };
    let way = (!reachable).then(|| write_to_me(bot_link, lang));
    lines(wants.into_iter().chain([next, GroupLine::NeverHere]), way, lang)
}

/// The answer is in their own chat, or would be if the bot could write to them.
#[must_use]
pub fn wrote(person: Option<Person>, reachable: bool, bot_link: &str, lang: Lang) -> Vec<Post> {
    let who = who(person, Who::Stranger);
    if reachable {
        return lines([GroupLine::WroteTo { who }], None, lang);
    }
    lines([GroupLine::Unreachable { who }], Some(write_to_me(bot_link, lang)), lang)
}

/// To one member: that is somebody else's.
#[must_use]
pub fn not_yours(view: &View<'_>) -> Vec<Post> {
    let trade = view.trade;
    let whose = match trade.state {
        State::Proposed { .. } => vec![view.who(trade.terms.proposer)],
        _ => [Role::Buyer, Role::Seller].map(|role| view.side(role)).to_vec(),
    };
    lines([GroupLine::NotYours { whose }], None, view.lang)
}

/// To the writer of a draft, in their own chat: where it will be shown.
#[must_use]
pub fn confirm_here(lang: Lang) -> Vec<Post> {
    lines([GroupLine::ConfirmHere], None, lang)
}

fn write_to_me(bot_link: &str, lang: Lang) -> Button {
    link_button(lang, &Label::WriteToMe, Colour::Go, bot_link.to_owned())
}

fn lines(lines: impl IntoIterator<Item = GroupLine>, button: Option<Button>, lang: Lang) -> Vec<Post> {
    let lines: Vec<Line> = lines.into_iter().map(Line::Group).collect();
    let text = Post::Text(Page::new(lang, Title::Trade).lines(&lines).text.join("\n"));
    std::iter::once(text).chain(button.map(|button| Post::Buttons(vec![button]))).collect()
}

/// The card of an offer, as it stands in the group.
#[must_use]
pub fn offer(view: &View<'_>) -> Vec<Post> {
    let terms = &view.trade.terms;
    let offers = GroupLine::Offers {
        who: view.who(terms.proposer),
        role: terms.role,
        item: text::quoted(&terms.item),
        price: Money { amount: terms.price, symbol: terms.asset.label() },
    };
    let says = |label, colour, word| view.says(&Label::Group(label), colour, word);
    let (to, button) = match terms.counterparty {
        Counterparty::Named(to) => (GroupLine::OffersTo { to: view.who(to) }, None),
        Counterparty::Invited(_) => (GroupLine::AnybodyMay, Some(says(GroupLabel::SeeOffer, Colour::Go, Word::Join))),
    };
    let how = say_button(view.lang, &Label::HowItWorks, Colour::Plain, &Typed::alone(Word::Help));
    page(view, [offers, to])
        .buttons(button)
        .buttons([how, says(GroupLabel::Withdraw, Colour::Stop, Word::Cancel)])
        .posts()
}

/// Somebody looks at the terms.
#[must_use]
pub fn looks(view: &View<'_>, by: UserId) -> Vec<Post> {
    vec![Post::Text(page(view, [GroupLine::Looks { who: view.who(by) }]).text.join("\n"))]
}

/// How it stands, for everybody.
#[must_use]
pub fn standing(view: &View<'_>) -> Vec<Post> {
    let step = match view.trade.state {
        _ if view.is_stopped() => Step::Stopped,
        State::Proposed { .. } if view.trade.joiner.is_none() => return offer(view),
        State::Proposed { .. } => taken(view),
        State::AwaitingPayment { .. } => Step::Agreed,
        State::Funded { .. } => Step::Locked,
        State::Delivered { .. } => Step::Delivered,
        State::Disputed { .. } if view.trade.ruling().is_some() => {
            let defaulted = view.trade.case.as_ref().is_some_and(|case| case.defaulted);
            if defaulted { Step::Defaulted } else { Step::Ruled }
        }
        State::Disputed { .. } => Step::Disputed,
        State::Settling { .. } => Step::Settling,
        State::Settled { .. } => Step::Settled,
        State::SettledElsewhere { .. } => Step::Elsewhere,
        State::Declined => Step::Declined,
        State::Cancelled { .. } => Step::Cancelled,
        State::Expired => Step::Expired,
    };
    told_of(view, step)
}

fn taken(view: &View<'_>) -> Step {
    let by = view.trade.joiner.map_or(Who::Stranger, |joiner| view.who(joiner));
    Step::Taken { by, asked: view.who(view.trade.terms.proposer) }
}

/// What everybody may know of an event; nothing, for most. `own`: in the trade's own room, where the two may read more
/// than a crowd.
#[must_use]
pub fn told(view: &View<'_>, event: &Event, own: bool) -> Vec<Post> {
    let step = match event {
        // Found spent already, after the database was put back: nobody shall read that it is locked.
        Event::Funded { .. } if view.trade.is_emptied() => return Vec::new(),
        Event::Joined { .. } => taken(view),
        Event::TurnedAway { .. } => Step::OpenAgain,
        Event::Accepted { .. } => Step::Agreed,
        Event::Declined { .. } => Step::Declined,
        Event::Cancelled { .. } => Step::Cancelled,
        Event::Expired => Step::Expired,
        Event::Funded { .. } => Step::Locked,
        Event::Authorised { authority, .. } if *authority != Authority::NotOwed => Step::Settling,
        Event::Settled { .. } => Step::Settled,
        Event::SettledElsewhere { .. } => Step::Elsewhere,
        Event::Delivered { .. } if own => Step::Delivered,
        Event::Disputed { .. } if own => Step::Disputed,
        Event::Withdrawn { .. } if own => Step::Undisputed,
        Event::Ruled { .. } if own => Step::Ruled,
        Event::Elapsed { right: Right::Ruled(_) } if own => Step::Defaulted,
        Event::Frozen { .. } if own => Step::Stopped,
        Event::Unfrozen { .. } if own => Step::GoesOn,
        _ => return Vec::new(),
    };
    told_of(view, step)
}

fn told_of(view: &View<'_>, step: Step) -> Vec<Post> {
    let open = matches!(step, Step::OpenAgain);
    let see = open.then(|| view.says(&Label::Group(GroupLabel::SeeOffer), Colour::Go, Word::Join));
    let status = (!view.trade.state.is_end() && !open).then(|| view.status_button());
    page(view, [GroupLine::Step(step)]).buttons(see.into_iter().chain(status)).posts()
}

/// Head, lines, and that no money is asked for here.
fn page<const N: usize>(view: &View<'_>, said: [GroupLine; N]) -> Page {
    let said: Vec<Line> = said.into_iter().chain([GroupLine::NeverHere]).map(Line::Group).collect();
    Page::about(view, Title::Group).lines(&said)
}

// ---- a trade's own room

/// The first words in it.
#[must_use]
pub fn room(view: &View<'_>) -> Vec<Post> {
    let of = GroupLine::RoomOf { buyer: view.side(Role::Buyer), seller: view.side(Role::Seller) };
    page(view, [of]).button(view.status_button()).posts()
}

/// Somebody came; a stranger is warned of.
#[must_use]
pub fn came(view: &View<'_>, person: UserId, belongs: bool) -> Vec<Post> {
    let who = view.who(person);
    let line = if belongs { GroupLine::Came { who } } else { GroupLine::Stranger { who } };
    vec![Post::Text(page(view, [line]).text.join("\n"))]
}

/// Somebody who belongs there left.
#[must_use]
pub fn left(view: &View<'_>, person: UserId) -> Vec<Post> {
    vec![Post::Text(page(view, [GroupLine::Left { who: view.who(person) }]).text.join("\n"))]
}

/// To a person, in their own chat, of the room. `way` opens it, or lets them join it.
#[must_use]
pub fn of_room(view: &View<'_>, line: RoomLine, way: Option<String>) -> Vec<Post> {
    let label = if line == RoomLine::JoinIt { GroupLabel::JoinRoom } else { GroupLabel::OpenRoom };
    let button = way.map(|way| link_button(view.lang, &Label::Group(label), Colour::Go, way));
    let status = view.trade.role_of(view.viewer).map(|_| view.status_button());
    Page::about(view, Title::Trade).line(&Line::Group(GroupLine::Room(line))).buttons(button).buttons(status).posts()
}

/// The name of a trade's room.
#[must_use]
pub fn room_name(trade: &Trade) -> String {
    format!("Trade {}", trade.code)
}

/// The button that makes the room, where it may be made.
pub(super) fn room_button(view: &View<'_>) -> Option<Button> {
    let may = match view.trade.state {
        State::AwaitingPayment { .. } => true,
        State::Funded { until } => !view.is_over(until),
        _ => false,
    };
    (may && !view.is_stopped()).then(|| view.says(&Label::Group(GroupLabel::MakeRoom), Colour::Plain, Word::Room))
}
