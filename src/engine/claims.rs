//! Deposits that name no trade: their members hear of them, the operator asks whether one is for a trade, or gives it
//! back to the member who sent it. The row beside the trades says whose it is, in the same commit as the trade.

#[cfg(test)]
mod tests;

use uuid::Uuid;

use super::desk::Desk;
use super::operator;
use super::pages::{self, Cause};
use crate::chat::cards;
use crate::id::{AssetId, Hash, TradeId, UserId};
use crate::money::Amount;
use crate::store::{Asked, DepositRow, Found, VaultRow};
use crate::time::Millis;
use crate::trade::deposit::Seen;
use crate::trade::{Command, Event, Trade, name};

const DAY: Millis = Millis::from_hours(24);

/// What is known of a deposit that names no trade and may be given to `trade`, whose members are then asked.
///
/// # Errors
/// Why it may not, in words for the operator.
pub fn assignable(row: &DepositRow, trade: &Trade) -> Result<Seen, String> {
    let seen = loose(row, trade)?;
    match &trade.claim {
        Some(claim) if claim.seen.output_id == seen.output_id => {
            Err(format!("the members of trade {} are asked about {} already", trade.code, row.output_id))
        }
        Some(claim) => Err(format!(
            "the members of trade {} are asked about {} first; either's no ends that, or giving it to somebody else",
            trade.code, claim.seen.output_id
        )),
        None => Ok(seen),
    }
}

/// The same for one that may go back to the member who sent it, and who that is.
///
/// # Errors
/// Why it may not, in words for the operator.
pub fn returnable(row: &DepositRow, trade: &Trade) -> Result<(Seen, UserId), String> {
    let seen = loose(row, trade)?;
    // Whose kit was not put in yet is known by nothing but such a memo.
    if name::looks_issued(&seen) {
        return Err(format!(
            "{} bears a memo like those of pay links: it may be locked for a trade that this database does not know. Put              in the kit of its trade first (trade import), or ask the two: deposit assign",
            row.output_id
        ));
    }
    let sender = trade.sender_of(&seen).map_err(|_| {
        format!(
            "{} was not sent by one of the two alone: MixPay's or a stranger's money is never sent back to a sender; \
             ask the two instead: deposit assign",
            row.output_id
        )
    })?;
    Ok((seen, sender))
}

/// Nobody's yet, and within reach of this trade.
fn loose(row: &DepositRow, trade: &Trade) -> Result<Seen, String> {
    let (id, code) = (row.output_id, &trade.code);
    let seen = serde_json::from_value::<Seen>(row.seen.clone());
    let seen = seen.map_err(|_| format!("{id} was written by another release, and cannot be read"))?;
    if row.trade.is_some() || trade.deposits.iter().any(|deposit| deposit.output_id == id) {
        return Err(format!("{id} serves a trade; what does not count there goes back by itself"));
    }
    if seen.inscription {
        return Err(format!("{id} is an inscription, which is never touched"));
    }
    if row.spent || seen.lock.is_spent() {
        return Err(format!("{id} is spent: there is nothing left to give"));
    }
    if trade.vault().is_none_or(|vault| vault.hash != row.vault) {
        return Err(format!("{id} is in the vault of other people than those of trade {code}"));
    }
    match &trade.frozen {
        Some(why) => Err(format!("trade {code} is frozen ({why}): unfreeze it first")),
        None => Ok(seen),
    }
}

/// The operator thinks that it is for this trade: its members are asked.
pub(super) fn assign(desk: &mut Desk<'_>, output: Uuid, code: &str) -> Result<String, String> {
    let trade = operator::find(desk, code)?;
    let (id, row) = (trade.id, row(desk, output)?);
    let seen = assignable(row, trade).map_err(|why| nothing_done(&why))?;
    withdraw(desk, output);
    do_it(desk, id, &Command::Claim { seen: Box::new(seen) })?;
    Ok(format!("the two of trade {code} are asked whether {output} is for it; `deposit list` tells how that stands"))
}

/// It goes back to the member who sent it, by a request of this trade.
pub(super) fn give_back(desk: &mut Desk<'_>, output: Uuid, code: &str) -> Result<String, String> {
    let trade = operator::find(desk, code)?;
    let (id, row) = (trade.id, row(desk, output)?);
    let (seen, _) = returnable(row, trade).map_err(|why| nothing_done(&why))?;
    withdraw(desk, output);
    do_it(desk, id, &Command::GiveBack { seen: Box::new(seen) })?;
    Ok(format!("trade {code} gives {output} back to the member who sent it; who can sign for that is told"))
}

fn nothing_done(why: &str) -> String {
    format!("{why}; nothing was done")
}

fn row<'d>(desk: &'d Desk<'_>, output: Uuid) -> Result<&'d DepositRow, String> {
    let row = desk.found.deposits.get(&output);
    row.ok_or_else(|| format!("no deposit {output} was seen in any vault; nothing was done"))
}

fn do_it(desk: &mut Desk<'_>, trade: TradeId, command: &Command) -> Result<(), String> {
    let now = desk.service();
    desk.decide(trade, command, now).map(drop).map_err(|refusal| format!("the law refuses that: {refusal}"))
}

/// Whoever was asked about it before is not asked any more.
fn withdraw(desk: &mut Desk<'_>, output: Uuid) {
    if let Some(Asked::Open(trade)) = desk.found.deposits.get(&output).and_then(|row| row.asked) {
        take_back(desk, trade, output);
    }
}

/// The question is moot, or the operator has another.
pub(super) fn take_back(desk: &mut Desk<'_>, trade: TradeId, output: Uuid) {
    let Some(by) = desk.found.trades.get(&trade).map(|trade| trade.terms.bot) else { return };
    let now = desk.service();
    let _ = desk.decide(trade, &Command::RefuseClaim { by, output }, now);
}

/// Keeps the rows of deposits in step with what has become true of `trade`: each has one owner, and everybody can see
/// who was asked.
pub(super) fn keep(desk: &mut Desk<'_>, trade: &Trade, events: &[Event]) {
    let id = trade.id;
    for event in events {
        let rows = desk.found.deposits.values_mut();
        let changed: Vec<DepositRow> = match event {
            Event::Claimed { claim } => {
                let theirs = rows.filter(|row| row.output_id == claim.seen.output_id);
                theirs.map(|row| write(row, None, Some(Asked::Open(id)))).collect()
            }
            Event::ClaimRefused { by } => {
                let refused = (*by != trade.terms.bot).then_some(Asked::Refused(id));
                rows.filter(|row| row.asked == Some(Asked::Open(id))).map(|row| write(row, None, refused)).collect()
            }
            Event::Deposited { deposit } => {
                let theirs = rows.filter(|row| row.output_id == deposit.output_id && row.trade.is_none());
                theirs.map(|row| write(row, Some(id), None)).collect()
            }
            _ => Vec::new(),
        };
        desk.changes.deposits.extend(changed);
    }
}

fn write(row: &mut DepositRow, trade: Option<TradeId>, asked: Option<Asked>) -> DepositRow {
    (row.trade, row.asked) = (trade, asked);
    row.clone()
}

/// The trades that are asked about a loaded deposit and are not loaded themselves.
pub(super) fn asked(found: &Found) -> impl Iterator<Item = TradeId> + '_ {
    let asked = found.deposits.values().filter_map(|row| match row.asked {
        Some(Asked::Open(trade)) => Some(trade),
        Some(Asked::Refused(_)) | None => None,
    });
    asked.filter(|trade| !found.trades.contains_key(trade))
}

/// Money came that names no trade: the members of the vault hear of it, once a day at most, however much of it comes.
pub(super) fn tell(desk: &mut Desk<'_>, vault: Hash, trades: &[TradeId], seen: &[Seen]) {
    let worth = seen.iter().filter(|output| !output.inscription && !output.lock.is_spent());
    let coins: Vec<(AssetId, Amount)> = worth.map(|output| (output.asset, output.amount)).collect();
    let of_vault = || trades.iter().filter_map(|id| desk.found.trades.get(id));
    // While a trade is read again after the database was lost, what it will know may look nameless.
    if coins.is_empty() || of_vault().any(|trade| trade.behind) {
        return;
    }
    let Some(newest) = of_vault().max_by_key(|trade| (trade.created_at, trade.id)) else { return };
    let (newest, parties) = (newest.id, newest.parties);
    let today = desk.server().0.div_euclid(DAY.0);
    let told = desk.found.vaults.entry(vault).or_default();
    if told.told_on.is_some_and(|day| day >= today) {
        return;
    }
    told.told_on = Some(today);
    desk.changes.vaults.push((vault, VaultRow { told_on: Some(today), ..VaultRow::default() }));
    let (id, purpose) = (super::desk::vault_uuid(vault), format!("nameless/{today}"));
    for person in parties.into_iter().flat_map(|parties| [parties.buyer, parties.seller]) {
        let cause = Cause { id, purpose: &purpose };
        pages::show(desk, cause, newest, person, |view| cards::nameless(view, &coins));
    }
}
