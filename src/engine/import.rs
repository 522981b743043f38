//! Putting a kit in: what the operator's `trade import` means. Everything here happens inside one commit.

use super::chats;
use super::desk::Desk;
use super::kit::Kit;
use crate::trade::{Event, Role, Trade};

/// Takes up the trade of a kit: what was done, or why nothing was.
pub(super) fn import(desk: &mut Desk<'_>, text: &str) -> Result<String, String> {
    let keys = &desk.shop.keys;
    let kit = Kit::read(text, &keys.kits, &keys.ids).map_err(|error| error.to_string())?;
    let Trade { id, version, .. } = kit.trade;
    let code = kit.code.clone();
    if desk.found.trades.values().any(|other| other.code == code && other.id != id) {
        return Err(format!(
            "trade {code}: not put in, another trade here bears this code; import it into a database of its own"
        ));
    }
    let mut least = 0;
    if let Some(ours) = desk.found.trades.get(&id) {
        let (state, at) = (ours.state.name(), ours.version);
        // What came from an older kit, and is not decided yet, knows no better than a newer one.
        let from_kit = ours.revived_at.is_some() && ours.plans.iter().all(|plan| plan.authorised.is_none());
        let known = if ours.revived_at.is_some() { ours.revived_from } else { at };
        if known >= version {
            return Ok(format!(
                "trade {code}: known here already and as new ({state}, version {known}, the kit's {version}); looking at its vault again"
            ));
        }
        // Before the parties were frozen nothing could be done that the kit does not know better.
        if ours.parties.is_some() && !from_kit {
            desk.afresh(id);
            return Ok(format!(
                "trade {code}: known here ({state}, version {known}); the kit is newer (version {version}), but what Mixin shows counts more: looking at its vault again"
            ));
        }
        least = at.saturating_add(1);
    }
    let mut trade = Box::new(kit.trade.revived(desk.service(), desk.server()));
    trade.version = trade.version.max(least);
    // A kit knows nothing of what the operator has stopped since it was made.
    if let Some(why) = desk.found.trades.get(&id).and_then(|ours| ours.frozen.clone()) {
        (trade.frozen, trade.frozen_at) = (Some(why), Some(desk.service()));
    }
    let state = trade.state.name();
    desk.born(Event::Imported { version, trade });
    desk.afresh(id);
    for role in [Role::Buyer, Role::Seller] {
        let person = desk.found.trades.get(&id).and_then(|trade| trade.person(role));
        if let Some(person) =
            person.filter(|person| desk.found.persons.get(person).is_none_or(|row| row.read_at.is_none()))
        {
            // Both have talked to the bot before; only their names are missing, and nothing waits for them.
            chats::find(desk, person, true);
        }
    }
    Ok(format!(
        "trade {code}: put in ({state}, version {version}, made {}); looking at its vault",
        kit.made_at.to_rfc3339()
    ))
}
