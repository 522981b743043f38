//! How far the backlog is drained: the moment until which everything that was said is known to have arrived.

use std::collections::VecDeque;

use super::event::{Health, Pong};
use crate::time::Millis;

/// The server has the connection and sends what it has: what it still holds back for longer than this nobody can know of
/// (design §3 rule 10).
pub(super) const QUIET: Millis = Millis::from_secs(10);

/// What a pong proved of the backlog, and what has come since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// When the ping was sent, by the shell's clock.
    asked: Millis,
    /// When the oldest of what came in the [`QUIET`] before the pong, or since, was said, in server time.
    oldest: Option<Millis>,
}

impl Drained {
    /// Everything said until this server time has arrived; `None`: that cannot be said of any moment. `offset`: server
    /// minus the shell's clock, as it is since `measured` by the shell's clock. What was said before that has a date of
    /// another clock: it must have come by now.
    #[must_use]
    pub fn until(self, offset: Millis, measured: Millis) -> Option<Millis> {
        let asked = self.asked.since(QUIET);
        let all = Some(asked.plus(offset)).filter(|_| asked >= measured);
        match self.oldest {
            None => all,
            Some(Millis(i64::MIN)) => None,
            Some(said) => all.map(|all| all.min(said.since(Millis(1)))),
        }
    }
}

/// What came in the last [`QUIET`], and what the last pong proved. One connection's, and gone with it.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// When it came (the shell's clock) and when it was said (server time): of what came, the oldest from there on.
    recent: VecDeque<(Millis, Millis)>,
    pub(super) proved: Option<Drained>,
}

impl Backlog {
    /// Something arrived; `said`: its server time. What has none may be of any time.
    pub(super) fn arrived(&mut self, now: Millis, said: Option<Millis>) {
        let said = said.unwrap_or(Millis(i64::MIN));
        self.forget(now);
        while self.recent.back().is_some_and(|(_, younger)| *younger >= said) {
            self.recent.pop_back();
        }
        self.recent.push_back((now, said));
        if let Some(proof) = &mut self.proved {
            proof.oldest = Some(proof.oldest.map_or(said, |oldest| oldest.min(said)));
        }
    }

    /// A ping was answered: whatever the server had put on the connection before it saw the ping is here.
    pub(super) fn answered(&mut self, health: &Health, pong: Pong) {
        self.forget(pong.received);
        let listed = health.listed.is_some_and(|listed| pong.ping_sent >= listed.plus(QUIET));
        let oldest = self.recent.front().map(|(_, said)| *said);
        self.proved = listed.then_some(Drained { asked: pong.ping_sent, oldest });
    }

    fn forget(&mut self, now: Millis) {
        while self.recent.front().is_some_and(|(came, _)| now.since(*came) > QUIET) {
            self.recent.pop_front();
        }
    }
}
