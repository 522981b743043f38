//! The outputs of a vault (dossier §9.3).

use serde::{Deserialize, Serialize};

use crate::id::{AssetId, Hash, RequestId, UserId};
use crate::kernel::derive::asset_hash;
use crate::kernel::{Output, PublicKey, Utxo};
use crate::mixin::call::{CallError, Reply};
use crate::mixin::wire::{self, Unreadable, unreadable};
use crate::money::Amount;
use crate::time::Millis;
use uuid::Uuid;

use super::OUTPUTS_LIMIT;

/// One output of a vault. What is dangerous to misread (asset, amount, keys, state, inscription) was read strictly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultOutput {
    pub output_id: Uuid,
    pub transaction_hash: Hash,
    pub output_index: u16,
    /// The kernel's name of the asset; agrees with `asset_id`.
    pub asset_hash: Hash,
    pub asset_id: AssetId,
    /// In units of 10⁻⁸.
    pub amount: Amount,
    pub mask: PublicKey,
    /// One for each of the sorted receivers.
    pub keys: Vec<PublicKey>,
    /// Empty for deposits from outside and for payers the server does not know.
    pub senders: Vec<UserId>,
    pub senders_threshold: u8,
    pub receivers: Vec<UserId>,
    pub receivers_hash: Hash,
    pub receivers_threshold: u8,
    /// The payment's memo, as bytes.
    #[serde(with = "wire::as_hex")]
    pub extra: Vec<u8>,
    pub state: OutputState,
    pub sequence: u64,
    /// The transaction that reserved or spent it.
    pub signed_by: Option<Hash>,
    /// Who signed that transaction so far.
    pub signers: Vec<UserId>,
    /// The trace of the payment; missing when it was not made through the Safe API.
    pub request_id: Option<RequestId>,
    /// An inscription: never money.
    pub inscription: bool,
    pub created_at: Millis,
}

/// Where an output stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    Unspent,
    /// Reserved by `signed_by`, perhaps by a single signature.
    Signed,
    /// Final.
    Spent,
    /// A word we do not know: neither spendable nor spent.
    Unknown,
}

/// One page of a vault's outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputsPage {
    /// In the order given: ascending by sequence.
    pub outputs: Vec<VaultOutput>,
    /// What was listed and could not be read, and why: for the operator. One odd output must not hide the others.
    pub unreadable: Vec<String>,
    /// Where the next page starts; `None` when this was the last. The output there comes again: go by `output_id`.
    pub next_offset: Option<u64>,
}

impl VaultOutput {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no output.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireOutput, _>("output", reply)
    }

    /// What the kernel needs to know of it to judge a transaction that spends it.
    #[must_use]
    pub fn utxo(&self) -> Utxo {
        let Output { amount, keys, mask, script, .. } =
            Output::pay(self.amount, self.keys.clone(), self.mask, self.receivers_threshold);
        Utxo {
            hash: self.transaction_hash,
            index: self.output_index,
            asset: self.asset_hash,
            amount,
            keys,
            mask,
            script,
        }
    }
}

impl OutputsPage {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no list, or a full page of which nothing could be read.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        let rows = wire::list::<_, serde_json::Value>(&reply.data).map_err(|error| wire::bad("list", &error))?;
        let full = rows.len() >= OUTPUTS_LIMIT;
        let mut page = Self::default();
        for row in rows {
            match WireOutput::deserialize(&row)
                .map_err(|error| unreadable("output", &error))
                .and_then(TryInto::try_into)
            {
                Ok(output) => page.outputs.push(output),
                Err(error) => page.unreadable.push(format!("{}: {error}", row["output_id"])),
            }
        }
        if full {
            let last = page.outputs.iter().map(|output| output.sequence).max();
            page.next_offset = Some(last.ok_or_else(|| wire::bad("list of outputs", &"nothing in it can be read"))?);
        }
        Ok(page)
    }
}

#[derive(Deserialize)]
struct WireOutput {
    output_id: String,
    transaction_hash: String,
    output_index: u64,
    asset_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    kernel_asset_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    asset: String,
    amount: String,
    mask: String,
    keys: Vec<String>,
    #[serde(default, deserialize_with = "wire::list")]
    senders: Vec<String>,
    #[serde(default, deserialize_with = "wire::number")]
    senders_threshold: u64,
    receivers: Vec<String>,
    receivers_hash: String,
    receivers_threshold: u64,
    #[serde(default, deserialize_with = "wire::text")]
    extra: String,
    state: String,
    sequence: u64,
    #[serde(default, deserialize_with = "wire::text")]
    signed_by: String,
    #[serde(default, deserialize_with = "wire::list")]
    signers: Vec<String>,
    #[serde(default, deserialize_with = "wire::text")]
    request_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    inscription_hash: String,
    created_at: String,
}

impl TryFrom<WireOutput> for VaultOutput {
    type Error = Unreadable;

    fn try_from(wire: WireOutput) -> Result<Self, Unreadable> {
        let asset_id: AssetId = wire::need("asset_id", &wire.asset_id)?;
        let asset = if wire.kernel_asset_id.is_empty() { &wire.asset } else { &wire.kernel_asset_id };
        let hash: Hash = wire::need("kernel_asset_id", asset)?;
        // Two names of one asset that disagree: money of which nobody knows what it is.
        if hash != asset_hash(asset_id) {
            return Err(unreadable("kernel_asset_id", "is not that of asset_id"));
        }
        Ok(Self {
            output_id: wire::need("output_id", &wire.output_id)?,
            transaction_hash: wire::need("transaction_hash", &wire.transaction_hash)?,
            output_index: wire::fit("output_index", wire.output_index)?,
            asset_hash: hash,
            asset_id,
            amount: wire::need("amount", &wire.amount)?,
            mask: wire::need("mask", &wire.mask)?,
            keys: wire.keys.iter().map(|key| wire::need("keys", key)).collect::<Result<_, _>>()?,
            senders: wire::people("senders", &wire.senders)?,
            senders_threshold: wire::fit("senders_threshold", wire.senders_threshold)?,
            receivers: wire::people("receivers", &wire.receivers)?,
            receivers_hash: wire::need("receivers_hash", &wire.receivers_hash)?,
            receivers_threshold: wire::fit("receivers_threshold", wire.receivers_threshold)?,
            // Hex by all evidence (dossier §9.3); a payer's text must never hide a payment, so text is taken as text.
            extra: hex::decode(&wire.extra).unwrap_or_else(|_| wire.extra.into_bytes()),
            state: match wire.state.as_str() {
                "unspent" => OutputState::Unspent,
                "signed" => OutputState::Signed,
                "spent" => OutputState::Spent,
                _ => OutputState::Unknown,
            },
            // Stored as a signed integer; no ledger will ever count that far.
            sequence: i64::try_from(wire.sequence)
                .map(i64::unsigned_abs)
                .map_err(|_| unreadable("sequence", "is too large"))?,
            signed_by: wire::maybe("signed_by", &wire.signed_by)?,
            signers: wire::people("signers", &wire.signers)?,
            // Whatever a payer outside the Safe API leaves here must not hide the payment either.
            request_id: wire.request_id.parse().ok(),
            inscription: !wire.inscription_hash.is_empty(),
            created_at: wire::moment("created_at", &wire.created_at)?,
        })
    }
}
