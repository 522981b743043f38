//! What MixPay says about a payment, for the one who pays and for the one who must not deliver yet.

use crate::trade::order::{Failure, Progress};
use crate::trade::terms::Role;

pub(super) fn progress(progress: Progress, role: Role) -> String {
    format!("{} {}", said(progress), meaning(progress, role))
}

/// What MixPay says, without what it means for anybody.
pub(super) fn said(progress: Progress) -> String {
    match progress {
        Progress::Unpaid => "MixPay has seen no payment so far.".to_owned(),
        Progress::Seen => "MixPay has seen a payment and waits until it is confirmed.".to_owned(),
        Progress::Short => "MixPay has received only a part of the payment.".to_owned(),
        Progress::Checking => {
            "MixPay holds the payment for a check of its own. I cannot hurry it. Nothing is lost.".to_owned()
        }
        Progress::MovingIn => "It is paid at MixPay. The money is on its way into the vault.".to_owned(),
        Progress::Moved => {
            "MixPay says it has moved the money into the vault. I am looking for it there and tell you when I see it."
                .to_owned()
        }
        Progress::Failed(why) => format!("Paying through MixPay came to nothing: {}.", reason(why)),
    }
}

const fn meaning(progress: Progress, role: Role) -> &'static str {
    match (progress, role) {
        (Progress::Unpaid, Role::Buyer) => "Nothing is locked by it.",
        (Progress::Unpaid, Role::Seller) => "Nothing is locked by it: do not deliver.",
        (Progress::Failed(_), Role::Buyer) => "Nothing of it is locked.",
        (Progress::Failed(_), Role::Seller) => {
            "Nothing of it is locked: do not deliver. If anything was paid there, MixPay returns it to whoever paid."
        }
        (Progress::Short, Role::Seller) => "It is not locked yet: do not deliver. The rest is to be paid there.",
        (Progress::Moved, Role::Seller) => "It is not locked before I say so: do not deliver.",
        (Progress::Moved, Role::Buyer) => "It is not locked before I say so.",
        (_, Role::Buyer) => "It is not locked yet.",
        (_, Role::Seller) => "It is not locked yet: do not deliver.",
    }
}

fn reason(why: Failure) -> String {
    match why {
        Failure::Late => "its time was over".to_owned(),
        Failure::WrongAsset => "it was paid in the wrong coin".to_owned(),
        Failure::Twice => "it was paid twice".to_owned(),
        Failure::WrongAmount => "the amount was wrong".to_owned(),
        Failure::Volatile => "the price moved too much".to_owned(),
        Failure::Other(code) => format!("MixPay gives the reason no. {code}"),
    }
}
