//! Splits.

use super::grammar::{time, who};
use crate::chat::part::Problem;
use crate::chat::say::Who;
use crate::chat::say::split::{Over, SplitLine};
use crate::chat::text::quoted;

pub(super) fn words(line: &SplitLine) -> String {
    match line {
        SplitLine::Ask { seller, price, code } => format!(
            "{price} 中{}应得多少？其余退给买家。\n点一个，或者写数额、比例，例如：“分账 {code} 60%”",
            who(seller)
        ),
        SplitLine::Problem(problem) => problem_of(problem),
        SplitLine::Preview { price } => format!("你要提议的是，价格 {price} 这样分："),
        SplitLine::OfferStep { to } => format!(
            "下一步：想好了就点“就这样提议”。钱不会因此而动：{}要用 PIN 签名，签了马上执行。提议 48 小时内有效；你们提出新的，\
             或者交易有了进展，它就失效。",
            who(to)
        ),
        SplitLine::Sent { to, price } => format!("你已向{}提议，价格 {price} 这样分：", who(to)),
        SplitLine::SentStep { to, until } => format!(
            "下一步：等待。{}用 PIN 签名，就马上执行；不签就是不同意。新的提议会取代这一个。{}",
            who(to),
            time(until)
        ),
        SplitLine::Offered { by, price } => format!("{}向你提议，价格 {price} 这样分：", who(by)),
        SplitLine::Means { until } => {
            format!("签名意味着：你同意，马上这样分账，无法撤销。不想要就不签：那就是不同意。{}", time(until))
        }
        SplitLine::Waits { by, on, seller, gets, until } => {
            format!("{}提议了分账：{}得 {gets}。{}可以签名。{}", who(by), who(seller), who(on), time(until))
        }
        SplitLine::Over { by: Who::You, why } => format!("你提议的分账已结束：{}", over(*why)),
        SplitLine::Over { by, why } => format!("{}提议的分账已结束：{}", who(by), over(*why)),
        SplitLine::Dropped => "那我就不问分账了。没有向任何人提议。".to_owned(),
    }
}

pub(super) fn problem_of(problem: &Problem) -> String {
    match problem {
        Problem::Unreadable(written) => {
            format!("“{}”我读不出是多少。这样写：60 或 0.5，或者用比例：60%", quoted(written))
        }
        Problem::TooFine => "太细了：小数点后最多 8 位。".to_owned(),
        Problem::OtherCoin(name) => format!("“{}”不是这笔交易的币种。", quoted(name)),
        Problem::TooMuch => "这比整个价格还多。".to_owned(),
    }
}

const fn over(why: Over) -> &'static str {
    match why {
        Over::Late => "没有人及时签名。钱没有动。",
        Over::Newer => "新的提议取代了它。不要签旧链接。",
        Over::Moved => "交易已有进展。钱没有因它而动。",
    }
}
