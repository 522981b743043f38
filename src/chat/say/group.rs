//! What is said in groups, and of trade rooms.

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupLine {}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupFact {}
