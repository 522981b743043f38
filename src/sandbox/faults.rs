//! The other answers: switches for what the dossiers leave open, and faults a network has on a bad day.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::mixpay::MixPaySwitches;

/// When the inputs of a multisig request show as `signed` (dossier U-08).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputsSigned {
    #[default]
    FirstSignature,
    Create,
}

/// Who may unlock a request, and what it does (dossier U-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlock {
    /// Any sender, signed or not; the whole request is revoked.
    #[default]
    AnySender,
    /// Only who has signed; the whole request is revoked.
    SignersOnly,
    /// Only who has signed; only that signature goes and the request lives on.
    OwnSignature,
}

/// Who may read a multisig request (dossier U-13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestReaders {
    #[default]
    Anybody,
    Senders,
}

/// What a second Blaze connection of one session does (messaging §1.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondConnection {
    /// The older one is closed with a close frame.
    #[default]
    Kick,
    /// Both get every push.
    Broadcast,
    /// Each push goes to one of them, in turn.
    RoundRobin,
}

/// Every unknown of the dossiers that can be lived the other way. The default is the dossiers' assumption.
/// All lengths are milliseconds of network time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent unknown of a register, settable by name")]
pub struct Switches {
    /// From broadcast to final: `signed` becomes `spent`, new outputs appear.
    pub finality_ms: i64,
    /// U-02: a `jti` seen before is refused with 401.
    pub jti_fresh: bool,
    /// U-02: a `jti` that is not the `X-Request-Id` is refused with 401.
    pub jti_is_request_id: bool,
    /// U-06: `senders` are answered in reverse order; keys keep theirs.
    pub senders_unsorted: bool,
    /// U-07: `offset` is the last sequence not wanted, instead of the first wanted.
    pub offset_exclusive: bool,
    /// U-07: without `order`, newest first.
    pub default_desc: bool,
    /// U-08.
    pub inputs_signed: InputsSigned,
    /// U-11.
    pub unlock: Unlock,
    /// U-13.
    pub request_readers: RequestReaders,
    /// U-30: `raw_transaction` is without signatures until the threshold is reached.
    pub hide_signatures: bool,
    /// U-31: creating a request reserves its inputs.
    pub create_reserves: bool,
    /// U-31: a request nobody has signed is forgotten after this long; 0 = never.
    pub unsigned_life_ms: i64,
    /// U-33: of the signatures in a posted raw only the caller's own counts.
    pub count_only_callers: bool,
    /// Non-members may read single outputs by id (dossier §17.2 step 12).
    pub outputs_public: bool,
    /// Messaging §1.6.
    pub second_connection: SecondConnection,
    /// Unacknowledged pushes come again on the same connection after this long; 0 = only when asked.
    pub redeliver_ms: i64,
    /// Every push comes twice.
    pub duplicate_push: bool,
    /// Acknowledgements are answered and forgotten.
    pub drop_acks: bool,
    /// Phones send no receipts.
    pub receipts_off: bool,
    /// The next search answers 429 and locks its caller for 12 hours; falls back to false by itself.
    pub search_429: bool,
    /// Searches a caller has in 12 hours.
    pub search_budget: usize,
    /// The server's clock minus the network's.
    pub skew_ms: i64,
    /// Cards and buttons no strict client would show are let through; phones show `unsupported`.
    pub lenient_shapes: bool,
    /// REST `/messages` takes a group without a `recipient_id` (messaging §5.1).
    pub rest_group_broadcast: bool,
    /// Other members' phones see `@bot` texts too (messaging §11.2).
    pub mentions_visible: bool,
    /// A used `message_id` is refused with 10002 instead of ignored.
    pub strict_message_ids: bool,
    /// A group without `random_id` takes any new v4 UUID (messaging §10.1), as older SDKs still send it.
    pub any_group_id: bool,
    /// Attachments answer 404 when read.
    pub attachments_expired: bool,
    /// What `MixPay` does otherwise; changed name by name like these.
    pub mixpay: MixPaySwitches,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            finality_ms: 500,
            jti_fresh: false,
            jti_is_request_id: false,
            senders_unsorted: false,
            offset_exclusive: false,
            default_desc: false,
            inputs_signed: InputsSigned::default(),
            unlock: Unlock::default(),
            request_readers: RequestReaders::default(),
            hide_signatures: false,
            create_reserves: false,
            unsigned_life_ms: 0,
            count_only_callers: false,
            outputs_public: false,
            second_connection: SecondConnection::default(),
            redeliver_ms: 0,
            duplicate_push: false,
            drop_acks: false,
            receipts_off: false,
            search_429: false,
            search_budget: 20,
            skew_ms: 0,
            lenient_shapes: false,
            rest_group_broadcast: false,
            mentions_visible: false,
            strict_message_ids: false,
            any_group_id: false,
            attachments_expired: false,
            mixpay: MixPaySwitches::default(),
        }
    }
}

/// What goes wrong with a REST call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestFault {
    /// HTTP 500 with an HTML body; nothing took effect.
    #[serde(rename = "500")]
    Broken,
    /// 429; nothing took effect.
    #[serde(rename = "429")]
    TooMany,
    /// It took effect, and the answer never arrives: see [`Lost`].
    #[serde(rename = "lost")]
    Lost,
}

/// Mark on a response that never reaches its caller: the socket shell drops the connection, a simulator
/// treats the call as unanswered.
#[derive(Clone, Copy, Debug)]
pub struct Lost;

/// The next calls that go wrong, for apps only: people's phones keep working.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rest: VecDeque<(RestFault, String)>,
    /// Blaze upgrades to refuse with 500.
    pub(super) upgrades: u32,
    /// Blaze requests to leave unanswered after they took effect.
    pub(super) unanswered: u32,
}

/// More faults than this in the queue is a mistake.
pub(super) const FAULTS_MAX: usize = 1_000;

impl Faults {
    /// The next `count` calls whose path begins with `path` go wrong like this. False when the queue is full.
    pub(super) fn add(&mut self, fault: RestFault, path: &str, count: usize) -> bool {
        if self.rest.len().saturating_add(count) > FAULTS_MAX {
            return false;
        }
        self.rest.extend(std::iter::repeat_n((fault, path.to_owned()), count));
        true
    }

    /// The fault this call meets, used up by it.
    pub(super) fn take(&mut self, path: &str) -> Option<RestFault> {
        let at = self.rest.iter().position(|(_, prefix)| path.starts_with(prefix.as_str()))?;
        self.rest.remove(at).map(|(fault, _)| fault)
    }

    /// Faults no call has met yet, and the path each waits for, oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (RestFault, &str)> {
        self.rest.iter().map(|(fault, path)| (*fault, path.as_str()))
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
