//! The auditor who believes nobody.

pub mod auditor;
