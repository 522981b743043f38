use std::io::{Read, Write};

use super::*;
use crate::sandbox::{ConnId, Frame};

fn connect(bench: &mut Bench, who: &Caller) -> ConnId {
    let token = who.token(&who.claims("GET", "/", "", bench.now));
    let request = Request::builder().uri("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
    bench.world.blaze_open(&request, bench.now).unwrap()
}

fn ask(bench: &mut Bench, conn: ConnId, action: &str, params: &Value) -> Vec<Value> {
    let id = "99999999-9999-4999-8999-999999999999";
    let envelope = json!({"id": id, "action": action, "params": params}).to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(envelope.as_bytes()).unwrap();
    bench.world.blaze_frame(conn, Frame::Binary(gzip.finish().unwrap().into()), bench.now);
    frames(bench, conn)
}

fn frames(bench: &mut Bench, conn: ConnId) -> Vec<Value> {
    let read = |frame: Frame| {
        let Frame::Binary(bytes) = frame else { return json!(format!("{frame:?}")) };
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    bench.world.blaze_out(conn, bench.now).into_iter().map(read).collect()
}

fn message(to: &Caller, conversation: &str, id: u128, category: &str, payload: &str) -> Value {
    json!({"conversation_id": conversation, "recipient_id": to.id, "message_id": uuid::Uuid::from_u128(id).to_string(),
           "category": category, "data_base64": URL_SAFE_NO_PAD.encode(payload)})
}

fn contact(a: &Caller, b: &Caller) -> String {
    crate::kernel::derive::contact_conversation(a.id.parse().unwrap(), b.id.parse().unwrap()).to_string()
}

#[test]
fn pushed_until_acknowledged() {
    let mut bench = Bench::new();
    let (buyer, _, bot, _) = bench.trio();
    bench.control("POST", "people/buyer/say", &json!({"text": "你好"}));
    let conn = connect(&mut bench, &bot);
    assert_eq!(frames(&mut bench, conn), Vec::<Value>::new(), "nothing before it is asked for");
    let got = ask(&mut bench, conn, "LIST_PENDING_MESSAGES", &Value::Null);
    assert_eq!(got[0], json!({"id": "99999999-9999-4999-8999-999999999999", "action": "LIST_PENDING_MESSAGES"}));
    let view = &got[1]["data"];
    assert_eq!((&got[1]["action"], &view["source"]), (&json!("CREATE_MESSAGE"), &json!("LIST_PENDING_MESSAGES")));
    assert_eq!(
        (&view["user_id"], &view["data"], &view["data_base64"]),
        (&json!(buyer.id), &json!("5L2g5aW9"), &json!("5L2g5aW9"))
    );
    assert_eq!((&view["category"], &view["conversation_id"]), (&json!("PLAIN_TEXT"), &json!(contact(&buyer, &bot))));
    bench.control("POST", "people/buyer/say", &json!({"text": "again"}));
    let live = frames(&mut bench, conn);
    assert_eq!(live[0]["data"]["source"], "CREATE_MESSAGE");

    let ack = json!([{"message_id": view["message_id"], "status": "READ"}]);
    bench.post(&bot, "/acknowledgements", &ack).unwrap();
    let second = connect(&mut bench, &bot);
    assert_eq!(frames(&mut bench, conn), [json!("Close")], "the newer connection wins");
    let got = ask(&mut bench, second, "LIST_PENDING_MESSAGES", &Value::Null);
    assert_eq!(got.len(), 2, "the acknowledged one is gone");
    assert_eq!(got[1]["data"]["message_id"], live[0]["data"]["message_id"]);
    let single = json!({"message_id": live[0]["data"]["message_id"], "status": "READ"});
    let answer = ask(&mut bench, second, "ACKNOWLEDGE_MESSAGE_RECEIPT", &single);
    assert!(answer[0].get("data").is_none() && answer[0].get("error").is_none());
    assert_eq!(ask(&mut bench, second, "LIST_PENDING_MESSAGES", &Value::Null).len(), 1);
    assert_eq!(
        ask(&mut bench, second, "ACKNOWLEDGE_MESSAGE_RECEIPT", &json!({"message_id": "x"}))[0]["error"]["code"],
        10002
    );
}

#[test]
fn a_connection_lives_and_dies() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    let conn = connect(&mut bench, &bot);
    bench.wait(15_000);
    assert_eq!(bench.world.blaze_out(conn, bench.now), [Frame::Ping(Bytes::new())]);
    bench.world.blaze_frame(conn, Frame::Ping(Bytes::from_static(b"x")), bench.now);
    assert_eq!(bench.world.blaze_out(conn, bench.now), [Frame::Pong(Bytes::from_static(b"x"))]);
    bench.control("POST", "faults", &json!({"blaze": "silence"}));
    bench.world.blaze_frame(conn, Frame::Ping(Bytes::new()), bench.now);
    bench.wait(60_000);
    assert!(bench.world.blaze_out(conn, bench.now).is_empty() && bench.world.blaze_silent(conn));
    bench.world.blaze_frame(conn, Frame::Close, bench.now);
    assert_eq!(bench.world.next_deadline(), None);

    let conn = connect(&mut bench, &bot);
    bench.world.blaze_frame(conn, Frame::Text("{}".into()), bench.now);
    assert_eq!(bench.world.blaze_out(conn, bench.now), [Frame::Close]);
    let bare = Request::builder().uri("/").body(()).unwrap();
    let refused = bench.world.blaze_open(&bare, bench.now).unwrap_err();
    assert_eq!(refused.status(), 401);
    assert!(refused.headers().contains_key("x-server-time"));
}

#[test]
fn redelivery_and_doubles_by_switch() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    bench.switch(&json!({"duplicate_push": true, "redeliver_ms": 5_000}));
    let conn = connect(&mut bench, &bot);
    ask(&mut bench, conn, "LIST_PENDING_MESSAGES", &Value::Null);
    bench.control("POST", "people/buyer/say", &json!({"text": "one"}));
    assert_eq!(frames(&mut bench, conn).len(), 2);
    assert_eq!(bench.world.next_deadline(), Some(bench.now.plus(Millis(5_000))));
    bench.wait(5_000);
    assert_eq!(frames(&mut bench, conn).len(), 2);
}

#[test]
fn talking_back() {
    let mut bench = Bench::new();
    let (buyer, seller, bot, _) = bench.trio();
    let conversation = contact(&bot, &buyer);
    let hello = message(&buyer, &conversation, 1, "PLAIN_TEXT", "hello");
    assert_eq!(bench.post(&bot, "/messages", &json!([hello])), Err(403), "no conversation yet");
    let create =
        |id: &str| json!({"category": "CONTACT", "conversation_id": id, "participants": [{"user_id": buyer.id}]});
    assert_eq!(bench.post(&bot, "/conversations", &create(&contact(&bot, &seller))), Err(10002));
    assert!(bench.post(&bot, "/conversations", &create(&conversation)).is_ok());
    assert_eq!(bench.post(&bot, "/messages", &json!([hello])), Ok(json!({})));
    assert_eq!(bench.post(&bot, "/messages", &json!([hello])), Ok(json!({})), "the same id again");
    let conn = connect(&mut bench, &bot);
    let got = ask(&mut bench, conn, "LIST_PENDING_MESSAGES", &Value::Null);
    assert_eq!(
        (&got[1]["action"], &got[1]["data"]["status"]),
        (&json!("ACKNOWLEDGE_MESSAGE_RECEIPT"), &json!("DELIVERED"))
    );
    let inbox = bench.control("GET", "people/buyer/inbox", &Value::Null);
    assert_eq!(inbox.as_array().unwrap().len(), 1);
    assert_eq!((&inbox[0]["text"], &inbox[0]["group"]), (&json!("hello"), &json!(false)));
    assert_eq!(frames(&mut bench, conn)[0]["data"]["status"], "READ");

    let sent = ask(&mut bench, conn, "CREATE_MESSAGE", &message(&buyer, &conversation, 2, "PLAIN_TEXT", "by blaze"));
    assert_eq!((&sent[0]["data"]["category"], &sent[0]["data"]["status"]), (&json!(""), &json!("SENT")));
    let mut other = message(&seller, &conversation, 3, "PLAIN_TEXT", "x");
    assert_eq!(bench.post(&bot, "/messages", &json!([other])), Err(403));
    other["recipient_id"] = "".into();
    assert_eq!(bench.post(&bot, "/messages", &json!([other])), Err(10002));
    let mut upper = message(&buyer, &conversation, 10, "PLAIN_TEXT", "x");
    upper["message_id"] = "00000000-0000-0000-0000-00000000000A".into();
    assert_eq!(bench.post(&bot, "/messages", &json!([upper])), Err(10002));
    let many: Vec<Value> = (20..121).map(|id| message(&buyer, &conversation, id, "PLAIN_TEXT", "x")).collect();
    assert_eq!(bench.post(&bot, "/messages", &json!(many)), Err(10002));
    let long = message(&buyer, &conversation, 4, "PLAIN_POST", &"x".repeat(128 * 1024));
    assert_eq!(bench.post(&bot, "/messages", &json!([long])), Err(10002));
    assert_eq!(
        bench.post(&bot, "/messages", &json!([message(&buyer, &conversation, 4, "PLAIN_FOO", "x")])),
        Err(10002)
    );
    bench.control("POST", "people/seller/phone", &json!({"accepts": "CONTACTS"}));
    let cold = json!({"category": "CONTACT", "conversation_id": contact(&bot, &seller), "participants": [{"user_id": seller.id}]});
    assert_eq!(bench.post(&bot, "/conversations", &cold), Err(403));
    bench.control("POST", "people/seller/say", &json!({"text": "hi"}));
    assert!(
        bench
            .post(&bot, "/messages", &json!([message(&seller, &contact(&bot, &seller), 5, "PLAIN_TEXT", "x")]))
            .is_ok()
    );
}

#[test]
fn cards_and_buttons_as_the_strictest_client_reads_them() {
    let mut bench = Bench::new();
    let (buyer, _, bot, _) = bench.trio();
    bench.control("POST", "people/buyer/say", &json!({"text": "hi"}));
    let conversation = contact(&bot, &buyer);
    let button = |key: &str, value: &str| {
        let mut button = json!({"label": "Yes", "color": "#76A048", "action": "input:/yes"});
        button[key] = value.into();
        json!([button])
    };
    let card = |key: &str, value: Value| {
        let mut card = json!({"app_id": bot.id, "cover_url": "", "title": "T", "description": "D", "shareable": false,
                              "actions": [{"label": "Sign", "color": "#5979F0", "action": "https://mixin.one/multisigs/x"}]});
        card[key] = value;
        card
    };
    let mut id = 100;
    let mut post = |bench: &mut Bench, category: &str, payload: &Value| {
        id += 1;
        bench.post(&bot, "/messages", &json!([message(&buyer, &conversation, id, category, &payload.to_string())]))
    };
    for (good, payload) in [
        (true, button("label", "Yes")),
        (false, button("label", "")),
        (false, button("label", &"x".repeat(37))),
        (false, button("label", "十二个汉字以上的按钮标签太长了")),
        (false, button("color", "green")),
        (false, button("action", "javascript:x")),
        (false, button("action", "input: ")),
        (false, button("action", &format!("input:{}", "x".repeat(512)))),
        (false, json!([{"label": "x", "action": "input:x"}])),
        (false, json!([])),
        (false, json!({"label": "x"})),
        (false, Value::Array(vec![button("label", "x")[0].clone(); 7])),
    ] {
        let expected = if good { Ok(json!({})) } else { Err(10002) };
        assert_eq!(post(&mut bench, "APP_BUTTON_GROUP", &payload), expected, "{payload}");
    }
    for (good, payload) in [
        (true, card("title", json!("T"))),
        (false, card("app_id", json!(buyer.id))),
        (false, card("shareable", Value::Null)),
        (false, card("title", json!("x".repeat(37)))),
        (false, card("description", json!("x".repeat(1025)))),
        (false, card("action", json!("https://x.example"))),
        (false, card("cover", json!({"url": "https://x.example"}))),
        (false, card("actions", Value::Null)),
    ] {
        let expected = if good { Ok(json!({})) } else { Err(10002) };
        assert_eq!(post(&mut bench, "APP_CARD", &payload), expected, "{payload}");
    }
    bench.switch(&json!({"lenient_shapes": true}));
    post(&mut bench, "APP_CARD", &card("shareable", Value::Null)).unwrap();
    let inbox = bench.control("GET", "people/buyer/inbox", &Value::Null);
    let inbox = inbox.as_array().unwrap();
    assert_eq!(inbox.len(), 3);
    assert_eq!(inbox[0]["buttons"][0]["label"], "Yes");
    assert_eq!(inbox[2]["unsupported"]["field"], "data.shareable");
    let said = bench.control("POST", "people/buyer/tap", &json!({"message_id": inbox[0]["message_id"], "button": 0}));
    assert_eq!(said["said"], "/yes");
    assert_eq!(
        bench.try_control("POST", "people/buyer/tap", &json!({"message_id": inbox[0]["message_id"], "button": 1})).0,
        400
    );
}

#[test]
fn a_group_hides_from_the_bot_what_is_not_for_it() {
    let mut bench = Bench::new();
    let (_, seller, bot, _) = bench.trio();
    let group =
        bench.control("POST", "people/buyer/group", &json!({"name": "OTC corner", "members": ["seller", "bot"]}));
    let id = group["conversation_id"].as_str().unwrap().to_owned();
    let conn = connect(&mut bench, &bot);
    let got = ask(&mut bench, conn, "LIST_PENDING_MESSAGES", &Value::Null);
    assert!(got[1..].iter().all(|frame| frame["data"]["category"] == "SYSTEM_CONVERSATION"));
    let mention = format!("@{} /deal", bot.number);
    for (client, text, quoted, reaches) in [
        ("android", mention.as_str(), false, true),
        ("android", mention.as_str(), true, false),
        ("android", &format!("@{}", bot.number), false, false),
        ("android", "hello", false, false),
        ("android", &format!("hi @{} /deal", bot.number), false, false),
        ("ios", mention.as_str(), true, true),
        ("desktop", &format!("@{}", bot.number), false, true),
    ] {
        bench.control("POST", "people/seller/phone", &json!({"client": client}));
        let quote = if quoted { "aaaaaaa1-0000-4000-8000-000000000001" } else { "" };
        bench.control("POST", "people/seller/say", &json!({"text": text, "conversation_id": id, "quote": quote}));
        let heard = frames(&mut bench, conn);
        assert_eq!(!heard.is_empty(), reaches, "{client} {text} {quoted}");
    }
    let broadcast = json!({"conversation_id": id, "message_id": uuid::Uuid::from_u128(1).to_string(), "category": "PLAIN_TEXT",
                           "data_base64": URL_SAFE_NO_PAD.encode("to all")});
    assert_eq!(bench.post(&bot, "/messages", &json!([broadcast])), Err(403));
    ask(&mut bench, conn, "CREATE_MESSAGE", &broadcast);
    let mut private = broadcast.clone();
    private["message_id"] = uuid::Uuid::from_u128(2).to_string().into();
    private["recipient_id"] = seller.id.clone().into();
    ask(&mut bench, conn, "CREATE_MESSAGE", &private);
    let texts = |inbox: Value| -> Vec<String> {
        let list = inbox.as_array().unwrap().iter().filter(|shown| shown["sender"] == bot.id);
        list.map(|shown| shown["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(bench.control("GET", "people/buyer/inbox", &Value::Null)), ["to all"]);
    assert_eq!(texts(bench.control("GET", "people/seller/inbox", &Value::Null)), ["to all", "to all"]);
    let remove = json!({"method": "POST", "path": format!("/conversations/{id}/participants/REMOVE"), "body": [{"user_id": bot.id}]});
    bench.control("POST", "people/buyer/call", &remove);
    let told = frames(&mut bench, conn);
    assert!(told.iter().any(|frame| frame["data"]["category"] == "SYSTEM_CONVERSATION"));
    assert_eq!(
        ask(
            &mut bench,
            conn,
            "CREATE_MESSAGE",
            &json!({"conversation_id": id, "message_id": uuid::Uuid::from_u128(3).to_string(), "category": "PLAIN_TEXT", "data_base64": "SGk"})
        )[0]["error"]["code"],
        403
    );
}

#[test]
fn links_that_speak_ask_first() {
    let mut bench = Bench::new();
    let bot = bench.person("bot");
    let link = format!("mixin://send?category=text&data={}&user={}", URL_SAFE_NO_PAD.encode("join K7Q2MX"), bot.id);
    let sheet = bench.control("POST", "people/seller/open", &json!({"link": link}));
    assert_eq!((&sheet["sheet"], &sheet["text"]), (&json!("send"), &json!("join K7Q2MX")));
    let said = bench.control("POST", "people/seller/open", &json!({"link": link, "confirm": true}));
    assert_eq!(said["message"]["reached"], json!(bot.id));
    bench.control("POST", "people/seller/contact", &json!({"user_id": "buyer"}));
    let conn = connect(&mut bench, &bot);
    let got = ask(&mut bench, conn, "LIST_PENDING_MESSAGES", &Value::Null);
    let kinds: Vec<&Value> = got[1..].iter().map(|frame| &frame["data"]["category"]).collect();
    assert_eq!(kinds, [&json!("PLAIN_TEXT"), &json!("PLAIN_CONTACT")]);
    assert_eq!(bench.try_control("POST", "people/seller/open", &json!({"link": "ftp://x"})).0, 409);
}

#[test]
fn files() {
    let mut bench = Bench::new();
    let (buyer, _, bot, _) = bench.trio();
    bench.control("POST", "people/buyer/say", &json!({"text": "hi"}));
    let made = bench.post(&bot, "/attachments", &json!({})).unwrap();
    let id = made["attachment_id"].as_str().unwrap().to_owned();
    let image = json!({"attachment_id": id, "mime_type": "image/png", "width": 8, "height": 8, "size": 3}).to_string();
    let send = |bench: &mut Bench| {
        bench.post(&bot, "/messages", &json!([message(&buyer, &contact(&bot, &buyer), 1, "PLAIN_IMAGE", &image)]))
    };
    assert_eq!(send(&mut bench), Err(10002), "nothing uploaded");
    let url = made["upload_url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
    let put = |bench: &mut Bench, kind: &str, acl: &str| {
        let request = Request::put(&url).header("content-type", kind).header("x-amz-acl", acl);
        bench.world.handle(request.body(Bytes::from_static(b"png")).unwrap(), bench.now).status().as_u16()
    };
    assert_eq!(put(&mut bench, "image/png", "public-read"), 403);
    assert_eq!(put(&mut bench, "application/octet-stream", "private"), 403);
    assert_eq!(put(&mut bench, "application/octet-stream", "public-read"), 200);
    assert_eq!(send(&mut bench), Ok(json!({})));
    let view = Request::get(format!("/attachments/{id}/view")).body(Bytes::new()).unwrap();
    assert_eq!(bench.world.handle(view, bench.now).body(), &Bytes::from_static(b"png"));
    bench.switch(&json!({"attachments_expired": true}));
    assert_eq!(bench.get(&bot, &format!("/attachments/{id}")), Err(404));
}
