//! Planning: which fixes are made, proven on the text that would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::policy_of::read_policy;
use super::session::Session;
use super::{EngineError, Outcome, Request};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix;
use crate::policy::Selection;
use crate::rules;
use crate::system::{FileWrite, System, SystemError};
use crate::text::{EditSet, FileId};

/// Which fixes are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The least applicability: [`Applicability::Safe`], or [`Applicability::Unsafe`] for both.
    pub least: Applicability,
    /// Only fixes of these rules or categories; empty takes all.
    pub rules: Vec<String>,
}

/// One file before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilePlan {
    /// Where it lies.
    pub path: PathBuf,
    /// How reports call it.
    pub name: Arc<str>,
    /// What was read.
    pub before: Arc<str>,
    /// What shall be written.
    pub after: Arc<str>,
}

/// A fix that is part of a plan, or was left out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedFix {
    /// The rule.
    pub rule: &'static str,
    /// What it does.
    pub title: String,
    /// The file of its diagnostic, as reports call it.
    pub file: Arc<str>,
    /// The line of its diagnostic, from 1, in the text that was read first.
    pub line: u32,
    /// Who may make it.
    pub applicability: Applicability,
    /// Why it was left out; empty for a fix that is made.
    pub reason: String,
}

/// Verified fixes, ready to write.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files that change, by name.
    pub files: Vec<FilePlan>,
    /// The fixes that are made.
    pub made: Vec<PlannedFix>,
    /// Wanted fixes that are not made, with the reason.
    pub left: Vec<PlannedFix>,
    /// How many more fixes would be wanted if unsafe ones were.
    pub unsafe_left: usize,
    /// What was found before anything changed.
    pub before: Outcome,
    /// What would be found afterwards; `None` when nothing changes.
    pub after: Option<Outcome>,
}

/// Fixes can make way for other fixes; this many rounds are enough for all that are known.
const MOST_ROUNDS: usize = 8;

/// Plans the wanted fixes of what `request` names. Nothing is written.
///
/// # Errors
/// As [`super::lint`]; also when `wanted` names a rule that does not exist.
pub fn plan(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
) -> Result<Plan, EngineError> {
    let policy = read_policy(system, request)?;
    let session = Session::new(system, catalog, request, policy.as_ref())?;
    let chosen = Selection::new(&wanted.rules, &[], rules::ALL)?;
    let is_wanted = |diagnostic: &Diagnostic| {
        chosen.is_on(diagnostic.rule)
            && diagnostic
                .fix
                .as_ref()
                .is_some_and(|fix| fix.applicability >= wanted.least)
    };
    let before = session.run(&[])?;
    let mut made = Vec::new();
    let mut left = Vec::new();
    let mut changed: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut refused: BTreeSet<(String, String)> = BTreeSet::new();
    let mut after: Option<Outcome> = None;
    for _ in 0..MOST_ROUNDS {
        let current = after.as_ref().unwrap_or(&before);
        let mut files: BTreeMap<FileId, EditSet> = BTreeMap::new();
        let mut round = Vec::new();
        for diagnostic in current.diagnostics.iter().filter(|found| is_wanted(found)) {
            let Some(fix) = &diagnostic.fix else { continue };
            let Some(planned) = planned(diagnostic, current) else {
                continue;
            };
            if refused.contains(&(planned.rule.to_owned(), planned.title.clone())) {
                continue;
            }
            let Ok(edits) = fix::lower(&current.workspace, fix) else {
                continue;
            };
            let mut merged = files.clone();
            let fits = edits
                .iter()
                .all(|(file, edits)| merged.entry(*file).or_default().extend(edits).is_ok());
            // A fix that wants the same text waits for the next round.
            if fits {
                files = merged;
                round.push(planned);
            }
        }
        let next = applied(current, &files, &changed);
        if round.is_empty() || next == changed {
            break;
        }
        let contents: Vec<_> = next.iter().map(|(p, c)| (p.clone(), c.clone())).collect();
        let next_outcome = session.run(&contents)?;
        if worse(current, &next_outcome) {
            for mut fix in round {
                refused.insert((fix.rule.to_owned(), fix.title.clone()));
                "the result could not be verified".clone_into(&mut fix.reason);
                left.push(fix);
            }
            continue;
        }
        made.append(&mut round);
        changed = next;
        after = Some(next_outcome);
    }
    let unsafe_left = after
        .as_ref()
        .unwrap_or(&before)
        .diagnostics
        .iter()
        .filter(|diagnostic| chosen.is_on(diagnostic.rule))
        .filter_map(|diagnostic| diagnostic.fix.as_ref())
        .filter(|fix| fix.applicability == Applicability::Unsafe)
        .filter(|_| wanted.least == Applicability::Safe)
        .count();
    Ok(Plan {
        files: file_plans(&before, &changed),
        made,
        left,
        unsafe_left,
        before,
        after,
    })
}

fn planned(diagnostic: &Diagnostic, outcome: &Outcome) -> Option<PlannedFix> {
    let fix = diagnostic.fix.as_ref()?;
    let file = outcome.workspace.file(diagnostic.place.file)?;
    Some(PlannedFix {
        rule: diagnostic.rule,
        title: fix.title.clone(),
        file: Arc::clone(file.name()),
        line: file.position(diagnostic.place.span.start).line,
        applicability: fix.applicability,
        reason: String::new(),
    })
}

fn applied(
    outcome: &Outcome,
    files: &BTreeMap<FileId, EditSet>,
    changed: &BTreeMap<PathBuf, Vec<u8>>,
) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut next = changed.clone();
    for (id, edits) in files {
        if let Some(file) = outcome.workspace.file(*id)
            && let Ok(text) = edits.apply(file.text())
        {
            next.insert(file.path().to_path_buf(), text.into_bytes());
        }
    }
    next
}

/// True when `after` has errors that `before` had not.
fn worse(before: &Outcome, after: &Outcome) -> bool {
    let count = |outcome: &Outcome, rule: &str| {
        outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.rule == rule)
            .count()
    };
    after
        .diagnostics
        .iter()
        .any(|diagnostic| count(after, diagnostic.rule) > count(before, diagnostic.rule))
}

fn file_plans(before: &Outcome, changed: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<FilePlan> {
    let mut plans: Vec<FilePlan> = before
        .workspace
        .files()
        .iter()
        .filter_map(|file| {
            let after = changed.get(file.path())?;
            let after = String::from_utf8(after.clone()).ok()?;
            (after != **file.text()).then(|| FilePlan {
                path: file.path().to_path_buf(),
                name: Arc::clone(file.name()),
                before: Arc::clone(file.text()),
                after: after.into(),
            })
        })
        .collect();
    plans.sort_by(|a, b| a.name.cmp(&b.name));
    plans
}

/// Writes all files of a plan, or none. A file that changed since it was read is left alone, and
/// with it all others.
///
/// # Errors
/// The first obstacle, naming its file.
pub fn write(system: &dyn System, plan: &Plan) -> Result<(), SystemError> {
    let writes = plan
        .files
        .iter()
        .map(|file| {
            Ok(FileWrite {
                // A link that was named is written through.
                path: system.canonicalize(&file.path)?,
                expected: Some(file.before.as_bytes().to_vec()),
                new: file.after.as_bytes().to_vec(),
            })
        })
        .collect::<Result<Vec<_>, SystemError>>()?;
    system.write_all(&writes)
}
