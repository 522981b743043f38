//! The whole ledger against its transactions: every output made once, spent once, and no unit more or less.

use std::collections::{BTreeMap, BTreeSet};

use sha3::{Digest as _, Sha3_256};

use super::book::{Book, Entry, Listed, State};
use super::bytes::{Digest, Place};
use super::problem::Problem;
use super::units::Units;
use super::verify::{Coin, check_shape, check_spend};

/// Everything that is wrong with the ledger, whatever was agreed.
pub(super) fn check(book: &Book) -> Vec<Problem> {
    let mut problems = check_lists(book);
    let made = made(book);
    for entry in &book.entries {
        problems.extend(if entry.mint { check_shape(&entry.tx) } else { check_spend(&entry.tx, &made) });
    }
    problems.extend(check_outputs(book, &made));
    problems.extend(check_spends(book, &made));
    problems.extend(check_people(book));
    problems.extend(check_sums(book));
    problems
}

/// The outputs that final transactions and mints made, from their bytes alone. Withdrawals leave the network.
fn made(book: &Book) -> BTreeMap<Place, Coin> {
    let entries = book.entries.iter().filter(|entry| entry.is_final);
    let outputs = entries.flat_map(|entry| entry.tx.places().map(|(place, out)| (entry.tx.asset, place, out)));
    outputs
        .filter(|(_, _, out)| out.withdrawal.is_none())
        .map(|(asset, place, out)| {
            let (keys, script) = (out.keys.clone(), out.script.clone());
            (place, Coin { asset, amount: out.amount, keys, mask: out.mask, script })
        })
        .collect()
}

/// Hashes, references, and that nothing is there twice.
fn check_lists(book: &Book) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut hashes = BTreeSet::new();
    let finals: BTreeSet<Digest> =
        book.entries.iter().filter(|entry| entry.is_final).map(|entry| entry.tx.hash).collect();
    let mut keys: BTreeMap<Digest, Place> = BTreeMap::new();
    for Entry { listed, tx, .. } in &book.entries {
        if *listed != tx.hash {
            problems.push(Problem::OtherHash { listed: *listed, own: tx.hash });
        }
        if !hashes.insert(tx.hash) {
            problems.push(Problem::TransactionTwice(tx.hash));
            continue;
        }
        let unknown = tx.references.iter().filter(|reference| !finals.contains(reference));
        problems.extend(unknown.map(|reference| Problem::Reference { tx: tx.hash, reference: *reference }));
        for (second, out) in tx.places() {
            for key in &out.keys {
                if let Some(first) = keys.insert(*key, second) {
                    problems.push(Problem::KeyTwice { key: *key, first, second });
                }
            }
        }
    }
    let mut places = BTreeSet::new();
    let twice = book.outputs.iter().filter(|listed| !places.insert(listed.place));
    problems.extend(twice.map(|listed| Problem::OutputTwice(listed.place)));
    problems
}

/// The list of outputs against what was made, both ways.
fn check_outputs(book: &Book, made: &BTreeMap<Place, Coin>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let listed: BTreeSet<Place> = book.outputs.iter().map(|listed| listed.place).collect();
    for listed in &book.outputs {
        match made.get(&listed.place) {
            Some(made) => problems.extend(compare(listed, made)),
            None => problems.push(Problem::Unmade { output: listed.place, amount: listed.coin.amount }),
        }
    }
    let missing = made.iter().filter(|(place, _)| !listed.contains(place));
    problems.extend(missing.map(|(place, coin)| Problem::Missing { output: *place, amount: coin.amount }));
    problems
}

fn compare(listed: &Listed, made: &Coin) -> Vec<Problem> {
    let (output, coin) = (listed.place, &listed.coin);
    let mut problems = Vec::new();
    if coin.amount != made.amount {
        problems.push(Problem::Amount { output, listed: coin.amount, made: made.amount });
    }
    let keys = |coin: &Coin| coin.keys.iter().map(Digest::to_string).collect::<Vec<_>>().join(" ");
    let named = Digest(Sha3_256::digest(listed.asset_id.as_bytes()).into());
    let threshold = listed.threshold.map(|threshold| hex::encode([0xff, 0xfe, threshold]));
    let script = hex::encode(&made.script);
    for (what, is, should) in [
        ("asset", coin.asset.to_string(), made.asset.to_string()),
        ("hash of asset_id", named.to_string(), made.asset.to_string()),
        ("keys", keys(coin), keys(made)),
        ("mask", coin.mask.to_string(), made.mask.to_string()),
        ("script", hex::encode(&coin.script), script.clone()),
        ("threshold as script", threshold.unwrap_or_else(|| script.clone()), script),
    ] {
        if is != should {
            problems.push(Problem::Differs { output, what, listed: is, made: should });
        }
    }
    if listed.receivers.len() != made.keys.len() {
        problems.push(Problem::Receivers { output, receivers: listed.receivers.len(), keys: made.keys.len() });
    }
    problems
}

/// Every output is spent at most once, and the list says by whom.
fn check_spends(book: &Book, made: &BTreeMap<Place, Coin>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut spends: BTreeMap<Place, &Entry> = BTreeMap::new();
    for entry in &book.entries {
        for input in &entry.tx.inputs {
            if entry.mint && made.contains_key(input) {
                problems.push(Problem::MintSpends { tx: entry.tx.hash, output: *input });
            }
            if let Some(first) = spends.insert(*input, entry)
                && first.tx.hash != entry.tx.hash
            {
                problems.push(Problem::DoubleSpend { output: *input, first: first.tx.hash, second: entry.tx.hash });
            }
        }
    }
    for listed in &book.outputs {
        let spender = spends.get(&listed.place);
        let by = spender.filter(|entry| entry.is_final).map(|entry| entry.tx.hash);
        let right = match spender {
            Some(entry) if entry.is_final => listed.state == State::Spent && listed.spent_by == by,
            Some(_) => listed.state == State::Signed && listed.spent_by.is_none(),
            None => listed.state != State::Spent && listed.spent_by.is_none(),
        };
        if !right {
            let (says, is) = (
                state(listed.state, listed.spent_by),
                match spender {
                    Some(entry) if entry.is_final => state(State::Spent, by),
                    Some(_) => state(State::Signed, None),
                    None => state(State::Unspent, None),
                },
            );
            problems.push(Problem::State { output: listed.place, says, is });
        }
    }
    problems
}

fn state(state: State, spent_by: Option<Digest>) -> String {
    let word = match state {
        State::Unspent => "unspent",
        State::Signed => "signed",
        State::Spent => "spent",
    };
    spent_by.map_or_else(|| word.to_owned(), |hash| format!("{word} by {hash}"))
}

/// Who signed and who sent, as the network says, against the keys that were used.
fn check_people(book: &Book) -> Vec<Problem> {
    let places: BTreeMap<Place, &Listed> = book.outputs.iter().map(|listed| (listed.place, listed)).collect();
    let mints = book.entries.iter().filter(|entry| entry.mint);
    let signed = mints.filter(|entry| !entry.signers.is_empty() || !entry.tx.signatures.is_empty());
    let mut problems: Vec<Problem> = signed.map(|entry| Problem::MintSigned(entry.tx.hash)).collect();
    for Entry { tx, senders, signers, .. } in book.entries.iter().filter(|entry| !entry.mint) {
        let mut signed = BTreeSet::new();
        for (input, map) in tx.inputs.iter().zip(&tx.signatures) {
            let Some(spent) = places.get(input) else { continue };
            signed.extend(map.keys().filter_map(|index| spent.receivers.get(usize::from(*index))));
            if sorted(senders) != sorted(&spent.receivers) {
                let (listed, owners) = (senders.clone(), spent.receivers.clone());
                problems.push(Problem::Senders { tx: tx.hash, listed, output: *input, owners });
            }
        }
        if sorted(signers) != signed.iter().copied().collect::<Vec<_>>() {
            let signed = signed.into_iter().cloned().collect();
            problems.push(Problem::Signers { tx: tx.hash, listed: signers.clone(), signed });
        }
    }
    problems
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    names
}

/// Σ minted = Σ held + Σ withdrawn, for each asset. What is held is what the list says, not the bytes.
fn check_sums(book: &Book) -> Vec<Problem> {
    let finals = || book.entries.iter().filter(|entry| entry.is_final);
    let assets: BTreeSet<Digest> =
        finals().map(|entry| entry.tx.asset).chain(book.outputs.iter().map(|listed| listed.coin.asset)).collect();
    let check = |asset: Digest| {
        let of = || finals().filter(|entry| entry.tx.asset == asset);
        let minted = of().filter(|entry| entry.mint).flat_map(|entry| &entry.tx.outputs);
        let withdrawn = of().flat_map(|entry| &entry.tx.outputs).filter(|out| out.withdrawal.is_some());
        let held = book.outputs.iter().filter(|listed| listed.coin.asset == asset && listed.state != State::Spent);
        let minted = Units::sum(minted.map(|out| out.amount));
        let withdrawn = Units::sum(withdrawn.map(|out| out.amount));
        let held = Units::sum(held.map(|listed| listed.coin.amount));
        let (Some(minted), Some(withdrawn), Some(held)) = (minted, withdrawn, held) else {
            return Some(Problem::AssetTooLarge(asset));
        };
        let fits = held.0.checked_add(withdrawn.0) == Some(minted.0);
        (!fits).then_some(Problem::Sum { asset, minted, withdrawn, held })
    };
    assets.into_iter().filter_map(check).collect()
}
