//! What a trade's page in the browser says beside the words it shares with the cards, and what an operator who looks
//! inside reads.

use super::clock::ClockFact;
use super::judge::JudgeFact;
use super::problem::ProblemFact;
use super::trust::TrustFact;
use super::{Money, Share, Until, Who};
use crate::time::Millis;
use crate::trade::dispute::Problem;
use crate::trade::order::Progress;
use crate::trade::plan::Kind;
use crate::trade::terms::{FeePayer, Role};

/// A line of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLine {
    /// The window's title.
    Window {
        code: String,
    },
    Heading(Heading),
    Sum(Sum),
    Told(Told),
    /// A moment, in UTC.
    Date(Millis),
    Deadline(Until),
    /// Whose page it is, and what it cannot do.
    Yours(Role),
    /// Above what may be signed and is not what comes next.
    SignLater,
    KitIntro,
    KitDownload,
    /// What the picture shows, for whoever cannot see it.
    QrOf(Money),
    /// The link is no page's: title, and what to do.
    Nowhere,
    NowhereHow,
    /// The page cannot be drawn now: title, and what to do.
    Unwell,
    UnwellHow,
    /// For the operator.
    Standing(Standing),
    Course(Course),
}

/// What a part of the page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    Next,
    WaitsFor,
    Deadline,
    Then,
    Signing,
    Amounts,
    Evidence,
    History,
    Kit,
    Mind,
}

/// What an amount is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    Price,
    /// What is settled as the price, where it is not the agreed one.
    Settles,
    /// `waived`: nobody pays it.
    Fee {
        bps: u32,
        payer: FeePayer,
        waived: bool,
    },
    Due(Who),
    Arrived,
    Missing,
    Locked,
    /// What a settlement of this kind pays somebody.
    Gets {
        kind: Kind,
        to: Who,
    },
    /// What it has paid them.
    Got(Who),
}

/// A line of the trade's history: facts worth telling people, as they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Proposed(Who),
    /// `None`: somebody who did not become a party.
    Joined(Option<Who>),
    TurnedAway,
    Accepted,
    LinkIssued(Money),
    MixPayReady(Money),
    MixPaySaid(Progress),
    MixPaySilent,
    MixPayHeard,
    Declined(Who),
    Cancelled(Who),
    Expired,
    Deposited(Money),
    /// It does not count.
    OddDeposit(Money),
    /// It names no trade; is it for this one?
    Claimed(Money),
    ClaimAgreed(Who),
    /// `None`: the question was taken back.
    ClaimRefused(Option<Who>),
    Funded(Money),
    /// Less than due, taken as the whole.
    FundedShort(Money),
    TakenAsWhole {
        by: Who,
        price: Money,
    },
    SplitOffered {
        by: Who,
        seller: Who,
        gets: Money,
    },
    /// An offer of this person's.
    SplitOver(Who),
    ForeignLock,
    ForeignOver,
    Unshown {
        by: Who,
        kind: Kind,
    },
    /// About the time somebody has.
    Clock(ClockFact),
    Trust(TrustFact),
    Judge(JudgeFact),
    Problem(ProblemFact),
    Disputed {
        by: Who,
        why: Problem,
    },
    Withdrawn(Who),
    Ruled(Kind),
    RuledSplit {
        part: Money,
        of: Money,
    },
    /// By time.
    MayTake {
        by: Who,
        kind: Kind,
    },
    /// This goes back.
    Return(Share),
    FeeWaived,
    LinkStands(Kind),
    LinkLost(Kind),
    Signed {
        by: Who,
        kind: Kind,
    },
    Delivered(Who),
    Decided(Kind),
    Cosigned,
    SignAnew,
    Returned(Share),
    Settled {
        kind: Kind,
        pays: Vec<Share>,
    },
    SettledElsewhere,
    Frozen,
    Unfrozen,
    PutBack,
    CaughtUp,
    Imported,
}

/// How an output of the vault stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Counts,
    /// Somebody's signature holds it.
    Held,
    Frozen,
    GoesBack,
    Untouched,
    /// It is not needed, and no plan gives it back yet.
    NotNeeded,
    /// By our own plan of this kind; `None`: by a transaction that is none of ours, or is not known.
    Spent(Option<Kind>),
}

/// How far a plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    NoPayload,
    NoRequest,
    Stands,
    Authorised,
    Cosigned,
    Done,
    /// An offer that nobody signed.
    Lapsed,
    Void,
}
