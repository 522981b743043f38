//! What `MixPay` can be told to do otherwise, or wrong: the switches under `mixpay`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a settlement goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleTo {
    /// The payee, with its threshold.
    #[default]
    Payee,
    /// The same members, threshold 1.
    #[serde(rename = "threshold_1")]
    Threshold1,
    /// The same members, threshold 3 (or all, when they are fewer).
    #[serde(rename = "threshold_3")]
    Threshold3,
    /// `MixPay` itself takes the place of the last member.
    AnotherGroup,
}

/// What a settlement's memo says; "memo" is the order's `settlementMemo`, and where it has none the default memo,
/// base64 of `PM|code` (dossier §15.9, U-19).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleMemo {
    /// The memo as it is.
    #[default]
    Own,
    /// Standard base64 of the memo.
    Base64,
    /// Unpadded URL-safe base64 of the memo.
    Base64url,
    /// Lower-case hex of the memo.
    Hex,
    /// `PM|code`, not encoded.
    PmPlain,
    /// Standard base64 of `PM|code`.
    Pm,
    /// Standard base64 of `PM|code|thanks`.
    PmText,
    /// Empty.
    None,
    /// The memo of the oldest other order; with no other, base64 of `PM|` and a random id.
    AnotherOrder,
}

/// The request id of a settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleTrace {
    #[default]
    Random,
    /// The order's code; random when that is taken already.
    Code,
}

/// How `quoteAmount` is echoed (dossier U-22). Never fewer digits than the amount has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Echo {
    #[default]
    #[serde(rename = "10")]
    Trimmed,
    #[serde(rename = "10.00")]
    Two,
    #[serde(rename = "10.00000000")]
    Eight,
}

/// What stands for a value that is not there yet (dossier U-23).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// `""`.
    #[default]
    Empty,
    /// `null`.
    Null,
    /// While unpaid the field is missing; afterwards `""`.
    Missing,
}

/// An outage: no call takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    #[default]
    No,
    /// HTTP 503 with an HTML body.
    #[serde(rename = "503")]
    Unavailable,
    /// No answer at all: the response carries [`Lost`](crate::sandbox::Lost).
    Unanswered,
}

/// What becomes of callbacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callbacks {
    /// Each until it is answered well, or ten times.
    #[default]
    Once,
    /// None is ever sent.
    Lost,
    /// Each is two callbacks.
    Doubled,
    /// The body names an order nobody made.
    WrongOrder,
    /// The body is no JSON.
    Garbage,
}

/// The switches under `mixpay`. Lengths are milliseconds of network time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent misbehaviour, settable by name")]
pub struct MixPaySwitches {
    /// From paid to the settlement's transaction.
    pub settle_ms: i64,
    /// No settlement begins while this is on.
    pub never_settle: bool,
    /// Settles in this asset instead, at the table's price.
    pub settle_asset: Option<Uuid>,
    /// Settles this many hundredths of a percent less.
    pub settle_less_bp: u32,
    pub settle_to: SettleTo,
    pub settle_memo: SettleMemo,
    pub settle_trace: SettleTrace,
    /// The settled output shows as `signed`, by a transaction nobody knows, and cannot be spent.
    pub settle_signed: bool,
    /// The settled output carries an inscription.
    pub settle_inscription: bool,
    /// `payments_result` says paid and settled, whatever happened.
    pub says_success: bool,
    /// What is paid stays `auditing`, unsettled, while this is on.
    pub auditing: bool,
    pub echo: Echo,
    pub nulls: Nulls,
    pub down: Down,
    /// The rate limit answers HTTP 429 instead of 200 (dossier U-24).
    pub http_429: bool,
    pub callbacks: Callbacks,
}

impl Default for MixPaySwitches {
    fn default() -> Self {
        Self {
            settle_ms: 3_000,
            never_settle: false,
            settle_asset: None,
            settle_less_bp: 0,
            settle_to: SettleTo::default(),
            settle_memo: SettleMemo::default(),
            settle_trace: SettleTrace::default(),
            settle_signed: false,
            settle_inscription: false,
            says_success: false,
            auditing: false,
            echo: Echo::default(),
            nulls: Nulls::default(),
            down: Down::default(),
            http_429: false,
            callbacks: Callbacks::default(),
        }
    }
}
