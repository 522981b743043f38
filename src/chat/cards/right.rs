//! What time or a ruling has given somebody, and signatures that do not count or cannot be joined.

use crate::chat::cards::{Page, judge, link_button, overview};
use crate::chat::commands::Word;
use crate::chat::say::right::{Ground, RightLine};
use crate::chat::say::{Label, Line, Then, Title, Waiting, Who};
use crate::chat::{Button, Colour, Post, View};
use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::lock::Foreign;
use crate::trade::plan::{Authority, Kind, Plan};
use crate::trade::{Right, Role, State, Trade};

/// The plan that a right of now is about, and who may sign it by that.
fn given(trade: &Trade) -> Option<(Right, &Plan, Vec<UserId>)> {
    let right = trade.right.filter(|_| trade.state.is_open())?;
    let plan = trade.given()?;
    let by_right = trade.consents(plan).into_iter().filter(|(_, authority)| ground(*authority).is_some());
    Some((right, plan, by_right.map(|(person, _)| person).collect()))
}

/// What a right of now, or a dispute, means for the viewer; `None`: there is neither.
pub(super) fn lines(view: &View<'_>) -> Option<Vec<Line>> {
    let trade = view.trade;
    let (buyer, seller) = (view.side(Role::Buyer), view.side(Role::Seller));
    let paid = |plan: &Plan, role| {
        let amount = trade.person(role).map_or(Amount::ZERO, |person| plan.paid_to(person));
        view.money_of_plan(plan, amount)
    };
    match (given(trade), trade.state) {
        (Some((Right::InspectionElapsed, plan, _)), _) => {
            Some(vec![Line::Right(RightLine::Unchecked { money: paid(plan, Role::Seller), seller, buyer })])
        }
        (Some((Right::DeliveryElapsed, plan, _)), _) => {
            Some(vec![Line::Right(RightLine::Undelivered { money: paid(plan, Role::Buyer), seller, buyer })])
        }
        (Some((Right::Ruled(_), plan, by)), _) => {
            let by = by.into_iter().map(|person| view.who(person)).collect();
            let paid = view.shares(plan).into_iter().map(Line::PaidTo);
            let ruled = std::iter::once(Line::Right(RightLine::Ruled { kind: plan.kind, by }));
            Some(ruled.chain(paid).chain(judge::final_lines(view)).collect())
        }
        (None, State::Disputed { by, left, delivered }) => {
            let disputed = RightLine::Disputed { by: view.who(by), left, delivered, buyer, seller };
            Some(std::iter::once(Line::Right(disputed)).chain(judge::lines(view)).collect())
        }
        (None, _) => None,
    }
}

/// The same for what is awaited.
pub(super) fn awaited(view: &View<'_>) -> Option<(Waiting, Option<Millis>, Then)> {
    let (buyer, seller) = (view.side(Role::Buyer), view.side(Role::Seller));
    match (given(view.trade), view.trade.state) {
        (Some((_, plan, by)), _) => {
            let by = by.into_iter().map(|person| view.who(person)).collect();
            Some((Waiting::Taking { kind: plan.kind, by }, None, Then::ByTheirSignatures))
        }
        (None, State::Disputed { .. }) => Some((Waiting::Ruling { buyer, seller }, None, Then::ClocksStand)),
        (None, _) => None,
    }
}

/// What signing means for somebody whom time or a ruling pays; `None` for everybody else.
pub(super) fn take(view: &View<'_>, plan: &Plan, authority: Option<Authority>) -> Option<Line> {
    let ground = ground(authority?)?;
    Some(Line::Right(RightLine::Take { ground, money: view.money_of_plan(plan, plan.paid_to(view.viewer)) }))
}

/// The same of a ruled split, for whomever it is shown to.
pub(super) fn ruled(view: &View<'_>, plan: &Plan) -> Line {
    let money = view.money_of_plan(plan, plan.paid_to(view.viewer));
    Line::Right(RightLine::Take { ground: Ground::Ruled, money })
}

pub(super) const fn ground(authority: Authority) -> Option<Ground> {
    match authority {
        Authority::InspectionElapsed => Some(Ground::Unchecked),
        Authority::DeliveryElapsed => Some(Ground::Undelivered),
        Authority::Ruled => Some(Ground::Ruled),
        Authority::BuyerReleased | Authority::SellerRefunded | Authority::SplitAgreed | Authority::NotOwed => None,
    }
}

/// Whoever called for the judge took it back.
pub(super) fn withdrawn(view: &View<'_>) -> Vec<Post> {
    let by = view.trade.disputed_by.last().map(|by| Line::Right(RightLine::Withdrawn { by: view.who(*by) }));
    overview::situation_after(view, &Vec::from_iter(by))
}

/// Somebody signed what pays them before they may take it.
pub(super) fn early(view: &View<'_>, no: u32) -> Vec<Post> {
    let plan = view.trade.plan(no).filter(|plan| plan.lives() && view.trade.state.is_open());
    let Some(plan) = plan else { return overview::situation(view) };
    let needs = plan.givers.iter().map(|giver| view.who(*giver)).collect();
    Page::about(view, Title::Sign(plan.kind))
        .line(&Line::Right(RightLine::Early { kind: plan.kind, needs }))
        .buttons([view.status_button(), view.why_button()])
        .posts()
}

/// A member's own transaction holds the money; what it would do follows as a message of its own.
pub(super) fn foreign(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Request)
        .line(&Line::Right(RightLine::Foreign { patience: Foreign::PATIENCE }))
        .buttons([view.status_button(), view.why_button()])
        .posts()
}

/// That one holds it now, as far as was seen.
pub(super) fn held(view: &View<'_>) -> Option<Line> {
    (view.trade.state.is_open() && view.trade.is_held()).then_some(Line::Right(RightLine::Held))
}

/// Somebody has signed and Mixin does not show it: both can sign the same link, whoever of them reads this.
pub(super) fn unshown(view: &View<'_>, no: u32) -> Vec<Post> {
    let plan = view.trade.plan(no).filter(|plan| plan.lives() && plan.authorised.is_none() && !view.is_stopped());
    let Some(plan) = plan else { return overview::situation(view) };
    let request = plan.request.filter(|request| request.open);
    let link = request
        .map(|request| link_button(view.lang, &sign_label(plan.kind), Colour::Stop, view.links.sign(request.id)));
    Page::about(view, Title::Sign(plan.kind))
        .line(&Line::Right(RightLine::Unshown { kind: plan.kind }))
        .line(&view.own_number())
        .buttons(link)
        .buttons([kit_button(view), view.status_button()])
        .posts()
}

fn kit_button(view: &View<'_>) -> Button {
    view.says(&Label::Kit, Colour::Plain, Word::Kit)
}

pub(super) const fn sign_label(kind: Kind) -> Label {
    match kind {
        Kind::Release => Label::SignRelease,
        Kind::Refund => Label::SignRefund,
        Kind::Split => Label::SignSplit,
        Kind::Return => Label::SignReturn,
    }
}

/// Who gave the signature by which a plan was decided.
pub(super) fn signer(view: &View<'_>, plan: &Plan) -> Who {
    let trade = view.trade;
    let vault = trade.vault();
    let signed = |person: UserId| {
        let index = vault.as_ref().and_then(|vault| vault.index_of(person));
        index.is_some_and(|index| plan.signed.contains_key(&index))
    };
    let consent = trade.consents(plan).into_iter().find(|(person, by)| Some(*by) == plan.authorised && signed(*person));
    let anybody = || plan.givers.iter().copied().find(|giver| signed(*giver));
    let by = consent.map(|(person, _)| person).or_else(anybody).or_else(|| plan.givers.first().copied());
    by.map_or(Who::Stranger, |person| view.who(person))
}
