//! English: plain, short, friendly. One clear thing a sentence.

mod answers;
mod claim;
mod clock;
mod trust;
mod group;
mod judge;
mod problem;
mod grammar;
mod mixpay;
mod kit;
mod label;
mod page;
mod right;
mod short;
mod split;
mod verify;
mod waiting;

pub(super) use label::label;

use answers::{can_do, closed, help_of, naming, need_token, price_problem, refused, sure_cancel, terms_refused, usage};
use grammar::{any_of, capital, does, item_of, kind_of, length, name_only, payer_of, side, time, verb, who};

use waiting::{then_of, waiting_for};

use crate::chat::commands::row_of;
use crate::chat::say::parts::percent;
use crate::chat::say::{Line, OddReason, Share, Title, Who};
use crate::chat::text::{QUOTED_MAX, quoted};
use crate::time::Millis;
use crate::trade::plan::Kind;
use crate::trade::terms::{Periods, Role, Unruled};

/// Every sentence. Long families have a function each; this match names them all.
#[expect(clippy::too_many_lines, reason = "one exhaustive match a language; families are split off below")]
pub(super) fn words(line: &Line) -> String {
    match line {
        Line::Title(title) => title_of(*title).to_owned(),
        Line::Greeting => {
            "Hi! I keep trades between two people safe. The buyer's money is locked in a vault of three: \
             buyer, seller and me. Any two of us can move it; I alone never can.\nWhat would you like to do?"
                .to_owned()
        }
        Line::AskLang => "Which language shall I speak?".to_owned(),
        Line::Speaks => "I speak English with you from now on.".to_owned(),
        Line::Unfinished { role } => format!(
            "You have an unfinished draft in which you {}. Write \"draft\" to go on, or \"cancel\" to drop it.",
            does(*role)
        ),
        Line::Help => "How it works:\n\
             1. One of you writes the trade here; the other accepts it.\n\
             2. The buyer pays into a vault of three: buyer, seller and me. It is locked until two of us sign.\n\
             3. The seller delivers. The buyer checks and signs the release: the seller is paid.\n\
             4. If it does not work out, the seller signs the refund: the buyer gets everything back.\n\
             I always sign last, and I alone can never move the money.\n\nYou can write:"
            .to_owned(),
        Line::HelpOf(word) => help_of(*word).to_owned(),
        Line::Usage { word } => {
            format!("I did not get what follows \"{}\". {}", row_of(*word).name, usage(*word))
        }
        Line::NotUnderstood(place) => format!("Sorry, I did not understand that. {}", can_do(*place)),
        Line::OnlyWords(place) => format!("I can only read words, buttons and contact cards. {}", can_do(*place)),
        Line::AskItem(Role::Buyer) => "What are you buying? For example: camera lens".to_owned(),
        Line::AskItem(Role::Seller) => "What are you selling? For example: camera lens".to_owned(),
        Line::ItemTooLong { letters } => {
            format!("That is {letters} characters long; please say it in at most {QUOTED_MAX}.")
        }
        Line::AskPrice { role, item, example } => {
            format!("You {} {}.\nWhat is the price? For example: {example}", does(*role), item_of(item))
        }
        Line::PriceProblem { problem, example, assets } => price_problem(problem, example, assets),
        Line::OtherNoted => "Noted: that is the other side of your trade.".to_owned(),
        Line::DraftDropped => "I dropped the draft. Nothing was sent to anybody.".to_owned(),
        Line::NoDraft => "You have no draft right now. Start one:".to_owned(),
        Line::OpenMax { count } => {
            format!(
                "You have {count} open trades, which is the most I take for one person. Finish or cancel one first."
            )
        }
        Line::Naming(problem) => naming(*problem).to_owned(),
        Line::TermsRefused(error) => terms_refused(*error).to_owned(),
        Line::Closed { why, operator } => closed(why, operator),
        Line::Item(item) => format!("Item: {}", item_of(item)),
        Line::Sides { role, other } => match role {
            Role::Buyer => format!("Buyer: you · Seller: {}", who(other)),
            Role::Seller => format!("Buyer: {} · Seller: you", who(other)),
        },
        Line::Price { amount, label } => format!("Price: {amount} {label}"),
        Line::Fee { fee, .. } if fee.amount.is_zero() => "Fee: none".to_owned(),
        Line::Fee { fee, bps, payer } => format!("Fee: {fee} ({}), paid by {}", percent(*bps), payer_of(*payer)),
        Line::Due { by: Who::You, money } => format!("You will pay: {money}"),
        Line::Due { by, money } => format!("{} will pay: {money}", capital(&who(by))),
        Line::Payouts { seller, buyer, zero } => format!(
            "If released: seller gets {seller}, buyer {zero}.\nIf refunded: buyer gets {buyer} (no fee), seller {zero}.\n\
             That is the least and the most for each of you; whatever is overpaid comes back to the buyer."
        ),
        Line::Periods(periods) => periods_of(periods),
        Line::PayWays => {
            "Payment: with Mixin or, if MixPay takes that amount, with any coin through MixPay.".to_owned()
        }
        Line::Keys => {
            "The vault has three keys: buyer, seller and me. Any two can move the money: I with one of you could, I \
             alone never."
                .to_owned()
        }
        Line::House { operator, judges, unruled, delay } => house(operator, *judges, *unruled, *delay),
        Line::IfBotDies => "If I ever disappear: sign the same link, release or refund, both of you, and it works \
             without me."
            .to_owned(),
        Line::OnlyFrom { number } => format!(
            "I only write from Mixin ID {number}. Pay by my button, never to anybody else. I never ask for your PIN, \
             your keys or a direct transfer."
        ),
        Line::SendStep { to } => format!("Next: send it to {}. Or share another contact card to change that.", who(to)),
        Line::InviteStep { other } => format!(
            "Next: invite the {}. Or share their contact card, or write their Mixin ID like @46802.",
            side(*other)
        ),
        Line::ForwardStep { other, until } => format!(
            "Next: forward the message below to the {}. When somebody brings the code, I show you who it is; the trade \
             starts only after your yes.\n{}",
            side(*other),
            time(until)
        ),
        Line::Forward { from, role, item, link, number, code } => format!(
            "{} wants to {} {} safely.\nTo see the terms, open {link}\nor write to me, Mixin ID {number}: join {code}",
            capital(&who(from)),
            verb(*role),
            item_of(item)
        ),
        Line::ProposalFrom { from, role } => match role {
            Role::Buyer => format!("{} wants to buy this from you.", capital(&who(from))),
            Role::Seller => format!("{} wants to sell you this.", capital(&who(from))),
        },
        Line::AcceptStep { until, named: true } => format!("Next: read it, then accept or decline. {}", time(until)),
        Line::AcceptStep { until, named: false } => {
            format!("Next: read it, then accept, or leave it alone. {}", time(until))
        }
        Line::ConfirmFollows { by } => format!("After you accept, {} confirms that you are the right person.", who(by)),
        Line::JoinedAsk { who: person } => format!(
            "{} brought your invitation and agreed to the terms.\nNext: is this the right person? Compare the Mixin ID; \
             names and pictures can be copied.",
            capital(&who(person))
        ),
        Line::Joining { by, until } => {
            format!(
                "You agreed. Next: wait until {} confirms that it is you. Until then nothing is paid or delivered.\n{}",
                who(by),
                time(until)
            )
        }
        Line::TurnedAway => "You are not part of this trade. You owe nothing and nothing was paid.".to_owned(),
        Line::Declined => "The trade was declined.".to_owned(),
        Line::Cancelled { by } => format!("{} cancelled the trade.", capital(&who(by))),
        Line::ExpiredUnanswered => "Nobody accepted in time, so the proposal has ended.".to_owned(),
        Line::ExpiredUnpaid => "The full amount was not paid in time, so the trade has ended.".to_owned(),
        Line::NothingPaid => "Nothing was paid. Do not pay by an old link.".to_owned(),
        Line::NothingArrived => {
            "Nothing has arrived so far. Do not pay by an old link; what was already sent comes back to the buyer."
                .to_owned()
        }
        Line::GoesBack { to, money } => {
            format!("{money} was paid in and goes back to {}. A link to sign for it follows.", who(to))
        }
        Line::PayStep { money, label, until } => {
            format!("Next: pay {money} with the button below (asset: {label}). {}", time(until))
        }
        Line::PayLinkSoon => "The pay button is not ready yet. Ask again in a moment.".to_owned(),
        Line::ThenPaid => {
            "It goes into the vault of three. I notice it by myself; \"I have paid\" makes me look at once.".to_owned()
        }
        Line::Picture { mixpay: false } => "The same link as a picture: scan it with the phone that pays.".to_owned(),
        Line::Picture { mixpay: true } => "MixPay's page as a picture: scan it with the phone that pays.".to_owned(),
        Line::WaitForPay { by, money, label, until } => format!(
            "Next: wait. {} is to pay {money} into the vault (asset: {label}). Deliver nothing before I say that it is \
             locked.\n{}",
            capital(&who(by)),
            time(until)
        ),
        Line::Short { paid, due, missing } => format!("Arrived so far: {paid} of {due}. Still missing: {missing}."),
        Line::MixPayRoad { money } => format!(
            "You can also pay {money} with any coin, from any wallet, through MixPay. Its page shows the price and its own \
             fee. The money counts only when it is locked in the vault."
        ),
        Line::MixPay { progress, role } => mixpay::progress(*progress, *role),
        Line::WaitForMixPay(Role::Buyer) => "Next: wait, and do not pay a second time.".to_owned(),
        Line::WaitForMixPay(Role::Seller) => "Next: wait until I say that it is locked.".to_owned(),
        Line::PayRest => {
            "Next: pay the rest on MixPay's page, not anywhere else. Do it now: MixPay waits only a few minutes for it."
                .to_owned()
        }
        Line::MixPayReturns => {
            "If anything was paid there, MixPay returns it to whoever paid, not I: to a Mixin wallet by \
             itself, to any other wallet through MixPay's support."
                .to_owned()
        }
        Line::MixPayAgain => "If MixPay can take a new payment, its button follows.".to_owned(),
        Line::FundedBuyer { seller, money, until } => {
            format!("Your {money} is locked in the vault. Next: wait for {} to deliver. {}", who(seller), time(until))
        }
        Line::FundedSeller { buyer, money, gets, until } => format!(
            "{} has paid: {money} is locked in the vault. You get {gets} on release.\nNext: deliver, then tap \"I have \
             delivered\". {}",
            capital(&who(buyer)),
            time(until)
        ),
        Line::OverdueBuyer { seller, money, date } => format!(
            "Your {money} is locked in the vault, but the time to deliver was up on {0}. Next: agree with {1}. If you still \
             want it, sign the release once you have it and have checked it; otherwise {1} can sign the refund. No money \
             moves by itself.",
            grammar::date(*date),
            who(seller)
        ),
        Line::OverdueSeller { buyer, money, gets, date } => format!(
            "{money} of {0} is locked in the vault, but the time to deliver was up on {1}.\nNext: agree with {0}, and \
             deliver only if it is still wanted. Then {0} can sign the release, and you get {gets}; otherwise you can \
             sign the refund. No money moves by itself.",
            who(buyer),
            grammar::date(*date)
        ),
        Line::UncheckedSeller { buyer, date } => format!(
            "The time to check it was up on {}. No money moves by itself. Next: ask {} to sign the release; if you \
             agree on it, sign the refund instead.",
            grammar::date(*date),
            who(buyer)
        ),
        Line::DeliveredBuyer { seller, until } => format!(
            "{} says it is delivered. Next: check it. If all is well, sign the release; if not, talk to each other and \
             sign nothing. {}",
            capital(&who(seller)),
            time(until)
        ),
        Line::DeliveredSeller { buyer, until } => {
            format!("Next: wait while {} checks it and signs the release. {}", who(buyer), time(until))
        }
        Line::SignLinkSoon => "The link to sign is being made; I send it as soon as it is ready.".to_owned(),
        Line::YouSigned => "You have signed; I am looking after the rest.".to_owned(),
        Line::Sheet { shows, hidden } => sheet(shows, hidden),
        Line::ReleaseMeans { seller } => format!(
            "Signing means: you have what you bought and {} is paid. My signature follows at once. It cannot be undone.",
            who(seller)
        ),
        Line::ReleaseNotYet { seller } => {
            format!("Not yet: keep this until {} has delivered and you have checked it.", who(seller))
        }
        Line::RefundMeans { buyer, money } => format!(
            "Signing means: {} gets all of {money} back and you get nothing. My signature follows at once. It cannot be \
             undone. Sign only if you want to give the money back; otherwise keep this unsigned.",
            who(buyer)
        ),
        Line::ReturnMeans { to, money } => format!(
            "This money is not part of the trade. Signing sends {money} back to {}; my signature follows at once. It \
             cannot be undone.",
            who(to)
        ),
        Line::SignAnew { kind } => format!(
            "It is decided: the {}. Mixin did not count the signature that was given, so one of you must sign once \
             more, whichever of the two. Signing means: it happens at once. It cannot be undone.",
            kind_of(*kind)
        ),
        Line::ThenSigned => "After signing, \"I have signed\" makes me look at once.".to_owned(),
        Line::Settling { kind, by } => format!(
            "{} signed the {}. I make my 7 checks and then add the last signature. Next: nothing, just a moment.",
            capital(&who(by)),
            kind_of(*kind)
        ),
        Line::SettledBy(Kind::Release) => "Released. This is who got what:".to_owned(),
        Line::SettledBy(Kind::Refund) => "Refunded. This is who got what:".to_owned(),
        Line::SettledBy(Kind::Split) => "Split. This is who got what:".to_owned(),
        Line::SettledBy(Kind::Return) => "Returned. This is who got what:".to_owned(),
        Line::PaidTo(Share { to, money }) => format!("- {}: {money}", capital(&who(to))),
        Line::AllChecks => "7 of 7 checks held; the bot signed last.".to_owned(),
        Line::WithoutBot => "The two of you signed it, without the bot.".to_owned(),
        Line::SettledElsewhere => "The locked money was moved by a transaction that I did not make: two of the three \
             members signed it. That is the members' right; for me the trade is over."
            .to_owned(),
        Line::Odd { reason, money, to } => odd(*reason, &money.to_string(), &who(to)),
        Line::OddSign { by } => format!("Next: {} must sign for that. The link follows.", any_of(by)),
        Line::Returned { money, to } => format!("{money} has arrived back at {}.", who(to)),
        Line::Frozen { operator } => format!(
            "This trade is stopped: I sign nothing in it until {operator} has looked at it. Its deadlines stand still, and \
             what is in the vault stays there. Next: nothing; you two can still sign together without me."
        ),
        Line::Unfrozen { operator } => format!(
            "{} has looked at this trade: it goes on, with as much time as was left when it was stopped.",
            capital(operator)
        ),
        Line::WaitingFor(waiting) => waiting_for(waiting),
        Line::TimeLeft(until) => format!("Time: {}", time(until)),
        Line::Then(then) => then_of(*then).to_owned(),
        Line::Kit(line) => kit::words(line),
        Line::Page(line) => page::words(line),
        Line::Claim(line) => claim::words(line),
        Line::Verify(line) => verify::words(line),
        Line::AsWhole(line) => short::words(line),
        Line::Right(line) => right::words(line),
        Line::Clock(line) => clock::words(line),
        Line::Trust(line) => trust::words(line),
        Line::Group(line) => group::words(line),
        Line::Judge(line) => judge::words(line),
        Line::Problem(line) => problem::words(line),
        Line::Split(line) => split::words(line),
        Line::Refused(refusal) => refused(*refusal).to_owned(),
        Line::TradesNone => "You have no open trade. Start one:".to_owned(),
        Line::Trades { count: 1 } => "You have 1 open trade:".to_owned(),
        Line::Trades { count } => format!("You have {count} open trades:"),
        Line::TradesMore { count } => format!("… and {count} more. Write \"status\" and the code to see any of them."),
        Line::TradeIn { role, item } => format!("You {} {}", does(*role), item_of(item)),
        Line::WhichTrade => "Which trade do you mean?".to_owned(),
        Line::UnknownCode { code } => {
            format!("I know no trade of yours with the code {}. Please compare it letter by letter.", quoted(code))
        }
        Line::TokenStale => {
            "That button is too old, was used already, or is not yours. Nothing has changed. Here is how \
             to go on:"
                .to_owned()
        }
        Line::SureCancel { paid, coming, buyer } => sure_cancel(paid.as_ref(), coming.as_ref(), &who(buyer)),
        Line::NeedToken(binding) => need_token(*binding).to_owned(),
        Line::Looking { mixpay: true } => {
            "I am looking on Mixin now and ask MixPay too. I write as soon as something has changed.".to_owned()
        }
        Line::Looking { mixpay: false } => {
            "I am looking on Mixin now and write as soon as something has changed.".to_owned()
        }
    }
}

const fn title_of(title: Title) -> &'static str {
    match title {
        Title::Draft(Role::Buyer) => "Draft: you are buying",
        Title::Draft(Role::Seller) => "Draft: you are selling",
        Title::Invitation => "Invitation",
        Title::Proposal => "A trade for you",
        Title::Joined => "Is this the right person?",
        Title::Pay => "Payment",
        Title::Funded => "The money is locked",
        Title::Sign(Kind::Release) => "Release",
        Title::Sign(Kind::Refund) => "Refund",
        Title::Sign(Kind::Split) => "Split",
        Title::Sign(Kind::Return) => "Return",
        Title::Delivered => "Delivered",
        Title::Disputed => "A judge was called for",
        Title::Ruled => "It is ruled",
        Title::Settled => "Done",
        Title::Trade => "Your trade",
        Title::Why => "What now?",
        Title::Sure => "Are you sure?",
        Title::Split => "Offer a split",
        Title::Case => "A case",
        Title::Request => "A link to sign",
        Title::Group => "Trade",
    }
}

fn periods_of(periods: &Periods) -> String {
    let Periods { accept, pay, deliver, inspect } = periods;
    format!(
        "Time: {} to accept, {} to pay, {} to deliver, {} to check.",
        length(*accept),
        length(*pay),
        length(*deliver),
        length(*inspect)
    )
}

fn house(operator: &str, judges: usize, unruled: Unruled, delay: Millis) -> String {
    let unruled = match unruled {
        Unruled::Release => "release",
        Unruled::Refund => "refund",
    };
    let judges = match judges {
        0 => {
            return format!(
                "I am run by {operator}. No judge is named: if one of you calls for one, it ends with a {unruled}, not \
                 sooner than 24 h later, unless you agree before."
            );
        }
        1 => "1 judge is".to_owned(),
        n => format!("{n} judges are"),
    };
    let delay = match delay.0 {
        0 => String::new(),
        _ => format!(" A ruling can be stopped for {}, so that a second judge looks.", length(delay)),
    };
    format!("I am run by {operator}. {judges} named for disputes; if nobody rules within 30 days: {unruled}.{delay}")
}

fn sheet(shows: &Share, hidden: &[Share]) -> String {
    let seen = format!("The sheet shows: {}, {}.", name_only(&shows.to), shows.money);
    let parts: Vec<String> = hidden
        .iter()
        .map(|share| match &share.to {
            Who::Fee => format!("our fee of {}", share.money),
            Who::You => format!("{} back to you", share.money),
            other => format!("{} to {}", share.money, who(other)),
        })
        .collect();
    match parts.as_slice() {
        [] => format!("{seen} There is nothing else in it."),
        [one] => format!("{seen} It does not show a second output: {one}."),
        many => format!("{seen} It does not show {} more outputs: {}.", many.len(), many.join(" and ")),
    }
}

fn odd(reason: OddReason, money: &str, to: &str) -> String {
    match reason {
        OddReason::WrongAsset => {
            format!("{money} came into the vault, but that is not the agreed asset. It goes back to {to}.")
        }
        OddReason::ThirdPerson => {
            format!(
                "{money} came into the vault from somebody who is not the buyer. It does not count and goes back to {to}."
            )
        }
        OddReason::Unnamed => {
            format!("{money} came into the vault without saying for which trade. It goes back to {to}, who sent it.")
        }
        OddReason::NotNeeded => {
            format!("{money} came into the vault that this trade does not need. It goes back to {to}.")
        }
    }
}
