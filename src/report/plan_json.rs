//! The JSON report of a plan. Version 1: fields may be added, never changed or removed.
//!
//! Files are named from `root`, as in the report of `lint`. Ranges and bytes are those of the files
//! before anything changed; applied together, the edits of a file give its new text.

use serde::Serialize;

use super::json::{
    PositionJson, ProblemJson, RangeJson, Tool, VERSION, below_root, printed, problems, slashes,
    text,
};
use super::redact;
use crate::diagnostic::Applicability;
use crate::engine::Plan;
use crate::fix::{AppliedFix, LeftFix, PlannedFile, Refusal, WhyLeft};
use crate::model::Problem;
use crate::text::LineIndex;

/// A plan as one JSON document, newline at the end. `further` is what went wrong after planning.
pub fn plan_json(plan: &Plan, written: bool, further: &[Problem]) -> String {
    let before = &plan.before;
    let mut problems = problems(before);
    problems.extend(further.iter().map(|problem| ProblemJson {
        file: below_root(before, &problem.file),
        message: &problem.message,
    }));
    let document = Document {
        version: VERSION,
        tool: Tool::THIS,
        root: slashes(&before.root),
        files: plan
            .files
            .iter()
            .map(|file| FileJson::new(plan, file))
            .collect(),
        applied: plan
            .made
            .iter()
            .map(|fix| AppliedJson::new(plan, fix))
            .collect(),
        left: plan
            .left
            .iter()
            .map(|fix| LeftJson::new(plan, fix))
            .collect(),
        written,
        problems,
        notes: before
            .notes
            .iter()
            .map(|note| NoteJson {
                machines: note.machines.iter().map(AsRef::as_ref).collect(),
                rules: &note.rules,
                message: &note.message,
            })
            .collect(),
    };
    printed(&document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    /// Where the names of files start: the folder that was asked about, or `.`.
    root: String,
    /// The files that change.
    files: Vec<FileJson<'a>>,
    /// The fixes that are made, in the order in which they were.
    applied: Vec<AppliedJson<'a>>,
    /// Fixes that were asked for and are not made.
    left: Vec<LeftJson<'a>>,
    /// True when the files hold the new texts.
    written: bool,
    problems: Vec<ProblemJson<'a>>,
    notes: Vec<NoteJson<'a>>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    file: &'a str,
    /// Empty when `redacted`.
    edits: Vec<EditJson<'a>>,
    /// True when an edit would repeat a secret, so that none is given.
    redacted: bool,
}

#[derive(Serialize)]
struct EditJson<'a> {
    bytes: [u32; 2],
    range: RangeJson,
    text: &'a str,
}

#[derive(Serialize)]
struct AppliedJson<'a> {
    rule: &'a str,
    title: String,
    applicability: Applicability,
    file: &'a str,
    /// Where the diagnostic stood when its fix was made.
    position: PositionJson,
}

#[derive(Serialize)]
struct LeftJson<'a> {
    rule: &'a str,
    title: String,
    applicability: Applicability,
    file: &'a str,
    /// Where the diagnostic stands when everything else is made.
    position: PositionJson,
    /// `unsafe`, `manual`, `refused`, `protected`, `dependent`, `failed`, `declined` or `unfinished`.
    why: &'static str,
    /// In words; `null` where `why` says it all.
    detail: Option<String>,
    /// The step of the proof that failed; `null` unless `why` is `failed` or `dependent`.
    stage: Option<String>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    machines: Vec<&'a str>,
    rules: &'a [&'static str],
    message: &'a str,
}

impl<'a> FileJson<'a> {
    fn new(plan: &'a Plan, file: &'a PlannedFile) -> Self {
        let index = LineIndex::new(&file.before);
        let redacted = file.edits.iter().any(|edit| redact::has_secret(&edit.text));
        let edits = file
            .edits
            .iter()
            .filter(|_| !redacted)
            .map(|edit| EditJson {
                bytes: [edit.span.start, edit.span.end],
                range: RangeJson::new(edit.span, &|offset| index.position(&file.before, offset)),
                text: &edit.text,
            })
            .collect();
        Self {
            file: below_root(&plan.before, &file.name),
            edits,
            redacted,
        }
    }
}

impl<'a> AppliedJson<'a> {
    fn new(plan: &'a Plan, fix: &'a AppliedFix) -> Self {
        Self {
            rule: fix.rule,
            title: text(&fix.title),
            applicability: fix.applicability,
            file: below_root(&plan.before, &fix.file),
            position: fix.position.into(),
        }
    }
}

impl<'a> LeftJson<'a> {
    fn new(plan: &'a Plan, fix: &'a LeftFix) -> Self {
        let (why, detail, stage) = match &fix.why {
            WhyLeft::NotAllowed(Applicability::Manual) => ("manual", None, None),
            WhyLeft::NotAllowed(_) => ("unsafe", None, None),
            WhyLeft::Refused(refusal @ Refusal::Protected { .. }) => {
                ("protected", Some(refusal.to_string()), None)
            }
            WhyLeft::Refused(refusal) => ("refused", Some(refusal.to_string()), None),
            WhyLeft::Dependent(failure) => (
                "dependent",
                Some(failure.detail.clone()),
                Some(failure.stage.to_string()),
            ),
            WhyLeft::Failed(failure) => (
                "failed",
                Some(failure.detail.clone()),
                Some(failure.stage.to_string()),
            ),
            WhyLeft::Declined => ("declined", None, None),
            WhyLeft::Unfinished => ("unfinished", None, None),
        };
        Self {
            rule: fix.rule,
            title: text(&fix.title),
            applicability: fix.applicability,
            file: below_root(&plan.before, &fix.file),
            position: fix.position.into(),
            why,
            detail: detail.map(|detail| text(&detail)),
            stage,
        }
    }
}
