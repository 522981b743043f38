//! The door against the queue: what no story of one trade shows.

use std::sync::Arc;

use uuid::Uuid;

use super::input::{Answer, Input, Line, Looked};
use super::jobs::{Whom, Work};
use super::{Door, Keys, Shop, Task};
use crate::chat::{Caps, House};
use crate::id::{AssetId, IdSecret, MessageId, UserId};
use crate::kernel;
use crate::kernel::derive::contact_conversation;
use crate::mixin::KitKey;
use crate::mixin::blaze::InboundMessage;
use crate::mixin::safe::User;
use crate::store::{Beside, Changes, Halts, Operator, Restored, Store, TradeRow};
use crate::time::Millis;
use crate::trade::order::{Order, Progress};
use crate::trade::terms::{Asset, Fee, FeePayer, Periods, Unruled};
use crate::trade::tests::scene::BUYER;

const BOT: UserId = UserId(Uuid::from_u128(0xb07));
const ALICE: UserId = UserId(Uuid::from_u128(0xa));
const MALLORY: UserId = UserId(Uuid::from_u128(0xe));

pub(super) fn shop() -> Shop {
    let hours = Millis::from_hours;
    let house = House {
        bot: BOT,
        bot_number: "7000000000".into(),
        bot_name: String::new(),
        operator: "us".into(),
        assets: vec![Asset { id: AssetId(Uuid::from_u128(1)), symbol: "USDT".into(), chain: "TRON".into() }],
        fee: Fee { bps: 100, payer: FeePayer::Buyer, receiver: UserId(Uuid::from_u128(0xfee)) },
        periods: Periods { accept: hours(24), pay: hours(2), deliver: hours(168), inspect: hours(72) },
        judges: Vec::new(),
        unruled: Unruled::Refund,
        ruling_delay: crate::chat::RulingDelay::default(),
        short_ok_bp: 100,
        price_max: None,
        open_max: 20,
        caps: Caps::default(),
        mixpay: false,
    };
    let seed = [7; 32];
    Shop {
        house,
        keys: Keys {
            ids: IdSecret::from_spend_seed(&seed),
            spend: Arc::new(kernel::spend_scalar(&seed)),
            kits: KitKey::from_spend_seed(&seed),
        },
        searches_per_hour: 10,
        max_skew: Millis::from_secs(300),
        mixpay: None,
        pages: None,
    }
}

fn door() -> Door {
    Door::open(Store::in_memory().unwrap(), shop(), Millis(0)).unwrap()
}

fn hears(door: &mut Door, from: UserId, nth: u128, text: &str, now: i64) {
    let message = InboundMessage {
        conversation_id: contact_conversation(BOT, from),
        user_id: from,
        message_id: MessageId(Uuid::from_u128(nth)),
        category: "PLAIN_TEXT".into(),
        data: text.as_bytes().to_vec(),
        quote_message_id: None,
        created_at: Millis(now),
        source: String::new(),
    };
    let applied = door.apply(vec![Input::Chat(message)], Millis(now)).unwrap();
    assert_eq!(applied.acknowledge.len(), 1);
}

fn answer(door: &mut Door, task: Task, answer: &Answer, now: i64) {
    let inputs = task.jobs.into_iter().map(|job| Input::Answered { job, answer: answer.clone() });
    door.apply(inputs.collect(), Millis(now)).unwrap();
}

/// Answers every look-up that waits, as Mixin would.
fn known(door: &mut Door, is_bot: bool, now: i64) {
    for task in door.lease(Millis(now), 64).unwrap() {
        let Work::Find(find) = &task.work else { continue };
        let Whom::Id(user_id) = find.body.whom else { continue };
        let (number, name) = ("12345".into(), "N".into());
        let user = User { user_id, number, name, has_safe: true, is_bot, is_scam: false, is_deactivated: false };
        answer(door, task, &Answer::Profile { user, reachable: true }, now);
    }
}

/// The messages leased now, by whom they are for.
fn says(door: &mut Door, now: i64) -> Vec<(Task, Vec<UserId>)> {
    let tasks = door.lease(Millis(now), 64).unwrap();
    let to = |task: Task| match &task.work {
        Work::Say(say) => {
            let to = say.messages.iter().filter_map(|message| message.recipient_id).collect();
            Some((task, to))
        }
        _ => None,
    };
    tasks.into_iter().filter_map(to).collect()
}

#[test]
fn one_persons_block_loses_nobody_elses_messages() {
    let mut door = door();
    for (nth, person) in [(1, ALICE), (2, MALLORY)] {
        hears(&mut door, person, nth, "hi", 1_000);
    }
    known(&mut door, false, 1_000);
    let mut batches = says(&mut door, 1_000);
    let (batch, to) = batches.pop().unwrap();
    assert!(batches.is_empty() && to.contains(&ALICE) && to.contains(&MALLORY), "one call for both: {to:?}");
    let blocked = Answer::Refused { code: 403, why: "Forbidden".into() };
    answer(&mut door, batch, &blocked, 1_000);
    // Each goes alone now; whoever is blocked is put aside, the others are heard.
    let mut heard = 0;
    for round in 0..4 {
        for (task, to) in says(&mut door, 1_000 + round) {
            assert_eq!(to.len(), 1);
            heard += usize::from(to[0] == ALICE);
            let what = if to[0] == MALLORY { &blocked } else { &Answer::Said };
            answer(&mut door, task, what, 1_000 + round);
        }
    }
    assert!(heard >= 1, "Alice was answered");
    assert!(says(&mut door, 10_000_000).is_empty(), "nothing is left to say");
}

/// A jump while connected is time; one that is too large halts rights by time until the operator agrees.
#[test]
fn a_jump_of_the_clock_is_time_and_a_large_one_halts_rights_by_it() {
    let mut door = door();
    let hour = 3_600_000;
    let apply = |door: &mut Door, input, now| door.apply(vec![input], Millis(now)).unwrap();
    let line = |door: &mut Door, line, now| drop(apply(door, Input::Line(line), now));
    let halt = |door: &Door| door.store().halts().unwrap().clock.map(|halt| halt.why);
    line(&mut door, Line::Offset(Millis(2 * hour)), 0);
    line(&mut door, Line::Up, 0);
    line(&mut door, Line::Alive, 30_000);
    assert_eq!(halt(&door), None, "what is measured before the first connection is no jump");
    let service = |door: &Door, now| door.clock().service(door.clock().server(Millis(now))).0 - 2 * hour;
    assert_eq!(service(&door, 30_000), 30_000);
    line(&mut door, Line::Offset(Millis(2 * hour + 5_000)), 31_000);
    assert_eq!((service(&door, 31_000), halt(&door)), (36_000, None), "a small correction is only that");
    line(&mut door, Line::Offset(Millis(5 * hour + 5_000)), 32_000);
    assert_eq!(service(&door, 32_000), 3 * hour + 37_000, "time, not downtime");
    assert!(halt(&door).unwrap().starts_with("the clock jumped by 10800 s"), "{:?}", halt(&door));
    assert_eq!(door.halted(), None, "signing goes on");
    // It outlives the process; the first reason stays.
    let mut door = Door::open(door.into_store(), shop(), Millis(33_000)).unwrap();
    line(&mut door, Line::Up, 33_000);
    line(&mut door, Line::Offset(Millis(hour)), 34_000);
    assert!(halt(&door).unwrap().starts_with("the clock jumped by 10800 s"));
    let operate = |door: &mut Door, input| {
        apply(door, Input::Operator { seq: 1, input }, 35_000).answered.pop().map(|(_, answer)| answer).unwrap()
    };
    let answer = operate(&mut door, Operator::ResumeClock);
    assert!(answer.ok && answer.line.contains("jumped by 10800 s"), "{}", answer.line);
    assert_eq!(halt(&door), None);
    assert!(!operate(&mut door, Operator::ResumeClock).ok);
    assert!(operate(&mut door, Operator::HaltClock { why: "odd".into() }).ok);
    assert_eq!(halt(&door).as_deref(), Some("odd"));
}

/// While nothing is connected the time is nobody's, however the clock moves.
#[test]
fn a_jump_without_a_connection_is_downtime() {
    let mut door = door();
    let hour = 3_600_000;
    let line = |door: &mut Door, line, now| door.apply(vec![Input::Line(line)], Millis(now)).map(drop).unwrap();
    line(&mut door, Line::Offset(Millis(0)), 0);
    line(&mut door, Line::Up, 0);
    line(&mut door, Line::Alive, 30_000);
    line(&mut door, Line::Down, 40_000);
    line(&mut door, Line::Offset(Millis(3 * hour)), 41_000);
    line(&mut door, Line::Up, 42_000);
    let service = |door: &Door, now| door.clock().service(door.clock().server(Millis(now))).0;
    assert_eq!(service(&door, 43_000), 31_000);
    assert_eq!(door.store().halts().unwrap().clock, None);
}

#[test]
fn a_bot_is_not_answered() {
    let mut door = door();
    hears(&mut door, ALICE, 1, "hi", 1_000);
    known(&mut door, true, 1_000);
    assert!(says(&mut door, 2_000).is_empty());
}

#[test]
fn a_clock_that_ran_ahead_leaves_nothing_in_the_future() {
    let mut door = door();
    let hour = 3_600_000;
    let line = |door: &mut Door, line, now| door.apply(vec![Input::Line(line)], Millis(now)).map(drop).unwrap();
    line(&mut door, Line::Up, 0);
    line(&mut door, Line::Offset(Millis(8 * hour)), 1_000);
    line(&mut door, Line::Alive, 2_000);
    // The next life knows better, and its first batch brings both.
    let mut door = Door::open(door.into_store(), shop(), Millis(3_000)).unwrap();
    let inputs = vec![Input::Line(Line::Offset(Millis(0))), Input::Line(Line::Up)];
    door.apply(inputs, Millis(3_000)).unwrap();
    let service = |door: &Door, now| door.clock().service(door.clock().server(Millis(now))).0;
    assert_eq!(service(&door, 13_000) - service(&door, 3_000), 10_000, "time goes on");
}

/// A database with one trade that waits for money, just put back from a copy; its look was lost.
fn put_back() -> (Store, crate::id::Hash) {
    let trade = crate::trade::tests::scene::Scene::awaiting().trade;
    let vault = trade.vault().unwrap().hash;
    let halts = Halts { restored: Some(Restored { at: Millis(5), taken_at: None }), ..Halts::default() };
    let row = TradeRow { trade, wake_at: None, watched_until: Millis(i64::MAX) };
    let mut store = Store::in_memory().unwrap();
    store.save(&Changes { trades: vec![row], halts: Some(halts), ..Changes::default() }).unwrap();
    (store, vault)
}

#[test]
fn after_a_restore_nothing_is_signed_before_every_vault_was_read_whole() {
    let (store, vault) = put_back();
    let mut door = Door::open(store, shop(), Millis(1_000)).unwrap();
    let looked = |partial, unanswered| {
        let looked = Looked { vault: Some(vault), began: Millis(1_000), partial, unanswered, ..Looked::default() };
        Answer::Looked(looked)
    };
    let mut now = 1_000;
    for (partial, unanswered, lifted) in [(true, false, false), (false, true, false), (false, false, true)] {
        let mut tasks = door.lease(Millis(now), 64).unwrap();
        let look = tasks.pop().unwrap();
        assert!(tasks.is_empty() && matches!(look.work, Work::Look(_)), "its look is queued again");
        assert!(door.halted().unwrap().contains("restored"));
        answer(&mut door, look, &looked(partial, unanswered), now);
        assert_eq!(door.halted().is_none(), lifted);
        now += 100_000;
    }
    assert!(door.store().halts().unwrap().restored.is_none(), "and that is committed");
}

#[test]
fn a_start_after_a_restore_begins_to_read_anew() {
    let (store, _) = put_back();
    let door = Door::open(store, shop(), Millis(1_000)).unwrap();
    let mut door = Door::open(door.into_store(), shop(), Millis(2_000)).unwrap();
    assert!(door.halted().is_some());
    assert_eq!(door.lease(Millis(2_000), 64).unwrap().len(), 1);
    // With nothing to read there is nothing to wait for.
    let mut store = Store::in_memory().unwrap();
    let halts = Halts { restored: Some(Restored { at: Millis(5), taken_at: None }), ..Halts::default() };
    store.save(&Changes { halts: Some(halts), ..Changes::default() }).unwrap();
    assert_eq!(Door::open(store, shop(), Millis(1_000)).unwrap().halted(), None);
}

/// A vault that can never be read must not stop everybody for ever: the operator may go on without it.
#[test]
fn the_operator_may_go_on_although_a_vault_cannot_be_read() {
    let (store, vault) = put_back();
    let mut door = Door::open(store, shop(), Millis(1_000)).unwrap();
    let mut resume = |unread| {
        let input = Operator::ResumeSigning { unread };
        let applied = door.apply(vec![Input::Operator { seq: 1, input }], Millis(2_000)).unwrap();
        (door.halted(), applied.answered[0].1.line.clone(), door.unread().len())
    };
    let (halted, line, unread) = resume(false);
    assert!(halted.unwrap().contains("restored"), "that alone lifts only the operator's own halt");
    assert!(unread == 1 && line.contains("the restore's stands") && line.contains("--unread"), "{line}");
    assert_eq!(resume(true), (None, "signing goes on".into(), 0));
    assert!(door.store().halts().unwrap().restored.is_none(), "and that is committed");
    let looked = Looked { vault: Some(vault), began: Millis(1_000), ..Looked::default() };
    let look = door.lease(Millis(2_000), 64).unwrap().pop().unwrap();
    answer(&mut door, look, &Answer::Looked(looked), 2_000);
    assert_eq!(door.halted(), None, "reading it later changes nothing");
}

/// What is asked and not understood is answered too; it must not stand before a halt that comes after it.
#[test]
fn whatever_the_operator_asks_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.db");
    let mut door = Door::open(Store::open(&path).unwrap(), shop(), Millis(0)).unwrap();
    let beside = Beside::open(&path).unwrap();
    let odd = beside.ask(Millis(1), &Operator::Unknown).unwrap();
    let halt = beside.ask(Millis(1), &Operator::HaltSigning { why: "x".into() }).unwrap();
    assert_eq!(beside.answer(halt).unwrap(), None);
    let asked = door.asked().unwrap();
    assert_eq!(asked.len(), 2);
    door.apply(asked, Millis(2)).unwrap();
    assert!(door.asked().unwrap().is_empty());
    assert!(!beside.answer(odd).unwrap().unwrap().ok);
    assert!(beside.answer(halt).unwrap().unwrap().ok);
    assert!(door.halted().unwrap().starts_with("x (by the operator"));
    assert_eq!(Some(door.halted().unwrap()), beside.halts().unwrap().why());
}

#[test]
fn a_database_serves_the_bot_that_began_it() {
    let store = Door::open(Store::in_memory().unwrap(), shop(), Millis(0)).unwrap().into_store();
    let store = Door::open(store, shop(), Millis(1)).unwrap().into_store();
    let mut other = shop();
    other.house.bot = MALLORY;
    let refused = Door::open(store, other, Millis(2)).err().unwrap();
    assert!(matches!(refused, crate::store::StoreError::OtherBot { owner: BOT, bot: MALLORY }), "{refused}");
}

/// One tap must not end a trade whose money is on its way.
#[test]
fn cancelling_needs_a_second_tap_while_money_is_on_its_way() {
    let (mut store, _) = put_back();
    let mut trade = store.trades().unwrap().remove(0);
    trade.orders.push(Order {
        round: 0,
        id: "x".into(),
        memo: "y".into(),
        amount: trade.due(),
        expires: Millis(i64::MAX),
        opened: None,
        moved: Millis(0),
        progress: Progress::MovingIn,
        over: false,
    });
    trade.version += 1;
    let row = TradeRow { trade: trade.clone(), wake_at: None, watched_until: Millis(i64::MAX) };
    store.save(&Changes { trades: vec![row], ..Changes::default() }).unwrap();
    let mut door = Door::open(store, shop(), Millis(1_000)).unwrap();
    hears(&mut door, BUYER, 1, &format!("cancel {}", trade.code), 1_000);
    known(&mut door, false, 1_000);
    let state = |door: &Door| door.store().trades().unwrap().remove(0).state.name();
    assert_eq!(state(&door), "AwaitingPayment");
    let says: Vec<String> = door.lease(Millis(1_000), 64).unwrap().iter().flat_map(said).collect();
    let asked = says.iter().find(|data| data.contains("is on its way through MixPay")).unwrap();
    let (_, token) = asked.split_once(&format!("cancel {} ", trade.code)).unwrap();
    let token: String = token.chars().take_while(char::is_ascii_alphanumeric).collect();
    hears(&mut door, BUYER, 2, &format!("cancel {} {token}", trade.code), 2_000);
    assert_eq!(state(&door), "Cancelled");
}

/// What a task says, as it is sent.
fn said(task: &Task) -> Vec<String> {
    let Work::Say(say) = &task.work else { return Vec::new() };
    say.messages.iter().map(|message| message.data.clone()).collect()
}
