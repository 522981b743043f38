//! What is said in groups, and of trade rooms.

use crate::chat::say::group::{GroupFact, GroupLine};

pub(super) fn words(line: &GroupLine) -> String {
    match *line {}
}

pub(super) fn fact(fact: &GroupFact) -> String {
    match *fact {}
}
