//! What a run asked of a system, and whether it would be answered the same now.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::{Program, Stamp, System, SystemError};

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
    DiskSize(String),
    Variable(String),
    WorkingDirectory,
    Platform,
    Memory,
    Program {
        name: String,
        arguments: Vec<String>,
        environment: Vec<(String, String)>,
        time_limit: Duration,
        output_limit_bytes: u64,
    },
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

    /// What a program says.
    pub fn of_program(program: &Program<'_>) -> Self {
        let owned = |text: &str| text.to_owned();
        Self::Program {
            name: owned(program.name),
            arguments: program.arguments.iter().map(|text| owned(text)).collect(),
            environment: program
                .environment
                .iter()
                .map(|(name, value)| (owned(name), owned(value)))
                .collect(),
            time_limit: program.time_limit,
            output_limit_bytes: program.output_limit_bytes,
        }
    }

    /// What `system` answers; `None` when a second answer that is the same would say nothing.
    pub fn ask(&self, system: &dyn System) -> Option<Answer> {
        Some(match self {
            Self::State(path) => return Self::of_state(&system.stamp(Path::new(path))),
            Self::Bytes(path, limit) => answer(&system.read(Path::new(path), *limit)),
            Self::Kind(path) => answer(&system.metadata(Path::new(path)).map(|found| found.kind)),
            Self::Metadata(path) => answer(&system.metadata(Path::new(path))),
            Self::Inode(path) => answer(&system.inode(Path::new(path))),
            Self::Link(path) => answer(&system.read_link(Path::new(path))),
            Self::Listing(path) => answer(&system.read_dir(Path::new(path))),
            Self::Real(path) => answer(&system.canonicalize(Path::new(path))),
            Self::DiskSize(path) => answer(&system.disk(Path::new(path)).map(|disk| disk.size)),
            Self::Variable(name) => answer(&system.env(name)),
            Self::WorkingDirectory => answer(&system.current_dir()),
            Self::Platform => answer(&system.platform()),
            Self::Memory => answer(&system.memory()),
            Self::Program {
                name,
                arguments,
                environment,
                time_limit,
                output_limit_bytes,
            } => {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let environment: Vec<(&str, &str)> = environment
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                answer(&system.run_program(&Program {
                    name,
                    arguments: &arguments,
                    environment: &environment,
                    time_limit: *time_limit,
                    output_limit_bytes: *output_limit_bytes,
                }))
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
