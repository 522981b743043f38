//! Does what a person asked for, and answers. Everything here happens inside one commit.

mod cases;
mod deals;
mod trust;
mod problem;

use super::desk::Desk;
use super::gate;
use super::input::Purpose;
use super::jobs::{FindBody, Whom};
use super::pages::{self, Cause, lang};
use super::trust::known;
use super::{groups, rooms};
use crate::chat::say::{Line, Naming};
use crate::chat::text::CODE_LETTERS;
use crate::chat::{Act, Audience, Binding, Dialog, Draft, Person, Post, View, cards};
use crate::id::{self, IdSecret, JobId, MessageId, TradeId, UserId};
use crate::mixin::blaze::InboundMessage;
use crate::mixpay::Class;
use crate::time::Millis;
use crate::trade::decide::propose;
use crate::trade::terms::{Counterparty, Terms};
use crate::trade::{Command, Notice, Refusal, State, Trade};

/// In place of a trade's code while it has none.
const UNCODED: &str = "";
/// Codes tried for a new trade before it is given up: one in a billion is taken.
const CODE_ROUNDS: u32 = 3;
const HOUR: Millis = Millis::from_hours(1);

/// A person, what they said, and what the answer derives its ids from.
#[derive(Clone, Copy)]
struct Asked<'a> {
    by: UserId,
    message: MessageId,
    /// Service time at which it counts.
    at: Millis,
    cause: Cause<'a>,
}

pub(super) fn perform(desk: &mut Desk<'_>, message: &InboundMessage, act: Act) {
    let asked = Asked {
        by: message.user_id,
        message: message.message_id,
        // Its server time is when it counts; a clock that runs ahead gains nobody anything.
        at: desk.service_at(message.created_at).min(desk.service()),
        cause: Cause { id: message.message_id.0, purpose: "reply" },
    };
    match act {
        Act::Say(lines) => say_lines(desk, asked, &lines),
        Act::ShowDraft => show_draft(desk, asked.by, asked.cause, None),
        Act::NameByNumber(number) => name_by_number(desk, asked, number),
        Act::NameByContact(person) => find(desk, asked, Whom::Id(person)),
        Act::Propose { token } => propose_draft(desk, asked, &token),
        Act::Trades => {
            let posts = {
                let open: Vec<&Trade> = desk.trades_of(asked.by).into_iter().filter(|t| !t.state.is_end()).collect();
                cards::trades(&open, asked.by, lang(desk, asked.by))
            };
            reply(desk, asked, posts);
        }
        Act::Verify { words } => trust::verify(desk, asked, &words),
        Act::Trust(act) => trust::perform(desk, asked, act),
        Act::Join { code } => join(desk, asked, &code),
        Act::Problem(act) => problem::perform(desk, asked, message, act),
        Act::Case(act) => cases::perform(desk, asked, act),
        act => on_trade(desk, asked, &act),
    }
}

fn reply(desk: &mut Desk<'_>, asked: Asked<'_>, posts: Vec<Post>) {
    pages::say(desk, asked.cause, Audience::Person(asked.by), posts);
}

fn say_lines(desk: &mut Desk<'_>, asked: Asked<'_>, lines: &[Line]) {
    let posts = cards::lines(lines, Some(&desk.shop.house), lang(desk, asked.by));
    reply(desk, asked, posts);
}

fn show(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, page: impl FnOnce(&View<'_>) -> Vec<Post>) {
    pages::show(desk, asked.cause, trade, asked.by, page);
}

// ---- drafts

/// Shows the person's draft with a fresh token; with a problem of naming the other side, that first.
fn show_draft(desk: &mut Desk<'_>, person: UserId, cause: Cause<'_>, problem: Option<Naming>) {
    let Some(draft) = desk.person_mut(person).dialog.draft().cloned() else {
        let posts = cards::lines(&[Line::NoDraft], Some(&desk.shop.house), lang(desk, person));
        pages::say(desk, cause, Audience::Person(person), posts);
        return;
    };
    let numbers = terms(desk, person, &draft, UNCODED).hash();
    let token = pages::draft_token(desk, cause, person, numbers);
    let posts = {
        let people = |id: UserId| desk.found.persons.get(&id).map(|row| row.person.clone());
        let (house, lang, known) = (&desk.shop.house, lang(desk, person), known(desk, person, draft.other));
        match problem {
            Some(problem) => cards::naming(problem, &draft, &token, house, &people, lang, &known),
            None => cards::draft(&draft, &token, house, &people, lang, &known),
        }
    };
    pages::say(desk, cause, Audience::Person(person), posts);
}

fn name_by_number(desk: &mut Desk<'_>, asked: Asked<'_>, number: String) {
    let known = desk.found.persons.values().find(|row| row.person.number == number && row.reachable);
    if let Some(person) = known.map(|row| row.person.id) {
        name(desk, asked.by, asked.cause, person, true);
        return;
    }
    let now = desk.now;
    desk.searches.made.retain(|made| now.since(*made) < HOUR);
    let locked = desk.searches.locked_until.is_some_and(|until| now < until);
    if locked || desk.searches.made.len() >= desk.shop.searches_per_hour {
        show_draft(desk, asked.by, asked.cause, Some(Naming::SearchResting));
        return;
    }
    desk.searches.made.push(now);
    desk.changes.searches = Some(desk.searches.clone());
    // Where they are named among others, those are asked first.
    let group = desk.person_mut(asked.by).group;
    find(desk, asked, group.map_or(Whom::Number(number.clone()), |group| Whom::Member { group, number }));
}

fn find(desk: &mut Desk<'_>, asked: Asked<'_>, whom: Whom) {
    let id = JobId(desk.shop.keys.ids.uuid(asked.message.0, "find", 0));
    let body = FindBody { whom, purpose: Purpose::Counterparty { of: asked.by } };
    desk.find(id, &id, &body);
}

/// A looked-up counterparty came back.
pub(super) fn counterparty(desk: &mut Desk<'_>, of: UserId, job: JobId, found: UserId, reachable: bool) {
    name(desk, of, Cause { id: job.0, purpose: "found" }, found, reachable);
}

/// The counterparty could not be looked up.
pub(super) fn no_counterparty(desk: &mut Desk<'_>, of: UserId, job: JobId, why: Naming) {
    show_draft(desk, of, Cause { id: job.0, purpose: "found" }, Some(why));
}

/// Who can be no party hears that first: they are often not reachable either.
fn name(desk: &mut Desk<'_>, of: UserId, cause: Cause<'_>, other: UserId, reachable: bool) {
    let row = desk.found.persons.get(&other).map(|row| row.person.clone());
    let problem = naming_problem(desk, of, other, row.as_ref()).or((!reachable).then_some(Naming::NotFound));
    if problem.is_none()
        && let Dialog::Draft(draft) = &mut desk.person_mut(of).dialog
    {
        draft.other = Some(other);
    }
    show_draft(desk, of, cause, problem);
}

fn naming_problem(desk: &Desk<'_>, of: UserId, other: UserId, row: Option<&Person>) -> Option<Naming> {
    let house = &desk.shop.house;
    if other == of {
        return Some(Naming::Yourself);
    }
    if other == house.bot || other == house.fee.receiver || desk.judges.present().contains(&other) {
        return Some(Naming::TakesNoSide);
    }
    match row {
        None => Some(Naming::NotFound),
        Some(person) if person.is_bot => Some(Naming::IsBot),
        Some(person) if !person.has_safe => Some(Naming::NoSafe),
        Some(_) => None,
    }
}

/// Codes a message may give to a new trade, in order of preference.
pub(super) fn codes_of(ids: &IdSecret, message: MessageId) -> impl Iterator<Item = String> + '_ {
    (0..CODE_ROUNDS).map(move |round| id::crockford(&ids.derive(message.0, "code", round), CODE_LETTERS))
}

fn propose_draft(desk: &mut Desk<'_>, asked: Asked<'_>, token: &str) {
    let Some(draft) = desk.person_mut(asked.by).dialog.draft().cloned() else {
        let posts = cards::token_stale(None, lang(desk, asked.by));
        return reply(desk, asked, posts);
    };
    // The whole terms as they would be proposed now: a fee that was changed since is not agreed to.
    let numbers = terms(desk, asked.by, &draft, UNCODED).hash();
    if !redeem(desk, asked, token, None, Binding::Propose, numbers) {
        let posts = cards::token_stale(None, lang(desk, asked.by));
        return reply(desk, asked, posts);
    }
    if let Some(posts) = may_not_propose(desk, asked, &draft) {
        return reply(desk, asked, posts);
    }
    let used = |code: &String| desk.found.trades.values().any(|trade| trade.code == *code);
    let Some(code) = codes_of(&desk.shop.keys.ids, asked.message).find(|code| !used(code)) else {
        let posts = cards::token_stale(None, lang(desk, asked.by));
        return reply(desk, asked, posts);
    };
    let terms = terms(desk, asked.by, &draft, &code);
    match propose(asked.message.0, code, terms, desk.context(asked.at)) {
        Ok(event) => {
            desk.person_mut(asked.by).dialog = Dialog::Idle;
            if let Some(trade) = desk.born(event) {
                show(desk, asked, trade, cards::invitation);
                groups::offered(desk, asked.cause, asked.by, trade);
            }
        }
        Err(error) => {
            let posts = cards::terms_refused(error, lang(desk, asked.by));
            reply(desk, asked, posts);
        }
    }
}

fn may_not_propose(desk: &Desk<'_>, asked: Asked<'_>, draft: &Draft) -> Option<Vec<Post>> {
    let (house, lang) = (&desk.shop.house, lang(desk, asked.by));
    // Being named by others uses up nobody's room.
    let open =
        desk.trades_of(asked.by).iter().filter(|trade| !trade.state.is_end() && commits(trade, asked.by)).count();
    if open >= house.open_max {
        return Some(cards::open_max(house, lang));
    }
    let terms = terms(desk, asked.by, draft, UNCODED);
    if let Some(closed) = gate::to_propose(desk, asked.by, draft.other, &terms) {
        return Some(cards::closed(closed, house, None, lang));
    }
    (!has_safe(desk, asked.by)).then(|| cards::lines(&[Line::Naming(Naming::NoSafeYours)], None, lang))
}

fn terms(desk: &Desk<'_>, proposer: UserId, draft: &Draft, code: &str) -> Terms {
    let house = &desk.shop.house;
    Terms {
        item: draft.item.clone(),
        asset: draft.asset.clone(),
        price: draft.price,
        fee: house.fee.clone(),
        periods: house.periods,
        judges: desk.judges.present().to_vec(),
        unruled: house.unruled,
        ruling_delay: house.ruling_delay.of(draft.asset.id, draft.price),
        proposer,
        role: draft.role,
        counterparty: draft.other.map_or_else(|| Counterparty::Invited(code.to_owned()), Counterparty::Named),
        bot: house.bot,
    }
}

// ---- trades

/// Whoever brings the code of an invitation sees its terms; nothing binds before they accept by token.
fn join(desk: &mut Desk<'_>, asked: Asked<'_>, code: &str) {
    let lang = lang(desk, asked.by);
    let Some(trade) = by_code(desk, code) else {
        return reply(desk, asked, cards::unknown_code(code, lang));
    };
    let id = trade.id;
    let invited = matches!(trade.terms.counterparty, Counterparty::Invited(_));
    if asked.by == trade.terms.proposer {
        return show(desk, asked, id, |view| cards::refusal(Some(view), Refusal::SamePerson, lang));
    }
    if trade.role_of(asked.by).is_some() {
        return show(desk, asked, id, cards::status);
    }
    if !invited || !matches!(trade.state, State::Proposed { .. }) {
        return reply(desk, asked, cards::unknown_code(code, lang));
    }
    if trade.joiner.is_some() {
        return reply(desk, asked, cards::refusal(None, Refusal::Taken, lang));
    }
    if !has_safe(desk, asked.by) {
        return reply(desk, asked, cards::lines(&[Line::Naming(Naming::NoSafeYours)], None, lang));
    }
    show(desk, asked, id, |view| cards::notice(view, Notice::Proposal));
}

fn has_safe(desk: &Desk<'_>, person: UserId) -> bool {
    desk.found.persons.get(&person).is_some_and(|row| row.person.has_safe)
}

fn by_code<'d>(desk: &'d Desk<'_>, code: &str) -> Option<&'d Trade> {
    desk.found.trades.values().find(|trade| trade.code == code)
}

/// Whether a person has written, accepted or joined this trade; somebody merely named in it has not.
fn commits(trade: &Trade, person: UserId) -> bool {
    trade.terms.proposer == person || trade.joiner == Some(person) || trade.parties.is_some()
}

/// The trade that is meant: by code, or the only open one. Answers for itself when there is none or more than one.
fn which(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<&str>, act: &Act) -> Option<TradeId> {
    let lang = lang(desk, asked.by);
    if let Some(code) = code {
        // An invitation may be accepted by whoever holds its code; everything else is for those who have a part.
        let may = |trade: &&Trade| {
            let open = matches!(trade.terms.counterparty, Counterparty::Invited(_))
                && matches!(trade.state, State::Proposed { .. });
            let present = desk.judges.present().contains(&asked.by);
            let judges = present && (trade.judged_by(asked.by) || trade.may_stop(asked.by));
            trade.role_of(asked.by).is_some()
                || judges && matches!(act, Act::Status { .. } | Act::Why { .. })
                || open && matches!(act, Act::Accept { .. } | Act::Decline { .. })
        };
        let found = by_code(desk, code).filter(may).map(|trade| trade.id);
        if found.is_none() {
            reply(desk, asked, cards::unknown_code(code, lang));
        }
        return found;
    }
    let posts = {
        let mut open: Vec<&Trade> = desk.trades_of(asked.by).into_iter().filter(|t| !t.state.is_end()).collect();
        // A proposal that waits for an answer is meant only by what answers it: however many there are, they hide nothing.
        if trust::prefers_committed(act, &open, asked.by) {
            open.retain(|trade| commits(trade, asked.by));
        }
        match open.as_slice() {
            [one] => return Some(one.id),
            [] => cards::trades(&[], asked.by, lang),
            many => cards::which_trade(many, asked.by, act, lang),
        }
    };
    reply(desk, asked, posts);
    None
}

fn on_trade(desk: &mut Desk<'_>, asked: Asked<'_>, act: &Act) {
    let code = match act {
        Act::Invite { code }
        | Act::Accept { code, .. }
        | Act::Decline { code }
        | Act::Confirm { code, .. }
        | Act::TurnAway { code }
        | Act::Cancel { code, .. }
        | Act::Deliver { code }
        | Act::Split { code, .. }
        | Act::Extend { code, .. }
        | Act::Take { code, .. }
        | Act::AgreeClaim { code, .. }
        | Act::RefuseClaim { code }
        | Act::LookNow { code }
        | Act::Want { code, .. }
        | Act::Status { code }
        | Act::Kit { code }
        | Act::Room { code }
        | Act::Why { code } => code.clone(),
        _ => None,
    };
    let Some(trade) = which(desk, asked, code.as_deref(), act) else { return };
    let joiner = desk.found.trades.get(&trade).and_then(|trade| trade.joiner);
    match act {
        Act::Invite { .. } => show(desk, asked, trade, cards::invitation),
        Act::Status { .. } => show(desk, asked, trade, cards::status),
        Act::Why { .. } => show(desk, asked, trade, cards::why),
        Act::Kit { .. } => show(desk, asked, trade, cards::kit),
        Act::Room { .. } => rooms::ask(desk, asked.cause, asked.by, trade),
        Act::LookNow { .. } => {
            desk.look(trade, Millis(0));
            desk.ask(trade, Class::Look);
            show(desk, asked, trade, cards::looking);
        }
        Act::Want { kind, .. } => match desk.decide(trade, &Command::Want { by: asked.by, kind: *kind }, asked.at) {
            Ok(_) => show(desk, asked, trade, cards::status),
            Err(refusal) => refused(desk, asked, trade, refusal),
        },
        Act::Accept { token, .. } => accept(desk, asked, trade, token.as_deref()),
        Act::Confirm { token, .. } => {
            let Some(joiner) = joiner else { return show(desk, asked, trade, cards::status) };
            let command = Command::Confirm { by: asked.by, joiner };
            if shut(desk, asked, trade) {
                return;
            }
            bind(desk, asked, trade, token.as_deref(), Binding::Confirm, &command);
        }
        Act::TurnAway { .. } => match joiner {
            Some(joiner) => command(desk, asked, trade, &Command::TurnAway { by: asked.by, joiner }),
            None => show(desk, asked, trade, cards::status),
        },
        Act::AgreeClaim { .. } | Act::RefuseClaim { .. } => deals::claimed(desk, asked, trade, act),
        Act::Decline { .. } => deals::decline(desk, asked, trade),
        Act::Cancel { token, .. } => cancel(desk, asked, trade, token.as_deref()),
        Act::Take { token, .. } => deals::take(desk, asked, trade, token.as_deref()),
        Act::Extend { more, token, .. } => deals::extend(desk, asked, trade, more, token.as_deref()),
        Act::Split { part, token, .. } => deals::split(desk, asked, trade, part, token.as_deref()),
        Act::Deliver { .. } => command(desk, asked, trade, &Command::Deliver { by: asked.by }),
        _ => {}
    }
}

fn accept(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, token: Option<&str>) {
    if !has_safe(desk, asked.by) {
        let posts = cards::lines(&[Line::Naming(Naming::NoSafeYours)], None, lang(desk, asked.by));
        return reply(desk, asked, posts);
    }
    if shut(desk, asked, trade) {
        return;
    }
    let Some(terms_hash) = desk.found.trades.get(&trade).map(|trade| trade.terms_hash) else { return };
    bind(desk, asked, trade, token, Binding::Accept, &Command::Accept { by: asked.by, terms_hash });
}

/// Answers when the operator's halts or caps keep this proposal from being agreed to now; its token is not used up.
fn shut(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId) -> bool {
    let Some(closed) = gate::to_agree(desk, asked.by, trade) else { return false };
    let (house, lang) = (desk.shop.house.clone(), lang(desk, asked.by));
    show(desk, asked, trade, |view| cards::closed(closed, &house, Some(view), lang));
    true
}

fn cancel(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, token: Option<&str>) {
    let act = Command::Cancel { by: asked.by };
    // Once something was paid in, or is on its way, ending the trade sends money back: that binds.
    let paid = desk.found.trades.get(&trade).is_some_and(|t| {
        matches!(t.state, State::AwaitingPayment { .. }) && (!t.deposits.is_empty() || t.coming().is_some())
    });
    if paid || token.is_some() {
        bind(desk, asked, trade, token, Binding::Cancel, &act);
    } else {
        command(desk, asked, trade, &act);
    }
}

/// An act that binds: with its token it is done, without one it is shown once more with a button that carries one.
/// Whether its token was good.
fn bind(
    desk: &mut Desk<'_>,
    asked: Asked<'_>,
    trade: TradeId,
    token: Option<&str>,
    act: Binding,
    command_: &Command,
) -> bool {
    let Some(row) = desk.found.trades.get(&trade) else { return false };
    let numbers = pages::numbers(row, act);
    // A refusal needs no token: it is told rather than asking for one first.
    if let Err(refusal) = crate::trade::decide(row, command_, desk.context(asked.at)) {
        refused(desk, asked, trade, refusal);
        return false;
    }
    match token {
        None => show(desk, asked, trade, |view| cards::need_token(view, act)),
        Some(token) if redeem(desk, asked, token, Some(trade), act, numbers) => {
            command(desk, asked, trade, command_);
            return true;
        }
        Some(_) => {
            let lang = lang(desk, asked.by);
            show(desk, asked, trade, |view| cards::token_stale(Some(view), lang));
        }
    }
    false
}

/// Uses a token up, if it is this person's for this act on this trade with these numbers, and in time.
fn redeem(
    desk: &mut Desk<'_>,
    asked: Asked<'_>,
    token: &str,
    trade: Option<TradeId>,
    act: Binding,
    numbers: crate::id::Hash,
) -> bool {
    let server = desk.server();
    let Some(row) = desk.found.tokens.get_mut(token) else { return false };
    let good = row.person == asked.by && row.trade == trade && row.act == act && row.numbers == numbers;
    if !good || row.used || row.expires <= server {
        return false;
    }
    row.used = true;
    desk.changes.tokens.push(row.clone());
    true
}

/// Does it and, when the law says no, tells why. What follows from a yes is told by the notices.
fn command(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, command: &Command) {
    if let Err(refusal) = desk.decide(trade, command, asked.at) {
        refused(desk, asked, trade, refusal);
    }
}

fn refused(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, refusal: Refusal) {
    let lang = lang(desk, asked.by);
    show(desk, asked, trade, |view| cards::refusal(Some(view), refusal, lang));
}
