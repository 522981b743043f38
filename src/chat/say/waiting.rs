//! What a trade waits for, and what then.

use super::{Money, Who};
use crate::trade::plan::Kind;
use crate::trade::terms::Role;

/// What keeps a trade where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Somebody must accept the terms; `None`: whoever brings the code.
    Acceptance(Option<Who>),
    /// The proposer must say yes to the person who brought the code.
    Confirmation {
        by: Who,
        of: Who,
    },
    Payment {
        by: Who,
        missing: Money,
    },
    /// The bot's own reading of the vault, after its database was lost; for this side.
    Reading(Role),
    /// Paid at MixPay, which has to bring it into the vault.
    MixPay,
    /// Everything is there, but in more pieces than one transaction can spend.
    FewerPieces,
    Delivery {
        by: Who,
    },
    /// The time to deliver is over: the buyer can sign the release, the seller the refund.
    Agreement {
        buyer: Who,
        seller: Who,
    },
    /// The buyer signs the release, or the seller the refund.
    Signature {
        buyer: Who,
        seller: Who,
    },
    /// Time or a ruling has given these the right to sign.
    Taking {
        kind: Kind,
        by: Vec<Who>,
    },
    /// A judge's word, or their own agreement.
    Ruling {
        buyer: Who,
        seller: Who,
    },
    /// The bot's own signature, then the spend.
    Spend,
    /// A party's signature on the request that stands now.
    Anew,
    /// The operator must look: the trade is frozen.
    Operator(String),
    /// A return must be signed, by one of these.
    ReturnSignature(Vec<Who>),
    Nobody,
}

/// What happens when the time is over, or when what is awaited has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    ProposalEnds,
    PaymentEnds,
    /// "Delivered" is no longer taken; money still moves by signature only.
    DeliveryEnds,
    /// The time to look is over; money still moves by signature only.
    InspectionEnds,
    /// The time is over, and changed nothing about who can sign what.
    ByTheirSignatures,
    /// In dispute.
    ClocksStand,
    PaidOut,
    Returned,
    /// Nothing moves until then.
    Still,
    Over,
}
