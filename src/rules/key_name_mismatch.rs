//! A trusted key whose name and body do not belong together.

use std::collections::HashSet;

use super::cache_key::{catalog_fact, key_entries, weaker};
use super::list_entry::Entry;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheConfidence, CacheInfo, CacheStatus, PublicKey};
use crate::diagnostic::{Applicability, Confidence};

declare_rule! {
    /// A trusted key has the name of one key and the body of another.
    ///
    /// ## Why it matters
    ///
    /// A signature names its key, and Nix looks the key up by that name. A known name with
    /// another body makes Nix refuse every path of that cache, or trusts somebody else's
    /// signatures in its name. A known body under another name is never looked up at all.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw="
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the cache's owner has changed the key since the date of the catalog. A key name need
    /// not equal the host: cache.iog.io signs as `hydra.iohk.io`, and that is right.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/signature`: keys are looked up by name, all releases from 2.3 on, Lix
    /// and Determinate Nix. Invented and mistyped keys under well-known names circulate in public
    /// configurations; the right ones were read in the repositories of the caches' owners.
    pub KEY_NAME_MISMATCH {
        id: "key-name-mismatch",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-public-keys"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let keys = key_entries(cx);
    let names: HashSet<&str> = keys
        .iter()
        .filter_map(|entry| PublicKey::parse(&entry.text).ok())
        .map(|key| key.name)
        .collect();
    for entry in &keys {
        // What is malformed is another rule's.
        let Ok(key) = PublicKey::parse(&entry.text) else {
            continue;
        };
        match cx.catalog().cache_of_key(key.name) {
            Some((cache, full_key)) => {
                if PublicKey::parse(full_key).is_ok_and(|known| !known.same_body(&key)) {
                    wrong_body(cx, entry, &key, cache, full_key, out);
                }
            }
            None => wrong_name(cx, entry, &key, &names, out),
        }
    }
}

fn wrong_body(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    key: &PublicKey<'_>,
    cache: &CacheInfo,
    full_key: &str,
    out: &mut Sink<'_>,
) {
    let gone = cache.status != CacheStatus::Active;
    let owner = owner_of_body(cx, key)
        .map(|(_, name)| format!("; this one is that of `{name}`"))
        .unwrap_or_default();
    out.report(
        entry.place,
        format!(
            "the key `{}` in `trusted-public-keys` is not the one that {} signs with{owner}",
            key.name, cache.url
        ),
    )
    .why(format!(
        "signatures made in the name of `{}` do not match this key, so every path of the cache \
         is refused and built locally",
        key.name
    ))
    .help(format!(
        "use `{full_key}` after comparing it with what the cache's owner publishes"
    ))
    .fact(
        "key of this name",
        &catalog_fact(cx, cache, full_key),
        full_key,
    )
    .confidence(if cache.key_confidence == CacheConfidence::High {
        entry.confidence()
    } else {
        entry.confidence().min(Confidence::Likely)
    })
    .fix(
        trust_change(cache),
        format!("replace the key `{}` by its known one", key.name),
        // A cache that is gone needs no key.
        entry
            .replace(full_key)
            .filter(|_| !gone)
            .into_iter()
            .collect(),
    );
}

fn wrong_name(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    key: &PublicKey<'_>,
    names: &HashSet<&str>,
    out: &mut Sink<'_>,
) {
    let Some((cache, full_key)) = cache_of_body(cx, key) else {
        return;
    };
    let Ok(known) = PublicKey::parse(full_key) else {
        return;
    };
    let listed = names.contains(known.name);
    let report = out
        .report(
            entry.place,
            format!(
                "the key named `{}` in `trusted-public-keys` has the body of `{}`",
                key.name, known.name
            ),
        )
        .why(format!(
            "{} signs in the name of `{}`; under another name Nix never looks this key up",
            cache.url, known.name
        ))
        .fact(
            "key of this body",
            &catalog_fact(cx, cache, full_key),
            full_key,
        )
        .confidence(entry.confidence());
    if listed {
        report.help("drop it: the right one is listed as well").fix(
            Applicability::Unsafe,
            format!("drop the key `{}`", key.name),
            entry.remove().into_iter().collect(),
        );
    } else {
        report.help(format!("name it `{}`", known.name)).fix(
            trust_change(cache),
            format!("rename the key to `{}`", known.name),
            entry.replace(full_key).into_iter().collect(),
        );
    }
}

/// A changed key is changed trust: unsafe at best, and not to be written at all when the catalog
/// itself is not sure of it.
fn trust_change(cache: &CacheInfo) -> Applicability {
    weaker(
        Applicability::Unsafe,
        if cache.key_confidence == CacheConfidence::High {
            Applicability::Safe
        } else {
            Applicability::Manual
        },
    )
}

fn cache_of_body<'c>(cx: &RuleCx<'c>, key: &PublicKey<'_>) -> Option<(&'c CacheInfo, &'c str)> {
    cx.catalog().caches().iter().find_map(|cache| {
        let full = cache
            .public_keys
            .iter()
            .find(|full| PublicKey::parse(full).is_ok_and(|known| known.same_body(key)))?;
        Some((cache, full.as_ref()))
    })
}

fn owner_of_body<'c>(cx: &RuleCx<'c>, key: &PublicKey<'_>) -> Option<(&'c CacheInfo, &'c str)> {
    let (cache, full) = cache_of_body(cx, key)?;
    Some((cache, PublicKey::parse(full).ok()?.name))
}
