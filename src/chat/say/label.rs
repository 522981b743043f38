//! What stands on buttons.

use super::problem::ProblemLabel;
use super::{Lang, Money};
use crate::trade::terms::Role;

/// On the buttons of groups and trade rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupLabel {
    SeeOffer,
    /// In the own chat of whoever made the offer.
    Withdraw,
    MakeRoom,
    OpenRoom,
    JoinRoom,
}

/// What stands on a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    Buying,
    Selling,
    Trades,
    HowItWorks,
    /// In that language, whichever the card speaks.
    Speak(Lang),
    ShowDraft,
    Asset(String),
    Invite(Role),
    InviteAgain,
    WriteToMe,
    SendTo(String),
    StartOver,
    DropDraft,
    Accept,
    Decline,
    /// The name of the person.
    YesConfirm(String),
    NotThem,
    Pay(Money),
    PayNow,
    /// MixPay's page.
    PayAnyCoin,
    /// MixPay's page, when a part is paid.
    PayRest,
    Paid,
    Cancel,
    /// The deposit is for this trade, or is not.
    YesClaim,
    NoClaim,
    YesCancel,
    SignRelease,
    SignRefund,
    SignSplit,
    SignReturn,
    /// The sheet that revokes a request.
    Revoke,
    Signed,
    Delivered,
    /// Less than due.
    TakeShort,
    OfferSplit,
    /// For the other side.
    MoreTime,
    YesTime,
    YesPass,
    /// So many more days.
    Days(u32),
    /// So many percent of the price for the seller.
    Part {
        percent: u32,
        money: Money,
    },
    Group(GroupLabel),
    OfferIt,
    OtherPart,
    Problem(ProblemLabel),
    /// To judges.
    TakeCase,
    KnowOne,
    RuleRelease,
    RuleRefund,
    RuleSplit,
    RuleSo,
    Cases,
    SecondJudge,
    Why,
    Status,
    /// The recovery kit.
    Kit,
    /// The trade's page in the browser.
    TradePage,
    /// The terms with the button to accept them, in the chat.
    ReadTerms,
    Trust(super::trust::TrustLabel),
    Trade {
        code: String,
        money: Money,
    },
}
