//! When it pings, gives up, comes back, or stops for good.

use super::*;

#[test]
fn the_upgrade_is_complete_and_signed_for_the_root() {
    let mut blaze = blaze(1);
    let request = connect(&mut blaze, secs(1_700_000_000));
    assert_eq!(request.uri(), "wss://blaze.mixin.one/");
    let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("sec-websocket-protocol"), "Mixin-Blaze-1");
    assert_eq!(header("host"), "blaze.mixin.one");
    assert_eq!((header("upgrade"), header("connection")), ("websocket".into(), "Upgrade".into()));
    assert_eq!(STANDARD.decode(header("sec-websocket-key")).unwrap().len(), 16);
    let claims = header("authorization").split('.').nth(1).map(|part| {
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice::<Value>(&json).unwrap()
    });
    let claims = claims.unwrap();
    assert_eq!(claims["sig"], "f837ebeb4c2981ad9c64b70d0b0d18724c76c60781b9e4bf7a582510df7ada39");
    assert_eq!(claims["iat"], 1_700_000_000);
    assert_eq!(claims["jti"], header("x-request-id"));
    blaze.on_closed(secs(0));
    let again = blaze.connect_request(secs(9), secs(9), &signer(), &"ws://a".parse().unwrap()).unwrap();
    assert_ne!(again.headers()["x-request-id"], request.headers()["x-request-id"]);
}

#[test]
fn the_timing_table() {
    let mut blaze = opened();
    assert_eq!(blaze.health().unwrap().listed, Some(secs(1)));
    for (at, out, deadline) in [
        (8, "", 9),
        (9, "ping", 18),
        (17, "", 18),
        (18, "ping", 26),
        (25, "", 26),
        (26, "close", i64::MAX),
        (99, "", i64::MAX),
    ] {
        let frames: Vec<_> = blaze
            .poll_out(secs(at))
            .iter()
            .map(|frame| match frame {
                Frame::Ping(_) => "ping",
                Frame::Close => "close",
                _ => "other",
            })
            .collect();
        assert_eq!(frames.join(","), out, "at {at}");
        assert_eq!(blaze.next_deadline().map_or(i64::MAX, Millis::secs), deadline, "at {at}");
    }
    assert!(blaze.health().is_none());
    assert_eq!(blaze.on_closed(secs(99)), [Event::Dropped { why: "no frame for 25 s".into() }]);
}

#[test]
fn any_frame_is_a_sign_of_life() {
    for frame in [Frame::Ping(Bytes::new()), Frame::Pong(Bytes::from_static(b"x")), Frame::Binary(pack(&push()))] {
        let mut blaze = opened();
        blaze.on_frame(secs(20), &frame);
        assert!(!blaze.poll_out(secs(44)).contains(&Frame::Close), "{frame:?}");
        assert!(blaze.poll_out(secs(45)).contains(&Frame::Close), "{frame:?}");
    }
}

#[test]
fn a_pong_proves_what_its_ping_asked() {
    let mut blaze = opened();
    let pings: Vec<Frame> = [9, 18].into_iter().flat_map(|at| blaze.poll_out(secs(at))).collect();
    let pong = |frame: &Frame| match frame {
        Frame::Ping(payload) => Frame::Pong(payload.clone()),
        other => other.clone(),
    };
    blaze.on_frame(secs(19), &Frame::Pong(Bytes::from_static(b"unasked!")));
    assert_eq!(blaze.health().unwrap().last_pong, None);
    blaze.on_frame(secs(20), &pong(&pings[1]));
    let answered = Pong { ping_sent: secs(18), received: secs(20) };
    assert_eq!(blaze.health().unwrap().last_pong, Some(answered));
    blaze.on_frame(secs(21), &pong(&pings[0]));
    assert_eq!(blaze.health().unwrap().last_pong, Some(answered));
    assert_eq!(blaze.health().unwrap().last_frame, secs(21));
}

#[test]
fn whoever_does_not_answer_is_dropped() {
    let mut blaze = blaze(1);
    connect(&mut blaze, secs(0));
    assert_eq!(blaze.next_deadline(), Some(secs(10)));
    assert!(blaze.poll_out(secs(9)).is_empty());
    assert_eq!(blaze.poll_out(secs(10)), [Frame::Close]);
    blaze.on_closed(secs(10));

    open(&mut blaze, secs(100));
    blaze.on_frame(secs(119), &Frame::Ping(Bytes::new()));
    assert!(!blaze.poll_out(secs(119)).contains(&Frame::Close));
    assert_eq!(blaze.poll_out(secs(120)), [Frame::Close]);
    let why = "a request was not answered for 20 s".into();
    assert_eq!(blaze.on_closed(secs(120)), [Event::Dropped { why }]);
}

#[test]
fn pauses_double_with_jitter_until_a_healthy_minute() {
    for seed in 0..50 {
        let mut blaze = blaze(seed);
        let mut now = secs(0);
        let mut pause_after = |blaze: &mut Blaze, open_for: Option<i64>| {
            connect(blaze, now);
            if let Some(open_for) = open_for {
                blaze.on_open(now);
                now = now.plus(secs(open_for));
            }
            blaze.on_closed(now);
            let pause = blaze.next_deadline().unwrap().since(now);
            assert!(!blaze.wants_connect(now));
            now = now.plus(pause);
            pause.0
        };
        let mut check = |base: i64, open_for| {
            let pause = pause_after(&mut blaze, open_for);
            assert!((base * 8 / 10..=base * 12 / 10).contains(&pause), "{base}: {pause}");
        };
        for base in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            check(base, None);
        }
        check(30_000, Some(59));
        check(1_000, Some(60));
        check(2_000, None);
    }
    let pauses: std::collections::BTreeSet<_> = (0..50)
        .map(|seed| {
            let mut blaze = blaze(seed);
            connect(&mut blaze, secs(0));
            blaze.on_closed(secs(0));
            blaze.next_deadline()
        })
        .collect();
    assert!(pauses.len() > 10, "{pauses:?}");
}

#[test]
fn a_401_is_final_unless_the_clock_explains_it_once() {
    const BODY: &str = r#"{"error":{"status":202,"code":401,"description":"Unauthorized"}}"#;
    for (status, body) in [(401, ""), (202, BODY)] {
        let mut blaze = blaze(1);
        connect(&mut blaze, secs(1_000));
        assert_eq!(blaze.on_refused(secs(1_001), &refused(status, Some(1_100), body)), Refusal::Clock(secs(100)));
        assert!(blaze.on_closed(secs(1_001)).is_empty());
        assert!(blaze.wants_connect(secs(1_001)));
        connect(&mut blaze, secs(1_001));
        assert_eq!(blaze.on_refused(secs(1_002), &refused(status, Some(1_200), body)), Refusal::Final);
        assert!(blaze.is_stopped() && blaze.next_deadline().is_none() && !blaze.wants_connect(Millis(i64::MAX)));
        assert!(blaze.on_closed(secs(1_002)).is_empty() && blaze.is_stopped());
    }
    for (status, server, refusal) in [
        (401, Some(1_059), Refusal::Final),
        (401, None, Refusal::Final),
        (500, Some(9_999), Refusal::Later),
        (403, None, Refusal::Later),
    ] {
        let mut blaze = blaze(1);
        connect(&mut blaze, secs(1_000));
        assert_eq!(blaze.on_refused(secs(1_000), &refused(status, server, "")), refusal, "{status} {server:?}");
        assert_eq!(blaze.is_stopped(), refusal == Refusal::Final);
    }
    let mut blaze = blaze(1);
    connect(&mut blaze, secs(0));
    blaze.on_refused(secs(0), &refused(401, Some(100), ""));
    open(&mut blaze, secs(100));
    blaze.on_closed(secs(100));
    connect(&mut blaze, secs(200));
    assert_eq!(blaze.on_refused(secs(200), &refused(401, Some(300), "")), Refusal::Clock(secs(100)));
}
