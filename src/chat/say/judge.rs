//! A case and its judges: offers, the case card, rulings.

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeLine {}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeFact {}
