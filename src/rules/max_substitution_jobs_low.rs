//! `max-substitution-jobs` below the default.

use super::plain_value::{found, may_exist, newest_default};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// Fewer store paths are fetched at once than by default.
    ///
    /// ## Why it matters
    ///
    /// `max-substitution-jobs` is how many store paths Nix fetches from caches at once. A rebuild
    /// fetches hundreds of small ones, and each costs a few round trips, so that with a low number
    /// the line stands idle most of the time. 16 is the default; 0 counts as 1. It does not limit
    /// builds: that is `max-jobs`.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     max-substitution-jobs = 2;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     max-substitution-jobs = 32;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the line out, so that the default counts. It is unsafe: more at once is more
    /// load on the line and on a small machine.
    ///
    /// ## When not to act
    ///
    /// On a line that others need, or on a machine that unpacks slower than it downloads. A comment
    /// that gives the reason lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// Nix manual, `max-substitution-jobs`; NixOS/nix#8299, NixOS/nix#3379. Nix 2.16 and later, Lix,
    /// Determinate Nix: 16 in all of them.
    pub MAX_SUBSTITUTION_JOBS_LOW {
        id: "max-substitution-jobs-low",
        since: "0.1.0",
        applies: "Nix 2.16 and later, Lix, Determinate Nix",
        settings: &["max-substitution-jobs"],
        category: Performance,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

const SETTING: &str = "max-substitution-jobs";

/// Up to this number most of the time goes to waiting.
const NEARLY_SERIAL: u64 = 3;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() || !may_exist(cx, SETTING) {
        return;
    }
    let Some(default) = newest_default(cx, SETTING) else {
        return;
    };
    for found in found(cx, SETTING, |value| {
        value.as_amount().is_some_and(|jobs| jobs < default)
    }) {
        let Some(jobs) = found.value.as_amount() else {
            continue;
        };
        let severity = if jobs <= NEARLY_SERIAL {
            Severity::Warning
        } else {
            Severity::Info
        };
        let Some(severity) = cx.eased(severity, found.definition()) else {
            continue;
        };
        let paths = match jobs {
            0 | 1 => "one path".to_owned(),
            more => format!("{more} paths"),
        };
        out.report(
            found.place,
            format!("`max-substitution-jobs` `{jobs}` fetches {paths} at a time; the default is {default}"),
        )
        .severity(severity)
        .confidence(found.confidence)
        .why(
            "a rebuild fetches many small paths, and each costs round trips to the cache: with few \
             at once the line is idle most of the time",
        )
        .help("take the line out, or give more than the default where the line is fast")
        .fix(
            Applicability::Unsafe,
            "take `max-substitution-jobs` out",
            found.removal(),
        );
    }
}
