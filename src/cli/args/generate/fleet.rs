//! The arguments of what several machines share: builders and binary caches.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::super::{PlaceArgs, SinkWord, SubjectArgs};
use crate::generate::Server;

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
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
    /// A list of them with what a profile does not know.
    ///
    /// Addresses, users, keys and more; see below.
    #[arg(long, value_name = "FILE")]
    pub hosts: Option<PathBuf>,
    /// Whom builds log in as [default: nix-ssh on Linux].
    ///
    /// The list has the last word.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The private key for them on the machine that sends builds.
    ///
    /// The list has the last word [default: nix-builder in the `.ssh` of root].
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
#[command(after_long_help = "\
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
    /// Nobody asks it by default, but users may.
    ///
    /// They need not be trusted users for that.
    #[arg(long, conflicts_with_all = ["server", "upload"])]
    pub trusted: bool,
    /// Instead of asking it: serve it, as a module of NixOS (a bucket for s3).
    #[arg(long, value_enum, value_name = "SERVER")]
    pub server: Option<ServerWord>,
    /// Scripts that upload what a machine builds.
    ///
    /// To this store, or to this cache of attic, without holding up builds [default for s3: the
    /// cache].
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
