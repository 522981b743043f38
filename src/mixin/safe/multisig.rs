//! Multisig requests and transactions (dossier §11.2, §12.2). What a request says about itself is for people;
//! what counts is its bytes, which the reader must decode.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::kernel::Scalar;
use crate::mixin::call::{CallError, Reply};
use crate::mixin::wire::{self, Unreadable, unreadable};
use crate::money::Amount;
use crate::time::Millis;

/// A transaction that waits for signatures, as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultisigRequest {
    pub request_id: RequestId,
    pub transaction_hash: Hash,
    pub asset_id: Option<AssetId>,
    /// What the app shows as the amount: that of output 0, by assumption.
    pub amount: Amount,
    /// The transaction with the signatures the server chose to show.
    #[serde(with = "wire::as_hex")]
    pub raw: Vec<u8>,
    pub senders: Vec<UserId>,
    pub senders_hash: Hash,
    pub senders_threshold: u8,
    /// Who has signed.
    pub signers: Vec<UserId>,
    /// By assumption one for each output, in their order.
    pub receivers: Vec<Receiver>,
    /// The caller's own, one for each input in their order; may be missing.
    pub views: Vec<View>,
    /// Who revoked it; nobody can sign it any more then.
    pub revoked_by: Option<UserId>,
    pub inscription: bool,
    pub created_at: Option<Millis>,
}

/// Where an output of a request goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiver {
    pub members: Vec<UserId>,
    pub members_hash: Option<Hash>,
    pub threshold: u8,
    /// An address on an outside chain; empty for everything we make.
    pub destination: String,
    pub tag: String,
}

/// What the server adds to our spend key for one input: the one-time key is their sum (dossier §8.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct View(pub [u8; 32]);

/// A transaction as the Safe API knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeTransaction {
    pub transaction_hash: Hash,
    /// The id it was requested under; for a payment, its trace.
    pub request_id: Option<RequestId>,
    pub state: TransactionState,
    /// Empty when the server does not show it.
    #[serde(with = "wire::as_hex")]
    pub raw: Vec<u8>,
    pub snapshot_at: Option<Millis>,
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionState {
    /// Checked, not yet submitted.
    Unspent,
    /// Submitted; the kernel has not spoken.
    Signed,
    /// Final.
    Spent,
    /// A word we do not know.
    Unknown,
}

impl MultisigRequest {
    /// From the answers of create (a list of one), get, sign and unlock.
    ///
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no request.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        const WHAT: &str = "multisig request";
        let one = match reply.data.as_array().map(Vec::as_slice) {
            None => &reply.data,
            Some([one]) => one,
            Some(many) => return Err(wire::bad(WHAT, &format!("it is a list of {}", many.len()))),
        };
        let wire = WireRequest::deserialize(one).map_err(|error| wire::bad(WHAT, &error))?;
        wire.try_into().map_err(|error: Unreadable| wire::bad(WHAT, &error))
    }
}

impl SafeTransaction {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no transaction.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireTransaction, _>("transaction", reply)
    }
}

impl View {
    /// `None` when it is no canonical scalar.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar> {
        Scalar::from_canonical(self.0)
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("View(…)")
    }
}

impl FromStr for View {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map(|()| Self(bytes))
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for View {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Deserialize)]
struct WireRequest {
    request_id: String,
    transaction_hash: String,
    #[serde(default, deserialize_with = "wire::text")]
    asset_id: String,
    amount: String,
    raw_transaction: String,
    #[serde(default, deserialize_with = "wire::list")]
    senders: Vec<String>,
    senders_hash: String,
    senders_threshold: u64,
    #[serde(default, deserialize_with = "wire::list")]
    signers: Vec<String>,
    #[serde(default, deserialize_with = "wire::list")]
    receivers: Vec<WireReceiver>,
    #[serde(default, deserialize_with = "wire::list")]
    views: Vec<Value>,
    #[serde(default, deserialize_with = "wire::text")]
    revoked_by: String,
    #[serde(default, deserialize_with = "wire::text")]
    inscription_hash: String,
    #[serde(default, deserialize_with = "wire::text")]
    created_at: String,
}

#[derive(Deserialize)]
struct WireReceiver {
    #[serde(default, deserialize_with = "wire::list")]
    members: Vec<String>,
    #[serde(default, deserialize_with = "wire::text")]
    members_hash: String,
    #[serde(default, deserialize_with = "wire::number")]
    threshold: u64,
    #[serde(default, deserialize_with = "wire::text")]
    destination: String,
    #[serde(default, deserialize_with = "wire::text")]
    tag: String,
}

#[derive(Deserialize)]
struct WireTransaction {
    transaction_hash: String,
    #[serde(default, deserialize_with = "wire::text")]
    request_id: String,
    state: String,
    #[serde(default, deserialize_with = "wire::text")]
    raw_transaction: String,
    #[serde(default, deserialize_with = "wire::text")]
    snapshot_hash: String,
    #[serde(default, deserialize_with = "wire::text")]
    snapshot_at: String,
}

impl TryFrom<WireRequest> for MultisigRequest {
    type Error = Unreadable;

    fn try_from(wire: WireRequest) -> Result<Self, Unreadable> {
        Ok(Self {
            request_id: wire::need("request_id", &wire.request_id)?,
            transaction_hash: wire::need("transaction_hash", &wire.transaction_hash)?,
            // Some versions write the kernel's hash here (dossier §12.2); the bytes name the asset anyway.
            asset_id: wire.asset_id.parse().ok(),
            amount: wire::need("amount", &wire.amount)?,
            raw: wire::bytes("raw_transaction", &wire.raw_transaction)?,
            senders: wire::people("senders", &wire.senders)?,
            senders_hash: wire::need("senders_hash", &wire.senders_hash)?,
            senders_threshold: wire::fit("senders_threshold", wire.senders_threshold)?,
            signers: wire::people("signers", &wire.signers)?,
            receivers: wire.receivers.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            views: wire.views.iter().map(view).collect::<Result<Option<_>, _>>()?.unwrap_or_default(),
            revoked_by: wire::maybe("revoked_by", &wire.revoked_by)?,
            inscription: !wire.inscription_hash.is_empty(),
            created_at: Millis::from_rfc3339(&wire.created_at),
        })
    }
}

/// The documentation prints objects where every client reads texts (dossier §11.2): objects are no views, and a
/// list that holds one is no list of views.
fn view(value: &Value) -> Result<Option<View>, Unreadable> {
    value.as_str().map(|text| text.parse().map_err(|error| unreadable("views", &error))).transpose()
}

impl TryFrom<WireReceiver> for Receiver {
    type Error = Unreadable;

    fn try_from(wire: WireReceiver) -> Result<Self, Unreadable> {
        Ok(Self {
            members: wire::people("receivers.members", &wire.members)?,
            members_hash: wire::maybe("receivers.members_hash", &wire.members_hash)?,
            threshold: wire::fit("receivers.threshold", wire.threshold)?,
            destination: wire.destination,
            tag: wire.tag,
        })
    }
}

impl TryFrom<WireTransaction> for SafeTransaction {
    type Error = Unreadable;

    fn try_from(wire: WireTransaction) -> Result<Self, Unreadable> {
        Ok(Self {
            transaction_hash: wire::need("transaction_hash", &wire.transaction_hash)?,
            request_id: wire.request_id.parse().ok(),
            state: match wire.state.as_str() {
                "unspent" => TransactionState::Unspent,
                "signed" => TransactionState::Signed,
                "spent" => TransactionState::Spent,
                _ => TransactionState::Unknown,
            },
            raw: wire::bytes("raw_transaction", &wire.raw_transaction)?,
            // Before the snapshot the field holds the year 1.
            snapshot_at: Millis::from_rfc3339(&wire.snapshot_at).filter(|_| !wire.snapshot_hash.is_empty()),
        })
    }
}
