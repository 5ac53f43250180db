//! Walking over files: what a visitor sees, and the comfortable forms of [`System::walk`].

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{System, SystemError, lexical};

/// How a walk goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WalkOptions {
    /// Worker threads; 0 lets the system choose.
    pub threads: usize,
    /// Take hidden files and what ignore files name as well; without it `.config` is the only hidden
    /// folder that is looked into.
    pub everything: bool,
}

/// The hidden folder that holds configuration: a user's `nix.conf`, home-manager's files.
const CONFIG: &str = ".config";

/// True for a hidden name that a walk passes by.
pub(super) fn is_passed_by(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && name != CONFIG
}

/// One regular file of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// The root it was found under, joined with the way to it.
    pub path: &'a Path,
    /// True when the file itself was named as a root.
    pub named: bool,
}

/// What a worker thread calls for each file, and for each path that it could not look at.
pub type Visitor<'v> = Box<dyn FnMut(Result<Found<'_>, SystemError>) + Send + 'v>;

/// What a walk kept, and what it could not look at; both sorted by path.
#[derive(Debug)]
pub struct Walked<T> {
    /// The files that were kept, each once, with what was kept of them.
    pub kept: Vec<(PathBuf, T)>,
    /// Obstacles, sorted by their text.
    pub problems: Vec<SystemError>,
}

/// Walks and keeps what `look` returns. `look` runs in the worker threads and gets a buffer of its
/// thread to read into; the result does not depend on the order of the visits.
pub fn walk_map<T: Send>(
    system: &dyn System,
    roots: &[PathBuf],
    options: &WalkOptions,
    look: impl Fn(Found<'_>, &mut Vec<u8>) -> Result<Option<T>, SystemError> + Sync,
) -> Walked<T> {
    let kept = Mutex::new(Vec::new());
    let problems = Mutex::new(Vec::new());
    system.walk(roots, options, None, &mut || {
        let (kept, problems, look) = (&kept, &problems, &look);
        let mut buffer = Vec::new();
        Box::new(move |found| {
            let looked = found.and_then(|found| {
                let value = look(found, &mut buffer)?;
                Ok(value.map(|value| (lexical(found.path), value)))
            });
            match looked {
                Ok(Some(pair)) => lock(kept).push(pair),
                Ok(None) => {}
                Err(problem) => lock(problems).push(problem),
            }
        })
    });
    let mut kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Roots may overlap, and one may be absolute while another is not.
    let here = system.current_dir().unwrap_or_default();
    kept.sort_by_cached_key(|(path, _)| (lexical(&here.join(path)), path.clone()));
    kept.dedup_by(|(a, _), (b, _)| here.join(a) == here.join(b));
    let mut problems = problems
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    problems.sort_by_cached_key(ToString::to_string);
    problems.dedup();
    Walked { kept, problems }
}

/// All regular files under `roots`, sorted, each once.
pub fn collect_files(system: &dyn System, roots: &[PathBuf], options: &WalkOptions) -> Walked<()> {
    walk_map(system, roots, options, |_, _| Ok(Some(())))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
