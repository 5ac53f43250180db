//! An `extra-` key whose setting is given plainly on a later line.

use super::list_entry::{is_written, name_place};
use super::overwritten::{Overwritten, both_hold, overwritten, some_of};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::eval::Value;
use crate::model::Form;

declare_rule! {
    /// An `extra-` key is overwritten by the plain key on a later line.
    ///
    /// ## Why it matters
    ///
    /// Nix reads its file from top to bottom. `extra-substituters` appends to the value so far, and
    /// a plain `substituters` after it throws that value away. home-manager and Determinate's
    /// `customSettings` write keys in alphabetical order, and Nix applies a flake's `nixConfig` in
    /// that order, too: `extra-…` comes before `sandbox-paths`, `substituters`, `system-features`
    /// and everything that begins with `trusted`. Whoever gives both keys there loses the `extra-`
    /// one, without a word.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings = {
    ///     substituters = [ "https://cache.nixos.org" ];
    ///     extra-substituters = [ "https://nix-community.cachix.org" ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings = {
    ///     substituters = [
    ///       "https://cache.nixos.org"
    ///       "https://nix-community.cachix.org"
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the plain list was meant to replace the other one; then take the `extra-` key out. NixOS
    /// and nix-darwin (from February 2025) write `extra-` keys last, and nothing is reported there.
    /// The fix brings values into force that had no effect so far, among them caches and keys; it is
    /// never applied without `--unsafe`.
    ///
    /// ## Source
    ///
    /// Nix `src/libutil/configuration.cc` (2.4 on; tried with 2.8 and 2.34), home-manager
    /// `modules/misc/nix/default.nix`, Determinate `modules/nix-darwin/config/config.nix`;
    /// NixOS/nix#9487, nix-darwin#1337, nix-community/home-manager#6064.
    pub EXTRA_SHADOWED_BY_BASE {
        id: "extra-shadowed-by-base",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["extra-substituters", "extra-trusted-public-keys", "extra-system-features"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in overwritten(cx).iter() {
        // A line of text over an option is another rule's.
        if !one.appends(cx) || one.is_option_before_text() {
            continue;
        }
        report(cx, one, out);
    }
}

fn report(cx: &RuleCx<'_>, one: &Overwritten<'_>, out: &mut Sink<'_>) {
    let missing = one.missing();
    let Some(earlier) = one.definition() else {
        return;
    };
    let (Some(place), false) = (name_place(earlier), missing.is_empty()) else {
        return;
    };
    out.report(
        place,
        format!(
            "`{}` is overwritten by `{}`, which Nix reads after it",
            one.earlier_key, one.later_key
        ),
    )
    .why(format!(
        "the later line replaces the value so far, so that Nix never sees {}",
        some_of(&missing)
    ))
    .help(format!("give all of it under `{}`", one.later_key))
    .label(name_place(one.later), "replaces it")
    .confidence(cx.confidence(earlier).min(cx.confidence(one.later)))
    .fix(
        Applicability::Unsafe,
        format!("move the value to `{}`", one.later_key),
        joined(cx, one, &missing),
    );
}

/// The words that are missing at the end of the plain list, and the `extra-` key gone.
fn joined(cx: &RuleCx<'_>, one: &Overwritten<'_>, missing: &[&str]) -> Vec<Change> {
    let Some(earlier) = one.definition() else {
        return Vec::new();
    };
    let is_plain = |value: &Value| match value {
        Value::Str(_) => true,
        Value::List(items) => items.iter().all(|item| item.value.as_str().is_some()),
        _ => false,
    };
    let together = |id| {
        let machines = cx.workspace().machines_of(id);
        machines.map(|machine| &machine.name).collect::<Vec<_>>()
    };
    let fits = both_hold(one)
        && is_written(earlier)
        && is_written(one.later)
        && earlier.form != Form::Inherit
        && one.later.form != Form::Inherit
        && is_plain(&earlier.value.value)
        && is_plain(&one.later.value.value)
        && together(earlier.id) == together(one.later.id);
    if !fits {
        return Vec::new();
    }
    vec![
        Change::ListAdd {
            definition: one.later.id,
            items: missing.iter().map(|word| (*word).to_owned()).collect(),
        },
        Change::Remove {
            definition: earlier.id,
        },
    ]
}
