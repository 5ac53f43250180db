//! A Linux builder with little disk.

use super::linux_builder::{CORES, DISK, MEMORY, from_mib, in_mib, linux_builders};
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::tune;
use crate::units::Bytes;

declare_rule! {
    /// The disk of the Linux builder's virtual machine is small.
    ///
    /// ## Why it matters
    ///
    /// The store of the virtual machine lies on its own disk, 20 GiB unless its configuration says
    /// otherwise. A NixOS system with its build inputs takes more; then builds fail with "No space
    /// left on device", or the guest, which collects below 1 GiB of free space, deletes what the
    /// next build needs again.
    ///
    /// A builder with its default size throughout is the topic of `linux-builder-default-size`; this
    /// rule speaks of one whose disk is set too small, or that got cores or memory but no disk.
    ///
    /// An image that exists keeps its size: after a change stop the builder, remove
    /// `nixos.qcow2` in its working directory and start it again, or set `ephemeral`. The store in
    /// it is built anew.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     config.virtualisation.darwin-builder.diskSize = 20 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     config.virtualisation.darwin-builder.diskSize = 60 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builder builds small things, or the Mac has no room. A comment that gives a reason
    /// silences it.
    ///
    /// ## Source
    ///
    /// nixpkgs `nixos/modules/profiles/nix-builder-vm.nix` (20 GiB); published machines have 40 to
    /// 100 GiB. The image that is kept: nix-darwin/nix-darwin#1200.
    pub LINUX_BUILDER_DISK_SMALL {
        id: "linux-builder-disk-small",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.config"],
        category: Reliability,
        severity: Info,
        options: &[RuleOption {
            name: "least-gib",
            default: 40,
            docs: "The disk of the virtual machine, in GiB, below which the rule speaks.",
        }],
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let least = Bytes::from_gib(cx.limit("least-gib"));
    for builder in linux_builders(cx) {
        let disk = builder.size(DISK);
        let sized = [CORES, MEMORY]
            .iter()
            .find_map(|name| builder.size(name).definition());
        let definition = disk.definition().or(sized);
        let (Some(mib), Some(definition)) = (disk.number(), definition) else {
            continue;
        };
        let (Some(_), Some(place)) = (cx.eased(Severity::Info, definition), definition.place())
        else {
            continue;
        };
        let there = from_mib(mib);
        if !builder.is_on || there >= least {
            continue;
        }
        let by_default = if disk.is_default() { " by default" } else { "" };
        let report = out
            .report(
                place,
                format!("the Linux builder has {there} of disk{by_default}"),
            )
            .confidence(builder.confidence(&[disk]))
            .why(
                "a NixOS system with what it takes to build it fills that, and then builds fail \
                 for lack of space",
            );
        let recommended = cx.host().and_then(tune::linux_builder);
        let fitting = recommended
            .as_ref()
            .map_or(least, |recommended| recommended.value.disk);
        // A small Mac has no more to give.
        if fitting <= there {
            report.help("keep what is in it small; the Mac has no room for more");
            continue;
        }
        let image = "an image that exists keeps its size, so remove it afterwards";
        let change = builder.change(DISK, &disk, in_mib(fitting));
        let report = match &recommended {
            Some(recommended) => report
                .help(format!(
                    "give it {fitting}: {}; {image}",
                    recommended.formula
                ))
                .recommended_from(recommended),
            None => report.help(format!("give it {fitting} or more; {image}")),
        };
        report.fix(
            Applicability::Unsafe,
            format!("give it {fitting} of disk"),
            change.into_iter().collect(),
        );
    }
}
