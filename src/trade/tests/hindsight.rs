//! The network is ahead of the row: money that was locked, and spent, before it was seen here.

use super::scene::*;
use crate::id::Hash;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::{Duty, Event, Kind, State};

/// What a life that was lost did after `row`: paid, funded, released, spent. Gives the row as it was, with the
/// network as it is now.
fn lost_life(row: &Scene, kind: Kind) -> Scene {
    let mut lost = row.clone();
    lost.pay(paid(DUE));
    let nth = lost.nth;
    lost.look();
    lost.work();
    lost.spend(kind);
    // The same hints give the same keys: the scene's keys are named by this number.
    let mut scene = Scene { outputs: lost.outputs, trace_used: true, nth, ..row.clone() };
    scene.tell(&Command::PutBack).unwrap();
    scene
}

#[test]
fn our_own_spend_settles_a_row_that_never_saw_the_money() {
    for (plan, kind) in [(0, Kind::Release), (1, Kind::Refund)] {
        let mut scene = lost_life(&Scene::awaiting(), kind);
        scene.look();
        assert_eq!((scene.state().name(), scene.trade.links.len()), ("Funded", 1), "nobody is asked to pay again");
        scene.look();
        assert_eq!(scene.state().name(), "Funded", "whose spend it was is not known before the payloads are built");
        scene.build(0);
        scene.build(1);
        scene.look();
        assert_eq!(scene.state(), State::Settled { plan, at: scene.now });
        assert!(scene.living().is_empty());
    }
}

#[test]
fn somebody_elses_spend_ends_it_without_a_new_link() {
    // Nobody but the two of them can have spent what the bot has never seen.
    let mut scene = Scene::awaiting();
    let output = scene.pay(paid(DUE));
    scene.outputs[output].lock = Lock::Spent(Some(Hash([9; 32])));
    scene.look();
    assert_eq!(scene.state(), State::SettledElsewhere { by: Some(Hash([9; 32])) });

    // After a copy was put back it may have been the bot: the payload tells, and until then nobody reads "locked".
    let mut scene = Scene::awaiting();
    scene.tell(&Command::PutBack).unwrap();
    let output = scene.pay(paid(DUE));
    scene.outputs[output].lock = Lock::Spent(Some(Hash([9; 32])));
    scene.look();
    assert!(!scene.duties.iter().any(|d| matches!(d, Duty::Tell { .. })), "{:?}", scene.duties);
    assert!(scene.tell(&Command::Deliver { by: SELLER }).is_err());
    scene.build(0);
    scene.build(1);
    scene.look();
    assert_eq!(scene.state(), State::SettledElsewhere { by: Some(Hash([9; 32])) });
    assert_eq!(scene.trade.links.len(), 1);
}

/// The two took back a part that never covered what is due: they still owe it.
#[test]
fn a_part_that_was_taken_back_counts_for_nothing() {
    let mut scene = Scene::awaiting();
    for (units, by) in [(600, 1), (405, 2)] {
        let output = scene.pay(paid(units));
        scene.outputs[output].lock = Lock::Spent(Some(Hash([by; 32])));
    }
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    scene.pay(paid(DUE));
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    assert_eq!(scene.plan(Kind::Release).inputs.len(), 1);
}

/// Paid twice, and the second payment went back: the settlement froze the older one.
#[test]
fn of_two_spends_the_older_money_was_the_settlement() {
    let mut scene = Scene::awaiting();
    scene.tell(&Command::PutBack).unwrap();
    for by in [7, 3] {
        let output = scene.pay(paid(DUE));
        scene.outputs[output].lock = Lock::Spent(Some(Hash([by; 32])));
    }
    let events = scene.look();
    assert!(events.iter().any(|event| matches!(event, Event::Funded { .. })));
    let [input] = scene.plan(Kind::Release).inputs.as_slice() else { unreachable!() };
    assert_eq!(input.output_id, scene.outputs[0].output_id);
}

/// The buyer signed in the life that was lost: the lock is of our own payload, which is not built again yet. To revoke
/// it would throw the signature away.
#[test]
fn a_lock_of_our_own_is_not_revoked_before_its_payload_is_built_again() {
    let mut row = Scene::awaiting();
    row.pay(paid(DUE));
    row.look();
    let mut lost = row.clone();
    lost.work();
    lost.sign(Kind::Release, BUYER);
    lost.lock(0, Lock::Signed(Some(lost.hash(0))));
    let mut scene = Scene { outputs: lost.outputs, requests: lost.requests, ..row };
    let unlocks = |scene: &Scene| scene.duties.iter().any(|duty| matches!(duty, Duty::Unlock { .. }));
    scene.look();
    assert!(!unlocks(&scene));
    scene.build(0);
    scene.look();
    assert!(!unlocks(&scene));
    scene.build(1);
    scene.look();
    assert!(!unlocks(&scene), "it is ours");
    // A stranger's is revoked once that is known.
    scene.lock(0, Lock::Signed(Some(Hash([9; 32]))));
    scene.look();
    assert!(unlocks(&scene));
}
