//! Money that was locked and spent before it was ever seen here: the database was put back from a copy, or the bot
//! was away while others went on.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use crate::id::Hash;
use crate::money::Amount;
use crate::trade::deposit::{Deposit, Lock};

/// The deposits one transaction spent, when together they were all that was due: those a settlement froze, largest
/// first, as it froze them. Of several such transactions the one over the oldest deposit. `None`: what is due was
/// never locked as far as anybody can see.
///
/// Such a trade has been paid, so its buyer must not be asked again; whose transaction it was shows once the payload
/// over these inputs is built again, from the same keys.
pub(super) fn spent_together(deposits: &[Deposit], due: Amount) -> Option<(Option<Hash>, Vec<&Deposit>)> {
    let mut together: BTreeMap<Option<Hash>, Vec<&Deposit>> = BTreeMap::new();
    for deposit in deposits.iter().filter(|d| d.oddity.is_none()) {
        if let Lock::Spent(by) = deposit.lock {
            together.entry(by).or_default().push(deposit);
        }
    }
    let enough = |(_, group): &(Option<Hash>, Vec<&Deposit>)| {
        Amount::sum(group.iter().map(|d| d.amount)).is_some_and(|sum| sum >= due)
    };
    let oldest = |(_, group): &(Option<Hash>, Vec<&Deposit>)| group.iter().map(|d| d.sequence).min();
    let (by, mut found) = together.into_iter().filter(enough).min_by_key(oldest)?;
    found.sort_by_key(|d| (std::cmp::Reverse(d.amount), d.sequence));
    Some((by, found))
}

/// Whether these inputs, by whom each was spent, all went in one transaction.
pub(super) fn went_together(spent: &[Option<Hash>], inputs: usize) -> bool {
    spent.len() == inputs && spent.iter().all(|by| spent.first() == Some(by))
}
