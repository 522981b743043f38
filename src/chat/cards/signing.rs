//! Cards that ask for a signature: what the app's sheet will show, what it will not, and what signing means.

use crate::chat::cards::{Page, link_button, overview};
use crate::chat::commands::Word;
use crate::chat::say::{Label, Line, Share, Title, Who};
use crate::chat::{Button, Colour, Post, View};
use crate::trade::plan::{Kind, Plan};
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
        let plans = view.trade.plans.iter().filter(|plan| {
            let standing =
                plan.kind == Kind::Return || matches!(view.trade.state, State::Funded { .. } | State::Delivered { .. });
            let asked = plan.must_tap && view.trade.role_of(view.viewer).is_some();
            plan.lives() && (asked || standing && plan.givers.contains(&view.viewer))
        });
        plans.map(|plan| Self::of(view, plan)).collect()
    }

    fn of(view: &View<'_>, plan: &Plan) -> Self {
        let mut lines = sheet(view, plan).into_iter().collect::<Vec<_>>();
        lines.push(meaning(view, plan));
        let vault = view.trade.vault();
        let index = vault.and_then(|vault| vault.index_of(view.viewer));
        let signed = index.is_some_and(|index| plan.signed.contains_key(&index));
        let open = plan.request.filter(|request| request.open && plan.lives());
        let unready = plan.kind == Kind::Release && matches!(view.trade.state, State::Funded { .. });
        let comes_next = plan.must_tap || plan.kind == Kind::Return || plan.kind == Kind::Release && !unready;
        let mut buttons = Vec::new();
        match open {
            _ if signed && !plan.must_tap => lines.push(Line::YouSigned),
            Some(request) => {
                lines.extend(unready.then(|| Line::ReleaseNotYet { seller: view.side(Role::Seller) }));
                lines.push(Line::ThenSigned);
                let (label, colour) = match plan.kind {
                    Kind::Release => (Label::SignRelease, Colour::Money),
                    Kind::Refund => (Label::SignRefund, Colour::Stop),
                    Kind::Split => (Label::SignSplit, Colour::Money),
                    Kind::Return => (Label::SignReturn, Colour::Money),
                };
                buttons.push(link_button(view.lang, &label, colour, view.links.sign(request.id)));
                buttons.push(view.says(&Label::Signed, Colour::Go, Word::Signed));
            }
            None => lines.push(Line::SignLinkSoon),
        }
        Self { kind: plan.kind, comes_next, lines, buttons }
    }
}

/// The app shows the first receiver and its amount, and nothing else (dossier §11.9).
fn sheet(view: &View<'_>, plan: &Plan) -> Option<Line> {
    let mut shares = plan.payouts.iter().map(|payout| {
        let money = view.money_of_plan(plan, payout.amount);
        Share { to: view.who(payout.to), money }
    });
    let shows = shares.next()?;
    Some(Line::Sheet { shows, hidden: shares.collect() })
}

fn meaning(view: &View<'_>, plan: &Plan) -> Line {
    let to = plan.payouts.first().map_or(Who::Stranger, |payout| view.who(payout.to));
    if plan.must_tap {
        return Line::SignAnew { kind: plan.kind };
    }
    match plan.kind {
        Kind::Release => Line::ReleaseMeans { seller: to },
        Kind::Refund => Line::RefundMeans { buyer: to, money: view.money(plan.total()) },
        Kind::Split | Kind::Return => Line::ReturnMeans { to, money: view.money_of_plan(plan, plan.total()) },
    }
}
