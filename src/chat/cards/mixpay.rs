//! The road through MixPay in words. What MixPay says is told as what MixPay says; only the vault makes it true.

use crate::chat::cards::{Page, link_button, overview};
use crate::chat::commands::Word;
use crate::chat::say::{Label, Line, Title, Until};
use crate::chat::{Button, Colour, Post, View};
use crate::time::Millis;
use crate::trade::order::{Opened, Order, Progress};
use crate::trade::{Role, State};

/// To the buyer: a MixPay order can be paid now. When it cannot any more, how the trade stands.
pub(super) fn ready(view: &View<'_>, no: u32) -> Vec<Post> {
    let offered = offer(view).filter(|order| order.round == no && view.role() == Role::Buyer);
    let Some((order, button)) = offered.and_then(|order| Some((order, button(view, order, &Label::PayAnyCoin)?)))
    else {
        return overview::situation(view);
    };
    let picture = Post::Qr(button.action.clone());
    let page = Page::about(view, Title::Pay)
        .lines([&road(view, order), &Line::TimeLeft(until(view, order)), &view.own_number()])
        // It is the newest card of a payment: Mixin's own button stands here too.
        .buttons(overview::pay_buttons(view))
        .buttons([view.says(&Label::Paid, Colour::Go, Word::Paid), view.why_button()])
        .buttons(view.page_button());
    page.posts().into_iter().chain([picture]).collect()
}

/// MixPay said something new about an order.
pub(super) fn progress(view: &View<'_>, no: u32) -> Vec<Post> {
    let trade = view.trade;
    let Some(order) = trade.orders.iter().find(|order| order.round == no) else {
        return overview::situation(view);
    };
    let failed = matches!(order.progress, Progress::Failed(_));
    match trade.state {
        State::AwaitingPayment { .. } => {
            let told = trade.orders.last().is_some_and(|last| last.round == no) && !news(view).is_empty();
            overview::situation_after(view, &if told { Vec::new() } else { said(view, order) })
        }
        // Locked by other money, or over: all that is left to tell is where a payment that came to nothing went.
        _ if failed && view.role() == Role::Buyer => {
            Page::about(view, Title::Trade).lines(&said(view, order)).button(view.status_button()).posts()
        }
        _ => overview::situation(view),
    }
}

/// What a page tells of the last order without being asked; while money is on its way, with the next step.
pub(super) fn news(view: &View<'_>) -> Vec<Line> {
    if let Some(order) = view.trade.coming() {
        return said(view, order).into_iter().chain([next_step(view, order)]).collect();
    }
    let failed = |order: &&Order| matches!(order.progress, Progress::Failed(_));
    view.trade.last_order().filter(failed).map(|order| said(view, order)).unwrap_or_default()
}

/// What MixPay last said, also when it is "nothing yet".
pub(super) fn last_said(view: &View<'_>) -> Vec<Line> {
    match view.trade.last_order() {
        Some(order) if order.progress == Progress::Unpaid && order.opened.is_some() => said(view, order),
        _ => news(view),
    }
}

/// Whether "look now" is also a question to MixPay.
pub(super) fn is_asked(view: &View<'_>) -> bool {
    view.trade.last_order().is_some_and(|order| order.opened.is_some() && !order.over)
}

/// That there is this second road, when its button stands; that it may come back, when the last try failed.
pub(super) fn road_line(view: &View<'_>) -> Option<Line> {
    match (offer(view), view.trade.last_order()?.progress) {
        (Some(order), _) => Some(road(view, order)),
        (None, Progress::Failed(_)) if view.house.mixpay => Some(Line::MixPayAgain),
        (None, _) => None,
    }
}

/// The button to MixPay's page: to pay, or to pay what is left of a payment in parts.
pub(super) fn pay_button(view: &View<'_>) -> Option<Button> {
    if view.trade.behind {
        return None;
    }
    let rest = |order: &&Order| order.progress == Progress::Short && server(view) < order.expires;
    match view.trade.coming() {
        Some(order) => Some(order).filter(rest).and_then(|order| button(view, order, &Label::PayRest)),
        None => button(view, offer(view)?, &Label::PayAnyCoin),
    }
}

fn offer<'t>(view: &View<'t>) -> Option<&'t Order> {
    view.trade.offered(server(view))
}

fn said(view: &View<'_>, order: &Order) -> Vec<Line> {
    let role = view.role();
    let returns = matches!(order.progress, Progress::Failed(_)) && role == Role::Buyer;
    let said = Line::MixPay { progress: order.progress, role };
    std::iter::once(said).chain(returns.then_some(Line::MixPayReturns)).collect()
}

fn next_step(view: &View<'_>, order: &Order) -> Line {
    match (order.progress, view.role()) {
        (Progress::Short, Role::Buyer) => Line::PayRest,
        (_, role) => Line::WaitForMixPay(role),
    }
}

fn road(view: &View<'_>, order: &Order) -> Line {
    Line::MixPayRoad { money: view.money(order.amount) }
}

fn button(view: &View<'_>, order: &Order, label: &Label) -> Option<Button> {
    let Opened { code, .. } = order.opened.as_ref()?;
    Some(link_button(view.lang, label, Colour::Money, view.links.mixpay(code)))
}

/// MixPay counts in server time, which no downtime of ours stretches.
fn until(view: &View<'_>, order: &Order) -> Until {
    Until { left: order.expires.since(server(view)), date: order.expires }
}

fn server(view: &View<'_>) -> Millis {
    view.clock.to_server(view.now)
}
