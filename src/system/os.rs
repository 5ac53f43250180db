//! The real machine. This file and those below it are the only ones that touch files, the
//! environment and other programs.

mod append;
mod copy;
#[cfg(feature = "analyze")]
mod database;
#[cfg(feature = "analyze")]
mod fetch;
mod folder;
mod follow;
mod ignores;
mod journal;
mod keep;
mod obstacle;
mod recover;
mod run;
mod signals;
mod stamp;
mod watch;
mod write;

use std::any::Any;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkBuilder, WalkState};

use self::obstacle::{obstacle, walk_obstacle};
use super::{
    DiskReading, FileKind, FileWrite, FolderCopy, FolderEntry, Followed, Found, Grounds, Inode,
    InterruptedWrite, MemoryReading, Metadata, Program, Ran, Stamp, System, SystemError, Visitor,
    WalkOptions, Watch, Written,
};

/// This machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct Os;

impl Os {
    /// This machine.
    pub const fn new() -> Self {
        Self
    }

    /// The arguments of this process, its name first.
    pub fn arguments() -> Vec<OsString> {
        std::env::args_os().collect()
    }
}

impl System for Os {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
        ensure_regular(path)?;
        let mut content = Vec::new();
        self.read_into(path, limit, &mut content)?;
        Ok(content)
    }

    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<(), SystemError> {
        buffer.clear();
        let file = File::open(path).map_err(|error| obstacle(path, &error))?;
        // No look at the size: it costs a call per file, and kernel files say 0.
        file.take(limit.saturating_add(1))
            .read_to_end(buffer)
            .map_err(|error| obstacle(path, &error))?;
        if buffer.len() as u64 > limit {
            buffer.clear();
            return Err(SystemError::TooLarge {
                path: path.into(),
                limit,
            });
        }
        Ok(())
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, SystemError> {
        ensure_regular(path)?;
        let file = File::open(path).map_err(|error| obstacle(path, &error))?;
        Ok(Box::new(file))
    }

    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError> {
        let metadata = fs::symlink_metadata(path).map_err(|error| obstacle(path, &error))?;
        Ok(Metadata {
            kind: kind_of(metadata.file_type()),
            size: metadata.len(),
            read_only: metadata.permissions().readonly(),
        })
    }

    fn inode(&self, path: &Path) -> Result<Inode, SystemError> {
        let metadata = fs::symlink_metadata(path).map_err(|error| obstacle(path, &error))?;
        Ok(Inode {
            identity: (metadata.dev(), metadata.ino()),
            links: metadata.nlink(),
            size: metadata.len(),
            // POSIX counts in blocks of 512 bytes, whatever the file system's are.
            allocated: metadata.blocks().saturating_mul(512),
            modified_secs: metadata.mtime(),
            executable: metadata.mode() & 0o100 != 0,
        })
    }

    fn stamp(&self, path: &Path) -> Result<Stamp, SystemError> {
        stamp::stamp(path)
    }

    fn own_program(&self) -> Option<PathBuf> {
        std::env::current_exe().ok()
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, SystemError> {
        fs::read_link(path).map_err(|error| obstacle(path, &error))
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<FolderEntry>, SystemError> {
        let wrong = |error: io::Error| obstacle(path, &error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let kind = entry.file_type().map_err(wrong)?;
            entries.push(FolderEntry {
                path: entry.path(),
                kind: kind_of(kind),
            });
        }
        entries.sort();
        Ok(entries)
    }

    fn canonicalize(&self, path: &Path) -> Result<PathBuf, SystemError> {
        fs::canonicalize(path).map_err(|error| obstacle(path, &error))
    }

    fn walk<'s>(
        &self,
        roots: &[PathBuf],
        options: &WalkOptions,
        grounds: Option<&Grounds>,
        make: &mut dyn FnMut() -> Visitor<'s>,
    ) {
        if let Some(grounds) = grounds {
            ignores::tell_of_user(self, grounds);
            for root in roots {
                ignores::tell_kind(root, grounds);
                ignores::tell_of(root, grounds);
                ignores::tell_above(root, grounds);
            }
        }
        // The walker takes a root called `-` for standard input.
        let mut roots = roots.iter().map(|root| {
            if root == Path::new("-") {
                Path::new("./-")
            } else {
                root.as_path()
            }
        });
        let Some(first) = roots.next() else { return };
        let mut builder = WalkBuilder::new(first);
        for root in roots {
            builder.add(root);
        }
        let everything = options.everything;
        let grounds = grounds.cloned();
        builder
            .standard_filters(!everything)
            .hidden(false)
            .filter_entry(move |entry| {
                let is_taken = everything
                    || entry.depth() == 0
                    || !super::walk::is_passed_by(entry.file_name());
                // Folders are looked into after this.
                if is_taken
                    && let Some(grounds) = &grounds
                    && entry.file_type().is_some_and(|kind| kind.is_dir())
                {
                    ignores::tell_of(entry.path(), grounds);
                }
                is_taken
            })
            .follow_links(false)
            .threads(options.threads);
        builder.build_parallel().run(|| {
            let mut visitor = make();
            Box::new(move |entry| {
                match entry {
                    Ok(entry) => visit(&entry, &mut visitor),
                    Err(error) => visitor(Err(walk_obstacle(&error))),
                }
                WalkState::Continue
            })
        });
    }

    fn is_ignored(&self, repository: &Path, path: &Path, grounds: Option<&Grounds>) -> bool {
        if let Some(grounds) = grounds {
            ignores::tell_of_user(self, grounds);
            ignores::tell_between(repository, path, grounds);
        }
        let wanted = path.to_path_buf();
        let mut walk = WalkBuilder::new(repository);
        walk.standard_filters(false)
            .git_ignore(true)
            .git_exclude(true)
            .git_global(true)
            // Nothing but the way to the file is looked into.
            .filter_entry(move |entry| wanted.starts_with(entry.path()));
        !walk.build().flatten().any(|entry| entry.path() == path)
    }

    fn write_all(&self, writes: &[FileWrite]) -> Result<Written, SystemError> {
        write::write_all(writes, self.state_home().as_deref())
    }

    fn interrupted_writes(&self) -> Vec<InterruptedWrite> {
        recover::look(self.state_home().as_deref())
    }

    fn recover(&self) -> Vec<InterruptedWrite> {
        recover::recover(self.state_home().as_deref())
    }

    fn watch(&self, paths: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError> {
        watch::watch(paths)
    }

    fn create_folder(&self, path: &Path) -> Result<(), SystemError> {
        fs::create_dir_all(path).map_err(|error| obstacle(path, &error))
    }

    fn save(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        let real = behind_links(path)?;
        let expected = match self.read(&real, u64::MAX) {
            Ok(bytes) => Some(bytes),
            Err(SystemError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        self.write_all(&[FileWrite {
            path: real,
            expected,
            new: content.to_vec(),
            executable: false,
        }])?;
        Ok(())
    }

    fn keep(&self, path: &Path, content: &[u8], most_files: usize) -> Result<(), SystemError> {
        keep::keep(path, content, most_files)
    }

    fn append(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        opened
            .and_then(|mut file| file.write_all(content))
            .map_err(|error| obstacle(path, &error))
    }

    fn append_line(&self, path: &Path, line: &str, most_bytes: u64) -> Result<(), SystemError> {
        append::append_line(path, line, most_bytes).map_err(|error| obstacle(path, &error))
    }

    fn end_of(&self, path: &Path, most_bytes: u64) -> Result<Vec<u8>, SystemError> {
        ensure_regular(path)?;
        append::end_of(path, most_bytes).map_err(|error| obstacle(path, &error))
    }

    fn hold_signals(&self) -> Box<dyn Any> {
        Box::new(signals::hold())
    }

    fn save_private(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        let real = behind_links(path)?;
        let wrong = |error: io::Error| obstacle(path, &error);
        // Nobody else may read the file before the first secret is in it; a write keeps the mode.
        let mut options = fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&real) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                // Says what is wrong with a folder or a device.
                self.read(&real, u64::MAX)?;
                fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).map_err(wrong)?;
            }
            Err(error) => return Err(wrong(error)),
        }
        self.save(&real, content)
    }

    fn clock_secs(&self) -> Option<u64> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.ok().map(|since| since.as_secs())
    }

    fn elapsed(&self) -> Duration {
        static BEGIN: OnceLock<Instant> = OnceLock::new();
        BEGIN.get_or_init(Instant::now).elapsed()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn current_dir(&self) -> Result<PathBuf, SystemError> {
        std::env::current_dir().map_err(|error| obstacle(Path::new("."), &error))
    }

    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError> {
        run::run(program)
    }

    fn follow(
        &self,
        program: &str,
        arguments: &[&str],
        heard: &mut dyn FnMut(Duration, &[u8]),
    ) -> Result<Followed, SystemError> {
        follow::follow(program, arguments, heard)
    }

    #[cfg(feature = "analyze")]
    fn query(
        &self,
        database: &Path,
        statements: &[&str],
        row: &mut super::OnRow<'_>,
    ) -> Result<(), super::DatabaseError> {
        database::query(database, statements, row)
    }

    #[cfg(feature = "analyze")]
    fn fetcher(
        &self,
        limits: super::FetchLimits,
    ) -> Result<Box<dyn super::Fetcher>, super::FetchError> {
        Ok(Box::new(fetch::Session::new(limits)?))
    }

    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError> {
        copy::copy_folder(folder)
    }

    fn temporary_folder(&self) -> Result<FolderCopy, SystemError> {
        copy::temporary_folder()
    }

    fn platform(&self) -> (&str, &str) {
        (std::env::consts::OS, std::env::consts::ARCH)
    }

    fn memory(&self) -> MemoryReading {
        let wanted = sysinfo::MemoryRefreshKind::nothing().with_ram().with_swap();
        let wanted = sysinfo::RefreshKind::nothing().with_memory(wanted);
        match sysinfo::System::new_with_specifics(wanted) {
            Ok(system) => MemoryReading {
                total: Some(system.total_memory()).filter(|total| *total > 0),
                swap: Some(system.total_swap()).filter(|_| system.total_memory() > 0),
            },
            Err(_) => MemoryReading::default(),
        }
    }

    fn disk(&self, path: &Path) -> Option<DiskReading> {
        let space = rustix::fs::statvfs(path).ok()?;
        Some(DiskReading {
            size: space.f_blocks.checked_mul(space.f_frsize)?,
            free: Some(space.f_bavail.checked_mul(space.f_frsize)?),
            // btrfs and ZFS make inodes as they need them, and some say none.
            inodes: (space.f_files > 0).then_some((space.f_files, space.f_favail)),
        })
    }
}

/// Looked at before it is opened: opening a pipe waits for its other end.
fn ensure_regular(path: &Path) -> Result<(), SystemError> {
    let metadata = fs::metadata(path).map_err(|error| obstacle(path, &error))?;
    match kind_of(metadata.file_type()) {
        FileKind::File => Ok(()),
        FileKind::Folder => Err(SystemError::IsFolder { path: path.into() }),
        FileKind::Link | FileKind::Other => Err(SystemError::NotRegular { path: path.into() }),
    }
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Folder
    } else if kind.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Other
    }
}

fn visit(entry: &DirEntry, visitor: &mut Visitor<'_>) {
    let path = entry.path();
    if entry.depth() > 0 {
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            visitor(Ok(Found { path, named: false }));
        }
        return;
    }
    // A root: it may be a link, and it may be something that cannot be read at all.
    match fs::metadata(path).map(|metadata| kind_of(metadata.file_type())) {
        Ok(FileKind::File) => visitor(Ok(Found { path, named: true })),
        Ok(FileKind::Folder) => {}
        Ok(FileKind::Link | FileKind::Other) => {
            visitor(Err(SystemError::NotRegular { path: path.into() }));
        }
        Err(error) => visitor(Err(obstacle(path, &error))),
    }
}

/// The file that a name for output leads to: written through a link, because the user named this
/// very file.
fn behind_links(path: &Path) -> Result<PathBuf, SystemError> {
    match fs::canonicalize(path) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(path.to_path_buf()),
        Err(error) => Err(obstacle(path, &error)),
    }
}
