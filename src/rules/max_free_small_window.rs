//! `max-free` close above `min-free`.

use super::free_space::{Disk, is_shared, is_too_small, set, threshold};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::model::Condition;
use crate::units::Bytes;

declare_rule! {
    /// A collection that a full disk starts frees next to nothing.
    ///
    /// ## Why it matters
    ///
    /// When less than `min-free` is free, Nix collects garbage until `max-free` is, while the
    /// build that noticed it waits. With less than 2 GiB between the two, one larger build or
    /// download uses up what was freed, and the next collection starts within minutes. Each of
    /// them looks at the whole store first.
    ///
    /// A `min-free` that is too small itself is reported by `min-free-too-small`, whose fix opens
    /// the window as well.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     min-free = 25 * 1024 * 1024 * 1024;
    ///     max-free = 26 * 1024 * 1024 * 1024;
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
    /// Where the size of the disk is known the fix sets `max-free` by the formula. It is unsafe,
    /// because more is deleted at once then.
    ///
    /// ## When not to act
    ///
    /// On a disk so small that there is no room for a window. A comment that gives a reason
    /// lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// `src/libstore/gc.cc` (`autoGC`): `max-free` less the free space is to be freed. The same in
    /// Nix 2.3 to 2.35 and in Lix. Windows that others use: nix-community/infra 49 GB,
    /// nix-community/srvos 2.4 GiB.
    pub MAX_FREE_SMALL_WINDOW {
        id: "max-free-small-window",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// The smallest window that is not reported.
const WINDOW: Bytes = Bytes::from_gib(2);

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let (Some(min), Some(max)) = (threshold(cx, "min-free"), threshold(cx, "max-free")) else {
        return;
    };
    let window = Bytes(max.bytes.0.saturating_sub(min.bytes.0));
    let disk = Disk::of(cx.host());
    // Other rules speak of thresholds that are off, mixed up or too small.
    if min.bytes.0 == 0
        || max.bytes <= min.bytes
        || window >= WINDOW
        || is_too_small(min.bytes, disk.as_ref())
    {
        return;
    }
    let definition = max.set.definition;
    let (Some(place), Some(severity)) =
        (definition.place(), cx.eased(Severity::Warning, definition))
    else {
        return;
    };
    let report = out
        .report(
            place,
            format!(
                "`max-free` {} is only {window} above `min-free` {}",
                max.bytes, min.bytes
            ),
        )
        .severity(severity)
        .confidence(cx.confidence_in(&max.set).min(cx.confidence_in(&min.set)))
        .label(min.set.definition.place(), "where a collection starts")
        .why(
            "a collection frees no more than that while a build waits for it, and the next build \
             starts another one",
        );
    let fit = disk
        .as_ref()
        .map(|disk| disk.recommended.value.max_free)
        .filter(|fit| fit.0 >= min.bytes.0.saturating_add(WINDOW.0));
    let (Some(disk), Some(fit)) = (&disk, fit) else {
        report.help("raise `max-free` to several times `min-free`");
        return;
    };
    let is_conditional = definition.condition != Condition::Always;
    let title = format!("set `max-free` to {fit}");
    report
        .recommended_from(&disk.recommended)
        .help(format!("{title}: {}", disk.recommended.formula))
        .fix(
            if is_shared(cx, &max) || is_conditional {
                Applicability::Manual
            } else {
                Applicability::Unsafe
            },
            title,
            vec![set(cx, &max, fit)],
        );
}
