//! `doctor`: everything the bot needs, a line each; the first thing that will not do ends it, with the cure. Also
//! the first thing `serve` does.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure};
use super::out;
use super::start::{self, Parts};
use crate::config::ConfigError;
use crate::engine::run;
use crate::id::UserId;
use crate::mixin::CallError;
use crate::mixin::safe::{self, Me, User};
use crate::mixpay;
use crate::store::{self, Beside, Halts, Store, StoreError, can_be_made};
use crate::time::{Millis, machine_now};

#[derive(Args)]
pub(super) struct Flags {
    /// The configuration file; without one the embedded defaults are used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) async fn run(flags: Flags) -> Result<(), Failure> {
    let parts = start::parts(flags.config.as_deref())?;
    let me = examine(&parts, out).await?;
    mixpay(&parts, &me).await;
    web(&parts).await?;
    out("all is well");
    Ok(())
}

/// Checks, what is here before what is far away, and says each line to `say`. Gives who the bot is.
pub(super) async fn examine(parts: &Parts, say: fn(&str)) -> Result<Me, Failure> {
    let good = |what: &str, how: &str| say(&format!("ok   {what:<10} {how}"));
    good("config", "read and checked");
    good("keystore", &format!("for {}, with a spend key", parts.keystore.app_id()));
    let found =
        database(&parts.settings.database(), parts.keystore.app_id()).map_err(|error| start::refused(&error))?;
    good("database", &found.0);
    if let Some(why) = found.1.why() {
        say(&format!("HALT {:<10} nothing is signed: {why}", "signing"));
    }
    if let Some(halt) = &found.1.clock {
        say(&format!("HALT {:<10} nobody gets a right by time: {}; `resume clock` ends it", "clock", halt.line()));
    }
    let asked = machine_now();
    let reply =
        run::call_once(&parts.signer, &parts.network, &safe::me()).await.map_err(|error| no_answer(parts, &error))?;
    let skew = reply.server_time.map_or(Millis(0), |server| server.since(asked));
    let me = Me::read(&reply).map_err(|error| no_answer(parts, &error))?;
    good("mixin", &format!("{} answers, and accepts our session", parts.network.api));
    let max = Millis::from_secs(parts.settings.clock.max_skew_s);
    if skew.0.saturating_abs() > max.0 {
        let why = format!(
            "the machine's clock is {} s off Mixin's (at most {} are allowed); set it, for example with NTP, or raise clock.max_skew_s",
            skew.secs(),
            max.secs()
        );
        return Err(Failure::new(Exit::Account, why));
    }
    good("clock", &format!("{} s off Mixin's", skew.secs()));
    parts.keystore.check_me(&me).map_err(|error| Failure::new(Exit::Account, error.to_string()))?;
    good("account", &format!("{} ({})", me.user.name, me.user.number));
    good("safe", "the account has a Safe");
    match me.spend_public_key {
        Some(_) => good("spend key", "the one Mixin knows for this Safe"),
        None => good("spend key", "Mixin did not say which it knows; the first settlement will tell"),
    }
    let house = parts.settings.house(me.user.user_id, me.user.number.clone());
    house.map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
    fee_account(parts, good).await?;
    Ok(me)
}

/// How the database is, and what is halted. Where there is none, none is made: a copy may yet be put there.
fn database(path: &Path, bot: UserId) -> Result<(String, Halts), StoreError> {
    let name = path.display();
    if !path.try_exists().unwrap_or(true) {
        can_be_made(path)?;
        return Ok((format!("{name}: none yet, made at the first start"), Halts::default()));
    }
    let how = match Store::open(path) {
        Ok(_) => name.to_string(),
        Err(StoreError::InUse { .. }) => format!("{name}, in use by a bot that runs"),
        Err(error) => return Err(error),
    };
    let beside = Beside::open(path)?;
    beside.is_of(bot)?;
    Ok((how, beside.halts()?))
}

/// Who reaches the pages of trades, and the insides.
async fn web(parts: &Parts) -> Result<(), Failure> {
    let bad = |error: ConfigError| Failure::new(Exit::Config, error.to_string());
    let settings = &parts.settings;
    let (listen, public) = (settings.listen().map_err(bad)?, settings.public().map_err(bad)?);
    out(&match (listen, public) {
        (None, None) => format!("ok   {:<10} no pages (web.listen is empty)", "web"),
        (None, Some(public)) => format!(
            "note {:<10} {public} (web.public) is told to nobody, because nothing listens; set web.listen, or leave both empty",
            "web"
        ),
        (Some(listen), None) => {
            format!("note {:<10} listens at {listen}, but nobody is told (web.public is empty)", "web")
        }
        (Some(listen), Some(public)) => format!("ok   {:<10} trade pages at {public}, served at {listen}", "web"),
    });
    let inspect = settings.inspect().map_err(bad)?;
    if let Some(inspect) = inspect {
        out(&format!("ok   {:<10} this machine may look inside at http://{inspect}/trades", "inspect"));
    }
    // Of a bot that runs they are its own.
    if !store::runs(&settings.database()) {
        for (key, address) in [("web.listen", listen), ("web.inspect", inspect)] {
            let Some(address) = address else { continue };
            if let Err(taken) = start::bound(key, address).await {
                out(&taken);
            }
        }
    }
    Ok(())
}

/// The second way to pay. It gates nothing: without an answer people pay by Mixin's own link. `serve` does not ask at
/// its start: it counts its questions, and this one would not be counted.
async fn mixpay(parts: &Parts, me: &Me) {
    let good = |how: &str| out(&format!("ok   {:<10} {how}", "mixpay"));
    let Some(base) = &parts.network.mixpay else { return good("not offered (mixpay.api is empty)") };
    match run::ask_once(&parts.signer, &parts.network, &mixpay::quote_assets(me.user.user_id.0)).await {
        Ok(_) => good(&format!("{base} answers")),
        Err(error) => out(&format!(
            "note mixpay     {base} (mixpay.api): {error}; people can pay by Mixin's link meanwhile; check the address, or leave it empty to offer no MixPay"
        )),
    }
}

/// The account that gets the fee must be able to: a fee that cannot be paid is waived, trade by trade.
async fn fee_account(parts: &Parts, good: impl Fn(&str, &str)) -> Result<(), Failure> {
    let Ok(receiver) = parts.settings.trade.fee_receiver.parse::<UserId>() else { return Ok(()) };
    let wrong = |why: &str| Failure::new(Exit::Config, format!("setting trade.fee_receiver: {why}"));
    let reply = match run::call_once(&parts.signer, &parts.network, &safe::user(receiver)).await {
        Err(CallError::NotFound { .. }) => {
            return Err(wrong(
                "Mixin knows no such person; write the user id (a UUID) of the account that gets the fee",
            ));
        }
        answer => answer.map_err(|error| no_answer(parts, &error))?,
    };
    let user = User::read(&reply).map_err(|error| no_answer(parts, &error))?;
    if !user.has_safe {
        let why =
            format!("{} ({}) has no Safe wallet yet; open the wallet once with that account", user.name, user.number);
        return Err(wrong(&why));
    }
    good("fee", &format!("goes to {} ({})", user.name, user.number));
    Ok(())
}

fn no_answer(parts: &Parts, error: &CallError) -> Failure {
    match error {
        // It names its own cure.
        CallError::Unauthorized { .. } => Failure::new(Exit::Account, error.to_string()),
        _ => Failure::new(
            Exit::Network,
            format!("{} (mixin.api): {error}; check the address and the connection", parts.network.api),
        ),
    }
}
