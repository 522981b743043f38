//! Reads what people write against the table, in whatever language.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use super::{Row, Shape, TABLE, Typed, Word};
use crate::chat::text::{self, CODE_LETTERS, TOKEN_LETTERS};
use crate::id;

/// What a text is, as far as the table knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Command(Typed),
    /// A command's word, but what follows does not fit it.
    Unfit(Word),
    /// No command.
    Other,
}

/// Reads a text against the table. The longest name or alias that the text begins with wins.
#[must_use]
pub fn read(written: &str) -> Read {
    let form = text::command_form(written);
    let Some((row, name, behind)) = named(&form) else { return Read::Other };
    match row.shape {
        Shape::Words => Read::Command(Typed::with_words(row.word, words_behind(written, name).join(" "))),
        Shape::Part => Read::Command(read_part(row, words_behind(written, name))),
        Shape::Alone | Shape::Code | Shape::MaybeCode | Shape::Token | Shape::CodeAndToken => read_letters(row, behind),
    }
}

/// The name or alias by which a text is taken for a command.
#[must_use]
pub fn name_in(written: &str) -> Option<&'static str> {
    named(&text::command_form(written)).map(|(_, name, _)| name)
}

fn named(form: &str) -> Option<(&'static Row, &'static str, &str)> {
    let names = TABLE.iter().flat_map(|row| {
        let all = std::iter::once(row.name).chain(row.aliases.iter().copied());
        all.filter_map(move |name| Some((row, name, behind(form, row, name)?)))
    });
    names.max_by_key(|(_, name, _)| name.len())
}

/// What follows `name` in `form`, when it begins with it. Chinese is written without spaces: there a code or a number
/// may follow at once, and anything may where words are expected, unless the name is a single letter, with which many
/// other words begin.
fn behind<'a>(form: &'a str, row: &Row, name: &str) -> Option<&'a str> {
    let rest = form.strip_prefix(name)?;
    let apart = rest.is_empty() || rest.starts_with(' ');
    let words = row.shape == Shape::Words && name.chars().count() > 1;
    let glued = || text::is_chinese(name) && (words || rest.starts_with(|c: char| c.is_ascii()));
    (apart || glued()).then(|| rest.trim_start())
}

/// As written, without the command's own words.
fn words_behind(written: &str, name: &str) -> Vec<String> {
    let said = text::said(written);
    let rest = said.strip_prefix(name).filter(|_| text::is_chinese(name));
    match rest.map(|rest| rest.trim_start_matches([' ', ':', '：', ',', '，'])) {
        Some("") => Vec::new(),
        Some(rest) => rest.split(' ').map(str::to_owned).collect(),
        None => said.split(' ').skip(name.split(' ').count()).map(str::to_owned).collect(),
    }
}

/// A code comes first and a token last; what is between them is how much.
fn read_part(row: &Row, mut words: Vec<String>) -> Typed {
    let letters = |word: &String, count| {
        let read = id::crockford_read(text::command_form(word).trim_start_matches('#'));
        read.filter(|letters| letters.len() == count)
    };
    // "split 100000" is an amount, though it could be a code.
    let number = |word: &String| words.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = words.first().filter(|word| !number(word)).and_then(|word| letters(word, CODE_LETTERS));
    words.drain(..usize::from(code.is_some()));
    let token = words.last().and_then(|word| letters(word, TOKEN_LETTERS));
    words.truncate(words.len().saturating_sub(usize::from(token.is_some())));
    Typed { code, token, ..Typed::with_words(row.word, words.join(" ")) }
}

/// Codes and tokens: told apart by their length.
fn read_letters(row: &Row, behind: &str) -> Read {
    let mut typed = Typed::alone(row.word);
    for word in behind.split_whitespace() {
        let word = word.trim_start_matches('#');
        let Some(letters) = id::crockford_read(word) else { return Read::Unfit(row.word) };
        match letters.len() {
            CODE_LETTERS if typed.code.is_none() && typed.token.is_none() => typed.code = Some(letters),
            TOKEN_LETTERS if typed.token.is_none() => typed.token = Some(letters),
            _ => return Read::Unfit(row.word),
        }
    }
    let fits = match row.shape {
        Shape::Alone | Shape::Words | Shape::Part => typed.code.is_none() && typed.token.is_none(),
        Shape::Code => typed.code.is_some() && typed.token.is_none(),
        Shape::MaybeCode => typed.token.is_none(),
        Shape::Token => typed.code.is_none() && typed.token.is_some(),
        Shape::CodeAndToken => true,
    };
    if fits { Read::Command(typed) } else { Read::Unfit(row.word) }
}

/// A bare code: six letters with at least one digit among them, so that few words of a language are one.
#[must_use]
pub fn read_code(written: &str) -> Option<String> {
    let form = text::command_form(written);
    let word = form.trim_start_matches('#');
    let letters = id::crockford_read(word)?;
    (letters.len() == CODE_LETTERS && word.bytes().any(|b| b.is_ascii_digit())).then_some(letters)
}
