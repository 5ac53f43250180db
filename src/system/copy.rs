//! Temporary folders, empty or copies of others.

use std::any::Any;
use std::fmt;
use std::path::{Path, PathBuf};

/// A temporary folder that goes away with this value.
pub struct FolderCopy {
    path: PathBuf,
    /// What removes it.
    _guard: Option<Box<dyn Any + Send + Sync>>,
}

impl FolderCopy {
    /// One at `path`, an absolute path without links; dropping `guard` removes it.
    pub(super) fn new(path: PathBuf, guard: Option<Box<dyn Any + Send + Sync>>) -> Self {
        Self {
            path,
            _guard: guard,
        }
    }

    /// Where it lies: absolute, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for FolderCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FolderCopy").field(&self.path).finish()
    }
}
