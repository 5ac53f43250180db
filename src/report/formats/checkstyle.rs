//! Checkstyle's XML, which Jenkins and many review tools read.

use std::collections::BTreeMap;

use super::finding::{Finding, findings};
use super::xml::{Xml, text};
use crate::diagnostic::Severity;
use crate::engine::Outcome;

/// The report as XML: an `error` for each diagnostic, by file.
pub fn checkstyle(outcome: &Outcome) -> String {
    let mut files: BTreeMap<&str, Vec<Finding<'_>>> = BTreeMap::new();
    for finding in findings(outcome) {
        files.entry(finding.range.file).or_default().push(finding);
    }
    let mut xml = Xml::new();
    xml.open("checkstyle", &[("version", "8.0")]);
    for (file, findings) in files {
        xml.open("file", &[("name", &text(file))]);
        for finding in findings {
            let severity = match finding.diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            let start = finding.range.start;
            xml.empty(
                "error",
                &[
                    ("line", &start.line.to_string()),
                    ("column", &start.column.to_string()),
                    ("severity", severity),
                    ("message", &text(&finding.message())),
                    ("source", &format!("nixtune.{}", finding.diagnostic.rule)),
                ],
            );
        }
        xml.close("file");
    }
    xml.close("checkstyle");
    xml.finish()
}
