//! What every verb that runs the bot needs: logs, settings, keystore, and the shop made of them.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

use super::exit::{Exit, Failure};
use crate::config::Settings;
use crate::engine::run::Network;
use crate::engine::{Door, Input, Keys, MixPayShop, Shop};
use crate::kernel;
use crate::mixin::safe::Me;
use crate::mixin::{Keystore, Signer};
use crate::store::{Store, StoreError};
use crate::time::{Millis, machine_now};
use crate::web;

/// Hints that may wait; more are dropped.
const HINTS_MAX: usize = 64;

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
    let bad = |error: crate::config::ConfigError| Failure::new(Exit::Config, error.to_string());
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
    let house = house.map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
    let bad = |error: crate::config::ConfigError| Failure::new(Exit::Config, error.to_string());
    let offer = MixPayShop {
        first_max: parts.settings.first_max().map_err(bad)?,
        callback: parts.settings.callback().map_err(bad)?,
    };
    let spend = Arc::new(kernel::spend_scalar(parts.keystore.spend_seed()));
    let shop = Shop {
        house,
        keys: Keys { ids: parts.keystore.id_secret(), spend, kits: parts.keystore.kit_key() },
        searches_per_hour: parts.settings.limits.searches_per_hour,
        max_skew: Millis::from_secs(parts.settings.clock.max_skew_s),
        mixpay: parts.network.mixpay.as_ref().map(|_| offer),
    };
    Door::open(store, shop, machine_now()).map_err(|error| refused(&error))
}

/// Listens where the settings say, and hands on what is heard there; nothing is heard when they name no address.
pub(super) async fn hear(settings: &Settings) -> Result<mpsc::Receiver<Input>, Failure> {
    let (tell, hints) = mpsc::channel(HINTS_MAX);
    let listen = settings.listen().map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
    if let Some(address) = listen {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let why = format!("web.listen = {address}: {error}; choose another address, or an empty one");
            Failure::new(Exit::Network, why)
        })?;
        tokio::spawn(web::serve(listener, tell));
    }
    Ok(hints)
}
