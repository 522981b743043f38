//! The Safe API: people, one-time keys, outputs, multisig requests, transactions. Functions here make calls; the
//! types read the answers (`User::read(&reply)`), turning whatever cannot be read into
//! [`CallError::Unanswered`](super::CallError::Unanswered).

mod keys;
mod multisig;
mod output;
mod user;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::call::Call;
use crate::id::{Hash, RequestId, UserId};

pub use keys::{GhostKeys, KeyRequest};
pub use multisig::{MultisigRequest, Receiver, SafeTransaction, TransactionState, View};
pub use output::{OutputState, OutputsPage, VaultOutput};
pub use user::{Me, User};

/// Most outputs one page can hold (dossier §9.1).
pub const OUTPUTS_LIMIT: usize = 500;

/// The bot's own profile → [`Me`].
#[must_use]
pub fn me() -> Call {
    Call::get("/safe/me")
}

/// One person → [`User`]; unknown is `NotFound`.
#[must_use]
pub fn user(id: UserId) -> Call {
    Call::get(format!("/users/{id}"))
}

/// Several people → [`User::read_list`]; unknown ids are left out, the order is not promised.
#[must_use]
pub fn users(ids: &[UserId]) -> Call {
    Call::post("/users/fetch", &json!(ids))
}

/// One person by Mixin ID → [`User`]. Heavily limited: after one `Busy` with code 429, wait 12 hours.
#[must_use]
pub fn search(number: &str) -> Call {
    let query: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
    Call::get(format!("/search/{}", query.replace('+', "%20")))
}

/// One-time keys for outputs yet to be made → [`GhostKeys::read`] (dossier §8.1, array form).
#[must_use]
pub fn keys(requests: &[KeyRequest]) -> Call {
    Call::post("/safe/keys", &json!(requests))
}

/// A vault's outputs in all states, ascending by sequence from `offset` on (which is taken to be inclusive, so
/// expect the one at `offset` again) → [`OutputsPage::read`].
#[must_use]
pub fn outputs(members: &Hash, threshold: u8, offset: u64) -> Call {
    Call::get(format!(
        "/safe/outputs?members={members}&threshold={threshold}&offset={offset}&limit={OUTPUTS_LIMIT}&order=ASC"
    ))
}

/// One output by its place in a transaction → [`VaultOutput`]; missing is `NotFound`.
#[must_use]
pub fn output(transaction: &Hash, index: u16) -> Call {
    Call::get(format!("/safe/outputs/{transaction}:{index}"))
}

/// Opens a request for `raw`, or finds the one that has this id already, which may carry another transaction or be
/// revoked: compare (dossier §11.3) → [`MultisigRequest`].
#[must_use]
pub fn create_multisig(request: RequestId, raw: &[u8]) -> Call {
    Call::post("/safe/multisigs", &Value::Array(vec![request_body(request, raw)]))
}

/// A request, with the caller's views → [`MultisigRequest`]; missing is `NotFound`.
#[must_use]
pub fn multisig(request: RequestId) -> Call {
    multisig_by(&request.to_string())
}

/// The same by what it is known by: its id, or the hash of its transaction (dossier §11.1).
#[must_use]
pub fn multisig_by(id_or_hash: &str) -> Call {
    Call::get(format!("/safe/multisigs/{id_or_hash}"))
}

/// Adds the signatures inside `raw` to a request → [`MultisigRequest`].
#[must_use]
pub fn sign_multisig(request: RequestId, raw: &[u8]) -> Call {
    Call::post(format!("/safe/multisigs/{request}/sign"), &request_body(request, raw))
}

/// Revokes a request and frees its inputs; refused with 403 once the threshold is reached. Read the request back
/// afterwards (dossier §11.6) → [`MultisigRequest`].
#[must_use]
pub fn unlock_multisig(request: RequestId) -> Call {
    Call::post_nothing(format!("/safe/multisigs/{request}/unlock"))
}

/// A transaction by the id it was requested under → [`SafeTransaction`]; `NotFound` until it is known.
#[must_use]
pub fn transaction(request: RequestId) -> Call {
    Call::get(format!("/safe/transactions/{request}"))
}

/// A transaction by its hash → [`SafeTransaction`]; `NotFound` until it is known.
#[must_use]
pub fn transaction_by_hash(hash: &Hash) -> Call {
    Call::get(format!("/safe/transactions/{hash}"))
}

fn request_body(request: RequestId, raw: &[u8]) -> Value {
    json!({"request_id": request, "raw": hex::encode(raw)})
}
