//! The arguments of `nixtune generate`: a subcommand for each kind.

mod fleet;
mod integrations;
mod shell;
mod upkeep;

use clap::{Args as ClapArgs, Subcommand};

pub(in crate::cli) use fleet::{BuildersArgs, CacheArgs};
pub(in crate::cli) use integrations::{CiArgs, EditorArgs, EditorWord, PreCommitArgs};
pub(in crate::cli) use shell::{AliasesArgs, MonitorArgs, ProgramWord};
pub(in crate::cli) use upkeep::{LowMemoryArgs, MaintenanceArgs};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune generate aliases --shell zsh      short commands for rebuilding and looking
  nixtune generate builders hosts/build01.toml hosts/m4.toml --for nixos
  nixtune generate cache --url https://cache.example.org --key-file cache.pub --for darwin
  nixtune generate cache --url https://cache.example.org --server harmonia
  nixtune generate ci --provider github
  nixtune generate editor --editor vscode
  nixtune generate low-memory --diff        what it would change in a file that is there
  nixtune generate maintenance --schedule daily --retention 14
  nixtune generate monitor --for nixos      metrics of the store, daily
  nixtune generate pre-commit --style git-hook")]
pub(in crate::cli) struct GenerateArgs {
    /// What to write.
    #[command(subcommand)]
    pub kind: Kind,
}

/// What can be generated.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Kind {
    /// Short commands for rebuilding, looking and cleaning up.
    Aliases(AliasesArgs),
    /// The machines that builds are sent to, with what the daemon needs to reach them.
    Builders(BuildersArgs),
    /// A binary cache: for those who ask it, the machine that serves it, and those that fill it.
    Cache(CacheArgs),
    /// Jobs that lint and check the configuration: GitHub Actions, GitLab CI, Forgejo Actions.
    Ci(CiArgs),
    /// Tasks, compilers and keys for editors.
    Editor(EditorArgs),
    /// Settings for a machine that runs out of memory while it builds.
    LowMemory(LowMemoryArgs),
    /// Garbage collection and store optimization on a schedule.
    Maintenance(MaintenanceArgs),
    /// A script that records metrics of Nix and its store, and what starts it daily.
    Monitor(MonitorArgs),
    /// A hook that lints what is committed: for git, pre-commit, lefthook, git-hooks.nix.
    PreCommit(PreCommitArgs),
}
