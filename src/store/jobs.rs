//! The queue: what is due, leased for a while. A lease that runs out (the process died) is due again.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::batch::rows;
use super::{JobRow, Store, StoreError};
use crate::id::{Hash, TradeId};
use crate::time::Millis;

/// A leased job.
pub type Due = JobRow;

/// When the first lane opens. The first row of a lane opens it, unless one of the lane is leased: the same rule as
/// in [`Store::lease`], or the caller would wait for what cannot be leased.
///
/// Each subquery must find its rows by an index, or but once: this is asked at every turn, whatever waits.
const FIRST_OF_LANES: &str = "SELECT MIN(MAX(first.run_at,
        COALESCE((SELECT MAX(held.lease) FROM job AS held WHERE held.parked IS NULL AND held.lane = first.lane), 0),
        CASE first.kind WHEN 'say' THEN COALESCE(
            (SELECT MAX(said.lease) FROM job AS said WHERE said.parked IS NULL AND said.kind = 'say'), 0) ELSE 0 END))
    FROM job AS first WHERE first.parked IS NULL AND first.kind <> 'order' AND NOT EXISTS (
        SELECT 1 FROM job AS ahead WHERE ahead.lane = first.lane AND ahead.parked IS NULL AND ahead.seq < first.seq)";

impl Store {
    /// Leases up to `limit` jobs that are due, looks only or everything but looks, what moves money first: of each
    /// lane only the first, and no `say` while another is being said, except that `say` jobs of one lane go together, in order; one that was tried before goes
    /// alone, so that nothing overtakes it. Until `until` nobody else gets them.
    ///
    /// A leased row's `run_at` is the end of its lease, so that a wish to run it sooner, made while it runs, is still
    /// seen when it ends.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn lease(&mut self, now: Millis, until: Millis, looks: bool, limit: u32) -> Result<Vec<Due>, StoreError> {
        let sql = "UPDATE job SET lease = ?2, run_at = ?2 WHERE seq IN (
                SELECT seq FROM job AS candidate
                WHERE parked IS NULL AND run_at <= ?1 AND (lease IS NULL OR lease <= ?1) AND (kind = 'look') = ?4
                AND kind <> 'order'
                AND (kind <> 'say' OR NOT EXISTS (
                    SELECT 1 FROM job AS said WHERE said.kind = 'say' AND said.parked IS NULL AND said.lease > ?1))
                AND NOT EXISTS (
                    SELECT 1 FROM job AS ahead WHERE ahead.lane = candidate.lane AND ahead.parked IS NULL
                    AND (ahead.lease > ?1 OR (ahead.seq < candidate.seq
                        AND (candidate.kind <> 'say' OR candidate.tries > 0 OR ahead.tries > 0 OR ahead.run_at > ?1))))
                ORDER BY CASE kind WHEN 'cosign' THEN 0 WHEN 'unlock' THEN 0 WHEN 'open' THEN 1 WHEN 'keys' THEN 1
                                   WHEN 'say' THEN 2 WHEN 'verify' THEN 4 ELSE 3 END, CASE kind WHEN 'look' THEN run_at ELSE seq END
                LIMIT ?3)
            RETURNING json_object('id', id, 'kind', kind, 'lane', lane, 'trade', trade, 'run_at', run_at,
                                  'tries', tries, 'refusals', refusals, 'body', json(body)), seq";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement.query_map(params![now.0, until.0, limit, looks], |row: &Row<'_>| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, String>(0)?))
        })?;
        let mut due: Vec<(i64, Due)> = found
            .map(|row| row.map_err(StoreError::from).and_then(|(seq, text)| Ok((seq, serde_json::from_str(&text)?))))
            .collect::<Result<_, StoreError>>()?;
        due.sort_by_key(|(seq, _)| *seq);
        Ok(due.into_iter().map(|(_, job)| job).collect())
    }

    /// How many jobs of the kind `order` are due, by their class: they leave by MixPay's budget, see
    /// [`lease_orders`](Self::lease_orders).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn orders_due(&self, now: Millis) -> Result<BTreeMap<String, u32>, StoreError> {
        let sql = "SELECT json_array(COALESCE(body ->> 'class', ''), COUNT(*)) FROM job WHERE kind = 'order'
            AND parked IS NULL AND run_at <= ?1 AND (lease IS NULL OR lease <= ?1) GROUP BY body ->> 'class'";
        let found: Vec<(String, u32)> = rows(&self.db, sql, [now.0])?;
        Ok(found.into_iter().collect())
    }

    /// Leases up to `limit` jobs of the kind `order` and of this class, the longest due first.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn lease_orders(
        &mut self,
        now: Millis,
        until: Millis,
        class: &str,
        limit: u32,
    ) -> Result<Vec<Due>, StoreError> {
        let sql = "UPDATE job SET lease = ?2, run_at = ?2 WHERE seq IN (
                SELECT seq FROM job WHERE kind = 'order' AND body ->> 'class' = ?3 AND parked IS NULL
                AND run_at <= ?1 AND (lease IS NULL OR lease <= ?1) ORDER BY run_at, seq LIMIT ?4)
            RETURNING json_object('id', id, 'kind', kind, 'lane', lane, 'trade', trade, 'run_at', run_at,
                                  'tries', tries, 'refusals', refusals, 'body', json(body))";
        rows(&self.db, sql, params![now.0, until.0, class, limit])
    }

    /// When the next job of the kind `order` is due, in machine time.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_order(&self) -> Result<Option<Millis>, StoreError> {
        let sql = "SELECT MIN(MAX(run_at, COALESCE(lease, 0))) FROM job WHERE kind = 'order' AND parked IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(Millis))
    }

    /// Frees every lease: called once at start, when nobody can hold one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn free_leases(&mut self) -> Result<(), StoreError> {
        self.db.execute("UPDATE job SET lease = NULL, run_at = 0 WHERE lease IS NOT NULL", [])?;
        Ok(())
    }

    /// Moves what is due later than `latest` to then: the clock of an earlier life may have run ahead.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn not_later_than(&mut self, latest: Millis) -> Result<(), StoreError> {
        self.db.execute("UPDATE job SET run_at = ?1 WHERE run_at > ?1", [latest.0])?;
        Ok(())
    }

    /// When the next job is due or the next trade wakes, in machine time and in service time.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_due(&self) -> Result<(Option<Millis>, Option<Millis>), StoreError> {
        let one = |sql: &str| -> Result<Option<Millis>, StoreError> {
            Ok(self.db.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(Millis))
        };
        Ok((one(FIRST_OF_LANES)?, one("SELECT MIN(wake_at) FROM trade WHERE wake_at IS NOT NULL")?))
    }

    /// Trades whose wake has come, at most `limit`. `now` is service time.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn woken(&self, now: Millis, limit: u32) -> Result<Vec<TradeId>, StoreError> {
        let sql = "SELECT id FROM trade WHERE wake_at <= ?1 ORDER BY wake_at LIMIT ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let ids = statement.query_map(params![now.0, limit], |row| row.get::<_, String>(0))?;
        Ok(ids.filter_map(Result::ok).filter_map(|id| id.parse().ok()).collect())
    }

    /// From where on the vault may hold outputs that were never seen: a little before the end of what was, because
    /// a list may show a later output before an earlier one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn look_from(&self, vault: Hash) -> Result<u64, StoreError> {
        let last = "SELECT sequence FROM deposit WHERE vault = ?1 AND spent = {} ORDER BY sequence DESC LIMIT 100";
        let last = |spent: &str| last.replace("{}", spent);
        let sql = format!(
            "SELECT COALESCE(MIN(sequence), 0) FROM (SELECT sequence FROM (
                SELECT * FROM ({}) UNION ALL SELECT * FROM ({})) ORDER BY sequence DESC LIMIT 100)",
            last("0"),
            last("1")
        );
        let from: i64 = self.db.prepare_cached(&sql)?.query_row([vault.to_string()], |row| row.get(0))?;
        Ok(u64::try_from(from).unwrap_or(0))
    }
}
