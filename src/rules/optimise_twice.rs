//! Optimisation of the store inline and on a schedule.

use super::store_upkeep::turned_on;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};

declare_rule! {
    /// The store is optimised both with every build and on a schedule.
    ///
    /// ## Why it matters
    ///
    /// With `auto-optimise-store` equal files are linked when a path is added, so a scheduled run
    /// of `nix-store --optimise` reads and hashes the whole store to find what is linked already. One of
    /// the two is enough. The schedule keeps builds and downloads fast, the inline one
    /// keeps the store small at all times.
    ///
    /// A matter of taste, so it speaks only when asked for.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.auto-optimise-store = true;
    ///   nix.optimise.automatic = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.auto-optimise-store = false;
    ///   nix.optimise.automatic = true;
    /// }
    /// ```
    ///
    /// The fix keeps the schedule. It is unsafe, because equal files wait for the next run then.
    ///
    /// ## When not to act
    ///
    /// For one run after `auto-optimise-store` was turned on: it does not touch what is in the
    /// store already.
    ///
    /// ## Source
    ///
    /// Nix manual, `auto-optimise-store`; `src/libstore/optimise-store.cc`. What it costs in builds:
    /// NixOS/nix#6033. Every version of Nix and Lix.
    pub OPTIMISE_TWICE {
        id: "optimise-twice",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["auto-optimise-store", "nix.optimise.automatic"],
        category: Performance,
        severity: Info,
        stage: OptIn,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let inline = cx.setting("auto-optimise-store").known();
    let inline = inline.filter(|effective| effective.as_bool() == Some(true));
    let (Some(inline), Some(schedule)) = (inline, turned_on(cx, "nix.optimise.automatic")) else {
        return;
    };
    let definition = inline.definition;
    let (Some(place), Some(severity)) = (definition.place(), cx.eased(Severity::Info, definition))
    else {
        return;
    };
    if cx.reason_near(schedule.definition.place()) {
        return;
    }
    let title = "set `auto-optimise-store` to false";
    let report = out
        .report(
            place,
            "the store is optimised both with every build and on a schedule",
        )
        .severity(severity)
        .confidence(cx.confidence_in(&inline).min(cx.confidence_in(&schedule)))
        .label(schedule.definition.place(), "the schedule")
        .why("the scheduled run reads the whole store to find what is linked already")
        .help("keep one of the two; the schedule costs nothing during builds");
    if inline.is_whole() {
        report.fix(
            Applicability::Unsafe,
            title,
            vec![Change::Set {
                definition: definition.id,
                value: NewValue::Bool(false),
            }],
        );
    }
}
