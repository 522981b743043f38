//! What a request is, who gets what by it, and what nobody can know.

use super::grammar::{kind_of, who as plain};
use crate::chat::say::Who;
use crate::chat::say::verify::{Doubt, Standing, Sum, To, VerifyLine};
use crate::chat::text::{quoted, quoted_name};

/// People named in one place; more are counted.
const NAMED_MAX: usize = 4;

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &VerifyLine) -> String {
    match line {
        VerifyLine::How => "Send me the link you were asked to sign, and I tell you who gets what by it: verify \
             https://mixin.one/multisigs/… You can copy the link from the chat; the id alone works too. \
             A trade's six letters (verify K7Q2MD) or a trade card do as well."
            .to_owned(),
        VerifyLine::OneOnly => {
            "There is more than one link in that. Please send me one at a time, and sign none of them until then."
                .to_owned()
        }
        VerifyLine::Often { most } => format!(
            "I look at no more than {most} requests a minute for one person. Please send it again in a minute, and \
             sign nothing until then."
        ),
        VerifyLine::NotThere => "Mixin knows no request with this id. Check that you copied the whole link; if you \
             did, it is gone or never was. It is nothing to sign."
            .to_owned(),
        VerifyLine::NotShown => "Mixin does not show me this request: it is about money of people with whom I have no \
             vault, so it is none of mine and of no trade here. Do not sign it unless you know what it is."
            .to_owned(),
        VerifyLine::NotYours => "This request is about other people's money, and I tell what is in it only to them. \
             You are none of those who can sign it. If somebody asks you to, refuse."
            .to_owned(),
        VerifyLine::NoAnswer => "Mixin gave me no usable answer about this request. Please ask again in a few \
             minutes, and do not sign it until then."
            .to_owned(),
        VerifyLine::UnaskedGone => {
            "Mixin shows me nothing of the request that I found on your money; perhaps it is gone \
             already. Do not sign what you did not agree to."
                .to_owned()
        }
        VerifyLine::Unasked => "You did not ask me about this. I found it on your money, so I tell you:".to_owned(),
        VerifyLine::Ours { kind, code } => {
            format!("This is my {} of trade {code}: exactly what I asked for, to the last byte.", kind_of(*kind))
        }
        VerifyLine::NotOurs { leaves, from, standing } => not_ours(&sum(leaves), &people(from), standing),
        VerifyLine::Garbage => "This is NOT mine, and nobody can read it: what it carries is no transaction of \
             Mixin's ledger, whatever the request says about itself. Do not sign it."
            .to_owned(),
        VerifyLine::Pays => "It pays:".to_owned(),
        VerifyLine::Output { sum: amount, to } => format!("- {} {}", sum(amount), receiver(to)),
        VerifyLine::Total(total) => format!("Together {}. Nothing else is in it.", sum(total)),
        VerifyLine::NamesAreMixins => "Who gets it is what Mixin says. The bytes hold one-time keys, and whose they \
             are only their owners can see; I can only count them."
            .to_owned(),
        VerifyLine::Spends { label, codes } => match codes.as_slice() {
            [] => format!("It spends {label}, none of it of a trade of yours with me."),
            [code] => format!("It spends {label} of your trade {code}."),
            many => format!("It spends {label} of your trades {}.", many.join(", ")),
        },
        VerifyLine::SheetShows { sum: shown, to, hides } => {
            let hides = if *hides { " It hides everything else." } else { "" };
            format!("The app's sheet shows only: {} to {}.{hides}", sum(shown), people(to))
        }
        VerifyLine::Signed { by, needed } if by.is_empty() => {
            format!("Signed so far: nobody. It happens once {needed} have signed.")
        }
        VerifyLine::Signed { by, needed } => {
            format!("Signed so far: {} ({} of {needed}).", people(by), by.len())
        }
        VerifyLine::Stands(standing) => stands(standing),
        VerifyLine::RevokeIt => {
            "If it should not happen, revoke it with the button below: then nobody can sign it. As \
             long as a signature stands on it, it also holds up my own requests."
                .to_owned()
        }
        VerifyLine::Lapsed => {
            "This offer is over, and I do not sign it any more. Both of you together still could: do \
             not sign it."
                .to_owned()
        }
        VerifyLine::SplitMeans => "Signing means: you agree, and this split happens at once. It cannot be undone. If \
             you do not want it, do not sign: that is your no."
            .to_owned(),
        VerifyLine::ForOther { by } => {
            let by: Vec<String> = by.iter().map(who).collect();
            format!("It is for {} to sign, not for you: your signature alone moves nothing.", by.join(" or "))
        }
        VerifyLine::Doubt(doubt) => format!("Careful: {}", doubt_of(doubt)),
    }
}

fn not_ours(leaves: &str, from: &str, standing: &Standing) -> String {
    match standing {
        Standing::Open | Standing::Complete => format!(
            "This is NOT mine. If you sign it, {leaves} leaves the vault of {from}. Do not sign it unless you meant \
             exactly what is written here."
        ),
        Standing::Spent => format!("This was NOT mine, and it has happened: {leaves} has left the vault of {from}."),
        Standing::Revoked(_) | Standing::Void => {
            format!("This is NOT mine. It would have taken {leaves} out of the vault of {from}. Do not sign it.")
        }
    }
}

fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Open => "It can still be signed.".to_owned(),
        Standing::Complete => "Enough have signed: it is on its way, and nobody can stop it.".to_owned(),
        Standing::Spent => "It is done: the ledger has it.".to_owned(),
        Standing::Revoked(by) => format!("It was revoked by {}; nobody can sign it any more.", who(by)),
        Standing::Void => "It can never happen: what it spends is gone by another transaction.".to_owned(),
    }
}

fn receiver(to: &To) -> String {
    match to {
        To::Recorded(person) => format!("to {}", who(person)),
        To::Named { members, threshold } if members.len() > 1 => {
            format!("to any {threshold} of {} together", people(members))
        }
        To::Named { members, .. } => format!("to {}", people(members)),
        To::Back => "back into the same vault".to_owned(),
        To::Unnamed => "to an address the request does not name".to_owned(),
        To::Outside(address) => format!("out of Mixin, to the address “{}”", quoted(address)),
        To::Nobody => "to nobody: it would be lost, or is no payment at all".to_owned(),
    }
}

fn doubt_of(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Amount { said, first } => {
            format!("the sheet's amount is {said}, but the first payment is {}. Believe the payments.", sum(first))
        }
        Doubt::Asset => "the request names another asset than it moves.".to_owned(),
        Doubt::UnknownAsset => "I do not know the asset it moves.".to_owned(),
        Doubt::Hash => "the request goes by the name of another transaction than the one it carries.".to_owned(),
        Doubt::Aggregated => "it carries a joint signature, in a form no Mixin app makes.".to_owned(),
        Doubt::Receivers { named, outputs } => {
            format!("the request names {named} receivers for {outputs} payments. Names above are in its order.")
        }
        Doubt::OtherReceivers => "the request names other receivers than my plan; I do not sign it so.".to_owned(),
        Doubt::OtherVault => "the request names other members than those whose money it spends.".to_owned(),
        Doubt::Inputs { known } => {
            format!("it spends {known}, which is not what it pays. Mixin's ledger does not take that.")
        }
        Doubt::UnknownInputs { unknown, of } => {
            format!("{unknown} of the {of} coins it spends I have never seen in a vault of mine.")
        }
        Doubt::Signatures { named, found } => {
            format!("its bytes hold {found} signatures, but the request names {named} people.")
        }
        Doubt::Inscription => "it moves an inscription, which I never touch.".to_owned(),
    }
}

/// A name in quotation marks: whoever is paid by a request of somebody's may be called anything.
fn who(person: &Who) -> String {
    match person {
        Who::Person { name, number } => format!("“{}” ({number})", quoted_name(name)),
        Who::You | Who::Side(_) | Who::Fee | Who::Bot | Who::Account(_) | Who::Stranger => plain(person),
    }
}

fn sum(sum: &Sum) -> String {
    match sum {
        Sum::Of(money) => money.to_string(),
        Sum::TooLarge => "more than there is of any coin".to_owned(),
    }
}

fn people(list: &[Who]) -> String {
    let named: Vec<String> = list.iter().take(NAMED_MAX).map(who).collect();
    match (named.as_slice(), list.len().saturating_sub(NAMED_MAX)) {
        ([], _) => "nobody it names".to_owned(),
        ([one], _) => one.clone(),
        (named, 0) => {
            let (end, before) = named.split_last().map_or(("", &[][..]), |(end, before)| (end.as_str(), before));
            format!("{} and {end}", before.join(", "))
        }
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}
