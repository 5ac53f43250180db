//! Caches of a flake's `nixConfig` that replace those of the user.

use super::list_entry::{is_written, name_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::Spelling;
use crate::diagnostic::{Applicability, Change};
use crate::facts::ModuleSystem;

declare_rule! {
    /// A flake's `nixConfig` replaces the caches or keys of whoever uses it.
    ///
    /// ## Why it matters
    ///
    /// `substituters` and `trusted-public-keys` in `nixConfig` are set like options on the command
    /// line: once accepted, the lists of the user's own `nix.conf` are gone for this flake. A cache
    /// of the company, a mirror nearby or the key of one's own cache are not asked any more.
    /// `extra-substituters` and `extra-trusted-public-keys` add to what is there.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nixConfig = {
    ///     substituters = [
    ///       "https://cache.nixos.org"
    ///       "https://nix-community.cachix.org"
    ///     ];
    ///     trusted-public-keys = [
    ///       "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://nix-community.cachix.org" ];
    ///     extra-trusted-public-keys = [
    ///       "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the flake must not be built with anything from other caches. The fix lets Nix use the
    /// user's caches and keys again, and whoever had accepted the old names is asked anew; it is
    /// never applied without `--unsafe`.
    ///
    /// ## Source
    ///
    /// Nix `src/libflake/config.cc` (2.4 to 2.23 in `src/libexpr/flake`, to 2.28 in
    /// `src/libflake/flake`), `ConfigFile::apply`; the manual on `nixConfig` in `nix flake` names
    /// the `extra-` forms.
    pub FLAKE_NIXCONFIG_REPLACES_CACHES {
        id: "flake-nixconfig-replaces-caches",
        since: "0.1.0",
        applies: "flakes, from Nix 2.4",
        settings: &["substituters", "trusted-public-keys"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// Lists of which the user has one.
const LISTS: [&str; 2] = ["substituters", "trusted-public-keys"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::FlakeConfig) {
        return;
    }
    for definition in cx.all_definitions() {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        let Some(resolved) = cx.catalog().resolve(key) else {
            continue;
        };
        let setting = resolved.setting;
        if resolved.spelling == Spelling::Append || !LISTS.contains(&setting.name) {
            continue;
        }
        let (Some(place), Some(append)) = (name_place(definition), setting.append_key()) else {
            continue;
        };
        let to = definition.option.parent().join(append);
        let taken = cx.all_definitions().any(|other| other.option == to);
        let changes = if is_written(definition) && !taken {
            vec![Change::Rename {
                definition: definition.id,
                to,
            }]
        } else {
            Vec::new()
        };
        let what = match setting.name {
            "substituters" => "caches",
            _ => "keys",
        };
        out.report(
            place,
            format!(
                "`{}` in `nixConfig` replaces the {what} of whoever uses the flake",
                setting.name
            ),
        )
        .why("once accepted it is set like an option on the command line, and the user's own list is gone")
        .help(format!(
            "write `{append}`, without what everyone has already"
        ))
        .confidence(cx.confidence(definition))
        .fix(
            Applicability::Unsafe,
            format!("rename it to `{append}`"),
            changes,
        );
    }
}
