//! Anybody may post anything to the callback, and MixPay may answer anything: nobody panics and nothing counts.

#[cfg(test)]
mod crowd;

#[cfg(test)]
mod answers {
    use bytes::Bytes;
    use http::{Response, StatusCode};
    use mixin_escrow::engine::Input;
    use mixin_escrow::id::TradeId;
    use mixin_escrow::mixpay::Class;
    use mixin_escrow::time::Millis;
    use mixin_escrow::trade::{State, Trade};
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use serde_json::{Value, json};

    use crate::crowd::{Called, Crowd, Twist};

    const TRADES: u32 = 12;
    const STATUSES: [&str; 6] = ["success", "pending", "auditing", "unpaid", "failed", "paid"];

    fn agreed(seed: u64, twist: Option<Twist>) -> (Crowd, Vec<TradeId>) {
        let mut crowd = Crowd::new(seed);
        crowd.twist = twist;
        let trades = crowd.proposals(TRADES);
        for nth in 0..TRADES {
            crowd.watch(usize::try_from(nth).unwrap());
            crowd.accepts(nth);
        }
        lives(&mut crowd, 60);
        (crowd, trades)
    }

    fn lives(crowd: &mut Crowd, seconds: i64) {
        let to = crowd.now.plus(Millis::from_secs(seconds));
        crowd.lives_until(to);
    }

    fn rows(crowd: &Crowd, trades: &[TradeId]) -> Vec<Trade> {
        trades.iter().map(|id| crowd.trade(*id)).collect()
    }

    #[test]
    fn thousands_of_hints_change_nothing() {
        let (mut crowd, trades) = agreed(9_001, None);
        // Nobody looks by himself any more.
        lives(&mut crowd, 16 * 60);
        let before = rows(&crowd, &trades);
        let own: Vec<String> = before.iter().map(|trade| trade.orders[0].id.clone()).collect();
        assert!(before.iter().all(|trade| trade.orders[0].opened.is_some()));
        let (calls, looks) = (crowd.calls.len(), crowd.looks);
        for nth in 0..600 {
            for _ in 0..10 {
                let order = match crowd.rng.random_range(0..6) {
                    0 | 1 => own[crowd.rng.random_range(0..own.len())].clone(),
                    2 => before[0].id.to_string(),
                    3 => before[crowd.rng.random_range(0..before.len())].code.clone(),
                    4 => before[0].orders[0].memo.clone(),
                    _ => (0..crowd.rng.random_range(0..60)).map(|_| crowd.rng.random::<char>()).collect(),
                };
                crowd.tell(Input::Hint { order });
            }
            lives(&mut crowd, 1);
            if nth == 300 {
                crowd.dies();
            }
        }
        lives(&mut crowd, 60);
        assert_eq!(rows(&crowd, &trades), before, "6,000 hints");
        let looks = crowd.looks - looks;
        let asked = &crowd.calls[calls..];
        eprintln!("6,000 hints in ten minutes: {} calls to MixPay, {looks} looks at {TRADES} vaults", asked.len());
        let ours = |call: &Called| call.class == Class::Hint && trades.contains(&call.trade) && call.at <= crowd.now;
        assert!(asked.len() <= 60 * 12 && asked.iter().all(ours));
        assert!(looks <= TRADES * 660, "{looks} looks");
        let knows = crowd.control("GET", "mixpay", &Value::Null);
        assert!(knows["busiest_minute"].as_u64().unwrap() <= 60 && knows["refused"] == 0);
    }

    /// Something else than was said, mostly near to it.
    fn twisted(rng: &mut ChaCha8Rng, response: Response<Bytes>) -> Response<Bytes> {
        let (mut head, body) = response.into_parts();
        if rng.random_ratio(1, 10) {
            head.status = StatusCode::from_u16(rng.random_range(100..600)).unwrap();
        }
        let body = match rng.random_range(0..10) {
            0 => (0..rng.random_range(0..400)).map(|_| rng.random::<u8>()).collect(),
            1 => "[".repeat(rng.random_range(1..5_000)).into_bytes(),
            2 => body[..rng.random_range(0..=body.len())].to_vec(),
            3 => anything(rng, 4).to_string().into_bytes(),
            4 => body.to_vec(),
            // Nothing but another word about our own order.
            5 | 6 => match serde_json::from_slice::<Value>(&body) {
                Ok(mut said) if said["data"]["status"].is_string() => {
                    said["data"]["status"] = json!(STATUSES[rng.random_range(0..STATUSES.len())]);
                    said["data"]["settleStatus"] = json!(STATUSES[rng.random_range(0..2)]);
                    said["data"]["failureCode"] = anything(rng, 0);
                    said.to_string().into_bytes()
                }
                _ => body.to_vec(),
            },
            _ => match serde_json::from_slice::<Value>(&body) {
                Ok(mut said) => {
                    for _ in 0..rng.random_range(1..6) {
                        twist(rng, &mut said);
                    }
                    said.to_string().into_bytes()
                }
                Err(_) => body.to_vec(),
            },
        };
        Response::from_parts(head, body.into())
    }

    /// Goes down by chance and changes one thing.
    fn twist(rng: &mut ChaCha8Rng, value: &mut Value) {
        let inner = match value {
            Value::Object(fields) if !fields.is_empty() && rng.random_ratio(9, 10) => {
                let nth = rng.random_range(0..fields.len());
                let name = fields.keys().nth(nth).unwrap().clone();
                if rng.random_ratio(1, 8) {
                    fields.remove(&name);
                    return;
                }
                fields.get_mut(&name)
            }
            Value::Array(list) if !list.is_empty() && rng.random_ratio(9, 10) => {
                let nth = rng.random_range(0..list.len());
                list.get_mut(nth)
            }
            _ => None,
        };
        match inner {
            Some(inner) => twist(rng, inner),
            None => *value = anything(rng, 2),
        }
    }

    fn anything(rng: &mut ChaCha8Rng, depth: u32) -> Value {
        let words =
            ["success", "pending", "failed", "auditing", "unpaid", "", "101", "1e999", "-0", "NaN", "40024", "null"];
        match rng.random_range(0..if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => json!(rng.random::<bool>()),
            2 => json!(rng.random::<i64>()),
            3 => serde_json::from_str("1e308").unwrap(),
            4 => json!(words[rng.random_range(0..words.len())]),
            5 => (0..rng.random_range(0..40)).map(|_| rng.random::<char>()).collect::<String>().into(),
            6 => (0..rng.random_range(0..4)).map(|_| anything(rng, depth - 1)).collect(),
            _ => {
                json!({ "status": anything(rng, depth - 1), "data": anything(rng, depth - 1), "code": 0, "success": true })
            }
        }
    }

    /// What MixPay's words must never touch.
    fn core(trade: &Trade) -> Value {
        let mut row = json!(trade);
        let fields = row.as_object_mut().unwrap();
        for word in ["orders", "version", "stirred", "mixpay_silent_since", "mixpay_stretched", "state"] {
            fields.remove(word).unwrap();
        }
        row
    }

    #[test]
    fn whatever_mixpay_answers_nothing_is_funded() {
        for seed in 9_100..9_104 {
            let (mut crowd, trades) = agreed(seed, Some(twisted));
            let before: Vec<Value> = rows(&crowd, &trades).iter().map(core).collect();
            for nth in 0..30 {
                crowd.has_paid(nth % TRADES);
                for trade in rows(&crowd, &trades) {
                    for order in trade.orders {
                        crowd.tell(Input::Hint { order: order.id });
                    }
                }
                lives(&mut crowd, 60);
            }
            let after = rows(&crowd, &trades);
            assert_eq!(after.iter().map(core).collect::<Vec<_>>(), before, "seed {seed}");
            for trade in &after {
                assert!(matches!(trade.state, State::AwaitingPayment { .. }), "seed {seed}: {}", trade.state.name());
                assert!(trade.orders.len() <= 12, "seed {seed}");
            }
            // And Mixin's link works as ever.
            for trade in &after {
                crowd.pays_link(trade);
            }
            lives(&mut crowd, 60);
            for trade in rows(&crowd, &trades) {
                assert_eq!(trade.state.name(), "Funded", "seed {seed}");
            }
            eprintln!(
                "{} twisted answers, {} orders",
                crowd.calls.len(),
                after.iter().map(|t| t.orders.len()).sum::<usize>()
            );
        }
    }
}

/// The listener, over real sockets.
#[cfg(test)]
mod posts {
    use std::time::Duration;

    use mixin_escrow::engine::Input;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    const PATH: &str = mixin_escrow::config::CALLBACK;
    const GOOD: &str = r#"{"orderId":"0123456789ABCDEFGHJKMNPQR","traceId":"x","payeeId":"y"}"#;

    async fn listens(room: usize) -> (u16, mpsc::Receiver<Input>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (hints, heard) = mpsc::channel(room);
        tokio::spawn(mixin_escrow::web::serve(listener, hints, None));
        (port, heard)
    }

    /// The answer to these bytes: everything until the listener closes, which it must do soon.
    async fn answer(port: u16, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // It may have answered and closed before all was sent.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut said = Vec::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.expect("it never ends");
        String::from_utf8_lossy(&said).into_owned()
    }

    fn post(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    }

    fn chunked(body: &[u8], size: usize) -> Vec<u8> {
        let head =
            format!("POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        let mut all = head.into_bytes();
        for part in body.chunks(size) {
            all.extend(format!("{:x}\r\n", part.len()).bytes());
            all.extend(part);
            all.extend(b"\r\n");
        }
        all.extend(b"0\r\n\r\n");
        all
    }

    fn body(rng: &mut ChaCha8Rng) -> Vec<u8> {
        match rng.random_range(0..9) {
            0 => (0..rng.random_range(0..600)).map(|_| rng.random::<u8>()).collect(),
            1 => vec![b' '; rng.random_range(0..200_000)],
            2 => "[".repeat(rng.random_range(1..4_000)).into_bytes(),
            3 => format!("{}{GOOD}{}", r#"{"a":"#.repeat(500), "}".repeat(500)).into_bytes(),
            4 => GOOD.as_bytes()[..rng.random_range(0..GOOD.len())].to_vec(),
            5 => {
                let order: String = (0..rng.random_range(0..50)).map(|_| rng.random::<char>()).collect();
                serde_json::json!({ "orderId": order }).to_string().into_bytes()
            }
            6 => {
                let letters = b"ABCdef0123-_ ";
                let order = (0..rng.random_range(0..50)).map(|_| char::from(letters[rng.random_range(0..13)]));
                serde_json::json!({ "orderId": order.collect::<String>() }).to_string().into_bytes()
            }
            7 => {
                let mut bytes = GOOD.as_bytes().to_vec();
                let nth = rng.random_range(0..bytes.len());
                bytes[nth] = rng.random();
                bytes
            }
            _ => GOOD.as_bytes().to_vec(),
        }
    }

    fn is_fit(input: &Input) -> bool {
        let Input::Hint { order } = input else { return false };
        (6..=36).contains(&order.len()) && order.bytes().all(|b| b.is_ascii_alphanumeric())
    }

    #[tokio::test]
    async fn a_thousand_posts_of_anything() {
        let seed = 9_200;
        eprintln!("seed {seed}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (port, mut heard) = listens(4_096).await;
        let (mut hints, mut answers) = (0, std::collections::BTreeMap::<String, u32>::new());
        for _ in 0..1_000 {
            let body = body(&mut rng);
            let bytes = match rng.random_range(0..12) {
                0 => chunked(&body, rng.random_range(1..400)),
                1 => post(["GET", "PUT", "DELETE", "BREW", "OPTIONS"][rng.random_range(0..5)], PATH, &body),
                2 => post("POST", ["/", "//", "/mixpay/x", "/health", "*", "/%00"][rng.random_range(0..6)], &body),
                3 => body,
                _ => post("POST", PATH, &body),
            };
            let said = answer(port, &bytes).await;
            let status = said.split(' ').nth(1).unwrap_or("closed").to_owned();
            *answers.entry(status).or_default() += 1;
            let mut came = 0;
            while let Ok(input) = heard.try_recv() {
                assert!(is_fit(&input), "{input:?}");
                came += 1;
            }
            assert!(came <= 1, "one post, {came} hints");
            hints += came;
        }
        eprintln!("1,000 posts: {hints} hints, answers {answers:?}");
        assert!(hints > 100 && answers["200"] > 300 && answers["413"] > 10);
        assert!(answer(port, &post("GET", "/health", b"")).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn nobody_waits_for_those_who_dawdle() {
        let (port, mut heard) = listens(8).await;
        let mut slow = Vec::new();
        for nth in 0..60 {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let bytes = post("POST", PATH, GOOD.as_bytes());
            stream.write_all(&bytes[..bytes.len() - 1 - nth]).await.unwrap();
            slow.push(stream);
        }
        for _ in 0..5 {
            let said = answer(port, &post("POST", PATH, GOOD.as_bytes())).await;
            assert!(said.starts_with("HTTP/1.1 200") && said.ends_with(r#"{"code":"SUCCESS"}"#), "{said}");
            assert!(is_fit(&heard.try_recv().unwrap()));
        }
        // They are shown out.
        for mut stream in slow {
            let mut said = Vec::new();
            let _ = timeout(Duration::from_secs(30), stream.read_to_end(&mut said)).await.expect("it is never shut");
        }
        assert!(heard.try_recv().is_err());
    }

    /// A bot that is busy drops hints rather than keep MixPay waiting.
    #[tokio::test]
    async fn a_busy_bot_answers_all_the_same() {
        let (port, mut heard) = listens(3).await;
        for _ in 0..50 {
            assert!(answer(port, &post("POST", PATH, GOOD.as_bytes())).await.starts_with("HTTP/1.1 200"));
        }
        let mut came = 0;
        while heard.try_recv().is_ok() {
            came += 1;
        }
        assert_eq!(came, 3);
        drop(heard);
        assert!(answer(port, &post("POST", PATH, GOOD.as_bytes())).await.starts_with("HTTP/1.1 200"));
    }
}
