//! Equal files: what links between them save, and what further ones would.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest as _, Sha256};

use crate::analyze::store::Linked;
use crate::syntax::hash;
use crate::system::{FileKind, System, SystemError};

/// Nix names a linked file by the hash of its archive.
const LINKS: &str = ".links";
/// A file that is longer is not compared.
const LONGEST_FILE_BYTES: u64 = 4 << 30;

/// A file that could be linked.
struct Candidate {
    path: PathBuf,
    allocated: u64,
    executable: bool,
}

/// What links save, and with `compare` what linking the other files would.
pub(super) fn linked(
    system: &dyn System,
    store: &Path,
    compare: bool,
) -> Result<Linked, SystemError> {
    let folder = store.join(LINKS);
    let mut found = Linked::default();
    let mut known: FxHashSet<(u64, u64)> = FxHashSet::default();
    let mut names: FxHashSet<String> = FxHashSet::default();
    let entries = match system.read_dir(&folder) {
        Ok(entries) => entries,
        Err(SystemError::Missing { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let Ok(inode) = system.inode(&entry.path) else {
            continue;
        };
        // One name is that in the folder of links, one would be there without them.
        found.saved_bytes += inode.links.saturating_sub(2) * inode.allocated;
        if compare {
            known.insert(inode.identity);
            if let Some(name) = entry.path.file_name() {
                names.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    if compare {
        let mut by_size: FxHashMap<(u64, bool), Vec<Candidate>> = FxHashMap::default();
        collect(system, store, &folder, &known, &mut by_size)?;
        found.could_save_bytes = Some(0);
        for ((size, _), candidates) in by_size {
            compare_group(system, size, &candidates, &names, &mut found);
        }
    }
    Ok(found)
}

/// Files by their size and whether they are programs, those left out that are linked already.
fn collect(
    system: &dyn System,
    folder: &Path,
    links: &Path,
    known: &FxHashSet<(u64, u64)>,
    by_size: &mut FxHashMap<(u64, bool), Vec<Candidate>>,
) -> Result<(), SystemError> {
    let mut open = vec![folder.to_path_buf()];
    let mut seen = FxHashSet::default();
    while let Some(folder) = open.pop() {
        let entries = match system.read_dir(&folder) {
            Ok(entries) => entries,
            // Something was removed meanwhile, or is not for everybody.
            Err(SystemError::Missing { .. } | SystemError::Denied { .. }) => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            match entry.kind {
                FileKind::Folder if entry.path != links => open.push(entry.path),
                FileKind::File => {
                    let Ok(inode) = system.inode(&entry.path) else {
                        continue;
                    };
                    let is_new = !known.contains(&inode.identity) && seen.insert(inode.identity);
                    if is_new && inode.size > 0 && inode.size <= LONGEST_FILE_BYTES {
                        let group = by_size.entry((inode.size, inode.executable)).or_default();
                        group.push(Candidate {
                            path: entry.path,
                            allocated: inode.allocated,
                            executable: inode.executable,
                        });
                    }
                }
                FileKind::Folder | FileKind::Link | FileKind::Other => {}
            }
        }
    }
    Ok(())
}

/// Counts what equal files of one size would save. A file that is alone with its size can still be
/// equal to one that is linked.
fn compare_group(
    system: &dyn System,
    size: u64,
    candidates: &[Candidate],
    names: &FxHashSet<String>,
    found: &mut Linked,
) {
    if candidates.len() < 2 && names.is_empty() {
        return;
    }
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for one in candidates {
        let Ok(content) = system.read(&one.path, size) else {
            continue;
        };
        found.compared_files += 1;
        let name = archive_hash(&content, one.executable);
        let is_linked = names.contains(&name);
        if is_linked || !seen.insert(name) {
            let could = found.could_save_bytes.get_or_insert(0);
            *could += one.allocated;
        }
    }
}

/// The hash of a file as an archive of Nix (`dumpPath`): what the links are called by.
fn archive_hash(content: &[u8], executable: bool) -> String {
    let mut hasher = Sha256::new();
    let mut word = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
        let gap = (8 - bytes.len() % 8) % 8;
        hasher.update([0_u8; 8].get(..gap).unwrap_or_default());
    };
    for bytes in ["nix-archive-1", "(", "type", "regular"] {
        word(bytes.as_bytes());
    }
    if executable {
        word(b"executable");
        word(b"");
    }
    word(b"contents");
    word(content);
    word(b")");
    hash::base32(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    #[test]
    fn equal_files_are_found_by_the_name_that_nix_gives_them() {
        // `nix-hash --type sha256 --base32` of a file with these five bytes.
        assert_eq!(
            archive_hash(b"hello", false),
            "0sg9f58l1jj88w6pdrfdpj5x9b1zrwszk84j81zvby36q9whhhqa"
        );
    }

    #[test]
    fn a_store_without_links_could_have_some() {
        let system = Memory::new()
            .file("/s/a/x", "same content")
            .file("/s/b/y", "same content")
            .file("/s/c/z", "other bytes!");
        let found = linked(&system, Path::new("/s"), true).unwrap();
        assert_eq!(found.could_save_bytes, Some(12));
        assert_eq!(found.compared_files, 3);
        let quick = linked(&system, Path::new("/s"), false).unwrap();
        assert_eq!(quick.could_save_bytes, None);
    }
}
