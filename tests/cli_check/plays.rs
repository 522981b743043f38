//! `demo`: random trades in one process and in three; a fault is named; a killed bot goes on.

use std::collections::BTreeSet;

use mixin_escrow::money::Amount;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::Value;

use super::program::{Ended, Running, Sandbox, run};

const FIELDS: [&str; 11] = [
    "state",
    "outcome",
    "asset",
    "price",
    "due",
    "buyer_paid",
    "seller_received",
    "fee",
    "signers",
    "trade",
    "elapsed_ms",
];

/// What one demo is asked for.
#[derive(Clone, Debug)]
struct Wish {
    price: Amount,
    bps: u32,
    payer: &'static str,
}

/// Random, but another run can be given the same: `SEED=… cargo test`.
fn dice() -> ChaCha8Rng {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    println!("SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

impl Wish {
    fn random(dice: &mut ChaCha8Rng, payer: &'static str) -> Self {
        // From one unit to ten thousand coins, every magnitude alike.
        let magnitude = dice.next_u32() % 13;
        let units = 1 + u128::from(dice.next_u64()) % 10_u128.pow(magnitude);
        let wish = Self { price: Amount::from_units(units), bps: dice.next_u32() % 10_000, payer };
        println!("{wish:?}");
        wish
    }

    fn arguments(&self) -> Vec<String> {
        let words = [
            "demo",
            "--json",
            "--price",
            &self.price.to_string(),
            "--fee-bps",
            &self.bps.to_string(),
            "--fee-payer",
            self.payer,
        ];
        words.map(str::to_owned).to_vec()
    }

    /// The numbers are counted here once more.
    fn is_fulfilled(&self, ended: &Ended) {
        assert_eq!(ended.code, Some(0), "{self:?} {ended:?}");
        let text = &ended.out[0];
        let json = ended.json();
        let mut at: Vec<usize> = FIELDS.map(|field| text.find(&format!("\"{field}\":")).unwrap()).to_vec();
        let written = at.clone();
        at.sort_unstable();
        assert_eq!(at, written, "the fields in their order: {text}");
        assert_eq!(json.as_object().unwrap().len(), FIELDS.len(), "{text}");
        let units = |field: &str| json[field].as_str().unwrap().parse::<Amount>().unwrap().units();
        let (price, fee) = (self.price.units(), self.price.units() * u128::from(self.bps) / 10_000);
        let buyers = match self.payer {
            "buyer" => fee,
            "seller" => 0,
            _ => fee / 2,
        };
        assert_eq!(json["state"], "Settled");
        assert_eq!(json["outcome"], "release");
        assert_eq!(json["asset"], "USDT · TRON");
        assert_eq!(json["signers"], serde_json::json!(["buyer", "bot"]));
        assert_eq!(json["trade"].as_str().unwrap().len(), 6);
        assert!(json["elapsed_ms"].as_u64().unwrap() > 0);
        assert_eq!(units("price"), price);
        assert_eq!(units("fee"), fee);
        assert_eq!(units("due"), price + buyers);
        assert_eq!(units("buyer_paid"), price + buyers);
        assert_eq!(units("seller_received"), price + buyers - fee);
    }
}

async fn three(wishes: &[Wish; 3], more: &[&str]) {
    let arguments = |wish: &Wish| [wish.arguments(), more.iter().map(|word| (*word).to_owned()).collect()].concat();
    let all = wishes.each_ref().map(arguments);
    let ended = tokio::join!(run(&all[0]), run(&all[1]), run(&all[2]));
    wishes[0].is_fulfilled(&ended.0);
    wishes[1].is_fulfilled(&ended.1);
    wishes[2].is_fulfilled(&ended.2);
}

#[tokio::test]
async fn three_random_trades() {
    let mut dice = dice();
    three(&["buyer", "seller", "split"].map(|payer| Wish::random(&mut dice, payer)), &[]).await;
}

/// Network, bot and people in three processes; the fee is the bot's, so the three trades share it.
#[tokio::test]
async fn three_random_trades_in_separate_processes() {
    let mut dice = dice();
    let payer = ["buyer", "seller", "split"][dice.next_u32() as usize % 3];
    let first = Wish::random(&mut dice, payer);
    let wishes = [(); 3].map(|()| Wish { bps: first.bps, ..Wish::random(&mut dice, payer) });
    let sandbox = Sandbox::start(&["--fee-bps", &first.bps.to_string(), "--fee-payer", payer]).await;
    let bot = sandbox.serve().await;
    three(&wishes, &["--at", &sandbox.api]).await;
    bot.signal("TERM").await;
    assert_eq!(bot.end().await.code, Some(0));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_stolen_unit_is_named() {
    let ended = run(&["demo", "--json", "--fault", "steal-one-unit"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // Everything before the theft went well, so the object is still there.
    assert_eq!(ended.json()["state"], "Settled");
    let stolen = ended.err.iter().find_map(|line| line.strip_prefix("fault: one unit is taken from ")).unwrap();
    let verdict = ended.err.last().unwrap();
    assert!(verdict.starts_with("mixin-escrow: the audit found: "), "{verdict}");
    assert!(verdict.contains(&format!("output {stolen}")), "{verdict}");
    assert!(verdict.contains("0.00000001 (1 unit) is missing"), "{verdict}");
}

/// People see a chat, the checks, who paid and got what; then the verdict and the time it took.
#[tokio::test]
async fn a_person_reads_along() {
    let ended = run(&["demo", "--price", "12.5", "--asset", "btc", "--fee-bps", "0"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.is_empty(), "{:?}", ended.err);
    assert!(ended.out.iter().any(|line| line == "7 of 7 checks, bot signed last"));
    assert!(ended.out.iter().any(|line| line == "  every unit is accounted for"));
    assert!(ended.out.last().unwrap().starts_with("elapsed_ms "), "{:?}", ended.out.last());
    let table: BTreeSet<Vec<&str>> = ended.out.iter().map(|line| line.split_whitespace().collect()).collect();
    assert!(table.contains(&vec!["buyer", "12.5", "0"]), "{:?}", ended.out);
    assert!(table.contains(&vec!["seller", "0", "12.5"]), "{:?}", ended.out);
}

/// The environment of a real bot does not reach the demo.
#[tokio::test]
async fn the_environment_sets_nothing_in_a_demo() {
    let environment = [("MIXIN_ESCROW__MIXIN__API", "http://127.0.0.1:1"), ("MIXIN_ESCROW__TRADE__FEE_BPS", "9999")];
    let ended = Running::start_with(&["demo", "--json"], &environment).end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["fee"], "1");
}

/// Killed without a word when the money is locked, and again when the buyer has signed; started again each time.
#[tokio::test]
async fn a_killed_bot_goes_on() {
    let sandbox = Sandbox::start(&[]).await;
    let mut bot = sandbox.serve().await;
    let mut demo = Running::start(&["demo", "--json", "--at", &sandbox.api]);
    for moment in ["The money is locked", "signs the release"] {
        demo.murmurs(moment).await;
        bot.signal("KILL").await;
        bot.ended().await;
        bot = sandbox.serve().await;
    }
    let ended = demo.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let json: Value = ended.json();
    assert_eq!(json["signers"], serde_json::json!(["buyer", "bot"]));
    drop(bot);
    sandbox.stop().await;
}
