//! Pages from the first draft to the moment both have accepted.

use crate::chat::cards::{Page, head, link_button, say_button, terms_lines, trust, who};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::{self, Label, Lang, Line, Money, Title, Who};
use crate::chat::{Binding, Colour, Draft, House, Known, Person, Post, View, text};
use crate::id::UserId;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::terms::TermsError;
use crate::trade::{Counterparty, Refusal, Role, State, payout};

/// The draft's card: everything that would be proposed, and how. `token` is for [`Binding::Propose`].
#[must_use]
pub fn draft(
    draft: &Draft,
    token: &str,
    house: &House,
    people: &dyn Fn(UserId) -> Option<Person>,
    lang: Lang,
    known: &Known,
) -> Vec<Post> {
    let other_role = draft.role.other();
    let other = draft.other.map_or(Who::Side(other_role), |other| who(people(other), Who::Side(other_role)));
    let money = |amount| Money { amount, symbol: draft.asset.symbol.clone() };
    let due = payout::due(draft.price, &house.fee);
    let shares = due.and_then(|due| payout::shares(draft.price, &house.fee, due));
    let (Some(due), Some(shares)) = (due, shares) else {
        return Page::new(lang, Title::Draft(draft.role)).line(&Line::TermsRefused(TermsError::PriceTooLarge)).posts();
    };
    let payer = if draft.role == Role::Buyer { Who::You } else { other.clone() };
    let next = match (&other, draft.other) {
        (_, Some(_)) => Line::SendStep { to: other.clone() },
        (_, None) => Line::InviteStep { other: other_role },
    };
    let label = match &other {
        Who::Person { name, .. } => Label::SendTo(name.clone()),
        Who::You | Who::Side(_) | Who::Fee | Who::Bot | Who::Account(_) | Who::Stranger => Label::Invite(other_role),
    };
    let whom = draft.other.and_then(people);
    let whom =
        whom.map(|other| trust::of_person(known, house, &other, (&draft.asset, draft.price))).unwrap_or_default();
    let again = if draft.role == Role::Buyer { Word::Buy } else { Word::Sell };
    Page::new(lang, Title::Draft(draft.role))
        .line(&Line::Sides { role: draft.role, other })
        .line(&Line::Item(text::quoted(&draft.item)))
        .line(&Line::Price { amount: draft.price, label: draft.asset.label() })
        .line(&Line::Fee { fee: money(shares.fee), bps: house.fee.bps, payer: house.fee.payer })
        .line(&Line::Due { by: payer, money: money(due) })
        .line(&Line::Payouts { seller: money(shares.seller), buyer: money(due), zero: money(Amount::ZERO) })
        .line(&Line::Periods(house.periods))
        .lines(&pay_ways(house))
        .lines(&custody_lines(house, house.ruling_delay.of(draft.asset.id, draft.price)))
        .lines(&whom)
        .line(&next)
        .button(say_button(lang, &label, Colour::Go, &Typed::alone(Word::Propose).token(token)))
        .button(say_button(lang, &Label::StartOver, Colour::Stop, &Typed::alone(again)))
        .posts()
}

fn pay_ways(house: &House) -> Option<Line> {
    house.mixpay.then_some(Line::PayWays)
}

/// Who runs it, whose keys count, and what if the bot dies: said before anybody commits (design §10).
fn custody_lines(house: &House, delay: Millis) -> [Line; 3] {
    let operator = text::quoted_name(&house.operator);
    [Line::Keys, Line::House { operator, judges: house.judges.len(), unruled: house.unruled, delay }, Line::IfBotDies]
}

/// After proposing: what the proposer does next. For an invitation, also the text to forward.
#[must_use]
pub fn invitation(view: &View<'_>) -> Vec<Post> {
    if !view.is_proposer() {
        return super::refusal(Some(view), Refusal::OnlyProposer, view.lang);
    }
    let trade = view.trade;
    let page = Page::about(view, Title::Invitation);
    let State::Proposed { until } = trade.state else {
        return page.line(&Line::Refused(Refusal::TooLate)).button(view.status_button()).posts();
    };
    let until = view.until(until);
    if let Counterparty::Named(other) = trade.terms.counterparty {
        let sent = Line::WaitingFor(say::Waiting::Acceptance(Some(view.who(other))));
        return page.lines([&sent, &Line::TimeLeft(until)]).buttons([view.why_button(), view.cancel_button()]).posts();
    }
    let forward = Line::Forward {
        from: who((view.people)(trade.terms.proposer), Who::Side(trade.terms.role)),
        role: trade.terms.role,
        item: trade.terms.item.clone(),
        // In the same language: by it the bot knows which one to answer in.
        link: view.links.say_to(&format!("{} {}", say::command(view.lang, Word::Join), trade.code)),
        number: view.house.bot_number.clone(),
        code: trade.code.clone(),
    };
    let mut posts = page
        .line(&Line::ForwardStep { other: trade.terms.role.other(), until })
        .buttons([view.why_button(), view.cancel_button()])
        .posts();
    posts.push(Post::Text(format!("{}\n{}", head(trade), say::words(view.lang, &forward))));
    posts
}

/// The terms, for the person who is to accept them; `note` comes before them.
pub(super) fn proposal(view: &View<'_>, note: Option<&Line>) -> Vec<Post> {
    if view.is_proposer() {
        return super::refusal(Some(view), Refusal::SamePerson, view.lang);
    }
    if !view.may_see() {
        return super::refusal(None, Refusal::NotYours, view.lang);
    }
    let trade = view.trade;
    let proposer = view.who(trade.terms.proposer);
    let named = matches!(trade.terms.counterparty, Counterparty::Named(_));
    let page = Page::about(view, Title::Proposal)
        .lines(note)
        .line(&Line::ProposalFrom { from: proposer.clone(), role: trade.terms.role })
        .lines(&terms_lines(view))
        .line(&Line::Periods(trade.terms.periods))
        .lines(&pay_ways(view.house))
        .lines(&custody_lines(
            &House { judges: trade.terms.judges.clone(), unruled: trade.terms.unruled, ..view.house.clone() },
            trade.terms.ruling_delay,
        ));
    let page = page.lines(&trust::before_consent(view, trade.terms.proposer));
    let State::Proposed { until } = trade.state else {
        return page.line(&Line::Refused(Refusal::TooLate)).button(view.status_button()).posts();
    };
    let page = if named { page } else { page.line(&Line::ConfirmFollows { by: proposer }) };
    let page = page.line(&Line::AcceptStep { until: view.until(until), named }).button(view.binds(
        &Label::Accept,
        Colour::Go,
        Binding::Accept,
    ));
    if !named {
        return page.posts();
    }
    page.button(view.says(&Label::Decline, Colour::Stop, Word::Decline)).buttons(trust::block_button(view)).posts()
}

/// To the proposer: this person brought the code.
pub(super) fn joined(view: &View<'_>, note: Option<&Line>) -> Vec<Post> {
    if !view.is_proposer() {
        return super::refusal(Some(view), Refusal::OnlyProposer, view.lang);
    }
    let Some(joiner) = view.trade.joiner.filter(|_| matches!(view.trade.state, State::Proposed { .. })) else {
        return Page::about(view, Title::Trade)
            .lines(note)
            .line(&Line::Refused(Refusal::Already))
            .button(view.status_button())
            .posts();
    };
    let person = view.who(joiner);
    let name = match &person {
        Who::Person { name, .. } => name.clone(),
        Who::You | Who::Side(_) | Who::Fee | Who::Bot | Who::Account(_) | Who::Stranger => "…".to_owned(),
    };
    let mut posts = vec![Post::Contact(joiner)];
    posts.extend(
        Page::about(view, Title::Joined)
            .lines(note)
            .line(&Line::JoinedAsk { who: person })
            .lines(&trust::before_consent(view, joiner))
            .button(view.binds(&Label::YesConfirm(name), Colour::Go, Binding::Confirm))
            .button(view.says(&Label::NotThem, Colour::Stop, Word::Reject))
            .posts(),
    );
    posts
}

/// To the person who brought the code: wait.
pub(super) fn joining(view: &View<'_>) -> Vec<Post> {
    let State::Proposed { until } = view.trade.state else {
        return super::status(view);
    };
    let by = view.who(view.trade.terms.proposer);
    Page::about(view, Title::Trade)
        .line(&Line::Joining { by, until: view.until(until) })
        .button(view.why_button())
        .button(view.says(&Label::Decline, Colour::Stop, Word::Decline))
        .posts()
}

/// The pay link, for the buyer. Not before it is known what was paid already, nor while nothing would come of it.
pub(super) fn pay_button(view: &View<'_>) -> Option<crate::chat::Button> {
    if view.trade.behind || view.trade.frozen.is_some() {
        return None;
    }
    let amount = view.trade.link()?.amount;
    let link = view.links.pay(view.trade)?;
    Some(link_button(view.lang, &Label::Pay(view.money(amount)), Colour::Money, link))
}
