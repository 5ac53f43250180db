//! Planning and writing: which fixes are made, proven on the text that will be written.

use std::sync::Arc;

use super::evaluation::NixEvaluation;
use super::links::{LeavingLink, leaving_links};
use super::places::{self, AskedPlace};
use super::policy_of::{read_policy, with_own_caches};
use super::session::{Session, Texts, asked_paths};
use super::{DroppedFix, EngineError, Outcome, Request};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::{
    self, Answer, AppliedFix, Evaluation, LeftFix, Offer, PlanOptions, PlannedFile, Protection,
    Refusal, Reload, State, WhyLeft,
};
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
    /// Only fixes of what is reported at these places; empty takes all.
    pub places: Vec<AskedPlace>,
    /// Who has to agree beside nixtune's own proof; `None` for nobody.
    pub verify: Option<Verify>,
}

impl Default for Wanted {
    /// Every safe fix.
    fn default() -> Self {
        Self {
            least: Applicability::Safe,
            rules: Vec::new(),
            places: Vec::new(),
            verify: None,
        }
    }
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
    /// The least applicability that was wanted.
    pub least: Applicability,
}

impl Plan {
    /// How many more fixes unsafe ones would bring.
    pub fn unsafe_left(&self) -> usize {
        self.left
            .iter()
            .filter(|fix| fix.why == WhyLeft::NotAllowed(Applicability::Unsafe))
            .count()
    }

    /// Fixes that failed their proof: mistakes of nixtune.
    pub fn dropped(&self) -> impl Iterator<Item = DroppedFix> {
        self.left.iter().filter_map(|fix| match &fix.why {
            WhyLeft::Failed(failure) if failure.is_mistake() => Some(DroppedFix {
                rule: fix.rule,
                file: Arc::clone(&fix.file),
                position: fix.position,
                failure: failure.clone(),
            }),
            _ => None,
        })
    }

    /// Wanted fixes that are not made because a file may not be written, with that file's name and
    /// the reason.
    pub fn protected(&self) -> impl Iterator<Item = (&LeftFix, &Arc<str>, &Protection)> {
        self.left.iter().filter_map(|fix| match &fix.why {
            WhyLeft::Refused(Refusal::Protected { file, why })
                if fix.applicability >= self.least && fix.applicability > Applicability::Manual =>
            {
                Some((fix, file, why))
            }
            _ => None,
        })
    }

    /// True when nixtune could do all of its job: everything was read, and no fix failed its proof.
    pub fn is_whole(&self) -> bool {
        self.before.problems.is_empty() && self.dropped().next().is_none()
    }
}

/// Plans the wanted fixes of what `request` names. Nothing is written.
///
/// # Errors
/// As [`super::lint`]; also when `wanted` names a rule that does not exist or a place that was not
/// read, and when it asks for a verification that is not possible.
pub fn plan(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
) -> Result<Plan, EngineError> {
    make(system, catalog, request, wanted, fix::plan)
}

/// As [`plan`], but `ask` decides about each fix: see [`fix::plan_by_asking`].
///
/// # Errors
/// As [`plan`].
pub fn plan_by_asking(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
    ask: &mut dyn FnMut(&Offer) -> Answer,
) -> Result<Plan, EngineError> {
    make(
        system,
        catalog,
        request,
        wanted,
        |state, options, reload| fix::plan_by_asking(state, options, reload, ask),
    )
}

fn make(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
    wanted: &Wanted,
    planned: impl FnOnce(&State, &PlanOptions<'_>, &Reload<'_>) -> fix::Plan,
) -> Result<Plan, EngineError> {
    let policy = read_policy(system, request)?;
    let catalog = &*with_own_caches(catalog, policy.as_ref());
    let session = Session::new(system, catalog, request, policy.as_ref(), &wanted.rules)?;
    let chosen = Selection::new(&wanted.rules, &[], rules::ALL)?.with_preview(Some(true));
    let is_wanted = |rule: &str| wanted.rules.is_empty() || chosen.is_on(rule);
    let choose = |workspace: &Workspace, diagnostic: &Diagnostic| {
        is_wanted(diagnostic.rule) && !session.is_known(workspace, diagnostic)
    };
    let mut before = session.look()?;
    let places = places::resolve(
        system,
        &mut before,
        session.roots(),
        &wanted.places,
        &|diagnostic| is_wanted(diagnostic.rule),
    )?;
    let files = asked_paths(&before);
    let state = before.take_state();
    let reload = |texts: &Texts| session.reload(&files, texts);
    let evaluation = wanted
        .verify
        .map(|Verify::Nix| NixEvaluation::new(system, catalog, &request.unsaved));
    let options = PlanOptions {
        least: wanted.least,
        choose: &choose,
        places: (!wanted.places.is_empty()).then_some(places.as_slice()),
        evaluation: evaluation.as_ref().map(|nix| nix as &dyn Evaluation),
        guard: &|file| session.protection(file),
    };
    let begin = system.elapsed();
    let plan = planned(&state, &options, &reload);
    before.times.fixes = system.elapsed().saturating_sub(begin);
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
        least: wanted.least,
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
            executable: false,
        })
        .collect();
    system.write_all(&writes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Failure, Stage};
    use crate::text::Position;

    fn plan(why: WhyLeft) -> Plan {
        Plan {
            files: Vec::new(),
            made: Vec::new(),
            left: vec![LeftFix {
                rule: "some-rule",
                title: "mend it".to_owned(),
                applicability: Applicability::Safe,
                file: "a.nix".into(),
                position: Position { line: 1, column: 1 },
                why,
            }],
            before: Outcome::default(),
            leaving: Vec::new(),
            least: Applicability::Safe,
        }
    }

    #[test]
    fn only_a_failed_proof_is_a_job_not_done() {
        let failure = Failure {
            stage: Stage::Values,
            detail: "more changes".to_owned(),
            refusal: None,
            scene: Box::default(),
        };
        let failed = plan(WhyLeft::Failed(failure.clone()));
        assert!(!failed.is_whole());
        assert_eq!(failed.dropped().count(), 1);
        let protected = plan(WhyLeft::Refused(Refusal::Protected {
            file: "a.nix".into(),
            why: Protection::Ignored,
        }));
        assert!(protected.is_whole());
        assert_eq!(protected.protected().count(), 1);
        for why in [
            WhyLeft::Dependent(failure),
            WhyLeft::Declined,
            WhyLeft::Refused(Refusal::Computed),
            WhyLeft::NotAllowed(Applicability::Manual),
        ] {
            let plan = plan(why);
            assert!(plan.is_whole());
            assert_eq!(plan.protected().count(), 0);
        }
    }
}
