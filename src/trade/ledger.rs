//! The books, reckoned again from what is stored alone. Nothing here is needed to run, and nothing of it decides: it tells
//! whether rows were changed by anything but the law.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::id::TradeId;
use crate::money::Amount;
use crate::trade::deposit::INPUTS_MAX;
use crate::trade::event::Event;
use crate::trade::plan::{End, Plan};
use crate::trade::state::Trade;

/// What must hold of every trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// What is stored can be read, and the columns say what the row says.
    Row,
    /// The events of its history add up to the row.
    History,
    /// The terms are those that were accepted.
    Terms,
    /// A plan pays out what it takes in, to the last unit.
    Sums,
    /// A plan spends deposits of its own trade, as they were frozen.
    Inputs,
    /// A deposit has one owner: a trade, or nobody.
    Owner,
    /// At most one plan is authorised over an input.
    Authorised,
}

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The trade's code; `None`: it concerns no trade that is there.
    pub trade: Option<String>,
    pub rule: Rule,
    pub why: String,
}

/// Everything read so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    codes: BTreeMap<TradeId, String>,
    owners: BTreeMap<Uuid, TradeId>,
    authorised: BTreeMap<Uuid, (TradeId, u32)>,
    /// Outputs as the bot keeps them beside the trades, with the trade each was given to.
    outputs: Vec<(Uuid, Option<TradeId>)>,
    broken: Vec<Broken>,
    /// How many plans were read.
    pub plans: u64,
}

impl Ledger {
    /// A trade and its history: the version each event was committed as, oldest first.
    pub fn trade(&mut self, trade: &Trade, history: &[(u64, Event)]) {
        self.codes.insert(trade.id, trade.code.clone());
        if let Some(why) = replay(trade, history) {
            self.breaks(trade, Rule::History, why);
        }
        if trade.terms.hash() != trade.terms_hash {
            self.breaks(trade, Rule::Terms, "the terms are not those whose hash was accepted".into());
        }
        for deposit in &trade.deposits {
            if let Some(other) = self.owners.insert(deposit.output_id, trade.id) {
                let other = self.codes.get(&other).cloned().unwrap_or_default();
                self.breaks(trade, Rule::Owner, format!("deposit {} is held by trade {other}, too", deposit.output_id));
            }
        }
        for plan in &trade.plans {
            self.plan(trade, plan);
        }
    }

    fn plan(&mut self, trade: &Trade, plan: &Plan) {
        self.plans = self.plans.saturating_add(1);
        let no = plan.no;
        let taken = Amount::sum(plan.inputs.iter().map(|input| input.amount));
        let paid = Amount::sum(plan.payouts.iter().map(|payout| payout.amount));
        if taken.is_none() || taken != paid {
            let amount =
                |sum: Option<Amount>| sum.map_or_else(|| "too much to count".to_owned(), |sum| sum.to_string());
            self.breaks(
                trade,
                Rule::Sums,
                format!("plan {no} takes in {} and pays out {}", amount(taken), amount(paid)),
            );
        }
        if plan.payouts.iter().any(|payout| payout.amount.is_zero()) {
            self.breaks(trade, Rule::Sums, format!("plan {no} has an output of zero"));
        }
        let once: BTreeSet<Uuid> = plan.inputs.iter().map(|input| input.output_id).collect();
        if once.len() != plan.inputs.len() || once.is_empty() || once.len() > INPUTS_MAX {
            self.breaks(
                trade,
                Rule::Inputs,
                format!("plan {no} has {} inputs, of which {} differ", plan.inputs.len(), once.len()),
            );
        }
        for input in &plan.inputs {
            let own = trade.deposits.iter().find(|deposit| deposit.output_id == input.output_id);
            let same = own.is_some_and(|d| {
                (d.hash, d.index, d.amount, d.asset) == (input.hash, input.index, input.amount, plan.asset)
                    && d.keys == input.keys
            });
            if !same {
                let why = if own.is_some() { "is not as it came" } else { "is no deposit of this trade" };
                self.breaks(trade, Rule::Inputs, format!("input {} of plan {no} {why}", input.output_id));
            }
            // What is void for ever stands in nobody's way.
            if plan.authorised.is_some()
                && plan.end != Some(End::Void)
                && let Some((other, before)) = self.authorised.insert(input.output_id, (trade.id, no))
            {
                let other = self.codes.get(&other).cloned().unwrap_or_default();
                let why = format!(
                    "plan {no} is authorised over {}, and so is plan {before} of trade {other}",
                    input.output_id
                );
                self.breaks(trade, Rule::Authorised, why);
            }
        }
    }

    /// An output of a vault and the trade it was given to; `None`: it names none.
    pub fn output(&mut self, output: Uuid, given_to: Option<TradeId>) {
        self.outputs.push((output, given_to));
    }

    /// Something stored that cannot be what it says.
    pub fn wrong(&mut self, trade: Option<String>, rule: Rule, why: String) {
        self.broken.push(Broken { trade, rule, why });
    }

    fn breaks(&mut self, trade: &Trade, rule: Rule, why: String) {
        self.wrong(Some(trade.code.clone()), rule, why);
    }

    /// Every rule that does not hold, when everything was read.
    #[must_use]
    pub fn close(mut self) -> Vec<Broken> {
        for (output, given_to) in std::mem::take(&mut self.outputs) {
            let holds = self.owners.get(&output).copied();
            if holds == given_to {
                continue;
            }
            let code = |trade: Option<TradeId>| match trade {
                Some(id) => self
                    .codes
                    .get(&id)
                    .map_or_else(|| format!("trade {id}, which is not there"), |c| format!("trade {c}")),
                None => "no trade".to_owned(),
            };
            let why = format!("deposit {output} was given to {}, and {} holds it", code(given_to), code(holds));
            let trade = given_to.or(holds).and_then(|id| self.codes.get(&id).cloned());
            self.wrong(trade, Rule::Owner, why);
        }
        self.broken
    }
}

/// Why the history does not add up to the row; `None`: it does. The version is the history's; when somebody last showed
/// an interest is no event, and moves no money.
fn replay(trade: &Trade, history: &[(u64, Event)]) -> Option<String> {
    let Some(((_, first), rest)) = history.split_first() else { return Some("there is no history".into()) };
    let Some(mut again) = first.birth() else { return Some("the history does not begin with a birth".into()) };
    for (_, event) in rest {
        event.apply(&mut again);
    }
    let ascends = history.iter().zip(rest).all(|((before, _), (after, _))| before <= after);
    let last = history.last().map_or(0, |(version, _)| *version);
    if !ascends || last != trade.version {
        return Some(format!("the history ends at version {last}, the row is version {}", trade.version));
    }
    again.version = trade.version;
    again.stirred = trade.stirred;
    if again == *trade {
        return None;
    }
    let fields = |trade: &Trade| {
        serde_json::to_value(trade).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default()
    };
    let (told, stored) = (fields(&again), fields(trade));
    let other: Vec<&str> =
        stored.iter().filter(|(key, value)| told.get(*key) != Some(value)).map(|(key, _)| key.as_str()).collect();
    Some(format!("the row says otherwise than its history: {}", other.join(", ")))
}
