//! `trade`: what the operator sees of trades, and does about one.

mod freeze;
mod list;
mod show;

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ask::{Common, put};
use super::exit::{Exit, Failure};
use super::{out, start};
use crate::engine::{Kit, KitError};
use crate::store::{Beside, Operator, Store, StoreError};

/// More than any kit: what is longer is refused by the kit's own reader.
const READ_MAX: u64 = 1024 * 1024;

#[derive(Args)]
pub(super) struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Every open trade: how it stands, and what is awaited from whom until when.
    List(list::List),
    /// One trade: its terms, deposits, plans and history.
    Show(show::Show),
    /// Stop one trade: nothing is signed in it, and its deadlines stand still.
    Freeze(freeze::Freeze),
    /// Let a frozen trade go on, with the time that was left.
    Unfreeze(freeze::Freeze),
    /// Take up a trade from its recovery kit, after the database was lost.
    Import(Import),
}

#[derive(Args)]
struct Import {
    /// A file with the bot's message as a party kept it; `-` reads stdin.
    #[arg(value_name = "KITFILE|-")]
    kit: PathBuf,
    #[command(flatten)]
    common: Common,
}

impl Flags {
    pub(super) fn json(&self) -> bool {
        match &self.verb {
            Verb::List(flags) => flags.common.json,
            Verb::Show(flags) => flags.common.json,
            Verb::Freeze(flags) | Verb::Unfreeze(flags) => flags.careful.common.json,
            Verb::Import(flags) => flags.common.json,
        }
    }
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    match flags.verb {
        Verb::List(flags) => list::list(&flags),
        Verb::Show(flags) => show::show(&flags),
        Verb::Freeze(flags) => freeze::freeze(&flags).await,
        Verb::Unfreeze(flags) => freeze::unfreeze(&flags).await,
        Verb::Import(flags) => import(&flags).await,
    }
}

/// Checks the kit here, so that a wrong one is refused at once; the bot puts it in.
async fn import(flags: &Import) -> Result<(), Failure> {
    let settings = start::settings(flags.common.config.as_deref())?;
    let keystore = start::keystore(&settings.keystore())?;
    let text = text(&flags.kit)?;
    let kit = Kit::read(&text, &keystore.kit_key(), &keystore.id_secret()).map_err(|error| {
        let exit = if error == KitError::OtherBot { Exit::Keystore } else { Exit::BadFile };
        Failure::new(exit, format!("{}: {error}", flags.kit.display()))
    })?;
    let line = format!("trade {}: the kit is sound ({}, ", kit.code, kit.trade.state.name());
    if !flags.common.json {
        out(&format!("{line}made {})", kit.made_at.to_rfc3339()));
    }
    // Without a database there is nothing to put it into yet: an empty one is made, as a first start would.
    let database = settings.database();
    match Store::open(&database) {
        Ok(_) | Err(StoreError::InUse { .. }) => {}
        Err(error) => return Err(start::refused(&error)),
    }
    let beside = Beside::open(&database).and_then(|beside| beside.is_of(keystore.app_id()));
    beside.map_err(|error| start::refused(&error))?;
    put(&flags.common, Operator::Import { kit: text }).await
}

fn text(path: &std::path::Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::BadFile, format!("{}: {error}; name a file with the kit, or - for stdin", path.display()))
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(READ_MAX).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(READ_MAX).read_to_end(&mut bytes).map_err(failed)?;
    }
    // Other words around a kit may be in any encoding; the kit itself is ASCII.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
