//! Build machines without the switch that lets Nix use them.

use super::build_machines::{
    Distribution, confidence, distribution, list_is_read_elsewhere, switching_on,
};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;
use crate::model::Form;

declare_rule! {
    /// Build machines are listed, but distributed builds are off.
    ///
    /// ## Why it matters
    ///
    /// While `nix.distributedBuilds` is off, which is the default, NixOS and nix-darwin write an
    /// empty `builders` setting: Nix reads no machines file, and the list has no effect. NixOS
    /// says nothing about it, nix-darwin warns.
    ///
    /// It keeps silent where a file of the tree does something else with the list or with
    /// `/etc/nix/machines`, such as Hydra.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = false;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
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
    /// When the machines are out of reach for a while. The fix is not safe: builds go to other
    /// machines then.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix-remote-build.nix`, nix-darwin `modules/nix/default.nix`.
    pub DISTRIBUTED_BUILDS_DISABLED {
        id: "distributed-builds-disabled",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["nix.distributedBuilds", "nix.buildMachines"],
        category: Correctness,
        severity: Warning,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Distribution::Off(by) = distribution(cx) else {
        return;
    };
    let machines = cx.build_machines();
    let Some(first) = machines.list.iter().find(|builder| builder.unconditional) else {
        return;
    };
    if !cx.setting("builders").is_unset() || list_is_read_elsewhere(cx) {
        return;
    }
    let definition = first.definition;
    let Some(place) = definition.name.or_else(|| definition.place()) else {
        return;
    };
    let said = match by {
        Some(_) => "off",
        None => "not set",
    };
    // A switch that code computes is off for a reason.
    if by.is_some_and(|by| by.form != Form::Binding || !by.value.is_literal_in_place()) {
        return;
    }
    let change = switching_on(by, definition);
    out.report(
        place,
        format!("`nix.buildMachines` is set, but `nix.distributedBuilds` is {said}"),
    )
    .confidence(confidence(cx, first))
    .label(
        by.and_then(crate::model::Definition::place),
        "switched off here",
    )
    .why("the module writes an empty `builders` setting, so that nix never asks these machines")
    .help("set `nix.distributedBuilds` to true, or take the machines out")
    .fix(
        Applicability::Unsafe,
        "set `nix.distributedBuilds` to true",
        vec![change],
    );
}
