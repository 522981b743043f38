//! Reading for people and for checks of the books; nothing here is needed to run.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Params};
use serde::Deserialize;

use super::batch::{clock, people, rows};
use super::halts;
use super::ledger::{self, Checked};
use super::open::{BOT, BUSY, version};
use super::schema::STEPS;
use super::{DepositRow, ExhibitRow, Halts, HistoryRow, JobRow, PersonRow, Store, StoreError};
use crate::id::{JobId, TradeId, UserId};
use crate::time::{Millis, ServiceClock};
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
        history(&self.db, &trade.to_string(), u32::MAX)
    }

    /// Checks the books as last committed.
    ///
    /// # Errors
    /// When the database refuses; what cannot be read is broken.
    pub fn check(&self) -> Result<Checked, StoreError> {
        ledger::check(&self.db)
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

/// These jobs, as far as they are there.
pub(super) fn jobs_of(db: &Connection, ids: String) -> Result<Vec<JobSeen>, StoreError> {
    let sql = "SELECT json_object('id', job.id, 'kind', kind, 'lane', lane, 'trade', trade.code, 'run_at', run_at,
            'tries', tries, 'refusals', refusals, 'parked', parked, 'lease', lease)
        FROM job LEFT JOIN trade ON trade.id = job.trade WHERE job.id IN (SELECT value FROM json_each(?1))";
    rows(db, sql, [ids])
}

/// The last `limit` lines of a trade's history, oldest first.
pub(super) fn history(db: &Connection, trade: &str, limit: u32) -> Result<Vec<HistoryRow>, StoreError> {
    let sql = "SELECT json_object('trade', trade, 'version', version, 'at', at, 'event', json(event))
        FROM (SELECT * FROM history WHERE trade = ?1 ORDER BY seq DESC LIMIT ?2) ORDER BY seq";
    rows(db, sql, rusqlite::params![trade, limit])
}

/// A connection that can only read, for pages and the operator, whether or not the bot runs. In WAL mode a reader holds
/// nobody up and sees what was last committed.
pub struct Reader {
    pub(super) db: Connection,
}

/// Trades as they stood at one moment.
#[derive(Clone, Debug)]
pub struct Read {
    /// Newest first.
    pub trades: Vec<Trade>,
    /// The last lines of the history of the only trade asked for, oldest first; empty when a list was.
    pub history: Vec<HistoryRow>,
    /// Everybody who has a part in them.
    pub people: BTreeMap<UserId, PersonRow>,
    pub clock: ServiceClock,
    /// Nobody gets a right by time until the operator has looked.
    pub clock_halted: bool,
}

/// A job in the queue without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct JobSeen {
    pub id: JobId,
    pub kind: String,
    pub lane: String,
    /// The code of the trade it is about.
    pub trade: Option<String>,
    /// Machine time.
    pub run_at: Millis,
    pub tries: u32,
    pub refusals: u32,
    /// Why it never runs by itself.
    pub parked: Option<String>,
    /// Machine time until which a running bot has it in hand.
    #[serde(default)]
    pub lease: Option<Millis>,
}

/// An output of a vault, as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DepositSeen {
    pub row: DepositRow,
    /// The code of the trade it serves; `None`: it names none.
    pub code: Option<String>,
    /// The code of the trade whose members were asked about it.
    pub asked_of: Option<String>,
}

/// Most lines of a history that are read: whoever can make more of them must not make reading slow.
const HISTORY_MAX: u32 = 500;

const DEPOSITS: &str = "SELECT json_object('row', json(deposit.row), 'code', trade.code, 'asked_of', asked.code)
    FROM deposit LEFT JOIN trade ON trade.id = deposit.trade LEFT JOIN trade AS asked
    ON asked.id = COALESCE(deposit.row ->> '$.asked.open', deposit.row ->> '$.asked.refused')";
const OF_CODE: &str = "SELECT row FROM trade WHERE code = ?1";

impl Reader {
    /// Opens the database at `path`, which a [`Store`] of this release has open, or has had.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, [`StoreError::Open`] when it cannot be read, [`StoreError::Newer`] or
    /// [`StoreError::Older`] when its schema is another release's.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists().unwrap_or(true) {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let fail = |source| StoreError::open(path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(fail)?;
        db.busy_timeout(BUSY).map_err(fail)?;
        match version(&db).map_err(fail)? {
            found if found > STEPS.len() => Err(StoreError::Newer { path: path.to_owned(), found, known: STEPS.len() }),
            found if found < STEPS.len() => Err(StoreError::Older { path: path.to_owned(), found }),
            _ => Ok(Self { db }),
        }
    }

    /// The bot whose database it is; `None`: none has served from it yet.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn bot(&self) -> Result<Option<UserId>, StoreError> {
        halts::get(&self.db, BOT)
    }

    /// The trade with this code, and its history; no trade when there is none.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn trade(&self, code: &str) -> Result<Read, StoreError> {
        self.read(OF_CODE, [code], HISTORY_MAX)
    }

    /// The same for whoever `may` read it, and what it said of them. Asked first: nothing more is read for anybody else.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn trade_for<T>(
        &self,
        code: &str,
        may: impl FnOnce(&Trade) -> Option<T>,
    ) -> Result<Option<(Read, T)>, StoreError> {
        let tx = self.db.unchecked_transaction()?;
        let trades: Vec<Trade> = rows(&tx, OF_CODE, [code])?;
        let Some(who) = trades.first().and_then(may) else { return Ok(None) };
        Ok(Some((around(&tx, trades, HISTORY_MAX)?, who)))
    }

    /// The newest trades, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn newest(&self, limit: u32) -> Result<Read, StoreError> {
        self.read("SELECT row FROM trade ORDER BY created_at DESC, id LIMIT ?1", [limit], 0)
    }

    /// The halts as last committed.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn halts(&self) -> Result<Halts, StoreError> {
        halts::read(&self.db)
    }

    /// Somebody by their user id or their Mixin ID, as far as they are known.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn person(&self, name: &str) -> Result<Option<PersonRow>, StoreError> {
        let sql = "SELECT row FROM person WHERE id = ?1 OR row ->> '$.person.number' = ?1 LIMIT 1";
        Ok(rows(&self.db, sql, [name])?.into_iter().next())
    }

    /// Every trade that has not ended, the newest first.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn open_trades(&self) -> Result<Read, StoreError> {
        self.read("SELECT row FROM trade WHERE open = 1 ORDER BY created_at DESC, id", [], 0)
    }

    /// What was seen in the vaults, by vault and in the order it came: all of it, or only what serves no trade.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn deposits(&self, unmatched: bool) -> Result<Vec<DepositSeen>, StoreError> {
        let sql = format!("{DEPOSITS} WHERE deposit.trade IS NULL OR NOT ?1 ORDER BY deposit.vault, deposit.sequence");
        rows(&self.db, &sql, [unmatched])
    }

    /// One of them by its id, with the newest trade of its vault; nothing when it was never seen.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn deposit(&self, output: uuid::Uuid) -> Result<Option<(DepositSeen, Read)>, StoreError> {
        let tx = self.db.unchecked_transaction()?;
        let sql = format!("{DEPOSITS} WHERE output_id = ?1");
        let Some(seen) = rows::<DepositSeen>(&tx, &sql, [output.to_string()])?.into_iter().next() else {
            return Ok(None);
        };
        let sql = "SELECT row FROM trade WHERE vault = ?1 ORDER BY created_at DESC, id DESC LIMIT 1";
        let trades = rows(&tx, sql, [seen.row.vault.to_string()])?;
        Ok(Some((seen, around(&tx, trades, 0)?)))
    }

    /// The first `limit` jobs of the queue, in the order it was filled.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn jobs(&self, limit: u32) -> Result<Vec<JobSeen>, StoreError> {
        let sql = "SELECT json_object('id', job.id, 'kind', kind, 'lane', lane, 'trade', trade.code, 'run_at', run_at,
                'tries', tries, 'refusals', refusals, 'parked', parked, 'lease', lease)
            FROM job LEFT JOIN trade ON trade.id = job.trade ORDER BY job.seq LIMIT ?1";
        rows(&self.db, sql, [limit])
    }

    /// Checks the books as last committed.
    ///
    /// # Errors
    /// When the database refuses; what cannot be read is broken.
    pub fn check(&self) -> Result<Checked, StoreError> {
        ledger::check(&self.db)
    }

    /// A trade by its code and what is kept of its exhibits, in order, of one moment.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn evidence(&self, code: &str) -> Result<Option<(Read, Vec<ExhibitRow>)>, StoreError> {
        let tx = self.db.unchecked_transaction()?;
        let trades: Vec<Trade> = rows(&tx, OF_CODE, [code])?;
        let Some(id) = trades.first().map(|trade| trade.id.to_string()) else { return Ok(None) };
        let kept = rows(&tx, "SELECT row FROM evidence WHERE trade = ?1 ORDER BY no", [id])?;
        Ok(Some((around(&tx, trades, 0)?, kept)))
    }

    /// All of it of one moment.
    fn read(&self, sql: &str, params: impl Params, lines: u32) -> Result<Read, StoreError> {
        let tx = self.db.unchecked_transaction()?;
        let trades = rows(&tx, sql, params)?;
        around(&tx, trades, lines)
    }
}

/// What is needed to show these trades; with `lines` of history if it is only one.
fn around(db: &Connection, trades: Vec<Trade>, lines: u32) -> Result<Read, StoreError> {
    let clock_halted = halts::read(db)?.clock.is_some();
    let mut read =
        Read { people: people(db, &trades)?, clock: clock(db)?.0, clock_halted, history: Vec::new(), trades };
    if let [trade] = read.trades.as_slice()
        && lines > 0
    {
        read.history = history(db, &trade.id.to_string(), lines)?;
    }
    Ok(read)
}
