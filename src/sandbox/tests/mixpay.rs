//! `MixPay`: each rule of the dossier, each switch.

use super::*;
use crate::id::UserId;
use crate::kernel::derive::members_hash;

const BTC: &str = "c6d0c728-2624-429b-8e0d-d9d19b6592fa";
const TRX: &str = "25dabac5-056a-48ff-b9f9-f67395dc407c";

/// One call of the API: the whole answer and its HTTP status.
fn api_raw(bench: &mut Bench, method: &str, target: &str, kind: &str, body: &str) -> (u16, Response<Bytes>) {
    let mut request = Request::builder().method(method).uri(target);
    if !kind.is_empty() {
        request = request.header("content-type", kind);
    }
    let response = bench.world.handle(request.body(Bytes::from(body.to_owned())).unwrap(), bench.now);
    (response.status().as_u16(), response)
}

fn body_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// `data`, or the code.
fn api(bench: &mut Bench, method: &str, target: &str, body: &Value) -> Result<Value, i64> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, response) = api_raw(bench, method, target, "application/json", &body);
    assert_eq!(status, 200);
    let answer = body_of(&response);
    assert_eq!(answer["timestampMs"], bench.now.0);
    let code = answer["code"].as_i64().unwrap();
    assert_eq!(answer["success"], code == 0);
    if code == 0 {
        return Ok(answer["data"].clone());
    }
    assert_eq!(answer["data"], json!([]));
    Err(code)
}

fn group(bench: &mut Bench) -> String {
    let (_, _, _, members) = bench.trio();
    let body = json!({"receivers": members, "threshold": 2});
    api(bench, "POST", "/v1/multisig", &body).unwrap()["multisigId"].as_str().unwrap().to_owned()
}

fn wanted(bench: &mut Bench) -> Value {
    let payee = group(bench);
    json!({"payeeId": payee, "quoteAmount": "10", "quoteAssetId": USDT, "settlementAssetId": USDT,
           "orderId": "order-0001", "strictMode": true, "settlementMemo": "the memo", "remark": "A trade",
           "returnTo": "https://mixin.one/", "failedReturnTo": "https://mixin.one/failed"})
}

fn with(wanted: &Value, more: &Value) -> Value {
    let mut all = wanted.clone();
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn create(bench: &mut Bench, body: &Value) -> Result<String, i64> {
    api(bench, "POST", "/v1/one_time_payment", body).map(|data| data["code"].as_str().unwrap().to_owned())
}

/// A standing order, with more parameters.
fn ordered(bench: &mut Bench, more: &Value) -> String {
    let body = with(&wanted(bench), more);
    create(bench, &body).unwrap()
}

fn result(bench: &mut Bench, code: &str) -> Value {
    api(bench, "GET", &format!("/v1/payments_result?traceId={code}&with=payment,transactions"), &Value::Null).unwrap()
}

fn pay(bench: &mut Bench, code: &str, body: &Value) -> Value {
    bench.control("POST", &format!("mixpay/{code}/pay"), body)
}

/// The outputs of the vault, or of the same members with another threshold.
fn vault(bench: &mut Bench, threshold: u8) -> Vec<Value> {
    let (_, _, bot, members) = bench.trio();
    let ids: Vec<UserId> = members.iter().map(|id| id.parse().unwrap()).collect();
    let target = format!("/safe/outputs?members={}&threshold={threshold}&order=ASC", members_hash(&ids));
    bench.get(&bot, &target).unwrap().as_array().unwrap().clone()
}

/// Long enough for a settlement to be final.
fn settle(bench: &mut Bench) {
    bench.wait(3_000);
    bench.control("GET", "clock", &Value::Null);
    bench.wait(1_000);
    bench.control("GET", "clock", &Value::Null);
}

fn texts<'a>(value: &'a Value, keys: &[&str]) -> Vec<&'a str> {
    keys.iter().map(|key| value[*key].as_str().unwrap()).collect()
}

#[test]
fn groups() {
    let mut bench = Bench::new();
    let (buyer, _, bot, members) = bench.trio();
    let id = group(&mut bench);
    let ask = |receivers: Value, threshold: Value| json!({"receivers": receivers, "threshold": threshold});
    let mut reversed = members.clone();
    reversed.reverse();
    let again = api(&mut bench, "POST", "/v1/multisig", &ask(json!(reversed), json!("2"))).unwrap();
    assert_eq!(again["multisigId"], id);
    let form = members.iter().fold(String::new(), |form, id| form + "receivers%5B%5D=" + id + "&");
    let (_, form) =
        api_raw(&mut bench, "POST", "/v1/multisig", "application/x-www-form-urlencoded", &(form + "threshold=2"));
    assert_eq!(body_of(&form)["data"]["multisigId"], id);
    let three = api(&mut bench, "POST", "/v1/multisig", &ask(json!(members), json!(3))).unwrap();
    assert_ne!(three["multisigId"], id);
    let stranger = "00000000-0000-4000-8000-000000000001";
    for (receivers, threshold, code) in [
        (json!([buyer.id, bot.id]), json!(2), 1017),
        (json!([buyer.id, bot.id, "x"]), json!(2), 1017),
        (json!([buyer.id, bot.id, bot.id]), json!(2), 1017),
        (json!([buyer.id, bot.id, stranger]), json!(2), 10001),
        (json!(members), json!(4), 10041),
        (json!(members), json!(0), 1017),
        (json!(members), Value::Null, 1017),
        (json!(vec![buyer.id.clone(); 257]), json!(2), 1017),
    ] {
        assert_eq!(api(&mut bench, "POST", "/v1/multisig", &ask(receivers, threshold)), Err(code));
    }
    assert_eq!(api(&mut bench, "POST", "/v1/nothing", &json!({})), Err(404));
}

#[test]
fn orders_and_their_parameters() {
    let mut bench = Bench::new();
    let wanted = wanted(&mut bench);
    let code = create(&mut bench, &wanted).unwrap();
    assert_eq!(create(&mut bench, &wanted), Ok(code.clone()), "the same again");
    assert_eq!(create(&mut bench, &with(&wanted, &json!({"quoteAmount": "10.0"}))), Ok(code.clone()));
    assert_eq!(create(&mut bench, &with(&wanted, &json!({"quoteAmount": "11"}))), Err(1017));
    let trace = "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
    let traced = with(&wanted, &json!({"orderId": null, "traceId": trace}));
    assert_eq!(create(&mut bench, &traced), Ok(trace.into()), "the trace is the code");
    assert_eq!(create(&mut bench, &with(&traced, &json!({"remark": "x"}))), Err(1017));
    let ahead = |ms: i64| (START.0 + ms) / 1_000;
    for (number, (more, code)) in [
        (json!({"payeeId": null}), 1017),
        (json!({"payeeId": "somebody"}), 1017),
        (json!({"payeeId": trace}), 10035),
        (json!({"quoteAmount": ""}), 1017),
        (json!({"quoteAmount": "0"}), 1017),
        (json!({"quoteAmount": "-1"}), 1017),
        (json!({"quoteAmount": "1e3"}), 1017),
        (json!({"quoteAmount": "0.001"}), 10004),
        (json!({"quoteAmount": "10000001"}), 10005),
        (json!({"quoteAssetId": "xyz"}), 10003),
        (json!({"settlementAssetId": trace}), 10002),
        (json!({"settlementAssetId": null}), 1017),
        (json!({"paymentAssetId": trace}), 10002),
        (json!({"orderId": null}), 1017),
        (json!({"orderId": "short"}), 1017),
        (json!({"orderId": "not allowed"}), 1017),
        (json!({"orderId": "a".repeat(37)}), 1017),
        (json!({"traceId": "x"}), 1017),
        (json!({"strictMode": "maybe"}), 1017),
        (json!({"remark": "ä".repeat(51)}), 1017),
        (json!({"settlementMemo": "m".repeat(201)}), 1017),
        (json!({"returnTo": "nowhere"}), 1017),
        (json!({"callbackUrl": "http://example.com/"}), 1017),
        (json!({"callbackEvent": "settle|unknown"}), 1017),
        (json!({"expiredTimestamp": ahead(10_000)}), 1017),
        (json!({"expiredTimestamp": ahead(2_880 * 60_000)}), 1017),
        (json!({"expiredTimestamp": START.0 + 60_000}), 1017),
        (json!({"setlementMemo": "x"}), 1017),
        (json!({"remark": ["a", "b"]}), 1017),
    ]
    .into_iter()
    .enumerate()
    {
        let more = with(&json!({"orderId": format!("order-1{number:03}")}), &more);
        assert_eq!(create(&mut bench, &with(&wanted, &more)), Err(code), "{more}");
    }
    bench.now = bench.now.plus(Millis(60_000));
    let fine = json!({"orderId": "order-2000", "remark": "ä".repeat(50), "settlementMemo": "m".repeat(200),
                      "callbackUrl": "http://127.0.0.1:9/cb", "callbackEvent": "settle|pending|paid_less",
                      "expiredTimestamp": bench.now.secs() + 11, "strictMode": "true", "isTemp": true,
                      "quoteAssetId": "USD", "quoteAmount": 12.5});
    create(&mut bench, &with(&wanted, &fine)).unwrap();
    let payee = wanted["payeeId"].as_str().unwrap();
    let form = format!(
        "payeeId={payee}&quoteAmount=1&quoteAssetId={USDT}&settlementAssetId={BTC}&orderId=by-form&callbackUrl=https%3A%2F%2Fexample.com%2Fcb%3Fa%3Db"
    );
    let (_, made) = api_raw(&mut bench, "POST", "/v1/one_time_payment", "application/x-www-form-urlencoded", &form);
    let code = body_of(&made)["data"]["code"].as_str().unwrap().to_owned();
    let known = bench.control("GET", &format!("mixpay/{code}"), &Value::Null);
    assert_eq!(texts(&known, &["callback_url", "status"]), ["https://example.com/cb?a=b", "unpaid"]);
    let (_, text) = api_raw(&mut bench, "POST", "/v1/one_time_payment", "text/plain", &form);
    assert_eq!(body_of(&text)["code"], 1017);
}

#[test]
fn what_an_unpaid_order_looks_like() {
    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({}));
    let payee = group(&mut bench);
    let mut unpaid = result(&mut bench, &code);
    let rest = [
        "quoteSymbol",
        "quoteAssetVersion",
        "paymentAmount",
        "paymentSymbol",
        "paymentAssetId",
        "paymentAssetVersion",
        "payeeMixinNumber",
        "payeeAvatarUrl",
        "txid",
        "blockExplorerUrl",
        "payableAmount",
        "payableSymbol",
        "payableAssetId",
        "payableAssetVersion",
        "failureReason",
        "settleAmount",
        "settleSymbol",
        "settleAsset",
        "settleAssetVersion",
        "date",
    ];
    let texts: Vec<String> =
        rest.iter().map(|key| unpaid.as_object_mut().unwrap().remove(*key).unwrap().to_string()).collect();
    assert_eq!(texts[..2], ["\"USDT\"", "\"TRC20\""]);
    assert!(texts[2..].iter().all(|text| text == "\"\""));
    let expected = json!({
        "status": "unpaid", "quoteAmount": "10", "quoteAssetId": USDT, "payee": "Multisig group", "payeeId": payee,
        "surplusAmount": "0", "surplusStatus": "no", "confirmations": -1, "failureCode": "0",
        "returnTo": "https://mixin.one/", "traceId": code, "settleStatus": "pending", "transactions": [],
        "payment": {"isMultiPay": false, "isFullyPaid": false, "totalTransactionsAmount": "0"},
    });
    assert_eq!(unpaid, expected);
    let by_order = format!("/v1/payments_result?orderId=order-0001&payeeId={payee}");
    let found = api(&mut bench, "GET", &by_order, &Value::Null).unwrap();
    assert_eq!(found["traceId"], code);
    assert!(found.get("payment").is_none() && found.get("transactions").is_none());
    for (target, code) in [
        ("/v1/payments_result?orderId=order-0001", 1017),
        ("/v1/payments_result", 1017),
        ("/v1/payments_result?traceId=5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01", 404),
        ("/v1/payments_result?orderId=other-0001&payeeId=5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01", 404),
    ] {
        assert_eq!(api(&mut bench, "GET", target, &Value::Null), Err(code), "{target}");
    }
    for (form, echo) in [("10.00", "10.00"), ("10.00000000", "10.00000000"), ("10", "10")] {
        bench.switch(&json!({"mixpay": {"echo": form}}));
        assert_eq!(result(&mut bench, &code)["quoteAmount"], echo);
    }
    bench.switch(&json!({"mixpay": {"nulls": "null"}}));
    assert_eq!(result(&mut bench, &code).get("paymentAmount"), Some(&Value::Null));
    bench.switch(&json!({"mixpay": {"nulls": "missing"}}));
    let missing = result(&mut bench, &code);
    assert!(missing.get("paymentAmount").is_none() && missing.get("settleAsset").is_none());
    assert_eq!(missing["quoteAmount"], "10");
}

#[test]
fn paid_by_a_wallet_and_settled() {
    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({}));
    bench.mint("buyer", "25");
    let paid = pay(&mut bench, &code, &json!({"who": "buyer", "asset": "USDT"}));
    assert_eq!((&paid["status"], &paid["refunded"]), (&json!("success"), &Value::Null));
    let said = result(&mut bench, &code);
    assert_eq!(
        texts(&said, &["status", "paymentAmount", "payableAmount", "paymentSymbol", "settleStatus", "settleAmount"]),
        ["success", "10", "10", "USDT", "pending", ""]
    );
    assert_eq!((&said["confirmations"], &said["txid"]), (&json!(-1), &json!("")));
    assert_eq!(vault(&mut bench, 2).len(), 0);
    assert_eq!(bench.world.next_deadline(), Some(bench.now.plus(Millis(500))), "the payment becomes final");
    settle(&mut bench);
    let coins = vault(&mut bench, 2);
    assert_eq!(
        texts(&coins[0], &["amount", "asset_id", "state", "extra"]),
        ["10", USDT, "unspent", &hex::encode("the memo")]
    );
    let mixpay = bench.person("mixpay");
    assert_eq!(coins[0]["senders"], json!([mixpay.id]));
    assert_ne!(coins[0]["request_id"], code);
    let said = result(&mut bench, &code);
    assert_eq!(
        texts(&said, &["settleStatus", "settleAmount", "settleSymbol", "settleAsset", "settleAssetVersion"]),
        ["success", "10", "USDT", USDT, "TRC20"]
    );
    let known = bench.control("GET", &format!("mixpay/{code}"), &Value::Null);
    assert_eq!(known["settled"]["transaction_hash"], coins[0]["transaction_hash"]);
    let again = pay(&mut bench, &code, &json!({"who": "buyer", "asset": USDT}));
    assert_eq!(texts(&again, &["status", "refunded"]), ["success", "40021"]);
    settle(&mut bench);
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "15", "the second is given back");
    let (status, poor) =
        bench.try_control("POST", &format!("mixpay/{code}/pay"), &json!({"who": "buyer", "asset": BTC}));
    assert_eq!((status, &poor["code"]), (409, &json!(20117)));
    assert_eq!(bench.world.next_deadline(), None);
}

#[test]
fn paid_on_a_chain() {
    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({}));
    pay(&mut bench, &code, &json!({"asset": "trx", "by": "chain", "confirmations": 3}));
    let said = result(&mut bench, &code);
    assert_eq!(texts(&said, &["status", "paymentAmount", "paymentAssetId"]), ["pending", "100", TRX]);
    assert_eq!(said["payment"], json!({"isMultiPay": false, "isFullyPaid": true, "totalTransactionsAmount": "100"}));
    assert_eq!(said["transactions"][0]["requiredConfirms"], 3);
    assert_eq!(said["txid"].as_str().unwrap().len(), 64);
    for confirmations in 0..3 {
        assert_eq!(result(&mut bench, &code)["confirmations"], confirmations);
        assert_eq!(bench.world.next_deadline(), Some(START.plus(Millis(30_000))));
        bench.wait(10_000);
    }
    let said = result(&mut bench, &code);
    assert_eq!((&said["status"], &said["confirmations"]), (&json!("success"), &json!(-1)));
    settle(&mut bench);
    assert_eq!(vault(&mut bench, 2)[0]["amount"], "10");
}

#[test]
fn too_little_too_much() {
    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({"expiredTimestamp": START.secs() + 60}));
    pay(&mut bench, &code, &json!({"asset": "USDT", "amount": "4", "by": "chain", "confirmations": 0}));
    let said = result(&mut bench, &code);
    assert_eq!(texts(&said, &["status", "paymentAmount", "payableAmount"]), ["pending", "4", "10"]);
    assert_eq!(said["payment"], json!({"isMultiPay": true, "isFullyPaid": false, "totalTransactionsAmount": "4"}));
    bench.wait(599_000);
    let other = pay(&mut bench, &code, &json!({"asset": "BTC", "by": "chain"}));
    assert_eq!(texts(&other, &["status", "refunded"]), ["pending", "40020"]);
    pay(&mut bench, &code, &json!({"asset": "USDT", "by": "chain", "confirmations": 0}));
    let said = result(&mut bench, &code);
    assert_eq!(texts(&said, &["status", "paymentAmount", "surplusStatus"]), ["success", "10", "no"]);
    assert_eq!(said["payment"], json!({"isMultiPay": true, "isFullyPaid": true, "totalTransactionsAmount": "10"}));

    let code = ordered(&mut bench, &json!({"orderId": "order-0002"}));
    pay(&mut bench, &code, &json!({"asset": "USDT", "amount": "4", "by": "chain"}));
    bench.wait(600_000);
    let said = result(&mut bench, &code);
    assert_eq!(texts(&said, &["status", "failureCode", "returnTo"]), ["failed", "40024", "https://mixin.one/failed"]);

    let code = ordered(&mut bench, &json!({"orderId": "order-0003"}));
    bench.mint("buyer", "100");
    pay(&mut bench, &code, &json!({"asset": "USDT", "amount": "12", "who": "buyer"}));
    let said = result(&mut bench, &code);
    assert_eq!(
        texts(&said, &["status", "paymentAmount", "surplusAmount", "surplusStatus"]),
        ["success", "12", "2", "sending"]
    );
    settle(&mut bench);
    assert_eq!(result(&mut bench, &code)["surplusStatus"], "success");
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "90");

    let code = ordered(&mut bench, &json!({"orderId": "order-0004"}));
    let less = pay(&mut bench, &code, &json!({"asset": "USDT", "amount": "9.99999999", "who": "buyer"}));
    assert_eq!(texts(&less, &["status", "refunded"]), ["failed", "40024"]);
    settle(&mut bench);
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "90", "wallets pay exactly or not at all");
}

#[test]
fn too_late_or_in_the_wrong_coin() {
    let mut bench = Bench::new();
    bench.mint("buyer", "20");
    let code = ordered(&mut bench, &json!({"expiredTimestamp": START.secs() + 60}));
    assert_eq!(bench.world.next_deadline(), Some(START.plus(Millis(60_000))));
    bench.wait(60_000);
    let said = result(&mut bench, &code);
    assert_eq!(
        texts(&said, &["status", "failureCode", "failureReason", "paymentAmount"]),
        ["failed", "40000", "Payment overtime", ""]
    );
    let late = pay(&mut bench, &code, &json!({"asset": "USDT", "who": "buyer"}));
    assert_eq!(texts(&late, &["status", "refunded"]), ["failed", "40000"]);
    assert_eq!(result(&mut bench, &code)["paymentAmount"], "10");
    settle(&mut bench);
    let wallet = bench.control("GET", "people/buyer/wallet", &Value::Null);
    assert_eq!(wallet["balances"][0]["amount"], "20");
    let coins = wallet["outputs"].as_array().unwrap();
    let memo = URL_SAFE_NO_PAD.encode(format!("RF|{code}|40000"));
    let memos: Vec<String> = coins.iter().map(|coin| coin["extra"].as_str().unwrap().to_owned()).collect();
    assert!(memos.iter().any(|extra| hex::decode(extra).unwrap().starts_with(memo.as_bytes())), "{memos:?}");

    let code = ordered(&mut bench, &json!({"orderId": "order-0002", "paymentAssetId": BTC}));
    let wrong = pay(&mut bench, &code, &json!({"asset": "USDT", "who": "buyer"}));
    assert_eq!(texts(&wrong, &["status", "refunded"]), ["failed", "40020"]);
    assert_eq!(vault(&mut bench, 2).len(), 0);
    assert_eq!(bench.try_control("POST", &format!("mixpay/{code}/pay"), &json!({"asset": "NONE"})).0, 400);
    assert_eq!(bench.try_control("POST", "mixpay/nothing/pay", &json!({"asset": "BTC"})).0, 404);
}

#[test]
fn every_asset_pays_and_prices_round_for_the_payee() {
    let mut bench = Bench::new();
    let assets = bench.control("GET", "ledger", &Value::Null)["assets"].as_array().unwrap().clone();
    for (number, asset) in assets.iter().enumerate() {
        let id = asset["asset_id"].as_str().unwrap();
        let code = ordered(&mut bench, &json!({"orderId": format!("order-9{number:03}"), "quoteAmount": "0.07"}));
        pay(&mut bench, &code, &json!({"asset": id}));
        let said = result(&mut bench, &code);
        assert_eq!(texts(&said, &["status", "paymentAssetId"]), ["success", id]);
        if id == BTC {
            assert_eq!(said["paymentAmount"], "0.00000117", "7/6 of a millionth, rounded up");
        }
    }
    let estimate = format!(
        "/v1/payments_estimated?paymentAssetId={USDT}&settlementAssetId={BTC}&quoteAssetId=cny&quoteAmount=0.5"
    );
    let said = api(&mut bench, "GET", &estimate, &Value::Null).unwrap();
    assert_eq!(
        texts(&said, &["price", "paymentAmount", "estimatedSettlementAmount", "quoteSymbol"]),
        ["7.14285714", "0.07", "0.00000116", "CNY"]
    );
    let paid = estimate + "&paymentAmount=7";
    assert_eq!(api(&mut bench, "GET", &paid, &Value::Null).unwrap()["quoteAmount"], "50");
}

#[test]
fn settings() {
    let mut bench = Bench::new();
    let payee = group(&mut bench);
    let of = |bench: &mut Bench, what: &str, more: &str| {
        api(bench, "GET", &format!("/v1/setting/{what}?payeeId={payee}{more}"), &Value::Null)
    };
    let quotes = of(&mut bench, "quote_assets", "").unwrap();
    assert_eq!((&quotes[0]["assetId"], &quotes[0]["isAsset"]), (&json!("usd"), &json!(0)));
    let usdt = quotes.as_array().unwrap().iter().find(|asset| asset["assetId"] == USDT).unwrap();
    assert_eq!(texts(usdt, &["symbol", "minQuoteAmount", "maxQuoteAmount"]), ["USDT", "0.01", "10000000"]);
    assert_eq!((&usdt["decimalDigit"], &usdt["chainAsset"]["symbol"]), (&json!(8), &json!("TRX")));
    let payments = of(&mut bench, "payment_assets", &format!("&quoteAssetId={USDT}&quoteAmount=10")).unwrap();
    assert_eq!(texts(&payments[0], &["symbol", "maxPaymentAmount"]), ["BTC", "166.66666666"]);
    let none = of(&mut bench, "payment_assets", &format!("&quoteAssetId={USDT}&quoteAmount=0.001")).unwrap();
    assert_eq!(none[0]["maxPaymentAmount"], "0");
    let settlements = of(&mut bench, "settlement_assets", "&quoteAssetId=usd&quoteAmount=10").unwrap();
    assert_eq!((&settlements[3]["network"], &settlements[3]["isAvailable"]), (&json!("TRC20"), &json!(true)));
    assert_eq!(of(&mut bench, "settlement_assets", "&quoteAssetId=xyz"), Err(10003));
    let nobody = "/v1/setting/quote_assets?payeeId=5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
    assert_eq!(api(&mut bench, "GET", nobody, &Value::Null), Err(10035));
}

/// What a settlement under these switches brought: the vault's outputs of this threshold.
fn settled(more: &Value, threshold: u8) -> (Bench, String, Vec<Value>) {
    let mut bench = Bench::new();
    bench.switch(&json!({"mixpay": more}));
    let other = ordered(&mut bench, &json!({"orderId": "order-0000", "settlementMemo": "other"}));
    let code = ordered(&mut bench, &json!({}));
    assert_ne!(code, other);
    pay(&mut bench, &code, &json!({"asset": "USDT"}));
    settle(&mut bench);
    let coins = vault(&mut bench, threshold);
    (bench, code, coins)
}

#[test]
fn settlements_gone_wrong() {
    let amount = |more: Value| settled(&more, 2).2[0]["amount"].as_str().unwrap().to_owned();
    assert_eq!(amount(json!({"settle_less_bp": 30})), "9.97");
    let (mut bench, code, coins) = settled(&json!({"settle_asset": TRX}), 2);
    assert_eq!(texts(&coins[0], &["asset_id", "amount"]), [TRX, "100"]);
    assert_eq!(texts(&result(&mut bench, &code), &["settleAsset", "settleAmount"]), [TRX, "100"]);
    assert_eq!(bench.try_control("POST", "switches", &json!({"mixpay": {"settle_asset": code}})).0, 400);
    assert_eq!(bench.try_control("POST", "switches", &json!({"mixpay": {"settle_fast": true}})).0, 400);
    for (to, threshold, found) in
        [("threshold_1", 1, 1), ("threshold_3", 3, 1), ("another_group", 2, 0), ("payee", 2, 1), ("threshold_1", 2, 0)]
    {
        let (mut bench, code, coins) = settled(&json!({"settle_to": to}), threshold);
        assert_eq!(coins.len(), found, "{to}");
        assert_eq!(result(&mut bench, &code)["settleStatus"], "success");
    }
    let (_, code, coins) = settled(&json!({"settle_trace": "code"}), 2);
    assert_eq!(coins[0]["request_id"], code);
    let (_, _, coins) = settled(&json!({"settle_inscription": true}), 2);
    assert_eq!(coins[0]["inscription_hash"].as_str().unwrap().len(), 64);

    let (mut bench, _, coins) = settled(&json!({"settle_signed": true}), 2);
    assert_eq!((&coins[0]["state"], &coins[0]["signers"]), (&json!("signed"), &json!([])));
    assert_eq!(coins[0]["signed_by"].as_str().unwrap().len(), 64);
    let (_, seller, bot, _) = bench.trio();
    let tx = bench.spend(&bot, &coins[0], &[(vec![seller.id], 1, "10")], 77);
    assert_eq!(bench.create(&bot, 77, &tx), Err(10105), "reserved");
}

#[test]
fn settlement_memos() {
    let standard = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    for (how, memo) in [
        ("own", (|_| "the memo".into()) as fn(&str) -> String),
        ("base64", |_| "dGhlIG1lbW8=".into()),
        ("base64url", |_| "dGhlIG1lbW8".into()),
        ("hex", |_| "746865206d656d6f".into()),
        ("pm_plain", |code| format!("PM|{code}")),
        ("none", |_| String::new()),
        ("another_order", |_| "other".into()),
    ] {
        let (_, code, coins) = settled(&json!({"settle_memo": how}), 2);
        assert_eq!(coins[0]["extra"], hex::encode(memo(&code)), "{how}");
    }
    for (how, text) in [("pm", ""), ("pm_text", "|thanks")] {
        let (_, code, coins) = settled(&json!({"settle_memo": how}), 2);
        assert_eq!(coins[0]["extra"], hex::encode(standard(format!("PM|{code}{text}"))), "{how}");
    }
    let mut bench = Bench::new();
    let trace = "5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
    let code = ordered(&mut bench, &json!({"traceId": trace, "settlementMemo": ""}));
    pay(&mut bench, &code, &json!({"asset": "USDT"}));
    settle(&mut bench);
    let dossier =
        "554531384e5749775a6a4e6a4d5745744e3245314d6930305a44426a4c546c684e5445744d47517a5a6a526d4e32597859544178";
    assert_eq!(vault(&mut bench, 2)[0]["extra"], dossier);
}

#[test]
fn settlements_held_back() {
    let mut bench = Bench::new();
    bench.switch(&json!({"mixpay": {"never_settle": true, "auditing": true}}));
    let code = ordered(&mut bench, &json!({}));
    pay(&mut bench, &code, &json!({"asset": "USDT"}));
    assert_eq!(result(&mut bench, &code)["status"], "auditing");
    bench.wait(3_600_000);
    assert_eq!(bench.world.next_deadline(), None);
    bench.switch(&json!({"mixpay": {"auditing": false}}));
    assert_eq!(texts(&result(&mut bench, &code), &["status", "settleStatus"]), ["success", "pending"]);
    settle(&mut bench);
    assert_eq!((vault(&mut bench, 2).len(), bench.world.next_deadline()), (0, None));
    bench.switch(&json!({"mixpay": {"never_settle": false}}));
    settle(&mut bench);
    assert_eq!(vault(&mut bench, 2).len(), 1);

    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({}));
    bench.switch(&json!({"mixpay": {"says_success": true}}));
    let said = result(&mut bench, &code);
    assert_eq!(
        texts(&said, &["status", "settleStatus", "settleAmount", "settleAsset", "paymentAmount"]),
        ["success", "success", "10", USDT, "10"]
    );
    settle(&mut bench);
    assert_eq!(vault(&mut bench, 2).len(), 0);
}

#[test]
fn sixty_calls_a_minute() {
    let mut bench = Bench::new();
    let left = |response: &Response<Bytes>| response.headers()["x-ratelimit-remaining"].to_str().unwrap().to_owned();
    let call = |bench: &mut Bench| api_raw(bench, "GET", "/v1/payments_result?traceId=x", "", "");
    for number in 0..60 {
        let (status, response) = call(&mut bench);
        assert_eq!((status, left(&response)), (200, (59 - number).to_string()));
        assert_eq!(response.headers()["x-ratelimit-limit"], "60");
        bench.wait(100);
    }
    let (status, response) = call(&mut bench);
    assert_eq!((status, &body_of(&response)["code"], left(&response)), (200, &json!(1429), "0".into()));
    bench.switch(&json!({"mixpay": {"http_429": true}}));
    assert_eq!(call(&mut bench).0, 429);
    bench.now = START.plus(Millis(59_999));
    assert_eq!(call(&mut bench).0, 429);
    bench.now = START.plus(Millis(60_000));
    assert_eq!((call(&mut bench).0, call(&mut bench).0), (200, 429), "a sliding minute");
    let known = bench.control("GET", "mixpay", &Value::Null);
    assert_eq!((&known["refused"], &known["busiest_minute"]), (&json!(4), &json!(64)));
    let calls = known["calls"].as_array().unwrap();
    assert_eq!((calls.len(), &calls[1]["at_ms"], &calls[0]["code"]), (65, &json!(START.0 + 100), &json!(404)));
}

#[test]
fn faults_and_outages() {
    let mut bench = Bench::new();
    let wanted = wanted(&mut bench).to_string();
    let make = |bench: &mut Bench| api_raw(bench, "POST", "/v1/one_time_payment", "application/json", &wanted);
    let known = |bench: &mut Bench| bench.control("GET", "mixpay", &Value::Null)["orders"].as_array().unwrap().len();
    bench.control("POST", "faults", &json!({"rest": "500", "path": "/v1/"}));
    assert_eq!((make(&mut bench).0, known(&mut bench)), (500, 0));
    bench.control("POST", "faults", &json!({"rest": "429", "path": "/v1/one_time_payment"}));
    assert_eq!(body_of(&make(&mut bench).1)["code"], 1429);
    bench.switch(&json!({"mixpay": {"down": "503"}}));
    assert_eq!((make(&mut bench).0, known(&mut bench)), (503, 0));
    bench.switch(&json!({"mixpay": {"down": "unanswered"}}));
    let (_, nothing) = make(&mut bench);
    assert!(nothing.extensions().get::<crate::sandbox::Lost>().is_some());
    assert_eq!(known(&mut bench), 0);
    bench.switch(&json!({"mixpay": {"down": "no"}}));
    bench.control("POST", "faults", &json!({"rest": "lost", "path": "/v1/"}));
    let (_, lost) = make(&mut bench);
    assert!(lost.extensions().get::<crate::sandbox::Lost>().is_some());
    assert_eq!(known(&mut bench), 1, "it took effect");
}

#[test]
fn callbacks() {
    let told = |more: Value, how: &str| {
        let mut bench = Bench::new();
        bench.switch(&json!({"mixpay": {"callbacks": how}}));
        let code = ordered(&mut bench, &with(&json!({"callbackUrl": "http://127.0.0.1:7/cb?x=1"}), &more));
        pay(&mut bench, &code, &json!({"asset": "USDT", "amount": "4", "by": "chain", "confirmations": 0}));
        pay(&mut bench, &code, &json!({"asset": "USDT", "by": "chain", "confirmations": 0}));
        settle(&mut bench);
        let out = bench.world.callbacks_out(bench.now);
        (bench, code, out)
    };
    let (mut bench, code, out) = told(json!({}), "once");
    let payee = group(&mut bench);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].url, "http://127.0.0.1:7/cb?x=1");
    let body: Value = serde_json::from_str(&out[0].body).unwrap();
    assert_eq!(body, json!({"orderId": "order-0001", "traceId": code, "payeeId": payee}));
    let (port, request) = crate::sandbox::mixpay::post(&out[0]).unwrap();
    assert_eq!(port, 7);
    assert!(request.starts_with("POST /cb?x=1 HTTP/1.0\r\n") && request.ends_with(&out[0].body));
    assert!(bench.world.callbacks_out(bench.now).is_empty(), "under way");
    let mut waited = Vec::new();
    let mut id = out[0].id;
    for _ in 0..9 {
        bench.world.callback_answered(id, false, bench.now);
        let next = bench.world.next_deadline().unwrap();
        waited.push(next.since(bench.now).0 / 1_000);
        assert!(bench.world.callbacks_out(next.since(Millis(1))).is_empty());
        bench.now = next;
        id = bench.world.callbacks_out(next)[0].id;
    }
    assert_eq!(waited, [15, 15, 30, 180, 1_800, 1_800, 1_800, 1_800, 3_600]);
    bench.world.callback_answered(id, false, bench.now);
    bench.wait(100_000_000);
    assert!(bench.world.callbacks_out(bench.now).is_empty(), "ten attempts");
    assert_eq!(bench.control("GET", "mixpay", &Value::Null)["callbacks"][0]["state"], "given_up");

    let all = json!({"callbackEvent": "settle|pending|paid_less"});
    let (mut bench, _, out) = told(all, "once");
    let events = bench.control("GET", "mixpay", &Value::Null)["callbacks"].clone();
    let events: Vec<&str> = events.as_array().unwrap().iter().map(|told| told["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["pending", "paid_less", "success", "settle"]);
    bench.world.callback_answered(out[0].id, true, bench.now);
    assert_eq!(bench.world.next_deadline(), None);
    let (_, code, out) = told(json!({}), "wrong_order");
    assert!(out.len() == 1 && !out[0].body.contains(&code) && !out[0].body.contains("order-0001"));
    assert_eq!(told(json!({}), "doubled").2.len(), 2);
    assert_eq!(told(json!({}), "lost").2.len(), 0);
    assert!(serde_json::from_str::<Value>(&told(json!({}), "garbage").2[0].body).is_err());
    assert!(crate::sandbox::mixpay::acknowledged(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n{\"code\":\"SUCCESS\"}"));
    for answer in ["HTTP/1.0 500 OK\r\n\r\n{\"code\":\"SUCCESS\"}", "HTTP/1.0 200 OK\r\n\r\n{\"code\":\"OK\"}", "", "x"]
    {
        assert!(!crate::sandbox::mixpay::acknowledged(answer.as_bytes()));
    }
}

#[test]
fn a_link_on_a_phone_and_a_page_in_a_browser() {
    let mut bench = Bench::new();
    let code = ordered(&mut bench, &json!({"remark": "<b>'Tea' & \"cups\"</b>"}));
    let link = format!("https://mixpay.me/code/{code}");
    let sheet = bench.control("POST", "people/buyer/open", &json!({"link": link}));
    assert_eq!(texts(&sheet, &["kind", "code", "amount", "asset", "status"]), ["mixpay", &code, "10", USDT, "unpaid"]);
    let btc = sheet["payable"].as_array().unwrap().iter().find(|coin| coin["symbol"] == "BTC").unwrap();
    assert_eq!(btc["amount"], "0.00016667");
    let page = |bench: &mut Bench, code: &str| {
        let (status, page) = api_raw(bench, "GET", &format!("/code/{code}"), "", "");
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        (status, String::from_utf8(page.body().to_vec()).unwrap())
    };
    bench.control("POST", "faults", &json!({"rest": "500"}));
    let (status, unpaid) = page(&mut bench, &code);
    assert_eq!((status, unpaid.matches("<button").count()), (200, 10), "and faults are not for people");
    assert!(unpaid.contains("&lt;b&gt;'Tea' &amp; &quot;cups&quot;&lt;/b&gt;") && !unpaid.contains("<b>'"));
    assert_eq!(page(&mut bench, "nothing").0, 404);
    bench.control("POST", "faults", &json!({"clear": true}));

    bench.mint("buyer", "30");
    let (status, wrong) = bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "000000"}));
    assert_eq!((status, &wrong["code"]), (409, &json!(20119)));
    let (_, poor) =
        bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "123456", "asset": "BTC"}));
    assert_eq!(poor["code"], 20117);
    let paid = bench.control("POST", "people/buyer/pay", &json!({"link": link, "pin": "123456"}));
    assert_eq!(texts(&paid, &["asset_id", "amount", "code", "status"]), [USDT, "10", &code, "success"]);
    let (status, _) = bench.try_control("POST", "people/buyer/pay", &json!({"link": link, "pin": "123456"}));
    assert_eq!(status, 409, "no button any more");
    assert_eq!(page(&mut bench, &code).1.matches("<button").count(), 0);
    let elsewhere = bench.control("POST", "people/buyer/open", &json!({"link": "https://mixpay.me/help"}));
    assert_eq!(elsewhere["sheet"], "browser");
}

/// Everything that moves money at once: wallets, surplus, refunds, wrong assets, a vault that shows as reserved.
#[test]
fn an_auditor_accounts_for_everything() {
    let mut bench = Bench::new();
    bench.mint("buyer", "100");
    let stories = [
        (json!({}), json!({"who": "buyer", "asset": "USDT"})),
        (json!({}), json!({"who": "buyer", "asset": "USDT", "amount": "12"})),
        (json!({}), json!({"who": "buyer", "asset": "USDT", "amount": "9"})),
        (json!({"settle_asset": TRX}), json!({"asset": "BTC"})),
        (json!({"settle_to": "another_group"}), json!({"asset": "USDT", "by": "chain"})),
        (json!({"settle_signed": true}), json!({"asset": "DOGE"})),
        (json!({"settle_inscription": true}), json!({"asset": "ETH"})),
    ];
    for (number, (switches, paying)) in stories.into_iter().enumerate() {
        let code = ordered(&mut bench, &json!({"orderId": format!("order-8{number:03}")}));
        bench.switch(&json!({"mixpay": switches}));
        pay(&mut bench, &code, &paying);
        bench.wait(30_000);
        settle(&mut bench);
        bench.world.switches = crate::sandbox::Switches::default();
        let ledger = bench.control("GET", "ledger", &Value::Null).to_string();
        assert_eq!(crate::sim::auditor::audit_all(&ledger, &[]).1, [], "{switches}");
    }
}
