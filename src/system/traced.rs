//! A system that remembers what it was asked.

use std::any::Any;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::steady;
use super::trace::{Answer, Question, Trace, answer};
use super::{
    DiskReading, FileWrite, FolderCopy, FolderEntry, Followed, Ground, Grounds, Inode,
    InterruptedWrite, MemoryReading, Metadata, Program, Ran, Stamp, System, SystemError, Visitor,
    WalkOptions, Watch, Written,
};

/// Another system, whose answers are noted. What cannot be asked again (what the time is, what a
/// server or most programs say), and whatever changes something, makes the
/// [trace](Traced::trace) worthless.
pub struct Traced<'s> {
    base: &'s dyn System,
    notes: Arc<Notes>,
}

impl fmt::Debug for Traced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Traced").field(&self.base).finish()
    }
}

impl<'s> Traced<'s> {
    /// Notes from now on what `base` is asked.
    pub fn new(base: &'s dyn System) -> Self {
        Self {
            base,
            notes: Arc::default(),
        }
    }

    /// What was asked; `None` when asking it again cannot tell whether everything is as it was.
    pub fn trace(self) -> Option<Trace> {
        let mut asked: Vec<_> = self.notes.lock().take()?.into_iter().collect();
        asked.sort_unstable();
        Some(Trace { asked })
    }

    fn note<T: Hash>(&self, path: &Path, question: fn(String) -> Question, given: T) -> T {
        self.notes
            .note(text(path).map(question), Some(answer(&given)));
        given
    }

    /// Notes the state of what is about to be read: a change after this is seen later.
    fn note_state(&self, path: &Path) {
        let question = text(path).map(Question::State);
        if !question
            .as_ref()
            .is_some_and(|question| self.notes.knows(question))
        {
            let given = question
                .as_ref()
                .and_then(|question| question.ask(self.base));
            self.notes.note(question, given);
        }
    }

    fn spoil(&self) {
        self.notes.lock().take();
    }

    /// The base, which is about to be asked or told what leaves nothing to be asked again.
    fn spoiled(&self) -> &'s dyn System {
        self.spoil();
        self.base
    }

    fn grounds(&self) -> Grounds {
        let notes = Arc::clone(&self.notes);
        Grounds::new(move |ground| {
            let (question, given) = match ground {
                Ground::State(path, state) => {
                    (text(path).map(Question::State), Question::of_state(&state))
                }
                Ground::Kind(path, kind) => (text(path).map(Question::Kind), Some(answer(&kind))),
                Ground::Variable(name, value) => (
                    Some(Question::Variable(name.to_owned())),
                    Some(answer(&value)),
                ),
            };
            notes.note(question, given);
        })
    }
}

/// What was asked so far; nothing once that would be worth nothing.
struct Notes(Mutex<Option<FxHashMap<Question, Answer>>>);

impl Default for Notes {
    fn default() -> Self {
        Self(Mutex::new(Some(FxHashMap::default())))
    }
}

impl Notes {
    /// Notes an answer. A second one that differs was overtaken by a change.
    fn note(&self, question: Option<Question>, answer: Option<Answer>) {
        let mut notes = self.lock();
        let (Some(asked), Some(question), Some(answer)) = (notes.as_mut(), question, answer) else {
            *notes = None;
            return;
        };
        match asked.entry(question) {
            Entry::Vacant(place) => {
                place.insert(answer);
            }
            Entry::Occupied(before) if *before.get() == answer => {}
            Entry::Occupied(_) => *notes = None,
        }
    }

    /// True when an answer is noted, or when no more have to be.
    fn knows(&self, question: &Question) -> bool {
        let notes = self.lock();
        notes
            .as_ref()
            .is_none_or(|asked| asked.contains_key(question))
    }

    fn lock(&self) -> MutexGuard<'_, Option<FxHashMap<Question, Answer>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// True for files that are made when they are read: no stamp says what they hold.
fn is_made_when_read(path: &Path) -> bool {
    ["/proc", "/sys", "/dev"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// Names that are no Unicode are too rare to be kept.
fn text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

impl System for Traced<'_> {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
        if is_made_when_read(path) {
            let given = steady::read(self.base, path, limit);
            let question = text(path).map(|path| Question::Bytes(path, limit));
            self.notes.note(question, Some(answer(&given)));
            return given;
        }
        self.note_state(path);
        self.base.read(path, limit)
    }

    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<(), SystemError> {
        if is_made_when_read(path) {
            *buffer = self.read(path, limit)?;
            return Ok(());
        }
        self.note_state(path);
        self.base.read_into(path, limit, buffer)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, SystemError> {
        if is_made_when_read(path) {
            self.spoil();
        }
        self.note_state(path);
        self.base.open(path)
    }

    fn end_of(&self, path: &Path, most_bytes: u64) -> Result<Vec<u8>, SystemError> {
        if is_made_when_read(path) {
            self.spoil();
        }
        self.note_state(path);
        self.base.end_of(path, most_bytes)
    }

    fn metadata(&self, path: &Path) -> Result<Metadata, SystemError> {
        let given = self.base.metadata(path);
        let hash = Question::of_metadata(given.clone());
        self.notes
            .note(text(path).map(Question::Metadata), Some(hash));
        given
    }

    fn inode(&self, path: &Path) -> Result<Inode, SystemError> {
        self.note(path, Question::Inode, self.base.inode(path))
    }

    fn stamp(&self, path: &Path) -> Result<Stamp, SystemError> {
        self.note_state(path);
        self.base.stamp(path)
    }

    fn own_program(&self) -> Option<PathBuf> {
        self.spoiled().own_program()
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, SystemError> {
        self.note(path, Question::Link, self.base.read_link(path))
    }

    fn read_dir(&self, path: &Path) -> Result<Vec<FolderEntry>, SystemError> {
        self.note(path, Question::Listing, self.base.read_dir(path))
    }

    fn canonicalize(&self, path: &Path) -> Result<PathBuf, SystemError> {
        self.note(path, Question::Real, self.base.canonicalize(path))
    }

    fn walk<'v>(
        &self,
        roots: &[PathBuf],
        options: &WalkOptions,
        grounds: Option<&Grounds>,
        make: &mut dyn FnMut() -> Visitor<'v>,
    ) {
        if grounds.is_some() {
            self.spoil();
        }
        self.base.walk(roots, options, Some(&self.grounds()), make);
    }

    fn is_ignored(&self, repository: &Path, path: &Path, grounds: Option<&Grounds>) -> bool {
        if grounds.is_some() {
            self.spoil();
        }
        self.base
            .is_ignored(repository, path, Some(&self.grounds()))
    }

    fn write_all(&self, writes: &[FileWrite]) -> Result<Written, SystemError> {
        self.spoiled().write_all(writes)
    }

    fn interrupted_writes(&self) -> Vec<InterruptedWrite> {
        self.spoiled().interrupted_writes()
    }

    fn recover(&self) -> Vec<InterruptedWrite> {
        self.spoiled().recover()
    }

    fn create_folder(&self, path: &Path) -> Result<(), SystemError> {
        self.spoiled().create_folder(path)
    }

    fn save(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        self.spoiled().save(path, content)
    }

    fn keep(&self, path: &Path, content: &[u8], most_files: usize) -> Result<(), SystemError> {
        self.spoiled().keep(path, content, most_files)
    }

    fn append(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        self.spoiled().append(path, content)
    }

    fn append_line(&self, path: &Path, line: &str, most_bytes: u64) -> Result<(), SystemError> {
        self.spoiled().append_line(path, line, most_bytes)
    }

    fn save_private(&self, path: &Path, content: &[u8]) -> Result<(), SystemError> {
        self.spoiled().save_private(path, content)
    }

    fn clock_secs(&self) -> Option<u64> {
        self.spoiled().clock_secs()
    }

    /// Measures; nothing rests on it but what is told about the run itself.
    fn elapsed(&self) -> Duration {
        self.base.elapsed()
    }

    fn env(&self, name: &str) -> Option<String> {
        let given = self.base.env(name);
        let question = Question::Variable(name.to_owned());
        self.notes.note(Some(question), Some(answer(&given)));
        given
    }

    fn current_dir(&self) -> Result<PathBuf, SystemError> {
        let given = self.base.current_dir();
        self.notes
            .note(Some(Question::WorkingDirectory), Some(answer(&given)));
        given
    }

    fn run_program(&self, program: &Program<'_>) -> Result<Ran, SystemError> {
        let given = self.base.run_program(program).map(steady::of_program);
        self.notes
            .note(Question::of_program(program), Some(answer(&given)));
        given
    }

    fn follow(
        &self,
        program: &str,
        arguments: &[&str],
        heard: &mut dyn FnMut(Duration, &[u8]),
    ) -> Result<Followed, SystemError> {
        self.spoiled().follow(program, arguments, heard)
    }

    fn hold_signals(&self) -> Box<dyn Any> {
        self.base.hold_signals()
    }

    #[cfg(feature = "analyze")]
    fn fetcher(
        &self,
        limits: super::FetchLimits,
    ) -> Result<Box<dyn super::Fetcher>, super::FetchError> {
        self.spoiled().fetcher(limits)
    }

    #[cfg(feature = "analyze")]
    fn query(
        &self,
        database: &Path,
        statements: &[&str],
        row: &mut super::OnRow<'_>,
    ) -> Result<(), super::DatabaseError> {
        self.spoiled().query(database, statements, row)
    }

    fn copy_folder(&self, folder: &Path) -> Result<FolderCopy, SystemError> {
        self.spoiled().copy_folder(folder)
    }

    fn temporary_folder(&self) -> Result<FolderCopy, SystemError> {
        self.spoiled().temporary_folder()
    }

    fn watch(&self, paths: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError> {
        self.spoiled().watch(paths)
    }

    fn platform(&self) -> (&str, &str) {
        let given = self.base.platform();
        self.notes
            .note(Some(Question::Platform), Some(answer(&given)));
        given
    }

    fn memory(&self) -> MemoryReading {
        let given = self.base.memory();
        self.notes
            .note(Some(Question::Memory), Some(answer(&given)));
        given
    }

    fn disk(&self, path: &Path) -> Option<DiskReading> {
        self.note(
            path,
            Question::Disk,
            self.base.disk(path).map(steady::of_disk),
        )
    }
}
