//! What is said where less was paid in than is due, and is taken as the whole.

use super::{Money, Who};

/// A line about a price that is settled lower than agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShortLine {
    /// To the seller: what that would mean.
    MayTake { paid: Money, price: Money, gets: Money },
    /// To the buyer, who can still pay the rest.
    MayBeTaken { seller: Who, paid: Money },
    /// The seller took it.
    Taken { seller: Who, paid: Money, price: Money, agreed: Money },
    /// An input was lost to a transaction none of the bot's.
    Left { price: Money, agreed: Money },
}
