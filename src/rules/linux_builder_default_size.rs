//! The Linux builder with the size that it has out of the box.

use super::linux_builder::{CORES, DISK, FIRST_ENABLE, MEMORY, from_mib, in_mib, linux_builders};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::tune;

declare_rule! {
    /// The Linux builder runs with one core and 3 GiB of memory, its default size.
    ///
    /// ## Why it matters
    ///
    /// The virtual machine of `nix.linux-builder` has 1 core, 3 GiB of memory and 20 GiB of disk
    /// when nothing is said. That is enough to build a larger one, and for small packages; a
    /// compiler with its linker, or a NixOS system, takes very long or is killed.
    ///
    /// With a host profile the diagnostic computes a size that fits the Mac. Only the unchanged
    /// virtual machine is in the public binary cache, so switch it on as it is, rebuild, and change
    /// it then.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.linux-builder.enable = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     config.virtualisation = {
    ///       cores = 3;
    ///       darwin-builder.memorySize = 8 * 1024;
    ///       darwin-builder.diskSize = 60 * 1024;
    ///     };
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While the builder is switched on for the first time, or when it builds only small things.
    /// A comment that gives a reason silences it. The fix is not safe for the first of these.
    ///
    /// ## Source
    ///
    /// nixpkgs `nixos/modules/profiles/nix-builder-vm.nix` and
    /// `nixos/modules/virtualisation/qemu-vm.nix`; DavSanchez/Nix-Relic#98, NixOS/nixpkgs#557576.
    pub LINUX_BUILDER_DEFAULT_SIZE {
        id: "linux-builder-default-size",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.enable", "nix.linux-builder.config"],
        category: Performance,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in linux_builders(cx) {
        let definition = builder.enable.definition;
        let (cores, memory, disk) = (
            builder.size(CORES),
            builder.size(MEMORY),
            builder.size(DISK),
        );
        let by_default = cores.is_default() && memory.is_default();
        let (Some(cores_there), Some(mib)) = (cores.number(), memory.number()) else {
            continue;
        };
        let (Some(_), Some(place)) = (cx.eased(Severity::Info, definition), definition.place())
        else {
            continue;
        };
        if !builder.is_on || !by_default {
            continue;
        }
        let report = out
            .report(
                place,
                format!(
                    "the Linux builder has its default size, {cores_there} core and {} of memory",
                    from_mib(mib)
                ),
            )
            .confidence(builder.confidence(&[cores, memory]))
            .why(
                "a compiler with its linker needs more memory than that, and everything builds on \
                 one core",
            );
        let Some(recommended) = cx.host().and_then(tune::linux_builder) else {
            report.help(format!(
                "set `{}` and `{}`; {FIRST_ENABLE}",
                builder.path(CORES),
                builder.path(MEMORY)
            ));
            continue;
        };
        let value = recommended.value;
        let mut changes = vec![
            builder.change(CORES, &cores, u64::from(value.cores)),
            builder.change(MEMORY, &memory, in_mib(value.memory)),
        ];
        if disk.is_default() {
            changes.push(builder.change(DISK, &disk, in_mib(value.disk)));
        }
        report
            .help(format!(
                "give it {} cores, {} of memory and {} of disk: {}; {FIRST_ENABLE}",
                value.cores, value.memory, value.disk, recommended.formula
            ))
            .recommended_from(&recommended)
            .fix(
                Applicability::Unsafe,
                format!("give it {} cores and {}", value.cores, value.memory),
                changes.into_iter().flatten().collect(),
            );
    }
}
