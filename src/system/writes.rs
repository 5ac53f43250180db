//! Writing as a transaction: what is asked for, what became of it, and what an interrupted one
//! left behind.

use std::path::PathBuf;

use super::SystemError;

/// One file to be replaced as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileWrite {
    /// Where. A link is refused: pass its canonical path to write through it.
    pub path: PathBuf,
    /// The bytes that the new content was derived from; `None` when the file must not exist yet.
    pub expected: Option<Vec<u8>>,
    /// The new content.
    pub new: Vec<u8>,
    /// True for a program: whoever may read the file may run it. Otherwise a new file is none, and
    /// one that is replaced keeps its mode.
    pub executable: bool,
}

/// A write that is complete.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// What went otherwise than usual although every file holds its new content.
    pub warnings: Vec<WriteWarning>,
}

/// What a complete write had to do without, or leaves to be done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WriteWarning {
    /// Nothing would have undone the write, had the process been killed in the middle.
    #[error("no journal of this write was kept, so nothing could have undone it half-way: {why}")]
    NoJournal {
        /// Why there was none.
        why: String,
    },
    /// Another run of nixtune would not have been kept out.
    #[error("{}: its file system has no locks, so another run could have written at the same time", .folder.display())]
    NoLock {
        /// The folder.
        folder: PathBuf,
    },
    /// Temporary files, or the journal, could not be removed.
    #[error("{cause}; it is left over from this write, and the next `nixtune apply` removes it")]
    LeftOver {
        /// Why it could not be removed.
        cause: SystemError,
    },
}

/// A write that a process began and did not end, found by its journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InterruptedWrite {
    /// The journal.
    pub journal: PathBuf,
    /// The files of the write; empty when the journal cannot be believed.
    pub files: Vec<PathBuf>,
    /// What has become of it.
    pub state: Interruption,
}

/// What has become of an interrupted write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Interruption {
    /// It was only looked at.
    Open,
    /// Every file had been written; what was left over is removed.
    Completed,
    /// Every file holds its old content again, except those that were changed since.
    Undone {
        /// Files that got their old content back.
        restored: Vec<PathBuf>,
        /// Files that hold neither the old nor the new content, and were left alone.
        changed: Vec<PathBuf>,
    },
    /// The journal is not obeyed and stays where it is.
    Refused {
        /// Why, as the end of a sentence about the journal.
        why: String,
    },
    /// It could not be undone yet; the journal stays.
    Failed {
        /// The obstacle.
        cause: SystemError,
    },
}
