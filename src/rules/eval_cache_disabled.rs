//! `eval-cache = false`.

use super::plain_value::{may_exist, switched};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// Flakes are evaluated anew by every command.
    ///
    /// ## Why it matters
    ///
    /// Nix keeps what it found out about a flake whose inputs are locked: `nix run`, `nix build` and
    /// `nix develop` of the same revision do not evaluate it again. With `eval-cache = false` each
    /// of them takes the seconds that the first one took.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     eval-cache = false;
    ///     keep-derivations = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     keep-derivations = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While you look for a mistake that the cache hides ("cached failure of attribute"); then
    /// `--option eval-cache false` for one command is enough. A comment that gives the reason
    /// silences the rule. A tree with changes that are not committed is never cached.
    ///
    /// ## Source
    ///
    /// Nix manual, `eval-cache`: true since Nix 2.4, in Lix and Determinate Nix;
    /// `src/libexpr/eval-cache.cc`.
    pub EVAL_CACHE_DISABLED {
        id: "eval-cache-disabled",
        since: "0.1.0",
        applies: "Nix 2.4 and later, Lix, Determinate Nix",
        settings: &["eval-cache"],
        category: Performance,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !may_exist(cx, "eval-cache") {
        return;
    }
    for found in switched(cx, "eval-cache", false) {
        if cx.eased(Severity::Info, found.definition()).is_none() {
            continue;
        }
        out.report(
            found.place,
            "`eval-cache` `false` evaluates every flake anew in every command",
        )
        .confidence(found.confidence)
        .why("what is known of a locked flake is kept by default, and only a changed one is evaluated")
        .help("take it out; `--option eval-cache false` does it for one command")
        .fix(
            Applicability::Unsafe,
            "take `eval-cache` out",
            found.removal(),
        );
    }
}
