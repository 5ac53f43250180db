//! Definitions that give one option the same value: a fix changes all of them, or none.

use crate::diagnostic::{Change, Fix};
use crate::model::{Definition, Workspace};
use crate::text::{Place, Span};

/// Definitions of one option that have the same value, whichever files they stand in, are changed
/// alike: with two values of the same weight the machine could not be evaluated, and where one is
/// taken out the next one counts.
pub fn include_twins(fix: &mut Fix, workspace: &Workspace) {
    let mut at = 0;
    while let Some(change) = fix.changes.get(at).cloned() {
        at += 1;
        let Some(definition) = workspace.definition(change.definition()) else {
            continue;
        };
        let is_removed = matches!(change, Change::Remove { .. });
        let twins = workspace.machines_of(definition.id).flat_map(|machine| {
            // Of lines the last one counts: only those before it come into its place.
            let mut is_before = true;
            let all = machine.definitions.iter();
            all.filter_map(|id| workspace.definition(*id))
                .filter(move |other| {
                    is_before &= other.id != definition.id;
                    definition.is_twin_of(other)
                        || is_removed && is_before && definition.repeats(other)
                })
        });
        for twin in twins {
            if fix
                .changes
                .iter()
                .any(|other| other.definition() == twin.id)
            {
                continue;
            }
            let is_weaker = (twin.set_priority, twin.priority)
                != (definition.set_priority, definition.priority);
            if is_weaker && !matches!(change, Change::Remove { .. }) {
                continue;
            }
            fix.changes
                .extend(change_of_twin(&change, definition, twin, workspace));
        }
    }
}

/// The change of a definition for another one with the same value; `None` where that does not
/// hold for both, or where the part that changes is written in other words.
fn change_of_twin(
    change: &Change,
    definition: &Definition,
    twin: &Definition,
    workspace: &Workspace,
) -> Option<Change> {
    let item_of_twin = |item: &Place| {
        let (own, other) = (definition.value.site?, twin.value.site?);
        let is_written_alike = own.file == item.file
            && own.span.contains(item.span)
            && workspace.text(own) == workspace.text(other);
        let start = other.span.start + (item.span.start.checked_sub(own.span.start)?);
        let span = Span::new(start, start + item.span.len());
        is_written_alike.then(|| Place::new(other.file, span))
    };
    Some(match change {
        Change::Set { value, .. } => Change::Set {
            definition: twin.id,
            value: value.clone(),
        },
        Change::Remove { .. } => Change::Remove {
            definition: twin.id,
        },
        Change::ListAdd { items, .. } => Change::ListAdd {
            definition: twin.id,
            items: items.clone(),
        },
        Change::ListRemove { items, .. } => Change::ListRemove {
            definition: twin.id,
            items: items.iter().map(item_of_twin).collect::<Option<_>>()?,
        },
        Change::ListReplace { item, with, .. } => Change::ListReplace {
            definition: twin.id,
            item: item_of_twin(item)?,
            with: with.clone(),
        },
        Change::Rename { .. } | Change::Insert { .. } => return None,
    })
}
