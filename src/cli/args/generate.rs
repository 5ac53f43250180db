//! The arguments of `nixtune generate`: a subcommand for each kind.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::{PlaceArgs, SubjectArgs, usage};
use crate::generate::{Schedule, Shell, Usage};

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate aliases --shell zsh      short commands for rebuilding and looking
  nixtune generate low-memory --for nixos
  nixtune generate low-memory --diff        what it would change in a file that is there
  nixtune generate maintenance --schedule daily --retention 14
  nixtune generate monitor --for nixos      metrics of the store, daily")]
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
    /// Settings for a machine that runs out of memory while it builds.
    LowMemory(LowMemoryArgs),
    /// Garbage collection and store optimization on a schedule.
    Maintenance(MaintenanceArgs),
    /// A script that records metrics of Nix and its store, and what starts it daily.
    Monitor(MonitorArgs),
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
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
    /// Go through these programs; those on the PATH are used when nothing is said.
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
    /// The folder of the flake; #NAME behind it is another configuration than this machine's.
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
#[command(after_help = "\
The head of the script says what a line holds. It looks only, with the lowest priority.

Examples:
  nixtune generate monitor --for nixos
  nixtune generate monitor --for darwin --flake ~/dotfiles'#mbp'    times the evaluation, too
  nixtune generate monitor --for nix-conf --output monitor          a script and its timer")]
pub(in crate::cli) struct MonitorArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Time the evaluation of the flake in this folder; #NAME behind it is another configuration
    /// than this machine's, or, with `--for nix-conf`, the attribute of a derivation.
    #[arg(long, value_name = "FOLDER")]
    pub flake: Option<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
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

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate maintenance                        a module for the configuration of this folder
  nixtune generate maintenance --schedule free-space --for nixos --output -
  nixtune generate maintenance --for nix-conf --output upkeep    units of systemd or launchd")]
pub(in crate::cli) struct MaintenanceArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// What the machine is used for [default: balanced].
    #[arg(long, value_name = "USE", value_parser = usage)]
    pub profile: Option<Usage>,
    /// When garbage is collected: every night, every Sunday, or when the disk fills, with a run a
    /// month for old generations [default: weekly, daily on servers].
    #[arg(long, value_enum, value_name = "WHEN")]
    pub schedule: Option<ScheduleWord>,
    /// Keep old generations for this many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub retention: Option<u32>,
    /// Ask for what is a matter of taste.
    #[arg(long)]
    pub interactive: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Words of `--schedule`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ScheduleWord {
    // Every night.
    Daily,
    // Every Sunday.
    Weekly,
    // When the disk fills; once a month for the generations.
    FreeSpace,
}

impl From<ScheduleWord> for Schedule {
    fn from(word: ScheduleWord) -> Self {
        match word {
            ScheduleWord::Daily => Self::Daily,
            ScheduleWord::Weekly => Self::Weekly,
            ScheduleWord::FreeSpace => Self::FreeSpace,
        }
    }
}
