//! `max-jobs` × `cores` far below the hardware threads.

use super::build_slots::{Complaint, Loaded};
use super::max_jobs_one::has_builders;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;

declare_rule! {
    /// Builds may use less than half of the machine's threads.
    ///
    /// ## Why it matters
    ///
    /// `max-jobs` × `cores` is an upper bound for the threads that builds keep busy. When it is less
    /// than half of what the hardware runs, and each build has 8 GiB of memory or more, nothing but
    /// the two settings holds the machine back; often they come from another, smaller one.
    ///
    /// Remote builders silence it: few builds here may be meant then.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 12 threads, 36 GiB
    ///   nix.settings = {
    ///     max-jobs = 2;
    ///     cores = 2;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 12 threads, 36 GiB
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     cores = 2;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the rest of the machine is for something else. A comment that gives a reason silences
    /// the rule.
    ///
    /// ## Source
    ///
    /// Nix manual, "Tuning Cores and Jobs". The formula is that of `build-slots-oversubscribed`.
    pub BUILD_SLOTS_UNDERUSED {
        id: "build-slots-underused",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs", "cores"],
        category: Performance,
        severity: Info,
        needs_host: true,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(loaded) = Loaded::find(cx) else {
        return;
    };
    if loaded.complaint != Complaint::Underused || has_builders(cx) {
        return;
    }
    let (Some(definition), Some(memory)) = (loaded.slots.definition(), loaded.memory_per_build())
    else {
        return;
    };
    let severity = cx.eased(Severity::Info, definition);
    let (Some(severity), Some(place)) = (severity, definition.place()) else {
        return;
    };
    let report = out
        .report(
            place,
            format!(
                "{} uses at most {} of {}",
                loaded.slots.in_words(),
                loaded.total(),
                loaded.threads.value
            ),
        )
        .severity(severity)
        .why(format!(
            "most of the machine stays idle, although each build has {memory} of memory"
        ));
    loaded.advise(cx, report);
}
