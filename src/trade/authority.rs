//! By what right the bot adds its signature, and the one place where that is decided (rule 2).
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use crate::id::UserId;
use crate::trade::decide::Draft;
use crate::trade::event::Event;
use crate::trade::plan::{Authority, FrozenInput, Kind, Plan};
use crate::trade::state::State;

/// Rule 2: at most one plan over an input, the first whose authority holds and whose required signature was read.
pub(super) fn authorise(draft: &mut Draft<'_>) {
    if draft.trade.frozen.is_some() {
        return;
    }
    let Some(vault) = draft.trade.vault() else { return };
    let signed = |plan: &Plan| {
        let by = |person: &UserId| vault.index_of(*person).is_some_and(|i| plan.signed.contains_key(&i));
        plan.lives() && plan.authorised.is_none() && plan.givers.iter().any(by)
    };
    let returns: Vec<u32> =
        draft.trade.plans.iter().filter(|p| p.kind == Kind::Return && signed(p)).map(|p| p.no).collect();
    for plan in returns {
        draft.push(Event::Authorised { plan, authority: Authority::NotOwed });
    }
    match draft.trade.state {
        State::Funded { .. } | State::Delivered { .. } => {}
        State::Proposed { .. }
        | State::AwaitingPayment { .. }
        | State::Settling { .. }
        | State::Settled { .. }
        | State::Declined
        | State::Cancelled { .. }
        | State::Expired
        | State::SettledElsewhere { .. } => return,
    }
    let mut candidates: Vec<&Plan> = draft.trade.plans.iter().filter(|p| p.kind != Kind::Return && signed(p)).collect();
    // Both read in one look: the one the inputs are held by, else release (which sorts first).
    let held = |plan: &Plan| {
        let hash = plan.payload.as_ref().map(|p| p.hash);
        let by =
            |i: &FrozenInput| draft.trade.deposits.iter().any(|d| d.output_id == i.output_id && d.lock.by() == hash);
        hash.is_some() && plan.inputs.iter().any(by)
    };
    candidates.sort_by_key(|plan| (!held(plan), plan.kind, plan.no));
    let Some(chosen) = candidates.first() else { return };
    let authority = match chosen.kind {
        Kind::Release => Authority::BuyerReleased,
        Kind::Refund => Authority::SellerRefunded,
        Kind::Return => Authority::NotOwed,
    };
    let plan = chosen.no;
    draft.push(Event::Authorised { plan, authority });
}
