//! A set that is merged with what `mkIf` or `mkForce` makes.

use super::{RuleCx, Sink, declare_rule};
use crate::model::Swallowed;
use crate::text::Place;

declare_rule! {
    /// A definition is merged into `mkIf`, `mkForce` or `mkMerge` with `//` and vanishes.
    ///
    /// ## Why it matters
    ///
    /// `lib.mkIf`, `lib.mkForce`, `lib.mkDefault` and `lib.mkMerge` return a set with a mark on it.
    /// `{ automatic = true; } // lib.mkIf cond { … }` puts its attributes beside that mark, and the
    /// module system, which sees the mark, takes what the wrapper holds and nothing else. The left
    /// side is set nowhere, whether the condition holds or not, and nothing is reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { lib, ... }:
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 14d";
    ///   }
    ///   // lib.mkIf true { dates = "weekly"; };
    ///   boot.loader.grub.enable = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { lib, ... }:
    /// {
    ///   nix.gc = lib.mkMerge [
    ///     {
    ///       automatic = true;
    ///       options = "--delete-older-than 14d";
    ///     }
    ///     (lib.mkIf true { dates = "weekly"; })
    ///   ];
    ///   boot.loader.grub.enable = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never. `lib.optionalAttrs cond { … }` in place of `mkIf` makes `//` work, as long as the
    /// condition does not depend on the option itself; `lib.mkMerge` always works.
    ///
    /// ## Source
    ///
    /// nixpkgs `lib/modules.nix`: `pushDownProperties` and `dischargeProperties` look at `_type`
    /// and go on with `content` or `contents` (all releases; tried with `lib.evalModules` of June
    /// 2026 for all four).
    pub OVERRIDE_SWALLOWED_BY_UPDATE {
        id: "override-swallowed-by-update",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.settings", "nix.gc", "nix.optimise"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let mut done: Vec<Place> = Vec::new();
    for one in &cx.machine().swallowed {
        // One report for all that one `//` loses.
        let Some(place) = one.at.or(one.update) else {
            continue;
        };
        let key = one.update.unwrap_or(place);
        if done.contains(&key) {
            continue;
        }
        done.push(key);
        let mut together: Vec<&Swallowed> = Vec::new();
        for other in &cx.machine().swallowed {
            let is_new = together.iter().all(|known| known.option != other.option);
            if other.update == one.update && is_new {
                together.push(other);
            }
        }
        let names: Vec<String> = together
            .iter()
            .map(|other| format!("`{}`", other.option))
            .collect();
        let wrapper = match one.wrapper {
            "mkOverride" => "mkForce",
            other => other,
        };
        let mut report = out
            .report(
                place,
                format!(
                    "{} {} lost: `//` puts {} beside what `{wrapper}` holds",
                    names.join(", "),
                    if names.len() == 1 { "is" } else { "are" },
                    if names.len() == 1 { "it" } else { "them" }
                ),
            )
            .why(
                "the module system takes from such a set what the wrapper holds and nothing else, \
                 without a word",
            )
            .help(
                "write `lib.mkMerge [ { … } (…) ]`, or use `lib.optionalAttrs` for the condition",
            );
        for other in together.iter().skip(1) {
            report = report.label(other.at, "lost, too");
        }
    }
}
