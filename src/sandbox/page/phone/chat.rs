//! One chat: who it is with, what was said, and the place to write. And what its forms do.

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};

use super::super::super::answer::strict_uuid;
use super::super::super::attach::{ALBUM, Thing};
use super::super::super::links::{self, Link};
use super::super::super::phone::NotDone;
use super::super::super::world::World;
use super::super::{Visit, frame};
use super::message::{Glass, field};
use super::{Chat, Note, PEOPLE_SHOWN, go, why};
use crate::id::{ConversationId, MessageId, UserId};

/// Messages drawn; older ones stay in the phone.
const MESSAGES_SHOWN: usize = 300;
/// Longest text a phone sends, in bytes.
const TEXT_MAX: usize = 64 * 1024;

impl World {
    /// A chat, read by being drawn. `sheet` stands over it, `note` says what became of the last tap. Forms of a sheet
    /// carry `at` = [`Chat::at`] (or `chat.id`). After a refusal, draw this at once instead of going elsewhere.
    pub(in crate::sandbox::page) fn chat_page(
        &mut self,
        me: UserId,
        chat: &Chat,
        sheet: Option<&Markup>,
        note: Option<&Note>,
    ) -> Response<Bytes> {
        self.read_chat(me, chat.id);
        let name = self.chat_name(chat);
        let phone = self.phone_path(me);
        let found = self.conversations.get(&chat.id);
        let inside = chat.peer.is_some() || found.is_some_and(|found| found.has(me));
        let main = html! {
            @if inside { a.button.skip href="#text" id="skip" { "Write a message" } }
            header.chat-head {
                a.back id="back" href=(phone) aria-label="Back to chats" { span aria-hidden="true" { "‹" } }
                div {
                    h1 { (name) }
                    p.soft.small { (self.chat_about(me, chat)) }
                }
            }
            (Glass { world: self, me }.messages(chat, MESSAGES_SHOWN))
            div.chat-foot {
                // Shown by the script when something came below what is looked at.
                button.news.primary type="button" id="news" data-to-end="messages" hidden { "New messages ↓" }
                (Note::draw(note))
                form hidden id="open" method="post" action=(format!("{phone}/open")) { input type="hidden" name="at" value=(chat.at); }
                form hidden id="forward" method="post" action=(format!("{phone}/forward")) { input type="hidden" name="at" value=(chat.at); }
                form hidden id="tap" method="post" action=(format!("{phone}/tap")) { input type="hidden" name="at" value=(chat.at); }
                @if inside { (self.chat_composer(me, chat, note)) } @else { p.soft { "You are no longer in this group." } }
            }
        };
        self.phone_screen(me, &name, Note::status(note), &main, sheet)
    }

    pub(super) fn chat_name(&self, chat: &Chat) -> String {
        match chat.peer {
            Some(peer) => self.people.get(peer).map_or_else(String::new, |person| person.name.clone()),
            None => self.conversations.get(&chat.id).map_or_else(String::new, |found| found.name().to_owned()),
        }
    }

    /// The line below the name: number, whether it is a bot, who is in a group.
    fn chat_about(&self, me: UserId, chat: &Chat) -> Markup {
        let person = chat.peer.and_then(|peer| self.people.get(peer));
        let members = self.conversations.get(&chat.id).map(|found| {
            let names = found.others(me).filter_map(|user| self.people.get(user));
            names.map(|person| person.name.as_str()).collect::<Vec<_>>().join(", ")
        });
        html! {
            @match (person, members) {
                (Some(person), _) => {
                    span { "Mixin ID " (person.number) }
                    @if person.app { " " span.tag { "bot" } }
                },
                (None, Some(members)) => { "You, " (members) },
                (None, None) => {},
            }
        }
    }

    fn chat_composer(&self, me: UserId, chat: &Chat, note: Option<&Note>) -> Markup {
        let phone = self.phone_path(me);
        let typed = match note {
            Some(Note::Refused { text, .. }) => text.as_str(),
            _ => "",
        };
        let bot = chat.peer.is_some_and(|peer| self.people.get(peer).is_some_and(|person| person.app));
        let empty = self.chat_messages(me, chat.id).next().is_none();
        let apps = if chat.peer.is_none() { self.apps_in(chat.id) } else { Vec::new() };
        html! {
            @if bot && empty {
                form.hi method="post" action=(format!("{phone}/say")) {
                    input type="hidden" name="at" value=(chat.at);
                    input type="hidden" name="text" value="Hi";
                    button.primary id="hi" { "Say Hi" }
                }
            }
            form.composer id="composer" method="post" action=(format!("{phone}/say")) data-reset {
                input type="hidden" name="at" value=(chat.at);
                input id="text" name="text" value=(typed) aria-label="Message" placeholder="Message" autocomplete="off" enterkeyhint="send";
                button.primary id="send" { "Send" }
            }
            @for (id, number) in &apps {
                label.choice.small for=(format!("m-{number}")) {
                    input type="checkbox" form="composer" name="mention" value=(number) id=(format!("m-{number}")) checked;
                    "Begin with @" (number) ", or " (self.people.get(*id).map_or("", |person| person.name.as_str())) " does not see it"
                }
            }
            @if let Some(peer) = chat.peer {
                (self.chat_contacts(me, peer, chat))
                (self.chat_album(me, chat))
            }
        }
    }

    /// What could be attached here.
    fn chat_album(&self, me: UserId, chat: &Chat) -> Markup {
        html! {
            details.share id="album" data-fold {
                summary { "Attach a picture or a file" }
                form method="post" action=(format!("{}/attach", self.phone_path(me))) {
                    input type="hidden" name="at" value=(chat.at);
                    div.row {
                        @for thing in ALBUM {
                            button name="thing" value=(thing.name) id=(format!("a-{}", thing.name)) { (thing.label) }
                        }
                    }
                }
            }
        }
    }

    /// Whose card could be sent here.
    fn chat_contacts(&self, me: UserId, peer: UserId, chat: &Chat) -> Markup {
        let people = self.people.iter().filter(|person| ![me, peer].contains(&person.id) && !person.app);
        html! {
            details.share id="share" data-fold {
                summary { "Share a contact" }
                form method="post" action=(format!("{}/contact", self.phone_path(me))) {
                    input type="hidden" name="at" value=(chat.at);
                    div.row {
                        @for person in people.filter(|person| super::played(person)).take(PEOPLE_SHOWN) {
                            button name="contact" value=(person.id) id=(format!("c-{}", person.id)) { (person.name) }
                        }
                    }
                }
            }
        }
    }

    /// `say`, `tap`, `open`, `contact`, `attach`, `forward`: back to the chat, on to another, or up with a sheet.
    pub(super) fn chat_does(&mut self, me: UserId, chat: &Chat, verb: &str, visit: &Visit) -> Response<Bytes> {
        let typed = visit.get("text").unwrap_or_default();
        let done = match verb {
            "say" => self.chat_says(me, chat, &mentioning(visit.get("mention"), typed)),
            "tap" => self.chat_taps(me, visit.get("button").unwrap_or_default()),
            "forward" => self.chat_forwards(me, chat, visit.get("to").unwrap_or_default()),
            "open" => match visit.get("link") {
                Some(link) => self.chat_follows(me, link, chat),
                None => Err(NotDone::new("there is no link")),
            },
            "attach" => match (chat.peer, visit.get("thing").and_then(Thing::named)) {
                (Some(peer), Some(thing)) => self.attach(me, peer, thing).map(|_| chat.path.clone()),
                _ => Err(NotDone::new("nothing to attach, or nobody to send it to")),
            },
            "contact" => match (chat.peer, visit.get("contact").and_then(|who| self.people.named(who))) {
                (Some(peer), Some(contact)) => {
                    let contact = contact.id;
                    self.share_contact(me, peer, contact).map(|_| chat.path.clone())
                }
                _ => Err(NotDone::new("nobody to share, or nobody to share with")),
            },
            _ => return frame::nowhere(),
        };
        match done {
            Ok(path) => go(&path),
            Err(refused) => {
                let text = if typed.len() > TEXT_MAX { String::new() } else { typed.to_owned() };
                let note = Note::Refused { why: why(&refused), text };
                self.chat_page(me, chat, None, Some(&note))
            }
        }
    }

    fn chat_says(&mut self, me: UserId, chat: &Chat, text: &str) -> Result<String, NotDone> {
        let text = text.replace("\r\n", "\n");
        if text.trim().is_empty() {
            return Err(NotDone::new("Write something first."));
        }
        if text.len() > TEXT_MAX {
            return Err(NotDone::new("This is too long for one message: at most 64 KiB."));
        }
        if let Some(peer) = chat.peer {
            self.direct(me, peer)?;
        }
        self.type_text(me, chat.id, &text, "")?;
        Ok(chat.path.clone())
    }

    /// A button of a message, as `message.place`; the conversation is the one it was seen in.
    fn chat_taps(&mut self, me: UserId, button: &str) -> Result<String, NotDone> {
        let read = button
            .split_once('.')
            .and_then(|(id, place)| Some((MessageId(strict_uuid(id)?), place.parse::<usize>().ok()?)));
        let seen = read.and_then(|(id, place)| {
            let (at, buttons) = self.buttons_of(me, id)?;
            Some((at, buttons.into_iter().nth(place)?.1))
        });
        let (at, action) = seen.ok_or_else(|| NotDone::new("this button is not on this phone"))?;
        let chat = self.chat_at(me, at)?;
        self.chat_follows(me, &action, &chat)
    }

    /// A text seen on this phone, as `message.person`, sent on to that person.
    fn chat_forwards(&mut self, me: UserId, chat: &Chat, to: &str) -> Result<String, NotDone> {
        let (id, who) = to.split_once('.').unwrap_or_default();
        let peer = self.people.named(who).map(|person| person.id).filter(|peer| *peer != me);
        let peer = peer.ok_or_else(|| NotDone::new("nobody to forward it to"))?;
        let seen = self.chat_messages(me, chat.id).find(|view| field(view, "message_id") == id);
        let text = seen.and_then(|view| Some(view.get("text")?.as_str()?.to_owned()));
        let text = text.ok_or_else(|| NotDone::new("this text is not on this phone"))?;
        let at = self.direct(me, peer)?;
        self.type_text(me, at, &text, "")?;
        Ok(format!("{}?done=sent", chat.path))
    }

    fn chat_at(&self, me: UserId, at: ConversationId) -> Result<Chat, NotDone> {
        self.chat_named(me, &at.to_string()).ok_or_else(|| NotDone::new("this chat is not on this phone"))
    }

    /// Goes where a link leads: done at once when the apps ask nothing, else over the chat as a sheet.
    fn chat_follows(&mut self, me: UserId, link: &str, chat: &Chat) -> Result<String, NotDone> {
        let read =
            links::read(link).map_err(|why| NotDone::new(format!("The phone does not open this link: {why}")))?;
        match read {
            Link::Conversation { id, .. } => {
                let to = self.chat_at(me, ConversationId(id))?;
                self.open_link(me, link, Some(chat.id), false)?;
                Ok(to.path)
            }
            Link::Input(_) | Link::Send { user: None, conversation: None, .. } => {
                self.open_link(me, link, Some(chat.id), false)?;
                Ok(chat.path.clone())
            }
            _ => {
                let link: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
                Ok(format!("{}?link={link}", chat.path))
            }
        }
    }
}

/// The text as it is sent when the app's mention stands before it.
fn mentioning(number: Option<&str>, typed: &str) -> String {
    match number.filter(|_| !typed.trim().is_empty() && !typed.trim_start().starts_with('@')) {
        Some(number) => format!("@{number} {typed}"),
        None => typed.to_owned(),
    }
}
