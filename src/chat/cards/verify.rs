//! The answer about a request: what it is, everybody it pays, and what nobody can know.

use crate::chat::cards::{Page, head, link_button, overview, right, say_button, who};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::right::RightLine;
use crate::chat::say::verify::{Doubt, Standing, Sum, To, VerifyLine};
use crate::chat::say::{self, Label, Lang, Line, Money, Title, Who};
use crate::chat::{Button, Colour, House, Person, Post, text};
use crate::id::{RequestId, UserId};
use crate::money::Amount;
use crate::trade::plan::{End, Kind, Plan};
use crate::trade::{Role, State, Trade};

/// Characters of one message; longer ones open only by a tap, as Markdown, in which a name could look like anything.
const TEXT_MAX: usize = 3_500;
/// Letters of a request's id in the first line.
const ID_SHOWN: usize = 8;

/// A request as its bytes and our own records tell it. Amounts are of the bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<'a> {
    pub request: RequestId,
    pub origin: Origin<'a>,
    pub asset: Coin,
    /// In their order; every single one.
    pub outputs: Vec<Output>,
    /// The request's own words: what the app's sheet shows, and of whom.
    pub sheet: (Amount, Vec<UserId>),
    /// Who can sign, the bot among them or not.
    pub members: Vec<UserId>,
    pub signers: Vec<UserId>,
    pub needed: u8,
    pub standing: Stands,
    pub doubts: Vec<Doubt>,
    /// Opens the sheet that revokes it.
    pub revoke: String,
}

/// Whose it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin<'a> {
    /// Its transaction is the recorded payload of this plan.
    Ours { trade: &'a Trade, plan: &'a Plan },
    /// Somebody else made it; the trades of the asker's whose money it spends.
    Foreign { trades: Vec<&'a Trade> },
    /// Its bytes are no transaction.
    Garbage,
}

/// An asset as it is shown: what stands behind amounts, and with its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coin {
    pub symbol: String,
    pub label: String,
}

/// One output of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `None`: more than an amount can hold.
    pub amount: Option<Amount>,
    pub to: Goes,
}

/// As [`To`], with ids for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goes {
    Recorded(UserId),
    Named { members: Vec<UserId>, threshold: u8 },
    Back,
    Unnamed,
    Outside(String),
    Nobody,
}

/// As [`Standing`], with ids for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    Open,
    Complete,
    Spent,
    Revoked(UserId),
    Void,
}

/// Whoever reads it, and who people are.
pub struct Reader<'a> {
    pub viewer: UserId,
    pub house: &'a House,
    pub people: &'a dyn Fn(UserId) -> Option<Person>,
    pub lang: Lang,
    /// They did not ask: the bot found it on their money.
    pub unasked: bool,
}

/// The whole answer, in as many messages as it takes, each with the bot's own first line.
#[must_use]
pub fn verified(seen: &Verified<'_>, reader: &Reader<'_>) -> Vec<Post> {
    let first = match &seen.origin {
        Origin::Ours { trade, .. } => head(trade),
        Origin::Foreign { .. } | Origin::Garbage => {
            let id: String = seen.request.to_string().chars().take(ID_SHOWN).collect();
            format!("Request {id} · NotMine · {}", total(seen).map_or_else(|| "?".to_owned(), |m| m.to_string()))
        }
    };
    let lines = lines(seen, reader).into_iter().map(|line| say::words(reader.lang, &line));
    let mut posts = pages(&first, lines);
    let code = match &seen.origin {
        Origin::Ours { trade, .. } => Some(trade.code.as_str()),
        Origin::Foreign { trades } => trades.first().map(|trade| trade.code.as_str()),
        Origin::Garbage => None,
    };
    let revoke = || link_button(reader.lang, &Label::Revoke, Colour::Stop, seen.revoke.clone());
    let status = |code| say_button(reader.lang, &Label::Status, Colour::Plain, &Typed::about(Word::Status, code));
    let buttons: Vec<Button> = seen.revocable().then(revoke).into_iter().chain(code.map(status)).collect();
    posts.extend((!buttons.is_empty()).then_some(Post::Buttons(buttons)));
    posts
}

/// Nothing is told of the request, and why.
#[must_use]
pub fn unverified(line: VerifyLine, lang: Lang) -> Vec<Post> {
    Page::new(lang, Title::Request).line(&Line::Verify(line)).button(overview::trades_button(lang)).posts()
}

fn pages(first: &str, lines: impl Iterator<Item = String>) -> Vec<Post> {
    let mut pages = vec![first.to_owned()];
    for line in lines {
        let full =
            pages.last().is_some_and(|page| page.chars().count().saturating_add(line.chars().count()) > TEXT_MAX);
        if full {
            pages.push(first.to_owned());
        }
        if let Some(page) = pages.last_mut() {
            page.push('\n');
            page.push_str(&line);
        }
    }
    pages.into_iter().map(Post::Text).collect()
}

fn lines(seen: &Verified<'_>, reader: &Reader<'_>) -> Vec<Line> {
    let signed = VerifyLine::Signed { by: reader.all(&seen.signers), needed: seen.needed };
    let standing = reader.standing(seen.standing);
    let mut lines = Vec::from_iter(reader.unasked.then_some(VerifyLine::Unasked));
    lines.push(verdict(seen, reader));
    if seen.origin != Origin::Garbage {
        lines.push(VerifyLine::Pays);
        let output = |output: &Output| VerifyLine::Output { sum: seen.sum(output.amount), to: reader.to(&output.to) };
        lines.extend(seen.outputs.iter().map(output));
        lines.push(VerifyLine::Total(total(seen).map_or(Sum::TooLarge, Sum::Of)));
        lines.extend(seen.outputs.iter().any(Output::is_named).then_some(VerifyLine::NamesAreMixins));
    }
    if let Origin::Foreign { trades } = &seen.origin {
        let codes = trades.iter().map(|trade| trade.code.clone()).collect();
        lines.push(VerifyLine::Spends { label: seen.asset.label.clone(), codes });
    }
    if seen.origin != Origin::Garbage {
        let (amount, members) = &seen.sheet;
        let (sum, to) = (seen.sum(Some(*amount)), reader.all(members));
        lines.push(VerifyLine::SheetShows { sum, to, hides: seen.outputs.len() > 1 });
    }
    lines.extend(seen.doubts.iter().cloned().map(VerifyLine::Doubt));
    let over = matches!(seen.standing, Stands::Revoked(_) | Stands::Void);
    lines.extend((!over).then_some(signed));
    lines.push(VerifyLine::Stands(standing));
    lines.extend(seen.revocable().then_some(VerifyLine::RevokeIt));
    let mut lines: Vec<Line> = lines.into_iter().map(Line::Verify).collect();
    if let (Origin::Ours { trade, plan }, Stands::Open) = (&seen.origin, seen.standing) {
        lines.extend(meaning(seen, reader, trade, plan));
    }
    lines
}

fn verdict(seen: &Verified<'_>, reader: &Reader<'_>) -> VerifyLine {
    match &seen.origin {
        Origin::Ours { trade, plan } => VerifyLine::Ours { kind: plan.kind, code: trade.code.clone() },
        Origin::Garbage => VerifyLine::Garbage,
        Origin::Foreign { .. } => {
            let leaving = seen.outputs.iter().filter(|output| output.to != Goes::Back).map(|output| output.amount);
            let leaves = leaving.collect::<Option<Vec<_>>>().and_then(Amount::sum);
            let mut members = seen.members.clone();
            members.sort_by_key(|member| (*member != reader.viewer, *member == reader.house.bot));
            let (from, standing) = (reader.all(&members), reader.standing(seen.standing));
            VerifyLine::NotOurs { leaves: seen.sum(leaves), from, standing }
        }
    }
}

/// What the asker's own signature would mean, on a request of ours.
fn meaning(seen: &Verified<'_>, reader: &Reader<'_>, trade: &Trade, plan: &Plan) -> Vec<Line> {
    if plan.end == Some(End::Lapsed) {
        return vec![Line::Verify(VerifyLine::Lapsed)];
    }
    let consents = trade.consents(plan);
    let Some((_, by)) = consents.iter().find(|(person, _)| *person == reader.viewer) else {
        let by: Vec<UserId> = consents.into_iter().map(|(person, _)| person).collect();
        return vec![Line::Verify(VerifyLine::ForOther {
            by: reader.all(if by.is_empty() { &plan.givers } else { &by }),
        })];
    };
    if trade.frozen.is_some() {
        return vec![Line::Frozen { operator: text::quoted_name(&reader.house.operator) }];
    }
    let to = plan.payouts.first().map_or(Who::Stranger, |payout| reader.who(payout.to));
    let money = Money { amount: plan.total(), symbol: seen.asset.symbol.clone() };
    if let Some(ground) = right::ground(*by) {
        let money = Money { amount: plan.paid_to(reader.viewer), ..money };
        return vec![Line::Right(RightLine::Take { ground, money })];
    }
    match plan.kind {
        Kind::Release => {
            let early = matches!(trade.state, State::Funded { .. });
            let not_yet = early.then(|| trade.person(Role::Seller)).flatten();
            let not_yet = not_yet.map(|seller| Line::ReleaseNotYet { seller: reader.who(seller) });
            std::iter::once(Line::ReleaseMeans { seller: to }).chain(not_yet).collect()
        }
        Kind::Refund => vec![Line::RefundMeans { buyer: to, money }],
        Kind::Split => vec![Line::Verify(VerifyLine::SplitMeans)],
        Kind::Return => vec![Line::ReturnMeans { to, money }],
    }
}

/// A profile with a Mixin ID to show.
fn is_named(person: &Person) -> bool {
    !person.number.is_empty() && person.number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What all outputs are worth; `None` when no amount can hold it.
fn total(seen: &Verified<'_>) -> Option<Money> {
    let amount = Amount::sum(seen.outputs.iter().map(|output| output.amount).collect::<Option<Vec<_>>>()?)?;
    (seen.origin != Origin::Garbage).then(|| Money { amount, symbol: seen.asset.symbol.clone() })
}

impl Output {
    const fn is_named(&self) -> bool {
        matches!(self.to, Goes::Named { .. })
    }
}

impl Verified<'_> {
    /// Somebody else's, and not yet beyond recall.
    fn revocable(&self) -> bool {
        matches!(self.origin, Origin::Foreign { .. }) && self.standing == Stands::Open
    }

    fn sum(&self, amount: Option<Amount>) -> Sum {
        amount.map_or(Sum::TooLarge, |amount| Sum::Of(Money { amount, symbol: self.asset.symbol.clone() }))
    }
}

impl Reader<'_> {
    fn who(&self, person: UserId) -> Who {
        match person {
            _ if person == self.viewer => Who::You,
            _ if person == self.house.bot => Who::Bot,
            _ if person == self.house.fee.receiver => Who::Fee,
            _ => who((self.people)(person).filter(is_named), Who::Account(person)),
        }
    }

    fn all(&self, people: &[UserId]) -> Vec<Who> {
        people.iter().map(|person| self.who(*person)).collect()
    }

    fn to(&self, goes: &Goes) -> To {
        match goes {
            Goes::Recorded(person) => To::Recorded(self.who(*person)),
            Goes::Named { members, threshold } => To::Named { members: self.all(members), threshold: *threshold },
            Goes::Back => To::Back,
            Goes::Unnamed => To::Unnamed,
            Goes::Outside(address) => To::Outside(address.clone()),
            Goes::Nobody => To::Nobody,
        }
    }

    fn standing(&self, stands: Stands) -> Standing {
        match stands {
            Stands::Open => Standing::Open,
            Stands::Complete => Standing::Complete,
            Stands::Spent => Standing::Spent,
            Stands::Revoked(by) => Standing::Revoked(self.who(by)),
            Stands::Void => Standing::Void,
        }
    }
}
