//! What keeps the bot from signing, and what it does after a restore: everything that may see money is read again
//! first, since the network may be ahead of the database.

use std::collections::BTreeMap;

use super::desk::Desk;
use crate::id::{Hash, TradeId};
use crate::store::{Found, Halt, Halts, Operator, OperatorAnswer, Store, StoreError};
use crate::time::Millis;
use crate::trade::Command;

/// How often a job that waits for a halt to end looks again by itself; the end of the halt wakes it at once.
pub(super) const HALTED_WAIT: Millis = Millis::from_secs(60);

/// What a resumption answers that leaves the halt of a restore.
const RESTORE_STANDS: &str = "the operator's halt is lifted; the restore's stands until every vault was read (see the log), or `resume signing --unread`";

/// The halts, and what is still to be read after a restore.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    pub(super) halts: Halts,
    /// Vaults not read whole since this life began, with the codes of their trades. Never stored: the next life begins
    /// again.
    unread: BTreeMap<Hash, Vec<String>>,
}

impl Watch {
    /// What stands, as committed; after a restore, with every vault that may see money.
    pub(super) fn open(store: &Store, found: &Found) -> Result<Self, StoreError> {
        let halts = store.halts()?;
        let mut unread: BTreeMap<Hash, Vec<String>> = BTreeMap::new();
        if halts.restored.is_some() {
            for trade in found.trades.values() {
                if let Some(vault) = trade.vault() {
                    unread.entry(vault.hash).or_default().push(trade.code.clone());
                }
            }
        }
        Ok(Self { halts, unread })
    }

    pub(super) fn unread(&self) -> Vec<(Hash, String)> {
        self.unread.iter().map(|(vault, codes)| (*vault, codes.join(", "))).collect()
    }

    /// What has changed, in the log: said once it is committed.
    pub(super) fn becomes(&mut self, after: Self) {
        let before = std::mem::replace(self, after);
        if let (Some(restored), None) = (before.halts.restored, &self.halts.restored) {
            tracing::warn!(
                restored_at = restored.at.to_rfc3339(),
                "every vault and request was read again since the restore: its halt of signing is lifted"
            );
        }
        if before.halts.operator != self.halts.operator {
            let why = self.halts.operator.as_ref().map(|halt| halt.why.as_str());
            tracing::warn!(why, "the operator {} signing", if why.is_some() { "halts" } else { "resumes" });
        }
        if before.halts.clock != self.halts.clock {
            if let Some(Halt { why, .. }) = &self.halts.clock {
                let cure = "look at the machine's clock, then `mixin-escrow resume clock`";
                tracing::warn!(why, cure, "nobody gets a right by time");
            } else {
                tracing::warn!("the operator lets time give rights again");
            }
        }
    }
}

/// Queues again whatever the trades that may see money need. A job's id says what it is for, so one that is there already
/// is only moved to the front.
pub(super) fn read_again(desk: &mut Desk<'_>) {
    let trades: Vec<TradeId> = desk.found.trades.keys().copied().collect();
    for id in trades {
        let now = desk.service();
        let _ = desk.decide(id, &Command::PutBack, now);
        desk.take_up(id);
    }
    // With nothing to read, everything is read.
    finish(desk);
}

/// A vault was read to its end, and every live request of it was answered for.
pub(super) fn read(desk: &mut Desk<'_>, vault: Hash) {
    if desk.watch.unread.remove(&vault).is_some() {
        finish(desk);
    }
}

fn finish(desk: &mut Desk<'_>) {
    if !desk.watch.unread.is_empty() {
        return;
    }
    if desk.watch.halts.restored.take().is_some() {
        moved(desk);
    }
}

/// The halts have changed: they are committed, and when none is left what waits may run.
fn moved(desk: &mut Desk<'_>) {
    desk.changes.halts = Some(desk.watch.halts.clone());
    if desk.watch.halts.why().is_none() {
        desk.changes.cosign_from = Some(desk.now);
    }
}

/// Halts signing or lets it go on, and answers.
pub(super) fn take(desk: &mut Desk<'_>, seq: i64, asked: Operator) {
    let halts = &mut desk.watch.halts;
    let resumes = matches!(asked, Operator::ResumeSigning { .. });
    let ok = match asked {
        Operator::HaltSigning { why } => {
            let since = halts.operator.as_ref().map(|halt| halt.since);
            let since = since.unwrap_or_else(|| desk.clock().server(desk.now));
            desk.watch.halts.operator = Some(Halt { since, why, by: "operator".into() });
            true
        }
        Operator::ResumeSigning { unread } => {
            halts.operator = None;
            if unread && halts.restored.take().is_some() {
                desk.watch.unread.clear();
            }
            true
        }
        _ => false,
    };
    let line = match desk.watch.halts.why() {
        _ if !ok => "this bot does not know what was asked; nothing was done".to_owned(),
        Some(_) if resumes => RESTORE_STANDS.to_owned(),
        Some(why) => format!("signing is halted: {why}"),
        None => "signing goes on".to_owned(),
    };
    if ok {
        moved(desk);
    }
    let answer = OperatorAnswer { ok, line, halts: desk.watch.halts.clone() };
    desk.changes.answered.push((seq, desk.now, answer));
}

/// The clock made a jump that is larger than the operator lets pass; `before`: the server time it jumped from.
pub(super) fn jumped(desk: &mut Desk<'_>, before: Millis) {
    if desk.watch.halts.clock.is_some() {
        return;
    }
    let since = desk.server();
    let jump = since.since(before).secs();
    let why = format!("the clock jumped by {jump} s, which is more than clock.max_skew_s");
    desk.watch.halts.clock = Some(Halt { since, why, by: "bot".into() });
    desk.changes.halts = Some(desk.watch.halts.clone());
}

/// Nobody gets a right by time; one that was given stands.
pub(super) fn halt_clock(desk: &mut Desk<'_>, why: String) -> String {
    let since = desk.watch.halts.clock.as_ref().map_or_else(|| desk.server(), |halt| halt.since);
    desk.watch.halts.clock = Some(Halt { since, why, by: "operator".into() });
    desk.changes.halts = Some(desk.watch.halts.clone());
    "nobody gets a right by time from now on; who has one keeps it".to_owned()
}

/// The next look at a vault may give what is due.
pub(super) fn resume_clock(desk: &mut Desk<'_>) -> Result<String, String> {
    let Some(halt) = desk.watch.halts.clock.take() else {
        return Err("rights by time are not halted; nothing was done".to_owned());
    };
    desk.changes.halts = Some(desk.watch.halts.clone());
    Ok(format!("time gives rights again; it was halted: {}", halt.line()))
}

/// The rows of a first start after a restore, all loaded; nothing otherwise.
pub(super) fn to_read(store: &Store, server: Millis) -> Result<Found, StoreError> {
    let mut found = Found::default();
    if store.halts()?.restored.is_some() {
        found.trades.extend(store.watched(server)?.into_iter().map(|trade| (trade.id, trade)));
    }
    Ok(found)
}
