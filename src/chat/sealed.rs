//! The text of a trade card as people copy and forward it: where it begins and ends, and what about it matters. Pure;
//! whose seal it is the engine says.
//!
//! A card is lines of ours, the first of them `Trade K7Q2MD · Funded · 101 USDT`, then a line `· SEAL · letters ·` with
//! a signature over everything before it. `·` stands in nobody's name (see [`text::quoted`](crate::chat::text::quoted)).
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing))]

use crate::chat::text::CODE_LETTERS;
use crate::id;

const SEAL: &str = "SEAL";
const DOT: char = '·';
const BEGIN: &str = "Trade";

/// A card, taken out of the words around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What is signed: see [`canonical`].
    pub words: String,
    /// The letters of the seal; not all of them when the text is cut off.
    pub letters: String,
    /// The code it names, in its own letters.
    pub code: String,
    /// Words of somebody's own stand before or behind it.
    pub more: bool,
}

/// Why there is no card to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCard {
    /// No seal at all.
    None,
    /// A seal and no beginning: it is cut off, or was changed.
    Cut,
    Several,
}

/// The line that ends a card.
#[must_use]
pub fn seal_line(letters: &str) -> String {
    format!("{DOT} {SEAL} {DOT} {letters} {DOT}")
}

/// Whether a text has a seal, or what looks like one.
#[must_use]
pub fn holds(text: &str) -> bool {
    !seals(text).is_empty()
}

/// Byte ranges of `· SEAL ·`, whatever spaces are in it.
fn seals(text: &str) -> Vec<(usize, usize)> {
    let mark = |(at, found): (usize, &str)| {
        let before = text.get(..at)?.trim_end().strip_suffix(DOT)?;
        let end = at.saturating_add(found.len());
        let behind = text.get(end..)?;
        let rest = behind.trim_start().strip_prefix(DOT)?;
        Some((before.len(), text.len().saturating_sub(rest.len())))
    };
    text.match_indices(SEAL).filter_map(mark).collect()
}

/// Takes the one card out of a text.
///
/// # Errors
/// [`NoCard`], when there is none, or more than one.
pub fn read(text: &str) -> Result<Sealed, NoCard> {
    let seals = seals(text);
    let (from, to) = match seals.as_slice() {
        [] => return Err(NoCard::None),
        [one] => *one,
        _ => return Err(NoCard::Several),
    };
    let (before, behind) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    let (begin, code) = begins(before).ok_or(NoCard::Cut)?;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (inside, rest) = behind.split_once(DOT).unwrap_or((behind, ""));
    let letters: String = inside.chars().filter(|c| !c.is_whitespace() && *c != '>').collect();
    // Without its end it is cut off: what follows the letters is somebody's own.
    let whole = letters.chars().all(letter) && behind.contains(DOT);
    let letters = if whole { letters } else { String::new() };
    let own = |words: &str| words.chars().any(|c| !c.is_whitespace() && c != '>');
    let more = own(before.get(..begin).unwrap_or_default()) || own(rest);
    Ok(Sealed { words: canonical(before.get(begin..).unwrap_or_default()), letters, code, more })
}

/// Where the first line begins, and the code in it.
fn begins(text: &str) -> Option<(usize, String)> {
    text.match_indices(BEGIN).find_map(|(at, found)| {
        let rest = text.get(at.saturating_add(found.len())..)?;
        let behind = rest.trim_start();
        let (word, behind) = behind.split_at_checked(CODE_LETTERS)?;
        let code = id::crockford_read(word).filter(|code| code == word)?;
        behind.trim_start().starts_with(DOT).then_some((at, code))
    })
}

/// The text as it is signed. Forwarding may break lines elsewhere, add spaces and mark quotations: a space counts only
/// between two letters or digits, and a `>` that begins a line not at all. Everything else does.
#[must_use]
pub fn canonical(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches(|c: char| c.is_whitespace() || c == '>'));
    let joined = lines.collect::<Vec<_>>().join("\n");
    let word = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',');
    let mut whole = String::with_capacity(joined.len());
    let mut space = false;
    for c in joined.chars() {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if space && word(c) && whole.chars().next_back().is_some_and(word) {
            whole.push(' ');
        }
        space = false;
        whole.push(c);
    }
    whole
}

/// The state a card tells, in the law's own word.
#[must_use]
pub fn state(words: &str) -> Option<&str> {
    words.split(DOT).nth(1)
}

/// Its date, as [`stamp`] writes it. Nothing of anybody's stands behind it.
#[must_use]
pub fn date(words: &str) -> Option<&str> {
    let end = words.rfind(" UTC")?;
    let from = end.checked_sub("2026-11-23 11:55".len())?;
    words.get(from..end)
}

/// A moment (server time), the same in every language: `2026-11-23 11:55`, in UTC.
#[must_use]
pub fn stamp(server: crate::time::Millis) -> String {
    let moment = jiff::Timestamp::from_millisecond(server.0).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}
