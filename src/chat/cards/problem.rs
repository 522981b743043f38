//! A problem: before a judge is called for, what is evidence, and taking the call back.

use crate::chat::cards::{Page, evidence, overview, say_button};
use crate::chat::commands::{Typed, Word};
use crate::chat::problem::reason_word;
use crate::chat::say::problem::{ProblemLabel, ProblemLine};
use crate::chat::say::{Label, Line, Title};
use crate::chat::{Binding, Button, Colour, Post, View};
use crate::trade::evidence::{EACH_MAX, Unfit};
use crate::trade::{Refusal, State};

pub(super) fn line(line: ProblemLine) -> Line {
    Line::Problem(line)
}

fn says(view: &View<'_>, label: ProblemLabel, colour: Colour, word: Word) -> Button {
    view.says(&Label::Problem(label), colour, word)
}

/// What calling for a judge does, with a button for each reason that makes sense for the viewer now.
#[must_use]
pub fn ask(view: &View<'_>) -> Vec<Post> {
    let reasons = view.trade.problems(view.viewer, view.now);
    let buttons = reasons.iter().map(|why| {
        let typed =
            Typed { code: Some(view.trade.code.clone()), ..Typed::with_words(Word::Problem, reason_word(*why).into()) };
        say_button(view.lang, &Label::Problem(ProblemLabel::Reason(*why)), Colour::Stop, &typed)
    });
    Page::about(view, Title::Sure)
        .line(&line(ProblemLine::Opening { other: view.other() }))
        .buttons(buttons)
        .button(view.status_button())
        .posts()
}

/// To open a case, where the viewer can.
pub(super) fn button(view: &View<'_>) -> Option<Button> {
    let may = !view.is_stopped() && !view.trade.problems(view.viewer, view.now).is_empty();
    may.then(|| says(view, ProblemLabel::Problem, Colour::Stop, Word::Problem))
}

/// What can be done about the evidence of an open case, and about the case.
pub(super) fn buttons(view: &View<'_>) -> Vec<Button> {
    let State::Disputed { by, .. } = view.trade.state else { return Vec::new() };
    if view.is_stopped() || view.trade.ruling().is_some() {
        return Vec::new();
    }
    let add = view.trade.may_add_evidence(view.viewer).is_ok();
    let back = by == view.viewer;
    [
        add.then(|| says(view, ProblemLabel::Add, Colour::Go, Word::Evidence)),
        list_button(view),
        back.then(|| says(view, ProblemLabel::Withdraw, Colour::Stop, Word::Withdraw)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The evidence, for whoever may read it.
pub(super) fn list_button(view: &View<'_>) -> Option<Button> {
    let list = view.trade.may_read_evidence(view.viewer) && !view.trade.exhibits.is_empty();
    list.then(|| says(view, ProblemLabel::List, Colour::Plain, Word::Exhibit))
}

/// What it is about and how much evidence there is, while a judge is awaited.
pub(super) fn lines(view: &View<'_>) -> Vec<Line> {
    let State::Disputed { by, .. } = view.trade.state else { return Vec::new() };
    if view.trade.ruling().is_some() {
        return Vec::new();
    }
    let why = view.trade.problem.map(|why| line(ProblemLine::Reason { by: view.who(by), why }));
    why.into_iter().chain(evidence::count(view)).collect()
}

/// A judge was called for: the one who did is asked for evidence at once.
pub(super) fn opened(view: &View<'_>) -> Vec<Post> {
    let news = match view.trade.state {
        State::Disputed { by, .. } if by == view.viewer => Some(ProblemLine::Send { each: EACH_MAX }),
        State::Disputed { .. } => Some(ProblemLine::Invited),
        _ => None,
    };
    overview::situation_before(view, &Vec::from_iter(news.map(line)))
}

fn done_button(view: &View<'_>) -> Button {
    say_button(view.lang, &Label::Problem(ProblemLabel::Done), Colour::Go, &Typed::alone(Word::Done))
}

fn collecting(view: &View<'_>, news: ProblemLine) -> Vec<Post> {
    Page::about(view, Title::Disputed).line(&line(news)).button(done_button(view)).posts()
}

/// From now on what the viewer says is evidence. `kept`: a draft of theirs waits. `at_once`: a judge was called for
/// before they could say what it is about.
#[must_use]
pub fn collect(view: &View<'_>, kept: bool, at_once: bool) -> Vec<Post> {
    Page::about(view, Title::Disputed)
        .lines(&at_once.then_some(line(ProblemLine::AtOnce)))
        .line(&line(ProblemLine::ForTheJudge { other: view.other() }))
        .line(&line(ProblemLine::Send { each: EACH_MAX }))
        .lines(&kept.then_some(line(ProblemLine::Kept)))
        .button(done_button(view))
        .button(view.status_button())
        .posts()
}

/// The newest exhibit, which the viewer just added.
#[must_use]
pub fn added(view: &View<'_>) -> Vec<Post> {
    let Some(exhibit) = view.trade.exhibits.last() else { return overview::status(view) };
    collecting(view, ProblemLine::Added { no: exhibit.no, what: evidence::what(exhibit) })
}

/// It was not kept.
#[must_use]
pub fn unfit(view: &View<'_>, why: Unfit) -> Vec<Post> {
    collecting(view, ProblemLine::Unfit(why))
}

/// Nothing can be added any more; `refusal`: why.
#[must_use]
pub fn not_added(view: &View<'_>, refusal: Refusal) -> Vec<Post> {
    if refusal == Refusal::TooOften {
        return collecting(view, ProblemLine::Full { each: EACH_MAX });
    }
    Page::about(view, Title::Trade)
        .line(&line(ProblemLine::Closed))
        .buttons([view.status_button(), view.why_button()])
        .posts()
}

/// That was all. `back`: the draft that waited is there again.
#[must_use]
pub fn done(view: &View<'_>, back: bool) -> Vec<Post> {
    let added = view.trade.exhibits_of(view.viewer).count();
    Page::about(view, Title::Disputed)
        .line(&line(ProblemLine::Done { added }))
        .lines(&back.then_some(line(ProblemLine::Back)))
        .buttons(buttons(view))
        .buttons([view.status_button(), view.why_button()])
        .posts()
}

/// Before the call for a judge is taken back, for good.
pub(super) fn sure(view: &View<'_>) -> Vec<Post> {
    let State::Disputed { left, delivered, .. } = view.trade.state else { return overview::status(view) };
    Page::about(view, Title::Sure)
        .line(&line(ProblemLine::SureWithdraw { left, delivered }))
        .button(view.binds(&Label::Problem(ProblemLabel::YesWithdraw), Colour::Stop, Binding::Withdraw))
        .button(view.status_button())
        .posts()
}
