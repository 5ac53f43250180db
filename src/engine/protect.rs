//! Which files a run may not write: one place decides for `lint` and `apply`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Request, git_index};
use crate::fix::{Protection, generated};
use crate::probe;
use crate::system::{System, lexical};
use crate::text::SourceFile;

/// What decides about files, and what was decided.
pub(super) struct Protector<'s> {
    system: &'s dyn System,
    store: PathBuf,
    /// The roots and the flakes and repositories around them, without links.
    trees: Vec<PathBuf>,
    /// How the first root is called.
    root: PathBuf,
    /// The only files that may change, when unsaved contents are all that was asked about.
    input: Vec<PathBuf>,
    known: Mutex<BTreeMap<PathBuf, Option<Protection>>>,
}

impl<'s> Protector<'s> {
    pub fn new(system: &'s dyn System, request: &Request, roots: &[PathBuf]) -> Self {
        let unsaved = |root: &PathBuf| request.unsaved.iter().any(|(path, _)| path == root);
        let input = if !request.unsaved.is_empty() && request.roots.iter().all(unsaved) {
            request
                .roots
                .iter()
                .map(|path| named(system, path))
                .collect()
        } else {
            Vec::new()
        };
        let mut trees = Vec::new();
        for root in roots {
            let root = real(system, root);
            trees.extend(nearest(system, &root, ".git"));
            trees.extend(nearest(system, &root, "flake.nix"));
            trees.push(root);
        }
        Self {
            system,
            store: probe::store_folder(system),
            trees,
            root: roots.first().cloned().unwrap_or_default(),
            input,
            known: Mutex::default(),
        }
    }

    /// Why this file may not be written; `None` when it may.
    pub fn of(&self, file: &SourceFile) -> Option<Protection> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(file.path()) {
            return found.clone();
        }
        let found = self.find(file);
        known().insert(file.path().to_path_buf(), found.clone());
        found
    }

    fn find(&self, file: &SourceFile) -> Option<Protection> {
        if !self.input.is_empty() {
            // Where the result goes is not for nixtune to decide.
            return if self.input.contains(&named(self.system, file.path())) {
                generated(file).map(Protection::Generated)
            } else {
                Some(Protection::NotInput)
            };
        }
        let path = real(self.system, file.path());
        if path.starts_with(&self.store) {
            return Some(Protection::InStore(path));
        }
        if !self.trees.iter().any(|tree| path.starts_with(tree)) {
            return Some(Protection::OutsideTree(self.root.clone()));
        }
        if let Some(line) = generated(file) {
            return Some(Protection::Generated(line));
        }
        let repository = repository(self.system, &path)?;
        let is_ignored = self.system.metadata(&path).is_ok()
            && self.system.is_ignored(&repository, &path, None)
            // What was added in spite of a pattern is in git's hands all the same.
            && !git_index::is_tracked(self.system, &repository, &path);
        is_ignored.then_some(Protection::Ignored)
    }
}

/// The git repository that a path without links lies in.
pub(super) fn repository(system: &dyn System, path: &Path) -> Option<PathBuf> {
    nearest(system, path, ".git")
}

/// The nearest folder, from `path` itself upward, that holds `name`.
fn nearest(system: &dyn System, path: &Path, name: &str) -> Option<PathBuf> {
    path.ancestors()
        .find(|folder| system.metadata(&folder.join(name)).is_ok())
        .map(Path::to_path_buf)
}

/// The absolute path, links as they are named.
pub(super) fn named(system: &dyn System, path: &Path) -> PathBuf {
    match system.current_dir() {
        Ok(here) => lexical(&here.join(path)),
        Err(_) => lexical(path),
    }
}

/// The absolute path without links; by name where nothing is there.
pub(super) fn real(system: &dyn System, path: &Path) -> PathBuf {
    system
        .canonicalize(path)
        .unwrap_or_else(|_| named(system, path))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::system::Memory;
    use crate::text::{FileFormat, FileId};

    fn system() -> Memory {
        Memory::new()
            .file("/home/u/cfg/.git/HEAD", "")
            .file("/home/u/cfg/.gitignore", "*.local.nix\n")
            .file("/home/u/cfg/flake.nix", "{ }")
            .file("/home/u/cfg/hosts/a.nix", "{ }")
            .file("/home/u/cfg/x.local.nix", "{ }")
            .file("/home/u/other/b.nix", "{ }")
            .file("/nix/store/abc/c.nix", "{ }")
            .link("/home/u/cfg/linked.nix", "/nix/store/abc/c.nix")
            .link("/home/u/cfg/away.nix", "/home/u/other/b.nix")
    }

    fn of(roots: &[&str], unsaved: &[&str], path: &str, text: &str) -> Option<Protection> {
        let system = system();
        let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
        let request = Request {
            roots: roots.clone(),
            unsaved: unsaved
                .iter()
                .map(|path| (PathBuf::from(path), Vec::new()))
                .collect(),
            ..Request::default()
        };
        let file = SourceFile::new(
            FileId(0),
            PathBuf::from(path),
            Arc::from(path),
            FileFormat::Nix,
            Arc::from(text),
        );
        Protector::new(&system, &request, &roots).of(&file)
    }

    #[test]
    fn only_files_of_the_tree_may_change() {
        let in_tree = |path: &str| of(&["/home/u/cfg/hosts"], &[], path, "{ }");
        assert_eq!(in_tree("/home/u/cfg/hosts/a.nix"), None);
        // The repository and flake around the root.
        assert_eq!(in_tree("/home/u/cfg/flake.nix"), None);
        assert!(matches!(
            in_tree("/home/u/other/b.nix"),
            Some(Protection::OutsideTree(_))
        ));
        assert!(matches!(
            in_tree("/home/u/cfg/away.nix"),
            Some(Protection::OutsideTree(_))
        ));
        assert!(matches!(
            in_tree("/home/u/cfg/linked.nix"),
            Some(Protection::InStore(_))
        ));
        assert_eq!(
            in_tree("/home/u/cfg/x.local.nix"),
            Some(Protection::Ignored)
        );
    }

    #[test]
    fn a_name_does_not_lift_protection_but_outside() {
        let named = |path: &str| of(&[path], &[], path, "{ }");
        assert_eq!(named("/home/u/other/b.nix"), None);
        assert_eq!(named("/home/u/cfg/x.local.nix"), Some(Protection::Ignored));
        assert!(matches!(
            named("/nix/store/abc/c.nix"),
            Some(Protection::InStore(_))
        ));
        assert!(matches!(
            of(
                &["/home/u/other/b.nix"],
                &[],
                "/home/u/other/b.nix",
                "# Generated by x\n{ }"
            ),
            Some(Protection::Generated(_))
        ));
    }

    #[test]
    fn a_filter_changes_its_input_alone() {
        let input = "/home/u/cfg/x.local.nix";
        assert_eq!(of(&[input], &[input], input, "{ }"), None);
        assert_eq!(
            of(&[input], &[input], "/home/u/cfg/flake.nix", "{ }"),
            Some(Protection::NotInput)
        );
    }
}
