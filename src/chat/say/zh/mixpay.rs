//! What MixPay says about a payment, for the one who pays and for the one who must not deliver yet.

use crate::trade::order::{Failure, Progress};
use crate::trade::terms::Role;

pub(super) fn progress(progress: Progress, role: Role) -> String {
    format!("{}{}", said(progress), meaning(progress, role))
}

/// What MixPay says, without what it means for anybody.
pub(super) fn said(progress: Progress) -> String {
    match progress {
        Progress::Unpaid => "MixPay 还没有看到付款。".to_owned(),
        Progress::Seen => "MixPay 看到了付款，正在等确认。".to_owned(),
        Progress::Short => "MixPay 只收到一部分。".to_owned(),
        Progress::Checking => "MixPay 正在自行审核这笔付款，我催不了。什么都不会丢。".to_owned(),
        Progress::MovingIn => "MixPay 已收款，钱正在进入保险库。".to_owned(),
        Progress::Moved => "MixPay 说钱已转进保险库。我正在那里看，看到就告诉你。".to_owned(),
        Progress::Failed(why) => format!("MixPay 付款没有成功：{}。", reason(why)),
    }
}

const fn meaning(progress: Progress, role: Role) -> &'static str {
    match (progress, role) {
        (Progress::Unpaid, Role::Buyer) => "没有锁定任何钱。",
        (Progress::Unpaid, Role::Seller) => "没有锁定任何钱：不要交付。",
        (Progress::Failed(_), Role::Buyer) => "这笔钱没有锁定。",
        (Progress::Failed(_), Role::Seller) => "这笔钱没有锁定：不要交付。如果在那里付过钱，由 MixPay 退给付款人。",
        (Progress::Short, Role::Seller) => "还没有锁定：不要交付。剩余部分要在那里付清。",
        (Progress::Moved, Role::Seller) => "在我说之前都不算锁定：不要交付。",
        (Progress::Moved, Role::Buyer) => "在我说之前都不算锁定。",
        (_, Role::Buyer) => "还没有锁定。",
        (_, Role::Seller) => "还没有锁定：不要交付。",
    }
}

fn reason(why: Failure) -> String {
    match why {
        Failure::Late => "已过时限".to_owned(),
        Failure::WrongAsset => "付错了币种".to_owned(),
        Failure::Twice => "付了两次".to_owned(),
        Failure::WrongAmount => "金额不对".to_owned(),
        Failure::Volatile => "价格波动太大".to_owned(),
        Failure::Other(code) => format!("MixPay 给出的原因编号是 {code}"),
    }
}
