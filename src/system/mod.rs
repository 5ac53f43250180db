//! The door to the outside: files, environment, other programs, hardware readings.
//!
//! Everything that nixtune learns from or does to a machine goes through [`System`]. [`Os`] is the
//! real one, [`Memory`] is recorded for tests, [`Overlay`] replaces some files of another one.

mod copy;
#[cfg(feature = "analyze")]
mod database;
mod error;
#[cfg(feature = "analyze")]
mod fetch;
mod grounds;
mod memory;
mod os;
mod overlay;
mod program;
mod stamp;
mod steady;
mod trace;
mod traced;
mod walk;
mod watch;
mod writes;

pub use copy::FolderCopy;
#[cfg(feature = "analyze")]
pub use database::{Cell, DatabaseError, OnRow};
pub use error::SystemError;
#[cfg(feature = "analyze")]
pub use fetch::{FetchError, FetchLimits, Fetched, Fetcher, Protocol};
pub use grounds::{Ground, Grounds};
pub use memory::Memory;
pub use os::Os;
pub use overlay::Overlay;
pub use program::{Followed, Program, RUN_OUTPUT_LIMIT, RUN_TIME_LIMIT, Ran};
pub use stamp::Stamp;
pub use trace::Trace;
pub use traced::Traced;
pub use walk::{Found, Visitor, WalkOptions, Walked, collect_files, walk_map};
pub use watch::Watch;
pub use writes::{FileWrite, InterruptedWrite, Interruption, WriteWarning, Written};

use std::any::Any;
use std::fmt;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// What a path names. Links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, whatever it points to.
    Link,
    /// A device, pipe or socket; never read.
    Other,
}

/// What the system says about a path itself; links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes; meaningful for regular files only.
    pub size: u64,
    /// True when no permission bit allows anybody to write.
    pub read_only: bool,
}

/// What the file system keeps of a file, folder or link itself; links are not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Inode {
    /// Device and number: two names with the same are one file.
    pub identity: (u64, u64),
    /// How many names it has.
    pub links: u64,
    /// Its length in bytes.
    pub size: u64,
    /// What it takes on the disk, in bytes; blocks that file systems share behind it are not seen.
    pub allocated: u64,
    /// When its content was last changed, in seconds since the beginning of 1970.
    pub modified_secs: i64,
    /// True when its owner may run it.
    pub executable: bool,
}

/// One name in a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct FolderEntry {
    /// The folder's path joined with the name.
    pub path: PathBuf,
    /// What it is; links are not followed.
    pub kind: FileKind,
}

/// What the portable hardware interface says; `None` where it does not answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct MemoryReading {
    /// Installed memory in bytes.
    pub total: Option<u64>,
    /// Configured swap in bytes.
    pub swap: Option<u64>,
}

/// Space on the file system that holds a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct DiskReading {
    /// Size in bytes; on APFS, of the container that the volumes share.
    pub size: u64,
    /// Bytes free for an ordinary user; on APFS, in the container. `None` for a run that is traced: it
    /// would be another number each time.
    pub free: Option<u64>,
    /// How many files it can hold, and how many more; `None` where there is no such bound, and for a
    /// run that is traced.
    pub inodes: Option<(u64, u64)>,
}

/// A machine, as far as nixtune may look at it or change it.
pub trait System: Send + Sync + fmt::Debug {
    /// The whole content of a regular file, links followed.
    ///
    /// # Errors
    /// Missing, not permitted, a folder, a device or pipe, or longer than `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError>;

    /// Like [`System::read`] into a buffer that is cleared first and can be used again: the way to
    /// read very many files. The path must be one that a walk reported, so that it is known to be
    /// a regular file.
    ///
    /// # Errors
    /// As for [`System::read`].
    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<(), SystemError>;

    /// A regular file to be read piece by piece, links followed: for files that need not fit in memory.
    ///
    /// # Errors
    /// Missing, not permitted, a folder, a device or pipe.
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, SystemError>;

    /// What the path itself is; links are not followed.
    ///
    /// # Errors
    /// Missing or not permitted.
    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError>;

    /// What the file system keeps of the path itself; links are not followed.
    ///
    /// # Errors
    /// Missing or not permitted.
    fn inode(&self, path: &Path) -> Result<Inode, SystemError>;

    /// What tells a file or folder from what it was before or will be, links followed.
    ///
    /// # Errors
    /// Missing, not permitted, or links in a circle.
    fn stamp(&self, path: &Path) -> Result<Stamp, SystemError>;

    /// The file that this process runs; `None` when it is not known.
    fn own_program(&self) -> Option<PathBuf>;

    /// What a symbolic link says, as it is written.
    ///
    /// # Errors
    /// Missing, not permitted, or no link.
    fn read_link(&self, path: &Path) -> Result<PathBuf, SystemError>;

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// Missing, not permitted, not a folder.
    fn read_dir(&self, path: &Path) -> Result<Vec<FolderEntry>, SystemError>;

    /// The absolute path without links.
    ///
    /// # Errors
    /// Missing, not permitted, or links in a circle.
    fn canonicalize(&self, path: &Path) -> Result<PathBuf, SystemError>;

    /// Visits every regular file under `roots`, in parallel and in no particular order.
    ///
    /// Hidden files and what `.gitignore`, `.ignore` and git's own exclude files name are skipped;
    /// a root itself is always taken. Links are not followed, except a root that is one.
    /// `make` gives one visitor per worker thread. [`walk_map`] is the comfortable form.
    /// `grounds` hears what the choice of files rests on, but not of the files themselves.
    fn walk<'s>(
        &self,
        roots: &[PathBuf],
        options: &WalkOptions,
        grounds: Option<&Grounds>,
        make: &mut dyn FnMut() -> Visitor<'s>,
    );

    /// Whether git leaves `path` alone: by the `.gitignore` files from the folder `repository`, which
    /// holds `.git`, down to it, the repository's `info/exclude` and the user's own excludes file.
    /// Both paths are absolute and without links, and something is there. What git tracks is not looked at: a file that was
    /// added in spite of a pattern counts as ignored, as in a walk. `grounds` hears what the answer
    /// rests on.
    fn is_ignored(&self, repository: &Path, path: &Path, grounds: Option<&Grounds>) -> bool;

    /// Replaces all the files or none, also when the process is killed on the way: then
    /// [`System::recover`] puts back what was there.
    ///
    /// Every file is looked at first: it must still hold the expected bytes, be a regular file
    /// that may be written by its mode, and lie in a folder that may be written. While that is
    /// looked at and written, other runs of nixtune are kept out of the folders, so that of two
    /// runs that race one finds [`SystemError::Changed`]. The new contents are written next to
    /// the files with the same mode (and owner, where that is permitted), then renamed over them;
    /// when that fails, the files renamed before get their old content back. Signals that would
    /// end the process wait until the write is over. Other hard links to a replaced file keep the
    /// old content.
    ///
    /// # Errors
    /// The first obstacle; see [`SystemError::NotRestored`] for the one case in which files
    /// changed nevertheless.
    fn write_all(&self, writes: &[FileWrite]) -> Result<Written, SystemError>;

    /// The writes that were interrupted and not undone yet. Only looks.
    fn interrupted_writes(&self) -> Vec<InterruptedWrite>;

    /// Undoes interrupted writes, and says of each what became of it. A write is all or nothing:
    /// if every file was written, they stay so; otherwise those that were get their old content
    /// back. A file that was changed since is left alone.
    fn recover(&self) -> Vec<InterruptedWrite>;

    /// Makes a folder and those above it, as far as they are not there.
    ///
    /// # Errors
    /// Something else stands where a folder should, or it may not be made.
    fn create_folder(&self, path: &Path) -> Result<(), SystemError>;

    /// Writes one file as a whole, whether or not it exists: for output that the user named.
    ///
    /// # Errors
    /// The folder is missing or may not be written, or the path is not a regular file.
    fn save(&self, path: &Path, content: &[u8]) -> Result<(), SystemError>;

    /// Writes a file that can be made again at any time, with the folders above it, which are the
    /// user's alone: others find all of it or nothing, unless the machine goes down. When the folder has
    /// more than `most_files`, those that were not written for the longest time go.
    ///
    /// # Errors
    /// The folder may not be made or written.
    fn keep(&self, path: &Path, content: &[u8], most_files: usize) -> Result<(), SystemError>;

    /// Adds to the end of a file, which is made if it is not there.
    ///
    /// # Errors
    /// The folder is missing, or the file may not be written.
    fn append(&self, path: &Path, content: &[u8]) -> Result<(), SystemError>;

    /// Adds a line to a file of lines, which is made if it is not there; only its user may read it.
    /// Of two that add at once, both do. A line that was torn off before stays alone: the new one
    /// does not become a part of it. A file that has reached `most_bytes` gets `.1` behind its name
    /// first, in the place of an older one, and a new file begins.
    ///
    /// # Errors
    /// The folder is missing, or the file may not be written.
    fn append_line(&self, path: &Path, line: &str, most_bytes: u64) -> Result<(), SystemError>;

    /// At most the last `most_bytes` of a regular file, links followed: for files of lines that may be
    /// long, whose newest ones count.
    ///
    /// # Errors
    /// Missing, not permitted, a folder, a device or pipe.
    fn end_of(&self, path: &Path, most_bytes: u64) -> Result<Vec<u8>, SystemError> {
        let mut content = self.read(path, u64::MAX)?;
        let most = usize::try_from(most_bytes).unwrap_or(usize::MAX);
        content.drain(..content.len().saturating_sub(most));
        Ok(content)
    }

    /// Like [`System::save`], for secrets: nobody but the user may read the file (mode 0600), not
    /// even if it was there before with another mode.
    ///
    /// # Errors
    /// As for [`System::save`].
    fn save_private(&self, path: &Path, content: &[u8]) -> Result<(), SystemError>;

    /// The moment of the run, in seconds since the beginning of 1970, UTC; `None` when it is not
    /// known. `SOURCE_DATE_EPOCH` says another one, so that the same input gives the same output
    /// (<https://reproducible-builds.org/specs/source-date-epoch/>).
    fn now_secs(&self) -> Option<u64> {
        match self.env("SOURCE_DATE_EPOCH") {
            Some(said) => said.parse().ok(),
            None => self.clock_secs(),
        }
    }

    /// What the clock says, as [`System::now_secs`] gives it.
    fn clock_secs(&self) -> Option<u64>;

    /// The time since some moment before, to measure how long things take; zero where nobody
    /// measures.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    /// An environment variable; `None` also when it is empty or not Unicode.
    fn env(&self, name: &str) -> Option<String>;

    /// The working directory.
    ///
    /// # Errors
    /// It was removed, or is not permitted.
    fn current_dir(&self) -> Result<PathBuf, SystemError>;

    /// Runs a program for at most [`RUN_TIME_LIMIT`]. For probes only: nothing that changes a
    /// machine is run.
    ///
    /// # Errors
    /// As for [`System::run_program`].
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Ran, SystemError> {
        self.run_program(&Program::new(program, arguments))
    }

    /// Runs a program without a shell and without input, within its limits.
    ///
    /// # Errors
    /// It is not there, could not be started, or took too long.
    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError>;

    /// Runs a program that the user named, with the user's own input and output, and hands over what it
    /// writes to standard error as it comes, with the time since it was started. It has no limits. Signals
    /// that would end this process go to the program instead; the caller learns of them.
    ///
    /// # Errors
    /// It is not there or could not be started.
    fn follow(
        &self,
        program: &str,
        arguments: &[&str],
        heard: &mut dyn FnMut(Duration, &[u8]),
    ) -> Result<Followed, SystemError>;

    /// Holds back signals that would end the process until what is returned is dropped; programs that are
    /// followed meanwhile get them all the same. For work after which something has to be said.
    fn hold_signals(&self) -> Box<dyn Any> {
        Box::new(())
    }

    /// Asks over HTTP within `limits`; connections stay as long as the fetcher.
    ///
    /// # Errors
    /// There is no network at all.
    #[cfg(feature = "analyze")]
    fn fetcher(&self, limits: FetchLimits) -> Result<Box<dyn Fetcher>, FetchError>;

    /// Runs queries against a SQLite database that other programs write, all of them as of one moment,
    /// and hands over each row. Nothing is written, not even beside it.
    ///
    /// # Errors
    /// Missing, locked for long, damaged, or not such a database.
    #[cfg(feature = "analyze")]
    fn query(
        &self,
        database: &Path,
        statements: &[&str],
        row: &mut OnRow<'_>,
    ) -> Result<(), DatabaseError>;

    /// Copies a folder to a temporary place that only the user can look into, for programs that
    /// shall see other contents than those on disk. Left out are `.git` and what git ignores;
    /// links stay links. The copy can be written.
    ///
    /// # Errors
    /// Something in it cannot be read, it is too large to be copied, or there is no room.
    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError>;

    /// An empty temporary folder that only the user can look into, for what other programs write.
    ///
    /// # Errors
    /// It could not be made.
    fn temporary_folder(&self) -> Result<FolderCopy, SystemError>;

    /// Watches files, and folders with everything below them.
    ///
    /// # Errors
    /// Something is not there, or the system has no room for more that is watched.
    fn watch(&self, paths: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError>;

    /// Operating system and architecture as the Rust target names them: `("macos", "aarch64")`.
    fn platform(&self) -> (&str, &str);

    /// Memory and swap by the portable interface.
    fn memory(&self) -> MemoryReading;

    /// Space on the file system that holds `path`; `None` when the path is missing.
    fn disk(&self, path: &Path) -> Option<DiskReading>;

    /// The user's home folder.
    fn home(&self) -> Option<PathBuf> {
        self.env("HOME").map(PathBuf::from)
    }

    /// `$XDG_CONFIG_HOME`, or `~/.config`.
    fn config_home(&self) -> Option<PathBuf> {
        self.base_folder("XDG_CONFIG_HOME", ".config")
    }

    /// `$XDG_STATE_HOME`, or `~/.local/state`: what a program keeps of its own between runs.
    fn state_home(&self) -> Option<PathBuf> {
        self.base_folder("XDG_STATE_HOME", ".local/state")
    }

    /// `$XDG_CACHE_HOME`, or `~/.cache`: what a program can make again at any time.
    fn cache_home(&self) -> Option<PathBuf> {
        self.base_folder("XDG_CACHE_HOME", ".cache")
    }

    /// A folder as the XDG specification finds it: the absolute path in an environment variable,
    /// or one below the home folder.
    fn base_folder(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        match self.env(variable) {
            Some(path) if Path::new(&path).is_absolute() => Some(PathBuf::from(path)),
            _ => self.home().map(|home| home.join(below_home)),
        }
    }
}

/// The path without `.` and `..` components, by name only: links are not looked at.
/// `..` at the front of a relative path stays.
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::CurDir | Component::ParentDir) | None => out.push(component),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() {
        out.push(".");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lexical_paths_have_no_detours() {
        let cases = [
            ("a/./b/../c", "a/c"),
            ("../a/../../b", "../../b"),
            ("/../a", "/a"),
            ("./", "."),
            ("a/..", "."),
            ("./x.nix", "x.nix"),
        ];
        for (from, to) in cases {
            assert_eq!(lexical(Path::new(from)), Path::new(to), "{from}");
        }
    }

    #[test]
    fn a_relative_base_folder_is_not_obeyed() {
        let memory = Memory::new()
            .env("HOME", "/home/u")
            .env("XDG_CONFIG_HOME", "rel");
        assert_eq!(memory.config_home(), Some(PathBuf::from("/home/u/.config")));
        let memory = Memory::new().env("XDG_CONFIG_HOME", "/cfg");
        assert_eq!(memory.config_home(), Some(PathBuf::from("/cfg")));
        assert_eq!(memory.state_home(), None);
    }
}
