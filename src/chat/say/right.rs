//! Who may sign what, by time or by a ruling, and signatures that do not count or cannot be joined.

use super::{Money, Who};
use crate::time::Millis;
use crate::trade::plan::Kind;

/// A line about a right to sign, or about a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RightLine {
    /// One of them called for a judge; `left` of the time to check, if `delivered`, else to deliver.
    Disputed {
        by: Who,
        left: Millis,
        delivered: bool,
        buyer: Who,
        seller: Who,
    },
    /// The two signed it, so it needs nobody else.
    BothSigned(Kind),
    Withdrawn {
        by: Who,
    },
    /// Above the list of who gets what; `by`: who may sign it.
    Ruled {
        kind: Kind,
        by: Vec<Who>,
    },
    /// The time to check is over, and the seller may take the release.
    Unchecked {
        seller: Who,
        buyer: Who,
        money: Money,
    },
    /// The time to deliver is over, and the buyer may take the refund.
    Undelivered {
        seller: Who,
        buyer: Who,
        money: Money,
    },
    /// What signing means for whom time or a ruling pays so much.
    Take {
        ground: Ground,
        money: Money,
    },
    /// Somebody signed what pays them, and may not yet take it.
    Early {
        kind: Kind,
        needs: Vec<Who>,
    },
    /// A member's own transaction holds the money; `patience`: how long it may.
    Foreign {
        patience: Millis,
    },
    /// It holds it now.
    Held,
    /// Mixin shows that somebody signed, and not the signature.
    Unshown {
        kind: Kind,
    },
}

/// What somebody may take money by, beside the other's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Unchecked,
    Undelivered,
    Ruled,
}
