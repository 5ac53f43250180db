//! More builds on the Linux builder than its virtual machine has cores.

use super::linux_builder::{CORES, Size, linux_builders};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// The Linux builder is given more work at once than its virtual machine has cores.
    ///
    /// ## Why it matters
    ///
    /// The virtual machine has one core unless its configuration says otherwise; `maxJobs` is only
    /// what the Mac sends to it. More builds than cores take turns, and share 3 GiB of memory, so
    /// that some are killed. The number of jobs follows the cores by itself when it is left out:
    /// raise `config.virtualisation.cores`, and the memory with them.
    ///
    /// The same holds when `nix.settings.cores` inside gives each build so many threads that all
    /// builds together have more than there are cores.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     maxJobs = 8;
    ///     config.virtualisation.cores = 4;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     maxJobs = 4;
    ///     config.virtualisation.cores = 4;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builds mostly wait for downloads. A comment that gives a reason lowers the severity
    /// by one level. The fix lowers `maxJobs`; more cores may be what you want instead.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/linux-builder.nix`: `maxJobs` is `virtualisation.cores` by default
    /// (since 2024-11-28); nixpkgs `nixos/modules/virtualisation/qemu-vm.nix`: one core.
    pub LINUX_BUILDER_SLOTS_EXCEED_CORES {
        id: "linux-builder-slots-exceed-cores",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.maxJobs", "nix.linux-builder.config"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in linux_builders(cx) {
        let (jobs, cores) = (builder.size("maxJobs"), builder.size(CORES));
        let Some(there) = cores.number().filter(|_| builder.is_on) else {
            continue;
        };
        let per_job = builder.size("config.nix.settings.cores");
        let by_default = if cores.is_default() {
            " (the default)"
        } else {
            ""
        };
        let is_many = |number: u64| if number == 1 { "" } else { "s" };
        // Without the option there are as many jobs as cores.
        let wanted = match jobs {
            Size::Set(jobs, _) => jobs,
            _ if builder.option("maxJobs").is_unset() => there,
            _ => continue,
        };
        let (definition, message) = match (&jobs, &per_job) {
            (Size::Set(wanted, set), _) if *wanted > there => (
                set.definition,
                format!(
                    "`maxJobs` is {wanted}, but the virtual machine has {there} core{}{by_default}",
                    is_many(there)
                ),
            ),
            (_, Size::Set(threads, set)) if wanted.saturating_mul(*threads) > there => (
                set.definition,
                format!(
                    "{wanted} build{} with `cores` {threads} are more than the {there} core{} of \
                     the virtual machine{by_default}",
                    is_many(wanted),
                    is_many(there)
                ),
            ),
            _ => continue,
        };
        let severity = cx.eased(Severity::Warning, definition);
        let (Some(severity), Some(place)) = (severity, definition.place()) else {
            continue;
        };
        let change = (wanted > there).then(|| builder.change("maxJobs", &jobs, there));
        out.report(place, message)
            .severity(severity)
            .confidence(builder.confidence(&[jobs, cores]))
            .label(
                cores.definition().and_then(crate::model::Definition::place),
                "its cores",
            )
            .why(
                "what has no core takes turns, and all builds share the memory of the virtual \
                 machine at the same time",
            )
            .help(format!(
                "raise `{}`, and the memory with it, or send less",
                builder.path(CORES)
            ))
            .fix(
                Applicability::Unsafe,
                format!("set `maxJobs` to {there}"),
                change.flatten().into_iter().collect(),
            );
    }
}
