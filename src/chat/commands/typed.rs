//! A command with what stands behind its word, and the commands that mean an act.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use std::fmt;

use super::{Word, row_of};
use crate::chat::{Act, TrustAct};
use crate::trade::Kind;

/// A command as somebody wrote it, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub word: Word,
    /// A trade's code, in its own letters.
    pub code: Option<String>,
    pub token: Option<String>,
    /// For [`Shape::Words`](super::Shape::Words) and [`Shape::Part`](super::Shape::Part): what stood behind the word, as written, in one line.
    pub words: String,
}

impl Typed {
    #[must_use]
    pub const fn alone(word: Word) -> Self {
        Self { word, code: None, token: None, words: String::new() }
    }

    #[must_use]
    pub fn with_words(word: Word, words: String) -> Self {
        Self { words, ..Self::alone(word) }
    }

    #[must_use]
    pub fn about(word: Word, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..Self::alone(word) }
    }

    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }
}

/// As a button says it, and as [`read`](super::read) reads it back.
impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(row_of(self.word).name)?;
        let parts = [self.code.as_deref(), Some(self.words.as_str()), self.token.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).try_for_each(|part| write!(f, " {part}"))
    }
}

impl Act {
    /// The command that means this act; `None` for what only the dialog does.
    #[must_use]
    pub fn typed(&self) -> Option<Typed> {
        let maybe = |word, code: &Option<String>, token: &Option<String>| {
            Some(Typed { code: code.clone(), token: token.clone(), ..Typed::alone(word) })
        };
        match self {
            Self::Say(_) | Self::NameByNumber(_) | Self::NameByContact(_) => None,
            Self::ShowDraft => Some(Typed::alone(Word::Draft)),
            Self::Propose { token } => Some(Typed::alone(Word::Propose).token(token)),
            Self::Invite { code } => maybe(Word::Invite, code, &None),
            Self::Join { code } => Some(Typed::about(Word::Join, code)),
            Self::Accept { code, token } => maybe(Word::Accept, code, token),
            Self::Decline { code } => maybe(Word::Decline, code, &None),
            Self::Confirm { code, token } => maybe(Word::Confirm, code, token),
            Self::TurnAway { code } => maybe(Word::Reject, code, &None),
            Self::Cancel { code, token } => maybe(Word::Cancel, code, token),
            Self::Take { code, token } => maybe(Word::Take, code, token),
            Self::Deliver { code } => maybe(Word::Delivered, code, &None),
            Self::Extend { code, more, token } => {
                let typed = Typed::with_words(Word::Extend, more.clone());
                Some(Typed { code: code.clone(), token: token.clone(), ..typed })
            }
            Self::Split { code, part, token } => {
                Some(Typed { code: code.clone(), token: token.clone(), ..Typed::with_words(Word::Split, part.clone()) })
            }
            Self::Case(act) => act.typed(),
            Self::LookNow { code } => maybe(Word::Signed, code, &None),
            Self::Want { code, kind: Kind::Release } => maybe(Word::Release, code, &None),
            Self::Want { code, .. } => maybe(Word::Refund, code, &None),
            Self::Problem(act) => act.typed(),
            Self::AgreeClaim { code, token } => maybe(Word::Belongs, code, token),
            Self::RefuseClaim { code } => maybe(Word::Unrelated, code, &None),
            Self::Status { code } => maybe(Word::Status, code, &None),
            Self::Why { code } => maybe(Word::Why, code, &None),
            Self::Kit { code } => maybe(Word::Kit, code, &None),
            Self::Room { code } => maybe(Word::Room, code, &None),
            Self::Trades => Some(Typed::alone(Word::Trades)),
            Self::Verify { words } => Some(Typed::with_words(Word::Verify, words.clone())),
            Self::Trust(act) => act.typed(),
        }
    }
}

impl TrustAct {
    fn typed(&self) -> Option<Typed> {
        match self {
            Self::Card { code } => Some(Typed { code: code.clone(), ..Typed::alone(Word::Card) }),
            Self::Rate { code, words } => {
                Some(Typed { code: code.clone(), ..Typed::with_words(Word::Rate, words.clone()) })
            }
            Self::Block { words } => Some(Typed::with_words(Word::Block, words.clone())),
            Self::Unblock { words } => Some(Typed::with_words(Word::Unblock, words.clone())),
            Self::PayLink { .. } => None,
        }
    }
}
