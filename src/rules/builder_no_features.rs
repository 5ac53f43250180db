//! A builder that no large build can go to.

use super::build_machines::{builders, confidence};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::model::Builder;

declare_rule! {
    /// A remote builder has no features, so that large builds and tests never go to it.
    ///
    /// ## Why it matters
    ///
    /// Nix sends a build to a builder only when that supports every feature which the build
    /// requires, by what is said of it here; what the builder's own configuration lists does not
    /// count. Packages that gain most from a big machine require `big-parallel` (kernels, browsers,
    /// compilers), NixOS tests require `nixos-test` and `kvm`. With no feature at all they stay on
    /// this machine, or cannot be built when it is of another system.
    ///
    /// It keeps silent when another builder of the same system has features: one may be for the
    /// small builds.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "aarch64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     {
    ///       hostName = "build01";
    ///       system = "aarch64-linux";
    ///       maxJobs = 8;
    ///       supportedFeatures = [ "big-parallel" "kvm" "nixos-test" "benchmark" ];
    ///     }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builder shall not take such builds. There is no fix: what it can do is known there.
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/machines.cc` (`allSupported`) and `build-remote/build-remote.cc` (in
    /// `src`, now in `src/nix`).
    pub BUILDER_NO_FEATURES {
        id: "builder-no-features",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Performance,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let builders = builders(cx);
    for builder in &builders {
        let Some(place) = builder.shown_at() else {
            continue;
        };
        let others = builders.iter().any(|other| {
            !is_plain(other) && (other.shares_system_with(builder) || is_open(other, builder))
        });
        if !is_plain(builder) || others {
            continue;
        }
        if cx.eased(Severity::Info, builder.definition).is_none() {
            continue;
        }
        out.report(
            place,
            format!("`{}` supports no features", builder.name()),
        )
        .confidence(confidence(cx, builder))
        .why(
            "builds that require `big-parallel`, `kvm`, `nixos-test` or `benchmark` never go to \
             it, whatever its own configuration says",
        )
        .help(if builder.is_option {
            "list in `supportedFeatures` what it can do"
        } else {
            "list in column 6 what it can do, separated by commas"
        });
    }
}

/// True when no feature is named, and that is certain.
fn is_plain(builder: &Builder<'_>) -> bool {
    builder.is_whole && builder.features.is_unset() && builder.mandatory.is_unset()
}

/// True when the systems of one of them are not known.
fn is_open(one: &Builder<'_>, other: &Builder<'_>) -> bool {
    one.systems.known().is_none() || other.systems.known().is_none()
}
