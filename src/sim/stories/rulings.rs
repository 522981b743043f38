//! Disputes: judges who are asked, rule, are silent, disagree, know somebody, or are not themselves.

use super::people::People;
use super::{Ending, Stuck, Trade};
use crate::id::UserId;
use crate::sim::auditor::{Outcome, Units};
use crate::sim::play::words;
use crate::store::Operator;
use crate::time::Millis;
use crate::trade::case::RULE_WITHIN;

/// The network's own judge, and two that come.
const JUDGES: [&str; 3] = ["judge", "judge-b", "judge-c"];
/// How often the usual price a trade is for whose ruling can be stopped.
const MUCH: u128 = 4;

/// Somebody is a judge from now on.
fn appointed(people: &mut People<'_>, judge: &'static str) -> Result<(), Stuck> {
    let person: Result<UserId, _> = people.id(judge).parse();
    let person = person.map_err(|_| Stuck::Wrong(format!("there is no {judge}")))?;
    let said = people.ground.operate(&Operator::AddJudge { person })?;
    if said.contains("is a judge") { Ok(()) } else { Err(Stuck::Wrong(said)) }
}

/// Everybody who is to judge writes to the bot.
fn come(people: &mut People<'_>) -> Result<(), Stuck> {
    people.arrives("judge-b", "Jules")?;
    people.arrives("judge-c", "Joan")?;
    for judge in JUDGES {
        people.says(judge, "hi")?;
        people.sees(judge, "What would you like to do?")?;
    }
    Ok(())
}

/// They are judges from now on.
fn bench(people: &mut People<'_>) -> Result<(), Stuck> {
    come(people)?;
    for judge in JUDGES.into_iter().skip(1) {
        appointed(people, judge)?;
    }
    Ok(())
}

/// A trade for `price` is locked and delivered, and the buyer calls for a judge and shows why.
fn disputed(people: &mut People<'_>, price: Units) -> Result<String, Stuck> {
    let code = people.agree("camera lens", price)?;
    called(people)?;
    Ok(code)
}

/// The same of a trade that was agreed on.
fn called(people: &mut People<'_>) -> Result<(), Stuck> {
    people.pays("buyer")?;
    people.locked()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.complains("buyer", "Not as agreed")?;
    people.says("buyer", "The front glass is cracked.")?;
    people.sees("buyer", "Exhibit 1: a text")?;
    people.sends("buyer", "photo")?;
    people.sees("buyer", "Exhibit 2: a picture")?;
    people.taps("buyer", "Done")?;
    people.sees("buyer", "Exhibits of yours: 2").map(drop)
}

/// The seller shows something too, when asked for it.
fn answered(people: &mut People<'_>) -> Result<(), Stuck> {
    people.taps("seller", "Add evidence")?;
    people.sees("seller", "Each gets a number")?;
    people.says("seller", "It was whole when I sent it.")?;
    people.sees("seller", "Exhibit 3: a text")?;
    people.sends("seller", "receipt")?;
    people.sees("seller", "Exhibit 4: a file")?;
    people.taps("seller", "Done")?;
    people.sees("seller", "Exhibits of yours: 2").map(drop)
}

/// The judge who is asked, of those who were not before.
fn asked(people: &mut People<'_>, before: &[&str]) -> Result<&'static str, Stuck> {
    people.until("judges", "a case is offered to another judge", |people| {
        let mut others = JUDGES.into_iter().filter(|judge| !before.contains(judge));
        Ok(others.find(|judge| people.newest(judge, |label, _| label == "Take it").is_some()))
    })
}

/// Takes the case, and both hear who it is.
fn takes(people: &mut People<'_>, before: &[&str]) -> Result<&'static str, Stuck> {
    reads(people, before).map(|(judge, _)| judge)
}

/// The same, and the case card as the judge reads it.
fn reads(people: &mut People<'_>, before: &[&str]) -> Result<(&'static str, String), Stuck> {
    let judge = asked(people, before)?;
    people.taps(judge, "Take it")?;
    let card = people.sees(judge, "Next: choose a ruling")?;
    let name = named(people, judge);
    for who in ["buyer", "seller"] {
        people.sees(who, &format!("{name} judges this since"))?;
    }
    Ok((judge, words(&card)))
}

/// As everybody else reads of somebody.
fn named(people: &People<'_>, who: &str) -> String {
    format!("{} ({})", people.person(who, "name"), people.person(who, "number"))
}

/// Chooses, sees the numbers, gives a reason, and rules.
fn rules(people: &mut People<'_>, judge: &'static str, ruling: &str, why: &str) -> Result<(), Stuck> {
    people.taps(judge, ruling)?;
    people.sees(judge, "write in a line why you rule so")?;
    finishes(people, judge, why)
}

fn finishes(people: &mut People<'_>, judge: &'static str, why: &str) -> Result<(), Stuck> {
    people.says(judge, why)?;
    people.sees(judge, &format!("Reason: “{why}”"))?;
    people.taps(judge, "Rule so")?;
    people.sees(judge, "This is your ruling")?;
    for who in ["buyer", "seller"] {
        people.sees(who, &format!("Reason: “{why}”"))?;
    }
    Ok(())
}

/// Whom the ruling pays signs; it is done.
fn signed(people: &mut People<'_>, who: &'static str, label: &str) -> Result<(), Stuck> {
    people.signs(who, label)?;
    people.both_read("Settled")
}

/// The whole of it, in a trade with a room: both show what they have, a judge reads it and rules.
pub(super) fn release(people: &mut People<'_>) -> Result<Ending, Stuck> {
    bench(people)?;
    let code = people.agree("camera lens", people.terms.price)?;
    people.says("buyer", &format!("status {code}"))?;
    people.taps("buyer", "Make a trade room")?;
    for who in ["buyer", "seller"] {
        people.sees(who, "This is the room of this trade")?;
    }
    called(people)?;
    in_room(people, "seller", "One of them has a problem with it")?;
    answered(people)?;
    let (judge, card) = reads(people, &[])?;
    studies(people, judge, &card)?;
    let here = format!("{} is here now", named(people, judge));
    for who in ["buyer", "seller", judge] {
        in_room(people, who, &here)?;
    }
    rules(people, judge, "Release", "The pictures show the lens that was agreed on.")?;
    in_room(people, judge, "A judge has ruled")?;
    signed(people, "seller", "Sign release")?;
    people.never_public()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["seller", "bot"])?]))
}

/// A phone shows these words in the room of the trade.
fn in_room(people: &mut People<'_>, who: &str, what: &str) -> Result<(), Stuck> {
    people.until(who, &format!("{what:?} in the room"), |people| {
        let mut shown = people.shown(who).iter();
        Ok(shown.any(|message| message["group"] == true && words(message).contains(what)).then_some(()))
    })
}

/// What a judge reads before ruling: the case, what both have shown and how they have traded, and the exhibits that the
/// judge asks for.
fn studies(people: &mut People<'_>, judge: &'static str, card: &str) -> Result<(), Stuck> {
    let both = ["buyer", "seller"].map(|who| named(people, who));
    let counts = both.iter().map(|who| format!("2 from {who}"));
    let records = both.iter().map(|who| format!("{who}: no trade with me yet"));
    let exhibits = ["1. a text", "2. a picture", "3. a text", "4. a file"].map(str::to_owned);
    let lines = counts.chain(records).chain(exhibits).chain(["it is not as agreed".to_owned()]);
    if let Some(missing) = lines.into_iter().find(|line| !card.contains(line)) {
        return Err(Stuck::Wrong(format!("the case card does not say {missing:?}: {card}")));
    }
    let quoted = people.looks_at(judge, 1, "part 1 of 1")?;
    if !quoted.contains("“The front glass is cracked.”") {
        return Err(Stuck::Wrong(format!("the judge reads another exhibit: {quoted}")));
    }
    people.looks_at(judge, 2, "Open it only if you must")?;
    people.until(judge, "the picture itself", |people| {
        Ok(people.shown(judge).iter().any(|message| message["category"] == "PLAIN_IMAGE").then_some(()))
    })
}

pub(super) fn refund(people: &mut People<'_>) -> Result<Ending, Stuck> {
    bench(people)?;
    let code = disputed(people, people.terms.price)?;
    let judge = takes(people, &[])?;
    rules(people, judge, "Refund", "It is another lens than the one agreed on.")?;
    signed(people, "buyer", "Sign refund")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Refund, &["buyer", "bot"])?]))
}

pub(super) fn split(people: &mut People<'_>) -> Result<Ending, Stuck> {
    bench(people)?;
    let code = disputed(people, people.terms.price)?;
    let judge = takes(people, &[])?;
    let seller = Units(people.terms.price.0 / 5 * 3);
    people.taps(judge, "Split")?;
    people.sees(judge, "How much of the")?;
    people.says(judge, &seller.to_string())?;
    people.sees(judge, "write in a line why you rule so")?;
    finishes(people, judge, "The lens is scratched; it still works.")?;
    signed(people, "seller", "Sign split")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Split { seller }, &["seller", "bot"])?]))
}

/// The first does not answer, the second judges; in another trade nobody answers at all, and the terms decide.
pub(super) fn silent(people: &mut People<'_>) -> Result<Ending, Stuck> {
    bench(people)?;
    let two_hours = Millis::from_hours(2);
    let heard = disputed(people, people.terms.price)?;
    let first = asked(people, &[])?;
    people.ground.pass(two_hours)?;
    let second = takes(people, &[first])?;
    rules(people, second, "Release", "Everything is as it was agreed.")?;
    signed(people, "seller", "Sign release")?;
    let unheard = disputed(people, people.terms.price)?;
    // Whoever has just ruled for one of them is not asked again.
    let mut before = vec![second];
    for _ in JUDGES.into_iter().skip(1) {
        before.push(asked(people, &before)?);
        people.ground.pass(two_hours)?;
    }
    // All were asked; whoever comes first may take it for the whole time of a ruling.
    people.ground.pass(RULE_WITHIN)?;
    people.sees("seller", "so the terms decide")?;
    people.sees("buyer", "Nobody ruled in time")?;
    signed(people, "buyer", "Sign refund")?;
    let heard = people.settled(heard, Outcome::Release, &["seller", "bot"])?;
    let unheard = people.settled(unheard, Outcome::Refund, &["buyer", "bot"])?;
    Ok(Ending::of(vec![heard, unheard]))
}

/// A trade whose ruling can be stopped, and how it has to end: with everything back to the buyer.
fn worth(people: &mut People<'_>) -> Result<Units, Stuck> {
    bench(people)?;
    Ok(Units(people.terms.price.0.saturating_mul(MUCH)))
}

fn refunded(people: &mut People<'_>, code: String, price: Units) -> Result<Ending, Stuck> {
    signed(people, "buyer", "Sign refund")?;
    let settled = people.settled(code, Outcome::Refund, &["buyer", "bot"])?;
    let paid = people.due(price)?;
    Ok(Ending::of(vec![Trade { price, paid, ..settled }]))
}

/// Three judges, three rulings: the third decides.
pub(super) fn disagree(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let price = worth(people)?;
    let code = disputed(people, price)?;
    let first = takes(people, &[])?;
    rules(people, first, "Release", "The lens is the one that was agreed on.")?;
    people.taps("buyer", "Ask a second judge")?;
    people.sees("seller", "asked for another judge")?;
    let second = takes(people, &[first])?;
    people.taps(second, "Split")?;
    people.sees(second, "How much of the")?;
    people.says(second, "50%")?;
    people.sees(second, "write in a line why you rule so")?;
    finishes_unseen(people, second, "Both were careless.")?;
    people.sees("buyer", "The two judges do not agree, so a third is asked")?;
    let third = takes(people, &[first, second])?;
    rules(people, third, "Refund", "It never worked.")?;
    refunded(people, code, price)
}

/// The same without waiting for what both read: another judge is asked in the same breath.
fn finishes_unseen(people: &mut People<'_>, judge: &'static str, why: &str) -> Result<(), Stuck> {
    people.says(judge, why)?;
    people.sees(judge, &format!("Reason: “{why}”"))?;
    people.taps(judge, "Rule so")?;
    people.sees(judge, "This is your ruling").map(drop)
}

/// Two of three judges have traded with the buyer: neither is asked.
pub(super) fn conflict(people: &mut People<'_>) -> Result<Ending, Stuck> {
    come(people)?;
    for judge in JUDGES.into_iter().skip(1) {
        let code = people.agree_with(judge, "tripod", people.terms.price)?;
        people.says("buyer", &format!("cancel {code}"))?;
        people.sees(judge, "Cancelled")?;
        appointed(people, judge)?;
    }
    let code = disputed(people, people.terms.price)?;
    let judge = takes(people, &[])?;
    if judge != "judge" {
        return Err(Stuck::Wrong(format!("the {judge} has traded with the buyer, and was asked")));
    }
    people.ground.pass(Millis::from_hours(3))?;
    rules(people, judge, "Release", "The pictures show what was agreed on.")?;
    for other in JUDGES.into_iter().skip(1) {
        if people.newest(other, |label, _| label == "Take it").is_some() {
            return Err(Stuck::Wrong(format!("the {other} has traded with the buyer, and was asked")));
        }
    }
    signed(people, "seller", "Sign release")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["seller", "bot"])?]))
}

/// A judge's phone is stolen: what it rules is stopped by the operator before it gives anybody anything.
pub(super) fn stopped(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let price = worth(people)?;
    let code = disputed(people, price)?;
    let thief = takes(people, &[])?;
    rules(people, thief, "Release", "Pay the seller at once!")?;
    // Nothing is theirs to take yet, whoever signs.
    let release = people.link("buyer", super::people::SIGN)?;
    people.signs_link("seller", &release)?;
    people.says("seller", &format!("signed {code}"))?;
    people.sees("seller", "Nothing moves by that")?;
    let said = people.ground.operate(&Operator::StopRuling { code: code.clone() })?;
    if !said.contains("another judge is asked") {
        return Err(Stuck::Wrong(said));
    }
    people.sees("buyer", "The operator asked for another judge")?;
    let second = takes(people, &[thief])?;
    people.taps(second, "Refund")?;
    people.sees(second, "write in a line why you rule so")?;
    finishes_unseen(people, second, "Nothing was sent.")?;
    people.sees("buyer", "The two judges do not agree")?;
    let third = takes(people, &[thief, second])?;
    rules(people, third, "Refund", "The tracking number is made up.")?;
    refunded(people, code, price)
}
