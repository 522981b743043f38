//! What follows from what happened: who is told what, once, and which jobs there are.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::{Duty, Kind, Notice};

fn told(scene: &Scene) -> Vec<(UserId, Notice)> {
    let tell = |duty: &Duty| if let Duty::Tell { to, notice } = duty { Some((*to, *notice)) } else { None };
    scene.duties.iter().filter_map(tell).collect()
}

fn jobs(scene: &Scene) -> Vec<Duty> {
    scene.duties.iter().filter(|duty| !matches!(duty, Duty::Tell { .. })).cloned().collect()
}

/// Kits go to both, and have a test of their own.
fn but_kits(scene: &Scene) -> Vec<(UserId, Notice)> {
    told(scene).into_iter().filter(|(_, notice)| *notice != Notice::Kit).collect()
}

fn both(notice: Notice) -> Vec<(UserId, Notice)> {
    vec![(BUYER, notice), (SELLER, notice)]
}

#[test]
fn before_the_money() {
    let mut scene = Scene::named();
    assert_eq!(told(&scene), [(SELLER, Notice::Proposal)]);
    scene.accept(SELLER).unwrap();
    assert_eq!((but_kits(&scene), jobs(&scene)), (both(Notice::Accepted), vec![Duty::Look, Duty::Look]));

    let mut scene = Scene::invited();
    assert_eq!(told(&scene), [], "whoever was meant has the link");
    scene.accept(STRANGER).unwrap();
    assert_eq!(told(&scene), [(BUYER, Notice::Joined), (STRANGER, Notice::Joining)]);
    scene.tell(&Command::TurnAway { by: BUYER, joiner: STRANGER }).unwrap();
    assert_eq!(told(&scene), [(STRANGER, Notice::TurnedAway)]);
    scene.now = crate::time::Millis(DAY);
    scene.tell(&Command::Wake).unwrap();
    assert_eq!(told(&scene), [(BUYER, Notice::Expired)]);

    let mut scene = Scene::named();
    scene.tell(&Command::Decline { by: SELLER }).unwrap();
    assert_eq!((told(&scene), jobs(&scene)), (both(Notice::Declined), vec![]));
}

#[test]
fn from_the_money_to_the_end() {
    let mut scene = Scene::awaiting();
    scene.pay(paid(1_000));
    scene.look();
    assert_eq!((told(&scene), jobs(&scene)), (both(Notice::Short), vec![Duty::Look]));
    scene.pay(paid(5));
    scene.look();
    assert_eq!(told(&scene), both(Notice::Funded));
    assert_eq!(jobs(&scene), [Duty::Keys { plan: 0 }, Duty::Keys { plan: 1 }]);

    for (plan, giver) in [(0, BUYER), (1, SELLER)] {
        scene.build(plan);
        assert_eq!(scene.duties, [Duty::Open { plan }]);
        scene.open(plan);
        assert_eq!((but_kits(&scene), jobs(&scene)), (vec![(giver, Notice::SignLink { plan })], vec![]));
        let request = scene.trade.plan(plan).unwrap().request.unwrap().id;
        assert_eq!(scene.tell(&Command::Opened { plan, request }), Ok(vec![]), "told once");
    }
    scene.look();
    assert_eq!(scene.duties, [], "nothing new, nothing said");

    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    assert_eq!((told(&scene), jobs(&scene)), (both(Notice::Delivered), vec![Duty::Look]));
}

#[test]
fn settling_is_said_before_the_bot_signs_and_its_end_once() {
    let mut scene = Scene::delivered();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!((told(&scene), jobs(&scene)), (both(Notice::Settling), vec![Duty::Cosign { plan: 0 }]));
    scene.look();
    assert_eq!(scene.duties, []);
    scene.tell(&Command::CosignRefused { plan: 0, why: "busy".into(), broken: false }).unwrap();
    assert_eq!(scene.duties, [], "a refusal that is looked at again is not news to people");
    scene.tell(&Command::Cosigned { plan: 0 }).unwrap();
    assert_eq!(scene.duties, [Duty::Look]);
    assert_eq!(scene.tell(&Command::Cosigned { plan: 0 }), Ok(vec![]));
    assert_eq!(scene.tell(&Command::Cosigned { plan: 1 }), Ok(vec![]), "never authorised");
    scene.spend(Kind::Release);
    scene.look();
    assert_eq!(
        scene.duties,
        both(Notice::Settled).into_iter().map(|(to, notice)| Duty::Tell { to, notice }).collect::<Vec<_>>()
    );
    scene.look();
    assert_eq!(scene.duties, []);
}

#[test]
fn a_request_opened_again_is_the_bots_to_sign_and_the_loser_is_asked_nothing() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    for plan in [0, 1] {
        scene.requests.get_mut(&plan).unwrap().revoked = true;
    }
    scene.look();
    assert_eq!(scene.duties, [Duty::Open { plan: 0 }, Duty::Open { plan: 1 }]);
    for (plan, duties) in [(0, vec![Duty::Cosign { plan: 0 }]), (1, vec![])] {
        scene.open(plan);
        assert_eq!(scene.duties, duties);
    }
}

#[test]
fn what_goes_back_is_said_asked_for_and_said_again() {
    let mut scene = Scene::awaiting();
    scene.pay(Payment { senders: vec![STRANGER], by_link: false, ..paid(5) });
    scene.look();
    assert_eq!((told(&scene), jobs(&scene)), (both(Notice::Odd { plan: 0 }), vec![Duty::Keys { plan: 0 }]));
    scene.work();
    assert_eq!(told(&scene), both(Notice::SignLink { plan: 0 }), "either party may sign for a third person's money");
    scene.sign(Kind::Return, SELLER);
    scene.look();
    assert_eq!(scene.duties, [Duty::Cosign { plan: 0 }], "a return settles nothing");
    scene.spend(Kind::Return);
    scene.look();
    assert_eq!(told(&scene), both(Notice::Returned { plan: 0 }));
}

#[test]
fn ends_and_broken_invariants_are_told_to_both() {
    let mut scene = Scene::funded();
    scene.tell(&Command::CosignRefused { plan: 0, why: "an invariant fell".into(), broken: true }).unwrap();
    assert_eq!(scene.duties.len(), 2);
    assert_eq!(told(&scene), both(Notice::Frozen));
    scene.tell(&Command::CosignRefused { plan: 0, why: "an invariant fell".into(), broken: true }).unwrap();
    assert_eq!(scene.duties, [], "once");

    let mut scene = Scene::funded();
    scene.lock(0, Lock::Spent(Some(Hash([1; 32]))));
    scene.look();
    assert_eq!(told(&scene), both(Notice::SettledElsewhere));

    let mut scene = Scene::awaiting();
    scene.tell(&Command::Cancel { by: SELLER }).unwrap();
    assert_eq!(told(&scene), both(Notice::Cancelled));

    let mut scene = Scene::awaiting();
    scene.now = crate::time::Millis(DAY);
    scene.look();
    assert_eq!(told(&scene), both(Notice::Expired));
}

/// Where Mixin counts only the caller's signature (dossier U-33), a kept one is worth nothing on a new request: a
/// party signs again, and the bot still signs last.
#[test]
fn a_signature_mixin_did_not_count_is_asked_for_again() {
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    scene.requests.get_mut(&0).unwrap().revoked = true;
    scene.look();
    scene.open(0);
    assert_eq!(scene.duties, [Duty::Cosign { plan: 0 }], "what is kept is posted first");
    let request = scene.plan(Kind::Release).request.unwrap().id;
    scene.tell(&Command::Undercounted { plan: 0, request }).unwrap();
    assert_eq!(scene.duties, [Duty::Revoke { request }, Duty::Open { plan: 0 }]);
    assert_eq!(scene.tell(&Command::Undercounted { plan: 0, request }), Ok(vec![]), "an answer about the old one");
    let plan = scene.plan(Kind::Release);
    assert!(plan.must_tap && !plan.cosigned && plan.authorised.is_some(), "it stays decided");
    scene.open(0);
    assert_eq!(but_kits(&scene), both(Notice::SignLink { plan: 0 }), "either may sign, also while settling");
    assert_eq!(jobs(&scene), [Duty::Cosign { plan: 0 }]);
}

#[test]
fn a_kit_is_sent_when_it_says_something_new() {
    let kits = |scene: &Scene| told(scene).iter().filter(|(_, notice)| *notice == Notice::Kit).count();
    let mut scene = Scene::awaiting();
    assert_eq!(kits(&scene), 2, "both have accepted");
    scene.pay(paid(DUE));
    scene.look();
    for (plan, sent) in [(0, 0), (1, 2)] {
        scene.build(plan);
        scene.open(plan);
        assert_eq!(kits(&scene), sent, "one message, when both links work");
    }
    scene.requests.get_mut(&0).unwrap().revoked = true;
    scene.look();
    assert_eq!(kits(&scene), 0);
    scene.open(0);
    assert_eq!(kits(&scene), 2, "another link");
    scene.pay(paid(3));
    scene.look();
    scene.work();
    assert_eq!(kits(&scene), 0, "a return is in no kit");
    scene.sign(Kind::Release, BUYER);
    scene.look();
    scene.requests.get_mut(&1).unwrap().revoked = true;
    scene.look();
    scene.open(1);
    assert_eq!(kits(&scene), 0, "it is decided");
}

#[test]
fn a_trade_put_in_from_a_kit_is_taken_up_where_it_was() {
    let import = |scene: &Scene| {
        let trade = Box::new(scene.trade.clone());
        let jobs =
            crate::trade::duty::of(&trade, &[crate::trade::Event::Imported { version: 1, trade: trade.clone() }]);
        jobs.into_iter().filter(|duty| !matches!(duty, Duty::Tell { .. })).collect::<Vec<_>>()
    };
    let mut scene = Scene::awaiting();
    assert_eq!(import(&scene), [Duty::Look]);
    scene.pay(paid(DUE));
    scene.look();
    assert_eq!(import(&scene), [Duty::Look, Duty::Keys { plan: 0 }, Duty::Keys { plan: 1 }]);
    scene.build(0);
    assert_eq!(import(&scene), [Duty::Look, Duty::Open { plan: 0 }, Duty::Keys { plan: 1 }]);
    scene.work();
    assert_eq!(import(&scene), [Duty::Look]);
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(import(&scene), [Duty::Look, Duty::Cosign { plan: 0 }]);
    scene.tell(&Command::Cosigned { plan: 0 }).unwrap();
    assert_eq!(import(&scene), [Duty::Look]);
    scene.spend(Kind::Release);
    scene.look();
    assert_eq!(import(&scene), [Duty::Look], "it is over");
}
