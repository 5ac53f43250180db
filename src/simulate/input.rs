//! Graphs as files: JSON with a version.
//!
//! ```json
//! {
//!   "version": 1,
//!   "durations": "measured",
//!   "settings": {"max-jobs": 4, "cores": 2},
//!   "jobs": [
//!     {"name": "zlib-1.3.drv", "seconds": 4, "parallel_seconds": 12, "threads": 8},
//!     {"name": "hello-2.12.drv", "needs": ["zlib-1.3.drv"], "seconds": 2.5}
//!   ]
//! }
//! ```

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::builder_line::{BuilderLine, BuilderLineError};
use super::fleet::{Builder, Link, Requirements};
use super::graph::{Graph, GraphError, Job, JobId, JobKind, MOST_SECS};
use super::machine::Machine;
use crate::units::{Bytes, Threads};

/// The version of the document's shape.
pub const GRAPH_VERSION: u32 = 1;

/// Where durations come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durations {
    /// They were measured, and so was what threads can share of them.
    Measured,
    /// They were measured in a run with one number of threads; what threads can share is assumed,
    /// so that what another number gains is a hint.
    Profiled,
    /// They are guesses: what follows from them is a hint and never a claim.
    #[default]
    Assumed,
}

/// A graph of jobs as it stands in a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphFile {
    /// [`GRAPH_VERSION`].
    pub version: u32,
    /// Where durations come from; assumed when it is not said.
    #[serde(default)]
    pub durations: Durations,
    /// The settings with which they were measured; `None` when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SlotsFile>,
    /// The machines that build for this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub builders: Vec<BuilderFile>,
    /// `builders-use-substitutes`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub builders_use_substitutes: bool,
    /// What is to be built and fetched.
    pub jobs: Vec<JobFile>,
}

/// A builder of a [`GraphFile`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuilderFile {
    /// Its line in the machines file.
    pub line: String,
    /// Its hardware threads; as many as this machine has when that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Its memory for builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Its own `cores`; 0 for all threads.
    #[serde(default)]
    pub cores: u32,
    /// What one of its threads computes, in threads of this machine; the speed factor when that is
    /// not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// What the way to it carries in each direction; without it copying takes no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth_bytes_per_second: Option<f64>,
    /// Seconds from a question to its answer.
    #[serde(default)]
    pub latency_seconds: f64,
    /// Seconds in which Nix connects.
    #[serde(default)]
    pub connect_seconds: f64,
}

impl BuilderFile {
    /// The builder, on hardware like `this` where the file does not say otherwise.
    ///
    /// # Errors
    /// A line that Nix refuses, and numbers that are none.
    pub fn builder(&self, this: &Machine) -> Result<Builder, InputError> {
        let line = BuilderLine::parse(&self.line)?;
        let threads = self.threads.unwrap_or_else(|| this.threads());
        let mut machine = Machine::with_threads(Threads(threads), self.memory_bytes.map(Bytes));
        if self.threads.is_none() {
            machine = machine.with_capacity_of(this);
        }
        let is_time = |secs: f64| (0.0..=MOST_SECS).contains(&secs);
        let is_rate = |rate: f64| rate.is_finite() && rate > 0.0;
        let rates = [self.speed, self.bandwidth_bytes_per_second];
        let are_rates = rates.into_iter().flatten().all(is_rate);
        if !are_rates || !is_time(self.latency_seconds) || !is_time(self.connect_seconds) {
            return Err(InputError::Builder(line.name));
        }
        let mut builder = line.builder(
            machine,
            Link {
                bandwidth_bytes_per_sec: self.bandwidth_bytes_per_second,
                latency_secs: self.latency_seconds,
                connect_secs: self.connect_seconds,
            },
        );
        builder.cores = self.cores;
        if let Some(speed) = self.speed {
            builder.speed = speed;
        }
        Ok(builder)
    }
}

/// Settings by their names in `nix.conf`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SlotsFile {
    /// `max-jobs`.
    pub max_jobs: u32,
    /// `cores`; 0 for all threads.
    pub cores: u32,
}

/// One job of a [`GraphFile`].
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// The name by which Nix puts it in order: `hello-2.12.drv`.
    pub name: Arc<str>,
    /// Its path in the store: where there is one, others need the job by it, and else by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Arc<str>>,
    /// True for what is fetched from a cache.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub download: bool,
    /// Paths or names of the jobs that have to end before it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Arc<str>>,
    /// Seconds in which one thread is busy; for a download, how long it takes.
    #[serde(default)]
    pub seconds: f64,
    /// Seconds in which no thread is busy.
    #[serde(default)]
    pub waiting_seconds: f64,
    /// Seconds of one thread that several may share.
    #[serde(default)]
    pub parallel_seconds: f64,
    /// How many threads can share them at most.
    #[serde(default = "one")]
    pub threads: u32,
    /// Bytes to fetch, which count where the bandwidth is known.
    #[serde(default)]
    pub download_bytes: u64,
    /// Memory at its largest, whatever the number of threads.
    #[serde(default)]
    pub memory_bytes: u64,
    /// Memory that each thread adds.
    #[serde(default)]
    pub memory_per_thread_bytes: u64,
    /// Bytes of what it makes, to be copied to and from builders.
    #[serde(default)]
    pub output_bytes: u64,
    /// The system that it is for; this machine's when that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Arc<str>>,
    /// System features that it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Arc<str>>,
    /// `preferLocalBuild`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prefer_local: bool,
}

impl JobFile {
    fn requirements(&self) -> Option<Arc<Requirements>> {
        let requirements = Requirements {
            system: self.system.clone(),
            features: self.features.clone(),
            prefers_local: self.prefer_local,
        };
        (requirements != Requirements::default()).then(|| Arc::new(requirements))
    }
}

fn one() -> u32 {
    1
}

/// Why a file is no graph.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InputError {
    /// No JSON of this shape.
    #[error("is no graph of jobs: {0}")]
    Json(String),
    /// A version that is not known.
    #[error("has version {0} of the graph's format; this nixtune reads version {GRAPH_VERSION}")]
    Version(u32),
    /// A profile of a version that is not known.
    #[error("has version {0} of a profile; this nixtune reads version 1")]
    ProfileVersion(u32),
    /// A profile without times.
    #[error(
        "does not say how long {0} took; a profile of a run that `nixtune analyze profile` made \
         itself, and that went well, does"
    )]
    NoTime(Arc<str>),
    /// Two jobs that others need by the same word.
    #[error("has two jobs that are called `{0}`; give them different paths")]
    Twice(Arc<str>),
    /// A job needs one that is not there.
    #[error("has a job `{job}` that needs `{need}`, which is not there")]
    NoSuchJob {
        /// The job.
        job: Arc<str>,
        /// What it needs.
        need: Arc<str>,
    },
    /// A builder whose line Nix refuses.
    #[error(transparent)]
    Line(#[from] BuilderLineError),
    /// A builder with numbers that are none.
    #[error(
        "has a builder `{0}` with a rate that is not above 0 or a time that is not from 0 to a \
         century; mend it or leave it out"
    )]
    Builder(Arc<str>),
    /// No graph.
    #[error("is no graph that can be built: {0}")]
    Graph(#[from] GraphError),
}

/// Reads a graph, and what is said about it.
///
/// # Errors
/// Anything that is no graph of this version.
pub fn read_graph(bytes: &[u8]) -> Result<(Graph, GraphFile), InputError> {
    /// A later version may have another shape.
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let json = |error: serde_json::Error| InputError::Json(error.to_string());
    let Versioned { version } = serde_json::from_slice(bytes).map_err(json)?;
    if version != GRAPH_VERSION {
        return Err(InputError::Version(version));
    }
    let file: GraphFile = serde_json::from_slice(bytes).map_err(json)?;
    let graph = graph_of(&file)?;
    Ok((graph, file))
}

fn graph_of(file: &GraphFile) -> Result<Graph, InputError> {
    let mut ids: FxHashMap<&str, JobId> = FxHashMap::default();
    for (id, job) in (0u32..).map(JobId).zip(&file.jobs) {
        let called = job.path.as_ref().unwrap_or(&job.name);
        if ids.insert(called, id).is_some() {
            return Err(InputError::Twice(Arc::clone(called)));
        }
    }
    let mut jobs = Vec::with_capacity(file.jobs.len());
    for job in &file.jobs {
        let mut needs = Vec::with_capacity(job.needs.len());
        for need in &job.needs {
            match ids.get(need.as_ref()) {
                Some(id) => needs.push(*id),
                None => {
                    return Err(InputError::NoSuchJob {
                        job: Arc::clone(&job.name),
                        need: Arc::clone(need),
                    });
                }
            }
        }
        let (waiting, serial, kind) = if job.download {
            let secs = job.waiting_seconds + job.seconds;
            (secs, 0.0, JobKind::Download)
        } else {
            (job.waiting_seconds, job.seconds, JobKind::Build)
        };
        jobs.push(Job {
            name: Arc::clone(&job.name),
            path: job.path.clone().unwrap_or_else(|| "".into()),
            kind,
            needs,
            waiting_secs: waiting,
            serial_secs: serial,
            parallel_secs: job.parallel_seconds,
            width: job.threads.max(1),
            download: Bytes(job.download_bytes),
            memory: Bytes(job.memory_bytes),
            memory_per_thread: Bytes(job.memory_per_thread_bytes),
            output: Bytes(job.output_bytes),
            requirements: job.requirements(),
        });
    }
    Ok(Graph::new(jobs)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read_graph(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_file_has_jobs_that_need_each_other() {
        let text = r#"{"version": 1, "durations": "measured", "jobs": [
            {"name": "b.drv", "needs": ["/s/a.drv", "d"], "seconds": 2, "parallel_seconds": 3, "threads": 4},
            {"name": "a.drv", "path": "/s/a.drv", "waiting_seconds": 1.5, "memory_bytes": 7},
            {"name": "d", "download": true, "seconds": 4, "download_bytes": 9}
        ]}"#;
        let (graph, file) = read_graph(text.as_bytes()).unwrap();
        assert_eq!(file.durations, Durations::Measured);
        let [b, a, d] = graph.jobs() else { panic!() };
        assert_eq!(b.needs, [JobId(1), JobId(2)]);
        assert_eq!((b.serial_secs, b.parallel_secs, b.width), (2.0, 3.0, 4));
        assert_eq!((a.waiting_secs, a.width, a.memory), (1.5, 1, Bytes(7)));
        assert_eq!((d.kind, d.waiting_secs), (JobKind::Download, 4.0));
        let written = serde_json::to_vec(&file).unwrap();
        assert_eq!(read_graph(&written).unwrap(), (graph, file));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(error("{").contains("line 1 column 1"));
        assert!(error(r#"{"version": 9, "tasks": []}"#).contains("reads version 1"));
        assert!(error(r#"{"version": 1, "jobs": [{"name": "a", "secs": 1}]}"#).contains("`secs`"));
        let needs = error(r#"{"version": 1, "jobs": [{"name": "a", "needs": ["b"]}]}"#);
        assert!(needs.contains("`a` that needs `b`"), "{needs}");
        let twice = error(r#"{"version": 1, "jobs": [{"name": "a"}, {"name": "a"}]}"#);
        assert!(twice.contains("two jobs"), "{twice}");
        let cycle = error(r#"{"version": 1, "jobs": [{"name": "a", "needs": ["a"]}]}"#);
        assert!(cycle.contains("itself"), "{cycle}");
        let negative = error(r#"{"version": 1, "jobs": [{"name": "a", "seconds": -1}]}"#);
        assert!(negative.contains("-1 s"), "{negative}");
    }
}
