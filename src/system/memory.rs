//! A recorded machine: files, links, environment, programs' output and readings held in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{
    DiskReading, FileKind, FileWrite, FolderCopy, FolderEntry, Followed, Found, Ground, Grounds,
    Inode, InterruptedWrite, MemoryReading, Metadata, Program, Ran, Stamp, System, SystemError,
    Visitor, WalkOptions, Watch, Written, lexical,
};

#[derive(Clone, Debug)]
enum Node {
    File { content: Vec<u8>, read_only: bool },
    Folder { read_only: bool },
    Link(PathBuf),
    Denied,
}

/// A machine made of recordings. Built by chaining; relative paths lie in `/`.
#[derive(Debug)]
pub struct Memory {
    nodes: Mutex<BTreeMap<PathBuf, Node>>,
    env: BTreeMap<String, String>,
    programs: BTreeMap<String, Ran>,
    #[cfg(feature = "analyze")]
    answers: BTreeMap<String, super::Fetched>,
    platform: (String, String),
    memory: MemoryReading,
    disks: BTreeMap<PathBuf, DiskReading>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty Linux machine on x86_64 with a root folder.
    pub fn new() -> Self {
        let root = BTreeMap::from([(PathBuf::from("/"), Node::Folder { read_only: false })]);
        Self {
            nodes: Mutex::new(root),
            env: BTreeMap::new(),
            programs: BTreeMap::new(),
            #[cfg(feature = "analyze")]
            answers: BTreeMap::new(),
            platform: ("linux".to_owned(), "x86_64".to_owned()),
            memory: MemoryReading::default(),
            disks: BTreeMap::new(),
        }
    }

    /// Adds a file, and the folders that lead to it.
    #[must_use]
    pub fn file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let node = Node::File {
            content: content.as_ref().to_vec(),
            read_only: false,
        };
        self.put(path.as_ref(), node)
    }

    /// Adds an empty folder.
    #[must_use]
    pub fn folder(self, path: impl AsRef<Path>) -> Self {
        self.put(path.as_ref(), Node::Folder { read_only: false })
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn link(self, path: impl AsRef<Path>, target: impl Into<PathBuf>) -> Self {
        self.put(path.as_ref(), Node::Link(target.into()))
    }

    /// Adds something that nobody may read or write.
    #[must_use]
    pub fn denied(self, path: impl AsRef<Path>) -> Self {
        self.put(path.as_ref(), Node::Denied)
    }

    /// Makes an existing file or folder read-only.
    #[must_use]
    pub fn read_only(self, path: impl AsRef<Path>) -> Self {
        let key = absolute(path.as_ref());
        if let Some(Node::File { read_only, .. } | Node::Folder { read_only }) =
            self.nodes().get_mut(&key)
        {
            *read_only = true;
        }
        self
    }

    /// Takes a file, or a folder with all that lies in it, away, as another program would.
    pub fn remove(&self, path: impl AsRef<Path>) {
        let path = absolute(path.as_ref());
        self.nodes().retain(|other, _| !other.starts_with(&path));
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Records a successful run: `command` is the program and its arguments with single spaces.
    #[must_use]
    pub fn program(self, command: &str, stdout: &str) -> Self {
        let ran = Ran {
            code: Some(0),
            stdout: stdout.as_bytes().to_vec(),
            stderr: Vec::new(),
        };
        self.program_ending(command, ran)
    }

    /// Records a run with any ending.
    #[must_use]
    pub fn program_ending(mut self, command: &str, ran: Ran) -> Self {
        self.programs.insert(command.to_owned(), ran);
        self
    }

    /// Records what an address answers. Those that nobody recorded have no server.
    #[cfg(feature = "analyze")]
    #[must_use]
    pub fn answer(mut self, url: &str, answer: super::Fetched) -> Self {
        self.answers.insert(url.to_owned(), answer);
        self
    }

    /// Sets the platform by the Rust target's names: `("macos", "aarch64")`.
    #[must_use]
    pub fn on(mut self, os: &str, arch: &str) -> Self {
        self.platform = (os.to_owned(), arch.to_owned());
        self
    }

    /// Sets what the portable interface says about memory, in bytes.
    #[must_use]
    pub fn with_memory(mut self, total: u64, swap: u64) -> Self {
        self.memory = MemoryReading {
            total: Some(total),
            swap: Some(swap),
        };
        self
    }

    /// Sets size and free space, in bytes, of the file system mounted at `path`.
    #[must_use]
    pub fn with_disk(mut self, path: impl AsRef<Path>, size: u64, free: u64) -> Self {
        self.disks.insert(
            absolute(path.as_ref()),
            DiskReading {
                size,
                free: Some(free),
                inodes: None,
            },
        );
        self.put_folder(path.as_ref());
        self
    }

    /// Sets how many files the file system mounted at `path` can hold, and how many more.
    #[must_use]
    pub fn with_inodes(mut self, path: impl AsRef<Path>, all: u64, free: u64) -> Self {
        if let Some(disk) = self.disks.get_mut(&absolute(path.as_ref())) {
            disk.inodes = Some((all, free));
        }
        self
    }

    fn put(self, path: &Path, node: Node) -> Self {
        let path = absolute(path);
        if let Some(parent) = path.parent() {
            self.put_folder(parent);
        }
        self.nodes().insert(path, node);
        self
    }

    fn put_folder(&self, path: &Path) {
        let mut nodes = self.nodes();
        for folder in absolute(path).ancestors() {
            nodes
                .entry(folder.to_path_buf())
                .or_insert(Node::Folder { read_only: false });
        }
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Node>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a path leads when the links on the way are followed; the last one only on request.
    fn resolve(&self, path: &Path, follow_last: bool) -> Result<PathBuf, SystemError> {
        let nodes = self.nodes();
        let mut left: Vec<PathBuf> = parts(&root_joined(path));
        let mut at = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part.as_os_str() == OsStr::new("..") {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            match nodes.get(&next) {
                Some(Node::Link(target)) if follow_last || !left.is_empty() => {
                    links += 1;
                    if links > 40 {
                        return Err(SystemError::LinkLoop {
                            path: path.to_path_buf(),
                        });
                    }
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    left.extend(parts(target));
                }
                Some(Node::File { .. }) if !left.is_empty() => {
                    return Err(SystemError::NotFolder {
                        path: path.to_path_buf(),
                    });
                }
                Some(_) => at = next,
                None => {
                    return Err(SystemError::Missing {
                        path: path.to_path_buf(),
                    });
                }
            }
        }
        Ok(at)
    }

    fn node(&self, path: &Path, follow: bool) -> Result<Node, SystemError> {
        let real = self.resolve(path, follow)?;
        match self.nodes().get(&real) {
            Some(Node::Denied) => Err(SystemError::Denied {
                path: path.to_path_buf(),
            }),
            Some(node) => Ok(node.clone()),
            None => Err(SystemError::Missing {
                path: path.to_path_buf(),
            }),
        }
    }

    fn folder_is_read_only(&self, path: &Path) -> bool {
        let parent = absolute(path)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        matches!(
            self.node(&parent, true),
            Ok(Node::Folder { read_only: true })
        )
    }

    /// Where a path stands when the links to its folder are followed.
    fn place(&self, path: &Path) -> Result<PathBuf, SystemError> {
        let path = absolute(path);
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let name = path.file_name().unwrap_or_default();
        Ok(self.resolve(&folder, true)?.join(name))
    }

    fn check_write(&self, write: &FileWrite) -> Result<(), SystemError> {
        let path = write.path.clone();
        if self.folder_is_read_only(&path) {
            return Err(SystemError::ReadOnlyFolder { path });
        }
        match (self.node(&path, false), &write.expected) {
            (Err(SystemError::Missing { .. }), None) => Ok(()),
            (Err(problem), _) => Err(problem),
            (Ok(Node::Link(target)), _) => Err(SystemError::IsLink { path, target }),
            (Ok(Node::Folder { .. }), _) => Err(SystemError::IsFolder { path }),
            (Ok(Node::Denied), _) => Err(SystemError::Denied { path }),
            (Ok(Node::File { .. }), None) => Err(SystemError::Exists { path }),
            (
                Ok(Node::File {
                    read_only: true, ..
                }),
                _,
            ) => Err(SystemError::ReadOnlyFile { path }),
            (Ok(Node::File { content, .. }), Some(expected)) if content != *expected => {
                Err(SystemError::Changed { path })
            }
            (Ok(Node::File { .. }), Some(_)) => Ok(()),
        }
    }

    /// The patterns in files of these names in a folder.
    fn ignore_rules(&self, folder: &Path, names: &[&str]) -> Gitignore {
        let mut rules = GitignoreBuilder::new(folder);
        for name in names {
            if let Ok(Node::File { content, .. }) = self.node(&folder.join(name), true) {
                for line in String::from_utf8_lossy(&content).lines() {
                    // A pattern that does not parse ignores nothing, as in git.
                    let _ = rules.add_line(None, line);
                }
            }
        }
        rules.build().unwrap_or_else(|_| Gitignore::empty())
    }

    fn tell_below(&self, root: &Path, grounds: &Grounds) {
        let root = absolute(root);
        let nodes = self.nodes();
        let below = nodes.iter().filter(|(path, _)| path.starts_with(&root));
        let told: Vec<PathBuf> = below
            .filter(|(path, node)| is_ground(path, node))
            .map(|(path, _)| path.clone())
            .collect();
        drop(nodes);
        for path in told {
            grounds.tell(Ground::State(&path, self.stamp(&path)));
        }
    }

    fn visit(
        &self,
        folder: &Path,
        everything: bool,
        ignores: &mut Vec<Gitignore>,
        visitor: &mut Visitor<'_>,
    ) {
        let entries = match self.read_dir(folder) {
            Ok(entries) => entries,
            Err(problem) => return visitor(Err(problem)),
        };
        ignores.push(self.ignore_rules(folder, &[".gitignore", ".ignore"]));
        for entry in entries {
            let hidden = entry
                .path
                .file_name()
                .is_some_and(super::walk::is_passed_by);
            let is_folder = entry.kind == FileKind::Folder;
            if !everything && (hidden || ignored(ignores, &entry.path, is_folder)) {
                continue;
            }
            match entry.kind {
                FileKind::Folder => self.visit(&entry.path, everything, ignores, visitor),
                FileKind::File => visitor(Ok(Found {
                    path: &entry.path,
                    named: false,
                })),
                FileKind::Link | FileKind::Other => {}
            }
        }
        ignores.pop();
    }
}

/// Tells more than a walk rests on: all folders, and all lists of what to ignore.
fn is_ground(path: &Path, node: &Node) -> bool {
    let is_list = ["exclude", ".gitignore", ".ignore"]
        .iter()
        .any(|name| path.ends_with(name));
    is_list || matches!(node, Node::Folder { .. })
}

fn ignored(ignores: &[Gitignore], path: &Path, is_folder: bool) -> bool {
    for rules in ignores.iter().rev() {
        match rules.matched(path, is_folder) {
            Match::None => {}
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
        }
    }
    false
}

fn root_joined(path: &Path) -> PathBuf {
    Path::new("/").join(path)
}

fn absolute(path: &Path) -> PathBuf {
    lexical(&root_joined(path))
}

/// The components of a path as a stack: the first one on top.
fn parts(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .filter(|component| matches!(component, Component::Normal(_) | Component::ParentDir))
        .map(|component| PathBuf::from(component.as_os_str()))
        .collect()
}

impl System for Memory {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
        match self.node(path, true)? {
            Node::File { content, .. } if content.len() as u64 <= limit => Ok(content),
            Node::File { .. } => Err(SystemError::TooLarge {
                path: path.to_path_buf(),
                limit,
            }),
            _ => Err(SystemError::IsFolder {
                path: path.to_path_buf(),
            }),
        }
    }

    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<(), SystemError> {
        *buffer = self.read(path, limit)?;
        Ok(())
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, SystemError> {
        Ok(Box::new(Cursor::new(self.read(path, u64::MAX)?)))
    }

    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError> {
        let (kind, size, read_only) = match self.node(path, false)? {
            Node::File { content, read_only } => (FileKind::File, content.len() as u64, read_only),
            Node::Folder { read_only } => (FileKind::Folder, 0, read_only),
            Node::Link(_) => (FileKind::Link, 0, false),
            Node::Denied => (FileKind::Other, 0, true),
        };
        Ok(Metadata {
            kind,
            size,
            read_only,
        })
    }

    fn inode(&self, path: &Path) -> Result<Inode, SystemError> {
        let size = self.metadata(path)?.size;
        let place = self.place(path)?;
        let number = self.nodes().keys().take_while(|key| **key < place).count() as u64;
        Ok(Inode {
            identity: (0, number),
            links: 1,
            size,
            allocated: size,
            modified_secs: 0,
            executable: false,
        })
    }

    /// As the content is, so is the time at which it was written.
    fn stamp(&self, path: &Path) -> Result<Stamp, SystemError> {
        let node = self.node(path, true)?;
        let mut hasher = DefaultHasher::new();
        let size = match &node {
            Node::File { content, .. } => {
                content.hash(&mut hasher);
                content.len() as u64
            }
            _ => {
                self.read_dir(path)?.hash(&mut hasher);
                0
            }
        };
        let time = hasher.finish().cast_signed();
        Ok(Stamp {
            identity: self.inode(&self.canonicalize(path)?)?.identity,
            size,
            modified: (time, 0),
            changed: (time, 0),
            is_settled: true,
        })
    }

    fn own_program(&self) -> Option<PathBuf> {
        None
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, SystemError> {
        match self.node(path, false)? {
            Node::Link(target) => Ok(target),
            _ => Err(SystemError::Other {
                path: path.to_path_buf(),
                message: "is no symbolic link".to_owned(),
            }),
        }
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<FolderEntry>, SystemError> {
        if !matches!(self.node(path, true)?, Node::Folder { .. }) {
            return Err(SystemError::NotFolder {
                path: path.to_path_buf(),
            });
        }
        let real = self.resolve(path, true)?;
        let entries = self
            .nodes()
            .iter()
            .filter(|(child, _)| child.parent() == Some(&real))
            .filter_map(|(child, node)| {
                let kind = match node {
                    Node::File { .. } => FileKind::File,
                    Node::Folder { .. } => FileKind::Folder,
                    Node::Link(_) => FileKind::Link,
                    // What it is can be seen from its folder even when it cannot be read.
                    Node::Denied => FileKind::File,
                };
                Some(FolderEntry {
                    path: path.join(child.file_name()?),
                    kind,
                })
            })
            .collect();
        Ok(entries)
    }

    fn canonicalize(&self, path: &Path) -> Result<PathBuf, SystemError> {
        self.resolve(path, true)
    }

    fn walk<'s>(
        &self,
        roots: &[PathBuf],
        options: &WalkOptions,
        grounds: Option<&Grounds>,
        make: &mut dyn FnMut() -> Visitor<'s>,
    ) {
        let mut visitor = make();
        for root in roots {
            if let Some(grounds) = grounds {
                self.tell_below(root, grounds);
            }
            match self.node(root, true) {
                Ok(Node::Folder { .. }) => {
                    self.visit(root, options.everything, &mut Vec::new(), &mut visitor);
                }
                Ok(_) => visitor(Ok(Found {
                    path: root,
                    named: true,
                })),
                Err(problem) => visitor(Err(problem)),
            }
        }
    }

    fn is_ignored(&self, repository: &Path, path: &Path, grounds: Option<&Grounds>) -> bool {
        if let Some(grounds) = grounds {
            self.tell_below(repository, grounds);
        }
        let mut ignores = vec![self.ignore_rules(repository, &[".git/info/exclude", ".gitignore"])];
        let mut at = repository.to_path_buf();
        let below = path.strip_prefix(repository).unwrap_or(path);
        let last = below.components().count().saturating_sub(1);
        for (index, part) in below.components().enumerate() {
            at.push(part);
            let is_folder = index < last;
            if ignored(&ignores, &at, is_folder) {
                return true;
            }
            ignores.push(self.ignore_rules(&at, &[".gitignore"]));
        }
        false
    }

    fn write_all(&self, writes: &[FileWrite]) -> Result<Written, SystemError> {
        let mut seen = BTreeSet::new();
        for write in writes {
            self.check_write(write)?;
            if !seen.insert(self.place(&write.path)?) {
                return Err(SystemError::WrittenTwice {
                    path: write.path.clone(),
                });
            }
        }
        for write in writes {
            self.save(&write.path, &write.new)?;
        }
        Ok(Written::default())
    }

    fn interrupted_writes(&self) -> Vec<InterruptedWrite> {
        Vec::new()
    }

    fn recover(&self) -> Vec<InterruptedWrite> {
        Vec::new()
    }

    /// Nobody else changes what is in memory: nothing comes.
    fn watch(&self, _: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError> {
        struct Never;
        impl Watch for Never {
            fn wait(&mut self) -> bool {
                false
            }
        }
        Ok(Box::new(Never))
    }

    fn create_folder(&self, path: &Path) -> Result<(), SystemError> {
        let path = absolute(path);
        for folder in path.ancestors() {
            match self.metadata(folder) {
                Ok(found) if found.kind == FileKind::Folder => break,
                Ok(_) => {
                    return Err(SystemError::NotFolder {
                        path: folder.to_path_buf(),
                    });
                }
                Err(_) if self.folder_is_read_only(folder) => {
                    return Err(SystemError::ReadOnlyFolder {
                        path: folder.to_path_buf(),
                    });
                }
                Err(_) => {}
            }
        }
        self.put_folder(&path);
        Ok(())
    }

    fn save(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        let path = absolute(path);
        if self.folder_is_read_only(&path) {
            return Err(SystemError::ReadOnlyFolder { path });
        }
        let place = match self.resolve(&path, true) {
            Ok(real) => real,
            Err(SystemError::Missing { .. }) => self.place(&path)?,
            Err(problem) => return Err(problem),
        };
        let node = Node::File {
            content: content.to_vec(),
            read_only: false,
        };
        self.nodes().insert(place, node);
        Ok(())
    }

    fn keep(&self, path: &Path, content: &[u8], _most_files: usize) -> Result<(), SystemError> {
        self.save(path, content)
    }

    fn append(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        let mut whole = match self.read(path, u64::MAX) {
            Ok(before) => before,
            Err(SystemError::Missing { .. }) => Vec::new(),
            Err(problem) => return Err(problem),
        };
        whole.extend_from_slice(content);
        self.save(path, &whole)
    }

    /// No file of a test becomes full.
    fn append_line(&self, path: &Path, line: &str, _most_bytes: u64) -> Result<(), SystemError> {
        self.append(path, format!("{line}\n").as_bytes())
    }

    fn save_private(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        self.save(path, content)
    }

    fn clock_secs(&self) -> Option<u64> {
        None
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    fn current_dir(&self) -> Result<PathBuf, SystemError> {
        Ok(PathBuf::from("/"))
    }

    /// Programs that were recorded are heard at once.
    fn follow(
        &self,
        program: &str,
        arguments: &[&str],
        heard: &mut dyn FnMut(Duration, &[u8]),
    ) -> Result<Followed, SystemError> {
        let ran = self.run(program, arguments)?;
        heard(Duration::ZERO, &ran.stderr);
        let code = ran.code.and_then(|code| u8::try_from(code).ok());
        Ok(Followed {
            code: code.unwrap_or(1),
            ..Followed::default()
        })
    }

    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError> {
        let mut command = program.name.to_owned();
        for argument in program.arguments {
            command.push(' ');
            command.push_str(argument);
        }
        self.programs
            .get(&command)
            .cloned()
            .ok_or_else(|| SystemError::NoProgram {
                program: program.name.to_owned(),
            })
    }

    /// The copy stays: nobody but this value sees it. Ignore files are not looked at.
    /// No database is recorded: they are a matter of real files.
    #[cfg(feature = "analyze")]
    fn query(
        &self,
        database: &Path,
        _: &[&str],
        _: &mut super::OnRow<'_>,
    ) -> Result<(), super::DatabaseError> {
        Err(super::DatabaseError::Missing {
            path: database.to_path_buf(),
        })
    }

    #[cfg(feature = "analyze")]
    fn fetcher(
        &self,
        _limits: super::FetchLimits,
    ) -> Result<Box<dyn super::Fetcher>, super::FetchError> {
        struct Recorded(BTreeMap<String, super::Fetched>);
        impl super::Fetcher for Recorded {
            fn fetch_all(
                &mut self,
                urls: &[String],
                _at_once: usize,
                each: &mut dyn FnMut(usize, Result<super::Fetched, super::FetchError>),
            ) {
                for (index, url) in urls.iter().enumerate() {
                    let answer = self.0.get(url).cloned();
                    let none = || super::FetchError::Connect("nothing listens there".to_owned());
                    each(index, answer.ok_or_else(none));
                }
            }
        }
        Ok(Box::new(Recorded(self.answers.clone())))
    }

    fn temporary_folder(&self) -> Result<FolderCopy, SystemError> {
        let mut nodes = self.nodes();
        let place = |number: usize| PathBuf::from(format!("/tmp/nixtune-{number}/empty"));
        let path = (0..)
            .map(place)
            .find(|path| !nodes.contains_key(path))
            .unwrap_or_default();
        nodes.insert(path.clone(), Node::Folder { read_only: false });
        Ok(FolderCopy::new(path, None))
    }

    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError> {
        let from = self.resolve(folder, true)?;
        let mut nodes = self.nodes();
        let place = |number: usize| PathBuf::from(format!("/tmp/nixtune-{number}/copy"));
        let to = (0..)
            .map(place)
            .find(|path| !nodes.contains_key(path))
            .unwrap_or_default();
        let copied: Vec<(PathBuf, Node)> = nodes
            .iter()
            .filter_map(|(path, node)| {
                let below = path.strip_prefix(&from).ok()?;
                let in_git = below.iter().any(|name| name == ".git");
                (!in_git).then(|| (to.join(below), node.clone()))
            })
            .collect();
        nodes.extend(copied);
        Ok(FolderCopy::new(to, None))
    }

    fn platform(&self) -> (&str, &str) {
        (&self.platform.0, &self.platform.1)
    }

    fn memory(&self) -> MemoryReading {
        self.memory
    }

    fn disk(&self, path: &Path) -> Option<DiskReading> {
        let real = self.resolve(path, true).ok()?;
        real.ancestors()
            .find_map(|folder| self.disks.get(folder).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{collect_files, walk_map};
    use super::*;

    fn names(system: &Memory, roots: &[&str], options: &WalkOptions) -> Vec<String> {
        let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
        collect_files(system, &roots, options)
            .kept
            .into_iter()
            .map(|(path, ())| path.display().to_string())
            .collect()
    }

    #[test]
    fn a_walk_skips_what_is_hidden_ignored_or_linked() {
        let system = Memory::new()
            .file("/w/.gitignore", "*.tmp\n/out/\n!keep.tmp\n")
            .file("/w/a.nix", "")
            .file("/w/b.tmp", "")
            .file("/w/keep.tmp", "")
            .file("/w/out/c.nix", "")
            .file("/w/.git/d.nix", "")
            .file("/w/.config/nix/nix.conf", "")
            .file("/w/.config/.cache/g.nix", "")
            .file("/w/deep/out/e.nix", "")
            .link("/w/loop", "/w")
            .file("/elsewhere/f.nix", "")
            .link("/w/away", "/elsewhere");
        let plain = WalkOptions::default();
        assert_eq!(
            names(&system, &["/w"], &plain),
            [
                "/w/.config/nix/nix.conf",
                "/w/a.nix",
                "/w/deep/out/e.nix",
                "/w/keep.tmp"
            ]
        );
        assert_eq!(
            names(&system, &["/w/b.tmp", "/w/b.tmp"], &plain),
            ["/w/b.tmp"]
        );
        assert_eq!(names(&system, &["/w/.git"], &plain), ["/w/.git/d.nix"]);
        assert_eq!(names(&system, &["/w/away"], &plain), ["/w/away/f.nix"]);
        let everything = WalkOptions {
            everything: true,
            ..plain
        };
        assert_eq!(names(&system, &["/w"], &everything).len(), 9);
    }

    #[test]
    fn what_git_ignores_is_known_by_the_nearest_pattern() {
        let system = Memory::new()
            .file("/w/.gitignore", "*.secret.nix\n/out/\n")
            .file("/w/.git/info/exclude", "local.nix\n")
            .file("/w/.ignore", "a.nix\n")
            .file("/w/deep/.gitignore", "!b.secret.nix\n");
        let ignored = |path: &str| system.is_ignored(Path::new("/w"), Path::new(path), None);
        assert!(!ignored("/w/a.nix"));
        assert!(ignored("/w/b.secret.nix"));
        assert!(!ignored("/w/deep/b.secret.nix"));
        assert!(ignored("/w/out/deep/c.nix"));
        assert!(!ignored("/w/deep/out/c.nix"));
        assert!(ignored("/w/deep/local.nix"));
    }

    #[test]
    fn overlapping_roots_give_each_file_once_and_missing_ones_a_problem() {
        let system = Memory::new().file("/w/a.nix", "1").file("/w/s/b.nix", "22");
        let roots = ["w", "/w/s", "/nowhere", "/w/./a.nix"].map(PathBuf::from);
        let walked = walk_map(&system, &roots, &WalkOptions::default(), |found, buffer| {
            system.read_into(found.path, 1, buffer)?;
            Ok(Some(buffer.len()))
        });
        assert_eq!(walked.kept.len(), 1);
        let problems: Vec<_> = walked.problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(
            problems
                .iter()
                .any(|text| text == "/nowhere: no such file or folder")
        );
        assert!(
            problems
                .iter()
                .any(|text| text.contains("b.nix: is larger than 1 B"))
        );
    }

    #[test]
    fn links_are_followed_as_a_system_does() {
        let system = Memory::new()
            .file("/real/x.nix", "x")
            .link("/a", "real")
            .link("/b", "/a/x.nix")
            .link("/circle", "/circle");
        assert_eq!(
            system.canonicalize(Path::new("/b")).unwrap(),
            Path::new("/real/x.nix")
        );
        assert_eq!(system.read(Path::new("/a/../real/x.nix"), 9).unwrap(), b"x");
        assert_eq!(
            system.metadata(Path::new("/b")).unwrap().kind,
            FileKind::Link
        );
        assert!(matches!(
            system.read(Path::new("/circle"), 9),
            Err(SystemError::LinkLoop { .. })
        ));
    }

    #[test]
    fn writes_are_all_or_none() {
        let system = Memory::new()
            .file("/w/a", "1")
            .file("/w/b", "2")
            .file("/w/ro", "3")
            .read_only("/w/ro")
            .link("/w/l", "a")
            .link("/away", "/w");
        let write = |path: &str, expected: Option<&str>| FileWrite {
            path: path.into(),
            expected: expected.map(|text| text.as_bytes().to_vec()),
            new: b"new".to_vec(),
            executable: false,
        };
        let refused = |second: FileWrite| {
            let error = system
                .write_all(&[write("/w/a", Some("1")), second])
                .unwrap_err();
            assert_eq!(system.read(Path::new("/w/a"), 9).unwrap(), b"1");
            error
        };
        assert!(matches!(
            refused(write("/w/b", Some("other"))),
            SystemError::Changed { .. }
        ));
        assert!(matches!(
            refused(write("/w/ro", Some("3"))),
            SystemError::ReadOnlyFile { .. }
        ));
        assert!(matches!(
            refused(write("/w/l", Some("1"))),
            SystemError::IsLink { .. }
        ));
        assert!(matches!(
            refused(write("/w", Some(""))),
            SystemError::IsFolder { .. }
        ));
        assert!(matches!(
            refused(write("/w/b", None)),
            SystemError::Exists { .. }
        ));
        assert!(matches!(
            refused(write("/w/./a", Some("1"))),
            SystemError::WrittenTwice { .. }
        ));
        assert!(matches!(
            refused(write("/away/a", Some("1"))),
            SystemError::WrittenTwice { .. }
        ));
        assert!(matches!(
            refused(write("/w/none", Some("1"))),
            SystemError::Missing { .. }
        ));
        system
            .write_all(&[write("/w/a", Some("1")), write("/w/n", None)])
            .unwrap();
        assert_eq!(system.read(Path::new("/w/n"), 9).unwrap(), b"new");
    }
}
