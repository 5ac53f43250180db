//! A Linux builder that takes more of the Mac than it can spare.

use super::linux_builder::{CORES, LinuxBuilder, MEMORY, Size, from_mib, in_mib, linux_builders};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::facts::Host;
use crate::tune;
use crate::units::Bytes;

declare_rule! {
    /// The Linux builder's virtual machine is too big for the Mac.
    ///
    /// ## Why it matters
    ///
    /// The virtual machine runs all the time, and macOS does not get memory back that it has once
    /// touched. With more than half of the Mac's memory, what people use in front of it swaps while
    /// a build runs; with more virtual cores than hardware threads the guest waits for itself. Up
    /// to all threads is fine, but cores beyond the performance cores run on efficiency cores, which
    /// is worth a remark.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 6 performance cores, 36 GiB
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     config.virtualisation.darwin-builder.memorySize = 32 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 6 performance cores, 36 GiB
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     config.virtualisation.darwin-builder.memorySize = 9 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the Mac is there to build for Linux. A comment that gives a reason lowers the severity
    /// by one level.
    ///
    /// ## Source
    ///
    /// nixpkgs `nixos/modules/profiles/nix-builder-vm.nix`; NixOS/nixpkgs#557576. Half of the
    /// memory is nixtune's bound; the recommended size is a quarter of it within 4 and 16 GiB.
    pub LINUX_BUILDER_EXCEEDS_HOST {
        id: "linux-builder-exceeds-host",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.config"],
        category: Reliability,
        severity: Warning,
        needs_host: true,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(host) = cx.host() else {
        return;
    };
    for builder in linux_builders(cx) {
        if builder.is_on {
            memory(cx, &builder, host, out);
            cores(cx, &builder, host, out);
        }
    }
}

fn memory(cx: &RuleCx<'_>, builder: &LinuxBuilder<'_, '_>, host: &Host, out: &mut Sink<'_>) {
    let (size, Some(fact)) = (builder.size(MEMORY), &host.memory) else {
        return;
    };
    let Size::Set(mib, set) = size else {
        return;
    };
    let asked = from_mib(mib);
    let severity = cx.eased(Severity::Warning, set.definition);
    let (Some(severity), Some(place)) = (severity, set.definition.place()) else {
        return;
    };
    if asked <= Bytes(fact.value.0 / 2) {
        return;
    }
    let report = out
        .report(
            place,
            format!(
                "the Linux builder takes {asked} of the Mac's {} of memory",
                fact.value
            ),
        )
        .severity(severity)
        .confidence(builder.confidence(&[size]))
        .why(
            "that is more than half: the virtual machine keeps what it has once touched, and the \
             rest of the Mac swaps",
        );
    match tune::linux_builder(host) {
        Some(recommended) => {
            let memory = recommended.value.memory;
            let change = builder.change(MEMORY, &size, in_mib(memory));
            report
                .help(format!("give it {memory}: {}", recommended.formula))
                .recommended_from(&recommended)
                .fix(
                    Applicability::Unsafe,
                    format!("give it {memory} of memory"),
                    change.into_iter().collect(),
                );
        }
        None => {
            report
                .help("give it half of the memory at most")
                .fact("memory", fact, fact.value);
        }
    }
}

fn cores(cx: &RuleCx<'_>, builder: &LinuxBuilder<'_, '_>, host: &Host, out: &mut Sink<'_>) {
    let (size, Some(threads)) = (builder.size(CORES), &host.threads) else {
        return;
    };
    let Size::Set(asked, set) = size else {
        return;
    };
    let performance = host.performance_cores().map(u64::from);
    let (severity, said) = if asked > u64::from(threads.value.0) {
        (Severity::Warning, threads.value.to_string())
    } else {
        match performance.filter(|cores| asked > *cores) {
            Some(cores) => (Severity::Info, format!("{cores} performance cores")),
            None => return,
        }
    };
    let severity = cx.eased(severity, set.definition);
    let (Some(severity), Some(place)) = (severity, set.definition.place()) else {
        return;
    };
    let report = out
        .report(
            place,
            format!("the Linux builder has {asked} cores on a Mac with {said}"),
        )
        .severity(severity)
        .confidence(builder.confidence(&[size]))
        .why(
            "virtual cores beyond what the hardware has take turns, and those beyond the \
             performance cores are slow ones",
        );
    match tune::linux_builder(host) {
        Some(recommended) => {
            let cores = u64::from(recommended.value.cores);
            let change = builder.change(CORES, &size, cores);
            report
                .help(format!("give it {cores} cores: {}", recommended.formula))
                .recommended_from(&recommended)
                .fix(
                    Applicability::Unsafe,
                    format!("give it {cores} cores"),
                    change.into_iter().collect(),
                );
        }
        None => {
            report
                .help("give it as many cores as the Mac has performance cores at most")
                .fact("threads", threads, threads.value);
        }
    }
}
