//! Which fixes are made, in which order, until nothing more can be mended.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::Refusal;
use super::lower::{Drafts, lower_here};
use super::verify::{Failure, Reload, State, verify};
use crate::diagnostic::{Applicability, Change, Diagnostic, Fix};
use crate::model::{OptionPath, Workspace};
use crate::syntax::bounds::on_large_stack;
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
    on_large_stack(|| {
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        let mut open: Vec<Candidate<'_>> = Vec::new();
        for (index, diagnostic) in state.diagnostics.iter().enumerate() {
            let Some(fix) = &diagnostic.fix else {
                verdicts.push(None);
                continue;
            };
            verdicts.push(Some(match lower_here(&state.workspace, fix) {
                Err(refusal) => Verdict::Refused(refusal),
                Ok(edits) if fix.applicability == Applicability::Manual => Verdict::Manual(edits),
                Ok(edits) => {
                    open.push(Candidate::new(state, index, diagnostic, fix));
                    Verdict::Proven(edits)
                }
            }));
        }
        // Fixes that do not get in each other's way are proven together.
        while !open.is_empty() {
            let (batch, rest) = compatible(state, open);
            let proof = prove(state, &batch, reload);
            open = rest;
            open.extend(proof.blocked);
            for (candidate, failure) in proof.failed {
                if let Some(slot) = verdicts.get_mut(candidate.index) {
                    *slot = Some(Verdict::Failed(failure));
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
    on_large_stack(|| Planner::new(start, options, reload).run())
}

/// A fix that may be made.
#[derive(Clone, Debug)]
struct Candidate<'s> {
    /// Its number among the diagnostics.
    index: usize,
    diagnostic: &'s Diagnostic,
    fix: &'s Fix,
    file: Arc<str>,
    position: Position,
}

/// How a fix is recognized in a later round.
type Identity = (&'static str, Arc<str>, String, String);

impl<'s> Candidate<'s> {
    fn new(state: &'s State, index: usize, diagnostic: &'s Diagnostic, fix: &'s Fix) -> Self {
        let file = state.workspace.file(diagnostic.place.file);
        Self {
            index,
            diagnostic,
            fix,
            file: file.map_or_else(|| "".into(), |file| Arc::clone(file.name())),
            position: file.map_or(Position { line: 1, column: 1 }, |file| {
                file.position(diagnostic.place.span.start)
            }),
        }
    }

    fn identity(&self) -> Identity {
        (
            self.diagnostic.rule,
            Arc::clone(&self.file),
            self.fix.title.clone(),
            self.diagnostic.message.clone(),
        )
    }

    /// Safe fixes go first, then by place: the order must not depend on who runs first.
    fn rank(&self) -> impl Ord + use<'s> {
        (
            std::cmp::Reverse(self.fix.applicability),
            Arc::clone(&self.file),
            self.diagnostic.place.span,
            self.diagnostic.rule,
            self.fix.title.clone(),
        )
    }
}

/// What a change wants of an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Claim {
    /// To decide its value.
    Whole,
    /// To change elements of it.
    Elements,
}

type Claims = Vec<((Option<FileId>, OptionPath, Option<Arc<str>>), Claim)>;

/// The options that a fix claims, with the file whose definition it is.
fn claims(workspace: &Workspace, fix: &Fix) -> Claims {
    let mut claims = Claims::new();
    for change in &fix.changes {
        let definition = workspace.definition(change.definition());
        let file = definition
            .and_then(|definition| definition.statement)
            .map(|place| place.file);
        let own = definition
            .map(|definition| (file, definition.option.clone(), definition.setting.clone()));
        match change {
            Change::Set { .. } | Change::Remove { .. } => {
                claims.extend(own.map(|own| (own, Claim::Whole)));
            }
            Change::ListAdd { .. } | Change::ListRemove { .. } | Change::ListReplace { .. } => {
                claims.extend(own.map(|own| (own, Claim::Elements)));
            }
            Change::Rename { to, .. } => {
                claims.extend(own.map(|own| (own, Claim::Whole)));
                claims.push(((file, to.clone(), None), Claim::Whole));
            }
            Change::Insert { option, .. } => {
                claims.push(((file, option.clone(), None), Claim::Whole));
            }
        }
    }
    claims
}

fn clash(held: &Claims, wanted: &Claims) -> bool {
    wanted.iter().any(|(key, claim)| {
        held.iter().any(|(other, held)| {
            other == key && (*claim, *held) != (Claim::Elements, Claim::Elements)
        })
    })
}

/// Splits candidates into those that can be made together and the others.
fn compatible<'s>(
    state: &State,
    mut candidates: Vec<Candidate<'s>>,
) -> (Vec<Candidate<'s>>, Vec<Candidate<'s>>) {
    candidates.sort_by_cached_key(Candidate::rank);
    let mut held = Claims::new();
    let mut drafts = Drafts::new(&state.workspace);
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let wanted = claims(&state.workspace, candidate.fix);
        if clash(&held, &wanted) || drafts.apply(candidate.fix).is_err() {
            rest.push(candidate);
        } else {
            held.extend(wanted);
            batch.push(candidate);
        }
    }
    // What fails even on untouched files must not come back for ever.
    if batch.is_empty() {
        rest.clear();
    }
    (batch, rest)
}

/// The outcome of a proof of several fixes.
struct Proof<'s> {
    made: Vec<Candidate<'s>>,
    failed: Vec<(Candidate<'s>, Failure)>,
    /// Fixes whose text another one changed.
    blocked: Vec<Candidate<'s>>,
    /// The new texts, and what is said and reported with them.
    result: Option<(BTreeMap<FileId, String>, State)>,
}

/// Proves fixes together; where that fails, finds the ones to blame by halving.
fn prove<'s>(state: &State, batch: &[Candidate<'s>], reload: &Reload<'_>) -> Proof<'s> {
    let mut proof = Proof {
        made: Vec::new(),
        failed: Vec::new(),
        blocked: Vec::new(),
        result: None,
    };
    halve(state, batch, reload, &mut proof);
    proof
}

fn halve<'s>(state: &State, batch: &[Candidate<'s>], reload: &Reload<'_>, proof: &mut Proof<'s>) {
    let all: Vec<&Candidate<'s>> = proof.made.iter().chain(batch).collect();
    match attempt(state, &all, reload) {
        Ok(result) => {
            proof.made.extend(batch.iter().cloned());
            proof.result = Some(result);
        }
        Err(failure) => match (batch, failure) {
            ([], _) => {}
            ([only], None) => proof.blocked.push(only.clone()),
            ([only], Some(failure)) if proof.made.is_empty() => {
                proof.failed.push((only.clone(), failure));
            }
            // Perhaps only the company is wrong; a later round will tell.
            ([only], Some(_)) => match attempt(state, &[only], reload) {
                Ok(_) | Err(None) => proof.blocked.push(only.clone()),
                Err(Some(failure)) => proof.failed.push((only.clone(), failure)),
            },
            _ => {
                let (first, second) = batch.split_at(batch.len() / 2);
                halve(state, first, reload, proof);
                halve(state, second, reload, proof);
            }
        },
    }
}

/// Makes fixes together and proves the result. The error is `None` when their texts collide.
fn attempt(
    state: &State,
    candidates: &[&Candidate<'_>],
    reload: &Reload<'_>,
) -> Result<(BTreeMap<FileId, String>, State), Option<Failure>> {
    let mut drafts = Drafts::new(&state.workspace);
    let mut fixed: Vec<&Diagnostic> = Vec::new();
    for candidate in candidates {
        drafts.apply(candidate.fix).map_err(|_| None)?;
        fixed.push(candidate.diagnostic);
    }
    let texts: BTreeMap<FileId, String> = drafts
        .texts()
        .map(|(file, text)| (file, text.to_owned()))
        .collect();
    let after = verify(state, &texts, &fixed, reload).map_err(Some)?;
    Ok((texts, after))
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
        let candidates: Vec<Candidate<'_>> = chosen(state, self.options)
            .filter(|candidate| {
                candidate.fix.applicability >= self.options.least
                    && candidate.fix.applicability != Applicability::Manual
                    && !self.failed.contains_key(&candidate.identity())
                    && lower_here(&state.workspace, candidate.fix).is_ok()
            })
            .collect();
        let (batch, _) = compatible(state, candidates);
        if batch.is_empty() {
            return false;
        }
        // The earlier rounds' texts are under those of this round.
        let earlier = &self.texts;
        let reload = |texts: &BTreeMap<PathBuf, String>| {
            let mut all = earlier.clone();
            all.extend(
                texts
                    .iter()
                    .map(|(path, text)| (path.clone(), text.clone())),
            );
            (self.reload)(&all)
        };
        let proof = prove(state, &batch, &reload);
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
        let progress = !applied.is_empty() || !failed.is_empty();
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
        let left = chosen(state, self.options)
            .map(|candidate| {
                let why = match self.failed.get(&candidate.identity()) {
                    Some(failure) => WhyLeft::Failed(failure.clone()),
                    None => match lower_here(&state.workspace, candidate.fix) {
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
