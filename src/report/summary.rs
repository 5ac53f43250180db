//! The last lines of a run: counts, notes and problems.

use std::collections::{BTreeMap, BTreeSet};

use owo_colors::Style as Paint;

use super::{Style, escape, redact, wrap};
use crate::diagnostic::{Applicability, Severity};
use crate::engine::Outcome;

/// `3 errors, 5 warnings, 2 infos in 2 files; 4 fixable with `nixtune apply``.
pub fn summary(outcome: &Outcome, style: Style) -> String {
    if outcome.diagnostics.is_empty() {
        let mut line = if outcome.asked.is_empty() {
            format!(
                "nothing to report: {} seen, none configures Nix",
                count(outcome.seen, "file")
            )
        } else {
            format!(
                "nothing to report in {}",
                count(outcome.asked.len(), "file")
            )
        };
        line.push_str(&held_back(outcome));
        return style.paint(&line, Paint::new().green()) + "\n";
    }
    let severities = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "info"),
    ];
    let counts: Vec<_> = severities
        .iter()
        .map(|(severity, noun)| (outcome.count(*severity), *noun))
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(number, noun))
        .collect();
    let places: BTreeSet<_> = outcome
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.place.file)
        .collect();
    let mut line = format!("{} in {}", counts.join(", "), count(places.len(), "file"));
    let fixable = |least: Applicability| {
        outcome
            .diagnostics
            .iter()
            .filter_map(|diagnostic| diagnostic.fix.as_ref())
            .filter(|fix| fix.applicability == least)
            .count()
    };
    match (fixable(Applicability::Safe), fixable(Applicability::Unsafe)) {
        (0, 0) => {}
        (safe, 0) => line.push_str(&format!("; {safe} fixable with `nixtune apply`")),
        (0, more) => line.push_str(&format!("; {more} fixable with `nixtune apply --unsafe`")),
        (safe, more) => line.push_str(&format!(
            "; {safe} fixable with `nixtune apply`, {more} more with `--unsafe`"
        )),
    }
    line.push_str(&held_back(outcome));
    style.paint(&line, Paint::new().bold()) + "\n"
}

/// What is not shown because somebody said so: `; 2 suppressed; 5 known to baseline.json`.
fn held_back(outcome: &Outcome) -> String {
    let mut out = String::new();
    if !outcome.suppressed.is_empty() {
        out.push_str(&format!("; {} suppressed", outcome.suppressed.len()));
    }
    if let Some(baseline) = outcome.baseline.as_ref().filter(|it| it.known > 0) {
        out.push_str(&format!(
            "; {} known to {}",
            baseline.known,
            escape::line(&baseline.name)
        ));
    }
    if outcome.unchanged > 0 {
        out.push_str(&format!(
            "; {} on lines that did not change",
            outcome.unchanged
        ));
    }
    out
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// What could not be done, a line each.
pub fn problems(outcome: &Outcome, style: Style) -> String {
    let label = style.paint("error:", Paint::new().red().bold());
    outcome
        .problems
        .iter()
        .map(|problem| {
            // Most messages name their file themselves.
            let message = escape::line(&problem.message);
            let file = escape::line(&problem.file);
            if message.starts_with(&*file) {
                format!("{label} {message}\n")
            } else {
                format!("{label} {file}: {message}\n")
            }
        })
        .collect()
}

/// What was left out, a line each.
pub fn notes(outcome: &Outcome, style: Style) -> String {
    outcome
        .notes
        .iter()
        .map(|note| note.message.clone())
        .chain(stale_entries(outcome))
        .map(|message| note_line(&message, style))
        .collect()
}

/// Entries of the baseline that can be forgotten, in one sentence.
fn stale_entries(outcome: &Outcome) -> Option<String> {
    const MOST_NAMED: usize = 3;
    let baseline = outcome.baseline.as_ref()?;
    let mut names: Vec<String> = baseline
        .stale
        .iter()
        .take(MOST_NAMED)
        .map(|entry| format!("{} in {}", entry.rule, entry.file))
        .collect();
    if baseline.stale.len() > MOST_NAMED {
        names.push(format!("{} more", baseline.stale.len() - MOST_NAMED));
    }
    (!names.is_empty()).then(|| {
        format!(
            "{} holds what is no longer reported ({}); `nixtune lint --write-baseline` writes it anew",
            baseline.name,
            names.join(", ")
        )
    })
}

/// Something that a reader should know although nothing is wrong.
pub fn note_line(message: &str, style: Style) -> String {
    let label = style.paint("note:", Paint::new().cyan().bold());
    wrap::behind("note:", &label, &escape::line(message), style)
}

/// Diagnostics counted by rule, the most frequent first.
pub fn statistics(outcome: &Outcome) -> String {
    let mut counts: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    for diagnostic in &outcome.diagnostics {
        counts
            .entry(diagnostic.rule)
            .or_insert((0, diagnostic.severity))
            .0 += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, (number, _))| (std::cmp::Reverse(*number), *rule));
    rows.into_iter()
        .map(|(rule, (number, severity))| format!("{number:>5}  {severity:<7}  {rule}\n"))
        .collect()
}

/// An error message on one line.
pub fn error_line(message: &str, style: Style) -> String {
    let label = style.paint("error:", Paint::new().red().bold());
    format!("{label} {}\n", escape::line(&redact::mask(message)))
}
