//! What the bot can do next, and how a request of it fares.

/// One step of the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Connect,
    /// Sends what Blaze wants to say.
    Talk,
    /// Takes one frame.
    Hear,
    /// A batch of inputs through the door.
    Commit,
    Lease,
    /// One `Task::next`.
    Think(usize),
    /// One request and its answer.
    Send(usize),
    Acknowledge,
}

impl Move {
    /// Whether a request leaves.
    pub(super) const fn sends(self) -> bool {
        matches!(self, Self::Send(_) | Self::Acknowledge)
    }

    /// Whether it changes anything that outlives the process.
    pub(super) const fn lasts(self) -> bool {
        matches!(self, Self::Commit | Self::Lease | Self::Send(_) | Self::Acknowledge)
    }
}

/// How one request fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    Good,
    LostBefore,
    LostAfter,
}
