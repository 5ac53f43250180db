//! A cache that is asked without encryption.

use super::list_entry::{Entry, entries};
use super::plain_value::switched;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheStatus, CacheUrl, Network};
use crate::diagnostic::{Applicability, Change, Severity};
use crate::text::Place;

declare_rule! {
    /// A substituter is asked over plain HTTP.
    ///
    /// ## Why it matters
    ///
    /// Signatures keep others from changing what a path holds. They do not hide which packages this
    /// machine asks for and has, nor keep someone in between from pretending that a path is missing
    /// or from answering with an older one. Where signatures are not checked (`require-sigs = false`,
    /// `?trusted=1`), plain HTTP lets anyone on the way put programs into the next rebuild.
    ///
    /// A cache in an own network is worth a word only. On this machine, and in a tailnet, which
    /// encrypts by itself, nothing is reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.substituters = [ "http://nix-community.cachix.org" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// The fix writes `https` for caches that nixtune knows to serve it. It is unsafe: nixtune asks
    /// no server.
    ///
    /// ## When not to act
    ///
    /// When the server speaks no TLS and what it serves is no secret.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/path-info.cc` (`fingerprint`): the signature covers the path, its hash, its
    /// size and its references, not the answer that it comes in. Every version of Nix, Lix and
    /// Determinate Nix.
    pub PLAIN_HTTP_SUBSTITUTER {
        id: "plain-http-substituter",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "require-sigs"],
        category: Security,
        severity: Warning,
        live: Also,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let unchecked = !switched(cx, "require-sigs", false).is_empty();
    let mut seen: Vec<Place> = Vec::new();
    let all = entries(&cx.items("substituters"));
    for entry in &all {
        let Some(url) = CacheUrl::parse(&entry.text) else {
            continue;
        };
        let network = url.network();
        if url.scheme != "http" || matches!(network, Network::ThisMachine | Network::Tailnet) {
            continue;
        }
        let open = unchecked || url.is_trusted();
        let severity = if network == Network::Public || open {
            Severity::Warning
        } else {
            Severity::Info
        };
        // What one expression makes, such as the nodes of a fleet, is spoken of once.
        if seen.contains(&entry.place) {
            continue;
        }
        seen.push(entry.place);
        let made = all.iter().filter(|other| other.place == entry.place);
        let whom = match made.count() {
            1 => url.host_name(),
            _ => "several caches",
        };
        out.report(
            entry.place,
            format!("`substituters` asks {whom} over plain HTTP"),
        )
        .severity(severity)
        .confidence(entry.confidence())
        .why(if url.credential().is_some() {
            "the password in the URL, and what this machine asks for, can be read by anyone on the way"
        } else if open {
            "signatures are not checked, so that anyone on the way can put programs into the next \
             rebuild"
        } else {
            "signatures keep what a path holds, but anyone on the way sees what this machine asks \
             for, and can pretend that a path is missing"
        })
        .help("ask it by `https` where it serves that")
        .fix(
            Applicability::Unsafe,
            format!("ask {whom} by `https`"),
            encrypted(cx, entry, &url).into_iter().collect(),
        );
    }
}

/// The same URL with `https`, for a cache that is known to serve it. An entry that an expression
/// makes together with others cannot be replaced alone.
fn encrypted(cx: &RuleCx<'_>, entry: &Entry<'_>, url: &CacheUrl) -> Option<Change> {
    let (_, rest) = entry.text.split_once("://")?;
    let secure = format!("https://{rest}");
    let is_known = cx
        .catalog()
        .cache(&secure)
        .is_some_and(|cache| cache.status == CacheStatus::Active);
    let answered = cx
        .observations()
        .and_then(|seen| seen.cache(&entry.text)?.answers_encrypted)
        == Some(true);
    let serves = is_known || answered;
    (serves && url.credential().is_none()).then(|| entry.replace(secure))?
}
