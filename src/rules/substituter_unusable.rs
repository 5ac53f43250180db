//! A cache that did not answer, or serves what Nix refuses.

use super::list_entry::entries;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheStatus, CacheUrl};
use crate::diagnostic::Confidence;
use crate::facts::cache_key;

declare_rule! {
    /// A cache is of no use: it does not answer, or Nix refuses what it serves.
    ///
    /// ## Why it matters
    ///
    /// Nix asks every cache for every path that is missing. One that does not answer costs its
    /// timeouts and retries in each run, and fails it when `fallback` is off. One whose paths no trusted
    /// key has signed, or whose signature is wrong, is asked for everything and used for nothing: all
    /// that only it has is built here, without a word.
    ///
    /// It speaks with `--live` only: each cache is asked for what it says about itself and for some
    /// paths of this store, and the signatures on its answers are verified with the keys that the
    /// machine trusts, as Nix verifies them.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # did not answer
    ///   nix.settings.substituters = [ "https://gone.acme.example" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # answers, and a trusted key signed what it serves
    ///   nix.settings.substituters = [ "https://cache.acme.example" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the cache is only away for the moment, or can be reached from another network only; think
    /// of `fallback` and of a short `connect-timeout` then.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/build/substitution-goal.cc` (a path without a trusted signature is passed
    /// over) and `src/libstore/path-info.cc` (what is signed). `nixtune analyze cache` shows the
    /// answers of every cache.
    pub SUBSTITUTER_UNUSABLE {
        id: "substituter-unusable",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "trusted-public-keys"],
        category: Reliability,
        severity: Warning,
        live: Only,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(observations) = cx.observations() else {
        return;
    };
    let mut spoken_of: Vec<String> = Vec::new();
    for entry in entries(&cx.items("substituters")) {
        let key = cache_key(&entry.text);
        let (Some(seen), Some(url)) = (observations.cache(&key), CacheUrl::parse(&entry.text))
        else {
            continue;
        };
        // The catalog knows that one as gone, and another rule says so.
        let is_gone = cx
            .catalog()
            .cache(&entry.text)
            .is_some_and(|cache| cache.status == CacheStatus::Retired);
        if spoken_of.contains(&key) || is_gone {
            continue;
        }
        spoken_of.push(key);
        let host = match url.host_name() {
            "" => &*entry.text,
            host => host,
        };
        if !seen.fault.is_empty() {
            out.report(
                entry.place,
                format!("`substituters` lists {host}, which {}", seen.fault),
            )
            .confidence(entry.confidence().min(Confidence::Likely))
            .why(
                "it is asked for every path that is missing, and costs its timeouts and retries \
                 in each run",
            )
            .help("drop it, or see why it is away; `nixtune analyze cache` asks it again");
        } else if !seen.refused.is_empty() {
            out.report(
                entry.place,
                format!("`substituters` lists {host}, of which Nix takes nothing"),
            )
            .confidence(entry.confidence())
            .why(seen.refused.clone())
            .help(
                "trust the key that the cache's owner publishes, or drop the cache; `nixtune analyze \
                 cache` shows whose signature is on what it serves",
            );
        }
    }
}
