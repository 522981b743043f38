//! The sandbox's ledger as JSON, taken apart. Fields this auditor does not need are ignored.

use serde::Deserialize;

use super::bytes::{Digest, Place, Tx};
use super::problem::Problem;
use super::units::Units;
use super::verify::Coin;

/// The ledger, every field read and every transaction decoded; nothing is compared yet.
pub(super) struct Book {
    pub(super) outputs: Vec<Listed>,
    pub(super) entries: Vec<Entry>,
}

/// One line of `outputs`.
pub(super) struct Listed {
    pub(super) place: Place,
    pub(super) asset_id: String,
    pub(super) coin: Coin,
    /// What the line says beside the script.
    pub(super) threshold: Option<u8>,
    /// User ids in the order of the keys.
    pub(super) receivers: Vec<String>,
    pub(super) state: State,
    pub(super) spent_by: Option<Digest>,
}

impl Listed {
    /// The person who alone can spend it.
    pub(super) fn owner(&self) -> Option<&str> {
        match (&*self.receivers, self.coin.threshold()) {
            ([owner], Some(1)) => Some(owner),
            _ => None,
        }
    }

    /// The owner, or all members, for a sentence.
    pub(super) fn owners(&self) -> String {
        self.receivers.join(" + ")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Unspent,
    /// Reserved by a transaction that is not final.
    Signed,
    Spent,
}

/// One line of `transactions`.
pub(super) struct Entry {
    pub(super) listed: Digest,
    pub(super) tx: Tx,
    /// Whose money it spends, as the network tells receivers.
    pub(super) senders: Vec<String>,
    /// In order of arrival.
    pub(super) signers: Vec<String>,
    /// False while the network has taken it and not yet made its outputs.
    pub(super) is_final: bool,
    pub(super) mint: bool,
}

#[derive(Deserialize)]
struct BookJson {
    outputs: Vec<OutputJson>,
    transactions: Vec<EntryJson>,
}

#[derive(Deserialize)]
struct OutputJson {
    transaction_hash: String,
    output_index: u16,
    asset_id: String,
    kernel_asset_id: String,
    amount: String,
    keys: Vec<String>,
    mask: String,
    script: Option<String>,
    threshold: Option<u8>,
    receivers: Vec<String>,
    state: State,
    spent_by: Option<String>,
}

#[derive(Deserialize)]
struct EntryJson {
    hash: String,
    raw: String,
    #[serde(default)]
    senders: Vec<String>,
    #[serde(default)]
    signers: Vec<String>,
    /// Absent when only final transactions are listed, null while one is not final.
    #[serde(default = "unsaid")]
    final_at: Option<serde_json::Value>,
    #[serde(default)]
    mint: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
const fn unsaid() -> Option<serde_json::Value> {
    Some(serde_json::Value::Bool(true))
}

impl Book {
    /// All that cannot be read, if anything cannot.
    pub(super) fn read(json: &str) -> Result<Self, Vec<Problem>> {
        let book: BookJson =
            serde_json::from_str(json).map_err(|error| vec![Problem::Unreadable(error.to_string())])?;
        let mut problems = Vec::new();
        let outputs = (0..).zip(book.outputs).map(|(at, line)| line.read(at));
        let outputs = outputs.filter_map(|line| line.map_err(|problem| problems.push(problem)).ok()).collect();
        let entries = (0..).zip(book.transactions).map(|(at, line)| line.read(at));
        let entries = entries.filter_map(|line| line.map_err(|problem| problems.push(problem)).ok()).collect();
        if problems.is_empty() { Ok(Self { outputs, entries }) } else { Err(problems) }
    }
}

/// Says where in the ledger a field is, when it is wrong.
struct Line {
    list: &'static str,
    at: usize,
}

impl Line {
    fn wrong(&self, field: &str, text: &str, why: &impl ToString) -> Problem {
        let at = format!("{}[{}].{field}", self.list, self.at);
        Problem::Field { at, text: text.chars().take(120).collect(), why: why.to_string() }
    }

    fn digest(&self, field: &str, text: &str) -> Result<Digest, Problem> {
        Digest::read(text).ok_or_else(|| self.wrong(field, text, &"is not 64 lower-case hex digits"))
    }
}

impl OutputJson {
    fn read(self, at: usize) -> Result<Listed, Problem> {
        let line = Line { list: "outputs", at };
        let keys: Result<Vec<Digest>, Problem> = self.keys.iter().map(|key| line.digest("keys", key)).collect();
        let script = match (&self.script, self.threshold) {
            (Some(script), _) => hex::decode(script).map_err(|_| line.wrong("script", script, &"is not hex"))?,
            (None, Some(threshold)) => vec![0xff, 0xfe, threshold],
            (None, None) => return Err(line.wrong("script", "", &"is missing, and so is the threshold")),
        };
        let spent_by = self.spent_by.filter(|hash| !hash.is_empty());
        Ok(Listed {
            place: Place { hash: line.digest("transaction_hash", &self.transaction_hash)?, index: self.output_index },
            coin: Coin {
                asset: line.digest("kernel_asset_id", &self.kernel_asset_id)?,
                amount: self.amount.parse::<Units>().map_err(|why| line.wrong("amount", &self.amount, &why))?,
                keys: keys?,
                mask: line.digest("mask", &self.mask)?,
                script,
            },
            asset_id: self.asset_id,
            threshold: self.threshold,
            receivers: self.receivers,
            state: self.state,
            spent_by: spent_by.map(|hash| line.digest("spent_by", &hash)).transpose()?,
        })
    }
}

impl EntryJson {
    fn read(self, at: usize) -> Result<Entry, Problem> {
        let line = Line { list: "transactions", at };
        let listed = line.digest("hash", &self.hash)?;
        let tx = Tx::read(&self.raw).map_err(|why| Problem::Undecodable { listed, why })?;
        let is_final = self.final_at.is_some();
        Ok(Entry { listed, tx, senders: self.senders, signers: self.signers, is_final, mint: self.mint })
    }
}
