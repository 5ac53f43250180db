//! Judging what was read: rules, syntax errors and comments become the diagnostics of a run.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Suppressed;
use super::chosen::ByFile;
use super::join::{join, sort};
use super::known::Found;
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Change, Confidence, Diagnostic, Severity};
use crate::facts::Observations;
use crate::fix::include_twins;
use crate::model::{FileError, Workspace};
use crate::policy::{
    INVALID_SUPPRESSION, SUPPRESSION_WITHOUT_REASON, SYNTAX_ERROR, Suppressions, UNUSED_SUPPRESSION,
};
use crate::rules::{self, KnownHosts, Live, Memo, Rule, RuleCx, RuleOptions, Sink};
use crate::syntax::SyntaxError;
use crate::text::{FileId, Place};

/// What is judged.
pub(super) struct Asked<'a> {
    pub workspace: &'a Workspace,
    /// The files that were asked about; others were only read along.
    pub files: &'a BTreeSet<FileId>,
    pub syntax_errors: &'a [FileError],
    /// What is known of each machine, in the workspace's order.
    pub found: &'a [Found],
    /// Hardware of machines that profiles describe, by name.
    pub hosts: &'a KnownHosts,
    /// What was seen of the running machine; `None` when nobody looked.
    pub observations: Option<&'a Observations>,
}

/// What is reported, sorted, and what comments silence.
pub(super) fn judge(
    asked: &Asked<'_>,
    catalog: &Catalog,
    chosen: &ByFile<'_>,
    options: &RuleOptions,
) -> (Vec<Diagnostic>, Vec<Suppressed>) {
    let mut comments: Vec<Suppressions> = asked
        .workspace
        .files()
        .iter()
        .map(|file| Suppressions::read(file, rules::ALL))
        .collect();
    let mut diagnostics = run_rules(asked, catalog, chosen, options);
    diagnostics.extend(syntax_errors(asked));
    diagnostics.extend(comments.iter().flat_map(comment_problems));
    diagnostics.retain(|diagnostic| {
        let file = diagnostic.place.file;
        asked.files.contains(&file) && chosen.of(file).is_on(diagnostic.rule)
    });
    for diagnostic in &mut diagnostics {
        let selection = chosen.of(diagnostic.place.file);
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
    let (mut kept, mut suppressed) = suppress(diagnostics, &mut comments);
    // Only now it is known which comments were needed.
    let mut remarks: Vec<Diagnostic> = comments
        .iter()
        .flat_map(|comments| remarks_on(comments, asked, chosen))
        .collect();
    remarks.retain(|remark| chosen.of(remark.place.file).is_on(remark.rule));
    let (remarks, silenced) = suppress(remarks, &mut comments);
    kept.extend(remarks);
    suppressed.extend(silenced);
    sort(&mut kept, asked.workspace);
    (kept, suppressed)
}

fn run_rules(
    asked: &Asked<'_>,
    catalog: &Catalog,
    chosen: &ByFile<'_>,
    options: &RuleOptions,
) -> Vec<Diagnostic> {
    let workspace = asked.workspace;
    let rules: Vec<&'static Rule> = rules::ALL
        .iter()
        .copied()
        .filter(|rule| chosen.is_on_somewhere(rule.id))
        .collect();
    workspace
        .machines()
        .par_iter()
        .zip(asked.found)
        .flat_map_iter(|(machine, found)| {
            let host = found.report.host.as_deref();
            let memo = Memo::default();
            let cx = RuleCx::new(workspace, machine, catalog, host, options)
                .with_known_hosts(asked.hosts)
                .with_observations(asked.observations.filter(|_| found.is_here))
                .with_memo(&memo);
            let mut diagnostics = Vec::new();
            for rule in &rules {
                let is_blind = rule.live == Live::Only && cx.observations().is_none();
                if !is_blind && (host.is_some() || !rule.needs_host) {
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
    let errors = asked.syntax_errors.iter();
    errors.map(|error| syntax_error(error.file, &error.error))
}

/// What is reported about a file that does not parse.
pub(super) fn syntax_error(file: FileId, error: &SyntaxError) -> Diagnostic {
    let place = Place::new(file, error.span);
    plain(SYNTAX_ERROR, Severity::Error, place, error.message.clone())
}

fn comment_problems(comments: &Suppressions) -> impl Iterator<Item = Diagnostic> {
    comments.problems().iter().map(|problem| {
        let (place, message) = (problem.place, problem.message.clone());
        let mut diagnostic = plain(INVALID_SUPPRESSION, Severity::Warning, place, message);
        diagnostic.help.clone_from(&problem.help);
        diagnostic
    })
}

/// Comments that silence nothing, and comments without a reason. Nothing is said about a rule that
/// could not speak, or not of all that it sees: one that is not selected, needs hardware that is not
/// known, asks the running machine when nobody looked, or looks at a file that could not be read.
fn remarks_on<'c>(
    comments: &'c Suppressions,
    asked: &'c Asked<'_>,
    chosen: &'c ByFile<'_>,
) -> impl Iterator<Item = Diagnostic> + 'c {
    let has_host = asked.found.iter().any(|found| found.report.host.is_some());
    let could_speak = move |file: FileId, id: &str| {
        let rule = rules::find(id);
        let is_broken = asked.syntax_errors.iter().any(|error| error.file == file);
        let looked = asked.observations.is_some();
        rule.is_some_and(|rule| {
            (has_host || !rule.needs_host) && (looked || rule.live == Live::Never)
        }) && chosen.of(file).is_on(id)
            && !is_broken
    };
    let asked_about = |place: Place| asked.files.contains(&place.file);
    let comments = comments.comments().iter();
    comments
        .filter(move |comment| asked_about(comment.place))
        .flat_map(move |comment| {
            let unused = comment
                .rules
                .iter()
                .filter(move |allowed| {
                    !allowed.used && could_speak(allowed.place.file, &allowed.id)
                })
                .map(|allowed| {
                    let message = format!("`{}` is not reported here", allowed.id);
                    let mut remark =
                        plain(UNUSED_SUPPRESSION, Severity::Info, allowed.place, message);
                    "take it out of the comment".clone_into(&mut remark.help);
                    remark
                });
            let reasonless = comment.reason.is_empty().then(|| {
                let mut remark = plain(
                    SUPPRESSION_WITHOUT_REASON,
                    Severity::Info,
                    comment.place,
                    "this comment does not say why".to_owned(),
                );
                "write the reason behind the rule, for whoever reads it next"
                    .clone_into(&mut remark.help);
                remark
            });
            unused.chain(reasonless)
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
    comments: &mut [Suppressions],
) -> (Vec<Diagnostic>, Vec<Suppressed>) {
    let mut kept = Vec::new();
    let mut suppressed = Vec::new();
    for diagnostic in diagnostics {
        let reason = comments
            .get_mut(diagnostic.place.file.0 as usize)
            .and_then(|comments| comments.silence(&diagnostic));
        match reason {
            Some(reason) => suppressed.push(Suppressed { diagnostic, reason }),
            None => kept.push(diagnostic),
        }
    }
    (kept, suppressed)
}
