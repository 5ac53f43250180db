//! Annotations of GitHub Actions: workflow commands on standard output
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; the
//! escapes are those of `actions/toolkit`, `packages/core/src/command.ts`).

use std::fmt::Write;

use super::finding::findings;
use crate::diagnostic::Severity;
use crate::engine::Outcome;

/// A command for each diagnostic, and one for each problem.
pub fn github(outcome: &Outcome) -> String {
    let mut out = String::new();
    for finding in findings(outcome) {
        let range = &finding.range;
        let command = match finding.diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = format!("file={},line={}", property(range.file), range.start.line);
        // Columns are for one line only.
        if range.end.line == range.start.line {
            let _ = write!(
                properties,
                ",endLine={},col={},endColumn={}",
                range.end.line, range.start.column, range.end.column
            );
        } else {
            let _ = write!(properties, ",endLine={}", range.end.line);
        }
        let title = property(finding.diagnostic.rule);
        let _ = writeln!(
            out,
            "::{command} {properties},title={title}::{}",
            message(&finding.whole())
        );
    }
    for problem in &outcome.problems {
        let _ = writeln!(
            out,
            "::error file={},title=nixtune::{}",
            property(&problem.file),
            message(&super::finding::line(&problem.message))
        );
    }
    out
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_begins_another_command() {
        assert_eq!(message("100%\n::error::x\r"), "100%25%0A::error::x%0D");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
