//! Money that names no trade.

use super::grammar::{operated, who};
use crate::chat::say::claim::{Becomes, ClaimLine};

pub(super) fn words(line: &ClaimLine) -> String {
    match line {
        ClaimLine::Nameless { money, more } => {
            let coins = money.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
            let more = if *more > 0 { format!(" 和另外 {more} 笔") } else { String::new() };
            format!("你的保险库收到 {coins}{more}，没有写明是哪笔交易，所以不算进任何一笔。")
        }
        ClaimLine::OperatorTold { operator } => format!(
            "{}看得到，可以来问你们这是做什么用的，或者把你们中一人付来的退回去。请只用我的链接付款：我马上就知道。",
            operated(operator)
        ),
        ClaimLine::Asked { money, from, operator } => {
            let from: Vec<String> = from.iter().map(who).collect();
            let from = if from.is_empty() { "Mixin 没有写明的人".to_owned() } else { from.join("、") };
            format!(
                "你们的保险库里有 {money}，没有写明是哪笔交易。付款的是{from}。{}认为它属于这笔交易。是吗？",
                operated(operator)
            )
        }
        ClaimLine::Yes(becomes) => yes(becomes),
        ClaimLine::No => "如果不知道，或者是别的用途，就点“不，不属于”：什么都不会改变。".to_owned(),
        ClaimLine::Noted { other } => format!("记下了：你说属于。下一步：等{}也这么说。", who(other)),
        ClaimLine::Agreed { money } => format!("你们都说了是：{money} 现在属于这笔交易。"),
        ClaimLine::Refused { operator } => format!(
            "我问过的那笔存入不算进这笔交易：你们中有人说不，或者问题已经收回。钱留在保险库里，谁一个人都动不了，等{}再想\
             办法。",
            operated(operator)
        ),
    }
}

fn yes(becomes: &Becomes) -> String {
    match becomes {
        Becomes::Counts { buyer, missing } => format!(
            "如果双方都说是，不管是谁付的，都算{0}付的，抵还差的 {missing}；如果交易没付清就结束，会退给{0}。",
            who(buyer)
        ),
        Becomes::WrongAsset { buyer } => {
            format!("它不是约定的资产：如果双方都说是，会单独用一个请求退给{}。", who(buyer))
        }
        Becomes::NotNeeded { buyer } => {
            format!("该付的已全部锁定：如果双方都说是，会单独用一个请求退给{}。", who(buyer))
        }
        Becomes::Ended { buyer } => {
            format!("交易已经结束：如果双方都说是，会单独用一个请求退给{}。", who(buyer))
        }
    }
}
