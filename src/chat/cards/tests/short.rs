//! Less than due, taken as the whole, word by word.

use super::*;

/// 100.5 of 101 arrived.
fn nearly() -> Trade {
    with(accepted("camera lens"), &[Event::Deposited { deposit: deposit(22, "100.5", None) }, link("0.5")])
}

/// The price that 100.5 covers, with a fee of 1% on top.
const PRICE: &str = "99.5049505";

fn taken() -> Trade {
    let paid = nearly().deposits[0].clone();
    let release = plan(0, Kind::Release, &paid, &[(BOB, PRICE), (FEE, "0.9950495")], ALICE);
    let refund = plan(1, Kind::Refund, &paid, &[(ALICE, "100.5")], BOB);
    let events = [
        Event::TakenAsFull { by: BOB, price: coins(PRICE) },
        Event::Funded { until: until() },
        Event::PlanMade { plan: release },
        Event::PlanMade { plan: refund },
    ];
    with(nearly(), &events)
}

#[test]
fn it_may_be_taken() {
    insta::assert_snapshot!(shown(&nearly(), BOB, |view| notice(view, Notice::Short)), @"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Arrived so far: 100.5 USDT of 101 USDT. Still missing: 0.5 USDT.
    That is nearly all, so you may take 100.5 USDT as the whole: then 99.5049505 USDT is settled as the price, you get 99.5049505 USDT on release, and you deliver as agreed. Or wait for the rest.
    Next: wait. Alice (46801) is to pay 0.5 USDT into the vault (asset: USDT · TRON). Deliver nothing before I say that it is locked.
    2 h 10 min left (until Nov 23, 14:05 UTC).
    [Take it as the whole] input:take K7Q2MD T0KEN00000000000
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    insta::assert_snapshot!(shown(&nearly(), ALICE, status), @r#"
    # Payment
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    Item: “camera lens”
    Buyer: you · Seller: Bob (46802)
    Price: 100 USDT · TRON
    Arrived so far: 100.5 USDT of 101 USDT. Still missing: 0.5 USDT.
    That is nearly all: Bob (46802) may also take 100.5 USDT as the whole.
    Next: pay 0.5 USDT with the button below (asset: USDT · TRON). 2 h 10 min left (until Nov 23, 14:05 UTC).
    It goes into the vault of three. I notice it by myself; "I have paid" makes me look at once.
    I only write from Mixin ID 7000101276. Pay by my button, never to anybody else. I never ask for your PIN, your keys or a direct transfer.
    [Pay 0.5 USDT] https://mixin.one/pay/MIX?amount=0.5
    [I have paid] input:paid K7Q2MD
    [Cancel] input:cancel K7Q2MD
    [What now?] input:why K7Q2MD
    [Make a trade room] input:room K7Q2MD
    "#);
    let sure = Binding::TakeShort { paid: coins("100.5") };
    insta::assert_snapshot!(shown(&nearly(), BOB, |view| need_token(view, sure)), @r#"
    # Are you sure?
    Trade K7Q2MD · AwaitingPayment · 101 USDT
    That is nearly all, so you may take 100.5 USDT as the whole: then 99.5049505 USDT is settled as the price, you get 99.5049505 USDT on release, and you deliver as agreed. Or wait for the rest.
    Please tap "Take it as the whole" if you are sure:
    [Take it as the whole] input:take K7Q2MD T0KEN00000000000
    [Status] input:status K7Q2MD
    "#);
}

#[test]
fn too_little_is_not_offered() {
    let far = with(accepted("camera lens"), &[Event::Deposited { deposit: deposit(22, "99.98999999", None) }]);
    for trade in [far, accepted("camera lens"), taken()] {
        let said = shown(&trade, BOB, status);
        assert!(!said.contains("[Take it as the whole]"), "{said}");
    }
}

#[test]
fn it_was_taken() {
    insta::assert_snapshot!(shown(&taken(), BOB, |view| notice(view, Notice::Funded)), @r#"
    # The money is locked
    Trade K7Q2MD · Funded · 100.5 USDT
    Alice (46801) has paid: 100.5 USDT is locked in the vault. You get 99.5049505 USDT on release.
    Next: deliver, then tap "I have delivered". 2 h 10 min left (until Nov 23, 14:05 UTC).
    You took 100.5 USDT as the whole: 99.5049505 USDT is settled as the price, instead of 100 USDT. Nothing more is to be paid.
    [I have delivered] input:delivered K7Q2MD
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    "#);
    insta::assert_snapshot!(shown(&taken(), ALICE, |view| notice(view, Notice::Funded)), @"
    # The money is locked
    Trade K7Q2MD · Funded · 100.5 USDT
    Your 100.5 USDT is locked in the vault. Next: wait for Bob (46802) to deliver. 2 h 10 min left (until Nov 23, 14:05 UTC).
    Bob (46802) took 100.5 USDT as the whole: 99.5049505 USDT is settled as the price, instead of 100 USDT. Nothing more is to be paid.
    [Offer a split] input:split K7Q2MD
    [Problem] input:problem K7Q2MD
    [What now?] input:why K7Q2MD
    ");
    let said = shown(&taken(), ALICE, |view| ask_split(view, None));
    assert!(said.contains(&format!("How much of the {PRICE} USDT")), "{said}");
}

#[test]
fn a_part_of_the_money_was_lost() {
    let mut trade = funded("camera lens");
    let left = deposit(23, "60.6", None);
    for plan in &mut trade.plans {
        plan.end = Some(End::Void);
    }
    let release = plan(2, Kind::Release, &left, &[(BOB, "60"), (FEE, "0.6")], ALICE);
    let refund = plan(3, Kind::Refund, &left, &[(ALICE, "60.6")], BOB);
    trade = with(trade, &[Event::PlanMade { plan: release }, Event::PlanMade { plan: refund }]);
    let said = shown(&trade, BOB, status);
    assert!(said.contains("You get 60 USDT on release.") && said.contains("covers a price of 60 USDT"), "{said}");
}

#[test]
fn the_page_counts_what_is_settled() {
    let trade = taken();
    let page = page(&Reader::new(nice).view(&trade, BOB), []).unwrap();
    let rows: Vec<String> = page.amounts.iter().map(|(name, money)| format!("{name}: {money}")).collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    Price: 100 USDT
    Settled as the price: 99.5049505 USDT
    Fee (1%), paid by the buyer: 0.9950495 USDT
    Locked in the vault: 100.5 USDT
    On release, to you: 99.5049505 USDT
    On refund, to Alice (46801): 100.5 USDT
    ");
}
