//! What every verb that runs the bot needs: logs, settings, keystore, and the shop made of them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

use super::exit::{Exit, Failure};
use crate::config::{ConfigError, Settings};
use crate::engine::run::Network;
use crate::engine::{Door, Input, Keys, MixPayShop, PAGE, PageLinks, Shop};
use crate::id::PageKey;
use crate::kernel;
use crate::mixin::safe::Me;
use crate::mixin::{Keystore, Signer};
use crate::store::{Reader, Store, StoreError};
use crate::time::{Millis, machine_now};
use crate::web::{self, Desk, Inside, Pages};

/// Hints that may wait; more are dropped.
const HINTS_MAX: usize = 64;

/// How long to wait before an address that was taken is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Logs go to stderr; `RUST_LOG` chooses what (default: warnings and errors).
pub(super) fn logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// The settings and the keystore they name, both checked.
pub(super) struct Parts {
    pub(super) settings: Settings,
    pub(super) keystore: Keystore,
    pub(super) signer: Signer,
    pub(super) network: Network,
}

pub(super) fn settings(file: Option<&Path>) -> Result<Settings, Failure> {
    Settings::read(file).map_err(|error| Failure::new(Exit::Config, error.to_string()))
}

pub(super) fn keystore(path: &Path) -> Result<Keystore, Failure> {
    let fail = |why: String| Failure::new(Exit::Keystore, format!("the keystore {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| {
        fail(format!("{error}; download it from the dashboard and name it in mixin.keystore (keystore.example.json shows its shape)"))
    })?;
    Keystore::read(&text).map_err(|error| fail(error.to_string()))
}

pub(super) fn parts(file: Option<&Path>) -> Result<Parts, Failure> {
    parts_of(settings(file)?)
}

pub(super) fn parts_of(settings: Settings) -> Result<Parts, Failure> {
    let keystore = keystore(&settings.keystore())?;
    let bad = |error: ConfigError| Failure::new(Exit::Config, error.to_string());
    let network = Network {
        api: settings.api().map_err(bad)?,
        blaze: settings.blaze().map_err(bad)?,
        mixpay: settings.mixpay().map_err(bad)?,
    };
    let signer = Signer::new(&keystore);
    Ok(Parts { settings, keystore, signer, network })
}

pub(super) fn store(settings: &Settings) -> Result<Store, Failure> {
    Store::open(&settings.database()).map_err(|error| refused(&error))
}

/// What is wrong with the database; that of another bot means a keystore that is not its own.
pub(super) fn refused(error: &StoreError) -> Failure {
    let exit = if matches!(error, StoreError::OtherBot { .. }) { Exit::Keystore } else { Exit::Database };
    Failure::new(exit, error.to_string())
}

/// The door of the bot that `me` says it is.
pub(super) fn door(parts: &Parts, me: &Me, store: Store) -> Result<Door, Failure> {
    let house = parts.settings.house(me.user.user_id, me.user.number.clone());
    let mut house = house.map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
    house.bot_name.clone_from(&me.user.name);
    let bad = |error: ConfigError| Failure::new(Exit::Config, error.to_string());
    let ids = parts.keystore.id_secret();
    // Without a listener nobody would answer there.
    let public = parts.settings.public().map_err(bad)?.filter(|_| !parts.settings.web.listen.is_empty());
    let pages = public.map(|public| PageLinks { public: public.to_string(), key: PageKey::of(&ids) });
    let offer = MixPayShop {
        first_max: parts.settings.first_max().map_err(bad)?,
        callback: parts.settings.callback().map_err(bad)?,
    };
    let spend = Arc::new(kernel::spend_scalar(parts.keystore.spend_seed()));
    let shop = Shop {
        house,
        keys: Keys { ids, spend, kits: parts.keystore.kit_key() },
        searches_per_hour: parts.settings.limits.searches_per_hour,
        max_skew: Millis::from_secs(parts.settings.clock.max_skew_s),
        mixpay: parts.network.mixpay.as_ref().map(|_| offer),
        pages,
    };
    Door::open(store, shop, machine_now()).map_err(|error| refused(&error))
}

/// Listens where the settings say, and hands on what is heard there; nothing is heard when they name no address. Says
/// where the pages are to `say`. An address that somebody else has is tried again and again, while the bot goes on:
/// nothing that moves money needs a listener (design §3 rule 11). The database must be there: a door was opened on it.
pub(super) async fn hear(parts: &Parts, me: &Me, say: fn(&str)) -> Result<mpsc::Receiver<Input>, Failure> {
    let (tell, hints) = mpsc::channel(HINTS_MAX);
    let settings = &parts.settings;
    let bad = |error: ConfigError| Failure::new(Exit::Config, error.to_string());
    let house = settings.house(me.user.user_id, me.user.number.clone()).map_err(bad)?;
    let reader = || Reader::open(&settings.database()).map_err(|error| refused(&error));
    if let Some(address) = settings.listen().map_err(bad)? {
        let ids = parts.keystore.id_secret();
        let pages = Pages { house: house.clone(), key: PageKey::of(&ids), kits: parts.keystore.kit_key() };
        let desk = Desk::new(reader()?, pages);
        let first = first(say, "web.listen", address).await;
        tokio::spawn(async move { web::serve(held(first, address).await, tell, Some(desk)).await });
        match settings.public().map_err(bad)? {
            Some(public) => say(&format!("trade pages at {public}{PAGE}…, one for each party, opened from the chat")),
            None => say("no card links to a trade page: web.public is empty"),
        }
    }
    if let Some(address) = settings.inspect().map_err(bad)? {
        let desk = Desk::new(reader()?, Inside { house });
        let first = first(say, "web.inspect", address).await;
        if first.is_some() {
            say(&format!("look inside at http://{address}/trades, from this machine only"));
        }
        tokio::spawn(async move { web::inspect(held(first, address).await, desk).await });
    }
    Ok(hints)
}

/// A listener; the words are what is wrong, and the cure.
pub(super) async fn bound(key: &str, address: SocketAddr) -> Result<TcpListener, String> {
    let taken = |error| format!("note {key} = {address}: {error}; free that address, or choose another");
    TcpListener::bind(address).await.map_err(taken)
}

/// The same, if it can be had at once.
async fn first(say: fn(&str), key: &str, address: SocketAddr) -> Option<TcpListener> {
    let taken = match bound(key, address).await {
        Ok(listener) => return Some(listener),
        Err(taken) => taken,
    };
    tracing::error!("{taken}");
    say(&taken);
    None
}

/// The listener there is, or one as soon as it can be had: an earlier life of this bot may have the address for a
/// moment longer.
async fn held(first: Option<TcpListener>, address: SocketAddr) -> TcpListener {
    if let Some(listener) = first {
        return listener;
    }
    loop {
        tokio::time::sleep(AGAIN).await;
        if let Ok(listener) = TcpListener::bind(address).await {
            tracing::warn!(%address, "is free again: listening there");
            return listener;
        }
    }
}
