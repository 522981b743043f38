//! The time somebody has: what is said of it before it runs out, and who may give more.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::time::Millis;
use crate::trade::case::{NOBODY_WAITS, RULE_WITHIN, Stage};
use crate::trade::command::{Refusal, Sight};
use crate::trade::decide::Draft;
use crate::trade::dispute::{self, Right};
use crate::trade::event::Event;
use crate::trade::state::Trade;
use crate::trade::terms::Role;

/// A time that runs, and what its end gives. What rule 10 asks before (everything said until then is known, the vault
/// was read again since) is asked of each; it is the engine that proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Its end, in service time. What was said then is still in time.
    pub until: Millis,
    /// How long it was at first: reminders come by it.
    pub period: Millis,
    /// Who loses by its end, and hears of it before.
    pub losers: &'static [Role],
    /// Each of them must have been told that it is over. Not where a person has decided: whoever cannot be told would
    /// stop what was decided.
    pub warns: bool,
    /// What its end gives.
    pub gives: Right,
}

/// What was last said of a deadline to whoever loses by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The deadline, in service time.
    pub until: Millis,
    /// How much was left of it, one of the lengths of [`Trade::next_reminder`]; 0: it was said that the time is over.
    pub left: Millis,
    /// Mixin took that last message for the buyer.
    pub to_buyer: bool,
    /// And for the seller.
    pub to_seller: bool,
    /// The service time at which Mixin would not take it for the one who loses by a default of the terms.
    #[serde(default)]
    pub refused: Option<Millis>,
}

/// So long after Mixin refused the notice of it the default of the terms needs no telling.
pub const UNTOLD: Millis = Millis::from_hours(24);

impl Said {
    /// Said just now, and not known to be taken.
    #[must_use]
    pub const fn new(until: Millis, left: Millis) -> Self {
        Self { until, left, to_buyer: false, to_seller: false, refused: None }
    }

    /// Whether it was said that the time is over, and taken for that person.
    #[must_use]
    pub fn warned(&self, role: Role) -> bool {
        let taken = match role {
            Role::Buyer => self.to_buyer,
            Role::Seller => self.to_seller,
        };
        taken && self.left == Millis(0)
    }
}

/// The most that is given at a time.
pub const MORE_MAX: Millis = Millis::from_hours(30 * 24);
/// No deadline is moved further away than this.
pub const FAR: Millis = Millis::from_hours(90 * 24);

impl Trade {
    /// The time that runs and gives somebody a right at its end. `None` while the trade stands still, or its row may be
    /// behind what was said and signed, once its money is gone, and where a right was given already.
    #[must_use]
    pub fn runs_out(&self) -> Option<Deadline> {
        let deadline = match self.state.whose_time() {
            Some((until, late)) => {
                let (losers, gives): (&'static [Role], Right) = match late {
                    Role::Seller => (&[Role::Seller], Right::DeliveryElapsed),
                    Role::Buyer => (&[Role::Buyer], Right::InspectionElapsed),
                };
                Deadline { until, period: self.terms.periods.of(late), losers, warns: true, gives }
            }
            None => self.runs_out_in_case()?,
        };
        let runs = self.frozen.is_none() && !self.behind && self.right.is_none() && !self.is_emptied();
        runs.then_some(deadline)
    }

    /// The same at service time `now` once its end was noticed, and everybody heard of it who must: what is left is rule
    /// 10's to prove. Where nobody ruled, both agreed to what happens then: whoever blocks the bot cannot keep it away.
    #[must_use]
    pub fn ran_out(&self, now: Millis) -> Option<Deadline> {
        let deadline = self.runs_out()?;
        let said = self.said.filter(|said| said.until == deadline.until && said.left == Millis(0))?;
        let told = !deadline.warns || deadline.losers.iter().all(|role| said.warned(*role));
        let untold = deadline.is_default() && said.refused.is_some_and(|at| at.plus(UNTOLD) <= now);
        (told || untold).then_some(deadline)
    }

    /// The deadline whose end this person must still hear of before it gives anybody a right.
    #[must_use]
    pub fn unwarned(&self, role: Role) -> Option<Deadline> {
        let deadline = self.runs_out().filter(|deadline| deadline.warns && deadline.losers.contains(&role))?;
        let over = |said: &Said| said.until == deadline.until && said.left == Millis(0) && !said.warned(role);
        self.said.filter(over).map(|_| deadline)
    }

    /// The service time of the next reminder: at half time, 24 h and 2 h before the end, those that are not before half
    /// time, and at the end.
    #[must_use]
    pub fn next_reminder(&self) -> Option<Millis> {
        let deadline = self.runs_out()?;
        let left = deadline.lengths().find(|left| self.is_unsaid(deadline.until, *left))?;
        Some(deadline.until.since(left))
    }

    /// Without a ruling in time the default of the terms is somebody's right; a ruling that may be stopped is final when
    /// nobody has. Its losers need not hear the end of that: a judge has decided.
    fn runs_out_in_case(&self) -> Option<Deadline> {
        let case = self.open_case()?;
        if let (Some((until, _)), Some(given)) = (self.final_at(), case.given.last()) {
            let (period, gives) = (self.terms.ruling_delay, Right::Ruled(given.ruling));
            return Some(Deadline { until, period, losers: &[], warns: false, gives });
        }
        let period = if matches!(case.stage, Stage::Nobody { .. }) { NOBODY_WAITS } else { RULE_WITHIN };
        let unruled = self.terms.unruled;
        let (losers, gives) = (unruled.losers(), Right::Ruled(unruled.ruling()));
        Some(Deadline { until: self.default_at()?, period, losers, warns: true, gives })
    }

    fn is_unsaid(&self, until: Millis, left: Millis) -> bool {
        self.said.filter(|said| said.until == until).is_none_or(|said| left < said.left)
    }

    /// The notice of its end was refused.
    pub(super) fn unheard(&mut self, until: Millis, at: Millis) {
        if let Some(said) = self.said.as_mut().filter(|said| said.until == until) {
            said.refused = Some(at);
        }
    }

    /// A deadline with so much `left` was told to both just now: what should have been said of it before needs no saying.
    pub(super) fn told_deadline(&mut self, until: Millis, left: Millis) {
        self.said = self.runs_out().and_then(|deadline| {
            let before = deadline.lengths().filter(|said| said.0 > 0 && *said >= left);
            before.last().map(|left| Said::new(until, left))
        });
    }
}

impl Deadline {
    /// Its end brings what the terms say where nobody has ruled.
    const fn is_default(&self) -> bool {
        self.warns && matches!(self.gives, Right::Ruled(_))
    }

    /// What may be left when something is said, longest first.
    fn lengths(&self) -> impl Iterator<Item = Millis> + use<> {
        lengths(if self.warns { self.period } else { Millis(0) })
    }
}

fn lengths(period: Millis) -> impl Iterator<Item = Millis> {
    let half = Millis(period.0.div_euclid(2));
    let fixed = [Millis::from_hours(24), Millis::from_hours(2)].into_iter().filter(move |left| *left < half);
    std::iter::once(half).filter(|half| half.0 > 0).chain(fixed).chain([Millis(0)])
}

/// Says what is due. Of two that became due together only the later is worth saying.
pub(super) fn remind(draft: &mut Draft<'_>) {
    let trade = &draft.trade;
    let Some(deadline) = trade.runs_out() else { return };
    let until = deadline.until;
    let rest = Millis(until.since(trade.time(draft.context.now)).0.max(0));
    let due = deadline.lengths().filter(|left| *left >= rest);
    if let Some(left) = due.last().filter(|left| trade.is_unsaid(until, *left)) {
        draft.push(Event::Reminded { until, left });
    }
}

/// A look read the whole vault of a row that was put back: its money is still there, and time starts anew.
pub(super) fn caught_up(draft: &mut Draft<'_>, sight: &Sight) {
    let trade = &draft.trade;
    if !trade.behind || !trade.state.is_open() || trade.is_emptied() || sight.partial || sight.unanswered {
        return;
    }
    let at = draft.context.now;
    // Whose time was over stays late.
    let running = trade.state.whose_time().filter(|_| trade.right.is_none());
    let until = running.map(|(until, late)| until.max(trade.time(at).plus(trade.terms.periods.of(late))));
    draft.push(Event::Anew { at, until });
}

/// Mixin took the message by which `role`, who loses by this deadline, hears that it is over.
pub(super) fn warned(draft: &mut Draft<'_>, until: Millis, role: Role) {
    let over = |said: &Said| said.until == until && said.left == Millis(0) && !said.warned(role);
    if draft.trade.said.as_ref().is_some_and(over) {
        draft.push(Event::Warned { until, role });
    }
}

/// Mixin would not take that message.
pub(super) fn refused(draft: &mut Draft<'_>, until: Millis, role: Role) {
    let trade = &draft.trade;
    let unwarned = trade.unwarned(role).filter(|deadline| deadline.until == until && deadline.is_default());
    if unwarned.is_some() && trade.said.is_some_and(|said| said.refused.is_none()) {
        let at = trade.time(draft.context.now);
        draft.push(Event::Unwarned { until, role, at });
    }
}

/// Whoever would gain by the end of the time may give more of it, also when it is over: then what time had given them is
/// gone, and "delivered" counts again.
pub(super) fn extend(draft: &mut Draft<'_>, by: UserId, more: Millis) -> Result<(), Refusal> {
    let trade = &draft.trade;
    let role = trade.role_of(by).ok_or(Refusal::NotYours)?;
    dispute::may_change(trade)?;
    let (until, late) = trade.state.whose_time().ok_or(Refusal::InDispute)?;
    if trade.ruling().is_some() {
        return Err(Refusal::AlreadyRuled);
    }
    if role == late {
        return Err(if late == Role::Seller { Refusal::OnlyBuyer } else { Refusal::OnlySeller });
    }
    let now = trade.time(draft.context.now);
    let until = until.max(now).plus(more);
    let left = until.since(now);
    if more.0 <= 0 || more > MORE_MAX || left > FAR {
        return Err(Refusal::TooFar);
    }
    draft.push(Event::Extended { by, until, left });
    Ok(())
}
