//! `demo`: one guaranteed trade, from hello to payout. Network and bot are joined by addresses and sockets only;
//! two people play it on their phones; at the end the books are recomputed from the sandbox's ledger.

mod ending;
mod stage;
mod tale;

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use serde_json::json;
use uuid::Uuid;

use super::exit::{Exit, Failure};
use super::fee::FeeFlags;
use super::out;
use crate::config::Settings;
use crate::id::UserId;
use crate::mixin::Base;
use crate::money::Amount;
use crate::sim::auditor::{self, Expected, Outcome};
use crate::sim::phones::{PhoneError, Transcript};
use crate::sim::play::{self, Next, Play, Script, Via};
use crate::sim::stories;
use crate::time::{Millis, machine_now};
use crate::trade::payout;
use crate::trade::terms::{Asset, Counterparty, Fee, Periods, Role, Terms, TermsError, Unruled};
use stage::Stage;

/// The whole play may take this long; it takes a few seconds.
const PLAY_MAX: Duration = Duration::from_mins(2);
/// A bot that has not said a word by then is not there.
const FIRST_WORD_MAX: Millis = Millis::from_secs(15);
/// Between two glances at the phones.
const GLANCE: Duration = Duration::from_millis(10);
/// What the buyer has beside what is due, in units.
const POCKET_MONEY: Amount = Amount::from_units(25_000_000);

/// What is traded.
const ITEM: &str = "Camera lens 50 mm, used";
/// What the buyer has of the coin MixPay is paid in.
const OTHER_COINS: &str = "1000000000";

#[derive(Args)]
pub(super) struct Flags {
    /// List the stories, one a line.
    #[arg(long, exclusive = true)]
    list: bool,
    /// Play one of the stories of --list instead of the plain trade, and hold its end against what it must be.
    #[arg(long, value_name = "STORY", conflicts_with_all = ["via", "pay_with", "at"])]
    #[arg(value_parser = PossibleValuesParser::new(stories::TABLE.iter().map(|story| story.name)), hide_possible_values = true)]
    story: Option<String>,
    /// The price, in coins: up to 8 decimals.
    #[arg(long, default_value = "100", value_name = "AMOUNT", allow_negative_numbers = true)]
    price: Amount,
    /// What it is paid in: a symbol of the asset list, with its chain if the symbol has several ("USDT TRON").
    #[arg(long, default_value = "USDT", value_name = "ASSET")]
    asset: String,
    #[command(flatten)]
    fee: FeeFlags,
    /// How the buyer pays: by Mixin's own link, or through MixPay in any coin.
    #[arg(long, value_enum, default_value = "mixin")]
    via: ViaFlag,
    /// The coin the buyer pays MixPay in: a symbol or an asset id. Default: the asset of the price.
    #[arg(long, value_name = "ASSET")]
    pay_with: Option<String>,
    /// Play on a sandbox that runs already, with the bot that serves there: the
    /// address it printed. Two new people are made for it; the fee flags say what that bot takes.
    #[arg(long, value_name = "URL", conflicts_with = "seed")]
    at: Option<Base>,
    /// Breaks something on purpose, to show that the audit sees it.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// The seed of all keys and ids.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object instead of the chat (which then goes to stderr).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ViaFlag {
    Mixin,
    Mixpay,
}

#[derive(Clone, Copy, ValueEnum)]
enum Fault {
    /// Once the settlement is final, the ledger's copy of the seller's output holds one unit less.
    StealOneUnit,
}

/// What the two phones showed in the end.
struct Played {
    trade: String,
    state: String,
    said_checks: bool,
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    if flags.list {
        tale::list();
        return Ok(());
    }
    let began = machine_now();
    let tell: fn(&str) = if flags.json { aside } else { out };
    let asset = asset(&flags.asset)?;
    let purse = purse(&flags, &asset)?;
    if let Some(story) = flags.story.as_deref().and_then(stories::find) {
        return tale::play(story, &flags, &asset, tell).await;
    }
    let via = via(&flags, &asset)?;
    let mut stage = if let Some(at) = &flags.at {
        Stage::at(at).await?
    } else {
        tell(&format!("seed {}", flags.seed));
        Stage::own(flags.seed, flags.fee, flags.price).await?
    };
    let mint = json!({ "asset_id": asset.id, "amount": purse });
    stage.post("buyer", "mint", &mint).await.map_err(internal)?;
    if let Via::MixPay { with, .. } = &via
        && *with != asset.id.to_string()
    {
        let mint = json!({ "asset_id": with, "amount": OTHER_COINS });
        stage.post("buyer", "mint", &mint).await.map_err(internal)?;
    }
    let played = play(&mut stage, &flags, &asset, via, tell).await?;
    if let Some(Fault::StealOneUnit) = flags.fault {
        let theft = json!({ "steal_one_unit": { "user": stage.cast.seller } });
        let stolen = stage.phones.post("faults", &theft).await.map_err(internal)?;
        tell(&format!("fault: one unit is taken from {}", stolen["output"].as_str().unwrap_or("?")));
    }
    let ledger = stage.phones.get("ledger").await.map_err(internal)?;
    let expected = Expected {
        asset_id: asset.id.to_string(),
        price: flags.price.to_string(),
        fee_bps: flags.fee.fee_bps,
        fee_payer: flags.fee.fee_payer.books(),
        buyer: stage.cast.buyer.clone(),
        seller: stage.cast.seller.clone(),
        bot: stage.cast.bot.clone(),
        fee_receiver: stage.cast.fees.clone(),
        paid_by: (flags.via == ViaFlag::Mixpay).then(|| stage.cast.mixpay.clone()),
        outcome: Outcome::Release,
        fee_waived: false,
        short_ok: false,
        without_bot: false,
    };
    let report = auditor::audit(&ledger.to_string(), &expected);
    ending::tell(&flags, &asset, &played, &expected, &report, machine_now().since(began))
}

fn aside(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Internal, error.to_string())
}

/// One of the embedded list.
fn assets() -> Result<Vec<Asset>, Failure> {
    let defaults = Settings::read_text("[trade]\nfee_bps = 0\n", std::path::Path::new(""));
    Ok(defaults.map_err(internal)?.assets)
}

/// How the buyer pays; what is paid in is named by its id, so that nothing is mistaken.
fn via(flags: &Flags, asset: &Asset) -> Result<Via, Failure> {
    match (flags.via, &flags.pay_with) {
        (ViaFlag::Mixin, None) => Ok(Via::Mixin),
        (ViaFlag::Mixin, Some(_)) => {
            let why =
                "--pay-with: Mixin's own link is paid in the asset of the price; add --via mixpay to pay in another";
            Err(Failure::new(Exit::Usage, why))
        }
        (ViaFlag::Mixpay, coin) => {
            let coin = coin.as_ref().map_or_else(|| Ok(asset.clone()), |coin| one_of("--pay-with", coin))?;
            Ok(Via::MixPay { with: coin.id.to_string(), called: coin.label() })
        }
    }
}

fn asset(wanted: &str) -> Result<Asset, Failure> {
    one_of("--asset", wanted)
}

fn one_of(flag: &str, wanted: &str) -> Result<Asset, Failure> {
    let list = assets()?;
    let bare =
        |text: &str| text.to_lowercase().replace(['·', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let is = |asset: &&Asset| {
        let names = [asset.symbol.clone(), asset.label(), asset.id.to_string()];
        names.iter().any(|name| bare(name) == bare(wanted))
    };
    match list.iter().filter(is).collect::<Vec<_>>().as_slice() {
        [one] => Ok((*one).clone()),
        found => {
            let which = if found.is_empty() { list.iter().collect() } else { found.to_vec() };
            let names: Vec<String> = which.iter().map(|asset| asset.label()).collect();
            Err(Failure::new(Exit::Usage, format!("{flag} {wanted:?}: write one of {}", names.join(", "))))
        }
    }
}

/// An asset as people write it: with its chain only where the symbol alone is not enough.
fn typed(asset: &Asset) -> Result<String, Failure> {
    let alone = assets()?.iter().filter(|other| other.symbol == asset.symbol).count() == 1;
    Ok(if alone { asset.symbol.clone() } else { asset.label() })
}

/// What the buyer brings, once the law itself has nothing against these terms: before anything starts.
fn purse(flags: &Flags, asset: &Asset) -> Result<Amount, Failure> {
    // Who the people are does not matter for the numbers.
    let [buyer, bot, fees] = [1, 2, 3].map(|n| UserId(Uuid::from_u128(n)));
    let fee = Fee { bps: flags.fee.fee_bps, payer: flags.fee.fee_payer.law(), receiver: fees };
    let day = Millis::from_hours(24);
    let terms = Terms {
        item: String::new(),
        asset: asset.clone(),
        price: flags.price,
        fee: fee.clone(),
        periods: Periods { accept: day, pay: day, deliver: day, inspect: day },
        judges: Vec::new(),
        unruled: Unruled::Refund,
        ruling_delay: Millis(0),
        proposer: buyer,
        role: Role::Buyer,
        counterparty: Counterparty::Invited(String::new()),
        bot,
    };
    let checked = terms.check().and_then(|()| {
        let due = payout::due(flags.price, &fee).and_then(|due| due.checked_add(POCKET_MONEY));
        due.ok_or(TermsError::PriceTooLarge)
    });
    checked.map_err(|error| {
        let cure = match error {
            TermsError::PriceZero => "write more than 0, like --price 12.5",
            TermsError::NothingLeft => "write a smaller --fee-bps, or --fee-payer buyer",
            _ => "write less",
        };
        Failure::new(Exit::Usage, format!("--price {} --fee-bps {}: {error}; {cure}", flags.price, flags.fee.fee_bps))
    })
}

/// Two people play the trade; their phones are all they see.
async fn play(stage: &mut Stage, flags: &Flags, asset: &Asset, via: Via, tell: fn(&str)) -> Result<Played, Failure> {
    let typed = format!("{} {}", flags.price, typed(asset)?);
    let mut play = Play::new(Script { item: ITEM.into(), price: typed, via });
    let mut transcript = Transcript::new(tell);
    transcript.legend();
    let mut bot = stage.bot.take();
    let ended = async {
        match &mut bot {
            Some(bot) => {
                bot.await.map_err(|error| error.to_string()).and_then(|ended| ended.map_err(|e| e.to_string()))
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        done = tokio::time::timeout(PLAY_MAX, act(stage, &mut play, &mut transcript, Duration::ZERO)) => match done {
            Ok(done) => done?,
            Err(_) => return Err(Failure::new(Exit::Outcome, format!("the trade did not go on; waiting for: {}", play.waits_for()))),
        },
        ended = ended => {
            let why = ended.err().unwrap_or_else(|| "it stopped".into());
            return Err(Failure::new(Exit::Internal, format!("the bot ended in mid-trade: {why}")));
        }
    }
    let buyer = transcript.of("buyer");
    Ok(Played {
        trade: play::code(buyer).unwrap_or_default(),
        state: play::state(buyer).unwrap_or_default(),
        said_checks: buyer.iter().any(|message| play::words(message).contains("7 of 7 checks")),
    })
}

/// The sandbox's own buyer and seller play a trade with the bot that serves there, a deed every `pace`, so that it
/// can be watched.
pub(super) async fn scripted(api: String, pace: Duration) -> Result<(), Failure> {
    let stage = Stage::of(api).await?;
    let mut play = Play::new(Script { item: ITEM.into(), price: "100 USDT".into(), via: Via::Mixin });
    let mut transcript = Transcript::new(out);
    transcript.legend();
    act(&stage, &mut play, &mut transcript, pace).await
}

async fn act(stage: &Stage, play: &mut Play, transcript: &mut Transcript, pace: Duration) -> Result<(), Failure> {
    let failed = |error: PhoneError| Failure::new(Exit::Outcome, error.to_string());
    let began = machine_now();
    loop {
        transcript.read("buyer", stage.inbox("buyer", transcript.seen("buyer")).await.map_err(failed)?);
        transcript.read("seller", stage.inbox("seller", transcript.seen("seller")).await.map_err(failed)?);
        match play.next(transcript.of("buyer"), transcript.of("seller")) {
            Next::Do(deed) => {
                tokio::time::sleep(pace).await;
                transcript.did(&deed);
                // The phone shows its own sheet before it asks for the PIN.
                if deed.body.get("pin").is_some() {
                    let link = json!({ "link": deed.body["link"] });
                    transcript.sheet(&stage.post(deed.who, "open", &link).await.map_err(failed)?);
                }
                stage.post(deed.who, deed.verb, &deed.body).await.map_err(failed)?;
            }
            Next::Wait if transcript.of("buyer").is_empty() && machine_now().since(began) > FIRST_WORD_MAX => {
                let why = "no bot answers on this sandbox; start one with `sandbox --with-bot`, or `serve --config` beside it";
                return Err(Failure::new(Exit::Network, why));
            }
            Next::Wait => tokio::time::sleep(GLANCE).await,
            Next::Done => return Ok(()),
        }
    }
}
