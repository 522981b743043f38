//! The time somebody has: reminders, its end, and more of it.

use crate::chat::cards::{Page, judge, overview, say_button, signing};
use crate::chat::commands::{Typed, Word};
use crate::chat::say::clock::{Clock, ClockLine};
use crate::chat::say::{Label, Line, Title};
use crate::chat::{Binding, Button, Colour, Post, View, span};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::{Kind, Role};

/// Days that a button gives.
const GIFTS: [u32; 3] = [1, 3, 7];

/// Whose time runs, or is over; `None` where no right comes of it: nothing runs, or the right is there.
fn running(view: &View<'_>) -> Option<(Clock, Millis, Role)> {
    // What a dispute comes to without a ruling is told of with its case.
    view.trade.runs_out().filter(|_| view.trade.open_case().is_none())?;
    let (until, late) = view.trade.state.whose_time()?;
    Some((of(view, until, late), until, late))
}

fn of(view: &View<'_>, until: Millis, late: Role) -> Clock {
    let kind = match late {
        Role::Buyer => Kind::Release,
        Role::Seller => Kind::Refund,
    };
    let taker = late.other();
    let plan = view.trade.living(kind);
    let paid = plan.and_then(|plan| Some(plan.paid_to(view.trade.person(taker)?))).unwrap_or(Amount::ZERO);
    Clock { late: view.side(late), taker: view.side(taker), kind, money: view.money(paid), until: view.until(until) }
}

/// To whoever loses by the deadline.
pub(super) fn reminder(view: &View<'_>) -> Vec<Post> {
    to_the_late(view, ClockLine::Reminder)
}

/// The same when it is over: with what they can still sign.
pub(super) fn time_up(view: &View<'_>) -> Vec<Post> {
    to_the_late(view, ClockLine::TimeUp)
}

fn to_the_late(view: &View<'_>, line: fn(Clock) -> ClockLine) -> Vec<Post> {
    if let Some(posts) = judge::reminder(view) {
        return posts;
    }
    let Some((clock, until, late)) = running(view).filter(|(_, _, late)| *late == view.role()) else {
        return overview::situation(view);
    };
    let signs = late == Role::Buyer || view.is_over(until);
    let blocks = if signs { signing::Block::all(view) } else { Vec::new() };
    overview::with_all(view, overview::title(view), &[Line::Clock(line(clock))], blocks)
}

/// To both.
pub(super) fn extended(view: &View<'_>) -> Vec<Post> {
    let news = running(view).map(|(clock, ..)| Line::Clock(ClockLine::Extended(clock)));
    overview::situation_after(view, &Vec::from_iter(news))
}

/// To both: what is known, and that some of what they said may not be.
pub(super) fn anew(view: &View<'_>) -> Vec<Post> {
    let until = running(view).map(|(_, until, _)| view.until(until));
    let news = std::iter::once(Line::Clock(ClockLine::Anew(until))).chain(overview::step_lines(view));
    overview::with_all(view, Title::Trade, &news.collect::<Vec<_>>(), Vec::new())
}

/// How much more time shall it be?
#[must_use]
pub fn ask(view: &View<'_>) -> Vec<Post> {
    let Some((until, late)) = view.trade.state.whose_time() else { return overview::status(view) };
    let gift = |days: &u32| {
        let more = Millis::from_hours(i64::from(*days).saturating_mul(24));
        gives(view, &Label::Days(*days), span::days(*days), more)
    };
    Page::about(view, Title::Trade)
        .line(&Line::Clock(ClockLine::Ask(of(view, until, late))))
        .buttons(GIFTS.iter().map(gift))
        .button(view.status_button())
        .posts()
}

/// The button that gives `more` time, `words` as they are read back.
fn gives(view: &View<'_>, label: &Label, words: String, more: Millis) -> Button {
    let typed = Typed { words, ..Typed::about(Word::Extend, &view.trade.code) };
    say_button(view.lang, label, Colour::Go, &typed.token(&(view.token)(Binding::Extend { more })))
}

/// So much more: is that meant?
pub(super) fn sure(view: &View<'_>, more: Millis) -> Vec<Post> {
    let Some((until, late)) = view.trade.state.whose_time() else { return overview::status(view) };
    Page::about(view, Title::Sure)
        .line(&Line::Clock(ClockLine::Sure { clock: of(view, until, late), more }))
        .button(gives(view, &Label::YesTime, span::written(more), more))
        .button(view.status_button())
        .posts()
}

/// What the end of the time will bring, or why it has brought nothing yet.
pub(super) fn then(view: &View<'_>) -> Option<Line> {
    unproved(view).or_else(|| running(view).map(|(clock, ..)| Line::Clock(ClockLine::Then(clock))))
}

/// Why nobody has a right yet, though the time is over.
pub(super) fn unproved(view: &View<'_>) -> Option<Line> {
    let (clock, until, _) = running(view)?;
    let why = if view.clock_halted { ClockLine::Halted(clock) } else { ClockLine::Unproved(clock) };
    view.is_over(until).then_some(Line::Clock(why))
}

/// For whoever can give more time. `over`: only when it is over.
pub(super) fn more_button(view: &View<'_>, over: bool) -> Option<Button> {
    let (until, late) =
        view.trade.state.whose_time().filter(|_| !view.is_stopped() && view.trade.ruling().is_none())?;
    let gives = view.role() == late.other() && (view.is_over(until) || !over);
    gives.then(|| view.says(&Label::MoreTime, Colour::Plain, Word::Extend))
}
