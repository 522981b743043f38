//! Help, and every "no" in its own words.

use super::grammar::capital;
use crate::chat::Binding;
use crate::chat::commands::{Word, row_of};
use crate::chat::price::Problem;
use crate::chat::say::{Closed, Money, Naming, Place};
use crate::chat::text::quoted;
use crate::trade::command::Refusal;
use crate::trade::terms::TermsError;

pub(super) const fn help_of(word: Word) -> &'static str {
    match word {
        Word::Hi => "hi – the menu",
        Word::Buy => "buy camera lens 100 USDT from @46802 – write a trade in which you buy",
        Word::Sell => "sell camera lens for 100 USDT – write a trade in which you sell",
        Word::Price => "price 120 USDT – change the price of your draft",
        Word::Draft => "draft – show your draft again",
        Word::Propose => "propose – send the draft (its button knows the rest)",
        Word::Invite => "invite – show the invitation again",
        Word::Join => "join K7Q2MD – see a trade you were invited to",
        Word::Accept => "accept – agree to the terms",
        Word::Decline => "decline – refuse them",
        Word::Confirm => "confirm – yes, this person is the one I invited",
        Word::Reject => "reject – no, turn this person away",
        Word::Paid => "paid – I have paid, look now",
        Word::Delivered => "delivered – the seller is done",
        Word::Take => "take – the seller takes a payment that is nearly all as the whole",
        Word::Appeal => "appeal – have a second judge look at a ruling, while it can be stopped",
        Word::Cases => "cases – for judges: yours, and those offered to you",
        Word::Hear => "hear K7Q2MD – for judges: take the case",
        Word::Pass => "pass K7Q2MD – for judges: I know one of them",
        Word::Rule => "rule K7Q2MD refund – for judges: release, refund, or split 60",
        Word::Extend => "extend 3 d – give the other side more time to deliver or to check",
        Word::Split => "split 60% – offer the seller a part of the price, the rest goes back",
        Word::Signed => "signed – I have signed, look now",
        Word::Release => "release – the buyer's link to sign, or a new one if it does not work",
        Word::Refund => "refund – the same for the seller, to give the money back",
        Word::Problem => "problem – something is wrong: call for a judge (first you read what that does)",
        Word::Evidence => "evidence – add evidence in a dispute; \"done\" ends it",
        Word::Exhibit => "exhibit 3 – see an exhibit; just \"exhibit\" lists all",
        Word::Done => "done – that was all the evidence",
        Word::Withdraw => "withdraw – take back your call for a judge, or a proposal nobody has accepted",
        Word::Belongs => "belongs – the deposit I asked you about is for this trade",
        Word::Unrelated => "unrelated – it is not",
        Word::Status => "status – how a trade stands",
        Word::Why => "why – what is awaited, from whom, until when",
        Word::Kit => "kit – the recovery kit: keep it, it works without me",
        Word::Room => "room – a group for one trade: you two and me",
        Word::Trades => "trades – all your open trades",
        Word::Verify => {
            "verify https://mixin.one/multisigs/… – what a link to sign would do; verify K7Q2MD – whether a trade is mine"
        }
        Word::Card => "card K7Q2MD – a trade as a signed text to forward; send me such a text to check it",
        Word::Rate => "rate K7Q2MD good – how a settled trade was: good or bad",
        Word::Block => "block 46802 – no more proposals from this person",
        Word::Unblock => "unblock 46802 – let them propose again",
        Word::Cancel => "cancel – drop the draft, or end a trade before the money is locked",
        Word::Lang => "lang – choose the language",
        Word::English => "lang en – speak English",
        Word::Chinese => "lang zh – speak Chinese (中文)",
        Word::Help => "help – this page",
    }
}

pub(super) fn usage(word: Word) -> String {
    match word {
        Word::Join => "Write the six letters of the invitation: join K7Q2MD".to_owned(),
        Word::Rate => {
            "Write \"good\" or \"bad\", with the trade's six letters if there are several: rate K7Q2MD good".to_owned()
        }
        Word::Propose => "Tap the button on your draft instead; \"draft\" shows it.".to_owned(),
        _ => format!("Write just \"{0}\", or with a trade's six letters: {0} K7Q2MD", row_of(word).name),
    }
}

pub(super) const fn can_do(place: Place) -> &'static str {
    match place {
        Place::Idle => "You can start a trade, bring an invitation (join K7Q2MD), or look at your trades:",
        Place::Item => "Please tell me in a few words what it is, for example: camera lens. Or write \"cancel\".",
        Place::Price => "Please write the price as a number and a coin. Or write \"cancel\".",
        Place::Split => "Please write how much the seller should get, like 60 or 60%. Or write \"cancel\".",
        Place::Evidence => "Write or send what shows it, or write \"done\".",
        Place::Reason => "Please write in a line why you rule so. Or write \"cancel\".",
        Place::Draft => {
            "With your draft you can: tap the button on it, share a contact card or write a Mixin ID like @46802 to name \
             the other side, write a new price, or drop it:"
        }
    }
}

pub(super) fn price_problem(problem: &Problem, example: &str, assets: &str) -> String {
    let what = match problem {
        Problem::NoNumber => "I found no number in that.".to_owned(),
        Problem::OtherDigits => "Please use the plain digits 0 to 9, so that nobody can misread the price.".to_owned(),
        Problem::Negative => "The price cannot be below zero.".to_owned(),
        Problem::Exponent => "Please write the number out, without \"e\".".to_owned(),
        Problem::Separator => {
            "Please use no commas or spaces inside the number, and a point for decimals: 1500.5".to_owned()
        }
        Problem::NotANumber(number) => {
            format!("I cannot read “{}” as a number. Decimals look like this: 0.5", quoted(number))
        }
        Problem::Zero => "The price cannot be zero.".to_owned(),
        Problem::TooFine => "That is too fine: at most 8 digits behind the point.".to_owned(),
        Problem::TooLarge => "That is more than I can count.".to_owned(),
        Problem::AboveCap { cap, symbol } => format!("That is above the limit of {cap} {symbol} for one trade here."),
        Problem::BelowMin { min, symbol } => {
            format!("That is too little: {min} {symbol} is the smallest price of a trade here.")
        }
        Problem::FeeTakesAll => "At that price the fee would leave the seller nothing.".to_owned(),
        Problem::Fiat(symbol) => format!("“{}” is a state's money; I can only lock crypto: {assets}.", quoted(symbol)),
        Problem::NoAsset(amount) => format!("{amount} of which coin? I know {assets}."),
        Problem::UnknownAsset(name) => format!("I do not know the coin “{}” here. I know {assets}.", quoted(name)),
        Problem::WhichChain { amount, choices } => {
            let symbol = choices.first().map_or("", |asset| asset.symbol.as_str());
            return format!("{amount} {symbol} on which chain? They are different coins in your wallet. Choose one:");
        }
    };
    format!("{what}\nWhat is the price? For example: {example}")
}

pub(super) const fn naming(problem: Naming) -> &'static str {
    match problem {
        Naming::NotFound => {
            "I found nobody with that Mixin ID; they may hide from search. Share their contact card, or use the invitation."
        }
        Naming::IsBot => {
            "That is a bot, and a bot cannot sign. Share the contact card of a person, or use the invitation."
        }
        Naming::Yourself => "That is you. Share the other person's contact card, or use the invitation.",
        Naming::TakesNoSide => {
            "The bot, its fee account and its judges take no side in a trade. Please name somebody else."
        }
        Naming::NoSafe => {
            "That person has no Mixin wallet with a PIN yet, so they could not sign. Ask them to open Wallet in Mixin and \
             set one up, then name them again."
        }
        Naming::NoSafeYours => {
            "You have no Mixin wallet with a PIN yet, so you could not sign.\nNext: open Wallet in Mixin, set one up, then \
             tap the same button again."
        }
        Naming::SearchResting => {
            "I cannot look up Mixin IDs for now. Share their contact card, or use the invitation: both work at once."
        }
    }
}

pub(super) const fn terms_refused(error: TermsError) -> &'static str {
    match error {
        TermsError::PriceZero => "The price cannot be zero. Write another one, like: price 100 USDT",
        TermsError::PriceTooLarge => "That price is more than I can count. Write another one, like: price 100 USDT",
        TermsError::NothingLeft => "At that price the fee would leave the seller nothing. Write a higher price.",
        TermsError::SamePerson => "Buyer and seller cannot be the same person. Name somebody else.",
        TermsError::NotEligible => {
            "The bot, its fee account and its judges take no side in a trade. Name somebody else."
        }
    }
}

pub(super) fn closed(why: &Closed, operator: &str) -> String {
    let operator = capital(operator);
    let rest = "Trades that are agreed to go on.";
    match why {
        Closed::All { why } => format!("{operator} takes no new trades for now: “{why}”. {rest}"),
        Closed::Asset { label, why } => format!("{operator} takes no new trades in {label} for now: “{why}”. {rest}"),
        Closed::You => format!("{operator} takes no new trades of yours for now. {rest}"),
        Closed::OneOfYou => format!("{operator} takes no new trade between the two of you for now. {rest}"),
        Closed::Price(cap) => format!("That is above the limit of {cap} for one trade here. Agree on a lower price."),
        Closed::AssetFull { label } => format!(
            "With this trade there would be more {label} locked than {operator} takes on at a time. Agree on a lower \
             price, or try again when others have ended."
        ),
        Closed::Limit(limit) => super::trust::limit(limit),
        Closed::Full => {
            format!("There are as many open trades as {operator} takes on at a time. Try again when others have ended.")
        }
    }
}

pub(super) const fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotYours => "That trade is not yours, so I cannot do that. These are yours:",
        Refusal::OnlyBuyer => "Only the buyer can do that. Here is what you can do:",
        Refusal::OnlySeller => "Only the seller can do that. Here is what you can do:",
        Refusal::OnlyProposer => "Only the person who wrote the proposal can do that. Here is what you can do:",
        Refusal::TooEarly => "It is too early for that: the money is not locked yet. Here is what is awaited:",
        Refusal::TooLate => "It is too late for that. This is how it stands:",
        Refusal::Already => "That is done already. Here is how it stands:",
        Refusal::OtherTerms => {
            "What you agreed to is not what stands there now, so nothing has changed. Please read it again:"
        }
        Refusal::Taken => {
            "Somebody else brought this code first. If that is a mistake, ask whoever invited you to turn them away."
        }
        Refusal::SamePerson => {
            "You wrote this proposal yourself; the other side must bring the code. Forward it to them:"
        }
        Refusal::NotEligible => {
            "The bot, its fee account and its judges take no side in a trade, so you cannot join this one."
        }
        Refusal::Locked => {
            "The money is locked, so nobody can cancel any more. The buyer can sign the release, the seller the refund:"
        }
        Refusal::PaysNothing => {
            "A split must leave something to both of you. For all or nothing there are the release and the refund:"
        }
        Refusal::TooFar => "No deadline is moved so far: at most 30 days at a time, and to 90 days from now.",
        Refusal::MayTake => "The time of the other side is over, and you may take the money: nobody need judge that.",
        Refusal::TooOften => "You have done that as often as one can in a trade. Here is what you can do:",
        Refusal::TooLittle => {
            "What was paid in cannot be taken as the whole, so nothing has changed. Here is how it stands:"
        }
        Refusal::InDispute => "A judge was called for, so that has to wait. Here is what you can do:",
        Refusal::NoDispute => "Nobody has called for a judge in this trade. Here is how it stands:",
        Refusal::OnlyOpener => "Only who called for the judge can take that back. Here is what you can do:",
        Refusal::NotTheJudge => "Only the judge whom I asked can do that, and only while being one.",
        Refusal::NoRuling => "There is no ruling that could be stopped. Here is how it stands:",
        Refusal::NoOtherJudge => {
            "There is no other judge whom I may ask, so nothing has changed. Here is how it stands:"
        }
        Refusal::AlreadyRuled => "It is ruled already, and that is final. Here is what you can do:",
        Refusal::NotUnnamed => {
            "That deposit belongs to a trade already, or not to one of you alone. Nothing has changed:"
        }
        Refusal::Frozen => "This trade is stopped until the operator has looked at it. Nothing has changed:",
    }
}

pub(super) const fn need_token(binding: Binding) -> &'static str {
    match binding {
        Binding::Propose => "Please look at the draft once more and tap its button:",
        Binding::Accept => "Please read the terms once more and tap \"Accept\" there:",
        Binding::Confirm => "Please compare the person once more and tap \"Yes\" there:",
        Binding::TakeShort { .. } => "Please tap \"Take it as the whole\" if you are sure:",
        Binding::Split { .. } => "Please look at the split once more and tap \"Offer it\":",
        Binding::Extend { .. } => "Please look at it once more and tap \"Yes, give it\":",
        Binding::Pass => "Please tap \"Give the case up\" if you are sure:",
        Binding::Withdraw => "Please read it once more and tap \"Withdraw\" if you are sure:",
        Binding::Rule { .. } => "Please look at the ruling once more and tap \"Rule so\":",
        Binding::Claim => "Please read it once more and tap \"Yes\" there if it is so:",
        Binding::Cancel => "Please tap \"Yes, cancel it\" if you are sure:",
    }
}

pub(super) fn sure_cancel(paid: Option<&Money>, coming: Option<&Money>, buyer: &str) -> String {
    let paid = paid.map(|paid| format!(" {paid} was paid in already; it goes back to {buyer}."));
    let coming = coming.map(|coming| {
        format!(
            " About {coming} is on its way through MixPay; once it is in the vault, it comes back to {buyer} by a request \
             that the buyer signs."
        )
    });
    if paid.is_none() && coming.is_none() {
        return "Do you really want to cancel this trade?".to_owned();
    }
    format!("Do you really want to cancel?{}{}", paid.unwrap_or_default(), coming.unwrap_or_default())
}
