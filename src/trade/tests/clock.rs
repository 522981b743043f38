//! The time somebody has: what is said of it, and who gives more.

use super::scene::*;
use crate::id::UserId;
use crate::time::Millis;
use crate::trade::clock::{FAR, MORE_MAX};
use crate::trade::command::{Command, Sight};
use crate::trade::{Duty, Event, Kind, Notice, Problem, Refusal, Right, Role, State, deadline};

fn told(scene: &Scene) -> Vec<(UserId, Notice)> {
    let tells = scene.duties.iter().filter_map(|duty| match duty {
        Duty::Tell { to, notice } => Some((*to, *notice)),
        _ => None,
    });
    tells.collect()
}

/// Wakes as the row asks until nothing more is asked: when, to whom, what.
fn wakes(scene: &mut Scene) -> Vec<(i64, UserId, Notice)> {
    let (mut all, until) = (Vec::new(), scene.until());
    while let Some(at) = deadline::next(&scene.trade) {
        assert!(at >= scene.now, "nobody wakes for what is past");
        scene.now = at;
        assert!(!scene.tell(&Command::Wake).unwrap().is_empty(), "a wake says something, or it would come for ever");
        all.extend(told(scene).into_iter().map(|(to, notice)| (until.since(at).0, to, notice)));
    }
    all
}

#[test]
fn whoever_loses_by_the_end_is_reminded_once_each_time() {
    for (mut scene, loser, half) in [(Scene::funded(), SELLER, 7 * DAY / 2), (Scene::delivered(), BUYER, 3 * DAY / 2)] {
        let all: Vec<_> = [(half, Notice::Reminder), (DAY, Notice::Reminder), (2 * HOUR, Notice::Reminder)]
            .into_iter()
            .chain([(0, Notice::TimeUp)])
            .map(|(left, notice)| (left, loser, notice))
            .collect();
        assert_eq!(wakes(&mut scene), all);
        assert_eq!(scene.tell(&Command::Wake), Ok(vec![]));
        assert_eq!(scene.look(), []);
    }
}

#[test]
fn short_times_have_fewer_reminders() {
    for (period, lefts) in [
        (3 * HOUR, vec![3 * HOUR / 2, 0]),
        (4 * HOUR, vec![2 * HOUR, 0]),
        (DAY, vec![12 * HOUR, 2 * HOUR, 0]),
        (2 * DAY, vec![DAY, 2 * HOUR, 0]),
        (1, vec![0]),
    ] {
        let mut scene = Scene::awaiting();
        scene.trade.terms.periods.deliver = Millis(period);
        scene.pay(paid(DUE));
        scene.look();
        let found: Vec<i64> = wakes(&mut scene).into_iter().map(|(left, ..)| left).collect();
        assert_eq!(found, lefts, "{period}");
    }
}

#[test]
fn of_several_only_the_last_is_said_and_a_look_says_it_too() {
    let mut scene = Scene::funded();
    let until = scene.until();
    scene.now = Millis(until.0 - HOUR);
    assert_eq!(scene.look(), [Event::Reminded { until, left: Millis(2 * HOUR) }]);
    assert_eq!(told(&scene), [(SELLER, Notice::Reminder)]);
    assert_eq!(deadline::next(&scene.trade), Some(until));
}

#[test]
fn nobody_is_reminded_where_nothing_runs() {
    for stop in [Command::Freeze { why: "odd".into() }, Command::Elapsed { until: Scene::delivered().until() }] {
        let mut scene = Scene::delivered();
        let until = scene.until();
        if matches!(stop, Command::Elapsed { .. }) {
            scene.now = until;
        }
        scene.tell(&stop).unwrap();
        scene.now = until.plus(Millis(DAY));
        assert_eq!(deadline::next(&scene.trade), None);
        assert_eq!(scene.tell(&Command::Wake), Ok(vec![]));
        assert_eq!(scene.look(), []);
    }
}

#[test]
fn what_was_said_is_not_said_again_after_a_stop() {
    // An hour and a half before the end: half time, a day and two hours were said.
    for stop in [Command::Freeze { why: "odd".into() }, Command::Dispute { by: BUYER, why: Problem::Other }] {
        let mut scene = Scene::funded();
        scene.now = Millis(scene.until().0 - 3 * HOUR / 2);
        scene.look();
        scene.tell(&stop).unwrap();
        scene.now = scene.now.plus(Millis(5 * DAY));
        let go_on = match stop {
            Command::Freeze { .. } => Command::Unfreeze { why: "looked".into() },
            _ => Command::Withdraw { by: BUYER },
        };
        scene.tell(&go_on).unwrap();
        assert_eq!(scene.until(), scene.now.plus(Millis(3 * HOUR / 2)));
        assert_eq!(wakes(&mut scene), [(0, SELLER, Notice::TimeUp)]);
    }
    // That it is over is said of every deadline.
    let mut scene = Scene::funded();
    wakes(&mut scene);
    let first = scene.until();
    scene.tell(&Command::Warned { until: first, role: Role::Seller }).unwrap();
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    scene.now = scene.now.plus(Millis(DAY));
    scene.tell(&Command::Unfreeze { why: "looked".into() }).unwrap();
    assert_eq!(scene.until(), first.plus(Millis(DAY)));
    assert_eq!(wakes(&mut scene), [(0, SELLER, Notice::TimeUp)]);
    assert!(scene.trade.said.is_some_and(|said| !said.to_seller && said.until == scene.until()));
}

#[test]
fn a_warning_is_of_one_deadline_and_known_once() {
    let mut scene = Scene::delivered();
    let until = scene.until();
    let (warned, role) = (|until, role| Command::Warned { until, role }, Role::Buyer);
    assert_eq!(scene.tell(&warned(until, role)), Ok(vec![]), "nothing was said yet");
    wakes(&mut scene);
    assert_eq!(scene.tell(&warned(Millis(until.0 - 1), role)), Ok(vec![]));
    assert_eq!(scene.trade.ran_out(scene.now), None);
    scene.tell(&warned(until, Role::Seller)).unwrap();
    assert_eq!(scene.trade.ran_out(scene.now), None, "it is the buyer who loses by it");
    assert_eq!(scene.tell(&warned(until, role)), Ok(vec![Event::Warned { until, role }]));
    assert_eq!(scene.duties, [Duty::Look]);
    assert_eq!(scene.trade.ran_out(scene.now).map(|deadline| deadline.gives), Some(Right::InspectionElapsed));
    assert_eq!(scene.tell(&warned(until, role)), Ok(vec![]));
}

#[test]
fn time_is_given_by_whom_it_costs() {
    let more = Millis(DAY);
    for (scene, giver, other, refusal) in
        [(Scene::funded(), BUYER, SELLER, Refusal::OnlyBuyer), (Scene::delivered(), SELLER, BUYER, Refusal::OnlySeller)]
    {
        let mut scene = scene;
        assert_eq!(scene.tell(&Command::Extend { by: other, more }), Err(refusal));
        assert_eq!(scene.tell(&Command::Extend { by: STRANGER, more }), Err(Refusal::NotYours));
        let (until, left) = (scene.until().plus(more), scene.until().plus(more).since(scene.now));
        assert_eq!(
            scene.tell(&Command::Extend { by: giver, more }),
            Ok(vec![Event::Extended { by: giver, until, left }])
        );
        assert_eq!(told(&scene), [(BUYER, Notice::Extended), (SELLER, Notice::Extended)]);
        assert_eq!(scene.until(), until);
        for odd in [Millis(0), Millis(-1), MORE_MAX.plus(Millis(1)), Millis(i64::MAX), Millis(i64::MIN)] {
            assert_eq!(scene.tell(&Command::Extend { by: giver, more: odd }), Err(Refusal::TooFar));
        }
        let gifts = std::iter::from_fn(|| scene.tell(&Command::Extend { by: giver, more: MORE_MAX }).ok()).count();
        assert_eq!(gifts, 2, "no deadline is further away than {FAR:?}");
    }
    for mut scene in [Scene::awaiting(), Scene::disputed()] {
        for by in [BUYER, SELLER] {
            assert!(scene.tell(&Command::Extend { by, more }).is_err());
        }
    }
}

/// Time that is given gives back what its end had taken: the seller may deliver again, and the right is gone.
#[test]
fn more_time_when_it_is_over_takes_the_right_back() {
    let mut scene = Scene::funded();
    scene.elapse();
    assert_eq!(scene.trade.right, Some(Right::DeliveryElapsed));
    scene.now = scene.now.plus(Millis(DAY));
    assert_eq!(scene.tell(&Command::Deliver { by: SELLER }), Err(Refusal::TooLate));
    scene.tell(&Command::Extend { by: BUYER, more: Millis(DAY) }).unwrap();
    assert_eq!((scene.trade.right, scene.until()), (None, scene.now.plus(Millis(DAY))));
    scene.sign(Kind::Refund, BUYER);
    scene.look();
    assert_eq!(scene.authorities(), [], "the buyer's signature is early again");
    let left: Vec<i64> = wakes(&mut scene.clone()).into_iter().map(|(left, ..)| left).collect();
    assert_eq!(left, [2 * HOUR, 0], "half of seven days is not said when one is left");
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    assert!(matches!(scene.state(), State::Delivered { .. }));

    let mut scene = Scene::delivered();
    scene.elapse();
    assert_eq!(scene.tell(&Command::Dispute { by: BUYER, why: Problem::NotAsAgreed }), Err(Refusal::TooLate));
    scene.tell(&Command::Extend { by: SELLER, more: Millis(DAY) }).unwrap();
    scene.tell(&Command::Dispute { by: BUYER, why: Problem::NotAsAgreed }).unwrap();
}

#[test]
fn a_decided_a_frozen_and_an_emptied_trade_get_no_more_time() {
    let more = Millis(DAY);
    let mut scene = Scene::funded();
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.tell(&Command::Extend { by: BUYER, more }), Err(Refusal::Frozen));
    let mut scene = Scene::funded();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.tell(&Command::Extend { by: BUYER, more }), Err(Refusal::TooLate));
}

/// What was said in the life that was lost never comes again: nobody loses by not having said it.
#[test]
fn a_row_put_back_gives_the_time_anew_once_its_vault_is_read() {
    for mut scene in [Scene::funded(), Scene::delivered()] {
        let (state, before) = (scene.state().name(), scene.until());
        scene.now = before.plus(Millis(DAY));
        scene.tell(&Command::Wake).unwrap();
        scene.tell(&Command::PutBack).unwrap();
        assert_eq!((scene.trade.runs_out(), deadline::next(&scene.trade)), (None, None));
        assert_eq!(scene.tell(&Command::Elapsed { until: before }), Ok(vec![]));
        for sight in [Sight { partial: true, ..scene.sight() }, Sight { unanswered: true, ..scene.sight() }] {
            assert_eq!(scene.tell(&Command::Look(sight)), Ok(vec![]));
        }
        let at = scene.now;
        let period =
            if state == "Funded" { scene.trade.terms.periods.deliver } else { scene.trade.terms.periods.inspect };
        assert_eq!(scene.look(), [Event::Anew { at, until: Some(at.plus(period)) }]);
        assert_eq!(told(&scene), [(BUYER, Notice::Anew { at }), (SELLER, Notice::Anew { at })]);
        assert_eq!((scene.state().name(), scene.until(), scene.trade.behind), (state, at.plus(period), false));
        assert_eq!(scene.look(), [], "once");
        assert_eq!(wakes(&mut scene).len(), 4, "and of all of it people are told");
    }
    // More that was given stays given; where nothing runs both still hear that words are lost.
    let mut scene = Scene::funded();
    scene.tell(&Command::Extend { by: BUYER, more: MORE_MAX }).unwrap();
    let until = scene.until();
    scene.tell(&Command::PutBack).unwrap();
    scene.look();
    assert_eq!(scene.until(), until);
    for mut scene in [Scene::disputed(), Scene::delivered()] {
        if let State::Delivered { .. } = scene.state() {
            scene.elapse();
        }
        let (state, right) = (scene.state(), scene.trade.right);
        scene.tell(&Command::PutBack).unwrap();
        assert!(matches!(scene.look().as_slice(), [Event::Anew { until: None, .. }, ..]));
        assert_eq!((scene.state(), scene.trade.right, scene.trade.behind), (state, right, false));
    }
}

/// Whoever took the money out while the database was lost is not told that time starts anew.
#[test]
fn a_row_put_back_whose_money_is_gone_says_nothing_of_time() {
    let mut scene = Scene::delivered();
    scene.spend(Kind::Release);
    scene.tell(&Command::PutBack).unwrap();
    assert!(!scene.look().iter().any(|event| matches!(event, Event::Anew { .. })));
    assert_eq!(scene.state().name(), "Settled");
}
