//! A copy of the database while the bot runs, and a copy put back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::Serialize;

use super::halts::{self, RESTORED, Restored};
use super::open::{beside, lock, version};
use super::schema::STEPS;
use super::{Beside, StoreError};
use crate::time::Millis;

/// `meta` key of a copy: machine time at which it was taken.
const TAKEN: &str = "taken";

/// What is in a database, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    pub schema: usize,
    pub trades: u64,
    pub open_trades: u64,
    /// Server time of the newest commit that is dated.
    pub newest: Option<Millis>,
    /// Machine time, for a copy.
    pub taken_at: Option<Millis>,
}

/// A database that was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PutBack {
    pub contents: Contents,
    /// Where the database lies that was there before.
    pub aside: Option<PathBuf>,
}

impl Beside {
    /// Writes a copy to `to`, checked, in one step: either the whole of it is there or nothing is. The bot may go on
    /// meanwhile; the copy is of one moment. `now` is machine time; `force` replaces a file that is there.
    ///
    /// # Errors
    /// [`StoreError::InTheWay`], or when the copy cannot be written or is not sound.
    pub fn back_up(&self, to: &Path, force: bool, now: Millis) -> Result<Contents, StoreError> {
        if !force && to.try_exists().unwrap_or(true) {
            return Err(StoreError::InTheWay { path: to.to_owned() });
        }
        if same_file(to, &self.path) {
            return Err(StoreError::InTheWay { path: to.to_owned() });
        }
        let part = part(to);
        let made = self.copy_to(&part, now);
        finish(made, &part, to)
    }

    fn copy_to(&self, part: &Path, now: Millis) -> Result<Contents, StoreError> {
        let fail = |source| StoreError::Open { path: part.to_owned(), source };
        let name = part.to_str().ok_or_else(|| StoreError::file(part, std::io::ErrorKind::InvalidFilename.into()))?;
        self.db.execute("VACUUM INTO ?1", [name]).map_err(fail)?;
        let db = sound(part)?;
        halts::put(&db, TAKEN, Some(&now))?;
        contents(&db)
    }
}

/// Puts the copy `from` in the place of the database `to`, and marks it: its first start reads everything again
/// before it signs. With `force` a database that is there is kept beside, under a dated name. `now` is machine time.
///
/// # Errors
/// [`StoreError::InUse`] while a bot runs on `to`, [`StoreError::InTheWay`] when there is a database, or when the copy
/// is not sound or not of this program. Then `to` is as it was.
pub fn restore(from: &Path, to: &Path, force: bool, now: Millis) -> Result<PutBack, StoreError> {
    let _lock = lock(to)?;
    let there = to.try_exists().unwrap_or(true);
    if there && !force || same_file(from, to) {
        return Err(StoreError::InTheWay { path: to.to_owned() });
    }
    let part = part(to);
    let made = copied(from, &part, now);
    let aside = if there && made.is_ok() { Some(put_aside(to, now)?) } else { None };
    Ok(PutBack { contents: finish(made, &part, to)?, aside })
}

fn copied(from: &Path, part: &Path, now: Millis) -> Result<Contents, StoreError> {
    fs::copy(from, part).map_err(|source| StoreError::file(from, source))?;
    let mut db = sound(part)?;
    let contents = contents(&db)?;
    let tx = db.transaction()?;
    halts::put(&tx, RESTORED, Some(&Restored { at: now, taken_at: contents.taken_at.or(contents.newest) }))?;
    halts::put::<()>(&tx, TAKEN, None)?;
    if contents.schema >= 2 {
        // Asked of a life that is over: an old "resume" must not lift a halt now.
        let answer = r#"{"ok":false,"line":"not applied: the database was restored","halts":{}}"#;
        tx.execute("UPDATE operator SET done_at = ?1, answer = ?2 WHERE done_at IS NULL", params![now.0, answer])?;
    }
    tx.commit()?;
    Ok(contents)
}

/// Opens a copy and looks whether it is whole and ours.
fn sound(path: &Path) -> Result<Connection, StoreError> {
    let fail = |source| StoreError::Open { path: path.to_owned(), source };
    let bad = |why: String| StoreError::Unsound { path: path.to_owned(), why };
    let db = Connection::open(path).map_err(fail)?;
    // One file, without a log beside it, so that it can be carried away and renamed.
    db.pragma_update(None, "journal_mode", "DELETE").map_err(|error| bad(error.to_string()))?;
    let said: String =
        db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(|error| bad(error.to_string()))?;
    if said != "ok" {
        return Err(bad(said));
    }
    let found = version(&db).map_err(fail)?;
    if found > STEPS.len() {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: STEPS.len() });
    }
    let tables =
        "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('meta', 'trade', 'job', 'history')";
    let tables: u32 = db.query_row(tables, [], |row| row.get(0))?;
    if found == 0 || tables < 4 {
        return Err(bad("it is no database of this program".into()));
    }
    Ok(db)
}

fn contents(db: &Connection) -> Result<Contents, StoreError> {
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let newest = "SELECT MAX(at) FROM (SELECT MAX(at) AS at FROM history
        UNION ALL SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_alive')";
    Ok(Contents {
        schema: version(db)?,
        trades: count("SELECT COUNT(*) FROM trade")?,
        open_trades: count("SELECT COUNT(*) FROM trade WHERE open = 1")?,
        newest: db.query_row(newest, [], |row| row.get::<_, Option<i64>>(0))?.map(Millis),
        taken_at: halts::get(db, TAKEN)?,
    })
}

/// A name for what is not whole yet, in the same folder, so that the last step is a rename.
fn part(to: &Path) -> PathBuf {
    beside(to, &format!(".part-{}", std::process::id()))
}

/// What was made at `part` takes its name, or is removed.
fn finish(made: Result<Contents, StoreError>, part: &Path, to: &Path) -> Result<Contents, StoreError> {
    let done = made.and_then(|contents| {
        let fail = |source| StoreError::file(to, source);
        File::open(part).and_then(|file| file.sync_all()).map_err(fail)?;
        fs::rename(part, to).map_err(fail)?;
        sync_folder(to);
        Ok(contents)
    });
    if done.is_err() {
        let _ = fs::remove_file(part);
    }
    done
}

/// The rename itself outlives a loss of power; where folders cannot be synced, the system does it in its time.
fn sync_folder(of: &Path) {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Gives the database a second, dated name; its first one is then replaced in one step, so that at no moment a bot
/// could start on nothing. Its log must not be taken for the new one's: it is folded in, or goes along.
fn put_aside(database: &Path, now: Millis) -> Result<PathBuf, StoreError> {
    let dated = now.to_rfc3339().replace(':', "-");
    let aside = beside(database, &format!(".before-{dated}"));
    let fail = |source| StoreError::file(&aside, source);
    if let Ok(db) = Connection::open(database) {
        let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    fs::hard_link(database, &aside).or_else(|_| fs::copy(database, &aside).map(drop)).map_err(fail)?;
    for log in ["-wal", "-shm"] {
        match fs::rename(beside(database, log), beside(&aside, log)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
    }
    Ok(aside)
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
