//! The recovery kit as text: everything the bot knows of one trade, signed with a key of the spend seed. Parties keep
//! it; an operator whose database is gone puts it in and the trade goes on.
//!
//! Between the head and the foot line stands base64url (no padding, in lines) of `format ‖ public key ‖ signature ‖
//! zlib of JSON`; the signature is over a label, the format and the zlib bytes, so that nothing is unpacked that we
//! have not packed. It holds no key, and moves no money.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{IdSecret, RequestId, UserId};
use crate::mixin::KitKey;
use crate::time::Millis;
use crate::trade::case::Stage;
use crate::trade::{Order, PayLink, State, Trade};

/// The head and the foot line.
const HEAD: &str = "-----BEGIN MIXIN ESCROW KIT-----";
const FOOT: &str = "-----END MIXIN ESCROW KIT-----";
/// What this release writes.
const FORMAT: u8 = 1;
/// Before everything that is signed, so that no other signature of the key is taken for a kit's.
const LABEL: &[u8] = b"mixin-escrow/kit\n";
/// Characters of a line.
const LINE: usize = 64;
/// The longest kit that is sent, in bytes: with the words around it, and in base64 once more, it fits a message
/// (messaging §14) and a phone's display (64 KiB).
const SENT_MAX: usize = 48 * 1024;
/// The longest text that is read, and the most it may unpack to, in bytes.
const READ_MAX: usize = 256 * 1024;
const UNPACKED_MAX: u64 = 2 * 1024 * 1024;

/// One trade as the bot knew it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// Server time.
    pub made_at: Millis,
    pub code: String,
    pub bot: UserId,
    /// Of the vault, in the order of their keys; two of the three sign.
    pub members: Vec<UserId>,
    /// The vault's address.
    pub address: String,
    pub trade: Trade,
}

/// Why a text is no kit that can be put in, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    #[error("there is no kit in this text: it begins with {HEAD}; copy the bot's whole message")]
    NoKit,
    #[error("the kit is cut off: {FOOT} is missing; copy the bot's whole message")]
    Cut,
    #[error("the text holds more than one kit; put them in one by one")]
    Several,
    #[error("the text is too long for a kit (more than {READ_MAX} bytes); copy the bot's one message and nothing else")]
    TooLong,
    #[error("the kit is damaged, {0}; copy the bot's message once more, or ask the other party for theirs")]
    Broken(&'static str),
    #[error("the kit was made by a newer release (format {0}, this one knows {FORMAT}); put it in with that release")]
    Newer(u8),
    #[error(
        "the kit was signed by another bot, or with another spend key; use the keystore of the bot that sent it (it is for that keystore alone)"
    )]
    OtherBot,
}

impl Kit {
    /// The kit of a trade; `None` before its parties are frozen. `now` is server time.
    #[must_use]
    pub fn of(trade: &Trade, now: Millis) -> Option<Self> {
        let vault = trade.vault()?;
        let mut trade = trade.clone();
        // What only the buyer or MixPay may know is derived again when the kit is read, and asked of MixPay anew:
        // whoever knows a trace can use it up, and what bears a code or a memo passes for MixPay's money.
        for link in &mut trade.links {
            link.trace = RequestId(Uuid::nil());
            link.memo.clear();
        }
        for order in &mut trade.orders {
            order.id.clear();
            order.memo.clear();
            order.opened = None;
        }
        // Why the operator stopped it is between him and his notes.
        trade.frozen = trade.frozen.map(|_| "it was frozen when the kit was made".to_owned());
        // Whom the secret order chose, and who would not, is nobody's to know before somebody has taken the case.
        if let Some(case) = &mut trade.case {
            case.asked.clear();
            case.passed.clear();
            if let Stage::Offered { .. } = case.stage {
                case.stage = Stage::Open;
            }
        }
        // A signature that was given and taken back must not reach the other party by this way.
        for plan in trade.plans.iter_mut().filter(|plan| plan.authorised.is_none()) {
            plan.signed.clear();
        }
        let (code, bot) = (trade.code.clone(), trade.terms.bot);
        let address = vault.address();
        Some(Self { made_at: now, code, bot, members: vault.members, address, trade })
    }

    /// As text, without anything around it. A kit too long for a message leaves out what the vault itself shows.
    #[must_use]
    pub fn write(&self, key: &KitKey) -> String {
        let whole = self.armour(key);
        if whole.len() <= SENT_MAX { whole } else { self.bare().armour(key) }
    }

    fn armour(&self, key: &KitKey) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        // Into memory, so neither can fail; what could not be read back would be seen by the reader.
        let _ = zlib.write_all(&json);
        let packed = zlib.finish().unwrap_or_default();
        let mut bytes = vec![FORMAT];
        bytes.extend(key.public());
        bytes.extend(key.sign(&signed(FORMAT, &packed)));
        bytes.extend(packed);
        let mut text = String::from(HEAD);
        for (nth, letter) in URL_SAFE_NO_PAD.encode(&bytes).chars().enumerate() {
            if nth % LINE == 0 {
                text.push('\n');
            }
            text.push(letter);
        }
        text.push('\n');
        text.push_str(FOOT);
        text
    }

    /// As it was when the parties were frozen: the deposits are found again by their names, the plans made anew.
    fn bare(&self) -> Self {
        let mut bare = self.clone();
        // What bears no name could not be found again.
        bare.trade.deposits.retain(|deposit| deposit.claimed);
        bare.trade.plans.clear();
        match bare.trade.state {
            State::Funded { .. } | State::Delivered { .. } | State::Settling { .. } => {
                bare.trade.state = State::AwaitingPayment { until: self.made_at };
            }
            // Nothing of it may go either way before somebody has looked.
            State::Disputed { .. } => {
                bare.trade.state = State::AwaitingPayment { until: self.made_at };
                bare.trade.frozen = Some("its kit was made in a dispute".to_owned());
            }
            _ => {}
        }
        bare
    }

    /// Reads a kit out of a text as people copy it: other words around it, broken lines and `> ` do no harm.
    ///
    /// # Errors
    /// See [`KitError`]. Only what this very key has signed is ever unpacked.
    pub fn read(text: &str, key: &KitKey, ids: &IdSecret) -> Result<Self, KitError> {
        let bytes =
            URL_SAFE_NO_PAD.decode(letters(text)?).map_err(|_| KitError::Broken("a letter is wrong or missing"))?;
        let short = KitError::Broken("it is too short");
        let (format, rest) = bytes.split_first().ok_or(short.clone())?;
        if *format > FORMAT {
            return Err(KitError::Newer(*format));
        }
        let (public, rest) = rest.split_first_chunk::<32>().ok_or(short.clone())?;
        let (signature, packed) = rest.split_first_chunk::<64>().ok_or(short)?;
        if *public != key.public() {
            return Err(KitError::OtherBot);
        }
        if !key.knows(&signed(*format, packed), signature) {
            return Err(KitError::Broken("its signature does not fit"));
        }
        let mut json = Vec::new();
        let read = ZlibDecoder::new(packed).take(UNPACKED_MAX).read_to_end(&mut json);
        read.map_err(|_| KitError::Broken("it cannot be unpacked"))?;
        // Signed by us, so it was whole: only another release writes what this one cannot read.
        let mut kit: Self = serde_json::from_slice(&json).map_err(|_| KitError::Newer(*format))?;
        let trade = kit.trade.id;
        for link in &mut kit.trade.links {
            *link = PayLink::of(ids, trade, link.round, link.amount);
        }
        for order in &mut kit.trade.orders {
            order.id = Order::id_of(ids, trade, order.round);
            order.memo = Order::memo_of(ids, trade, order.round);
        }
        if kit.trade.parties.is_none() {
            return Err(KitError::Broken("its trade has no parties"));
        }
        Ok(kit)
    }
}

fn signed(format: u8, packed: &[u8]) -> Vec<u8> {
    [LABEL, &[format], packed].concat()
}

/// The letters between head and foot. Everything that copying adds is dropped, in the marks too.
fn letters(text: &str) -> Result<String, KitError> {
    if text.len() > READ_MAX {
        return Err(KitError::TooLong);
    }
    let added = |c: &char| c.is_whitespace() || matches!(c, '>' | '|' | '`' | '\u{200b}'..='\u{200f}' | '\u{feff}');
    let tight = |text: &str| text.chars().filter(|c| !added(c)).collect::<String>();
    let (text, head, foot) = (tight(text), tight(HEAD), tight(FOOT));
    let (_, behind) = text.split_once(&head).ok_or(KitError::NoKit)?;
    let (inside, rest) = behind.split_once(&foot).ok_or(KitError::Cut)?;
    if inside.contains(&head) {
        return Err(KitError::Cut);
    }
    // The same kit twice (quoted and once more) is one kit.
    let others: BTreeSet<&str> =
        rest.split(head.as_str()).skip(1).filter_map(|more| more.split(&foot).next()).collect();
    if others.iter().any(|other| *other != inside) {
        return Err(KitError::Several);
    }
    Ok(inside.to_owned())
}

#[cfg(test)]
mod tests;
