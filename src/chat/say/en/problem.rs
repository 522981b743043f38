//! What is told when somebody has a problem: evidence, and what the two can still do.

use super::grammar::{capital, date, length, who};
use crate::chat::say::Who;
use crate::chat::say::problem::{ProblemFact, ProblemLabel, ProblemLine, What, size};
use crate::trade::Problem;
use crate::trade::evidence::{ExhibitKind, FILE_MAX, TEXT_MAX, Unfit};

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
pub(super) fn words(line: &ProblemLine) -> String {
    match line {
        ProblemLine::Opening { other } => format!(
            "If you call for a judge:\n- The clock stands still.\n- A judge is asked to decide; {0} is told.\n- What you \
             write and send here until \"done\" is evidence; {0} can add some, too.\n- You can do this once in this \
             trade.\n- You two can still settle it yourselves: a release, a refund or a split closes the case.\nNext: what \
             is it about?",
            who(other)
        ),
        ProblemLine::Reason { by, why } => format!("What it is about: {}, {}.", reason(*why), says(by)),
        ProblemLine::Send { each } => format!(
            "Next: send me what shows it, texts, pictures, files: up to {each}. Each gets a number and cannot be changed \
             afterwards. Commands still work in between. Write \"done\" at the end."
        ),
        ProblemLine::AtOnce => {
            "Your time was nearly over, so I have called for a judge at once, about “something else”. Say \
             here what it is about."
                .to_owned()
        }
        ProblemLine::ForTheJudge { other } => format!(
            "From now on I keep for the judge what you write and send here, and {} can read it, too. If you do not mean \
             that, write \"done\".",
            who(other)
        ),
        ProblemLine::Invited => "You can add evidence of your own, too.".to_owned(),
        ProblemLine::Kept => "Your unfinished draft waits; it comes back after \"done\".".to_owned(),
        ProblemLine::Back => "Your unfinished draft is back. Write \"draft\" to go on with it.".to_owned(),
        ProblemLine::Collecting { code } => format!(
            "What you write and send now is evidence in trade {code}. Write \"done\" first if you want to do something \
             else; a draft of yours is not lost."
        ),
        ProblemLine::NotCollecting => {
            "Nothing is open that could be done: you are giving no evidence now. Write \"trades\" to see your trades."
                .to_owned()
        }
        ProblemLine::Added { no, what } => {
            format!("Exhibit {no}: {}.\nNext: send more, or tap \"Done\".", what_of(what))
        }
        ProblemLine::Unfit(Unfit::Kind) => {
            "I keep no such thing as evidence. Send a text, a picture, a video, a recording, a file or a contact card."
                .to_owned()
        }
        ProblemLine::Unfit(Unfit::TooLarge) => format!(
            "That is too large, so I did not keep it: a text may have {}, a file {}. Send it in parts.",
            size(u64::try_from(TEXT_MAX).unwrap_or_default()),
            size(FILE_MAX)
        ),
        ProblemLine::Unfit(Unfit::Unreadable) => {
            "I could not read that, so I did not keep it. Please send it once more, or another way.".to_owned()
        }
        ProblemLine::Full { each } => {
            format!("You have added {each} exhibits, as many as one side may. This one was not kept.")
        }
        ProblemLine::Closed => "No evidence can be added any more, and what you just sent was not kept. You can write \
             to me as usual again."
            .to_owned(),
        ProblemLine::Done { added } => format!(
            "Done. Exhibits of yours: {added}. You can add more while nothing is decided. Next: wait for the judge, or \
             settle it between the two of you."
        ),
        ProblemLine::Count { of } => {
            let parts: Vec<String> = of.iter().map(|(by, count)| format!("{count} from {}", who(by))).collect();
            format!("Evidence so far: {}.", parts.join(", "))
        }
        ProblemLine::Exhibit { no, by, date: at, what } => {
            format!("{no}. {}, from {}, {}", what_of(what), who(by), date(*at))
        }
        ProblemLine::None => "There is no evidence in this trade.".to_owned(),
        ProblemLine::NoSuch { no } => format!("There is no exhibit {no} in this trade."),
        ProblemLine::HowToSee => "To see one, tap it, or write its number, like: exhibit 3".to_owned(),
        ProblemLine::TheirWords => {
            "What follows in quotation marks are that person's words, not mine. Links in it do not work, on purpose."
                .to_owned()
        }
        ProblemLine::TheirFile => {
            "What follows is that person's file, as they sent it. I have not looked into it. Open \
             it only if you must; it can be harmful, and it can lie."
                .to_owned()
        }
        ProblemLine::Piece { code, no, piece, of } => format!("Trade {code}, exhibit {no}, part {piece} of {of}:"),
        ProblemLine::Lost => {
            "What it said was lost together with a database. What I still know is its hash: whoever has \
             the original can prove that it is the same."
                .to_owned()
        }
        ProblemLine::SureWithdraw { left, delivered } => {
            let task = if *delivered { "check" } else { "deliver" };
            format!(
                "If you take back your call for a judge, that is final: you cannot call for one again in this trade. The \
                 clock runs on, with {} left to {task}.\nNext: tap \"Withdraw\" if you are sure.",
                length(*left)
            )
        }
    }
}

fn says(by: &Who) -> String {
    match by {
        Who::You => "you say".to_owned(),
        other => format!("{} says", who(other)),
    }
}

const fn reason(why: Problem) -> &'static str {
    match why {
        Problem::NotDelivered => "it was not delivered",
        Problem::NotAsAgreed => "it is not as agreed",
        Problem::Other => "something else",
    }
}

fn what_of(what: &What) -> String {
    let kind = match what.kind {
        ExhibitKind::Text | ExhibitKind::Post => "a text",
        ExhibitKind::Picture => "a picture",
        ExhibitKind::Video => "a video",
        ExhibitKind::Audio => "a recording",
        ExhibitKind::File => "a file",
        ExhibitKind::Contact => return "a contact card".to_owned(),
    };
    format!("{kind}, {}", size(what.size))
}

pub(super) fn fact(fact: &ProblemFact) -> String {
    match fact {
        ProblemFact::Exhibit { no, by, what } => {
            format!("{} added evidence. Exhibit {no}: {}.", capital(&who(by)), what_of(what))
        }
    }
}

pub(super) fn label(label: ProblemLabel) -> String {
    let words = match label {
        ProblemLabel::Problem => "Problem",
        ProblemLabel::Reason(Problem::NotDelivered) => "Not delivered",
        ProblemLabel::Reason(Problem::NotAsAgreed) => "Not as agreed",
        ProblemLabel::Reason(Problem::Other) => "Other",
        ProblemLabel::Add => "Add evidence",
        ProblemLabel::Done => "Done",
        ProblemLabel::List => "Evidence",
        ProblemLabel::One(no) => return format!("Exhibit {no}"),
        ProblemLabel::Withdraw => "Take back the call",
        ProblemLabel::YesWithdraw => "Withdraw",
    };
    words.to_owned()
}
