//! No threshold starts a collection when the disk fills.

use super::free_space::{Disk, Threshold, insert, is_unset, threshold};
use super::store_upkeep::{Collection, collection, place_of_absence};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Confidence, Severity};
use crate::facts::{Implementation, ModuleSystem};
use crate::model::Setting;
use crate::units::Bytes;

declare_rule! {
    /// No free-space threshold is set where one is needed.
    ///
    /// ## Why it matters
    ///
    /// `min-free` is what makes Nix collect garbage when the disk fills during a build. Its
    /// default is 0: never. Two cases are reported:
    ///
    /// - `max-free` is set without `min-free`. It then does nothing at all, because only
    ///   `min-free` starts a collection.
    /// - Garbage collection is switched off on purpose (`nix.gc.automatic = false`), or the file
    ///   is a `nix.conf` that says how the store is kept, and no threshold is set either: nothing
    ///   frees any space. This is advice, at the lowest severity.
    ///
    /// Where `nix.gc.automatic` is simply not set, `gc-absent` speaks instead.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     # room for the next rebuild
    ///     max-free = 20 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     # room for the next rebuild
    ///     min-free = 5 * 1024 * 1024 * 1024;
    ///     max-free = 20 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the disk is watched by other means, or Determinate's daemon collects by itself; with
    /// Determinate Nix this rule is silent.
    ///
    /// ## Source
    ///
    /// `src/libstore/gc.cc` (`autoGC`): nothing happens while the free space is at least
    /// `min-free`, which is 0 by default. The same in Nix 2.3 to 2.35 and in Lix. A full disk for
    /// want of it: olafkfreund/nixos_config#1154.
    pub MIN_FREE_UNSET {
        id: "min-free-unset",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let determinate = cx
        .target()
        .implementation
        .as_ref()
        .is_some_and(|fact| fact.value == Implementation::Determinate);
    if !cx.reaches_daemon() || determinate || cx.nix_disabled_by().is_some() {
        return;
    }
    let Setting::Unset { assured } = cx.setting("min-free") else {
        return;
    };
    if cx.may_be_set_elsewhere("min-free") {
        return;
    }
    if let Some(max) = threshold(cx, "max-free") {
        without_trigger(cx, &max, assured, out);
    } else if is_unset(cx, "max-free") {
        without_any(cx, assured, out);
    }
}

/// `max-free` alone.
fn without_trigger(cx: &RuleCx<'_>, max: &Threshold<'_>, assured: bool, out: &mut Sink<'_>) {
    let definition = max.set.definition;
    let Some(place) = definition.place() else {
        return;
    };
    // The two are a pair and stand together everywhere; a module with only one of them may still
    // be completed by its importer.
    let (severity, confidence) = if assured {
        (Severity::Warning, Confidence::Certain)
    } else {
        (Severity::Info, Confidence::Possible)
    };
    let report = out
        .report(
            place,
            format!("`max-free` {} does nothing without `min-free`", max.bytes),
        )
        .severity(severity)
        .confidence(confidence.min(cx.confidence(definition)))
        .why(
            "only free space below `min-free` starts a collection, and no file that was read sets \
             it; its default is 0",
        );
    let disk = Disk::of(cx.host());
    let fit = disk
        .as_ref()
        .map(|disk| disk.recommended.value.min_free)
        .filter(|min| min.0.saturating_add(2 * Bytes::GIB) <= max.bytes.0);
    match (disk, fit) {
        (Some(disk), Some(min)) => {
            let title = format!("set `min-free` to {min}");
            report
                .recommended_from(&disk.recommended)
                .help(title.clone())
                .fix(
                    if assured {
                        Applicability::Unsafe
                    } else {
                        Applicability::Manual
                    },
                    title,
                    vec![insert(cx, definition, "min-free", min, &disk.recommended)],
                );
        }
        _ => {
            report.help("set `min-free` as well, several GiB below `max-free`");
        }
    }
}

/// Neither threshold, and no collection.
fn without_any(cx: &RuleCx<'_>, assured: bool, out: &mut Sink<'_>) {
    let is_conf = cx.target().system() == Some(ModuleSystem::NixConf);
    let near = match collection(cx) {
        Collection::Cared => None,
        Collection::SwitchedOff(definition) => Some((
            definition,
            if assured {
                Confidence::Likely
            } else {
                Confidence::Possible
            },
        )),
        // Whether something collects on a schedule, a nix.conf cannot tell.
        Collection::Absent { .. } if is_conf => place_of_absence(cx, false),
        Collection::Absent { .. } => None,
    };
    let Some((definition, confidence)) = near else {
        return;
    };
    let (Some(severity), Some(place)) = (cx.eased(Severity::Info, definition), definition.place())
    else {
        return;
    };
    let report = out
        .report(
            place,
            if is_conf {
                "the store is looked after here, but `min-free` is not set"
            } else {
                "neither a schedule nor `min-free` collects garbage"
            },
        )
        .severity(severity)
        .confidence(confidence)
        .why(if is_conf {
            "unless something collects garbage on a schedule, a build ends when the disk is full"
        } else {
            "no file that was read frees any space, so a build ends when the disk is full"
        });
    match Disk::of(cx.host()) {
        Some(disk) => {
            let fit = disk.recommended.value;
            let title = format!(
                "set `min-free` to {} and `max-free` to {}",
                fit.min_free, fit.max_free
            );
            let insert = |name, bytes| insert(cx, definition, name, bytes, &disk.recommended);
            report
                .recommended_from(&disk.recommended)
                .help(format!("{title}: {}", disk.recommended.formula))
                .fix(
                    if assured && !is_conf {
                        Applicability::Unsafe
                    } else {
                        Applicability::Manual
                    },
                    title,
                    vec![
                        insert("min-free", fit.min_free),
                        insert("max-free", fit.max_free),
                    ],
                );
        }
        None => {
            report.help("set `min-free` and `max-free`, about 5 % and 15 % of the disk");
        }
    }
}
