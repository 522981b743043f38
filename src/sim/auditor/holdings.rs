//! Who has what, and how much of it came to them from outside.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::book::{Book, State};
use super::bytes::Digest;
use super::units::Units;

/// What somebody has of one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// In all outputs that are not spent.
    pub has: Units,
    /// All that came from outside, spent or not.
    pub came: Units,
}

impl Holding {
    /// What is had beyond what came, in units; `None` beyond 127 bits.
    #[must_use]
    pub fn net(&self) -> Option<i128> {
        i128::try_from(self.has.0).ok()?.checked_sub(i128::try_from(self.came.0).ok()?)
    }
}

/// By owner and asset. An owner is a person, or all members of a vault in the ledger's order.
pub type Holdings = BTreeMap<(Vec<String>, String), Holding>;

/// What everybody has. Whether it adds up is told by [`audit_all`](super::audit_all).
///
/// # Errors
/// What of the ledger cannot be read or counted.
pub fn holdings(ledger: &str) -> Result<Holdings, Vec<Problem>> {
    let book = Book::read(ledger)?;
    let mints: BTreeSet<Digest> = book.entries.iter().filter(|entry| entry.mint).map(|entry| entry.tx.hash).collect();
    let mut all = Holdings::new();
    for listed in &book.outputs {
        let holding = all.entry((listed.receivers.clone(), listed.asset_id.clone())).or_default();
        let mut add = |to: fn(&mut Holding) -> &mut Units| {
            let sum = Units::sum([*to(holding), listed.coin.amount]);
            sum.map(|sum| *to(holding) = sum).ok_or_else(|| vec![Problem::AssetTooLarge(listed.coin.asset)])
        };
        if listed.state != State::Spent {
            add(|holding| &mut holding.has)?;
        }
        if mints.contains(&listed.place.hash) {
            add(|holding| &mut holding.came)?;
        }
    }
    Ok(all)
}
