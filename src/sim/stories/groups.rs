//! Trades in front of others: begun in a group, and with a room of their own.

use serde_json::json;

use super::people::People;
use super::{Ending, Stuck};
use crate::sim::auditor::Outcome;
use crate::sim::play::{self, Deed};

impl People<'_> {
    /// A group that somebody makes with these people in it.
    fn makes_group(&mut self, who: &'static str, members: &[&str]) -> Result<String, Stuck> {
        let body = json!({ "name": "Flea market", "members": members });
        let made = self.does(&Deed { who, verb: "group", body, caption: "makes a group".into() })?;
        let id = made["conversation_id"].as_str().map(str::to_owned);
        id.ok_or_else(|| Stuck::Wrong("the group has no id".into()))
    }

    /// Types a text to the bot in a group.
    fn mentions(&mut self, who: &'static str, group: &str, text: &str) -> Result<(), Stuck> {
        let text = format!("@{} {text}", self.person("bot", "number"));
        let body = json!({ "text": text, "conversation_id": group });
        self.does(&Deed { who, verb: "say", body, caption: format!("in the group: {text}") }).map(drop)
    }
}

pub(super) fn group_trade(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let group = people.makes_group("seller", &["buyer", "stranger", "bot"])?;
    people.sees("stranger", "Here I read only what begins with")?;
    let (price, asset) = (people.terms.price, people.terms.asset.typed.clone());
    people.mentions("seller", &group, &format!("sell camera lens {price} {asset}"))?;
    people.sees("stranger", "wants to sell")?;
    people.sees("seller", "Draft: you are selling")?;
    people.taps("seller", "Invite the buyer")?;
    let offer = people.sees("buyer", "Anybody here may take it")?;
    let code = play::code(&[offer]).ok_or_else(|| Stuck::Wrong("the offer has no code".into()))?;
    people.code = Some(code.clone());
    people.taps("stranger", "See the offer")?;
    people.sees("buyer", "is looking at the offer")?;
    people.sees("stranger", "or leave it alone")?;
    people.taps("buyer", "See the offer")?;
    people.sees("buyer", "or leave it alone")?;
    people.taps("buyer", "Accept")?;
    people.sees("stranger", "wants to take it")?;
    let name = people.person("buyer", "name");
    people.taps("seller", &format!("Yes, it is {name}"))?;
    people.sees("stranger", "Both have agreed")?;
    people.pays("buyer")?;
    people.locked()?;
    people.sees("stranger", "The money is locked in the vault of three")?;
    people.ends_well()?;
    people.sees("stranger", "Done: the money is paid out")?;
    people.never_public()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

pub(super) fn trade_room(people: &mut People<'_>) -> Result<Ending, Stuck> {
    let code = people.agree("camera lens", people.terms.price)?;
    people.says("buyer", &format!("status {code}"))?;
    people.taps("buyer", "Make a trade room")?;
    for who in ["buyer", "seller"] {
        people.sees(who, "This is the room of this trade")?;
    }
    people.pays("buyer")?;
    people.locked()?;
    people.ends_well()?;
    for who in ["buyer", "seller"] {
        people.sees(who, "Done: the money is paid out")?;
    }
    people.never_public()?;
    Ok(Ending::of(vec![people.settled(code, Outcome::Release, &["buyer", "bot"])?]))
}

impl People<'_> {
    /// In no group any phone has shown a link to pay or to sign.
    pub(super) fn never_public(&self) -> Result<(), Stuck> {
        for who in ["buyer", "seller", "stranger"] {
            let public = self.shown(who).iter().filter(|message| message["group"] == true);
            if let Some(link) = public.flat_map(play::buttons).find(|(_, action)| !action.starts_with("input:@")) {
                return Err(Stuck::Wrong(format!("{who} saw [{}] {} in a group", link.0, link.1)));
            }
        }
        Ok(())
    }
}
