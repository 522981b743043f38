//! A trade written in one line, taken apart.
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use super::{Dialog, Named, Turn, set_item, set_price};
use crate::chat::House;
use crate::chat::price::{self, Problem};
use crate::chat::text;
use crate::trade::terms::Role;

/// `camera lens 100 USDT`, `camera lens for 100 USDT from 46802`, `"camera lens" 0.5 BTC @46802`, or only a part
/// of it: what is missing is asked.
pub(super) fn offer(role: Role, words: &str, house: &House) -> Turn {
    let (words, other) = take_other(words);
    let other = other.map(Named::Number);
    if words.is_empty() {
        return Turn::go_on(Dialog::Item { role, other }, house);
    }
    let (item, price) = take_price(&words, house);
    let turn = set_item(role, &item, other, house);
    match (price, turn.dialog) {
        (Some(price), dialog @ Dialog::Price { .. }) => set_price(&price, &dialog, house),
        (_, dialog) => Turn { dialog, act: turn.act },
    }
}

/// Takes `from 46802`, `to @46802`, `with 46802`, `卖家 46802` or a last `@46802` off the end.
fn take_other(line: &str) -> (String, Option<String>) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((last, before)) = words.split_last() else { return (String::new(), None) };
    let Some(number) = text::number(last) else { return (line.to_owned(), None) };
    let joined = |words: &[&str]| words.join(" ");
    match before.split_last() {
        Some((word, before))
            if ["from", "to", "with", "买家", "卖家", "对方", "给", "向", "找"]
                .contains(&word.to_lowercase().as_str()) =>
        {
            (joined(before), Some(number))
        }
        _ if last.starts_with(['@', '＠']) => (joined(before), Some(number)),
        _ => (line.to_owned(), None),
    }
}

/// Splits item and price. Without a price that can be one, everything is the item.
fn take_price(line: &str, house: &House) -> (String, Option<String>) {
    const OPENING: [char; 3] = ['"', '“', '„'];
    if let Some(inside) = line.strip_prefix(OPENING)
        && let Some((item, rest)) = inside.split_once(['"', '”', '“'])
    {
        let rest = without_joint(rest.trim());
        return (item.to_owned(), (!rest.is_empty()).then(|| rest.to_owned()));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut splits = (1..words.len()).rev().filter_map(|at| {
        let (item, price) = words.split_at_checked(at)?;
        let starts = price
            .first()?
            .starts_with(|c: char| c.is_numeric() || matches!(c, '-' | '−' | '$' | '€' | '£' | '¥' | '.'));
        starts.then(|| (item, price.join(" ")))
    });
    let found = splits.find(|(_, price)| may_be_price(price, house));
    match found {
        None => (line.to_owned(), None),
        Some((item, price)) => {
            let item = match item.split_last() {
                Some((joint, item)) if !item.is_empty() && is_joint(joint) => item.join(" "),
                _ => item.join(" "),
            };
            (item, Some(price))
        }
    }
}

fn is_joint(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "for" | "at" | "价格" | "售价")
}

fn without_joint(words: &str) -> &str {
    words.split_once(' ').filter(|(first, _)| is_joint(first)).map_or(words, |(_, rest)| rest)
}

/// A price, or so nearly one that the person should hear what is wrong with it. "iPhone 15 Pro" is none.
fn may_be_price(words: &str, house: &House) -> bool {
    match price::read(words, house) {
        Ok(_) | Err(Problem::Fiat(_)) => true,
        Err(Problem::UnknownAsset(name)) => {
            (3..=5).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase())
        }
        Err(problem) => problem.names_asset() && price::ends_with_asset(words, house),
    }
}
