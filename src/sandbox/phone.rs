//! What a person does with a phone. Money and messages leave it as ordinary requests, signed with the person's own
//! keys, and meet every check of the network (dossier §11.9, §13.3; messaging §6.3, §11.1).

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::auth;
use super::conversations::Kind;
use super::messenger::Message;
use super::people::{DEFAULT_PIN, Person, random_uuid};
use super::shapes;
use super::world::{FromPhone, World};
use crate::id::{ConversationId, MessageId, UserId};
use crate::kernel::derive::contact_conversation;
use crate::time::Millis;

/// Messages a phone keeps.
const INBOX_MAX: usize = 5_000;
/// Wrong PINs before the wallet is locked, and for how long.
const PIN_TRIES: u32 = 5;
const PIN_LOCK: Millis = Millis::from_hours(24);

/// Which client a person uses; they differ in what a group text to a bot must look like (messaging §11.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Client {
    #[default]
    Android,
    Ios,
    Desktop,
}

impl Client {
    pub(super) const fn platform(self) -> &'static str {
        match self {
            Self::Android => "Android",
            Self::Ios => "iOS",
            Self::Desktop => "Desktop",
        }
    }

    /// The app a group text is sent to alone, by this client's rule.
    fn addressed(self, text: &str, quoted: bool, apps: &[(UserId, String)]) -> Option<UserId> {
        let after = text.trim().strip_prefix('@')?;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        let prefix = if self == Self::Ios { "700" } else { "7000" };
        let spaced = after.chars().nth(digits.len()) == Some(' ');
        let reaches = match self {
            Self::Android => spaced && !quoted,
            Self::Ios => spaced,
            Self::Desktop => true,
        };
        let app = apps.iter().find(|(_, number)| *number == digits)?;
        (reaches && digits.starts_with(prefix)).then_some(app.0)
    }
}

/// One message as the phone has it.
struct Shown {
    seq: u64,
    message: Arc<Message>,
    mine: bool,
    delivered: bool,
    read: bool,
}

/// A chat in a phone's list.
pub(super) struct Talk {
    pub(super) conversation: ConversationId,
    /// Its newest message, as the phone shows it.
    pub(super) last: Value,
    pub(super) unread: usize,
}

/// A person's phone and what is set on it.
pub(super) struct Phone {
    pub(super) client: Client,
    /// Off: messages arrive and nothing is reported until it is on again.
    pub(super) online: bool,
    /// `EVERYBODY`, `CONTACTS` or `NOBODY` may write first.
    pub(super) accepts: String,
    /// Found by `/search`.
    pub(super) searchable: bool,
    pin: String,
    wrong_pins: u32,
    locked_until: Option<Millis>,
    inbox: VecDeque<Shown>,
    seq: u64,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            client: Client::default(),
            online: true,
            accepts: "EVERYBODY".into(),
            searchable: true,
            pin: DEFAULT_PIN.into(),
            wrong_pins: 0,
            locked_until: None,
            inbox: VecDeque::new(),
            seq: 0,
        }
    }
}

/// Why a phone did not do what was asked. `code` is the network's, when it was the network that refused.
#[derive(Debug)]
pub(super) struct NotDone {
    pub(super) code: Option<u64>,
    pub(super) reason: String,
    pub(super) detail: Value,
}

impl NotDone {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { code: None, reason: reason.into(), detail: Value::Null }
    }
}

pub(super) type Done = Result<Value, NotDone>;

impl Phone {
    /// Right PIN or not; five wrong ones lock the wallet for a day.
    pub(super) fn enter_pin(&mut self, pin: &str, now: Millis) -> Result<(), NotDone> {
        let refused = |code, reason: String| Err(NotDone { code: Some(code), reason, detail: Value::Null });
        if let Some(until) = self.locked_until.filter(|until| *until > now) {
            return refused(429, format!("too many wrong PINs; locked until {}", until.to_rfc3339()));
        }
        if self.locked_until.take().is_some() {
            self.wrong_pins = 0;
        }
        if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
            return refused(20118, "a PIN is six digits".into());
        }
        if pin != self.pin {
            self.wrong_pins += 1;
            if self.wrong_pins >= PIN_TRIES {
                self.locked_until = Some(now.plus(PIN_LOCK));
            }
            return refused(20119, format!("wrong PIN; {} tries left", PIN_TRIES.saturating_sub(self.wrong_pins)));
        }
        self.wrong_pins = 0;
        Ok(())
    }

    pub(super) fn set_pin(&mut self, pin: &str) -> bool {
        let good = pin.len() == 6 && pin.bytes().all(|b| b.is_ascii_digit());
        if good {
            pin.clone_into(&mut self.pin);
        }
        good
    }
}

impl World {
    /// Puts a message on a person's phone, and reports it delivered when the phone is on.
    pub(super) fn show(&mut self, user: UserId, message: &Arc<Message>, mine: bool) {
        let receipts = !self.switches.receipts_off;
        let Some(person) = self.people.get_mut(user).filter(|person| !person.app) else { return };
        let phone = &mut person.phone;
        phone.seq += 1;
        let delivered = phone.online && !mine;
        let shown =
            Shown { seq: phone.seq, message: Arc::clone(message), mine, delivered: delivered || mine, read: mine };
        phone.inbox.push_back(shown);
        if phone.inbox.len() > INBOX_MAX {
            phone.inbox.pop_front();
        }
        if delivered && receipts {
            self.receipt(user, message.id, "DELIVERED");
        }
    }

    /// A phone comes back: what arrived meanwhile is reported.
    pub(super) fn phone_online(&mut self, user: UserId, online: bool) {
        let receipts = !self.switches.receipts_off;
        let Some(person) = self.people.get_mut(user) else { return };
        person.phone.online = online;
        if !online {
            return;
        }
        let waiting = person.phone.inbox.iter_mut().filter(|shown| !shown.delivered);
        let ids: Vec<MessageId> = waiting.map(|shown| (shown.delivered = true, shown.message.id).1).collect();
        for id in ids.into_iter().filter(|_| receipts) {
            self.receipt(user, id, "DELIVERED");
        }
    }

    /// What the phone shows after `after`, oldest first, at most `limit`; `own` adds the person's own messages.
    /// `look` reads it: the senders are told.
    pub(super) fn inbox(&mut self, user: UserId, after: u64, limit: usize, own: bool, look: bool) -> Value {
        let receipts = !self.switches.receipts_off;
        let Some(person) = self.people.get_mut(user) else { return json!([]) };
        let online = person.phone.online;
        let mut read = Vec::new();
        let mut found = Vec::new();
        let wanted = person.phone.inbox.iter_mut().filter(|shown| shown.seq > after && (own || !shown.mine));
        for shown in wanted.take(limit) {
            found.push((shown.seq, shown.mine, Arc::clone(&shown.message)));
            if online && look && !shown.read {
                shown.read = true;
                read.push(shown.message.id);
            }
        }
        self.changes += u64::from(!read.is_empty());
        for id in read.into_iter().filter(|_| receipts) {
            self.receipt(user, id, "READ");
        }
        found.into_iter().map(|(seq, mine, message)| self.shown_view(seq, mine, &message)).collect()
    }

    /// The phone's chats, newest first.
    pub(super) fn talks(&self, user: UserId) -> Vec<Talk> {
        let Some(person) = self.people.get(user) else { return Vec::new() };
        let mut talks: Vec<(&Shown, usize)> = Vec::new();
        for shown in person.phone.inbox.iter().rev() {
            let unread = usize::from(!shown.read);
            let conversation = shown.message.conversation;
            match talks.iter_mut().find(|(last, _)| last.message.conversation == conversation) {
                Some((_, count)) => *count += unread,
                None => talks.push((shown, unread)),
            }
        }
        let talk = |(last, unread): (&Shown, usize)| Talk {
            conversation: last.message.conversation,
            last: self.shown_view(last.seq, last.mine, &last.message),
            unread,
        };
        talks.into_iter().map(talk).collect()
    }

    /// The messages of one chat as the phone shows them, newest first. Nobody learns of it.
    pub(super) fn chat_messages(&self, user: UserId, at: ConversationId) -> impl Iterator<Item = Value> {
        let inbox = self.people.get(user).into_iter().flat_map(|person| person.phone.inbox.iter().rev());
        let here = inbox.filter(move |shown| shown.message.conversation == at);
        here.map(|shown| self.shown_view(shown.seq, shown.mine, &shown.message))
    }

    /// Reads one chat: its senders are told, unless the phone is off.
    pub(super) fn read_chat(&mut self, user: UserId, at: ConversationId) {
        let receipts = !self.switches.receipts_off;
        let Some(person) = self.people.get_mut(user).filter(|person| person.phone.online) else { return };
        let unread = person.phone.inbox.iter_mut().filter(|shown| !shown.read && shown.message.conversation == at);
        let ids: Vec<MessageId> = unread.map(|shown| (shown.read = true, shown.message.id).1).collect();
        self.changes += u64::from(!ids.is_empty());
        for id in ids.into_iter().filter(|_| receipts) {
            self.receipt(user, id, "READ");
        }
    }

    /// Messages on a phone that nobody has looked at.
    pub(super) fn unread(&self, user: UserId) -> usize {
        self.people.get(user).map_or(0, |person| person.phone.inbox.iter().filter(|shown| !shown.read).count())
    }

    fn shown_view(&self, seq: u64, mine: bool, message: &Message) -> Value {
        let sender = self.people.get(message.sender);
        let id = message.sender.to_string();
        let app = sender.is_some_and(|person| person.app);
        let kind = self.conversations.get(&message.conversation).map(|conversation| conversation.kind);
        let mut view = json!({
            "seq": seq,
            "message_id": message.id.to_string(),
            "conversation_id": message.conversation.to_string(),
            "group": kind == Some(Kind::Group),
            "sender": id,
            "sender_name": sender.map_or("", |person| person.name.as_str()),
            "mine": mine,
            "category": message.category,
            "quote_message_id": message.quote,
            "at": message.created_at,
        });
        let shown = shapes::shown(&message.category, &message.data, &shapes::Sender { app, id: &id });
        if let (Some(view), Value::Object(shown)) = (view.as_object_mut(), shown) {
            view.extend(shown);
        }
        view
    }

    /// The buttons of a message on this phone (a card's too), and where it was seen.
    pub(super) fn buttons_of(
        &self,
        user: UserId,
        message: MessageId,
    ) -> Option<(ConversationId, Vec<(String, String)>)> {
        let phone = &self.people.get(user)?.phone;
        let shown = phone.inbox.iter().find(|shown| shown.message.id == message)?;
        let sender = shown.message.sender;
        let app = self.people.get(sender).is_some_and(|person| person.app);
        let sender = shapes::Sender { app, id: &sender.to_string() };
        let view = shapes::shown(&shown.message.category, &shown.message.data, &sender);
        let card = view.get("card");
        let buttons = view.get("buttons").or_else(|| card?.get("actions"));
        let text = |button: &Value, key: &str| button.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut found: Vec<(String, String)> = buttons
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|button| (text(button, "label"), text(button, "action")))
            .collect();
        if let Some(card) = card.filter(|card| !text(card, "action").trim().is_empty()) {
            found = vec![(text(card, "title"), text(card, "action"))];
        }
        Some((shown.message.conversation, found))
    }

    /// A call of the API with the person's own token. `Ok` is `data`, or the body when there is no envelope.
    pub(super) fn call(&mut self, who: UserId, method: &str, target: &str, body: Option<&Value>) -> Done {
        let body = body.map(Value::to_string).unwrap_or_default();
        let id = random_uuid(&mut self.rng);
        let now = self.server_time();
        let person = self.people.get(who).ok_or_else(|| NotDone::new("nobody has this phone"))?;
        let token = auth::token(person, method, target, body.as_bytes(), now, id);
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("x-request-id", id.to_string())
            .body(Bytes::from(body))
            .map_err(|error| NotDone::new(error.to_string()))?;
        request.extensions_mut().insert(FromPhone);
        let response = self.handle(request, self.clock.since(self.advanced));
        let answer: Value = serde_json::from_slice(response.body())
            .map_err(|_| NotDone::new(format!("the network answered {}", response.status())))?;
        match (answer.get("error"), answer.get("data")) {
            (Some(error), _) => Err(NotDone {
                code: error.get("code").and_then(Value::as_u64),
                reason: error.get("description").and_then(Value::as_str).unwrap_or("refused").to_owned(),
                detail: error.get("extra").cloned().unwrap_or(Value::Null),
            }),
            (None, Some(data)) => Ok(data.clone()),
            (None, None) => Ok(answer),
        }
    }

    /// The direct conversation of two, made when there is none.
    pub(super) fn direct(&mut self, me: UserId, peer: UserId) -> Result<ConversationId, NotDone> {
        let id = contact_conversation(me, peer);
        if !self.conversations.contains_key(&id) {
            let body = json!({"category": "CONTACT", "conversation_id": id.to_string(),
                              "participants": [{"user_id": peer.to_string()}]});
            self.call(me, "POST", "/conversations", Some(&body))?;
        }
        Ok(id)
    }

    /// Types a text. In a direct chat it goes to the peer; in a group this phone's client decides whether the bot
    /// is addressed, and otherwise the members alone can read it.
    pub(super) fn type_text(&mut self, me: UserId, conversation: ConversationId, text: &str, quote: &str) -> Done {
        let client = self.people.get(me).map(|person| person.phone.client).unwrap_or_default();
        let found = self.conversations.get(&conversation).filter(|conversation| conversation.has(me));
        let found = found.ok_or_else(|| NotDone::new("not in this conversation"))?;
        let direct = found.kind == Kind::Contact;
        let peer = found.others(me).next();
        let apps = self.apps_in(conversation);
        let id = random_uuid(&mut self.rng).to_string();
        let mut item = json!({
            "conversation_id": conversation.to_string(),
            "message_id": id,
            "category": "PLAIN_TEXT",
            "data_base64": shapes::url_safe(text.as_bytes()),
            "quote_message_id": quote,
        });
        let recipient = if direct { peer } else { client.addressed(text, !quote.is_empty(), &apps) };
        if let Some(recipient) = recipient {
            item["recipient_id"] = recipient.to_string().into();
            if direct || !self.switches.mentions_visible {
                self.call(me, "POST", "/messages", Some(&json!([item])))?;
                return Ok(json!({"message_id": id, "reached": recipient.to_string()}));
            }
        } else {
            item["category"] = "SIGNAL_TEXT".into();
        }
        let said = self.say(me, &item, super::messenger::Via::Phone);
        said.map_err(|refusal| NotDone {
            code: Some(refusal.code.into()),
            reason: "the network refused the text".into(),
            detail: refusal.extra.unwrap_or(Value::Null),
        })?;
        Ok(json!({"message_id": id, "reached": recipient.map(|id| id.to_string())}))
    }

    /// Shares a contact card in a direct chat.
    pub(super) fn share_contact(&mut self, me: UserId, to: UserId, contact: UserId) -> Done {
        let conversation = self.direct(me, to)?;
        let id = random_uuid(&mut self.rng).to_string();
        let payload = json!({"user_id": contact.to_string()}).to_string();
        let item = json!([{
            "conversation_id": conversation.to_string(),
            "recipient_id": to.to_string(),
            "message_id": id,
            "category": "PLAIN_CONTACT",
            "data_base64": shapes::url_safe(payload.as_bytes()),
        }]);
        self.call(me, "POST", "/messages", Some(&item))?;
        Ok(json!({"message_id": id}))
    }

    /// The first app of the network: the one people talk to when nothing else is said.
    pub(super) fn the_bot(&self) -> Option<UserId> {
        self.people.iter().find(|person| person.app).map(|person: &Person| person.id)
    }
}
