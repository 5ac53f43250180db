//! The arguments of `nixtune generate`: a subcommand for each kind.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::{PlaceArgs, SinkWord, SubjectArgs, usage};
use crate::generate::{Schedule, Server, Shell, Usage};

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate aliases --shell zsh      short commands for rebuilding and looking
  nixtune generate builders hosts/build01.toml hosts/m4.toml --for nixos
  nixtune generate cache --url https://cache.example.org --key-file cache.pub --for darwin
  nixtune generate cache --url https://cache.example.org --server harmonia
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
    /// The machines that builds are sent to, with what the daemon needs to reach them.
    Builders(BuildersArgs),
    /// A binary cache: for those who ask it, the machine that serves it, and those that fill it.
    Cache(CacheArgs),
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
  nixtune host --save hosts/build01.toml                       on each machine that builds
  nixtune generate builders hosts/build01.toml hosts/m4.toml --user nix-ssh --for darwin
  nixtune generate builders --hosts fleet.toml --for nix-conf --output -
  nixtune generate builders --linux-builder --host hosts/mbp.toml --for darwin

A list of hosts, for --hosts; every key but `name` can be left out:
  user = \"nix-ssh\"                    # for all of them, unless a host says otherwise
  key = \"/root/.ssh/nix-builder\"      # the private key, on the machine that sends builds

  [[host]]
  name = \"build01\"                    # how Nix and ssh call it
  host-name = \"build01.example.org\"   # its address; the name, when left out
  port = 22
  user = \"nix-ssh\"
  key = \"/root/.ssh/nix-builder\"
  systems = [\"x86_64-linux\"]          # what it builds for; the profile's platform, when left out
  features = [\"kvm\", \"nixos-test\"]  # what it supports; derived, when left out
  mandatory-features = []             # only builds that require these go to it
  host-key = \"ssh-ed25519 AAAA...\"    # its /etc/ssh/ssh_host_ed25519_key.pub
  use = \"server\"                      # or balanced, fast, low-memory, ci, laptop-battery
  profile = \"hosts/build01.toml\"      # what `nixtune host --save` wrote there; from the list's folder

What no profile says is assumed to be a small machine, and the output says so.")]
pub(in crate::cli) struct BuildersArgs {
    /// Profiles of the machines that build; each is called like its file.
    #[arg(value_name = "HOSTS")]
    pub profiles: Vec<PathBuf>,
    /// A list of them with addresses, users, keys and what else a profile does not know.
    #[arg(long, value_name = "FILE")]
    pub hosts: Option<PathBuf>,
    /// Whom builds log in as, where the list does not say [default: nix-ssh on Linux].
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The private key for them on the machine that sends builds, where the list does not say
    /// [default: nix-builder in the `.ssh` of root].
    #[arg(long, value_name = "PATH")]
    pub key: Option<String>,
    /// On a Mac: the virtual machine that builds for Linux, sized for the Mac.
    #[arg(long)]
    pub linux_builder: bool,
    /// Its disk begins anew with each start.
    #[arg(long, requires = "linux_builder")]
    pub ephemeral: bool,
    /// It emulates the other architecture, several times slower.
    #[arg(long, requires = "linux_builder")]
    pub emulate: bool,
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  nixtune generate cache --url https://nix-community.cachix.org --for nixos
  nixtune generate cache --url https://cache.example.org --key-file cache.pub --for nix-conf
  nixtune generate cache --url https://cache.example.org --key 'cache.example.org-1:...' --trusted
  nixtune generate cache --url https://cache.example.org --server harmonia --email me@example.org
  nixtune generate cache --url 's3://bucket?region=eu-central-1' --server s3
  nixtune generate cache --url https://cache.example.org --upload ssh-ng://nix-ssh@cache.example.org

Keys of public caches and of those under [data.caches] in nixtune.toml are known. A secret key is
never written: the machine that signs reads it from a file that root alone can read.")]
pub(in crate::cli) struct CacheArgs {
    /// The address of the cache.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Its public key, NAME:BASE64; may be given several times.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["server", "upload"])]
    pub key: Vec<String>,
    /// A file with its public key.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "upload"])]
    pub key_file: Option<PathBuf>,
    /// Nobody asks it by default, but users may, without being trusted users.
    #[arg(long, conflicts_with_all = ["server", "upload"])]
    pub trusted: bool,
    /// Instead of asking it: serve it, as a module of NixOS (a bucket for s3).
    #[arg(long, value_enum, value_name = "SERVER")]
    pub server: Option<ServerWord>,
    /// Scripts that upload what a machine builds to this store, or to this cache of attic,
    /// without holding up builds [default for s3: the cache].
    #[arg(long, value_name = "STORE")]
    pub upload: Option<String>,
    /// Where the secret key lies on the machine that signs.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "/var/lib/secrets/nix-cache-key"
    )]
    pub secret_key_file: String,
    /// Whom the authority of the certificate writes to.
    #[arg(long, value_name = "ADDRESS", requires = "server")]
    pub email: Option<String>,
    /// Where the settings go; found out when it is not said.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub r#for: Option<SinkWord>,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Words of `--server`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ServerWord {
    // Serves its own store.
    Harmonia,
    // The same, in Haskell.
    NixServeNg,
    // Takes uploads and signs itself.
    Attic,
    // A bucket.
    S3,
    // The store of a machine over SSH.
    Ssh,
}

impl From<ServerWord> for Server {
    fn from(word: ServerWord) -> Self {
        match word {
            ServerWord::Harmonia => Self::Harmonia,
            ServerWord::NixServeNg => Self::NixServeNg,
            ServerWord::Attic => Self::Attic,
            ServerWord::S3 => Self::S3,
            ServerWord::Ssh => Self::Ssh,
        }
    }
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
