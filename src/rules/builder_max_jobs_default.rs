//! A builder that nobody gave a number of jobs.

use super::build_machines::{builders, confidence, host_of};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::tune::{self, Profile};

declare_rule! {
    /// A remote builder runs one build at a time, because nothing says how many it can take.
    ///
    /// ## Why it matters
    ///
    /// The number of jobs of a builder is 1 when `maxJobs`, or the fourth column of its line, is
    /// left out; what the builder's own `max-jobs` says does not count here. A big machine then
    /// stands idle while builds wait in a row.
    ///
    /// With a profile of the builder in `nixtune.toml` (a machine of its name), the help says how
    /// many builds fit it.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builder is small, or busy with something else. Writing `maxJobs = 1` says so.
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/machines.cc`; `maxJobs` of `nix.buildMachines` in NixOS, nix-darwin,
    /// home-manager and Determinate's module, all with the default 1.
    pub BUILDER_MAX_JOBS_DEFAULT {
        id: "builder-max-jobs-default",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Performance,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in builders(cx) {
        let Some(place) = builder.shown_at() else {
            continue;
        };
        if !builder.is_whole || !builder.max_jobs.is_unset() {
            continue;
        }
        let Some(severity) = cx.eased(crate::diagnostic::Severity::Info, builder.definition) else {
            continue;
        };
        let what = if builder.is_option {
            "has no `maxJobs`"
        } else {
            "has no number of jobs in column 4"
        };
        let recommended =
            host_of(cx, &builder).and_then(|host| tune::build_slots(host, Profile::Server));
        let report = out
            .report(
                place,
                format!("`{}` {what}: it gets one build at a time", builder.name()),
            )
            .severity(severity)
            .confidence(confidence(cx, &builder))
            .why(
                "the default is 1, whatever the builder's own `max-jobs` allows, so that builds \
                 wait in a row",
            );
        match recommended {
            Some(recommended) => report
                .help(format!(
                    "let it run {} at once: {}",
                    recommended.value.max_jobs, recommended.formula
                ))
                .recommended_from(&recommended),
            None => report.help("say how many builds it can take at once, even if it is one"),
        };
    }
}
