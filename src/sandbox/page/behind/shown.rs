//! How things are shown: tables that become cards on a phone, money, people, hashes, moments, other people's words.

use maud::{Markup, html};

use crate::id::{AssetId, UserId};
use crate::money::Amount;
use crate::sandbox::assets;
use crate::sandbox::people::People;
use crate::time::Millis;

/// Rows a table shows until all are asked for.
pub(super) const ROWS_MAX: usize = 200;
/// Letters shown of a text that somebody else wrote (design §3.13).
const QUOTE_MAX: usize = 120;

/// One row: where it is found on the page, and its cells.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) cells: Vec<Markup>,
}

/// A table under its caption, or why it is empty.
pub(super) fn table(id: &str, caption: &str, heads: &[&str], rows: &[Row], empty: &str) -> Markup {
    html! {
        section.card.stack {
            h2 id=(format!("{id}-name")) { (caption) }
            @if rows.is_empty() {
                p.soft { (empty) }
            } @else {
                // The roles are said again because the style turns rows into cards, which would take them away.
                table.rows id=(id) role="table" aria-labelledby=(format!("{id}-name")) {
                    caption.hidden { (caption) }
                    thead role="rowgroup" {
                        tr role="row" { @for head in heads { th role="columnheader" scope="col" { (head) } } }
                    }
                    tbody role="rowgroup" {
                        @for row in rows {
                            tr id=(row.id) role="row" {
                                @for (head, cell) in heads.iter().zip(&row.cells) {
                                    td role="cell" data-label=(head) { div { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// That a table shows only its beginning.
pub(super) fn more(hidden: usize, all: &str) -> Markup {
    html! {
        @if hidden > 0 { p { (hidden) " more are not shown. " a href=(all) { "Show all" } } }
    }
}

/// Money of this network.
pub(super) fn money(amount: Amount, asset: AssetId) -> Markup {
    let symbol = assets::find(&asset.to_string()).map_or("?", |asset| asset.symbol);
    html! {
        span.number data-amount=(amount) data-asset=(symbol) data-asset-id=(asset) { (amount) " " (label(asset)) }
    }
}

/// The same without saying of what: under a heading that does.
pub(super) fn amount(amount: Amount, asset: AssetId) -> Markup {
    let symbol = assets::find(&asset.to_string()).map_or("?", |asset| asset.symbol);
    html! { span.number data-amount=(amount) data-asset=(symbol) data-asset-id=(asset) { (amount) } }
}

/// The symbol, and the chain where the symbol alone could mean two assets.
pub(super) fn label(asset: AssetId) -> String {
    let Some(asset) = assets::find(&asset.to_string()) else { return "an unknown asset".into() };
    if assets::all().iter().filter(|other| other.symbol == asset.symbol).count() == 1 {
        return asset.symbol.into();
    }
    let chain = match assets::find(&asset.chain.to_string()).map_or("?", |chain| chain.name) {
        "Ether" => "Ethereum",
        chain => chain,
    };
    format!("{} · {chain}", asset.symbol)
}

/// Somebody by name; a stranger to the network by the beginning of the id.
pub(super) fn name(people: &People, id: UserId) -> Markup {
    let id_text = id.to_string();
    html! {
        @match people.get(id) {
            Some(person) => bdi title=(id_text) { (plain(&person.name)) },
            None => (short(&id_text)),
        }
    }
}

/// Several people, separated by commas.
pub(super) fn names(people: &People, ids: &[UserId]) -> Markup {
    html! {
        @for (place, id) in ids.iter().enumerate() { @if place > 0 { ", " } (name(people, *id)) }
    }
}

/// Who can spend an output.
pub(super) fn owners(people: &People, members: &[UserId], threshold: u8) -> Markup {
    let mut members = members.to_vec();
    members.sort_by_key(|id| people.get(*id).map(|person| person.name.clone()));
    html! {
        @if members.len() > 1 {
            @if usize::from(threshold) == members.len() { "all of " } @else { "any " (threshold) " of " }
        }
        (names(people, &members))
    }
}

/// A long id by its beginning, the whole of it in the title.
pub(super) fn short(id: &str) -> Markup {
    let id = plain(id);
    let (beginning, more) = cut(&id, 8);
    html! { code title=(id) { (beginning) @if more { "…" } } }
}

/// What a person wrote: one line between quotes, without anything that could pass for more.
pub(super) fn quote(text: &str) -> Markup {
    html! { "“" bdi { (plain(text)) } "”" }
}

/// One line of at most [`QUOTE_MAX`] letters without control, bidi or zero-width characters.
pub(super) fn plain(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let one_line: String = text.chars().map(|c| if matches!(c, '\n' | '\t' | '\r') { ' ' } else { c }).collect();
    let clean: String = one_line.chars().filter(|c| !odd(*c)).collect();
    let (clean, more) = cut(&clean, QUOTE_MAX);
    if more { clean + "…" } else { clean }
}

fn cut(text: &str, most: usize) -> (String, bool) {
    (text.chars().take(most).collect(), text.chars().nth(most).is_some())
}

/// A moment, to the minute, also where only the machine reads it: a page that is looked at is drawn again and again,
/// and must not differ by what nobody sees.
pub(super) fn moment(at: Millis) -> Markup {
    let full = at.to_rfc3339();
    let minute = full.get(..16).unwrap_or(&full);
    html! { time datetime={ (minute) "Z" } { (minute.replacen('T', " ", 1)) " UTC" } }
}
