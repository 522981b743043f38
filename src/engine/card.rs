//! The seal under a trade card: the key that signs kits signs the words as they were said (design §3 rule 7), so that a
//! copy with another name, amount or number is told from the bot's own by whoever sends it to the bot.
//!
//! The letters are base64url (no padding) of `format ‖ first 8 bytes of the public key ‖ signature`; signed is a label,
//! the format, and [`sealed::canonical`] of the words.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::chat::sealed::{self, Sealed};
use crate::mixin::KitKey;

/// What this release writes.
const FORMAT: u8 = 1;
/// Before everything that is signed, so that no other signature of the key is taken for a card's.
const LABEL: &[u8] = b"mixin-escrow/card\n";
/// Of the public key: whose seal it says it is.
const MARK: usize = 8;
/// Of the letters, whole.
const BYTES: usize = 1 + MARK + 64;

/// What a seal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Genuine,
    /// It says that it is ours, and is not of these words.
    Altered,
    /// Another key's.
    Foreign,
    /// Letters are missing.
    Cut,
}

/// The words with their seal.
pub(super) fn seal(words: &str, key: &KitKey) -> String {
    let signature = key.sign(&signed(FORMAT, &sealed::canonical(words)));
    let mut bytes = vec![FORMAT];
    bytes.extend(key.public().into_iter().take(MARK));
    bytes.extend(signature);
    format!("{words}\n{}", sealed::seal_line(&URL_SAFE_NO_PAD.encode(bytes)))
}

/// Whether this very key has sealed these words.
pub(super) fn check(card: &Sealed, key: &KitKey) -> Verdict {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(&card.letters) else { return Verdict::Altered };
    if bytes.len() < BYTES {
        return Verdict::Cut;
    }
    let (format, rest) = bytes.split_first().map_or((0, &[][..]), |(format, rest)| (*format, rest));
    let (mark, signature) = rest.split_at_checked(MARK).unwrap_or_default();
    if !key.public().starts_with(mark) {
        return Verdict::Foreign;
    }
    let signature: Result<[u8; 64], _> = signature.try_into();
    let good = signature.is_ok_and(|signature| key.knows(&signed(format, &card.words), &signature));
    if good && format == FORMAT { Verdict::Genuine } else { Verdict::Altered }
}

fn signed(format: u8, canonical: &str) -> Vec<u8> {
    [LABEL, &[format], canonical.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::sealed::NoCard;

    const WORDS: &str = "Trade K7Q2MD · Funded · 101 USDT\n- Buyer: “Alice” (Mixin ID 46801)\n- Seller: “小明 B.” (Mixin ID 46802)\n\
        - Price: 100.5 USDT · TRON\n- As it stood on 2026-11-23 11:55 UTC\n- Bot: Mixin ID 7000101276; send it this text to check it";

    fn key() -> KitKey {
        KitKey::from_spend_seed(&[7; 32])
    }

    fn verdict(text: &str) -> Option<Verdict> {
        sealed::read(text).ok().map(|card| check(&card, &key()))
    }

    #[test]
    fn forwarding_does_no_harm() {
        let card = seal(WORDS, &key());
        assert_eq!(verdict(&card), Some(Verdict::Genuine));
        let quoted = card.lines().map(|line| format!("  > {line}  ")).collect::<Vec<_>>().join("\r\n");
        for copy in [
            card.replace('\n', " "),
            card.replace('\n', ""),
            card.replace(' ', "  \n"),
            card.replace(" · ", "·"),
            card.replace(' ', "\u{a0}"),
            format!("look what the bot says:\n{card}\nnow pay"),
            quoted,
        ] {
            assert_eq!(verdict(&copy), Some(Verdict::Genuine), "{copy}");
        }
        let read = sealed::read(&format!("the bot says {card} bye")).unwrap();
        assert_eq!((read.code.as_str(), read.more), ("K7Q2MD", true));
        assert_eq!(sealed::date(&read.words), Some("2026-11-23 11:55"));
        assert_eq!(sealed::state(&read.words), Some("Funded"));
        assert!(!sealed::read(&card).unwrap().more);
        // A line of the same make before it is taken for its beginning.
        let before = format!("Trade K7Q2MD · Funded · 1 USDT\n{card}");
        assert_eq!(verdict(&before), Some(Verdict::Altered));
    }

    #[test]
    fn what_is_no_whole_card_is_told_apart() {
        let card = seal(WORDS, &key());
        let cut = |from: usize, to: usize| card.chars().skip(from).take(to - from).collect::<String>();
        let letters = card.chars().count();
        assert_eq!(verdict(&cut(0, letters - 20)), Some(Verdict::Cut));
        assert_eq!(sealed::read(&cut(40, letters)), Err(NoCard::Cut));
        assert_eq!(sealed::read(&format!("{card}\n{card}")), Err(NoCard::Several));
        assert_eq!(sealed::read(WORDS), Err(NoCard::None));
        let other = seal(WORDS, &KitKey::from_spend_seed(&[8; 32]));
        assert_eq!(verdict(&other), Some(Verdict::Foreign));
        assert_eq!(verdict(&format!("{WORDS}\n· SEAL · AAAA ·")), Some(Verdict::Cut));
    }

    #[test]
    fn every_other_number_name_code_or_amount_is_found() {
        let card = seal(WORDS, &key());
        for (told, lie) in [
            ("46802", "46803"),
            ("Alice", "Аlice"),
            ("100.5", "1005"),
            ("100.5", "100. 5\u{202e}"),
            ("100.5", "10 0.5"),
            ("101 USDT", "1010 USDT"),
            ("K7Q2MD", "K7Q2MF"),
            ("7000101276", "7000101277"),
            ("Funded", "Settled"),
            ("TRON", "Ethereum"),
            ("11-23", "11-24"),
            ("Buyer", "Seller"),
        ] {
            assert_eq!(verdict(&card.replacen(told, lie, 1)), Some(Verdict::Altered), "{told} → {lie}");
        }
    }

    proptest! {
        /// One character other, more or less, anywhere in the words: never taken for ours. Spaces between words may break.
        #[test]
        fn any_changed_character_is_found(at in 0usize..400, with in "[a-zA-Z0-9А-я“”·().:\u{202e}\u{200b}-]", how in 0..3) {
            let card: Vec<char> = seal(WORDS, &key()).chars().collect();
            let at = at % card.len();
            prop_assume!(!card[at].is_whitespace());
            let with = with.chars().next().unwrap();
            let mut copy = card.clone();
            match how {
                0 if copy[at] != with => copy[at] = with,
                1 => drop(copy.remove(at)),
                _ => copy.insert(at, with),
            }
            let copy: String = copy.into_iter().collect();
            // What is put before the first line or behind the seal is no part of it, and said to be somebody's own.
            let outside = sealed::read(&copy).is_ok_and(|card| card.more);
            prop_assert!(outside || verdict(&copy) != Some(Verdict::Genuine), "{}", copy);
        }

        #[test]
        fn no_text_harms(text in "\\PC*|(Trade |K7Q2MD|·| SEAL |>|\n|[A-Za-z0-9_-]{1,99}){0,30}") {
            let _ = (sealed::holds(&text), verdict(&text), sealed::canonical(&text));
        }
    }
}
