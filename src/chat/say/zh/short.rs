//! Less than due, taken as the whole.

use super::grammar::who;
use crate::chat::say::short::ShortLine;

pub(super) fn words(line: &ShortLine) -> String {
    match line {
        ShortLine::MayTake { paid, price, gets } => format!(
            "只差一点点，你可以把 {paid} 当作全款收下：按价格 {price} 结算，放款时你得 {gets}，照约定交付。也可以等对方补齐。"
        ),
        ShortLine::MayBeTaken { seller, paid } => {
            format!("只差一点点：{}也可以把 {paid} 当作全款收下。", who(seller))
        }
        ShortLine::Taken { seller, paid, price, agreed } => {
            format!("{}把 {paid} 当作全款收下：按价格 {price} 结算，不再是 {agreed}。不用再付。", who(seller))
        }
        ShortLine::Left { price, agreed } => {
            format!("一部分钱被一笔不是我做的转账转走了。剩下的够付价格 {price}，不再是 {agreed}：现在按它结算。")
        }
    }
}
