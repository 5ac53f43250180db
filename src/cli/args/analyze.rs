//! The arguments of `nixtune analyze` and its subcommands.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::super::output::Document;
use super::Format;

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune analyze profile -- nix build .#hello       where the time of a build goes
  nixtune analyze profile --log build.log.gz         the same, of a saved log
  nixtune analyze log build.log                      what went wrong in it")]
pub(in crate::cli) struct AnalyzeArgs {
    /// What to analyze.
    #[command(subcommand)]
    pub analysis: Analysis,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Analysis {
    /// Say what went wrong in a build log, and which setting decides about it.
    Log(LogArgs),
    /// Run a command of Nix, or read its log, and say where the time went.
    Profile(ProfileArgs),
}

impl AnalyzeArgs {
    /// What programs read from standard output; `None` when people do.
    pub fn document(&self) -> Option<Document> {
        match &self.analysis {
            Analysis::Log(args) => (args.format == Format::Json).then_some(Document::Json),
            Analysis::Profile(args) => {
                (args.format != ProfileFormat::Human).then_some(Document::Json)
            }
        }
    }
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune analyze profile -- nix build .#hello
  nixtune analyze profile -- sudo nixos-rebuild build --flake .
  nixtune analyze profile --save-log build.log -- nix-build -A hello
  nixtune analyze profile --log build.log --format json
  nixtune analyze profile --log build.log --format trace > trace.json    for ui.perfetto.dev

What Nix says goes to standard error, the report to standard output. The exit code is that of the
command. Nix writes no times: a log that was saved by other means has an order only, unless each line
was stamped, as `ts -s %.s` does.")]
pub(in crate::cli) struct ProfileArgs {
    /// Read this log of `--log-format internal-json` instead; packed with gzip or not.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "save_log"])]
    pub log: Option<PathBuf>,
    /// Keep the log, with the time of each line, for `--log`.
    #[arg(long, value_name = "FILE")]
    pub save_log: Option<PathBuf>,
    /// How to report: human, json or trace.
    ///
    /// `trace` is what Perfetto and Chrome show on a timeline.
    #[arg(long, value_enum, default_value_t = ProfileFormat::Human, value_name = "FORMAT", hide_possible_values = true)]
    pub format: ProfileFormat,
    /// The command, with its arguments.
    #[arg(last = true, required_unless_present = "log", value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// How to report a profile.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ProfileFormat {
    // For people.
    Human,
    // One document.
    Json,
    // Trace events.
    Trace,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nix build .#hello 2>&1 | tee build.log; nixtune analyze log build.log
  nixtune analyze log build.log.gz --format json

Plain logs, logs of `--log-format internal-json` and those that are packed with gzip are read.

Exit codes: 0 no known symptom, 1 at least one, 2 the log could not be read.")]
pub(in crate::cli) struct LogArgs {
    /// The log.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}
