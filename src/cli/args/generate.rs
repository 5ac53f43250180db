//! The arguments of `nixtune generate`: a subcommand for each kind.

use clap::{Args as ClapArgs, Subcommand};

use super::{CiArgs, EditorArgs, PlaceArgs, PreCommitArgs, SubjectArgs};

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate ci --provider github
  nixtune generate editor --editor vscode
  nixtune generate low-memory --for nixos
  nixtune generate low-memory --diff        what it would change in a file that is there
  nixtune generate pre-commit --style git-hook")]
pub(in crate::cli) struct GenerateArgs {
    /// What to write.
    #[command(subcommand)]
    pub kind: Kind,
}

/// What can be generated.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Kind {
    /// Jobs that lint and check the configuration: GitHub Actions, GitLab CI, Forgejo Actions.
    Ci(CiArgs),
    /// Tasks, compilers and keys for editors.
    Editor(EditorArgs),
    /// Settings for a machine that runs out of memory while it builds.
    LowMemory(LowMemoryArgs),
    /// A hook that lints what is committed: git's own, pre-commit's, git-hooks.nix's.
    PreCommit(PreCommitArgs),
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate low-memory --for nixos --output nixos/low-memory.nix
  nixtune generate low-memory --for nix-conf --output -")]
pub(in crate::cli) struct LowMemoryArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
}
