//! The JSON report. Version 1: fields may be added, never changed or removed.
//!
//! Files are named from `root`, the linted folder. Lines and columns start at 1, columns count
//! Unicode scalar values, byte ranges are half open.

use std::path::Path;

use serde::Serialize;

use super::redact;
use crate::diagnostic::{Applicability, Confidence, Diagnostic, FactUsed, Fix, Severity};
use crate::engine::Outcome;
use crate::facts::{Fact, How, Target};
use crate::policy::BaselineEntry;
use crate::text::{FileId, Place, Position, Span, TextEdit};

/// The version of the document's shape.
pub(super) const VERSION: u32 = 1;

/// The whole run as one JSON document, newline at the end.
pub fn json(outcome: &Outcome) -> String {
    printed(&Document::new(outcome))
}

/// The run as JSON lines: itself first, then whatever it found, each with its `type`.
pub(super) fn lines(outcome: &Outcome) -> String {
    let document = Document::new(outcome);
    let mut out = String::new();
    line(&mut out, "run", &document.run);
    for diagnostic in &document.diagnostics {
        line(&mut out, "diagnostic", diagnostic);
    }
    for suppressed in &document.suppressed {
        line(&mut out, "suppressed", suppressed);
    }
    for problem in &document.problems {
        line(&mut out, "problem", problem);
    }
    out
}

fn line(out: &mut String, r#type: &'static str, body: &impl Serialize) {
    #[derive(Serialize)]
    struct Line<'b, T> {
        r#type: &'static str,
        #[serde(flatten)]
        body: &'b T,
    }
    // As in `printed`.
    out.push_str(&serde_json::to_string(&Line { r#type, body }).unwrap_or_default());
    out.push('\n');
}

/// Why there is nothing to report.
#[derive(Serialize)]
struct Failed<'m> {
    version: u32,
    tool: Tool,
    error: Message<'m>,
}

#[derive(Serialize)]
struct Message<'m> {
    message: &'m str,
}

impl<'m> Failed<'m> {
    fn new(message: &'m str) -> Self {
        Self {
            version: VERSION,
            tool: Tool::THIS,
            error: Message { message },
        }
    }
}

/// What went wrong before there was anything to report, newline at the end.
pub fn error_json(message: &str) -> String {
    printed(&Failed::new(&redact::mask(message)))
}

/// The same as a JSON line.
pub fn error_jsonl(message: &str) -> String {
    let mut out = String::new();
    line(&mut out, "failure", &Failed::new(&redact::mask(message)));
    out
}

/// A document as text, newline at the end.
pub(super) fn printed(document: &impl Serialize) -> String {
    // Strings, numbers and lists of them always serialize.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    run: RunJson<'a>,
    diagnostics: Vec<DiagnosticJson<'a>>,
    skipped: Vec<SkippedJson<'a>>,
    suppressed: Vec<SuppressedJson<'a>>,
    /// `null` without a baseline.
    baseline: Option<BaselineJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
}

/// What was looked at, by what.
#[derive(Serialize)]
struct RunJson<'a> {
    version: u32,
    tool: Tool,
    /// Where the names of files start: the linted folder, or `.`, the working directory.
    root: String,
    machines: Vec<MachineJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) const THIS: Self = Self {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    };
}

#[derive(Serialize)]
struct MachineJson<'a> {
    name: &'a str,
    /// The module system; `null` when it is not known.
    kind: Option<&'static str>,
    target: TargetJson,
    /// The profile's path or "this machine"; `null` when the hardware is not known.
    host: Option<&'a str>,
    files: Vec<&'a str>,
    /// False when a file that was not read may define more.
    complete: bool,
}

#[derive(Serialize)]
pub(super) struct TargetJson {
    implementation: Option<FactJson>,
    version: Option<FactJson>,
    platform: Option<FactJson>,
}

#[derive(Serialize)]
struct FactJson {
    value: String,
    how: How,
    source: String,
}

#[derive(Serialize)]
struct DiagnosticJson<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    file: &'a str,
    range: RangeJson,
    message: String,
    why: String,
    help: String,
    /// Implementations, versions, platforms or module systems, in words.
    applies_to: String,
    machines: Vec<&'a str>,
    facts: &'a [FactUsed],
    related: Vec<RelatedJson<'a>>,
    fix: Option<FixJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct RangeJson {
    start: PositionJson,
    end: PositionJson,
    bytes: [u32; 2],
}

#[derive(Serialize)]
pub(super) struct PositionJson {
    line: u32,
    column: u32,
}

impl From<Position> for PositionJson {
    fn from(position: Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
        }
    }
}

#[derive(Serialize)]
struct RelatedJson<'a> {
    file: &'a str,
    range: RangeJson,
    message: String,
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: String,
    applicability: Applicability,
    /// Empty for a fix that cannot be written, and for one whose text would repeat a secret.
    edits: Vec<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    file: &'a str,
    bytes: [u32; 2],
    text: &'a str,
}

#[derive(Serialize)]
struct SkippedJson<'a> {
    machines: Vec<&'a str>,
    rules: &'a [&'static str],
    reason: &'a str,
}

#[derive(Serialize)]
struct SuppressedJson<'a> {
    rule: &'a str,
    file: &'a str,
    range: RangeJson,
    message: String,
    reason: &'a str,
}

#[derive(Serialize)]
struct BaselineJson<'a> {
    file: &'a str,
    /// How many diagnostics it held back.
    known: usize,
    /// Entries that stand for nothing that is still reported.
    stale: &'a [BaselineEntry],
}

#[derive(Serialize)]
pub(super) struct ProblemJson<'a> {
    pub file: &'a str,
    pub message: &'a str,
}

impl<'a> Document<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        Self {
            run: RunJson {
                version: VERSION,
                tool: Tool::THIS,
                root: slashes(&outcome.root),
                machines: machines(outcome),
            },
            diagnostics: outcome
                .diagnostics
                .iter()
                .enumerate()
                .map(|(index, diagnostic)| {
                    let edits = outcome
                        .edits
                        .get(index)
                        .map_or([].as_slice(), Vec::as_slice);
                    DiagnosticJson::new(diagnostic, edits, outcome)
                })
                .collect(),
            skipped: outcome
                .notes
                .iter()
                .map(|note| SkippedJson {
                    machines: note.machines.iter().map(AsRef::as_ref).collect(),
                    rules: &note.rules,
                    reason: &note.message,
                })
                .collect(),
            suppressed: outcome
                .suppressed
                .iter()
                .map(|suppressed| SuppressedJson {
                    rule: suppressed.diagnostic.rule,
                    file: name(outcome, suppressed.diagnostic.place.file),
                    range: range(outcome, suppressed.diagnostic.place),
                    message: text(&suppressed.diagnostic.message),
                    reason: &suppressed.reason,
                })
                .collect(),
            baseline: outcome.baseline.as_ref().map(|baseline| BaselineJson {
                file: &baseline.name,
                known: baseline.known,
                stale: &baseline.stale,
            }),
            problems: problems(outcome),
        }
    }
}

pub(super) fn problems(outcome: &Outcome) -> Vec<ProblemJson<'_>> {
    outcome
        .problems
        .iter()
        .map(|problem| ProblemJson {
            file: below_root(outcome, &problem.file),
            message: &problem.message,
        })
        .collect()
}

fn machines(outcome: &Outcome) -> Vec<MachineJson<'_>> {
    outcome
        .workspace
        .machines()
        .iter()
        .zip(&outcome.machines)
        .map(|(machine, report)| MachineJson {
            name: &machine.name,
            kind: machine.target.system().map(|system| system.name()),
            target: TargetJson::new(&machine.target),
            host: report
                .host_source
                .as_deref()
                .map(|source| below_root(outcome, source)),
            files: machine
                .files
                .iter()
                .map(|file| name(outcome, *file))
                .collect(),
            complete: machine.complete,
        })
        .collect()
}

impl TargetJson {
    pub(super) fn new(target: &Target) -> Self {
        Self {
            implementation: target
                .implementation
                .as_ref()
                .map(|fact| FactJson::new(fact, fact.value.name())),
            version: target
                .version
                .as_ref()
                .map(|fact| FactJson::new(fact, fact.value)),
            platform: target
                .platform
                .as_ref()
                .map(|fact| FactJson::new(fact, fact.value)),
        }
    }
}

impl FactJson {
    fn new<T>(fact: &Fact<T>, value: impl ToString) -> Self {
        Self {
            value: value.to_string(),
            how: fact.how,
            source: fact.source.clone(),
        }
    }
}

impl<'a> DiagnosticJson<'a> {
    fn new(
        diagnostic: &'a Diagnostic,
        edits: &'a [(FileId, TextEdit)],
        outcome: &'a Outcome,
    ) -> Self {
        Self {
            rule: diagnostic.rule,
            severity: diagnostic.severity,
            confidence: diagnostic.confidence,
            file: name(outcome, diagnostic.place.file),
            range: range(outcome, diagnostic.place),
            message: text(&diagnostic.message),
            why: text(&diagnostic.why),
            help: text(&diagnostic.help),
            applies_to: text(&diagnostic.applies),
            machines: diagnostic.machines.iter().map(AsRef::as_ref).collect(),
            facts: &diagnostic.facts,
            related: diagnostic
                .labels
                .iter()
                .map(|label| RelatedJson {
                    file: name(outcome, label.place.file),
                    range: range(outcome, label.place),
                    message: text(&label.text),
                })
                .collect(),
            fix: diagnostic
                .fix
                .as_ref()
                .map(|fix| FixJson::new(fix, edits, outcome)),
        }
    }
}

impl<'a> FixJson<'a> {
    fn new(fix: &Fix, edits: &'a [(FileId, TextEdit)], outcome: &'a Outcome) -> Self {
        let mut edits: Vec<EditJson<'_>> = edits
            .iter()
            .map(|(file, edit)| EditJson {
                file: name(outcome, *file),
                bytes: [edit.span.start, edit.span.end],
                text: &edit.text,
            })
            .collect();
        if edits.iter().any(|edit| redact::has_secret(edit.text)) {
            edits.clear();
        }
        Self {
            title: text(&fix.title),
            applicability: fix.applicability,
            edits,
        }
    }
}

pub(super) fn name(outcome: &Outcome, file: FileId) -> &str {
    let file = outcome.workspace.file(file);
    file.map_or("", |file| below_root(outcome, file.name()))
}

/// A name from the root where it lies below that.
pub(super) fn below_root<'n>(outcome: &Outcome, name: &'n str) -> &'n str {
    Path::new(name)
        .strip_prefix(&outcome.root)
        .ok()
        .and_then(Path::to_str)
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
}

pub(super) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

pub(super) fn range(outcome: &Outcome, place: Place) -> RangeJson {
    let file = outcome.workspace.file(place.file);
    RangeJson::new(place.span, &|offset| {
        file.map_or(Position { line: 1, column: 1 }, |file| {
            file.position(offset)
        })
    })
}

impl RangeJson {
    pub(super) fn new(span: Span, position: &dyn Fn(u32) -> Position) -> Self {
        Self {
            start: position(span.start).into(),
            end: position(span.end).into(),
            bytes: [span.start, span.end],
        }
    }
}

/// Words of rules may quote linted files.
pub(super) fn text(words: &str) -> String {
    redact::mask(words).into_owned()
}
