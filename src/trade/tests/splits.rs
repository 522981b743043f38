//! Splits: what is paid, who must sign, and what ends an offer.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::plan::End;
use crate::trade::split::OFFER_STANDS;
use crate::trade::{Authority, Duty, Event, Kind, Notice, Refusal, Ruling, State, deadline};

/// Does something to a trade.
type Act = fn(&mut Scene);

fn offer(by: UserId, seller: u128) -> Command {
    Command::OfferSplit { by, seller: units(seller) }
}

/// What revokes the present request of a plan.
fn revoked(scene: &Scene, no: u32) -> Duty {
    Duty::Revoke { request: scene.trade.plan(no).unwrap().request.unwrap().id }
}

/// Fee 1 %, half each; 1,005 came in: of 600 the fee is 6, and 3 of it the buyer's.
#[test]
fn the_other_signs_and_output_0_is_theirs() {
    for (by, other, pays) in [
        (BUYER, SELLER, [(SELLER, 597), (BUYER, 402), (FEES, 6)]),
        (SELLER, BUYER, [(BUYER, 402), (SELLER, 597), (FEES, 6)]),
    ] {
        for mut scene in [Scene::funded(), Scene::delivered(), Scene::disputed()] {
            let split = scene.offer(by, 600);
            let state = scene.state();
            assert_eq!(scene.pays(split), pays);
            scene.sign_no(split, by);
            scene.look();
            assert_eq!(scene.authorities(), [], "the proposer's own signature binds nobody");
            assert!(scene.duties.contains(&Duty::Tell { to: by, notice: Notice::Early { plan: split } }));
            assert_eq!(scene.state(), state);
            scene.sign_no(split, other);
            scene.look();
            assert_eq!(scene.authorities(), [(split, Authority::SplitAgreed)]);
            assert_eq!(scene.state(), State::Settling { plan: split });
            assert!(scene.duties.contains(&Duty::Cosign { plan: split }));
            scene.spend(Kind::Split);
            scene.look();
            assert_eq!(scene.state(), State::Settled { plan: split, at: scene.now });
        }
    }
}

#[test]
fn a_split_leaves_something_to_both() {
    let mut scene = Scene::funded();
    for nothing in [0, 1_000, 1_001, u128::MAX] {
        assert_eq!(scene.tell(&offer(BUYER, nothing)), Err(Refusal::PaysNothing), "{nothing}");
    }
    for (seller, pays) in [
        (1, vec![(SELLER, 1), (BUYER, 1_004)]),
        (99, vec![(SELLER, 99), (BUYER, 906)]),
        (100, vec![(SELLER, 99), (BUYER, 905), (FEES, 1)]),
        (999, vec![(SELLER, 994), (BUYER, 2), (FEES, 9)]),
    ] {
        let split = scene.offer(BUYER, seller);
        assert_eq!(scene.pays(split), pays, "{seller}");
    }
    // A surplus is the buyer's in a split as in a release.
    let mut scene = Scene::funded_with(&[DUE + 50]);
    let split = scene.offer(SELLER, 600);
    assert_eq!(scene.pays(split), [(BUYER, 452), (SELLER, 597), (FEES, 6)]);
}

#[test]
fn a_newer_offer_takes_the_place_of_any_that_stands() {
    for (first, second) in [(BUYER, BUYER), (BUYER, SELLER), (SELLER, BUYER)] {
        let mut scene = Scene::funded();
        let old = scene.offer(first, 600);
        scene.tell(&offer(second, 700)).unwrap();
        assert!(scene.duties.contains(&revoked(&scene, old)), "{:?}", scene.duties);
        assert!(scene.duties.contains(&Duty::Tell { to: BUYER, notice: Notice::SplitLapsed { plan: old } }));
        scene.work();
        let new = scene.no(Kind::Split);
        assert_eq!(scene.trade.plan(old).unwrap().end, Some(End::Lapsed));
        assert_eq!(scene.trade.offered_split().map(|plan| plan.no), Some(new));
        // Who signs the old one after that gives nothing.
        for person in [BUYER, SELLER] {
            scene.sign_no(old, person);
        }
        scene.look();
        assert_eq!((scene.state().name(), scene.authorities()), ("Funded", vec![]));
    }
}

#[test]
fn an_offer_lapses_after_48_hours() {
    let mut scene = Scene::funded();
    let split = scene.offer(BUYER, 600);
    assert_eq!(deadline::next(&scene.trade), Some(OFFER_STANDS), "it wakes for it");
    scene.now = Millis(OFFER_STANDS.0 - 1);
    assert_eq!(scene.tell(&Command::Wake), Ok(vec![]));
    scene.now = OFFER_STANDS;
    let events = scene.tell(&Command::Wake).unwrap();
    assert_eq!(events, [Event::PlanEnded { plan: split, end: End::Lapsed }]);
    assert!(scene.duties.contains(&revoked(&scene, split)));
    assert!(deadline::next(&scene.trade).is_some_and(|at| at > OFFER_STANDS), "for nothing of the offer's");
    scene.sign_no(split, SELLER);
    scene.look();
    assert_eq!(scene.authorities(), [], "a signature on what has lapsed binds nobody");
    // What was signed in time and read late was agreed to: the look reads first.
    let mut scene = Scene::funded();
    let split = scene.offer(BUYER, 600);
    scene.sign_no(split, SELLER);
    scene.now = OFFER_STANDS;
    scene.look();
    assert_eq!(scene.authorities(), [(split, Authority::SplitAgreed)]);
    // While the trade stands still its time does, too.
    let mut scene = Scene::funded();
    let split = scene.offer(BUYER, 600);
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    scene.now = OFFER_STANDS.plus(Millis(DAY));
    scene.tell(&Command::Wake).unwrap();
    scene.look();
    assert!(scene.trade.plan(split).unwrap().lives());
}

#[test]
fn an_offer_lapses_with_any_change_of_state() {
    let cases: [(&str, Act); 5] = [
        ("delivered", |s| drop(s.tell(&Command::Deliver { by: SELLER }).unwrap())),
        ("disputed", |s| drop(s.tell(&Command::Dispute { by: BUYER, why: crate::trade::Problem::Other }).unwrap())),
        ("released", |s| {
            s.sign(Kind::Release, BUYER);
            s.look();
        }),
        ("refunded", |s| {
            s.sign(Kind::Refund, SELLER);
            s.look();
        }),
        ("an input lost", |s| {
            s.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
            s.look();
        }),
    ];
    for (title, act) in cases {
        let mut scene = Scene::funded_with(&[600, 405]);
        let split = scene.offer(BUYER, 600);
        act(&mut scene);
        let end = if title == "an input lost" { End::Void } else { End::Lapsed };
        assert_eq!(scene.trade.plan(split).unwrap().end, Some(end), "{title}");
        assert_eq!(scene.duties.contains(&revoked(&scene, split)), end == End::Lapsed, "{title}");
    }
    for act in [
        |s: &mut Scene| s.tell(&Command::Withdraw { by: BUYER }),
        |s: &mut Scene| s.tell(&Command::Rule { ruling: Ruling::Refund }),
    ] {
        let mut scene = Scene::disputed();
        let split = scene.offer(SELLER, 600);
        act(&mut scene).unwrap();
        assert_eq!(scene.trade.plan(split).unwrap().end, Some(End::Lapsed));
    }
}

/// The ledger decides: a payload of ours is ours, whether or not the bot would still have signed it.
#[test]
fn a_lapsed_or_void_payload_that_the_two_complete_is_our_outcome() {
    let mut scene = Scene::funded();
    let old = scene.offer(BUYER, 600);
    let new = scene.offer(BUYER, 700);
    scene.lock(old, Lock::Spent(Some(scene.hash(old))));
    scene.look();
    assert_eq!(scene.state(), State::Settled { plan: old, at: scene.now });
    assert_eq!(scene.trade.plan(new).unwrap().end, Some(End::Void));
    assert!(scene.living().is_empty());

    // Mixin said its key was burnt, and it was not.
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    scene.tell(&Command::Unopenable { plan: 0 }).unwrap();
    assert_eq!(scene.state(), State::Settling { plan: 2 });
    scene.lock(0, Lock::Spent(Some(scene.hash(0))));
    scene.look();
    assert_eq!(scene.state(), State::Settled { plan: 0, at: scene.now });
    assert!(scene.living().is_empty());
}

#[test]
fn nobody_offers_without_end_or_when_it_is_decided() {
    let mut scene = Scene::funded();
    for nth in 1..=12 {
        scene.tell(&offer(BUYER, nth)).unwrap();
    }
    assert_eq!(scene.tell(&offer(BUYER, 13)), Err(Refusal::TooOften));
    assert!(scene.tell(&offer(SELLER, 13)).is_ok(), "each their own");
    assert_eq!(Scene::ruled(Ruling::Release).tell(&offer(SELLER, 600)), Err(Refusal::AlreadyRuled));
    let mut scene = Scene::funded();
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.tell(&offer(SELLER, 600)), Err(Refusal::Frozen));
    let mut scene = Scene::funded();
    scene.outputs[0].lock = Lock::Spent(None);
    scene.look();
    assert_eq!(scene.tell(&offer(SELLER, 600)), Err(Refusal::TooLate), "nothing is locked any more");
}

#[test]
fn a_split_whose_fee_cannot_be_paid_leaves_each_their_part_of_it() {
    for (by, pays) in [(BUYER, [(SELLER, 600), (BUYER, 405)]), (SELLER, [(BUYER, 405), (SELLER, 600)])] {
        let mut scene = Scene::funded();
        scene.tell(&offer(by, 600)).unwrap();
        let first = scene.no(Kind::Split);
        scene.tell(&Command::FeeUnpayable { plan: first }).unwrap();
        scene.work();
        let split = scene.no(Kind::Split);
        assert_eq!((scene.pays(split), split), (pays.to_vec(), first + 1));
        assert_eq!(scene.trade.plan(split).unwrap().offer, scene.trade.plan(first).unwrap().offer);
        scene.sign_no(split, if by == BUYER { SELLER } else { BUYER });
        scene.look();
        assert_eq!(scene.authorities(), [(split, Authority::SplitAgreed)]);
    }
    // Known to be unpayable, no fee is planned in the first place.
    let mut scene = Scene::awaiting();
    scene.pay(paid(DUE));
    scene.look();
    scene.tell(&Command::FeeUnpayable { plan: 0 }).unwrap();
    scene.work();
    let split = scene.offer(BUYER, 600);
    assert_eq!(scene.pays(split), [(SELLER, 600), (BUYER, 405)]);
}

/// Of what the two took all but a unit, nothing would be left for the seller: the unit is the buyer's, also where an offer
/// that had lapsed would have spent it.
#[test]
fn what_a_lapsed_offer_would_have_spent_still_has_an_owner() {
    let mut terms = terms(crate::trade::Counterparty::Named(SELLER));
    (terms.fee.bps, terms.fee.payer) = (10_000, crate::trade::terms::FeePayer::Buyer);
    let mut scene = Scene::of(terms);
    scene.accept(SELLER).unwrap();
    scene.pay(paid(1_999));
    scene.pay(paid(1));
    scene.look();
    scene.work();
    let split = scene.offer(SELLER, 600);
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    assert_eq!(scene.trade.plan(split).unwrap().end, Some(End::Lapsed));
    scene.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
    scene.look();
    assert_eq!(scene.state().name(), "SettledElsewhere");
    assert_eq!(scene.pays(scene.no(Kind::Return)), [(BUYER, 1)]);
}
