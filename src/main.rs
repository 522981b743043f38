//! A doorway: parse flags, run a verb, give its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mixin_escrow::cli::main()
}
