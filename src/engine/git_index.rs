//! Whether git tracks a file: the names in its index, versions 2 to 4.
//!
//! Format: git, `Documentation/gitformat-index.txt`.

use std::path::{Path, PathBuf};

use crate::system::{FileKind, System};

/// The index of a repository with a million files has some 100 MiB.
const INDEX_LIMIT: u64 = 256 << 20;

/// Bytes of an entry before its flags: times, numbers, mode, owner, size, and the object's name in
/// SHA-1.
const BEFORE_FLAGS: usize = 40 + 20;

/// True when the index of `repository`, the folder that holds `.git`, names `path`. False for an
/// index that cannot be read, or has object names that are not SHA-1.
pub(super) fn is_tracked(system: &dyn System, repository: &Path, path: &Path) -> bool {
    let Ok(name) = path.strip_prefix(repository) else {
        return false;
    };
    let Some(folder) = git_folder(system, repository) else {
        return false;
    };
    let index = system
        .read(&folder.join("index"), INDEX_LIMIT)
        .unwrap_or_default();
    names(&index, name.as_os_str().as_encoded_bytes()).unwrap_or(false)
}

/// `.git` itself, or the folder that a file of this name leads to: work trees, submodules.
pub(super) fn git_folder(system: &dyn System, repository: &Path) -> Option<PathBuf> {
    let git = repository.join(".git");
    if system.metadata(&git).ok()?.kind != FileKind::File {
        return Some(git);
    }
    let text = String::from_utf8(system.read(&git, 1 << 16).ok()?).ok()?;
    Some(repository.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Whether an index has an entry of this name; `None` when it is not understood.
fn names(index: &[u8], wanted: &[u8]) -> Option<bool> {
    let number = |at: usize| -> Option<u32> {
        let bytes = index.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    if index.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..number(8)? {
        let start = at;
        let flags = index.get(at + BEFORE_FLAGS..at + BEFORE_FLAGS + 2)?;
        let is_extended = flags.first()? & 0x40 != 0;
        at += BEFORE_FLAGS + if is_extended { 4 } else { 2 };
        if version == 4 {
            let (dropped, length) = offset(index.get(at..)?)?;
            name.truncate(name.len().checked_sub(dropped)?);
            at += length;
        } else {
            name.clear();
        }
        let rest = index.get(at..)?;
        let length = memchr::memchr(0, rest)?;
        name.extend_from_slice(rest.get(..length)?);
        if name == wanted {
            return Some(true);
        }
        at += length + 1;
        if version < 4 {
            // Entries are filled up with zeros to a multiple of eight bytes.
            at = start + (at - start).next_multiple_of(8);
        }
    }
    Some(false)
}

/// The number of bytes to drop from the last name, and how many bytes say it.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        if index > 0 {
            value += 1;
        }
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    fn index(names: &[&str]) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0\x02".to_vec();
        out.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
        for name in names {
            let start = out.len();
            out.extend([7; BEFORE_FLAGS]);
            out.extend([0, u8::try_from(name.len()).unwrap()]);
            out.extend(name.as_bytes());
            out.push(0);
            while !(out.len() - start).is_multiple_of(8) {
                out.push(0);
            }
        }
        out
    }

    #[test]
    fn tracked_names_are_found_through_a_work_tree_too() {
        let system = Memory::new()
            .file("/w/.git/index", index(&["a.nix", "dir/b.nix", "z"]))
            .file("/t/.git", "gitdir: ../w/.git/worktrees/t\n")
            .file("/w/.git/worktrees/t/index", index(&["c.nix"]))
            .file("/broken/.git/index", "DIRC\0\0\0\x02\0\0\0\x09abc");
        let tracked = |repository: &str, path: &str| {
            is_tracked(&system, Path::new(repository), Path::new(path))
        };
        assert!(tracked("/w", "/w/a.nix"));
        assert!(tracked("/w", "/w/dir/b.nix"));
        assert!(tracked("/w", "/w/z"));
        assert!(!tracked("/w", "/w/b.nix"));
        assert!(!tracked("/w", "/w/c.nix"));
        assert!(tracked("/t", "/t/c.nix"));
        assert!(!tracked("/broken", "/broken/a.nix"));
        assert!(!tracked("/none", "/none/a.nix"));
    }
}
