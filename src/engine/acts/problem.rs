//! What people ask about a dispute: to open one, to add evidence, to see it, to take the call back.

use super::{Asked, bind, by_code, cancel, refused, reply, show, which};
use crate::chat::{Act, Binding, Dialog, ProblemAct, cards, problem};
use crate::engine::desk::Desk;
use crate::engine::pages::lang;
use crate::id::TradeId;
use crate::mixin::blaze::InboundMessage;
use crate::store::ExhibitRow;
use crate::trade::evidence::{self, Sent};
use crate::trade::{Command, Problem, Refusal, State, Trade};

pub(super) fn perform(desk: &mut Desk<'_>, asked: Asked<'_>, message: &InboundMessage, act: ProblemAct) {
    let named = act.code().map(str::to_owned);
    let trade = match &act {
        ProblemAct::Exhibit { code } | ProblemAct::Done { code } => by_code(desk, code).map(|trade| trade.id),
        // Whoever may read evidence need not be a party.
        ProblemAct::Show { code: Some(code), .. } if reads(desk, asked, code) => by_code(desk, code).map(|t| t.id),
        _ => match which(desk, asked, named.as_deref(), &Act::Problem(act.clone())) {
            Some(trade) => Some(trade),
            None => return,
        },
    };
    let Some(trade) = trade else { return over(desk, asked, named.as_deref()) };
    match act {
        ProblemAct::Open { why, .. } => open(desk, asked, trade, &why),
        ProblemAct::Collect { .. } => collect(desk, asked, trade),
        ProblemAct::Exhibit { .. } => exhibit(desk, asked, trade, message),
        ProblemAct::Done { .. } => {
            let back = desk.person_mut(asked.by).dialog != Dialog::Idle;
            show(desk, asked, trade, |view| cards::problem::done(view, back));
        }
        ProblemAct::Show { no, .. } => show_exhibit(desk, asked, trade, &no),
        ProblemAct::Withdraw { token, .. } => withdraw(desk, asked, trade, token.as_deref()),
    }
}

fn reads(desk: &Desk<'_>, asked: Asked<'_>, code: &str) -> bool {
    let present = desk.judges.present().contains(&asked.by);
    let may = |trade: &Trade| trade.role_of(asked.by).is_some() || present && trade.may_list_evidence(asked.by);
    by_code(desk, code).is_some_and(may)
}

/// The trade of an open dialog is known no more.
fn over(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<&str>) {
    let dialog = &mut desk.person_mut(asked.by).dialog;
    *dialog = std::mem::take(dialog).collected();
    let posts = cards::unknown_code(code.unwrap_or_default(), lang(desk, asked.by));
    reply(desk, asked, posts);
}

/// Without a reason that makes sense it is asked, and what it does is told. Needs no token: it moves no money.
fn open(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, why: &str) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let (reasons, code) = (row.problems(asked.by, asked.at), row.code.clone());
    // Whoever cannot open one hears why.
    let some = reasons.last().copied().unwrap_or(Problem::Other);
    if let Err(refusal) =
        crate::trade::decide(row, &Command::Dispute { by: asked.by, why: some }, desk.context(asked.at))
    {
        return refused(desk, asked, trade, refusal);
    }
    let read = problem::reason(why).filter(|why| reasons.contains(why));
    // Who is asked for a reason now may answer when the time is over.
    let at_once = read.is_none() && row.is_late_soon(asked.by, asked.at);
    let Some(why) = read.or(at_once.then_some(Problem::Other)) else {
        return show(desk, asked, trade, cards::problem::ask);
    };
    if let Err(refusal) = desk.decide(trade, &Command::Dispute { by: asked.by, why }, asked.at) {
        return refused(desk, asked, trade, refusal);
    }
    // The notice asks for evidence; what it cannot know is said here.
    let kept = listens(desk, asked, &code);
    if kept || at_once {
        show(desk, asked, trade, |view| cards::problem::collect(view, kept, at_once));
    }
}

/// From now on what they say is evidence. Whether a draft of theirs waits for the end of it.
fn listens(desk: &mut Desk<'_>, asked: Asked<'_>, code: &str) -> bool {
    let dialog = &mut desk.person_mut(asked.by).dialog;
    *dialog = std::mem::take(dialog).collecting(code);
    matches!(dialog, Dialog::Evidence { kept, .. } if **kept != Dialog::Idle)
}

fn collect(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let code = row.code.clone();
    match row.may_add_evidence(asked.by) {
        Ok(()) => {
            let kept = listens(desk, asked, &code);
            show(desk, asked, trade, |view| cards::problem::collect(view, kept, false));
        }
        Err(Refusal::TooOften) => show(desk, asked, trade, |view| cards::problem::not_added(view, Refusal::TooOften)),
        Err(refusal) => refused(desk, asked, trade, refusal),
    }
}

/// Its number and hash go into the row, what it says beside it, in the same commit.
fn exhibit(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, message: &InboundMessage) {
    let sent = match Sent::of(message.message_id, message.created_at, &message.category, &message.data) {
        Ok(sent) => sent,
        Err(why) => return show(desk, asked, trade, |view| cards::problem::unfit(view, why)),
    };
    match desk.decide(trade, &Command::Exhibit { by: asked.by, sent }, asked.at) {
        Ok(_) => {
            let no = desk.found.trades.get(&trade).and_then(|row| row.exhibits.last()).map_or(0, |last| last.no);
            // It was read as text, so it is.
            let data = String::from_utf8_lossy(&message.data).into_owned();
            let row = ExhibitRow { trade, no, category: message.category.clone(), data };
            desk.found.exhibits.insert((trade, no), row.clone());
            desk.changes.exhibits.push(row);
            show(desk, asked, trade, cards::problem::added);
        }
        Err(Refusal::Already) => {}
        Err(refusal) => {
            if refusal != Refusal::TooOften {
                let dialog = &mut desk.person_mut(asked.by).dialog;
                *dialog = std::mem::take(dialog).collected();
            }
            show(desk, asked, trade, |view| cards::problem::not_added(view, refusal));
        }
    }
}

fn show_exhibit(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, no: &str) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let number = problem::number(no);
    let may = if number.is_some() { row.may_read_evidence(asked.by) } else { row.may_list_evidence(asked.by) };
    if !may {
        return refused(desk, asked, trade, Refusal::TooEarly);
    }
    let Some(exhibit) = row.exhibits.iter().find(|exhibit| Some(exhibit.no) == number).copied() else {
        return show(desk, asked, trade, |view| cards::evidence::no_such(view, number));
    };
    let kept = desk.found.exhibits.get(&(trade, exhibit.no));
    // A database put back may hold another one's words under this number.
    let kept = kept.filter(|kept| evidence::sha256(kept.data.as_bytes()) == exhibit.sent.sha256);
    let content = kept.and_then(|kept| Some(evidence::read(&kept.category, kept.data.as_bytes()).ok()?.2));
    show(desk, asked, trade, |view| cards::evidence::shown(view, &exhibit, content));
}

/// A proposal is taken back by the same word.
fn withdraw(desk: &mut Desk<'_>, asked: Asked<'_>, trade: TradeId, token: Option<&str>) {
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let code = row.code.clone();
    if matches!(row.state, State::Proposed { .. } | State::AwaitingPayment { .. }) {
        return cancel(desk, asked, trade, token);
    }
    if bind(desk, asked, trade, token, Binding::Withdraw, &Command::Withdraw { by: asked.by }) {
        let dialog = &mut desk.person_mut(asked.by).dialog;
        if matches!(dialog, Dialog::Evidence { code: of, .. } if *of == code) {
            *dialog = std::mem::take(dialog).collected();
        }
    }
}
