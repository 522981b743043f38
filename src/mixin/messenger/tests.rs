use super::*;

fn bot() -> UserId {
    "b0700000-0000-4000-8000-000000000001".parse().unwrap()
}

fn alice() -> UserId {
    "a11ce000-0000-4000-8000-000000000002".parse().unwrap()
}

fn message_id() -> MessageId {
    MessageId(Uuid::from_u128(5))
}

fn to() -> To {
    To::person(bot(), alice())
}

fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

/// The payload of a message's only JSON form.
fn payload(message: &OutMessage) -> Value {
    let encoded = message.wire()["data_base64"].as_str().unwrap().to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

#[test]
fn texts_are_those_of_the_dossier() {
    let call = send(&[OutMessage::text(to(), message_id(), "Hi")]);
    assert_eq!((call.method.as_str(), call.path_and_query.as_str()), ("POST", "/messages"));
    assert_eq!(
        body(&call),
        json!([{
            "conversation_id": "7d36d3e2-e219-380e-8b5c-89dbca5b6ebe",
            "recipient_id": "a11ce000-0000-4000-8000-000000000002",
            "message_id": "00000000-0000-0000-0000-000000000005",
            "category": "PLAIN_TEXT",
            "data_base64": "SGk",
        }])
    );
    let group = OutMessage::post(To::group(ConversationId(Uuid::nil())), message_id(), "# 你好");
    assert_eq!(group.wire().get("recipient_id"), None);
    assert_eq!(group.wire()["category"], "PLAIN_POST");
}

#[test]
fn other_calls_are_those_of_the_dossier() {
    assert_eq!(
        body(&create_contact(bot(), alice())),
        json!({
            "category": "CONTACT", "conversation_id": "7d36d3e2-e219-380e-8b5c-89dbca5b6ebe",
            "participants": [{"user_id": "a11ce000-0000-4000-8000-000000000002"}],
        })
    );
    let acknowledged = acknowledge(&[message_id()]);
    assert_eq!(acknowledged.path_and_query, "/acknowledgements");
    assert_eq!(body(&acknowledged), json!([{"message_id": "00000000-0000-0000-0000-000000000005", "status": "READ"}]));
    let contact = OutMessage::contact(to(), message_id(), bot());
    assert_eq!(contact.wire()["category"], "PLAIN_CONTACT");
    assert_eq!(payload(&contact), json!({"user_id": "b0700000-0000-4000-8000-000000000001"}));
}

#[test]
fn buttons_are_an_array_of_at_most_six() {
    let button = Button::new("Release 50 USDT", Color::Green, "https://mixin.one/multisigs/x");
    let group = OutMessage::buttons(to(), message_id(), std::slice::from_ref(&button)).unwrap();
    assert_eq!(group.wire()["category"], "APP_BUTTON_GROUP");
    assert_eq!(
        payload(&group),
        json!([{"label": "Release 50 USDT", "color": "#76A048", "action": "https://mixin.one/multisigs/x"}])
    );
    for count in [0, 7] {
        let buttons = vec![button.clone(); count];
        assert_eq!(OutMessage::buttons(to(), message_id(), &buttons), Err(ButtonCount(count)));
    }
    for (label, cut) in [
        ("a".repeat(40), "a".repeat(36)),
        ("担保交易担保交易担保交易担保".into(), "担保交易担保交易担保交易".into()),
        ("x担保交易担保交易担保交易".into(), "x担保交易担保交易担保交".into()),
    ] {
        assert_eq!(Button::new(&label, Color::Red, "").label, cut);
    }
}

#[test]
fn a_card_has_every_field_and_no_action() {
    let card = Card { app_id: bot(), title: "t".repeat(50), description: "说".repeat(2000), buttons: vec![] };
    let message = OutMessage::card(to(), message_id(), &card).unwrap();
    assert_eq!(message.wire()["category"], "APP_CARD");
    assert_eq!(
        payload(&message),
        json!({
            "app_id": "b0700000-0000-4000-8000-000000000001", "cover_url": "", "title": "t".repeat(36),
            "description": "说".repeat(1024), "actions": [], "shareable": false,
        })
    );
    let crowded = Card { buttons: vec![Button::new("x", Color::Blue, "y"); 7], ..card };
    assert_eq!(OutMessage::card(to(), message_id(), &crowded), Err(ButtonCount(7)));
}

#[test]
fn a_batch_stays_inside_both_limits() {
    let message = |size: usize| OutMessage::text(to(), message_id(), "x".repeat(size));
    assert_eq!(batch(&[]), 0);
    assert_eq!(batch(&vec![message(1); 250]), MESSAGES_MAX);
    assert_eq!(batch(&[message(BODY_MAX), message(1)]), 1);
    let large = vec![message(30_000); 10];
    let count = batch(&large);
    assert!(send(&large[..count]).body.len() <= BODY_MAX && send(&large[..=count]).body.len() > BODY_MAX, "{count}");
}

#[test]
fn an_upload_has_exactly_the_headers_it_was_signed_for() {
    let data = json!({"attachment_id": Uuid::from_u128(9), "upload_url": "https://s3.example/x?sig=y", "view_url": ""});
    let attachment = Attachment::read(&Reply { data, server_time: None }).unwrap();
    let request = attachment.upload(Bytes::from_static(b"png")).unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string()), ("PUT", attachment.upload_url.clone()));
    let mut names: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "x-amz-acl"]);
    let image = Image {
        attachment_id: attachment.attachment_id,
        mime_type: "image/png".into(),
        width: 512,
        height: 512,
        size: 3,
    };
    assert_eq!(payload(&OutMessage::image(to(), message_id(), &image))["size"], 3);
}

#[test]
fn only_a_clear_yes_of_the_storage_counts() {
    let read = |status: u16| Attachment::stored(StatusCode::from_u16(status).unwrap());
    assert!([200, 201, 204].into_iter().all(|status| read(status).is_ok()));
    for status in [202, 206, 304, 500, 503] {
        assert!(matches!(read(status), Err(CallError::Unanswered { .. })), "{status}");
    }
    // A 401 of the storage says nothing of our session, which it would end.
    for status in [400, 401, 403, 413, 429] {
        assert!(matches!(read(status), Err(CallError::Refused { .. })), "{status}");
    }
}

#[test]
fn messages_survive_being_stored() {
    let message = OutMessage::text(to(), message_id(), "你好");
    let stored = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<OutMessage>(&stored).unwrap(), message);
}
