//! What a run asked of a system, and whether it would be answered the same now.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::steady;
use super::{FileKind, Metadata, Program, Stamp, System, SystemError};

/// One question. Paths are as they were asked: a trace is for one working directory.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Question {
    /// What a file holds, or which names a folder has, links followed; by its stamp.
    State(String),
    /// What a file of the kernel's holds, which has no stamp that says so; read up to a limit in bytes.
    Bytes(String, u64),
    Kind(String),
    Metadata(String),
    Inode(String),
    Link(String),
    Listing(String),
    Real(String),
    Disk(String),
    Variable(String),
    WorkingDirectory,
    Platform,
    Memory,
    /// What a program that [only tells](Program::only_tells) says: its name and arguments.
    Program(String, Vec<String>),
}

/// The hash of an answer. The hash function is that of the program that asked.
pub(super) type Answer = u64;

impl Question {
    /// The answer to [`Question::State`]; `None` when the next state could have the same stamp.
    pub fn of_state(stamp: &Result<Stamp, SystemError>) -> Option<Answer> {
        match stamp {
            Ok(stamp) if !stamp.is_settled => None,
            stamp => Some(answer(stamp)),
        }
    }

    /// What a program says; `None` for one that is not asked again.
    pub fn of_program(program: &Program<'_>) -> Option<Self> {
        let arguments = program.arguments.iter().map(|text| (*text).to_owned());
        program
            .only_tells()
            .then(|| Self::Program(program.name.to_owned(), arguments.collect()))
    }

    /// The answer to [`Question::Metadata`]. The size of a folder is the file system's own business.
    pub fn of_metadata(found: Result<Metadata, SystemError>) -> Answer {
        answer(&found.map(|found| match found.kind {
            FileKind::File => (found.kind, found.size, found.read_only),
            kind => (kind, 0, found.read_only),
        }))
    }

    /// What `system` answers; `None` when a second answer that is the same would say nothing.
    pub fn ask(&self, system: &dyn System) -> Option<Answer> {
        Some(match self {
            Self::State(path) => return Self::of_state(&system.stamp(Path::new(path))),
            Self::Bytes(path, limit) => answer(&steady::read(system, Path::new(path), *limit)),
            Self::Kind(path) => answer(&system.metadata(Path::new(path)).map(|found| found.kind)),
            Self::Metadata(path) => Self::of_metadata(system.metadata(Path::new(path))),
            Self::Inode(path) => answer(&system.inode(Path::new(path))),
            Self::Link(path) => answer(&system.read_link(Path::new(path))),
            Self::Listing(path) => answer(&system.read_dir(Path::new(path))),
            Self::Real(path) => answer(&system.canonicalize(Path::new(path))),
            Self::Disk(path) => answer(&system.disk(Path::new(path)).map(steady::of_disk)),
            Self::Variable(name) => answer(&system.env(name)),
            Self::WorkingDirectory => answer(&system.current_dir()),
            Self::Platform => answer(&system.platform()),
            Self::Memory => answer(&system.memory()),
            Self::Program(name, arguments) => {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let program = Program::new(name, &arguments);
                if !program.only_tells() {
                    return None;
                }
                answer(&system.run_program(&program).map(steady::of_program))
            }
        })
    }
}

pub(super) fn answer(given: &impl Hash) -> Answer {
    let mut hasher = DefaultHasher::new();
    given.hash(&mut hasher);
    hasher.finish()
}

/// Everything that a run asked, with the answers that it got.
///
/// Whoever does the same in the same working directory gets the same result as long as the trace
/// [holds](Trace::holds): nothing else is known to a run.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// Sorted.
    pub(super) asked: Vec<(Question, Answer)>,
}

impl Trace {
    /// True when `system` answers each question as it was answered before. Files are not read for
    /// it, except those of the kernel; programs are run again.
    pub fn holds(&self, system: &dyn System) -> bool {
        self.asked
            .par_iter()
            .with_min_len(FEW)
            .all(|(question, before)| question.ask(system) == Some(*before))
    }
}

/// So many questions are answered before another thread would have begun.
const FEW: usize = 64;
