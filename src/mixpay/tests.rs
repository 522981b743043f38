use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, made of MixPay's own names and of what may stand under them.
pub(super) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?".prop_map(|s| json!(s)),
        ".{0,12}".prop_map(|s| json!(s)),
        Just(json!("success")),
        Just(json!("00000000-0000-0000-0000-00000000000a")),
        Just(json!("00000000-0000-0000-0000-00000000000B")),
        Just(json!("10.00")),
    ];
    let names = "code|multisigId|assetId|isAsset|isAvailable|minQuoteAmount|maxQuoteAmount|status|payeeId|quoteAssetId|\
                 quoteAmount|settleStatus|settleAsset|settleAmount|failureCode|confirmations|payment|isFullyPaid|isMultiPay|\
                 payableAmount|paymentAmount|surplusAmount|totalTransactionsAmount";
    let name = prop::sample::select(names.split('|').collect::<Vec<_>>());
    leaf.prop_recursive(3, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..10)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}
