//! Copies of the trees that Nix evaluates, with contents that are not on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::nix::NoAnswer;
use crate::system::{FileKind, FolderCopy, System};

/// Contents by path, where they differ from the disk.
pub(super) type Texts = BTreeMap<PathBuf, String>;

/// Copies by the folder that they are of. They go away with this.
#[derive(Debug, Default)]
pub(super) struct Trees {
    copies: BTreeMap<PathBuf, Tree>,
}

#[derive(Debug)]
struct Tree {
    copy: FolderCopy,
    /// What was written over, by path below the folder.
    originals: BTreeMap<PathBuf, Vec<u8>>,
    /// What it holds now in their place.
    texts: Texts,
}

impl Trees {
    /// The folder to copy so that Nix can read all of `files`: the repository that the first one
    /// lies in, or its flake; without either, the nearest folder over all of them.
    pub fn root_of(
        &mut self,
        system: &dyn System,
        files: &[PathBuf],
    ) -> Result<Option<PathBuf>, NoAnswer> {
        let Some(first) = files.first() else {
            return Ok(None);
        };
        let is_repository = |folder: &&Path| system.metadata(&folder.join(".git")).is_ok();
        let repository = first.ancestors().skip(1).find(is_repository);
        let flake = flake_over(system, first);
        let nearest = first
            .ancestors()
            .skip(1)
            .find(|folder| files.iter().all(|file| file.starts_with(folder)));
        let mut root = None;
        for folder in [repository, flake.as_deref().and_then(Path::parent), nearest] {
            let Some(folder) = folder else { continue };
            root = Some(folder.to_path_buf());
            // A repository may ignore what lies in it.
            let copy = self.tree(system, folder)?.copy.path();
            let below = first.strip_prefix(folder).unwrap_or(first);
            if system.metadata(&copy.join(below)).is_ok() {
                break;
            }
        }
        Ok(root)
    }

    fn tree(&mut self, system: &dyn System, root: &Path) -> Result<&mut Tree, NoAnswer> {
        let tree = match self.copies.remove(root) {
            Some(tree) => tree,
            None => Tree {
                copy: system.copy_folder(root)?,
                originals: BTreeMap::new(),
                texts: Texts::new(),
            },
        };
        Ok(self.copies.entry(root.to_path_buf()).or_insert(tree))
    }

    /// A copy of the folder `root` that holds `texts`.
    pub fn with_texts(
        &mut self,
        system: &dyn System,
        root: &Path,
        texts: &Texts,
    ) -> Result<PathBuf, NoAnswer> {
        let tree = self.tree(system, root)?;
        let mut wanted = Texts::new();
        for (path, text) in texts {
            if let Ok(below) = real(system, path).strip_prefix(root) {
                wanted.insert(below.to_path_buf(), text.clone());
            }
        }
        for (below, text) in &wanted {
            let path = tree.copy.path().join(below);
            if !tree.originals.contains_key(below)
                && let Ok(content) = system.read(&path, u64::MAX)
            {
                tree.originals.insert(below.clone(), content);
            }
            if tree.texts.get(below) != Some(text) {
                system.save(&path, text.as_bytes())?;
            }
        }
        for below in tree
            .texts
            .keys()
            .filter(|below| !wanted.contains_key(*below))
        {
            if let Some(original) = tree.originals.get(below) {
                system.save(&tree.copy.path().join(below), original)?;
            }
        }
        tree.texts = wanted;
        Ok(tree.copy.path().to_path_buf())
    }
}

/// The absolute path without links; of a file that is not there yet, that of its folder is.
pub(super) fn real(system: &dyn System, path: &Path) -> PathBuf {
    if let Ok(real) = system.canonicalize(path) {
        return real;
    }
    let here = system.current_dir().unwrap_or_default();
    let path = crate::system::lexical(&here.join(path));
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => system
            .canonicalize(folder)
            .map_or_else(|_| path.clone(), |folder| folder.join(name)),
        _ => path,
    }
}

/// The nearest flake over a file, within the repository that it lies in.
pub(super) fn flake_over(system: &dyn System, file: &Path) -> Option<PathBuf> {
    for folder in file.parent()?.ancestors() {
        let flake = folder.join("flake.nix");
        if system
            .metadata(&flake)
            .is_ok_and(|found| found.kind == FileKind::File)
        {
            return Some(flake);
        }
        if system.metadata(&folder.join(".git")).is_ok() {
            return None;
        }
    }
    None
}
