//! Messages: what may be said by whom to whom, and the queue each listener has (messaging §3, §5).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal, bad, refuse, text, text_or_empty, uuid};
use super::conversations::{Conversation, Kind};
use super::people::{Bond, random_uuid};
use super::shapes;
use super::world::World;
use crate::id::{ConversationId, MessageId, UserId};
use crate::time::Millis;

/// Messages one REST call may carry, and how large it may be (messaging §5.1).
const BATCH_MAX: usize = 100;
pub(super) const BODY_MAX: usize = 128 * 1024;
/// How long the server keeps what nobody acknowledges.
const RETENTION: Millis = Millis::from_hours(7 * 24);
/// Unacknowledged messages and receipts kept per listener; the oldest go first.
const QUEUE_MAX: usize = 50_000;
/// Message ids remembered, to take each only once.
const KNOWN_MAX: usize = 1_000_000;

/// One message on its way.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) conversation: ConversationId,
    /// The all-zero user for the system.
    pub(super) sender: UserId,
    session: Uuid,
    pub(super) category: String,
    pub(super) data: Vec<u8>,
    pub(super) quote: String,
    silent: bool,
    expire_in: i64,
    /// Created by REST or by the system's own endpoints.
    api: bool,
    pub(super) at: Millis,
    /// RFC 3339, down to an invented nanosecond so that no two are equal.
    pub(super) created_at: String,
}

/// Where a message came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    Rest,
    Blaze,
    /// A person's app, which may also encrypt for a group's members.
    Phone,
}

/// A message that passed every check, and who gets it.
struct Draft {
    message: Message,
    to: Vec<UserId>,
}

/// Everything that waits for a listener, and every id ever used.
#[derive(Default)]
pub(super) struct Post {
    queues: BTreeMap<UserId, VecDeque<Arc<Message>>>,
    receipts: BTreeMap<UserId, VecDeque<Value>>,
    known: BTreeMap<MessageId, UserId>,
    known_order: VecDeque<MessageId>,
    nth: u64,
}

impl Post {
    /// The backlog of a listener, oldest first.
    pub(super) fn backlog(&mut self, user: UserId, now: Millis) -> Vec<Arc<Message>> {
        let Some(queue) = self.queues.get_mut(&user) else { return Vec::new() };
        queue.retain(|message| message.at.plus(RETENTION) > now);
        queue.iter().cloned().collect()
    }

    /// Receipts that waited for a connection; they come once.
    pub(super) fn take_receipts(&mut self, user: UserId) -> Vec<Value> {
        self.receipts.remove(&user).map(Vec::from).unwrap_or_default()
    }

    pub(super) fn keep_receipt(&mut self, user: UserId, receipt: Value) {
        push_bounded(self.receipts.entry(user).or_default(), receipt);
    }

    /// A user who listens on Blaze gets a queue.
    pub(super) fn listen(&mut self, user: UserId) {
        self.queues.entry(user).or_default();
    }

    fn remember(&mut self, id: MessageId, sender: UserId) {
        if self.known.insert(id, sender).is_none() {
            self.known_order.push_back(id);
        }
        if self.known_order.len() > KNOWN_MAX
            && let Some(oldest) = self.known_order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) {
    queue.push_back(item);
    if queue.len() > QUEUE_MAX {
        queue.pop_front();
    }
}

impl Message {
    /// The message view (messaging §4.1).
    pub(super) fn view(&self, source: &str) -> Value {
        json!({
            "type": "message",
            "representative_id": "",
            "quote_message_id": self.quote,
            "conversation_id": self.conversation.to_string(),
            "user_id": self.sender.to_string(),
            "session_id": self.session.to_string(),
            "message_id": self.id.to_string(),
            "category": self.category,
            "data": shapes::standard(&self.data),
            "data_base64": shapes::url_safe(&self.data),
            "status": "SENT",
            "source": source,
            "silent": self.silent,
            "expire_in": self.expire_in,
            "created_at": self.created_at,
            "updated_at": self.created_at,
        })
    }

    /// The source of a live push.
    pub(super) const fn live_source(&self) -> &'static str {
        if self.api { "API" } else { "CREATE_MESSAGE" }
    }

    /// The answer to one's own `CREATE_MESSAGE`: the same shape with an empty category (messaging §2.3).
    pub(super) fn sent_view(&self) -> Value {
        let mut view = self.view("");
        for key in ["category", "data", "data_base64"] {
            view[key] = "".into();
        }
        view
    }
}

impl World {
    /// `POST /messages`: all or nothing.
    pub(super) fn messages_create(&mut self, me: UserId, body: &Value, size: usize) -> Answer {
        if size > BODY_MAX {
            return Err(bad("body", format!("at most {BODY_MAX} bytes")));
        }
        let one = std::slice::from_ref(body);
        let items = if body.is_object() { Some(one) } else { body.as_array().map(Vec::as_slice) };
        let items = items.ok_or_else(|| bad("body", "must be an array of messages"))?;
        if items.is_empty() || items.len() > BATCH_MAX {
            return Err(bad("body", format!("1 to {BATCH_MAX} messages")));
        }
        for item in items {
            self.draft(me, item, Via::Rest)?;
        }
        for item in items {
            self.say(me, item, Via::Rest)?;
        }
        Ok(json!({}))
    }

    /// Checks one message and sends it. `Ok` is the message, also when its id was used before.
    pub(super) fn say(&mut self, me: UserId, item: &Value, via: Via) -> Result<Arc<Message>, Refusal> {
        let draft = self.draft(me, item, via)?;
        let Draft { message, to } = draft;
        let message = Arc::new(message);
        if self.post.known.contains_key(&message.id) {
            return Ok(message);
        }
        self.post.nth += 1;
        self.post.remember(message.id, me);
        if let Some(conversation) = self.conversations.get_mut(&message.conversation) {
            conversation.spoke.insert(me);
        }
        self.show(me, &message, true);
        for user in to {
            self.deliver(user, &message);
        }
        Ok(message)
    }

    fn draft(&self, me: UserId, item: &Value, via: Via) -> Result<Draft, Refusal> {
        let id = MessageId(uuid(item, "message_id")?);
        let conversation_id = ConversationId(uuid(item, "conversation_id")?);
        let person = self.people.get(me).ok_or_else(|| refuse(401))?;
        let category = text(item, "category")?;
        let data = payload(item)?;
        let signal = via == Via::Phone && category == "SIGNAL_TEXT";
        let sender = shapes::Sender { app: person.app, id: &me.to_string() };
        if !signal {
            match shapes::check(category, &data, &sender) {
                Err(_) if self.switches.lenient_shapes && category.starts_with("APP_") => {}
                checked => checked?,
            }
        }
        if let Some((attachment, size)) = shapes::attachment(category, &data) {
            self.attachment_sendable(attachment, size)?;
        }
        if let Some(recalled) = shapes::recalled(&data).filter(|_| category == "MESSAGE_RECALL")
            && self.post.known.get(&MessageId(recalled)) != Some(&me)
        {
            return Err(refuse(403));
        }
        if self.switches.strict_message_ids && self.post.known.contains_key(&id) {
            return Err(bad("message_id", "used before"));
        }
        let quote = optional_uuid(item, "quote_message_id")?;
        let representative = optional_uuid(item, "representative_id")?;
        if !representative.is_empty() && representative != me.to_string() {
            return Err(refuse(403));
        }
        let recipient = optional_uuid(item, "recipient_id")?;
        let recipient = (!recipient.is_empty()).then(|| recipient.parse().map(UserId)).transpose();
        let recipient = recipient.map_err(|_| bad("recipient_id", "must be a lower-case UUID"))?;
        let conversation = self.conversations.get(&conversation_id).ok_or_else(|| refuse(403))?;
        let to = self.recipients(me, conversation, recipient, via)?;
        let now = self.server_time();
        let message = Message {
            id,
            conversation: conversation_id,
            sender: me,
            session: person.session_id,
            category: category.to_owned(),
            data,
            quote,
            silent: item.get("silent").and_then(Value::as_bool).unwrap_or(false),
            expire_in: conversation.expire_in,
            api: false,
            at: now,
            created_at: stamp(now, self.post.nth),
        };
        Ok(Draft { message, to })
    }

    /// Who gets a message (messaging §5.3). Apps get only what is addressed to them, and nothing from apps.
    fn recipients(
        &self,
        me: UserId,
        conversation: &Conversation,
        recipient: Option<UserId>,
        via: Via,
    ) -> Result<Vec<UserId>, Refusal> {
        if !conversation.has(me) {
            return Err(refuse(403));
        }
        let from_app = self.people.get(me).is_some_and(|person| person.app);
        let is_app = |user: &UserId| self.people.get(*user).is_some_and(|person| person.app);
        let hears = |user: &UserId| !(from_app && is_app(user));
        match (conversation.kind, recipient) {
            (Kind::Contact, None) if via == Via::Rest => Err(bad("recipient_id", "is required")),
            (Kind::Contact, recipient) => {
                let peer = conversation.others(me).next().ok_or_else(|| refuse(403))?;
                if recipient.is_some_and(|recipient| recipient != peer) {
                    return Err(refuse(403));
                }
                self.may_reach(me, peer, Some(conversation))?;
                Ok([peer].into_iter().filter(hears).collect())
            }
            (Kind::Group, Some(recipient)) => {
                if recipient == me || !conversation.has(recipient) {
                    return Err(refuse(403));
                }
                let visible = self.switches.mentions_visible && via == Via::Phone;
                let also = conversation.others(me).filter(|user| visible && *user != recipient && !is_app(user));
                Ok(also.chain([recipient].into_iter().filter(hears)).collect())
            }
            (Kind::Group, None) if via == Via::Rest && !self.switches.rest_group_broadcast => Err(refuse(403)),
            (Kind::Group, None) => Ok(conversation.others(me).filter(|user| !is_app(user)).collect()),
        }
    }

    /// 403 when `to` has blocked `me`, or takes messages from contacts only and has not spoken first.
    pub(super) fn may_reach(&self, me: UserId, to: UserId, in_: Option<&Conversation>) -> Result<(), Refusal> {
        let person = self.people.get(to).ok_or_else(|| refuse(404))?;
        let spoke = in_.is_some_and(|conversation| conversation.spoke.contains(&to));
        let open = match person.bonds.get(&me) {
            Some(Bond::Blocked) => false,
            Some(Bond::Friend) => true,
            None => spoke || person.phone.accepts == "EVERYBODY",
        };
        if open { Ok(()) } else { Err(refuse(403)) }
    }

    /// Something the system itself says in a conversation, to these users.
    pub(super) fn announce(&mut self, conversation: ConversationId, category: &str, payload: &Value, to: &[UserId]) {
        self.post.nth += 1;
        let now = self.server_time();
        let message = Arc::new(Message {
            id: MessageId(random_uuid(&mut self.rng)),
            conversation,
            sender: UserId(Uuid::nil()),
            session: Uuid::nil(),
            category: category.to_owned(),
            data: payload.to_string().into_bytes(),
            quote: String::new(),
            silent: false,
            expire_in: 0,
            api: category == "SYSTEM_SAFE_SNAPSHOT",
            at: now,
            created_at: stamp(now, self.post.nth),
        });
        for user in to {
            self.deliver(*user, &message);
        }
    }

    fn deliver(&mut self, user: UserId, message: &Arc<Message>) {
        self.show(user, message, false);
        if let Some(queue) = self.post.queues.get_mut(&user) {
            push_bounded(queue, Arc::clone(message));
            self.blaze_push(user, message);
        }
    }

    /// `POST /acknowledgements` and Blaze's two forms: what is read is not pushed again.
    pub(super) fn acknowledge(&mut self, me: UserId, items: &[Value]) -> Result<(), Refusal> {
        if items.len() > BATCH_MAX {
            return Err(bad("body", format!("at most {BATCH_MAX} acknowledgements")));
        }
        let mut acks = Vec::with_capacity(items.len());
        for item in items {
            let id = MessageId(uuid(item, "message_id")?);
            let status = text(item, "status")?;
            if !["DELIVERED", "READ"].contains(&status) {
                return Err(bad("status", "must be DELIVERED or READ"));
            }
            acks.push((id, status));
        }
        if self.switches.drop_acks {
            return Ok(());
        }
        for (id, status) in acks {
            let queue = self.post.queues.get_mut(&me);
            let at = queue.as_ref().and_then(|queue| queue.iter().position(|message| message.id == id));
            if let (Some(queue), Some(at)) = (queue, at) {
                queue.remove(at);
            }
            self.blaze_acked(me, id);
            self.receipt(me, id, status);
        }
        Ok(())
    }

    /// Tells the sender of a message, when it listens, that `by` has it or has read it.
    pub(super) fn receipt(&mut self, by: UserId, id: MessageId, status: &str) {
        let Some(sender) = self.post.known.get(&id).copied() else { return };
        if sender == by || !self.post.queues.contains_key(&sender) {
            return;
        }
        self.post.nth += 1;
        let at = stamp(self.server_time(), self.post.nth);
        let session = self.people.get(by).map(|person| person.session_id).unwrap_or_default();
        let receipt = json!({
            "type": "message",
            "representative_id": "",
            "quote_message_id": "",
            "conversation_id": "",
            "user_id": by.to_string(),
            "session_id": session.to_string(),
            "message_id": id.to_string(),
            "category": "",
            "data": "",
            "data_base64": "",
            "status": status,
            "source": "ACKNOWLEDGE_MESSAGE_RECEIPT",
            "silent": false,
            "expire_in": 0,
            "created_at": at,
            "updated_at": at,
        });
        self.blaze_receipt(sender, receipt);
    }
}

/// `data_base64` first, then `data`; one of them must be there.
fn payload(item: &Value) -> Result<Vec<u8>, Refusal> {
    for key in ["data_base64", "data"] {
        let encoded = text_or_empty(item, key)?;
        if !encoded.is_empty() {
            return shapes::decode(encoded).ok_or_else(|| bad(key, "must be base64"));
        }
    }
    Err(bad("data_base64", "is required"))
}

/// A UUID that may be absent, null or empty.
fn optional_uuid(item: &Value, key: &str) -> Result<String, Refusal> {
    if text_or_empty(item, key)?.is_empty() { Ok(String::new()) } else { uuid(item, key).map(|id| id.to_string()) }
}

/// RFC 3339 with the millisecond of `at` and `nth` behind it.
fn stamp(at: Millis, nth: u64) -> String {
    let text = at.to_rfc3339();
    format!("{}{:06}Z", text.trim_end_matches('Z'), nth % 1_000_000)
}
