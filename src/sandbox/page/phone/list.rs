//! A phone's chats, whom one could write to, and a new group.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use serde_json::json;

use super::super::super::people::Person;
use super::super::super::world::World;
use super::super::Visit;
use super::message::{Glass, field};
use super::{Note, PEOPLE_SHOWN, go, moment, played, trouble};
use crate::id::UserId;

impl World {
    pub(super) fn chat_list(&self, me: UserId) -> Response<Bytes> {
        let phone = self.phone_path(me);
        let talks = self.talks(me);
        let glass = Glass { world: self, me };
        let main = html! {
            header.chat-head {
                h1 { "Chats" }
                div.row {
                    a.button id="wallet" href=(format!("{phone}/wallet")) { "Wallet" }
                    a.button id="new" href=(format!("{phone}/new")) { "New group" }
                }
            }
            div.scroll {
                ul.talks aria-label="Chats" {
                    @for talk in &talks {
                        @if let Some(chat) = self.chat_named(me, &talk.conversation.to_string()) {
                            @let (time, day) = moment(field(&talk.last, "at"));
                            li {
                                a id=(format!("t-{}", talk.conversation)) href=(chat.path) {
                                    span.talk-name { (self.chat_name(&chat)) }
                                    time.soft.small datetime=(field(&talk.last, "at")) title=(day) { (time) }
                                    span.one-line.soft { (glass.summary(&talk.last)) }
                                    @if talk.unread > 0 { span.count { (talk.unread) span.hidden { " unread" } } }
                                }
                            }
                        }
                    }
                }
                @if talks.is_empty() { p.soft.empty { "Nothing yet. Write to somebody below: begin with the bot." } }
                h2.section { "Contacts" }
                (self.phone_contacts(me))
            }
        };
        self.phone_screen(me, "Chats", StatusCode::OK, &main, None)
    }

    /// Bots first.
    fn phone_contacts(&self, me: UserId) -> Markup {
        let others =
            |app: bool| self.people.iter().filter(move |person| person.id != me && person.app == app && played(person));
        html! {
            ul.talks aria-label="Contacts" {
                @for person in others(true).chain(others(false)).take(PEOPLE_SHOWN) {
                    li {
                        a id=(format!("w-{}", person.id)) href=(self.direct_chat(me, person.id).path) {
                            span.talk-name { (person.name) @if person.app { " " span.tag { "bot" } } }
                            span.one-line.soft.small { "Mixin ID " (person.number) }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn phone_group(&self, me: UserId, name: &str, chosen: &[&str], note: Option<&Note>) -> Response<Bytes> {
        let phone = self.phone_path(me);
        let others = self.people.iter().filter(|person| person.id != me && played(person));
        let chosen = |person: &Person| chosen.contains(&person.id.to_string().as_str());
        let main = html! {
            header.chat-head {
                a.back id="back" href=(phone) aria-label="Back to chats" { span aria-hidden="true" { "‹" } }
                h1 { "New group" }
            }
            div.scroll.padded {
                (Note::draw(note))
                form.stack method="post" action=(format!("{phone}/group")) {
                    label for="name" { "Name" }
                    input id="name" name="name" value=(name) autocomplete="off";
                    fieldset {
                        legend { "Members" }
                        @for person in others.take(PEOPLE_SHOWN) {
                            label.choice {
                                input type="checkbox" name="members" value=(person.id) id=(format!("g-{}", person.id)) checked[chosen(person)];
                                (person.name) @if person.app { " " span.tag { "bot" } }
                            }
                        }
                    }
                    button.primary id="make" { "Create group" }
                }
            }
        };
        self.phone_screen(me, "New group", Note::status(note), &main, None)
    }

    pub(super) fn group_does(&mut self, me: UserId, visit: &Visit) -> Response<Bytes> {
        let name = visit.get("name").unwrap_or_default().trim();
        let members: Vec<&str> = visit.all("members").collect();
        if name.is_empty() || members.is_empty() {
            let note = Note::refused("Give the group a name and choose at least one member.");
            return self.phone_group(me, name, &members, Some(&note));
        }
        match self.group_make(me, &json!({"name": name, "members": members})) {
            Ok(made) => go(&format!("{}/{}", self.phone_path(me), field(&made, "conversation_id"))),
            Err(refused) => self.phone_group(me, name, &members, Some(&Note::refused(trouble(&refused)))),
        }
    }
}
