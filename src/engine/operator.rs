//! What the operator asks for beside the running bot: done inside one commit, and answered in words in the same one.

use super::desk::Desk;
use super::{claims, halts, import, judges};
use crate::id::JobId;
use crate::store::{Halt, Operator, OperatorAnswer, Scope, TradeHalt};
use crate::trade::terms::Asset;
use crate::trade::{Command, Refusal, Trade};

/// Does what is asked, and answers.
pub(super) fn take(desk: &mut Desk<'_>, seq: i64, asked: Operator) {
    let done = match asked {
        Operator::Import { kit } => import::import(desk, &kit),
        Operator::FreezeTrade { code, why } => freeze(desk, &code, why),
        Operator::UnfreezeTrade { code, why } => unfreeze(desk, &code, why),
        Operator::AssignDeposit { output, code } => claims::assign(desk, output, &code),
        Operator::ReturnDeposit { output, code } => claims::give_back(desk, output, &code),
        Operator::RetryJob { id } => retry(desk, id),
        asked @ (Operator::AddJudge { .. } | Operator::RemoveJudge { .. } | Operator::StopRuling { .. }) => {
            judges::operate(desk, &asked)
        }
        Operator::HaltTrades { scope, why } => Ok(halt_trades(desk, scope, why)),
        Operator::ResumeTrades { scope } => resume_trades(desk, scope),
        Operator::HaltClock { why } => Ok(halts::halt_clock(desk, why)),
        Operator::ResumeClock => halts::resume_clock(desk),
        asked => return halts::take(desk, seq, asked),
    };
    let (ok, halts) = (done.is_ok(), desk.watch.halts.clone());
    let line = done.unwrap_or_else(|why| why);
    desk.changes.answered.push((seq, desk.now, OperatorAnswer { ok, line, halts }));
}

pub(super) fn find<'d>(desk: &'d Desk<'_>, code: &str) -> Result<&'d Trade, String> {
    let found = desk.found.trades.values().find(|trade| trade.code == code);
    found.ok_or_else(|| format!("there is no trade {code}; nothing was done"))
}

fn freeze(desk: &mut Desk<'_>, code: &str, why: String) -> Result<String, String> {
    let trade = find(desk, code)?;
    let (id, state) = (trade.id, trade.state.name());
    // The same word as of a halt: a job in flight has read what was true when it left.
    let late = trade.plans.iter().any(|plan| plan.lives() && plan.authorised.is_some() && !plan.cosigned);
    let late = if late { "; a signature that is just being given may still be given" } else { "" };
    let now = desk.service();
    match desk.decide(id, &Command::Freeze { why }, now) {
        Ok(_) => Ok(format!(
            "trade {code} ({state}) is frozen: nothing is signed in it and its clocks stand still; both parties are told{late}"
        )),
        Err(Refusal::Already) => Err(format!("trade {code} is frozen already; nothing was done")),
        Err(_) => Err(format!("trade {code} has ended ({state}) and gives nothing back; there is nothing to freeze")),
    }
}

fn unfreeze(desk: &mut Desk<'_>, code: &str, why: String) -> Result<String, String> {
    let (id, state) = find(desk, code).map(|trade| (trade.id, trade.state.name()))?;
    let now = desk.service();
    match desk.decide(id, &Command::Unfreeze { why }, now) {
        Ok(_) => Ok(format!(
            "trade {code} ({state}) goes on, with the time that was left; its vault is looked at now, and both parties are told"
        )),
        Err(_) => Err(format!("trade {code} ({state}) is not frozen; nothing was done")),
    }
}

fn halt_trades(desk: &mut Desk<'_>, scope: Scope, why: String) -> String {
    let since = desk.server();
    let halts = &mut desk.watch.halts;
    halts.trades.retain(|halt| halt.scope != scope);
    halts.trades.push(TradeHalt { scope, halt: Halt { since, why, by: "operator".into() } });
    desk.changes.halts = Some(halts.clone());
    format!("{} can be agreed to; what is agreed to goes on", named(desk, scope, "no new trade"))
}

fn resume_trades(desk: &mut Desk<'_>, scope: Scope) -> Result<String, String> {
    let halts = &mut desk.watch.halts;
    let before = halts.trades.len();
    halts.trades.retain(|halt| halt.scope != scope);
    if halts.trades.len() == before {
        return Err(format!("{} are not halted; nothing was done", named(desk, scope, "new trades")));
    }
    desk.changes.halts = Some(halts.clone());
    let left = match desk.watch.halts.trades.len() {
        0 => String::new(),
        left => format!("; {left} other halts of trades stand (`halt list`)"),
    };
    Ok(format!("{} can be agreed to again{left}", named(desk, scope, "new trades")))
}

fn named(desk: &Desk<'_>, scope: Scope, what: &str) -> String {
    match scope {
        Scope::All => what.to_owned(),
        Scope::Asset(id) => {
            let listed = desk.shop.house.assets.iter().find(|asset| asset.id == id);
            format!("{what} in {}", listed.map_or_else(|| id.to_string(), Asset::label))
        }
        Scope::Person(id) => format!("{what} of {id}"),
    }
}

fn retry(desk: &mut Desk<'_>, id: JobId) -> Result<String, String> {
    let Some(job) = desk.found.jobs.get(&id) else {
        return Err(format!("there is no job {id}: it is done, or never was; nothing was done"));
    };
    let line = match (job.lease, &job.parked) {
        (Some(until), None) if until > desk.now => format!("job {id} ({}) is being tried just now", job.kind),
        (_, Some(why)) => format!("job {id} ({}) is tried now; it was given up: {why}", job.kind),
        (_, None) => format!("job {id} ({}) is tried now", job.kind),
    };
    desk.changes.retried.push((id, desk.now));
    Ok(line)
}
