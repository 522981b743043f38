//! Splits.

use super::grammar::{capital, time, who};
use crate::chat::part::Problem;
use crate::chat::say::Who;
use crate::chat::say::split::{Over, SplitLine};
use crate::chat::text::quoted;

pub(super) fn words(line: &SplitLine) -> String {
    match line {
        SplitLine::Ask { seller, price, code } => format!(
            "How much of the {price} should {} get? The rest goes back to the buyer.\nTap one, or write an amount or a \
             share, for example: split {code} 60%",
            who(seller)
        ),
        SplitLine::Problem(problem) => problem_of(problem),
        SplitLine::Preview { price } => format!("This is what you would offer, out of the price of {price}:"),
        SplitLine::OfferStep { to } => format!(
            "Next: tap \"Offer it\" if that is what you want. Nothing moves by that: {} must sign it with the PIN, and \
             then it happens at once. The offer stands for 48 hours, or until you two make a newer one or the trade moves \
             on.",
            who(to)
        ),
        SplitLine::Sent { to, price } => {
            format!("You have offered {} this split of the price of {price}:", who(to))
        }
        SplitLine::SentStep { to, until } => format!(
            "Next: wait. If {} signs it with the PIN, it happens at once; not signing means no. A newer offer takes the \
             place of this one. {}",
            who(to),
            time(until)
        ),
        SplitLine::Offered { by, price } => {
            format!("{} offers you this split of the price of {price}:", capital(&who(by)))
        }
        SplitLine::Means { until } => format!(
            "Signing means: you agree, and this split happens at once. It cannot be undone. If you do not want it, do not \
             sign: that is your no. {}",
            time(until)
        ),
        SplitLine::Waits { by: Who::You, on, seller, gets, until } => {
            format!(
                "You have offered a split: {} would get {gets}. {} can sign it. {}",
                who(seller),
                capital(&who(on)),
                time(until)
            )
        }
        SplitLine::Waits { by, on, seller, gets, until } => format!(
            "{} has offered a split: {} would get {gets}. {} can sign it. {}",
            capital(&who(by)),
            who(seller),
            capital(&who(on)),
            time(until)
        ),
        SplitLine::Over { by: Who::You, why } => format!("The split you offered is over: {}", over(*why)),
        SplitLine::Over { by, why } => format!("The split that {} offered is over: {}", who(by), over(*why)),
        SplitLine::Dropped => "I asked about no split, then. Nothing was offered to anybody.".to_owned(),
    }
}

pub(super) fn problem_of(problem: &Problem) -> String {
    match problem {
        Problem::Unreadable(written) => format!(
            "I cannot read “{}” as an amount. It looks like this: 60 or 0.5, or as a share: 60%",
            quoted(written)
        ),
        Problem::TooFine => "That is too fine: at most 8 digits behind the point.".to_owned(),
        Problem::OtherCoin(name) => format!("“{}” is not the coin of this trade.", quoted(name)),
        Problem::TooMuch => "That is more than the whole price.".to_owned(),
    }
}

const fn over(why: Over) -> &'static str {
    match why {
        Over::Late => "nobody signed it in time. Nothing has moved.",
        Over::Newer => "a newer one took its place. Do not sign the old link.",
        Over::Moved => "the trade has gone on. No money was moved by it.",
    }
}
