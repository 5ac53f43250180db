//! `max-free` at or below `min-free`.

use super::free_space::{Disk, Threshold, is_shared, set, threshold};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::model::Condition;
use crate::units::Bytes;

declare_rule! {
    /// The upper free-space threshold is not above the lower one.
    ///
    /// ## Why it matters
    ///
    /// When less than `min-free` is free, Nix frees space up to `max-free`, and only when less
    /// than `max-free` is free too. With `max-free` at or below `min-free` there is nothing
    /// between the two: the smaller value alone is the trigger, a collection frees only back up
    /// to it, and the next few hundred MiB start the next one. Every one of them holds up the
    /// build that waits for it.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     min-free = 10 * 1024 * 1024 * 1024;
    ///     max-free = 5 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     min-free = 5 * 1024 * 1024 * 1024;
    ///     max-free = 20 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Always act: the pair cannot do what either value says.
    ///
    /// ## Source
    ///
    /// `src/libstore/gc.cc` (`autoGC`): no collection when the free space is at least `min-free` or
    /// at least `max-free`; otherwise `max-free` less the free space is to be freed. The same in
    /// Nix 2.3 to 2.35 and in Lix.
    pub MIN_FREE_GE_MAX_FREE {
        id: "min-free-ge-max-free",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let (Some(min), Some(max)) = (threshold(cx, "min-free"), threshold(cx, "max-free")) else {
        return;
    };
    if min.bytes.0 == 0 || max.bytes > min.bytes {
        return;
    }
    let Some(place) = max.set.definition.place() else {
        return;
    };
    let relation = if max.bytes == min.bytes {
        "the same as"
    } else {
        "below"
    };
    let confidence = cx
        .confidence(max.set.definition)
        .min(cx.confidence(min.set.definition));
    let mut report = out
        .report(
            place,
            format!(
                "`max-free` {} is {relation} `min-free` {}",
                max.bytes, min.bytes
            ),
        )
        .confidence(confidence)
        .label(min.set.definition.place(), "the lower threshold")
        .why(
            "a collection starts below both and frees only up to `max-free`, so it frees next to \
             nothing and starts again within minutes",
        );
    let disk = Disk::of(cx.host());
    if let Some(disk) = &disk {
        report = report.recommended_from(&disk.recommended);
    }
    let Some((title, changes)) = mend(cx, &min, &max, disk.as_ref()) else {
        report.help("set `max-free` several GiB above `min-free`");
        return;
    };
    let conditional = [&min, &max]
        .iter()
        .any(|threshold| threshold.set.definition.condition != Condition::Always);
    let shared = is_shared(cx, &min) || is_shared(cx, &max) || conditional;
    report.help(title.clone()).fix(
        if shared {
            Applicability::Manual
        } else {
            Applicability::Unsafe
        },
        title,
        changes,
    );
}

/// The smallest window between the two that is worth a collection.
const WINDOW: Bytes = Bytes::from_gib(2);

/// How to open the window: by the formula when the disk is known, by swapping the two when they
/// were clearly mixed up.
fn mend(
    cx: &RuleCx<'_>,
    min: &Threshold<'_>,
    max: &Threshold<'_>,
    disk: Option<&Disk<'_>>,
) -> Option<(String, Vec<Change>)> {
    if min.set.definition.id == max.set.definition.id {
        return None;
    }
    if let Some(disk) = disk {
        let fit = disk.recommended.value;
        return Some((
            format!(
                "set `min-free` to {} and `max-free` to {}",
                fit.min_free, fit.max_free
            ),
            vec![set(cx, min, fit.min_free), set(cx, max, fit.max_free)],
        ));
    }
    let window = min.bytes.0.saturating_sub(max.bytes.0);
    (window >= WINDOW.0 && max.bytes.0 >= Bytes::GIB).then(|| {
        (
            "swap `min-free` and `max-free`".to_owned(),
            vec![set(cx, min, max.bytes), set(cx, max, min.bytes)],
        )
    })
}
