//! The hand behind the network, under `/sandbox/…`. No token, so loopback only. Bodies and answers are JSON; a
//! mistake is answered with 400 `{"error", "field", "cure"}`, what the network or a phone refuses with 409
//! `{"error", "code", "detail"}`. `{who}` is a user id, a Mixin ID, or a role (`bot`, `buyer`, `seller`, `judge`,
//! `stranger`, `fees`, `mixpay`).
//!
//! | Route | Body | Answer |
//! |---|---|---|
//! | `GET people` | | `[{user_id, number, name, role, app, has_safe, keystore}]` |
//! | `POST people` | `{name, role?, app?, has_safe?, user_id?, session_private_key?, spend_private_key?}` | the person |
//! | `POST people/{who}/mint` | `{asset_id, amount, inscription_hash?}` | `{transaction_hash}` |
//! | `POST people/{who}/phone` | `{client?, online?, accepts?, searchable?, pin?, has_safe?}` | what is set |
//! | `POST people/{who}/say` | `{text, conversation_id? \| to?, quote?}` | `{message_id, reached}` |
//! | `POST people/{who}/contact` | `{user_id, to?}` | `{message_id}` |
//! | `POST people/{who}/attach` | `{thing: "photo" \| "receipt" \| "clip" \| "recording", to?}` | `{message_id, attachment_id, size}` |
//! | `POST people/{who}/tap` | `{message_id, button}` (place or label), `confirm?` | what the link does |
//! | `POST people/{who}/open` | `{link, conversation_id?, confirm?}` | the sheet, or what was done |
//! | `POST people/{who}/pay` | `{link, pin, asset?}` (asset: for a link of `MixPay`'s) | `{paid, transaction_hash, trace, …}` |
//! | `POST people/{who}/sign`, `/revoke` | `{link, pin}` | `{done, sheet, transaction_hash, signers, threshold}` |
//! | `POST people/{who}/call` | `{method, path, body?}` | any call of the API with this person's token |
//! | `POST people/{who}/session` | | the person, with a new session in the keystore; the old one is revoked |
//! | `POST people/{who}/group` | `{name, members: [who]}` | the conversation |
//! | `GET people/{who}/inbox?after=N&limit=M&own=1&peek=1` | | messages as shown, oldest first (`own`: one's own too); looking reads them, peeking does not |
//! | `GET people/{who}/wallet` | | `{balances, outputs}` |
//! | `POST deposits` | `{members: [who], threshold, asset_id, amount, extra?, request_id?}` | money from outside |
//! | `GET ledger` | | everything an auditor needs |
//! | `GET mixpay` | | `{user_id, groups, orders, callbacks, calls, busiest_minute, refused}` |
//! | `GET mixpay/{code}` | | the order as `MixPay` knows it |
//! | `POST mixpay/{code}/pay` | `{asset (UUID or symbol), amount?, who?, by?: "mixin" \| "chain", confirmations?}` | `{paid, asset_id, amount, status, refunded, …}` |
//! | `GET`/`POST switches` | any of [`Switches`], and any of [`MixPaySwitches`](super::MixPaySwitches) under `mixpay` | all of them |
//! | `POST faults` | see [`World::control`] | what was done |
//! | `GET clock`, `POST clock` | `{advance_ms}` | `{now, server_time, advanced_ms}` |
//! | `GET log` | | the last calls, oldest first |

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::answer::{Refusal, strict_uuid};
use super::attach::Thing;
use super::blaze::Disturbance;
use super::faults::{RestFault, Switches};
use super::people::{NewPerson, Person, random_uuid};
use super::phone::{Client, NotDone};
use super::world::{Query, World, json_response};
use crate::id::{ConversationId, Hash, MessageId, UserId};
use crate::kernel::derive::group_conversation;
use crate::time::Millis;

/// One jump of the clock.
const ADVANCE_MAX: i64 = 10 * 365 * 24 * 3_600 * 1_000;
/// Longest text taken from control.
const TEXT_MAX: usize = 64 * 1024;

/// Why a control call was not carried out.
pub(super) enum Trouble {
    /// The call itself is wrong: what, which field, how to put it right.
    Mistake { error: String, field: &'static str, cure: &'static str },
    /// No such route or thing.
    Nowhere(String),
    /// The network or the phone refused.
    Refused(NotDone),
}

impl From<NotDone> for Trouble {
    fn from(refused: NotDone) -> Self {
        Self::Refused(refused)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.extra.clone().unwrap_or(Value::Null);
        Self::Refused(NotDone { code: Some(refusal.code.into()), reason: "the network refused".into(), detail })
    }
}

impl From<Trouble> for NotDone {
    /// As a person is told.
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Mistake { error, field, cure } => Self::new(format!("{field}: {error}; {cure}")),
            Trouble::Nowhere(error) => Self::new(error),
            Trouble::Refused(refused) => refused,
        }
    }
}

pub(super) type Controlled = Result<Value, Trouble>;

pub(super) fn mistake(field: &'static str, error: impl Into<String>, cure: &'static str) -> Trouble {
    Trouble::Mistake { error: error.into(), field, cure }
}

pub(super) fn text<'a>(body: &'a Value, field: &'static str) -> Result<&'a str, Trouble> {
    let text = body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty() && text.len() <= TEXT_MAX);
    text.ok_or_else(|| mistake(field, format!("{field} is missing"), "give a string, not empty, at most 64 KiB"))
}

fn flag(body: &Value, field: &'static str, default: bool) -> Result<bool, Trouble> {
    match body.get(field) {
        None => Ok(default),
        Some(value) => value.as_bool().ok_or_else(|| mistake(field, "not a boolean", "give true or false")),
    }
}

pub(super) fn key(body: &Value, field: &'static str) -> Result<Option<[u8; 32]>, Trouble> {
    let Some(text) = body.get(field) else { return Ok(None) };
    let key = text.as_str().and_then(|text| text.parse::<Hash>().ok());
    key.map(|key| Some(key.0)).ok_or_else(|| mistake(field, "not a key", "give 64 hex digits: a 32-byte seed"))
}

impl World {
    /// One call of the control surface (the table above). Faults: `{"rest": "500"|"429"|"lost", "path"?, "count"?}`
    /// (the path is a prefix; `/v1/` meets `MixPay`, in its own words),
    /// `{"blaze": "silence"|"close"|"reset"|"text"}` for all open connections, `{"upgrades": n}` refused,
    /// `{"unanswered": n}` Blaze requests, `{"steal_one_unit": {"user": who} | {"output": "hash:index"}}`,
    /// `{"clear": true}`.
    pub fn control(&mut self, request: Request<Bytes>, now: Millis) -> Response<Bytes> {
        self.tick(now);
        let (parts, body) = request.into_parts();
        self.changes += u64::from(parts.method != http::Method::GET);
        let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice::<Value>(&body) };
        let query = Query::read(parts.uri.query().unwrap_or_default());
        let path: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
        let done = match (body, path.as_slice()) {
            (Err(error), _) => Err(mistake("body", format!("not JSON: {error}"), "send a JSON object")),
            (Ok(body), ["sandbox", path @ ..]) => self.control_route(parts.method.as_str(), path, &query, &body),
            (Ok(_), _) => Err(Trouble::Nowhere("control lives under /sandbox/".into())),
        };
        match done {
            Ok(value) => json_response(StatusCode::OK, &value),
            Err(Trouble::Mistake { error, field, cure }) => {
                json_response(StatusCode::BAD_REQUEST, &json!({"error": error, "field": field, "cure": cure}))
            }
            Err(Trouble::Nowhere(error)) => json_response(StatusCode::NOT_FOUND, &json!({"error": error})),
            Err(Trouble::Refused(NotDone { code, reason, detail })) => {
                json_response(StatusCode::CONFLICT, &json!({"error": reason, "code": code, "detail": detail}))
            }
        }
    }

    fn control_route(&mut self, method: &str, path: &[&str], query: &Query, body: &Value) -> Controlled {
        match (method, path) {
            ("GET", ["people"]) => Ok(self.people.iter().map(person_view).collect()),
            ("POST", ["people"]) => self.person_add(body),
            (_, ["people", who, what]) => {
                let who = self.who(who)?;
                self.control_person(method, who, what, query, body)
            }
            ("GET", ["mixpay"]) => Ok(self.mixpay_view()),
            ("GET", ["mixpay", code]) => self.mixpay_known(code),
            ("POST", ["mixpay", code, "pay"]) => self.mixpay_checkout(code, body),
            ("POST", ["deposits"]) => self.deposit(body),
            ("GET", ["ledger"]) => Ok(self.ledger_view()),
            ("GET", ["switches"]) => Ok(json!(self.switches)),
            ("POST", ["switches"]) => self.switch(body),
            ("POST", ["faults"]) => self.fault(body),
            ("GET", ["clock"]) => Ok(self.clock_view()),
            ("POST", ["clock"]) => self.advance(body),
            ("GET", ["log"]) => Ok(self.log.iter().cloned().collect()),
            _ => Err(Trouble::Nowhere(format!("no control route {method} /sandbox/{}", path.join("/")))),
        }
    }

    fn who(&self, name: &str) -> Result<UserId, Trouble> {
        let person = self.people.named(name).map(|person| person.id);
        person.ok_or_else(|| Trouble::Nowhere(format!("nobody is called {name}: give a user id, a Mixin ID or a role")))
    }

    pub(super) fn who_in(&self, body: &Value, field: &'static str) -> Result<UserId, Trouble> {
        self.who(text(body, field)?)
    }

    fn control_person(&mut self, method: &str, who: UserId, what: &str, query: &Query, body: &Value) -> Controlled {
        match (method, what) {
            ("POST", "mint") => self.mint(who, body),
            ("POST", "phone") => self.phone_set(who, body),
            ("POST", "say") => self.person_says(who, body),
            ("POST", "contact") => {
                let to = if body.get("to").is_some() { self.who_in(body, "to")? } else { self.bot()? };
                let contact = self.who_in(body, "user_id")?;
                Ok(self.share_contact(who, to, contact)?)
            }
            ("POST", "attach") => {
                let to = if body.get("to").is_some() { self.who_in(body, "to")? } else { self.bot()? };
                let thing = Thing::named(text(body, "thing")?);
                let thing =
                    thing.ok_or_else(|| mistake("thing", "not in the album", "photo, receipt, clip, recording"))?;
                Ok(self.attach(who, to, thing)?)
            }
            ("POST", "tap") => self.tap(who, body),
            ("POST", "open") => {
                let at = conversation(body)?;
                Ok(self.open_link(who, text(body, "link")?, at, flag(body, "confirm", false)?)?)
            }
            ("POST", "pay") => {
                let asset = body.get("asset").and_then(Value::as_str);
                Ok(self.pay(who, text(body, "link")?, text(body, "pin")?, asset)?)
            }
            ("POST", "sign") => Ok(self.sign_link(who, text(body, "link")?, text(body, "pin")?, false)?),
            ("POST", "revoke") => Ok(self.sign_link(who, text(body, "link")?, text(body, "pin")?, true)?),
            ("POST", "call") => Ok(self.call(who, text(body, "method")?, text(body, "path")?, body.get("body"))?),
            ("POST", "group") => self.group_make(who, body),
            ("GET", "inbox") => {
                let after = query.number("after")?.unwrap_or(0);
                let limit = query.number::<usize>("limit")?.unwrap_or(500).min(500);
                Ok(self.inbox(who, after, limit, query.get("own").is_some(), query.get("peek").is_none()))
            }
            ("POST", "session") => {
                if let Some(person) = self.people.get_mut(who) {
                    person.rotate(&mut self.rng);
                }
                self.blaze_revoke(who);
                Ok(person_view(self.person(who)?))
            }
            ("GET", "wallet") => Ok(self.wallet(who)),
            _ => Err(Trouble::Nowhere(format!("a person has no {method} {what}"))),
        }
    }

    fn person_add(&mut self, body: &Value) -> Controlled {
        let name = text(body, "name")?;
        if name.chars().count() > 64 {
            return Err(mistake("name", "too long", "at most 64 characters"));
        }
        let id = match body.get("user_id").and_then(Value::as_str) {
            None => None,
            Some(id) => {
                Some(strict_uuid(id).ok_or_else(|| mistake("user_id", "not a UUID", "lower case, with dashes"))?)
            }
        };
        let app = flag(body, "app", false)?;
        let new = NewPerson {
            name: name.to_owned(),
            role: body.get("role").and_then(Value::as_str).unwrap_or_default().to_owned(),
            app,
            without_safe: !flag(body, "has_safe", true)?,
            id,
            session_seed: key(body, "session_private_key")?,
            spend_seed: key(body, "spend_private_key")?,
        };
        let now = self.server_time();
        let id = self.people.add(new, &mut self.rng, now);
        let id = id.ok_or_else(|| mistake("user_id", "taken, or too many people", "leave it out"))?;
        if app {
            self.post.listen(id);
        }
        Ok(person_view(self.person(id)?))
    }

    fn bot(&self) -> Result<UserId, Trouble> {
        self.the_bot().ok_or_else(|| Trouble::Nowhere("there is no bot".into()))
    }

    fn person_says(&mut self, who: UserId, body: &Value) -> Controlled {
        let words = text(body, "text")?;
        let quote = body.get("quote").and_then(Value::as_str).unwrap_or_default().to_owned();
        let at = if let Some(at) = conversation(body)? {
            at
        } else {
            let to = if body.get("to").is_some() { self.who_in(body, "to")? } else { self.bot()? };
            self.direct(who, to)?
        };
        Ok(self.type_text(who, at, words, &quote)?)
    }

    fn tap(&mut self, who: UserId, body: &Value) -> Controlled {
        let message = strict_uuid(text(body, "message_id")?).map(MessageId);
        let message = message.ok_or_else(|| mistake("message_id", "not a UUID", "take it from the inbox"))?;
        let seen = self.buttons_of(who, message);
        let (at, buttons) = seen.ok_or_else(|| mistake("message_id", "not on this phone", "take it from the inbox"))?;
        let wanted = body.get("button").unwrap_or(&Value::Null);
        let place = wanted.as_u64().and_then(|place| usize::try_from(place).ok());
        let label = wanted.as_str();
        let found = match (place, label) {
            (Some(place), _) => buttons.get(place),
            (None, Some(label)) => buttons.iter().find(|(name, _)| name == label),
            (None, None) if buttons.len() == 1 => buttons.first(),
            (None, None) => None,
        };
        let (_, action) =
            found.ok_or_else(|| mistake("button", "no such button", "give its place from 0, or its label"))?;
        Ok(self.open_link(who, &action.clone(), Some(at), flag(body, "confirm", false)?)?)
    }

    pub(super) fn group_make(&mut self, who: UserId, body: &Value) -> Controlled {
        let name = text(body, "name")?;
        let members = self.everybody_in(body, "members")?;
        let random = random_uuid(&mut self.rng);
        let id = group_conversation(who, name, &members, random);
        let participants: Vec<Value> = members.iter().map(|id| json!({"user_id": id.to_string()})).collect();
        let request = json!({"category": "GROUP", "conversation_id": id.to_string(), "random_id": random.to_string(),
                             "name": name, "participants": participants});
        Ok(self.call(who, "POST", "/conversations", Some(&request))?)
    }

    pub(super) fn everybody_in(&self, body: &Value, field: &'static str) -> Result<Vec<UserId>, Trouble> {
        let names = body.get(field).and_then(Value::as_array).filter(|names| !names.is_empty() && names.len() <= 256);
        let names =
            names.ok_or_else(|| mistake(field, "not a list of people", "give 1 to 256 ids, numbers or roles"))?;
        names.iter().map(|name| self.who(name.as_str().unwrap_or_default())).collect()
    }

    fn phone_set(&mut self, who: UserId, body: &Value) -> Controlled {
        let person = self.people.get_mut(who).ok_or_else(|| Trouble::Nowhere("nobody".into()))?;
        let phone = &mut person.phone;
        if let Some(client) = body.get("client") {
            phone.client = serde_json::from_value::<Client>(client.clone())
                .map_err(|_| mistake("client", "unknown client", "android, ios or desktop"))?;
        }
        if let Some(accepts) = body.get("accepts") {
            let known = accepts.as_str().filter(|word| ["EVERYBODY", "CONTACTS", "NOBODY"].contains(word));
            known
                .ok_or_else(|| mistake("accepts", "unknown", "EVERYBODY, CONTACTS or NOBODY"))?
                .clone_into(&mut phone.accepts);
        }
        phone.searchable = flag(body, "searchable", phone.searchable)?;
        person.has_safe = flag(body, "has_safe", person.has_safe)?;
        if let Some(pin) = body.get("pin")
            && !phone.set_pin(pin.as_str().unwrap_or_default())
        {
            return Err(mistake("pin", "not a PIN", "give six digits as a string"));
        }
        let online = flag(body, "online", phone.online)?;
        self.phone_online(who, online);
        let phone = &self.person(who)?.phone;
        Ok(
            json!({"client": phone.client, "online": phone.online, "accepts": phone.accepts, "searchable": phone.searchable}),
        )
    }

    fn switch(&mut self, body: &Value) -> Controlled {
        let changes =
            body.as_object().ok_or_else(|| mistake("body", "not an object", "name the switches to change"))?;
        let mut all = json!(self.switches);
        if let Some(all) = all.as_object_mut() {
            for (name, value) in changes {
                match (all.get_mut(name), value) {
                    (Some(Value::Object(inner)), Value::Object(value)) => inner.extend(value.clone()),
                    _ => drop(all.insert(name.clone(), value.clone())),
                }
            }
        }
        let switches = serde_json::from_value::<Switches>(all)
            .map_err(|error| mistake("switches", error.to_string(), "see GET /sandbox/switches"))?;
        if let Some(id) = switches.mixpay.settle_asset
            && super::assets::find(&id.to_string()).is_none()
        {
            return Err(mistake("settle_asset", "unknown asset", "one of GET /safe/assets, or null"));
        }
        self.switches = switches;
        self.mixpay_tick();
        Ok(json!(self.switches))
    }

    fn fault(&mut self, body: &Value) -> Controlled {
        let count = |field: &'static str| {
            let count = body.get(field).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
            count.filter(|count| *count <= 1_000).ok_or_else(|| mistake(field, "not a count", "give 0 to 1000"))
        };
        if flag(body, "clear", false)? {
            self.faults.clear();
            return Ok(json!({"cleared": true}));
        }
        if let Some(kind) = body.get("rest") {
            let kind: RestFault = serde_json::from_value(kind.clone())
                .map_err(|_| mistake("rest", "unknown fault", "\"500\", \"429\" or \"lost\""))?;
            let path = body.get("path").and_then(Value::as_str).unwrap_or("/");
            let count = if body.get("count").is_some() { count("count")? } else { 1 };
            if !self.faults.add(kind, path, usize::try_from(count).unwrap_or(usize::MAX)) {
                return Err(mistake("count", "too many faults waiting", "clear them first"));
            }
            return Ok(json!({"rest": kind, "path": path, "count": count}));
        }
        if let Some(how) = body.get("blaze").and_then(Value::as_str) {
            let how = match how {
                "silence" => Disturbance::Silence,
                "close" => Disturbance::Close,
                "reset" => Disturbance::Reset,
                "text" => Disturbance::TextFrame,
                _ => return Err(mistake("blaze", "unknown fault", "silence, close, reset or text")),
            };
            return Ok(json!({"connections": self.blaze_disturb(how)}));
        }
        if body.get("upgrades").is_some() {
            self.faults.upgrades = count("upgrades")?;
            return Ok(json!({"upgrades": self.faults.upgrades}));
        }
        if body.get("unanswered").is_some() {
            self.faults.unanswered = count("unanswered")?;
            return Ok(json!({"unanswered": self.faults.unanswered}));
        }
        if let Some(theft) = body.get("steal_one_unit") {
            return self.steal(theft);
        }
        Err(mistake("body", "no fault named", "rest, blaze, upgrades, unanswered, steal_one_unit or clear"))
    }

    fn clock_view(&self) -> Value {
        json!({"now": self.clock.to_rfc3339(), "now_ms": self.clock.0, "server_time": self.server_time().to_rfc3339(),
               "advanced_ms": self.advanced.0})
    }

    fn advance(&mut self, body: &Value) -> Controlled {
        let by = body.get("advance_ms").and_then(Value::as_i64).filter(|by| (0..=ADVANCE_MAX).contains(by));
        let by = by.ok_or_else(|| mistake("advance_ms", "not a step forward", "milliseconds, 0 to ten years"))?;
        let here = self.clock.since(self.advanced);
        self.advanced = self.advanced.plus(Millis(by));
        self.tick(here);
        Ok(self.clock_view())
    }
}

/// A person as control sees them, secrets included.
fn person_view(person: &Person) -> Value {
    json!({"user_id": person.id.to_string(), "number": person.number, "name": person.name, "role": person.role,
           "app": person.app, "has_safe": person.has_safe, "keystore": person.keystore()})
}

fn conversation(body: &Value) -> Result<Option<ConversationId>, Trouble> {
    let Some(id) = body.get("conversation_id") else { return Ok(None) };
    let id = id.as_str().and_then(strict_uuid).map(ConversationId);
    id.map(Some).ok_or_else(|| mistake("conversation_id", "not a UUID", "lower case, with dashes"))
}
