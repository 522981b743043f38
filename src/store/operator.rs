//! What the operator asks for: a row put beside the running bot, applied by the bot, answered in the same commit.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open::{BOT, BUSY, version};
use super::schema::STEPS;
use super::{Changes, Halts, Scope, Store, StoreError, halts};
use crate::id::{JobId, UserId};
use crate::time::Millis;

/// What an operator can ask of a bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Operator {
    /// The bot signs nothing more until it is told to go on.
    HaltSigning {
        why: String,
    },
    ResumeSigning {
        /// A restore's halt too, although not everything was read again.
        #[serde(default)]
        unread: bool,
    },
    /// Nobody agrees to a new trade of this scope; those that are agreed to go on.
    HaltTrades {
        scope: Scope,
        why: String,
    },
    ResumeTrades {
        scope: Scope,
    },
    /// Nobody gets a right by time until it is resumed.
    HaltClock {
        why: String,
    },
    /// The clock is right, also after a jump.
    ResumeClock,
    /// Nothing is signed in the trade with this code, and its clocks stand still, until it is unfrozen.
    FreezeTrade {
        code: String,
        why: String,
    },
    UnfreezeTrade {
        code: String,
        why: String,
    },
    /// The members of the trade with this code are asked whether the output, which names no trade, is for it.
    AssignDeposit {
        output: Uuid,
        code: String,
    },
    /// The same goes back to the member who sent it, by a request of the trade with this code.
    ReturnDeposit {
        output: Uuid,
        code: String,
    },
    /// From now on this person is a judge.
    AddJudge {
        person: UserId,
    },
    RemoveJudge {
        person: UserId,
    },
    /// Another judge looks at the ruling that stands in the trade with this code.
    StopRuling {
        code: String,
    },
    /// A job that waits, or was given up, is tried now.
    RetryJob {
        id: JobId,
    },
    /// The trade of a recovery kit is taken up.
    Import {
        kit: String,
    },
    /// Written by a newer release, or by nobody of ours: answered, and nothing is done.
    #[serde(other)]
    Unknown,
}

impl Operator {
    /// It keeps something from happening, and does nothing else. The halt of signing stands beside the rows.
    pub(super) const fn only_stops(&self) -> bool {
        matches!(
            self,
            Self::FreezeTrade { .. }
                | Self::HaltTrades { .. }
                | Self::HaltClock { .. }
                | Self::StopRuling { .. }
                | Self::RemoveJudge { .. }
        )
    }
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorAnswer {
    pub ok: bool,
    /// For people.
    pub line: String,
    /// What stands after it.
    pub halts: Halts,
}

/// Rows applied in one batch.
const ASKED_MAX: u32 = 100;
/// The step that made the table.
const SINCE: usize = 2;

pub(super) fn save(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let sql = "UPDATE operator SET done_at = ?2, answer = ?3 WHERE seq = ?1 AND done_at IS NULL";
    for (seq, at, answer) in &changes.answered {
        tx.prepare_cached(sql)?.execute(params![seq, at.0, serde_json::to_string(answer)?])?;
    }
    Ok(())
}

/// Puts a row for the bot and gives its number.
pub(super) fn put(db: &Connection, at: Millis, input: &Operator) -> Result<i64, StoreError> {
    let input = serde_json::to_string(input)?;
    db.execute("INSERT INTO operator (at, input) VALUES (?1, ?2)", params![at.0, input])?;
    Ok(db.last_insert_rowid())
}

/// What nobody has answered, oldest first, with the machine time it was asked at; nothing in a database from before
/// there was anything to ask.
pub(super) fn unanswered(db: &Connection) -> Result<Vec<(i64, Millis, Operator)>, StoreError> {
    if version(db)? < SINCE {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare("SELECT seq, at, input FROM operator WHERE done_at IS NULL ORDER BY seq")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Millis(row.get(1)?), row.get::<_, String>(2)?)))?;
    rows.map(|row| {
        let (seq, at, text) = row?;
        Ok((seq, at, serde_json::from_str(&text).unwrap_or(Operator::Unknown)))
    })
    .collect()
}

impl Store {
    /// What the operator asked for and nobody has answered, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asked(&self) -> Result<Vec<(i64, Operator)>, StoreError> {
        let sql = "SELECT seq, input FROM operator WHERE done_at IS NULL ORDER BY seq LIMIT ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([ASKED_MAX], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (seq, text) = row?;
            // Whatever it is, it is answered: it must not stand before what comes after it.
            Ok((seq, serde_json::from_str(&text).unwrap_or(Operator::Unknown)))
        })
        .collect()
    }
}

/// A second connection to the database of a bot that may be running: reads, and puts rows for the operator. It holds
/// no lock, makes no database and changes no schema.
pub struct Beside {
    pub(super) db: Connection,
    pub(super) path: PathBuf,
}

impl Beside {
    /// Opens the database at `path`.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, [`StoreError::Newer`] or [`StoreError::Older`] when its schema is
    /// not one this program can stand beside.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists().unwrap_or(true) {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let fail = |source| StoreError::open(path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(fail)?;
        db.busy_timeout(BUSY).map_err(fail)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        let found = version(&db).map_err(fail)?;
        if found > STEPS.len() {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: STEPS.len() });
        }
        if found < SINCE {
            return Err(StoreError::Older { path: path.to_owned(), found });
        }
        Ok(Self { db, path: path.to_owned() })
    }

    /// Refuses another bot than the one whose database it is; a database that never served is anybody's.
    ///
    /// # Errors
    /// [`StoreError::OtherBot`], or when the row cannot be read.
    pub fn is_of(&self, bot: UserId) -> Result<(), StoreError> {
        match halts::get::<UserId>(&self.db, BOT)? {
            Some(owner) if owner != bot => Err(StoreError::OtherBot { owner, bot }),
            _ => Ok(()),
        }
    }

    /// Puts a row for the bot and gives its number. `at` is machine time.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn ask(&self, at: Millis, input: &Operator) -> Result<i64, StoreError> {
        put(&self.db, at, input).map_err(|error| match error {
            StoreError::Sql(source) => StoreError::open(&self.path, source),
            other => other,
        })
    }

    /// What the bot answered to a row; `None` while it has not applied it.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn answer(&self, seq: i64) -> Result<Option<OperatorAnswer>, StoreError> {
        let sql = "SELECT answer FROM operator WHERE seq = ?1 AND done_at IS NOT NULL";
        let text: Option<String> = self.db.prepare_cached(sql)?.query_row([seq], |row| row.get(0)).optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// The halts as last committed.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn halts(&self) -> Result<Halts, StoreError> {
        halts::read(&self.db)
    }
}
