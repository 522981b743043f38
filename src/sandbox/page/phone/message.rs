//! One message as a phone draws it, in full and in one line (messaging §6).

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;

use super::super::super::assets;
use super::super::super::world::World;
use super::markdown::Post;
use super::text::{Ids, arrow, leaves, linked};
use super::{Chat, moment};
use crate::id::UserId;

/// A post longer than this is folded.
const POST_CHARS: usize = 700;
const POST_LINES: usize = 14;
/// Of a quoted message, and in the list of chats.
const SUMMARY_CHARS: usize = 90;

/// A string of a message, empty when it is not there.
pub(super) fn field<'a>(view: &'a Value, key: &str) -> &'a str {
    view.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn recalled_by(view: &Value) -> Option<&str> {
    view.get("recalled")?.get("message_id")?.as_str()
}

/// What a person's phone draws messages with.
pub(super) struct Glass<'a> {
    pub(super) world: &'a World,
    pub(super) me: UserId,
}

impl Glass<'_> {
    /// The newest messages of a chat, oldest first, a line between the days.
    pub(super) fn messages(&self, chat: &Chat, most: usize) -> Markup {
        let mut views: Vec<Value> = self.world.chat_messages(self.me, chat.id).take(most).collect();
        views.reverse();
        let gone: BTreeSet<&str> = views.iter().filter_map(recalled_by).collect();
        let here: BTreeSet<&str> = views.iter().map(|view| field(view, "message_id")).collect();
        let stale = |view: &&Value| recalled_by(view).is_none_or(|id| !here.contains(id));
        let mut day = "";
        let bot = chat.peer.and_then(|peer| self.world.people.get(peer)).filter(|peer| peer.app);
        html! {
            div.log role="log" aria-label="Messages" id="messages" data-stick tabindex="0" {
                @if let (true, Some(bot)) = (views.is_empty(), bot) {
                    p.day { "Say Hi, and " (bot.name) " tells what it can do." }
                }
                @for view in views.iter().filter(stale) {
                    @let (_, today) = moment(field(view, "at"));
                    @if std::mem::replace(&mut day, today) != today { p.day { (long_day(today)) } }
                    (self.message(chat, view, &views, gone.contains(field(view, "message_id"))))
                }
            }
        }
    }

    fn message(&self, chat: &Chat, view: &Value, all: &[Value], gone: bool) -> Markup {
        let id = field(view, "message_id");
        let (time, _) = moment(field(view, "at"));
        let mine = view.get("mine") == Some(&Value::Bool(true));
        let system = view.get("system").is_some();
        let name = if system { "Mixin" } else { field(view, "sender_name") };
        let side = match (system, mine) {
            (true, _) => "quiet",
            (false, true) => "mine",
            (false, false) => "theirs",
        };
        let width = if view.get("buttons").is_some() {
            " wide bare"
        } else if view.get("card").is_some() {
            " wide"
        } else {
            ""
        };
        let quote = field(view, "quote_message_id");
        html! {
            article class=(format!("message {side}{width}")) id=(format!("m-{id}")) aria-label=(format!("{name}, {time}")) {
                @if chat.peer.is_none() && !mine && !system { p.sender { (name) } }
                @if !quote.is_empty() { (self.quote(quote, all)) }
                @if gone || recalled_by(view).is_some() {
                    p.soft { "This message was recalled" }
                } @else {
                    (self.content(view, &mut Ids::new(format!("l-{id}"))))
                }
                @if !mine && field(view, "category") == "PLAIN_TEXT" && view.get("text").is_some() { (self.forward(chat, id)) }
                p.time { time datetime=(field(view, "at")) { (time) } }
            }
        }
    }

    /// To whom the text could be sent on; the apps do it after a long press.
    fn forward(&self, chat: &Chat, id: &str) -> Markup {
        let people = self.world.people.iter().filter(|person| person.id != self.me && chat.peer != Some(person.id));
        html! {
            details.forward id=(format!("f-{id}")) data-fold {
                summary { "Forward" }
                div.row {
                    @for person in people.filter(|person| super::played(person)).take(super::PEOPLE_SHOWN) {
                        button form="forward" name="to" value=(format!("{id}.{}", person.id)) id=(format!("f-{id}-{}", person.id)) { (person.name) }
                    }
                }
            }
        }
    }

    fn quote(&self, id: &str, all: &[Value]) -> Markup {
        let quoted = all.iter().find(|view| field(view, "message_id") == id);
        html! {
            blockquote.quoted {
                @match quoted {
                    Some(view) => { strong { (field(view, "sender_name")) } " " (self.summary(view)) },
                    None => { "A message that is not on this phone" },
                }
            }
        }
    }

    fn content(&self, view: &Value, ids: &mut Ids) -> Markup {
        let id = field(view, "message_id");
        let has = |key: &str| view.get(key);
        if let Some(reason) = has("unsupported") {
            return unsupported(id, reason);
        }
        if let Some(text) = has("text").and_then(Value::as_str) {
            return if field(view, "category") == "PLAIN_POST" {
                post(id, text)
            } else {
                html! { div.text { (linked(text, ids)) } }
            };
        }
        if let Some(buttons) = has("buttons") {
            return html! { div.buttons { (tap_buttons(id, buttons)) } };
        }
        if let Some(card) = has("card") {
            return self.card(id, card, ids);
        }
        if let Some(contact) = has("contact") {
            return self.contact(id, contact);
        }
        if let Some(file) = has("attachment") {
            return self.file(view, file);
        }
        html! { p { (self.summary(view)) } }
    }

    fn card(&self, id: &str, card: &Value, ids: &mut Ids) -> Markup {
        let (title, description) = (field(card, "title"), field(card, "description"));
        let action = field(card, "action");
        if !action.trim().is_empty() {
            return html! {
                div.card-old {
                    @match self.own_picture(field(card, "icon_url")) {
                        Some(path) => { img.icon src=(path) alt=""; },
                        None => { span.icon aria-hidden="true" { (title.chars().next().unwrap_or(' ')) } },
                    }
                    div {
                        h2 {
                            button.whole form="tap" name="button" value=(format!("{id}.0")) id=(format!("b-{id}-0")) { (title) }
                        }
                        p.one-line.soft { (description.lines().next().unwrap_or_default()) }
                    }
                    @if leaves(action) { (arrow()) }
                }
            };
        }
        let cover = card.get("cover").map_or("", |cover| field(cover, "url"));
        let cover = if cover.is_empty() { field(card, "cover_url") } else { cover };
        html! {
            div.card-new {
                @if !cover.is_empty() {
                    @match self.own_picture(cover) {
                        Some(path) => { img.cover src=(path) alt=(format!("Cover of {title}")); },
                        None => { p.soft.small { "A picture from elsewhere, not loaded here" } },
                    }
                }
                h2 { (title) }
                div.text { (linked(description, ids)) }
                div.buttons { (tap_buttons(id, card.get("actions").unwrap_or(&Value::Null))) }
            }
        }
    }

    /// The path of a picture that was uploaded here. Nothing is ever loaded from elsewhere.
    fn own_picture(&self, link: &str) -> Option<String> {
        let url = url::Url::parse(link).ok()?;
        let id = url.path().strip_prefix("/attachments/")?.strip_suffix("/view")?;
        let id: uuid::Uuid = id.parse().ok()?;
        self.world.attachment_bytes(&id.to_string())?;
        Some(format!("/attachments/{id}/view"))
    }

    fn contact(&self, id: &str, contact: &Value) -> Markup {
        let person = field(contact, "user_id").parse().ok().and_then(|who| self.world.people.get(UserId(who)));
        html! {
            div.contact {
                @match person {
                    Some(person) => {
                        div { strong { (person.name) } p.soft.small { "Mixin ID " (person.number) } }
                        @if person.id != self.me {
                            form method="get" action=(self.world.direct_chat(self.me, person.id).path) {
                                button id=(format!("b-{id}-open")) { "Open chat" }
                            }
                        }
                    },
                    None => { p.soft { "The card of somebody who is not on this network" } },
                }
            }
        }
    }

    fn file(&self, view: &Value, file: &Value) -> Markup {
        let id: Option<uuid::Uuid> = field(file, "attachment_id").parse().ok();
        let here = id.filter(|id| self.world.attachment_bytes(&id.to_string()).is_some());
        let side = |key: &str| file.get(key).and_then(Value::as_u64).unwrap_or(0).min(4_096);
        let caption = field(file, "caption");
        match (field(view, "category"), here) {
            ("PLAIN_IMAGE", Some(id)) => html! {
                img.picture src=(format!("/attachments/{id}/view")) width=(side("width")) height=(side("height"))
                    alt=(if caption.is_empty() { format!("Picture from {}", field(view, "sender_name")) } else { caption.to_owned() });
                @if !caption.is_empty() { p { (caption) } }
            },
            ("PLAIN_IMAGE", None) => html! { p.soft { "This picture is no longer there" } },
            ("PLAIN_STICKER" | "PLAIN_LIVE" | "PLAIN_LOCATION" | "PLAIN_TRANSCRIPT" | "MESSAGE_PIN", _) => {
                html! { p.soft { (kind_word(field(view, "category"))) } }
            }
            (kind, here) => html! {
                div.file {
                    svg viewBox="0 0 20 24" width="20" height="24" aria-hidden="true" { path fill="currentColor" d="M2 0h10l6 6v16a2 2 0 0 1-2 2H2a2 2 0 0 1-2-2V2a2 2 0 0 1 2-2z" {} }
                    div {
                        strong { (if field(file, "name").is_empty() { kind_word(kind) } else { field(file, "name") }) }
                        p.soft.small {
                            (file.get("size").and_then(Value::as_u64).unwrap_or(0)) " bytes"
                            @if here.is_none() { ", no longer there" }
                        }
                    }
                }
            },
        }
    }

    /// A message in one line.
    pub(super) fn summary(&self, view: &Value) -> String {
        let long = if let Some(system) = view.get("system") {
            if field(view, "category") == "SYSTEM_SAFE_SNAPSHOT" {
                snapshot_line(system)
            } else {
                self.change_line(system)
            }
        } else if view.get("unsupported").is_some() {
            "Unsupported message".into()
        } else if recalled_by(view).is_some() {
            "A message was recalled".into()
        } else if let Some(text) = view.get("text").and_then(Value::as_str) {
            let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            if field(view, "category") == "PLAIN_POST" {
                line.trim_start_matches(['#', '>', ' ']).to_owned()
            } else {
                line.to_owned()
            }
        } else if let Some(buttons) = view.get("buttons").and_then(Value::as_array) {
            buttons.iter().map(|button| field(button, "label")).collect::<Vec<_>>().join(" · ")
        } else if let Some(card) = view.get("card") {
            field(card, "title").to_owned()
        } else {
            kind_word(field(view, "category")).to_owned()
        };
        let mut line: String = long.chars().take(SUMMARY_CHARS).collect();
        if line.len() < long.len() {
            line.push('…');
        }
        line
    }

    fn change_line(&self, system: &Value) -> String {
        let name = |key: &str| match field(system, key).parse().map(UserId) {
            Ok(who) if who == self.me => "You".to_owned(),
            Ok(who) => self.world.people.get(who).map_or_else(|| "Somebody".to_owned(), |person| person.name.clone()),
            Err(_) => "Somebody".to_owned(),
        };
        let (by, who) = (name("user_id"), name("participant_id"));
        match field(system, "action") {
            "CREATE" => format!("{by} made this group"),
            "ADD" => format!("{by} added {who}"),
            "REMOVE" => format!("{by} removed {who}"),
            "JOIN" => format!("{who} joined"),
            "EXIT" => format!("{who} left"),
            "ROLE" => format!("{by} changed what {who} may do"),
            "EXPIRE" => format!("{by} changed how long messages stay"),
            _ => format!("{by} changed the group"),
        }
    }
}

fn snapshot_line(system: &Value) -> String {
    let amount = field(system, "amount");
    let symbol = assets::find(field(system, "asset_id")).map_or("of an unknown asset", |asset| asset.symbol);
    let plain = |amount: &str| {
        amount.parse::<crate::money::Amount>().map_or_else(|_| amount.to_owned(), |amount| amount.to_string())
    };
    match amount.strip_prefix('-') {
        Some(amount) => format!("You sent {} {symbol}", plain(amount)),
        None => format!("You received {} {symbol}", plain(amount)),
    }
}

fn kind_word(category: &str) -> &'static str {
    match category {
        "PLAIN_IMAGE" => "Picture",
        "PLAIN_VIDEO" => "Video",
        "PLAIN_AUDIO" => "Voice message",
        "PLAIN_CONTACT" => "Contact card",
        "PLAIN_STICKER" => "Sticker",
        "PLAIN_LIVE" => "Live stream",
        "PLAIN_LOCATION" => "Location",
        "PLAIN_TRANSCRIPT" => "Forwarded messages",
        "MESSAGE_PIN" => "A message was pinned or unpinned",
        _ => "File",
    }
}

fn unsupported(id: &str, reason: &Value) -> Markup {
    html! {
        details.unsupported id=(format!("u-{id}")) {
            summary { "Unsupported message" }
            p.small {
                @match reason.get("reason") {
                    Some(_) => { (field(reason, "field")) " " (field(reason, "reason")) },
                    None => { "The strictest phone cannot show it." },
                }
            }
        }
    }
}

/// A short post is there at once; a long one shows how it begins.
fn post(id: &str, text: &str) -> Markup {
    let post = Post::read(text);
    let whole = post.whole(&mut Ids::new(format!("l-{id}")));
    if text.chars().count() <= POST_CHARS && text.lines().count() <= POST_LINES {
        return html! { div.post { (whole) } };
    }
    html! {
        div.post {
            div.preview { (post.preview()) }
            details id=(format!("d-{id}")) { summary { "Open" } (whole) }
        }
    }
}

/// Buttons, each with its colour as a mark: as the label's own colour, as the apps have it, many could not be read.
fn tap_buttons(id: &str, buttons: &Value) -> Markup {
    let colour = |button: &Value| field(button, "color").to_owned();
    html! {
        @for (place, button) in buttons.as_array().into_iter().flatten().enumerate() {
            button form="tap" name="button" value=(format!("{id}.{place}")) id=(format!("b-{id}-{place}")) {
                svg.mark viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" { circle cx="5" cy="5" r="5" fill=(colour(button)) {} }
                (field(button, "label"))
                @if leaves(field(button, "action")) { (arrow()) }
            }
        }
    }
}

/// `2026-01-01` as a line between messages.
fn long_day(day: &str) -> String {
    day.parse::<jiff::civil::Date>().map_or_else(|_| day.to_owned(), |date| date.strftime("%A, %-d %B %Y").to_string())
}
