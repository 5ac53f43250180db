//! Derivations as they lie in the store, and graphs of them with assumed durations.
//!
//! The text of a `.drv` is a term of the ATerm library: `Derive(outputs, derivations that it needs,
//! sources, system, builder, arguments, environment)`, of the same shape in every Nix; with dynamic
//! derivations `DrvWithVersion` and its version in front.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::graph::{Graph, GraphError, Job, JobId};
use crate::units::Bytes;

/// What a `.drv` says, as far as it matters for when it is built and how long that takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derivation {
    /// Paths of its outputs; those that are known only after the build are empty.
    pub outputs: Vec<Arc<str>>,
    /// Paths of the derivations that it needs.
    pub needs: Vec<Arc<str>>,
    /// What kind of work it is.
    pub class: Class,
}

/// Kinds of work, as far as they can be told from a `.drv`.
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
pub(super) const WIDTH: u32 = 64;

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

    fn job(&self, path: &Arc<str>, class: Class, needs: Vec<JobId>) -> Job {
        let secs = self.secs(class);
        let mut job = Job::build(name_of(path), needs, secs);
        job.path = Arc::clone(path);
        match class {
            Class::Fetch => {
                job.waiting_secs = secs;
                job.serial_secs = 0.0;
            }
            Class::Parallel => {
                job.serial_secs = secs * (1.0 - SHARED);
                job.parallel_secs = secs * SHARED;
                job.width = WIDTH;
                job.memory_per_thread = COMPILER;
            }
            Class::Other => job.memory = COMPILER,
            Class::Glue => {}
        }
        job
    }
}

/// Derivations by their paths: what is to be built, each with what it needs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Closure {
    derivations: Vec<(Arc<str>, Derivation)>,
}

impl Closure {
    /// Adds a derivation. What it needs and is never added counts as built already.
    pub fn add(&mut self, path: Arc<str>, derivation: Derivation) {
        self.derivations.push((path, derivation));
    }

    /// How many derivations of each class there are, in the order of [`Class::ALL`].
    pub fn classes(&self) -> [(Class, usize); 4] {
        Class::ALL.map(|class| {
            let of_class = |(_, found): &&(Arc<str>, Derivation)| found.class == class;
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
        let jobs = self.derivations.iter().map(|(path, derivation)| {
            let needs = derivation.needs.iter();
            let needs = needs.filter_map(|need| ids.get(need.as_ref()).copied());
            assumptions.job(path, derivation.class, needs.collect())
        });
        Graph::new(jobs.collect())
    }
}

/// The name in a store path: what follows the hash.
pub(super) fn name_of(path: &str) -> &str {
    let base = path.rsplit_once('/').map_or(path, |(_, base)| base);
    base.split_once('-').map_or(base, |(_, name)| name)
}

/// A text that is no derivation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no derivation: {what} at byte {at_byte}")]
pub struct DerivationError {
    what: &'static str,
    at_byte: usize,
}

/// Reads a `.drv`.
///
/// # Errors
/// Anything else.
pub fn read_derivation(bytes: &[u8]) -> Result<Derivation, DerivationError> {
    let mut reader = Reader { bytes, at: 0 };
    let (name, mut fields) = reader.application()?;
    let wrong = |what| DerivationError { what, at_byte: 0 };
    match name {
        b"Derive" => {}
        b"DrvWithVersion" if !fields.is_empty() => {
            fields.remove(0);
        }
        _ => return Err(wrong("it begins with another word than `Derive`")),
    }
    let [outputs, needs, _, _, _, _, environment] = fields.as_slice() else {
        return Err(wrong("it has not the seven parts of a derivation"));
    };
    let outputs = outputs.entries();
    let mut is_fetch = false;
    let mut paths = Vec::new();
    for output in outputs {
        // Name, path, hash algorithm, hash.
        paths.extend(output.text(1).map(Arc::from));
        is_fetch |= output.text(3).is_some_and(|hash| !hash.is_empty());
    }
    let needs = needs.entries().iter();
    let needs = needs.filter_map(|need| need.text(0).map(Arc::from));
    Ok(Derivation {
        outputs: paths,
        needs: needs.collect(),
        class: if is_fetch {
            Class::Fetch
        } else {
            class_of(environment)
        },
    })
}

fn class_of(environment: &Term) -> Class {
    let variables = environment.entries().iter();
    let mut is_parallel = false;
    let mut is_glue = false;
    for variable in variables {
        let (Some(name), Some(value)) = (variable.text(0), variable.text(1)) else {
            continue;
        };
        match name {
            "enableParallelBuilding" => is_parallel |= value == "1",
            "preferLocalBuild" => is_glue |= value == "1",
            "allowSubstitutes" => is_glue |= value.is_empty(),
            // All variables of a derivation with `__structuredAttrs`.
            "__json" => {
                let json: serde_json::Value = serde_json::from_str(value).unwrap_or_default();
                let is = |name: &str, value: bool| json.get(name) == Some(&value.into());
                is_parallel |= is("enableParallelBuilding", true);
                is_glue |= is("preferLocalBuild", true) || is("allowSubstitutes", false);
            }
            _ => {}
        }
    }
    match (is_glue, is_parallel) {
        (true, _) => Class::Glue,
        (false, true) => Class::Parallel,
        (false, false) => Class::Other,
    }
}

/// A term: what a `.drv` is made of.
enum Term {
    Text(String),
    /// A list or a tuple.
    Several(Vec<Term>),
}

impl Term {
    fn entries(&self) -> &[Term] {
        match self {
            Self::Several(entries) => entries,
            Self::Text(_) => &[],
        }
    }

    /// The text at a position of a tuple.
    fn text(&self, position: usize) -> Option<&str> {
        match self.entries().get(position) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Terms lie in each other no deeper than this: real ones have three levels, and one more for each
/// output of an output.
const DEEPEST: usize = 64;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self, what: &'static str) -> DerivationError {
        DerivationError {
            what,
            at_byte: self.at,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// `Word(…)` up to the end of the file.
    fn application(&mut self) -> Result<(&'a [u8], Vec<Term>), DerivationError> {
        let end = self.bytes.iter().position(|byte| *byte == b'(');
        let word = end.and_then(|end| self.bytes.get(..end));
        let word = word.ok_or_else(|| self.wrong("there is no `(`"))?;
        self.at = word.len() + 1;
        let fields = self.until(b')', 0)?;
        if self.at < self.bytes.len() {
            return Err(self.wrong("something follows the last `)`"));
        }
        Ok((word, fields))
    }

    /// Terms with commas between them, up to what closes them.
    fn until(&mut self, closing: u8, depth: usize) -> Result<Vec<Term>, DerivationError> {
        if depth > DEEPEST {
            return Err(self.wrong("too many lists lie in each other"));
        }
        let mut terms = Vec::new();
        if self.bytes.get(self.at) == Some(&closing) {
            self.at += 1;
            return Ok(terms);
        }
        loop {
            terms.push(match self.next() {
                Some(b'"') => Term::Text(self.text()?),
                Some(b'[') => Term::Several(self.until(b']', depth + 1)?),
                Some(b'(') => Term::Several(self.until(b')', depth + 1)?),
                _ => return Err(self.wrong("a text, a list or a tuple was expected")),
            });
            match self.next() {
                Some(b',') => {}
                Some(byte) if byte == closing => return Ok(terms),
                _ => return Err(self.wrong("a comma or the end of a list was expected")),
            }
        }
    }

    /// The rest of a text behind its quotation mark. Bytes that are not UTF-8 are replaced: no store
    /// path has any.
    fn text(&mut self) -> Result<String, DerivationError> {
        let mut text = Vec::new();
        loop {
            let byte = match self.next() {
                Some(b'"') => return Ok(String::from_utf8_lossy(&text).into_owned()),
                Some(b'\\') => match self.next() {
                    Some(b'n') => b'\n',
                    Some(b'r') => b'\r',
                    Some(b't') => b'\t',
                    Some(other) => other,
                    None => return Err(self.wrong("a text does not end")),
                },
                Some(other) => other,
                None => return Err(self.wrong("a text does not end")),
            };
            text.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = r#"Derive([("out","/nix/store/o-hello","","")],[("/nix/store/a-cc.drv",["out"]),("/nix/store/b-src.drv",["dev","out"])],["/nix/store/s-builder.sh"],"x86_64-linux","/bin/sh",["-e","a \"quoted\"\n"],[("enableParallelBuilding","1"),("name","hello")])"#;

    fn class(environment: &str) -> Class {
        let text = format!(
            r#"Derive([("out","/nix/store/o","","")],[],[],"x","/bin/sh",[],[{environment}])"#
        );
        read_derivation(text.as_bytes()).unwrap().class
    }

    #[test]
    fn a_derivation_says_what_it_needs() {
        let found = read_derivation(HELLO.as_bytes()).unwrap();
        assert_eq!(found.class, Class::Parallel);
        assert_eq!(found.outputs, ["/nix/store/o-hello".into()]);
        let needs: Vec<&str> = found.needs.iter().map(AsRef::as_ref).collect();
        assert_eq!(needs, ["/nix/store/a-cc.drv", "/nix/store/b-src.drv"]);
    }

    #[test]
    fn a_derivation_that_needs_outputs_of_outputs() {
        let text = r#"DrvWithVersion("xp-dyn-drv",[("out","/s/o","","")],[("/s/a.drv",(["out"],[("out",["dev"])]))],[],"x","/bin/sh",[],[])"#;
        let found = read_derivation(text.as_bytes()).unwrap();
        assert_eq!(found.needs, ["/s/a.drv".into()]);
    }

    #[test]
    fn kinds_of_work() {
        let fetch =
            r#"Derive([("out","/s/o","sha256","00ff")],[],[],"x","builtin:fetchurl",[],[])"#;
        let found = read_derivation(fetch.as_bytes()).unwrap();
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
    fn what_is_no_derivation_is_refused_with_its_place() {
        let error = |text: &[u8]| read_derivation(text).unwrap_err().to_string();
        assert!(error(b"").contains("no `(`"));
        assert!(error(b"Derive(").contains("byte 7"));
        assert!(error(b"Derive([\"a").contains("does not end"));
        assert!(error(b"Other([])").contains("another word"));
        assert!(error(b"Derive([])").contains("seven parts"));
        assert!(error(b"Derive([]) ").contains("follows"));
        let deep = format!("Derive({}", "[".repeat(100_000));
        assert!(error(deep.as_bytes()).contains("lie in each other"));
        // Every beginning of a derivation is an error, and none a panic.
        for end in 0..HELLO.len() {
            assert!(read_derivation(&HELLO.as_bytes()[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn what_was_not_added_is_built_already() {
        let mut closure = Closure::default();
        let path: Arc<str> = "/nix/store/h-hello.drv".into();
        closure.add(
            Arc::clone(&path),
            read_derivation(HELLO.as_bytes()).unwrap(),
        );
        let fetch = Derivation {
            outputs: vec![],
            needs: vec![],
            class: Class::Fetch,
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
