//! `sandbox`: the small network alone, for any client library; or with the bot beside it.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};

use super::exit::{Exit, Failure};
use super::fee::FeeFlags;
use super::{demo, out, stop};
use crate::config::{ENVIRONMENT, Settings};
use crate::sandbox::{Bot, World};
use crate::time::machine_now;
use crate::trade::terms::Asset;

/// How a configuration begins that may be overwritten.
const WRITTEN: &str = "# Written by `mixin-escrow sandbox`";
/// The bot's database in the folder of the keystores.
const DATABASE: &str = "sandbox.db";
/// How long the bot may take to end.
const DISMISS_MAX: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(super) struct Flags {
    /// The port to listen on, on loopback; 0 takes any that is free, and the first line says which.
    #[arg(long, default_value_t = 7000, value_name = "N")]
    port: u16,
    /// Where the keystores of everybody are written; made if it is not there.
    #[arg(long, value_name = "DIR", default_value = "sandbox-data")]
    data: PathBuf,
    /// The seed of all keys and ids: the same seed gives the same people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Start the bot too, as a child process on the keystore written for it; people get test money.
    #[arg(long)]
    with_bot: bool,
    /// With the bot, and the buyer and the seller play a trade by themselves, to be watched in the browser.
    #[arg(long)]
    scripted: bool,
    /// Milliseconds between two deeds of `--scripted`.
    #[arg(long, default_value_t = 2_500, value_name = "MS", requires = "scripted")]
    pace: u64,
    #[command(flatten)]
    fee: FeeFlags,
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    let mut stop = stop::told(false)?;
    let network = start(flags.seed, flags.port).await?;
    let config = network.write(&flags.data, flags.fee)?;
    let with_bot = flags.with_bot || flags.scripted;
    // Before the address is known: whoever reads it may look at a purse at once.
    if with_bot {
        network.give();
    }
    out(&format!("Mixin is at {}", network.api()));
    out(&format!("open {}/ in a browser: phones to play on, and what lies behind them", network.api()));
    out(&format!("Blaze is at {}", network.blaze()));
    out(&format!("keystores are in {}", flags.data.display()));
    for person in network.people() {
        out(&format!("  {:<9} {:<8} {}", text(&person, "role"), text(&person, "name"), text(&person, "number")));
    }
    if with_bot {
        let mut bot = child(&config)?;
        // Taken out, because waiting for a child closes its stdin.
        let tie = bot.stdin.take();
        out("stop with Ctrl-C");
        return tokio::select! {
            biased;
            () = stop::stopped(&mut stop) => dismiss(bot, tie).await,
            never = played(&network, &flags) => match never {},
            ended = bot.wait() => {
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                Err(Failure::new(Exit::Internal, format!("the bot ended by itself ({how}); its last line says why, and the cure")))
            }
        };
    }
    out(&format!("start the bot with: mixin-escrow serve --config {}", config.display()));
    out("stop with Ctrl-C");
    stop::stopped(&mut stop).await;
    Ok(())
}

/// Plays what is asked for, then lets people go on by themselves, also where the play could not.
async fn played(network: &Network, flags: &Flags) -> Infallible {
    if flags.scripted {
        match demo::scripted(network.api(), Duration::from_millis(flags.pace)).await {
            Ok(()) => out("the play is over; go on in the browser, or stop with Ctrl-C"),
            Err(failed) => out(&format!("the play stopped: {failed}; go on in the browser, or stop with Ctrl-C")),
        }
    }
    std::future::pending().await
}

/// `serve` as a process of its own, so that nothing but addresses and sockets joins the two. It ends when its stdin
/// does, so even the death of this process does not leave it behind.
fn child(config: &Path) -> Result<Child, Failure> {
    let fail = |error: std::io::Error| Failure::new(Exit::Internal, format!("the bot cannot be started: {error}"));
    let mut command = Command::new(std::env::current_exe().map_err(fail)?);
    command.args(["serve", "--tied", "--config"]).arg(config).stdin(Stdio::piped()).kill_on_drop(true);
    // What the environment sets is meant for a bot on the real network.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(ENVIRONMENT)) {
        command.env_remove(name);
    }
    // Ctrl-C in a terminal goes to the whole group; the bot is told by us alone, so that it cannot seem to end by itself.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn().map_err(fail)
}

/// Lets the bot finish what it is at; one that does not is killed.
async fn dismiss(mut bot: Child, tie: Option<ChildStdin>) -> Result<(), Failure> {
    drop(tie);
    if tokio::time::timeout(DISMISS_MAX, bot.wait()).await.is_err() {
        let _ = bot.kill().await;
    }
    Ok(())
}

/// A network that serves on loopback until this is dropped.
pub(super) struct Network {
    port: u16,
    /// Where its bot is to listen: for pages and callbacks, and for looking inside.
    bot: [u16; 2],
    world: Arc<Mutex<World>>,
    _stop: tokio::sync::oneshot::Sender<()>,
}

/// Starts the network. Port 0 takes any that is free.
pub(super) async fn start(seed: u64, port: u16) -> Result<Network, Failure> {
    let taken = |error: std::io::Error| {
        Failure::new(
            Exit::Network,
            format!("port {port} cannot be used: {error}; choose another with --port, or --port 0 for any"),
        )
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(taken)?;
    let port = listener.local_addr().map_err(taken)?.port();
    let world = Arc::new(Mutex::new(World::new(seed, machine_now())));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = world.clone();
    let bot = free_ports().await.map_err(taken)?;
    let [public, inspect] = bot.map(|port| format!("http://127.0.0.1:{port}"));
    tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        if let Err(error) = crate::sandbox::serve(served, listener, Bot { public, inspect }, shutdown).await {
            tracing::error!(%error, "the sandbox stopped serving");
        }
    });
    Ok(Network { port, bot, world, _stop: stop })
}

/// Two ports nobody listens on at this moment.
async fn free_ports() -> std::io::Result<[u16; 2]> {
    let (one, two) = (TcpListener::bind(("127.0.0.1", 0)).await?, TcpListener::bind(("127.0.0.1", 0)).await?);
    Ok([one.local_addr()?.port(), two.local_addr()?.port()])
}

impl Network {
    pub(super) fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn blaze(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Everybody on the network, keystores included.
    pub(super) fn people(&self) -> Vec<Value> {
        let request = http::Request::builder().uri("/sandbox/people").body(bytes::Bytes::new()).unwrap_or_default();
        let mut world = self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let answer = world.control(request, machine_now());
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    /// Test money for everybody who may trade, in every asset.
    fn give(&self) {
        let mut world = self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for asset in Settings::assets_of_defaults() {
            let amount = match asset.symbol.as_str() {
                "BTC" => "0.02",
                "ETH" => "0.5",
                "XIN" => "10",
                _ => "1000",
            };
            for role in ["buyer", "seller", "judge", "stranger"] {
                let body = json!({ "asset_id": asset.id, "amount": amount }).to_string();
                let mint = http::Request::post(format!("/sandbox/people/{role}/mint")).body(bytes::Bytes::from(body));
                if let Ok(mint) = mint {
                    world.control(mint, machine_now());
                }
            }
        }
    }

    /// Writes everybody's keystore (`{role}.json`) and the bot's configuration (`config.toml`), whose path is given back.
    pub(super) fn write(&self, folder: &Path, fee: FeeFlags) -> Result<PathBuf, Failure> {
        let fail = |path: &Path, error: &std::io::Error| {
            Failure::new(
                Exit::Database,
                format!("{} cannot be written: {error}; choose another folder with --data", path.display()),
            )
        };
        let path = folder.join("config.toml");
        // Somebody else's configuration would have a keystore and a database beside it that are worth something.
        if std::fs::read_to_string(&path).is_ok_and(|text| !text.starts_with(WRITTEN)) {
            let why = format!(
                "{} was not written by the sandbox and is left alone; choose another folder with --data",
                path.display()
            );
            return Err(Failure::new(Exit::Usage, why));
        }
        std::fs::create_dir_all(folder).map_err(|error| fail(folder, &error))?;
        for person in &self.people() {
            let path = folder.join(format!("{}.json", text(person, "role")));
            let keystore = serde_json::to_string_pretty(&person["keystore"]).unwrap_or_default();
            std::fs::write(&path, keystore).map_err(|error| fail(&path, &error))?;
        }
        // The network lives in memory: a database of an earlier one would know people and messages that are gone.
        for name in ["", "-wal", "-shm"].map(|end| format!("{DATABASE}{end}")) {
            match std::fs::remove_file(folder.join(&name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(fail(&folder.join(&name), &error));
                }
                _ => {}
            }
        }
        std::fs::write(&path, self.config(fee)).map_err(|error| fail(&path, &error))?;
        Ok(path)
    }

    /// The bot's configuration on this network.
    pub(super) fn config(&self, fee: FeeFlags) -> String {
        let people = self.people();
        let of = |role: &str| {
            people.iter().find(|p| text(p, "role") == role).map(|p| text(p, "user_id")).unwrap_or_default()
        };
        format!(
            "{WRITTEN}: the bot on the small network.\n\n\
             [mixin]\napi = {api}\nblaze = {blaze}\nkeystore = \"bot.json\"\n\n\
             [mixpay]\napi = {api}\n\n\
             # Above any price that is played here.\n[mixpay.first_max]\n{first_max}\n\
             # And below any: dust is played, too.\n[limits.price_min_of]\n{price_min}\n\
             [web]\nlisten = \"127.0.0.1:{listen}\"\npublic = \"http://127.0.0.1:{listen}\"\ninspect = \"127.0.0.1:{inspect}\"\n\n\
             [store]\n# Begins anew with every sandbox.\ndatabase = {DATABASE:?}\n\n\
             # The clock is moved by hand here, by days.\n[clock]\nmax_skew_s = 315360000\n\n\
             [operator]\nname = \"the sandbox\"\n\n\
             [trade]\nfee_bps = {bps}\nfee_payer = {payer}\nfee_receiver = {fees}\njudges = [{judge}]\n",
            api = json!(self.api()),
            first_max = of_every_asset("1000000000"),
            price_min = of_every_asset("0.00000001"),
            blaze = json!(self.blaze()),
            listen = self.bot[0],
            inspect = self.bot[1],
            bps = fee.fee_bps,
            payer = json!(fee.fee_payer.word()),
            fees = json!(of("fees")),
            judge = json!(of("judge")),
        )
    }
}

/// An amount for every asset people may trade in here.
fn of_every_asset(amount: &str) -> String {
    let line = |asset: &Asset| format!("{} = {amount:?}\n", asset.id);
    Settings::assets_of_defaults().iter().map(line).collect()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_play_that_fails_ends_nothing() {
        // Nobody listens there any more, so the first deed fails.
        let mut network = start(1, 0).await.unwrap();
        network.port = free_ports().await.unwrap()[0];
        let fee = FeeFlags { fee_bps: 100, fee_payer: crate::cli::fee::Payer::Buyer };
        let flags = Flags { port: 0, data: PathBuf::new(), seed: 1, with_bot: true, scripted: true, pace: 0, fee };
        assert!(demo::scripted(network.api(), Duration::ZERO).await.is_err());
        let ended = tokio::time::timeout(Duration::from_millis(300), played(&network, &flags)).await;
        assert!(ended.is_err());
    }
}
