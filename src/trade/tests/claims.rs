//! Deposits that name no trade: both must say that one is the trade's, or it goes back to the member who sent it.

use uuid::Uuid;

use super::scene::*;
use crate::id::UserId;
use crate::time::Millis;
use crate::trade::claim::Use;
use crate::trade::command::Command;
use crate::trade::deposit::{Lock, Oddity, Seen};
use crate::trade::{Duty, Event, Kind, Notice, Refusal, State, deadline};

/// Money in the vault without a name, which no look brings to the trade.
fn nameless(scene: &mut Scene, units: u128, senders: Vec<UserId>) -> Seen {
    let nth = scene.pay(Payment { senders, by_link: false, ..paid(units) });
    scene.outputs.remove(nth)
}

fn claim(scene: &mut Scene, seen: &Seen) -> Result<Vec<Event>, Refusal> {
    scene.tell(&Command::Claim { seen: Box::new(seen.clone()) })
}

fn give_back(scene: &mut Scene, seen: &Seen) -> Result<Vec<Event>, Refusal> {
    scene.tell(&Command::GiveBack { seen: Box::new(seen.clone()) })
}

fn agree(scene: &mut Scene, by: UserId, output: Uuid) -> Result<Vec<Event>, Refusal> {
    scene.tell(&Command::AgreeClaim { by, output })
}

/// The receiver, the sum and the givers of the only return that lives.
fn returned(scene: &Scene) -> (UserId, u128, Vec<UserId>) {
    let plan = scene.plan(Kind::Return);
    (plan.payouts[0].to, plan.total().units(), plan.givers.clone())
}

#[test]
fn with_both_yes_it_counts_whoever_sent_it() {
    for senders in [vec![BUYER], vec![SELLER], vec![STRANGER], vec![STRANGER, SELLER], vec![]] {
        let mut scene = Scene::awaiting();
        let seen = nameless(&mut scene, DUE, senders);
        assert_eq!(scene.trade.use_of(&seen), Use::Counts);
        claim(&mut scene, &seen).unwrap();
        for to in [BUYER, SELLER] {
            let asked = Duty::Tell { to, notice: Notice::Claim { output: seen.output_id } };
            assert!(scene.duties.contains(&asked), "{:?}", scene.duties);
        }
        assert!(scene.trade.deposits.is_empty(), "a question gives nobody anything");
        agree(&mut scene, SELLER, seen.output_id).unwrap();
        assert!(scene.trade.deposits.is_empty(), "nor does one yes");
        assert_eq!(agree(&mut scene, SELLER, seen.output_id), Err(Refusal::Already), "nor the same yes twice");
        agree(&mut scene, BUYER, seen.output_id).unwrap();
        assert_eq!((scene.trade.claim.is_none(), scene.trade.deposits.len()), (true, 1));
        assert!(scene.duties.contains(&Duty::Look));
        scene.outputs.push(seen);
        scene.look();
        scene.work();
        assert_eq!(scene.state().name(), "Funded");
        scene.sign(Kind::Release, BUYER);
        scene.look();
        scene.spend(Kind::Release);
        scene.look();
        assert_eq!(scene.state().name(), "Settled");
    }
}

#[test]
fn one_no_ends_it_and_it_may_be_asked_again() {
    let mut scene = Scene::awaiting();
    let seen = nameless(&mut scene, DUE, vec![STRANGER]);
    claim(&mut scene, &seen).unwrap();
    agree(&mut scene, BUYER, seen.output_id).unwrap();
    scene.tell(&Command::RefuseClaim { by: SELLER, output: seen.output_id }).unwrap();
    assert_eq!(agree(&mut scene, SELLER, seen.output_id), Err(Refusal::TooLate));
    assert_eq!(agree(&mut scene, BUYER, seen.output_id), Err(Refusal::TooLate));
    assert!(scene.trade.deposits.is_empty() && scene.trade.plans.is_empty());
    claim(&mut scene, &seen).unwrap();
    assert!(scene.trade.claim.as_ref().unwrap().agreed.is_empty(), "an old yes is forgotten");
    scene.tell(&Command::RefuseClaim { by: BOT, output: seen.output_id }).unwrap();
    assert!(scene.trade.claim.is_none(), "the bot can take the question back");
}

#[test]
fn nobody_else_and_no_other_deposit_is_agreed_to() {
    let mut scene = Scene::awaiting();
    let seen = nameless(&mut scene, DUE, vec![STRANGER]);
    assert_eq!(agree(&mut scene, BUYER, seen.output_id), Err(Refusal::TooLate), "nobody asked");
    claim(&mut scene, &seen).unwrap();
    for by in [STRANGER, JUDGE, FEES, BOT] {
        assert_eq!(agree(&mut scene, by, seen.output_id), Err(Refusal::NotYours));
    }
    assert_eq!(scene.tell(&Command::RefuseClaim { by: STRANGER, output: seen.output_id }), Err(Refusal::NotYours));
    assert_eq!(agree(&mut scene, BUYER, Uuid::from_u128(9)), Err(Refusal::TooLate));
    let other = nameless(&mut scene, 5, vec![STRANGER]);
    assert_eq!(claim(&mut scene, &other), Err(Refusal::Already), "one question at a time");
    assert_eq!(give_back(&mut scene, &seen), Err(Refusal::NotUnnamed), "a stranger's");
}

#[test]
fn what_the_trade_has_no_use_for_goes_back_to_the_buyer() {
    let mut cancelled = Scene::awaiting();
    cancelled.tell(&Command::Cancel { by: SELLER }).unwrap();
    let mut expired = Scene::awaiting();
    expired.now = Millis(DAY);
    expired.look();
    let mut settled = Scene::delivered();
    settled.sign(Kind::Release, BUYER);
    settled.look();
    settled.spend(Kind::Release);
    settled.look();
    let cases = [
        (Scene::funded(), Use::NotNeeded),
        (Scene::delivered(), Use::NotNeeded),
        (cancelled, Use::Ended),
        (expired, Use::Ended),
        (settled, Use::Ended),
    ];
    for (mut scene, becomes) in cases {
        let before = scene.state();
        let seen = nameless(&mut scene, 12, vec![STRANGER]);
        assert_eq!(scene.trade.use_of(&seen), becomes);
        claim(&mut scene, &seen).unwrap();
        assert_eq!(deadline::watched_until(&scene.trade), Millis(i64::MAX), "while they are asked it is looked at");
        for by in [BUYER, SELLER] {
            agree(&mut scene, by, seen.output_id).unwrap();
        }
        assert_eq!(returned(&scene), (BUYER, 12, vec![BUYER]));
        assert_eq!(scene.state(), before);
    }
    let mut scene = Scene::awaiting();
    let seen = Seen { asset: OTHER_ASSET, ..nameless(&mut scene, 12, vec![STRANGER]) };
    assert_eq!(scene.trade.use_of(&seen), Use::WrongAsset);
    claim(&mut scene, &seen).unwrap();
    for by in [SELLER, BUYER] {
        agree(&mut scene, by, seen.output_id).unwrap();
    }
    assert_eq!((scene.trade.deposits[0].oddity, returned(&scene).0), (Some(Oddity::WrongAsset), BUYER));
}

#[test]
fn it_goes_back_to_the_member_who_sent_it_alone() {
    for (sender, givers) in [(BUYER, vec![BUYER]), (SELLER, vec![BUYER, SELLER])] {
        for mut scene in [Scene::awaiting(), Scene::funded(), Scene::delivered()] {
            let seen = nameless(&mut scene, 12, vec![sender]);
            assert_eq!(scene.trade.sender_of(&seen), Ok(sender));
            give_back(&mut scene, &seen).unwrap();
            assert_eq!(returned(&scene), (sender, 12, givers.clone()));
            assert_eq!(give_back(&mut scene, &seen), Err(Refusal::NotUnnamed), "it is this trade's now");
            assert_eq!(claim(&mut scene, &seen), Err(Refusal::NotUnnamed));
            scene.outputs.push(seen);
            scene.work();
            scene.sign(Kind::Return, *givers.last().unwrap());
            scene.look();
            assert!(scene.plan(Kind::Return).authorised.is_some());
        }
    }
    let mut scene = Scene::awaiting();
    for senders in [vec![STRANGER], vec![BUYER, SELLER], vec![BUYER, STRANGER], vec![BOT], vec![]] {
        let seen = nameless(&mut scene, 12, senders);
        assert_eq!(give_back(&mut scene, &seen), Err(Refusal::NotUnnamed));
    }
    assert!(scene.trade.deposits.is_empty());
}

#[test]
fn what_cannot_be_given_is_not_asked_about() {
    let mut scene = Scene::awaiting();
    let seen = nameless(&mut scene, 12, vec![BUYER]);
    for seen in [Seen { inscription: true, ..seen.clone() }, Seen { lock: Lock::Spent(None), ..seen.clone() }] {
        assert_eq!(claim(&mut scene, &seen), Err(Refusal::NotUnnamed));
        assert_eq!(give_back(&mut scene, &seen), Err(Refusal::NotUnnamed));
    }
    claim(&mut scene, &seen).unwrap();
    assert_eq!(give_back(&mut scene, &seen), Err(Refusal::Already), "not while they are asked about it");
    scene.tell(&Command::Freeze { why: "x".into() }).unwrap();
    assert_eq!(agree(&mut scene, BUYER, seen.output_id), Err(Refusal::Frozen));
    scene.tell(&Command::RefuseClaim { by: BUYER, output: seen.output_id }).unwrap();
    assert_eq!(claim(&mut scene, &seen), Err(Refusal::Frozen));
    assert_eq!(give_back(&mut scene, &seen), Err(Refusal::Frozen));
    let mut scene = Scene::named();
    assert_eq!(claim(&mut scene, &seen), Err(Refusal::TooEarly));
    assert!(matches!(scene.state(), State::Proposed { .. }));
}
