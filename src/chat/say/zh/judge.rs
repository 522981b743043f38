//! A case and its judges: offers, the case card, rulings.

use crate::chat::say::judge::{JudgeFact, JudgeLine};

pub(super) fn words(line: &JudgeLine) -> String {
    match *line {}
}

pub(super) fn fact(fact: &JudgeFact) -> String {
    match *fact {}
}
