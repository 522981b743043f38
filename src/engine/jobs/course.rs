//! Which pages of a vault's outputs are read. Anybody can pay dust into a vault, as much as they like; so pages
//! that hold nothing of interest are passed over, and no list is read without end.

use std::collections::BTreeSet;

/// The way through a list of outputs, ascending by sequence.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Sequences of outputs that must be read.
    watch: BTreeSet<u64>,
    /// From here on everything is read; `None`: nothing but what is watched.
    new_from: Option<u64>,
}

impl Course {
    #[must_use]
    pub fn new(watch: BTreeSet<u64>, new_from: Option<u64>) -> Self {
        Self { watch, new_from }
    }

    /// The first offset to ask for: one before, since an offset might not include itself (dossier §9.1).
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.watch.first().copied().into_iter().chain(self.new_from).min().map(|sequence| sequence.saturating_sub(1))
    }

    /// What a page asked from `asked` on holds is not known yet.
    #[must_use]
    pub fn is_new(&self, asked: u64) -> bool {
        self.new_from.is_some_and(|new| asked.saturating_add(1) >= new)
    }

    /// The offset to ask for next, after a page from `asked` on that ended at `last`; it always rises. `last` is
    /// `None` when the list ended there.
    #[must_use]
    pub fn next(&self, asked: u64, last: Option<u64>) -> Option<u64> {
        // A list that does not move on is not read for ever.
        let last = last.filter(|last| *last > asked)?;
        let watched = self.watch.range(last.saturating_add(1)..).next().map(|sequence| sequence.saturating_sub(1));
        let new = self.new_from.map(|new| last.max(new.saturating_sub(1)));
        watched.into_iter().chain(new).min()
    }
}
