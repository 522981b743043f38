//! The conversation in which somebody writes a trade down, a question at a time or in one line. Pure: the
//! dialog is stored with the person and handed in again.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

mod offer;

use serde::{Deserialize, Serialize};

use crate::chat::commands::{self, Meaning, Read, Shape, Typed, Word};
use crate::chat::danger;
use crate::chat::part;
use crate::chat::price::{self, Problem};
use crate::chat::problem::{self, ProblemAct};
use crate::chat::ruling::{self, Asks};
use crate::chat::say::judge::JudgeLine;
use crate::chat::say::problem::ProblemLine;
use crate::chat::say::split::SplitLine;
use crate::chat::say::trust::TrustLine;
use crate::chat::say::{Lang, Line, Place};
use crate::chat::sealed;
use crate::chat::span;
use crate::chat::text::{self, QUOTED_MAX};
use crate::chat::{Act, CaseAct, Draft, House, TrustAct};
use crate::id::UserId;
use crate::trade::terms::{Asset, Role};

use offer::offer;

/// What a person sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// As written: it is cleaned here.
    Text(String),
    /// A contact card.
    Contact(UserId),
    /// An image, a sticker, anything else.
    Other,
}

/// The counterparty as somebody named them, before it is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// A Mixin ID: digits.
    Number(String),
    Contact(UserId),
}

impl Named {
    fn act(self) -> Act {
        match self {
            Self::Number(number) => Act::NameByNumber(number),
            Self::Contact(person) => Act::NameByContact(person),
        }
    }
}

/// Where a person's dialog stands; a variant carries what has been collected so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialog {
    #[default]
    Idle,
    /// "What is it?" was asked.
    Item { role: Role, other: Option<Named> },
    /// "What is the price?" was asked.
    Price { role: Role, item: String, other: Option<Named> },
    /// "How much should the seller get?" was asked of this trade.
    Split { code: String },
    /// What is said is evidence in the dispute of this trade, until "done"; what was being written waits.
    Evidence { code: String, kept: Box<Self> },
    /// A judge was asked for something in the case of this trade.
    Ruling { code: String, asks: Asks },
    /// Complete: its card was shown. The door puts [`Draft::other`] in when a looked-up person may be a party,
    /// and goes back to [`Idle`](Dialog::Idle) when the draft has become a trade.
    Draft(Draft),
}

impl Dialog {
    /// The draft, once it is complete.
    #[must_use]
    pub const fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Draft(draft) => Some(draft),
            Self::Idle
            | Self::Item { .. }
            | Self::Price { .. }
            | Self::Split { .. }
            | Self::Evidence { .. }
            | Self::Ruling { .. } => None,
        }
    }

    const fn place(&self) -> Place {
        match self {
            Self::Idle => Place::Idle,
            Self::Item { .. } => Place::Item,
            Self::Price { .. } => Place::Price,
            Self::Evidence { .. } => Place::Evidence,
            Self::Split { .. } | Self::Ruling { asks: Asks::Part, .. } => Place::Split,
            Self::Ruling { .. } => Place::Reason,
            Self::Draft(_) => Place::Draft,
        }
    }

    const fn role(&self) -> Option<Role> {
        match self {
            Self::Idle | Self::Split { .. } | Self::Evidence { .. } | Self::Ruling { .. } => None,
            Self::Item { role, .. } | Self::Price { role, .. } => Some(*role),
            Self::Draft(draft) => Some(draft.role),
        }
    }

    /// The question that is open, asked again.
    fn question(&self, house: &House) -> Option<Line> {
        match self {
            Self::Idle | Self::Split { .. } | Self::Ruling { .. } | Self::Draft(_) => None,
            Self::Evidence { code, .. } => Some(Line::Problem(ProblemLine::Collecting { code: code.clone() })),
            Self::Item { role, .. } => Some(Line::AskItem(*role)),
            Self::Price { role, item, .. } => {
                Some(Line::AskPrice { role: *role, item: item.clone(), example: example(house) })
            }
        }
    }
}

/// What a message leads to: where the dialog stands then, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub dialog: Dialog,
    pub act: Act,
}

impl Turn {
    fn say(dialog: Dialog, lines: impl IntoIterator<Item = Line>) -> Self {
        Self { dialog, act: Act::Say(lines.into_iter().collect()) }
    }

    /// The dialog's next question, or the draft's card once everything is there.
    fn go_on(dialog: Dialog, house: &House) -> Self {
        match dialog.question(house) {
            Some(question) => Self::say(dialog, [question]),
            None => Self { dialog, act: Act::ShowDraft },
        }
    }
}

/// An example of a price in this house: the first asset whose symbol names one chain only.
fn example(house: &House) -> String {
    let alone = |asset: &&Asset| house.assets.iter().filter(|a| a.symbol == asset.symbol).count() == 1;
    match (house.assets.iter().find(alone), house.assets.first()) {
        (Some(asset), _) => format!("100 {}", asset.symbol),
        (None, Some(asset)) => format!("100 {} {}", asset.symbol, asset.chain),
        (None, None) => "100 USDT".to_owned(),
    }
}

/// The symbols that can be traded, each once.
fn symbols(house: &House) -> String {
    let mut symbols: Vec<&str> = house.assets.iter().map(|asset| asset.symbol.as_str()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    symbols.join(", ")
}

/// The language somebody is to be spoken to in after this message; `known`: the one until then, if there was any.
///
/// Whoever writes Chinese is answered in Chinese: a command, or an answer to a question. What an item is called, and
/// what comes with a link to sign, may be somebody else's words: an item counts only while nothing is known, and what
/// comes with a link never.
#[must_use]
pub fn spoken(heard: &Heard, dialog: &Dialog, known: Option<Lang>) -> Option<Lang> {
    let Heard::Text(written) = heard else { return known };
    let read = commands::read(written);
    if let Some(chosen) = Lang::ALL.into_iter().find(|lang| read == Read::Command(Typed::alone(lang.word()))) {
        return Some(chosen);
    }
    let theirs = text::is_chinese(written) && !holds_link(written);
    let writes_chinese = match commands::name_in(written) {
        Some(name) => text::is_chinese(name),
        None => theirs && !matches!(dialog, Dialog::Item { .. } | Dialog::Evidence { .. }),
    };
    if writes_chinese || theirs && known.is_none() { Some(Lang::Zh) } else { known }
}

/// Whether a text begins a draft, in place of whatever there was.
#[must_use]
pub fn begins_draft(heard: &Heard) -> bool {
    let Heard::Text(written) = heard else { return false };
    matches!(commands::read(written), Read::Command(Typed { word: Word::Buy | Word::Sell, .. }))
}

/// Reads one message in the light of the dialog. Never loses what was collected, except when told to.
#[must_use]
pub fn converse(input: &Heard, dialog: &Dialog, house: &House) -> Turn {
    match (input, dialog) {
        (Heard::Contact(_) | Heard::Other, Dialog::Evidence { code, .. }) => problem::exhibit(dialog, code),
        (Heard::Text(written), _) => hear(written, dialog, house),
        (Heard::Contact(person), _) => name(Named::Contact(*person), dialog, house),
        (Heard::Other, _) => Turn::say(dialog.clone(), [Line::OnlyWords(dialog.place())]),
    }
}

/// The same when the dispute that the dialog is about is over: a command means what it always means, and an answer, or
/// one more exhibit, hears that nothing is asked any more.
#[must_use]
pub fn converse_after(input: &Heard, dialog: &Dialog, house: &House) -> Turn {
    let before = converse(input, dialog, house);
    let ends = matches!(before.act, Act::Problem(ProblemAct::Exhibit { .. } | ProblemAct::Done { .. }));
    if matches!(dialog, Dialog::Evidence { .. }) && ends {
        return before;
    }
    let turn = converse(input, &dialog.clone().freed(), house);
    let unread = matches!(&turn.act, Act::Say(lines) if matches!(lines.as_slice(), [Line::NotUnderstood(_)]));
    // "Cancel" ended it, too.
    if matches!(dialog, Dialog::Ruling { .. }) && (unread || before.dialog == Dialog::Idle) {
        return Turn::say(Dialog::Idle, [Line::Judge(JudgeLine::Closed)]);
    }
    turn
}

fn hear(written: &str, dialog: &Dialog, house: &House) -> Turn {
    if text::command_form(written).is_empty() {
        return match dialog {
            Dialog::Idle => greet(dialog),
            _ => Turn::say(dialog.clone(), [Line::NotUnderstood(dialog.place())]),
        };
    }
    // In evidence all of it tells something.
    if !matches!(dialog, Dialog::Evidence { .. })
        && let Some(guarded) = guarded(written, dialog)
    {
        return guarded;
    }
    match commands::read(written) {
        Read::Command(typed) if !is_answer(&typed, dialog, house) => command(&typed, dialog, house),
        Read::Command(_) | Read::Unfit(_) | Read::Other if matches!(dialog, Dialog::Evidence { .. }) => {
            answer(written, dialog, house)
        }
        // A link to sign, pasted as it is, is a question about it: nobody means anything else by it.
        Read::Unfit(_) | Read::Other if holds_link(written) => {
            Turn { dialog: dialog.clone(), act: Act::Verify { words: text::said(written) } }
        }
        Read::Unfit(word) if !matches!(dialog, Dialog::Item { .. }) && !awaits_reason(dialog) => {
            unfit(word, dialog, house)
        }
        Read::Command(_) | Read::Unfit(_) | Read::Other => answer(written, dialog, house),
    }
}

/// What is read before it could become an item or an answer: a card of ours or a copy of one, what nobody may be given,
/// and links by which somebody else wants to be paid.
fn guarded(written: &str, dialog: &Dialog) -> Option<Turn> {
    let act = if sealed::holds(written) {
        Act::Verify { words: written.to_owned() }
    } else if let Some(danger) = danger::secret(written) {
        Act::Say(vec![Line::Trust(TrustLine::Danger(danger))])
    } else if danger::holds_pay_link(written) {
        Act::Trust(TrustAct::PayLink { words: text::said(written) })
    } else {
        return None;
    };
    Some(Turn { dialog: dialog.clone(), act })
}

/// "Price list 2020" is an item when an item was asked for, and so is "check valve". Where evidence is given, both tell
/// something.
fn is_answer(typed: &Typed, dialog: &Dialog, house: &House) -> bool {
    let unread = || matches!(price::read(&typed.words, house), Err(problem) if !problem.names_asset());
    // No link and no id is shorter; a code stands alone.
    let names_nothing = || {
        let code = commands::read_code(&typed.words).is_some();
        !code && typed.words.split(' ').all(|word| word.len() < ID_LEN)
    };
    let tells = matches!(dialog, Dialog::Evidence { .. });
    let other = match typed.word {
        Word::Price => unread() || tells,
        Word::Verify => names_nothing(),
        // "Block of marble", "rate counter".
        Word::Block | Word::Unblock => text::number(&typed.words).is_none(),
        Word::Rate => typed.code.is_none() && !matches!(typed.words.to_lowercase().as_str(), "good" | "bad"),
        // "Split system, 3 kW".
        Word::Split => typed.token.is_none() && !part::is_meant(&typed.words),
        // "Extend cable, 3 m".
        Word::Extend => span::read(&typed.words).is_none(),
        Word::Problem => problem::reason(&typed.words).is_none(),
        Word::Exhibit => problem::number(&typed.words).is_none(),
        // "Rule 3 of the listing says …".
        Word::Rule => typed.token.is_none() && !ruling::is_meant(&typed.words),
        // "Buy me a new one, he said."
        Word::Buy | Word::Sell => tells,
        _ => false,
    };
    // So is "card" alone.
    let card = typed.word == Word::Card && typed.code.is_none();
    // "Split the loss: both were careless." A command about a trade names it.
    let reason = awaits_reason(dialog) && typed.code.is_none() && !typed.words.is_empty();
    reason || (tells || matches!(dialog, Dialog::Item { .. })) && (card || !typed.words.is_empty() && other)
}

/// Whether a judge was asked for the reason of a ruling: any words are one.
const fn awaits_reason(dialog: &Dialog) -> bool {
    matches!(dialog, Dialog::Ruling { asks: Asks::Why { .. } | Asks::Sure { .. }, .. })
}

/// Letters of a request's id.
const ID_LEN: usize = 36;

/// Whether a text holds a link to a signing sheet, in any form the apps open.
fn holds_link(written: &str) -> bool {
    let form = text::command_form(written);
    ["mixin.one/multisigs/", "mixin://multisigs/"].iter().any(|link| form.contains(link))
}

fn command(typed: &Typed, dialog: &Dialog, house: &House) -> Turn {
    if let Some(turn) = problem::command(typed, dialog) {
        return turn;
    }
    if let Meaning::Act(act) = commands::row_of(typed.word).meaning {
        return Turn { dialog: dialog.clone(), act: act(typed) };
    }
    match typed.word {
        Word::Buy => offer(Role::Buyer, &typed.words, house),
        Word::Sell => offer(Role::Seller, &typed.words, house),
        Word::Price => set_price(&typed.words, dialog, house),
        Word::Draft => match dialog {
            Dialog::Idle | Dialog::Split { .. } | Dialog::Ruling { .. } => Turn::say(dialog.clone(), [Line::NoDraft]),
            _ => Turn::go_on(dialog.clone(), house),
        },
        Word::Cancel if matches!(dialog, Dialog::Split { .. }) && typed.code.is_none() => {
            Turn::say(Dialog::Idle, [Line::Split(SplitLine::Dropped)])
        }
        Word::Cancel if matches!(dialog, Dialog::Ruling { .. }) && typed.code.is_none() => {
            Turn::say(Dialog::Idle, [Line::Judge(JudgeLine::Dropped)])
        }
        Word::Cancel if typed.code.is_none() && typed.token.is_none() && *dialog != Dialog::Idle => {
            Turn::say(Dialog::Idle, [Line::DraftDropped])
        }
        Word::Cancel => {
            let act = Act::Cancel { code: typed.code.clone(), token: typed.token.clone() };
            Turn { dialog: dialog.clone(), act }
        }
        Word::Lang => Turn::say(dialog.clone(), [Line::AskLang]),
        Word::English | Word::Chinese => {
            // Where they stand is said again, now in words they read.
            let again = dialog.question(house).map_or_else(|| greeting(dialog), |question| vec![question]);
            Turn::say(dialog.clone(), std::iter::once(Line::Speaks).chain(again))
        }
        Word::Help => Turn::say(dialog.clone(), [Line::Help]),
        _ => greet(dialog),
    }
}

fn greet(dialog: &Dialog) -> Turn {
    Turn::say(dialog.clone(), greeting(dialog))
}

fn greeting(dialog: &Dialog) -> Vec<Line> {
    let unfinished = dialog.role().map(|role| Line::Unfinished { role });
    std::iter::once(Line::Greeting).chain(unfinished).collect()
}

/// A command's word with something behind it that does not fit.
fn unfit(word: Word, dialog: &Dialog, house: &House) -> Turn {
    if matches!(word, Word::English | Word::Chinese) {
        return Turn::say(dialog.clone(), [Line::AskLang]);
    }
    let row = commands::row_of(word);
    match row.shape {
        Shape::Alone => command(&Typed::alone(word), dialog, house),
        Shape::Words | Shape::Code | Shape::MaybeCode | Shape::Token | Shape::CodeAndToken | Shape::Part => {
            Turn::say(dialog.clone(), [Line::Usage { word }])
        }
    }
}

/// No command: the answer to what was asked.
fn answer(written: &str, dialog: &Dialog, house: &House) -> Turn {
    let mention = text::command_form(written).starts_with('@');
    let number = text::number(written);
    match dialog {
        Dialog::Idle => match commands::read_code(written) {
            Some(code) => Turn { dialog: Dialog::Idle, act: Act::Join { code } },
            None => Turn::say(Dialog::Idle, [Line::NotUnderstood(Place::Idle)]),
        },
        Dialog::Split { code } => split(written, code),
        Dialog::Evidence { code, .. } => problem::exhibit(dialog, code),
        Dialog::Ruling { code, asks } => ruled(written, code, asks),
        Dialog::Item { .. } | Dialog::Price { .. } if mention && number.is_some() => {
            name(Named::Number(number.unwrap_or_default()), dialog, house)
        }
        Dialog::Item { role, other } => set_item(*role, written, other.clone(), house),
        Dialog::Price { .. } => set_price(written, dialog, house),
        Dialog::Draft(_) => match (number, price::read(written, house)) {
            (Some(number), _) => name(Named::Number(number), dialog, house),
            (None, Err(problem)) if !problem.names_asset() => {
                Turn::say(dialog.clone(), [Line::NotUnderstood(Place::Draft)])
            }
            (None, _) => set_price(written, dialog, house),
        },
    }
}

/// How much the seller shall get; or, as anywhere, the code of an invitation.
fn split(written: &str, code: &str) -> Turn {
    if let Some(invitation) = commands::read_code(written).filter(|_| !part::is_meant(written)) {
        return Turn { dialog: Dialog::Idle, act: Act::Join { code: invitation } };
    }
    let act = Act::Split { code: Some(code.to_owned()), part: text::said(written), token: None };
    Turn { dialog: Dialog::Split { code: code.to_owned() }, act }
}

/// What a judge was asked for.
fn ruled(written: &str, code: &str, asks: &Asks) -> Turn {
    let dialog = Dialog::Ruling { code: code.to_owned(), asks: asks.clone() };
    let act = match asks {
        Asks::Part => {
            let words = format!("split {}", text::said(written));
            CaseAct::Rule { code: Some(code.to_owned()), words, token: None }
        }
        Asks::Why { ruling } | Asks::Sure { ruling, .. } => {
            CaseAct::Reason { code: code.to_owned(), ruling: ruling.clone(), why: written.to_owned() }
        }
    };
    Turn { dialog, act: Act::Case(act) }
}

fn name(named: Named, dialog: &Dialog, house: &House) -> Turn {
    let dialog = match dialog.clone() {
        Dialog::Idle | Dialog::Split { .. } | Dialog::Evidence { .. } | Dialog::Ruling { .. } => {
            return Turn::say(dialog.clone(), [Line::NotUnderstood(dialog.place())]);
        }
        Dialog::Draft(draft) => return Turn { dialog: Dialog::Draft(draft), act: named.act() },
        Dialog::Item { role, .. } => Dialog::Item { role, other: Some(named) },
        Dialog::Price { role, item, .. } => Dialog::Price { role, item, other: Some(named) },
    };
    let question = dialog.question(house);
    Turn::say(dialog, std::iter::once(Line::OtherNoted).chain(question))
}

fn set_item(role: Role, written: &str, other: Option<Named>, house: &House) -> Turn {
    let asked = |other| Dialog::Item { role, other };
    // Longer is asked again, not cut: what was cut away might have been the condition that matters.
    let letters = text::said(written).chars().count();
    if letters > QUOTED_MAX {
        return Turn::say(asked(other), [Line::ItemTooLong { letters }, Line::AskItem(role)]);
    }
    let item = text::quoted(&text::said(written));
    if !item.chars().any(char::is_alphanumeric) {
        return Turn::say(asked(other), [Line::AskItem(role)]);
    }
    Turn::go_on(Dialog::Price { role, item, other }, house)
}

fn set_price(written: &str, dialog: &Dialog, house: &House) -> Turn {
    if matches!(dialog, Dialog::Idle | Dialog::Split { .. } | Dialog::Ruling { .. }) {
        return Turn::say(dialog.clone(), [Line::NoDraft]);
    }
    if matches!(dialog, Dialog::Item { .. }) {
        return Turn::go_on(dialog.clone(), house);
    }
    match (price::read(written, house), dialog.clone()) {
        (Err(problem), dialog) => Turn::say(dialog, [problem_line(problem, house)]),
        (Ok((price, asset)), Dialog::Draft(draft)) => {
            Turn { dialog: Dialog::Draft(Draft { price, asset, ..draft }), act: Act::ShowDraft }
        }
        (Ok((price, asset)), Dialog::Price { role, item, other }) => {
            let draft = Dialog::Draft(Draft { role, item, price, asset, other: None });
            Turn { dialog: draft, act: other.map_or(Act::ShowDraft, Named::act) }
        }
        (
            Ok(_),
            dialog @ (Dialog::Idle
            | Dialog::Item { .. }
            | Dialog::Split { .. }
            | Dialog::Evidence { .. }
            | Dialog::Ruling { .. }),
        ) => Turn::go_on(dialog, house),
    }
}

fn problem_line(problem: Problem, house: &House) -> Line {
    Line::PriceProblem { problem, example: example(house), assets: symbols(house) }
}
