//! Cards that ask for a signature: what the app's sheet will show, what it will not, and what signing means.

use crate::chat::cards::{Page, link_button, overview, right, split};
use crate::chat::commands::Word;
use crate::chat::say::right::RightLine;
use crate::chat::say::split::SplitLine;
use crate::chat::say::{Label, Line, Title, Who};
use crate::chat::{Button, Colour, Post, View};
use crate::trade::plan::{Authority, Kind, Plan};
use crate::trade::{Role, State};

/// The card of one plan's request, for somebody whose signature it waits for.
pub(super) fn card(view: &View<'_>, no: u32) -> Vec<Post> {
    let plan = view.trade.plan(no).filter(|_| view.trade.frozen.is_none());
    let Some(plan) = plan else { return super::status(view) };
    let block = Block::of(view, plan);
    // What comes next stands on the newest card, whichever that is.
    let next =
        if matches!(view.trade.state, State::Funded { .. }) { overview::action_buttons(view) } else { Vec::new() };
    Page::about(view, Title::Sign(plan.kind))
        .lines(&block.lines)
        .line(&view.own_number())
        .buttons(next)
        .buttons(block.buttons)
        .button(view.why_button())
        .buttons(view.page_button())
        .posts()
}

/// The lines and buttons of one plan for the viewer: never a button without the lines that explain it.
pub(super) struct Block {
    pub(super) kind: Kind,
    /// Signing is what comes next; otherwise it is only possible.
    pub(super) comes_next: bool,
    pub(super) lines: Vec<Line>,
    pub(super) buttons: Vec<Button>,
}

impl Block {
    /// Everything the viewer could sign now: their settlement, and returns that wait for them.
    pub(super) fn all(view: &View<'_>) -> Vec<Self> {
        // The bot signs nothing then, so nobody is asked to, or promised a link.
        if view.trade.frozen.is_some() {
            return Vec::new();
        }
        let trade = view.trade;
        let plans = trade.plans.iter().filter(|plan| {
            let standing = plan.kind == Kind::Return || trade.state.is_open();
            let asked = plan.must_tap && trade.role_of(view.viewer).is_some();
            let counts = || trade.consents(plan).iter().any(|(person, _)| *person == view.viewer);
            plan.lives() && (asked || standing && counts())
        });
        let mut blocks: Vec<Self> = plans.map(|plan| Self::of(view, plan)).collect();
        blocks.sort_by_key(|block| !block.comes_next);
        blocks
    }

    pub(super) fn of(view: &View<'_>, plan: &Plan) -> Self {
        let consents = view.trade.consents(plan);
        let by = consents.into_iter().find(|(person, _)| *person == view.viewer).map(|(_, authority)| authority);
        let mut lines = split::offered(view, plan);
        let open = plan.request.filter(|request| request.open && plan.lives());
        // Of an offer everybody's part was said already: the sheet comes with the link.
        lines.extend(sheet(view, plan).filter(|_| plan.offer.is_none() || open.is_some()));
        lines.push(meaning(view, plan, by));
        let vault = view.trade.vault();
        let index = vault.and_then(|vault| vault.index_of(view.viewer));
        let signed = index.is_some_and(|index| plan.signed.contains_key(&index));
        let releases = plan.kind == Kind::Release && matches!(by, Some(Authority::BuyerReleased) | None);
        let unready = releases && matches!(view.trade.state, State::Funded { .. }) && view.trade.ruling().is_none();
        let comes_next = match by {
            _ if plan.must_tap => true,
            Some(Authority::BuyerReleased) => matches!(view.trade.state, State::Delivered { .. }),
            Some(Authority::SellerRefunded) | None => false,
            Some(
                Authority::SplitAgreed
                | Authority::InspectionElapsed
                | Authority::DeliveryElapsed
                | Authority::Ruled
                | Authority::NotOwed,
            ) => true,
        };
        let mut buttons = Vec::new();
        match open {
            _ if signed && !plan.must_tap => lines.push(Line::YouSigned),
            Some(request) => {
                lines.extend(unready.then(|| Line::ReleaseNotYet { seller: view.side(Role::Seller) }));
                // Nothing would come of looking for what is not shown.
                let unshown = plan.unshown && plan.authorised.is_none();
                lines.push(if unshown {
                    Line::Right(RightLine::Unshown { kind: plan.kind })
                } else {
                    Line::ThenSigned
                });
                let takes = by.is_some_and(|authority| right::ground(authority).is_some());
                let colour = if plan.kind == Kind::Refund && !takes { Colour::Stop } else { Colour::Money };
                buttons.push(link_button(
                    view.lang,
                    &right::sign_label(plan.kind),
                    colour,
                    view.links.sign(request.id),
                ));
                buttons.push(view.says(&Label::Signed, Colour::Go, Word::Signed));
            }
            None => lines.push(Line::SignLinkSoon),
        }
        Self { kind: plan.kind, comes_next, lines, buttons }
    }
}

/// The app shows the first receiver and its amount, and nothing else (dossier §11.9).
fn sheet(view: &View<'_>, plan: &Plan) -> Option<Line> {
    let mut shares = view.shares(plan).into_iter();
    let shows = shares.next()?;
    Some(Line::Sheet { shows, hidden: shares.collect() })
}

fn meaning(view: &View<'_>, plan: &Plan, by: Option<Authority>) -> Line {
    let to = plan.payouts.first().map_or(Who::Stranger, |payout| view.who(payout.to));
    if plan.must_tap {
        return Line::SignAnew { kind: plan.kind };
    }
    if let Some(take) = right::take(view, plan, by) {
        return take;
    }
    match (plan.kind, plan.offer) {
        (Kind::Release, _) => Line::ReleaseMeans { seller: to },
        (Kind::Refund, _) => Line::RefundMeans { buyer: to, money: view.money(plan.total()) },
        (Kind::Split, Some(offer)) => Line::Split(SplitLine::Means { until: view.until(offer.until) }),
        (Kind::Split, None) => right::ruled(view, plan),
        (Kind::Return, _) => Line::ReturnMeans { to, money: view.money_of_plan(plan, plan.total()) },
    }
}
