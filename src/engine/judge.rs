//! Judging what was read: rules, syntax errors and comments become the diagnostics of a run.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Suppressed;
use super::join::{join, sort};
use super::known::Found;
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Change, Confidence, Diagnostic, Severity};
use crate::fix::include_twins;
use crate::model::{FileError, Workspace};
use crate::policy::{INVALID_SUPPRESSION, SYNTAX_ERROR, Selection, Suppressions};
use crate::rules::{self, Rule, RuleCx, RuleOptions, Sink};
use crate::text::{FileId, Place};

/// What is judged.
pub(super) struct Asked<'a> {
    pub workspace: &'a Workspace,
    /// The files that were asked about; others were only read along.
    pub files: &'a BTreeSet<FileId>,
    pub syntax_errors: &'a [FileError],
    /// What is known of each machine, in the workspace's order.
    pub found: &'a [Found],
}

/// What is reported, sorted, and what comments silence.
pub(super) fn judge(
    asked: &Asked<'_>,
    catalog: &Catalog,
    selection: &Selection,
    options: &RuleOptions,
) -> (Vec<Diagnostic>, Vec<Suppressed>) {
    let comments: Vec<Suppressions> = asked
        .workspace
        .files()
        .iter()
        .map(|file| Suppressions::read(file, rules::ALL))
        .collect();
    let mut diagnostics = run_rules(asked, catalog, selection, options);
    diagnostics.extend(syntax_errors(asked));
    diagnostics.extend(comments.iter().flat_map(comment_problems));
    diagnostics.retain(|diagnostic| {
        asked.files.contains(&diagnostic.place.file) && selection.is_on(diagnostic.rule)
    });
    for diagnostic in &mut diagnostics {
        if let Some(severity) = selection.severity(diagnostic.rule) {
            diagnostic.severity = severity;
        }
    }
    let mut diagnostics = join(diagnostics);
    for diagnostic in &mut diagnostics {
        if let Some(fix) = &mut diagnostic.fix {
            include_twins(fix, asked.workspace);
        }
        spare_other_machines(diagnostic, asked.workspace);
    }
    sort(&mut diagnostics, asked.workspace);
    suppress(diagnostics, asked.workspace, &comments)
}

fn run_rules(
    asked: &Asked<'_>,
    catalog: &Catalog,
    selection: &Selection,
    options: &RuleOptions,
) -> Vec<Diagnostic> {
    let workspace = asked.workspace;
    let rules: Vec<&'static Rule> = rules::ALL
        .iter()
        .copied()
        .filter(|rule| selection.is_on(rule.id))
        .collect();
    workspace
        .machines()
        .par_iter()
        .zip(asked.found)
        .flat_map_iter(|(machine, found)| {
            let host = found.report.host.as_deref();
            let cx = RuleCx::new(workspace, machine, catalog, host, options);
            let mut diagnostics = Vec::new();
            for rule in &rules {
                if host.is_some() || !rule.needs_host {
                    (rule.check)(
                        &cx.for_rule(rule),
                        &mut Sink::new(rule, machine, &mut diagnostics),
                    );
                }
            }
            diagnostics
        })
        .collect()
}

fn syntax_errors(asked: &Asked<'_>) -> impl Iterator<Item = Diagnostic> {
    asked.syntax_errors.iter().map(|error| {
        let place = Place::new(error.file, error.error.span);
        let message = error.error.message.clone();
        plain(SYNTAX_ERROR, Severity::Error, place, message)
    })
}

fn comment_problems(comments: &Suppressions) -> impl Iterator<Item = Diagnostic> {
    comments.problems().iter().map(|problem| {
        let (place, message) = (problem.place, problem.message.clone());
        let mut diagnostic = plain(INVALID_SUPPRESSION, Severity::Warning, place, message);
        diagnostic.help.clone_from(&problem.help);
        diagnostic
    })
}

/// A diagnostic that comes from no rule.
fn plain(rule: &'static str, severity: Severity, place: Place, message: String) -> Diagnostic {
    Diagnostic {
        rule,
        severity,
        confidence: Confidence::Certain,
        place,
        message,
        why: String::new(),
        help: String::new(),
        applies: String::new(),
        labels: Vec::new(),
        facts: Vec::new(),
        machines: Vec::new(),
        fix: None,
    }
}

/// A fix that changes a definition which another machine reads too, and about which nothing is
/// reported there, is not safe.
fn spare_other_machines(diagnostic: &mut Diagnostic, workspace: &Workspace) {
    let Some(fix) = &mut diagnostic.fix else {
        return;
    };
    let shared = fix
        .changes
        .iter()
        .map(Change::definition)
        .flat_map(|definition| workspace.machines_of(definition))
        .any(|machine| !diagnostic.machines.contains(&machine.name));
    if shared {
        fix.applicability = fix.applicability.min(Applicability::Unsafe);
    }
}

fn suppress(
    diagnostics: Vec<Diagnostic>,
    workspace: &Workspace,
    comments: &[Suppressions],
) -> (Vec<Diagnostic>, Vec<Suppressed>) {
    let mut kept = Vec::new();
    let mut suppressed = Vec::new();
    for diagnostic in diagnostics {
        let id = diagnostic.place.file;
        let comment = workspace
            .file(id)
            .zip(comments.get(id.0 as usize))
            .and_then(|(file, comments)| comments.silences(&diagnostic, file));
        match comment {
            Some(comment) => suppressed.push(Suppressed {
                reason: comment.reason.clone(),
                diagnostic,
            }),
            None => kept.push(diagnostic),
        }
    }
    (kept, suppressed)
}
