//! The face as a browser gets it: what is drawn, what a form does, and what nobody's words can do to it.

use super::*;
use crate::time::machine_now;

const EVIL: &str = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

struct Answer {
    status: StatusCode,
    to: String,
    text: String,
}

fn visit(bench: &mut Bench, method: &str, path: &str, body: &str) -> Answer {
    if method == "GET" {
        bench.drawn(path, &BotSays::new());
    }
    let request = Request::builder().method(method).uri(path).body(Bytes::from(body.to_owned())).unwrap();
    let response = bench.world.page(&request, &BotSays::new(), bench.now);
    let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
    Answer { status: response.status(), to, text: String::from_utf8(response.body().to_vec()).unwrap() }
}

fn look(bench: &mut Bench, path: &str) -> String {
    let answer = visit(bench, "GET", path, "");
    assert_eq!(answer.status, 200, "{path}");
    answer.text
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn does(bench: &mut Bench, who: &str, verb: &str, fields: &[(&str, &str)]) -> Answer {
    visit(bench, "POST", &format!("/page/phone/{who}/{verb}"), &form(fields))
}

fn contact(a: &Caller, b: &Caller) -> String {
    crate::kernel::derive::contact_conversation(a.id.parse().unwrap(), b.id.parse().unwrap()).to_string()
}

/// The bot says something to the buyer; message ids count up.
fn bot_says(bench: &mut Bench, id: u128, category: &str, payload: &str) -> String {
    let (buyer, _, bot, _) = bench.trio();
    let message = uuid::Uuid::from_u128(id).to_string();
    let item = json!([{"conversation_id": contact(&bot, &buyer), "recipient_id": buyer.id, "message_id": message,
                       "category": category, "data_base64": URL_SAFE_NO_PAD.encode(payload)}]);
    bench.post(&bot, "/messages", &item).unwrap();
    message
}

/// A network where buyer and bot have met.
fn met() -> Bench {
    let mut bench = Bench::new();
    assert_eq!(does(&mut bench, "buyer", "say", &[("at", "bot"), ("text", "Hi")]).to, "/page/phone/buyer/bot");
    bench
}

fn inbox(bench: &mut Bench, who: &str) -> Value {
    bench.control("GET", &format!("people/{who}/inbox?own=1&peek=1"), &Value::Null)
}

#[test]
fn an_empty_chat_says_hi_and_the_list_shows_it() {
    let mut bench = Bench::new();
    let list = look(&mut bench, "/page/phone/buyer");
    assert!(list.contains("<h1>Chats</h1>") && list.contains(r#"href="/page/phone/buyer/bot""#));
    assert!(list.find("buyer/bot\"").unwrap() < list.find("buyer/seller\"").unwrap(), "bots first");
    let chat = look(&mut bench, "/page/phone/buyer/bot");
    assert!(chat.contains("<h1>Escrow</h1>") && chat.contains("Say Hi") && chat.contains(r#"role="log""#));
    does(&mut bench, "buyer", "say", &[("at", "bot"), ("text", "Hi\r\nthere")]);
    let chat = look(&mut bench, "/page/phone/buyer/bot");
    assert!(!chat.contains("Say Hi") && chat.contains("Hi\nthere") && chat.contains("Thursday, 1 January 2026"));
    assert!(look(&mut bench, "/page/phone/buyer").contains(r#"<ul class="talks" aria-label="Chats"><li>"#));
    let number = bench.person("bot").number;
    assert_eq!(look(&mut bench, &format!("/page/phone/buyer/{number}")), chat, "one chat, whatever it is called by");
}

#[test]
fn only_the_chat_that_is_shown_is_read() {
    let mut bench = met();
    bench.control("POST", "people/seller/say", &json!({"text": "from Bob", "to": "buyer"}));
    bot_says(&mut bench, 1, "PLAIN_TEXT", "from the bot");
    for _ in 0..2 {
        let list = look(&mut bench, "/page/phone/buyer");
        assert!(list.contains(r#"aria-label="Alice, 2 unread""#), "the list reads nothing");
    }
    look(&mut bench, "/page/phone/buyer/bot");
    let list = look(&mut bench, "/page/phone/judge");
    assert!(list.contains(r#"aria-label="Alice, 1 unread""#), "Bob's is still unread");
    look(&mut bench, "/page/phone/buyer/seller");
    assert!(!look(&mut bench, "/page/phone/judge").contains("unread"));
}

#[test]
fn looking_changes_nothing() {
    let mut bench = met();
    let link = "mixin://send?text=money";
    for link in [link, "input:money", "javascript:alert(1)"] {
        let path = format!("/page/phone/buyer/bot?{}", form(&[("link", link)]));
        look(&mut bench, &path);
    }
    let before = (inbox(&mut bench, "buyer"), bench.control("GET", "ledger", &Value::Null));
    for page in ["", "/new", "/wallet", "/bot?done=paid", "/seller", "/say?text=x&at=bot", "/mint?amount=1"] {
        visit(&mut bench, "GET", &format!("/page/phone/buyer{page}"), "");
    }
    assert_eq!(before, (inbox(&mut bench, "buyer"), bench.control("GET", "ledger", &Value::Null)));
    assert_eq!(before.0.as_array().unwrap().len(), 1);
}

#[test]
fn every_kind_of_message_is_drawn() {
    let mut bench = met();
    let bot = bench.person("bot");
    let button = json!([{"label": "Yes", "color": "#1DB27B", "action": "input:yes"},
                        {"label": "Page", "color": "#5979F0", "action": "https://escrow.example/"}]);
    bot_says(&mut bench, 1, "PLAIN_TEXT", "see https://escrow.example/a_b?c=1&d=2. Then javascript:alert(1)");
    bot_says(
        &mut bench,
        2,
        "PLAIN_POST",
        "# Kit\n\n- one\n\n```\nKEEP\n```\n\n<b>raw</b> [a](javascript:alert(1)) [b](mixin://users/x)",
    );
    bot_says(&mut bench, 3, "APP_BUTTON_GROUP", &button.to_string());
    let card =
        json!({"app_id": bot.id, "title": "Deal", "description": "line\nnext", "actions": button, "shareable": false});
    bot_says(&mut bench, 4, "APP_CARD", &card.to_string());
    let old = json!({"app_id": bot.id, "icon_url": "https://escrow.example/i.png", "title": "Old deal",
                     "description": "first\nsecond", "action": "https://escrow.example/", "shareable": false});
    bot_says(&mut bench, 5, "APP_CARD", &old.to_string());
    let seller = bench.person("seller").id;
    bot_says(&mut bench, 6, "PLAIN_CONTACT", &json!({"user_id": seller}).to_string());
    let text = look(&mut bench, "/page/phone/buyer/bot");
    assert!(text.contains(r#"value="https://escrow.example/a_b?c=1&amp;d=2""#), "the whole link, without the stop");
    assert!(!text.contains(r#"value="javascript"#) && !text.contains("href=\"http"));
    assert!(text.contains("<h2>Kit</h2>") && text.contains("<code>KEEP\n</code>") && text.contains("&lt;b&gt;raw"));
    assert!(text.contains(r##"fill="#1DB27B""##) && text.contains("<h2>Deal</h2>") && text.contains("line\nnext"));
    assert!(text.contains(">Old deal</button></h2>") && text.contains(">first<") && !text.contains("second"));
    assert!(text.contains("Open chat") && text.contains(r#"action="/page/phone/buyer/seller""#));
    assert_eq!(text.matches("<article").count(), 7);
    let mut ids: Vec<&str> = text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "every id once");
}

#[test]
fn no_text_makes_a_page_slow() {
    let mut bench = Bench::new();
    let long = format!("https://a.example/{}", "x".repeat(2_048));
    let texts = [
        "http://[".repeat(8_000),
        "http://[ ".repeat(7_000),
        "://".repeat(20_000),
        format!("(ftp://a,{long} http://[https://no.example) https://b.example/!!! mixin://users"),
    ];
    for text in texts.into_iter().chain(["https://c.example/ ".repeat(60)]) {
        bench.control("POST", "people/seller/say", &json!({"text": text, "to": "buyer"}));
    }
    // Looked at byte by byte once, this takes milliseconds; from every place anew, half a minute.
    let began = machine_now();
    let page = look(&mut bench, "/page/phone/buyer/seller");
    assert!(machine_now().since(began) < Millis::from_secs(5));
    let links = |link: &str| page.matches(&format!("name=\"link\" value=\"{link}")).count();
    assert_eq!((links("http"), links("https://b.example/\""), links("https://c.example/\"")), (51, 1, 50));
    assert!(page.contains(&long) && page.contains("http://[https://no.example) <button"), "the rest stays text");
}

#[test]
fn pictures_come_and_go() {
    let mut bench = met();
    let bot = bench.person("bot");
    let made = bench.post(&bot, "/attachments", &json!({})).unwrap();
    let url = made["upload_url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
    let put = Request::put(&url).header("content-type", "application/octet-stream").header("x-amz-acl", "public-read");
    bench.world.handle(put.body(Bytes::from_static(b"png")).unwrap(), bench.now);
    let id = made["attachment_id"].as_str().unwrap();
    let image = json!({"attachment_id": id, "mime_type": "image/png", "width": 8, "height": 8, "size": 3});
    bot_says(&mut bench, 1, "PLAIN_IMAGE", &image.to_string());
    let file = json!({"attachment_id": id, "mime_type": "text/plain", "size": 3, "name": EVIL});
    bot_says(&mut bench, 2, "PLAIN_DATA", &file.to_string());
    let text = look(&mut bench, "/page/phone/buyer/bot");
    assert!(
        text.contains(&format!(r#"<img class="picture" src="/attachments/{id}/view""#))
            && !text.contains("<script>alert")
    );
    bench.switch(&json!({"attachments_expired": true}));
    assert!(look(&mut bench, "/page/phone/buyer/bot").contains("This picture is no longer there"));
}

#[test]
fn what_a_strict_phone_refuses_is_unsupported() {
    let mut bench = met();
    bench.switch(&json!({"lenient_shapes": true}));
    bot_says(&mut bench, 1, "APP_BUTTON_GROUP", r#"[{"label":"x","action":"input:x"}]"#);
    let text = look(&mut bench, "/page/phone/buyer/bot");
    assert!(text.contains("<summary>Unsupported message</summary>") && text.contains("color must be a string"));
}

#[test]
fn quotes_recalls_and_groups() {
    let mut bench = met();
    let first = inbox(&mut bench, "buyer")[0]["message_id"].as_str().unwrap().to_owned();
    bench.control("POST", "people/buyer/say", &json!({"text": "about that", "quote": first}));
    let said = bot_says(&mut bench, 1, "PLAIN_TEXT", "a slip");
    bot_says(&mut bench, 2, "MESSAGE_RECALL", &json!({"message_id": said}).to_string());
    let text = look(&mut bench, "/page/phone/buyer/bot");
    assert!(text.contains(r#"<blockquote class="quoted"><strong>Alice</strong> Hi"#));
    assert!(text.contains("This message was recalled") && !text.contains("a slip"));
    assert_eq!(text.matches("<article").count(), 3);

    assert!(look(&mut bench, "/page/phone/buyer/new").contains("Members"));
    let refused = does(&mut bench, "buyer", "group", &[("name", ""), ("members", "bot")]);
    assert_eq!(refused.status, 422);
    let made = does(&mut bench, "buyer", "group", &[("name", EVIL), ("members", "bot"), ("members", "seller")]);
    assert_eq!(made.status, 303);
    let id = made.to.rsplit('/').next().unwrap().to_owned();
    assert_eq!(does(&mut bench, "seller", "say", &[("at", &id), ("text", "hello all")]).status, 303);
    let text = look(&mut bench, &made.to);
    assert!(text.contains("Alice made this group") || text.contains("You made this group"));
    assert!(
        text.contains(r#"<p class="sender">Bob</p>"#) && text.contains("hello all") && !text.contains("<script>alert")
    );
    assert_eq!(visit(&mut bench, "GET", &format!("/page/phone/judge/{id}"), "").status, 404, "not a member");
}

#[test]
fn words_of_people_stay_words() {
    let mut bench = Bench::new();
    bench.control("POST", "people", &json!({"name": EVIL, "role": "evil"}));
    does(&mut bench, "evil", "say", &[("at", "buyer"), ("text", EVIL)]);
    does(&mut bench, "evil", "say", &[("at", "buyer"), ("text", "https://x.example/\"onmouseover=\"alert(1)")]);
    let bot = bench.person("bot");
    does(&mut bench, "buyer", "say", &[("at", "bot"), ("text", "Hi")]);
    let button = json!([{"label": "<b>\"x", "color": "#000000", "action": "input:<script>alert(3)</script>"}]);
    let card = json!({"app_id": bot.id, "title": "<script>alert(4)", "description": EVIL, "actions": button, "shareable": false});
    bot_says(&mut bench, 1, "APP_CARD", &card.to_string());
    bot_says(
        &mut bench,
        2,
        "PLAIN_POST",
        &format!("{EVIL}\n\n<!-- x --> ![{EVIL}](https://x.example/i.png) [x](data:text/html,x)"),
    );
    bot_says(&mut bench, 3, "PLAIN_POST", &">".repeat(60_000));
    for page in ["buyer", "buyer/evil", "evil/buyer", "buyer/bot", "evil", "judge/new", "judge"] {
        let text = look(&mut bench, &format!("/page/phone/{page}"));
        for never in ["<script>alert", "<img src=x", "\"onmouseover", "<b>\"x", "value=\"data:", "<!-- x"] {
            assert!(!text.contains(never), "{page}: {never}");
        }
    }
    let refused = does(&mut bench, "buyer", "open", &[("at", "bot"), ("link", "javascript:alert(5)")]);
    assert_eq!((refused.status.as_u16(), refused.to.as_str()), (422, ""));
    assert!(refused.text.contains(r#"role="alert""#));
}

#[test]
fn a_thumb_on_every_kind_of_button() {
    let mut bench = met();
    let (bot, seller) = (bench.person("bot"), bench.person("seller"));
    let multisig = format!("https://mixin.one/multisigs/{}?action=sign", uuid::Uuid::from_u128(9));
    let chat =
        format!("mixin://conversations/{}?user={}&start=hello", contact(&bench.person("buyer"), &seller), seller.id);
    let actions = [
        ("input:/why", ""),
        (multisig.as_str(), "?link="),
        ("https://escrow.example/t?a=1&b=2", "?link="),
        ("mixin://send?text=plain", ""),
        (&format!("mixin://send?text=asked&user={}", bot.id), "?link="),
        (&chat, "seller"),
    ];
    let buttons: Vec<Value> =
        actions.iter().map(|(action, _)| json!({"label": "x", "color": "#5979F0", "action": action})).collect();
    let id = bot_says(&mut bench, 1, "APP_BUTTON_GROUP", &json!(buttons).to_string());
    for (place, (action, leads)) in actions.iter().enumerate() {
        let answer = does(&mut bench, "buyer", "tap", &[("at", "bot"), ("button", &format!("{id}.{place}"))]);
        assert_eq!(answer.status, 303, "{action}: {}", answer.text);
        match *leads {
            "" => assert_eq!(answer.to, "/page/phone/buyer/bot"),
            "seller" => assert_eq!(answer.to, "/page/phone/buyer/seller"),
            _ => assert_eq!(answer.to, format!("/page/phone/buyer/bot?{}", form(&[("link", action)]))),
        }
    }
    let said: Vec<String> = inbox(&mut bench, "buyer")
        .as_array()
        .unwrap()
        .iter()
        .filter(|view| view["mine"] == true)
        .map(|view| view["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(said, ["Hi", "/why", "plain", "hello"]);
    for wrong in ["", "x", &format!("{id}.99"), &format!("{}.0", uuid::Uuid::from_u128(77))] {
        assert_eq!(does(&mut bench, "buyer", "tap", &[("at", "bot"), ("button", wrong)]).status, 422, "{wrong}");
    }
}

#[test]
fn what_is_refused_says_why() {
    let mut bench = met();
    let empty = does(&mut bench, "buyer", "say", &[("at", "bot"), ("text", "  ")]);
    assert!(empty.status == 422 && empty.text.contains("Write something first."));
    let long = does(&mut bench, "buyer", "say", &[("at", "bot"), ("text", &"x".repeat(70_000))]);
    assert!(long.status == 422 && long.text.contains("too long"));
    bench.control("POST", "people/seller/phone", &json!({"accepts": "NOBODY"}));
    let kept = does(&mut bench, "buyer", "say", &[("at", "seller"), ("text", "keep me")]);
    assert!(kept.status == 422 && kept.text.contains(r#"value="keep me""#), "what was typed is not lost");
    assert_eq!(does(&mut bench, "buyer", "contact", &[("at", "bot"), ("contact", "nobody")]).status, 422);
    assert_eq!(does(&mut bench, "buyer", "contact", &[("at", "bot"), ("contact", "seller")]).status, 303);
    for path in
        ["/page/phone/nobody", "/page/phone/buyer/nobody", "/page/phone/buyer/buyer", "/page/phone/bot", "/page/x"]
    {
        assert_eq!(visit(&mut bench, "GET", path, "").status, 404, "{path}");
    }
    for (verb, at) in [("dance", "bot"), ("say", "nobody"), ("say", "")] {
        assert_eq!(does(&mut bench, "buyer", verb, &[("at", at), ("text", "x")]).status, 404, "{verb} {at}");
    }
}

#[test]
fn test_money_is_a_tap_away() {
    let mut bench = Bench::new();
    assert!(look(&mut bench, "/page/phone/buyer/wallet").contains("Nothing here yet."));
    let refused = does(&mut bench, "buyer", "mint", &[("asset_id", USDT), ("amount", "lots")]);
    assert!(refused.status == 422 && refused.text.contains(r#"role="alert""#));
    let got = does(&mut bench, "buyer", "mint", &[("asset_id", USDT), ("amount", "1,000")]);
    assert_eq!(got.to, "/page/phone/buyer/wallet?done=minted");
    bench.wait(5_000);
    assert!(look(&mut bench, "/page/phone/buyer/wallet").contains(r#"data-amount="1000" data-asset="USDT""#));
}
