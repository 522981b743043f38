//! The sandbox's face: phones to play trades on, and what lies behind them. Server-rendered, on loopback only.
//!
//! | Route | What it is |
//! |---|---|
//! | `GET /` | two phones side by side |
//! | `GET /page/phone/{who}` | a phone: its chats |
//! | `GET /page/phone/{who}/{conversation}?link=&done=` | a chat; with `link`, the sheet the phone puts up for it |
//! | `GET /page/phone/{who}/new`, `…/wallet` | a new chat or group; the person's money |
//! | `POST /page/phone/{who}/{verb}` | what a thumb does: `say`, `tap`, `open`, `forward`, `contact`, `attach`, `group`, `pay`, `sign`, `revoke`, `send`, `checkout`, `mint` |
//! | `GET /page/web/{who}?url=` | the phone's in-app browser, for the pages of the bot |
//! | `GET /code/{code}`, `POST /page/mixpay/{code}/pay` | `MixPay`'s checkout, for wallets outside the network |
//! | `GET /page/behind`, `…/wallets`, `…/ledger`, `…/bot`, `…/trade/{code}`, `…/faults` | what no phone shows |
//! | `POST /page/behind/{verb}` | `clock`, `fault`, `switch`, `mint`, `phone` |
//!
//! `{who}` is what control takes: a role, a Mixin ID or a user id. Forms carry `at`, the conversation they were sent
//! from; done, they lead back to it (303), refused, they show why at once. What the bot knows of its trades and jobs
//! comes from its own read-only JSON, fetched by [`serve`](super::serve()) before a page that asks for it is drawn.

mod behind;
mod browser;
mod frame;
mod phone;
mod sheets;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use super::world::{Query, World};
use crate::html;
use crate::id::UserId;
use crate::time::Millis;

pub(super) use behind::asks;
pub(super) use browser::rewritten;

/// What the bot's own JSON said, by path; `Err`: why there is none, for people.
pub type BotSays = BTreeMap<String, Result<Value, String>>;

/// The style of every page of the face.
const STYLE: &str = concat!(
    include_str!("style/desk.css"),
    include_str!("style/phone.css"),
    include_str!("style/sheets.css"),
    include_str!("style/behind.css"),
);

/// One request for a page, taken apart.
struct Visit {
    /// Query of a GET, form of a POST.
    fields: Query,
}

impl Visit {
    /// A field that is there and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.all(name)
    }
}

/// Whether a path belongs to the face and not to the network behind it.
pub(super) fn is_page(path: &str) -> bool {
    path == "/" || ["/page/", "/assets/", "/code/"].iter().any(|room| path.starts_with(room))
}

impl World {
    /// Draws a page, or does what a form asks and says where to go then. `bot` holds what the page needs of the
    /// bot's own JSON, fetched beforehand.
    pub fn page(&mut self, request: &Request<Bytes>, bot: &BotSays, now: Millis) -> Response<Bytes> {
        self.tick(now);
        let path = request.uri().path();
        if let Some(asset) = html::asset(path) {
            return asset;
        }
        let post = request.method() == Method::POST;
        self.changes += u64::from(post);
        let text = if post {
            std::str::from_utf8(request.body()).unwrap_or_default()
        } else {
            request.uri().query().unwrap_or_default()
        };
        let visit = Visit { fields: Query::read(text) };
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (post, segments.as_slice()) {
            (false, ["assets", "page.css"]) => html::file("text/css; charset=utf-8", STYLE),
            (false, []) => self.desk(),
            (_, ["page", "phone", who, rest @ ..]) => match self.visitor(who) {
                Some(me) if post => self.phone_does(me, rest.first().copied().unwrap_or_default(), &visit),
                Some(me) => self.phone_shows(me, rest.first().copied(), &visit),
                None => frame::nowhere(),
            },
            (true, ["page", "mixpay", code, "pay"]) => self.mixpay_page_pays(code, &visit.fields),
            (false, ["code", code]) => self.mixpay_page(code, None),
            (_, ["page", "behind", rest @ ..]) if post => {
                self.behind_does(rest.first().copied().unwrap_or_default(), &visit)
            }
            (_, ["page", "behind", rest @ ..]) => self.behind(rest, bot, &visit),
            _ => frame::nowhere(),
        }
    }

    /// Says whose pages the phones' browser can show: this network's own and the bot's. Nothing else is reachable.
    pub(super) fn browsable(&mut self, origins: impl Iterator<Item = String>) {
        self.web = origins.collect();
    }

    /// Whether a phone's browser can show pages of `origin`.
    pub(super) fn shows(&self, origin: &str) -> bool {
        self.web.iter().any(|known| known == origin)
    }

    /// Whose phone: everybody but bots has one.
    fn visitor(&self, who: &str) -> Option<UserId> {
        self.people.named(who).filter(|person| !person.app).map(|person| person.id)
    }
}
