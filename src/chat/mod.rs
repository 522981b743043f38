//! Words in and out, pure: what a person wrote becomes an [`Act`], what is true becomes [`Post`]s.
//!
//! The door calls [`converse`] with what was written and where the person's dialog stands, does the act, and
//! answers with a page of [`cards`]. Nothing here knows Mixin's wire format, the database or the clock.

pub mod cards;
pub mod commands;
pub mod danger;
pub mod dialog;
pub mod flood;
pub mod lookalike;
pub mod group;
pub mod part;
pub mod price;
pub mod problem;
pub mod qr;
pub mod ruling;
pub mod say;
pub mod sealed;
pub mod span;
#[cfg(test)]
mod tests;
pub mod text;
pub mod trust;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::money::Amount;
use crate::time::{Millis, ServiceClock};
use crate::trade::evidence::{ExhibitKind, FileRef};
use crate::trade::terms::{Asset, Fee, FeePayer, Periods, Unruled};
use crate::trade::{Kind, Role, Ruling, Trade};

pub use dialog::{Dialog, Heard, Turn, begins_draft, converse, converse_after, spoken};
pub use problem::ProblemAct;
pub use say::Lang;
pub use trust::{Known, Record, Trust};

/// One message to one person, before it has an id. Sent in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    Text(String),
    /// At most six buttons.
    Buttons(Vec<Button>),
    /// A new-style card; `text` at most 1,024 characters, at most six buttons.
    Card {
        title: String,
        text: String,
        buttons: Vec<Button>,
    },
    /// Markdown, opened by a tap; links in it can be tapped and copied. Nobody's own words ever stand in it.
    Markdown(String),
    /// A person's contact card.
    Contact(UserId),
    /// A file somebody sent as evidence, as the same attachment, under a name of ours.
    File {
        kind: ExhibitKind,
        name: String,
        /// Bytes, as its sender's app said.
        size: u64,
        file: FileRef,
    },
    /// A picture of this link, for another phone's camera. Comes when it is uploaded, behind the words said with it,
    /// or not at all.
    Qr(String),
}

/// A button. An `input:` action makes the tapping person say its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// At most 36 bytes.
    pub label: String,
    pub action: String,
    pub colour: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Goes on.
    Go,
    /// Moves money.
    Money,
    /// Ends or refuses.
    Stop,
    /// Only shows something.
    Plain,
}

/// Who a message is for. In a group, buttons carry the mention, and what is only for one person is left out
/// ([`group::public`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Person(UserId),
    Group {
        conversation: crate::id::ConversationId,
        /// Only this member sees it, inside the group's conversation; `None`: everybody in it.
        member: Option<UserId>,
    },
}

/// A person as the bot knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    /// The Mixin ID: digits.
    pub number: String,
    /// Their own words: shown only through [`text::quoted`].
    pub name: String,
    pub has_safe: bool,
    pub is_bot: bool,
}

/// What the operator has set and people must know.
#[derive(Clone, Debug)]
pub struct House {
    pub bot: UserId,
    pub bot_number: String,
    /// Its name in the Messenger; empty when nobody has said.
    pub bot_name: String,
    /// How the operator is named to people.
    pub operator: String,
    pub assets: Vec<Asset>,
    pub fee: Fee,
    pub periods: Periods,
    pub judges: Vec<UserId>,
    pub unruled: Unruled,
    pub ruling_delay: RulingDelay,
    /// The largest price of one trade, in coins of its asset, whichever that is; `None`: no cap.
    pub price_max: Option<Amount>,
    /// How much less than due the seller may take as the whole, in hundredths of a percent of it.
    pub short_ok_bp: u32,
    /// Open trades one person may have.
    pub open_max: usize,
    pub caps: Caps,
    /// Whether buyers may also pay through MixPay.
    pub mixpay: bool,
}

/// How long a ruling can be stopped before it is final, and above which price.
#[derive(Clone, Debug, Default)]
pub struct RulingDelay {
    pub wait: Millis,
    /// In coins of an asset, whichever that is; `None`: it is final at once.
    pub above: Option<Amount>,
    /// In its place for this asset.
    pub above_of: BTreeMap<AssetId, Amount>,
}

impl RulingDelay {
    /// What new terms for this price say.
    #[must_use]
    pub fn of(&self, asset: AssetId, price: Amount) -> Millis {
        let above = self.above_of.get(&asset).copied().or(self.above);
        if above.is_some_and(|above| price > above) { self.wait } else { Millis(0) }
    }
}

/// How much the operator takes on. Trades are counted from the moment both have agreed to their end: a proposal locks
/// nothing, and nobody shall fill the house with proposals.
#[derive(Clone, Debug, Default)]
pub struct Caps {
    /// The largest price of one trade, by its asset; beside [`House::price_max`].
    pub price: BTreeMap<AssetId, Amount>,
    /// What all of them together may lock, by asset.
    pub locked: BTreeMap<AssetId, Amount>,
    /// How many of them there may be.
    pub trades: Option<usize>,
    /// The smallest price of one trade, by its asset.
    pub price_min: BTreeMap<AssetId, Amount>,
    /// What all of one person's may lock, by asset.
    pub locked_of_one: BTreeMap<AssetId, Amount>,
    /// Proposals one person may write in a day (UTC).
    pub proposals_a_day: Option<u32>,
    /// Trades one person may agree to in a day (UTC).
    pub agreed_a_day: Option<u32>,
}

impl Caps {
    /// Whether trades must be counted to know.
    #[must_use]
    pub fn count(&self) -> bool {
        self.trades.is_some() || !self.locked.is_empty()
    }
}

impl House {
    /// The largest price of one trade in this asset.
    #[must_use]
    pub fn price_max_of(&self, asset: AssetId) -> Option<Amount> {
        self.price_max.into_iter().chain(self.caps.price.get(&asset).copied()).min()
    }
}

/// What somebody is about to propose: the dialog collects it, the card shows it, the token binds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub role: Role,
    pub item: String,
    pub price: Amount,
    pub asset: Asset,
    /// Named already; otherwise an invitation is made.
    pub other: Option<UserId>,
}

/// What a person wrote, as far as it does not concern the law yet. `code` is the trade's, when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Say these lines (greeting, help, a question of the dialog, "not understood" …) and nothing else.
    Say(Vec<say::Line>),
    /// Show the draft's card with a fresh token.
    ShowDraft,
    /// The counterparty of the draft, to be looked up: digits.
    NameByNumber(String),
    /// The counterparty of the draft, from a contact card.
    NameByContact(UserId),
    /// The token of a draft's card came back.
    Propose {
        token: String,
    },
    /// The invitation again: link and code.
    Invite {
        code: Option<String>,
    },
    Join {
        code: String,
    },
    Accept {
        code: Option<String>,
        token: Option<String>,
    },
    Decline {
        code: Option<String>,
    },
    Confirm {
        code: Option<String>,
        token: Option<String>,
    },
    TurnAway {
        code: Option<String>,
    },
    Cancel {
        code: Option<String>,
        token: Option<String>,
    },
    Deliver {
        code: Option<String>,
    },
    /// About the case of a dispute.
    Case(CaseAct),
    /// More time for the other side; `more`: as it was written, empty when it is to be asked.
    Extend {
        code: Option<String>,
        more: String,
        token: Option<String>,
    },
    /// The seller takes what was paid in as the whole.
    Take {
        code: Option<String>,
        token: Option<String>,
    },
    /// `part`: what the seller shall get, as it was written; empty when it is to be asked.
    Split {
        code: Option<String>,
        part: String,
        token: Option<String>,
    },
    /// "I have paid", "I have signed": look now.
    LookNow {
        code: Option<String>,
    },
    /// The release or the refund, to sign it: its link, or one that works.
    Want {
        code: Option<String>,
        kind: Kind,
    },
    Status {
        code: Option<String>,
    },
    Why {
        code: Option<String>,
    },
    /// About a dispute.
    Problem(ProblemAct),
    /// A deposit without a name is for this trade.
    AgreeClaim {
        code: Option<String>,
        token: Option<String>,
    },
    /// It is not.
    RefuseClaim {
        code: Option<String>,
    },
    /// The recovery kit.
    Kit {
        code: Option<String>,
    },
    /// A group for the trade.
    Room {
        code: Option<String>,
    },
    Trades,
    /// What a request, a trade or a trade's card is: words that hold a link, an id, a code, or the whole card.
    Verify {
        words: String,
    },
    /// Whom one deals with.
    Trust(TrustAct),
}

/// Acts about whom one deals with. None of them moves money or time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustAct {
    /// A signed text about the trade, to be forwarded.
    Card {
        code: Option<String>,
    },
    /// How it was; `words` as they were written.
    Rate {
        code: Option<String>,
        words: String,
    },
    /// Nothing more from this person: a code or a Mixin ID.
    Block {
        words: String,
    },
    Unblock {
        words: String,
    },
    /// A link to pay by was pasted.
    PayLink {
        words: String,
    },
}

/// What is asked in the case of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseAct {
    /// The cases that a judge has, or is asked to take.
    List,
    Take {
        code: Option<String>,
    },
    Pass {
        code: Option<String>,
        token: Option<String>,
    },
    /// `words`: the ruling as it was written; empty when it is to be asked.
    Rule {
        code: Option<String>,
        words: String,
        token: Option<String>,
    },
    /// Why: the answer to the question of the dialog.
    Reason {
        code: String,
        ruling: String,
        why: String,
    },
    /// Another judge shall look at the ruling that stands.
    Appeal {
        code: Option<String>,
    },
}

/// The acts that have no PIN and bind, so they need a token bound to person, trade, act and numbers shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    Propose,
    Accept,
    Confirm,
    Cancel,
    /// What was paid in and is taken as the whole.
    TakeShort {
        paid: Amount,
    },
    /// What the seller is owed by the split that is offered.
    Split {
        seller: Amount,
    },
    /// To the deposit the trade is asked about.
    Claim,
    /// To the dispute that is taken back, and the time that runs on then.
    Withdraw,
    /// So much more time, from the deadline of now.
    Extend {
        more: Millis,
    },
    /// To the case that a judge gives up.
    Pass,
    /// A judge's ruling and its reason, by its hash.
    Rule {
        ruling: Ruling,
        why: Hash,
    },
}

/// Links into the Messenger, built by whoever knows its formats.
pub trait Links {
    /// Pays the trade's present link; `None` before there is one.
    fn pay(&self, trade: &Trade) -> Option<String>;
    /// MixPay's page for the order with this code.
    fn mixpay(&self, code: &str) -> String;
    /// Opens the signing sheet of a request.
    fn sign(&self, request: RequestId) -> String;
    /// Opens a confirm sheet that says `text` to the bot.
    fn say_to(&self, text: &str) -> String;
    /// The viewer's own page of the trade; `None` when there is none: nobody can reach the bot's pages, or the viewer
    /// is no party.
    fn page(&self, trade: &Trade, viewer: UserId) -> Option<String>;
}

/// Everything a page about a trade may show.
pub struct View<'a> {
    pub trade: &'a Trade,
    /// Who reads it.
    pub viewer: UserId,
    pub people: &'a dyn Fn(UserId) -> Option<Person>,
    pub house: &'a House,
    pub links: &'a dyn Links,
    /// For showing deadlines as dates.
    pub clock: &'a ServiceClock,
    /// Service time.
    pub now: Millis,
    /// Nobody gets a right by time until the operator has looked at the clock.
    pub clock_halted: bool,
    pub lang: Lang,
    /// A fresh token for a binding act of the viewer on this trade: 16 Crockford letters.
    pub token: &'a dyn Fn(Binding) -> String,
    /// What is known of the people beside their profiles.
    pub known: &'a Known,
    /// The signed text of the trade's recovery kit; `None` before the parties are frozen.
    pub kit: &'a dyn Fn() -> Option<String>,
}

impl FeePayer {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Buyer, Self::Seller, Self::Split];
}
