//! The time somebody has.

use super::grammar::{date, kind_of, length, time, who};
use crate::chat::say::clock::{Clock, ClockFact, ClockLine};
use crate::trade::plan::Kind;

const fn task(kind: Kind) -> &'static str {
    match kind {
        Kind::Refund => "交付",
        Kind::Release | Kind::Split | Kind::Return => "查验",
    }
}

pub(super) fn words(line: &ClockLine) -> String {
    match line {
        ClockLine::Reminder(clock @ Clock { kind: Kind::Refund, .. }) => format!(
            "交付期限正在走：{}\n下一步：交付，然后点“已交付”。如果不交付，期限一过{}就可以取回退款 {}。需要更多时间，请在那之前\
             向对方要：只有对方能给。",
            time(&clock.until),
            who(&clock.taker),
            clock.money
        ),
        ClockLine::Reminder(clock) => format!(
            "查验期限正在走：{}\n下一步：没有问题就签名放款；有问题，请在期限之前说。如果什么都不做，期限一过{}就可以取走放款 {}。",
            time(&clock.until),
            who(&clock.taker),
            clock.money
        ),
        ClockLine::TimeUp(clock) => format!(
            "你的{}期限已在 {} 到了。如果你什么都不做，{taker}可以签名{}：{}。这不需要你再做什么，也无法撤销。\n下一步：如果不愿意，\
             请现在就和对方商量；{taker}仍然可以给你更多时间。",
            task(clock.kind),
            date(clock.until.date),
            kind_of(clock.kind),
            clock.money,
            taker = who(&clock.taker),
        ),
        ClockLine::Extended(clock) => {
            format!("{}延长了{}期限：{}", who(&clock.taker), task(clock.kind), time(&clock.until))
        }
        ClockLine::Ask(clock) => format!(
            "要把{}期限延长多少？{}这只约束你自己：在新的期限之前，你不能因为超时而{}。给了就不能收回。",
            task(clock.kind),
            time(&clock.until),
            kind_of(clock.kind)
        ),
        ClockLine::Sure { clock, more } => format!(
            "你把{}期限延长 {}：{}这只约束你自己：在新的期限之前，你不能因为超时而{}，已经因超时得到的权利也没有了。给了就不能\
             收回。",
            task(clock.kind),
            length(*more),
            time(&clock.until),
            kind_of(clock.kind)
        ),
        ClockLine::Then(clock) => {
            format!("从那时起，{}也可以签名{}：{}。", who(&clock.taker), kind_of(clock.kind), clock.money)
        }
        ClockLine::Unproved(clock) => format!(
            "在{}可以签名{}之前，我要确认期限内说的每句话都已收到，再读一次保险库，并且已告诉{}期限到了。做不到的话，谁也不会\
             因为超时得到权利；{}可以请仲裁员。",
            who(&clock.taker),
            kind_of(clock.kind),
            who(&clock.late),
            who(&clock.taker)
        ),
        ClockLine::Halted(clock) => format!(
            "期限已到，但我的时钟跳了一下。在运营者查看之前，谁也不会因为超时得到权利：{}还不能签名{}。双方仍然可以签名，{}也可以\
             请仲裁员。",
            who(&clock.taker),
            kind_of(clock.kind),
            who(&clock.taker)
        ),
        ClockLine::Anew(until) => {
            let anew = until.as_ref().map(|until| format!("期限重新开始：{}", time(until)));
            format!(
                "我退回到了较早的记录，那之后你对我说的话已经丢失；我知道的写在下面。如果少了什么（已交付、有问题、延长期限、对裁决的异议），\
                 请再说一次。{}",
                anew.unwrap_or_default()
            )
        }
    }
}

pub(super) fn fact(fact: &ClockFact) -> String {
    match fact {
        ClockFact::Reminded { left } => format!("我发了提醒：还剩 {}。", length(*left)),
        ClockFact::TimeUp => "我通知了期限已到。".to_owned(),
        ClockFact::Warned => "Mixin 收下了这条通知。".to_owned(),
        ClockFact::Unwarned => "Mixin 没能把这条通知交给对方；一天后视为已通知。".to_owned(),
        ClockFact::Extended { by, left } => format!("{}延长了期限：还剩 {}。", who(by), length(*left)),
        ClockFact::Anew => "我已经把保险库重新读完，期限重新开始。".to_owned(),
    }
}
