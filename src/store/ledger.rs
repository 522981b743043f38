//! Everything stored of trades and deposits, handed to [`Ledger`], which checks it.

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::read::history;
use super::{DepositRow, StoreError};
use crate::trade::Trade;
use crate::trade::ledger::{Broken, Ledger, Rule};

/// The books as they were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// No rule is broken.
    pub ok: bool,
    pub trades: u64,
    pub plans: u64,
    pub deposits: u64,
    pub broken: Vec<Broken>,
}

/// All of it of one moment. Nothing is changed.
pub(super) fn check(db: &Connection) -> Result<Checked, StoreError> {
    let tx = db.unchecked_transaction()?;
    let (mut ledger, mut trades, mut deposits) = (Ledger::default(), 0, 0);
    let sql = "SELECT id, code, version, state, open, vault, CAST(row AS TEXT) FROM trade ORDER BY created_at, id";
    let mut statement = tx.prepare(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        trades += 1;
        trade(&tx, row, &mut ledger)?;
    }
    let mut statement =
        tx.prepare("SELECT output_id, trade, CAST(row AS TEXT) FROM deposit ORDER BY vault, sequence")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        deposits += 1;
        deposit(row, &mut ledger)?;
    }
    let plans = ledger.plans;
    let broken = ledger.close();
    Ok(Checked { ok: broken.is_empty(), trades, plans, deposits, broken })
}

fn trade(db: &Connection, row: &Row<'_>, ledger: &mut Ledger) -> Result<(), StoreError> {
    let (id, code): (String, String) = (row.get(0)?, row.get(1)?);
    let trade: Trade = match serde_json::from_str(&row.get::<_, String>(6)?) {
        Ok(trade) => trade,
        Err(error) => {
            ledger.wrong(Some(code), Rule::Row, error.to_string());
            return Ok(());
        }
    };
    let vault = trade.vault().map(|vault| vault.hash.to_string());
    let columns = [
        ("id", id == trade.id.to_string()),
        ("code", code == trade.code),
        ("version", u64::try_from(row.get::<_, i64>(2)?) == Ok(trade.version)),
        ("state", row.get::<_, String>(3)? == trade.state.name()),
        ("open", row.get::<_, bool>(4)? != trade.state.is_end()),
        ("vault", row.get::<_, Option<String>>(5)? == vault),
    ];
    for (name, _) in columns.iter().filter(|(_, same)| !same) {
        ledger.wrong(Some(code.clone()), Rule::Row, format!("the column {name} says otherwise than the row"));
    }
    match history(db, &id, u32::MAX) {
        Ok(history) => {
            let events: Vec<_> = history.into_iter().map(|row| (row.version, row.event)).collect();
            ledger.trade(&trade, &events);
        }
        Err(StoreError::Row(error)) => {
            ledger.wrong(Some(code), Rule::History, format!("a line of it cannot be read: {error}"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn deposit(row: &Row<'_>, ledger: &mut Ledger) -> Result<(), StoreError> {
    let (id, trade): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    match serde_json::from_str::<DepositRow>(&row.get::<_, String>(2)?) {
        Ok(seen) if (seen.output_id.to_string(), seen.trade.map(|t| t.to_string())) == (id.clone(), trade) => {
            ledger.output(seen.output_id, seen.trade);
        }
        Ok(_) => ledger.wrong(None, Rule::Row, format!("deposit {id}: the columns say otherwise than the row")),
        Err(error) => ledger.wrong(None, Rule::Row, format!("deposit {id}: {error}")),
    }
    Ok(())
}
