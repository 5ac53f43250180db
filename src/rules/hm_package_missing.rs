//! Settings of home-manager without a Nix package to check them with.

use super::list_entry::name_place;
use super::{RuleCx, Sink, declare_rule};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Condition, Definition, MachineView, Origin, Setting};

declare_rule! {
    /// home-manager has Nix settings, but no `nix.package`.
    ///
    /// ## Why it matters
    ///
    /// home-manager checks the `nix.conf` that it writes with `nix.package`, which is `null` unless
    /// someone sets it. As soon as `nix.settings` or `nix.extraOptions` says something, an assertion
    /// fails: "A corresponding Nix package must be specified via `nix.package` for generating
    /// nix.conf". Within NixOS and nix-darwin the package is that of the system; a configuration
    /// that stands alone has to name one.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   inputs.home-manager.url = "github:nix-community/home-manager";
    ///   outputs =
    ///     { nixpkgs, home-manager, ... }:
    ///     {
    ///       homeConfigurations.alice = home-manager.lib.homeManagerConfiguration {
    ///         pkgs = nixpkgs.legacyPackages.x86_64-linux;
    ///         modules = [
    ///           {
    ///             home.username = "alice";
    ///             home.stateVersion = "26.05";
    ///             nix.settings.max-jobs = 4;
    ///           }
    ///         ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   inputs.home-manager.url = "github:nix-community/home-manager";
    ///   outputs =
    ///     { nixpkgs, home-manager, ... }:
    ///     {
    ///       homeConfigurations.alice = home-manager.lib.homeManagerConfiguration {
    ///         pkgs = nixpkgs.legacyPackages.x86_64-linux;
    ///         modules = [
    ///           {
    ///             home.username = "alice";
    ///             home.stateVersion = "26.05";
    ///             nix.package = nixpkgs.legacyPackages.x86_64-linux.nix;
    ///             nix.settings.max-jobs = 4;
    ///           }
    ///         ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: the configuration does not evaluate. Nothing is said about modules that may be part of
    /// a system, or of which another module was not read. `nix.enable = false` makes home-manager
    /// write no file at all.
    ///
    /// ## Source
    ///
    /// home-manager `modules/misc/nix/default.nix` (22.05 on; as of August 2026): the assertion on
    /// `nix.package`; `nixos/common.nix` gives the package within a system.
    pub HM_PACKAGE_MISSING {
        id: "hm-package-missing",
        since: "0.1.0",
        applies: "home-manager that stands alone",
        settings: &["nix.package", "nix.settings", "nix.extraOptions"],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let stands_alone = matches!(
        &cx.machine().origin,
        Origin::Flake {
            set: "homeConfigurations",
            user: None,
            ..
        }
    );
    let is_home = cx.target().system() == Some(ModuleSystem::HomeManager);
    if !stands_alone || !is_home || !cx.machine().complete || !cx.machine().holes.is_empty() {
        return;
    }
    // Without the switch, or with it on, the file is written.
    let is_on = match cx.option("nix.enable") {
        Setting::Unset { assured } => assured,
        Setting::Known(effective) => effective.unconditional && effective.as_bool() == Some(true),
        _ => false,
    };
    let package = cx.option("nix.package");
    let given = package.known();
    let is_missing = package.is_certainly_unset()
        || given.is_some_and(|given| given.unconditional && given.value.value == Value::Null);
    if !is_on || !is_missing {
        return;
    }
    let Some(first) = cx.all_definitions().find(|definition| writes(definition)) else {
        return;
    };
    let Some(place) = name_place(first) else {
        return;
    };
    out.report(
        place,
        "home-manager writes a nix.conf here, but `nix.package` is not set",
    )
    .why("it checks the file with that package, and an assertion fails without one")
    .help("set `nix.package` (`pkgs.nix`, or the one that the system has)")
    .label(
        given.and_then(|given| given.definition.place()),
        "`null` stands for no package",
    );
}

/// True for what makes home-manager write the file, whatever it says.
fn writes(definition: &Definition) -> bool {
    if definition.condition != Condition::Always {
        return false;
    }
    let text = || matches!(&definition.value.value, Value::Str(text) if !text.is_empty());
    let settings = definition.option.parent().is("nix.settings");
    (settings && MachineView::is_module_setting(definition))
        || (definition.option.is("nix.extraOptions") && text())
}
