//! A copy of the database while the bot runs, and a copy put back.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};
use serde::Serialize;

use super::batch::rows;
use super::halts::{self, HALTED, Halt, RESTORED, Restored};
use super::judges::JUDGES;
use super::open::{beside, lock, private, runs, version};
use super::operator::{self, Operator};
use super::schema::STEPS;
use super::{Beside, StoreError};
use crate::id::UserId;
use crate::time::Millis;

/// `meta` key of a copy: machine time at which it was taken.
const TAKEN: &str = "taken";
/// What `SQLite` keeps beside a database, and lays over whatever bears its name: what was committed and not folded in.
const LOGS: [&str; 2] = ["-wal", "-journal"];
/// The same, and what only goes along.
const BESIDE: [&str; 3] = ["-wal", "-journal", "-shm"];

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
    /// Where the database, or a log without one, lies that was there before.
    pub aside: Option<PathBuf>,
    /// The operator's halt, of the copy or of the database before, that stands on.
    pub halt: Option<Halt>,
    /// What else the operator had stopped in the database before: asked again, and applied at the first start.
    pub stops: Vec<Operator>,
    /// What the operator last said of each person, once all of that is applied: a judge, or none.
    pub judges: BTreeMap<UserId, bool>,
    /// What the operator had asked of the copy, unanswered, and is dropped: resumptions and imports.
    pub dropped: u64,
    /// Why it is not known whether the database before was halted.
    pub unknown: Option<String>,
}

impl PutBack {
    fn stop(&mut self, stops: Vec<Operator>) {
        for stop in &stops {
            if let Operator::RemoveJudge { person } = stop {
                self.judges.insert(*person, false);
            }
        }
        self.stops = stops;
    }
}

impl Beside {
    /// Writes a copy to `to`, checked, in one step: either the whole of it is there or nothing is. The bot may go on
    /// meanwhile; the copy is of one moment. `now` is machine time; `force` replaces a file that is there.
    ///
    /// # Errors
    /// [`StoreError::InTheWay`], [`StoreError::Log`], or when the copy cannot be written or is not sound.
    pub fn back_up(&self, to: &Path, force: bool, now: Millis) -> Result<Contents, StoreError> {
        if !force && to.try_exists().unwrap_or(true) || same_file(to, &self.path) {
            return Err(StoreError::InTheWay { path: to.to_owned() });
        }
        if let Some(log) = BESIDE.iter().map(|log| beside(to, log)).find(|log| log.try_exists().unwrap_or(true)) {
            return Err(StoreError::Log { path: log });
        }
        let part = Part::new(to)?;
        let contents = self.copy_to(&part, to, now)?;
        part.take_name(to)?;
        Ok(contents)
    }

    fn copy_to(&self, part: &Part, to: &Path, now: Millis) -> Result<Contents, StoreError> {
        let name = part.0.to_str().ok_or_else(|| StoreError::file(to, std::io::ErrorKind::InvalidFilename.into()))?;
        self.db.execute("VACUUM INTO ?1", [name]).map_err(|source| StoreError::Open { path: to.to_owned(), source })?;
        let db = sound(&part.0, to)?;
        halts::put(&db, TAKEN, Some(&now))?;
        contents(&db)
    }
}

/// Puts the copy `from` in the place of the database `to`, and marks it: its first start reads everything again
/// before it signs. With `force` a database that is there is kept beside, under a dated name. A halt of the operator
/// that stands in either of them, or was asked for and not applied yet, stands in it too. `now` is machine time.
///
/// # Errors
/// [`StoreError::InUse`] while a bot runs on one of them, [`StoreError::InTheWay`] when there is a database, or when
/// the copy is not sound or not of this program. Then `to` is as it was.
pub fn restore(from: &Path, to: &Path, force: bool, now: Millis) -> Result<PutBack, StoreError> {
    let _lock = lock(to)?;
    let there = to.try_exists().unwrap_or(true);
    if there && !force || same_file(from, to) {
        return Err(StoreError::InTheWay { path: to.to_owned() });
    }
    // Asked only where a bot ran before: asking makes the lock.
    if beside(from, ".lock").exists() && runs(from) {
        return Err(StoreError::InUse { path: from.to_owned() });
    }
    let part = Part::new(to)?;
    let mut back = copied(from, &part, now)?;
    if there {
        // One after the other: of a damaged database, what can be read still stands.
        match open_old(to).and_then(|db| standing(&db)) {
            Ok(halt) => back.halt = halt.or(back.halt),
            Err(error) => back.unknown = Some(error.to_string()),
        }
        match open_old(to).and_then(|db| stops_of(&db, &back.judges)) {
            Ok(stops) => back.stop(stops),
            Err(error) => back.unknown = Some(error.to_string()),
        }
    }
    mark(&part, &back, now)?;
    back.aside = put_aside(to, there, now)?;
    part.take_name(to)?;
    marked(to)?;
    Ok(back)
}

/// The copy `from` at `part`, with what lies in its logs, and what is in it.
fn copied(from: &Path, part: &Part, now: Millis) -> Result<PutBack, StoreError> {
    let fail = |source| StoreError::file(from, source);
    part.fill(from, "").map_err(fail)?;
    for log in LOGS {
        match part.fill(from, log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
    }
    let mut db = sound(&part.0, from)?;
    let contents = contents(&db)?;
    let halt = standing(&db)?;
    let tx = db.transaction()?;
    let (mut dropped, mut judges) = (0, judges_of(&tx)?);
    for (seq, _, asked) in operator::unanswered(&tx)? {
        if let Operator::RemoveJudge { person } = &asked {
            judges.insert(*person, false);
        }
        if asked.only_stops() {
            // Whatever life it was asked of: nothing can be lost by it. The bot answers it at its start.
            continue;
        }
        // Asked of a life that is over: an old "resume" must not lift a halt now. A halt is carried over instead.
        let carried = matches!(asked, Operator::HaltSigning { .. });
        dropped += u64::from(!carried);
        let line = if carried { "applied by the restore" } else { "not applied: the database was restored" };
        let answer = serde_json::json!({ "ok": carried, "line": line, "halts": {} }).to_string();
        tx.execute("UPDATE operator SET done_at = ?2, answer = ?3 WHERE seq = ?1", params![seq, now.0, answer])?;
    }
    tx.commit()?;
    Ok(PutBack { contents, aside: None, halt, stops: Vec::new(), judges, dropped, unknown: None })
}

fn mark(part: &Part, back: &PutBack, now: Millis) -> Result<(), StoreError> {
    let mut db = Connection::open(&part.0)?;
    let tx = db.transaction()?;
    let taken_at = back.contents.taken_at.or(back.contents.newest);
    halts::put(&tx, RESTORED, Some(&Restored { at: now, taken_at }))?;
    halts::put(&tx, HALTED, back.halt.as_ref())?;
    halts::put::<()>(&tx, TAKEN, None)?;
    for stop in &back.stops {
        operator::put(&tx, now, stop)?;
    }
    Ok(tx.commit()?)
}

/// What was put back is read once more under its name: nothing else may lie over it.
fn marked(to: &Path) -> Result<(), StoreError> {
    let db = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match halts::read(&db)?.restored {
        Some(_) => Ok(()),
        None => Err(StoreError::Unsound { path: to.to_owned(), why: "the mark of the restore is lost".into() }),
    }
}

/// The database that is replaced, its log included.
fn open_old(database: &Path) -> Result<Connection, StoreError> {
    Ok(Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?)
}

/// What the operator last said of each person.
fn judges_of(db: &Connection) -> Result<BTreeMap<UserId, bool>, StoreError> {
    Ok(halts::get(db, &format!("note:{JUDGES}"))?.unwrap_or_default())
}

/// What the operator has stopped there beside signing, as he would ask for it again. Whom the copy has for a judge, and
/// who was none there, is a judge no more.
fn stops_of(db: &Connection, copy: &BTreeMap<UserId, bool>) -> Result<Vec<Operator>, StoreError> {
    let frozen = "SELECT json_object('ask', 'freeze_trade', 'code', code, 'why', row ->> 'frozen') FROM trade
        WHERE row ->> 'frozen' IS NOT NULL ORDER BY created_at, id";
    let mut stops: Vec<Operator> = rows(db, frozen, [])?;
    let halts = halts::read(db)?;
    stops.extend(halts.clock.map(|halt| Operator::HaltClock { why: halt.why }));
    stops.extend(halts.trades.into_iter().map(|halt| Operator::HaltTrades { scope: halt.scope, why: halt.halt.why }));
    let said = judges_of(db)?;
    let added = copy.iter().filter(|(person, is)| **is && !said.contains_key(person)).map(|(person, _)| *person);
    let removed =
        said.iter().filter(|(person, is)| !**is && copy.get(person) != Some(&false)).map(|(person, _)| *person);
    stops.extend(removed.chain(added).map(|person| Operator::RemoveJudge { person }));
    stops.extend(operator::unanswered(db)?.into_iter().map(|(_, _, asked)| asked).filter(Operator::only_stops));
    Ok(stops)
}

/// The operator's halt as committed, or as asked for and not applied yet.
fn standing(db: &Connection) -> Result<Option<Halt>, StoreError> {
    let asked = operator::unanswered(db)?.into_iter().rev().find_map(|(_, at, asked)| match asked {
        Operator::HaltSigning { why } => Some(Halt { since: at, why, by: "operator".into() }),
        _ => None,
    });
    Ok(halts::read(db)?.operator.or(asked))
}

/// Opens the copy at `part` and looks whether it is whole and ours; errors call it `path`.
fn sound(part: &Path, path: &Path) -> Result<Connection, StoreError> {
    let fail = |source| StoreError::Open { path: path.to_owned(), source };
    let bad = |why: String| StoreError::Unsound { path: path.to_owned(), why };
    let db = Connection::open(part).map_err(fail)?;
    // One file, its log folded in, so that it can be carried away and renamed.
    let mode: String =
        db.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(|error| bad(error.to_string()))?;
    if mode != "delete" {
        return Err(bad("its log cannot be folded in".into()));
    }
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

/// What is not whole yet, in the same folder as what it becomes, so that the last step is a rename. For the owner's
/// eyes, as the database is. Removed when it does not take its name.
struct Part(PathBuf);

impl Part {
    /// An empty one; errors name `to`.
    fn new(to: &Path) -> Result<Self, StoreError> {
        let part = Self(beside(to, &format!(".part-{}", std::process::id())));
        part.remove();
        private(&part.0).map_err(|source| StoreError::file(to, source))?;
        Ok(part)
    }

    /// Takes what `from`, or the log of it, holds.
    fn fill(&self, from: &Path, log: &str) -> std::io::Result<()> {
        let mut from = File::open(beside(from, log))?;
        let part = beside(&self.0, log);
        let mut part = if log.is_empty() { File::options().write(true).open(part)? } else { private(&part)? };
        std::io::copy(&mut from, &mut part).map(drop)
    }

    fn take_name(&self, to: &Path) -> Result<(), StoreError> {
        let fail = |source| StoreError::file(to, source);
        File::open(&self.0).and_then(|file| file.sync_all()).map_err(fail)?;
        fs::rename(&self.0, to).map_err(fail)?;
        sync_folder(to);
        Ok(())
    }

    fn remove(&self) {
        for log in BESIDE.iter().chain(&[""]) {
            let _ = fs::remove_file(beside(&self.0, log));
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The rename itself outlives a loss of power; where folders cannot be synced, the system does it in its time.
fn sync_folder(of: &Path) {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Gives the database a second, dated name; its first one is then replaced in one step, so that at no moment a bot
/// could start on nothing. Its log must not be taken for the new one's, also when only the log is left: it is folded
/// in, or goes along.
fn put_aside(database: &Path, there: bool, now: Millis) -> Result<Option<PathBuf>, StoreError> {
    let dated = now.to_rfc3339().replace(':', "-");
    let aside = beside(database, &format!(".before-{dated}"));
    let fail = |source| StoreError::file(&aside, source);
    if there {
        if let Ok(db) = Connection::open(database) {
            let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        fs::hard_link(database, &aside).or_else(|_| fs::copy(database, &aside).map(drop)).map_err(fail)?;
    }
    let mut kept = there;
    for log in BESIDE {
        match fs::rename(beside(database, log), beside(&aside, log)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
            moved => kept |= moved.is_ok(),
        }
    }
    Ok(kept.then_some(aside))
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
