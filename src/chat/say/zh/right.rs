//! Rights to sign, and signatures that move nothing.

use super::grammar::{any_of, kind_of, length, who};
use crate::chat::say::Who;
use crate::chat::say::right::{Ground, RightLine};
use crate::trade::plan::Kind;

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &RightLine) -> String {
    match line {
        RightLine::BothSigned(kind) => {
            format!("你们双方都已签名{}，不需要我的签名了。下一步：稍等片刻，无需操作。", kind_of(*kind))
        }
        RightLine::Disputed { by, left, delivered, buyer, seller } => {
            let task = if *delivered { "查验" } else { "交付" };
            format!(
                "{}请了仲裁员。期限停住，{task}还剩 {}。\n你们两人仍然可以自己了结：{}签名放款，{}签名退款，或者双方分账。",
                who(by),
                length(*left),
                who(buyer),
                who(seller)
            )
        }
        RightLine::Withdrawn { by } => format!("{}撤回了仲裁请求，交易从停下的地方继续。", who(by)),
        RightLine::Ruled { kind, by } => format!(
            "裁决是：{}。这是最终结果。下一步：{}可以用 PIN 签名，马上执行。各方得到：",
            kind_of(*kind),
            any_of(by)
        ),
        RightLine::Unchecked { seller: Who::You, buyer, money } => {
            format!("查验期限已到，你可以自己签名放款：你得 {money}。下一步：签名放款。{}也仍然可以签。", who(buyer))
        }
        RightLine::Unchecked { seller, buyer, money } => format!(
            "查验期限已到，{}可以自己签名放款：{money}。下一步：如果不愿意，请现在和对方商量。{}仍然可以签名放款，双方也可以\
             分账。",
            who(seller),
            who(buyer)
        ),
        RightLine::Undelivered { buyer: Who::You, seller, money } => format!(
            "交付期限已到，你可以自己签名退款：你得 {money}。下一步：想拿回钱就签名退款。如果还想要买的东西，请和{}商量，\
             先什么都不签。",
            who(seller)
        ),
        RightLine::Undelivered { buyer, seller, money } => format!(
            "交付期限已到，{0}可以自己签名退款：{money}。下一步：双方商量；{0}还想要，{1}才交付。之后{0}可以签名放款。",
            who(buyer),
            who(seller)
        ),
        RightLine::Take { ground: Ground::Unchecked, money } => {
            format!("查验期限已到，你可以取走。签名意味着：你得 {money}。我会马上补上签名，无法撤销。")
        }
        RightLine::Take { ground: Ground::Undelivered, money } => {
            format!("交付期限已到，你可以取回。签名意味着：你拿回 {money}。我会马上补上签名，无法撤销。")
        }
        RightLine::Take { ground: Ground::Ruled, money } => {
            format!("这是裁决的结果。签名意味着：按裁决执行，你得 {money}。我会马上补上签名，无法撤销。")
        }
        RightLine::Early { kind: Kind::Split, needs } => {
            format!("你签了自己提议的分账。钱不会因此而动：要由{}来签。下一步：等待。", any_of(needs))
        }
        RightLine::Early { kind, needs } => format!(
            "你签了{}，收钱的是你，但现在还轮不到你取。钱不会因此而动：要有{}的签名，或者期限、裁决给你的权利。你的签名先\
             留着。下一步：等待。",
            kind_of(*kind),
            any_of(needs)
        ),
        RightLine::Foreign { patience } => format!(
            "你们中有一人对这笔钱签了自己的请求。不是我做的；它会做什么，随后告诉你。\n你们两人一起可以这样动用这笔钱：这是\
             你们的权利。只有一人签，只会让我的链接签不了，所以从我第一次看到起，过 {} 我就撤掉它。\n下一步：没有同意过的，\
             不要签。",
            length(*patience)
        ),
        RightLine::Held => {
            "有一个不是我的请求占着这笔钱，我的链接现在签不了。如果一直这样，几分钟后我会撤掉它。没有同意过的，不要签。"
                .to_owned()
        }
        RightLine::Unshown { kind } => format!(
            "Mixin 说你们中有一人签了{}，但没有给我看到签名。看不到的我不签，所以我不补签名。\n下一步：如果双方都想要，就两人\
             都签同一个链接，不用我也能生效：应急包就是为此准备的。如果不想，什么都不要签。",
            kind_of(*kind)
        ),
    }
}
