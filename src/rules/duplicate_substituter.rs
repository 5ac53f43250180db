//! One cache listed more than once.

use super::cache_key::file_of;
use super::list_entry::{Entry, entries, same_list};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::CacheUrl;
use crate::diagnostic::{Applicability, Confidence, Severity};

declare_rule! {
    /// One cache is listed more than once.
    ///
    /// ## Why it matters
    ///
    /// Nix drops an exact repetition, but takes a URL with and one without a trailing slash for
    /// two caches: each path that the first does not have is asked for again. Either way, whoever
    /// removes the cache later removes one copy and wonders.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.substituters = [
    ///     "https://nix-community.cachix.org"
    ///     "https://devenv.cachix.org"
    ///     "https://nix-community.cachix.org/"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.substituters = [
    ///     "https://nix-community.cachix.org"
    ///     "https://devenv.cachix.org"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Two entries with different parameters (`?priority=10`) are not reported: the second one
    /// may be meant to give the cache another place in the order.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/store-registration.cc` (before 2.29 `store-api.cc`), all releases from
    /// 2.3 on; NixOS/nixpkgs#158356.
    pub DUPLICATE_SUBSTITUTER {
        id: "duplicate-substituter",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let all = entries(&cx.items("substituters"));
    let mut kept: Vec<(CacheUrl, &Entry<'_>)> = Vec::new();
    for later in &all {
        let Some(url) = CacheUrl::parse(&later.text) else {
            continue;
        };
        let earlier = kept
            .iter()
            .find(|(other, earlier)| *other == url && together(cx, earlier, later))
            .map(|(_, earlier)| *earlier);
        match earlier {
            Some(earlier) => report(cx, earlier, later, out),
            None => kept.push((url, later)),
        }
    }
}

/// True when both entries are in force at once, as far as can be known.
fn together(cx: &RuleCx<'_>, earlier: &Entry<'_>, later: &Entry<'_>) -> bool {
    if same_list(earlier, later) {
        return true;
    }
    // Loose files of one folder need not belong to one machine.
    if !cx.machine().complete && file_of(earlier.definition) != file_of(later.definition) {
        return false;
    }
    earlier.unconditional && later.unconditional
}

fn report(cx: &RuleCx<'_>, earlier: &Entry<'_>, later: &Entry<'_>, out: &mut Sink<'_>) {
    let exact = earlier.text == later.text;
    let (message, why) = if exact {
        (
            format!("`substituters` lists {} twice", later.text),
            "nix drops the repetition, so the second copy does nothing",
        )
    } else {
        (
            format!(
                "`substituters` lists {} and {}, which are one cache",
                earlier.text, later.text
            ),
            "nix takes the two spellings for two caches and asks the second one again for every \
             path that the first does not have",
        )
    };
    let in_one_list = earlier.definition.id == later.definition.id && later.is_in_place();
    let confidence = if same_list(earlier, later) {
        cx.confidence(later.definition)
    } else {
        earlier.confidence().min(later.confidence())
    };
    out.report(later.place, message)
        .why(why)
        .help("keep one of the two")
        .severity(if exact {
            Severity::Info
        } else {
            Severity::Warning
        })
        .label(Some(earlier.place), "listed here first")
        .confidence(confidence)
        .fix(
            if in_one_list && confidence == Confidence::Certain {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("drop the second {}", later.text),
            later.remove().into_iter().collect(),
        );
}
