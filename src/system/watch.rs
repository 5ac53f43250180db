//! Waiting until somebody changes a file.

use std::path::{Path, PathBuf};

/// Files and folders that are watched until this is dropped.
pub trait Watch {
    /// Waits until a file has changed that may matter, and until no other follows at once: an
    /// editor writes in several steps, a checkout many files. False when nothing can come any
    /// more.
    fn wait(&mut self) -> bool;
}

/// True for files that a configuration of Nix is made of.
pub(super) fn may_matter(path: &Path) -> bool {
    let in_git = path.iter().any(|part| part == ".git");
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_read = matches!(ending, Some("nix" | "conf" | "toml" | "json" | "lock"));
    is_read && !in_git
}

/// The folders to watch for what `paths` name: a file may be replaced, and is then another one.
pub(super) fn folders(
    paths: &[PathBuf],
    is_folder: impl Fn(&Path) -> bool,
) -> Vec<(PathBuf, bool)> {
    let folder = |path: &PathBuf| {
        if is_folder(path) {
            return (path.clone(), true);
        }
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        (parent.unwrap_or(Path::new(".")).to_path_buf(), false)
    };
    let mut folders: Vec<(PathBuf, bool)> = paths.iter().map(folder).collect();
    folders.sort();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_configuration_is_not_waited_for() {
        for name in ["a.nix", "flake.lock", "nixtune.toml", "etc/nix.conf"] {
            assert!(may_matter(Path::new(name)), "{name}");
        }
        for name in [
            "README.md",
            ".git/index.lock",
            "a.nix.swp",
            "a.nix~",
            "result",
        ] {
            assert!(!may_matter(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn files_are_watched_by_their_folder() {
        let paths = ["a.nix".into(), "d/b.nix".into(), "d".into(), "c.nix".into()];
        let found = folders(&paths, |path| path == Path::new("d"));
        let names: Vec<_> = found
            .iter()
            .map(|(path, all)| (path.to_str().unwrap(), *all))
            .collect();
        assert_eq!(names, [(".", false), ("d", false), ("d", true)]);
    }
}
