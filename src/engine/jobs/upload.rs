//! Upload a picture of a link: a place for it, then the bytes. A place that stays empty harms nobody, so after
//! anything but a clear yes the next try asks for a new one.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Last, Step};
use crate::chat::qr::{self, Picture};
use crate::engine::input::Answer;
use crate::engine::links::pay_link;
use crate::id::MessageId;
use crate::mixin::CallError;
use crate::mixin::link;
use crate::mixin::messenger::{self, Attachment, Image, To};
use crate::store::{JobRow, Kind};
use crate::time::Millis;
use crate::trade::Trade;

/// Body of an upload job: what is to be drawn, and the message that will show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadBody {
    pub to: To,
    pub message_id: MessageId,
    pub link: String,
    /// The name of the trade's state in which the picture is of use; `None`: always.
    pub during: Option<String>,
}

impl UploadBody {
    /// Whether the trade it is about is still where it was, and somebody is still to pay by this very link. `server`:
    /// server time.
    pub(crate) fn is_wanted(&self, trade: Option<&Trade>, server: Millis) -> bool {
        let Some(state) = self.during.as_deref() else { return true };
        trade.is_some_and(|trade| trade.state.name() == state && self.is_offered(trade, server))
    }

    fn is_offered(&self, trade: &Trade, server: Millis) -> bool {
        let on_its_way = trade.link_used_since.is_some() || trade.coming().is_some();
        let closed = trade.behind || trade.frozen.is_some() || on_its_way || trade.missing().is_zero();
        let by_mixin = || pay_link(trade).as_deref() == Some(self.link.as_str());
        let code = || Some(&trade.offered(server)?.opened.as_ref()?.code);
        !closed && (by_mixin() || code().is_some_and(|code| link::mixpay(code) == self.link))
    }

    /// Whether it shows MixPay's page.
    pub(crate) fn is_mixpay(&self) -> bool {
        self.link.starts_with(&link::mixpay(""))
    }

    /// `None` when the row is of another kind or cannot be read.
    pub(crate) fn of(job: &JobRow) -> Option<Self> {
        if job.kind != Kind::Upload {
            return None;
        }
        serde_json::from_value(job.body.clone()).ok()
    }
}

pub struct Upload {
    link: String,
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    Start,
    Asking(Picture),
    Putting(Image),
}

impl Upload {
    #[must_use]
    pub fn new(link: String) -> Self {
        Self { link, stage: Stage::Start }
    }

    pub(super) fn next(&mut self, last: Last) -> Result<Step, CallError> {
        let reply = last.transpose()?;
        match (std::mem::take(&mut self.stage), reply) {
            (Stage::Asking(picture), Some(reply)) => {
                let place = Attachment::read(&reply)?;
                let unsendable = |error: &dyn std::fmt::Display| CallError::Unanswered { what: error.to_string() };
                let size = u32::try_from(picture.bytes.len()).map_err(|error| unsendable(&error))?;
                let put = place.upload(Bytes::from(picture.bytes)).map_err(|error| unsendable(&error))?;
                self.stage = Stage::Putting(Image {
                    attachment_id: place.attachment_id,
                    mime_type: "image/png".into(),
                    width: picture.width,
                    height: picture.height,
                    size,
                });
                Ok(Step::Put(put))
            }
            (Stage::Putting(image), Some(_)) => Ok(Step::Done(Answer::Uploaded(image))),
            _ => Ok(match qr::png(&self.link) {
                Some(picture) => {
                    self.stage = Stage::Asking(picture);
                    Step::Send(messenger::create_attachment())
                }
                None => Step::Done(Answer::Refused { code: 0, why: "the link is too long for a picture".into() }),
            }),
        }
    }
}
