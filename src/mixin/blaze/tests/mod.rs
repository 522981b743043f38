mod drained;
mod events;
mod timing;

use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;

use super::*;
use crate::id::ConversationId;
use crate::mixin::Keystore;
use crate::mixin::messenger::To;

const BOT: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d039";
const ALICE: &str = "a11ce000-0000-4000-8000-000000000002";
const MESSAGE: &str = "77777777-7777-4777-8777-777777777777";

fn secs(secs: i64) -> Millis {
    Millis::from_secs(secs)
}

fn signer() -> Signer {
    let keystore = json!({
        "app_id": BOT,
        "session_id": "b3a1c2d4-0000-4000-8000-000000000001",
        "session_private_key": "05".repeat(32),
        "spend_private_key": "05".repeat(32),
    });
    Signer::new(&Keystore::read(&keystore.to_string()).unwrap())
}

fn blaze(seed: u64) -> Blaze {
    Blaze::new(BOT.parse().unwrap(), ChaCha8Rng::seed_from_u64(seed))
}

fn connect(blaze: &mut Blaze, now: Millis) -> Request<()> {
    assert!(blaze.wants_connect(now));
    blaze.connect_request(now, now, &signer(), &"wss://blaze.mixin.one".parse().unwrap()).unwrap()
}

/// An envelope that we sent.
fn sent(frame: &Frame) -> Value {
    let Frame::Binary(packed) = frame else { panic!("{frame:?}") };
    let mut json = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut json).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// Opened at `now`; gives the id of the request for the backlog.
fn open(blaze: &mut Blaze, now: Millis) -> Value {
    connect(blaze, now);
    blaze.on_open(now);
    let out = blaze.poll_out(now);
    assert_eq!(out.len(), 1);
    assert_eq!(sent(&out[0])["action"], "LIST_PENDING_MESSAGES");
    sent(&out[0])["id"].clone()
}

fn opened() -> Blaze {
    let mut blaze = blaze(1);
    let id = open(&mut blaze, secs(0));
    assert_eq!(hear(&mut blaze, &json!({"id": id, "action": "LIST_PENDING_MESSAGES"})), [Event::PendingListed]);
    blaze
}

fn hear(blaze: &mut Blaze, envelope: &Value) -> Vec<Event> {
    blaze.on_frame(secs(1), &Frame::Binary(pack(envelope)))
}

fn refused(status: u16, server_secs: Option<i64>, body: &'static str) -> Response<Bytes> {
    let mut builder = Response::builder().status(status);
    if let Some(secs) = server_secs {
        builder = builder.header("X-Server-Time", format!("{secs}000000000"));
    }
    builder.body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn push() -> Value {
    json!({"id": Uuid::from_u128(1), "action": "CREATE_MESSAGE", "data": {
        "type": "message", "conversation_id": "7d36d3e2-e219-380e-8b5c-89dbca5b6ebe", "user_id": ALICE,
        "message_id": MESSAGE, "category": "PLAIN_TEXT", "data": "SGk=", "data_base64": "SGk", "status": "SENT",
        "source": "LIST_PENDING_MESSAGES", "representative_id": "", "quote_message_id": "", "silent": false,
        "expire_in": 0, "created_at": "2026-01-01T00:00:00.123456789Z", "updated_at": "2026-01-01T00:00:00Z",
    }})
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, bytes).unwrap();
    gzip.finish().unwrap().into()
}
