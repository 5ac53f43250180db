//! Diagnostics of several machines that say the same become one.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::model::Workspace;
use crate::text::Place;

/// Joins diagnostics that differ in their machines only; the joined one names them all.
pub(super) fn join(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut joined: Vec<Diagnostic> = Vec::new();
    let mut by_place: HashMap<(Place, &'static str), Vec<usize>> = HashMap::new();
    for mut diagnostic in diagnostics {
        let slots = by_place
            .entry((diagnostic.place, diagnostic.rule))
            .or_default();
        let machines = std::mem::take(&mut diagnostic.machines);
        let same = slots.iter().copied().find(|slot| {
            joined
                .get_mut(*slot)
                .is_some_and(|other| equal_but_for_machines(other, &diagnostic))
        });
        if let Some(other) = same.and_then(|slot| joined.get_mut(slot)) {
            other.machines.extend(machines);
            other.machines.sort();
            other.machines.dedup();
        } else {
            diagnostic.machines = machines;
            slots.push(joined.len());
            joined.push(diagnostic);
        }
    }
    joined
}

/// `plain` has no machines.
fn equal_but_for_machines(other: &mut Diagnostic, plain: &Diagnostic) -> bool {
    let machines = std::mem::take(&mut other.machines);
    let equal = other == plain;
    other.machines = machines;
    equal
}

/// Sorts by file name, place and rule.
pub(super) fn sort(diagnostics: &mut [Diagnostic], workspace: &Workspace) {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let name = workspace
            .file(diagnostic.place.file)
            .map(|file| file.name().clone());
        (
            name,
            diagnostic.place.span,
            diagnostic.rule,
            diagnostic.machines.clone(),
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Confidence, Severity};
    use crate::text::{FileId, Span};

    fn diagnostic(machine: &str, message: &str) -> Diagnostic {
        Diagnostic {
            rule: "gc-absent",
            severity: Severity::Info,
            confidence: Confidence::Certain,
            place: Place::new(FileId(0), Span::new(1, 2)),
            message: message.to_owned(),
            why: String::new(),
            help: String::new(),
            applies: String::new(),
            labels: Vec::new(),
            facts: Vec::new(),
            machines: vec![machine.into()],
            fix: None,
        }
    }

    #[test]
    fn the_same_words_at_the_same_place_are_one_diagnostic() {
        let joined = join(vec![
            diagnostic("work", "12 threads"),
            diagnostic("home", "8 threads"),
            diagnostic("lab", "12 threads"),
        ]);
        let machines: Vec<_> = joined.iter().map(|one| one.machines.join(" ")).collect();
        assert_eq!(machines, ["lab work", "home"]);
    }
}
