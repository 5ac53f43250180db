//! Asking binary caches.

mod asking;
mod logins;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::super::evaluation::nix_output;
use super::Effective;
use crate::analyze::cache::closure::{self, Answer, Closure, Search};
use crate::analyze::cache::{
    CacheFinding, CachesFinding, Signing, TrustedKeys, Verdict, base_name_parts, count_overlap,
    hash_part, in_asking_order,
};
use crate::syntax::Derivation;
use crate::system::{FetchLimits, Program, System};
use asking::{Line, Measured, Meter};
use logins::Logins;

/// `nix-store --query --requisites` gets so many paths at a time.
const PATHS_AT_ONCE: usize = 500;
/// So many questions are expected at the same time for a closure of which only the top is known.
const OPEN_QUESTIONS: usize = 300;
const LARGEST_DERIVATION_BYTES: u64 = 64 << 20;
const EVALUATION_LIMIT: Duration = Duration::from_secs(15 * 60);
const LONGEST_LIST_BYTES: u64 = 256 << 20;

/// What is asked about caches.
#[derive(Clone, Debug)]
pub struct CachesRequest {
    /// The settings that count.
    pub effective: Effective,
    /// How many paths of the store the caches are asked for, to find out what they have in common
    /// and whose signature stands on it.
    pub sample: usize,
    /// Paths, derivations or installables whose closure is looked for; empty for none.
    pub closure: Vec<String>,
    /// Whether to take the store for empty.
    pub cold: bool,
    /// How far a question may go.
    pub limits: FetchLimits,
}

/// What was found out.
#[derive(Clone, PartialEq, Debug)]
pub struct CachesReport {
    /// The caches.
    pub finding: CachesFinding,
    /// What the closure that was asked about needs.
    pub closure: Option<ClosureReport>,
}

/// A closure, with the time that looking for it took.
#[derive(Clone, PartialEq, Debug)]
pub struct ClosureReport {
    /// What would happen.
    pub closure: Closure,
    /// How many questions all caches were asked for it.
    pub questions: usize,
    /// How long they took.
    pub took: Duration,
    /// Whether the store was taken for empty.
    pub cold: bool,
}

/// Why nothing could be found out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CachesError {
    /// `substituters` is empty.
    #[error("no caches are configured: `substituters` is empty")]
    NoCaches,
    /// What was asked about is neither a path nor something that Nix can evaluate.
    #[error("{what}: {why}")]
    Closure {
        /// As it was given.
        what: String,
        /// Why not.
        why: String,
    },
}

/// How far it is, for a progress bar.
pub trait Progress: Sync {
    /// So many more questions will be asked.
    fn more(&self, questions: usize);
    /// One was answered.
    fn answered(&self);
}

/// Asks the caches.
///
/// # Errors
/// There are none, or the closure is of nothing.
pub fn analyze_caches(
    system: &dyn System,
    request: &CachesRequest,
    progress: &dyn Progress,
) -> Result<CachesReport, CachesError> {
    let effective = &request.effective;
    let addresses = once_each(&effective.substituters);
    if addresses.is_empty() {
        return Err(CachesError::NoCaches);
    }
    let roots = roots(system, request)?;
    let keys = TrustedKeys::new(effective.trusted_public_keys.iter().map(String::as_str));
    let sample = sample(system, Path::new(&effective.store_dir), request.sample);

    let logins = Logins::read(system, &effective.netrc_file);
    let mut lines: Vec<Line<'_>> = addresses
        .iter()
        .map(|url| Line::new(system, url, request, &logins))
        .collect();
    // What a derivation needs shows on the way.
    let is_open = roots.iter().any(|root| root.ends_with(".drv"));
    let expected = if is_open { OPEN_QUESTIONS } else { roots.len() };
    progress.more(lines.len() * (sample.len() + 1));
    std::thread::scope(|scope| {
        for line in &mut lines {
            scope.spawn(|| line.greet(&logins, (expected, sample.len()), progress));
        }
    });
    let mut order: Vec<(CacheFinding, usize)> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| (line.finding.clone(), index))
        .collect();
    order.sort_by_key(|(finding, _)| finding.priority().0);
    let mut by_index: Vec<Option<Line<'_>>> = lines.into_iter().map(Some).collect();
    let mut lines: Vec<Line<'_>> = order
        .into_iter()
        .filter_map(|(_, index)| by_index.get_mut(index).and_then(Option::take))
        .collect();

    // Speed is measured on connections of their own, while others look for the closure.
    let meters: Vec<Option<Meter<'_>>> = lines.iter_mut().map(|line| line.meter.take()).collect();
    let (measured, closure) = std::thread::scope(|scope| {
        let (sample, keys) = (&sample, &keys);
        let measuring: Vec<_> = meters
            .into_iter()
            .map(|meter| meter.map(|meter| scope.spawn(|| meter.measure(sample, keys, progress))))
            .collect();
        let closure = (!roots.is_empty())
            .then(|| look_for(system, request, &roots, keys, &mut lines, progress));
        let measured: Vec<Option<Measured>> =
            measuring.into_iter().map(|one| one.map(joined)).collect();
        (measured, closure)
    });
    let has: Vec<Vec<bool>> = lines
        .iter_mut()
        .zip(measured)
        .map(|(line, measured)| match measured {
            Some(measured) => measured.settle(&mut line.finding),
            None => vec![false; sample.len()],
        })
        .collect();

    let mut caches: Vec<CacheFinding> = lines.iter().map(|line| line.finding.clone()).collect();
    count_overlap(&mut caches, &has);
    in_asking_order(&mut caches);
    let used: BTreeSet<&str> = caches
        .iter()
        .filter_map(|cache| match &cache.signing {
            Signing::Judged {
                verdict: Verdict::Verified { key },
                ..
            } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let all_judged = caches
        .iter()
        .all(|cache| matches!(cache.signing, Signing::Judged { .. } | Signing::NotNeeded));
    let unused_keys = if all_judged {
        keys.names()
            .filter(|name| !used.contains(name))
            .map(str::to_owned)
            .collect()
    } else {
        Vec::new()
    };
    Ok(CachesReport {
        finding: CachesFinding {
            unusable_keys: keys.unusable().to_vec(),
            unused_keys,
            caches,
            parallel: effective.http_connections,
            source: effective.source.clone(),
        },
        closure,
    })
}

/// Asks the caches for what `roots` need.
fn look_for(
    system: &dyn System,
    request: &CachesRequest,
    roots: &[String],
    keys: &TrustedKeys,
    lines: &mut [Line<'_>],
    progress: &dyn Progress,
) -> ClosureReport {
    let started = system.elapsed();
    let effective = &request.effective;
    let store = Here {
        system,
        store_dir: &effective.store_dir,
    };
    let needs_signature: Vec<bool> = lines
        .iter()
        .map(|line| effective.require_sigs && line.finding.signing != Signing::NotNeeded)
        .collect();
    let search = Search {
        store_dir: &effective.store_dir,
        keys,
        needs_signature: &needs_signature,
        cold: request.cold,
    };
    let mut questions = 0;
    let closure = closure::search(roots, &store, search, &mut |paths| {
        questions += paths.len() * lines.len();
        progress.more(paths.len() * lines.len());
        ask_all(lines, paths, progress)
    });
    ClosureReport {
        closure,
        questions,
        took: system.elapsed().saturating_sub(started),
        cold: request.cold,
    }
}

/// What a thread came to; its panic goes on here.
fn joined<T>(task: std::thread::ScopedJoinHandle<'_, T>) -> T {
    match task.join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The same cache twice is asked once, as by Nix.
fn once_each(urls: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    urls.iter()
        .filter(|url| seen.insert(url.trim_end_matches('/').to_owned()))
        .cloned()
        .collect()
}

/// Paths of the store, spread over all of it, so that every kind is among them.
fn sample(system: &dyn System, store: &Path, count: usize) -> Vec<String> {
    let Ok(entries) = system.read_dir(store) else {
        return Vec::new();
    };
    let all: Vec<String> = entries
        .into_iter()
        .filter_map(|entry| {
            let name = entry.path.file_name()?.to_str()?;
            base_name_parts(name)?;
            let is_aside = [".drv", ".lock", ".chroot", ".check"]
                .iter()
                .any(|ending| name.ends_with(ending));
            (!is_aside).then(|| entry.path.to_str().map(str::to_owned))?
        })
        .collect();
    let step = all.len().div_ceil(count.max(1)).max(1);
    all.into_iter().step_by(step).take(count).collect()
}

/// What the closure is of: store paths and derivations.
fn roots(system: &dyn System, request: &CachesRequest) -> Result<Vec<String>, CachesError> {
    let store = &request.effective.store_dir;
    let mut roots = Vec::new();
    let mut here = Vec::new();
    for word in &request.closure {
        let wrong = |why: String| CachesError::Closure {
            what: word.clone(),
            why,
        };
        let path = match system.canonicalize(Path::new(word)) {
            Ok(real) if hash_part(&real.to_string_lossy(), store).is_some() => {
                real.to_string_lossy().into_owned()
            }
            _ => word.clone(),
        };
        if let Some(base) = crate::analyze::cache::base_name(&path, store) {
            let path = format!("{}/{base}", store.trim_end_matches('/'));
            if path.ends_with(".drv") || system.metadata(Path::new(&path)).is_err() {
                roots.push(path);
            } else {
                here.push(path);
            }
        } else {
            let answer = nix_output(system, &["path-info", "--derivation", word], &[])
                .map_err(|error| wrong(error.text().to_owned()))?;
            let derivations: Vec<&str> = answer
                .lines()
                .filter(|line| line.ends_with(".drv") && hash_part(line, store).is_some())
                .collect();
            if derivations.is_empty() {
                return Err(wrong("Nix names no derivation for it".to_owned()));
            }
            roots.extend(derivations.into_iter().map(str::to_owned));
        }
    }
    for paths in here.chunks(PATHS_AT_ONCE) {
        roots.extend(requisites(system, paths)?);
    }
    Ok(roots)
}

/// The paths and all that they need.
fn requisites(system: &dyn System, paths: &[String]) -> Result<Vec<String>, CachesError> {
    let mut arguments = vec!["--query", "--requisites"];
    arguments.extend(paths.iter().map(String::as_str));
    let wrong = |why: String| CachesError::Closure {
        what: paths.first().cloned().unwrap_or_default(),
        why,
    };
    let ran = system
        .run_program(&Program {
            time_limit: EVALUATION_LIMIT,
            output_limit_bytes: LONGEST_LIST_BYTES,
            ..Program::new("nix-store", &arguments)
        })
        .map_err(|error| wrong(error.to_string()))?;
    if !ran.succeeded() {
        let said = ran.error_text();
        let line = said.lines().find(|line| line.contains("error:"));
        return Err(wrong(
            line.unwrap_or("`nix-store --query --requisites` failed")
                .trim_start_matches("error:")
                .trim()
                .to_owned(),
        ));
    }
    Ok(ran.text().lines().map(str::to_owned).collect())
}

/// The store of this machine.
struct Here<'a> {
    system: &'a dyn System,
    store_dir: &'a str,
}

impl closure::Store for Here<'_> {
    fn holds(&self, path: &str) -> bool {
        hash_part(path, self.store_dir).is_some() && self.system.metadata(Path::new(path)).is_ok()
    }

    fn derivation(&self, path: &str) -> Option<Derivation> {
        let bytes = self
            .system
            .read(Path::new(path), LARGEST_DERIVATION_BYTES)
            .ok()?;
        Derivation::parse(&bytes).ok()
    }

    // The roots hold what they need already.
    fn references(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Asks all caches for all paths: for each path the answers in the order of the caches.
fn ask_all(lines: &mut [Line<'_>], paths: &[String], progress: &dyn Progress) -> Vec<Vec<Answer>> {
    let by_cache: Vec<Vec<Answer>> = std::thread::scope(|scope| {
        let tasks: Vec<_> = lines
            .iter_mut()
            .map(|line| {
                scope.spawn(|| {
                    if line.finding.matches_store() == Some(false) {
                        return vec![Answer::HasNot; paths.len()];
                    }
                    let asker = &mut line.asker;
                    let names = asker.names(paths);
                    let answers = asker.get(&names, asker.at_once, progress);
                    paths
                        .iter()
                        .zip(&answers)
                        .map(|(path, answer)| {
                            asker.understood(path, answer).unwrap_or(Answer::Unknown)
                        })
                        .collect()
                })
            })
            .collect();
        tasks.into_iter().map(joined).collect()
    });
    (0..paths.len())
        .map(|path| {
            by_cache
                .iter()
                .map(|answers| answers.get(path).cloned().unwrap_or(Answer::Unknown))
                .collect()
        })
        .collect()
}

/// Nobody looks how far it is.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn more(&self, _: usize) {}
    fn answered(&self) {}
}
