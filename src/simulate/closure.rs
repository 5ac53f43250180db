//! What derivations are to a schedule, and graphs of them with assumed durations.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fleet::Requirements;
use super::graph::{Graph, GraphError, Job, JobId};
use crate::syntax::Derivation;
use crate::units::Bytes;

/// What a derivation says about when it is built and how long that takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Work {
    /// Paths of its outputs; those that are known only after the build are empty.
    pub outputs: Vec<Arc<str>>,
    /// Paths of the derivations that it needs.
    pub needs: Vec<Arc<str>>,
    /// What kind of work it is.
    pub class: Class,
    /// What it asks of the machine that builds it.
    pub requirements: Arc<Requirements>,
}

impl From<&Derivation> for Work {
    fn from(derivation: &Derivation) -> Self {
        let outputs = derivation.outputs.iter();
        let inputs = derivation.input_derivations.iter();
        Self {
            outputs: outputs.map(|output| output.path.as_str().into()).collect(),
            needs: inputs.map(|(path, _)| path.as_str().into()).collect(),
            class: Class::of(derivation),
            requirements: Arc::new(Requirements {
                system: (!derivation.system.is_empty()).then(|| derivation.system.as_str().into()),
                features: derivation
                    .required_features()
                    .into_iter()
                    .map(Arc::from)
                    .collect(),
                prefers_local: derivation.prefers_local_build(),
            }),
        }
    }
}

/// Kinds of work, as far as they can be told from a derivation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// The hash of its output is known before: it fetches something.
    Fetch,
    /// It wants to be built where it is used, as wrappers and generated files do.
    Glue,
    /// Its build may use several threads.
    Parallel,
    /// Anything else.
    Other,
}

impl Class {
    /// All of them, cheapest first.
    pub const ALL: [Self; 4] = [Self::Glue, Self::Fetch, Self::Other, Self::Parallel];

    fn of(derivation: &Derivation) -> Self {
        if derivation.has_fixed_output() {
            Self::Fetch
        } else if derivation.prefers_local_build() || !derivation.allows_substitutes() {
            Self::Glue
        } else if derivation.flag("enableParallelBuilding") == Some(true) {
            Self::Parallel
        } else {
            Self::Other
        }
    }

    /// The word for it in arguments and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Glue => "glue",
            Self::Parallel => "parallel",
            Self::Other => "other",
        }
    }
}

/// Seconds that a derivation of each class is assumed to take on one thread.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Assumptions {
    /// [`Class::Fetch`]; no thread is busy.
    pub fetch_secs: f64,
    /// [`Class::Glue`].
    pub glue_secs: f64,
    /// [`Class::Parallel`]; [`SHARED`] of it can be shared.
    pub parallel_secs: f64,
    /// [`Class::Other`].
    pub other_secs: f64,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            fetch_secs: 5.0,
            glue_secs: 1.0,
            parallel_secs: 60.0,
            other_secs: 10.0,
        }
    }
}

/// The part of a parallel build that several threads can share.
pub const SHARED: f64 = 0.8;
/// Memory that a thread which compiles is assumed to take: the limit of ClickHouse for one.
pub const COMPILER: Bytes = Bytes::from_gib(2);
/// The threads that a parallel build can use.
const WIDTH: u32 = 64;

impl Assumptions {
    /// Seconds of a class.
    pub fn secs(&self, class: Class) -> f64 {
        match class {
            Class::Fetch => self.fetch_secs,
            Class::Glue => self.glue_secs,
            Class::Parallel => self.parallel_secs,
            Class::Other => self.other_secs,
        }
    }

    /// The same with other seconds for a class.
    #[must_use]
    pub fn with(mut self, class: Class, secs: f64) -> Self {
        match class {
            Class::Fetch => self.fetch_secs = secs,
            Class::Glue => self.glue_secs = secs,
            Class::Parallel => self.parallel_secs = secs,
            Class::Other => self.other_secs = secs,
        }
        self
    }
}

/// The job that builds a derivation in `secs` when it is given so many threads. What kind of work
/// it is may not be known.
pub(super) fn job(
    path: &Arc<str>,
    work: Option<&Work>,
    needs: Vec<JobId>,
    secs: f64,
    threads: u32,
) -> Job {
    let mut job = Job::build(name_of(path), needs, secs);
    job.path = Arc::clone(path);
    job.requirements = work.map(|work| Arc::clone(&work.requirements));
    match work.map_or(Class::Other, |work| work.class) {
        Class::Fetch => {
            job.waiting_secs = secs;
            job.serial_secs = 0.0;
        }
        Class::Parallel => {
            let threads = f64::from(threads.clamp(1, WIDTH));
            // What one thread would take.
            let work = secs / (1.0 - SHARED + SHARED / threads);
            job.serial_secs = work * (1.0 - SHARED);
            job.parallel_secs = work * SHARED;
            job.width = WIDTH;
            job.memory_per_thread = COMPILER;
        }
        Class::Other => job.memory = COMPILER,
        Class::Glue => {}
    }
    job
}

/// Derivations by their paths: what is to be built, each with what it needs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Closure {
    derivations: Vec<(Arc<str>, Work)>,
}

impl Closure {
    /// Adds a derivation. What it needs and is never added counts as built already.
    pub fn add(&mut self, path: Arc<str>, work: Work) {
        self.derivations.push((path, work));
    }

    /// How many derivations of each class there are, in the order of [`Class::ALL`].
    pub fn classes(&self) -> [(Class, usize); 4] {
        Class::ALL.map(|class| {
            let of_class = |(_, found): &&(Arc<str>, Work)| found.class == class;
            (class, self.derivations.iter().filter(of_class).count())
        })
    }

    /// The graph with durations that are assumed.
    ///
    /// # Errors
    /// Derivations that need each other, or assumptions that are no durations.
    pub fn graph(&self, assumptions: &Assumptions) -> Result<Graph, GraphError> {
        let ids: FxHashMap<&str, JobId> = (0u32..)
            .zip(&self.derivations)
            .map(|(id, (path, _))| (path.as_ref(), JobId(id)))
            .collect();
        let jobs = self.derivations.iter().map(|(path, work)| {
            let needs = work.needs.iter();
            let needs = needs.filter_map(|need| ids.get(need.as_ref()).copied());
            let secs = assumptions.secs(work.class);
            job(path, Some(work), needs.collect(), secs, 1)
        });
        Graph::new(jobs.collect())
    }
}

/// The name in a store path: what follows the hash.
pub(super) fn name_of(path: &str) -> &str {
    let base = path.rsplit_once('/').map_or(path, |(_, base)| base);
    base.split_once('-').map_or(base, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = r#"Derive([("out","/nix/store/o-hello","","")],[("/nix/store/a-cc.drv",["out"]),("/nix/store/b-src.drv",["dev","out"])],["/nix/store/s-builder.sh"],"x86_64-linux","/bin/sh",["-e","a \"quoted\"\n"],[("enableParallelBuilding","1"),("name","hello")])"#;

    fn work(text: &str) -> Work {
        Work::from(&Derivation::parse(text.as_bytes()).unwrap())
    }

    fn class(environment: &str) -> Class {
        let text = format!(
            r#"Derive([("out","/nix/store/o","","")],[],[],"x","/bin/sh",[],[{environment}])"#
        );
        work(&text).class
    }

    #[test]
    fn a_derivation_says_what_it_needs() {
        let found = work(HELLO);
        assert_eq!(found.class, Class::Parallel);
        assert_eq!(found.outputs, ["/nix/store/o-hello".into()]);
        let needs: Vec<&str> = found.needs.iter().map(AsRef::as_ref).collect();
        assert_eq!(needs, ["/nix/store/a-cc.drv", "/nix/store/b-src.drv"]);
    }

    #[test]
    fn kinds_of_work() {
        let fetch =
            r#"Derive([("out","/s/o","sha256","00ff")],[],[],"x","builtin:fetchurl",[],[])"#;
        let found = work(fetch);
        assert_eq!(found.class, Class::Fetch);
        assert_eq!(class(r#"("preferLocalBuild","1")"#), Class::Glue);
        assert_eq!(class(r#"("allowSubstitutes","")"#), Class::Glue);
        assert_eq!(class(r#"("enableParallelBuilding","")"#), Class::Other);
        let json = r#"("__json","{\"enableParallelBuilding\":true}")"#;
        assert_eq!(class(json), Class::Parallel);
        let json = r#"("__json","{\"allowSubstitutes\":false}")"#;
        assert_eq!(class(json), Class::Glue);
    }

    #[test]
    fn what_was_not_added_is_built_already() {
        let mut closure = Closure::default();
        let path: Arc<str> = "/nix/store/h-hello.drv".into();
        closure.add(Arc::clone(&path), work(HELLO));
        let fetch = Work {
            outputs: vec![],
            needs: vec![],
            class: Class::Fetch,
            requirements: Arc::default(),
        };
        closure.add("/nix/store/b-src.drv".into(), fetch);
        let assumptions = Assumptions::default().with(Class::Parallel, 100.0);
        let graph = closure.graph(&assumptions).unwrap();
        let [hello, source] = graph.jobs() else {
            panic!()
        };
        assert_eq!(
            (hello.name.as_ref(), hello.needs.as_slice()),
            ("hello.drv", [JobId(1)].as_slice())
        );
        assert_eq!(hello.alone_secs(1), 100.0);
        assert!((hello.alone_secs(8) - 30.0).abs() < 1e-9);
        assert_eq!((source.waiting_secs, source.serial_secs), (5.0, 0.0));
        assert_eq!(closure.classes()[1], (Class::Fetch, 1));
    }
}
