//! A case and its judges: offers, the case card, rulings.

use super::{Money, Share, Until, Who};
use crate::chat::ruling::Unread;
use crate::time::Millis;
use crate::trade::plan::Kind;

/// A line about it. Reasons are the judges' own words, quoted already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeLine {
    // To judges.
    /// Will you? `until`: so long it is theirs alone.
    Offer {
        buyer: Who,
        seller: Who,
        until: Until,
    },
    OfferStep,
    /// Whom it concerns.
    Concerns {
        buyer: Who,
        seller: Who,
    },
    /// When it was agreed on, when and by whom a judge was called for (server time); whether the seller says it is
    /// delivered.
    Course {
        agreed: Millis,
        disputed: Millis,
        by: Who,
        delivered: bool,
    },
    /// What is locked, in so many payments.
    Locked {
        money: Money,
        pieces: usize,
    },
    /// Who would get what.
    Pays {
        kind: Kind,
        shares: Vec<Share>,
    },
    /// It is theirs to judge; without a ruling until then the default of the terms stands in.
    Yours {
        until: Until,
        kind: Kind,
    },
    /// What a judge has ruled.
    Before {
        by: Who,
        kind: Kind,
        why: String,
    },
    /// Which ruling?
    Which,
    AskPart {
        seller: Who,
        price: Money,
    },
    Unread(Unread),
    /// Above the numbers, before the reason is asked.
    AskWhy,
    Why(String),
    /// Somebody gives up the case that they took.
    SurePass,
    /// What a ruling does.
    Sure(After),
    YouRuled,
    /// What was asked of a judge is not asked any more.
    Dropped,
    /// It is not theirs any more, or ended without them.
    Closed,
    CasesNone,
    Cases {
        count: usize,
    },
    // To both parties.
    /// Somebody was asked, and has until then.
    /// Every judge was asked; whoever comes first takes it.
    AllAsked,
    Asking {
        until: Until,
    },
    Judging {
        by: Who,
        since: Millis,
    },
    /// Without a ruling until then.
    Default {
        until: Until,
        kind: Kind,
    },
    Nobody {
        until: Until,
        kind: Kind,
    },
    /// A ruling stands, not final yet.
    Stands {
        by: Who,
        kind: Kind,
        why: String,
    },
    /// How it can be stopped, by the reader too if `may`.
    Stop {
        until: Until,
        may: bool,
    },
    /// There is no other judge: it only waits.
    Waits {
        until: Until,
    },
    Another(CalledBy),
    /// Under the final ruling.
    RuledBy {
        by: Who,
        why: String,
    },
    Defaulted,
    /// To whoever loses by the default: so long.
    Reminder {
        until: Until,
        kind: Kind,
        taker: Who,
    },
    TimeUp {
        date: Millis,
        kind: Kind,
        taker: Who,
    },
}

/// What becomes of a ruling that is about to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Final,
    /// So long it can be stopped, if there is another judge.
    Waits(Millis),
    /// It is not the first one's: a third is asked, or, without one, it is final so much later.
    Differs(Millis),
}

/// By whose word another judge is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalledBy {
    Person(Who),
    Operator,
    /// Two judges who do not agree.
    Disagreement,
}

/// What happened about it, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeFact {
    Asked,
    Silent,
    Left,
    Passed,
    Taken(Who),
    Given { by: Who, kind: Kind, why: String },
    GivenSplit { by: Who, part: Money, of: Money, why: String },
    Stands,
    Another(CalledBy),
    Nobody,
}
