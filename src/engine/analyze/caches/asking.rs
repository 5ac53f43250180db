//! One cache and the ways to ask it: for what it says about itself, for paths, and for how long that
//! takes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::logins::Logins;
use super::{CachesRequest, Progress, Unwatched};
use crate::analyze::cache::closure::Answer;
use crate::analyze::cache::{
    CacheFinding, CacheManifest, LONGEST_ANSWER_BYTES, NarInfo, Reach, Signing, TrustedKeys,
    Verdict, hash_part, median,
};
use crate::catalog::CacheUrl;
use crate::system::{FetchError, FetchLimits, Fetched, Fetcher, Protocol, System, SystemError};

/// What a cache says about itself.
const MANIFEST: &str = "nix-cache-info";
/// Answers whose middle one is the latency.
const LATENCY_ANSWERS: usize = 3;
/// Questions to a cache at the same time: over HTTP/1.1 each needs a connection, over HTTP/2 a hundred
/// share one.
const AT_ONCE_HTTP1: usize = 128;
const AT_ONCE_HTTP2: usize = 800;

/// How a cache is asked.
pub(super) enum Way {
    Http {
        fetcher: Result<Box<dyn Fetcher>, FetchError>,
        base: String,
    },
    Folder(PathBuf),
    /// Another kind of store, or what cannot be used.
    None,
}

/// One cache with its connections.
pub(super) struct Line<'s> {
    pub asker: Asker<'s>,
    /// `None` once it measures, and for what is no cache.
    pub meter: Option<Meter<'s>>,
    pub finding: CacheFinding,
}

/// Asks a cache for files.
pub(super) struct Asker<'s> {
    system: &'s dyn System,
    way: Way,
    store_dir: String,
    pub at_once: usize,
}

/// Measures how fast a cache is, and what it has of a sample.
pub(super) struct Meter<'s>(Asker<'s>);

/// What a meter found.
#[derive(Default)]
pub(super) struct Measured {
    latency: Option<Duration>,
    unanswered: usize,
    signing: Option<Signing>,
    has: Vec<bool>,
}

impl<'s> Asker<'s> {
    fn new(
        system: &'s dyn System,
        url: &str,
        base: &str,
        request: &CachesRequest,
        logins: &Logins,
    ) -> Self {
        let parsed = CacheUrl::parse(url);
        let way = match parsed.as_ref().map(|parsed| parsed.scheme.as_str()) {
            Some("http" | "https") => {
                let limits = FetchLimits {
                    body_bytes: LONGEST_ANSWER_BYTES,
                    ..request.limits
                };
                let fetcher = system.fetcher(limits);
                let base = logins.with_login(base);
                Way::Http { fetcher, base }
            }
            Some("file") => {
                let folder = base.split_once("://").map_or(base, |(_, rest)| rest);
                Way::Folder(folder.into())
            }
            _ => Way::None,
        };
        Self {
            system,
            way,
            store_dir: request.effective.store_dir.clone(),
            at_once: AT_ONCE_HTTP1,
        }
    }

    pub fn names(&self, paths: &[String]) -> Vec<String> {
        let store = &self.store_dir;
        paths
            .iter()
            .map(|path| format!("{}.narinfo", hash_part(path, store).unwrap_or_default()))
            .collect()
    }

    /// What an answer says about a path. The error is what is wrong with one that is no narinfo.
    pub fn understood(&self, path: &str, answer: &Result<Told, String>) -> Result<Answer, String> {
        let store = &self.store_dir;
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
    pub fn get(
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

    /// What it says about itself: the first answer. Connections for so many questions as are expected
    /// come about meanwhile.
    fn manifest(&mut self, expected: usize, progress: &dyn Progress) -> Result<Told, String> {
        let connections = match &mut self.way {
            Way::Http {
                fetcher: Ok(fetcher),
                base,
            } if base.starts_with("https:") => fetcher.widen(expected.min(AT_ONCE_HTTP2)),
            _ => 1,
        };
        progress.more(connections - 1);
        let all = self.get(
            &vec![MANIFEST.to_owned(); connections],
            connections,
            progress,
        );
        let answer = all
            .into_iter()
            .next()
            .unwrap_or_else(|| Err(FetchError::GivenUp.to_string()));
        if let Ok(told) = &answer
            && told.protocol == Some(Protocol::Http2)
        {
            self.at_once = AT_ONCE_HTTP2;
        }
        answer
    }
}

impl<'s> Line<'s> {
    pub fn new(
        system: &'s dyn System,
        url: &str,
        request: &CachesRequest,
        logins: &Logins,
    ) -> Self {
        let parsed = CacheUrl::parse(url);
        let base = url.split('?').next().unwrap_or(url).trim_end_matches('/');
        let other = |kind: &str| Reach::NotAsked(format!("{kind} is not asked over HTTP"));
        let reach = match parsed.as_ref().map(|parsed| parsed.scheme.as_str()) {
            Some("http" | "https" | "file") => Reach::Reached,
            Some(scheme) => other(&format!("a store of the kind {scheme}")),
            None if base.starts_with('/') => other("a store in a folder of this machine"),
            None => other("what is no address of a cache"),
        };
        let trusted = parsed.as_ref().is_some_and(CacheUrl::is_trusted);
        let asker = || Asker::new(system, url, base, request, logins);
        Self {
            asker: asker(),
            meter: Some(Meter(asker())),
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
        }
    }

    /// What it says about itself. The meter connects at the same time; one that is of no use any more
    /// goes, and the questions of `sampled` paths with it. So many questions as are `expected` follow.
    pub fn greet(
        &mut self,
        logins: &Logins,
        (expected, sampled): (usize, usize),
        progress: &dyn Progress,
    ) {
        let drop_sample = |progress: &dyn Progress| (0..sampled).for_each(|_| progress.answered());
        if matches!(self.asker.way, Way::None) {
            self.meter = None;
            progress.answered();
            return drop_sample(progress);
        }
        let asker = &mut self.asker;
        let meter = &mut self.meter;
        let first = std::thread::scope(|scope| {
            if let Some(Meter(meter)) = meter {
                scope.spawn(|| meter.manifest(1, &Unwatched));
            }
            asker.manifest(expected, progress)
        });
        let manifest = first.and_then(|answer| {
            self.finding.protocol = answer.protocol;
            self.finding.first_answer = Some(answer.took);
            match answer.status {
                200 => CacheManifest::parse(&answer.body)
                    .map_err(|fault| format!("is no cache: its nix-cache-info {fault}")),
                401 => Err(format!(
                    "wants a name and a password (401); {}",
                    logins.advice()
                )),
                status => Err(format!(
                    "is no cache: it answers {status} for nix-cache-info"
                )),
            }
        });
        match manifest {
            Ok(manifest) => self.finding.manifest = Some(manifest),
            Err(why) => {
                self.finding.reach = Reach::Failed(why);
                self.asker.way = Way::None;
            }
        }
        let is_of_use =
            self.finding.reach == Reach::Reached && self.finding.matches_store() != Some(false);
        if !is_of_use {
            self.meter = None;
            drop_sample(progress);
        }
    }
}

impl Meter<'_> {
    /// The first answers one after the other, to measure; the others at the same time.
    pub fn measure(
        self,
        sample: &[String],
        keys: &TrustedKeys,
        progress: &dyn Progress,
    ) -> Measured {
        let Self(mut asker) = self;
        let (slow, fast) = sample.split_at(sample.len().min(LATENCY_ANSWERS));
        let mut times = Vec::new();
        let mut answers = Vec::new();
        if slow.is_empty() {
            let again = vec![MANIFEST.to_owned(); LATENCY_ANSWERS];
            for answer in asker.get(&again, 1, &Unwatched) {
                times.extend(answer.map(|answer| answer.took));
            }
        }
        let names = asker.names(slow);
        answers.extend(asker.get(&names, 1, progress));
        times.extend(answers.iter().flatten().map(|answer| answer.took));
        let names = asker.names(fast);
        let at_once = asker.at_once;
        answers.extend(asker.get(&names, at_once, progress));
        let mut measured = Measured {
            latency: median(&mut times),
            has: vec![false; sample.len()],
            ..Measured::default()
        };
        for (index, (path, answer)) in sample.iter().zip(&answers).enumerate() {
            match asker.understood(path, answer) {
                Ok(Answer::Has(info)) => {
                    if let Some(has) = measured.has.get_mut(index) {
                        *has = true;
                    }
                    let judged = Signing::Judged {
                        path: path.clone(),
                        verdict: keys.judge(&info, &asker.store_dir),
                    };
                    if measured
                        .signing
                        .as_ref()
                        .is_none_or(|best| graver(&judged, best))
                    {
                        measured.signing = Some(judged);
                    }
                }
                Ok(Answer::HasNot) => {}
                Ok(Answer::Unknown) => measured.unanswered += 1,
                Err(fault) => {
                    measured.signing = Some(Signing::Corrupt {
                        path: path.clone(),
                        fault,
                    });
                }
            }
        }
        measured
    }
}

impl Measured {
    /// Writes it into the finding; what the cache has of the sample is left.
    pub fn settle(self, finding: &mut CacheFinding) -> Vec<bool> {
        finding.latency = self.latency;
        finding.asked = self.has.len();
        finding.unanswered = self.unanswered;
        if let Some(signing) = self.signing
            && finding.signing != Signing::NotNeeded
        {
            finding.signing = signing;
        }
        self.has
    }
}

/// An answer of a server or a folder.
#[derive(Clone)]
pub(super) struct Told {
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
