//! Memory for each build when all build slots are taken.

use super::build_slots::{Complaint, Loaded};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};

declare_rule! {
    /// Builds that run at once have too little memory each.
    ///
    /// ## Why it matters
    ///
    /// `max-jobs` builds run at the same time and share the memory. With less than 2 GiB each,
    /// compilers and linkers of ordinary C++ or Haskell packages are killed or push the machine
    /// into swap; with less than 4 GiB the big ones do. The build then fails at the end of its
    /// work, and its failure looks like a broken package.
    ///
    /// It speaks when a file sets `max-jobs`, the host's memory is known, and the slots are not
    /// already reported by `build-slots-oversubscribed`, whose diagnostic names the memory too.
    /// Below 2 GiB for each build it warns, below 4 GiB it is worth a word. The recommended
    /// values are the same.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 8 threads, 8 GiB
    ///   nix.settings = {
    ///     max-jobs = 8;
    ///     cores = 1;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 8 threads, 8 GiB
    ///   nix.settings = {
    ///     max-jobs = 2;
    ///     cores = 2;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the machine builds only small things, such as the glue of its own configuration, or
    /// has fast swap (zram) to spare. A comment that gives a reason lowers the severity by one
    /// level.
    ///
    /// ## Source
    ///
    /// 4 GiB per job: tiiuae/ghaf-infra `hosts/lib/nix-tuning.nix` and NixOS/infra
    /// `macs/profiles/m1.nix` (8 cores, 16 GB, 4 jobs). More than 2 GiB for a compiler, 5 GiB for
    /// a linker: ClickHouse's build limits. Reports: NixOS/nixpkgs#192447, NixOS/infra#1865.
    /// Holds for every version of Nix, Lix and Determinate Nix.
    pub RAM_PER_JOB_LOW {
        id: "ram-per-job-low",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs"],
        category: Reliability,
        severity: Warning,
        needs_host: true,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(loaded) = Loaded::find(cx) else {
        return;
    };
    let Complaint::LowMemory(severity) = loaded.complaint else {
        return;
    };
    let (Some(definition), Some(memory)) = (loaded.slots.definition(), loaded.memory_per_build())
    else {
        return;
    };
    let (Some(severity), Some(place)) = (cx.eased(severity, definition), definition.place()) else {
        return;
    };
    let jobs = loaded.slots.jobs.amount.on(loaded.threads.value);
    let report = out
        .report(
            place,
            format!(
                "{} leaves {memory} of memory for each of {jobs} builds",
                loaded.slots.in_words()
            ),
        )
        .severity(severity)
        .why(
            "a C++ compiler takes up to 2 GiB and a linker 4 to 5; when several builds get there \
             together, some are killed or the machine swaps",
        );
    loaded.advise(cx, report);
}
