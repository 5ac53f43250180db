//! Which files say what a walk leaves out: those that the `ignore` crate reads, told as grounds.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::gitconfig_excludes_path;

use super::stamp::stamp;
use crate::system::{Ground, Grounds, System};

/// Lists of patterns that lie in the folders that they are for.
const LISTS: [&str; 2] = [".ignore", ".gitignore"];

/// What a folder that is walked says about what lies in it. Its names are a ground of their own.
pub(super) fn tell_of(folder: &Path, grounds: &Grounds) {
    tell_state(folder, grounds);
    for name in LISTS {
        let list = folder.join(name);
        let state = stamp(&list);
        // One that comes changes the names in the folder.
        if state.is_ok() {
            grounds.tell(Ground::State(&list, state));
        }
    }
    tell_of_repository(folder, grounds);
}

/// What the folders above say about `folder`, which need not be walked.
pub(super) fn tell_above(folder: &Path, grounds: &Grounds) {
    // Where it lies is asked by its name.
    let Ok(real) = fs::canonicalize(folder) else {
        return;
    };
    for above in real.ancestors().skip(1) {
        for name in LISTS {
            tell_state(&above.join(name), grounds);
        }
        // Patterns count where git or jj keeps a repository.
        for name in [".git", ".jj"] {
            tell_kind(&above.join(name), grounds);
        }
        tell_of_repository(above, grounds);
    }
}

/// The lists that a user has for all repositories, and where they are named.
pub(super) fn tell_of_user(system: &dyn System, grounds: &Grounds) {
    for variable in [
        "HOME",
        "XDG_CONFIG_HOME",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
    ] {
        grounds.tell(Ground::Variable(variable, system.env(variable)));
    }
    let named = |variable: &str| system.env(variable).map(PathBuf::from);
    let files = [
        named("GIT_CONFIG_GLOBAL"),
        system.home().map(|home| home.join(".gitconfig")),
        named("XDG_CONFIG_HOME")
            .or_else(|| system.home().map(|home| home.join(".config")))
            .map(|folder| folder.join("git/config")),
        named("GIT_CONFIG_SYSTEM").or_else(|| Some(PathBuf::from("/etc/gitconfig"))),
        gitconfig_excludes_path(),
    ];
    for file in files.iter().flatten() {
        tell_state(file, grounds);
    }
}

/// What the folder `repository` and those down to `path` say, as git alone reads them.
pub(super) fn tell_between(repository: &Path, path: &Path, grounds: &Grounds) {
    tell_kind(path, grounds);
    tell_of_repository(repository, grounds);
    for folder in path.ancestors().skip(1) {
        tell_state(&folder.join(".gitignore"), grounds);
        if folder == repository {
            break;
        }
    }
}

/// The exclude file of the repository whose work tree is `folder`, if it is one. Of a work tree that was
/// added, `.git` is a file that says where the repository lies.
fn tell_of_repository(folder: &Path, grounds: &Grounds) {
    let git = folder.join(".git");
    let Ok(metadata) = fs::metadata(&git) else {
        return;
    };
    if metadata.is_dir() {
        tell_state(&git.join("info/exclude"), grounds);
        return;
    }
    tell_state(&git, grounds);
    let Some(own) =
        first_line(&git).and_then(|line| Some(PathBuf::from(line.strip_prefix("gitdir: ")?)))
    else {
        return;
    };
    let common = own.join("commondir");
    tell_state(&common, grounds);
    if let Some(line) = first_line(&common) {
        tell_state(&own.join(line).join("info/exclude"), grounds);
    }
}

fn tell_state(path: &Path, grounds: &Grounds) {
    grounds.tell(Ground::State(path, stamp(path)));
}

pub(super) fn tell_kind(path: &Path, grounds: &Grounds) {
    let kind = super::Os.metadata(path).map(|found| found.kind);
    grounds.tell(Ground::Kind(path, kind));
}

fn first_line(path: &Path) -> Option<String> {
    let content = super::Os.read(path, 64 << 10).ok()?;
    let text = String::from_utf8(content).ok()?;
    text.lines().next().map(str::to_owned)
}
