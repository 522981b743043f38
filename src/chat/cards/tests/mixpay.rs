//! The road through MixPay: nobody delivers, or pays twice, on its word.

use super::*;

const OPEN: &str = "https://mixpay.me/code/order-0";
const MIXIN: &str = "https://mixin.one/pay/";

fn paying(progress: Progress) -> Trade {
    ordered(accepted("camera lens"), order(0, "101", progress))
}

fn told(trade: &Trade, viewer: UserId) -> String {
    shown(trade, viewer, |view| notice(view, Notice::Progress { order: 0 }))
}

fn part_arrived(order: Order) -> Trade {
    let arrived = Event::Deposited { deposit: deposit(21, "50", None) };
    ordered(with(accepted("camera lens"), &[arrived, link("51")]), order)
}

#[test]
fn the_seller_is_never_told_to_deliver() {
    for progress in PROGRESSES {
        let trade = paying(progress);
        for page in [told(&trade, BOB), shown(&trade, BOB, why)] {
            let page = page.to_lowercase();
            assert!(page.contains("do not deliver") && page.contains("locked"), "{page}");
            assert!(page.lines().nth(1).unwrap().starts_with("trade k7q2md · awaitingpayment · 101 usdt"), "{page}");
            assert!(!page.contains("mixpay.me") && !page.contains("mixin.one/pay"), "{page}");
        }
        for page in [shown(&trade, BOB, status), shown(&trade, BOB, |view| notice(view, Notice::Accepted))] {
            assert!(page.to_lowercase().contains("deliver nothing") || page.contains("do not deliver"), "{page}");
        }
    }
}

#[test]
fn each_progress_says_another_thing() {
    for viewer in [ALICE, BOB] {
        let said: BTreeSet<String> = PROGRESSES.map(|progress| told(&paying(progress), viewer)).into();
        assert_eq!(said.len(), PROGRESSES.len());
    }
}

#[test]
fn nobody_is_asked_to_pay_twice() {
    for progress in PROGRESSES {
        let trade = paying(progress);
        let on_its_way = trade.orders[0].under_way();
        for page in [told(&trade, ALICE), shown(&trade, ALICE, status), shown(&trade, ALICE, why)] {
            assert_eq!(page.contains(MIXIN), !on_its_way, "{page}");
            let open = matches!(progress, Progress::Unpaid | Progress::Short);
            assert_eq!(page.contains(OPEN), open, "{page}");
            assert!(page.contains("input:cancel K7Q2MD") && page.contains("input:paid K7Q2MD"), "{page}");
        }
    }
}

#[test]
fn what_came_too_small_by_mixpay_is_asked_for() {
    // MixPay settled a little less: the order is done and its money is there.
    for progress in [Progress::MovingIn, Progress::Moved] {
        let page = shown(&part_arrived(order(0, "101", progress)), ALICE, |view| notice(view, Notice::Short));
        assert!(page.contains("Next: pay 51 USDT") && page.contains(MIXIN) && !page.contains("MixPay"), "{page}");
    }
    // An order for all is not offered when only a part is missing; one for the part is.
    let offered = |amount| shown(&part_arrived(order(0, amount, Progress::Unpaid)), ALICE, status).contains(OPEN);
    assert!(!offered("101") && offered("51"));
}

#[test]
fn only_an_open_order_is_offered() {
    let mut late = order(0, "101", Progress::Unpaid);
    late.expires = now();
    let unopened = Order { opened: None, ..order(0, "101", Progress::Unpaid) };
    let over = Order { over: true, ..order(0, "101", Progress::Unpaid) };
    for order in [late, unopened, over] {
        let trade = ordered(accepted("camera lens"), order);
        for what in [Notice::Accepted, Notice::MixPay { order: 0 }] {
            let page = shown(&trade, ALICE, |view| notice(view, what));
            assert!(page.contains(MIXIN) && !page.contains("MixPay"), "{page}");
        }
    }
    let replaced = ordered(paying(Progress::Failed(Failure::Late)), order(1, "101", Progress::Unpaid));
    let page = told(&replaced, ALICE);
    assert!(page.contains("came to nothing") && page.contains("code/order-1") && !page.contains(OPEN), "{page}");
    assert!(page.contains(MIXIN), "{page}");
    let page = shown(&replaced, ALICE, |view| notice(view, Notice::MixPay { order: 0 }));
    assert!(page.contains("code/order-1"), "{page}");
}

#[test]
fn downtime_does_not_move_the_end_of_an_order() {
    let mut reader = Reader::new(nice);
    // An hour lost before now: it is 12:55 by Mixin's clock.
    let hour = Millis::from_hours(1);
    reader.clock.spans = vec![(now().plus(Millis::from_hours(-2)), now().plus(Millis::from_hours(-1)))];
    let mut order = order(0, "101", Progress::Unpaid);
    for (expires, open) in [(now().plus(hour), false), (now().plus(hour).plus(Millis(1)), true)] {
        order.expires = expires;
        let trade = ordered(accepted("camera lens"), order.clone());
        assert_eq!(render(&status(&reader.view(&trade, ALICE))).contains(OPEN), open);
    }
}

#[test]
fn after_funding_only_a_lost_payment_is_told_of() {
    for progress in PROGRESSES {
        for trade in [funded("x"), settled("x", true), with(accepted("x"), &[Event::Expired])] {
            let trade = ordered(trade, order(0, "101", progress));
            for viewer in [ALICE, BOB] {
                let failed = matches!(progress, Progress::Failed(_)) && viewer == ALICE;
                assert_eq!(told(&trade, viewer).contains("MixPay returns"), failed);
                assert!(!told(&trade, viewer).contains("mixpay.me"));
            }
        }
    }
}

#[test]
fn the_ways_to_pay_are_said_before_accepting() {
    let open = House { mixpay: true, ..house() };
    let page =
        |house: &House| render(&draft(&draft_of("lens", None), TOKEN, house, &nice, Lang::En, &Known::default()));
    assert!(page(&open).contains("any coin through MixPay") && !page(&house()).contains("MixPay"));
    let mut reader = Reader::new(nice);
    reader.house = open;
    let trade = proposed(Counterparty::Named(BOB), "lens");
    let page = render(&notice(&reader.view(&trade, BOB), Notice::Proposal));
    assert!(page.contains("any coin through MixPay"), "{page}");
    let failed = paying(Progress::Failed(Failure::Volatile));
    let page = render(&notice(&reader.view(&failed, ALICE), Notice::Progress { order: 0 }));
    assert!(page.contains("its button follows"), "{page}");
}

#[test]
fn looking_asks_mixpay_while_it_can_know_something() {
    assert!(shown(&paying(Progress::Seen), ALICE, looking).contains("ask MixPay too"));
    let mut over = paying(Progress::Moved);
    over.orders[0].over = true;
    for trade in [over, accepted("lens"), ordered(funded("lens"), order(0, "101", Progress::Moved))] {
        assert!(!shown(&trade, ALICE, looking).contains("MixPay"));
    }
}

#[test]
fn a_frozen_trade_takes_no_new_payment_by_mixpay() {
    let trade = with(paying(Progress::Unpaid), &[Event::Frozen { why: "why".into(), at: Some(Millis(0)) }]);
    assert!(!shown(&trade, ALICE, status).contains("mixpay.me"));
}

#[test]
fn both_roads() {
    insta::assert_snapshot!(shown(&paying(Progress::Unpaid), ALICE, |view| notice(view, Notice::Accepted)), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Next: pay 101 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    You can also pay 101 USDT with any coin, from any wallet, through MixPay. Its page shows the price and its own fee. The money counts only when it is locked in the vault.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 101 USDT] https://mixin.one/pay/MIX?amount=101
    [Pay with any coin (MixPay)] https://mixpay.me/code/order-0
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    ---
    (picture of https://mixin.one/pay/MIX?amount=101)
    "#);
}

#[test]
fn the_second_road() {
    insta::assert_snapshot!(shown(&paying(Progress::Unpaid), ALICE, |view| notice(view, Notice::MixPay { order: 0 })), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    You can also pay 101 USDT with any coin, from any wallet, through MixPay. Its page shows the price and its own fee. The money counts only when it is locked in the vault.
    Time: 1 h 40 min left (until Nov 23, 13:35 UTC).
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 101 USDT] https://mixin.one/pay/MIX?amount=101
    [Pay with any coin (MixPay)] https://mixpay.me/code/order-0
    [I have paid] input:paid K7Q2MD
    [What now?] input:why K7Q2MD
    ---
    (picture of https://mixpay.me/code/order-0)
    "#);
}

#[test]
fn seen_for_the_seller() {
    insta::assert_snapshot!(told(&paying(Progress::Seen), BOB), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    MixPay has seen a payment and waits until it is confirmed. It is not locked yet: do not deliver.
    Next: wait until I say that it is locked.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I look once more; then the trade ends and whatever was paid goes back.
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn moving_in_for_the_buyer() {
    insta::assert_snapshot!(told(&paying(Progress::MovingIn), ALICE), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    It is paid at MixPay. The money is on its way into the vault. It is not locked yet.
    Next: wait, and do not pay a second time.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I look once more; then the trade ends and whatever was paid goes back.
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn a_part_for_the_buyer() {
    insta::assert_snapshot!(told(&paying(Progress::Short), ALICE), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    MixPay has received only a part of the payment. It is not locked yet.
    Next: pay the rest on MixPay's page, not anywhere else. Do it now: MixPay waits only a few minutes for it.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I look once more; then the trade ends and whatever was paid goes back.
    [Pay the rest (MixPay)] https://mixpay.me/code/order-0
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn too_late_for_the_buyer() {
    insta::assert_snapshot!(told(&paying(Progress::Failed(Failure::Late)), ALICE), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Paying through MixPay came to nothing: its time was over. Nothing of it is locked.
    If anything was paid there, MixPay returns it to whoever paid, not I: to a Mixin wallet by itself, to any other wallet through MixPay's support.
    Next: pay 101 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 101 USDT] https://mixin.one/pay/MIX?amount=101
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn too_late_for_the_seller() {
    insta::assert_snapshot!(told(&paying(Progress::Failed(Failure::Late)), BOB), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Paying through MixPay came to nothing: its time was over. Nothing of it is locked: do not deliver. If anything was paid there, MixPay returns it to whoever paid.
    Next: wait. Alice (46801) is to pay 101 USDT into the vault (asset: USDT · TRON). Deliver nothing before I say that it is locked.
    2 h 10 min left (until Nov 23, 14:05 UTC).
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
}

#[test]
fn why_while_mixpay_checks() {
    insta::assert_snapshot!(shown(&paying(Progress::Checking), BOB, why), @r#"
    # What now?
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Waiting for MixPay to bring the payment into the vault.
    MixPay holds the payment for a check of its own. I cannot hurry it. Nothing is lost. It is not locked yet: do not deliver.
    Next: wait until I say that it is locked.
    Time: 2 h 10 min left (until Nov 23, 14:05 UTC).
    When the time is over, I look once more; then the trade ends and whatever was paid goes back.
    [Cancel] input:cancel K7Q2MD
    [Status] input:status K7Q2MD
    [Make a trade room] input:room K7Q2MD
    "#);
}

#[test]
fn whoever_cancels_while_money_is_on_its_way_is_told_so() {
    for progress in PROGRESSES {
        let trade = paying(progress);
        for viewer in [ALICE, BOB] {
            let page = shown(&trade, viewer, |view| need_token(view, Binding::Cancel));
            let told = page.contains("About 101 USDT is on its way through MixPay");
            assert_eq!(told, trade.orders[0].under_way(), "{page}");
        }
    }
}

#[test]
fn nobody_is_asked_to_pay_before_the_vault_was_read_again() {
    for progress in PROGRESSES {
        let trade = with(paying(progress), &[Event::PutBack]);
        let pages: [fn(&View<'_>) -> Vec<Post>; 6] = [
            status,
            why,
            |view| notice(view, Notice::Accepted),
            |view| notice(view, Notice::Short),
            |view| notice(view, Notice::MixPay { order: 0 }),
            |view| notice(view, Notice::Progress { order: 0 }),
        ];
        for page in pages {
            let said = shown(&trade, ALICE, page);
            assert!(said.contains("I am reading the vault again; pay nothing until I say."), "{said}");
            assert!(!said.contains(MIXIN) && !said.contains(OPEN) && !said.contains("Next: pay"), "{said}");
        }
        let read = with(trade, &[Event::CaughtUp]);
        let said = shown(&read, ALICE, |view| notice(view, Notice::CaughtUp));
        assert_eq!(said.contains(MIXIN), !read.orders[0].under_way(), "{said}");
    }
}
