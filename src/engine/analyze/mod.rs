//! The order of things in an analysis: what is read, run and kept.

mod caches;
mod command;
mod diagnose;
mod effective;
mod overview;
mod profile;
mod roots;
mod store;
mod verify;

pub use caches::{
    CachesError, CachesReport, CachesRequest, ClosureReport, Progress, Unwatched, analyze_caches,
};
pub use command::instrumented;
pub use diagnose::diagnose;
pub(super) use effective::effective_of_machine;
pub use effective::{
    Effective, EffectiveError, effective_of_files, effective_of_nix, gc_options_of_files,
};
pub use overview::{Generations, Overview, overview};
pub use profile::{Heard, Run, follow, profile_log};
pub(super) use store::old_roots;
pub use store::{StoreError, StoreReport, StoreRequest, StoreSource, analyze_store};
pub use verify::{TimedRun, Verification, VerifyError, VerifyRequest, verify as verify_setting};

use std::path::PathBuf;

use crate::system::SystemError;

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    /// A file or a program is not there, or may not be used.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A log broke off while it was read.
    #[error("{}: {message}; save the log again", .path.display())]
    Unreadable {
        /// The log.
        path: PathBuf,
        /// The system's message.
        message: String,
    },
    /// No event in the log.
    #[error(
        "{}: no event of Nix in {lines} lines; run Nix with `--log-format internal-json -v` and save its standard error, or read plain logs with `nixtune analyze log`",
        .path.display()
    )]
    NoEvents {
        /// The log.
        path: PathBuf,
        /// How many lines it has.
        lines: u64,
    },
    /// A command that does not run Nix.
    #[error(
        "`{command}`: not known to run Nix with `--log-format`; name a command of Nix, such as `nix build` or `nixos-rebuild build`, or add `--log-format internal-json -v` where Nix is run"
    )]
    UnknownCommand {
        /// Its first word.
        command: String,
    },
}
