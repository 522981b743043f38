//! What each frame means.

use proptest::prelude::*;

use super::*;

#[test]
fn a_message_is_read_with_what_counts() {
    let mut blaze = opened();
    let message = InboundMessage {
        conversation_id: "7d36d3e2-e219-380e-8b5c-89dbca5b6ebe".parse().unwrap(),
        user_id: ALICE.parse().unwrap(),
        message_id: MESSAGE.parse().unwrap(),
        category: "PLAIN_TEXT".into(),
        data: b"Hi".to_vec(),
        quote_message_id: None,
        created_at: Millis::from_rfc3339("2026-01-01T00:00:00.123Z").unwrap(),
        source: "LIST_PENDING_MESSAGES".into(),
    };
    assert_eq!(hear(&mut blaze, &push()), [Event::Message(message.clone())]);
    let stored = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<InboundMessage>(&stored).unwrap(), message);
    let mut old = push();
    old["data"]["data_base64"] = Value::Null;
    old["data"]["message_id"] = json!(MESSAGE.to_uppercase());
    old["data"]["unknown"] = json!({"x": 1});
    assert_eq!(hear(&mut blaze, &old), [Event::Message(message)]);
}

#[test]
fn what_cannot_be_read_still_has_its_id() {
    let mut blaze = opened();
    for (field, value) in [
        ("conversation_id", json!("")),
        ("user_id", json!("7000")),
        ("created_at", json!("yesterday")),
        ("data_base64", json!("!")),
        ("category", json!(5)),
    ] {
        let mut odd = push();
        odd["data"][field] = value;
        let events = hear(&mut blaze, &odd);
        let [Event::Unreadable { message_id, raw, .. }] = &events[..] else { panic!("{field}: {events:?}") };
        assert_eq!(message_id.unwrap().to_string(), MESSAGE);
        assert!(raw.contains(MESSAGE));
    }
    let mut unknown = push();
    unknown["action"] = json!("CREATE_CALL");
    assert!(matches!(&hear(&mut blaze, &unknown)[..], [Event::Unreadable { message_id: Some(_), .. }]));
    for json in ["", "[]", "{", "\"x\""] {
        let frame = Frame::Binary(gzip(json.as_bytes()));
        let events = blaze.on_frame(secs(2), &frame);
        assert!(matches!(&events[..], [Event::Unreadable { message_id: None, .. }]), "{json}");
    }
    assert!(blaze.health().is_some());
}

#[test]
fn our_own_words_and_receipts_are_no_messages() {
    let mut blaze = opened();
    let mut own = push();
    own["data"]["user_id"] = json!(BOT);
    assert_eq!(hear(&mut blaze, &own), []);
    let mut receipt = push();
    receipt["action"] = json!("ACKNOWLEDGE_MESSAGE_RECEIPT");
    receipt["data"]["conversation_id"] = json!("");
    receipt["data"]["status"] = json!("READ");
    let read = Event::Receipt { message_id: MESSAGE.parse().unwrap(), status: "READ".into() };
    assert_eq!(hear(&mut blaze, &receipt), std::slice::from_ref(&read));
    receipt["action"] = json!("CREATE_MESSAGE");
    receipt["data"]["source"] = json!("ACKNOWLEDGE_MESSAGE_RECEIPT");
    assert_eq!(hear(&mut blaze, &receipt), [read]);
    for (action, data) in [
        ("ACKNOWLEDGE_MESSAGE_RECEIPT", Value::Null),
        ("CREATE_MESSAGE", Value::Null),
        ("COUNT_SIGNAL_KEYS", json!({})),
        ("", Value::Null),
    ] {
        assert_eq!(hear(&mut blaze, &json!({"id": "x", "action": action, "data": data})), [], "{action}");
    }
}

#[test]
fn answers_are_told_from_pushes_by_their_id() {
    let mut blaze = opened();
    let to = To::group(ConversationId(Uuid::from_u128(3)));
    let post = |blaze: &mut Blaze, id: u128| {
        assert!(blaze.post(secs(2), &OutMessage::text(to, MessageId(Uuid::from_u128(id)), "Hi")));
        let envelope = sent(&blaze.poll_out(secs(2))[0]);
        assert_eq!(envelope["params"]["data_base64"], "SGk");
        assert_eq!(envelope["params"].get("recipient_id"), None);
        envelope["id"].clone()
    };
    let (first, second) = (post(&mut blaze, 1), post(&mut blaze, 2));
    // Even when it looks like somebody's message.
    let mut answer = push();
    answer["id"] = first;
    let posted = |id, result| Event::Posted { message_id: MessageId(Uuid::from_u128(id)), result };
    assert_eq!(hear(&mut blaze, &answer), [posted(1, Ok(()))]);
    let refused = json!({"id": second, "action": "CREATE_MESSAGE",
        "error": {"status": 202, "code": 403, "description": "Forbidden"}});
    let error = CallError::Refused { code: 403, description: "Forbidden".into(), extra: Value::Null };
    assert_eq!(hear(&mut blaze, &refused), [posted(2, Err(error))]);

    post(&mut blaze, 4);
    let events = blaze.on_closed(secs(3));
    assert!(
        matches!(&events[..], [Event::Posted { message_id, result: Err(CallError::Unanswered { .. }) }]
            if message_id.0 == Uuid::from_u128(4)),
        "{events:?}"
    );
    assert!(!blaze.post(secs(3), &OutMessage::text(to, MessageId(Uuid::nil()), "Hi")));
}

#[test]
fn complaints_drop_the_connection_only_when_it_is_of_no_use() {
    let complaint = |code: i64| json!({"action": "ERROR", "error": {"status": 202, "code": code, "description": "x"}});
    let mut blaze = opened();
    let events = hear(&mut blaze, &complaint(10_002));
    assert!(matches!(&events[..], [Event::Complaint(CallError::Refused { .. })]));
    assert!(blaze.health().is_some());
    assert_eq!(hear(&mut blaze, &complaint(401)), [Event::Unauthorized { description: "x".into() }]);
    assert_eq!(blaze.poll_out(secs(1)), [Frame::Close]);

    let id = {
        blaze.on_closed(secs(1));
        open(&mut blaze, secs(100))
    };
    let mut refused = complaint(7_000);
    refused["id"] = id;
    assert!(matches!(&hear(&mut blaze, &refused)[..], [Event::Complaint(CallError::Unanswered { .. })]));
    assert_eq!(blaze.poll_out(secs(100)), [Frame::Close]);
}

#[test]
fn broken_bytes_drop_the_connection_and_bombs_do_not() {
    let whole = pack(&push());
    let mut flipped = whole.to_vec();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    for frame in [
        Frame::Text,
        Frame::Binary(Bytes::new()),
        Frame::Binary(Bytes::from_static(b"{}")),
        Frame::Binary(whole.slice(..whole.len() / 2)),
        Frame::Binary(flipped.into()),
    ] {
        let mut blaze = opened();
        assert_eq!(blaze.on_frame(secs(2), &frame), [], "{frame:?}");
        assert_eq!(blaze.next_deadline(), Some(secs(2)));
        assert_eq!(blaze.poll_out(secs(2)), [Frame::Close], "{frame:?}");
        assert!(matches!(&blaze.on_closed(secs(2))[..], [Event::Dropped { .. }]));
    }
    let mut blaze = opened();
    let bomb = gzip(&vec![b' '; usize::try_from(UNPACKED_MAX).unwrap() + 1]);
    let events = blaze.on_frame(secs(2), &Frame::Binary(bomb));
    assert!(matches!(&events[..], [Event::Unreadable { message_id: None, .. }]), "{events:?}");
    assert!(blaze.health().is_some());
}

#[test]
fn the_dossiers_frame_is_read() {
    let packed = hex::decode(concat!(
        "1f8b0800000000000003ab56ca4c51b252b284025d10ad6b02222c40044c1c442be92825269764e6e701d5fb780687c407b8fab978fab9c7fb",
        "ba06073bbabb062bd50200f90e98b04e000000"
    ));
    let envelope = unpack(&packed.unwrap()).unwrap();
    assert_eq!(envelope.id.unwrap().to_string(), "99999999-9999-4999-8999-999999999999");
    assert_eq!(envelope.action, "LIST_PENDING_MESSAGES");
    assert!(envelope.data.is_null() && envelope.error.is_none());
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0..4, at in any::<i64>()) {
        let mut blaze = opened();
        let frame = match kind {
            0 => Frame::Binary(bytes.into()),
            1 => Frame::Binary(gzip(&bytes)),
            2 => Frame::Pong(bytes.into()),
            _ => Frame::Ping(bytes.into()),
        };
        blaze.on_frame(Millis(at), &frame);
        blaze.poll_out(Millis(at));
        let _ = blaze.next_deadline();
        blaze.on_closed(Millis(at));
    }

    #[test]
    fn no_envelope_makes_it_panic(
        field in prop::sample::select(vec!["message_id", "user_id", "data", "data_base64", "created_at", "source", "category"]),
        text in ".{0,40}",
        top in prop::sample::select(vec!["id", "action", "data", "error"]),
        number in any::<i64>(),
    ) {
        let mut blaze = opened();
        let mut envelope = push();
        envelope["data"][field] = json!(text);
        hear(&mut blaze, &envelope);
        envelope[top] = json!({"code": number, "description": text});
        hear(&mut blaze, &envelope);
        envelope[top] = json!(number);
        hear(&mut blaze, &envelope);
    }
}
