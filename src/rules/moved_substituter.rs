//! A cache that serves under another name now.

use super::cache_key::{add_key, catalog_fact, default_key_is_implied, key_entries, keys_of};
use super::dead_substituter::removable_keys;
use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheConfidence, CacheInfo, CacheStatus, CacheUrl, PublicKey};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};

declare_rule! {
    /// A substituter has moved to another URL.
    ///
    /// ## Why it matters
    ///
    /// New paths are only at the new place. The old one is asked for every path, in vain or
    /// until its retries are used up, and often the new place signs with another key.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substituters = [ "https://numtide.cachix.org" ];
    ///     trusted-public-keys = [
    ///       "numtide.cachix.org-1:2ps1kLBUWjxIneOy1Ik6cQjb41X0iXVXeHigGmycPPE="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     substituters = [ "https://cache.numtide.com" ];
    ///     trusted-public-keys = [
    ///       "niks3.numtide.com-1:DTx8wZduET09hRmMtKdQDxNNthLQETkc/yaX7M4qK0g="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When an old revision of a project is pinned whose paths are only at the old place, and that
    /// still answers. The fix trusts another key, so that it is never applied without `--unsafe`.
    ///
    /// ## Source
    ///
    /// What the owners of the caches said in their repositories and announcements, collected in
    /// nixtune's catalog with its date and how sure it is.
    pub MOVED_SUBSTITUTER {
        id: "moved-substituter",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "trusted-public-keys"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let all = entries(&cx.items("substituters"));
    let keys = key_entries(cx);
    for entry in &all {
        let Some(cache) = cx.catalog().cache(&entry.text) else {
            continue;
        };
        if cache.status != CacheStatus::Moved || CacheUrl::parse(&entry.text).is_none() {
            continue;
        }
        let Some(successor) = cache.successor else {
            continue;
        };
        let (severity, confidence) = match cache.status_confidence {
            CacheConfidence::High => (Severity::Warning, Confidence::Certain),
            CacheConfidence::Medium => (Severity::Warning, Confidence::Likely),
            CacheConfidence::Low | CacheConfidence::None => (Severity::Info, Confidence::Possible),
        };
        let (applicability, changes) = moving(cx, entry, cache, successor, &all, &keys);
        out.report(
            entry.place,
            format!(
                "`substituters` lists {}, which has moved to {successor}",
                entry.text
            ),
        )
        .why("new paths are only at the new place; the old one is asked for every path in vain")
        .help(format!("list {successor} and trust its key instead"))
        .severity(severity)
        .fact("moved to", &catalog_fact(cx, cache, successor), successor)
        .confidence(confidence.min(entry.confidence()))
        .fix(
            applicability,
            format!("move to {successor} and its key"),
            changes,
        );
    }
}

/// The changes that move one entry and its key to the successor; none when that cannot be done
/// as a whole.
fn moving(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    cache: &CacheInfo,
    successor: &str,
    all: &[Entry<'_>],
    keys: &[Entry<'_>],
) -> (Applicability, Vec<Change>) {
    let nothing = (Applicability::Manual, Vec::new());
    let Some(target) = cx.catalog().cache(successor) else {
        return nothing;
    };
    let target_url = CacheUrl::parse(&target.url);
    let listed = all
        .iter()
        .any(|other| CacheUrl::parse(&other.text) == target_url);
    let is_default = target_url.as_ref().is_some_and(CacheUrl::is_default_cache);
    let url_change = if listed || is_default && adds_default(cx) {
        entry.remove()
    } else {
        entry.replace(successor)
    };
    let Some(url_change) = url_change else {
        return nothing;
    };
    let mut changes = vec![url_change];

    let trusted =
        !keys_of(keys, target).is_empty() || is_default && default_key_is_implied(cx) == Some(true);
    let mut old_keys = removable_keys(cx, cache, all, keys);
    old_keys.retain(|old| {
        PublicKey::parse(&old.text).is_ok_and(|old| {
            !target
                .public_keys
                .iter()
                .any(|full| PublicKey::parse(full).is_ok_and(|known| known.name == old.name))
        })
    });
    if trusted {
        changes.extend(old_keys.iter().filter_map(|key| key.remove()));
    } else {
        let [full_key] = target.public_keys.as_slice() else {
            return nothing;
        };
        let mut old_keys = old_keys.into_iter();
        let key_change = match old_keys.next() {
            Some(old) => old.replace(full_key.as_ref()),
            None => add_key(cx, entry.definition, full_key),
        };
        let Some(key_change) = key_change else {
            return nothing;
        };
        changes.push(key_change);
        changes.extend(old_keys.filter_map(Entry::remove));
    }
    let applicability = if target.key_confidence == CacheConfidence::High {
        Applicability::Unsafe
    } else {
        Applicability::Manual
    };
    (applicability, changes)
}

/// True when the module system lists cache.nixos.org itself.
fn adds_default(cx: &RuleCx<'_>) -> bool {
    use crate::facts::ModuleSystem::{NixDarwin, Nixos};
    matches!(cx.target().system(), Some(NixDarwin | Nixos))
}
