use proptest::prelude::*;

use super::*;
use crate::mixin::call::Base;
use crate::mixpay::call::request;

const PAYEE: Uuid = Uuid::from_u128(0xA);
const ASSET: AssetId = AssetId(Uuid::from_u128(0xB));

fn reply(data: Value) -> Reply {
    Reply { data, server_time: None }
}

fn order() -> NewOrder<'static> {
    NewOrder {
        payee: PAYEE,
        amount: "12.50".parse().unwrap(),
        asset: ASSET,
        order_id: "K7Q2MU-1",
        remark: "Trade K7Q2MU",
        memo: "c0ffee",
        expires: Millis(1_700_000_000_999),
        return_to: "https://mixin.one/codes/1",
        failed_return_to: "https://mixin.one/codes/2",
        callback: None,
    }
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

#[test]
fn an_order_is_strict_and_settles_in_what_it_quotes() {
    let call = one_time_payment(&order());
    assert_eq!((call.method.as_str(), call.path_and_query.as_str()), ("POST", "/v1/one_time_payment"));
    assert_eq!(
        body(&call),
        json!({
            "payeeId": "00000000-0000-0000-0000-00000000000a", "quoteAmount": "12.5",
            "quoteAssetId": "00000000-0000-0000-0000-00000000000b",
            "settlementAssetId": "00000000-0000-0000-0000-00000000000b",
            "strictMode": true, "remark": "Trade K7Q2MU", "orderId": "K7Q2MU-1", "settlementMemo": "c0ffee",
            "expiredTimestamp": 1_700_000_000, "returnTo": "https://mixin.one/codes/1",
            "failedReturnTo": "https://mixin.one/codes/2",
        })
    );
    let remark = "é".repeat(60);
    let call = one_time_payment(&NewOrder { callback: Some("https://bot.example/cb"), remark: &remark, ..order() });
    let body = body(&call);
    assert_eq!(body["callbackUrl"], "https://bot.example/cb");
    assert_eq!(body["callbackEvent"], "settle|pending|paid_less");
    assert_eq!(body["remark"], "é".repeat(50));
}

#[test]
fn the_same_order_is_the_same_bytes() {
    assert_eq!(one_time_payment(&order()), one_time_payment(&order()));
}

#[test]
fn questions_are_paths() {
    let base: Base = "https://api.mixpay.me".parse().unwrap();
    for (call, expected) in [
        (
            payments_result("K7&Q=2 é", PAYEE),
            format!("payments_result?orderId=K7%26Q%3D2+%C3%A9&payeeId={PAYEE}&with=payment"),
        ),
        (quote_assets(PAYEE), format!("setting/quote_assets?payeeId={PAYEE}")),
        (
            settlement_assets(PAYEE, ASSET, Amount::from_units(1)),
            format!("setting/settlement_assets?payeeId={PAYEE}&quoteAssetId={ASSET}&quoteAmount=0.00000001"),
        ),
    ] {
        assert_eq!(call.path_and_query, format!("/v1/{expected}"));
        assert_eq!(request(&call, &base).unwrap().uri().to_string(), format!("https://api.mixpay.me/v1/{expected}"));
    }
    let call = multisig(&[UserId(PAYEE)], 2);
    assert_eq!(call.path_and_query, "/v1/multisig");
    assert_eq!(body(&call), json!({"receivers": [PAYEE], "threshold": 2}));
}

#[test]
fn ids_and_codes_are_believed_only_when_sound() {
    let id = "525502DD-e552-4505-b114-32fe32ff23c2";
    assert_eq!(read_multisig(&reply(json!({"multisigId": id}))), Ok(id.parse().unwrap()));
    for data in [json!([]), json!(null), json!({}), json!({"multisigId": ""}), json!({"multisigId": Uuid::nil()})] {
        assert!(matches!(read_multisig(&reply(data)), Err(CallError::Unanswered { .. })));
    }
    assert_eq!(read_code(&reply(json!({"code": id}))), Ok(id.into()));
    let long = "x".repeat(65);
    for code in ["", " ", "a b", "../x", "a/b", "a?b", "é", "a\nb", "a_b", &long] {
        assert!(matches!(read_code(&reply(json!({"code": code}))), Err(CallError::Unanswered { .. })), "{code}");
    }
    assert!(matches!(read_code(&reply(json!([]))), Err(CallError::Unanswered { .. })));
}

#[test]
fn limits_are_read_or_the_asset_is_left_out() {
    let one = |nth: u128| AssetId(Uuid::from_u128(nth));
    let data = json!([
        {"assetId": "usd", "isAsset": 0, "minQuoteAmount": "1", "maxQuoteAmount": "9"},
        {"assetId": one(1), "isAsset": 0, "minQuoteAmount": "1", "maxQuoteAmount": "9"},
        {"assetId": one(2), "isAsset": 1, "minQuoteAmount": "0.50", "maxQuoteAmount": "9.00"},
        {"assetId": one(3), "isAsset": true, "minQuoteAmount": 1e-6, "maxQuoteAmount": null},
        {"assetId": one(4)},
        {"assetId": one(5), "isAsset": 1, "minQuoteAmount": "1", "maxQuoteAmount": "0"},
        {"assetId": one(6), "isAsset": 1, "minQuoteAmount": "little", "maxQuoteAmount": "9"},
        {"isAsset": 1},
        null,
        7,
    ]);
    let amount = |text: &str| text.parse::<Amount>().unwrap();
    let found = read_quote_assets(&reply(data)).unwrap();
    assert_eq!(
        found,
        [
            QuoteAsset { asset: one(2), min: amount("0.5"), max: Some(amount("9")) },
            QuoteAsset { asset: one(3), min: amount("0.000001"), max: None },
            QuoteAsset { asset: one(4), min: Amount::ZERO, max: None },
        ]
    );
    let takes = |nth: usize, text: &str| found[nth].takes(amount(text));
    assert!(takes(0, "0.5") && takes(0, "9") && !takes(0, "0.49999999") && !takes(0, "9.00000001") && takes(1, "1000"));
    assert_eq!(read_quote_assets(&reply(json!([]))), Ok(vec![]));
    assert!(matches!(read_quote_assets(&reply(json!({}))), Err(CallError::Unanswered { .. })));
}

#[test]
fn an_asset_is_available_only_when_mixpay_says_so() {
    let said = |entry: Value| read_available(&reply(json!([{"assetId": "x"}, null, entry])), ASSET).unwrap();
    for yes in [json!(true), json!(1), json!("1")] {
        assert!(said(json!({"assetId": ASSET, "isAvailable": yes})));
    }
    for no in [json!(false), json!(0), json!(null), json!("soon")] {
        assert!(!said(json!({"assetId": ASSET, "isAvailable": no})));
    }
    assert!(!said(json!({"assetId": PAYEE, "isAvailable": true})));
    assert!(read_available(&reply(json!({"assetId": ASSET})), ASSET).is_err());
}

proptest! {
    #[test]
    fn a_code_is_safe_in_a_link_or_no_code(text in "[A-Za-z0-9-]{1,70}|.{0,70}") {
        if let Ok(code) = read_code(&reply(json!({"code": text}))) {
            prop_assert!((1..=64).contains(&code.len()));
            prop_assert!(code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        }
    }

    #[test]
    fn no_json_makes_reading_panic(data in crate::mixpay::tests::json()) {
        let reply = reply(data);
        drop(read_code(&reply));
        drop(read_multisig(&reply));
        drop(read_quote_assets(&reply));
        drop(read_available(&reply, ASSET));
    }
}
