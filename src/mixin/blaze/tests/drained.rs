//! How far the backlog is known to be drained (design §3 rule 10).

use super::*;

/// What the shell's clock is behind the server's.
const OFFSET: Millis = Millis::from_secs(1_000_000);

/// A message that was said at this second of the shell's clock, and arrives.
fn said(blaze: &mut Blaze, now: i64, at: i64) {
    let mut push = push();
    push["data"]["created_at"] = secs(at).plus(OFFSET).to_rfc3339().into();
    assert_eq!(blaze.on_frame(secs(now), &Frame::Binary(pack(&push))).len(), 1);
}

/// A ping leaves now, if one is due, and is answered.
fn ping(blaze: &mut Blaze, now: i64) {
    for frame in blaze.poll_out(secs(now)) {
        if let Frame::Ping(payload) = frame {
            blaze.on_frame(secs(now), &Frame::Pong(payload));
        }
    }
}

/// By the shell's clock, in milliseconds.
fn drained(blaze: &Blaze) -> Option<i64> {
    blaze.drained()?.until(OFFSET, Millis(0)).map(|until| until.since(OFFSET).0)
}

#[test]
fn a_pong_drains_until_ten_seconds_before_its_ping() {
    let mut blaze = opened();
    ping(&mut blaze, 9);
    assert_eq!(drained(&blaze), None, "the backlog was listed a moment ago");
    ping(&mut blaze, 18);
    assert_eq!(drained(&blaze), Some(8_000));
    // A pong that is late proves what its ping asked, not more.
    let pings = blaze.poll_out(secs(27));
    assert_eq!(drained(&blaze), Some(8_000));
    let Frame::Ping(payload) = pings[0].clone() else { panic!() };
    blaze.on_frame(secs(40), &Frame::Pong(payload));
    assert_eq!(drained(&blaze), Some(17_000));
}

#[test]
fn old_messages_that_still_come_hold_it_back() {
    let mut blaze = opened();
    said(&mut blaze, 9, 3);
    ping(&mut blaze, 18);
    assert_eq!(drained(&blaze), Some(2_999), "what was said at 3 s came within the last ten");
    // After the pong too: the server was not done.
    said(&mut blaze, 19, 1);
    assert_eq!(drained(&blaze), Some(999));
    ping(&mut blaze, 27);
    assert_eq!(drained(&blaze), Some(999));
    ping(&mut blaze, 36);
    assert_eq!(drained(&blaze), Some(26_000), "ten quiet seconds later it is forgotten");
    // Who goes on talking holds nothing back but what is being said.
    for now in 37..80 {
        said(&mut blaze, now, now);
        ping(&mut blaze, now);
    }
    assert_eq!(drained(&blaze), Some(61_999));
}

#[test]
fn what_has_no_date_may_be_of_any_time() {
    let unread: [fn(&mut Value); 3] = [
        |push| push["data"]["created_at"] = "soon".into(),
        |push| push["data"]["created_at"] = Value::Null,
        |push| push["data"] = json!({"message_id": MESSAGE}),
    ];
    for spoil in unread {
        let mut blaze = opened();
        let mut push = push();
        spoil(&mut push);
        blaze.on_frame(secs(10), &Frame::Binary(pack(&push)));
        ping(&mut blaze, 18);
        assert_eq!(drained(&blaze), None);
        ping(&mut blaze, 27);
        assert_eq!(drained(&blaze), Some(17_000));
    }
    // Unreadable, but dated: no worse than any other.
    let mut blaze = opened();
    let mut push = push();
    push["data"]["data_base64"] = "!".into();
    push["data"]["data"] = "!".into();
    push["data"]["created_at"] = secs(20).plus(OFFSET).to_rfc3339().into();
    let heard = blaze.on_frame(secs(10), &Frame::Binary(pack(&push)));
    assert!(matches!(heard.as_slice(), [Event::Unreadable { .. }]));
    ping(&mut blaze, 18);
    assert_eq!(drained(&blaze), Some(8_000));
    // What is not even an envelope.
    let mut blaze = opened();
    blaze.on_frame(secs(10), &Frame::Binary(gzip(b"{")));
    ping(&mut blaze, 18);
    assert_eq!(drained(&blaze), None);
}

#[test]
fn nothing_is_known_without_the_backlog_or_after_the_connection() {
    let mut unlisted = blaze(1);
    open(&mut unlisted, secs(0));
    ping(&mut unlisted, 9);
    ping(&mut unlisted, 18);
    assert_eq!(drained(&unlisted), None);
    let mut blaze = opened();
    ping(&mut blaze, 18);
    assert!(drained(&blaze).is_some());
    blaze.on_closed(secs(19));
    assert_eq!(drained(&blaze), None);
    open(&mut blaze, secs(30));
    assert_eq!(drained(&blaze), None);
}

#[test]
fn our_own_echo_and_receipts_are_no_messages() {
    let mut blaze = opened();
    let receipt = json!({"id": Uuid::from_u128(2), "action": "ACKNOWLEDGE_MESSAGE_RECEIPT",
        "data": {"message_id": MESSAGE, "status": "READ"}});
    blaze.on_frame(secs(17), &Frame::Binary(pack(&receipt)));
    let mut echo = push();
    echo["data"]["user_id"] = BOT.into();
    blaze.on_frame(secs(17), &Frame::Binary(pack(&echo)));
    ping(&mut blaze, 18);
    assert_eq!(drained(&blaze), Some(8_000));
}

/// What was said before the clock was corrected has a date of the other clock.
#[test]
fn a_corrected_clock_is_waited_for_as_the_backlog_is() {
    let mut blaze = opened();
    ping(&mut blaze, 18);
    let drained = blaze.drained().unwrap();
    assert_eq!(drained.until(OFFSET, secs(8)), Some(secs(8).plus(OFFSET)));
    assert_eq!(drained.until(OFFSET, Millis(8_001)), None);
}
