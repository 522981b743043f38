//! What may be asked of a trade, and the ways it says no.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::id::{Hash, IdSecret, RequestId, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case::CaseCommand;
use crate::trade::deposit::Seen;
use crate::trade::dispute::{Problem, Ruling};
use crate::trade::evidence::Sent;
use crate::trade::judge::Facts;
use crate::trade::order::{Opened, Progress};
use crate::trade::plan::{Kind, OutputKeys};
use crate::trade::terms::Role;

/// What the law is told of the world: arguments, never asked for.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Service time.
    pub now: Millis,
    pub ids: &'a IdSecret,
    /// Server minus service time now, when MixPay is offered: its orders expire in server time.
    pub mixpay: Option<Millis>,
    /// How much less than due the seller may take as the whole, in hundredths of a percent of it.
    pub short_ok_bp: u32,
    pub judges: Facts<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// By token: the terms with this hash were shown and agreed to.
    Accept {
        by: UserId,
        terms_hash: Hash,
    },
    Decline {
        by: UserId,
    },
    /// By token: the proposer says yes to the person who brought the code.
    Confirm {
        by: UserId,
        joiner: UserId,
    },
    TurnAway {
        by: UserId,
        joiner: UserId,
    },
    /// Before funding; the proposer's withdrawal too. By token once something was paid in.
    Cancel {
        by: UserId,
    },
    /// The seller says it is done.
    Deliver {
        by: UserId,
    },
    /// By token: a part of the price goes back to the buyer, the rest to the seller, if the other signs. `seller` is what
    /// the seller is owed before the seller's part of the fee.
    OfferSplit {
        by: UserId,
        seller: Amount,
    },
    /// Somebody asks for the release or the refund that is theirs to sign: it goes before the others.
    Want {
        by: UserId,
        kind: Kind,
    },
    /// By token: the seller takes what was paid in, `paid` in all, as the whole.
    TakeShort {
        by: UserId,
        paid: Amount,
    },
    /// One of them calls for a judge.
    Dispute {
        by: UserId,
        why: Problem,
    },
    /// Something said or sent by a party while a judge is awaited.
    Exhibit {
        by: UserId,
        sent: Sent,
    },
    /// By token: the same person takes that back, for good.
    Withdraw {
        by: UserId,
    },
    /// Something is asked of a dispute's case.
    Case(CaseCommand),
    /// What a case comes to, without one: nothing here asks who. Nobody says it to the bot.
    Rule {
        ruling: Ruling,
    },
    /// The deadline `until` has passed, and design §3's rule 10 was kept: every message of before it is known, the outputs
    /// were read again, the loser's notice was delivered.
    Elapsed {
        until: Millis,
    },
    /// Mixin took the message by which `role`, who loses by the deadline `until`, hears that it is over.
    Warned {
        until: Millis,
        role: Role,
    },
    /// Mixin would not take it: they have blocked the bot, say.
    Unwarned {
        until: Millis,
        role: Role,
    },
    /// A party says, once, how it was: the trade is settled and nothing follows for it.
    Rate {
        by: UserId,
        good: bool,
    },
    /// Whoever would gain by the end of the time gives the other `more`.
    Extend {
        by: UserId,
        more: Millis,
    },
    /// The operator thinks that this deposit, which names no trade, is this one's.
    Claim {
        seen: Box<Seen>,
    },
    /// By token: it is.
    AgreeClaim {
        by: UserId,
        output: Uuid,
    },
    /// It is not; by the bot: the question is taken back.
    RefuseClaim {
        by: UserId,
        output: Uuid,
    },
    /// The operator gives a deposit that names no trade back to the member who sent it.
    GiveBack {
        seen: Box<Seen>,
    },
    /// A look came back.
    Look(Sight),
    /// One-time keys came for the payouts of a plan, in order.
    Keys {
        plan: u32,
        keys: Vec<OutputKeys>,
    },
    /// No one-time key can be had for the fee's receiver, while for everybody else it can.
    FeeUnpayable {
        plan: u32,
    },
    /// Mixin holds our request with our payload.
    Opened {
        plan: u32,
        request: RequestId,
    },
    /// Mixin holds something else, or something revoked, under our request's id.
    Taken {
        plan: u32,
        request: RequestId,
    },
    /// The plan's request cannot be created, because something else has a claim on its inputs.
    Blocked {
        plan: u32,
    },
    /// Mixin refuses to have the bot's signature added, for the payload itself.
    Unsignable {
        plan: u32,
    },
    /// Mixin refuses the plan's payload itself, again and again: one of its keys is burnt. Or it refuses to add the bot's
    /// signature for that reason.
    Unopenable {
        plan: u32,
    },
    /// All checks held and the bot's signature completed the payload.
    Cosigned {
        plan: u32,
    },
    /// Mixin counted the bot's signature on this request, and not the giver's that was posted with it.
    Undercounted {
        plan: u32,
        request: RequestId,
    },
    /// It was not given. `broken` when no party or server can cause this: an invariant fell.
    CosignRefused {
        plan: u32,
        why: String,
        broken: bool,
    },
    /// MixPay made the order.
    OrderOpened {
        order: u32,
        opened: Opened,
    },
    /// It will not be made: MixPay does not take it, or it is not offered.
    OrderRefused {
        order: u32,
        why: String,
    },
    /// What MixPay said of an order, asked at `asked` (service time).
    OrderMoved {
        order: u32,
        progress: Progress,
        asked: Millis,
        /// It was asked when nobody could pay it any more.
        late: bool,
    },
    /// Its id stands for something else at MixPay.
    OrderTaken {
        order: u32,
    },
    /// MixPay left a question of this trade's unanswered, or answered one.
    MixPay {
        answers: bool,
    },
    /// The operator stops it, for this reason.
    Freeze {
        why: String,
    },
    /// The operator has looked, and lets it go on.
    Unfreeze {
        why: String,
    },
    /// The database was put back from a copy.
    PutBack,
    /// `deadline::next` has come.
    Wake,
}

/// What one look saw of one trade.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// Service time at which it began: what it saw was so then or later.
    pub began: Millis,
    /// Outputs that name this trade, by memo or trace, in sequence order.
    pub outputs: Vec<Seen>,
    pub requests: Vec<SeenRequest>,
    /// Some final transaction bears the trace of the present pay link.
    pub trace_used: bool,
    /// Not all outputs were read: money that was not seen may still be there.
    #[serde(default)]
    pub partial: bool,
    /// A question about a link or a request was not answered: that nothing was seen there says nothing.
    #[serde(default)]
    pub unanswered: bool,
}

/// What a look found under one of our request ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRequest {
    pub plan: u32,
    pub request: RequestId,
    /// `None`: Mixin does not know it.
    pub found: Option<FoundRequest>,
    /// The ledger has the transaction, final.
    pub spent: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRequest {
    pub hash: Hash,
    #[serde(with = "hex::serde")]
    pub raw: Vec<u8>,
    pub revoked: bool,
    /// Who has signed, as Mixin says; the signatures themselves may not be shown (dossier U-30).
    #[serde(default)]
    pub signers: Vec<UserId>,
}

/// A normal answer: the trade stays as it was and the person is told why and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("not your trade")]
    NotYours,
    #[error("only the buyer can do that")]
    OnlyBuyer,
    #[error("only the seller can do that")]
    OnlySeller,
    #[error("only the proposer can do that")]
    OnlyProposer,
    #[error("it is too early for that")]
    TooEarly,
    #[error("it is too late for that")]
    TooLate,
    #[error("already done")]
    Already,
    #[error("these are not the terms that were shown")]
    OtherTerms,
    #[error("somebody else brought the code first")]
    Taken,
    #[error("the same person cannot be both sides")]
    SamePerson,
    #[error("the bot, its fee account and its judges take no side")]
    NotEligible,
    #[error("the money is locked: release it, refund it, or agree")]
    Locked,
    #[error("the trade is frozen until the operator has looked")]
    Frozen,
    #[error("that would pay one of them nothing")]
    PaysNothing,
    #[error("that was done too often in this trade")]
    TooOften,
    #[error("no deadline is moved so far")]
    TooFar,
    #[error("the money is theirs to take already")]
    MayTake,
    #[error("less was paid than the seller may take as the whole")]
    TooLittle,
    #[error("it is in a judge's hands")]
    InDispute,
    #[error("nobody has called for a judge")]
    NoDispute,
    #[error("only who called for the judge can take that back")]
    OnlyOpener,
    #[error("it was ruled already")]
    AlreadyRuled,
    #[error("only the judge who was asked can do that")]
    NotTheJudge,
    #[error("no ruling waits that could be stopped")]
    NoRuling,
    #[error("there is no other judge to ask")]
    NoOtherJudge,
    #[error("this deposit is not that of one member, or belongs to a trade")]
    NotUnnamed,
}
