//! Answers about the files of one folder.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{
    CodeActionParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, Position, Range, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};
use serde::Serialize;

use super::client::Client;
use super::diagnostics;
use super::documents::Document;
use super::encoding::Lines;
use super::outbox::{Outbox, Speaker};
use super::tree::Tree;
use super::{actions, completion, definition, hints, hover, links};
use crate::catalog::Catalog;
use crate::engine::Live;
use crate::model::Workspace;
use crate::text::{FileId, SourceFile, Span};

/// What is asked about a file; paths as the client writes them.
pub(super) enum Question {
    /// Its diagnostics, unless they are still those of the given name.
    Diagnostics(PathBuf, Option<String>),
    /// Those of all files.
    AllDiagnostics(Arc<Gathering>),
    /// What can be done about a range.
    Actions(PathBuf, Box<CodeActionParams>),
    /// What stands at a place.
    Hover(PathBuf, Position),
    /// What may stand there.
    Completion(PathBuf, Position),
    /// What a range means in other words.
    Hints(PathBuf, Range),
    /// What leads out of the file.
    Links(PathBuf),
    /// Where the value comes from that counts.
    Definition(PathBuf, Position),
}

/// What answers are found in.
pub(super) struct Scene<'a, 's> {
    pub live: &'a mut Live<'s>,
    pub catalog: &'a Catalog,
    pub client: &'a Client,
    pub outbox: &'a Outbox,
    pub speaker: &'a Speaker,
    pub tree: &'a Tree,
    /// Open documents by where they lie.
    pub documents: &'a BTreeMap<PathBuf, Document>,
    /// The diagnostics of each file that has some, by where it lies.
    pub found: &'a BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>>,
}

/// A file that is asked about.
#[derive(Clone)]
pub(super) struct Subject {
    /// Where it lies.
    pub path: PathBuf,
    /// Its number, where it was read.
    pub id: Option<FileId>,
    /// What the editor shows.
    pub text: Arc<str>,
}

impl Subject {
    /// True for a `nix.conf`.
    pub fn is_conf(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == "conf")
    }
}

impl Scene<'_, '_> {
    pub fn workspace(&self) -> &Workspace {
        &self.live.outcome().workspace
    }

    /// The file that the client calls `path`; `None` for one that is not open.
    pub fn subject(&self, path: &Path) -> Option<Subject> {
        let path = self.tree.real_path(path);
        let text = Arc::clone(&self.documents.get(&path)?.text);
        let id = self.tree.file(self.workspace(), &path);
        Some(Subject { path, id, text })
    }

    /// The lines of a text, as the client counts.
    pub fn lines<'t>(&self, text: &'t str) -> Lines<'t> {
        Lines::of(text, self.client.encoding)
    }

    /// The byte that a position of the subject means.
    pub fn offset(&self, subject: &Subject, position: Position) -> u32 {
        let offset = self.lines(&subject.text).offset(position);
        u32::try_from(offset).unwrap_or(u32::MAX)
    }

    /// The range of a span of a file of the workspace, as it is shown; `None` for what is being
    /// edited.
    pub fn range(&self, file: &SourceFile, span: Span) -> Option<Range> {
        let shown = self.live.shown(file);
        Some(self.lines(shown.text).range(shown.span(span)?))
    }
}

/// Answers one question.
pub(super) fn answer(scene: &mut Scene<'_, '_>, id: &RequestId, question: Question) {
    let outbox = scene.outbox;
    match question {
        Question::Diagnostics(path, known) => {
            outbox.answer(id, diagnostics_of(scene, &path, known));
        }
        Question::AllDiagnostics(gathering) => {
            let reports = all_diagnostics(scene, &gathering);
            gathering.add(outbox, id, reports);
        }
        Question::Actions(path, params) => {
            let found = scene
                .subject(&path)
                .map(|subject| actions::actions(scene, &subject, &params));
            outbox.answer(id, found.unwrap_or_default());
        }
        Question::Hover(path, at) => about(scene, id, &path, |scene, subject| {
            hover::hover(scene, subject, scene.offset(subject, at))
        }),
        Question::Completion(path, at) => about(scene, id, &path, |scene, subject| {
            completion::completion(scene, subject, scene.offset(subject, at))
        }),
        Question::Hints(path, range) => about(scene, id, &path, |scene, subject| {
            let span = scene.lines(&subject.text).span(range);
            Some(hints::hints(scene, subject, &span))
        }),
        Question::Links(path) => about(scene, id, &path, |scene, subject| {
            Some(links::links(scene, subject))
        }),
        Question::Definition(path, at) => about(scene, id, &path, |scene, subject| {
            definition::definition(scene, subject, scene.offset(subject, at))
        }),
    }
}

/// Answers what concerns an open file; nothing about others.
fn about<T: Serialize>(
    scene: &Scene<'_, '_>,
    id: &RequestId,
    path: &Path,
    find: impl FnOnce(&Scene<'_, '_>, &Subject) -> Option<T>,
) {
    let found = scene
        .subject(path)
        .and_then(|subject| find(scene, &subject));
    scene.outbox.answer(id, found);
}

/// Answers that there are no diagnostics.
pub(super) fn nothing(outbox: &Outbox, id: &RequestId, question: Question) {
    match question {
        Question::AllDiagnostics(gathering) => gathering.add(outbox, id, Vec::new()),
        Question::Diagnostics(..) => outbox.answer(id, full(Vec::new())),
        _ => outbox.refuse(id, ErrorCode::RequestFailed, "nothing can be said now"),
    }
}

fn full(items: Vec<lsp_types::Diagnostic>) -> DocumentDiagnosticReportResult {
    let report = RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: Some(diagnostics::result_id(&items)),
            items,
        },
    };
    DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Full(report))
}

fn diagnostics_of(
    scene: &Scene<'_, '_>,
    path: &Path,
    known: Option<String>,
) -> DocumentDiagnosticReportResult {
    let path = scene.tree.real_path(path);
    let items = scene.found.get(&path).cloned().unwrap_or_default();
    let result_id = diagnostics::result_id(&items);
    if known.as_ref() != Some(&result_id) {
        return full(items);
    }
    let report = RelatedUnchangedDocumentDiagnosticReport {
        related_documents: None,
        unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
    };
    DocumentDiagnosticReportResult::Report(DocumentDiagnosticReport::Unchanged(report))
}

fn all_diagnostics(
    scene: &Scene<'_, '_>,
    gathering: &Gathering,
) -> Vec<WorkspaceDocumentDiagnosticReport> {
    let mut found = scene.found.clone();
    // What had diagnostics and has none any more is told, too.
    for path in gathering.known.keys() {
        let path = scene.tree.real_path(path);
        if path.starts_with(scene.tree.real()) {
            found.entry(path).or_default();
        }
    }
    let mut reports = Vec::new();
    let speaks = |path: &Path| {
        let named = scene.tree.named_path(path);
        scene.outbox.speaks(scene.speaker, &named)
    };
    for (path, items) in found.into_iter().filter(|(path, _)| speaks(path)) {
        let document = scene.documents.get(&path);
        let Some(uri) = scene.tree.uri(&path) else {
            continue;
        };
        let version = document.map(|document| i64::from(document.version));
        let result_id = diagnostics::result_id(&items);
        let named = super::uri::path_of(&uri);
        let known = named.and_then(|named| gathering.known.get(&named));
        reports.push(if known == Some(&result_id) {
            let report = WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                    result_id,
                },
            };
            WorkspaceDocumentDiagnosticReport::Unchanged(report)
        } else {
            let report = WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id),
                    items,
                },
            };
            WorkspaceDocumentDiagnosticReport::Full(report)
        });
    }
    reports
}

/// Diagnostics of several folders on their way into one answer.
pub(super) struct Gathering {
    /// The names of the diagnostics that the client has, by path as it writes them.
    known: HashMap<PathBuf, String>,
    found: Mutex<(usize, Vec<WorkspaceDocumentDiagnosticReport>)>,
}

impl Gathering {
    /// Waits for so many folders.
    pub fn new(folders: usize, known: HashMap<PathBuf, String>) -> Self {
        Self {
            known,
            found: Mutex::new((folders, Vec::new())),
        }
    }

    /// Adds the reports of one folder; with the last one the request is answered.
    pub fn add(
        &self,
        outbox: &Outbox,
        id: &RequestId,
        reports: Vec<WorkspaceDocumentDiagnosticReport>,
    ) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.1.extend(reports);
        found.0 = found.0.saturating_sub(1);
        if found.0 == 0 {
            let items = std::mem::take(&mut found.1);
            let report = WorkspaceDiagnosticReport { items };
            outbox.answer(id, WorkspaceDiagnosticReportResult::Report(report));
        }
    }
}
