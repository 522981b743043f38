//! What is said in groups, and of trade rooms.

use super::{Money, Who};
use crate::trade::terms::Role;

/// A line about it. Said to everybody in a group unless its comment says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupLine {
    /// How to speak to the bot here; `number` is its Mixin ID.
    Usage {
        number: String,
    },
    /// To one member: that was not understood.
    NotUnderstood,
    /// Closes whatever is said of money here.
    NeverHere,
    /// What somebody asked for, since nobody else saw it. `item` and `price` as far as they are known.
    Wants {
        who: Who,
        role: Role,
        item: Option<String>,
        price: Option<Money>,
    },
    /// It is confirmed in their own chat.
    Confirms {
        who: Who,
    },
    WroteTo {
        who: Who,
    },
    /// The bot may not write to them first.
    Unreachable {
        who: Who,
    },
    /// To one member: a button, or a command, that is somebody else's.
    NotYours {
        whose: Vec<Who>,
    },
    /// To the writer of a draft, in their own chat.
    ConfirmHere,
    /// An offer anybody may take.
    Offers {
        who: Who,
        role: Role,
        item: String,
        price: Money,
    },
    AnybodyMay,
    /// An offer to one person.
    OffersTo {
        to: Who,
    },
    Looks {
        who: Who,
    },
    Step(Step),
    // A trade's own room.
    RoomOf {
        buyer: Who,
        seller: Who,
    },
    /// To the parties, in their own chat.
    Room(RoomLine),
    Came {
        who: Who,
    },
    /// Somebody who has no part in the trade.
    Stranger {
        who: Who,
    },
    Left {
        who: Who,
    },
}

/// What has become of a trade, as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody wants to take the offer; the one who made it must say yes.
    Taken {
        by: Who,
        asked: Who,
    },
    /// It was not the right one.
    OpenAgain,
    Agreed,
    Declined,
    Cancelled,
    Expired,
    Locked,
    Delivered,
    Disputed,
    Undisputed,
    Ruled,
    /// Nobody ruled: the terms decide.
    Defaulted,
    Settling,
    Settled,
    Elsewhere,
    Stopped,
    GoesOn,
}

/// To a party, of the trade's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomLine {
    /// It is there, and they are in it.
    Stands,
    /// They take no invitations: by the link they can join.
    JoinIt,
    /// The other has to join by the link.
    OtherJoins,
    /// It is being made.
    Coming,
    /// Neither takes invitations.
    Nobody,
    /// The bot is no longer in it, and makes no second one.
    Lost,
    /// Nobody has agreed to the trade yet, or it is over.
    NotNow,
}
