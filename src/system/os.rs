//! The real machine: the only file that touches files, the environment and other programs.

mod copy;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ignore::{DirEntry, WalkBuilder, WalkState};
use tempfile::TempPath;

use super::{
    DiskReading, FileKind, FileWrite, FolderCopy, FolderEntry, Found, MemoryReading, Metadata,
    Program, Ran, System, SystemError, Visitor, WalkOptions,
};

/// This machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct Os;

impl Os {
    /// This machine.
    pub const fn new() -> Self {
        Self
    }
}

impl System for Os {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
        // Looked at before it is opened: opening a pipe waits for its other end.
        let metadata = fs::metadata(path).map_err(|error| obstacle(path, &error))?;
        match kind_of(metadata.file_type()) {
            FileKind::File => {}
            FileKind::Folder => return Err(SystemError::IsFolder { path: path.into() }),
            FileKind::Link | FileKind::Other => {
                return Err(SystemError::NotRegular { path: path.into() });
            }
        }
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

    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError> {
        let metadata = fs::symlink_metadata(path).map_err(|error| obstacle(path, &error))?;
        Ok(Metadata {
            kind: kind_of(metadata.file_type()),
            size: metadata.len(),
            read_only: metadata.permissions().readonly(),
        })
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
        make: &mut dyn FnMut() -> Visitor<'s>,
    ) {
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
        builder
            .standard_filters(!options.everything)
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

    fn write_all(&self, writes: &[FileWrite]) -> Result<(), SystemError> {
        let prepared = prepare(writes)?;
        commit(prepared, &mut |temporary, path, replaces| {
            let renamed = if replaces {
                temporary.persist(path)
            } else {
                temporary.persist_noclobber(path)
            };
            renamed.map_err(|failed| failed.error)
        })
    }

    fn save(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        // Written through a link: the user named this very file for output.
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_path_buf(),
            Err(error) => return Err(obstacle(path, &error)),
        };
        let expected = match self.read(&real, u64::MAX) {
            Ok(bytes) => Some(bytes),
            Err(SystemError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        self.write_all(&[FileWrite {
            path: real,
            expected,
            new: content.to_vec(),
        }])
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn current_dir(&self) -> Result<PathBuf, SystemError> {
        std::env::current_dir().map_err(|error| obstacle(Path::new("."), &error))
    }

    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError> {
        run(program)
    }

    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError> {
        copy::copy_folder(folder)
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
            free: space.f_bavail.checked_mul(space.f_frsize)?,
        })
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

/// An I/O error in our words.
fn obstacle(path: &Path, error: &io::Error) -> SystemError {
    let path = path.to_path_buf();
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return SystemError::LinkLoop { path };
    }
    match error.kind() {
        ErrorKind::NotFound => SystemError::Missing { path },
        ErrorKind::PermissionDenied => SystemError::Denied { path },
        ErrorKind::IsADirectory => SystemError::IsFolder { path },
        ErrorKind::NotADirectory => SystemError::NotFolder { path },
        ErrorKind::ReadOnlyFilesystem => SystemError::ReadOnlyFolder { path },
        ErrorKind::AlreadyExists => SystemError::Exists { path },
        _ => SystemError::Other {
            path,
            message: error.to_string(),
        },
    }
}

/// The path and the system's words out of the walker's nested error.
fn walk_obstacle(error: &ignore::Error) -> SystemError {
    fn path_in(error: &ignore::Error) -> PathBuf {
        match error {
            ignore::Error::WithPath { path, .. } => path.clone(),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                path_in(err)
            }
            ignore::Error::Partial(errors) => errors.first().map(path_in).unwrap_or_default(),
            ignore::Error::Loop { child, .. } => child.clone(),
            _ => PathBuf::new(),
        }
    }
    let path = path_in(error);
    match error.io_error() {
        Some(io) => obstacle(&path, io),
        None => SystemError::Other {
            path,
            message: error.to_string(),
        },
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

/// A file whose new content lies next to it, ready to be renamed.
struct Prepared {
    path: PathBuf,
    new: TempPath,
    /// False when the file is created.
    replaces: bool,
    /// The old content next to the file, in case a later rename fails; `None` for the last file
    /// and for one that is created.
    old: Option<TempPath>,
}

/// Renames a temporary file to its place; the flag says whether a file is replaced.
type Rename<'a> = &'a mut dyn FnMut(TempPath, &Path, bool) -> io::Result<()>;

/// Checks every file and writes all new contents next to them. Nothing visible has changed when
/// this fails: the temporary files remove themselves.
fn prepare(writes: &[FileWrite]) -> Result<Vec<Prepared>, SystemError> {
    let mut seen = BTreeSet::new();
    for write in writes {
        check(write)?;
        let folder = folder_of(&write.path);
        let folder = fs::canonicalize(folder).map_err(|error| obstacle(folder, &error))?;
        if !seen.insert(folder.join(write.path.file_name().unwrap_or_default())) {
            return Err(SystemError::WrittenTwice {
                path: write.path.clone(),
            });
        }
    }
    let mut prepared = Vec::with_capacity(writes.len());
    for (index, write) in writes.iter().enumerate() {
        let is_last = index + 1 == writes.len();
        let old = match &write.expected {
            Some(old) if !is_last => Some(write_beside(&write.path, old, true)?),
            _ => None,
        };
        let replaces = write.expected.is_some();
        prepared.push(Prepared {
            path: write.path.clone(),
            new: write_beside(&write.path, &write.new, replaces)?,
            replaces,
            old,
        });
    }
    // Once more, now that the slow part is done.
    for write in writes {
        check(write)?;
    }
    Ok(prepared)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    }
}

/// Whether one file is as expected and may be written. Permission bits are looked at, because
/// they do not stop root, and a person who made a file read-only meant it.
fn check(write: &FileWrite) -> Result<(), SystemError> {
    let path = write.path.as_path();
    let wrong = |error: io::Error| obstacle(path, &error);
    let folder = fs::metadata(folder_of(path)).map_err(wrong)?;
    if folder.permissions().readonly() {
        return Err(SystemError::ReadOnlyFolder { path: path.into() });
    }
    let Some(expected) = &write.expected else {
        return match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(wrong(error)),
            Ok(_) => Err(SystemError::Exists { path: path.into() }),
        };
    };
    let metadata = fs::symlink_metadata(path).map_err(wrong)?;
    match kind_of(metadata.file_type()) {
        FileKind::File => {}
        FileKind::Folder => return Err(SystemError::IsFolder { path: path.into() }),
        FileKind::Link => {
            let target = fs::read_link(path).map_err(wrong)?;
            return Err(SystemError::IsLink {
                path: path.into(),
                target,
            });
        }
        FileKind::Other => return Err(SystemError::NotRegular { path: path.into() }),
    }
    if metadata.permissions().readonly() {
        return Err(SystemError::ReadOnlyFile { path: path.into() });
    }
    OpenOptions::new().write(true).open(path).map_err(wrong)?;
    let mut content = Vec::new();
    match Os.read_into(path, expected.len() as u64, &mut content) {
        Err(SystemError::TooLarge { .. }) => Err(SystemError::Changed { path: path.into() }),
        Err(error) => Err(error),
        Ok(()) if content != *expected => Err(SystemError::Changed { path: path.into() }),
        Ok(()) => Ok(()),
    }
}

/// Writes `content` to a temporary file in the folder of `path`, on the disk, with that file's
/// mode and owner (for a new file: what the umask allows).
fn write_beside(path: &Path, content: &[u8], as_existing: bool) -> Result<TempPath, SystemError> {
    let wrong = |error: io::Error| match error.kind() {
        ErrorKind::PermissionDenied => SystemError::ReadOnlyFolder { path: path.into() },
        _ => obstacle(path, &error),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nixtune-").suffix(".tmp");
    let created = if as_existing {
        builder.tempfile_in(folder_of(path))
    } else {
        builder
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder_of(path))
    };
    let mut temporary = created.map_err(wrong)?;
    temporary.write_all(content).map_err(wrong)?;
    let file = temporary.as_file();
    if as_existing {
        let like = fs::metadata(path).map_err(wrong)?;
        let ours = file.metadata().map_err(wrong)?;
        if (like.uid(), like.gid()) != (ours.uid(), ours.gid()) {
            // Only root may give files away; without that the file becomes the user's.
            let _ = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()));
        }
        file.set_permissions(like.permissions()).map_err(wrong)?;
    }
    file.sync_all().map_err(wrong)?;
    Ok(temporary.into_temp_path())
}

fn commit(prepared: Vec<Prepared>, rename: Rename<'_>) -> Result<(), SystemError> {
    let mut done: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
    let mut folders = BTreeSet::new();
    for file in prepared {
        if let Err(error) = rename(file.new, &file.path, file.replaces) {
            let cause = obstacle(&file.path, &error);
            let changed = put_back(done, rename);
            if changed.is_empty() {
                return Err(cause);
            }
            return Err(SystemError::NotRestored {
                cause: Box::new(cause),
                changed,
            });
        }
        folders.insert(folder_of(&file.path).to_path_buf());
        done.push((file.path, file.old));
    }
    for folder in folders {
        // The contents are safe already; this only makes the new names survive a power cut, and
        // some file systems do not offer it.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Gives renamed files their old content back, or removes those that were created. Returns the
/// files for which that failed.
fn put_back(done: Vec<(PathBuf, Option<TempPath>)>, rename: Rename<'_>) -> Vec<PathBuf> {
    let mut changed = Vec::new();
    for (path, old) in done.into_iter().rev() {
        let result = match old {
            Some(old) => rename(old, &path, true),
            None => fs::remove_file(&path),
        };
        if result.is_err() {
            changed.push(path);
        }
    }
    changed
}

fn run(program: &Program<'_>) -> Result<Ran, SystemError> {
    let limit = program.time_limit;
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => SystemError::NoProgram {
            program: program.name.to_owned(),
        },
        _ => obstacle(Path::new(program.name), &error),
    };
    let started = Instant::now();
    let mut child = Command::new(program.name)
        .args(program.arguments)
        .env("LC_ALL", "C")
        .envs(program.environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let most_bytes = program.output_limit_bytes;
    let stdout = child.stdout.take().map(|pipe| drain(pipe, most_bytes));
    let stderr = child.stderr.take().map(|pipe| drain(pipe, most_bytes));
    // The pipes close when the program ends, so waiting for them is waiting for it.
    let receive = |pipe: Option<mpsc::Receiver<Vec<u8>>>| match pipe {
        Some(pipe) => pipe
            .recv_timeout(limit.saturating_sub(started.elapsed()))
            .ok(),
        None => Some(Vec::new()),
    };
    let outputs = (receive(stdout), receive(stderr));
    while started.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(failed)? {
            let (Some(stdout), Some(stderr)) = outputs else {
                break;
            };
            return Ok(Ran {
                code: status.code(),
                stdout,
                stderr,
            });
        }
        thread::sleep(Duration::from_millis(1));
    }
    // It may have ended by itself just now; then there is nothing to end.
    let _ = child.kill();
    let _ = child.wait();
    Err(SystemError::TooSlow {
        program: program.name.to_owned(),
        seconds: limit.as_secs(),
    })
}

/// Reads a pipe in its own thread, so that a full one never stops the program.
fn drain(pipe: impl Read + Send + 'static, most_bytes: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Vec::new();
        // What was read before an error is still worth having.
        let _ = pipe.take(most_bytes).read_to_end(&mut output);
        // Nobody listens any more after a timeout.
        let _ = sender.send(output);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_files() -> (tempfile::TempDir, Vec<FileWrite>) {
        let folder = tempfile::tempdir().unwrap();
        let writes = ["a", "b", "c"].map(|name| {
            let path = folder.path().join(name);
            fs::write(&path, name).unwrap();
            FileWrite {
                path,
                expected: Some(name.into()),
                new: b"new".to_vec(),
            }
        });
        (folder, writes.to_vec())
    }

    fn contents(folder: &Path) -> Vec<String> {
        let mut out: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                format!("{name}={}", fs::read_to_string(&path).unwrap())
            })
            .collect();
        out.sort();
        out
    }

    #[test]
    fn a_failed_rename_puts_back_what_was_renamed_before() {
        for failing in 0..3 {
            let (folder, writes) = three_files();
            let mut count = 0;
            let error = commit(prepare(&writes).unwrap(), &mut |temporary, path, _| {
                count += 1;
                if count == failing + 1 {
                    return Err(io::Error::other("disk on fire"));
                }
                temporary.persist(path).map_err(|failed| failed.error)
            })
            .unwrap_err();
            assert!(error.to_string().ends_with("disk on fire"), "{error}");
            assert_eq!(contents(folder.path()), ["a=a", "b=b", "c=c"]);
        }
    }

    #[test]
    fn files_that_cannot_be_put_back_are_named() {
        let (folder, writes) = three_files();
        let mut count = 0;
        let error = commit(prepare(&writes).unwrap(), &mut |temporary, path, _| {
            count += 1;
            if count > 1 {
                return Err(io::Error::other("disk on fire"));
            }
            temporary.persist(path).map_err(|failed| failed.error)
        })
        .unwrap_err();
        let SystemError::NotRestored { changed, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(changed, [folder.path().join("a")]);
        assert_eq!(contents(folder.path()), ["a=new", "b=b", "c=c"]);
    }

    #[test]
    fn a_created_file_is_removed_again() {
        let (folder, mut writes) = three_files();
        writes.insert(
            0,
            FileWrite {
                path: folder.path().join("n"),
                expected: None,
                new: b"n".to_vec(),
            },
        );
        let mut count = 0;
        let result = commit(prepare(&writes).unwrap(), &mut |temporary, path, _| {
            count += 1;
            if count == 2 {
                return Err(io::Error::other("disk on fire"));
            }
            temporary.persist(path).map_err(|failed| failed.error)
        });
        assert!(result.is_err());
        assert_eq!(contents(folder.path()), ["a=a", "b=b", "c=c"]);
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let program = Program {
            time_limit: Duration::from_millis(20),
            ..Program::new("sh", &["-c", "exec sleep 60"])
        };
        let error = run(&program).unwrap_err();
        assert!(matches!(error, SystemError::TooSlow { .. }), "{error}");
    }
}
