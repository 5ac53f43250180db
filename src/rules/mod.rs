//! The rules, one per file, and their registry.

mod declare;

pub use declare::{Category, Fixes, Report, Rule, RuleCx, Sink};
