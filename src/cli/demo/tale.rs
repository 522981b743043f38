//! `demo --story`: a named story over real sockets, in one process, on the network's own clock.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::stage::Stage;
use super::{Fault, Flags, assets, internal, typed};
use crate::cli::exit::{Exit, Failure};
use crate::cli::out;
use crate::sim::auditor::Units;
use crate::sim::phones::PhoneError;
use crate::sim::stories::{Coin, Ended, Ground, PRICES, Report, Story, Stuck, TABLE, Terms};
use crate::store::{Beside, Operator, Reader, StoreError};
use crate::time::{Millis, machine_now};
use crate::trade::terms::Asset;

/// Between two glances at the phones.
const GLANCE: Duration = Duration::from_millis(20);
/// Until the bot has seen its connection close.
const NOTICES: Duration = Duration::from_secs(1);
/// More connections than the bot tries meanwhile.
const REFUSED_MAX: u32 = 1_000;
/// Glances for one thing: on a busy machine, with much to do, too. A right by time takes a minute and more, in which the
/// bot hears everybody to the end and reads the vault again.
const PATIENCE: u32 = 6_000;
/// Until the bot has noted once more that its connection lives.
const LIVES: Duration = Duration::from_secs(32);

/// One line a story.
pub(super) fn list() {
    let longest = TABLE.iter().map(|story| story.name.len()).max().unwrap_or(0);
    for story in TABLE {
        out(&format!("{:longest$}  {}", story.name, story.tells));
    }
}

/// What `--json` prints. Amounts are decimal texts.
#[derive(Serialize)]
struct Ending<'a> {
    story: &'a str,
    seed: u64,
    trade: &'a str,
    state: &'a str,
    outcome: &'a str,
    elapsed_ms: i64,
    /// By person and asset: more or less than was brought; of the vault, what is in it.
    balances: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// Every trade of the story, the first one's above.
    trades: &'a [Ended],
    /// "ok", or "wrong".
    ledger: &'a str,
}

/// Plays a story. Good only if it ended as it must, to the last unit.
pub(super) async fn play(story: &'static Story, flags: &Flags, asset: &Asset, tell: fn(&str)) -> Result<(), Failure> {
    let began = machine_now();
    let terms = terms(flags, asset)?;
    tell(&format!("seed {}", flags.seed));
    tell(&format!("{}: {}", story.name, story.tells));
    let stage = Stage::own(flags.seed, flags.fee, flags.price).await?;
    let fault = flags.fault;
    let handle = Handle::current();
    // The story waits where it stands, so it gets a thread where that is no harm.
    let played = tokio::task::spawn_blocking(move || {
        let mut sockets = Sockets { stage, handle };
        story.play(&mut sockets, terms, tell, |ground| match fault {
            Some(Fault::StealOneUnit) => steal(ground, tell),
            None => Ok(()),
        })
    });
    let report = played.await.map_err(internal)?.map_err(|stuck| {
        let exit = if matches!(stuck, Stuck::Broken(_)) { Exit::Internal } else { Exit::Outcome };
        Failure::new(exit, format!("the story {} stopped: {stuck}", story.name))
    })?;
    ending(story, flags, &report, machine_now().since(began))
}

/// The same for every story: its amounts are parts of the price.
fn terms(flags: &Flags, asset: &Asset) -> Result<Terms, Failure> {
    let price = Units(flags.price.units());
    if !PRICES.contains(&price) {
        let (least, most) = (PRICES.start(), PRICES.end());
        let why = format!("--price {price}: a story pays in parts; write at least {least} and at most {most}");
        return Err(Failure::new(Exit::Usage, why));
    }
    let coin = |asset: &Asset| Ok(Coin { id: asset.id.to_string(), typed: typed(asset)?, label: asset.label() });
    let other = assets()?.into_iter().find(|other| other.id != asset.id);
    Ok(Terms {
        price,
        asset: coin(asset)?,
        other: coin(&other.ok_or_else(|| internal("there is one asset only"))?)?,
        fee_bps: flags.fee.fee_bps,
        fee_payer: flags.fee.fee_payer.books(),
    })
}

/// From the buyer, who always has something left.
fn steal(ground: &mut dyn Ground, tell: fn(&str)) -> Result<(), Stuck> {
    let theft = json!({ "steal_one_unit": { "user": "buyer" } });
    let stolen = ground.control("POST", "faults", &theft)?;
    tell(&format!("fault: one unit is taken from {}", stolen["output"].as_str().unwrap_or("?")));
    Ok(())
}

fn ending(story: &Story, flags: &Flags, report: &Report, elapsed: Millis) -> Result<(), Failure> {
    let first = report.trades.first();
    let of = |pick: fn(&Ended) -> &str| first.map_or("", pick);
    let good = report.problems.is_empty();
    if flags.json {
        let ending = Ending {
            story: story.name,
            seed: flags.seed,
            trade: of(|ended| &ended.trade),
            state: of(|ended| &ended.state),
            outcome: of(|ended| ended.outcome),
            elapsed_ms: elapsed.0,
            balances: &report.balances,
            trades: &report.trades,
            ledger: if good { "ok" } else { "wrong" },
        };
        out(&serde_json::to_string(&ending).unwrap_or_default());
    } else {
        table(report, good);
        out(&format!("elapsed_ms {}", elapsed.0));
    }
    if good {
        return Ok(());
    }
    let why = format!("the story {} did not end as it must: {}", story.name, report.problems.join("; "));
    Err(Failure::new(Exit::Outcome, why))
}

fn table(report: &Report, good: bool) {
    out("");
    for Ended { trade, state, outcome, signers } in &report.trades {
        let by = if signers.is_empty() { "nobody".to_owned() } else { signers.join(", then ") };
        out(&format!("trade {trade} is {state}; settled: {outcome}, signed by {by}"));
    }
    out("");
    for (who, assets) in &report.balances {
        for (asset, net) in assets {
            let what = if who == "vault" { "holds" } else { "has, beside what was brought," };
            out(&format!("  {who:<9} {what:<29} {net:>16} {asset}"));
        }
    }
    if good {
        out("  every unit is accounted for, and the bot's own books are sound");
    }
    out("");
}

/// A network and a bot of our own, joined by sockets only.
struct Sockets {
    stage: Stage,
    handle: Handle,
}

impl Ground for Sockets {
    fn control(&mut self, method: &str, route: &str, body: &Value) -> Result<Value, Stuck> {
        let phones = &self.stage.phones;
        let done = self
            .handle
            .block_on(async { if method == "GET" { phones.get(route).await } else { phones.post(route, body).await } });
        done.map_err(|error| match error {
            PhoneError::Refused { route, said } => Stuck::Refused { route, said },
            PhoneError::Wire(error) => Stuck::Broken(error.to_string()),
        })
    }

    fn wait(&mut self, nth: u32) -> Result<bool, Stuck> {
        if self.stage.bot.as_ref().is_some_and(tokio::task::JoinHandle::is_finished) {
            let why = self.end().err().unwrap_or_else(|| "it stopped".to_owned());
            return Err(Stuck::Broken(format!("the bot ended in mid-trade: {why}")));
        }
        self.handle.block_on(tokio::time::sleep(GLANCE));
        Ok(nth < PATIENCE)
    }

    fn pass(&mut self, span: Millis) -> Result<(), Stuck> {
        self.control("POST", "clock", &json!({ "advance_ms": span.0 })).map(drop)
    }

    fn away(&mut self, span: Millis) -> Result<(), Stuck> {
        // Of a connection that ends, only what was noted counts: without it a jump of before would be time away, too.
        self.handle.block_on(tokio::time::sleep(LIVES));
        self.control("POST", "faults", &json!({ "upgrades": REFUSED_MAX }))?;
        self.control("POST", "faults", &json!({ "blaze": "close" }))?;
        self.handle.block_on(tokio::time::sleep(NOTICES));
        self.pass(span)?;
        self.control("POST", "faults", &json!({ "upgrades": 0 })).map(drop)
    }

    fn bot_leaves(&mut self) -> Result<(), Stuck> {
        if let Some(own) = &self.stage.own {
            // Nobody to hear it means that it ended already, which its end tells.
            let _ = own.stop.send(true);
        }
        self.end().map_err(Stuck::Broken)
    }

    fn operate(&mut self, asked: &Operator) -> Result<String, Stuck> {
        let failed = |error: StoreError| Stuck::Broken(error.to_string());
        let own = self.stage.own.as_ref().ok_or_else(|| Stuck::Broken("this bot has an operator of its own".into()))?;
        let beside = Beside::open(&own.database).map_err(failed)?;
        let row = beside.ask(machine_now(), asked).map_err(failed)?;
        for _ in 0..PATIENCE {
            if let Some(answer) = beside.answer(row).map_err(failed)? {
                return Ok(answer.line);
            }
            self.handle.block_on(tokio::time::sleep(GLANCE));
        }
        Err(Stuck::Broken("the bot does not answer its operator".into()))
    }

    fn books(&mut self) -> Result<Vec<String>, Stuck> {
        let Some(own) = &self.stage.own else { return Ok(Vec::new()) };
        let checked = Reader::open(&own.database).and_then(|reader| reader.check());
        let checked = checked.map_err(|error| Stuck::Broken(error.to_string()))?;
        Ok(checked.broken.iter().map(|broken| format!("{broken:?}")).collect())
    }
}

impl Sockets {
    /// Waits for the bot's end, and says what was wrong with it.
    fn end(&mut self) -> Result<(), String> {
        let Some(bot) = self.stage.bot.take() else { return Ok(()) };
        let ended = self.handle.block_on(bot).map_err(|error| error.to_string())?;
        ended.map_err(|error| error.to_string())
    }
}
