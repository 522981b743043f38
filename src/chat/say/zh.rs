//! Chinese, simplified: plain, warm, short, as a payment app speaks. Names stand in quotation marks, since nothing else
//! in a Chinese sentence tells where they end.

mod answers;
mod claim;
mod clock;
mod trust;
mod group;
mod judge;
mod problem;
mod commands;
mod grammar;
mod kit;
mod label;
mod mixpay;
mod page;
mod right;
mod short;
mod split;
mod verify;
mod waiting;

pub(super) use commands::command;
pub(super) use label::label;

use answers::{can_do, closed, naming, need_token, price_problem, refused, sure_cancel, terms_refused, usage};
use commands::help_of;
use grammar::{any_of, date, does, item_of, kind_of, length, name_only, operated, payer_of, side, time, verb, who};
use waiting::{then_of, waiting_for};

use crate::chat::say::parts::percent;
use crate::chat::say::{Line, OddReason, Share, Title, Who};
use crate::chat::text::{QUOTED_MAX, quoted};
use crate::time::Millis;
use crate::trade::plan::Kind;
use crate::trade::terms::{Periods, Role, Unruled};

/// Every sentence. Long families have a function each; this match names them all.
#[expect(clippy::too_many_lines, reason = "one exhaustive match a language; families are split off below")]
pub(super) fn words(line: &Line) -> String {
    match line {
        Line::Title(title) => title_of(*title).to_owned(),
        Line::Greeting => {
            "你好！我帮两个人安全地完成交易。买家的钱锁在三方保险库里：买家、卖家和我。任意两方一起才能动用，我一个人\
             永远动不了。\n你想做什么？"
                .to_owned()
        }
        Line::AskLang => "用哪种语言？".to_owned(),
        Line::Speaks => "好的，以后我用中文和你交流。".to_owned(),
        Line::Unfinished { role } => {
            format!("你有一份没写完的草稿（{}）。发送“草稿”继续，或发送“取消”放弃。", does(*role))
        }
        Line::Help => "使用方法：\n\
             1. 一方在这里写好交易，另一方接受。\n\
             2. 买家把钱存入三方保险库：买家、卖家和我。两方签名之前，钱一直锁定。\n\
             3. 卖家交付；买家查验后签名放款，卖家收到钱。\n\
             4. 如果没谈成，卖家签名退款，买家拿回全部的钱。\n\
             我总是最后签名，我一个人永远动不了这笔钱。\n\n你可以发送："
            .to_owned(),
        Line::HelpOf(word) => help_of(*word).to_owned(),
        Line::Usage { word } => format!("我没看懂“{}”后面的内容。{}", command(*word), usage(*word)),
        Line::NotUnderstood(place) => format!("抱歉，我没看懂。{}", can_do(*place)),
        Line::OnlyWords(place) => format!("我只能看懂文字、按钮和名片。{}", can_do(*place)),
        Line::AskItem(Role::Buyer) => "你要买什么？例如：相机镜头".to_owned(),
        Line::AskItem(Role::Seller) => "你要卖什么？例如：相机镜头".to_owned(),
        Line::ItemTooLong { letters } => format!("这有 {letters} 个字，请用不超过 {QUOTED_MAX} 个字来写。"),
        Line::AskPrice { role, item, example } => {
            format!("{}{}。\n价格是多少？例如：{example}", does(*role), item_of(item))
        }
        Line::PriceProblem { problem, example, assets } => price_problem(problem, example, assets),
        Line::OtherNoted => "记下了：这是你的交易对方。".to_owned(),
        Line::DraftDropped => "草稿已放弃，没有发给任何人。".to_owned(),
        Line::NoDraft => "你现在没有草稿。开始一份：".to_owned(),
        Line::OpenMax { count } => {
            format!("你有 {count} 笔进行中的交易，已经到了每个人的上限。请先完成或取消一笔。")
        }
        Line::Naming(problem) => naming(*problem).to_owned(),
        Line::TermsRefused(error) => terms_refused(*error).to_owned(),
        Line::Closed { why, operator } => closed(why, operator),
        Line::Item(item) => format!("物品：{}", item_of(item)),
        Line::Sides { role, other } => match role {
            Role::Buyer => format!("买家：你 · 卖家：{}", who(other)),
            Role::Seller => format!("买家：{} · 卖家：你", who(other)),
        },
        Line::Price { amount, label } => format!("价格：{amount} {label}"),
        Line::Fee { fee, .. } if fee.amount.is_zero() => "手续费：无".to_owned(),
        Line::Fee { fee, bps, payer } => format!("手续费：{fee}（{}），由{}承担", percent(*bps), payer_of(*payer)),
        Line::Due { by, money } => format!("{}应付：{money}", who(by)),
        Line::Payouts { seller, buyer, zero } => format!(
            "如果放款：卖家得 {seller}，买家得 {zero}。\n如果退款：买家得 {buyer}（不收手续费），卖家得 {zero}。\n\
             这是各方最少和最多能得到的；多付的部分会退给买家。"
        ),
        Line::Periods(periods) => periods_of(periods),
        Line::PayWays => "付款方式：用 Mixin 支付；如果 MixPay 收这个金额，也可以通过 MixPay 用任意币支付。".to_owned(),
        Line::Keys => {
            "保险库有三把钥匙：买家、卖家和我。任意两方可以动用这笔钱：我加上你们中的一方可以，我一个人永远不行。"
                .to_owned()
        }
        Line::House { operator, judges, unruled, delay } => house(operator, *judges, *unruled, *delay),
        Line::IfBotDies => "万一我消失了：你们两人都签同一个链接（放款或退款），不用我也能生效。".to_owned(),
        Line::OnlyFrom { number } => format!(
            "我只用 Mixin ID {number} 发消息。请只用我的按钮付款，不要付给其他任何人。我绝不会向你要 PIN 或密钥，也不会让你直接转账。"
        ),
        Line::SendStep { to } => format!("下一步：发给{}。想换人，就再分享一张名片。", who(to)),
        Line::InviteStep { other } => {
            format!("下一步：邀请{}。也可以分享对方的名片，或发送对方的 Mixin ID，例如 @46802。", side(*other))
        }
        Line::ForwardStep { other, until } => format!(
            "下一步：把下面这条消息转发给{}。有人带着交易码来，我会告诉你是谁；你确认之后，交易才开始。\n{}",
            side(*other),
            time(until)
        ),
        Line::Forward { from, role, item, link, number, code } => format!(
            "{}想安全地{}{}。\n查看条款，请打开 {link}\n或者给我（Mixin ID {number}）发送：加入 {code}",
            who(from),
            verb(*role),
            item_of(item)
        ),
        Line::ProposalFrom { from, role } => match role {
            Role::Buyer => format!("{}想向你购买：", who(from)),
            Role::Seller => format!("{}想卖给你：", who(from)),
        },
        Line::AcceptStep { until, named: true } => format!("下一步：看清楚，再接受或拒绝。{}", time(until)),
        Line::AcceptStep { until, named: false } => {
            format!("下一步：看清楚，再接受；不想要就不用管它。{}", time(until))
        }
        Line::ConfirmFollows { by } => format!("你接受之后，{}会确认你就是对的人。", who(by)),
        Line::JoinedAsk { who: person } => format!(
            "{}带来了你的邀请，并同意了条款。\n下一步：是这个人吗？请核对 Mixin ID；名字和头像可以仿冒。",
            who(person)
        ),
        Line::Joining { by, until } => {
            format!("你已同意。下一步：等{}确认是你。在那之前不用付款，也不要交付。\n{}", who(by), time(until))
        }
        Line::TurnedAway => "你不在这笔交易里。你什么都不欠，也没有付过钱。".to_owned(),
        Line::Declined => "交易已被拒绝。".to_owned(),
        Line::Cancelled { by } => format!("{}取消了交易。", who(by)),
        Line::ExpiredUnanswered => "没有人在期限内接受，报价已结束。".to_owned(),
        Line::ExpiredUnpaid => "没有在期限内付清，交易已结束。".to_owned(),
        Line::NothingPaid => "没有付过钱。请不要再用旧链接付款。".to_owned(),
        Line::NothingArrived => "目前没有收到钱。请不要再用旧链接付款；已经付出的会退给买家。".to_owned(),
        Line::GoesBack { to, money } => format!("存入的 {money} 会退给{}，签名链接随后发来。", who(to)),
        Line::PayStep { money, label, until } => {
            format!("下一步：用下面的按钮支付 {money}（资产：{label}）。{}", time(until))
        }
        Line::PayLinkSoon => "付款按钮还没准备好，请稍后再问我。".to_owned(),
        Line::ThenPaid => "钱会进入三方保险库。我自己会看到；点“已付款”，我就马上去看。".to_owned(),
        Line::Picture { mixpay: false } => "同一个链接的二维码：用付款的手机扫一扫。".to_owned(),
        Line::Picture { mixpay: true } => "MixPay 页面的二维码：用付款的手机扫一扫。".to_owned(),
        Line::WaitForPay { by, money, label, until } => format!(
            "下一步：等待。{}要向保险库支付 {money}（资产：{label}）。在我说钱已锁定之前，什么都不要交付。\n{}",
            who(by),
            time(until)
        ),
        Line::Short { paid, due, missing } => format!("应付 {due}，已收到 {paid}，还差 {missing}。"),
        Line::MixPayRoad { money } => format!(
            "你也可以通过 MixPay，用任意钱包、任意币支付 {money}。它的页面会显示价格和它自己的手续费。钱锁进保险库才算数。"
        ),
        Line::MixPay { progress, role } => mixpay::progress(*progress, *role),
        Line::WaitForMixPay(Role::Buyer) => "下一步：等待，不要再付一次。".to_owned(),
        Line::WaitForMixPay(Role::Seller) => "下一步：等我说钱已锁定。".to_owned(),
        Line::PayRest => {
            "下一步：在 MixPay 的页面上付清剩余部分，不要付到别处。请现在就付：MixPay 只等几分钟。".to_owned()
        }
        Line::MixPayReturns => "如果在那里付过钱，由 MixPay 退给付款人，不是由我：Mixin 钱包会自动退回，其他钱包要找 \
             MixPay 的客服。"
            .to_owned(),
        Line::MixPayAgain => "如果 MixPay 能再收一次付款，它的按钮会随后出现。".to_owned(),
        Line::FundedBuyer { seller, money, until } => {
            format!("你的 {money} 已锁进保险库。下一步：等{}交付。{}", who(seller), time(until))
        }
        Line::FundedSeller { buyer, money, gets, until } => format!(
            "{}已付款：{money} 已锁进保险库。放款时你得 {gets}。\n下一步：交付，然后点“已交付”。{}",
            who(buyer),
            time(until)
        ),
        Line::OverdueBuyer { seller, money, date: at } => format!(
            "你的 {money} 已锁进保险库，但交付期限已过（{0}）。下一步：和{1}商量。如果还想要，收到并查验之后签名放款；\
             否则{1}可以签名退款。钱不会自动划走。",
            date(*at),
            who(seller)
        ),
        Line::OverdueSeller { buyer, money, gets, date: at } => format!(
            "{0}的 {money} 已锁进保险库，但交付期限已过（{1}）。\n下一步：和{0}商量，对方还想要才交付。之后{0}可以签名\
             放款，你得 {gets}；否则你可以签名退款。钱不会自动划走。",
            who(buyer),
            date(*at)
        ),
        Line::UncheckedSeller { buyer, date: at } => format!(
            "查验期限已过（{}）。钱不会自动划走。下一步：请{}签名放款；如果你们谈好了，你也可以改签退款。",
            date(*at),
            who(buyer)
        ),
        Line::DeliveredBuyer { seller, until } => format!(
            "{}说已经交付。下一步：请查验。没问题就签名放款；有问题就和对方商量，什么都不要签。{}",
            who(seller),
            time(until)
        ),
        Line::DeliveredSeller { buyer, until } => {
            format!("下一步：等{}查验并签名放款。{}", who(buyer), time(until))
        }
        Line::SignLinkSoon => "签名链接正在准备，好了马上发给你。".to_owned(),
        Line::YouSigned => "你已签名，其余的交给我。".to_owned(),
        Line::Sheet { shows, hidden } => sheet(shows, hidden),
        Line::ReleaseMeans { seller } => {
            format!("签名意味着：你已拿到买的东西，钱付给{}。我会马上补上签名，无法撤销。", who(seller))
        }
        Line::ReleaseNotYet { seller } => format!("先别签：等{}交付、你查验之后再签。", who(seller)),
        Line::RefundMeans { buyer, money } => format!(
            "签名意味着：{}拿回全部 {money}，你什么都得不到。我会马上补上签名，无法撤销。想把钱退回去才签，否则不要签。",
            who(buyer)
        ),
        Line::ReturnMeans { to, money } => {
            format!("这笔钱不属于这笔交易。签名会把 {money} 退给{}；我会马上补上签名，无法撤销。", who(to))
        }
        Line::SignAnew { kind } => format!(
            "已经定了：{}。Mixin 没有算上之前的签名，需要你们中的任意一人再签一次。签名意味着：马上执行，无法撤销。",
            kind_of(*kind)
        ),
        Line::ThenSigned => "签完点“已签名”，我就马上去看。".to_owned(),
        Line::Settling { kind, by } => format!(
            "{}签了{}。我做完 7 项检查，就补上最后一个签名。下一步：不用做什么，稍等一下。",
            who(by),
            kind_of(*kind)
        ),
        Line::SettledBy(Kind::Release) => "已放款。各方得到：".to_owned(),
        Line::SettledBy(Kind::Refund) => "已退款。各方得到：".to_owned(),
        Line::SettledBy(Kind::Split) => "已分账。各方得到：".to_owned(),
        Line::SettledBy(Kind::Return) => "已退回。各方得到：".to_owned(),
        Line::PaidTo(Share { to, money }) => format!("- {}：{money}", who(to)),
        Line::AllChecks => "7 项检查全部通过，机器人最后签名。".to_owned(),
        Line::WithoutBot => "是你们两人签的，没有用到机器人。".to_owned(),
        Line::SettledElsewhere => {
            "锁定的钱被一笔不是我做的转账转走了：三个成员中有两个签了名。这是成员的权利；对我来说，\
             这笔交易结束了。"
                .to_owned()
        }
        Line::Odd { reason, money, to } => odd(*reason, &money.to_string(), &who(to)),
        Line::OddSign { by } => format!("下一步：这要由{}签名，链接随后发来。", any_of(by)),
        Line::Returned { money, to } => format!("{money} 已退给{}。", who(to)),
        Line::Frozen { operator } => format!(
            "这笔交易已暂停：在{}查看之前，我什么都不签。期限停住，保险库里的钱也不动。下一步：不用做什么；你们两人仍然可以\
             不用我一起签名。",
            operated(operator)
        ),
        Line::Unfrozen { operator } => {
            format!("{}已查看这笔交易：继续进行，期限还是暂停时剩下的那么长。", operated(operator))
        }
        Line::WaitingFor(waiting) => waiting_for(waiting),
        Line::TimeLeft(until) => format!("时间：{}", time(until)),
        Line::Then(then) => then_of(*then).to_owned(),
        Line::Kit(line) => kit::words(line),
        Line::Page(line) => page::words(line),
        Line::Claim(line) => claim::words(line),
        Line::Verify(line) => verify::words(line),
        Line::AsWhole(line) => short::words(line),
        Line::Right(line) => right::words(line),
        Line::Clock(line) => clock::words(line),
        Line::Trust(line) => trust::words(line),
        Line::Group(line) => group::words(line),
        Line::Judge(line) => judge::words(line),
        Line::Problem(line) => problem::words(line),
        Line::Split(line) => split::words(line),
        Line::Refused(refusal) => refused(*refusal).to_owned(),
        Line::TradesNone => "你没有进行中的交易。开始一笔：".to_owned(),
        Line::Trades { count } => format!("你有 {count} 笔进行中的交易："),
        Line::TradesMore { count } => format!("……还有 {count} 笔。发送“状态”和交易码，可以查看任意一笔。"),
        Line::TradeIn { role, item } => format!("{}{}", does(*role), item_of(item)),
        Line::WhichTrade => "你说的是哪一笔交易？".to_owned(),
        Line::UnknownCode { code } => {
            format!("我没有找到你的交易码为“{}”的交易，请逐个字母核对。", quoted(code))
        }
        Line::TokenStale => "这个按钮太旧、已经用过，或者不是你的。什么都没有改变。可以这样继续：".to_owned(),
        Line::SureCancel { paid, coming, buyer } => sure_cancel(paid.as_ref(), coming.as_ref(), &who(buyer)),
        Line::NeedToken(binding) => need_token(*binding).to_owned(),
        Line::Looking { mixpay: true } => "我正在看 Mixin，也去问 MixPay。一有变化就告诉你。".to_owned(),
        Line::Looking { mixpay: false } => "我正在看 Mixin，一有变化就告诉你。".to_owned(),
    }
}

const fn title_of(title: Title) -> &'static str {
    match title {
        Title::Draft(Role::Buyer) => "草稿：你要买",
        Title::Draft(Role::Seller) => "草稿：你要卖",
        Title::Invitation => "邀请",
        Title::Proposal => "给你的报价",
        Title::Joined => "是这个人吗？",
        Title::Pay => "付款",
        Title::Funded => "钱已锁定",
        Title::Sign(Kind::Release) => "放款",
        Title::Sign(Kind::Refund) => "退款",
        Title::Sign(Kind::Split) => "分账",
        Title::Sign(Kind::Return) => "退回",
        Title::Delivered => "已交付",
        Title::Disputed => "已请仲裁员",
        Title::Ruled => "已裁决",
        Title::Settled => "已完成",
        Title::Trade => "你的交易",
        Title::Why => "现在怎么办？",
        Title::Sure => "确定吗？",
        Title::Split => "提议分账",
        Title::Case => "案件",
        Title::Request => "签名请求",
        Title::Group => "交易",
    }
}

fn periods_of(periods: &Periods) -> String {
    let Periods { accept, pay, deliver, inspect } = periods;
    format!(
        "期限：接受 {}，付款 {}，交付 {}，查验 {}。",
        length(*accept),
        length(*pay),
        length(*deliver),
        length(*inspect)
    )
}

fn house(operator: &str, judges: usize, unruled: Unruled, delay: Millis) -> String {
    let unruled = match unruled {
        Unruled::Release => "放款",
        Unruled::Refund => "退款",
    };
    if judges == 0 {
        return format!(
            "我由“{operator}”运营。没有指定仲裁员：如果一方请仲裁员，最早 24 小时后按{unruled}处理，除非你们先谈好。"
        );
    }
    let delay = match delay.0 {
        0 => String::new(),
        _ => format!("裁决在 {} 内可以叫停，由第二位仲裁员再看。", length(delay)),
    };
    format!("我由“{operator}”运营。指定了 {judges} 名仲裁员处理争议；30 天内没有裁决：{unruled}。{delay}")
}

fn sheet(shows: &Share, hidden: &[Share]) -> String {
    let seen = format!("签名页显示：{}，{}。", name_only(&shows.to), shows.money);
    let parts: Vec<String> = hidden
        .iter()
        .map(|share| match &share.to {
            Who::Fee => format!("手续费 {}", share.money),
            other => format!("{}得 {}", who(other), share.money),
        })
        .collect();
    match parts.as_slice() {
        [] => format!("{seen}里面没有别的。"),
        [one] => format!("{seen}还有一笔它不显示：{one}。"),
        many => format!("{seen}还有 {} 笔它不显示：{}。", many.len(), many.join("，")),
    }
}

fn odd(reason: OddReason, money: &str, to: &str) -> String {
    match reason {
        OddReason::WrongAsset => format!("保险库收到 {money}，但不是约定的资产，会退给{to}。"),
        OddReason::ThirdPerson => format!("保险库收到 {money}，但付款的不是买家。这笔不算数，会退给{to}。"),
        OddReason::Unnamed => format!("保险库收到 {money}，没有写明是哪笔交易。会退给付款的{to}。"),
        OddReason::NotNeeded => format!("保险库收到 {money}，这笔交易不需要，会退给{to}。"),
    }
}
