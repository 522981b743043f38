//! What a phone attaches: a picture, a recording or a file out of a small album, uploaded and sent as the apps do it
//! (messaging §8). Control and the page use the same.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::people::random_uuid;
use super::phone::{Done, NotDone};
use super::shapes;
use super::world::World;
use crate::id::UserId;

/// Pixels of the album's picture.
const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

/// Something in the album of every phone.
pub(super) struct Thing {
    /// As control and forms name it.
    pub(super) name: &'static str,
    /// As people read it.
    pub(super) label: &'static str,
    category: &'static str,
    mime: &'static str,
    file: &'static str,
}

/// Everything there is to attach.
pub(super) static ALBUM: &[Thing] = &[
    Thing { name: "photo", label: "Photo", category: "PLAIN_IMAGE", mime: "image/png", file: "photo.png" },
    Thing {
        name: "receipt",
        label: "Receipt (file)",
        category: "PLAIN_DATA",
        mime: "application/pdf",
        file: "receipt.pdf",
    },
    Thing { name: "clip", label: "Video", category: "PLAIN_VIDEO", mime: "video/mp4", file: "clip.mp4" },
    Thing { name: "recording", label: "Recording", category: "PLAIN_AUDIO", mime: "audio/ogg", file: "recording.ogg" },
];

impl Thing {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ALBUM.iter().find(|thing| thing.name == name)
    }

    fn bytes(&self) -> Bytes {
        match self.category {
            "PLAIN_IMAGE" => picture(),
            _ => Bytes::from(format!("%{}\nThis is {}, and only a sample.\n", self.mime, self.file).repeat(12)),
        }
    }

    fn payload(&self, attachment: &str, size: usize) -> Value {
        let mut payload = json!({ "attachment_id": attachment, "mime_type": self.mime, "size": size });
        match self.category {
            "PLAIN_DATA" => payload["name"] = self.file.into(),
            "PLAIN_AUDIO" => {
                (payload["duration"], payload["waveform"]) = (4_000.into(), "".into());
            }
            _ => {
                (payload["width"], payload["height"]) = (WIDTH.into(), HEIGHT.into());
                payload["thumbnail"] = "".into();
                if self.category == "PLAIN_VIDEO" {
                    payload["duration"] = 4_000.into();
                }
            }
        }
        payload
    }
}

impl World {
    /// Uploads a thing and sends it to somebody.
    pub(super) fn attach(&mut self, me: UserId, to: UserId, thing: &Thing) -> Done {
        let conversation = self.direct(me, to)?;
        let room = self.call(me, "POST", "/attachments", Some(&json!({})))?;
        let field = |key: &str| room.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let bytes = thing.bytes();
        let size = bytes.len();
        self.upload_there(&field("upload_url"), bytes)?;
        let id = random_uuid(&mut self.rng).to_string();
        let payload = thing.payload(&field("attachment_id"), size).to_string();
        let item = json!([{
            "conversation_id": conversation.to_string(),
            "recipient_id": to.to_string(),
            "message_id": id,
            "category": thing.category,
            "data_base64": shapes::url_safe(payload.as_bytes()),
        }]);
        self.call(me, "POST", "/messages", Some(&item))?;
        Ok(json!({ "message_id": id, "attachment_id": field("attachment_id"), "size": size }))
    }

    /// As S3 takes it: two headers, and no token.
    fn upload_there(&mut self, url: &str, bytes: Bytes) -> Result<(), NotDone> {
        let broken = |error: &dyn std::fmt::Display| NotDone::new(format!("the upload link is broken: {error}"));
        let url = url::Url::parse(url).map_err(|error| broken(&error))?;
        let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let request = Request::builder()
            .method("PUT")
            .uri(target)
            .header("content-type", "application/octet-stream")
            .header("x-amz-acl", "public-read")
            .body(bytes)
            .map_err(|error| broken(&error))?;
        let now = self.clock.since(self.advanced);
        match self.handle(request, now).status() {
            StatusCode::OK => Ok(()),
            other => Err(NotDone::new(format!("the upload was answered {other}"))),
        }
    }
}

/// A small picture: what was sent, with a crack.
fn picture() -> Bytes {
    let pixel = |x: u32, y: u32| -> [u8; 3] {
        let (dx, dy) = (x.abs_diff(WIDTH / 2), y.abs_diff(HEIGHT / 2));
        match dx * dx + dy * dy {
            _ if x == y + 16 => [0xf0, 0xf0, 0xf0],
            0..=120 => [0x20, 0x28, 0x40],
            121..=500 => [0x48, 0x60, 0x90],
            501..=700 => [0x10, 0x10, 0x14],
            _ => [0xd8, 0xd0, 0xc0],
        }
    };
    let rows = (0..HEIGHT).flat_map(|y| std::iter::once(0).chain((0..WIDTH).flat_map(move |x| pixel(x, y))));
    let rows: Vec<u8> = rows.collect();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    // Into memory: it cannot fail.
    let _ = zlib.write_all(&rows);
    let packed = zlib.finish().unwrap_or_default();
    let mut head = Vec::new();
    head.extend(WIDTH.to_be_bytes());
    head.extend(HEIGHT.to_be_bytes());
    // Eight bits, red green blue, nothing else.
    head.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", packed), (b"IEND", Vec::new())] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(&data);
        png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(crc.sum().to_be_bytes());
    }
    Bytes::from(png)
}
