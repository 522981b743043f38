//! What the door reads before a batch of inputs and writes after it: a fixed number of statements, however many
//! inputs.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Params, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    DepositRow, ExhibitRow, Fate, Halts, HistoryRow, InboxRow, JobRow, JobSeen, OperatorAnswer, PersonRow, RoomRow,
    RuledRow, Searches, Store, StoreError, TokenRow, TradeRow, VaultRow, halts, judges, operator, read, rooms,
};
use crate::id::{ConversationId, Hash, JobId, MessageId, TradeId, UserId};
use crate::time::{Millis, ServiceClock};
use crate::trade::{Terms, Trade};

/// How many trades of a person are loaded beside the open ones.
const CLOSED_SHOWN: u32 = 5;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub messages: BTreeSet<MessageId>,
    pub persons: BTreeSet<UserId>,
    /// By id.
    pub trades: BTreeSet<TradeId>,
    /// By code, as typed and normalised.
    pub codes: BTreeSet<String>,
    /// The trades of these vaults that may still see money.
    pub vaults: BTreeSet<Hash>,
    /// Server time: which trades those are.
    pub now: Millis,
    /// Traces and memos.
    pub names: BTreeSet<String>,
    pub deposits: BTreeSet<Uuid>,
    pub tokens: BTreeSet<String>,
    /// Held messages of these persons.
    pub held: BTreeSet<UserId>,
    pub jobs: BTreeSet<JobId>,
    /// What is kept of these exhibits.
    pub exhibits: BTreeSet<(TradeId, u32)>,
    /// Groups, beside those that hear of a loaded trade.
    pub rooms: BTreeSet<ConversationId>,
    /// The terms of every trade that is agreed to and has not ended.
    pub agreed: bool,
    /// The trades in dispute whose terms name one of these judges.
    pub judged: BTreeSet<UserId>,
}

impl Wanted {
    /// Whether a second load would bring nothing: messages, names, vaults and jobs are wanted by the first alone.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.codes.is_empty()
            && self.tokens.is_empty()
            && self.persons.is_empty()
            && self.trades.is_empty()
            && self.deposits.is_empty()
            && self.rooms.is_empty()
    }
}

/// What was there.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub messages: BTreeSet<MessageId>,
    pub persons: BTreeMap<UserId, PersonRow>,
    pub trades: BTreeMap<TradeId, Trade>,
    pub names: BTreeMap<String, TradeId>,
    pub deposits: BTreeMap<Uuid, DepositRow>,
    /// What is known of the wanted vaults.
    pub vaults: BTreeMap<Hash, VaultRow>,
    pub tokens: BTreeMap<String, TokenRow>,
    /// In the order they were written.
    pub held: Vec<InboxRow>,
    pub jobs: BTreeMap<JobId, JobSeen>,
    pub exhibits: BTreeMap<(TradeId, u32), ExhibitRow>,
    pub agreed: BTreeMap<TradeId, Terms>,
    pub rooms: BTreeMap<ConversationId, RoomRow>,
    /// Where the loaded trades were offered.
    pub offered: BTreeSet<(TradeId, ConversationId)>,
    /// Judges, and whom they may not judge. Not loaded with the rest: [`Store::conflicts`].
    pub conflicts: BTreeSet<(UserId, UserId)>,
}

/// What to write, all in one commit.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub inbox: Vec<InboxRow>,
    pub persons: Vec<PersonRow>,
    pub trades: Vec<TradeRow>,
    pub names: Vec<(String, TradeId)>,
    /// Vaults to be read from their first output again: what was seen of them is forgotten, before `deposits` are
    /// written.
    pub afresh: Vec<Hash>,
    pub deposits: Vec<DepositRow>,
    pub history: Vec<HistoryRow>,
    pub exhibits: Vec<ExhibitRow>,
    pub tokens: Vec<TokenRow>,
    /// New jobs; one that is there already stays as it is, except that it may run earlier.
    pub jobs: Vec<JobRow>,
    pub fates: Vec<(JobId, Fate)>,
    /// Jobs that may run from this machine time on, however long they were to wait and whoever gave them up.
    pub retried: Vec<(JobId, Millis)>,
    pub clock: Option<ServiceClock>,
    /// Spans that have closed.
    pub spans: Vec<(Millis, Millis)>,
    pub last_alive: Option<Millis>,
    pub searches: Option<Searches>,
    pub vaults: Vec<(Hash, VaultRow)>,
    /// Small facts by name, read back with [`Store::note`].
    pub notes: Vec<(String, Value)>,
    /// Rulings that became final, for whom.
    pub ruled: Vec<RuledRow>,
    /// The halts of signing as they stand now.
    pub halts: Option<Halts>,
    /// Machine time from which on every cosign job may run: signing goes on.
    pub cosign_from: Option<Millis>,
    pub rooms: Vec<RoomRow>,
    pub offered: Vec<(TradeId, ConversationId)>,
    /// Groups the bot is no longer in.
    pub left: Vec<ConversationId>,
    /// What became of what the operator asked for: number, machine time, answer.
    pub answered: Vec<(i64, Millis, OperatorAnswer)>,
}

pub(super) fn list<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<String, StoreError> {
    Ok(serde_json::to_string(&items.into_iter().collect::<Vec<_>>())?)
}

/// Runs a statement over a list of rows; most batches have none of most kinds.
pub(super) fn write(tx: &Connection, sql: &str, rows: String) -> Result<(), StoreError> {
    if rows != "[]" {
        tx.prepare_cached(sql)?.execute([rows])?;
    }
    Ok(())
}

/// Rows that are one JSON text each, read as `T`.
pub(super) fn rows<T: DeserializeOwned>(db: &Connection, sql: &str, params: impl Params) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let texts = statement.query_map(params, |row: &Row<'_>| row.get::<_, String>(0))?;
    texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
}

impl Store {
    /// Loads everything a batch of inputs may touch.
    ///
    /// # Errors
    /// When the database refuses or a row cannot be read.
    pub fn load(&self, wanted: &Wanted) -> Result<Found, StoreError> {
        let db = &self.db;
        let mut found = Found::default();
        if !wanted.messages.is_empty() {
            let ids: Vec<MessageId> = rows(
                db,
                "SELECT json_quote(id) FROM inbox WHERE id IN (SELECT value FROM json_each(?1))",
                [list(&wanted.messages)?],
            )?;
            found.messages.extend(ids);
        }
        load_trades(db, wanted, &mut found)?;
        rooms::load(db, wanted, &mut found)?;
        // Everybody who has a part in a loaded trade is needed to name them.
        let people = wanted.persons.iter().copied().chain(found.trades.values().flat_map(named));
        let persons: Vec<PersonRow> = rows(
            db,
            "SELECT row FROM person WHERE id IN (SELECT value FROM json_each(?1))",
            [list(people.collect::<BTreeSet<_>>())?],
        )?;
        found.persons.extend(persons.into_iter().map(|row| (row.person.id, row)));
        if !wanted.deposits.is_empty() {
            let deposits: Vec<DepositRow> = rows(
                db,
                "SELECT row FROM deposit WHERE output_id IN (SELECT value FROM json_each(?1))",
                [list(&wanted.deposits)?],
            )?;
            found.deposits.extend(deposits.into_iter().map(|row| (row.output_id, row)));
        }
        if !wanted.vaults.is_empty() {
            let sql = "SELECT json_array(id, json(row)) FROM vault WHERE id IN (SELECT value FROM json_each(?1))";
            found.vaults.extend(rows::<(Hash, VaultRow)>(db, sql, [list(&wanted.vaults)?])?);
        }
        if !wanted.tokens.is_empty() {
            let tokens: Vec<TokenRow> = rows(
                db,
                "SELECT row FROM token WHERE token IN (SELECT value FROM json_each(?1))",
                [list(&wanted.tokens)?],
            )?;
            found.tokens.extend(tokens.into_iter().map(|row| (row.token.clone(), row)));
        }
        if !wanted.held.is_empty() {
            let sql =
                "SELECT row FROM inbox WHERE held = 1 AND sender IN (SELECT value FROM json_each(?1)) ORDER BY at, id";
            found.held = rows(db, sql, [list(&wanted.held)?])?;
        }
        if !wanted.exhibits.is_empty() {
            let sql =
                "SELECT row FROM evidence WHERE (trade, no) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))";
            let exhibits = rows::<ExhibitRow>(db, sql, [list(&wanted.exhibits)?])?;
            found.exhibits.extend(exhibits.into_iter().map(|row| ((row.trade, row.no), row)));
        }
        if wanted.agreed {
            let sql = "SELECT json_array(id, row -> 'terms') FROM trade WHERE open = 1 AND vault IS NOT NULL";
            found.agreed.extend(rows::<(TradeId, Terms)>(db, sql, [])?);
        }
        if !wanted.jobs.is_empty() {
            let jobs = read::jobs_of(db, list(&wanted.jobs)?)?;
            found.jobs.extend(jobs.into_iter().map(|job| (job.id, job)));
        }
        Ok(found)
    }

    /// Writes everything a batch of inputs has changed, or nothing.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written.
    pub fn save(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        save_people(&tx, changes)?;
        save_trades(&tx, changes)?;
        save_jobs(&tx, changes)?;
        if let Some(clock) = &changes.clock {
            let (offset, down) =
                (clock.offset.0.to_string(), clock.down_since.map_or(String::new(), |at| at.0.to_string()));
            tx.execute("INSERT OR REPLACE INTO meta VALUES ('offset', ?1), ('down_since', ?2)", [offset, down])?;
        }
        let spans = changes.spans.iter().map(|(start, stop)| json!({ "start": start, "stop": stop }));
        let sql = "INSERT OR REPLACE INTO span SELECT value ->> 'start', value ->> 'stop' FROM json_each(?1)";
        write(&tx, sql, list(spans)?)?;
        if let Some(alive) = changes.last_alive {
            prune(&tx, alive)?;
            tx.prepare_cached("INSERT OR REPLACE INTO meta VALUES ('last_alive', ?1)")?.execute([alive.0])?;
        }
        if let Some(searches) = &changes.searches {
            tx.execute("INSERT OR REPLACE INTO meta VALUES ('searches', ?1)", [serde_json::to_string(searches)?])?;
        }
        let vaults = changes.vaults.iter().map(|(id, row)| json!({ "id": id, "row": row }));
        let sql = "INSERT INTO vault SELECT value ->> 'id', value -> 'row' FROM json_each(?1) WHERE true
            ON CONFLICT (id) DO UPDATE SET row = json_patch(row, excluded.row)";
        write(&tx, sql, list(vaults)?)?;
        let notes = changes.notes.iter().map(|(name, fact)| json!({ "name": name, "fact": fact.to_string() }));
        let sql = "INSERT OR REPLACE INTO meta
            SELECT 'note:' || (value ->> 'name'), value ->> 'fact' FROM json_each(?1)";
        write(&tx, sql, list(notes)?)?;
        halts::save(&tx, changes)?;
        operator::save(&tx, changes)?;
        rooms::save(&tx, changes)?;
        judges::save(&tx, &changes.ruled)?;
        tx.commit()?;
        Ok(())
    }

    /// What is known of a vault; nothing is known of a new one.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn vault(&self, vault: Hash) -> Result<VaultRow, StoreError> {
        let found = rows(&self.db, "SELECT row FROM vault WHERE id = ?1", [vault.to_string()])?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// A fact as last saved under this name; `None` when there is none, or it cannot be read as `T` any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        Ok(self.meta(&format!("note:{name}"))?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The clock as it was last committed, and when the connection was last known to live (server time).
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn clock(&self) -> Result<(ServiceClock, Option<Millis>), StoreError> {
        clock(&self.db)
    }

    /// The searches as last committed.
    ///
    /// # Errors
    /// When the database refuses or the row cannot be read.
    pub fn searches(&self) -> Result<Searches, StoreError> {
        Ok(self.meta("searches")?.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        meta(&self.db, key)
    }
}

fn meta(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1";
    Ok(db.prepare_cached(sql)?.query_map([key], |row| row.get(0))?.next().transpose()?)
}

/// The clock as last committed, and when the connection was last known to live (server time).
pub(super) fn clock(db: &Connection) -> Result<(ServiceClock, Option<Millis>), StoreError> {
    let moment = |key| Ok::<_, StoreError>(meta(db, key)?.and_then(|text| text.parse().ok()).map(Millis));
    let mut statement = db.prepare_cached("SELECT start, stop FROM span ORDER BY start")?;
    let spans = statement.query_map([], |row| Ok((Millis(row.get(0)?), Millis(row.get(1)?))))?;
    let clock = ServiceClock {
        offset: moment("offset")?.unwrap_or_default(),
        spans: spans.collect::<Result<_, _>>()?,
        down_since: moment("down_since")?,
    };
    Ok((clock, moment("last_alive")?))
}

/// The rows of everybody who has a part in these trades.
pub(super) fn people<'t>(
    db: &Connection,
    trades: impl IntoIterator<Item = &'t Trade>,
) -> Result<BTreeMap<UserId, PersonRow>, StoreError> {
    let ids = list(trades.into_iter().flat_map(named).collect::<BTreeSet<_>>())?;
    let found: Vec<PersonRow> =
        rows(db, "SELECT row FROM person WHERE id IN (SELECT value FROM json_each(?1))", [ids])?;
    Ok(found.into_iter().map(|row| (row.person.id, row)).collect())
}

/// Mixin keeps messages for seven days, so ids older than eight can never come again (messaging §3).
const INBOX_KEPT: Millis = Millis::from_hours(8 * 24);
/// Rows pruned at a time: the rest goes the next time.
const PRUNED_MAX: u32 = 5_000;

/// Drops what can have no effect any more. `now` is server time.
fn prune(tx: &Connection, now: Millis) -> Result<(), StoreError> {
    let old = Millis(now.0.saturating_sub(INBOX_KEPT.0)).0;
    let sql = "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE at < ?1 AND held = 0 LIMIT ?2)";
    tx.prepare_cached(sql)?.execute(params![old, PRUNED_MAX])?;
    let sql = "DELETE FROM token WHERE token IN (SELECT token FROM token WHERE expires < ?1 LIMIT ?2)";
    tx.prepare_cached(sql)?.execute(params![now.0, PRUNED_MAX])?;
    Ok(())
}

/// Everybody whose name or language a page of a trade may need: who has a part in it, and its judges.
fn named(trade: &Trade) -> Vec<UserId> {
    let judges = trade.terms.judges.iter().copied().filter(|_| trade.state.is_open());
    let case = trade.case.iter().flat_map(crate::trade::case::Case::people);
    involved(trade).into_iter().chain(judges).chain(case).collect()
}

/// Everybody who has a part in a trade.
pub(super) fn involved(trade: &Trade) -> Vec<UserId> {
    use crate::trade::Role;
    let sides = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
    sides.chain([trade.terms.proposer]).collect::<BTreeSet<_>>().into_iter().collect()
}

fn load_trades(db: &Connection, wanted: &Wanted, found: &mut Found) -> Result<(), StoreError> {
    if !wanted.names.is_empty() {
        let sql = "SELECT json_array(name, trade) FROM name WHERE name IN (SELECT value FROM json_each(?1))";
        found.names.extend(rows::<(String, TradeId)>(db, sql, [list(&wanted.names)?])?);
    }
    let ids: BTreeSet<TradeId> = wanted.trades.iter().copied().chain(found.names.values().copied()).collect();
    let mut trades: Vec<Trade> = Vec::new();
    for (wants, sql, keys) in [
        (!ids.is_empty(), "SELECT row FROM trade WHERE id IN (SELECT value FROM json_each(?1))", list(&ids)?),
        (
            !wanted.codes.is_empty(),
            "SELECT row FROM trade WHERE code IN (SELECT value FROM json_each(?1))",
            list(&wanted.codes)?,
        ),
    ] {
        if wants {
            trades.extend(rows(db, sql, [keys])?);
        }
    }
    if !wanted.vaults.is_empty() {
        // A trade that ended long ago is loaded only when an output names it.
        let sql = "SELECT row FROM trade WHERE vault IN (SELECT value FROM json_each(?1)) AND watched_until > ?2";
        trades.extend(rows(db, sql, params![list(&wanted.vaults)?, wanted.now.0])?);
    }
    if !wanted.persons.is_empty() {
        let sql = "SELECT row FROM (
                SELECT trade.row AS row, trade.open AS open,
                       ROW_NUMBER() OVER (PARTITION BY party.person, trade.open ORDER BY trade.created_at DESC) AS nth
                FROM party JOIN trade ON trade.id = party.trade
                WHERE party.person IN (SELECT value FROM json_each(?1)))
            WHERE open = 1 OR nth <= ?2";
        trades.extend(rows(db, sql, params![list(&wanted.persons)?, CLOSED_SHOWN])?);
    }
    if !wanted.judged.is_empty() {
        trades.extend(judges::disputed(db, &wanted.judged)?);
    }
    found.trades.extend(trades.into_iter().map(|trade| (trade.id, trade)));
    Ok(())
}

fn save_people(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let run = |sql: &str, rows: String| write(tx, sql, rows);
    run(
        "INSERT OR REPLACE INTO person SELECT value ->> '$.person.id', value FROM json_each(?1)",
        list(&changes.persons)?,
    )?;
    run(
        "INSERT OR REPLACE INTO inbox
         SELECT value ->> 'id', value ->> 'from', value ->> 'at', value ->> 'held', value FROM json_each(?1)",
        list(&changes.inbox)?,
    )?;
    run(
        "INSERT OR REPLACE INTO token SELECT value ->> 'token', value ->> 'expires', value FROM json_each(?1)",
        list(&changes.tokens)?,
    )?;
    Ok(())
}

fn save_trades(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let run = |sql: &str, rows: String| write(tx, sql, rows);
    let mut trades = Vec::new();
    let mut parties = Vec::new();
    for TradeRow { trade, wake_at, watched_until } in &changes.trades {
        trades.push(json!({
            "id": trade.id, "code": trade.code, "version": trade.version, "state": trade.state.name(),
            "open": !trade.state.is_end(), "vault": trade.vault().map(|v| v.hash), "wake_at": wake_at, "watched_until": watched_until,
            "created_at": trade.created_at, "row": serde_json::to_string(trade)?,
        }));
        parties.extend(involved(trade).into_iter().map(|person| json!([person, trade.id])));
    }
    run(
        // A code that is taken fails the batch; it must never replace somebody else's trade.
        "INSERT INTO trade (id, code, version, state, open, watched_until, vault, wake_at, created_at, row)
         SELECT value ->> 'id', value ->> 'code', value ->> 'version', value ->> 'state', value ->> 'open',
                value ->> 'watched_until', value ->> 'vault', value ->> 'wake_at', value ->> 'created_at', value ->> 'row' FROM json_each(?1) WHERE true
         ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, open = excluded.open,
                watched_until = excluded.watched_until,
                vault = excluded.vault, wake_at = excluded.wake_at, row = excluded.row",
        list(trades)?,
    )?;
    run("INSERT OR IGNORE INTO party SELECT value ->> 0, value ->> 1 FROM json_each(?1)", list(parties)?)?;
    run("INSERT OR IGNORE INTO name SELECT value ->> 0, value ->> 1 FROM json_each(?1)", list(&changes.names)?)?;
    run("DELETE FROM deposit WHERE vault IN (SELECT value FROM json_each(?1))", list(&changes.afresh)?)?;
    run(
        "INSERT OR REPLACE INTO deposit
         SELECT value ->> 'output_id', value ->> 'vault', value ->> 'trade', value ->> 'sequence', value ->> 'spent', value
         FROM json_each(?1)",
        list(&changes.deposits)?,
    )?;
    run(
        "INSERT INTO history (trade, version, at, event)
         SELECT value ->> 'trade', value ->> 'version', value ->> 'at', value -> 'event' FROM json_each(?1)",
        list(&changes.history)?,
    )?;
    run(
        "INSERT OR REPLACE INTO evidence SELECT value ->> 'trade', value ->> 'no', value FROM json_each(?1)",
        list(&changes.exhibits)?,
    )?;
    Ok(())
}

fn save_jobs(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let run = |sql: &str, rows: String| write(tx, sql, rows);
    let fates = list(changes.fates.iter().map(|(id, fate)| match fate {
        Fate::Done => json!({ "id": id, "done": true }),
        Fate::Again { at } => json!({ "id": id, "at": at, "tried": true }),
        Fate::Refused { at } => json!({ "id": id, "at": at, "tried": true, "refused": true }),
        Fate::Next { at } => json!({ "id": id, "at": at, "tried": false }),
        Fate::Parked { why } => json!({ "id": id, "parked": why }),
    }))?;
    run(
        "DELETE FROM job WHERE id IN (SELECT value ->> 'id' FROM json_each(?1) WHERE value ->> 'done')",
        fates.clone(),
    )?;
    run(
        "UPDATE job SET lease = NULL, parked = fate.value ->> 'parked', run_at = CASE
                 WHEN run_at < lease THEN MIN(run_at, COALESCE(fate.value ->> 'at', run_at))
                 ELSE COALESCE(fate.value ->> 'at', run_at) END,
             tries = CASE WHEN fate.value ->> 'tried' THEN tries + 1 ELSE 0 END,
             refusals = CASE WHEN NOT COALESCE(fate.value ->> 'tried', 0) THEN 0
                 ELSE refusals + COALESCE(fate.value ->> 'refused', 0) END
         FROM json_each(?1) AS fate WHERE job.id = fate.value ->> 'id'",
        fates,
    )?;
    run(
        "INSERT INTO job (id, kind, lane, trade, run_at, tries, body)
         SELECT value ->> 'id', value ->> 'kind', value ->> 'lane', value ->> 'trade', value ->> 'run_at', 0, value -> 'body'
         FROM json_each(?1) WHERE true
         ON CONFLICT (id) DO UPDATE SET run_at = MIN(run_at, excluded.run_at)",
        list(&changes.jobs)?,
    )?;
    run(
        // A leased one keeps its lease; the wish is heard when it ends.
        "UPDATE job SET parked = NULL, refusals = 0, run_at = MIN(run_at, retried.value ->> 1)
         FROM json_each(?1) AS retried WHERE job.id = retried.value ->> 0",
        list(&changes.retried)?,
    )?;
    Ok(())
}
