//! What is simulated: a graph, a machine, and the settings that are in force.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{EngineError, known, recorded, shown};
use crate::facts::{Host, Target};
use crate::policy::TargetPolicy;
use crate::probe;
use crate::simulate::{
    Assumptions, Builder, BuilderFile, BuilderLine, BuilderLineError, Class, Closure, Comparison,
    Durations, Fleet, Graph, GraphError, InputError, Link, Machine, Nowhere, Occasion, Order,
    Question, RunProfile, SimulationRecord, Slots, VALIDATED_ERROR, Work, candidates, compare,
    has_whole_loads, order_of, read_graph, read_profile,
};
use crate::syntax::machines::{builder_entries, machines_file};
use crate::syntax::{Derivation, DerivationError};
use crate::system::{System, SystemError};
use crate::tune::{self, Profile};
use crate::units::{Bytes, Date, Threads};

/// No graph is longer; a job takes some 200 bytes.
const GRAPH_LIMIT_BYTES: u64 = 1 << 30;
/// No derivation is longer.
const DERIVATION_LIMIT_BYTES: u64 = 64 << 20;
/// Nix's own default.
const MAX_SUBSTITUTION_JOBS: u32 = 16;

/// No list of machines is longer.
const MACHINES_LIMIT_BYTES: u64 = 1 << 20;
/// Machines files that name each other lie no deeper.
const DEEPEST_MACHINES: u32 = 8;
/// Seconds in which Nix starts a build hook, and in which a builder starts the Nix that serves its
/// store: about what 2.8 and 2.34 took on the machine of docs/guide/simulate.md.
const HOOK_SECS: f64 = 0.05;
const CONNECT_SECS: f64 = 0.1;
/// Questions and answers until a connection of SSH stands: TCP, keys, login, a channel.
const HANDSHAKE_ROUND_TRIPS: f64 = 6.0;

/// What is asked.
#[derive(Clone, Debug)]
pub struct SimulateRequest {
    /// What is to be built.
    pub source: GraphSource,
    /// A hardware profile; `None` measures this machine.
    pub host: Option<PathBuf>,
    /// The Nix, as far as it is said.
    pub target: TargetPolicy,
    /// The settings in force, `max-jobs` and `cores`; `None` asks Nix.
    pub present: Option<(MaxJobs, u32)>,
    /// Settings of `max-jobs` to look at; empty for those that make sense.
    pub max_jobs: Vec<MaxJobs>,
    /// The same of `cores`.
    pub cores: Vec<u32>,
    /// `max-substitution-jobs`; `None` for Nix's default.
    pub max_substitution_jobs: Option<u32>,
    /// What all downloads get together in a second; `None` lets each take its seconds.
    pub bandwidth_bytes_per_sec: Option<f64>,
    /// Threads that other programs keep busy.
    pub background_threads: u32,
    /// The machines that build for this one.
    pub builders: BuildersRequest,
    /// Keep what came out, for `init` and `lint --live`.
    pub record: bool,
}

/// Builders, and the way to them.
#[derive(Clone, Debug, Default)]
pub struct BuildersRequest {
    /// What the setting `builders` would hold, or the path of a machines file; `None` for those of
    /// the graph's file, if any.
    pub list: Option<String>,
    /// Hardware profiles of builders, which name the host.
    pub hosts: Vec<PathBuf>,
    /// What the way to builders of `list` carries in each direction; `None` when copying takes no
    /// time.
    pub bandwidth_bytes_per_sec: Option<f64>,
    /// Seconds from a question to its answer.
    pub latency_secs: f64,
    /// `builders-use-substitutes`.
    pub use_substitutes: bool,
}

/// Where the graph comes from.
#[derive(Clone, Debug)]
pub enum GraphSource {
    /// A file of `nixtune::simulate`'s format, or a profile as `nixtune analyze profile` writes it.
    File(PathBuf),
    /// A derivation in a store, with all that it needs.
    Derivation {
        /// Its path, or a link to it.
        path: PathBuf,
        /// How long derivations take.
        assumptions: Assumptions,
        /// Counts what lies in the store already, too.
        rebuild: bool,
    },
}

/// A value of `max-jobs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaxJobs {
    /// As many as there are threads.
    Auto,
    /// A number.
    Count(u32),
}

impl MaxJobs {
    fn on(self, threads: u32) -> u32 {
        match self {
            Self::Auto => threads,
            Self::Count(count) => count,
        }
    }
}

/// What was simulated, and what came out.
#[derive(Debug)]
pub struct Simulation {
    /// What is built.
    pub graph: Graph,
    /// Where.
    pub machine: Machine,
    /// The machine's name.
    pub host: String,
    /// How Nix chooses.
    pub order: Order,
    /// The Nix in words; `None` when it is not known.
    pub nix: Option<String>,
    /// Where durations come from.
    pub durations: Durations,
    /// What was assumed of each class of derivations: seconds and how many there are. Empty for a
    /// file.
    pub assumed: Vec<(Class, f64, usize)>,
    /// Who says what the present settings are.
    pub present_source: PresentSource,
    /// The machines that build for it.
    pub fleet: Fleet,
    /// Names of the builders whose hardware is taken to be like this machine's.
    pub like_this: Vec<Arc<str>>,
    /// What came out.
    pub comparison: Comparison,
    /// Where it was recorded; `None` when nobody asked for that.
    pub recorded: Option<PathBuf>,
}

/// Who says what the present settings are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PresentSource {
    /// The arguments.
    Said,
    /// The file with the graph.
    File,
    /// The installed Nix.
    Nix,
    /// Nobody: these are Nix's own defaults.
    Defaults,
}

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// A profile that cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Something cannot be read.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A file that is no graph.
    #[error("{file}: {error}")]
    Input {
        /// The file.
        file: String,
        /// What is wrong.
        error: InputError,
    },
    /// A builder whose line Nix refuses.
    #[error("{place}: {error}")]
    Builder {
        /// Where it is said.
        place: String,
        /// What is wrong.
        error: BuilderLineError,
    },
    /// Machines files that name each other.
    #[error("{0}: machines files lie too deep in each other; write the machines into one file")]
    Depth(String),
    /// Nothing builds some job.
    #[error(transparent)]
    Nowhere(#[from] Nowhere),
    /// Nothing to record.
    #[error(
        "nothing is recorded: only times that rest on measured builds of this machine count; simulate \
         a profile that `nixtune analyze profile` measured"
    )]
    NothingMeasured,
    /// Nowhere to record.
    #[error("nothing is recorded: there is no home folder; set HOME or XDG_STATE_HOME")]
    NoHome,
    /// No local slot, and something needs one.
    #[error(
        "with max-jobs 0 nothing is built on this machine; give 1 or more, or builders with \
         `--builders`"
    )]
    NoSlots,
    /// A file that is no derivation.
    #[error("{file}: {error}")]
    Derivation {
        /// The file.
        file: String,
        /// What is wrong.
        error: DerivationError,
    },
    /// Derivations that are no graph.
    #[error("{file}: {error}")]
    Graph {
        /// The derivation that was asked for.
        file: String,
        /// What is wrong.
        error: GraphError,
    },
    /// Nothing is to be built.
    #[error(
        "{0}: all of it lies in the store already; `--rebuild` simulates as if nothing of it did"
    )]
    AllBuilt(String),
    /// A graph without jobs.
    #[error("{0}: has no jobs")]
    Empty(String),
    /// The hardware is not known.
    #[error(
        "how many threads {0} has is not known; say so in a profile (`nixtune host --save FILE` \
         writes one) and give it with `--host`"
    )]
    NoThreads(String),
}

/// A graph and what is known of it.
struct Read {
    graph: Graph,
    durations: Durations,
    present: Option<(u32, u32)>,
    assumed: Vec<(Class, f64, usize)>,
    /// The file that says what builders there are.
    file: String,
    builders: Vec<BuilderFile>,
    use_substitutes: bool,
}

/// Reads the graph and compares settings.
///
/// # Errors
/// A graph or profile that cannot be used, and a machine of which too little is known.
pub fn simulate(
    system: &dyn System,
    request: &SimulateRequest,
) -> Result<Simulation, SimulateError> {
    let (host, mut target) = machine_facts(system, request.host.as_deref())?;
    let said = request.target.as_target("--target");
    if said.implementation.is_some() || said.version.is_some() {
        target.implementation = said.implementation;
        target.version = said.version;
    }
    let threads = host.threads.as_ref().map(|fact| fact.value);
    let threads = threads.ok_or_else(|| SimulateError::NoThreads(host.name.clone()))?;
    let (said, present_source) = present(system, request, threads.0);
    let given = |cores| if cores == 0 { threads.0 } else { cores };
    let read = read(system, &request.source, &|said_by_profile| {
        given(said_by_profile.unwrap_or(said.1))
    })?;
    let ((max_jobs, cores), present_source) = match (present_source, read.present) {
        (PresentSource::Said, _) | (_, None) => (said, present_source),
        (_, Some(present)) => (present, PresentSource::File),
    };
    let mut machine = machine_of(&host, threads);
    machine.background_threads = request.background_threads.into();
    machine.bandwidth_bytes_per_sec = request.bandwidth_bytes_per_sec;
    let max_substitution_jobs = request
        .max_substitution_jobs
        .unwrap_or(MAX_SUBSTITUTION_JOBS);
    let asked: Vec<u32> = request.max_jobs.iter().map(|it| it.on(threads.0)).collect();
    let order = order_of(&target);
    let list = &request.builders;
    let use_substitutes = list.use_substitutes || read.use_substitutes;
    let (builders, like_this) = if list.list.is_none() {
        let of_file = |it: &BuilderFile| it.builder(&machine);
        let builders: Result<Vec<Builder>, InputError> =
            read.builders.iter().map(of_file).collect();
        let builders = builders.map_err(|error| SimulateError::Input {
            file: read.file.clone(),
            error,
        })?;
        let unknown = read.builders.iter().zip(&builders);
        let unknown = unknown.filter(|(said, _)| said.threads.is_none());
        let unknown = unknown
            .map(|(_, builder)| Arc::clone(&builder.name))
            .collect();
        (builders, unknown)
    } else {
        builders(system, list, &machine)?
    };
    let fleet = Fleet {
        builders,
        use_substitutes,
        system: host
            .platform
            .as_ref()
            .map_or_else(|| "".into(), |fact| fact.value.to_string().into()),
        has_whole_loads: has_whole_loads(&target),
        hook_secs: HOOK_SECS,
        ..Fleet::default()
    };
    if (max_jobs == 0 || asked.contains(&0)) && fleet.builders.is_empty() {
        return Err(SimulateError::NoSlots);
    }
    let comparison = compare(&Question {
        graph: &read.graph,
        machine: &machine,
        fleet: &fleet,
        order,
        present: Slots {
            max_jobs,
            cores,
            max_substitution_jobs,
        },
        candidates: candidates(
            threads.0,
            max_substitution_jobs,
            &asked,
            &request.cores,
            &recommended(&host),
        ),
        durations: read.durations,
        error: VALIDATED_ERROR,
    })?;
    let recorded = if request.record {
        let day = system
            .now_secs()
            .and_then(Date::of_unix_secs)
            .map(|day| day.to_string());
        let occasion = Occasion {
            day: day.unwrap_or_default(),
            host: host.name.clone(),
            nix: target.nix_in_words(),
        };
        let record = SimulationRecord::of(&comparison, read.durations, &machine, occasion);
        let record = record.ok_or(SimulateError::NothingMeasured)?;
        let file = recorded::add(system, &record)?;
        Some(file.ok_or(SimulateError::NoHome)?)
    } else {
        None
    };
    Ok(Simulation {
        recorded,
        graph: read.graph,
        machine,
        host: host.name,
        order,
        nix: target.nix_in_words(),
        durations: read.durations,
        assumed: read.assumed,
        present_source,
        fleet,
        like_this,
        comparison,
    })
}

/// The builders of a list, and the names of those whose hardware nobody says.
fn builders(
    system: &dyn System,
    request: &BuildersRequest,
    this: &Machine,
) -> Result<(Vec<Builder>, Vec<Arc<str>>), SimulateError> {
    let mut hosts = Vec::new();
    for file in &request.hosts {
        let (host, _) = machine_facts(system, Some(file))?;
        hosts.push(host);
    }
    let mut lines = Vec::new();
    let list = request.list.as_deref().unwrap_or_default();
    let path = Path::new(list);
    if !list.is_empty() && system.metadata(path).is_ok() {
        machines_of_file(system, path, 0, &mut lines)?;
    } else {
        machines(system, list, "--builders", 0, &mut lines)?;
    }
    let mut unknown = Vec::new();
    let builders = lines.into_iter().map(|line| {
        // A profile is named by the host, a line perhaps with its domain.
        let short = line.name.split('.').next().unwrap_or("");
        let host = hosts
            .iter()
            .find(|host| host.name == *line.name || host.name == short);
        let threads = host.and_then(|host| host.threads.as_ref());
        let machine = match (host, threads) {
            (Some(host), Some(threads)) => machine_of(host, threads.value),
            _ => {
                unknown.push(Arc::clone(&line.name));
                let memory = host.and_then(|host| host.memory.as_ref());
                let memory = memory.map(|fact| for_builds(fact.value));
                Machine::with_threads(Threads(this.threads()), memory).with_capacity_of(this)
            }
        };
        let link = Link {
            bandwidth_bytes_per_sec: request.bandwidth_bytes_per_sec,
            latency_secs: request.latency_secs,
            connect_secs: CONNECT_SECS + HANDSHAKE_ROUND_TRIPS * request.latency_secs,
        };
        line.builder(machine, link)
    });
    let builders = builders.collect();
    Ok((builders, unknown))
}

fn machines_of_file(
    system: &dyn System,
    file: &Path,
    depth: u32,
    lines: &mut Vec<BuilderLine>,
) -> Result<(), SimulateError> {
    let place = shown(system, file);
    if depth > DEEPEST_MACHINES {
        return Err(SimulateError::Depth(place));
    }
    let bytes = system.read(file, MACHINES_LIMIT_BYTES)?;
    machines(
        system,
        &String::from_utf8_lossy(&bytes),
        &place,
        depth,
        lines,
    )
}

/// The entries of a text. A machines file that is not there has none, as for Nix.
fn machines(
    system: &dyn System,
    text: &str,
    place: &str,
    depth: u32,
    lines: &mut Vec<BuilderLine>,
) -> Result<(), SimulateError> {
    for range in builder_entries(text) {
        let entry = text.get(range).unwrap_or("");
        if let Some(file) = machines_file(entry) {
            let file = Path::new(file);
            if system.metadata(file).is_ok() {
                machines_of_file(system, file, depth + 1, lines)?;
            }
            continue;
        }
        let line = BuilderLine::parse(entry).map_err(|error| SimulateError::Builder {
            place: place.to_owned(),
            error,
        })?;
        lines.push(line);
    }
    Ok(())
}

/// The hardware as a machine to build on.
fn machine_of(host: &Host, threads: Threads) -> Machine {
    let memory = host.memory.as_ref().map(|fact| for_builds(fact.value));
    let machine = Machine::with_threads(threads, memory);
    match capacity(host) {
        Some(curve) => machine.with_capacity(curve),
        None => machine,
    }
}

/// What the system and other programs keep is not for builds: 15 %, at least 2 GiB, and never more
/// than half.
fn for_builds(memory: Bytes) -> Bytes {
    const LEAST: u64 = 2 * Bytes::GIB;
    let kept = LEAST.max(memory.0 / 100 * 15).min(memory.0 / 2);
    Bytes(memory.0 - kept)
}

/// What 1, 2, 3 … busy threads compute together on a machine with efficiency cores: those come last
/// and count half, as in `tune`. `None` when its cores are alike or not known, or some have two
/// threads.
fn capacity(host: &Host) -> Option<Vec<f64>> {
    const EFFICIENCY: f64 = 0.5;
    let (performance, efficiency) = (host.performance_cores()?, host.efficiency_cores()?);
    let threads = host.threads.as_ref()?.value.0;
    if efficiency == 0 || performance.checked_add(efficiency) != Some(threads) {
        return None;
    }
    let together = |busy: u32| {
        let fast = busy.min(performance);
        f64::from(fast) + f64::from(busy - fast) * EFFICIENCY
    };
    Some((1..=threads).map(together).collect())
}

fn machine_facts(
    system: &dyn System,
    profile: Option<&Path>,
) -> Result<(Host, Target), EngineError> {
    let Some(file) = profile else {
        return Ok((probe::host(system), probe::target(system)));
    };
    let profile = known::read_profile(system, file)?;
    let host = profile.host;
    let host = host.unwrap_or_else(|| Host::unknown(shown(system, file)));
    Ok((host, profile.target))
}

/// What `tune` recommends for each use of the machine, with its alternatives.
fn recommended(host: &Host) -> Vec<(u32, u32)> {
    let profiles = [
        Profile::Interactive,
        Profile::Server,
        Profile::Battery,
        Profile::LowMemory,
    ];
    let found = profiles
        .into_iter()
        .filter_map(|profile| tune::build_slots(host, profile));
    let values = found.flat_map(|found| {
        let others = found.alternatives.into_iter().map(|other| other.value);
        others.chain([found.value]).collect::<Vec<_>>()
    });
    values.map(|slots| (slots.max_jobs, slots.cores)).collect()
}

fn present(
    system: &dyn System,
    request: &SimulateRequest,
    threads: u32,
) -> ((u32, u32), PresentSource) {
    if let Some((max_jobs, cores)) = request.present {
        return ((max_jobs.on(threads), cores), PresentSource::Said);
    }
    // What this machine's Nix is set to says nothing about another machine.
    let is_here = request.host.is_none();
    match is_here.then(|| settings_in_force(system)).flatten() {
        Some(present) => (present, PresentSource::Nix),
        None => ((1, 0), PresentSource::Defaults),
    }
}

/// `max-jobs` and `cores` as Nix reads them; `None` when it does not say.
fn settings_in_force(system: &dyn System) -> Option<(u32, u32)> {
    // The second is what Nix before 2.20 calls it.
    let commands: [&[&str]; 2] = [&["config", "show", "--json"], &["show-config", "--json"]];
    commands.into_iter().find_map(|command| {
        let mut arguments = vec!["--extra-experimental-features", "nix-command"];
        arguments.extend(command);
        let ran = system.run("nix", &arguments).ok()?;
        let settings: serde_json::Value = serde_json::from_slice(&ran.stdout).ok()?;
        let count = |name: &str| {
            let value = settings.get(name)?.get("value")?.as_u64()?;
            u32::try_from(value).ok()
        };
        Some((count("max-jobs")?, count("cores")?))
    })
}

/// `threads` is what builds of a profile were given each, by the `cores` that it tells.
fn read(
    system: &dyn System,
    source: &GraphSource,
    threads: &dyn Fn(Option<u32>) -> u32,
) -> Result<Read, SimulateError> {
    match source {
        GraphSource::File(path) => {
            let file = shown(system, path);
            let bytes = system.read(path, GRAPH_LIMIT_BYTES)?;
            let wrong = |error| SimulateError::Input {
                file: file.clone(),
                error,
            };
            if let Some(profile) = read_profile(&bytes).map_err(wrong)? {
                let cores = profile.settings().map(|(_, cores)| cores);
                return of_profile(system, &file, &profile, threads(cores));
            }
            let (graph, said) = read_graph(&bytes).map_err(wrong)?;
            if graph.jobs().is_empty() {
                return Err(SimulateError::Empty(file));
            }
            Ok(Read {
                graph,
                durations: said.durations,
                present: said.settings.map(|it| (it.max_jobs, it.cores)),
                assumed: Vec::new(),
                file,
                builders: said.builders,
                use_substitutes: said.builders_use_substitutes,
            })
        }
        GraphSource::Derivation {
            path,
            assumptions,
            rebuild,
        } => {
            let closure = closure(system, path, *rebuild)?;
            let graph = closure
                .graph(assumptions)
                .map_err(|error| SimulateError::Graph {
                    file: shown(system, path),
                    error,
                })?;
            let classes = closure.classes().into_iter();
            let assumed = classes.map(|(class, count)| (class, assumptions.secs(class), count));
            Ok(Read {
                graph,
                durations: Durations::Assumed,
                present: None,
                assumed: assumed.collect(),
                file: String::new(),
                builders: Vec::new(),
                use_substitutes: false,
            })
        }
    }
}

/// The graph of a run: its derivations are read from the store, and what they need as well, to know
/// what of it was fetched.
fn of_profile(
    system: &dyn System,
    file: &str,
    profile: &RunProfile,
    threads: u32,
) -> Result<Read, SimulateError> {
    let mut known: FxHashMap<Arc<str>, Work> = FxHashMap::default();
    for path in profile.derivations() {
        let built = work(system, Path::new(path.as_ref()))?;
        for need in &built.needs {
            if !known.contains_key(need) {
                // What is gone from the store meanwhile was not part of the run.
                if let Ok(found) = work(system, Path::new(need.as_ref())) {
                    known.insert(Arc::clone(need), found);
                }
            }
        }
        known.insert(Arc::clone(path), built);
    }
    let graph = profile
        .graph(&known, threads)
        .map_err(|error| SimulateError::Graph {
            file: file.to_owned(),
            error,
        })?;
    if graph.jobs().is_empty() {
        return Err(SimulateError::Empty(file.to_owned()));
    }
    Ok(Read {
        graph,
        durations: Durations::Profiled,
        present: profile.settings(),
        assumed: Vec::new(),
        file: String::new(),
        builders: Vec::new(),
        use_substitutes: false,
    })
}

fn work(system: &dyn System, file: &Path) -> Result<Work, SimulateError> {
    let bytes = system.read(file, DERIVATION_LIMIT_BYTES)?;
    match Derivation::parse(&bytes) {
        Ok(derivation) => Ok(Work::from(&derivation)),
        Err(error) => Err(SimulateError::Derivation {
            file: shown(system, file),
            error,
        }),
    }
}

/// The derivation with all that has to be built for it. What it needs lies beside it in the store,
/// wherever that is.
fn closure(system: &dyn System, path: &Path, rebuild: bool) -> Result<Closure, SimulateError> {
    let path = system.canonicalize(path)?;
    let store = path.parent().unwrap_or(Path::new("/")).to_path_buf();
    let in_store = |path: &str| {
        let base = Path::new(path).file_name();
        base.map(|base| store.join(base))
    };
    let mut closure = Closure::default();
    let mut known = BTreeSet::new();
    let first: Arc<str> = path.to_string_lossy().into();
    let mut next = VecDeque::from([(first, path)]);
    let mut is_first = true;
    while let Some((name, file)) = next.pop_front() {
        let work = work(system, &file)?;
        let is_there = |output: &Arc<str>| {
            in_store(output).is_some_and(|output| system.metadata(&output).is_ok())
        };
        let is_built = !work.outputs.is_empty() && work.outputs.iter().all(is_there);
        if is_built && !rebuild {
            if is_first {
                return Err(SimulateError::AllBuilt(shown(system, &file)));
            }
            continue;
        }
        is_first = false;
        for need in &work.needs {
            let Some(file) = in_store(need) else { continue };
            if known.insert(Arc::clone(need)) {
                next.push_back((Arc::clone(need), file));
            }
        }
        closure.add(name, work);
    }
    Ok(closure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiency_cores_count_half() {
        let text = "[host]\nname = \"mac\"\nplatform = \"aarch64-darwin\"\nthreads = 4\n\
                    memory = \"8G\"\n\
                    [[host.cores]]\nname = \"P\"\nrole = \"performance\"\ncount = 2\n\
                    [[host.cores]]\nname = \"E\"\nrole = \"efficiency\"\ncount = 2\n";
        let profile = crate::facts::profile::read(text, "mac.toml").unwrap();
        let mut host = profile.host.unwrap();
        assert_eq!(capacity(&host), Some(vec![1.0, 2.0, 2.5, 3.0]));
        host.core_levels.clear();
        assert_eq!(capacity(&host), None);
    }

    #[test]
    fn some_memory_is_kept_for_the_system() {
        assert_eq!(for_builds(Bytes::from_gib(100)), Bytes::from_gib(85));
        assert_eq!(for_builds(Bytes::from_gib(8)), Bytes::from_gib(6));
        assert_eq!(for_builds(Bytes::from_gib(1)), Bytes(Bytes::GIB / 2));
    }
}
