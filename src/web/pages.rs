//! A trade's page for its parties, behind an address nobody can guess. It is drawn from what is committed, changes
//! nothing, and whatever is wrong with an address, the answer is the same.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::markup;
use crate::chat::text::CODE_LETTERS;
use crate::chat::{House, Known, Lang, Post, View, cards};
use crate::engine::{Kit, MixinLinks};
use crate::html::{self, Framed};
use crate::id::{PageKey, UserId};
use crate::mixin::KitKey;
use crate::store::{Read, Reader, StoreError};
use crate::time::Millis;
use crate::trade::{Role, Trade};

/// Behind the token: the recovery kit as a file.
const KIT: &str = "kit.txt";

/// The party who looks, and the language they read.
type Viewer = (UserId, Lang);

/// What the pages are made from beside the database.
pub struct Pages {
    pub house: House,
    pub key: PageKey,
    /// Signs the recovery kits.
    pub kits: KitKey,
}

impl Pages {
    /// The page, or the kit, that `rest` of the address asks for: what stands behind `/t/`. `lang` is the browser's, for
    /// whoever has shown the bot none of their own. `now` is machine time.
    #[must_use]
    pub fn answer(&self, reader: &Reader, rest: &str, lang: Lang, now: Millis) -> Response<Bytes> {
        let (token, part) = rest.split_once('/').map_or((rest, None), |(token, part)| (token, Some(part)));
        let found = match self.open(reader, token) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "a trade's page cannot be read");
                return markup::unwell(lang);
            }
        };
        let Some((read, trade, viewer)) = &found else { return markup::nowhere(lang) };
        let (viewer, lang) = (*viewer, read.people.get(viewer).and_then(|row| row.lang).unwrap_or(lang));
        match part {
            None => self.page(read, trade, (viewer, lang), token, now),
            Some(KIT) => self.kit(read, trade, (viewer, lang), now),
            Some(_) => markup::nowhere(lang),
        }
    }

    /// The trade and the party that a token opens.
    fn open(&self, reader: &Reader, token: &str) -> Result<Option<(Read, Trade, UserId)>, StoreError> {
        let Some(code) = PageKey::code_in(token).filter(|code| code.len() == CODE_LETTERS) else {
            return Ok(None);
        };
        let opens = |trade: &Trade| {
            let parties = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
            // Both are compared, always.
            let opened = parties.filter(|party| self.key.opens(token, trade.id, &trade.code, *party));
            opened.fold(None, |_, party| Some(party))
        };
        let Some((mut read, viewer)) = reader.trade_for(code, opens)? else { return Ok(None) };
        Ok(read.trades.pop().map(|trade| (read, trade, viewer)))
    }

    fn page(&self, read: &Read, trade: &Trade, viewer: Viewer, token: &str, now: Millis) -> Response<Bytes> {
        let history = read.history.iter().map(|row| (row.at, &row.event));
        match self.view(read, trade, viewer, now, |view| cards::page(view, history)) {
            Some(page) => markup::trade(&page, &format!("{}{token}/{KIT}", crate::engine::PAGE)),
            None => markup::nowhere(viewer.1),
        }
    }

    fn kit(&self, read: &Read, trade: &Trade, viewer: Viewer, now: Millis) -> Response<Bytes> {
        let posts = self.view(read, trade, viewer, now, cards::kit);
        let text = posts.into_iter().find_map(|post| if let Post::Markdown(text) = post { Some(text) } else { None });
        // Before the parties are frozen there is none.
        let Some(text) = text else { return markup::nowhere(viewer.1) };
        let mut response = Response::new(Bytes::from(text + "\n"));
        html::guard(response.headers_mut(), Framed::Nowhere);
        let name = format!("attachment; filename=\"trade-{}-kit.txt\"", trade.code);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Ok(name) = HeaderValue::from_str(&name) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
        response
    }

    fn view<T>(&self, read: &Read, trade: &Trade, viewer: Viewer, now: Millis, show: impl FnOnce(&View<'_>) -> T) -> T {
        let (viewer, lang) = viewer;
        let server = read.clock.server(now);
        show(&View {
            trade,
            viewer,
            people: &|person| read.people.get(&person).map(|row| row.person.clone()),
            house: &self.house,
            links: &MixinLinks { bot: self.house.bot, pages: None },
            clock: &read.clock,
            now: read.clock.service(server),
            clock_halted: read.clock_halted,
            lang,
            // Nothing that binds is on the page: tokens are given in the chat.
            token: &|_| String::new(),
            known: &Known::default(),
            kit: &|| Some(Kit::of(trade, server)?.write(&self.kits)),
        })
    }
}

/// Whether an answer is a page that stands.
#[must_use]
pub(super) fn stands(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::OK
}
