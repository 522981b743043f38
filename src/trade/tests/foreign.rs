//! Signatures that hold the money up: on transactions of the members' own, on requests of ours that are over, and such
//! as Mixin does not show.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::lock::Foreign;
use crate::trade::{Duty, Event, Kind, Notice, Ruling, State};

const RELEASE: u32 = 0;
const REFUND: u32 = 1;

fn held(scene: &mut Scene, by: u8) -> Hash {
    let by = Hash([by; 32]);
    scene.lock(RELEASE, Lock::Signed(Some(by)));
    by
}

fn unlocks(scene: &Scene) -> Vec<Hash> {
    let of = |duty: &Duty| if let Duty::Unlock { hash } = duty { Some(*hash) } else { None };
    scene.duties.iter().filter_map(of).collect()
}

/// The transactions that both were told of, in the last command.
fn explained(scene: &Scene) -> Vec<(Hash, UserId)> {
    let of = |duty: &Duty| if let Duty::Explain { hash, to } = duty { Some((*hash, *to)) } else { None };
    scene.duties.iter().filter_map(of).collect()
}

#[test]
fn the_first_three_are_told_and_have_five_minutes() {
    for mut scene in [Scene::funded(), Scene::delivered(), Scene::disputed()] {
        let began = scene.now;
        for nth in 1..=5 {
            let by = held(&mut scene, nth);
            scene.look();
            let told = if nth <= 3 { vec![(by, BUYER), (by, SELLER)] } else { vec![] };
            assert_eq!((explained(&scene), unlocks(&scene)), (told, vec![]), "{nth}");
            let notice = Duty::Tell { to: BUYER, notice: Notice::Foreign };
            assert_eq!(scene.duties.contains(&notice), nth <= 3);
            scene.look();
            assert_eq!((explained(&scene), unlocks(&scene)), (vec![], vec![]), "once");
        }
        assert_eq!(scene.trade.foreign.told.len(), Foreign::TOLD_MAX);
        // Five minutes from the first, whichever holds it then.
        scene.now = began.plus(Millis(Foreign::PATIENCE.0 - 1));
        scene.look();
        assert_eq!(unlocks(&scene), []);
        scene.now = began.plus(Foreign::PATIENCE);
        scene.look();
        assert_eq!(unlocks(&scene), [Hash([5; 32])]);
        // From now on at sight, as often as one appears.
        for nth in 6..=9 {
            let by = held(&mut scene, nth);
            for _ in 0..2 {
                scene.look();
                assert_eq!((unlocks(&scene), explained(&scene)), (vec![by], vec![]));
            }
            scene.lock(RELEASE, Lock::Unspent);
            scene.look();
            assert_eq!(unlocks(&scene), []);
        }
    }
}

#[test]
fn a_foreign_lock_may_become_a_payment_of_the_two() {
    let mut scene = Scene::funded();
    let by = held(&mut scene, 1);
    scene.look();
    scene.lock(RELEASE, Lock::Spent(Some(by)));
    scene.look();
    assert_eq!(scene.state(), State::SettledElsewhere { by: Some(by) });
}

#[test]
fn nothing_is_told_of_our_own_payloads_or_while_a_person_must_look() {
    let mut scene = Scene::funded();
    scene.lock(RELEASE, Lock::Signed(Some(scene.hash(REFUND))));
    scene.look();
    assert_eq!((explained(&scene), unlocks(&scene)), (vec![], vec![]));
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    held(&mut scene, 1);
    scene.look();
    assert_eq!(explained(&scene), []);
    // Held, and not told by whom: there is nothing to explain and nothing to revoke.
    let mut scene = Scene::funded();
    scene.lock(RELEASE, Lock::Signed(None));
    scene.now = Millis(DAY);
    scene.look();
    assert_eq!((explained(&scene), unlocks(&scene)), (vec![], vec![]));
    assert!(scene.trade.is_held());
}

/// What was offered and is over, or was made anew, can still be signed; that would only keep the others waiting.
#[test]
fn a_signature_on_what_is_over_is_taken_away_at_sight() {
    let mut scene = Scene::funded();
    let old = scene.offer(SELLER, 600);
    scene.offer(SELLER, 700);
    let by = scene.hash(old);
    scene.lock(RELEASE, Lock::Signed(Some(by)));
    for _ in 0..3 {
        scene.look();
        assert_eq!((unlocks(&scene), explained(&scene)), (vec![by], vec![]));
    }
    // The one that is on offer is theirs to sign.
    let now = scene.no(Kind::Split);
    scene.lock(RELEASE, Lock::Signed(Some(scene.hash(now))));
    scene.look();
    assert_eq!(unlocks(&scene), []);
}

/// The loser's signature on what pays them holds the money and gives nothing: it shall not keep the winner waiting.
#[test]
fn an_early_signature_is_no_way_to_hold_up_whose_right_it_is() {
    let elapsed = |mut scene: Scene| {
        scene.elapse();
        scene
    };
    let split = Ruling::Split { seller: units(600), of: units(1_000) };
    for (mut scene, kind, loser) in [
        (elapsed(Scene::funded()), Kind::Release, SELLER),
        (elapsed(Scene::delivered()), Kind::Refund, BUYER),
        (Scene::ruled(Ruling::Release), Kind::Refund, BUYER),
        (Scene::ruled(Ruling::Refund), Kind::Release, SELLER),
        (Scene::ruled(split), Kind::Release, SELLER),
        (Scene::ruled(split), Kind::Refund, BUYER),
    ] {
        scene.sign(kind, loser);
        let by = scene.hash(scene.no(kind));
        scene.lock(RELEASE, Lock::Signed(Some(by)));
        for _ in 0..2 {
            scene.look();
            assert_eq!(unlocks(&scene), [by]);
        }
        assert_eq!(scene.authorities(), []);
        // The winner's own is in nobody's way, and neither is what the other gives.
        let (winning, giver) = if kind == Kind::Release { (Kind::Refund, BUYER) } else { (Kind::Release, SELLER) };
        if scene.plan(winning).stands() && scene.trade.living(Kind::Split).is_none() {
            scene.sign(winning, giver);
            scene.lock(RELEASE, Lock::Signed(Some(scene.hash(scene.no(winning)))));
            scene.look();
            assert_eq!((unlocks(&scene), scene.state().name()), (vec![], "Settling"));
        }
    }
    // Without a right it is theirs to wait with.
    let mut scene = Scene::delivered();
    scene.sign(Kind::Refund, BUYER);
    scene.lock(RELEASE, Lock::Signed(Some(scene.hash(REFUND))));
    scene.look();
    assert_eq!(unlocks(&scene), []);
}

#[test]
fn a_signature_that_is_not_shown_is_told_once_and_never_joined() {
    let mut scene = Scene::funded();
    scene.requests.get_mut(&RELEASE).unwrap().signers = vec![BUYER];
    let events = scene.look();
    assert_eq!(events, [Event::Unshown { plan: RELEASE, by: BUYER }]);
    for to in [BUYER, SELLER] {
        assert!(scene.duties.contains(&Duty::Tell { to, notice: Notice::Unshown { plan: RELEASE } }));
    }
    assert_eq!(scene.look(), []);
    assert_eq!((scene.authorities(), scene.state().name()), (vec![], "Funded"));
    // Shown after all, it counts; and with the kit the two need nobody.
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan: RELEASE });
    // The bot's own name among the signers hides nothing, nor does one whose signature is there.
    let mut scene = Scene::funded();
    scene.sign(Kind::Refund, BUYER);
    scene.requests.get_mut(&REFUND).unwrap().signers = vec![BUYER, BOT];
    assert!(scene.look().iter().all(|event| !matches!(event, Event::Unshown { .. })));
    scene.requests.get_mut(&RELEASE).unwrap().signers = vec![SELLER];
    scene.spend(Kind::Release);
    scene.look();
    assert_eq!(scene.state().name(), "Settled");
}
