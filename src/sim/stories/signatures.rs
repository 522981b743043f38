//! Requests and signatures that go another way than they should.

use serde_json::{Value, json};

use super::people::{People, SIGN};
use super::{Ending, Stuck, Trade};
use crate::kernel::{Input, Output, PublicKey, Signatures, Transaction};
use crate::sim::auditor::{Outcome, Units};
use crate::sim::play::words;
use crate::time::Millis;

/// The id of a request of the two parties' own, and the beginning of its keys' hints.
const OWN: &str = "6f1d2e30-7b84-4c95-ad06-be17cf28d0";

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn wrong(what: impl ToString) -> Stuck {
    Stuck::Wrong(what.to_string())
}

/// `who` makes a request over all that the buyer's newest link takes, with other outputs; its link. Where a standing
/// request keeps another from being made over the same money, it is revoked first.
pub(super) fn own_request(
    people: &mut People<'_>,
    who: &'static str,
    outputs: &[(&str, Units)],
) -> Result<String, Stuck> {
    let link = people.link("buyer", SIGN)?;
    let id = link.trim_start_matches(SIGN).split('?').next().unwrap_or_default().to_owned();
    let shown = people.calls(who, "GET", &format!("/safe/multisigs/{id}"), &Value::Null)?;
    let raw = shown["raw_transaction"].as_str().unwrap_or_default();
    let standing: Transaction = raw.parse().map_err(wrong)?;
    let asked = (0u8..)
        .zip(outputs)
        .map(|(nth, (to, _))| json!({ "receivers": [people.id(to)], "index": nth, "hint": format!("{OWN}{nth:02}") }));
    let asked = Value::Array(asked.collect());
    let keys = people.calls(who, "POST", "/safe/keys", &asked)?;
    let key = |value: &Value| value.as_str().unwrap_or_default().parse::<PublicKey>().map_err(wrong);
    let pay = |(nth, (_, amount)): (usize, &(&str, Units))| {
        let amount = amount.to_string().parse().map_err(wrong)?;
        Ok(Output::pay(amount, vec![key(&keys[nth]["keys"][0])?], key(&keys[nth]["mask"])?, 1))
    };
    let tx = Transaction {
        outputs: outputs.iter().enumerate().map(pay).collect::<Result<_, Stuck>>()?,
        inputs: standing.inputs.iter().map(|input| Input::spend(input.hash, input.index)).collect(),
        signatures: Signatures::Maps(Vec::new()),
        extra: b"as we agreed".to_vec(),
        ..standing
    };
    let request = format!("{OWN}99");
    let made = json!([{ "request_id": request, "raw": hex::encode(tx.encode()) }]);
    if let Err(Stuck::Refused { .. }) = people.calls(who, "POST", "/safe/multisigs", &made) {
        people.revokes(who, &link)?;
        people.calls(who, "POST", "/safe/multisigs", &made)?;
    }
    Ok(format!("{SIGN}{request}?action=sign"))
}

pub(super) fn settled_elsewhere(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    let due = people.due(people.terms.price)?;
    let seller = Units(due.0 / 3);
    let link = own_request(people, "buyer", &[("seller", seller), ("buyer", Units(due.0 - seller.0))])?;
    people.signs_link("buyer", &link)?;
    people.signs_link("seller", &link)?;
    people.both_read("SettledElsewhere")?;
    let settled = people.settled(code, Outcome::Elsewhere { seller }, &["buyer", "seller"])?;
    Ok(Ending::of(vec![Trade { state: "SettledElsewhere", ..settled }]))
}

pub(super) fn early(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    let release = people.link("buyer", SIGN)?;
    people.signs_link("seller", &release)?;
    people.says("seller", &format!("signed {code}"))?;
    people.sees("seller", "I am looking on Mixin now")?;
    let told = people.sees("seller", "You have signed the release, which pays you")?;
    let needs = format!("Nothing moves by that: it needs the signature of {}", people.person("buyer", "name"));
    if !words(&told).contains(&needs) {
        return Err(wrong(format!("the seller is not told whose signature is needed: {}", words(&told))));
    }
    people.ground.pass(Millis::from_secs(40))?;
    let ledger = people.ground.control("GET", "ledger", &Value::Null)?;
    let spends = ledger["transactions"].as_array().into_iter().flatten().filter(|tx| tx["senders_threshold"] == 2);
    if spends.count() > 0 {
        return Err(wrong("the seller's signature alone has moved the money"));
    }
    people.ends_well()?;
    // The buyer's signature is the second of the two that are needed.
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["seller", "buyer"])?]))
}

pub(super) fn revoked(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    // Each time they stand again a little later, so not too often.
    for who in ["seller", "buyer"] {
        revokes_both(people, who)?;
    }
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.signs("buyer", "Sign release")?;
    // In the same breath; perhaps too late.
    let signed = people.link("buyer", SIGN)?;
    people.revokes("seller", &signed)?;
    people.settles("buyer", "Sign release")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

/// Revokes the standing release and the standing refund, and waits until both stand again under new links.
fn revokes_both(people: &mut People<'_>, who: &'static str) -> Result<(), Stuck> {
    let code = people.code.clone().unwrap_or_default();
    for (whose, word) in [("buyer", "release"), ("seller", "refund")] {
        // Where only one of them can stand, it is the one that is asked for.
        people.says(whose, &format!("{word} {code}"))?;
        let standing = people.until(who, &format!("a {word} that can be revoked"), |people| {
            let standing = people.newest(whose, |_, action| action.starts_with(SIGN)).map(|button| button.action);
            Ok(match standing {
                Some(standing) if people.revokes(who, &standing)? => Some(standing),
                _ => None,
            })
        })?;
        people.another_link(whose, SIGN, &standing)?;
    }
    Ok(())
}

/// The bot tells what a request pays, every output of it.
fn explained(people: &mut People<'_>, who: &'static str, begins: &str, pays: [Units; 2]) -> Result<(), Stuck> {
    let told = words(&people.sees(who, begins)?);
    let typed = people.terms.asset.typed.split_whitespace().next().unwrap_or_default();
    let [small, rest] = pays.map(|units| format!("- {units} {typed} to "));
    let (Some(first), Some(second)) = (told.find(&small), told.find(&rest)) else {
        return Err(wrong(format!("the {who} is not told what the request pays: {told}")));
    };
    if first < second && told.contains("Nothing else is in it") {
        return Ok(());
    }
    Err(wrong(format!("the {who} is told the payments in another order, or not all of them: {told}")))
}

/// Longer than a request that is not the bot's may hold the money.
const PATIENCE: Millis = Millis::from_secs(6 * 60);

/// The seller's own request shows the buyer a small payment and hides the rest behind it.
pub(super) fn hostile(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    let due = people.due(people.terms.price)?;
    let small = Units(due.0 / 100);
    let rest = Units(due.0 - small.0);
    let link = own_request(people, "seller", &[("buyer", small), ("seller", rest)])?;
    people.says("buyer", &format!("verify {link}"))?;
    explained(people, "buyer", "This is NOT mine. If you sign it", [small, rest])?;
    people.signs_link("seller", &link)?;
    for who in ["buyer", "seller"] {
        people.sees(who, "signed a request of their own")?;
        explained(people, who, "You did not ask me about this", [small, rest])?;
    }
    people.ground.pass(PATIENCE)?;
    people.says("buyer", &format!("status {code}"))?;
    people.until("buyer", "the request to be taken away by the bot", |people| {
        let seen = people.calls("buyer", "GET", &format!("/safe/multisigs/{OWN}99"), &Value::Null)?;
        Ok((seen["revoked_by"].as_str() == Some(&people.id("bot"))).then_some(()))
    })?;
    people.says("buyer", &format!("verify {link}"))?;
    people.sees("buyer", "nobody can sign it any more")?;
    people.ends_well()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}
