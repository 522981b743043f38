//! A trade that is stopped and goes on: its clocks, and that nothing is signed meanwhile.

use super::scene::*;
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::{Counterparty, Duty, Event, Kind, Notice, Refusal, State, deadline};

fn freeze() -> Command {
    Command::Freeze { why: "something is odd".into() }
}

fn unfreeze() -> Command {
    Command::Unfreeze { why: "it is not".into() }
}

fn until(scene: &Scene) -> Millis {
    *scene.trade.state.clone().until().unwrap()
}

#[test]
fn every_clock_stands_still_and_goes_on_where_it_stood() {
    for mut scene in [Scene::named(), Scene::invited(), Scene::awaiting(), Scene::funded(), Scene::delivered()] {
        let (name, before) = (scene.state().name(), until(&scene));
        scene.now = Millis(HOUR);
        scene.tell(&freeze()).unwrap();
        scene.now = Millis(31 * DAY);
        scene.tell(&Command::Wake).unwrap();
        scene.look();
        assert_eq!(scene.state().name(), name, "nobody's time runs out");
        scene.tell(&unfreeze()).unwrap();
        assert_eq!(until(&scene), before.plus(Millis(31 * DAY - HOUR)), "{name}");
        assert_eq!((&scene.trade.frozen, scene.trade.frozen_at), (&None, None));
        if let State::Proposed { .. } | State::AwaitingPayment { .. } = scene.state() {
            assert_eq!(deadline::next(&scene.trade), Some(until(&scene)), "it wakes by itself again");
            scene.look();
            scene.tell(&Command::Wake).unwrap();
            assert_eq!(scene.state().name(), name);
            scene.now = until(&scene);
            scene.tell(&Command::Wake).unwrap();
            scene.look();
            assert_eq!(scene.state(), State::Expired);
        }
    }
}

#[test]
fn nothing_is_authorised_and_nothing_new_agreed_until_it_goes_on() {
    let mut scene = Scene::delivered();
    scene.tell(&freeze()).unwrap();
    scene.sign(Kind::Release, BUYER);
    for _ in 0..3 {
        scene.look();
        scene.work();
    }
    assert!(scene.trade.plans.iter().all(|plan| plan.authorised.is_none()));
    scene.tell(&unfreeze()).unwrap();
    assert!(scene.duties.contains(&Duty::Look), "a look at once: {:?}", scene.duties);
    for to in [BUYER, SELLER] {
        assert!(scene.duties.contains(&Duty::Tell { to, notice: Notice::Unfrozen }));
    }
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan: scene.no(Kind::Release) });
    scene.spend(Kind::Release);
    scene.look();
    assert_eq!(scene.state().name(), "Settled");

    let mut scene = Scene::named();
    scene.tell(&freeze()).unwrap();
    assert_eq!(scene.accept(SELLER), Err(Refusal::Frozen));
    let mut scene = Scene::invited();
    scene.accept(SELLER).unwrap();
    scene.tell(&freeze()).unwrap();
    assert_eq!(scene.tell(&Command::Confirm { by: BUYER, joiner: SELLER }), Err(Refusal::Frozen));
    assert!(matches!(scene.trade.terms.counterparty, Counterparty::Invited(_)) && scene.trade.links.is_empty());
}

#[test]
fn what_was_authorised_stays_and_is_signed_afterwards() {
    let mut scene = Scene::delivered();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    let plan = scene.no(Kind::Release);
    assert_eq!(scene.state(), State::Settling { plan });
    scene.tell(&freeze()).unwrap();
    scene.sign(Kind::Refund, SELLER);
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan }, "final");
    scene.tell(&unfreeze()).unwrap();
    assert!(scene.duties.contains(&Duty::Cosign { plan }), "its job found it frozen, and is gone");
    assert_eq!(scene.history.last(), Some(&Event::Unfrozen { why: "it is not".into(), until: None, stood: Millis(0) }));
}

#[test]
fn what_begins_while_it_stands_has_all_of_its_time() {
    let mut scene = Scene::awaiting();
    scene.tell(&freeze()).unwrap();
    scene.now = Millis(10 * DAY);
    scene.pay(paid(DUE));
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    scene.now = Millis(20 * DAY);
    scene.tell(&unfreeze()).unwrap();
    assert_eq!(until(&scene), Millis(23 * DAY));
}

#[test]
fn there_is_something_to_stop_or_a_refusal() {
    let mut scene = Scene::funded();
    assert_eq!(scene.tell(&unfreeze()), Err(Refusal::Already));
    scene.tell(&freeze()).unwrap();
    assert_eq!(scene.tell(&freeze()), Err(Refusal::Already));

    let mut scene = Scene::awaiting();
    scene.pay(paid(5));
    scene.look();
    scene.tell(&Command::Cancel { by: BUYER }).unwrap();
    scene.work();
    scene.tell(&freeze()).unwrap();
    scene.sign(Kind::Return, BUYER);
    scene.look();
    assert!(scene.plan(Kind::Return).authorised.is_none(), "a return is signed, too");
    scene.tell(&unfreeze()).unwrap();
    scene.look();
    assert!(scene.plan(Kind::Return).authorised.is_some());
    scene.spend(Kind::Return);
    scene.look();
    assert_eq!(scene.tell(&freeze()), Err(Refusal::TooLate));
}

/// Orders of MixPay's count in server time, and are over when a trade has stood long.
#[test]
fn mixpay_is_asked_anew() {
    let mut scene = Scene::named();
    scene.mixpay = Some(Millis(0));
    scene.accept(SELLER).unwrap();
    scene.tell(&freeze()).unwrap();
    scene.now = Millis(DAY);
    scene.tell(&Command::OrderRefused { order: 0, why: "too late".into() }).unwrap();
    let events = scene.tell(&unfreeze()).unwrap();
    assert!(matches!(events.as_slice(), [Event::Unfrozen { .. }, Event::OrderMade { .. }]), "{events:?}");
}
