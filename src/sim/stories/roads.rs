//! The roads through a trade, and the ways it ends.

use super::people::People;
use super::{Ending, Stuck, Trade};
use crate::sim::auditor::{Outcome, Units};
use crate::sim::play::words;
use crate::time::Millis;

/// Longer than a trade may stay unpaid.
const TOO_LONG: Millis = Millis::from_secs(2 * 3_600 + 60);
/// Longer than the network takes to make a transaction final.
pub(super) const A_MOMENT: Millis = Millis::from_secs(5);

/// A part of what is due, as the story tells it: 60 of 101.
pub(super) fn part(due: Units) -> Units {
    Units(due.0 / 101 * 60 + due.0 % 101 * 60 / 101)
}

impl People<'_> {
    /// The trade at the terms' price, fully paid, settled as usual.
    pub(super) fn settled(&self, code: String, outcome: Outcome, by: &'static [&'static str]) -> Result<Trade, Stuck> {
        let (price, state) = (self.terms.price, "Settled");
        let paid = self.due(price)?;
        Ok(Trade { code, price, state, outcome, signers: by, paid, fee_waived: false, short_ok: false })
    }

    /// The trade that came to nothing; whatever was paid went back.
    pub(super) fn over(&self, code: String, state: &'static str) -> Trade {
        let (price, outcome, paid) = (self.terms.price, Outcome::Nothing, Units(0));
        Trade { code, price, state, outcome, signers: &[], paid, fee_waived: false, short_ok: false }
    }
}

/// Agreed on, and a part of it is paid.
pub(super) fn partly_paid(people: &mut People<'_>) -> Result<String, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    let part = part(people.due(people.terms.price)?);
    people.pays_otherwise("buyer", &[("amount", &part.to_string())])?;
    people.sees("buyer", "Still missing")?;
    people.sees("seller", "Still missing")?;
    Ok(code)
}

pub(super) fn release(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

pub(super) fn refund(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.asks_and_signs("seller", "refund", "Sign refund")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Refund, &["seller", "bot"])?]))
}

pub(super) fn expired(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = partly_paid(people)?;
    people.ground.pass(TOO_LONG)?;
    people.sees("seller", "was not paid in time")?;
    people.takes_back("buyer")?;
    people.both_read("Expired")?;
    Ok(Ending::of(vec![people.over(code, "Expired")]))
}

pub(super) fn cancelled(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = partly_paid(people)?;
    people.taps("buyer", "Cancel")?;
    people.sees("buyer", "was paid in already")?;
    people.taps("buyer", "Yes, cancel it")?;
    people.sees("seller", "cancelled the trade")?;
    people.takes_back("buyer")?;
    people.both_read("Cancelled")?;
    Ok(Ending::of(vec![people.over(code, "Cancelled")]))
}

/// The account that gets the fee has lost its Safe: no one-time key can be had for it.
pub(super) fn fee_waived(people: &mut People<'_>) -> Result<Ending, Stuck> {
    people.ground.control("POST", "people/fees/phone", &serde_json::json!({ "has_safe": false }))?;
    let code = people.funded()?;
    people.ends_well()?;
    let settled = people.settled(code, Outcome::Release, &["buyer", "bot"])?;
    Ok(Ending::of(vec![Trade { fee_waived: true, ..settled }]))
}

pub(super) fn kit(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.sees("buyer", "Without me, the release")?;
    people.sees("seller", "Without me, the release")?;
    people.ground.bot_leaves()?;
    for who in ["seller", "buyer"] {
        let link = release_in_kit(people, who)?;
        people.signs_link(who, &link)?;
    }
    people.ground.pass(A_MOMENT)?;
    let settled = people.settled(code, Outcome::Release, &["seller", "buyer"])?;
    // Nobody is there any more to say otherwise.
    Ok(Ending::of(vec![Trade { state: "Funded", ..settled }]))
}

/// The link below the kit's word about the release.
fn release_in_kit(people: &People<'_>, who: &str) -> Result<String, Stuck> {
    let kits = people.shown(who).iter().rev().map(words);
    let link = kits.filter_map(|text| {
        let below = text
            .lines()
            .filter(|line| !line.is_empty())
            .skip_while(|line| !line.starts_with("Without me, the release"))
            .nth(1)?;
        below.starts_with(super::people::SIGN).then(|| below.to_owned())
    });
    link.into_iter().next().ok_or_else(|| Stuck::Wrong(format!("the {who}'s kit holds no link to the release")))
}
