//! `min-free` above what is free.

use super::free_space::{Disk, refit, threshold};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::{Fact, How};
use crate::units::Bytes;

declare_rule! {
    /// The free-space threshold is above what the machine has free.
    ///
    /// ## Why it matters
    ///
    /// With less than `min-free` free, a build collects garbage first, and everything that
    /// nothing refers to goes: what development shells without a root need, what was built for a
    /// try. If the disk is full of other things than garbage, that frees no
    /// space that would last, and happens again and again.
    ///
    /// It speaks only when a host profile says how much is free, or with `--live`. Otherwise what this
    /// machine has free at the moment is not taken: a diagnostic that comes and goes with a download is
    /// of no use in a check that runs every day.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 1 TiB, 300 GiB of it free
    ///   nix.settings = {
    ///     min-free = 400 * 1024 * 1024 * 1024;
    ///     max-free = 500 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 1 TiB, 300 GiB of it free
    ///   nix.settings = {
    ///     min-free = 51 * 1024 * 1024 * 1024;
    ///     max-free = 153 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the thresholds that fit the disk. It is unsafe, because less is kept free
    /// then.
    ///
    /// ## When not to act
    ///
    /// When most of the disk is the store, and a collection frees more than is missing. A comment that
    /// gives a reason silences the rule.
    ///
    /// ## Source
    ///
    /// `src/libstore/gc.cc` (`autoGC`): a collection starts when less than `min-free` is free,
    /// and again when free space fell by 3 % below what the last one reached. The same in Nix 2.3
    /// to 2.35 and in Lix.
    pub MIN_FREE_EXCEEDS_FREE {
        id: "min-free-exceeds-free",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free"],
        category: Performance,
        severity: Info,
        needs_host: true,
        live: Also,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let (Some(free), Some(min)) = (free(cx), threshold(cx, "min-free")) else {
        return;
    };
    if min.bytes <= free.value {
        return;
    }
    let definition = min.set.definition;
    let (Some(place), Some(severity)) = (definition.place(), cx.eased(Severity::Info, definition))
    else {
        return;
    };
    let mut report = out
        .report(
            place,
            format!(
                "`min-free` {} is more than the {} that are free",
                min.bytes, free.value
            ),
        )
        .severity(severity)
        .confidence(cx.confidence_in(&min.set))
        .why("a build collects garbage before it starts, as long as there is less free than that")
        .fact("free on the store's disk", &free, free.value);
    let Some(disk) = Disk::of(cx.host()) else {
        report.help("lower it, or make room on the disk");
        return;
    };
    report = report.recommended_from(&disk.recommended);
    let fit = disk.recommended.value;
    if fit.min_free > free.value {
        report.help("make room on the disk: even a fitting threshold is above what is free");
        return;
    }
    // What is set above it may be out of reach, too.
    let max = threshold(cx, "max-free").filter(|max| is_out_of_reach(max.bytes, &disk));
    refit(cx, report, &disk, &min, max.as_ref());
}

/// What is free: as it was seen, else as somebody declared it.
fn free(cx: &RuleCx<'_>) -> Option<Fact<Bytes>> {
    let seen = cx.observations().and_then(|seen| seen.store.as_ref());
    if let Some(bytes) = seen.and_then(|store| store.free_bytes) {
        return Some(Fact::probed(Bytes(bytes), "statvfs of the store"));
    }
    let declared = cx.host()?.store.as_ref()?.free.clone()?;
    (declared.how == How::Declared).then_some(declared)
}

fn is_out_of_reach(max: Bytes, disk: &Disk<'_>) -> bool {
    max > disk.recommended.value.max_free
}
