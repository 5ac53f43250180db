//! `nix.gc.automatic` without an age.

use super::gc_arguments::{GcArguments, OLDER_THAN, are_split};
use super::store_upkeep::{mentions, turned_on};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;
use crate::model::{Definition, OptionPath, Setting};
use crate::tune;

declare_rule! {
    /// The scheduled garbage collection deletes no old generation.
    ///
    /// ## Why it matters
    ///
    /// `nix.gc.automatic` alone runs `nix-collect-garbage` without arguments, which deletes what
    /// nothing refers to. Every old generation of the system is a root, and keeps all of its
    /// packages. Rebuilds leave a generation behind each time, so the store goes on growing while a
    /// collection runs every week.
    ///
    /// Silent where the files mention something else that deletes generations (`nh clean`,
    /// `nix-env --delete-generations`, `angrr` …), or where the arguments bound the run in
    /// another way (`--max-freed`).
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// The fix adds an age. It is unsafe, because generations are deleted that were kept before.
    ///
    /// ## When not to act
    ///
    /// When you delete old generations by hand, and the job only cleans up behind you. A comment that
    /// gives a reason lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/services/misc/nix-gc.nix`, nix-darwin
    /// `modules/services/nix-gc/default.nix`, home-manager `modules/services/nix-gc.nix`: no
    /// arguments by default. `nix-collect-garbage(1)`: generations are deleted with `-d` and
    /// `--delete-older-than` only. Every version of Nix and Lix.
    pub GC_KEEPS_ALL_GENERATIONS {
        id: "gc-keeps-all-generations",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.automatic", "nix.gc.options"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

/// What else deletes generations, as configurations mention it.
const OTHERS: [&str; 11] = [
    "delete-generations",
    "expire-generations",
    "autoExpire",
    "wipe-history",
    "nix-collect-garbage",
    "nh clean",
    "nh.clean",
    "clean.enable",
    "clean = {",
    "angrr",
    "nix-sweep",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(automatic) = turned_on(cx, "nix.gc.automatic") else {
        return;
    };
    if mentions(cx, &OTHERS) {
        return;
    }
    let (set, confidence) = match cx.option("nix.gc.options") {
        Setting::Unset { .. } if cx.option_may_be_set_elsewhere("nix.gc.options") => return,
        Setting::Unset { assured: true } => (None, Confidence::Certain),
        Setting::Unset { assured: false } => (None, Confidence::Possible),
        Setting::Known(effective) => {
            let keeps = match &effective.value.value {
                Value::Null => true,
                Value::Str(text) => GcArguments::read(text) == GcArguments::default(),
                _ => false,
            };
            if !keeps {
                return;
            }
            (Some(effective), cx.confidence_in(&effective))
        }
        Setting::OneOf(_) | Setting::Unknown { .. } => return,
    };
    let definition = set.map_or(automatic.definition, |effective| effective.definition);
    let (Some(place), Some(severity)) =
        (definition.place(), cx.eased(Severity::Warning, definition))
    else {
        return;
    };
    let retention = tune::gc_retention(cx.host());
    let arguments = format!("{OLDER_THAN} {}", retention.value);
    let title = format!("set `nix.gc.options` to `{arguments}`");
    let report = out
        .report(
            place,
            "the scheduled garbage collection deletes no old generation",
        )
        // A module that is only a part of a machine leaves the age to the rest.
        .severity(if confidence == Confidence::Possible {
            Severity::Info
        } else {
            severity
        })
        .confidence(confidence.min(cx.confidence_in(&automatic)))
        .label(
            Some(automatic.definition)
                .filter(|switch| switch.id != definition.id)
                .and_then(Definition::place),
            "the collection is on",
        )
        .why(
            "without an age `nix-collect-garbage` deletes only what no generation refers to, and \
             every rebuild leaves a generation behind",
        )
        .help(format!("{title}, or delete old generations by other means"))
        .recommended_from(&retention);
    if !are_split(cx) {
        return;
    }
    let value = NewValue::Str(match set.map(|effective| &effective.value.value) {
        Some(Value::Str(text)) if !text.trim().is_empty() => {
            format!("{} {arguments}", text.trim_end())
        }
        _ => arguments,
    });
    let change = match set {
        Some(effective) if effective.is_whole() => Change::Set {
            definition: definition.id,
            value,
        },
        Some(_) => return,
        None => Change::Insert {
            near: definition.id,
            option: OptionPath::dotted("nix.gc.options"),
            value,
            comment: None,
        },
    };
    report.fix(
        if confidence == Confidence::Possible {
            Applicability::Manual
        } else {
            Applicability::Unsafe
        },
        title,
        vec![change],
    );
}
