//! A garbage collection of home-manager where the system has none.

use super::list_entry::name_place;
use super::store_upkeep::{Collection, collection};
use super::{RuleCx, Sink, declare_rule};
use crate::facts::ModuleSystem;
use crate::model::{Condition, Setting};

declare_rule! {
    /// home-manager collects garbage, but nothing removes the system's old generations.
    ///
    /// ## Why it matters
    ///
    /// `nix.gc` of home-manager runs as the user, and `nix-collect-garbage` with an age deletes the
    /// old generations of that user's profiles only. The generations of NixOS or nix-darwin, which
    /// hold most of what is in the store, stay, and so does everything they hold.
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
    ///       nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [
    ///           home-manager.nixosModules.home-manager
    ///           {
    ///             system.stateVersion = "26.05";
    ///             nix.settings.max-jobs = 4;
    ///             home-manager.users.alice = {
    ///               home.stateVersion = "26.05";
    ///               nix.gc.automatic = true;
    ///             };
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
    ///       nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [
    ///           home-manager.nixosModules.home-manager
    ///           {
    ///             system.stateVersion = "26.05";
    ///             nix.gc.automatic = true;
    ///             home-manager.users.alice = {
    ///               home.stateVersion = "26.05";
    ///               nix.gc.automatic = true;
    ///             };
    ///           }
    ///         ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When someone else removes the generations of the system, or they are few. Nothing is said
    /// where the system's configuration was not read, or may collect garbage in some way.
    ///
    /// ## Source
    ///
    /// home-manager `modules/services/nix-gc.nix`: a service of the user; Nix
    /// `src/nix/nix-collect-garbage/nix-collect-garbage.cc`: profiles below the caller's state.
    pub HM_GC_USER_ONLY {
        id: "hm-gc-user-only",
        since: "0.1.0",
        applies: "home-manager within NixOS or nix-darwin",
        settings: &["nix.gc.automatic"],
        category: Reliability,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::HomeManager) {
        return;
    }
    let Setting::Known(automatic) = cx.option("nix.gc.automatic") else {
        return;
    };
    let definition = automatic.definition;
    if automatic.as_bool() != Some(true) || definition.condition != Condition::Always {
        return;
    }
    let (Some(system), Some(place)) = (cx.system_of_user(), name_place(definition)) else {
        return;
    };
    // Determinate Nix collects by itself.
    if system.nix_disabled_by().is_some() {
        return;
    }
    let Collection::Absent { assured } = collection(&system) else {
        return;
    };
    if !assured && system.option_may_be_set_elsewhere("nix.gc") {
        return;
    }
    out.report(
        place,
        "`nix.gc` of home-manager leaves the system's old generations alone",
    )
    .why(
        "it runs as the user and deletes generations of the user's profiles only; nothing that was \
         read collects garbage for the system",
    )
    .help("set `nix.gc.automatic` in the configuration of the system, too")
    .confidence(if assured {
        cx.confidence(definition)
    } else {
        cx.confidence(definition)
            .min(crate::diagnostic::Confidence::Likely)
    });
}
