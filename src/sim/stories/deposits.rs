//! Money that does not fit.

use serde_json::Value;

use super::people::People;
use super::roads::{A_MOMENT, partly_paid};
use super::{Ending, Stuck, Trade};
use crate::id::Hash;
use crate::kernel::derive;
use crate::sim::auditor::{Outcome, Units};
use crate::store::Operator;

const BY_BOTH: &[&str] = &["buyer", "bot"];

pub(super) fn underpaid(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = partly_paid(people)?;
    people.pays("buyer")?;
    people.locked()?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, BY_BOTH)?]))
}

pub(super) fn overpaid(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    let due = people.due(people.terms.price)?;
    let paid = Units(due.0 + due.0 / 2);
    people.pays_otherwise("buyer", &[("amount", &paid.to_string())])?;
    people.locked()?;
    people.ends_well()?;
    let settled = people.settled(code, Outcome::Release, BY_BOTH)?;
    Ok(Ending::of(vec![Trade { paid, ..settled }]))
}

/// Without its trace the link can be paid as often as one likes; its memo still names the trade. Whose trade is over is
/// looked at once when somebody asks, so it is asked once the payment is there.
fn pays_again(people: &mut People<'_>, code: &str) -> Result<(), Stuck> {
    let third = Units(people.due(people.terms.price)?.0 / 3).to_string();
    people.pays_otherwise("buyer", &[("amount", &third), ("trace", "")])?;
    people.ground.pass(A_MOMENT)?;
    people.says("buyer", &format!("paid {code}"))
}

pub(super) fn late(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    pays_again(people, &code)?;
    people.sees("buyer", "this trade does not need")?;
    people.takes_back("buyer")?;
    people.ends_well()?;
    pays_again(people, &code)?;
    people.takes_back("buyer")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, BY_BOTH)?]))
}

pub(super) fn wrong_asset(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    let other = people.terms.other.id.clone();
    people.pays_otherwise("buyer", &[("asset", &other), ("trace", "")])?;
    people.sees("buyer", "not the agreed asset")?;
    people.takes_back("buyer")?;
    people.pays("buyer")?;
    people.locked()?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, BY_BOTH)?]))
}

pub(super) fn third_payer(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    people.pays_otherwise("stranger", &[("trace", "")])?;
    for who in ["buyer", "seller"] {
        people.sees(who, "from somebody who is not the buyer")?;
    }
    // Either may sign; the seller gains nothing by it.
    people.takes_back("seller")?;
    people.pays("buyer")?;
    people.locked()?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, BY_BOTH)?]))
}

/// Within the one percent that the seller may take as the whole.
pub(super) fn short_accepted(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    let due = people.due(people.terms.price)?;
    let paid = Units(due.0 - due.0 / 200);
    people.pays_otherwise("buyer", &[("amount", &paid.to_string())])?;
    people.sees("buyer", &format!("may also take {paid}"))?;
    people.sees("seller", &format!("so you may take {paid}"))?;
    people.taps("seller", "Take it as the whole")?;
    for who in ["buyer", "seller"] {
        people.sees(who, "is settled as the price, instead of")?;
    }
    people.ends_well()?;
    let settled = people.settled(code, Outcome::Release, BY_BOTH)?;
    Ok(Ending::of(vec![Trade { paid, short_ok: true, ..settled }]))
}

/// The output that a payment has made, by its id.
fn paid_output(paid: &Value) -> Result<uuid::Uuid, Stuck> {
    let hash: Result<Hash, _> = paid["transaction_hash"].as_str().unwrap_or_default().parse();
    Ok(derive::output_id(&hash.map_err(|_| Stuck::Wrong("the phone names no transaction".into()))?, 0))
}

/// The operator asks the bot until it has seen what is asked about, and does it.
fn operates(people: &mut People<'_>, asked: &Operator, done: &str) -> Result<(), Stuck> {
    people.until("operator", done, |people| {
        let said = people.ground.operate(asked)?;
        Ok(said.contains(done).then_some(()))
    })
}

pub(super) fn unmatched(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    let paid = people.pays_otherwise("buyer", &[("trace", ""), ("memo", "")])?;
    for who in ["buyer", "seller"] {
        people.sees(who, "came into your vault and names no trade")?;
    }
    let assign = Operator::AssignDeposit { output: paid_output(&paid)?, code: code.clone() };
    operates(people, &assign, "are asked")?;
    for who in ["buyer", "seller"] {
        people.sees(who, "thinks that it is for this trade. Is it?")?;
        people.taps(who, "Yes, it is for this trade")?;
    }
    people.sees("buyer", "The money is locked")?;
    people.sees("seller", "You both said yes")?;
    // The seller's own, without a name too: the seller can have it back.
    let third = Units(people.due(people.terms.price)?.0 / 3).to_string();
    let paid = people.pays_otherwise("seller", &[("amount", &third), ("trace", ""), ("memo", "")])?;
    let back = Operator::ReturnDeposit { output: paid_output(&paid)?, code: code.clone() };
    operates(people, &back, " back to the member who sent it")?;
    people.sees("buyer", &format!("It goes back to {}", people.person("seller", "name")))?;
    people.takes_back("seller")?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, BY_BOTH)?]))
}
