//! Asking binary caches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::evaluation::nix_output;
use super::Effective;
use crate::analyze::cache::closure::{self, Answer, Closure, Search};
use crate::analyze::cache::{
    CacheFinding, CacheManifest, CachesFinding, LONGEST_ANSWER_BYTES, NarInfo, Reach, Signing,
    TrustedKeys, Verdict, base_name_parts, count_overlap, hash_part, in_asking_order, median,
};
use crate::catalog::CacheUrl;
use crate::syntax::Derivation;
use crate::system::{
    FetchError, FetchLimits, Fetched, Fetcher, Program, Protocol, System, SystemError,
};

/// Answers whose middle one is the latency.
const LATENCY_ANSWERS: usize = 5;
/// Questions to a cache at the same time: over HTTP/1.1 each needs a connection, over HTTP/2 they share
/// one, and servers allow a hundred.
const AT_ONCE_HTTP1: usize = 64;
const AT_ONCE_HTTP2: usize = 100;
/// `nix-store --query --requisites` gets so many paths at a time.
const PATHS_AT_ONCE: usize = 500;
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

    let mut lines: Vec<Line<'_>> = addresses
        .iter()
        .map(|url| Line::new(system, url, request))
        .collect();
    progress.more(lines.len() * (sample.len() + 1));
    std::thread::scope(|scope| {
        for line in &mut lines {
            scope.spawn(|| line.probe(&sample, &keys, progress));
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

    let closure = (!request.closure.is_empty()).then(|| {
        let started = system.elapsed();
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
            keys: &keys,
            needs_signature: &needs_signature,
            cold: request.cold,
        };
        let mut questions = 0;
        let closure = closure::search(&roots, &store, search, &mut |paths| {
            questions += paths.len() * lines.len();
            progress.more(paths.len() * lines.len());
            ask_all(&mut lines, paths, progress)
        });
        ClosureReport {
            closure,
            questions,
            took: system.elapsed().saturating_sub(started),
            cold: request.cold,
        }
    });

    let mut caches: Vec<CacheFinding> = lines.iter().map(|line| line.finding.clone()).collect();
    let has: Vec<Vec<bool>> = lines.into_iter().map(|line| line.has).collect();
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

/// How a cache is asked.
enum Way {
    Http {
        fetcher: Result<Box<dyn Fetcher>, FetchError>,
        base: String,
    },
    Folder(PathBuf),
    /// Another kind of store, or what cannot be used.
    None,
}

/// One cache with its connections.
struct Line<'s> {
    system: &'s dyn System,
    way: Way,
    finding: CacheFinding,
    has: Vec<bool>,
    at_once: usize,
}

impl<'s> Line<'s> {
    fn new(system: &'s dyn System, url: &str, request: &CachesRequest) -> Self {
        let parsed = CacheUrl::parse(url);
        let base = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        let other = |kind: &str| Reach::NotAsked(format!("{kind} is not asked over HTTP"));
        let (way, reach) = match parsed.as_ref().map(|parsed| parsed.scheme.as_str()) {
            Some("http" | "https") => {
                let limits = FetchLimits {
                    body_bytes: LONGEST_ANSWER_BYTES,
                    ..request.limits
                };
                let fetcher = system.fetcher(limits);
                let base = base.to_owned();
                (Way::Http { fetcher, base }, Reach::Reached)
            }
            Some("file") => {
                let folder = base.split_once("://").map_or(base, |(_, rest)| rest);
                (Way::Folder(folder.into()), Reach::Reached)
            }
            Some(scheme) => (Way::None, other(&format!("a store of the kind {scheme}"))),
            None if base.starts_with('/') => {
                (Way::None, other("a store in a folder of this machine"))
            }
            None => (Way::None, other("what is no address of a cache")),
        };
        let trusted = parsed.as_ref().is_some_and(CacheUrl::is_trusted);
        Self {
            system,
            way,
            finding: CacheFinding {
                url: url.to_owned(),
                reach,
                protocol: None,
                latency: None,
                first_answer: None,
                manifest: None,
                url_priority: parsed
                    .as_ref()
                    .and_then(|parsed| parsed.parameter("priority")?.parse().ok()),
                store_dir: request.effective.store_dir.clone(),
                signing: if trusted || !request.effective.require_sigs {
                    Signing::NotNeeded
                } else {
                    Signing::NothingThere
                },
                asked: 0,
                has: 0,
                only_here: 0,
                had_before: 0,
                unanswered: 0,
            },
            has: Vec::new(),
            at_once: AT_ONCE_HTTP1,
        }
    }

    /// What it says about itself, how fast it is, and what it has of the sample.
    fn probe(&mut self, sample: &[String], keys: &TrustedKeys, progress: &dyn Progress) {
        self.has = vec![false; sample.len()];
        if matches!(self.way, Way::None) {
            (0..=sample.len()).for_each(|_| progress.answered());
            return;
        }
        let first = self.get(&["nix-cache-info".to_owned()], 1, progress).pop();
        let manifest = match first {
            Some(Ok(answer)) => {
                self.finding.protocol = answer.protocol;
                self.finding.first_answer = Some(answer.took);
                if answer.protocol == Some(Protocol::Http2) {
                    self.at_once = AT_ONCE_HTTP2;
                }
                match answer.status {
                    200 => CacheManifest::parse(&answer.body)
                        .map_err(|fault| format!("is no cache: its nix-cache-info {fault}")),
                    status => Err(format!(
                        "is no cache: it answers {status} for nix-cache-info"
                    )),
                }
            }
            Some(Err(error)) => Err(error),
            None => Err(FetchError::GivenUp.to_string()),
        };
        match manifest {
            Ok(manifest) => self.finding.manifest = Some(manifest),
            Err(why) => {
                self.finding.reach = Reach::Failed(why);
                self.way = Way::None;
                sample.iter().for_each(|_| progress.answered());
                return;
            }
        }
        if self.finding.matches_store() == Some(false) {
            sample.iter().for_each(|_| progress.answered());
            return;
        }
        self.measure(sample, keys, progress);
    }

    /// The first answers one after the other, to measure; the others at the same time.
    fn measure(&mut self, sample: &[String], keys: &TrustedKeys, progress: &dyn Progress) {
        let (slow, fast) = sample.split_at(sample.len().min(LATENCY_ANSWERS));
        let silent = Unwatched;
        let mut times = Vec::new();
        let mut answers = Vec::new();
        if slow.is_empty() {
            let again = vec!["nix-cache-info".to_owned(); LATENCY_ANSWERS];
            for answer in self.get(&again, 1, &silent) {
                times.extend(answer.map(|answer| answer.took));
            }
        }
        let names = self.names(slow);
        answers.extend(self.get(&names, 1, progress));
        times.extend(answers.iter().flatten().map(|answer| answer.took));
        let names = self.names(fast);
        answers.extend(self.get(&names, self.at_once, progress));
        self.finding.latency = median(&mut times);
        self.finding.asked = sample.len();
        let mut best: Option<Signing> = None;
        for (index, (path, answer)) in sample.iter().zip(&answers).enumerate() {
            match self.understood(path, answer) {
                Ok(Answer::Has(info)) => {
                    if let Some(has) = self.has.get_mut(index) {
                        *has = true;
                    }
                    let verdict = keys.judge(&info, &self.finding.store_dir);
                    let judged = Signing::Judged {
                        path: path.clone(),
                        verdict,
                    };
                    if best.as_ref().is_none_or(|best| graver(&judged, best)) {
                        best = Some(judged);
                    }
                }
                Ok(Answer::HasNot) => {}
                Ok(Answer::Unknown) => self.finding.unanswered += 1,
                Err(fault) => {
                    best = Some(Signing::Corrupt {
                        path: path.clone(),
                        fault,
                    });
                }
            }
        }
        if let Some(signing) = best
            && self.finding.signing != Signing::NotNeeded
        {
            self.finding.signing = signing;
        }
    }

    fn names(&self, paths: &[String]) -> Vec<String> {
        let store = &self.finding.store_dir;
        paths
            .iter()
            .map(|path| format!("{}.narinfo", hash_part(path, store).unwrap_or_default()))
            .collect()
    }

    /// What an answer says about a path. The error is what is wrong with one that is no narinfo.
    fn understood(&self, path: &str, answer: &Result<Told, String>) -> Result<Answer, String> {
        let store = &self.finding.store_dir;
        let Ok(answer) = answer else {
            return Ok(Answer::Unknown);
        };
        match answer.status {
            200 => match NarInfo::parse(&answer.body, store) {
                Ok(info) if hash_part(&info.store_path, store) == hash_part(path, store) => {
                    Ok(Answer::Has(Box::new(info)))
                }
                Ok(info) => Err(format!("is about {}", info.store_path)),
                Err(fault) => Err(fault.to_string()),
            },
            // Caches that hide their listing answer 403, and Nix takes it for absent.
            403 | 404 | 410 => Ok(Answer::HasNot),
            _ => Ok(Answer::Unknown),
        }
    }

    /// Asks for files of the cache; the answers are in the order of the names.
    fn get(
        &mut self,
        names: &[String],
        at_once: usize,
        progress: &dyn Progress,
    ) -> Vec<Result<Told, String>> {
        match &mut self.way {
            Way::Http { fetcher, base } => {
                let fetcher = match fetcher {
                    Ok(fetcher) => fetcher,
                    Err(error) => return vec![Err(error.to_string()); names.len()],
                };
                let urls: Vec<String> = names.iter().map(|name| format!("{base}/{name}")).collect();
                let mut all = vec![Err(FetchError::GivenUp.to_string()); names.len()];
                fetcher.fetch_all(&urls, at_once, &mut |index, answer| {
                    progress.answered();
                    if let Some(slot) = all.get_mut(index) {
                        *slot = answer.map(Told::from).map_err(|error| error.to_string());
                    }
                });
                all
            }
            Way::Folder(folder) => names
                .iter()
                .map(|name| {
                    progress.answered();
                    from_folder(self.system, &folder.join(name))
                })
                .collect(),
            Way::None => vec![Err(FetchError::GivenUp.to_string()); names.len()],
        }
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
                    let names = line.names(paths);
                    let answers = line.get(&names, line.at_once, progress);
                    paths
                        .iter()
                        .zip(&answers)
                        .map(|(path, answer)| {
                            line.understood(path, answer).unwrap_or(Answer::Unknown)
                        })
                        .collect()
                })
            })
            .collect();
        tasks
            .into_iter()
            .map(|task| match task.join() {
                Ok(answers) => answers,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
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

/// An answer of a server or a folder.
#[derive(Clone)]
struct Told {
    status: u16,
    protocol: Option<Protocol>,
    body: Vec<u8>,
    took: Duration,
}

impl From<Fetched> for Told {
    fn from(fetched: Fetched) -> Self {
        Self {
            status: fetched.status,
            protocol: Some(fetched.protocol),
            body: fetched.body,
            took: fetched.took,
        }
    }
}

fn from_folder(system: &dyn System, path: &Path) -> Result<Told, String> {
    let started = system.elapsed();
    let (status, body) = match system.read(path, LONGEST_ANSWER_BYTES) {
        Ok(body) => (200, body),
        Err(SystemError::Missing { .. }) => (404, Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    Ok(Told {
        status,
        protocol: None,
        body,
        took: system.elapsed().saturating_sub(started),
    })
}

/// True when the first is the graver finding.
fn graver(one: &Signing, other: &Signing) -> bool {
    let weight = |signing: &Signing| match signing {
        Signing::NotNeeded | Signing::NothingThere => 0,
        Signing::Judged { verdict, .. } => match verdict {
            Verdict::ContentAddressed => 1,
            Verdict::Verified { .. } => 2,
            Verdict::Unsigned => 3,
            Verdict::OtherKeys { .. } => 4,
            Verdict::Forged { .. } => 5,
        },
        Signing::Corrupt { .. } => 6,
    };
    weight(one) > weight(other)
}

/// Nobody looks how far it is.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn more(&self, _: usize) {}
    fn answered(&self) {}
}
