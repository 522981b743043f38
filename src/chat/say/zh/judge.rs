//! A case and its judges: offers, the case card, rulings.

use super::grammar::{date, kind_of, length, time, who};
use super::split::problem_of;
use crate::chat::ruling::Unread;
use crate::chat::say::Share;
use crate::chat::say::judge::{After, CalledBy, JudgeFact, JudgeLine};
use crate::chat::text::QUOTED_MAX;

fn numbers(shares: &[Share]) -> String {
    shares.iter().map(|share| format!("{} {}", who(&share.to), share.money)).collect::<Vec<_>>().join(" · ")
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &JudgeLine) -> String {
    match line {
        JudgeLine::Offer { buyer, seller, until } => format!(
            "有一起争议需要仲裁员，想请你。买家是{}，卖家是{}。到时没有人受理，也会请下一位：{}",
            who(buyer),
            who(seller),
            time(until)
        ),
        JudgeLine::OfferStep => "下一步：两人都不认识，就受理。认识其中一位，就说明：这笔交易不会再请你。".to_owned(),
        JudgeLine::Concerns { buyer, seller } => format!("买家是{}，卖家是{}。", who(buyer), who(seller)),
        JudgeLine::Course { agreed, disputed, by, delivered } => format!(
            "{} 达成交易。{}在 {} 请了仲裁员。卖家{}。",
            date(*agreed),
            who(by),
            date(*disputed),
            if *delivered { "说已经交付" } else { "没有说已交付" }
        ),
        JudgeLine::Locked { money, pieces } => format!("在 Mixin 上锁定：{money}，共 {pieces} 笔存入。"),
        JudgeLine::Pays { kind, shares } => format!("{}：{}", kind_of(*kind), numbers(shares)),
        JudgeLine::Yours { until, kind } => {
            format!("由你裁决。没有裁决就按{}处理：{}", kind_of(*kind), time(until))
        }
        JudgeLine::Before { by, kind, why } => format!("{}的裁决：{}。理由：“{why}”", who(by), kind_of(*kind)),
        JudgeLine::Which => "下一步：选择裁决。先给你看数目，再由你写理由，之前什么都不会生效。".to_owned(),
        JudgeLine::AskPart { seller, price } => {
            format!("{price} 里{}应得多少？请写数目，或者像 60% 这样的比例。", who(seller))
        }
        JudgeLine::Unread(Unread::Which) => "裁决有三种：放款、退款、分账。".to_owned(),
        JudgeLine::Unread(Unread::Part(None)) => "请写应得多少。".to_owned(),
        JudgeLine::Unread(Unread::Part(Some(problem))) => problem_of(problem),
        JudgeLine::Unread(Unread::Reason(letters)) if *letters > QUOTED_MAX => {
            format!("这有 {letters} 个字，我最多留 {QUOTED_MAX} 个。请写短一些。")
        }
        JudgeLine::Unread(Unread::Reason(_)) => "请用文字写出理由。".to_owned(),
        JudgeLine::AskWhy => {
            format!("下一步：用一行字写出理由，最多 {QUOTED_MAX} 个字，双方都会看到。或者发送“取消”。")
        }
        JudgeLine::Why(why) => format!("理由：“{why}”"),
        JudgeLine::SurePass => "之后会请另一位仲裁员，这笔交易不会再请你。无法撤销。".to_owned(),
        JudgeLine::Sure(After::Waits(delay)) => format!(
            "下一步：点“就这样裁决”。{} 内可以叫停，有第二位仲裁员就由他再看；之后是最终结果。钱不会因此自己动：由收款的一方签名。",
            length(*delay)
        ),
        JudgeLine::Sure(After::Differs(delay)) => format!(
            "下一步：点“就这样裁决”。这与之前的裁决不同，所以会请第三位仲裁员决定；没有第三位，你的裁决 {} 后是最终结果。钱不会\
             因此自己动：由收款的一方签名。",
            length(*delay)
        ),
        JudgeLine::Sure(After::Final) => {
            "下一步：点“就这样裁决”。这是最终结果。钱不会因此自己动：由收款的一方签名。".to_owned()
        }
        JudgeLine::YouRuled => "这是你的裁决，连同理由已告诉双方。".to_owned(),
        JudgeLine::Dropped => "没有裁决。案件还是原样，发送“案件”可以看到。".to_owned(),
        JudgeLine::Closed => "这个案件不再需要你做什么。谢谢。".to_owned(),
        JudgeLine::CasesNone => "你没有进行中的案件，也没有请你受理的。".to_owned(),
        JudgeLine::Cases { count } => format!("{count} 个案件："),
        JudgeLine::AllAsked => "能裁决的仲裁员都已问过，谁先答应谁受理。".to_owned(),
        JudgeLine::Asking { until } => {
            format!("我请了一位仲裁员受理，他与你们双方都没有交易过。没有回应就请下一位：{}", time(until))
        }
        JudgeLine::Judging { by, since } => format!("由{}裁决，从 {} 起。", who(by), date(*since)),
        JudgeLine::Default { until, kind } => format!("没有裁决就按条款处理：{}。{}", kind_of(*kind), time(until)),
        JudgeLine::Nobody { until, kind } => format!(
            "没有可以请的仲裁员了：他们与你们中的一位交易过，最近裁决过对一方有利，不愿受理，或者没有回应。所以按条款处理：{}，除非你们先谈好。\
             {}",
            kind_of(*kind),
            time(until)
        ),
        JudgeLine::Stands { by, kind, why } => {
            format!("{}的裁决：{}。理由：“{why}”\n各方将得到：", who(by), kind_of(*kind))
        }
        JudgeLine::Stop { until, may: true } => format!(
            "这还不是最终结果。下一步：如果认为不对，点下面的按钮请第二位仲裁员。没有人叫停，之后收款的一方可以签名：{}",
            time(until)
        ),
        JudgeLine::Stop { until, may: false } => {
            format!("这还不是最终结果：可以叫停，由第二位仲裁员再看。{}", time(until))
        }
        JudgeLine::Waits { until } => {
            format!("没有别的仲裁员，所以按这个裁决。之后收款的一方可以签名：{}", time(until))
        }
        JudgeLine::Another(CalledBy::Person(by)) => format!("{}请了另一位仲裁员。先前的裁决不再单独算数。", who(by)),
        JudgeLine::Another(CalledBy::Operator) => "运营者请了另一位仲裁员。先前的裁决不再单独算数。".to_owned(),
        JudgeLine::Another(CalledBy::Disagreement) => {
            "两位仲裁员意见不同，所以请第三位。其中两位相同的裁决是最终结果；都不同，以第三位的为准。".to_owned()
        }
        JudgeLine::RuledBy { by, why } => format!("由{}裁决。理由：“{why}”", who(by)),
        JudgeLine::Defaulted => "没有人及时裁决，所以按条款处理。".to_owned(),
        JudgeLine::Reminder { until, kind, taker } => format!(
            "还没有裁决。没有裁决就按{}处理，钱归{}：{}\n下一步：如果不愿意，请在此之前和对方谈好。",
            kind_of(*kind),
            who(taker),
            time(until)
        ),
        JudgeLine::TimeUp { date: day, kind, taker } => format!(
            "到 {} 没有人裁决，所以按条款：{}可以取得{}。不需要你再做什么，也无法撤销。\n下一步：如果不愿意，请现在和对方谈好。",
            date(*day),
            who(taker),
            kind_of(*kind)
        ),
    }
}

pub(super) fn fact(fact: &JudgeFact) -> String {
    match fact {
        JudgeFact::Asked => "我请了一位仲裁员。".to_owned(),
        JudgeFact::Silent => "仲裁员没有及时受理，我请下一位。".to_owned(),
        JudgeFact::Left => "仲裁员不再管这个案件。".to_owned(),
        JudgeFact::Passed => "一位仲裁员回避了。".to_owned(),
        JudgeFact::Taken(by) => format!("{}受理了案件。", who(by)),
        JudgeFact::Given { by, kind, why } => format!("{}裁决：{}。理由：“{why}”", who(by), kind_of(*kind)),
        JudgeFact::GivenSplit { by, part, of, why } => {
            format!("{}裁决：分账，{of} 里卖家得 {part}。理由：“{why}”", who(by))
        }
        JudgeFact::Stands => "裁决在等：可以叫停，或者没有别人可请。".to_owned(),
        JudgeFact::Another(CalledBy::Person(by)) => format!("{}请了另一位仲裁员。", who(by)),
        JudgeFact::Another(CalledBy::Operator) => "运营者请了另一位仲裁员。".to_owned(),
        JudgeFact::Another(CalledBy::Disagreement) => "两位仲裁员意见不同：请第三位。".to_owned(),
        JudgeFact::Nobody => "没有仲裁员可请了。".to_owned(),
    }
}
