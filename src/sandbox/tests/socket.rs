use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::*;
use crate::sandbox::{Bot, serve};
use crate::time::machine_now;

/// A network on a port of its own.
struct Served {
    here: String,
    stop: tokio::sync::oneshot::Sender<()>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn new(world: World, bot: Bot) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let world = Arc::new(Mutex::new(world));
        let server = tokio::spawn(serve(world, listener, bot, async move { drop(stopped.await) }));
        Self { here, stop, server }
    }

    /// It ends when it is told to, and well.
    async fn ends(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn one_port_for_everything() {
    let now = machine_now();
    let mut bench = Bench::of(World::new(1, now), now);
    let bot = bench.person("bot");
    let served = Served::new(bench.world, Bot::default()).await;
    let address = served.here.strip_prefix("http://").unwrap();

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = bot.token(&bot.claims("GET", "/safe/me", "", machine_now()));
    let me = http
        .get(format!("http://{address}/safe/me"))
        .bearer_auth(token)
        .header("x-request-id", "one")
        .send()
        .await
        .unwrap();
    assert_eq!(me.headers()["x-request-id"], "one");
    assert!(me.text().await.unwrap().contains(&bot.id));

    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    let token = bot.token(&bot.claims("GET", "/", "", machine_now()));
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", "Mixin-Blaze-1".parse().unwrap());
    let (mut socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "Mixin-Blaze-1");
    assert!(answer.headers().contains_key("x-server-time"));
    let list = "1f8b0800000000000003ab56ca4c51b252b284025d10ad6b02222c40044c1c442be92825269764e6e701d5fb780687c407b8fab978fab9c7fbba06073bbabb062bd50200f90e98b04e000000";
    socket.send(Message::Binary(hex::decode(list).unwrap().into())).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Binary(_)))));
    let say = http.post(format!("http://{address}/sandbox/people/buyer/say")).body(r#"{"text":"hi"}"#);
    assert_eq!(say.send().await.unwrap().status(), 200);
    assert!(matches!(socket.next().await, Some(Ok(Message::Binary(_)))), "pushed at once");

    http.post(format!("http://{address}/sandbox/faults")).body(r#"{"rest":"lost"}"#).send().await.unwrap();
    let token = bot.token(&bot.claims("GET", "/me", "", machine_now()));
    assert!(http.get(format!("http://{address}/me")).bearer_auth(token).send().await.is_err());
    http.post(format!("http://{address}/sandbox/faults")).body(r#"{"blaze":"close"}"#).send().await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    served.ends().await;
}

#[tokio::test]
async fn callbacks_reach_loopback_and_are_repeated_until_answered_well() {
    let now = machine_now();
    let mut bench = Bench::of(World::new(1, now), now);
    let payee = bench.person("seller").id;
    let merchant = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = Served::new(bench.world, Bot::default()).await;
    let here = &served.here;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |path: String, body: Value| {
        let call = http.post(format!("{here}{path}")).header("content-type", "application/json");
        async move {
            serde_json::from_str::<Value>(&call.body(body.to_string()).send().await.unwrap().text().await.unwrap())
                .unwrap()
        }
    };
    let order = json!({"payeeId": payee, "quoteAmount": "1", "quoteAssetId": USDT, "settlementAssetId": USDT,
                       "orderId": "order-0001", "callbackUrl": format!("http://{}/cb", merchant.local_addr().unwrap())});
    let made = post("/v1/one_time_payment".into(), order).await;
    let code = made["data"]["code"].as_str().unwrap().to_owned();
    post(format!("/sandbox/mixpay/{code}/pay"), json!({"asset": "USDT"})).await;
    for answer in ["HTTP/1.0 500 No\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n{\"code\":\"SUCCESS\"}"] {
        let (mut called, _) = merchant.accept().await.unwrap();
        let mut asked = vec![0; 4_096];
        let read = tokio::io::AsyncReadExt::read(&mut called, &mut asked).await.unwrap();
        let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
        assert!(asked.starts_with("POST /cb HTTP/1.0\r\n") && asked.contains(&code), "{asked}");
        tokio::io::AsyncWriteExt::write_all(&mut called, answer.as_bytes()).await.unwrap();
        drop(called);
        // The clock may run ahead before the answer has arrived: the next attempt is due 15 s after that.
        let state = |known: &Value| known["callbacks"][0].clone();
        let mut known = Value::Null;
        for _ in 0..10_000 {
            let text = http.get(format!("{here}/sandbox/mixpay")).send().await.unwrap().text().await.unwrap();
            known = state(&serde_json::from_str(&text).unwrap());
            if known["state"] == "delivered" || !known["next"].is_null() {
                break;
            }
        }
        assert!(known["state"] == "delivered" || known["tries"] == 1, "{known}");
        post("/sandbox/clock".into(), json!({"advance_ms": 15_000})).await;
    }
    served.ends().await;
}

/// Answers every path until it is dropped, as a bot with pages would; `/big` never ends well.
async fn pages(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let read = stream.read(&mut asked).await.unwrap();
        let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
        let (status, kind, body) = match asked.split(' ').nth(1).unwrap() {
            "/away" => ("302 Found\r\nlocation: http://127.0.0.1:1/", "text/html", String::new()),
            "/big" => ("200 OK", "text/html", "x".repeat(8 * 1024 * 1024 + 1)),
            "/much" => ("200 OK", "text/css", "x".repeat(4 * 1024 * 1024)),
            "/kit" => {
                ("200 OK\r\ncontent-disposition: attachment; filename=\"kit.txt\"", "text/plain", "kit".to_owned())
            }
            "/look.css" => ("200 OK", "text/css", "p{}".to_owned()),
            "/run.js" => ("200 OK", "text/javascript", "alert(1)".to_owned()),
            _ => ("200 OK", "text/html", "<a href=\"mixin://pay/x\">pay</a><script>alert(1)</script>".to_owned()),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nset-cookie: a=b\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        // Whoever has read enough leaves.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

#[tokio::test]
async fn a_phone_browses_the_bots_pages_and_no_others() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = format!("http://{}", listener.local_addr().unwrap());
    let bot = tokio::spawn(pages(listener));
    let bots = Bot { public: public.clone(), inspect: String::new() };
    let served = Served::new(World::new(1, machine_now()), bots).await;
    let here = &served.here;
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let browse = async |url: &str| {
        let encoded: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        let answer = http.get(format!("{here}/page/web/buyer?url={encoded}")).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.unwrap())
    };

    let (status, headers, page) = browse(&format!("{public}/t/a")).await;
    assert_eq!(status, 200);
    assert!(page.contains("href=\"/page/phone/buyer/bot?link=mixin%3A%2F%2Fpay%2Fx\"") && page.contains("_parent"));
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains("form-action 'none'"), "{policy}");
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(browse(&format!("{public}/look.css")).await.2, "p{}");
    assert_eq!(browse(&format!("{public}/much")).await.2.len(), 4 * 1024 * 1024);
    let (status, headers, kit) = browse(&format!("{public}/kit")).await;
    assert_eq!((status, kit.as_str()), (200, "kit"));
    assert_eq!(headers["content-disposition"], "attachment; filename=\"kit.txt\"");
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    for (url, status, why) in [
        (format!("{public}/run.js"), 502, "nothing a phone shows"),
        (format!("{public}/away"), 502, "leads elsewhere"),
        (format!("{public}/big"), 502, "larger than 8 MiB"),
        ("http://127.0.0.1:1/".to_owned(), 403, "reaches nothing outside"),
        ("file:///etc/passwd".to_owned(), 403, "reaches nothing outside"),
        ("nonsense".to_owned(), 400, "no address"),
        (format!("{here}//evil.example/"), 404, "no page"),
    ] {
        let answer = browse(&url).await;
        assert!(answer.0 == status && answer.2.contains(why), "{url}: {} {}", answer.0, answer.2);
    }
    let own = browse(&format!("{here}/code/none?x=1")).await;
    assert_eq!((own.0, own.1["location"].to_str().unwrap()), (303, "/code/none?x=1"));
    bot.abort();
    assert!(bot.await.is_err());
    let gone = browse(&format!("{public}/t/a")).await;
    assert!(gone.0 == 502 && gone.2.contains("not running"), "{}", gone.2);
    served.ends().await;
}

#[tokio::test]
async fn so_many_pages_are_looked_at_and_each_is_told() {
    let served = Served::new(World::new(1, machine_now()), Bot::default()).await;
    let here = &served.here;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let watch = || http.get(format!("{here}/page/phone/buyer/bot")).header("accept", "text/event-stream").send();
    let mut watched = watch().await.unwrap();
    assert_eq!(watched.chunk().await.unwrap().unwrap(), "data: changed\n\n");
    let say = http.post(format!("{here}/sandbox/people/buyer/say")).body(r#"{"text":"hi"}"#);
    assert_eq!(say.send().await.unwrap().status(), 200);
    assert_eq!(watched.chunk().await.unwrap().unwrap(), "data: changed\n\n");

    let mut more = Vec::new();
    let refused = loop {
        let next = watch().await.unwrap();
        if next.status() != 200 || more.len() > 1_000 {
            break next.status();
        }
        more.push(next);
    };
    assert_eq!((refused.as_u16(), more.len()), (503, 127));
    assert_eq!(http.get(here).send().await.unwrap().status(), 200, "pages themselves are drawn");
    drop(more);
    while watch().await.unwrap().status() != 200 {}
    served.ends().await;
}

#[tokio::test]
async fn other_sites_reach_nothing_but_by_a_link() {
    let served = Served::new(World::new(1, machine_now()), Bot::default()).await;
    let here = &served.here;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (site, mode, status) in [
        ("none", "navigate", 200),
        ("same-origin", "cors", 200),
        ("cross-site", "navigate", 200),
        ("same-site", "navigate", 200),
        ("cross-site", "no-cors", 403),
        ("same-site", "no-cors", 403),
        ("same-site", "cors", 403),
    ] {
        for path in ["/page/phone/buyer/bot", "/sandbox/people/buyer/inbox"] {
            let get = http.get(format!("{here}{path}")).header("sec-fetch-site", site).header("sec-fetch-mode", mode);
            assert_eq!(get.send().await.unwrap().status(), status, "{site} {mode} {path}");
        }
    }
    served.ends().await;
}
