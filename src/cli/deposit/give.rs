//! `deposit assign` and `deposit return`: what will be asked of whom is said first, then the bot is asked for it. What the
//! bot would refuse is refused here already, in its words.

use clap::Args;
use uuid::Uuid;

use crate::chat::cards;
use crate::cli::ask::Careful;
use crate::cli::books::{self, Books, Page, failed};
use crate::cli::exit::{Exit, Failure};
use crate::engine::claims;
use crate::store::{Asked, DepositSeen, Operator};
use crate::trade::Role;
use crate::trade::claim::Use;
use crate::trade::deposit::Seen;

#[derive(Args)]
pub(in crate::cli) struct Assign {
    /// The deposit, as `deposit list --unmatched` names it.
    output: Uuid,
    /// The trade's six letters; only a trade of the two whose vault it is in.
    code: String,
    #[command(flatten)]
    pub(super) careful: Careful,
}

#[derive(Args)]
pub(in crate::cli) struct Return {
    /// The deposit, as `deposit list --unmatched` names it.
    output: Uuid,
    /// The trade that gives it back; the newest of the two without.
    code: Option<String>,
    #[command(flatten)]
    pub(super) careful: Careful,
}

pub(super) async fn assign(flags: &Assign) -> Result<(), Failure> {
    let books = Books::open(flags.careful.common.config.as_deref())?;
    let (deposit, page) = found(&books, flags.output, Some(&flags.code))?;
    let seen = claims::assignable(&deposit.row, &page.trade).map_err(|why| refused(&why))?;
    let [buyer, seller] = [Role::Buyer, Role::Seller].map(|role| books::side(&page.read, &page.trade, role));
    let then = match page.trade.use_of(&seen) {
        Use::Counts => format!("it counts towards the {} due, as paid by {buyer}", page.trade.due()),
        Use::WrongAsset => format!("it goes back to {buyer}: it is not the trade's asset"),
        Use::NotNeeded => format!("it goes back to {buyer}: all that is due is locked"),
        Use::Ended => format!("it goes back to {buyer}: the trade has ended"),
    };
    let mut plan = vec![whose(&books, &page, &deposit, &seen), cards::head(&page.trade)];
    plan.extend(taken_back(&deposit));
    plan.push(format!("- {buyer} and {seller} are both asked whether it is for this trade"));
    plan.push(format!("- with both yes {then}; it is this trade's for good"));
    plan.push("- with one no it stays where it is and serves no trade; nothing moves without their signatures".into());
    let (output, code) = (flags.output, page.trade.code);
    flags.careful.put(&plan, Operator::AssignDeposit { output, code }).await
}

pub(super) async fn give_back(flags: &Return) -> Result<(), Failure> {
    let books = Books::open(flags.careful.common.config.as_deref())?;
    let (deposit, page) = found(&books, flags.output, flags.code.as_deref())?;
    let (seen, to) = claims::returnable(&deposit.row, &page.trade).map_err(|why| refused(&why))?;
    let [buyer, seller] = [Role::Buyer, Role::Seller].map(|role| books::side(&page.read, &page.trade, role));
    let signer =
        if page.trade.person(Role::Buyer) == Some(to) { buyer.clone() } else { format!("{buyer} or {seller}") };
    let mut plan = vec![whose(&books, &page, &deposit, &seen), cards::head(&page.trade)];
    plan.extend(taken_back(&deposit));
    plan.push(format!("- a request of this trade gives it back to {}, who sent it", books::who(&page.read, to)));
    plan.push(format!("- {signer} signs it, then the bot; both are told"));
    let (output, code) = (flags.output, page.trade.code);
    flags.careful.put(&plan, Operator::ReturnDeposit { output, code }).await
}

fn refused(why: &str) -> Failure {
    Failure::new(Exit::Refused, format!("{why}; nothing was done"))
}

/// The deposit, and the trade that is named or the newest of its vault.
fn found(books: &Books, output: Uuid, code: Option<&str>) -> Result<(DepositSeen, Page), Failure> {
    let none = |what: String| Failure::new(Exit::NoSuch, what);
    let deposit = books.reader.deposit(output).map_err(failed)?;
    let missing = || none(format!("there is no deposit {output}; `deposit list --unmatched` names them"));
    let (deposit, mut read) = deposit.ok_or_else(missing)?;
    if let Some(code) = code {
        return Ok((deposit, books.trade(code)?));
    }
    let trade = read.trades.pop().ok_or_else(|| none(format!("no trade of the vault of {output} is known here")))?;
    Ok((deposit, Page { read, trade }))
}

/// Nobody is asked about it twice.
fn taken_back(deposit: &DepositSeen) -> Option<String> {
    let asked = deposit.asked_of.as_ref().filter(|_| matches!(deposit.row.asked, Some(Asked::Open(_))))?;
    Some(format!("- the question to the two of trade {asked} is taken back, and they are told"))
}

fn whose(books: &Books, page: &Page, deposit: &DepositSeen, seen: &Seen) -> String {
    let senders: Vec<String> = seen.senders.iter().map(|sender| books::who(&page.read, *sender)).collect();
    let from = if senders.is_empty() { "nobody Mixin names".to_owned() } else { senders.join(" and ") };
    let label = super::label(books, seen);
    format!("Deposit {} · {} {label} · from {from}, names no trade", deposit.row.output_id, seen.amount)
}
