//! `judge`: who may rule on disputes, which cases they have, and a ruling that is stopped.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ask::{Careful, Common};
use super::books::{self, Books, failed};
use super::exit::{Exit, Failure};
use super::out;
use crate::chat::cards;
use crate::engine::present_judges;
use crate::id::UserId;
use crate::store::{Operator, Read};
use crate::trade::Trade;
use crate::trade::case::Stage;

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Somebody is a judge from now on: the terms of new trades name them.
    Add(Whom),
    /// Somebody is a judge no more, also where the terms of a trade name them.
    Remove(Whom),
    /// Every judge, and the open cases each has or is asked to take.
    List(List),
    /// Have another judge look at a ruling that is not final yet.
    Stop(Stop),
}

#[derive(Args)]
struct Whom {
    /// Their user id (a UUID), or the Mixin ID of somebody who wrote to the bot.
    #[arg(value_name = "ID")]
    person: String,
    #[command(flatten)]
    careful: Careful,
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Stop {
    /// The trade's six letters.
    code: String,
    #[command(flatten)]
    careful: Careful,
}

impl Flags {
    pub(super) fn json(&self) -> bool {
        match &self.verb {
            Verb::Add(flags) | Verb::Remove(flags) => flags.careful.common.json,
            Verb::List(flags) => flags.common.json,
            Verb::Stop(flags) => flags.careful.common.json,
        }
    }
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    match flags.verb {
        Verb::Add(flags) => {
            let (person, name) = whom(&flags)?;
            let plan = [
                format!("{name} becomes a judge: the terms of new trades name them"),
                "- trades that are agreed to keep the judges their terms name".to_owned(),
                "- they can be no party to new trades; nobody is told".to_owned(),
            ];
            flags.careful.put(&plan, Operator::AddJudge { person }).await
        }
        Verb::Remove(flags) => {
            let (person, name) = whom(&flags)?;
            let plan = [
                format!("{name} is a judge no more, also where the terms of a trade name them"),
                "- what they have in hand goes to the next judge, and rulings of theirs that are not final are stopped"
                    .to_owned(),
            ];
            flags.careful.put(&plan, Operator::RemoveJudge { person }).await
        }
        Verb::List(flags) => list(&flags.common),
        Verb::Stop(flags) => {
            let page = Books::open(flags.careful.common.config.as_deref())?.trade(&flags.code)?;
            let plan = [
                cards::head(&page.trade),
                "- the ruling that stands does not become final; another judge is asked".to_owned(),
                "- both parties and the judge are told that you asked for it".to_owned(),
            ];
            flags.careful.put(&plan, Operator::StopRuling { code: page.trade.code.clone() }).await
        }
    }
}

fn whom(flags: &Whom) -> Result<(UserId, String), Failure> {
    let books = Books::open(flags.careful.common.config.as_deref())?;
    let known = books.reader.person(&flags.person).map_err(failed)?.map(|row| row.person);
    if let Some(person) = known {
        return Ok((person.id, books::known(&person)));
    }
    let none = || {
        let why = format!("nobody with the Mixin ID {:?} has written here; name the user id (a UUID)", flags.person);
        Failure::new(Exit::NoSuch, why)
    };
    flags.person.parse().map(|id| (id, flags.person.clone())).map_err(|_| none())
}

/// What a judge has to do with an open case, in a word.
fn has(trade: &Trade, judge: UserId) -> Option<&'static str> {
    let case = trade.open_case()?;
    match case.stage {
        Stage::Taken { by, .. } if by == judge => Some("in hand"),
        _ if case.is_open_to(judge) => Some("offered"),
        _ if case.has_ruled(judge) => Some("ruled"),
        _ => None,
    }
}

/// The open cases of a judge: code, what they have to do with it, and the trade's first line.
fn cases(read: &Read, judge: UserId) -> Vec<(String, &'static str, String)> {
    let of = |trade: &Trade| Some((trade.code.clone(), has(trade, judge)?, cards::head(trade)));
    read.trades.iter().filter_map(of).collect()
}

fn list(common: &Common) -> Result<(), Failure> {
    let books = Books::open(common.config.as_deref())?;
    let said = books.reader.judges().map_err(failed)?;
    let judges = present_judges(&books.inside.house.judges, &said);
    let read = books.reader.open_trades().map_err(failed)?;
    let mut names: BTreeMap<UserId, String> = BTreeMap::new();
    for judge in &judges {
        let known = books.reader.person(&judge.to_string()).map_err(failed)?;
        names.insert(*judge, known.map_or_else(|| judge.to_string(), |row| books::known(&row.person)));
    }
    let nobody: Vec<&Trade> = read.trades.iter().filter(|trade| waits_for_nobody(trade)).collect();
    if common.json {
        let case = |(code, has, _): (String, &'static str, String)| json!({ "trade": code, "has": has });
        let rows: Vec<Value> = names
            .iter()
            .map(|(id, name)| {
                let cases: Vec<Value> = cases(&read, *id).into_iter().map(case).collect();
                json!({ "judge": id, "name": name, "cases": cases })
            })
            .collect();
        let nobody: Vec<&str> = nobody.iter().map(|trade| trade.code.as_str()).collect();
        out(&json!({ "judges": rows, "without_a_judge": nobody }).to_string());
        return Ok(());
    }
    for (id, name) in &names {
        out(name);
        for (_, has, head) in cases(&read, *id) {
            out(&format!("  {has:<8} {head}"));
        }
    }
    for trade in nobody {
        out(&format!("without a judge: {}", cards::head(trade)));
    }
    if names.is_empty() {
        out("nobody is a judge; `judge add` names one");
    }
    Ok(())
}

fn waits_for_nobody(trade: &Trade) -> bool {
    trade.open_case().is_some_and(|case| matches!(case.stage, Stage::Nobody { .. }))
}
