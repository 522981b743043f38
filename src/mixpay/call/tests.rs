use proptest::prelude::*;
use serde_json::json;

use super::*;

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// The variant's name, and what tells it apart.
fn sorted(response: Response<Bytes>) -> String {
    match read(response) {
        Ok(reply) => format!("ok {}", reply.data),
        Err(CallError::Busy { code, wait, .. }) => format!("busy {code} {}", wait.secs()),
        Err(CallError::Unanswered { .. }) => "unanswered".into(),
        Err(CallError::Refused { code, description, .. }) => format!("refused {code} {description}"),
        Err(CallError::NotFound { .. }) => "not found".into(),
        Err(CallError::Unauthorized { .. }) => "unauthorized".into(),
    }
}

fn error(code: &Value) -> String {
    json!({"code": code, "success": false, "message": "why", "data": [], "timestampMs": 1}).to_string()
}

#[test]
fn a_request_carries_no_token() {
    let base: Base = "https://api.mixpay.me".parse().unwrap();
    let call = Call::post("/v1/multisig", &json!({"threshold": 2}));
    let request = request(&call, &base).unwrap();
    assert_eq!(request.uri(), "https://api.mixpay.me/v1/multisig");
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(request.headers()[USER_AGENT], call::AGENT);
    assert!(!request.headers().contains_key(http::header::AUTHORIZATION));
    assert_eq!(request.body().as_ref(), br#"{"threshold":2}"#);
    assert_eq!(super::request(&Call::get("/v1/a b".into()), &base).err(), Some(SignError::Path));
}

#[test]
fn an_answer_is_its_data_and_never_tells_the_time() {
    let body = r#"{"code":0,"success":true,"message":"","data":{"a":1},"timestampMs":1645411665245}"#;
    assert_eq!(read(answer(200, body)), Ok(Reply { data: json!({"a": 1}), server_time: None }));
    assert_eq!(sorted(answer(200, r#"{"code":"0"}"#)), "ok null");
    assert_eq!(sorted(answer(200, r#"{"code":0,"success":1,"data":[]}"#)), "ok []");
}

#[test]
fn each_failure_says_what_to_do() {
    for (code, expected) in [
        (1_429, "busy 1429 60"),
        (10_008, "busy 10008 60"),
        (10_034, "busy 10034 60"),
        (-1, "unanswered"),
        (404, "not found"),
        (40_022, "not found"),
        (1_017, "refused 1017 why"),
        (10_041, "refused 10041 why"),
        (401, "refused 401 why"),
    ] {
        assert_eq!(sorted(answer(200, &error(&json!(code)))), expected);
        assert_eq!(sorted(answer(200, &error(&json!(code.to_string())))), expected);
        assert_eq!(sorted(answer(422, &error(&json!(code)))), expected);
        assert_eq!(sorted(answer(502, &error(&json!(code)))), "unanswered");
        assert_eq!(sorted(answer(429, &error(&json!(code)))), "busy 1429 60");
    }
}

#[test]
fn what_is_no_answer_leaves_it_open() {
    for body in ["", "<html>", "[]", "null", "{}", r#"{"code":null}"#, r#"{"code":0.5}"#, r#"{"code":"x"}"#, "{"] {
        for status in [200, 302, 403, 404, 500] {
            assert_eq!(sorted(answer(status, body)), "unanswered", "{status} {body}");
        }
        assert_eq!(sorted(answer(429, body)), "busy 1429 60", "{body}");
    }
    assert_eq!(sorted(answer(200, r#"{"code":0,"success":false}"#)), "unanswered");
    assert_eq!(sorted(answer(400, r#"{"code":0,"success":true}"#)), "unanswered");
}

#[test]
fn a_wish_for_patience_is_kept_within_bounds() {
    for (asked, secs) in
        [("5", 60), ("120", 120), ("86400", 600), ("-9", 60), ("soon", 60), ("9223372036854775807", 600)]
    {
        let response = Response::builder().status(429).header(RETRY_AFTER, asked).body(Bytes::new()).unwrap();
        assert_eq!(sorted(response), format!("busy 1429 {secs}"), "{asked}");
    }
}

#[test]
fn foreign_text_is_cut_and_clean() {
    let body = json!({"code": 1017, "message": format!("\u{1b}[31m\n{}", "x".repeat(1_000))}).to_string();
    let Err(CallError::Refused { description, .. }) = read(answer(200, &body)) else { panic!() };
    assert!(description.chars().count() <= 300 && !description.chars().any(char::is_control), "{description}");
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(status in 100u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read(Response::builder().status(status).body(Bytes::from(body)).unwrap()));
    }

    #[test]
    fn no_envelope_makes_reading_panic(
        status in 100u16..600,
        code in "null|-?[0-9]{1,25}|\"[^\"\\\\]{0,9}\"|[0-9]{1,3}e[0-9]{1,9}|\\[\\]|\\{\\}",
        message in any::<Option<String>>(),
        retry in "[ -~]{0,12}",
    ) {
        let body = format!(r#"{{"code":{code},"message":{},"data":{code}}}"#, json!(message));
        drop(read(Response::builder().status(status).header(RETRY_AFTER, retry).body(Bytes::from(body)).unwrap()));
    }
}
