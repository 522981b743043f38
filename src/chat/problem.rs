//! What people ask about a dispute, and how the dialog listens while evidence is given. Pure.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use crate::chat::Act;
use crate::chat::commands::{Typed, Word};
use crate::chat::dialog::{Dialog, Turn};
use crate::chat::say::Line;
use crate::chat::say::problem::ProblemLine;
use crate::chat::text;
use crate::trade::Problem;

/// An act about a dispute. `code` is the trade's, when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemAct {
    /// Somebody has one; `why`: as it was written, empty when it is to be asked.
    Open { code: Option<String>, why: String },
    /// From now on what they write and send is evidence.
    Collect { code: Option<String> },
    /// This very message is.
    Exhibit { code: String },
    /// That was all.
    Done { code: String },
    /// An exhibit by its number, as it was written; empty: the list of all.
    Show { code: Option<String>, no: String },
    /// The call for a judge is taken back.
    Withdraw { code: Option<String>, token: Option<String> },
}

impl ProblemAct {
    /// The trade that is named.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Open { code, .. }
            | Self::Collect { code }
            | Self::Show { code, .. }
            | Self::Withdraw { code, .. } => code.as_deref(),
            Self::Exhibit { code } | Self::Done { code } => Some(code),
        }
    }

    /// The command that means it; `None` for what only the dialog does.
    pub(super) fn typed(&self) -> Option<Typed> {
        let about = |typed: Typed, code: &Option<String>| Some(Typed { code: code.clone(), ..typed });
        match self {
            Self::Open { code, why } => about(Typed::with_words(Word::Problem, why.clone()), code),
            Self::Collect { code } => about(Typed::alone(Word::Evidence), code),
            Self::Show { code, no } => about(Typed::with_words(Word::Exhibit, no.clone()), code),
            Self::Withdraw { code, token } => {
                about(Typed { token: token.clone(), ..Typed::alone(Word::Withdraw) }, code)
            }
            Self::Exhibit { .. } | Self::Done { .. } => None,
        }
    }
}

/// As buttons say what somebody calls for a judge about.
#[must_use]
pub const fn reason_word(problem: Problem) -> &'static str {
    match problem {
        Problem::NotDelivered => "not-delivered",
        Problem::NotAsAgreed => "not-as-agreed",
        Problem::Other => "other",
    }
}

/// The reason somebody wrote; `None`: it is none.
#[must_use]
pub fn reason(written: &str) -> Option<Problem> {
    match text::command_form(written).replace(['-', '_'], " ").as_str() {
        "not delivered" | "未交付" | "没交付" | "没收到" | "未收到" => Some(Problem::NotDelivered),
        "not as agreed" | "与约定不符" | "不符合约定" | "货不对板" => Some(Problem::NotAsAgreed),
        "other" | "something else" | "其他" | "其它" => Some(Problem::Other),
        _ => None,
    }
}

/// The number of an exhibit somebody wrote: "3", "#3".
#[must_use]
pub fn number(written: &str) -> Option<u32> {
    text::command_form(written).trim_start_matches('#').parse().ok().filter(|no| *no > 0)
}

impl Dialog {
    /// The code of the trade whose dispute it is about.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::Evidence { code, .. } | Self::Ruling { code, .. } => Some(code),
            Self::Idle | Self::Item { .. } | Self::Price { .. } | Self::Split { .. } | Self::Draft(_) => None,
        }
    }

    /// Back to what waited: the dispute it is about is over.
    #[must_use]
    pub fn freed(self) -> Self {
        match self {
            Self::Evidence { kept, .. } => *kept,
            Self::Ruling { .. } => Self::Idle,
            other @ (Self::Idle | Self::Item { .. } | Self::Price { .. } | Self::Split { .. } | Self::Draft(_)) => {
                other
            }
        }
    }

    /// From now on what is said is evidence in this trade; what was being written waits.
    #[must_use]
    pub fn collecting(self, code: &str) -> Self {
        let kept = match self {
            Self::Evidence { kept, .. } => kept,
            other @ (Self::Idle
            | Self::Item { .. }
            | Self::Price { .. }
            | Self::Split { .. }
            | Self::Ruling { .. }
            | Self::Draft(_)) => Box::new(other),
        };
        Self::Evidence { code: code.to_owned(), kept }
    }

    /// That was all: what waited is back.
    #[must_use]
    pub fn collected(self) -> Self {
        match self {
            Self::Evidence { kept, .. } => *kept,
            other @ (Self::Idle
            | Self::Item { .. }
            | Self::Price { .. }
            | Self::Split { .. }
            | Self::Ruling { .. }
            | Self::Draft(_)) => other,
        }
    }
}

/// The message is an exhibit, whatever it is.
pub(super) fn exhibit(dialog: &Dialog, code: &str) -> Turn {
    Turn { dialog: dialog.clone(), act: Act::Problem(ProblemAct::Exhibit { code: code.to_owned() }) }
}

/// A command while evidence is given: its answer, or `None` where it means what it always means. A draft waits, so
/// nothing of it can be changed.
pub(super) fn command(typed: &Typed, dialog: &Dialog) -> Option<Turn> {
    let Dialog::Evidence { code, .. } = dialog else {
        let line = Line::Problem(ProblemLine::NotCollecting);
        return (typed.word == Word::Done).then(|| Turn { dialog: dialog.clone(), act: Act::Say(vec![line]) });
    };
    match typed.word {
        Word::Done => {
            let act = Act::Problem(ProblemAct::Done { code: code.clone() });
            Some(Turn { dialog: dialog.clone().collected(), act })
        }
        Word::Cancel if typed.code.is_some() || typed.token.is_some() => None,
        Word::Hi | Word::Buy | Word::Sell | Word::Price | Word::Draft | Word::Propose | Word::Cancel => {
            let line = Line::Problem(ProblemLine::Collecting { code: code.clone() });
            Some(Turn { dialog: dialog.clone(), act: Act::Say(vec![line]) })
        }
        _ => None,
    }
}
