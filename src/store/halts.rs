//! Why nothing is signed, kept over restarts: the operator's own halt, and the one of a restore. Each is lifted by
//! itself; signing needs both off. Beside them the operator's halts of new trades, and the one of rights by time.

use rusqlite::{Connection, OptionalExtension};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Changes, Store, StoreError};
use crate::id::{AssetId, UserId};
use crate::time::Millis;

/// The operator's halt of all signing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// Server time.
    pub since: Millis,
    pub why: String,
    pub by: String,
}

/// This database was put back from a copy, and not everything was read again since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Machine time of the restore.
    pub at: Millis,
    /// Machine time at which the copy was taken, as far as it tells.
    pub taken_at: Option<Millis>,
}

/// What is kept from being started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every new trade.
    All,
    /// Those in this asset.
    Asset(AssetId),
    /// Those of this person.
    Person(UserId),
}

/// The operator's halt of new trades. Those that are agreed to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeHalt {
    pub scope: Scope,
    #[serde(flatten)]
    pub halt: Halt,
}

/// Every halt that stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halts {
    /// Of signing.
    pub operator: Option<Halt>,
    /// Of signing.
    pub restored: Option<Restored>,
    /// Of new trades, one a scope.
    #[serde(default)]
    pub trades: Vec<TradeHalt>,
    /// Of rights by time: the clock made a jump (design §2), or the operator wants it.
    #[serde(default)]
    pub clock: Option<Halt>,
}

impl Halts {
    /// What keeps a new trade in this asset and of these people from being agreed to; the widest halt first.
    #[must_use]
    pub fn against(&self, asset: AssetId, people: &[UserId]) -> Option<&TradeHalt> {
        let hits = |halt: &&TradeHalt| match halt.scope {
            Scope::All => true,
            Scope::Asset(of) => of == asset,
            Scope::Person(of) => people.contains(&of),
        };
        self.trades.iter().filter(hits).min_by_key(|halt| halt.scope)
    }

    /// Why signing is halted, in a line for people; `None` when it is not.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        match (&self.operator, &self.restored) {
            (None, None) => None,
            (Some(halt), None) => Some(halt.line()),
            (None, Some(_)) => Some(Restored::WHY.to_owned()),
            (Some(halt), Some(_)) => Some(format!("{}; and {}", halt.line(), Restored::WHY)),
        }
    }
}

impl Halt {
    /// For people: why, by whom and since when.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} (by the {}, since {})", self.why, self.by, self.since.to_rfc3339())
    }
}

impl Restored {
    const WHY: &str = "restored: every open trade and request is read again first; the log names what is not read yet, and `resume signing --unread` goes on without it";
}

/// `meta` keys.
pub(super) const HALTED: &str = "halted";
pub(super) const RESTORED: &str = "restored";
const TRADES: &str = "halted_trades";
const CLOCK: &str = "halted_clock";

pub(super) fn read(db: &Connection) -> Result<Halts, StoreError> {
    let trades = get(db, TRADES)?.unwrap_or_default();
    Ok(Halts { operator: get(db, HALTED)?, restored: get(db, RESTORED)?, trades, clock: get(db, CLOCK)? })
}

pub(super) fn get<T: DeserializeOwned>(db: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let sql = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1";
    let text: Option<String> = db.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(super) fn put<T: Serialize>(db: &Connection, key: &str, value: Option<&T>) -> Result<(), StoreError> {
    match value {
        Some(value) => db.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [key, &serde_json::to_string(value)?]),
        None => db.execute("DELETE FROM meta WHERE key = ?1", [key]),
    }?;
    Ok(())
}

pub(super) fn save(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    if let Some(halts) = &changes.halts {
        put(tx, HALTED, halts.operator.as_ref())?;
        put(tx, RESTORED, halts.restored.as_ref())?;
        put(tx, TRADES, Some(&halts.trades).filter(|trades| !trades.is_empty()))?;
        put(tx, CLOCK, halts.clock.as_ref())?;
    }
    if let Some(now) = changes.cosign_from {
        // A leased one keeps its lease; the wish is heard when it ends.
        tx.execute("UPDATE job SET run_at = MIN(run_at, ?1) WHERE kind = 'cosign' AND parked IS NULL", [now.0])?;
    }
    Ok(())
}

impl Store {
    /// The halts as last committed.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn halts(&self) -> Result<Halts, StoreError> {
        read(&self.db)
    }
}
