//! Which fixes are made, in which order, until nothing more can be mended.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::Refusal;
use super::batch::{Batch, Candidate, Identity, compatible, prove};
use super::evaluation::{Confirm, Evaluation, Proofs, Trial};
use super::lower::Drafts;
use super::verify::{Failure, Reload, State};
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::model::Workspace;
use crate::syntax::bounds::on_workers;
use crate::text::{EditSet, FileId, Position};

/// Rounds after which a plan ends, whatever is left. Every round mends at least one diagnostic
/// and makes no new one, so that this is rarely reached.
const MOST_ROUNDS: usize = 20;

/// What became of a fix that was tried alone.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// It was proven; these edits make it.
    Proven(BTreeMap<FileId, EditSet>),
    /// It is for a person; these edits show what is meant. They are not proven.
    Manual(BTreeMap<FileId, EditSet>),
    /// No honest edit exists.
    Refused(Refusal),
    /// It failed the proof.
    Failed(Failure),
}

/// Tries the fix of every diagnostic, as if it were made alone. `None` for diagnostics without
/// fix. The order is that of the diagnostics.
pub fn verdicts(state: &State, reload: &Reload<'_>) -> Vec<Option<Verdict>> {
    on_workers(|| {
        let files = Drafts::new(&state.workspace);
        let mut verdicts: Vec<Option<Verdict>> = state
            .diagnostics
            .par_iter()
            .map(|diagnostic| {
                let fix = diagnostic.fix.as_ref()?;
                Some(match files.lower(fix) {
                    Err(refusal) => Verdict::Refused(refusal),
                    Ok(edits) if fix.applicability == Applicability::Manual => {
                        Verdict::Manual(edits)
                    }
                    Ok(edits) => Verdict::Proven(edits),
                })
            })
            .collect();
        let mut open: Vec<Candidate<'_>> = Vec::new();
        for (index, (diagnostic, verdict)) in state.diagnostics.iter().zip(&verdicts).enumerate() {
            if let (Some(fix), Some(Verdict::Proven(_))) = (&diagnostic.fix, verdict) {
                open.push(Candidate::new(state, index, diagnostic, fix));
            }
        }
        let proofs = Proofs {
            reload,
            confirm: None,
            evaluation: None,
        };
        // Fixes that do not get in each other's way are proven together.
        while !open.is_empty() {
            let Batch { made, drafts, rest } = compatible(state, &files, open);
            let proof = prove(state, &files, drafts, &made, &proofs);
            open = rest;
            open.extend(proof.blocked);
            for (candidate, failure) in proof.failed {
                if let Some(slot) = verdicts.get_mut(candidate.index) {
                    *slot = Some(match failure.refusal {
                        Some(refusal) => Verdict::Refused(refusal),
                        None => Verdict::Failed(failure),
                    });
                }
            }
        }
        verdicts
    })
}

/// Which fixes a plan may make.
pub struct PlanOptions<'o> {
    /// Fixes below this are left alone: `Safe`, or `Unsafe` to make both.
    pub least: Applicability,
    /// Says which diagnostics are to be mended at all.
    pub choose: &'o (dyn Fn(&Workspace, &Diagnostic) -> bool + Sync),
    /// Who confirms what was proven; `None` leaves it at nixtune's own proof.
    pub evaluation: Option<&'o dyn Evaluation>,
}

/// Proven changes of files.
#[derive(Debug)]
pub struct Plan {
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
    /// The fixes that are made, in the order in which they were.
    pub applied: Vec<AppliedFix>,
    /// The fixes that were chosen but are not made.
    pub left: Vec<LeftFix>,
    /// What is said and reported with all changes made; `None` when nothing changes.
    pub state: Option<State>,
}

/// A file that changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How reports call it.
    pub name: Arc<str>,
    /// What it holds now.
    pub before: Arc<str>,
    /// What it will hold.
    pub after: Arc<str>,
}

/// A fix that is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppliedFix {
    /// The rule that proposed it.
    pub rule: &'static str,
    /// What it does.
    pub title: String,
    /// Who may make it.
    pub applicability: Applicability,
    /// The file of the diagnostic, as reports call it.
    pub file: Arc<str>,
    /// Where the diagnostic stood when the fix was made.
    pub position: Position,
}

/// A fix that is not made.
#[derive(Clone, PartialEq, Debug)]
pub struct LeftFix {
    /// The rule that proposed it.
    pub rule: &'static str,
    /// What it would do.
    pub title: String,
    /// The file of the diagnostic, as reports call it.
    pub file: Arc<str>,
    /// Why not.
    pub why: WhyLeft,
}

/// Why a fix is not made.
#[derive(Clone, PartialEq, Debug)]
pub enum WhyLeft {
    /// Its applicability is below what was asked for.
    NotAllowed(Applicability),
    /// No honest edit exists.
    Refused(Refusal),
    /// It failed the proof.
    Failed(Failure),
    /// The rounds ran out.
    Unfinished,
}

/// Makes every fix that is allowed, chosen and proven, round by round, until nothing is left to
/// do. Neither the order of rules nor that of files matters.
pub fn plan(start: &State, options: &PlanOptions<'_>, reload: &Reload<'_>) -> Plan {
    on_workers(|| Planner::new(start, options, reload).run())
}

struct Planner<'p> {
    start: &'p State,
    options: &'p PlanOptions<'p>,
    reload: &'p Reload<'p>,
    /// All new texts so far, by path.
    texts: BTreeMap<PathBuf, String>,
    applied: Vec<AppliedFix>,
    failed: BTreeMap<Identity, Failure>,
    state: Option<State>,
}

impl<'p> Planner<'p> {
    fn new(start: &'p State, options: &'p PlanOptions<'p>, reload: &'p Reload<'p>) -> Self {
        Self {
            start,
            options,
            reload,
            texts: BTreeMap::new(),
            applied: Vec::new(),
            failed: BTreeMap::new(),
            state: None,
        }
    }

    fn run(mut self) -> Plan {
        for _ in 0..MOST_ROUNDS {
            if !self.round() {
                break;
            }
        }
        self.finish()
    }

    /// One round; false when it changed nothing.
    fn round(&mut self) -> bool {
        let state = self.state.as_ref().unwrap_or(self.start);
        let files = Drafts::new(&state.workspace);
        let candidates: Vec<Candidate<'_>> = chosen(state, self.options)
            .filter(|candidate| {
                candidate.fix.applicability >= self.options.least
                    && candidate.fix.applicability != Applicability::Manual
                    && !self.failed.contains_key(&candidate.identity())
                    && files.lower(candidate.fix).is_ok()
            })
            .collect();
        let Batch { made, drafts, .. } = compatible(state, &files, candidates);
        if made.is_empty() {
            return false;
        }
        // The earlier rounds' texts are under those of this round.
        let earlier = &self.texts;
        let over_earlier = |texts: &BTreeMap<PathBuf, String>| {
            let mut all = earlier.clone();
            all.extend(
                texts
                    .iter()
                    .map(|(path, text)| (path.clone(), text.clone())),
            );
            all
        };
        let reload = |texts: &BTreeMap<PathBuf, String>| (self.reload)(&over_earlier(texts));
        let confirm = self.options.evaluation.map(|evaluation| {
            move |before: &State,
                  texts: &BTreeMap<PathBuf, String>,
                  after: &State,
                  fixes: &[&Fix]| {
                evaluation.confirm(&Trial {
                    before,
                    texts_before: earlier,
                    after,
                    texts_after: &over_earlier(texts),
                    fixes,
                })
            }
        });
        let proofs = Proofs {
            reload: &reload,
            confirm: confirm.as_ref().map(|confirm| confirm as &Confirm<'_>),
            evaluation: self.options.evaluation,
        };
        let proof = prove(state, &files, drafts, &made, &proofs);
        let mut applied = Vec::new();
        if proof.result.is_some() {
            applied = proof
                .made
                .iter()
                .map(|candidate| AppliedFix {
                    rule: candidate.diagnostic.rule,
                    title: candidate.fix.title.clone(),
                    applicability: candidate.fix.applicability,
                    file: Arc::clone(&candidate.file),
                    position: candidate.position,
                })
                .collect();
        }
        let failed: Vec<(Identity, Failure)> = proof
            .failed
            .into_iter()
            .map(|(candidate, failure)| (candidate.identity(), failure))
            .collect();
        let new: Option<(Vec<(PathBuf, String)>, State)> = proof.result.map(|(texts, after)| {
            let texts = texts
                .into_iter()
                .filter_map(|(id, text)| {
                    let file = state.workspace.file(id)?;
                    Some((file.path().to_path_buf(), text))
                })
                .collect();
            (texts, after)
        });
        let progress = (!applied.is_empty() || !failed.is_empty()) && !proofs.are_over();
        self.failed.extend(failed);
        self.applied.extend(applied);
        if let Some((texts, after)) = new {
            self.texts.extend(texts);
            self.state = Some(after);
        }
        progress
    }

    fn finish(self) -> Plan {
        let state = self.state.as_ref().unwrap_or(self.start);
        let files = Drafts::new(&state.workspace);
        let left = chosen(state, self.options)
            .map(|candidate| {
                let why = match self.failed.get(&candidate.identity()) {
                    Some(failure) => match &failure.refusal {
                        Some(refusal) => WhyLeft::Refused(refusal.clone()),
                        None => WhyLeft::Failed(failure.clone()),
                    },
                    None => match files.lower(candidate.fix) {
                        Err(refusal) => WhyLeft::Refused(refusal),
                        Ok(_)
                            if candidate.fix.applicability < self.options.least
                                || candidate.fix.applicability == Applicability::Manual =>
                        {
                            WhyLeft::NotAllowed(candidate.fix.applicability)
                        }
                        Ok(_) => WhyLeft::Unfinished,
                    },
                };
                LeftFix {
                    rule: candidate.diagnostic.rule,
                    title: candidate.fix.title.clone(),
                    file: candidate.file,
                    why,
                }
            })
            .collect();
        let mut files: Vec<PlannedFile> = Vec::new();
        let mut seen: HashSet<PathBuf> = HashSet::new();
        for file in self.start.workspace.files() {
            let path = file.path();
            let Some(after) = self.texts.get(path) else {
                continue;
            };
            if after.as_str() != file.text().as_ref() && seen.insert(path.to_path_buf()) {
                files.push(PlannedFile {
                    path: path.to_path_buf(),
                    name: Arc::clone(file.name()),
                    before: Arc::clone(file.text()),
                    after: after.as_str().into(),
                });
            }
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Plan {
            files,
            applied: self.applied,
            left,
            state: self.state,
        }
    }
}

/// The fixes that were asked for.
fn chosen<'s>(
    state: &'s State,
    options: &'s PlanOptions<'_>,
) -> impl Iterator<Item = Candidate<'s>> {
    state
        .diagnostics
        .iter()
        .enumerate()
        .filter(move |(_, diagnostic)| (options.choose)(&state.workspace, diagnostic))
        .filter_map(move |(index, diagnostic)| {
            let fix = diagnostic.fix.as_ref()?;
            Some(Candidate::new(state, index, diagnostic, fix))
        })
}

impl Plan {
    /// True when nothing changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The rules whose fixes are made.
    pub fn rules(&self) -> BTreeSet<&'static str> {
        self.applied.iter().map(|fix| fix.rule).collect()
    }
}
