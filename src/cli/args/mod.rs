//! The arguments of every command.

#[cfg(feature = "analyze")]
mod analyze;
mod candidates;
mod generate;
#[cfg(feature = "analyze")]
mod history;
#[cfg(feature = "analyze")]
mod simulate;
#[cfg(feature = "analyze")]
mod verify;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCandidates;

use super::output::Document;
use crate::engine::AskedPlace;
use crate::generate::{Sink, Usage};
use crate::policy::{FailOn, TargetPolicy, suggestion};

#[cfg(feature = "analyze")]
pub(super) use analyze::{
    Analysis, AnalyzeArgs, AnalyzeCacheArgs, AnalyzeStoreArgs, CollectedArgs, LogArgs,
    OptimizeArgs, OverviewArgs, ProfileArgs, ProfileFormat, ReportArgs, ReviewFormat,
};
pub(super) use generate::{
    AliasesArgs, BuildersArgs, CacheArgs, CiArgs, EditorArgs, EditorWord, GenerateArgs, Kind,
    LowMemoryArgs, MaintenanceArgs, MonitorArgs, PreCommitArgs, ProgramWord,
};
#[cfg(feature = "analyze")]
pub(super) use history::HistoryArgs;
#[cfg(feature = "analyze")]
pub(super) use simulate::SimulateArgs;
#[cfg(feature = "analyze")]
pub(super) use verify::VerifyArgs;

/// Linter, fixer, generator and analyzer for the configuration of Nix itself.
#[derive(Parser, Debug)]
#[command(
    name = "nixtune",
    version,
    about,
    after_help = "Exit codes: 0 nothing to report, 1 something reported, 2 nixtune could not do its job.",
    after_long_help = "\
Examples:
  nixtune lint                       what is wrong in the folder that you are in
  nixtune apply                      the diff that mends it; with --write it is made
  nixtune explain max-jobs           what a setting is, and what fits this machine
  nixtune show max-jobs              where a value comes from, and what it overrode
  nixtune init                       the settings that fit this machine, as a file
  nixtune generate pre-commit        a hook that lints what is committed
  nixtune analyze profile -- nix build .#hello
                                     where the time of a build goes

Exit codes: 0 nothing to report, 1 something reported, 2 nixtune could not do its job.",
    max_term_width = 100
)]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say nothing beside what is found: no counts, no notes, no tables.
    #[arg(short, long, global = true, display_order = 901)]
    pub quiet: bool,
    /// Say what was looked at, and why; -vv for each file.
    ///
    /// On standard error: the nixtune.toml that counts, the machines that were found with the
    /// hardware that they are judged for and why, how many files were read and skipped, and how long
    /// it took.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", display_order = 902)]
    pub verbose: u8,
    /// Use colors: auto, always or never.
    ///
    /// `auto` uses them on a terminal and honours NO_COLOR.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", hide_possible_values = true, display_order = 900)]
    pub color: ColorChoice,
}

/// When colors are used.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ColorChoice {
    // On a terminal, unless NO_COLOR is set. Comments here would show in every `--help`.
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Report what is wrong, slow, risky or unfit for the machine.
    Lint(LintArgs),
    /// Show the diff that mends it; write it with --write.
    Apply(ApplyArgs),
    /// Show what reaches Nix, from where, and what was lost on the way.
    Show(ShowArgs),
    /// Explain a rule, a setting or an option.
    Explain(ExplainArgs),
    /// List the rules.
    Rules(RulesArgs),
    /// Write the settings that fit this machine.
    Init(InitArgs),
    /// Write what belongs around the settings.
    Generate(GenerateArgs),
    /// Write a nixtune.toml to start with.
    InitPolicy(InitPolicyArgs),
    /// Show what this machine is and what fits it.
    Host(HostArgs),
    /// Find out where the time and the disk go.
    #[cfg(feature = "analyze")]
    Analyze(AnalyzeArgs),
    /// Show what runs were like before, against targets.
    #[cfg(feature = "analyze")]
    History(HistoryArgs),
    /// Predict how long a build takes with other settings.
    #[cfg(feature = "analyze")]
    Simulate(SimulateArgs),
    /// Serve an editor: diagnostics, fixes, hover, completion.
    #[cfg(feature = "lsp")]
    Lsp(LspArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print manual pages.
    Man(ManArgs),
}

#[cfg(feature = "lsp")]
#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
The editor starts it and speaks the language server protocol with it over standard input and output.

Examples:
  Neovim    vim.lsp.start({ name = 'nixtune', cmd = { 'nixtune', 'lsp' }, root_dir = vim.fs.root(0, '.git') })
  Helix     [language-server.nixtune]
            command = \"nixtune\"
            args = [\"lsp\"]

The editor may set host, target, select, ignore and preview, as the flags of `nixtune lint`.")]
pub(super) struct LspArgs {
    /// Speak over standard input and output; there is no other way, and some editors say so.
    #[arg(long, hide = true)]
    pub stdio: bool,
}

impl Command {
    /// What programs read from standard output; `None` when people do.
    pub fn document(&self) -> Option<Document> {
        let is_json = match self {
            Self::Lint(args) => match args.format {
                Some(LintFormat::Jsonl) => return Some(Document::JsonLines),
                format => format == Some(LintFormat::Json),
            },
            Self::Apply(args) => args.format == Format::Json,
            Self::Show(args) => args.format == Format::Json,
            Self::Rules(args) => args.format == TableFormat::Json,
            #[cfg(feature = "analyze")]
            Self::Analyze(args) => return args.document(),
            #[cfg(feature = "analyze")]
            Self::History(args) => args.format == Format::Json,
            #[cfg(feature = "analyze")]
            Self::Simulate(args) => args.format == Format::Json,
            Self::Host(args) => args.format == HostFormat::Json,
            _ => false,
        };
        is_json.then_some(Document::Json)
    }
}

/// Whether to look at the running machine.
#[derive(ClapArgs, Debug)]
pub(super) struct LiveArgs {
    /// Look at this machine, too: its caches, disks, store and builders.
    ///
    /// Asks the caches and builders that the files name over the network, reads Nix's database, and
    /// changes nothing there. With =MACHINE, that is the configured machine that this one is; else it is found
    /// by its name, or because it is the only one of this operating system.
    #[arg(
        long,
        value_name = "MACHINE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        add = ArgValueCandidates::new(candidates::machines)
    )]
    pub live: Option<String>,
}

/// What to read, and for which machine.
#[derive(ClapArgs, Debug)]
pub(super) struct SourceArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(value_name = "PATHS", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Judge for the hardware in this profile.
    ///
    /// `nixtune host --save FILE` writes one.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
    /// Judge for this Nix, such as lix@2.93.
    ///
    /// Words such as nix-darwin, lix@2.93, cppnix@2.31.2 and aarch64-darwin, separated by commas.
    #[arg(long, value_name = "TARGET")]
    pub target: Option<TargetPolicy>,
    /// How to call standard input.
    ///
    /// Its ending decides between Nix and nix.conf.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune lint                                  the folder that you are in
  nixtune lint darwin/ --host hosts/mbp.toml    for the hardware of another machine
  nixtune lint --watch                          again after each change
  nixtune lint --select security --fail-on info
  nixtune lint --target lix@2.93 --format json flake.nix
  nixtune lint --changed-since origin/main      only what this branch brings
  nixtune lint --output sarif=nixtune.sarif --output junit=report.xml
  nixtune lint --live                           ask the caches, the disk and the store as well
  nixtune lint --write-baseline                 accept what is there; later runs report what is new
  nixtune lint - --stdin-filename nix.conf < /etc/nix/nix.conf")]
pub(super) struct LintArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// How to report on standard output [default: human].
    ///
    /// One of human, concise, json, jsonl, sarif, github, gitlab, rdjson, checkstyle, junit and
    /// markdown.
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<LintFormat>,
    /// Write the report to a file, too.
    ///
    /// As in `sarif=nixtune.sarif`; without a format, that of the file's ending or of `--format`.
    /// May be given several times.
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub output: Vec<ReportFile>,
    /// Only these rules or categories.
    ///
    /// `default` and `all` are words for many. May be given several times.
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(candidates::rule_words))]
    pub select: Vec<String>,
    /// Not these rules or categories.
    ///
    /// May be given several times.
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(candidates::rule_words))]
    pub ignore: Vec<String>,
    #[command(flatten)]
    pub live: LiveArgs,
    /// Let rules speak, too, that are not yet proven.
    ///
    /// They are right as far as is known, but were not yet seen on many configurations.
    #[arg(long)]
    pub preview: bool,
    /// Exit with 1 from this severity on [default: warning].
    ///
    /// One of error, warning, info and never.
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Do not report what this file holds.
    ///
    /// `lint.baseline` in nixtune.toml names one for every run.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Accept what is reported now.
    ///
    /// Writes it to the baseline [default: nixtune-baseline.json]; only what is new is reported from
    /// then on.
    #[arg(long)]
    pub write_baseline: bool,
    /// Report only what changed since this revision of git.
    ///
    /// That is what stands on lines that changed, or has a part there; since it and HEAD parted,
    /// when it is another branch.
    #[arg(long, value_name = "REVISION", conflicts_with = "write_baseline")]
    pub changed_since: Option<String>,
    /// Count by rule instead of showing each diagnostic.
    #[arg(long)]
    pub statistics: bool,
    /// Report again whenever a file changes.
    #[arg(long, conflicts_with = "write_baseline")]
    pub watch: bool,
    /// Look at everything again.
    ///
    /// Otherwise a run like an earlier one says the same as that, without reading a file, as long as
    /// nothing has changed that it looked at. What was said is kept in $XDG_CACHE_HOME/nixtune.
    #[arg(
        long,
        env = "NIXTUNE_NO_CACHE",
        hide_env_values = true,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub no_cache: bool,
}

/// How `lint` reports.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LintFormat {
    // For people: excerpts and reasons.
    Human,
    // One line for each diagnostic.
    Concise,
    // One document.
    Json,
    // A document on each line.
    Jsonl,
    // SARIF 2.1.0, for code scanning.
    Sarif,
    // Annotations of GitHub Actions.
    Github,
    // GitLab's code quality report.
    Gitlab,
    // For reviewdog.
    Rdjson,
    // Checkstyle's XML.
    Checkstyle,
    // JUnit's XML.
    Junit,
    // A table.
    Markdown,
}

/// A file for the report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ReportFile {
    /// `None` leaves it to the file's ending or to `--format`.
    pub format: Option<LintFormat>,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((word, path)) => match LintFormat::from_str(word, true) {
                Ok(format) => (Some(format), path),
                Err(_) if word.contains(['/', '.']) => (None, text),
                Err(_) => {
                    let known = LintFormat::value_variants().iter();
                    let known: Vec<String> = known
                        .filter_map(|format| {
                            Some(format.to_possible_value()?.get_name().to_owned())
                        })
                        .collect();
                    let hint = suggestion(word, known.iter().map(String::as_str));
                    return Err(format!("`{word}` is no format; {hint}"));
                }
            },
            None => (None, text),
        };
        if path.is_empty() || path == "-" {
            return Err("name a file; standard output is for `--format`".to_owned());
        }
        Ok(Self {
            format,
            path: path.into(),
        })
    }
}

/// How to report.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    // For people.
    Human,
    // For programs: one document.
    Json,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune apply                     show what would change
  nixtune apply --write             change it
  nixtune apply --interactive       decide about one fix after the other
  nixtune apply --at flake.nix:12 --write
                                    only what is reported on that line
  nixtune apply --unsafe --rule build-slots-oversubscribed --write
  nixtune apply | git apply         the same, through git
  nixtune apply --diff=fix.patch    the diff as a file, for `git apply` or `patch -p1`
  nixtune apply --check             in CI: exit with 1 when something would change
  nixtune apply --verify=nix        let the installed Nix evaluate the machines and agree first
  nixtune apply - --stdin-filename flake.nix --write < flake.nix
                                    as a filter, for editors

Files that are generated, in the Nix store, ignored by git, or neither among the paths nor in the
flake or git repository around them are never written.")]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// Write the files, all or none, instead of showing the diff.
    ///
    /// A write that was interrupted is undone by the next `nixtune apply`.
    #[arg(long)]
    pub write: bool,
    /// Exit with 1 when something would change; write nothing.
    #[arg(long, conflicts_with_all = ["write", "interactive"])]
    pub check: bool,
    /// Ask about one fix after the other.
    ///
    /// Each is shown with its reason and its diff. What was accepted is written after a last
    /// question, with --write without one.
    #[arg(long)]
    pub interactive: bool,
    /// Show the diff; with =FILE, write it there.
    ///
    /// Showing it is what happens anyway.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-",
        conflicts_with_all = ["write", "interactive"]
    )]
    pub diff: Option<PathBuf>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
    /// Take safe fixes only; this is the default.
    #[arg(long, conflicts_with = "unsafe")]
    pub safe: bool,
    /// Take unsafe fixes, too.
    ///
    /// Behaviour that someone may rely on changes, trust widens, or a fact was assumed.
    #[arg(long)]
    pub r#unsafe: bool,
    #[command(flatten)]
    pub live: LiveArgs,
    /// Only the fixes of these rules or categories.
    ///
    /// May be given several times.
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(candidates::rule_words))]
    pub rule: Vec<String>,
    /// Only what is reported at this place.
    ///
    /// FILE, FILE:LINE or FILE:LINE:COLUMN. May be given several times.
    #[arg(long, value_name = "FILE:LINE")]
    pub at: Vec<AskedPlace>,
    /// Let another program agree before a fix is made: nix.
    ///
    /// That is beside nixtune's own proof. `nix`: the installed Nix evaluates every machine that changes, before and after. That runs
    /// the code of the configuration, as a rebuild does; nothing is built or fetched. When Nix
    /// cannot evaluate it, nothing is made.
    #[arg(long, value_enum, value_name = "WAY", hide_possible_values = true)]
    pub verify: Option<VerifyWay>,
}

/// Who has to agree.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum VerifyWay {
    // The installed Nix.
    Nix,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune show                                  every setting of every machine
  nixtune show max-jobs --path darwin/          one: where it comes from, what it overrode
  nixtune show nix.gc build-cores               options, sets of options and other names too
  nixtune show --nix-conf --machine darwin      the nix.conf that the module system writes
  nixtune show --format json substituters
  nixtune show --path /etc/nix/nix.conf")]
pub(super) struct ShowArgs {
    /// Settings, options or sets of options; all of them when none is given.
    #[arg(value_name = "SETTING|OPTION", add = ArgValueCandidates::new(candidates::settings))]
    pub names: Vec<String>,
    /// Files and folders to read; `-` reads standard input.
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub path: Vec<PathBuf>,
    /// Only this machine.
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::machines))]
    pub machine: Option<String>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
    /// Print the nix.conf that the module system writes.
    ///
    /// What is not known is a comment.
    #[arg(long, conflicts_with_all = ["format", "names"])]
    pub nix_conf: bool,
    /// Read for the Nix in this profile.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
    /// Read for this Nix, such as lix@2.93.
    ///
    /// Words such as nix-darwin, lix@2.93, cppnix@2.31.2 and aarch64-darwin, separated by commas.
    #[arg(long, value_name = "TARGET")]
    pub target: Option<TargetPolicy>,
    /// How to call standard input.
    ///
    /// Its ending decides between Nix and nix.conf.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune explain min-free-unset       a rule
  nixtune explain max-jobs             a setting of nix.conf, and what fits this machine
  nixtune explain max-jobs --host hosts/mbp.toml
  nixtune explain nix.gc.interval      an option of nix-darwin, NixOS or home-manager")]
pub(super) struct ExplainArgs {
    /// A rule, a setting or an option.
    #[arg(value_name = "RULE|SETTING|OPTION", add = ArgValueCandidates::new(candidates::pages))]
    pub name: String,
    /// Recommend for the hardware in this profile instead of this machine's.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune rules
  nixtune rules --format markdown")]
pub(super) struct RulesArgs {
    /// How to list.
    #[arg(long, value_enum, default_value_t = TableFormat::Human, value_name = "FORMAT")]
    pub format: TableFormat,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune init                            what fits this machine, where this folder keeps it
  nixtune init --diff                     what that would change in a file that is there
  nixtune init --host hosts/mbp.toml --for darwin --output darwin/nix-settings.nix
  nixtune init --for nix-conf --profile ci --output -
  nixtune init --retention 14 --cache https://nix-community.cachix.org
  nixtune init --interactive              asks what is a matter of taste")]
pub(super) struct InitArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// What the machine is used for [default: balanced].
    #[arg(long, value_name = "USE", value_parser = usage)]
    pub profile: Option<Usage>,
    /// Keep old generations for this many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub retention: Option<u32>,
    /// A cache to ask and to trust, by its address; may be given several times.
    #[arg(long, value_name = "URL")]
    pub cache: Vec<String>,
    /// Ask for what is a matter of taste: retention, and caches to trust.
    #[arg(long)]
    pub interactive: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Write values that equal the defaults as well.
    #[arg(long)]
    pub explicit: bool,
    /// Go by the hardware alone, whatever `nixtune simulate --record` kept of this machine's builds.
    #[arg(long)]
    pub no_observations: bool,
}

/// Whom something is generated for.
#[derive(ClapArgs, Debug)]
pub(super) struct SubjectArgs {
    /// Where the settings go; found out when it is not said.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub r#for: Option<SinkWord>,
    /// The hardware in this profile instead of this machine's.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
    /// For this Nix: lix@2.93, cppnix@2.31.2 and the like.
    #[arg(long, value_name = "TARGET")]
    pub target: Option<TargetPolicy>,
}

/// Where what is generated is put.
#[derive(ClapArgs, Debug)]
pub(super) struct PlaceArgs {
    /// The file to write, or the folder where there are several; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show the difference to what is there instead of writing.
    #[arg(long, conflicts_with = "force")]
    pub diff: bool,
    /// Replace what is there.
    #[arg(long)]
    pub force: bool,
    /// Leave out the comments with the reasons.
    #[arg(long)]
    pub no_explain: bool,
}

/// Words of `--for`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SinkWord {
    // A module of nix-darwin.
    Darwin,
    // A module of NixOS.
    Nixos,
    // A module of home-manager.
    HomeManager,
    // A module of nix-darwin where Determinate manages Nix.
    Determinate,
    // Lines of nix.conf.
    NixConf,
    // nixConfig of a flake.
    Flake,
}

impl From<SinkWord> for Sink {
    fn from(word: SinkWord) -> Self {
        match word {
            SinkWord::Darwin => Self::NixDarwin,
            SinkWord::Nixos => Self::Nixos,
            SinkWord::HomeManager => Self::HomeManager,
            SinkWord::Determinate => Self::Determinate,
            SinkWord::NixConf => Self::NixConf,
            SinkWord::Flake => Self::Flake,
        }
    }
}

fn usage(text: &str) -> Result<Usage, String> {
    text.parse().map_err(|()| {
        format!(
            "unknown use; {}",
            suggestion(text, Usage::ALL.map(Usage::name))
        )
    })
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune init-policy                  writes nixtune.toml; every key is there, commented out
  nixtune init-policy --output -       shows it
  nixtune init-policy --schema         the JSON schema of nixtune.toml, for editors")]
pub(super) struct InitPolicyArgs {
    /// The file to write; `-` is standard output.
    #[arg(long, value_name = "FILE", default_value = "nixtune.toml")]
    pub output: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
    /// Print the JSON schema instead.
    #[arg(long, conflicts_with_all = ["output", "force"])]
    pub schema: bool,
}

/// How to list.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TableFormat {
    #[value(alias = "table")]
    Human,
    // A table.
    Markdown,
    // A list.
    Json,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune host
  nixtune host --save hosts/mbp.toml    for `nixtune lint --host hosts/mbp.toml` elsewhere")]
pub(super) struct HostArgs {
    /// How to show it.
    #[arg(long, value_enum, default_value_t = HostFormat::Human, value_name = "FORMAT")]
    pub format: HostFormat,
    /// Write a profile instead of showing it.
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub save: Option<PathBuf>,
}

/// How to show a machine.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum HostFormat {
    /// For people.
    Human,
    /// For programs: one JSON document.
    Json,
    /// A profile.
    Toml,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune completions zsh > ~/.zfunc/_nixtune
  nixtune completions fish > ~/.config/fish/completions/nixtune.fish
  source <(nixtune completions bash)
Rules, settings and the machines of the folder that you are in are completed, too (not in Nushell).")]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: ShellWord,
}

/// Shells that have completions.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ShellWord {
    // Words of their own speak for themselves.
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune man | man -l -
  nixtune man lint | man -l -
  nixtune man --output ~/.local/share/man/man1    a page for each command")]
pub(super) struct ManArgs {
    /// The page of this command; nixtune's own when none is given.
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    pub command: Option<String>,
    /// Write every page into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
