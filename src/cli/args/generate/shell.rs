//! The arguments of what runs in a shell: commands for people, and the script of the monitor.

use clap::{Args as ClapArgs, ValueEnum};

use super::super::{PlaceArgs, SubjectArgs};
use crate::generate::Shell;

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Commands:
  rebuild, rebuild-fast, rebuild-check (shows what would change), update, cleanup,
  perf-analyze, perf-profile, perf-optimize

Examples:
  nixtune generate aliases                          for the shell and the machine that you use
  nixtune generate aliases --shell home-manager --for darwin --flake ~/dotfiles
  nixtune generate aliases --shell fish --for nixos --with nom --output -")]
pub(in crate::cli) struct AliasesArgs {
    /// What reads the commands [default: the shell that you use].
    #[arg(long, value_enum, value_name = "SHELL")]
    pub shell: Option<ShellWord>,
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub flake: FlakeArgs,
    /// Go through these programs.
    ///
    /// Those on the PATH are used when nothing is said.
    #[arg(long, value_enum, value_name = "PROGRAM", value_delimiter = ',')]
    pub with: Vec<ProgramWord>,
    /// Do not go through these.
    #[arg(long, value_enum, value_name = "PROGRAM", value_delimiter = ',')]
    pub without: Vec<ProgramWord>,
    /// Let `cleanup` keep generations for this many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub retention: Option<u32>,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// The configuration.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct FlakeArgs {
    /// The folder of the flake.
    ///
    /// #NAME behind it is another configuration than this machine's.
    #[arg(long, value_name = "FOLDER")]
    pub flake: Option<String>,
    /// The configuration is no flake.
    #[arg(long, conflicts_with = "flake")]
    pub no_flake: bool,
}

/// Words of `--shell`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ShellWord {
    // A module.
    HomeManager,
    Zsh,
    Bash,
    Fish,
}

impl From<ShellWord> for Shell {
    fn from(word: ShellWord) -> Self {
        match word {
            ShellWord::HomeManager => Self::HomeManager,
            ShellWord::Zsh => Self::Zsh,
            ShellWord::Bash => Self::Bash,
            ShellWord::Fish => Self::Fish,
        }
    }
}

/// Programs that rebuild in a nicer way.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ProgramWord {
    // Runs the rebuild.
    Nh,
    // Draws the build.
    Nom,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
The head of the script says what a line holds. It looks only, with the lowest priority.

Examples:
  nixtune generate monitor --for nixos
  nixtune generate monitor --for darwin --flake ~/dotfiles'#mbp'    times the evaluation, too
  nixtune generate monitor --for nix-conf --output monitor          a script and its timer")]
pub(in crate::cli) struct MonitorArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Time the evaluation of the flake in this folder.
    ///
    /// #NAME behind it is another configuration than this machine's, or, with `--for nix-conf`, the
    /// attribute of a derivation.
    #[arg(long, value_name = "FOLDER")]
    pub flake: Option<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
}
