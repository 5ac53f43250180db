//! Which fixes are made, in which order, until nothing more can be mended.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::Refusal;
use super::batch::{Batch, Candidate, Identity, compatible, prove, right_together};
use super::draft::Draft;
use super::evaluation::{Confirm, Evaluation, Proofs, Trial};
use super::lower::Drafts;
use super::protection::Guard;
use super::verify::{Failure, Reload, Stage, State};
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::model::Workspace;
use crate::syntax::bounds::on_workers;
use crate::text::{EditSet, FileId, Position, SourceFile, Span};

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
    /// It failed the proof without others that cannot be made.
    Dependent(Failure),
    /// It failed the proof.
    Failed(Failure),
}

impl Verdict {
    /// The edits that make the fix, or show what is meant; else why there are none, in words.
    ///
    /// # Errors
    /// One sentence without full stop.
    pub fn edits(self) -> Result<BTreeMap<FileId, EditSet>, String> {
        match self {
            Self::Proven(edits) | Self::Manual(edits) => Ok(edits),
            Self::Refused(refusal) => Err(refusal.to_string()),
            Self::Dependent(_) => {
                Err("it is only right together with fixes that cannot be made here".to_owned())
            }
            Self::Failed(failure) => Err(failure.to_string()),
        }
    }
}

/// Tries the fix of every diagnostic, as if it were made alone. `None` for diagnostics without
/// fix. The order is that of the diagnostics.
pub fn verdicts(state: &State, reload: &Reload<'_>, guard: &Guard<'_>) -> Vec<Option<Verdict>> {
    verdicts_of(state, &|_| true, reload, guard)
}

/// As [`verdicts`], but only what is `wanted` is tried; the others get `None`.
pub fn verdicts_of(
    state: &State,
    wanted: &(dyn Fn(&Diagnostic) -> bool + Sync),
    reload: &Reload<'_>,
    guard: &Guard<'_>,
) -> Vec<Option<Verdict>> {
    on_workers(|| {
        let files = Drafts::new(&state.workspace, guard);
        let mut verdicts: Vec<Option<Verdict>> = state
            .diagnostics
            .par_iter()
            .map(|diagnostic| {
                let fix = diagnostic.fix.as_ref().filter(|_| wanted(diagnostic))?;
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
        for (index, failure) in failures(state, &files, open, &proofs) {
            if let Some(slot) = verdicts.get_mut(index) {
                *slot = Some(match failure.refusal {
                    Some(refusal) => Verdict::Refused(refusal),
                    None => Verdict::Failed(failure),
                });
            }
        }
        excuse_dependent(&mut verdicts, state, &proofs);
        verdicts
    })
}

/// What fails of these fixes, by the number of the diagnostic. Fixes that do not get in each other's way
/// are proven together, the others beside them. Safe ones are proven among themselves, as they may be
/// made; the others in the company of all that concern the same machines.
fn failures<'s>(
    state: &'s State,
    files: &Drafts<'_>,
    open: Vec<Candidate<'s>>,
    proofs: &Proofs<'_>,
) -> Vec<(usize, Failure)> {
    let is_safe = |one: &Candidate<'_>| one.fix.applicability == Applicability::Safe;
    let safe = open.iter().filter(|one| is_safe(one)).cloned().collect();
    let machines: BTreeSet<&Arc<str>> = open
        .iter()
        .filter(|one| !is_safe(one))
        .flat_map(|one| &one.diagnostic.machines)
        .collect();
    let is_company = |one: &&Candidate<'_>| {
        let mut own = one.diagnostic.machines.iter();
        !is_safe(one) || own.any(|machine| machines.contains(machine))
    };
    let others = open.iter().filter(is_company).cloned().collect();
    let mut groups: Vec<(bool, Vec<Candidate<'_>>)> = vec![(true, safe), (false, others)];
    let mut failures = Vec::new();
    while !groups.is_empty() {
        let mut batches = Vec::new();
        for (of_safe, mut open) in groups.drain(..) {
            while !open.is_empty() {
                let batch = compatible(state, files, open);
                batches.push((of_safe, batch.made, batch.drafts));
                open = batch.rest;
            }
        }
        let tried: Vec<_> = batches
            .into_par_iter()
            .map(|(of_safe, made, drafts)| {
                let proof = prove(state, files, drafts, &made, proofs);
                (of_safe, proof.failed, proof.blocked)
            })
            .collect();
        for (of_safe, failed, blocked) in tried {
            let failed = failed.into_iter();
            failures.extend(
                failed
                    .filter(|(one, _)| is_safe(one) == of_safe)
                    .map(|(one, failure)| (one.index, failure)),
            );
            if !blocked.is_empty() {
                groups.push((of_safe, blocked));
            }
        }
    }
    failures
}

/// Tells apart what failed by itself from what failed without others.
fn excuse_dependent(verdicts: &mut [Option<Verdict>], state: &State, proofs: &Proofs<'_>) {
    let has_failed = |verdict: &Option<Verdict>| matches!(verdict, Some(Verdict::Failed(_)));
    if !verdicts.iter().any(has_failed) {
        return;
    }
    for index in right_together(state, proofs) {
        if let Some(Some(verdict)) = verdicts.get_mut(index)
            && let Verdict::Failed(failure) = verdict
        {
            *verdict = Verdict::Dependent(failure.clone());
        }
    }
}

/// Which fixes a plan may make.
pub struct PlanOptions<'o> {
    /// Fixes below this are left alone: `Safe`, or `Unsafe` to make both.
    pub least: Applicability,
    /// Says which diagnostics are to be mended at all.
    pub choose: &'o (dyn Fn(&Workspace, &Diagnostic) -> bool + Sync),
    /// Who confirms what was proven; `None` leaves it at nixtune's own proof.
    pub evaluation: Option<&'o dyn Evaluation>,
    /// Only diagnostics that touch one of these places; `None` for all. The places move with the
    /// text while fixes are made.
    pub places: Option<&'o [TextPlace]>,
    /// Says which files may not be written.
    pub guard: &'o Guard<'o>,
}

/// A part of a file, as the text was before anything was planned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextPlace {
    /// The file.
    pub path: PathBuf,
    /// The part.
    pub span: Span,
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
    /// The difference, as places of `before`.
    pub edits: EditSet,
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
    /// Who might make it.
    pub applicability: Applicability,
    /// The file of the diagnostic, as reports call it.
    pub file: Arc<str>,
    /// Where the diagnostic stands when everything else is made.
    pub position: Position,
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
    /// It failed the proof without others that are not made: these are not wanted, or their files
    /// may not be written.
    Dependent(Failure),
    /// It failed the proof.
    Failed(Failure),
    /// Somebody was asked and did not want it.
    Declined,
    /// The rounds ran out.
    Unfinished,
}

/// Makes every fix that is allowed, chosen and proven, round by round, until nothing is left to
/// do. Neither the order of rules nor that of files matters.
pub fn plan(start: &State, options: &PlanOptions<'_>, reload: &Reload<'_>) -> Plan {
    on_workers(|| Planner::new(start, options, reload).run())
}

/// A plan while it is made.
pub(super) struct Planner<'p> {
    pub start: &'p State,
    pub options: &'p PlanOptions<'p>,
    pub reload: &'p Reload<'p>,
    /// The files that changed so far, with the way back to what they held.
    pub drafts: BTreeMap<PathBuf, Draft>,
    pub applied: Vec<AppliedFix>,
    pub failed: BTreeMap<Identity, Failure>,
    /// Fixes that are not wanted, with the places of their diagnostics in the text as it is now.
    pub declined: Vec<(Identity, TextPlace)>,
    /// Rules whose fixes are not wanted.
    pub skipped: BTreeSet<&'static str>,
    /// True when no further fix is wanted.
    pub has_ended: bool,
    /// What is said and reported with all changes made so far; `None` before the first.
    pub state: Option<State>,
}

impl<'p> Planner<'p> {
    pub fn new(start: &'p State, options: &'p PlanOptions<'p>, reload: &'p Reload<'p>) -> Self {
        Self {
            start,
            options,
            reload,
            drafts: BTreeMap::new(),
            applied: Vec::new(),
            failed: BTreeMap::new(),
            declined: Vec::new(),
            skipped: BTreeSet::new(),
            has_ended: false,
            state: None,
        }
    }

    fn run(mut self) -> Plan {
        self.rounds();
        self.finish()
    }

    /// Makes fixes until nothing is left to do.
    pub fn rounds(&mut self) {
        let mut retried_after = self.applied.len();
        for _ in 0..MOST_ROUNDS {
            if self.round() {
                continue;
            }
            // Perhaps what failed was only waiting for what has been made since.
            let is_over = self.with_proofs(|proofs| proofs.are_over());
            if self.failed.is_empty() || self.applied.len() == retried_after || is_over {
                break;
            }
            retried_after = self.applied.len();
            self.failed.clear();
        }
    }

    /// What is said and reported now.
    pub fn now(&self) -> &State {
        self.state.as_ref().unwrap_or(self.start)
    }

    /// The fixes that were asked for.
    fn chosen(&self) -> impl Iterator<Item = Candidate<'_>> {
        let state = self.now();
        state
            .diagnostics
            .iter()
            .enumerate()
            .filter(|(_, diagnostic)| (self.options.choose)(&state.workspace, diagnostic))
            .filter(|(_, diagnostic)| self.is_asked_about(diagnostic))
            .filter_map(|(index, diagnostic)| {
                let fix = diagnostic.fix.as_ref()?;
                Some(Candidate::new(state, index, diagnostic, fix))
            })
    }

    /// The fixes that could be made now.
    pub fn open<'s>(&'s self, files: &Drafts<'_>) -> Vec<Candidate<'s>> {
        self.chosen()
            .filter(|candidate| {
                candidate.fix.applicability >= self.options.least
                    && candidate.fix.applicability != Applicability::Manual
                    && !self.failed.contains_key(&candidate.identity())
                    && !self.is_declined(candidate)
                    && files.lower(candidate.fix).is_ok()
            })
            .collect()
    }

    fn is_asked_about(&self, diagnostic: &Diagnostic) -> bool {
        let Some(places) = self.options.places else {
            return true;
        };
        let Some(place) = text_place(self.now(), diagnostic) else {
            return false;
        };
        places.iter().any(|asked| {
            let now = match self.drafts.get(&asked.path) {
                Some(draft) => draft.locate(asked.span),
                None => Some(asked.span),
            };
            asked.path == place.path && now.is_some_and(|now| now.touches(place.span))
        })
    }

    fn is_declined(&self, candidate: &Candidate<'_>) -> bool {
        if self.has_ended || self.skipped.contains(candidate.diagnostic.rule) {
            return true;
        }
        let identity = candidate.identity();
        let place = text_place(self.now(), candidate.diagnostic);
        self.declined.iter().any(|(declined, at)| {
            *declined == identity
                && place
                    .as_ref()
                    .is_some_and(|place| place.path == at.path && place.span.touches(at.span))
        })
    }

    /// Runs `work` with what proves further contents over what is planned so far.
    pub fn with_proofs<T>(&self, work: impl FnOnce(&Proofs<'_>) -> T) -> T {
        let earlier: BTreeMap<PathBuf, String> = self
            .drafts
            .iter()
            .map(|(path, draft)| (path.clone(), draft.text().to_owned()))
            .collect();
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
            let (earlier, over_earlier) = (&earlier, &over_earlier);
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
        work(&Proofs {
            reload: &reload,
            confirm: confirm.as_ref().map(|confirm| confirm as &Confirm<'_>),
            evaluation: self.options.evaluation,
        })
    }

    /// Goes on from a proven result; `edits` are places of the texts as they are now.
    pub fn adopt(&mut self, edits: &BTreeMap<FileId, EditSet>, after: State) {
        let changed: Vec<(PathBuf, Arc<str>, &EditSet)> = edits
            .iter()
            .filter_map(|(id, edits)| {
                let file = self.now().workspace.file(*id)?;
                Some((file.path().to_path_buf(), Arc::clone(file.text()), edits))
            })
            .collect();
        for (path, text, edits) in changed {
            let mut step = Draft::new(&text);
            // The proof was about these very edits of this very text.
            if step.apply(edits).is_err() {
                continue;
            }
            self.declined.retain_mut(|(_, place)| {
                if place.path != path {
                    return true;
                }
                match step.locate(place.span) {
                    Some(span) => {
                        place.span = span;
                        true
                    }
                    None => false,
                }
            });
            let draft = self.drafts.entry(path).or_insert_with(|| Draft::new(&text));
            // As above: a draft's text is what the state was read from.
            let _ = draft.apply(edits);
        }
        self.state = Some(after);
    }

    /// One round; false when it changed nothing.
    fn round(&mut self) -> bool {
        let state = self.now();
        let files = Drafts::new(&state.workspace, self.options.guard);
        let candidates = self.open(&files);
        let Batch { made, drafts, .. } = compatible(state, &files, candidates);
        if made.is_empty() {
            return false;
        }
        let (proof, is_over) = self.with_proofs(|proofs| {
            let proof = prove(state, &files, drafts, &made, proofs);
            (proof, proofs.are_over())
        });
        let mut applied = Vec::new();
        if proof.result.is_some() {
            applied = proof.made.iter().map(Candidate::applied).collect();
        }
        let failed: Vec<(Identity, Failure)> = proof
            .failed
            .into_iter()
            .map(|(candidate, failure)| (candidate.identity(), failure))
            .collect();
        let result = proof.result;
        let progress = (!applied.is_empty() || !failed.is_empty()) && !is_over;
        self.failed.extend(failed);
        self.applied.extend(applied);
        if let Some((edits, after)) = result {
            self.adopt(&edits, after);
        }
        progress
    }

    pub fn finish(self) -> Plan {
        let state = self.now();
        let files = Drafts::new(&state.workspace, self.options.guard);
        let dependent = if self.failed.is_empty() {
            BTreeSet::new()
        } else {
            self.with_proofs(|proofs| right_together(state, &proofs.of_nixtune()))
        };
        let left = self
            .chosen()
            .map(|candidate| {
                let why = match self.failed.get(&candidate.identity()) {
                    Some(failure)
                        if failure.stage != Stage::Nix && dependent.contains(&candidate.index) =>
                    {
                        WhyLeft::Dependent(failure.clone())
                    }
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
                        Ok(_) if self.is_declined(&candidate) => WhyLeft::Declined,
                        Ok(_) => WhyLeft::Unfinished,
                    },
                };
                LeftFix {
                    rule: candidate.diagnostic.rule,
                    title: candidate.fix.title.clone(),
                    applicability: candidate.fix.applicability,
                    file: candidate.file,
                    position: candidate.position,
                    why,
                }
            })
            .collect();
        let mut files: Vec<PlannedFile> = Vec::new();
        let mut seen: HashSet<PathBuf> = HashSet::new();
        for file in self.start.workspace.files() {
            let path = file.path();
            let Some(draft) = self.drafts.get(path) else {
                continue;
            };
            if draft.text() != file.text().as_ref() && seen.insert(path.to_path_buf()) {
                files.push(PlannedFile::new(file, draft));
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

impl PlannedFile {
    /// A file with what a draft of it holds.
    pub(super) fn new(file: &SourceFile, draft: &Draft) -> Self {
        Self {
            path: file.path().to_path_buf(),
            name: Arc::clone(file.name()),
            before: Arc::clone(file.text()),
            after: draft.text().into(),
            edits: draft.edits(),
        }
    }
}

/// Where a diagnostic stands, by path: files have other numbers in the next round.
pub(super) fn text_place(state: &State, diagnostic: &Diagnostic) -> Option<TextPlace> {
    let file = state.workspace.file(diagnostic.place.file)?;
    Some(TextPlace {
        path: file.path().to_path_buf(),
        span: diagnostic.place.span,
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
