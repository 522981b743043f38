//! What is said in groups, and of trade rooms.

use super::grammar::{any_of, capital, item_of, who};
use crate::chat::say::group::{GroupLine, RoomLine, Step};
use crate::trade::terms::Role;

pub(super) fn words(line: &GroupLine) -> String {
    match line {
        GroupLine::Usage { number } => format!(
            "I keep trades between two people safe. Here I read only what begins with @{number}, so write:\n\
             @{number} sell camera lens 100 USDT\n@{number} buy camera lens 100 USDT\n@{number} help\n\
             The offer stands here; whatever binds you is said in your own chat with me."
        ),
        GroupLine::NotUnderstood => "Sorry, I did not understand that.".to_owned(),
        GroupLine::NeverHere => {
            "I never ask for money here. The pay link comes only from me, in your own chat with me.".to_owned()
        }
        GroupLine::Wants { who: person, role, item, price } => {
            let verb = match role {
                Role::Buyer => "buy",
                Role::Seller => "sell",
            };
            let item = item.as_ref().map_or_else(|| "something".to_owned(), |item| item_of(item));
            let price = price.as_ref().map(|price| format!(", {price}")).unwrap_or_default();
            format!("{} wants to {verb}: {item}{price}.", capital(&who(person)))
        }
        GroupLine::Confirms { who: person } => {
            format!("I wrote to {} to confirm it. Until then nothing is offered.", who(person))
        }
        GroupLine::WroteTo { who: person } => format!("{}, I wrote to you in our own chat.", capital(&who(person))),
        GroupLine::Unreachable { who: person } => format!(
            "{}, I may not write to you yet. Open our chat with the button below, say hi, and we go on there.",
            capital(&who(person))
        ),
        GroupLine::NotYours { whose } => format!("That is for {}. Nothing has changed.", any_of(whose)),
        GroupLine::ConfirmHere => {
            "You began this in a group. Once you send it here, the offer is shown there.".to_owned()
        }
        GroupLine::Offers { who: person, role, item, price } => {
            let verb = match role {
                Role::Buyer => "buys",
                Role::Seller => "sells",
            };
            format!("{} {verb}: {} for {price}.", capital(&who(person)), item_of(item))
        }
        GroupLine::AnybodyMay => {
            "Anybody here may take it. The button shows you all the terms in your own chat with me; only what you \
             accept there binds."
                .to_owned()
        }
        GroupLine::OffersTo { to } => format!("It is for {}, who sees all the terms in the chat with me.", who(to)),
        GroupLine::Looks { who: person } => format!("{} is looking at the offer.", capital(&who(person))),
        GroupLine::Step(step) => step_of(step),
        GroupLine::RoomOf { buyer, seller } => format!(
            "This is the room of this trade. Buyer: {} · Seller: {}\nTalk here; I tell here how the trade goes on. All \
             buttons and links for money stay in your own chats with me.",
            who(buyer),
            who(seller)
        ),
        GroupLine::Room(line) => room(*line).to_owned(),
        GroupLine::Came { who: person } => format!("{} is here now.", capital(&who(person))),
        GroupLine::Stranger { who: person } => format!(
            "Careful: {} has no part in this trade and is in this room now. Pay nobody who asks for it here, whatever \
             the name or the picture.",
            who(person)
        ),
        GroupLine::Left { who: person } => {
            format!("{} has left this room. The trade goes on in your own chats with me.", capital(&who(person)))
        }
    }
}

fn step_of(step: &Step) -> String {
    match step {
        Step::Taken { by, asked } => {
            format!("{} wants to take it. Now {} says whether that is the right person.", capital(&who(by)), who(asked))
        }
        Step::OpenAgain => "The offer is open again.".to_owned(),
        Step::Agreed => "Both have agreed. The buyer pays next.".to_owned(),
        Step::Declined => "The offer was declined.".to_owned(),
        Step::Cancelled => "The offer was withdrawn, or the trade cancelled.".to_owned(),
        Step::Expired => "The time is over: this has ended.".to_owned(),
        Step::Locked => "The money is locked in the vault of three. The seller delivers next.".to_owned(),
        Step::Delivered => "The seller says it is delivered. The buyer checks it next.".to_owned(),
        Step::Disputed => {
            "One of them has a problem with it. The money stays where it is, and the clock stands still.".to_owned()
        }
        Step::Undisputed => "The call for a judge was taken back; the trade goes on.".to_owned(),
        Step::Defaulted => "Nobody ruled in time, so the terms decide. Whoever is paid by that signs next.".to_owned(),
        Step::Ruled => "A judge has ruled. Whoever is paid by it signs next.".to_owned(),
        Step::Settling => "It is signed. I check it and add the last signature.".to_owned(),
        Step::Settled => "Done: the money is paid out, and everybody concerned knows how.".to_owned(),
        Step::Elsewhere => "The two have moved the money by themselves, without me.".to_owned(),
        Step::Stopped => "I have stopped this trade; my operator is looking into it.".to_owned(),
        Step::GoesOn => "The trade goes on.".to_owned(),
    }
}

const fn room(line: RoomLine) -> &'static str {
    match line {
        RoomLine::Stands => "The room of this trade is there: you two and me. What counts stays here, in our own chat.",
        RoomLine::JoinIt => {
            "There is a room for this trade, and you take no invitations to groups. Join it with the button if you like; \
             what counts stays here, in our own chat."
        }
        RoomLine::OtherJoins => {
            "The room of this trade is there. The other takes no invitations to groups, so I sent them the link to join."
        }
        RoomLine::Coming => "I am making a room for this trade: you two and me. It appears in a moment.",
        RoomLine::Nobody => {
            "I could not make a room: you both take no invitations to groups. Change that in Messenger's settings, under \
             privacy, and ask again. The trade goes on as it is."
        }
        RoomLine::Lost => {
            "I am no longer in the room of this trade, and I make no second one. Do not trust what is said there about \
             money. The trade goes on here."
        }
        RoomLine::NotNow => "A trade has a room from the moment both have agreed until it is over.",
    }
}
