//! Money that names no trade.

use super::grammar::who;
use crate::chat::say::Who;
use crate::chat::say::claim::{Becomes, ClaimLine};

pub(super) fn words(line: &ClaimLine) -> String {
    match line {
        ClaimLine::Nameless { money, more } => {
            let mut coins: Vec<String> = money.iter().map(ToString::to_string).collect();
            coins.extend((*more > 0).then(|| format!("{more} more")));
            let (came, it) = if coins.len() == 1 { ("names", "it counts") } else { ("name", "they count") };
            format!("{} came into your vault and {came} no trade, so {it} for none.", joined(&coins))
        }
        ClaimLine::OperatorTold { operator } => format!(
            "Whoever runs me ({operator}) sees it, and can ask both of you what it is for, or give back what one of you \
             sent. Pay only by my link: then I know at once."
        ),
        ClaimLine::Asked { money, from, operator } => {
            let from: Vec<String> = from.iter().map(who).collect();
            let from = if from.is_empty() { "a sender whom Mixin does not name".to_owned() } else { joined(&from) };
            format!(
                "{money} lies in your vault and names no trade. It came from {from}. {operator} thinks that it is for \
                 this trade. Is it?"
            )
        }
        ClaimLine::Yes(becomes) => yes(becomes),
        ClaimLine::No => "If you do not know, or it is for something else, say no: then nothing changes.".to_owned(),
        ClaimLine::Noted { other } => format!("Noted: you say it is. Next: wait until {} says so too.", who(other)),
        ClaimLine::Agreed { money } => format!("You both said yes: {money} is this trade's now."),
        ClaimLine::Refused { operator } => format!(
            "The deposit I asked you about does not become this trade's: one of you said no, or the question was taken \
             back. It stays in the vault, where no one person can touch it, until {operator} has another idea."
        ),
    }
}

fn yes(becomes: &Becomes) -> String {
    let rest = |buyer: &Who| format!("goes back to {}, by a request of its own", who(buyer));
    match becomes {
        Becomes::Counts { buyer, missing } => format!(
            "If both of you say yes, it counts as paid by {}, towards the {missing} still missing, whoever sent it; if the \
             trade ends unpaid, it goes back to {}.",
            who(buyer),
            who(buyer)
        ),
        Becomes::WrongAsset { buyer } => {
            format!("It is not the agreed asset: if both of you say yes, it {}.", rest(buyer))
        }
        Becomes::NotNeeded { buyer } => {
            format!("All that is due is locked already: if both of you say yes, it {}.", rest(buyer))
        }
        Becomes::Ended { buyer } => {
            format!("The trade has ended: if both of you say yes, it {}.", rest(buyer))
        }
    }
}

fn joined(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((one, [])) => one.clone(),
        Some((end, before)) => format!("{} and {end}", before.join(", ")),
    }
}
