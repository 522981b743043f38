//! How the program ends: one documented number for each kind of trouble, and one clear line with the cure.

use std::process::ExitCode;

use serde_json::{Map, Value};

use super::out;

/// Printed below `--help`.
pub(super) const TABLE: &str = "Exit codes:
  0  done
  1  the demo's outcome, or the books, are not as they must be
  2  a flag is wrong
  3  the configuration is missing or wrong
  4  the keystore is missing, broken, or not this bot's
  5  a port is taken, or Mixin cannot be reached
  6  the database cannot be opened or written
  7  Mixin does not accept the bot: session, Safe registration or clock
  8  a file is in the way; --force replaces it
  9  the bot runs and has not applied in time what was asked; it still may
  10 the file that was named (a copy, a kit) is missing, damaged, or cannot be there
  11 the bot refused what was asked
  12 there is no such trade, job or deposit
  70 something inside failed";

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Outcome,
    Usage,
    Config,
    Keystore,
    Network,
    Database,
    Account,
    InTheWay,
    Pending,
    BadFile,
    Refused,
    NoSuch,
    Internal,
}

impl Exit {
    /// The number a caller sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Outcome => 1,
            Self::Usage => 2,
            Self::Config => 3,
            Self::Keystore => 4,
            Self::Network => 5,
            Self::Database => 6,
            Self::Account => 7,
            Self::InTheWay => 8,
            Self::Pending => 9,
            Self::BadFile => 10,
            Self::Refused => 11,
            Self::NoSuch => 12,
            Self::Internal => 70,
        }
    }
}

/// Why a verb failed: a line for a person, and the number for a program.
#[derive(Debug, thiserror::Error)]
#[error("{line}")]
pub struct Failure {
    pub exit: Exit,
    pub line: String,
    /// What `--json` says beside it.
    pub more: Map<String, Value>,
}

impl Failure {
    #[must_use]
    pub fn new(exit: Exit, line: impl Into<String>) -> Self {
        Self { exit, line: line.into(), more: Map::new() }
    }
}

/// Flags that do not parse, in one line; help and version as they are.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let text = error.to_string();
    let said =
        text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:")).filter(|line| !line.is_empty());
    let said = said.filter(|line| !line.starts_with("For more information")).collect::<Vec<_>>();
    // What a colon announces belongs to it.
    let line = said.join("; ").replace(":; ", ": ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    report(Failure::new(Exit::Usage, format!("{line}; --help shows what is possible")), false)
}

/// Says why, for a person on stderr, and with `json` as the one object on stdout.
pub(super) fn report(failure: Failure, json: bool) -> ExitCode {
    use std::io::Write;
    if json {
        let mut object = failure.more;
        object.insert("error".into(), failure.line.clone().into());
        object.insert("exit".into(), failure.exit.code().into());
        out(&Value::Object(object).to_string());
    }
    let line = failure.line.replace('\n', " ");
    let _ = writeln!(std::io::stderr(), "mixin-escrow: {line}");
    ExitCode::from(failure.exit.code())
}
