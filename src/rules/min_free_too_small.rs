//! `min-free` below what a build writes between two checks.

use super::free_space::{Disk, is_below_share, is_too_small, refit, threshold};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::units::Bytes;

declare_rule! {
    /// The free-space threshold is too small to save a build from a full disk.
    ///
    /// ## Why it matters
    ///
    /// `min-free` is disk space, not memory: when less than that is free, Nix collects garbage
    /// during a build. It looks only every five seconds, and a build or a download writes several
    /// hundred MiB in that time. A threshold below 1 GiB, or below 2 % of the disk, can be passed
    /// and the disk full before anything is freed; from 5 GiB on that is only worth a word, and from
    /// 20 GiB on nothing is said. Build directories, logs and everything outside the
    /// store need room as well.
    ///
    /// `min-free = 0` switches the feature off and is not reported here. Without a host only
    /// amounts below 1 GiB are reported, because the disk is not known.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     min-free = 128000000; # 128 MB
    ///     max-free = 1000000000; # 1 GB
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     min-free = 25 * 1024 * 1024 * 1024;
    ///     max-free = 76 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// On a machine where something else keeps the disk free and the threshold is only the last
    /// safety net. A comment that gives a reason lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// The check: `src/libstore/gc.cc` (`autoGC`, `min-free-check-interval`), the same in Nix 2.3
    /// to 2.35 and in Lix. Values that fleets use: tiiuae/ghaf-infra takes 10 % of the disk between
    /// 20 and 160 GiB, nix-community/infra 1 and 50 GB, iohk-ops#448 6 GB on Macs. The formula
    /// for a laptop is 5 % of the disk between 2 and 64 GiB.
    pub MIN_FREE_TOO_SMALL {
        id: "min-free-too-small",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// From here on the threshold is no longer passed between two looks.
const ROOMY: Bytes = Bytes::from_gib(5);

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let Some(min) = threshold(cx, "min-free").filter(|min| min.bytes.0 > 0) else {
        return;
    };
    let max = threshold(cx, "max-free");
    if max.is_some_and(|max| max.bytes <= min.bytes) {
        return; // min-free-ge-max-free speaks, and its fix sets both
    }
    let disk = Disk::of(cx.host());
    if !is_too_small(min.bytes, disk.as_ref()) {
        return;
    }
    let below_share = disk
        .as_ref()
        .is_some_and(|disk| is_below_share(min.bytes, disk));
    let definition = min.set.definition;
    let (Some(severity), Some(place)) =
        (cx.eased(Severity::Warning, definition), definition.place())
    else {
        return;
    };
    let message = match (&disk, below_share) {
        (Some(disk), true) => format!(
            "`min-free` {} is {} of a disk of {}",
            min.bytes,
            percent(min.bytes, disk.size.value),
            disk.size.value
        ),
        _ => format!(
            "`min-free` {} is less than a build writes in seconds",
            min.bytes
        ),
    };
    let (severity, why) = if min.bytes < ROOMY {
        (
            Some(severity),
            "Nix looks at the free disk space every five seconds and collects garbage below this \
             threshold; with one so low the disk can be full first",
        )
    } else {
        (
            severity.lowered(),
            "below this threshold a build collects garbage; one large build may need more than \
             this by itself",
        )
    };
    let Some(severity) = severity else {
        return;
    };
    let mut report = out
        .report(place, message)
        .severity(severity)
        .confidence(cx.confidence(definition))
        .why(why);
    let Some(disk) = disk else {
        report.help(
            "raise it to about 5 % of the disk, 2 GiB at least; with a host profile (`--host`) \
             nixtune says how much",
        );
        return;
    };
    report = report.recommended_from(&disk.recommended);
    let fit = disk.recommended.value;
    // The window above it has to stay open.
    let max = max.filter(|max| max.bytes < fit.max_free);
    refit(cx, report, &disk, &min, max.as_ref());
}

/// `part` of `whole` in words: "0.2 %".
#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn percent(part: Bytes, whole: Bytes) -> String {
    let percent = part.0 as f64 * 100.0 / whole.0.max(1) as f64;
    if percent < 0.1 {
        "less than 0.1 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}
