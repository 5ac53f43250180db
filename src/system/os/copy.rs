//! Folders below the system's folder for temporary files, empty or copies of others.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::super::{FolderCopy, SystemError};
use super::obstacle::{obstacle, walk_obstacle};
use super::signals;
use crate::units::Bytes;

/// A configuration has neither so many files nor such large ones; someone's home folder has.
const MOST_FILES: usize = 100_000;
const MOST_BYTES: u64 = 2 << 30;

/// In this order: a signal that comes while the folder goes takes the rest of it along.
type Guard = (tempfile::TempDir, signals::Registered);

/// A folder that only the user can look into, without links in its path.
fn private() -> Result<(PathBuf, Guard), SystemError> {
    let (temporary, registered) = {
        let _held = signals::hold();
        let temporary = tempfile::Builder::new()
            .prefix("nixtune-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|error| obstacle(&std::env::temp_dir(), &error))?;
        let registered = signals::register(temporary.path().to_path_buf());
        (temporary, registered)
    };
    let root =
        fs::canonicalize(temporary.path()).map_err(|error| obstacle(temporary.path(), &error))?;
    Ok((root, (temporary, registered)))
}

pub(super) fn temporary_folder() -> Result<FolderCopy, SystemError> {
    let (root, guard) = private()?;
    Ok(FolderCopy::new(root, Some(Box::new(guard))))
}

pub(super) fn copy_folder(folder: &Path) -> Result<FolderCopy, SystemError> {
    let (root, guard) = private()?;
    // The folder itself has the usual mode; the one around it keeps others out.
    let to = root.join("copy");
    copy(folder, &to)?;
    Ok(FolderCopy::new(to, Some(Box::new(guard))))
}

fn copy(folder: &Path, to: &Path) -> Result<(), SystemError> {
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false)
        .parents(true)
        .git_ignore(true)
        .git_exclude(true)
        .git_global(true)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != OsStr::new(".git"));
    let (mut files, mut bytes) = (0, 0);
    for entry in walk.build() {
        let entry = entry.map_err(|error| walk_obstacle(&error))?;
        let from = entry.path();
        let wrong = |error| obstacle(from, &error);
        let Ok(below) = from.strip_prefix(folder) else {
            continue;
        };
        if entry.depth() == 0 {
            fs::create_dir(to).map_err(wrong)?;
            continue;
        }
        let to = to.join(below);
        // Devices, pipes and sockets are no part of a configuration.
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            fs::create_dir(&to).map_err(wrong)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(from).map_err(wrong)?, &to).map_err(wrong)?;
        } else if kind.is_file() {
            bytes += fs::copy(from, &to).map_err(wrong)?;
            let mode = fs::metadata(&to).map_err(wrong)?.permissions().mode();
            fs::set_permissions(&to, Permissions::from_mode(mode | 0o600)).map_err(wrong)?;
        }
        files += 1;
        if files > MOST_FILES || bytes > MOST_BYTES {
            return Err(SystemError::Other {
                path: folder.to_path_buf(),
                message: format!(
                    "holds more than {MOST_FILES} files or {}, too much to be copied",
                    Bytes(MOST_BYTES)
                ),
            });
        }
    }
    Ok(())
}
