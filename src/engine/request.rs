//! What a run is asked to do, and why it may not start at all.

use std::path::PathBuf;

use super::{ChangedError, PlaceError};
use crate::facts::Observations;
use crate::facts::profile::ProfileError;
use crate::generate::{FleetError, GenerateError};
use crate::policy::{BaselineError, FailOn, PolicyError, TargetPolicy, UnknownWord};
use crate::system::SystemError;

/// What to lint, and for which machine. Flags, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and folders.
    pub roots: Vec<PathBuf>,
    /// Unsaved contents that stand in for what is on disk: standard input, editors.
    pub unsaved: Vec<(PathBuf, Vec<u8>)>,
    /// Look at the running machine, too.
    pub live: Option<Look>,
    /// A hardware profile for every machine.
    pub host: Option<PathBuf>,
    /// What the files are for, as far as it is said.
    pub target: TargetPolicy,
    /// Only these rules, categories, `default` or `all`; empty selects the default set.
    pub select: Vec<String>,
    /// Not these rules or categories.
    pub ignore: Vec<String>,
    /// Preview rules speak without being named.
    pub preview: bool,
    /// What is known already; `None` leaves it to `nixtune.toml`.
    pub baseline: Option<PathBuf>,
    /// The baseline is about to be written, and nothing counts as known.
    pub write_baseline: bool,
    /// Report only what changed since this revision of git.
    pub changed_since: Option<String>,
    /// What makes the run fail; `None` leaves it to `nixtune.toml`.
    pub fail_on: Option<FailOn>,
}

/// A look at the running machine, and which of the configured ones it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Look {
    /// The only one of this operating system, or the one that has this machine's name on the network.
    Found,
    /// The one of this name.
    Named(String),
    /// Nobody has to look: this was seen, and holds for every machine of the files.
    Told(Box<Observations>),
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// `nixtune.toml` has mistakes.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The baseline cannot be used.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// What changed is not known.
    #[error(transparent)]
    Changed(#[from] ChangedError),
    /// Nothing can be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// A list of hosts has mistakes.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A hardware profile has mistakes.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// `nixtune.toml` or a profile cannot be read.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A file that is not UTF-8.
    #[error("{}: is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// What was planned could not be verified in the way that was asked for.
    #[error("nothing is changed, because it could not be verified: {0}")]
    Unverified(String),
    /// The running machine is said to be one that no file configures.
    #[error(
        "`--live={name}`: no machine of this name and operating system is configured{}",
        listed(.names)
    )]
    NoLook {
        /// As it was given.
        name: String,
        /// Those that there are.
        names: Vec<String>,
    },
    /// A flag names a rule that does not exist.
    #[error(transparent)]
    Selector(#[from] UnknownWord),
    /// A place that cannot be looked at.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The paths are under different `nixtune.toml` files.
    #[error(
        "the paths belong to different configurations, {} and {}; lint them one after the other",
        .0.display(), .1.display()
    )]
    TwoPolicies(PathBuf, PathBuf),
}

/// The machines that there are, for the end of a sentence.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("; there are {}", names.join(", "))
}
