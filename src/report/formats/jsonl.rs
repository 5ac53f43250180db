//! JSON lines: the run first, then each diagnostic as soon as it is read, for programs that do not
//! want to wait for the end of a document.

use super::super::json::lines;
use crate::engine::Outcome;

/// A JSON object on each line, with its `type`: `run`, then `diagnostic`, `suppressed` and
/// `problem` in the shapes of the JSON report.
pub fn jsonl(outcome: &Outcome) -> String {
    lines(outcome)
}
