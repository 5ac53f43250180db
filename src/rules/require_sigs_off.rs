//! `require-sigs = false`.

use super::plain_value::switched;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;

declare_rule! {
    /// Paths from caches are taken without a trusted signature.
    ///
    /// ## Why it matters
    ///
    /// A signature is the only thing that says who built a path. With `require-sigs = false`
    /// whatever a cache offers is taken: whoever runs one of the caches, has broken into it, or
    /// stands between it and this machine, can put any program into the next rebuild, and with that
    /// become root. `trusted-public-keys` has no effect then.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     require-sigs = false;
    ///     substituters = [ "https://nix-community.cachix.org" ];
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
    /// The fix takes the line out. It is unsafe: a cache without a trusted key stops serving.
    ///
    /// ## When not to act
    ///
    /// On a machine without people and secrets that only reads a cache of its own, over a line of
    /// its own. For one cache of your own, sign it (`nix key generate-secret`, `secret-key-files`)
    /// and trust its key.
    ///
    /// ## Source
    ///
    /// Nix manual, `require-sigs`: true in every release of Nix, Lix and Determinate Nix;
    /// `src/libstore/local-store.cc`.
    pub REQUIRE_SIGS_OFF {
        id: "require-sigs-off",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["require-sigs"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    for found in switched(cx, "require-sigs", false) {
        out.report(
            found.place,
            "`require-sigs` `false` takes paths from caches without a trusted signature",
        )
        .confidence(found.confidence)
        .why(
            "whoever runs a cache, or stands between it and this machine, can put any program into \
             the next rebuild",
        )
        .help("take it out, and trust the keys of the caches in `trusted-public-keys`")
        .fix(
            Applicability::Unsafe,
            "take `require-sigs` out",
            found.removal(),
        );
    }
}
