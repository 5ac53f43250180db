//! What would be fetched, built or is here already, by the rule that Nix goes by (`queryMissing`).
//!
//! A path that is wanted is fetched if a cache has it, and then what it refers to is wanted; else its
//! derivation is built, and then the inputs of that are wanted. The search goes in waves, so that all
//! questions of a wave are asked at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::narinfo::NarInfo;
use super::signature::{TrustedKeys, Verdict};
use crate::syntax::Derivation;

/// What one cache says about a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It has it.
    Has(Box<NarInfo>),
    /// It has not.
    HasNot,
    /// It did not say, or nothing that could be understood.
    Unknown,
}

/// Why a path is not fetched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// No cache has it.
    NowhereCached,
    /// A cache has it, signed by nobody who is trusted.
    NotTrusted,
    /// The derivation forbids it (`allowSubstitutes = false`).
    Forbidden,
    /// At least one cache did not answer, and no other has it.
    NotAnswered,
    /// What it is to be made of is known only while it is built.
    KnownLate,
}

impl Cause {
    /// In words, for a heading.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NowhereCached => "no cache has it",
            Self::NotTrusted => "a cache has it, but signed by no trusted key",
            Self::Forbidden => "the derivation says `allowSubstitutes = false`",
            Self::NotAnswered => "a cache did not answer, and no other has it",
            Self::KnownLate => "its path is known only after a build",
        }
    }

    /// One word, for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NowhereCached => "nowhere-cached",
            Self::NotTrusted => "not-trusted",
            Self::Forbidden => "substitutes-forbidden",
            Self::NotAnswered => "not-answered",
            Self::KnownLate => "known-late",
        }
    }
}

/// A path that a cache would deliver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchedPath {
    /// The store path.
    pub path: String,
    /// The index of the cache.
    pub cache: usize,
    /// What is downloaded; `None` when the cache does not say.
    pub download_bytes: Option<u64>,
    /// What it takes in the store.
    pub nar_bytes: u64,
}

/// What would happen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Closure {
    /// Paths that would come from a cache.
    pub fetched: Vec<FetchedPath>,
    /// Derivations that would be built, and why.
    pub built: Vec<(String, Cause)>,
    /// Paths that are here and that no cache has.
    pub local_only: Vec<(String, Cause)>,
    /// Paths that are here and in a cache as well.
    pub present: Vec<String>,
    /// Paths that are nowhere and that nothing builds.
    pub missing: Vec<(String, Cause)>,
}

/// What is known about the store here.
pub trait Store {
    /// True when the path is in the store.
    fn holds(&self, path: &str) -> bool;
    /// The derivation at a path that ends with `.drv`; `None` when it cannot be read.
    fn derivation(&self, path: &str) -> Option<Derivation>;
    /// What a path in the store refers to.
    fn references(&self, path: &str) -> Vec<String>;
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The store's folder.
    pub store_dir: &'a str,
    /// Whose signatures count.
    pub keys: &'a TrustedKeys,
    /// False for caches whose paths Nix takes without a signature, by index.
    pub needs_signature: &'a [bool],
    /// Whether to take the store for empty: what a new machine or a CI job would have to do.
    pub cold: bool,
}

/// Asks about all `paths` at once: for each path what each cache says.
pub type Ask<'a> = dyn FnMut(&[String]) -> Vec<Vec<Answer>> + 'a;

/// A derivation of which outputs are wanted.
struct Wanted {
    derivation: Derivation,
    outputs: BTreeSet<String>,
}

/// Finds out what has to be done for `roots`: derivations, of which all outputs are wanted, and paths.
pub fn search(
    roots: &[String],
    store: &dyn Store,
    search: Search<'_>,
    ask: &mut Ask<'_>,
) -> Closure {
    let mut found = Closure::default();
    let mut seen_paths = BTreeSet::new();
    let mut seen_outputs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut decided = BTreeSet::new();
    let mut paths: Vec<String> = Vec::new();
    let mut derivations: Vec<(String, Option<BTreeSet<String>>)> = Vec::new();
    for root in roots {
        if root.ends_with(".drv") {
            derivations.push((root.clone(), None));
        } else if seen_paths.insert(root.clone()) {
            paths.push(root.clone());
        }
    }
    while !paths.is_empty() || !derivations.is_empty() {
        let wave = std::mem::take(&mut derivations);
        let mut wanted: Vec<(String, Wanted)> = Vec::new();
        for (path, outputs) in wave {
            let Some(derivation) = store.derivation(&path) else {
                found.missing.push((path, Cause::NowhereCached));
                continue;
            };
            let outputs = outputs.unwrap_or_else(|| {
                derivation
                    .outputs
                    .iter()
                    .map(|output| output.name.clone())
                    .collect()
            });
            let known = seen_outputs.entry(path.clone()).or_default();
            let new: BTreeSet<String> = outputs.difference(known).cloned().collect();
            if !new.is_empty() && !decided.contains(&path) {
                known.extend(new.iter().cloned());
                wanted.push((
                    path,
                    Wanted {
                        derivation,
                        outputs: new,
                    },
                ));
            }
        }
        let mut questions = std::mem::take(&mut paths);
        let plain = questions.len();
        let mut asked: BTreeMap<String, usize> = BTreeMap::new();
        for (_, one) in &wanted {
            if one.derivation.allows_substitutes() {
                for name in &one.outputs {
                    if let Some(output) = one.derivation.output(name)
                        && (search.cold || !store.holds(output))
                    {
                        asked.entry(output.to_owned()).or_insert_with(|| {
                            questions.push(output.to_owned());
                            questions.len() - 1
                        });
                    }
                }
            }
        }
        let answers = if questions.is_empty() {
            Vec::new()
        } else {
            ask(&questions)
        };
        let best = |index: usize| -> Result<(usize, &NarInfo), Cause> {
            choose(answers.get(index).map_or(&[], Vec::as_slice), search)
        };
        let mut next_paths: Vec<String> = Vec::new();
        let follow = |info: &NarInfo, seen: &mut BTreeSet<String>, next: &mut Vec<String>| {
            for name in &info.references {
                let path = format!("{}/{name}", search.store_dir.trim_end_matches('/'));
                let is_here = !search.cold && store.holds(&path);
                if seen.insert(path.clone()) && !is_here {
                    next.push(path);
                }
            }
        };
        for (index, path) in questions.iter().take(plain).enumerate() {
            let local = store.holds(path);
            match (best(index), local) {
                (Ok(_), true) if !search.cold => found.present.push(path.clone()),
                (Ok((cache, info)), _) => {
                    found.fetched.push(fetched(path, cache, info));
                    follow(info, &mut seen_paths, &mut next_paths);
                }
                (Err(cause), true) => found.local_only.push((path.clone(), cause)),
                (Err(cause), false) => found.missing.push((path.clone(), cause)),
            }
            if local {
                for reference in store.references(path) {
                    if seen_paths.insert(reference.clone()) {
                        next_paths.push(reference);
                    }
                }
            }
        }
        for (path, one) in &wanted {
            let mut why = None;
            let mut all = Vec::new();
            for name in &one.outputs {
                let Some(output) = one.derivation.output(name) else {
                    why = Some(Cause::KnownLate);
                    break;
                };
                if !search.cold && store.holds(output) {
                    continue;
                }
                if !one.derivation.allows_substitutes() {
                    why = Some(Cause::Forbidden);
                    break;
                }
                match asked.get(output).map(|at| best(*at)) {
                    Some(Ok((cache, info))) => all.push((output, cache, info)),
                    Some(Err(cause)) => {
                        why = Some(cause);
                        break;
                    }
                    None => {}
                }
            }
            if let Some(cause) = why {
                if decided.insert(path.clone()) {
                    found.built.push((path.clone(), cause));
                }
                for (input, outputs) in &one.derivation.input_derivations {
                    derivations.push((input.clone(), Some(outputs.iter().cloned().collect())));
                }
            } else {
                for (output, cache, info) in all {
                    if seen_paths.insert(output.to_owned()) {
                        found.fetched.push(fetched(output, cache, info));
                    }
                    follow(info, &mut seen_paths, &mut next_paths);
                }
                for name in &one.outputs {
                    if let Some(output) = one.derivation.output(name)
                        && !search.cold
                        && store.holds(output)
                        && seen_paths.insert(output.to_owned())
                    {
                        found.present.push(output.to_owned());
                    }
                }
            }
        }
        paths = next_paths;
    }
    found
}

fn fetched(path: &str, cache: usize, info: &NarInfo) -> FetchedPath {
    FetchedPath {
        path: path.to_owned(),
        cache,
        download_bytes: info.file_size_bytes,
        nar_bytes: info.nar_size_bytes,
    }
}

/// The first cache that has it and may be believed.
fn choose<'a>(answers: &'a [Answer], search: Search<'_>) -> Result<(usize, &'a NarInfo), Cause> {
    let mut cause = Cause::NowhereCached;
    for (cache, answer) in answers.iter().enumerate() {
        match answer {
            Answer::Has(info) => {
                let trusted = search.needs_signature.get(cache) == Some(&false)
                    || matches!(
                        search.keys.judge(info, search.store_dir),
                        Verdict::Verified { .. } | Verdict::ContentAddressed
                    );
                if trusted {
                    return Ok((cache, info));
                }
                cause = Cause::NotTrusted;
            }
            Answer::HasNot => {}
            Answer::Unknown => {
                if cause == Cause::NowhereCached {
                    cause = Cause::NotAnswered;
                }
            }
        }
    }
    Err(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::DerivationOutput;

    const STORE: &str = "/nix/store";

    fn path(letter: char, name: &str) -> String {
        format!("{STORE}/{}-{name}", letter.to_string().repeat(32))
    }

    fn derivation(output: &str, inputs: &[&str], forbids: bool) -> Derivation {
        Derivation {
            outputs: vec![DerivationOutput {
                name: "out".to_owned(),
                path: output.to_owned(),
                hash: String::new(),
            }],
            input_derivations: inputs
                .iter()
                .map(|input| ((*input).to_owned(), vec!["out".to_owned()]))
                .collect(),
            environment: if forbids {
                [("allowSubstitutes".to_owned(), String::new())].into()
            } else {
                BTreeMap::new()
            },
            ..Derivation::default()
        }
    }

    #[derive(Default)]
    struct Here {
        paths: BTreeMap<String, Vec<String>>,
        derivations: BTreeMap<String, Derivation>,
    }

    impl Store for Here {
        fn holds(&self, path: &str) -> bool {
            self.paths.contains_key(path)
        }

        fn derivation(&self, path: &str) -> Option<Derivation> {
            self.derivations.get(path).cloned()
        }

        fn references(&self, path: &str) -> Vec<String> {
            self.paths.get(path).cloned().unwrap_or_default()
        }
    }

    fn info(path: &str, references: &[&str]) -> Answer {
        let names: Vec<&str> = references
            .iter()
            .map(|path| path.rsplit('/').next().unwrap())
            .collect();
        let text = format!(
            "StorePath: {path}\nURL: x\nNarHash: sha256:1b4sb93wp679q4zx9k1ignby1yna3z7c4c2ri3wphylbc2dwsys0\nNarSize: 10\nFileSize: 4\nReferences: {}\n",
            names.join(" ")
        );
        Answer::Has(Box::new(NarInfo::parse(text.as_bytes(), STORE).unwrap()))
    }

    fn searched(
        roots: &[String],
        here: &Here,
        cached: &BTreeMap<String, Answer>,
        cold: bool,
        trusted: bool,
    ) -> (Closure, Vec<usize>) {
        let keys = TrustedKeys::default();
        let mut waves = Vec::new();
        let how = Search {
            store_dir: STORE,
            keys: &keys,
            needs_signature: &[!trusted],
            cold,
        };
        let found = search(roots, here, how, &mut |asked| {
            waves.push(asked.len());
            let answer = |path| cached.get(path).cloned().unwrap_or(Answer::HasNot);
            asked.iter().map(|path| vec![answer(path)]).collect()
        });
        (found, waves)
    }

    /// An application that needs a library, which a cache has, and glue, which must be built.
    fn application() -> (Here, BTreeMap<String, Answer>) {
        let (app, lib, libc, glue) = (
            path('a', "app"),
            path('b', "lib"),
            path('c', "libc"),
            path('d', "glue"),
        );
        let drv = |of: &str| format!("{of}.drv");
        let mut here = Here::default();
        here.derivations.insert(
            drv(&app),
            derivation(&app, &[&drv(&lib), &drv(&glue)], false),
        );
        here.derivations
            .insert(drv(&lib), derivation(&lib, &[], false));
        here.derivations
            .insert(drv(&glue), derivation(&glue, &[], true));
        let cached = BTreeMap::from([
            (lib.clone(), info(&lib, &[&libc, &lib])),
            (libc.clone(), info(&libc, &[])),
        ]);
        (here, cached)
    }

    #[test]
    fn what_no_cache_has_is_built_and_its_inputs_are_wanted() {
        let (here, cached) = application();
        let (found, waves) = searched(
            &[format!("{}.drv", path('a', "app"))],
            &here,
            &cached,
            false,
            true,
        );
        let fetched: Vec<&str> = found.fetched.iter().map(|one| &*one.path).collect();
        assert_eq!(fetched, [path('b', "lib"), path('c', "libc")]);
        assert_eq!(found.fetched[0].download_bytes, Some(4));
        assert_eq!(
            found.built,
            [
                (format!("{}.drv", path('a', "app")), Cause::NowhereCached),
                (format!("{}.drv", path('d', "glue")), Cause::Forbidden),
            ]
        );
        // One wave for each level, and no question about what must not be fetched.
        assert_eq!(waves, [1, 1, 1]);
    }

    #[test]
    fn what_is_here_is_not_asked_for_unless_the_store_is_taken_for_empty() {
        let (mut here, cached) = application();
        here.paths.insert(path('b', "lib"), vec![path('c', "libc")]);
        here.paths.insert(path('c', "libc"), Vec::new());
        let root = [format!("{}.drv", path('a', "app"))];
        let (found, waves) = searched(&root, &here, &cached, false, true);
        assert!(found.fetched.is_empty());
        assert_eq!(found.present, [path('b', "lib")]);
        assert_eq!(waves, [1]);
        let (cold, _) = searched(&root, &here, &cached, true, true);
        assert_eq!(cold.fetched.len(), 2);
    }

    #[test]
    fn what_nobody_signed_is_built() {
        let (here, cached) = application();
        let root = [format!("{}.drv", path('b', "lib"))];
        let (found, _) = searched(&root, &here, &cached, false, false);
        assert_eq!(found.built, [(root[0].clone(), Cause::NotTrusted)]);
    }

    #[test]
    fn paths_that_only_this_store_has_are_told() {
        let (mut here, cached) = application();
        here.paths.insert(path('a', "app"), vec![path('b', "lib")]);
        here.paths.insert(path('b', "lib"), Vec::new());
        let (found, _) = searched(
            &[path('a', "app"), path('e', "gone")],
            &here,
            &cached,
            false,
            true,
        );
        assert_eq!(found.local_only, [(path('a', "app"), Cause::NowhereCached)]);
        assert_eq!(found.present, [path('b', "lib")]);
        assert_eq!(found.missing, [(path('e', "gone"), Cause::NowhereCached)]);
    }
}
