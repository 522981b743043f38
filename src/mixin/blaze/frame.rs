//! What travels: a binary WebSocket frame holds one gzip member, which holds one JSON envelope (messaging §1.4, §2.1).

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::mixin::call::WireError;

/// Most bytes an envelope may unpack to; whatever is larger is a bomb or a mistake.
pub const UNPACKED_MAX: u64 = 16 << 20;

/// A WebSocket frame, as the socket's shell passes it on. The shell's library answers the server's pings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Binary(Bytes),
    /// Blaze never sends any; its content does not matter.
    Text,
    Ping(Bytes),
    Pong(Bytes),
    /// Outward: drop the socket without waiting for the peer, then call `on_closed`.
    Close,
}

/// One envelope from the server.
pub(super) struct Envelope {
    /// Of the request it answers, or the server's own.
    pub(super) id: Option<Uuid>,
    pub(super) action: String,
    pub(super) data: Value,
    pub(super) error: Option<WireError>,
}

/// Why a frame gave no envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unpack {
    /// Bytes were lost or changed on the way: nothing on this connection can be trusted any more.
    #[error("a frame is not gzip: {0}")]
    Corrupt(String),
    /// Dropping the connection would only bring it again.
    #[error("a frame unpacks to more than {UNPACKED_MAX} bytes")]
    TooLarge,
    /// The frame arrived whole and says something else than it should.
    #[error("an envelope is not JSON: {0}")]
    NotJson(String),
}

/// An envelope for the server.
pub(super) fn pack(envelope: &Value) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory cannot fail; an empty frame would only go unanswered.
    let packed = gzip.write_all(envelope.to_string().as_bytes()).and_then(|()| gzip.finish());
    Bytes::from(packed.unwrap_or_default())
}

pub(super) fn unpack(packed: &[u8]) -> Result<Envelope, Unpack> {
    let mut json = Vec::new();
    GzDecoder::new(packed)
        .take(UNPACKED_MAX + 1)
        .read_to_end(&mut json)
        .map_err(|error| Unpack::Corrupt(error.to_string()))?;
    if u64::try_from(json.len()).unwrap_or(u64::MAX) > UNPACKED_MAX {
        return Err(Unpack::TooLarge);
    }
    let mut fields = match serde_json::from_slice(&json) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(Unpack::NotJson("it is no object".into())),
        Err(error) => return Err(Unpack::NotJson(error.to_string())),
    };
    let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
    let (id, action) = (text("id").parse().ok(), text("action").to_owned());
    let error = fields.get("error").and_then(|error| WireError::deserialize(error).ok());
    Ok(Envelope { id, action, data: fields.remove("data").unwrap_or_default(), error })
}
