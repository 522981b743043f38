//! What is told when somebody has a problem: evidence, and what the two can still do.

use crate::chat::say::problem::{ProblemFact, ProblemLine};

pub(super) fn words(line: &ProblemLine) -> String {
    match *line {}
}

pub(super) fn fact(fact: &ProblemFact) -> String {
    match *fact {}
}
