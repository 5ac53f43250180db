//! Paths as keys. They are normalized where they come from, so that equal bytes mean the same
//! place; comparing and hashing components, as the standard library does, costs ten times as much.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// A normalized path, cheap to copy.
#[derive(Clone, PartialOrd, Ord, Debug)]
pub struct PathKey(Arc<Path>);

/// Values by path; looked up with `path.as_os_str()`.
pub type PathMap<V> = HashMap<PathKey, V, FxBuildHasher>;

/// A set of paths; looked up with `path.as_os_str()`.
pub type PathSet = HashSet<PathKey, FxBuildHasher>;

impl PartialEq for PathKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.as_os_str() == other.as_os_str()
    }
}

impl Eq for PathKey {}

impl Hash for PathKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_os_str().hash(state);
    }
}

impl Borrow<OsStr> for PathKey {
    fn borrow(&self) -> &OsStr {
        self.as_os_str()
    }
}

impl Deref for PathKey {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl From<&Path> for PathKey {
    fn from(path: &Path) -> Self {
        Self(path.into())
    }
}

impl From<PathBuf> for PathKey {
    fn from(path: PathBuf) -> Self {
        Self(path.into())
    }
}

impl AsRef<Path> for PathKey {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}
