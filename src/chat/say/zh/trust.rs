//! Whom one deals with: trade cards, records, limits, and talk that comes too fast.

use super::grammar::{date, side, who};
use crate::chat::danger::Danger;
use crate::chat::say::trust::{Differs, Limit, Sums, TrustFact, TrustLabel, TrustLine};
use crate::chat::text::{quoted, quoted_name};
use crate::time::Millis;

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &TrustLine) -> String {
    match line {
        TrustLine::Record { of, sums } => record(&who(of), sums),
        TrustLine::FirstWith(other) => format!("这会是你和{}的第一笔交易。", who(other)),
        TrustLine::AgainWith(other) => format!("你和{}以前交易过。", who(other)),
        TrustLine::LikeBot { name, number } => format!(
            "当心：{}的名字像我，或者自称有职务。我只是 Mixin ID {number}，没有别的；和你交易的人在这里没有任何职务。",
            who(name)
        ),
        TrustLine::LikeOther { name, known } => {
            format!("当心：{}的名字很像你认识的{}。这是两个人，请核对 Mixin ID。", who(name), who(known))
        }
        TrustLine::PriceJump { of, most } => {
            format!("当心：这个价格远高于{}在这里成交过的（最高 {most}）。", who(of))
        }
        TrustLine::Danger(danger) => secret(*danger).to_owned(),
        TrustLine::PayLink => {
            "这不是我的付款链接，和你的任何一笔交易都没有关系。付到那里的钱不会被锁定，我也拿不回来。\n\
             下一步：只用你交易最新卡片上的按钮付款。"
                .to_owned()
        }
        TrustLine::PaidAlready { money } => {
            format!("{money} 已经付清并锁定。不要再付；多付的会退回来。")
        }
        TrustLine::Slower { wait } => {
            format!("请慢一点：{} 秒之后我接着看。签名、退款、交付、付款这些话照样算数。", wait.secs())
        }
        TrustLine::Forward => {
            "请原样转发下面这条消息。收到的人可以发给我，我会说是不是我写的、之后有没有变化。它不约束任何人。"
                .to_owned()
        }
        TrustLine::CardLater => "双方都同意条款之后才有交易卡。在那之前，没有什么可以当作凭据。".to_owned(),
        TrustLine::CardSide { role, name, number } => {
            format!("- {}：“{}”（Mixin ID {number}）", side(*role), quoted_name(name))
        }
        TrustLine::CardPrice { amount, label } => format!("- 价格：{amount} {label}"),
        TrustLine::CardDate { stamp } => format!("- 截至 {stamp} UTC"),
        TrustLine::CardBot { number } => format!("- 机器人：Mixin ID {number}；把这段文字发给它，就能辨真假"),
        TrustLine::Genuine { stamp, code } => format!("这是我在 {stamp} UTC 写的，关于交易“{code}”，一字未改。"),
        TrustLine::OnlyBetween => "当心：前后有别人加的话。只有从第一行“Trade …”到封印之间的内容是我写的。".to_owned(),
        TrustLine::Unchanged => "到现在没有变化。".to_owned(),
        TrustLine::Since { then, now } => format!("之后有了进展：当时是“{then}”，现在是“{now}”。"),
        TrustLine::NotParty => "你不是交易的一方，所以我不说它现在的情况。绝不要替别人的交易付款。".to_owned(),
        TrustLine::Altered(differs) => altered(differs),
        TrustLine::NotMine => {
            "不是我写的：我从来没有签过这段文字，不管上面写了什么。不要相信，也不要因为它付款。".to_owned()
        }
        TrustLine::Cut => "我没法核对：文字不完整。请转发整条消息，从“Trade …”一直到封印结束。".to_owned(),
        TrustLine::Several => "里面不止一个封印。请一次只发一张交易卡，在那之前都不要相信。".to_owned(),
        TrustLine::Yours { code } => format!("交易“{code}”是我的，你是其中一方："),
        TrustLine::Others { code } => format!(
            "这里有交易“{code}”。你不是其中一方，所以我什么都不说；绝不要替别人的交易付款。如果有人邀请了你，请发送“加入 {code}”。"
        ),
        TrustLine::NoTrade { code } => {
            format!("这里没有交易“{}”。对方弄错了，或者那不是我的交易：不要为它付款。", quoted(code))
        }
        TrustLine::Me { number } => format!("我是 Mixin ID {number}。请核对号码：名字和头像可以仿冒。"),
        TrustLine::BlockHow => {
            "请写明是谁：“屏蔽”加上对方报价的交易码，或者对方的 Mixin ID，例如“屏蔽 46802”。".to_owned()
        }
        TrustLine::Blocks(people) if people.is_empty() => "你没有屏蔽任何人。".to_owned(),
        TrustLine::Blocks(people) => {
            let people: Vec<String> = people.iter().map(who).collect();
            format!("你屏蔽了：{}。想再收谁的报价，就发送例如“取消屏蔽 46802”。", people.join("、"))
        }
        TrustLine::Blocked(person) => format!(
            "{}不能再向你发报价，对方不会得到通知。你们已经说定的交易照常进行。想改回来，就发送“取消屏蔽”和对方的 Mixin ID。",
            who(person)
        ),
        TrustLine::Unblocked(person) => format!("{}又可以向你发报价了。", who(person)),
        TrustLine::BlockWhom => "和你有交易的人里没有找到。请用对方报价的交易码，或者核对 Mixin ID。".to_owned(),
        TrustLine::BlockFull { most } => format!("你已经屏蔽了 {most} 个人，到了上限。请先取消屏蔽一个。"),
        TrustLine::HowWasIt(other) => format!("和{}交易得怎么样？你的评价只计入对方的记录，不影响别的。", who(other)),
        TrustLine::Rated { of, good } => format!("记下了：{}，{}。不能再改。", who(of), grade(*good)),
    }
}

const fn grade(good: bool) -> &'static str {
    if good { "好" } else { "差" }
}

fn record(of: &str, sums: &Sums) -> String {
    let Sums { bought, sold, good, bad, ruled_against, since } = *sums;
    let since = since.map(|since| format!("{}起有记录。", day(since))).unwrap_or_default();
    let settled = bought.saturating_add(sold);
    let ruled =
        if ruled_against == 0 { String::new() } else { format!("有 {ruled_against} 次裁决对其不利。") };
    if settled == 0 {
        return format!("{of}：还没有在我这里完成过交易。{ruled}{since}");
    }
    let rated = match (good, bad) {
        (0, 0) => "没有评价".to_owned(),
        (good, bad) => format!("好评 {good}，差评 {bad}"),
    };
    format!("{of}：在我这里完成过 {settled} 笔交易，买 {bought} 笔，卖 {sold} 笔；{rated}。{ruled}{since}")
}

/// "2026年11月23日".
fn day(moment: Millis) -> String {
    let date = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

const fn secret(danger: Danger) -> &'static str {
    match danger {
        Danger::Phrase => {
            "这像是助记词。绝不要发给任何人，也不要发给我：谁有助记词，谁就有你的钱。我用不到它。\n\
             下一步：删除那条消息。如果是别人向你要的，那是骗子：请把钱转到新的钱包。"
        }
        Danger::Key => {
            "如果这是私钥，绝不要发给任何人，也不要发给我：谁有私钥，谁就有你的钱。我用不到它。\n\
             下一步：删除那条消息。如果是别人向你要的，那是骗子：请换一把新的。"
        }
        Danger::Pin => {
            "如果这是 PIN 或密码，绝不要发给任何人，也不要发给我。只有应用自己的页面才会问你。\n\
             下一步：删除那条消息，并换一个。这里没有人会向你要它。"
        }
    }
}

fn altered(differs: &[Differs]) -> String {
    let truth: Vec<String> = differs
        .iter()
        .map(|differs| match differs {
            Differs::Side { role, name, number } => {
                format!("{}（其实是“{}”，Mixin ID {number}）", side(*role), quoted_name(name))
            }
            Differs::Price(price) => format!("价格（其实是 {price}）"),
            Differs::Bot(number) => format!("机器人（我是 Mixin ID {number}）"),
            Differs::Other => "别的内容：状态、金额、日期或文字".to_owned(),
        })
        .collect();
    let what = if truth.is_empty() { "有内容".to_owned() } else { truth.join("、") };
    format!("不是我的话：封印对不上。和我签过的不一样的是：{what}。不要相信，也不要因为它付款。")
}

pub(super) fn limit(limit: &Limit) -> String {
    match limit {
        Limit::PriceMin(min) => format!("太少了：这里一笔交易的价格至少是 {min}。请商量一个高一点的价格。"),
        Limit::Locked { used, most } => format!(
            "加上这笔交易，你锁定的钱就超过了每个人的上限：已经有 {used}，最多 {most}。请商量一个低一点的价格，或者等你的一笔\
             交易结束；发送“我的交易”可以查看。"
        ),
        Limit::OtherLocked => {
            "加上这笔交易，对方锁定的钱就超过了每个人的上限。请商量一个低一点的价格，或者等对方的一笔交易结束再试。"
                .to_owned()
        }
        Limit::Proposed { used, most, free } => format!(
            "你今天写了 {used} 份报价，每人每天最多 {most} 份。{}起可以再写。已经说定的交易照常进行。",
            date(*free)
        ),
        Limit::Agreed { used, most, free } => format!(
            "你今天同意了 {used} 笔交易，每人每天最多 {most} 笔。{}起可以再来。已经说定的交易照常进行。",
            date(*free)
        ),
        Limit::Waiting { most } => {
            format!("你已经有 {most} 份报价在等这个人答复，不能再多。请取消一份，或者等对方答复。")
        }
        Limit::Crowded => {
            "等这个人答复的报价太多了。请让对方带着你的邀请来：不指定对方，自己把邀请转发过去。".to_owned()
        }
    }
}

pub(super) const fn label(label: TrustLabel) -> &'static str {
    match label {
        TrustLabel::Card => "转发用的交易卡",
        TrustLabel::Block => "屏蔽这个人",
        TrustLabel::Good => "好",
        TrustLabel::Bad => "差",
    }
}

pub(super) fn fact(fact: &TrustFact) -> String {
    match fact {
        TrustFact::Rated { by, good } => format!("{}的评价：{}。", who(by), grade(*good)),
    }
}
