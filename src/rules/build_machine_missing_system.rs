//! A build machine without the systems that it builds for.

use super::build_machines::confidence;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::ModuleSystem;

declare_rule! {
    /// A build machine says nothing about the systems that it builds for.
    ///
    /// ## Why it matters
    ///
    /// NixOS and nix-darwin refuse a machine of `nix.buildMachines` with neither `system` nor
    /// `systems`: evaluation fails with an assertion. home-manager, which has `systems` only, does
    /// not check it and writes an empty column into the machines file; Nix does not see it, so
    /// that the SSH key is read as the system, the number of jobs as the key, and so on.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; systems = [ "x86_64-linux" "i686-linux" ]; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix-remote-build.nix` and nix-darwin
    /// `modules/nix/default.nix`, `badMachine`; home-manager `modules/misc/nix/remote-build.nix`.
    pub BUILD_MACHINE_MISSING_SYSTEM {
        id: "build-machine-missing-system",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.buildMachines"],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let why = match cx.target().system() {
        Some(ModuleSystem::Nixos | ModuleSystem::NixDarwin) => {
            "an assertion of the module system fails: at least one system is needed"
        }
        Some(ModuleSystem::HomeManager) => {
            "the column of the machines file stays empty, so that nix reads every later column in \
             the place of the one before it"
        }
        _ => return,
    };
    for builder in &cx.build_machines().list {
        // Determinate's module does not check it.
        let is_checked = builder.definition.option.is("nix.buildMachines");
        let Some(place) = builder.shown_at() else {
            continue;
        };
        if !is_checked || !builder.is_whole || !builder.systems.is_unset() {
            continue;
        }
        out.report(
            place,
            format!(
                "`{}` in `nix.buildMachines` has neither `system` nor `systems`",
                builder.name()
            ),
        )
        .severity(if builder.unconditional {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(confidence(cx, builder))
        .why(why)
        .help("list what it builds for, such as `systems = [ \"x86_64-linux\" ];`");
    }
}
