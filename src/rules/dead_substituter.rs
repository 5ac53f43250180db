//! A cache that no longer serves.

use super::cache_key::{catalog_fact, key_entries, keys_of};
use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheConfidence, CacheInfo, CacheStatus, CacheUrl, PublicKey};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};

declare_rule! {
    /// A substituter has been retired.
    ///
    /// ## Why it matters
    ///
    /// A cache whose server is gone costs its retries in every run, about four seconds with the
    /// usual five attempts, before Nix goes on without it. One that is still up but no longer
    /// filled costs a question for every path. Its key stays trusted all the while.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substituters = [
    ///       "https://cache.garnix.io"
    ///       "https://nix-community.cachix.org"
    ///     ];
    ///     trusted-public-keys = [
    ///       "cache.garnix.io:CTFPyKSLcx5RMJKfLo5EEPUObbA78b0YQ2DTCJXqr9g="
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     substituters = [ "https://nix-community.cachix.org" ];
    ///     trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the cache has come back since the date of the catalog, which every diagnostic names;
    /// nixtune asks no server.
    ///
    /// ## Source
    ///
    /// What the owners of the caches said in their repositories and announcements, collected in
    /// nixtune's catalog with its date and how sure it is. Retries: Nix
    /// `src/libstore/filetransfer.cc`, waits of 250 ms that double, and up to half as long again.
    pub DEAD_SUBSTITUTER {
        id: "dead-substituter",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "trusted-public-keys"],
        category: Performance,
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
        if cache.status != CacheStatus::Retired || CacheUrl::parse(&entry.text).is_none() {
            continue;
        }
        let own_keys = removable_keys(cx, cache, &all, &keys);
        let mut changes: Vec<Change> = entry.remove().into_iter().collect();
        if !changes.is_empty() {
            changes.extend(own_keys.iter().filter_map(|key| key.remove()));
        }
        let what = if own_keys.is_empty() {
            "the cache"
        } else {
            "the cache and its key"
        };
        let (severity, confidence) = match cache.status_confidence {
            CacheConfidence::High => (Severity::Warning, Confidence::Certain),
            CacheConfidence::Medium => (Severity::Warning, Confidence::Likely),
            CacheConfidence::Low | CacheConfidence::None => (Severity::Info, Confidence::Possible),
        };
        let mut report = out
            .report(
                entry.place,
                format!("`substituters` lists {}, which is retired", entry.text),
            )
            .why(
                "every path is still asked for there, and a server that is gone costs its \
                 retries in every run",
            )
            .help(match cache.successor.or(cache.advice) {
                Some(instead) => format!("drop {what}; instead: {instead}"),
                None => format!("drop {what}"),
            })
            .severity(severity)
            .fact("status", &catalog_fact(cx, cache, "retired"), "retired")
            .confidence(confidence.min(entry.confidence()));
        for key in &own_keys {
            report = report.label(Some(key.place), "its key");
        }
        report.fix(
            Applicability::Unsafe,
            format!("drop {} {}", what, cache.url),
            changes,
        );
    }
}

/// The trusted keys of a cache that no other listed cache signs with.
pub(super) fn removable_keys<'e, 'a>(
    cx: &RuleCx<'_>,
    cache: &CacheInfo,
    all: &[Entry<'_>],
    keys: &'e [Entry<'a>],
) -> Vec<&'e Entry<'a>> {
    keys_of(keys, cache)
        .into_iter()
        .filter(|key| {
            let Ok(parsed) = PublicKey::parse(&key.text) else {
                return false;
            };
            !all.iter()
                .filter_map(|other| cx.catalog().cache(&other.text))
                .filter(|other| other.url != cache.url)
                .flat_map(|other| &other.public_keys)
                .any(|full| PublicKey::parse(full).is_ok_and(|known| known.name == parsed.name))
        })
        .collect()
}
