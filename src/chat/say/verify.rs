//! What is said of a request somebody asks about.

use super::{Money, Who};
use crate::money::Amount;
use crate::trade::plan::Kind;

/// A line of the answer. Whoever a request names is quoted, and named as Mixin's profiles know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyLine {
    // Instead of an answer.
    /// How to ask.
    How,
    /// Several requests at once.
    OneOnly,
    /// Too many in a minute; how many are not.
    Often {
        most: usize,
    },
    NotThere,
    NotShown,
    /// Whoever asks is no member of the vault it is about.
    NotYours,
    /// Mixin gave no usable answer.
    NoAnswer,
    /// The bot found it on their money, and Mixin shows nothing of it.
    UnaskedGone,
    // The verdict.
    /// Nobody asked: the bot found it on their money.
    Unasked,
    Ours {
        kind: Kind,
        code: String,
    },
    NotOurs {
        leaves: Sum,
        from: Vec<Who>,
        standing: Standing,
    },
    /// Its bytes are no transaction.
    Garbage,
    // What is in it.
    Pays,
    Output {
        sum: Sum,
        to: To,
    },
    Total(Sum),
    /// Names of receivers are Mixin's, since nobody can read them off the one-time keys.
    NamesAreMixins,
    /// The asset with its chain, and the codes of the trades whose money it spends.
    Spends {
        label: String,
        codes: Vec<String>,
    },
    /// What Mixin's own sheet shows of it.
    SheetShows {
        sum: Sum,
        to: Vec<Who>,
        hides: bool,
    },
    Signed {
        by: Vec<Who>,
        needed: u8,
    },
    Stands(Standing),
    /// Not ours, and how to be rid of it.
    RevokeIt,
    /// Ours: an offer that is over.
    Lapsed,
    /// What the asker's signature on an offered split means.
    SplitMeans,
    /// Ours, and another person's to sign.
    ForOther {
        by: Vec<Who>,
    },
    Doubt(Doubt),
}

/// How much; an amount on the ledger may be larger than any coin has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    Of(Money),
    TooLarge,
}

/// Where an output goes, as far as that can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// By our own record: we fetched the key for this person.
    Recorded(Who),
    /// By the request's word; the number of keys fits.
    Named { members: Vec<Who>, threshold: u8 },
    /// Back to the members it comes from, by the request's word.
    Back,
    /// The request names nobody for it, or somebody whose number of keys does not fit.
    Unnamed,
    /// An outside chain; in quotation marks.
    Outside(String),
    /// No number of keys can spend it, or it is an operation of nodes.
    Nobody,
}

/// Whether it can still happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// Signed by enough; the ledger has not spoken.
    Complete,
    Spent,
    Revoked(Who),
    /// What it spends is gone by another transaction.
    Void,
}

/// What does not fit together in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The sheet's amount is not that of the first output.
    Amount {
        said: Amount,
        first: Sum,
    },
    Asset,
    UnknownAsset,
    Hash,
    Aggregated,
    /// So many receivers are named for so many outputs.
    Receivers {
        named: usize,
        outputs: usize,
    },
    /// For a plan of ours: not those of the plan.
    OtherReceivers,
    /// The request says it is from other members than those whose money it spends.
    OtherVault,
    /// Outputs are not worth the inputs, by our own record of them.
    Inputs {
        known: Money,
    },
    /// So many of the inputs were never seen in a vault of the bot's.
    UnknownInputs {
        unknown: usize,
        of: usize,
    },
    /// More signatures in the bytes than people named.
    Signatures {
        named: usize,
        found: usize,
    },
    Inscription,
}
