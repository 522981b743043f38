//! What the reading verbs share: a connection that can only read, whether the bot runs or not, and never the keystore.

use std::path::Path;

use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::start;
use crate::chat::{Person, View, text};
use crate::id::{self, UserId};
use crate::store::{Read, Reader, StoreError};
use crate::time::{Millis, machine_now};
use crate::trade::{Role, Trade};
use crate::web::Inside;

/// A database that is read, and what the operator has set.
pub(super) struct Books {
    pub(super) reader: Reader,
    /// What is shown is shown as the bot's own JSON shows it.
    pub(super) inside: Inside,
}

/// One trade, everybody who has a part in it, and the clock, all of one moment.
pub(super) struct Page {
    pub(super) read: Read,
    pub(super) trade: Trade,
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn failed(error: StoreError) -> Failure {
    start::refused(&error)
}

impl Books {
    pub(super) fn open(config: Option<&Path>) -> Result<Self, Failure> {
        let settings = start::settings(config)?;
        let reader = Reader::open(&settings.database()).map_err(failed)?;
        // Whose trades these are stands in the database; before the first start there are none.
        let bot = reader.bot().map_err(failed)?.unwrap_or(UserId(uuid::Uuid::nil()));
        let house = settings.house(bot, String::new());
        let house = house.map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
        Ok(Self { reader, inside: Inside { house } })
    }

    /// The trade with this code, read as people type it.
    pub(super) fn trade(&self, typed: &str) -> Result<Page, Failure> {
        let none = || Failure::new(Exit::NoSuch, format!("there is no trade {typed:?}; `trade list --all` names them"));
        let mut read = self.reader.trade(&id::crockford_read(typed).ok_or_else(none)?).map_err(failed)?;
        let trade = read.trades.pop().ok_or_else(none)?;
        Ok(Page { read, trade })
    }

    /// A trade as the bot itself would read it.
    pub(super) fn view<T>(&self, read: &Read, trade: &Trade, show: impl FnOnce(&View<'_>) -> T) -> T {
        self.inside.view(read, trade, machine_now(), show)
    }
}

/// Who a person is: their name in quotation marks and their Mixin ID, or the id alone while they are unknown.
pub(super) fn who(read: &Read, person: UserId) -> String {
    match read.people.get(&person).map(|row| &row.person) {
        Some(person) => known(person),
        None => person.to_string(),
    }
}

pub(super) fn known(person: &Person) -> String {
    if person.number.is_empty() {
        return person.id.to_string();
    }
    format!("“{}” ({})", text::quoted_name(&person.name), person.number)
}

/// The side of a trade, for lines; while nobody is on it, that.
pub(super) fn side(read: &Read, trade: &Trade, role: Role) -> String {
    trade.person(role).map_or_else(|| "nobody yet".to_owned(), |person| who(read, person))
}

/// The same for `--json`.
pub(super) fn side_json(read: &Read, trade: &Trade, role: Role) -> Value {
    let Some(person) = trade.person(role) else { return Value::Null };
    let known = read.people.get(&person).map(|row| &row.person);
    json!({
        "id": person,
        "name": known.map(|known| text::quoted_name(&known.name)),
        "number": known.map(|known| known.number.as_str()),
    })
}

/// A service time as a date, in server time.
pub(super) fn date(read: &Read, service: Millis) -> String {
    read.clock.to_server(service).to_rfc3339()
}
