//! `max-jobs = "auto"` on a machine with efficiency cores.

use super::build_slots::{Complaint, Loaded};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;

declare_rule! {
    /// The automatic number of jobs counts efficiency cores as full ones.
    ///
    /// ## Why it matters
    ///
    /// `max-jobs = "auto"` is the number of hardware threads, whatever their speed. On Apple
    /// silicon and hybrid Linux machines part of them are efficiency cores, which are
    /// much slower: a build that lands there takes longer, holds its memory all the while, and is
    /// often the one everything else waits for.
    ///
    /// This is the mildest of the rules about too many build slots. It speaks only where
    /// `build-slots-oversubscribed` and `ram-per-job-low` have nothing to say, as advice, and
    /// recommends the same values as they would: efficiency cores count half.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 6 performance and 6 efficiency cores, 64 GiB
    ///   nix.settings = {
    ///     max-jobs = "auto";
    ///     cores = 1;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 6 performance and 6 efficiency cores, 64 GiB
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     cores = 2;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the machine builds unattended: then slow cores are better than idle ones.
    ///
    /// ## Source
    ///
    /// Nix takes the number from `std::thread::hardware_concurrency` (`src/libstore/globals.cc`).
    /// The same lesson elsewhere: pytorch/pytorch#123038, JuliaLang/julia#44072. Which cores are
    /// for efficiency is what the system says by name (macOS `hw.perflevelN.name`) or by capacity
    /// (Linux `cpu_capacity`). Holds for every version of Nix, Lix and Determinate Nix.
    pub EFFICIENCY_CORES_COUNTED {
        id: "efficiency-cores-counted",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs"],
        category: Performance,
        severity: Info,
        needs_host: true,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(loaded) = Loaded::find(cx) else {
        return;
    };
    if loaded.complaint != Complaint::EfficiencyCores {
        return;
    }
    let (Some(definition), Some(slow)) =
        (loaded.slots.definition(), loaded.host.efficiency_cores())
    else {
        return;
    };
    let (Some(severity), Some(place)) = (cx.eased(Severity::Info, definition), definition.place())
    else {
        return;
    };
    let threads = loaded.threads.value;
    let report = out
        .report(
            place,
            format!(
                "`max-jobs` `auto` is {} on this machine, and {slow} of them are efficiency cores",
                threads.0
            ),
        )
        .severity(severity)
        .why(
            "a build on an efficiency core takes much longer, holds its memory all the while, and \
             what depends on it waits",
        );
    loaded.advise(cx, report);
}
