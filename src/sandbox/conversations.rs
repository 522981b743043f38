//! Conversations: direct ones, whose id follows from the two users, and groups (messaging §10).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal, bad, refuse, text, text_or_empty, uuid};
use super::people::{NEVER, random_uuid};
use super::world::World;
use crate::id::{ConversationId, UserId};
use crate::kernel::derive::{contact_conversation, group_conversation};
use crate::time::Millis;

/// Members of a group (20116 above).
const MEMBERS_MAX: usize = 256;
const NAME_MAX: usize = 512;
const ANNOUNCEMENT_MAX: usize = 1024;
/// Longest disappearing timer, seconds.
const EXPIRE_MAX: i64 = 12 * 7 * 24 * 3_600;
/// Conversations kept; more is refused with 429.
const CONVERSATIONS_MAX: usize = 200_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Contact,
    Group,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    Owner,
    Admin,
    Member,
}

impl Rank {
    const fn word(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Member => "",
        }
    }
}

struct Member {
    user: UserId,
    rank: Rank,
    since: Millis,
}

pub(super) struct Conversation {
    id: ConversationId,
    pub(super) kind: Kind,
    creator: UserId,
    name: String,
    announcement: String,
    code: Uuid,
    /// In order of joining.
    members: Vec<Member>,
    /// Who has ever said something here.
    pub(super) spoke: BTreeSet<UserId>,
    /// Disappearing timer, seconds; 0 = off.
    pub(super) expire_in: i64,
    created_at: Millis,
}

impl Conversation {
    /// A group's; empty in a direct chat.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn has(&self, user: UserId) -> bool {
        self.members.iter().any(|member| member.user == user)
    }

    pub(super) fn others(&self, me: UserId) -> impl Iterator<Item = UserId> {
        self.members.iter().map(|member| member.user).filter(move |user| *user != me)
    }

    fn rank(&self, user: UserId) -> Option<Rank> {
        self.members.iter().find(|member| member.user == user).map(|member| member.rank)
    }

    fn manages(&self, user: UserId) -> Result<(), Refusal> {
        match self.rank(user) {
            Some(Rank::Owner | Rank::Admin) if self.kind == Kind::Group => Ok(()),
            _ => Err(refuse(403)),
        }
    }
}

impl World {
    /// `POST /conversations`.
    pub(super) fn conversation_create(&mut self, me: UserId, body: &Value) -> Answer {
        let id = ConversationId(uuid(body, "conversation_id")?);
        let participants = participants(body.get("participants").unwrap_or(&Value::Null))?;
        for user in &participants {
            self.people.get(*user).ok_or_else(|| bad("participants", "unknown user"))?;
        }
        if self.conversations.len() >= CONVERSATIONS_MAX {
            return Err(refuse(429));
        }
        match text(body, "category")? {
            "CONTACT" => self.contact_create(me, id, &participants),
            "GROUP" => self.group_create(me, id, &participants, body),
            _ => Err(bad("category", "must be CONTACT or GROUP")),
        }
    }

    fn contact_create(&mut self, me: UserId, id: ConversationId, participants: &[UserId]) -> Answer {
        let &[peer] = participants else { return Err(bad("participants", "exactly one")) };
        if peer == me || id != contact_conversation(me, peer) {
            return Err(bad("conversation_id", "is not that of these two users"));
        }
        self.may_reach(me, peer, self.conversations.get(&id))?;
        if !self.conversations.contains_key(&id) {
            let now = self.server_time();
            let member = |user| Member { user, rank: Rank::Member, since: now };
            let conversation = Conversation {
                id,
                kind: Kind::Contact,
                creator: me,
                name: String::new(),
                announcement: String::new(),
                code: Uuid::nil(),
                members: vec![member(me), member(peer)],
                spoke: BTreeSet::new(),
                expire_in: 0,
                created_at: now,
            };
            self.conversations.insert(id, conversation);
        }
        self.conversation_get(me, id)
    }

    fn group_create(&mut self, me: UserId, id: ConversationId, participants: &[UserId], body: &Value) -> Answer {
        let (name, announcement) = (text(body, "name")?, text_or_empty(body, "announcement")?);
        let others: Vec<UserId> = participants.iter().copied().filter(|user| *user != me).collect();
        check_length("name", name, 1, NAME_MAX)?;
        check_length("announcement", announcement, 0, ANNOUNCEMENT_MAX)?;
        if others.len() >= MEMBERS_MAX {
            return Err(refuse(20116));
        }
        if body.get("random_id").is_some() || !self.switches.any_group_id {
            let random = Uuid::try_parse(text(body, "random_id")?).map_err(|_| bad("random_id", "must be a UUID"))?;
            if group_conversation(me, name, &others, random) != id {
                return Err(bad("conversation_id", "does not follow from owner, name, random_id and participants"));
            }
        }
        if self.conversations.contains_key(&id) {
            return self.conversation_get(me, id);
        }
        for user in &others {
            self.may_reach(me, *user, None)?;
        }
        let now = self.server_time();
        let member = |user, rank| Member { user, rank, since: now };
        let rest = others.iter().map(|user| member(*user, Rank::Member));
        let conversation = Conversation {
            id,
            kind: Kind::Group,
            creator: me,
            name: name.to_owned(),
            announcement: announcement.to_owned(),
            code: random_uuid(&mut self.rng),
            members: [member(me, Rank::Owner)].into_iter().chain(rest).collect(),
            spoke: BTreeSet::new(),
            expire_in: 0,
            created_at: now,
        };
        self.codes.insert(conversation.code, id);
        self.conversations.insert(id, conversation);
        self.tell_group(id, &json!({"action": "CREATE", "participant_id": "", "user_id": me.to_string()}), &[]);
        for user in others {
            self.tell_change(id, "ADD", user, me, &[]);
        }
        self.conversation_get(me, id)
    }

    /// `GET /conversations/:id`.
    pub(super) fn conversation_get(&self, me: UserId, id: ConversationId) -> Answer {
        let conversation = self.conversations.get(&id).ok_or_else(|| refuse(404))?;
        if conversation.has(me) { Ok(self.conversation_view(conversation)) } else { Err(refuse(403)) }
    }

    /// `POST /conversations/:id/…` and `POST /conversations/:id` (an update).
    pub(super) fn conversation_change(&mut self, me: UserId, id: &str, what: &[&str], body: &Value) -> Answer {
        if let ["join"] = what {
            return self.conversation_join(me, id);
        }
        let id = ConversationId(super::answer::strict_uuid(id).ok_or_else(|| refuse(404))?);
        let conversation = self.conversations.get(&id).ok_or_else(|| refuse(404))?;
        if !conversation.has(me) {
            return Err(refuse(403));
        }
        match what {
            [] => self.conversation_update(me, id, body)?,
            ["participants", "ADD"] => self.members_add(me, id, body)?,
            ["participants", "REMOVE"] => self.members_remove(me, id, body)?,
            ["participants", "ROLE"] => self.members_rank(me, id, body)?,
            ["exit"] => return self.conversation_exit(me, id),
            ["rotate"] => {
                conversation.manages(me)?;
                let code = random_uuid(&mut self.rng);
                let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
                self.codes.remove(&std::mem::replace(&mut conversation.code, code));
                self.codes.insert(code, id);
            }
            ["mute"] => {
                body.get("duration").and_then(Value::as_i64).ok_or_else(|| bad("duration", "must be seconds"))?;
            }
            ["disappear"] => {
                conversation.manages(me)?;
                let seconds = body.get("duration").and_then(Value::as_i64);
                let seconds = seconds.filter(|seconds| (0..=EXPIRE_MAX).contains(seconds));
                let seconds = seconds.ok_or_else(|| bad("duration", "0 seconds to 12 weeks"))?;
                let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
                conversation.expire_in = seconds;
                let expire = json!({"action": "EXPIRE", "user_id": me.to_string(), "expire_in": seconds});
                self.tell_group(id, &expire, &[]);
            }
            _ => return Err(refuse(404)),
        }
        self.conversation_get(me, id)
    }

    fn conversation_update(&mut self, me: UserId, id: ConversationId, body: &Value) -> Result<(), Refusal> {
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        conversation.manages(me)?;
        let (name, announcement) = (text_or_empty(body, "name")?, text_or_empty(body, "announcement")?);
        check_length("name", name, 0, NAME_MAX)?;
        check_length("announcement", announcement, 0, ANNOUNCEMENT_MAX)?;
        if !name.is_empty() {
            name.clone_into(&mut conversation.name);
        }
        if body.get("announcement").is_some() {
            announcement.clone_into(&mut conversation.announcement);
        }
        self.tell_group(id, &json!({"action": "UPDATE", "participant_id": "", "user_id": me.to_string()}), &[]);
        Ok(())
    }

    fn members_add(&mut self, me: UserId, id: ConversationId, body: &Value) -> Result<(), Refusal> {
        let users = participants(body)?;
        for user in &users {
            self.people.get(*user).ok_or_else(|| bad("user_id", "unknown user"))?;
            self.may_reach(me, *user, None)?;
        }
        let now = self.server_time();
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        conversation.manages(me)?;
        let new: Vec<UserId> = users.into_iter().filter(|user| !conversation.has(*user)).collect();
        if conversation.members.len() + new.len() > MEMBERS_MAX {
            return Err(refuse(20116));
        }
        conversation.members.extend(new.iter().map(|user| Member { user: *user, rank: Rank::Member, since: now }));
        for user in new {
            self.tell_change(id, "ADD", user, me, &[]);
        }
        Ok(())
    }

    fn members_remove(&mut self, me: UserId, id: ConversationId, body: &Value) -> Result<(), Refusal> {
        let users = participants(body)?;
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        conversation.manages(me)?;
        let gone: Vec<UserId> = users.into_iter().filter(|user| conversation.has(*user)).collect();
        let kept = |user: &UserId| conversation.rank(*user) == Some(Rank::Owner);
        if gone.iter().any(kept) {
            return Err(refuse(403));
        }
        conversation.members.retain(|member| !gone.contains(&member.user));
        for user in gone {
            self.tell_change(id, "REMOVE", user, me, &[user]);
        }
        Ok(())
    }

    fn members_rank(&mut self, me: UserId, id: ConversationId, body: &Value) -> Result<(), Refusal> {
        let users = participants(body)?;
        let role = body.get(0).and_then(|item| item.get("role")).and_then(Value::as_str);
        let rank = match role {
            Some("ADMIN") => Rank::Admin,
            Some("") => Rank::Member,
            _ => return Err(bad("role", "must be ADMIN or empty")),
        };
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        if conversation.rank(me) != Some(Rank::Owner) || users.contains(&me) {
            return Err(refuse(403));
        }
        for member in conversation.members.iter_mut().filter(|member| users.contains(&member.user)) {
            member.rank = rank;
        }
        for user in users {
            let change = json!({"action": "ROLE", "participant_id": user.to_string(), "user_id": me.to_string(), "role": rank.word()});
            self.tell_group(id, &change, &[]);
        }
        Ok(())
    }

    fn conversation_join(&mut self, me: UserId, code: &str) -> Answer {
        let id = code.parse().ok().and_then(|code: Uuid| self.codes.get(&code).copied()).ok_or_else(|| refuse(404))?;
        let now = self.server_time();
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        if !conversation.has(me) {
            if conversation.members.len() >= MEMBERS_MAX {
                return Err(refuse(20116));
            }
            conversation.members.push(Member { user: me, rank: Rank::Member, since: now });
            self.tell_change(id, "JOIN", me, me, &[]);
        }
        self.conversation_get(me, id)
    }

    fn conversation_exit(&mut self, me: UserId, id: ConversationId) -> Answer {
        let conversation = self.conversations.get_mut(&id).ok_or_else(|| refuse(404))?;
        if conversation.kind != Kind::Group {
            return Err(refuse(403));
        }
        let view = self.conversation_get(me, id)?;
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.members.retain(|member| member.user != me);
        }
        self.tell_change(id, "EXIT", me, me, &[me]);
        Ok(view)
    }

    fn tell_change(&mut self, id: ConversationId, action: &str, who: UserId, by: UserId, also: &[UserId]) {
        let change =
            json!({"action": action, "participant_id": who.to_string(), "user_id": by.to_string(), "role": ""});
        self.tell_group(id, &change, also);
    }

    /// A `SYSTEM_CONVERSATION` for every member, and for those who just were.
    fn tell_group(&mut self, id: ConversationId, change: &Value, also: &[UserId]) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let to: Vec<UserId> =
            conversation.members.iter().map(|member| member.user).chain(also.iter().copied()).collect();
        self.announce(id, "SYSTEM_CONVERSATION", change, &to);
    }

    /// What a phone needs to know of a conversation: its kind, and the apps in it with their numbers.
    pub(super) fn apps_in(&self, id: ConversationId) -> Vec<(UserId, String)> {
        let members = self.conversations.get(&id).into_iter().flat_map(|conversation| &conversation.members);
        let people = members.filter_map(|member| self.people.get(member.user));
        people.filter(|person| person.app).map(|person| (person.id, person.number.clone())).collect()
    }

    pub(super) fn conversation_view(&self, conversation: &Conversation) -> Value {
        let people = conversation.members.iter().filter_map(|member| self.people.get(member.user));
        let sessions = people.map(|person| {
            json!({"type": "participant", "user_id": person.id.to_string(), "session_id": person.session_id.to_string(),
                   "public_key": person.session_x25519()})
        });
        let group = conversation.kind == Kind::Group;
        json!({
            "type": "conversation",
            "conversation_id": conversation.id.to_string(),
            "creator_id": conversation.creator.to_string(),
            "category": if group { "GROUP" } else { "CONTACT" },
            "name": conversation.name,
            "icon_url": "",
            "announcement": conversation.announcement,
            "created_at": conversation.created_at.to_rfc3339(),
            "code_id": if group { conversation.code.to_string() } else { String::new() },
            "code_url": if group { format!("https://mixin.one/codes/{}", conversation.code) } else { String::new() },
            "mute_until": NEVER,
            "expire_in": conversation.expire_in,
            "participants": conversation.members.iter().map(|member| json!({
                "type": "participant", "user_id": member.user.to_string(), "role": member.rank.word(),
                "created_at": member.since.to_rfc3339(),
            })).collect::<Vec<_>>(),
            "participant_sessions": sessions.collect::<Vec<_>>(),
            "circles": [],
        })
    }
}

fn check_length(field: &str, text: &str, least: usize, most: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if (least..=most).contains(&length) { Ok(()) } else { Err(bad(field, format!("{least} to {most} characters"))) }
}

/// `[{"user_id"}, …]`, each once.
fn participants(list: &Value) -> Result<Vec<UserId>, Refusal> {
    let list = list.as_array().ok_or_else(|| bad("participants", "must be an array"))?;
    let mut users = Vec::with_capacity(list.len().min(MEMBERS_MAX));
    for item in list.iter().take(MEMBERS_MAX + 1) {
        let user = UserId(uuid(item, "user_id")?);
        if users.contains(&user) {
            return Err(bad("participants", "a user twice"));
        }
        users.push(user);
    }
    Ok(users)
}
