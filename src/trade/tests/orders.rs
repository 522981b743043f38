//! MixPay: a second way to pay that never gates money, and whose word never makes any.

use uuid::Uuid;

use super::scene::*;
use crate::id::RequestId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::command::Command;
use crate::trade::deposit::{Lock, Seen};
use crate::trade::order::{Failure, Opened, Order, Progress};
use crate::trade::{Duty, Event, Notice, Role};

/// Server minus service time: an hour without a connection.
const SHIFT: Millis = Millis(HOUR);
const CODE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

fn offered() -> Scene {
    let mut scene = Scene::named();
    scene.mixpay = Some(SHIFT);
    scene.accept(SELLER).unwrap();
    scene
}

fn order(scene: &Scene) -> Order {
    scene.trade.orders.last().unwrap().clone()
}

fn open(scene: &mut Scene) {
    let opened = Opened { payee: Uuid::from_u128(7), code: CODE.into() };
    let order = order(scene).round;
    scene.tell(&Command::OrderOpened { order, opened }).unwrap();
}

fn says(scene: &mut Scene, progress: Progress) -> Vec<Event> {
    let (order, expires, asked) = (order(scene).round, order(scene).expires, scene.now);
    let late = asked.plus(SHIFT).since(expires).0 >= 5_000;
    scene.tell(&Command::OrderMoved { order, progress, asked, late }).unwrap()
}

/// MixPay's payment into the vault, as it is then changed.
fn settles(scene: &mut Scene, units: u128, change: impl FnOnce(&mut Seen, &Order)) {
    let order = order(scene);
    let nth = scene.pay(Payment { senders: vec![STRANGER], by_link: false, ..paid(units) });
    let seen = &mut scene.outputs[nth];
    seen.extra = order.memo.clone().into_bytes();
    change(seen, &order);
}

#[test]
fn an_order_is_written_down_before_it_is_asked_for() {
    let scene = offered();
    let made = order(&scene);
    assert_eq!((made.round, made.amount, made.opened.clone()), (0, units(DUE), None));
    assert!((6..=36).contains(&made.id.len()) && made.id.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", made.id);
    assert_ne!(made.memo, scene.trade.link().unwrap().memo, "MixPay alone knows it");
    // Its time is MixPay's: the server's, and it ends when the payment window does.
    assert_eq!(made.expires, Millis(2 * HOUR).plus(SHIFT));
    assert!(scene.duties.contains(&Duty::Order { order: 0 }));
    assert!(Scene::awaiting().trade.orders.is_empty(), "without MixPay there is none");
}

#[test]
fn the_button_follows_when_mixpay_is_ready() {
    let mut scene = offered();
    let link = scene.trade.link().cloned();
    open(&mut scene);
    assert_eq!(scene.trade.link().cloned(), link, "Mixin's link was there at once and stays");
    let told = |d: &Duty| matches!(d, Duty::Tell { to, notice: Notice::MixPay { order: 0 } } if *to == BUYER);
    assert!(scene.duties.iter().any(told));
    assert!(order(&scene).payable(Millis(0).plus(SHIFT)));
    assert!(!order(&scene).payable(order(&scene).expires));
}

/// The Shows of it: never funded by what MixPay says, only by what is locked.
#[test]
fn what_mixpay_says_never_funds() {
    for progress in [Progress::Seen, Progress::MovingIn, Progress::Moved, Progress::Checking] {
        let mut scene = offered();
        open(&mut scene);
        says(&mut scene, progress);
        scene.look();
        assert_eq!(scene.state().name(), "AwaitingPayment", "{progress:?}");
    }
}

#[test]
fn funded_under_each_memo_and_by_its_code() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    type Change = fn(&mut Seen, &Order);
    let ways: [(&str, Change); 9] = [
        ("our memo", |_, _| {}),
        ("our memo in base64", |seen, o| seen.extra = STANDARD.encode(&o.memo).into_bytes()),
        ("our memo in url-safe base64", |seen, o| seen.extra = URL_SAFE_NO_PAD.encode(&o.memo).into_bytes()),
        ("our memo in hex", |seen, o| seen.extra = hex::encode(&o.memo).into_bytes()),
        ("PM|code", |seen, _| seen.extra = format!("PM|{CODE}").into_bytes()),
        ("PM|code in base64", |seen, _| seen.extra = STANDARD.encode(format!("PM|{CODE}")).into_bytes()),
        ("PM|code|text in base64", |seen, _| seen.extra = STANDARD.encode(format!("PM|{CODE}|x")).into_bytes()),
        ("no memo, but the code as request id", |seen, _| {
            seen.extra = Vec::new();
            seen.request_id = Some(RequestId(CODE.parse().unwrap()));
        }),
        ("from several senders", |seen, _| seen.senders = vec![STRANGER, FEES]),
    ];
    for (way, change) in ways {
        let mut scene = offered();
        open(&mut scene);
        settles(&mut scene, DUE, change);
        scene.look();
        assert_eq!(scene.state().name(), "Funded", "{way}");
        assert!(order(&scene).over, "{way}: nothing more is asked");
    }
}

#[test]
fn what_mixpay_brings_wrong_never_funds() {
    type Change = fn(&mut Seen, &Order);
    let ways: [(&str, u128, Change); 5] = [
        ("another asset", DUE, |seen, _| seen.asset = OTHER_ASSET),
        ("less", DUE - 3, |_, _| {}),
        ("an inscription", DUE, |seen, _| seen.inscription = true),
        ("signed already", DUE, |seen, _| seen.lock = Lock::Signed(Some(crate::id::Hash([9; 32])))),
        ("signed already, by nobody knows what", DUE, |seen, _| seen.lock = Lock::Signed(None)),
    ];
    for (way, units, change) in ways {
        let mut scene = offered();
        open(&mut scene);
        says(&mut scene, Progress::Moved);
        settles(&mut scene, units, change);
        scene.look();
        assert_eq!(scene.state().name(), "AwaitingPayment", "{way}");
    }
}

#[test]
fn a_signature_on_a_payment_is_revoked_and_then_it_counts() {
    let mut scene = offered();
    let by = crate::id::Hash([9; 32]);
    settles(&mut scene, DUE, |seen, _| seen.lock = Lock::Signed(Some(by)));
    scene.look();
    assert!(scene.duties.contains(&Duty::Unlock { hash: by }));
    assert_eq!(scene.trade.links.len(), 1, "nobody is asked to pay it again");
    scene.now = scene.now.plus(Millis(5_000));
    scene.look();
    assert!(scene.duties.contains(&Duty::Unlock { hash: by }), "as often as it appears");
    scene.outputs[0].lock = Lock::Unspent;
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
}

/// Whoever pays by a memo that only MixPay was told is MixPay; anybody else is a third person.
#[test]
fn only_mixpay_pays_for_the_buyer() {
    let mut scene = offered();
    open(&mut scene);
    let link = scene.trade.link().unwrap().clone();
    settles(&mut scene, DUE, |seen, _| seen.extra = link.memo.into_bytes());
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    assert_eq!(scene.living()[0].payouts[0].to, STRANGER, "it goes back to who paid");
    // MixPay's own money never goes back to MixPay: late, it goes to the buyer.
    let mut scene = offered();
    open(&mut scene);
    scene.tell(&Command::Cancel { by: BUYER }).unwrap();
    settles(&mut scene, DUE, |_, _| {});
    scene.look();
    assert_eq!(scene.living()[0].payouts[0].to, BUYER);
}

#[test]
fn a_little_less_than_due_asks_for_the_rest_on_both_roads() {
    let mut scene = offered();
    open(&mut scene);
    says(&mut scene, Progress::Moved);
    settles(&mut scene, DUE - 3, |_, _| {});
    scene.look();
    assert_eq!(scene.trade.link().unwrap().amount, units(3));
    let rest = order(&scene);
    assert_eq!((rest.round, rest.amount), (1, units(3)));
    let first = scene.trade.orders[0].clone();
    assert!(first.over && first.id != rest.id && first.memo != rest.memo);
    scene.look();
    assert_eq!(scene.trade.links.len(), 2, "one link for what is missing");
}

#[test]
fn progress_is_told_once_and_failure_makes_room_for_a_new_order() {
    let mut scene = offered();
    open(&mut scene);
    assert_eq!(says(&mut scene, Progress::Unpaid), []);
    assert_eq!(says(&mut scene, Progress::Seen).len(), 1);
    let told = |scene: &Scene, role: Role| {
        let person = scene.trade.person(role).unwrap();
        let tells = |d: &&Duty| matches!(d, Duty::Tell { to, notice: Notice::Progress { .. } } if *to == person);
        scene.duties.iter().filter(tells).count()
    };
    assert_eq!((told(&scene, Role::Buyer), told(&scene, Role::Seller)), (1, 1));
    assert_eq!(says(&mut scene, Progress::Seen), [], "nobody is told twice");
    let events = says(&mut scene, Progress::Failed(Failure::WrongAmount));
    assert!(matches!(events.as_slice(), [Event::OrderMoved { .. }, Event::OrderOver { .. }, Event::OrderMade { .. }]));
    assert_eq!(order(&scene).round, 1);
    assert_eq!(says(&mut scene, Progress::Unpaid), []);
    for _ in 0..40 {
        says(&mut scene, Progress::Failed(Failure::Late));
    }
    assert!(scene.trade.orders.len() <= 12, "not for ever");
}

#[test]
fn an_answer_overtaken_by_a_newer_one_says_nothing() {
    let mut scene = offered();
    open(&mut scene);
    let before = scene.now;
    scene.now = scene.now.plus(Millis::from_secs(5));
    assert_eq!(says(&mut scene, Progress::MovingIn).len(), 1);
    for progress in [Progress::Unpaid, Progress::Seen, Progress::Failed(Failure::Late)] {
        let stale = Command::OrderMoved { order: 0, progress, asked: before, late: false };
        assert!(scene.tell(&stale).unwrap().is_empty(), "{progress:?}");
    }
    assert!(says(&mut scene, Progress::MovingIn).is_empty());
}

#[test]
fn mixpay_is_asked_before_an_unpaid_trade_expires() {
    let mut scene = offered();
    open(&mut scene);
    scene.now = Millis(2 * HOUR);
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment", "somebody may have paid at MixPay in time");
    scene.now = scene.now.plus(Millis(10_000));
    says(&mut scene, Progress::Unpaid);
    assert!(order(&scene).over);
    scene.look();
    assert_eq!(scene.state().name(), "Expired");
    // What was paid in time is waited for, though not for ever.
    let mut scene = offered();
    open(&mut scene);
    scene.now = Millis(2 * HOUR + MINUTE);
    says(&mut scene, Progress::MovingIn);
    scene.now = Millis(20 * HOUR);
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    settles(&mut scene, DUE, |_, _| {});
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    let mut scene = offered();
    open(&mut scene);
    says(&mut scene, Progress::Checking);
    scene.now = Millis(26 * HOUR + 1);
    scene.look();
    assert_eq!(scene.state().name(), "Expired");
}

/// Rule 10: an outage of MixPay's stretches the payment window, and nothing else.
#[test]
fn an_outage_of_mixpays_stretches_the_payment_window_only() {
    let mut scene = offered();
    scene.now = Millis(HOUR);
    scene.tell(&Command::MixPay { answers: false }).unwrap();
    assert_eq!(scene.tell(&Command::MixPay { answers: false }).unwrap(), [], "said once");
    scene.now = Millis(3 * HOUR);
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment");
    let events = scene.tell(&Command::MixPay { answers: true }).unwrap();
    assert_eq!(events[0], Event::MixPayHeard { until: Millis(4 * HOUR) }, "two hours were lost");
    assert_eq!(order(&scene).expires, Millis(4 * HOUR).plus(SHIFT), "an order nobody could make is made anew");
    scene.now = Millis(4 * HOUR);
    scene.look();
    assert_eq!(scene.state().name(), "Expired", "an order that was never made keeps nobody waiting");
    // Money never waits for it.
    let mut scene = offered();
    scene.tell(&Command::MixPay { answers: false }).unwrap();
    scene.pay(paid(DUE));
    scene.look();
    assert_eq!(scene.state().name(), "Funded");
    assert_eq!(scene.tell(&Command::MixPay { answers: true }).unwrap(), []);
    // And not for ever: whoever sells can cancel, and a day later it is over anyway.
    let mut scene = offered();
    scene.tell(&Command::MixPay { answers: false }).unwrap();
    scene.now = Millis(26 * HOUR + 1);
    scene.look();
    assert_eq!(scene.state().name(), "Expired");
}

#[test]
fn an_order_refused_by_mixpay_leaves_mixins_link() {
    let mut scene = offered();
    scene.tell(&Command::OrderRefused { order: 0, why: "10005".into() }).unwrap();
    assert!(order(&scene).over);
    assert_eq!(scene.tell(&Command::OrderRefused { order: 0, why: "10005".into() }).unwrap(), []);
    assert_eq!(scene.trade.link().unwrap().amount, Amount::from_units(DUE));
    scene.now = Millis(2 * HOUR);
    scene.look();
    assert_eq!(scene.state().name(), "Expired");
}

/// Whoever knows the code can send dust that bears it. It ends no order, and so no trade that money is on its way to.
#[test]
fn dust_by_its_code_ends_no_order() {
    let mut scene = offered();
    open(&mut scene);
    says(&mut scene, Progress::Seen);
    settles(&mut scene, 1, |seen, _| seen.extra = format!("PM|{CODE}").into_bytes());
    scene.look();
    assert!(!scene.trade.orders[0].over);
    scene.now = Millis(2 * HOUR + MINUTE);
    scene.look();
    assert_eq!(scene.state().name(), "AwaitingPayment", "the money of the first order is still on its way");
}

/// An id that MixPay knows with other content is not used again: the next round's is.
#[test]
fn a_taken_id_makes_room_for_the_next_a_few_times() {
    let mut scene = offered();
    let ids =
        |scene: &Scene| scene.trade.orders.iter().map(|o| o.id.clone()).collect::<std::collections::BTreeSet<_>>();
    for round in 0..6 {
        let _ = scene.tell(&Command::OrderTaken { order: round }).unwrap();
    }
    assert_eq!((scene.trade.orders.len(), ids(&scene).len()), (3, 3));
    assert!(scene.trade.orders.iter().all(|o| o.over));
    assert_eq!(scene.trade.link().unwrap().amount, units(DUE), "Mixin's link stands alone");
}

/// All outages together stretch the window by a day at most.
#[test]
fn one_outage_after_the_other_keeps_no_trade_open_for_ever() {
    let mut scene = offered();
    open(&mut scene);
    for _ in 0..400 {
        scene.tell(&Command::MixPay { answers: false }).unwrap();
        scene.now = scene.now.plus(Millis(15 * MINUTE));
        scene.tell(&Command::MixPay { answers: true }).unwrap();
        says(&mut scene, Progress::Unpaid);
        scene.look();
    }
    assert_eq!(scene.state().name(), "Expired");
}
