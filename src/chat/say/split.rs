//! What is said of splits: a part of the price for the seller, the rest back to the buyer.

use super::{Money, Until, Who};
use crate::chat::part;

/// A line about a split. Who gets what stands below it, as a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitLine {
    /// How much of the price shall the seller get?
    Ask {
        seller: Who,
        price: Money,
        code: String,
    },
    Problem(part::Problem),
    /// Above the list, before it is offered.
    Preview {
        price: Money,
    },
    /// What comes next for whoever offers it, and how long it stands.
    OfferStep {
        to: Who,
    },
    /// Above the list, to whoever offered it.
    Sent {
        to: Who,
        price: Money,
    },
    SentStep {
        to: Who,
        until: Until,
    },
    /// Above the list, to whoever may sign it.
    Offered {
        by: Who,
        price: Money,
    },
    /// What signing means, and that not signing is a no.
    Means {
        until: Until,
    },
    /// One stands, beside what is awaited.
    Waits {
        by: Who,
        on: Who,
        seller: Who,
        gets: Money,
        until: Until,
    },
    Over {
        by: Who,
        why: Over,
    },
    /// The question is not asked any more.
    Dropped,
}

/// Why an offer is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Late,
    Newer,
    /// The trade has moved on.
    Moved,
}
