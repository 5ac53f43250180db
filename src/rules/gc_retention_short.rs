//! An age for garbage collection of a few days.

use super::gc_arguments::{GcArguments, OLDER_THAN, are_split, days, with_word};
use super::store_upkeep::scheduled;
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::eval::Value;
use crate::tune::{self, Profile};

declare_rule! {
    /// Garbage collection deletes generations that are only a few days old.
    ///
    /// ## Why it matters
    ///
    /// A machine that somebody works at is often rebuilt several times on one day and then not
    /// for a week. With an age of three days there is nothing left to roll back to when the
    /// trouble shows after a weekend, and what development shells need is built or downloaded
    /// again and again.
    ///
    /// The smallest age that is not reported is the option `least-days`, 7 by default. Machines
    /// that a host profile shows to be servers are not reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 2d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 14d";
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes a recommended age. It is unsafe, because the store holds more then.
    ///
    /// ## When not to act
    ///
    /// On servers, on build machines, on a small disk. A comment that gives a reason silences
    /// the rule.
    ///
    /// ## Source
    ///
    /// Ages that others keep: nix-community/infra 14 days, Mic92/dotfiles 10, NixOS/infra's
    /// builders 24 hours. `nix-collect-garbage(1)`. Every version of Nix and Lix.
    pub GC_RETENTION_SHORT {
        id: "gc-retention-short",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.options"],
        category: Reliability,
        severity: Info,
        options: &[RuleOption {
            name: "least-days",
            default: 7,
            docs: "The smallest age, in days, that is not reported.",
        }],
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let profile = cx.host().map(Profile::of);
    if matches!(profile, Some(Profile::Server | Profile::Ci)) {
        return;
    }
    let Some(scheduled) = scheduled(cx) else {
        return;
    };
    let least = cx.limit("least-days");
    for effective in cx.option("nix.gc.options").candidates() {
        let Value::Str(text) = &effective.value.value else {
            continue;
        };
        let Some(range) = GcArguments::read(text).age else {
            continue;
        };
        let age = text.get(range.clone()).unwrap_or("");
        let Some(few) = days(age).filter(|few| u64::from(*few) < least) else {
            continue;
        };
        let definition = effective.definition;
        let (Some(place), Some(severity)) =
            (definition.place(), cx.eased(Severity::Info, definition))
        else {
            continue;
        };
        let retention = tune::gc_retention(cx.host());
        let fit = u64::from(retention.value.0).max(least);
        let title = format!("write `{OLDER_THAN} {fit}d`");
        let report = out
            .report(
                place,
                format!(
                    "`nix.gc.options` deletes generations after {}",
                    in_days(few)
                ),
            )
            .severity(severity)
            .confidence(scheduled.min(cx.confidence_in(&effective)))
            .why(
                "trouble with an upgrade often shows after some days, when there is nothing left \
                 to roll back to",
            )
            .help(title.clone())
            .recommended_from(&retention);
        if effective.is_whole() && are_split(cx) {
            report.fix(
                Applicability::Unsafe,
                title,
                vec![Change::Set {
                    definition: definition.id,
                    value: NewValue::Str(with_word(text, &range, &format!("{fit}d"))),
                }],
            );
        }
    }
}

fn in_days(days: u32) -> String {
    match days {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}
