//! Opening the database, and the words for what can go wrong with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::halts;
use super::schema::STEPS;
use crate::id::UserId;

/// The one writing connection.
pub struct Store {
    pub(super) db: Connection,
    /// Held while this lives: two writers could authorise two plans over one input.
    _lock: Option<File>,
}

/// A database that cannot be used. Nothing is lost: what was not committed is delivered again by Mixin, what was
/// committed is there.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database {path} cannot be opened: {source}; check that its folder exists and can be written")]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("the database {path} cannot be made: {source}; check that its folder exists and can be written")]
    Make { path: PathBuf, source: std::io::Error },
    #[error(
        "the database {path} was made by a newer release (its schema is {found}, this program knows {known}); run that release"
    )]
    Newer { path: PathBuf, found: usize, known: usize },
    #[error("the lock {path} of the database cannot be taken: {source}; check that its folder can be written")]
    Lock { path: PathBuf, source: std::io::Error },
    #[error("the database {path} is in use by another process; only one may run on it")]
    InUse { path: PathBuf },
    #[error("there is no database {path}; check store.database, or start the bot once")]
    Missing { path: PathBuf },
    #[error("the database {path} is of an older release (its schema is {found}); start the bot once with this one")]
    Older { path: PathBuf, found: usize },
    #[error("{path} is there already and was left as it is; choose another name, or --force")]
    InTheWay { path: PathBuf },
    #[error("{path} is the log of a database and would be laid over the copy; move it away, or choose another name")]
    Log { path: PathBuf },
    #[error("{path} can only be read; give this user the right to write it and its folder (chmod u+w)")]
    ReadOnly { path: PathBuf },
    #[error(
        "this database belongs to bot {owner}, the keystore is that of bot {bot}; name the other keystore, or another store.database"
    )]
    OtherBot { owner: UserId, bot: UserId },
    #[error("the copy {path} is not sound: {why}; take another one")]
    Unsound { path: PathBuf, why: String },
    #[error("the file {path}: {source}; check its name and its folder")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the database refused: {0}")]
    Sql(#[from] rusqlite::Error),
    #[error("a stored row cannot be read: {0}")]
    Row(#[from] serde_json::Error),
}

impl StoreError {
    pub(super) fn open(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly { path },
            _ => Self::Open { path, source },
        }
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// `meta` key: the bot whose database it is.
pub(super) const BOT: &str = "bot";

/// How long a connection waits for another one's commit.
pub(super) const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

/// Planned statements that are kept; there are some fifty.
const STATEMENTS_MAX: usize = 128;

/// How many steps of the schema a database has.
pub(super) fn version(db: &Connection) -> rusqlite::Result<usize> {
    let found: u32 = db.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

/// Whether a bot runs on the database at `path`.
#[must_use]
pub fn runs(path: &Path) -> bool {
    path.try_exists().unwrap_or(false) && matches!(lock(path), Err(StoreError::InUse { .. }))
}

/// A path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl Store {
    /// Opens or makes the database at `path` and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it cannot be opened or written, [`StoreError::Newer`] when it is of a later release.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |source| StoreError::open(path, source);
        // Whether there is one, and why there can be none, `SQLite` says itself.
        let _ = private(path);
        let db = Connection::open(path).map_err(fail)?;
        let lock = lock(path)?;
        Self::prepare(db, path, Some(lock)).map_err(|error| match error {
            StoreError::Sql(source) => fail(source),
            other => other,
        })
    }

    /// A database that lives in memory, for simulations.
    ///
    /// # Errors
    /// When `SQLite` cannot make one.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?, Path::new(":memory:"), None)
    }

    /// Notes whose database this is when nobody did, and refuses another bot: it would sign for trades it knows
    /// nothing of, under ids that are not theirs.
    ///
    /// # Errors
    /// [`StoreError::OtherBot`], or when the database refuses.
    pub fn belongs_to(&self, bot: UserId) -> Result<(), StoreError> {
        match halts::get::<UserId>(&self.db, BOT)? {
            Some(owner) if owner != bot => Err(StoreError::OtherBot { owner, bot }),
            Some(_) => Ok(()),
            None => halts::put(&self.db, BOT, Some(&bot)),
        }
    }

    fn prepare(mut db: Connection, path: &Path, lock: Option<File>) -> Result<Self, StoreError> {
        // WAL with synchronous=FULL: what is committed is there after power is lost, and readers never wait.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.busy_timeout(BUSY)?;
        // Every statement is planned once: without this each bound LIMIT plans it anew.
        db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let found = version(&db)?;
        if found > STEPS.len() {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: STEPS.len() });
        }
        let tx = db.transaction()?;
        for step in STEPS.iter().skip(found) {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "user_version", u32::try_from(STEPS.len()).unwrap_or(u32::MAX))?;
        tx.commit()?;
        Ok(Self { db, _lock: lock })
    }
}

/// Whether a database could be made at `path`, where there is none; nothing is left behind.
///
/// # Errors
/// [`StoreError::Make`] when not.
pub fn can_be_made(path: &Path) -> Result<(), StoreError> {
    let part = beside(path, &format!(".part-{}", std::process::id()));
    private(&part)
        .and_then(|_| std::fs::remove_file(&part))
        .map_err(|source| StoreError::Make { path: path.to_owned(), source })
}

/// Makes an empty file that only its owner can read: people's names and trades will be in it.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A lock beside the database; the system lets go of it when the process ends, however it ends.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let beside = beside(path, ".lock");
    let file = File::options()
        .create(true)
        .append(true)
        .open(&beside)
        .map_err(|source| StoreError::Lock { path: beside.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(StoreError::Lock { path: beside, source }),
    }
}
