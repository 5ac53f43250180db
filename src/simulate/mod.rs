//! Predicts how long Nix takes to build a graph of jobs with other settings.
//!
//! Discrete events in virtual time: [`run`](run()) gives out slots by the rules by which Nix does, in
//! the [`Order`] of its version, and lets all threads that run share the [`Machine`]. [`compare`]
//! does that for many settings and says which is worth it. A [`Graph`] is read from a file
//! ([`read_graph`]), made of what a run measured ([`read_profile`]) or of derivations in the store ([`Closure`]).
//!
//! Pure: bytes and facts in, predictions out.

mod builder_line;
mod clock;
mod closure;
mod fleet;
mod graph;
mod input;
mod machine;
mod profile;
mod record;
mod run;
mod search;

pub use builder_line::{BuilderLine, BuilderLineError};
pub use closure::{Assumptions, COMPILER, Class, Closure, SHARED, Work};
pub use fleet::{Builder, Fleet, Link, Nowhere, Requirements};
pub use graph::{Graph, GraphError, Job, JobId, JobKind, MOST_SECS};
pub use input::{
    BuilderFile, Durations, GRAPH_VERSION, GraphFile, InputError, JobFile, SlotsFile, read_graph,
};
pub use machine::{Machine, Order, Slots, has_whole_loads, order_of};
pub use profile::{PROFILE_VERSION, RunProfile, read_profile};
pub use record::{Occasion, RecordedGain, SimulationRecord, best_of_records, gain_of_records};
pub use run::{Because, BuilderUse, JobSpan, Schedule, run, run_with};
pub use search::{
    Alone, Comparison, LEAST_GAIN, Prediction, Question, VALIDATED_ERROR, Verdict, candidates,
    compare,
};
