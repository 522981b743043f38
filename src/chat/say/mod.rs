//! Every sentence the bot says, as data. A language is one exhaustive match: a missing sentence does not compile.

pub mod claim;
pub mod clock;
pub mod group;
pub mod judge;
pub mod problem;
pub mod trust;
mod en;
pub mod kit;
mod label;
pub mod page;
mod parts;
pub mod right;
pub mod short;
pub mod split;
pub mod verify;
mod waiting;
mod zh;

use crate::chat::Binding;
use crate::chat::commands::{Word, row_of};
use crate::chat::{price, text};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::command::Refusal;
use crate::trade::order::Progress;
use crate::trade::plan::Kind;
use crate::trade::terms::{FeePayer, Periods, Role, TermsError, Unruled};

pub use label::{GroupLabel, Label};
pub use parts::{Closed, Lang, Money, Naming, OddReason, Place, Share, Until, Who};
pub use waiting::{Then, Waiting};

/// The words of a line in a language.
#[must_use]
pub fn words(lang: Lang, line: &Line) -> String {
    match lang {
        Lang::En => en::words(line),
        Lang::Zh => zh::words(line),
    }
}

/// Longest button label, in bytes (messaging §6.1).
pub const LABEL_MAX: usize = 36;

/// The words on a button, at most [`LABEL_MAX`] bytes.
#[must_use]
pub fn label(lang: Lang, label: &Label) -> String {
    let words = match lang {
        Lang::En => en::label(label),
        Lang::Zh => zh::label(label),
    };
    match label {
        // Half a number would be a lie; the card says it in full.
        Label::Part { percent, .. } if words.len() > LABEL_MAX => format!("{percent}%"),
        Label::Pay(_) if words.len() > LABEL_MAX => self::label(lang, &Label::PayNow),
        Label::Trade { code, .. } if words.len() > LABEL_MAX => code.clone(),
        _ => text::fit(&words, LABEL_MAX),
    }
}

/// The word of a command as somebody who speaks it would write it. What buttons say is the same in every language, so
/// that old ones work on and programs know them.
#[must_use]
pub fn command(lang: Lang, word: Word) -> &'static str {
    match lang {
        Lang::En => row_of(word).name,
        Lang::Zh => zh::command(word),
    }
}

/// What a card is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Title {
    Draft(Role),
    Invitation,
    Proposal,
    Joined,
    Pay,
    Funded,
    Sign(Kind),
    Delivered,
    Disputed,
    Ruled,
    Settled,
    Trade,
    Why,
    Sure,
    /// The question for a split.
    Split,
    /// Somebody's request.
    Request,
    /// Somebody's trade, for everybody in a group.
    Group,
    /// A dispute, for its judge.
    Case,
}

/// One thing the bot says. Whatever a person wrote is inside quotation marks or a name, and quoted already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Title(Title),
    // Talk.
    Greeting,
    AskLang,
    /// This language, from now on.
    Speaks,
    Unfinished {
        role: Role,
    },
    /// The help page: how it works, then every command.
    Help,
    HelpOf(Word),
    Usage {
        word: Word,
    },
    NotUnderstood(Place),
    OnlyWords(Place),
    AskItem(Role),
    ItemTooLong {
        letters: usize,
    },
    AskPrice {
        role: Role,
        item: String,
        example: String,
    },
    /// `assets`: the symbols of the house.
    PriceProblem {
        problem: price::Problem,
        example: String,
        assets: String,
    },
    OtherNoted,
    DraftDropped,
    NoDraft,
    OpenMax {
        count: usize,
    },
    Naming(Naming),
    TermsRefused(TermsError),
    Closed {
        why: Closed,
        operator: String,
    },
    // What a trade is.
    Item(String),
    Sides {
        role: Role,
        other: Who,
    },
    /// `label` is the asset with its chain.
    Price {
        amount: Amount,
        label: String,
    },
    Fee {
        fee: Money,
        bps: u32,
        payer: FeePayer,
    },
    Due {
        by: Who,
        money: Money,
    },
    /// Smallest and largest payout of both: `seller` on release, `buyer` on refund, `surplus` zero.
    Payouts {
        seller: Money,
        buyer: Money,
        zero: Money,
    },
    Periods(Periods),
    /// With Mixin, or through MixPay.
    PayWays,
    Keys,
    House {
        operator: String,
        judges: usize,
        unruled: Unruled,
        /// How long a ruling can be stopped; 0: not at all.
        delay: Millis,
    },
    IfBotDies,
    /// The bot's own Mixin ID, and what it never asks for.
    OnlyFrom {
        number: String,
    },
    // Before money.
    SendStep {
        to: Who,
    },
    InviteStep {
        other: Role,
    },
    ForwardStep {
        other: Role,
        until: Until,
    },
    /// The text to forward to a stranger.
    Forward {
        from: Who,
        role: Role,
        item: String,
        link: String,
        number: String,
        code: String,
    },
    /// `role`: the side of the person who proposes.
    ProposalFrom {
        from: Who,
        role: Role,
    },
    /// `named`: it can be declined; an invitation is simply left alone.
    AcceptStep {
        until: Until,
        named: bool,
    },
    ConfirmFollows {
        by: Who,
    },
    JoinedAsk {
        who: Who,
    },
    Joining {
        by: Who,
        until: Until,
    },
    TurnedAway,
    Declined,
    Cancelled {
        by: Who,
    },
    ExpiredUnanswered,
    ExpiredUnpaid,
    NothingPaid,
    /// The same once there was a link: a payment may be on its way.
    NothingArrived,
    GoesBack {
        to: Who,
        money: Money,
    },
    // Paying.
    PayStep {
        money: Money,
        label: String,
        until: Until,
    },
    PayLinkSoon,
    ThenPaid,
    /// The link as a picture follows; `mixpay`: of MixPay's page.
    Picture {
        mixpay: bool,
    },
    WaitForPay {
        by: Who,
        money: Money,
        label: String,
        until: Until,
    },
    Short {
        paid: Money,
        due: Money,
        missing: Money,
    },
    // Paying through MixPay.
    /// The second road, beside Mixin's own button.
    MixPayRoad {
        money: Money,
    },
    /// What MixPay says; `role`: the side of whoever reads it.
    MixPay {
        progress: Progress,
        role: Role,
    },
    /// What comes next while money is on its way.
    WaitForMixPay(Role),
    PayRest,
    /// Who returns what was paid to no effect.
    MixPayReturns,
    /// Its button may come again.
    MixPayAgain,
    // Locked.
    FundedBuyer {
        seller: Who,
        money: Money,
        until: Until,
    },
    FundedSeller {
        buyer: Who,
        money: Money,
        gets: Money,
        until: Until,
    },
    /// The time to deliver is over; `date` (server time) says since when.
    OverdueBuyer {
        seller: Who,
        money: Money,
        date: Millis,
    },
    OverdueSeller {
        buyer: Who,
        money: Money,
        gets: Money,
        date: Millis,
    },
    /// Delivered, and the time to check is over since `date` (server time).
    UncheckedSeller {
        buyer: Who,
        date: Millis,
    },
    DeliveredBuyer {
        seller: Who,
        until: Until,
    },
    DeliveredSeller {
        buyer: Who,
        until: Until,
    },
    SignLinkSoon,
    YouSigned,
    // Signing.
    Sheet {
        shows: Share,
        hidden: Vec<Share>,
    },
    ReleaseMeans {
        seller: Who,
    },
    ReleaseNotYet {
        seller: Who,
    },
    RefundMeans {
        buyer: Who,
        money: Money,
    },
    ReturnMeans {
        to: Who,
        money: Money,
    },
    /// Mixin did not take over a signature that was given; it is decided all the same.
    SignAnew {
        kind: Kind,
    },
    ThenSigned,
    Settling {
        kind: Kind,
        by: Who,
    },
    // Ends.
    SettledBy(Kind),
    PaidTo(Share),
    AllChecks,
    WithoutBot,
    SettledElsewhere,
    Odd {
        reason: OddReason,
        money: Money,
        to: Who,
    },
    OddSign {
        by: Vec<Who>,
    },
    Returned {
        money: Money,
        to: Who,
    },
    Unfrozen {
        operator: String,
    },
    Frozen {
        operator: String,
    },
    // Why.
    WaitingFor(Waiting),
    TimeLeft(Until),
    Then(Then),
    /// The recovery kit.
    Kit(kit::KitLine),
    /// The trade's page in the browser.
    Page(page::PageLine),
    /// A deposit that names no trade.
    Claim(claim::ClaimLine),
    /// What a request is.
    Verify(verify::VerifyLine),
    /// Less than due, taken as the whole.
    AsWhole(short::ShortLine),
    /// What time, a ruling or a signature gives, and what it does not.
    Right(right::RightLine),
    /// The time somebody has.
    Clock(clock::ClockLine),
    /// Whom one deals with: trade cards, records, limits, and talk that comes too fast.
    Trust(trust::TrustLine),
    /// What is said in groups, and of trade rooms.
    Group(group::GroupLine),
    /// A case and its judges: offers, the case card, rulings.
    Judge(judge::JudgeLine),
    /// What is told when somebody has a problem: evidence, and what the two can still do.
    Problem(problem::ProblemLine),
    /// A part for the seller, the rest back.
    Split(split::SplitLine),
    // Answers.
    Refused(Refusal),
    TradesNone,
    Trades {
        count: usize,
    },
    TradesMore {
        count: usize,
    },
    TradeIn {
        role: Role,
        item: String,
    },
    WhichTrade,
    UnknownCode {
        code: String,
    },
    TokenStale,
    /// `coming`: what MixPay says is on its way.
    SureCancel {
        paid: Option<Money>,
        coming: Option<Money>,
        buyer: Who,
    },
    NeedToken(Binding),
    /// `mixpay`: it is asked too.
    Looking {
        mixpay: bool,
    },
}
