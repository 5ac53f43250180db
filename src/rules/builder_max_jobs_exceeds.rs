//! A builder that is sent more builds than it has threads.

use super::build_machines::{builders, confidence, host_of};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::tune::{self, Profile};

declare_rule! {
    /// A remote builder is sent more builds at once than it has hardware threads.
    ///
    /// ## Why it matters
    ///
    /// `maxJobs` is what this machine sends; other clients send theirs, too. With more builds than
    /// threads they only take turns, each with its memory held, and a builder that runs out of
    /// memory kills builds of all its clients.
    ///
    /// It speaks of builders whose hardware is known: `nixtune.toml` has a machine of the builder's
    /// host name, or of the first label of it, with a profile that `nixtune host --save` wrote.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     # 8 threads, 16 GiB
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 32; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 4; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builds are small and mostly wait for downloads. A comment that gives a reason
    /// lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// Nix manual, "Tuning Cores and Jobs"; tiiuae/ghaf-infra#1062. The formula is that of
    /// `build-slots-oversubscribed` for a server.
    pub BUILDER_MAX_JOBS_EXCEEDS {
        id: "builder-max-jobs-exceeds",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Performance,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in builders(cx) {
        let Some(jobs) = builder.max_jobs.known().copied() else {
            continue;
        };
        let Some(host) = host_of(cx, &builder) else {
            continue;
        };
        let Some(threads) = &host.threads else {
            continue;
        };
        let place = builder.max_jobs.place().or_else(|| builder.shown_at());
        let severity = cx.eased(Severity::Warning, builder.definition);
        let (Some(place), Some(severity)) = (place, severity) else {
            continue;
        };
        if jobs <= u64::from(threads.value.0) {
            continue;
        }
        let report = out
            .report(
                place,
                format!(
                    "`{}` gets {jobs} builds at once, but has {}",
                    builder.name(),
                    threads.value
                ),
            )
            .severity(severity)
            .confidence(confidence(cx, &builder))
            .why(
                "more builds than threads only take turns, while each of them holds its memory; \
                 other clients of the builder send theirs, too",
            );
        match tune::build_slots(host, Profile::Server) {
            Some(recommended) => report
                .help(format!(
                    "send {} at most: {}",
                    recommended.value.max_jobs, recommended.formula
                ))
                .recommended_from(&recommended),
            None => report
                .help(format!("send {} at most", threads.value.0))
                .fact("threads", threads, threads.value),
        };
    }
}
