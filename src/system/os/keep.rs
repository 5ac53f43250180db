//! Files that can be made again: written fast, found whole, and never too many of them.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::obstacle::obstacle;
use crate::system::SystemError;

pub(super) fn keep(path: &Path, content: &[u8], most_files: usize) -> Result<(), SystemError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let wrong = |error: io::Error| obstacle(path, &error);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(wrong)?;
    // Only the user may read a file that tempfile makes. Nothing is synced: what is lost is made again.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    file.write_all(content).map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    drop_oldest(folder, most_files).map_err(wrong)
}

/// Files of runs that were killed while they wrote are among the oldest one day.
fn drop_oldest(folder: &Path, most_files: usize) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another run may have taken it away.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            files.push((metadata.modified()?, entry.path()));
        }
    }
    files.sort();
    let over = files.len().saturating_sub(most_files);
    for (_, path) in files.into_iter().take(over) {
        let _ = fs::remove_file(path);
    }
    Ok(())
}
