//! Money that comes in: what counts, what is enough, and what goes back to whom.

use super::scene::*;
use crate::id::{Hash, UserId};
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::state::State;
use crate::trade::{Duty, Event, Kind, Notice, Oddity, Plan};

fn payouts(plan: &Plan) -> Vec<(UserId, u128)> {
    plan.payouts.iter().map(|p| (p.to, p.amount.units())).collect()
}

/// Every living return: to whom, how much, out of how many deposits.
fn returns(scene: &Scene) -> Vec<(UserId, u128, usize)> {
    let of = |plan: &&Plan| (plan.payouts[0].to, plan.payouts[0].amount.units(), plan.inputs.len());
    scene.living().iter().filter(|plan| plan.kind == Kind::Return).map(of).collect()
}

/// The links ever issued, by amount.
fn links(scene: &Scene) -> Vec<u128> {
    scene.trade.links.iter().map(|link| link.amount.units()).collect()
}

#[test]
fn exact_or_more_is_funded_and_the_surplus_is_in_the_release() {
    for (title, pieces, inputs, release) in [
        ("exact", vec![DUE], 1, vec![(SELLER, 995), (FEES, 10)]),
        ("more", vec![DUE + 7], 1, vec![(SELLER, 995), (FEES, 10), (BUYER, 7)]),
        ("pieces", vec![5, 500, 500], 3, vec![(SELLER, 995), (FEES, 10)]),
        ("largest first", vec![1, 2, 600, 3, 700], 2, vec![(SELLER, 995), (FEES, 10), (BUYER, 295)]),
    ] {
        let scene = Scene::funded_with(&pieces);
        assert_eq!(scene.state().name(), "Funded", "{title}");
        let (kept, back) = (scene.plan(Kind::Release), scene.plan(Kind::Refund));
        assert_eq!(kept.inputs.len(), inputs, "{title}");
        assert_eq!(kept.inputs, back.inputs, "{title}");
        assert_eq!(payouts(kept), release, "{title}");
        assert_eq!(payouts(back), [(BUYER, kept.total().units())], "{title}: a refund takes no fee");
    }
    let scene = Scene::funded_with(&[1, 2, 600, 3, 700]);
    assert_eq!(returns(&scene), [(BUYER, 6, 3)], "what is not frozen goes back at once");
}

#[test]
fn less_than_due_asks_for_the_rest() {
    let mut scene = Scene::awaiting();
    assert_eq!(links(&scene), [DUE]);
    scene.pay(paid(1_000));
    scene.look();
    assert_eq!((scene.state().name(), links(&scene)), ("AwaitingPayment", vec![DUE, 5]));
    scene.look();
    assert_eq!(links(&scene), [DUE, 5], "one link for one used trace");
    scene.pay(paid(4));
    scene.look();
    assert_eq!(links(&scene), [DUE, 5, 1]);
    scene.pay(paid(1));
    scene.look();
    assert_eq!((scene.state().name(), links(&scene)), ("Funded", vec![DUE, 5, 1]));
    let mut traces: Vec<_> = scene.trade.links.iter().map(|link| link.trace).collect();
    traces.dedup();
    assert_eq!(traces.len(), 3, "a trace serves one payment");
}

#[test]
fn a_trace_used_by_somebody_elses_payment_is_replaced() {
    let mut scene = Scene::awaiting();
    scene.trace_used = true;
    scene.look();
    scene.now = scene.now.plus(Millis(3_000));
    scene.trace_used = true;
    scene.look();
    assert_eq!(links(&scene), [DUE, DUE]);
    assert_ne!(scene.trade.links[0].trace, scene.trade.links[1].trace);
    assert_ne!(scene.trade.links[0].memo, scene.trade.links[1].memo);
    // A stranger's payment by our own link uses it up too, and is held for him.
    let mut scene = Scene::awaiting();
    scene.pay(Payment { senders: vec![STRANGER], ..paid(DUE) });
    scene.look();
    assert_eq!((scene.state().name(), links(&scene)), ("AwaitingPayment", vec![DUE, DUE]));
    assert_eq!(returns(&scene), [(STRANGER, DUE, 1)]);
}

#[test]
fn what_does_not_count_never_funds_and_goes_back_to_whose_it_is() {
    let wrong = || Payment { asset: OTHER_ASSET, ..paid(DUE) };
    let third = |who: UserId| Payment { senders: vec![who], ..paid(DUE) };
    for (title, payment, oddity, back) in [
        ("another asset", wrong(), Some(Oddity::WrongAsset), Some(BUYER)),
        ("a third person", third(STRANGER), Some(Oddity::ThirdPerson(STRANGER)), Some(STRANGER)),
        ("the seller", third(SELLER), Some(Oddity::ThirdPerson(SELLER)), Some(SELLER)),
        (
            "a third person's other asset",
            Payment { senders: vec![STRANGER], ..wrong() },
            Some(Oddity::ThirdPerson(STRANGER)),
            Some(STRANGER),
        ),
        ("an inscription", Payment { inscription: true, ..paid(DUE) }, Some(Oddity::Inscription), None),
        ("a stranger's inscription", Payment { inscription: true, ..third(STRANGER) }, Some(Oddity::Inscription), None),
    ] {
        let mut scene = Scene::awaiting();
        scene.pay(payment);
        scene.look();
        scene.work();
        assert_eq!(scene.state().name(), "AwaitingPayment", "{title}");
        assert_eq!(scene.trade.deposits[0].oddity, oddity, "{title}");
        assert_eq!(scene.trade.missing(), units(DUE), "{title}");
        assert_eq!(returns(&scene), back.map(|who| (who, DUE, 1)).into_iter().collect::<Vec<_>>(), "{title}");
        if let Some(who) = back {
            let plan = scene.plan(Kind::Return);
            let givers = if who == BUYER { vec![BUYER] } else { vec![BUYER, SELLER] };
            assert_eq!(plan.givers, givers, "{title}: for a third person's money either party signs");
            assert_eq!(plan.asset, scene.trade.deposits[0].asset, "{title}");
        }
        scene.tell(&Command::Cancel { by: BUYER }).unwrap();
        scene.look();
        assert_eq!(returns(&scene).len(), usize::from(back.is_some()), "{title}: once, and an inscription never");
    }
}

#[test]
fn several_senders_or_none_are_the_buyers() {
    for senders in [vec![], vec![STRANGER, JUDGE]] {
        let mut scene = Scene::awaiting();
        scene.pay(Payment { senders, ..paid(DUE) });
        scene.look();
        assert_eq!(scene.state().name(), "Funded");
    }
}

#[test]
fn more_than_255_pieces_are_not_funded_until_255_are_enough() {
    let mut scene = Scene::awaiting();
    for _ in 0..335 {
        scene.pay(paid(3));
    }
    scene.look();
    assert_eq!(scene.trade.missing(), units(0), "all of it is there …");
    assert_eq!(scene.state().name(), "AwaitingPayment", "… in too many pieces");
    let told = |to| Duty::Tell { to, notice: Notice::InPieces };
    assert!(scene.duties.contains(&told(BUYER)) && scene.duties.contains(&told(SELLER)));
    scene.look();
    assert_eq!(scene.duties, [], "told once");
    scene.pay(paid(243));
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    assert_eq!(scene.plan(Kind::Release).inputs.len(), 255);
    assert_eq!(scene.plan(Kind::Release).total(), units(DUE));
    assert_eq!(returns(&scene), [(BUYER, 81 * 3, 81)]);
}

#[test]
fn money_after_the_end_goes_back_at_once() {
    for (title, end) in [
        ("cancelled", (|s: &mut Scene| drop(s.tell(&Command::Cancel { by: SELLER }).unwrap())) as fn(&mut Scene)),
        ("expired", |s| {
            s.now = crate::time::Millis(DAY);
            s.look();
        }),
    ] {
        let mut scene = Scene::awaiting();
        scene.pay(paid(1_000));
        scene.pay(Payment { asset: OTHER_ASSET, ..paid(3) });
        scene.look();
        end(&mut scene);
        let name = scene.state().name();
        assert_eq!(returns(&scene), [(BUYER, 3, 1), (BUYER, 1_000, 1)], "{title}");
        scene.work();
        scene.pay(paid(DUE));
        scene.look();
        scene.work();
        assert_eq!(returns(&scene), [(BUYER, 3, 1), (BUYER, 1_000, 1), (BUYER, DUE, 1)], "{title}");
        for no in 0..3 {
            scene.sign_no(no, BUYER);
        }
        scene.look();
        assert!(scene.trade.plans.iter().all(|plan| plan.authorised.is_some()), "{title}: not owed");
        assert_eq!(scene.state().name(), name, "{title}: a return changes no state");
    }
}

#[test]
fn late_and_double_deposits_never_touch_the_settlement() {
    for mut scene in [Scene::funded(), Scene::delivered()] {
        let standing = (scene.plan(Kind::Release).clone(), scene.plan(Kind::Refund).clone());
        let state = scene.state();
        scene.pay(paid(DUE));
        scene.look();
        scene.work();
        assert_eq!(scene.state(), state);
        assert_eq!(returns(&scene), [(BUYER, DUE, 1)]);
        assert_eq!((scene.plan(Kind::Release), scene.plan(Kind::Refund)), (&standing.0, &standing.1));
        // A later one has a request of its own.
        scene.pay(paid(9));
        scene.look();
        assert_eq!(returns(&scene), [(BUYER, DUE, 1), (BUYER, 9, 1)]);
        // It goes back while the rest still stands, and also after it is settled.
        scene.work();
        scene.sign_no(3, BUYER);
        scene.sign_no(3, SELLER);
        scene.spend(Kind::Return);
        scene.look();
        assert_eq!(returns(&scene), [(BUYER, DUE, 1)]);
        assert_eq!(scene.state(), state);
        scene.sign(Kind::Release, BUYER);
        scene.sign(Kind::Return, BUYER);
        scene.look();
        assert!(scene.plan(Kind::Return).authorised.is_some() && scene.plan(Kind::Release).authorised.is_some());
    }
}

#[test]
fn many_odd_deposits_go_back_in_as_few_requests_as_the_ledger_takes() {
    let mut scene = Scene::awaiting();
    for nth in 0..300 {
        scene.pay(Payment { asset: OTHER_ASSET, ..paid(nth + 1) });
    }
    scene.look();
    let pieces: Vec<_> = returns(&scene).iter().map(|(_, _, inputs)| *inputs).collect();
    assert_eq!(pieces, [255, 45]);
    assert_eq!(returns(&scene).iter().map(|(_, units, _)| units).sum::<u128>(), 300 * 301 / 2);
}

#[test]
fn an_older_answer_does_not_bring_spent_money_back() {
    let mut scene = Scene::funded();
    let old = scene.sight();
    scene.spend(Kind::Refund);
    scene.look();
    let settled = scene.state();
    scene.tell(&Command::Look(old)).unwrap();
    assert_eq!(scene.state(), settled);
    assert!(scene.trade.deposits[0].lock.is_spent());
}

#[test]
fn money_the_parties_spent_before_funding_does_not_count() {
    let mut scene = Scene::awaiting();
    let nth = scene.pay(paid(1_000));
    scene.look();
    scene.outputs[nth].lock = Lock::Spent(Some(Hash([1; 32])));
    scene.look();
    assert_eq!(scene.trade.missing(), units(DUE));
    scene.pay(paid(5));
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    assert_eq!(links(&scene), [DUE, 5, 1_000]);
}

#[test]
fn an_input_lost_elsewhere_leaves_new_plans_over_the_rest() {
    let mut scene = Scene::funded_with(&[600, 405]);
    scene.tell(&Command::Deliver { by: SELLER }).unwrap();
    let state = scene.state();
    scene.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
    scene.look();
    scene.work();
    assert_eq!(scene.state(), state, "the trade goes on");
    assert_eq!(returns(&scene), [], "what is left was locked for both, and is not simply the buyer's");
    // The largest price whose due is at most 405: 403 and half of its fee of 4.
    assert_eq!(payouts(scene.plan(Kind::Release)), [(SELLER, 401), (FEES, 4)]);
    assert_eq!(payouts(scene.plan(Kind::Refund)), [(BUYER, 405)]);
    assert!(scene.trade.plans[..2].iter().all(|plan| plan.end.is_some()));
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan: 2 });
    // And again, while one is authorised already: that one is void for ever, so nothing is authorised.
    scene.outputs[1].lock = Lock::Spent(Some(Hash([2; 32])));
    scene.look();
    assert_eq!(scene.state(), State::SettledElsewhere { by: Some(Hash([1; 32])) });

    let mut scene = Scene::funded_with(&[600, 405]);
    scene.sign(Kind::Release, BUYER);
    scene.look();
    scene.outputs[0].lock = Lock::Spent(Some(Hash([1; 32])));
    scene.look();
    scene.work();
    assert_eq!(scene.state().name(), "Funded");
    assert!(scene.living().iter().all(|plan| plan.authorised.is_none()), "the old signature was for another payload");
    scene.sign(Kind::Refund, SELLER);
    scene.look();
    assert_eq!(scene.state(), State::Settling { plan: 3 });
}

#[test]
fn a_late_deposit_after_it_was_settled_elsewhere_goes_back() {
    let mut scene = Scene::funded();
    scene.lock(0, Lock::Spent(Some(Hash([1; 32]))));
    let events = scene.look();
    assert!(events.contains(&Event::SettledElsewhere { by: Some(Hash([1; 32])) }));
    scene.pay(paid(5));
    scene.look();
    assert_eq!(returns(&scene), [(BUYER, 5, 1)]);
    assert_eq!(scene.state().name(), "SettledElsewhere");
}

#[test]
fn a_fee_that_cannot_be_paid_is_waived_to_its_payer() {
    let mut scene = Scene::awaiting();
    scene.pay(paid(DUE + 7));
    scene.look();
    let (first, refund) = (scene.no(Kind::Release), scene.no(Kind::Refund));
    scene.tell(&Command::FeeUnpayable { plan: first }).unwrap();
    // Half of the fee was each side's: 1,005 + 7 came in, the price is 1,000.
    let release = scene.plan(Kind::Release);
    assert_ne!(release.no, first);
    assert_eq!(payouts(release), [(SELLER, 1_000), (BUYER, 12)]);
    assert_eq!(scene.no(Kind::Refund), refund, "the refund takes no fee and stands");
    scene.work();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(scene.state().name(), "Settling");
    // Too late to change anything: the payload is made.
    let plans = scene.trade.plans.len();
    scene.tell(&Command::FeeUnpayable { plan: scene.no(Kind::Release) }).unwrap();
    assert_eq!(scene.trade.plans.len(), plans);
}

#[test]
fn what_was_not_read_to_the_end_expires_nothing() {
    let mut scene = Scene::awaiting();
    scene.now = crate::time::Millis(DAY);
    let mut sight = scene.sight();
    sight.partial = true;
    assert_eq!(scene.tell(&Command::Look(sight)), Ok(vec![]), "the money may be further on");
    scene.look();
    assert_eq!(scene.state().name(), "Expired");
}

#[test]
fn a_list_that_lags_asks_nobody_to_pay_twice() {
    let mut scene = Scene::awaiting();
    let nth = scene.pay(paid(DUE));
    let hidden = scene.outputs.remove(nth);
    for _ in 0..3 {
        scene.trace_used = true;
        scene.look();
        assert_eq!(links(&scene), [DUE], "the payment is known, its output does not show yet");
    }
    assert_eq!(crate::trade::deadline::look_every(&scene.trade, scene.now), Some(Millis(4_000)));
    scene.now = scene.now.plus(Millis(4_000));
    scene.trace_used = true;
    scene.outputs.push(hidden);
    scene.look();
    assert_eq!((scene.state().name(), links(&scene)), ("Funded", vec![DUE]));
}

#[test]
fn dust_of_strangers_opens_only_so_many_returns() {
    let mut scene = Scene::funded();
    for _ in 0..9 {
        let mut dust = paid(1);
        dust.senders = vec![STRANGER];
        scene.pay(dust);
        scene.look();
        scene.work();
    }
    assert_eq!(returns(&scene), [(STRANGER, 1, 1); 4], "the rest waits");
    // The buyer's own money is not held up by it.
    scene.pay(paid(30));
    scene.look();
    assert!(returns(&scene).contains(&(BUYER, 30, 1)));
}

#[test]
fn a_payment_on_its_way_is_waited_for_a_little() {
    let mut scene = Scene::awaiting();
    let State::AwaitingPayment { until } = scene.state() else { panic!("{:?}", scene.state()) };
    scene.now = until;
    scene.trace_used = true;
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment", "its transaction is final, its output not listed yet");
    scene.pay(paid(DUE));
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    // A trace that somebody else's transaction bears is not waited for much longer.
    let mut scene = Scene::awaiting();
    for wait in [0, 2 * MINUTE] {
        scene.now = until.plus(crate::time::Millis(wait));
        scene.trace_used = true;
        scene.look();
    }
    assert_eq!(scene.state().name(), "Expired");
}
