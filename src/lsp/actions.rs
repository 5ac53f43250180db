//! What can be done about what is reported: fixes that are proven, comments that allow it, the
//! page that explains it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::{
    CodeAction, CodeActionDisabled, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command,
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit,
    WorkspaceEdit,
};

use super::answer::{Scene, Subject};
use super::diagnostics;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::report;
use crate::rules;
use crate::text::{EditSet, FileId, Span, TextEdit as Edit};

/// The command that explains a rule.
pub(super) const EXPLAIN: &str = "nixtune.explain";

/// All safe fixes of a file at once.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.nixtune");

/// What a comment says that is inserted: a person knows why.
const REASON: &str = "TODO: say why";

/// What can be done about a range of a file.
pub(super) fn actions(
    scene: &mut Scene<'_, '_>,
    subject: &Subject,
    params: &CodeActionParams,
) -> Vec<CodeActionOrCommand> {
    // What does not parse cannot be mended by program.
    let file = subject.id.and_then(|id| scene.workspace().file(id));
    let Some(id) = file
        .filter(|file| !scene.live.is_draft(file))
        .map(|file| file.id())
    else {
        return Vec::new();
    };
    let range = scene.lines(&subject.text).span(params.range);
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span::new(byte(range.start), byte(range.end));
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if wants(only, &CodeActionKind::QUICKFIX) {
        actions.extend(fixes(scene, id, span));
        actions.extend(allowances(scene, subject, id, span));
        actions.extend(explanations(scene, id, span));
    }
    // Asked for by name only: it costs more than a look at one place.
    if only.is_some() && wants(only, &FIX_ALL) {
        actions.extend(fix_all(scene, id));
    }
    actions
        .into_iter()
        .map(CodeActionOrCommand::CodeAction)
        .collect()
}

/// True when actions of this kind are asked for: by its own name or one that it lies below.
fn wants(only: Option<&[CodeActionKind]>, kind: &CodeActionKind) -> bool {
    let is_below = |asked: &CodeActionKind| {
        let rest = kind.as_str().strip_prefix(asked.as_str());
        rest.is_some_and(|rest| {
            asked.as_str().is_empty() || rest.is_empty() || rest.starts_with('.')
        })
    };
    only.is_none_or(|only| only.iter().any(is_below))
}

/// What is reported at a place.
fn reported(scene: &Scene<'_, '_>, id: FileId, span: Span) -> Vec<Diagnostic> {
    let here = scene
        .live
        .reported()
        .filter(|diagnostic| diagnostic.place.file == id && diagnostic.place.span.touches(span));
    here.cloned().collect()
}

fn fixes(scene: &mut Scene<'_, '_>, id: FileId, span: Span) -> Vec<CodeAction> {
    let tried = scene.live.try_fixes(id, span);
    let mut actions = Vec::new();
    for (diagnostic, verdict) in tried {
        let Some(fix) = &diagnostic.fix else { continue };
        let applicability = fix.applicability;
        let obstacle = match applicability {
            Applicability::Manual => Some("only a person can decide this".to_owned()),
            _ => None,
        };
        let (edit, obstacle) = match (verdict.edits(), obstacle) {
            (Ok(edits), None) => (Some(workspace_edit(scene, &edits)), None),
            (Ok(_), obstacle) | (Err(_), obstacle @ Some(_)) => (None, obstacle),
            (Err(reason), None) => (None, Some(reason)),
        };
        if obstacle.is_some() && !scene.client.disabled_actions {
            continue;
        }
        let title = report::editor_line(&fix.title);
        let mut letters = title.chars();
        let title: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect();
        actions.push(CodeAction {
            title: match applicability {
                Applicability::Unsafe => format!("{title} (unsafe)"),
                _ => title,
            },
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![shown(scene, &diagnostic)]),
            edit,
            is_preferred: Some(applicability == Applicability::Safe && obstacle.is_none()),
            disabled: obstacle.map(|reason| CodeActionDisabled {
                reason: report::editor_line(&reason),
            }),
            ..CodeAction::default()
        });
    }
    // What may be taken without a thought comes first.
    actions.sort_by_key(|action| (action.disabled.is_some(), action.is_preferred != Some(true)));
    actions
}

/// A diagnostic as the client has it.
fn shown(scene: &Scene<'_, '_>, diagnostic: &Diagnostic) -> lsp_types::Diagnostic {
    let workspace = scene.workspace();
    let file = workspace.file(diagnostic.place.file);
    let range = file.and_then(|file| scene.range(file, diagnostic.place.span));
    diagnostics::diagnostic(
        diagnostic,
        range.unwrap_or_default(),
        scene.live,
        scene.tree,
        scene.client,
    )
}

/// Comments that allow what is reported, as far as they do: each is tried.
fn allowances(
    scene: &mut Scene<'_, '_>,
    subject: &Subject,
    id: FileId,
    span: Span,
) -> Vec<CodeAction> {
    let mut actions: Vec<CodeAction> = Vec::new();
    for diagnostic in reported(scene, id, span) {
        if rules::find(diagnostic.rule).is_none() {
            continue;
        }
        let title = format!("Allow `{}` here, with a reason", diagnostic.rule);
        if actions.iter().any(|action| action.title == title) {
            continue;
        }
        let silences = |place: fn(&str, Span, &str) -> Edit, comment: &str| {
            let edit = place(&subject.text, diagnostic.place.span, comment);
            let text = applied(&subject.text, &edit)?;
            let is_silent = scene.live.silences(&diagnostic, &subject.path, &text);
            is_silent.then_some(edit)
        };
        let comment = format!("# nixtune: allow({}) {REASON}", diagnostic.rule);
        let silenced = [above, behind].into_iter().find_map(|place| {
            let edit = silences(place, &comment)?;
            // Some rules listen to any comment: one that names them would be reported as unused.
            Some(silences(place, &format!("# {REASON}")).unwrap_or(edit))
        });
        let Some(edit) = silenced else { continue };
        let mut edits = EditSet::new();
        if edits.insert(edit).is_err() {
            continue;
        }
        actions.push(CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![shown(scene, &diagnostic)]),
            edit: Some(workspace_edit(scene, &BTreeMap::from([(id, edits)]))),
            is_preferred: Some(false),
            ..CodeAction::default()
        });
    }
    actions
}

fn applied(text: &str, edit: &Edit) -> Option<String> {
    let mut edits = EditSet::new();
    edits.insert(edit.clone()).ok()?;
    edits.apply(text).ok()
}

/// A line of its own above the first line of `span`, as far in as that.
fn above(text: &str, span: Span, comment: &str) -> Edit {
    let before = text.get(..span.start as usize).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or("");
    let body = line.trim_start_matches([' ', '\t']);
    let indent = line.get(..line.len() - body.len()).unwrap_or("");
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Edit {
        span: Span::empty(u32::try_from(start).unwrap_or(u32::MAX)),
        text: format!("{indent}{comment}{ending}"),
    }
}

/// The end of the first line of `span`.
fn behind(text: &str, span: Span, comment: &str) -> Edit {
    let rest = text.get(span.start as usize..).unwrap_or("");
    let line = rest.lines().next().unwrap_or("").trim_end();
    let end = span.start as usize + line.len();
    Edit {
        span: Span::empty(u32::try_from(end).unwrap_or(u32::MAX)),
        text: format!(" {comment}"),
    }
}

fn explanations(scene: &Scene<'_, '_>, id: FileId, span: Span) -> Vec<CodeAction> {
    let mut actions: Vec<CodeAction> = Vec::new();
    for diagnostic in reported(scene, id, span) {
        let title = format!("Explain `{}`", diagnostic.rule);
        if actions.iter().any(|action| action.title == title) {
            continue;
        }
        actions.push(CodeAction {
            title: title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![shown(scene, &diagnostic)]),
            command: Some(Command {
                title,
                command: EXPLAIN.to_owned(),
                arguments: Some(vec![diagnostic.rule.into()]),
            }),
            is_preferred: Some(false),
            ..CodeAction::default()
        });
    }
    actions
}

fn fix_all(scene: &mut Scene<'_, '_>, id: FileId) -> Option<CodeAction> {
    let plan = scene.live.plan_file(id, Applicability::Safe);
    if plan.is_empty() {
        return None;
    }
    let files = plan.files.iter().map(|file| {
        let edits = file.edits.iter().cloned().collect();
        (scene.tree.absolute(&file.path), edits)
    });
    let count = plan.applied.len();
    let noun = if count == 1 { "fix" } else { "fixes" };
    let edit = edit_of(scene, files.collect());
    Some(CodeAction {
        title: format!("Make {count} safe {noun} (nixtune)"),
        kind: Some(FIX_ALL),
        edit: Some(edit),
        ..CodeAction::default()
    })
}

fn workspace_edit(scene: &Scene<'_, '_>, edits: &BTreeMap<FileId, EditSet>) -> WorkspaceEdit {
    let files = edits.iter().filter_map(|(id, edits)| {
        let file = scene.workspace().file(*id)?;
        Some((scene.tree.path_of(file), edits.iter().cloned().collect()))
    });
    edit_of(scene, files.collect())
}

/// Edits of files by where they lie.
fn edit_of(scene: &Scene<'_, '_>, files: Vec<(PathBuf, Vec<Edit>)>) -> WorkspaceEdit {
    let mut versioned = Vec::new();
    #[expect(
        clippy::mutable_key_type,
        reason = "the protocol's map; addresses never change"
    )]
    let mut plain = HashMap::new();
    for (path, edits) in files {
        let Some((text, uri)) = text_and_uri(scene, &path) else {
            continue;
        };
        let lines = scene.lines(&text);
        let edits: Vec<TextEdit> = edits
            .into_iter()
            .map(|edit| TextEdit {
                range: lines.range(edit.span),
                new_text: edit.text,
            })
            .collect();
        let version = scene.documents.get(&path).map(|document| document.version);
        versioned.push(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier {
                uri: uri.clone(),
                version,
            },
            edits: edits.iter().cloned().map(OneOf::Left).collect(),
        });
        plain.insert(uri, edits);
    }
    if scene.client.versioned_edits {
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(versioned)),
            ..WorkspaceEdit::default()
        }
    } else {
        WorkspaceEdit {
            changes: Some(plain),
            ..WorkspaceEdit::default()
        }
    }
}

fn text_and_uri(
    scene: &Scene<'_, '_>,
    path: &Path,
) -> Option<(std::sync::Arc<str>, lsp_types::Uri)> {
    let workspace = scene.workspace();
    let file = workspace.file(scene.tree.file(workspace, path)?)?;
    let uri = scene.tree.uri(path)?;
    Some((std::sync::Arc::clone(file.text()), uri))
}
