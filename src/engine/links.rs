//! Files that were named by a symbolic link: which file is meant, and whether it may be written.
//!
//! A walk follows no links, and imports that leave the tree are not read; so only what stands on
//! the command line can lead to a file elsewhere.

use std::path::{Path, PathBuf};

use crate::model;
use crate::system::{FileKind, System, SystemError};

/// The file that a named link leads to: that is the one which is read, reported and changed.
/// Everything else stays as it was named.
pub(super) fn behind_link(system: &dyn System, root: &Path) -> PathBuf {
    let kind = |path: &Path| system.metadata(path).map(|found| found.kind).ok();
    if kind(root) != Some(FileKind::Link) {
        return root.to_path_buf();
    }
    match system.canonicalize(root) {
        Ok(real) if kind(&real) == Some(FileKind::File) => {
            PathBuf::from(super::shown(system, &real))
        }
        _ => root.to_path_buf(),
    }
}

/// A link to a file outside of the tree that the link belongs to. Whoever names a link may not
/// know what else the file behind it is used for, so it is read and never written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeavingLink {
    link: PathBuf,
    /// Without links.
    target: PathBuf,
    /// The project of the link, or its folder.
    tree: PathBuf,
}

impl LeavingLink {
    /// The obstacle to writing the file.
    pub(super) fn refusal(&self) -> SystemError {
        SystemError::LinkLeavesTree {
            path: self.link.clone(),
            target: self.target.clone(),
            tree: self.tree.clone(),
        }
    }

    /// True for the file that the link leads to.
    pub(super) fn leads_to(&self, system: &dyn System, path: &Path) -> bool {
        system
            .canonicalize(path)
            .is_ok_and(|real| real == self.target)
    }
}

/// The links among `roots` that lead to a file outside of their tree. A file is inside when its
/// link's project holds it, or when it was named itself or by its folder.
pub(super) fn leaving_links(system: &dyn System, roots: &[PathBuf]) -> Vec<LeavingLink> {
    let is_link = |path: &Path| {
        system
            .metadata(path)
            .is_ok_and(|found| found.kind == FileKind::Link)
    };
    let is_folder = |path: &Path| {
        system
            .metadata(path)
            .is_ok_and(|found| found.kind == FileKind::Folder)
    };
    let (links, named): (Vec<_>, Vec<_>) = roots
        .iter()
        .filter_map(|root| Some((root, system.canonicalize(root).ok()?)))
        .partition(|(root, real)| is_link(root) && !is_folder(real));
    links
        .into_iter()
        .filter(|(_, target)| !named.iter().any(|(_, real)| target.starts_with(real)))
        .filter_map(|(link, target)| {
            let folder = match link.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let tree = model::project_of(system, folder)?;
            (!target.starts_with(&tree)).then(|| LeavingLink {
                link: link.clone(),
                target,
                tree,
            })
        })
        .collect()
}
