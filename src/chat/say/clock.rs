//! The time somebody has: what is said of it, and more of it.

use super::{Money, Until, Who};
use crate::time::Millis;
use crate::trade::plan::Kind;

/// Whose time it is: what they do in it, who gains by its end and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Who delivers or checks.
    pub late: Who,
    /// Who may take the money when it is over, and may give more time.
    pub taker: Who,
    /// Release: the time is to check. Refund: to deliver.
    pub kind: Kind,
    /// What the taker would get.
    pub money: Money,
    pub until: Until,
}

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockLine {
    /// To whoever loses by it: so much is left.
    Reminder(Clock),
    /// To the same: it is over.
    TimeUp(Clock),
    /// The taker gave more.
    Extended(Clock),
    /// To the taker: how much more?
    Ask(Clock),
    /// To the same: so much, is that meant?
    Sure { clock: Clock, more: Millis },
    /// What the end of the time brings.
    Then(Clock),
    /// It is over, and the right is not there: why not yet.
    Unproved(Clock),
    /// The same while the operator has not agreed to a jump of the clock.
    Halted(Clock),
    /// An older copy of what the bot knew was put back: some of what was said is lost, and the time starts anew.
    Anew(Option<Until>),
}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockFact {
    Reminded {
        left: Millis,
    },
    /// That it is over was said.
    TimeUp,
    /// Mixin took that message.
    Warned,
    /// Or would not.
    Unwarned,
    Extended {
        by: Who,
        left: Millis,
    },
    /// After a restore: read again, and the time started anew.
    Anew,
}
