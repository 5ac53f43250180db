//! The reviewdog diagnostic format
//! (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>): columns count bytes.

use serde::Serialize;

use super::super::json::printed;
use super::finding::{FileRange, Finding, findings, line};
use crate::diagnostic::Severity;
use crate::engine::Outcome;
use crate::text::{FileId, Place, SourceFile, TextEdit};

#[derive(Serialize)]
struct Report<'o> {
    source: Source,
    diagnostics: Vec<Entry<'o>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Entry<'o> {
    message: String,
    location: Location<'o>,
    severity: &'static str,
    code: Code<'o>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'o>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'o>>,
}

#[derive(Serialize)]
struct Location<'o> {
    path: &'o str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Code<'o> {
    value: &'o str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion<'o> {
    range: Range,
    text: &'o str,
}

#[derive(Serialize)]
struct Related<'o> {
    message: String,
    location: Location<'o>,
}

/// The report as one JSON document.
pub fn rdjson(outcome: &Outcome) -> String {
    printed(&Report {
        source: Source {
            name: env!("CARGO_PKG_NAME"),
            url: env!("CARGO_PKG_REPOSITORY"),
        },
        diagnostics: findings(outcome)
            .map(|finding| entry(outcome, &finding))
            .collect(),
    })
}

fn entry<'o>(outcome: &'o Outcome, finding: &Finding<'o>) -> Entry<'o> {
    let diagnostic = finding.diagnostic;
    Entry {
        message: finding.whole(),
        location: location(outcome, diagnostic.place),
        severity: match diagnostic.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code {
            value: diagnostic.rule,
            url: finding.page(),
        },
        suggestions: suggestions(finding),
        related_locations: diagnostic
            .labels
            .iter()
            .filter(|label| label.place != diagnostic.place)
            .map(|label| Related {
                message: line(&label.text),
                location: location(outcome, label.place),
            })
            .collect(),
    }
}

/// A suggestion stands in the file of its diagnostic; a fix that needs others, or several edits
/// that only together are right, is none.
fn suggestions<'o>(finding: &Finding<'o>) -> Vec<Suggestion<'o>> {
    let (&[(file, ref edit)], Some(source)) = (finding.edits, finding.range.source) else {
        return Vec::new();
    };
    let TextEdit { span, text } = edit;
    let is_here: FileId = source.id();
    if file != is_here {
        return Vec::new();
    }
    let range = Range {
        start: position(source, span.start),
        end: position(source, span.end),
    };
    vec![Suggestion { range, text }]
}

fn location(outcome: &Outcome, place: Place) -> Location<'_> {
    let FileRange { file, source, .. } = FileRange::of(outcome, place);
    let at = |offset| {
        source.map_or(Position { line: 1, column: 1 }, |source| {
            position(source, offset)
        })
    };
    Location {
        path: file,
        range: Range {
            start: at(place.span.start),
            end: at(place.span.end),
        },
    }
}

/// Bytes from the beginning of the line, counted from 1.
fn position(source: &SourceFile, offset: u32) -> Position {
    let line = source.position(offset).line;
    let before = source.text().get(..offset as usize).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line,
        column: u32::try_from(before.len() - start + 1).unwrap_or(u32::MAX),
    }
}
