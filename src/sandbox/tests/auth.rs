use super::*;

fn code(response: &Response<Bytes>) -> u64 {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    body["error"]["code"].as_u64().unwrap_or(0)
}

#[test]
fn a_token_fits_one_request() {
    let mut bench = Bench::new();
    let (bot, buyer) = (bench.person("bot"), bench.person("buyer"));
    let good = bot.claims("GET", "/safe/me", "", bench.now);
    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        claims
    };
    let now = bench.now.secs();
    for (claims, expected) in [
        (good.clone(), 0),
        (with("exp", json!(now)), 401),
        (with("exp", json!(now + 1)), 0),
        (with("iat", json!(now + 300)), 0),
        (with("iat", json!(now + 301)), 401),
        (with("sig", json!("00")), 401),
        (with("sid", json!(buyer.session)), 401),
        (with("uid", json!(buyer.id)), 401),
        (with("uid", json!(bot.id.to_uppercase())), 401),
        (with("jti", json!("")), 401),
        (with("scp", json!("PROFILE:READ")), 403),
    ] {
        let token = bot.token(&claims);
        let response = bench.send(&token, "GET", "/safe/me", "");
        assert_eq!(code(&response), expected, "{claims}");
        assert_eq!(response.status(), if expected == 0 { 200 } else { 202 });
        assert_eq!(response.headers()["x-server-time"].to_str().unwrap().len(), 19);
    }
    let token = bot.token(&good);
    assert_eq!(code(&bench.send(&token, "GET", "/me", "")), 401, "another path");
    assert_eq!(code(&bench.send(&token, "GET", "/safe/me?x=1", "")), 401, "another query");
    assert_eq!(code(&bench.send(&token, "GET", "/safe/me", " ")), 401, "another body");
    assert_eq!(code(&bench.send(&format!("{token}x"), "GET", "/safe/me", "")), 401);
    let forged = buyer.token(&good);
    assert_eq!(code(&bench.send(&forged, "GET", "/safe/me", "")), 401, "another's key");
    assert_eq!(code(&bench.send(&token, "GET", "/nowhere", "")), 404);

    bench.switch(&json!({"jti_fresh": true}));
    assert_eq!(code(&bench.send(&token, "GET", "/safe/me", "")), 0);
    assert_eq!(code(&bench.send(&token, "GET", "/safe/me", "")), 401, "twice");
}

#[test]
fn skew_is_the_servers_clock() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    bench.switch(&json!({"skew_ms": 600_000}));
    let token = bot.token(&bot.claims("GET", "/me", "", bench.now));
    let response = bench.send(&token, "GET", "/me", "");
    assert_eq!(code(&response), 401);
    let time: i64 = response.headers()["x-server-time"].to_str().unwrap().parse().unwrap();
    assert_eq!(time, (START.0 + 600_000) * 1_000_000);
}

#[test]
fn people_and_search() {
    let mut bench = Bench::new();
    let (bot, buyer) = (bench.person("bot"), bench.person("buyer"));
    let me = bench.get(&bot, "/safe/me").unwrap();
    assert_eq!(
        (&me["user_id"], &me["has_safe"], &me["app"]["app_number"]),
        (&json!(bot.id), &json!(true), &json!(bot.number))
    );
    assert!(bot.number.starts_with("7000") && bot.number.len() == 10);
    assert_eq!(me["spend_public_key"], spend_scalar(&bot.spend).public().to_string());
    assert_eq!(bench.get(&bot, &format!("/users/{}", buyer.number)).unwrap()["user_id"], json!(buyer.id));
    assert_eq!(bench.get(&bot, "/users/nobody"), Err(404));
    let some = json!([buyer.id, "00000000-0000-4000-8000-000000000000"]);
    assert_eq!(bench.post(&bot, "/users/fetch", &some).unwrap().as_array().unwrap().len(), 1);
    bench.switch(&json!({"search_budget": 2}));
    let search = format!("/search/{}", buyer.number);
    assert!(bench.get(&bot, &search).is_ok());
    assert_eq!(bench.get(&bot, "/search/1"), Err(404));
    assert_eq!(bench.get(&bot, &search), Err(429));
    bench.wait(11 * 3_600_000);
    assert_eq!(bench.get(&bot, &search), Err(429));
    bench.wait(3_600_000);
    assert!(bench.get(&bot, &search).is_ok());
    bench.switch(&json!({"search_429": true}));
    assert_eq!(bench.get(&buyer, &search), Err(429));
    assert_eq!(bench.get(&buyer, &search), Err(429), "and locked");
    bench.control("POST", "people/buyer/phone", &json!({"searchable": false}));
    assert_eq!(bench.get(&bot, &search), Err(404));
}

#[test]
fn faults_meet_apps_only() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    bench.control("POST", "faults", &json!({"rest": "500", "path": "/me"}));
    bench.control("POST", "people/buyer/call", &json!({"method": "GET", "path": "/me"}));
    let token = bot.token(&bot.claims("GET", "/me", "", bench.now));
    assert_eq!(bench.send(&token, "GET", "/me", "").status(), 500);
    assert_eq!(bench.send(&token, "GET", "/me", "").status(), 200);
    bench.control("POST", "faults", &json!({"rest": "429"}));
    assert_eq!(bench.get(&bot, "/me"), Err(429));
    bench.control("POST", "faults", &json!({"rest": "lost"}));
    let lost = bench.send(&token, "GET", "/me", "");
    assert!(lost.extensions().get::<crate::sandbox::Lost>().is_some());
    assert_eq!(bench.try_control("POST", "faults", &json!({"rest": "501"})).0, 400);
}

#[test]
fn a_new_session_ends_the_old_one() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    let renewed = Caller::of(&bench.control("POST", "people/bot/session", &Value::Null));
    assert_eq!(bench.get(&bot, "/me"), Err(401));
    assert_eq!(bench.get(&renewed, "/me").unwrap()["user_id"], json!(bot.id));
    assert_eq!(renewed.spend, bot.spend);
    bench.switch(&json!({"jti_is_request_id": true}));
    assert_eq!(bench.get(&renewed, "/me"), Err(401), "the request id is another");
}

#[test]
fn whoever_blocks_is_left_alone() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    bench.control("POST", "people/buyer/say", &json!({"text": "hi"}));
    let block = json!({"method": "POST", "path": "/relationships", "body": {"user_id": bot.id, "action": "BLOCK"}});
    assert_eq!(bench.control("POST", "people/buyer/call", &block)["relationship"], "BLOCKING");
    let (_, refused) = bench.try_control("POST", "people/bot/say", &json!({"text": "hello?", "to": "buyer"}));
    assert_eq!(refused["code"], 403);
}

const POSTS: [&str; 17] = [
    "safe/users",
    "safe/keys",
    "safe/assets/fetch",
    "safe/outputs/fetch",
    "safe/multisigs",
    "safe/multisigs/00000000-0000-4000-8000-000000000001/sign",
    "safe/transaction/requests",
    "safe/transactions",
    "safe/transactions/fetch",
    "safe/snapshots/notifications",
    "users/fetch",
    "relationships",
    "sessions/fetch",
    "acknowledgements",
    "messages",
    "conversations",
    "conversations/00000000-0000-4000-8000-000000000001/exit",
];

fn nonsense() -> Vec<Value> {
    let id = "00000000-0000-4000-8000-000000000001";
    vec![
        json!(null),
        json!(1e300),
        json!("x"),
        json!([]),
        json!([[]]),
        json!([null]),
        json!([{}]),
        json!({}),
        json!([{"request_id": id, "raw": "7777"}]),
        json!([{"request_id": id, "raw": "zz"}]),
        json!([-1]),
        json!({"keys": {}}),
        json!({"keys": [{"receivers": [id], "index": -1, "hint": id}]}),
        json!({"ids": 5}),
        json!([{"message_id": id, "conversation_id": id, "category": "APP_CARD", "data_base64": "e30"}]),
        json!({"user_id": id, "action": "ADD", "transaction_hash": "", "category": "GROUP", "conversation_id": id}),
        json!([{"raw": "7".repeat(100_000), "request_id": id}]),
        json!(["\u{202e}", "\u{0}"]),
    ]
}

/// Nothing from outside may do worse than be refused.
#[test]
fn nonsense_is_refused_everywhere() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    for route in POSTS {
        for body in nonsense() {
            let done = bench.post(&bot, &format!("/{route}"), &body);
            let harmless =
                done.as_ref().is_ok_and(|data| *data == json!([]) || *data == json!([{}]) || *data == json!({}));
            assert!(done.is_err() || harmless || route == "safe/assets/fetch", "{route} {body}: {done:?}");
        }
    }
    for query in ["limit=0", "limit=501", "limit=x", "offset=-1", "order=UP", "state=lost", "members=00&threshold=2"] {
        assert_eq!(bench.get(&bot, &format!("/safe/outputs?{query}")), Err(10002), "{query}");
    }
    let token = bot.token(&bot.claims("POST", "/messages", "{", bench.now));
    assert_eq!(code(&bench.send(&token, "POST", "/messages", "{")), 400);
}

#[test]
fn control_names_the_mistake() {
    let mut bench = Bench::new();
    for path in [
        "people",
        "deposits",
        "switches",
        "faults",
        "clock",
        "people/buyer/mint",
        "people/buyer/say",
        "people/buyer/tap",
        "people/buyer/open",
        "people/buyer/pay",
        "people/buyer/sign",
        "people/buyer/call",
        "people/buyer/group",
        "people/nobody/say",
    ] {
        for body in nonsense() {
            let (status, answer) = bench.try_control("POST", path, &body);
            let nothing = path == "switches" && body == json!({});
            assert!([400, 404, 409].contains(&status) || nothing, "{path} {body}: {answer}");
            assert!(nothing || answer["error"].is_string());
        }
    }
}
