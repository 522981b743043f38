//! A case: who is asked to judge a dispute, who does, and what becomes of the ruling.
//!
//! A ruling moves nothing: it gives somebody the right to sign. Above a value it can be stopped for a while before it
//! does, so that a judge who is not themselves, or not honest, is found out in time.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod law;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::time::Millis;
use crate::trade::dispute::Ruling;
use crate::trade::duty::Notice;
use crate::trade::state::{State, Trade};
use crate::trade::terms::{Role, Unruled};

pub(super) use law::{attend, case, open};

/// So long an offer is one judge's alone; then the next is asked too.
pub const OFFER_WAITS: Millis = Millis::from_hours(2);
/// So long a judge has for a ruling, from the beginning of the case; then the default of the terms stands in for it.
pub const RULE_WITHIN: Millis = Millis::from_hours(30 * 24);
/// Where nobody can be asked the default does not come sooner than this: the two can still settle by themselves.
pub const NOBODY_WAITS: Millis = Millis::from_hours(24);
/// Rulings there can be: whoever is the third decides.
pub const ROUNDS_MAX: u32 = 3;

/// What may be asked in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseCommand {
    /// A judge who was asked takes it.
    Take { by: UserId },
    /// A judge knows one of the two, or cannot go on.
    Pass { by: UserId },
    /// By token: the judge rules. `why`: one line, cleaned at the door (rule 13).
    Rule { by: UserId, ruling: Ruling, why: String },
    /// A party, another judge of the terms or the operator (`None`) stops a ruling, and another judge is asked.
    Stop { by: Option<UserId> },
}

/// What has become true of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseEvent {
    /// Begun; whoever passed in an earlier dispute of this trade is not asked again.
    Opened {
        at: Millis,
    },
    Offered {
        to: UserId,
        until: Millis,
    },
    /// Did not take it in time; may still do so while nobody else has.
    Silent {
        judge: UserId,
    },
    /// Is no judge any more.
    Left {
        judge: UserId,
    },
    Passed {
        by: UserId,
    },
    Taken {
        by: UserId,
        at: Millis,
    },
    Given(Given),
    /// The ruling given last can be stopped until then, or, if `last`, only waits: there is no other judge.
    Stands {
        until: Millis,
        last: bool,
    },
    /// Another judge is asked.
    Another {
        by: Caller,
        at: Millis,
    },
    /// Nobody is left who could be asked.
    Nobody {
        at: Millis,
    },
}

/// By whose word another judge is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    Person(UserId),
    Operator,
    /// Two rulings that are not the same.
    Disagreement,
}

/// A ruling as a judge gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub by: UserId,
    pub ruling: Ruling,
    /// One line of the judge's own words.
    pub why: String,
    /// Service time.
    pub at: Millis,
}

/// Where a case stands. Times are service time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody is to be asked, or all were and whoever comes first takes it.
    Open,
    Offered {
        to: UserId,
        until: Millis,
    },
    Taken {
        by: UserId,
        at: Millis,
    },
    /// A ruling was given and is not final yet.
    Stands {
        until: Millis,
        last: bool,
    },
    Nobody {
        since: Millis,
    },
}

/// The case of a dispute; part of the trade's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Service time since when a ruling of this round is awaited.
    pub since: Millis,
    /// 1, and one more for every further judge's.
    pub round: u32,
    pub stage: Stage,
    /// Everybody who was asked in this round, in order.
    pub asked: Vec<UserId>,
    /// Who will not judge here, ever.
    pub passed: Vec<UserId>,
    /// Why this round is another than the first.
    #[serde(default)]
    pub called_by: Option<Caller>,
    /// In order; what became final is the trade's right.
    pub given: Vec<Given>,
    /// Nobody ruled in time: what is ruled is the default of the terms.
    #[serde(default)]
    pub defaulted: bool,
}

impl Case {
    fn new(at: Millis, passed: Vec<UserId>) -> Self {
        let (asked, given) = (Vec::new(), Vec::new());
        Self { since: at, round: 1, stage: Stage::Open, asked, passed, called_by: None, given, defaulted: false }
    }

    /// Whether this ruling, given now under terms by which one can be stopped for `delay`, is final at once.
    #[must_use]
    pub fn is_final(&self, ruling: Ruling, delay: Millis) -> bool {
        delay.0 <= 0 || self.round >= ROUNDS_MAX || self.given.iter().any(|given| given.ruling == ruling)
    }

    /// Whether this judge has given a ruling.
    #[must_use]
    pub fn has_ruled(&self, judge: UserId) -> bool {
        self.given.iter().any(|given| given.by == judge)
    }

    /// The judge who has it in hand.
    #[must_use]
    pub const fn judge(&self) -> Option<UserId> {
        match self.stage {
            Stage::Taken { by, .. } => Some(by),
            Stage::Open | Stage::Offered { .. } | Stage::Stands { .. } | Stage::Nobody { .. } => None,
        }
    }

    /// Whether this judge was asked and may take it now.
    #[must_use]
    pub fn is_open_to(&self, judge: UserId) -> bool {
        let waits = matches!(self.stage, Stage::Open | Stage::Offered { .. } | Stage::Nobody { .. });
        waits && self.asked.contains(&judge) && !self.passed.contains(&judge) && !self.has_ruled(judge)
    }

    /// Everybody a reader of the case must know the name of.
    pub fn people(&self) -> impl Iterator<Item = UserId> {
        self.asked.iter().copied().chain(self.given.iter().map(|given| given.by)).chain(self.judge())
    }

    /// It stood still for so long.
    pub(super) fn stood(&mut self, length: Millis) {
        let later = |moment: &mut Millis| *moment = moment.plus(length);
        later(&mut self.since);
        match &mut self.stage {
            Stage::Offered { until, .. } | Stage::Stands { until, .. } => later(until),
            Stage::Nobody { since } => later(since),
            Stage::Open | Stage::Taken { .. } => {}
        }
    }

    /// After the database was lost: the offers are made anew, and everybody has their whole time again.
    pub(super) fn revived(&mut self, now: Millis) {
        self.since = now;
        match &mut self.stage {
            Stage::Open | Stage::Offered { .. } | Stage::Nobody { .. } => {
                self.asked.clear();
                self.stage = Stage::Open;
            }
            Stage::Stands { until, .. } => *until = (*until).max(now.plus(NOBODY_WAITS)),
            Stage::Taken { .. } => {}
        }
    }
}

impl CaseEvent {
    /// Folds the fact into the trade.
    pub(super) fn apply(&self, trade: &mut Trade) {
        if let Self::Opened { at } = self {
            let passed = trade.case.take().map(|case| case.passed).unwrap_or_default();
            trade.case = Some(Case::new(*at, passed));
        }
        if let Self::Given(_) | Self::Another { .. } | Self::Nobody { .. } = self {
            // Another deadline begins, or there is none.
            trade.said = None;
        }
        let Some(case) = &mut trade.case else { return };
        match self {
            Self::Opened { .. } => {}
            Self::Offered { to, until } => {
                case.asked.push(*to);
                case.stage = Stage::Offered { to: *to, until: *until };
            }
            Self::Silent { .. } | Self::Left { .. } => case.stage = Stage::Open,
            Self::Passed { by } => {
                case.passed.push(*by);
                let theirs = matches!(case.stage, Stage::Offered { to: judge, .. } | Stage::Taken { by: judge, .. } if judge == *by);
                if theirs {
                    case.stage = Stage::Open;
                }
            }
            Self::Taken { by, at } => case.stage = Stage::Taken { by: *by, at: *at },
            Self::Given(given) => {
                case.given.push(given.clone());
                case.stage = Stage::Open;
            }
            Self::Stands { until, last } => case.stage = Stage::Stands { until: *until, last: *last },
            Self::Another { by, at } => {
                case.called_by = Some(*by);
                case.asked.clear();
                case.round = case.round.saturating_add(1);
                (case.since, case.stage) = (*at, Stage::Open);
            }
            Self::Nobody { at } => case.stage = Stage::Nobody { since: *at },
        }
    }
}

impl Unruled {
    /// What stands in for a ruling.
    #[must_use]
    pub const fn ruling(self) -> Ruling {
        match self {
            Self::Release => Ruling::Release,
            Self::Refund => Ruling::Refund,
        }
    }

    /// Who loses by it.
    #[must_use]
    pub const fn losers(self) -> &'static [Role] {
        match self {
            Self::Release => &[Role::Buyer],
            Self::Refund => &[Role::Seller],
        }
    }
}

impl Trade {
    /// The case while it waits for a ruling that is final.
    #[must_use]
    pub fn open_case(&self) -> Option<&Case> {
        let open = matches!(self.state, State::Disputed { .. }) && self.ruling().is_none();
        self.case.as_ref().filter(|_| open)
    }

    /// The service time at which the default of the terms stands in for a ruling that nobody gave.
    #[must_use]
    pub fn default_at(&self) -> Option<Millis> {
        let case = self.open_case().filter(|case| case.given.is_empty())?;
        let late = case.since.plus(RULE_WITHIN);
        Some(match case.stage {
            Stage::Nobody { since } => since.plus(NOBODY_WAITS).min(late),
            Stage::Open | Stage::Offered { .. } | Stage::Taken { .. } | Stage::Stands { .. } => late,
        })
    }

    /// The service time at which the ruling that was given becomes final, and whether nobody can stop it any more.
    #[must_use]
    pub fn final_at(&self) -> Option<(Millis, bool)> {
        match self.open_case()?.stage {
            Stage::Stands { until, last } if self.frozen.is_none() && !self.is_emptied() => Some((until, last)),
            Stage::Stands { .. } | Stage::Open | Stage::Offered { .. } | Stage::Taken { .. } | Stage::Nobody { .. } => {
                None
            }
        }
    }

    /// The service time at which something happens in the case by itself.
    #[must_use]
    pub fn next_in_case(&self) -> Option<Millis> {
        let case = self.open_case().filter(|_| self.frozen.is_none())?;
        match case.stage {
            Stage::Offered { until, .. } | Stage::Stands { until, .. } => Some(until),
            Stage::Taken { .. } if !case.given.is_empty() => Some(case.since.plus(RULE_WITHIN)),
            Stage::Open | Stage::Taken { .. } | Stage::Nobody { .. } => None,
        }
    }

    /// Whether this person may read the case as its judge: has it in hand, is asked, or has ruled.
    #[must_use]
    pub fn judged_by(&self, person: UserId) -> bool {
        let open = matches!(self.state, State::Disputed { .. });
        let asked = |case: &Case| open && (case.judge() == Some(person) || case.is_open_to(person));
        let may = |case: &Case| asked(case) || case.has_ruled(person);
        self.role_of(person).is_none() && self.case.as_ref().is_some_and(may)
    }

    /// Whether this person, a party or another judge of the terms, may stop the ruling that stands.
    #[must_use]
    pub fn may_stop(&self, person: UserId) -> bool {
        let judges =
            self.terms.judges.contains(&person) && !self.open_case().is_some_and(|case| case.has_ruled(person));
        matches!(self.final_at(), Some((_, false))) && (self.role_of(person).is_some() || judges)
    }

    /// The ruling that was given last, by a judge.
    #[must_use]
    pub fn given_last(&self) -> Option<&Given> {
        self.case.as_ref()?.given.last()
    }

    /// The judges' rulings that the final one rests on.
    pub fn ruled_by(&self) -> impl Iterator<Item = &Given> {
        let last = self.ruling();
        let given = self.case.as_ref().filter(|case| !case.defaulted).map(|case| case.given.as_slice());
        given.unwrap_or_default().iter().filter(move |given| Some(given.ruling) == last)
    }
}

/// What people are told about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseNotice {
    /// To a judge: will you?
    Offer,
    /// To the judge who took it: the case.
    Yours,
    /// To a judge: nothing is asked of you any more.
    Closed,
    /// To both: who judges.
    Judged,
    /// To the judge: this is what you ruled.
    YouRuled,
    /// To both and the other judges: what was ruled, and until when it can be stopped.
    Stands,
    /// To both and those who ruled: another judge is asked.
    Another,
    /// To both: nobody can be asked.
    Nobody,
}

/// Who hears what of it.
pub(super) fn told(trade: &Trade, event: &CaseEvent) -> Vec<(UserId, Notice)> {
    let both = || [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role)).collect::<Vec<_>>();
    let ruled = || trade.case.iter().flat_map(|case| &case.given).map(|given| given.by).collect::<Vec<_>>();
    let to = |people: Vec<UserId>, notice| people.into_iter().map(|person| (person, Notice::Case(notice))).collect();
    match event {
        CaseEvent::Offered { to: judge, .. } => to(vec![*judge], CaseNotice::Offer),
        CaseEvent::Taken { by, .. } => {
            let mut all: Vec<(UserId, Notice)> = to(vec![*by], CaseNotice::Yours);
            all.extend(to(both(), CaseNotice::Judged));
            all
        }
        CaseEvent::Passed { by } => to(vec![*by], CaseNotice::Closed),
        CaseEvent::Given(given) => to(vec![given.by], CaseNotice::YouRuled),
        CaseEvent::Stands { last, .. } => stands(trade, *last),
        CaseEvent::Another { .. } => to(both().into_iter().chain(ruled()).collect(), CaseNotice::Another),
        CaseEvent::Nobody { .. } => to(both(), CaseNotice::Nobody),
        CaseEvent::Opened { .. } | CaseEvent::Silent { .. } | CaseEvent::Left { .. } => Vec::new(),
    }
}

/// Both and, while they may stop it, the other judges.
fn stands(trade: &Trade, last: bool) -> Vec<(UserId, Notice)> {
    let both = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| trade.person(role));
    let has_ruled = |judge: &UserId| trade.case.as_ref().is_some_and(|case| case.has_ruled(*judge));
    let others = trade.terms.judges.iter().copied().filter(|judge| !last && !has_ruled(judge));
    both.chain(others).map(|person| (person, Notice::Case(CaseNotice::Stands))).collect()
}

/// After a restore: what was said in the life that was lost is asked for again, of the judge who has the case in hand, and
/// of everybody who may stop the ruling that stands.
pub(super) fn again(trade: &Trade) -> Vec<(UserId, Notice)> {
    match trade.open_case().map(|case| case.stage) {
        Some(Stage::Taken { by, .. }) => vec![(by, Notice::Case(CaseNotice::Yours))],
        Some(Stage::Stands { last, .. }) => stands(trade, last),
        Some(Stage::Open | Stage::Offered { .. } | Stage::Nobody { .. }) | None => Vec::new(),
    }
}

/// Whoever was asked or had it in hand, when the case ends otherwise than by their ruling.
pub(super) fn closed(trade: &Trade) -> Option<(UserId, Notice)> {
    match trade.case.as_ref()?.stage {
        Stage::Offered { to: judge, .. } | Stage::Taken { by: judge, .. } => {
            Some((judge, Notice::Case(CaseNotice::Closed)))
        }
        Stage::Open | Stage::Stands { .. } | Stage::Nobody { .. } => None,
    }
}
