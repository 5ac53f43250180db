//! Files that are read and never written, whatever would be mended in them.

use std::path::PathBuf;

use crate::text::SourceFile;

/// Why a file may not be written. The words follow the file's name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Protection {
    /// A program writes it, and would undo the change.
    #[error("is generated (it says \"{0}\"); change what it is generated from")]
    Generated(String),
    /// Nix's store is read-only.
    #[error("lies in the Nix store ({}); change the file that it was made from", .0.display())]
    InStore(PathBuf),
    /// Neither among the paths that were asked about nor in their flake or git repository.
    #[error("lies outside of what was asked about ({}); name it to have it changed", .0.display())]
    OutsideTree(PathBuf),
    /// Git ignores it, so that no history could bring the old text back.
    #[error("is ignored by git, which could not bring it back; change it by hand")]
    Ignored,
    /// Standard input is read and nothing else may change.
    #[error("is not standard input, the only text that is changed here; name it as a path")]
    NotInput,
}

/// Says why a file may not be written; `None` when it may.
pub type Guard<'g> = dyn Fn(&SourceFile) -> Option<Protection> + Sync + 'g;

/// Lets every file be written: for those who only want to see edits.
pub fn unguarded(_: &SourceFile) -> Option<Protection> {
    None
}
