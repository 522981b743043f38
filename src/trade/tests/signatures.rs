//! Who signed what, what it means, and what stands in its way.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::time::Millis;
use crate::trade::command::{Command, FoundRequest, SeenRequest};
use crate::trade::deposit::Lock;
use crate::trade::state::State;
use crate::trade::{Authority, Duty, Event, Kind};

fn authorised(scene: &Scene) -> Vec<(u32, Authority)> {
    scene.trade.plans.iter().filter_map(|plan| Some((plan.no, plan.authorised?))).collect()
}

const RELEASE: u32 = 0;
const REFUND: u32 = 1;

#[test]
fn the_givers_signature_is_the_authority() {
    for (title, signers, expected) in [
        ("nobody", vec![], vec![]),
        ("the buyer releases", vec![(Kind::Release, BUYER)], vec![(RELEASE, Authority::BuyerReleased)]),
        ("the seller refunds", vec![(Kind::Refund, SELLER)], vec![(REFUND, Authority::SellerRefunded)]),
        ("the seller signs the release early", vec![(Kind::Release, SELLER)], vec![]),
        ("the buyer signs the refund early", vec![(Kind::Refund, BUYER)], vec![]),
        ("the bot's own is no authority", vec![(Kind::Release, BOT), (Kind::Refund, BOT)], vec![]),
        ("both receivers", vec![(Kind::Release, SELLER), (Kind::Refund, BUYER)], vec![]),
        (
            "both in one look",
            vec![(Kind::Refund, SELLER), (Kind::Release, BUYER)],
            vec![(RELEASE, Authority::BuyerReleased)],
        ),
    ] {
        for mut scene in [Scene::funded(), Scene::delivered()] {
            for (kind, who) in &signers {
                scene.sign(*kind, *who);
            }
            scene.look();
            assert_eq!(authorised(&scene), expected, "{title}");
            scene.look();
            assert_eq!(authorised(&scene), expected, "{title}: looking again changes nothing");
            let bots = scene.vault().index_of(BOT).unwrap();
            assert!(
                scene.trade.plans.iter().all(|plan| !plan.signed.contains_key(&bots)),
                "{title}: the bot's is not kept"
            );
        }
    }
}

#[test]
fn of_two_in_one_look_the_one_that_holds_the_inputs_wins() {
    for (held, expected) in [(RELEASE, RELEASE), (REFUND, REFUND)] {
        let mut scene = Scene::funded();
        scene.sign(Kind::Release, BUYER);
        scene.sign(Kind::Refund, SELLER);
        let lock = Lock::Signed(Some(scene.hash(held)));
        scene.lock(held, lock);
        scene.look();
        assert_eq!(scene.state(), State::Settling { plan: expected });
        assert_eq!(authorised(&scene).len(), 1);
    }
}

#[test]
fn the_first_authorised_stays_whatever_is_signed_or_revoked_later() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Refund, SELLER);
    scene.look();
    scene.sign(Kind::Release, BUYER);
    scene.requests.get_mut(&REFUND).unwrap().revoked = true;
    scene.look();
    scene.work();
    scene.look();
    assert_eq!(authorised(&scene), [(REFUND, Authority::SellerRefunded)]);
    assert_eq!(scene.state(), State::Settling { plan: REFUND });
}

#[test]
fn signatures_that_are_not_theirs_on_this_payload_are_not_read() {
    let none = |title: &str, spoil: &dyn Fn(&mut Scene)| {
        let mut scene = Scene::funded_with(&[600, 405]);
        scene.sign(Kind::Release, BUYER);
        spoil(&mut scene);
        scene.look();
        assert!(scene.trade.plans.iter().all(|p| p.signed.is_empty()), "{title}");
        assert_eq!(authorised(&scene), [], "{title}");
    };
    none("of the other payload", &|scene| {
        let others = scene.signatures(REFUND, BUYER);
        let request = scene.requests.get_mut(&RELEASE).unwrap();
        request.raw = with_signatures(&request.raw, 1, &others);
    });
    none("at somebody else's index", &|scene| {
        let raw = scene.trade.plan(RELEASE).unwrap().payload.clone().unwrap().raw;
        let signatures = scene.signatures(RELEASE, BUYER);
        scene.requests.get_mut(&RELEASE).unwrap().raw = with_signatures(&raw, 2, &signatures);
    });
    none("on one input only", &|scene| {
        let raw = scene.trade.plan(RELEASE).unwrap().payload.clone().unwrap().raw;
        let signatures = scene.signatures(RELEASE, BUYER);
        scene.requests.get_mut(&RELEASE).unwrap().raw = with_signatures(&raw, 1, &signatures[..1]);
    });
    none("inputs exchanged", &|scene| {
        let mut signatures = scene.signatures(RELEASE, BUYER);
        signatures.reverse();
        let request = scene.requests.get_mut(&RELEASE).unwrap();
        request.raw = with_signatures(&request.raw, 1, &signatures);
    });
    none("of no member", &|scene| {
        let raw = scene.trade.plan(RELEASE).unwrap().payload.clone().unwrap().raw;
        let signatures = scene.signatures(RELEASE, BUYER);
        scene.requests.get_mut(&RELEASE).unwrap().raw = with_signatures(&raw, 3, &signatures);
    });
    none("bytes that are no transaction", &|scene| {
        scene.requests.get_mut(&RELEASE).unwrap().raw.push(0);
    });
}

#[test]
fn a_sight_of_another_request_or_plan_is_ignored() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    let mut sight = scene.sight();
    sight.requests[0].request = crate::id::RequestId(uuid::Uuid::from_u128(1));
    sight.requests[1].plan = 99;
    assert_eq!(scene.tell(&Command::Look(sight)).unwrap(), []);
}

#[test]
fn what_is_lost_is_opened_again_with_the_same_payload_and_the_kept_signatures() {
    for how in ["revoked", "vanished", "occupied", "taken"] {
        let mut scene = Scene::funded();
        scene.sign(Kind::Release, SELLER);
        scene.look();
        let before = scene.plan(Kind::Release).clone();
        let request = before.request.unwrap().id;
        match how {
            "revoked" => scene.requests.get_mut(&RELEASE).unwrap().revoked = true,
            "vanished" => drop(scene.requests.remove(&RELEASE)),
            "occupied" => scene.requests.get_mut(&RELEASE).unwrap().hash = Hash([1; 32]),
            _ => drop(scene.tell(&Command::Taken { plan: RELEASE, request }).unwrap()),
        }
        scene.look();
        scene.now = scene.now.plus(Millis(3_000));
        scene.look();
        let lost = scene.plan(Kind::Release).clone();
        assert_eq!((lost.request, lost.round), (None, 1), "{how}");
        assert_eq!((&lost.payload, &lost.signed), (&before.payload, &before.signed), "{how}");
        assert!(scene.history.contains(&Event::RequestLost { plan: RELEASE, request }), "{how}");
        // An answer about the old id comes too late to count.
        let old = scene.tell(&Command::Opened { plan: RELEASE, request }).unwrap();
        assert_eq!(old, [], "{how}");
        scene.work();
        let again = scene.plan(Kind::Release);
        assert_ne!(again.request.unwrap().id, request, "{how}");
        assert_eq!(again.payload, before.payload, "{how}");
        assert_eq!(scene.requests[&RELEASE].raw, before.payload.unwrap().raw, "{how}");
        // The buyer signs under the new id: both signatures are there.
        scene.sign(Kind::Release, BUYER);
        scene.look();
        assert_eq!(scene.plan(Kind::Release).signed.len(), 2, "{how}");
        assert_eq!(scene.state(), State::Settling { plan: RELEASE }, "{how}");
    }
}

#[test]
fn a_lock_in_the_way_is_revoked_as_often_as_it_appears() {
    let mut scene = Scene::funded();
    let foreign = Hash([9; 32]);
    scene.lock(RELEASE, Lock::Signed(Some(foreign)));
    scene.look();
    assert!(!scene.duties.contains(&Duty::Unlock { hash: foreign }), "in nobody's way yet");
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert!(scene.duties.contains(&Duty::Unlock { hash: foreign }));
    // Unlocked and locked anew between two looks: nothing has changed, and still it is in the way.
    for _ in 0..3 {
        scene.look();
        assert_eq!(scene.duties, [Duty::Unlock { hash: foreign }]);
    }
    let refund = scene.hash(REFUND);
    scene.lock(RELEASE, Lock::Signed(Some(refund)));
    scene.look();
    assert_eq!(scene.duties, [Duty::Unlock { hash: refund }]);
    let own = scene.hash(RELEASE);
    scene.lock(RELEASE, Lock::Signed(Some(own)));
    scene.look();
    assert_eq!(scene.duties, []);
    scene.lock(RELEASE, Lock::Signed(None));
    scene.look();
    assert_eq!(scene.duties, []);
}

#[test]
fn one_unlock_for_a_lock_over_many_inputs() {
    let mut scene = Scene::funded_with(&[500, 300, 205]);
    scene.sign(Kind::Release, BUYER);
    scene.lock(RELEASE, Lock::Signed(Some(Hash([9; 32]))));
    scene.look();
    assert_eq!(scene.duties.iter().filter(|d| matches!(d, Duty::Unlock { .. })).count(), 1);
    scene.look();
    assert_eq!(scene.duties, [Duty::Unlock { hash: Hash([9; 32]) }]);
}

#[test]
fn whichever_of_our_payloads_is_spent_is_the_outcome() {
    for (kind, void) in [(Kind::Release, REFUND), (Kind::Refund, RELEASE)] {
        for told_by_whom in [true, false] {
            let mut scene = Scene::funded();
            let no = scene.no(kind);
            // Both parties signed it on their phones; nothing was authorised.
            if told_by_whom {
                scene.spend(kind);
                scene.look();
            } else {
                scene.lock(no, Lock::Spent(None));
                let mut sight = scene.sight();
                sight.requests.iter_mut().for_each(|r| r.spent = r.plan == no);
                scene.tell(&Command::Look(sight)).unwrap();
            }
            assert_eq!(scene.state(), State::Settled { plan: no, at: scene.now });
            assert_eq!(authorised(&scene), []);
            assert_eq!(scene.trade.plan(void).unwrap().end, Some(crate::trade::plan::End::Void));
        }
        let mut scene = Scene::funded();
        scene.sign(
            if kind == Kind::Release { Kind::Refund } else { Kind::Release },
            match kind {
                Kind::Release => SELLER,
                _ => BUYER,
            },
        );
        scene.look();
        assert_eq!(scene.state().name(), "Settling");
        scene.spend(kind);
        scene.look();
        assert_eq!(scene.state().name(), "Settled", "the ledger decides, not what was authorised");
    }
    let mut scene = Scene::funded();
    scene.lock(RELEASE, Lock::Spent(None));
    scene.look();
    assert_eq!(scene.state().name(), "Funded", "spent, nobody told by whom: it is awaited, not guessed");
}

#[test]
fn a_return_is_signed_by_whom_it_is_for() {
    let cases: [(UserId, UserId, bool); 4] =
        [(BUYER, BUYER, true), (BUYER, SELLER, false), (STRANGER, BUYER, true), (STRANGER, SELLER, true)];
    for (payer, signer, yes) in cases {
        let mut scene = Scene::awaiting();
        scene.pay(Payment { asset: OTHER_ASSET, senders: vec![payer], ..paid(5) });
        scene.look();
        scene.work();
        scene.sign(Kind::Return, signer);
        scene.look();
        let expected = if yes { vec![(0, Authority::NotOwed)] } else { vec![] };
        assert_eq!(authorised(&scene), expected, "{payer} {signer}");
        assert_eq!(scene.state().name(), "AwaitingPayment");
    }
}

#[test]
fn a_payload_is_built_once_and_only_from_a_key_for_each_output() {
    let mut scene = Scene::awaiting();
    scene.pay(paid(DUE));
    scene.look();
    let plan = scene.plan(Kind::Release).clone();
    let keys = keys_for(&plan, 0);
    for wrong in [vec![], keys[..1].to_vec(), [keys.clone(), keys.clone()].concat()] {
        assert_eq!(scene.tell(&Command::Keys { plan: plan.no, keys: wrong }), Ok(vec![]));
    }
    let request = plan.request_id(scene.trade.id, &scene.ids);
    assert_eq!(scene.tell(&Command::Opened { plan: plan.no, request }), Ok(vec![]), "nothing to open yet");
    assert_eq!(scene.tell(&Command::Keys { plan: plan.no, keys }).unwrap().len(), 1);
    assert_eq!(scene.tell(&Command::Keys { plan: plan.no, keys: keys_for(&plan, 50) }), Ok(vec![]));
    assert_eq!(scene.tell(&Command::Keys { plan: 99, keys: keys_for(&plan, 50) }), Ok(vec![]));
}

#[test]
fn one_not_found_loses_no_request_and_an_old_link_still_counts() {
    let mut scene = Scene::funded();
    let before = scene.plan(Kind::Release).request.unwrap().id;
    let held = scene.requests.remove(&RELEASE).unwrap();
    scene.look();
    scene.look();
    assert_eq!(scene.plan(Kind::Release).request.unwrap().id, before, "two answers of one moment are one");
    assert_eq!(crate::trade::deadline::look_every(&scene.trade, scene.now), Some(Millis(4_000)), "asked again soon");
    scene.requests.insert(RELEASE, held.clone());
    scene.look();
    scene.now = scene.now.plus(Millis(10_000));
    scene.requests.remove(&RELEASE);
    scene.look();
    assert_eq!(scene.plan(Kind::Release).request.unwrap().id, before, "it was there in between");
    scene.now = scene.now.plus(Millis(3_000));
    scene.look();
    assert_eq!((scene.plan(Kind::Release).request, scene.plan(Kind::Release).round), (None, 1));
    scene.work();

    // The buyer has signed the first link, which Mixin knows after all.
    let mut sight = scene.sight();
    let member = scene.vault().index_of(BUYER).unwrap();
    let raw = with_signatures(&held.raw, member, &scene.signatures(RELEASE, BUYER));
    let found = Some(FoundRequest { raw, ..held });
    sight.requests.push(SeenRequest { plan: RELEASE, request: before, found, spent: false });
    scene.tell(&Command::Look(sight)).unwrap();
    assert_eq!(scene.state(), State::Settling { plan: RELEASE });
    assert_eq!(scene.plan(Kind::Release).requests().collect::<Vec<_>>()[1], before);
}

#[test]
fn who_revokes_again_and_again_floods_nobody() {
    let mut scene = Scene::funded();
    let mut waits = Vec::new();
    for _ in 0..12 {
        scene.requests.get_mut(&RELEASE).unwrap().revoked = true;
        scene.look();
        assert_eq!(scene.duties, [Duty::Open { plan: RELEASE }]);
        waits.push(scene.plan(Kind::Release).open_after().secs());
        scene.work();
    }
    assert_eq!(waits, [0, 0, 0, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.plan(Kind::Release).open_after(), Millis(0), "what the bot alone waits for waits no longer");
}

#[test]
fn a_foreign_lock_holds_up_no_return_and_no_opening() {
    let foreign = Hash([9; 32]);
    // What nobody is owed goes back, whoever locks it; nobody has signed yet.
    let mut scene = Scene::awaiting();
    scene.pay(Payment { asset: OTHER_ASSET, ..paid(5) });
    scene.look();
    scene.lock(0, Lock::Signed(Some(foreign)));
    scene.look();
    assert_eq!(scene.duties, [], "it may be our own payload, which is not built yet");
    scene.build(0);
    for _ in 0..3 {
        scene.look();
        assert_eq!(scene.duties, [Duty::Unlock { hash: foreign }]);
    }
    scene.work();
    scene.look();
    assert_eq!(scene.duties, [Duty::Unlock { hash: foreign }], "also once its link is there");
    scene.lock(0, Lock::Signed(Some(scene.hash(0))));
    scene.look();
    assert_eq!(scene.duties, [], "its own payload holds it");

    // Locked before the requests could be opened.
    let mut scene = Scene::awaiting();
    scene.pay(paid(DUE));
    scene.look();
    scene.outputs[0].lock = Lock::Signed(Some(foreign));
    scene.build(RELEASE);
    scene.look();
    assert_eq!(scene.duties, [], "the other payload may be what holds it");
    scene.build(REFUND);
    scene.look();
    assert_eq!(scene.duties, [Duty::Unlock { hash: foreign }]);
    scene.work();
    scene.look();
    let unlocks = |scene: &Scene| scene.duties.iter().any(|duty| matches!(duty, Duty::Unlock { .. }));
    assert!(!unlocks(&scene), "both stand: it is told, and has some minutes to become a payment");
    assert!(scene.duties.contains(&Duty::Explain { hash: foreign, to: BUYER }));
    scene.look();
    assert_eq!(scene.duties, [], "told once");
    scene.requests.get_mut(&RELEASE).unwrap().revoked = true;
    scene.look();
    assert_eq!(scene.duties, [Duty::Open { plan: RELEASE }, Duty::Unlock { hash: foreign }]);
    scene.lock(RELEASE, Lock::Signed(Some(scene.hash(REFUND))));
    scene.look();
    assert_eq!(scene.duties, [], "somebody's signature on the other standing request is theirs to give");
}

/// The call took effect and its answer was lost: what was read says who signed.
#[test]
fn a_lost_answer_does_not_make_it_without_the_bot() {
    for (last, cosigned) in [(BOT, true), (SELLER, false)] {
        for before_the_spend in [true, false] {
            let mut scene = Scene::funded();
            scene.sign(Kind::Release, BUYER);
            scene.look();
            scene.sign(Kind::Release, last);
            if before_the_spend {
                scene.look();
            }
            scene.spend(Kind::Release);
            scene.look();
            assert_eq!(scene.state().name(), "Settled");
            assert_eq!(scene.trade.plan(RELEASE).unwrap().cosigned, cosigned);
        }
    }
    // Its signature alone completes nothing, and the job goes on.
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    let raw = scene.trade.plan(RELEASE).unwrap().payload.clone().unwrap().raw;
    scene.requests.get_mut(&RELEASE).unwrap().raw = raw;
    scene.sign(Kind::Release, BOT);
    scene.look();
    assert!(!scene.plan(Kind::Release).cosigned);
}

#[test]
fn a_payload_that_can_never_be_is_made_anew_with_other_keys() {
    let mut scene = Scene::funded();
    scene.tell(&Command::Unopenable { plan: RELEASE }).unwrap();
    assert_eq!(scene.no(Kind::Release), RELEASE, "somebody may be signing it");
    scene.sign(Kind::Release, SELLER);
    scene.look();
    scene.requests.get_mut(&RELEASE).unwrap().revoked = true;
    scene.look();
    let old = scene.plan(Kind::Release).clone();
    scene.tell(&Command::Unopenable { plan: RELEASE }).unwrap();
    let new = scene.plan(Kind::Release).clone();
    assert_eq!(scene.duties, [Duty::Keys { plan: new.no }]);
    assert_eq!((&new.inputs, &new.payouts, &new.givers), (&old.inputs, &old.payouts, &old.givers));
    assert!(new.signed.is_empty(), "a signature on the old payload is none on this one");
    assert_ne!(old.hint(scene.trade.id, &scene.ids, 0), new.hint(scene.trade.id, &scene.ids, 0));
    scene.work();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan: new.no });
    // What is decided stays decided, under other keys: any party's signature is enough now.
    scene.tell(&Command::Unopenable { plan: new.no }).unwrap();
    let again = scene.plan(Kind::Release).clone();
    assert_eq!((again.authorised, again.instead_of), (new.authorised.or(Some(Authority::BuyerReleased)), Some(new.no)));
    assert!(again.must_tap && again.signed.is_empty());
    assert_eq!(scene.state(), State::Settling { plan: again.no });
    scene.work();
    let asked = |to| Duty::Tell { to, notice: crate::trade::Notice::SignLink { plan: again.no } };
    assert!(scene.duties.contains(&asked(BUYER)) && scene.duties.contains(&asked(SELLER)));
    // And nothing is made anew without end.

    let mut scene = Scene::awaiting();
    scene.pay(paid(DUE));
    scene.look();
    for _ in 0..20 {
        let no = scene.no(Kind::Refund);
        if scene.plan(Kind::Refund).payload.is_none() {
            scene.build(no);
        }
        scene.tell(&Command::Unopenable { plan: no }).unwrap();
    }
    assert_eq!(scene.trade.plans.len(), 10);
}
