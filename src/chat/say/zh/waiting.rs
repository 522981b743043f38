//! What is awaited, and what then.

use super::grammar::{any_of, kind_of, operated, who};
use crate::chat::say::{Then, Waiting, Who};
use crate::trade::terms::Role;

pub(super) fn waiting_for(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Acceptance(Some(person)) => format!("等{}接受条款。", who(person)),
        Waiting::Acceptance(None) => "等有人带来邀请并接受。".to_owned(),
        Waiting::Confirmation { by, of: Who::You } => format!("等{}确认你就是对的人。", who(by)),
        Waiting::Confirmation { by, of } => format!("等{}确认{}就是对的人。", who(by), who(of)),
        Waiting::Payment { by, missing } => format!("等{}向保险库支付 {missing}。", who(by)),
        Waiting::Reading(Role::Buyer) => "我正在重新读保险库；在我说之前不要付款。".to_owned(),
        Waiting::Reading(Role::Seller) => "我正在重新读保险库；在我说之前不要交付。".to_owned(),
        Waiting::MixPay => "等 MixPay 把付款送进保险库。".to_owned(),
        Waiting::FewerPieces => "钱够了，但笔数太多，一次动用不了。请取消，拿回全部的钱，下次一笔付清。".to_owned(),
        Waiting::Delivery { by } => format!("等{}交付并告诉我。", who(by)),
        Waiting::Agreement { buyer, seller } => {
            format!("交付期限已到。等双方谈好：{}可以签名放款，{}可以签名退款。", who(buyer), who(seller))
        }
        Waiting::Signature { buyer, seller } => {
            format!("等{}签名放款。{}也可以改签退款。", who(buyer), who(seller))
        }
        Waiting::Taking { kind, by } => format!("等{}签名{}。", any_of(by), kind_of(*kind)),
        Waiting::Ruling { buyer, seller } => {
            format!("已经请了仲裁员。等裁决，或者等你们两人：{}可以签名放款，{}可以签名退款。", who(buyer), who(seller))
        }
        Waiting::Spend => "等我：做 7 项检查，签名，然后等 Mixin 确认。".to_owned(),
        Waiting::Anew => "等你们中的任意一人再签一次；然后我最后签名。".to_owned(),
        Waiting::Operator(operator) => format!("等{}先查看这笔交易。现在已暂停。", operated(operator)),
        Waiting::ReturnSignature(by) => format!("交易已结束，但还有钱等着退回。等{}签名。", any_of(by)),
        Waiting::Nobody => "不用等谁：这笔交易已结束。".to_owned(),
    }
}

pub(super) const fn then_of(then: Then) -> &'static str {
    match then {
        Then::ProposalEnds => "期限一到，报价就结束。没有付过钱。",
        Then::PaymentEnds => "期限一到，我再看一次；然后交易结束，付过的钱都退回。",
        Then::DeliveryEnds => "期限一到，我不再接受“已交付”。钱不会自动划走：买家仍然可以签名放款，卖家可以签名退款。",
        Then::InspectionEnds => "期限到了，钱也不会自动划走：买家仍然可以签名放款，卖家可以签名退款。",
        Then::ClocksStand => "在那之前期限停住，钱不会自动划走。",
        Then::ByTheirSignatures => "不管多久，钱都不会自动划走。",
        Then::PaidOut => "之后一笔转账付清各方，我会告诉你们两人。",
        Then::Returned => "之后我最后签名，钱就退回。",
        Then::Still => "在那之前什么都不会动。",
        Then::Over => "不用再做什么了。",
    }
}
