//! The trade's page in the browser, and what an operator reads inside.

use super::grammar::{date, kind_of, payer_of, side, time, who};
use super::{clock, judge, mixpay, problem, trust};
use crate::chat::say::page::{Course, Heading, PageLine, Standing, Sum, Told};
use crate::chat::say::parts::percent;
use crate::chat::say::{Share, Who};
use crate::trade::dispute::Problem;
use crate::trade::plan::Kind;

pub(super) fn words(line: &PageLine) -> String {
    match line {
        PageLine::Window { code } => format!("交易 {code}"),
        PageLine::Heading(heading) => heading_of(*heading).to_owned(),
        PageLine::Sum(sum) => sum_of(sum),
        PageLine::Told(told) => told_of(told),
        PageLine::Date(moment) => date(*moment),
        PageLine::Deadline(until) => time(until),
        PageLine::Yours(role) => format!(
            "这个页面只给{}看；谁有它的地址谁就能看，所以不要给任何人。这里什么都改不了：钱只凭 Mixin 里的 PIN 动。",
            side(*role)
        ),
        PageLine::SignLater => "不是接下来要做的；放在这里以备需要。".to_owned(),
        PageLine::KitIntro => {
            "只有我消失了才用得上，我也发到了我们的聊天里。里面没有密钥。除了运营者，不要给任何人。".to_owned()
        }
        PageLine::KitDownload => "下载应急包".to_owned(),
        PageLine::QrOf(money) => format!("支付 {money} 的链接的二维码"),
        PageLine::Nowhere => "这个链接打不开".to_owned(),
        PageLine::NowhereHow => "它写错了、被截断了或者已经停用。请向机器人要一个新的。".to_owned(),
        PageLine::Unwell => "现在无法显示这个页面".to_owned(),
        PageLine::UnwellHow => "什么都没有丢：你的交易照常进行。请过一分钟再试，或者在聊天里问机器人。".to_owned(),
        PageLine::Standing(standing) => standing_of(*standing),
        PageLine::Course(course) => course_of(*course).to_owned(),
    }
}

const fn heading_of(heading: Heading) -> &'static str {
    match heading {
        Heading::Next => "现在怎么办",
        Heading::WaitsFor => "正在等什么",
        Heading::Deadline => "时间",
        Heading::Then => "之后呢",
        Heading::Signing => "签名",
        Heading::Amounts => "金额",
        Heading::Evidence => "证据",
        Heading::History => "到目前为止",
        Heading::Kit => "应急包",
        Heading::Mind => "请注意",
    }
}

fn sum_of(sum: &Sum) -> String {
    match sum {
        Sum::Price => "价格".to_owned(),
        Sum::Settles => "按此价格结算".to_owned(),
        Sum::Fee { waived: true, .. } => "手续费（已免）".to_owned(),
        Sum::Fee { bps: 0, .. } | Sum::Got(Who::Fee) => "手续费".to_owned(),
        Sum::Fee { bps, payer, .. } => format!("手续费（{}），由{}承担", percent(*bps), payer_of(*payer)),
        Sum::Due(by) => format!("{}应存入", who(by)),
        Sum::Arrived => "已收到".to_owned(),
        Sum::Missing => "还差".to_owned(),
        Sum::Locked => "已锁进保险库".to_owned(),
        Sum::Gets { kind: Kind::Return, to } => format!("退给{}", who(to)),
        Sum::Gets { kind, to } => format!("{}时，{}得", kind_of(*kind), who(to)),
        Sum::Got(to) => format!("已付给{}", who(to)),
    }
}

fn told_of(told: &Told) -> String {
    match told {
        Told::Proposed(by) => format!("{}写好了条款。", who(by)),
        Told::Joined(Some(by)) => format!("{}带来了邀请，并同意了条款。", who(by)),
        Told::Joined(None) => "有人带来了邀请，并同意了条款。".to_owned(),
        Told::TurnedAway => "那不是对的人，已被拒绝。".to_owned(),
        Told::Accepted => "双方同意了同样的条款，从此不能再改。".to_owned(),
        Told::LinkIssued(money) => format!("支付 {money} 的链接已做好。"),
        Told::MixPayReady(money) => format!("MixPay 也可以收 {money}。"),
        Told::MixPaySaid(progress) => mixpay::said(*progress),
        Told::MixPaySilent => "MixPay 没有回应。".to_owned(),
        Told::MixPayHeard => "MixPay 又有回应了，付款期限相应延长。".to_owned(),
        Told::Declined(by) => format!("{}拒绝了。", who(by)),
        Told::Cancelled(by) => format!("{}取消了交易。", who(by)),
        Told::Expired => "期限已到，交易结束。".to_owned(),
        Told::Deposited(money) => format!("保险库收到 {money}。"),
        Told::OddDeposit(money) => format!("保险库收到 {money}，不算进这笔交易。"),
        Told::Claimed(money) => format!("保险库里有 {money} 没有写明是哪笔交易，已问双方是不是这一笔。"),
        Told::ClaimAgreed(by) => format!("{}说是这一笔。", who(by)),
        Told::ClaimRefused(Some(by)) => format!("{}说不是这一笔。", who(by)),
        Told::ClaimRefused(None) => "问题已收回。".to_owned(),
        Told::Funded(money) => format!("{money} 已锁定：该付的全部到齐。"),
        Told::FundedShort(money) => format!("{money} 已锁定，当作全款。"),
        Told::TakenAsWhole { by, price } => format!("{}把存入的当作全款收下：按价格 {price} 结算。", who(by)),
        Told::SplitOffered { by, seller, gets } => format!("{}提议分账，{}得 {gets}。", who(by), who(seller)),
        Told::SplitOver(by) => format!("{}提议的分账已结束，没有人签名。", who(by)),
        Told::ForeignLock => "有人对这笔钱签了自己的请求，不是我做的。".to_owned(),
        Told::ForeignOver => "已经给够时间，从现在起我会撤掉这样的请求。".to_owned(),
        Told::Unshown { by, kind } => {
            format!("Mixin 说{}签了{}，但没有给我看到签名。", who(by), kind_of(*kind))
        }
        Told::Disputed { by, why } => disputed(&who(by), *why),
        Told::Withdrawn(by) => format!("{}撤回了仲裁请求。", who(by)),
        Told::Ruled(kind) => format!("裁决是：{}。这是最终结果。", kind_of(*kind)),
        Told::RuledSplit { part, of } => format!("裁决是：分账，{of} 中的 {part} 归卖家。这是最终结果。"),
        Told::MayTake { by, kind } => {
            format!("期限已到：从现在起，{}也可以由{}签名。", kind_of(*kind), who(by))
        }
        Told::Return(Share { to, money }) => format!("{money} 要退给{}。", who(to)),
        Told::FeeWaived => "手续费付不出去，所以谁都不用付。".to_owned(),
        Told::LinkStands(kind) => format!("{}可以签名了。", kind_of(*kind)),
        Told::LinkLost(kind) => format!("{}的签名链接被撤销或丢失，我重新做一个。", kind_of(*kind)),
        Told::Signed { by, kind } => format!("{}签了{}。", who(by), kind_of(*kind)),
        Told::Delivered(by) => format!("{}说已经交付。", who(by)),
        Told::Decided(kind) => format!("已经定了：{}。这笔钱我不再签别的。", kind_of(*kind)),
        Told::Cosigned => "我的 7 项检查全部通过，我最后签了名。".to_owned(),
        Told::SignAnew => "Mixin 没有算上之前的签名，还需要一个。".to_owned(),
        Told::Returned(Share { to, money }) => format!("{money} 已退给{}。", who(to)),
        Told::Settled { kind, pays } => {
            let pays: Vec<String> = pays.iter().map(|Share { to, money }| format!("{}：{money}", who(to))).collect();
            format!("{}已完成。{}。", kind_of(*kind), pays.join("，"))
        }
        Told::SettledElsewhere => "三个成员中有两个用一笔不是我做的转账转走了钱。".to_owned(),
        Told::Clock(fact) => clock::fact(fact),
        Told::Trust(fact) => trust::fact(fact),
        Told::Judge(fact) => judge::fact(fact),
        Told::Problem(fact) => problem::fact(fact),
        Told::Frozen => "我在这笔交易里停止签名，等运营者查看。".to_owned(),
        Told::Unfrozen => "运营者已查看：交易继续，期限还是剩下的那么长。".to_owned(),
        Told::PutBack => "我退回到了较早的记录，开始重新读保险库。".to_owned(),
        Told::CaughtUp => "我已经把保险库重新读完。".to_owned(),
        Told::Imported => "我重新装好了，靠应急包又认得这笔交易。".to_owned(),
    }
}

fn standing_of(standing: Standing) -> String {
    match standing {
        Standing::Counts => "算进这笔交易".to_owned(),
        Standing::Held => "算进这笔交易，但被某人的签名占住".to_owned(),
        Standing::Frozen => "已为结算冻结".to_owned(),
        Standing::GoesBack => "要退回".to_owned(),
        Standing::Untouched => "铭文：从不动用".to_owned(),
        Standing::NotNeeded => "这笔交易不需要，还没有退回安排".to_owned(),
        Standing::Spent(Some(kind)) => format!("已由{}用掉", kind_of(kind)),
        Standing::Spent(None) => "已用掉，不是这笔交易的安排".to_owned(),
    }
}

fn disputed(by: &str, why: Problem) -> String {
    match why {
        Problem::NotDelivered => format!("{by}请了仲裁员：没有交付。"),
        Problem::NotAsAgreed => format!("{by}请了仲裁员：与约定不符。"),
        Problem::Other => format!("{by}请了仲裁员。"),
    }
}

const fn course_of(course: Course) -> &'static str {
    match course {
        Course::NoPayload => "等待一次性密钥",
        Course::NoRequest => "正在创建签名请求",
        Course::Stands => "等待第一个签名",
        Course::Authorised => "已定；接下来机器人签名",
        Course::Cosigned => "机器人已签名；等待转账",
        Course::Done => "已完成",
        Course::Lapsed => "没有人签的提议",
        Course::Void => "作废",
    }
}
