//! What is unusual about an evaluation, in words.

use serde::Serialize;

use super::{Evaluation, Statistics};
use crate::units::Bytes;

/// What people wait for without losing their thought; also the target of a cold evaluation.
const TARGET_SECS: f64 = 5.0;

/// A collector that takes more has too small a heap.
const GC_SHARE: f64 = 0.10;

/// Below this, nothing is worth a word.
const WORTH_SECS: f64 = 0.5;

/// Something to know or to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EvaluationFinding {
    /// What was seen.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

fn finding(message: String, help: &str) -> EvaluationFinding {
    EvaluationFinding {
        message,
        help: help.to_owned(),
    }
}

/// What is unusual. Numbers that people cannot change are not told.
pub fn evaluation_findings(evaluation: &Evaluation) -> Vec<EvaluationFinding> {
    let mut out = Vec::new();
    let cold = &evaluation.cold;
    if cold.wall_secs > TARGET_SECS {
        out.push(finding(
            format!(
                "a cold evaluation takes {:.1} s, more than {TARGET_SECS} s",
                cold.wall_secs
            ),
            "look at the derivations and files that take most of it with `--format html`",
        ));
    }
    if evaluation.is_cached == Some(false) && evaluation.warm.wall_secs > WORTH_SECS {
        out.push(finding(
            "the evaluation cache answers nothing".to_owned(),
            "Nix keeps evaluations of flakes in a clean git tree without `--impure`: commit what changed, or \
             leave out what makes it impure",
        ));
    }
    if let Some(statistics) = &cold.statistics {
        of_statistics(statistics, cold.wall_secs, &mut out);
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn of_statistics(statistics: &Statistics, wall_secs: f64, out: &mut Vec<EvaluationFinding>) {
    if let (Some(share), Some(heap)) = (statistics.gc_share, statistics.heap_bytes)
        && share > GC_SHARE
        && wall_secs > WORTH_SECS
    {
        // A quarter more than what was needed in the end, in whole mebibytes.
        let wanted = (heap + heap / 4).div_ceil(1 << 20) << 20;
        out.push(finding(
            format!(
                "the garbage collector took {:.0} % of the processor's time, with a heap of {}",
                share * 100.0,
                Bytes(heap)
            ),
            &format!(
                "set `GC_INITIAL_HEAP_SIZE={wanted}` in the environment and measure again: a larger heap saves \
                 collections, but costs memory, and is not always faster"
            ),
        ));
    }
    if let Some(cpu) = statistics.cpu_secs
        && wall_secs > WORTH_SECS
        && cpu < wall_secs / 2.0
    {
        out.push(finding(
            format!("the evaluator used the processor for {cpu:.1} s of {wall_secs:.1} s"),
            "it waited: for sources that are fetched or copied to the store, for builds that the evaluation needs \
             (import from derivation), or for the disk",
        ));
    }
    if let (Some(copies), Some(elements)) = (statistics.update_copies, statistics.set_elements)
        && copies > 1_000_000
        && copies as f64 > elements as f64 * 0.5
    {
        out.push(finding(
            format!("`//` copied {copies} attributes, of {elements} that sets have in all"),
            "large sets are merged again and again: `foldl'` over `//` copies the whole set at each step, \
             `builtins.listToAttrs` and `lib.mergeAttrsList` do not",
        ));
    }
    if let (Some(thunks), Some(calls)) = (statistics.thunks, statistics.function_calls)
        && thunks > 10_000_000
    {
        out.push(finding(
            format!("{thunks} thunks were made in {calls} calls: this is a large evaluation"),
            "import nixpkgs once and pass it on; each import with other `config` or `overlays` evaluates it anew",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::EvaluationRun;
    use super::*;

    fn found(wall_secs: f64, statistics: Statistics, is_cached: Option<bool>) -> Vec<String> {
        let run = EvaluationRun {
            wall_secs,
            peak_memory_bytes: None,
            statistics: Some(statistics),
        };
        let evaluation = Evaluation {
            command: Vec::new(),
            cold: run.clone(),
            warm: run,
            is_cached,
            findings: Vec::new(),
            stacks: None,
        };
        let findings = evaluation_findings(&evaluation);
        findings
            .into_iter()
            .map(|finding| finding.message + "; " + &finding.help)
            .collect()
    }

    #[test]
    fn what_is_usual_is_not_told() {
        let usual = Statistics {
            cpu_secs: Some(1.9),
            gc_share: Some(0.05),
            heap_bytes: Some(402_718_720),
            thunks: Some(400_000),
            function_calls: Some(300_000),
            update_copies: Some(900_000),
            set_elements: Some(1_000_000),
            ..Statistics::default()
        };
        assert_eq!(found(2.0, usual, Some(true)), Vec::<String>::new());
    }

    #[test]
    fn what_is_unusual_is_told_with_what_to_do() {
        let unusual = Statistics {
            cpu_secs: Some(2.0),
            gc_share: Some(0.31),
            heap_bytes: Some(400 << 20),
            thunks: Some(20_000_000),
            function_calls: Some(30_000_000),
            update_copies: Some(9_000_000),
            set_elements: Some(10_000_000),
            ..Statistics::default()
        };
        let found = found(8.0, unusual, Some(false));
        assert_eq!(found.len(), 6, "{found:#?}");
        assert!(found[2].contains("31 %") && found[2].contains("GC_INITIAL_HEAP_SIZE=524288000"));
    }
}
