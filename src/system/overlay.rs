//! A system of which some files have another content than on disk: what verification and editors
//! need.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{
    DiskReading, FileKind, FileWrite, FolderCopy, FolderEntry, Followed, Found, Grounds, Inode,
    InterruptedWrite, MemoryReading, Metadata, Program, Ran, Stamp, System, SystemError, Visitor,
    WalkOptions, Watch, Written, lexical, walk,
};

/// Another system with some contents replaced. It is never written.
///
/// A file that the other system has not is found by a walk over its folder as if it were there; the
/// folder's names do not list it.
#[derive(Debug)]
pub struct Overlay<'a> {
    base: &'a dyn System,
    contents: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl<'a> Overlay<'a> {
    /// Nothing replaced yet.
    pub fn new(base: &'a dyn System) -> Self {
        Self {
            base,
            contents: BTreeMap::new(),
        }
    }

    /// Replaces one file's content. Paths are compared by name, made absolute; links are not
    /// looked at.
    pub fn replace(&mut self, path: &Path, content: impl Into<Arc<[u8]>>) {
        let key = self.key(path);
        self.contents.insert(key, content.into());
    }

    fn key(&self, path: &Path) -> PathBuf {
        if path.is_absolute() {
            return lexical(path);
        }
        match self.base.current_dir() {
            Ok(here) => lexical(&here.join(path)),
            Err(_) => lexical(path),
        }
    }

    fn replaced(&self, path: &Path) -> Option<&[u8]> {
        self.contents.get(&self.key(path)).map(|content| &**content)
    }

    /// The files below a folder that the other system has not and that a walk would find if it had.
    fn new_below(&self, root: &Path, options: &WalkOptions) -> Vec<PathBuf> {
        let key = self.key(root);
        let below = self.contents.keys().filter_map(|path| {
            let rest = path.strip_prefix(&key).ok()?;
            let is_new = !rest.as_os_str().is_empty() && self.base.metadata(path).is_err();
            let is_found = options.everything || !self.is_passed_by(&key, rest);
            (is_new && is_found).then(|| root.join(rest))
        });
        below.collect()
    }

    fn is_passed_by(&self, root: &Path, rest: &Path) -> bool {
        if rest.iter().any(walk::is_passed_by) {
            return true;
        }
        let repository = root
            .ancestors()
            .find(|folder| self.base.metadata(&folder.join(".git")).is_ok());
        self.base
            .is_ignored(repository.unwrap_or(root), &root.join(rest), None)
    }

    fn refuse<T>(path: &Path) -> Result<T, SystemError> {
        Err(SystemError::Other {
            path: path.to_path_buf(),
            message: "is not written from a view of unsaved contents".to_owned(),
        })
    }
}

impl System for Overlay<'_> {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
        match self.replaced(path) {
            None => self.base.read(path, limit),
            Some(content) if content.len() as u64 > limit => Err(SystemError::TooLarge {
                path: path.to_path_buf(),
                limit,
            }),
            Some(content) => Ok(content.to_vec()),
        }
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, SystemError> {
        match self.replaced(path) {
            None => self.base.open(path),
            Some(content) => Ok(Box::new(Cursor::new(content.to_vec()))),
        }
    }

    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<(), SystemError> {
        if self.replaced(path).is_none() {
            return self.base.read_into(path, limit, buffer);
        }
        *buffer = self.read(path, limit)?;
        Ok(())
    }

    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError> {
        match (self.replaced(path), self.base.metadata(path)) {
            (None, result) => result,
            (Some(content), Ok(metadata)) => Ok(Metadata {
                size: content.len() as u64,
                ..metadata
            }),
            (Some(content), Err(_)) => Ok(Metadata {
                kind: FileKind::File,
                size: content.len() as u64,
                read_only: false,
            }),
        }
    }

    fn inode(&self, path: &Path) -> Result<Inode, SystemError> {
        self.base.inode(path)
    }

    /// A replaced file has no state of its own; nothing that is asked of a view is kept.
    fn stamp(&self, path: &Path) -> Result<Stamp, SystemError> {
        let stamp = self.base.stamp(path)?;
        Ok(Stamp {
            is_settled: stamp.is_settled && self.replaced(path).is_none(),
            ..stamp
        })
    }

    fn own_program(&self) -> Option<PathBuf> {
        self.base.own_program()
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, SystemError> {
        self.base.read_link(path)
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<FolderEntry>, SystemError> {
        self.base.read_dir(path)
    }

    fn canonicalize(&self, path: &Path) -> Result<PathBuf, SystemError> {
        match self.base.canonicalize(path) {
            Err(SystemError::Missing { .. }) if self.replaced(path).is_some() => Ok(self.key(path)),
            result => result,
        }
    }

    fn walk<'s>(
        &self,
        roots: &[PathBuf],
        options: &WalkOptions,
        grounds: Option<&Grounds>,
        make: &mut dyn FnMut() -> Visitor<'s>,
    ) {
        let (replaced, others): (Vec<_>, Vec<_>) = roots
            .iter()
            .cloned()
            .partition(|root| self.replaced(root).is_some());
        if !replaced.is_empty() {
            let mut visitor = make();
            for path in &replaced {
                visitor(Ok(Found { path, named: true }));
            }
        }
        if others.is_empty() {
            return;
        }
        let new: Vec<PathBuf> = others
            .iter()
            .flat_map(|root| self.new_below(root, options))
            .collect();
        if !new.is_empty() {
            let mut visitor = make();
            for path in &new {
                visitor(Ok(Found { path, named: false }));
            }
        }
        self.base.walk(&others, options, grounds, make);
    }

    fn write_all(&self, writes: &[FileWrite]) -> Result<Written, SystemError> {
        match writes.first() {
            Some(write) => Self::refuse(&write.path),
            None => Ok(Written::default()),
        }
    }

    fn interrupted_writes(&self) -> Vec<InterruptedWrite> {
        self.base.interrupted_writes()
    }

    fn recover(&self) -> Vec<InterruptedWrite> {
        Vec::new()
    }

    fn watch(&self, paths: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError> {
        self.base.watch(paths)
    }

    fn create_folder(&self, path: &Path) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn save(&self, path: &Path, _content: &[u8]) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn keep(&self, path: &Path, _content: &[u8], _most_files: usize) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn append(&self, path: &Path, _content: &[u8]) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn append_line(&self, path: &Path, _line: &str, _most_bytes: u64) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn is_ignored(&self, repository: &Path, path: &Path, grounds: Option<&Grounds>) -> bool {
        self.base.is_ignored(repository, path, grounds)
    }

    fn save_private(&self, path: &Path, _content: &[u8]) -> Result<(), SystemError> {
        Self::refuse(path)
    }

    fn clock_secs(&self) -> Option<u64> {
        self.base.clock_secs()
    }

    fn elapsed(&self) -> Duration {
        self.base.elapsed()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.base.env(name)
    }

    fn current_dir(&self) -> Result<PathBuf, SystemError> {
        self.base.current_dir()
    }

    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError> {
        self.base.run_program(program)
    }

    fn follow(
        &self,
        program: &str,
        arguments: &[&str],
        heard: &mut dyn FnMut(Duration, &[u8]),
    ) -> Result<Followed, SystemError> {
        self.base.follow(program, arguments, heard)
    }

    #[cfg(feature = "analyze")]
    fn query(
        &self,
        database: &Path,
        statements: &[&str],
        row: &mut super::OnRow<'_>,
    ) -> Result<(), super::DatabaseError> {
        self.base.query(database, statements, row)
    }

    #[cfg(feature = "analyze")]
    fn fetcher(
        &self,
        limits: super::FetchLimits,
    ) -> Result<Box<dyn super::Fetcher>, super::FetchError> {
        self.base.fetcher(limits)
    }

    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError> {
        let copy = self.base.copy_folder(folder)?;
        let folder = self.key(folder);
        for (path, content) in &self.contents {
            if let Ok(below) = path.strip_prefix(&folder) {
                self.base.save(&copy.path().join(below), content)?;
            }
        }
        Ok(copy)
    }

    fn temporary_folder(&self) -> Result<FolderCopy, SystemError> {
        self.base.temporary_folder()
    }

    fn platform(&self) -> (&str, &str) {
        self.base.platform()
    }

    fn memory(&self) -> MemoryReading {
        self.base.memory()
    }

    fn disk(&self, path: &Path) -> Option<DiskReading> {
        self.base.disk(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    #[test]
    fn replaced_contents_are_read_and_nothing_is_written() {
        let base = Memory::new().file("/w/a.nix", "old").file("/w/b.nix", "b");
        let mut overlay = Overlay::new(&base);
        overlay.replace(Path::new("/w/./a.nix"), *b"newer");
        overlay.replace(Path::new("/w/c.nix"), *b"c");
        let read = |path: &str| overlay.read(Path::new(path), 100).unwrap();
        assert_eq!(read("/w/a.nix"), b"newer");
        assert_eq!(read("/w/./b.nix"), b"b");
        assert_eq!(read("/w/c.nix"), b"c");
        assert_eq!(overlay.metadata(Path::new("/w/a.nix")).unwrap().size, 5);
        assert!(matches!(
            overlay.read(Path::new("/w/a.nix"), 4),
            Err(SystemError::TooLarge { .. })
        ));
        let write = FileWrite {
            path: "/w/a.nix".into(),
            expected: Some(b"newer".to_vec()),
            new: b"z".to_vec(),
            executable: false,
        };
        assert!(overlay.write_all(&[write]).is_err());
        assert_eq!(base.read(Path::new("/w/a.nix"), 100).unwrap(), b"old");
    }

    #[test]
    fn a_walk_finds_new_files_as_if_they_were_there() {
        let base = Memory::new()
            .file("/w/.gitignore", "out\n")
            .file("/w/a.nix", "old");
        let mut overlay = Overlay::new(&base);
        for path in [
            "/w/a.nix",
            "/w/b.nix",
            "/w/d/c.nix",
            "/w/out/d.nix",
            "/w/.h/e.nix",
            "/v/f.nix",
        ] {
            overlay.replace(Path::new(path), *b"new");
        }
        let names = |everything| -> Vec<PathBuf> {
            let options = WalkOptions {
                everything,
                ..WalkOptions::default()
            };
            let walked = super::super::collect_files(&overlay, &["/w".into()], &options);
            walked.kept.into_iter().map(|(path, ())| path).collect()
        };
        let found = ["/w/a.nix", "/w/b.nix", "/w/d/c.nix"].map(PathBuf::from);
        assert_eq!(names(false), found);
        // The ignore file is one, too.
        assert_eq!(names(true).len(), 6);
    }
}
