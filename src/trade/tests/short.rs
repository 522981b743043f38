//! Less than was due, taken as the whole; and deposits that name no trade.

use super::scene::*;
use crate::id::UserId;
use crate::trade::command::Command;
use crate::trade::deposit::{Lock, Seen};
use crate::trade::{Authority, Kind, Notice, Oddity, Refusal, State};

fn take(by: UserId, paid: u128) -> Command {
    Command::TakeShort { by, paid: units(paid) }
}

fn awaiting_with(pieces: &[u128]) -> Scene {
    let mut scene = Scene::awaiting();
    for piece in pieces {
        scene.pay(paid(*piece));
    }
    scene.look();
    scene
}

/// Fee 1 %, half each: a price of 990 is due 994, one of 991 is 995 (fee 9, of it 4 the buyer's).
#[test]
fn what_was_paid_settles_the_largest_price_it_covers() {
    for (paid, price, release) in [
        (995, 991, vec![(SELLER, 986), (FEES, 9)]),
        (1_000, 996, vec![(SELLER, 991), (FEES, 9)]),
        (1_004, 1_000 - 1, vec![(SELLER, 994), (FEES, 9), (BUYER, 1)]),
    ] {
        let mut scene = awaiting_with(&[paid]);
        scene.tell(&take(SELLER, paid)).unwrap();
        scene.work();
        assert_eq!(scene.state().name(), "Funded");
        assert_eq!(scene.trade.price(), units(price), "{paid}");
        assert_eq!(scene.trade.terms.price, units(1_000), "the terms stay");
        assert_eq!(scene.pays(0), release, "{paid}");
        assert_eq!(scene.pays(1), [(BUYER, paid)]);
        // A split is of that price, and so is what may be ruled.
        assert_eq!(
            scene.tell(&Command::OfferSplit { by: BUYER, seller: units(price) }),
            Err(Refusal::PaysNothing),
            "all of it is no split"
        );
        let split = scene.offer(BUYER, price - 1);
        assert_eq!(scene.pays(split).iter().map(|(_, units)| units).sum::<u128>(), paid);
        scene.sign(Kind::Release, BUYER);
        scene.look();
        assert_eq!(scene.authorities(), [(0, Authority::BuyerReleased)]);
    }
}

#[test]
fn only_the_seller_only_what_was_shown_and_only_nearly_all_of_it() {
    let mut scene = awaiting_with(&[995]);
    assert_eq!(scene.tell(&take(BUYER, 995)), Err(Refusal::OnlySeller));
    assert_eq!(scene.tell(&take(STRANGER, 995)), Err(Refusal::NotYours));
    assert_eq!(scene.tell(&take(SELLER, 994)), Err(Refusal::OtherTerms));
    scene.pay(paid(3));
    scene.look();
    assert_eq!(scene.tell(&take(SELLER, 995)), Err(Refusal::OtherTerms), "more came since it was shown");
    scene.tell(&take(SELLER, 998)).unwrap();
    // 1 % of 1,005 is 10, rounded down: 995 is enough, 994 is not.
    let mut scene = awaiting_with(&[994]);
    assert_eq!(scene.tell(&take(SELLER, 994)), Err(Refusal::TooLittle));
    // What nobody counts is not taken, and what somebody has signed for may go another way.
    let mut scene = awaiting_with(&[995]);
    scene.outputs[0].lock = Lock::Signed(None);
    scene.look();
    assert_eq!(scene.tell(&take(SELLER, 995)), Err(Refusal::TooLittle));
    let mut scene = Scene::awaiting();
    scene.pay(Payment { senders: vec![STRANGER], ..paid(1_000) });
    scene.pay(Payment { asset: OTHER_ASSET, ..paid(1_000) });
    scene.look();
    assert_eq!(scene.tell(&take(SELLER, 1_000)), Err(Refusal::TooLittle));
    let mut scene = awaiting_with(&[995]);
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.tell(&take(SELLER, 995)), Err(Refusal::Frozen));
    // Behind, the row may not know what was paid.
    let mut scene = awaiting_with(&[995]);
    scene.tell(&Command::PutBack).unwrap();
    assert_eq!(scene.tell(&take(SELLER, 995)), Err(Refusal::TooLittle));
}

#[test]
fn what_comes_after_it_was_taken_goes_back() {
    let mut scene = awaiting_with(&[995]);
    scene.tell(&take(SELLER, 995)).unwrap();
    scene.pay(paid(10));
    scene.look();
    assert_eq!(scene.plan(Kind::Release).total(), units(995));
    assert_eq!(scene.pays(scene.no(Kind::Return)), [(BUYER, 10)]);
    assert_eq!(scene.trade.short_inputs(SHORT_OK), None);
    // All that was due, in more pieces than one transaction takes: what 255 of them hold is taken, the rest goes back.
    let mut scene = Scene::awaiting();
    for _ in 0..254 {
        scene.pay(paid(3));
    }
    scene.pay(paid(238));
    scene.pay(paid(2));
    scene.pay(paid(3));
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    scene.tell(&take(SELLER, 1_000)).unwrap();
    assert_eq!(scene.plan(Kind::Refund).inputs.len(), 255);
    assert_eq!(scene.pays(scene.no(Kind::Return)), [(BUYER, 5)]);
}

// ---- deposits without a name

fn claim(seen: &Seen) -> Command {
    Command::Claim { seen: Box::new(seen.clone()) }
}

fn agree(by: UserId, seen: &Seen) -> Command {
    Command::AgreeClaim { by, output: seen.output_id }
}

#[test]
fn a_nameless_deposit_is_a_trades_when_both_say_so() {
    for (senders, state) in [(vec![BUYER], "Funded"), (vec![STRANGER], "Funded"), (vec![SELLER], "Funded")] {
        let mut scene = Scene::awaiting();
        let seen = scene.nameless(Payment { senders, ..paid(DUE) });
        scene.tell(&claim(&seen)).unwrap();
        let asked = Notice::Claim { output: seen.output_id };
        for to in [BUYER, SELLER] {
            assert!(scene.duties.contains(&crate::trade::Duty::Tell { to, notice: asked }));
        }
        assert_eq!(scene.tell(&claim(&seen)), Err(Refusal::Already));
        scene.tell(&agree(SELLER, &seen)).unwrap();
        assert_eq!(scene.tell(&agree(SELLER, &seen)), Err(Refusal::Already), "one is not two");
        assert_eq!(scene.tell(&agree(STRANGER, &seen)), Err(Refusal::NotYours));
        assert!(scene.trade.deposits.is_empty());
        scene.tell(&agree(BUYER, &seen)).unwrap();
        assert_eq!((scene.trade.deposits.len(), &scene.trade.claim), (1, &None));
        scene.outputs.push(seen.clone());
        scene.look();
        assert_eq!(scene.state().name(), state);
        assert_eq!(scene.tell(&claim(&seen)), Err(Refusal::NotUnnamed), "it belongs to a trade now");
    }
}

#[test]
fn one_no_is_enough_and_it_may_be_asked_again() {
    let mut scene = Scene::awaiting();
    let seen = scene.nameless(paid(DUE));
    scene.tell(&claim(&seen)).unwrap();
    scene.tell(&agree(BUYER, &seen)).unwrap();
    scene.tell(&Command::RefuseClaim { by: SELLER, output: seen.output_id }).unwrap();
    assert_eq!(scene.tell(&agree(SELLER, &seen)), Err(Refusal::TooLate));
    assert_eq!((scene.trade.deposits.len(), &scene.trade.claim), (0, &None));
    scene.tell(&claim(&seen)).unwrap();
    assert!(scene.trade.claim.as_ref().is_some_and(|claim| claim.agreed.is_empty()), "both are asked anew");
    // Its name was learnt meanwhile.
    scene.outputs.push(seen.clone());
    scene.look();
    assert_eq!((scene.trade.deposits.len(), &scene.trade.claim), (1, &None));
}

#[test]
fn a_claim_of_another_asset_or_too_late_goes_back_to_the_buyer() {
    let both = |scene: &mut Scene, seen: &Seen| {
        scene.tell(&claim(seen)).unwrap();
        scene.tell(&agree(BUYER, seen)).unwrap();
        scene.tell(&agree(SELLER, seen)).unwrap();
    };
    let mut scene = Scene::awaiting();
    let seen = scene.nameless(Payment { asset: OTHER_ASSET, senders: vec![STRANGER], ..paid(9) });
    both(&mut scene, &seen);
    assert_eq!(scene.trade.deposits[0].oddity, Some(Oddity::WrongAsset));
    assert_eq!(scene.pays(scene.no(Kind::Return)), [(BUYER, 9)]);
    for (mut scene, kind) in [(Scene::funded(), "Funded"), (Scene::disputed(), "Disputed")] {
        let seen = scene.nameless(paid(9));
        both(&mut scene, &seen);
        assert_eq!((scene.state().name(), scene.pays(scene.no(Kind::Return))), (kind, vec![(BUYER, 9)]));
    }
}

#[test]
fn a_nameless_deposit_goes_back_only_to_a_member_who_sent_it() {
    let give = |seen: &Seen| Command::GiveBack { seen: Box::new(seen.clone()) };
    for (sender, signer) in [(BUYER, BUYER), (SELLER, SELLER), (SELLER, BUYER)] {
        for mut scene in [Scene::awaiting(), Scene::funded(), Scene::disputed()] {
            let state = scene.state();
            let seen = scene.nameless(Payment { senders: vec![sender], ..paid(DUE) });
            scene.tell(&give(&seen)).unwrap();
            scene.outputs.push(seen.clone());
            scene.work();
            assert_eq!(scene.trade.deposits.last().unwrap().oddity, Some(Oddity::Unnamed(sender)));
            let no = scene.no(Kind::Return);
            assert_eq!(scene.pays(no), [(sender, DUE)]);
            scene.sign_no(no, signer);
            scene.look();
            assert_eq!((scene.authorities(), scene.state()), (vec![(no, Authority::NotOwed)], state));
        }
    }
    let mut scene = Scene::awaiting();
    for senders in [vec![], vec![STRANGER], vec![BUYER, SELLER]] {
        let seen = scene.nameless(Payment { senders, ..paid(5) });
        assert_eq!(scene.tell(&give(&seen)), Err(Refusal::NotUnnamed));
    }
    let seen = scene.nameless(paid(5));
    for spoilt in [Seen { inscription: true, ..seen.clone() }, Seen { lock: Lock::Spent(None), ..seen.clone() }] {
        assert_eq!(scene.tell(&give(&spoilt)), Err(Refusal::NotUnnamed));
        assert_eq!(scene.tell(&claim(&spoilt)), Err(Refusal::NotUnnamed));
    }
    scene.tell(&claim(&seen)).unwrap();
    assert_eq!(scene.tell(&give(&seen)), Err(Refusal::Already), "the two are asked whose it is");
    scene.tell(&Command::Freeze { why: "odd".into() }).unwrap();
    assert_eq!(scene.tell(&agree(BUYER, &seen)), Err(Refusal::Frozen));
    assert!(matches!(scene.state(), State::AwaitingPayment { .. }));
    assert_eq!(Scene::named().tell(&claim(&seen)), Err(Refusal::TooEarly));
    assert_eq!(Scene::named().tell(&give(&seen)), Err(Refusal::TooEarly));
}

/// A copy from before the seller took it cannot know that: nothing goes back, and nobody is asked, before somebody looks.
#[test]
fn after_a_restore_nearly_all_is_for_the_operator_to_judge() {
    for gone in [false, true] {
        let mut scene = awaiting_with(&[1_000]);
        let links = scene.trade.links.len();
        scene.tell(&Command::PutBack).unwrap();
        if gone {
            scene.outputs[0].lock = Lock::Spent(Some(crate::id::Hash([7; 32])));
        }
        scene.now = crate::time::Millis(3 * HOUR);
        scene.look();
        assert!(scene.trade.frozen.is_some() && scene.state().name() == "AwaitingPayment", "{gone}");
        assert!(scene.trade.plans.is_empty() && scene.trade.links.len() == links);
        scene.tell(&Command::Unfreeze { why: "the seller says no".into() }).unwrap();
        scene.look();
        assert!(scene.trade.frozen.is_none(), "asked once");
    }
    let mut scene = awaiting_with(&[900]);
    scene.tell(&Command::PutBack).unwrap();
    scene.look();
    assert_eq!(scene.trade.frozen, None, "far less could not have been taken");
}
