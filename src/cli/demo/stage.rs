//! Where the trade is played: a network and a bot of our own, or one of each that runs already.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::internal;
use crate::cli::exit::{Exit, Failure};
use crate::cli::fee::FeeFlags;
use crate::cli::sandbox::{self, Network};
use crate::cli::{doctor, start};
use crate::config::Settings;
use crate::engine::run::{self, RunError};
use crate::mixin::Base;
use crate::money::Amount;
use crate::sim::phones::{PhoneError, Phones};

/// User ids of those who have a part.
pub(super) struct Cast {
    pub(super) buyer: String,
    pub(super) seller: String,
    pub(super) bot: String,
    pub(super) fees: String,
    pub(super) mixpay: String,
}

pub(super) struct Stage {
    pub(super) phones: Phones,
    pub(super) cast: Cast,
    /// Our own bot; it runs until the stage is dropped.
    pub(super) bot: Option<JoinHandle<Result<(), RunError>>>,
    pub(super) own: Option<Own>,
}

/// What a stage of our own holds.
pub(super) struct Own {
    _network: Network,
    /// Tells the bot to end.
    pub(super) stop: watch::Sender<bool>,
    /// The bot's.
    pub(super) database: PathBuf,
    _folder: TempDir,
}

impl Stage {
    /// A fresh network with the same people for the same seed, and a bot that knows it by its addresses only.
    pub(super) async fn own(seed: u64, fee: FeeFlags, price: Amount) -> Result<Self, Failure> {
        let folder = tempfile::tempdir();
        let folder = folder
            .map_err(|error| Failure::new(Exit::Database, format!("no temporary folder: {error}; set TMPDIR")))?;
        let network = sandbox::start(seed, 0).await?;
        network.write(folder.path(), fee)?;
        let mut settings = Settings::read_text(&network.config(fee), folder.path()).map_err(internal)?;
        // A story trades for more than this where it wants a ruling to wait.
        settings.trade.ruling_delay_above = price.checked_add(price).unwrap_or(price).to_string();
        settings.trade.ruling_delay_above_of.clear();
        let parts = start::parts_of(settings)?;
        let database = parts.settings.database();
        let me = doctor::examine(&parts, |_| {}).await?;
        let door = start::door(&parts, &me, start::store(&parts.settings)?)?;
        let hints = start::hear(&parts, &me, |_| {}).await?;
        let (stop, stopped) = watch::channel(false);
        let bot = tokio::spawn(run::run(door, parts.signer, parts.network, hints, stopped));
        let phones = Phones::new(network.api()).map_err(internal)?;
        let people = phones.get("people").await.map_err(internal)?;
        let cast = cast(&people)?;
        let own = Own { _network: network, stop, database, _folder: folder };
        Ok(Self { phones, cast, bot: Some(bot), own: Some(own) })
    }

    /// A network that runs already, with whatever was played on it before. Two new people make a new vault, so its
    /// books hold this one trade.
    pub(super) async fn at(base: &Base) -> Result<Self, Failure> {
        let phones = Phones::new(base.to_string()).map_err(internal)?;
        let silent = |error: PhoneError| {
            let cure = "start one with `mixin-escrow sandbox --with-bot`, and write the address it prints";
            Failure::new(Exit::Network, format!("--at {base}: no sandbox answers ({error}); {cure}"))
        };
        let people = phones.get("people").await.map_err(silent)?;
        let id = |role| {
            of_role(&people, role)
                .ok_or_else(|| Failure::new(Exit::Network, format!("--at {base}: there is no {role}")))
        };
        let (bot, fees, mixpay) = (id("bot")?, id("fees")?, id("mixpay")?);
        let mut new = Vec::new();
        for name in ["Alice", "Bob"] {
            let person = phones.post("people", &json!({ "name": name })).await.map_err(silent)?;
            new.push(person["user_id"].as_str().unwrap_or_default().to_owned());
        }
        let seller = new.pop().unwrap_or_default();
        let buyer = new.pop().unwrap_or_default();
        Ok(Self { phones, cast: Cast { buyer, seller, bot, fees, mixpay }, bot: None, own: None })
    }

    /// The network at this address, with its own buyer and seller.
    pub(super) async fn of(api: String) -> Result<Self, Failure> {
        let phones = Phones::new(api).map_err(internal)?;
        let cast = cast(&phones.get("people").await.map_err(internal)?)?;
        Ok(Self { phones, cast, bot: None, own: None })
    }

    /// Something a person does.
    pub(super) async fn post(&self, who: &str, verb: &str, body: &Value) -> Result<Value, PhoneError> {
        self.phones.post(&format!("people/{}/{verb}", self.id(who)), body).await
    }

    /// What a person's phone shows after `after`.
    pub(super) async fn inbox(&self, who: &str, after: u64) -> Result<Vec<Value>, PhoneError> {
        self.phones.inbox(self.id(who), after).await
    }

    fn id(&self, who: &str) -> &str {
        if who == "seller" { &self.cast.seller } else { &self.cast.buyer }
    }
}

/// The network's own people.
fn cast(people: &Value) -> Result<Cast, Failure> {
    let id = |role| of_role(people, role).ok_or_else(|| internal(format!("the sandbox has no {role}")));
    Ok(Cast { buyer: id("buyer")?, seller: id("seller")?, bot: id("bot")?, fees: id("fees")?, mixpay: id("mixpay")? })
}

fn of_role(people: &Value, role: &str) -> Option<String> {
    let person = people.as_array()?.iter().find(|person| person["role"] == role)?;
    Some(person["user_id"].as_str()?.to_owned())
}
