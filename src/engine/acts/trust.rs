//! Whom one deals with: a trade's card and what is said to be one, ratings, and people to keep away.

use super::{Asked, by_code, commits, refused, reply, show, which};
use crate::chat::commands::read_code;
use crate::chat::say::trust::TrustLine;
use crate::chat::sealed::{self, NoCard};
use crate::chat::trust::BLOCKED_MAX;
use crate::chat::{Act, Links, Person, TrustAct, cards, text};
use crate::engine::card::{self, Verdict};
use crate::engine::desk::Desk;
use crate::engine::links::MixinLinks;
use crate::engine::pages::lang;
use crate::engine::verify;
use crate::id::{TradeId, UserId};
use crate::trade::{Command, Counterparty, State, Trade};

pub(super) fn perform(desk: &mut Desk<'_>, asked: Asked<'_>, act: TrustAct) {
    match act {
        TrustAct::Card { code } => {
            let meant = Act::Trust(TrustAct::Card { code: code.clone() });
            let Some(trade) = which(desk, asked, code.as_deref(), &meant) else { return };
            let shop = desk.shop;
            show(desk, asked, trade, |view| cards::trade_card(view, &|words| card::seal(words, &shop.keys.kits)));
        }
        TrustAct::Rate { code, words } => rate(desk, asked, code, &words),
        TrustAct::Block { words } => block(desk, asked, &words),
        TrustAct::Unblock { words } => unblock(desk, asked, &words),
        TrustAct::PayLink { words } => pay_link(desk, asked, &words),
    }
}

// ---- what is this?

/// A card, a code, or a request's link.
pub(super) fn verify(desk: &mut Desk<'_>, asked: Asked<'_>, words: &str) {
    if sealed::holds(words) {
        return check_card(desk, asked, words);
    }
    if let Some(code) = code_in(words) {
        return check_code(desk, asked, &code);
    }
    if let Some(line) = verify::ask(desk, asked.by, asked.message, words) {
        let posts = cards::unverified(line, lang(desk, asked.by));
        reply(desk, asked, posts);
    }
}

/// A code by itself, as `verify` and `block` take it: also one of letters alone.
fn code_in(words: &str) -> Option<String> {
    let form = text::command_form(words);
    let word = form.trim_start_matches('#');
    read_code(word).or_else(|| crate::id::crockford_read(word).filter(|code| code.len() == text::CODE_LETTERS))
}

/// The trade, when the asker is one of its two.
fn own_trade(desk: &Desk<'_>, code: &str, by: UserId) -> Option<TradeId> {
    by_code(desk, code).filter(|trade| trade.role_of(by).is_some()).map(|trade| trade.id)
}

fn check_card(desk: &mut Desk<'_>, asked: Asked<'_>, words: &str) {
    let (shop, lang) = (desk.shop, lang(desk, asked.by));
    let house = &shop.house;
    let card = match sealed::read(words) {
        Ok(card) => card,
        Err(NoCard::Several) => return reply(desk, asked, cards::no_card(TrustLine::Several, house, lang)),
        Err(NoCard::None | NoCard::Cut) => return reply(desk, asked, cards::no_card(TrustLine::Cut, house, lang)),
    };
    let verdict = card::check(&card, &shop.keys.kits);
    let posts = match verdict {
        Verdict::Foreign => cards::no_card(TrustLine::NotMine, house, lang),
        Verdict::Cut => cards::no_card(TrustLine::Cut, house, lang),
        Verdict::Genuine | Verdict::Altered => {
            let answer = if verdict == Verdict::Genuine { cards::genuine } else { cards::altered };
            match own_trade(desk, &card.code, asked.by) {
                Some(trade) => return show(desk, asked, trade, |view| answer(&card, Some(view), house, lang)),
                None => answer(&card, None, house, lang),
            }
        }
    };
    reply(desk, asked, posts);
}

fn check_code(desk: &mut Desk<'_>, asked: Asked<'_>, code: &str) {
    if let Some(trade) = own_trade(desk, code, asked.by) {
        return show(desk, asked, trade, cards::code_is_yours);
    }
    let posts = cards::code_is(code, by_code(desk, code).is_some(), &desk.shop.house, lang(desk, asked.by));
    reply(desk, asked, posts);
}

/// Somebody pasted a link to pay by: it is theirs, or nobody should pay by it.
fn pay_link(desk: &mut Desk<'_>, asked: Asked<'_>, words: &str) {
    let links = MixinLinks { bot: desk.shop.house.bot, pages: None };
    let is_own = |trade: &&Trade| {
        let mixpay = trade.offered(desk.server()).and_then(|order| order.opened.as_ref());
        let own = [links.pay(trade), mixpay.map(|opened| links.mixpay(&opened.code))];
        let awaits = matches!(trade.state, State::AwaitingPayment { .. });
        awaits && own.into_iter().flatten().any(|link| words.split(' ').any(|word| word == link))
    };
    let own = desk.trades_of(asked.by).into_iter().find(is_own).map(|trade| trade.id);
    if let Some(trade) = own {
        return show(desk, asked, trade, cards::status);
    }
    let posts = cards::trust_line(TrustLine::PayLink, lang(desk, asked.by));
    reply(desk, asked, posts);
}

// ---- how it was

fn rate(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<String>, words: &str) {
    // What is over is not among the open ones: the newest that waits for a word is meant.
    let newest = desk.trades_of(asked.by).into_iter().rev().find(|trade| trade.may_rate(asked.by));
    let code = code.or_else(|| newest.map(|trade| trade.code.clone()));
    let meant = Act::Trust(TrustAct::Rate { code: code.clone(), words: words.to_owned() });
    let Some(trade) = which(desk, asked, code.as_deref(), &meant) else { return };
    let good = match text::command_form(words).as_str() {
        "good" | "+" | "👍" | "好" | "好评" => Some(true),
        "bad" | "-" | "👎" | "差" | "差评" | "不好" => Some(false),
        _ => None,
    };
    // Whoever may not hears that first.
    let rates = Command::Rate { by: asked.by, good: good.unwrap_or(true) };
    let may = desk.found.trades.get(&trade).map(|row| crate::trade::decide(row, &rates, desk.context(asked.at)));
    match (may, good) {
        (Some(Err(refusal)), _) => refused(desk, asked, trade, refusal),
        (_, None) => show(desk, asked, trade, cards::ask_rating),
        (_, Some(good)) => match desk.decide(trade, &rates, asked.at) {
            Ok(_) => show(desk, asked, trade, |view| cards::rated(view, good)),
            Err(refusal) => refused(desk, asked, trade, refusal),
        },
    }
}

// ---- people to keep away

/// Whom words name: the other side of a trade of the asker's, by its code or by their Mixin ID.
fn whom(desk: &Desk<'_>, by: UserId, words: &str) -> Option<Person> {
    let other = |trade: &Trade| trade.role_of(by).and_then(|role| trade.person(role.other()));
    let person = |id: UserId| desk.found.persons.get(&id).map(|row| row.person.clone());
    let by_code = code_in(words).and_then(|code| by_code(desk, &code)).and_then(other).and_then(person);
    by_code.or_else(|| {
        let number = text::number(words)?;
        desk.trades_of(by).into_iter().filter_map(other).filter_map(person).find(|person| person.number == number)
    })
}

fn block(desk: &mut Desk<'_>, asked: Asked<'_>, words: &str) {
    let lang = lang(desk, asked.by);
    if words.is_empty() {
        let blocked: Vec<Person> = desk.person_mut(asked.by).trust.blocked.iter().map(remembered).collect();
        return reply(desk, asked, cards::blocks(blocked, lang));
    }
    let Some(person) = whom(desk, asked.by, words) else {
        return reply(desk, asked, cards::trust_line(TrustLine::BlockWhom, lang));
    };
    let blocked = &mut desk.person_mut(asked.by).trust.blocked;
    if blocked.len() >= BLOCKED_MAX && !blocked.contains_key(&person.id) {
        return reply(desk, asked, cards::blocks_full(lang));
    }
    blocked.insert(person.id, person.number.clone());
    // What they have proposed is answered by it. Whatever was agreed to is not touched.
    let named = |trade: &&Trade| {
        let waits = matches!(trade.state, State::Proposed { .. });
        waits && trade.terms.proposer == person.id && trade.terms.counterparty == Counterparty::Named(asked.by)
    };
    let theirs: Vec<TradeId> = desk.found.trades.values().filter(named).map(|trade| trade.id).collect();
    reply(desk, asked, cards::blocked(person, true, lang));
    for trade in theirs {
        // A refusal means that it is over anyhow.
        let _ = desk.decide(trade, &Command::Decline { by: asked.by }, asked.at);
    }
}

/// Somebody who is kept away, as far as it was written down.
fn remembered((id, number): (&UserId, &String)) -> Person {
    Person { id: *id, number: number.clone(), name: "…".to_owned(), has_safe: true, is_bot: false }
}

fn unblock(desk: &mut Desk<'_>, asked: Asked<'_>, words: &str) {
    let lang = lang(desk, asked.by);
    let named = whom(desk, asked.by, words);
    let number = text::number(words);
    let blocked = &mut desk.person_mut(asked.by).trust.blocked;
    let found = blocked
        .iter()
        .find(|(id, kept)| named.as_ref().is_some_and(|person| person.id == **id) || number.as_ref() == Some(kept));
    let Some(person) = found.map(remembered) else {
        let blocked: Vec<Person> = blocked.iter().map(remembered).collect();
        return reply(desk, asked, cards::blocks(blocked, lang));
    };
    blocked.remove(&person.id);
    reply(desk, asked, cards::blocked(named.unwrap_or(person), false, lang));
}

/// Whether a trade has the asker's word already, for the only one that is meant without a code.
pub(super) fn prefers_committed(act: &Act, open: &[&Trade], by: UserId) -> bool {
    let answers = matches!(act, Act::Accept { .. } | Act::Decline { .. });
    !answers && open.iter().any(|trade| commits(trade, by))
}
