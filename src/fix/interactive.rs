//! Fixes that are made one after the other, as somebody answers for each of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batch::{Candidate, Identity, examine};
use super::draft::Draft;
use super::lower::Drafts;
use super::plan::{AppliedFix, Plan, PlanOptions, PlannedFile, Planner, TextPlace, text_place};
use super::verify::{Failure, Reload, State};
use crate::diagnostic::Diagnostic;
use crate::syntax::bounds::on_workers;
use crate::text::{EditSet, FileId};

/// A proven fix that could be made now.
#[derive(Debug)]
pub struct Offer {
    /// What is reported; its places are those of the texts as they are now.
    pub diagnostic: Diagnostic,
    /// What would be made.
    pub fix: AppliedFix,
    /// The files that it changes, on top of what was accepted before.
    pub files: Vec<PlannedFile>,
    identity: Identity,
    place: TextPlace,
    edits: BTreeMap<FileId, EditSet>,
    after: State,
}

/// What is to become of an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Make it.
    Yes,
    /// Leave it.
    No,
    /// Make it and everything that is left.
    All,
    /// Leave it and all others of its rule.
    SkipRule,
    /// Leave it and everything that is left.
    Quit,
}

/// Plans as [`super::plan`] does, but asks about one fix after the other, in the order of files and
/// lines. Each is proven on top of what was accepted before: what no longer applies is not asked
/// about, what appears is. Neither is one that was declined asked about again, nor one that fails
/// its proof.
pub fn plan_by_asking(
    start: &State,
    options: &PlanOptions<'_>,
    reload: &Reload<'_>,
    ask: &mut dyn FnMut(&Offer) -> Answer,
) -> Plan {
    let mut planner = Planner::new(start, options, reload);
    while let Some(offer) = next(&mut planner) {
        let answer = ask(&offer);
        match answer {
            Answer::Yes | Answer::All => {
                planner.applied.push(offer.fix);
                // Perhaps what failed was only waiting for this one.
                planner.failed.clear();
                planner.adopt(&offer.edits, offer.after);
            }
            Answer::No => planner.declined.push((offer.identity, offer.place)),
            Answer::SkipRule => {
                planner.skipped.insert(offer.diagnostic.rule);
            }
            Answer::Quit => planner.has_ended = true,
        }
        if answer == Answer::All {
            on_workers(|| planner.rounds());
            break;
        }
    }
    on_workers(|| planner.finish())
}

/// The first fix in reading order that passes its proof; those before it that do not are failed.
fn next(planner: &mut Planner<'_>) -> Option<Offer> {
    let (offer, failed) = on_workers(|| first_proven(planner));
    planner.failed.extend(failed);
    offer
}

fn first_proven(planner: &Planner<'_>) -> (Option<Offer>, Vec<(Identity, Failure)>) {
    let state = planner.now();
    let files = Drafts::new(&state.workspace, planner.options.guard);
    let mut open = planner.open(&files);
    open.sort_by_cached_key(|candidate| {
        (
            Arc::clone(&candidate.file),
            candidate.diagnostic.place.span,
            candidate.diagnostic.rule,
            candidate.fix.title.clone(),
        )
    });
    planner.with_proofs(|proofs| {
        let mut failed = Vec::new();
        for candidate in open {
            if proofs.are_over() {
                break;
            }
            let mut drafts = files.expecting(std::iter::once(candidate.fix));
            if drafts.apply(candidate.fix).is_err() {
                continue;
            }
            match examine(state, &drafts, &[candidate.diagnostic], proofs) {
                Ok((edits, after)) => return (offer(state, &candidate, edits, after), failed),
                Err(failure) => failed.push((candidate.identity(), failure)),
            }
        }
        (None, failed)
    })
}

fn offer(
    state: &State,
    candidate: &Candidate<'_>,
    edits: BTreeMap<FileId, EditSet>,
    after: State,
) -> Option<Offer> {
    let mut files = Vec::new();
    for (id, edits) in &edits {
        let file = state.workspace.file(*id)?;
        let mut draft = Draft::new(file.text());
        draft.apply(edits).ok()?;
        files.push(PlannedFile::new(file, &draft));
    }
    Some(Offer {
        diagnostic: candidate.diagnostic.clone(),
        fix: candidate.applied(),
        files,
        identity: candidate.identity(),
        place: text_place(state, candidate.diagnostic)?,
        edits,
        after,
    })
}
