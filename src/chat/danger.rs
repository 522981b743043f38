//! What people must never give away, and links that somebody else wants paid: noticed before it is read as anything
//! else, so that it becomes no item, no answer, and is shown to nobody.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use crate::chat::text;

/// What a text seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// The words of a recovery phrase.
    Phrase,
    /// A private key, or a keystore.
    Key,
    Pin,
}

/// How many words a recovery phrase has; Mixin's own has one more than others.
const PHRASES: [usize; 7] = [12, 13, 15, 18, 21, 24, 25];
/// Words that stand in sentences and in no phrase.
const PROSE: [&str; 22] = [
    "the", "and", "for", "from", "are", "was", "has", "had", "not", "but", "your", "our", "his", "her", "its", "have",
    "would", "please", "which", "were", "been", "they",
];
const PIN_WORDS: [&str; 6] = ["pin", "password", "passcode", "密码", "口令", "验证码"];
const PIN_DIGITS: usize = 6;
const KEY_MARKS: [&str; 4] = ["private key-----", "session_private_key", "spend_private_key", "\"private_key\""];
const KEY_LENGTHS: [usize; 2] = [64, 128];

/// What must not be given away, if the text seems to hold any of it.
#[must_use]
pub fn secret(written: &str) -> Option<Danger> {
    let form = text::command_form(written);
    let words: Vec<&str> = form.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if is_phrase(&words) {
        return Some(Danger::Phrase);
    }
    let hex = |word: &&str| KEY_LENGTHS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if KEY_MARKS.iter().any(|mark| form.contains(mark)) || words.iter().any(hex) {
        return Some(Danger::Key);
    }
    let digits = |part: &str| part.len() == PIN_DIGITS;
    let number = form.split(|c: char| !c.is_ascii_digit()).any(digits);
    let named = PIN_WORDS.iter().any(|word| if word.is_ascii() { words.contains(word) } else { form.contains(word) });
    (number && named).then_some(Danger::Pin)
}

fn is_phrase(words: &[&str]) -> bool {
    let fits = |word: &&str| (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    PHRASES.contains(&words.len()) && words.iter().all(|word| fits(word) && !PROSE.contains(word))
}

/// Links that open a payment, in the forms the apps and MixPay know. Ours among them: only the trade knows which.
const PAY_LINKS: [&str; 10] = [
    "mixin.one/pay",
    "mixin://pay",
    "mixin.one/transfer",
    "mixin://transfer",
    "mixin.one/codes/",
    "mixin://codes/",
    "mixpay.me/",
    "mixin.one/withdrawal",
    "mixin://withdrawal",
    "mixin.one/schemes/",
];

/// Whether the text holds a link to pay by.
#[must_use]
pub fn holds_pay_link(written: &str) -> bool {
    let form = text::command_form(written);
    PAY_LINKS.iter().any(|link| form.contains(link))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_noticed() {
        let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        for (said, danger) in [
            (phrase, Danger::Phrase),
            ("1. Legal 2. winner", Danger::Phrase),
            ("my PIN is 123456", Danger::Pin),
            ("密码123456", Danger::Pin),
            ("0c8c8a3e6a0b4b368a5e3f0f5a0b7c110c8c8a3e6a0b4b368a5e3f0f5a0b7c11", Danger::Key),
            ("{\"session_private_key\": \"x\"}", Danger::Key),
        ] {
            let said = if said.starts_with("1.") { phrase.replace(' ', "\n") } else { said.to_owned() };
            assert_eq!(secret(&said), Some(danger), "{said}");
        }
        for said in [
            "a camera lens with two caps and a box in very good condition",
            "buy a used bike from the shop next door for one hundred USDT",
            "123456",
            "paid K7Q2MD",
            "spinning wheel 123456 rounds",
            "0c8c8a3e-6a0b-4b36-8a5e-3f0f5a0b7c11",
        ] {
            assert_eq!(secret(said), None, "{said}");
        }
    }

    #[test]
    fn links_to_pay_are_noticed_in_any_form() {
        for said in
            ["pay here https://Mixin.One/pay/MIX3?asset=x", "MIXIN://pay?recipient=x", "https://mixpay.me/pay?x"]
        {
            assert!(holds_pay_link(said), "{said}");
        }
        assert!(!holds_pay_link("https://mixin.one/multisigs/x") && !holds_pay_link("I pay you tomorrow"));
    }
}
