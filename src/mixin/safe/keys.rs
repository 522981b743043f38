//! One-time keys: where an output's receivers can find and spend it (dossier §8.1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::UserId;
use crate::kernel::PublicKey;
use crate::mixin::call::{CallError, Reply};
use crate::mixin::wire::{self, Unreadable, unreadable};

/// Asks for the keys of one output. The same request gives the same keys, so bytes can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRequest {
    receivers: Vec<UserId>,
    index: u16,
    hint: Uuid,
}

impl KeyRequest {
    /// `index` must be the output's position in the final transaction: it is hashed into the keys, and at another
    /// position nobody would find the money. The receivers are sorted, as every client does.
    #[must_use]
    pub fn new(mut receivers: Vec<UserId>, index: u16, hint: Uuid) -> Self {
        receivers.sort_unstable();
        Self { receivers, index, hint }
    }
}

/// The keys of one output: `keys[i]` belongs to the i-th of the sorted receivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GhostKeys {
    pub mask: PublicKey,
    pub keys: Vec<PublicKey>,
}

impl GhostKeys {
    /// The keys for `requests`, in their order.
    ///
    /// # Errors
    /// [`CallError::Unanswered`] when there is not exactly one valid key for each receiver of each request.
    pub fn read(reply: &Reply, requests: &[KeyRequest]) -> Result<Vec<Self>, CallError> {
        let list = wire::list::<_, WireKeys>(&reply.data).map_err(|error| wire::bad("list of keys", &error))?;
        if list.len() != requests.len() {
            return Err(wire::bad("list of keys", &format!("{} for {} outputs", list.len(), requests.len())));
        }
        let fit = |(wire, request): (WireKeys, &KeyRequest)| wire.fit(request.receivers.len());
        list.into_iter().zip(requests).map(fit).collect::<Result<_, _>>().map_err(|error| wire::bad("key", &error))
    }
}

#[derive(Deserialize)]
struct WireKeys {
    mask: String,
    keys: Vec<String>,
}

impl WireKeys {
    fn fit(self, receivers: usize) -> Result<GhostKeys, Unreadable> {
        if self.keys.len() != receivers {
            return Err(unreadable("keys", &format!("{} for {receivers} receivers", self.keys.len())));
        }
        let keys = self.keys.iter().map(|key| point("keys", key)).collect::<Result<_, _>>()?;
        Ok(GhostKeys { mask: point("mask", &self.mask)?, keys })
    }
}

/// Money sent to what is no point of the curve is lost.
fn point(field: &'static str, text: &str) -> Result<PublicKey, Unreadable> {
    let key: PublicKey = wire::need(field, text)?;
    if key.is_valid() { Ok(key) } else { Err(unreadable(field, "not a key anybody can have")) }
}
