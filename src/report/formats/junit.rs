//! JUnit's XML, which every CI service shows as test results: what would end the run with 1 is a
//! failure, everything else a passed test with its words.

use std::collections::BTreeMap;

use super::finding::{Finding, findings};
use super::xml::{Xml, text};
use crate::engine::Outcome;

/// The report as XML: a suite for each file.
pub fn junit(outcome: &Outcome) -> String {
    let mut files: BTreeMap<&str, Vec<Finding<'_>>> = BTreeMap::new();
    // A file without a diagnostic has passed.
    for id in &outcome.asked {
        if let Some(file) = outcome.workspace.file(*id) {
            files.entry(file.name()).or_default();
        }
    }
    for finding in findings(outcome) {
        files.entry(finding.range.file).or_default().push(finding);
    }
    let fails = |finding: &Finding<'_>| outcome.fail_on.fails(finding.diagnostic.severity);
    let failures = |of: &[Finding<'_>]| of.iter().filter(|one| fails(one)).count();
    let tests: usize = files.values().map(|of| of.len().max(1)).sum();
    let failed: usize = files.values().map(|of| failures(of)).sum();
    let mut xml = Xml::new();
    xml.open(
        "testsuites",
        &[
            ("name", "nixtune"),
            ("tests", &tests.to_string()),
            ("failures", &failed.to_string()),
            ("errors", &outcome.problems.len().to_string()),
        ],
    );
    for (file, findings) in &files {
        let name = text(file);
        xml.open(
            "testsuite",
            &[
                ("name", &name),
                ("tests", &findings.len().max(1).to_string()),
                ("failures", &failures(findings).to_string()),
                ("errors", "0"),
            ],
        );
        if findings.is_empty() {
            xml.empty("testcase", &[("classname", &name), ("name", "nixtune")]);
        }
        for finding in findings {
            let rule = finding.diagnostic.rule;
            let line = finding.range.start.line.to_string();
            let case = format!("{rule} (line {line})");
            xml.open("testcase", &[("classname", &name), ("name", &case)]);
            let whole = text(&format!(
                "{}:{line}:{}\n{}",
                finding.range.file,
                finding.range.start.column,
                finding.whole()
            ));
            if fails(finding) {
                let message = text(&finding.message());
                xml.open("failure", &[("message", &message), ("type", rule)]);
                xml.words(&whole);
                xml.close("failure");
            } else {
                xml.open("system-out", &[]);
                xml.words(&whole);
                xml.close("system-out");
            }
            xml.close("testcase");
        }
        xml.close("testsuite");
    }
    if !outcome.problems.is_empty() {
        let count = outcome.problems.len().to_string();
        xml.open(
            "testsuite",
            &[
                ("name", "nixtune"),
                ("tests", &count),
                ("failures", "0"),
                ("errors", &count),
            ],
        );
        for problem in &outcome.problems {
            let file = text(&problem.file);
            xml.open("testcase", &[("classname", &file), ("name", "read")]);
            xml.open("error", &[("message", &text(&problem.message))]);
            xml.close("error");
            xml.close("testcase");
        }
        xml.close("testsuite");
    }
    xml.close("testsuites");
    xml.finish()
}
