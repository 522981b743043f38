//! Disputes that need no judge's word: taken back, or settled by the two.

use super::people::People;
use super::{Ending, Stuck};
use crate::sim::auditor::Outcome;
use crate::sim::play::words;

impl People<'_> {
    /// Calls for a judge about the trade that is meant, by clicks only.
    pub(super) fn complains(&mut self, who: &'static str, reason: &str) -> Result<(), Stuck> {
        self.taps(who, "Problem")?;
        self.sees(who, "If you call for a judge")?;
        self.taps(who, reason)?;
        for who in ["buyer", "seller"] {
            self.sees(who, "The clocks stand still")?;
        }
        Ok(())
    }

    /// Looks at one exhibit; what the bot says of it, or passes on.
    pub(super) fn looks_at(&mut self, who: &'static str, no: u32, what: &str) -> Result<String, Stuck> {
        let code = self.code.clone().unwrap_or_default();
        self.says(who, &format!("exhibit {code} {no}"))?;
        self.sees(who, what).map(|seen| words(&seen))
    }
}

/// Each calls for a judge and takes it back; neither can again, and the trade goes on as if nothing had been.
pub(super) fn withdrawn(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    for (who, reason) in [("buyer", "Not as agreed"), ("seller", "Other")] {
        people.complains(who, reason)?;
        people.says(who, "It came without its cap.")?;
        people.sees(who, "a text, 24 B")?;
        people.taps(who, "Done")?;
        people.sees(who, "Exhibits of yours: 1")?;
        people.says(who, &format!("withdraw {code}"))?;
        people.sees(who, "that is final")?;
        people.taps(who, "Withdraw")?;
        for who in ["buyer", "seller"] {
            people.sees(who, "took back the call for a judge")?;
        }
        people.says(who, &format!("problem {code}"))?;
        people.sees(who, "as often as one can")?;
    }
    people.signs("buyer", "Sign release")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

/// Both show what they have; then the seller sees it is better to give the money back.
pub(super) fn settled(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.funded()?;
    people.taps("seller", "I have delivered")?;
    people.sees("buyer", "says it is delivered")?;
    people.complains("buyer", "Not as agreed")?;
    people.says("buyer", "The front glass is cracked, see https://evil.example/lens")?;
    people.sees("buyer", "Exhibit 1: a text, 57 B")?;
    people.sends("buyer", "photo")?;
    people.sees("buyer", "Exhibit 2: a picture")?;
    // Commands still work in between.
    people.says("buyer", &format!("status {code}"))?;
    people.sees("buyer", "called for a judge")?;
    people.taps("buyer", "Done")?;
    people.sees("buyer", "Exhibits of yours: 2")?;
    people.taps("seller", "Add evidence")?;
    people.sees("seller", "Each gets a number")?;
    people.sends("seller", "receipt")?;
    people.sees("seller", "Exhibit 3: a file")?;
    let quoted = people.looks_at("seller", 1, "part 1 of 1")?;
    if quoted.contains("https://") || !quoted.contains("“The front glass is cracked, see https: / /evil. example/lens”")
    {
        return Err(Stuck::Wrong(format!("somebody's words are not quoted as they must be: {quoted}")));
    }
    people.looks_at("seller", 2, "Open it only if you must")?;
    people.until("seller", "the picture itself", |people| {
        Ok(people.shown("seller").iter().any(|message| message["category"] == "PLAIN_IMAGE").then_some(()))
    })?;
    people.says("seller", "done")?;
    people.sees("seller", "Exhibits of yours: 1")?;
    people.asks_and_signs("seller", "refund", "Sign refund")?;
    people.both_read("Settled")?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Refund, &["seller", "bot"])?]))
}
