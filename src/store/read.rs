//! Reading for people and for checks of the books; nothing here is needed to run.

use super::batch::rows;
use super::{HistoryRow, JobRow, Store, StoreError};
use crate::id::TradeId;
use crate::time::Millis;
use crate::trade::Trade;

impl Store {
    /// Every trade, oldest first.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn trades(&self) -> Result<Vec<Trade>, StoreError> {
        rows(&self.db, "SELECT row FROM trade ORDER BY created_at, id", [])
    }

    /// Every trade that is open, or whose vault may still see money, at this server time.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn watched(&self, now: Millis) -> Result<Vec<Trade>, StoreError> {
        let sql = "SELECT row FROM trade WHERE watched_until > ?1 ORDER BY created_at, id";
        rows(&self.db, sql, [now.0])
    }

    /// A trade's history, oldest first.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn history(&self, trade: TradeId) -> Result<Vec<HistoryRow>, StoreError> {
        let sql = "SELECT json_object('trade', trade, 'version', version, 'at', at, 'event', json(event))
            FROM history WHERE trade = ?1 ORDER BY seq";
        rows(&self.db, sql, [trade.to_string()])
    }

    /// The queue in the order it was filled: each job, and why it is parked if it is.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn queue(&self) -> Result<Vec<(JobRow, Option<String>)>, StoreError> {
        let sql =
            "SELECT json_array(json_object('id', id, 'kind', kind, 'lane', lane, 'trade', trade, 'run_at', run_at,
            'tries', tries, 'refusals', refusals, 'body', json(body)), parked) FROM job ORDER BY seq";
        rows(&self.db, sql, [])
    }
}
