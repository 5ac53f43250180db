//! What an evaluation cost, for people.

use std::fmt::Write as _;

use super::chart::duration;
use super::profile::heading;
use super::{paragraph, shell_line};
use crate::analyze::evaluation::{Evaluation, EvaluationRun, Statistics};
use crate::report::Style;
use crate::units::Bytes;

/// Cold, warm, what Nix counted, and what is unusual.
pub(super) fn evaluation(evaluation: &Evaluation, style: Style, out: &mut String) {
    heading("Evaluation", &shell_line(&evaluation.command), style, out);
    let _ = writeln!(
        out,
        "  without the evaluation cache {:>11}{}",
        duration(evaluation.cold.wall_secs),
        memory(&evaluation.cold)
    );
    let _ = writeln!(
        out,
        "  {:<28} {:>11}{}",
        warm_words(evaluation),
        duration(evaluation.warm.wall_secs),
        memory(&evaluation.warm)
    );
    if let Some(statistics) = &evaluation.cold.statistics {
        for line in sentences(statistics) {
            out.push_str(&paragraph(&line, style));
        }
    }
    for finding in &evaluation.findings {
        let text = format!("{}: {}", finding.message, finding.help);
        out.push_str(&paragraph(&text, style));
    }
}

/// What the second time was.
pub(super) fn warm_words(evaluation: &Evaluation) -> &'static str {
    match evaluation.is_cached {
        Some(true) => "from the evaluation cache",
        Some(false) => "again, the cache unused",
        None => "again",
    }
}

fn memory(run: &EvaluationRun) -> String {
    let peak = run.peak_memory_bytes;
    peak.map_or_else(String::new, |peak| format!("  {} of memory", Bytes(peak)))
}

/// The counters in words; those that are missing are left out.
pub(super) fn sentences(statistics: &Statistics) -> Vec<String> {
    let mut out = Vec::new();
    if let (Some(functions), Some(builtins)) = (statistics.function_calls, statistics.builtin_calls)
    {
        out.push(format!(
            "{} calls of functions and {} of builtins",
            grouped(functions),
            grouped(builtins)
        ));
    }
    if let (Some(thunks), Some(values)) = (statistics.thunks, statistics.values) {
        let mut words = format!(
            "{} thunks, values that are computed when something needs them, of {} values",
            grouped(thunks),
            grouped(values)
        );
        if let Some(avoided) = statistics.avoided_thunks {
            let _ = write!(words, "; {} more were not needed", grouped(avoided));
        }
        out.push(words);
    }
    if let (Some(updates), Some(copies)) = (statistics.updates, statistics.update_copies) {
        out.push(format!(
            "`//` was used {} times and copied {} attributes",
            grouped(updates),
            grouped(copies)
        ));
    }
    if let (Some(allocated), Some(heap)) = (statistics.allocated_bytes, statistics.heap_bytes) {
        let mut words = format!(
            "{} allocated in all, on a heap of {}",
            Bytes(allocated),
            Bytes(heap)
        );
        match (statistics.gc_share, statistics.gc_cycles) {
            (Some(share), Some(cycles)) => {
                let times = if cycles == 1 {
                    "once"
                } else {
                    &format!("{} times", grouped(cycles))
                };
                let _ = write!(
                    words,
                    "; the garbage collector ran {times} and took {:.0} % of the processor's time",
                    share * 100.0
                );
            }
            _ => words.push_str("; this release does not tell what the garbage collector took"),
        }
        out.push(words);
    }
    out
}

/// `1234567` as `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        let found = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(found, ["0", "999", "1 000", "1 234 567"]);
    }
}
