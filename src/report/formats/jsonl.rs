//! JSON lines: the run first, then each diagnostic, for programs that read a line at a time.

use super::super::json::lines;
use crate::engine::Outcome;

/// A JSON object on each line, with its `type`: `run`, then `diagnostic`, `suppressed` and
/// `problem` in the shapes of the JSON report.
pub fn jsonl(outcome: &Outcome) -> String {
    lines(outcome)
}
