//! How a stage is set, and why a run may have to stop.

use std::path::PathBuf;

use uuid::Uuid;

use super::faults::Faults;
use super::steps::CIRCLES_MAX;
use crate::chat::{Caps, House, RulingDelay};
use crate::engine::MixPayShop;
use crate::id::{AssetId, UserId};
use crate::store::{Store, StoreError};
use crate::time::Millis;
use crate::trade::terms::{Asset, Fee, FeePayer, Periods, Unruled};

/// Why a run cannot go on: always a mistake, of the bot, of the network or of the script.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the stage cannot be set: {0}")]
    Setting(String),
    /// A control call of the sandbox was refused.
    #[error("{route}: {said}")]
    Refused { route: String, said: String },
    #[error("after {steps} steps the play still waits for {waits}; last:\n{log}")]
    Stuck { steps: u64, waits: String, log: String },
    #[error("{CIRCLES_MAX} steps without any time passing; last:\n{log}")]
    Circles { log: String },
}

/// Where the database lies.
#[derive(Clone, Debug, Default)]
pub enum Disk {
    /// The connection outlives the bot, so exactly what was committed does.
    #[default]
    Memory,
    /// A file that every life of the bot opens anew.
    File(PathBuf),
}

/// How a stage is set.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    /// What the operator has set; the ids of bot, judge and fee account are the network's.
    pub house: House,
    pub searches_per_hour: usize,
    /// How MixPay is offered; `None`: not at all.
    pub mixpay: Option<MixPayShop>,
    pub disk: Disk,
    pub faults: Faults,
}

impl Setup {
    /// A house like that of the defaults, and no faults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let nobody = UserId(Uuid::nil());
        let asset = |id: u128, symbol: &str, chain: &str| Asset {
            id: AssetId(Uuid::from_u128(id)),
            symbol: symbol.to_owned(),
            chain: chain.to_owned(),
        };
        let house = House {
            bot: nobody,
            bot_number: String::new(),
            bot_name: String::new(),
            operator: "the simulator".to_owned(),
            assets: vec![
                asset(0xb91e_18ff_a9ae_3dc7_8679_e935_d9a4_b34b, "USDT", "TRON"),
                asset(0x9b18_0ab6_6abe_3dc0_a13f_0416_9eb3_4bfa, "USDC", "Ethereum"),
                asset(0xc6d0_c728_2624_429b_8e0d_d9d1_9b65_92fa, "BTC", ""),
            ],
            fee: Fee { bps: 100, payer: FeePayer::Buyer, receiver: nobody },
            periods: Periods {
                accept: Millis::from_hours(24),
                pay: Millis::from_hours(2),
                deliver: Millis::from_hours(7 * 24),
                inspect: Millis::from_hours(3 * 24),
            },
            judges: Vec::new(),
            unruled: Unruled::Refund,
            ruling_delay: RulingDelay {
                wait: Millis::from_hours(24),
                above: "200".parse().ok(),
                ..RulingDelay::default()
            },
            short_ok_bp: 100,
            price_max: None,
            open_max: 20,
            caps: Caps::default(),
            mixpay: false,
        };
        Self { seed, house, searches_per_hour: 10, mixpay: None, disk: Disk::default(), faults: Faults::default() }
    }
}

impl Disk {
    pub(super) fn open(&self) -> Result<Store, StoreError> {
        match self {
            Self::Memory => Store::in_memory(),
            Self::File(path) => Store::open(path),
        }
    }
}
