//! Distributed builds without a machine to build on.

use super::build_machines::{Distribution, distribution, list_is_read_elsewhere};
use super::list_entry::fits_every_machine;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::model::Machine;

declare_rule! {
    /// Distributed builds are on, but no build machine is listed.
    ///
    /// ## Why it matters
    ///
    /// With `nix.distributedBuilds` Nix reads `/etc/nix/machines`, which the module writes from
    /// `nix.buildMachines`. Without any machine all builds stay here; either the list was forgotten
    /// or the switch is a leftover.
    ///
    /// It speaks only when every file of the machine was read and nothing in the tree writes the
    /// machines file itself. A switch in a file that other machines share, some of which do have a
    /// list, is fine.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [ ];
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
    /// When something outside of the configuration writes `/etc/nix/machines`, or machines are
    /// named on the command line.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix-remote-build.nix`, nix-darwin `modules/nix/default.nix`.
    pub DISTRIBUTED_BUILDS_WITHOUT_MACHINES {
        id: "distributed-builds-without-machines",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["nix.distributedBuilds", "nix.buildMachines"],
        category: Correctness,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Distribution::On(by) = distribution(cx) else {
        return;
    };
    // The Linux builder is a machine itself.
    if !by.option.is("nix.distributedBuilds") || !cx.setting("builders").is_unset() {
        return;
    }
    let machines = cx.build_machines();
    // A list that is empty on purpose is known even where files were not read.
    let said_empty = cx
        .option("nix.buildMachines")
        .known()
        .is_some_and(|known| known.unconditional);
    if !machines.list.is_empty() || !(machines.complete || said_empty) {
        return;
    }
    let is_forgotten = |machine: &Machine| {
        let view = cx.workspace().view(machine);
        view.build_machines().list.is_empty()
    };
    if list_is_read_elsewhere(cx) || !fits_every_machine(cx, by, is_forgotten) {
        return;
    }
    let Some(place) = by.place() else {
        return;
    };
    out.report(
        place,
        "`nix.distributedBuilds` is on, but `nix.buildMachines` lists no machine",
    )
    .confidence(if machines.complete {
        cx.confidence(by)
    } else {
        Confidence::Likely
    })
    .why("there is nothing that nix could send a build to, so that all builds stay here")
    .help("list the machines in `nix.buildMachines`, or leave the switch out");
}
