//! A doorway: the command line comes last.

fn main() {}
