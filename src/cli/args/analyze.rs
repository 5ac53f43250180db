//! The arguments of `nixtune analyze` and its subcommands.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use clap_complete::ArgValueCandidates;

use super::super::output::Document;
use super::{Format, candidates};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune analyze cache                      which caches answer, how fast, and who signs what they serve
  nixtune analyze cache --closure .#default  what a build would fetch, and what it would have to build

Exit codes: 0 nothing is wrong, 1 something is, 2 nixtune could not do its job.")]
pub(in crate::cli) struct AnalyzeArgs {
    /// What to analyze.
    #[command(subcommand)]
    pub analysis: Analysis,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Analysis {
    /// Ask the binary caches: speed, signatures, overlap, what a closure needs.
    Cache(AnalyzeCacheArgs),
}

impl AnalyzeArgs {
    /// What programs read from standard output; `None` when people do.
    pub fn document(&self) -> Option<Document> {
        let format = match &self.analysis {
            Analysis::Cache(args) => args.format,
        };
        (format == Format::Json).then_some(Document::Json)
    }
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Asks each cache for what it says about itself and for some paths of the store. Nothing is downloaded
or changed.

Examples:
  nixtune analyze cache                       the caches that the installed Nix uses
  nixtune analyze cache --path . --machine mbp
                                              those that the files of a machine say
  nixtune analyze cache https://cache.nixos.org
  nixtune analyze cache --closure .#default   what a build would fetch, build, or has here
  nixtune analyze cache --cold --closure /run/current-system
                                              the same for a machine whose store is empty
  nix path-info -r ./result | nixtune analyze cache --closure -
  nixtune analyze cache --format json

Exit codes: 0 nothing is wrong, 1 something is, 2 nixtune could not do its job.")]
pub(in crate::cli) struct AnalyzeCacheArgs {
    /// Addresses of caches instead of the configured ones.
    #[arg(value_name = "CACHE")]
    pub caches: Vec<String>,
    /// Go by these files instead of the installed Nix.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub path: Vec<PathBuf>,
    /// Of these files, go by this machine.
    #[arg(long, value_name = "NAME", requires = "path", add = ArgValueCandidates::new(candidates::machines))]
    pub machine: Option<String>,
    /// Look for what this needs, too.
    ///
    /// Store paths, derivations or installables; `-` reads paths from standard input. An installable
    /// is evaluated by the installed Nix.
    #[arg(long, value_name = "INSTALLABLE|PATH", num_args = 1..)]
    pub closure: Vec<String>,
    /// Take the store for empty.
    #[arg(long, requires = "closure")]
    pub cold: bool,
    /// Trust this key, too.
    ///
    /// As in `trusted-public-keys`. May be given several times.
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// Ask for so many paths of the store.
    #[arg(long, value_name = "PATHS", default_value_t = 40)]
    pub sample: usize,
    /// Wait so long for an answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}
