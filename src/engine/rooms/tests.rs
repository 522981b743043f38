//! What no story shows: a removal nobody was told of, and a judge who is let in.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::engine::input::{Answer, Input};
use crate::engine::tests::shop;
use crate::engine::{Door, Shop};
use crate::id::MessageId;
use crate::mixin::messenger::{OutMessage, To};
use crate::store::{Changes, Fate, Found, Store, TradeRow, Wanted};
use crate::time::Millis;
use crate::trade::tests::scene::{BOT, BUYER, SELLER, STRANGER, Scene};

const ROOM: ConversationId = ConversationId(Uuid::from_u128(0x700));
const JUDGE: UserId = UserId(Uuid::from_u128(0x1));

fn house() -> Shop {
    let mut shop = shop();
    shop.house.bot = BOT;
    shop
}

fn room(scene: &Scene) -> RoomRow {
    RoomRow {
        trade: Some(scene.trade.id),
        members: vec![BUYER, SELLER],
        link: Some("https://mixin.one/codes/x".into()),
        ..RoomRow::new(ROOM)
    }
}

/// A door on a trade with a room.
fn door(scene: &Scene) -> Door {
    let trades = vec![TradeRow { trade: scene.trade.clone(), wake_at: None, watched_until: Millis(i64::MAX) }];
    let mut store = Store::in_memory().unwrap();
    store.save(&Changes { trades, rooms: vec![room(scene)], ..Changes::default() }).unwrap();
    Door::open(store, house(), Millis(0)).unwrap()
}

fn found(door: &Door, scene: &Scene) -> Found {
    door.store().load(&Wanted { trades: [scene.trade.id].into(), ..Wanted::default() }).unwrap()
}

/// Something said to the room comes back with this answer.
fn posted(door: &mut Door, nth: u128, answer: Answer) {
    let message = OutMessage::text(To::group(ROOM), MessageId(Uuid::from_u128(nth)), "locked");
    let job = JobRow {
        id: JobId(message.message_id.0),
        kind: Kind::Post,
        lane: format!("post/{ROOM}"),
        trade: None,
        run_at: Millis(0),
        tries: 0,
        refusals: 0,
        body: json!(message),
    };
    door.apply(vec![Input::Answered { job, answer }], Millis(10)).unwrap();
}

fn says(door: &Door) -> usize {
    door.store().queue().unwrap().iter().filter(|(job, _)| job.kind == Kind::Say).count()
}

/// Mixin may not tell the bot that it was removed: then what it says is refused.
#[test]
fn a_removal_nobody_told_of_is_learnt_from_a_refusal_and_told_once() {
    let scene = Scene::funded();
    let mut door = door(&scene);
    let forbidden = || Answer::Refused { code: 403, why: "forbidden".into() };
    posted(&mut door, 1, Answer::Busy { wait: Millis(1) });
    assert!(!found(&door, &scene).rooms[&ROOM].gone);
    posted(&mut door, 2, forbidden());
    assert!(found(&door, &scene).rooms[&ROOM].gone, "remembered, so that no second one is made");
    assert_eq!(says(&door), 2, "both hear of it");
    posted(&mut door, 3, forbidden());
    assert_eq!(says(&door), 2);
}

#[test]
fn a_judge_is_let_in_once_and_is_no_stranger_then() {
    let scene = Scene::funded();
    let door = door(&scene);
    let mut desk = door.desk(found(&door, &scene), Millis(10));
    join(&mut desk, scene.trade.id, JUDGE);
    join(&mut desk, scene.trade.id, JUDGE);
    join(&mut desk, scene.trade.id, BUYER);
    join(&mut desk, crate::id::TradeId(Uuid::from_u128(5)), STRANGER);
    let (changes, ..) = desk.close();
    let bodies: Vec<RoomBody> = changes.jobs.iter().filter_map(RoomBody::of).collect();
    assert_eq!(bodies, [RoomBody { conversation: ROOM, what: RoomWork::Admit { person: JUDGE } }]);
    assert_eq!(changes.rooms.last().unwrap().members, [BUYER, SELLER, JUDGE]);
    assert!(changes.fates.iter().all(|(_, fate)| *fate == Fate::Done));
}

/// Whoever gave the case back has no part there, and the room hears so when they are in it.
#[test]
fn a_judge_who_gives_it_back_is_a_stranger_again() {
    let scene = Scene::funded();
    let door = door(&scene);
    let mut desk = door.desk(found(&door, &scene), Millis(10));
    part(&mut desk, &scene.trade, JUDGE);
    join(&mut desk, scene.trade.id, JUDGE);
    let inside = RoomRow { absent: vec![], ..desk.changes.rooms.last().unwrap().clone() };
    keep(&mut desk, inside);
    part(&mut desk, &scene.trade, JUDGE);
    let (changes, ..) = desk.close();
    assert_eq!(changes.rooms.last().unwrap().members, [BUYER, SELLER]);
    assert_eq!(changes.jobs.iter().filter(|job| job.kind == Kind::Post).count(), 1);
}

#[test]
fn a_judge_who_takes_no_invitations_gets_the_link() {
    let scene = Scene::funded();
    let mut door = door(&scene);
    let what = RoomWork::Admit { person: JUDGE };
    let job = JobRow {
        id: JobId(Uuid::from_u128(9)),
        kind: Kind::Room,
        lane: "room/x".into(),
        trade: Some(scene.trade.id),
        run_at: Millis(0),
        tries: 0,
        refusals: 0,
        body: json!(RoomBody { conversation: ROOM, what }),
    };
    door.apply(vec![Input::Answered { job, answer: Answer::Roomed(RoomSaid::Unwilling) }], Millis(10)).unwrap();
    let queue = door.store().queue().unwrap();
    let said = queue.iter().find(|(job, _)| job.kind == Kind::Say).unwrap();
    assert!(said.0.body.to_string().contains("https://mixin.one/codes/x"));
}
