//! The trade's page in the browser, and what an operator reads inside.

use super::grammar::{capital, date, kind_of, payer_of, time, who};
use super::{clock, judge, mixpay, problem, trust};
use crate::chat::say::page::{Course, Heading, PageLine, Standing, Sum, Told};
use crate::chat::say::parts::percent;
use crate::chat::say::{Share, Who};
use crate::trade::dispute::Problem;
use crate::trade::plan::Kind;

pub(super) fn words(line: &PageLine) -> String {
    match line {
        PageLine::Window { code } => format!("Trade {code}"),
        PageLine::Heading(heading) => heading_of(*heading).to_owned(),
        PageLine::Sum(sum) => sum_of(sum),
        PageLine::Told(told) => told_of(told),
        PageLine::Date(moment) => date(*moment),
        PageLine::Deadline(until) => time(until),
        PageLine::Yours(role) => format!(
            "This page is for the {} alone; whoever has its address can read it, so give it to nobody. Nothing can be \
             changed here: money moves only by a PIN in Mixin.",
            super::grammar::side(*role)
        ),
        PageLine::SignLater => "Not what comes next; it is here should you need it.".to_owned(),
        PageLine::KitIntro => {
            "You need this only if I disappear, and I sent it to our chat too. It holds no key. Give \
             it to nobody but whoever runs me."
                .to_owned()
        }
        PageLine::KitDownload => "Download the kit".to_owned(),
        PageLine::QrOf(money) => format!("QR code of the link to pay {money}"),
        PageLine::Nowhere => "This link leads nowhere".to_owned(),
        PageLine::NowhereHow => "It is mistyped, cut off or out of use. Ask the bot for a new one.".to_owned(),
        PageLine::Unwell => "This page cannot be shown right now".to_owned(),
        PageLine::UnwellHow => {
            "Nothing is lost: your trade goes on without it. Try again in a minute, or ask the bot in the chat."
                .to_owned()
        }
        PageLine::Standing(standing) => standing_of(*standing),
        PageLine::Course(course) => course_of(*course).to_owned(),
    }
}

const fn heading_of(heading: Heading) -> &'static str {
    match heading {
        Heading::Next => "What now",
        Heading::WaitsFor => "What is awaited",
        Heading::Deadline => "Time",
        Heading::Then => "What then",
        Heading::Signing => "To sign",
        Heading::Amounts => "Amounts",
        Heading::Evidence => "Evidence",
        Heading::History => "What happened so far",
        Heading::Kit => "Recovery kit",
        Heading::Mind => "Keep in mind",
    }
}

fn sum_of(sum: &Sum) -> String {
    match sum {
        Sum::Price => "Price".to_owned(),
        Sum::Settles => "Settled as the price".to_owned(),
        Sum::Fee { waived: true, .. } => "Fee, waived".to_owned(),
        Sum::Fee { bps: 0, .. } => "Fee".to_owned(),
        Sum::Fee { bps, payer, .. } => format!("Fee ({}), paid by {}", percent(*bps), payer_of(*payer)),
        Sum::Due(by) => format!("To be paid in by {}", who(by)),
        Sum::Arrived => "Arrived so far".to_owned(),
        Sum::Missing => "Still missing".to_owned(),
        Sum::Locked => "Locked in the vault".to_owned(),
        Sum::Gets { kind: Kind::Return, to } => format!("Goes back to {}", who(to)),
        Sum::Gets { kind, to } => format!("On {}, to {}", kind_of(*kind), who(to)),
        Sum::Got(Who::Fee) => "Our fee".to_owned(),
        Sum::Got(to) => format!("Paid to {}", who(to)),
    }
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match a language")]
fn told_of(told: &Told) -> String {
    match told {
        Told::Proposed(by) => format!("{} wrote the terms.", capital(&who(by))),
        Told::Joined(Some(by)) => format!("{} brought the invitation and agreed to the terms.", capital(&who(by))),
        Told::Joined(None) => "Somebody brought the invitation and agreed to the terms.".to_owned(),
        Told::TurnedAway => "That was the wrong person, who was turned away.".to_owned(),
        Told::Accepted => "Both sides have agreed to the same terms. From here on they cannot change.".to_owned(),
        Told::LinkIssued(money) => format!("The link to pay {money} was made."),
        Told::MixPayReady(money) => format!("MixPay can take the {money} too."),
        Told::MixPaySaid(progress) => mixpay::said(*progress),
        Told::MixPaySilent => "MixPay does not answer.".to_owned(),
        Told::MixPayHeard => "MixPay answers again. The time to pay is longer by as much.".to_owned(),
        Told::Declined(by) => format!("{} declined.", capital(&who(by))),
        Told::Cancelled(by) => format!("{} cancelled the trade.", capital(&who(by))),
        Told::Expired => "The time was over, and the trade ended.".to_owned(),
        Told::Deposited(money) => format!("{money} arrived in the vault."),
        Told::OddDeposit(money) => format!("{money} arrived in the vault that does not count for this trade."),
        Told::Claimed(money) => {
            format!("{money} in the vault names no trade. Both were asked whether it is for this one.")
        }
        Told::ClaimAgreed(by) => format!("{} said that it is.", capital(&who(by))),
        Told::ClaimRefused(Some(by)) => format!("{} said that it is not.", capital(&who(by))),
        Told::ClaimRefused(None) => "The question was taken back.".to_owned(),
        Told::Funded(money) => format!("{money} is locked: everything that is due."),
        Told::FundedShort(money) => format!("{money} is locked, and was taken as the whole."),
        Told::TakenAsWhole { by, price } => {
            format!("{} took what was paid in as the whole: {price} is settled as the price.", capital(&who(by)))
        }
        Told::SplitOffered { by, seller, gets } => {
            format!("{} offered a split, by which {} would get {gets}.", capital(&who(by)), who(seller))
        }
        Told::SplitOver(by) => format!("The split offered by {} is over; nobody signed it.", who(by)),
        Told::ForeignLock => "Somebody signed a request of their own over this money. I did not make it.".to_owned(),
        Told::ForeignOver => "It was given its time. From now on I take such requests away.".to_owned(),
        Told::Unshown { by, kind } => {
            format!("Mixin said that {} signed the {}, but did not show me the signature.", who(by), kind_of(*kind))
        }
        Told::Clock(fact) => clock::fact(fact),
        Told::Trust(fact) => trust::fact(fact),
        Told::Judge(fact) => judge::fact(fact),
        Told::Problem(fact) => problem::fact(fact),
        Told::Disputed { by, why } => disputed(&capital(&who(by)), *why),
        Told::Withdrawn(by) => format!("{} took back the call for a judge.", capital(&who(by))),
        Told::Ruled(kind) => format!("The ruling is: {}. It is final.", kind_of(*kind)),
        Told::RuledSplit { part, of } => {
            format!("The ruling is: split, with {part} of {of} for the seller. It is final.")
        }
        Told::MayTake { by, kind } => {
            format!("The time was over: from now on the {} can be signed by {} too.", kind_of(*kind), who(by))
        }
        Told::Return(Share { to, money }) => format!("{money} is to go back to {}.", who(to)),
        Told::FeeWaived => "Our fee cannot be paid, so nobody pays it.".to_owned(),
        Told::LinkStands(kind) => format!("The {} can be signed.", kind_of(*kind)),
        Told::LinkLost(kind) => {
            format!("The link to sign the {} was revoked or lost. I make it again.", kind_of(*kind))
        }
        Told::Signed { by, kind } => format!("{} signed the {}.", capital(&who(by)), kind_of(*kind)),
        Told::Delivered(by) => format!("{} said that it is delivered.", capital(&who(by))),
        Told::Decided(kind) => format!("It is decided: the {}. I sign nothing else for this money.", kind_of(*kind)),
        Told::Cosigned => "My 7 checks held, and I signed last.".to_owned(),
        Told::SignAnew => "Mixin did not count the signature that was given; one more is needed.".to_owned(),
        Told::Returned(Share { to, money }) => format!("{money} has arrived back at {}.", who(to)),
        Told::Settled { kind, pays } => {
            let pays: Vec<String> = pays.iter().map(|Share { to, money }| format!("{}: {money}", who(to))).collect();
            format!("The {} is done. {}.", kind_of(*kind), capital(&pays.join(", ")))
        }
        Told::SettledElsewhere => {
            "Two of the three members moved the money by a transaction I did not make.".to_owned()
        }
        Told::Frozen => "I stopped signing in this trade until the operator has looked at it.".to_owned(),
        Told::Unfrozen => "The operator has looked: the trade goes on, with the time that was left.".to_owned(),
        Told::PutBack => "I was set back to an older copy of my notes, and began to read the vault again.".to_owned(),
        Told::CaughtUp => "I have read the vault again to its end.".to_owned(),
        Told::Imported => "I was set up anew and know this trade again, from its recovery kit.".to_owned(),
    }
}

fn standing_of(standing: Standing) -> String {
    match standing {
        Standing::Counts => "counts for this trade".to_owned(),
        Standing::Held => "counts for this trade, but somebody's signature holds it".to_owned(),
        Standing::Frozen => "frozen for its settlement".to_owned(),
        Standing::GoesBack => "goes back".to_owned(),
        Standing::Untouched => "an inscription: never touched".to_owned(),
        Standing::NotNeeded => "not needed by this trade; nothing gives it back yet".to_owned(),
        Standing::Spent(Some(kind)) => format!("spent by the {}", kind_of(kind)),
        Standing::Spent(None) => "spent, and not by a plan of this trade".to_owned(),
    }
}

fn disputed(by: &str, why: Problem) -> String {
    match why {
        Problem::NotDelivered => format!("{by} called for a judge: nothing was delivered."),
        Problem::NotAsAgreed => format!("{by} called for a judge: it is not as agreed."),
        Problem::Other => format!("{by} called for a judge."),
    }
}

const fn course_of(course: Course) -> &'static str {
    match course {
        Course::NoPayload => "waits for one-time keys",
        Course::NoRequest => "its request is being opened",
        Course::Stands => "waits for its first signature",
        Course::Authorised => "decided; the bot's signature follows",
        Course::Cosigned => "signed by the bot; the spend is awaited",
        Course::Done => "done",
        Course::Lapsed => "an offer that nobody signed",
        Course::Void => "void",
    }
}
