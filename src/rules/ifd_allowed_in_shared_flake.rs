//! Evaluation that waits for builds.

use super::store_upkeep::spot;
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};
use crate::facts::Fact;
use crate::model::{Definition, Setting};

declare_rule! {
    /// Evaluation stands still for builds (import from derivation).
    ///
    /// ## Why it matters
    ///
    /// Where an expression reads what a derivation makes (`import`, `readFile` of its output), evaluation
    /// stops until it is built: one after the other, whatever `max-jobs` says, and again on every machine
    /// whose store does not have it. `nix flake show` and CI pay for it without building anything.
    ///
    /// It speaks with `--live` only, about the last runs that `nixtune analyze profile` recorded on this
    /// machine.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # evaluation waited 42 s for builds in the last run
    ///   nix.settings.allow-import-from-derivation = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # and did not evaluate any more what needed them
    ///   nix.settings.allow-import-from-derivation = false;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When what is imported seldom changes and comes from a cache.
    ///
    /// ## Source
    ///
    /// Nix, `src/libexpr/primops.cc` (`realiseContext`): evaluation builds and waits. The manual,
    /// "Import From Derivation".
    pub IFD_ALLOWED_IN_SHARED_FLAKE {
        id: "ifd-allowed-in-shared-flake",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["allow-import-from-derivation"],
        category: Performance,
        severity: Info,
        live: Only,
        options: &[RuleOption {
            name: "least-secs",
            default: 5,
            docs: "Reported is what waits longer than this, in seconds.",
        }],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(seen) = cx.observations().and_then(|seen| seen.import.as_ref()) else {
        return;
    };
    if !cx.reaches_daemon() || seen.millis <= cx.limit("least-secs").saturating_mul(1000) {
        return;
    }
    let setting = cx.setting("allow-import-from-derivation");
    let definition = match &setting {
        // The run was made before it was forbidden.
        Setting::Known(effective) if effective.as_bool() == Some(false) => return,
        Setting::Known(effective) => Some(effective.definition),
        Setting::Unset { .. } => None,
        Setting::OneOf(_) | Setting::Unknown { .. } => return,
    };
    let place = definition.and_then(Definition::place).or_else(|| spot(cx));
    let (Some(place), false) = (place, cx.reason_near(place)) else {
        return;
    };
    let secs = seen.millis as f64 / 1000.0;
    out.report(
        place,
        format!("evaluation waited {secs:.1} s for builds (import from derivation)"),
    )
    .why(
        "it stops at each until it is built, one after the other, on every machine whose store does \
         not have it",
    )
    .help(
        "commit what is imported instead of building it, or set `allow-import-from-derivation` to \
         false in CI to find what needs it",
    )
    .fact(
        "run",
        &Fact::probed((), format!("recorded on {}", seen.day)),
        &seen.run,
    );
}
