//! Whom one deals with: trade cards, records, limits, and talk that comes too fast.

use super::{Money, Who};
use crate::chat::danger::Danger;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::terms::Role;

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustLine {
    /// How somebody has traded here; said before consent.
    Record {
        of: Who,
        sums: Sums,
    },
    /// No trade was settled between the reader and this person; said when that somebody has a record.
    FirstWith(Who),
    /// They have settled one.
    AgainWith(Who),
    /// A name like the bot's, or one that claims an office.
    LikeBot {
        name: Who,
        number: String,
    },
    /// A name like that of somebody the reader knows.
    LikeOther {
        name: Who,
        known: Who,
    },
    /// The price is far above what this person settled before.
    PriceJump {
        of: Who,
        most: Money,
    },
    /// What must never be given away.
    Danger(Danger),
    /// A pasted link to pay by is not of this person's trades.
    PayLink,
    /// To who paid: it is locked, and nothing more is asked for.
    PaidAlready {
        money: Money,
    },
    /// They talk too fast.
    Slower {
        wait: Millis,
    },
    // The card.
    Forward,
    /// Before both have agreed.
    CardLater,
    CardSide {
        role: Role,
        name: String,
        number: String,
    },
    CardPrice {
        amount: Amount,
        label: String,
    },
    CardDate {
        stamp: String,
    },
    CardBot {
        number: String,
    },
    // What a pasted card is.
    Genuine {
        stamp: String,
        code: String,
    },
    /// Only what is between its first line and its seal.
    OnlyBetween,
    /// It stands as the card says.
    Unchanged,
    /// The state of the card, and of now.
    Since {
        then: String,
        now: String,
    },
    /// Whoever asks is no party: nothing of now is told.
    NotParty,
    /// The seal does not fit. What differs, as far as the reader may know it.
    Altered(Vec<Differs>),
    /// Another key's seal.
    NotMine,
    Cut,
    Several,
    // What a code is.
    Yours {
        code: String,
    },
    Others {
        code: String,
    },
    NoTrade {
        code: String,
    },
    /// Who speaks.
    Me {
        number: String,
    },
    // People to keep away.
    BlockHow,
    Blocks(Vec<Who>),
    Blocked(Who),
    Unblocked(Who),
    /// Nobody of that number whom the reader has to do with.
    BlockWhom,
    BlockFull {
        most: usize,
    },
    // After the end.
    HowWasIt(Who),
    Rated {
        of: Who,
        good: bool,
    },
}

/// A record in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    pub bought: u32,
    pub sold: u32,
    pub good: u32,
    pub bad: u32,
    pub ruled_against: u32,
    /// Server time since when somebody of this id is known.
    pub since: Option<Millis>,
}

/// What differs between a card and its trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// With what it is in truth.
    Side {
        role: Role,
        name: String,
        number: String,
    },
    Price(String),
    Bot(String),
    /// Nothing of these: state, amount, date or the words between.
    Other,
}

/// A limit of one trade, person or day, that keeps something new from being agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    PriceMin(Money),
    /// What the reader's trades lock already, and may.
    Locked {
        used: Money,
        most: Money,
    },
    /// The same of the other side, whose numbers are their own.
    OtherLocked,
    /// `free`: server time at which counting begins anew.
    Proposed {
        used: u32,
        most: u32,
        free: Millis,
    },
    Agreed {
        used: u32,
        most: u32,
        free: Millis,
    },
    /// So many proposals of the reader's wait for the same person's answer.
    Waiting {
        most: usize,
    },
    /// So many of anybody's do.
    Crowded,
}

/// What stands on buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustLabel {
    Card,
    Block,
    Good,
    Bad,
}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustFact {
    Rated { by: Who, good: bool },
}
