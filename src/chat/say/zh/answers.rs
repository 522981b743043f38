//! Every "no" in its own words, with what can be done instead.

use super::commands::command;
use super::grammar::operated;
use crate::chat::Binding;
use crate::chat::commands::Word;
use crate::chat::price::Problem;
use crate::chat::say::{Closed, Money, Naming, Place};
use crate::chat::text::quoted;
use crate::trade::command::Refusal;
use crate::trade::terms::TermsError;

pub(super) fn usage(word: Word) -> String {
    match word {
        Word::Join => "请写上邀请里的六位交易码：“加入 K7Q2MD”".to_owned(),
        Word::Propose => "请点草稿上的按钮；发送“草稿”可以看到它。".to_owned(),
        _ => format!("只写“{0}”，或者加上六位交易码：“{0} K7Q2MD”", command(word)),
    }
}

pub(super) const fn can_do(place: Place) -> &'static str {
    match place {
        Place::Idle => "你可以开始一笔交易，发来邀请（“加入 K7Q2MD”），或者查看你的交易：",
        Place::Item => "请用几个字告诉我是什么，例如：相机镜头。或者发送“取消”。",
        Place::Price => "请写价格：一个数字和一个币种。或者发送“取消”。",
        Place::Split => "请写卖家应得多少，例如 60 或 60%。或者发送“取消”。",
        Place::Evidence => "请写下或发来能说明情况的东西，或者发送“完成”。",
        Place::Reason => "请用一行字写出这样裁决的理由。或者发送“取消”。",
        Place::Draft => {
            "对草稿你可以：点它的按钮，分享名片或发送 Mixin ID（例如 @46802）来指定对方，写新的价格，或者放弃："
        }
    }
}

pub(super) fn price_problem(problem: &Problem, example: &str, assets: &str) -> String {
    let what = match problem {
        Problem::NoNumber => "我没有看到数字。".to_owned(),
        Problem::OtherDigits => "请用半角数字 0 到 9，这样谁都不会看错价格。".to_owned(),
        Problem::Negative => "价格不能小于零。".to_owned(),
        Problem::Exponent => "请把数字完整写出来，不要用科学记数法。".to_owned(),
        Problem::Separator => "数字里请不要有逗号或空格，小数用点：1500.5".to_owned(),
        Problem::NotANumber(number) => format!("“{}”我读不出是什么数字。小数这样写：0.5", quoted(number)),
        Problem::Zero => "价格不能为零。".to_owned(),
        Problem::TooFine => "太细了：小数点后最多 8 位。".to_owned(),
        Problem::TooLarge => "这个数太大，我算不了。".to_owned(),
        Problem::AboveCap { cap, symbol } => format!("超过了这里每笔交易的上限 {cap} {symbol}。"),
        Problem::BelowMin { min, symbol } => format!("太少了：这里一笔交易的价格至少是 {min} {symbol}。"),
        Problem::FeeTakesAll => "按这个价格，扣掉手续费卖家就什么都没有了。".to_owned(),
        Problem::Fiat(symbol) => format!("“{}”是法定货币；我只能锁定加密货币：{assets}。", quoted(symbol)),
        Problem::NoAsset(amount) => format!("{amount} 什么币？我认识的有 {assets}。"),
        Problem::UnknownAsset(name) => format!("这里没有“{}”这个币。我认识的有 {assets}。", quoted(name)),
        Problem::WhichChain { amount, choices } => {
            let symbol = choices.first().map_or("", |asset| asset.symbol.as_str());
            return format!("{amount} {symbol} 在哪条链上？在你的钱包里它们是不同的币。请选一个：");
        }
    };
    format!("{what}\n价格是多少？例如：{example}")
}

pub(super) const fn naming(problem: Naming) -> &'static str {
    match problem {
        Naming::NotFound => "没有找到这个 Mixin ID，对方可能不让人搜索。请分享对方的名片，或者用邀请。",
        Naming::IsBot => "这是机器人，机器人不能签名。请分享一个人的名片，或者用邀请。",
        Naming::Yourself => "这是你自己。请分享对方的名片，或者用邀请。",
        Naming::TakesNoSide => "机器人、手续费账户和仲裁员不参与交易，请指定别人。",
        Naming::NoSafe => {
            "对方还没有设置带 PIN 的 Mixin 钱包，签不了名。请对方在 Mixin 里打开“钱包”完成设置，然后再指定一次。"
        }
        Naming::NoSafeYours => {
            "你还没有设置带 PIN 的 Mixin 钱包，签不了名。\n下一步：在 Mixin 里打开“钱包”完成设置，再点一次同样的按钮。"
        }
        Naming::SearchResting => "我暂时不能搜索 Mixin ID。请分享对方的名片，或者用邀请：两种都马上可用。",
    }
}

pub(super) const fn terms_refused(error: TermsError) -> &'static str {
    match error {
        TermsError::PriceZero => "价格不能为零。请另写一个，例如：“价格 100 USDT”",
        TermsError::PriceTooLarge => "这个价格太大，我算不了。请另写一个，例如：“价格 100 USDT”",
        TermsError::NothingLeft => "按这个价格，扣掉手续费卖家就什么都没有了。请写高一点。",
        TermsError::SamePerson => "买家和卖家不能是同一个人，请指定别人。",
        TermsError::NotEligible => "机器人、手续费账户和仲裁员不参与交易，请指定别人。",
    }
}

pub(super) fn closed(why: &Closed, operator: &str) -> String {
    let operator = operated(operator);
    let rest = "已经说定的交易照常进行。";
    match why {
        Closed::All { why } => format!("{operator}暂时不接新交易：“{why}”。{rest}"),
        Closed::Asset { label, why } => format!("{operator}暂时不接 {label} 的新交易：“{why}”。{rest}"),
        Closed::You => format!("{operator}暂时不接你的新交易。{rest}"),
        Closed::OneOfYou => format!("{operator}暂时不接你们两人之间的新交易。{rest}"),
        Closed::Price(cap) => format!("超过了这里每笔交易的上限 {cap}。请商量一个低一点的价格。"),
        Closed::AssetFull { label } => format!(
            "加上这笔交易，锁定的 {label} 就超过{operator}同时承担的总额。请商量一个低一点的价格，或者等别的交易结束再试。"
        ),
        Closed::Limit(limit) => super::trust::limit(limit),
        Closed::Full => format!("进行中的交易已经到了{operator}同时承担的上限。请等别的交易结束再试。"),
    }
}

pub(super) const fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotYours => "这笔交易不是你的，我不能这么做。你的交易在这里：",
        Refusal::OnlyBuyer => "只有买家可以这么做。你可以：",
        Refusal::OnlySeller => "只有卖家可以这么做。你可以：",
        Refusal::OnlyProposer => "只有写报价的人可以这么做。你可以：",
        Refusal::TooEarly => "现在还早：钱还没有锁定。正在等的是：",
        Refusal::TooLate => "太晚了。现在的情况：",
        Refusal::Already => "这已经做过了。现在的情况：",
        Refusal::OtherTerms => "你同意的和现在的内容不一样，所以什么都没有改变。请再看一遍：",
        Refusal::Taken => "别人先用了这个交易码。如果弄错了，请让邀请你的人拒绝对方。",
        Refusal::SamePerson => "这份报价是你自己写的，交易码要由对方发来。请转发给对方：",
        Refusal::NotEligible => "机器人、手续费账户和仲裁员不参与交易，所以你不能加入。",
        Refusal::Locked => "钱已锁定，谁都不能再取消。买家可以签名放款，卖家可以签名退款：",
        Refusal::PaysNothing => "分账要让双方都得到一些。要全部或一点不要，请用放款或退款：",
        Refusal::TooFar => "期限不能延长那么多：一次最多 30 天，最远到从现在起 90 天。",
        Refusal::MayTake => "对方的期限已过，你可以直接取钱：不需要仲裁员。",
        Refusal::TooOften => "一笔交易里你能做的次数已经用完。你可以：",
        Refusal::TooLittle => "存入的钱不能当作全款，所以什么都没有改变。现在的情况：",
        Refusal::InDispute => "已经请了仲裁员，这要等一等。你可以：",
        Refusal::NoDispute => "这笔交易没有人请仲裁员。现在的情况：",
        Refusal::OnlyOpener => "只有请仲裁员的人可以撤回。你可以：",
        Refusal::NotTheJudge => "只有我请的那位仲裁员可以这么做，而且还要是仲裁员。",
        Refusal::NoRuling => "没有可以叫停的裁决。现在的情况：",
        Refusal::NoOtherJudge => "没有别的仲裁员可以请，所以什么都没有改变。现在的情况：",
        Refusal::AlreadyRuled => "已经裁决，这是最终结果。你可以：",
        Refusal::NotUnnamed => "那笔存入已经属于一笔交易，或者不只属于你们。什么都没有改变：",
        Refusal::Frozen => "这笔交易已暂停，要等运营者查看。什么都没有改变：",
    }
}

pub(super) const fn need_token(binding: Binding) -> &'static str {
    match binding {
        Binding::Propose => "请再看一遍草稿，点它的按钮：",
        Binding::Accept => "请再看一遍条款，点那里的“接受”：",
        Binding::Confirm => "请再核对一遍这个人，点那里的“是的”：",
        Binding::TakeShort { .. } => "确定的话，请点“当作全款收下”：",
        Binding::Split { .. } => "请再看一遍分账，点“就这样提议”：",
        Binding::Extend { .. } => "请再看一遍，确定的话点“是的，延长”：",
        Binding::Pass => "确定的话，请点“放弃案件”：",
        Binding::Withdraw => "请再看一遍，确定的话点“撤回”：",
        Binding::Rule { .. } => "请再看一遍裁决，点“就这样裁决”：",
        Binding::Claim => "请再看一遍，是的话点那里的“是”：",
        Binding::Cancel => "确定的话，请点“是的，取消”：",
    }
}

pub(super) fn sure_cancel(paid: Option<&Money>, coming: Option<&Money>, buyer: &str) -> String {
    let paid = paid.map(|paid| format!("已经存入 {paid}，会退给{buyer}。"));
    let coming = coming
        .map(|coming| format!("大约 {coming} 正在通过 MixPay 到来；进入保险库后，由买家签名一个请求，退给{buyer}。"));
    format!("真的要取消这笔交易吗？{}{}", paid.unwrap_or_default(), coming.unwrap_or_default())
}
