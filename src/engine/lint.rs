//! Linting: from a request to an outcome.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::join::{join, sort};
use super::known::{Found, Known};
use super::{EngineError, Note, Outcome, Request, Suppressed};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Change, Confidence, Diagnostic, Severity};
use crate::model::{self, LoadOptions, Loaded, Workspace};
use crate::policy::{self, INVALID_SUPPRESSION, PolicyFile, SYNTAX_ERROR, Selection, Suppressions};
use crate::rules::{self, Rule, RuleCx, Sink};
use crate::system::{Overlay, System};
use crate::text::Place;

/// `nixtune.toml` is a page of text.
const POLICY_LIMIT: u64 = 1 << 20;

/// Lints what `request` names.
///
/// # Errors
/// When the run cannot start: mistakes in `nixtune.toml`, in a profile or in the request. What
/// goes wrong with single files is a problem in the outcome.
pub fn lint(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
) -> Result<Outcome, EngineError> {
    let policy = read_policy(system, request)?;
    lint_with(system, catalog, request, policy.as_ref(), rules::ALL)
}

pub(super) fn lint_with(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    policy: Option<&PolicyFile>,
    rules: &[&'static Rule],
) -> Result<Outcome, EngineError> {
    let flags = Selection::new(&request.select, &request.ignore, rules)?;
    let selection = policy
        .map(|policy| policy.selection.clone())
        .unwrap_or_default()
        .overlaid(&flags);

    let mut overlay = Overlay::new(system);
    for (path, content) in &request.unsaved {
        overlay.replace(path, content.as_slice());
    }
    let system: &dyn System = if request.unsaved.is_empty() {
        system
    } else {
        &overlay
    };

    let mut known = Known::new(system, policy, request.host.as_deref());
    known.check_flag()?;
    let options = LoadOptions {
        target: declared_target(request, policy),
        ..LoadOptions::default()
    };
    let loaded = model::load(system, &request.roots, catalog, &options);
    let Loaded {
        mut workspace,
        asked,
        syntax_errors,
        problems,
        seen,
    } = loaded;

    let mut found = Vec::new();
    for index in 0..workspace.machines().len() {
        let Some(machine) = workspace.machines().get(index) else {
            continue;
        };
        let one = known.of(machine)?;
        workspace.set_target(index, one.target.clone());
        found.push(one);
    }

    let mut diagnostics = run_rules(&workspace, catalog, &found, &selection, rules);
    diagnostics.extend(syntax_errors.iter().map(|error| {
        plain(
            SYNTAX_ERROR,
            Severity::Error,
            Place::new(error.file, error.error.span),
            error.error.message.clone(),
        )
    }));
    // Files that were only read along belong to another run.
    diagnostics.retain(|diagnostic| asked.contains(&diagnostic.place.file));

    let mut comments = Vec::new();
    for file in workspace.files() {
        let read = Suppressions::read(file, rules);
        if asked.contains(&file.id()) {
            diagnostics.extend(read.problems().iter().map(|problem| {
                let mut diagnostic = plain(
                    INVALID_SUPPRESSION,
                    Severity::Warning,
                    problem.place,
                    problem.message.clone(),
                );
                diagnostic.help.clone_from(&problem.help);
                diagnostic
            }));
        }
        comments.push(read);
    }
    diagnostics.retain(|diagnostic| selection.is_on(diagnostic.rule));
    for diagnostic in &mut diagnostics {
        if let Some(severity) = selection.severity(diagnostic.rule) {
            diagnostic.severity = severity;
        }
    }
    let mut diagnostics = join(diagnostics);
    for diagnostic in &mut diagnostics {
        spare_other_machines(diagnostic, &workspace);
    }
    sort(&mut diagnostics, &workspace);
    let (diagnostics, suppressed) = suppress(diagnostics, &workspace, &comments);

    let notes = notes(&found, &selection, rules, request, seen);
    Ok(Outcome {
        machines: found.into_iter().map(|found| found.report).collect(),
        workspace,
        diagnostics,
        suppressed,
        problems,
        notes,
        files: asked.len(),
        seen,
        fail_on: request
            .fail_on
            .or_else(|| policy.and_then(|policy| policy.fail_on))
            .unwrap_or_default(),
    })
}

/// Reads the `nixtune.toml` that the roots belong to.
pub(super) fn read_policy(
    system: &dyn System,
    request: &Request,
) -> Result<Option<PolicyFile>, EngineError> {
    let mut found: Option<PathBuf> = None;
    for root in &request.roots {
        let Some(path) = policy::discover(system, root) else {
            continue;
        };
        match &found {
            Some(other) if *other != path => {
                return Err(EngineError::TwoPolicies(
                    PathBuf::from(super::shown(system, other)),
                    PathBuf::from(super::shown(system, &path)),
                ));
            }
            _ => found = Some(path),
        }
    }
    let Some(path) = found else {
        return Ok(None);
    };
    let bytes = system.read(&path, POLICY_LIMIT)?;
    let name = super::shown(system, &path);
    let text = String::from_utf8(bytes).map_err(|_| EngineError::NotText(PathBuf::from(&name)))?;
    let file = PolicyFile::parse(&path, name.into(), text.into(), rules::ALL)?;
    Ok(Some(file))
}

/// What flags and `nixtune.toml` say about the target, flags first.
fn declared_target(request: &Request, policy: Option<&PolicyFile>) -> crate::facts::Target {
    let mut target = request.target.as_target("--target");
    if let Some(policy) = policy {
        let weaker = policy.target.as_target(&policy.name);
        if target.implementation.is_none() && target.version.is_none() {
            target.implementation = weaker.implementation;
            target.version = weaker.version;
        }
        target.platform = target.platform.or(weaker.platform);
        target.module_system = target.module_system.or(weaker.module_system);
    }
    target
}

fn run_rules(
    workspace: &Workspace,
    catalog: &Catalog,
    found: &[Found],
    selection: &Selection,
    rules: &[&'static Rule],
) -> Vec<Diagnostic> {
    let rules: Vec<&'static Rule> = rules
        .iter()
        .copied()
        .filter(|rule| selection.is_on(rule.id))
        .collect();
    workspace
        .machines()
        .par_iter()
        .zip(found)
        .flat_map_iter(|(machine, found)| {
            let host = found.report.host.as_deref();
            let cx = RuleCx::new(workspace, machine, catalog, host);
            let mut diagnostics = Vec::new();
            for rule in &rules {
                if host.is_some() || !rule.needs_host {
                    (rule.check)(&cx, &mut Sink::new(rule, machine, &mut diagnostics));
                }
            }
            diagnostics
        })
        .collect()
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

fn notes(
    found: &[Found],
    selection: &Selection,
    rules: &[&'static Rule],
    request: &Request,
    seen: usize,
) -> Vec<Note> {
    let mut notes = Vec::new();
    if seen == 0 {
        let roots: Vec<_> = request
            .roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        notes.push(Note {
            machines: Vec::new(),
            rules: Vec::new(),
            message: format!("no Nix files and no nix.conf in {}", roots.join(", ")),
        });
    }
    let hardware: Vec<&'static str> = rules
        .iter()
        .filter(|rule| rule.needs_host && selection.is_on(rule.id))
        .map(|rule| rule.id)
        .collect();
    let mut reasons: Vec<(&str, Vec<Arc<str>>)> = Vec::new();
    for one in found.iter().filter(|found| !found.missing.is_empty()) {
        let name = Arc::clone(&one.report.name);
        match reasons
            .iter_mut()
            .find(|(reason, _)| *reason == one.missing)
        {
            Some((_, names)) => names.push(name),
            None => reasons.push((&one.missing, vec![name])),
        }
    }
    if hardware.is_empty() {
        return notes;
    }
    for (reason, machines) in reasons {
        notes.push(Note {
            message: format!(
                "hardware rules skipped for {}: {reason}; use --host FILE",
                named(&machines)
            ),
            machines,
            rules: hardware.clone(),
        });
    }
    notes
}

/// A few names in full, many as a number.
fn named(machines: &[Arc<str>]) -> String {
    match machines {
        [first, second, _, _, ..] => {
            format!("{first}, {second} and {} more", machines.len() - 2)
        }
        _ => machines.join(", "),
    }
}
