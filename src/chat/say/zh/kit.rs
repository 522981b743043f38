//! The recovery kit. Its page is Markdown, so nobody's name or words stand in it.

use super::grammar::{kind_of, name_only};
use crate::chat::say::Share;
use crate::chat::say::kit::KitLine;
use crate::trade::plan::Kind;

pub(super) fn words(line: &KitLine) -> String {
    match line {
        KitLine::Intro => "这是你的应急包。请保存这条消息；只有我消失了才用得上。里面没有密钥。".to_owned(),
        KitLine::Later => "双方都接受之后，应急包就会发来；现在还没有什么要保护的。".to_owned(),
        KitLine::Follows => "钱一锁定，我就发来新的应急包，里面有两个没有我也能用的链接。".to_owned(),
        KitLine::NoLinks => "现在没有不用我就能签的链接。".to_owned(),
        KitLine::Link { kind, pays, link } => {
            let (then, giver) = match kind {
                Kind::Release => ("钱就付给卖家", "买家"),
                Kind::Refund | Kind::Split | Kind::Return => ("买家就拿回钱", "卖家"),
            };
            format!(
                "没有我时的{}：你和对方都签这个链接，{then}（{}）。\n\n{link}\n\n\
                 我还在的时候，只要{giver}一个人签就会这样：我会马上补上签名。不是真想这样，现在不要签。",
                kind_of(*kind),
                pays.iter().map(share).collect::<Vec<_>>().join("，")
            )
        }
        KitLine::Vault(address) => format!("保险库，三个成员中任意两个可以动用：{address}"),
        KitLine::Text => {
            "如果我什么都忘了，运营者靠下面这段文字，也只有靠它，才能接着办你的交易。它动不了钱。除了运营者，不要给\
             任何人：里面写着谁和谁在交易什么。"
                .to_owned()
        }
        KitLine::Imported => {
            "我重新装好了，靠应急包又认得这笔交易。我正在看保险库；谁的期限都没有到：重新开始算。".to_owned()
        }
    }
}

fn share(share: &Share) -> String {
    format!("{}：{}", name_only(&share.to), share.money)
}
