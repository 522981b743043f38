//! The sheet a phone puts up over a chat for a link: drawing one changes nothing, and shows what the real app shows.
//! What a link would do by itself, a sheet only offers.

mod checkout;
mod does;
mod money;

use maud::{Markup, html};
use serde_json::Value;
use url::Url;

use super::super::conversations::Kind;
use super::super::links::{Link, read};
use super::super::phone::{Done, NotDone};
use super::super::world::World;
use super::phone::why;
use crate::id::{ConversationId, UserId};
use crate::kernel::derive::contact_conversation;

/// Accounts that nobody chats with.
const SILENT: [&str; 2] = ["fees", "mixpay"];

/// Where a sheet stands: over which chat, for which link, and what it has to say about the last try.
struct Place<'a> {
    /// `/page/phone/{who}/{chat}`.
    chat: &'a str,
    link: &'a str,
    refused: Option<&'a NotDone>,
}

impl Place<'_> {
    /// `/page/phone/{who}`.
    fn phone(&self) -> &str {
        self.chat.rsplit_once('/').map_or(self.chat, |(phone, _)| phone)
    }

    fn who(&self) -> &str {
        self.phone().rsplit_once('/').map_or("", |(_, who)| who)
    }

    fn at(&self) -> &str {
        self.chat.rsplit_once('/').map_or("", |(_, at)| at)
    }

    /// A form that comes back to this sheet when it is refused.
    fn form(&self, verb: &str, inside: &Markup) -> Markup {
        html! {
            form.stack method="post" action={ (self.phone()) "/" (verb) } id={ "sheet-" (verb) } {
                input type="hidden" name="link" value=(self.link);
                input type="hidden" name="at" value=(self.at());
                (inside)
            }
        }
    }

    /// The sheet itself. `name` is what assistive technology calls it, `title` what it is headed with; `acts`: something
    /// inside takes the focus, else the way out does.
    fn dialog(&self, name: &str, title: &str, acts: bool, inside: &Markup) -> Markup {
        let full = name == "Web page";
        html! {
            div.over #over {
                a.scrim #scrim href=(self.chat) tabindex="-1" aria-hidden="true" {}
                dialog.sheet.full[full] #sheet open aria-label=(name) {
                    header {
                        h2 { (title) }
                        a.button #sheet-close href=(self.chat) data-escape autofocus[!acts] { "Close" }
                    }
                    div.stack {
                        @if let Some(refused) = self.refused {
                            p.alert #sheet-refused role="alert" { (why(refused)) }
                        }
                        (inside)
                    }
                }
            }
        }
    }

    fn not_opened(&self, why: &str) -> Markup {
        self.dialog("Not opened", "Not opened", false, &html! { p { (why) } p.small.soft.address { (self.link) } })
    }
}

/// As a query's value.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The text under `key`, empty when there is none.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl World {
    /// The sheet for `link` over the chat at `chat_path` (`/page/phone/{who}/{chat}`), where `at` is that chat's
    /// conversation. `refused` is why the button just pressed did nothing.
    pub(super) fn sheet(
        &mut self,
        me: UserId,
        chat_path: &str,
        link: &str,
        at: Option<ConversationId>,
        refused: Option<&NotDone>,
    ) -> Markup {
        let place = Place { chat: chat_path, link, refused };
        let drawn = match read(link) {
            Err(why) => return place.not_opened(&format!("No phone opens this link: {why}.")),
            Ok(Link::Input(text)) => Ok(self.send_sheet(me, &place, &text, at)),
            Ok(Link::Send { text, user, conversation }) => {
                let to = user.map(|user| contact_conversation(me, user));
                let known = user.is_none_or(|user| self.people.get(user).is_some());
                match to.or(conversation.map(ConversationId)) {
                    _ if !known => Err(NotDone::new("nobody on this network has this id")),
                    Some(to) => Ok(self.send_to_sheet(me, &place, &text, user, to)),
                    None => Ok(self.send_sheet(me, &place, &text, at)),
                }
            }
            Ok(Link::Conversation { id, user, start }) => {
                Ok(self.conversation_sheet(me, &place, ConversationId(id), user, &start))
            }
            Ok(Link::MixPay(code)) => {
                let drawn = self.checkout_sheet(&place, code);
                drawn.ok_or_else(|| NotDone::new("MixPay's page: no such order"))
            }
            Ok(Link::Web(url)) => Ok(self.web_sheet(&place, &url)),
            Ok(Link::Pay(_)) => self.looked_up(me, link).map(|sheet| place.pay(&sheet)),
            Ok(Link::Multisig { .. }) => self.looked_up(me, link).map(|sheet| place.sign(&sheet)),
            Ok(Link::User(_) | Link::App(_)) => {
                self.looked_up(me, link).map(|sheet| profile(&place, me, sheet.get("user").unwrap_or(&Value::Null)))
            }
            Ok(Link::Code(_)) => self.looked_up(me, link).map(|sheet| self.code_sheet(&place, me, &sheet)),
        };
        drawn.unwrap_or_else(|refused| place.not_opened(&why(&refused)))
    }

    /// What the phone learns from the network to put the sheet up. Afterwards the network is as if nobody had asked:
    /// a page that is looked at is drawn again and again.
    fn looked_up(&mut self, me: UserId, link: &str) -> Done {
        let (rng, changes) = (self.rng.clone(), self.changes);
        let (log, seen) = (std::mem::take(&mut self.log), std::mem::take(&mut self.seen));
        let sheet = self.open_link(me, link, None, false);
        (self.rng, self.changes, self.log, self.seen) = (rng, changes, log, seen);
        sheet
    }

    /// Who is in a chat besides me, or what the group is called.
    fn chat_called(&self, me: UserId, conversation: ConversationId) -> Option<String> {
        let found = self.conversations.get(&conversation).filter(|conversation| conversation.has(me))?;
        match found.kind {
            Kind::Group => Some(found.name().to_owned()),
            Kind::Contact => found.others(me).find_map(|peer| Some(self.people.get(peer)?.name.clone())),
        }
    }

    /// A text for one chat: the link says which.
    fn send_to_sheet(
        &self,
        me: UserId,
        place: &Place<'_>,
        text: &str,
        user: Option<UserId>,
        to: ConversationId,
    ) -> Markup {
        let peer = user.and_then(|user| self.people.get(user)).map(|person| person.name.clone());
        let Some(name) = peer.or_else(|| self.chat_called(me, to)) else {
            return place.not_opened("This link sends a text to a chat you are not in.");
        };
        place.send(text, Some(&name), &html! {})
    }

    /// A text for the chat where it was tapped, or for whomever one chooses.
    fn send_sheet(&self, me: UserId, place: &Place<'_>, text: &str, at: Option<ConversationId>) -> Markup {
        let here = at.and_then(|at| self.chat_called(me, at));
        let is_here = |person: UserId| at == Some(contact_conversation(me, person));
        let contacts = self.people.iter().filter(|person| {
            person.id != me && !SILENT.contains(&person.role.as_str()) && !(here.is_some() && is_here(person.id))
        });
        let others = html! {
            fieldset {
                legend { @if here.is_some() { "Or to somebody else" } @else { "Choose a chat" } }
                div.row {
                    @for person in contacts {
                        button name="to" value=(person.id) id={ "send-" (person.id) } { (person.name) }
                    }
                }
            }
        };
        place.send(text, here.as_deref(), &others)
    }

    /// A link that opens a chat and, on some phones, says something there at once.
    fn conversation_sheet(
        &self,
        me: UserId,
        place: &Place<'_>,
        id: ConversationId,
        user: Option<UserId>,
        start: &str,
    ) -> Markup {
        let direct = user.is_none_or(|user| contact_conversation(me, user) == id);
        let peer = user.filter(|_| direct).and_then(|user| self.people.get(user)).map(|person| person.name.clone());
        match peer.or_else(|| self.chat_called(me, id)) {
            Some(name) if start.is_empty() => {
                let to = user.map_or_else(|| id.to_string(), |user| user.to_string());
                place.dialog("Profile", &name, true, &place.open_chat(&to))
            }
            Some(name) => place.send(start, Some(&name), &html! {}),
            None => place.not_opened("This link opens somebody else's chat."),
        }
    }

    /// A person's code, or a group's.
    fn code_sheet(&self, place: &Place<'_>, me: UserId, sheet: &Value) -> Markup {
        let found = sheet.get("found").unwrap_or(&Value::Null);
        let id = text(found, "conversation_id");
        if id.is_empty() {
            return profile(place, me, found);
        }
        let mine = id.parse().is_ok_and(|id| self.chat_called(me, ConversationId(id)).is_some());
        let count = found.get("participants").and_then(Value::as_array).map_or(0, Vec::len);
        let inside = html! {
            p.soft { "Group of " (count) }
            @if mine { (place.open_chat(id)) } @else {
                p { "You are not in this group." }
                (place.form("join", &html! { button.primary id="sheet-join-in" { "Join group" } }))
            }
        };
        place.dialog("Profile", text(found, "name"), mine, &inside)
    }

    /// A page of the bot's or of this network, inside the phone; nothing else can be reached from here.
    fn web_sheet(&self, place: &Place<'_>, url: &str) -> Markup {
        let address = Url::parse(url).ok();
        let origin = address.as_ref().map(|url| url.origin().ascii_serialization());
        let host = address.as_ref().and_then(Url::host_str).unwrap_or_default();
        if !origin.is_some_and(|origin| self.shows(&origin)) {
            return place.not_opened("The sandbox reaches nothing outside:");
        }
        let inside = html! {
            iframe #browser src={ "/page/web/" (place.who()) "?url=" (encoded(url)) } title=(host) {}
        };
        place.dialog("Web page", host, false, &inside)
    }
}

impl Place<'_> {
    fn open_chat(&self, to: &str) -> Markup {
        html! { a.button.primary #sheet-open href={ (self.phone()) "/" (to) } autofocus { "Open chat" } }
    }

    /// The confirm sheet of a text; `to` is the chat that "Send" sends it to.
    fn send(&self, text: &str, to: Option<&str>, others: &Markup) -> Markup {
        let inside = html! {
            blockquote.text { (text) }
            (self.form("send", &html! {
                @if let Some(to) = to {
                    p { "To " strong { (to) } }
                    button.primary #sheet-go autofocus { "Send" }
                }
                (others)
            }))
        };
        self.dialog("Send a message", "Send a message", to.is_some(), &inside)
    }
}

/// Somebody as the network shows them.
fn profile(place: &Place<'_>, me: UserId, user: &Value) -> Markup {
    let id = text(user, "user_id");
    let bot = user.get("app").is_some_and(|app| !app.is_null());
    let mine = id == me.to_string();
    let inside = html! {
        p { "Mixin ID " (text(user, "identity_number")) @if bot { " " span.tag { "Bot" } } }
        @if !text(user, "biography").is_empty() { p.soft { (text(user, "biography")) } }
        @if mine { p.soft { "This is you." } } @else { (place.open_chat(id)) }
    };
    place.dialog("Profile", text(user, "full_name"), !mine, &inside)
}
