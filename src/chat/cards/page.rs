//! The trade's page in the browser, as a value: what the cards say of the trade as it is now, at once, and what
//! happened so far. Nothing on it does anything by itself: its links open sheets of the Messenger.

use crate::chat::cards::{
    at_stake, clock, evidence, head, judge, kit, overview, parties_lines, problem, short, signing, split,
};
use crate::chat::commands::{self, Read, Typed, Word};
use crate::chat::say::clock::ClockFact;
use crate::chat::say::kit::KitLine;
use crate::chat::say::page::{PageLine, Sum, Told};
use crate::chat::say::problem::ProblemFact;
use crate::chat::say::trust::TrustFact;
use crate::chat::say::{self, Label, Lang, Line, Money, Share, Title, Waiting, Who};
use crate::chat::{Button, Colour, View};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::deposit;
use crate::trade::plan::{End, Kind, Plan};
use crate::trade::{Event, Right, Role, Ruling, State, Trade, payout};

/// A party's page of a trade, all in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradePage {
    pub lang: Lang,
    pub window: String,
    /// The bot's own first line: trade, state, amount.
    pub head: String,
    pub title: String,
    /// Item, sides, price.
    pub parties: Vec<String>,
    /// What the state means for the viewer, and what comes next.
    pub steps: Vec<String>,
    /// What is awaited, until when, what then: heading and words. Empty when nothing is.
    pub facts: Vec<(String, String)>,
    /// Everything the viewer can do now, apart from signing.
    pub acts: Vec<Way>,
    /// The link to pay as a picture, for who pays: link, caption, and words for whoever cannot see it.
    pub qr: Option<(String, String, String)>,
    pub signing: Vec<Signing>,
    /// What an amount is, and the amount.
    pub amounts: Vec<(String, Money)>,
    /// What was said and sent in disputes, by number: no content.
    pub evidence: Vec<String>,
    /// Newest first.
    pub history: Vec<Entry>,
    /// `None` before the parties are frozen.
    pub kit: Option<KitPart>,
    /// What to be careful about.
    pub mind: Vec<String>,
}

/// A way to act: a link of the Messenger or of `MixPay`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub label: String,
    pub link: String,
    pub colour: Colour,
}

/// Something the viewer may sign: what the app's sheet shows and what not, and the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    pub title: String,
    /// Otherwise it is only possible, and `note` says so.
    pub comes_next: bool,
    pub note: String,
    pub lines: Vec<String>,
    pub ways: Vec<Way>,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Server time.
    pub at: Millis,
    pub date: String,
    pub words: String,
}

/// What the recovery kit says, and the words on its download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitPart {
    pub pieces: Vec<Piece>,
    pub download: String,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Words(String),
    /// To be tapped, or copied.
    Link(String),
}

/// The page for `view.viewer`; `None` when that is no party. `history` is what happened and when (server time), oldest
/// first.
#[must_use]
pub fn page<'e>(view: &View<'_>, history: impl IntoIterator<Item = (Millis, &'e Event)>) -> Option<TradePage> {
    view.trade.role_of(view.viewer)?;
    let words = |line: &Line| say::words(view.lang, line);
    let mut entries: Vec<Entry> =
        history.into_iter().filter_map(|(at, event)| Some(entry(view, at, told(view, event)?))).collect();
    entries.reverse();
    let number = view.own_number();
    Some(TradePage {
        lang: view.lang,
        window: own(view.lang, PageLine::Window { code: view.trade.code.clone() }),
        head: head(view.trade),
        title: words(&Line::Title(overview::title(view))),
        parties: parties_lines(view).iter().map(words).collect(),
        steps: steps(view).iter().filter(|line| **line != number).map(words).collect(),
        facts: facts(view),
        acts: acts(view),
        qr: qr(view),
        signing: signing_parts(view),
        amounts: amounts(view).into_iter().map(|(sum, money)| (own(view.lang, PageLine::Sum(sum)), money)).collect(),
        evidence: evidence::exhibits(view).iter().map(words).collect(),
        history: entries,
        kit: kit_part(view),
        mind: vec![words(&number), own(view.lang, PageLine::Yours(view.role()))],
    })
}

/// What a line of the history means to people; `None`: nothing worth telling.
#[must_use]
pub fn told(view: &View<'_>, event: &Event) -> Option<String> {
    Some(own(view.lang, PageLine::Told(fact(view, event)?)))
}

/// What the trade waits for, in words, and the service time until which it does.
#[must_use]
pub fn waits(view: &View<'_>) -> (String, Option<Millis>) {
    let (waiting, until, _) = overview::awaited(view);
    (say::words(view.lang, &Line::WaitingFor(waiting)), until)
}

/// What is in the vault for this trade and can still be settled; once it is funded, what its settlement freezes.
#[must_use]
pub fn locked(trade: &Trade) -> Amount {
    match trade.state {
        State::AwaitingPayment { .. } => deposit::counted(&trade.deposits),
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::Settling { .. } => {
            at_stake(trade)
        }
        State::Proposed { .. }
        | State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => Amount::ZERO,
    }
}

fn own(lang: Lang, line: PageLine) -> String {
    say::words(lang, &Line::Page(line))
}

fn entry(view: &View<'_>, at: Millis, words: String) -> Entry {
    Entry { at, date: own(view.lang, PageLine::Date(at)), words }
}

/// A button of a card as a link: what it would say for the viewer is said after a yes on a sheet.
fn way(view: &View<'_>, button: Button) -> Way {
    let link = match button.action.strip_prefix("input:") {
        // What binds needs a token, which only the chat gives.
        Some(text) => match commands::read(text) {
            Read::Command(typed) => view.links.say_to(&Typed { token: None, ..typed }.to_string()),
            Read::Unfit(_) | Read::Other => view.links.say_to(text),
        },
        None => button.action,
    };
    Way { label: button.label, link, colour: button.colour }
}

fn steps(view: &View<'_>) -> Vec<Line> {
    let trade = view.trade;
    let State::Proposed { until } = trade.state else {
        let mut lines = overview::step_lines(view);
        // Where the time is over the lines say so already.
        let then = clock::then(view).filter(|then| !lines.contains(then));
        lines.extend(then);
        return lines;
    };
    let (until, proposer) = (view.until(until), view.who(trade.terms.proposer));
    match trade.joiner {
        Some(joiner) if view.is_proposer() => vec![Line::JoinedAsk { who: view.who(joiner) }],
        Some(_) => vec![Line::Joining { by: proposer, until }],
        None if view.is_proposer() => Vec::new(),
        None => {
            let from = Line::ProposalFrom { from: proposer, role: trade.terms.role };
            vec![from, Line::AcceptStep { until, named: true }]
        }
    }
}

fn facts(view: &View<'_>) -> Vec<(String, String)> {
    use crate::chat::say::page::Heading;
    let (waiting, until, then) = overview::awaited(view);
    if waiting == Waiting::Nobody {
        return Vec::new();
    }
    let fact = |heading, line: &Line| {
        let heading = own(view.lang, PageLine::Heading(heading));
        (heading, say::words(view.lang, line))
    };
    let deadline = until.map(|until| Line::Page(PageLine::Deadline(view.until(until))));
    std::iter::once(fact(Heading::WaitsFor, &Line::WaitingFor(waiting)))
        .chain(deadline.map(|line| fact(Heading::Deadline, &line)))
        .chain([fact(Heading::Then, &Line::Then(then))])
        .collect()
}

fn acts(view: &View<'_>) -> Vec<Way> {
    let ways = overview::action_buttons(view).into_iter().chain(split::button(view)).chain(problem::button(view));
    let mut buttons: Vec<Button> = ways.chain(clock::more_button(view, false)).collect();
    if let State::Proposed { .. } = view.trade.state
        && !view.is_stopped()
    {
        // What binds needs a token, which only the chat gives.
        let asked = view.trade.joiner.is_some() == view.is_proposer();
        let label = if view.is_proposer() { Label::Status } else { Label::ReadTerms };
        buttons.splice(0..0, asked.then(|| view.says(&label, Colour::Go, Word::Status)));
    }
    buttons.into_iter().map(|button| way(view, button)).collect()
}

fn qr(view: &View<'_>) -> Option<(String, String, String)> {
    let button = overview::pay_button(view)?;
    let money = view.money(view.trade.link()?.amount);
    let caption = say::words(view.lang, &Line::Picture { mixpay: false });
    Some((button.action, caption, own(view.lang, PageLine::QrOf(money))))
}

fn signing_parts(view: &View<'_>) -> Vec<Signing> {
    let part = |block: signing::Block| Signing {
        title: say::words(view.lang, &Line::Title(Title::Sign(block.kind))),
        comes_next: block.comes_next,
        note: own(view.lang, PageLine::SignLater),
        lines: block.lines.iter().map(|line| say::words(view.lang, line)).collect(),
        ways: block.buttons.into_iter().map(|button| way(view, button)).collect(),
    };
    signing::Block::all(view).into_iter().map(part).collect()
}

fn kit_part(view: &View<'_>) -> Option<KitPart> {
    let mut pieces = vec![Piece::Words(own(view.lang, PageLine::KitIntro))];
    for line in kit::lines(view)? {
        let link = if let KitLine::Link { link, .. } = &line { link.clone() } else { String::new() };
        let words = say::words(view.lang, &Line::Kit(line));
        pieces.extend(words.split("\n\n").map(|part| match part {
            part if part == link => Piece::Link(link.clone()),
            part => Piece::Words(part.to_owned()),
        }));
    }
    Some(KitPart { pieces, download: own(view.lang, PageLine::KitDownload) })
}

/// Every amount that matters now, as the cards and the plans count it.
fn amounts(view: &View<'_>) -> Vec<(Sum, Money)> {
    let (trade, terms) = (view.trade, &view.trade.terms);
    let mut rows = vec![(Sum::Price, view.money(terms.price))];
    if trade.price() != terms.price {
        rows.push((Sum::Settles, view.money(trade.price())));
    }
    let fee = || {
        let agreed = || payout::shares(terms.price, &terms.fee, trade.due()).filter(|_| !trade.fee_waived);
        let shares = trade.shares(trade.price()).or_else(agreed);
        let sum = Sum::Fee { bps: terms.fee.bps, payer: terms.fee.payer, waived: trade.fee_waived };
        (sum, view.money(shares.map(|shares| shares.fee).unwrap_or_default()))
    };
    match trade.state {
        State::Proposed { .. } | State::AwaitingPayment { .. } => {
            rows.extend([fee(), (Sum::Due(view.side(Role::Buyer)), view.money(trade.due()))]);
            let arrived = deposit::counted(&trade.deposits);
            if !arrived.is_zero() {
                rows.extend([(Sum::Arrived, view.money(arrived)), (Sum::Missing, view.money(trade.missing()))]);
            }
            if let Some(shares) = payout::shares(terms.price, &terms.fee, trade.due()) {
                let gets = |kind, role, amount| (Sum::Gets { kind, to: view.side(role) }, view.money(amount));
                rows.push(gets(Kind::Release, Role::Seller, shares.seller));
                rows.push(gets(Kind::Refund, Role::Buyer, trade.due()));
            }
        }
        State::Funded { .. } | State::Delivered { .. } | State::Disputed { .. } | State::Settling { .. } => {
            rows.extend([fee(), (Sum::Locked, view.money(at_stake(trade)))]);
            let decided = if let State::Settling { plan } = trade.state { Some(plan) } else { None };
            let open = |plan: &&Plan| plan.kind != Kind::Return && plan.lives();
            let open = trade.plans.iter().filter(open).filter(|plan| decided.is_none_or(|no| no == plan.no));
            rows.extend(open.flat_map(|plan| gets(view, plan)));
        }
        State::Settled { plan, .. } => {
            let got = trade.plan(plan).map(|plan| view.shares(plan)).unwrap_or_default();
            rows.extend(got.into_iter().map(|share| (Sum::Got(share.to), share.money)));
        }
        State::Declined | State::Cancelled { .. } | State::Expired | State::SettledElsewhere { .. } => {}
    }
    let returns = trade.plans.iter().filter(|plan| plan.kind == Kind::Return && plan.lives());
    rows.extend(returns.flat_map(|plan| gets(view, plan)));
    rows
}

/// What a plan would pay people; the fee has a row of its own.
fn gets(view: &View<'_>, plan: &Plan) -> Vec<(Sum, Money)> {
    let paid = view.shares(plan).into_iter().filter(|share| share.to != Who::Fee);
    paid.map(|share| (Sum::Gets { kind: plan.kind, to: share.to }, share.money)).collect()
}

/// The fact in an event, for those that people should know. The names of persons who did not become a party are
/// nobody's business.
#[expect(clippy::too_many_lines, reason = "one exhaustive match: every event is told, or said not to be")]
fn fact(view: &View<'_>, event: &Event) -> Option<Told> {
    let trade = view.trade;
    Some(match event {
        Event::Proposed { terms, .. } => Told::Proposed(view.who(terms.proposer)),
        Event::Joined { by } => Told::Joined(trade.role_of(*by).map(|_| view.who(*by))),
        Event::TurnedAway { .. } => Told::TurnedAway,
        Event::Accepted { .. } => Told::Accepted,
        Event::LinkIssued { link } => Told::LinkIssued(view.money(link.amount)),
        Event::OrderOpened { .. }
        | Event::OrderMoved { .. }
        | Event::MixPaySilent { .. }
        | Event::MixPayHeard { .. } => fact_of_mixpay(view, event)?,
        Event::Declined { by } => Told::Declined(view.who(*by)),
        Event::Cancelled { by } => Told::Cancelled(view.who(*by)),
        Event::Expired => Told::Expired,
        Event::Deposited { deposit } if deposit.oddity.is_none() => Told::Deposited(view.money(deposit.amount)),
        Event::Deposited { deposit } => Told::OddDeposit(view.money_of(deposit.asset, deposit.amount)),
        Event::Claimed { claim } => Told::Claimed(view.money_of(claim.seen.asset, claim.seen.amount)),
        Event::ClaimAgreed { by } => Told::ClaimAgreed(view.who(*by)),
        Event::ClaimRefused { by } => Told::ClaimRefused((*by != trade.terms.bot).then(|| view.who(*by))),
        Event::Funded { .. } => match short::taken(trade) {
            Some(paid) => Told::FundedShort(view.money(paid)),
            None => Told::Funded(view.money(trade.due())),
        },
        Event::TakenAsFull { by, price } => Told::TakenAsWhole { by: view.who(*by), price: view.money(*price) },
        Event::FeeWaived => Told::FeeWaived,
        Event::Delivered { .. } => Told::Delivered(view.side(Role::Seller)),
        Event::SettledElsewhere { .. } => Told::SettledElsewhere,
        Event::Frozen { .. } => Told::Frozen,
        Event::Unfrozen { .. } => Told::Unfrozen,
        Event::PutBack => Told::PutBack,
        Event::CaughtUp => Told::CaughtUp,
        Event::Imported { .. } => Told::Imported,
        Event::Case(event) => Told::Judge(judge::fact(view, event)?),
        Event::PlanMade { plan } => match (plan.offer, trade.person(Role::Seller)) {
            (Some(offer), Some(seller)) => Told::SplitOffered {
                by: view.who(offer.by),
                seller: view.who(seller),
                gets: view.money(plan.paid_to(seller)),
            },
            _ => returned(view, plan).map(Told::Return)?,
        },
        Event::RequestOpened { .. }
        | Event::RequestLost { .. }
        | Event::Signed { .. }
        | Event::Authorised { .. }
        | Event::Cosigned { .. }
        | Event::Undercounted { .. }
        | Event::PlanEnded { .. }
        | Event::Unshown { .. }
        | Event::Settled { .. } => fact_of_plan(view, event, trade.plan(event.plan()?)?)?,
        Event::ForeignLock { .. }
        | Event::ForeignOver
        | Event::Disputed { .. }
        | Event::Exhibit { .. }
        | Event::Withdrawn { .. }
        | Event::Ruled { .. }
        | Event::Elapsed { .. }
        | Event::Reminded { .. }
        | Event::Warned { .. }
        | Event::Unwarned { .. }
        | Event::Extended { .. }
        | Event::Rated { .. }
        | Event::Anew { .. } => fact_of_rights(view, event)?,
        // How the work is done, and what is only looked at again.
        Event::LockStands { .. }
        | Event::Doubted
        | Event::PayloadRefused { .. }
        | Event::InPieces
        | Event::Wanted { .. }
        | Event::Reserved
        | Event::Yielded { .. }
        | Event::LinkUsed { .. }
        | Event::OrderMade { .. }
        | Event::OrderOver { .. }
        | Event::DepositMoved { .. }
        | Event::PayloadBuilt { .. }
        | Event::RequestMissing { .. }
        | Event::CosignRefused { .. } => return None,
    })
}

fn fact_of_mixpay(view: &View<'_>, event: &Event) -> Option<Told> {
    let order = |no: u32| view.trade.orders.iter().find(|order| order.round == no);
    Some(match event {
        Event::OrderOpened { order: no, .. } => Told::MixPayReady(view.money(order(*no)?.amount)),
        Event::OrderMoved { progress, .. } => Told::MixPaySaid(*progress),
        Event::MixPaySilent { .. } => Told::MixPaySilent,
        Event::MixPayHeard { .. } => Told::MixPayHeard,
        _ => return None,
    })
}

fn fact_of_rights(view: &View<'_>, event: &Event) -> Option<Told> {
    Some(match event {
        Event::ForeignLock { .. } => Told::ForeignLock,
        Event::ForeignOver => Told::ForeignOver,
        Event::Disputed { by, why, .. } => Told::Disputed { by: view.who(*by), why: *why },
        Event::Exhibit { exhibit } => {
            let (by, what) = (view.who(exhibit.by), evidence::what(exhibit));
            Told::Problem(ProblemFact::Exhibit { no: exhibit.no, by, what })
        }
        Event::Withdrawn { by, .. } => Told::Withdrawn(view.who(*by)),
        Event::Ruled { ruling } | Event::Elapsed { right: Right::Ruled(ruling) } => match ruling {
            Ruling::Release => Told::Ruled(Kind::Release),
            Ruling::Refund => Told::Ruled(Kind::Refund),
            Ruling::Split { seller, of } => Told::RuledSplit { part: view.money(*seller), of: view.money(*of) },
        },
        Event::Elapsed { right: Right::InspectionElapsed } => {
            Told::MayTake { by: view.side(Role::Seller), kind: Kind::Release }
        }
        Event::Elapsed { right: Right::DeliveryElapsed } => {
            Told::MayTake { by: view.side(Role::Buyer), kind: Kind::Refund }
        }
        Event::Reminded { left, .. } if left.0 > 0 => Told::Clock(ClockFact::Reminded { left: *left }),
        Event::Reminded { .. } => Told::Clock(ClockFact::TimeUp),
        Event::Warned { .. } => Told::Clock(ClockFact::Warned),
        Event::Unwarned { .. } => Told::Clock(ClockFact::Unwarned),
        Event::Rated { by, good } => Told::Trust(TrustFact::Rated { by: view.who(*by), good: *good }),
        Event::Anew { until: Some(_), .. } => Told::Clock(ClockFact::Anew),
        Event::Anew { until: None, .. } => Told::CaughtUp,
        Event::Extended { by, left, .. } => Told::Clock(ClockFact::Extended { by: view.who(*by), left: *left }),
        _ => return None,
    })
}

fn fact_of_plan(view: &View<'_>, event: &Event, plan: &Plan) -> Option<Told> {
    let kind = plan.kind;
    Some(match event {
        Event::RequestOpened { .. } => Told::LinkStands(kind),
        Event::RequestLost { .. } => Told::LinkLost(kind),
        // The bot's own signature has its own line.
        Event::Signed { by, .. } if *by != view.house.bot => Told::Signed { by: view.who(*by), kind },
        Event::Authorised { .. } if kind != Kind::Return => Told::Decided(kind),
        Event::Cosigned { .. } => Told::Cosigned,
        Event::Undercounted { .. } => Told::SignAnew,
        Event::Unshown { by, .. } => Told::Unshown { by: view.who(*by), kind },
        Event::PlanEnded { end: End::Lapsed, .. } => Told::SplitOver(view.who(plan.offer?.by)),
        Event::PlanEnded { end: End::Spent, .. } => Told::Returned(returned(view, plan)?),
        Event::Settled { .. } => Told::Settled { kind, pays: view.shares(plan) },
        _ => return None,
    })
}

/// Who gets what back; `None` when the plan is a settlement.
fn returned(view: &View<'_>, plan: &Plan) -> Option<Share> {
    let to = plan.payouts.first().filter(|_| plan.kind == Kind::Return)?.to;
    Some(Share { to: view.who(to), money: view.money_of_plan(plan, plan.total()) })
}
