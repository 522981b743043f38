//! Rights that nobody gave: by time, and by a ruling.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::{Authority, Duty, Event, Kind, Notice, Problem, Refusal, Right, Ruling, State};

const RELEASE: u32 = 0;
const REFUND: u32 = 1;

fn split(seller: u128) -> Ruling {
    Ruling::Split { seller: units(seller), of: units(1_000) }
}

fn dispute(by: UserId) -> Command {
    Command::Dispute { by, why: Problem::Other }
}

/// Every plan signed by everybody, in a trade where that is the state of rights.
fn signed_by(mut scene: Scene, kind: Kind, who: UserId) -> Vec<Authority> {
    scene.sign(kind, who);
    scene.look();
    scene.authorities().into_iter().map(|(_, authority)| authority).collect()
}

#[test]
fn whose_signature_gives_which_authority() {
    use Authority::{BuyerReleased, DeliveryElapsed, InspectionElapsed, Ruled, SellerRefunded};
    let elapsed = |mut scene: Scene| {
        scene.elapse();
        scene
    };
    let rights: [(&str, Scene, Option<Authority>, Option<Authority>); 7] = [
        ("none", Scene::funded(), None, None),
        ("delivered", Scene::delivered(), None, None),
        ("no delivery", elapsed(Scene::funded()), None, Some(DeliveryElapsed)),
        ("no complaint", elapsed(Scene::delivered()), Some(InspectionElapsed), None),
        ("in dispute", Scene::disputed(), None, None),
        ("ruled to release", Scene::ruled(Ruling::Release), Some(Ruled), None),
        ("ruled to refund", Scene::ruled(Ruling::Refund), None, Some(Ruled)),
    ];
    for (title, scene, sellers_release, buyers_refund) in rights {
        let list = |right: Option<Authority>| right.into_iter().collect::<Vec<_>>();
        let found = |kind, who| signed_by(scene.clone(), kind, who);
        assert_eq!(found(Kind::Release, BUYER), [BuyerReleased], "{title}: giving is always possible");
        assert_eq!(found(Kind::Refund, SELLER), [SellerRefunded], "{title}: giving is always possible");
        assert_eq!(found(Kind::Release, SELLER), list(sellers_release), "{title}");
        assert_eq!(found(Kind::Refund, BUYER), list(buyers_refund), "{title}");
        assert_eq!(found(Kind::Release, BOT), [], "{title}");
    }
}

#[test]
fn an_early_signature_counts_when_its_authority_arises() {
    for (mut scene, kind, who, authority) in [
        (Scene::funded(), Kind::Refund, BUYER, Authority::DeliveryElapsed),
        (Scene::delivered(), Kind::Release, SELLER, Authority::InspectionElapsed),
    ] {
        scene.sign(kind, who);
        scene.look();
        let plan = scene.no(kind);
        assert!(scene.duties.contains(&Duty::Tell { to: who, notice: Notice::Early { plan } }));
        scene.look();
        assert!(!scene.duties.contains(&Duty::Tell { to: who, notice: Notice::Early { plan } }), "told once");
        assert_eq!(scene.authorities(), []);
        scene.elapse();
        assert!(scene.duties.contains(&Duty::Look));
        scene.look();
        assert_eq!(scene.authorities(), [(plan, authority)]);
    }
    for (ruling, kind, who, no) in
        [(Ruling::Release, Kind::Release, SELLER, RELEASE), (Ruling::Refund, Kind::Refund, BUYER, REFUND)]
    {
        let mut scene = Scene::disputed();
        scene.sign(kind, who);
        scene.look();
        assert_eq!(scene.authorities(), []);
        scene.tell(&Command::Rule { ruling }).unwrap();
        assert!(scene.duties.contains(&Duty::Tell { to: who, notice: Notice::SignLink { plan: no } }));
        scene.look();
        assert_eq!(scene.authorities(), [(no, Authority::Ruled)]);
    }
}

#[test]
fn time_gives_a_right_only_for_the_deadline_that_was_proved() {
    for mut scene in [Scene::funded(), Scene::delivered()] {
        let until = scene.until();
        let none = |scene: &mut Scene, proved: Millis| {
            assert_eq!(scene.tell(&Command::Elapsed { until: proved }), Ok(vec![]), "{proved:?}");
        };
        scene.now = Millis(until.0 - 1);
        none(&mut scene, until);
        scene.now = until.plus(Millis(DAY));
        none(&mut scene, Millis(until.0 - 1));
        none(&mut scene, Millis(until.0 + 1));
        let events = scene.tell(&Command::Elapsed { until }).unwrap();
        assert!(matches!(events.as_slice(), [Event::Elapsed { .. }]));
        none(&mut scene, until);
    }
    // A deadline of the state before gives nothing in this one.
    let mut scene = Scene::funded();
    let before = scene.until();
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    scene.now = before;
    assert_eq!(scene.tell(&Command::Elapsed { until: before }), Ok(vec![]));
}

#[test]
fn time_gives_nothing_in_a_dispute_a_frozen_trade_or_one_that_is_decided() {
    for stop in [dispute(BUYER), Command::Freeze { why: "odd".into() }] {
        let mut scene = Scene::delivered();
        let until = scene.until();
        scene.tell(&stop).unwrap();
        scene.now = until.plus(Millis(DAY));
        assert_eq!(scene.tell(&Command::Elapsed { until }), Ok(vec![]), "{stop:?}");
    }
    let mut scene = Scene::delivered();
    let until = scene.until();
    scene.sign(Kind::Refund, SELLER);
    scene.look();
    scene.now = until;
    assert_eq!(scene.tell(&Command::Elapsed { until }), Ok(vec![]));
    // Nobody gives what time has given them up by calling for a judge, and the late one cannot.
    let mut scene = Scene::funded();
    scene.elapse();
    assert_eq!(scene.trade.right, Some(Right::DeliveryElapsed));
    assert_eq!(scene.tell(&dispute(SELLER)), Err(Refusal::TooLate), "their own time ran out");
    assert_eq!(scene.tell(&dispute(BUYER)), Err(Refusal::MayTake));
    assert_eq!(scene.trade.right, Some(Right::DeliveryElapsed));
}

#[test]
fn a_dispute_stops_the_clock_and_its_withdrawal_gives_back_what_was_left() {
    for (mut scene, by) in [(Scene::funded(), SELLER), (Scene::delivered(), BUYER)] {
        let (before, until) = (scene.state(), scene.until());
        scene.now = Millis(DAY);
        scene.tell(&dispute(by)).unwrap();
        assert_eq!(scene.state().name(), "Disputed");
        scene.now = Millis(50 * DAY);
        scene.look();
        let other = if by == BUYER { SELLER } else { BUYER };
        assert_eq!(scene.tell(&Command::Withdraw { by: other }), Err(Refusal::OnlyOpener));
        assert_eq!(scene.tell(&dispute(other)), Err(Refusal::InDispute));
        scene.tell(&Command::Withdraw { by }).unwrap();
        assert_eq!((scene.state().name(), scene.until()), (before.name(), until.plus(Millis(49 * DAY))));
        assert_eq!(scene.tell(&dispute(by)), Err(Refusal::TooOften), "once");
        assert_eq!(scene.tell(&Command::Withdraw { by }), Err(Refusal::NoDispute));
        assert!(scene.tell(&dispute(other)).is_ok(), "the other has not yet");
    }
}

#[test]
fn a_ruling_needs_a_dispute_is_final_and_about_the_price_of_now() {
    let rule = |ruling| Command::Rule { ruling };
    assert_eq!(Scene::awaiting().tell(&rule(Ruling::Refund)), Err(Refusal::TooEarly));
    for mut scene in [Scene::funded(), Scene::delivered()] {
        assert_eq!(scene.tell(&rule(Ruling::Refund)), Err(Refusal::NoDispute));
    }
    let mut scene = Scene::disputed();
    let wrong = Ruling::Split { seller: units(600), of: units(1_005) };
    assert_eq!(scene.tell(&rule(wrong)), Err(Refusal::OtherTerms));
    for nothing in [0, 1_000] {
        assert_eq!(scene.tell(&rule(split(nothing))), Err(Refusal::PaysNothing));
    }
    scene.tell(&rule(split(600))).unwrap();
    scene.work();
    for ruling in [Ruling::Release, Ruling::Refund, split(600)] {
        assert_eq!(scene.tell(&rule(ruling)), Err(Refusal::AlreadyRuled));
    }
    assert_eq!(scene.tell(&Command::Withdraw { by: BUYER }), Err(Refusal::AlreadyRuled));
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.tell(&rule(Ruling::Refund)), Err(Refusal::Frozen));
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.tell(&rule(Ruling::Refund)), Err(Refusal::TooLate), "the buyer has given it away");
}

#[test]
fn a_ruled_split_is_signed_by_whoever_it_pays() {
    for who in [BUYER, SELLER] {
        let mut scene = Scene::ruled(split(600));
        let plan = scene.no(Kind::Split);
        assert_eq!(scene.pays(plan), [(SELLER, 597), (BUYER, 402), (FEES, 6)]);
        for (kind, loser) in [(Kind::Release, SELLER), (Kind::Refund, BUYER)] {
            scene.sign(kind, loser);
        }
        scene.look();
        assert_eq!(scene.authorities(), [], "nobody takes more than was ruled");
        scene.sign_no(plan, who);
        scene.look();
        assert_eq!(scene.authorities(), [(plan, Authority::Ruled)]);
    }
    // Its fee, too, may be unpayable.
    let mut scene = Scene::disputed();
    scene.tell(&Command::Rule { ruling: split(600) }).unwrap();
    scene.tell(&Command::FeeUnpayable { plan: scene.no(Kind::Split) }).unwrap();
    scene.work();
    let plan = scene.no(Kind::Split);
    assert_eq!(scene.pays(plan), [(SELLER, 600), (BUYER, 405)]);
    scene.sign_no(plan, BUYER);
    scene.look();
    assert_eq!(scene.authorities(), [(plan, Authority::Ruled)]);
}

/// What is left carries 403 of the price of 1,000: of the 600 the seller keeps 241.
#[test]
fn after_an_input_was_lost_what_was_ruled_is_shared_in_proportion() {
    let mut scene = Scene::funded_with(&[600, 405]);
    scene.tell(&dispute(BUYER)).unwrap();
    scene.tell(&Command::Rule { ruling: split(600) }).unwrap();
    scene.work();
    let old = scene.no(Kind::Split);
    scene.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
    scene.look();
    scene.work();
    let new = scene.no(Kind::Split);
    assert_ne!(old, new);
    assert_eq!(scene.pays(new), [(SELLER, 240), (BUYER, 163), (FEES, 2)]);
    assert_eq!(scene.state().name(), "Disputed");
    scene.sign_no(new, BUYER);
    scene.look();
    assert_eq!(scene.authorities(), [(new, Authority::Ruled)]);
    // Rulings of all or nothing hold for what is left, whether or not one was authorised already.
    for (ruling, kind, who) in [(Ruling::Release, Kind::Release, SELLER), (Ruling::Refund, Kind::Refund, BUYER)] {
        for signed_before in [true, false] {
            let mut scene = Scene::funded_with(&[600, 405]);
            scene.tell(&dispute(BUYER)).unwrap();
            scene.tell(&Command::Rule { ruling }).unwrap();
            if signed_before {
                scene.sign(kind, who);
                scene.look();
                assert_eq!(scene.state().name(), "Settling");
            }
            scene.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
            scene.look();
            scene.work();
            assert_eq!(scene.trade.ruling(), Some(ruling));
            scene.sign(kind, who);
            scene.look();
            assert_eq!(scene.authorities().last(), Some(&(scene.no(kind), Authority::Ruled)));
            if signed_before {
                assert_eq!(scene.tell(&Command::Dispute { by: SELLER, why: Problem::Other }), Err(Refusal::TooLate));
            }
        }
    }
}

/// Once one of its payload's keys is burnt, what was decided is decided still, under other keys; either party taps.
#[test]
fn what_is_authorised_stays_decided_under_other_keys() {
    type Case = (Scene, Kind, UserId, UserId, Authority);
    let elapsed = |mut scene: Scene| {
        scene.elapse();
        scene
    };
    let offered = |by| {
        let mut scene = Scene::funded();
        scene.offer(by, 600);
        scene
    };
    let cases: [Case; 7] = [
        (Scene::funded(), Kind::Release, BUYER, SELLER, Authority::BuyerReleased),
        (Scene::funded(), Kind::Refund, SELLER, BUYER, Authority::SellerRefunded),
        (elapsed(Scene::funded()), Kind::Refund, BUYER, SELLER, Authority::DeliveryElapsed),
        (elapsed(Scene::delivered()), Kind::Release, SELLER, BUYER, Authority::InspectionElapsed),
        (Scene::ruled(Ruling::Release), Kind::Release, SELLER, BUYER, Authority::Ruled),
        (Scene::ruled(split(600)), Kind::Split, BUYER, SELLER, Authority::Ruled),
        (offered(BUYER), Kind::Split, SELLER, BUYER, Authority::SplitAgreed),
    ];
    for (mut scene, kind, who, other, authority) in cases {
        scene.sign(kind, who);
        scene.look();
        let old = scene.no(kind);
        scene.tell(&Command::Unopenable { plan: old }).unwrap();
        let new = scene.no(kind);
        let plan = scene.trade.plan(new).unwrap().clone();
        assert_eq!((plan.authorised, plan.instead_of, plan.must_tap), (Some(authority), Some(old), true));
        assert_eq!(plan.offer, scene.trade.plan(old).unwrap().offer);
        assert_eq!(scene.state(), State::Settling { plan: new });
        scene.work();
        for to in [BUYER, SELLER] {
            assert!(scene.duties.contains(&Duty::Tell { to, notice: Notice::SignLink { plan: new } }));
        }
        scene.sign_no(new, other);
        scene.look();
        assert_eq!(scene.state(), State::Settling { plan: new });
        // And its fee may be unpayable by now.
        if kind != Kind::Refund {
            scene.tell(&Command::Unopenable { plan: new }).unwrap();
            scene.tell(&Command::FeeUnpayable { plan: scene.no(kind) }).unwrap();
            let last = scene.no(kind);
            assert_eq!(scene.state(), State::Settling { plan: last }, "{authority:?}");
            let plan = scene.trade.plan(last).unwrap();
            assert_eq!((plan.authorised, plan.must_tap), (Some(authority), true));
            assert!(plan.payouts.iter().all(|payout| payout.to != FEES));
        }
    }
}
