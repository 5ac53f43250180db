//! The arguments of `nixtune analyze` and its subcommands.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use clap_complete::ArgValueCandidates;

use super::super::output::Document;
use super::{Format, VerifyArgs, candidates};
use crate::analyze::store::Age;

#[derive(ClapArgs, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "\
Without a subcommand, one screen: the host, its Nix, settings against what fits, store, generations and
caches, each against its target.

Examples:
  nixtune analyze                            the machine at a glance
  nixtune analyze --offline                  the same, without asking caches
  nixtune analyze profile -- nix build .     where the time of a build goes
  nixtune analyze log build.log              what went wrong in it
  nixtune analyze verify --setting max-jobs=4 -- nix build --rebuild .#hello
                                             whether it is faster
  nixtune analyze cache                      which caches answer, how fast, and who signs what they serve
  nixtune analyze cache --closure .#default  what a build would fetch, and what it would have to build
  nixtune analyze report --output week.html  all of it in one document
  nixtune analyze optimize                   what would free space; with --yes it is done
  nixtune analyze store                      what the store holds, who keeps it, what could go

Exit codes: 0 nothing is wrong, 1 something is, 2 nixtune could not do its job."
)]
pub(in crate::cli) struct AnalyzeArgs {
    /// What to analyze; the whole machine at a glance when nothing is said.
    #[command(subcommand)]
    pub analysis: Option<Analysis>,
    #[command(flatten)]
    pub overview: OverviewArgs,
}

#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct OverviewArgs {
    /// Ask no caches.
    #[arg(long)]
    pub offline: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Analysis {
    /// Ask the binary caches: speed, signatures, overlap, what a closure needs.
    Cache(AnalyzeCacheArgs),
    /// Look at the store: what lives by whom, what is dead, what is large.
    Store(AnalyzeStoreArgs),
    /// Say what went wrong in a build log, and which setting decides about it.
    Log(LogArgs),
    /// Run a command of Nix, or read its log, and say where the time went.
    Profile(ProfileArgs),
    /// Plan what frees space, and do it: collect garbage, link equal files.
    Optimize(OptimizeArgs),
    /// Write all of it into one document, for a weekly review.
    Report(ReportArgs),
    /// Prove by runs in turns whether a setting makes a command faster.
    Verify(VerifyArgs),
}

impl AnalyzeArgs {
    /// What programs read from standard output; `None` when people do.
    pub fn document(&self) -> Option<Document> {
        let format = match &self.analysis {
            Some(Analysis::Profile(args)) => {
                let is_json = matches!(
                    args.format,
                    ProfileFormat::Json | ProfileFormat::Trace | ProfileFormat::Speedscope
                );
                return (is_json && args.output.is_none()).then_some(Document::Json);
            }
            Some(Analysis::Optimize(args)) => args.format,
            Some(Analysis::Report(args)) => {
                let is_json = args.format() == ReviewFormat::Json && args.output.is_none();
                return is_json.then_some(Document::Json);
            }
            Some(Analysis::Log(args)) => args.format,
            Some(Analysis::Verify(args)) => args.format,
            None => self.overview.format,
            Some(Analysis::Cache(args)) => args.format,
            Some(Analysis::Store(args)) => args.format,
        };
        (format == Format::Json).then_some(Document::Json)
    }
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune analyze profile                     the configuration of this machine
  nixtune analyze profile -- nix build .#hello
  nixtune analyze profile --eval -- nix build .#hello
  nixtune analyze profile --format speedscope --output eval.json -- nix build .#hello
  nixtune analyze profile -- sudo nixos-rebuild build --flake .
  nixtune analyze profile --label switch -- sudo nixos-rebuild switch --flake .
  nixtune analyze profile --save-log build.log -- nix-build -A hello
  nixtune analyze profile --format html --output build.html -- nix build .#hello
  nixtune analyze profile --log build.log --format json
  nixtune analyze profile --log build.log --format trace > trace.json    for ui.perfetto.dev

What Nix says goes to standard error, the report to standard output. The exit code is that of
the command. The run is recorded for `nixtune history`: times and counts, what was built, the
commit of the repository, no environment and no log. Nix writes no times: a log that was saved
by other means has an order only, unless each line was stamped, as `ts -s %.s` does.")]
pub(in crate::cli) struct ProfileArgs {
    /// Read this log of `--log-format internal-json` instead; packed with gzip or not.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "save_log"])]
    pub log: Option<PathBuf>,
    /// Keep the log, with the time of each line, for `--log`.
    #[arg(long, value_name = "FILE")]
    pub save_log: Option<PathBuf>,
    /// How to report: human, json, html, trace, folded or speedscope.
    ///
    /// `html` is one file with a timeline for any browser, `trace` is what Perfetto and Chrome show.
    /// `folded` and `speedscope` are the calls of an evaluation, for flame graphs and speedscope.app;
    /// nothing is built for them.
    #[arg(long, value_enum, default_value_t = ProfileFormat::Human, value_name = "FORMAT", hide_possible_values = true)]
    pub format: ProfileFormat,
    /// Call the run so in the history.
    ///
    /// Runs with the same label are compared with each other; without one, those of the same command.
    #[arg(long, value_name = "LABEL", conflicts_with = "log")]
    pub label: Option<String>,
    /// Leave the run out of the history.
    #[arg(long, conflicts_with_all = ["log", "label"])]
    pub no_record: bool,
    /// Measure evaluation by itself first, without the evaluation cache and with it.
    ///
    /// What the command would build is evaluated two or three times, and once more for the calls with
    /// `--format html`.
    #[arg(long, conflicts_with = "log")]
    pub eval: bool,
    /// Write the report into this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Without a command, look for the configuration here [default: the working directory].
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["command", "log"])]
    pub path: Vec<PathBuf>,
    /// Build the configuration of this machine instead of the one called like this computer.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["command", "log"], add = ArgValueCandidates::new(candidates::machines))]
    pub machine: Option<String>,
    /// The command, with its arguments [default: build this machine's configuration, without switching to it].
    #[arg(last = true, value_name = "COMMAND")]
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
    // One file for browsers.
    Html,
    // Stacks of evaluation, for flame graphs.
    Folded,
    // The same for speedscope.
    Speedscope,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Shows a plan with the gain to expect of each step: a garbage collection, links between equal
files, and settings that do not fit the machine, which `nixtune apply` or an editor changes, not
this command. Asks on a terminal; elsewhere nothing is done without --yes. What was gained is
measured.

Examples:
  nixtune analyze optimize                     the plan, then a question
  nixtune analyze optimize --older-than 30d    old generations go, too
  nixtune analyze optimize --path . --machine server
                                               as its `nix.gc.options` say
  nixtune analyze optimize --yes --format json

Files are compared to tell what links would save; that reads most of the store. --no-optimise leaves
it out. On macOS equal files are linked only by a Nix that is known not to damage the store
(`nixtune explain darwin-auto-optimise-unsafe`).

Exit codes: 0 done or nothing to do, 2 a step failed or was interrupted.")]
pub(in crate::cli) struct OptimizeArgs {
    #[command(flatten)]
    pub collected: CollectedArgs,
    /// Do not link equal files, nor look for them.
    #[arg(long)]
    pub no_optimise: bool,
    /// Do it without asking.
    #[arg(long)]
    pub yes: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Targets, what to do about those that are missed, the last runs and where their time went, metrics over
time and since when they are otherwise, the store with its growth, and the caches.

Examples:
  nixtune analyze report                             Markdown
  nixtune analyze report --output week.html          one file that needs nothing else
  nixtune analyze report --offline --format json

Exit codes: 0 the report is written, 2 it is not.")]
pub(in crate::cli) struct ReportArgs {
    /// markdown, html or json [default: by the ending of --output, else markdown].
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReviewFormat>,
    /// Write to this file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Ask no caches.
    #[arg(long)]
    pub offline: bool,
    /// Name so many roots, large paths and runs.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub most: usize,
}

impl ReportArgs {
    /// What is said, else what the file's ending says.
    pub fn format(&self) -> ReviewFormat {
        let ending = self.output.as_ref().and_then(|path| path.extension());
        self.format
            .unwrap_or_else(|| match ending.and_then(|ending| ending.to_str()) {
                Some("html" | "htm") => ReviewFormat::Html,
                Some("json") => ReviewFormat::Json,
                _ => ReviewFormat::Markdown,
            })
    }
}

/// The form of a document about everything.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ReviewFormat {
    // For merge requests and notes.
    Markdown,
    // A page.
    Html,
    // One document for programs.
    Json,
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

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Reads Nix's database and the links that keep paths. Nothing is deleted, and no build has to wait.
How much there is is recorded for `nixtune history` and the forecast.
Without root, what other users' processes use is not seen.

Examples:
  nixtune analyze store
  nixtune analyze store --older-than 30d    what `nix-collect-garbage --delete-older-than 30d` would free
  nixtune analyze store --path . --machine server
                                            what its `nix.gc.options` would free here
  nixtune analyze store --duplicates        what `nix store optimise` would save; reads all files
  nixtune analyze store --most 50 --format json

Exit codes: 0 the store was read, 2 it was not.")]
pub(in crate::cli) struct AnalyzeStoreArgs {
    #[command(flatten)]
    pub collected: CollectedArgs,
    /// Compare the files that are not linked yet.
    ///
    /// That reads most of the store.
    #[arg(long)]
    pub duplicates: bool,
    /// Leave what the store holds now out of the history.
    #[arg(long)]
    pub no_record: bool,
    /// Name so many roots and large paths.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub most: usize,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}

/// Which generations a garbage collection removes first.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct CollectedArgs {
    /// Generations that are older go, as in 30d.
    #[arg(long, value_name = "DAYS")]
    pub older_than: Option<Age>,
    /// What `nix.gc.options` of these files removes goes.
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "older_than")]
    pub path: Vec<PathBuf>,
    /// Of these files, go by this machine.
    #[arg(long, value_name = "NAME", requires = "path", add = ArgValueCandidates::new(candidates::machines))]
    pub machine: Option<String>,
}
