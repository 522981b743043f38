//! Less than due, taken as the whole.

use super::grammar::{capital, who};
use crate::chat::say::short::ShortLine;

pub(super) fn words(line: &ShortLine) -> String {
    match line {
        ShortLine::MayTake { paid, price, gets } => format!(
            "That is nearly all, so you may take {paid} as the whole: then {price} is settled as the price, you get {gets} \
             on release, and you deliver as agreed. Or wait for the rest."
        ),
        ShortLine::MayBeTaken { seller, paid } => {
            format!("That is nearly all: {} may also take {paid} as the whole.", who(seller))
        }
        ShortLine::Taken { seller, paid, price, agreed } => format!(
            "{} took {paid} as the whole: {price} is settled as the price, instead of {agreed}. Nothing more is to be paid.",
            capital(&who(seller))
        ),
        ShortLine::Left { price, agreed } => format!(
            "A part of the money was moved by a transaction that I did not make. What is left covers a price of {price}, \
             instead of {agreed}: that is what is settled now."
        ),
    }
}
