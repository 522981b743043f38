use proptest::prelude::*;
use serde_json::json;

use super::*;

const PAYEE: Uuid = Uuid::from_u128(0xA);
const ASSET: AssetId = AssetId(Uuid::from_u128(0xB));
const COIN: AssetId = AssetId(Uuid::from_u128(0xC));

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn read(data: Value) -> Result<PaymentResult, Unbelievable> {
    let expected = Expected { payee: PAYEE, asset: ASSET, amount: amount("10") };
    read_result(&Reply { data, server_time: None }, &expected)
}

/// An answer about our order with `more` over it.
fn ours(more: Value) -> Value {
    let mut data = json!({"status": "unpaid", "payeeId": PAYEE, "quoteAssetId": ASSET, "quoteAmount": "10", "settleStatus": "pending"});
    let (Value::Object(fields), Value::Object(more)) = (&mut data, more) else { panic!() };
    fields.extend(more);
    data
}

#[test]
fn all_that_was_said_is_read() {
    let result = read(ours(json!({
        "status": "success", "settleStatus": "success", "settleAsset": ASSET, "settleAmount": "9.99",
        "failureCode": "0", "payableAmount": "0.3", "payableAssetId": COIN, "paymentAmount": "0.31",
        "paymentAssetId": COIN, "surplusAmount": "0.01", "confirmations": -1,
        "payment": {"isMultiPay": true, "isFullyPaid": true, "totalTransactionsAmount": "0.31"},
    })));
    let expected = PaymentResult {
        status: Status::Success,
        settled: true,
        settle_asset: Some(ASSET),
        settle_amount: Some(amount("9.99")),
        failure: 0,
        payable_amount: Some(amount("0.3")),
        payable_asset: Some(COIN),
        payment_amount: Some(amount("0.31")),
        payment_asset: Some(COIN),
        surplus_amount: Some(amount("0.01")),
        confirmations: None,
        multi_pay: true,
        fully_paid: Some(true),
        transactions_amount: Some(amount("0.31")),
    };
    assert_eq!(result, Ok(expected));
}

#[test]
fn blanks_of_every_kind_are_none() {
    let blank = read(ours(json!({}))).unwrap();
    assert_eq!((blank.status, blank.settled, blank.failure, blank.fully_paid), (Status::Unpaid, false, 0, None));
    for nothing in [json!(null), json!(""), json!([]), json!({}), json!(" ")] {
        let mut more = serde_json::Map::new();
        for name in [
            "settleStatus",
            "settleAsset",
            "settleAmount",
            "failureCode",
            "payableAmount",
            "payableAssetId",
            "paymentAmount",
            "paymentAssetId",
            "surplusAmount",
            "confirmations",
            "payment",
        ] {
            more.insert(name.into(), nothing.clone());
        }
        assert_eq!(read(ours(Value::Object(more))), Ok(blank.clone()), "{nothing}");
    }
}

#[test]
fn numbers_may_be_texts_and_texts_numbers() {
    for (failure, confirmations) in [(json!("40024"), json!("3")), (json!(40_024), json!(3))] {
        let result = read(ours(json!({"failureCode": failure, "confirmations": confirmations}))).unwrap();
        assert_eq!((result.failure, result.confirmations), (40_024, Some(3)));
    }
    for ten in [json!("10"), json!("10.00"), json!("10.00000000"), json!(10), json!(10.0), json!("1e1")] {
        assert!(read(ours(json!({"quoteAmount": ten}))).is_ok(), "{ten}");
    }
}

#[test]
fn ids_are_compared_as_ids() {
    let upper = json!({"payeeId": PAYEE.to_string().to_uppercase(), "quoteAssetId": ASSET.to_string().to_uppercase()});
    assert!(read(ours(upper)).is_ok());
}

#[test]
fn another_payment_is_not_believed() {
    for (field, values) in [
        (Field::PayeeId, vec![json!(ASSET), json!("somebody")]),
        (Field::QuoteAssetId, vec![json!("usd"), json!(COIN)]),
        (
            Field::QuoteAmount,
            vec![
                json!("9.99999999"),
                json!("10.000000001"),
                json!("-10"),
                json!("ten"),
                json!(1),
                json!("1000000000e-7"),
            ],
        ),
    ] {
        for value in values {
            let said = read(ours(json!({field.name(): value, "status": "success", "settleStatus": "success"})));
            assert!(matches!(said, Err(Unbelievable::NotOurs { field: f, .. }) if f == field), "{value} {said:?}");
        }
    }
}

#[test]
fn what_must_be_there_is_missed() {
    for field in [Field::Status, Field::PayeeId, Field::QuoteAssetId, Field::QuoteAmount] {
        for nothing in [json!(null), json!(""), json!([]), json!(true)] {
            assert_eq!(read(ours(json!({field.name(): nothing}))), Err(Unbelievable::Unreadable { field }));
        }
    }
    assert_eq!(read(json!([])), Err(Unbelievable::Unreadable { field: Field::Status }));
}

#[test]
fn an_unknown_word_is_pending_and_never_success() {
    for (word, status) in [
        ("unpaid", Status::Unpaid),
        ("pending", Status::Pending),
        ("failed", Status::Failed),
        ("auditing", Status::Auditing),
        ("success", Status::Success),
        ("processing", Status::Pending),
        ("successful", Status::Pending),
        ("Success", Status::Pending),
    ] {
        assert_eq!(read(ours(json!({"status": word}))).unwrap().status, status, "{word}");
    }
    assert!(!read(ours(json!({"settleStatus": "succeeded"}))).unwrap().settled);
}

proptest! {
    #[test]
    fn no_json_makes_reading_panic(more in crate::mixpay::tests::json(), data in crate::mixpay::tests::json()) {
        drop(read(data));
        if more.is_object() {
            drop(read(ours(more)));
        }
    }
}
