//! What an evaluation cost: cold and warm, in Nix's own counters, and by functions.

mod findings;
mod stacks;
mod statistics;
mod trace;

pub use findings::{EvaluationFinding, evaluation_findings};
pub use stacks::{Frame, Stacks, Unit};
pub use statistics::{Statistics, StatisticsReader};
pub use trace::CallTrace;

use serde::Serialize;

/// An evaluation that was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Evaluation {
    /// The command that evaluates.
    pub command: Vec<String>,
    /// Without the evaluation cache.
    pub cold: EvaluationRun,
    /// Once more, with what the first one left.
    pub warm: EvaluationRun,
    /// Whether the evaluation cache answered the second one: then Nix evaluated next to nothing. `None`
    /// when Nix did not tell its counters.
    pub is_cached: Option<bool>,
    /// What is unusual, and what to do.
    pub findings: Vec<EvaluationFinding>,
    /// Time by calls; `None` when it was not asked for.
    #[serde(skip)]
    pub stacks: Option<Stacks>,
}

/// One run of the evaluator.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct EvaluationRun {
    /// By the clock.
    pub wall_secs: f64,
    /// The largest resident set of the evaluating process; `None` where nobody measured.
    pub peak_memory_bytes: Option<u64>,
    /// What Nix counted; `None` when it told nothing.
    pub statistics: Option<Statistics>,
}

/// Whether the second of two runs was answered from the evaluation cache. A cached answer parses a
/// little and evaluates nothing of the configuration.
pub fn is_cached(cold: &EvaluationRun, warm: &EvaluationRun) -> Option<bool> {
    let calls = |run: &EvaluationRun| {
        let statistics = run.statistics.as_ref()?;
        Some(statistics.function_calls? + statistics.thunks?)
    };
    let (cold, warm) = (calls(cold)?, calls(warm)?);
    Some(warm < cold / 2)
}
