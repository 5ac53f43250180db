//! Diagnostics as the protocol has them, file by file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    NumberOrString, Range, Uri,
};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::encoding::Lines;
use super::tree::Tree;
use crate::diagnostic::{Change, Diagnostic as Found, Severity};
use crate::engine::{Live, Shown};
use crate::policy::PolicyError;
use crate::report;
use crate::text::FileId;

/// Who speaks.
pub(super) const SOURCE: &str = "nixtune";

/// The diagnostics of each file that has some, by where it lies.
pub(super) fn by_file(
    live: &Live<'_>,
    tree: &Tree,
    client: &Client,
) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let workspace = &live.outcome().workspace;
    let mut all: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    let mut last: Option<(FileId, Lines<'_>, Shown<'_>)> = None;
    let reported = live.reported().map(|found| (found, true));
    let errors = live.draft_errors().map(|found| (found, false));
    for (found, moves) in reported.chain(errors) {
        let Some(file) = workspace.file(found.place.file) else {
            continue;
        };
        // They are sorted by file.
        let (_, lines, shown) = match &mut last {
            Some(last) if last.0 == file.id() => last,
            slot => {
                let shown = live.shown(file);
                let lines = Lines::of(shown.text, client.encoding);
                slot.insert((file.id(), lines, shown))
            }
        };
        let span = found.place.span;
        let Some(span) = (if moves { shown.span(span) } else { Some(span) }) else {
            continue;
        };
        all.entry(tree.path_of(file)).or_default().push(diagnostic(
            found,
            lines.range(span),
            live,
            tree,
            client,
        ));
    }
    all
}

/// One diagnostic at `range`.
pub(super) fn diagnostic(
    found: &Found,
    range: Range,
    live: &Live<'_>,
    tree: &Tree,
    client: &Client,
) -> Diagnostic {
    let address = report::rule_address(found.rule).and_then(|it| Uri::from_str(&it).ok());
    let related = client.related.then(|| {
        let labels = found.labels.iter().filter_map(|label| {
            Some(DiagnosticRelatedInformation {
                location: tree.location(live, label.place, client.encoding)?,
                message: report::editor_line(&label.text),
            })
        });
        labels.collect::<Vec<_>>()
    });
    Diagnostic {
        range,
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(found.rule.to_owned())),
        code_description: address.map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: report::editor_message(found),
        related_information: related.filter(|related| !related.is_empty()),
        tags: tag(found).map(|tag| vec![tag]),
        data: None,
    }
}

/// How the text is drawn beside being underlined: what only has to go is faded, what has another
/// name now is struck through.
fn tag(found: &Found) -> Option<DiagnosticTag> {
    let changes = &found.fix.as_ref()?.changes;
    let all = |is: fn(&Change) -> bool| !changes.is_empty() && changes.iter().all(is);
    if all(|change| matches!(change, Change::Remove { .. } | Change::ListRemove { .. })) {
        Some(DiagnosticTag::UNNECESSARY)
    } else if all(|change| matches!(change, Change::Rename { .. })) {
        Some(DiagnosticTag::DEPRECATED)
    } else {
        None
    }
}

/// The mistakes of a `nixtune.toml`.
pub(super) fn of_policy(error: &PolicyError, client: &Client) -> Vec<Diagnostic> {
    let lines = Lines::of(&error.text, client.encoding);
    let problems = error.problems.iter();
    problems
        .map(|problem| {
            let mut message = problem.message.clone();
            if !problem.help.is_empty() {
                message.push('\n');
                message.push_str(&problem.help);
            }
            plain(lines.range(problem.span), message)
        })
        .collect()
}

fn plain(range: Range, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// A name for these diagnostics: the same ones have the same.
pub(super) fn result_id(items: &[Diagnostic]) -> String {
    // Strings, numbers and lists of them always serialize.
    let text = serde_json::to_vec(items).unwrap_or_default();
    let digest = Sha256::digest(&text);
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
