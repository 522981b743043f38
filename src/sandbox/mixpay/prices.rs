//! What things are worth: a fixed table, in whole numbers. The payer's side is rounded up, the payee's down, to the
//! unit of 10⁻⁸; between two currencies of one price nothing is rounded.

use uuid::Uuid;

use super::super::answer::strict_uuid;
use super::super::assets::{self, Asset};
use crate::id::AssetId;
use crate::money::{Amount, UNITS_PER_COIN};

/// Smallest and largest order, in 10⁻⁸ USD: one cent and ten million dollars.
const WORTH_MIN: u128 = 1_000_000;
const WORTH_MAX: u128 = 10_000_000 * UNITS_PER_COIN;
/// Fiat codes one can quote in, with their price in 10⁻⁸ USD.
const FIAT: [(&str, &str, u128); 3] =
    [("usd", "USD", 100_000_000), ("eur", "EUR", 110_000_000), ("cny", "CNY", 14_000_000)];

/// An asset of the network, or fiat, which only a quote can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Currency {
    pub(super) asset: Option<AssetId>,
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    /// `ERC20`, `TRC20`, or empty for a chain's own coin.
    pub(super) version: &'static str,
    pub(super) chain: Option<Uuid>,
    fiat: &'static str,
    /// Of one whole coin, in 10⁻⁸ USD.
    price: u128,
}

/// Which way a conversion is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    Up,
    Down,
}

/// In 10⁻⁸ USD; what the table does not name costs one dollar.
fn price(symbol: &str) -> u128 {
    match symbol {
        "BTC" => 60_000 * UNITS_PER_COIN,
        "ETH" => 3_000 * UNITS_PER_COIN,
        "SOL" => 150 * UNITS_PER_COIN,
        "XIN" => 100 * UNITS_PER_COIN,
        "DOGE" => 20_000_000,
        "TRX" => 10_000_000,
        "CNB" => 100,
        _ => UNITS_PER_COIN,
    }
}

/// Everything one can pay with or be settled in.
pub(super) fn payable() -> impl Iterator<Item = Currency> {
    assets::all().iter().map(Currency::of)
}

/// Everything one can quote in: fiat, then [`payable`].
pub(super) fn quotable() -> impl Iterator<Item = Currency> {
    let fiat = FIAT.iter().map(|(code, symbol, price)| Currency {
        asset: None,
        symbol,
        name: symbol,
        version: "",
        chain: None,
        fiat: code,
        price: *price,
    });
    fiat.chain(payable())
}

impl Currency {
    fn of(asset: &'static Asset) -> Self {
        let chain = assets::find(&asset.chain.to_string()).map_or("", |chain| chain.symbol);
        let version = match chain {
            _ if asset.chain == asset.id.0 => "",
            "ETH" => "ERC20",
            "TRX" => "TRC20",
            _ => "",
        };
        let (symbol, name) = (asset.symbol, asset.name);
        Self { asset: Some(asset.id), symbol, name, version, chain: Some(asset.chain), fiat: "", price: price(symbol) }
    }

    /// An asset one can pay with, by UUID.
    pub(super) fn asset(id: &str) -> Option<Self> {
        let id = strict_uuid(&id.to_ascii_lowercase())?;
        payable().find(|currency| currency.asset == Some(AssetId(id)))
    }

    /// An asset by UUID, or fiat by its code in either case.
    pub(super) fn quote(id: &str) -> Option<Self> {
        Self::asset(id).or_else(|| {
            quotable().find(|currency| currency.asset.is_none() && currency.id() == id.to_ascii_lowercase())
        })
    }

    /// The asset's UUID, or the fiat code in lower case.
    pub(super) fn id(self) -> String {
        self.asset.map_or_else(|| self.fiat.to_owned(), |id| id.to_string())
    }

    /// What `amount` of this is in `other`. `None` when that is larger than any amount.
    pub(super) fn convert(self, amount: Amount, other: Self, round: Round) -> Option<Amount> {
        if self.price == other.price {
            return Some(amount);
        }
        let worth = amount.units().checked_mul(self.price)?;
        let units = match round {
            Round::Up => worth.div_ceil(other.price),
            Round::Down => worth / other.price,
        };
        Some(Amount::from_units(units))
    }

    /// 10004 when an order of this much is too small, 10005 when too large (dossier §15.10).
    pub(super) fn limits(self, amount: Amount) -> Result<(), i32> {
        let worth = amount.units().checked_mul(self.price).map(|worth| worth / UNITS_PER_COIN);
        match worth {
            Some(worth) if worth < WORTH_MIN => Err(10004),
            Some(worth) if worth <= WORTH_MAX => Ok(()),
            _ => Err(10005),
        }
    }

    /// The smallest and the largest order in this.
    pub(super) fn range(self) -> (Amount, Amount) {
        let least = (WORTH_MIN * UNITS_PER_COIN).div_ceil(self.price);
        (Amount::from_units(least), Amount::from_units(WORTH_MAX * UNITS_PER_COIN / self.price))
    }
}
