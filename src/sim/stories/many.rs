//! More than one trade, and more than a few payments.

use serde_json::json;

use super::people::People;
use super::{Ending, Stuck, Trade};
use crate::sim::auditor::{Outcome, Units};
use crate::sim::play::words;

/// Payments too small to lock a trade.
const TINY: u128 = 600;
/// How often somebody asks how much has arrived.
const ASKED_MAX: usize = 50;
/// Inputs one transaction of the bot takes.
const INPUTS_MAX: u128 = 255;

/// The second trade's link is paid with the first one's amount and memo, and the other way round.
pub(super) fn two_trades(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let prices = [people.terms.price, Units(people.terms.price.0 / 2)];
    let dues = [people.due(prices[0])?, people.due(prices[1])?];
    let lens = people.agree("camera lens", prices[0])?;
    let memos = [people.of_pay_link("memo")?, String::new()];
    let tripod = people.agree("tripod", prices[1])?;
    let memos = [&memos[0], &people.of_pay_link("memo")?];
    people.pays_otherwise("buyer", &[("amount", &dues[0].to_string()), ("memo", memos[0])])?;
    people.locked()?;
    people.code = Some(lens.clone());
    people.pays_otherwise("buyer", &[("amount", &dues[1].to_string()), ("memo", memos[1])])?;
    people.sees("buyer", "Still missing")?;
    people.pays("buyer")?;
    people.locked()?;
    people.code = Some(tripod.clone());
    people.asks_and_signs("seller", "refund", "Sign refund")?;
    people.both_read("Settled")?;
    people.code = Some(lens.clone());
    people.ends_well()?;
    let lens = people.settled(lens, Outcome::Release, &["buyer", "bot"])?;
    let tripod = people.settled(tripod, Outcome::Refund, &["seller", "bot"])?;
    Ok(Ending::of(vec![lens, Trade { price: prices[1], ..tripod }]))
}

/// One offers a part of the price by chat, the other signs it.
fn splits(
    people: &mut People<'_>,
    [by, other]: [&'static str; 2],
    seller: Units,
    signers: &'static [&'static str],
) -> Result<Trade, Stuck> {
    let code = people.code.clone().unwrap_or_default();
    people.says(by, &format!("split {code} {seller}"))?;
    people.taps(by, "Offer it")?;
    people.sees(by, "You have offered")?;
    people.sees(other, "offers you this split")?;
    people.signs(other, "Sign split")?;
    people.both_read("Settled")?;
    people.settled(code, Outcome::Split { seller }, signers)
}

/// Two trades one after the other: of the first the buyer offers a part, of the second the seller does.
pub(super) fn split(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let price = people.terms.price;
    people.funded()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    let lens = splits(people, ["buyer", "seller"], Units(price.0 / 5 * 3), &["seller", "bot"])?;
    people.funded()?;
    let again = splits(people, ["seller", "buyer"], Units(price.0 / 3), &["buyer", "bot"])?;
    Ok(Ending::of(vec![lens, again]))
}

/// Pays into the vault from outside, many times, a 400th of what is due each.
fn rains(people: &mut People<'_>) -> Result<Units, Stuck> {
    let tiny = Units(people.due(people.terms.price)?.0.div_ceil(400));
    let memo = hex::encode(people.of_pay_link("memo")?);
    let body = json!({ "members": ["buyer", "seller", "bot"], "threshold": 2, "asset_id": people.terms.asset.id,
                       "amount": tiny, "extra": memo });
    for _ in 0..TINY {
        people.ground.control("POST", "deposits", &body)?;
    }
    Ok(Units(tiny.0 * TINY))
}

/// Enough has come, and it is not locked: both are told why, perhaps before the last piece was seen.
fn is_in_pieces(people: &mut People<'_>, code: &str, rained: Units) -> Result<(), Stuck> {
    people.says("buyer", &format!("paid {code}"))?;
    for who in ["buyer", "seller"] {
        people.sees(who, "in too many pieces")?;
    }
    for _ in 0..ASKED_MAX {
        people.says("buyer", &format!("status {code}"))?;
        let answer = people.sees("buyer", "Arrived so far")?;
        if words(&answer).contains(&format!("Arrived so far: {rained} ")) {
            return Ok(());
        }
    }
    Err(Stuck::Wrong(format!("{rained} are in the vault, and never seen for {code}")))
}

/// So many pieces come back, by as many requests as that takes.
fn take_back(people: &mut People<'_>, pieces: u128) -> Result<(), Stuck> {
    let requests = pieces.div_ceil(INPUTS_MAX);
    for _ in 0..requests {
        people.signs("buyer", "Sign return")?;
    }
    for _ in 0..requests {
        people.sees("buyer", "has arrived back")?;
    }
    Ok(())
}

pub(super) fn many_inputs(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let price = people.terms.price;
    let due = people.due(price)?;
    // The first is completed by one larger payment; what is left of the rain goes back.
    let lens = people.agree("camera lens", price)?;
    let first = rains(people)?;
    is_in_pieces(people, &lens, first)?;
    let half = Units(due.0 / 2);
    people.pays_otherwise("buyer", &[("amount", &half.to_string()), ("trace", "")])?;
    people.locked()?;
    let tiny = first.0 / TINY;
    let pieces = (due.0 - half.0).div_ceil(tiny);
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.signs("buyer", "Sign release")?;
    take_back(people, TINY - pieces)?;
    people.both_read("Settled")?;
    // The second is cancelled; all of it goes back, in three requests.
    let tripod = people.agree("tripod", price)?;
    let second = rains(people)?;
    is_in_pieces(people, &tripod, second)?;
    people.taps("buyer", "Cancel")?;
    people.taps("buyer", "Yes, cancel it")?;
    take_back(people, TINY)?;
    people.both_read("Cancelled")?;
    let lens = people.settled(lens, Outcome::Release, &["buyer", "bot"])?;
    let paid = Units(half.0 + pieces * tiny);
    let trades = vec![Trade { paid, ..lens }, people.over(tripod, "Cancelled")];
    Ok(Ending { from_outside: Units(first.0 + second.0), ..Ending::of(trades) })
}
