//! A plan as a diff in a file: where its names start, and which files it may replace.

use std::path::{Path, PathBuf};

use super::protect::{real, repository};
use crate::fix::PlannedFile;
use crate::system::{FileKind, System, SystemError};

/// How the files of a diff are called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatchNames {
    /// A name for each file, in their order, `/` as separator.
    pub names: Vec<String>,
    /// The folder from which the names are true; `None` for the working directory.
    pub folder: Option<PathBuf>,
}

/// Names for the headers of a diff: from the working directory where all files lie below it and
/// `git apply` would take them so, else from their repository, else from the folder that holds all
/// of them.
pub fn patch_names(system: &dyn System, files: &[PlannedFile]) -> PatchNames {
    let paths: Vec<PathBuf> = files.iter().map(|file| real(system, &file.path)).collect();
    let here = real(system, Path::new("."));
    let below = |folder: &Path| -> Option<Vec<String>> {
        paths
            .iter()
            .map(|path| {
                Some(
                    path.strip_prefix(folder)
                        .ok()?
                        .to_string_lossy()
                        .into_owned(),
                )
            })
            .collect()
    };
    let repository = paths.first().and_then(|path| repository(system, path));
    if let Some(names) = below(&here) {
        let prefix = repository
            .as_deref()
            .and_then(|top| here.strip_prefix(top).ok())
            .map(|prefix| prefix.to_string_lossy().into_owned())
            .unwrap_or_default();
        if !names.iter().any(|name| git_strips_more(name, &prefix)) {
            return PatchNames {
                names,
                folder: None,
            };
        }
    }
    let common = || {
        let mut folder = paths.first().and_then(|path| path.parent())?;
        while !paths.iter().all(|path| path.starts_with(folder)) {
            folder = folder.parent()?;
        }
        Some(folder.to_path_buf())
    };
    let folder = repository
        .filter(|top| paths.iter().all(|path| path.starts_with(top)))
        .or_else(common);
    match folder {
        Some(folder) => PatchNames {
            names: below(&folder).unwrap_or_default(),
            folder: Some(folder),
        },
        None => PatchNames {
            names: files.iter().map(|file| file.name.to_string()).collect(),
            folder: None,
        },
    }
}

/// Whether `git apply`, run in the folder `prefix` of a repository, takes a name of that folder for
/// one of the repository: it does when the name starts with the folder's own
/// (git, `apply.c`, `guess_p_value`).
fn git_strips_more(name: &str, prefix: &str) -> bool {
    if prefix.is_empty() {
        return false;
    }
    let prefix = format!("{prefix}/");
    let slashes = prefix.matches('/').count();
    (format!("a/{name}").starts_with(&prefix) && slashes != 1) || name.starts_with(&prefix)
}

/// Why a diff cannot be written to a file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatchError {
    /// A folder has the name.
    #[error("--diff={}: is a folder; write `--diff=FILE`, or `--diff` alone for standard output: `nixtune apply --diff {}`", .0.display(), .0.display())]
    Folder(PathBuf),
    /// Something else would be lost.
    #[error("--diff={}: is there already and is no diff, so it is not replaced; name another file, or write `--diff` alone: `nixtune apply --diff {}`", .0.display(), .0.display())]
    NotADiff(PathBuf),
    /// It cannot be read or written.
    #[error("--diff={}: {cause}", .path.display())]
    Obstacle {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        cause: SystemError,
    },
}

/// Longer files are not looked at as a whole.
const DIFF_LIMIT: u64 = 64 << 20;

/// Writes a diff to a file that somebody named. Only what is not there, empty or a diff is
/// replaced. With `holds_secrets` nobody but the user may read it.
///
/// # Errors
/// What is there is something else, or the file cannot be written.
pub fn save_patch(
    system: &dyn System,
    path: &Path,
    text: &str,
    holds_secrets: bool,
) -> Result<(), PatchError> {
    let obstacle = |cause| PatchError::Obstacle {
        path: path.to_path_buf(),
        cause,
    };
    match replaceable(system, path) {
        Ok(true) => {}
        Ok(false) => return Err(PatchError::NotADiff(path.to_path_buf())),
        Err(SystemError::IsFolder { .. }) => return Err(PatchError::Folder(path.to_path_buf())),
        Err(cause) => return Err(obstacle(cause)),
    }
    let result = if holds_secrets {
        system.save_private(path, text.as_bytes())
    } else {
        system.save(path, text.as_bytes())
    };
    result.map_err(obstacle)
}

fn replaceable(system: &dyn System, path: &Path) -> Result<bool, SystemError> {
    let ends_as_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if ends_as_folder {
        return Err(SystemError::IsFolder { path: path.into() });
    }
    match system.read(path, DIFF_LIMIT) {
        Ok(bytes) => Ok(is_diff(&bytes)),
        Err(SystemError::Missing { .. }) => Ok(true),
        Err(SystemError::TooLarge { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// True for an empty text and for one that begins as diffs do.
fn is_diff(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(first), Some(second)) => {
            (first.starts_with("--- ") && second.starts_with("+++ "))
                || first.starts_with("diff --git ")
        }
        (Some(_), None) => false,
    }
}

/// Whether a path that was given as one to read is meant as the file of a diff: `--diff out.patch`
/// instead of `--diff=out.patch`.
pub fn looks_like_patch(system: &dyn System, path: &Path) -> bool {
    match system.metadata(path).map(|found| found.kind) {
        Err(_) => true,
        Ok(FileKind::File) => {
            let bytes = system.read(path, DIFF_LIMIT).unwrap_or_default();
            !bytes.is_empty() && is_diff(&bytes)
        }
        Ok(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;
    use crate::text::EditSet;

    fn names(system: &Memory, paths: &[&str]) -> (Vec<String>, Option<PathBuf>) {
        let files: Vec<PlannedFile> = paths
            .iter()
            .map(|path| PlannedFile {
                path: path.into(),
                name: (*path).into(),
                before: "".into(),
                after: "".into(),
                edits: EditSet::new(),
            })
            .collect();
        let found = patch_names(system, &files);
        (found.names, found.folder)
    }

    #[test]
    fn names_start_where_a_diff_can_be_applied() {
        let system = Memory::new()
            .file("/cfg/.git/HEAD", "")
            .file("/cfg/a.nix", "")
            .file("/cfg/d/b.nix", "")
            .file("/other/c.nix", "");
        // The working directory of recorded machines is `/`.
        assert_eq!(
            names(&system, &["cfg/a.nix", "/other/c.nix"]),
            (vec!["cfg/a.nix".into(), "other/c.nix".into()], None)
        );
    }

    #[test]
    fn names_that_git_would_take_for_others_are_known() {
        assert!(git_strips_more("d/x.nix", "d"));
        assert!(git_strips_more("b/x.nix", "a/b"));
        assert!(!git_strips_more("x.nix", "d"));
        assert!(!git_strips_more("x.nix", "a"));
        assert!(!git_strips_more("d/x.nix", ""));
    }

    #[test]
    fn only_diffs_are_replaced() {
        let system = Memory::new()
            .file("/w/old.diff", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
            .file("/w/empty", "")
            .file("/w/flake.nix", "{ }\n");
        let save = |path: &str| save_patch(&system, Path::new(path), "--- a/y\n", false);
        save("/w/old.diff").unwrap();
        save("/w/empty").unwrap();
        save("/w/new").unwrap();
        assert!(matches!(save("/w/flake.nix"), Err(PatchError::NotADiff(_))));
        assert!(matches!(save("/w"), Err(PatchError::Folder(_))));
        assert!(matches!(save("/w/new/"), Err(PatchError::Folder(_))));
        assert_eq!(system.read(Path::new("/w/flake.nix"), 9).unwrap(), b"{ }\n");
    }
}
