//! Money that does not fit.

use super::people::People;
use super::roads::{A_MOMENT, partly_paid};
use super::{Ending, Stuck, Trade};
use crate::sim::auditor::{Outcome, Units};

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
