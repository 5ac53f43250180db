//! `max-jobs = 0` on a machine that has nobody to build for it.

use super::build_machines::may_have_builders;
use super::list_entry::value_confidence;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::facts::ModuleSystem;

declare_rule! {
    /// `max-jobs` is 0, and there is no remote builder.
    ///
    /// ## Why it matters
    ///
    /// With `max-jobs = 0` Nix builds nothing on this machine and sends every build elsewhere. When
    /// there is no builder, whatever is not in a binary cache cannot be built: "unable to start any
    /// build", or "local builds are disabled" in newer releases. That includes the small files that
    /// every configuration makes for itself, so that the next rebuild of the machine fails on it,
    /// unless it is built on another machine and copied.
    ///
    /// It speaks where builders are certainly absent: `builders` is empty, or the module system
    /// writes it empty because `nix.distributedBuilds` is off.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = false;
    ///   nix.settings.max-jobs = 0;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.settings.max-jobs = 0;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the machine never builds on purpose, because all that it runs is copied to it.
    ///
    /// ## Source
    ///
    /// Nix manual, `max-jobs`; `src/libstore/build/worker.cc` and `derivation-building-goal.cc`;
    /// tried with Nix 2.8 and 2.34. Every version of Nix, Lix and Determinate Nix.
    pub MAX_JOBS_ZERO_WITHOUT_BUILDERS {
        id: "max-jobs-zero-without-builders",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs", "builders", "nix.distributedBuilds"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let is_user = matches!(
        cx.target().system(),
        None | Some(ModuleSystem::HomeManager | ModuleSystem::FlakeConfig)
    );
    if is_user || may_have_builders(cx) {
        return;
    }
    let Some(jobs) = cx.setting("max-jobs").known() else {
        return;
    };
    let Some(place) = jobs.definition.place() else {
        return;
    };
    if jobs.as_amount() != Some(0) {
        return;
    }
    out.report(place, "`max-jobs` is `0`, and there is no remote builder")
        .confidence(value_confidence(cx, &jobs))
        .why("nix builds nothing here and has nobody to send builds to: what no cache has fails")
        .help("allow at least one build here, or name a builder in `nix.buildMachines`");
}
