use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::*;
use crate::sandbox::serve;
use crate::time::machine_now;

#[tokio::test]
async fn one_port_for_everything() {
    let now = machine_now();
    let mut bench = Bench { world: World::new(1, now), now };
    let bot = bench.person("bot");
    let world = Arc::new(Mutex::new(bench.world));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(world, listener, async move { drop(stopped.await) }));

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
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn callbacks_reach_loopback_and_are_repeated_until_answered_well() {
    let now = machine_now();
    let mut bench = Bench { world: World::new(1, now), now };
    let payee = bench.person("seller").id;
    let world = Arc::new(Mutex::new(bench.world));
    let merchant = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(world, listener, async move { drop(stopped.await) }));
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
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
