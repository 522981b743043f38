//! The recovery kit: what both can sign without the bot, and what the operator needs to go on.

use crate::chat::cards::{Page, head};
use crate::chat::say::kit::KitLine;
use crate::chat::say::{self, Line, Share, Title, Who};
use crate::chat::{Post, View};
use crate::id::UserId;
use crate::trade::Refusal;
use crate::trade::plan::Plan;

/// The kit as a message to keep, for the two parties only.
#[must_use]
pub fn kit(view: &View<'_>) -> Vec<Post> {
    let trade = view.trade;
    if trade.role_of(view.viewer).is_none() {
        return super::refusal(None, Refusal::NotYours, view.lang);
    }
    let (Some(lines), Some(text)) = (lines(view), (view.kit)()) else {
        return Page::about(view, Title::Trade).line(&Line::Kit(KitLine::Later)).button(view.status_button()).posts();
    };
    let lines = std::iter::once(KitLine::Intro).chain(lines).chain([KitLine::Text]);
    let words = lines.map(|line| say::words(view.lang, &Line::Kit(line)));
    let mut parts: Vec<String> = std::iter::once(head(trade)).chain(words).collect();
    parts.push(format!("```\n{text}\n```"));
    vec![Post::Markdown(parts.join("\n\n"))]
}

/// What both can sign without the bot, and where the money is; `None` before the parties are frozen.
pub(super) fn lines(view: &View<'_>) -> Option<Vec<KitLine>> {
    let trade = view.trade;
    let vault = trade.vault()?;
    let standing = trade.plans.iter().filter(|plan| plan.stands() && plan.lives());
    let mut lines: Vec<KitLine> = standing.filter_map(|plan| link(view, plan)).collect();
    if lines.is_empty() {
        lines.push(if trade.state.is_end() { KitLine::NoLinks } else { KitLine::Follows });
    }
    lines.push(KitLine::Vault(vault.address()));
    Some(lines)
}

/// One standing link and who gets how much by it.
fn link(view: &View<'_>, plan: &Plan) -> Option<KitLine> {
    let request = plan.request.filter(|request| request.open)?;
    let pays = plan
        .payouts
        .iter()
        .map(|payout| Share { to: side(view, payout.to), money: view.money_of_plan(plan, payout.amount) });
    Some(KitLine::Link { kind: plan.kind, pays: pays.collect(), link: view.links.sign(request.id) })
}

/// Never by name: the page is Markdown, in which a name could look like anything.
fn side(view: &View<'_>, person: UserId) -> Who {
    match view.trade.role_of(person) {
        Some(role) => Who::Side(role),
        None if person == view.trade.terms.fee.receiver => Who::Fee,
        None => Who::Stranger,
    }
}

/// The trade is known again after the database was lost.
pub(super) fn imported(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Trade)
        .line(&Line::Kit(KitLine::Imported))
        .buttons([view.status_button(), view.why_button()])
        .posts()
}
