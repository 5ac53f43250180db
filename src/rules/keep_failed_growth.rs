//! `keep-failed = true`.

use super::plain_value::switched;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// The folders of failed builds are kept for good.
    ///
    /// ## Why it matters
    ///
    /// With `keep-failed = true` every build that fails leaves its folder behind, sources and
    /// half-built outputs included. Garbage collection does not look there: nothing removes them
    /// but a person, or a restart where they lie in `/tmp`.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     keep-failed = true;
    ///     keep-going = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     keep-going = true;
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the line out; it is unsafe, because somebody may look into the folders.
    ///
    /// ## When not to act
    ///
    /// While builds are being debugged; `--keep-failed` does it for one command. A comment that
    /// gives a reason silences the rule.
    ///
    /// ## Source
    ///
    /// Nix manual, `keep-failed`; `src/libstore/unix/build/derivation-builder.cc` (2.34), where
    /// a failed build says "keeping build directory"; `src/libstore/gc.cc`, which only looks into
    /// the store.
    pub KEEP_FAILED_GROWTH {
        id: "keep-failed-growth",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["keep-failed"],
        category: Reliability,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for found in switched(cx, "keep-failed", true) {
        if cx.eased(Severity::Info, found.definition()).is_none() {
            continue;
        }
        out.report(
            found.place,
            "`keep-failed` `true` leaves the folder of every failed build behind",
        )
        .confidence(found.confidence)
        .why("garbage collection does not look there, so that they pile up until somebody removes them")
        .help("take it out; `--keep-failed` does it for one command")
        .fix(
            Applicability::Unsafe,
            "take `keep-failed` out",
            found.removal(),
        );
    }
}
