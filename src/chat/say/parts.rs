//! What sentences are made of: people, amounts, times and reasons, before a language has put them in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::terms::Role;

/// The language a person is spoken to in; their own choice, stored with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// As HTML names it (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The first language we speak of those a browser asks for (`Accept-Language`), which names them best first.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let primary = |range: &str| range.split([';', '-']).next().unwrap_or_default().trim().to_ascii_lowercase();
        header.split(',').find_map(|range| match primary(range).as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        })
    }
}

/// Hundredths of a percent as people write them: "1.5%".
pub(super) fn percent(bps: u32) -> String {
    let (whole, rest) = (bps / 100, bps % 100);
    match rest {
        0 => format!("{whole}%"),
        _ if rest.is_multiple_of(10) => format!("{whole}.{}%", rest / 10),
        _ => format!("{whole}.{rest:02}%"),
    }
}

/// Why nothing new can be started: the operator's halts and caps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// No new trade at all. `why` is the operator's own word, quoted.
    All {
        why: String,
    },
    Asset {
        label: String,
        why: String,
    },
    /// None of the reader's.
    You,
    /// Not with the other side.
    OneOfYou,
    /// The highest price of one trade.
    Price(Money),
    /// As much of it is locked as may be.
    AssetFull {
        label: String,
    },
    /// There are as many trades as may be.
    Full,
    /// A limit of one trade, person or day.
    Limit(super::trust::Limit),
}

/// An amount of an asset, shown as "100 USDT".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    pub amount: Amount,
    pub symbol: String,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.symbol)
    }
}

/// A deadline: what is left of it, and its date in server time, so that people can compare it with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// Zero or less: it has passed.
    pub left: Millis,
    pub date: Millis,
}

/// A person in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reads it.
    You,
    /// Name, quoted already, and Mixin ID.
    Person { name: String, number: String },
    /// A side of the trade whose name is not known.
    Side(Role),
    /// The fee account.
    Fee,
    /// Whoever speaks.
    Bot,
    /// Somebody nobody knows more of than their id.
    Account(UserId),
    /// Somebody else whose name is not known.
    Stranger,
}

/// Where a dialog stands when something is not understood: decides what can be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Idle,
    Item,
    Price,
    /// How much the seller gets by a split.
    Split,
    /// What is said is evidence.
    Evidence,
    /// Why a judge rules so.
    Reason,
    Draft,
}

/// Who gets how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub to: Who,
    pub money: Money,
}

/// Why a person cannot be the other side of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Nobody has this Mixin ID, or they hide from search.
    NotFound,
    IsBot,
    Yourself,
    /// A judge, the fee account or the bot.
    TakesNoSide,
    /// Without a Safe wallet nobody can be in a vault.
    NoSafe,
    /// The same of whoever asks.
    NoSafeYours,
    /// The search budget is used up.
    SearchResting,
}

/// Why a deposit goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddReason {
    WrongAsset,
    ThirdPerson,
    /// It names no trade.
    Unnamed,
    /// Late, double, or more than was due.
    NotNeeded,
}
