//! The arguments of `nixtune generate`: a subcommand for each kind.

use clap::{Args as ClapArgs, Subcommand};

use super::{PlaceArgs, SubjectArgs};

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate low-memory --for nixos
  nixtune generate low-memory --diff        what it would change in a file that is there")]
pub(in crate::cli) struct GenerateArgs {
    /// What to write.
    #[command(subcommand)]
    pub kind: Kind,
}

/// What can be generated.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Kind {
    /// Settings for a machine that runs out of memory while it builds.
    LowMemory(LowMemoryArgs),
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
