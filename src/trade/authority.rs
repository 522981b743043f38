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
use crate::trade::dispute::{Right, Ruling};
use crate::trade::event::Event;
use crate::trade::plan::{Authority, FrozenInput, Kind, Plan};
use crate::trade::split;
use crate::trade::state::Trade;
use crate::trade::terms::Role;

impl Trade {
    /// Whose signature on this plan gives it authority now, and which (design §5).
    #[must_use]
    pub fn consents(&self, plan: &Plan) -> Vec<(UserId, Authority)> {
        let given = match plan.kind {
            Kind::Release => Some(Authority::BuyerReleased),
            Kind::Refund => Some(Authority::SellerRefunded),
            Kind::Split if plan.offer.is_some() => Some(Authority::SplitAgreed),
            Kind::Split => matches!(self.ruling(), Some(Ruling::Split { .. })).then_some(Authority::Ruled),
            Kind::Return => Some(Authority::NotOwed),
        };
        let giving = plan.givers.iter().filter_map(|giver| Some((*giver, given?)));
        let taking = match (plan.kind, self.right) {
            (Kind::Release, Some(Right::InspectionElapsed)) => Some((Role::Seller, Authority::InspectionElapsed)),
            (Kind::Refund, Some(Right::DeliveryElapsed)) => Some((Role::Buyer, Authority::DeliveryElapsed)),
            (Kind::Release, Some(Right::Ruled(Ruling::Release))) => Some((Role::Seller, Authority::Ruled)),
            (Kind::Refund, Some(Right::Ruled(Ruling::Refund))) => Some((Role::Buyer, Authority::Ruled)),
            (Kind::Release | Kind::Refund | Kind::Split | Kind::Return, _) => None,
        };
        giving.chain(taking.and_then(|(role, authority)| Some((self.person(role)?, authority)))).collect()
    }

    /// The authority that somebody's signature on this plan gives it, if one was read; the giver's own goes before what
    /// time or a judge gave.
    #[must_use]
    pub fn consented(&self, plan: &Plan) -> Option<Authority> {
        let vault = self.vault()?;
        let signed = |person: UserId| vault.index_of(person).is_some_and(|index| plan.signed.contains_key(&index));
        self.consents(plan).into_iter().find(|(person, _)| signed(*person)).map(|(_, authority)| authority)
    }
}

/// Rule 2: at most one plan over an input, the first whose authority holds and whose required signature was read.
pub(super) fn authorise(draft: &mut Draft<'_>) {
    if draft.trade.frozen.is_some() {
        return;
    }
    let trade = &draft.trade;
    let ready = trade.plans.iter().filter(|plan| plan.lives() && plan.authorised.is_none());
    let ready: Vec<(&Plan, Authority)> =
        ready.filter_map(|plan| trade.consented(plan).map(|authority| (plan, authority))).collect();
    // Both read in one look: the one the inputs are held by, else release (which sorts first).
    let held = |plan: &Plan| {
        let hash = plan.payload.as_ref().map(|p| p.hash);
        let by = |i: &FrozenInput| trade.deposits.iter().any(|d| d.output_id == i.output_id && d.lock.by() == hash);
        hash.is_some() && plan.inputs.iter().any(by)
    };
    let settlements = ready.iter().filter(|(plan, _)| plan.kind != Kind::Return && trade.state.is_open());
    let chosen = settlements.min_by_key(|(plan, _)| (!held(plan), plan.kind, plan.no));
    let returns = ready.iter().filter(|(plan, _)| plan.kind == Kind::Return);
    let events: Vec<Event> = returns
        .chain(chosen)
        .map(|(plan, authority)| Event::Authorised { plan: plan.no, authority: *authority })
        .collect();
    let decided = chosen.is_some();
    for event in events {
        draft.push(event);
    }
    if decided {
        split::lapse(draft);
    }
}
