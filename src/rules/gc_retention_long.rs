//! An age for garbage collection of months, on a small disk.

use super::free_space::Disk;
use super::gc_arguments::{GcArguments, OLDER_THAN, are_split, days, with_word};
use super::store_upkeep::scheduled;
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::eval::Value;
use crate::tune;
use crate::units::Bytes;

declare_rule! {
    /// Garbage collection keeps generations for months on a small disk.
    ///
    /// ## Why it matters
    ///
    /// After every update of nixpkgs a generation holds almost a whole new set of packages, a
    /// few GiB to some tens of GiB. With an age of half a year there are as many of them as there
    /// were updates in that time, and on a disk of 256 GiB they are what fills it.
    ///
    /// It speaks when the size of the store's disk is known and below 512 GiB. The largest age
    /// that is not reported is the option `most-days`, 90 by default.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 180d";
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
    /// The fix takes the recommended age. It is unsafe, because generations are deleted that
    /// were kept before.
    ///
    /// ## When not to act
    ///
    /// When the machine is rarely updated. A comment that gives a reason silences the rule.
    ///
    /// ## Source
    ///
    /// Ages that others keep: nix-community/infra 14 days, Mic92/dotfiles 10.
    /// `nix-collect-garbage(1)`. Every version of Nix and Lix.
    pub GC_RETENTION_LONG {
        id: "gc-retention-long",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.options"],
        category: Reliability,
        severity: Info,
        needs_host: true,
        options: &[RuleOption {
            name: "most-days",
            default: 90,
            docs: "The largest age, in days, that is not reported.",
        }],
        fixes: Sometimes(Unsafe),
    }
}

/// From here on there is room for old generations.
const ROOMY: Bytes = Bytes::from_gib(512);

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(disk) = Disk::of(cx.host()).filter(|disk| disk.size.value < ROOMY) else {
        return;
    };
    let Some(scheduled) = scheduled(cx) else {
        return;
    };
    let most = cx.limit("most-days");
    let Some(effective) = cx.option("nix.gc.options").known() else {
        return;
    };
    let Value::Str(text) = &effective.value.value else {
        return;
    };
    let Some(range) = GcArguments::read(text).age else {
        return;
    };
    let age = text.get(range.clone()).unwrap_or("");
    let Some(many) = days(age).filter(|many| u64::from(*many) > most) else {
        return;
    };
    let definition = effective.definition;
    let (Some(place), Some(severity)) = (definition.place(), cx.eased(Severity::Info, definition))
    else {
        return;
    };
    let retention = tune::gc_retention(cx.host());
    let fit = retention.value;
    let title = format!("write `{OLDER_THAN} {fit}`");
    let report = out
        .report(
            place,
            format!(
                "`nix.gc.options` keeps generations for {many} days on a disk of {}",
                disk.size.value
            ),
        )
        .severity(severity)
        .confidence(scheduled.min(cx.confidence_in(&effective)))
        .why(
            "after every update of nixpkgs a generation holds almost a whole new set of packages, \
             and all of them stay for that long",
        )
        .help(format!("{title}: {}", retention.formula))
        .recommended_from(&retention);
    let is_shared = cx.workspace().machines_of(definition.id).count() > 1;
    if are_split(cx) {
        report.fix(
            if is_shared {
                Applicability::Manual
            } else {
                Applicability::Unsafe
            },
            title,
            vec![Change::Set {
                definition: definition.id,
                value: NewValue::Str(with_word(text, &range, &fit.to_string())),
            }],
        );
    }
}
