//! Whom one deals with: the record of a person, warnings before consent, the signed card of a trade, and what a pasted
//! card or a code is.

use crate::chat::cards::{Page, head, overview, parties_lines, say_button, who};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::trust::{Differs, Sums, TrustLabel, TrustLine};
use crate::chat::say::{self, Label, Lang, Line, Money, Title, Who};
use crate::chat::trust::{BLOCKED_MAX, Known, Record};
use crate::chat::{Button, Colour, House, Person, Post, View, lookalike, sealed, text};
use crate::id::UserId;
use crate::money::Amount;
use crate::trade::terms::Asset;
use crate::trade::{Refusal, Role};

/// So many times what somebody ever settled is far above it.
const JUMP: u128 = 5;

/// How somebody has traded here, in one line; `None` when nothing can be known where this page is shown.
#[must_use]
pub fn record(view: &View<'_>, person: UserId) -> Option<Line> {
    let record = view.known.records.get(&person)?;
    Some(record_line(record, view.who(person)))
}

fn record_line(record: &Record, of: Who) -> Line {
    let Record { bought, sold, good, bad, ruled_against, since, .. } = *record;
    Line::Trust(TrustLine::Record { of, sums: Sums { bought, sold, good, bad, ruled_against, since } })
}

/// What somebody should know of the other side before they consent to this price.
pub(super) fn before_consent(view: &View<'_>, person: UserId) -> Vec<Line> {
    let Some(other) = (view.people)(person).filter(|_| person != view.viewer) else { return Vec::new() };
    let terms = &view.trade.terms;
    of_person(view.known, view.house, &other, (&terms.asset, terms.price))
}

/// The same of anybody, by what is known.
pub(super) fn of_person(known: &Known, house: &House, other: &Person, price: (&Asset, Amount)) -> Vec<Line> {
    let Some(record) = known.records.get(&other.id) else { return Vec::new() };
    let name = || who(Some(other.clone()), Who::Stranger);
    let met = known.partners.contains(&other.id);
    let first = if met { TrustLine::AgainWith(name()) } else { TrustLine::FirstWith(name()) };
    // Of somebody who never traded that goes without saying.
    let first = (record.settled_trades() > 0).then_some(first);
    let bot = lookalike::claims(&other.name, &house.bot_name)
        .then(|| TrustLine::LikeBot { name: name(), number: house.bot_number.clone() });
    let alike = |one: &&Person| one.id != other.id && lookalike::alike(&one.name, &other.name);
    let alike = known.met.iter().find(alike).filter(|_| !met);
    let alike = alike.map(|one| TrustLine::LikeOther { name: name(), known: who(Some(one.clone()), Who::Stranger) });
    let most = record.highest.get(&price.0.id).filter(|most| price.1.units() / JUMP > most.units());
    let jump = most
        .map(|most| TrustLine::PriceJump { of: name(), most: Money { amount: *most, symbol: price.0.symbol.clone() } });
    let lines = first.into_iter().chain(bot).chain(alike).chain(jump).map(Line::Trust);
    std::iter::once(record_line(record, name())).chain(lines).collect()
}

/// On the proposal of somebody the viewer never traded with.
pub(super) fn block_button(view: &View<'_>) -> Option<Button> {
    let stranger = !view.known.partners.contains(&view.trade.terms.proposer);
    stranger.then(|| view.says(&Label::Trust(TrustLabel::Block), Colour::Stop, Word::Block))
}

// ---- the card

/// A line, as it is written down for everybody, of no reader in particular.
fn own(lang: Lang, line: TrustLine) -> String {
    say::words(lang, &Line::Trust(line))
}

fn side_line(view: &View<'_>, role: Role) -> Option<TrustLine> {
    let Person { name, number, .. } = (view.people)(view.trade.person(role)?)?;
    Some(TrustLine::CardSide { role, name: text::quoted_name(&name), number })
}

/// What a card says of the trade now, unsigned; `None` before both have agreed.
fn card_words(view: &View<'_>) -> Option<String> {
    let trade = view.trade;
    trade.parties?;
    let sides = [side_line(view, Role::Buyer)?, side_line(view, Role::Seller)?];
    let price = TrustLine::CardPrice { amount: trade.terms.price, label: trade.terms.asset.label() };
    let bot = TrustLine::CardBot { number: view.house.bot_number.clone() };
    let date = TrustLine::CardDate { stamp: sealed::stamp(view.until(view.now).date) };
    let lines = sides.into_iter().chain([price, bot, date]).map(|line| own(view.lang, line));
    Some(std::iter::once(head(trade)).chain(lines).collect::<Vec<_>>().join("\n"))
}

/// The card, to be forwarded. `seal` puts the bot's signature under it.
#[must_use]
pub fn trade_card(view: &View<'_>, seal: &dyn Fn(&str) -> String) -> Vec<Post> {
    if view.trade.role_of(view.viewer).is_none() {
        return super::refusal(None, Refusal::NotYours, view.lang);
    }
    let page = Page::about(view, Title::Trade);
    let Some(words) = card_words(view) else {
        return page
            .line(&Line::Trust(TrustLine::CardLater))
            .buttons([view.status_button(), view.why_button()])
            .posts();
    };
    let mut posts = page.line(&Line::Trust(TrustLine::Forward)).posts();
    posts.push(Post::Text(seal(&words)));
    posts
}

/// A card whose seal is good. `view` of its trade when the reader is a party.
#[must_use]
pub fn genuine(card: &sealed::Sealed, view: Option<&View<'_>>, house: &House, lang: Lang) -> Vec<Post> {
    let stamp = sealed::date(&card.words).unwrap_or_default().to_owned();
    let mut lines = vec![TrustLine::Genuine { stamp, code: card.code.clone() }];
    lines.extend(card.more.then_some(TrustLine::OnlyBetween));
    lines.push(match view {
        None => TrustLine::NotParty,
        Some(view) if card.words.starts_with(&sealed::canonical(&head(view.trade))) => TrustLine::Unchanged,
        Some(view) => TrustLine::Since {
            then: sealed::state(&card.words).unwrap_or_default().to_owned(),
            now: view.trade.state.name().to_owned(),
        },
    });
    told(lines, view, house, lang)
}

/// A card whose seal does not fit. What differs is told to parties alone.
#[must_use]
pub fn altered(card: &sealed::Sealed, view: Option<&View<'_>>, house: &House, lang: Lang) -> Vec<Post> {
    let differs = view.map(|view| differs(card, view)).unwrap_or_default();
    told(vec![TrustLine::Altered(differs)], view, house, lang)
}

fn differs(card: &sealed::Sealed, view: &View<'_>) -> Vec<Differs> {
    let says = |line: &TrustLine| {
        let said = |lang| card.words.contains(&sealed::canonical(&own(lang, line.clone())));
        Lang::ALL.into_iter().any(said)
    };
    let mut found = Vec::new();
    for role in [Role::Buyer, Role::Seller] {
        if let Some(line @ TrustLine::CardSide { .. }) = side_line(view, role)
            && !says(&line)
            && let TrustLine::CardSide { role, name, number } = line
        {
            found.push(Differs::Side { role, name, number });
        }
    }
    let terms = &view.trade.terms;
    let (amount, label) = (terms.price, terms.asset.label());
    if !says(&TrustLine::CardPrice { amount, label: label.clone() }) {
        found.push(Differs::Price(format!("{amount} {label}")));
    }
    let number = view.house.bot_number.clone();
    if !says(&TrustLine::CardBot { number: number.clone() }) {
        found.push(Differs::Bot(number));
    }
    if found.is_empty() {
        found.push(Differs::Other);
    }
    found
}

/// What was pasted is no card of ours, or cannot be looked at.
#[must_use]
pub fn no_card(line: TrustLine, house: &House, lang: Lang) -> Vec<Post> {
    told(vec![line], None, house, lang)
}

fn told(lines: Vec<TrustLine>, view: Option<&View<'_>>, house: &House, lang: Lang) -> Vec<Post> {
    let me = TrustLine::Me { number: house.bot_number.clone() };
    let lines: Vec<Line> = lines.into_iter().chain([me]).map(Line::Trust).collect();
    match view {
        Some(view) => Page::about(view, Title::Trade).lines(&lines).button(view.status_button()).posts(),
        None => Page::new(lang, Title::Trade).lines(&lines).button(overview::trades_button(lang)).posts(),
    }
}

// ---- a code

/// To a party: the trade is this bot's, and these are its sides and its price.
#[must_use]
pub fn code_is_yours(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Trade)
        .line(&Line::Trust(TrustLine::Yours { code: view.trade.code.clone() }))
        .lines(&parties_lines(view))
        .line(&view.own_number())
        .button(view.status_button())
        .button(view.says(&Label::Trust(TrustLabel::Card), Colour::Plain, Word::Card))
        .posts()
}

/// To anybody else: whether there is such a trade, and nothing of it.
#[must_use]
pub fn code_is(code: &str, there: bool, house: &House, lang: Lang) -> Vec<Post> {
    let code = code.to_owned();
    told(vec![if there { TrustLine::Others { code } } else { TrustLine::NoTrade { code } }], None, house, lang)
}

// ---- talk

/// A line by itself.
#[must_use]
pub fn trust_line(line: TrustLine, lang: Lang) -> Vec<Post> {
    Page::new(lang, Title::Trade).line(&Line::Trust(line)).button(overview::trades_button(lang)).posts()
}

/// Too fast: a text and nothing to tap.
#[must_use]
pub fn slower(wait: crate::time::Millis, lang: Lang) -> Vec<Post> {
    Page::new(lang, Title::Trade).line(&Line::Trust(TrustLine::Slower { wait })).posts()
}

/// Whom somebody keeps away, and how to change that.
#[must_use]
pub fn blocks(people: Vec<Person>, lang: Lang) -> Vec<Post> {
    let people = people.into_iter().map(|person| who(Some(person), Who::Stranger)).collect();
    let lines = [TrustLine::Blocks(people), TrustLine::BlockHow].map(Line::Trust);
    Page::new(lang, Title::Trade).lines(&lines).button(overview::trades_button(lang)).posts()
}

/// Somebody is kept away from now on, or not any more.
#[must_use]
pub fn blocked(person: Person, now: bool, lang: Lang) -> Vec<Post> {
    let whom = who(Some(person), Who::Stranger);
    trust_line(if now { TrustLine::Blocked(whom) } else { TrustLine::Unblocked(whom) }, lang)
}

/// They keep as many away as one may.
#[must_use]
pub fn blocks_full(lang: Lang) -> Vec<Post> {
    trust_line(TrustLine::BlockFull { most: BLOCKED_MAX }, lang)
}

// ---- after the end

/// The question how it was, for who has not said it yet.
pub(super) fn rating(view: &View<'_>) -> Option<Line> {
    view.trade.may_rate(view.viewer).then(|| Line::Trust(TrustLine::HowWasIt(view.other())))
}

pub(super) fn rating_buttons(view: &View<'_>) -> Vec<Button> {
    let grade = |label, colour, words: &str| {
        let typed = Typed { words: words.to_owned(), ..Typed::about(Word::Rate, &view.trade.code) };
        say_button(view.lang, &Label::Trust(label), colour, &typed)
    };
    let may = view.trade.may_rate(view.viewer);
    let both = [grade(TrustLabel::Good, Colour::Go, "good"), grade(TrustLabel::Bad, Colour::Stop, "bad")];
    both.into_iter().filter(|_| may).collect()
}

/// The word was not understood: asked again.
#[must_use]
pub fn ask_rating(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Trade)
        .lines(&rating(view))
        .buttons(rating_buttons(view))
        .button(view.status_button())
        .posts()
}

/// It is noted.
#[must_use]
pub fn rated(view: &View<'_>, good: bool) -> Vec<Post> {
    Page::about(view, Title::Trade)
        .line(&Line::Trust(TrustLine::Rated { of: view.other(), good }))
        .button(overview::trades_button(view.lang))
        .posts()
}
