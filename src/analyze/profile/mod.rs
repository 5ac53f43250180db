//! From the events of a run to where its time went.
//!
//! A [`Recorder`] takes events as they come and keeps only what counts, so that a log of any length
//! fits in memory. [`Recorder::finish`] makes a [`Profile`] of it, with what the derivations say.

mod attribution;
mod ends;
mod graph;
mod import;
mod lanes;
mod recorder;
mod trace;

pub use attribution::{Interval, Share};
pub use graph::{CriticalStep, Graph};
pub use import::ImportFromDerivation;
pub use lanes::Lanes;
pub use recorder::{Recorder, store_name};
pub use trace::trace_json;

use serde::Serialize;

use super::evaluation::Evaluation;

/// What the numbers of the JSON output mean; it grows when one of them changes its meaning.
pub const FORMAT_VERSION: u32 = 1;

/// A run of Nix.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Profile {
    /// [`FORMAT_VERSION`].
    pub version: u32,
    /// False when the log has no stamps: then all durations are missing.
    pub is_timed: bool,
    /// From the begin of the run to its end; `None` without stamps.
    pub wall_secs: Option<f64>,
    /// The wall-clock time, each moment told once; empty without stamps.
    pub shares: Vec<Share>,
    /// When `evaluation`, `query`, `fetch`, `hook`, `waiting` and `optimise` went on; those of one kind
    /// do not overlap. Empty without stamps.
    pub activities: Vec<Interval>,
    /// In the order of their begin.
    pub builds: Vec<Build>,
    /// Paths that came from caches, in the order of their begin.
    pub substitutions: Vec<Substitution>,
    /// The caches that were asked or gave something, by address.
    pub caches: Vec<CacheUse>,
    /// Sources and tarballs that were fetched beside the caches.
    pub fetches: u64,
    /// What evaluation waited for; `None` without stamps.
    pub import_from_derivation: Option<ImportFromDerivation>,
    /// Files that Nix evaluated; none when it took the evaluation from its cache.
    pub evaluated_files: u64,
    /// `None` when nothing was built or substituted that a cache could have.
    pub hit_rate: Option<HitRate>,
    /// How many builds ran at once, and what the idle slots waited for.
    pub parallelism: Option<Parallelism>,
    /// The longest chain of builds and substitutions that depend on each other; empty when the
    /// derivations are not known or the log has no stamps.
    pub critical_path: Vec<CriticalStep>,
    /// The largest resident set of the command's own process; `None` where nobody measured.
    pub peak_memory_bytes: Option<u64>,
    /// The largest sum of the resident sets of the command and all processes that came from it, seen by
    /// looking several times a second; what they share counts for each. Builds by a daemon do not come
    /// from it. `None` where nobody measured.
    pub peak_tree_bytes: Option<u64>,
    /// The settings that decide how much is built at once; `None` when Nix was not asked.
    pub settings: Option<RunSettings>,
    /// True when a signal ended the run early.
    pub is_interrupted: bool,
    /// What evaluation cost; `None` when it was not measured by itself.
    pub evaluation: Option<Evaluation>,
    /// Messages with the level of errors, without escapes; the first few.
    pub errors: Vec<String>,
    /// What was read, and what could not be.
    pub lines: Lines,
}

/// What Nix was set to when a run was made, with the arguments of its command.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct RunSettings {
    /// Builds at once on this machine.
    pub max_jobs: u64,
    /// Threads for each; 0 for all.
    pub cores: u64,
}

/// Lines of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Lines {
    /// All of them.
    pub total: u64,
    /// Events.
    pub events: u64,
    /// Events that are cut or mixed with others.
    pub broken: u64,
    /// Lines that lost their ends because they were endless.
    pub cut: u64,
}

/// How the end of a build is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndQuality {
    /// Nix told it when it happened.
    Exact,
    /// A build ended at this moment; that it was this one follows from what began afterwards.
    /// Nix 2.29 to 2.33 tell the end of most builds only when the run is over.
    Inferred,
    /// It had not ended when the log did, or nothing tells.
    Open,
}

/// A build.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Build {
    /// The store path of the derivation.
    pub derivation: String,
    /// Its name without hash and `.drv`.
    pub name: String,
    /// The machine that built it; `None` for this one.
    pub machine: Option<String>,
    /// Seconds from the begin of the run; `None` without stamps.
    pub start_secs: Option<f64>,
    /// As `start_secs`; `None` also when it is not known.
    pub end_secs: Option<f64>,
    /// How the end is known.
    pub end_quality: EndQuality,
    /// False when it failed.
    pub has_succeeded: bool,
    /// In their order; builders other than nixpkgs' tell none.
    pub phases: Vec<Phase>,
    /// How long it could have run but did not; `None` when its inputs are not known.
    pub waited_secs: Option<f64>,
    /// True for what no cache is asked for; `None` when the derivation could not be read.
    pub is_local_only: Option<bool>,
    /// Lines that its builder wrote.
    pub log_lines: u64,
}

impl Build {
    /// How long it took; `None` when begin or end are not known.
    pub fn duration_secs(&self) -> Option<f64> {
        Some((self.end_secs? - self.start_secs?).max(0.0))
    }
}

/// A phase of a build.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Phase {
    /// `buildPhase` and the like.
    pub name: String,
    /// Seconds from the begin of the run; `None` without stamps.
    pub start_secs: Option<f64>,
    /// `None` when begin or end are not known.
    pub duration_secs: Option<f64>,
}

/// A path that came from a cache.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Substitution {
    /// The store path.
    pub path: String,
    /// The address of the cache.
    pub cache: String,
    /// Seconds from the begin of the run; `None` without stamps.
    pub start_secs: Option<f64>,
    /// As `start_secs`; `None` also when it did not end.
    pub end_secs: Option<f64>,
    /// Packed bytes that were transferred; `None` when the log does not tell.
    pub download_bytes: Option<u64>,
    /// Unpacked bytes.
    pub nar_bytes: Option<u64>,
}

/// What a cache did in a run.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct CacheUse {
    /// Its address.
    pub cache: String,
    /// Paths that it was asked for.
    pub queries: u64,
    /// Time in which at least one question was open; `None` without stamps.
    pub query_secs: Option<f64>,
    /// Paths that came from it.
    pub paths: u64,
    /// Packed bytes that came from it; unpacked ones where the log tells no others.
    pub bytes: u64,
    /// Time in which at least one path was on its way; `None` without stamps.
    pub busy_secs: Option<f64>,
}

impl CacheUse {
    /// Bytes per second while something was on its way.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn bytes_per_sec(&self) -> Option<f64> {
        let busy = self.busy_secs.filter(|secs| *secs > 0.0)?;
        (self.bytes > 0).then(|| self.bytes as f64 / busy)
    }
}

/// What share came from caches. What no cache is asked for does not count.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct HitRate {
    /// Paths that came from caches.
    pub substituted: u64,
    /// Derivations that were built although a cache could have had them.
    pub built: u64,
    /// Derivations that were built and that no cache is asked for.
    pub local_only: u64,
    /// From 0 to 1.
    pub rate: f64,
    /// Names of what was built although a cache could have had it, the longest builds first.
    pub missed: Vec<String>,
}

/// Builds on this machine, over time. Times are missing without stamps.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Parallelism {
    /// The most that ran at once.
    pub peak: u64,
    /// On average while at least one ran.
    pub mean: f64,
    /// The number that ran, in equal steps of the time from the first build to the last.
    pub curve: Vec<f64>,
    /// What slots waited for, over time: `full` while `peak` builds ran and others could have,
    /// `dependencies` and `other` while fewer ran, as the sums below.
    pub slots: Vec<Interval>,
    /// Time in which `peak` builds ran and others could have.
    pub slots_full_secs: f64,
    /// Time in which fewer than `peak` ran because everything else waited for them.
    pub dependencies_secs: f64,
    /// Time in which fewer than `peak` ran although others could have: locks, machines, or
    /// what Nix did meanwhile.
    pub other_secs: f64,
}
