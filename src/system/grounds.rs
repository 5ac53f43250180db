//! What an answer of the file system rests on.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{FileKind, Stamp, SystemError};

/// Something that has to stay as it is for an answer to stay right, and how it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ground<'a> {
    /// What a file holds or which names a folder has, links followed; or that nothing is there.
    State(&'a Path, Result<Stamp, SystemError>),
    /// What kind of thing stands at a path, if any; not what it holds.
    Kind(&'a Path, Result<FileKind, SystemError>),
    /// An environment variable.
    Variable(&'a str, Option<String>),
}

/// Who hears of the grounds of an answer, from several threads. Each was looked at before it was
/// used, so that what changes in between is seen later.
#[derive(Clone)]
pub struct Grounds(Arc<dyn Fn(Ground<'_>) + Send + Sync>);

impl Grounds {
    /// Calls `told` with each ground.
    pub fn new(told: impl Fn(Ground<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    /// One more.
    pub fn tell(&self, ground: Ground<'_>) {
        (self.0)(ground);
    }
}

impl fmt::Debug for Grounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grounds")
    }
}
