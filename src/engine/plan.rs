//! Planning and writing: which fixes are made, proven on the text that will be written.

use super::evaluation::NixEvaluation;
use super::links::{LeavingLink, leaving_links};
use super::policy_of::read_policy;
use super::session::{Session, Texts, asked_paths};
use super::{EngineError, Outcome, Request};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::{self, AppliedFix, Evaluation, LeftFix, PlanOptions, PlannedFile, WhyLeft};
use crate::model::Workspace;
use crate::policy::Selection;
use crate::rules;
use crate::system::{FileWrite, System, SystemError, Written};

/// Which fixes are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The least applicability: [`Applicability::Safe`], or [`Applicability::Unsafe`] for both.
    pub least: Applicability,
    /// Only fixes of these rules or categories; empty takes all.
    pub rules: Vec<String>,
    /// Who has to agree beside nixtune's own proof; `None` for nobody.
    pub verify: Option<Verify>,
}

/// Who has to agree that changed files are what the fixes declare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verify {
    /// The installed Nix, which evaluates the machines before and after: it runs their code.
    Nix,
}

/// Proven fixes, ready to write.
#[derive(Debug)]
pub struct Plan {
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
    /// The fixes that are made, in the order in which they were.
    pub made: Vec<AppliedFix>,
    /// Wanted fixes that are not made.
    pub left: Vec<LeftFix>,
    /// What was found before anything changed.
    pub before: Outcome,
    /// Named links to files that are not written for lying elsewhere.
    pub leaving: Vec<LeavingLink>,
}

impl Plan {
    /// How many more fixes unsafe ones would bring.
    pub fn unsafe_left(&self) -> usize {
        self.left
            .iter()
            .filter(|fix| fix.why == WhyLeft::NotAllowed(Applicability::Unsafe))
            .count()
    }
}

/// Plans the wanted fixes of what `request` names. Nothing is written.
///
/// # Errors
/// As [`super::lint`]; also when `wanted` names a rule that does not exist, and when it asks for a
/// verification that is not possible.
pub fn plan(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
) -> Result<Plan, EngineError> {
    let policy = read_policy(system, request)?;
    let session = Session::new(system, catalog, request, policy.as_ref())?;
    let chosen = Selection::new(&wanted.rules, &[], rules::ALL)?;
    let mut before = session.look()?;
    let files = asked_paths(&before);
    let state = before.take_state();
    let reload = |texts: &Texts| session.reload(&files, texts);
    let choose = |_: &Workspace, diagnostic: &Diagnostic| chosen.is_on(diagnostic.rule);
    let evaluation = wanted
        .verify
        .map(|Verify::Nix| NixEvaluation::new(system, catalog, &request.unsaved));
    let options = PlanOptions {
        least: wanted.least,
        choose: &choose,
        evaluation: evaluation.as_ref().map(|nix| nix as &dyn Evaluation),
    };
    let plan = fix::plan(&state, &options, &reload);
    if let Some(reason) = evaluation.as_ref().and_then(NixEvaluation::reason) {
        return Err(EngineError::Unverified(reason.to_owned()));
    }
    before.put_state(state);
    Ok(Plan {
        files: plan.files,
        made: plan.applied,
        left: plan.left,
        before,
        leaving: leaving_links(system, &request.roots),
    })
}

/// Writes all files of a plan, or none. A file that changed since it was read is left alone, and
/// with it all others; so is one that was named by a link from another tree.
///
/// # Errors
/// The first obstacle, naming its file.
pub fn write(system: &dyn System, plan: &Plan) -> Result<Written, SystemError> {
    for link in &plan.leaving {
        let leads_to = |file: &PlannedFile| link.leads_to(system, &file.path);
        if plan.files.iter().any(leads_to) {
            return Err(link.refusal());
        }
    }
    let writes: Vec<FileWrite> = plan
        .files
        .iter()
        .map(|file| FileWrite {
            path: file.path.clone(),
            expected: Some(file.before.as_bytes().to_vec()),
            new: file.after.as_bytes().to_vec(),
        })
        .collect();
    system.write_all(&writes)
}
