//! What is asked in the case of a dispute, as commands.

use super::{Typed, Word};
use crate::chat::CaseAct;

impl CaseAct {
    /// The command that means this act; `None` for what only the dialog does.
    #[must_use]
    pub fn typed(&self) -> Option<Typed> {
        let about = |word, code: &Option<String>| Some(Typed { code: code.clone(), ..Typed::alone(word) });
        match self {
            Self::List => Some(Typed::alone(Word::Cases)),
            Self::Take { code } => about(Word::Hear, code),
            Self::Pass { code, token } => {
                Some(Typed { code: code.clone(), token: token.clone(), ..Typed::alone(Word::Pass) })
            }
            Self::Appeal { code } => about(Word::Appeal, code),
            Self::Rule { code, words, token } => {
                Some(Typed { code: code.clone(), token: token.clone(), ..Typed::with_words(Word::Rule, words.clone()) })
            }
            Self::Reason { .. } => None,
        }
    }
}
