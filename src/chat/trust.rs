//! What is known of a person beside who they are: how they have traded, whom they do not want to hear from, and how
//! fast they talk. Kept in their row, in the commit of the fact that changes it.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::chat::Person;
use crate::chat::flood::Talk;
use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::Role;

/// People somebody may keep away at a time: their row stays small.
pub const BLOCKED_MAX: usize = 100;
/// People remembered as traded with, the last ones: the row stays small, and a warning too many does no harm.
const MET_MAX: usize = 64;
/// A day of server time.
const DAY: i64 = 86_400_000;

/// All of it. Rows of before have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trust {
    pub record: Record,
    /// Whose proposals are not let through, with their Mixin ID as it was.
    pub blocked: BTreeMap<UserId, String>,
    pub talk: Talk,
    pub day: Day,
}

/// How somebody has traded here. Counts grow by facts of the law, once each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Server time of the first word that is known of them.
    pub since: Option<Millis>,
    /// Settled trades by side, however they were settled.
    pub bought: u32,
    pub sold: u32,
    /// What others said afterwards.
    pub good: u32,
    pub bad: u32,
    /// Rulings that gave the money to the other side.
    pub ruled_against: u32,
    /// The highest price they settled, by asset.
    pub highest: BTreeMap<AssetId, Amount>,
    /// Whom they settled with, the last one last.
    pub met: Vec<UserId>,
}

impl Record {
    #[must_use]
    pub const fn settled_trades(&self) -> u32 {
        self.bought.saturating_add(self.sold)
    }

    /// A trade with `other` was settled, on this side, at this price.
    pub fn settled(&mut self, role: Role, other: UserId, asset: AssetId, price: Amount) {
        let side = match role {
            Role::Buyer => &mut self.bought,
            Role::Seller => &mut self.sold,
        };
        *side = side.saturating_add(1);
        let highest = self.highest.entry(asset).or_default();
        *highest = price.max(*highest);
        self.met.retain(|met| *met != other);
        self.met.push(other);
        let old = self.met.len().saturating_sub(MET_MAX);
        self.met.drain(..old);
    }

    /// A judge gave the money to the other side.
    pub const fn lost(&mut self) {
        self.ruled_against = self.ruled_against.saturating_add(1);
    }

    /// Somebody they traded with says how it was.
    pub const fn rated(&mut self, good: bool) {
        let count = if good { &mut self.good } else { &mut self.bad };
        *count = count.saturating_add(1);
    }

    /// Whether they have settled a trade with this person (of the last 64).
    #[must_use]
    pub fn has_met(&self, person: UserId) -> bool {
        self.met.contains(&person)
    }
}

/// What a person did on one day, by server time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Day {
    /// Since 1970.
    date: i64,
    proposed: u32,
    agreed: u32,
}

/// What is counted by the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daily {
    /// Proposals somebody writes.
    Proposed,
    /// Trades somebody agrees to.
    Agreed,
}

impl Day {
    /// How often today, `server` being the time.
    #[must_use]
    pub fn used(&self, daily: Daily, server: Millis) -> u32 {
        match daily {
            _ if self.date != day(server) => 0,
            Daily::Proposed => self.proposed,
            Daily::Agreed => self.agreed,
        }
    }

    pub fn count(&mut self, daily: Daily, server: Millis) {
        if self.date != day(server) {
            *self = Self { date: day(server), ..Self::default() };
        }
        let used = match daily {
            Daily::Proposed => &mut self.proposed,
            Daily::Agreed => &mut self.agreed,
        };
        *used = used.saturating_add(1);
    }

    /// Server time at which counting begins anew.
    #[must_use]
    pub fn frees(server: Millis) -> Millis {
        Millis(day(server).saturating_add(1).saturating_mul(DAY))
    }
}

const fn day(server: Millis) -> i64 {
    server.0.div_euclid(DAY)
}

/// What a page may say of the people on it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub records: BTreeMap<UserId, Record>,
    /// Whom the viewer has agreed with, lately: names that somebody may copy.
    pub met: Vec<Person>,
    /// Whom the viewer has settled a trade with.
    pub partners: BTreeSet<UserId>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_record_stays_small_and_counts_each_side() {
        let mut record = Record::default();
        let asset = AssetId(Uuid::from_u128(1));
        for n in 0..200 {
            record.settled(Role::Buyer, UserId(Uuid::from_u128(n)), asset, Amount::from_units(200 - n));
        }
        record.settled(Role::Seller, UserId(Uuid::from_u128(199)), asset, Amount::from_units(1));
        assert_eq!((record.bought, record.sold, record.settled_trades()), (200, 1, 201));
        assert_eq!((record.met.len(), record.highest[&asset]), (64, Amount::from_units(200)));
        assert!(record.has_met(UserId(Uuid::from_u128(199))) && !record.has_met(UserId(Uuid::from_u128(1))));
    }

    #[test]
    fn a_new_day_begins_anew() {
        let (mut counted, noon) = (Day::default(), Millis(DAY * 10 + DAY / 2));
        for _ in 0..3 {
            counted.count(Daily::Proposed, noon);
        }
        counted.count(Daily::Agreed, noon);
        assert_eq!((counted.used(Daily::Proposed, noon), counted.used(Daily::Agreed, noon)), (3, 1));
        let next = Day::frees(noon);
        assert_eq!((next, counted.used(Daily::Proposed, next)), (Millis(DAY * 11), 0));
        counted.count(Daily::Agreed, next);
        assert_eq!((counted.used(Daily::Proposed, next), counted.used(Daily::Agreed, next)), (0, 1));
    }
}
