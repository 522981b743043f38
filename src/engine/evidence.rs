//! The evidence of a trade as one file that anybody can check without the bot: what was agreed, who said and sent what
//! and when, every hash, and a signature with the key that signs kits.
//!
//! It is JSON, written in exactly one way: two spaces of indent, fields in the order below, a line break at the end. The
//! signature is over a label and the `evidence` part without white space. A file written in any other way is refused,
//! so that nothing can hide in what a reader does not see.

use serde::{Deserialize, Serialize};

use crate::id::{Hash, MessageId, TradeId, UserId};
use crate::mixin::{KitKey, kit_key};
use crate::store::ExhibitRow;
use crate::time::Millis;
use crate::trade::evidence::{self, Exhibit, ExhibitKind, Sent};
use crate::trade::terms::{Parties, Role, Terms};
use crate::trade::{Problem, Trade};

/// What this release writes.
const FORMAT: &str = "mixin-escrow evidence 1";
/// Before everything that is signed, so that no other signature of the key is taken for a file's.
const LABEL: &[u8] = b"mixin-escrow/evidence-file/1\n";
/// The longest file that is read, in bytes: some hundred exhibits of the largest size.
pub const READ_MAX: usize = 16 * 1024 * 1024;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    pub format: String,
    pub evidence: Evidence,
    /// Of the bot, 32 bytes in hex: to be compared with what the bot's operator says.
    pub public_key: Hash,
    /// Ed25519, 64 bytes in hex.
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Server time, in milliseconds and as a date.
    pub made_at: Millis,
    pub made: String,
    pub trade: TradeId,
    pub code: String,
    pub terms_hash: Hash,
    pub terms: Terms,
    pub buyer: UserId,
    pub seller: UserId,
    pub bot: UserId,
    /// Who called for a judge, in order.
    pub disputed_by: Vec<UserId>,
    /// What the last of them said it is about.
    pub problem: Option<Problem>,
    pub genesis: Hash,
    pub exhibits: Vec<Entry>,
    /// The last link.
    pub head: Hash,
}

/// One exhibit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub no: u32,
    pub by: UserId,
    pub role: Role,
    pub message: MessageId,
    /// Server time, in milliseconds and as a date.
    pub at: Millis,
    pub date: String,
    pub kind: ExhibitKind,
    pub size: u64,
    pub sha256: Hash,
    pub chain: Hash,
    /// The message's payload: a text, or the JSON that names an attachment; `None`: lost with a database.
    pub data: Option<String>,
}

/// Why a file proves nothing: the first that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it is no evidence file: {0}")]
    NoFile(String),
    #[error("it is of a format this release does not know: {0:?}; verify it with the release that wrote it")]
    Format(String),
    #[error("the terms are not those of the hash {0}")]
    Terms(Hash),
    #[error("the chain does not begin with this trade and these terms")]
    Genesis,
    #[error("exhibit {0} is missing, or stands elsewhere")]
    Missing(u32),
    #[error("exhibit {0} is of somebody who is no party, or of another side than it says")]
    Stranger(u32),
    #[error("exhibit {0}: its content is not what was hashed")]
    Content(u32),
    #[error("exhibit {0}: its kind or size is not that of its content")]
    Kind(u32),
    #[error("exhibit {0}: its date is not its time")]
    Date(u32),
    #[error("exhibit {0} does not follow the one before: it, or one before it, was changed, added or swapped")]
    Link(u32),
    #[error("the chain does not end where it did: exhibits are missing at the end, or were added")]
    Head,
    #[error("the signature does not fit: something was changed, or another key was put in")]
    Signature,
    #[error("it is signed with another key than the one it must be")]
    OtherKey,
    #[error("it is not written as it was: look at line {0}")]
    Written(usize),
}

impl EvidenceFile {
    /// The evidence of a trade; `None` before its parties are frozen. `kept`: what is kept of its exhibits, in any order;
    /// what does not fit its hash counts as lost. `now` is server time.
    #[must_use]
    pub fn of(trade: &Trade, kept: &[ExhibitRow], now: Millis, key: &KitKey) -> Option<Self> {
        let Parties { buyer, seller } = trade.parties?;
        let content = |exhibit: &Exhibit| {
            let row = kept.iter().find(|row| row.no == exhibit.no)?;
            (evidence::sha256(row.data.as_bytes()) == exhibit.sent.sha256).then(|| row.data.clone())
        };
        let entry = |exhibit: &Exhibit| {
            let Sent { message, at, kind, size, sha256 } = exhibit.sent;
            let role = trade.role_of(exhibit.by)?;
            let Exhibit { no, by, chain, .. } = *exhibit;
            let date = at.to_rfc3339();
            Some(Entry { no, by, role, message, at, date, kind, size, sha256, chain, data: content(exhibit) })
        };
        let evidence = Evidence {
            made_at: now,
            made: now.to_rfc3339(),
            trade: trade.id,
            code: trade.code.clone(),
            terms_hash: trade.terms_hash,
            terms: trade.terms.clone(),
            buyer,
            seller,
            bot: trade.terms.bot,
            disputed_by: trade.disputed_by.clone(),
            problem: trade.problem,
            genesis: evidence::genesis(trade.id, trade.terms_hash),
            exhibits: trade.exhibits.iter().map(entry).collect::<Option<_>>()?,
            head: trade.evidence_head(),
        };
        let signature = key.sign(&evidence.signed()).to_vec();
        Some(Self { format: FORMAT.into(), evidence, public_key: Hash(key.public()), signature })
    }

    /// As it is written.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file and checks everything in it: terms, order, contents, chain, signature, and that not a byte of it
    /// stands otherwise than it was written. Needs no keystore, no database and no network. `key`: the bot's public
    /// key, where it is known.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn verify(text: &str, key: Option<Hash>) -> Result<Self, Fault> {
        if text.len() > READ_MAX {
            return Err(Fault::NoFile(format!("it has more than {READ_MAX} bytes")));
        }
        let format = |value: &serde_json::Value| value.get("format")?.as_str().map(str::to_owned);
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| Fault::NoFile(error.to_string()))?;
        match format(&value) {
            Some(format) if format == FORMAT => {}
            Some(format) => return Err(Fault::Format(format)),
            None => return Err(Fault::NoFile("it has no format".into())),
        }
        let file: Self = serde_json::from_str(text).map_err(|error| Fault::NoFile(error.to_string()))?;
        file.evidence.check()?;
        let signature: [u8; 64] = file.signature.as_slice().try_into().map_err(|_| Fault::Signature)?;
        if !kit_key::signed_by(&file.public_key.0, &file.evidence.signed(), &signature) {
            return Err(Fault::Signature);
        }
        if key.is_some_and(|key| key != file.public_key) {
            return Err(Fault::OtherKey);
        }
        let again = file.write();
        if again != text {
            let same = again.split('\n').zip(text.split('\n')).take_while(|(ours, theirs)| ours == theirs).count();
            return Err(Fault::Written(same.saturating_add(1)));
        }
        Ok(file)
    }
}

impl Evidence {
    fn signed(&self) -> Vec<u8> {
        [LABEL, &serde_json::to_vec(self).unwrap_or_default()].concat()
    }

    fn check(&self) -> Result<(), Fault> {
        if self.terms.hash() != self.terms_hash {
            return Err(Fault::Terms(self.terms_hash));
        }
        if evidence::genesis(self.trade, self.terms_hash) != self.genesis {
            return Err(Fault::Genesis);
        }
        let mut before = self.genesis;
        for (no, entry) in (1u32..).zip(&self.exhibits) {
            if entry.no != no {
                return Err(Fault::Missing(no));
            }
            entry.check(self)?;
            let Entry { by, message, at, kind, size, sha256, .. } = *entry;
            let link = Exhibit::after(before, no, by, Sent { message, at, kind, size, sha256 });
            if link.chain != entry.chain {
                return Err(Fault::Link(no));
            }
            before = link.chain;
        }
        if before == self.head { Ok(()) } else { Err(Fault::Head) }
    }
}

impl Entry {
    fn check(&self, whole: &Evidence) -> Result<(), Fault> {
        let party = match self.role {
            Role::Buyer => whole.buyer,
            Role::Seller => whole.seller,
        };
        if self.by != party {
            return Err(Fault::Stranger(self.no));
        }
        if self.date != self.at.to_rfc3339() {
            return Err(Fault::Date(self.no));
        }
        let Some(data) = &self.data else { return Ok(()) };
        if evidence::sha256(data.as_bytes()) != self.sha256 {
            return Err(Fault::Content(self.no));
        }
        match evidence::read(self.kind.category(), data.as_bytes()) {
            Ok((kind, size, _)) if (kind, size) == (self.kind, self.size) => Ok(()),
            _ => Err(Fault::Kind(self.no)),
        }
    }
}

#[cfg(test)]
mod tests;
