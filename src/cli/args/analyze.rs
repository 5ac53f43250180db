//! The arguments of `nixtune analyze` and its subcommands.

use clap::{Args as ClapArgs, Subcommand};

use super::super::output::Document;
use super::{Format, VerifyArgs};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune analyze verify --setting max-jobs=4 -- nix build --rebuild .#hello    whether it is faster")]
pub(in crate::cli) struct AnalyzeArgs {
    /// What to analyze.
    #[command(subcommand)]
    pub analysis: Analysis,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Analysis {
    /// Prove by runs in turns whether a setting makes a command faster.
    Verify(VerifyArgs),
}

impl AnalyzeArgs {
    /// What programs read from standard output; `None` when people do.
    pub fn document(&self) -> Option<Document> {
        match &self.analysis {
            Analysis::Verify(args) => (args.format == Format::Json).then_some(Document::Json),
        }
    }
}
