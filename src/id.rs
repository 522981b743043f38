//! Ids: one type for each noun, and ids that can be derived again after a crash.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::ZeroizeOnDrop;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// A person or a bot on Mixin.
    UserId
    /// An asset, by its Mixin UUID (the kernel knows it by a hash of this).
    AssetId
    /// A conversation: a 1:1 chat or a group.
    ConversationId
    /// A chat message; also what makes handling it twice harmless.
    MessageId
    /// A trade of ours.
    TradeId
    /// A Safe multisig request, or a payment's trace: Mixin uses one name space for both.
    RequestId
    /// A job of ours.
    JobId
}

/// 32 bytes known by their lower-case hex: transaction hashes, members hashes, kernel asset ids, terms hashes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map(|()| Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The letters of Crockford's base 32: none can be mistaken for another when read aloud.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `bytes` in Crockford letters, five bits a letter, `letters` of them.
#[must_use]
pub fn crockford(bytes: &[u8; 16], letters: usize) -> String {
    let bits = u128::from_be_bytes(*bytes);
    (1u32..)
        .take(letters.min(26))
        .map(|nth| {
            // The last of 26 has three bits left.
            let index = 128u32.checked_sub(5 * nth).map_or(bits << 2, |low| bits >> low) & 31;
            char::from(CROCKFORD.get(usize::try_from(index).unwrap_or(0)).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// A typed code as people may write it, back to its letters: any case, `O` for 0, `I` and `L` for 1.
/// `None` when a character is no Crockford letter.
#[must_use]
pub fn crockford_read(text: &str) -> Option<String> {
    text.chars()
        .map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c if c.is_ascii() && CROCKFORD.contains(&u8::try_from(c).ok()?) => Some(c),
            _ => None,
        })
        .collect()
}

/// The key behind every id we choose: an HMAC of the spend seed, so ids survive the loss of the database and
/// nobody else can occupy them (design §3 rule 7).
#[derive(Clone, ZeroizeOnDrop)]
pub struct IdSecret([u8; 32]);

impl IdSecret {
    /// The fixed label that separates this key from every other use of the seed.
    const LABEL: &'static [u8] = b"mixin-escrow/ids/1";

    #[must_use]
    pub fn from_spend_seed(seed: &[u8; 32]) -> Self {
        Self(derived_key(seed, Self::LABEL))
    }

    /// The first 16 bytes of `HMAC(secret, cause, purpose, round)`. `cause` is the trade, or the inbound
    /// message before there is one; `round` rises only when an id is found taken or used up, never on a retry.
    #[must_use]
    pub fn derive(&self, cause: Uuid, purpose: &str, round: u32) -> [u8; 16] {
        let full = hmac(&self.0, &[cause.as_bytes(), &round.to_be_bytes(), purpose.as_bytes()]);
        let mut first = [0; 16];
        first.copy_from_slice(full.split_at(16).0);
        first
    }

    /// [`derive`](Self::derive) with the bits of a version 4 UUID.
    #[must_use]
    pub fn uuid(&self, cause: Uuid, purpose: &str, round: u32) -> Uuid {
        uuid::Builder::from_random_bytes(self.derive(cause, purpose, round)).into_uuid()
    }
}

/// Makes the addresses of trade pages and knows them again. A key of its own, so that whoever serves pages can derive
/// nothing else.
#[derive(Clone)]
pub struct PageKey(IdSecret);

impl PageKey {
    /// The fixed label that separates this key from every other use of the secret.
    const LABEL: &'static [u8] = b"mixin-escrow/pages/1";
    /// 128 bits.
    const LETTERS: usize = 26;

    #[must_use]
    pub fn of(ids: &IdSecret) -> Self {
        Self(IdSecret(derived_key(&ids.0, Self::LABEL)))
    }

    /// What opens a party's page of a trade: the trade's code, a dash, and 26 letters nobody can guess.
    #[must_use]
    pub fn token(&self, trade: TradeId, code: &str, party: UserId) -> String {
        let secret = self.0.derive(trade.0, &format!("page/{party}"), 0);
        format!("{code}-{}", crockford(&secret, Self::LETTERS))
    }

    /// The code in a token, if it has the shape of one: then it is worth looking up.
    #[must_use]
    pub fn code_in(token: &str) -> Option<&str> {
        let letters = |text: &str| text.bytes().all(|letter| CROCKFORD.contains(&letter));
        let (code, secret) = token.split_once('-')?;
        (letters(code) && letters(secret) && secret.len() == Self::LETTERS).then_some(code)
    }

    /// Whether `token` is that. Takes as long for a near miss as for a wide one.
    #[must_use]
    pub fn opens(&self, token: &str, trade: TradeId, code: &str, party: UserId) -> bool {
        // Hashes of this kind are compared in constant time.
        blake3::hash(token.as_bytes()) == blake3::hash(self.token(trade, code, party).as_bytes())
    }
}

/// A key of its own for every use of the spend seed, told apart by a fixed label (design §3 rule 7).
pub(crate) fn derived_key(seed: &[u8; 32], label: &[u8]) -> [u8; 32] {
    hmac(seed, &[label])
}

/// HMAC-SHA256 over the parts, one after the other.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is taken, so there is no failure to handle; an empty MAC would only lose the id.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_repeat_and_differ() {
        let secret = IdSecret::from_spend_seed(&[7; 32]);
        let cause = Uuid::from_u128(1);
        assert_eq!(secret.uuid(cause, "a", 0), secret.uuid(cause, "a", 0));
        assert_ne!(secret.uuid(cause, "a", 0), secret.uuid(cause, "a", 1));
        assert_ne!(secret.uuid(cause, "a", 0), secret.uuid(cause, "b", 0));
        assert_ne!(secret.uuid(cause, "a", 0), secret.uuid(Uuid::from_u128(2), "a", 0));
        assert_eq!(secret.uuid(cause, "a", 0).get_version_num(), 4);
    }

    #[test]
    fn a_page_opens_for_its_party_only() {
        let key = PageKey::of(&IdSecret::from_spend_seed(&[7; 32]));
        let (trade, buyer, seller) =
            (TradeId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
        let token = key.token(trade, "K7Q2MD", buyer);
        assert!(token.len() == 33 && token.starts_with("K7Q2MD-") && key.opens(&token, trade, "K7Q2MD", buyer));
        assert_eq!(token, PageKey::of(&IdSecret::from_spend_seed(&[7; 32])).token(trade, "K7Q2MD", buyer));
        assert!(!key.opens(&token, trade, "K7Q2MD", seller));
        assert!(!key.opens(&token, TradeId(Uuid::from_u128(9)), "K7Q2MD", buyer));
        assert!(!PageKey::of(&IdSecret::from_spend_seed(&[8; 32])).opens(&token, trade, "K7Q2MD", buyer));
        for forged in ["", "K7Q2MD", "K7Q2MD-", &token[..32], &format!("{token}0"), &token.to_lowercase()] {
            assert!(!key.opens(forged, trade, "K7Q2MD", buyer), "{forged}");
        }
    }

    #[test]
    fn codes_read_as_people_write_them() {
        let code = crockford(&[0xff; 16], 6);
        assert_eq!(code, "ZZZZZZ");
        assert_eq!(crockford(&[0xff; 16], 26), format!("{}W", "Z".repeat(25)), "all 128 bits");
        assert_eq!(crockford_read("zo1lIx"), Some("Z0111X".into()));
        assert_eq!(crockford_read("k7q2mu"), None);
    }
}
