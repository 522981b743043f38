//! What a request is, who gets what by it, and what nobody can know.

use super::grammar::{any_of, kind_of, who};
use crate::chat::say::Who;
use crate::chat::say::verify::{Doubt, Standing, Sum, To, VerifyLine};
use crate::chat::text::quoted;

/// People named in one place; more are counted.
const NAMED_MAX: usize = 4;

pub(super) fn words(line: &VerifyLine) -> String {
    match line {
        VerifyLine::How => {
            "把别人让你签的链接发给我，我告诉你谁会得到什么：“核实 https://mixin.one/multisigs/…”。链接可以从聊天\
             里复制；只发它的编号也行。交易码（“核实 K7Q2MD”）和交易卡也可以。"
                .to_owned()
        }
        VerifyLine::OneOnly => "里面不止一个链接。请一次发一个，在那之前哪个都不要签。".to_owned(),
        VerifyLine::Often { most } => {
            format!("每个人每分钟我最多看 {most} 个请求。请过一分钟再发，在那之前什么都不要签。")
        }
        VerifyLine::NotThere => {
            "Mixin 没有这个编号的请求。请检查链接是否复制完整；如果完整，它已经消失或者从没有过。没有什么可签的。"
                .to_owned()
        }
        VerifyLine::NotShown => {
            "Mixin 不给我看这个请求：它动的钱属于和我没有保险库的人，所以不是我的，也不属于这里的任何交易。\
             不清楚它是什么，就不要签。"
                .to_owned()
        }
        VerifyLine::NotYours => {
            "这个请求动的是别人的钱，里面是什么我只告诉他们。你不是能签它的人。如果有人让你签，请拒绝。".to_owned()
        }
        VerifyLine::NoAnswer => "Mixin 没有给我可用的回答。请过几分钟再问，在那之前不要签。".to_owned(),
        VerifyLine::UnaskedGone => {
            "我在你们的钱上发现了一个请求，但 Mixin 不给我看；也许它已经消失。没有同意过的，不要签。".to_owned()
        }
        VerifyLine::Unasked => "你没有问我，但我在你们的钱上发现了它，所以告诉你：".to_owned(),
        VerifyLine::Ours { kind, code } => {
            format!("这是我为交易 {code} 做的{}：每个字节都和我要的一样。", kind_of(*kind))
        }
        VerifyLine::NotOurs { leaves, from, standing } => not_ours(&sum(leaves), &people(from), standing),
        VerifyLine::Garbage => {
            "注意，这不是我的，而且谁都看不懂：不管请求怎么说，它带的不是 Mixin 账本上的转账。不要签。".to_owned()
        }
        VerifyLine::Pays => "它会付：".to_owned(),
        VerifyLine::Output { sum: amount, to } => format!("- {}，{}", sum(amount), receiver(to)),
        VerifyLine::Total(total) => format!("一共 {}，里面没有别的。", sum(total)),
        VerifyLine::NamesAreMixins => {
            "谁收款是 Mixin 说的。字节里只有一次性密钥，是谁的只有主人看得出；我只能数有几个。".to_owned()
        }
        VerifyLine::Spends { label, codes } => match codes.as_slice() {
            [] => format!("它用的是 {label}，不是你在我这里的交易的钱。"),
            codes => format!("它用的是你的交易 {} 的 {label}。", codes.join("、")),
        },
        VerifyLine::SheetShows { sum: shown, to, hides } => {
            let hides = if *hides { "其余的它都不显示。" } else { "" };
            format!("签名页只显示：{}，给{}。{hides}", sum(shown), people(to))
        }
        VerifyLine::Signed { by, needed } if by.is_empty() => {
            format!("目前没有人签名。有 {needed} 人签了就会执行。")
        }
        VerifyLine::Signed { by, needed } => {
            format!("目前签了名的：{}（{needed} 人中的 {} 人）。", people(by), by.len())
        }
        VerifyLine::Stands(standing) => stands(standing),
        VerifyLine::RevokeIt => {
            "如果不该执行，用下面的按钮撤销：之后谁都签不了。只要上面有一个签名，它还会挡住我自己的请求。".to_owned()
        }
        VerifyLine::Lapsed => "这个提议已结束，我不会再签。你们两人一起签仍然会生效：不要签。".to_owned(),
        VerifyLine::SplitMeans => "签名意味着：你同意，马上这样分账，无法撤销。不想要就不签：那就是不同意。".to_owned(),
        VerifyLine::ForOther { by } => format!("它要由{}来签，不是你：只有你的签名，钱不会动。", any_of(by)),
        VerifyLine::Doubt(doubt) => format!("小心：{}", doubt_of(doubt)),
    }
}

fn not_ours(leaves: &str, from: &str, standing: &Standing) -> String {
    match standing {
        Standing::Open | Standing::Complete => format!(
            "注意，这不是我的。如果你签了，{leaves} 会离开{from}的保险库。除非这里写的正是你想要的，否则不要签。"
        ),
        Standing::Spent => format!("注意，这不是我的，而且已经执行：{leaves} 已离开{from}的保险库。"),
        Standing::Revoked(_) | Standing::Void => {
            format!("注意，这不是我的。它本来会从{from}的保险库转走 {leaves}。不要签。")
        }
    }
}

fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Open => "它还可以签。".to_owned(),
        Standing::Complete => "签名已够：正在执行，谁都拦不住。".to_owned(),
        Standing::Spent => "已经执行：账本上有了。".to_owned(),
        Standing::Revoked(by) => format!("{}已撤销它，谁都不能再签。", who(by)),
        Standing::Void => "它永远不会执行：它要用的钱已被另一笔转账用掉。".to_owned(),
    }
}

fn receiver(to: &To) -> String {
    match to {
        To::Recorded(person) => format!("付给{}", who(person)),
        To::Named { members, threshold } if members.len() > 1 => {
            format!("付给{}，其中任意 {threshold} 人一起可以动用", people(members))
        }
        To::Named { members, .. } => format!("付给{}", people(members)),
        To::Back => "回到同一个保险库".to_owned(),
        To::Unnamed => "付到请求没有写明的地址".to_owned(),
        To::Outside(address) => format!("转出 Mixin，到地址“{}”", quoted(address)),
        To::Nobody => "谁都收不到：会丢失，或者根本不是付款".to_owned(),
    }
}

fn doubt_of(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Amount { said, first } => {
            format!("签名页上的金额是 {said}，但第一笔付款是 {}。请以付款为准。", sum(first))
        }
        Doubt::Asset => "请求写的资产和它动用的不一样。".to_owned(),
        Doubt::UnknownAsset => "我不认识它动用的资产。".to_owned(),
        Doubt::Hash => "请求用的是另一笔转账的名字，不是它带的这一笔。".to_owned(),
        Doubt::Aggregated => "它带着一个聚合签名，没有任何 Mixin 应用会这样做。".to_owned(),
        Doubt::Receivers { named, outputs } => {
            format!("请求写了 {named} 个收款人，但有 {outputs} 笔付款。上面的名字按它的顺序排列。")
        }
        Doubt::OtherReceivers => "请求写的收款人和我的安排不一样；这样我不签。".to_owned(),
        Doubt::OtherVault => "请求写的成员和它动用的钱的成员不一样。".to_owned(),
        Doubt::Inputs { known } => format!("它动用 {known}，和它付出的不相等。Mixin 的账本不会接受。"),
        Doubt::UnknownInputs { unknown, of } => {
            format!("它动用的 {of} 笔钱里，有 {unknown} 笔我从没有在我的保险库里见过。")
        }
        Doubt::Signatures { named, found } => {
            format!("它的字节里有 {found} 个签名，但请求只写了 {named} 个人。")
        }
        Doubt::Inscription => "它动用一个铭文，我从不碰铭文。".to_owned(),
    }
}

fn sum(sum: &Sum) -> String {
    match sum {
        Sum::Of(money) => money.to_string(),
        Sum::TooLarge => "比任何币的总量还多的钱".to_owned(),
    }
}

fn people(list: &[Who]) -> String {
    let named = list.iter().take(NAMED_MAX).map(who).collect::<Vec<_>>().join("、");
    match (list.len(), list.len().saturating_sub(NAMED_MAX)) {
        (0, _) => "它没有写明的人".to_owned(),
        (_, 0) => named,
        (_, more) => format!("{named}和另外 {more} 人"),
    }
}
