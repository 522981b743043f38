//! The tables. Forward only: a released step is never edited, a new one is added.

/// Each step takes the database from the version of its index to the next.
pub(super) const STEPS: &[&str] = &["
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE person (id TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE inbox (
    id TEXT PRIMARY KEY, sender TEXT NOT NULL, at INTEGER NOT NULL, held INTEGER NOT NULL, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX inbox_at ON inbox (at);
CREATE INDEX inbox_held ON inbox (sender) WHERE held = 1;

CREATE TABLE trade (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, state TEXT NOT NULL,
    open INTEGER NOT NULL, watched_until INTEGER NOT NULL, vault TEXT, wake_at INTEGER, created_at INTEGER NOT NULL, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX trade_wake ON trade (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX trade_vault ON trade (vault, watched_until) WHERE vault IS NOT NULL;

-- Who has a part in which trade.
CREATE TABLE party (person TEXT NOT NULL, trade TEXT NOT NULL, PRIMARY KEY (person, trade)) WITHOUT ROWID;

-- Every trace and memo ever issued names its trade for ever.
CREATE TABLE name (name TEXT PRIMARY KEY, trade TEXT NOT NULL) WITHOUT ROWID;

-- One output serves one trade, or none: the primary key says so.
CREATE TABLE deposit (
    output_id TEXT PRIMARY KEY, vault TEXT NOT NULL, trade TEXT, sequence INTEGER NOT NULL,
    spent INTEGER NOT NULL, row TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX deposit_vault ON deposit (vault, spent, sequence);

-- Append-only, for people and for checking the books; never read to load a trade.
CREATE TABLE history (
    seq INTEGER PRIMARY KEY, trade TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL
);
CREATE INDEX history_trade ON history (trade, seq);

CREATE TABLE token (token TEXT PRIMARY KEY, expires INTEGER NOT NULL, row TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX token_expires ON token (expires);

-- The one queue.
CREATE TABLE job (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, lane TEXT NOT NULL, trade TEXT,
    run_at INTEGER NOT NULL, lease INTEGER, tries INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0, parked TEXT, body TEXT NOT NULL
);
CREATE INDEX job_due ON job (run_at) WHERE parked IS NULL;
CREATE INDEX job_lane ON job (lane, seq) WHERE parked IS NULL;

-- Time without a live connection, in server time.
CREATE TABLE span (start INTEGER PRIMARY KEY, stop INTEGER NOT NULL) WITHOUT ROWID;
", "
-- What is known of a vault beside its trades.
CREATE TABLE vault (id TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;

-- What the operator asked for, written by the command line; the bot applies it and writes what came of it.
CREATE TABLE operator (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, input TEXT NOT NULL, done_at INTEGER, answer TEXT
);
CREATE INDEX job_order ON job (run_at) WHERE kind = 'order' AND parked IS NULL;
CREATE INDEX operator_open ON operator (seq) WHERE done_at IS NULL;
", "
-- What was said and sent in a dispute, in order; its hashes stand in the trade's row.
CREATE TABLE evidence (trade TEXT NOT NULL, no INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY (trade, no)) WITHOUT ROWID;

-- Who has ruled for whom: such a judge is not asked again for a while.
CREATE TABLE ruled (judge TEXT NOT NULL, person TEXT NOT NULL, trade TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (judge, person, trade)) WITHOUT ROWID;
CREATE INDEX trade_disputed ON trade (state) WHERE state = 'Disputed';

-- What is known of a group the bot is in; `trade`: it is this trade's own room.
CREATE TABLE room (conversation TEXT PRIMARY KEY, trade TEXT, row TEXT NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX room_trade ON room (trade) WHERE trade IS NOT NULL;

-- In which groups a trade was offered: they hear how it goes on.
CREATE TABLE offered (trade TEXT NOT NULL, conversation TEXT NOT NULL, PRIMARY KEY (trade, conversation)) WITHOUT ROWID;
CREATE INDEX offered_in ON offered (conversation);
"];
