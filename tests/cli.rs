//! The built program, from outside: what it prints, with which number it ends, and that it leaves nothing behind.

#[cfg(test)]
#[path = "cli_check/ends.rs"]
mod ends;
#[cfg(test)]
#[path = "cli_check/judges.rs"]
mod judges;
#[cfg(test)]
#[path = "cli_check/mistakes.rs"]
mod mistakes;
#[cfg(test)]
#[path = "cli_check/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "cli_check/plays.rs"]
mod plays;
#[cfg(test)]
#[path = "cli_check/program.rs"]
mod program;
#[cfg(test)]
#[path = "cli_check/tales.rs"]
mod tales;
