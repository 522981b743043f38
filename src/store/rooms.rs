//! Groups the bot is in: what is known of each, and which trades were offered where.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::batch::{list, rows, write};
use super::{Changes, Found, StoreError, Wanted};
use crate::chat::Lang;
use crate::id::{ConversationId, TradeId, UserId};

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRow {
    pub conversation: ConversationId,
    /// It is this trade's own room; `None`: people made it, and anything may be offered there.
    #[serde(default)]
    pub trade: Option<TradeId>,
    /// What is said to all of it: the language of whoever asked last.
    #[serde(default)]
    pub lang: Lang,
    /// Of a trade's room: who belongs there beside the bot. Anybody else is warned of.
    #[serde(default)]
    pub members: Vec<UserId>,
    /// Who of them is not in it.
    #[serde(default)]
    pub absent: Vec<UserId>,
    /// Of a trade's room: the link by which those may join who take no invitations.
    #[serde(default)]
    pub link: Option<String>,
    /// The bot was removed. Only a trade's room is remembered then, so that it is not made twice.
    #[serde(default)]
    pub gone: bool,
}

impl RoomRow {
    /// A group of which nothing is known but that it is there.
    #[must_use]
    pub const fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            trade: None,
            lang: Lang::En,
            members: Vec::new(),
            absent: Vec::new(),
            link: None,
            gone: false,
        }
    }
}

/// The rooms that were asked for, those of the loaded trades, and those where they were offered.
pub(super) fn load(db: &Connection, wanted: &Wanted, found: &mut Found) -> Result<(), StoreError> {
    if !wanted.rooms.is_empty() {
        let sql = "SELECT row FROM room WHERE conversation IN (SELECT value FROM json_each(?1))";
        keep(found, rows(db, sql, [list(&wanted.rooms)?])?);
    }
    if found.trades.is_empty() {
        return Ok(());
    }
    let trades = list(found.trades.keys())?;
    let sql = "SELECT json_array(trade, conversation) FROM offered WHERE trade IN (SELECT value FROM json_each(?1))";
    found.offered.extend(rows::<(TradeId, ConversationId)>(db, sql, [&trades])?);
    let sql = "SELECT row FROM room WHERE trade IN (SELECT value FROM json_each(?1))
        OR conversation IN (SELECT conversation FROM offered WHERE trade IN (SELECT value FROM json_each(?1)))";
    keep(found, rows(db, sql, [&trades])?);
    Ok(())
}

fn keep(found: &mut Found, rooms: Vec<RoomRow>) {
    found.rooms.extend(rooms.into_iter().map(|room| (room.conversation, room)));
}

pub(super) fn save(tx: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let left = list(&changes.left)?;
    write(tx, "DELETE FROM offered WHERE conversation IN (SELECT value FROM json_each(?1))", left.clone())?;
    write(tx, "DELETE FROM room WHERE trade IS NULL AND conversation IN (SELECT value FROM json_each(?1))", left)?;
    write(
        tx,
        "INSERT OR REPLACE INTO room SELECT value ->> 'conversation', value ->> 'trade', value FROM json_each(?1)",
        list(&changes.rooms)?,
    )?;
    write(
        tx,
        "INSERT OR IGNORE INTO offered SELECT value ->> 0, value ->> 1 FROM json_each(?1)",
        list(&changes.offered)?,
    )
}
