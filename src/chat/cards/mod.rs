//! Pages: what is true becomes posts. The first line of every page about a trade is the bot's own and stays
//! the same in every language, so that programs can read it too (design §3 rule 13).
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

mod answers;
mod before;
mod claim;
mod clock;
pub mod evidence;
pub mod group;
mod judge;
mod mixpay;
mod kit;
mod notices;
mod overview;
mod page;
pub mod problem;
mod right;
mod short;
mod signing;
mod split;
mod trust;
mod verify;
#[cfg(test)]
mod tests;

pub use answers::{
    closed, lines, looking, naming, need_token, open_max, picture, refusal, terms_refused, token_stale, unknown_code,
};
pub use before::{draft, invitation};
pub use claim::nameless;
pub use clock::ask as ask_time;
pub use judge::{ask_reason, ask_ruling, cases, reason_hash, sure_ruling};
pub use kit::kit;
pub use notices::notice;
pub use overview::{status, trades, which_trade, why};
pub use page::{Entry, KitPart, Piece, Signing, TradePage, Way, locked, page, told, waits};
pub use split::ask as ask_split;
pub use trust::{
    altered, ask_rating, blocked, blocks, blocks_full, code_is, code_is_yours, genuine, no_card, rated, record, slower,
    trade_card, trust_line,
};
pub use verify::{Coin, Goes, Origin, Output, Reader, Stands, Verified, unverified, verified};

use crate::chat::commands::{Typed, Word};
use crate::chat::say::{self, Label, Lang, Line, Money, Title, Until, Who};
use crate::chat::{Button, Colour, Person, Post, View, text};
use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::deposit;
use crate::trade::plan::{Kind, Plan};
use crate::trade::terms::Asset;
use crate::trade::{Counterparty, Role, State, Trade};

/// Most buttons of one post (messaging §6.1).
pub const BUTTONS_MAX: usize = 6;
/// Most characters of a card's text (messaging §6.2).
pub const CARD_MAX: usize = 1_024;

/// The first line of every message about a trade: `Trade K7Q2MD · Funded · 101 USDT`.
///
/// The amount is what is asked for before funding, what is locked from then on, and what was paid out in the end.
#[must_use]
pub fn head(trade: &Trade) -> String {
    format!("Trade {} · {} · {} {}", trade.code, trade.state.name(), at_stake(trade), trade.terms.asset.symbol)
}

/// What is asked for, locked or paid out on Mixin, by the trade's state.
fn at_stake(trade: &Trade) -> Amount {
    let settlement = match trade.state {
        State::Proposed { .. }
        | State::AwaitingPayment { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired => {
            return trade.due();
        }
        State::Settling { plan } | State::Settled { plan, .. } => trade.plan(plan),
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::SettledElsewhere { .. } => {
            trade.plans.iter().rev().find(|plan| plan.kind != Kind::Return)
        }
    };
    settlement.map_or_else(|| deposit::counted(&trade.deposits), Plan::total)
}

/// One post in the making.
struct Page {
    lang: Lang,
    title: Title,
    text: Vec<String>,
    buttons: Vec<Button>,
}

impl Page {
    const fn new(lang: Lang, title: Title) -> Self {
        Self { lang, title, text: Vec::new(), buttons: Vec::new() }
    }

    /// A page about a trade: begins with its head.
    fn about(view: &View<'_>, title: Title) -> Self {
        Self { text: vec![head(view.trade)], ..Self::new(view.lang, title) }
    }

    fn line(self, line: &Line) -> Self {
        self.lines([line])
    }

    fn lines<'l>(mut self, lines: impl IntoIterator<Item = &'l Line>) -> Self {
        self.text.extend(lines.into_iter().map(|line| say::words(self.lang, line)));
        self
    }

    fn button(self, button: Button) -> Self {
        self.buttons([button])
    }

    fn buttons(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        for button in buttons {
            let said = self.buttons.iter().any(|b| b.action == button.action);
            if !said && self.buttons.len() < BUTTONS_MAX {
                self.buttons.push(button);
            }
        }
        self
    }

    /// A card; as text and buttons when it is longer than a card may be.
    fn posts(self) -> Vec<Post> {
        let text = self.text.join("\n");
        if self.buttons.is_empty() {
            return vec![Post::Text(text)];
        }
        if text.chars().count() > CARD_MAX {
            return vec![Post::Text(text), Post::Buttons(self.buttons)];
        }
        let title = say::words(self.lang, &Line::Title(self.title));
        vec![Post::Card { title, text, buttons: self.buttons }]
    }
}

/// A button that makes the person say a command.
fn say_button(lang: Lang, label: &Label, colour: Colour, typed: &Typed) -> Button {
    Button { label: say::label(lang, label), action: format!("input:{typed}"), colour }
}

/// A button that opens a link of the Messenger.
fn link_button(lang: Lang, label: &Label, colour: Colour, link: String) -> Button {
    Button { label: say::label(lang, label), action: link, colour }
}

/// The person in words; `fallback` when nothing is known of them.
fn who(person: Option<Person>, fallback: Who) -> Who {
    match person {
        Some(person) => {
            let name = text::quoted_name(&person.name);
            Who::Person { name, number: person.number }
        }
        None => fallback,
    }
}

impl View<'_> {
    /// The side the viewer has, or would have.
    fn role(&self) -> Role {
        self.trade.role_of(self.viewer).unwrap_or(self.trade.terms.role.other())
    }

    /// A party, or anybody who brings the code of an open invitation.
    fn may_see(&self) -> bool {
        let open = matches!(self.trade.state, State::Proposed { .. });
        let invited = matches!(self.trade.terms.counterparty, Counterparty::Invited(_));
        self.trade.role_of(self.viewer).is_some() || open && invited || self.is_judge()
    }

    /// Whoever judges this trade, is asked to, has, or may have another judge look.
    fn is_judge(&self) -> bool {
        let trade = self.trade;
        trade.judged_by(self.viewer) || trade.role_of(self.viewer).is_none() && trade.may_stop(self.viewer)
    }

    fn is_proposer(&self) -> bool {
        self.viewer == self.trade.terms.proposer
    }

    fn who(&self, person: UserId) -> Who {
        let fallback = self.trade.role_of(person).map_or(Who::Stranger, Who::Side);
        match person {
            _ if person == self.viewer => Who::You,
            _ if person == self.trade.terms.fee.receiver => Who::Fee,
            _ => who((self.people)(person), fallback),
        }
    }

    fn side(&self, role: Role) -> Who {
        // The bot, when it reads for its operator, is on neither side, and no judge is.
        if role == self.role() && self.viewer != self.house.bot && !self.is_judge() {
            return Who::You;
        }
        self.trade.person(role).map_or(Who::Side(role), |person| self.who(person))
    }

    fn other(&self) -> Who {
        self.side(self.role().other())
    }

    fn money(&self, amount: Amount) -> Money {
        Money { amount, symbol: self.trade.terms.asset.symbol.clone() }
    }

    /// An amount of any asset; one that is not on the list is known by its id.
    fn money_of(&self, asset: AssetId, amount: Amount) -> Money {
        let listed = std::iter::once(&self.trade.terms.asset).chain(&self.house.assets).find(|a| a.id == asset);
        Money { amount, symbol: listed.map_or_else(|| asset.to_string(), Asset::label) }
    }

    fn until(&self, until: Millis) -> Until {
        Until { left: until.since(self.now), date: self.clock.to_server(until) }
    }

    /// Whether the trade is frozen before its end: then nothing is asked of anybody (design §3 rule 12).
    fn is_stopped(&self) -> bool {
        self.trade.frozen.is_some() && !self.trade.state.is_end()
    }

    /// Whether a deadline of the trade has passed; what it allowed is then not asked of anybody any more.
    fn is_over(&self, until: Millis) -> bool {
        self.now >= until
    }

    /// A button that says a command about this trade.
    fn says(&self, label: &Label, colour: Colour, word: Word) -> Button {
        say_button(self.lang, label, colour, &Typed::about(word, &self.trade.code))
    }

    /// The same for an act that binds: with a fresh token.
    fn binds(&self, label: &Label, colour: Colour, binding: crate::chat::Binding) -> Button {
        let typed = Typed::about(binding.word(), &self.trade.code).token(&(self.token)(binding));
        say_button(self.lang, label, colour, &typed)
    }

    fn status_button(&self) -> Button {
        self.says(&Label::Status, Colour::Plain, Word::Status)
    }

    fn why_button(&self) -> Button {
        self.says(&Label::Why, Colour::Plain, Word::Why)
    }

    fn cancel_button(&self) -> Button {
        self.says(&Label::Cancel, Colour::Stop, Word::Cancel)
    }

    /// To the viewer's page of the trade, while there is money in it, and where it went in the end.
    fn page_button(&self) -> Option<Button> {
        let money = match self.trade.state {
            State::AwaitingPayment { .. }
            | State::Funded { .. }
            | State::Delivered { .. }
            | State::Disputed { .. }
            | State::Settling { .. }
            | State::Settled { .. } => true,
            // Somebody must still sign for what waits to go back.
            State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. } => {
                self.trade.living(Kind::Return).is_some()
            }
            State::Proposed { .. } | State::Declined => false,
        };
        let link = money.then(|| self.links.page(self.trade, self.viewer))??;
        Some(link_button(self.lang, &Label::TradePage, Colour::Plain, link))
    }

    fn own_number(&self) -> Line {
        Line::OnlyFrom { number: self.house.bot_number.clone() }
    }
}

/// Who trades what for how much.
fn parties_lines(view: &View<'_>) -> [Line; 3] {
    let terms = &view.trade.terms;
    [
        Line::Item(text::quoted(&terms.item)),
        Line::Sides { role: view.role(), other: view.other() },
        Line::Price { amount: terms.price, label: terms.asset.label() },
    ]
}

/// The same with every number both see before they commit to anything.
fn terms_lines(view: &View<'_>) -> Vec<Line> {
    let terms = &view.trade.terms;
    let mut lines = Vec::from(parties_lines(view));
    let due = view.trade.due();
    if let Some(shares) = crate::trade::payout::shares(terms.price, &terms.fee, due) {
        lines.push(Line::Fee { fee: view.money(shares.fee), bps: terms.fee.bps, payer: terms.fee.payer });
        lines.push(Line::Due { by: view.side(Role::Buyer), money: view.money(due) });
        lines.push(Line::Payouts {
            seller: view.money(shares.seller),
            buyer: view.money(due),
            zero: view.money(Amount::ZERO),
        });
    }
    lines
}
