//! Garbage collection several times an hour.

use super::calendar::Event;
use super::gc_arguments::GcArguments;
use super::recurrence::launchd_entries;
use super::store_upkeep::turned_on;
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::Setting;

declare_rule! {
    /// Garbage is collected more often than once an hour.
    ///
    /// ## Why it matters
    ///
    /// A collection reads the whole database of the store and all roots, and holds the lock
    /// that builds and downloads need to add paths. Every quarter of an hour there is next to
    /// nothing to delete, except what was built or downloaded for a try and is about to be used.
    ///
    /// A job whose arguments bound what it frees (`--max-freed`, a computation) ends at once when
    /// there is room, and is not reported. The most runs on a day that are not reported are the
    /// option `most-runs-per-day`, 24 by default.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     dates = "*:0/15";
    ///     options = "--delete-older-than 14d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     dates = "weekly";
    ///     options = "--delete-older-than 14d";
    ///   };
    /// }
    /// ```
    ///
    /// There is no fix: how often is enough depends on what the machine does. `min-free` collects
    /// exactly when it is needed.
    ///
    /// ## When not to act
    ///
    /// On a build machine with a small disk, although `min-free` serves it better. A comment
    /// that gives a reason silences the rule.
    ///
    /// ## Source
    ///
    /// `src/libstore/gc.cc`: the collector's lock, and that every run looks at the whole store.
    /// Build machines of NixOS/infra and of nix-community/srvos collect once or twice an hour, up
    /// to an amount of free space. Every version of Nix and Lix.
    pub GC_TOO_FREQUENT {
        id: "gc-too-frequent",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.dates", "nix.gc.interval"],
        category: Performance,
        severity: Info,
        options: &[RuleOption {
            name: "most-runs-per-day",
            default: 24,
            docs: "The most runs on a day that are not reported.",
        }],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(automatic) = turned_on(cx, "nix.gc.automatic") else {
        return;
    };
    let bounded = match cx.option("nix.gc.options") {
        Setting::Unset { .. } => false,
        Setting::Known(effective) => match &effective.value.value {
            Value::Str(text) => GcArguments::read(text).open,
            Value::Null => false,
            _ => true,
        },
        Setting::OneOf(_) | Setting::Unknown { .. } => true,
    };
    if bounded {
        return;
    }
    let path = match cx.target().system() {
        Some(ModuleSystem::Nixos | ModuleSystem::HomeManager) => "nix.gc.dates",
        Some(ModuleSystem::NixDarwin) => "nix.gc.interval",
        _ => return,
    };
    let Some(effective) = cx.option(path).known() else {
        return;
    };
    let Some(runs) = runs_on_a_day(&effective.value.value) else {
        return;
    };
    let definition = effective.definition;
    if u64::from(runs) <= cx.limit("most-runs-per-day") {
        return;
    }
    let (Some(place), Some(severity)) = (definition.place(), cx.eased(Severity::Info, definition))
    else {
        return;
    };
    out.report(place, format!("garbage is collected {runs} times a day"))
        .severity(severity)
        .confidence(
            cx.confidence_in(&effective)
                .min(cx.confidence_in(&automatic)),
        )
        .why(
            "each run looks at the whole store and holds up builds and downloads, and after minutes \
             there is next to nothing to delete",
        )
        .help("collect weekly or daily, and set `min-free` for the times when the disk fills");
}

/// Runs on every day, together; `None` when one of the times is not known. Times that leave out
/// some days do not count.
fn runs_on_a_day(value: &Value) -> Option<u32> {
    let of_text = |text: &str| match Event::read(text) {
        Event::Readable(pace) => Some(if pace.every_day { pace.runs } else { 0 }),
        Event::Unreadable | Event::Unsure => None,
    };
    match value {
        Value::Str(text) => of_text(text),
        Value::List(items) if items.iter().all(|item| item.value.as_str().is_some()) => items
            .iter()
            .map(|item| of_text(item.value.as_str()?))
            .sum::<Option<u32>>(),
        // Fields that are left out are another rule's.
        _ => launchd_entries(value)?
            .into_iter()
            .map(|entry| {
                let any_day =
                    entry.day.is_none() && entry.weekday.is_none() && entry.month.is_none();
                match (entry.has_wildcard(), any_day, entry.hour) {
                    (true, ..) => None,
                    (_, false, _) => Some(0),
                    (_, true, None) => Some(24),
                    (_, true, Some(_)) => Some(1),
                }
            })
            .sum::<Option<u32>>(),
    }
}
