//! What is told when somebody has a problem: evidence, and what the two can still do.

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemLine {}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemFact {}
