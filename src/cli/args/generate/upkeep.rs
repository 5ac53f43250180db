//! The arguments of settings for a purpose: little memory, a store that is kept small.

use clap::{Args as ClapArgs, ValueEnum};

use super::super::{PlaceArgs, SubjectArgs, usage};
use crate::generate::{Schedule, Usage};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
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
#[command(after_long_help = "\
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
    /// When garbage is collected.
    ///
    /// Every night, every Sunday, or when the disk fills, with a run a month for old generations
    /// [default: weekly, daily on servers].
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
