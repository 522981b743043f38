//! What is told when somebody has a problem: evidence, and what the two can still do.

use super::grammar::{date, length, who};
use crate::chat::say::problem::{ProblemFact, ProblemLabel, ProblemLine, What, size};
use crate::trade::Problem;
use crate::trade::evidence::{ExhibitKind, FILE_MAX, TEXT_MAX, Unfit};

pub(super) fn words(line: &ProblemLine) -> String {
    match line {
        ProblemLine::Opening { other } => format!(
            "如果你请仲裁员：\n- 期限停住。\n- 会请一位仲裁员来裁决，并通知{0}。\n- 你在这里写的、发的，直到“完成”为止都是证据；\
             {0}也可以举证。\n- 每人在一笔交易里只能请一次。\n- 你们两人仍然可以自己了结：放款、退款或分账都会结案。\n下一步：是\
             什么问题？",
            who(other)
        ),
        ProblemLine::Reason { by, why } => format!("{}说的问题：{}。", who(by), reason(*why)),
        ProblemLine::Send { each } => format!(
            "下一步：把能说明情况的文字、图片、文件发给我，最多 {each} 件。每件都有编号，之后不能更改。期间命令照常可用。最后请\
             发送“完成”。"
        ),
        ProblemLine::AtOnce => {
            "你的期限马上就到，所以我立刻请了仲裁员，理由记为“其他问题”。请在这里说明是什么问题。".to_owned()
        }
        ProblemLine::ForTheJudge { other } => format!(
            "从现在起，你在这里写的、发的都会留给仲裁员，{}也能看到。如果不是这个意思，请发送“完成”。",
            who(other)
        ),
        ProblemLine::Invited => "你也可以举证：请点“补充证据”。".to_owned(),
        ProblemLine::Kept => "你没写完的草稿先留着，“完成”之后就回来。".to_owned(),
        ProblemLine::Back => "你没写完的草稿回来了。发送“草稿”继续。".to_owned(),
        ProblemLine::Collecting { code } => {
            format!("你现在写的、发的都是交易 {code} 的证据。想做别的，请先发送“完成”；你的草稿不会丢。")
        }
        ProblemLine::NotCollecting => "现在没有要完成的事：你没有在举证。发送“我的交易”可以查看你的交易。".to_owned(),
        ProblemLine::Added { no, what } => {
            format!("证据 {no}：{}。\n下一步：还有就继续发，没有了就点“完成”。", what_of(what))
        }
        ProblemLine::Unfit(Unfit::Kind) => {
            "这个我不能当作证据保存。请发文字、图片、视频、录音、文件或名片。".to_owned()
        }
        ProblemLine::Unfit(Unfit::TooLarge) => format!(
            "太大了，没有保存：文字最多 {}，文件最多 {}。请分几次发。",
            size(u64::try_from(TEXT_MAX).unwrap_or_default()),
            size(FILE_MAX)
        ),
        ProblemLine::Unfit(Unfit::Unreadable) => "我读不了，没有保存。请再发一次，或者换个方式。".to_owned(),
        ProblemLine::Full { each } => format!("你已经举了 {each} 件证据，这是一方的上限。这一件没有保存。"),
        ProblemLine::Closed => "不能再举证了，你刚才发的没有保存。现在可以照常和我说话。".to_owned(),
        ProblemLine::Done { added } => {
            format!("好了。你的证据共 {added} 件，裁决之前还可以补充。下一步：等仲裁员，或者你们两人自己了结。")
        }
        ProblemLine::Count { of } => {
            let parts: Vec<String> = of.iter().map(|(by, count)| format!("{} {count} 件", who(by))).collect();
            format!("目前的证据：{}。", parts.join("，"))
        }
        ProblemLine::Exhibit { no, by, date: at, what } => {
            format!("{no}. {}，{}，{}", what_of(what), who(by), date(*at))
        }
        ProblemLine::None => "这笔交易没有证据。".to_owned(),
        ProblemLine::NoSuch { no } => format!("这笔交易没有证据 {no}。"),
        ProblemLine::HowToSee => "想看哪一件，就点它，或者写编号，例如：“证据 3”".to_owned(),
        ProblemLine::TheirWords => "下面引号里是那个人的话，不是我说的。里面的链接故意点不开。".to_owned(),
        ProblemLine::TheirFile => {
            "下面是那个人发来的文件，原样转发，我没有看过里面。没有必要就不要打开：它可能有害，也可能是假的。"
                .to_owned()
        }
        ProblemLine::Piece { code, no, piece, of } => {
            format!("交易 {code}，证据 {no}，第 {piece} 部分，共 {of} 部分：")
        }
        ProblemLine::Lost => "它的内容随数据库一起丢失了。我还知道它的哈希：谁有原件，谁就能证明是同一份。".to_owned(),
        ProblemLine::SureWithdraw { left, delivered } => {
            let task = if *delivered { "查验" } else { "交付" };
            format!(
                "如果撤回仲裁请求，就是最终的：在这笔交易里你不能再请。期限继续走，{task}还剩 {}。\n下一步：确定的话请点“撤回”。",
                length(*left)
            )
        }
    }
}

const fn reason(why: Problem) -> &'static str {
    match why {
        Problem::NotDelivered => "没有交付",
        Problem::NotAsAgreed => "与约定不符",
        Problem::Other => "其他问题",
    }
}

fn what_of(what: &What) -> String {
    let kind = match what.kind {
        ExhibitKind::Text | ExhibitKind::Post => "文字",
        ExhibitKind::Picture => "图片",
        ExhibitKind::Video => "视频",
        ExhibitKind::Audio => "录音",
        ExhibitKind::File => "文件",
        ExhibitKind::Contact => return "名片".to_owned(),
    };
    format!("{kind}，{}", size(what.size))
}

pub(super) fn fact(fact: &ProblemFact) -> String {
    match fact {
        ProblemFact::Exhibit { no, by, what } => format!("{}举证。证据 {no}：{}。", who(by), what_of(what)),
    }
}

pub(super) fn label(label: ProblemLabel) -> String {
    let words = match label {
        ProblemLabel::Problem => "有问题",
        ProblemLabel::Reason(Problem::NotDelivered) => "没有交付",
        ProblemLabel::Reason(Problem::NotAsAgreed) => "与约定不符",
        ProblemLabel::Reason(Problem::Other) => "其他",
        ProblemLabel::Add => "补充证据",
        ProblemLabel::Done => "完成",
        ProblemLabel::List => "查看证据",
        ProblemLabel::One(no) => return format!("证据 {no}"),
        ProblemLabel::Withdraw => "撤回仲裁请求",
        ProblemLabel::YesWithdraw => "撤回",
    };
    words.to_owned()
}
