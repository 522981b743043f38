//! What the parties say of each other once a trade is settled: a word each, once. It moves nothing and delays nothing
//! (design §3 rule 11).
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use crate::id::UserId;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::event::Event;
use crate::trade::state::{State, Trade};

pub(super) fn rate(draft: &mut Draft<'_>, by: UserId, good: bool) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if trade.role_of(by).is_none() {
        return Err(Refusal::NotYours);
    }
    match trade.state {
        State::Settled { .. } if trade.rated.contains(&by) => Err(Refusal::Already),
        State::Settled { .. } => {
            draft.push(Event::Rated { by, good });
            Ok(())
        }
        State::Declined | State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. } => {
            Err(Refusal::TooLate)
        }
        State::Proposed { .. }
        | State::AwaitingPayment { .. }
        | State::Funded { .. }
        | State::Delivered { .. }
        | State::Disputed { .. }
        | State::Settling { .. } => Err(Refusal::TooEarly),
    }
}

impl Trade {
    /// Whether this person may still say how it was.
    #[must_use]
    pub fn may_rate(&self, person: UserId) -> bool {
        let settled = matches!(self.state, State::Settled { .. });
        settled && self.role_of(person).is_some() && !self.rated.contains(&person)
    }
}
