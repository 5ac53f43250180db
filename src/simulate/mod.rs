//! Predicts how long Nix takes to build a graph of jobs with other settings.
//!
//! Discrete events in virtual time: [`run`](run()) gives out slots by the rules by which Nix does, in
//! the [`Order`] of its version, and lets all threads that run share the [`Machine`].
//!
//! Pure: bytes and facts in, predictions out.

mod graph;
mod machine;
mod run;

pub use graph::{Graph, GraphError, Job, JobId, JobKind, MOST_SECS};
pub use machine::{Machine, Order, Slots, order_of};
pub use run::{Because, JobSpan, Schedule, run};
