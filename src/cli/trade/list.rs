//! `trade list`: a line each.

use clap::Args;
use serde_json::{Value, json};

use crate::chat::{cards, text};
use crate::cli::ask::Common;
use crate::cli::books::{self, Books, failed};
use crate::cli::exit::Failure;
use crate::cli::out;
use crate::store::Read;
use crate::trade::{Role, Trade};

#[derive(Args)]
pub(in crate::cli) struct List {
    /// Those that have not ended, which is what is shown anyway.
    #[arg(long)]
    open: bool,
    /// Those that have ended, too.
    #[arg(long, conflicts_with = "open")]
    all: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) fn list(flags: &List) -> Result<(), Failure> {
    let books = Books::open(flags.common.config.as_deref())?;
    let read = if flags.all { books.reader.newest(u32::MAX) } else { books.reader.open_trades() }.map_err(failed)?;
    if flags.common.json {
        let trades: Vec<Value> = read.trades.iter().map(|trade| row(&books, &read, trade)).collect();
        out(&json!({ "trades": trades }).to_string());
        return Ok(());
    }
    for trade in &read.trades {
        for line in line(&books, &read, trade) {
            out(&line);
        }
    }
    if read.trades.is_empty() {
        out(if flags.all { "there is no trade" } else { "there is no open trade; --all shows those that ended" });
    }
    Ok(())
}

fn row(books: &Books, read: &Read, trade: &Trade) -> Value {
    let (waits_for, until) = books.view(read, trade, cards::waits);
    let asset = &trade.terms.asset;
    json!({
        "code": trade.code,
        "id": trade.id,
        "state": trade.state.name(),
        "open": !trade.state.is_end(),
        "item": text::quoted(&trade.terms.item),
        "price": trade.terms.price.to_string(),
        "due": trade.due().to_string(),
        "locked": cards::locked(trade).to_string(),
        "asset": { "id": asset.id, "symbol": asset.symbol, "label": asset.label() },
        "buyer": books::side_json(read, trade, Role::Buyer),
        "seller": books::side_json(read, trade, Role::Seller),
        "waits_for": waits_for,
        "deadline": until.map(|until| books::date(read, until)),
        "frozen": trade.frozen,
        "created_at": books::date(read, trade.created_at),
    })
}

fn line(books: &Books, read: &Read, trade: &Trade) -> Vec<String> {
    let (waits_for, until) = books.view(read, trade, cards::waits);
    let until = until.map(|until| format!(" until {}", books::date(read, until))).unwrap_or_default();
    let (buyer, seller) = (books::side(read, trade, Role::Buyer), books::side(read, trade, Role::Seller));
    let mut lines = vec![cards::head(trade), format!("    buyer {buyer}, seller {seller}")];
    lines.extend(trade.frozen.as_ref().map(|why| format!("    FROZEN: {why}")));
    if !trade.state.is_end() {
        lines.push(format!("    {waits_for}{until}"));
    }
    lines
}
