//! SARIF 2.1.0, for code scanning
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::json::printed;
use super::super::page::address;
use super::finding::{FileRange, Finding, about, findings, fingerprints, line, uri};
use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::engine::{Outcome, Suppressed};
use crate::text::{FileId, Place, Span, TextEdit};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The run as one SARIF log.
pub fn sarif(outcome: &Outcome) -> String {
    let silenced = outcome.suppressed.iter().map(|one| one.diagnostic.rule);
    let spoken = outcome.diagnostics.iter().map(|one| one.rule);
    let mut ids: Vec<&str> = spoken.chain(silenced).collect();
    ids.sort_unstable();
    ids.dedup();
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let rule_index = |id: &str| index.get(id).copied().unwrap_or_default();
    let mut results: Vec<Value> = findings(outcome)
        .zip(fingerprints(outcome))
        .map(|(finding, fingerprint)| {
            let mut result = result(
                outcome,
                finding.diagnostic,
                rule_index(finding.diagnostic.rule),
            );
            put(
                &mut result,
                "partialFingerprints",
                json!({ "nixtune/v1": fingerprint }),
            );
            if let Some(fix) = fix(outcome, &finding) {
                put(&mut result, "fixes", json!([fix]));
            }
            result
        })
        .collect();
    results.extend(
        outcome
            .suppressed
            .iter()
            .map(|Suppressed { diagnostic, reason }| {
                let mut result = result(outcome, diagnostic, rule_index(diagnostic.rule));
                let mut suppression = json!({ "kind": "inSource" });
                if !reason.is_empty() {
                    put(&mut suppression, "justification", json!(line(reason)));
                }
                put(&mut result, "suppressions", json!([suppression]));
                result
            }),
    );
    let notifications: Vec<Value> = outcome
        .problems
        .iter()
        .map(|problem| {
            let mut notification = json!({
                "level": "error",
                "message": { "text": line(&problem.message) },
            });
            if !problem.file.is_empty() {
                let location = json!([{
                    "physicalLocation": { "artifactLocation": { "uri": uri(&problem.file) } },
                }]);
                put(&mut notification, "locations", location);
            }
            notification
        })
        .collect();
    printed(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": ids.iter().map(|id| rule(id)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": outcome.problems.is_empty(),
                "exitCode": outcome.exit_code(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    }))
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(id: &str) -> Value {
    let (rule, docs) = about(id);
    let first = docs.lines().next().unwrap_or("").trim();
    let mut described = json!({
        "id": id,
        "shortDescription": { "text": first },
        "fullDescription": { "text": first },
        "help": { "text": docs, "markdown": docs },
    });
    if let Some(page) = address(id) {
        put(&mut described, "helpUri", json!(page));
    }
    if let Some(rule) = rule {
        put(
            &mut described,
            "defaultConfiguration",
            json!({ "level": level(rule.severity) }),
        );
        put(
            &mut described,
            "properties",
            json!({ "tags": [rule.category.name()] }),
        );
    }
    described
}

fn result(outcome: &Outcome, diagnostic: &Diagnostic, rule_index: usize) -> Value {
    let mut text = line(&diagnostic.message);
    for more in diagnostic.why.lines().chain(diagnostic.help.lines()) {
        if !more.trim().is_empty() {
            text.push('\n');
            text.push_str(&line(more));
        }
    }
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter(|label| label.place != diagnostic.place)
        .enumerate()
        .map(|(id, label)| {
            let mut location = location(outcome, label.place);
            put(&mut location, "id", json!(id));
            put(
                &mut location,
                "message",
                json!({ "text": line(&label.text) }),
            );
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": diagnostic.rule,
        "ruleIndex": rule_index,
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": [location(outcome, diagnostic.place)],
        "properties": {
            "confidence": diagnostic.confidence,
            "machines": diagnostic.machines,
        },
    });
    // How likely it is right: what code scanning sorts by.
    let rank = match diagnostic.confidence {
        Confidence::Certain => 100.0,
        Confidence::Likely => 70.0,
        Confidence::Possible => 40.0,
    };
    put(&mut result, "rank", json!(rank));
    if !related.is_empty() {
        put(&mut result, "relatedLocations", json!(related));
    }
    result
}

fn location(outcome: &Outcome, place: Place) -> Value {
    let range = FileRange::of(outcome, place);
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(range.file), "uriBaseId": "%SRCROOT%" },
            "region": region(&range, place.span),
        },
    })
}

fn region(range: &FileRange<'_>, span: Span) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
        "byteOffset": span.start,
        "byteLength": span.len(),
    })
}

/// The fix as replacements, file by file; `None` for one that cannot be written.
fn fix(outcome: &Outcome, finding: &Finding<'_>) -> Option<Value> {
    let fix = finding.diagnostic.fix.as_ref()?;
    let mut files: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for (file, TextEdit { span, text }) in finding.edits {
        let range = FileRange::of(outcome, Place::new(*file, *span));
        files.entry(*file).or_default().push(json!({
            "deletedRegion": region(&range, *span),
            "insertedContent": { "text": text },
        }));
    }
    if files.is_empty() {
        return None;
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(file, replacements)| {
            let name = outcome.workspace.file(file).map_or("", |file| file.name());
            json!({
                "artifactLocation": { "uri": uri(name), "uriBaseId": "%SRCROOT%" },
                "replacements": replacements,
            })
        })
        .collect();
    Some(json!({
        "description": { "text": format!("{} ({})", line(&fix.title), fix.applicability) },
        "artifactChanges": changes,
    }))
}
