//! Random lives of a trade: people, judges, time, payments, locks, lost requests, burnt keys, spends and looks in any order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use crate::id::{Hash, RequestId, UserId};
use crate::money::Amount;
use crate::scene::*;
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::Lock;
use crate::trade::ledger::Ledger;
use crate::trade::plan::End;
use crate::trade::{Event, Kind, Oddity, Problem, Ruling, State, Trade, deadline};

#[derive(Clone, Debug)]
enum Step {
    Accept(UserId),
    Decline(UserId),
    Confirm(UserId, UserId),
    TurnAway(UserId, UserId),
    Cancel(UserId),
    Deliver(UserId),
    /// How many units the seller would be owed.
    Offer(UserId, u128),
    TakeShort(UserId),
    Dispute(UserId),
    Withdraw(UserId),
    /// To release, to refund, or so many units to the seller.
    Rule(u128),
    /// The state's deadline is proved to have passed: at it, or when it has not.
    Elapsed(bool),
    /// The nth output names no trade, and the operator thinks it is this one's.
    Claim(usize),
    AgreeClaim(UserId),
    RefuseClaim(UserId),
    GiveBack(usize),
    Unopenable(u32),
    Undercounted(u32),
    /// A member's own request holds the nth plan's inputs.
    Foreign(u32, u8),
    /// Mixin says who has signed and does not show it.
    Unshown(u32, UserId),
    Pay {
        units: u128,
        other_asset: bool,
        senders: Vec<UserId>,
        inscription: bool,
        by_link: bool,
    },
    TraceUsed,
    Look,
    /// A look that began earlier is answered only now.
    LateLook,
    Work,
    /// Somebody signs the nth plan's request.
    Sign(u32, UserId),
    /// Somebody puts a signature at somebody's place in the nth plan's request.
    Forge(u32, u16),
    Lock(u32, u8),
    Revoke(u32),
    Vanish(u32),
    Occupy(u32),
    Garbage(u32),
    Taken(u32),
    /// The ledger takes the nth plan's payload, if it can.
    Spend(u32),
    /// Both parties spend the nth output by a transaction of their own.
    SpendElsewhere(usize),
    Cosigned(u32),
    FeeUnpayable(u32),
    CosignRefused(u32, bool),
    Freeze,
    Unfreeze,
    Wait(i64),
    Wake,
}

fn people() -> impl Strategy<Value = UserId> {
    prop_oneof![5 => Just(BUYER), 5 => Just(SELLER), 1 => Just(STRANGER), 1 => Just(BOT), 1 => Just(JUDGE)]
}

fn payments(most: u128) -> impl Strategy<Value = Step> {
    let senders =
        prop_oneof![8 => Just(vec![BUYER]), 1 => Just(vec![STRANGER]), 1 => Just(vec![SELLER]), 1 => Just(vec![])];
    let units = prop_oneof![3 => Just(DUE), 3 => 1..=DUE, 1 => 1..=most];
    let rarely = || prop::bool::weighted(0.1);
    (units, rarely(), senders, rarely(), any::<bool>()).prop_map(
        |(units, other_asset, senders, inscription, by_link)| Step::Pay {
            units,
            other_asset,
            senders,
            inscription,
            by_link,
        },
    )
}

fn steps(most: u128) -> impl Strategy<Value = Step> {
    let plan = || 0..6_u32;
    prop_oneof![
        3 => people().prop_map(Step::Accept),
        1 => people().prop_map(Step::Decline),
        2 => (people(), people()).prop_map(|(by, who)| Step::Confirm(by, who)),
        1 => (people(), people()).prop_map(|(by, who)| Step::TurnAway(by, who)),
        1 => people().prop_map(Step::Cancel),
        3 => people().prop_map(Step::Deliver),
        3 => (people(), 0..=DUE).prop_map(|(by, units)| Step::Offer(by, units)),
        2 => people().prop_map(Step::TakeShort),
        3 => people().prop_map(Step::Dispute),
        1 => people().prop_map(Step::Withdraw),
        2 => (0..1_500_u128).prop_map(Step::Rule),
        3 => any::<bool>().prop_map(Step::Elapsed),
        1 => (0..6_usize).prop_map(Step::Claim),
        3 => people().prop_map(Step::AgreeClaim),
        1 => people().prop_map(Step::RefuseClaim),
        1 => (0..6_usize).prop_map(Step::GiveBack),
        2 => plan().prop_map(Step::Unopenable),
        1 => plan().prop_map(Step::Undercounted),
        2 => (plan(), 0..6_u8).prop_map(|(no, by)| Step::Foreign(no, by)),
        1 => (plan(), people()).prop_map(|(no, who)| Step::Unshown(no, who)),
        10 => payments(most),
        1 => Just(Step::TraceUsed),
        16 => Just(Step::Look),
        1 => Just(Step::LateLook),
        12 => Just(Step::Work),
        12 => (plan(), people()).prop_map(|(no, who)| Step::Sign(no, who)),
        1 => (plan(), 0..5_u16).prop_map(|(no, place)| Step::Forge(no, place)),
        4 => (plan(), any::<u8>()).prop_map(|(no, which)| Step::Lock(no, which)),
        2 => plan().prop_map(Step::Revoke),
        1 => plan().prop_map(Step::Vanish),
        1 => plan().prop_map(Step::Occupy),
        1 => plan().prop_map(Step::Garbage),
        1 => plan().prop_map(Step::Taken),
        2 => plan().prop_map(Step::Spend),
        2 => (0..6_usize).prop_map(Step::SpendElsewhere),
        1 => plan().prop_map(Step::Cosigned),
        1 => plan().prop_map(Step::FeeUnpayable),
        1 => (plan(), prop::bool::weighted(0.05)).prop_map(|(no, broken)| Step::CosignRefused(no, broken)),
        1 => Just(Step::Freeze),
        2 => Just(Step::Unfreeze),
        2 => (0..2 * HOUR).prop_map(Step::Wait),
        1 => Just(Step::Wake),
    ]
}

/// Most scripts begin with an agreed trade, so that money is met often.
fn start(which: u8) -> Scene {
    match which {
        0 => Scene::named(),
        1 => Scene::invited(),
        2 => Scene::awaiting(),
        3 => Scene::delivered(),
        4 => Scene::disputed(),
        5 => Scene::ruled(Ruling::Split { seller: units(600), of: units(1_000) }),
        6 => {
            let mut scene = Scene::awaiting();
            scene.pay(paid(1_000));
            scene
        }
        _ => Scene::funded_with(&[600, 500]),
    }
}

fn has(scene: &Scene, no: u32) -> bool {
    scene.trade.plan(no).is_some_and(|plan| plan.payload.is_some()) && scene.requests.contains_key(&no)
}

fn play(scene: &mut Scene, step: &Step) {
    let old = scene.sight();
    let command = match step.clone() {
        Step::Accept(by) => Command::Accept { by, terms_hash: scene.trade.terms_hash },
        Step::Decline(by) => Command::Decline { by },
        Step::Confirm(by, joiner) => Command::Confirm { by, joiner },
        Step::TurnAway(by, joiner) => Command::TurnAway { by, joiner },
        Step::Cancel(by) => Command::Cancel { by },
        Step::Deliver(by) => Command::Deliver { by },
        Step::Offer(by, seller) => Command::OfferSplit { by, seller: units(seller) },
        Step::TakeShort(by) => {
            let inputs = scene.trade.short_inputs(scene.short_ok).unwrap_or_default();
            Command::TakeShort { by, paid: Amount::sum(inputs.iter().map(|i| i.amount)).unwrap_or_default() }
        }
        Step::Dispute(by) => Command::Dispute { by, why: Problem::Other },
        Step::Withdraw(by) => Command::Withdraw { by },
        Step::Rule(seller) => {
            let split = Ruling::Split { seller: units(seller), of: scene.trade.price() };
            Command::Rule { ruling: [Ruling::Release, Ruling::Refund].get(sixth(seller)).copied().unwrap_or(split) }
        }
        Step::Elapsed(over) => {
            let until = scene.deadline().unwrap_or_default();
            scene.now = if over { scene.now.max(until) } else { scene.now };
            Command::Elapsed { until }
        }
        Step::AgreeClaim(by) => Command::AgreeClaim { by, output: claimed(scene) },
        Step::RefuseClaim(by) => Command::RefuseClaim { by, output: claimed(scene) },
        Step::Unopenable(plan) => Command::Unopenable { plan },
        Step::Undercounted(plan) => {
            let request = scene.trade.plan(plan).and_then(|plan| plan.request);
            Command::Undercounted { plan, request: request.map_or(RequestId(Uuid::nil()), |request| request.id) }
        }
        Step::Wake => Command::Wake,
        Step::Freeze => Command::Freeze { why: "because".into() },
        Step::Unfreeze => Command::Unfreeze { why: "because".into() },
        Step::Cosigned(plan) => Command::Cosigned { plan },
        Step::FeeUnpayable(plan) => Command::FeeUnpayable { plan },
        Step::CosignRefused(plan, broken) => Command::CosignRefused { plan, why: "because".into(), broken },
        Step::Taken(plan) => {
            let request = scene.trade.plan(plan).and_then(|plan| plan.request);
            Command::Taken { plan, request: request.map_or(RequestId(Uuid::nil()), |request| request.id) }
        }
        Step::LateLook => {
            drop(scene.look());
            Command::Look(old)
        }
        Step::Look => Command::Look(scene.sight()),
        step => return world(scene, step),
    };
    let _ = scene.tell(&command);
    if matches!(step, Step::Look) {
        scene.trace_used = false;
    }
}

/// Two of six rulings give all to one.
fn sixth(of: u128) -> usize {
    usize::try_from(of % 6).unwrap_or(0)
}

fn claimed(scene: &Scene) -> Uuid {
    scene.trade.claim.as_ref().map_or(Uuid::nil(), |claim| claim.seen.output_id)
}

/// What happens outside the bot.
fn world(scene: &mut Scene, step: Step) {
    match step {
        Step::Pay { units, other_asset, senders, inscription, by_link } if scene.trade.parties.is_some() => {
            let asset = if other_asset { OTHER_ASSET } else { USDT };
            scene.pay(Payment { units, asset, senders, inscription, by_link });
        }
        Step::TraceUsed => scene.trace_used = true,
        Step::Work => scene.work(),
        Step::Sign(no, who) if has(scene, no) && scene.vault().index_of(who).is_some() => scene.sign_no(no, who),
        Step::Forge(no, place) if has(scene, no) => {
            let signatures = scene.signatures(no, BUYER);
            let payload = scene.trade.plan(no).unwrap().payload.clone().unwrap();
            scene.requests.get_mut(&no).unwrap().raw = with_signatures(&payload.raw, place, &signatures);
        }
        Step::Lock(no, which) if has(scene, no) => {
            let other = (which.is_multiple_of(2)).then_some(Hash([which; 32]));
            let holder = if which < 100 { Some(scene.hash(no)) } else { other };
            scene.lock(no, if which > 200 { Lock::Unspent } else { Lock::Signed(holder) });
        }
        Step::Revoke(no) if has(scene, no) => scene.requests.get_mut(&no).unwrap().revoked = true,
        Step::Vanish(no) => drop(scene.requests.remove(&no)),
        Step::Occupy(no) if has(scene, no) => scene.requests.get_mut(&no).unwrap().hash = Hash([3; 32]),
        Step::Garbage(no) if has(scene, no) => scene.requests.get_mut(&no).unwrap().raw.reverse(),
        Step::Spend(no) if has(scene, no) => {
            let inputs: Vec<Uuid> = scene.trade.plan(no).unwrap().inputs.iter().map(|i| i.output_id).collect();
            let free = |id: &Uuid| scene.outputs.iter().any(|o| o.output_id == *id && !o.lock.is_spent());
            if inputs.iter().all(free) {
                let by = Some(scene.hash(no));
                scene.lock(no, Lock::Spent(by));
            }
        }
        Step::SpendElsewhere(nth) => {
            if let Some(output) = scene.outputs.get_mut(nth).filter(|o| !o.lock.is_spent()) {
                output.lock = Lock::Spent(Some(Hash([4; 32])));
            }
        }
        Step::Claim(nth) | Step::GiveBack(nth) => {
            if let Some(seen) = scene.outputs.get(nth).cloned().map(Box::new) {
                let claim = matches!(step, Step::Claim(_));
                let _ = scene.tell(&if claim { Command::Claim { seen } } else { Command::GiveBack { seen } });
            }
        }
        Step::Foreign(no, by) if has(scene, no) => {
            let by = Lock::Signed(Some(Hash([0xf0 | by; 32])));
            scene.lock(no, by);
        }
        Step::Unshown(no, who) if has(scene, no) => scene.requests.get_mut(&no).unwrap().signers.push(who),
        Step::Wait(length) => scene.now = scene.now.plus(Millis(length)),
        _ => {}
    }
}

/// The events of a trade's whole life add up to its row, and row and events survive their JSON.
fn row_is_the_sum_of_its_history(scene: &Scene) {
    let mut again = scene.history[0].birth().unwrap();
    for event in &scene.history[1..] {
        event.apply(&mut again);
    }
    assert_eq!(again, scene.trade);
    let row = serde_json::to_string(&scene.trade).unwrap();
    let read: Trade = serde_json::from_str(&row).unwrap();
    assert_eq!(read, scene.trade);
    assert_eq!(serde_json::to_string(&read).unwrap(), row);
    for event in &scene.history {
        let line = serde_json::to_string(event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), *event);
    }
}

/// What the operator's check finds.
fn the_books_are_sound(scene: &Scene) {
    let mut ledger = Ledger::default();
    let history: Vec<_> = scene.history.iter().map(|event| (scene.trade.version, event.clone())).collect();
    ledger.trade(&scene.trade, &history);
    for deposit in &scene.trade.deposits {
        ledger.output(deposit.output_id, Some(scene.trade.id));
    }
    assert_eq!(ledger.close(), []);
}

/// Nobody is authorised twice over an input, and every plan pays out what it takes in.
fn money_is_safe(trade: &Trade) {
    let mut authorised: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut planned: BTreeMap<Uuid, Vec<(Kind, &[_])>> = BTreeMap::new();
    for plan in &trade.plans {
        let paid = Amount::sum(plan.payouts.iter().map(|p| p.amount)).unwrap();
        assert_eq!(paid, plan.total());
        assert!(plan.payouts.iter().all(|p| !p.amount.is_zero()));
        let to: BTreeSet<UserId> = plan.payouts.iter().map(|p| p.to).collect();
        assert_eq!(to.len(), plan.payouts.len(), "one output a receiver");
        assert!((1..=255).contains(&plan.inputs.len()));
        for input in &plan.inputs {
            let deposit = trade.deposits.iter().find(|d| d.output_id == input.output_id).unwrap();
            assert_ne!(deposit.oddity, Some(Oddity::Inscription));
            assert_eq!(deposit.asset, plan.asset);
            assert!(plan.kind == Kind::Return || deposit.oddity.is_none());
            if plan.end != Some(End::Void) && plan.end != Some(End::Lapsed) {
                planned.entry(input.output_id).or_default().push((plan.kind, &plan.inputs));
                if plan.authorised.is_some() {
                    assert_eq!(authorised.insert(input.output_id, plan.no), None, "two authorised over one input");
                }
            }
        }
    }
    for (_, mut plans) in planned {
        // A return stands alone; of each kind of settlement there is one at most, all over the same deposits.
        plans.sort_by_key(|(kind, _)| *kind);
        let kinds: Vec<Kind> = plans.iter().map(|(kind, _)| *kind).collect();
        let alone = kinds.len() == 1 || !kinds.contains(&Kind::Return);
        assert!(alone && kinds.windows(2).all(|pair| pair[0] < pair[1]), "a deposit in {kinds:?}");
        assert!(plans.windows(2).all(|pair| pair[0].1 == pair[1].1));
    }
}

/// Whatever is authorised was signed by somebody whom that authority accepts; what was made anew, where it came from.
fn authority_was_signed(trade: &Trade) {
    let Some(vault) = trade.vault() else { return };
    for plan in trade.plans.iter().filter(|plan| plan.authorised.is_some() && plan.lives()) {
        let mut first = plan;
        while let Some(earlier) = first.instead_of.and_then(|no| trade.plan(no)) {
            first = earlier;
        }
        let accepted = trade.consents(plan).into_iter().filter(|(_, authority)| Some(*authority) == plan.authorised);
        let signed = |who| vault.index_of(who).is_some_and(|place| first.signed.contains_key(&place));
        assert!(accepted.map(|(who, _)| who).any(signed), "plan {}", plan.no);
        assert!(!plan.givers.contains(&trade.terms.bot));
    }
    if let State::Settling { plan } = trade.state {
        assert!(trade.plan(plan).is_some_and(|plan| plan.authorised.is_some() && plan.lives()));
    }
}

/// What a step may never change.
fn nothing_is_taken_back(before: &Trade, after: &Trade) {
    assert_eq!((&before.terms, before.terms_hash), (&after.terms, after.terms_hash));
    assert!(before.parties.is_none() || before.parties == after.parties);
    assert!(after.links.starts_with(&before.links));
    assert!(after.links.is_empty() || after.parties.is_some(), "no link before both are known");
    for (old, new) in before.plans.iter().zip(&after.plans) {
        assert_eq!((&old.inputs, &old.payouts, &old.givers), (&new.inputs, &new.payouts, &new.givers));
        assert!(old.payload.is_none() || old.payload == new.payload, "a payload is built once");
        assert!(old.authorised.is_none() || old.authorised == new.authorised);
        // What is over can only be void for ever, or turn out to have been completed by the two.
        assert!(old.end.is_none() || old.end == new.end || new.end == Some(End::Spent), "{:?} {:?}", old.end, new.end);
        assert!(old.signed.iter().all(|(place, kept)| new.signed.get(place) == Some(kept)), "kept for ever");
        if before.frozen.is_some() {
            assert_eq!(old.authorised, new.authorised, "frozen");
        }
    }
    assert!(before.frozen.is_none() || before.parties == after.parties, "nothing new is agreed");
    assert!(before.ruling().is_none() || before.ruling() == after.ruling(), "a ruling is final");
    assert!(after.disputed_by.starts_with(&before.disputed_by));
    if before.state.is_end() {
        assert_eq!(before.state, after.state, "an end is an end");
    }
}

/// Whoever had time left when a trade was frozen has as much when it goes on, and nobody else lets it go on.
fn only_the_operator_lets_go(before: &Trade, scene: &Scene, step: &Step) {
    let after = &scene.trade;
    if before.frozen.is_none() || after.frozen.is_some() {
        return;
    }
    assert!(matches!(step, Step::Unfreeze), "{step:?}");
    let stood = scene.now.since(before.time(scene.now));
    let moved = match (before.state, after.state) {
        (State::Proposed { until }, State::Proposed { until: now })
        | (State::AwaitingPayment { until }, State::AwaitingPayment { until: now })
        | (State::Funded { until }, State::Funded { until: now })
        | (State::Delivered { until }, State::Delivered { until: now }) => now.since(until),
        (old, new) => {
            assert_eq!(old, new);
            stood
        }
    };
    assert_eq!(moved, stood);
}

proptest! {
    #![proptest_config(crate::cases(192))]

    #[test]
    fn any_life_of_a_trade_is_safe(which in 0..9_u8, script in vec(steps(1_000_000_000_000_000), 1..60)) {
        let mut scene = start(which);
        for step in &script {
            let before = scene.trade.clone();
            play(&mut scene, step);
            money_is_safe(&scene.trade);
            authority_was_signed(&scene.trade);
            nothing_is_taken_back(&before, &scene.trade);
            only_the_operator_lets_go(&before, &scene, step);
        }
        row_is_the_sum_of_its_history(&scene);
        the_books_are_sound(&scene);
    }

    #[test]
    fn the_same_look_twice_says_nothing_new(which in 0..9_u8, script in vec(steps(DUE), 1..40)) {
        let mut scene = start(which);
        for step in &script {
            play(&mut scene, step);
        }
        scene.trace_used = false;
        scene.look();
        scene.work();
        scene.look();
        let again = scene.look();
        // Only a lock that is in the way of a plan is noted again, to be revoked again.
        let stands = |event: &Event| matches!(event, Event::DepositMoved { .. } | Event::LockStands { .. });
        prop_assert!(again.iter().all(stands), "{again:?}");
    }

    #[test]
    fn no_amount_or_order_makes_it_panic(which in 0..9_u8, script in vec(steps(u128::MAX), 1..40), later: i64) {
        let mut scene = start(which);
        for step in &script {
            play(&mut scene, step);
            let _ = (deadline::next(&scene.trade), deadline::look_every(&scene.trade, Millis(later)));
            let _ = (scene.trade.missing(), scene.trade.due(), scene.trade.live_plans().count());
        }
        row_is_the_sum_of_its_history(&scene);
    }
}
