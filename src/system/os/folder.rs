//! An opened folder. Everything that a write does happens relative to it, so that a folder which
//! is moved, or replaced by a link, in the meantime leads nowhere else.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, flock, linkat, openat, renameat,
    renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::obstacle::obstacle;
use crate::system::{FileKind, SystemError};

/// What a folder is to the system, by whatever path it was reached.
pub(super) type FolderId = (u64, u64);

/// A folder that is open, and locked once [`Folder::lock`] said so.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    file: File,
}

/// How a lock came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lock {
    Taken,
    /// Somebody else has it.
    Busy,
    /// The file system has none.
    Unsupported,
}

/// What stands at a name; links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    pub kind: FileKind,
    /// False when no permission bit allows anybody to write.
    pub writable: bool,
}

impl Folder {
    /// Opens the folder at `path`, which must be free of links.
    pub fn open(path: &Path) -> Result<Self, SystemError> {
        let wrong = |error: Errno| obstacle(path, &error.into());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(wrong)?;
        Ok(Self {
            path: path.to_path_buf(),
            file: file.into(),
        })
    }

    /// The path of a name in the folder.
    pub fn at(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn metadata(&self) -> Result<fs::Metadata, SystemError> {
        let metadata = self.file.metadata();
        metadata.map_err(|error| obstacle(&self.path, &error))
    }

    pub fn id(&self) -> Result<FolderId, SystemError> {
        let metadata = self.metadata()?;
        Ok((metadata.dev(), metadata.ino()))
    }

    /// Keeps other runs out until the folder is closed, or [`Folder::unlock`]; waits for them
    /// unless `at_once`.
    pub fn lock(&self, at_once: bool) -> Result<Lock, SystemError> {
        lock(&self.file, at_once).map_err(|error| obstacle(&self.path, &error.into()))
    }

    pub fn unlock(&self) {
        // Closing the folder unlocks it, too.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }

    /// What stands at `name`; `None` when nothing does.
    pub fn standing(&self, name: &OsStr) -> Result<Option<Standing>, SystemError> {
        match statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(Standing {
                kind: match FileType::from_raw_mode(found.st_mode) {
                    FileType::RegularFile => FileKind::File,
                    FileType::Directory => FileKind::Folder,
                    FileType::Symlink => FileKind::Link,
                    _ => FileKind::Other,
                },
                writable: found.st_mode & 0o222 != 0,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.wrong(name, error)),
        }
    }

    /// Where the link at `name` leads, as it is written there.
    pub fn link_target(&self, name: &OsStr) -> Result<PathBuf, SystemError> {
        let path = self.at(name);
        fs::read_link(&path).map_err(|error| obstacle(&path, &error))
    }

    /// Opens the regular file at `name`, also for writing if `writing`.
    pub fn open_file(&self, name: &OsStr, writing: bool) -> Result<File, SystemError> {
        let access = if writing {
            OFlags::RDWR
        } else {
            OFlags::RDONLY
        };
        // What is no regular file by now must not be waited for.
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = openat(&self.file, name, flags, Mode::empty());
        let file = File::from(opened.map_err(|error| self.wrong(name, error))?);
        let metadata = file
            .metadata()
            .map_err(|error| obstacle(&self.at(name), &error))?;
        if metadata.is_file() {
            Ok(file)
        } else {
            Err(SystemError::NotRegular {
                path: self.at(name),
            })
        }
    }

    /// At most `limit` bytes of an opened file; `None` when it has more.
    pub fn content(
        &self,
        name: &OsStr,
        file: &File,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, SystemError> {
        let mut content = Vec::new();
        file.take(limit.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(|error| obstacle(&self.at(name), &error))?;
        Ok(Some(content).filter(|content| content.len() as u64 <= limit))
    }

    /// Creates a file that must not be there, as far as the umask allows with `mode`.
    pub fn create(&self, name: &OsStr, mode: Mode) -> Result<File, SystemError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let file = openat(&self.file, name, flags, mode);
        Ok(file.map_err(|error| self.wrong(name, error))?.into())
    }

    /// Renames a file of the folder. What stands at `to` is replaced, or is an error.
    pub fn rename(&self, from: &OsStr, to: &OsStr, replaces: bool) -> io::Result<()> {
        if replaces {
            return Ok(renameat(&self.file, from, &self.file, to)?);
        }
        match renameat_with(&self.file, from, &self.file, to, RenameFlags::NOREPLACE) {
            Err(error) if is_unsupported(error) => {
                linkat(&self.file, from, &self.file, to, AtFlags::empty())?;
                Ok(unlinkat(&self.file, from, AtFlags::empty())?)
            }
            result => Ok(result?),
        }
    }

    /// Gives the file at `from` a second name.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(linkat(&self.file, from, &self.file, to, AtFlags::empty())?)
    }

    /// Removes a file; one that is not there is no error.
    pub fn remove(&self, name: &OsStr) -> Result<(), SystemError> {
        match unlinkat(&self.file, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.wrong(name, error)),
        }
    }

    /// Makes the names in the folder survive a power cut, where the file system offers that.
    pub fn sync(&self) -> Result<(), SystemError> {
        match self.file.sync_all() {
            Err(error) if !Errno::from_io_error(&error).is_some_and(is_unsupported) => {
                Err(obstacle(&self.path, &error))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, name: &OsStr, error: Errno) -> SystemError {
        obstacle(&self.at(name), &error.into())
    }
}

/// Locks an opened file or folder until it is closed.
pub(super) fn lock(file: &File, at_once: bool) -> Result<Lock, Errno> {
    let operation = if at_once {
        FlockOperation::NonBlockingLockExclusive
    } else {
        FlockOperation::LockExclusive
    };
    match rustix::io::retry_on_intr(|| flock(file, operation)) {
        Ok(()) => Ok(Lock::Taken),
        Err(Errno::WOULDBLOCK) => Ok(Lock::Busy),
        Err(error) if is_unsupported(error) => Ok(Lock::Unsupported),
        Err(error) => Err(error),
    }
}

/// What a file system answers that has not what is asked for.
fn is_unsupported(error: Errno) -> bool {
    [
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::NOSYS,
        Errno::INVAL,
        Errno::NOLCK,
        Errno::BADF,
    ]
    .contains(&error)
}
