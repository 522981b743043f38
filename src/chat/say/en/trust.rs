//! Whom one deals with: trade cards, records, limits, and talk that comes too fast.

use super::grammar::{capital, date, side, who};
use crate::chat::danger::Danger;
use crate::chat::say::trust::{Differs, Limit, Sums, TrustFact, TrustLabel, TrustLine};
use crate::chat::text::{quoted, quoted_name};
use crate::time::Millis;
use crate::trade::terms::Role;

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &TrustLine) -> String {
    match line {
        TrustLine::Record { of, sums } => record(&capital(&who(of)), sums),
        TrustLine::FirstWith(other) => format!("It would be your first trade with {}.", who(other)),
        TrustLine::AgainWith(other) => format!("You have traded with {} before.", who(other)),
        TrustLine::LikeBot { name, number } => format!(
            "Careful: the name of {} looks like mine, or claims an office. I am Mixin ID {number} and nobody else; whoever \
             trades with you has no office here.",
            who(name)
        ),
        TrustLine::LikeOther { name, known } => format!(
            "Careful: {} has a name like {}, whom you know. These are two people: compare the Mixin ID.",
            who(name),
            who(known)
        ),
        TrustLine::PriceJump { of, most } => {
            format!("Careful: that is far more than {} ever settled here (at most {most}).", who(of))
        }
        TrustLine::Danger(danger) => secret(*danger).to_owned(),
        TrustLine::PayLink => "That is NOT a link of mine to pay by, for any trade of yours. What is paid there is locked \
             nowhere, and I cannot get it back.\nNext: pay only by the button on your trade's newest card."
            .to_owned(),
        TrustLine::PaidAlready { money } => {
            format!("{money} is paid and locked already. Pay nothing more; whatever comes twice goes back.")
        }
        TrustLine::Slower { wait } => format!(
            "Slower, please: I read on in {} s. What signs, refunds, delivers or pays is heard all the same.",
            wait.secs()
        ),
        TrustLine::Forward => "Forward the message below as it is. Whoever gets it can send it to me, and I say whether it \
             is mine and what has changed since. It binds nobody."
            .to_owned(),
        TrustLine::CardLater => {
            "A card comes once both have agreed to the terms. Until then there is nothing to rely on.".to_owned()
        }
        TrustLine::CardSide { role, name, number } => {
            format!("- {}: “{}” (Mixin ID {number})", capital_side(*role), quoted_name(name))
        }
        TrustLine::CardPrice { amount, label } => format!("- Price: {amount} {label}"),
        TrustLine::CardDate { stamp } => format!("- As it stood on {stamp} UTC"),
        TrustLine::CardBot { number } => format!("- Bot: Mixin ID {number}; send it this text to check it"),
        TrustLine::Genuine { stamp, code } => {
            format!("These are my words of {stamp} UTC about trade {code}, unchanged.")
        }
        TrustLine::OnlyBetween => "Careful: somebody wrote more around them. Only what stands between the first line, \
             \"Trade …\", and the seal is mine."
            .to_owned(),
        TrustLine::Unchanged => "It still stands so.".to_owned(),
        TrustLine::Since { then, now } => format!("Since then it has gone on: {then} then, {now} now."),
        TrustLine::NotParty => {
            "You are no party, so I do not say how it stands now. Never pay for somebody else's trade.".to_owned()
        }
        TrustLine::Altered(differs) => altered(differs),
        TrustLine::NotMine => "NOT mine: I have never signed this text, whatever it says. Do not rely on it, and pay \
             nothing because of it."
            .to_owned(),
        TrustLine::Cut => {
            "I cannot check that: a part of the text is missing. Forward the whole message, from \"Trade …\" to the end of \
             the seal."
                .to_owned()
        }
        TrustLine::Several => {
            "There is more than one seal in that. Please send me one card at a time, and rely on none of them until then."
                .to_owned()
        }
        TrustLine::Yours { code } => format!("Trade {code} is mine, and you are a party of it:"),
        TrustLine::Others { code } => format!(
            "There is a trade {code} here. You are no party of it, so I tell nothing of it; never pay for somebody else's \
             trade. If you were invited, write: join {code}"
        ),
        TrustLine::NoTrade { code } => format!(
            "There is no trade “{}” here. Whoever says so is mistaken, or it is not my trade: pay nothing for it.",
            quoted(code)
        ),
        TrustLine::Me { number } => {
            format!("I am Mixin ID {number}. Compare the number: names and pictures can be copied.")
        }
        TrustLine::BlockHow => "Write whom: block and the code of their proposal, or their Mixin ID, like: block 46802"
            .to_owned(),
        TrustLine::Blocks(people) if people.is_empty() => "You keep nobody away.".to_owned(),
        TrustLine::Blocks(people) => {
            let people: Vec<String> = people.iter().map(who).collect();
            format!("You keep away: {}. To let somebody propose again, write like: unblock 46802", people.join(", "))
        }
        TrustLine::Blocked(person) => format!(
            "{} cannot send you proposals any more; they are not told. What the two of you agreed to goes on. To change \
             that, write \"unblock\" and their Mixin ID.",
            capital(&who(person))
        ),
        TrustLine::Unblocked(person) => format!("{} can send you proposals again.", capital(&who(person))),
        TrustLine::BlockWhom => {
            "I know nobody by that among the people of your trades. Use the six letters of their proposal, or check the \
             Mixin ID."
                .to_owned()
        }
        TrustLine::BlockFull { most } => {
            format!("You keep {most} people away, which is the most. Let one of them propose again first.")
        }
        TrustLine::HowWasIt(other) => {
            format!("How was it with {}? Your word counts for their record; nothing else depends on it.", who(other))
        }
        TrustLine::Rated { of, good } => {
            format!("Noted: {} with {}. That is final.", if *good { "good" } else { "bad" }, who(of))
        }
    }
}

fn record(of: &str, sums: &Sums) -> String {
    let Sums { bought, sold, good, bad, ruled_against, since } = *sums;
    let since = since.map(|since| format!(" Known since {}.", day(since))).unwrap_or_default();
    let settled = bought.saturating_add(sold);
    let ruled = match ruled_against {
        0 => String::new(),
        1 => " 1 ruling against them.".to_owned(),
        many => format!(" {many} rulings against them."),
    };
    if settled == 0 {
        return format!("{of}: no trade with me yet.{ruled}{since}");
    }
    let trades = if settled == 1 { "trade" } else { "trades" };
    let rated = match (good, bad) {
        (0, 0) => "not rated".to_owned(),
        (good, bad) => format!("rated good {good}, bad {bad}"),
    };
    format!("{of}: {settled} {trades} settled with me, {bought} as buyer, {sold} as seller; {rated}.{ruled}{since}")
}

/// "Nov 23, 2026".
fn day(moment: Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    moment.strftime("%b %-d, %Y").to_string()
}

const fn capital_side(role: Role) -> &'static str {
    match role {
        Role::Buyer => "Buyer",
        Role::Seller => "Seller",
    }
}

const fn secret(danger: Danger) -> &'static str {
    match danger {
        Danger::Phrase => {
            "That looks like the words of a recovery phrase. Never write them to anybody, not to me either: whoever has \
             them has your money. I do not use them.\nNext: delete that message. If somebody asked you for it, they want \
             to rob you: move your money to a new wallet."
        }
        Danger::Key => {
            "If that is a private key, never send it to anybody, not to me either: whoever has it has your money. I do not \
             use it.\nNext: delete that message. If somebody asked you for it, they want to rob you; make a new key."
        }
        Danger::Pin => {
            "If that is a PIN or a password, never write it to anybody, not to me either. Only the app's own sheet asks \
             for it.\nNext: delete that message and change it. Nobody from here ever asks you for it."
        }
    }
}

fn altered(differs: &[Differs]) -> String {
    let truth: Vec<String> = differs
        .iter()
        .map(|differs| match differs {
            Differs::Side { role, name, number } => {
                format!("the {} (in truth “{}”, Mixin ID {number})", side(*role), quoted_name(name))
            }
            Differs::Price(price) => format!("the price (in truth {price})"),
            Differs::Bot(number) => format!("the bot (I am Mixin ID {number})"),
            Differs::Other => "something else in it: state, amount, date or words".to_owned(),
        })
        .collect();
    let what = if truth.is_empty() { "Something in it".to_owned() } else { capital(&truth.join("; ")) };
    format!(
        "NOT my words: the seal does not fit. {what} differs from what I signed. Do not rely on it, pay nothing because of it."
    )
}

pub(super) fn limit(limit: &Limit) -> String {
    match limit {
        Limit::PriceMin(min) => format!("That is too little: {min} is the smallest price of a trade here. Agree on a higher one."),
        Limit::Locked { used, most } => format!(
            "With this trade you would have more locked than one person may here: {used} of {most} already. Agree on a lower \
             price, or wait until a trade of yours has ended; \"trades\" shows them."
        ),
        Limit::OtherLocked => {
            "With this trade the other side would have more locked than one person may here. Agree on a lower price, or try \
             again when a trade of theirs has ended."
                .to_owned()
        }
        Limit::Proposed { used, most, free } => format!(
            "You have written {used} of {most} proposals that one person may in a day. You can again from {}. What is agreed \
             to goes on.",
            date(*free)
        ),
        Limit::Agreed { used, most, free } => format!(
            "You have agreed to {used} of {most} trades that one person may in a day. You can again from {}. What is agreed to \
             goes on.",
            date(*free)
        ),
        Limit::Waiting { most } => format!(
            "{most} of your proposals wait for this person's answer already, and no more may. Cancel one, or wait for the \
             answer."
        ),
        Limit::Crowded => {
            "Too many proposals wait for this person's answer already. Let them bring your invitation's code instead: name \
             nobody, and send it to them yourself."
                .to_owned()
        }
    }
}

pub(super) const fn label(label: TrustLabel) -> &'static str {
    match label {
        TrustLabel::Card => "Card to forward",
        TrustLabel::Block => "Block this person",
        TrustLabel::Good => "Good",
        TrustLabel::Bad => "Bad",
    }
}

pub(super) fn fact(fact: &TrustFact) -> String {
    match fact {
        TrustFact::Rated { by, good } => {
            format!("{} said how it was: {}.", capital(&who(by)), if *good { "good" } else { "bad" })
        }
    }
}
