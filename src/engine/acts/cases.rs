//! What judges ask for, and what is asked of them. Everything binding is decided by the law; here it is found out which
//! case is meant, and what the judge must be asked next.

use super::{Asked, bind, by_code, command, lang, refused, reply, show};
use crate::chat::ruling::{self, Asks, Unread};
use crate::chat::{Binding, CaseAct, Dialog, cards};
use crate::engine::desk::Desk;
use crate::id::TradeId;
use crate::trade::case::CaseCommand;
use crate::trade::{Command, Ruling, Trade};

pub(super) fn perform(desk: &mut Desk<'_>, asked: Asked<'_>, act: CaseAct) {
    let by = asked.by;
    let say = |desk: &mut Desk<'_>, code: Option<&str>, said: CaseCommand| {
        if let Some(trade) = which(desk, asked, code, &said) {
            command(desk, asked, trade, &Command::Case(said));
        }
    };
    match act {
        CaseAct::List => list(desk, asked),
        CaseAct::Take { code } => say(desk, code.as_deref(), CaseCommand::Take { by }),
        CaseAct::Pass { code, token } => pass(desk, asked, code.as_deref(), token.as_deref()),
        CaseAct::Appeal { code } => say(desk, code.as_deref(), CaseCommand::Stop { by: Some(by) }),
        CaseAct::Rule { code, words, token } => rule(desk, asked, code.as_deref(), &words, token.as_deref()),
        CaseAct::Reason { code, ruling, why } => reason(desk, asked, &code, &ruling, &why),
    }
}

/// An offer is let go by a word; a case that was taken by a token, since nothing brings it back.
fn pass(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<&str>, token: Option<&str>) {
    let said = CaseCommand::Pass { by: asked.by };
    let Some(trade) = which(desk, asked, code, &said) else { return };
    let theirs = desk.found.trades.get(&trade).and_then(|row| row.open_case()?.judge()) == Some(asked.by);
    if theirs {
        bind(desk, asked, trade, token, Binding::Pass, &Command::Case(said));
    } else {
        command(desk, asked, trade, &Command::Case(said));
    }
}

fn list(desk: &mut Desk<'_>, asked: Asked<'_>) {
    let posts = {
        let mut list: Vec<&Trade> = theirs(desk, asked);
        list.sort_by_key(|trade| (trade.created_at, trade.id));
        cards::cases(&list, lang(desk, asked.by))
    };
    reply(desk, asked, posts);
}

fn theirs<'d>(desk: &'d Desk<'_>, asked: Asked<'_>) -> Vec<&'d Trade> {
    let present = desk.judges.present().contains(&asked.by);
    let theirs = |trade: &&Trade| present && trade.open_case().is_some() && trade.judged_by(asked.by);
    desk.found.trades.values().filter(theirs).collect()
}

/// The case that is meant: by its code, or the only one. Whoever has no part in it learns nothing of it.
fn which(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<&str>, said: &CaseCommand) -> Option<TradeId> {
    let by = asked.by;
    let Some(code) = code else {
        let stops = matches!(said, CaseCommand::Stop { .. });
        let open = |trade: &&Trade| if stops { trade.may_stop(by) } else { trade.judged_by(by) };
        let found: Vec<TradeId> = {
            let open = desk.found.trades.values().filter(|trade| trade.open_case().is_some()).filter(open);
            open.map(|trade| trade.id).collect()
        };
        if let [one] = found.as_slice() {
            return Some(*one);
        }
        list(desk, asked);
        return None;
    };
    let part = |trade: &&Trade| trade.role_of(by).is_some() || trade.terms.judges.contains(&by);
    let found = by_code(desk, code).filter(part).map(|trade| trade.id);
    if found.is_none() {
        let posts = cards::unknown_code(code, lang(desk, by));
        reply(desk, asked, posts);
    }
    found
}

fn rules(asked: Asked<'_>, ruling: Ruling, why: &str) -> Command {
    Command::Case(CaseCommand::Rule { by: asked.by, ruling, why: why.to_owned() })
}

/// What is missing is asked for; with its token, and the reason that was shown with it, it is ruled.
fn rule(desk: &mut Desk<'_>, asked: Asked<'_>, code: Option<&str>, words: &str, token: Option<&str>) {
    let said = CaseCommand::Take { by: asked.by };
    let Some(trade) = which(desk, asked, code, &said) else { return };
    let Some(row) = desk.found.trades.get(&trade) else { return };
    // Whoever may not rule hears that first.
    if let Err(refusal) = crate::trade::decide(row, &rules(asked, Ruling::Release, ""), desk.context(asked.at)) {
        return refused(desk, asked, trade, refusal);
    }
    let code = row.code.clone();
    let ruling = match ruling::read(words, row.price(), &row.terms.asset) {
        Ok(ruling) => ruling,
        Err(unread) => {
            if matches!(unread, Unread::Part(_)) {
                asks(desk, asked, &code, Asks::Part);
            }
            return show(desk, asked, trade, |view| cards::ask_ruling(view, &unread));
        }
    };
    if let Err(refusal) = crate::trade::decide(row, &rules(asked, ruling, ""), desk.context(asked.at)) {
        return refused(desk, asked, trade, refusal);
    }
    let why = match &desk.person_mut(asked.by).dialog {
        Dialog::Ruling { code: of, asks: Asks::Sure { ruling: said, why } }
            if *of == code && *said == ruling::written(ruling) =>
        {
            Some(why.clone())
        }
        _ => None,
    };
    match (token, why) {
        (Some(token), Some(why)) => {
            let binding = Binding::Rule { ruling, why: cards::reason_hash(&why) };
            if bind(desk, asked, trade, Some(token), binding, &rules(asked, ruling, &why)) {
                desk.person_mut(asked.by).dialog = Dialog::Idle;
            }
        }
        (Some(_), None) => {
            let lang = lang(desk, asked.by);
            show(desk, asked, trade, |view| cards::token_stale(Some(view), lang));
        }
        (None, _) => {
            asks(desk, asked, &code, Asks::Why { ruling: ruling::written(ruling) });
            show(desk, asked, trade, |view| cards::ask_reason(view, ruling, None));
        }
    }
}

/// The reason was given: everything is shown once more, with the button that rules.
fn reason(desk: &mut Desk<'_>, asked: Asked<'_>, code: &str, words: &str, why: &str) {
    let said = CaseCommand::Take { by: asked.by };
    let Some(trade) = which(desk, asked, Some(code), &said) else { return };
    let Some(row) = desk.found.trades.get(&trade) else { return };
    let ruling = ruling::read(words, row.price(), &row.terms.asset);
    let ruling = match ruling {
        Ok(ruling) => ruling,
        Err(unread) => return show(desk, asked, trade, |view| cards::ask_ruling(view, &unread)),
    };
    if let Err(refusal) = crate::trade::decide(row, &rules(asked, ruling, ""), desk.context(asked.at)) {
        desk.person_mut(asked.by).dialog = Dialog::Idle;
        return refused(desk, asked, trade, refusal);
    }
    match ruling::reason(why) {
        Err(unread) => show(desk, asked, trade, |view| cards::ask_reason(view, ruling, Some(unread))),
        Ok(why) => {
            let code = row.code.clone();
            asks(desk, asked, &code, Asks::Sure { ruling: ruling::written(ruling), why: why.clone() });
            show(desk, asked, trade, |view| cards::sure_ruling(view, ruling, &why));
        }
    }
}

/// A judge may have been writing a trade down; that is given up for the case, which others wait for.
fn asks(desk: &mut Desk<'_>, asked: Asked<'_>, code: &str, asks: Asks) {
    desk.person_mut(asked.by).dialog = Dialog::Ruling { code: code.to_owned(), asks };
}
