//! The time somebody has.

use super::grammar::{capital, date, kind_of, length, time, who};
use crate::chat::say::clock::{Clock, ClockFact, ClockLine};
use crate::trade::plan::Kind;

const fn task(kind: Kind) -> &'static str {
    match kind {
        Kind::Refund => "deliver",
        Kind::Release | Kind::Split | Kind::Return => "check",
    }
}

pub(super) fn words(line: &ClockLine) -> String {
    match line {
        ClockLine::Reminder(clock @ Clock { kind: Kind::Refund, .. }) => format!(
            "Your time to deliver is running: {}\nNext: deliver, then tap \"I have delivered\". If you do not, {} may take \
             the refund when the time is over, {}. If you need longer, ask for it before then: only they can give it.",
            time(&clock.until),
            who(&clock.taker),
            clock.money
        ),
        ClockLine::Reminder(clock) => format!(
            "Your time to check is running: {}\nNext: if all is well, sign the release. If not, say so before the time is \
             over. If you do nothing, {} may then take the release, {}.",
            time(&clock.until),
            who(&clock.taker),
            clock.money
        ),
        ClockLine::TimeUp(clock) => format!(
            "Your time to {} was up on {}. If you do nothing, {} may take the {}: {}. That needs nothing more from you, and \
             it cannot be undone.\nNext: if you do not want that, agree with each other now; {} can still give you more time.",
            task(clock.kind),
            date(clock.until.date),
            who(&clock.taker),
            kind_of(clock.kind),
            clock.money,
            who(&clock.taker)
        ),
        ClockLine::Extended(clock) => {
            format!("{} gave more time to {}: {}", capital(&who(&clock.taker)), task(clock.kind), time(&clock.until))
        }
        ClockLine::Ask(clock) => format!(
            "How much more time to {} do you give? {} It binds only you: until then you cannot take the {} because of the \
             time. It cannot be taken back.",
            task(clock.kind),
            time(&clock.until),
            kind_of(clock.kind)
        ),
        ClockLine::Sure { clock, more } => format!(
            "You give {} more to {}: {} It binds only you: until then you cannot take the {} because of the time, and a \
             right that time has given you is gone. It cannot be taken back.",
            length(*more),
            task(clock.kind),
            time(&clock.until),
            kind_of(clock.kind)
        ),
        ClockLine::Then(clock) => {
            format!("From then on {} may sign the {} too: {}.", who(&clock.taker), kind_of(clock.kind), clock.money)
        }
        ClockLine::Unproved(clock) => format!(
            "Before {} may take the {}, I make sure that I have heard everything that was said in time, read the vault \
             again, and told {} that the time is over. If I cannot, nobody gets a right by time; {} can call for a judge.",
            who(&clock.taker),
            kind_of(clock.kind),
            who(&clock.late),
            who(&clock.taker)
        ),
        ClockLine::Halted(clock) => format!(
            "The time is over, but my clock has made a jump. Until the operator has looked at it, nobody gets a right by \
             time: {} cannot take the {} yet. Both can still sign, and {} can call for a judge.",
            who(&clock.taker),
            kind_of(clock.kind),
            who(&clock.taker)
        ),
        ClockLine::Anew(until) => {
            let anew = until.as_ref().map(|until| format!(" The time starts anew: {}", time(until)));
            format!(
                "I was set back to an older copy of my notes. What you told me after it was made is lost; what I know is \
                 below. If anything is missing (that it is delivered, a problem, more time, a stop of a ruling), please say it again.{}",
                anew.unwrap_or_default()
            )
        }
    }
}

pub(super) fn fact(fact: &ClockFact) -> String {
    match fact {
        ClockFact::Reminded { left } => format!("I sent a reminder: {} left.", length(*left)),
        ClockFact::TimeUp => "I sent a notice that the time is over.".to_owned(),
        ClockFact::Warned => "Mixin took that notice.".to_owned(),
        ClockFact::Unwarned => "Mixin could not give them that notice; a day later it counts as told.".to_owned(),
        ClockFact::Extended { by, left } => format!("{} gave more time: {} left.", capital(&who(by)), length(*left)),
        ClockFact::Anew => "I have read the vault again to its end. Time starts anew.".to_owned(),
    }
}
