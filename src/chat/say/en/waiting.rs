//! What is awaited, and what then.

use super::grammar::{any_of, kind_of, who};
use crate::chat::say::{Then, Waiting, Who};
use crate::trade::terms::Role;

pub(super) fn waiting_for(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Acceptance(Some(person)) => format!("Waiting for {} to accept the terms.", who(person)),
        Waiting::Acceptance(None) => "Waiting for somebody to bring the invitation and accept.".to_owned(),
        Waiting::Confirmation { by, of: Who::You } => {
            format!("Waiting for {} to confirm that you are the right person.", who(by))
        }
        Waiting::Confirmation { by, of } => {
            format!("Waiting for {} to confirm that {} is the right person.", who(by), who(of))
        }
        Waiting::Payment { by, missing } => format!("Waiting for {} to pay {missing} into the vault.", who(by)),
        Waiting::Reading(Role::Buyer) => "I am reading the vault again; pay nothing until I say.".to_owned(),
        Waiting::Reading(Role::Seller) => "I am reading the vault again; deliver nothing until I say.".to_owned(),
        Waiting::MixPay => "Waiting for MixPay to bring the payment into the vault.".to_owned(),
        Waiting::FewerPieces => {
            "Enough was paid, but in too many pieces to be moved at once. Cancel to get it all back, and \
             pay in one piece next time."
                .to_owned()
        }
        Waiting::Delivery { by } => format!("Waiting for {} to deliver and say so.", who(by)),
        Waiting::Agreement { buyer, seller } => format!(
            "The time to deliver is over. Waiting for both sides to agree: {} can sign the release, {} the refund.",
            who(buyer),
            who(seller)
        ),
        Waiting::Signature { buyer, seller } => {
            format!("Waiting for {} to sign the release. Instead, {} can sign the refund.", who(buyer), who(seller))
        }
        Waiting::Taking { kind, by } => format!("Waiting for {} to sign the {}.", any_of(by), kind_of(*kind)),
        Waiting::Ruling { buyer, seller } => format!(
            "A judge was called for. Waiting for the ruling, or for the two of you: {} can sign the release, {} the refund.",
            who(buyer),
            who(seller)
        ),
        Waiting::Spend => "Waiting for me: my 7 checks, my signature, then Mixin's confirmation.".to_owned(),
        Waiting::Anew => "Waiting for either of you to sign once more; then my signature, the last one.".to_owned(),
        Waiting::Operator(operator) => {
            format!("Waiting for {operator}, who must look at this trade first. It is stopped.")
        }
        Waiting::ReturnSignature(by) => {
            format!("The trade is over, but money waits to be sent back. Waiting for {} to sign.", any_of(by))
        }
        Waiting::Nobody => "Waiting for nobody: this trade is over.".to_owned(),
    }
}

pub(super) const fn then_of(then: Then) -> &'static str {
    match then {
        Then::ProposalEnds => "When the time is over, the proposal ends. Nothing was paid.",
        Then::PaymentEnds => {
            "When the time is over, I look once more; then the trade ends and whatever was paid goes back."
        }
        Then::DeliveryEnds => {
            "When the time is over, I no longer take \"delivered\". No money moves by itself: the buyer can still sign the \
             release, the seller the refund."
        }
        Then::InspectionEnds => {
            "When the time is over, no money moves by itself: the buyer can still sign the release, the seller the refund."
        }
        Then::ClocksStand => "Until then the clocks stand still, and no money moves by itself.",
        Then::ByTheirSignatures => "No money moves by itself, however long it takes.",
        Then::PaidOut => "Then everybody is paid in one transaction, and I tell both of you.",
        Then::Returned => "Then I sign last and the money goes back.",
        Then::Still => "Until then nothing moves.",
        Then::Over => "Nothing is left to do.",
    }
}
