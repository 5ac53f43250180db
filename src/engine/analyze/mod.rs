//! The order of things in an analysis: what is read, run and kept.

mod caches;
mod command;
mod default_command;
mod described;
mod diagnose;
mod effective;
mod evaluation;
mod history;
mod optimize;
mod overview;
mod profile;
mod roots;
mod store;
mod verify;

pub use caches::{
    CachesError, CachesReport, CachesRequest, ClosureReport, Progress, Unwatched, analyze_caches,
};
pub use command::instrumented;
pub use default_command::{DefaultCommandError, default_command};
pub use diagnose::diagnose;
pub(super) use effective::effective_of_machine;
pub use effective::{
    Effective, EffectiveError, effective_of_files, effective_of_nix, gc_options_of_files,
};
pub use evaluation::evaluate;
pub use history::{
    Asked, RecordError, history_file, read_history, record_run, record_store, targets,
};
pub use optimize::{
    Done, LeftOut, OptimizePlan, OptimizeRequest, Step, StepDone, StepKind, carry_out,
    plan_optimize,
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
    /// A command whose evaluation alone nobody knows how to ask for.
    #[error(
        "`{command}`: nothing is known that evaluates the same without building; use `nix build`, `nix-build`, `nix eval` or a rebuild command"
    )]
    NotEvaluable {
        /// The command.
        command: String,
    },
    /// Nix could not evaluate.
    #[error("`{command}` failed; correct what Nix says and try again:\n{message}")]
    NotEvaluated {
        /// What was run.
        command: String,
        /// The last lines of what Nix said.
        message: String,
    },
    /// The profiler of Nix wrote nothing.
    #[error(
        "Nix wrote no profile of the evaluation: it was answered before the first look; leave out the profile, or evaluate more"
    )]
    NoStacks,
    /// A signal came while something was measured that is of no use in parts.
    #[error("interrupted while it was measured")]
    Interrupted {
        /// The exit code of what was run.
        code: u8,
    },
}
