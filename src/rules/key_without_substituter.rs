//! A trusted key whose cache is not used.

use super::cache_key::key_entries;
use super::list_entry::entries;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheInfo, CacheUrl, PublicKey};
use crate::diagnostic::{Applicability, Confidence};
use crate::facts::ModuleSystem;

declare_rule! {
    /// A key is trusted, but its cache is in no list.
    ///
    /// ## Why it matters
    ///
    /// Either the cache was forgotten, and its paths are built here, or it was dropped and its key
    /// left behind. Such a key still lets its owner sign any path that reaches this machine by
    /// another way.
    ///
    /// Only keys are reported whose cache their name tells: those of nixtune's catalog and those of
    /// Cachix. Nothing is said while a list of caches is not known as a whole, or when a cache is
    /// listed that may carry paths of others, such as a proxy at home.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substituters = [ "https://nix-community.cachix.org" ];
    ///     trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///       "devenv.cachix.org-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw="
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
    /// The fix drops the key. It is unsafe, because the cache may be named elsewhere.
    ///
    /// ## When not to act
    ///
    /// When the cache is given on the command line or by the `nixConfig` of other flakes; then list
    /// it in `trusted-substituters`, which says so.
    ///
    /// ## Source
    ///
    /// Nix manual, `trusted-public-keys`; `src/libstore/keys.cc`. Every version of Nix, Lix and
    /// Determinate Nix.
    pub KEY_WITHOUT_SUBSTITUTER {
        id: "key-without-substituter",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-public-keys", "substituters", "trusted-substituters"],
        category: Security,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

/// Where the cache of a key is.
enum Home<'c> {
    Known(&'c CacheInfo),
    Cachix(String),
}

impl Home<'_> {
    /// The key's cache, when its name tells.
    fn of<'c>(cx: &RuleCx<'c>, name: &str) -> Option<Home<'c>> {
        if let Some((cache, _)) = cx.catalog().cache_of_key(name) {
            return Some(Home::Known(cache));
        }
        let host = name.rsplit_once('-').map_or(name, |(host, _)| host);
        host.ends_with(".cachix.org")
            .then(|| Home::Cachix(host.to_ascii_lowercase()))
    }

    fn host(&self) -> String {
        match self {
            Self::Known(cache) => CacheUrl::parse(&cache.url).map_or(String::new(), |url| url.host),
            Self::Cachix(host) => host.clone(),
        }
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let lists = ["substituters", "trusted-substituters"].map(|setting| cx.items(setting));
    // A list that nobody writes here is written elsewhere, or a default.
    let Some(substituters) = lists.first().filter(|list| !list.definitions.is_empty()) else {
        return;
    };
    if !substituters.complete && !is_closed(cx) {
        return;
    }
    let listed: Vec<_> = lists.iter().flat_map(entries).collect();
    let is_own = |text: &str| {
        let known = cx.catalog().cache(text);
        let cachix = CacheUrl::parse(text).and_then(|url| url.cachix_name().map(str::to_owned));
        match known {
            // A mirror carries what others signed.
            Some(cache) => !cache.public_keys.is_empty(),
            None => cachix.is_some(),
        }
    };
    if !listed.iter().all(|entry| is_own(&entry.text)) {
        return;
    }
    for entry in key_entries(cx) {
        let Ok(key) = PublicKey::parse(&entry.text) else {
            continue;
        };
        let Some(home) = Home::of(cx, key.name) else {
            continue;
        };
        let host = home.host();
        let signs = |text: &str| {
            CacheUrl::parse(text).is_some_and(|url| url.host_name() == host)
                || cx.catalog().cache(text).is_some_and(|cache| {
                    let mut names = cache
                        .public_keys
                        .iter()
                        .filter_map(|k| PublicKey::parse(k).ok());
                    names.any(|known| known.name == key.name)
                })
        };
        let named = format!("://{host}");
        let mut texts = cx.workspace().files().iter().map(|file| file.text());
        if key.name == "cache.nixos.org-1"
            || listed.iter().any(|other| signs(&other.text))
            || texts.any(|text| text.contains(&named))
        {
            continue;
        }
        out.report(
            entry.place,
            format!(
                "the key `{}` is trusted, but its cache {host} is in no list",
                key.name
            ),
        )
        .confidence(if substituters.complete {
            entry.confidence()
        } else {
            entry.confidence().min(Confidence::Possible)
        })
        .why(
            "either the cache is forgotten and its paths are built here, or it is dropped and its \
             owner can still sign any path",
        )
        .help(format!(
            "drop the key, or list {host} in `trusted-substituters`"
        ))
        .fix(
            Applicability::Unsafe,
            format!("drop the key `{}`", key.name),
            entry.remove().into_iter().collect(),
        );
    }
}

/// True when the lists of a machine that was not read as a whole are written in one place: every
/// definition of caches and keys is known, and no other file sets any.
fn is_closed(cx: &RuleCx<'_>) -> bool {
    let known_system = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::NixConf)
    );
    let settings = [
        "substituters",
        "trusted-substituters",
        "trusted-public-keys",
    ];
    known_system
        && settings.into_iter().all(|setting| {
            let known = super::cache_key::is_known_list;
            let definitions = cx.definitions(setting);
            !cx.may_be_set_elsewhere(setting)
                && definitions.iter().all(|one| known(&one.value.value))
        })
        && cx.machine().holes.iter().all(|hole| {
            let names = hole.path.names();
            names.first().is_none_or(|name| &**name != "nix")
        })
}
