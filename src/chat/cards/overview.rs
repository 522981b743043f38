//! How a trade stands, what is awaited, and which trades there are.

use crate::chat::cards::{
    BUTTONS_MAX, Page, at_stake, before, clock, group, head, judge, mixpay, parties_lines, problem, right, say_button,
    short, signing, split, trust,
};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::right::RightLine;
use crate::chat::say::{self, Label, Lang, Line, Money, Then, Title, Waiting};
use crate::chat::{Act, Button, Colour, Post, View, text};
use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::deposit;
use crate::trade::order::Progress;
use crate::trade::plan::{Kind, Plan};
use crate::trade::{Counterparty, Refusal, Role, State, Trade, Vault};

/// How the trade stands for the viewer, with everything they could do now.
#[must_use]
pub fn status(view: &View<'_>) -> Vec<Post> {
    if !view.may_see() {
        return super::refusal(None, Refusal::NotYours, view.lang);
    }
    if view.is_judge() {
        return judge::case(view);
    }
    if let State::Proposed { .. } = view.trade.state
        && view.trade.frozen.is_none()
    {
        match view.trade.joiner {
            Some(_) if view.is_proposer() => return before::joined(view, None),
            Some(joiner) if joiner == view.viewer => return before::joining(view),
            _ if view.is_proposer() => return before::invitation(view),
            _ => return before::proposal(view, None),
        }
    }
    let page = Page::about(view, title(view)).lines(&parties_lines(view)).lines(&step_lines(view));
    finish_with(view, page, signing::Block::all(view), group::room_button(view))
}

/// The page of the trade's present state: what notices say.
pub(super) fn situation(view: &View<'_>) -> Vec<Post> {
    situation_after(view, &[])
}

/// The same, and what comes next after it.
pub(super) fn situation_before(view: &View<'_>, next: &[Line]) -> Vec<Post> {
    finish(view, Page::about(view, title(view)).lines(&step_lines(view)).lines(next), Vec::new())
}

/// The same, after some news.
pub(super) fn situation_after(view: &View<'_>, news: &[Line]) -> Vec<Post> {
    if let State::Proposed { .. } = view.trade.state {
        let news = news.iter().map(|line| Post::Text(format!("{}\n{}", head(view.trade), say::words(view.lang, line))));
        return news.chain(status(view)).collect();
    }
    // The buyer signs here; the seller's refund has its own card and is not what comes next.
    let signs = matches!((view.trade.state, view.role()), (State::Delivered { .. }, Role::Buyer));
    told_of(view, news, if signs { signing::Block::all(view) } else { Vec::new() })
}

/// It stood still and goes on: with everything that can be signed, because nobody was given what opened meanwhile.
pub(super) fn goes_on(view: &View<'_>, news: &[Line]) -> Vec<Post> {
    match view.trade.state {
        State::Proposed { .. } => situation_after(view, news),
        _ => told_of(view, news, signing::Block::all(view)),
    }
}

/// Some news instead of what the state means, with these blocks to sign.
pub(super) fn with_all(view: &View<'_>, title: Title, news: &[Line], blocks: Vec<signing::Block>) -> Vec<Post> {
    finish(view, Page::about(view, title).lines(news), blocks)
}

fn told_of(view: &View<'_>, news: &[Line], blocks: Vec<signing::Block>) -> Vec<Post> {
    finish(view, Page::about(view, title(view)).lines(news).lines(&step_lines(view)), blocks)
}

/// The same when there is something to be paid: who pays gets a picture of the link too, after the card.
pub(super) fn to_pay(view: &View<'_>) -> Vec<Post> {
    let picture = pay_button(view).map(|button| Post::Qr(button.action));
    situation(view).into_iter().chain(picture).collect()
}

/// What can be done, what can be signed with the lines that explain it, and the way on.
fn finish(view: &View<'_>, page: Page, blocks: Vec<signing::Block>) -> Vec<Post> {
    finish_with(view, page, blocks, None)
}

/// The same with one more button, last: it gives way to all others.
fn finish_with(view: &View<'_>, page: Page, blocks: Vec<signing::Block>, more: Option<Button>) -> Vec<Post> {
    let number = (!blocks.is_empty()).then(|| view.own_number());
    let way_on = if view.trade.state.is_end() { trades_button(view.lang) } else { view.why_button() };
    let page = page
        .lines(blocks.iter().flat_map(|block| &block.lines))
        .lines(&number)
        .lines(&trust::rating(view))
        .buttons(judge::buttons(view))
        .buttons(action_buttons(view))
        .buttons(blocks.into_iter().flat_map(|block| block.buttons))
        .buttons(split::button(view))
        .buttons(clock::more_button(view, true))
        .buttons(trust::rating_buttons(view))
        .buttons(problem::button(view))
        .button(way_on);
    // One place stays free for the page, which stands last.
    let more = more.filter(|_| page.buttons.len() < BUTTONS_MAX - 1);
    page.buttons(more).buttons(view.page_button()).posts()
}

/// What is awaited, from whom, until when, and what then.
#[must_use]
pub fn why(view: &View<'_>) -> Vec<Post> {
    if !view.may_see() {
        return super::refusal(None, Refusal::NotYours, view.lang);
    }
    let (waiting, until, then) = awaited(view);
    Page::about(view, Title::Why)
        .line(&Line::WaitingFor(waiting))
        .lines(&if view.trade.behind || view.is_stopped() { Vec::new() } else { mixpay::last_said(view) })
        .lines(&until.map(|until| Line::TimeLeft(view.until(until))))
        .line(&Line::Then(then))
        .lines(&clock::then(view))
        .lines(&split::stands(view))
        .lines(&judge::lines(view))
        .buttons(judge::buttons(view))
        .buttons(action_buttons(view))
        .buttons(split::button(view))
        .buttons(clock::more_button(view, false))
        .buttons(problem::button(view))
        .button(view.status_button())
        .buttons(group::room_button(view))
        .posts()
}

pub(super) fn title(view: &View<'_>) -> Title {
    match view.trade.state {
        _ if view.is_stopped() => Title::Trade,
        State::Proposed { .. } => Title::Proposal,
        State::AwaitingPayment { .. } => Title::Pay,
        State::Funded { .. } => Title::Funded,
        State::Delivered { .. } => Title::Delivered,
        State::Settled { .. } => Title::Settled,
        State::Disputed { .. } if view.trade.ruling().is_some() => Title::Ruled,
        State::Disputed { .. } => Title::Disputed,
        State::Settling { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => Title::Trade,
    }
}

/// What the present state means for the viewer and what comes next.
pub(super) fn step_lines(view: &View<'_>) -> Vec<Line> {
    let trade = view.trade;
    let frozen = trade.frozen.as_ref().map(|_| Line::Frozen { operator: text::quoted_name(&view.house.operator) });
    if view.is_stopped() {
        return Vec::from_iter(frozen);
    }
    let other = view.other();
    let locked = view.money(at_stake(trade));
    let open = clock::unproved(view).into_iter().chain(short::settles(view));
    let open = open.chain(right::held(view)).chain(split::sent(view));
    if let Some(lines) = right::lines(view) {
        return lines.into_iter().chain(problem::lines(view)).chain(open).collect();
    }
    let mut lines = match (trade.state, view.role()) {
        (State::Proposed { .. } | State::Disputed { .. }, _) => Vec::new(),
        (State::AwaitingPayment { until }, role) => payment_lines(view, role, until),
        (State::Funded { until }, Role::Buyer) if view.is_over(until) => {
            vec![Line::OverdueBuyer { seller: other, money: locked, date: view.until(until).date }]
        }
        (State::Funded { until }, Role::Seller) if view.is_over(until) => {
            let gets = view.money(release_share(view));
            vec![Line::OverdueSeller { buyer: other, money: locked, gets, date: view.until(until).date }]
        }
        (State::Funded { until }, Role::Buyer) => {
            vec![Line::FundedBuyer { seller: other, money: locked, until: view.until(until) }]
        }
        (State::Funded { until }, Role::Seller) => {
            let gets = view.money(release_share(view));
            vec![Line::FundedSeller { buyer: other, money: locked, gets, until: view.until(until) }]
        }
        (State::Delivered { until }, Role::Buyer) => {
            vec![Line::DeliveredBuyer { seller: other, until: view.until(until) }]
        }
        (State::Delivered { until }, Role::Seller) if view.is_over(until) => {
            vec![Line::UncheckedSeller { buyer: other, date: view.until(until).date }]
        }
        (State::Delivered { until }, Role::Seller) => {
            vec![Line::DeliveredSeller { buyer: other, until: view.until(until) }]
        }
        (State::Settling { plan }, _) => trade.plan(plan).map(|plan| settling_line(view, plan)).into_iter().collect(),
        (State::Settled { plan, .. }, _) => trade.plan(plan).map(|plan| settled_lines(view, plan)).unwrap_or_default(),
        (State::Declined, _) => vec![Line::Declined, Line::NothingPaid],
        (State::Cancelled { by }, _) => {
            std::iter::once(Line::Cancelled { by: view.who(by) }).chain(leftover_lines(view)).collect()
        }
        (State::Expired, _) if trade.parties.is_none() => vec![Line::ExpiredUnanswered, Line::NothingPaid],
        (State::Expired, _) => std::iter::once(Line::ExpiredUnpaid).chain(leftover_lines(view)).collect(),
        (State::SettledElsewhere { .. }, _) => vec![Line::SettledElsewhere],
    };
    if trade.state.is_end() && trade.living(Kind::Return).is_none() {
        lines.push(Line::Then(Then::Over));
    }
    frozen.into_iter().chain(lines).chain(open).collect()
}

fn payment_lines(view: &View<'_>, role: Role, until: Millis) -> Vec<Line> {
    let trade = view.trade;
    let (paid, missing) = (deposit::counted(&trade.deposits), trade.missing());
    let label = trade.terms.asset.label();
    let money = view.money(missing);
    let mut lines = Vec::new();
    if !paid.is_zero() {
        lines.push(Line::Short { paid: view.money(paid), due: view.money(trade.due()), missing: money.clone() });
    }
    if trade.behind {
        lines.push(Line::WaitingFor(Waiting::Reading(role)));
        return lines;
    }
    lines.extend(short::line(view, role));
    lines.extend(mixpay::news(view));
    if missing.is_zero() {
        lines.push(Line::WaitingFor(Waiting::FewerPieces));
        return lines;
    }
    let until = view.until(until);
    if view.trade.coming().is_some() {
        lines.extend([Line::TimeLeft(until), Line::Then(Then::PaymentEnds)]);
        return lines;
    }
    match role {
        Role::Seller => lines.push(Line::WaitForPay { by: view.other(), money, label, until }),
        Role::Buyer => {
            lines.push(Line::PayStep { money, label, until });
            lines.extend(before::pay_button(view).is_none().then_some(Line::PayLinkSoon));
            lines.push(Line::ThenPaid);
            lines.extend(mixpay::road_line(view));
            lines.push(view.own_number());
        }
    }
    lines
}

fn release_share(view: &View<'_>) -> Amount {
    view.trade.shares(view.trade.price()).map(|shares| shares.seller).unwrap_or_default()
}

fn settling_line(view: &View<'_>, plan: &Plan) -> Line {
    if plan.must_tap {
        return Line::SignAnew { kind: plan.kind };
    }
    if both_signed(plan) {
        return Line::Right(RightLine::BothSigned(plan.kind));
    }
    Line::Settling { kind: plan.kind, by: right::signer(view, plan) }
}

/// Whether the two parties have signed it, so that it needs nobody else. (The bot's own is never among these.)
fn both_signed(plan: &Plan) -> bool {
    plan.signed.len() >= usize::from(Vault::THRESHOLD)
}

/// Who got what, to the last unit, and who signed.
fn settled_lines(view: &View<'_>, plan: &Plan) -> Vec<Line> {
    let paid = view.shares(plan).into_iter().map(Line::PaidTo);
    // Once it was authorised the bot may have signed without learning that it did: then nothing is claimed.
    let signed = match plan.authorised {
        _ if plan.cosigned => Some(Line::AllChecks),
        _ if both_signed(plan) => Some(Line::WithoutBot),
        None => Some(Line::WithoutBot),
        Some(_) => None,
    };
    std::iter::once(Line::SettledBy(plan.kind)).chain(paid).chain(signed).collect()
}

/// What happens to money that was paid into a trade that ended unfunded.
fn leftover_lines(view: &View<'_>) -> Vec<Line> {
    let trade = view.trade;
    if trade.deposits.is_empty() {
        return vec![if trade.parties.is_some() { Line::NothingArrived } else { Line::NothingPaid }];
    }
    // Odd deposits are told of on their own; here it is what would have counted.
    let back = deposit::counted(&trade.deposits);
    if back.is_zero() {
        Vec::new()
    } else {
        vec![Line::GoesBack { to: view.side(Role::Buyer), money: view.money(back) }]
    }
}

/// What the viewer can do now, apart from signing.
pub(super) fn action_buttons(view: &View<'_>) -> Vec<Button> {
    let trade = view.trade;
    match (trade.state, view.role()) {
        _ if view.is_stopped() => Vec::new(),
        (State::Proposed { .. }, _) if view.is_proposer() => {
            let invited = matches!(trade.terms.counterparty, Counterparty::Invited(_)) && trade.joiner.is_none();
            let again = invited.then(|| view.says(&Label::InviteAgain, Colour::Go, Word::Invite));
            again.into_iter().chain([view.cancel_button()]).collect()
        }
        (State::Proposed { .. }, _) if trade.role_of(view.viewer).is_some() => {
            vec![view.says(&Label::Decline, Colour::Stop, Word::Decline)]
        }
        (State::AwaitingPayment { .. }, Role::Buyer) => {
            let paid = view.says(&Label::Paid, Colour::Go, Word::Paid);
            pay_buttons(view).chain([paid, view.cancel_button()]).collect()
        }
        (State::AwaitingPayment { .. }, Role::Seller) => {
            short::button(view).into_iter().chain([view.cancel_button()]).collect()
        }
        (State::Funded { until }, Role::Seller) if !view.is_over(until) => {
            vec![view.says(&Label::Delivered, Colour::Go, Word::Delivered)]
        }
        (State::Disputed { .. }, _) => problem::buttons(view),
        (
            State::Proposed { .. }
            | State::Funded { .. }
            | State::Delivered { .. }
            | State::Settling { .. }
            | State::Settled { .. }
            | State::Declined
            | State::Cancelled { .. }
            | State::Expired
            | State::SettledElsewhere { .. },
            _,
        ) => Vec::new(),
    }
}

/// Every road by which the buyer could pay now. While money is on its way by one, a second payment is not offered;
/// it is not prevented either: the button of an earlier card still works.
pub(super) fn pay_buttons(view: &View<'_>) -> impl Iterator<Item = Button> {
    let closed = view.trade.missing().is_zero() || view.trade.coming().is_some();
    let mixin = if closed { None } else { before::pay_button(view) };
    mixin.into_iter().chain(mixpay::pay_button(view))
}

/// For the buyer, while something is missing.
pub(super) fn pay_button(view: &View<'_>) -> Option<Button> {
    let trade = view.trade;
    let closed = view.is_stopped() || trade.missing().is_zero() || trade.coming().is_some();
    let awaits = matches!(trade.state, State::AwaitingPayment { .. }) && !closed;
    if awaits && view.role() == Role::Buyer { before::pay_button(view) } else { None }
}

/// What the trade waits for, the service time until which it does, and what then.
pub(super) fn awaited(view: &View<'_>) -> (Waiting, Option<Millis>, Then) {
    let trade = view.trade;
    let (buyer, seller) = (view.side(Role::Buyer), view.side(Role::Seller));
    if trade.frozen.is_some() {
        return (Waiting::Operator(text::quoted_name(&view.house.operator)), None, Then::Still);
    }
    if let Some(awaited) = right::awaited(view) {
        return awaited;
    }
    match trade.state {
        State::Proposed { until } => {
            let waiting = match (&trade.terms.counterparty, trade.joiner) {
                (Counterparty::Named(other), _) => Waiting::Acceptance(Some(view.who(*other))),
                (Counterparty::Invited(_), Some(joiner)) => {
                    Waiting::Confirmation { by: view.who(trade.terms.proposer), of: view.who(joiner) }
                }
                (Counterparty::Invited(_), None) => Waiting::Acceptance(None),
            };
            (waiting, Some(until), Then::ProposalEnds)
        }
        State::AwaitingPayment { until } if trade.behind => {
            (Waiting::Reading(view.role()), Some(until), Then::PaymentEnds)
        }
        State::AwaitingPayment { until } if trade.missing().is_zero() => {
            (Waiting::FewerPieces, Some(until), Then::PaymentEnds)
        }
        State::AwaitingPayment { until } if view.trade.coming().is_some_and(|o| o.progress != Progress::Short) => {
            (Waiting::MixPay, Some(until), Then::PaymentEnds)
        }
        State::AwaitingPayment { until } => {
            (Waiting::Payment { by: buyer, missing: view.money(trade.missing()) }, Some(until), Then::PaymentEnds)
        }
        State::Funded { until } if view.is_over(until) => {
            (Waiting::Agreement { buyer, seller }, Some(until), Then::ByTheirSignatures)
        }
        State::Funded { until } => (Waiting::Delivery { by: seller }, Some(until), Then::DeliveryEnds),
        State::Delivered { until } if view.is_over(until) => {
            (Waiting::Signature { buyer, seller }, Some(until), Then::ByTheirSignatures)
        }
        State::Delivered { until } => (Waiting::Signature { buyer, seller }, Some(until), Then::InspectionEnds),
        State::Disputed { .. } => (Waiting::Signature { buyer, seller }, None, Then::ByTheirSignatures),
        State::Settling { plan } if trade.plan(plan).is_some_and(|plan| plan.must_tap) => {
            (Waiting::Anew, None, Then::PaidOut)
        }
        State::Settling { .. } => (Waiting::Spend, None, Then::PaidOut),
        State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => match trade.living(Kind::Return) {
            Some(plan) => {
                let givers = plan.givers.iter().map(|giver| view.who(*giver)).collect();
                (Waiting::ReturnSignature(givers), None, Then::Returned)
            }
            None => (Waiting::Nobody, None, Then::Over),
        },
    }
}

pub(super) fn trades_button(lang: Lang) -> Button {
    say_button(lang, &Label::Trades, Colour::Plain, &Typed::alone(Word::Trades))
}

/// Most trades listed in one message.
const LISTED_MAX: usize = 20;

/// The open trades of a person.
#[must_use]
pub fn trades(list: &[&Trade], viewer: UserId, lang: Lang) -> Vec<Post> {
    if list.is_empty() {
        return super::lines(&[Line::TradesNone], None, lang);
    }
    let mut text = vec![say::words(lang, &Line::Trades { count: list.len() })];
    text.extend(listed(list, viewer, lang));
    let buttons = trade_buttons(list, lang, |code| Typed::about(Word::Status, code));
    vec![Post::Text(text.join("\n")), Post::Buttons(buttons)]
}

/// Several trades could be meant: the same act, once for each.
#[must_use]
pub fn which_trade(list: &[&Trade], viewer: UserId, act: &Act, lang: Lang) -> Vec<Post> {
    let meant = act.typed().unwrap_or(Typed::alone(Word::Status));
    let mut text = vec![say::words(lang, &Line::WhichTrade)];
    text.extend(listed(list, viewer, lang));
    // A token belongs to one trade, so it is not offered for another.
    let buttons = trade_buttons(list, lang, |code| Typed { code: Some(code.to_owned()), token: None, ..meant.clone() });
    vec![Post::Text(text.join("\n")), Post::Buttons(buttons)]
}

fn listed<'t>(list: &'t [&Trade], viewer: UserId, lang: Lang) -> impl Iterator<Item = String> + 't {
    let lines = list.iter().take(LISTED_MAX).flat_map(move |trade| {
        let role = trade.role_of(viewer).unwrap_or(trade.terms.role.other());
        let item = text::quoted(&trade.terms.item);
        [head(trade), say::words(lang, &Line::TradeIn { role, item })]
    });
    let more = list.len().saturating_sub(LISTED_MAX);
    lines.chain((more > 0).then(|| say::words(lang, &Line::TradesMore { count: more })))
}

fn trade_buttons(list: &[&Trade], lang: Lang, typed: impl Fn(&str) -> Typed) -> Vec<Button> {
    let button = |trade: &&Trade| {
        let money = Money { amount: at_stake(trade), symbol: trade.terms.asset.symbol.clone() };
        let label = Label::Trade { code: trade.code.clone(), money };
        say_button(lang, &label, Colour::Plain, &typed(&trade.code))
    };
    list.iter().take(BUTTONS_MAX).map(button).collect()
}
