//! What a look makes of deposits without a name, and of those that had an owner.

use serde_json::json;

use super::*;
use crate::engine::input::{Answer, Input, Looked};
use crate::engine::tests::shop;
use crate::engine::{Door, Shop};
use crate::id::JobId;
use crate::store::{Changes, JobRow, Kind, Operator, Store, TradeRow, Wanted};
use crate::trade::deposit::Lock;
use crate::trade::tests::scene::{BOT, BUYER, Payment, SELLER, STRANGER, Scene, paid};

const HOUR: i64 = 3_600_000;

/// The bot of the scenes.
fn house() -> Shop {
    let mut shop = shop();
    shop.house.bot = BOT;
    shop
}

/// A door on the scene's trade, whose looks are over at `watched_until`.
fn door(scene: &Scene, watched_until: Millis) -> Door {
    let row = TradeRow { trade: scene.trade.clone(), wake_at: None, watched_until };
    let mut store = Store::in_memory().unwrap();
    store.save(&Changes { trades: vec![row], ..Changes::default() }).unwrap();
    Door::open(store, house(), Millis(0)).unwrap()
}

fn nameless(scene: &mut Scene, units: u128) -> Seen {
    let nth = scene.pay(Payment { senders: vec![STRANGER], by_link: false, ..paid(units) });
    scene.outputs.remove(nth)
}

fn sees(door: &mut Door, scene: &Scene, outputs: Vec<Seen>, now: i64) {
    let vault = scene.vault().hash;
    let id = JobId(Uuid::from_u128(1));
    let (lane, body) = ("look".into(), json!({ "vault": vault }));
    let job = JobRow { id, kind: Kind::Look, lane, trade: None, run_at: Millis(now), tries: 0, refusals: 0, body };
    let looked = Looked { vault: Some(vault), began: Millis(now), outputs, ..Looked::default() };
    door.apply(vec![Input::Answered { job, answer: Answer::Looked(looked) }], Millis(now)).unwrap();
}

fn row(door: &Door, output: Uuid) -> DepositRow {
    let wanted = Wanted { deposits: [output].into(), ..Wanted::default() };
    door.store().load(&wanted).unwrap().deposits.remove(&output).unwrap()
}

/// Messages that wait to be said.
fn waiting(door: &Door) -> usize {
    door.store().queue().unwrap().iter().filter(|(job, _)| job.kind == Kind::Say).count()
}

fn asks(door: &mut Door, seq: i64, input: Operator, now: i64) -> (bool, String) {
    let applied = door.apply(vec![Input::Operator { seq, input }], Millis(now)).unwrap();
    let (_, answer) = applied.answered.into_iter().next().unwrap();
    (answer.ok, answer.line)
}

#[test]
fn a_day_has_one_message_for_a_vault_whatever_rains() {
    let mut scene = Scene::funded();
    let mut door = door(&scene, Millis(i64::MAX));
    for nth in 0..50 {
        let seen = vec![nameless(&mut scene, 1), nameless(&mut scene, 2)];
        sees(&mut door, &scene, seen, 1_000 + nth);
        assert_eq!(waiting(&door), 2, "one for each of the two");
    }
    // The next life knows that they were told.
    let mut door = Door::open(door.into_store(), house(), Millis(2_000)).unwrap();
    let seen = vec![nameless(&mut scene, 3)];
    sees(&mut door, &scene, seen, 3_000);
    assert_eq!(waiting(&door), 2);
    let seen = vec![Seen { inscription: true, ..nameless(&mut scene, 1) }];
    sees(&mut door, &scene, seen, 25 * HOUR);
    let seen = vec![Seen { lock: Lock::Spent(None), ..nameless(&mut scene, 1) }];
    sees(&mut door, &scene, seen, 25 * HOUR);
    assert_eq!(waiting(&door), 2, "there is nothing to be done about these");
}

#[test]
fn an_owner_that_is_not_looked_for_is_not_lost() {
    let mut scene = Scene::awaiting();
    let seen = nameless(&mut scene, 12);
    let mut door = door(&scene, Millis(0));
    let trade = Some(scene.trade.id);
    let owned = DepositRow {
        output_id: seen.output_id,
        vault: scene.vault().hash,
        trade,
        sequence: seen.sequence,
        spent: false,
        seen: serde_json::to_value(&seen).unwrap(),
        asked: None,
    };
    let mut store = door.into_store();
    store.save(&Changes { deposits: vec![owned], ..Changes::default() }).unwrap();
    door = Door::open(store, house(), Millis(0)).unwrap();
    let moved = Seen { lock: Lock::Signed(None), ..seen.clone() };
    sees(&mut door, &scene, vec![moved], 1_000);
    assert_eq!(row(&door, seen.output_id).trade, trade);
    assert!(row(&door, seen.output_id).seen["lock"]["signed"].is_null(), "and what was seen is kept");
}

#[test]
fn what_is_gone_is_not_asked_about_any_more() {
    let mut scene = Scene::awaiting();
    let seen = nameless(&mut scene, 12);
    let mut door = door(&scene, Millis(i64::MAX));
    sees(&mut door, &scene, vec![seen.clone()], 1_000);
    let (output, code) = (seen.output_id, scene.trade.code.clone());
    let assign = Operator::AssignDeposit { output, code: code.clone() };
    assert!(asks(&mut door, 1, assign.clone(), 2_000).0);
    assert_eq!(row(&door, output).asked, Some(Asked::Open(scene.trade.id)));
    sees(&mut door, &scene, vec![Seen { lock: Lock::Spent(None), ..seen }], 3_000);
    assert!(row(&door, output).asked.is_none() && row(&door, output).spent);
    let trade = door.store().trades().unwrap().remove(0);
    assert!(trade.claim.is_none() && trade.deposits.is_empty());
    for (seq, asked) in [(2, assign), (3, Operator::ReturnDeposit { output, code })] {
        let (ok, line) = asks(&mut door, seq, asked, 4_000);
        assert!(!ok && line.contains("is spent") && line.contains("nothing was done"), "{line}");
    }
    let unknown = Operator::AssignDeposit { output: Uuid::from_u128(7), code: "ZZZZZZ".into() };
    assert!(asks(&mut door, 5, unknown, 5_000).1.contains("there is no trade"));
}

#[test]
fn a_deposit_is_asked_about_in_one_trade_at_a_time() {
    let mut scene = Scene::awaiting();
    let seen = Seen { senders: vec![SELLER], ..nameless(&mut scene, 12) };
    let mut second = scene.trade.clone();
    (second.id, second.code) = (TradeId(Uuid::from_u128(2)), "ZZZZZ2".into());
    second.links.clear();
    let rows = [&scene.trade, &second].map(|trade| TradeRow {
        trade: trade.clone(),
        wake_at: None,
        watched_until: Millis(i64::MAX),
    });
    let mut store = Store::in_memory().unwrap();
    store.save(&Changes { trades: rows.into(), ..Changes::default() }).unwrap();
    let mut door = Door::open(store, house(), Millis(0)).unwrap();
    sees(&mut door, &scene, vec![seen.clone()], 1_000);
    let output = seen.output_id;
    let claims = |door: &Door| {
        let trades = door.store().trades().unwrap();
        let asked = trades.iter().filter(|trade| trade.claim.is_some()).map(|trade| trade.code.clone());
        asked.collect::<Vec<_>>()
    };
    for (seq, code) in [(1, &scene.trade.code), (2, &second.code)] {
        assert!(asks(&mut door, seq, Operator::AssignDeposit { output, code: code.clone() }, 2_000).0);
        assert_eq!(&claims(&door), std::slice::from_ref(code), "the other question is taken back");
    }
    assert!(asks(&mut door, 3, Operator::ReturnDeposit { output, code: scene.trade.code.clone() }, 3_000).0);
    assert!(claims(&door).is_empty());
    assert_eq!((row(&door, output).trade, row(&door, output).asked), (Some(scene.trade.id), None));
    assert!(scene.trade.role_of(BUYER).is_some());
}
