//! Analyses, as people and programs read them.

mod verify;

pub use verify::{timed_run, verification, verification_json};
