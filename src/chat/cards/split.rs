//! Splits: the question, the offer before and after it is made, and how it ended.

use crate::chat::cards::{Page, overview, say_button, signing};
use crate::chat::commands::{Typed, Word};
use crate::chat::part;
use crate::chat::say::split::{Over, SplitLine};
use crate::chat::say::{Label, Line, Share, Title, Who};
use crate::chat::{Binding, Button, Colour, Post, View};
use crate::money::Amount;
use crate::trade::Role;
use crate::trade::plan::{End, Offer, Plan};

/// What the buttons offer, in percent of the price.
const PERCENTS: [u32; 3] = [25, 50, 75];

/// How much shall the seller get? `problem`: what was wrong with the last answer.
#[must_use]
pub fn ask(view: &View<'_>, problem: Option<part::Problem>) -> Vec<Post> {
    let price = view.trade.price();
    let question =
        SplitLine::Ask { seller: view.side(Role::Seller), price: view.money(price), code: view.trade.code.clone() };
    let parts = PERCENTS.into_iter().filter_map(|percent| Some((percent, part::percent(percent, price)?)));
    // What would leave one of them nothing is refused.
    let parts = parts.filter(|(_, part)| !part.is_zero() && *part < price).map(|(percent, part)| {
        let typed = Typed { code: Some(view.trade.code.clone()), ..Typed::with_words(Word::Split, part.to_string()) };
        say_button(view.lang, &Label::Part { percent, money: view.money(part) }, Colour::Go, &typed)
    });
    Page::about(view, Title::Split)
        .lines(&problem.map(|problem| Line::Split(SplitLine::Problem(problem))))
        .line(&Line::Split(question))
        .buttons(parts)
        .button(view.status_button())
        .posts()
}

/// Before it is offered: everybody's part to the unit, and the button whose token is bound to it.
pub(super) fn preview(view: &View<'_>, seller: Amount) -> Vec<Post> {
    let trade = view.trade;
    let Some(shares) = trade.shares(seller) else { return ask(view, Some(part::Problem::TooMuch)) };
    let share = |to, amount| Share { to, money: view.money(amount) };
    let parts = [
        share(view.side(Role::Seller), shares.seller),
        share(view.side(Role::Buyer), shares.buyer),
        share(Who::Fee, shares.fee),
    ];
    let binding = Binding::Split { seller };
    let typed = Typed {
        code: Some(trade.code.clone()),
        ..Typed::with_words(binding.word(), seller.to_string()).token(&(view.token)(binding))
    };
    Page::about(view, Title::Split)
        .line(&Line::Split(SplitLine::Preview { price: view.money(trade.price()) }))
        .lines(&parts.into_iter().filter(|share| !share.money.amount.is_zero()).map(Line::PaidTo).collect::<Vec<_>>())
        .line(&Line::Split(SplitLine::OfferStep { to: view.other() }))
        .button(say_button(view.lang, &Label::OfferIt, Colour::Go, &typed))
        .buttons([view.says(&Label::OtherPart, Colour::Plain, Word::Split), view.status_button()])
        .posts()
}

/// An offer was made: to who may sign it, and to who made it.
pub(super) fn told(view: &View<'_>, no: u32) -> Vec<Post> {
    let plan = view.trade.plan(no).filter(|plan| plan.lives() && view.trade.state.is_open() && !view.is_stopped());
    let Some((plan, offer)) = plan.and_then(|plan| Some((plan, plan.offer?))) else { return overview::situation(view) };
    let (price, until) = (view.money(view.trade.price()), view.until(offer.until));
    if offer.by != view.viewer {
        let block = signing::Block::of(view, plan);
        let page = Page::about(view, Title::Sign(plan.kind)).lines(&block.lines);
        let number = (!block.buttons.is_empty()).then(|| view.own_number());
        return page.lines(&number).buttons(block.buttons).buttons(button(view)).button(view.why_button()).posts();
    }
    let to = view.other();
    Page::about(view, Title::Sign(plan.kind))
        .line(&Line::Split(SplitLine::Sent { to: to.clone(), price }))
        .lines(&paid(view, plan))
        .line(&Line::Split(SplitLine::SentStep { to, until }))
        .buttons(button(view))
        .button(view.why_button())
        .posts()
}

/// What the signing card says of an offered split before its sheet: whose offer it is, and who gets what.
pub(super) fn offered(view: &View<'_>, plan: &Plan) -> Vec<Line> {
    let Some(Offer { by, .. }) = plan.offer else { return Vec::new() };
    let line = SplitLine::Offered { by: view.who(by), price: view.money(view.trade.price()) };
    std::iter::once(Line::Split(line)).chain(paid(view, plan)).collect()
}

fn paid(view: &View<'_>, plan: &Plan) -> Vec<Line> {
    view.shares(plan).into_iter().map(Line::PaidTo).collect()
}

/// The offer that stands, beside what a page says anyway.
pub(super) fn stands(view: &View<'_>) -> Option<Line> {
    let plan = view.trade.offered_split().filter(|_| view.trade.state.is_open() && !view.is_stopped())?;
    let (offer, seller) = (plan.offer?, view.trade.person(Role::Seller)?);
    let on = plan.givers.first().map_or(Who::Stranger, |giver| view.who(*giver));
    Some(Line::Split(SplitLine::Waits {
        by: view.who(offer.by),
        on,
        seller: view.who(seller),
        gets: view.money(plan.paid_to(seller)),
        until: view.until(offer.until),
    }))
}

/// The same for whoever made it; who may sign it has it among what can be signed.
pub(super) fn sent(view: &View<'_>) -> Option<Line> {
    let mine = |plan: &Plan| plan.offer.is_some_and(|offer| offer.by == view.viewer);
    view.trade.offered_split().filter(|plan| mine(plan)).and_then(|_| stands(view))
}

/// It is over, and nobody signed it.
pub(super) fn over(view: &View<'_>, no: u32) -> Vec<Post> {
    let plan = view.trade.plan(no).filter(|plan| plan.end == Some(End::Lapsed));
    let Some((plan, offer)) = plan.and_then(|plan| Some((plan, plan.offer?))) else { return overview::situation(view) };
    let newer = |other: &Plan| other.offer.is_some() && other.no > plan.no;
    let why = match () {
        () if view.now >= offer.until => Over::Late,
        () if view.trade.plans.iter().any(newer) => Over::Newer,
        () => Over::Moved,
    };
    Page::about(view, Title::Trade)
        .line(&Line::Split(SplitLine::Over { by: view.who(offer.by), why }))
        .buttons(button(view))
        .button(view.status_button())
        .posts()
}

/// Both may offer one while the money is locked and nothing is decided.
pub(super) fn button(view: &View<'_>) -> Option<Button> {
    let trade = view.trade;
    let may = trade.state.is_open() && trade.role_of(view.viewer).is_some() && trade.ruling().is_none();
    let may = may && trade.frozen.is_none() && !trade.is_emptied();
    may.then(|| view.says(&Label::OfferSplit, Colour::Plain, Word::Split))
}
