//! How the program ends: one documented number for each kind of trouble, and one clear line with the cure.

use std::process::ExitCode;

/// Printed below `--help`.
pub(super) const TABLE: &str = "Exit codes:
  0  done
  1  the demo's outcome or its books are not as they must be
  2  a flag is wrong
  3  the configuration is missing or wrong
  4  the keystore is missing, broken, or not this bot's
  5  a port is taken, or Mixin cannot be reached
  6  the database cannot be opened or written
  7  Mixin does not accept the bot: session, Safe registration or clock
  8  a file is in the way; --force replaces it
  9  the bot runs and has not applied what was asked
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
}

impl Failure {
    #[must_use]
    pub fn new(exit: Exit, line: impl Into<String>) -> Self {
        Self { exit, line: line.into() }
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
    let line = said.filter(|line| !line.starts_with("For more information")).collect::<Vec<_>>().join("; ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    report(&Failure::new(Exit::Usage, format!("{line}; --help shows what is possible")))
}

pub(super) fn report(failure: &Failure) -> ExitCode {
    use std::io::Write;
    let line = failure.line.replace('\n', " ");
    let _ = writeln!(std::io::stderr(), "mixin-escrow: {line}");
    ExitCode::from(failure.exit.code())
}
