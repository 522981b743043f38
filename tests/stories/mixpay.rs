//! MixPay's road from the button to the vault, by every memo and every way of telling it.

use mixin_escrow::sim::auditor::{self, Outcome};
use serde_json::{Value, json};

use crate::mixpay_town::{coins, seconds};
use crate::town::{BTC, Town, USDT, minutes};

fn funded_with(seed: u64, switches: &Value) {
    let mut town = Town::offering(seed, "1000");
    town.mixpay(switches);
    town.agree();
    town.passes(seconds(2));
    town.pays_order();
    town.looks("buyer");
    town.is("Funded");
    let trade = town.trade(0);
    assert!(trade.deposits[0].order == Some(0) && trade.orders[0].over, "{switches}");
    let row = town.stage.store().unwrap().vault(trade.vault().unwrap().hash).unwrap();
    assert_eq!(row.settled_by_mixpay, Some(true), "{switches}");
}

macro_rules! funded {
    ($($name:ident: $seed:expr, $switches:tt;)+) => {$(
        #[test]
        fn $name() {
            funded_with($seed, &json!($switches));
        }
    )+};
}

funded! {
    by_its_own_memo: 101, {"settle_memo": "own"};
    by_its_memo_in_base64: 102, {"settle_memo": "base64"};
    by_its_memo_in_url_safe_base64: 103, {"settle_memo": "base64url"};
    by_its_memo_in_hex: 104, {"settle_memo": "hex"};
    by_the_code_plain: 105, {"settle_memo": "pm_plain"};
    by_the_code_in_base64: 106, {"settle_memo": "pm"};
    by_the_code_with_a_text: 107, {"settle_memo": "pm_text"};
    by_the_request_id_without_memo: 108, {"settle_memo": "none", "settle_trace": "code"};
    by_memo_and_request_id: 109, {"settle_trace": "code"};
    amounts_without_decimals: 110, {"echo": "10"};
    amounts_with_two_decimals: 111, {"echo": "10.00"};
    amounts_with_eight_decimals: 112, {"echo": "10.00000000"};
    blanks_are_empty: 113, {"nulls": "empty"};
    blanks_are_null: 114, {"nulls": "null"};
    blanks_are_missing: 115, {"nulls": "missing"};
    told_twice: 116, {"callbacks": "doubled"};
}

#[test]
fn by_mixpay_with_another_coin_and_in_the_books() {
    let mut town = Town::by_mixpay(120);
    town.mint("buyer", BTC, "1");
    let code = town.order("buyer");
    let done = town.checks_out(&code, &json!({ "asset": "BTC", "who": "buyer" }));
    assert_eq!(done["status"], "success", "{done}");
    // 101 USDT at 60,000, rounded up.
    assert_eq!(town.purse("buyer", BTC), coins("0.99831666"));
    town.looks("buyer").headed("Funded", "101 USDT");
    town.looks("seller").headed("Funded", "101 USDT");
    town.ends_well();
    let mut expected = town.stage.expected("100", "USDT", Outcome::Release);
    expected.paid_by = Some(town.mixpay_knows()["user_id"].as_str().unwrap().to_owned());
    let ledger = town.stage.control("GET", "ledger", &Value::Null).unwrap();
    let report = auditor::audit(&ledger.to_string(), &expected);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert_eq!(town.vault_spends(), 1);
}

#[test]
fn what_the_order_says() {
    let mut town = Town::by_mixpay(121);
    let number = town.number("buyer");
    let knows = town.mixpay_knows();
    let orders = knows["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 1);
    let text = orders[0].to_string();
    assert!(text.contains(&format!("only for buyer {number}")), "{text}");
    let trade = town.trade(0);
    for word in [&trade.orders[0].id, &trade.orders[0].memo, &trade.terms.asset.id.to_string()] {
        assert!(text.contains(word.as_str()), "{word} in {text}");
    }
    assert!(!text.contains(&trade.link().unwrap().memo), "the link's memo is not MixPay's");
}

#[test]
fn held_for_a_check_and_let_go() {
    let mut town = Town::by_mixpay(130);
    town.mixpay(&json!({ "auditing": true }));
    town.pays_order();
    town.looks("buyer").shows("MixPay holds the payment for a check of its own").shows("do not pay a second time");
    town.looks("seller").shows("MixPay holds the payment for a check of its own").shows("do not deliver");
    town.passes(minutes(30));
    town.says("seller", "delivered").headed("AwaitingPayment", "101 USDT");
    town.nothing_is_locked();
    // Also beyond the payment window: MixPay has the money.
    town.passes(minutes(95));
    town.is("AwaitingPayment");
    town.nothing_is_locked();
    town.mixpay(&json!({ "auditing": false }));
    town.passes(minutes(3));
    town.ends_well();
}

#[test]
fn the_way_of_the_money_in_words() {
    let mut town = Town::by_mixpay(131);
    town.mixpay(&json!({ "settle_ms": 60_000 }));
    let code = town.order("buyer");
    let done = town.checks_out(&code, &json!({ "asset": "BTC", "by": "chain", "confirmations": 3 }));
    assert_eq!(done["status"], "pending", "{done}");
    town.looks("buyer").shows("has seen a payment and waits until it is confirmed").shows("It is not locked yet");
    town.looks("seller").shows("has seen a payment").shows("do not deliver");
    town.passes(seconds(40));
    town.looks("buyer").shows("It is paid at MixPay. The money is on its way into the vault.");
    town.looks("seller").shows("It is paid at MixPay").shows("do not deliver").hides("I have delivered");
    town.nothing_is_locked();
    town.passes(seconds(60));
    town.looks("seller").headed("Funded", "101 USDT");
    town.ends_well();
}

#[test]
fn i_have_paid_asks_mixpay_and_mixin_at_once() {
    let mut town = Town::by_mixpay(132);
    // Nobody looks any more.
    town.passes(minutes(20));
    town.mixpay(&json!({ "settle_ms": 1 }));
    let calls = town.mixpay_calls();
    town.passes(minutes(5));
    assert_eq!(town.mixpay_calls(), calls, "nobody looks, nobody asks");
    let code = town.order("buyer");
    let how = json!({ "asset": USDT, "who": "buyer" });
    town.stage.control("POST", &format!("mixpay/{code}/pay"), &how).unwrap();
    town.taps("buyer", "I have paid").shows("and ask MixPay too");
    assert!(town.mixpay_calls() > calls);
    town.is("Funded");
}
