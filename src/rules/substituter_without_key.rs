//! A substituter whose signing key is not trusted.

use super::cache_key::{
    KeysKnown, add_key, catalog_fact, default_key_is_implied, file_of, key_entries, keys_known,
    keys_of,
};
use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheConfidence, CacheInfo, CacheStatus, CacheUrl, PublicKey};
use crate::diagnostic::{Applicability, Confidence};
use crate::model::Setting;

declare_rule! {
    /// A substituter is listed, but the key that it signs with is not trusted.
    ///
    /// ## Why it matters
    ///
    /// Nix asks the cache for every path, downloads its metadata, and then refuses the path with
    /// "not signed by any of the keys in `trusted-public-keys`". The build runs locally instead.
    /// Nothing fails, so the cache costs time on every rebuild and never saves any.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substituters = [
    ///       "https://nix-community.cachix.org"
    ///       "https://devenv.cachix.org"
    ///     ];
    ///     trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     substituters = [
    ///       "https://nix-community.cachix.org"
    ///       "https://devenv.cachix.org"
    ///     ];
    ///     trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///       "devenv.cachix.org-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw="
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When another file that nixtune did not read trusts the key. Trusting a key lets its owner
    /// put any path into the store, so that the fix is never applied without `--unsafe`; compare
    /// the key with what the cache's owner publishes. nixtune only knows the keys of its catalog.
    /// For other Cachix caches it names the key that Cachix would use, and never makes one up.
    /// It says nothing about caches that need a login, mirrors that carry the signatures of
    /// cache.nixos.org, `file://`, `s3://` and SSH stores, and URLs with `?trusted=1`.
    ///
    /// ## Source
    ///
    /// Nix manual, `trusted-public-keys` and `require-sigs`, all releases from 2.3 on, Lix and
    /// Determinate Nix; cachix/cachix#26. The keys were read in the repositories of the caches'
    /// owners; the catalog names its date.
    pub SUBSTITUTER_WITHOUT_KEY {
        id: "substituter-without-key",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "trusted-public-keys"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let signatures = cx.setting("require-sigs");
    let checked = !matches!(signatures, Setting::Unknown { .. })
        && signatures
            .candidates()
            .iter()
            .all(|value| value.as_bool() == Some(true));
    if !checked {
        return;
    }
    let known = keys_known(cx);
    if known == KeysKnown::No {
        return;
    }
    let keys = key_entries(cx);
    let mut seen: Vec<CacheUrl> = Vec::new();
    for entry in entries(&cx.items("substituters")) {
        let Some(url) = CacheUrl::parse(&entry.text) else {
            continue;
        };
        if !url.is_http() || url.is_trusted() || seen.contains(&url) {
            continue;
        }
        match cx.catalog().cache(&entry.text) {
            Some(cache) => known_cache(cx, &entry, &url, cache, &keys, known, out),
            None => cachix_cache(cx, &entry, &url, &keys, known, out),
        }
        seen.push(url);
    }
}

fn known_cache(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    url: &CacheUrl,
    cache: &CacheInfo,
    keys: &[Entry<'_>],
    known: KeysKnown,
    out: &mut Sink<'_>,
) {
    if cache.status != CacheStatus::Active || cache.needs_login {
        return;
    }
    let [full_key] = cache.public_keys.as_slice() else {
        // A mirror without a key of its own, or a cache that signs with one of several.
        return;
    };
    let Ok(key) = PublicKey::parse(full_key) else {
        return;
    };
    if url.is_default_cache() && default_key_is_implied(cx) != Some(false) {
        return;
    }
    let trusted = !keys_of(keys, cache).is_empty()
        || keys
            .iter()
            .any(|other| PublicKey::parse(&other.text).is_ok_and(|other| other.same_body(&key)));
    if trusted {
        return;
    }
    let Some(confidence) = absence(cx, entry, key.name, known) else {
        return;
    };
    let pinned = cache.key_confidence == CacheConfidence::High;
    let report = out
        .report(
            entry.place,
            format!(
                "`substituters` lists {}, but its key `{}` is not in `trusted-public-keys`",
                entry.text, key.name
            ),
        )
        .why(
            "nix asks this cache for every path and then refuses what it offers, because no \
             trusted key signed it; everything is built locally",
        )
        .help(if pinned {
            format!("trust `{full_key}` after comparing it with what the cache's owner publishes, or drop the substituter")
        } else {
            "add the key that the cache's owner publishes, or drop the substituter".to_owned()
        })
        .fact(
            "key of this cache",
            &catalog_fact(cx, cache, full_key.as_ref()),
            full_key,
        )
        .confidence(confidence);
    report.fix(
        if pinned {
            Applicability::Unsafe
        } else {
            Applicability::Manual
        },
        format!("trust the key `{}`", key.name),
        add_key(cx, entry.definition, full_key)
            .into_iter()
            .collect(),
    );
}

fn cachix_cache(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    url: &CacheUrl,
    keys: &[Entry<'_>],
    known: KeysKnown,
    out: &mut Sink<'_>,
) {
    let Some(name) = url.cachix_name() else {
        return;
    };
    let conventional = format!("{name}.cachix.org-1");
    let prefix = format!("{name}.cachix.org");
    let trusted = keys.iter().any(|other| {
        other.text.split(':').next().is_some_and(|key| {
            key.eq_ignore_ascii_case(&prefix)
                || key
                    .to_ascii_lowercase()
                    .starts_with(&format!("{}-", prefix.to_ascii_lowercase()))
        })
    });
    if trusted || has_spare_key(cx, keys) {
        return;
    }
    let Some(confidence) = absence(cx, entry, &conventional, known) else {
        return;
    };
    out.report(
        entry.place,
        format!(
            "`substituters` lists {}, but no key of it (`{conventional}`) is in `trusted-public-keys`",
            entry.text
        ),
    )
    .why(
        "nix asks this cache for every path and then refuses what it offers, because no trusted \
         key signed it; everything is built locally",
    )
    .help(format!(
        "copy the key from https://app.cachix.org/cache/{name}, or drop the substituter"
    ))
    .confidence(confidence.min(Confidence::Likely));
}

/// True when a trusted key belongs to no cache that its name tells: it may be the missing one.
fn has_spare_key(cx: &RuleCx<'_>, keys: &[Entry<'_>]) -> bool {
    keys.iter().any(|entry| {
        let name = entry.text.split(':').next().unwrap_or("");
        cx.catalog().cache_of_key(name).is_none() && !name.contains(".cachix.org")
    })
}

/// How sure it is that no file trusts the key `name`; `None` when it may well be trusted.
fn absence(cx: &RuleCx<'_>, entry: &Entry<'_>, name: &str, known: KeysKnown) -> Option<Confidence> {
    if known == KeysKnown::All {
        return Some(entry.confidence());
    }
    let mention = format!("{name}:");
    let mentioned = cx
        .workspace()
        .files()
        .iter()
        .any(|file| file.text().contains(&mention));
    if mentioned {
        return None;
    }
    // The file that sets substituters usually sets their keys as well; when it sets some, the
    // missing one is probably forgotten.
    let keys_beside = cx
        .definitions("trusted-public-keys")
        .into_iter()
        .any(|keys| file_of(keys) == file_of(entry.definition));
    Some(if keys_beside {
        entry.confidence().min(Confidence::Likely)
    } else {
        Confidence::Possible
    })
}
