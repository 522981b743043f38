//! Settings: the embedded defaults, then a file, then the environment. Checked once, at the start; every problem
//! names its key and the cure.

mod web;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::chat::{Caps, House, RulingDelay};
use crate::id::{AssetId, UserId};
use crate::mixin::Base;
use crate::money::Amount;
use crate::time::Millis;
use crate::trade::terms::{Asset, Fee, FeePayer, Periods, Unruled};

/// The defaults, explained: `config/default.toml`.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// What begins the names of environment variables that set something.
pub const ENVIRONMENT: &str = "MIXIN_ESCROW";

type Layers = config::ConfigBuilder<config::builder::DefaultState>;

fn layers(text: &str) -> Layers {
    let toml = |text: &str| config::File::from_str(text, config::FileFormat::Toml);
    config::Config::builder().add_source(toml(DEFAULTS)).add_source(toml(text))
}

/// All settings, as written. Units end the names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub mixin: Mixin,
    pub mixpay: MixPay,
    pub web: Web,
    pub store: Store,
    pub operator: Operator,
    pub clock: Clock,
    pub trade: Trade,
    pub limits: Limits,
    pub assets: Vec<Asset>,
    /// Where relative paths begin: the configuration file's folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixin {
    pub api: String,
    pub blaze: String,
    pub keystore: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixPay {
    /// Empty: not offered.
    pub api: String,
    /// Coins of an asset, by its id.
    pub first_max: BTreeMap<AssetId, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Empty: no listener.
    pub listen: String,
    /// Empty: nobody is told of it.
    pub public: String,
    /// Empty: nobody looks inside.
    pub inspect: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub database: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub max_skew_s: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    pub fee_bps: u32,
    pub fee_payer: FeePayer,
    /// Empty: nobody, which only a fee of 0 allows.
    pub fee_receiver: String,
    pub accept_within_h: i64,
    pub pay_within_h: i64,
    pub deliver_within_h: i64,
    pub inspect_within_h: i64,
    pub unruled: Unruled,
    /// How much less than due the seller may take as the whole, in hundredths of a percent of it, 0–10,000.
    pub short_ok_bp: u32,
    pub judges: Vec<UserId>,
    pub ruling_delay_h: i64,
    /// Coins; empty: no ruling waits.
    pub ruling_delay_above: String,
    /// Coins of an asset, by its id.
    #[serde(default)]
    pub ruling_delay_above_of: BTreeMap<AssetId, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub open_trades: usize,
    /// Empty: no cap.
    pub price_max: String,
    /// 0: no cap.
    pub trades_in_all: usize,
    pub searches_per_hour: usize,
    /// Coins of an asset, by its id.
    #[serde(default)]
    pub price_min_of: BTreeMap<AssetId, String>,
    #[serde(default)]
    pub price_max_of: BTreeMap<AssetId, String>,
    #[serde(default)]
    pub locked_max_of: BTreeMap<AssetId, String>,
    #[serde(default)]
    pub locked_max_of_person: BTreeMap<AssetId, String>,
    /// 0: no cap.
    pub proposals_per_day: u32,
    pub agreements_per_day: u32,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(
        "the configuration file {path} cannot be read: {source}; name one with --config (config/default.toml explains every setting)"
    )]
    File { path: PathBuf, source: std::io::Error },
    #[error("the configuration is not valid: {0}; every setting is explained in config/default.toml")]
    Shape(#[from] config::ConfigError),
    #[error("setting {key}: {why}")]
    Value { key: &'static str, why: String },
}

fn wrong(key: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError::Value { key, why: why.into() }
}

/// The path of MixPay's callback below `web.public`.
pub const CALLBACK: &str = "/mixpay/callback";

/// Longest a ruling may wait, in hours: a week.
const DELAY_MAX_H: i64 = 7 * 24;
/// Longest period a trade may wait, in hours: ten years.
const PERIOD_MAX_H: i64 = 24 * 3_653;

impl Settings {
    /// Reads the defaults, then `file`, then the environment (`MIXIN_ESCROW__SECTION__KEY`).
    ///
    /// # Errors
    /// [`ConfigError`], naming file or key and the cure.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (mut text, mut folder) = (String::new(), PathBuf::new());
        if let Some(path) = file {
            text =
                std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
            folder = path.parent().map(Path::to_owned).unwrap_or_default();
        }
        let environment =
            config::Environment::with_prefix(ENVIRONMENT).prefix_separator("__").separator("__").try_parsing(true);
        Self::of(layers(&text).add_source(environment), folder)
    }

    /// The defaults, then `text`, and nothing else: what the environment says is meant for another bot.
    /// `folder` is where relative paths begin.
    ///
    /// # Errors
    /// The same as [`Settings::read`].
    pub fn read_text(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        Self::of(layers(text), folder.to_owned())
    }

    /// The assets of the embedded defaults.
    #[must_use]
    pub fn assets_of_defaults() -> Vec<Asset> {
        let defaults = layers("").build().ok().and_then(|layers| layers.try_deserialize::<Self>().ok());
        defaults.map(|settings| settings.assets).unwrap_or_default()
    }

    fn of(layers: Layers, folder: PathBuf) -> Result<Self, ConfigError> {
        let mut settings: Self = layers.build()?.try_deserialize()?;
        settings.folder = folder;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let periods = [
            ("trade.accept_within_h", self.trade.accept_within_h),
            ("trade.pay_within_h", self.trade.pay_within_h),
            ("trade.deliver_within_h", self.trade.deliver_within_h),
            ("trade.inspect_within_h", self.trade.inspect_within_h),
        ];
        for (key, hours) in periods {
            if !(1..=PERIOD_MAX_H).contains(&hours) {
                return Err(wrong(key, format!("{hours} is not a number of hours from 1 to {PERIOD_MAX_H}")));
            }
        }
        if self.trade.short_ok_bp > 10_000 {
            let why = format!("{} is more than 10000, which is all of what is due", self.trade.short_ok_bp);
            return Err(wrong("trade.short_ok_bp", why));
        }
        if self.trade.fee_bps > 10_000 {
            return Err(wrong(
                "trade.fee_bps",
                format!("{} is more than 10000, which is all of the price", self.trade.fee_bps),
            ));
        }
        if self.clock.max_skew_s < 1 {
            return Err(wrong("clock.max_skew_s", "write a number of seconds, at least 1"));
        }
        if self.limits.open_trades == 0 {
            return Err(wrong("limits.open_trades", "with 0 nobody could trade; write at least 1"));
        }
        if self.assets.is_empty() {
            return Err(wrong("assets", "name at least one asset"));
        }
        self.assets_are_apart()?;
        self.fee_receiver()?;
        self.price_max()?;
        self.caps()?;
        self.ruling_delay()?;
        self.api()?;
        self.blaze()?;
        self.mixpay()?;
        self.first_max()?;
        self.listen()?;
        self.inspect()?;
        self.public()?;
        Ok(())
    }

    fn assets_are_apart(&self) -> Result<(), ConfigError> {
        for (nth, asset) in self.assets.iter().enumerate() {
            if asset.symbol.is_empty() || !asset.symbol.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(wrong("assets.symbol", format!("{:?}: letters and digits only", asset.symbol)));
            }
            let twin = |other: &&Asset| other.id == asset.id || other.label().eq_ignore_ascii_case(&asset.label());
            if self.assets.iter().take(nth).any(|other| twin(&other)) {
                return Err(wrong("assets", format!("{} is named twice", asset.label())));
            }
        }
        Ok(())
    }

    /// # Errors
    /// When it is no address.
    pub fn api(&self) -> Result<Base, ConfigError> {
        self.mixin.api.parse().map_err(|e: crate::mixin::call::NotABase| wrong("mixin.api", e.to_string()))
    }

    /// # Errors
    /// When it is no address.
    pub fn blaze(&self) -> Result<Base, ConfigError> {
        let why = "write an address without a path, like wss://blaze.mixin.one";
        self.mixin.blaze.parse().map_err(|_| wrong("mixin.blaze", why))
    }

    /// Where MixPay is; `None`: it is not offered.
    ///
    /// # Errors
    /// When it is no address.
    pub fn mixpay(&self) -> Result<Option<Base>, ConfigError> {
        let why = "write an address without a path, like https://api.mixpay.me, or nothing";
        match self.mixpay.api.as_str() {
            "" => Ok(None),
            api => api.parse().map(Some).map_err(|_| wrong("mixpay.api", why)),
        }
    }

    /// What a vault may be asked for while it has never settled through MixPay, by asset.
    ///
    /// # Errors
    /// When an amount is none.
    pub fn first_max(&self) -> Result<BTreeMap<AssetId, Amount>, ConfigError> {
        let amount = |(asset, text): (&AssetId, &String)| {
            let amount = text.parse().map_err(|e| wrong("mixpay.first_max", format!("{asset} = {text:?}: {e}")));
            amount.map(|amount: Amount| (*asset, amount))
        };
        self.mixpay.first_max.iter().map(amount).collect()
    }

    /// Where the keystore is.
    #[must_use]
    pub fn keystore(&self) -> PathBuf {
        self.folder.join(&self.mixin.keystore)
    }

    /// Where the database is.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join(&self.store.database)
    }

    fn fee_receiver(&self) -> Result<Option<UserId>, ConfigError> {
        let key = "trade.fee_receiver";
        match self.trade.fee_receiver.as_str() {
            "" if self.trade.fee_bps == 0 => Ok(None),
            "" => Err(wrong(key, "write the Mixin user id that gets the fee, or set trade.fee_bps = 0")),
            id => id.parse().map(Some).map_err(|_| wrong(key, format!("{id:?} is no user id (a UUID)"))),
        }
    }

    fn price_max(&self) -> Result<Option<Amount>, ConfigError> {
        match self.limits.price_max.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|e| wrong("limits.price_max", format!("{text:?}: {e}"))),
        }
    }

    /// How long a ruling can be stopped, and above which price.
    fn ruling_delay(&self) -> Result<RulingDelay, ConfigError> {
        let trade = &self.trade;
        if !(0..=DELAY_MAX_H).contains(&trade.ruling_delay_h) {
            let why = format!("{} is not a number of hours from 0 to {DELAY_MAX_H}", trade.ruling_delay_h);
            return Err(wrong("trade.ruling_delay_h", why));
        }
        let above = match trade.ruling_delay_above.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|e| wrong("trade.ruling_delay_above", format!("{text:?}: {e}")))?),
        };
        let above_of = self.amounts("trade.ruling_delay_above_of", &trade.ruling_delay_above_of)?;
        Ok(RulingDelay { wait: Millis::from_hours(trade.ruling_delay_h), above, above_of })
    }

    /// How much the operator takes on.
    fn caps(&self) -> Result<Caps, ConfigError> {
        let limits = &self.limits;
        Ok(Caps {
            price: self.amounts("limits.price_max_of", &limits.price_max_of)?,
            locked: self.amounts("limits.locked_max_of", &limits.locked_max_of)?,
            trades: Some(limits.trades_in_all).filter(|most| *most > 0),
            price_min: self.prices_min()?,
            locked_of_one: self.amounts("limits.locked_max_of_person", &limits.locked_max_of_person)?,
            proposals_a_day: Some(limits.proposals_per_day).filter(|most| *most > 0),
            agreed_a_day: Some(limits.agreements_per_day).filter(|most| *most > 0),
        })
    }

    /// The defaults name assets that another list may leave out.
    fn prices_min(&self) -> Result<BTreeMap<AssetId, Amount>, ConfigError> {
        let listed = |id: &AssetId| self.assets.iter().any(|asset| asset.id == *id);
        let here = self.limits.price_min_of.iter().filter(|(id, _)| listed(id));
        let here: BTreeMap<AssetId, String> = here.map(|(id, text)| (*id, text.clone())).collect();
        self.amounts("limits.price_min_of", &here)
    }

    /// A cap on what nobody can trade in is a misspelling.
    fn amounts(
        &self,
        key: &'static str,
        written: &BTreeMap<AssetId, String>,
    ) -> Result<BTreeMap<AssetId, Amount>, ConfigError> {
        let amount = |(asset, text): (&AssetId, &String)| {
            if !self.assets.iter().any(|listed| listed.id == *asset) {
                return Err(wrong(key, format!("{asset} is none of the assets; write the id of one of them")));
            }
            let amount = text.parse().map_err(|e| wrong(key, format!("{asset} = {text:?}: {e}")))?;
            Ok((*asset, amount))
        };
        written.iter().map(amount).collect()
    }

    /// What people must know of these settings, for the bot with this id and number.
    ///
    /// # Errors
    /// The same as [`Settings::read`]: it was checked there.
    pub fn house(&self, bot: UserId, bot_number: String) -> Result<House, ConfigError> {
        let trade = &self.trade;
        // With a fee of 0 there is no fee output; the receiver is then the bot itself, who can be no party either.
        let fee = Fee { bps: trade.fee_bps, payer: trade.fee_payer, receiver: self.fee_receiver()?.unwrap_or(bot) };
        if trade.fee_bps > 0 && fee.receiver == bot {
            return Err(wrong("trade.fee_receiver", "the bot itself holds no money; name another account"));
        }
        Ok(House {
            bot,
            bot_number,
            bot_name: String::new(),
            operator: self.operator.name.clone(),
            assets: self.assets.clone(),
            fee,
            periods: Periods {
                accept: Millis::from_hours(trade.accept_within_h),
                pay: Millis::from_hours(trade.pay_within_h),
                deliver: Millis::from_hours(trade.deliver_within_h),
                inspect: Millis::from_hours(trade.inspect_within_h),
            },
            judges: trade.judges.clone(),
            unruled: trade.unruled,
            ruling_delay: self.ruling_delay()?,
            short_ok_bp: trade.short_ok_bp,
            price_max: self.price_max()?,
            open_max: self.limits.open_trades,
            caps: self.caps()?,
            mixpay: self.mixpay()?.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        Settings::read(Some(&path))
    }

    #[test]
    fn every_problem_names_its_key() {
        assert!(read("[trade]\nfee_bps = 0\n").is_ok());
        for (text, key) in [
            ("", "trade.fee_receiver"),
            ("[trade]\nfee_bps = 0\nfee_pbs = 1\n", "fee_pbs"),
            ("[trade]\nfee_bps = 10001\n", "trade.fee_bps"),
            ("[trade]\nfee_bps = 0\nshort_ok_bp = 10001\n", "trade.short_ok_bp"),
            ("[trade]\nfee_bps = 0\npay_within_h = 0\n", "trade.pay_within_h"),
            ("[trade]\nfee_bps = 0\njudges = [\"x\"]\n", "judges"),
            ("[trade]\nfee_bps = 0\nruling_delay_h = -1\n", "trade.ruling_delay_h"),
            ("[trade]\nfee_bps = 0\nruling_delay_above = \"much\"\n", "trade.ruling_delay_above"),
            ("[trade]\nfee_bps = 0\n[mixin]\napi = \"nowhere\"\n", "mixin.api"),
            ("[trade]\nfee_bps = 0\n[limits]\nprice_max = \"1e9\"\n", "limits.price_max"),
            (
                "[trade]\nfee_bps = 0\n[limits.price_max_of]\nb91e18ff-a9ae-3dc7-8679-e935d9a4b34b = \"x\"\n",
                "limits.price_max_of",
            ),
            (
                "[trade]\nfee_bps = 0\n[limits.locked_max_of]\nb91e18ff-a9ae-3dc7-8679-e935d9a4b34c = \"1\"\n",
                "none of the assets",
            ),
            ("[trade\n", "not valid"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
        assert!(
            Settings::read(Some(Path::new("/nowhere/c.toml"))).unwrap_err().to_string().contains("/nowhere/c.toml")
        );
    }

    #[test]
    fn a_public_address_is_one_that_links_can_be_made_of() {
        let public = |address: &str| read(&format!("[trade]\nfee_bps = 0\n[web]\npublic = {address:?}\n"));
        for good in [
            "https://escrow.example.com",
            "https://escrow.example.com:8443/",
            "http://127.0.0.1:80",
            "http://[::1]:8080",
        ] {
            let callback = public(good).unwrap().callback().unwrap().unwrap();
            assert_eq!(callback, format!("{}/mixpay/callback", good.trim_end_matches('/')));
        }
        let long = format!("https://{}.example.com", vec!["a".repeat(60); 7].join("."));
        for bad in [
            "escrow.example.com",
            "https://escrow.example.com/bot",
            "https://escrow.example.com:99999",
            "http://127.0.0.1:99999",
            "https://999.1.1.1",
            "https://a:b",
            "http://127.0.0.1.evil.com",
            "http://escrow.example.com",
            "ws://127.0.0.1:80",
            &long,
        ] {
            let error = public(bad).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("web.public"), "{bad}: {error}");
        }
    }
}
