//! What is said in groups, and of trade rooms.

use super::grammar::{any_of, item_of, who};
use crate::chat::say::group::{GroupLine, RoomLine, Step};
use crate::trade::terms::Role;

pub(super) fn words(line: &GroupLine) -> String {
    match line {
        GroupLine::Usage { number } => format!(
            "我替两个人的交易保驾护航。在群里我只能看到以 @{number} 开头的话，所以请这样写：\n\
             @{number} 出售 相机镜头 100 USDT\n@{number} 购买 相机镜头 100 USDT\n@{number} 帮助\n\
             报价会留在群里；真正算数的话，都在你和我的私聊里说。"
        ),
        GroupLine::NotUnderstood => "抱歉，我没看懂。".to_owned(),
        GroupLine::NeverHere => "我从不在群里要钱。付款链接只由我在你的私聊里发给你。".to_owned(),
        GroupLine::Wants { who: person, role, item, price } => {
            let verb = match role {
                Role::Buyer => "想买",
                Role::Seller => "想卖",
            };
            let item = item.as_ref().map_or_else(|| "一样东西".to_owned(), |item| item_of(item));
            let price = price.as_ref().map(|price| format!("，{price}")).unwrap_or_default();
            format!("{}{verb}：{item}{price}。", who(person))
        }
        GroupLine::Confirms { who: person } => format!("我已私聊{}请其确认。在那之前还不算报价。", who(person)),
        GroupLine::WroteTo { who: person } => format!("{}，我在私聊里给你发了消息。", who(person)),
        GroupLine::Unreachable { who: person } => {
            format!("{}，我还不能给你发消息。请点下面的按钮打开和我的私聊，说一声你好，我们在那里继续。", who(person))
        }
        GroupLine::NotYours { whose } => format!("这是给{}的，什么都没有改变。", any_of(whose)),
        GroupLine::ConfirmHere => "这份草稿是你在群里开始的。你在这里发出后，报价就会显示在那个群里。".to_owned(),
        GroupLine::Offers { who: person, role, item, price } => {
            let verb = match role {
                Role::Buyer => "要买",
                Role::Seller => "要卖",
            };
            format!("{}{verb}：{}，价格 {price}。", who(person), item_of(item))
        }
        GroupLine::AnybodyMay => {
            "群里谁都可以接。点按钮，我在私聊里给你看全部条款；只有你在那里接受了才算数。".to_owned()
        }
        GroupLine::OffersTo { to } => format!("这份报价是给{}的，全部条款在私聊里看。", who(to)),
        GroupLine::Looks { who: person } => format!("{}正在看这份报价。", who(person)),
        GroupLine::Step(step) => step_of(step),
        GroupLine::RoomOf { buyer, seller } => format!(
            "这是这笔交易的专用群。买家：{} · 卖家：{}\n你们可以在这里聊，交易的进展我也会在这里说。和钱有关的按钮和链接，\
             都只在你们各自和我的私聊里。",
            who(buyer),
            who(seller)
        ),
        GroupLine::Room(line) => room(*line).to_owned(),
        GroupLine::Came { who: person } => format!("{}来了。", who(person)),
        GroupLine::Stranger { who: person } => {
            format!(
                "小心：{}和这笔交易无关，现在进了这个群。在这里谁找你要钱都不要付，不管名字和头像是谁。",
                who(person)
            )
        }
        GroupLine::Left { who: person } => format!("{}离开了这个群。交易在你们各自和我的私聊里继续。", who(person)),
    }
}

fn step_of(step: &Step) -> String {
    match step {
        Step::Taken { by, asked } => format!("{}想接。现在请{}确认是不是对的人。", who(by), who(asked)),
        Step::OpenAgain => "这份报价又可以接了。".to_owned(),
        Step::Agreed => "双方已同意。接下来买家付款。".to_owned(),
        Step::Declined => "报价被拒绝了。".to_owned(),
        Step::Cancelled => "报价已撤回，或交易已取消。".to_owned(),
        Step::Expired => "时间到了，已经结束。".to_owned(),
        Step::Locked => "钱已锁在三方保险库里。接下来卖家交付。".to_owned(),
        Step::Delivered => "卖家说已经交付。接下来买家查验。".to_owned(),
        Step::Disputed => "有一方提出了问题。钱原地不动，计时暂停。".to_owned(),
        Step::Undisputed => "仲裁请求已撤回，交易继续。".to_owned(),
        Step::Defaulted => "没有人及时裁决，所以按条款处理。接下来由收款的一方签名。".to_owned(),
        Step::Ruled => "仲裁员已作出裁决。接下来由收款的一方签名。".to_owned(),
        Step::Settling => "已经有人签名。我核对后加上最后一个签名。".to_owned(),
        Step::Settled => "完成：钱已付出，当事人都知道怎么付的。".to_owned(),
        Step::Elsewhere => "双方没有通过我，自己转走了钱。".to_owned(),
        Step::Stopped => "我已暂停这笔交易，运营者正在查看。".to_owned(),
        Step::GoesOn => "交易继续。".to_owned(),
    }
}

const fn room(line: RoomLine) -> &'static str {
    match line {
        RoomLine::Stands => "这笔交易的专用群建好了：你们两位和我。算数的话仍然在我们的私聊里说。",
        RoomLine::JoinIt => {
            "这笔交易有了专用群，而你不接受入群邀请。愿意的话点按钮加入；算数的话仍然在我们的私聊里说。"
        }
        RoomLine::OtherJoins => "这笔交易的专用群建好了。对方不接受入群邀请，我已把加入的链接发给对方。",
        RoomLine::Coming => "我正在为这笔交易建一个群：你们两位和我，马上就好。",
        RoomLine::Nobody => "群没有建成：你们两位都不接受入群邀请。请在 Mixin 设置的隐私里修改后再试。交易照常进行。",
        RoomLine::Lost => "我已不在这笔交易的专用群里，也不会再建第二个。不要相信那里关于钱的话。交易在这里继续。",
        RoomLine::NotNow => "双方同意之后、交易结束之前，才可以建专用群。",
    }
}
