//! GitLab's code quality report: the part of the Code Climate format that GitLab reads
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use serde::Serialize;

use super::super::json::printed;
use super::finding::{findings, fingerprints};
use crate::diagnostic::Severity;
use crate::engine::Outcome;

#[derive(Serialize)]
struct Issue<'o> {
    description: String,
    check_name: &'o str,
    /// The same on every run while the problem stays; GitLab compares branches by it.
    fingerprint: String,
    severity: &'static str,
    location: Location<'o>,
}

#[derive(Serialize)]
struct Location<'o> {
    path: &'o str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// The report as JSON.
pub fn gitlab(outcome: &Outcome) -> String {
    let issues: Vec<Issue<'_>> = findings(outcome)
        .zip(fingerprints(outcome))
        .map(|(finding, fingerprint)| Issue {
            description: finding.message(),
            check_name: finding.diagnostic.rule,
            fingerprint,
            severity: match finding.diagnostic.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            },
            location: Location {
                path: finding.range.file,
                lines: Lines {
                    begin: finding.range.start.line,
                    end: finding.range.end.line,
                },
            },
        })
        .collect();
    printed(&issues)
}
