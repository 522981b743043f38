//! What is said about a deposit that names no trade.

use super::{Money, Who};

/// A line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimLine {
    /// It came; `more`: so many other amounts.
    Nameless { money: Vec<Money>, more: usize },
    /// What becomes of it, and how to pay so that it does not happen.
    OperatorTold { operator: String },
    /// Is it for this trade? `from`: whom the ledger names as its senders.
    Asked { money: Money, from: Vec<Who>, operator: String },
    /// What a yes of both makes of it.
    Yes(Becomes),
    /// What a no does.
    No,
    /// The reader has said yes, the other has not.
    Noted { other: Who },
    /// Both have said yes.
    Agreed { money: Money },
    /// Somebody said no, or it is not asked any more.
    Refused { operator: String },
}

/// What a deposit is to the trade that takes it: the buyer's money, whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    Counts { buyer: Who, missing: Money },
    WrongAsset { buyer: Who },
    NotNeeded { buyer: Who },
    Ended { buyer: Who },
}
