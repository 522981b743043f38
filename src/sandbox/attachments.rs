//! Files: a place to put them, the upload as S3 takes it, and reading them back (messaging §8).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal, bad, refuse};
use super::people::random_uuid;
use super::world::World;
use crate::time::Millis;

/// Largest upload.
pub(super) const UPLOAD_MAX: usize = 25 * 1024 * 1024;
/// All uploads together.
const STORE_MAX: usize = 128 * 1024 * 1024;
const FILES_MAX: usize = 100_000;
/// A presigned URL lives six hours.
const PRESIGNED: Millis = Millis::from_hours(6);

struct File {
    /// In the upload URL, so that only who asked for it can write.
    token: Uuid,
    bytes: Option<Bytes>,
    created_at: Millis,
}

/// Every attachment there is, in memory.
#[derive(Default)]
pub(super) struct Files {
    files: BTreeMap<Uuid, File>,
    stored: usize,
}

impl World {
    /// `POST /attachments`.
    pub(super) fn attachment_create(&mut self, host: &str) -> Answer {
        if self.files.files.len() >= FILES_MAX {
            return Err(refuse(429));
        }
        let (id, token) = (random_uuid(&mut self.rng), random_uuid(&mut self.rng));
        let file = File { token, bytes: None, created_at: self.server_time() };
        let view = view(id, &file, host);
        self.files.files.insert(id, file);
        Ok(view)
    }

    /// `GET /attachments/:id`.
    pub(super) fn attachment_get(&self, id: &str, host: &str) -> Answer {
        let found = id.parse().ok().and_then(|id| self.files.files.get_key_value(&id));
        match found {
            Some((id, file)) if !self.switches.attachments_expired => Ok(view(*id, file, host)),
            _ => Err(refuse(404)),
        }
    }

    /// 10002 unless the attachment is there, with as many bytes as the message says.
    pub(super) fn attachment_sendable(&self, id: Uuid, size: u64) -> Result<(), Refusal> {
        let bytes = self.files.files.get(&id).and_then(|file| file.bytes.as_ref());
        let bytes = bytes.ok_or_else(|| bad("data.attachment_id", "nothing was uploaded there"))?;
        if u64::try_from(bytes.len()) == Ok(size) { Ok(()) } else { Err(bad("data.size", "is not that of the upload")) }
    }

    /// `PUT` to a presigned URL: the signature covers two headers, and a second kind of authorisation is refused.
    pub(super) fn upload(&mut self, id: &str, token: &str, headers: &HeaderMap, body: Bytes) -> StatusCode {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|header| header == value);
        let now = self.server_time();
        let file = id.parse().ok().and_then(|id: Uuid| self.files.files.get_mut(&id));
        let Some(file) = file else { return StatusCode::NOT_FOUND };
        let signed = is("content-type", "application/octet-stream") && is("x-amz-acl", "public-read");
        if !signed || token != file.token.to_string() || now > file.created_at.plus(PRESIGNED) {
            return StatusCode::FORBIDDEN;
        }
        if headers.contains_key(http::header::AUTHORIZATION) {
            return StatusCode::BAD_REQUEST;
        }
        let stored = self.files.stored - file.bytes.as_ref().map_or(0, Bytes::len) + body.len();
        if body.len() > UPLOAD_MAX || stored > STORE_MAX {
            return StatusCode::PAYLOAD_TOO_LARGE;
        }
        file.bytes = Some(body);
        self.files.stored = stored;
        StatusCode::OK
    }

    /// The bytes behind a view URL.
    pub(super) fn attachment_bytes(&self, id: &str) -> Option<Bytes> {
        let file = id.parse().ok().and_then(|id: Uuid| self.files.files.get(&id))?;
        file.bytes.clone().filter(|_| !self.switches.attachments_expired)
    }
}

fn view(id: Uuid, file: &File, host: &str) -> Value {
    json!({
        "type": "attachment",
        "attachment_id": id.to_string(),
        "upload_url": format!("http://{host}/attachments/{id}/upload?token={}", file.token),
        "view_url": format!("http://{host}/attachments/{id}/view"),
        "created_at": file.created_at.to_rfc3339(),
    })
}
