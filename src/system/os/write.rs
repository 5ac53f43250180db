//! A write of several files as one transaction.
//!
//! The order is what makes it one: lock the folders, look at every file, keep what they hold in a
//! journal, put the new contents beside them, look again, rename, and forget the journal. Up to the
//! first rename nothing visible has happened; from there on, until the journal is gone, whoever
//! finds the journal can tell what is to be put back (`recover.rs`).

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

use super::folder::{Folder, FolderId, Lock};
use super::journal::{Entry, Fingerprint, Journal, Journals, Temporary};
use super::obstacle::obstacle;
use super::signals;
use crate::system::{FileKind, FileWrite, SystemError, WriteWarning, Written};

/// Renames a file of a folder; the flag says whether a file is replaced.
type Rename<'a> = &'a mut dyn FnMut(&Folder, &OsStr, &OsStr, bool) -> io::Result<()>;

/// Writes all files or none. Journals lie below `state_home`.
pub(super) fn write_all(
    writes: &[FileWrite],
    state_home: Option<&Path>,
) -> Result<Written, SystemError> {
    write_with(writes, state_home, &mut Folder::rename)
}

fn write_with(
    writes: &[FileWrite],
    state_home: Option<&Path>,
    rename: Rename<'_>,
) -> Result<Written, SystemError> {
    let mut written = Written::default();
    if writes.is_empty() {
        return Ok(written);
    }
    let mut transaction = Transaction::new(writes)?;
    for folder in lock_all(&transaction.folders)? {
        written.warnings.push(WriteWarning::NoLock { folder });
    }
    transaction.look()?;
    // Dropped at the very end: the effect of a signal is then that of one which came later.
    let _held = signals::hold();
    let journals = match Journals::make(state_home) {
        Ok(journals) => Some(journals),
        Err(why) => {
            written.warnings.push(WriteWarning::NoJournal { why });
            None
        }
    };
    let recorded = match &journals {
        Some(journals) => Some(journals.record(&transaction.journal)?),
        None => None,
    };
    let result = transaction.run(rename);
    let left = transaction.clean(result.is_ok());
    let can_forget = left.is_ok() && !matches!(result, Err(SystemError::NotRestored { .. }));
    let forgotten = match journals {
        Some(journals) if can_forget => journals.forget(&transaction.journal.id),
        _ => Ok(()),
    };
    drop(recorded);
    result?;
    for cause in [left, forgotten].into_iter().filter_map(Result::err) {
        written.warnings.push(WriteWarning::LeftOver { cause });
    }
    Ok(written)
}

/// Locks folders, always in the same order, so that two runs never wait for each other. Returns
/// those that cannot be locked.
fn lock_all(folders: &[(FolderId, Folder)]) -> Result<Vec<PathBuf>, SystemError> {
    let mut without = Vec::new();
    for (_, folder) in folders {
        if folder.lock(false)? == Lock::Unsupported {
            without.push(folder.path().to_path_buf());
        }
    }
    Ok(without)
}

/// The folder that holds a path.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// Opens the folders of files, each once, in the order in which they are locked.
pub(super) fn open_folders(
    paths: impl Iterator<Item = PathBuf>,
) -> Result<Vec<(FolderId, Folder)>, SystemError> {
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths.dedup();
    let mut folders = Vec::with_capacity(paths.len());
    for path in paths {
        let folder = Folder::open(&path)?;
        folders.push((folder.id()?, folder));
    }
    // One folder may have several paths, by a mount: it must not be waited for twice.
    folders.sort_by_key(|(id, _)| *id);
    folders.dedup_by_key(|(id, _)| *id);
    Ok(folders)
}

/// A write on its way.
struct Transaction<'w> {
    folders: Vec<(FolderId, Folder)>,
    members: Vec<Member<'w>>,
    journal: Journal,
}

/// One file of a write. Its index is that of its entry in the journal.
struct Member<'w> {
    write: &'w FileWrite,
    /// Index of its folder.
    folder: usize,
    name: OsString,
    /// What the file is like; `None` when it is created.
    like: Option<Metadata>,
    /// What of it has happened.
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing.
    Untouched,
    /// Temporary files may lie beside it.
    Prepared,
    /// It holds its new content.
    Renamed,
}

impl<'w> Transaction<'w> {
    /// Opens the folders and finds out which file is where.
    fn new(writes: &'w [FileWrite]) -> Result<Self, SystemError> {
        let mut real = Vec::with_capacity(writes.len());
        for write in writes {
            let folder = fs::canonicalize(folder_of(&write.path));
            let folder = folder.map_err(|error| obstacle(&write.path, &error))?;
            let Some(name) = write.path.file_name() else {
                return Err(SystemError::IsFolder {
                    path: write.path.clone(),
                });
            };
            real.push((folder, name.to_os_string()));
        }
        let folders = open_folders(real.iter().map(|(folder, _)| folder.clone()))?;
        let mut members: Vec<Member<'w>> = Vec::with_capacity(writes.len());
        let mut entries = Vec::with_capacity(writes.len());
        for (write, (path, name)) in writes.iter().zip(real) {
            let id = Folder::open(&path)?.id()?;
            let Ok(folder) = folders.binary_search_by_key(&id, |(id, _)| *id) else {
                // The folder was replaced at this very moment.
                return Err(SystemError::Changed {
                    path: write.path.clone(),
                });
            };
            if members
                .iter()
                .any(|other| other.folder == folder && other.name == name)
            {
                return Err(SystemError::WrittenTwice {
                    path: write.path.clone(),
                });
            }
            entries.push(Entry {
                path: path.join(&name),
                old: write.expected.clone(),
                new: Fingerprint::of(&write.new),
            });
            members.push(Member {
                write,
                folder,
                name,
                like: None,
                stage: Stage::Untouched,
            });
        }
        Ok(Self {
            folders,
            members,
            journal: Journal::new(entries),
        })
    }

    /// Whether every file is as expected and may be written.
    fn look(&mut self) -> Result<(), SystemError> {
        for member in &mut self.members {
            let Some((_, folder)) = self.folders.get(member.folder) else {
                continue;
            };
            member.like = check(folder, &member.name, member.write)?;
        }
        Ok(())
    }

    /// Makes the write, or puts everything back.
    fn run(&mut self, rename: Rename<'_>) -> Result<(), SystemError> {
        let result = self
            .prepare()
            // Once more, now that the slow part is done.
            .and_then(|()| self.look())
            .and_then(|()| self.commit(rename))
            .and_then(|()| self.sync());
        let Err(cause) = result else { return Ok(()) };
        let changed = self.put_back(rename);
        if changed.is_empty() {
            Err(cause)
        } else {
            Err(SystemError::NotRestored {
                cause: Box::new(cause),
                changed,
            })
        }
    }

    /// Puts old and new contents beside the files. Nothing visible changes.
    fn prepare(&mut self) -> Result<(), SystemError> {
        for (index, member) in self.members.iter_mut().enumerate() {
            let Some((_, folder)) = self.folders.get(member.folder) else {
                continue;
            };
            member.stage = Stage::Prepared;
            let beside = Beside {
                folder,
                path: &member.write.path,
            };
            let new = self.journal.temporary(index, Temporary::New);
            let like = member.like.as_ref();
            beside.write(&new, &member.write.new, like, member.write.executable)?;
            if let Some(expected) = &member.write.expected {
                let old = self.journal.temporary(index, Temporary::Old);
                // A second name for the old file costs nothing and keeps everything of it. Not
                // every file system has that, nor may it be done to everybody's files.
                if folder.link(&member.name, &old).is_err() {
                    beside.write(&old, expected, member.like.as_ref(), false)?;
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, rename: Rename<'_>) -> Result<(), SystemError> {
        for (index, member) in self.members.iter_mut().enumerate() {
            let Some((_, folder)) = self.folders.get(member.folder) else {
                continue;
            };
            // Programs that know nothing of the locks may write at any time.
            check(folder, &member.name, member.write)?;
            let new = self.journal.temporary(index, Temporary::New);
            rename(folder, &new, &member.name, member.write.expected.is_some())
                .map_err(|error| in_folder(&member.write.path, &error))?;
            member.stage = Stage::Renamed;
        }
        // One that had the old file open may have written into it just before the rename. Then
        // the old file is the one that counts.
        for (index, member) in self.members.iter().enumerate() {
            let (Some((_, folder)), Some(expected)) =
                (self.folders.get(member.folder), &member.write.expected)
            else {
                continue;
            };
            let old = self.journal.temporary(index, Temporary::Old);
            let file = folder.open_file(&old, false)?;
            let content = folder.content(&old, &file, expected.len() as u64)?;
            if content.as_ref() != Some(expected) {
                return Err(SystemError::Changed {
                    path: member.write.path.clone(),
                });
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), SystemError> {
        self.folders
            .iter()
            .try_for_each(|(_, folder)| folder.sync())
    }

    /// Gives renamed files their old content back, or removes those that were created. Returns
    /// the files for which that failed.
    fn put_back(&mut self, rename: Rename<'_>) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (index, member) in self.members.iter_mut().enumerate().rev() {
            let Some((_, folder)) = self.folders.get(member.folder) else {
                continue;
            };
            if member.stage != Stage::Renamed {
                continue;
            }
            let old = self.journal.temporary(index, Temporary::Old);
            let is_back = match &member.write.expected {
                Some(_) => rename(folder, &old, &member.name, true).is_ok(),
                None => folder.remove(&member.name).is_ok(),
            };
            if is_back {
                member.stage = Stage::Prepared;
            } else {
                changed.push(member.write.path.clone());
            }
        }
        // What is visible is right; that it survives a power cut is all that could be missing.
        let _ = self.sync();
        changed
    }

    /// Removes the temporary files. Those of a file that could not be put back stay: without a
    /// journal they are all that is left of it.
    fn clean(&self, is_written: bool) -> Result<(), SystemError> {
        let mut result = Ok(());
        for (index, member) in self.members.iter().enumerate() {
            let Some((_, folder)) = self.folders.get(member.folder) else {
                continue;
            };
            let left: &[Temporary] = match member.stage {
                Stage::Prepared => &[Temporary::New, Temporary::Old],
                Stage::Renamed if is_written => &[Temporary::Old],
                Stage::Renamed | Stage::Untouched => &[],
            };
            for which in left {
                let removed = folder.remove(&self.journal.temporary(index, *which));
                result = result.and(removed);
            }
        }
        result
    }
}

/// Whether one file is as expected and may be written, and what it is like. Permission bits are
/// looked at, because they do not stop root, and a person who made a file read-only meant it.
fn check(
    folder: &Folder,
    name: &OsStr,
    write: &FileWrite,
) -> Result<Option<Metadata>, SystemError> {
    let path = &write.path;
    if folder.metadata()?.permissions().readonly() {
        return Err(SystemError::ReadOnlyFolder { path: path.clone() });
    }
    let standing = folder.standing(name)?;
    let (standing, expected) = match (standing, &write.expected) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(SystemError::Missing { path: path.clone() }),
        (Some(_), None) => return Err(SystemError::Exists { path: path.clone() }),
        (Some(standing), Some(expected)) => (standing, expected),
    };
    match standing.kind {
        FileKind::File => {}
        FileKind::Folder => return Err(SystemError::IsFolder { path: path.clone() }),
        FileKind::Link => {
            return Err(SystemError::IsLink {
                path: path.clone(),
                target: folder.link_target(name)?,
            });
        }
        FileKind::Other => return Err(SystemError::NotRegular { path: path.clone() }),
    }
    if !standing.writable {
        return Err(SystemError::ReadOnlyFile { path: path.clone() });
    }
    let file = folder.open_file(name, true)?;
    match folder.content(name, &file, expected.len() as u64)? {
        Some(content) if content == *expected => {}
        _ => return Err(SystemError::Changed { path: path.clone() }),
    }
    let metadata = file.metadata().map_err(|error| obstacle(path, &error))?;
    Ok(Some(metadata))
}

/// An obstacle to putting something into the folder of `path`.
fn in_folder(path: &Path, error: &io::Error) -> SystemError {
    match error.kind() {
        ErrorKind::PermissionDenied => SystemError::ReadOnlyFolder { path: path.into() },
        _ => obstacle(path, error),
    }
}

/// Where the temporary files of a file go.
pub(super) struct Beside<'a> {
    pub folder: &'a Folder,
    /// The file, for messages.
    pub path: &'a Path,
}

impl Beside<'_> {
    /// Writes `content` to a new file, on the disk, with mode and owner of `like` (without it:
    /// what the umask allows). An `executable` one may be run by those who may read it.
    pub fn write(
        &self,
        name: &OsStr,
        content: &[u8],
        like: Option<&Metadata>,
        executable: bool,
    ) -> Result<(), SystemError> {
        let mode = match like {
            // Nobody may read it before it has its owner.
            Some(_) => 0o600,
            None if executable => 0o777,
            None => 0o666,
        };
        let wrong = |error: io::Error| in_folder(self.path, &error);
        let created = self.folder.create(name, Mode::from_raw_mode(mode));
        let mut file = created.map_err(|error| match error {
            SystemError::Denied { .. } => SystemError::ReadOnlyFolder {
                path: self.path.into(),
            },
            error => error,
        })?;
        file.write_all(content).map_err(wrong)?;
        if let Some(like) = like {
            take_after(&file, like, executable).map_err(wrong)?;
        }
        file.sync_all().map_err(wrong)
    }
}

/// Gives a file mode and owner of another one; an executable one may be run, too.
fn take_after(file: &File, like: &Metadata, executable: bool) -> io::Result<()> {
    let ours = file.metadata()?;
    let mut mode = like.mode() & 0o7777;
    if executable {
        mode |= (mode & 0o444) >> 2;
    }
    if (like.uid(), like.gid()) != (ours.uid(), ours.gid())
        && fchown(file, Some(like.uid()), Some(like.gid())).is_err()
    {
        // Only root may give files away. Whoever gets the file instead was not meant by the bits
        // that lend the owner's rights.
        if like.uid() != ours.uid() {
            mode &= !0o4000;
        }
        if like.gid() != ours.gid() && fchown(file, None, Some(like.gid())).is_err() {
            mode &= !0o2000;
        }
    }
    // Last, because a change of owner takes such bits away.
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests;
