//! The order of things in an analysis: what is read, run and kept.

mod verify;

pub use verify::{TimedRun, Verification, VerifyError, VerifyRequest, verify as verify_setting};
