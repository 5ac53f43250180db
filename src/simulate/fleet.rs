//! The machines that build for this one, and how Nix chooses among them.
//!
//! The choice is that of Nix's build hook (`src/nix/build-remote/build-remote.cc` in 2.34,
//! `src/build-remote/build-remote.cc` before; the same since 2.3).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::graph::{Graph, Job};
use super::machine::Machine;

/// A machine that builds for this one.
#[derive(Clone, PartialEq, Debug)]
pub struct Builder {
    /// What it is called.
    pub name: Arc<str>,
    /// Its hardware, and what each build there takes beside its own work.
    pub machine: Machine,
    /// Builds at once; 0 gives it none.
    pub max_jobs: u32,
    /// How fast it is said to be: what the choice goes by. Above 0.
    pub speed_factor: f32,
    /// What one of its threads computes, in threads of this machine.
    pub speed: f64,
    /// Its own `cores`: threads for each build, 0 for all. What this machine is set to is not sent
    /// (`setOptions` in `ssh-store.cc`).
    pub cores: u32,
    /// Systems that it builds for; empty for this machine's.
    pub systems: Vec<Arc<str>>,
    /// Features that it supports.
    pub features: Vec<Arc<str>>,
    /// Features that a build must ask for.
    pub mandatory: Vec<Arc<str>>,
    /// The way to it.
    pub link: Link,
}

/// The way to a builder.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Link {
    /// Bytes in a second, in each direction; `None` when copying takes no time.
    pub bandwidth_bytes_per_sec: Option<f64>,
    /// Seconds from a question to its answer.
    pub latency_secs: f64,
    /// Seconds in which Nix connects, and does nothing else.
    pub connect_secs: f64,
}

/// Questions and answers while inputs are copied: which of them are there, and the copy itself.
const COPY_ROUND_TRIPS: f64 = 2.0;
/// Those around a build: the order to build, and what is asked about each output before it is
/// copied back.
const BUILD_ROUND_TRIPS: f64 = 3.0;

impl Link {
    /// Seconds to copy so many bytes to the builder.
    pub(super) fn copy_secs(&self, bytes: f64) -> f64 {
        let rate = self.bandwidth_bytes_per_sec.unwrap_or(f64::INFINITY);
        COPY_ROUND_TRIPS * self.latency_secs + bytes / rate.max(1.0)
    }

    /// Seconds of a build in which nothing is built and nothing is copied.
    pub(super) fn build_secs(&self) -> f64 {
        BUILD_ROUND_TRIPS * self.latency_secs
    }
}

/// This machine, and those that build for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Fleet {
    /// The builders, in the order of the list.
    pub builders: Vec<Builder>,
    /// `builders-use-substitutes`: builders fetch what caches have themselves.
    pub use_substitutes: bool,
    /// The system of this machine; empty when it is not known, and what says none is for it.
    pub system: Arc<str>,
    /// Whether loads are compared as whole numbers: one build on a machine of speed factor 2 counts as
    /// none then. So does Nix before 2.20.
    pub has_whole_loads: bool,
    /// `build-poll-interval`: seconds until Nix looks again for a builder when all are busy.
    pub poll_secs: f64,
    /// Seconds in which Nix starts a hook, and does nothing else.
    pub hook_secs: f64,
}

impl Default for Fleet {
    /// Nix's own defaults, without builders.
    fn default() -> Self {
        Self {
            builders: Vec::new(),
            use_substitutes: false,
            system: Arc::from(""),
            has_whole_loads: false,
            poll_secs: 5.0,
            hook_secs: 0.0,
        }
    }
}

/// What a job asks of the machine that builds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Requirements {
    /// The system; `None` for this machine's.
    pub system: Option<Arc<str>>,
    /// System features.
    pub features: Vec<Arc<str>>,
    /// `preferLocalBuild`: it is built here where that is possible.
    pub prefers_local: bool,
}

/// Jobs that nothing can build.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{job}` is for {system}{}; neither this machine nor a builder builds that. Add a builder for it, \
     or leave it out", with_features(.features)
)]
pub struct Nowhere {
    /// One of the jobs.
    pub job: Arc<str>,
    /// Its system.
    pub system: Arc<str>,
    /// The features that it asks for.
    pub features: Vec<Arc<str>>,
}

fn with_features(features: &[Arc<str>]) -> String {
    match features {
        [] => String::new(),
        features => format!(" with the features {}", features.join(", ")),
    }
}

impl Builder {
    /// `Machine::systemSupported`, `allSupported` and `mandatoryMet`.
    fn takes(&self, requirements: &Requirements, here: &str) -> bool {
        let is_here = |system: &str| system == here;
        let system = requirements.system.as_deref().unwrap_or(here);
        let is_for_it = match self.systems.as_slice() {
            [] => is_here(system),
            systems => systems.iter().any(|it| it.as_ref() == system),
        };
        let features = &requirements.features;
        let has = |feature| self.features.contains(feature) || self.mandatory.contains(feature);
        self.max_jobs > 0
            && (is_for_it || system == "builtin")
            && features.iter().all(has)
            && self.mandatory.iter().all(|it| features.contains(it))
    }

    /// Threads that it gives a job.
    pub(super) fn threads_for(&self, job: &Job) -> u32 {
        job.width.min(self.machine.threads_of(self.cores)).max(1)
    }
}

/// Where jobs of a kind can be built.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Route {
    /// On this machine.
    pub is_local: bool,
    /// On this machine when it can be.
    pub prefers_local: bool,
    /// On these builders: positions in the list.
    pub builders: Vec<usize>,
}

/// Where each job can be built.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Routes {
    /// All different ones.
    pub all: Vec<Route>,
    /// The position of each job's; empty when there is only one.
    of_job: Vec<usize>,
    /// Whether some job can only be built on this machine, so that it needs a slot there.
    pub needs_here: bool,
}

impl Routes {
    /// All of it on this machine.
    pub(super) fn local() -> Self {
        Self {
            all: vec![Route {
                is_local: true,
                prefers_local: true,
                builders: Vec::new(),
            }],
            of_job: Vec::new(),
            needs_here: true,
        }
    }

    /// Without builders all is built here, whatever it asks for.
    ///
    /// # Errors
    /// A job that nothing can build.
    pub(super) fn new(graph: &Graph, fleet: &Fleet) -> Result<Self, Nowhere> {
        if fleet.builders.is_empty() {
            return Ok(Self::local());
        }
        let none = Requirements::default();
        let mut of_requirements: FxHashMap<&Requirements, usize> = FxHashMap::default();
        let mut all: Vec<Route> = Vec::new();
        let mut of_job = Vec::with_capacity(graph.jobs().len());
        let mut needs_here = false;
        for job in graph.jobs() {
            let wanted = job.requirements.as_deref().unwrap_or(&none);
            let place = match of_requirements.get(wanted) {
                Some(place) => *place,
                None => {
                    let route = fleet.route(wanted);
                    if !route.is_local && route.builders.is_empty() {
                        return Err(Nowhere {
                            job: Arc::clone(&job.name),
                            system: wanted.system.clone().unwrap_or_default(),
                            features: wanted.features.clone(),
                        });
                    }
                    let known = all.iter().position(|other| *other == route);
                    let place = known.unwrap_or(all.len());
                    if known.is_none() {
                        all.push(route);
                    }
                    of_requirements.insert(wanted, place);
                    place
                }
            };
            needs_here |= all.get(place).is_none_or(|it| it.builders.is_empty());
            of_job.push(place);
        }
        if all.len() < 2 {
            of_job.clear();
        }
        Ok(Self {
            all,
            of_job,
            needs_here,
        })
    }

    /// The position of a job's route.
    pub(super) fn of(&self, index: usize) -> usize {
        self.of_job.get(index).copied().unwrap_or(0)
    }
}

impl Fleet {
    /// Whether this machine builds all of a graph.
    pub(super) fn builds_all(&self, graph: &Graph) -> bool {
        let mut wanted = graph
            .jobs()
            .iter()
            .filter_map(|job| job.requirements.as_deref());
        wanted.all(|wanted| self.route(wanted).is_local)
    }

    fn route(&self, wanted: &Requirements) -> Route {
        let is_ours = |system: &Arc<str>| {
            self.system.is_empty() || *system == self.system || system.as_ref() == "builtin"
        };
        let builders = self.builders.iter().enumerate();
        let takes = builders.filter(|(_, builder)| builder.takes(wanted, &self.system));
        Route {
            // What this machine supports beside its system is not known; Nix gives it all that
            // most builds ask for.
            is_local: wanted.system.as_ref().is_none_or(is_ours),
            prefers_local: wanted.prefers_local,
            builders: takes.map(|(index, _)| index).collect(),
        }
    }

    /// The builder that the hook chooses among `route`'s when these have so many builds at work:
    /// the least load for its speed factor, then the higher factor, then the lower load, then the
    /// first in the list. `None` when all their slots are taken.
    #[expect(
        clippy::cast_precision_loss,
        reason = "builds at work, divided as Nix does"
    )]
    pub(super) fn choose(&self, route: &Route, load: impl Fn(usize) -> u32) -> Option<usize> {
        let mut best: Option<(usize, u32, f32)> = None;
        for index in &route.builders {
            let Some(builder) = self.builders.get(*index) else {
                continue;
            };
            let at_work = load(*index);
            if at_work >= builder.max_jobs {
                continue;
            }
            let own = (*index, at_work, builder.speed_factor);
            let is_better = best.is_none_or(|best| {
                let of = |(_, load, factor): (usize, u32, f32)| {
                    let load = load as f32 / factor;
                    if self.has_whole_loads {
                        load.floor()
                    } else {
                        load
                    }
                };
                let order = of(own).total_cmp(&of(best));
                let order = order
                    .then(best.2.total_cmp(&own.2))
                    .then(own.1.cmp(&best.1));
                order.is_lt()
            });
            if is_better {
                best = Some(own);
            }
        }
        best.map(|(index, _, _)| index)
    }
}
