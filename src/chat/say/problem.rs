//! What is told when somebody has a problem: evidence, and what the two can still do.

use super::Who;
use crate::time::Millis;
use crate::trade::Problem;
use crate::trade::evidence::{ExhibitKind, Unfit};

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemLine {
    /// What calling for a judge does, and the question what it is about.
    Opening {
        other: Who,
    },
    /// What it is about.
    Reason {
        by: Who,
        why: Problem,
    },
    /// Whoever called for the judge is asked for evidence; `each`: so many exhibits at most.
    Send {
        each: usize,
    },
    /// The other can add evidence, too.
    Invited,
    /// A judge was called for before the reason was given: the time was nearly over.
    AtOnce,
    /// What is said now is kept.
    ForTheJudge {
        other: Who,
    },
    /// The draft of before waits.
    Kept,
    /// And is back.
    Back,
    /// Evidence is being given in the trade with this code.
    Collecting {
        code: String,
    },
    NotCollecting,
    /// One more; `what` it is.
    Added {
        no: u32,
        what: What,
    },
    /// It is not kept, and why.
    Unfit(Unfit),
    /// As many as one side may add.
    Full {
        each: usize,
    },
    /// The case is over: nothing was added, and nothing is any more.
    Closed,
    /// That was all; so many of the reader's.
    Done {
        added: usize,
    },
    /// So many of each.
    Count {
        of: Vec<(Who, usize)>,
    },
    Exhibit {
        no: u32,
        by: Who,
        date: Millis,
        what: What,
    },
    None,
    NoSuch {
        no: u32,
    },
    /// How to see one, below the list.
    HowToSee,
    /// Before a text of somebody's.
    TheirWords,
    /// Before a file of somebody's.
    TheirFile,
    /// A piece of a long text; from 1.
    Piece {
        code: String,
        no: u32,
        piece: usize,
        of: usize,
    },
    /// What it said is lost with a database; its hash stands.
    Lost,
    /// Before the call is taken back; `left` of the time to check, if `delivered`, else to deliver.
    SureWithdraw {
        left: Millis,
        delivered: bool,
    },
}

/// What an exhibit is, without a word of its sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct What {
    pub kind: ExhibitKind,
    /// Bytes.
    pub size: u64,
}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemFact {
    Exhibit { no: u32, by: Who, what: What },
}

/// What stands on buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemLabel {
    Problem,
    Reason(Problem),
    Add,
    Done,
    List,
    /// One exhibit, by its number.
    One(u32),
    Withdraw,
    YesWithdraw,
}

/// A size as people write it: 812 B, 240 kB, 1.2 MB.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
