//! One line for each diagnostic, as compilers write them: editors and `grep` know what to do.

use std::fmt::Write;

use super::finding::findings;
use crate::diagnostic::Applicability;
use crate::engine::Outcome;

/// `file:line:column: severity[rule] message`, with `(fixable)` where `nixtune apply` has a fix.
pub fn concise(outcome: &Outcome) -> String {
    let mut out = String::new();
    for finding in findings(outcome) {
        let range = &finding.range;
        let fixable = match &finding.diagnostic.fix {
            Some(fix) if fix.applicability == Applicability::Safe => " (fixable)",
            Some(fix) if fix.applicability == Applicability::Unsafe => " (fixable with --unsafe)",
            _ => "",
        };
        // Writing to a string never fails.
        let _ = writeln!(
            out,
            "{}:{}:{}: {}[{}] {}{fixable}",
            super::finding::line(range.file),
            range.start.line,
            range.start.column,
            finding.diagnostic.severity,
            finding.diagnostic.rule,
            finding.message(),
        );
    }
    out
}
