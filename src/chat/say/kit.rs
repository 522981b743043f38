//! What the recovery kit says in words.

use super::Share;
use crate::trade::plan::Kind;

/// A line of the kit's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KitLine {
    /// What this is, and to keep it.
    Intro,
    /// Both must have accepted first.
    Later,
    /// The two links come with the next kit.
    Follows,
    /// Nothing is left that they could sign.
    NoLinks,
    /// What both signing this link does without the bot, and that one of them is enough with it.
    Link { kind: Kind, pays: Vec<Share>, link: String },
    /// The vault's address, for whoever looks it up.
    Vault(String),
    /// What the text below is for.
    Text,
    /// The bot lost its database and knows this trade again.
    Imported,
}
