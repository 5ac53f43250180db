//! `?trusted=1` in a substituter.

use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheUrl, Network};
use crate::diagnostic::{Applicability, Change, Severity};

declare_rule! {
    /// A substituter is exempt from signature checks.
    ///
    /// ## Why it matters
    ///
    /// With `?trusted=1` in its URL Nix takes every path of a cache without asking for a signature.
    /// Whoever runs the cache, breaks into it or stands between it and this machine can put any
    /// program into the next rebuild. A key does the same work and names who may.
    ///
    /// A cache that is asked over SSH, in an own network, is worth a word only: the server is known
    /// by its key. Files of this machine are not reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.substituters = [ "https://cache.acme.example?trusted=1" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.substituters = [ "https://cache.acme.example" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "cache.acme.example-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// The fix takes the parameter out, and is unsafe: until its key is trusted the cache serves
    /// nothing. There is none for caches whose key nixtune would miss at once.
    ///
    /// ## When not to act
    ///
    /// For a cache that signs nothing and that only you can write to and reach.
    ///
    /// ## Source
    ///
    /// Nix manual, the parameter `trusted` of every store; `src/libstore/local-store.cc`
    /// (`pathInfoIsUntrusted`). Every version of Nix, Lix and Determinate Nix.
    pub SUBSTITUTER_TRUSTED_PARAM {
        id: "substituter-trusted-param",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "trusted-substituters"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for setting in ["substituters", "trusted-substituters"] {
        for entry in entries(&cx.items(setting)) {
            let Some(url) = CacheUrl::parse(&entry.text) else {
                continue;
            };
            let network = url.network();
            if !url.is_trusted() || network == Network::ThisMachine {
                continue;
            }
            let known_server = url.scheme.starts_with("ssh") && network != Network::Public;
            let host = url.host_name();
            out.report(
                entry.place,
                format!("`{setting}` exempts {host} from signature checks by `trusted`"),
            )
            .severity(if known_server {
                Severity::Info
            } else {
                Severity::Warning
            })
            .confidence(entry.confidence())
            .why(if known_server {
                "whatever this cache offers is taken without a signature: whoever can write to it \
                 can put any program into the next rebuild"
            } else {
                "whatever this cache offers is taken without a signature: whoever can write to it \
                 or stands in between can put any program into the next rebuild"
            })
            .help("take the parameter out, and trust the cache's key in `trusted-public-keys`")
            .fix(
                Applicability::Unsafe,
                format!("check the signatures of {host}"),
                checking(cx, &entry, &url).into_iter().collect(),
            );
        }
    }
}

/// The same URL without the parameter; `None` where another rule would ask for a key at once.
fn checking(cx: &RuleCx<'_>, entry: &Entry<'_>, url: &CacheUrl) -> Option<Change> {
    if cx.catalog().cache(&entry.text).is_some() || url.cachix_name().is_some() {
        return None;
    }
    let (address, query) = entry.text.split_once('?')?;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("trusted="))
        .collect();
    entry.replace(if kept.is_empty() {
        address.to_owned()
    } else {
        format!("{address}?{}", kept.join("&"))
    })
}
