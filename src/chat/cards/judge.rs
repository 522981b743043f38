//! A case, for its judges and for the two whom it concerns. No link that moves money ever stands on a judge's card.

use crate::chat::cards::overview::{self, trades_button};
use crate::chat::cards::{Page, at_stake, evidence, head, problem, say_button, trust, who};
use crate::chat::commands::{Typed, Word};
use crate::chat::ruling::{self, Unread};
use crate::chat::say::judge::{After, CalledBy, JudgeFact, JudgeLine};
use crate::chat::say::{self, Label, Lang, Line, Money, Share, Title, Who};
use crate::chat::{Binding, Button, Colour, Post, View, part, text};
use crate::id::{Hash, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::case::{Caller, Case, CaseEvent, CaseNotice, Given, Stage};
use crate::trade::{Kind, Role, Ruling, State, Trade};

/// Exhibits listed on the case card; more are only counted there.
const EXHIBITS_SHOWN: usize = 6;
/// What stands on buttons for a split, in percent of the price.
const PERCENTS: [u32; 3] = [25, 50, 75];

const fn kind_of(ruling: Ruling) -> Kind {
    match ruling {
        Ruling::Release => Kind::Release,
        Ruling::Refund => Kind::Refund,
        Ruling::Split { .. } => Kind::Split,
    }
}

/// What binds a judge's button to the reason that was shown.
#[must_use]
pub fn reason_hash(why: &str) -> Hash {
    Hash(*blake3::hash(why.as_bytes()).as_bytes())
}

/// Somebody who is no party, by name and Mixin ID.
fn named(view: &View<'_>, person: UserId) -> Who {
    if person == view.viewer { Who::You } else { who((view.people)(person), Who::Account(person)) }
}

fn judge(line: JudgeLine) -> Line {
    Line::Judge(line)
}

fn concerns(view: &View<'_>) -> (Who, Who) {
    (view.side(Role::Buyer), view.side(Role::Seller))
}

/// Who would get what by a ruling: both parties, also who gets nothing, and the fee.
fn shares(view: &View<'_>, ruling: Ruling) -> Vec<Share> {
    let trade = view.trade;
    let paid = |role: Role| {
        let person = trade.person(role);
        let of = |kind| trade.living(kind).zip(person).map(|(plan, person)| plan.paid_to(person));
        match ruling {
            Ruling::Release => of(Kind::Release),
            Ruling::Refund => of(Kind::Refund),
            Ruling::Split { seller, .. } => {
                trade.shares(seller).map(|shares| if role == Role::Seller { shares.seller } else { shares.buyer })
            }
        }
        .unwrap_or_default()
    };
    let fee = match ruling {
        Ruling::Release => trade.living(Kind::Release).map(|plan| plan.paid_to(trade.terms.fee.receiver)),
        Ruling::Refund => None,
        Ruling::Split { seller, .. } => trade.shares(seller).map(|shares| shares.fee),
    };
    let sides = [Role::Seller, Role::Buyer].map(|role| (view.side(role), paid(role)));
    let fee = fee.filter(|fee: &Amount| !fee.is_zero()).map(|fee| (Who::Fee, fee));
    sides.into_iter().chain(fee).map(|(to, amount)| Share { to, money: view.money(amount) }).collect()
}

fn pays(view: &View<'_>, ruling: Ruling) -> Line {
    judge(JudgeLine::Pays { kind: kind_of(ruling), shares: shares(view, ruling) })
}

/// What was said and sent as evidence, on the case card.
fn evidence(view: &View<'_>) -> Vec<Line> {
    let mut lines = problem::lines(view);
    let all = evidence::exhibits(view);
    if all.len() <= EXHIBITS_SHOWN {
        lines.extend(all);
    }
    lines
}

/// How the two have traded before, on the case card.
fn records(view: &View<'_>) -> Vec<Line> {
    let both = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| view.trade.person(role));
    both.filter_map(|person| trust::record(view, person)).collect()
}

/// What the trade is and how it came here.
fn matter(view: &View<'_>) -> Vec<Line> {
    let trade = view.trade;
    let (buyer, seller) = concerns(view);
    let mut lines = vec![
        Line::Item(text::quoted(&trade.terms.item)),
        Line::Price { amount: trade.terms.price, label: trade.terms.asset.label() },
        judge(JudgeLine::Concerns { buyer, seller }),
    ];
    if let (State::Disputed { by, delivered, .. }, Some(case)) = (trade.state, &trade.case) {
        let date = |at: Millis| view.clock.to_server(at);
        let (agreed, disputed) = (date(trade.created_at), date(case.since));
        lines.push(judge(JudgeLine::Course { agreed, disputed, by: view.who(by), delivered }));
    }
    let pieces = trade.frozen_inputs().len();
    lines.push(judge(JudgeLine::Locked { money: view.money(at_stake(trade)), pieces }));
    lines.extend(evidence(view));
    lines.extend(records(view));
    lines
}

fn rule_button(view: &View<'_>, label: &Label, words: &str) -> Button {
    let typed = Typed { words: words.to_owned(), ..Typed::about(Word::Rule, &view.trade.code) };
    say_button(view.lang, label, Colour::Go, &typed)
}

fn rulings(view: &View<'_>) -> [Button; 3] {
    [(Label::RuleRelease, "release"), (Label::RuleRefund, "refund"), (Label::RuleSplit, "split")]
        .map(|(label, words)| rule_button(view, &label, words))
}

fn pass_button(view: &View<'_>) -> Button {
    view.says(&Label::KnowOne, Colour::Stop, Word::Pass)
}

fn default_kind(view: &View<'_>) -> Kind {
    kind_of(view.trade.terms.unruled.ruling())
}

/// The case, as it stands for a judge.
pub(super) fn case(view: &View<'_>) -> Vec<Post> {
    let trade = view.trade;
    let Some(case) = &trade.case else { return overview::situation(view) };
    let open = trade.open_case().is_some() && !view.is_stopped();
    match case.stage {
        Stage::Taken { by, .. } if open && by == view.viewer => yours(view, case),
        _ if open && case.is_open_to(view.viewer) => offer(view, case),
        _ if case.has_ruled(view.viewer) || open && trade.may_stop(view.viewer) => Page::about(view, Title::Case)
            .lines(&matter(view))
            .lines(&ruled_lines(view))
            .buttons(buttons(view))
            .button(cases_button(view.lang))
            .posts(),
        _ => closed(view),
    }
}

fn yours(view: &View<'_>, case: &Case) -> Vec<Post> {
    let until = view.trade.default_at().map(|until| view.until(until));
    let before = case.given.iter().map(|given| {
        judge(JudgeLine::Before {
            by: named(view, given.by),
            kind: kind_of(given.ruling),
            why: text::quoted(&given.why),
        })
    });
    Page::about(view, Title::Case)
        .lines(&until.map(|until| judge(JudgeLine::Yours { until, kind: default_kind(view) })))
        .lines(&matter(view))
        .lines(&before.collect::<Vec<_>>())
        .lines(&[Ruling::Release, Ruling::Refund].map(|ruling| pays(view, ruling)))
        .line(&judge(JudgeLine::Which))
        .buttons(rulings(view))
        .button(pass_button(view))
        .buttons(problem::list_button(view))
        .posts()
}

fn offer(view: &View<'_>, case: &Case) -> Vec<Post> {
    let (buyer, seller) = concerns(view);
    let until = match case.stage {
        Stage::Offered { until, .. } => until,
        Stage::Open | Stage::Taken { .. } | Stage::Stands { .. } | Stage::Nobody { .. } => view.now,
    };
    Page::about(view, Title::Case)
        .line(&judge(JudgeLine::Offer { buyer, seller, until: view.until(until) }))
        .line(&Line::Item(text::quoted(&view.trade.terms.item)))
        .line(&judge(JudgeLine::OfferStep))
        .button(view.says(&Label::TakeCase, Colour::Go, Word::Hear))
        .button(pass_button(view))
        .posts()
}

fn closed(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Case).line(&judge(JudgeLine::Closed)).button(cases_button(view.lang)).posts()
}

/// They took it and give it up: is that meant?
pub(super) fn sure_pass(view: &View<'_>) -> Vec<Post> {
    Page::about(view, Title::Sure)
        .line(&judge(JudgeLine::SurePass))
        .button(view.binds(&Label::YesPass, Colour::Stop, Binding::Pass))
        .button(view.status_button())
        .posts()
}

/// Which ruling, or how much? `unread`: what the last answer lacked.
#[must_use]
pub fn ask_ruling(view: &View<'_>, unread: &Unread) -> Vec<Post> {
    let page = Page::about(view, Title::Case);
    let Unread::Part(problem) = unread else {
        return page.line(&judge(JudgeLine::Unread(unread.clone()))).buttons(rulings(view)).posts();
    };
    let price = view.trade.price();
    let problem = problem.clone().map(|problem| judge(JudgeLine::Unread(Unread::Part(Some(problem)))));
    let parts = PERCENTS.into_iter().filter_map(|percent| Some((percent, part::percent(percent, price)?)));
    let parts = parts.filter(|(_, part)| !part.is_zero() && *part < price).map(|(percent, part)| {
        rule_button(view, &Label::Part { percent, money: view.money(part) }, &format!("split {part}"))
    });
    page.lines(&problem)
        .line(&judge(JudgeLine::AskPart { seller: view.side(Role::Seller), price: view.money(price) }))
        .buttons(parts)
        .button(drop_button(view.lang))
        .posts()
}

fn drop_button(lang: Lang) -> Button {
    say_button(lang, &Label::Cancel, Colour::Stop, &Typed::alone(Word::Cancel))
}

/// Who would get what; the reason is asked. `unread`: what the last reason lacked.
#[must_use]
pub fn ask_reason(view: &View<'_>, ruling: Ruling, unread: Option<Unread>) -> Vec<Post> {
    Page::about(view, Title::Case)
        .line(&pays(view, ruling))
        .lines(&unread.map(|unread| judge(JudgeLine::Unread(unread))))
        .line(&judge(JudgeLine::AskWhy))
        .button(drop_button(view.lang))
        .posts()
}

/// Everything once more, with the button that rules.
#[must_use]
pub fn sure_ruling(view: &View<'_>, ruling: Ruling, why: &str) -> Vec<Post> {
    let binding = Binding::Rule { ruling, why: reason_hash(why) };
    let typed = Typed { words: ruling::written(ruling), ..Typed::about(Word::Rule, &view.trade.code) };
    let typed = typed.token(&(view.token)(binding));
    Page::about(view, Title::Case)
        .line(&pays(view, ruling))
        .line(&judge(JudgeLine::Why(text::quoted(why))))
        .line(&judge(JudgeLine::Sure(after(view.trade, ruling))))
        .button(say_button(view.lang, &Label::RuleSo, Colour::Money, &typed))
        .buttons(rulings(view))
        .button(drop_button(view.lang))
        .posts()
}

/// What becomes of a ruling given now.
fn after(trade: &Trade, ruling: Ruling) -> After {
    let delay = trade.terms.ruling_delay;
    match &trade.case {
        Some(case) if !case.is_final(ruling, delay) && case.given.is_empty() => After::Waits(delay),
        Some(case) if !case.is_final(ruling, delay) => After::Differs(delay),
        Some(_) | None => After::Final,
    }
}

/// What a judge, or a party, is told of a case.
pub(super) fn notice(view: &View<'_>, notice: CaseNotice) -> Vec<Post> {
    match notice {
        CaseNotice::Offer | CaseNotice::Yours => case(view),
        CaseNotice::Closed => closed(view),
        CaseNotice::YouRuled => Page::about(view, Title::Case)
            .line(&judge(JudgeLine::YouRuled))
            .lines(&ruled_lines(view))
            .button(view.status_button())
            .button(cases_button(view.lang))
            .posts(),
        CaseNotice::Stands if view.is_judge() => case(view),
        CaseNotice::Judged | CaseNotice::Nobody | CaseNotice::Stands => overview::situation(view),
        CaseNotice::Another if view.is_judge() => {
            Page::about(view, Title::Case).lines(&another(view)).button(view.status_button()).posts()
        }
        CaseNotice::Another => overview::situation_after(view, &Vec::from_iter(another(view))),
    }
}

/// Why another judge is asked, as far as the row tells: two who disagree, or somebody's word.
fn another(view: &View<'_>) -> Option<Line> {
    let case = view.trade.case.as_ref()?;
    let by = match case.called_by? {
        Caller::Person(person) if view.trade.role_of(person).is_some() => CalledBy::Person(view.who(person)),
        Caller::Person(person) => CalledBy::Person(named(view, person)),
        Caller::Operator => CalledBy::Operator,
        Caller::Disagreement => CalledBy::Disagreement,
    };
    Some(judge(JudgeLine::Another(by)))
}

/// A ruling that stands or is final, with its reason.
fn ruled_lines(view: &View<'_>) -> Vec<Line> {
    let Some(given) = view.trade.given_last() else { return final_lines(view) };
    match view.trade.final_at() {
        Some((until, last)) => stands(view, given, until, last),
        None if view.trade.open_case().is_some() => {
            let mut lines = vec![given_line(view, given), pays(view, given.ruling)];
            lines.extend(another(view));
            lines
        }
        None => {
            let others = view.trade.ruled_by().filter(|other| *other != given).map(|other| given_line(view, other));
            let last = std::iter::once(given_line(view, given));
            others.chain(last).chain(defaulted(view)).collect()
        }
    }
}

fn given_line(view: &View<'_>, given: &Given) -> Line {
    let (by, kind, why) = (named(view, given.by), kind_of(given.ruling), text::quoted(&given.why));
    judge(JudgeLine::Before { by, kind, why })
}

fn stands(view: &View<'_>, given: &Given, until: Millis, last: bool) -> Vec<Line> {
    let (by, kind, why) = (named(view, given.by), kind_of(given.ruling), text::quoted(&given.why));
    let until = view.until(until);
    let how = if last { JudgeLine::Waits { until } } else { JudgeLine::Stop { until, may: may_stop(view) } };
    vec![judge(JudgeLine::Stands { by, kind, why }), pays(view, given.ruling), judge(how)]
}

/// Under a final ruling: whose it was and why, or that nobody ruled.
pub(super) fn final_lines(view: &View<'_>) -> Vec<Line> {
    let given = view
        .trade
        .ruled_by()
        .map(|given| judge(JudgeLine::RuledBy { by: named(view, given.by), why: text::quoted(&given.why) }));
    defaulted(view).into_iter().chain(given).collect()
}

/// Nobody ruled in time.
fn defaulted(view: &View<'_>) -> Option<Line> {
    view.trade.case.as_ref()?.defaulted.then_some(judge(JudgeLine::Defaulted))
}

/// How the case stands, for the two whom it concerns.
pub(super) fn lines(view: &View<'_>) -> Vec<Line> {
    let trade = view.trade;
    let Some(case) = trade.open_case() else { return Vec::new() };
    let default = trade.default_at().map(|until| (view.until(until), default_kind(view)));
    let by_default = default.map(|(until, kind)| judge(JudgeLine::Default { until, kind }));
    match case.stage {
        Stage::Offered { until, .. } => {
            [judge(JudgeLine::Asking { until: view.until(until) })].into_iter().chain(by_default).collect()
        }
        Stage::Taken { by, at } => {
            let since = view.clock.to_server(at);
            [judge(JudgeLine::Judging { by: named(view, by), since })].into_iter().chain(by_default).collect()
        }
        Stage::Stands { until, last } => case.given.last().map(|g| stands(view, g, until, last)).unwrap_or_default(),
        Stage::Nobody { .. } => {
            default.map(|(until, kind)| judge(JudgeLine::Nobody { until, kind })).into_iter().collect()
        }
        Stage::Open => [judge(JudgeLine::AllAsked)].into_iter().chain(by_default).collect(),
    }
}

fn may_stop(view: &View<'_>) -> bool {
    !view.is_stopped() && view.trade.may_stop(view.viewer)
}

/// For whoever may have another judge look.
pub(super) fn buttons(view: &View<'_>) -> Option<Button> {
    let open = view.trade.final_at().is_some_and(|(until, _)| !view.is_over(until));
    (open && may_stop(view)).then(|| view.says(&Label::SecondJudge, Colour::Stop, Word::Appeal))
}

/// To whoever loses by the default of the terms: so much is left, or it is over.
pub(super) fn reminder(view: &View<'_>) -> Option<Vec<Post>> {
    let deadline = view.trade.runs_out().filter(|_| view.trade.open_case().is_some())?;
    let (kind, taker) = (default_kind(view), view.side(deadline.losers.first()?.other()));
    let until = view.until(deadline.until);
    let line = if until.left.0 > 0 {
        JudgeLine::Reminder { until, kind, taker }
    } else {
        JudgeLine::TimeUp { date: until.date, kind, taker }
    };
    Some(overview::situation_after(view, &[judge(line)]))
}

fn cases_button(lang: Lang) -> Button {
    say_button(lang, &Label::Cases, Colour::Plain, &Typed::alone(Word::Cases))
}

/// The cases of a judge: in hand, or offered.
#[must_use]
pub fn cases(list: &[&Trade], lang: Lang) -> Vec<Post> {
    if list.is_empty() {
        return Page::new(lang, Title::Case).line(&judge(JudgeLine::CasesNone)).button(trades_button(lang)).posts();
    }
    let heads = list.iter().map(|trade| head(trade));
    let text = std::iter::once(say::words(lang, &judge(JudgeLine::Cases { count: list.len() }))).chain(heads);
    let button = |trade: &&Trade| {
        let money = Money { amount: at_stake(trade), symbol: trade.terms.asset.symbol.clone() };
        let label = Label::Trade { code: trade.code.clone(), money };
        say_button(lang, &label, Colour::Plain, &Typed::about(Word::Status, &trade.code))
    };
    let buttons = list.iter().take(super::BUTTONS_MAX).map(button).collect();
    vec![Post::Text(text.collect::<Vec<_>>().join("\n")), Post::Buttons(buttons)]
}

/// What happened, for the history.
pub(super) fn fact(view: &View<'_>, event: &CaseEvent) -> Option<JudgeFact> {
    Some(match event {
        CaseEvent::Opened { .. } => return None,
        CaseEvent::Offered { .. } => JudgeFact::Asked,
        CaseEvent::Silent { .. } => JudgeFact::Silent,
        CaseEvent::Left { .. } => JudgeFact::Left,
        CaseEvent::Passed { .. } => JudgeFact::Passed,
        CaseEvent::Taken { by, .. } => JudgeFact::Taken(named(view, *by)),
        CaseEvent::Given(Given { by, ruling, why, .. }) => {
            let (by, why) = (named(view, *by), text::quoted(why));
            match ruling {
                Ruling::Split { seller, of } => {
                    JudgeFact::GivenSplit { by, part: view.money(*seller), of: view.money(*of), why }
                }
                Ruling::Release | Ruling::Refund => JudgeFact::Given { by, kind: kind_of(*ruling), why },
            }
        }
        CaseEvent::Stands { .. } => JudgeFact::Stands,
        CaseEvent::Another { by: Caller::Person(person), .. } if view.trade.role_of(*person).is_some() => {
            JudgeFact::Another(CalledBy::Person(view.who(*person)))
        }
        CaseEvent::Another { by: Caller::Person(person), .. } => {
            JudgeFact::Another(CalledBy::Person(named(view, *person)))
        }
        CaseEvent::Another { by: Caller::Operator, .. } => JudgeFact::Another(CalledBy::Operator),
        CaseEvent::Another { by: Caller::Disagreement, .. } => JudgeFact::Another(CalledBy::Disagreement),
        CaseEvent::Nobody { .. } => JudgeFact::Nobody,
    })
}
