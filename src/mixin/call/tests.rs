use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::mixin::messenger::Attachment;
use crate::mixin::safe::{GhostKeys, KeyRequest, Me, MultisigRequest, OutputsPage, SafeTransaction, User, VaultOutput};

const ID: Uuid = Uuid::from_u128(7);

fn signer() -> Signer {
    let keystore = json!({
        "app_id": "6f1d2e30-7b84-4c95-ad06-be17cf28d039",
        "session_id": "b3a1c2d4-0000-4000-8000-000000000001",
        "session_private_key": "05".repeat(32),
        "spend_private_key": "05".repeat(32),
    });
    Signer::new(&Keystore::read(&keystore.to_string()).unwrap())
}

fn answer(status: u16, echo: Option<Uuid>, body: &str) -> Response<Bytes> {
    let mut builder = Response::builder().status(status).header(X_SERVER_TIME, "1700000000123456789");
    if let Some(echo) = echo {
        builder = builder.header(X_REQUEST_ID, echo.to_string());
    }
    builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn error(code: i64) -> String {
    json!({"error": {"status": 202, "code": code, "description": "why", "extra": {"field": "raw"}}}).to_string()
}

/// The variant's name, and what tells it apart.
fn sorted(status: u16, body: &str) -> String {
    match read(ID, answer(status, Some(ID), body)) {
        Ok(reply) => format!("ok {}", reply.data),
        Err(CallError::Busy { code, wait, .. }) => format!("busy {code} {}", wait.0),
        Err(CallError::Unanswered { .. }) => "unanswered".into(),
        Err(CallError::Refused { code, .. }) => format!("refused {code}"),
        Err(CallError::NotFound { .. }) => "not found".into(),
        Err(CallError::Unauthorized { server_time, .. }) => {
            format!("unauthorized {}", server_time.map_or(0, |time| time.0))
        }
    }
}

#[test]
fn a_request_is_signed_as_it_is_sent() {
    let call = Call::post("/safe/multisigs?x=%20y", &json!([{"request_id": "x", "raw": "00"}]));
    let base: Base = "http://127.0.0.1:8080/".parse().unwrap();
    let request = signer().sign(&call, &base, Millis(1_700_000_000_999), ID).unwrap();
    assert_eq!(request.uri(), "http://127.0.0.1:8080/safe/multisigs?x=%20y");
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()[X_REQUEST_ID], ID.to_string());
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
    let token = request.headers()[AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let key = jsonwebtoken::DecodingKey::from_ed_der(
        &hex::decode("6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1").unwrap(),
    );
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims;
    let sig = auth::sig("POST", "/safe/multisigs?x=%20y", br#"[{"raw":"00","request_id":"x"}]"#);
    assert_eq!(
        claims,
        json!({
            "exp": 1_700_000_060, "iat": 1_700_000_000, "jti": ID, "scp": "FULL", "sig": sig,
            "sid": "b3a1c2d4-0000-4000-8000-000000000001", "uid": "6f1d2e30-7b84-4c95-ad06-be17cf28d039",
        })
    );
}

#[test]
fn a_base_has_no_path() {
    for text in ["https://api.mixin.one", "http://127.0.0.1:1234/", "wss://blaze.mixin.one", "ws://localhost:1"] {
        assert_eq!(text.parse::<Base>().unwrap().to_string(), text.trim_end_matches('/'));
    }
    for text in
        ["", "api.mixin.one", "https://", "https://api.mixin.one/v1", "https://a/?x", "ftp://a", "https://u:p@a"]
    {
        assert_eq!(text.parse::<Base>(), Err(NotABase), "{text}");
    }
    let base: Base = "https://api.mixin.one".parse().unwrap();
    for path in ["", "users", "/a b", "/a#b", "/a\nb"] {
        let signed = signer().sign(&Call::get(path), &base, Millis(0), ID);
        assert_eq!(signed.err(), Some(SignError::Path), "{path:?}");
    }
}

#[test]
fn every_failure_is_sorted_by_what_to_do() {
    for (code, sort) in [
        (401, "unauthorized 1700000000123"),
        (911, "unauthorized 1700000000123"),
        (403, "refused 403"),
        (404, "not found"),
        (429, "busy 429 10000"),
        (10_002, "refused 10002"),
        (10_104, "busy 10104 5000"),
        (10_105, "busy 10105 3000"),
        (10_106, "refused 10106"),
        (10_404, "refused 10404"),
        (20_125, "refused 20125"),
        (30_100, "busy 30100 60000"),
        (30_103, "busy 30103 60000"),
        (500, "unanswered"),
        (7_000, "unanswered"),
        (7_001, "unanswered"),
    ] {
        for status in [200, 202, 400, 403] {
            assert_eq!(sorted(status, &error(code)), sort, "{status} {code}");
        }
        assert_eq!(sorted(502, &error(code)), "unanswered");
    }
    let locked = json!({"error": {"code": 10_000, "description": "inputs locked by another transaction"}}).to_string();
    for (status, body, sort) in [
        (200, r#"{"data":{"a":1}}"#, r#"ok {"a":1}"#),
        (200, "{}", "ok null"),
        (200, r#"{"data":[],"error":null}"#, "ok []"),
        (200, r#"{"data":1,"error":{"code":0}}"#, "ok 1"),
        (202, &locked, "busy 10000 3000"),
        (202, r#"{"error":{"status":500,"code":10002}}"#, "unanswered"),
        (200, "", "unanswered"),
        (200, "<html>Bad Gateway</html>", "unanswered"),
        (200, "[1]", "unanswered"),
        (302, "{}", "unanswered"),
        (404, r#"{"message":"no route"}"#, "unanswered"),
        (500, r#"{"data":{}}"#, "unanswered"),
        (401, "<html>", "unauthorized 1700000000123"),
        (429, "slow down", "busy 429 10000"),
    ] {
        assert_eq!(sorted(status, body), sort, "{status} {body}");
    }
}

#[test]
fn an_answer_to_somebody_else_is_none() {
    for echo in [None, Some(Uuid::from_u128(8))] {
        let read_it = |status, body: &str| read(ID, answer(status, echo, body));
        assert!(matches!(read_it(200, r#"{"data":1}"#), Err(CallError::Unanswered { .. })));
        assert!(matches!(read_it(202, &error(10_002)), Err(CallError::Unanswered { .. })));
        assert!(matches!(read_it(429, ""), Err(CallError::Busy { .. })));
        assert!(matches!(read_it(401, ""), Err(CallError::Unauthorized { .. })));
    }
    let upper = Response::builder().header("X-Request-ID", ID.to_string().to_uppercase());
    assert!(read(ID, upper.body(Bytes::from_static(b"{\"data\":1}")).unwrap()).is_ok());
}

#[test]
fn a_401_is_signed_again_once_and_only_if_the_clock_was_wrong() {
    let at = Millis::from_secs(1_000);
    for (server_secs, again, moves) in [
        (Some(1_000), false, None),
        (Some(1_060), false, None),
        (Some(1_061), false, Some(61)),
        (Some(939), false, Some(-61)),
        (Some(1_061), true, None),
        (None, false, None),
    ] {
        let server = server_secs.map(Millis::from_secs);
        assert_eq!(sign_again(at, server, again), moves.map(Millis::from_secs), "{server_secs:?} {again}");
    }
}

#[test]
fn server_time_is_in_nanoseconds() {
    for (text, time) in
        [("1700000000123456789", Some(1_700_000_000_123)), ("0", None), ("-5", None), ("soon", None), ("", None)]
    {
        let mut headers = HeaderMap::new();
        headers.insert(X_SERVER_TIME, text.parse().unwrap());
        assert_eq!(server_time(&headers), time.map(Millis), "{text}");
    }
}

#[test]
fn errors_survive_being_stored_and_stay_on_one_line() {
    let body = json!({"error": {"code": 10_002, "description": format!("a\nb{}", "x".repeat(999)), "extra": "raw"}});
    let error = read(ID, answer(202, Some(ID), &body.to_string())).unwrap_err();
    assert!(!error.to_string().contains('\n') && error.to_string().len() < 400, "{error}");
    let stored = serde_json::to_string(&error).unwrap();
    assert_eq!(serde_json::from_str::<CallError>(&stored).unwrap(), error);
}

/// Any JSON, and JSON that looks a little like an answer.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        ".{0,12}".prop_map(|s| json!(s)),
        "[0-9a-f]{64}".prop_map(|s| json!(s)),
        Just(json!("6f1d2e30-7b84-4c95-ad06-be17cf28d039")),
    ];
    let name = prop_oneof![
        Just("data"),
        Just("error"),
        Just("code"),
        Just("user_id"),
        Just("output_id"),
        Just("amount"),
        Just("keys"),
        Just("request_id"),
        Just("transaction_hash"),
        Just("state"),
        Just("views"),
        Just("receivers"),
        Just("mask"),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(status in 100u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let response = Response::builder().status(status).header(X_REQUEST_ID, ID.to_string());
        drop(read(ID, response.body(Bytes::from(body)).unwrap()));
    }

    #[test]
    fn no_json_makes_reading_panic(value in json()) {
        drop(read(ID, answer(200, Some(ID), &value.to_string())));
        let reply = Reply { data: value, server_time: None };
        drop(User::read(&reply));
        drop(User::read_list(&reply));
        drop(Me::read(&reply));
        drop(GhostKeys::read(&reply, &[KeyRequest::new(vec![], 0, ID)]));
        drop(VaultOutput::read(&reply));
        drop(OutputsPage::read(&reply));
        drop(MultisigRequest::read(&reply));
        drop(SafeTransaction::read(&reply));
        drop(Attachment::read(&reply));
    }
}
