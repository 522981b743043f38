//! The settlement: which transaction it is, who signed it, and whether everybody got what was agreed.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, Entry, Listed};
use super::bytes::{Digest, Place};
use super::problem::Problem;
use super::shares::{Shares, shares};
use super::units::Units;
use super::{Expected, Outcome, Settlement};

const VAULT_THRESHOLD: u8 = 2;

/// A final transaction that spends outputs of one vault.
struct Spend<'a> {
    entry: &'a Entry,
    vault: BTreeSet<&'a str>,
    asset_ids: BTreeSet<&'a str>,
    inputs: Units,
    from_buyer: Units,
    /// Of whom each input came, where one person sent it.
    sources: Vec<Option<&'a str>>,
    outputs: Vec<Paid<'a>>,
}

struct Paid<'a> {
    output: Place,
    amount: Units,
    /// The one person who can spend it.
    owner: Option<&'a str>,
    owners: String,
}

/// How well a spend fits what was agreed; the best fitting spend is the settlement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Pays exactly what was agreed, out of all that was due.
    Whole,
    /// Pays exactly what can be paid out of less.
    Short,
    /// Pays somebody other than the buyer, so it is no return.
    Payment,
    Any,
}

/// One settlement for each of `trades`, each from a spend of its own; then every other spend of a vault must be a return.
pub(super) fn check(book: &Book, trades: &[Expected]) -> (Vec<Option<Settlement>>, Vec<Problem>) {
    let mut problems = Vec::new();
    let lines: BTreeMap<Place, &Listed> = book.outputs.iter().map(|listed| (listed.place, listed)).collect();
    let priced: Vec<Option<(&Expected, Units)>> = trades
        .iter()
        .map(|terms| price(terms).map_err(|problem| problems.push(problem)).ok().map(|at| (terms, at)))
        .collect();
    let mut chosen: Vec<Option<Spend>> = trades.iter().map(|_| None).collect();
    let mut taken = BTreeSet::new();
    for fit in [Fit::Whole, Fit::Short, Fit::Payment, Fit::Any] {
        for (place, known) in chosen.iter_mut().zip(&priced) {
            let (None, Some((terms, price))) = (&place, known) else { continue };
            if terms.outcome == Outcome::Nothing {
                continue;
            }
            let mut spends = spends(book, &lines, terms).filter(|spend| spend.asset_ids.contains(&*terms.asset_id));
            *place = spends.find(|spend| !taken.contains(&spend.entry.tx.hash) && fits(spend, terms, *price, fit));
            taken.extend(place.as_ref().map(|spend| spend.entry.tx.hash));
        }
    }
    let usable: Vec<&Expected> = priced.iter().flatten().map(|(terms, _)| *terms).collect();
    let mut settlements = Vec::new();
    for (spend, known) in chosen.into_iter().zip(priced) {
        let settlement = match (spend, known) {
            (Some(spend), Some((terms, price))) => judge(&spend, terms, price, &mut problems),
            (None, Some((terms, _))) if terms.outcome != Outcome::Nothing => {
                let [buyer, seller, bot] = [&terms.buyer, &terms.seller, &terms.bot].map(String::clone);
                problems.push(Problem::NoSettlement { buyer, seller, bot });
                None
            }
            _ => None,
        };
        settlements.push(settlement);
    }
    problems.extend(check_returns(book, &lines, &usable, taken));
    (settlements, problems)
}

fn price(terms: &Expected) -> Result<Units, Problem> {
    let people = BTreeSet::from([&terms.buyer, &terms.seller, &terms.bot]);
    if people.len() != 3 {
        return Err(Problem::Terms("buyer, seller and bot are not three"));
    }
    if [&terms.buyer, &terms.seller].contains(&&terms.fee_receiver) {
        return Err(Problem::Terms("the fee goes to a party"));
    }
    if u128::from(terms.fee_bps) > 10_000 {
        return Err(Problem::Terms("the fee is more than the price"));
    }
    terms.price.parse().map_err(|_| Problem::Terms("the price is not a decimal number of at most 8 decimals"))
}

/// All final spends of this trade's vault, in the ledger's order.
fn spends<'a>(
    book: &'a Book,
    lines: &BTreeMap<Place, &'a Listed>,
    terms: &Expected,
) -> impl Iterator<Item = Spend<'a>> {
    let entries = book.entries.iter().filter(|entry| entry.is_final && !entry.mint);
    entries.filter_map(move |entry| spend(book, lines, terms, entry))
}

fn spend<'a>(
    book: &'a Book,
    lines: &BTreeMap<Place, &'a Listed>,
    terms: &Expected,
    entry: &'a Entry,
) -> Option<Spend<'a>> {
    let vault = BTreeSet::from([&*terms.buyer, &*terms.seller, &*terms.bot]);
    let inputs: Vec<&Listed> = entry.tx.inputs.iter().filter_map(|place| lines.get(place).copied()).collect();
    let of_vault = |listed: &&&Listed| {
        let members: BTreeSet<&str> = listed.receivers.iter().map(String::as_str).collect();
        members == vault && listed.coin.threshold() == Some(VAULT_THRESHOLD)
    };
    let first = inputs.iter().find(of_vault)?;
    let source = |listed: &Listed| {
        // Nobody's key proves who sent money from outside, so it is nobody's.
        let maker = book.entries.iter().find(|entry| entry.tx.hash == listed.place.hash && !entry.mint)?;
        if let [sender] = &*maker.senders { Some(sender.as_str()) } else { None }
    };
    let sources: Vec<Option<&str>> = inputs.iter().map(|listed| source(listed)).collect();
    let payer = terms.paid_by.as_deref().unwrap_or(&terms.buyer);
    let bought = inputs.iter().zip(&sources).filter(|(_, source)| **source == Some(payer));
    let outputs = entry.tx.places().map(|(output, out)| {
        let line = lines.get(&output);
        let owners = line.map_or_else(|| "nobody on the ledger".to_owned(), |line| line.owners());
        Paid { output, amount: out.amount, owner: line.and_then(|line| line.owner()), owners }
    });
    Some(Spend {
        entry,
        vault: first.receivers.iter().map(String::as_str).collect(),
        asset_ids: inputs.iter().map(|listed| &*listed.asset_id).collect(),
        // Sums beyond 128 bits are told by the check of the transaction itself.
        inputs: Units::sum(inputs.iter().map(|listed| listed.coin.amount))?,
        from_buyer: Units::sum(bought.map(|(listed, _)| listed.coin.amount))?,
        sources,
        outputs: outputs.collect(),
    })
}

impl Spend<'_> {
    fn paid_to(&self, person: &str) -> Units {
        let outputs = self.outputs.iter().filter(|paid| paid.owner == Some(person));
        Units::sum(outputs.map(|paid| paid.amount)).unwrap_or_default()
    }
}

fn fits(spend: &Spend, terms: &Expected, price: Units, fit: Fit) -> bool {
    let exact = || {
        shares(price, terms, spend.inputs).filter(|owed| {
            let paid = [&terms.seller, &terms.fee_receiver, &terms.buyer].map(|person| spend.paid_to(person));
            paid == [owed.seller, owed.fee, owed.buyer]
        })
    };
    match fit {
        Fit::Whole => exact().is_some_and(|owed| spend.inputs >= owed.due),
        Fit::Short => exact().is_some(),
        Fit::Payment => spend.outputs.iter().any(|paid| paid.owner != Some(&terms.buyer)),
        Fit::Any => true,
    }
}

/// Compares one settlement with the terms, unit by unit.
fn judge(spend: &Spend, terms: &Expected, price: Units, problems: &mut Vec<Problem>) -> Option<Settlement> {
    let tx = spend.entry.tx.hash;
    let signers = spend.entry.signers.clone();
    problems.extend(wrong_signers(spend.entry, terms));
    let Some(owed) = shares(price, terms, spend.inputs) else {
        problems.push(Problem::Terms("the amounts are beyond 128 bits, which this auditor does not support"));
        return None;
    };
    let paid_out = matches!(terms.outcome, Outcome::Release | Outcome::Split { .. });
    if paid_out && !terms.short_ok && spend.inputs < owed.due {
        problems.push(Problem::Short { tx, inputs: spend.inputs, due: owed.due });
    }
    check_paid(spend, terms, &owed, problems);
    // Of a split, and of what the two agree on between themselves, either may sign first.
    let receiver = match terms.outcome {
        Outcome::Release => Some(&terms.seller),
        Outcome::Refund => Some(&terms.buyer),
        Outcome::Split { .. } | Outcome::Elsewhere { .. } | Outcome::Nothing => None,
    };
    if let (Some(first), Some(receiver)) = (spend.outputs.first(), receiver)
        && first.owner != Some(receiver)
    {
        let (receiver, should) = (first.owners.clone(), receiver.clone());
        problems.push(Problem::FirstOutput { output: first.output, receiver, should });
    }
    Some(Settlement {
        hash: tx,
        signers,
        inputs: spend.inputs,
        buyer_paid: spend.from_buyer,
        buyer_returned: spend.paid_to(&terms.buyer),
        seller_received: spend.paid_to(&terms.seller),
        fee: spend.paid_to(&terms.fee_receiver),
        due: owed.due,
    })
}

fn check_paid(spend: &Spend, terms: &Expected, owed: &Shares, problems: &mut Vec<Problem>) {
    let tx = spend.entry.tx.hash;
    let owed = [
        ("seller", &terms.seller, owed.seller),
        ("fee receiver", &terms.fee_receiver, owed.fee),
        ("buyer", &terms.buyer, owed.buyer),
    ];
    for (role, person, owed) in owed {
        let mine: Vec<&Paid> = spend.outputs.iter().filter(|paid| paid.owner == Some(person)).collect();
        let paid = spend.paid_to(person);
        if paid != owed {
            let at = mine.first().map_or_else(|| format!("settlement {tx}"), |paid| format!("output {}", paid.output));
            problems.push(Problem::Paid { at, role, paid, owed });
        }
        if mine.len() > 1 {
            problems.push(Problem::ManyOutputs { tx, receiver: person.clone(), count: mine.len() });
        }
    }
    let known = |paid: &&Paid| owed.iter().any(|(_, person, _)| paid.owner == Some(person));
    problems.extend(spend.outputs.iter().filter(|paid| !known(paid)).map(|paid| Problem::Stranger {
        output: paid.output,
        receiver: paid.owners.clone(),
        amount: paid.amount,
    }));
}

/// Who had to sign a settlement, and did not.
fn wrong_signers(entry: &Entry, terms: &Expected) -> Option<Problem> {
    if !terms.without_bot && !matches!(terms.outcome, Outcome::Elsewhere { .. }) {
        return bot_not_last(entry, terms);
    }
    let parties = BTreeSet::from([&*terms.buyer, &*terms.seller]);
    let signers: BTreeSet<&str> = entry.signers.iter().map(String::as_str).collect();
    (signers != parties).then(|| Problem::NotTheParties { tx: entry.tx.hash, signers: entry.signers.clone() })
}

fn bot_not_last(entry: &Entry, terms: &Expected) -> Option<Problem> {
    let last = entry.signers.last() == Some(&terms.bot) && entry.signers.len() > 1;
    let (tx, bot, signers) = (entry.tx.hash, terms.bot.clone(), entry.signers.clone());
    (!last).then_some(Problem::BotNotLast { tx, bot, signers })
}

/// What spends a vault and settles no trade gives everything back: to a buyer of that vault, or to its sender.
fn check_returns(
    book: &Book,
    lines: &BTreeMap<Place, &Listed>,
    trades: &[&Expected],
    mut taken: BTreeSet<Digest>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for terms in trades {
        for spend in spends(book, lines, terms) {
            if !taken.insert(spend.entry.tx.hash) {
                continue;
            }
            problems.extend(bot_not_last(spend.entry, terms));
            let buyers: BTreeSet<&str> = trades
                .iter()
                .filter(|trade| spend.vault.contains(&*trade.buyer) && spend.vault.contains(&*trade.seller))
                .map(|trade| &*trade.buyer)
                .collect();
            let back = |paid: &Paid| {
                let sent = spend.sources.iter().all(|source| source.is_some() && *source == paid.owner);
                sent || paid.owner.is_some_and(|owner| buyers.contains(owner))
            };
            problems.extend(spend.outputs.iter().filter(|paid| !back(paid)).map(|paid| Problem::StraySpend {
                tx: spend.entry.tx.hash,
                output: paid.output,
                receiver: paid.owners.clone(),
                amount: paid.amount,
            }));
        }
    }
    problems
}
