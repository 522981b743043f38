//! What is decided in a case.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use super::{Caller, Case, CaseCommand, CaseEvent, Given, OFFER_WAITS, RULE_WITHIN, Stage};
use crate::id::UserId;
use crate::time::Millis;
use crate::trade::command::Refusal;
use crate::trade::decide::Draft;
use crate::trade::dispute::{self, Ruling};
use crate::trade::event::Event;
use crate::trade::state::State;

impl Draft<'_> {
    fn happens(&mut self, event: CaseEvent) {
        self.push(Event::Case(event));
    }

    /// The time that counts for the trade.
    fn time(&self) -> Millis {
        self.trade.time(self.context.now)
    }
}

/// A dispute was opened: somebody is asked at once.
pub(in crate::trade) fn open(draft: &mut Draft<'_>) {
    let at = draft.time();
    draft.happens(CaseEvent::Opened { at });
    attend(draft);
}

pub(in crate::trade) fn case(draft: &mut Draft<'_>, command: &CaseCommand) -> Result<(), Refusal> {
    let trade = &draft.trade;
    if let CaseCommand::Stop { by: Some(by) } = command {
        may_stop(draft, *by)?;
    }
    dispute::may_change(trade)?;
    if trade.ruling().is_some() {
        return Err(Refusal::AlreadyRuled);
    }
    let disputed = matches!(trade.state, State::Disputed { .. });
    let case = trade.case.as_ref().filter(|_| disputed).ok_or(Refusal::NoDispute)?.clone();
    match command {
        CaseCommand::Take { by } => take(draft, &case, *by),
        CaseCommand::Pass { by } => pass(draft, &case, *by),
        CaseCommand::Rule { by, ruling, why } => rule(draft, &case, *by, *ruling, why),
        CaseCommand::Stop { by } => stop(draft, &case, *by),
    }
}

/// Whoever was asked may take it while nobody has, however late: it is the order of asking that nobody can steer.
fn take(draft: &mut Draft<'_>, case: &Case, by: UserId) -> Result<(), Refusal> {
    if case.judge() == Some(by) {
        return Err(Refusal::Already);
    }
    if !case.is_open_to(by) || !draft.trade.may_judge(by, draft.context.judges) {
        return Err(Refusal::NotTheJudge);
    }
    let at = draft.time();
    draft.happens(CaseEvent::Taken { by, at });
    Ok(())
}

fn pass(draft: &mut Draft<'_>, case: &Case, by: UserId) -> Result<(), Refusal> {
    if case.judge() != Some(by) && !case.is_open_to(by) {
        return Err(Refusal::NotTheJudge);
    }
    draft.happens(CaseEvent::Passed { by });
    attend(draft);
    Ok(())
}

/// Only who has the case in hand rules, and only while being a judge.
fn rule(draft: &mut Draft<'_>, case: &Case, by: UserId, ruling: Ruling, why: &str) -> Result<(), Refusal> {
    if case.judge() != Some(by) || !draft.trade.may_judge(by, draft.context.judges) {
        return Err(Refusal::NotTheJudge);
    }
    dispute::check_ruling(&draft.trade, ruling)?;
    let at = draft.time();
    draft.happens(CaseEvent::Given(Given { by, ruling, why: why.to_owned(), at }));
    let delay = draft.trade.terms.ruling_delay;
    if case.is_final(ruling, delay) {
        dispute::finish(draft, ruling);
    } else if case.given.is_empty() {
        // Nobody is promised another look that nobody can have.
        let last = !has_other(draft);
        draft.happens(CaseEvent::Stands { until: at.plus(delay), last });
    } else {
        draft.happens(CaseEvent::Another { by: Caller::Disagreement, at });
        attend(draft);
    }
    Ok(())
}

/// A party, or another judge of the terms.
fn may_stop(draft: &Draft<'_>, by: UserId) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let has_ruled = trade.case.as_ref().is_some_and(|case| case.has_ruled(by));
    let judges = trade.is_judge(by, draft.context.judges) && !has_ruled;
    if trade.role_of(by).is_some() || judges { Ok(()) } else { Err(Refusal::NotYours) }
}

/// Whether there is a judge who may look at it and has neither ruled nor passed.
fn has_other(draft: &Draft<'_>) -> bool {
    let trade = &draft.trade;
    let Some(case) = &trade.case else { return false };
    let other = |judge: &UserId| !case.passed.contains(judge) && !case.has_ruled(*judge);
    trade.bench(draft.context.ids, draft.context.judges).iter().any(other)
}

fn stop(draft: &mut Draft<'_>, case: &Case, by: Option<UserId>) -> Result<(), Refusal> {
    let Stage::Stands { until, last } = case.stage else { return Err(Refusal::NoRuling) };
    let at = draft.time();
    // What is said at the end itself is in time.
    if at > until {
        return Err(Refusal::TooLate);
    }
    if last || !has_other(draft) {
        return Err(Refusal::NoOtherJudge);
    }
    draft.happens(CaseEvent::Another { by: by.map_or(Caller::Operator, Caller::Person), at });
    attend(draft);
    Ok(())
}

/// Sees to it that somebody has the case in hand, or is asked; says so when nobody can be.
pub(in crate::trade) fn attend(draft: &mut Draft<'_>) {
    let trade = &draft.trade;
    let disputed = matches!(trade.state, State::Disputed { .. }) && trade.ruling().is_none();
    if !disputed || trade.frozen.is_some() || trade.is_emptied() {
        return;
    }
    let Some(case) = &trade.case else { return open(draft) };
    let (now, facts) = (draft.time(), draft.context.judges);
    let gone = match case.stage {
        Stage::Offered { to, .. } if !trade.is_judge(to, facts) => Some(CaseEvent::Left { judge: to }),
        // Also who has ruled for one of them elsewhere since, or traded with one.
        Stage::Taken { by, .. } if !trade.may_judge(by, facts) => Some(CaseEvent::Left { judge: by }),
        Stage::Offered { to, until } if now >= until => Some(CaseEvent::Silent { judge: to }),
        // There is a ruling: whoever was to look at it again had time enough.
        Stage::Taken { by, .. } if !case.given.is_empty() && now >= case.since.plus(RULE_WITHIN) => {
            Some(CaseEvent::Left { judge: by })
        }
        Stage::Open | Stage::Offered { .. } | Stage::Taken { .. } | Stage::Stands { .. } | Stage::Nobody { .. } => None,
    };
    if let Some(event) = gone {
        draft.happens(event);
    }
    ask_next(draft, now);
}

fn ask_next(draft: &mut Draft<'_>, now: Millis) {
    let trade = &draft.trade;
    let Some(case) = trade.case.as_ref().filter(|case| matches!(case.stage, Stage::Open | Stage::Nobody { .. })) else {
        return;
    };
    let done = |judge: &UserId| case.asked.contains(judge) || case.passed.contains(judge) || case.has_ruled(*judge);
    let bench = trade.bench(draft.context.ids, draft.context.judges);
    let able = bench.iter().any(|judge| !case.passed.contains(judge) && !case.has_ruled(*judge));
    let event = match bench.into_iter().find(|judge| !done(judge)) {
        Some(to) => CaseEvent::Offered { to, until: now.plus(OFFER_WAITS) },
        None if matches!(case.stage, Stage::Nobody { .. }) => return,
        // Nobody else: what was ruled stands, after the delay.
        None if !case.given.is_empty() => CaseEvent::Stands { until: now.plus(trade.terms.ruling_delay), last: true },
        // All were asked, and may still take it: for that there is the whole time of a ruling.
        None if able => return,
        None => CaseEvent::Nobody { at: now },
    };
    draft.happens(event);
}
