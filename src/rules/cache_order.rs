//! A third-party cache that is asked before cache.nixos.org.

use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheUrl, Network};
use crate::facts::Fact;

declare_rule! {
    /// A third-party cache is asked before cache.nixos.org for every path.
    ///
    /// ## Why it matters
    ///
    /// Nix asks caches in the order of their priority, the lowest number first; cache.nixos.org has
    /// 40. A cache with `?priority=10` is asked first for each of the thousands of paths of a
    /// system, nearly all of which only cache.nixos.org has. And where both have a path, the third
    /// party's copy is taken.
    ///
    /// What a cache says of its own priority is seen with `--live` only; otherwise the parameter is
    /// all there is. A cache that says nothing has priority 0 since Nix 2.4, and is asked first of all.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org?priority=10" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org?priority=50" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// For a mirror of cache.nixos.org that is nearer, and for one's own cache that holds the whole
    /// system. Caches of the own network are not reported.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/store-registration.cc` (before 2.29 `store-api.cc`): the parameter
    /// overrides what `nix-cache-info` says. https://cache.nixos.org/nix-cache-info:
    /// `Priority: 40`.
    pub CACHE_ORDER {
        id: "cache-order",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters"],
        category: Performance,
        severity: Info,
        live: Also,
        stage: OptIn,
        fixes: Never,
    }
}

/// The priority that cache.nixos.org gives itself.
const OFFICIAL: u64 = 40;
/// That of a cache that gives itself none, since Nix 2.4.
const UNSAID: u64 = 0;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let all: Vec<_> = entries(&cx.items("substituters"))
        .into_iter()
        .filter_map(|entry| Some((CacheUrl::parse(&entry.text)?, entry)))
        .collect();
    let seen = |entry: &Entry<'_>| {
        cx.observations()
            .and_then(|seen| seen.cache(&entry.text))
            .filter(|seen| seen.fault.is_empty())
    };
    let priority = |url: &CacheUrl, entry: &Entry<'_>| {
        let written = url
            .parameter("priority")
            .and_then(|text| text.parse::<u64>().ok());
        written.or_else(|| Some(seen(entry)?.priority.unwrap_or(UNSAID)))
    };
    let official = all
        .iter()
        .filter(|(url, _)| url.is_default_cache())
        .filter_map(|(url, entry)| priority(url, entry))
        .min()
        .unwrap_or(OFFICIAL);
    for (url, entry) in &all {
        let Some(own) = priority(url, entry).filter(|own| *own < official) else {
            continue;
        };
        // A mirror carries the paths of cache.nixos.org with its signatures, and has no key.
        let mirrors = cx
            .catalog()
            .cache(&entry.text)
            .is_some_and(|cache| cache.public_keys.is_empty());
        if url.is_default_cache() || mirrors || url.network() != Network::Public {
            continue;
        }
        if cx.reason_near(Some(entry.place)) {
            continue;
        }
        let host = url.host_name();
        let latency = seen(entry).and_then(|seen| seen.latency_micros);
        let report = out.report(
            entry.place,
            format!(
                "`substituters` asks {host} (priority {own}) before cache.nixos.org ({official})"
            ),
        )
        .confidence(entry.confidence())
        .why(
            "it is asked first for every path of the system, most of which only cache.nixos.org \
             has",
        )
        .help(if url.parameter("priority").is_some() {
            format!("give it a priority above {official}, or none")
        } else {
            format!("add `?priority={}` to its address", official.saturating_add(1))
        });
        if let Some(micros) = latency {
            let milliseconds = micros as f64 / 1000.0;
            report.fact(
                "its answers",
                &Fact::probed((), "asked a moment ago"),
                format!("take {milliseconds:.1} ms"),
            );
        }
    }
}
