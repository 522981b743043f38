//! Where only one of a trade's requests can have the inputs: which one, and how the others make room.

use super::scene::*;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::plan::Authority;
use crate::trade::{Duty, Event, Kind, Notice, Refusal, State};

fn unlocked(scene: &Scene) -> bool {
    scene.duties.iter().any(|duty| matches!(duty, Duty::Unlock { .. }))
}

#[test]
fn an_early_signature_is_kept_and_taken_out_of_the_way_of_what_may_be_signed() {
    let mut scene = Scene::delivered();
    scene.sign(Kind::Refund, BUYER);
    scene.lock(0, Lock::Signed(Some(scene.hash(1))));
    scene.look();
    assert!(!unlocked(&scene), "who could sign the release gave it");
    scene.tell(&Command::Want { by: BUYER, kind: Kind::Release }).unwrap();
    scene.look();
    assert_eq!(scene.state().name(), "Delivered");
    assert!(scene.duties.contains(&Duty::Unlock { hash: scene.hash(1) }), "the release is to be signed");
    // The same by who is to be paid: it holds nothing up, until the refund is somebody's to take.
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, SELLER);
    scene.lock(0, Lock::Signed(Some(scene.hash(0))));
    scene.look();
    assert!(!unlocked(&scene));
    let State::Funded { until } = scene.state() else { panic!() };
    scene.now = until;
    scene.tell(&Command::Elapsed { until }).unwrap();
    scene.look();
    assert!(unlocked(&scene), "the buyer may take the refund now");
    scene.sign(Kind::Refund, BUYER);
    scene.look();
    assert_eq!(scene.plan(Kind::Refund).authorised, Some(Authority::DeliveryElapsed));
}

#[test]
fn a_signature_that_is_not_shown_is_not_taken_away() {
    let mut scene = Scene::funded();
    scene.lock(0, Lock::Signed(Some(scene.hash(1))));
    scene.requests.get_mut(&1).unwrap().signers = vec![SELLER];
    scene.look();
    assert!(!unlocked(&scene), "the two may sign it without the bot");
    assert!(scene.plan(Kind::Refund).unshown);
    assert_eq!(scene.tell(&Command::Blocked { plan: 0 }), Ok(vec![]));
}

#[test]
fn where_a_request_reserves_its_inputs_the_others_make_room_for_the_one_that_is_wanted() {
    let mut scene = Scene::funded();
    let request = scene.plan(Kind::Release).request.unwrap().id;
    // The release stands, as both want; nobody has asked for the refund.
    scene.requests.get_mut(&1).unwrap().revoked = true;
    scene.look();
    assert_eq!(scene.tell(&Command::Blocked { plan: 1 }), Ok(vec![Event::Reserved]));
    assert!(scene.duties.contains(&Duty::Tell { to: BUYER, notice: Notice::Kit }), "it holds the one link there is");
    assert_eq!(scene.tell(&Command::Blocked { plan: 1 }), Ok(vec![]));
    assert_eq!(scene.tell(&Command::Want { by: BUYER, kind: Kind::Refund }), Err(Refusal::OnlySeller));
    assert_eq!(scene.tell(&Command::Want { by: STRANGER, kind: Kind::Refund }), Err(Refusal::NotYours));
    scene.tell(&Command::Want { by: SELLER, kind: Kind::Refund }).unwrap();
    assert!(scene.duties.contains(&Duty::Open { plan: 1 }));
    let made_room = scene.tell(&Command::Blocked { plan: 1 }).unwrap();
    assert_eq!(made_room, [Event::Yielded { plan: 0, request }]);
    assert_eq!(scene.duties, [Duty::Revoke { request }, Duty::Open { plan: 0 }]);
    assert!(scene.trade.open_after(scene.plan(Kind::Release)) > scene.trade.open_after(scene.plan(Kind::Refund)));
    assert_eq!(scene.tell(&Command::Blocked { plan: 1 }), Ok(vec![]), "nothing of ours stands any more");
}

#[test]
fn a_split_on_offer_makes_room_for_itself_and_gives_it_back() {
    let mut scene = Scene::funded();
    scene.tell(&Command::OfferSplit { by: SELLER, seller: units(600) }).unwrap();
    let split = scene.no(Kind::Split);
    scene.build(split);
    let made_room = scene.tell(&Command::Blocked { plan: split }).unwrap();
    assert_eq!(made_room.iter().filter(|event| matches!(event, Event::Yielded { .. })).count(), 2);
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    assert_eq!(scene.trade.preferred(), Some(0), "it lapsed");
}

#[test]
fn a_request_that_cannot_be_signed_is_created_anew_when_it_is_asked_for_twice() {
    let mut scene = Scene::delivered();
    let request = scene.plan(Kind::Release).request.unwrap().id;
    scene.tell(&Command::Want { by: BUYER, kind: Kind::Release }).unwrap();
    assert_eq!(scene.duties, [Duty::Look]);
    scene.tell(&Command::Want { by: BUYER, kind: Kind::Release }).unwrap();
    assert!(scene.duties.contains(&Duty::Revoke { request }));
}

#[test]
fn nobody_takes_away_what_somebody_else_may_sign_by_right() {
    let mut scene = Scene::delivered();
    let State::Delivered { until } = scene.state() else { panic!() };
    scene.now = until;
    scene.tell(&Command::Elapsed { until }).unwrap();
    for _ in 0..3 {
        let events = scene.tell(&Command::Want { by: BUYER, kind: Kind::Release }).unwrap();
        assert!(!events.iter().any(|event| matches!(event, Event::Yielded { .. })), "the seller may be signing it");
    }
    // And one's own only a few times.
    let mut scene = Scene::delivered();
    let renewed = (0..20)
        .filter(|_| {
            let events = scene.tell(&Command::Want { by: BUYER, kind: Kind::Release }).unwrap();
            scene.work();
            events.iter().any(|event| matches!(event, Event::Yielded { .. }))
        })
        .count();
    assert_eq!(renewed, 5);
}

#[test]
fn an_offer_goes_before_what_was_asked_for_earlier() {
    let mut scene = Scene::funded();
    scene.tell(&Command::Want { by: SELLER, kind: Kind::Refund }).unwrap();
    scene.tell(&Command::OfferSplit { by: SELLER, seller: units(600) }).unwrap();
    assert_eq!(scene.trade.preferred(), Some(scene.no(Kind::Split)));
    // Over before its request is known, it is taken away as soon as it is.
    let split = scene.no(Kind::Split);
    scene.build(split);
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    let request = scene.trade.plan(split).unwrap().request_id(scene.trade.id, &scene.ids);
    scene.tell(&Command::Opened { plan: split, request }).unwrap();
    assert!(scene.duties.contains(&Duty::Revoke { request }));
}

#[test]
fn a_decision_whose_new_request_cannot_be_signed_either_gets_another() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    // One refusal is not believed, nor two at once.
    for _ in 0..2 {
        scene.tell(&Command::Unsignable { plan: 0 }).unwrap();
    }
    assert_eq!(scene.state(), State::Settling { plan: 0 });
    scene.now = scene.now.plus(crate::time::Millis(MINUTE));
    scene.tell(&Command::Unsignable { plan: 0 }).unwrap();
    scene.work();
    let again = scene.no(Kind::Release);
    assert_eq!(scene.state(), State::Settling { plan: again });
    let request = scene.trade.plan(again).unwrap().request.unwrap().id;
    assert_eq!(scene.tell(&Command::Want { by: STRANGER, kind: Kind::Release }), Err(Refusal::NotYours));
    assert_eq!(scene.tell(&Command::Want { by: SELLER, kind: Kind::Refund }), Err(Refusal::TooLate));
    scene.tell(&Command::Want { by: SELLER, kind: Kind::Release }).unwrap();
    assert!(scene.duties.contains(&Duty::Revoke { request }));
}

/// Where only its signer may take a signature away, it stays; that is not written down at every look for ever.
#[test]
fn a_lock_that_cannot_be_taken_away_is_tried_ever_more_rarely() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.lock(0, Lock::Signed(Some(crate::id::Hash([9; 32]))));
    let mut tried = 0;
    for _ in 0..600 {
        scene.now = scene.now.plus(crate::time::Millis(15_000));
        scene.look();
        tried += usize::from(unlocked(&scene));
    }
    assert!((10..40).contains(&tried), "{tried}");
}
