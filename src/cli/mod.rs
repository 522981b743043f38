//! The command line: a file per verb.

mod ask;
mod backup;
mod books;
#[cfg(feature = "sandbox")]
mod demo;
mod deposit;
mod doctor;
mod evidence;
mod exit;
#[cfg(feature = "sandbox")]
mod fee;
mod halt;
mod job;
mod judge;
mod ledger;
#[cfg(feature = "sandbox")]
mod sandbox;
mod serve;
mod start;
mod stop;
mod trade;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// Guaranteed trades in Mixin Messenger: buyer, seller and bot hold the money together, and the bot signs last.
#[derive(Parser)]
#[command(name = "mixin-escrow", version, max_term_width = 110, after_help = exit::TABLE)]
struct Flags {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Play one guaranteed trade, from hello to payout, on the embedded sandbox.
    #[cfg(feature = "sandbox")]
    Demo(demo::Flags),
    /// Run the small Mixin network alone, or with the bot beside it.
    #[cfg(feature = "sandbox")]
    Sandbox(sandbox::Flags),
    /// Run the bot.
    Serve(serve::Flags),
    /// Check everything the bot needs, a line each, with the cure.
    Doctor(doctor::Flags),
    /// Trades: list them, show, stop or put in one.
    Trade(trade::Flags),
    /// What was seen in the vaults and which trade it serves; what becomes of what serves none.
    Deposit(deposit::Flags),
    /// Judges: name them, list their cases, stop a ruling.
    Judge(judge::Flags),
    /// What was said and sent in a dispute: write it as a signed file, check such a file.
    Evidence(evidence::Flags),
    /// The bot's queue.
    Job(job::Flags),
    /// Whether the books in the database are sound.
    Ledger(ledger::Flags),
    /// Tell the bot to sign nothing more, or to take no new trades, also after a restart; or list what is halted.
    Halt(halt::Halt),
    /// Lift a halt.
    Resume(halt::Resume),
    /// Copy the database, also while the bot runs, and check the copy.
    Backup(backup::Flags),
    /// Put a copy in the place of the database, while no bot runs.
    Restore(backup::Flags),
}

impl Verb {
    /// An operator's verb told to answer in JSON does so when it fails, too.
    fn answers_json(&self) -> bool {
        match self {
            Self::Trade(flags) => flags.json(),
            Self::Deposit(flags) => flags.json(),
            Self::Judge(flags) => flags.json(),
            Self::Evidence(flags) => flags.json(),
            Self::Job(flags) => flags.json(),
            Self::Ledger(flags) => flags.json(),
            Self::Halt(flags) => flags.careful.common.json,
            Self::Resume(flags) => flags.careful.common.json,
            Self::Backup(flags) | Self::Restore(flags) => flags.json,
            _ => false,
        }
    }
}

/// Runs the verb the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => return exit::usage(&error),
    };
    let json = flags.verb.answers_json();
    start::logs();
    // One TLS provider for every client; a second call changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return exit::report(Failure::new(Exit::Internal, format!("the runtime cannot start: {error}")), json);
        }
    };
    let ended = runtime.block_on(async {
        match flags.verb {
            #[cfg(feature = "sandbox")]
            Verb::Demo(flags) => demo::run(flags).await,
            #[cfg(feature = "sandbox")]
            Verb::Sandbox(flags) => sandbox::run(flags).await,
            Verb::Serve(flags) => serve::run(flags).await,
            Verb::Doctor(flags) => doctor::run(flags).await,
            Verb::Trade(flags) => trade::run(flags).await,
            Verb::Deposit(flags) => deposit::run(&flags).await,
            Verb::Judge(flags) => judge::run(flags).await,
            Verb::Evidence(flags) => evidence::run(&flags),
            Verb::Job(flags) => job::run(&flags).await,
            Verb::Ledger(flags) => ledger::run(&flags),
            Verb::Halt(flags) => halt::halt(flags).await,
            Verb::Resume(flags) => halt::resume(flags).await,
            Verb::Backup(flags) => backup::backup(&flags),
            Verb::Restore(flags) => backup::restore(&flags),
        }
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => exit::report(failure, json),
    }
}

/// Everything people read goes through here, so that a closed pipe ends the program quietly instead of by a panic.
pub(crate) fn out(line: &str) {
    use std::io::Write;
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}
