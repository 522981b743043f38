//! What is known of judges: with whom they have traded, for whom they have ruled, which cases may be theirs.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use serde::Serialize;

use super::batch::rows;
use super::{Reader, Store, StoreError};
use crate::id::{TradeId, UserId};
use crate::time::Millis;
use crate::trade::Trade;

/// The note that holds what the operator last said of each person: a judge, or none.
pub const JUDGES: &str = "judges";

/// A ruling that became final, for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuledRow {
    pub judge: UserId,
    pub person: UserId,
    pub trade: TradeId,
    /// Server time.
    pub at: Millis,
}

pub(super) fn save(tx: &Connection, ruled: &[RuledRow]) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO ruled (judge, person, trade, at) VALUES (?1, ?2, ?3, ?4)";
    for row in ruled {
        let (judge, person, trade) = (row.judge.to_string(), row.person.to_string(), row.trade.to_string());
        tx.prepare_cached(sql)?.execute(params![judge, person, trade, row.at.0])?;
    }
    Ok(())
}

/// The trades in dispute whose terms name one of these judges.
pub(super) fn disputed(db: &Connection, judges: &BTreeSet<UserId>) -> Result<Vec<Trade>, StoreError> {
    let sql = "SELECT row FROM trade WHERE state = 'Disputed' AND EXISTS (
            SELECT 1 FROM json_each(row, '$.terms.judges') AS named
            WHERE named.value IN (SELECT value FROM json_each(?1)))";
    rows(db, sql, [serde_json::to_string(judges)?])
}

impl Store {
    /// Which of these judges have agreed to a trade with which of these people, or ruled for them after `since`
    /// (server time).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn conflicts(
        &self,
        judges: &BTreeSet<UserId>,
        people: &BTreeSet<UserId>,
        since: Millis,
    ) -> Result<BTreeSet<(UserId, UserId)>, StoreError> {
        if judges.is_empty() || people.is_empty() {
            return Ok(BTreeSet::new());
        }
        // Whoever was turned away stands in `party` too; the frozen parties stand in the row.
        let sql = "SELECT json_array(one.person, other.person)
            FROM party AS one JOIN party AS other ON other.trade = one.trade AND other.person <> one.person
            JOIN trade ON trade.id = one.trade
            WHERE one.person IN (SELECT value FROM json_each(?1))
              AND other.person IN (SELECT value FROM json_each(?2))
              AND trade.vault IS NOT NULL
              AND one.person IN (trade.row ->> '$.parties.buyer', trade.row ->> '$.parties.seller')
              AND other.person IN (trade.row ->> '$.parties.buyer', trade.row ->> '$.parties.seller')
            UNION SELECT json_array(judge, person) FROM ruled
            WHERE judge IN (SELECT value FROM json_each(?1)) AND person IN (SELECT value FROM json_each(?2)) AND at > ?3";
        let (judges, people) = (serde_json::to_string(judges)?, serde_json::to_string(people)?);
        Ok(rows(&self.db, sql, params![judges, people, since.0])?.into_iter().collect())
    }
}

impl Reader {
    /// What the operator last said of each person: a judge, or none. Of whom nothing is said, the configuration says it.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn judges(&self) -> Result<BTreeMap<UserId, bool>, StoreError> {
        let found = rows(&self.db, "SELECT value FROM meta WHERE key = 'note:' || ?1", [JUDGES])?;
        Ok(found.into_iter().next().unwrap_or_default())
    }
}
