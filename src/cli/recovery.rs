//! Interrupted writes: `apply` undoes them before it looks at files, other commands say that they
//! are there.

use super::output::Output;
use crate::report;
use crate::system::{Interruption, System};

/// Undoes interrupted writes and tells of them. False when one could not be undone: nothing more
/// may be written over it.
pub(super) fn undo(system: &dyn System, output: &Output) -> bool {
    let found = system.recover();
    output.note(&report::interrupted_writes(&found, output.error_style()));
    !found
        .iter()
        .any(|write| matches!(write.state, Interruption::Failed { .. }))
}

/// Tells of interrupted writes; a journal that is not obeyed is left to `apply` to tell of.
pub(super) fn mention(system: &dyn System, output: &Output) {
    let mut found = system.interrupted_writes();
    found.retain(|write| write.state == Interruption::Open);
    output.note(&report::interrupted_writes(&found, output.error_style()));
}
