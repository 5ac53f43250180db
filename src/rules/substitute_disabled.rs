//! `substitute = false`.

use super::plain_value::switched;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// Nothing is fetched from caches, everything is built.
    ///
    /// ## Why it matters
    ///
    /// With `substitute = false` Nix asks no cache: a system is compiled from its first compiler on,
    /// which takes days, and `substituters` and `trusted-public-keys` have no effect.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substitute = false;
    ///     substituters = [ "https://nix-community.cachix.org" ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     substituters = [ "https://nix-community.cachix.org" ];
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the line out; it is unsafe, because paths then come from caches.
    ///
    /// ## When not to act
    ///
    /// On a machine that checks whether things can be built, or that trusts nobody's binaries. A
    /// comment that gives the reason lowers the severity. A machine without network is served by
    /// `--offline`, or by an empty list of caches.
    ///
    /// ## Source
    ///
    /// Nix manual, `substitute`: true in every release of Nix, Lix and Determinate Nix. It counts in
    /// a user's own file as well (`src/libstore/daemon.cc`).
    pub SUBSTITUTE_DISABLED {
        id: "substitute-disabled",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substitute"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for found in switched(cx, "substitute", false) {
        let Some(severity) = cx.eased(Severity::Warning, found.definition()) else {
            continue;
        };
        out.report(
            found.place,
            "`substitute` `false` builds everything instead of asking caches",
        )
        .severity(severity)
        .confidence(found.confidence)
        .why("no cache is asked, so that every package is compiled here, compilers first")
        .help("take it out; `--option substitute false` does it for one command")
        .fix(
            Applicability::Unsafe,
            "take `substitute` out",
            found.removal(),
        );
    }
}
