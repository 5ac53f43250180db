//! What was found out about each cache, and what it costs to ask it.

use std::time::Duration;

use super::cache_info::{CacheManifest, DEFAULT_PRIORITY};
use super::signature::Verdict;
use crate::system::Protocol;

/// So many paths that no cache has are what the cost of a cache is counted for.
pub const COUNTED_PATHS: u64 = 1000;

/// Whether a cache can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It answered as a cache.
    Reached,
    /// It was not asked: another kind of store, in these words.
    NotAsked(String),
    /// It did not answer, or not as a cache; why.
    Failed(String),
}

/// Whether what a cache serves is signed by a key that is trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signing {
    /// What the signatures of this path are worth.
    Judged {
        /// The store path whose narinfo was judged.
        path: String,
        /// What came out.
        verdict: Verdict,
    },
    /// Its URL says `trusted=1`: Nix asks for no signature.
    NotNeeded,
    /// No path that was asked for is in it.
    NothingThere,
    /// What it serves is no narinfo: which path, and why.
    Corrupt {
        /// The store path that was asked for.
        path: String,
        /// What is wrong with the answer.
        fault: String,
    },
}

/// Where a priority comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrioritySource {
    /// `?priority=` of the URL.
    Url,
    /// The cache's `nix-cache-info`.
    Manifest,
    /// Nobody says one.
    Default,
}

/// One cache.
#[derive(Clone, PartialEq, Debug)]
pub struct CacheFinding {
    /// As it is configured.
    pub url: String,
    /// Whether it answers.
    pub reach: Reach,
    /// The version of HTTP; `None` for a folder and for one that did not answer.
    pub protocol: Option<Protocol>,
    /// Median time of an answer on a connection that stands; `None` when it did not answer.
    pub latency: Option<Duration>,
    /// Time of the first answer: name lookup, connection and TLS included.
    pub first_answer: Option<Duration>,
    /// What it says about itself.
    pub manifest: Option<CacheManifest>,
    /// `priority` in its URL.
    pub url_priority: Option<u64>,
    /// The store whose paths are wanted.
    pub store_dir: String,
    /// Whose signature stands on what it serves.
    pub signing: Signing,
    /// How many paths it was asked for.
    pub asked: usize,
    /// How many of them it has.
    pub has: usize,
    /// How many of them no other cache has.
    pub only_here: usize,
    /// How many of them a cache that is asked before has as well.
    pub had_before: usize,
    /// Questions that it did not answer.
    pub unanswered: usize,
}

impl CacheFinding {
    /// The priority by which Nix orders it, and who says so.
    pub fn priority(&self) -> (u64, PrioritySource) {
        let manifest = self
            .manifest
            .as_ref()
            .and_then(|manifest| manifest.priority);
        match (self.url_priority, manifest) {
            (Some(priority), _) => (priority, PrioritySource::Url),
            (None, Some(priority)) => (priority, PrioritySource::Manifest),
            (None, None) => (DEFAULT_PRIORITY, PrioritySource::Default),
        }
    }

    /// Whether it is for paths of the wanted store; `None` when it does not say.
    pub fn matches_store(&self) -> Option<bool> {
        let theirs = self.manifest.as_ref()?.store_dir.as_deref()?;
        Some(theirs.trim_end_matches('/') == self.store_dir.trim_end_matches('/'))
    }

    /// What asking it costs for [`COUNTED_PATHS`] paths that no cache has, with `parallel` questions
    /// at a time.
    pub fn cost(&self, parallel: u64) -> Option<Duration> {
        let answers = COUNTED_PATHS.div_ceil(parallel.max(1));
        Some(self.latency? * u32::try_from(answers).unwrap_or(u32::MAX))
    }

    /// Why it is of no use at all: it does not answer, or not as a cache for this store.
    pub fn fault(&self) -> Option<String> {
        if let Reach::Failed(why) = &self.reach {
            return Some(why.clone());
        }
        if self.matches_store() != Some(false) {
            return None;
        }
        let theirs = self
            .manifest
            .as_ref()
            .and_then(|manifest| manifest.store_dir.as_deref());
        Some(format!(
            "holds paths of {}, not of {}; Nix cannot use it",
            theirs.unwrap_or_default(),
            self.store_dir
        ))
    }

    /// Why Nix refuses what it serves.
    pub fn refusal(&self) -> Option<String> {
        match &self.signing {
            Signing::Judged { path, verdict } => match verdict {
                Verdict::Verified { .. } | Verdict::ContentAddressed => None,
                Verdict::Forged { key } => Some(format!(
                    "the signature `{key}` of {path} does not verify with the key of this name in \
                     `trusted-public-keys`; ask whoever runs the cache for the key, and until then \
                     do not use it"
                )),
                Verdict::OtherKeys { names } => Some(format!(
                    "{path} is signed by {}, which is not in `trusted-public-keys`; Nix refuses what \
                     it serves",
                    names.join(", ")
                )),
                Verdict::Unsigned => Some(format!(
                    "{path} is not signed; Nix refuses what it serves unless `require-sigs` is off"
                )),
            },
            Signing::Corrupt { path, fault } => Some(format!("its answer about {path} {fault}")),
            Signing::NotNeeded | Signing::NothingThere => None,
        }
    }

    /// What is wrong with it, in words; empty when nothing is.
    pub fn problems(&self) -> Vec<String> {
        let mut all: Vec<String> = self.fault().into_iter().chain(self.refusal()).collect();
        if self.unanswered > 0 && self.reach == Reach::Reached {
            all.push(format!(
                "did not answer {} of {} questions",
                self.unanswered, self.asked
            ));
        }
        all
    }
}

/// Everything about the caches of a machine, in the order in which Nix asks them.
#[derive(Clone, PartialEq, Debug)]
pub struct CachesFinding {
    /// The caches.
    pub caches: Vec<CacheFinding>,
    /// Names of configured keys that are no Ed25519 public keys.
    pub unusable_keys: Vec<String>,
    /// Names of configured keys that signed nothing of what was looked at, though all caches were asked.
    pub unused_keys: Vec<String>,
    /// Questions that Nix asks at the same time (`http-connections`).
    pub parallel: u64,
    /// Where the list of caches comes from.
    pub source: String,
}

impl CachesFinding {
    /// True when a cache that Nix would use has a problem.
    pub fn has_problems(&self) -> bool {
        self.caches.iter().any(|cache| !cache.problems().is_empty())
            || !self.unusable_keys.is_empty()
    }
}

/// Sorts caches as Nix asks them: by priority, else as they are listed.
pub fn in_asking_order(caches: &mut [CacheFinding]) {
    caches.sort_by_key(|cache| cache.priority().0);
}

/// Counts for each cache what it has, what only it has, and what one before it has as well.
/// `has[cache][path]`; the caches are in the order of asking.
pub fn count_overlap(caches: &mut [CacheFinding], has: &[Vec<bool>]) {
    let paths = has.iter().map(Vec::len).max().unwrap_or(0);
    for path in 0..paths {
        let holders: Vec<usize> = has
            .iter()
            .enumerate()
            .filter(|(_, paths)| paths.get(path) == Some(&true))
            .map(|(index, _)| index)
            .collect();
        for (place, holder) in holders.iter().enumerate() {
            if let Some(cache) = caches.get_mut(*holder) {
                cache.has += 1;
                cache.only_here += usize::from(holders.len() == 1);
                cache.had_before += usize::from(place > 0);
            }
        }
    }
}

/// The middle one, or the later of two.
pub fn median(times: &mut [Duration]) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn cache(url: &str) -> CacheFinding {
        CacheFinding {
            url: url.to_owned(),
            reach: Reach::Reached,
            protocol: Some(Protocol::Http1),
            latency: Some(Duration::from_millis(50)),
            first_answer: None,
            manifest: None,
            url_priority: None,
            store_dir: "/nix/store".to_owned(),
            signing: Signing::NothingThere,
            asked: 3,
            has: 0,
            only_here: 0,
            had_before: 0,
            unanswered: 0,
        }
    }

    #[test]
    fn a_cache_without_priority_is_asked_first() {
        let with = |url: &str, priority| CacheFinding {
            manifest: Some(CacheManifest {
                priority,
                ..CacheManifest::default()
            }),
            ..cache(url)
        };
        let mut caches = vec![
            with("forty", Some(40)),
            with("none", None),
            CacheFinding {
                url_priority: Some(30),
                ..with("said", Some(50))
            },
        ];
        in_asking_order(&mut caches);
        let order: Vec<&str> = caches.iter().map(|cache| &*cache.url).collect();
        assert_eq!(order, ["none", "said", "forty"]);
        assert_eq!(caches[1].priority(), (30, PrioritySource::Url));
    }

    #[test]
    fn the_cost_is_latency_times_rounds() {
        // 1000 paths, 25 at a time: 40 rounds of 50 ms.
        assert_eq!(cache("x").cost(25), Some(Duration::from_secs(2)));
        assert_eq!(cache("x").cost(0), Some(Duration::from_secs(50)));
    }

    #[test]
    fn overlap_is_counted_by_the_order_of_asking() {
        let mut caches = vec![cache("a"), cache("b")];
        count_overlap(
            &mut caches,
            &[vec![true, true, false], vec![true, false, true]],
        );
        let counts: Vec<_> = caches
            .iter()
            .map(|cache| (cache.has, cache.only_here, cache.had_before))
            .collect();
        assert_eq!(counts, [(2, 1, 0), (2, 1, 1)]);
    }

    #[test]
    fn another_store_is_a_problem() {
        let other = CacheFinding {
            manifest: Some(CacheManifest {
                store_dir: Some("/gnu/store".to_owned()),
                ..CacheManifest::default()
            }),
            ..cache("x")
        };
        assert_eq!(other.matches_store(), Some(false));
        assert_eq!(other.problems().len(), 1);
        assert!(cache("x").problems().is_empty());
    }
}
