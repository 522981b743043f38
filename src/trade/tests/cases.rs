//! A case: who is asked, who rules, what stops a ruling, and what stands in for one.

use super::scene::*;
use crate::id::UserId;
use crate::time::Millis;
use crate::trade::case::{Caller, CaseCommand, CaseEvent, CaseNotice, NOBODY_WAITS, OFFER_WAITS, RULE_WITHIN, Stage};
use crate::trade::command::Command;
use crate::trade::{Counterparty, Duty, Event, Kind, Notice, Problem, Refusal, Right, Ruling, State, deadline, judge};

const JUDGES: [UserId; 3] = [JUDGE, UserId(uuid::Uuid::from_u128(0x67)), UserId(uuid::Uuid::from_u128(0x68))];
const DAYS: Millis = Millis(DAY);

/// Funded under terms with three judges, whose rulings can be stopped for so long.
fn funded(delay: Millis) -> Scene {
    let mut terms = terms(Counterparty::Named(SELLER));
    (terms.judges, terms.ruling_delay) = (JUDGES.to_vec(), delay);
    let mut scene = Scene::of(terms);
    scene.judges = JUDGES.to_vec();
    scene.accept(SELLER).unwrap();
    scene.pay(paid(DUE));
    scene.look();
    scene.work();
    scene
}

fn disputed(delay: Millis) -> Scene {
    let mut scene = funded(delay);
    scene.tell(&Command::Dispute { by: BUYER, why: Problem::NotDelivered }).unwrap();
    scene
}

/// The judges of this trade in the order in which they are asked.
fn order(scene: &Scene) -> Vec<UserId> {
    let inputs: Vec<_> = scene.trade.frozen_inputs().iter().map(|input| input.output_id).collect();
    judge::order(&scene.ids, scene.trade.id, &inputs, &JUDGES)
}

fn stage(scene: &Scene) -> Stage {
    scene.trade.case.as_ref().unwrap().stage
}

fn say(scene: &mut Scene, command: CaseCommand) -> Result<Vec<Event>, Refusal> {
    scene.tell(&Command::Case(command))
}

fn rule(scene: &mut Scene, by: UserId, ruling: Ruling) -> Result<Vec<Event>, Refusal> {
    say(scene, CaseCommand::Rule { by, ruling, why: "as the pictures show".into() })
}

/// Whoever is asked takes it, and rules.
fn takes_and_rules(scene: &mut Scene, ruling: Ruling) -> UserId {
    let Stage::Offered { to, .. } = stage(scene) else { panic!("{:?}", stage(scene)) };
    say(scene, CaseCommand::Take { by: to }).unwrap();
    rule(scene, to, ruling).unwrap();
    to
}

fn told(scene: &Scene, notice: CaseNotice) -> Vec<UserId> {
    let of = |duty: &Duty| match duty {
        Duty::Tell { to, notice: Notice::Case(case) } if *case == notice => Some(*to),
        _ => None,
    };
    scene.duties.iter().filter_map(of).collect()
}

fn split(seller: u128) -> Ruling {
    Ruling::Split { seller: units(seller), of: units(1_000) }
}

#[test]
fn the_first_by_secret_order_is_asked_at_once_and_the_next_when_nobody_answers() {
    let mut scene = disputed(Millis(0));
    let order = order(&scene);
    for judge in &order {
        let until = scene.now.plus(OFFER_WAITS);
        assert_eq!(stage(&scene), Stage::Offered { to: *judge, until });
        assert_eq!(told(&scene, CaseNotice::Offer), [*judge]);
        assert_eq!(deadline::next(&scene.trade), Some(until));
        scene.now = until;
        scene.tell(&Command::Wake).unwrap();
    }
    // Silence is not that there is nobody: for all of them there is the whole time of a ruling.
    let begun = scene.trade.case.as_ref().unwrap().since;
    assert_eq!((stage(&scene), scene.trade.default_at()), (Stage::Open, Some(begun.plus(RULE_WITHIN))));
    scene.look();
    assert_eq!((stage(&scene), told(&scene, CaseNotice::Nobody)), (Stage::Open, vec![]));
    // Whoever was asked may still take it: it was the order that nobody could steer.
    say(&mut scene, CaseCommand::Take { by: order[1] }).unwrap();
    assert_eq!(say(&mut scene, CaseCommand::Take { by: order[0] }), Err(Refusal::NotTheJudge));
    assert_eq!(say(&mut scene, CaseCommand::Take { by: order[1] }), Err(Refusal::Already));
}

#[test]
fn the_order_hangs_on_trade_inputs_and_secret_alone() {
    let scene = disputed(Millis(0));
    let ids = &scene.ids;
    let inputs = [1, 2].map(uuid::Uuid::from_u128);
    let of = |inputs: &[uuid::Uuid]| judge::order(ids, scene.trade.id, inputs, &JUDGES);
    assert_eq!(of(&inputs), of(&[inputs[1], inputs[0]]), "in whatever order they come");
    let many: Vec<_> = (0..20).map(|nth| of(&[uuid::Uuid::from_u128(nth)])[0]).collect();
    assert!(JUDGES.iter().all(|judge| many.contains(judge)), "nobody is first for ever");
}

#[test]
fn who_knows_one_of_them_is_not_asked() {
    let mut scene = funded(Millis(0));
    let order = order(&scene);
    scene.conflicts.insert((order[0], SELLER));
    scene.tell(&Command::Dispute { by: BUYER, why: Problem::Other }).unwrap();
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[1]));
    assert_eq!(say(&mut scene, CaseCommand::Take { by: order[0] }), Err(Refusal::NotTheJudge));
    // Or says so.
    say(&mut scene, CaseCommand::Pass { by: order[1] }).unwrap();
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[2]));
    assert_eq!(told(&scene, CaseNotice::Closed), [order[1]]);
    // Having passed counts in a second dispute, too.
    scene.tell(&Command::Withdraw { by: BUYER }).unwrap();
    scene.tell(&Command::Dispute { by: SELLER, why: Problem::Other }).unwrap();
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[2]));
}

#[test]
fn only_the_judge_of_the_case_rules_and_only_while_a_judge() {
    let mut scene = disputed(Millis(0));
    let order = order(&scene);
    let refund = Ruling::Refund;
    for by in [order[0], order[1], BUYER, SELLER, STRANGER, BOT, FEES] {
        assert_eq!(rule(&mut scene, by, refund), Err(Refusal::NotTheJudge));
    }
    for by in [BUYER, SELLER, STRANGER, order[1]] {
        assert_eq!(say(&mut scene, CaseCommand::Take { by }), Err(Refusal::NotTheJudge));
    }
    say(&mut scene, CaseCommand::Take { by: order[0] }).unwrap();
    assert_eq!(told(&scene, CaseNotice::Yours), [order[0]]);
    assert_eq!(told(&scene, CaseNotice::Judged), [BUYER, SELLER]);
    assert_eq!(rule(&mut scene, order[1], refund), Err(Refusal::NotTheJudge));
    assert_eq!(rule(&mut scene, order[0], split(1_000)), Err(Refusal::PaysNothing));
    let other = Ruling::Split { seller: units(5), of: units(10) };
    assert_eq!(rule(&mut scene, order[0], other), Err(Refusal::OtherTerms));
    // The operator removes the judge: nothing more is ruled by them, and the next is asked at the next look.
    scene.judges.retain(|judge| *judge != order[0]);
    assert_eq!(rule(&mut scene, order[0], refund), Err(Refusal::NotTheJudge));
    scene.look();
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[1]));
}

#[test]
fn below_the_value_a_ruling_is_final_at_once_and_its_receiver_signs() {
    for (ruling, kind, signs) in [
        (Ruling::Release, Kind::Release, SELLER),
        (Ruling::Refund, Kind::Refund, BUYER),
        (split(600), Kind::Split, SELLER),
        (split(600), Kind::Split, BUYER),
    ] {
        let mut scene = disputed(Millis(0));
        let judge = takes_and_rules(&mut scene, ruling);
        assert_eq!(scene.trade.ruling(), Some(ruling));
        assert_eq!(scene.trade.ruled_by().map(|given| given.by).collect::<Vec<_>>(), [judge]);
        assert!(matches!(scene.state(), State::Disputed { .. }), "no money moves by it");
        assert_eq!(rule(&mut scene, judge, Ruling::Refund), Err(Refusal::AlreadyRuled));
        assert_eq!(scene.tell(&Command::Withdraw { by: BUYER }), Err(Refusal::AlreadyRuled));
        scene.work();
        scene.sign(kind, signs);
        scene.look();
        assert!(matches!(scene.state(), State::Settling { .. }), "{ruling:?}");
        assert_eq!(rule(&mut scene, judge, Ruling::Refund), Err(Refusal::TooLate), "after a settlement");
        assert_eq!(say(&mut scene, CaseCommand::Take { by: judge }), Err(Refusal::TooLate));
    }
}

/// A stolen phone of a judge's, above the value: somebody stops it, and nothing has moved.
#[test]
fn above_the_value_a_ruling_can_be_stopped_and_gives_nothing_until_then() {
    let by = |nth: usize| {
        move |scene: &Scene| match nth {
            0 => Some(BUYER),
            1 => Some(SELLER),
            2 => order(scene).last().copied(),
            _ => None,
        }
    };
    for nth in 0..4 {
        let mut scene = disputed(DAYS);
        let first = takes_and_rules(&mut scene, Ruling::Release);
        let until = scene.now.plus(DAYS);
        assert_eq!(stage(&scene), Stage::Stands { until, last: false });
        assert_eq!((scene.trade.ruling(), deadline::next(&scene.trade)), (None, Some(until)));
        let mut heard = told(&scene, CaseNotice::Stands);
        heard.sort_unstable();
        let mut all: Vec<UserId> = JUDGES.into_iter().filter(|judge| *judge != first).chain([BUYER, SELLER]).collect();
        all.sort_unstable();
        assert_eq!(heard, all);
        // Whom it would pay cannot take it yet.
        scene.sign(Kind::Release, SELLER);
        scene.look();
        assert!(matches!(scene.state(), State::Disputed { .. }));
        assert_eq!(scene.tell(&Command::Withdraw { by: BUYER }), Err(Refusal::AlreadyRuled), "no way around it");
        for nobody in [first, STRANGER] {
            assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(nobody) }), Err(Refusal::NotYours));
        }
        let stops = by(nth)(&scene);
        say(&mut scene, CaseCommand::Stop { by: stops }).unwrap();
        let case = scene.trade.case.clone().unwrap();
        assert_eq!(case.called_by, Some(stops.map_or(Caller::Operator, Caller::Person)));
        assert!(matches!(case.stage, Stage::Offered { to, .. } if to != first && case.round == 2));
        // The same again is final.
        let mut same = scene.clone();
        takes_and_rules(&mut same, Ruling::Release);
        assert_eq!(same.trade.ruling(), Some(Ruling::Release));
        // Another calls a third.
        let second = takes_and_rules(&mut scene, Ruling::Refund);
        let case = scene.trade.case.clone().unwrap();
        assert_eq!((case.called_by, case.round, scene.trade.ruling()), (Some(Caller::Disagreement), 3, None));
        for (third, last) in
            [(Ruling::Refund, Ruling::Refund), (Ruling::Release, Ruling::Release), (split(5), split(5))]
        {
            let mut scene = scene.clone();
            let third = takes_and_rules(&mut scene, third);
            assert_eq!(scene.trade.ruling(), Some(last));
            assert!(third != first && third != second);
        }
    }
}

#[test]
fn a_ruling_that_nobody_stops_is_final_once_its_time_was_proved() {
    let mut scene = disputed(DAYS);
    takes_and_rules(&mut scene, Ruling::Refund);
    let (until, _) = scene.trade.final_at().unwrap();
    scene.now = until.plus(Millis(60_000));
    scene.tell(&Command::Wake).unwrap();
    scene.look();
    assert_eq!(scene.trade.ruling(), None, "time alone gives nothing");
    assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(SELLER) }), Err(Refusal::TooLate));
    assert_eq!(scene.tell(&Command::Elapsed { until: until.plus(Millis(1)) }), Ok(vec![]), "another deadline's proof");
    scene.tell(&Command::Elapsed { until }).unwrap();
    assert_eq!(scene.trade.ruling(), Some(Ruling::Refund));
    assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(SELLER) }), Err(Refusal::AlreadyRuled));
}

#[test]
fn where_there_is_no_other_judge_the_last_ruling_stands_after_the_delay() {
    let mut scene = disputed(DAYS);
    let first = takes_and_rules(&mut scene, Ruling::Release);
    scene.judges = vec![first];
    assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }), Err(Refusal::NoOtherJudge));
    scene.judges = JUDGES.to_vec();
    say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }).unwrap();
    // Nobody of the others takes it.
    for _ in 0..2 {
        scene.now = scene.now.plus(OFFER_WAITS);
        scene.tell(&Command::Wake).unwrap();
    }
    let until = scene.now.plus(DAYS);
    assert_eq!(stage(&scene), Stage::Stands { until, last: true });
    assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }), Err(Refusal::NoOtherJudge));
    scene.now = until.plus(Millis(1));
    scene.tell(&Command::Elapsed { until }).unwrap();
    assert_eq!(scene.trade.ruling(), Some(Ruling::Release));
}

#[test]
fn without_a_ruling_the_default_of_the_terms_is_a_right_by_time_of_which_its_loser_is_warned() {
    // Taken, and never ruled.
    let mut scene = disputed(Millis(0));
    let begun = scene.now;
    let first = order(&scene)[0];
    say(&mut scene, CaseCommand::Take { by: first }).unwrap();
    let until = begun.plus(RULE_WITHIN);
    let runs = scene.trade.runs_out().map(|deadline| (deadline.until, deadline.losers));
    assert_eq!(runs, Some((until, &[crate::trade::Role::Seller][..])), "a refund costs the seller");
    scene.now = until;
    scene.tell(&Command::Wake).unwrap();
    assert!(scene.duties.contains(&Duty::Tell { to: SELLER, notice: Notice::TimeUp }));
    assert_eq!(scene.trade.ruling(), None);
    scene.now = until.plus(Millis(1));
    scene.tell(&Command::Elapsed { until }).unwrap();
    assert_eq!(scene.trade.right, Some(Right::Ruled(Ruling::Refund)));
    assert!(scene.trade.case.as_ref().unwrap().defaulted && scene.trade.ruled_by().next().is_none());
    assert_eq!(told(&scene, CaseNotice::Closed), [first]);
    scene.sign(Kind::Refund, BUYER);
    scene.look();
    assert!(matches!(scene.state(), State::Settling { .. }));
    // Nobody to ask from the beginning: a day in which the two can settle by themselves.
    let mut scene = funded(Millis(0));
    scene.judges = Vec::new();
    scene.tell(&Command::Dispute { by: SELLER, why: Problem::Other }).unwrap();
    let until = scene.now.plus(NOBODY_WAITS);
    assert_eq!(scene.trade.default_at(), Some(until));
    scene.now = until.plus(Millis(1));
    scene.tell(&Command::Elapsed { until }).unwrap();
    assert_eq!(scene.trade.ruling(), Some(Ruling::Refund));
}

#[test]
fn the_two_can_still_settle_by_themselves_and_the_judge_hears_that_it_is_over() {
    let mut scene = disputed(DAYS);
    let first = order(&scene)[0];
    say(&mut scene, CaseCommand::Take { by: first }).unwrap();
    scene.sign(Kind::Release, BUYER);
    scene.look();
    assert_eq!(told(&scene, CaseNotice::Closed), [first]);
    assert!(!scene.trade.judged_by(first), "it is not theirs to read any more");
}

/// Nobody is promised a second judge where there is none.
#[test]
fn with_nobody_else_to_ask_a_ruling_only_waits() {
    let mut scene = disputed(DAYS);
    for judge in order(&scene).into_iter().skip(1) {
        scene.judges.retain(|present| *present != judge);
    }
    let first = takes_and_rules(&mut scene, Ruling::Release);
    assert_eq!(stage(&scene), Stage::Stands { until: scene.now.plus(DAYS), last: true });
    assert!(!told(&scene, CaseNotice::Stands).contains(&first));
    assert!(!scene.trade.may_stop(BUYER));
    assert_eq!(say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }), Err(Refusal::NoOtherJudge));
}

/// What a judge reads before the button is what the law does.
#[test]
fn a_ruling_that_differs_is_not_final_and_one_that_agrees_is() {
    let mut scene = disputed(DAYS);
    takes_and_rules(&mut scene, Ruling::Release);
    say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }).unwrap();
    let case = scene.trade.case.clone().unwrap();
    assert!(case.is_final(Ruling::Release, DAYS) && !case.is_final(Ruling::Refund, DAYS));
    assert!(case.is_final(Ruling::Refund, Millis(0)));
    takes_and_rules(&mut scene, Ruling::Refund);
    assert_eq!(scene.trade.ruling(), None);
    let case = scene.trade.case.clone().unwrap();
    assert!(case.is_final(split(600), DAYS), "the third decides");
}

/// The time is nearly over for the one who loses by it, and for nobody else.
#[test]
fn the_last_quarter_of_an_hour_is_no_time_to_be_asked() {
    let scene = funded(DAYS);
    let State::Funded { until } = scene.state() else { panic!() };
    let before = |secs: i64| until.plus(Millis::from_secs(-secs));
    assert!(!scene.trade.is_late_soon(SELLER, before(901)));
    assert!(scene.trade.is_late_soon(SELLER, before(900)) && scene.trade.is_late_soon(SELLER, before(0)));
    assert!(!scene.trade.is_late_soon(BUYER, before(1)) && !scene.trade.is_late_soon(STRANGER, before(1)));
}

#[test]
fn a_frozen_case_stands_still_and_has_its_time_again() {
    let mut scene = disputed(DAYS);
    takes_and_rules(&mut scene, Ruling::Release);
    let (until, _) = scene.trade.final_at().unwrap();
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.trade.final_at(), None);
    scene.now = scene.now.plus(Millis(3 * DAY));
    assert_eq!(scene.tell(&Command::Elapsed { until }), Ok(vec![]));
    scene.tell(&Command::Unfreeze { why: "looked".into() }).unwrap();
    assert_eq!(scene.trade.final_at(), Some((until.plus(Millis(3 * DAY)), false)));
}

/// What was said of the case in the life that was lost may never come again: judges are asked anew, whoever has it in
/// hand has the whole time, and what was ruled can be stopped for a while.
#[test]
fn a_case_put_back_is_offered_anew_and_has_its_time_again() {
    let put_back = |scene: &mut Scene, after: Millis| {
        scene.now = scene.now.plus(after);
        scene.tell(&Command::PutBack).unwrap();
        assert_eq!(scene.trade.runs_out(), None, "nothing runs out before the vault is read");
        let events = scene.look();
        assert!(matches!(events.first(), Some(Event::Anew { until: None, .. })), "{events:?}");
        assert_eq!((scene.trade.said, scene.trade.behind), (None, false));
        assert_eq!(scene.look(), [], "once");
    };
    let runs_out = |scene: &Scene| scene.trade.runs_out().map(|deadline| deadline.until);
    // The second is asked already; the first may have taken it.
    let mut scene = disputed(Millis(0));
    let order = order(&scene);
    scene.now = scene.now.plus(OFFER_WAITS);
    scene.tell(&Command::Wake).unwrap();
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[1]));
    put_back(&mut scene, DAYS);
    assert_eq!(stage(&scene), Stage::Offered { to: order[0], until: scene.now.plus(OFFER_WAITS) });
    assert_eq!(runs_out(&scene), Some(scene.now.plus(RULE_WITHIN)));
    // In hand, and ruled or not in what was lost.
    say(&mut scene, CaseCommand::Take { by: order[0] }).unwrap();
    let before = runs_out(&scene).unwrap();
    scene.now = before;
    scene.tell(&Command::Wake).unwrap();
    put_back(&mut scene, DAYS);
    assert_eq!(
        (scene.trade.open_case().unwrap().judge(), runs_out(&scene)),
        (Some(order[0]), Some(scene.now.plus(RULE_WITHIN)))
    );
    assert_eq!(scene.tell(&Command::Elapsed { until: before }), Ok(vec![]));
    // Nobody could be asked then. Who passed stays out of it.
    say(&mut scene, CaseCommand::Pass { by: order[0] }).unwrap();
    scene.judges = Vec::new();
    scene.look();
    assert!(matches!(stage(&scene), Stage::Nobody { .. }));
    scene.judges = JUDGES.to_vec();
    put_back(&mut scene, DAYS);
    assert!(matches!(stage(&scene), Stage::Offered { to, .. } if to == order[1]));
    // A ruling whose end was near, and one that has longer.
    for (delay, left) in [(DAYS, NOBODY_WAITS), (DAYS.plus(DAYS).plus(DAYS), DAYS.plus(DAYS))] {
        let mut scene = disputed(delay);
        takes_and_rules(&mut scene, Ruling::Release);
        let (before, _) = scene.trade.final_at().unwrap();
        put_back(&mut scene, DAYS);
        let until = scene.now.plus(left);
        assert_eq!(scene.trade.final_at(), Some((until, false)));
        assert!(before == until || scene.tell(&Command::Elapsed { until: before }) == Ok(vec![]));
        say(&mut scene, CaseCommand::Stop { by: Some(BUYER) }).unwrap();
    }
    // What is final stays.
    let mut scene = disputed(Millis(0));
    takes_and_rules(&mut scene, Ruling::Refund);
    let case = scene.trade.case.clone();
    put_back(&mut scene, DAYS);
    assert_eq!((scene.trade.ruling(), &scene.trade.case), (Some(Ruling::Refund), &case));
}

#[test]
fn a_judge_is_never_a_party_and_old_terms_keep_their_hash() {
    let judged = terms(Counterparty::Named(JUDGE));
    assert_eq!(judged.check(), Err(crate::trade::terms::TermsError::NotEligible));
    let mut scene = Scene::invited();
    assert_eq!(scene.accept(JUDGE), Err(Refusal::NotEligible));
    let text = serde_json::to_string(&terms(Counterparty::Named(SELLER))).unwrap();
    assert!(!text.contains("ruling_delay"));
    let events = [CaseEvent::Nobody { at: Millis(1) }];
    let text = serde_json::to_string(&events.map(Event::Case)).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Event>>(&text).unwrap(), [Event::Case(CaseEvent::Nobody { at: Millis(1) })]);
}

/// Whoever blocks the bot keeps away only what time alone would bring, not what both agreed to where nobody rules.
#[test]
fn a_default_that_its_loser_would_not_hear_comes_a_day_later() {
    let mut scene = disputed(Millis(0));
    for judge in JUDGES {
        say(&mut scene, CaseCommand::Pass { by: judge }).ok();
    }
    // In the order they are asked, whoever was not asked yet could not pass.
    while let Stage::Offered { to, .. } = stage(&scene) {
        say(&mut scene, CaseCommand::Pass { by: to }).unwrap();
    }
    let until = scene.trade.default_at().unwrap();
    scene.now = until;
    scene.tell(&Command::Wake).unwrap();
    let role = scene.trade.runs_out().unwrap().losers[0];
    let told = |scene: &Scene| scene.trade.ran_out(scene.now).is_some();
    assert!(!told(&scene) && scene.trade.unwarned(role).is_some());
    let refused = Command::Unwarned { until, role };
    assert_eq!(scene.tell(&refused).unwrap(), [Event::Unwarned { until, role, at: until }]);
    scene.now = until.plus(Millis(DAY - 1));
    assert_eq!(scene.tell(&refused).unwrap(), [], "it is not put off again");
    assert!(!told(&scene));
    scene.now = until.plus(DAYS);
    assert!(told(&scene));
    // What time alone brings waits for a judge.
    let mut scene = Scene::delivered();
    let until = scene.until();
    scene.now = until;
    scene.tell(&Command::Wake).unwrap();
    let role = scene.trade.runs_out().unwrap().losers[0];
    assert_eq!(scene.tell(&Command::Unwarned { until, role }).unwrap(), []);
    scene.now = until.plus(Millis(30 * DAY));
    assert!(!told(&scene));
}

/// What a judge or a party said of the case to the life that was lost never comes again: they are asked for it.
#[test]
fn after_a_restore_whoever_has_the_case_in_hand_hears_so() {
    let mut scene = disputed(DAYS);
    let Stage::Offered { to, .. } = stage(&scene) else { panic!("{:?}", stage(&scene)) };
    say(&mut scene, CaseCommand::Take { by: to }).unwrap();
    let mut standing = scene.clone();
    scene.tell(&Command::PutBack).unwrap();
    scene.look();
    assert_eq!(told(&scene, CaseNotice::Yours), [to]);
    rule(&mut standing, to, Ruling::Release).unwrap();
    standing.tell(&Command::PutBack).unwrap();
    standing.look();
    assert_eq!(told(&standing, CaseNotice::Stands).len(), 4, "both, and the two other judges");
}
