//! Fixes that can be made together, and their proof.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::evaluation::Proofs;
use super::lower::Drafts;
use super::plan::AppliedFix;
use super::protection::unguarded;
use super::verify::{Failure, State, verify};
use crate::diagnostic::{Applicability, Change, Diagnostic, Fix};
use crate::model::{Form, OptionPath, Workspace};
use crate::text::{EditSet, FileId, Position};

/// A fix that may be made.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'s> {
    /// Its number among the diagnostics.
    pub index: usize,
    pub diagnostic: &'s Diagnostic,
    pub fix: &'s Fix,
    pub file: Arc<str>,
    pub position: Position,
}

/// How a fix is recognized in a later round.
pub(super) type Identity = (&'static str, Arc<str>, String, String);

impl<'s> Candidate<'s> {
    pub fn new(state: &'s State, index: usize, diagnostic: &'s Diagnostic, fix: &'s Fix) -> Self {
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

    pub fn identity(&self) -> Identity {
        (
            self.diagnostic.rule,
            Arc::clone(&self.file),
            self.fix.title.clone(),
            self.diagnostic.message.clone(),
        )
    }

    /// What is said of it when it is made.
    pub fn applied(&self) -> AppliedFix {
        AppliedFix {
            rule: self.diagnostic.rule,
            title: self.fix.title.clone(),
            applicability: self.fix.applicability,
            file: Arc::clone(&self.file),
            position: self.position,
        }
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
        // A line of a text is an element of it.
        let text = definition.filter(|definition| definition.form == Form::TextLine);
        claims.extend(text.map(|line| ((file, line.option.clone(), None), Claim::Elements)));
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

/// Fixes that can be made together.
pub(super) struct Batch<'s, 'w> {
    pub made: Vec<Candidate<'s>>,
    /// The files with all of them made.
    pub drafts: Drafts<'w>,
    /// The other candidates.
    pub rest: Vec<Candidate<'s>>,
}

/// Splits candidates into those that can be made together and the others.
pub(super) fn compatible<'s, 'w>(
    state: &State,
    files: &Drafts<'w>,
    mut candidates: Vec<Candidate<'s>>,
) -> Batch<'s, 'w> {
    candidates.sort_by_cached_key(Candidate::rank);
    let mut held = Claims::new();
    let mut drafts = files.expecting(candidates.iter().map(|candidate| candidate.fix));
    let (mut made, mut rest) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let wanted = claims(&state.workspace, candidate.fix);
        if clash(&held, &wanted) || drafts.apply(candidate.fix).is_err() {
            rest.push(candidate);
        } else {
            held.extend(wanted);
            made.push(candidate);
        }
    }
    // What fails even on untouched files must not come back for ever.
    if made.is_empty() {
        rest.clear();
    }
    Batch { made, drafts, rest }
}

/// The outcome of a proof of several fixes.
pub(super) struct Proof<'s> {
    pub made: Vec<Candidate<'s>>,
    pub failed: Vec<(Candidate<'s>, Failure)>,
    /// Fixes whose text another one changed.
    pub blocked: Vec<Candidate<'s>>,
    /// The differences of text, and what is said and reported with them.
    pub result: Option<(BTreeMap<FileId, EditSet>, State)>,
}

/// Proves fixes together, with `drafts` as the files in which all of them are made; where that
/// fails, finds the ones to blame by trying parts.
pub(super) fn prove<'s>(
    state: &State,
    files: &Drafts<'_>,
    drafts: Drafts<'_>,
    batch: &[Candidate<'s>],
    proofs: &Proofs<'_>,
) -> Proof<'s> {
    let mut proof = Proof {
        made: Vec::new(),
        failed: Vec::new(),
        blocked: Vec::new(),
        result: None,
    };
    let fixed: Vec<&Diagnostic> = batch.iter().map(|one| one.diagnostic).collect();
    match examine(state, &drafts, &fixed, proofs) {
        Ok(result) => {
            proof.made.extend(batch.iter().cloned());
            proof.result = Some(result);
        }
        Err(_) => divide(state, files, batch, proofs, &mut proof),
    }
    proof
}

/// The diagnostics, by number, whose fixes are right when every fix is made at once, in whatever
/// file: one that fails without the others is no mistake.
pub(super) fn right_together(state: &State, proofs: &Proofs<'_>) -> BTreeSet<usize> {
    let files = Drafts::new(&state.workspace, &unguarded);
    let candidates = state
        .diagnostics
        .iter()
        .enumerate()
        .filter_map(|(index, diagnostic)| {
            let fix = diagnostic.fix.as_ref()?;
            (fix.applicability > Applicability::Manual)
                .then(|| Candidate::new(state, index, diagnostic, fix))
        })
        .collect();
    let Batch { made, drafts, .. } = compatible(state, &files, candidates);
    if made.len() < 2 {
        return BTreeSet::new();
    }
    let proof = prove(state, &files, drafts, &made, proofs);
    proof.made.iter().map(|candidate| candidate.index).collect()
}

/// Proves a batch beside what is made already, or else its parts.
fn divide<'s>(
    state: &State,
    files: &Drafts<'_>,
    batch: &[Candidate<'s>],
    proofs: &Proofs<'_>,
    proof: &mut Proof<'s>,
) {
    if proofs.are_over() {
        return;
    }
    let all: Vec<&Candidate<'s>> = proof.made.iter().chain(batch).collect();
    match attempt(state, files, &all, proofs) {
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
            ([only], Some(_)) => match attempt(state, files, &[only], proofs) {
                Ok(_) | Err(None) => proof.blocked.push(only.clone()),
                Err(Some(failure)) => proof.failed.push((only.clone(), failure)),
            },
            (_, failure) => {
                let (first, second) = parts(state, batch, failure.as_ref());
                divide(state, files, &first, proofs, proof);
                divide(state, files, &second, proofs, proof);
            }
        },
    }
}

/// Two parts of a batch that failed, the one that is more likely right first: without the fixes that
/// are made where it failed, or else one half and the other.
fn parts<'s>(
    state: &State,
    batch: &[Candidate<'s>],
    failure: Option<&Failure>,
) -> (Vec<Candidate<'s>>, Vec<Candidate<'s>>) {
    if let Some(Failure { scene, .. }) = failure {
        let machines = state.workspace.machines().iter();
        let read_there: BTreeSet<FileId> = machines
            .filter(|machine| scene.machines.contains(&machine.name))
            .flat_map(|machine| machine.files.iter().copied())
            .collect();
        let folder_of =
            |file: FileId| Some(state.workspace.file(file)?.path().parent()?.to_owned());
        let folders: BTreeSet<PathBuf> = read_there.iter().copied().filter_map(folder_of).collect();
        let in_file = |one: &Candidate<'_>| Some(&one.file) == scene.file.as_ref();
        let in_machine = |one: &Candidate<'_>| read_there.contains(&one.diagnostic.place.file);
        // Loose modules of one folder are a machine together, or apart.
        let beside = |one: &Candidate<'_>| {
            folder_of(one.diagnostic.place.file).is_some_and(|folder| folders.contains(&folder))
        };
        let suspicions: [&dyn Fn(&Candidate<'_>) -> bool; 3] = [&in_file, &in_machine, &beside];
        for suspicion in suspicions {
            let (suspected, others): (Vec<_>, Vec<_>) =
                batch.iter().cloned().partition(|one| suspicion(one));
            if !suspected.is_empty() && !others.is_empty() {
                return (others, suspected);
            }
        }
    }
    let (first, second) = batch.split_at(batch.len() / 2);
    (first.to_vec(), second.to_vec())
}

/// Makes fixes together and proves the result. The error is `None` when their texts collide.
fn attempt(
    state: &State,
    files: &Drafts<'_>,
    candidates: &[&Candidate<'_>],
    proofs: &Proofs<'_>,
) -> Result<(BTreeMap<FileId, EditSet>, State), Option<Failure>> {
    let mut drafts = files.expecting(candidates.iter().map(|candidate| candidate.fix));
    let mut fixed: Vec<&Diagnostic> = Vec::new();
    for candidate in candidates {
        drafts.apply(candidate.fix).map_err(|_| None)?;
        fixed.push(candidate.diagnostic);
    }
    examine(state, &drafts, &fixed, proofs).map_err(Some)
}

/// Proves that drafts hold what the fixes of `fixed` declare.
pub(super) fn examine(
    state: &State,
    drafts: &Drafts<'_>,
    fixed: &[&Diagnostic],
    proofs: &Proofs<'_>,
) -> Result<(BTreeMap<FileId, EditSet>, State), Failure> {
    let texts: BTreeMap<FileId, String> = drafts
        .texts()
        .map(|(file, text)| (file, text.to_owned()))
        .collect();
    let after = verify(state, &texts, fixed, proofs)?;
    Ok((drafts.edits(), after))
}
