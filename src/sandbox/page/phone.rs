//! A phone: its chats, one chat, the wallet. Drawing tells nobody anything but that a chat was read.
//!
//! A sheet's room needs three things of this one: [`World::chat_of`] finds the chat a form was sent from,
//! [`Chat::path`] is where to go when all went well (with `?done=paid` and the like), and [`World::chat_page`] draws
//! the chat at once with a sheet that says what was refused.

mod chat;
mod list;
mod markdown;
mod message;
mod text;
mod wallet;

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use serde_json::Value;

use super::super::answer::strict_uuid;
use super::super::control::Trouble;
use super::super::conversations::Kind;
use super::super::people::Person;
use super::super::phone::NotDone;
use super::super::world::World;
use super::{Visit, frame};
use crate::html::see_other;
use crate::id::{ConversationId, UserId};
use crate::kernel::derive::contact_conversation;

/// Verbs of sheets; `mint` only with an `at`, else it is the wallet's own.
const SHEETS: &[&str] = &["pay", "sign", "revoke", "send", "join", "checkout", "mint"];
/// Segments of a phone's path that are no chat.
const OWN_PAGES: &[&str] = &["new", "wallet"];
/// Phones one can switch to, and contacts one is offered.
const PEOPLE_SHOWN: usize = 50;

/// A chat as one person's phone has it.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    /// Of a direct chat also before anything was said in it.
    pub(super) id: ConversationId,
    /// The other one of a direct chat; `None`: a group.
    pub(super) peer: Option<UserId>,
    /// Its page, without a query: `/page/phone/buyer/bot`.
    pub(super) path: String,
    /// Its name in that path, which forms carry as `at`.
    pub(super) at: String,
}

/// One line about what was just asked.
#[derive(Debug)]
pub(super) enum Note {
    /// It was done: "Paid", "Signed", "Revoked", "Sent". A `role="status"`.
    Done(&'static str),
    /// It was not, and why; `text` is what stood in the composer and is not lost. A `role="alert"`; the page is
    /// answered with 422, so that the form is not emptied.
    Refused { why: String, text: String },
}

impl World {
    /// `GET /page/phone/{me}/{what}`: the chats, the wallet, a new group, or a chat by any name control takes.
    pub(super) fn phone_shows(&mut self, me: UserId, what: Option<&str>, visit: &Visit) -> Response<Bytes> {
        match what {
            None => self.chat_list(me),
            Some("new") => self.phone_group(me, "", &[], None),
            Some("wallet") => self.wallet_page(me, visit, None),
            Some(name) => {
                let Some(chat) = self.chat_named(me, name) else { return frame::nowhere() };
                let note = match visit.get("done") {
                    Some("paid") => Some(Note::Done("Paid")),
                    Some("signed") => Some(Note::Done("Signed")),
                    Some("revoked") => Some(Note::Done("Revoked")),
                    Some("sent") => Some(Note::Done("Sent")),
                    _ => None,
                };
                let sheet = visit.get("link").map(|link| self.sheet(me, &chat.path, link, Some(chat.id), None));
                self.chat_page(me, &chat, sheet.as_ref(), note.as_ref())
            }
        }
    }

    /// `POST /page/phone/{me}/{verb}`.
    pub(super) fn phone_does(&mut self, me: UserId, verb: &str, visit: &Visit) -> Response<Bytes> {
        match verb {
            "mint" if visit.get("at").is_none() => self.wallet_mint(me, visit),
            _ if SHEETS.contains(&verb) => self.sheet_does(me, verb, visit),
            "group" => self.group_does(me, visit),
            _ => match self.chat_of(me, visit) {
                Some(chat) => self.chat_does(me, &chat, verb, visit),
                None => frame::nowhere(),
            },
        }
    }

    /// The chat a form was sent from: its field `at`, a conversation's id or whatever names a person.
    pub(super) fn chat_of(&self, me: UserId, visit: &Visit) -> Option<Chat> {
        self.chat_named(me, visit.get("at")?)
    }

    /// A chat by a conversation's id, or the direct one with a person by role, number or id. `None`: there is none,
    /// or it was never this person's.
    pub(super) fn chat_named(&self, me: UserId, name: &str) -> Option<Chat> {
        if let Some(peer) = self.people.named(name) {
            return (peer.id != me).then(|| self.direct_chat(me, peer.id));
        }
        let id = ConversationId(strict_uuid(name)?);
        match self.conversations.get(&id) {
            Some(found) if found.kind == Kind::Group => {
                let mine = found.has(me) || self.chat_messages(me, id).next().is_some();
                let at = id.to_string();
                mine.then(|| Chat { id, peer: None, path: format!("{}/{at}", self.phone_path(me)), at })
            }
            Some(found) if !found.has(me) => None,
            Some(found) => found.others(me).next().map(|peer| self.direct_chat(me, peer)),
            None => {
                let peer = self.people.iter().find(|peer| peer.id != me && contact_conversation(me, peer.id) == id)?;
                Some(self.direct_chat(me, peer.id))
            }
        }
    }

    fn direct_chat(&self, me: UserId, peer: UserId) -> Chat {
        let at = self.phone_name(peer);
        Chat { id: contact_conversation(me, peer), peer: Some(peer), path: format!("{}/{at}", self.phone_path(me)), at }
    }

    /// Where a person's phone is.
    pub(super) fn phone_path(&self, who: UserId) -> String {
        format!("/page/phone/{}", self.phone_name(who))
    }

    /// A person's name in paths: the role where it is plain and theirs alone, else the number.
    fn phone_name(&self, who: UserId) -> String {
        let Some(person) = self.people.get(who) else { return who.to_string() };
        let role = person.role.as_str();
        let plain = role.bytes().all(|b| b.is_ascii_lowercase()) && !role.is_empty() && !OWN_PAGES.contains(&role);
        let theirs = plain && self.people.named(role).is_some_and(|named| named.id == who);
        if theirs { role.to_owned() } else { person.number.clone() }
    }

    /// Everything on a phone's screen: whose it is, the page, and what stands over it.
    fn phone_screen(
        &self,
        me: UserId,
        title: &str,
        status: StatusCode,
        main: &Markup,
        over: Option<&Markup>,
    ) -> Response<Bytes> {
        let over = over.filter(|sheet| !sheet.0.is_empty());
        let name = self.people.get(me).map_or("", |person| person.name.as_str());
        let body = html! {
            div.phone {
                (self.phone_people(me, over.is_some()))
                main id="screen" inert[over.is_some()] { (main) }
                @if let Some(over) = over { (over) }
            }
        };
        frame::page(&format!("{title} · {name}")).answer(status, &body)
    }

    /// The other phones, with what is unread on them.
    fn phone_people(&self, me: UserId, behind: bool) -> Markup {
        let people = self.people.iter().filter(|person| person.id == me || (!person.app && played(person)));
        html! {
            nav.people aria-label="People" inert[behind] {
                @for person in people.take(PEOPLE_SHOWN) {
                    @let unread = self.unread(person.id);
                    @let label = (unread > 0).then(|| format!("{}, {unread} unread", person.name));
                    a id=(format!("p-{}", person.id)) href=(self.phone_path(person.id))
                        aria-current=[(person.id == me).then_some("true")] aria-label=[label] {
                        (person.name)
                        @if unread > 0 { " " span.count { (unread) } }
                    }
                }
            }
        }
    }
}

impl Note {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into(), text: String::new() }
    }

    fn status(note: Option<&Self>) -> StatusCode {
        match note {
            Some(Self::Refused { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Some(Self::Done(_)) | None => StatusCode::OK,
        }
    }

    fn draw(note: Option<&Self>) -> Markup {
        html! {
            @match note {
                Some(Self::Done(what)) => { p.note.good role="status" { (what) } },
                Some(Self::Refused { why, .. }) => { p.note.bad role="alert" { (why) } },
                None => {},
            }
        }
    }
}

/// Why something was not done, for people.
pub(super) fn why(refused: &NotDone) -> String {
    let mut line = refused.reason.clone();
    if let Some(reason) = refused.detail.get("reason").and_then(Value::as_str) {
        let field = refused.detail.get("field").and_then(Value::as_str).unwrap_or_default();
        line = format!("{line}: {field} {reason}");
    }
    if let Some(code) = refused.code {
        line = format!("{line} (code {code})");
    }
    line
}

fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Mistake { error, cure, .. } => format!("{error}: {cure}"),
        Trouble::Nowhere(error) => error.clone(),
        Trouble::Refused(refused) => why(refused),
    }
}

/// Whether anybody would play them: the accounts of machines only take money.
fn played(person: &Person) -> bool {
    !["fees", "mixpay"].contains(&person.role.as_str())
}

/// The time of day of an RFC 3339 text, UTC, and its day.
fn moment(at: &str) -> (&str, &str) {
    (at.get(11..16).unwrap_or_default(), at.get(..10).unwrap_or_default())
}

fn go(path: &str) -> Response<Bytes> {
    see_other(path)
}
