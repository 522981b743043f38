//! The end of a story against what it had to be: counted from the terms, never read back from the bot.

use std::collections::BTreeMap;

use serde_json::Value;

use super::people::{People, counted};
use super::{Stuck, Terms};
use crate::sim::auditor::{Expected, Holding, Outcome, Units, audit_all, holdings};

/// How one trade has to end.
pub struct Trade {
    pub code: String,
    pub price: Units,
    /// As the phones show it.
    pub state: &'static str,
    pub outcome: Outcome,
    /// Who signed the settlement, in order.
    pub signers: &'static [&'static str],
    /// What was frozen for it; the rest of the vault is given back.
    pub paid: Units,
    pub fee_waived: bool,
    pub short_ok: bool,
}

impl Trade {
    fn expected(&self, people: &People<'_>) -> Expected {
        let without_bot = !self.signers.is_empty() && !self.signers.contains(&"bot");
        let (fee_waived, short_ok) = (self.fee_waived, self.short_ok);
        Expected { fee_waived, short_ok, without_bot, ..people.expected(self.price, self.outcome) }
    }
}

/// How a story has to end.
pub struct Ending {
    pub trades: Vec<Trade>,
    /// What came into the vault from outside, by nobody's purse; it is the buyer's.
    pub from_outside: Units,
    /// What stays in the vault.
    pub remains: Units,
}

impl Ending {
    pub(super) fn of(trades: Vec<Trade>) -> Self {
        Self { trades, from_outside: Units(0), remains: Units(0) }
    }
}

/// How a trade did end.
#[derive(Debug, serde::Serialize)]
pub struct Ended {
    pub trade: String,
    pub state: String,
    pub outcome: &'static str,
    pub signers: Vec<String>,
}

/// What a story came to.
#[derive(Debug)]
pub struct Report {
    pub trades: Vec<Ended>,
    /// By role and asset: what everybody has more or less than came to them, and what the vault holds. Decimal texts,
    /// with a sign where something is missing.
    pub balances: BTreeMap<String, BTreeMap<String, String>>,
    /// Empty when the story ended as it had to.
    pub problems: Vec<String>,
}

type Nets = BTreeMap<(String, String), i128>;

/// Holds everything against the ending. `problems` of the report are what is wrong.
pub(super) fn check(people: &mut People<'_>, ending: &Ending) -> Result<Report, Stuck> {
    let ledger = people.ground.control("GET", "ledger", &Value::Null)?.to_string();
    let expected: Vec<Expected> = ending.trades.iter().map(|trade| trade.expected(people)).collect();
    let (settlements, found) = audit_all(&ledger, &expected);
    let mut problems: Vec<String> = found.iter().map(ToString::to_string).collect();
    let mut trades = Vec::new();
    for (trade, settlement) in ending.trades.iter().zip(settlements) {
        people.code = Some(trade.code.clone());
        for who in ["buyer", "seller"] {
            let state = people.state(who).unwrap_or_default();
            if state != trade.state {
                problems.push(format!("the {who} reads that {} is {state}, not {}", trade.code, trade.state));
            }
        }
        let signers = settlement.into_iter().flat_map(|settlement| settlement.signers);
        let signers: Vec<String> = signers.map(|id| role(people, &id)).collect();
        if signers != trade.signers {
            problems.push(format!("{} was signed by {signers:?}, not by {:?}", trade.code, trade.signers));
        }
        let state = people.state("buyer").unwrap_or_default();
        trades.push(Ended { trade: trade.code.clone(), state, outcome: outcome(trade.outcome), signers });
    }
    let (is, should) = (nets(people, &ledger)?, nets_of(people, ending)?);
    for at in is.keys().chain(should.keys().filter(|at| !is.contains_key(*at))) {
        let [is, should] = [&is, &should].map(|nets| nets.get(at).copied().unwrap_or(0));
        if is != should {
            let (who, asset) = at;
            problems.push(format!("the {who} has {} of asset {asset}, not {}", signed(is), signed(should)));
        }
    }
    problems.extend(people.ground.books()?.into_iter().map(|broken| format!("the bot's own books: {broken}")));
    let mut balances: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for ((who, asset), net) in is {
        balances.entry(who).or_default().insert(label(&people.terms, &asset), signed(net));
    }
    Ok(Report { trades, balances, problems })
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Release => "release",
        Outcome::Refund => "refund",
        Outcome::Split { .. } => "split",
        Outcome::Elsewhere { .. } => "elsewhere",
        Outcome::Nothing => "nothing",
    }
}

/// What everybody has more or less than came to them; of the vault, what it holds. Zero where somebody took part.
fn nets(people: &People<'_>, ledger: &str) -> Result<Nets, Stuck> {
    let all = holdings(ledger).map_err(|found| {
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        Stuck::Wrong(lines.join("; "))
    })?;
    let mut nets = Nets::new();
    for ((owners, asset), holding) in all {
        let (who, holding) = match owners.as_slice() {
            [one] => (role(people, one), holding),
            _ => ("vault".to_owned(), Holding { came: Units(0), ..holding }),
        };
        let net = holding.net().ok_or_else(|| Stuck::Wrong("too much money to be counted".into()))?;
        let sum = nets.entry((who, asset)).or_insert(0);
        *sum = sum.saturating_add(net);
    }
    Ok(nets)
}

/// The same as it should be.
fn nets_of(people: &People<'_>, ending: &Ending) -> Result<Nets, Stuck> {
    let units = |units: Units| i128::try_from(units.0).unwrap_or(i128::MAX);
    let mut nets = Nets::new();
    let mut add = |who: &str, net: i128| {
        let sum = nets.entry((who.to_owned(), people.terms.asset.id.clone())).or_insert(0);
        *sum = sum.saturating_add(net);
    };
    for trade in &ending.trades {
        let owed = counted(trade.price, &trade.expected(people), trade.paid)?;
        add("seller", units(owed.seller));
        add("fees", units(owed.fee));
        add("buyer", units(owed.seller).saturating_add(units(owed.fee)).saturating_neg());
    }
    add("buyer", units(ending.from_outside).saturating_sub(units(ending.remains)));
    add("vault", units(ending.remains));
    Ok(nets)
}

fn role(people: &People<'_>, id: &str) -> String {
    let roles = ["buyer", "seller", "bot", "fees", "stranger"];
    roles.into_iter().find(|role| people.id(role) == id).map_or_else(|| id.to_owned(), str::to_owned)
}

fn label(terms: &Terms, asset: &str) -> String {
    let known = [&terms.asset, &terms.other].into_iter().find(|coin| coin.id == asset);
    known.map_or_else(|| asset.to_owned(), |coin| coin.label.clone())
}

fn signed(net: i128) -> String {
    let sign = if net < 0 { "-" } else { "" };
    format!("{sign}{}", Units(net.unsigned_abs()))
}
