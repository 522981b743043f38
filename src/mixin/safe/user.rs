//! People and bots, as their profiles say (dossier §4.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::id::UserId;
use crate::kernel::PublicKey;
use crate::mixin::call::{CallError, Reply};
use crate::mixin::wire::{self, Unreadable};

/// A person or a bot. `name` is free text of the person's choosing: never show it unquoted or without `number`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a profile, none excludes another")]
pub struct User {
    pub user_id: UserId,
    /// The Mixin ID: decimal digits, any length; "0" is somebody without Messenger.
    pub number: String,
    pub name: String,
    /// Has a registered spend key, so can be a member of a vault (dossier §4.2).
    pub has_safe: bool,
    pub is_bot: bool,
    pub is_scam: bool,
    pub is_deactivated: bool,
}

/// The bot's own profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub user: User,
    /// The account's spend key; older views do not show it.
    pub spend_public_key: Option<PublicKey>,
}

impl User {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no user.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireUser, _>("user", reply)
    }

    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no list of users.
    pub fn read_list(reply: &Reply) -> Result<Vec<Self>, CallError> {
        let list = wire::list::<_, WireUser>(&reply.data).map_err(|error| wire::bad("list of users", &error))?;
        list.into_iter().map(|user| user.try_into().map_err(|error: Unreadable| wire::bad("user", &error))).collect()
    }
}

impl Me {
    /// # Errors
    /// [`CallError::Unanswered`] when the answer is no profile.
    pub fn read(reply: &Reply) -> Result<Self, CallError> {
        wire::read::<WireUser, _>("profile", reply)
    }
}

#[derive(Deserialize)]
struct WireUser {
    user_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    identity_number: String,
    #[serde(default, deserialize_with = "wire::text")]
    full_name: String,
    #[serde(default, deserialize_with = "wire::flag")]
    has_safe: bool,
    #[serde(default, deserialize_with = "wire::flag")]
    is_scam: bool,
    #[serde(default, deserialize_with = "wire::flag")]
    is_deactivated: bool,
    #[serde(default, deserialize_with = "wire::text")]
    app_id: String,
    #[serde(default)]
    app: Value,
    #[serde(default, deserialize_with = "wire::text")]
    spend_public_key: String,
}

impl TryFrom<WireUser> for User {
    type Error = Unreadable;

    fn try_from(wire: WireUser) -> Result<Self, Unreadable> {
        let app = wire.app_id.parse::<Uuid>().is_ok_and(|id| !id.is_nil()) || wire.app.is_object();
        Ok(Self {
            user_id: wire::need("user_id", &wire.user_id)?,
            is_bot: app || is_bot_number(&wire.identity_number),
            number: wire.identity_number,
            name: wire.full_name,
            has_safe: wire.has_safe,
            is_scam: wire.is_scam,
            is_deactivated: wire.is_deactivated,
        })
    }
}

impl TryFrom<WireUser> for Me {
    type Error = Unreadable;

    fn try_from(wire: WireUser) -> Result<Self, Unreadable> {
        let spend_public_key = wire::maybe("spend_public_key", &wire.spend_public_key)?;
        Ok(Self { user: wire.try_into()?, spend_public_key })
    }
}

/// Bots are 7000 and 7000000001–7999999999 (messaging §9.2).
fn is_bot_number(number: &str) -> bool {
    number == "7000" || number.parse().is_ok_and(|number: u64| (7_000_000_001..=7_999_999_999).contains(&number))
}
