//! The queue: who is leased when, and that whoever waits waits for something.

use serde_json::json;
use uuid::Uuid;

use super::{
    Beside, Changes, ExhibitRow, Fate, Halt, Halts, InboxRow, JobRow, Kind, Operator, Scope, Store, StoreError,
    TradeHalt, Wanted, restore,
};
use crate::id::{ConversationId, JobId, MessageId, TradeId, UserId};
use crate::time::{Millis, ServiceClock};

fn job(nth: u128, kind: Kind, lane: &str, run_at: i64) -> JobRow {
    let id = JobId(Uuid::from_u128(nth));
    JobRow { id, kind, lane: lane.into(), trade: None, run_at: Millis(run_at), tries: 0, refusals: 0, body: json!({}) }
}

fn with(jobs: Vec<JobRow>) -> Store {
    let mut store = Store::in_memory().unwrap();
    store.save(&Changes { jobs, ..Changes::default() }).unwrap();
    store
}

fn leased(store: &mut Store, now: i64, looks: bool, limit: u32) -> Vec<u128> {
    let due = store.lease(Millis(now), Millis(now + 60_000), looks, limit).unwrap();
    due.into_iter().map(|job| job.id.0.as_u128()).collect()
}

fn fate(store: &mut Store, nth: u128, fate: Fate) {
    store.save(&Changes { fates: vec![(JobId(Uuid::from_u128(nth)), fate)], ..Changes::default() }).unwrap();
}

fn next_due(store: &Store) -> Option<i64> {
    store.next_due().unwrap().0.map(|at| at.0)
}

#[test]
fn a_lane_speaks_in_order_and_together() {
    let mut store = with(vec![
        job(1, Kind::Say, "say/a", 10),
        job(2, Kind::Say, "say/a", 10),
        job(3, Kind::Say, "say/b", 10),
        job(4, Kind::Find, "find", 10),
        job(5, Kind::Find, "find", 10),
    ]);
    assert_eq!(leased(&mut store, 9, false, 10), []);
    assert_eq!(leased(&mut store, 10, false, 10), [1, 2, 3, 4], "other lanes go one by one");
    assert_eq!(leased(&mut store, 10, false, 10), [], "what is leased is nobody else's");
    fate(&mut store, 4, Fate::Done);
    assert_eq!(leased(&mut store, 11, false, 10), [5]);
}

#[test]
fn whoever_waits_waits_for_something_that_can_be_leased() {
    let mut store = with(vec![job(1, Kind::Say, "say/a", 10), job(2, Kind::Say, "say/a", 20)]);
    assert_eq!(next_due(&store), Some(10));
    assert_eq!(leased(&mut store, 10, false, 10), [1]);
    // The second is due, but its lane is busy until the first comes back or its lease runs out.
    assert_eq!(next_due(&store), Some(60_010));
    fate(&mut store, 1, Fate::Again { at: Millis(5_000) });
    assert_eq!(leased(&mut store, 2_000, false, 10), [], "nobody overtakes in a lane");
    assert_eq!(next_due(&store), Some(5_000));
    assert_eq!(leased(&mut store, 5_000, false, 10), [1], "what is tried again goes alone");
    fate(&mut store, 1, Fate::Done);
    assert_eq!(leased(&mut store, 5_001, false, 10), [2]);
}

#[test]
fn what_is_parked_stands_in_nobodys_way() {
    let mut store = with(vec![job(1, Kind::Say, "say/a", 10), job(2, Kind::Say, "say/a", 10)]);
    fate(&mut store, 1, Fate::Parked { why: "blocked".into() });
    assert_eq!(leased(&mut store, 10, false, 10), [2]);
    fate(&mut store, 2, Fate::Done);
    assert_eq!(next_due(&store), None);
}

#[test]
fn money_goes_before_words_and_both_before_looks() {
    let looks = (1..=5).map(|nth| job(nth, Kind::Look, &format!("look/{nth}"), 0));
    let mut jobs: Vec<JobRow> = looks.collect();
    jobs.extend([job(9, Kind::Verify, "verify/1", 0), job(10, Kind::Upload, "upload/1", 0)]);
    jobs.extend([job(6, Kind::Say, "say", 0), job(7, Kind::Cosign, "cosign", 0), job(8, Kind::Open, "open", 0)]);
    let mut store = with(jobs);
    assert_eq!(leased(&mut store, 10, false, 1), [7]);
    assert_eq!(leased(&mut store, 10, false, 1), [8]);
    assert_eq!(leased(&mut store, 10, false, 1), [6]);
    assert_eq!(leased(&mut store, 10, false, 1), [10]);
    assert_eq!(leased(&mut store, 10, false, 9), [9], "what somebody only wonders about comes last");
    assert_eq!(leased(&mut store, 10, true, 2).len(), 2);
}

#[test]
fn a_job_is_made_once_and_only_moves_forward() {
    let mut store = with(vec![job(1, Kind::Look, "look", 100)]);
    store.save(&Changes { jobs: vec![job(1, Kind::Look, "look", 50)], ..Changes::default() }).unwrap();
    assert_eq!(next_due(&store), Some(50));
    store.save(&Changes { jobs: vec![job(1, Kind::Look, "look", 500)], ..Changes::default() }).unwrap();
    assert_eq!(next_due(&store), Some(50));
    // The clock of an earlier life ran ahead.
    store.not_later_than(Millis(20)).unwrap();
    assert_eq!(next_due(&store), Some(20));
}

#[test]
fn a_wish_to_run_sooner_is_heard_while_it_runs() {
    let mut store = with(vec![job(1, Kind::Look, "look", 0)]);
    assert_eq!(leased(&mut store, 10, true, 1), [1]);
    store.save(&Changes { jobs: vec![job(1, Kind::Look, "look", 20)], ..Changes::default() }).unwrap();
    assert_eq!(leased(&mut store, 20, true, 1), [], "it is still running");
    fate(&mut store, 1, Fate::Next { at: Millis(9_000) });
    assert_eq!(next_due(&store), Some(20));
    assert_eq!(leased(&mut store, 21, true, 1), [1]);
    fate(&mut store, 1, Fate::Next { at: Millis(9_000) });
    assert_eq!(next_due(&store), Some(9_000), "and only once");
}

#[test]
fn leases_of_a_life_that_ended_are_free() {
    let mut store = with(vec![job(1, Kind::Open, "open", 0)]);
    assert_eq!(leased(&mut store, 0, false, 1), [1]);
    store.free_leases().unwrap();
    assert_eq!(leased(&mut store, 1, false, 1), [1]);
}

#[test]
fn the_clock_and_its_spans_are_kept() {
    let mut store = Store::in_memory().unwrap();
    let clock = ServiceClock { offset: Millis(-7), spans: vec![(Millis(1), Millis(2))], down_since: Some(Millis(9)) };
    let changes = Changes { spans: clock.spans.clone(), clock: Some(clock.clone()), ..Changes::default() };
    store.save(&Changes { last_alive: Some(Millis(5)), ..changes }).unwrap();
    assert_eq!(store.clock().unwrap(), (clock, Some(Millis(5))));
}

#[test]
fn old_messages_are_forgotten_and_new_ones_are_not() {
    let mut store = Store::in_memory().unwrap();
    let row = |nth: u128, at: i64, held| InboxRow {
        id: MessageId(Uuid::from_u128(nth)),
        from: UserId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        at: Millis(at),
        body: json!({}),
        held,
    };
    let day = 24 * 3_600_000;
    store
        .save(&Changes { inbox: vec![row(1, 0, false), row(2, 0, true), row(3, 2 * day, false)], ..Changes::default() })
        .unwrap();
    store.save(&Changes { last_alive: Some(Millis(9 * day)), ..Changes::default() }).unwrap();
    let ids: Vec<MessageId> = (1..=3).map(|nth| MessageId(Uuid::from_u128(nth))).collect();
    let found = store.load(&Wanted { messages: ids.iter().copied().collect(), ..Wanted::default() }).unwrap();
    assert_eq!(found.messages.into_iter().collect::<Vec<_>>(), ids[1..], "held ones wait for their writer");
}

#[test]
fn two_cannot_write_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let first = Store::open(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::InUse { .. })));
    drop(first);
    assert!(Store::open(&path).is_ok());
}

#[test]
fn an_outage_is_no_refusal() {
    let mut store = with(vec![job(1, Kind::Open, "open", 0)]);
    let counts = |store: &mut Store, now| {
        let due = store.lease(Millis(now), Millis(now + 1), false, 1).unwrap();
        due.first().map(|job| (job.tries, job.refusals))
    };
    assert_eq!(counts(&mut store, 0), Some((0, 0)));
    fate(&mut store, 1, Fate::Again { at: Millis(10) });
    assert_eq!(counts(&mut store, 10), Some((1, 0)));
    fate(&mut store, 1, Fate::Refused { at: Millis(20) });
    assert_eq!(counts(&mut store, 20), Some((2, 1)));
    fate(&mut store, 1, Fate::Again { at: Millis(30) });
    assert_eq!(counts(&mut store, 30), Some((3, 1)));
    fate(&mut store, 1, Fate::Next { at: Millis(40) });
    assert_eq!(counts(&mut store, 40), Some((0, 0)), "a standing job starts over");
}

#[test]
fn one_batch_is_said_at_a_time() {
    let mut store = with(vec![job(1, Kind::Say, "say/a", 0), job(2, Kind::Open, "open", 5)]);
    assert_eq!(leased(&mut store, 0, false, 10), [1]);
    store.save(&Changes { jobs: vec![job(3, Kind::Say, "say/b", 1)], ..Changes::default() }).unwrap();
    assert_eq!(leased(&mut store, 5, false, 10), [2], "talk waits for talk, money does not");
    assert_eq!(next_due(&store), Some(60_000), "and nobody wakes before it can go on");
    fate(&mut store, 1, Fate::Done);
    assert_eq!(leased(&mut store, 6, false, 10), [3]);
}

#[test]
fn who_stands_beside_makes_nothing_and_changes_no_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    assert!(matches!(Beside::open(&path), Err(StoreError::Missing { .. })));
    assert!(!path.exists());
    let version = |version: u32| {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    };
    version(1);
    assert!(matches!(Beside::open(&path), Err(StoreError::Older { found: 1, .. })));
    version(999);
    assert!(matches!(Beside::open(&path), Err(StoreError::Newer { found: 999, .. })));
}

#[test]
fn a_copy_is_of_one_moment_and_comes_back_marked() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let alive = |at| Changes { last_alive: Some(Millis(at)), ..Changes::default() };
    store.save(&alive(10)).unwrap();
    let beside = Beside::open(&path).unwrap();
    let contents = beside.back_up(&copy, false, Millis(20)).unwrap();
    assert_eq!((contents.newest, contents.taken_at), (Some(Millis(10)), Some(Millis(20))));
    assert!(matches!(beside.back_up(&copy, false, Millis(21)), Err(StoreError::InTheWay { .. })));
    assert!(matches!(beside.back_up(&path, true, Millis(21)), Err(StoreError::InTheWay { .. })));
    store.save(&alive(30)).unwrap();
    assert!(matches!(restore(&copy, &path, true, Millis(40)), Err(StoreError::InUse { .. })));
    drop((store, beside));
    assert!(matches!(restore(&copy, &path, false, Millis(40)), Err(StoreError::InTheWay { .. })));
    let back = restore(&copy, &path, true, Millis(40)).unwrap();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.clock().unwrap().1, Some(Millis(10)));
    let restored = store.halts().unwrap().restored.unwrap();
    assert_eq!((restored.at, restored.taken_at), (Millis(40), Some(Millis(20))));
    let aside = Store::open(&back.aside.unwrap()).unwrap();
    assert_eq!((aside.clock().unwrap().1, aside.halts().unwrap().restored), (Some(Millis(30)), None));
}

/// Cut short, scribbled over, or something else: it is said, and the database that is there stays.
#[test]
fn a_copy_that_is_not_sound_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy, bad) = (folder.path().join("x.db"), folder.path().join("copy.db"), folder.path().join("bad.db"));
    drop(Store::open(&path).unwrap());
    Beside::open(&path).unwrap().back_up(&copy, false, Millis(0)).unwrap();
    let whole = std::fs::read(&copy).unwrap();
    let middle = whole.len() / 2;
    let mut scribbled = whole.clone();
    scribbled[4_096..middle].fill(0x5a);
    let cut = whole[..middle].to_vec();
    for bytes in [cut, scribbled, b"nothing of ours".to_vec(), Vec::new()] {
        std::fs::write(&bad, bytes).unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(restore(&bad, &path, true, Millis(0)).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "x.db, its lock, copy.db, bad.db");
}

/// A folder with a database, its newest commit still in its log, and a copy from before that commit.
fn with_log() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let alive = |at| Changes { last_alive: Some(Millis(at)), ..Changes::default() };
    store.save(&alive(10)).unwrap();
    Beside::open(&path).unwrap().back_up(&copy, false, Millis(20)).unwrap();
    store.save(&alive(30)).unwrap();
    let killed = |name: &str| std::fs::copy(folder.path().join(name), folder.path().join(format!("{name}.k"))).unwrap();
    killed("x.db");
    killed("x.db-wal");
    drop(store);
    for name in ["x.db", "x.db-wal"] {
        std::fs::rename(folder.path().join(format!("{name}.k")), folder.path().join(name)).unwrap();
    }
    (folder, path, copy)
}

fn alive(path: &std::path::Path) -> Option<i64> {
    Store::open(path).unwrap().clock().unwrap().1.map(|at| at.0)
}

#[test]
fn a_log_left_behind_is_not_laid_over_a_copy() {
    let (_folder, path, copy) = with_log();
    std::fs::remove_file(&path).unwrap();
    let back = restore(&copy, &path, false, Millis(40)).unwrap();
    let log = super::open::beside(&back.aside.unwrap(), "-wal");
    assert!(log.exists(), "what may be in it is kept");
    assert!(Store::open(&path).unwrap().halts().unwrap().restored.is_some());
    assert_eq!(alive(&path), Some(10));
    // Nor is one made where a log lies that would be.
    let other = path.with_file_name("other.db");
    std::fs::rename(log, path.with_file_name("other.db-wal")).unwrap();
    let refused = Beside::open(&path).unwrap().back_up(&other, true, Millis(50));
    assert!(matches!(refused, Err(StoreError::Log { .. })) && !other.exists());
}

#[test]
fn the_log_of_a_copy_comes_along() {
    let (_folder, path, _) = with_log();
    let other = path.with_file_name("other.db");
    restore(&path, &other, false, Millis(40)).unwrap();
    assert_eq!(alive(&other), Some(30));
}

#[test]
fn a_restore_lifts_no_halt_of_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let beside = Beside::open(&path).unwrap();
    let asks = [Operator::ResumeSigning { unread: true }, Operator::Import { kit: String::new() }];
    for (at, asked) in asks.iter().enumerate() {
        beside.ask(Millis(i64::try_from(at).unwrap()), asked).unwrap();
    }
    beside.back_up(&copy, false, Millis(20)).unwrap();
    let why = |path: &std::path::Path| Store::open(path).unwrap().halts().unwrap().operator.map(|halt| halt.why);
    // Standing in the database that is replaced.
    let halt = Halt { since: Millis(1), why: "stands".into(), by: "operator".into() };
    let halts = Halts { operator: Some(halt), ..Halts::default() };
    store.save(&Changes { halts: Some(halts), ..Changes::default() }).unwrap();
    drop((store, beside));
    let back = restore(&copy, &path, true, Millis(40)).unwrap();
    assert_eq!((back.halt.unwrap().why, back.dropped, back.unknown), ("stands".into(), 2, None));
    assert_eq!(why(&path).as_deref(), Some("stands"));
    assert!(Store::open(&path).unwrap().asked().unwrap().is_empty());
    // Asked of the copy, and of the database that is replaced, and applied by nobody.
    std::fs::remove_file(&path).unwrap();
    Beside::open(&copy).unwrap().ask(Millis(2), &Operator::HaltSigning { why: "asked".into() }).unwrap();
    restore(&copy, &path, false, Millis(50)).unwrap();
    assert_eq!(why(&path).as_deref(), Some("asked"));
    Beside::open(&path).unwrap().ask(Millis(2), &Operator::ResumeSigning { unread: false }).unwrap();
    restore(&copy, &path, true, Millis(60)).unwrap();
    assert_eq!(why(&path).as_deref(), Some("asked"), "a resumption nobody applied lifts nothing");
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_a_database_or_its_copy() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    drop(Store::open(&path).unwrap());
    Beside::open(&path).unwrap().back_up(&copy, false, Millis(0)).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&copy)), (0o600, 0o600));
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o444)).unwrap();
    restore(&copy, &path, true, Millis(1)).unwrap();
    assert_eq!(mode(&path), 0o600, "a copy that can only be read becomes a database that can be written");
}

#[test]
fn what_the_operator_stopped_stays_stopped_over_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let beside = Beside::open(&path).unwrap();
    beside.back_up(&copy, false, Millis(20)).unwrap();
    let halt = Halt { since: Millis(1), why: "stands".into(), by: "operator".into() };
    let trades = vec![TradeHalt { scope: Scope::All, halt }];
    store.save(&Changes { halts: Some(Halts { trades, ..Halts::default() }), ..Changes::default() }).unwrap();
    let freeze = Operator::FreezeTrade { code: "K7Q2MD".into(), why: "asked".into() };
    beside.ask(Millis(30), &freeze).unwrap();
    drop((store, beside));
    let back = restore(&copy, &path, true, Millis(40)).unwrap();
    let stops = [Operator::HaltTrades { scope: Scope::All, why: "stands".into() }, freeze];
    assert_eq!(back.stops, stops);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.asked().unwrap().into_iter().map(|(_, asked)| asked).collect::<Vec<_>>(), stops);
}

/// A stolen phone that was removed after the copy was taken judges nothing after it is put back.
#[test]
fn a_restore_brings_no_removed_judge_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let [stays, goes] = [1, 2].map(|nth| UserId(Uuid::from_u128(nth)));
    let mut say = |judges: [(UserId, bool); 2]| {
        let judges: std::collections::BTreeMap<UserId, bool> = judges.into();
        let notes = vec![(super::JUDGES.to_owned(), json!(judges))];
        store.save(&Changes { notes, ..Changes::default() }).unwrap();
    };
    say([(stays, true), (goes, true)]);
    Beside::open(&path).unwrap().back_up(&copy, false, Millis(0)).unwrap();
    say([(stays, true), (goes, false)]);
    drop(store);
    let back = restore(&copy, &path, true, Millis(1)).unwrap();
    assert_eq!(back.stops, [Operator::RemoveJudge { person: goes }]);
}

#[test]
fn evidence_is_kept_and_goes_with_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("x.db"), folder.path().join("copy.db"));
    let mut store = Store::open(&path).unwrap();
    let trade = TradeId(Uuid::from_u128(1));
    let row = |no: u32, data: &str| ExhibitRow { trade, no, category: "PLAIN_TEXT".into(), data: data.into() };
    let exhibits = vec![row(1, "It is \"cracked\".\n\u{202e}"), row(2, "没收到")];
    store.save(&Changes { exhibits: exhibits.clone(), ..Changes::default() }).unwrap();
    Beside::open(&path).unwrap().back_up(&copy, false, Millis(0)).unwrap();
    drop(store);
    restore(&copy, &path, true, Millis(1)).unwrap();
    let wanted = Wanted { exhibits: [(trade, 1), (trade, 2), (trade, 3)].into(), ..Wanted::default() };
    let found = Store::open(&path).unwrap().load(&wanted).unwrap().exhibits;
    assert_eq!(found.into_values().collect::<Vec<_>>(), exhibits);
}
