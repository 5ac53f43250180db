//! Files that people should have had: templates filled with what `tune` recommends.
//!
//! Pure: facts in, text out. Templates lie in `templates/`, readable as the files they become.

mod aliases;
mod builders;
mod cache;
mod ci;
mod editor;
mod fleet;
mod maintenance;
mod matcher;
mod memory;
mod monitor;
mod pre_commit;
mod row;
mod settings;
mod subject;
mod template;

use std::path::PathBuf;

pub use aliases::{Aliases, FlakeFolder, RebuildTool, Shell, aliases};
pub use builders::{Builders, BuildersError, GuestWishes, builders};
pub use cache::{Cache, CacheError, CacheServer, Server, cache, cache_server};
pub use ci::{Ci, Provider, ci, runner};
pub use editor::{Editor, editor};
pub use fleet::{BuildHost, FleetError, key_path, read_fleet, user_word};
pub use maintenance::{Maintenance, Schedule, maintenance};
pub use matcher::CONCISE;
pub use memory::memory_steps;
pub use monitor::{Monitor, monitor};
pub use pre_commit::{HOOK_FILES, Hook, HookStage, HookStyle, pre_commit};
pub use settings::{Settings, first_step, retention, settings};
pub use subject::{Sink, Subject, SubjectError, Usage};
pub use template::TemplateError;

/// This release of nixtune as a flake.
const NIXTUNE_FLAKE: &str = concat!("github:nixtune/nixtune/v", env!("CARGO_PKG_VERSION"));

/// One value of a generated file, with its reason: a row of the table that is shown before
/// anything is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The setting or option.
    pub name: String,
    /// Its value in words: `25 GiB`, `4`.
    pub value: String,
    /// The arithmetic or the reason.
    pub reason: String,
    /// Where the formula comes from; empty when the reason says it all.
    pub source: &'static str,
    /// True when it rests on a fact that nobody measured or declared.
    pub assumed: bool,
}

/// What a kind of generation makes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Generated {
    /// The files, the main one first.
    pub files: Vec<GeneratedFile>,
    /// What is left for the user to do, each a sentence.
    pub next: Vec<String>,
}

impl Generated {
    /// One file that needs nothing else.
    pub fn file(path: Option<PathBuf>, text: String) -> Self {
        Self {
            files: vec![GeneratedFile { path, text }],
            next: Vec::new(),
        }
    }
}

/// One generated file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedFile {
    /// Where it belongs, from the working directory; `None` for what is part of another file.
    pub path: Option<PathBuf>,
    /// The whole text.
    pub text: String,
}

/// Why nothing can be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The machine cannot be what it says it is.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// Hosts that no builds can be sent to.
    #[error(transparent)]
    Builders(#[from] BuildersError),
    /// A cache that cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A template that does not render: a mistake of nixtune.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// There is nothing that belongs into the file.
    #[error("{0}")]
    Nothing(String),
}
