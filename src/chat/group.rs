//! Words in a group: what a text there asks for, and what may be said to all of it. Pure.
//!
//! In a group nothing binds, and nothing is shown that is for one person alone: a command there is answered in its
//! writer's own chat, and the group is told in a line what was asked, since nobody else may have seen it (messaging
//! §11.2).
#![deny(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing)]

use crate::chat::commands::{self, Meaning, Read, Word};
use crate::chat::dialog::{Dialog, Heard, Turn, converse};
use crate::chat::text::{TOKEN_LETTERS, command_form};
use crate::chat::{Act, Button, House, Post};
use crate::id;

/// What a text in a group asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// How one speaks to the bot here.
    Usage,
    NotUnderstood,
    /// A trade is being written, as far as this line says it.
    Offer(Turn),
    /// The terms of an offer.
    Look(String),
    Status(Option<String>),
    /// Shows something that is for its reader alone.
    Private(Act),
    /// Changes something: done in their own chat, from the page of this trade.
    Elsewhere(Option<String>),
}

/// The text without the mention that addressed it to the bot, in every form the apps deliver (messaging §11.1).
#[must_use]
pub fn unmentioned<'t>(written: &'t str, number: &str) -> &'t str {
    let trimmed = written.trim();
    let behind = trimmed.strip_prefix(['@', '＠']).and_then(|rest| rest.strip_prefix(number));
    behind.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit())).map_or(trimmed, str::trim_start)
}

/// Reads a text without its mention. `dialog` is the writer's own.
#[must_use]
pub fn read(written: &str, dialog: &Dialog, house: &House) -> Asks {
    let typed = match commands::read(written) {
        Read::Command(typed) => typed,
        Read::Unfit(_) => return Asks::NotUnderstood,
        Read::Other if command_form(written).is_empty() => return Asks::Usage,
        Read::Other => return commands::read_code(written).map_or(Asks::NotUnderstood, Asks::Look),
    };
    match typed.word {
        Word::Hi | Word::Help | Word::English | Word::Chinese => Asks::Usage,
        // Whoever is giving evidence writes offers when that is done.
        Word::Buy | Word::Sell if !matches!(dialog, Dialog::Evidence { .. }) => {
            Asks::Offer(converse(&Heard::Text(written.to_owned()), dialog, house))
        }
        Word::Join | Word::Accept => typed.code.map_or(Asks::Elsewhere(None), Asks::Look),
        Word::Status => Asks::Status(typed.code),
        Word::Why | Word::Kit | Word::Trades | Word::Verify => match commands::row_of(typed.word).meaning {
            Meaning::Act(act) => Asks::Private(act(&typed)),
            Meaning::Dialog => Asks::Elsewhere(typed.code),
        },
        _ => Asks::Elsewhere(typed.code),
    }
}

/// What of these posts may be said in a group: no link to pay, to sign or to anywhere but the bot itself, no token, no
/// kit, no picture. Buttons that say something carry the mention, without which they would not reach the bot (messaging
/// §6.3). Nothing else leaves for a group: whatever a card holds, this is the last to look at it.
#[must_use]
pub fn public(posts: Vec<Post>, house: &House, bot_link: &str) -> Vec<Post> {
    let buttons = |list: Vec<Button>| -> Vec<Button> {
        list.into_iter().filter_map(|button| public_button(button, &house.bot_number, bot_link)).collect()
    };
    let fit = |post: Post| match post {
        Post::Text(words) => is_public(&words).then_some(Post::Text(words)),
        Post::Buttons(list) => Some(buttons(list)).filter(|list| !list.is_empty()).map(Post::Buttons),
        Post::Card { title, text, buttons: list } if is_public(&text) => {
            let list = buttons(list);
            Some(if list.is_empty() { Post::Text(text) } else { Post::Card { title, text, buttons: list } })
        }
        Post::Card { .. } | Post::Markdown(_) | Post::Contact(_) | Post::Qr(_) | Post::File { .. } => None,
    };
    posts.into_iter().filter_map(fit).collect()
}

fn public_button(button: Button, number: &str, bot_link: &str) -> Option<Button> {
    if button.action == bot_link {
        return Some(button);
    }
    let said = button.action.strip_prefix("input:").filter(|said| is_public(said) && !holds_token(said))?;
    let action = format!("input:@{number} {said}");
    Some(Button { action, ..button })
}

/// Whether words hold no link. People's own never do: they are quoted.
fn is_public(words: &str) -> bool {
    !words.contains("://")
}

/// Whether something in a command could be a token.
fn holds_token(said: &str) -> bool {
    let letters = |word: &str| id::crockford_read(word).map_or(0, |letters| letters.len());
    said.split(' ').any(|word| letters(word) == TOKEN_LETTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mention_is_taken_off_in_every_form() {
        let number = "7000103710";
        for (written, said) in [
            ("@7000103710 sell lens", "sell lens"),
            (" @7000103710   /help ", "/help"),
            ("@7000103710help", "help"),
            ("@7000103710", ""),
            ("＠7000103710 help", "help"),
            ("@70001037101 help", "@70001037101 help"),
            ("sell lens @7000103710", "sell lens @7000103710"),
        ] {
            assert_eq!(unmentioned(written, number), said, "{written:?}");
        }
    }

    #[test]
    fn tokens_and_links_are_not_for_a_group() {
        assert!(holds_token("accept K7Q2MD 0123456789ABCDEF"));
        assert!(!holds_token("join K7Q2MD"));
        for words in ["see https://mixin.one/pay/x", "mixin://send?text=x"] {
            assert!(!is_public(words), "{words}");
        }
        assert!(is_public("Trade K7Q2MD · Funded · 101 USDT"));
    }
}
