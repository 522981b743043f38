//! A case and its judges: offers, the case card, rulings.

use super::grammar::{capital, date, kind_of, length, time, who};
use super::split::problem_of;
use crate::chat::ruling::Unread;
use crate::chat::say::judge::{After, CalledBy, JudgeFact, JudgeLine};
use crate::chat::say::{Share, Who};
use crate::chat::text::QUOTED_MAX;

/// "Bob 99 USDT · Alice 0 USDT · fee 1 USDT".
fn numbers(shares: &[Share]) -> String {
    let name = |to: &Who| if *to == Who::Fee { "fee".to_owned() } else { who(to) };
    shares.iter().map(|share| format!("{} {}", name(&share.to), share.money)).collect::<Vec<_>>().join(" · ")
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &JudgeLine) -> String {
    match line {
        JudgeLine::Offer { buyer, seller, until } => format!(
            "A dispute needs a judge, and you are asked. It concerns {} (buyer) and {} (seller). If nobody has taken it \
             by then, the next judge is asked too: {}",
            who(buyer),
            who(seller),
            time(until)
        ),
        JudgeLine::OfferStep => {
            "Next: take it if you know neither of them. If you know one, say so: you are not asked \
             again in this trade."
                .to_owned()
        }
        JudgeLine::Concerns { buyer, seller } => {
            format!("It concerns {} (buyer) and {} (seller).", who(buyer), who(seller))
        }
        JudgeLine::Course { agreed, disputed, by, delivered } => format!(
            "Agreed on {}. {} called for a judge on {}. The seller {}.",
            date(*agreed),
            capital(&who(by)),
            date(*disputed),
            if *delivered { "says it is delivered" } else { "has not said that it is delivered" }
        ),
        JudgeLine::Locked { money, pieces: 1 } => format!("Locked on Mixin: {money}, in one payment."),
        JudgeLine::Locked { money, pieces } => format!("Locked on Mixin: {money}, in {pieces} payments."),
        JudgeLine::Pays { kind, shares } => format!("{}: {}", capital_kind(kind_of(*kind)), numbers(shares)),
        JudgeLine::Yours { until, kind } => {
            format!("You judge this. Without a ruling it ends with a {}: {}", kind_of(*kind), time(until))
        }
        JudgeLine::Before { by, kind, why } => {
            format!("{} ruled: {}. Reason: “{why}”", capital(&who(by)), kind_of(*kind))
        }
        JudgeLine::Which => "Next: choose a ruling. Nothing is ruled before I have shown you the numbers and you have \
             given a reason."
            .to_owned(),
        JudgeLine::AskPart { seller, price } => {
            format!("How much of the {price} shall {} get? Write an amount, or a share like 60%.", who(seller))
        }
        JudgeLine::Unread(Unread::Which) => "A ruling is one of: release, refund, split.".to_owned(),
        JudgeLine::Unread(Unread::Part(None)) => "Please write how much.".to_owned(),
        JudgeLine::Unread(Unread::Part(Some(problem))) => problem_of(problem),
        JudgeLine::Unread(Unread::Reason(letters)) if *letters > QUOTED_MAX => {
            format!("That is {letters} characters long; I keep at most {QUOTED_MAX}. Please write it shorter.")
        }
        JudgeLine::Unread(Unread::Reason(_)) => "Please write the reason in words.".to_owned(),
        JudgeLine::AskWhy => format!(
            "Next: write in a line why you rule so, in at most {QUOTED_MAX} characters. Both read it. Or write \"cancel\"."
        ),
        JudgeLine::Why(why) => format!("Reason: “{why}”"),
        JudgeLine::SurePass => {
            "Another judge is asked then, and you are not asked in this trade again. It cannot be taken back."
                .to_owned()
        }
        JudgeLine::Sure(After::Waits(delay)) => format!(
            "Next: tap \"Rule so\". For {} it can be stopped, and then a second judge looks, if there is one; after that it \
             is final. No money moves by it: whom it pays signs.",
            length(*delay)
        ),
        JudgeLine::Sure(After::Differs(delay)) => format!(
            "Next: tap \"Rule so\". It differs from the ruling before, so a third judge is asked and decides; if there is \
             none, yours is final {} later. No money moves by it: whom it pays signs.",
            length(*delay)
        ),
        JudgeLine::Sure(After::Final) => {
            "Next: tap \"Rule so\". It is final. No money moves by it: whom it pays signs.".to_owned()
        }
        JudgeLine::YouRuled => "This is your ruling. Both are told, with the reason.".to_owned(),
        JudgeLine::Dropped => "Nothing is ruled. The case is where it was; \"cases\" shows it.".to_owned(),
        JudgeLine::Closed => "Nothing more is asked of you in this case. Thank you.".to_owned(),
        JudgeLine::CasesNone => "You have no open case, and none is offered to you.".to_owned(),
        JudgeLine::Cases { count: 1 } => "One case:".to_owned(),
        JudgeLine::Cases { count } => format!("{count} cases:"),
        JudgeLine::AllAsked => "Every judge who may judge this was asked; the first who answers takes it.".to_owned(),
        JudgeLine::Asking { until } => format!(
            "I have asked a judge to take it. Whoever is asked knows neither of you from a trade. Then I ask the next: {}",
            time(until)
        ),
        JudgeLine::Judging { by, since } => {
            format!("{} judges this since {}.", capital(&who(by)), date(*since))
        }
        JudgeLine::Default { until, kind } => {
            format!("Without a ruling it ends as the terms say, with a {}: {}", kind_of(*kind), time(until))
        }
        JudgeLine::Nobody { until, kind } => format!(
            "No judge is left whom I may ask: they know one of you from a trade, ruled lately for one of you, will not, or \
             do not answer. So it ends as the terms say, with a {}, unless you agree before: {}",
            kind_of(*kind),
            time(until)
        ),
        JudgeLine::Stands { by, kind, why } => {
            format!("{} has ruled: {}. Reason: “{why}”\nThis is who would get what:", capital(&who(by)), kind_of(*kind))
        }
        JudgeLine::Stop { until, may: true } => format!(
            "It is not final yet. Next: if you think it is wrong, ask a second judge by the button below. If nobody does, \
             whom it pays can sign after that: {}",
            time(until)
        ),
        JudgeLine::Stop { until, may: false } => {
            format!("It is not final yet: it can still be stopped, and then a second judge looks. {}", time(until))
        }
        JudgeLine::Waits { until } => {
            format!("There is no other judge, so this ruling stands. Whom it pays can sign after that: {}", time(until))
        }
        JudgeLine::Another(CalledBy::Person(by)) => {
            format!("{} asked for another judge. What was ruled does not count alone any more.", capital(&who(by)))
        }
        JudgeLine::Another(CalledBy::Operator) => {
            "The operator asked for another judge. What was ruled does not count alone any more.".to_owned()
        }
        JudgeLine::Another(CalledBy::Disagreement) => {
            "The two judges do not agree, so a third is asked. The ruling that two of them share is final; if there is \
             none, the third decides."
                .to_owned()
        }
        JudgeLine::RuledBy { by, why } => format!("Ruled by {}. Reason: “{why}”", who(by)),
        JudgeLine::Defaulted => "Nobody ruled in time, so it ends as the terms say.".to_owned(),
        JudgeLine::Reminder { until, kind, taker } => format!(
            "There is no ruling yet. Without one it ends with a {}, which pays {}: {}\nNext: if you do not want that, agree \
             with each other before.",
            kind_of(*kind),
            who(taker),
            time(until)
        ),
        JudgeLine::TimeUp { date: day, kind, taker } => format!(
            "Nobody ruled until {}, so the terms decide: {} may take the {}. That needs nothing more from you, and it \
             cannot be undone.\nNext: if you do not want that, agree with each other now.",
            date(*day),
            who(taker),
            kind_of(*kind)
        ),
    }
}

fn capital_kind(kind: &str) -> String {
    let mut letters = kind.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

pub(super) fn fact(fact: &JudgeFact) -> String {
    match fact {
        JudgeFact::Asked => "I asked a judge.".to_owned(),
        JudgeFact::Silent => "The judge did not take it in time; I ask the next.".to_owned(),
        JudgeFact::Left => "The judge is not there for it any more.".to_owned(),
        JudgeFact::Passed => "A judge passed.".to_owned(),
        JudgeFact::Taken(by) => format!("{} took the case.", capital(&who(by))),
        JudgeFact::Given { by, kind, why } => {
            format!("{} ruled: {}. Reason: “{why}”", capital(&who(by)), kind_of(*kind))
        }
        JudgeFact::GivenSplit { by, part, of, why } => {
            format!("{} ruled: a split, {part} of {of} for the seller. Reason: “{why}”", capital(&who(by)))
        }
        JudgeFact::Stands => "The ruling waits: it can be stopped, or nobody else can be asked.".to_owned(),
        JudgeFact::Another(CalledBy::Person(by)) => format!("{} asked for another judge.", capital(&who(by))),
        JudgeFact::Another(CalledBy::Operator) => "The operator asked for another judge.".to_owned(),
        JudgeFact::Another(CalledBy::Disagreement) => "Two judges do not agree: a third is asked.".to_owned(),
        JudgeFact::Nobody => "No judge is left to be asked.".to_owned(),
    }
}
