//! Nothing ever collects garbage.

use super::store_upkeep::{Collection, collection, place_of_absence};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::facts::ModuleSystem;
use crate::model::Definition;
use crate::tune;

declare_rule! {
    /// Nothing on the machine collects garbage.
    ///
    /// ## Why it matters
    ///
    /// Every rebuild leaves a generation behind, and each generation keeps all of its packages.
    /// Without a collection the store only grows, until the disk is full in the middle of a
    /// rebuild.
    ///
    /// A machine that says nothing about its store is not reported: this rule speaks where
    /// `nix.optimise`, `keep-outputs` and their like show that someone set up how the store is
    /// kept, but no `nix.gc.automatic`, no `min-free`, and no other collector (`nh clean`, a job
    /// that runs `nix-collect-garbage`) is in sight. A module whose importer was not read is
    /// reported only when it has several such options, and as possible only.
    ///
    /// Where `nix.gc.automatic` is explicitly false, and in `nix.conf`, which cannot schedule
    /// anything, `min-free-unset` speaks instead.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.keep-outputs = true;
    ///   nix.settings.keep-derivations = true;
    ///   nix.optimise.automatic = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.keep-outputs = true;
    ///   nix.settings.keep-derivations = true;
    ///   nix.optimise.automatic = true;
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the collection is set up where nixtune does not look: another repository, a
    /// management tool, a habit.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/services/misc/nix-gc.nix` and nix-darwin
    /// `modules/services/nix-gc/default.nix`: `nix.gc.automatic` is false by default. Retention:
    /// 14 to 30 days on machines that people sit at; nix-community/infra uses 14.
    pub GC_ABSENT {
        id: "gc-absent",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.automatic"],
        category: Reliability,
        severity: Info,
        fixes: Sometimes(Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let conf = cx.target().system() == Some(ModuleSystem::NixConf);
    if conf || !cx.reaches_daemon() || cx.nix_disabled_by().is_some() {
        return;
    }
    let Collection::Absent { assured } = collection(cx) else {
        return;
    };
    let Some((near, confidence)) = place_of_absence(cx, assured) else {
        return;
    };
    let Some(place) = near.place() else {
        return;
    };
    let days = tune::gc_retention(cx.host()).value.0;
    // A schedule or an age without the switch is a forgotten switch.
    let prepared = ["nix.gc.options", "nix.gc.interval", "nix.gc.dates"]
        .into_iter()
        .find(|path| !cx.option(path).is_unset());
    let message = match prepared {
        Some(path) => format!("`{path}` is set, but `nix.gc.automatic` is not"),
        None => "the store is looked after here, but `nix.gc.automatic` is not set".to_owned(),
    };
    let place = prepared
        .and_then(|path| cx.option_definitions(path).first().copied())
        .and_then(Definition::place)
        .unwrap_or(place);
    out.report(place, message)
    .severity(Severity::Info)
    .confidence(confidence)
    .why(
        "no file that was read collects garbage on a schedule or by `min-free`, so old generations \
         keep all their packages until the disk is full",
    )
    .help(format!(
        "set `nix.gc.automatic` and keep {days} days, or start a collector of your own"
    ))
    .fix(
        if assured {
            Applicability::Unsafe
        } else {
            Applicability::Manual
        },
        format!("collect weekly what is older than {days} days"),
        changes(cx, near, days),
    );
}

fn changes(cx: &RuleCx<'_>, near: &Definition, days: u32) -> Vec<Change> {
    let insert = |path: &str, value: NewValue| Change::Insert {
        near: near.id,
        option: crate::model::OptionPath::dotted(path),
        value,
        comment: None,
    };
    let mut changes = vec![insert("nix.gc.automatic", NewValue::Bool(true))];
    if cx.target().system() == Some(ModuleSystem::Nixos) && cx.option("nix.gc.dates").is_unset() {
        changes.push(insert("nix.gc.dates", NewValue::Str("weekly".to_owned())));
    }
    if cx.option("nix.gc.options").is_unset() {
        changes.push(insert(
            "nix.gc.options",
            NewValue::Str(format!("--delete-older-than {days}d")),
        ));
    }
    changes
}
