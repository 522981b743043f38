//! Who may judge a dispute, and who is asked first. A judge is frozen into the terms; who of them may judge is a question
//! of facts that are handed in.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::id::{IdSecret, TradeId, UserId};
use crate::time::Millis;
use crate::trade::dispute::Ruling;
use crate::trade::state::Trade;
use crate::trade::terms::Role;

/// Whoever has ruled for somebody does not judge that person again for so long.
pub const RULED_FOR: Millis = Millis::from_hours(90 * 24);

/// What is known of judges at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Everybody who is a judge now.
    pub present: &'a [UserId],
    /// A judge, and somebody whom this judge has traded with, or ruled for in the last [`RULED_FOR`].
    pub conflicts: &'a BTreeSet<(UserId, UserId)>,
}

impl Facts<'static> {
    /// There is no judge.
    pub const NOBODY: Self = Self { present: &[], conflicts: &BTreeSet::new() };
}

/// The order in which these judges are asked about a trade with these frozen inputs: by a secret, so that nobody can tell
/// beforehand who it will be, or steer it.
#[must_use]
pub fn order(ids: &IdSecret, trade: TradeId, inputs: &[Uuid], judges: &[UserId]) -> Vec<UserId> {
    let mut inputs = inputs.to_vec();
    inputs.sort_unstable();
    let inputs: Vec<String> = inputs.iter().map(Uuid::to_string).collect();
    let inputs = inputs.join("/");
    let mut order: Vec<UserId> = judges.to_vec();
    order.sort_by_cached_key(|judge| (ids.derive(trade.0, &format!("judge/{inputs}/{judge}"), 0), *judge));
    order.dedup();
    order
}

impl Trade {
    /// Whether the terms name this person as a judge, who is one still.
    #[must_use]
    pub fn is_judge(&self, person: UserId, facts: Facts<'_>) -> bool {
        self.terms.judges.contains(&person) && facts.present.contains(&person)
    }

    /// Whether this person may judge here: has never traded with either party, nor lately ruled for one, and is none.
    #[must_use]
    pub fn may_judge(&self, person: UserId, facts: Facts<'_>) -> bool {
        let parties = [Role::Buyer, Role::Seller].into_iter().filter_map(|role| self.person(role));
        let near = |party: UserId| party == person || facts.conflicts.contains(&(person, party));
        self.is_judge(person, facts) && !parties.into_iter().any(near)
    }

    /// Everybody who may judge here, in the order in which they are asked.
    pub(super) fn bench(&self, ids: &IdSecret, facts: Facts<'_>) -> Vec<UserId> {
        let inputs: Vec<Uuid> = self.frozen_inputs().iter().map(|input| input.output_id).collect();
        let judges: Vec<UserId> = self.terms.judges.iter().copied().filter(|j| self.may_judge(*j, facts)).collect();
        order(ids, self.id, &inputs, &judges)
    }

    /// For whom a ruling is: of a split, whoever gets the larger part; of an even one nobody.
    #[must_use]
    pub fn favours(&self, ruling: Ruling) -> Option<UserId> {
        let role = match ruling {
            Ruling::Release => Role::Seller,
            Ruling::Refund => Role::Buyer,
            Ruling::Split { seller, of } => match seller.cmp(&of.saturating_sub(seller)) {
                std::cmp::Ordering::Greater => Role::Seller,
                std::cmp::Ordering::Less => Role::Buyer,
                std::cmp::Ordering::Equal => return None,
            },
        };
        self.person(role)
    }
}
