//! When a trade wants attention by itself: pure functions of the row.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use crate::time::Millis;
use crate::trade::order::{Order, Progress};
use crate::trade::plan::Kind;
use crate::trade::sight::AGREE;
use crate::trade::state::{State, Trade};

/// The service time of the next wake, if time alone can change this trade.
#[must_use]
pub fn next(trade: &Trade) -> Option<Millis> {
    match trade.state {
        State::Proposed { until } | State::AwaitingPayment { until } => Some(until),
        // The rights by time of Funded and Delivered are taken by a person, never by the clock alone: it only reminds.
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } => {
            let offer = trade.offered_split().and_then(|plan| plan.offer).map(|offer| offer.until);
            offer.into_iter().chain(trade.next_reminder()).chain(trade.next_in_case()).min()
        }
        State::Settling { .. }
        | State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => None,
    }
}

/// Until when money for this trade may still be looked for: for ever while it is open, owes a return or is asked about a
/// deposit, else a week after it was last stirred, with a day to spare. Server time.
#[must_use]
pub fn watched_until(trade: &Trade) -> Millis {
    let returns = trade.plans.iter().any(|plan| plan.kind == Kind::Return && plan.lives());
    if !trade.state.is_end() || trade.claim.is_some() || returns {
        return Millis(i64::MAX);
    }
    trade.stirred.plus(Millis(9 * DAY))
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// A little more than two looks must be apart to agree.
const DOUBT: Millis = Millis(AGREE.0 + SECOND);

/// How long to wait between two looks at the vault, by how much anybody cares (design §7, "Looking");
/// `None`: never again. `now` is server time, like [`Trade::stirred`].
#[must_use]
pub fn look_every(trade: &Trade, now: Millis) -> Option<Millis> {
    trade.parties?;
    let quiet = now.since(trade.stirred).0;
    // Something waits for a second look to agree, a little later.
    let unpaid = matches!(trade.state, State::AwaitingPayment { .. }) && trade.link_used_since.is_some();
    if unpaid || trade.plans.iter().any(|plan| plan.lives() && plan.missing_since.is_some()) {
        return Some(DOUBT);
    }
    let returning = trade.living(Kind::Return).is_some();
    let every = match trade.state {
        State::Proposed { .. } | State::Declined => return None,
        _ if quiet < 2 * MINUTE && (returning || !trade.state.is_end()) => SECOND,
        State::AwaitingPayment { .. } if quiet < 15 * MINUTE => 3 * SECOND,
        State::AwaitingPayment { .. } => 15 * SECOND,
        // A lock that is to be taken away soon, or became a payment.
        _ if trade.state.is_open() && trade.is_held() => 15 * SECOND,
        State::Delivered { .. } | State::Settling { .. } => 30 * SECOND,
        // Spent already: whose transaction it was shows as soon as the payloads are built.
        State::Funded { .. } | State::Disputed { .. } if trade.is_emptied() => 3 * SECOND,
        // Somebody has a right to sign, or is about to.
        State::Funded { .. } | State::Disputed { .. } if trade.right.is_some() || trade.wanted.is_some() => 30 * SECOND,
        // The time is over: a right may stand as soon as the vault was read again.
        State::Funded { .. } | State::Disputed { .. } if trade.ran_out(now).is_some() => 30 * SECOND,
        State::Funded { .. } | State::Disputed { .. } => 10 * MINUTE,
        // A payment may have been on its way when the trade ended: it is found, and goes back, soon.
        _ if quiet < 2 * MINUTE => 3 * SECOND,
        State::Cancelled { .. } | State::Expired if quiet < 60 * MINUTE => 15 * SECOND,
        _ if returning => 10 * MINUTE,
        State::Settled { .. } | State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. }
            if quiet < 8 * DAY =>
        {
            DAY
        }
        State::Settled { .. } | State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. } => {
            return None;
        }
    };
    Some(Millis(every))
}

/// How long to wait between two questions to MixPay about an order, by how much anybody cares; `None`: nobody looks.
/// It is asked once more when the order can no longer be paid. `now` is server time.
#[must_use]
pub fn ask_every(trade: &Trade, order: &Order, now: Millis) -> Option<Millis> {
    let waits = matches!(trade.state, State::AwaitingPayment { .. });
    if !waits || order.over || order.opened.is_none() || order.progress == Progress::Moved {
        return None;
    }
    let quiet = now.since(trade.stirred).0;
    let every = match (order.under_way(), quiet) {
        (_, quiet) if quiet < 2 * MINUTE => 5 * SECOND,
        (true, quiet) if quiet < 15 * MINUTE => 10 * SECOND,
        (true, _) => MINUTE,
        (false, quiet) if quiet < 15 * MINUTE => 20 * SECOND,
        (false, _) => return None,
    };
    Some(Millis(every))
}
