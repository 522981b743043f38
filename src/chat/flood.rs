//! How fast somebody may talk. Whoever talks faster is heard no more for a while, except for what uses a right: that is
//! never left unheard, however much else is said.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use serde::{Deserialize, Serialize};

use crate::chat::commands::{self, Read, Word};
use crate::time::Millis;

/// Messages that may come at once.
pub const AT_ONCE: u32 = 20;
/// Room for one more comes back in this time: twenty a minute.
const ONE: i64 = 3_000;
/// Room for [`AT_ONCE`].
const ALL: i64 = 60_000;
/// Whoever is too fast is not heard for so long; then half the room is there again.
const QUIET: i64 = ALL / 2;

/// How full somebody's room is. Times are the messages' own (server time), so what waits while the bot is away counts as
/// it was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Talk {
    /// All the room is there again.
    free_at: Millis,
    /// The last message; an earlier one that comes later counts as this late.
    last: Millis,
    /// Not heard until then.
    quiet_until: Millis,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    Heard,
    /// The first that is not: they are told so, once, and for how long.
    Slower {
        wait: Millis,
    },
    Unheard,
}

impl Talk {
    /// A message of `at`, server time.
    pub fn hear(&mut self, at: Millis) -> Hearing {
        self.last = self.last.max(at);
        let at = self.last;
        if at < self.quiet_until {
            return Hearing::Unheard;
        }
        let taken = self.free_at.max(at).since(at).0;
        if taken.saturating_add(ONE) > ALL {
            self.quiet_until = at.plus(Millis(QUIET));
            return Hearing::Slower { wait: Millis(QUIET) };
        }
        self.free_at = self.free_at.max(at).plus(Millis(ONE));
        Hearing::Heard
    }
}

/// Whether a text uses a right, so that it is heard however fast its writer talks.
#[must_use]
pub fn uses_right(written: &str) -> bool {
    match commands::read(written) {
        Read::Command(typed) => word_uses_right(typed.word, typed.token.is_some()),
        Read::Unfit(_) | Read::Other => false,
    }
}

/// Each word decides: what gives or takes money, stops the other from taking it, keeps time from running out, or
/// binds by a token that was shown.
#[must_use]
pub const fn word_uses_right(word: Word, token: bool) -> bool {
    match word {
        Word::Release
        | Word::Refund
        | Word::Paid
        | Word::Signed
        | Word::Delivered
        | Word::Extend
        | Word::Take
        | Word::Problem
        | Word::Hear
        | Word::Pass
        | Word::Rule
        | Word::Appeal
        | Word::Evidence
        | Word::Done
        | Word::Withdraw
        | Word::Cancel
        | Word::Decline
        | Word::Reject
        | Word::Belongs
        | Word::Unrelated => true,
        Word::Propose | Word::Accept | Word::Confirm | Word::Split => token,
        Word::Hi
        | Word::Buy
        | Word::Sell
        | Word::Price
        | Word::Draft
        | Word::Invite
        | Word::Join
        | Word::Status
        | Word::Exhibit
        | Word::Why
        | Word::Kit
        | Word::Room
        | Word::Card
        | Word::Rate
        | Word::Block
        | Word::Unblock
        | Word::Trades
        | Word::Cases
        | Word::Verify
        | Word::Lang
        | Word::English
        | Word::Chinese
        | Word::Help => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn twenty_at_once_then_one_word_then_nothing() {
        let mut talk = Talk::default();
        let begin = Millis(1_000_000);
        for _ in 0..AT_ONCE {
            assert_eq!(talk.hear(begin), Hearing::Heard);
        }
        assert_eq!(talk.hear(begin), Hearing::Slower { wait: Millis(QUIET) });
        for n in 0..1_000 {
            assert_eq!(talk.hear(begin.plus(Millis(n * 29))), Hearing::Unheard);
        }
        let again = begin.plus(Millis(QUIET));
        for _ in 0..AT_ONCE / 2 {
            assert_eq!(talk.hear(again), Hearing::Heard);
        }
        assert_eq!(talk.hear(again), Hearing::Slower { wait: Millis(QUIET) });
        // What is dated back gains no room.
        assert_eq!(talk.hear(Millis(0)), Hearing::Unheard);
    }

    proptest! {
        /// However somebody spreads their messages, in no span more are heard than a full room and what comes back in it.
        #[test]
        fn no_rhythm_gets_more(waits in proptest::collection::vec(0i64..5_000, 1..300)) {
            let (mut talk, mut at, mut heard) = (Talk::default(), 0i64, Vec::new());
            for wait in waits {
                at += wait;
                if talk.hear(Millis(at)) == Hearing::Heard {
                    heard.push(at);
                }
            }
            for (n, first) in heard.iter().enumerate() {
                for (m, last) in heard.iter().enumerate().skip(n) {
                    prop_assert!(i64::try_from(m - n).unwrap() <= i64::from(AT_ONCE) + (last - first) / ONE);
                }
            }
        }
    }

    #[test]
    fn what_uses_a_right_is_told_by_its_word() {
        for said in [
            "release",
            "Refund K7Q2MD",
            "已付款",
            "i have signed",
            "accept K7Q2MD 0123456789ABCDEF",
            "延期 3 天",
            "cancel",
        ] {
            assert!(uses_right(said), "{said}");
        }
        for said in ["accept K7Q2MD", "hi", "status", "release the kraken and more", "buy lens 1 BTC", "拉黑 46802"] {
            assert!(!uses_right(said), "{said}");
        }
    }
}
