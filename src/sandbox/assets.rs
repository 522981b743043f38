//! The assets of this network: a fixed table (dossier §5). Prices are invented and never move.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::id::{AssetId, Hash};
use crate::kernel::derive::asset_hash;

/// One asset: id, chain, symbol, name, price in USD.
pub(super) struct Asset {
    pub(super) id: AssetId,
    pub(super) chain: Uuid,
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    price_usd: &'static str,
    key: &'static str,
}

const BTC: u128 = 0xc6d0_c728_2624_429b_8e0d_d9d1_9b65_92fa;
const ETH: u128 = 0x43d6_1dcd_e413_450d_80b8_101d_5e90_3357;
const TRX: u128 = 0x25da_bac5_056a_48ff_b9f9_f673_95dc_407c;
const SOL: u128 = 0x6469_2c23_8971_4cf4_84a7_4dd1_271d_d887;
const DOGE: u128 = 0x6770_a1e5_6086_44d5_b60f_545f_9d9e_8ffd;
const USDT_ERC20: u128 = 0x4d8c_508b_91c5_375b_92b0_ee70_2ed2_dac5;
const USDT_TRC20: u128 = 0xb91e_18ff_a9ae_3dc7_8679_e935_d9a4_b34b;
const USDC_ERC20: u128 = 0x9b18_0ab6_6abe_3dc0_a13f_0416_9eb3_4bfa;
const XIN: u128 = 0xc94a_c88f_4671_3976_b60a_0906_4f18_11e8;
const CNB: u128 = 0x965e_5c6e_434c_3fa9_b780_c50f_43cd_955c;

const fn asset(
    id: u128,
    chain: u128,
    symbol: &'static str,
    name: &'static str,
    price_usd: &'static str,
    key: &'static str,
) -> Asset {
    Asset { id: AssetId(Uuid::from_u128(id)), chain: Uuid::from_u128(chain), symbol, name, price_usd, key }
}

static ASSETS: [Asset; 10] = [
    asset(BTC, BTC, "BTC", "Bitcoin", "100000", "c6d0c728-2624-429b-8e0d-d9d19b6592fa"),
    asset(ETH, ETH, "ETH", "Ether", "4000", "0x0000000000000000000000000000000000000000"),
    asset(USDT_ERC20, ETH, "USDT", "Tether USD", "1", "0xdac17f958d2ee523a2206206994597c13d831ec7"),
    asset(USDT_TRC20, TRX, "USDT", "Tether USD", "1", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    asset(USDC_ERC20, ETH, "USDC", "USD Coin", "1", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
    asset(XIN, ETH, "XIN", "Mixin", "150", "0xa974c709cfb4566686553a20790685a47aceaa33"),
    asset(TRX, TRX, "TRX", "TRON", "0.3", "25dabac5-056a-48ff-b9f9-f67395dc407c"),
    asset(SOL, SOL, "SOL", "Solana", "200", "11111111111111111111111111111111"),
    asset(DOGE, DOGE, "DOGE", "Dogecoin", "0.2", "6770a1e5-6086-44d5-b60f-545f9d9e8ffd"),
    asset(CNB, ETH, "CNB", "Chui Niu Bi", "0", "0xec2a0550a2e4da2a027b3fc06f70ba15a94a6dac"),
];

/// All of them.
pub(super) fn all() -> &'static [Asset] {
    &ASSETS
}

/// By UUID or kernel hash, as both are used in queries.
pub(super) fn find(id: &str) -> Option<&'static Asset> {
    let hash = id.parse::<Hash>().ok();
    ASSETS.iter().find(|asset| asset.id.to_string() == id || hash.is_some_and(|hash| asset.hash() == hash))
}

/// By kernel hash.
pub(super) fn by_hash(hash: &Hash) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.hash() == *hash)
}

impl Asset {
    /// The kernel's name of it.
    pub(super) fn hash(&self) -> Hash {
        asset_hash(self.id)
    }

    /// The asset object (dossier §5); precision and dust as dossier U-16 assumes.
    pub(super) fn view(&self) -> Value {
        json!({
            "type": "safe_asset",
            "asset_id": self.id.to_string(),
            "chain_id": self.chain.to_string(),
            "symbol": self.symbol,
            "name": self.name,
            "display_symbol": self.symbol,
            "display_name": self.name,
            "icon_url": "",
            "price_btc": "0",
            "price_usd": self.price_usd,
            "change_btc": "0",
            "change_usd": "0",
            "asset_key": self.key,
            "precision": 8,
            "dust": "0.00000001",
            "confirmations": 1,
            "kernel_asset_id": self.hash().to_string(),
            "primitive_asset_id": "",
            "collection_hash": "",
            "withdrawal_memo_possibility": "negative",
            "level": 12,
            "fee_asset_id": "",
            "price_updated_at": "2026-01-01T00:00:00Z",
        })
    }
}
