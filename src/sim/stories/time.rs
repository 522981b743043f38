//! What becomes of a trade whose people let the time run out: reminders, rights by time, more time.

use super::people::People;
use super::roads::A_MOMENT;
use super::{Ending, Stuck};
use crate::sim::auditor::Outcome;
use crate::sim::play::words;
use crate::time::Millis;

/// Half of the time to check, and of the time to deliver: three days and seven.
const HALF_CHECK: i64 = 36;
const HALF_DELIVER: i64 = 84;

impl People<'_> {
    /// Three quarters of the time are left, then a day, two hours, nothing: whoever loses by it hears each.
    fn time_runs_out(&mut self, who: &'static str, half: i64, what: &str) -> Result<(), Stuck> {
        for hours in [half, half - 24, 22] {
            self.ground.pass(Millis::from_hours(hours))?;
            self.sees(who, &format!("Your time to {what} is running"))?;
        }
        self.ground.pass(Millis::from_hours(2))?;
        self.sees(who, &format!("Your time to {what} was up")).map(drop)
    }
}

pub(super) fn inspection(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.time_runs_out("buyer", HALF_CHECK, "check")?;
    people.sees("seller", "you may take the release yourself")?;
    people.signs("seller", "Sign release")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["seller", "bot"])?]))
}

pub(super) fn not_delivered(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.time_runs_out("seller", HALF_DELIVER, "deliver")?;
    people.sees("buyer", "you may take the refund yourself")?;
    people.signs("buyer", "Sign refund")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Refund, &["buyer", "bot"])?]))
}

pub(super) fn late_delivered(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.ground.pass(Millis::from_hours(2 * HALF_DELIVER))?;
    people.sees("seller", "Your time to deliver was up")?;
    people.says("seller", &format!("delivered {code}"))?;
    people.sees("seller", "It is too late")?;
    people.sees("buyer", "you may take the refund yourself")?;
    people.taps("buyer", "Give more time")?;
    people.taps("buyer", "+3 days")?;
    people.sees("seller", "gave more time to deliver")?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

pub(super) fn downtime(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.ground.pass(Millis::from_hours(2 * HALF_CHECK - 1))?;
    people.sees("buyer", "Your time to check is running")?;
    // The deadline passes while nobody could have told the bot anything.
    people.ground.away(Millis::from_hours(HALF_CHECK))?;
    people.ground.pass(A_MOMENT)?;
    people.says("buyer", &format!("why {code}"))?;
    people.sees("buyer", "min left")?;
    for who in ["buyer", "seller"] {
        let told = |what: &str| people.shown(who).iter().any(|message| words(message).contains(what));
        if told("was up") || told("may take the release") {
            return Err(Stuck::Wrong(format!("the {who} was told that time is over, which nobody was there to use")));
        }
    }
    people.signs("buyer", "Sign release")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}
